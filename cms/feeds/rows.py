"""Documents that go out row by row, so that memory does not grow with their length: what is before the rows, each row, and
what is behind them."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from lxml import etree

_HERE = b"<!--rows-->"  # no text can be it: a text's "<" is escaped


def xml(place: etree._Element, rows: Iterable[etree._Element]) -> Iterator[bytes]:
    """The document that `place` stands in, with `rows` behind what is in `place` already.

    Each row is made as a child of `place`, and is gone before the next one is made.
    """
    place.append(etree.Comment("rows"))
    document = etree.tostring(place.getroottree(), encoding="UTF-8", xml_declaration=True)
    place.remove(place[-1])
    # a row by itself says all prefixes again
    namespace = etree.QName(place).namespace
    probe = etree.SubElement(place, etree.QName(namespace, "x") if namespace else "x")
    prefixes = etree.tostring(probe)[2:-2]
    place.remove(probe)
    before, after = document.split(_HERE)
    yield before + b"\n"
    for row in rows:
        text = etree.tostring(row, encoding="UTF-8")
        place.remove(row)
        yield text.replace(prefixes, b"", 1) + b"\n"
    yield after


def json(head: dict[str, Any], name: str, rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The object `head` with one more member, the list `name` of `rows`."""
    yield orjson.dumps(head)[:-1] + b"," + orjson.dumps(name) + b":["
    apart = b""
    for row in rows:
        yield apart + orjson.dumps(row)
        apart = b",\n"
    yield b"]}"
