"""Reading on PostgreSQL: statements planned before they are needed, and standbys whose answers are never behind their token.

A statement that tells the port at which it is answered shows who answers.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from cms import db
from cms.db.postgres import KNOWN
from cms.db.replicas import AHEAD_S, Mark, _Standby
from cms.errors import Unavailable
from cms.read import freshness
from cms.read.freshness import Freshness
from cms.settings import BadSetting, Settings
from tests import house, services
from tests.cms.test_database import hang_up
from tests.line import line
from tests.schema.conftest import signed_in
from tests.services import postgres
from tests.services.postgres import Standby
from tests.web import serving

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)

WHO = "SELECT inet_server_port()::text"
TAGS = "SELECT count(*) || ' ' || inet_server_port() FROM tag"
SLUGS = "SELECT coalesce(min(slug), '') FROM tag WHERE slug = $1::text"
SESSIONS = """SELECT count(*) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'dateline reads'"""
# slow enough that reads at once are on a connection each
PLANS = """SELECT coalesce(sum(generic_plans)::text, 'none') FROM pg_prepared_statements, pg_sleep(0.05)
  WHERE statement = $1::text"""
WITHIN_S = 10


@pytest.fixture(scope="module")
def standby() -> Iterator[Standby]:
    with postgres.standby(services.address("postgres")) as made:
        yield made


def port(url: str) -> str:
    return str(urlsplit(url).port)


def name(url: str) -> str:
    return urlsplit(url).path


class Readers:
    """An open database with standbys, and what this process knows of its content."""

    def __init__(self, database: db.Database, fresh: Freshness):
        self.database, self._fresh = database, fresh

    async def token(self) -> str:
        """Of the content as it is after the last change of this process."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                if (token := self._fresh.token()) is not None:
                    return token
                await asyncio.sleep(0.001)

    async def read(self, sql: str = WHO) -> str:
        return await self.database.fetch(sql, (), await self.token())

    async def answered_at(self, wanted: str) -> None:
        """Returns once a read is answered there."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                if await self.read() == wanted:
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def reading(
    database: str, *standbys: str, pool_size: int = 8, statement_seconds: int = 5
) -> AsyncIterator[Readers]:
    settings = Settings(
        database_url=database,
        read_database_urls=", ".join(standbys),
        pool_size=pool_size,
        statement_seconds=statement_seconds,
    )
    async with db.open_database(settings) as opened, freshness.watching(settings) as fresh:
        yield Readers(opened, fresh)


async def told(url: str, sql: str) -> str:
    """What a server says by itself."""
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(sql))
    finally:
        await connection.close()


async def there(standby: Standby, database: str) -> str:
    """The URL of this database on the standby, once it is there."""
    url = standby.url + name(database)
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                await told(url, "SELECT 1")
                return url
            except asyncpg.InvalidCatalogNameError:
                await asyncio.sleep(0.01)


# --------------------------------------------------------------------------------------------------------- who answers


async def test_a_read_with_a_token_is_answered_by_the_standby_and_one_without_by_the_primary(
    database: str, standby: Standby
) -> None:
    url = await there(standby, database)
    async with reading(database, url) as readers:
        assert await told(url, SESSIONS) == "0"
        await readers.answered_at(port(url))
        assert {await readers.read() for _ in range(20)} == {port(url)}
        assert {await readers.database.fetch(WHO, ()) for _ in range(20)} == {port(database)}
        assert await told(url, SESSIONS) == "1"
    assert await told(url, SESSIONS) == "0"


async def test_staff_read_the_primary_whatever_they_ask_and_readers_the_standby(
    database: str, tmp_path: Path, standby: Standby
) -> None:
    url = await there(standby, database)
    async with serving(database, f"file:{tmp_path}", read_database_urls=url, answer_cache_mb=0) as web:
        editor = await signed_in(web, "EDITOR")
        for _ in range(20):
            await editor.ask("{ articles { totalCount } }")
        assert await told(url, SESSIONS) == "0"
        async with asyncio.timeout(WITHIN_S):
            while await told(url, SESSIONS) == "0":
                assert await web.ask("{ articles { totalCount } }") == {"articles": {"totalCount": 0}}


async def test_a_change_is_seen_by_the_next_read_whoever_answers_it(database: str, standby: Standby) -> None:
    url = await there(standby, database)
    async with reading(database, url) as readers:
        answered = set()
        for made in range(1, 6):
            await house.tag(f"Tag {made}")
            for _ in range(20):
                found, who = (await readers.read(TAGS)).split()
                assert int(found) == made
                answered.add(who)
                await asyncio.sleep(0.02)
    assert answered == {port(url), port(database)}


async def test_a_standby_that_does_not_replay_is_not_asked_until_it_does(database: str, standby: Standby) -> None:
    url = await there(standby, database)
    async with reading(database, url) as readers:
        await readers.answered_at(port(url))
        await told(url, "SELECT pg_wal_replay_pause()")
        try:
            await house.tag("Rice")
            for _ in range(30):
                assert await readers.read(TAGS) == f"1 {port(database)}"
                await asyncio.sleep(0.01)
            assert await told(url, "SELECT count(*) FROM tag") == "0"
        finally:
            await told(url, "SELECT pg_wal_replay_resume()")
        await readers.answered_at(port(url))
        assert await readers.read(TAGS) == f"1 {port(url)}"


async def test_a_standby_that_is_killed_costs_no_request_and_comes_back(database: str, standby: Standby) -> None:
    url = await there(standby, database)
    answered: list[str] = []

    async def visit(readers: Readers) -> None:
        while True:
            answered.append(await readers.read("SELECT inet_server_port()::text FROM pg_sleep(0.002)"))

    async with reading(database, url) as readers:
        await readers.answered_at(port(url))
        visits = [asyncio.create_task(visit(readers)) for _ in range(8)]
        await asyncio.sleep(0.2)
        before = len(answered)
        try:
            await asyncio.to_thread(standby.kill)
            await asyncio.sleep(0.3)
        finally:
            await asyncio.to_thread(standby.start)
        await readers.answered_at(port(url))
        await asyncio.sleep(0.1)
        assert [task for task in visits if task.done()] == []
        for task in visits:
            task.cancel()
        await asyncio.gather(*visits, return_exceptions=True)
    assert set(answered[:before]) == {port(url)}
    assert answered.count(port(database)) > 20
    assert answered[-1] == port(url)


async def test_a_standby_out_of_reach_from_the_start_keeps_nothing_from_working(database: str) -> None:
    nowhere = f"postgresql://newsroom@127.0.0.1:{services.free_ports(1)}{name(database)}"
    async with reading(database, nowhere) as readers:
        for _ in range(20):
            assert await readers.read() == port(database)
            await asyncio.sleep(0.01)
        await readers.database.warm([TAGS])
        assert await readers.read(TAGS) == f"0 {port(database)}"


async def test_standbys_take_turns_and_one_that_is_cut_off_is_passed_over(database: str, standby: Standby) -> None:
    url = await there(standby, database)
    came_by = "SELECT inet_client_port()::text"  # each line has its own way to the server
    async with line(url) as one, line(url) as other, reading(database, one.url, other.url, pool_size=1) as readers:
        direct = await readers.database.fetch(came_by, ())
        async with asyncio.timeout(WITHIN_S):
            ways: set[str] = set()
            while direct in ways or len(ways) < 2:
                await asyncio.sleep(0.01)
                ways = {await readers.read(came_by) for _ in range(4)}
        assert {await readers.read(came_by) for _ in range(10)} == ways
        await one.cut()
        assert {await readers.read() for _ in range(10)} == {port(url)}
        assert len({await readers.read(came_by) for _ in range(10)}) == 1


async def test_a_server_that_follows_nobody_is_no_standby(database: str) -> None:
    async with line(database) as itself, reading(database, itself.url, pool_size=1) as readers:
        direct = await readers.database.fetch("SELECT inet_client_port()::text", ())
        for _ in range(20):
            assert await readers.read("SELECT inet_client_port()::text") == direct
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("off_s", "has"), [(0.0, "now"), (-AHEAD_S - 1, None), (60.0, None)])
async def test_a_clock_that_is_behind_or_runs_ahead_keeps_a_standby_out(
    database: str, standby: Standby, off_s: float, has: str | None
) -> None:
    """`off_s` is how far the primary's clock is ahead of the standby's."""
    url = await there(standby, database)
    async with db.open_database(Settings(database_url=url)) as opened:
        asked = _Standby("standby", opened._reads)  # type: ignore[arg-type]
        clock = float(await told(url, "SELECT extract(epoch FROM clock_timestamp())"))
        await asked.ask(Mark("now", 0, clock + off_s, time.monotonic()))
        assert asked.has == has


async def test_a_statement_that_takes_too_long_on_the_standby_is_not_begun_again(
    database: str, standby: Standby
) -> None:
    url = await there(standby, database)
    async with reading(database, url, statement_seconds=1) as readers:
        await readers.answered_at(port(url))
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await readers.read("SELECT pg_sleep(30)::text")
        assert time.monotonic() - began < 1.9
        assert await readers.read() == port(url)


async def test_addresses_of_no_use_are_refused(database: str) -> None:
    for first, second in ((database, "mysql://a@b/c"), (database, "postgresql://host"), ("sqlite:///x", database)):
        with pytest.raises(BadSetting, match="DATELINE_READ_DATABASE_URLS"):
            async with reading(first, second):
                pass


# ----------------------------------------------------------------------------------------------- statements kept planned


async def test_known_statements_are_planned_on_every_connection_and_on_those_that_replace_them(database: str) -> None:
    async with reading(database, pool_size=4) as readers:

        async def planned() -> list[str]:
            """How many plans each connection has for it."""
            return await asyncio.gather(*(readers.database.fetch(PLANS, (SLUGS,)) for _ in range(4)))

        assert await planned() == ["none"] * 4
        await readers.database.warm([SLUGS])
        assert await planned() == ["1"] * 4
        await hang_up(database, "application_name = 'dateline reads'")
        await asyncio.sleep(0.05)
        assert await planned() == ["1"] * 4
        assert await readers.database.fetch(SLUGS, ("rice",)) == ""
        assert sorted(await planned()) == ["1", "1", "1", "2"]


async def test_a_known_statement_that_fails_later_keeps_no_connection_from_serving(database: str) -> None:
    async with reading(database, pool_size=2) as readers:
        await told(database, "CREATE TABLE short_lived AS SELECT 'x' AS word")
        await readers.database.warm(["SELECT word FROM short_lived", SLUGS])
        await told(database, "DROP TABLE short_lived")
        await hang_up(database, "application_name = 'dateline reads'")
        await asyncio.sleep(0.05)
        assert await readers.database.fetch(PLANS, (SLUGS,)) == "1"


async def test_only_so_many_statements_are_planned_beforehand(database: str) -> None:
    async with reading(database, pool_size=1) as readers:
        many = [f"SELECT '{n}' WHERE $1::text IS NULL" for n in range(KNOWN + 5)]
        await readers.database.warm(many)
        known = "SELECT count(*)::text FROM pg_prepared_statements WHERE statement LIKE '%IS NULL' AND statement NOT LIKE '%pg_prep%'"
        assert await readers.database.fetch(known, ()) == str(KNOWN)
        assert await readers.database.fetch(PLANS, (many[0],)) == "1"


async def test_a_long_statement_is_kept_too(database: str) -> None:
    async with reading(database, pool_size=1) as readers:
        long = f"SELECT '{'x' * 20_000}' || $1::text"
        for word in ("a", "b", "c"):
            assert (await readers.database.fetch(long, (word,)))[-1] == word
        assert await readers.database.fetch(PLANS, (long,)) == "3"
