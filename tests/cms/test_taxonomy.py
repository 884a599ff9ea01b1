"""Sections as a tree, tags, authors."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms.actions import articles, publishing, taxonomy
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.db import Database
from cms.errors import BadInput, Conflict, Forbidden, NotFound, Required, SlugTaken, TooLong, Unauthenticated
from cms.models import Author, Listing, Section, Tag
from cms.read.catalog import select
from cms.read.entry import Site
from cms.read.reader import Reader
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")


async def paths() -> dict[str, str]:
    return {section.slug: section.path for section in await Section.all()}


async def listed(article_id: UUID) -> set[UUID]:
    return {row.list_id for row in await Listing.filter(article_id=article_id)}


async def test_a_section_takes_its_slug_from_its_name_and_its_path_from_its_parent() -> None:
    world = await taxonomy.save_section(SYSTEM, {"name": "World News", "position": 2, "description": "Abroad"})
    asia = await taxonomy.save_section(SYSTEM, {"name": "Asia", "slug": "asia-pacific", "parent": world})
    assert await paths() == {"world-news": "/world-news/", "asia-pacific": "/world-news/asia-pacific/"}
    row = await Section.get(id=world)
    assert (row.version, row.name, row.position, row.description, row.parent_id) == (1, "World News", 2, "Abroad", None)
    assert (await Section.get(id=asia)).parent_id == world


async def test_another_slug_moves_the_subtree_and_its_stories() -> None:
    world = await house.section("World")
    asia = await house.section("Asia", world)
    korea = await house.section("Korea", asia)
    story = await house.live(section="korea", slug="snow")
    beside = await house.article(section="world", slug="beside")
    await taxonomy.save_section(SYSTEM, {"slug": "orient"}, asia, 1)
    assert await paths() == {"world": "/world/", "orient": "/world/orient/", "korea": "/world/orient/korea/"}
    assert (await house.stored(story)).path == "/world/orient/korea/snow"
    assert (await house.stored(beside)).path == "/world/beside"
    assert await listed(story) == {world, asia, korea}


async def test_another_parent_moves_addresses_and_lists() -> None:
    world, sport = await house.section("World"), await house.section("Sport")
    asia = await house.section("Asia", world)
    korea = await house.section("Korea", asia)
    story = await house.live(section="korea", slug="snow")
    begun = (await house.stored(story)).live_from
    await taxonomy.save_section(SYSTEM, {"parent": sport}, asia, 1)
    assert (await paths())["korea"] == "/sport/asia/korea/"
    assert (await house.stored(story)).path == "/sport/asia/korea/snow"
    assert await listed(story) == {sport, asia, korea}
    assert {row.live_from for row in await Listing.filter(article_id=story)} == {begun}
    await taxonomy.save_section(SYSTEM, {"parent": None}, korea, 1)
    assert (await house.stored(story)).path == "/korea/snow"
    assert await listed(story) == {korea}


async def test_a_section_does_not_go_below_itself() -> None:
    world = await house.section("World")
    asia = await house.section("Asia", world)
    for parent in (world, asia):
        with pytest.raises(BadInput) as refused:
            await taxonomy.save_section(SYSTEM, {"parent": parent}, world, 1)
        assert refused.value.field == ("parent",)
    assert await paths() == {"world": "/world/", "asia": "/world/asia/"}


async def test_two_moves_at_once_make_no_circle() -> None:
    one, two = await house.section("One"), await house.section("Two")
    results = await asyncio.gather(
        taxonomy.save_section(SYSTEM, {"parent": two}, one, 1),
        taxonomy.save_section(SYSTEM, {"parent": one}, two, 1),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in results) == ["BadInput", "UUID"]
    assert await paths() in ({"one": "/two/one/", "two": "/two/"}, {"two": "/one/two/", "one": "/one/"})


@pytest.mark.parametrize("word", sorted(taxonomy.RESERVED))
async def test_words_that_feeds_need_are_no_sections(word: str) -> None:
    for fields in ({"name": "x", "slug": word}, {"name": word.title()}):
        with pytest.raises(BadInput) as refused:
            await taxonomy.save_section(SYSTEM, fields)
        assert refused.value.field == ("slug",)
    assert await Section.all().count() == 0


async def test_a_path_that_would_be_too_long_is_refused() -> None:
    parent, made = None, []
    for letter in "abcd":
        parent = await taxonomy.save_section(SYSTEM, {"name": letter, "slug": letter * 80, "parent": parent})
        made.append(parent)
    with pytest.raises(TooLong):
        await taxonomy.save_section(SYSTEM, {"name": "e", "slug": "e" * 80, "parent": parent})
    other = await taxonomy.save_section(SYSTEM, {"name": "f", "slug": "f" * 80})
    with pytest.raises(TooLong):
        await taxonomy.save_section(SYSTEM, {"parent": other}, made[0], 1)
    assert (await Section.get(id=made[3])).path == "/" + "/".join(letter * 80 for letter in "abcd") + "/"


async def test_an_unknown_parent_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        await taxonomy.save_section(SYSTEM, {"name": "x", "parent": uuid4()})
    assert refused.value.field == ("parent",)
    assert await Section.all().count() == 0


async def test_an_author_has_what_it_was_given_and_keeps_what_is_absent() -> None:
    portrait = await house.photo()
    fields = {"name": "Jané Doe", "role": "Reporter", "bio": "Writes.", "photo": portrait, "links": ["https://a.test/"]}
    made = await taxonomy.save_author(SYSTEM, fields)
    await taxonomy.save_author(SYSTEM, {"bio": None, "role": "Editor"}, made, 1)
    row = await Author.get(id=made).values("slug", "name", "role", "bio", "photo_id", "links", "version")
    assert row == {
        "slug": "jane-doe",
        "name": "Jané Doe",
        "role": "Editor",
        "bio": None,
        "photo_id": portrait,
        "links": ["https://a.test/"],
        "version": 2,
    }


async def test_an_authors_photo_and_links_are_checked() -> None:
    for fields, refusal, path in (
        ({"photo": uuid4()}, NotFound, ("photo",)),
        ({"links": ["ftp://a.test"]}, BadInput, ("links", "0")),
        ({"links": [""]}, Required, ("links", "0")),
    ):
        with pytest.raises(refusal) as refused:
            await taxonomy.save_author(SYSTEM, {"name": "Jane", **fields})
        assert refused.value.field == path
    assert await Author.all().count() == 0


async def test_a_tag_may_be_renamed_and_its_slug_made_anew() -> None:
    made = await taxonomy.save_tag(SYSTEM, {"name": "Rise"})
    await taxonomy.save_tag(SYSTEM, {"name": "Rice"}, made, 1)
    assert (await Tag.get(id=made)).slug == "rise"
    await taxonomy.save_tag(SYSTEM, {"slug": None, "name": "Rice"}, made, 2)
    assert (await Tag.get(id=made)).slug == "rice"


Save = Callable[..., Awaitable[UUID]]
SAVES: list[tuple[Save, type[Any]]] = [
    (taxonomy.save_section, Section),
    (taxonomy.save_tag, Tag),
    (taxonomy.save_author, Author),
]


@pytest.mark.parametrize(("save", "model"), SAVES)
async def test_each_is_refused_without_permission_name_version_or_a_free_slug(save: Save, model: type[Any]) -> None:
    made = await save(SYSTEM, {"name": "One"})
    two = await save(SYSTEM, {"name": "Two"})
    sport = await house.section("Sport")
    with pytest.raises(Unauthenticated):
        await save(ANONYMOUS, {"name": "Three"})
    with pytest.raises(Forbidden):
        await save(await house.staff("CONTRIBUTOR"), {"name": "Three"})
    if save is taxonomy.save_section:
        with pytest.raises(Forbidden):
            await save(await house.staff("EDITOR", sport), {"name": "Three"})
    with pytest.raises(Required):
        await save(SYSTEM, {"slug": "three"})
    with pytest.raises(Required) as unversioned:
        await save(SYSTEM, {"name": "Three"}, made)
    assert unversioned.value.field == ("version",)
    with pytest.raises(Conflict) as stale:
        await save(SYSTEM, {"name": "Three"}, made, 2)
    assert stale.value.current == 1
    with pytest.raises(NotFound):
        await save(SYSTEM, {"name": "Three"}, uuid4(), 1)
    with pytest.raises(SlugTaken):
        await save(SYSTEM, {"name": "One"})
    with pytest.raises(SlugTaken):
        await save(SYSTEM, {"slug": "one"}, two, 1)
    with pytest.raises(BadInput):
        await save(SYSTEM, {"colour": "red"}, made, 1)
    await save(SYSTEM, {}, made, 1)
    rows = await model.filter(slug__in=["one", "two", "three"]).order_by("slug")
    assert [(row.slug, row.name, row.version) for row in rows] == [("one", "One", 1), ("two", "Two", 1)]


@pytest.mark.parametrize(("save", "model"), SAVES)
async def test_of_ten_who_change_one_version_one_wins(save: Save, model: type[Any]) -> None:
    made = await save(SYSTEM, {"name": "One"})
    results = await asyncio.gather(
        *(save(SYSTEM, {"name": f"Name {number}"}, made, 1) for number in range(10)), return_exceptions=True
    )
    assert results.count(made) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 9
    assert (await model.get(id=made)).name == f"Name {results.index(made)}"


# ------------------------------------------------------------------------------------------- tags of hidden stories


async def known(newsroom: Database, actor: Actor = ANONYMOUS) -> list[str]:
    """The tags that `actor` is told of."""
    reader = Reader(newsroom, Site("https://news.test", "https://news.test", "News"))
    answer = await reader.value(select("Query", ("tags", ("nodes", "slug"))), actor)
    return [one["slug"] for one in answer["tags"]["nodes"]]


async def test_a_tag_that_only_hidden_stories_carry_is_hidden_with_them(newsroom: Database) -> None:
    await house.section("World")
    await taxonomy.save_tag(SYSTEM, {"name": "Open"})
    story = await house.article(tags=["Secret", "Open"])
    assert await known(newsroom) == ["open"]
    assert await known(newsroom, await house.staff("CONTRIBUTOR")) == ["open", "secret"]
    await publishing.publish(SYSTEM, story, 1, at=house.hours(1))
    assert await known(newsroom) == ["open"]
    await publishing.publish(SYSTEM, story, 2)
    assert await known(newsroom) == ["open", "secret"]


async def test_a_tag_of_a_scheduled_story_becomes_known_at_its_hour_and_not_before(newsroom: Database) -> None:
    await house.section("World")
    story = await house.article(tags=["Soon"])
    at = datetime.now(UTC) + timedelta(seconds=1.5)
    await publishing.publish(SYSTEM, story, 1, at=at)
    assert await known(newsroom) == []
    await publishing.publish(
        SYSTEM, story, 2, at=house.hours(2)
    )  # moved: the hour that was first planned tells nothing
    await asyncio.sleep(1.8)
    assert await known(newsroom) == []
    await publishing.publish(SYSTEM, story, 3, at=datetime.now(UTC) + timedelta(seconds=0.5))
    await asyncio.sleep(0.8)
    assert await known(newsroom) == ["soon"]


async def test_an_embargo_keeps_a_tag_and_dropping_it_from_a_schedule_does_too(newsroom: Database) -> None:
    await house.section("World")
    held = await house.article(tags=["Held"], embargoed_until=house.hours(3))
    await publishing.publish(SYSTEM, held, 1)
    dropped = await house.article(tags=["Dropped"])
    await publishing.publish(SYSTEM, dropped, 1, at=datetime.now(UTC) + timedelta(seconds=1))
    await articles.update(SYSTEM, dropped, 2, {"tags": []})
    await asyncio.sleep(1.3)
    assert await known(newsroom) == []
