"""Atom 1.0."""

from dataclasses import replace

import feedparser
from hypothesis import given
from lxml import etree

from cms.feeds import atom
from cms.feeds.bulletin import Bulletin
from tests.cms.feeds.issue import BRIEF, HOUR, ISSUE, ISSUES, LEAD, PATIENT, SECOND, STORY, golden, readable

NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "media": "http://search.yahoo.com/mrss/",
}


def rendered(issue: Bulletin) -> bytes:
    return b"".join(atom.render(issue))


def test_issue_reads_as_in_the_golden_file() -> None:
    found = readable(rendered(ISSUE))
    assert found == golden("issue.atom.xml", found)


def test_reader_finds_headline_text_enclosure_caption_and_credit() -> None:
    read = feedparser.parse(rendered(ISSUE))
    assert not read.bozo
    assert (read.version, read.feed.title, read.feed.id) == ("atom10", "Example Times: World", ISSUE.id)
    story, brief = read.entries
    assert (story.title, story.id, story.link) == (
        "Rocket engine tested for 200 seconds <again>",
        STORY.id,
        STORY.url,
    )
    assert (story.published, story.updated) == ("2026-01-30T18:42:10Z", "2026-01-31T09:01:00Z")
    assert [author["name"] for author in story.authors] == ["Jane Doe", "Kim Example"]
    assert [author["name"] for author in brief.authors] == ["Von unserer Redaktion"]
    assert [(one.href, one.length, one.type) for one in story.enclosures] == [(LEAD.url, "345678", "image/jpeg")]
    assert [(link.href, link.get("title"), link.get("hreflang")) for link in story.links if link.rel == "related"] == [
        ("https://news.example.com/welt/test", None, "de"),
        ("https://news.example.com/world/earlier-test", "Earlier test", None),
    ]
    assert [one["content"] for one in story.media_credit] == [LEAD.credit, "STR", SECOND.credit]
    assert "<h2>What was tested</h2>" in story.content[0].value
    assert story.summary == STORY.summary
    assert story.summary_detail.value == SECOND.caption  # feedparser keeps the last media:description here


def test_withdrawn_story_leaves_a_tombstone() -> None:
    [deleted] = etree.fromstring(rendered(ISSUE)).findall("at:deleted-entry", NAMES)
    assert (deleted.get("ref"), deleted.get("when")) == (ISSUE.withdrawn[0].id, "2026-01-30T12:00:00Z")
    assert deleted.findtext("at:comment", namespaces=NAMES) == "Withdrawn: legal"


def test_archive_says_so_and_leads_to_the_one_before_and_to_the_feed() -> None:
    archive = replace(
        ISSUE, archive=True, previous_url="https://news.example.com/a/1", current_url="https://news.example.com/f"
    )
    feed = etree.fromstring(rendered(archive))
    assert feed.find("{http://purl.org/syndication/history/1.0}archive") is not None
    links = {link.get("rel"): link.get("href") for link in feed.findall("atom:link", NAMES)}
    assert (links["prev-archive"], links["current"]) == ("https://news.example.com/a/1", "https://news.example.com/f")


def test_entry_in_another_language_says_so() -> None:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    feed = etree.fromstring(rendered(ISSUE))
    assert [feed.get(lang), *(entry.get(lang) for entry in feed.findall("atom:entry", NAMES))] == ["en-GB", None, "de"]


def test_feed_has_an_author_for_the_entries_that_have_none() -> None:
    feed = etree.fromstring(rendered(replace(ISSUE, items=(replace(BRIEF, byline=""),))))
    assert feed.findtext("atom:author/atom:name", namespaces=NAMES) == "Example Times: World"
    assert feed.find("atom:entry/atom:author", NAMES) is None


def test_entry_is_never_updated_before_it_was_published() -> None:
    feed = etree.fromstring(rendered(replace(ISSUE, items=(replace(STORY, updated=STORY.published - HOUR),))))
    assert feed.findtext("atom:entry/atom:updated", namespaces=NAMES) == "2026-01-30T18:42:10Z"


def test_photo_that_the_reader_may_not_have_is_told_of_and_not_shown() -> None:
    [status] = etree.fromstring(rendered(ISSUE)).findall(".//media:group/media:status", NAMES)
    assert (status.get("state"), status.get("reason")) == ("blocked", "RIGHTS")


@PATIENT
@given(ISSUES)
def test_any_issue_is_well_formed(issue: Bulletin) -> None:
    feed = etree.fromstring(rendered(issue))
    assert len(feed.findall("atom:entry", NAMES)) == len(list(issue.items))
