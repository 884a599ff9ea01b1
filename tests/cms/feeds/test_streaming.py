"""What every format does alike: it goes out item by item."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cms.feeds.bulletin import Item
from cms.feeds.routes import FORMATS
from tests.cms.feeds.issue import ISSUE, STORY


@pytest.mark.parametrize("format", FORMATS)
def test_no_item_is_asked_for_before_the_one_ahead_of_it_is_out(format: str) -> None:
    asked = 0

    def items() -> Iterator[Item]:
        nonlocal asked
        for number in range(100):
            asked = number + 1
            yield replace(STORY, id=f"urn:uuid:{number}")

    out = b""
    for chunk in FORMATS[format].render(replace(ISSUE, items=items(), withdrawn=())):
        out += chunk
        assert out.count(b"urn:uuid:") >= asked - 1
        assert f"urn:uuid:{asked + 1}".encode() not in out
    assert asked == 100


@pytest.mark.parametrize("format", FORMATS)
def test_memory_does_not_grow_with_the_number_of_items(format: str) -> None:
    def peak(number: int) -> int:
        items = (replace(STORY, id=f"urn:uuid:{one}", html=STORY.html * 20) for one in range(number))
        tracemalloc.start()
        try:
            for _ in FORMATS[format].render(replace(ISSUE, items=items)):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(500) < peak(50) + 400_000  # 500 stories are 2 to 5 MB
