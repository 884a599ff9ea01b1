"""Requests a second over HTTP on one core, each beside a ceiling measured in the same run: a bare ASGI application that runs
one hand-written statement for the same answer.

The server has the first core to itself; PostgreSQL and `wrk` share the second.  Rounds of both are run in turns and medians
are told, so that what else the machine does falls on both.  Everything is on the loopback and ends by itself.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import orjson
import psutil
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms import db
from cms.settings import Settings
from tests import services
from tests.bench.load import newsroom, workloads, wrk
from tests.bench.load.server import Server, bare, cores, product
from tests.bench.load.workloads import Workload
from tests.bench.load.wrk import Load, Request
from tests.services import postgres

SITE = "http://bench.test"
SIZES = (1_000, 10_000, 100_000)
EMBEDDED = 20_000  # stories of the SQLite newsroom
SLUGS = 1_000  # stories that are asked for in turn
ALIKE = 50  # of them are compared with the ceiling's
PAGES = (5, 20, 100)
ROUNDS, SECONDS = 7, 1
GROWTH_ROUNDS, GROWTH_SECONDS = 3, 1
GOALS = {"w1": 70, "w2": 80, "w3": 80, "w3-50": 80}

Rows = list[tuple[str, str, str]]


async def measure() -> Rows:
    if missing := lacking():
        return [("load", "not measured", missing)]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {size: await stack.enter_async_context(newsroom_of(size)) for size in SIZES}
        return await measured(urls, folder)


async def measured(urls: Mapping[int, str], folder: Path) -> Rows:
    """`urls` are PostgreSQL databases by their number of stories."""
    largest = urls[max(urls)]
    database = await held_to_the_second_core(largest)
    slugs, cursor = await _live(largest), _cursor(folder, largest)
    asked = workloads.all_of(slugs, cursor)
    rows = _beside_the_ceiling(folder, largest, asked, database)
    rows += _by_size(folder, urls, [one for one in asked if one.name != "w3-50"], database)
    return rows + await _on_sqlite(folder, asked)


def lacking() -> str:
    if shutil.which("wrk") is None:
        return "please install wrk: apt-get install wrk"
    return "" if len(cores()) > 1 else "this needs two cores, one for the server and one for database and load"


# ---------------------------------------------------------------------------------------------------------- newsrooms


@asynccontextmanager
async def newsroom_of(size: int) -> AsyncIterator[str]:
    """The URL of a PostgreSQL database with so many stories."""
    server, name = services.address("postgres"), f"bench_{uuid4().hex}"
    await postgres.create(server, name)
    try:
        url = f"{server}/{name}"
        await newsroom.into_postgres(url, size)
        connection = await asyncpg.connect(url)
        # for storage that seeks about as fast as it reads on; at PostgreSQL's 4 tables are read whole in place of indexes
        await connection.execute(f'ALTER DATABASE "{name}" SET random_page_cost = 1.1')
        await connection.close()
        yield url
    finally:
        await postgres.drop(server, name)


async def held_to_the_second_core(url: str) -> list[psutil.Process]:
    """PostgreSQL's processes; those that it makes from now on are held there too."""
    connection = await asyncpg.connect(url)
    told = await connection.fetchval("SELECT pg_read_file('postmaster.pid')")
    await connection.close()
    server = psutil.Process(int(told.split()[0]))
    for one in (server, *server.children()):
        with suppress(psutil.NoSuchProcess):  # one that served a connection which has ended
            one.cpu_affinity(cores()[1:2])
    return [server]


async def _live(url: str) -> list[str]:
    """Slugs of the newest stories that everyone may read."""
    newest = f"SELECT slug FROM article a WHERE {workloads.LIVE} ORDER BY live_from DESC LIMIT {SLUGS}"
    connection = await asyncpg.connect(url)
    found = [row["slug"] for row in await connection.fetch(newest)]
    await connection.close()
    return found


def _cursor(folder: Path, url: str) -> str:
    """What continues behind page 49 of the section "world"."""
    cursor = None
    with product(folder, url, SITE) as server:
        for _ in range(49):
            answer = _ask(server, workloads.SECTION, {"slug": "world", "after": cursor})
            cursor = answer["data"]["section"]["articles"]["pageInfo"]["endCursor"]
    return str(cursor)


# ------------------------------------------------------------------------------------------------------- the measured


def _beside_the_ceiling(folder: Path, url: str, asked: Sequence[Workload], database: Sequence[psutil.Process]) -> Rows:
    with ExitStack() as stack:
        ours = stack.enter_context(product(new_folder(folder), url, SITE, answer_cache_mb="0"))
        cached = stack.enter_context(product(new_folder(folder), url, SITE))
        idle = ours.process.memory_info().rss
        answers = {one.name: _text(ours, one.document, one.variables[0]) for one in asked}
        ceiling = stack.enter_context(bare(folder, url, SITE, asked, answers))
        rows: Rows = []
        for one in asked:
            _check_alike(ours, ceiling, one)
            posts = _script(folder, ours, one.document, one.variables)
            gets = script_of(folder, ["/".join(["", one.name, *values]) for values in one.parameters])
            ready = script_of(folder, [f"/answers/{one.name}"])
            sides = [(ours, posts), (ceiling, gets), (cached, posts), (ceiling, ready)]
            rows += _told(one, *in_turns(sides, database, ROUNDS, SECONDS))
        loaded, with_answers = (megabytes(one.process.memory_info().rss) for one in (ours, cached))
        rows += [
            ("memory of the server: idle", megabytes(idle), ""),
            ("memory of the server: after the load", loaded, "goal 150 MB"),
            ("memory of the server: after the load, with the answer cache", with_answers, "goal 150 MB + 64 MB"),
        ]
        return rows + _in_python(folder, ours, asked[0], database) + _by_page(folder, ours, database)


def _told(one: Workload, answered: Load, ceiling: Load, kept: Load, returned: Load) -> Rows:
    goal = f"; goal {GOALS[one.name]}%" if one.name in GOALS else ""
    share, cached = f"{answered.rate / ceiling.rate:.0%}", f"{kept.rate / returned.rate:.0%}"
    each = "  processor for one request, server + database"
    return [
        (f"{one.title}: requests/s", f"{answered.rate:,.0f}", f"{share} of the ceiling's {ceiling.rate:,.0f}{goal}"),
        (each, f"{processor(answered)} us", f"the ceiling's {processor(ceiling)} us"),
        ("  from the answer cache: requests/s", f"{kept.rate:,.0f}", f"{cached} of a bare route's {returned.rate:,.0f}; goal 50%"),
    ]  # fmt: skip


def _by_page(folder: Path, server: Server, database: Sequence[psutil.Process]) -> Rows:
    asked = [_script(folder, server, workloads.HEADLINES, [{"first": size}]) for size in PAGES]
    loads = in_turns([(server, one) for one in asked], database, GROWTH_ROUNDS, GROWTH_SECONDS)
    return [
        (f"{size} headlines: processor for one", f"{load.cpu_us / size:.0f} us", f"{load.cpu_us:.0f} us in all")
        for size, load in zip(PAGES, loads, strict=True)
    ]


def _in_python(folder: Path, server: Server, page: Workload, database: Sequence[psutil.Process]) -> Rows:
    script = _script(folder, server, workloads.COMPUTED, page.variables)
    (load,) = in_turns([(server, script)], database, GROWTH_ROUNDS, GROWTH_SECONDS)
    what = f"{page.title} with bodyHtml, jsonLd and creditChain: requests/s"
    return [(what, f"{load.rate:,.0f}", f"processor {processor(load)} us")]


def _by_size(
    folder: Path, urls: Mapping[int, str], asked: Sequence[Workload], database: Sequence[psutil.Process]
) -> Rows:
    with ExitStack() as stack:
        servers = [
            stack.enter_context(product(new_folder(folder), url, SITE, answer_cache_mb="0")) for url in urls.values()
        ]
        rows = []
        for one in asked:
            sides = [(server, _script(folder, server, one.document, _variables(one, server))) for server in servers]
            loads = in_turns(sides, database, GROWTH_ROUNDS, GROWTH_SECONDS)
            told = " / ".join(f"{load.cpu_us:.0f}" for load in loads)
            what = f"{one.title}: processor among {' / '.join(f'{size:,}' for size in urls)}"
            rows.append((what, f"{told} us", f"{loads[-1].cpu_us / loads[0].cpu_us:.2f}x; goal 1.3x"))
        return rows


async def _on_sqlite(folder: Path, asked: Sequence[Workload]) -> Rows:
    file = folder / "newsroom.sqlite3"
    url = f"sqlite:///{file}"
    EXECUTOR_CACHE.clear()  # see tests.conftest
    await db.migrate(Settings(database_url=url))
    newsroom.into_sqlite(file, EMBEDDED)
    return _embedded(folder, url, asked)


def _embedded(folder: Path, url: str, asked: Sequence[Workload]) -> Rows:
    with product(new_folder(folder), url, SITE, answer_cache_mb="0") as server:
        rows = []
        for one in asked:
            script = _script(folder, server, one.document, _variables(one, server))
            (load,) = in_turns([(server, script)], [], GROWTH_ROUNDS, GROWTH_SECONDS)
            what = f"SQLite, {EMBEDDED:,} stories, {one.title}: requests/s"
            rows.append((what, f"{load.rate:,.0f}", f"processor {load.server_us:.0f} us"))
        return rows


def in_turns(
    sides: Sequence[tuple[Server, Path]], database: Sequence[psutil.Process], count: int, seconds: int
) -> list[Load]:
    """The median of each side; the sides are run in turns.  A round before them warms all up."""
    rounds = [[wrk.run(server, database, script, seconds) for server, script in sides] for _ in range(count + 1)]
    return [Load.median(side) for side in zip(*rounds[1:], strict=True)]


# ------------------------------------------------------------------------------------------------------------- asking


def _script(folder: Path, server: Server, document: str, variables: Sequence[dict[str, Any]]) -> Path:
    """The document with each of the variables in turn, by POST.  What the first is answered holds no errors."""
    _text(server, document, variables[0])
    posts = [Request("/graphql", orjson.dumps({"query": document, "variables": one}).decode()) for one in variables]
    return wrk.script(folder / f"{uuid4().hex}.lua", posts)


def script_of(folder: Path, paths: Sequence[str]) -> Path:
    return wrk.script(folder / f"{uuid4().hex}.lua", [Request(path) for path in paths])


def _ask(server: Server, document: str, variables: dict[str, Any]) -> Any:
    return orjson.loads(_text(server, document, variables))


def _text(server: Server, document: str, variables: dict[str, Any]) -> str:
    answer = httpx.post(f"{server.url}/graphql", json={"query": document, "variables": variables}, timeout=30)
    assert answer.status_code == 200, answer.text
    assert '"errors"' not in answer.text, answer.text
    return answer.text


def _variables(one: Workload, server: Server) -> list[dict[str, Any]]:
    """The slugs of one newsroom are not another's: pages are asked for by the newest of this server's."""
    if one.name != "w1":
        return one.variables
    found = _ask(server, "{ articles(first: 100) { nodes { slug } } }", {})
    return [{"slug": story["slug"]} for story in found["data"]["articles"]["nodes"]]


def _check_alike(ours: Server, ceiling: Server, one: Workload) -> None:
    for variables, values in list(zip(one.variables, one.parameters, strict=True))[:ALIKE]:
        by_hand = httpx.get("/".join([ceiling.url, one.name, *values]), timeout=30).json()
        answer = _ask(ours, one.document, variables)
        assert answer == by_hand, f"{one.title}: the ceiling answers otherwise"


def processor(load: Load) -> str:
    return f"{load.server_us:.0f} + {load.database_us:.0f}"


def megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def new_folder(folder: Path) -> Path:
    """A new one inside: each server writes its log into its own."""
    return Path(tempfile.mkdtemp(dir=folder))
