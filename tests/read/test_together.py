"""Many callers at once, with the same document and the same variables: each gets its own answer, from whatever is kept."""

import asyncio
import os
import random
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import httpx
import orjson
import pytest

from cms import ids
from cms.actions import accounts, articles, partners
from cms.actor import SYSTEM
from cms.models import User
from tests import house
from tests.read.desk import ACTORS, Desk
from tests.read.documents import Document
from tests.web import Web, serving

TIMES = int(os.environ.get("TEST_TIMES", "1"))

DOCUMENT = """query Desk($first: Int, $id: ID!) {
  articles(first: $first, orderBy: UPDATED_AT_DESC) { totalCount nodes { id headline status scheduledFor } pageInfo { endCursor hasNextPage } }
  mine: articles(filter: {mine: true}) { nodes { headline } }
  photos { totalCount nodes { id metadata } } node(id: $id) { id ... on Article { headline } ... on User { email } } }"""
WHO = "query Desk($first: Int, $id: ID!) { viewer { kind user { id } } articles(first: $first) { totalCount } node(id: $id) { id } }"


async def _keys(web: Web) -> dict[str, str | None]:
    """A bearer token for each caller there is, and none for nobody: two of each kind that may be taken for one another."""
    keys: dict[str, str | None] = {"nobody": None}
    for role in ("READER", "CONTRIBUTOR", "CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR", "EDITOR", "ADMIN"):
        person = await house.staff(role)
        keys[person.name] = (await accounts.create_key(SYSTEM, person.name, user=person.user_id)).secret
        if role in ("CONTRIBUTOR", "EDITOR"):
            await house.article(person, headline=f"Draft of {person.name}")
    for name in ("Harbour Wire", "Inland Press"):
        partner = await partners.save_partner(SYSTEM, {"name": name})
        keys[name] = (await accounts.create_key(SYSTEM, name, partner=partner)).secret
    return keys


async def _asked(
    web: Web, key: str | None, document: str, variables: Mapping[str, object], get: bool
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if not get:
        return await web.client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
    query = urlencode({"query": document, "variables": orjson.dumps(variables)})
    return await web.client.get(f"/graphql?{query}", headers=headers)


async def test_callers_at_once_get_the_answers_that_they_get_alone(database: str, tmp_path: Path) -> None:
    async with serving(database, f"file:{tmp_path}/media") as web:
        await house.section("World")
        for number in range(12):
            await house.live(headline=f"Story {number}", lead_photo={"photo": await house.photo()})
        await house.photo(status="WITHDRAWN")
        keys = await _keys(web)
        draft = await house.article(headline="Nobody's draft")
        someone = (await User.all().order_by("id").first()) or pytest.fail("no user")
        for target in (ids.public("Article", draft), ids.public("User", someone.id)):
            for document in (DOCUMENT, WHO):
                variables = {"first": 20, "id": target}
                alone = {
                    name: (await _asked(web, key, document, variables, False)).content for name, key in keys.items()
                }
                assert len(set(alone.values())) >= 5
                callers = [(name, get) for name in keys for get in (False, True)] * (10 * TIMES)
                random.Random(1).shuffle(callers)
                told = await asyncio.gather(
                    *(_asked(web, keys[name], document, variables, get) for name, get in callers)
                )
                for (name, get), answer in zip(callers, told, strict=True):
                    assert answer.content == alone[name], (name, get)
                    assert ("public" in answer.headers["cache-control"]) <= (name == "nobody"), (name, get)


async def test_callers_at_once_while_the_newsroom_changes_see_no_state_that_never_was(
    database: str, tmp_path: Path
) -> None:
    """Nobody's answer counts up and never down, and nobody's answer holds a draft."""
    async with serving(database, f"file:{tmp_path}/media") as web:
        await house.section("World")
        keys = await _keys(web)
        variables = {"first": 20, "id": "article_x"}
        counts: list[int] = []
        done = asyncio.Event()

        async def reading() -> None:
            while not done.is_set():
                told = orjson.loads((await _asked(web, None, DOCUMENT, variables, False)).content)["data"]
                counts.append(told["articles"]["totalCount"])
                assert told["mine"] == {"nodes": []}
                assert {one["status"] for one in told["articles"]["nodes"]} <= {"PUBLISHED"}
                others = [_asked(web, key, DOCUMENT, variables, False) for key in keys.values() if key]
                for answer in await asyncio.gather(*others):
                    assert answer.status_code == 200

        reader = asyncio.create_task(reading())
        for number in range(10):
            made = await house.live(headline=f"Story {number}")
            data = orjson.loads((await _asked(web, None, DOCUMENT, variables, False)).content)["data"]
            assert data["articles"]["totalCount"] == number + 1  # what was committed is seen at once
            await articles.update(SYSTEM, made, 2, {"headline": f"Story {number}, corrected"})
            data = orjson.loads((await _asked(web, None, DOCUMENT, variables, False)).content)["data"]
            assert data["articles"]["nodes"][0]["headline"] == f"Story {number}, corrected"
        done.set()
        await reader
        assert counts == sorted(counts)
        assert len(set(counts)) > 2


@pytest.mark.slow
async def test_hundreds_through_one_engine_are_each_answered_as_alone(desk: Desk) -> None:
    for seed in range(4 * TIMES):
        text, variables = Document(desk.engine.core, desk.things, 7_000_000 + seed).made()
        alone = {name: await desk.told(text, variables, actor) for name, actor in ACTORS.items()}
        callers = [*ACTORS] * 25
        random.Random(seed).shuffle(callers)
        told = await asyncio.gather(*(desk.told(text, variables, ACTORS[name]) for name in callers))
        assert told == [alone[name] for name in callers]
