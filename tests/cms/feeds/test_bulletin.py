"""Issues, before any format."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given

from cms.feeds.bulletin import Bulletin, Person, printable, rfc3339
from tests.cms.feeds.issue import BRIEF, ISSUE, ISSUES, LEAD, PATIENT, SECOND, STORY


def test_lead_stands_for_the_story_wherever_it_is_among_the_photos() -> None:
    assert replace(STORY, photos=(SECOND, LEAD)).lead == LEAD
    assert replace(STORY, photos=(SECOND,)).lead == SECOND
    assert BRIEF.lead is None


def test_byline_signs_where_no_author_does() -> None:
    assert STORY.signed == STORY.authors
    assert BRIEF.signed == (Person("Von unserer Redaktion"),)
    assert replace(BRIEF, byline=" ").signed == ()


def test_characters_that_xml_cannot_carry_leave_every_text() -> None:
    dirty = replace(ISSUE, title="a\x00b\ud800c\ufffe", items=(replace(STORY, authors=(Person("J\x1fane"),)),))
    made = printable(dirty)
    [story] = made.items
    assert (made.title, story.authors) == ("ab\ufffdc", (Person("Jane"),))


@PATIENT
@given(ISSUES)
def test_printable_issue_stays_as_it_is(issue: Bulletin) -> None:
    once, twice = printable(issue), printable(printable(issue))
    assert list(once.items) == list(twice.items)
    assert replace(once, items=()) == replace(twice, items=())


def test_instants_are_written_in_utc_without_fractions() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert rfc3339(datetime(2026, 1, 31, 8, 30, 59, 999999, tzinfo=tokyo)) == "2026-01-30T23:30:59Z"
