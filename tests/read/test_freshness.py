"""What stands for the content: it changes with every change and at every hour that hides or shows something, and is not known
where that might go unheard."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection

from cms import db, worker
from cms.actions import accounts, articles, collections, photos, publishing, related, taxonomy
from cms.actor import SYSTEM
from cms.db import listen
from cms.db.clock import NOW, now
from cms.models import Article, Tag
from cms.read import freshness
from cms.read.freshness import HORIZON, YEAR_S, Freshness
from cms.settings import Settings
from tests import house, services
from tests.line import Line, line

POSTGRES = pytest.mark.parametrize("database", ["postgres"], indirect=True)
OTHER_PROCESS = """
import asyncio, sys
from cms import db
from cms.actions import taxonomy
from cms.actor import SYSTEM
from cms.settings import Settings

async def main():
    async with db.open_database(Settings(database_url=sys.argv[1])):
        await taxonomy.save_tag(SYSTEM, {"name": "Rice"})

asyncio.run(main())
"""
REFUSED_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON tag DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
"""
VISIBLE = "SELECT count(*) || '' FROM article WHERE live_from <= {now}"


def at(database: str) -> AbstractAsyncContextManager[Freshness]:
    return freshness.watching(Settings(database_url=database))


@asynccontextmanager
async def watched(database: str) -> AsyncIterator[tuple[db.Database, Freshness]]:
    async with house.opened(database) as newsroom, at(database) as fresh:
        yield newsroom, fresh


@pytest.fixture
async def fresh(database: str) -> AsyncIterator[Freshness]:
    async with watched(database) as (_, made):
        yield made


async def known(fresh: Freshness, other_than: str | None = None, seconds: float = 8) -> str:
    """The token as soon as there is one, and not this one."""
    async with asyncio.timeout(seconds):
        while (token := fresh.token()) is None or token == other_than:  # noqa: ASYNC110 - what is watched has no event
            await asyncio.sleep(0.001)
    return token


async def unknown(fresh: Freshness, seconds: float = 8) -> None:
    """Returns as soon as there is none."""
    async with asyncio.timeout(seconds):
        while fresh.token() is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def on_the_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def hang_up(url: str, application: str) -> None:
    among = f"datname = current_database() AND application_name = '{application}'"
    await on_the_server(url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {among}")


# ------------------------------------------------------------------------------------------------------------- changes


async def test_as_long_as_nothing_happens_the_token_stays(fresh: Freshness) -> None:
    token = fresh.token()
    assert token is not None
    for _ in range(20):
        await asyncio.sleep(0.005)
        assert fresh.token() == token


async def test_every_verb_changes_it_before_it_returns(fresh: Freshness) -> None:
    """Whoever made a change is never given what was kept before."""
    section, story, other = await house.section(), await house.live(), await house.live()
    photo, user = await house.photo(), (await house.staff("EDITOR")).user_id
    verbs: dict[str, Callable[[], Awaitable[Any]]] = {
        "a story is written": lambda: articles.create(
            SYSTEM, {"headline": "New", "section": "world", "body": house.paragraphs("It is.")}
        ),
        "a story is changed": lambda: articles.update(SYSTEM, story, 2, {"headline": "Another"}),
        "links": lambda: related.set_links(SYSTEM, story, 3, [{"article": other}]),
        "unpublished": lambda: publishing.unpublish(SYSTEM, other, 2),
        "a photo": lambda: photos.update(SYSTEM, photo, 1, {"caption": "Rain."}),
        "a section": lambda: taxonomy.save_section(SYSTEM, {"name": "The World"}, section, 1),
        "a tag": lambda: taxonomy.save_tag(SYSTEM, {"name": "Rice"}),
        "a list": lambda: collections.save(SYSTEM, {"title": "Home", "items": [{"article": story}]}),
        "an author": lambda: taxonomy.save_author(SYSTEM, {"name": "Ada Merrow"}),
        "a user's name": lambda: accounts.save_user(SYSTEM, {"name": "Jo Holm"}, id=user, version=1),
    }
    seen = [await known(fresh)]
    for verb in verbs.values():
        await verb()
        assert fresh.token() not in seen
        seen.append(await known(fresh))
    assert len(set(seen)) == len(verbs) + 1


async def test_a_change_of_another_process_changes_it(fresh: Freshness, database: str) -> None:
    before = await known(fresh)
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER_PROCESS, database, cwd=services.ROOT)
    assert await known(fresh, other_than=before, seconds=30) != before
    assert await Tag.all().count() == 1
    assert await other.wait() == 0


async def test_what_is_rolled_back_or_changes_nothing_leaves_it(fresh: Freshness) -> None:
    """On SQLite too: what was rolled back never reached the log that others read."""
    before = await known(fresh)
    with suppress(ZeroDivisionError):
        async with db.transaction():
            await Tag.create(slug="rice", name="Rice")
            raise ZeroDivisionError
    async with db.transaction():
        assert await Tag.all().count() == 0
    await asyncio.sleep(0.05)
    assert fresh.token() == before


async def test_a_worker_without_work_leaves_it(fresh: Freshness) -> None:
    before = await known(fresh)
    for _ in range(3):
        assert await worker.work_once() is False
    await asyncio.sleep(0.02)
    assert fresh.token() == before


@POSTGRES
async def test_a_sign_in_leaves_it(fresh: Freshness, database: str) -> None:
    user = await accounts.save_user(
        SYSTEM, {"name": "Jo", "email": "jo@desk.test", "role": "EDITOR", "password": "a long one, of words"}
    )
    assert user
    before = await known(fresh)
    settings = Settings(database_url=database)
    signed_in = await accounts.sign_in("jo@desk.test", "a long one, of words", settings=settings)
    await accounts.sign_out(signed_in.actor)
    await asyncio.sleep(0.05)
    assert fresh.token() == before


async def test_a_savepoint_is_told_with_its_transaction_and_not_before(fresh: Freshness) -> None:
    before = await known(fresh)
    with suppress(ZeroDivisionError):
        async with db.transaction():
            async with db.transaction():
                await Tag.create(slug="rice", name="Rice")
            raise ZeroDivisionError
    await asyncio.sleep(0.02)
    assert fresh.token() == before
    async with db.transaction():
        async with db.transaction():
            await Tag.create(slug="rice", name="Rice")
        await asyncio.sleep(0.02)
        assert fresh.token() == before
    assert fresh.token() != before


@POSTGRES
async def test_all_processes_have_the_same_token_from_the_first_change_on(fresh: Freshness, database: str) -> None:
    async with at(database) as other:
        assert await known(fresh) != await known(other)
        before = await known(fresh), await known(other)
        await house.tag("Rice")
        one, two = await known(fresh, before[0]), await known(other, before[1])
        assert one == two
        async with db.transaction():
            await house.photo(rights_until=await now() + timedelta(seconds=0.5))
        one, two = await known(fresh, one), await known(other, two)
        assert one == two
        assert await known(fresh, one) == await known(other, two)


async def test_a_reader_never_gets_under_a_token_what_is_older_than_it(database: str) -> None:
    """Kept answers, as a cache would hold them, against 40 changes at uneven distances: whoever asks after a change was
    made finds it."""
    kept: dict[str, int] = {}
    made = hits = 0

    async def write() -> None:
        nonlocal made
        for number in range(40):
            await house.tag(f"Tag {number}")
            made = number + 1
            await asyncio.sleep(0.002 * (number % 4))

    async def read(newsroom: db.Database, fresh: Freshness) -> None:
        nonlocal hits
        while made < 40:
            before, token = made, fresh.token()
            if token is not None and token in kept:
                hits += 1
                assert kept[token] >= before
            else:
                count = int(await newsroom.fetch("SELECT count(*) || '' FROM tag", ()))
                if token is not None:
                    kept.setdefault(token, count)
            await asyncio.sleep(0)

    async with watched(database) as (newsroom, fresh):
        await asyncio.gather(write(), read(newsroom, fresh), read(newsroom, fresh))
    assert hits > 0
    assert len(kept) > 5


# ------------------------------------------------------------------------------------------------------------- horizon


async def test_without_anything_ahead_it_lasts_a_year(fresh: Freshness) -> None:
    await house.section()
    await house.live()
    await house.article()
    await known(fresh)
    assert fresh.lasts_s() == YEAR_S


async def test_a_scheduled_story_changes_it_at_its_instant_without_a_write(database: str) -> None:
    async with watched(database) as (newsroom, fresh):
        visible = VISIBLE.format(now=NOW[newsroom.dialect])
        await house.section()
        story = await house.article()
        await publishing.publish(SYSTEM, story, 1, at=await now() + timedelta(seconds=1.5))
        before = await known(fresh)
        assert 0 < fresh.lasts_s() < 1.5
        seen: dict[str, set[str]] = {}
        async with asyncio.timeout(5):
            while len(seen) < 2:
                token = fresh.token()
                answer = await newsroom.fetch(visible, ())
                if token is not None and token == fresh.token():
                    seen.setdefault(token, set()).add(answer)
                await asyncio.sleep(0)
        after = next(token for token in seen if token != before)
        assert seen == {before: {"0"}, after: {"1"}}
        assert fresh.lasts_s() == YEAR_S


async def test_expiry_embargo_and_rights_change_it_too(fresh: Freshness) -> None:
    await house.section()
    story, embargoed, begun = await house.live(), await house.live(), await now()
    async with db.transaction():
        await Article.filter(id=story).update(live_until=begun + timedelta(seconds=1.0))
        await Article.filter(id=embargoed).update(embargo_until=begun + timedelta(seconds=1.3))
        await house.photo(rights_until=begun + timedelta(seconds=1.6))
    seen = [await known(fresh)]
    for _ in range(3):
        seen.append(await known(fresh, other_than=seen[-1]))
        assert await now() >= begun + timedelta(seconds=1.0 + 0.3 * (len(seen) - 2))
    assert len(set(seen)) == 4
    assert fresh.lasts_s() == YEAR_S


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_horizon_is_asked_for_once_a_change_and_not_by_requests(fresh: Freshness) -> None:
    """On PostgreSQL requests could not ask: they have no connection."""
    await known(fresh)
    watch = fresh._watch
    assert isinstance(watch, listen.SQLiteWatch)
    assert watch._connection
    asked: list[str] = []
    watch._connection.set_trace_callback(asked.append)
    for _ in range(1000):
        fresh.token()
    assert HORIZON["sqlite"] not in asked
    await house.tag("Rice")
    for _ in range(1000):
        fresh.token()
    assert asked.count(HORIZON["sqlite"]) == 1


async def test_the_horizon_is_read_off_indexes(fresh: Freshness, database: str) -> None:
    section, newest = await house.section(), await now()
    async with db.transaction():
        for number in range(1000):
            await house.photo()
            made = newest - timedelta(minutes=number)
            text: dict[str, Any] = {
                "slug": f"story-{number}",
                "path": f"world/story-{number}",
                "headline": "A story",
                "language": "en",
            }
            await Article.create(**text, section_id=section, live_from=made, created_at=made, updated_at=made)
    dialect: db.DialectName = "sqlite" if Settings(database_url=database).embedded else "postgres"
    words, shown = {"sqlite": ("QUERY PLAN", "detail"), "postgres": ("(COSTS OFF)", "QUERY PLAN")}[dialect]
    connection = get_connection("default")
    await connection.execute_script("ANALYZE")
    rows = await connection.execute_query_dict(f"EXPLAIN {words} {HORIZON[dialect]}")
    plan = "\n".join(str(row[shown]) for row in rows)
    looked_up = r"SEARCH (?:article|photo) USING (?:COVERING )?INDEX|Index (?:Only )?Scan"
    assert len(re.findall(looked_up, plan)) == 8, plan
    assert not re.search(r"Seq Scan|SCAN (article|photo)", plan), plan


# ---------------------------------------------------------------------------------------------------------- not heard


@POSTGRES
async def test_a_listener_that_is_ended_knows_nothing_until_it_listens_again(fresh: Freshness, database: str) -> None:
    first = await known(fresh)
    await house.tag("Rice")
    second = await known(fresh, first)
    await hang_up(database, "dateline watch")
    await unknown(fresh, seconds=1)
    assert fresh.lasts_s() == 0
    third = await known(fresh)
    assert third not in (first, second)
    await house.tag("Wheat")
    assert await known(fresh, third) not in (first, second)


@POSTGRES
async def test_a_change_while_nobody_listened_is_not_missed(database: str) -> None:
    async with line(database) as connected, house.opened(database), at(connected.url) as fresh:
        first = await known(fresh)
        await connected.cut()
        await unknown(fresh, seconds=1)
        await house.tag("Rice")
        assert fresh.token() is None
        await connected.mend()
        assert await known(fresh) != first


class Deaf(Line):
    """It takes everything and, from some moment on, passes nothing on: a network that lost its way."""

    deaf = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection(*self._there)
        self._open |= {writer, onward}

        async def pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                if not self.deaf:
                    sink.write(data)

        try:
            await asyncio.gather(pour(reader, onward), pour(there, writer))
        except OSError:
            pass
        finally:
            for one in (writer, onward):
                one.transport.abort()


@POSTGRES
async def test_a_line_that_died_without_a_word_is_not_believed_for_long(database: str) -> None:
    connected = Deaf(database)
    await connected.mend()
    async with house.opened(database), at(connected.url) as fresh:
        await known(fresh)
        connected.deaf = True
        await unknown(fresh, seconds=listen.GOOD_S + 1)
        connected.deaf = False
        await known(fresh, seconds=15)
    await connected.cut()
    await asyncio.sleep(0.05)


@POSTGRES
async def test_a_database_that_cannot_be_reached_at_first_is_found_later(database: str) -> None:
    async with line(database) as connected, house.opened(database):
        url = connected.url
        await connected.cut()
        async with at(url) as fresh:
            assert fresh.token() is None
            await connected.mend()
            await known(fresh)


@POSTGRES
async def test_a_process_that_slept_knows_nothing_when_it_wakes(fresh: Freshness) -> None:
    """What it was told meanwhile still waits to be read."""
    before = await known(fresh)
    time.sleep(listen.GOOD_S + 0.1)  # noqa: ASYNC251 - nothing else may run
    assert fresh.token() is None
    assert await known(fresh) == before


@POSTGRES
async def test_a_change_whose_commit_fails_keeps_nobody_waiting(fresh: Freshness, database: str) -> None:
    before = await known(fresh)
    await on_the_server(database, REFUSED_AT_COMMIT)
    with pytest.raises(Exception, match="not today"):
        await house.tag("Rice")
    assert await Tag.all().count() == 0
    assert fresh.token() == before


async def test_a_token_costs_microseconds(fresh: Freshness) -> None:
    """0.2 us on PostgreSQL, 4 on SQLite, where the file is asked (measured)."""
    await known(fresh)
    taken = []
    for _ in range(2000):
        began = time.perf_counter()
        fresh.token()
        taken.append(time.perf_counter() - began)
    median_us = statistics.median(taken) * 1e6
    print(f"token(): {median_us:.2f} us")
    assert median_us < 100
