"""The database: migrated once, opened as promised, and missed in plain words when it is away."""

import asyncio
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.connection import get_connection

from cms import db
from cms.db.faults import fault
from cms.errors import Unavailable
from cms.models import Tag
from cms.settings import BadSetting, Settings
from tests import house, services
from tests.line import line

COUNT = "SELECT count(*) || '' FROM tag"
# runs for longer than any statement may
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
    "postgres": "SELECT pg_sleep(30)::text",
}
MIGRATE = """
import asyncio, sys
from cms import db
from cms.settings import Settings
print(*asyncio.run(db.migrate(Settings(database_url=sys.argv[1]))))
"""
# another process in the middle of a change, for as long as its input stays open
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO tag (id, version, slug, name, visible_from) VALUES ('0', 1, 'other', 'Other', '2026')")
print("writing", flush=True)
sys.stdin.read()
connection.execute("COMMIT")
"""


async def python(program: str, *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", program, *arguments]
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=services.ROOT)


async def on_the_server(statement: str, database: str, *values: object) -> None:
    connection = await asyncpg.connect(f"{services.address('postgres')}/{database}")
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def hang_up(url: str, among: str = "true") -> None:
    """The server ends all other sessions of this database."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    await on_the_server(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others} AND {among}", url.rpartition("/")[2]
    )


async def running(url: str) -> None:
    """Returns once a statement of some seconds runs there."""
    connection = await asyncpg.connect(url)
    seen = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    try:
        async with asyncio.timeout(5):
            while not await connection.fetchval(seen):
                pass
    finally:
        await connection.close()


@pytest.fixture
async def unmigrated(database: str, tmp_path: Path) -> str:
    """The URL of a database without a table."""
    if database.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/folder/empty.sqlite3"
    name = f"empty_{uuid4().hex}"
    await on_the_server(f'CREATE DATABASE "{name}"', "postgres")
    return f"{database.rpartition('/')[0]}/{name}"


# --------------------------------------------------------------------------------------------------------- migrations


async def test_migrating_twice_is_migrating_once(unmigrated: str) -> None:
    settings = Settings(database_url=unmigrated)
    assert (await db.migrate(settings))[0] == "0001_initial"
    assert await db.migrate(settings) == []
    async with db.open_database(settings):
        assert await db.pending(settings) == []
        assert await Tag.all().count() == 0


async def test_two_processes_that_migrate_at_once_do_it_once(unmigrated: str) -> None:
    both = [await python(MIGRATE, unmigrated) for _ in range(2)]
    async with asyncio.timeout(60):
        told = [(await one.communicate())[0].decode().split() for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(name[:4] for names in told for name in names).count("0001") == 1
    assert await db.migrate(Settings(database_url=unmigrated)) == []


async def test_pending_migrations_are_named(unmigrated: str) -> None:
    if unmigrated.startswith("sqlite"):
        path = db.sqlite_path(Settings(database_url=unmigrated))
        path.parent.mkdir()
        path.touch()
    settings = Settings(database_url=unmigrated)
    async with db.open_database(settings):
        assert (await db.pending(settings))[0] == "0001_initial"


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        async with db.open_database(Settings(database_url=f"sqlite:///{tmp_path}/none/at/all.sqlite3")):
            pass
    free = services.free_ports(1)
    with pytest.raises(Unavailable):
        async with db.open_database(Settings(database_url=f"postgresql://newsroom@127.0.0.1:{free}/newsroom")):
            pass


@pytest.mark.parametrize(
    "url", ["", "sqlite:///", "sqlite:dateline.sqlite3", "mysql://root@host/x", "postgresql:///x", "postgresql://host"]
)
async def test_an_address_that_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(BadSetting):
        db.config(Settings(database_url=url))


async def test_what_fails_while_the_database_is_open_keeps_its_name(database: str) -> None:
    with pytest.raises(FileNotFoundError):
        async with db.open_database(Settings(database_url=database)):
            raise FileNotFoundError("a photo that was to be imported")


# ------------------------------------------------------------------------------------------------------ how it is open


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_sqlite_keeps_what_it_acknowledged_and_lets_readers_read(newsroom: db.Database) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    rows = [await get_connection("default").execute_query_dict(f"PRAGMA {name}") for name in asked]
    assert [next(iter(row.values())) for (row,) in rows] == ["wal", 2, 1, 5000]  # 2 is FULL


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_reading_connection_of_sqlite_writes_nothing(newsroom: db.Database) -> None:
    made = await house.tag("Rice")
    with pytest.raises(Unavailable):
        await newsroom.fetch("DELETE FROM tag RETURNING slug", ())
    assert await Tag.filter(id=made).exists()


async def test_a_read_sees_what_is_committed_and_only_that(newsroom: db.Database) -> None:
    assert await newsroom.fetch(COUNT, ()) == "0"
    async with db.transaction():
        await Tag.create(slug="rice", name="Rice")
        assert await newsroom.fetch(COUNT, ()) == "0"
    assert await newsroom.fetch(COUNT, ()) == "1"
    with suppress(ZeroDivisionError):
        async with db.transaction():
            await Tag.create(slug="wheat", name="Wheat")
            raise ZeroDivisionError
    assert await newsroom.fetch(COUNT, ()) == "1"


async def test_read_statements_are_counted_where_they_run(newsroom: db.Database) -> None:
    await newsroom.fetch(COUNT, ())
    with db.statements() as seen:
        await newsroom.fetch(COUNT, ())
        await asyncio.create_task(newsroom.fetch("SELECT 'x'", ()))
    await newsroom.fetch(COUNT, ())
    assert seen == [COUNT, "SELECT 'x'"]


# ----------------------------------------------------------------------------------------------------- slow, lost, back


async def test_a_statement_that_takes_too_long_is_ended_and_the_next_one_runs(database: str) -> None:
    async with house.opened(database, statement_seconds=1) as newsroom:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await newsroom.fetch(ENDLESS[newsroom.dialect], ())
        assert 0.9 < time.monotonic() - began < 4
        assert await newsroom.fetch(COUNT, ()) == "0"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_write_that_takes_too_long_is_ended_too(database: str) -> None:
    async with house.opened(database, statement_seconds=1):
        with pytest.raises(asyncpg.QueryCanceledError) as ended:
            await get_connection("default").execute_query(ENDLESS["postgres"])
        assert isinstance(fault(ended.value), Unavailable)
        await house.tag("Rice")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_sessions_that_the_server_ended_are_replaced(newsroom: db.Database, database: str) -> None:
    await asyncio.gather(*(newsroom.fetch("SELECT pg_sleep(0.05)::text", ()) for _ in range(8)), newsroom.ping())
    await hang_up(database)
    await asyncio.sleep(0.05)
    assert await asyncio.gather(*(newsroom.fetch(COUNT, ()) for _ in range(8))) == ["0"] * 8
    await house.tag("Rice")
    await newsroom.ping()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_read_whose_session_is_ended_is_unavailable(newsroom: db.Database, database: str) -> None:
    read = asyncio.create_task(newsroom.fetch(ENDLESS["postgres"], ()))
    await running(database)
    await hang_up(database, "query LIKE '%pg_sleep%'")
    with pytest.raises(Unavailable):
        await read
    assert await newsroom.fetch(COUNT, ()) == "0"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_change_whose_session_is_ended_did_not_happen(newsroom: db.Database, database: str) -> None:
    async def change() -> None:
        async with db.transaction():
            await Tag.create(slug="rice", name="Rice")
            await get_connection("default").execute_query(ENDLESS["postgres"])

    write = asyncio.create_task(change())
    await running(database)
    await hang_up(database, "query LIKE '%pg_sleep%'")
    with pytest.raises(Exception) as ended:  # noqa: PT011 - the driver's own, whichever it is: what counts is what it means
        await write
    assert isinstance(fault(ended.value), Unavailable)
    assert await Tag.all().count() == 0
    await house.tag("Rice")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_database_that_was_away_is_found_again_without_a_restart(database: str) -> None:
    async with line(database) as connected, house.opened(connected.url) as newsroom:
        await house.tag("Rice")
        await connected.cut()
        for _ in range(3):
            with pytest.raises(Unavailable):
                await newsroom.fetch(COUNT, ())
            with pytest.raises(Unavailable):
                await newsroom.ping()
        await connected.mend()
        assert await newsroom.fetch(COUNT, ()) == "1"
        await newsroom.ping()
        await house.tag("Wheat")
        assert await newsroom.fetch(COUNT, ()) == "2"


async def test_a_change_that_is_given_up_at_any_moment_keeps_nothing(newsroom: db.Database) -> None:
    async def change(number: int) -> None:
        async with db.transaction():
            await db.lock(UUID(int=number))
            await Tag.create(slug=f"tag-{number}", name="Rice")

    moments = count()
    given_up = done = 0
    while done < 5:  # by then it was given up at each of its steps
        moment = next(moments)
        try:
            async with asyncio.timeout(moment * 0.00004):
                await change(moment)
            done += 1
        except TimeoutError:
            given_up += 1
    assert given_up > 8  # more than there are connections
    async with asyncio.timeout(5):
        await asyncio.gather(*(change(10_000 + number) for number in range(16)))
    assert await Tag.filter(slug__in=[f"tag-{10_000 + n}" for n in range(16)]).count() == 16


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_second_process_that_writes_to_sqlite_is_waited_for(newsroom: db.Database, database: str) -> None:
    other = await python(WRITER, database.removeprefix("sqlite:///"))
    assert other.stdout
    assert (await other.stdout.readline()).strip() == b"writing"
    mine = asyncio.create_task(house.tag("Rice"))
    await asyncio.sleep(0.3)
    assert not mine.done()
    assert await newsroom.fetch(COUNT, ()) == "0"  # readers do not wait
    await other.communicate(b"")
    await mine
    assert other.returncode == 0
    assert await newsroom.fetch(COUNT, ()) == "2"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_second_process_that_never_ends_its_change_makes_writing_unavailable(
    newsroom: db.Database, database: str
) -> None:
    other = await python(WRITER, database.removeprefix("sqlite:///"))
    assert other.stdout
    await other.stdout.readline()
    await get_connection("default").execute_query("PRAGMA busy_timeout = 100")
    with pytest.raises(Exception, match="locked") as refused:
        await house.tag("Rice")
    assert isinstance(fault(refused.value), Unavailable)
    assert await newsroom.fetch(COUNT, ()) == "0"
    await other.communicate(b"")
    await house.tag("Rice")
    assert await newsroom.fetch(COUNT, ()) == "2"
