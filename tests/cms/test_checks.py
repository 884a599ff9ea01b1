"""What would stop or worry a publisher: one table, and three who ask it."""

from typing import Any
from uuid import UUID

import pytest

from cms import checks
from cms.actions import articles, publishing
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.db import Database
from cms.errors import LinkHidden, Refused
from cms.models import Article, Photo
from cms.read.catalog import select
from cms.read.entry import Site
from cms.read.reader import Reader
from cms.read.shape import Shape, Want
from tests import house


@pytest.fixture(autouse=True)
async def desk(newsroom: Database) -> Reader:
    await house.section("World")
    return Reader(newsroom, Site("https://news.example", "https://cms.example", "The Example"))


async def failing(desk: Reader, story: UUID, actor: Actor = SYSTEM) -> list[tuple[str, str]]:
    """(level, code) of what fails, as `actor` reads it."""
    below = select("Article", ("checks", "level", "code", "message"))
    shape = Shape("Query", (Want("story", "articleByKey", (("key", str(story)),), below),))
    found = (await desk.value(shape, actor))["story"]["checks"]
    assert all(one["message"].endswith(".") for one in found)
    return [(one["level"], one["code"]) for one in found]


async def listed(desk: Reader, actor: Actor, value: bool) -> set[UUID]:
    """The stories that the filter finds."""
    args = (("filter", (("hasFailingChecks", value),)), ("first", 100))
    shape = Shape("Query", (Want("found", "articles", args, Shape("ArticleConnection", (ID_NODES,))),))
    return {UUID(one["id"].removeprefix("article_")) for one in (await desk.value(shape, actor))["found"]["nodes"]}


ID_NODES = Want("nodes", "nodes", below=Shape("Article", (Want("id", "id"),)))


async def refused(story: UUID, *, accept_warnings: bool = True, at: Any = None) -> list[tuple[str, tuple[str, ...]]]:
    """(code, field) of what publishing refuses; [] where nothing does, and the story is out."""
    version = (await house.stored(story)).version
    try:
        await publishing.publish(SYSTEM, story, version, at=at, accept_warnings=accept_warnings)
    except Refused as error:
        assert (await house.stored(story)).version == version
        return [(one.code, one.field) for one in error.refusals]
    return []


async def photo_of(**columns: Any) -> UUID:
    """A story with this photo at its head; what placing would refuse is written afterwards."""
    photo = await house.photo()
    made = await house.article(lead_photo={"photo": photo})
    await Photo.filter(id=photo).update(**columns)
    return made


# ------------------------------------------------------------------------------------------------ the three who ask


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "BODY_MISSING": ({"body": []}, {}),
    "SUMMARY_MISSING": ({"summary": None}, {}),
    "EXPIRES_TOO_SOON": ({}, {"live_until": house.hours(-1)}),
    "EMBARGOED": ({"embargoed_until": house.hours(2), "expires_at": house.hours(1)}, {}),
    "PHOTO_WITHDRAWN": ({}, {"status": "WITHDRAWN"}),
    "RIGHTS_EXPIRED": ({}, {"rights_until": house.hours(-1)}),
    "RIGHTS_RESTRICTED": ({}, {"territories": ["DE"]}),
    "CREDIT_MISSING": ({}, {"credit": " "}),
    "CAPTION_MISSING": ({}, {"caption": ""}),
    "ALT_TEXT_MISSING": ({}, {"alt_text": None}),
}
OF_PHOTOS = {one.code for one in checks.CHECKS if one.subject == "photo"}


async def case(code: str) -> UUID:
    fields, columns = CASES[code]
    if code in OF_PHOTOS:
        return await photo_of(**columns)
    made = await house.article(**fields)
    await Article.filter(id=made).update(**columns) if columns else None
    return made


def test_every_check_has_a_case_and_a_code_of_its_own() -> None:
    assert [one.code for one in checks.CHECKS] == [*CASES, LinkHidden.code]


@pytest.mark.parametrize("check", [one for one in checks.CHECKS if one.code in CASES], ids=lambda one: one.code)
async def test_a_check_is_shown_filtered_and_asked_by_publishing(desk: Reader, check: checks.Check) -> None:
    story, sound = await case(check.code), await house.article()
    assert await failing(desk, story) == [(check.level, check.code)]
    assert await failing(desk, sound) == []
    blocked = {story} if check.level == "BLOCKS" else set()
    assert await listed(desk, SYSTEM, True) == blocked
    assert await listed(desk, SYSTEM, False) == {story, sound} - blocked
    where = ("lead_photo",) if check.subject == "photo" else (check.field,)
    assert await refused(story, accept_warnings=False) == [(check.code, where)]
    if check.level == "BLOCKS":
        assert await refused(story) == [(check.code, where)]
    else:
        done = await publishing.publish(SYSTEM, story, 1)
        assert [(one.code, one.field) for one in done.warnings] == [(check.code, where)]
        assert await failing(desk, story) == [(check.level, check.code)]


async def test_a_photo_is_named_by_its_place_and_file(desk: Reader) -> None:
    photo = await house.photo(filename="pier.jpg", caption="")
    placed = {"photo": photo}
    body = [*house.paragraphs("Text."), {"photo": placed}, {"gallery": {"photos": [placed]}}]
    made = await house.article(lead_photo=placed, body=body, gallery=[{**placed, "caption": "Given here"}, placed])
    found = await checks.failing(made, house.hours(0))
    assert [one.message for one in found] == [
        "The lead photo (pier.jpg) has no caption.",
        "A photo in the body (pier.jpg) has no caption.",
        "A photo in the body (pier.jpg) has no caption.",
        "A photo in the gallery (pier.jpg) has no caption.",
    ]
    assert await refused(made, accept_warnings=False) == [
        ("CAPTION_MISSING", ("lead_photo",)),
        ("CAPTION_MISSING", ("body", "1")),
        ("CAPTION_MISSING", ("body", "2")),
        ("CAPTION_MISSING", ("gallery", "1")),
    ]


# ------------------------------------------------------------------------------------------------------------- time


async def test_rights_count_at_the_hour_when_readers_see_it(desk: Reader) -> None:
    story = await photo_of(rights_until=house.hours(3))
    assert await failing(desk, story) == []
    assert await refused(story, at=house.hours(4)) == [("RIGHTS_EXPIRED", ("lead_photo",))]
    await publishing.publish(SYSTEM, story, 1, at=house.hours(2))
    assert await failing(desk, story) == []
    await Photo.all().update(rights_until=house.hours(1))
    assert await failing(desk, story) == [("BLOCKS", "RIGHTS_EXPIRED")]


async def test_rights_that_end_during_an_embargo_stop_it(desk: Reader) -> None:
    story = await photo_of(rights_until=house.hours(3))
    await Article.filter(id=story).update(embargo_until=house.hours(4))
    assert await failing(desk, story) == [("BLOCKS", "RIGHTS_EXPIRED")]
    assert await refused(story) == [("RIGHTS_EXPIRED", ("lead_photo",))]


async def test_an_embargo_may_hold_back_what_comes_out_now_but_not_outlast_a_schedule(desk: Reader) -> None:
    story = await house.article(embargoed_until=house.hours(4))
    assert await failing(desk, story) == []
    assert await refused(story, at=house.hours(2)) == [("EMBARGOED", ("embargoed_until",))]
    assert await refused(story, at=house.hours(5)) == []
    other = await house.article(embargoed_until=house.hours(4))
    assert await refused(other) == []
    assert await failing(desk, other) == []


async def test_the_end_of_what_has_ended_does_not_stop_a_second_publication(desk: Reader) -> None:
    story = await house.live()
    await publishing.unpublish(SYSTEM, story, 2)
    assert await failing(desk, story) == []
    assert await listed(desk, SYSTEM, True) == set()
    assert await refused(story) == []


# ------------------------------------------------------------------------------------------------------------ links


async def test_a_link_to_what_readers_would_not_see_warns_by_its_place(desk: Reader) -> None:
    shown, draft, gone = await house.live(), await house.article(), await house.live()
    outside = {"url": "https://elsewhere.example/", "title": "Elsewhere"}
    links = [{"article": shown}, outside, {"article": draft}, {"article": gone}]
    story = await house.article(related=links)
    assert await failing(desk, story) == [("WARNS", "LINK_HIDDEN")]
    await Article.filter(id=gone).update(withdrawn_at=house.hours(-1))
    assert await failing(desk, story) == [("WARNS", "LINK_HIDDEN")] * 2
    done = await publishing.publish(SYSTEM, story, 1)
    assert [(one.message, one.field) for one in done.warnings] == [
        ("Link 3 leads to a story that readers would not see.", ("related", "2")),
        ("Link 4 leads to a story that readers would not see.", ("related", "3")),
    ]


async def test_a_link_to_what_comes_out_in_time_does_not_warn(desk: Reader) -> None:
    target = await house.article()
    await publishing.publish(SYSTEM, target, 1, at=house.hours(2))
    story = await house.article(related=[{"article": target}])
    assert await failing(desk, story) == [("WARNS", "LINK_HIDDEN")]
    await publishing.publish(SYSTEM, story, 1, at=house.hours(2))
    assert await failing(desk, story) == []


async def test_a_contributor_is_told_nothing_of_links_to_stories_that_they_do_not_see(desk: Reader) -> None:
    writer = await house.staff("CONTRIBUTOR")
    secret, own = await house.article(), await house.article(writer)
    story = await house.article(writer)
    await articles.update(SYSTEM, story, 1, {"related": [{"article": secret}, {"article": own}]})
    assert await failing(desk, story) == [("WARNS", "LINK_HIDDEN")] * 2
    assert await failing(desk, story, writer) == [("WARNS", "LINK_HIDDEN")]


# -------------------------------------------------------------------------------------------------------- who may ask


async def test_readers_see_no_checks_and_filter_by_none(desk: Reader) -> None:
    photo = await house.photo(caption="", alt_text=None)
    story = await house.live(summary=None, lead_photo={"photo": photo})
    await Photo.all().update(credit="")
    for reader in (ANONYMOUS, await house.staff("READER"), Actor(kind="PARTNER", name="Wire")):
        assert await failing(desk, story, reader) == []
        assert await listed(desk, reader, True) == set()
        assert await listed(desk, reader, False) == {story}
    for role in ("CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR", "ADMIN"):
        actor = await house.staff(role)
        assert len(await failing(desk, story, actor)) == 4
        assert await listed(desk, actor, True) == {story}
        assert await listed(desk, actor, False) == set()
