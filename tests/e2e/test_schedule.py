"""Schedules at their hour, seen from outside, while no worker runs; and what workers then tell of them.

The web process's clock is shifted by libfaketime.  On PostgreSQL it must not matter: the database's clock decides.  On SQLite
it is the database's own clock, so there it is led to the instants at which summer time begins and ends.  `TEST_SCHEDULES` is
how many stories come out in the same second; with it, as `make drill` sets it, every case is tried.
"""

import asyncio
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from cms import ids
from cms.actions import accounts, publishing
from cms.actor import SYSTEM
from cms.models import Change, Job
from tests import house, pictures
from tests.e2e.product import STOP_S, Product, started
from tests.e2e.test_main_job import Desk

pytestmark = pytest.mark.slow

TOGETHER = int(os.environ.get("TEST_SCHEDULES", "20"))  # stories beside the one that is watched
AHEAD_S = 10 + TOGETHER * 0.05  # for all that is done before the hour comes
LATE_S = 1.0
ASK_S = 0.1
WORK_S = 30 + TOGETHER * 0.2
ZONE = "Europe/Berlin"
HEADLINE = "It is out"


@dataclass(frozen=True)
class Case:
    """`shifted_s` is how far the web process's clock is ahead; `hour`, on SQLite, is what its clock is led to."""

    database: str
    shifted_s: int = 0
    hour: datetime | None = None


CASES = {
    "on SQLite": Case("sqlite"),
    "the web's clock two hours ahead": Case("postgres", 7200),
    "on PostgreSQL": Case("postgres"),
    "the web's clock two hours behind": Case("postgres", -7200),
    "as summer time begins": Case("sqlite", hour=datetime(2028, 3, 26, 1, tzinfo=UTC)),
    "as summer time ends": Case("sqlite", hour=datetime(2028, 10, 29, 1, tzinfo=UTC)),
}
TRIED = list(CASES) if "TEST_SCHEDULES" in os.environ else list(CASES)[:2]


@pytest.mark.parametrize(
    ("database", "name"), [(CASES[name].database, name) for name in TRIED], indirect=["database"], ids=TRIED
)
async def test_a_schedule_is_seen_everywhere_at_its_hour_without_a_worker_and_told_once(
    database: str, name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    secret, others = await _furnished(database)
    begins = math.ceil(time.time() + AHEAD_S)
    hour = case.hour or datetime.fromtimestamp(begins, UTC)
    under = _clock(int(case.hour.timestamp()) - begins if case.hour else case.shifted_s)
    settings = {"database_url": database, "storage_url": f"file:{tmp_path}/media", "worker": "off"}
    with started(tmp_path, "serve", under=under, **settings) as server:
        story = await asyncio.to_thread(_scheduled, Desk(server, secret), hour)
        async with house.opened(database):
            for one in others:
                await publishing.publish(SYSTEM, one, 1, at=hour)
        assert time.time() < begins - 1, "this machine is too slow for so many stories"
        _check(await _watched(server, story, begins), begins)
        _check_the_picture(server, story)
        async with house.opened(database):
            assert await Change.filter(kind__startswith="ARTICLE").count() == 0  # nobody told, and everybody saw
            with _working(server, under), _working(server, under):
                await _all_done()
            key = ids.local(story, "Article")
            assert key is not None
            told = [await house.told(one) for one in (key, *others)]
        assert told == [[("ARTICLE_PUBLISHED", 2)]] * (TOGETHER + 1)


async def test_hours_of_the_night_that_summer_time_ends_are_two(database: str) -> None:
    """Given with their offsets, on a database that lives in Berlin, where half past two comes twice that night."""
    given = {
        "2028-03-26T01:59:59+01:00": "2028-03-26T00:59:59+00:00",
        "2028-03-26T03:00:00+02:00": "2028-03-26T01:00:00+00:00",
        "2028-10-29T02:30:00+02:00": "2028-10-29T00:30:00+00:00",
        "2028-10-29T02:30:00+01:00": "2028-10-29T01:30:00+00:00",
    }
    await _lives_in_berlin(database)
    async with house.opened(database):
        await house.section("World")
        for at, instant in given.items():
            story = await house.article()
            await publishing.publish(SYSTEM, story, 1, at=datetime.fromisoformat(at))
            expected = datetime.fromisoformat(instant)
            assert (await house.stored(story)).live_from == expected
            assert await house.waiting(story) == [("article.announce", expected)]


# ------------------------------------------------------------------------------------------------------- what is there


async def _furnished(database: str) -> tuple[str, list[UUID]]:
    """An editor's key, and the stories that come out together with the one that is watched."""
    await _lives_in_berlin(database)
    async with house.opened(database):
        await house.section("World")
        key = await accounts.create_key(SYSTEM, "Desk", user=(await house.staff("EDITOR")).user_id)
        return key.secret, [await house.article(headline=f"{HEADLINE} {n}") for n in range(TOGETHER)]


async def _lives_in_berlin(database: str) -> None:
    if database.startswith("postgres"):
        connection = await asyncpg.connect(database)
        await connection.execute(f"ALTER DATABASE \"{database.rpartition('/')[2]}\" SET timezone = '{ZONE}'")
        await connection.close()


def _clock(shifted_s: int) -> list[str]:
    """The words before a command whose wall clock is so far ahead; timers go as they go."""
    if not shifted_s:
        return ["env", f"TZ={ZONE}"]
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is not installed here: no clock was shifted")
    return ["env", f"TZ={ZONE}", f"LD_PRELOAD={library}", f"FAKETIME={shifted_s:+d}", "DONT_FAKE_MONOTONIC=1"]


def _scheduled(desk: Desk, hour: datetime) -> str:
    """The public id of a story with all that leads to it, scheduled over HTTP."""
    photo = desk.upload("a.jpg", pictures.jpeg(640, 360), credit="Ann Aa", caption="A quay.", altText="A quay")["id"]
    given: dict[str, Any] = {"headline": HEADLINE, "section": "world", "summary": "At its hour.", "tags": ["Harbour"]}
    given |= {"leadPhoto": {"photo": photo}, "body": [{"paragraph": {"html": "It is so."}}]}
    made = desk.do("createArticle", "CreateArticleInput", "article { id }", **given)["article"]
    done = desk.do(
        "publishArticle", "PublishArticleInput", "article { status scheduledFor }",
        id=made["id"], version=1, at=hour.isoformat(),
    )["article"]  # fmt: skip
    assert done == {"status": "SCHEDULED", "scheduledFor": hour.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return str(made["id"])


# ------------------------------------------------------------------------------------------------------ what is seen


@dataclass(frozen=True)
class Look:
    """One answer; instants are of this process's clock."""

    sent: float
    done: float
    visible: bool


def _data(query: str) -> tuple[str, dict[str, str]]:
    return "/graphql", {"query": query}


def _paths(story: str) -> Mapping[str, tuple[tuple[str, dict[str, str]], Callable[[httpx.Response], bool]]]:
    """What is asked without a credential, and how it is known that the answer tells of the story, or of one of its twins."""

    def told(answer: httpx.Response) -> bool:
        return HEADLINE in answer.text

    def all_of_them(answer: httpx.Response) -> bool:
        """Half of them would be seen as too early or too late."""
        count = answer.json()["data"]["articles"]["totalCount"]
        assert count in (0, TOGETHER + 1)
        return bool(count)

    asked = {
        "article(slug)": 'article(slug: "it-is-out") { headline }',
        "node(id)": f'node(id: "{story}") {{ ... on Article {{ headline }} }}',
        "nodes(ids)": f'nodes(ids: ["{story}"]) {{ ... on Article {{ headline }} }}',
        "section": 'section(slug: "world") { articles(first: 5) { nodes { headline } } }',
        "tag": 'tag(slug: "harbour") { articles(first: 5) { nodes { headline } } }',
    }
    pages = ("/articles/it-is-out.html", "/", "/feeds/tag/harbour.rss", "/feeds/section/world.json")
    feeds = tuple(f"/feeds/latest.{format}" for format in ("rss", "atom", "json"))
    return {
        "articles": (_data("{ articles { totalCount } }"), all_of_them),
        **{name: (_data(f"{{ {query} }}"), told) for name, query in asked.items()},
        **{path: ((path, {}), told) for path in (*pages, *feeds)},
    }


async def _watched(server: Product, story: str, begins: int) -> dict[str, list[Look]]:
    """From two seconds before the hour until two seconds after it, all paths at once."""
    await asyncio.sleep(max(0.0, begins - 2 - time.time()))

    async def watch(client: httpx.AsyncClient, asked: tuple[str, dict[str, str]], told: Any) -> list[Look]:
        looks = []
        while time.time() < begins + 2:
            sent = time.time()
            answer = await client.get(asked[0], params=asked[1])
            looks.append(Look(sent, time.time(), told(answer)))
            await asyncio.sleep(ASK_S)
        return looks

    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        paths = _paths(story)
        looks = await asyncio.gather(*(watch(client, *path) for path in paths.values()))
    return dict(zip(paths, looks, strict=True))


def _check(watched: Mapping[str, Sequence[Look]], begins: int) -> None:
    early = {name for name, looks in watched.items() if any(one.visible and one.done < begins for one in looks)}
    late = {
        name for name, looks in watched.items() if any(not one.visible and one.sent > begins + LATE_S for one in looks)
    }
    unseen = {name for name, looks in watched.items() if not (looks[-1].visible and looks[0].done < begins)}
    assert (early, late, unseen) == (set(), set(), set())
    first = {name: min(one.done for one in looks if one.visible) - begins for name, looks in watched.items()}
    print(f"seen after {max(first.values()) * 1000:.0f} ms at the latest ({max(first, key=lambda name: first[name])})")


def _check_the_picture(server: Product, story: str) -> None:
    found = Desk(server).ask(
        "query($id: ID!) { node(id: $id) { ... on Article { leadPhoto { photo { url(width: 320) } } } } }", id=story
    )
    picture = Desk(server).get(found["node"]["leadPhoto"]["photo"]["url"].removeprefix(server.url))
    assert (picture.status_code, picture.headers["content-type"].partition("/")[0]) == (200, "image")


# ------------------------------------------------------------------------------------------------------- what is told


@contextmanager
def _working(server: Product, under: Sequence[str]) -> Iterator[None]:
    """`dateline worker` on the same database, ended as an operator ends it."""
    with (server.folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [*under, sys.executable, "-m", "cms", "worker"],
            cwd=server.folder,
            env=server.environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0, (server.folder / "worker.log").read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(STOP_S)


async def _all_done() -> None:
    """Every job is done, none was given up, and both workers were there for it."""
    deadline = time.monotonic() + WORK_S
    while await Job.filter(kind__startswith="article.").count():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)  # a second that would do it again may come
