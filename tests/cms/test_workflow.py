"""A story's way through the newsroom: each step, who may not take it, and what a refusal leaves as it was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms import policy
from cms.actions import articles, photos, publishing, related
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, Conflict, Forbidden, NotFound, PhotoWithdrawn, Refused, Required, SlugTaken
from cms.ledger import append
from cms.models import (
    Article,
    ArticlePhoto,
    AuditEntry,
    Author,
    Change,
    Correction,
    Job,
    Photo,
    PhotoRevision,
    RelatedLink,
    Revision,
    Section,
)
from cms.worker import work_once
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")


@pytest.fixture(autouse=True)
async def world(newsroom: object) -> UUID:
    return await house.section("World")


async def status(article_id: UUID) -> str:
    states = [name for name, rule in policy.STATUS.items() if await Article.filter(rule, id=article_id).exists()]
    assert len(states) == 1
    return states[0]


async def unchanged(refusal: type[Exception], verb: Callable[[], Awaitable[object]]) -> Any:
    """The refusal that `verb` raises; nothing else comes of it."""
    before = await house.everything()
    with pytest.raises(refusal) as refused:
        await verb()
    assert await house.everything() == before
    return refused.value


async def revision(article_id: UUID, version: int) -> Revision:
    return await Revision.get(article_id=article_id, version=version)


async def reached(state: str) -> tuple[UUID, int]:
    """A story in this state, and its version."""
    made = await house.article(lead_photo={"photo": await house.photo()}, summary="Short.")
    if state == "IN_REVIEW":
        await publishing.submit(SYSTEM, made, 1)
    elif state == "SCHEDULED":
        await publishing.publish(SYSTEM, made, 1, at=house.hours(2))
    elif state != "DRAFT":
        await publishing.publish(SYSTEM, made, 1)
    if state == "UNPUBLISHED":
        await publishing.unpublish(SYSTEM, made, 2)
    elif state == "WITHDRAWN":
        await publishing.withdraw(SYSTEM, made, 2)
    assert await status(made) == state
    return made, (await house.stored(made)).version


# ---------------------------------------------------------------------------------------------------- the whole table

Verb = Callable[[UUID, int], Awaitable[object]]
VERBS: dict[str, Verb] = {
    "submit": lambda made, version: publishing.submit(SYSTEM, made, version),
    "publish": lambda made, version: publishing.publish(SYSTEM, made, version),
    "unpublish": lambda made, version: publishing.unpublish(SYSTEM, made, version),
    "withdraw": lambda made, version: publishing.withdraw(SYSTEM, made, version),
    "correct": lambda made, version: articles.correct(
        SYSTEM, made, version, "It was Tuesday.", {"headline": "Tuesday"}
    ),
    "restore": lambda made, version: articles.restore(SYSTEM, made, version, 1),
    "update": lambda made, version: articles.update(SYSTEM, made, version, {"headline": "New"}),
    "delete": lambda made, version: articles.delete(SYSTEM, made, version),
}
# state -> what each verb makes of it, in the order of VERBS; a dash where it is refused
LEADS_TO: dict[str, str] = {
    "DRAFT": "IN_REVIEW PUBLISHED - - - DRAFT DRAFT gone",
    "IN_REVIEW": "- PUBLISHED - - - IN_REVIEW IN_REVIEW gone",
    "SCHEDULED": "- PUBLISHED DRAFT WITHDRAWN - SCHEDULED SCHEDULED -",
    "PUBLISHED": "- - UNPUBLISHED WITHDRAWN PUBLISHED PUBLISHED PUBLISHED -",
    "UNPUBLISHED": "- PUBLISHED - WITHDRAWN UNPUBLISHED UNPUBLISHED UNPUBLISHED -",
    "WITHDRAWN": "- - - - - - - -",
}


@pytest.mark.parametrize("state", LEADS_TO)
async def test_each_verb_leads_where_the_table_says_or_is_refused_and_changes_nothing(state: str) -> None:
    for (name, verb), end in zip(VERBS.items(), LEADS_TO[state].split(), strict=True):
        made, version = await reached(state)
        if end == "-":
            refused = await unchanged(BadState, partial(verb, made, version))
            assert refused.message.endswith("."), name
            continue
        await verb(made, version)
        if end == "gone":
            assert not await Article.filter(id=made).exists()
            assert await Revision.filter(article_id=made).count() == 0
        else:
            assert (name, await status(made)) == (name, end)
            assert (await house.stored(made)).version == version + 1
            last = await revision(made, version + 1)
            story = await house.stored(made)
            life = ("live_from", "live_until", "embargo_until", "withdrawn_at")
            assert [getattr(last, one) for one in life] == [getattr(story, one) for one in life]
            assert not last.working


@pytest.mark.parametrize("name", VERBS)
async def test_each_verb_is_refused_on_a_version_that_someone_has_saved_over(name: str) -> None:
    state = {"submit": "DRAFT", "publish": "DRAFT", "delete": "DRAFT"}.get(name, "PUBLISHED")
    made, version = await reached(state)
    jane = await house.staff("EDITOR", name="Jane Doe")
    await articles.update(jane, made, version, {"kicker": "Meanwhile"})
    conflict = await unchanged(Conflict, lambda: VERBS[name](made, version))
    assert (conflict.current, conflict.by) == (version + 1, "Jane Doe")
    assert conflict.at == (await house.stored(made)).updated_at


@pytest.mark.parametrize("name", VERBS)
async def test_each_verb_on_what_is_not_there_is_not_found(name: str) -> None:
    await unchanged(NotFound, lambda: VERBS[name](uuid4(), 1))


@pytest.mark.parametrize("name", VERBS)
async def test_each_verb_writes_who_did_it_once(name: str) -> None:
    state = {"submit": "DRAFT", "publish": "DRAFT", "delete": "DRAFT"}.get(name, "PUBLISHED")
    made, version = await reached(state)
    headline = (await house.stored(made)).headline
    before = await AuditEntry.all().count()
    await VERBS[name](made, version)
    entry = await AuditEntry.filter(subject_id=made).order_by("-id").first()
    assert entry is not None
    assert await AuditEntry.all().count() == before + 1
    assert (entry.action, entry.by, entry.subject_type) == (f"article.{name}", "Dateline", "Article")
    assert entry.summary in (headline, "Tuesday", "New")


# ---------------------------------------------------------------------------------------------------------- submitting


async def test_a_contributor_submits_an_own_draft_and_no_other() -> None:
    writer, other = await house.staff("CONTRIBUTOR"), await house.staff("CONTRIBUTOR")
    mine = await house.article(writer)
    await unchanged(NotFound, lambda: publishing.submit(other, mine, 1))
    await publishing.submit(writer, mine, 1, note="please look")
    assert await status(mine) == "IN_REVIEW"
    assert (await revision(mine, 2)).note == "please look"
    await articles.update(writer, mine, 2, {"headline": "Mended while in review"})
    assert await status(mine) == "IN_REVIEW"
    await publishing.publish(SYSTEM, mine, 3)
    await unchanged(Forbidden, lambda: articles.delete(writer, mine, 4))
    assert not (await house.stored(mine)).in_review


# --------------------------------------------------------------------------------------------------------- withdrawing


async def test_a_withdrawal_tells_its_note_to_all_who_had_the_story_and_nothing_follows() -> None:
    editor, end = await house.staff("EDITOR"), house.hours(3)
    made = await house.live(expires_at=end)
    assert await house.waiting(made) == [("article.retire", end)]
    before = await now()
    await publishing.withdraw(editor, made, 2, note="By order of a court")
    story = await house.stored(made)
    assert story.withdrawn_at is not None
    assert before <= story.withdrawn_at <= await now()
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_WITHDRAWN", 3)]
    change = await Change.get(subject_id=made, kind="ARTICLE_WITHDRAWN")
    assert (change.note, change.by) == ("By order of a court", editor.name)
    assert (await revision(made, 3)).note == "By order of a court"
    await Article.filter(id=made).update(live_until=house.hours(-1))
    await Job.filter(subject_id=made).update(run_at=house.hours(-1))
    assert await work_once() is True
    assert len(await house.told(made)) == 2


async def test_the_withdrawal_of_what_nobody_has_seen_is_told_to_nobody() -> None:
    made, version = await reached("SCHEDULED")
    await publishing.withdraw(SYSTEM, made, version)
    assert await house.told(made) == []
    assert await status(made) == "WITHDRAWN"


async def test_an_editor_of_another_section_withdraws_nothing() -> None:
    sport = await house.section("Sport")
    editor = await house.staff("EDITOR", sport)
    made = await house.live()
    for verb in (publishing.withdraw, publishing.unpublish, publishing.submit):
        await unchanged(Forbidden, partial(verb, editor, made, 2))


# ---------------------------------------------------------------------------------------------------------- correcting


async def test_a_correction_changes_the_story_and_is_told_to_readers_and_to_the_ledger() -> None:
    made = await house.live(headline="Twelve die", summary="On Monday.")
    await articles.correct(SYSTEM, made, 2, " It was two, not twelve. ", {"headline": "Two die"})
    story, said = await house.stored(made), await Correction.get(article_id=made)
    assert (story.headline, story.summary, story.version) == ("Two die", "On Monday.", 3)
    assert (said.text, said.version, said.at) == ("It was two, not twelve.", 3, story.updated_at)
    assert story.modified_at == said.at
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_CORRECTED", 3)]
    assert (await Change.get(kind="ARTICLE_CORRECTED")).note == "It was two, not twelve."
    assert (await revision(made, 3)).note == "It was two, not twelve."


async def test_a_correction_needs_words_and_takes_no_other_fields() -> None:
    made = await house.live()
    await unchanged(Required, lambda: articles.correct(SYSTEM, made, 2, "  ", {"headline": "New"}))
    refused = await unchanged(BadInput, lambda: articles.correct(SYSTEM, made, 2, "Sorry.", {"slug": "new"}))
    assert refused.field == ("slug",)


async def test_a_correction_before_the_worker_told_of_the_publication_comes_after_it() -> None:
    made = await house.article()
    await publishing.publish(SYSTEM, made, 1, at=house.hours(1))
    await Article.filter(id=made).update(live_from=house.hours(-1))
    await articles.correct(SYSTEM, made, 2, "Sorry.", {})
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 3), ("ARTICLE_CORRECTED", 3)]


async def test_a_correction_of_what_is_not_public_any_more_waits_for_its_return() -> None:
    made, version = await reached("UNPUBLISHED")
    await articles.correct(SYSTEM, made, version, "Sorry.", {"headline": "New"})
    assert (await house.told(made))[-1] == ("ARTICLE_UNPUBLISHED", version)
    assert await Correction.filter(article_id=made).count() == 1


async def test_an_embargoed_story_that_nobody_saw_is_not_corrected() -> None:
    made = await house.article(embargoed_until=house.hours(2))
    await publishing.publish(SYSTEM, made, 1)
    await unchanged(BadState, lambda: articles.correct(SYSTEM, made, 2, "Sorry.", {}))


# ------------------------------------------------------------------------------------------------------------ deleting


async def test_what_is_deleted_takes_its_parts_and_the_links_to_it_along() -> None:
    photo = await house.photo()
    made = await house.article(
        tags=["Rice"], lead_photo={"photo": photo}, related=[{"url": "https://x.test", "title": "X"}]
    )
    other = await house.live(related=[{"article": made}, {"url": "https://y.test", "title": "Y"}])
    await articles.delete(SYSTEM, made, 1)
    assert not await Article.filter(id=made).exists()
    assert await ArticlePhoto.filter(article_id=made).count() == 0
    assert [row.url for row in await RelatedLink.all()] == ["https://y.test"]
    assert (await house.stored(other)).version == 2
    assert await Photo.filter(id=photo).exists()
    assert await house.told(made) == []
    again = await articles.restore(SYSTEM, other, 2, 1)
    assert [(type(one), one.field) for one in again.warnings] == [(NotFound, ("related", "0"))]


async def test_what_was_once_published_is_never_deleted() -> None:
    made = await house.live()
    await publishing.unpublish(SYSTEM, made, 2)
    await publishing.publish(SYSTEM, made, 3, at=house.hours(2))
    await publishing.unpublish(SYSTEM, made, 4)
    await unchanged(BadState, lambda: articles.delete(SYSTEM, made, 5))


# ----------------------------------------------------------------------------------------------------------- restoring


async def test_a_restored_version_brings_back_all_its_content_as_a_new_version() -> None:
    await house.section("Sport")
    await house.author("Jane Doe")
    one, two, other = await house.photo(), await house.photo(), await house.live()
    made = await house.article(
        headline="First",
        slug="kept",
        summary="Old.",
        urgency=3,
        internal_note="Call the lawyer",
        authors=["jane-doe"],
        tags=["Rice"],
        body=[*house.paragraphs("Old text."), {"photo": {"photo": one, "caption": "Mine"}}],
        lead_photo={"photo": two},
        related=[{"article": other}],
        seo={"title": "Seo", "noindex": True},
    )
    everything = (await revision(made, 1)).snapshot
    await articles.update(
        SYSTEM,
        made,
        1,
        {"headline": "Second", "slug": "moved", "section": "sport", "summary": None, "authors": [], "tags": ["Wheat"],
         "body": [], "lead_photo": None, "related": [], "seo": None, "urgency": None, "internal_note": None},
    )  # fmt: skip
    editor = await house.staff("EDITOR")
    assert (await articles.restore(editor, made, 2, 1)) == articles.Restored(made, ())
    last = await revision(made, 3)
    assert last.snapshot == {**everything, "slug": "moved"}
    assert (last.by, last.note) == (editor.name, "Version 1 restored.")
    story = await house.stored(made)
    assert (story.path, story.word_count) == ("/world/moved", 2)
    placed = {str(row.id): row.position for row in await ArticlePhoto.filter(article_id=made)}
    assert sorted(placed.values()) == [0, 1]
    assert story.body[1]["placed"] in placed


async def test_a_version_with_a_photo_that_was_withdrawn_since_is_not_restored_and_the_reason_is_said() -> None:
    photo = await house.photo(filename="flood.jpg")
    made = await house.live(lead_photo={"photo": photo})
    await articles.update(SYSTEM, made, 2, {"lead_photo": None})
    await Photo.filter(id=photo).update(status="WITHDRAWN")
    await append("PHOTO_WITHDRAWN", "Photo", photo, 2, SYSTEM, "It was staged.")
    refused = await unchanged(PhotoWithdrawn, lambda: articles.restore(SYSTEM, made, 3, 2))
    assert refused.message == "The photo flood.jpg was withdrawn: It was staged."
    assert (refused.code, refused.field) == ("PHOTO_WITHDRAWN", ("photos",))


async def test_what_is_gone_is_left_out_of_what_is_restored_and_that_is_said() -> None:
    await house.author("Jane Doe")
    await house.author("Kim Lee")
    made = await house.article(authors=["kim-lee", "jane-doe"])
    await articles.update(SYSTEM, made, 1, {"authors": ["jane-doe"]})
    await Author.filter(slug="kim-lee").delete()
    done = await articles.restore(SYSTEM, made, 2, 1)
    assert [(one.code, one.field, one.message) for one in done.warnings] == [
        ("NOT_FOUND", ("authors", "0"), "The author Kim Lee is gone; it was left out.")
    ]
    assert [one["slug"] for one in (await revision(made, 3)).snapshot["authors"]] == ["jane-doe"]


async def test_a_version_that_there_is_not_is_not_restored() -> None:
    made = await house.article()
    refused = await unchanged(NotFound, lambda: articles.restore(SYSTEM, made, 1, 7))
    assert refused.field == ("revision",)


async def test_a_version_of_a_section_that_is_not_the_editors_is_not_restored(world: UUID) -> None:
    await house.section("Sport")
    made = await house.article(section="sport")
    await articles.update(SYSTEM, made, 1, {"section": "world"})
    editor = await house.staff("EDITOR", world)
    await unchanged(Forbidden, lambda: articles.restore(editor, made, 2, 1))
    await articles.restore(await house.staff("EDITOR"), made, 2, 1)
    assert (await house.stored(made)).section_id == (await Section.get(slug="sport")).id


# ------------------------------------------------------------------------------------------------------ working copies


async def kept(made: UUID, version: int, **changes: Any) -> None:
    await articles.update(SYSTEM, made, version, changes, "for later", keep_as_draft=True)


async def test_what_is_kept_as_a_draft_is_a_revision_that_readers_do_not_see() -> None:
    await house.author("Jane Doe")
    photo = await house.photo()
    made = await house.live(headline="Live", tags=["Rice"])
    before = await house.everything()
    editor = await house.staff("EDITOR")
    await articles.update(
        editor,
        made,
        2,
        {"headline": "Later", "authors": ["jane-doe"], "tags": ["Wheat"], "lead_photo": {"photo": photo}},
        "for the evening",
        keep_as_draft=True,
    )
    after = await house.everything()
    story = next(row for row in after["Article"] if row["id"] == made)
    was = next(row for row in before["Article"] if row["id"] == made)
    assert {name for name in story if story[name] != was[name]} == {"version", "working_version"}
    assert (story["version"], story["working_version"]) == (3, 3)
    same = ("ArticlePhoto", "ArticleAuthor", "ArticleTag", "RelatedLink", "Listing", "Change", "Job")
    assert [name for name in same if after[name] != before[name]] == []
    saved = await revision(made, 3)
    assert (saved.working, saved.by, saved.note) == (True, editor.name, "for the evening")
    assert saved.snapshot["headline"] == "Later"
    assert [one["slug"] for one in saved.snapshot["authors"]] == ["jane-doe"]
    assert [one["photo"] for one in saved.snapshot["photos"]] == [str(photo)]


async def test_a_working_copy_grows_save_by_save_and_goes_live_as_a_whole() -> None:
    await house.section("Sport")
    photo = await house.photo()
    made = await house.live(headline="Live", slug="live")
    await kept(made, 2, headline="Later", slug="later", section="sport", tags=["Wheat"])
    await kept(made, 3, summary="With more.", body=[{"photo": {"photo": photo}}, *house.paragraphs("New text.")])
    before = await house.stored(made)
    done = await publishing.publish(SYSTEM, made, 4, note="evening edition")
    story = await house.stored(made)
    assert done.warnings == ()
    assert (story.headline, story.summary, story.path) == ("Later", "With more.", "/sport/later")
    assert (story.version, story.working_version, story.live_from) == (5, None, before.live_from)
    assert story.modified_at == story.updated_at
    assert [row.photo_id for row in await ArticlePhoto.filter(article_id=made)] == [photo]
    assert [row.working for row in await Revision.filter(article_id=made).order_by("version")] == [
        *(False, False),
        *(True, True),
        False,
    ]
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 5)]
    await unchanged(BadState, lambda: publishing.publish(SYSTEM, made, 5))


async def test_a_working_copy_is_checked_before_it_goes_live() -> None:
    made = await house.live(headline="Live")
    await kept(made, 2, body=[])
    refused = await unchanged(Refused, lambda: publishing.publish(SYSTEM, made, 3))
    assert [one.field for one in refused.refusals] == [("body",)]
    assert (await house.stored(made)).headline == "Live"


async def test_a_working_copy_is_not_scheduled() -> None:
    made = await house.live()
    await kept(made, 2, headline="Later")
    refused = await unchanged(BadState, lambda: publishing.publish(SYSTEM, made, 3, at=house.hours(2)))
    assert refused.field == ("at",)


async def test_a_live_change_beside_a_working_copy_is_made_in_both() -> None:
    photo, other = await house.photo(), await house.live()
    made = await house.live(headline="Live", summary="Live.", kicker="Live")
    await kept(made, 2, headline="Later", summary="Later.")
    await articles.update(SYSTEM, made, 3, {"summary": "Mended."})
    await articles.set_lead_photo(SYSTEM, made, 4, {"photo": photo})
    await related.set_links(SYSTEM, made, 5, [{"article": other}])
    await articles.correct(SYSTEM, made, 6, "Sorry.", {"body": house.paragraphs("Mended text.")})
    story = await house.stored(made)
    assert (story.headline, story.summary, story.version, story.working_version) == ("Live", "Mended.", 7, 7)
    assert [row.working for row in await Revision.filter(article_id=made).order_by("version")] == [
        *(False, False, True),
        *(False, False, False, False),
    ]
    await publishing.publish(SYSTEM, made, 7)
    story = await house.stored(made)
    assert (story.headline, story.summary, story.word_count) == ("Later", "Mended.", 2)
    assert [row.photo_id for row in await ArticlePhoto.filter(article_id=made)] == [photo]
    assert await RelatedLink.filter(article_id=made).values_list("target_id", flat=True) == [other]


async def test_a_working_copy_that_the_live_story_has_caught_up_with_is_none_any_more() -> None:
    made = await house.live(headline="Live")
    await kept(made, 2, headline="Later")
    await articles.update(SYSTEM, made, 3, {"headline": "Later"})
    assert (await house.stored(made)).working_version is None
    await unchanged(BadState, lambda: publishing.publish(SYSTEM, made, 4))


async def test_restoring_the_live_version_drops_the_working_copy() -> None:
    made = await house.live(headline="Live")
    await kept(made, 2, headline="Later")
    await articles.restore(SYSTEM, made, 3, 2)
    story = await house.stored(made)
    assert (story.headline, story.working_version, story.version) == ("Live", None, 4)


async def test_on_a_story_that_is_not_live_keeping_it_as_a_draft_is_a_plain_save() -> None:
    made = await house.article(headline="Draft")
    await kept(made, 1, headline="Later")
    story = await house.stored(made)
    assert (story.headline, story.working_version) == ("Later", None)
    assert not (await revision(made, 2)).working


async def test_the_working_copy_of_a_story_that_was_taken_down_comes_out_with_it() -> None:
    made = await house.live(headline="Live")
    await kept(made, 2, headline="Later")
    await publishing.unpublish(SYSTEM, made, 3)
    assert (await house.stored(made)).headline == "Live"
    await publishing.publish(SYSTEM, made, 4)
    story = await house.stored(made)
    assert (story.headline, story.working_version, await status(made)) == ("Later", None, "PUBLISHED")


async def test_what_takes_effect_at_once_is_not_kept_as_a_draft_unless_it_stays_as_it_is() -> None:
    end = house.hours(9)
    made = await house.live(expires_at=end)
    for name, value in (("expires_at", house.hours(3)), ("expires_at", None), ("embargoed_until", house.hours(3))):
        refused = await unchanged(BadInput, partial(kept, made, 2, **{name: value}))
        assert refused.field == (name,)
    await kept(made, 2, headline="Later", expires_at=end, embargoed_until=None)
    assert (await house.stored(made)).live_until == end


async def test_a_slug_that_someone_took_meanwhile_stops_the_publication_of_a_copy_and_nothing_else() -> None:
    made = await house.live(slug="live")
    await kept(made, 2, slug="wanted")
    await house.article(slug="wanted")
    await unchanged(SlugTaken, lambda: publishing.publish(SYSTEM, made, 3))
    await articles.update(SYSTEM, made, 3, {"kicker": "Still editable"})
    await kept(made, 4, slug="another")
    await publishing.publish(SYSTEM, made, 5)
    assert (await house.stored(made)).slug == "another"


async def test_a_refused_edit_of_a_working_copy_changes_nothing() -> None:
    made = await house.live()
    await kept(made, 2, headline="Later")
    await unchanged(NotFound, lambda: kept(made, 3, authors=["nobody"]))
    writer = await house.staff("CONTRIBUTOR")
    await unchanged(Forbidden, lambda: articles.update(writer, made, 3, {"headline": "Mine"}, keep_as_draft=True))


# -------------------------------------------------------------------------------------------------------------- hours


async def test_an_hour_that_has_passed_is_now_and_that_is_said() -> None:
    made = await house.article(summary="Short.")
    done = await publishing.publish(SYSTEM, made, 1, at=house.hours(-2))
    assert [(one.code, one.field) for one in done.warnings] == [("BAD_INPUT", ("at",))]
    assert await status(made) == "PUBLISHED"


async def test_whoever_accepts_no_warnings_is_not_published_late() -> None:
    made = await house.article(summary="Short.")
    refused = await unchanged(
        BadInput, lambda: publishing.publish(SYSTEM, made, 1, at=house.hours(-2), accept_warnings=False)
    )
    assert refused.field == ("at",)


@pytest.mark.parametrize(
    "at",
    [house.hours(2).replace(tzinfo=None), datetime(1899, 12, 31, tzinfo=UTC), datetime(9999, 6, 1, tzinfo=UTC)],
    ids=["no zone", "before 1900", "after 9998"],
)
async def test_no_hour_without_a_zone_or_far_from_our_time_is_taken(at: datetime) -> None:
    made = await house.article()
    refused = await unchanged(BadInput, lambda: publishing.publish(SYSTEM, made, 1, at=at))
    assert refused.field == ("at",)


# -------------------------------------------------------------------------------------------------------------- fields


async def test_urgency_is_a_number_from_1_to_9() -> None:
    made = await house.article(urgency=1)
    for wrong in (0, 10, 2.5, "3", True):
        refused = await unchanged(BadInput, partial(articles.update, SYSTEM, made, 1, {"urgency": wrong}))
        assert refused.field == ("urgency",)
    await articles.update(SYSTEM, made, 1, {"urgency": None, "internal_note": " Wait for the desk. "})
    story = await house.stored(made)
    assert (story.urgency, story.internal_note) == (None, "Wait for the desk.")


async def test_a_note_among_the_staff_is_no_change_that_readers_are_told_a_time_of() -> None:
    made = await house.live()
    await articles.update(SYSTEM, made, 2, {"internal_note": "Call back", "urgency": 2})
    assert (await house.stored(made)).modified_at is None


# --------------------------------------------------------------------------------------------------------------- races


async def raced(*verbs: Awaitable[object]) -> list[str]:
    done = await asyncio.gather(*verbs, return_exceptions=True)
    return sorted(type(one).__name__ if isinstance(one, Exception) else "done" for one in done)


async def test_of_twenty_who_publish_and_withdraw_at_once_one_wins() -> None:
    made = await house.live()
    await publishing.unpublish(SYSTEM, made, 2)
    steps = [publishing.publish, publishing.withdraw] * 10
    outcomes = await raced(*(step(SYSTEM, made, 3) for step in steps))  # type: ignore[operator]
    assert outcomes == ["Conflict"] * 19 + ["done"]
    assert (await house.stored(made)).version == 4
    assert await Revision.filter(article_id=made).count() == 4
    assert len(await house.told(made)) == 3


async def test_of_two_editors_who_save_at_once_the_second_is_told_of_the_first() -> None:
    made = await house.live()
    editors = [await house.staff("EDITOR", name=name) for name in ("Ann", "Bea")]

    def save(editor: Actor) -> Awaitable[UUID]:
        return articles.update(editor, made, 2, {"headline": editor.name}, keep_as_draft=editor.name == "Bea")

    done = await asyncio.gather(*map(save, editors), return_exceptions=True)
    conflict = next(one for one in done if isinstance(one, Conflict))
    winner = editors[0] if done[0] == made else editors[1]
    assert (conflict.current, conflict.by) == (3, winner.name)
    assert (await revision(made, 3)).by == winner.name
    assert await Revision.filter(article_id=made).count() == 3


async def test_of_twenty_who_delete_and_publish_at_once_one_wins() -> None:
    made = await house.article()
    outcomes = await raced(
        *(step(SYSTEM, made, 1) for step in [articles.delete, publishing.publish] * 10)  # type: ignore[operator]
    )
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "Conflict", "NotFound"}
    assert await Article.filter(id=made).exists() == (await house.told(made) == [("ARTICLE_PUBLISHED", 2)])


# --------------------------------------------------------------------------------------------------------------- photos


async def test_every_save_of_a_photo_is_kept_and_only_another_caption_drifts() -> None:
    photo = await house.photo(caption="Old", credit="A/B")
    await photos.update(SYSTEM, photo, 1, {"credit": "C/D"})
    assert (await Photo.get(id=photo)).caption_version == 1
    await photos.update(SYSTEM, photo, 2, {"caption": "New", "rights": {"expires_at": house.hours(5)}})
    await photos.update(SYSTEM, photo, 3, {"caption": "New", "alt_text": None})
    assert (await Photo.get(id=photo)).caption_version == 3
    rows = await PhotoRevision.filter(photo_id=photo).order_by("version")
    assert [(row.version, row.snapshot["caption"], row.snapshot["credit"]) for row in rows] == [
        (1, "Old", "A/B"),
        (2, "Old", "C/D"),
        (3, "New", "C/D"),
        (4, "New", "C/D"),
    ]
    assert rows[3].snapshot == {
        "credit": "C/D",
        "caption": "New",
        "alt_text": None,
        "data_mining": None,
        "status": "READY",
        "rights_until": house.hours(5).isoformat(),
    }
    entries = await AuditEntry.filter(subject_id=photo).values_list("action", flat=True)
    assert entries == ["photo.update"] * 3
