"""A story in the hands of a verb: held, checked, written, and what follows.  For the actions alone.

What follows each save is one sentence: if readers see the story now and the ledger has not told so, or the other way
round, the ledger is told; for a change that lies ahead a job is left that does the same at its hour.  It is asked of the
database's clock and of the ledger itself, so it comes out once, however many workers there are and whatever they repeat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from cms import audit, db, jobs, ledger, policy
from cms.actions import around, listing, snapshots, translating
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import Conflict, NotFound
from cms.models import FAR, Article, Revision

# (told as published, seen by readers) -> what the ledger is told
TELL: dict[tuple[bool, bool], ledger.Kind] = {
    (False, True): "ARTICLE_PUBLISHED",
    (True, True): "ARTICLE_UPDATED",
    (True, False): "ARTICLE_UNPUBLISHED",
}
# columns that are its public life
LIFE = {"live_from", "live_until", "embargo_until", "withdrawn_at"}
OUT = {"ARTICLE_PUBLISHED", "ARTICLE_UPDATED", "ARTICLE_CORRECTED"}


# what the ledger is told of a verb that has a word of its own there, and the note that goes with it
Told = tuple[ledger.Kind, str | None]


@dataclass(frozen=True, slots=True)
class Held:
    """A story as it stood when the verb took it; `status` is one of policy.STATUS, by the database's clock.

    `ahead`: partners who get embargoed stories see it, and nobody else yet.
    """

    article: Article
    status: str
    ahead: bool = False
    verb: policy.Verb = "article.update"


async def hold(actor: Actor, verb: policy.Verb, article_id: UUID, version: int) -> Held:
    """Within the transaction, before any write.  Raises NotFound, Forbidden or Conflict."""
    await db.lock(article_id, shares=listing.TAGS)
    held = await _load(article_id, policy.visible("Article", actor))
    if held is None:
        raise NotFound("There is no such article.", "id")
    policy.require(actor, verb, subject(held.article))
    if held.article.version != version:
        raise await _conflict(article_id)
    return replace(held, verb=verb)


def subject(article: Article) -> policy.Subject:
    never_out = article.live_from == FAR and article.first_live_from is None
    return policy.Subject(article.created_by, article.section_id, never_out)


def never_seen(held: Held) -> bool:
    """Was it never published, or is it scheduled for the first time?"""
    return held.article.first_live_from is None and held.status in ("DRAFT", "IN_REVIEW", "SCHEDULED")


def called(held: Held) -> str:
    """Its state, as people say it."""
    return held.status.lower().replace("_", " ")


async def write(held: Held, columns: dict[str, Any]) -> None:
    """The one winner's update.  Raises Conflict for everyone else, BadInput for a translation's language that is taken."""
    article, version, instant = held.article, held.article.version, await now()
    if held.status == "PUBLISHED" and not LIFE & columns.keys():  # see `settle`: told with the same statement
        noticed = snapshots.NOTICED & columns.keys()
        if any(columns[name] != getattr(article, name) for name in noticed):
            columns = {**columns, "modified_at": instant}
    with translating.one_of_each_language():
        won = await Article.filter(id=article.id, version=version).update(
            **columns, version=version + 1, updated_at=instant
        )
    if not won:
        raise await _conflict(article.id)


async def settle(
    article_id: UUID,
    before: Held | None,
    actor: Actor,
    note: str | None,
    *,
    copy: Mapping[str, Any] | None = None,
    tells: Told | None = None,
) -> None:
    """After the last write of a verb: lists, revision, jobs, ledger, audit.  `before` is None for a new story.

    `copy` is what the story's working copy came to by this edit.  `tells` goes to the ledger in place of what follows from
    what readers see.
    """
    after = await around.read(article_id)
    article, snapshot, instant = after.article, snapshots.of(after), after.article.updated_at
    await listing.keep(after)
    columns: dict[str, Any] = {}
    if before and before.status == after.status == "PUBLISHED" and article.modified_at != instant:
        (last,) = after.rows["public"]
        if snapshots.noticeable(last["snapshot"]) != snapshots.noticeable(snapshot):
            columns["modified_at"] = instant
    if copy is not None:
        columns["working_version"] = None if copy == snapshot else article.version
    if columns:
        await Article.filter(id=article_id).update(**columns)
    await _keep(article, actor, note, instant, snapshot=snapshot, working_snapshot=copy if copy != snapshot else None)
    await _leave_jobs(article, before.article if before else None, instant)
    await _tell(Held(article, after.status, after.ahead), actor, after.told, tells)
    await audit.record(actor, before.verb if before else "article.create", "Article", article_id, article.headline)


async def put_by(held: Held, actor: Actor, note: str | None, snapshot: Mapping[str, Any]) -> None:
    """`snapshot` becomes the working copy of a live story; readers notice nothing.  Raises Conflict."""
    article, version = held.article, held.article.version + 1
    won = await Article.filter(id=article.id, version=article.version).update(version=version, working_version=version)
    if not won:
        raise await _conflict(article.id)
    article.version = version
    await _keep(article, actor, note, await now(), snapshot=snapshot, working=True)
    await audit.record(actor, held.verb, "Article", article.id, f"{snapshot['headline']} (working copy)")


async def tell_now(article_id: UUID, actor: Actor) -> None:
    """What a job does at its hour: the ledger learns that readers see the story, or that they do not any more."""
    async with db.transaction():
        await db.lock(article_id)
        held = await _load(article_id)
        if held is None:
            return
        told = await ledger.told(article_id)
        if (told.kind in OUT) != (held.status == "PUBLISHED") or (told.ahead in OUT) != held.ahead:
            await _tell(held, actor, told)
            await audit.record(actor, "article.announce", "Article", article_id, held.article.headline)
        elif held.status == "SCHEDULED":  # called too early, by a clock that was set back: come again
            await _leave_jobs(held.article, None, await now())


def start(article: Article) -> datetime:
    """When readers first see it: FAR where that is not decided."""
    return max(article.live_from, article.embargo_until or article.live_from)


async def _tell(held: Held, actor: Actor, told: ledger.Told, tells: Told | None = None) -> None:
    """`told` is what the ledger was told of it before."""
    article = held.article
    kind = TELL.get((told.kind in OUT, held.status == "PUBLISHED"))
    if kind and (tells is None or kind == "ARTICLE_PUBLISHED"):  # its hour was before the worker's: first things first
        await ledger.append(kind, "Article", article.id, article.version, actor)
    if tells:
        unheard = told.kind is None and kind is None
        await ledger.append(tells[0], "Article", article.id, article.version, actor, tells[1], ahead=unheard)
    elif held.status != "PUBLISHED" and (early := TELL.get((told.ahead in OUT, held.ahead))):
        await ledger.append(early, "Article", article.id, article.version, actor, ahead=True)


async def _keep(article: Article, actor: Actor, note: str | None, instant: datetime, **kept: Any) -> None:
    """The revision of one save: `kept` is what was saved."""
    await Revision.create(
        article_id=article.id,
        version=article.version,
        at=instant,
        by=actor.name,
        user_id=actor.user_id,
        note=note,
        live_from=article.live_from,
        live_until=article.live_until,
        embargo_until=article.embargo_until,
        withdrawn_at=article.withdrawn_at,
        **kept,
    )


async def _leave_jobs(article: Article, before: Article | None, instant: datetime) -> None:
    left = _hours(before) if before else {}
    for kind, at in _hours(article).items():
        if instant < at < FAR and left.get(kind) != at:
            await jobs.enqueue(kind, article.id, {"version": article.version}, at)


def _hours(article: Article) -> dict[str, datetime]:
    """What is to be told when; nothing for a story without a beginning, or withdrawn."""
    if article.live_from == FAR or article.withdrawn_at:
        return {}
    hours = {"article.announce": start(article), "article.retire": article.live_until or FAR}
    return {"article.ahead": article.live_from, **hours} if article.live_from < start(article) else hours


async def _load(article_id: UUID, rule: Q | None = None) -> Held | None:
    query = Article.filter(rule, id=article_id) if rule else Article.filter(id=article_id)
    article = await query.annotate(status=around.status()).first()
    return Held(article, *around.standing(vars(article)["status"])) if article else None


async def _conflict(article_id: UUID) -> Conflict:
    newest = await Revision.filter(article_id=article_id).order_by("-version").first()
    assert newest is not None
    return Conflict(
        "Someone saved this article meanwhile.", "version", current=newest.version, by=newest.by, at=newest.at
    )
