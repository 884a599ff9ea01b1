"""JSON Feed 1.1."""

import json
from dataclasses import replace

from hypothesis import given

from cms.feeds import jsonfeed
from cms.feeds.bulletin import Bulletin
from tests.cms.feeds import standards
from tests.cms.feeds.issue import ISSUE, ISSUES, LEAD, PATIENT, STORY, golden


def rendered(issue: Bulletin) -> bytes:
    return b"".join(jsonfeed.render(issue))


def test_issue_reads_as_in_the_golden_file() -> None:
    readable = json.dumps(json.loads(rendered(ISSUE)), ensure_ascii=False, indent=2).encode() + b"\n"
    assert readable == golden("issue.json", readable)


def test_feed_says_what_the_standard_demands() -> None:
    feed = json.loads(rendered(ISSUE))
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "Example Times: World")
    assert feed["next_url"] != feed["feed_url"]
    assert all(isinstance(item["id"], str) and item["content_html"] for item in feed["items"])


def test_photos_stand_in_the_extension_with_caption_credit_and_rights() -> None:
    story = json.loads(rendered(ISSUE))["items"][0]
    assert story["_dateline"]["photos"] == [
        {
            "id": LEAD.id,
            "version": 4,
            "url": LEAD.url,
            "mime_type": "image/jpeg",
            "width": 1280,
            "height": 854,
            "size_in_bytes": 345678,
            "lead": True,
            "headline": "Engine test",
            "caption": LEAD.caption,
            "original_caption": "This picture shows the test.",
            "credit": "STR/KCNA VIA KNS/AFP",
            "creators": ["STR"],
            "source": "KCNA",
            "via": ["KNS"],
            "distributor": "AFP",
            "alt": "An engine on its stand",
            "copyright": "© AFP",
            "usage_terms": "Editorial use only",
            "license_url": "https://afp.example/licence",
            "digital_source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
            "taken": "2026-01-29T03:00:00Z",
        },
        {
            "url": "https://news.example.com/images/2/1/w1280-cover.webp",
            "mime_type": "image/webp",
            "width": 1280,
            "height": 720,
            "caption": "The site from above.",
            "credit": "Jane Doe/Example Times",
        },
    ]
    assert story["image"] == LEAD.url
    assert story["attachments"][0] == {"url": LEAD.url, "mime_type": "image/jpeg", "size_in_bytes": 345678}


def test_related_links_and_section_stand_in_the_extension() -> None:
    extension = json.loads(rendered(ISSUE))["items"][0]["_dateline"]
    assert extension["related"] == [
        {"title": "Earlier test", "url": "https://news.example.com/world/earlier-test", "kind": "BACKGROUND"}
    ]
    assert extension["section"] == {"name": "World", "slug": "world", "url": "https://news.example.com/world"}


def test_withdrawn_story_is_named_in_the_extension_of_the_feed() -> None:
    feed = json.loads(rendered(ISSUE))
    assert feed["_dateline"]["withdrawn"] == [
        {"id": ISSUE.withdrawn[0].id, "at": "2026-01-30T12:00:00Z", "reason": "Withdrawn: legal"}
    ]


def test_tags_are_unique() -> None:
    assert STORY.section is not None
    twice = replace(STORY, tags=(*STORY.tags, STORY.section))
    [item] = json.loads(rendered(replace(ISSUE, items=(twice,))))["items"]
    assert item["tags"] == ["World", "Rockets & space", "Tests"]


def test_photo_that_the_reader_may_not_have_is_told_of_and_not_shown() -> None:
    extension = json.loads(rendered(ISSUE))["items"][0]["_dateline"]
    assert extension["omitted"] == [{"id": STORY.omitted[0].id, "omitted": "RIGHTS"}]


def test_feed_and_items_fit_the_schema() -> None:
    assert standards.jsonfeed(rendered(ISSUE)) == []


@PATIENT
@given(ISSUES)
def test_any_issue_is_json_with_every_item(issue: Bulletin) -> None:
    feed = json.loads(rendered(issue))
    assert len(feed["items"]) == len(list(issue.items))
