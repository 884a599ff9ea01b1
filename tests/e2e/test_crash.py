"""The server is killed between the commit of a write and its answer: whoever asks again gets what was done, once."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms.actions import accounts
from cms.actor import SYSTEM
from cms.db import sqlite_path
from cms.models import Article, IdempotentRequest, Revision
from cms.settings import Settings
from tests import house
from tests.e2e.product import Product, started

pytestmark = pytest.mark.slow

CREATE = """mutation($input: CreateArticleInput!) { createArticle(input: $input) {
  article { id version headline } errors { code } } }"""
STORY = {"headline": "Once", "section": "world", "summary": "It happened once."}
PATIENCE_S = 20

# storing the answer takes for ever; what the verb wrote is committed by then
HANGS = {
    "postgres": """CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END';
      CREATE TRIGGER hang BEFORE UPDATE ON idempotent_request FOR EACH ROW WHEN (NEW.answer IS NOT NULL)
      EXECUTE FUNCTION hang()""",
    "sqlite": """CREATE VIEW ever AS WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000000000)
      SELECT count(*) AS n FROM n;
      CREATE TRIGGER hang BEFORE UPDATE ON idempotent_request WHEN NEW.answer IS NOT NULL
      BEGIN SELECT n FROM ever; END""",
}
GOES_ON = {
    "postgres": "DROP TRIGGER hang ON idempotent_request; DROP FUNCTION hang",
    "sqlite": "DROP TRIGGER hang; DROP VIEW ever",
}


async def test_a_write_whose_answer_was_lost_in_a_crash_is_answered_again_and_done_once(
    database: str, tmp_path: Path
) -> None:
    secret = await _furnished(database)
    settings = {"database_url": database, "storage_url": f"file:{tmp_path}/media", "worker": "off"}
    await _run(database, HANGS)
    with started(tmp_path, "serve", **settings) as server:
        asking = asyncio.create_task(_asked(server, secret, PATIENCE_S))
        await _until(lambda: _saved(database))
        server.kill()
        with pytest.raises(httpx.TransportError):
            await asking
    await _run(database, GOES_ON)
    await _minute_passes(database)
    with started(tmp_path, "serve", **settings) as server:
        first, again = [await _asked(server, secret, PATIENCE_S) for _ in range(2)]
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    made = first.json()["data"]["createArticle"]
    assert (made["article"]["version"], made["article"]["headline"], made["errors"]) == (1, "Once", [])
    async with house.opened(database):
        assert [f"article_{one.id}" for one in await Article.all()] == [made["article"]["id"]]
        assert await Revision.all().count() == 1


async def _furnished(database: str) -> str:
    """A section, and an editor's key."""
    async with house.opened(database):
        await house.section("World")
        return (await accounts.create_key(SYSTEM, "Desk", user=(await house.staff("EDITOR")).user_id)).secret


async def _asked(server: Product, secret: str, seconds: float) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "once"}
    async with httpx.AsyncClient(timeout=seconds, headers=headers) as client:
        return await client.post(f"{server.url}/graphql", json={"query": CREATE, "variables": {"input": STORY}})


async def _run(database: str, texts: dict[str, str]) -> None:
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(Settings(database_url=database)))) as file:
            file.executescript(texts["sqlite"])
        return
    connection = await asyncpg.connect(database)
    await connection.execute(texts["postgres"])
    await connection.close()


async def _saved(database: str) -> bool:
    """Is the story committed?"""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(Settings(database_url=database)))) as file:
            return bool(file.execute("SELECT count(*) FROM article").fetchone()[0])
    connection = await asyncpg.connect(database)
    found = await connection.fetchval("SELECT count(*) FROM article")
    await connection.close()
    return bool(found)


async def _minute_passes(database: str) -> None:
    """The lease of the request that was cut off ends; nothing had been stored as its answer."""
    EXECUTOR_CACHE.clear()  # see tests.conftest
    async with house.opened(database):
        row = await IdempotentRequest.get()
        assert (row.answer, len(row.outcome)) == (None, 1)
        await IdempotentRequest.all().update(lease_until=house.hours(-1))


async def _until(holds: Callable[[], Awaitable[Any]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
