"""A feed of 50 stories with bodies and photos, in each format, over HTTP on one core.

Its ceiling is a bare ASGI application that runs one hand-written statement for what the feed is made of, and streams the
same bytes, which it has ready.  Then the same from memory, with a 304, and page after page.
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import psutil

from tests.bench import load
from tests.bench.load import workloads, wrk
from tests.bench.load.server import Server, bare, product
from tests.bench.load.workloads import Workload
from tests.bench.load.wrk import Load, Request

STORIES = 20_000
FORMATS = ("atom", "rss", "json")
GOAL = 60  # per cent of the ceiling
PULLED = 5_000  # items

Rows = list[tuple[str, str, str]]


async def measure() -> Rows:
    if missing := load.lacking():
        return [("feeds", "not measured", missing)]
    with tempfile.TemporaryDirectory() as folder:
        async with load.newsroom_of(STORIES) as url:
            return measured(url, Path(folder), await load.held_to_the_second_core(url))


def measured(url: str, folder: Path, database: Sequence[psutil.Process]) -> Rows:
    statement = Workload("feed", "a feed", "", workloads.FEED_SQL)
    with ExitStack() as stack:
        ours = stack.enter_context(product(load.new_folder(folder), url, load.SITE, answer_cache_mb="0"))
        cached = stack.enter_context(product(load.new_folder(folder), url, load.SITE))
        answers = {name: httpx.get(f"{ours.url}/feeds/latest.{name}", timeout=30) for name in FORMATS}
        texts = {name: one.raise_for_status().text for name, one in answers.items()}
        ceiling = stack.enter_context(bare(folder, url, load.SITE, [statement], texts))
        rows: Rows = []
        for name in FORMATS:
            path = f"/feeds/latest.{name}"
            plain = load.script_of(folder, [path])
            known = (("If-None-Match", answers[name].headers["etag"]),)
            again = wrk.script(folder / f"{uuid4().hex}.lua", [Request(path, headers=known)])
            bare_ = load.script_of(folder, [f"/stream/feed/{name}"])
            sides = [(ours, plain), (ceiling, bare_), (cached, plain), (cached, again)]
            rows += _told(name, len(texts[name]), *load.in_turns(sides, database, load.GROWTH_ROUNDS, 2))
        return rows + _page_by_page(cached)


def _told(name: str, size: int, made: Load, ceiling: Load, kept: Load, known: Load) -> Rows:
    share = f"{made.rate / ceiling.rate:.0%} of the ceiling's {ceiling.rate:,.0f}; goal {GOAL}%"
    each = "  processor for one request, server + database"
    return [
        (f"{name}, 50 stories, {size / 1000:.0f} kB: requests/s", f"{made.rate:,.0f}", share),
        (each, f"{load.processor(made)} us", f"the ceiling's {load.processor(ceiling)} us"),
        ("  from memory: requests/s", f"{kept.rate:,.0f}", f"processor {load.processor(kept)} us"),
        ("  304: requests/s", f"{known.rate:,.0f}", f"processor {load.processor(known)} us"),
    ]


def _page_by_page(server: Server) -> Rows:
    """The first hundred pages: all of them are asked for once, so that what memory holds then is not the pages'."""
    before, items, path = server.process.memory_info().rss, 0, "/feeds/latest.json"
    while items < PULLED:
        page = httpx.get(server.url + path, timeout=30).raise_for_status().json()
        items += len(page["items"])
        path = page["next_url"].removeprefix(load.SITE)
    grown = server.process.memory_info().rss - before
    return [(f"{items:,} items page by page: the server's memory grew by", load.megabytes(grown), "of 64 MB kept")]
