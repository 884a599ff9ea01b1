"""Old addresses: slugs that were given up, stories and sections that moved."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from cms import db
from cms.actions import accounts, articles, publishing, taxonomy
from cms.actor import SYSTEM, Role
from cms.errors import SlugTaken
from cms.models import Article, FormerSlug, Tag
from tests import house
from tests.web import Web

FIND = "query($slug: String!) { article(slug: $slug) { id slug url } }"


async def key(role: Role) -> str:
    return (await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)).secret


async def former() -> set[tuple[str, str, UUID]]:
    return {(row.kind, row.slug, row.subject_id) for row in await FormerSlug.all()}


async def found(web: Web, slug: str, kind: str = "article") -> str | None:
    """The slug of what answers to `slug`, in one statement."""
    with db.statements() as seen:
        it = (await web.ask(f'{{ it: {kind}(slug: "{slug}") {{ slug }} }}'))["it"]
    assert len(seen) <= 1  # none where the answer was kept
    return None if it is None else str(it["slug"])


async def renamed(id: UUID, *slugs: str, version: int = 2) -> None:
    for number, slug in enumerate(slugs):
        await articles.update(SYSTEM, id, version + number, {"slug": slug})


# ------------------------------------------------------------------------------------------------------------- stories


async def test_a_story_is_found_by_every_slug_that_it_had(web: Web) -> None:
    story = await house.live(slug="one")
    await renamed(story, "two", "three")
    assert [await found(web, slug) for slug in ("one", "two", "three", "four")] == ["three", "three", "three", None]
    assert await former() == {("article", "one", story), ("article", "two", story)}


async def test_old_addresses_answer_301_with_their_query(web: Web) -> None:
    story = await house.live(slug="one")
    await renamed(story, "two")
    for path in ("/world/one", "/articles/one.html", "/elsewhere/two"):
        response = await web.get(f"{path}?utm_source=a%20b")
        assert (response.status_code, response.headers["location"]) == (
            301,
            "http://desk.test/world/two?utm_source=a%20b",
        ), path
        assert response.headers["surrogate-key"] == f"article_{story}"
        assert response.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"
    assert (await web.get("/articles/one.html")).headers["location"] == "http://desk.test/world/two"
    for path in ("/world/two", "/articles/two.html"):
        assert (await web.get(path)).status_code == 200


async def test_a_story_that_is_hidden_is_not_told_of_under_its_old_address(web: Web) -> None:
    story = await house.live(slug="one")
    await renamed(story, "two")
    await publishing.unpublish(SYSTEM, story, 3)
    assert await found(web, "one") is None
    assert (await web.get("/articles/one.html")).status_code == 404
    assert (await web.get("/world/one")).status_code == 404
    editor = web.as_(await key("EDITOR"))
    assert (await editor.ask(FIND, slug="one"))["article"]["slug"] == "two"
    response = await editor.get("/articles/one.html")
    assert (response.status_code, response.headers["cache-control"]) == (301, "private, no-store")


async def test_nobody_keeps_a_redirect_longer_than_its_story(web: Web) -> None:
    story = await house.live(slug="one", expires_at=house.hours(0.005))
    await renamed(story, "two")
    control = (await web.get("/articles/one.html")).headers["cache-control"]
    assert int(control.split("max-age=")[1].split(",")[0]) <= 18


async def test_what_readers_never_knew_is_not_remembered(web: Web) -> None:
    draft, planned, held = await house.article(slug="a"), await house.article(slug="b"), await house.article(slug="c")
    await publishing.publish(SYSTEM, planned, 1, at=house.hours(1))
    await articles.update(SYSTEM, held, 1, {"embargoed_until": house.hours(2)})
    await publishing.publish(SYSTEM, held, 2)
    await renamed(draft, "a-2", version=1)
    await renamed(planned, "b-2", version=2)
    await renamed(held, "c-2", version=3)
    assert await former() == set()
    assert await articles.create(SYSTEM, {"headline": "x", "slug": "a", "section": "world"})


async def test_what_was_out_once_is_remembered_in_every_later_state(web: Web) -> None:
    over, embargoed = await house.live(slug="a"), await house.live(slug="b")
    await publishing.unpublish(SYSTEM, over, 2)
    await articles.update(SYSTEM, embargoed, 2, {"embargoed_until": house.hours(1)})
    await renamed(over, "a-2", version=3)
    await renamed(embargoed, "b-2", version=3)
    assert await former() == {("article", "a", over), ("article", "b", embargoed)}


async def test_a_former_slug_is_taken_for_others_and_free_for_its_owner(web: Web) -> None:
    story, other = await house.live(slug="one"), await house.live(slug="other")
    await renamed(story, "two")
    before = await house.everything()
    for refused in (
        articles.update(SYSTEM, other, 2, {"slug": "one"}),
        articles.create(SYSTEM, {"headline": "x", "slug": "one", "section": "world"}),
    ):
        with pytest.raises(SlugTaken) as taken:
            await refused
        assert taken.value.field == ("slug",)
    assert await house.everything() == before
    await renamed(story, "one", version=3)
    assert await former() == {("article", "two", story)}
    assert [await found(web, slug) for slug in ("one", "two")] == ["one", "one"]


async def test_a_slug_made_from_a_headline_goes_round_former_ones(web: Web) -> None:
    story = await house.live(headline="Rain", slug="rain")
    numbered = await house.live(slug="rain-2")
    await renamed(story, "sun")
    await renamed(numbered, "snow")
    assert (await house.stored(await house.article(headline="Rain"))).slug == "rain-3"


async def test_deleting_a_draft_leaves_its_slug_free(web: Web) -> None:
    draft = await house.article(slug="one")
    await articles.delete(SYSTEM, draft, 1)
    assert await house.article(slug="one")


async def test_a_working_copys_slug_takes_the_old_ones_place_when_it_goes_live(web: Web) -> None:
    story = await house.live(slug="one")
    await articles.update(SYSTEM, story, 2, {"slug": "two"}, keep_as_draft=True)
    assert await former() == set()
    assert (await found(web, "one"), await found(web, "two")) == ("one", None)
    await publishing.publish(SYSTEM, story, 3)
    assert await former() == {("article", "one", story)}
    assert (await found(web, "one"), await found(web, "two")) == ("two", "two")


async def test_of_20_who_want_one_slug_one_gets_it(web: Web) -> None:
    stories = [await house.live() for _ in range(10)]
    wanted = [articles.update(SYSTEM, one, 2, {"slug": "mine"}) for one in stories]
    wanted += [articles.create(SYSTEM, {"headline": "x", "slug": "mine", "section": "world"}) for _ in range(10)]
    results = await asyncio.gather(*wanted, return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in results) == 1
    assert sum(isinstance(one, SlugTaken) for one in results) == 19
    assert await Article.filter(slug="mine").count() == 1
    made = await asyncio.gather(*(house.article(headline="Storm") for _ in range(20)))
    slugs = {(await house.stored(one)).slug for one in made}
    assert len(slugs) == 20
    assert "storm" in slugs


async def test_who_comes_for_a_slug_while_it_is_given_up_does_not_get_it(web: Web) -> None:
    """Half of them come before and half after: whoever waits for the constraint looks after it."""
    story = await house.live(slug="one")
    others = [await house.live() for _ in range(8)]
    results = await asyncio.gather(
        *(articles.update(SYSTEM, one, 2, {"slug": "one"}) for one in others[:4]),
        articles.update(SYSTEM, story, 2, {"slug": "two"}),
        *(articles.update(SYSTEM, one, 2, {"slug": "one"}) for one in others[4:]),
        return_exceptions=True,
    )
    assert [one for one in results if isinstance(one, UUID)] == [story]
    assert await found(web, "one") == "two"


# ------------------------------------------------------------------------------------------- sections, tags and authors


async def test_a_story_is_reached_where_its_section_was(web: Web) -> None:
    asia = await taxonomy.save_section(SYSTEM, {"name": "Asia"})
    await house.live(slug="snow", section="asia")
    await taxonomy.save_section(SYSTEM, {"slug": "orient"}, asia, 1)
    response = await web.get("/asia/snow")
    assert (response.status_code, response.headers["location"]) == (301, "http://desk.test/orient/snow")
    assert (await found(web, "asia", "section"), await found(web, "orient", "section")) == ("orient", "orient")


@pytest.mark.parametrize(
    ("kind", "save"),
    [("section", taxonomy.save_section), ("tag", taxonomy.save_tag), ("author", taxonomy.save_author)],
)
async def test_lists_are_found_and_their_feeds_led_on(web: Web, kind: str, save: Any) -> None:
    made = await save(SYSTEM, {"name": "One"})
    await save(SYSTEM, {"slug": "two"}, made, 1)
    await save(SYSTEM, {"slug": "three"}, made, 2)
    assert [await found(web, slug, kind) for slug in ("one", "two", "three")] == ["three"] * 3
    for format in ("rss", "atom", "json"):
        response = await web.get(f"/feeds/{kind}/one.{format}?from=reader")
        assert (response.status_code, response.headers["location"]) == (
            301,
            f"http://desk.test/feeds/{kind}/three.{format}?from=reader",
        )
        assert response.headers["surrogate-key"] == f"{kind}_{made}"
        assert (await web.get(f"/feeds/{kind}/three.{format}")).status_code == 200
    other = await save(SYSTEM, {"name": "Other"})
    with pytest.raises(SlugTaken):
        await save(SYSTEM, {"slug": "one"}, other, 1)
    with pytest.raises(SlugTaken):
        await save(SYSTEM, {"name": "One"})
    await save(SYSTEM, {"slug": "one"}, made, 3)
    assert {slug for _, slug, _ in await former()} == {"two", "three"}


async def test_a_hidden_tags_former_slug_is_not_remembered(web: Web) -> None:
    await house.article(tags=["Secret"])
    secret = await Tag.get(slug="secret")
    await taxonomy.save_tag(SYSTEM, {"slug": "hush"}, secret.id, 1)
    assert await former() == set()
    assert await found(web, "secret", "tag") is None


async def test_a_former_slug_of_one_kind_says_nothing_of_another(web: Web) -> None:
    story = await house.live(slug="one")
    await renamed(story, "two")
    assert await taxonomy.save_tag(SYSTEM, {"name": "One"})
    assert (await found(web, "one", "tag"), await found(web, "one"), await found(web, "one", "author")) == (
        "one",
        "two",
        None,
    )
