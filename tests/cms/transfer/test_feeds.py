"""RSS and Atom: what becomes of it, and our own feeds brought in again."""

import re
from pathlib import Path
from typing import Any

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms.actions import photos
from cms.actor import SYSTEM
from cms.cli.importing import READERS
from cms.models import Article
from cms.transfer.bring import Parts, bring
from cms.transfer.issue import Story
from tests import house
from tests.cms.transfer.conftest import Import
from tests.cms.transfer.exports import entry, rss
from tests.web import Web, serving

GOLDEN = Path(__file__).parents[2] / "golden/feeds"
STORY = """query($slug: String!) { article(slug: $slug) { headline summary language publishedAt byline
  section { slug } tags { slug } authors { name }
  leadPhoto { caption credit altText photo { copyrightNotice keywords } } gallery { credit caption }
  body { __typename ... on Paragraph { html } ... on Heading { text } ... on Quote { html attribution } ... on ListBlock { items }
         ... on PhotoBlock { photo { caption credit } } ... on GalleryBlock { photos { caption credit } } } } }"""


def read(file: Path, format: str = "rss") -> list[Story]:
    return list(READERS[format](file).stories())


def test_our_golden_feeds_are_read_as_what_they_were_made_of() -> None:
    story, note = read(GOLDEN / "issue.rss.xml")
    assert (story.key, story.headline) == (
        "tag:news.example.com,2026:article:0192f0c1",
        "Rocket engine tested for 200 seconds <again>",
    )
    assert (story.section, story.tags) == ("world", ("Rockets & space", "Tests"))
    assert (story.authors, story.state, str(story.at)) == (
        ("jane-doe", "kim-example"),
        "published",
        "2026-01-30 18:42:10+00:00",
    )
    assert (story.slug, story.language, story.summary) == (
        "engine-test",
        "en-GB",
        "State media said the engine was fired twice.",
    )
    assert (note.headline, note.section, note.lead) == ("Kurz gemeldet", None, None)
    issue = READERS["rss"](GOLDEN / "issue.rss.xml")
    credits = {one.url: (one.credit, one.caption, one.copyright_notice) for one in issue.pictures.values()}
    assert credits == {
        "https://news.example.com/images/1/1/w1280-cover.jpeg?a=1&b=2": (
            "STR/KCNA VIA KNS/AFP",
            'This picture, released on Tuesday, shows the "test" & its crew.',
            "© AFP",
        ),
        "https://news.example.com/images/2/1/w1280-cover.webp": (
            "Jane Doe/Example Times",
            "The site from above.",
            None,
        ),
    }
    atom = read(GOLDEN / "issue.atom.xml")
    assert [one.withdrawn for one in atom] == [True, False, False]
    assert (atom[1].headline, atom[1].section, atom[1].authors) == (story.headline, "world", story.authors)
    assert atom[1].related[0].title
    assert [one.language for one in atom[1:]] == ["en-GB", "de"]


@pytest.mark.parametrize("format", ["rss", "atom"])
async def test_what_a_feed_exports_comes_in_as_it_was(tmp_path: Path, media: Path, database: str, format: str) -> None:
    """Text, credits and captions, section, tags, authors, time and address."""
    blocks = [
        {"heading": {"text": "What was tested"}},
        {"quote": {"html": "It <em>flew</em>.", "attribution": "An engineer"}},
        {"list": {"items": ["One", "Two"]}},
    ]
    async with serving(f"sqlite:///{tmp_path}/there.sqlite3", f"file:{tmp_path}/there") as there:
        await house.section()
        await house.author("Jane Doe")
        lead, inside = [
            await _uploaded(there, media / name, tmp_path, credit)
            for name, credit in (("one.jpg", "STR/KCNA VIA KNS/AFP"), ("two.jpg", "Kim/Reuters"))
        ]
        await house.live(
            slug="engine-test",
            headline="Engine tested <again>",
            authors=["jane-doe"],
            tags=["Rockets & space"],
            lead_photo={"photo": lead, "caption": "As shown here."},
            body=[*house.paragraphs("Said “more”."), {"photo": {"photo": inside}}, *blocks],
        )
        before = (await there.ask(STORY, slug="engine-test"))["article"]
        feed = tmp_path / f"feed.{format}"
        feed.write_bytes((await there.get(f"/feeds/latest.{format}")).content)
        addresses = re.findall(r'url="(http://desk\.test(/images/[^"]+))"', feed.read_text())
        files = {path.split("?")[0]: (await there.get(path.replace("&amp;", "&"))).content for _, path in addresses}
    copies = tmp_path / "copies"
    for path, data in files.items():
        (copies / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (copies / path[1:]).write_bytes(data)
    EXECUTOR_CACHE.clear()  # its statements are the other database's
    async with serving(database, f"file:{tmp_path}/here") as here:
        services = here.services
        parts = Parts(services.settings, services.store, services.workshop, copies)
        report = await bring(READERS["rss"](feed), parts, lambda done: None)
        assert (report.refused, report.drafts) == ([], [])
        after = (await here.ask(STORY, slug="engine-test"))["article"]
        again = await bring(READERS["rss"](feed), parts, lambda done: None)
        assert (again.made, again.changed) == ({}, {})
        assert (again.unchanged["story"], again.unchanged["photo"]) == (1, 2)
    assert after["leadPhoto"].pop("photo")["keywords"] == before["leadPhoto"].pop("photo")["keywords"]
    assert after == before


async def _uploaded(web: Web, file: Path, folder: Path, credit: str) -> Any:

    given = {"credit": credit, "caption": f"{credit} made it.", "alt_text": "A machine"}
    services = web.services
    upload = photos.Upload(file, file.name)
    return (
        await photos.upload(SYSTEM, services.store, services.workshop, upload, given, settings=services.settings)
    ).id


async def test_a_strangers_feed_has_tags_and_no_sections(web: Web, bring_in: Import) -> None:
    more = "<category>Ships</category><category domain='https://other.test/x'>Strait</category><author>d@wire.test (Dan Wire)</author>"
    image = "<p>Text.</p><figure><img src='https://wire.test/media/one.jpg' alt='A &amp; b'><figcaption>Seen. <span class='credit'>Dan/Wire</span></figcaption></figure>"
    report = await bring_in("rss", rss(entry("a", image, more)), section="world")
    assert (report.refused, report.made) == ([], {"story": 1, "author": 1, "photo": 1})
    story = (await web.ask(STORY, slug="a"))["article"]
    assert story["section"] == {"slug": "world"}
    assert story["tags"] == [{"slug": "ships"}, {"slug": "strait"}]
    assert story["authors"] == [{"name": "Dan Wire"}]
    assert story["leadPhoto"] is None
    assert story["body"][1] == {
        "__typename": "PhotoBlock",
        "photo": {"caption": "Seen.", "credit": "Dan/Wire"},
    }
    assert (await web.get("/a")).headers["location"] == "http://desk.test/world/a"


async def test_a_tombstone_withdraws_the_story_here(bring_in: Import) -> None:
    feed = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><id>urn:wire</id>{}</feed>'
    one = '<entry><id>urn:1</id><title>One</title><published>2020-01-02T03:04:05Z</published><content type="html">&lt;p&gt;It.&lt;/p&gt;</content></entry>'
    await bring_in("rss", feed.format(one))
    gone = feed.format('<at:deleted-entry ref="urn:1" when="2020-02-01T00:00:00Z"/>')
    report = await bring_in("rss", gone)
    assert report.changed == {"story": 1}
    story = await Article.get()
    assert story.withdrawn_at is not None
    assert (await bring_in("rss", gone)).unchanged == {"story": 1}
    assert (await house.told(story.id))[-1][0] == "ARTICLE_WITHDRAWN"


async def test_a_date_that_cannot_be_read_leaves_a_draft(bring_in: Import) -> None:
    dates = ["", "yesterday", "Thu, 99 Jan 2020 03:04:05 GMT", "2020-01-02T03:04:05Z"]
    report = await bring_in("rss", rss(*(entry(f"s{place}", date=date) for place, date in enumerate(dates))))
    assert report.losses["entries without a date that can be read, kept as drafts"] == 3
    assert {one.slug: one.live_from.year for one in await Article.all()} == {
        "s0": 9999,
        "s1": 9999,
        "s2": 9999,
        "s3": 2020,
    }
