"""One statement for each read, whatever hangs on it, with its page sizes in the text and the indexes that it was made for."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from tortoise.connection import get_connection

from cms import clock, db, ids
from cms.actions import taxonomy
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.app import opened
from cms.errors import BadInput
from cms.models import Article, ArticlePhoto, ArticleTag, Listing, Photo, RelatedLink, Section, Tag
from cms.read.catalog import select
from cms.read.shape import Shape, Slot, Want
from cms.settings import Settings
from cms.web.services import Services
from schema.engine import Engine
from schema.request import Asked
from tests import house
from tests.read import random_newsroom

EDITOR = Actor(kind="USER", role="EDITOR", user_id=UUID(int=5), name="E")
PAGE = """query($slug: String!) { article(slug: $slug) {
  headline kicker summary publishedAt byline bodyHtml jsonLd section { name } authors { name }
  leadPhoto { caption credit altText photo { url(width: 1280) srcset creditChain { distributor } } }
  gallery { caption photo { url } } tags { name slug }
  body { ... on Paragraph { html } ... on PhotoBlock { photo { credit photo { url } } } }
  related(first: 100) { title url article { headline leadPhoto { photo { url } } tags { name } } } } }"""
FRONT = select(
    "Query",
    (
        "articles",
        {"first": 20},
        ("nodes", "slug", "headline", ("leadPhoto", "credit")),
        ("pageInfo", "hasNextPage", "endCursor"),
    ),
)


@pytest.fixture
async def services(database: str, tmp_path: Path) -> AsyncIterator[Services]:
    async with opened(Settings(database_url=database, storage_url=f"file:{tmp_path}/media")) as services:
        yield services


async def story(number: int) -> str:
    """The slug of a live story with so many tags, photos in body and gallery, and related stories, each with its own."""
    await house.section("World")
    pictures = [await house.photo() for _ in range(number)]
    tags = [f"Tag {n}" for n in range(number)]
    others = [await house.live(tags=tags[:2], lead_photo={"photo": one}) for one in pictures]
    made = await house.live(
        headline="Everything",
        tags=tags,
        lead_photo={"photo": pictures[0]},
        gallery=[{"photo": one} for one in pictures],
        body=[*house.paragraphs("Text."), *({"photo": {"photo": one}} for one in pictures)],
    )
    # an editor may link fewer than are asked for here
    links = [RelatedLink(article_id=made, target_id=one, kind="RELATED", position=n) for n, one in enumerate(others)]
    await RelatedLink.bulk_create(links)
    return "everything"


async def test_each_section_is_followed_by_those_below_it_whatever_the_slugs_beside_it(services: Services) -> None:
    world = await house.section("World")
    await house.section("Asia", world)
    await house.section("World Cup")
    for name, position in (("Last", 12), ("First", -12), ("Second", -3)):
        await taxonomy.save_section(SYSTEM, {"name": name, "position": position})
    found = await services.reader.value(select("Query", ("sections", "slug")), ANONYMOUS)
    told = [one["slug"] for one in found["sections"]]
    assert told == ["first", "second", "world", "asia", "world-cup", "last"]


# --------------------------------------------------------------------------------------------------------- how many


@pytest.mark.parametrize("number", [1, 100])
async def test_an_article_page_is_one_statement_however_much_hangs_on_it(services: Services, number: int) -> None:
    slug = await story(number)
    engine = Engine(services)
    for fast in (True, False):
        with db.statements() as seen:
            answer = await engine.answer(Asked(query=PAGE, variables={"slug": slug}), ANONYMOUS, fast=fast)
        page = orjson.loads(answer.body)["data"]["article"]
        assert (len(page["tags"]), len(page["gallery"]), len(page["related"])) == (number, number, number)
        assert sum("photo" in block for block in page["body"]) == number
        assert len(seen) == 1


async def test_each_root_field_is_one_statement_at_the_most(services: Services) -> None:
    await story(3)
    text = "{ a: articles { nodes { slug } } b: photos { nodes { credit } } sections { name } tags { nodes { name } } viewer { kind } }"
    engine = Engine(services)
    with db.statements() as seen:
        answer = await engine.answer(Asked(query=text, variables={}), ANONYMOUS)
    data = orjson.loads(answer.body)["data"]
    assert (len(data["a"]["nodes"]), len(data["b"]["nodes"]), len(data["sections"])) == (4, 3, 1)
    assert 1 <= len(seen) <= 4


async def test_a_statement_is_built_once_and_run_with_other_values(services: Services) -> None:
    await story(2)
    shape = select("Query", ("article", {"slug": Slot("var", ("slug",))}, "headline"))
    plan = services.reader.plan(shape, ANONYMOUS)
    with db.statements() as seen:
        first = await services.reader.value(shape, ANONYMOUS, {"slug": "everything"})
        second = await services.reader.value(shape, ANONYMOUS, {"slug": "'; DROP TABLE article; --"})
    assert (first, second) == ({"article": {"headline": "Everything"}}, {"article": None})
    assert seen == [plan.sql, plan.sql]
    assert services.reader.plan(shape, ANONYMOUS) is plan
    assert services.reader.plan(shape, EDITOR) is not plan


async def test_variables_may_stand_inside_a_list(services: Services) -> None:
    await story(2)
    engine = Engine(services)
    text = """query($tag: String!, $a: ID!, $b: ID!) {
      articles(filter: {tag: [$tag, "tag-none"]}) { totalCount } nodes(ids: [$a, "article_x", $b]) { id } }"""
    key = ids.public("Article", (await Article.get(slug="everything")).id)
    for tag, count in (("tag-0", 3), ("tag-9", 0)):
        for fast in (True, False):
            asked = Asked(query=text, variables={"tag": tag, "a": key, "b": key[:-1]})
            data = orjson.loads((await engine.answer(asked, ANONYMOUS, fast=fast)).body)["data"]
            assert data == {"articles": {"totalCount": count}, "nodes": [{"id": key}, None, None]}


async def test_two_users_of_a_role_share_a_plan_and_see_their_own(services: Services) -> None:
    await house.section("World")
    writers = [await house.staff("CONTRIBUTOR") for _ in range(2)]
    drafts = [await house.article(writer, headline=f"Draft {n}") for n, writer in enumerate(writers)]
    shape = select("Query", ("articles", {}, ("nodes", "id")))
    assert services.reader.plan(shape, writers[0]) is services.reader.plan(shape, writers[1])
    for writer, draft in zip(writers, drafts, strict=True):
        answer = await services.reader.value(shape, writer)
        assert answer == {"articles": {"nodes": [{"id": ids.public("Article", draft)}]}}


# --------------------------------------------------------------------------------------------------------- what it says


async def test_page_sizes_are_in_the_text_and_values_are_not(services: Services) -> None:
    shape = select(
        "Query", ("articles", {"first": 37, "filter": (("tag", ("rice",)), ("language", "en"))}, ("nodes", "slug"))
    )
    plan = services.reader.plan(shape, ANONYMOUS)
    assert "LIMIT 38" in plan.sql
    assert "rice" not in plan.sql
    assert plan.parameters({}, ANONYMOUS)[-1] == "en"


@pytest.mark.parametrize("size", [0, -1, 101, 2**31])
async def test_a_page_of_no_possible_size_is_refused_before_anything_runs(services: Services, size: int) -> None:
    for name in ("first", "last"):
        with db.statements() as seen, pytest.raises(BadInput) as refused:
            await services.reader.value(select("Query", ("articles", {name: size}, ("nodes", "slug"))), ANONYMOUS)
        assert refused.value.field == (name,)
        assert seen == []


async def test_a_total_is_counted_only_where_it_is_asked_for(services: Services) -> None:
    for asked, counted in (("nodes", False), ("totalCount", True)):
        field = asked if asked == "totalCount" else (asked, "slug")
        sql = services.reader.plan(select("Query", ("articles", {}, field)), ANONYMOUS).sql
        assert ("(SELECT count(*) FROM" in sql) is counted


async def test_policy_stands_on_every_level(services: Services) -> None:
    below: Shape | None = select("Article", "slug")
    for _ in range(3):
        assert below is not None
        below = Shape(
            "Article", (Want("related", "related", (), Shape("RelatedLink", (Want("article", "article", (), below),))),)
        )
    shape = Shape("Query", (Want("article", "article", (("slug", "x"),), below),))
    public = services.reader.plan(shape, ANONYMOUS).sql
    assert public.count('"withdrawn_at" IS NULL') == 4
    assert services.reader.plan(shape, EDITOR).sql.count('"withdrawn_at" IS NULL') == 0


# ------------------------------------------------------------------------------------------------------- how it is found

STORIES, RARE = 3000, 4


@pytest.fixture
async def full(services: Services) -> Services:
    """Thousands of stories, a few old ones with a rare tag, known to the planner."""
    await random_newsroom.fill(60)
    at = clock.now()
    section = (await Section.all().order_by("path").first()) or pytest.fail("no section")
    rare = await Tag.create(slug="rare", name="Rare")
    rows = [
        Article(
            id=ids.new(), slug=f"full-{n}", path=f"/world/full-{n}", headline=f"Story {n}", language="en", section_id=section.id,
            live_from=at - timedelta(days=400, minutes=n), created_at=at, updated_at=at, body=[{"type": "paragraph", "html": "x" * 500}],
        )
        for n in range(STORIES)
    ]  # fmt: skip
    await Article.bulk_create(rows, batch_size=500)
    listed = [Listing(list_id=section.id, live_from=row.live_from, article_id=row.id) for row in rows]
    listed += [Listing(list_id=rare.id, live_from=row.live_from, article_id=row.id) for row in rows[-RARE:]]
    await Listing.bulk_create(listed, batch_size=500)
    await ArticleTag.bulk_create([ArticleTag(article_id=row.id, tag_id=rare.id, position=0) for row in rows[-RARE:]])
    photo = (await Photo.filter(status="READY", rights_until=None).first()) or pytest.fail("no photo")
    placed = [
        ArticlePhoto(article_id=row.id, photo_id=photo.id, role="LEAD", position=0, photo_version=1) for row in rows
    ]
    await ArticlePhoto.bulk_create(placed, batch_size=500)
    links = [RelatedLink(article_id=row.id, target_id=rows[0].id, kind="RELATED", position=0) for row in rows]
    await RelatedLink.bulk_create(links, batch_size=500)
    await get_connection("default").execute_script("ANALYZE")
    return services


INDEXES = {  # name and "table(column,column)" of each
    "sqlite": """SELECT i.name AS name, t.name || '(' || group_concat(c.name) || ')' AS shown
        FROM sqlite_master t, pragma_index_list(t.name) i, pragma_index_info(i.name) c WHERE t.type = 'table' GROUP BY 1""",
    "postgres": """SELECT n.relname AS name, i.indrelid::regclass || '(' || string_agg(a.attname, ',' ORDER BY k.n) || ')' AS shown
        FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid, unnest(i.indkey::int[]) WITH ORDINALITY k(number, n), pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = k.number AND n.relnamespace = 'public'::regnamespace GROUP BY n.relname, i.indrelid""",
}


async def explained(
    services: Services, shape: Shape, actor: Actor = ANONYMOUS, variables: dict[str, Any] | None = None
) -> str:
    """The plan, with each index under its table and columns: "article(live_from,id"."""
    plan, dialect = services.reader.plan(shape, actor), services.database.dialect
    words, column = {"sqlite": ("QUERY PLAN", "detail"), "postgres": ("(COSTS OFF)", "QUERY PLAN")}[dialect]
    connection = get_connection("default")
    values = plan.parameters(variables or {}, actor)
    rows = await connection.execute_query_dict(f"EXPLAIN {words} {plan.sql}", values)
    text = "\n".join(str(row[column]) for row in rows)
    indexes = {row["name"]: row["shown"] for row in await connection.execute_query_dict(INDEXES[dialect])}
    return re.sub(r"\w+", lambda word: indexes.get(word[0], word[0]), text)


def walks(services: Services, plan: str, index: str) -> bool:
    """Are rows read off this index, and the table of stories never from end to end?"""
    if services.database.dialect == "postgres":
        return f"Scan Backward using {index}" in plan and "Seq Scan on article t" not in plan
    return f"INDEX {index}" in plan and not re.search(r"SCAN t\d+( |$)(?!USING)", plan, re.MULTILINE)


async def test_the_front_page_is_read_off_the_index_of_publication(full: Services) -> None:
    plan = await explained(full, FRONT)
    assert walks(full, plan, "article(live_from,id"), plan
    answer = await full.reader.value(FRONT, ANONYMOUS)
    cursor = answer["articles"]["pageInfo"]["endCursor"]
    onward = select("Query", ("articles", {"first": 20, "after": Slot("var", ("at",))}, ("nodes", "slug")))
    plan = await explained(full, onward, variables={"at": cursor})
    assert walks(full, plan, "article(live_from,id"), plan


async def test_a_rare_tags_stories_are_read_off_its_list(full: Services) -> None:
    below = select("Tag", ("articles", {"first": 20}, ("nodes", "slug"), "totalCount"))
    shape = Shape("Query", (Want("tag", "tag", (("slug", "rare"),), below),))
    plan = await explained(full, shape)
    assert walks(full, plan, "listing(list_id,live_from,article_id)"), plan
    answer = await full.reader.value(shape, ANONYMOUS)
    assert answer["tag"]["articles"]["totalCount"] == RARE
    assert [node["slug"] for node in answer["tag"]["articles"]["nodes"]] == [
        f"full-{STORIES - n}" for n in range(RARE, 0, -1)
    ]


async def test_a_sections_stories_are_read_off_its_list(full: Services) -> None:
    shape = select("Query", ("articles", {"first": 20, "filter": (("section", "culture"),)}, ("nodes", "slug")))
    plan = await explained(full, shape)
    assert walks(full, plan, "listing(list_id,live_from,article_id)"), plan


@pytest.mark.parametrize(
    ("order", "index"), [("UPDATED_AT_DESC", "article(updated_at,id)"), ("HEADLINE_ASC", "article(headline,id)")]
)
async def test_every_order_has_its_index(full: Services, order: str, index: str) -> None:
    plan = await explained(
        full, select("Query", ("articles", {"first": 20, "orderBy": order}, ("nodes", "slug"))), EDITOR
    )
    used = f"using {index}" if full.database.dialect == "postgres" else f"INDEX {index}"
    assert used in plan, plan
