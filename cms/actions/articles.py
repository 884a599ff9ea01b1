"""Stories: made as drafts, changed in any field.  What is live goes on being live as it was last saved.

Refuses nothing for lack of a photo, a summary or a body: that is asked when a story is published.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from tortoise.exceptions import IntegrityError

from cms import audit, body, db, ids, ledger, policy
from cms import slug as slugs
from cms.actions import addresses, editing, linking, listing, placing, snapshots, story, translating
from cms.actions.fields import (
    Reader,
    instant,
    key,
    language,
    many,
    maybe,
    number,
    read,
    record,
    refuse,
    slug,
    switch,
    text,
    url,
)
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, Conflict, NotFound, Refusal, SlugTaken
from cms.models import FAR, Article, ArticleAuthor, ArticleTag, Correction, Job, RelatedLink, Revision, Section

SLUG = 160
SLUG_TRIES = 10
SLUGS = UUID("51065000-0000-4000-8000-000000000000")

Places = Mapping[placing.Role, Sequence[placing.Place]]


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
    "urgency": maybe(number(1, 9, int)),  # IPTC: 1 is a flash
    "internal_note": text(10_000),
    "translation_of": maybe(key),
    "embargoed_until": maybe(instant),
    "expires_at": maybe(instant),
}
# when the story is seen: no working copy holds that back
AT_ONCE = {"embargoed_until": "embargo_until", "expires_at": "live_until"}
CORRECTABLE = ("headline", "summary", "body")
# fields that are columns, by the column's name
PLAIN = {
    "headline": "headline",
    "language": "language",
    "kicker": "kicker",
    "summary": "summary",
    "byline_override": "byline_override",
    "dateline": "dateline",
    "urgency": "urgency",
    "internal_note": "internal_note",
    **AT_ONCE,
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
        await db.share(listing.TAGS)
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
            **await _set_column(actor, None, values),
            **_columns(values),
            **_body_columns(parsed),
        }

        async def insert(slug: str) -> None:
            with translating.one_of_each_language():
                await Article.create(**columns, slug=slug, path=section.path + slug)
            await addresses.change("article", made, None, slug, known=False)

        await _with_free_slug(values.get("slug"), values["headline"], insert)
        await _relate(actor, made, values, _places(values, parsed))
        await story.settle(made, None, actor, None)
    return made


async def update(
    actor: Actor,
    id: UUID,
    version: int,
    changes: Mapping[str, Any],
    note: str | None = None,
    *,
    keep_as_draft: bool = False,
) -> UUID:
    """Any fields; absent keeps, None clears, no field at all changes nothing.  A live story's readers see it at once, unless
    `keep_as_draft`: then it is saved as the story's working copy, on top of what that holds already.

    Raises Conflict when someone saved since `version`, and what `create` raises.
    """
    policy.require(actor, "article.update")
    values = read(FIELDS, changes)
    note = text(2000)(note, ("note",))
    parsed = await _parsed(values)
    async with db.transaction():
        held = await story.hold(actor, "article.update", id, version)
        if keep_as_draft and held.status == "PUBLISHED":
            await _prepare_copy(actor, held.article, values)
        if not values:
            return id
        await _check_expiry(held, values)
        await editing.edit(held, actor, _writing(actor, values, parsed), note, keep_as_draft=keep_as_draft)
    return id


async def set_lead_photo(actor: Actor, id: UUID, version: int, photo: Mapping[str, Any] | None) -> UUID:
    """The photo above the story, None for none.  The photos in its body keep their places and their ids."""
    policy.require(actor, "article.update")
    values = read({"lead_photo": placing.PLACED}, {"lead_photo": photo})
    async with db.transaction():
        held = await story.hold(actor, "article.update", id, version)
        await editing.edit(held, actor, _writing(actor, values, None))
    return id


async def correct(actor: Actor, id: UUID, version: int, correction: str, changes: Mapping[str, Any]) -> UUID:
    """An edit of headline, summary or body, and what readers are told of the mistake; it goes live at once.

    Raises BadState for what was never public: there is nobody to tell.
    """
    policy.require(actor, "article.correct")
    values = read({name: FIELDS[name] for name in CORRECTABLE}, changes)
    said = text(2000, required=True)(correction, ("correction",))
    parsed = await _parsed(values)
    async with db.transaction():
        held = await story.hold(actor, "article.correct", id, version)
        editing.refuse_withdrawn(held)
        if story.never_seen(held):
            raise BadState("This article was never published: change it without a correction.")
        tells: story.Told | None = ("ARTICLE_CORRECTED", said) if held.status == "PUBLISHED" else None
        await editing.edit(held, actor, _writing(actor, values, parsed), said, tells=tells)
        saved = await Article.get(id=id)
        await Correction.create(article_id=id, version=saved.version, at=saved.updated_at, text=said)
        if tells:
            await Article.filter(id=id).update(modified_at=saved.updated_at)
    return id


@dataclass(frozen=True, slots=True)
class Restored:
    """`warnings`: what the old version named and is gone by now."""

    id: UUID
    warnings: tuple[Refusal, ...]


async def restore(actor: Actor, id: UUID, version: int, revision: int) -> Restored:
    """A new version with the content of an old one; a live story's readers see it at once, and its working copy is dropped.

    Slug, schedule, embargo and expiry stay as they are.  Raises NotFound for a version that there is not, PhotoWithdrawn with
    the reason where it shows a photo that was withdrawn since.
    """
    policy.require(actor, "article.restore")
    async with db.transaction():
        held = await story.hold(actor, "article.restore", id, version)
        editing.refuse_withdrawn(held)
        kept = await Revision.get_or_none(article_id=id, version=revision)
        if kept is None:
            raise NotFound("There is no such revision.", "revision")
        refuse(await snapshots.withdrawn(kept.snapshot))
        missing = await bring_back(actor, held, kept.snapshot, held.article.slug, {})
        await story.settle(id, held, actor, f"Version {revision} restored.")
    return Restored(id, missing)


async def delete(actor: Actor, id: UUID, version: int) -> UUID:
    """Gone, with its revisions and with the links that lead to it.

    Raises BadState for what is scheduled or was ever published: that is unpublished, or withdrawn.
    """
    policy.require(actor, "article.delete")
    async with db.transaction():
        held = await story.hold(actor, "article.delete", id, version)
        if held.status not in ("DRAFT", "IN_REVIEW"):
            raise BadState(f"This article is {story.called(held)}: only what was never published is deleted.")
        await audit.record(actor, "article.delete", "Article", id, held.article.headline)
        await RelatedLink.filter(target_id=id).delete()
        await Job.filter(subject_id=id).delete()
        if not await Article.filter(id=id, version=version).delete():
            raise Conflict("Someone saved this article meanwhile.", "version", current=version + 1)
    return id


async def bring_back(
    actor: Actor, held: story.Held, snapshot: snapshots.Snapshot, slug: str, columns: Mapping[str, Any]
) -> tuple[Refusal, ...]:
    """The story's rows as a snapshot has them, with `columns` beside; its working copy is no more.  What is gone is returned.

    Raises Conflict, SlugTaken, and Forbidden for a section that is not the actor's.
    """
    article, missing = held.article, []
    section = await snapshots.section(snapshot)
    if section is None:
        missing.append(NotFound("The section of this version is gone; the article stays where it is.", "section"))
    content = {**snapshots.columns(snapshot), **columns, "working_version": None}
    if section and (section.id, slug) != (article.section_id, article.slug):
        section = await listing.section_named(section.slug, "section")
        policy.require(actor, held.verb, policy.Subject(article.created_by, section.id, story.subject(article).draft))
        await _move(held, content, section, {"slug": slug})
    else:
        await story.write(held, content)
    return (*missing, *await snapshots.put(article.id, snapshot))


def _writing(actor: Actor, values: Mapping[str, Any], parsed: body.Parsed | None) -> editing.Edit:
    """The edit that these fields are; places are made once, so that a photo's place has one key wherever it is written."""
    places = _places(values, parsed)

    async def write(held: story.Held) -> None:
        columns = await _set_column(actor, held.article.id, values) | _columns(values) | _body_columns(parsed)
        if section := await _section(actor, held, values):
            await _move(held, columns, section, values)
        else:
            await story.write(held, columns)
        shows = {role: one for role, one in places.items() if one or role != "INLINE" or _placed(held.article)}
        await _relate(actor, held.article.id, values, shows)

    return write


async def _prepare_copy(actor: Actor, article: Article, values: dict[str, Any]) -> None:
    """What a working copy cannot hold back is refused where it differs; tags are made, for the copy names them."""
    for name, column in AT_ONCE.items():
        if name not in values:
            continue
        stands = getattr(article, column)
        if values.pop(name) != (stands and stands.replace(microsecond=0)):
            raise BadInput("This takes effect at once: save it without keepAsDraft.", name)
    if "translation_of" in values and await translating.changes(actor, article, values.pop("translation_of")):
        raise BadInput("This takes effect at once: save it without keepAsDraft.", "translation_of")
    if "tags" in values:
        await listing.tags_named(values["tags"], "tags")


def _placed(article: Article) -> bool:
    """Does its body show a photo?"""
    return any("placed" in block for block in article.body)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {column: values[name] for name, column in PLAIN.items() if name in values}
    if "seo" in values:
        seo = values["seo"] if values["seo"] is not None else {"noindex": False, **dict.fromkeys(list(SEO)[:3])}
        columns |= {SEO_COLUMNS[name]: value for name, value in seo.items()}
    return columns


async def _set_column(actor: Actor, id: UUID | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """The translation set, as far as it is given.  Before any other write; `id` is None for a new story."""
    if "translation_of" not in values:
        return {}
    return {"translation_set": await translating.joined(actor, id, values["translation_of"])}


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


async def _section(actor: Actor, held: story.Held, values: Mapping[str, Any]) -> Section | None:
    """The section to be in, held; None where neither it nor the slug changes."""
    article = held.article
    if "section" in values:
        section = await listing.section_named(values["section"], "section")
    elif "slug" in values:
        current = await Section.get(id=article.section_id)
        section = await listing.section_named(current.slug, "section")
    else:
        return None
    moved = policy.Subject(article.created_by, section.id, story.subject(article).draft)
    policy.require(actor, held.verb, moved)
    return section


async def _move(held: story.Held, columns: dict[str, Any], section: Section, values: Mapping[str, Any]) -> None:
    """Another slug, another section, or both: another address.  What readers could know leads to the new one."""
    id, before = held.article.id, held.article.slug
    known = not story.never_seen(held) or (await ledger.told(id)).kind is not None

    async def write(slug: str) -> None:
        await story.write(held, columns | {"section_id": section.id, "slug": slug, "path": section.path + slug})
        await addresses.change("article", id, before, slug, known=known)

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
        except SlugTaken:  # it was another one's
            if given:
                raise
        await db.lock(uuid5(SLUGS, base))  # those who number the same headline go one by one
        taken = {row["slug"] for row in await Article.filter(slug__startswith=f"{base}-").values("slug")}
        taken |= await addresses.beginning("article", f"{base}-")
        candidate = next(slug for number in count(2) if (slug := f"{base}-{number}") not in taken)
    raise SlugTaken("No slug could be made from this headline; give one.", "slug")


async def _relate(actor: Actor, article_id: UUID, values: Mapping[str, Any], places: Places) -> None:
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
    if places:
        await placing.place(actor, article_id, places)


def _places(values: Mapping[str, Any], parsed: body.Parsed | None) -> Places:
    places: dict[placing.Role, Sequence[placing.Place]] = {}
    if "lead_photo" in values:
        places["LEAD"] = placing.lead(values["lead_photo"])
    if parsed is not None:
        places["INLINE"] = placing.inline(values["body"] or [], parsed)
    if "gallery" in values:
        places["GALLERY"] = placing.gallery(values["gallery"])
    return places
