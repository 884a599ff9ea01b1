"""A story in the hands of a verb: held, checked, written, and what follows.  For the actions alone.

What follows each save is one sentence: if readers see the story now and the ledger has not told so, or the other way
round, the ledger is told; for a change that lies ahead a job is left that does the same at its hour.  It is asked of the
database's clock and of the ledger itself, so it comes out once, however many workers there are and whatever they repeat.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Case, Q, When
from tortoise.models import Model

from cms import db, jobs, ledger, policy
from cms.actions import listing
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import Conflict, NotFound
from cms.models import FAR, Article, ArticleAuthor, ArticlePhoto, ArticleTag, RelatedLink, Revision, Section

# (told as published, seen by readers) -> what the ledger is told
TELL: dict[tuple[bool, bool], ledger.Kind] = {
    (False, True): "ARTICLE_PUBLISHED",
    (True, True): "ARTICLE_UPDATED",
    (True, False): "ARTICLE_UNPUBLISHED",
}
_OUT = {"ARTICLE_PUBLISHED", "ARTICLE_UPDATED", "ARTICLE_CORRECTED"}


@dataclass(frozen=True, slots=True)
class Held:
    """A story as it stood when the verb took it; `status` is one of policy.STATUS, by the database's clock."""

    article: Article
    status: str


async def hold(actor: Actor, verb: policy.Verb, article_id: UUID, version: int) -> Held:
    """Within the transaction, before any write.  Raises NotFound, Forbidden or Conflict."""
    await db.lock(article_id)
    held = await _load(article_id, policy.visible("Article", actor))
    if held is None:
        raise NotFound("There is no such article.", "id")
    policy.require(actor, verb, subject(held.article))
    if held.article.version != version:
        raise await _conflict(article_id)
    return held


def subject(article: Article) -> policy.Subject:
    never_out = article.live_from == FAR and article.first_live_from is None
    return policy.Subject(article.created_by, article.section_id, never_out)


async def write(held: Held, columns: dict[str, Any]) -> None:
    """The one winner's update.  Raises Conflict for everyone else."""
    version = held.article.version
    won = await Article.filter(id=held.article.id, version=version).update(
        **columns, version=version + 1, updated_at=await now()
    )
    if not won:
        raise await _conflict(held.article.id)


async def settle(article_id: UUID, before: Held | None, actor: Actor, note: str | None) -> None:
    """After the last write of a verb: lists, revision, jobs, ledger.  `before` is None for a new story."""
    after = await _load(article_id)
    assert after is not None
    article, instant = after.article, after.article.updated_at
    snapshot, lists = await _snapshot(article)
    await listing.keep(article, lists)
    if before and before.status == after.status == "PUBLISHED":
        last = await Revision.get(article_id=article_id, version=before.article.version)
        if last.snapshot != snapshot:
            await Article.filter(id=article_id).update(modified_at=instant)
    await Revision.create(
        article_id=article_id,
        version=article.version,
        at=instant,
        by=actor.name,
        user_id=actor.user_id,
        note=note,
        snapshot=snapshot,
    )
    await _leave_jobs(article, before.article if before else None, instant)
    await _tell(after, actor)


async def tell_now(article_id: UUID, actor: Actor) -> None:
    """What a job does at its hour: the ledger learns that readers see the story, or that they do not any more."""
    async with db.transaction():
        await db.lock(article_id)
        held = await _load(article_id)
        if held is None:
            return
        told = await ledger.last_kind(article_id) in _OUT
        if told != (held.status == "PUBLISHED"):
            await _tell(held, actor)
        elif held.status == "SCHEDULED":  # called too early, by a clock that was set back: come again
            await _leave_jobs(held.article, None, await now())


def start(article: Article) -> datetime:
    """When readers first see it: FAR where that is not decided."""
    return max(article.live_from, article.embargo_until or article.live_from)


async def _tell(held: Held, actor: Actor) -> None:
    told = await ledger.last_kind(held.article.id) in _OUT
    if kind := TELL.get((told, held.status == "PUBLISHED")):
        await ledger.append(kind, "Article", held.article.id, held.article.version, actor)


async def _leave_jobs(article: Article, before: Article | None, instant: datetime) -> None:
    left = _hours(before) if before else {}
    for kind, at in _hours(article).items():
        if instant < at < FAR and left.get(kind) != at:
            await jobs.enqueue(kind, article.id, {"version": article.version}, at)


def _hours(article: Article) -> dict[str, datetime]:
    """What is to be told when; nothing for a story without a beginning."""
    if article.live_from == FAR:
        return {}
    return {"article.announce": start(article), "article.retire": article.live_until or FAR}


async def _load(article_id: UUID, rule: Q | None = None) -> Held | None:
    query = Article.filter(rule, id=article_id) if rule else Article.filter(id=article_id)
    cases = (When(holds, then=name) for name, holds in policy.STATUS.items())
    article = await query.annotate(status=Case(*cases, default="DRAFT")).first()
    return Held(article, vars(article)["status"]) if article else None


async def _conflict(article_id: UUID) -> Conflict:
    newest = await Revision.filter(article_id=article_id).order_by("-version").first()
    assert newest is not None
    return Conflict(
        "Someone saved this article meanwhile.", "version", current=newest.version, by=newest.by, at=newest.at
    )


async def _snapshot(article: Article) -> tuple[dict[str, Any], list[UUID]]:
    """The story as JSON, and the keys of its tags and authors."""
    of = {"article_id": article.id}
    section = await Section.get(id=article.section_id)
    authors = await _ordered(ArticleAuthor, of, "author_id", slug="author__slug", name="author__name")
    tags = await _ordered(ArticleTag, of, "tag_id", slug="tag__slug", name="tag__name")
    photos = await _ordered(ArticlePhoto, of, "id", "role", "photo_id", "caption", "alt_text", credit="photo__credit")
    links = await _ordered(RelatedLink, of, "kind", "title", "url", "target_id")
    snapshot = {
        "headline": article.headline,
        "slug": article.slug,
        "section": section.slug,
        "language": article.language,
        "kicker": article.kicker,
        "summary": article.summary,
        "body": article.body,
        "byline_override": article.byline_override,
        "dateline": article.dateline,
        "authors": [{"slug": one["slug"], "name": one["name"]} for one in authors],
        "tags": [{"slug": one["slug"], "name": one["name"]} for one in tags],
        "photos": [
            {
                "id": str(one["id"]),
                "role": one["role"],
                "photo": str(one["photo_id"]),
                "caption": one["caption"],
                "alt_text": one["alt_text"],
                "credit": one["credit"],
            }
            for one in photos
        ],
        "related": [
            {
                "kind": one["kind"],
                "title": one["title"],
                "url": one["url"],
                "article": str(one["target_id"]) if one["target_id"] else None,
            }
            for one in links
        ],
        "seo": {
            "title": article.seo_title,
            "description": article.seo_description,
            "canonical_url": article.canonical_url,
            "noindex": article.noindex,
        },
    }
    return snapshot, [one["author_id"] for one in authors] + [one["tag_id"] for one in tags]


async def _ordered(model: type[Model], of: dict[str, UUID], *names: str, **renamed: str) -> list[dict[str, Any]]:
    return await model.filter(**of).order_by("position").values(*names, **renamed)
