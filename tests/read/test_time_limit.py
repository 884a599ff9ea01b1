"""A question that the database cannot answer in time is ended there, and said to be so; the next one is answered."""

import time
from pathlib import Path

import asyncpg
import pytest

from cms.models import RelatedLink
from tests import house
from tests.web import Web, serving

# every story linked to every other, three steps deep, and that fourteen times
LINKED = """{{ articles(first: 100) {{ nodes {{ {} }} }} }}""".format(
    " ".join(
        f"a{n}: related(first: 100) {{ article {{ related(first: 100) {{ title article {{ url }} }} }} }}"
        for n in range(14)
    )
)
LATEST = "{ articles { nodes { headline } } }"
BOTH_DOORS = (LATEST, "{ viewer { kind } articles { nodes { headline } } }")


async def _unavailable(web: Web, document: str) -> None:
    began = time.monotonic()
    error = await web.refused(document)
    assert error == {"code": "UNAVAILABLE", "retryAfter": 2}
    assert 0.8 < time.monotonic() - began < 5


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize("document", BOTH_DOORS, ids=["fast path", "executor"])
async def test_a_read_that_waits_too_long_is_ended_in_the_database(
    database: str, tmp_path: Path, document: str
) -> None:
    async with serving(database, f"file:{tmp_path}/media", statement_seconds=1) as web:
        await house.section("World")
        await house.live(headline="Rice")
        blocker = await asyncpg.connect(database)
        try:
            holding = blocker.transaction()
            await holding.start()
            await blocker.execute("LOCK TABLE article IN ACCESS EXCLUSIVE MODE")
            await _unavailable(web, document)
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            assert await blocker.fetchval(waiting) == 0
            await holding.rollback()
        finally:
            await blocker.close()
        assert (await web.ask(LATEST))["articles"]["nodes"] == [{"headline": "Rice"}]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_read_that_computes_too_long_is_ended_in_the_database(database: str, tmp_path: Path) -> None:
    async with serving(database, f"file:{tmp_path}/media", statement_seconds=1, max_cost=10**9) as web:
        await house.section("World")
        made = [await house.live() for _ in range(60)]
        pairs = [(one, other, n) for one in made for n, other in enumerate(made) if other != one]
        await RelatedLink.bulk_create(
            RelatedLink(article_id=one, target_id=other, kind="RELATED", position=n) for one, other, n in pairs
        )
        await _unavailable(web, LINKED)
        assert len((await web.ask(LATEST))["articles"]["nodes"]) == 20
