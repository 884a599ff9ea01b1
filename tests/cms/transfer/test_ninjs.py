"""ninjs 2 and 3: what becomes of it."""

import json
from pathlib import Path

import pytest

from cms.models import Article, Photo, RelatedLink
from tests.cms.transfer.conftest import Import
from tests.cms.transfer.exports import ninjs, picture, text
from tests.web import Web

SHARED = Path(__file__).parents[4] / "shared/standards"
STORY = """{ articles(first: 5) { nodes { slug headline summary language dateline byline publishedAt urgency
  section { slug name } tags { name } authors { name } related { title url article { headline } }
  leadPhoto { caption credit altText photo { headline copyrightNotice usageTerms } } gallery { credit }
  body { __typename ... on Paragraph { html } ... on Heading { text } } } } }"""


async def stories(web: Web) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await web.ask(STORY))["articles"]["nodes"]
    return found


@pytest.mark.parametrize("camel", [False, True])
async def test_an_item_comes_with_all_that_belongs_to_it_in_both_spellings(
    web: Web, bring_in: Import, camel: bool
) -> None:
    lead = picture(
        "mainphoto",
        "one.jpg",
        by="STR",
        copyrightnotice="© AFP",
        usageterms="Editorial use only",
        headlines=[{"value": "Engine test"}],
        descriptions=[
            {"role": "caption", "value": "It shows the test."},
            {"role": "alttext", "value": "An engine"},
            {"role": "creditline", "value": "STR/KCNA VIA KNS/AFP"},
        ],
    )
    other = picture("second", "two.jpg", by="Jane Doe", infosources=[{"name": "Kyodo"}])
    item = ninjs(
        located="PYONGYANG",
        urgency=3,
        language="en-GB",
        altids=[{"role": "slug", "value": "engine-test"}],
        descriptions=[{"role": "summary", "value": "In short."}],
        bodies=[
            {"contenttype": "text/plain", "value": "no"},
            {"contenttype": "text/html", "value": "<h2>Then</h2><p>More.</p>"},
        ],
        people=[{"name": "Jane Doe", "rel": "author"}, {"name": "Someone"}],
        subjects=[
            {"name": "Conflict", "rel": "section", "uri": "https://x.test/sections/conflict"},
            {"name": "armed conflict"},
        ],
        associations=[
            other,
            lead,
            {"name": "r", "uri": "https://x.test/earlier", "type": "text", "headlines": [{"value": "Earlier"}]},
        ],
        ednote="Mind the gap.",
    )
    written = text(item)
    for small, large in (
        ("contenttype", "contentType"),
        ("firstcreated", "firstCreated"),
        ("altids", "altIds"),
        ("copyrightnotice", "copyrightNotice"),
    ):
        written = written.replace(f'"{small}"', f'"{large if camel else small}"')
    report = await bring_in("ninjs", written)
    assert (report.refused, report.drafts) == ([], [])
    assert {what: count for what, count in report.losses.items() if count} == {"people who are no authors": 1}
    assert await stories(web) == [
        {
            "slug": "engine-test",
            "headline": "Story urn:wire:1",
            "summary": "In short.",
            "language": "en-GB",
            "dateline": "PYONGYANG",
            "byline": "Jane Doe",
            "publishedAt": "2020-01-02T03:04:05Z",
            "urgency": 3,
            "section": {"slug": "conflict", "name": "Conflict"},
            "tags": [{"name": "armed conflict"}],
            "authors": [{"name": "Jane Doe"}],
            "related": [{"title": "Earlier", "url": "https://x.test/earlier", "article": None}],
            "leadPhoto": {
                "caption": "It shows the test.",
                "credit": "STR/KCNA VIA KNS/AFP",
                "altText": "An engine",
                "photo": {"headline": "Engine test", "copyrightNotice": "© AFP", "usageTerms": "Editorial use only"},
            },
            "gallery": [{"credit": "Jane Doe/Kyodo"}],
            "body": [{"__typename": "Heading", "text": "Then"}, {"__typename": "Paragraph", "html": "More."}],
        }
    ]
    assert (await Article.get()).internal_note == "Mind the gap."


async def test_stories_of_one_import_are_linked_whatever_their_order(web: Web, bring_in: Import) -> None:
    def to(uri: str) -> dict[str, object]:
        return {"name": uri, "uri": uri, "type": "text", "headlines": [{"value": f"About {uri}"}]}

    items = [ninjs("urn:a", associations=[to("urn:b"), to("urn:gone")]), ninjs("urn:b", associations=[to("urn:a")])]
    report = await bring_in("ninjs", "\n".join(map(json.dumps, items)))
    assert (report.made, report.losses["links to stories that are not here"]) == ({"story": 2, "section": 1}, 1)
    linked = {one["headline"]: [link["article"]["headline"] for link in one["related"]] for one in await stories(web)}  # type: ignore[attr-defined]
    assert linked == {"Story urn:a": ["Story urn:b"], "Story urn:b": ["Story urn:a"]}
    again = await bring_in("ninjs", "\n".join(map(json.dumps, items)))
    assert (again.made, again.changed, again.unchanged["story"]) == ({}, {}, 2)
    assert await RelatedLink.all().count() == 2


async def test_a_picture_alone_goes_into_the_archive(bring_in: Import) -> None:
    given = picture(
        "p",
        "one.jpg",
        descriptions=[{"role": "caption", "value": "A ferry."}, {"role": "creditline", "value": "DHA via AP"}],
    )
    assert (await bring_in("ninjs", text([given]))).made == {"photo": 1}
    photo = await Photo.get()
    assert (photo.credit, photo.caption) == ("DHA via AP", "A ferry.")


async def test_a_story_whose_end_has_passed_is_not_public(web: Web, bring_in: Import) -> None:
    report = await bring_in(
        "ninjs", text([ninjs("urn:a", expires="2021-01-01T00:00:00Z"), ninjs("urn:b", expires="2099-01-01T00:00:00Z")])
    )
    assert report.losses["stories past their end, taken over as unpublished"] == 1
    assert [one["headline"] for one in await stories(web)] == ["Story urn:b"]


async def test_a_canceled_item_is_withdrawn_here(web: Web, bring_in: Import) -> None:
    await bring_in("ninjs", text(ninjs()))
    assert len(await stories(web)) == 1
    report = await bring_in("ninjs", text(ninjs(pubstatus="canceled")))
    assert (report.changed, await stories(web)) == ({"story": 1}, [])


@pytest.mark.parametrize(
    "file",
    sorted([*SHARED.glob("iptc-examples/*.json"), *SHARED.glob("examples/*ninjs*.json")]),
    ids=lambda file: file.name,
)
async def test_the_examples_come_in(bring_in: Import, file: Path) -> None:
    item = json.loads(file.read_text())  # noqa: ASYNC240
    report = await bring_in("ninjs", file, dry_run=True)
    pictured = item["type"] == "picture" if "type" in item else False
    assert report.refused == []
    assert (report.made["story"], report.made["photo"] >= pictured) == (int(not pictured), True)
