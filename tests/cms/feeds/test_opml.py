"""The list of feeds."""

from lxml import etree

from tests import house
from tests.web import Web


async def test_every_feed_that_it_names_is_there(web: Web) -> None:
    await house.author("Jane Doe")
    await house.live(authors=["jane-doe"], tags=["Rice & <corn>"])
    response = await web.get("/feeds.opml")
    assert response.headers["content-type"] == "text/x-opml; charset=utf-8"
    outlines = etree.fromstring(response.content).findall(".//outline[@type='rss']")
    assert [(one.get("text"), one.get("xmlUrl"), one.get("htmlUrl")) for one in outlines] == [
        ("Example Times", "http://desk.test/feeds/latest.rss", "http://desk.test/"),
        ("Example Times: World", "http://desk.test/feeds/section/world.rss", "http://desk.test/world/"),
        ("Example Times: Jane Doe", "http://desk.test/feeds/author/jane-doe.rss", "http://desk.test/"),
        ("Example Times: Rice & <corn>", "http://desk.test/feeds/tag/rice-corn.rss", "http://desk.test/"),
    ]
    for one in outlines:
        address = one.get("xmlUrl")
        assert address is not None
        assert (await web.get(address.removeprefix("http://desk.test"))).status_code == 200


async def test_tag_that_only_hidden_stories_carry_is_not_named(web: Web) -> None:
    await house.article(tags=["Secret"])
    assert "secret" not in (await web.get("/feeds.opml")).text.lower()
