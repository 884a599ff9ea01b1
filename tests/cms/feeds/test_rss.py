"""RSS 2.0."""

from dataclasses import replace

import feedparser
import pytest
from hypothesis import given
from lxml import etree

from cms.feeds import rss
from cms.feeds.bulletin import Bulletin
from tests.cms.feeds.issue import BRIEF, ISSUE, ISSUES, LEAD, PATIENT, SECOND, STORY, golden, readable

NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


def texts(document: bytes, path: str) -> list[str | None]:
    return [one.text for one in etree.fromstring(document).findall(path, NAMES)]


def rendered(issue: Bulletin) -> bytes:
    return b"".join(rss.render(issue))


def test_issue_reads_as_in_the_golden_file() -> None:
    found = readable(rendered(ISSUE))
    assert found == golden("issue.rss.xml", found)


def test_reader_finds_headline_text_enclosure_caption_and_credit() -> None:
    read = feedparser.parse(rendered(ISSUE))
    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.language) == ("rss20", "Example Times: World", "en-GB")
    story = read.entries[0]
    assert (story.title, story.id, story.guidislink) == (
        "Rocket engine tested for 200 seconds <again>",
        STORY.id,
        False,
    )
    assert story.summary == STORY.summary
    assert story.published_parsed[:6] == (2026, 1, 30, 18, 42, 10)
    assert [author["name"] for author in story.authors] == ["Jane Doe", "Kim Example"]
    assert [(one.href, one.length, one.type) for one in story.enclosures] == [(LEAD.url, "345678", "image/jpeg")]
    assert [one["url"] for one in story.media_content] == [LEAD.url, SECOND.url]
    assert [one["content"] for one in story.media_credit] == [LEAD.credit, "STR", SECOND.credit]
    assert [tag.term for tag in story.tags] == ["World", "Rockets & space", "Tests"]
    assert "<h2>What was tested</h2>" in story.content[0].value
    assert story.summary_detail.value == SECOND.caption  # feedparser keeps the last media:description here


def test_every_photo_carries_its_whole_credit_line_verbatim_and_first() -> None:
    credits = etree.fromstring(rendered(ISSUE)).findall(".//media:content/media:credit", NAMES)
    assert [(one.text, one.get("role"), one.get("scheme")) for one in credits] == [
        ("STR/KCNA VIA KNS/AFP", "provider", "https://news.example.com/ns/credit-role"),
        ("STR", "photographer", "urn:ebu"),
        ("Jane Doe/Example Times", "provider", "https://news.example.com/ns/credit-role"),
    ]
    assert texts(rendered(ISSUE), ".//media:copyright") == ["© AFP"]
    assert texts(rendered(ISSUE), ".//media:description") == [LEAD.caption, SECOND.caption]


def test_withdrawn_story_leaves_no_trace() -> None:
    assert b"0192aaaa" not in rendered(ISSUE)


def test_enclosure_is_left_out_where_its_length_is_not_known() -> None:
    for size in (None, 0):
        issue = replace(ISSUE, items=(replace(STORY, photos=(replace(LEAD, size_bytes=size),)),))
        document = etree.fromstring(rendered(issue))
        assert document.find(".//enclosure") is None
        [content] = document.findall(".//media:content", NAMES)
        assert content.get("fileSize") is None


def test_end_of_a_cdata_section_in_the_text_does_not_end_it() -> None:
    found = rendered(replace(ISSUE, items=(replace(BRIEF, html="<p>a]]>b</p>"),)))
    assert b"<content:encoded><![CDATA[<p>a]]&gt;b</p>]]></content:encoded>" in found


def test_feed_without_description_has_its_title_there() -> None:
    assert texts(rendered(replace(ISSUE, description="")), "channel/description") == ["Example Times: World"]


def test_empty_issue_is_a_feed() -> None:
    read = feedparser.parse(rendered(replace(ISSUE, items=())))
    assert (read.bozo, read.version, read.entries) == (False, "rss20", [])


def test_photo_that_the_reader_may_not_have_is_told_of_and_not_shown() -> None:
    [status] = etree.fromstring(rendered(ISSUE)).findall(".//media:group/media:status", NAMES)
    assert (status.get("state"), status.get("reason")) == ("blocked", "RIGHTS")


@PATIENT
@given(ISSUES)
def test_any_issue_is_well_formed(issue: Bulletin) -> None:
    document = etree.fromstring(rendered(issue))
    assert len(document.findall("channel/item")) == len(list(issue.items))


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\ufffeb"])
def test_control_character_leaves_and_the_text_stays(text: str) -> None:
    assert texts(rendered(replace(ISSUE, items=(replace(BRIEF, headline=text),))), "channel/item/title") == ["ab"]
