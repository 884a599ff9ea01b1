"""Pages: each row once and in order while others come and go, both ends at once as Relay has it, and a window for each parent."""

import os
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from cms import db, ids
from cms.actor import ANONYMOUS
from cms.app import opened
from cms.models import Article, ArticleAuthor, ArticleTag, Author, Listing, Section, Tag
from cms.settings import Settings
from schema.engine import Engine
from schema.request import Asked

ORDERS = ("PUBLISHED_AT_DESC", "PUBLISHED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC", "HEADLINE_ASC")
START = datetime(2026, 1, 1, tzinfo=UTC)
STAYING = 24
WALKS = int(os.environ.get("TEST_WALKS", "1"))  # newsrooms, each walked through in 40 ways
FORWARDS = ("first", "after", "hasNextPage", "endCursor")
BACKWARDS = ("last", "before", "hasPreviousPage", "startCursor")
PLACES = {  # the way to a list, and its name in the answer
    "all": ("articles(%s)", ("articles",)),
    "a section": ('section(slug: "world") { articles(%s)', ("section", "articles")),
    "a tag": ('tag(slug: "rice") { articles(%s)', ("tag", "articles")),
    "an author": ('author(slug: "ann") { articles(%s)', ("author", "articles")),
}


class Churn:
    """Stories that stay, and stories that come and go between two pages.  Many share an instant or a headline."""

    def __init__(self, seed: int, section: Section, tag: Tag, author: Author):
        self.r = random.Random(seed)
        self.section, self.tag, self.author = section, tag, author
        self.staying: list[Article] = []
        self.passing: list[UUID] = []

    async def begin(self) -> None:
        self.staying = [await self.came() for _ in range(STAYING)]
        self.passing = [(await self.came()).id for _ in range(STAYING)]

    async def came(self) -> Article:
        instant = START + timedelta(seconds=self.r.randint(0, 40), microseconds=self.r.choice([0, 0, 1, 250000]))
        key = ids.new()
        key = UUID(int=key.int ^ (self.r.getrandbits(40) << 64))  # keys do not follow time here
        row = Article(
            id=key, slug=f"s-{key.hex}", path=f"/world/s-{key.hex}", language="en", section_id=self.section.id, live_from=instant,
            headline=self.r.choice(["Rice", "rice", "Rice é", "Wheat", "日本"]), created_at=START, body=[],
            updated_at=START + timedelta(seconds=self.r.randint(0, 40)),
        )  # fmt: skip
        async with db.transaction():
            await row.save(force_create=True)
            await ArticleTag.create(article_id=key, tag_id=self.tag.id, position=0)
            await ArticleAuthor.create(article_id=key, author_id=self.author.id, position=0)
            for one in (self.section.id, self.tag.id, self.author.id):
                await Listing.create(list_id=one, live_from=instant, article_id=key)
        return row

    async def turn(self) -> None:
        """Some come and some go: deleted, withdrawn or expired; among them, often, the row that the cursor stands on."""
        for _ in range(self.r.randint(0, 2)):
            self.passing.append((await self.came()).id)
        for _ in range(min(self.r.randint(0, 2), len(self.passing))):
            gone = self.passing.pop(self.r.randrange(len(self.passing)))
            way = self.r.choice(["deleted", "withdrawn", "expired"])
            if way == "deleted":
                await Article.filter(id=gone).delete()
            else:
                await Article.filter(id=gone).update(**{"withdrawn_at" if way == "withdrawn" else "live_until": START})

    async def go(self, slug: str) -> None:
        """The story with this slug goes, unless it is one that stays."""
        key = UUID(slug.removeprefix("s-"))
        if key in self.passing:
            self.passing.remove(key)
            await Article.filter(id=key).delete()


@pytest.fixture
async def engine(database: str, tmp_path: Path) -> AsyncIterator[Engine]:
    settings = Settings(database_url=database, storage_url=f"file:{tmp_path}/media", answer_cache_mb=0)
    async with opened(settings) as services:
        yield Engine(services)


async def churn(seed: int) -> Churn:
    section = await Section.create(slug="world", name="World", path="/world/")
    made = Churn(
        seed, section, await Tag.create(slug="rice", name="Rice"), await Author.create(slug="ann", name="Ann Lee")
    )
    await made.begin()
    return made


async def ask(engine: Engine, text: str, **variables: Any) -> Any:
    answer = orjson.loads((await engine.answer(Asked(text, variables), ANONYMOUS)).body)
    assert "errors" not in answer, answer
    return answer["data"]


def in_order(rows: list[Article], order: str) -> list[str]:
    column = {"PUBLISHED": "live_from", "UPDATED": "updated_at", "HEADLINE": "headline"}[order.split("_")[0]]

    def place(row: Article) -> tuple[Any, bytes]:
        value = getattr(row, column)
        return (value.encode() if isinstance(value, str) else value), row.id.bytes

    return [row.slug for row in sorted(rows, key=place, reverse=order.endswith("DESC"))]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
async def test_what_was_there_all_the_time_is_seen_once_and_in_order(engine: Engine, seed: int) -> None:
    room = await churn(seed)
    for order in ORDERS:
        for place, (way, path) in PLACES.items():
            for size, turn, more, end in (FORWARDS, BACKWARDS):
                fields = "{ nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
                field = way % f"{size}: $size, {turn}: $at, orderBy: {order}" + fields + " }" * (len(path) - 1)
                seen: list[str] = []
                at: str | None = None
                for _ in range(400):
                    page = await ask(
                        engine, f"query($size: Int, $at: String) {{ {field} }}", size=room.r.randint(2, 9), at=at
                    )
                    for step in path:
                        page = page[step]
                    slugs = [one["slug"] for one in page["nodes"]]
                    seen += slugs if size == "first" else slugs[::-1]
                    await room.turn()
                    if slugs and room.r.random() < 0.5:
                        await room.go(slugs[-1 if size == "first" else 0])
                    if not page["pageInfo"][more]:
                        break
                    at = page["pageInfo"][end]
                case = f"{place} by {order}, {size}"
                stayed = {row.slug for row in room.staying}
                expected = in_order(room.staying, order)
                assert [one for one in seen if one in stayed] == (expected if size == "first" else expected[::-1]), case
                assert len(seen) == len(set(seen)), case


# GraphQL Cursor Connections Specification, for a list of the rows 0 to 4: (arguments) -> rows, hasNextPage, hasPreviousPage
BOTH_ENDS = {
    "first: 2, last: 1": ([1], True, True),
    "first: 2, last: 2": ([0, 1], True, True),
    "first: 2, last: 4": ([0, 1], True, True),
    "first: 2, last: 5": ([0, 1], True, False),
    "first: 5, last: 2": ([3, 4], False, True),
    "first: 5, last: 5": ([0, 1, 2, 3, 4], False, False),
    "first: 9, last: 9": ([0, 1, 2, 3, 4], False, False),
    "first: 3, last: 1, after: $zero": ([3], True, True),
    "first: 4, last: 4, after: $zero": ([1, 2, 3, 4], False, False),
    "first: 2, last: 2, before: $four": ([0, 1], True, True),
    "first: 4, last: 1, before: $four": ([3], False, True),
    "first: 1, last: 1, after: $zero, before: $four": ([1], True, True),
    "first: 3, last: 3, after: $zero, before: $four": ([1, 2, 3], False, False),
    "first: 3, last: 3, after: $four, before: $zero": ([], False, False),
    "first: 2": ([0, 1], True, False),
    "first: 2, after: $zero": ([1, 2], True, True),
    "first: 2, before: $four": ([0, 1], True, False),
    "last: 2": ([3, 4], False, True),
    "last: 2, before: $four": ([2, 3], True, True),
    "last: 2, after: $zero": ([3, 4], False, True),
    "last: 4, after: $zero": ([1, 2, 3, 4], False, False),
    "after: $zero, before: $four": ([1, 2, 3], False, True),
}


async def test_both_ends_at_once_mean_what_the_specification_says(engine: Engine) -> None:
    room = await churn(3)
    for key in [*room.passing, *(row.id for row in room.staying[5:])]:
        await Article.filter(id=key).delete()
    slugs = in_order(room.staying[:5], "HEADLINE_ASC")
    edges = await ask(engine, "{ articles(orderBy: HEADLINE_ASC) { edges { cursor node { slug } } } }")
    assert [edge["node"]["slug"] for edge in edges["articles"]["edges"]] == slugs
    cursors = {name: edges["articles"]["edges"][n]["cursor"] for name, n in (("zero", 0), ("four", 4))}
    for given, (rows, onward, back) in BOTH_ENDS.items():
        declared = ", ".join(f"${name}: String" for name in cursors if f"${name}" in given)
        for way in ("articles(%s)", 'tag(slug: "rice") { articles(%s)'):
            field = (
                way % f"{given}, orderBy: HEADLINE_ASC"
                + " { nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor } totalCount }"
            )
            data = await ask(
                engine,
                f"query Q{f'({declared})' if declared else ''} {{ {field} {'}' if 'tag' in way else ''} }}",
                **{name: cursor for name, cursor in cursors.items() if f"${name}" in given},
            )
            page = (data["tag"] if "tag" in way else data)["articles"]
            info = page["pageInfo"]
            assert (
                [slugs.index(one["slug"]) for one in page["nodes"]],
                info["hasNextPage"],
                info["hasPreviousPage"],
            ) == (
                rows,
                onward,
                back,
            ), given
            start = edges["articles"]["edges"][rows[0]]["cursor"] if rows else None
            assert (info["startCursor"], page["totalCount"]) == (start, 5), given


async def test_each_parent_has_its_own_window(engine: Engine) -> None:
    room = await churn(4)
    other = await Tag.create(slug="wheat", name="Wheat")
    some = room.staying[::4]
    for row in some:
        await ArticleTag.create(article_id=row.id, tag_id=other.id, position=1)
        await Listing.create(list_id=other.id, live_from=row.live_from, article_id=row.id)
    below = "articles(%s) { nodes { slug } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    for given in ("first: 3", "last: 2", "first: 4, last: 1"):
        both = await ask(engine, f"{{ tags {{ nodes {{ slug {below % given} }} }} }}")
        for tag, number in zip(both["tags"]["nodes"], (2 * STAYING, len(some)), strict=True):
            alone = await ask(engine, f'{{ tag(slug: "{tag["slug"]}") {{ slug {below % given} }} }}')
            assert tag == alone["tag"]
            assert (tag["articles"]["totalCount"], len(tag["articles"]["nodes"])) == (number, int(given[-1]))
    assert await ask(engine, '{ tag(slug: "wheat") { articles(first: 100) { nodes { slug } } } }') == {
        "tag": {"articles": {"nodes": [{"slug": slug} for slug in in_order(some, "PUBLISHED_AT_DESC")]}}
    }
