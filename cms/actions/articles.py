"""Stories: made as drafts, changed in any field.  What is live goes on being live as it was last saved.

Refuses nothing for lack of a photo, a summary or a body: that is asked when a story is published.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from cms import body, db, ids, policy
from cms import slug as slugs
from cms.actions import linking, listing, placing, story
from cms.actions.fields import Reader, instant, language, many, maybe, read, record, slug, switch, text, url
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, SlugTaken
from cms.models import FAR, Article, ArticleAuthor, ArticleTag, Section

SLUG = 160
SLUG_TRIES = 10


def _given(value: Any, path: tuple[str, ...]) -> Any:
    """What has a reader of its own further on."""
    return value


SEO: Mapping[str, Reader] = {
    "title": text(300),
    "description": text(2000),
    "canonical_url": url(),
    "noindex": switch,
}
FIELDS: Mapping[str, Reader] = {
    "headline": text(300, required=True),
    "slug": slug(SLUG),
    "section": text(80, required=True),
    "language": lambda value, path: language(value or "en", path),
    "kicker": text(120),
    "summary": text(2000),
    "body": _given,
    "authors": many(text(120, required=True), 50),
    "byline_override": text(300),
    "dateline": text(120),
    "tags": many(text(120, required=True), 100),
    "lead_photo": placing.PLACED,
    "gallery": many(placing.PLACED, 200),
    "related": linking.LINKS,
    "seo": record(SEO),
    "embargoed_until": maybe(instant),
    "expires_at": maybe(instant),
}
# fields that are columns, by the column's name
PLAIN = {
    "headline": "headline",
    "language": "language",
    "kicker": "kicker",
    "summary": "summary",
    "byline_override": "byline_override",
    "dateline": "dateline",
    "embargoed_until": "embargo_until",
    "expires_at": "live_until",
}
SEO_COLUMNS = {
    "title": "seo_title",
    "description": "seo_description",
    "canonical_url": "canonical_url",
    "noindex": "noindex",
}


async def create(actor: Actor, fields: Mapping[str, Any]) -> UUID:
    """A draft in its section.  Without a slug one is made from the headline, numbered where that is taken.

    Raises SlugTaken for a given slug, NotFound for a section, author, photo or article that the actor cannot see.
    """
    policy.require(actor, "article.create")
    values = read(FIELDS, fields, required=("headline", "section"))
    parsed = await _parsed(values)
    async with db.transaction():
        section = await listing.section_named(values["section"], "section")
        policy.require(actor, "article.create", policy.Subject(actor.user_id, section.id))
        instant = await now()
        await _check_expiry(None, values)
        made = ids.new()
        columns = {
            "id": made,
            "section_id": section.id,
            "created_by": actor.user_id,
            "created_at": instant,
            "updated_at": instant,
            "language": "en",
            **_columns(values),
            **_body_columns(parsed),
        }

        async def insert(slug: str) -> None:
            await Article.create(**columns, slug=slug, path=section.path + slug)

        await _with_free_slug(values.get("slug"), values["headline"], insert)
        await _relate(actor, made, values, parsed)
        await story.settle(made, None, actor, None)
    return made


async def update(actor: Actor, id: UUID, version: int, changes: Mapping[str, Any], note: str | None = None) -> UUID:
    """Any fields; absent keeps, None clears, no field at all changes nothing.  A live story's readers see it at once.

    Raises Conflict when someone saved since `version`, and what `create` raises.
    """
    policy.require(actor, "article.update")
    values = read(FIELDS, changes)
    note = text(2000)(note, ("note",))
    parsed = await _parsed(values)
    async with db.transaction():
        held = await story.hold(actor, "article.update", id, version)
        if not values:
            return id
        if held.status == "WITHDRAWN":
            raise BadState("A withdrawn article is not edited.")
        await _check_expiry(held, values)
        columns = _columns(values) | _body_columns(parsed)
        if section := await _section(actor, held.article, values):
            await _move(held, columns, section, values)
        else:
            await story.write(held, columns)
        await _relate(actor, id, values, parsed)
        await story.settle(id, held, actor, note)
    return id


async def set_lead_photo(actor: Actor, id: UUID, version: int, photo: Mapping[str, Any] | None) -> UUID:
    """The photo above the story, None for none.  The photos in its body keep their places and their ids."""
    policy.require(actor, "article.update")
    values = read({"lead_photo": placing.PLACED}, {"lead_photo": photo})
    async with db.transaction():
        held = await story.hold(actor, "article.update", id, version)
        if held.status == "WITHDRAWN":
            raise BadState("A withdrawn article is not edited.")
        await story.write(held, {})
        await placing.place(actor, id, {"LEAD": placing.lead(values["lead_photo"])})
        await story.settle(id, held, actor, None)
    return id


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {column: values[name] for name, column in PLAIN.items() if name in values}
    if "seo" in values:
        seo = values["seo"] if values["seo"] is not None else {"noindex": False, **dict.fromkeys(list(SEO)[:3])}
        columns |= {SEO_COLUMNS[name]: value for name, value in seo.items()}
    return columns


async def _parsed(values: Mapping[str, Any]) -> body.Parsed | None:
    """Off the event loop, and before a transaction holds anyone up: 256 kB of unclosed tags take seconds."""
    return await asyncio.to_thread(body.parse, values["body"] or []) if "body" in values else None


def _body_columns(parsed: body.Parsed | None) -> dict[str, Any]:
    return {"body": parsed.blocks, "word_count": body.word_count(parsed.blocks)} if parsed else {}


async def _check_expiry(held: story.Held | None, values: Mapping[str, Any]) -> None:
    """An end lies ahead.  Moving the end of what has ended would publish it unchecked: `publish` does that."""
    if "expires_at" not in values:
        return
    if held and held.status == "UNPUBLISHED":
        raise BadState("This article is not published any more; publish it again first.", "expires_at")
    if values["expires_at"] is None:
        return
    begins = held.article.live_from if held and held.article.live_from < FAR else await now()
    if values["expires_at"] <= max(begins, await now()):
        raise BadInput("An article expires after it is published, and not in the past.", "expires_at")


async def _section(actor: Actor, article: Article, values: Mapping[str, Any]) -> Section | None:
    """The section to be in, held; None where neither it nor the slug changes."""
    if "section" in values:
        section = await listing.section_named(values["section"], "section")
    elif "slug" in values:
        current = await Section.get(id=article.section_id)
        section = await listing.section_named(current.slug, "section")
    else:
        return None
    moved = policy.Subject(article.created_by, section.id, story.subject(article).draft)
    policy.require(actor, "article.update", moved)
    return section


async def _move(held: story.Held, columns: dict[str, Any], section: Section, values: Mapping[str, Any]) -> None:
    """Another slug, another section, or both: another address."""

    async def write(slug: str) -> None:
        await story.write(held, columns | {"section_id": section.id, "slug": slug, "path": section.path + slug})

    slug = values.get("slug", held.article.slug)
    await _with_free_slug(slug, columns.get("headline", held.article.headline), write)


async def _with_free_slug(given: str | None, headline: str, attempt: Callable[[str], Awaitable[None]]) -> None:
    """`attempt` with the slug given, or with the first free one made from the headline.

    The constraint decides, not a look before: of two that race for one slug the second is refused, or numbered.
    """
    base = given or slugs.slugify(headline, SLUG - 6) or "story"
    candidate = base
    for _ in range(SLUG_TRIES):
        try:
            async with db.transaction():  # a savepoint: the refused statement would else end the whole transaction
                await attempt(candidate)
            return
        except IntegrityError as error:
            if "slug" not in str(error):
                raise
            if given:
                raise SlugTaken(f"Another article has the slug {given}.", "slug") from error
        taken = {row["slug"] for row in await Article.filter(slug__startswith=f"{base}-").values("slug")}
        candidate = next(slug for number in count(2) if (slug := f"{base}-{number}") not in taken)
    raise SlugTaken("No slug could be made from this headline; give one.", "slug")


async def _relate(actor: Actor, article_id: UUID, values: Mapping[str, Any], parsed: body.Parsed | None) -> None:
    """Authors, tags, photos and links, as far as they are given."""
    if "authors" in values:
        authors = await listing.authors_named(values["authors"], "authors")
        await ArticleAuthor.filter(article_id=article_id).delete()
        await ArticleAuthor.bulk_create(
            [ArticleAuthor(article_id=article_id, author_id=one, position=place) for place, one in enumerate(authors)]
        )
    if "tags" in values:
        tags = await listing.tags_named(values["tags"], "tags")
        await ArticleTag.filter(article_id=article_id).delete()
        await ArticleTag.bulk_create(
            [ArticleTag(article_id=article_id, tag_id=one, position=place) for place, one in enumerate(tags)]
        )
    if "related" in values:
        await linking.link(actor, article_id, values["related"], "related")
    if places := _places(values, parsed):
        await placing.place(actor, article_id, places)


def _places(values: Mapping[str, Any], parsed: body.Parsed | None) -> dict[placing.Role, Sequence[placing.Place]]:
    places: dict[placing.Role, Sequence[placing.Place]] = {}
    if "lead_photo" in values:
        places["LEAD"] = placing.lead(values["lead_photo"])
    if parsed is not None:
        places["INLINE"] = placing.inline(values["body"] or [], parsed)
    if "gallery" in values:
        places["GALLERY"] = placing.gallery(values["gallery"])
    return places
