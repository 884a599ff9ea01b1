"""Sections, tags and authors.  A `save_…` without id makes one, with id and version it changes one.

Whoever loses a slug that readers could know is found by it still: see addresses.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from cms import audit, db, ids, policy
from cms import slug as slugs
from cms.actions import addresses, feeds, listing, versioned
from cms.actions.fields import Reader, key, many, maybe, number, read, refuse, slug, text, url
from cms.actor import Actor
from cms.db.clock import dialect, now
from cms.errors import BadInput, NotFound, Refusal, Required, SlugTaken, TooLong
from cms.models import Author, Photo, Section, Tag

# first words of addresses that are something else's, like /preview/…
TAKEN = {
    *("articles", "feeds", "graphql", "health", "images", "oembed", "originals", "partners"),
    *("preview", "sitemaps", "studio", "uploads"),
}
# feeds are reached under these words too: /feeds/tag/…, /feeds/latest.rss
RESERVED = TAKEN | {"author", "latest", "section", "tag"}
MOST_PATH = 400
MOST_MERGED = 100  # tags at once
# every section verb holds the tree: two moves at once could otherwise put each section below the other
TREE = UUID("5ec71000-0000-4000-8000-000000000000")

SECTION: Mapping[str, Reader] = {
    "slug": slug(80),
    "name": text(80, required=True),
    "description": text(2000),
    "parent": maybe(key),
    "position": number(-1_000_000, 1_000_000, int),
}
TAG: Mapping[str, Reader] = {"slug": slug(120), "name": text(120, required=True)}
AUTHOR: Mapping[str, Reader] = {
    "slug": slug(120),
    "name": text(120, required=True),
    "role": text(120),
    "bio": text(5000),
    "photo": maybe(key),
    "links": many(url(required=True), 20),
}
KINDS: Mapping[type[Model], addresses.Kind] = {Section: "section", Tag: "tag", Author: "author"}


async def save_section(
    actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None
) -> UUID:
    """Another slug or parent moves the subtree: the addresses of its sections and stories, and the lists they stand in.

    Raises BadInput for a parent below the section itself and for a slug that other addresses need, SlugTaken, NotFound, Conflict.
    """
    policy.require(actor, "section.save")
    values = _read(SECTION, changes, id, 80)
    if values.get("slug") in RESERVED:
        raise BadInput(f"The slug {values['slug']} is needed for other addresses; give another one.", "slug")
    async with db.transaction():
        await db.lock(TREE)
        section = await versioned.held(Section, id, version, "section")
        if section and not values:
            return _key(section)
        parent_id = values.get("parent", section.parent_id if section else None)
        parent = await _parent(parent_id, section)
        columns = {name: value for name, value in values.items() if name != "parent"}
        own = values.get("slug") or (section.slug if section else "")
        columns |= {"parent_id": parent_id, "path": f"{parent.path if parent else '/'}{own}/"}
        _check_length(columns["path"])
        saved = await _written(actor, Section, section, columns)
        if section and columns["path"] != section.path:
            await _move(section, columns["path"])
        return saved


async def save_tag(
    actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None
) -> UUID:
    """Raises SlugTaken, NotFound, Conflict."""
    policy.require(actor, "tag.save")
    values = _read(TAG, changes, id, 120)
    async with db.transaction():
        return await _save(actor, Tag, values, id, version)


async def save_author(
    actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None
) -> UUID:
    """Raises SlugTaken, Conflict, NotFound for an author or photo that the actor cannot see."""
    policy.require(actor, "author.save")
    values = _read(AUTHOR, changes, id, 120)

    async with db.transaction():
        if "photo" in values:
            values["photo_id"] = await _photo(actor, values.pop("photo"))
        return await _save(actor, Author, values, id, version)


async def merge_tags(actor: Actor, given: Sequence[UUID], into: UUID) -> UUID:
    """The stories of the tags `given` carry the tag `into` in their place, each once; what led to those leads to it.

    Raises BadInput for a tag that would be merged into itself, NotFound, TooLong.
    """
    policy.require(actor, "tag.save")
    merged = list(dict.fromkeys(many(key, MOST_MERGED)(given, ("from",))))
    if not merged:
        raise Required("Name the tags that are merged.", "from")
    if into in merged:
        raise BadInput("A tag is not merged into itself.", "from", str(merged.index(into)))
    async with db.transaction():
        await db.lock(listing.TAGS)
        for one in sorted([*merged, into]):
            await db.lock(one)  # a change of one of them is over, or finds it gone
        tags = {tag.id: tag for tag in await Tag.filter(id__in=[*merged, into])}
        paths = {into: ("into",)} | {one: ("from", str(place)) for place, one in enumerate(merged)}
        refusals: list[Refusal] = [
            NotFound("There is no such tag.", *path) for one, path in paths.items() if one not in tags
        ]
        refuse(refusals)
        gone, instant = [tags[one] for one in merged], await now()
        await listing.retag(merged, into)
        await feeds.retag(merged, into)
        await Tag.filter(id__in=merged).delete()
        await addresses.merge("tag", merged, [tag.slug for tag in gone if tag.visible_from <= instant], into)
        first = min(tag.visible_from for tag in tags.values())
        await versioned.change(tags[into], {"visible_from": first})
        names = ", ".join(tag.name for tag in gone)
        await audit.record(actor, "tag.merge", "Tag", into, f"{tags[into].name}: {names}")
    return into


async def _photo(actor: Actor, id: UUID | None) -> UUID | None:
    rule = policy.visible("Photo", actor)
    query = Photo.filter(rule, id=id) if rule else Photo.filter(id=id)
    if id is not None and not await query.exists():
        raise NotFound("There is no such photo.", "photo")
    return id


def _read(readers: Mapping[str, Reader], changes: Mapping[str, Any], id: UUID | None, most: int) -> dict[str, Any]:
    """The fields, with a slug made from the name where a new thing has none, or where it was cleared."""
    values = read(readers, changes, required=() if id else ("name",))
    if "slug" in values and values["slug"] is None and "name" not in values:
        del values["slug"]
    elif values.get("slug") is None and ("slug" in values or id is None):
        values["slug"] = slugs.slugify(values["name"], most)
        if not values["slug"]:
            raise Required("No slug can be made from this name; give one.", "slug")
    return values


async def _save(
    actor: Actor, model: type[Tag] | type[Author], values: dict[str, Any], id: UUID | None, version: int | None
) -> UUID:
    row = await versioned.held(model, id, version, model.__name__.lower())
    if row and not values:
        return _key(row)
    return await _written(actor, model, row, values)


async def _written(actor: Actor, model: type[Model], row: Any, values: dict[str, Any]) -> UUID:
    """A new row, or the change of one, with all that follows it.  Raises SlugTaken, Conflict."""
    kind = KINDS[model]
    if row is None:
        saved, before, known = ids.new(), None, False
        await _unique(values, lambda: model.create(id=saved, **values))
    else:
        saved, before = _key(row), row.slug
        known = not isinstance(row, Tag) or row.visible_from <= await now()
        await _unique(values, lambda: versioned.change(row, values))
    if "slug" in values:
        await addresses.change(kind, saved, before, values["slug"], known=known)
    await audit.record(actor, f"{kind}.save", model.__name__, saved, values.get("name") or row.name)
    return saved


def _key(row: Any) -> UUID:
    key: UUID = row.id
    return key


async def _unique(values: Mapping[str, Any], write: Callable[[], Awaitable[Any]]) -> None:
    try:
        async with db.transaction():  # a savepoint: the error's own transaction takes no further statement
            await write()
    except IntegrityError as error:
        if "slug" not in str(error) and "path" not in str(error):
            raise
        raise SlugTaken(f"The slug {values.get('slug')} is taken.", "slug") from error


async def _parent(parent_id: UUID | None, section: Section | None) -> Section | None:
    if parent_id is None:
        return None
    parent = await Section.get_or_none(id=parent_id)
    if parent is None:
        raise NotFound("There is no such section.", "parent")
    if section and parent.path.startswith(section.path):
        raise BadInput("A section does not stand below itself.", "parent")
    return parent


def _check_length(path: str) -> None:
    if len(path) > MOST_PATH:
        raise TooLong(f"The address would have {len(path)} characters; it may have {MOST_PATH}.", "slug")


async def _move(section: Section, path: str) -> None:
    """What hangs below `section`, which has its new path already; `section.path` is the old one."""
    below = await Section.filter(path__startswith=section.path).exclude(id=section.id)
    for one in below:
        moved = path + one.path.removeprefix(section.path)
        _check_length(moved)
        await Section.filter(id=one.id).update(path=moved)
    subtree = [section.id, *(one.id for one in below)]
    await _readdress(len(section.path), path, subtree)
    old, new = (set(listing.lineage(one)[:-1]) for one in (section.path, path))
    keys = {one.path: one.id for one in await Section.filter(path__in=list(old | new))}
    await listing.move(subtree, [keys[one] for one in old - new], [keys[one] for one in new - old])


async def _readdress(length: int, path: str, subtree: list[UUID]) -> None:
    """Stories' paths: the section's old path is cut off, its new one put before the rest."""
    places = [f"${place + 2}" if dialect() == "postgres" else "?" for place in range(len(subtree))]
    first = "$1" if dialect() == "postgres" else "?"
    await get_connection("default").execute_query(
        f"UPDATE article SET path = {first} || substr(path, {length + 1}) WHERE section_id IN ({', '.join(places)})",
        [path, *map(str, subtree)],
    )
