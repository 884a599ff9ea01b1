"""A story's public life: its beginning and its end are instants in its row, judged by the database at every read.

No worker makes a story visible; what was scheduled cannot misfire.  Workers only tell of it afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cms import db, policy
from cms.actions import story
from cms.actions.fields import instant, text
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.errors import (
    AltTextMissing,
    BadInput,
    BadState,
    CaptionMissing,
    CreditMissing,
    Forbidden,
    PhotoWithdrawn,
    Refusal,
    Refused,
    RightsExpired,
)
from cms.models import FAR, Article, ArticlePhoto, Photo

PUBLISHABLE = {"DRAFT", "IN_REVIEW", "SCHEDULED", "UNPUBLISHED"}


@dataclass(frozen=True, slots=True)
class Published:
    """`warnings` did not stop it: a caption or an alt text is missing."""

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

    Raises BadState for what is live already: unpublish it first.  Raises Refused with everything that stands in the way:
    an empty body, a placed photo that was withdrawn or whose rights end before; without `accept_warnings` also missing
    captions and alt texts.  A second publication keeps the first one's time.
    """
    policy.require(actor, "article.publish")
    at, since, note = instant(at, ("at",)), instant(since, ("since",)), text(2000)(note, ("note",))
    if since and actor != SYSTEM:
        raise Forbidden("A story is not dated back.")
    async with db.transaction():
        held = await story.hold(actor, "article.publish", id, version)
        if held.status not in PUBLISHABLE:
            raise BadState(f"This article is {held.status.lower()} and is not published again.")
        article, clock = held.article, await now()
        begins = max(at or clock, clock)
        if since and since > clock:
            raise BadInput("A story that is out already came out in the past.", "since")
        warnings = await _check(article, held.status, begins, accept_warnings)
        await story.write(held, _beginning(article, held.status, since or begins, clock))
        await story.settle(id, held, actor, note)
    return Published(id, warnings)


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
            raise BadState(f"This article is {held.status.lower().replace('_', ' ')}, not published.")
        await story.write(held, _ending(held, at, await now()))
        await story.settle(id, held, actor, note)
    return id


async def announce(article_id: UUID) -> None:
    """At the hour of a beginning or an end: tell the ledger, once, if it is really so by the database's clock."""
    await story.tell_now(article_id, SYSTEM)


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


async def _check(article: Article, status: str, begins: datetime, accept_warnings: bool) -> tuple[Refusal, ...]:
    refusals: list[Refusal] = []
    warnings: list[Refusal] = []
    if not article.body:
        refusals.append(BadInput("An article without a body is not published.", "body"))
    if status != "UNPUBLISHED" and article.live_until and article.live_until <= begins:
        refusals.append(BadInput("The article would expire before it is published.", "expires_at"))
    first_seen = max(begins, article.embargo_until or begins)
    rows = await ArticlePhoto.filter(article_id=article.id).order_by("position").select_related("photo")
    for row, path in zip(rows, _paths(article, rows), strict=True):
        refusals += _photo_refusals(row.photo, first_seen, path)
        if not (row.caption or row.photo.caption):
            warnings.append(CaptionMissing("This photo has no caption.", *path))
        if not (row.alt_text or row.photo.alt_text):
            warnings.append(AltTextMissing("This photo has no alternative text.", *path))
    if not accept_warnings:
        refusals += warnings
    if refusals:
        raise Refused(tuple(refusals))
    return tuple(warnings)


def _photo_refusals(photo: Photo, first_seen: datetime, path: tuple[str, ...]) -> list[Refusal]:
    if photo.status == "WITHDRAWN":
        return [PhotoWithdrawn("This photo was withdrawn.", *path)]
    if photo.rights_until and photo.rights_until <= first_seen:
        return [RightsExpired("The rights to this photo end before readers would see it.", *path)]
    if not photo.credit.strip():
        return [CreditMissing("This photo has no credit.", *path)]
    return []


def _paths(article: Article, rows: Sequence[ArticlePhoto]) -> list[tuple[str, ...]]:
    """Where an editor finds each photo: the lead, a block of the body, a place in the gallery."""
    blocks: dict[str, str] = {}
    for place, block in enumerate(article.body):
        placed = block.get("placed", [])
        blocks |= dict.fromkeys([placed] if isinstance(placed, str) else placed, str(place))
    gallery = [row.id for row in rows if row.role == "GALLERY"]
    paths: list[tuple[str, ...]] = []
    for row in rows:
        if row.role == "LEAD":
            paths.append(("lead_photo",))
        elif row.role == "GALLERY":
            paths.append(("gallery", str(gallery.index(row.id))))
        else:
            paths.append(("body", *filter(None, [blocks.get(str(row.id))])))
    return paths
