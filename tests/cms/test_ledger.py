"""The ledger: in order, once, and nothing that commits late is ever stepped over."""

import asyncio
from contextlib import suppress
from contextvars import Context
from typing import Any
from uuid import UUID

import pytest

from cms import db, ledger
from cms.actor import SYSTEM, Actor
from cms.db.clock import now
from cms.errors import BadCursor
from cms.models import Change
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
EDITOR = Actor(kind="USER", role="EDITOR", name="Ada Editor")


async def told(subject: UUID, version: int = 1, kind: ledger.Kind = "ARTICLE_PUBLISHED", **more: Any) -> None:
    async with db.transaction():
        await ledger.append(kind, "Article", subject, version, more.pop("actor", SYSTEM), **more)


async def settled(count: int, cursor: str = ledger.START, limit: int = 100) -> list[ledger.Entry]:
    """The entries behind `cursor` once there are so many.

    On PostgreSQL a transaction of any other database of the server holds them back for as long as it runs.
    """
    async with asyncio.timeout(10):
        while len(found := await ledger.after(cursor, limit)) < count:
            pass
    return found


def subjects(entries: list[ledger.Entry]) -> list[UUID]:
    return [entry.subject_id for entry in entries]


# --------------------------------------------------------------------------------------------------------------- order


async def test_what_happened_is_read_back_as_it_was_told() -> None:
    before = await now()
    await told(A, 3, "ARTICLE_UPDATED", actor=EDITOR, note="for partners")
    (entry,) = await settled(1)
    assert before <= entry.at <= await now()
    assert entry == ledger.Entry(
        entry.cursor, entry.at, "ARTICLE_UPDATED", "Article", A, 3, "for partners", "Ada Editor"
    )


async def test_a_cursor_continues_behind_its_change_in_pages_of_any_size() -> None:
    for subject in (A, B, A, C, B):
        await told(subject)
    whole = await settled(5)
    assert subjects(whole) == [A, B, A, C, B]
    for size in (1, 2, 5, 9):
        seen: list[ledger.Entry] = []
        while page := await ledger.after(seen[-1].cursor if seen else ledger.START, size):
            assert len(page) <= size
            seen += page
        assert seen == whole
    assert await ledger.head() == whole[-1].cursor
    assert await ledger.after(await ledger.head(), 10) == []


async def test_an_empty_ledger_begins_at_the_start() -> None:
    assert await ledger.after(ledger.START, 10) == []
    assert await ledger.head() == ledger.START == "0-0-0"


async def test_a_change_that_was_taken_back_is_not_told() -> None:
    with suppress(ZeroDivisionError):
        async with db.transaction():
            await ledger.append("ARTICLE_PUBLISHED", "Article", A, 1, SYSTEM)
            assert 1 / 0
    await told(B)
    assert subjects(await settled(1)) == [B]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "1-2", "1-2-3-4", "-1-2-3", "1-2-3 ", "1-2-3\n", "1-2-", "١-2-3", "1" * 10 + "-1-1", "1-1-" + "9" * 19],
)
async def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        await ledger.after(cursor, 10)


async def test_the_largest_cursor_there_is_leaves_nothing() -> None:
    await told(A)
    await settled(1)
    assert await ledger.after(f"{'9' * 9}-{'9' * 18}-{'9' * 18}", 10) == []


async def test_the_newest_kind_of_a_subject() -> None:
    assert await ledger.told(A) == (None, None)
    await told(A)
    await told(A, 2, "ARTICLE_UNPUBLISHED")
    await told(B, 1, "PHOTO_UPDATED")
    assert await ledger.told(A) == ("ARTICLE_UNPUBLISHED", None)
    assert await ledger.told(B) == ("PHOTO_UPDATED", None)
    async with db.transaction():
        await ledger.append("ARTICLE_PUBLISHED", "Article", A, 3, SYSTEM)
        assert await ledger.told(A) == ("ARTICLE_PUBLISHED", None)  # a verb knows what it told itself
        await ledger.append("ARTICLE_UPDATED", "Article", A, 4, SYSTEM, ahead=True)
        assert await ledger.told(A) == ("ARTICLE_PUBLISHED", "ARTICLE_UPDATED")
    await told(A, 5, "ARTICLE_UNPUBLISHED")
    assert await ledger.told(A) == ("ARTICLE_UNPUBLISHED", None)


async def test_one_storys_changes_are_told_in_the_order_in_which_they_were_made() -> None:
    async def verb() -> None:
        async with db.transaction():
            await db.lock(A)
            version = await Change.filter(subject_id=A).count() + 1
            await asyncio.sleep(0.001 * (version % 3))
            await ledger.append("ARTICLE_UPDATED", "Article", A, version, SYSTEM)

    async with asyncio.timeout(20):
        await asyncio.gather(*(verb() for _ in range(40)))
    assert [entry.version for entry in await settled(40)] == list(range(1, 41))


async def test_after_a_restore_what_is_new_comes_behind_what_is_old() -> None:
    """Another cluster's transaction ids may be larger than any here; the epoch is raised on restore."""
    old: dict[str, Any] = {
        "kind": "ARTICLE_PUBLISHED",
        "subject_type": "Article",
        "version": 1,
        "by": "Dateline",
        "at": house.hours(-9),
    }
    await Change.create(**old, epoch=1, xid=10**15, subject_id=A)
    await Change.create(**old, epoch=2, xid=0, subject_id=B)
    await told(C)
    entries = await settled(3)
    assert subjects(entries) == [A, B, C]
    assert subjects(await ledger.after(entries[0].cursor, 10)) == [B, C]
    assert entries[2].cursor.startswith("2-")


# ---------------------------------------------------------------------------------------------------- late commits


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_nothing_is_skipped_when_a_transaction_commits_late() -> None:
    async with db.transaction():  # the late one
        await ledger.append("ARTICLE_PUBLISHED", "Article", A, 1, SYSTEM)

        async def meanwhile() -> None:
            await told(B)
            await told(C)
            # they are behind A in the order, so they are not told before it
            assert await ledger.after(ledger.START, 10) == []
            assert await ledger.head() == ledger.START

        await asyncio.create_task(meanwhile(), context=Context())
    assert subjects(await settled(3)) == [A, B, C]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_reader_who_never_stops_sees_everything_once_among_writers_who_dawdle() -> None:
    writing, rounds = 6, 15

    async def write(number: int) -> None:
        for version in range(1, rounds + 1):
            async with db.transaction():
                await ledger.append("ARTICLE_UPDATED", "Article", UUID(int=100 + number), version, SYSTEM)
                await asyncio.sleep(0.002 * ((number + version) % 4))

    async def read() -> list[tuple[UUID, int]]:
        seen: list[tuple[UUID, int]] = []
        cursor = ledger.START
        while len(seen) < writing * rounds:
            for entry in await ledger.after(cursor, 7):
                seen.append((entry.subject_id, entry.version))
                cursor = entry.cursor
        return seen

    async with asyncio.timeout(30):
        reading = asyncio.create_task(read())
        await asyncio.gather(*(write(number) for number in range(writing)))
        seen = await reading
    expected = {(UUID(int=100 + number), version) for number in range(writing) for version in range(1, rounds + 1)}
    assert len(seen) == len(expected)
    assert set(seen) == expected


async def test_followers_get_every_change_once_and_each_storys_in_order_while_writers_share_the_stories() -> None:
    """Writers take the story's lock as verbs do, and some of them commit late; followers read pages of any size."""
    stories, writing, rounds = [UUID(int=200 + number) for number in range(5)], 4, 12
    due = writing * rounds

    async def write(number: int) -> None:
        for turn in range(rounds):
            subject = stories[(number + turn) % len(stories)]
            async with db.transaction():
                await db.lock(subject)
                version = await Change.filter(subject_id=subject).count() + 1
                await ledger.append("ARTICLE_UPDATED", "Article", subject, version, SYSTEM)
                await asyncio.sleep(0.004 * (turn % 5 == number))

    async def follow(size: int) -> list[ledger.Entry]:
        seen: list[ledger.Entry] = []
        while len(seen) < due:
            seen += await ledger.after(seen[-1].cursor if seen else ledger.START, size)
            await asyncio.sleep(0)
        return seen

    async with asyncio.timeout(40):
        following = [asyncio.create_task(follow(size)) for size in (1, 3, 7, 50)]
        await asyncio.gather(*(write(number) for number in range(writing)))
        seen = await asyncio.gather(*following)
    assert seen == [await settled(due)] * len(following)
    for subject in stories:
        versions = [entry.version for entry in seen[0] if entry.subject_id == subject]
        assert versions == list(range(1, len(versions) + 1))
