"""The worker: everything once, nothing for ever, and it comes through whatever happens to the database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import pytest

from cms import jobs, worker
from cms.actions import articles, publishing
from cms.actor import SYSTEM
from cms.db.clock import now
from cms.models import Article, Job, Session
from tests import house
from tests.cms.test_database import hang_up
from tests.line import line


async def left(kind: str) -> UUID:
    job = await Job.create(kind=kind, subject_id=None, run_at=house.hours(-1), created_at=house.hours(-2))
    key: UUID = job.id
    return key


@asynccontextmanager
async def working(count: int = 1, kinds: dict[str, worker.Work] | None = None) -> AsyncIterator[None]:
    """That many workers, stopped at the end, which must come soon then."""
    stop = asyncio.Event()
    workers = [asyncio.create_task(worker.run(stop, kinds)) for _ in range(count)]
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*workers)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 - rows set no event
            await asyncio.sleep(0.02)


async def idle() -> bool:
    """No job is left."""
    return not await Job.filter(buried_at=None).exists()


class Log:
    """Work that notes its jobs, and fails or dawdles as it is told."""

    def __init__(self, *, error: Exception | None = None, seconds: float = 0):
        self.began: list[UUID] = []
        self.ended: list[UUID] = []
        self.error, self.seconds = error, seconds

    def begun(self, *jobs: UUID) -> Callable[[], Awaitable[bool]]:
        return partial(self._holds, self.began, jobs)

    def done(self, *jobs: UUID) -> Callable[[], Awaitable[bool]]:
        return partial(self._holds, self.ended, jobs)

    async def _holds(self, noted: list[UUID], jobs: tuple[UUID, ...]) -> bool:
        return noted == list(jobs)

    async def __call__(self, job: jobs.Claimed) -> None:
        self.began.append(job.id)
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        self.ended.append(job.id)


@pytest.mark.usefixtures("newsroom")
async def test_a_publication_is_told_of_at_its_hour_exactly_once_whatever_the_number_of_workers() -> None:
    await house.section("World")
    stories = [await house.article() for _ in range(6)]
    for story in stories:
        await publishing.publish(SYSTEM, story, 1, at=house.hours(1))
    async with working(4):
        await asyncio.sleep(0.2)
        assert [await house.told(story) for story in stories] == [[]] * 6
        # their hour has come, and every job is there twice, as after a lease that ran out
        await Article.all().update(live_from=house.hours(-0.01))
        for job in await Job.all():
            await Job.create(kind=job.kind, subject_id=job.subject_id, run_at=job.run_at, created_at=job.created_at)
        await Job.all().update(run_at=house.hours(-0.01))
        await until(idle)
    assert [await house.told(story) for story in stories] == [[("ARTICLE_PUBLISHED", 2)]] * 6


@pytest.mark.usefixtures("newsroom")
async def test_a_stop_finishes_the_job_in_hand_and_takes_no_other() -> None:
    first, second = await left("tidy"), await left("tidy")
    log = Log(seconds=0.3)
    async with working(1, {"tidy": log}):
        await until(log.begun(first))
    assert log.began == log.ended == [first]
    assert [job.id for job in await Job.all()] == [second]
    assert (await Job.get(id=second)).lease_until is None


@pytest.mark.usefixtures("newsroom")
async def test_a_stop_ends_a_worker_that_sleeps_at_once() -> None:
    async with working(2):
        await asyncio.sleep(0.1)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 0.5


@pytest.mark.usefixtures("newsroom")
async def test_a_failing_job_and_one_of_an_unknown_kind_are_put_off_and_the_others_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing, unknown, fine = await left("fails"), await left("poem.write"), await left("tidy")
    kinds: dict[str, worker.Work] = {"fails": Log(error=RuntimeError("no line")), "tidy": (log := Log())}
    with caplog.at_level(logging.CRITICAL, "dateline.worker"):
        assert [await worker.work_once(kinds) for _ in range(4)] == [True, True, True, False]
    assert log.ended == [fine]
    rows = {job.id: job for job in await Job.all()}
    assert {key: (row.attempts, row.last_error) for key, row in rows.items()} == {
        failing: (1, "RuntimeError: no line"),
        unknown: (1, "KeyError: 'poem.write'"),
    }
    clock = await now()
    assert all(row.run_at > clock and row.lease_until is None for row in rows.values())


@pytest.mark.usefixtures("newsroom")
async def test_every_kind_that_is_left_behind_is_one_that_the_worker_knows() -> None:
    await house.section("World")
    story = await house.article(embargoed_until=house.hours(2), expires_at=house.hours(4))
    await publishing.publish(SYSTEM, story, 1)
    await articles.update(SYSTEM, story, 2, {"embargoed_until": None})
    await publishing.unpublish(SYSTEM, story, 3)
    await publishing.publish(SYSTEM, story, 4, at=house.hours(1))
    await articles.update(SYSTEM, story, 5, {"embargoed_until": house.hours(3)})
    assert {kind for kind, _ in await house.waiting(story)} == set(worker.KINDS)


@pytest.mark.usefixtures("newsroom")
async def test_a_job_without_the_subject_that_its_kind_needs_is_put_off() -> None:
    await left("article.announce")
    assert await worker.work_once() is True
    assert (await Job.get()).last_error == "ValueError: a job of kind article.announce needs a subject"


@pytest.mark.usefixtures("newsroom")
async def test_a_job_that_takes_too_long_is_ended_and_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "JOB_S", 0.1)
    await left("tidy")
    assert await worker.work_once({"tidy": (log := Log(seconds=30))}) is True
    assert (len(log.began), log.ended) == (1, [])
    assert (await Job.get()).last_error == "TimeoutError: "


@pytest.mark.usefixtures("newsroom")
async def test_a_worker_that_starts_forgets_sessions_that_are_over() -> None:
    user = (await house.staff("EDITOR")).user_id
    for number, end in enumerate((-1, +1)):
        await Session.create(
            user_id=user, token_hash=str(number), created_at=house.hours(-2), expires_at=house.hours(end)
        )

    async def one_left() -> bool:
        return await Session.all().count() == 1

    async with working():
        await until(one_left)
    assert [session.token_hash for session in await Session.all()] == ["1"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_worker_comes_through_a_database_that_goes_and_returns(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with line(database) as connected, house.opened(connected.url):
        log = Log()
        async with working(2, {"tidy": log}):
            first = await left("tidy")
            await until(log.done(first))
            with caplog.at_level(logging.CRITICAL, "dateline.worker"):
                await connected.cut()
                await asyncio.sleep(1.2)  # both workers try, and fail
            await connected.mend()
            second = await left("tidy")
            await until(log.done(first, second))


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_job_whose_database_session_is_ended_is_done_in_the_end(
    database: str, newsroom: object, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log(seconds=0.2)
    with caplog.at_level(logging.CRITICAL, "dateline.worker"):
        async with working(1, {"tidy": log}):
            first, second = await left("tidy"), await left("tidy")
            await until(log.begun(first))
            await hang_up(database)
            await until(log.done(first, second))
            await until(idle)


@pytest.mark.usefixtures("newsroom")
async def test_what_is_urgent_waits_for_nothing_that_takes_long() -> None:
    stop, held, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(job: jobs.Claimed) -> None:
        await held.wait()

    async def urgent(job: jobs.Claimed) -> None:
        done.set()

    for kind in ("slow", "slow", "photo.purge"):
        await jobs.enqueue(kind, None, {})
    running = asyncio.create_task(worker.run(stop, {"slow": slow, "photo.purge": urgent}))
    async with asyncio.timeout(10):
        await done.wait()
    assert not held.is_set()
    held.set()
    stop.set()
    await running
