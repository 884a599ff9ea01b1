"""The hub is told which feeds have changed, until it listens."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import parse_qsl

from cms import websub
from cms.actions import feeds, partners, publishing
from cms.actor import SYSTEM
from tests import house
from tests.cms.test_webhooks import LOOPBACK, Receiver, receiving
from tests.web import serving


def told(receiver: Receiver) -> set[str]:
    """The addresses without this site's part."""
    pairs = [pair for got in receiver.got for pair in parse_qsl(got.text)]
    assert {value for name, value in pairs if name == "hub.mode"} <= {"publish"}
    return {value.removeprefix("http://desk.test/feeds/") for name, value in pairs if name == "hub.url"}


def all_of(*names: str) -> set[str]:
    return {f"{name}.{ending}" for name in names for ending in ("rss", "atom", "json")}


async def until(receiver: Receiver, names: set[str]) -> None:
    async with asyncio.timeout(20):
        while not names <= told(receiver):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def ended(work: asyncio.Task[None], stop: asyncio.Event) -> None:
    stop.set()
    await work


async def test_the_feeds_that_a_story_stands_in_are_told_and_no_partners_and_no_hidden_storys(
    database: str, tmp_path: Path
) -> None:
    async with receiving() as hub:
        given = {"websub_hub": hub.url, **LOOPBACK}
        async with serving(database, f"file:{tmp_path}/media", **given) as web:
            world = await house.section("World")
            await house.section("Asia", world)
            await house.section("Sport")
            await house.author("Jane Doe")
            await feeds.save(SYSTEM, {"slug": "saved", "title": "Saved"})
            wire = await partners.save_partner(SYSTEM, {"name": "Wire"})
            await feeds.save(SYSTEM, {"slug": "wire", "title": "Wire", "partner": wire})
            stop = asyncio.Event()
            work = asyncio.create_task(websub.run(stop, web.services))
            await until(hub, all_of("latest"))
            assert told(hub) == all_of("latest")
            hub.got.clear()
            await house.live(section="asia", tags=["Rice"], authors=["jane-doe"])
            held = await house.article(section="sport", embargoed_until=house.hours(1))
            await publishing.publish(SYSTEM, held, 1)
            names = all_of("latest", "section/world", "section/asia", "tag/rice", "author/jane-doe", "saved")
            await until(hub, names)
            await ended(work, stop)
            assert told(hub) == names


async def test_a_hub_that_is_away_is_told_later(database: str, tmp_path: Path) -> None:
    away = True

    def reply(got: object) -> tuple[int, str, float]:
        return 204, "", 30.0 if away else 0.0

    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(receiving(reply))
        given = {"websub_hub": hub.url, **LOOPBACK}
        web = await stack.enter_async_context(serving(database, f"file:{tmp_path}/media", **given))
        await house.section("World")
        stop = asyncio.Event()
        work = asyncio.create_task(websub.run(stop, web.services))
        await until(hub, all_of("latest"))
        away = False
        hub.got.clear()
        await house.live(tags=["Rice"])
        await until(hub, all_of("latest", "tag/rice"))
        await ended(work, stop)


async def test_without_a_hub_nothing_is_done(database: str, tmp_path: Path) -> None:
    async with serving(database, f"file:{tmp_path}/media") as web:
        await asyncio.wait_for(websub.run(asyncio.Event(), web.services), 1)
