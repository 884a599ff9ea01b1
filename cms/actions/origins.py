"""Where imported things came from, and the addresses that stories had there.  For the importer, which is SYSTEM alone."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from cms.db.clock import now
from cms.models import FAR, Article, Author, Origin, Photo, Redirect, Section

Kind = Literal["article", "photo", "author", "section"]

_MODELS: dict[Kind, Any] = {"article": Article, "photo": Photo, "author": Author, "section": Section}
MOST_ID, MOST_PATH = 500, 600


@dataclass(frozen=True, slots=True)
class Known:
    """A thing that was imported before.  `current` is its version now, None where it is gone; `name` its slug, or a photo's file.

    `out`: a story was ever published or scheduled; a photo may be placed.
    """

    id: UUID
    digest: str
    version: int
    current: int | None
    name: str
    out: bool


async def known(source: str, kind: Kind, foreign_id: str) -> Known | None:
    instant, origin = await now(), await Origin.get_or_none(source=source, kind=kind, foreign_id=_short(foreign_id))
    if origin is None:
        return None
    row = await _MODELS[kind].get_or_none(id=origin.subject_id)
    if row is None:
        return Known(origin.subject_id, origin.digest, origin.version, None, "", False)
    if kind == "article":
        out = row.live_from < FAR or row.first_live_from is not None
    else:
        out = kind != "photo" or (row.status == "READY" and (row.rights_until is None or row.rights_until > instant))
    name = row.filename if kind == "photo" else row.slug
    return Known(origin.subject_id, origin.digest, origin.version, row.version, name, out)


async def record(source: str, kind: Kind, foreign_id: str, subject_id: UUID, digest: str) -> None:
    """`subject_id` as it stands now is what `digest` was read as.  In the transaction that wrote it."""
    row = await _MODELS[kind].get(id=subject_id)
    said = {"subject_id": subject_id, "digest": digest, "version": row.version, "at": await now()}
    await Origin.update_or_create(said, source=source, kind=kind, foreign_id=_short(foreign_id))


async def named(kind: Literal["author", "section"], slug: str) -> UUID | None:
    """Who has this slug already."""
    row = await _MODELS[kind].get_or_none(slug=slug)
    return row.id if row else None


async def lead_here(article_id: UUID, paths: Iterable[str]) -> list[str]:
    """Old addresses that lead to the story from now on; those that are another story's already, or too long, are returned."""
    refused = []
    for path in map(normal, paths):
        there = await Redirect.get_or_none(path=path) if len(path) <= MOST_PATH else None
        if len(path) > MOST_PATH or (there and there.article_id != article_id):
            refused.append(path)
        elif there is None:
            await Redirect.create(path=path, article_id=article_id)
    return refused


async def led_to(path: str) -> str | None:
    """The slug of the story that this address, as it arrives, is an old one of.  Whether it may be seen is for the read to say."""
    path = normal(path)
    if len(path) > MOST_PATH or not path.isprintable():  # nothing is kept under it, and no database would take it
        return None
    row = await Redirect.get_or_none(path=path)
    return (await Article.get(id=row.article_id)).slug if row else None


def normal(path: str) -> str:
    """Without a slash at its end, or before its query."""
    here, mark, query = path.partition("?")
    return (here.rstrip("/") or "/") + mark + query


def _short(foreign_id: str) -> str:
    if len(foreign_id) <= MOST_ID:
        return foreign_id
    return f"sha256:{hashlib.sha256(foreign_id.encode()).hexdigest()}"
