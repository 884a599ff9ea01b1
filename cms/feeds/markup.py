"""A story's HTML as elements of an XML vocabulary: only what the vocabulary knows, whatever the HTML holds."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from cms.body.markup import BOX_TAGS
from cms.feeds.bulletin import printable

XHTML = "http://www.w3.org/1999/xhtml"
_TAGS = BOX_TAGS | {
    "h2",
    "h3",
    "h4",
    "blockquote",
    "footer",
    "figure",
    "figcaption",
    "img",
    "div",
    "aside",
    "hr",
    "span",
}
_ATTRIBUTES = ("href", "src", "alt", "width", "height", "class")


def parsed(text: str) -> etree._Element:
    """Any text as a reader of HTML takes it: the element that holds it all."""
    root = etree.fromstring(f"<html><body><div>{text}</div></body></html>", etree.HTMLParser(huge_tree=True))
    body = root.find("body")
    assert body is not None
    return body[0] if len(body) == 1 else body  # unless the text ended the <div> itself


def to_xhtml(text: str, place: etree._Element) -> None:
    """Into `place`: what stands in a tag that stories do not have stays, without the tag."""

    def copy(source: etree._Element, place: etree._Element) -> None:
        add_text(place, source.text)
        for child in source:
            if isinstance(child.tag, str) and child.tag in _TAGS:
                given = {name: clean(child.attrib[name]) for name in _ATTRIBUTES if name in child.attrib}
                copy(child, etree.SubElement(place, f"{{{XHTML}}}{child.tag}", given))
            elif isinstance(child.tag, str):
                copy(child, place)
            add_text(place, child.tail)

    copy(parsed(text), place)


def add_text(place: etree._Element, text: str | None) -> None:
    """Behind all that is in `place`."""
    if not text:
        return
    text = clean(text)
    if len(place):
        place[-1].tail = (place[-1].tail or "") + text
    else:
        place.text = (place.text or "") + text


clean: Callable[[Any], str] = printable  # a reference ("&#1;") may have become what no XML holds
