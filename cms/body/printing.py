"""Stored blocks as HTML, as plain text, and in numbers.  Trusts their markup: it was sanitised when it was written."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from cms.body.markup import plain

Block = Mapping[str, Any]
Photos = Mapping[str, Mapping[str, Any]]


def to_html(blocks: Sequence[Block], photos: Photos) -> str:
    """`photos`: placed photos as the reader returns them, by placement; what is missing there is not shown."""
    return "\n".join(html for block in blocks if (html := _HTML[block["type"]](block, photos)))


def figure(placed: Mapping[str, Any]) -> str:
    """A placed photo with its caption and its credit, which is printed as it stands."""
    photo = placed["photo"]
    given = {
        "src": photo["url"],
        "alt": placed.get("altText") or "",
        "width": photo["width"],
        "height": photo["height"],
    }
    image = "<img " + " ".join(f'{name}="{escape(str(value))}"' for name, value in given.items()) + ">"
    credit = placed["credit"] and f'<span class="credit">{escape(placed["credit"], quote=False)}</span>'
    words = " ".join(filter(None, (escape(placed["caption"] or "", quote=False), credit)))
    return f"<figure>{image}{words and f'<figcaption>{words}</figcaption>'}</figure>"


def to_text(blocks: Sequence[Block]) -> str:
    """Blocks apart by an empty line; list items with "- " or their number, attributions after a dash.  No photos."""
    return "\n\n".join(text for block in blocks if (text := _text(block)))


def word_count(blocks: Sequence[Block]) -> int:
    """Words of text, headings, attributions, list items and fact boxes; captions are not counted.

    A word is what stands between spaces and holds a letter or a digit.  Scripts without spaces are counted by their
    characters: two of Chinese or Japanese a word, six of Thai, Lao, Khmer or Burmese, each run rounded up.
    """
    return sum(_words(piece) for block in blocks for piece in pieces(block))


def pieces(block: Block) -> list[str]:
    """A block's plain texts, none empty."""
    return [text for text in _PIECES[block["type"]](block) if text]


_PIECES: dict[str, Callable[[Block], list[str | None]]] = {
    "paragraph": lambda block: [plain(block["html"])],
    "heading": lambda block: [block["text"]],
    "quote": lambda block: [plain(block["html"]), block["attribution"]],
    "list": lambda block: [plain(item) for item in block["items"]],
    "photo": lambda block: [],
    "gallery": lambda block: [],
    "embed": lambda block: [block["title"]],
    "aside": lambda block: [block["title"], plain(block["html"])],
    "divider": lambda block: [],
}


def _text(block: Block) -> str:
    texts = pieces(block)
    if block["type"] == "list":
        texts = [f"{number}. {item}" if block["ordered"] else f"- {item}" for number, item in enumerate(texts, 1)]
    elif block["type"] == "quote" and block["attribution"]:
        texts[-1] = f"— {texts[-1]}"
    return "\n".join(texts)


_UNSPACED = (
    (re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"), 2),
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"), 6),
)


def _words(text: str) -> int:
    count = 0
    for script, characters_a_word in _UNSPACED:
        count += sum(-(-len(run) // characters_a_word) for run in script.findall(text))
        text = script.sub(" ", text)
    return count + sum(any(map(str.isalnum, token)) for token in text.split())


def _paragraph(block: Block, photos: Photos) -> str:
    return f"<p>{block['html']}</p>"


def _heading(block: Block, photos: Photos) -> str:
    return f'<h{block["level"]} id="{escape(block["anchor"])}">{escape(block["text"], quote=False)}</h{block["level"]}>'


def _quote(block: Block, photos: Photos) -> str:
    said_by = block["attribution"] and f"<footer>— {escape(block['attribution'], quote=False)}</footer>"
    return f"<blockquote><p>{block['html']}</p>{said_by or ''}</blockquote>"


def _list(block: Block, photos: Photos) -> str:
    tag = "ol" if block["ordered"] else "ul"
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in block['items'])}</{tag}>"


def _photo(block: Block, photos: Photos) -> str:
    placed = photos.get(block["placed"])
    return figure(placed) if placed else ""


def _gallery(block: Block, photos: Photos) -> str:
    figures = "".join(figure(photos[key]) for key in block["placed"] if key in photos)
    return figures and f'<div class="gallery">{figures}</div>'


def _embed(block: Block, photos: Photos) -> str:
    return f'<p class="embed">{block["html"]}</p>'


def _aside(block: Block, photos: Photos) -> str:
    title = block["title"] and f"<h3>{escape(block['title'], quote=False)}</h3>"
    return f"<aside>{title or ''}{block['html']}</aside>"


def _divider(block: Block, photos: Photos) -> str:
    return "<hr>"


_HTML: dict[str, Callable[[Block, Photos], str]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "quote": _quote,
    "list": _list,
    "photo": _photo,
    "gallery": _gallery,
    "embed": _embed,
    "aside": _aside,
    "divider": _divider,
}
