"""Every answer three ways: by the fast path, by the executor, and by a naive reading that shares no rule with the engine."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from tortoise import connections

from cms.actor import ANONYMOUS, Actor
from cms.app import opened
from cms.settings import Settings
from schema.engine import Engine
from schema.request import Asked
from tests.read import random_newsroom
from tests.read.documents import Document
from tests.read.reference import NAME, PUBLIC, SITE, Newsroom, Reference, Walk, fragments_of

DOCUMENTS = int(os.environ.get("TEST_DOCUMENTS", "400"))  # for each database

ACTORS = {
    "anonymous": ANONYMOUS,
    "reader": Actor(kind="USER", role="READER", user_id=random_newsroom.ADMIN, name="R"),
    "contributor": Actor(kind="USER", role="CONTRIBUTOR", user_id=random_newsroom.WRITER, name="W"),
    "photo editor": Actor(kind="USER", role="PHOTO_EDITOR", user_id=random_newsroom.EDITOR, name="P"),
    "editor": Actor(kind="API_KEY", role="EDITOR", user_id=random_newsroom.EDITOR, name="E"),
    "admin": Actor(kind="USER", role="ADMIN", user_id=random_newsroom.ADMIN, name="A"),
    "partner": Actor(kind="PARTNER", name="Harbour Wire"),
}


class Desk:
    """One filled newsroom with both ways to ask it."""

    def __init__(self, engine: Engine, room: Newsroom):
        self.engine, self.room = engine, room

    async def three(self, text: str, variables: dict[str, Any], actor: Actor) -> tuple[bytes, bytes, Any]:
        asked = Asked(query=text, variables=variables)
        fast = await self.engine.answer(asked, actor)
        slow = await self.engine.answer(asked, actor, fast=False)
        operation = self.engine.prepare(asked)
        fragments = fragments_of(operation.document)
        walk = Walk(operation.schema, operation.node, fragments, variables, Reference(self.room, actor))
        return fast.body, slow.body, walk.answer()


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    settings = Settings(
        database_url=database,
        storage_url=f"file:{tmp_path}/media",
        site_url=SITE,
        public_url=PUBLIC,
        site_name=NAME,
        max_aliases=5000,
        max_depth=40,
        max_directives=5000,
        max_tokens=100_000,
    )
    async with opened(settings) as services:
        await random_newsroom.fill()
        await connections.get("default").execute_script("ANALYZE")
        yield Desk(Engine(services), await Newsroom().load())


def canonical(value: Any) -> Any:
    """1.0 and 1 are one JSON number."""
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def difference(told: Any, truth: Any, path: str = "") -> str | None:
    """The first place where two answers differ, in words; key order counts."""
    if type(told) is not type(truth):
        return f"{path}: told {told!r}, truth {truth!r}"
    if isinstance(told, dict):
        if list(told) != list(truth):
            return f"{path}: told keys {list(told)}, truth {list(truth)}"
        return next((found for key in told if (found := difference(told[key], truth[key], f"{path}.{key}"))), None)
    if isinstance(told, list):
        if len(told) != len(truth):
            return f"{path}: told {len(told)} rows, truth {len(truth)}"
        pairs = enumerate(zip(told, truth, strict=True))
        return next((found for n, (a, b) in pairs if (found := difference(a, b, f"{path}[{n}]"))), None)
    return None if told == truth else f"{path}: told {told!r}, truth {truth!r}"


def pool(room: Newsroom) -> dict[str, list[str]]:
    """Slugs and ids worth asking for, and some that are not there."""
    kinds = ("Article", "Photo", "Section", "Author", "Tag", "User")
    some = [f"{kind.lower()}_{key}" for kind in kinds for key in list(room.rows[kind])[::7]]
    slugs = {kind: [one.slug for one in room.all(kind)][:40] for kind in ("Article", "Section", "Author", "Tag")}
    absent = ["article_nonsense", "photo_00000000-0000-0000-0000-000000000000", "x", ""]
    return slugs | {
        "ids": [*some, *absent],
        "photo_ids": [one for one in some if one.startswith("photo_")] + ["photo_1"],
    }


@pytest.mark.slow
async def test_fast_path_executor_and_reference_agree_on_random_documents(desk: Desk) -> None:
    found = {"compared": 0, "too deep": 0, "empty": 0}
    things = pool(desk.room)
    core = desk.engine.core
    names = list(ACTORS)
    for seed in range(DOCUMENTS):
        text, variables = Document(core, things, seed).made()
        actor = ACTORS[names[seed % len(names)]]
        fast, slow, truth = await desk.three(text, variables, actor)
        if b"TOO_COMPLEX" in fast:  # SQLite before 3.46 only
            found["too deep"] += 1
            continue
        case = f"document {seed} for {names[seed % len(names)]}:\n{text}\n{variables}"
        assert fast == slow, case
        wrong = difference(canonical(orjson.loads(fast).get("data")), canonical(truth))
        assert wrong is None, f"{wrong}\n{fast[:300]!r}\n{case}"
        found["compared"] += 1
        found["empty"] += len(fast) < 60
    print(found)
    assert found["compared"] > DOCUMENTS * 0.7


@pytest.mark.slow
@pytest.mark.parametrize("who", ["anonymous", "contributor", "editor"])
async def test_pages_walk_the_whole_list_in_every_order_and_both_directions(desk: Desk, who: str) -> None:
    for order in ("PUBLISHED_AT_DESC", "PUBLISHED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC", "HEADLINE_ASC"):
        for size, turn, info in (
            ("first", "after", "hasNextPage endCursor"),
            ("last", "before", "hasPreviousPage startCursor"),
        ):
            document = f"""query P($at: String) {{ articles({size}: 9, {turn}: $at, orderBy: {order}) {{
                edges {{ cursor node {{ id }} }} nodes {{ slug }} totalCount
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
            at: str | None = None
            seen: list[str] = []
            while True:
                fast, slow, truth = await desk.three(document, {"at": at}, ACTORS[who])
                assert fast == slow
                assert orjson.loads(fast)["data"] == truth
                page = truth["articles"]
                seen += [one["slug"] for one in page["nodes"]]
                more, at = (page["pageInfo"][name] for name in info.split())
                if not more:
                    break
            assert len(set(seen)) == len(seen) == page["totalCount"]
