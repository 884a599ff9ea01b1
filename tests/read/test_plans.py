"""How the databases find what is asked, in a newsroom of a thousand stories: off indexes, never by reading all stories."""

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from cms.actor import ANONYMOUS
from cms.app import opened
from cms.settings import Settings
from cms.web.services import Services
from schema.engine import Engine
from schema.request import Asked
from schema.selection import shaped
from tests.bench.load import newsroom
from tests.read.test_golden import FOLDER, VARIABLES

STORIES = 1000


@pytest.fixture
async def full(database: str, tmp_path: Path) -> AsyncIterator[Services]:
    if database.startswith("sqlite:"):
        newsroom.into_sqlite(Path(database.removeprefix("sqlite:///")), STORIES)
    else:
        await newsroom.into_postgres(database, STORIES)
    async with opened(Settings(database_url=database, storage_url=f"file:{tmp_path}/media")) as services:
        yield services


async def test_no_document_of_the_golden_set_reads_all_stories(full: Services) -> None:
    engine, found = Engine(full), dict[str, list[str]]()
    for path in FOLDER.glob("*.graphql"):
        operation = engine.prepare(Asked(path.read_text()))
        variables = operation.coerce(VARIABLES)
        shape = operation.fast(shaped(variables))
        assert shape is not None, path.name
        plan = full.reader.plan(shape, ANONYMOUS)
        found[path.stem] = await reading_all(full.settings, plan.sql, plan.parameters(variables, ANONYMOUS))
    assert found == {path.stem: [] for path in FOLDER.glob("*.graphql")}
    assert found


async def test_a_statement_that_reads_all_stories_is_noticed(full: Services) -> None:
    sql = "SELECT slug FROM article t0 WHERE summary = 'There is no index for this.'"
    assert await reading_all(full.settings, sql, []) == ["t0"]
    assert await reading_all(full.settings, "SELECT path FROM article t0 WHERE slug = 'this-one'", []) == []


async def reading_all(settings: Settings, sql: str, values: list[Any]) -> list[str]:
    """The names under which the table of stories is read from end to end, but for counting: a total is made of all rows."""
    if settings.embedded:
        return _on_sqlite(settings.database_url.removeprefix("sqlite:///"), sql, values)
    # as the product's own connections and docs/performance.md have it
    given = {"plan_cache_mode": "force_generic_plan", "random_page_cost": "1.1"}
    connection = await asyncpg.connect(settings.database_url, server_settings=given)
    try:
        told = orjson.loads(await connection.fetchval(f"EXPLAIN (VERBOSE, FORMAT JSON) {sql}", *values))
    finally:
        await connection.close()
    steps = _steps(told[0]["Plan"], counting=False)
    return [one["Alias"] for one in steps if "Seq Scan" in one["Node Type"] and one["Relation Name"] == "article"]


def _steps(step: dict[str, Any], *, counting: bool) -> Iterator[dict[str, Any]]:
    """This step of a plan and all below it, without those that only feed count(*)."""
    counting = counting or (step["Node Type"] == "Aggregate" and step["Output"] in (["count(*)"], ["PARTIAL count(*)"]))
    if not counting:
        yield step
    for below in step.get("Plans", ()):
        yield from _steps(below, counting=counting)


def _on_sqlite(file: str, sql: str, values: list[Any]) -> list[str]:
    connection = sqlite3.connect(file)
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    connection.close()
    names = re.findall(r'\barticle"? (\w+)', sql)
    scan = re.compile(rf"SCAN ({'|'.join(names)})( (?!USING).*)?")
    return [found[1] for found in map(scan.fullmatch, steps) if found]
