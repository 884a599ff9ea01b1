"""A story's public life: now, later, ended, told."""

import asyncio
from uuid import UUID, uuid4

import pytest

from cms import policy
from cms.actions import articles, publishing
from cms.actor import ANONYMOUS, SYSTEM
from cms.db.clock import now
from cms.errors import (
    AltTextMissing,
    BadInput,
    BadState,
    BodyMissing,
    CaptionMissing,
    Conflict,
    ExpiresTooSoon,
    Forbidden,
    NotFound,
    PhotoWithdrawn,
    Refused,
    RightsExpired,
    Unauthenticated,
)
from cms.models import FAR, Article, Change, Job, Listing, Photo, Revision
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


async def lived(article_id: UUID, begin: float, end: float | None = None) -> None:
    """As if so many hours had passed: fake only the clock, here by moving what it is compared with."""
    columns = {"live_from": house.hours(begin), "live_until": house.hours(end) if end is not None else None}
    await Article.filter(id=article_id).update(**columns)
    await Job.filter(subject_id=article_id).update(run_at=house.hours(-1))


# ------------------------------------------------------------------------------------------------------------ publish


async def test_published_now_is_live_listed_told_and_kept_as_a_revision(world: UUID) -> None:
    editor = await house.staff("EDITOR")
    made = await house.article(tags=["Rice"])
    before = await now()
    assert await publishing.publish(editor, made, 1, note="front page") == publishing.Published(made, ())
    story = await house.stored(made)
    assert before <= story.live_from <= await now()
    assert (story.version, story.first_live_from, story.live_until, story.modified_at) == (2, None, None, None)
    assert await status(made) == "PUBLISHED"
    assert {row.live_from for row in await Listing.filter(article_id=made)} == {story.live_from}
    assert await Listing.filter(article_id=made).count() == 2
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2)]
    change = await Change.get(subject_id=made)
    assert (change.subject_type, change.by, change.note) == ("Article", editor.name, None)
    revision = await Revision.get(article_id=made, version=2)
    assert (revision.by, revision.note) == (editor.name, "front page")
    assert await house.waiting(made) == []


async def test_a_time_that_has_passed_is_now() -> None:
    made = await house.article()
    before = await now()
    await publishing.publish(SYSTEM, made, 1, at=house.hours(-5))
    assert (await house.stored(made)).live_from >= before


async def test_a_story_that_was_public_elsewhere_is_live_since_then_and_told_of_now() -> None:
    made, since = await house.article(tags=["Rice"]), house.hours(-500)
    before = await now()
    await publishing.publish(SYSTEM, made, 1, since=since)
    times = await Article.filter(id=made).values_list("live_from", "first_live_from", "modified_at")
    assert times == [(since, None, None)]
    assert await status(made) == "PUBLISHED"
    assert {row.live_from for row in await Listing.filter(article_id=made)} == {since}
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2)]
    assert (await Change.get(subject_id=made)).at >= before
    assert await house.waiting(made) == []


async def test_a_photo_whose_rights_ended_since_then_still_stops_it() -> None:
    photo = await house.photo()
    made = await house.article(lead_photo={"photo": photo})
    await Photo.filter(id=photo).update(rights_until=house.hours(-1))
    with pytest.raises(Refused) as refused:
        await publishing.publish(SYSTEM, made, 1, since=house.hours(-500))
    assert [type(one) for one in refused.value.refusals] == [RightsExpired]
    assert await status(made) == "DRAFT"


async def test_nobody_else_dates_a_story_back_and_nobody_dates_it_ahead() -> None:
    made = await house.article()
    for role in ("EDITOR", "ADMIN"):
        with pytest.raises(Forbidden):
            await publishing.publish(await house.staff(role), made, 1, since=house.hours(-5))
    with pytest.raises(BadInput) as refused:
        await publishing.publish(SYSTEM, made, 1, since=house.hours(5))
    assert refused.value.field == ("since",)
    assert await status(made) == "DRAFT"
    assert (await house.stored(made)).version == 1
    assert await Change.all().count() == 0


async def test_a_live_story_is_not_published_again() -> None:
    made = await house.live()
    for at in (None, house.hours(2)):
        with pytest.raises(BadState):
            await publishing.publish(SYSTEM, made, 2, at=at)
    assert (await house.stored(made)).version == 2
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2)]


async def test_a_scheduled_story_is_told_of_at_its_hour_once() -> None:
    made, at = await house.article(), house.hours(1)
    await publishing.publish(SYSTEM, made, 1, at=at)
    assert await status(made) == "SCHEDULED"
    assert (await house.stored(made)).live_from == at
    assert await house.told(made) == []
    assert await house.waiting(made) == [("article.announce", at)]
    assert await work_once() is False
    await lived(made, begin=-1)
    assert await work_once() is True
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2)]
    await publishing.announce(made)
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2)]
    assert await Job.all().count() == 0


async def test_a_job_that_comes_too_early_tells_nothing_and_comes_again() -> None:
    made, at = await house.article(), house.hours(1)
    await publishing.publish(SYSTEM, made, 1, at=at)
    await Job.all().delete()
    await publishing.announce(made)
    assert await house.told(made) == []
    assert await house.waiting(made) == [("article.announce", at)]


async def test_a_schedule_moved_twice_is_told_of_once() -> None:
    made = await house.article()
    for version, at in enumerate((house.hours(1), house.hours(2), house.hours(1)), start=1):
        await publishing.publish(SYSTEM, made, version, at=at)
    await lived(made, begin=-1)
    assert [await work_once() for _ in range(4)] == [True, True, True, False]
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 4)]


async def test_an_edit_after_the_hour_but_before_the_worker_tells_of_the_publication_first() -> None:
    made = await house.article()
    await publishing.publish(SYSTEM, made, 1, at=house.hours(1))
    await lived(made, begin=-1)
    await articles.update(SYSTEM, made, 2, {"headline": "Quick fix"})
    assert await work_once() is True
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 3)]


async def test_a_scheduled_story_may_come_out_at_once() -> None:
    made = await house.article()
    await publishing.publish(SYSTEM, made, 1, at=house.hours(9))
    await publishing.publish(SYSTEM, made, 2)
    assert await status(made) == "PUBLISHED"
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 3)]


async def test_an_embargoed_story_is_told_of_when_the_embargo_lifts() -> None:
    until = house.hours(3)
    made = await house.article(embargoed_until=until)
    await publishing.publish(SYSTEM, made, 1)
    assert await status(made) == "SCHEDULED"
    assert (await house.told(made), await house.told(made, ahead=True)) == ([], [("ARTICLE_PUBLISHED", 2)])
    assert await house.waiting(made) == [("article.announce", until)]
    await articles.update(SYSTEM, made, 2, {"headline": "Better"})
    assert await house.told(made, ahead=True) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 3)]
    await Article.filter(id=made).update(embargo_until=house.hours(-1))
    await publishing.announce(made)
    await publishing.announce(made)
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 3)]
    assert await house.told(made, ahead=True) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 3)]


async def test_who_gets_embargoed_stories_is_told_at_the_hour_of_a_schedule_and_of_an_end_before_the_embargos() -> None:
    begins, until = house.hours(1), house.hours(3)
    made = await house.article()
    await publishing.publish(SYSTEM, made, 1, at=begins)
    await articles.update(SYSTEM, made, 2, {"embargoed_until": until})
    assert await house.told(made, ahead=True) == []
    left = [("article.ahead", begins), ("article.announce", begins), ("article.announce", until)]
    assert sorted(await house.waiting(made)) == left
    await Article.filter(id=made).update(live_from=house.hours(-1))
    await publishing.announce(made)
    await publishing.announce(made)
    assert (await house.told(made), await house.told(made, ahead=True)) == ([], [("ARTICLE_PUBLISHED", 3)])
    await publishing.withdraw(SYSTEM, made, 3, note="Not ours")
    assert await house.told(made, ahead=True) == [("ARTICLE_PUBLISHED", 3), ("ARTICLE_WITHDRAWN", 4)]
    assert await house.told(made) == []


async def test_a_story_that_goes_back_under_embargo_has_ended_for_readers_alone() -> None:
    made = await house.live()
    await articles.update(SYSTEM, made, 2, {"embargoed_until": house.hours(3)})
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UNPUBLISHED", 3)]
    assert await house.told(made, ahead=True) == [("ARTICLE_PUBLISHED", 3)]
    await publishing.unpublish(SYSTEM, made, 3)
    assert await house.told(made, ahead=True) == [("ARTICLE_PUBLISHED", 3), ("ARTICLE_UNPUBLISHED", 4)]


async def test_a_second_publication_keeps_the_first_ones_time() -> None:
    made = await house.live()
    first = (await house.stored(made)).live_from
    await publishing.unpublish(SYSTEM, made, 2)
    await publishing.publish(SYSTEM, made, 3)
    story = await house.stored(made)
    assert (story.first_live_from, story.live_until, story.modified_at) == (first, None, story.live_from)
    assert story.live_from > first
    assert await house.told(made) == [
        ("ARTICLE_PUBLISHED", 2),
        ("ARTICLE_UNPUBLISHED", 3),
        ("ARTICLE_PUBLISHED", 4),
    ]


async def test_everything_that_stops_a_publication_is_told_at_once_and_nothing_changes() -> None:
    withdrawn, expiring = await house.photo(), await house.photo()
    made = await house.article(
        body=[], lead_photo={"photo": withdrawn}, gallery=[{"photo": expiring}], expires_at=house.hours(1)
    )
    await Photo.filter(id=withdrawn).update(status="WITHDRAWN")
    await Photo.filter(id=expiring).update(rights_until=house.hours(1))
    with pytest.raises(Refused) as refused:
        await publishing.publish(SYSTEM, made, 1, at=house.hours(2))
    assert [(type(one), one.field) for one in refused.value.refusals] == [
        (BodyMissing, ("body",)),
        (ExpiresTooSoon, ("expires_at",)),
        (PhotoWithdrawn, ("lead_photo",)),
        (RightsExpired, ("gallery", "0")),
    ]
    assert await status(made) == "DRAFT"
    assert (await house.stored(made)).version == 1
    assert await house.waiting(made) == []


async def test_missing_captions_and_alt_texts_warn_or_refuse_as_asked() -> None:
    bare = await house.photo(caption="", alt_text=None)
    made = await house.article(
        lead_photo={"photo": bare, "caption": "Given here"},
        body=[*house.paragraphs("Text."), {"photo": {"photo": bare}}],
    )
    expected = [
        (AltTextMissing, ("lead_photo",)),
        (CaptionMissing, ("body", "1")),
        (AltTextMissing, ("body", "1")),
    ]
    with pytest.raises(Refused) as refused:
        await publishing.publish(SYSTEM, made, 1, accept_warnings=False)
    assert [(type(one), one.field) for one in refused.value.refusals] == expected
    assert await status(made) == "DRAFT"
    published = await publishing.publish(SYSTEM, made, 1)
    assert [(type(one), one.field) for one in published.warnings] == expected
    assert await status(made) == "PUBLISHED"


async def test_who_may_not_publish_changes_nothing(world: UUID) -> None:
    sport = await house.section("Sport")
    mine = await house.staff("CONTRIBUTOR")
    made = await house.article(mine)
    with pytest.raises(Unauthenticated):
        await publishing.publish(ANONYMOUS, made, 1)
    for actor in (
        mine,
        await house.staff("READER"),
        await house.staff("PHOTO_EDITOR"),
        await house.staff("EDITOR", sport),
    ):
        with pytest.raises(Forbidden):
            await publishing.publish(actor, made, 1)
        with pytest.raises(Forbidden):
            await publishing.unpublish(actor, made, 1)
    with pytest.raises(NotFound):
        await publishing.publish(SYSTEM, uuid4(), 1)
    assert await status(made) == "DRAFT"
    assert await Change.all().count() == 0


async def test_of_ten_who_publish_one_wins() -> None:
    made = await house.article()
    results = await asyncio.gather(*(publishing.publish(SYSTEM, made, 1) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(one, publishing.Published) for one in results) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 9
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2)]


# ---------------------------------------------------------------------------------------------------------- unpublish


async def test_unpublished_now_is_gone_and_told() -> None:
    made = await house.live()
    assert await publishing.unpublish(SYSTEM, made, 2, note="legal") == made
    story = await house.stored(made)
    assert story.live_until is not None
    assert story.live_until <= await now()
    assert await status(made) == "UNPUBLISHED"
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UNPUBLISHED", 3)]
    with pytest.raises(BadState):
        await publishing.unpublish(SYSTEM, made, 3)


async def test_an_end_ahead_is_told_of_at_its_hour() -> None:
    made, at = await house.live(), house.hours(4)
    await publishing.unpublish(SYSTEM, made, 2, at=at)
    assert await status(made) == "PUBLISHED"
    assert await house.waiting(made) == [("article.retire", at)]
    await lived(made, begin=-2, end=-1)
    assert await work_once() is True
    assert (await house.told(made))[-1] == ("ARTICLE_UNPUBLISHED", 3)


async def test_an_expiry_given_to_the_draft_is_kept_by_its_publication() -> None:
    end = house.hours(8)
    made = await house.live(expires_at=end)
    assert (await house.stored(made)).live_until == end
    assert await house.waiting(made) == [("article.retire", end)]


async def test_what_is_only_scheduled_becomes_a_draft_again() -> None:
    made = await house.article()
    await publishing.publish(SYSTEM, made, 1, at=house.hours(3))
    await publishing.unpublish(SYSTEM, made, 2)
    assert await status(made) == "DRAFT"
    assert {row.live_from for row in await Listing.filter(article_id=made)} == {FAR}
    assert await work_once() is False
    assert await house.told(made) == []


async def test_what_was_public_once_does_not_become_a_draft() -> None:
    made = await house.live()
    first = (await house.stored(made)).live_from
    await publishing.unpublish(SYSTEM, made, 2)
    await publishing.publish(SYSTEM, made, 3, at=house.hours(3))
    await publishing.unpublish(SYSTEM, made, 4)
    story = await house.stored(made)
    assert await status(made) == "UNPUBLISHED"
    assert (story.live_from, story.first_live_from) == (first, first)


async def test_an_end_before_the_beginning_is_refused() -> None:
    made = await house.article()
    await publishing.publish(SYSTEM, made, 1, at=house.hours(3))
    with pytest.raises(BadInput) as refused:
        await publishing.unpublish(SYSTEM, made, 2, at=house.hours(2))
    assert refused.value.field == ("at",)
    assert (await house.stored(made)).live_until is None


async def test_a_draft_is_not_unpublished() -> None:
    made = await house.article()
    with pytest.raises(BadState):
        await publishing.unpublish(SYSTEM, made, 1)
    assert (await house.stored(made)).version == 1
