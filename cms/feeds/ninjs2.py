"""ninjs 2.2, for those who do not read 3 yet: its names are in lower case, and what is linked has a name but no relation."""

from collections.abc import Iterator
from typing import Any

import orjson

from cms.feeds import ninjs_item, rows
from cms.feeds.bulletin import Bulletin

CONTENT_TYPE = ninjs_item.CONTENT_TYPE

STANDARD = {"name": "ninjs", "version": "2.2", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_2.2.json"}
_RENAMED = {"embargoedUntil": "embargoed"}


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """UTF-8, for any text, a story at a time."""
    if bulletin.alone:
        for item in bulletin.items:
            yield orjson.dumps({"standard": STANDARD, **_older(ninjs_item.one(bulletin, item))})
        return
    head, associations = ninjs_item.composite(bulletin)
    yield from rows.json({"standard": STANDARD, **_older(head)}, "associations", map(_older, associations))


def _older(item: ninjs_item.Members) -> ninjs_item.Members:
    return {
        _RENAMED.get(name, name.lower()): [_associated(one) for one in value]
        if name == "associations"
        else _lowered(value)
        for name, value in item.items()
    }


def _associated(item: ninjs_item.Members) -> ninjs_item.Members:
    return _older({name: value for name, value in item.items() if name != "rel"})


def _lowered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.lower(): _lowered(one) for name, one in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list) else value
