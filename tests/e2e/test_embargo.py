"""An embargo that lifts at its hour, seen from outside by readers, by a partner who gets stories ahead and by one who does not."""

import asyncio
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cms import ids
from cms.actions import accounts, feeds, partners
from cms.actor import SYSTEM
from tests import house
from tests.e2e.product import Product, started
from tests.e2e.test_main_job import Desk
from tests.e2e.test_schedule import HEADLINE, LATE_S, Look, _working

pytestmark = pytest.mark.slow

AHEAD_S, ASK_S, TOLD_S = 6, 0.1, 20
LEDGER = ("/graphql", {"query": "{ changes(first: 100) { nodes { kind subject { ... on Article { headline } } } } }"})
STORY = ("/graphql", {"query": '{ article(slug: "it-is-out") { headline } }'})


async def test_an_embargo_lifts_for_all_at_its_hour_and_for_the_entitled_before(database: str, tmp_path: Path) -> None:
    keys = await _furnished(database)
    begins = math.ceil(time.time() + AHEAD_S)
    settings = {"database_url": database, "storage_url": f"file:{tmp_path}/media", "worker": "off"}
    with started(tmp_path, "serve", **settings) as server:
        story = await asyncio.to_thread(_held_back, Desk(server, keys["desk"]), datetime.fromtimestamp(begins, UTC))
        seen = await _watched(server, keys, begins)
        early = {name for name, looks in seen.items() if any(one.visible and one.done < begins for one in looks)}
        late = {
            name for name, looks in seen.items() if any(not one.visible and one.sent > begins + LATE_S for one in looks)
        }
        assert (early, late) == ({"ahead: feed", "ahead: story", "ahead: ledger"}, set())
        assert all(one.visible for name in early for one in seen[name])
        key = ids.local(story, "Article")
        assert key is not None
        async with house.opened(database):
            assert (await house.told(key), await house.told(key, ahead=True)) == ([], [("ARTICLE_PUBLISHED", 2)])
            with _working(server, ()):
                async with asyncio.timeout(TOLD_S):
                    while not await house.told(key):  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
            assert await house.told(key) == [("ARTICLE_PUBLISHED", 2)]


async def _furnished(database: str) -> dict[str, str]:
    async with house.opened(database):
        await house.section("World")
        editor = (await house.staff("EDITOR")).user_id
        found = {"desk": (await accounts.create_key(SYSTEM, "Desk", user=editor)).secret}
        for name, entitled in (("ahead", True), ("later", False)):
            made = await partners.save_partner(SYSTEM, {"name": name, "embargo_access": entitled})
            await feeds.save(SYSTEM, {"slug": name, "title": name, "partner": made, "embargoed_ahead": True})
            found[name] = (await accounts.create_key(SYSTEM, "Feed", partner=made)).secret
        return found


def _held_back(desk: Desk, until: datetime) -> str:
    """The public id of a story that is published now, under embargo."""
    given = {"headline": HEADLINE, "section": "world", "summary": "At its hour.", "embargoedUntil": until.isoformat()}
    made = desk.do(
        "createArticle", "CreateArticleInput", "article { id }", **given, body=[{"paragraph": {"html": "It is so."}}]
    )["article"]
    done = desk.do("publishArticle", "PublishArticleInput", "article { status }", id=made["id"], version=1)["article"]
    assert done == {"status": "SCHEDULED"}
    return str(made["id"])


async def _watched(server: Product, keys: Mapping[str, str], begins: int) -> dict[str, list[Look]]:
    """Until two seconds after the hour, all paths at once."""
    paths = {
        "readers: page": ("", "/articles/it-is-out.html", {}),
        "readers: story": ("", *STORY),
        "readers: feed": ("", "/feeds/latest.atom", {}),
        "later: feed": ("later", "/feeds/later.json", {}),
        "later: story": ("later", *STORY),
        "ahead: common feed": ("ahead", "/feeds/latest.json", {}),
        "ahead: feed": ("ahead", "/feeds/ahead.json", {}),
        "ahead: story": ("ahead", *STORY),
        "ahead: ledger": ("ahead", *LEDGER),
    }

    async def watch(client: httpx.AsyncClient, who: str, path: str, asked: Mapping[str, str]) -> list[Look]:
        looks = []
        credential = {"Authorization": f"Bearer {keys[who]}"} if who else {}
        while time.time() < begins + 2:
            sent = time.time()
            answer = await client.get(path, params=asked or None, headers=credential)
            looks.append(Look(sent, time.time(), HEADLINE in answer.text))
            await asyncio.sleep(ASK_S)
        return looks

    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        looks = await asyncio.gather(*(watch(client, *path) for path in paths.values()))
    return dict(zip(paths, looks, strict=True))
