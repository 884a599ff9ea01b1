"""A story's public life: its beginning and its end are instants in its row, judged by the database at every read.

No worker makes a story visible; what was scheduled cannot misfire.  Workers only tell of it afterwards.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cms import checks, db, ledger, policy
from cms.actions import articles, editing, story
from cms.actions.fields import instant, text
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.errors import (
    BadInput,
    BadState,
    Forbidden,
    Refusal,
    Refused,
)
from cms.models import FAR, Article, ArticlePhoto

PUBLISHABLE = {"DRAFT", "IN_REVIEW", "SCHEDULED", "UNPUBLISHED"}


@dataclass(frozen=True, slots=True)
class Published:
    """`warnings` did not stop it: a caption or an alt text is missing, or the hour had passed."""

    id: UUID
    warnings: tuple[Refusal, ...]


async def publish(
    actor: Actor,
    id: UUID,
    version: int,
    *,
    at: datetime | None = None,
    since: datetime | None = None,
    note: str | None = None,
    accept_warnings: bool = True,
) -> Published:
    """Live now, or at `at`; an `at` that has passed is now.  What is scheduled may be moved, or brought out at once.

    `since` is for a story that was public elsewhere before it came here: it has been live from then on.  SYSTEM alone
    may say so; for everyone else it is Forbidden, and BadInput if it lies ahead.

    A working copy becomes what the story says, as a whole; a live story has to have one, and is not scheduled anew.

    Raises BadState for what is live already and has no working copy.  Raises Refused with everything that stands in the way
    (see cms/checks.py), without `accept_warnings` also what only warns.  A second publication keeps the first one's time.
    """
    policy.require(actor, "article.publish")
    at, since, note = instant(at, ("at",)), instant(since, ("since",)), text(2000)(note, ("note",))
    if since and actor != SYSTEM:
        raise Forbidden("A story is not dated back.")
    async with db.transaction():
        held = await story.hold(actor, "article.publish", id, version)
        article, clock = held.article, await now()
        copy = await editing.working_copy(article)
        begins = max(at or clock, clock)
        _refuse_state(held, copy is not None, begins > clock)
        warnings = _late(at, clock, accept_warnings)
        if since and since > clock:
            raise BadInput("A story that is out already came out in the past.", "since")
        columns = {} if held.status == "PUBLISHED" else _beginning(article, held.status, since or begins, clock)
        if copy is None:
            await story.write(held, columns)
        else:
            warnings += await articles.bring_back(actor, held, copy, copy["slug"], columns)
        warnings += await _check(id, begins, accept_warnings)
        await story.settle(id, held, actor, note)
    return Published(id, warnings)


async def submit(actor: Actor, id: UUID, version: int, *, note: str | None = None) -> UUID:
    """A draft is handed to the desk.  Raises BadState for anything else."""
    policy.require(actor, "article.submit")
    note = text(2000)(note, ("note",))
    async with db.transaction():
        held = await story.hold(actor, "article.submit", id, version)
        if held.status != "DRAFT":
            raise BadState(f"This article is {story.called(held)}; only a draft is submitted.")
        await story.write(held, {"in_review": True})
        await story.settle(id, held, actor, note)
    return id


async def unpublish(
    actor: Actor, id: UUID, version: int, *, at: datetime | None = None, note: str | None = None
) -> UUID:
    """Gone for readers now, or at `at`.  What is only scheduled goes back to what it was before, or ends at `at`.

    Raises BadState for what is not published and not scheduled.
    """
    policy.require(actor, "article.unpublish")
    at, note = instant(at, ("at",)), text(2000)(note, ("note",))
    async with db.transaction():
        held = await story.hold(actor, "article.unpublish", id, version)
        if held.status not in ("PUBLISHED", "SCHEDULED"):
            raise BadState(f"This article is {story.called(held)}, not published.")
        await story.write(held, _ending(held, at, await now()))
        await story.settle(id, held, actor, note)
    return id


async def withdraw(actor: Actor, id: UUID, version: int, *, note: str | None = None) -> UUID:
    """Gone for good: no verb brings it back.  `note` is told to all who were told of the story.

    Raises BadState for what was never published, and for what is withdrawn already.
    """
    policy.require(actor, "article.withdraw")
    note = text(2000)(note, ("note",))
    async with db.transaction():
        held = await story.hold(actor, "article.withdraw", id, version)
        if held.status in ("DRAFT", "IN_REVIEW", "WITHDRAWN"):
            raise BadState(
                "This article is withdrawn already."
                if held.status == "WITHDRAWN"
                else f"This article is {story.called(held)}: nobody has it, so delete it."
            )
        heard = held.status == "PUBLISHED" or await ledger.told(id) != (None, None)
        await story.write(held, {"withdrawn_at": await now(), "working_version": None})
        await story.settle(id, held, actor, note, tells=("ARTICLE_WITHDRAWN", note) if heard else None)
    return id


async def announce(article_id: UUID) -> None:
    """At the hour of a beginning or an end: tell the ledger, once, if it is really so by the database's clock."""
    await story.tell_now(article_id, SYSTEM)


def _late(at: datetime | None, clock: datetime, accept_warnings: bool) -> tuple[Refusal, ...]:
    """What is scheduled for an hour that has passed comes out now, and that is said."""
    if at is None or at >= clock:
        return ()
    late = BadInput("This hour has passed: it is published now.", "at")
    if not accept_warnings:
        raise late
    return (late,)


def _refuse_state(held: story.Held, has_copy: bool, later: bool) -> None:
    if held.status == "PUBLISHED" and has_copy:
        if later:
            raise BadState("A live article's working copy is published at once, not at an hour to come.", "at")
    elif held.status not in PUBLISHABLE:
        raise BadState(f"This article is {story.called(held)} and is not published again.")


def _beginning(article: Article, status: str, begins: datetime, clock: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {"live_from": begins, "in_review": False}
    if status == "UNPUBLISHED":
        columns["live_until"] = None
        columns["first_live_from"] = article.first_live_from or article.live_from
    if columns.get("first_live_from") or article.first_live_from:
        columns["modified_at"] = begins  # readers notice that it is back
    return columns


def _ending(held: story.Held, at: datetime | None, clock: datetime) -> dict[str, Any]:
    article = held.article
    if at and at > clock:
        if at <= story.start(article):
            raise BadInput("An article ends after it begins.", "at")
        return {"live_until": at}
    if held.status == "PUBLISHED":
        return {"live_until": clock}
    if article.first_live_from is None:
        return {"live_from": FAR, "live_until": None}
    # it was public once: it is unpublished again, not a draft that could be deleted
    return {"live_from": article.first_live_from, "live_until": clock}


async def _check(article_id: UUID, begins: datetime, accept_warnings: bool) -> tuple[Refusal, ...]:
    """The warnings.  Raises Refused with all that stops it.  Asked of the rows as they stand in this transaction."""
    failing = await checks.failing(article_id, begins)
    paths = await _photo_paths(article_id) if any(one.use for one in failing) else {}
    refusals: list[Refusal] = []
    warnings: list[Refusal] = []
    for one in failing:
        path = paths[one.use] if one.use else (one.check.field,) if one.check.field else ("related", str(one.place))
        stops = one.check.level == "BLOCKS" or not accept_warnings
        (refusals if stops else warnings).append(one.check.refusal(one.message, *path))
    if refusals:
        raise Refused(tuple(refusals))
    return tuple(warnings)


async def _photo_paths(article_id: UUID) -> dict[UUID, tuple[str, ...]]:
    """Where an editor finds each photo: the lead, a block of the body, a place in the gallery."""
    article = await Article.get(id=article_id).only("id", "body")
    rows = await ArticlePhoto.filter(article_id=article_id).order_by("position")
    blocks: dict[str, str] = {}
    for place, block in enumerate(article.body):
        placed = block.get("placed", [])
        blocks |= dict.fromkeys([placed] if isinstance(placed, str) else placed, str(place))
    gallery = [row.id for row in rows if row.role == "GALLERY"]
    paths: dict[UUID, tuple[str, ...]] = {}
    for row in rows:
        if row.role == "LEAD":
            paths[row.id] = ("lead_photo",)
        elif row.role == "GALLERY":
            paths[row.id] = ("gallery", str(gallery.index(row.id)))
        else:
            paths[row.id] = ("body", *filter(None, [blocks.get(str(row.id))]))
    return paths
