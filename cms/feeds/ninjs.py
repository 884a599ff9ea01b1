"""ninjs 3.1, IPTC's news in JSON: a story by itself, or a feed of stories."""

from collections.abc import Iterator

import orjson

from cms.feeds import ninjs_item, rows
from cms.feeds.bulletin import Bulletin

CONTENT_TYPE = ninjs_item.CONTENT_TYPE

STANDARD = {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json"}


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """UTF-8, for any text, a story at a time."""
    if bulletin.alone:
        for item in bulletin.items:
            yield orjson.dumps({"standard": STANDARD, **ninjs_item.one(bulletin, item)})
        return
    head, associations = ninjs_item.composite(bulletin)
    yield from rows.json({"standard": STANDARD, **head}, "associations", associations)
