"""NITF 3.6."""

from dataclasses import replace

from hypothesis import given
from lxml import etree

from cms.feeds import nitf
from cms.feeds.bulletin import Bulletin, Item
from tests.cms.feeds import standards
from tests.cms.feeds.issue import BRIEF, ISSUE, ISSUES, LEAD, PATIENT, STORY, golden, readable

NAMES = {"n": "http://iptc.org/std/NITF/2006-10-18/", "g": "http://iptc.org/std/nar/2006-10-01/"}
SCHEMA = "nitf-3-6.xsd"


def rendered(issue: Bulletin) -> bytes:
    return b"".join(nitf.render(issue))


def alone(story: Item = STORY) -> etree._Element:
    return etree.fromstring(rendered(replace(ISSUE, items=(story,), alone=True)))


def test_story_reads_as_in_the_golden_file() -> None:
    found = readable(rendered(replace(ISSUE, items=(STORY,), alone=True)))
    assert found == golden("story.nitf.xml", found)


def test_issue_reads_as_in_the_golden_file() -> None:
    found = readable(rendered(ISSUE))
    assert found == golden("issue.nitf.xml", found)


def test_story_fits_the_schema() -> None:
    for story in (STORY, BRIEF, replace(BRIEF, html="Words<br>only <b>loose</b> ones", byline="")):
        assert standards.xml(alone(story), SCHEMA) == []


def test_feed_is_a_message_whose_documents_fit_the_schema() -> None:
    document = rendered(ISSUE)
    assert standards.xml(document, "NewsML-G2_2.35-spec-All-Power.xsd") == []
    stories = etree.fromstring(document).findall(".//n:nitf", NAMES)
    assert len(stories) == 3
    for story in stories:
        assert standards.xml(etree.fromstring(etree.tostring(story)), SCHEMA) == []


def test_photo_carries_its_whole_credit_line_caption_and_copyright() -> None:
    media = alone().find(".//n:media", NAMES)
    assert media is not None
    assert media.findtext("n:media-producer", namespaces=NAMES) == "STR/KCNA VIA KNS/AFP"
    assert media.findtext("n:media-caption/n:p", namespaces=NAMES) == LEAD.caption
    reference = media.find("n:media-reference", NAMES)
    assert reference is not None
    assert (reference.get("source"), reference.get("copyright")) == (LEAD.url, "© AFP")
    said = {one.get("name"): one.get("value") for one in media.findall("n:media-metadata", NAMES)}
    assert (said["chain"], said["usage-terms"]) == ("KCNA > KNS > AFP", "Editorial use only")


def test_withdrawn_story_is_canceled_and_has_no_text() -> None:
    gone = etree.fromstring(rendered(ISSUE)).find(".//n:nitf", NAMES)
    assert gone is not None
    data = gone.find("n:head/n:docdata", NAMES)
    body = gone.find("n:body", NAMES)
    assert data is not None
    assert body is not None
    assert (data.get("management-status"), len(body)) == ("canceled", 0)


def test_text_keeps_headings_lists_quotes_links_and_emphasis() -> None:
    content = alone().find(".//n:body.content", NAMES)
    assert content is not None
    assert [etree.QName(one).localname for one in content] == [
        *("media", "media", "p", "hl2", "ul", "bq", "hr", "hl2", "p", "p", "p", "ul"),
    ]  # fmt: skip
    first = content.find("n:p", NAMES)
    assert first is not None
    assert "".join(str(one) for one in first.itertext()) == "State media said “more” than ]]> that.Twice."
    link = first.find("n:a", NAMES)
    assert link is not None
    assert link.get("href") == "https://example.com/?a=1&b=2"


def test_correction_stands_in_the_head_and_under_the_text() -> None:
    correction = alone().find(".//n:correction", NAMES)
    assert correction is not None
    assert correction.get("info") == "2026-01-31T09:01:00Z: The engine burned for 200 seconds, not 20."


@PATIENT
@given(ISSUES)
def test_any_issue_is_well_formed_with_every_item(issue: Bulletin) -> None:
    message = etree.fromstring(rendered(issue))
    assert len(message.findall(".//n:nitf", NAMES)) == len(list(issue.items)) + len(issue.withdrawn)
    for item in issue.items:
        etree.fromstring(rendered(replace(issue, items=(item,), alone=True)))
