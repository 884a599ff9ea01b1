"""Feeds over HTTP."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from lxml import etree

from cms import clock, db
from cms.actions import accounts, articles, partners, publishing
from cms.actor import ROLES, SYSTEM
from cms.feeds import issue, newsml
from cms.models import Article, Photo
from cms.settings import Settings
from tests import house
from tests.cms.feeds import standards
from tests.web import Web, serving

READ = ("rss", "atom", "json")  # by feed readers
FORMATS = (*READ, "ninjs", "ninjs2", "newsml", "nitf")
TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}
CREDIT = "(STR)(STR/KCNA VIA KNS/AFP)"
CAPTION = 'This picture, released on Wednesday, shows the "test" & its crew.'


async def lead(**columns: Any) -> Any:
    given = {"credit": CREDIT, "caption": CAPTION, "width": 2400, "height": 1600, "creators": ["STR"]}
    rights = {"copyright_notice": "© AFP", "usage_terms": "Editorial use only"}
    return await house.photo(**given | rights | columns)


async def callers(web: Web) -> dict[str, Web]:
    """One of each kind, by a key where there is a credential."""
    found = {"anonymous": web}
    for role in ROLES:
        key = await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)
        found[role] = web.as_(key.secret)
    partner = await partners.save_partner(SYSTEM, {"name": "Wire"})
    found["partner"] = web.as_((await accounts.create_key(SYSTEM, "Wire", partner=partner)).secret)
    return found


def headlines(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    if response.headers["content-type"] == TYPES["json"]:
        return [item["title"] for item in response.json()["items"]]
    if response.headers["content-type"] == "application/json":
        return [item["headlines"][0]["value"] for item in response.json()["associations"] if "headlines" in item]
    if response.headers["content-type"] == newsml.CONTENT_TYPE:
        stories = etree.fromstring(response.content).findall(".//{*}contentSet/{*}inlineXML/*")
        found = [story.findtext(".//{*}title") or story.findtext(".//{*}hl1") for story in stories]
        return [one for one in found if one]  # of what has ended there is none
    read = feedparser.parse(response.content)
    assert not read.bozo, read.bozo_exception
    return [entry.title for entry in read.entries]


# ------------------------------------------------------------------------------------------------------- what they say


@pytest.mark.parametrize("format", READ)
async def test_corrections_stand_under_the_text_newest_first(web: Web, format: str) -> None:
    made = await house.live(internal_note="QUIET")
    await articles.correct(SYSTEM, made, 2, "It was <Tuesday>.", {})
    await articles.correct(SYSTEM, made, 3, "It was in Busan.", {})
    day = f"{clock.now():%Y-%m-%d}"
    response = await web.get(f"/feeds/latest.{format}")
    assert "QUIET" not in response.text
    if format == "json":
        [item] = response.json()["items"]
        html, text = item["content_html"], item["content_text"]
        assert [one["text"] for one in item["_dateline"]["corrections"]] == ["It was in Busan.", "It was <Tuesday>."]
        assert text.endswith(f"Correction, {day}: It was in Busan.\n\nCorrection, {day}: It was <Tuesday>.")
    else:
        html = feedparser.parse(response.content, sanitize_html=False).entries[0].content[0].value
    assert html.endswith(
        f"<p>Correction, {day}: It was in Busan.</p>\n<p>Correction, {day}: It was &lt;Tuesday&gt;.</p>"
    )


@pytest.mark.parametrize("format", ["rss", "atom"])
async def test_rss_and_atom_carry_a_story_with_photo_caption_and_whole_credit(web: Web, format: str) -> None:
    await house.author("Jane Doe")
    photo = await lead()
    earlier = await house.live(headline="Earlier test")
    made = await house.live(
        headline="Engine tested", summary="It was fired twice.", dateline="ANSK", authors=["jane-doe"], tags=["Rockets"],
        lead_photo={"photo": photo}, related=[{"article": earlier}], body=house.paragraphs("Said <b>more</b> than that."),
    )  # fmt: skip
    response = await web.get(f"/feeds/latest.{format}")
    assert response.headers["content-type"] == TYPES[format]
    read = feedparser.parse(response.content)
    assert not read.bozo
    assert (read.feed.title, read.feed.language) == ("Example Times", "en")
    story = next(entry for entry in read.entries if entry.title == "Engine tested")
    url = f"http://desk.test/images/{photo}/1/w1280-cover.jpeg"
    assert (story.id, story.link) == (f"urn:uuid:{made}", "http://desk.test/world/engine-tested")
    assert [author.name for author in story.authors] == ["Jane Doe"]
    assert [tag.term for tag in story.tags] == (["World", "Rockets"] if format == "rss" else ["world", "rockets"])
    assert [(one["url"], one["type"], one["width"], one["height"]) for one in story.media_content] == [
        (url, "image/jpeg", "1280", "853")
    ]
    assert [one["content"] for one in story.media_credit] == [CREDIT, "STR"]
    assert CAPTION.replace("&", "&amp;") in story.content[0].value
    assert f'<span class="credit">{CREDIT}</span>' in story.content[0].value
    assert "<p>ANSK — Said <strong>more</strong> than that.</p>" in story.content[0].value
    assert CAPTION.replace("&", "&amp;").encode() in response.content
    assert "enclosures" not in story or story.enclosures == []  # its length is not known, and 0 would be a lie


async def test_json_feed_carries_a_story_with_photo_caption_credit_rights_and_related_links(web: Web) -> None:
    photo = await lead(width=800, height=450)
    earlier = await house.live(headline="Earlier test")
    made = await house.live(
        headline="Engine tested", kicker="Rockets", dateline="ANSK", lead_photo={"photo": photo, "alt_text": "An engine"},
        related=[{"article": earlier, "kind": "BACKGROUND"}, {"url": "https://example.org/a", "title": "Elsewhere"}],
    )  # fmt: skip
    feed = (await web.get("/feeds/latest.json")).json()
    story = next(item for item in feed["items"] if item["id"] == f"urn:uuid:{made}")
    assert story["content_text"] == "ANSK — What happened."
    assert (feed["home_page_url"], feed["feed_url"]) == ("http://desk.test/", "http://desk.test/feeds/latest.json")
    assert story["_dateline"]["photos"] == [
        {
            "id": f"urn:uuid:{photo}",
            "version": 1,
            "url": f"http://desk.test/images/{photo}/1/w1280-cover.jpeg",
            "mime_type": "image/jpeg",
            "width": 800,  # nothing is enlarged
            "height": 450,
            "lead": True,
            "caption": CAPTION,
            "credit": CREDIT,
            "creators": ["STR"],
            "source": "KCNA",
            "via": ["KNS"],
            "distributor": "AFP",
            "alt": "An engine",
            "copyright": "© AFP",
            "usage_terms": "Editorial use only",
        }
    ]
    assert story["_dateline"]["related"] == [
        {"title": "Earlier test", "url": "http://desk.test/world/earlier-test", "kind": "BACKGROUND"},
        {"title": "Elsewhere", "url": "https://example.org/a", "kind": "EXTERNAL"},
    ]
    assert story["_dateline"]["section"] == {"name": "World", "slug": "world", "url": "http://desk.test/world/"}


async def test_each_list_has_its_feed(web: Web) -> None:
    world = await house.section("Europe")
    await house.section("Alps", parent=world)
    await house.author("Jane Doe")
    await house.live(headline="On the ridge", section="alps", authors=["jane-doe"], tags=["Snow"])
    await house.live(headline="In the valley", section="europe")
    await house.live(headline="Elsewhere")
    found = {
        path: headlines(await web.get(f"/feeds/{path}.rss"))
        for path in ("latest", "section/europe", "section/alps", "tag/snow", "author/jane-doe")
    }
    assert found == {
        "latest": ["Elsewhere", "In the valley", "On the ridge"],
        "section/europe": ["In the valley", "On the ridge"],  # with those of the sections below
        "section/alps": ["On the ridge"],
        "tag/snow": ["On the ridge"],
        "author/jane-doe": ["On the ridge"],
    }


async def test_a_feed_says_whose_it_is_and_keeps_its_id_when_the_slug_changes(web: Web) -> None:
    tag = await house.tag("Snow")
    heads = {}
    for path in ("latest", "section/world", "tag/snow"):
        feed = (await web.get(f"/feeds/{path}.json")).json()
        heads[path] = (feed["_dateline"]["id"], feed["title"], feed["description"], feed["home_page_url"])
    world = (await web.ask('{ section(slug: "world") { id } }'))["section"]["id"].removeprefix("section_")
    assert heads == {
        "latest": ("http://desk.test/feeds/latest", "Example Times", "The latest from Example Times.", "http://desk.test/"),
        "section/world": (f"urn:uuid:{world}", "Example Times: World", "The latest from World.", "http://desk.test/world/"),
        "tag/snow": (f"urn:uuid:{tag}", "Example Times: Snow", "Stories about Snow.", "http://desk.test/"),
    }  # fmt: skip


async def test_a_story_keeps_its_id_when_its_slug_changes(web: Web) -> None:
    made = await house.live()
    await articles.update(SYSTEM, made, 2, {"slug": "another-name"})
    [story] = (await web.get("/feeds/latest.json")).json()["items"]
    assert (story["id"], story["url"]) == (f"urn:uuid:{made}", "http://desk.test/world/another-name")


@pytest.mark.parametrize("format", READ)
async def test_hostile_text_stays_text(web: Web, format: str) -> None:
    hostile = 'A ]]> <script>alert("1")</script> & "quotes" \U0001f680'
    photo = await lead(caption=hostile, credit=hostile)
    await house.live(headline=hostile, summary=hostile, lead_photo={"photo": photo}, dateline="<b>ANSK</b>")
    response = await web.get(f"/feeds/latest.{format}")
    read = feedparser.parse(response.content)
    if format == "json":
        [story] = response.json()["items"]
        title, html = story["title"], story["content_html"]
    else:
        assert not read.bozo
        title, html = read.entries[0].title, read.entries[0].content[0].value
    assert hostile in (title, title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert "<script" not in html
    assert "<b>" not in html


@pytest.mark.parametrize("format", FORMATS)
async def test_a_feed_without_stories_is_a_feed(web: Web, format: str) -> None:
    assert headlines(await web.get(f"/feeds/latest.{format}")) == []


async def test_addresses_come_from_the_settings_whatever_the_host_header_says(web: Web) -> None:
    await house.live()
    for format in FORMATS:
        response = await web.get(f"/feeds/latest.{format}", host="evil.example")
        assert response.status_code == 200
        assert b"evil.example" not in response.content
        assert "evil.example" not in response.headers["link"]


async def test_every_format_of_the_newsroom_fits_its_schema(web: Web) -> None:
    hostile = 'A ]]> <script>alert("1")</script> & "quotes" \U0001f680'
    photo = await lead(
        caption=hostile, credit="x" * 10_000, license_url="https://example.org/ä", digital_source_type="odd"
    )
    given: dict[str, Any] = {
        "lead_photo": {"photo": photo},
        "related": [{"url": "https://example.org/ü?a b", "title": "?"}],
    }
    given["related"][0]["url"] = "https://example.org/ü"
    made = await house.live(headline=hostile, dateline="ANSK", tags=["Rice"], kicker=hostile, **given)
    await articles.correct(SYSTEM, made, 2, hostile, {})
    await house.live()
    for start in ("/feeds/latest", f"/articles/{(await Article.get(id=made)).slug}"):
        found = {format: (await web.get(f"{start}.{format}")).content for format in FORMATS}
        assert standards.jsonfeed(found["json"]) == []
        assert standards.ninjs(found["ninjs"], "3.1") == []
        assert standards.ninjs(found["ninjs2"], "2.2") == []
        assert standards.xml(found["newsml"], "NewsML-G2_2.35-spec-All-Power.xsd") == []
        for story in etree.fromstring(found["nitf"]).iter("{http://iptc.org/std/NITF/2006-10-18/}nitf"):
            assert standards.xml(etree.fromstring(etree.tostring(story)), "nitf-3-6.xsd") == []
        assert b"x" * 10_000 in found["nitf"]


# -------------------------------------------------------------------------------------------------------- what is hidden


async def test_what_is_not_public_is_absent_for_every_kind_of_caller(web: Web) -> None:
    await house.author("Jane Doe")
    given: dict[str, Any] = {"authors": ["jane-doe"], "tags": ["Rice"]}
    await house.live(headline="Out", **given)
    await house.article(headline="Draft", **given)
    await publishing.publish(SYSTEM, await house.article(headline="Scheduled", **given), 1, at=house.hours(1))
    await publishing.publish(
        SYSTEM, await house.article(headline="Embargoed", embargoed_until=house.hours(1), **given), 1
    )
    expired = await house.live(headline="Expired", **given)
    await Article.filter(id=expired).update(live_from=house.hours(-2), live_until=house.hours(-1))
    await publishing.unpublish(SYSTEM, await house.live(headline="Unpublished", **given), 2)
    for who, caller in (await callers(web)).items():
        for path in ("latest", "section/world", "tag/rice", "author/jane-doe"):
            for format in FORMATS:
                response = await caller.get(f"/feeds/{path}.{format}")
                assert headlines(response) == ["Out"], (who, path, format)
                assert not re.search(b"Draft|Scheduled|Embargoed|Expired|Unpublished", response.content)


async def test_a_photo_past_its_rights_is_absent_for_every_kind_of_caller_and_its_story_stays(web: Web) -> None:
    past, inline = await lead(), await house.photo(credit="Second/Agency")
    await house.live(
        headline="Out",
        lead_photo={"photo": past},
        body=[{"photo": {"photo": inline}}, {"paragraph": {"html": "What happened."}}],
    )
    await Photo.filter(id__in=[past, inline]).update(rights_until=house.hours(-1))
    for who, caller in (await callers(web)).items():
        for format in FORMATS:
            response = await caller.get(f"/feeds/latest.{format}")
            assert headlines(response) == ["Out"], (who, format)
            assert not re.search(rf"{past}|{inline}|KCNA|Second".encode(), response.content), (who, format)


async def test_a_link_to_a_hidden_story_is_absent(web: Web) -> None:
    hidden = await house.article(headline="Not yet")
    await house.live(related=[{"article": hidden}])
    assert b"Not yet" not in (await web.get("/feeds/latest.json")).content


# ------------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "path",
    [
        "section/nowhere.rss", "tag/nowhere.atom", "author/nowhere.json", "section/%00.rss", "latest.xml", "latest.",
        "section/world.html", "desk/world.rss", "latest/world.rss", "section.rss",
    ],
)  # fmt: skip
async def test_a_list_or_format_that_there_is_not_is_a_404_problem(web: Web, path: str) -> None:
    response = await web.get(f"/feeds/{path}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize("after", ["", "nonsense", "u20260101000000000000" + "0" * 32, "\x00"])
async def test_a_cursor_of_another_list_or_order_is_a_400_problem(web: Web, after: str) -> None:
    response = await web.client.get("/feeds/latest.rss", params={"after": after})
    assert (response.status_code, response.json()["code"]) == (400, "BAD_CURSOR")


async def test_a_feed_is_only_read(web: Web) -> None:
    for method in ("POST", "PUT", "DELETE"):
        response = await web.client.request(method, "/feeds/latest.rss")
        assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_a_credential_that_opens_nothing_is_refused(web: Web) -> None:
    response = await web.as_("nonsense").get("/feeds/latest.rss")
    assert (response.status_code, response.json()["code"]) == (401, "UNAUTHENTICATED")


# --------------------------------------------------------------------------------------------------------- what is kept


async def test_a_feed_is_one_statement(web: Web) -> None:
    await house.author("Jane Doe")
    for _ in range(3):
        await house.live(
            lead_photo={"photo": await lead()},
            authors=["jane-doe"],
            tags=["Rice"],
            related=[{"article": await house.live()}],
        )
    for path in ("latest", "section/world", "tag/rice", "author/jane-doe"):
        with db.statements() as seen:
            assert (await web.get(f"/feeds/{path}.rss")).status_code == 200
        assert len(seen) == 1


@pytest.mark.parametrize("format", FORMATS)
async def test_who_has_it_already_gets_304_with_the_same_headers(web: Web, format: str) -> None:
    made = await house.live()
    first = await web.get(f"/feeds/latest.{format}")
    tag = first.headers["etag"]
    assert re.fullmatch('"[0-9a-f]{32}-zstd"', tag)
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await web.get(f"/feeds/latest.{format}", if_none_match=given)
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "last-modified", "cache-control", "surrogate-key", "link"):
            assert again.headers[name] == first.headers[name]
    await articles.update(SYSTEM, made, 2, {"headline": "Another"})
    changed = await web.get(f"/feeds/latest.{format}", if_none_match=tag)
    assert headlines(changed) == ["Another"]
    assert changed.headers["etag"] != tag


async def test_a_date_counts_only_where_no_tag_is_given(web: Web) -> None:
    await house.live()
    date = (await web.get("/feeds/latest.rss")).headers["last-modified"]
    later = format_datetime(clock.now() + timedelta(hours=1), usegmt=True)
    earlier = format_datetime(clock.now() - timedelta(hours=1), usegmt=True)
    answers = {
        (date, None): 304,
        (later, None): 304,
        (earlier, None): 200,
        (date, '"other"'): 200,
        ("yesterday", None): 200,
        ("Thu, 01 Jan 1970 00:00:00 -0000", None): 200,
        ("Thu, 99 Jan 99999999999999999999 00:00:00 GMT", None): 200,
    }
    for (since, tag), status in answers.items():
        headers = {"if_modified_since": since} | ({"if_none_match": tag} if tag else {})
        assert (await web.get("/feeds/latest.rss", **headers)).status_code == status, (since, tag)


async def test_a_story_that_an_embargo_held_back_makes_the_feed_newer(web: Web) -> None:
    made, lifted = await house.live(), house.hours(-1)
    before = {"live_from": house.hours(-9), "updated_at": house.hours(-9), "created_at": house.hours(-9)}
    await Article.filter(id=made).update(embargo_until=lifted, **before)
    response = await web.get("/feeds/latest.rss")
    assert response.headers["last-modified"] == format_datetime(lifted.astimezone(UTC), usegmt=True)


async def test_head_is_get_without_the_body(web: Web) -> None:
    await house.live()
    got, head = await web.get("/feeds/latest.rss"), await web.client.head("/feeds/latest.rss")
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "x-request-id": ""} == {**got.headers, "x-request-id": ""}


async def test_readers_share_an_answer_and_nobody_keeps_one_made_for_a_credential(web: Web) -> None:
    made = await house.live()
    for who, caller in (await callers(web)).items():
        headers = (await caller.get("/feeds/latest.rss")).headers
        shared = "public, max-age=60, stale-while-revalidate=300"
        assert headers["cache-control"] == (shared if who == "anonymous" else "private, no-store")
        assert headers["surrogate-key"] == f"latest article_{made}"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("what", ["story", "photo"])
async def test_nobody_keeps_a_feed_longer_than_what_it_shows_may_be_shown(web: Web, what: str) -> None:
    photo = await lead()
    made = await house.live(lead_photo={"photo": photo})
    end = datetime.now(UTC) + timedelta(seconds=30)
    if what == "story":
        await Article.filter(id=made).update(live_until=end)
    else:
        await Photo.filter(id=photo).update(rights_until=end)
    given = (await web.get("/feeds/latest.rss")).headers["cache-control"]
    found = re.fullmatch(r"public, max-age=(\d+), stale-while-revalidate=0", given)
    assert found
    assert 20 <= int(found[1]) <= 30


async def test_older_stories_are_on_the_next_page_each_once(web: Web) -> None:
    for number in range(issue.LENGTH + 2):
        await house.live(headline=f"Number {number}")
    seen: list[str] = []
    path: str | None = "/feeds/section/world.json"
    pages = 0
    while path:
        response = await web.get(path)
        feed = response.json()
        assert feed["feed_url"] == f"http://desk.test{path}"
        follow = feed.get("next_url")
        links = [f'<{feed["feed_url"]}>; rel="self"'] + ([f'<{follow}>; rel="next"'] if follow else [])
        assert response.headers["link"] == ", ".join(links)
        seen += headlines(response)
        pages += 1
        path = follow and follow.removeprefix("http://desk.test")
    assert (pages, seen) == (2, [f"Number {number}" for number in reversed(range(issue.LENGTH + 2))])


async def test_feeds_name_the_hub_that_is_set(database: str, tmp_path: Path) -> None:
    settings = Settings.load({"DATELINE_WEBSUB_HUB": "https://hub.example.com/"})
    assert settings.websub_hub == "https://hub.example.com/"
    async with serving(database, f"file:{tmp_path}/media", websub_hub=settings.websub_hub) as web:
        for format in ("rss", "atom"):
            response = await web.get(f"/feeds/latest.{format}")
            assert '<https://hub.example.com/>; rel="hub"' in response.headers["link"]
            links = etree.fromstring(response.content).iter("{http://www.w3.org/2005/Atom}link")
            assert [link.get("href") for link in links if link.get("rel") == "hub"] == ["https://hub.example.com/"]
        hubs = (await web.get("/feeds/latest.json")).json()["hubs"]
        assert hubs == [{"type": "WebSub", "url": "https://hub.example.com/"}]


async def test_without_a_hub_feeds_name_none(web: Web) -> None:
    for format in FORMATS:
        response = await web.get(f"/feeds/latest.{format}")
        assert b"hub" not in response.content
        assert "hub" not in response.headers["link"]
