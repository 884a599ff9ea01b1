"""Photos looked for among 100,000, on both databases: by words, by use, by rights, and by what they look like."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms import db, ids, models
from cms.actions import finding
from cms.actor import Actor
from cms.app import opened
from cms.clock import now
from cms.settings import Settings
from schema.engine import Engine
from schema.request import Asked
from schema.selection import shaped
from tests import services
from tests.bench.load import newsroom
from tests.bench.load.newsroom import LAST, Keys, Rows
from tests.services import postgres

PHOTOS = 100_000
STORIES = 1_000
BATCH = 2_000
CREDITS = ("STR/KCNA VIA KNS/AFP", "Jo Reporter/Reuters", "Getty Images")
TIMES = 60
COPIES = 8  # of each picture, of which some show a part
EDITOR = Actor(kind="USER", name="E", user_id=UUID(int=1), role="EDITOR")

ASKED: Mapping[str, tuple[str, str]] = {
    "similar, with distances": ("", "at most 50 ms"),
    "query: a word of one photo in three": ('query: "harbour"', ""),
    "query: a word of one photo": ('query: "w47111"', ""),
    "credit: of one photo in three": ('credit: "kcna afp"', ""),
    "keyword: of one photo in a thousand": ('keyword: "Key 17"', ""),
    "unused": ("unused: true", ""),
    "expiresWithin: 7 days": ("expiresWithin: 7", ""),
}


async def measure() -> list[tuple[str, str, str]]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "newsroom.sqlite3"
        embedded = f"sqlite:///{file}"
        await db.migrate(Settings(database_url=embedded))
        await asyncio.to_thread(newsroom.copied_to_sqlite, file, _rows())
        found = [(f"SQLite: {what}", took, most) for what, took, most in await _asked(embedded, folder)]
        url = await stack.enter_async_context(_on_postgres())
        return found + [(f"PostgreSQL: {what}", took, most) for what, took, most in await _asked(url, folder)]


@asynccontextmanager
async def _on_postgres() -> AsyncIterator[str]:
    server, name = services.address("postgres"), f"bench_{uuid4().hex}"
    await postgres.create(server, name)
    try:
        url = f"{server}/{name}"
        EXECUTOR_CACHE.clear()  # see tests.conftest
        await db.migrate(Settings(database_url=url))
        await newsroom.copied_to_postgres(url, _rows())
        connection = await asyncpg.connect(url)
        await connection.execute(f'ALTER DATABASE "{name}" SET random_page_cost = 1.1')  # see docs/performance.md
        await connection.close()
        yield url
    finally:
        await postgres.drop(server, name)


async def _asked(url: str, folder: Path) -> list[tuple[str, str, str]]:
    rows = []
    async with opened(Settings(database_url=url, storage_url=f"file:{folder}/media", answer_cache_mb=0)) as services:
        engine, rnd = Engine(services), random.Random(1)
        some: Any = await models.Photo.all().order_by("id").limit(1000).values_list("id", flat=True)
        for what, (filter, against) in ASKED.items():
            document = (
                f"{{ photos(first: 20, filter: {{{filter}}}) {{ nodes {{ id credit caption url(width: 320) }} }} }}"
                if filter
                else "query($id: ID!) { photo(id: $id) { similar { distance exact photo { id credit } } } }"
            )
            operation = engine.prepare(Asked(document))
            took, held = [], 0
            for n in range(TIMES):
                variables = operation.coerce({} if filter else {"id": ids.public("Photo", rnd.choice(some))})
                shape = operation.fast(shaped(variables))
                assert shape is not None
                begun = time.perf_counter()
                answer = await services.reader.read(shape, EDITOR, variables)
                if n >= TIMES // 6:  # the pages are in memory, the statement is prepared
                    took.append(1000 * (time.perf_counter() - begun))
                held += answer.count(b'"credit"')
            assert held, f"{what}: nothing was found"
            rows.append(
                (what, f"{statistics.median(took):.1f} ms, p95 {statistics.quantiles(took, n=20)[18]:.1f}", against)
            )
    return rows


def _rows() -> Iterator[Rows]:
    yield from newsroom.rows(STORIES)
    rnd = random.Random(PHOTOS)
    key = Keys(rnd)
    for first in range(0, PHOTOS, BATCH):
        photos = [_photo(rnd, key, n) for n in range(first, first + BATCH)]
        yield newsroom.filled(models.Photo, [{**one, **_written(one, "keywords", "people")} for one in photos])
        read = [models.Photo(**one) for one in photos]
        said = [(one.id, kind, word) for one in read for kind, word in sorted(finding.words_of(one))]
        yield Rows("photo_word", ("photo_id", "kind", "word"), said)
        alike = [(one.id, number) for one in read for number in finding.keys_of(one.likeness)]
        yield Rows("photo_likeness", ("photo_id", "key"), alike)


def _written(row: dict[str, Any], *lists: str) -> dict[str, str]:
    return {name: orjson.dumps(row[name]).decode() for name in lists}


def _photo(rnd: random.Random, key: Keys, n: int) -> dict[str, Any]:
    at = LAST + timedelta(minutes=n)
    soon = now() + timedelta(hours=rnd.randrange(1, 24 * 365))
    return {
        "id": key(at), "credit": rnd.choice(CREDITS), "caption": f"{' '.join(rnd.choices(newsroom.WORDS, k=12))} w{n}", "filename": f"{n}.jpg",
        "keywords": [f"Key {n % 1000}", "News"], "people": [f"Jane {n // 3} O'Neil"], "format": "JPEG", "width": 2400, "height": 1200,
        "byte_size": 400_000 + n, "sha256": f"{n + 10**9:064x}", "placeholder": "3OcRJYB4d3h/iIeHeEh3eIhw+j3A", "dominant_color": "#336699",
        "store": "local", "original_key": f"originals/x{n}", "distributor": "AFP", "rights_until": soon if n % 5 == 0 else None,
        "likeness": _likeness(n), "created_at": at, "updated_at": at,
    }  # fmt: skip


def _likeness(n: int) -> str:
    """Of COPIES of one picture: every other shows a part, with a third of the details."""
    picture, own = random.Random(n // COPIES), random.Random(n)
    whole, details = picture.getrandbits(64), [picture.getrandbits(64 + 36) | 1024 for _ in range(24)]
    if n % 2:
        whole, details = own.getrandbits(64), [*details[:8], *(own.getrandbits(64 + 36) | 1024 for _ in range(16))]
    return " ".join([f"{whole:016x}", *(f"{one:025x}" for one in details)])
