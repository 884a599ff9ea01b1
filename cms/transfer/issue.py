"""What an import brings, in no format: read by ninjs, feeds and wordpress, brought in by `bring`.

Every text in it is clean: no control characters, no lone surrogates.  Nothing is fetched while it is read.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import unquote, urlsplit

from cms.slug import slugify

State = Literal["draft", "published", "scheduled"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Named:
    """A section or an author: `key` is what its source knows it by, `parent` a section's key."""

    key: str
    name: str
    slug: str = ""
    description: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """`url` is absolute, or a path below the folder of the import.  Absent texts are None: then the file's own count."""

    key: str
    url: str
    credit: str | None = None
    caption: str | None = None
    alt_text: str | None = None
    headline: str | None = None
    copyright_notice: str | None = None
    usage_terms: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Html:
    html: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Photos at one place in the body, by their keys with the caption that stands there; several are a gallery."""

    photos: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    url: str


Piece = Html | Shown | Embedded


@dataclass(frozen=True, slots=True)
class Link:
    """`key` of a story of the same source where that is known to come, else `url` and `title`."""

    title: str
    url: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """`at` is when it was published or will be, `paths` the addresses that it had; `section` and `authors` are keys of Named."""

    key: str
    headline: str
    state: State = "draft"
    at: datetime | None = None
    ends: datetime | None = None
    embargo: datetime | None = None
    slug: str = ""
    language: str = "en"
    section: str | None = None
    authors: tuple[str, ...] = ()
    byline: str | None = None
    dateline: str | None = None
    kicker: str | None = None
    summary: str | None = None
    tags: tuple[str, ...] = ()
    body: tuple[Piece, ...] = ()
    lead: str | None = None
    gallery: tuple[str, ...] = ()
    related: tuple[Link, ...] = ()
    urgency: int | None = None
    note: str | None = None
    seo_title: str | None = None
    seo_description: str | None = None
    paths: tuple[str, ...] = ()
    withdrawn: bool = False


@dataclass(slots=True)
class Issue:
    """One import.  `source` names the system it came from, alike at each run; `losses` is what there is no place for, by what it is.

    `stories` reads them one by one and may be run once; `losses` and `refused` are whole when it has ended.
    """

    source: str
    stories: Callable[[], Iterator[Story]]
    count: int
    sections: list[Named] = field(default_factory=list)
    authors: dict[str, Named] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    losses: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def author(self, name: str) -> str | None:
        """The key of an author who is known by name alone; None for a name without letters."""
        key = slugify(name, 120)
        if key:
            self.authors.setdefault(key, Named(key, name[:120], key))
        return key or None


def clean(text: object) -> str:
    """A text that may be kept; "" for what is none.  Half a surrogate pair becomes U+FFFD, control characters go."""
    if not isinstance(text, str):
        return ""
    return _NO_TEXT.sub("", _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def line(text: object) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def cut(text: str, most: int, what: str, losses: Counter[str]) -> str | None:
    """None for no text; what is longer is cut, and that is told."""
    if len(text) > most:
        losses[f"{what} cut to {most:,} characters"] += 1
        text = text[: most - 1].rstrip() + "…"
    return text or None


def path_of(url: str) -> str | None:
    """The old address below its host, decoded as servers see it; None where there is none to keep."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    path = clean(unquote(parts.path))
    whole = f"{path or '/'}?{parts.query}" if parts.query else path
    return whole if parts.scheme in ("http", "https") and whole.strip("/") else None


def slug_of(text: str, most: int) -> str:
    """As the source has it, where our addresses can."""
    return slugify(unquote(text), most)


def utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
