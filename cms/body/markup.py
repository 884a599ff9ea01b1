"""The markup that a story may hold: one allow-list, and the plain text of what passed it.

Links go to http, https and mailto; nothing else has an attribute.  No other module decides what is safe.
"""

import re
from html import escape, unescape
from typing import NamedTuple

import nh3

INLINE_TAGS = frozenset({"a", "em", "strong", "code", "sub", "sup", "br", "s", "u", "mark"})
BOX_TAGS = INLINE_TAGS | {"p", "ul", "ol", "li"}

# what these hold is no text of the story
_DROPPED_WHOLE = {
    "audio", "canvas", "caption", "figcaption", "iframe", "math", "noscript", "object", "script", "select", "style",
    "svg", "template", "textarea", "title", "video",
}  # fmt: skip
_SYNONYMS = {"b": "strong", "i": "em", "del": "s", "strike": "s", "ins": "u", "tt": "code", "kbd": "code"}
_SYNONYM = re.compile(rf"<(/?)({'|'.join(_SYNONYMS)})(?=[\s/>])", re.IGNORECASE)
_ENDS = "div|h[1-6]|blockquote|tr|section|article|pre|dd|dt"
_ROUNDS = 4
DEEPEST = 50  # elements in each other: XML parsers give up at 256, browsers at 512


class Markup(NamedTuple):
    """What may stay, and the ends of what may not that leave a line break, so that no two words grow together."""

    cleaner: nh3.Cleaner
    ends: re.Pattern[str]


def allowing(tags: frozenset[str], ends: str) -> Markup:
    cleaner = nh3.Cleaner(
        tags=tags,
        attributes={"a": {"href"}},
        clean_content_tags=_DROPPED_WHOLE,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener",
    )
    return Markup(cleaner, re.compile(rf"(?:</(?:{ends})\s*>\s*)+", re.IGNORECASE))


INLINE = allowing(INLINE_TAGS, f"p|li|{_ENDS}")
BOX = allowing(BOX_TAGS, _ENDS)


def sanitise(html: str, markup: Markup = INLINE) -> str:
    """`html` with only what `markup` allows.  What comes out goes through again unchanged.

    Of what nests deeper than DEEPEST only the words stay.  No lone surrogate may be in it.  A control character written as a
    reference ("&#1;") comes out as the character.
    """
    clean = _clean(markup.ends.sub("<br>", renamed(html)), markup)
    for _ in range(_ROUNDS):
        again = _clean(clean, markup)
        if again == clean and _depth(clean) <= DEEPEST:
            return clean
        clean = again  # a link inside a table inside a link: without the table it parses as two links
    return _clean(escape(plain(clean), quote=False), markup)


def renamed(html: str) -> str:
    """<b>, <i> and the like as the allowed elements that mean the same."""
    return _SYNONYM.sub(lambda found: f"<{found[1]}{_SYNONYMS[found[2].lower()]}", html)


_SPACE = re.compile(r"[ \t\r\n\f]+")
_UNEVEN = ("  ", "\n", "\t", "\r", "\f")
_LINE_END = re.compile(r"<br>|</(?:p|li|ul|ol)>")
_TAG = re.compile(r"<[^>]*>")  # enough: sanitised attributes hold no ">"


def plain(html: str) -> str:
    """The text of sanitised `html`; a line for each paragraph, list item and line break, none empty."""
    # most texts have nothing to mend: to put a space for each space took half of the time of a story
    text = _SPACE.sub(" ", html) if any(one in html for one in _UNEVEN) else html
    text = unescape(_TAG.sub("", _LINE_END.sub("\n", text)) if "<" in text else text)
    return "\n".join(line for line in (line.strip() for line in text.split("\n")) if line)


def _depth(clean: str) -> int:
    """How deep the elements of sanitised HTML nest."""
    depth = deepest = 0
    for tag in _TAG.findall(clean):
        depth += -1 if tag.startswith("</") else tag != "<br>"
        deepest = max(deepest, depth)
    return deepest


_EDGE, _EDGE_REVERSED = re.compile(r"(?:\s|<br>)*"), re.compile(r"(?:\s|>rb<)*")


def _clean(html: str, markup: Markup) -> str:
    """Cleaned, without white space and line breaks at its edges."""
    clean = markup.cleaner.clean(html)
    clean = clean[_end(_EDGE, clean) :]
    return clean[: len(clean) - _end(_EDGE_REVERSED, clean[::-1])]


def _end(edge: re.Pattern[str], text: str) -> int:
    found = edge.match(text)
    return found.end() if found else 0
