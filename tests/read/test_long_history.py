"""A story that was saved ten thousand times: what reads it costs what it costs when it was saved once.

Counted, not timed: the steps of SQLite's machine, the pages that PostgreSQL touches.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.app import opened
from cms.models import Article, Revision
from cms.pages.routes import ARTICLE
from cms.settings import Settings
from cms.web.services import Services
from schema.engine import Engine
from schema.request import Asked
from schema.selection import shaped
from tests import house

SAVES = 10_000
MOST = 1.3
DEEPER = 5  # pages of PostgreSQL: an index of ten thousand rows is a level or two deeper than one of two

ASKED: Mapping[str, tuple[Actor, str]] = {
    "the page": (ANONYMOUS, ARTICLE),
    "what readers saw then": (
        ANONYMOUS,
        'query($slug: String!) { article(slug: $slug) { asOf(time: "2100-01-01T00:00:00Z") { headline bodyHtml } } }',
    ),
    "the newest saves": (
        SYSTEM,
        "query($slug: String!) { article(slug: $slug) { revisions(first: 1) { nodes { version by note headline } } } }",
    ),
}


@pytest.fixture
async def services(database: str, tmp_path: Path) -> AsyncIterator[Services]:
    async with opened(Settings(database_url=database, storage_url=f"file:{tmp_path}/media")) as services:
        yield services


async def test_the_page_of_a_story_costs_the_same_after_ten_thousand_saves(services: Services) -> None:
    await house.section("World")
    photo = {"photo": await house.photo()}
    story = await house.live(slug="a-story", lead_photo=photo, body=house.paragraphs(*["It went on."] * 10))
    first = await Revision.get(article_id=story, version=2)
    before = {name: await _cost(services, *asked) for name, asked in ASKED.items()}
    kept = {name: getattr(first, name) for name in ("by", "live_from", "snapshot")}
    for start in range(3, SAVES, 1000):
        versions = range(start, min(start + 1000, SAVES + 1))
        later = [{"version": one, "at": first.at + timedelta(microseconds=one)} for one in versions]
        await Revision.bulk_create([Revision(article_id=story, **kept, **one) for one in later])
    await Article.filter(id=story).update(version=SAVES)
    after = {name: await _cost(services, *asked) for name, asked in ASKED.items()}
    print({name: f"{before[name]} -> {after[name]}" for name in ASKED})
    assert {name for name in ASKED if after[name] > before[name] * MOST + DEEPER} == set()
    assert after["the page"] <= before["the page"] * MOST


async def _cost(services: Services, actor: Actor, document: str) -> int:
    operation = Engine(services).prepare(Asked(document))
    variables = operation.coerce({"slug": "a-story"})
    shape = operation.fast(shaped(variables))
    assert shape is not None
    plan = services.reader.plan(shape, actor)
    values = plan.parameters(variables, actor)
    assert '"article":null' not in await services.database.fetch(plan.sql, values)
    if services.settings.embedded:
        return _steps(services.settings.database_url.removeprefix("sqlite:///"), plan.sql, values)
    # as the product's own connections and docs/performance.md have it
    given = {"plan_cache_mode": "force_generic_plan", "random_page_cost": "1.1"}
    connection = await asyncpg.connect(services.settings.database_url, server_settings=given)
    await connection.execute("ANALYZE")
    told: Any = orjson.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {plan.sql}", *values))
    await connection.close()
    return int(told[0]["Plan"]["Shared Hit Blocks"] + told[0]["Plan"]["Shared Read Blocks"])


def _steps(file: str, sql: str, values: list[Any]) -> int:
    connection, steps = sqlite3.connect(file), 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 1)
    connection.execute(sql, values).fetchone()
    connection.close()
    return steps
