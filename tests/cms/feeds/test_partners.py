"""What partners are given: by feed, by ledger, by private address; never more than they are entitled to."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from cms import db, ledger
from cms.actions import accounts, articles, feeds, killing, partners, photos, publishing, taxonomy
from cms.actor import SYSTEM
from cms.errors import BadInput, Conflict, Forbidden, NotFound, SlugTaken
from cms.models import Article, Change, Delivery, Feed, FeedTag, Section
from cms.read.statement import STEP
from tests import house
from tests.web import Web


async def partner(name: str = "Harbour Wire", **grants: Any) -> UUID:
    return await partners.save_partner(SYSTEM, {"name": name, **grants})


async def caller(web: Web, of: UUID) -> Web:
    return web.as_((await accounts.create_key(SYSTEM, "Feed", partner=of)).secret)


async def desk() -> UUID:
    """The section "World"."""
    key: UUID = (await Section.get(slug="world")).id
    return key


def headlines(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [item["title"] for item in response.json()["items"]]


# -------------------------------------------------------------------------------------------------------- saved feeds


async def test_a_saved_feed_holds_the_stories_that_meet_all_its_conditions(web: Web) -> None:
    await house.section("Sport")
    await house.author("Jane Doe")
    told: dict[str, Any] = {"tags": ["Rice"], "authors": ["jane-doe"], "language": "de"}
    await house.live(headline="All", **told)
    for lacking in ("tags", "authors", "language"):
        await house.live(headline=f"Without {lacking}", **{name: told[name] for name in told if name != lacking})
    await house.live(headline="Elsewhere", section="sport", **told)
    conditions = {"section": "world", "tags": ["rice"], "author": "jane-doe", "language": "de"}
    await feeds.save(SYSTEM, {"slug": "politics", "title": "Politics", **conditions})
    response = await web.get("/feeds/politics.json")
    assert headlines(response) == ["All"]
    assert response.json()["title"] == "Example Times: Politics"
    assert response.json()["feed_url"] == "http://desk.test/feeds/politics.json"
    made = await Feed.get(slug="politics")
    await feeds.save(SYSTEM, dict.fromkeys(conditions), made.id, 1)
    assert set(headlines(await web.get("/feeds/politics.json"))) == {
        "All", "Without tags", "Without authors", "Without language", "Elsewhere"
    }  # fmt: skip


async def test_a_feed_of_texts_holds_no_photo(web: Web) -> None:
    photo = await house.photo(credit="Ada/AFP")
    await house.live(headline="Told", lead_photo={"photo": photo}, body=house.paragraphs("Words."))
    await feeds.save(SYSTEM, {"slug": "texts", "title": "Texts", "with_photos": False})
    for format in ("json", "rss", "atom"):
        said = (await web.get(f"/feeds/texts.{format}")).text
        assert "Words." in said
        assert "Ada/AFP" not in said
        assert "Ada/AFP" in (await web.get(f"/feeds/latest.{format}")).text


async def test_a_partners_feed_is_there_for_that_partner_alone(web: Web) -> None:
    await house.live(headline="Told")
    mine, other = await partner(), await partner("Inland Press")
    await feeds.save(SYSTEM, {"slug": "wire", "title": "Wire", "partner": mine})
    assert headlines(await (await caller(web, mine)).get("/feeds/wire.json")) == ["Told"]
    absent = await web.get("/feeds/nothing.json")
    for who in (web, await caller(web, other)):
        found = await who.get("/feeds/wire.json")
        assert (found.status_code, found.json()["detail"]) == (404, absent.json()["detail"])


async def test_a_private_address_opens_its_feed_until_it_is_rotated_and_no_other(web: Web) -> None:
    await house.live(headline="Told")
    mine, other = await partner(), await partner("Inland Press")
    made = await feeds.save(SYSTEM, {"slug": "wire", "title": "Wire", "partner": mine})
    await feeds.save(SYSTEM, {"slug": "press", "title": "Press", "partner": other})
    ask = "{ viewer { partner { feeds { slug privateUrls { format url } } } } }"
    [feed] = (await (await caller(web, mine)).ask(ask))["viewer"]["partner"]["feeds"]
    urls = {one["format"]: one["url"].removeprefix("http://desk.test") for one in feed["privateUrls"]}
    assert headlines(await web.get(urls["JSON_FEED"])) == ["Told"]
    assert await Delivery.all().values_list("partner_id", flat=True) == [mine]
    token = urls["JSON_FEED"].split("/")[3]
    for path in (
        f"/feeds/private/{token}/press.json",
        f"/feeds/private/{token[:-1]}/wire.json",
        "/feeds/private/x/wire.json",
    ):
        assert (await web.get(path)).status_code == 404
    await feeds.save(SYSTEM, {"rotate_secret": True}, made, 1)
    assert (await web.get(urls["JSON_FEED"])).status_code == 404
    [feed] = (await (await caller(web, mine)).ask(ask))["viewer"]["partner"]["feeds"]
    rotated = {one["format"]: one["url"].removeprefix("http://desk.test") for one in feed["privateUrls"]}
    assert headlines(await web.get(rotated["JSON_FEED"])) == ["Told"]
    await partners.save_partner(SYSTEM, {"active": False}, mine, 1)
    assert (await web.get(rotated["JSON_FEED"])).status_code == 404


async def test_private_addresses_are_told_to_the_partner_and_to_who_manages_partners(web: Web) -> None:
    mine = await partner()
    await feeds.save(SYSTEM, {"slug": "wire", "title": "Wire", "partner": mine})
    ask = "{ feeds { slug partner { name } privateUrls { url } } }"
    told = {}
    for role in ("EDITOR", "ADMIN"):
        key = await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)
        told[role] = [len(one["privateUrls"]) for one in (await web.as_(key.secret).ask(ask))["feeds"]]
    told["anonymous"] = [len(one["privateUrls"]) for one in (await web.ask(ask))["feeds"]]
    told["partner"] = [len(one["privateUrls"]) for one in (await (await caller(web, mine)).ask(ask))["feeds"]]
    assert told == {"EDITOR": [0], "ADMIN": [6], "anonymous": [], "partner": [6]}


@pytest.mark.parametrize("name", ["key", "token", "API_KEY", "access_token"])
async def test_a_key_in_the_address_is_refused(web: Web, name: str) -> None:
    secret = (await accounts.create_key(SYSTEM, "Feed", partner=await partner())).secret
    refused = await web.get(f"/feeds/latest.json?{name}={secret}")
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_REQUEST")
    assert secret not in refused.text


@pytest.mark.parametrize(
    ("changes", "kind", "path"),
    [
        ({"slug": "latest"}, SlugTaken, ("slug",)),
        ({"slug": "Wire!"}, BadInput, ("slug",)),
        ({"slug": "taken"}, SlugTaken, ("slug",)),
        ({"slug": None}, BadInput, ("slug",)),
        ({"section": "nowhere"}, NotFound, ("section",)),
        ({"tags": ["rice", "none"]}, NotFound, ("tags", "1")),
        ({"author": "nobody"}, NotFound, ("author",)),
        ({"partner": UUID(int=1)}, NotFound, ("partner",)),
        ({"language": "x"}, BadInput, ("language",)),
        ({"embargoed_ahead": True}, BadInput, ("embargoed_ahead",)),
    ],
)
@pytest.mark.usefixtures("newsroom")
async def test_a_feed_that_cannot_be_is_refused_and_nothing_is_stored(
    changes: dict[str, Any], kind: type[BadInput], path: tuple[str, ...]
) -> None:
    await house.section("World")
    await house.tag("Rice")
    await feeds.save(SYSTEM, {"slug": "taken", "title": "Taken"})
    before = await house.everything()
    with pytest.raises(kind) as refused:
        await feeds.save(SYSTEM, {"slug": "new", "title": "New", **changes})
    assert refused.value.field == path
    assert await house.everything() == before


@pytest.mark.usefixtures("newsroom")
async def test_who_does_not_manage_partners_saves_no_feed_and_of_two_who_save_one_loses() -> None:
    with pytest.raises(Forbidden):
        await feeds.save(await house.staff("EDITOR"), {"slug": "new", "title": "New"})
    made = await feeds.save(SYSTEM, {"slug": "new", "title": "New"})
    await feeds.save(SYSTEM, {"title": "Newer"}, made, 1)
    with pytest.raises(Conflict):
        await feeds.save(SYSTEM, {"title": "Newest"}, made, 1)
    assert (await Feed.get(id=made)).title == "Newer"


@pytest.mark.usefixtures("newsroom")
async def test_a_feed_follows_tags_that_are_merged() -> None:
    into, gone, other = [await house.tag(name) for name in ("Rice", "Grain", "Corn")]
    both = await feeds.save(SYSTEM, {"slug": "both", "title": "Both", "tags": ["grain", "rice"]})
    one = await feeds.save(SYSTEM, {"slug": "one", "title": "One", "tags": ["grain", "corn"]})
    await taxonomy.merge_tags(SYSTEM, [gone], into)
    rows = set(await FeedTag.all().values_list("feed_id", "tag_id"))
    assert rows == {(both, into), (one, into), (one, other)}


# ------------------------------------------------------------------------------------------------------------- grants


async def test_a_partner_gets_the_story_without_a_photo_that_it_may_not_have(web: Web) -> None:
    await house.live(headline="Ours", lead_photo={"photo": await house.photo(credit="Ada/AFP", distributor_key="afp")})
    limited = await house.photo(credit="Ben/Reuters", distributor_key="reuters")
    story = await house.live(headline="Theirs", lead_photo={"photo": limited})
    wire = await caller(web, await partner(photo_distributors=["AFP"]))
    response = await wire.get("/feeds/latest.json")
    assert headlines(response) == ["Theirs", "Ours"]
    assert "Ben/Reuters" not in response.text
    assert f"/images/{limited}" not in response.text
    [lacking, whole] = response.json()["items"]
    assert lacking["_dateline"]["omitted"] == [{"id": f"urn:uuid:{limited}", "omitted": "RIGHTS"}]
    assert "omitted" not in whole["_dateline"]
    assert "Ada/AFP" in response.text
    ask = '{ article(slug: "theirs") { omitted leadPhoto { credit } bodyHtml } }'
    told = (await wire.ask(ask))["article"]
    assert (told["omitted"], told["leadPhoto"]) == ("RIGHTS", None)
    assert "Reuters" not in told["bodyHtml"]
    assert (await wire.ask('{ article(slug: "ours") { omitted } }'))["article"]["omitted"] is None
    assert (await web.ask(ask))["article"]["omitted"] is None
    for path in (f"/images/{limited}/1/w640-cover.jpeg",):
        assert (await wire.get(path)).status_code == 404
    await photos.update(SYSTEM, limited, 1, {"credit": "Ben/AFP"})
    assert (await wire.ask(ask))["article"]["omitted"] is None
    assert str(story) in (await wire.get("/feeds/latest.json")).text


async def test_sections_hold_those_below_them_also_such_as_come_later(web: Web) -> None:
    world = await desk()
    asia = await house.section("Asia", world)
    await house.section("Sport")
    await house.live(headline="Far", section="asia")
    await house.live(headline="Fast", section="sport")
    wire = await caller(web, await partner(sections=[world]))
    assert headlines(await wire.get("/feeds/latest.json")) == ["Far"]
    await house.section("Korea", asia)
    await house.live(headline="Farther", section="korea")
    assert headlines(await wire.get("/feeds/latest.json")) == ["Farther", "Far"]
    assert (await wire.ask('{ article(slug: "fast") { slug } }'))["article"] is None


async def test_embargoed_stories_come_ahead_to_the_feed_that_says_so_and_to_nobody_else(web: Web) -> None:
    story = await house.article(headline="Secret", embargoed_until=house.hours(2))
    await publishing.publish(SYSTEM, story, 1)
    entitled, other = await partner(embargo_access=True), await partner("Inland Press")
    for name, of in (("ahead", entitled), ("not-entitled", other)):
        await feeds.save(SYSTEM, {"slug": name, "title": name, "partner": of, "embargoed_ahead": True})
    await feeds.save(SYSTEM, {"slug": "later", "title": "Later", "partner": entitled})
    mine, theirs = await caller(web, entitled), await caller(web, other)
    assert headlines(await mine.get("/feeds/ahead.json")) == ["Secret"]
    for who, slug in ((mine, "later"), (mine, "latest"), (theirs, "not-entitled"), (theirs, "latest"), (web, "latest")):
        assert headlines(await who.get(f"/feeds/{slug}.json")) == []
    ask = "{ changes { nodes { kind subject { id } subjectId } } }"
    assert [one["kind"] for one in (await mine.ask(ask))["changes"]["nodes"]] == ["ARTICLE_PUBLISHED"]
    for who in (theirs, web):
        assert (await who.ask(ask))["changes"]["nodes"] == []
    await Article.filter(id=story).update(embargo_until=house.hours(-1))
    await publishing.announce(story)
    await house.settled()
    told = [one["kind"] for one in (await mine.ask(ask))["changes"]["nodes"]]
    assert told == ["ARTICLE_PUBLISHED", "ARTICLE_PUBLISHED"]  # ahead, and for all
    for who in (theirs, web):
        assert [one["kind"] for one in (await who.ask(ask))["changes"]["nodes"]] == ["ARTICLE_PUBLISHED"]


# ------------------------------------------------------------------------------------------------------- since a cursor


async def test_what_changed_comes_behind_the_cursor_once_and_what_ended_as_a_withdrawal(web: Web) -> None:
    wire = await caller(web, await partner())
    kept, gone = await house.live(headline="Kept"), await house.live(headline="Gone")
    await house.settled()
    first = await wire.get("/feeds/latest.json")
    cursor = first.headers["dateline-cursor"]
    nothing = await wire.get(f"/feeds/latest.json?after={cursor}")
    assert (headlines(nothing), nothing.headers["dateline-cursor"]) == ([], cursor)
    await articles.correct(SYSTEM, kept, 2, "It was Tuesday.", {})
    await publishing.withdraw(SYSTEM, gone, 2, note="Not ours to tell")
    await house.live(headline="New")
    await house.article(headline="Draft")
    await house.settled()
    for format in ("json", "atom", "rss"):
        told = await wire.get(f"/feeds/latest.{format}?after={cursor}")
        assert told.text.index("Kept") < told.text.index("New")
        assert "Draft" not in told.text
    told = await wire.get(f"/feeds/latest.json?after={cursor}")
    assert headlines(told) == ["Kept", "New"]
    atom = (await wire.get(f"/feeds/latest.atom?after={cursor}")).text
    assert f'ref="urn:uuid:{gone}"' in atom
    assert "Not ours to tell" in atom
    onward = told.headers["dateline-cursor"]
    assert onward != cursor
    assert headlines(await wire.get(f"/feeds/latest.json?after={onward}")) == []


async def test_page_by_page_from_the_ledgers_start_every_story_comes_once_in_order(web: Web) -> None:
    wire = await caller(web, await partner())
    for number in range(7):
        await house.live(headline=f"Story {number}")
    await house.settled()
    cursor, found, pages = "0-0-0", [], 0
    while True:
        told = await wire.get(f"/feeds/latest.json?after={cursor}&limit=3")
        found += headlines(told)
        pages += 1
        cursor = told.headers["dateline-cursor"]
        if "next_url" not in told.json():
            break
        assert told.json()["next_url"] == f"http://desk.test/feeds/latest.json?after={cursor}&limit=3"
    assert (found, pages) == ([f"Story {number}" for number in range(7)], 3)


async def test_what_a_partner_may_not_see_is_passed_by_in_steps_and_nothing_behind_it_is_lost(web: Web) -> None:
    """Of a ledger that is hidden from it a page looks at so many changes and no more; its cursor goes on behind them."""
    sport = await house.section("Sport")
    wire = await caller(web, await partner(sections=[sport]))
    hidden = await house.live(headline="Far")
    told = {
        "kind": "ARTICLE_UPDATED",
        "subject_type": "Article",
        "subject_id": hidden,
        "by": "Desk",
        "at": house.hours(-1),
    }
    await Change.bulk_create([Change(**told, version=n) for n in range(STEP + 4)])
    await house.live(headline="Near", section="sport")
    async with db.transaction():
        await ledger.append("ARTICLE_UPDATED", "Article", hidden, STEP + 4, SYSTEM)
    await house.settled()
    ask = "query($after: String) { changes(after: $after) { nodes { kind } pageInfo { hasNextPage endCursor } } }"
    after: str | None = None
    pages: list[tuple[int, bool]] = []
    while not pages or pages[-1][1]:
        page = (await wire.ask(ask, after=after))["changes"]
        pages.append((len(page["nodes"]), page["pageInfo"]["hasNextPage"]))
        after = page["pageInfo"]["endCursor"]
    assert pages == [(0, True), (1, False)]
    assert after == await ledger.head()
    nothing = (await wire.ask(ask, after=after))["changes"]
    assert nothing == {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    first = await wire.get("/feeds/latest.json?after=0-0-0")
    assert headlines(first) == []
    second = await wire.get(first.json()["next_url"].removeprefix("http://desk.test"))
    assert headlines(second) == ["Near"]
    assert "next_url" not in second.json()
    assert second.headers["dateline-cursor"] == await ledger.head()


async def test_a_change_of_a_photo_brings_the_stories_that_show_it(web: Web) -> None:
    wire = await caller(web, await partner())
    photo = await house.photo(credit="Ada/AFP")
    await house.live(headline="With", lead_photo={"photo": photo})
    await house.live(headline="Without")
    await house.settled()
    cursor = (await wire.get("/feeds/latest.json")).headers["dateline-cursor"]
    await photos.update(SYSTEM, photo, 1, {"caption": "Mended"})
    await house.settled()
    told = await wire.get(f"/feeds/latest.json?after={cursor}")
    assert headlines(told) == ["With"]
    assert "Mended" in told.text


async def test_a_partner_is_told_that_a_photo_which_it_got_is_not_for_partners_any_more(web: Web) -> None:
    entitled, other = await partner(), await partner("Inland Press")
    mine, theirs = await caller(web, entitled), await caller(web, other)
    photo = await house.photo()
    await house.live(headline="With", lead_photo={"photo": photo})
    await photos.update(SYSTEM, photo, 1, {"caption": "Told"})
    await house.settled()
    await mine.get("/feeds/latest.json")
    await photos.update(SYSTEM, photo, 2, {"rights": {"syndicatable": False}})
    await house.settled()
    ask = "{ changes(first: 100) { nodes { kind subjectId subject { id } } } }"
    told = [one for one in (await mine.ask(ask))["changes"]["nodes"] if one["subjectId"] == f"photo_{photo}"]
    assert told == [{"kind": "PHOTO_RIGHTS_CHANGED", "subjectId": f"photo_{photo}", "subject": None}]
    assert str(photo) not in str(await theirs.ask(ask))
    await killing.withdraw(SYSTEM, photo, 3, {"reason": "A mistake", "notice": "Mandatory kill"})
    await house.settled()
    told = [one["kind"] for one in (await mine.ask(ask))["changes"]["nodes"] if one["subjectId"] == f"photo_{photo}"]
    assert told == ["PHOTO_RIGHTS_CHANGED", "PHOTO_WITHDRAWN"]


@pytest.mark.parametrize("after", ["x", "1-2", "1-2-x", "0-0-0-0", "p00", "1-1-" + "9" * 40])
async def test_a_cursor_that_is_none_is_refused(web: Web, after: str) -> None:
    refused = await web.get(f"/feeds/latest.json?after={after}")
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_CURSOR")


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "1e1", "٣", "9" * 5000])
async def test_a_limit_that_nobody_gets_is_refused(web: Web, limit: str) -> None:
    assert (await web.get(f"/feeds/latest.json?limit={limit}")).status_code == 400


async def test_a_cursor_of_another_partner_is_a_place_and_opens_nothing(web: Web) -> None:
    sport = await house.section("Sport")
    await house.live(headline="Fast", section="sport")
    await house.live(headline="Far")
    await house.settled()
    mine, theirs = await caller(web, await partner(sections=[sport])), await caller(web, await partner("Inland Press"))
    cursor = (await theirs.get("/feeds/latest.json?after=0-0-0&limit=1")).headers["dateline-cursor"]
    assert headlines(await theirs.get(f"/feeds/latest.json?after={cursor}")) == ["Far"]
    assert headlines(await mine.get(f"/feeds/latest.json?after={cursor}")) == []


# -------------------------------------------------------------------------------------------------- what partners got


LEDGER = """{ viewer { partner { ledger { nodes {
  channel outcome attempt acknowledgedAt change { kind version subjectId cursor } } } } } }"""


async def test_what_a_partner_got_is_noted_once_for_each_version_and_channel(web: Web) -> None:
    mine, other = await partner(), await partner("Inland Press")
    wire = await caller(web, mine)
    photo = await house.photo()
    story = await house.live(headline="Told", lead_photo={"photo": photo})
    await house.settled()
    for _ in range(3):
        await wire.get("/feeds/latest.json")
    await articles.update(SYSTEM, story, 2, {"headline": "Better"})
    await house.settled()
    await wire.get("/feeds/latest.json")
    await wire.get("/feeds/latest.atom")
    await (await caller(web, other)).get("/feeds/section/nowhere.atom")
    told = (await wire.ask(LEDGER))["viewer"]["partner"]["ledger"]["nodes"]
    assert [(one["channel"], one["change"]["kind"], one["change"]["version"]) for one in told] == [
        ("feed latest.atom", "ARTICLE_UPDATED", 3),
        ("feed latest.json", "ARTICLE_UPDATED", 3),
        ("feed latest.json", "ARTICLE_PUBLISHED", 2),
    ]
    assert {(one["outcome"], one["attempt"]) for one in told} == {("FETCHED", 0)}
    assert (await (await caller(web, other)).ask(LEDGER))["viewer"]["partner"]["ledger"]["nodes"] == []
    assert (await web.ask(LEDGER))["viewer"]["partner"] is None


ACKNOWLEDGE = """mutation ($cursor: String!) { acknowledgeChange(input: {cursor: $cursor, note: "Taken down"}) {
  acknowledgedAt errors { code field } } }"""


async def test_a_partner_acknowledges_what_it_got_and_only_that(web: Web) -> None:
    wire, other = await caller(web, await partner()), await caller(web, await partner("Inland Press"))
    await house.live(headline="Told")
    await house.settled()
    await wire.get("/feeds/latest.json")
    [got] = (await wire.ask(LEDGER))["viewer"]["partner"]["ledger"]["nodes"]
    cursor = {"cursor": got["change"]["cursor"]}
    assert (await other.ask(ACKNOWLEDGE, **cursor))["acknowledgeChange"]["errors"][0]["code"] == "NOT_FOUND"
    done = (await wire.ask(ACKNOWLEDGE, **cursor))["acknowledgeChange"]
    assert done["errors"] == []
    again = (await wire.ask(ACKNOWLEDGE, **cursor))["acknowledgeChange"]
    assert again["acknowledgedAt"] == done["acknowledgedAt"] is not None
    [got] = (await wire.ask(LEDGER))["viewer"]["partner"]["ledger"]["nodes"]
    assert got["acknowledgedAt"] == done["acknowledgedAt"]
    assert (await web.refused(ACKNOWLEDGE, **cursor))["code"] == "UNAUTHENTICATED"


# ---------------------------------------------------------------------------------------------------------- conditional


async def test_an_issue_that_nothing_changed_is_answered_without_a_statement(web: Web) -> None:
    await house.live(headline="Told")
    first = await web.get("/feeds/latest.json")
    for _ in range(100):  # until the horizon is known after the change
        with db.statements() as seen:
            again = await web.get("/feeds/latest.json", if_none_match=first.headers["etag"])
        assert again.status_code == 304
        if not seen:
            break
        await asyncio.sleep(0.05)
    assert seen == []
    await house.live(headline="New")
    told = await web.get("/feeds/latest.json", if_none_match=first.headers["etag"])
    assert headlines(told) == ["New", "Told"]


async def test_partners_with_other_grants_are_never_given_each_others_issue(web: Web) -> None:
    sport = await house.section("Sport")
    world = await desk()
    await house.live(headline="Fast", section="sport")
    await house.live(headline="Far", section="world")
    mine = await caller(web, await partner(sections=[sport]))
    same = await caller(web, await partner("Same", sections=[sport]))
    other = await caller(web, await partner("Other", sections=[world]))
    for _ in range(3):
        assert headlines(await mine.get("/feeds/latest.json")) == ["Fast"]
        assert headlines(await same.get("/feeds/latest.json")) == ["Fast"]
        assert headlines(await other.get("/feeds/latest.json")) == ["Far"]
        assert headlines(await web.get("/feeds/latest.json")) == ["Far", "Fast"]
    assert await Delivery.all().count() == 3
