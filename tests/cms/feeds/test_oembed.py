"""A story on other sites."""

import json
import re
from typing import Any

import pytest
from lxml import etree

from cms.actions import articles, publishing
from cms.actor import SYSTEM
from tests import house
from tests.cms.feeds import standards
from tests.cms.feeds.test_routes import CAPTION, CREDIT, callers, lead
from tests.web import Web

URL = "http://desk.test/world/engine"


async def embedded(web: Web, **query: Any) -> dict[str, Any]:
    response = await web.client.get("/oembed", params={"url": URL, **query})
    assert response.status_code == 200, response.text
    assert standards.oembed(response.content) == []
    found: dict[str, Any] = response.json()
    return found


async def test_story_comes_with_its_photo_caption_and_whole_credit_line(web: Web) -> None:
    await house.author("Jane Doe")
    await house.live(slug="engine", headline="Engine tested", authors=["jane-doe"], lead_photo={"photo": await lead()})
    found = await embedded(web)
    assert (found["type"], found["version"], found["title"]) == ("rich", "1.0", "Engine tested")
    assert (found["author_name"], found["provider_name"], found["provider_url"]) == (
        "Jane Doe",
        "Example Times",
        "http://desk.test/",
    )
    assert (found["width"], found["height"]) == (640, 427 + 220)
    read = etree.fromstring(found["html"], etree.HTMLParser())
    assert read.findtext(".//a") == "Engine tested"
    assert read.findtext(".//span[@class='credit']") == CREDIT
    caption = read.find(".//figcaption")
    assert caption is not None
    assert str(caption.text).strip() == CAPTION
    assert "<script" not in found["html"]
    assert not any(name.startswith("thumbnail") for name in found)  # it would stand without its credit


@pytest.mark.parametrize(
    ("limits", "size", "picture"),
    [
        ({"maxwidth": 500}, (500, 213 + 220), "w320"),
        ({"maxwidth": 200}, (200, 220), None),
        ({"maxheight": 600}, (640, 220), None),
        ({"maxwidth": 9000, "maxheight": 9000}, (640, 647), "w640"),
        ({"maxheight": 90}, (640, 90), None),
    ],
)  # fmt: skip
async def test_it_is_no_larger_than_was_asked_for(
    web: Web, limits: dict[str, int], size: tuple[int, int], picture: str | None
) -> None:
    await house.live(slug="engine", lead_photo={"photo": await lead()})
    found = await embedded(web, **limits)
    assert (found["width"], found["height"]) == size
    shown = re.search(r"/(w\d+)-cover", found["html"])
    assert (shown and shown[1]) == picture


async def test_xml_says_the_same(web: Web) -> None:
    hostile = 'A ]]> </script> & "quotes" \U0001f680'
    await house.live(slug="engine", headline=hostile, lead_photo={"photo": await lead(caption=hostile)})
    found = await embedded(web)
    response = await web.client.get("/oembed", params={"url": URL, "format": "xml"})
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert {one.tag: one.text for one in etree.fromstring(response.content)} == {
        name: str(value) for name, value in found.items()
    }
    assert "</script>" not in found["html"]


async def test_address_of_the_page_and_a_former_one_lead_to_the_story_too(web: Web) -> None:
    made = await house.live(slug="motor")
    await articles.update(SYSTEM, made, 2, {"slug": "engine"})
    for url in (URL, f"{URL}?utm=1#top", "http://desk.test/articles/engine.html", "http://desk.test/world/motor"):
        assert f'href="{URL}"' in (await embedded(web, url=url))["html"], url


async def test_what_readers_do_not_see_is_absent_for_every_kind_of_caller(web: Web) -> None:
    hidden = {
        "draft": await house.article(slug="draft"),
        "embargoed": await house.article(slug="embargoed", embargoed_until=house.hours(1)),
    }
    await publishing.publish(SYSTEM, hidden["embargoed"], 1)
    await publishing.withdraw(SYSTEM, await house.live(slug="withdrawn"), 2)
    for who, caller in (await callers(web)).items():
        for slug in (*hidden, "withdrawn", "nowhere"):
            response = await caller.client.get(
                "/oembed", params={"url": f"http://desk.test/world/{slug}"}, headers=caller.credential
            )
            assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND"), (who, slug)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 404, "NOT_FOUND"),
        ({"url": "http://evil.example/world/engine"}, 404, "NOT_FOUND"),
        ({"url": "http://desk.test.evil.example/world/engine"}, 404, "NOT_FOUND"),
        ({"url": "http://desk.test/"}, 404, "NOT_FOUND"),
        ({"url": "http://desk.test/world/\x00"}, 404, "NOT_FOUND"),
        ({"url": URL, "format": "yaml"}, 501, "NOT_OFFERED"),
        ({"url": URL, "maxwidth": "wide"}, 400, "BAD_REQUEST"),
        ({"url": URL, "maxheight": "0"}, 400, "BAD_REQUEST"),
        ({"url": URL, "maxheight": "٣"}, 400, "BAD_REQUEST"),
    ],
)
async def test_what_cannot_be_embedded_is_refused(web: Web, query: dict[str, str], status: int, code: str) -> None:
    await house.live(slug="engine")
    response = await web.client.get("/oembed", params=query)
    assert (response.status_code, json.loads(response.content)["code"]) == (status, code)
