"""One story at an address of its own, in each format."""

import re
from typing import Any

import pytest
from lxml import etree

from cms import db
from cms.actions import articles, publishing
from cms.actor import SYSTEM
from cms.feeds.stories import FORMATS
from cms.models import Article
from tests import house
from tests.cms.feeds.test_routes import callers, lead
from tests.web import Web


async def addresses(article: Any) -> list[str]:
    slug = (await house.stored(article)).slug
    return [f"/articles/{slug}.{format}" for format in FORMATS]


@pytest.mark.parametrize("format", FORMATS)
async def test_story_is_there_in_each_format_by_one_statement(web: Web, format: str) -> None:
    photo = await lead()
    await house.live(headline="Engine tested", slug="engine", lead_photo={"photo": photo})
    with db.statements() as seen:
        response = await web.get(f"/articles/engine.{format}")
    assert response.status_code == 200
    assert len(seen) == 1
    assert response.headers["content-type"].partition(";")[0] == FORMATS[format].content_type.partition(";")[0]
    assert response.headers["link"] == f'<http://desk.test/articles/engine.{format}>; rel="self"'
    assert "Engine tested" in response.text
    assert "(STR)(STR/KCNA VIA KNS/AFP)" in response.text
    again = await web.get(f"/articles/engine.{format}", if_none_match=response.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


async def test_nitf_is_a_document_and_ninjs_an_item_by_itself(web: Web) -> None:
    made = await house.live(headline="Engine tested", slug="engine")
    nitf = etree.fromstring((await web.get("/articles/engine.nitf")).content)
    assert etree.QName(nitf).localname == "nitf"
    item = (await web.get("/articles/engine.ninjs")).json()
    assert (item["uri"], item["type"], item["headlines"][0]["value"]) == (f"urn:uuid:{made}", "text", "Engine tested")


async def test_what_readers_do_not_see_is_absent_for_every_kind_of_caller(web: Web) -> None:
    hidden = [
        await house.article(headline="Draft"),
        await house.article(headline="Scheduled"),
        await house.article(headline="Embargoed", embargoed_until=house.hours(1)),
        await house.live(headline="Expired"),
        await house.live(headline="Unpublished"),
    ]
    await publishing.publish(SYSTEM, hidden[1], 1, at=house.hours(1))
    await publishing.publish(SYSTEM, hidden[2], 1)
    await Article.filter(id=hidden[3]).update(live_from=house.hours(-2), live_until=house.hours(-1))
    await publishing.unpublish(SYSTEM, hidden[4], 2)
    for who, caller in (await callers(web)).items():
        for one in hidden:
            for address in await addresses(one):
                response = await caller.get(address)
                assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND"), (who, address)
                assert not re.search(b"Draft|Scheduled|Embargoed|Expired|Unpublished", response.content)


async def test_withdrawn_story_is_gone_under_each_slug_that_it_had(web: Web) -> None:
    made = await house.live(headline="Out", slug="was-out")
    await articles.update(SYSTEM, made, 2, {"slug": "is-out"})
    await publishing.withdraw(SYSTEM, made, 3, note="QUIET")
    for slug in ("was-out", "is-out"):
        for format in FORMATS:
            response = await web.get(f"/articles/{slug}.{format}")
            assert (response.status_code, response.json()["code"]) == (410, "GONE"), (slug, format)
            assert b"QUIET" not in response.content


async def test_of_a_withdrawn_story_that_was_never_out_nobody_is_told(web: Web) -> None:
    scheduled, embargoed = await house.article(), await house.article(embargoed_until=house.hours(1))
    await publishing.publish(SYSTEM, scheduled, 1, at=house.hours(1))
    await publishing.publish(SYSTEM, embargoed, 1)
    for one in (scheduled, embargoed):
        await publishing.withdraw(SYSTEM, one, 2)
        for address in await addresses(one):
            assert (await web.get(address)).status_code == 404, address


async def test_former_slug_leads_to_where_the_story_is(web: Web) -> None:
    made = await house.live(slug="old-name")
    await articles.update(SYSTEM, made, 2, {"slug": "new-name"})
    for format in FORMATS:
        response = await web.get(f"/articles/old-name.{format}")
        found = (response.status_code, response.headers["location"], response.headers["surrogate-key"])
        assert found == (301, f"http://desk.test/articles/new-name.{format}", f"article_{made}")


async def test_the_page_keeps_its_address_and_a_format_that_there_is_not_has_none(web: Web) -> None:
    await house.live(slug="engine")
    assert (await web.get("/articles/engine.html")).headers["content-type"] == "text/html; charset=utf-8"
    for other in ("xml", "pdf", "ninjs3", "RSS"):
        assert (await web.get(f"/articles/engine.{other}")).status_code == 404
