"""Photos placed in a story: one lead, those of the body in its order, the gallery.

A photo may be placed if it may be shown: what is withdrawn or past its rights is refused.  What stands in the story
already may stay when the text around it is mended; publishing asks again, and readers never see it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from cms import body, ids, policy
from cms.actions.fields import Reader, key, record, refuse, text
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import NotFound, PhotoWithdrawn, Refusal, RightsExpired
from cms.models import ArticlePhoto, Photo

Role = Literal["LEAD", "INLINE", "GALLERY"]
ROLES: tuple[Role, ...] = ("LEAD", "INLINE", "GALLERY")
CAPTION, ALT_TEXT = 5000, 1000

PLACED: Reader = record({"photo": key, "caption": text(CAPTION), "alt_text": text(ALT_TEXT)}, required=("photo",))


@dataclass(frozen=True, slots=True)
class Place:
    """One use of a photo; `path` is where the caller named it.  The id is the row's: body blocks refer to it."""

    photo: UUID
    caption: str | None
    alt_text: str | None
    path: tuple[str, ...]
    id: UUID = field(default_factory=ids.new)


def lead(given: Mapping[str, Any] | None) -> list[Place]:
    return [] if given is None else [_place(given, "lead_photo", "photo")]


def gallery(given: Sequence[Mapping[str, Any]]) -> list[Place]:
    return [_place(one, "gallery", str(place), "photo") for place, one in enumerate(given)]


def inline(blocks: Sequence[Mapping[str, Any]], parsed: body.Parsed) -> list[Place]:
    """The body's photos; `blocks` are the inputs, for the paths of refusals."""
    paths = [path for place, block in enumerate(blocks) for path in _photo_paths(block, "body", str(place))]
    return [
        Place(UUID(str(one.photo)), one.caption, one.alt_text, path, one.id)
        for one, path in zip(parsed.placements, paths, strict=True)
    ]


async def place(actor: Actor, article_id: UUID, wanted: Mapping[Role, Sequence[Place]]) -> None:
    """Replace the roles that are in `wanted`; rows of the others keep their ids.  Raises all refusals at once."""
    rows = await ArticlePhoto.filter(article_id=article_id).order_by("position")
    wished = [one for places in wanted.values() for one in places]
    photos = await showable(actor, wished, {row.photo_id for row in rows}) if wished else {}
    # an override that is sent back unchanged was written when it was: its photo's version stays
    written: dict[tuple[UUID, str | None], int] = {(row.photo_id, row.caption): row.photo_version for row in rows}
    if any(row.role in wanted for row in rows):
        await ArticlePhoto.filter(article_id=article_id, role__in=list(wanted)).delete()
    fresh, position = [], 0
    for role in ROLES:
        position = position if role == "LEAD" else max(position, 1)
        if role not in wanted:
            position = await _renumber([row for row in rows if row.role == role], position)
            continue
        for one in wanted[role]:
            version = written.get((one.photo, one.caption), photos[one.photo].version)
            fresh.append(
                ArticlePhoto(
                    id=one.id,
                    article_id=article_id,
                    photo_id=one.photo,
                    role=role,
                    position=position,
                    caption=one.caption,
                    alt_text=one.alt_text,
                    photo_version=version,
                )
            )
            position += 1
    await ArticlePhoto.bulk_create(fresh)


async def _renumber(rows: Sequence[ArticlePhoto], position: int) -> int:
    for row in rows:
        if row.position != position:
            await ArticlePhoto.filter(id=row.id).update(position=position)
        position += 1
    return position


async def showable(actor: Actor, places: Sequence[Place], standing: Set[UUID]) -> dict[UUID, Photo]:
    """The photos of these places.  Those `standing` there already may stay; raises all other refusals at once."""
    query = Photo.filter(id__in=list({one.photo for one in places})).only("id", "version", "status", "rights_until")
    if rule := policy.visible("Photo", actor):
        query = query.filter(rule)
    photos = {photo.id: photo for photo in await query}
    instant = await now()
    refusals: list[Refusal] = []
    for one in places:
        photo = photos.get(one.photo)
        if photo is None or photo.status == "PENDING":
            refusals.append(NotFound("There is no such photo.", *one.path))
        elif one.photo in standing:
            continue
        elif photo.status == "WITHDRAWN":
            refusals.append(PhotoWithdrawn("This photo was withdrawn.", *one.path))
        elif photo.rights_until and photo.rights_until <= instant:
            refusals.append(RightsExpired("The rights to this photo have expired.", *one.path))
    refuse(refusals)
    return photos


def _place(given: Mapping[str, Any], *path: str) -> Place:
    return Place(given["photo"], given.get("caption"), given.get("alt_text"), path)


def _photo_paths(block: Mapping[str, Any], *path: str) -> list[tuple[str, ...]]:
    if block.get("photo") is not None:
        return [(*path, "photo", "photo")]
    if block.get("gallery") is not None:
        return [(*path, "gallery", "photos", str(place), "photo") for place in range(len(block["gallery"]["photos"]))]
    return []
