"""A story's content as one value: taken off its rows, and put back on them.  For the actions alone.

What a revision keeps, what a restore and the publication of a working copy put back, what a preview freezes.  A story's
public life (its beginning, its end, its embargo, its withdrawal) is no part of it, and neither are its translations.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise.models import Model

from cms import body, ids
from cms.actions.around import Around
from cms.errors import NotFound, PhotoWithdrawn, Refusal
from cms.models import (
    Article,
    ArticleAuthor,
    ArticlePhoto,
    ArticleTag,
    Author,
    Change,
    FormerSlug,
    Photo,
    RelatedLink,
    Section,
    Tag,
)

Snapshot = Mapping[str, Any]

# columns that stand in a snapshot under their own names
PLAIN = (
    "headline",
    "language",
    "kicker",
    "summary",
    "urgency",
    "internal_note",
    "byline_override",
    "dateline",
)
# those of `seo`, by the name that they have there
SEO = {
    "title": "seo_title",
    "description": "seo_description",
    "canonical_url": "canonical_url",
    "noindex": "noindex",
}


LISTS = ("authors", "tags", "photos", "related")
# readers notice none of these
UNNOTICED = ("urgency", "internal_note")
# the columns behind what they notice
NOTICED = {*PLAIN, *SEO.values(), "body"}.difference(UNNOTICED)


def of(around: Around) -> dict[str, Any]:
    """The story as JSON."""
    article, rows = around.article, around.rows
    return {name: getattr(article, name) for name in PLAIN} | {
        "slug": article.slug,
        "section": rows["section"][0],
        "body": article.body,
        **{name: rows[name] for name in LISTS},
        "seo": {name: getattr(article, column) for name, column in SEO.items()},
    }


def columns(snapshot: Snapshot) -> dict[str, Any]:
    """The article's own columns, but for its slug and its section: what leads to a story is not changed by the way."""
    return {
        **{name: snapshot[name] for name in PLAIN},
        **{column: snapshot["seo"][name] for name, column in SEO.items()},
        "body": snapshot["body"],
        "word_count": body.word_count(snapshot["body"]),
    }


def noticeable(snapshot: Snapshot) -> dict[str, Any]:
    """What a reader would notice a change of."""
    return {name: value for name, value in snapshot.items() if name not in UNNOTICED}


def transplanted(snapshot: Snapshot) -> dict[str, Any]:
    """For another article: the photos' places under new keys, in the body too."""
    fresh = {one["id"]: str(ids.new()) for one in snapshot["photos"]}
    return {
        **snapshot,
        "photos": [{**one, "id": fresh[one["id"]]} for one in snapshot["photos"]],
        "body": [_refer(block, fresh) for block in snapshot["body"]],
    }


async def put(article_id: UUID, snapshot: Snapshot) -> tuple[Refusal, ...]:
    """Authors, tags, photos and links as they stand in the snapshot, in place of those that the article has.

    What is gone by now is looked for under its former slug, else left out; the refusals that return say so, and did not
    stop it.  Whether a photo may still be shown is not asked: see `withdrawn`.
    """
    of = {"article_id": article_id}
    missing: list[Refusal] = []
    authors = await _standing(Author, "author", snapshot["authors"], "authors", missing)
    await ArticleAuthor.filter(**of).delete()
    await ArticleAuthor.bulk_create(
        [ArticleAuthor(**of, author_id=one, position=place) for place, one in enumerate(authors)]
    )
    tags = await _standing(Tag, "tag", snapshot["tags"], "tags", missing)
    await ArticleTag.filter(**of).delete()
    await ArticleTag.bulk_create([ArticleTag(**of, tag_id=one, position=place) for place, one in enumerate(tags)])
    await _put_photos(of, snapshot, missing)
    await _put_links(of, snapshot, missing)
    return tuple(missing)


async def section(snapshot: Snapshot) -> Section | None:
    """The section that the story stood in, as it is now; None where it is gone."""
    missing: list[Refusal] = []
    found = await _standing(Section, "section", [snapshot["section"]], "section", missing)
    return await Section.get(id=found[0]) if found else None


async def withdrawn(snapshot: Snapshot) -> list[Refusal]:
    """One for each photo in it that was withdrawn since, with what was told of it then."""
    used = {UUID(one["photo"]) for one in snapshot["photos"]}
    photos = await Photo.filter(id__in=list(used), status="WITHDRAWN").order_by("id").values("id", "filename")
    return [
        PhotoWithdrawn(f"The photo {one['filename']} was withdrawn{await _reason(one['id'])}.", "photos")
        for one in photos
    ]


async def _reason(photo: UUID) -> str:
    told = await Change.filter(subject_id=photo, kind="PHOTO_WITHDRAWN").order_by("-position").first()
    return f": {told.note.rstrip('.')}" if told and told.note else ""


async def _put_photos(of: dict[str, UUID], snapshot: Snapshot, missing: list[Refusal]) -> None:
    wanted = snapshot["photos"]
    there = await _present(Photo, [one["photo"] for one in wanted])
    missing += [
        NotFound("This photo is gone; it was left out.", "photos", str(place))
        for place, one in enumerate(wanted)
        if one["photo"] not in there
    ]
    await ArticlePhoto.filter(**of).delete()
    kept = [one for one in wanted if one["photo"] in there]
    inside = 0 if any(one["role"] == "LEAD" for one in kept) else 1  # position 0 is the lead's
    await ArticlePhoto.bulk_create(
        [
            ArticlePhoto(
                **of,
                id=UUID(one["id"]),
                photo_id=UUID(one["photo"]),
                role=one["role"],
                position=place + inside,
                caption=one["caption"],
                alt_text=one["alt_text"],
                photo_version=one["photo_version"],
            )
            for place, one in enumerate(kept)
        ]
    )


async def _put_links(of: dict[str, UUID], snapshot: Snapshot, missing: list[Refusal]) -> None:
    wanted = snapshot["related"]
    there = await _present(Article, [one["article"] for one in wanted if one["article"]])
    missing += [
        NotFound("The article that this link led to is gone; it was left out.", "related", str(place))
        for place, one in enumerate(wanted)
        if one["article"] and one["article"] not in there
    ]
    await RelatedLink.filter(**of).delete()
    kept = [one for one in wanted if not one["article"] or one["article"] in there]
    await RelatedLink.bulk_create(
        [
            RelatedLink(
                **of,
                target_id=one["article"] and UUID(one["article"]),
                kind=one["kind"],
                title=one["title"],
                url=one["url"],
                position=place,
            )
            for place, one in enumerate(kept)
        ]
    )


async def _standing(
    model: type[Model], kind: str, wanted: list[dict[str, str]], name: str, missing: list[Refusal]
) -> list[UUID]:
    """Keys in order, each once: by key, else by slug, else by former slug."""
    found: dict[UUID, None] = {}
    for place, one in enumerate(wanted):
        row = await model.get_or_none(id=UUID(one["id"])) or await model.get_or_none(slug=one["slug"])
        former = None if row else await FormerSlug.get_or_none(kind=kind, slug=one["slug"])
        row = await model.get_or_none(id=former.subject_id) if former else row
        if row:
            found[row.pk] = None
        else:
            missing.append(NotFound(f"The {kind} {one['name']} is gone; it was left out.", name, str(place)))
    return list(found)


async def _present(model: type[Model], keys: list[str]) -> set[str]:
    rows: list[Any] = await model.filter(id__in=[UUID(one) for one in set(keys)]).values_list("id", flat=True)
    return {str(one) for one in rows}


def _refer(block: Mapping[str, Any], fresh: Mapping[str, str]) -> dict[str, Any]:
    if "placed" not in block:
        return dict(block)
    placed = block["placed"]
    return {
        **block,
        "placed": fresh.get(placed, placed) if isinstance(placed, str) else [fresh.get(one, one) for one in placed],
    }
