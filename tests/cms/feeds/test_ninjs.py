"""ninjs 3.1."""

import json
from dataclasses import replace

from hypothesis import given

from cms.feeds import ninjs
from cms.feeds.bulletin import Bulletin
from tests.cms.feeds import standards
from tests.cms.feeds.issue import BRIEF, ISSUE, ISSUES, LEAD, PATIENT, SECOND, STORY, golden


def rendered(issue: Bulletin) -> bytes:
    return b"".join(ninjs.render(issue))


def pictures(issue: Bulletin) -> list[dict[str, object]]:
    story = json.loads(rendered(replace(issue, alone=True)))
    return [one for one in story["associations"] if one["type"] == "picture"]


def test_issue_reads_as_in_the_golden_file() -> None:
    readable = json.dumps(json.loads(rendered(ISSUE)), ensure_ascii=False, indent=2).encode() + b"\n"
    assert readable == golden("issue.ninjs.json", readable)


def test_feed_and_story_fit_the_schema() -> None:
    assert standards.ninjs(rendered(ISSUE), "3.1") == []
    for story in (STORY, BRIEF):
        assert standards.ninjs(rendered(replace(ISSUE, items=(story,), alone=True)), "3.1") == []


def test_feed_without_stories_fits_the_schema() -> None:
    assert standards.ninjs(rendered(replace(ISSUE, items=(), withdrawn=())), "3.1") == []


def test_feed_lists_its_stories_and_what_was_withdrawn() -> None:
    feed = json.loads(rendered(ISSUE))
    assert [(one["name"], one["uri"], one["pubStatus"]) for one in feed["associations"]] == [
        ("withdrawn-1", ISSUE.withdrawn[0].id, "canceled"),
        ("item-1", STORY.id, "usable"),
        ("item-2", BRIEF.id, "usable"),
    ]


def test_photos_carry_the_whole_credit_line_the_chain_and_the_rights() -> None:
    lead, second, withheld = pictures(replace(ISSUE, items=(STORY,)))
    descriptions = lead["descriptions"]
    assert isinstance(descriptions, list)
    assert {one["role"]: one["value"] for one in descriptions} == {
        "caption": LEAD.caption,
        "originalcaption": "This picture shows the test.",
        "alttext": "An engine on its stand",
        "creditline": "STR/KCNA VIA KNS/AFP",
    }
    assert lead["infoSources"] == [
        {"name": "KCNA", "role": "origin"},
        {"name": "KNS", "role": "distributor"},
        {"name": "AFP", "role": "provider"},
    ]
    assert (lead["uri"], lead["by"], lead["usageTerms"]) == (LEAD.id, "STR", "Editorial use only")
    assert second["uri"] == SECOND.url
    assert (withheld["pubStatus"], withheld["edNote"]) == ("withheld", "omitted: RIGHTS")
    assert "renditions" not in withheld


def test_correction_stands_in_the_note_and_under_the_text() -> None:
    story = json.loads(rendered(replace(ISSUE, items=(STORY,), alone=True)))
    assert story["edNote"] == "CORRECTION: The engine burned for 200 seconds, not 20."
    assert story["bodies"][0]["value"].endswith(
        "<p>Correction, 2026-01-31: The engine burned for 200 seconds, not 20.</p>"
    )
    assert (story["version"], story["versionCreated"]) == ("3", "2026-01-31T09:01:00Z")


@PATIENT
@given(ISSUES)
def test_any_issue_is_json_with_every_item(issue: Bulletin) -> None:
    feed = json.loads(rendered(issue))
    assert len(feed["associations"]) == len(list(issue.items)) + len(issue.withdrawn)
