"""Work that follows a change: with it or not at all, to one worker at a time, again after a failure, buried in the end."""

import asyncio
from collections import Counter
from contextlib import suppress
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms import db, jobs
from cms.db.clock import now
from cms.models import Job, Tag
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")

SUBJECT = UUID(int=7)


async def left(hours: float = -1, kind: str = "article.announce", **columns: Any) -> UUID:
    """The key of a job that is due since an hour, or at another one."""
    job = await Job.create(
        kind=kind, subject_id=SUBJECT, run_at=house.hours(hours), created_at=house.hours(-9), **columns
    )
    key: UUID = job.id
    return key


async def claimed(limit: int = 1) -> list[UUID]:
    return [job.id for job in await jobs.claim(limit)]


async def lease_over(job: UUID) -> None:
    """As if its worker had died a minute ago."""
    await Job.filter(id=job).update(lease_until=house.hours(-0.001))


# ------------------------------------------------------------------------------------------------------------ enqueue


async def test_a_job_is_there_with_its_change_and_not_without() -> None:
    for kept in (False, True):
        with suppress(ZeroDivisionError):
            async with db.transaction():
                await Tag.create(slug=f"rice-{kept}", name="Rice")
                await jobs.enqueue("tag.told", SUBJECT, {"kept": kept})
                assert kept or 1 / 0
    assert [tag.slug for tag in await Tag.all()] == ["rice-True"]
    (job,) = await jobs.claim(10)
    assert (job.kind, job.subject_id, job.payload, job.attempts) == ("tag.told", SUBJECT, {"kept": True}, 1)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_job_is_seen_by_no_worker_before_its_change_is() -> None:
    async with db.transaction():
        await jobs.enqueue("tag.told", None, {})
        # a context of its own is outside of this transaction
        assert await asyncio.create_task(claimed(), context=Context()) == []
    assert len(await claimed()) == 1


# -------------------------------------------------------------------------------------------------------------- claim


async def test_due_jobs_are_claimed_the_oldest_first_and_only_once() -> None:
    second, first, _later = await left(-1), await left(-2), await left(+1)
    third = await left(-0.5)
    assert await claimed(2) == [first, second]
    assert await claimed(2) == [third]
    assert await claimed(2) == []


async def test_no_two_workers_get_the_same_job() -> None:
    made = [await left() for _ in range(40)]

    async def worker() -> list[UUID]:
        mine: list[UUID] = []
        while some := await claimed(3):
            assert len(some) <= 3
            mine += some
        return mine

    async with asyncio.timeout(20):
        taken = await asyncio.gather(*(worker() for _ in range(8)))
    assert Counter(key for mine in taken for key in mine) == Counter(made)


async def test_a_job_whose_worker_died_is_taken_again_when_its_lease_is_over() -> None:
    job = await left()
    before = await now()
    assert await claimed() == [job]
    lease = (await Job.get(id=job)).lease_until
    assert lease is not None
    assert timedelta(seconds=59) < lease - before < timedelta(seconds=65)
    assert await claimed() == []
    await lease_over(job)
    (again,) = await jobs.claim(1)
    assert (again.id, again.attempts) == (job, 2)


async def test_what_is_done_is_gone() -> None:
    await left()
    (job,) = await jobs.claim(1)
    await jobs.done(job)
    assert await Job.all().count() == 0


# ------------------------------------------------------------------------------------------------------------- failure


@pytest.mark.parametrize(("tries", "seconds"), [(1, 5), (2, 10), (4, 40), (7, 320)])
async def test_a_failed_job_comes_again_after_twice_the_time_give_or_take_half(tries: int, seconds: int) -> None:
    waits: list[float] = []
    for _ in range(12):
        key = await left(attempts=tries - 1)
        (job,) = await jobs.claim(1)
        await jobs.failed(job, ValueError("no line"))
        row = await Job.get(id=key)
        assert row.lease_until is row.buried_at is None
        assert row.last_error == "ValueError: no line"
        waits.append((row.run_at - await now()).total_seconds())
        assert await jobs.claim(1) == []
    assert seconds * 0.5 - 1 < min(waits)
    assert max(waits) <= seconds * 1.5
    assert max(waits) - min(waits) > seconds * 0.1  # twelve that failed together do not return together


async def test_a_job_that_failed_too_often_is_buried_with_its_error() -> None:
    key = await left(attempts=jobs.MOST_TRIES - 1)
    (job,) = await jobs.claim(1)
    assert (job.attempts, await jobs.buried()) == (jobs.MOST_TRIES, 0)
    await jobs.failed(job, ValueError("x" * 1000))
    row = await Job.get(id=key)
    assert row.buried_at is not None
    assert row.last_error == ("ValueError: " + "x" * 1000)[:500]
    await Job.filter(id=key).update(run_at=house.hours(-1))
    assert await claimed() == []
    assert (await jobs.buried(), await jobs.overdue(0), await jobs.wait_s()) == (1, 0, None)


async def test_a_job_that_takes_its_worker_down_each_time_is_buried() -> None:
    silent = await left(attempts=jobs.MOST_TRIES)
    known = await left(attempts=jobs.MOST_TRIES, last_error="MemoryError: ")
    for job in (silent, known):
        await lease_over(job)
    assert await claimed(10) == []
    assert await jobs.buried() == 2
    assert [(await Job.get(id=job)).last_error for job in (silent, known)] == ["abandoned", "MemoryError: "]


async def test_an_error_that_no_database_can_hold_is_written_down_all_the_same() -> None:
    key = await left()
    (job,) = await jobs.claim(1)
    await jobs.failed(job, ValueError("a\0b\ud800c"))
    assert (await Job.get(id=key)).last_error == "ValueError: a?b?c"


async def test_a_worker_that_was_too_slow_does_not_put_off_what_another_one_has_taken() -> None:
    key = await left()
    (slow,) = await jobs.claim(1)
    await lease_over(key)
    (quick,) = await jobs.claim(1)
    await jobs.failed(slow, TimeoutError())
    row = await Job.get(id=key)
    assert row.attempts == quick.attempts
    assert row.last_error is None
    assert row.lease_until is not None
    assert await claimed() == []


# --------------------------------------------------------------------------------------------------------- how it stands


async def test_how_long_a_worker_may_sleep() -> None:
    assert await jobs.wait_s() is None
    await left(+1)
    wait = await jobs.wait_s()
    assert wait is not None
    assert 3590 < wait <= 3600
    await left(-1)
    assert await jobs.wait_s() == 0
    await jobs.claim(1)
    assert (await jobs.wait_s() or 0) > 3590  # what another worker holds is not waited for


async def test_jobs_that_nobody_takes_are_counted_as_overdue() -> None:
    await left(-1)
    await left(+1)
    dead = await left(-1)
    assert (await jobs.overdue(60), await jobs.overdue(7200)) == (2, 0)
    await jobs.claim(2)
    assert await jobs.overdue(60) == 0  # taken
    await Job.filter(id=dead).update(lease_until=house.hours(-1))
    assert await jobs.overdue(60) == 1  # by one that died, an hour ago


async def test_a_job_without_a_subject_is_one_too() -> None:
    await jobs.enqueue("sweep", None, {"of": str(uuid4()), "words": ["ü", None]}, house.hours(-1))
    (job,) = await jobs.claim(1)
    assert (job.subject_id, job.payload["words"]) == (None, ["ü", None])
