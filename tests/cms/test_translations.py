"""Stories that are translations of each other."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms import db
from cms.actions import articles, publishing, translating
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.errors import BadInput, NotFound, Unauthenticated
from cms.models import Article
from cms.read.catalog import select
from cms.read.entry import Site
from cms.read.reader import Reader
from tests import house
from tests.cms.pages.test_article import read
from tests.web import Web


async def of(newsroom: db.Database, slug: str, actor: Actor = SYSTEM) -> list[str]:
    """The languages that the story's translations are in, in the order told; one statement."""
    reader = Reader(newsroom, Site("https://news.test", "https://news.test", "News"))
    with db.statements() as seen:
        answer = await reader.value(select("Query", ("article", {"slug": slug}, ("translations", "language"))), actor)
    assert len(seen) == 1
    return [one["language"] for one in answer["article"]["translations"]]


async def story(language: str, **fields: Any) -> UUID:
    return await house.live(slug=language, language=language, **fields)


async def sets() -> dict[str, UUID | None]:
    return {row.slug: row.translation_set for row in await Article.all()}


async def test_translations_lead_both_ways_by_language(newsroom: db.Database) -> None:
    await house.section()
    english = await story("en")
    await story("ko", translation_of=english)
    korean = await Article.get(slug="ko")
    await story("de", translation_of=korean.id)
    assert await of(newsroom, "en") == ["de", "ko"]
    assert await of(newsroom, "ko") == ["de", "en"]
    assert await of(newsroom, "de") == ["en", "ko"]
    assert (await house.stored(english)).version == 2  # its words are what they were


async def test_readers_are_told_of_published_translations_alone(newsroom: db.Database) -> None:
    await house.section()
    english = await story("en")
    draft = await house.article(slug="de", language="de", translation_of=english)
    assert await of(newsroom, "en", ANONYMOUS) == []
    assert await of(newsroom, "en") == ["de"]
    await publishing.publish(SYSTEM, draft, 1)
    assert await of(newsroom, "en", ANONYMOUS) == ["de"]


async def test_null_leaves_the_others_together(newsroom: db.Database) -> None:
    await house.section()
    english = await story("en")
    german = await story("de", translation_of=english)
    await story("ko", translation_of=english)
    await articles.update(SYSTEM, german, 2, {"translation_of": None})
    assert (await of(newsroom, "de"), await of(newsroom, "en"), await of(newsroom, "ko")) == ([], ["ko"], ["en"])


async def test_two_sets_become_one(newsroom: db.Database) -> None:
    await house.section()
    english, french = await story("en"), await story("fr")
    await story("de", translation_of=english)
    await story("ko", translation_of=french)
    await articles.update(SYSTEM, french, 2, {"translation_of": english})
    assert await of(newsroom, "ko") == ["de", "en", "fr"]
    assert len(set((await sets()).values())) == 1


async def test_one_language_stands_once_in_a_set(newsroom: db.Database) -> None:
    await house.section()
    english = await story("en")
    german, other = await story("de", translation_of=english), await house.live(slug="de-2", language="de")
    french = await story("fr", translation_of=other)
    before = await house.everything()
    for refused in (
        articles.update(SYSTEM, other, 2, {"translation_of": english}),
        articles.update(SYSTEM, french, 2, {"translation_of": english}),  # the sets together would hold two in German
        articles.update(SYSTEM, german, 2, {"language": "en"}),
        articles.update(SYSTEM, german, 2, {"language": "en", "slug": "another"}),
        articles.create(SYSTEM, {"headline": "x", "section": "world", "language": "de", "translation_of": english}),
    ):
        with pytest.raises(BadInput) as twice:
            await refused
        assert twice.value.field == ("language",)
    assert await house.everything() == before


async def test_letters_large_and_small_are_one_language(newsroom: db.Database) -> None:
    await house.section()
    brazil = await house.live(slug="a", language="pt-br")
    assert (await house.stored(brazil)).language == "pt-BR"
    with pytest.raises(BadInput):
        await house.article(language="PT-BR", translation_of=brazil)
    chinese = await house.article(language="ZH-hant-tw")
    assert (await house.stored(chinese)).language == "zh-Hant-TW"


async def test_what_is_hidden_absent_or_the_story_itself_is_no_original(newsroom: db.Database) -> None:
    await house.section()
    writer = await house.staff("CONTRIBUTOR")
    hidden, mine = await house.article(), await house.article(writer)
    before = await house.everything()
    for original in (hidden, uuid4()):
        with pytest.raises(NotFound) as absent:
            await articles.update(writer, mine, 1, {"translation_of": original})
        assert absent.value.field == ("translation_of",)
    with pytest.raises(BadInput) as itself:
        await articles.update(writer, mine, 1, {"translation_of": mine})
    assert itself.value.field == ("translation_of",)
    with pytest.raises(Unauthenticated):
        await articles.update(ANONYMOUS, mine, 1, {"translation_of": None})
    assert await house.everything() == before


async def test_a_set_is_not_without_end(newsroom: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translating, "MOST", 3)
    await house.section()
    english = await story("en")
    for language in ("de", "fr"):
        await story(language, translation_of=english)
    with pytest.raises(BadInput) as full:
        await house.article(language="ko", translation_of=english)
    assert full.value.field == ("translation_of",)


async def test_a_working_copy_keeps_no_set_back(newsroom: db.Database) -> None:
    await house.section()
    english = await story("en")
    german = await story("de", translation_of=english)
    await articles.update(SYSTEM, german, 2, {"translation_of": english, "headline": "Neu"}, keep_as_draft=True)
    for original in (None, await story("ko")):
        with pytest.raises(BadInput) as at_once:
            await articles.update(SYSTEM, german, 3, {"translation_of": original}, keep_as_draft=True)
        assert at_once.value.field == ("translation_of",)
    with pytest.raises(BadInput):
        await articles.update(SYSTEM, german, 3, {"language": "en"}, keep_as_draft=True)
    assert await of(newsroom, "de") == ["en"]


async def test_all_who_join_at_once_are_in_one_set(newsroom: db.Database) -> None:
    """Each of the four joins the next: whatever comes first, all are translations of each other in the end."""
    await house.section()
    made = [await story(language) for language in ("de", "en", "fr", "ko")]
    pairs = zip(made, [*made[1:], made[0]], strict=True)
    await asyncio.gather(*(articles.update(SYSTEM, one, 2, {"translation_of": other}) for one, other in pairs))
    assert len(set((await sets()).values())) == 1
    assert await of(newsroom, "en") == ["de", "fr", "ko"]


async def test_of_ten_in_one_language_one_joins(newsroom: db.Database) -> None:
    await house.section()
    english = await story("en")
    results = await asyncio.gather(
        *(house.article(language="de", translation_of=english) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, UUID) for one in results) == 1
    assert sum(isinstance(one, BadInput) for one in results) == 9
    assert await of(newsroom, "en") == ["de"]


# --------------------------------------------------------------------------------------------------------------- faces


async def test_the_page_names_its_other_languages(web: Web) -> None:
    english = await house.live(slug="rain")
    await house.live(slug="regen", language="de", translation_of=english)
    await house.article(slug="pluie", language="fr", translation_of=english)
    await house.live(slug="alone")
    page = read(await web.get("/articles/rain.html"))
    assert page.xpath("//link[@hreflang]/@hreflang") == ["en", "de"]
    assert page.xpath("//link[@hreflang]/@href") == ["http://desk.test/world/rain", "http://desk.test/world/regen"]
    assert page.xpath("//link[@rel='alternate'][@hreflang]/@href") == page.xpath("//link[@hreflang]/@href")
    assert read(await web.get("/articles/alone.html")).xpath("//link[@hreflang]") == []
