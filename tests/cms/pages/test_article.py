"""The page of a story: what it shows, what it hides, what nobody can put into it."""

import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from lxml import html as markup

from cms import db
from cms.actions import accounts, articles, partners, publishing
from cms.actor import SYSTEM, Role
from cms.models import Article, Photo
from tests import house
from tests.web import Web, serving

CREDIT = "(STR)(STR/KCNA VIA KNS/AFP)"
CAPTION = "This picture, released on Wednesday, shows a test on a stand."
WIDTHS = (480, 800, 1280, 1600)


def read(response: httpx.Response) -> markup.HtmlElement:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return markup.document_fromstring(response.text)


def words(page: markup.HtmlElement, selector: str) -> list[str]:
    """The texts of the elements at an XPath, white space collapsed."""
    return [" ".join(one.text_content().split()) for one in page.xpath(selector)]


def meta(page: markup.HtmlElement) -> dict[str, str]:
    return {one.get("property") or one.get("name"): one.get("content") for one in page.xpath("//meta[@content]")}


async def key(role: Role) -> str:
    """The secret of a key of a new person of this role."""
    return (await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)).secret


async def conflict() -> dict[str, UUID]:
    """The acceptance page, with everything that a body may hold, and what it leads to."""
    await house.section("Conflict")
    await house.author("Jane Doe")
    await house.author("Kim Example")
    lead = await house.photo(credit=CREDIT, caption=CAPTION, alt_text="An engine", width=2400, height=1600)
    inline = await house.photo(credit="Kim/Example Times", caption="The site.", width=1000, height=500)
    panels = [await house.photo(credit=f"Panel {number}/Wire", caption="") for number in (1, 2)]
    gallery = await house.photo(credit="Gallery/Wire", caption="The square.")
    similar = await house.photo(credit="Similar/Wire", dominant_color="#123456")
    others = [
        await house.live(headline="What is known", lead_photo={"photo": similar}),
        await house.live(headline="No picture"),
    ]
    made = await house.live(
        headline="Engine tested", slug="engine-tested", section="conflict", kicker="Foothills", dateline="ANSK",
        summary="State media published one photograph.", authors=["jane-doe", "kim-example"], tags=["Kestria", "Rockets"],
        lead_photo={"photo": lead}, gallery=[{"photo": gallery}],
        related=[
            {"article": others[0]}, {"article": others[1], "title": "Another title"},
            {"url": "https://example.org/report", "title": "The report"},
        ],
        body=[
            {"paragraph": {"html": "It was <em>fired</em> on Tuesday."}},
            {"heading": {"text": "What the picture shows"}},
            {"quote": {"html": "The stand is new.", "attribution": "Maren Oduya, an engineer"}},
            {"heading": {"text": "A question of distance"}},
            {"list": {"ordered": True, "items": ["one", "two"]}},
            {"photo": {"photo": inline, "caption": "The stand, from above."}},
            {"heading": {"text": "What follows", "level": 3}},
            {"gallery": {"photos": [{"photo": one} for one in panels]}},
            {"aside": {"title": "In numbers", "html": "<p>90 seconds.</p>"}},
            {"embed": {"url": "https://www.youtube.com/watch?v=1", "title": "The film"}},
            {"divider": {}},
            {"paragraph": {"html": "The end."}},
        ],
    )  # fmt: skip
    instant = datetime(2026, 2, 3, 15, 42, tzinfo=UTC)
    await Article.filter(id=made).update(live_from=instant, modified_at=instant + timedelta(hours=2))
    return {"article": made, "lead": lead, "inline": inline, "similar": similar}


# ------------------------------------------------------------------------------------------------------- what it shows


async def test_the_page_shows_the_whole_story(web: Web) -> None:
    await conflict()
    page = read(await web.get("/articles/engine-tested.html"))
    header = "//article[@class='story']/header"
    assert words(page, "//title") == ["Engine tested – Example Times"]
    assert words(page, f"{header}/p[@class='label']") == ["Conflict"]
    assert words(page, f"{header}/p[@class='kicker']") == ["Foothills"]
    assert words(page, "//h1") == ["Engine tested"]
    assert words(page, f"{header}/p[@class='standfirst']") == ["State media published one photograph."]
    assert words(page, "//p[@class='byline']") == ["Jane Doe and Kim Example"]
    assert words(page, f"{header}//p[@class='when']/span") == [
        "Published 4 February 2026, 00:42 KST",
        "Updated 4 February 2026, 02:42 KST",
        "1 min read",
    ]
    assert page.xpath(f"{header}//time/@datetime") == ["2026-02-03T15:42:00Z", "2026-02-03T17:42:00Z"]
    assert words(page, "//figure[@class='lead']/figcaption") == [f"{CAPTION} {CREDIT}"]
    assert words(page, "//figure[@class='lead']//span[@class='credit']") == [CREDIT]
    body = "//div[@class='body']"
    assert words(page, f"{body}/p") == [
        "ANSK", "It was fired on Tuesday.", "The film YouTube", "The end.",
    ]  # fmt: skip
    assert page.xpath(f"string({body}/p[2]/em)") == "fired"
    assert words(page, f"{body}/h2") == ["What the picture shows", "A question of distance"]
    assert words(page, f"{body}/h3") == ["What follows"]
    assert page.xpath(f"{body}/h2/@id") == ["what-the-picture-shows", "a-question-of-distance"]
    assert words(page, f"{body}/figure[@class='quote']/blockquote") == ["The stand is new."]
    assert words(page, f"{body}/figure[@class='quote']//cite") == ["Maren Oduya, an engineer"]
    assert words(page, f"{body}/ol/li") == ["one", "two"]
    assert words(page, f"{body}/figure[@class='photo']") == ["The stand, from above. Kim/Example Times"]
    assert words(page, f"{body}/div[@class='gallery']/figure") == ["Panel 1/Wire", "Panel 2/Wire"]
    assert words(page, f"{body}/aside/*") == ["In numbers", "90 seconds."]
    assert page.xpath(f"{body}/p[@class='embed']/a/@href") == ["https://www.youtube.com/watch?v=1"]
    assert len(page.xpath(f"{body}/hr")) == 1
    assert words(page, "//section[@class='pictures']//figure") == ["The square. Gallery/Wire"]
    assert words(page, "//ul[@class='tags']/li") == ["Kestria", "Rockets"]


async def test_corrections_stand_below_the_text_newest_first_and_in_the_linked_data(web: Web) -> None:
    made = (await conflict())["article"]
    assert read(await web.get("/articles/engine-tested.html")).xpath("//section[@class='corrections']") == []
    await articles.correct(SYSTEM, made, 2, "It was <i>Tuesday</i>.", {})
    await articles.correct(SYSTEM, made, 3, "It was in Busan.", {})
    page = read(await web.get("/articles/engine-tested.html"))
    told = [text.partition(": ")[2] for text in words(page, "//section[@class='corrections']/p")]
    assert told == ["It was in Busan.", "It was <i>Tuesday</i>."]
    data = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
    assert [one["text"] for one in data["correction"]] == told


async def test_similar_articles_stand_at_the_end_with_picture_credit_headline_and_section(web: Web) -> None:
    made = await conflict()
    page = read(await web.get("/articles/engine-tested.html"))
    [similar] = page.xpath("//main/section[last()]")
    assert words(similar, "h2") == ["Similar Articles"]
    assert words(similar, ".//h3") == ["What is known", "Another title", "The report"]
    assert similar.xpath(".//h3/a/@href") == [
        "/articles/what-is-known.html", "/articles/no-picture.html", "https://example.org/report",
    ]  # fmt: skip
    assert words(similar, ".//p[@class='label']") == ["World", "World", "Elsewhere"]
    assert words(similar, ".//p[@class='credit']") == ["Similar/Wire"]
    assert similar.xpath(".//img/@src") == [f"http://desk.test/images/{made['similar']}/1/w480-cover.jpeg"]


async def test_pictures_come_in_three_formats_and_keep_their_place_while_they_load(web: Web) -> None:
    made = await conflict()
    page = read(await web.get("/articles/engine-tested.html"))
    [picture] = page.xpath("//figure[@class='lead']/picture")
    base = f"http://desk.test/images/{made['lead']}/1/"

    def srcset(format: str) -> str:
        return ", ".join(f"{base}w{width}-cover.{format} {width}w" for width in WIDTHS)

    assert [(one.get("type"), one.get("srcset")) for one in picture.xpath(".//source")] == [
        ("image/avif", srcset("avif")),
        ("image/webp", srcset("webp")),
    ]
    [image] = picture.xpath(".//img")
    assert (image.get("srcset"), image.get("src")) == (srcset("jpeg"), f"{base}w1280-cover.jpeg")
    assert (image.get("width"), image.get("height"), image.get("alt")) == ("2400", "1600", "An engine")
    assert (image.get("fetchpriority"), image.get("loading"), image.get("class")) == ("high", None, "c808080")
    assert image.get("sizes").endswith("100vw")
    [similar] = page.xpath("//section[@class='similar']//img")
    assert (similar.get("loading"), similar.get("class")) == ("lazy", "c123456")
    css = page.xpath("string(//style)")
    assert ".c808080{background-color:#808080}" in css
    assert ".c123456{background-color:#123456}" in css
    # none of the original's own size is offered beyond what it has
    assert "w1280" not in page.xpath("string(//div[@class='body']/figure[@class='photo']//img/@srcset)")


async def test_the_head_tells_search_engines_networks_and_feed_readers(web: Web) -> None:
    made = await conflict()
    page = read(await web.get("/articles/engine-tested.html"))
    url = "http://desk.test/conflict/engine-tested"
    told = meta(page)
    assert page.xpath("//link[@rel='canonical']/@href") == [url]
    expected = {
        "description": "State media published one photograph.",
        "og:type": "article",
        "og:site_name": "Example Times",
        "og:title": "Engine tested",
        "og:url": url,
        "og:image": f"http://desk.test/images/{made['lead']}/1/w1280-cover.jpeg",
        "og:image:width": "1280",
        "og:image:height": "853",
        "og:image:alt": "An engine",
        "article:published_time": "2026-02-03T15:42:00Z",
        "article:modified_time": "2026-02-03T17:42:00Z",
        "article:section": "Conflict",
    }
    assert {name: told.get(name) for name in expected} == expected
    assert "robots" not in told
    links = [(one.get("type"), one.get("href")) for one in page.xpath("//link[@rel='alternate']")]
    embed = f"&url={quote(url)}"
    assert links[:5] == [
        ("application/json", "http://desk.test/articles/engine-tested.ninjs"),
        ("application/vnd.iptc.g2.newsmessage+xml", "http://desk.test/articles/engine-tested.newsml"),
        ("application/nitf+xml", "http://desk.test/articles/engine-tested.nitf"),
        ("application/json+oembed", f"http://desk.test/oembed?format=json{embed}"),
        ("text/xml+oembed", f"http://desk.test/oembed?format=xml{embed}"),
    ]
    for _, address in links[:5]:
        assert (await web.get(address.removeprefix("http://desk.test"))).status_code == 200
    assert links[5:] == [
        (type, f"http://desk.test/feeds/{name}.{format}")
        for name in ("latest", "section/conflict")
        for format, type in (
            ("rss", "application/rss+xml"),
            ("atom", "application/atom+xml"),
            ("json", "application/feed+json"),
        )
    ]
    [script] = page.xpath("//script")
    linked = json.loads(script.text)
    assert (script.get("type"), linked["@type"], linked["headline"]) == (
        "application/ld+json", "NewsArticle", "Engine tested",
    )  # fmt: skip
    assert (linked["image"][0]["creditText"], linked["datePublished"]) == (CREDIT, "2026-02-03T15:42:00Z")


async def test_a_story_of_bare_words_has_a_page(web: Web) -> None:
    await house.live(slug="bare")
    page = read(await web.get("/articles/bare.html"))
    assert words(page, "//div[@class='body']/*") == ["What happened."]
    assert page.xpath("//img | //section | //ul[@class='tags'] | //p[@class='byline']") == []


async def test_a_language_is_named_and_written_in_its_direction(web: Web) -> None:
    story = await house.live(slug="arabic", language="ar", headline="خبر")
    await house.live(slug="german", language="de-AT", related=[{"article": story}])
    arabic, german = read(await web.get("/articles/arabic.html")), read(await web.get("/articles/german.html"))
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")
    assert arabic.xpath("//header[@class='masthead']/@dir") == ["ltr"]
    assert (german.get("lang"), german.get("dir")) == ("de-AT", "ltr")
    assert german.xpath("//section[@class='similar']//article/@dir") == ["rtl"]


# -------------------------------------------------------------------------------------------------------- what it hides


async def test_hidden_and_absent_stories_are_one_page_for_everyone_outside(web: Web) -> None:
    await house.article(slug="draft")
    await publishing.publish(SYSTEM, await house.article(slug="scheduled"), 1, at=house.hours(1))
    await publishing.publish(SYSTEM, await house.article(slug="embargoed", embargoed_until=house.hours(1)), 1)
    await Article.filter(id=await house.live(slug="expired")).update(
        live_from=house.hours(-2), live_until=house.hours(-1)
    )
    await publishing.unpublish(SYSTEM, await house.live(slug="unpublished"), 2)
    partner = await partners.save_partner(SYSTEM, {"name": "Wire"})
    wire = (await accounts.create_key(SYSTEM, "Wire", partner=partner)).secret
    slugs = ("nowhere", "draft", "scheduled", "embargoed", "expired", "unpublished", "%00", "%2e%2e")
    for caller in (web, web.as_(await key("READER")), web.as_(wire)):
        answers = [await caller.get(f"/articles/{slug}.html") for slug in slugs]
        assert [one.status_code for one in answers] == [404] * len(slugs)
        assert {one.headers["cache-control"] for one in answers} == {"no-store"}
        assert len({one.content for one in answers}) == 1
        assert words(markup.document_fromstring(answers[0].text), "//h1") == ["There is no such page"]
        for slug in slugs[1:6]:
            elsewhere = await caller.get(f"/world/{slug}")
            assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "NOT_FOUND")


async def test_withdrawn_story_is_gone_and_one_that_was_never_out_was_never_there(web: Web) -> None:
    out = await house.live(slug="was-out")
    await articles.update(SYSTEM, out, 2, {"slug": "out"})
    await publishing.withdraw(SYSTEM, out, 3)
    held = await house.article(slug="held", embargoed_until=house.hours(1))
    await publishing.publish(SYSTEM, held, 1)
    await publishing.withdraw(SYSTEM, held, 2)
    for slug, status, code in (("out", 410, "GONE"), ("was-out", 410, "GONE"), ("held", 404, "NOT_FOUND")):
        page, own = await web.get(f"/articles/{slug}.html"), await web.get(f"/world/{slug}")
        assert (page.status_code, page.headers["cache-control"]) == (status, "no-store")
        assert words(markup.document_fromstring(page.text), "//h1") == ["There is no such page"]
        assert (own.status_code, own.json()["code"]) == (status, code)


async def test_staff_see_what_is_not_public_yet_with_a_word_that_says_so(web: Web) -> None:
    await house.article(slug="draft")
    response = await web.as_(await key("EDITOR")).get("/articles/draft.html")
    page = read(response)
    assert words(page, "//p[@class='notice']") == ["Not public: this story is draft."]
    assert meta(page)["robots"] == "noindex"
    assert response.headers["cache-control"] == "private, no-store"
    assert page.xpath("//header//time") == []
    other = await web.as_(await key("CONTRIBUTOR")).get("/articles/draft.html")
    assert other.status_code == 404


async def test_photos_past_their_rights_are_absent_and_the_story_stays(web: Web) -> None:
    made = await conflict()
    await Photo.all().update(rights_until=house.hours(-1))
    response = await web.get("/articles/engine-tested.html")
    page = read(response)
    assert words(page, "//h1") == ["Engine tested"]
    assert page.xpath("//img | //section[@class='pictures'] | //div[@class='gallery'] | //figure[@class='lead']") == []
    assert not re.search(rf"{made['lead']}|{made['inline']}|KCNA", response.text)


async def test_a_hidden_story_is_not_among_the_similar_ones(web: Web) -> None:
    hidden = await house.article(headline="Not yet")
    shown = await house.live(headline="Out")
    await house.live(slug="story", related=[{"article": hidden}, {"article": shown}])
    response = await web.get("/articles/story.html")
    assert words(read(response), "//section[@class='similar']//h3") == ["Out"]
    assert "Not yet" not in response.text


# ---------------------------------------------------------------------------------------------- what nobody can put in


async def test_hostile_text_stays_text_everywhere(web: Web) -> None:
    hostile = '</script></style><script>alert("1")</script><img src=x onerror=alert(1)>" onload="alert(1)'
    photo = await house.photo(credit=hostile, caption=hostile, alt_text=hostile)
    other = await house.live(headline=hostile, slug="other", lead_photo={"photo": photo})
    await house.live(
        headline=hostile, slug="hostile", kicker=hostile[:120], summary=hostile, dateline=hostile[:120],
        byline_override=hostile, tags=[hostile[:100]], lead_photo={"photo": photo}, gallery=[{"photo": photo}],
        related=[{"article": other}, {"url": "https://example.org/\"><script>", "title": hostile}],
        seo={"title": hostile, "description": hostile},
        body=[
            {"paragraph": {"html": hostile}}, {"heading": {"text": hostile}},
            {"quote": {"html": hostile, "attribution": hostile}}, {"aside": {"title": hostile, "html": hostile}},
            {"embed": {"url": "https://example.org/\"><script>", "title": hostile}}, {"list": {"items": [hostile]}},
        ],
    )  # fmt: skip
    for path in ("/articles/hostile.html", "/"):
        page = read(await web.get(path))
        assert [one.get("type") for one in page.xpath("//script")] in ([], ["application/ld+json"])
        assert len(page.xpath("//style")) == 1
        assert page.xpath("//@onerror | //@onload | //@onclick | //@style | //*[@src='x']") == []
        assert hostile in page.xpath("//h1/text() | //h2/a/text()")
    page = read(await web.get("/articles/hostile.html"))
    assert json.loads(page.xpath("string(//script)"))["headline"] == hostile
    assert page.xpath("string(//figure[@class='lead']//img/@alt)") == hostile
    assert words(page, "//figure[@class='lead']//span[@class='credit']") == [hostile]


async def test_the_policy_allows_our_pictures_and_this_style_sheet_alone(web: Web) -> None:
    await conflict()
    for path in ("/articles/engine-tested.html", "/articles/nowhere.html", "/"):
        response = await web.get(path)
        css = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
        assert len(css) == 1
        digest = b64encode(sha256(css[0].encode()).digest()).decode()
        assert response.headers["content-security-policy"] == (
            f"default-src 'none'; img-src data: http://desk.test; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "strict-origin-when-cross-origin"


# --------------------------------------------------------------------------------------------- how it is asked and kept


async def test_a_page_is_one_query_and_one_statement_for_one_similar_story_or_four(web: Web) -> None:
    made = await conflict()
    for links in (1, 4):
        related = [{"article": await house.live(lead_photo={"photo": made["similar"]})} for _ in range(links)]
        story = await house.stored(made["article"])
        await articles.update(SYSTEM, made["article"], story.version, {"related": related})
        with db.statements() as seen:
            page = read(await web.get("/articles/engine-tested.html"))
        assert (len(page.xpath("//section[@class='similar']//article")), len(seen)) == (links, 1)


async def test_the_storys_own_address_shows_the_same_page_and_others_lead_to_it_or_nowhere(web: Web) -> None:
    await conflict()
    named, own = await web.get("/articles/engine-tested.html"), await web.get("/conflict/engine-tested")
    assert (own.status_code, own.content, own.headers["etag"]) == (200, named.content, named.headers["etag"])
    elsewhere = await web.get("/world/engine-tested")
    assert (elsewhere.status_code, elsewhere.headers["location"]) == (301, "http://desk.test/conflict/engine-tested")
    for path in ("/engine-tested", "/conflict/engine-tested/", "/conflict/nowhere"):
        response = await web.get(path)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json"), path


async def test_who_has_the_page_already_gets_304(web: Web) -> None:
    made = await conflict()
    first = await web.get("/articles/engine-tested.html")
    again = await web.get("/articles/engine-tested.html", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    head = await web.client.head("/articles/engine-tested.html")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert first.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"
    assert first.headers["surrogate-key"].split()[0] == f"article_{made['article']}"
    await articles.update(SYSTEM, made["article"], 2, {"headline": "Another"})
    changed = await web.get("/articles/engine-tested.html", if_none_match=first.headers["etag"])
    assert words(read(changed), "//h1") == ["Another"]


async def test_nobody_keeps_a_page_longer_than_a_picture_of_a_similar_story_may_be_shown(web: Web) -> None:
    made = await conflict()
    await Photo.filter(id=made["similar"]).update(rights_until=datetime.now(UTC) + timedelta(seconds=30))
    given = (await web.get("/articles/engine-tested.html")).headers["cache-control"]
    found = re.fullmatch(r"public, max-age=(\d+), stale-while-revalidate=0", given)
    assert found
    assert 20 <= int(found[1]) <= 30


async def test_a_page_is_only_read(web: Web) -> None:
    for path in ("/", "/articles/engine-tested.html"):
        response = await web.client.post(path)
        assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_page_whose_query_takes_too_long_is_unavailable(database: str, tmp_path: Path) -> None:
    async with serving(database, f"file:{tmp_path}/media", request_seconds=0) as web:
        response = await web.get("/")
    assert (response.status_code, response.json()["code"], response.headers["retry-after"]) == (503, "UNAVAILABLE", "2")
