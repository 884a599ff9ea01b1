"""NewsML-G2 2.35."""

from dataclasses import replace

from hypothesis import given
from lxml import etree

from cms.feeds import newsml
from cms.feeds.bulletin import Bulletin
from tests.cms.feeds import standards
from tests.cms.feeds.issue import BRIEF, ISSUE, ISSUES, LEAD, PATIENT, SECOND, STORY, golden, readable

NAMES = {"g": "http://iptc.org/std/nar/2006-10-01/", "h": "http://www.w3.org/1999/xhtml"}
SCHEMA = "NewsML-G2_2.35-spec-All-Power.xsd"


def rendered(issue: Bulletin) -> bytes:
    return b"".join(newsml.render(issue))


def items(issue: Bulletin = ISSUE) -> dict[str | None, etree._Element]:
    found = etree.fromstring(rendered(issue)).findall("g:itemSet/g:newsItem", NAMES)
    return {item.get("guid"): item for item in found}


def test_issue_reads_as_in_the_golden_file() -> None:
    found = readable(rendered(ISSUE))
    assert found == golden("issue.newsml.xml", found)


def test_message_fits_the_schema() -> None:
    assert standards.xml(rendered(ISSUE), SCHEMA) == []
    assert standards.xml(rendered(replace(ISSUE, items=(BRIEF,), withdrawn=())), SCHEMA) == []


def test_photos_are_items_with_the_whole_credit_line_and_the_hands_they_came_through() -> None:
    lead = items()[LEAD.id]
    assert lead.findtext(".//g:creditline", namespaces=NAMES) == "STR/KCNA VIA KNS/AFP"
    hops = [
        (hop.get("seq"), hop.findtext("g:party/g:name", namespaces=NAMES))
        for hop in lead.findall("g:hopHistory/g:hop", NAMES)
    ]
    assert hops == [("1", "KCNA"), ("2", "KNS"), ("3", "AFP")]
    assert [one.text for one in lead.findall("g:contentMeta/g:description", NAMES)] == [LEAD.caption, LEAD.alt_text]
    assert lead.findtext("g:rightsInfo/g:usageTerms", namespaces=NAMES) == "Editorial use only"
    remote = lead.find("g:contentSet/g:remoteContent", NAMES)
    assert remote is not None
    assert (remote.get("href"), remote.get("size"), remote.get("width")) == (LEAD.url, "345678", "1280")


def test_story_names_its_photos_translations_and_links() -> None:
    links = items()[STORY.id].findall("g:itemMeta/g:link", NAMES)
    assert [(link.get("rel"), link.get("residref") or link.get("href")) for link in links] == [
        ("irel:dependsOn", LEAD.id),
        ("irel:dependsOn", SECOND.url),
        ("irel:translatedTo", STORY.translations[0].id),
        ("irel:seeAlso", "https://news.example.com/world/earlier-test"),
    ]


def test_withdrawn_story_is_canceled_and_has_no_content() -> None:
    gone = items()[ISSUE.withdrawn[0].id]
    status = gone.find("g:itemMeta/g:pubStatus", NAMES)
    assert status is not None
    assert status.get("qcode") == "stat:canceled"
    assert gone.find("g:contentSet", NAMES) is None


def test_photo_that_the_reader_may_not_have_is_withheld() -> None:
    withheld = items()[STORY.omitted[0].id]
    status = withheld.find("g:itemMeta/g:pubStatus", NAMES)
    assert status is not None
    assert status.get("qcode") == "stat:withheld"
    assert withheld.findtext("g:itemMeta/g:edNote", namespaces=NAMES) == "omitted: RIGHTS"
    assert withheld.find("g:contentSet", NAMES) is None


def test_correction_is_signalled_and_the_version_is_the_storys() -> None:
    story = items()[STORY.id]
    signal = story.find("g:itemMeta/g:signal", NAMES)
    assert signal is not None
    assert (story.get("version"), signal.get("qcode")) == ("3", "sig:correction")


def test_words_stay_where_they_are_in_the_text() -> None:
    body = items()[STORY.id].find(".//h:body", NAMES)
    assert body is not None
    text = "".join(str(one) for one in body.itertext())
    assert text.startswith("State media said “more” than ]]> that.Twice.\nWhat was tested")


@PATIENT
@given(ISSUES)
def test_any_issue_is_well_formed_with_every_item(issue: Bulletin) -> None:
    message = etree.fromstring(rendered(issue))
    stories = message.findall(".//g:inlineXML", NAMES)
    assert len(stories) == len(list(issue.items))
