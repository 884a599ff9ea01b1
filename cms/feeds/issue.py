"""An issue of a feed, made from the newsroom: a fixed Shape, one statement, no format.

A feed is for the public: staff who pull one get what readers get, so that nothing hidden is syndicated by mistake.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal, NamedTuple

from cms import body, credit
from cms.actor import ANONYMOUS, Actor
from cms.feeds.bulletin import Bulletin, Correction, Item, Link, Person, Picture, Term, Translation
from cms.read.catalog import select
from cms.read.reader import Reader
from cms.read.shape import Shape, Slot
from cms.settings import Settings
from media import recipe as recipes

Kind = Literal["latest", "section", "tag", "author"]

LENGTH = 50  # stories
RELATED = 20
WIDTH = 1280  # pixels
# a feed says what type a picture is, so its address must not negotiate one
JPEG = recipes.Recipe(WIDTH, None, "cover", "jpeg")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an issue without stories was changed


@dataclass(frozen=True, slots=True)
class Issue:
    """`keys` are public ids of what it shows.  `ends` is when the first part of it may not be shown any more."""

    bulletin: Bulletin
    keys: tuple[str, ...]
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Moved:
    """The list has the slug `slug` now; `key` is its public id."""

    slug: str
    key: str


STORY = (
    *(
        "id",
        "version",
        "url",
        "slug",
        "language",
        "wordCount",
        "kicker",
        "headline",
        "summary",
        "byline",
        "dateline",
        "bodyHtml",
        "bodyText",
    ),
    *("publishedAt", "modifiedAt", "updatedAt", "embargoedUntil", "expiresAt", "photosGoneAt"),
    ("section", "name", "slug", "path"),
    ("tags", "name", "slug"),
    ("authors", "name"),
    (
        "photos",
        *("role", "caption", "credit", "altText"),
        (
            "photo",
            ("url", {"width": WIDTH, "format": "JPEG"}),
            *("id", "version", "width", "height", "headline", "caption", "copyrightNotice", "usageTerms", "licenseUrl"),
            *("creators", "digitalSourceType", "takenAt", "updatedAt"),
            ("rights", "expiresAt"),
        ),
    ),
    ("related", {"first": RELATED}, "title", "url", "kind"),
    ("corrections", "at", "text"),
    ("translations", "id", "language", "url", "expiresAt"),
)
NAMED = {
    "section": ("id", "slug", "name", "description", "path"),
    "tag": ("id", "slug", "name"),
    "author": ("id", "slug", "name"),
}


def _shape(kind: Kind, onward: bool) -> Shape:
    window: dict[str, Any] = {"first": LENGTH}
    if onward:
        window["after"] = Slot("var", ("after",))
    stories = ("articles", window, ("nodes", *STORY), ("pageInfo", "hasNextPage", "endCursor"))
    if kind == "latest":
        return select("Query", stories)
    return select("Query", (kind, {"slug": Slot("var", ("slug",))}, *NAMED[kind], stories))


KINDS: tuple[Kind, ...] = ("latest", "section", "tag", "author")
SHAPES = {(kind, onward): _shape(kind, onward) for kind in KINDS for onward in (False, True)}


async def make(
    reader: Reader, settings: Settings, actor: Actor, kind: Kind, slug: str, *, address: str, after: str | None
) -> Issue | Moved | None:
    """The newest stories of a list, or those behind the cursor `after`; None where there is no such list, Moved where `slug`
    is what the list was called before.

    `address` is the feed's own, without a query.  Raises BadCursor, Unavailable.
    """
    asks = ANONYMOUS if actor.staff else actor
    shape = SHAPES[kind, after is not None]
    answer = await reader.value(shape, asks, {"slug": slug, "after": after})
    found = answer if kind == "latest" else answer[kind]
    if found is None:
        return None
    if kind != "latest" and found["slug"] != slug:
        return Moved(found["slug"], found["id"])
    stories, info = found["articles"]["nodes"], found["articles"]["pageInfo"]
    bulletin = Bulletin(
        *_heading(kind, found, settings),
        self_url=f"{address}?after={after}" if after else address,
        language=settings.site_language,
        updated=max((_changed(story) for story in stories), default=NEVER),
        items=tuple(_item(story, settings) for story in stories),
        next_url=f"{address}?after={info['endCursor']}" if info["hasNextPage"] else None,
        hub_url=settings.websub_hub or None,
        publisher=settings.site_name,
        publisher_url=f"{settings.site_url}/",
    )
    keys = (found.get("id", "latest"), *(story["id"] for story in stories))
    return Issue(bulletin, keys, min((end for story in stories for end in _ends(story)), default=None))


ONE = select("Query", ("article", {"slug": Slot("var", ("slug",))}, *STORY))


async def one(
    reader: Reader, settings: Settings, actor: Actor, slug: str, *, start: str, format: str
) -> Issue | Moved | None:
    """A story by itself; None where a reader sees none, Moved where `slug` is what it was called before.

    Its own address is `start`, its slug and the format.  Raises Unavailable.
    """
    story = (await reader.value(ONE, ANONYMOUS if actor.staff else actor, {"slug": slug}))["article"]
    if story is None:
        return None
    if story["slug"] != slug:
        return Moved(story["slug"], story["id"])
    bulletin = Bulletin(
        id=_urn(story["id"]),
        title=f"{settings.site_name}: {story['headline']}",
        description=story["summary"] or "",
        url=story["url"],
        self_url=f"{start}{slug}.{format}",
        language=story["language"],
        updated=_changed(story),
        items=(_item(story, settings),),
        publisher=settings.site_name,
        publisher_url=f"{settings.site_url}/",
        alone=True,
    )
    return Issue(bulletin, (story["id"],), min(_ends(story), default=None))


def earliest(dates: Iterable[str | None]) -> datetime | None:
    return min((_instant(date) for date in dates if date), default=None)


class _Heading(NamedTuple):
    id: str
    title: str
    description: str
    url: str


def _heading(kind: Kind, found: dict[str, Any], settings: Settings) -> _Heading:
    """Only a section has a page of its own; a tag's and an author's feed lead to the front page."""
    site, front = settings.site_name, f"{settings.site_url}/"
    if kind == "latest":
        return _Heading(f"{settings.public_url}/feeds/latest", site, f"The latest from {site}.", front)
    id, title = _urn(found["id"]), f"{site}: {found['name']}"
    if kind == "section":
        description = found["description"] or f"The latest from {found['name']}."
        return _Heading(id, title, description, settings.site_url + found["path"])
    return _Heading(id, title, f"Stories {'about' if kind == 'tag' else 'by'} {found['name']}.", front)


def _item(story: dict[str, Any], settings: Settings) -> Item:
    section = story["section"]
    lead = next((one for one in story["photos"] if one["role"] == "LEAD"), None)
    corrections = tuple(Correction(_instant(one["at"]), one["text"]) for one in story["corrections"])
    ending = [_paragraph(one) for one in corrections]
    return Item(
        id=_urn(story["id"]),
        url=story["url"],
        headline=story["headline"],
        html="\n".join([*filter(None, [lead and body.figure(lead), _dated(story)]), *ending]),
        text="\n\n".join([" — ".join(filter(None, [story["dateline"], story["bodyText"]])), *map(_line, corrections)]),
        published=_instant(story["publishedAt"]),
        updated=_instant(story["modifiedAt"]),
        language=story["language"],
        kicker=story["kicker"],
        summary=story["summary"],
        section=Term(section["name"], section["slug"], settings.site_url + section["path"]),
        tags=tuple(Term(tag["name"], tag["slug"]) for tag in story["tags"]),
        authors=tuple(Person(author["name"]) for author in story["authors"]),
        byline=story["byline"],
        dateline=story["dateline"],
        photos=tuple(map(_picture, story["photos"])),
        related=tuple(Link(one["title"], one["url"], one["kind"]) for one in story["related"]),
        corrections=corrections,
        version=story["version"],
        slug=story["slug"],
        body="\n".join([story["bodyHtml"], *ending]),
        word_count=story["wordCount"],
        embargoed_until=_instant(story["embargoedUntil"]) if story["embargoedUntil"] else None,
        translations=tuple(Translation(_urn(one["id"]), one["language"], one["url"]) for one in story["translations"]),
    )


def _line(correction: Correction) -> str:
    return f"Correction, {correction.at:%Y-%m-%d}: {correction.text}"


def _paragraph(correction: Correction) -> str:
    return f"<p>{escape(_line(correction), quote=False)}</p>"


def _dated(story: dict[str, Any]) -> str:
    """The body, its dateline set before the first words: RSS, Atom and JSON Feed have no other place for it."""
    html: str = story["bodyHtml"]
    if not story["dateline"]:
        return html
    line = escape(story["dateline"], quote=False)
    return html.replace("<p>", f"<p>{line} — ", 1) if html.startswith("<p>") else f"<p>{line}</p>\n{html}"


def _picture(placed: dict[str, Any]) -> Picture:
    """Its rendition's length in bytes is not known before someone has asked for it, and the original's would be a lie."""
    photo = placed["photo"]
    width, height = recipes.size(JPEG, (photo["width"], photo["height"]))
    chain = credit.chain(placed["credit"])
    return Picture(
        url=photo["url"],
        mime=recipes.MIME[JPEG.format],
        width=width,
        height=height,
        caption=placed["caption"],
        credit=placed["credit"],
        alt_text=placed["altText"],
        copyright_notice=photo["copyrightNotice"],
        usage_terms=photo["usageTerms"],
        creators=tuple(photo["creators"]),
        is_lead=placed["role"] == "LEAD",
        id=_urn(photo["id"]),
        version=photo["version"],
        headline=photo["headline"],
        original_caption=photo["caption"] if photo["caption"] != placed["caption"] else None,
        source=chain.source,
        via=chain.via,
        distributor=chain.distributor,
        license_url=photo["licenseUrl"],
        digital_source_type=photo["digitalSourceType"],
        taken=_instant(photo["takenAt"]) if photo["takenAt"] else None,
        updated=_instant(photo["updatedAt"]),
    )


def _changed(story: dict[str, Any]) -> datetime:
    """When its part of the issue last changed, its appearance included: what an embargo held back is older than it looks.

    A photo that may not be shown any more is a change too.
    """
    dates = [story[name] for name in ("publishedAt", "modifiedAt", "updatedAt", "embargoedUntil", "photosGoneAt")]
    dates += [one["photo"]["updatedAt"] for one in story["photos"]]
    return max(_instant(date) for date in dates if date)


def _ends(story: dict[str, Any]) -> Iterator[datetime]:
    others = (one["expiresAt"] for one in story["translations"])
    for date in (story["expiresAt"], *others, *(one["photo"]["rights"]["expiresAt"] for one in story["photos"])):
        if date:
            yield _instant(date)


def _urn(public_id: str) -> str:
    """urn:uuid:…: unlike an address it survives another slug, another host and another scheme."""
    return f"urn:uuid:{public_id.partition('_')[2]}"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
