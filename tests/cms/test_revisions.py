"""A story's past: every save, what changed between two, and what readers saw at an instant."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cms import db, ids
from cms.actions import articles, photos, publishing, taxonomy
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.db.clock import now
from cms.models import Article, Author, Photo, PhotoRevision, Revision
from cms.read.catalog import select
from cms.read.entry import Site
from cms.read.reader import Reader
from tests import house

SITE = Site("https://site.test", "https://cms.test", "Courier")
PAST = ("version", "by", "note", "headline", "summary", "bodyHtml", "snapshot")


class Desk:
    """Asks for a story, as someone."""

    def __init__(self, newsroom: db.Database):
        self.reader = Reader(newsroom, SITE)

    async def ask(self, actor: Actor, story: UUID, *fields: Any) -> Any:
        shape = select("Query", ("articleByKey", {"key": story}, *fields))
        return (await self.reader.value(shape, actor))["articleByKey"]

    async def seen(self, story: UUID, at: datetime, actor: Actor = ANONYMOUS) -> Any:
        return (await self.ask(actor, story, ("asOf", {"time": at}, *PAST)))["asOf"]

    async def revisions(self, actor: Actor, story: UUID, **window: Any) -> Any:
        fields = ("version", "by", "note", "headline")
        page = ("revisions", window, ("nodes", *fields), ("pageInfo", "hasNextPage", "endCursor"), "totalCount")
        return (await self.ask(actor, story, page))["revisions"]

    async def diff(self, actor: Actor, story: UUID, before: int, after: int) -> dict[str, tuple[Any, Any]]:
        shape = select("Query", ("articleByKey", {"key": story}, ("diff", {"from": before, "to": after})))
        found = (await self.reader.value(shape, actor))["articleByKey"]["diff"]
        return {one["field"]: (one["before"], one["after"]) for one in found}


@pytest.fixture
def desk(newsroom: db.Database) -> Desk:
    return Desk(newsroom)


@pytest.fixture(autouse=True)
async def world(newsroom: object) -> UUID:
    return await house.section("World")


async def aged(story: UUID, *hours: float) -> None:
    """As if version N had been saved so many hours ago: fake only the clock, here by moving what it is compared with."""
    for version, ago in enumerate(hours, start=1):
        at, row = house.hours(-ago), await Revision.get(article_id=story, version=version)
        columns: dict[str, Any] = {"at": at}
        if row.live_from.year < 9999:
            first = (
                await Revision.filter(article_id=story, live_from__lte=row.at, version__lte=version)
                .order_by("version")
                .first()
            )
            assert first is not None
            columns["live_from"] = house.hours(-hours[first.version - 1])
        if row.live_until and row.live_until <= row.at:
            columns["live_until"] = at
        await Revision.filter(id=row.id).update(**columns)


async def photo_aged(photo: UUID, *hours: float) -> None:
    for version, ago in enumerate(hours, start=1):
        await PhotoRevision.filter(photo_id=photo, version=version).update(at=house.hours(-ago))


# ----------------------------------------------------------------------------------------------------------- revisions


async def test_staff_page_through_all_saves_newest_first(desk: Desk) -> None:
    ann, bea = await house.staff("EDITOR", name="Ann"), await house.staff("EDITOR", name="Bea")
    made = await house.article(ann, headline="One")
    await articles.update(bea, made, 1, {"headline": "Two"}, "shorter")
    await publishing.publish(bea, made, 2, note="go")
    await articles.update(ann, made, 3, {"headline": "Three"}, keep_as_draft=True)
    first = await desk.revisions(bea, made, first=3)
    assert first["nodes"] == [
        {"version": 4, "by": "Ann", "note": None, "headline": "Three"},
        {"version": 3, "by": "Bea", "note": "go", "headline": "Two"},
        {"version": 2, "by": "Bea", "note": "shorter", "headline": "Two"},
    ]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (4, True)
    rest = await desk.revisions(bea, made, first=3, after=first["pageInfo"]["endCursor"])
    assert [one["version"] for one in rest["nodes"]] == [1]


async def test_whoever_does_not_see_drafts_sees_no_saves_no_differences_and_no_working_copy(desk: Desk) -> None:
    writer = await house.staff("CONTRIBUTOR")
    made = await house.live(headline="Live")
    mine = await house.article(writer, headline="Mine")
    await publishing.publish(SYSTEM, mine, 1)
    for story in (made, mine):
        await articles.update(SYSTEM, story, 2, {"headline": "Secret"}, keep_as_draft=True)
    partner = Actor(kind="PARTNER", partner_id=ids.new(), name="Wire")
    fields: tuple[Any, ...] = (
        "internalNote",
        ("workingCopy", "headline"),
        ("revisions", {}, ("nodes", "headline"), "totalCount"),
    )
    nothing = {"internalNote": None, "workingCopy": None, "revisions": {"nodes": [], "totalCount": 0}}
    for actor in (ANONYMOUS, await house.staff("READER"), partner, writer):
        assert await desk.ask(actor, made, *fields) == nothing
        assert await desk.diff(actor, made, 2, 3) == {}
    found = await desk.ask(writer, mine, *fields)
    assert (found["workingCopy"], found["revisions"]["totalCount"]) == ({"headline": "Secret"}, 3)
    assert list(await desk.diff(writer, mine, 2, 3)) == ["headline"]


async def test_a_revision_tells_all_of_it_to_staff(desk: Desk) -> None:
    await house.author("Jane Doe")
    photo, other = await house.photo(caption="Its own", credit="A/B"), await house.live(slug="other")
    made = await house.article(
        headline="One", slug="one", urgency=2, internal_note="Call back", authors=["jane-doe"], tags=["Rice"],
        body=[*house.paragraphs("Text."), {"photo": {"id": "p", "photo": photo}}], lead_photo={"photo": photo, "caption": "Mine"},
        related=[{"article": other, "kind": "UPDATE"}], dateline="SEOUL", seo={"title": "Seo"},
    )  # fmt: skip
    admin = await house.staff("ADMIN")
    found = await desk.ask(admin, made, ("revisions", {}, ("nodes", "snapshot", "bodyHtml")))
    kept, author = found["revisions"]["nodes"][0], await Author.get(slug="jane-doe")
    told, tag = kept["snapshot"], (await Revision.get(article_id=made)).snapshot["tags"][0]["id"]
    paragraph = told["body"][0]["id"]
    inside = {"photo": f"photo_{photo}", "caption": None, "altText": None, "credit": "A/B"}
    assert told == {
        "headline": "One",
        "slug": "one",
        "section": {"id": told["section"]["id"], "slug": "world", "name": "World"},
        "language": "en",
        "kicker": None,
        "summary": "It happened.",
        "urgency": 2,
        "internalNote": "Call back",
        "bylineOverride": None,
        "dateline": "SEOUL",
        "authors": [{"id": f"author_{author.id}", "slug": "jane-doe", "name": "Jane Doe"}],
        "tags": [{"id": f"tag_{tag}", "slug": "rice", "name": "Rice"}],
        "leadPhoto": {**inside, "caption": "Mine"},
        "body": [
            {"id": paragraph, "type": "paragraph", "html": "Text."},
            {"id": "p", "type": "photo", "photo": inside},
        ],
        "gallery": [],
        "related": [{"kind": "UPDATE", "title": None, "url": None, "article": f"article_{other}"}],
        "seo": {"title": "Seo", "description": None, "canonicalUrl": None, "noindex": False},
    }
    assert kept["bodyHtml"].startswith("<p>Text.</p>\n<figure><img ")
    assert 'Its own <span class="credit">A/B</span>' in kept["bodyHtml"]


# ----------------------------------------------------------------------------------------------------------------- diff


async def test_differences_are_told_by_field_and_by_block(desk: Desk) -> None:
    editor, photo = await house.staff("EDITOR"), await house.photo(credit="A/B")
    blocks = [{"paragraph": {"id": name, "html": name.title()}} for name in ("one", "two", "three")]
    made = await house.article(headline="Old", summary="Same.", body=blocks, seo={"title": "Seo"})
    await articles.update(
        editor, made, 1,
        {"headline": "New", "lead_photo": {"photo": photo}, "seo": {"title": None, "noindex": True},
         "body": [blocks[2], {"paragraph": {"id": "one", "html": "Changed"}}, {"divider": {"id": "four"}}]},
    )  # fmt: skip
    assert await desk.diff(editor, made, 1, 2) == {
        "headline": ("Old", "New"),
        "leadPhoto": (None, {"photo": f"photo_{photo}", "caption": None, "altText": None, "credit": "A/B"}),
        "body": (["one", "three"], ["three", "one"]),
        "body[one]": (
            {"id": "one", "type": "paragraph", "html": "One"},
            {"id": "one", "type": "paragraph", "html": "Changed"},
        ),
        "body[four]": (None, {"id": "four", "type": "divider"}),
        "body[two]": ({"id": "two", "type": "paragraph", "html": "Two"}, None),
        "seo.title": ("Seo", None),
        "seo.noindex": (False, True),
    }
    assert (await desk.diff(editor, made, 2, 1))["headline"] == ("New", "Old")
    assert await desk.diff(editor, made, 1, 1) == {}
    assert await desk.diff(editor, made, 1, 9) == {}


async def test_a_photo_sent_back_unchanged_is_no_difference(desk: Desk) -> None:
    photo = await house.photo()
    placed = {"photo": {"id": "p", "photo": photo}}
    made = await house.article(body=[placed], gallery=[{"photo": photo}])
    await articles.update(SYSTEM, made, 1, {"body": [placed], "gallery": [{"photo": photo}], "kicker": "New"})
    assert list(await desk.diff(await house.staff("EDITOR"), made, 1, 2)) == ["kicker"]


# -------------------------------------------------------------------------------------------------------- working copy


async def test_a_working_copy_is_told_as_it_would_go_live(desk: Desk) -> None:
    editor = await house.staff("EDITOR")
    made = await house.live(headline="Live", summary="Live.")
    await articles.update(editor, made, 2, {"headline": "Later"}, "evening", keep_as_draft=True)
    await articles.update(SYSTEM, made, 3, {"summary": "Mended."})
    found = await desk.ask(editor, made, "headline", "version", ("workingCopy", *PAST))
    copy = found["workingCopy"]
    assert (found["headline"], found["version"]) == ("Live", 4)
    assert (copy["version"], copy["headline"], copy["summary"]) == (4, "Later", "Mended.")
    assert (copy["snapshot"]["headline"], copy["snapshot"]["summary"]) == ("Later", "Mended.")
    live = (await desk.ask(editor, made, ("revisions", {"first": 1}, ("nodes", "headline"))))["revisions"]
    assert live["nodes"] == [{"headline": "Live"}]


# ---------------------------------------------------------------------------------------------------------------- as of


async def test_readers_of_the_past_see_what_stood_there_then(desk: Desk) -> None:
    editor = await house.staff("EDITOR", name="Ann")
    made = await house.article(editor, headline="One", internal_note="Quiet", urgency=4)
    await publishing.publish(editor, made, 1, note="go")
    await articles.update(editor, made, 2, {"headline": "Two"})
    await articles.update(editor, made, 3, {"headline": "Never seen"}, keep_as_draft=True)
    await publishing.unpublish(editor, made, 4)
    await publishing.publish(SYSTEM, made, 5)
    await aged(made, 10, 8, 6, 5, 4, 2)
    found = {ago: await desk.seen(made, house.hours(-ago)) for ago in (12, 9, 7, 5.5, 4.5, 3, 1)}
    assert {ago: one and (one["version"], one["headline"]) for ago, one in found.items()} == {
        12: None,
        9: None,
        7: (2, "One"),
        5.5: (3, "Two"),
        4.5: (3, "Two"),
        3: None,
        1: (6, "Never seen"),
    }
    one = found[7]
    assert (one["by"], one["note"]) == ("Courier", None)
    assert "internalNote" not in one["snapshot"]
    assert (one["snapshot"]["urgency"], one["snapshot"]["headline"]) == (4, "One")
    staff = await desk.seen(made, house.hours(-7), editor)
    assert (staff["by"], staff["note"]) == ("Ann", "go")
    assert staff["snapshot"] == one["snapshot"]
    assert (await desk.seen(made, house.hours(1)))["version"] == 6


async def test_what_was_scheduled_or_embargoed_or_ended_then_was_not_seen(desk: Desk) -> None:
    scheduled, embargoed, ended = [await house.article(headline=name) for name in ("S", "E", "X")]
    await publishing.publish(SYSTEM, scheduled, 1, at=house.hours(1))
    await Article.filter(id=scheduled).update(live_from=house.hours(-2))
    await Revision.filter(article_id=scheduled).update(at=house.hours(-5), live_from=house.hours(-2))
    await articles.update(SYSTEM, embargoed, 1, {"embargoed_until": house.hours(1)})
    await publishing.publish(SYSTEM, embargoed, 2)
    past = {"at": house.hours(-5), "live_from": house.hours(-5)}
    await Article.filter(id=embargoed).update(embargo_until=house.hours(-2))
    await Revision.filter(article_id=embargoed).update(**past, embargo_until=house.hours(-2))
    await publishing.publish(SYSTEM, ended, 1)
    await Revision.filter(article_id=ended).update(**past, live_until=house.hours(-2))
    for story, before, after in ((scheduled, None, "S"), (embargoed, None, "E"), (ended, "X", None)):
        seen = [await desk.seen(story, house.hours(-ago)) for ago in (3, 1)]
        assert [one and one["headline"] for one in seen] == [before, after]
    exactly = await desk.seen(scheduled, house.hours(-2))
    assert exactly["headline"] == "S"


async def test_photos_are_shown_with_what_was_said_of_them_then(desk: Desk) -> None:
    lead = await house.photo(caption="Wrong", credit="A/B", alt_text=None)
    inside = await house.photo(caption="Field", credit="C/D")
    made = await house.live(
        lead_photo={"photo": lead},
        body=[{"photo": {"photo": inside, "caption": "For this use"}}, *house.paragraphs("Text.")],
    )
    await photos.update(SYSTEM, lead, 1, {"caption": "Right", "credit": "A/B/AFP", "alt_text": "A road"})
    await photos.update(SYSTEM, inside, 1, {"credit": "E/F"})
    await aged(made, 9, 8)
    await photo_aged(lead, 10, 4)
    await photo_aged(inside, 10, 4)
    then, today = await desk.seen(made, house.hours(-6)), await desk.seen(made, house.hours(-1))
    assert then["snapshot"]["leadPhoto"] == {
        "photo": f"photo_{lead}", "caption": "Wrong", "altText": None, "credit": "A/B",
    }  # fmt: skip
    assert today["snapshot"]["leadPhoto"] == {
        "photo": f"photo_{lead}", "caption": "Right", "altText": "A road", "credit": "A/B/AFP",
    }  # fmt: skip
    assert 'For this use <span class="credit">C/D</span>' in then["bodyHtml"]
    assert 'For this use <span class="credit">E/F</span>' in today["bodyHtml"]


async def test_a_photo_that_might_not_be_shown_then_or_may_not_be_shown_now_is_left_out(desk: Desk) -> None:
    ended, gone, later = [await house.photo(caption=name) for name in ("Ended", "Gone", "Later")]
    made = await house.live(
        lead_photo={"photo": ended},
        body=[{"photo": {"photo": gone}}, *house.paragraphs("Text.")],
        gallery=[{"photo": later}],
    )
    await aged(made, 9, 8)
    for photo in (ended, gone, later):
        await photo_aged(photo, 10)
    # its rights ended in between and were bought again
    row = await PhotoRevision.get(photo_id=ended)
    await PhotoRevision.filter(id=row.id).update(
        snapshot={**row.snapshot, "rights_until": (await now() - timedelta(hours=5)).isoformat()}
    )
    await Photo.filter(id=gone).update(status="WITHDRAWN")
    await PhotoRevision.filter(photo_id=later).update(at=house.hours(-5))
    early, late = await desk.seen(made, house.hours(-6)), await desk.seen(made, house.hours(-4))
    assert (early["snapshot"]["leadPhoto"]["caption"], late["snapshot"]["leadPhoto"]) == ("Ended", None)
    assert [len(one["snapshot"]["gallery"]) for one in (early, late)] == [0, 1]
    assert [one["snapshot"]["body"][0]["photo"] for one in (early, late)] == [None, None]
    assert early["bodyHtml"] == "<p>Text.</p>"
    staff = await desk.seen(made, house.hours(-6), await house.staff("EDITOR"))
    assert staff["snapshot"]["body"][0]["photo"]["caption"] == "Gone"


async def test_links_to_what_was_hidden_then_or_is_hidden_now_are_left_out(desk: Desk) -> None:
    early, late, gone = (
        await house.live(headline="Early"),
        await house.live(headline="Late"),
        await house.live(headline="Gone"),
    )
    links = [{"article": one} for one in (early, late, gone)] + [{"url": "https://x.test", "title": "Outside"}]
    made = await house.live(related=links)
    await articles.update(SYSTEM, early, 2, {"headline": "Early, renamed"})
    for story, hours in ((made, (9, 8)), (early, (9, 8, 4)), (late, (5, 5)), (gone, (9, 8))):
        await aged(story, *hours)
    await publishing.unpublish(SYSTEM, gone, 2)
    then, today = await desk.seen(made, house.hours(-6)), await desk.seen(made, house.hours(-1))
    assert [(one["title"], one["article"]) for one in then["snapshot"]["related"]] == [
        ("Early", f"article_{early}"),
        ("Outside", None),
    ]
    assert [one["title"] for one in today["snapshot"]["related"]] == ["Early, renamed", "Late", "Outside"]
    assert today["snapshot"]["related"][0]["url"] == SITE.url + (await house.stored(early)).path


async def test_names_of_authors_tags_and_sections_are_those_of_then(desk: Desk, world: UUID) -> None:
    jane = await house.author("Jane Doe")
    made = await house.live(authors=["jane-doe"], tags=["Rice"])
    await taxonomy.save_author(SYSTEM, {"name": "Jane Roe"}, jane, 1)
    await taxonomy.save_section(SYSTEM, {"name": "The World"}, world, 1)
    await articles.update(SYSTEM, made, 2, {"kicker": "New"})
    await aged(made, 9, 8, 4)
    then, today = await desk.seen(made, house.hours(-6)), await desk.seen(made, house.hours(-1))
    assert [one["snapshot"]["authors"][0]["name"] for one in (then, today)] == ["Jane Doe", "Jane Roe"]
    assert [one["snapshot"]["section"]["name"] for one in (then, today)] == ["World", "The World"]


async def test_the_past_of_a_story_that_is_hidden_now_is_hidden_with_it(desk: Desk) -> None:
    made = await house.live()
    await aged(made, 9, 8)
    await publishing.withdraw(SYSTEM, made, 2)
    assert await desk.ask(ANONYMOUS, made, ("asOf", {"time": house.hours(-6)}, "headline")) is None
    assert (await desk.seen(made, house.hours(-6), await house.staff("EDITOR")))["version"] == 2


# ------------------------------------------------------------------------------------------------- corrections, drift


async def test_corrections_are_told_to_everyone_newest_first(desk: Desk) -> None:
    made = await house.live()
    await articles.correct(SYSTEM, made, 2, "It was Tuesday.", {})
    await articles.correct(SYSTEM, made, 3, "It was in Busan.", {"headline": "Busan"})
    found = await desk.ask(ANONYMOUS, made, ("corrections", "at", "text"), "jsonLd")
    assert [one["text"] for one in found["corrections"]] == ["It was in Busan.", "It was Tuesday."]
    assert found["jsonLd"]["correction"] == [
        {"@type": "CorrectionComment", "text": one["text"], "datePublished": one["at"]} for one in found["corrections"]
    ]


async def test_a_use_drifts_when_the_photo_gets_another_caption_after_it_got_its_own(desk: Desk) -> None:
    editor, photo = await house.staff("EDITOR"), await house.photo(caption="Old")
    made = await house.live(lead_photo={"photo": photo, "caption": "Mine"}, gallery=[{"photo": photo}])
    fields = ("photos", "caption", "drifted", "captionOverride", "altTextOverride")

    async def placed(actor: Actor) -> list[tuple[Any, ...]]:
        return [tuple(one.values()) for one in (await desk.ask(actor, made, fields))["photos"]]

    await photos.update(SYSTEM, photo, 1, {"credit": "X/Y"})
    assert await placed(editor) == [("Mine", False, "Mine", None), ("Old", False, None, None)]
    await photos.update(SYSTEM, photo, 2, {"caption": "New"})
    assert await placed(editor) == [("Mine", True, "Mine", None), ("New", False, None, None)]
    assert await placed(ANONYMOUS) == [("Mine", True, None, None), ("New", False, None, None)]
    await articles.update(
        SYSTEM, made, 2, {"kicker": "Another field", "lead_photo": {"photo": photo, "caption": "Mine"}}
    )
    assert (await placed(editor))[0][1] is True
    await articles.set_lead_photo(SYSTEM, made, 3, {"photo": photo, "caption": "Mine, mended"})
    assert (await placed(editor))[0] == ("Mine, mended", False, "Mine, mended", None)


async def test_a_note_is_for_the_staff_and_urgency_for_everyone(desk: Desk) -> None:
    made = await house.live(internal_note="Quiet", urgency=1)
    for actor in (ANONYMOUS, await house.staff("READER"), Actor(kind="PARTNER", partner_id=ids.new(), name="Wire")):
        assert await desk.ask(actor, made, "internalNote", "urgency") == {"internalNote": None, "urgency": 1}
    found = await desk.ask(await house.staff("PHOTO_EDITOR"), made, "internalNote")
    assert found == {"internalNote": "Quiet"}
