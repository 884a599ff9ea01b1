"""A passage of HTML, as editors paste it and importers bring it, split into the inputs of single blocks.

Inline markup stays within its block.  Images and figures leave with their captions: a photo comes into a story through
the photo desk, with its credit, and nothing is fetched.
"""

from html import escape
from html.parser import HTMLParser
from typing import Any

from cms.body.markup import INLINE_TAGS, allowing, plain, renamed

_HEADINGS = {f"h{level}": min(max(level, 2), 4) for level in range(1, 7)}
_LISTS = {"ul": False, "ol": True}
_CELLS = {"td", "th"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figure", "footer", "header", "hr",
    "li", "main", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr",
}  # fmt: skip

_PASSAGE = allowing(INLINE_TAGS | _BLOCKS | _CELLS | {"cite"} | _HEADINGS.keys() | _LISTS.keys(), "form")


def split(html: str) -> list[dict[str, Any]]:
    """The inputs, each with one key.  Their HTML is not sanitised block by block yet.

    Nested lists and quotes are one; a table is a paragraph for each row; headings are of level 2 to 4.
    """
    splitter = _Splitter()
    splitter.feed(_PASSAGE.cleaner.clean(renamed(html)))
    splitter.close()
    splitter.flush()
    return splitter.blocks


class _Splitter(HTMLParser):
    """Reads sanitised HTML, so elements nest and every end has its start.  Text gathers in `run` until a block begins
    or ends; where it then goes depends on what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[dict[str, Any]] = []
        self.run: list[str] = []
        self.level: int | None = None
        self.lists: list[str] = []
        self.items: list[str] = []
        self.quotes = 0
        self.quoted: list[str] = []
        self.attribution: str | None = None
        self.attributing = ""

    def flush(self) -> None:
        html = "".join(self.run).strip()
        self.run.clear()
        text = " ".join(plain(html).split())
        if not text:
            return
        if self.lists:
            self.items.append(html)
        elif self.attributing:
            self.attribution = text.lstrip("—–-― ") or None
        elif self.quotes:
            self.quoted.append(html)
        elif self.level:
            self.blocks.append({"heading": {"level": self.level, "text": text}})
        else:
            self.blocks.append({"paragraph": {"html": html}})

    def handle_data(self, data: str) -> None:
        self.run.append(escape(data, quote=False))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in INLINE_TAGS:
            self.run.append(self.get_starttag_text() or "")
        elif tag in _CELLS:
            self.run.append(" ")
        elif tag == "cite":
            self._begin_cite()
        else:
            self.flush()
            self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in INLINE_TAGS:
            self.run.append(f"</{tag}>")
        elif tag not in _CELLS and (tag != "cite" or self.attributing == "cite"):
            self.flush()
            self._end(tag)

    def _begin(self, tag: str) -> None:
        if tag in _HEADINGS:
            self.level = _HEADINGS[tag]
        elif tag in _LISTS:
            self.lists.append(tag)
        elif tag == "blockquote":
            self.quotes += 1
        elif tag == "footer" and self.quotes:
            self.attributing = tag
        elif tag == "hr":
            self.blocks.append({"divider": {}})

    def _begin_cite(self) -> None:
        """After the words of a quote it names who said them; inside a sentence it names a work."""
        if self.quoted and not "".join(self.run).strip():
            self.flush()
            self.attributing = "cite"

    def _end(self, tag: str) -> None:
        if tag in _HEADINGS:
            self.level = None
        elif tag in _LISTS:
            self._end_list()
        elif tag == "blockquote":
            self._end_quote()
        elif tag == self.attributing:
            self.attributing = ""

    def _end_list(self) -> None:
        tag = self.lists.pop()
        if not self.lists and self.items:
            self.blocks.append({"list": {"ordered": _LISTS[tag], "items": self.items}})
            self.items = []

    def _end_quote(self) -> None:
        self.quotes -= 1
        if self.quotes:
            return
        if self.quoted:
            html = "<br>".join(self.quoted)
            self.blocks.append({"quote": {"html": html, "attribution": self.attribution}})
        elif self.attribution:
            self.blocks.append({"paragraph": {"html": escape(self.attribution, quote=False)}})
        self.quoted, self.attribution = [], None
