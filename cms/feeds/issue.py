"""An issue of a feed, made from the newsroom: a fixed Shape, one statement, no format.

A feed is for the public or for one partner: staff who pull one get what readers get, so that nothing hidden is syndicated by
mistake.  It is the newest stories of a list, or what the ledger tells of them after a cursor.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal, NamedTuple
from uuid import UUID

from cms import body, credit
from cms.actor import ANONYMOUS, Actor
from cms.feeds.bulletin import (
    Bulletin,
    Correction,
    Item,
    Link,
    Omission,
    Person,
    Picture,
    Term,
    Translation,
    Withdrawal,
)
from cms.ledger import START
from cms.read.catalog import ENDED, select
from cms.read.reader import Reader
from cms.read.shape import Shape, Slot
from cms.settings import Settings
from media import recipe as recipes

Kind = Literal["latest", "section", "tag", "author", "saved"]

LENGTH, MOST = 50, 100  # stories, or changes
RELATED = 20
WIDTH = 1280  # pixels
# a feed says what type a picture is, so its address must not negotiate one
JPEG = recipes.Recipe(WIDTH, None, "cover", "jpeg")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an issue without stories was changed
PLACE = re.compile(r"\d+-\d+-\d+")  # a cursor of the ledger; those of lists begin with a letter


@dataclass(frozen=True, slots=True)
class Asked:
    """Which feed.  `filter` holds a saved one's conditions, as `articles(filter:)` takes them."""

    kind: Kind
    slug: str = ""
    title: str = ""
    filter: tuple[tuple[str, Any], ...] = ()
    text_only: bool = False
    embargoed_ahead: bool = False

    @property
    def name(self) -> str:
        """What stands in its address: "latest", "section/world"."""
        return self.kind if self.kind == "latest" else self.slug if self.kind == "saved" else f"{self.kind}/{self.slug}"

    def reader(self, actor: Actor) -> Actor:
        """As whom the feed is read for `actor`."""
        if actor.staff:
            return ANONYMOUS
        return replace(actor, embargo_access=actor.embargo_access and self.embargoed_ahead)


@dataclass(frozen=True, slots=True)
class Issue:
    """`keys` are public ids of what it shows, `subjects` the stories and photos in it, gone ones too.  `ends` is when the first
    part of it may not be shown any more.  What happens after it comes behind `cursor`, a place in the ledger."""

    bulletin: Bulletin
    keys: tuple[str, ...]
    subjects: tuple[UUID, ...]
    ends: datetime | None
    cursor: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The list has the slug `slug` now; `key` is its public id."""

    slug: str
    key: str


STORY = (
    *("id", "version", "url", "slug", "language", "wordCount", "kicker", "headline", "summary", "byline", "dateline"),
    "printed",
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
    ("lacking", "id"),
    ("corrections", "at", "text"),
    ("translations", "id", "language", "url", "expiresAt"),
)
NAMED = {
    "section": ("id", "slug", "name", "description", "path"),
    "tag": ("id", "slug", "name"),
    "author": ("id", "slug", "name"),
}


TEXT = tuple("textsPrinted" if one == "printed" else one for one in STORY if one[0] not in ("photos", "lacking"))


def _story(asked: Asked) -> tuple[Any, ...]:
    return TEXT if asked.text_only else STORY


def _listing(asked: Asked, onward: bool, first: int) -> Shape:
    """The newest stories; on the first page also what has ended."""
    window: dict[str, Any] = {"first": first}
    if onward:
        window["after"] = Slot("var", ("after",))
    known = ("ledgerHead",) if onward else ("ledgerHead", ("ended", {"filter": _filter(asked)}, *GONE))
    window |= {"filter": asked.filter} if asked.filter else {}
    stories = ("articles", window, ("nodes", *_story(asked)), ("pageInfo", "hasNextPage", "endCursor"))
    if asked.kind in ("latest", "saved"):
        return select("Query", *known, stories)
    return select("Query", *known, (asked.kind, {"slug": Slot("var", ("slug",))}, *NAMED[asked.kind], stories))


def _since(asked: Asked, first: int) -> Shape:
    """What the ledger tells of the feed's stories behind a cursor."""
    held = {"filter": _filter(asked)}
    parts = (("story", held, *_story(asked)), ("stories", held, *_story(asked)))
    window = {"first": first, "after": Slot("var", ("after",)), **held}
    changes = ("feedChanges", window, ("nodes", *GONE, *parts), ("pageInfo", "hasNextPage", "endCursor"))
    named = (
        ()
        if asked.kind in ("latest", "saved")
        else ((asked.kind, {"slug": Slot("var", ("slug",))}, *NAMED[asked.kind]),)
    )
    return select("Query", "ledgerHead", changes, *named)


GONE = ("kind", "at", "note", "version", "subjectId")


def _filter(asked: Asked) -> tuple[tuple[str, Any], ...]:
    if asked.kind in ("latest", "saved"):
        return asked.filter
    slug = Slot("var", ("slug",))
    # a list by tag is asked by the tag's slugs
    return (("tag", Slot("const", (slug,))),) if asked.kind == "tag" else ((asked.kind, slug),)


async def make(
    reader: Reader,
    settings: Settings,
    actor: Actor,
    asked: Asked,
    values: dict[str, Any],
    *,
    address: str,
    after: str | None = None,
    first: int = LENGTH,
) -> Issue | Moved | None:
    """The newest stories of a feed, those behind a list's cursor `after`, or what changed behind one of the ledger's.

    None where there is no such list, Moved where its slug is what the list was called before.  `values` are those of the
    filter's slots; `address` is the feed's own, without a query.  Raises BadInput for a `first` that nobody gets, BadCursor,
    Unavailable.
    """
    changes = after is not None and PLACE.fullmatch(after) is not None
    shape = _since(asked, first) if changes else _listing(asked, after is not None, first)
    variables = {**values, "slug": asked.slug, "after": after}
    answer = await reader.value(shape, asked.reader(actor), variables)
    found = answer if asked.kind in ("latest", "saved") else answer[asked.kind]
    if found is None:
        return None
    if "slug" in found and found["slug"] != asked.slug:
        return Moved(found["slug"], found["id"])
    read = _changes(answer) if changes else _stories(answer, found)
    more, end = read.more, read.end

    def page(cursor: str | None) -> str:
        query = [*([f"after={cursor}"] if cursor else []), *([] if first == LENGTH else [f"limit={first}"])]
        return f"{address}?{'&'.join(query)}" if query else address

    bulletin = Bulletin(
        *_heading(asked, found, settings),
        self_url=page(after),
        language=settings.site_language,
        updated=max([*(_changed(story) for story in read.stories), *(one.at for one in read.gone)], default=NEVER),
        items=tuple(_item(story, settings) for story in read.stories),
        withdrawn=read.gone,
        next_url=page(end) if more else None,
        hub_url=settings.websub_hub or None,
        publisher=settings.site_name,
        publisher_url=f"{settings.site_url}/",
    )
    keys = (found.get("id", "latest"), *(story["id"] for story in read.stories))
    ends = min((end for story in read.stories for end in _ends(story)), default=None)
    return Issue(bulletin, keys, _subjects(read), ends, _place(answer, after if changes else None, read))


def _place(answer: dict[str, Any], after: str | None, read: "_Read") -> str:
    """Where the ledger goes on behind this issue: behind its last change, and where that was the last one, at its head."""
    if after is not None and read.more and read.end:
        return read.end
    return answer["ledgerHead"] or after or START


class _Read(NamedTuple):
    stories: list[dict[str, Any]]
    gone: tuple[Withdrawal, ...]
    more: bool
    end: str | None


def _stories(answer: dict[str, Any], found: dict[str, Any]) -> _Read:
    gone: dict[str, Withdrawal] = {}
    for change in answer.get("ended", ()):
        gone.setdefault(change["subjectId"], _withdrawal(change))
    page = found["articles"]
    return _Read(page["nodes"], tuple(gone.values()), page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"])


def _changes(answer: dict[str, Any]) -> _Read:
    """Each story once, as it stands now, in the order of its last change; one that has ended as a withdrawal."""
    page = answer["feedChanges"]
    told: dict[str, dict[str, Any] | Withdrawal] = {}
    for change in page["nodes"]:
        for story in [*filter(None, [change["story"]]), *change["stories"]]:
            told.pop(story["id"], None)
            told[story["id"]] = story
        if change["story"] is None and change["kind"] in ENDED["Article"]:
            told.pop(change["subjectId"], None)
            told[change["subjectId"]] = _withdrawal(change)
    gone = tuple(one for one in told.values() if isinstance(one, Withdrawal))
    stories = [one for one in told.values() if not isinstance(one, Withdrawal)]
    return _Read(stories, gone, page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"])


def _withdrawal(change: dict[str, Any]) -> Withdrawal:
    return Withdrawal(_urn(change["subjectId"]), _instant(change["at"]), change["note"], change["version"])


def _subjects(read: _Read) -> tuple[UUID, ...]:
    public = [story["id"] for story in read.stories]
    public += [placed["photo"]["id"] for story in read.stories for placed in story.get("photos", ())]
    return tuple(UUID(one.partition("_")[2]) for one in public) + tuple(UUID(one.id[9:]) for one in read.gone)


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
    read = _Read([story], (), False, None)
    return Issue(bulletin, (story["id"],), _subjects(read), min(_ends(story), default=None), START)


def earliest(dates: Iterable[str | None]) -> datetime | None:
    return min((_instant(date) for date in dates if date), default=None)


class _Heading(NamedTuple):
    id: str
    title: str
    description: str
    url: str


def _heading(asked: Asked, found: dict[str, Any], settings: Settings) -> _Heading:
    """Only a section has a page of its own; the feeds of tags and authors, and saved ones, lead to the front page."""
    kind, site, front = asked.kind, settings.site_name, f"{settings.site_url}/"
    if kind == "saved":
        title = f"{site}: {asked.title}"
        return _Heading(f"{settings.public_url}/feeds/{asked.slug}", title, f"{asked.title} from {site}.", front)
    if kind == "latest":
        return _Heading(f"{settings.public_url}/feeds/latest", site, f"The latest from {site}.", front)
    id, title = _urn(found["id"]), f"{site}: {found['name']}"
    if kind == "section":
        description = found["description"] or f"The latest from {found['name']}."
        return _Heading(id, title, description, settings.site_url + found["path"])
    return _Heading(id, title, f"Stories {'about' if kind == 'tag' else 'by'} {found['name']}.", front)


def _item(story: dict[str, Any], settings: Settings) -> Item:
    section, printed = story["section"], story.get("printed") or story["textsPrinted"]
    placed = story.get("photos", ())  # none in a feed of texts
    dated = _dated(printed["html"], story["dateline"])
    lead = next((one for one in placed if one["role"] == "LEAD"), None)
    corrections = tuple(Correction(_instant(one["at"]), one["text"]) for one in story["corrections"])
    ending = [_paragraph(one) for one in corrections]
    return Item(
        id=_urn(story["id"]),
        url=story["url"],
        headline=story["headline"],
        html="\n".join([*filter(None, [lead and body.figure(lead), dated]), *ending]),
        text="\n\n".join([" — ".join(filter(None, [story["dateline"], printed["text"]])), *map(_line, corrections)]),
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
        photos=tuple(map(_picture, placed)),
        related=tuple(Link(one["title"], one["url"], one["kind"]) for one in story["related"]),
        corrections=corrections,
        version=story["version"],
        slug=story["slug"],
        body="\n".join([printed["html"], *ending]),
        word_count=story["wordCount"],
        embargoed_until=_instant(story["embargoedUntil"]) if story["embargoedUntil"] else None,
        translations=tuple(Translation(_urn(one["id"]), one["language"], one["url"]) for one in story["translations"]),
        omitted=tuple(Omission(_urn(one["id"])) for one in story.get("lacking", ())),
    )


def _line(correction: Correction) -> str:
    return f"Correction, {correction.at:%Y-%m-%d}: {correction.text}"


def _paragraph(correction: Correction) -> str:
    return f"<p>{escape(_line(correction), quote=False)}</p>"


def _dated(html: str, dateline: str | None) -> str:
    """The body, its dateline set before the first words: RSS, Atom and JSON Feed have no other place for it."""
    if not dateline:
        return html
    line = escape(dateline, quote=False)
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
    dates += [one["photo"]["updatedAt"] for one in story.get("photos", ())]
    return max(_instant(date) for date in dates if date)


def _ends(story: dict[str, Any]) -> Iterator[datetime]:
    others = (one["expiresAt"] for one in story["translations"])
    photos = (one["photo"]["rights"]["expiresAt"] for one in story.get("photos", ()))
    for date in (story["expiresAt"], *others, *photos):
        if date:
            yield _instant(date)


def _urn(public_id: str) -> str:
    """urn:uuid:…: unlike an address it survives another slug, another host and another scheme."""
    return f"urn:uuid:{public_id.partition('_')[2]}"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
