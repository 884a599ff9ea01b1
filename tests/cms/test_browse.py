"""Photos are found by their words, by what becomes of their rights and by where they are used, as far as the caller sees."""

from typing import Any
from uuid import UUID

import pytest

from cms import db
from cms.actions import articles, photos
from cms.actor import SYSTEM
from cms.models import PhotoWord
from tests import house
from tests.cms.test_rights import signed_in
from tests.web import Web

FOUND = "query($filter: PhotoFilter) { photos(first: 100, orderBy: CREATED_AT_ASC, filter: $filter) { totalCount nodes { id filename } } }"


async def found(web: Web, **filter: Any) -> list[str]:
    """Their file names without the ending, the oldest first."""
    with db.statements() as seen:
        answer = (await web.ask(FOUND, filter=filter))["photos"]
    reads = [one for one in seen if "photo_word" in one or "photos" in one]
    assert len(reads) == 1, "one question is one statement"
    assert answer["totalCount"] == len(answer["nodes"])
    return [one["filename"].removesuffix(".jpg") for one in answer["nodes"]]


async def archive() -> None:
    await house.photo(
        filename="flood.jpg",
        caption="Łódź: the river Ner floods a street, on Friday.",
        headline="High water",
        credit="STR/KCNA VIA KNS/AFP",
        keywords=["Flood", "Rescue service"],
        people=["Jane O'Neil"],
    )
    await house.photo(
        filename="vote_2026-03.jpg",
        caption="The council votes.",
        credit="Jo Reporter/AFP",
        keywords=["flood tax"],
        people=["Jane O'Neil Smith", "Ｊｏ Ｄｏｅ"],
    )
    await house.photo(filename="harvest.jpg", caption="米の収穫、東京", credit="Kyodo", keywords=["rice"], people=[])


# --------------------------------------------------------------------------------------------------------------- words

QUESTIONS: dict[str, tuple[str, list[str]]] = {
    "a word of the caption": ("river", ["flood"]),
    "the beginning of one": ("riv", ["flood"]),
    "not its end": ("iver", []),
    "in capitals": ("ŁÓDŹ", ["flood"]),
    "from other code points": ("Ło\u0301dz\u0301", ["flood"]),
    "each of several, in whatever order": ("friday river", ["flood"]),
    "of which one is missing": ("river council", []),
    "one of the headline": ("high", ["flood"]),
    "one of the credit": ("kyodo", ["harvest"]),
    "one of a keyword": ("rescue", ["flood"]),
    "one of a name": ("o'neil", ["flood", "vote_2026-03"]),
    "one of the file's name": ("vote 2026", ["vote_2026-03"]),
    "across fields": ("afp council", ["vote_2026-03"]),
    "the beginning in a script without spaces": ("米の", ["harvest"]),
    "two letters are a whole word": ("jo", ["vote_2026-03"]),
    "and begin none": ("ri", []),
    "what is no pattern": ("r%", []),
    "no word at all": (" … ", []),
    "the same word often": ("river " * 7, ["flood"]),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_question_finds_photos_of_which_something_begins_with_each_of_its_words(web: Web, name: str) -> None:
    await archive()
    question, names = QUESTIONS[name]
    assert await found(web, query=question) == names


async def test_a_question_of_more_words_than_are_looked_for_is_refused(web: Web) -> None:
    refused = await web.refused(FOUND, filter={"query": "one two three four five six seven"})
    assert refused["code"] == "BAD_INPUT"
    assert await found(web, query="one two three four five six") == []


async def test_a_credit_is_found_by_its_words_alone(web: Web) -> None:
    await archive()
    assert await found(web, credit="afp") == ["flood", "vote_2026-03"]
    assert await found(web, credit="KCNA via AFP") == ["flood"]
    assert await found(web, credit="KNS/AFP") == ["flood"]
    assert await found(web, credit="council") == []


async def test_keywords_and_people_are_found_whole_in_small_letters_or_large(web: Web) -> None:
    await archive()
    assert await found(web, keyword="FLOOD") == ["flood"]
    assert await found(web, keyword="rescue Service") == ["flood"]
    assert await found(web, keyword="rescue") == []
    assert await found(web, person="jane o'neil") == ["flood"]
    assert await found(web, person="jo doe") == ["vote_2026-03"]
    assert await found(web, person="flood") == []
    assert await found(web, person="jane o'neil smith", keyword="flood tax", query="council", credit="jo") == [
        "vote_2026-03"
    ]


async def test_what_is_said_anew_is_found_and_what_was_said_before_is_not(web: Web) -> None:
    photo = await house.photo(filename="a.jpg", caption="A river.", keywords=["water"], credit="Old Wire")
    await photos.update(
        SYSTEM, photo, 1, {"caption": "A road.", "keywords": ["Traffic", "water"], "credit": "New Wire"}
    )
    for old in ({"query": "river"}, {"credit": "old"}, {"query": "old"}):
        assert await found(web, **old) == []
    for new in ({"query": "road"}, {"keyword": "traffic"}, {"keyword": "water"}, {"credit": "new wire"}):
        assert await found(web, **new) == ["a"]
    await photos.update(SYSTEM, photo, 2, {"keywords": []})
    assert await PhotoWord.filter(photo_id=photo, kind="keyword").count() == 0


@pytest.mark.parametrize("filter", [{"query": "secret"}, {"credit": "agency"}, {"keyword": "k"}, {"person": "p"}])
async def test_words_of_what_is_hidden_find_nothing_for_readers(web: Web, filter: dict[str, str]) -> None:
    said: dict[str, Any] = {"caption": "Secret", "credit": "Agency", "keywords": ["k"], "people": ["p"]}
    await house.photo(filename="ended.jpg", rights_until=house.hours(-1), **said)
    await house.photo(filename="killed.jpg", status="WITHDRAWN", **said)
    assert await found(web, **filter) == []
    assert await found(await signed_in(web, "CONTRIBUTOR"), **filter) == ["ended", "killed"]


# ------------------------------------------------------------------------------------------------------- rights and use


async def test_what_expires_before_an_instant_or_within_days_is_found(web: Web) -> None:
    await house.photo(filename="never.jpg")
    for hours in (-5, 5, 30):
        await house.photo(filename=f"{hours}.jpg", rights_until=house.hours(hours))
    editor = await signed_in(web, "EDITOR")
    assert await found(editor, expiresWithin=1) == ["5"]
    assert await found(editor, expiresWithin=2) == ["5", "30"]
    assert await found(editor, expiresBefore=house.hours(6).isoformat()) == ["-5", "5"]
    assert await found(editor, expiresBefore=house.hours(6).isoformat(), usable=False) == ["-5"]
    assert await found(web, expiresBefore=house.hours(6).isoformat()) == ["5"]
    assert await found(web, expiresWithin=2) == []  # what is asked in public is kept, and no day begins there
    for days in (0, -1, 3661):
        assert (await editor.refused(FOUND, filter={"expiresWithin": days}))["code"] == "BAD_INPUT"


async def use(photo: UUID, *, live: bool) -> UUID:
    make = house.live if live else house.article
    return await make(lead_photo={"photo": photo})


async def test_a_photo_is_unused_if_no_story_that_the_caller_sees_shows_it(web: Web) -> None:
    editor, contributor = await signed_in(web, "EDITOR"), await signed_in(web, "CONTRIBUTOR")
    await house.photo(filename="idle.jpg")
    await use(await house.photo(filename="draft.jpg"), live=False)
    await use(await house.photo(filename="live.jpg"), live=True)
    for who, unused in (
        (editor, ["idle"]),
        (contributor, ["idle", "draft"]),
        (web, ["idle", "draft"]),
    ):
        assert await found(who, unused=True) == unused
        assert await found(who, unused=False) == [one for one in ("draft", "live") if one not in unused]


async def test_a_photo_that_a_story_lets_go_is_unused_again(web: Web) -> None:
    editor = await signed_in(web, "EDITOR")
    story = await use(await house.photo(filename="once.jpg"), live=False)
    assert await found(editor, unused=True) == []
    await articles.update(SYSTEM, story, 1, {"lead_photo": None})
    assert await found(editor, unused=True) == ["once"]
