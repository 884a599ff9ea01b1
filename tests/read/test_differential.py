"""Every answer three ways: by the fast path, by the executor, and by a naive reading that shares no rule with the engine.

`TEST_DOCUMENTS` is how many documents each database is asked, each by three callers; `make drill` sets it high, and
`TEST_SEED` elsewhere.
"""

import os
from collections import Counter

import orjson
import pytest

from tests.read.desk import ACTORS, Desk
from tests.read.documents import Document, odd

DOCUMENTS = int(os.environ.get("TEST_DOCUMENTS", "200"))
SEED = int(os.environ.get("TEST_SEED", "0"))
NAMES = list(ACTORS)


@pytest.mark.slow
async def test_fast_path_executor_and_reference_agree_on_random_documents(desk: Desk) -> None:
    found: Counter[str] = Counter()
    for number in range(DOCUMENTS):
        text, variables = Document(desk.engine.core, desk.things, SEED + number).made()
        for turn in range(3):
            found[await desk.agreed(text, variables, ACTORS[NAMES[(number + 3 * turn) % len(NAMES)]])] += 1
    print(found)
    assert found["data"] > found.total() * 0.7
    assert found["BAD_REQUEST"] == 0


@pytest.mark.slow
async def test_they_agree_on_arguments_that_nobody_would_think_of(desk: Desk) -> None:
    found: Counter[str] = Counter()
    for number, (text, variables) in enumerate(odd(desk.engine.core, desk.things, DOCUMENTS, SEED)):
        for turn in range(2):
            found[await desk.agreed(text, variables, ACTORS[NAMES[(number + 4 * turn) % len(NAMES)]])] += 1
    print(found)
    assert found["data"] > found.total() * 0.15
    assert found["BAD_INPUT"] > 0
    assert found["BAD_CURSOR"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("who", ["anonymous", "contributor", "editor"])
async def test_pages_walk_the_whole_list_in_every_order_and_both_directions(desk: Desk, who: str) -> None:
    for order in ("PUBLISHED_AT_DESC", "PUBLISHED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC", "HEADLINE_ASC"):
        for size, turn, info in (
            ("first", "after", "hasNextPage endCursor"),
            ("last", "before", "hasPreviousPage startCursor"),
        ):
            document = f"""query P($at: String) {{ articles({size}: 19, {turn}: $at, orderBy: {order}) {{
                edges {{ cursor node {{ id }} }} nodes {{ slug }} totalCount
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
            at: str | None = None
            seen: list[str] = []
            while True:
                assert await desk.agreed(document, {"at": at}, ACTORS[who]) == "data"
                page = orjson.loads(await desk.told(document, {"at": at}, ACTORS[who]))["data"]["articles"]
                seen += [one["slug"] for one in page["nodes"]]
                more, at = (page["pageInfo"][name] for name in info.split())
                if not more:
                    break
            assert len(set(seen)) == len(seen) == page["totalCount"]
