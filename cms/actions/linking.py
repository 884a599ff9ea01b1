"""Curated links of a story, in the editor's order: to another story, or to an address outside with a title."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cms import policy
from cms.actions.fields import Reader, key, many, maybe, one_of, record, refuse, text, url
from cms.actor import Actor
from cms.errors import BadInput, NotFound, Refusal, Required
from cms.models import Article, RelatedLink

# SIMILAR is for what the machine finds
KINDS = ("RELATED", "BACKGROUND", "UPDATE", "FOLLOW_UP", "EXPLAINER", "EXTERNAL")

LINK: Reader = record({"article": maybe(key), "url": url(), "title": text(300), "kind": maybe(one_of(*KINDS))})
LINKS: Reader = many(LINK, 100)


async def link(actor: Actor, article_id: UUID, links: Sequence[Mapping[str, Any]], *path: str) -> None:
    """Replace all links.  Raises all refusals at once, each with `path`, the link's place and its field."""
    targets = await _visible(actor, [one["article"] for one in links if one.get("article")])
    refusals: list[Refusal] = []
    seen: set[object] = set()
    for place, one in enumerate(links):
        where = (*path, str(place))
        refusals += _faults(one, article_id, targets, where)
        target = one.get("article") or one.get("url")
        if target is not None and target in seen:
            refusals.append(BadInput("This link is there already.", *where))
        seen.add(target)
    refuse(refusals)
    await RelatedLink.filter(article_id=article_id).delete()
    await RelatedLink.bulk_create([_row(article_id, place, one) for place, one in enumerate(links)])


def _faults(link: Mapping[str, Any], article_id: UUID, targets: set[UUID], where: tuple[str, ...]) -> list[Refusal]:
    article, url = link.get("article"), link.get("url")
    if (article is None) == (url is None):
        return [BadInput("A link has either an article or an address.", *where)]
    if url is not None:
        return [] if link.get("title") else [Required("A link to an address needs a title.", *where, "title")]
    if article == article_id:
        return [BadInput("An article does not link to itself.", *where, "article")]
    if article not in targets:
        return [NotFound("There is no such article.", *where, "article")]
    if link.get("kind") == "EXTERNAL":
        return [BadInput("EXTERNAL is for addresses outside.", *where, "kind")]
    return []


def _row(article_id: UUID, place: int, link: Mapping[str, Any]) -> RelatedLink:
    kind = link.get("kind") or "RELATED"
    outside = link.get("url") is not None and kind == "RELATED"
    return RelatedLink(
        article_id=article_id,
        target_id=link.get("article"),
        url=link.get("url"),
        title=link.get("title"),
        kind="EXTERNAL" if outside else kind,
        position=place,
    )


async def _visible(actor: Actor, keys: Sequence[UUID]) -> set[UUID]:
    query = Article.filter(id__in=list(keys))
    if rule := policy.visible("Article", actor):
        query = query.filter(rule)
    return {article.id for article in await query.only("id")}
