"""The front page."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cms import db
from cms.actions import accounts
from cms.actor import SYSTEM, Role
from cms.models import Photo
from cms.pages.layout import direction, when
from tests import house
from tests.cms.pages.test_article import read, words
from tests.web import Web, serving


async def test_the_newest_stories_come_first_and_then_each_section_with_what_is_not_above(web: Web) -> None:
    europe = await house.section("Europe")
    await house.section("Alps", parent=europe)
    photo = await house.photo(credit="(STR)(STR/KCNA VIA KNS/AFP)")
    for number in range(1, 7):
        await house.live(headline=f"World {number}")
    await house.live(headline="Ridge", section="alps")
    for number in range(1, 6):
        await house.live(headline=f"Top {number}", section="europe", lead_photo={"photo": photo})
    await house.article(headline="Draft")
    response = await web.get("/")
    page = read(response)
    assert words(page, "//section[@class='opener']//h2") == ["Top 5"]
    assert words(page, "//section[@aria-label='Latest']//h3") == ["Top 4", "Top 3", "Top 2", "Top 1"]
    desks = {words(one, ".//h2")[0]: words(one, ".//h3") for one in page.xpath("//section[@class='desk']")}
    assert desks == {"Europe": ["Ridge"], "World": ["World 6", "World 5", "World 4", "World 3"]}
    assert words(page, "//section[@class='opener']//p[@class='credit']") == ["(STR)(STR/KCNA VIA KNS/AFP)"]
    assert len(page.xpath("//img")) == 5
    assert words(page, "//nav//li") == list(desks) == ["Europe", "World"]  # those below others are not in the bar
    assert "Draft" not in response.text


@pytest.mark.parametrize("role", ["CONTRIBUTOR", "EDITOR", "ADMIN"])
async def test_staff_see_the_front_page_of_readers(web: Web, role: Role) -> None:
    await house.live(headline="Out")
    person = await house.staff(role)
    await house.article(person if role != "ADMIN" else SYSTEM, headline="Draft")
    key = (await accounts.create_key(SYSTEM, role, user=person.user_id)).secret
    response = await web.as_(key).get("/")
    assert words(read(response), "//section[@class='opener']//h2") == ["Out"]
    assert "Draft" not in response.text
    assert response.headers["cache-control"] == "private, no-store"


async def test_the_front_page_is_one_statement(web: Web) -> None:
    for _ in range(6):
        await house.live(lead_photo={"photo": await house.photo()})
    with db.statements() as seen:
        read(await web.get("/"))
    assert len(seen) == 1


async def test_a_newsroom_without_stories_has_a_front_page(web: Web) -> None:
    page = read(await web.get("/"))
    assert words(page, "//p[@class='standfirst']") == ["Nothing is published yet."]


async def test_a_photo_past_its_rights_is_on_no_front_page(web: Web) -> None:
    await house.live(headline="Out", lead_photo={"photo": await house.photo(credit="Past/Wire")})
    await Photo.all().update(rights_until=house.hours(-1))
    response = await web.get("/")
    assert words(read(response), "//section[@class='opener']//h2") == ["Out"]
    assert "Past/Wire" not in response.text


async def test_every_address_and_every_query_for_newcomers_works(web: Web) -> None:
    await house.live(headline="Out", lead_photo={"photo": await house.photo()})
    page = read(await web.get("/"))
    examples = page.xpath("//section[@class='newcomers']//details//a/@href")
    assert len(examples) == len(page.xpath("//section[@class='newcomers']//pre")) == 3
    for address in page.xpath("//section[@class='newcomers']//a/@href | //footer//a/@href"):
        response = await web.get(address)
        assert response.status_code == 200, address
        if address in examples:
            answer: dict[str, Any] = response.json()
            assert list(answer) == ["data"], (address, answer)
            assert all(answer["data"].values()), address
    for query in page.xpath("//section[@class='newcomers']//pre"):  # as it would be copied from the page
        answer = (await web.post(query.text_content(), {"slug": "out"})).json()
        assert list(answer) == ["data"]


async def test_in_production_the_front_page_is_for_readers_alone(database: str, tmp_path: Path) -> None:
    async with serving(database, f"file:{tmp_path}/media", production=True, secret_key="x" * 32) as web:
        assert read(await web.get("/")).xpath("//section[@class='newcomers']") == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl"), ("he", "rtl"), ("ur", "rtl"), ("ar-Latn", "ltr"),
        ("pa-Arab-PK", "rtl"), ("az-arab", "rtl"), ("de-1996", "ltr"), ("zh-Hant", "ltr"), ("", "ltr"),
    ],
)  # fmt: skip
def test_a_language_is_written_in_its_direction(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_times_are_told_in_the_sites_own_zone() -> None:
    assert when(ZoneInfo("Europe/Berlin"), "2026-12-31T23:30:00Z") == "1 January 2027, 00:30 CET"
    assert when(ZoneInfo("America/New_York"), "2026-07-01T02:05:00Z") == "30 June 2026, 22:05 EDT"
