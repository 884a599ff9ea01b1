"""Curated lists: a home page, a section front, a newsletter.  Stories in an order, with words and a photo of their own.

Every story that the editor sees may stand in one, a draft too: readers find it there once it is published, and what is hidden
leaves its place to the next.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from cms import audit, db, ids, policy
from cms import slug as slugs
from cms.actions import placing, versioned
from cms.actions.fields import Reader, key, many, read, record, refuse, slug, text
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, NotFound, Refusal, Required, SlugTaken
from cms.models import Article, Collection, CollectionItem

SLUG = 120
MOST_ITEMS = 500
MOST_COLLECTIONS = 200  # `collections` is a list without pages
COLLECTIONS = UUID("c0113c71-0000-4000-8000-000000000000")  # held by whoever makes one: they are counted

ITEM: Reader = record(
    {"article": key, "headline": text(300), "kicker": text(120), "summary": text(2000), "photo": placing.PLACED},
    required=("article",),
)
FIELDS: Mapping[str, Reader] = {
    "slug": slug(SLUG),
    "title": text(200, required=True),
    "description": text(2000),
    "items": many(ITEM, MOST_ITEMS),
}


async def save(actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None) -> UUID:
    """Without id a new one, with id and version a change; `items` replaces all of them.

    Raises SlugTaken, Conflict, NotFound for a story or photo that the actor cannot see, BadInput for a story that stands
    there twice, PhotoWithdrawn and RightsExpired for a photo that was not there before.
    """
    policy.require(actor, "collection.save")
    values = read(FIELDS, changes, required=() if id else ("title",))
    items = values.pop("items", None)
    _name(values, id)
    async with db.transaction():
        row = await versioned.held(Collection, id, version, "collection")
        if row and not values and items is None:
            return row.id  # type: ignore[no-any-return]
        saved: UUID = row.id if row else ids.new()
        values["updated_at"] = await now()
        await _write(row, saved, values)
        if items is not None:
            await _fill(actor, saved, items)
        await audit.record(
            actor, "collection.save", "Collection", saved, values.get("title") or (row.title if row else "")
        )
    return saved


def _name(values: dict[str, Any], id: UUID | None) -> None:
    """A slug made from the title where a new one has none, or where it was cleared beside a title."""
    if values.get("slug") is not None or ("slug" not in values and id):
        return
    if "title" not in values:
        del values["slug"]
        return
    values["slug"] = slugs.slugify(values["title"], SLUG)
    if not values["slug"]:
        raise Required("No slug can be made from this title; give one.", "slug")


async def _write(row: Collection | None, saved: UUID, values: Mapping[str, Any]) -> None:
    if row is None:
        await db.lock(COLLECTIONS)
        if await Collection.all().count() >= MOST_COLLECTIONS:
            raise BadInput(f"There are {MOST_COLLECTIONS} collections already, and no more may be made.")
    try:
        async with db.transaction():  # a savepoint: the error's own transaction takes no further statement
            if row is None:
                await Collection.create(id=saved, **values)
            else:
                await versioned.change(row, values)
    except IntegrityError as error:
        raise SlugTaken(f"The slug {values.get('slug')} is taken.", "slug") from error


async def _fill(actor: Actor, saved: UUID, items: Sequence[Mapping[str, Any]]) -> None:
    """Raises all refusals at once, each with its item's place."""
    there = await CollectionItem.filter(collection_id=saved)
    seen = await _seen(actor, [one["article"] for one in items])
    refusals: list[Refusal] = []
    met: set[UUID] = set()
    for place, one in enumerate(items):
        if one["article"] not in seen:
            refusals.append(NotFound("There is no such article.", "items", str(place), "article"))
        elif one["article"] in met:
            refusals.append(BadInput("This article stands here already.", "items", str(place), "article"))
        met.add(one["article"])
    refuse(refusals)
    given = {place: _photo(one["photo"], place) for place, one in enumerate(items) if one.get("photo")}
    photos = await placing.showable(actor, list(given.values()), {row.photo_id for row in there if row.photo_id})
    # an override that is sent back unchanged was written when it was: its photo's version stays
    written: dict[tuple[UUID | None, str | None], int | None] = {
        (row.photo_id, row.caption): row.photo_version for row in there
    }
    await CollectionItem.filter(collection_id=saved).delete()
    rows = []
    for place, one in enumerate(items):
        photo = given.get(place)
        rows.append(
            CollectionItem(
                collection_id=saved,
                article_id=one["article"],
                position=place,
                headline=one.get("headline"),
                kicker=one.get("kicker"),
                summary=one.get("summary"),
                photo_id=photo and photo.photo,
                caption=photo and photo.caption,
                alt_text=photo and photo.alt_text,
                photo_version=photo and written.get((photo.photo, photo.caption), photos[photo.photo].version),
            )
        )
    await CollectionItem.bulk_create(rows)


def _photo(given: Mapping[str, Any], place: int) -> placing.Place:
    path = ("items", str(place), "photo", "photo")
    return placing.Place(given["photo"], given.get("caption"), given.get("alt_text"), path)


async def _seen(actor: Actor, keys: Sequence[UUID]) -> set[UUID]:
    query = Article.filter(id__in=list(keys))
    if rule := policy.visible("Article", actor):
        query = query.filter(rule)
    return {article.id for article in await query.only("id")}
