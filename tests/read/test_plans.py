"""How the databases find what is asked, in a newsroom of a thousand stories: off indexes, never by reading all stories."""

import re
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from tortoise.connection import get_connection

from cms import ids
from cms.actor import ANONYMOUS, Actor
from cms.app import opened
from cms.models import Photo, PhotoLikeness
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


BROWSED = {
    "query": ('{query: "harbour ri"}', "photo_word"),
    "credit": ('{credit: "kcna via afp"}', "photo_word"),
    "keyword": ('{keyword: "Flood"}', "photo_word"),
    "person": ('{person: "Jane O\'Neil"}', "photo_word"),
    "unused": ("{unused: true}", "article_photo"),
    "used": ("{unused: false}", "article_photo"),
}
STAFF = Actor(kind="USER", name="E", user_id=UUID(int=1), role="EDITOR")


@pytest.mark.parametrize("actor", [ANONYMOUS, STAFF], ids=["anyone", "staff"])
@pytest.mark.parametrize("name", BROWSED)
async def test_photos_are_browsed_off_indexes(full: Services, name: str, actor: Actor) -> None:
    filter, table = BROWSED[name]
    document = f"{{ photos(first: 20, filter: {filter}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}"
    assert await _scanned(full, document, actor, {table}) == []


async def test_similar_photos_are_found_off_indexes(full: Services) -> None:
    photos = await Photo.all().only("id")
    keys = [PhotoLikeness(photo_id=one.id, key=9 * n + key) for n, one in enumerate(photos) for key in range(45)]
    await PhotoLikeness.bulk_create(keys, batch_size=1000)
    await get_connection("default").execute_script("ANALYZE")
    document = f'{{ photo(id: "{ids.public("Photo", photos[7].id)}") {{ similar {{ distance photo {{ id }} }} }} }}'
    assert await _scanned(full, document, STAFF, {"photo_likeness"}) == []


async def test_a_walk_through_all_words_is_noticed(full: Services) -> None:
    sql = "SELECT id FROM photo_word WHERE kind <> word"
    assert await _scans(full.settings, sql, [], {"photo_word"}) == ["photo_word"]
    sql = "SELECT id FROM photo_word WHERE kind = 'text' AND word = 'one'"
    assert await _scans(full.settings, sql, [], {"photo_word"}) == []


async def _scanned(full: Services, document: str, actor: Actor, tables: Collection[str]) -> list[str]:
    operation = Engine(full).prepare(Asked(document))
    variables = operation.coerce({})
    shape = operation.fast(shaped(variables))
    assert shape is not None
    plan = full.reader.plan(shape, actor)
    return await _scans(full.settings, plan.sql, plan.parameters(variables, actor), tables)


async def _scans(settings: Settings, sql: str, values: list[Any], tables: Collection[str]) -> list[str]:
    """Those of the tables that are read from end to end, or an index of theirs.  PostgreSQL, which would rather do that where
    they are as small as here, is told to do so only where it must."""
    if settings.embedded:
        connection = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        connection.close()
        named = dict(re.findall(r'(?:FROM|JOIN|,) "?(\w+)"? "?(\w+)', sql))
        walked = {found[1] for found in (re.match(r"SCAN (\w+)", step) for step in steps) if found}
        return sorted(one for one in tables if {one, named.get(one)} & walked)
    connection = await asyncpg.connect(
        settings.database_url, server_settings={"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
    )
    try:
        told = orjson.loads(await connection.fetchval(f"EXPLAIN (VERBOSE, FORMAT JSON) {sql}", *values))
    finally:
        await connection.close()
    steps = [one for one in _steps(told[0]["Plan"], counting=False) if one.get("Relation Name") in tables]
    return sorted({one["Relation Name"] for one in steps if one["Node Type"] == "Seq Scan" or _whole(one)})


def _whole(step: dict[str, Any]) -> bool:
    """Is an index read from end to end?"""
    return step["Node Type"] in ("Index Scan", "Index Only Scan") and "Index Cond" not in step


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
