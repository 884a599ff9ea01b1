"""The acceptance page's query: statements, and the time beside that of its own SQL run bare."""

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from uuid import uuid4

from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms import db
from cms.actor import ANONYMOUS
from cms.app import opened
from cms.settings import Settings
from cms.web.services import Services
from schema.engine import Engine
from schema.request import Asked
from schema.selection import shaped
from tests import house, services
from tests.services import postgres

ROUNDS, REPEATS = 15, 40
MANY = 100

PAGE = """query Page($slug: String!, $related: Int) { article(slug: $slug) {
  section { name } headline summary byline url publishedAt
  leadPhoto { caption credit altText photo { url(width: 1280) srcset placeholder creditChain { creators distributor } } }
  body { __typename ... on Heading { text } ... on Paragraph { html } ... on Quote { html attribution } }
  related(first: $related) { title url article { headline section { name } leadPhoto { credit photo { url(width: 320) } } } }
  jsonLd } }"""
LIST = """{ articles(first: 20) { nodes { slug headline summary publishedAt section { name } authors { name }
  leadPhoto { credit photo { url(width: 640) } } } pageInfo { hasNextPage endCursor } } }"""


async def measure() -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        rows += await _on(f"sqlite:///{folder}/newsroom.sqlite3", folder)
    server, name = services.address("postgres"), f"bench_{uuid4().hex}"
    await postgres.create(server, name)
    with tempfile.TemporaryDirectory() as folder:
        rows += await _on(f"{server}/{name}", folder)
    await postgres.drop(server, name)
    return rows


async def _on(database: str, folder: str) -> list[tuple[str, str, str]]:
    settings = Settings(
        database_url=database, storage_url=f"file:{Path(folder, 'media')}", site_url="http://bench.test"
    )
    EXECUTOR_CACHE.clear()  # see tests.conftest
    await db.migrate(settings)
    async with opened(settings) as parts:
        await _fill()
        engine, kind = Engine(parts), database.partition(":")[0]
        rows = []
        for related in (1, MANY):
            asked = Asked(PAGE, {"slug": "the-page", "related": related})
            with db.statements() as seen:
                reply = await engine.answer(asked, ANONYMOUS)
            assert b'"errors"' not in reply.body, reply.body
            rows.append(
                (f"{kind}: statements for a page with {related} related", str(len(seen)), "1 for each root field")
            )
        asked = Asked(PAGE, {"slug": "the-page", "related": 4})
        rows.append(await _beside_its_sql(f"{kind}: acceptance page", parts, engine, asked))
        rows.append(await _beside_its_sql(f"{kind}: front page of 20", parts, engine, Asked(LIST)))
        return rows


async def _beside_its_sql(what: str, parts: Services, engine: Engine, asked: Asked) -> tuple[str, str, str]:
    """The two are run in turns, so that what else the machine does falls on both."""
    operation = engine.prepare(asked)
    variables = operation.coerce(asked.variables)
    shape = operation.fast(shaped(variables))
    assert shape is not None
    plan = parts.reader.plan(shape, ANONYMOUS)
    bound = plan.parameters(variables, ANONYMOUS)

    async def whole() -> None:
        await engine.answer(asked, ANONYMOUS)

    async def bare() -> None:
        await parts.database.fetch(plan.sql, bound)

    pairs = [(await _timed(whole), await _timed(bare)) for _ in range(ROUNDS)]
    ratio = median(a / b for a, b in pairs)
    ours, ceiling = (median(column) * 1e6 for column in zip(*pairs, strict=True))
    return f"{what}: answer / its SQL alone", f"{ratio:.2f}", f"{ours:.0f} us / {ceiling:.0f} us"


async def _timed(run: Callable[[], Awaitable[None]]) -> float:
    begun = time.perf_counter()
    for _ in range(REPEATS):
        await run()
    return (time.perf_counter() - begun) / REPEATS


async def _fill() -> None:
    await house.section("World")
    lead = {"photo": await house.photo(credit="(STR)(STR/KCNA VIA KNS/AFP)")}
    others = [await house.live(headline=f"Background {n}", lead_photo=lead) for n in range(MANY)]
    body = [
        *house.paragraphs(*["Something <em>happened</em> there, and it was seen by many. " * 4] * 14),
        *[{"heading": {"text": f"What follows {n}"}} for n in range(3)],
        *[{"quote": {"html": "We saw it.", "attribution": "A witness"}}] * 3,
    ]
    related = [{"article": one} for one in others]
    await house.live(headline="The page", body=body, lead_photo=lead, summary="A summary.", related=related)
