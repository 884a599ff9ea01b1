"""Stories: made, changed, raced for."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms.actions import articles, publishing, taxonomy
from cms.actor import ANONYMOUS, SYSTEM
from cms.db.clock import now
from cms.errors import (
    BadInput,
    BadState,
    Conflict,
    Forbidden,
    NotFound,
    PhotoWithdrawn,
    Refused,
    Required,
    RightsExpired,
    SlugTaken,
    TooLong,
    Unauthenticated,
)
from cms.models import (
    FAR,
    Article,
    ArticleAuthor,
    ArticlePhoto,
    ArticleTag,
    Listing,
    Photo,
    RelatedLink,
    Revision,
    Section,
    Tag,
)
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")


async def lists(article_id: UUID) -> set[tuple[UUID, datetime]]:
    return {(row.list_id, row.live_from) for row in await Listing.filter(article_id=article_id)}


async def placed(article_id: UUID) -> list[tuple[str, int, UUID]]:
    rows = await ArticlePhoto.filter(article_id=article_id).order_by("position")
    return [(row.role, row.position, row.photo_id) for row in rows]


# ------------------------------------------------------------------------------------------------------------- create


async def test_a_new_story_is_a_draft_with_everything_it_was_given() -> None:
    world = await house.section("World")
    asia = await house.section("Asia", world)
    jane, kim = await house.author("Jane Doe"), await house.author("Kim Lee")
    lead, inside, last = await house.photo(), await house.photo(), await house.photo()
    other = await house.article(section="asia")
    editor = await house.staff("EDITOR")
    embargo, end = house.hours(2), house.hours(48)
    made = await articles.create(
        editor,
        {
            "headline": "  Rice harvest begins ",
            "section": "asia",
            "language": "en-GB",
            "kicker": "Farming",
            "summary": "Early this year.",
            "body": [*house.paragraphs("One two three."), {"photo": {"photo": inside, "caption": "The field"}}],
            "authors": ["kim-lee", "jane-doe"],
            "byline_override": "Our own correspondents",
            "dateline": "SEOUL",
            "tags": ["Rice", "Food prices", "rice"],
            "lead_photo": {"photo": lead},
            "gallery": [{"photo": last, "alt_text": "A combine"}],
            "related": [{"article": other, "kind": "BACKGROUND"}, {"url": "https://fao.test/rice", "title": "FAO"}],
            "seo": {"title": "Rice", "noindex": True},
            "embargoed_until": embargo,
            "expires_at": end,
        },
    )
    story = await house.stored(made)
    assert (story.version, story.headline, story.slug, story.path) == (
        1,
        "Rice harvest begins",
        "rice-harvest-begins",
        "/world/asia/rice-harvest-begins",
    )
    assert (story.language, story.kicker, story.summary) == ("en-GB", "Farming", "Early this year.")
    assert (story.byline_override, story.dateline, story.word_count) == ("Our own correspondents", "SEOUL", 3)
    assert (story.seo_title, story.seo_description, story.noindex) == ("Rice", None, True)
    assert (story.live_from, story.live_until, story.embargo_until) == (FAR, end, embargo)
    assert story.created_by == editor.user_id
    assert await placed(made) == [("LEAD", 0, lead), ("INLINE", 1, inside), ("GALLERY", 2, last)]
    inline = await ArticlePhoto.get(article_id=made, role="INLINE")
    assert story.body[1]["placed"] == str(inline.id)
    assert (inline.caption, inline.photo_version) == ("The field", 1)
    authors = await ArticleAuthor.filter(article_id=made).order_by("position").values_list("author_id", flat=True)
    assert authors == [kim, jane]
    tags = await ArticleTag.filter(article_id=made).order_by("position").select_related("tag")
    assert [(row.tag.slug, row.tag.name) for row in tags] == [("rice", "Rice"), ("food-prices", "Food prices")]
    links = await RelatedLink.filter(article_id=made).order_by("position")
    assert [(row.kind, row.title, row.url) for row in links] == [
        ("BACKGROUND", None, None),
        ("EXTERNAL", "FAO", "https://fao.test/rice"),
    ]
    standing = {world, asia, jane, kim, *(row.tag.id for row in tags)}
    assert await lists(made) == {(one, FAR) for one in standing}
    revision = await Revision.get(article_id=made)
    assert (revision.version, revision.by, revision.user_id, revision.note) == (1, editor.name, editor.user_id, None)
    assert revision.snapshot["tags"] == [
        {"id": str(row.tag.id), "slug": row.tag.slug, "name": row.tag.name} for row in tags
    ]
    assert revision.snapshot["photos"][0]["credit"] == (await Photo.get(id=lead)).credit
    assert await house.told(made) == []
    assert await house.waiting(made) == []


async def test_slugs_made_from_the_same_headline_are_numbered() -> None:
    await house.section("World")
    slugs = [(await house.stored(await house.article(headline="Morning briefing"))).slug for _ in range(3)]
    assert slugs == ["morning-briefing", "morning-briefing-2", "morning-briefing-3"]


async def test_a_headline_without_letters_still_gets_a_slug() -> None:
    await house.section("World")
    assert (await house.stored(await house.article(headline="?!"))).slug == "story"


async def test_a_given_slug_that_is_taken_is_refused() -> None:
    await house.section("World")
    await house.article(slug="budget")
    with pytest.raises(SlugTaken) as refused:
        await house.article(slug="budget", tags=["New tag"])
    assert refused.value.field == ("slug",)
    assert await Article.all().count() == 1
    assert await Tag.all().count() == 0


async def test_of_ten_that_race_for_one_slug_one_wins() -> None:
    await house.section("World")
    results = await asyncio.gather(*(house.article(slug="budget") for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in results) == 1
    assert sum(isinstance(one, SlugTaken) for one in results) == 9
    assert await Article.filter(slug="budget").count() == 1


async def test_ten_stories_with_one_headline_and_the_same_new_tags_all_find_a_place() -> None:
    await house.section("World")
    names = [f"Tag {number}" for number in range(5)]
    made = await asyncio.gather(
        *(house.article(headline="Budget", tags=names[number % 5 :] + names[: number % 5]) for number in range(6))
    )
    slugs = {(await house.stored(one)).slug for one in made}
    assert slugs == {"budget", *(f"budget-{number}" for number in range(2, 7))}
    assert await Tag.all().count() == 5


REFUSED: list[tuple[dict[str, Any], type[Exception], tuple[str, ...]]] = [
    ({"headline": " "}, Required, ("headline",)),
    ({"headline": None}, Required, ("headline",)),
    ({"headline": 5}, BadInput, ("headline",)),
    ({"headline": "x" * 301}, TooLong, ("headline",)),
    ({"headline": "a\0b"}, BadInput, ("headline",)),
    ({"headline": "a\x1bb"}, BadInput, ("headline",)),
    ({"headline": "a\ud800b"}, BadInput, ("headline",)),
    ({"kicker": "x" * 121}, TooLong, ("kicker",)),
    ({"summary": "x" * 2001}, TooLong, ("summary",)),
    ({"slug": "Not A Slug"}, BadInput, ("slug",)),
    ({"section": "nowhere"}, NotFound, ("section",)),
    ({"language": "not a language"}, BadInput, ("language",)),
    ({"authors": ["nobody"]}, NotFound, ("authors", "0")),
    ({"tags": ["fine", "!?"]}, BadInput, ("tags", "1")),
    ({"tags": "rice"}, BadInput, ("tags",)),
    ({"lead_photo": {"photo": uuid4()}}, NotFound, ("lead_photo", "photo")),
    ({"lead_photo": {"caption": "No photo"}}, Required, ("lead_photo", "photo")),
    ({"gallery": [{"photo": uuid4()}]}, NotFound, ("gallery", "0", "photo")),
    ({"body": [{"photo": {"photo": uuid4()}}]}, NotFound, ("body", "0", "photo", "photo")),
    ({"related": [{"article": uuid4()}]}, NotFound, ("related", "0", "article")),
    ({"related": [{"url": "javascript:alert(1)", "title": "x"}]}, BadInput, ("related", "0", "url")),
    ({"related": [{"url": "https://a.test"}]}, Required, ("related", "0", "title")),
    ({"related": [{}]}, BadInput, ("related", "0")),
    ({"related": [{"article": uuid4(), "kind": "SIMILAR"}]}, BadInput, ("related", "0", "kind")),
    ({"seo": {"canonical_url": "/relative"}}, BadInput, ("seo", "canonical_url")),
    ({"seo": {"colour": "red"}}, BadInput, ("seo", "colour")),
    ({"expires_at": house.hours(-1)}, BadInput, ("expires_at",)),
    ({"embargoed_until": datetime(2026, 1, 1)}, BadInput, ("embargoed_until",)),  # noqa: DTZ001
    ({"colour": "red"}, BadInput, ("colour",)),
]


@pytest.mark.parametrize(
    ("fields", "refusal", "path"), REFUSED, ids=[str(row[2]) + str(n) for n, row in enumerate(REFUSED)]
)
async def test_a_field_that_cannot_be_is_refused_by_its_path_and_nothing_is_made(
    fields: dict[str, Any], refusal: type[Exception], path: tuple[str, ...]
) -> None:
    await house.section("World")
    with pytest.raises(refusal) as refused:
        await house.article(**fields)
    assert refused.value.field == path  # type: ignore[attr-defined]
    assert await Article.all().count() == 0
    assert await Tag.all().count() == 0
    assert await Revision.all().count() == 0


async def test_all_faults_of_a_form_are_told_at_once() -> None:
    await house.section("World")
    with pytest.raises(Refused) as refused:
        await house.article(headline="", kicker="x" * 200, colour="red")
    assert {one.field for one in refused.value.refusals} == {("headline",), ("kicker",), ("colour",)}


async def test_a_story_needs_a_headline_and_a_section() -> None:
    with pytest.raises(Refused) as refused:
        await articles.create(SYSTEM, {})
    assert [(one.code, one.field) for one in refused.value.refusals] == [
        ("REQUIRED", ("headline",)),
        ("REQUIRED", ("section",)),
    ]


async def test_a_photo_that_may_not_be_shown_is_not_placed() -> None:
    await house.section("World")
    withdrawn = await house.photo(status="WITHDRAWN")
    expired = await house.photo(rights_until=house.hours(-1))
    pending = await house.photo(status="PENDING")
    with pytest.raises(Refused) as refused:
        await house.article(gallery=[{"photo": one} for one in (withdrawn, expired, pending)])
    assert [(type(one), one.field) for one in refused.value.refusals] == [
        (PhotoWithdrawn, ("gallery", "0", "photo")),
        (RightsExpired, ("gallery", "1", "photo")),
        (NotFound, ("gallery", "2", "photo")),
    ]
    assert await Article.all().count() == 0


async def test_who_may_not_write_makes_nothing() -> None:
    asia, _ = await house.section("Asia"), await house.section("World")
    fields = {"headline": "x", "section": "world"}
    with pytest.raises(Unauthenticated):
        await articles.create(ANONYMOUS, fields)
    for actor in (await house.staff("READER"), await house.staff("PHOTO_EDITOR"), await house.staff("EDITOR", asia)):
        with pytest.raises(Forbidden):
            await articles.create(actor, fields)
    assert await Article.all().count() == 0


# ------------------------------------------------------------------------------------------------------------- update


async def test_absent_keeps_and_none_clears() -> None:
    await house.section("World")
    lead = await house.photo()
    made = await house.article(kicker="Old", summary="Kept", tags=["Rice"], lead_photo={"photo": lead})
    assert await articles.update(SYSTEM, made, 1, {"kicker": None, "tags": None, "headline": "New"}, "shorter") == made
    story = await house.stored(made)
    assert (story.version, story.headline, story.kicker, story.summary) == (2, "New", None, "Kept")
    assert await ArticleTag.filter(article_id=made).count() == 0
    assert await placed(made) == [("LEAD", 0, lead)]
    assert len(await lists(made)) == 1
    assert [(row.version, row.note) for row in await Revision.filter(article_id=made).order_by("version")] == [
        (1, None),
        (2, "shorter"),
    ]


async def test_no_change_at_all_changes_nothing() -> None:
    await house.section("World")
    made = await house.article()
    await articles.update(SYSTEM, made, 1, {})
    assert (await house.stored(made)).version == 1
    assert await Revision.all().count() == 1


async def test_a_stale_version_is_told_who_saved_and_changes_nothing() -> None:
    await house.section("World")
    made = await house.article()
    editor = await house.staff("EDITOR", name="Ada")
    await articles.update(editor, made, 1, {"headline": "Ada's"})
    with pytest.raises(Conflict) as refused:
        await articles.update(SYSTEM, made, 1, {"headline": "Mine", "tags": ["New"]})
    newest = await Revision.get(article_id=made, version=2)
    assert (refused.value.current, refused.value.by, refused.value.at) == (2, "Ada", newest.at)
    assert (await house.stored(made)).headline == "Ada's"
    assert await Tag.all().count() == 0


async def test_of_ten_who_change_one_version_one_wins() -> None:
    await house.section("World")
    made = await house.live()
    results = await asyncio.gather(
        *(articles.update(SYSTEM, made, 2, {"headline": f"Headline {number}"}) for number in range(10)),
        return_exceptions=True,
    )
    assert results.count(made) == 1
    assert sum(isinstance(one, Conflict) and one.current == 3 for one in results) == 9
    assert (await house.stored(made)).headline == f"Headline {results.index(made)}"
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 3)]
    assert await Revision.filter(article_id=made).count() == 3


async def test_another_section_or_slug_is_another_address_and_other_lists() -> None:
    world = await house.section("World")
    asia, sport = await house.section("Asia", world), await house.section("Sport")
    made = await house.article(section="asia", slug="final")
    assert {one for one, _ in await lists(made)} == {world, asia}
    await articles.update(SYSTEM, made, 1, {"section": "sport"})
    assert (await house.stored(made)).path == "/sport/final"
    assert {one for one, _ in await lists(made)} == {sport}
    await articles.update(SYSTEM, made, 2, {"slug": "cup-final"})
    assert (await house.stored(made)).path == "/sport/cup-final"


async def test_a_slug_changed_to_a_taken_one_is_refused() -> None:
    await house.section("World")
    await house.article(slug="one")
    two = await house.article(slug="two")
    with pytest.raises(SlugTaken):
        await articles.update(SYSTEM, two, 1, {"slug": "one", "headline": "Changed"})
    story = await house.stored(two)
    assert (story.slug, story.version, story.headline.startswith("Story")) == ("two", 1, True)


async def test_a_contributor_changes_own_drafts_only() -> None:
    await house.section("World")
    mine, colleague = await house.staff("CONTRIBUTOR"), await house.staff("CONTRIBUTOR")
    made = await house.article(mine)
    await articles.update(mine, made, 1, {"headline": "Better"})
    with pytest.raises(NotFound):
        await articles.update(colleague, made, 2, {"headline": "Theirs"})
    await publishing.publish(SYSTEM, made, 2, at=house.hours(1))
    with pytest.raises(Forbidden):
        await articles.update(mine, made, 3, {"headline": "Late"})
    with pytest.raises(Forbidden):
        await articles.update(colleague, await house.live(), 2, {"headline": "Theirs"})
    story = await house.stored(made)
    assert (story.version, story.headline) == (3, "Better")


async def test_an_editor_of_one_section_neither_edits_nor_fills_another() -> None:
    world, _ = await house.section("World"), await house.section("Sport")
    editor = await house.staff("EDITOR", world)
    inside, outside = await house.article(), await house.article(section="sport")
    with pytest.raises(Forbidden):
        await articles.update(editor, outside, 1, {"headline": "Mine"})
    with pytest.raises(Forbidden):
        await articles.update(editor, inside, 1, {"section": "sport"})
    assert (await house.stored(inside)).path.startswith("/world/")
    assert (await house.stored(outside)).version == 1


async def test_an_unknown_story_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        await articles.update(SYSTEM, uuid4(), 1, {"headline": "x"})
    assert refused.value.field == ("id",)


async def test_a_live_story_changes_for_readers_and_the_ledger() -> None:
    await house.section("World")
    made = await house.live()
    before = await house.stored(made)
    assert before.modified_at is None
    await articles.update(SYSTEM, made, 2, {"expires_at": house.hours(5)})
    assert (await house.stored(made)).modified_at is None
    await articles.update(SYSTEM, made, 3, {"headline": "Corrected"})
    after = await house.stored(made)
    assert after.modified_at == after.updated_at
    assert after.live_from == before.live_from
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 3), ("ARTICLE_UPDATED", 4)]


async def test_the_end_of_an_ended_story_is_not_moved() -> None:
    await house.section("World")
    made = await house.live()
    await publishing.unpublish(SYSTEM, made, 2)
    for value in (None, house.hours(4)):
        with pytest.raises(BadState):
            await articles.update(SYSTEM, made, 3, {"expires_at": value})
    assert (await house.stored(made)).version == 3


async def test_an_embargo_put_on_a_live_story_hides_it_and_its_lifting_is_told() -> None:
    await house.section("World")
    made = await house.live()
    until = house.hours(3)
    await articles.update(SYSTEM, made, 2, {"embargoed_until": until})
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UNPUBLISHED", 3)]
    assert await house.waiting(made) == [("article.announce", until)]
    await articles.update(SYSTEM, made, 3, {"embargoed_until": None})
    assert (await house.told(made))[2:] == [("ARTICLE_PUBLISHED", 4)]


# ------------------------------------------------------------------------------------------------------ photos placed


async def test_another_lead_photo_leaves_the_bodys_photos_their_ids() -> None:
    await house.section("World")
    first, second, inside = await house.photo(), await house.photo(), await house.photo()
    made = await house.article(lead_photo={"photo": first}, body=[{"photo": {"photo": inside}}])
    inline = await ArticlePhoto.get(article_id=made, role="INLINE")
    await articles.set_lead_photo(SYSTEM, made, 1, {"photo": second, "caption": "Ours"})
    assert await placed(made) == [("LEAD", 0, second), ("INLINE", 1, inside)]
    assert (await ArticlePhoto.get(article_id=made, role="INLINE")).id == inline.id
    await articles.set_lead_photo(SYSTEM, made, 2, None)
    assert await placed(made) == [("INLINE", 1, inside)]
    assert (await house.stored(made)).version == 3


async def test_a_lead_photo_needs_a_version_a_permission_and_a_photo() -> None:
    await house.section("World")
    one = await house.photo()
    made = await house.article()
    with pytest.raises(Conflict):
        await articles.set_lead_photo(SYSTEM, made, 7, {"photo": one})
    with pytest.raises(Forbidden):
        await articles.set_lead_photo(await house.staff("PHOTO_EDITOR"), made, 1, {"photo": one})
    with pytest.raises(NotFound) as refused:
        await articles.set_lead_photo(SYSTEM, made, 1, {"photo": uuid4()})
    assert refused.value.field == ("lead_photo", "photo")
    assert await placed(made) == []
    assert (await house.stored(made)).version == 1


async def test_a_longer_body_moves_the_gallery_behind_it() -> None:
    await house.section("World")
    one, two, three = await house.photo(), await house.photo(), await house.photo()
    made = await house.article(gallery=[{"photo": three}])
    assert await placed(made) == [("GALLERY", 1, three)]
    kept = (await ArticlePhoto.get(article_id=made)).id
    await articles.update(SYSTEM, made, 1, {"body": [{"photo": {"photo": one}}, {"photo": {"photo": two}}]})
    assert await placed(made) == [("INLINE", 1, one), ("INLINE", 2, two), ("GALLERY", 3, three)]
    assert (await ArticlePhoto.get(article_id=made, role="GALLERY")).id == kept


async def test_a_photo_whose_rights_ended_stays_in_the_story_while_its_text_is_mended() -> None:
    await house.section("World")
    one = await house.photo()
    made = await house.article(body=[{"photo": {"photo": one, "caption": "Ours"}}])
    await Photo.filter(id=one).update(rights_until=house.hours(-1), version=2)
    body = [*house.paragraphs("More."), {"photo": {"photo": one, "caption": "Ours"}}]
    await articles.update(SYSTEM, made, 1, {"body": body})
    row = await ArticlePhoto.get(article_id=made)
    assert (row.photo_id, row.photo_version) == (one, 1)  # the override was written at the photo's version 1


# ------------------------------------------------------------------------------------------------------------ sections


async def test_a_story_saved_while_its_section_moves_has_the_new_address() -> None:
    await house.section("World")
    moved = await house.section("Asia")
    stories = [house.article(section="asia", headline=f"Story {number}") for number in range(5)]
    await asyncio.gather(
        *stories, taxonomy.save_section(SYSTEM, {"parent": (await Section.get(slug="world")).id}, moved, 1)
    )
    paths = [story.path for story in await Article.all()]
    assert len(paths) == 5
    assert all(path.startswith("/world/asia/story-") for path in paths)
    world = (await Section.get(slug="world")).id
    assert await Listing.filter(list_id=world).count() == 5


async def test_the_database_says_what_now_is() -> None:
    assert abs((await now() - datetime.now(UTC)).total_seconds()) < 5


# ------------------------------------------------------------------------------------------------------------ hostile


async def test_a_body_that_takes_long_to_clean_stops_nobody_else() -> None:
    await house.section("World")
    beats = 0
    slow = [{"aside": {"html": "<ul><li>" * 4900}}] * 2
    saving = asyncio.create_task(house.article(body=slow))
    while not saving.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert (await house.stored(await saving)).body == []  # there is not a word in it
    assert beats > 10  # 2 where it is cleaned on the event loop
