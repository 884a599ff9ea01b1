"""What search engines are told of."""

from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from lxml import etree

from cms import clock, db
from cms.actions import articles, publishing
from cms.actor import SYSTEM
from cms.feeds import sitemaps
from cms.feeds.sitemaps import BEGINNING, WEEK, news_language
from cms.models import Article
from tests import house
from tests.cms.feeds import standards
from tests.cms.feeds.test_routes import callers, lead
from tests.web import Web

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
    "i": "http://www.google.com/schemas/sitemap-image/1.1",
    "x": "http://www.w3.org/1999/xhtml",
}


def this_week() -> str:
    return f"/sitemaps/{(clock.now() - BEGINNING) // WEEK}.xml"


async def read(web: Web, path: str) -> etree._Element:
    """A document that fits its schema, which knows no links to translations."""
    response = await web.get(path)
    assert response.status_code == 200, response.text
    root = etree.fromstring(response.content)
    plain = deepcopy(root)
    for link in plain.findall(".//x:link", NAMES):
        parent = link.getparent()
        assert parent is not None
        parent.remove(link)
    assert standards.xml(plain, "sitemap-min.xsd") == []
    return root


def said(root: etree._Element, path: str) -> list[str | None]:
    return [one.text for one in root.findall(f".//{path}", NAMES)]


async def test_robots_find_the_sitemaps(web: Web) -> None:
    text = (await web.get("/robots.txt")).text
    assert "Sitemap: http://desk.test/sitemap.xml\n" in text
    assert "Sitemap: http://desk.test/news-sitemap.xml\n" in text


async def test_index_names_each_week_since_the_first_story(web: Web) -> None:
    old = await house.live()
    await Article.filter(id=old).update(live_from=clock.now() - 3 * WEEK)
    found = said(await read(web, "/sitemap.xml"), "s:loc")
    assert len(found) == 4
    assert found[-1] == f"http://desk.test{this_week()}"
    for address in found:
        assert address is not None
        await read(web, address.removeprefix("http://desk.test"))
    assert said(await read(web, str(found[0]).removeprefix("http://desk.test")), "s:loc") == [
        f"http://desk.test/world/{(await house.stored(old)).slug}"
    ]  # fmt: skip


async def test_newsroom_without_stories_has_sitemaps(web: Web) -> None:
    assert len(said(await read(web, "/sitemap.xml"), "s:loc")) == 1
    assert said(await read(web, this_week()), "s:loc") == []
    assert said(await read(web, "/news-sitemap.xml"), "s:loc") == []


async def test_story_stands_with_its_photos_and_translations_by_one_statement(web: Web) -> None:
    photo = await lead()
    made = await house.live(slug="engine", lead_photo={"photo": photo})
    await house.live(slug="motor", language="de", translation_of=made)
    with db.statements() as seen:
        root = await read(web, this_week())
    assert len(seen) == 1
    [url] = [one for one in root if one.findtext("s:loc", namespaces=NAMES) == "http://desk.test/world/engine"]
    assert said(url, "i:loc") == [f"http://desk.test/images/{photo}/1/w1280-cover.jpeg"]
    assert [(link.get("hreflang"), link.get("href")) for link in url.findall("x:link", NAMES)] == [
        ("en", "http://desk.test/world/engine"),
        ("de", "http://desk.test/world/motor"),
    ]
    modified = url.findtext("s:lastmod", namespaces=NAMES)
    assert modified is not None
    assert datetime.fromisoformat(modified) <= clock.now()


async def test_only_what_anybody_may_read_and_what_may_be_indexed_is_told_to_whoever_asks(web: Web) -> None:
    await house.live(headline="Out", slug="out")
    await house.article(headline="Draft")
    await publishing.publish(SYSTEM, await house.article(headline="Scheduled"), 1, at=house.hours(1))
    await publishing.publish(SYSTEM, await house.article(headline="Embargoed", embargoed_until=house.hours(1)), 1)
    await publishing.unpublish(SYSTEM, await house.live(headline="Unpublished"), 2)
    await publishing.withdraw(SYSTEM, await house.live(headline="Withdrawn"), 2)
    await house.live(headline="Unlisted", seo={"noindex": True})
    await house.live(headline="Elsewhere", seo={"canonical_url": "https://example.org/first"})
    for who, caller in (await callers(web)).items():
        for path in (this_week(), "/news-sitemap.xml"):
            assert said(await read(caller, path), "s:loc") == ["http://desk.test/world/out"], (who, path)


async def test_news_are_the_stories_of_two_days_with_name_language_date_and_title(web: Web) -> None:
    hostile = 'A ]]> <script> & "quotes" \U0001f680'
    await house.live(slug="new", headline=hostile, language="pt-BR")
    await Article.filter(id=await house.live()).update(live_from=house.hours(-49))
    again = await house.live()
    await Article.filter(id=again).update(first_live_from=house.hours(-72))
    root = await read(web, "/news-sitemap.xml")
    assert said(root, "s:loc") == ["http://desk.test/world/new"]
    assert (said(root, "n:name"), said(root, "n:language"), said(root, "n:title")) == (
        ["Example Times"],
        ["pt"],
        [hostile],
    )
    [published] = said(root, "n:publication_date")
    assert published is not None
    assert clock.now() - datetime.fromisoformat(published) < timedelta(minutes=5)


async def test_a_week_to_come_has_no_sitemap(web: Web) -> None:
    for week in ((clock.now() - BEGINNING) // WEEK + 1, "x", "-1", "9" * 30):
        assert (await web.get(f"/sitemaps/{week}.xml")).status_code == 404


async def test_who_has_it_already_gets_304_until_a_story_changes(web: Web) -> None:
    made = await house.live()
    for path in ("/robots.txt", "/sitemap.xml", this_week(), "/news-sitemap.xml"):
        first = await web.get(path)
        assert first.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"
        assert (await web.get(path, if_none_match=first.headers["etag"])).status_code == 304
    tag = (await web.get("/news-sitemap.xml")).headers["etag"]
    await articles.update(SYSTEM, made, 2, {"headline": "Another"})
    assert (await web.get("/news-sitemap.xml", if_none_match=tag)).status_code == 200


@pytest.mark.parametrize(
    ("tag", "told"),
    [("en-GB", "en"), ("de", "de"), ("zh-Hant", "zh-tw"), ("zh-CN", "zh-cn"), ("zh", "zh-cn"), ("gsw-CH", "gsw")],
)
def test_language_is_told_as_google_reads_it(tag: str, told: str) -> None:
    assert news_language(tag) == told


def test_any_number_of_stories_goes_out_one_by_one() -> None:
    story = {"url": "http://desk.test/world/a", "modifiedAt": "2026-01-31T08:00:00Z", "translations": [], "photos": []}
    chunks = sitemaps.render([story] * 5)
    assert len(list(chunks)) == 7
