"""HTML as other systems write it, taken apart: words, photos with their captions, and what is embedded.

Cleans nothing: the words go through the body's own allow-list when they are saved.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

from cms import credit
from cms.body.blocks import PROVIDERS
from cms.transfer.issue import Embedded, Html, Piece, Shown, clean, line

# (address, its attributes) -> the photo's key; None for a picture that is not taken over
Found = Callable[[str, dict[str, str], str | None, str | None], str | None]

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_EMPTY_LINK = re.compile(r"<a\b[^>]*>\s*(?:</a>|$)")  # it held a picture
_CONTROL = re.compile(r"0*(?:[0-8]|1[124-9]|2\d|3[01]|127)|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|7[fF])")
# "<again>" in a headline is no markup
_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|font|i|ins|mark|q|s|small|span|strike|strong|sub|sup|u)\b[^>]*>", re.IGNORECASE
)
_TAG = re.compile(
    r"<!--.*?-->|</?(?:blockquote|br|div|figure|h[1-6]|img|li|ol|p|pre|section|table|tbody|td|th|tr|ul)\b[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_HIDDEN = {"script", "style", "noscript", "template", "svg"}


def split(html: str, found: Found) -> tuple[Piece, ...]:
    """In their order.  `found` is asked for each picture: address, attributes, caption and the credit that stands with it."""
    splitter = _Splitter(found)
    splitter.feed(html)
    splitter.close()
    splitter.flush()
    return tuple(splitter.pieces)


def plain(html: str) -> str:
    """The words of a short text that may hold markup."""
    return line(unescape(_TAG.sub(" ", _INLINE.sub("", clean(html)))))


def paragraphs(text: str) -> str:
    """Plain text as HTML: a paragraph for each line."""
    return "".join(f"<p>{escape(one.strip(), quote=False)}</p>" for one in clean(text).split("\n") if one.strip())


class _Figure:
    """What is open between <figure> and its end: pictures as (address, attributes), and the captions' words."""

    def __init__(self) -> None:
        self.images: list[tuple[str, dict[str, str]]] = []
        self.done: list[tuple[str, str | None]] = []
        self.caption: list[str] = []
        self.credit: list[str] = []
        self.video: str | None = None


class _Splitter(HTMLParser):
    def __init__(self, found: Found) -> None:
        super().__init__(convert_charrefs=False)
        self.found, self.pieces = found, list[Piece]()
        self.words: list[str] = []
        self.figures: list[_Figure] = []
        self.captioning, self.crediting, self.hidden = 0, 0, 0

    def flush(self) -> None:
        html = clean(_EMPTY_LINK.sub("", "".join(self.words)))
        self.words.clear()
        if html:
            self.pieces.append(Html(html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.hidden += tag in _HIDDEN
        if tag == "figure":
            self.figures.append(_Figure())
        elif tag == "img":
            self._image(given)
        elif tag == "iframe":
            self._frame(given.get("src", ""))
        elif tag == "figcaption":
            self.captioning += 1
        elif self.captioning:
            self.crediting += bool(self.crediting and tag not in _VOID) or "credit" in given.get("class", "").split()
        else:
            self.words.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in _HIDDEN and self.hidden > 0
        if tag == "figure" and self.figures:
            self._end_figure(self.figures.pop())
        elif tag == "figcaption" and self.captioning:
            self.captioning, self.crediting = self.captioning - 1, 0
        elif self.captioning:
            self.crediting = max(0, self.crediting - 1)
        elif tag not in ("img", "iframe", "figure", "figcaption"):
            self.words.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.captioning:
            self.words.append(data)
        elif self.figures and not self.hidden:
            (self.figures[-1].credit if self.crediting else self.figures[-1].caption).append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        if not _CONTROL.fullmatch(name):
            self.handle_data(f"&#{name};")

    def _image(self, given: dict[str, str]) -> None:
        src = line(given.get("src") or given.get("data-src", ""))
        if not src or src.startswith("data:") or self.hidden:
            return
        if self.figures:
            self.figures[-1].images.append((src, given))
        elif key := self.found(src, given, None, None):
            self._show((key, None))

    def _show(self, *photos: tuple[str, str | None]) -> None:
        self.flush()
        self.pieces.append(Shown(photos))

    def _frame(self, src: str) -> None:
        if url := embeddable(src):
            self.flush()
            self.pieces.append(Embedded(url))

    def _end_figure(self, figure: _Figure) -> None:
        """The pictures of figures in a figure are the outer one's: a gallery."""
        caption = plain("".join(figure.caption)) or None
        line_ = plain("".join(figure.credit)) or (credit.from_caption(caption) if caption else None)
        for src, given in figure.images:
            if key := self.found(src, given, caption, line_):
                figure.done.append((key, caption))
        if self.figures:
            self.figures[-1].done += figure.done
        elif figure.done:
            self._show(*figure.done)
        elif caption:
            self.words.append(f"<p>{escape(caption, quote=False)}</p>")


def embeddable(src: str) -> str | None:
    """The address of what a known provider embeds, as people open it."""
    url = line(src)
    url = f"https:{url}" if url.startswith("//") else url
    found = re.fullmatch(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+).*", url)
    if found:
        return f"https://www.youtube.com/watch?v={found[1]}"
    if found := re.fullmatch(r"https?://player\.vimeo\.com/video/(\d+).*", url):
        return f"https://vimeo.com/{found[1]}"
    host = re.match(r"https?://([\w.-]+)/\S+$", url)
    known = host and any(host[1] == one or host[1].endswith("." + one) for one in PROVIDERS)
    return url if known else None
