"""Links under which someone without an account sees a story as it stood at one version, published or not.

A link shows a copy, frozen when it was made: of the working copy where there is one, else of the story as it stands.  The copy
is a row of its own that stands in no list (see policy); its public life is the story's.  A link ends at its hour, when it is
revoked, and when the story is withdrawn or deleted.  Its token is 256 random bits, shown once and kept as SHA-256.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery

from cms import audit, db, ids, policy
from cms.actions import around, editing, listing, snapshots, story
from cms.actions.fields import instant
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, NotFound
from cms.models import Article, PreviewLink
from cms.policy import Now

TOKEN = "dlp_"
USUAL, LONGEST = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewLink:
    """`token` is not kept."""

    token: str
    expires_at: datetime


async def create(actor: Actor, id: UUID, *, expires_at: datetime | None = None) -> NewLink:
    """A link to the story as it stands now, until `expires_at`; for seven days where that is None.

    Raises BadInput for an end that has passed or is more than 30 days ahead, BadState for a withdrawn story.
    """
    policy.require(actor, "article.preview")
    expires_at = instant(expires_at, ("expires_at",))
    async with db.transaction(content=False):
        article, at = await _held(actor, id), await now()
        if article.withdrawn_at:
            raise BadState("A withdrawn article has no preview.")
        ends = expires_at or at + USUAL
        if not at < ends <= at + LONGEST:
            raise BadInput(f"A preview ends within {LONGEST.days} days, and not in the past.", "expires_at")
        token, copy = TOKEN + secrets.token_urlsafe(32), await _freeze(article)
        await PreviewLink.create(
            article_id=copy,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            created_by=actor.user_id,
            created_at=at,
            expires_at=ends,
        )
        await audit.record(actor, "article.preview", "Article", id, article.headline)
    return NewLink(token, ends)


async def revoke(actor: Actor, id: UUID) -> int:
    """All links of the story end now; how many did."""
    policy.require(actor, "article.preview")
    async with db.transaction(content=False):
        article = await _held(actor, id)
        copies = Subquery(Article.filter(copy_of_id=id).values_list("id"))
        standing = PreviewLink.filter(article_id__in=copies, revoked_at__isnull=True, expires_at__gt=Now())
        ended = await standing.update(revoked_at=await now())
        await audit.record(actor, "article.preview", "Article", id, f"{ended} links revoked: {article.headline}")
    return ended


async def tidy() -> None:
    """For the worker: copies that no link shows any more go, with their links."""
    ended = PreviewLink.filter(Q(expires_at__lte=Now()) | Q(revoked_at__isnull=False))
    withdrawn = Article.filter(withdrawn_at__isnull=False)
    unseen = Q(id__in=Subquery(ended.values_list("article_id"))) | Q(
        copy_of_id__in=Subquery(withdrawn.values_list("id"))
    )
    async with db.transaction(content=False):
        await Article.filter(unseen, copy_of_id__isnull=False).delete()


async def _held(actor: Actor, id: UUID) -> Article:
    """Within the transaction.  Raises NotFound, Forbidden."""
    await db.lock(id, shares=listing.TAGS)
    query = Article.filter(id=id)
    if rule := policy.visible("Article", actor):
        query = query.filter(rule)
    article = await query.first()
    if article is None:
        raise NotFound("There is no such article.", "id")
    policy.require(actor, "article.preview", story.subject(article))
    return article


async def _freeze(article: Article) -> UUID:
    """The key of the copy.  It never begins, and no slug that can be asked for leads to it."""
    kept: Any = await editing.working_copy(article) or snapshots.of(await around.read(article.id))
    frozen, section, copy = snapshots.transplanted(kept), await snapshots.section(kept), ids.new()
    await Article.create(
        **{**snapshots.columns(frozen), "internal_note": None},
        id=copy,
        copy_of_id=article.id,
        version=article.version,
        slug=f"preview.{copy}",
        path=f"/preview.{copy}",
        section_id=section.id if section else article.section_id,
        created_at=article.created_at,
        updated_at=article.updated_at,
    )
    await snapshots.put(copy, frozen)
    return copy
