"""Sections as a tree, tags, authors."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.routing import Route

from cms.actions import articles, publishing, taxonomy
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.app import create_app
from cms.db import Database
from cms.errors import BadInput, Conflict, Forbidden, NotFound, Required, SlugTaken, TooLong, Unauthenticated
from cms.models import ArticleTag, AuditEntry, Author, Listing, Section, Tag
from cms.read.catalog import select
from cms.read.entry import Site
from cms.read.reader import Reader
from cms.settings import Settings
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
async def test_words_that_other_addresses_need_are_no_sections(word: str) -> None:
    for fields in ({"name": "x", "slug": word}, {"name": word.title()}):
        with pytest.raises(BadInput) as refused:
            await taxonomy.save_section(SYSTEM, fields)
        assert refused.value.field == ("slug",)
    assert await Section.all().count() == 0
    moved = await house.section("World")
    before = await house.everything()
    with pytest.raises(BadInput):
        await taxonomy.save_section(SYSTEM, {"slug": word}, moved, 1)
    assert await house.everything() == before


async def test_no_section_stands_before_an_address_of_the_server() -> None:
    words = {route.path.split("/")[1] for route in create_app(Settings()).routes if isinstance(route, Route)}
    assert {word for word in words if word and word.isalpha()} <= taxonomy.RESERVED


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


# ------------------------------------------------------------------------------------------------------- tags that merge


async def carried(article_id: UUID) -> list[str]:
    """The names of the story's tags, in its order."""
    rows = await ArticleTag.filter(article_id=article_id).order_by("position").values("tag__name")
    return [row["tag__name"] for row in rows]


async def in_list(newsroom: Database, slug: str) -> tuple[str, list[str]] | None:
    """What readers find under a tag's slug: the tag's own slug, and its stories' headlines."""
    reader = Reader(newsroom, Site("https://news.test", "https://news.test", "News"))
    shape = select("Query", ("tag", {"slug": slug}, "slug", ("articles", ("nodes", "headline"), "totalCount")))
    answer = (await reader.value(shape, ANONYMOUS))["tag"]
    if answer is None:
        return None
    found = [one["headline"] for one in answer["articles"]["nodes"]]
    assert answer["articles"]["totalCount"] == len(found)
    return answer["slug"], found


async def test_merged_tags_bring_their_stories_each_once_and_their_addresses(newsroom: Database) -> None:
    await house.section("World")
    rice, paddy, grain = await house.tag("Rice"), await house.tag("Paddy"), await house.tag("Grain")
    await taxonomy.save_tag(SYSTEM, {"slug": "paddies"}, paddy, 1)
    all_three = await house.live(headline="All", tags=["Grain", "Other", "Rice", "Paddy"])
    one = await house.live(headline="One", tags=["Paddy", "Other"])
    draft = await house.article(headline="Draft", tags=["Grain"])
    assert await taxonomy.merge_tags(SYSTEM, [paddy, grain], rice) == rice
    assert [await carried(each) for each in (all_three, one, draft)] == [["Rice", "Other"], ["Rice", "Other"], ["Rice"]]
    for slug in ("rice", "grain", "paddy", "paddies"):
        assert await in_list(newsroom, slug) == ("rice", ["One", "All"])
    assert await known(newsroom) == ["other", "rice"]
    assert {row.list_id for row in await Listing.all()} & {paddy, grain} == set()
    assert (await Tag.get(id=rice)).version == 2
    entry = await AuditEntry.get(action="tag.merge")
    assert (entry.subject_type, entry.subject_id, entry.summary) == ("Tag", rice, "Rice: Paddy, Grain")
    # who writes the old name gets the tag that it became
    later = await house.live(headline="Later", tags=["Paddies", "Grain", "paddy"])
    assert await carried(later) == ["Rice"]
    with pytest.raises(SlugTaken):
        await house.tag("Grain")


async def test_a_hidden_tag_leaves_no_trace_of_its_slug_when_it_is_merged(newsroom: Database) -> None:
    await house.section("World")
    rice = await house.tag("Rice")
    await house.article(tags=["Secret"])
    secret = await Tag.get(slug="secret")
    await taxonomy.merge_tags(SYSTEM, [secret.id], rice)
    assert await in_list(newsroom, "secret") is None
    assert await in_list(newsroom, "rice") == ("rice", [])


async def test_a_tag_that_readers_know_makes_the_one_known_that_it_is_merged_into(newsroom: Database) -> None:
    await house.section("World")
    await house.article(tags=["Hidden"])
    await house.live(headline="Out", tags=["Open"])
    hidden, open_ = await Tag.get(slug="hidden"), await Tag.get(slug="open")
    await taxonomy.merge_tags(SYSTEM, [open_.id], hidden.id)
    assert await in_list(newsroom, "open") == ("hidden", ["Out"])


async def test_an_old_version_comes_back_with_what_its_tag_became(newsroom: Database) -> None:
    await house.section("World")
    story = await house.live(tags=["Paddy"])
    rice, paddy = await house.tag("Rice"), await Tag.get(slug="paddy")
    await articles.update(SYSTEM, story, 2, {"tags": []})
    await taxonomy.merge_tags(SYSTEM, [paddy.id], rice)
    restored = await articles.restore(SYSTEM, story, 3, 2)
    assert restored.warnings == ()
    assert await carried(story) == ["Rice"]


async def test_a_merge_that_cannot_be_is_refused_and_nothing_changes(newsroom: Database) -> None:
    await house.section("World")
    one, two = await house.tag("One"), await house.tag("Two")
    await house.live(tags=["One", "Two"])
    contributor = await house.staff("CONTRIBUTOR")
    before = await house.everything()
    merge = taxonomy.merge_tags
    for attempt, refusal, path in (
        (merge(SYSTEM, [one, two], two), BadInput, ("from", "1")),
        (merge(SYSTEM, [], two), Required, ("from",)),
        (merge(SYSTEM, [one, uuid4()], two), NotFound, ("from", "1")),
        (merge(SYSTEM, [one], uuid4()), NotFound, ("into",)),
        (merge(SYSTEM, [uuid4()] * 101, two), TooLong, ("from",)),
    ):
        with pytest.raises(refusal) as refused:
            await attempt
        assert refused.value.field == path
    with pytest.raises(Forbidden):
        await merge(contributor, [one], two)
    with pytest.raises(Unauthenticated):
        await merge(ANONYMOUS, [one], two)
    assert await house.everything() == before


async def test_who_read_the_tag_before_the_merge_may_not_save_it(newsroom: Database) -> None:
    one, two = await house.tag("One"), await house.tag("Two")
    await taxonomy.merge_tags(SYSTEM, [one], two)
    with pytest.raises(Conflict):
        await taxonomy.save_tag(SYSTEM, {"name": "Second"}, two, 1)
    with pytest.raises(NotFound):
        await taxonomy.save_tag(SYSTEM, {"name": "First"}, one, 1)


async def test_stories_saved_while_tags_are_merged_carry_what_is_left(newsroom: Database) -> None:
    """Stories are made, changed, published and restored, and tags renamed, all while three merges run."""
    await house.section("World")
    names = ["A", "B", "C", "D"]
    tags = [await house.tag(name) for name in names]
    drafts = [await house.article(tags=names[number % 4 :]) for number in range(6)]
    live = [await house.live(tags=names) for _ in range(6)]
    results = await asyncio.gather(
        *(publishing.publish(SYSTEM, one, 1) for one in drafts),
        taxonomy.merge_tags(SYSTEM, [tags[0]], tags[1]),
        *(articles.update(SYSTEM, one, 2, {"tags": [*reversed(names), "New"]}) for one in live[:3]),
        taxonomy.merge_tags(SYSTEM, [tags[1]], tags[2]),
        *(house.article(tags=["A", "B", f"Fresh {number}"]) for number in range(4)),
        taxonomy.save_tag(SYSTEM, {"name": "C and all"}, tags[2], 1),
        taxonomy.merge_tags(SYSTEM, [tags[2]], tags[3]),
        *(articles.restore(SYSTEM, one, 2, 1) for one in live[3:]),
        return_exceptions=True,
    )
    failed = [one for one in results if isinstance(one, Exception) and not isinstance(one, NotFound | Conflict)]
    assert failed == []
    # the merges that found their tags gone already are made again
    left = {tag.id for tag in await Tag.filter(id__in=tags[:3])}
    if left:
        await taxonomy.merge_tags(SYSTEM, sorted(left), tags[3])
    known = {tag.id for tag in await Tag.all()}
    links = await ArticleTag.all()
    assert {one.tag_id for one in links} <= known  # type: ignore[attr-defined]
    pairs = [(one.article_id, one.tag_id) for one in links]  # type: ignore[attr-defined]
    assert len(pairs) == len(set(pairs))
    standing = {(row.article_id, row.list_id) for row in await Listing.all() if row.list_id in known}  # type: ignore[attr-defined]
    assert standing == set(pairs)
    assert {row.list_id for row in await Listing.all()} <= known | {one.id for one in await Section.all()}
