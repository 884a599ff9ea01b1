"""Random partners, all stories and photos, all paths: what each is given over HTTP with its own key is what the rule says,
written a second time in `reference`."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cms.actions import accounts
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.ledger import START
from cms.models import Photo
from cms.read.following import Following
from schema.engine import Engine
from schema.request import Asked
from schema.streams import Caller, Streams
from tests import pictures
from tests.read import random_newsroom
from tests.read.desk import partner
from tests.read.random_newsroom import BELOW, DISTRIBUTORS, TOP, Grants
from tests.read.reference import Newsroom, Reference
from tests.schema.conftest import signed_in
from tests.web import Web, serving

PARTNERS, PHOTOS = 6, 40
WIDE = {"max_cost": 10**9, "statement_seconds": 60, "request_seconds": 120}


@pytest.fixture
async def web(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    """A random newsroom, in which each photo has the same bytes."""
    async with serving(database, f"file:{tmp_path}/media", **WIDE) as web:
        editor = await signed_in(web, "EDITOR")
        assert (await editor.upload(pictures.jpeg(640, 400), credit="Ann"))["errors"] == []
        bytes_ = await Photo.all().first().values("original_key", "sha256", "store", "width", "height")
        await random_newsroom.fill(160)
        await Photo.all().update(**bytes_)
        yield web


def drawn(rnd: random.Random, number: int) -> Grants:
    slugs = [*TOP, *(f"{top}-{sub}" for top in TOP for sub in BELOW)]
    return Grants(
        key=UUID(int=500 + number),
        name=f"Partner {number}",
        sections=tuple(rnd.sample(slugs, rnd.choice([0, 0, 1, 2, 4]))),
        embargo=rnd.random() < 0.5,
        territories=tuple(rnd.sample(["DE", "AT", "CH", "US"], rnd.choice([0, 1, 2, 3]))),
        distributors=rnd.choice([None, tuple(rnd.sample(DISTRIBUTORS, rnd.choice([0, 1, 2])))]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
async def test_every_path_gives_a_partner_what_it_is_entitled_to_and_nothing_else(web: Web, seed: int) -> None:
    partners = [drawn(random.Random(seed * 100 + number), number) for number in range(PARTNERS)]
    await random_newsroom.entitle(partners, await now())
    room, sizes = await Newsroom().load(), set()
    for one in partners:
        assert await accounts.partner(one.key) == partner(one)
        key = (await accounts.create_key(SYSTEM, "The wire", partner=one.key)).secret
        rule = Reference(room, Actor(kind="PARTNER", partner_id=one.key))
        paths = Paths(web.as_(key), room)
        stories = {f"article_{a.id}" for a in room.all("Article") if rule.sees("Article", a)}
        photos = {f"photo_{p.id}" for p in room.all("Photo") if rule.sees("Photo", p)}
        assert await paths.walked("articles") == stories
        assert await paths.walked("photos") == photos
        assert await paths.by_id("Article") == stories
        assert await paths.by_id("Photo") == photos
        assert await paths.by_slug() == stories
        assert await paths.of_lists("sections") == stories
        assert await paths.of_lists("tags(first: 100) { nodes") <= stories
        assert await paths.filtered_by_section() == stories
        assert await paths.filtered_by_photo() == shown_in(room, rule)
        told = await paths.edges()
        assert told["stories"] <= stories
        assert told["photos"] == {f"photo_{p}" for a in rule.articles() for p in (x.photo_id for x in rule.placed(a))}
        assert told["lacking"] == {f"article_{a.id}" for a in rule.articles() if rule.lacks(a)}
        assert await paths.images() == {one for one in paths.sample if one in photos}
        assert await paths.originals() == {one for one in paths.sample if one in photos}
        changes = [c for c in room.all("Change") if rule.told(c)]
        changes.sort(key=lambda c: (c.epoch, c.xid, c.position))
        assert await paths.ledger() == [rule.cursor("LEDGER", c) for c in changes]
        assert await followed(web, partner(one), len(changes)) == [rule.cursor("LEDGER", c) for c in changes]
        sizes.add((len(stories), len(photos), len(changes)))
    print(sizes)
    assert len(sizes) == PARTNERS  # no two of them were given the same


async def followed(web: Web, actor: Actor, number: int) -> list[str]:
    """The ledger as a subscription tells it: so many changes, and then nothing."""
    streams = Streams(Engine(web.services), Following(web.services.reader, web.services.freshness))
    asked = Asked("subscription { changes { cursor subject { id } } }")
    subscribed = await streams.prepared(asked, Caller(actor, None), START)
    async with aclosing(subscribed.changes()) as told:
        found = [(await anext(told)).cursor for _ in range(number)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(told), 0.3)
    return found


def shown_in(room: Newsroom, rule: Reference) -> set[tuple[str, str]]:
    return {(f"photo_{p.photo_id}", f"article_{a.id}") for a in rule.articles() for p in rule.placed(a)}


class Paths:
    """All the ways to stories and photos, walked with one partner's key."""

    def __init__(self, web: Web, room: Newsroom):
        self.web, self.room = web, room
        self.sample = [f"photo_{one.id}" for one in room.all("Photo")][:PHOTOS]

    async def walked(self, list_: str) -> set[str]:
        return {one["id"] for one in await self.pages(list_, "id")}

    async def pages(self, list_: str, fields: str, most: int = 50) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = None
        while True:
            document = f"query($after: String) {{ {list_}(first: {most}, after: $after) {{ nodes {{ {fields} }} edges {{ node {{ {fields} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
            page = (await self.web.ask(document, after=after))[list_]
            assert [one["node"] for one in page["edges"]] == page["nodes"]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def by_id(self, kind: str) -> set[str]:
        """`nodes` for all, `node` for some: they say the same."""
        ids = [f"{kind.lower()}_{key}" for key in self.room.rows[kind]]
        found = set()
        for start in range(0, len(ids), 100):
            asked = ids[start : start + 100]
            nodes = (await self.web.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=asked))["nodes"]
            assert [one and one["id"] for one in nodes] == [one if nodes[n] else None for n, one in enumerate(asked)]
            found |= {one["id"] for one in nodes if one}
        for one in ids[:30]:
            node = (await self.web.ask("query($id: ID!) { node(id: $id) { id } }", id=one))["node"]
            assert (node is not None) == (one in found)
        return found

    async def by_slug(self) -> set[str]:
        document = "query($slug: String!) { article(slug: $slug) { id } }"
        found = [(await self.web.ask(document, slug=one.slug))["article"] for one in self.room.all("Article")]
        return {one["id"] for one in found if one}

    async def of_lists(self, lists: str) -> set[str]:
        close = "}" * (lists.count("{") + 1)
        document = (
            f"{{ {lists} {{ articles(first: 100) {{ edges {{ node {{ id }} }} pageInfo {{ hasNextPage }} }} }} {close}"
        )
        found = (await self.web.ask(document))[lists.split("(")[0]]
        pages = [one["articles"] for one in (found["nodes"] if isinstance(found, dict) else found)]
        assert not any(one["pageInfo"]["hasNextPage"] for one in pages)
        return {edge["node"]["id"] for page in pages for edge in page["edges"]}

    async def filtered_by_section(self) -> set[str]:
        document = "query($slug: String!) { articles(first: 100, filter: { section: $slug }) { nodes { id } } }"
        pages = [(await self.web.ask(document, slug=slug))["articles"]["nodes"] for slug in TOP]
        return {one["id"] for page in pages for one in page}

    async def filtered_by_photo(self) -> set[tuple[str, str]]:
        """Each photo with the stories that it may be found in."""
        document = "query($id: ID!) { articles(first: 100, filter: { photo: $id }) { nodes { id } } }"
        photos = [f"photo_{key}" for key in self.room.rows["Photo"]]
        pages = [(one, (await self.web.ask(document, id=one))["articles"]["nodes"]) for one in photos]
        return {(photo, one["id"]) for photo, page in pages for one in page}

    async def edges(self) -> dict[str, set[str]]:
        """From story to story, and from story to photo."""
        fields = """id omitted photos { photo { id usedIn(first: 100) { nodes { id } } } } leadPhoto { photo { id } }
          related(first: 100) { article { id } } linkedFrom(first: 100) { nodes { id } } translations { id }
          body { ... on PhotoBlock { photo { photo { id } } } ... on GalleryBlock { photos { photo { id } } } }"""
        told: dict[str, set[str]] = {"stories": set(), "photos": set(), "lacking": set()}
        for one in await self.pages("articles", fields, 20):
            placed = [*one["photos"], *([one["leadPhoto"]] if one["leadPhoto"] else [])]
            placed += [block["photo"] for block in one["body"] if block.get("photo")]
            placed += [shown for block in one["body"] for shown in block.get("photos", ())]
            told["photos"] |= {shown["photo"]["id"] for shown in placed}
            told["stories"] |= {link["article"]["id"] for link in one["related"] if link["article"]}
            near = [*one["linkedFrom"]["nodes"], *one["translations"]]
            near += [other for shown in one["photos"] for other in shown["photo"]["usedIn"]["nodes"]]
            told["stories"] |= {other["id"] for other in near}
            told["lacking"] |= {one["id"]} if one["omitted"] == "RIGHTS" else set()
        return told

    async def images(self) -> set[str]:
        """Each photo's picture, by an address that anybody can make up."""
        status = {}
        for one in self.sample:
            path = f"/images/{one.removeprefix('photo_')}/1/w160-cover.jpeg"
            status[one] = (await self.web.get(path)).status_code
        killed = {f"photo_{one.id}" for one in self.room.all("Photo") if one.status == "WITHDRAWN"}
        assert {one for one, code in status.items() if code == 410} == killed & status.keys()
        assert set(status.values()) == {200, 404, 410}
        return {one for one, code in status.items() if code == 200}

    async def originals(self) -> set[str]:
        """Each photo's file, by the address that the photo says."""
        opened = set()
        for one in self.sample:
            photo = (await self.web.ask("query($id: ID!) { photo(id: $id) { originalUrl } }", id=one))["photo"]
            if photo:
                response = await self.web.as_(None).get(photo["originalUrl"].removeprefix("http://desk.test"))
                assert response.status_code == 200, response.text
                opened.add(one)
        return opened

    async def ledger(self) -> list[str]:
        return [one["cursor"] for one in await self.pages("changes", "cursor", 37)]
