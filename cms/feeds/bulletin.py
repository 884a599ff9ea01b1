"""One issue of a feed, in no format: what the formats are rendered from.

Every address in it is absolute and every text plain, but `Item.html`.  The formats (rss, atom, jsonfeed …) know this
module and no sibling; this module knows none of them, and neither the database nor HTTP.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Term:
    """A section or a tag."""

    name: str
    slug: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """`kind` as in the contract's RelatedKind."""

    title: str
    url: str
    kind: str = "RELATED"


@dataclass(frozen=True, slots=True)
class Translation:
    """The story in another language.  `id` as an Item's."""

    id: str
    language: str
    url: str


@dataclass(frozen=True, slots=True)
class Omission:
    """A photo of the story that whoever pulls the feed may not have.  `reason` is for programs: RIGHTS."""

    id: str
    reason: str = "RIGHTS"


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as one story shows it.  `credit` is the whole line, verbatim; `size_bytes` None where it is not known.

    `caption` is the story's; `original_caption` the photo's own, where the story has another.  `source`, `via` and
    `distributor` are the credit line's chain, origin first; `digital_source_type` is IPTC's URI or a word.
    """

    url: str
    mime: str
    width: int
    height: int
    caption: str
    credit: str
    alt_text: str = ""
    size_bytes: int | None = None
    copyright_notice: str | None = None
    usage_terms: str | None = None
    creators: tuple[str, ...] = ()
    is_lead: bool = False
    id: str = ""
    version: int = 1
    headline: str | None = None
    original_caption: str | None = None
    source: str | None = None
    via: tuple[str, ...] = ()
    distributor: str | None = None
    license_url: str | None = None
    digital_source_type: str | None = None
    taken: datetime | None = None
    updated: datetime | None = None

    @property
    def chain(self) -> tuple[str, ...]:
        """Through whose hands it came, origin first."""
        return tuple(filter(None, (self.source, *self.via, self.distributor)))


@dataclass(frozen=True, slots=True)
class Correction:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A story.  `id` never changes and is not made from the slug: a tag URI, or the public id.

    `html` holds all that there is to read: the lead, the dateline, the body and the corrections, newest first; `text` all of
    it but photos; `body` is HTML without lead and dateline, for formats with a place for these.  `published` is the first
    publication.
    """

    id: str
    url: str
    headline: str
    html: str
    text: str
    published: datetime
    updated: datetime
    language: str
    kicker: str | None = None
    summary: str | None = None
    section: Term | None = None
    tags: tuple[Term, ...] = ()
    authors: tuple[Person, ...] = ()
    byline: str = ""
    dateline: str | None = None
    photos: tuple[Picture, ...] = ()
    related: tuple[Link, ...] = ()
    corrections: tuple[Correction, ...] = ()
    version: int = 1
    slug: str = ""
    body: str = ""
    word_count: int = 0
    embargoed_until: datetime | None = None
    translations: tuple[Translation, ...] = ()
    omitted: tuple[Omission, ...] = ()

    @property
    def lead(self) -> Picture | None:
        """The photo that stands for the story: the lead, else the first."""
        return next((photo for photo in self.photos if photo.is_lead), next(iter(self.photos), None))

    @property
    def signed(self) -> tuple[Person, ...]:
        """Who wrote it, by name; where nobody is, what the byline says."""
        return self.authors or ((Person(self.byline),) if self.byline.strip() else ())


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A story that was in the feed and must not be shown any more."""

    id: str
    at: datetime
    reason: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Bulletin:
    """`url` is the page for people, `self_url` this very feed with its query, `id` the feed's for ever.

    `items` are read once, one at a time: a format needs no more than one of them in memory.  `alone`: one story by itself
    and no list.  RFC 5005: `archive` marks a part of the past that does not grow any more, `previous_url` leads to the one
    before it, and `current_url` from there to the feed.
    """

    id: str
    title: str
    description: str
    url: str
    self_url: str
    language: str
    updated: datetime
    items: Iterable[Item] = ()
    rights: str | None = None
    withdrawn: tuple[Withdrawal, ...] = ()
    next_url: str | None = None
    hub_url: str | None = None
    publisher: str = ""
    publisher_url: str = ""
    alone: bool = False
    archive: bool = False
    previous_url: str | None = None
    current_url: str | None = None

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Where to go from here, as (rel, address); without the page for people."""
        known = {
            "self": self.self_url,
            "next": self.next_url,
            "current": self.current_url,
            "prev-archive": self.previous_url,
            "hub": self.hub_url,
        }
        return tuple((rel, url) for rel, url in known.items() if url)


# XML 1.0, 2.2: Char.  U+FFFD stands for half a surrogate pair; control characters mean nothing and go.
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(value: Value) -> Value:
    """The same, with only the characters that every format can carry in any of its texts.  A bulletin's items wait for
    their turn."""
    printed: Value = _printable(value)
    return printed


def _printable(value: Any) -> Any:
    """The value itself where nothing is wrong with it: to copy every story took a third of a feed's time."""
    if isinstance(value, str):
        if _UNPRINTABLE.search(value) is None:
            return value
        return _NO_CHARACTER.sub("", _SURROGATE.sub("\ufffd", value))
    if isinstance(value, tuple):
        return tuple(map(_printable, value)) if value else value
    if isinstance(value, Bulletin):
        clean = {one.name: _printable(getattr(value, one.name)) for one in fields(value) if one.name != "items"}
        return replace(value, **clean, items=map(_printable, value.items))
    if is_dataclass(value) and not isinstance(value, type):
        pairs = [(one.name, getattr(value, one.name)) for one in fields(value)]
        changed = {name: clean for name, given in pairs if (clean := _printable(given)) != given}
        return replace(value, **changed) if changed else value
    return value


def rfc3339(instant: datetime) -> str:
    """2026-01-31T08:00:00Z: Atom and JSON Feed want an offset and capitals."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
