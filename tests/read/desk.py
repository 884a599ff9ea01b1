"""A filled newsroom asked three ways: by the fast path, by the executor, and by a naive reading that shares no rule with either."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
from tortoise import connections

from cms import clock
from cms.actor import ANONYMOUS, Actor
from cms.app import opened
from cms.settings import Settings
from schema.engine import Engine
from schema.request import Asked
from tests.read import random_newsroom
from tests.read.documents import ORDERS
from tests.read.reference import NAME, PUBLIC, SITE, Newsroom, Reference, Refused, Walk, fragments_of


def partner(given: random_newsroom.Grants) -> Actor:
    return Actor(
        kind="PARTNER",
        partner_id=given.key,
        name=given.name,
        sections=tuple(random_newsroom.at_and_below(given.sections)) or None,
        embargo_access=given.embargo,
        territories=given.territories,
        distributors=given.distributors,
    )


ACTORS = {
    "anonymous": ANONYMOUS,
    "reader": Actor(kind="USER", role="READER", user_id=random_newsroom.ADMIN, name="R"),
    "contributor": Actor(kind="USER", role="CONTRIBUTOR", user_id=random_newsroom.WRITER, name="W"),
    "other contributor": Actor(kind="API_KEY", role="CONTRIBUTOR", user_id=random_newsroom.EDITOR, name="O"),
    "photo editor": Actor(kind="USER", role="PHOTO_EDITOR", user_id=random_newsroom.EDITOR, name="P"),
    "editor": Actor(kind="API_KEY", role="EDITOR", user_id=random_newsroom.EDITOR, name="E"),
    "admin": Actor(kind="USER", role="ADMIN", user_id=random_newsroom.ADMIN, name="A"),
    **{name: partner(given) for name, given in random_newsroom.PARTNERS.items()},
}

CALLED = {"AuditEntry": "Audit"}  # kinds whose lists go by another name
KINDS = {
    "Article": ORDERS["ArticleOrder"],
    "Photo": ORDERS["PhotoOrder"],
    "Tag": ["NAME_ASC"],
    "Author": ["NAME_ASC"],
    "User": ["NAME_ASC"],
    "AuditEntry": ["AT_DESC"],
    "Revision": ["SAVED_AT_DESC"],
    "Partner": ["NAME_ASC"],
    "Change": ["LEDGER"],
    "Delivery": ["GIVEN_AT_DESC"],
}

# what a document may be refused with; INTERNAL is never among them
REFUSALS = {"BAD_INPUT", "BAD_CURSOR", "BAD_REQUEST"}

WIDE: dict[str, Any] = {  # what random documents need, and nobody else
    "max_aliases": 5000,
    "max_depth": 40,
    "max_directives": 5000,
    "max_tokens": 100_000,
    "max_cost": 10**40,
    "max_staff_cost": 10**40,
    "statement_seconds": 60,  # such documents ask for what no front end would, beside other tests
    "request_seconds": 120,
    "answer_cache_mb": 0,  # rows are written past the actions here, which nobody is told of
}


class Desk:
    def __init__(self, engine: Engine, room: Newsroom):
        self.engine, self.room, self.things = engine, room, pool(room)

    async def told(self, text: str, variables: dict[str, Any], actor: Actor, *, fast: bool = True) -> bytes:
        return (await self.engine.answer(Asked(query=text, variables=variables), actor, fast=fast)).body

    def truth(self, text: str, variables: dict[str, Any], actor: Actor) -> Any:
        """The naive reader's answer; None where it refuses, or where the document is no valid one."""
        try:
            operation = self.engine.prepare(Asked(query=text, variables=variables))
            fragments = fragments_of(operation.document)
            walk = Walk(operation.schema, operation.node, fragments, variables, Reference(self.room, actor))
            return walk.answer()
        except Refused:
            return None

    async def agreed(self, text: str, variables: dict[str, Any], actor: Actor) -> str:
        """ "data" where all three say the same, else the code that both doors refused with.  Fails where they differ."""
        case = f"for {actor}:\n{text}\n{variables}"
        fast = await self.told(text, variables, actor)
        if b"TOO_COMPLEX" in fast:  # SQLite before 3.46, which notices while it runs
            return "TOO_COMPLEX"
        slow = await self.told(text, variables, actor, fast=False)
        assert fast == slow, f"{fast[:500]!r}\n{slow[:500]!r}\n{case}"
        answer = orjson.loads(fast)
        if "errors" in answer:
            code: str = answer["errors"][0]["extensions"]["code"]
            assert answer.get("data") is None, case
            assert code in REFUSALS, f"{answer}\n{case}"
            return code
        wrong = difference(canonical(answer["data"]), canonical(self.truth(text, variables, actor)))
        assert wrong is None, f"{wrong}\n{fast[:300]!r}\n{case}"
        return "data"


@asynccontextmanager
async def opened_desk(database: str, folder: Path, articles: int = 240, **settings: Any) -> AsyncIterator[Desk]:
    given = Settings(
        database_url=database,
        storage_url=f"file:{folder}/media",
        site_url=SITE,
        public_url=PUBLIC,
        site_name=NAME,
    )
    at = clock.now()  # stands still, for addresses that end by it: the two doors are asked one after the other
    async with opened(replace(given, **WIDE | settings)) as services:
        await random_newsroom.fill(articles)
        await connections.get("default").execute_script("ANALYZE")
        with patch.object(clock, "now", lambda: at):
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
    """Slugs, ids and cursors worth asking for, and some that are not there."""
    kinds = ("Article", "Photo", "Section", "Author", "Tag", "Collection", "User")
    some = [f"{kind.lower()}_{key}" for kind in kinds for key in list(room.rows[kind])[::7]]
    some += [f"{kind.lower()}_{key}" for kind in ("Partner", "Feed") for key in list(room.rows[kind])[::2]] * 2
    named = ("Article", "Section", "Author", "Tag", "Collection")
    slugs = {kind: [one.slug for one in room.all(kind)][:40] for kind in named}
    for one in room.all("FormerSlug")[::4]:
        slugs[one.kind.title()].append(one.slug)
    absent = ["article_nonsense", "photo_00000000-0000-0000-0000-000000000000", "x", ""]
    photos = [one for one in some if one.startswith("photo_")]
    slugs["subjects"] = [f"{one.subject_type.lower()}_{one.subject_id}" for one in room.all("AuditEntry")][::5]
    return slugs | cursors(room) | {"ids": [*some, *absent], "photo_ids": [*photos, "photo_1"]}


def cursors(room: Newsroom) -> dict[str, list[str]]:
    """By kind and order: of rows that are there, hidden ones too, and of one that is not there any more."""
    reference, made = Reference(room, ANONYMOUS), {}
    for kind, orders in KINDS.items():
        for order in orders:
            found = [reference.cursor(order, one) for one in room.all(kind)[::9]]
            absent = "1-33-88888" if kind == "Change" else found[-1][:-32] + "8" * 32
            made[f"{CALLED.get(kind, kind)} {order}"] = [*found, absent]
    made["Webhook NAME_ASC"] = made["Tag NAME_ASC"]  # there is none, and they are in the same order
    return made
