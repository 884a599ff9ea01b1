"""Saved feeds: stories by section, tags, author and language, for everyone or for one partner."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from cms import audit, db, ids, policy
from cms.actions import versioned
from cms.actions.fields import Reader, each_once, key, language, maybe, read, slug, switch, text
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, NotFound, SlugTaken
from cms.models import Author, Feed, FeedTag, Partner, Section, Tag

SLUG, MOST_TAGS = 120, 50
RESERVED = frozenset({"latest", "section", "tag", "author", "private"})  # of the feeds that are there anyway


def _slug(value: Any, path: tuple[str, ...]) -> str:
    found = slug(SLUG)(value, path)
    if found is None:
        raise BadInput("A feed needs a slug: its name in addresses.", *path)
    if found in RESERVED:
        raise SlugTaken(f"Another feed is called {found}.", *path)
    return str(found)


FIELDS: Mapping[str, Reader] = {
    "slug": _slug,
    "title": text(200, required=True),
    "partner": maybe(key),
    "section": text(120),
    "tags": each_once(text(120, required=True), MOST_TAGS),
    "author": text(120),
    "language": maybe(language),
    "with_photos": lambda value, path: True if value is None else switch(value, path),
    "embargoed_ahead": switch,
    "rotate_secret": switch,
}


async def save(actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None) -> UUID:
    """Without id it makes one, with slug and title.  Null takes a condition away; without a partner it is public.

    `rotate_secret` ends the private address and gives another.  Raises SlugTaken, NotFound for a partner, section, tag or
    author that there is not, BadInput for embargoed stories in a public feed, Conflict.
    """
    policy.require(actor, "partner.manage")
    values = read(FIELDS, changes, required=() if id else ("slug", "title"))
    tags, rotate = values.pop("tags", None), values.pop("rotate_secret", False)
    try:
        async with db.transaction():
            row = await versioned.held(Feed, id, version, "feed")
            columns = await _columns(values)
            if rotate and row:
                columns["secret_number"] = row.secret_number + 1
            _refuse_leak(row, columns)
            saved: UUID = row.id if row else ids.new()
            if row is None:
                await Feed.create(id=saved, created_at=await now(), **columns)
            elif columns or tags is not None:
                await versioned.change(row, columns or {"title": row.title})
            if tags is not None:
                await _tag(saved, tags)
            await audit.record(actor, "feed.save", "Feed", saved, columns.get("slug") or (row.slug if row else ""))
    except IntegrityError as error:
        raise SlugTaken("Another feed has this slug.", "slug") from error
    return saved


async def retag(tags: Sequence[UUID], into: UUID) -> None:
    """Feeds that ask for one of `tags` ask for `into`: within the transaction that merges them."""
    asking = {row["feed_id"] for row in await FeedTag.filter(tag_id__in=list(tags)).values("feed_id")}
    asking -= {row["feed_id"] for row in await FeedTag.filter(tag_id=into).values("feed_id")}
    await FeedTag.bulk_create(FeedTag(feed_id=one, tag_id=into) for one in sorted(asking))


async def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: values[name] for name in ("slug", "title", "language", "embargoed_ahead") if name in values}
    if "with_photos" in values:
        columns["text_only"] = not values["with_photos"]
    if "partner" in values:
        if values["partner"] and not await Partner.filter(id=values["partner"]).exists():
            raise NotFound("There is no such partner.", "partner")
        columns["partner_id"] = values["partner"]
    for name, model in (("section", Section), ("author", Author)):
        if name in values:
            columns[f"{name}_id"] = values[name] and await _named(model, values[name], name)
    return columns


def _refuse_leak(row: Feed | None, columns: Mapping[str, Any]) -> None:
    ahead = columns.get("embargoed_ahead", row.embargoed_ahead if row else False)
    partner = columns.get("partner_id", row.partner_id if row else None)  # type: ignore[attr-defined]
    if ahead and partner is None:
        raise BadInput("A public feed holds no stories under embargo; name the partner it is for.", "embargoed_ahead")


async def _tag(feed_id: UUID, slugs: Sequence[str]) -> None:
    wanted = [await _named(Tag, slug, "tags", str(place)) for place, slug in enumerate(slugs)]
    await FeedTag.filter(feed_id=feed_id).delete()
    await FeedTag.bulk_create(FeedTag(feed_id=feed_id, tag_id=one) for one in wanted)


async def _named(model: type[Model], slug: str, *path: str) -> UUID:
    found = await model.get_or_none(slug=slug)
    if found is None:
        raise NotFound(f"There is no {model.__name__.lower()} called {slug}.", *path)
    key: UUID = found.pk
    return key
