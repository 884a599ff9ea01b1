"""Blocks as they are stored, read from blocks as they are sent.

Refuses what is too long and what no text holds (control characters, lone surrogates); drops what says nothing.  Sizes
are in characters.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from secrets import token_urlsafe
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from cms import ids
from cms.body import passage
from cms.body.markup import BOX, INLINE, Markup, plain, sanitise
from cms.body.printing import pieces
from cms.errors import BadInput, Refusal, Refused, Required, TooLong
from cms.slug import slugify

Block = dict[str, Any]
Path = tuple[str, ...]

MOST_BLOCKS, MOST_TEXT = 500, 100_000
HTML, TEXT, ITEMS, URL, CAPTION, ALT_TEXT = 20_000, 300, 200, 2_000, 5_000, 1_000
# editors' programs send ten times the markup that is kept: these only bound the work
RAW_HTML, RAW_PASSAGE = 100_000, 300_000
# HTML parsing is quadratic in what nests: 90,000 unclosed <div> take 15 s, 10,000 take 0.2 s.  Ends count too: each is
# looked for in all that is open
MOST_TAGS = 10_000

TYPES = {
    "paragraph": "Paragraph",
    "heading": "Heading",
    "quote": "Quote",
    "list": "ListBlock",
    "photo": "PhotoBlock",
    "gallery": "GalleryBlock",
    "embed": "Embed",
    "aside": "Aside",
    "divider": "Divider",
}

PROVIDERS = {
    "bsky.app": "Bluesky",
    "facebook.com": "Facebook",
    "instagram.com": "Instagram",
    "soundcloud.com": "SoundCloud",
    "spotify.com": "Spotify",
    "t.me": "Telegram",
    "tiktok.com": "TikTok",
    "twitter.com": "X",
    "vimeo.com": "Vimeo",
    "x.com": "X",
    "youtu.be": "YouTube",
    "youtube.com": "YouTube",
}


@dataclass(frozen=True, slots=True)
class Placement:
    """One use of a photo inside the body.  `photo` is the id as it was given; caption and alternative text are None
    where the photo's own are to be shown.  `id` is made here, and the block refers to it."""

    role: Literal["INLINE", "GALLERY"]
    photo: str
    caption: str | None
    alt_text: str | None
    id: UUID = field(default_factory=ids.new)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Blocks to store, and the photos to place, in the order of the body."""

    blocks: list[Block]
    placements: list[Placement]


def parse(blocks: Sequence[Mapping[str, Any]]) -> Parsed:
    """Each of `blocks` has one key that says its kind, as in the contract's BlockInput.

    A sent id is kept where it is sound and the first of its name.  Blocks without words or photos are dropped.  Raises
    BadInput, Required or TooLong with the path of the input field, Refused where there are several.
    """
    if len(blocks) > MOST_BLOCKS:
        raise TooLong(f"A body may have {MOST_BLOCKS} blocks, not {len(blocks)}.", "body")
    made: list[tuple[object, Block]] = []
    placements: list[Placement] = []
    refusals: list[Refusal] = []
    for place, given in enumerate(blocks):
        try:
            read, placed = _read(given, ("body", str(place)))
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            made += read
            placements += placed
    if refusals:
        raise refusals[0] if len(refusals) == 1 else Refused(tuple(refusals))
    _check_size([block for _, block in made])
    return Parsed(_named(made), placements)


def _check_size(blocks: Sequence[Block]) -> None:
    if len(blocks) > MOST_BLOCKS:
        raise TooLong(f"A body may have {MOST_BLOCKS} blocks, not {len(blocks)}.", "body")
    length = sum(len(piece) for block in blocks for piece in pieces(block))
    if length > MOST_TEXT:
        raise TooLong(f"A body may have {MOST_TEXT} characters of text, not {length}.", "body")


_SENT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def _named(made: Sequence[tuple[object, Block]]) -> list[Block]:
    """Every block with its id, every heading with its anchor, each once in the body."""
    used: set[str] = set()
    anchors: set[str] = set()
    named: list[Block] = []
    for sent, block in made:
        id = sent if isinstance(sent, str) and _SENT_ID.fullmatch(sent) and sent not in used else _new_id()
        used.add(id)
        named.append({"id": id, **block})
        if block["type"] == "heading":
            named[-1]["anchor"] = _anchor(block["text"], anchors)
    return named


def _new_id() -> str:
    return "b" + token_urlsafe(9)


def _anchor(text: str, used: set[str]) -> str:
    base = anchor = slugify(text) or "untitled"
    number = 1
    while anchor in used:
        number += 1
        anchor = f"{base}-{number}"
    used.add(anchor)
    return anchor


# ---------------------------------------------------------------------------------------------------------- one block


def _read(given: Mapping[str, Any], path: Path) -> tuple[list[tuple[object, Block]], list[Placement]]:
    """What one input becomes: blocks with the id that was sent for each, and photos to place."""
    sent = {kind: value for kind, value in given.items() if value is not None}
    if len(sent) != 1:
        raise BadInput("A block is of exactly one kind.", *path)
    [(kind, value)] = sent.items()
    path = (*path, kind)
    if kind == "html":
        return _split(value, path), []
    if kind not in TYPES:
        raise BadInput(f"There is no block of the kind {kind!r}.", *path)
    if not isinstance(value, Mapping):
        raise BadInput("A block has fields of its own.", *path)
    if kind in _PLACING:
        placed = _PLACING[kind](value, path)
        keys = [str(one.id) for one in placed]
        block = {"type": kind, "placed": keys if kind == "gallery" else keys[0]}
        return ([(value.get("id"), block)] if keys else []), placed
    block = {"type": kind, **_READING[kind](value, path)}
    return ([(value.get("id"), block)] if kind in _WORDLESS or any(pieces(block)) else []), []


def _split(html: object, path: Path) -> list[tuple[object, Block]]:
    """A whole passage: its blocks have no ids yet, and what is wrong in one of them is wrong with the passage."""
    try:
        inputs = passage.split(_markup(html, path, RAW_PASSAGE))
        if len(inputs) > MOST_BLOCKS:
            raise TooLong(f"A body may have {MOST_BLOCKS} blocks, not {len(inputs)}.")
        return [made for one in inputs for made in _read(one, ())[0]]
    except Refusal as refusal:
        refusal.field = path
        raise


def _paragraph(given: Mapping[str, Any], path: Path) -> Block:
    return {"html": _html(given.get("html"), (*path, "html"))}


def _heading(given: Mapping[str, Any], path: Path) -> Block:
    level = 2 if given.get("level") is None else given["level"]
    if level not in (2, 3, 4):
        raise BadInput("A heading's level is 2, 3 or 4.", *path, "level")
    return {"level": level, "text": _line(given.get("text"), (*path, "text")), "anchor": ""}


def _quote(given: Mapping[str, Any], path: Path) -> Block:
    attribution = _line(given.get("attribution") or "", (*path, "attribution"))
    return {"html": _html(given.get("html"), (*path, "html")), "attribution": attribution or None}


def _list(given: Mapping[str, Any], path: Path) -> Block:
    items = _many(given.get("items"), (*path, "items"))
    cleaned = [_html(item, (*path, "items", str(place))) for place, item in enumerate(items)]
    return {"ordered": bool(given.get("ordered")), "items": [item for item in cleaned if plain(item)]}


def _embed(given: Mapping[str, Any], path: Path) -> Block:
    url, host = _address(given.get("url"), (*path, "url"))
    title = _line(given.get("title") or "", (*path, "title")) or None
    link = f'<a href="{escape(url)}" rel="noopener">{escape(title or url, quote=False)}</a>'
    return {"url": url, "provider": _provider(host), "html": link, "title": title}


def _aside(given: Mapping[str, Any], path: Path) -> Block:
    title = _line(given.get("title") or "", (*path, "title")) or None
    return {"title": title, "html": _html(given.get("html"), (*path, "html"), BOX)}


def _divider(given: Mapping[str, Any], path: Path) -> Block:
    return {}


_READING: dict[str, Callable[[Mapping[str, Any], Path], Block]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "quote": _quote,
    "list": _list,
    "embed": _embed,
    "aside": _aside,
    "divider": _divider,
}
_WORDLESS = {"embed", "divider"}


def _photo(given: Mapping[str, Any], path: Path) -> list[Placement]:
    return [_placement("INLINE", given, path)]


def _gallery(given: Mapping[str, Any], path: Path) -> list[Placement]:
    photos = _many(given.get("photos"), (*path, "photos"))
    return [_placement("GALLERY", one, (*path, "photos", str(place))) for place, one in enumerate(photos)]


_PLACING: dict[str, Callable[[Mapping[str, Any], Path], list[Placement]]] = {"photo": _photo, "gallery": _gallery}


def _placement(role: Literal["INLINE", "GALLERY"], given: Mapping[str, Any], path: Path) -> Placement:
    photo = given.get("photo")
    if not isinstance(photo, str | UUID):
        raise Required("A photo is named by its id.", *path, "photo")
    caption = _text(given.get("caption") or "", (*path, "caption"), CAPTION).strip()
    alt_text = _text(given.get("alt_text") or "", (*path, "alt_text"), ALT_TEXT).strip()
    return Placement(role, str(photo), caption or None, alt_text or None)


# ------------------------------------------------------------------------------------------------------------- fields

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


def _text(value: object, path: Path, most: int) -> str:
    if not isinstance(value, str):
        raise BadInput("This must be text.", *path)
    text = value.replace("\r\n", "\n")
    if _UNPRINTABLE.search(text):
        raise BadInput("This contains control characters.", *path)
    if len(text) > most:
        raise TooLong(f"This may have {most} characters, not {len(text)}.", *path)
    return text


def _line(value: object, path: Path) -> str:
    """Plain text on one line."""
    return " ".join(_text(value, path, TEXT).split())


def _html(value: object, path: Path, markup: Markup = INLINE) -> str:
    clean = sanitise(_markup(value, path, RAW_HTML), markup)
    return _text(clean, path, HTML)  # again: "&#1;" was no control character before


def _markup(value: object, path: Path, most: int) -> str:
    html = _text(value, path, most)
    ends = html.count("</")
    if max(html.count("<") - ends, ends) > MOST_TAGS:
        raise TooLong(f"This may have {MOST_TAGS} tags.", *path)
    return html


def _many(value: object, path: Path) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise BadInput("This must be a list.", *path)
    if len(value) > ITEMS:
        raise TooLong(f"This may have {ITEMS} entries, not {len(value)}.", *path)
    return value


def _address(value: object, path: Path) -> tuple[str, str]:
    """An absolute http or https address and its host."""
    url = _text(value, path, URL).strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and not re.search(r"\s", url) else None
        _ = parts.port
    except ValueError:
        host = None
    if not host:
        raise BadInput("An address starts with http:// or https:// and has no spaces.", *path)
    return url, host


def _provider(host: str) -> str:
    """ "YouTube" for m.youtube.com; the host itself, without "www.", where it has no known name."""
    known = next((name for domain, name in PROVIDERS.items() if host == domain or host.endswith("." + domain)), None)
    return known or host.removeprefix("www.")
