"""One edit of a story: of what readers see, or of its working copy, which is saved and not live yet.

An edit is a function that writes on the story's rows.  A working copy has no rows of its own: it is put on the story's,
edited there by the same function, taken off as a snapshot, and all that is undone before anyone could see it.  So an edit
that goes live while a working copy waits is made in both, and publishing the copy later does not take it back.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cms import db
from cms.actions import around, snapshots, story, translating
from cms.actor import Actor
from cms.errors import BadState
from cms.models import Article, Revision

Edit = Callable[[story.Held], Awaitable[None]]


class _Undone(Exception):
    pass


async def edit(
    held: story.Held,
    actor: Actor,
    write: Edit,
    note: str | None = None,
    *,
    keep_as_draft: bool = False,
    tells: story.Told | None = None,
) -> None:
    """Live, or as the working copy where the story is live and `keep_as_draft` says so.  Raises what `write` raises."""
    refuse_withdrawn(held)
    copy = await working_copy(held.article)
    if keep_as_draft and held.status == "PUBLISHED":
        await story.put_by(held, actor, note, await _rehearsed(held, copy, write))
        return
    await write(held)
    if copy is not None:
        copy = await _rehearsed(held, copy, write)
    await story.settle(held.article.id, held, actor, note, copy=copy, tells=tells)


def refuse_withdrawn(held: story.Held) -> None:
    if held.status == "WITHDRAWN":
        raise BadState("A withdrawn article is not edited.")


async def working_copy(article: Article) -> Mapping[str, Any] | None:
    """What publishing the story would bring in place of what its rows say; None where nothing is kept back."""
    if article.working_version is None:
        return None
    kept = await Revision.get(article_id=article.id, version=article.working_version)
    found: Mapping[str, Any] = kept.working_snapshot or kept.snapshot
    return found


async def _rehearsed(held: story.Held, copy: Mapping[str, Any] | None, write: Edit) -> dict[str, Any]:
    """What `copy`, or else the story itself, comes to by `write`."""
    made: dict[str, Any] = {}
    with suppress(_Undone):
        async with db.transaction():  # a savepoint
            if copy is not None:
                await _put(await Article.get(id=held.article.id), copy)
            await write(replace(held, article=await Article.get(id=held.article.id)))
            made = snapshots.of(await around.read(held.article.id))
            raise _Undone
    return made


async def _put(article: Article, copy: Mapping[str, Any]) -> None:
    """With its address, as far as that is still to be had."""
    section = await snapshots.section(copy)
    columns: dict[str, Any] = {"section_id": section.id} if section else {}
    if not await Article.filter(slug=copy["slug"]).exclude(id=article.id).exists():
        columns["slug"] = copy["slug"]
    with translating.one_of_each_language():
        await Article.filter(id=article.id).update(**snapshots.columns(copy), **columns)
    await snapshots.put(article.id, copy)
