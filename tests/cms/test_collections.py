"""Curated lists: an editor's order and words, and what readers find of it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms import db
from cms.actions import accounts, articles, collections, photos, publishing
from cms.actor import ANONYMOUS, ROLES, SYSTEM, Role
from cms.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    PhotoWithdrawn,
    Refused,
    Required,
    RightsExpired,
    SlugTaken,
    TooLong,
    Unauthenticated,
)
from cms.models import AuditEntry, Collection, CollectionItem, Photo
from tests import house
from tests.cms.pages.test_article import read, words
from tests.schema.test_caching import get, settled
from tests.web import Web

SHOWN = """{ collection(slug: "home") { id slug title description version updatedAt items(first: %s) {
  headline kicker summary article { slug } photo { role caption altText credit drifted captionOverride photo { id } } } } }"""
SAVE = """mutation($input: SaveCollectionInput!) { saveCollection(input: $input) {
  collection { id slug title version items { headline article { slug } } } errors { code field currentVersion } } }"""


async def home(*stories: UUID, **fields: Any) -> UUID:
    return await collections.save(SYSTEM, {"title": "Home", "items": [{"article": one} for one in stories], **fields})


async def shown(web: Web, first: int = 20) -> list[dict[str, Any]]:
    """The items as they are told, in one statement."""
    with db.statements() as seen:
        items: list[dict[str, Any]] = (await web.ask(SHOWN % first))["collection"]["items"]
    assert len(seen) <= 1  # none where the answer was kept
    return items


async def slugs(web: Web, first: int = 20) -> list[str]:
    return [one["article"]["slug"] for one in await shown(web, first)]


async def as_(web: Web, role: Role) -> Web:
    return web.as_((await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)).secret)


# -------------------------------------------------------------------------------------------------- what readers find


async def test_stories_stand_in_the_editors_order_with_their_own_words(web: Web) -> None:
    photo = await house.photo(caption="A ridge.", alt_text="Snow", credit="Ann/Wire")
    one = await house.live(slug="one", headline="One", kicker="Alps", lead_photo={"photo": photo})
    two = await house.live(slug="two", headline="Two", summary="It rained.")
    made = await home(two, one, description="What matters now")
    told = (await web.ask(SHOWN % 20))["collection"]
    assert (told["id"], told["slug"], told["title"], told["description"], told["version"]) == (
        f"collection_{made}",
        "home",
        "Home",
        "What matters now",
        1,
    )
    assert told["items"] == [
        {"headline": "Two", "kicker": None, "summary": "It rained.", "article": {"slug": "two"}, "photo": None},
        {
            "headline": "One",
            "kicker": "Alps",
            "summary": "It happened.",
            "article": {"slug": "one"},
            "photo": {
                "role": "LEAD",
                "caption": "A ridge.",
                "altText": "Snow",
                "credit": "Ann/Wire",
                "drifted": False,
                "captionOverride": None,
                "photo": {"id": f"photo_{photo}"},
            },
        },
    ]


async def test_what_is_given_for_the_list_stands_in_place_of_the_storys(web: Web) -> None:
    lead, other = await house.photo(), await house.photo(caption="The other.", alt_text=None, credit="Bo/Wire")
    story = await house.live(slug="one", headline="One", kicker="K", lead_photo={"photo": lead})
    item = {
        "article": story,
        "headline": "Shorter",
        "kicker": "Live",
        "summary": "In a line.",
        "photo": {"photo": other, "caption": "Seen from here."},
    }
    await home(items=[item])
    (told,) = await shown(web)
    photo = told.pop("photo")
    assert told == {"headline": "Shorter", "kicker": "Live", "summary": "In a line.", "article": {"slug": "one"}}
    assert photo == {
        "role": "LEAD",
        "caption": "Seen from here.",
        "altText": "",
        "credit": "Bo/Wire",
        "drifted": False,
        "captionOverride": None,
        "photo": {"id": f"photo_{other}"},
    }
    assert (await house.stored(story)).headline == "One"


async def test_hidden_stories_leave_their_place_to_the_next(web: Web) -> None:
    stories = [await house.live(slug=f"s{number}") for number in range(6)]
    draft = await house.article(slug="draft")
    await home(stories[0], draft, *stories[1:])
    assert await slugs(web, 3) == ["s0", "s1", "s2"]
    await publishing.unpublish(SYSTEM, stories[1], 2)
    await publishing.withdraw(SYSTEM, stories[2], 2)
    assert await slugs(web, 3) == ["s0", "s3", "s4"]
    assert await slugs(web) == ["s0", "s3", "s4", "s5"]
    assert await slugs(await as_(web, "READER"), 3) == ["s0", "s3", "s4"]
    assert await slugs(await as_(web, "EDITOR"), 3) == ["s0", "draft", "s1"]
    await publishing.publish(SYSTEM, draft, 1)
    assert await slugs(web, 3) == ["s0", "draft", "s3"]


async def test_a_scheduled_story_comes_in_at_its_hour_without_a_write(web: Web) -> None:
    story, other = await house.article(slug="soon"), await house.live(slug="now")
    await publishing.publish(SYSTEM, story, 1, at=house.hours(0) + (house.hours(1) - house.hours(0)) / 1200)
    await home(story, other)
    assert await slugs(web) == ["now"]
    await asyncio.sleep(3.2)
    assert await slugs(web) == ["soon", "now"]


async def test_a_photo_that_may_not_be_shown_is_as_if_none_were_given(web: Web) -> None:
    lead, other = await house.photo(), await house.photo()
    story, bare = await house.live(lead_photo={"photo": lead}), await house.live()
    await home(items=[{"article": one, "photo": {"photo": other, "caption": "The other."}} for one in (story, bare)])
    await Photo.filter(id=other).update(rights_until=house.hours(-1))
    own = [one["photo"] and one["photo"]["photo"]["id"] for one in await shown(await as_(web, "EDITOR"))]
    assert own == [f"photo_{other}"] * 2
    await house.tag("Rice")  # a row was changed past the actions: now what was kept is given up
    first, second = await shown(web)
    assert (first["photo"]["photo"]["id"], first["photo"]["caption"]) == (f"photo_{lead}", "A street after the rain.")
    assert second["photo"] is None


async def test_an_override_drifts_when_the_photos_caption_changes(web: Web) -> None:
    photo, story = await house.photo(caption="A ridge."), await house.live()
    item = {"article": story, "photo": {"photo": photo, "caption": "The ridge."}}
    made = await home(items=[item])
    await photos.update(SYSTEM, photo, 1, {"caption": "A crest."})
    assert (await shown(web))[0]["photo"]["drifted"] is True
    await collections.save(SYSTEM, {"items": [item]}, made, 1)  # sent back as it was
    assert (await shown(web))[0]["photo"]["drifted"] is True
    await collections.save(SYSTEM, {"items": [{**item, "photo": {"photo": photo, "caption": "The crest."}}]}, made, 2)
    assert (await shown(web))[0]["photo"]["drifted"] is False


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_list_holds_1_to_100(web: Web, first: int) -> None:
    await home()
    assert (await web.refused(SHOWN % first))["code"] == "BAD_INPUT"


async def test_lists_are_told_of_by_slug_and_found_by_id(web: Web) -> None:
    made = {name: await collections.save(SYSTEM, {"title": name}) for name in ("Weekend", "Home", "Évian 2027")}
    data = await web.ask(
        "query($id: ID!) { collections { slug items { headline } } node(id: $id) { id ... on Collection { title } }"
        ' none: collection(slug: "nowhere") { id } }',
        id=f"collection_{made['Home']}",
    )
    assert [one["slug"] for one in data["collections"]] == ["evian-2027", "home", "weekend"]
    assert data["node"] == {"id": f"collection_{made['Home']}", "title": "Home"}
    assert data["none"] is None


async def test_what_a_list_shows_is_named_for_caches_and_paid_for(web: Web) -> None:
    await home(await house.live())
    await settled(web)
    told = await get(web, '{ collection(slug: "home") { items(first: 30) { headline photo { credit } } } }')
    assert told.headers["surrogate-key"] == "article collection photo"
    assert told.headers["dateline-cost"].startswith("61;")  # one list, 30 stories, 30 photos
    without = await get(web, '{ collection(slug: "home") { items(first: null) { headline } } }')
    assert without.headers["dateline-cost"].startswith("21;")


# ------------------------------------------------------------------------------------------------------------- saving


async def test_absent_keeps_and_null_clears(web: Web) -> None:
    story = await house.live(slug="one")
    made = await home(story, description="x")
    await collections.save(SYSTEM, {"title": "Start"}, made, 1)
    row = await Collection.get(id=made)
    assert (row.slug, row.title, row.description, row.version) == ("home", "Start", "x", 2)
    assert await slugs(web) == ["one"]
    await collections.save(SYSTEM, {"description": None, "items": None}, made, 2)
    row = await Collection.get(id=made)
    assert (row.description, row.version) == (None, 3)
    assert await slugs(web) == []
    await collections.save(SYSTEM, {}, made, 3)
    assert (await Collection.get(id=made)).version == 3


async def test_a_story_that_is_deleted_leaves_every_list(web: Web) -> None:
    draft = await house.article()
    await home(draft, await house.live(slug="one"))
    await articles.delete(SYSTEM, draft, 1)
    assert await CollectionItem.all().count() == 1
    assert await slugs(await as_(web, "EDITOR")) == ["one"]


@pytest.mark.parametrize("role", ROLES)
async def test_editors_and_admins_save_lists_and_nobody_else(newsroom: db.Database, role: Role) -> None:
    who = await house.staff(role)
    made = await collections.save(SYSTEM, {"title": "Home"})
    before = await house.everything()
    for fields, of in (({"title": "Other"}, (None, None)), ({"title": "Start"}, (made, 1))):
        if role in ("EDITOR", "ADMIN"):
            saved = await collections.save(who, fields, *of)
            entry = await AuditEntry.get(subject_id=saved, user_id=who.user_id)
            assert (entry.action, entry.subject_type, entry.summary) == (
                "collection.save",
                "Collection",
                fields["title"],
            )
        else:
            with pytest.raises(Forbidden):
                await collections.save(who, fields, *of)
            assert await house.everything() == before
    with pytest.raises(Unauthenticated):
        await collections.save(ANONYMOUS, {"title": "Other"})


async def test_what_cannot_be_saved_is_refused_at_its_place_and_nothing_changes(newsroom: db.Database) -> None:
    await house.section()
    story, other = await house.live(), await house.live()
    gone, over = await house.photo(status="WITHDRAWN"), await house.photo(rights_until=house.hours(-1))
    made = await home(story)
    await collections.save(SYSTEM, {"title": "Other"})
    before = await house.everything()

    def item(**fields: Any) -> dict[str, Any]:
        return {"items": [{"article": story}, {"article": other, **fields}]}

    for fields, refusal, path in (
        ({"items": [{"article": story}, {"article": story}]}, BadInput, ("items", "1", "article")),
        ({"items": [{"article": uuid4()}]}, NotFound, ("items", "0", "article")),
        ({"items": [{"headline": "x"}]}, Required, ("items", "0", "article")),
        ({"items": [{"article": uuid4()}] * 501}, TooLong, ("items",)),
        (item(headline="x" * 301), TooLong, ("items", "1", "headline")),
        (item(summary="a\0b"), BadInput, ("items", "1", "summary")),
        (item(photo={"photo": uuid4()}), NotFound, ("items", "1", "photo", "photo")),
        (item(photo={"photo": gone}), PhotoWithdrawn, ("items", "1", "photo", "photo")),
        (item(photo={"photo": over}), RightsExpired, ("items", "1", "photo", "photo")),
        ({"title": None}, Required, ("title",)),
        ({"slug": "other"}, SlugTaken, ("slug",)),
        ({"slug": "No Slug"}, BadInput, ("slug",)),
        ({"colour": "red"}, BadInput, ("colour",)),
    ):
        with pytest.raises(refusal) as refused:
            await collections.save(SYSTEM, fields, made, 1)
        assert refused.value.field == path
    with pytest.raises(Refused) as several:
        await collections.save(SYSTEM, {"items": [{"article": uuid4()}, {"article": uuid4()}]}, made, 1)
    assert [one.field for one in several.value.refusals] == [("items", str(place), "article") for place in (0, 1)]
    with pytest.raises(Required):
        await collections.save(SYSTEM, {"slug": "x"})
    with pytest.raises(Required) as nameless:
        await collections.save(SYSTEM, {"title": "?!"})
    assert nameless.value.field == ("slug",)
    with pytest.raises(NotFound):
        await collections.save(SYSTEM, {"title": "x"}, uuid4(), 1)
    with pytest.raises(Required):
        await collections.save(SYSTEM, {"title": "x"}, made)
    with pytest.raises(Conflict) as stale:
        await collections.save(SYSTEM, {"title": "x"}, made, 2)
    assert stale.value.current == 1
    assert await house.everything() == before


async def test_a_photo_that_was_withdrawn_meanwhile_may_stay_in_the_list(newsroom: db.Database) -> None:
    await house.section()
    story, photo = await house.live(), await house.photo()
    item = {"article": story, "photo": {"photo": photo}}
    made = await home(items=[item])
    await Photo.filter(id=photo).update(status="WITHDRAWN")
    await collections.save(SYSTEM, {"items": [item]}, made, 1)
    assert (await CollectionItem.get(collection_id=made)).photo_id == photo


async def test_there_are_not_more_lists_than_one_answer_holds(
    newsroom: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "MOST_COLLECTIONS", 3)
    results = await asyncio.gather(
        *(collections.save(SYSTEM, {"title": f"List {number}"}) for number in range(6)), return_exceptions=True
    )
    assert sum(isinstance(one, BadInput) for one in results) == 3
    assert await Collection.all().count() == 3


async def test_of_20_at_once_one_wins(newsroom: db.Database) -> None:
    await house.section()
    stories = [await house.live() for _ in range(3)]
    made = await home(*stories)
    results = await asyncio.gather(
        *(
            collections.save(SYSTEM, {"items": [{"article": one} for one in stories[number % 3 :]]}, made, 1)
            for number in range(20)
        ),
        return_exceptions=True,
    )
    assert results.count(made) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 19
    assert (await Collection.get(id=made)).version == 2
    assert await CollectionItem.filter(collection_id=made).count() == 3 - results.index(made) % 3
    named = await asyncio.gather(
        *(collections.save(SYSTEM, {"title": "Weekend"}) for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(one, UUID) for one in named) == 1
    assert sum(isinstance(one, SlugTaken) for one in named) == 19


# ---------------------------------------------------------------------------------------------------------- over HTTP


async def test_a_list_is_saved_over_graphql(web: Web) -> None:
    story, other = await house.live(slug="one"), await house.live(slug="two")
    editor = await as_(web, "EDITOR")
    given = {"title": "Home", "items": [{"article": f"article_{story}", "headline": "First"}]}
    saved = (await editor.ask(SAVE, input=given))["saveCollection"]
    assert saved["errors"] == []
    made = saved["collection"]
    assert (made["slug"], made["version"]) == ("home", 1)
    assert made["items"] == [{"headline": "First", "article": {"slug": "one"}}]
    changed = {"id": made["id"], "version": 1, "items": [{"article": f"article_{one}"} for one in (other, story)]}
    saved = (await editor.ask(SAVE, input=changed))["saveCollection"]
    assert [one["article"]["slug"] for one in saved["collection"]["items"]] == ["two", "one"]
    stale = (await editor.ask(SAVE, input=changed))["saveCollection"]
    assert stale == {"collection": None, "errors": [{"code": "CONFLICT", "field": ["version"], "currentVersion": 2}]}
    foreign = {**changed, "version": 2, "items": [{"article": f"photo_{story}"}]}
    refused = (await editor.ask(SAVE, input=foreign))["saveCollection"]["errors"]
    assert [(one["code"], one["field"]) for one in refused] == [("NOT_FOUND", ["items", "0", "article"])]
    assert (await web.refused(SAVE, input=given))["code"] == "UNAUTHENTICATED"
    assert (await (await as_(web, "CONTRIBUTOR")).refused(SAVE, input=given))["code"] == "FORBIDDEN"
    assert await slugs(web) == ["two", "one"]


async def test_the_front_page_shows_what_the_editors_chose_and_fills_up_with_the_latest(web: Web) -> None:
    photo = await house.photo(credit="Chosen/Wire")
    stories = [await house.live(headline=f"Story {number}") for number in range(7)]
    draft = await house.article(headline="Draft")
    items: list[dict[str, Any]] = [
        {"article": draft},
        {"article": stories[1], "headline": "Chosen first", "photo": {"photo": photo}},
        {"article": stories[6]},
    ]
    await home(items=items)
    with db.statements() as seen:
        response = await web.get("/")
    assert len(seen) == 1
    page = read(response)
    assert page.xpath("string(//section[@class='opener']//h2)") == "Chosen first"
    assert page.xpath("//section[@class='opener']//h2/a/@href") == ["/articles/story-1.html"]
    assert page.xpath("string(//section[@class='opener']//p[@class='credit'])") == "Chosen/Wire"
    assert words(page, "//section[@aria-label='Latest']//h3") == ["Story 6", "Story 5", "Story 4", "Story 3"]
    assert "Draft" not in response.text
