"""The ledger under load: eight writers append at a pace that does not wait, five changes to a transaction that holds
their subject's lock, and some commit late; fifty cursors follow.  Then what each was told is compared with what was written.

PostgreSQL runs as in production, with fsync.  `BENCH_SECONDS` is how long it is written.  A change's lag is from the return of
its commit to the return of the page that tells it; writers and followers are processes beside each other, with one clock.
"""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms import db, ledger
from cms.actor import SYSTEM
from cms.models import Change
from tests import house
from tests.bench import writes
from tests.services import postgres

SECONDS = writes.SECONDS
OFFERED = 1_000  # changes a second
WRITERS, FOLLOWERS, FOLLOWING = 8, 50, 2  # the followers are FOLLOWING processes
TOGETHER = 5  # changes of one subject in a transaction: with one, two cores are too few for the writers alone
SUBJECTS = 200  # all writers' own and each other's
LATE, LATE_S = 50, 0.1  # one in so many commits so late
PAGE = 500
EVERY_S = 0.25  # how often a follower asks who has nothing to read
PATIENCE_S = 60
GOAL_S = 1.0

Rows = list[tuple[str, str, str]]
Written = dict[tuple[int, int], float]  # (subject, version) -> when its commit had returned


async def measure() -> Rows:
    # on a disk: in memory fsync costs nothing
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o755)  # PostgreSQL is another account's
        async with writes.served(Path(folder) / "postgres") as server:
            await postgres.create(server, "ledger")
            return await asyncio.to_thread(measured, f"{server}/ledger")


def measured(url: str) -> Rows:
    """`url` is a database with every table."""
    starts = time.time() + 5
    with ProcessPoolExecutor(WRITERS + FOLLOWING, multiprocessing.get_context("spawn")) as processes:
        writing = [processes.submit(_writer, url, number, starts) for number in range(WRITERS)]
        following = [processes.submit(_followers, url, starts, FOLLOWERS // FOLLOWING) for _ in range(FOLLOWING)]
        written: Written = {}
        for one in writing:
            written |= one.result()
        told = [each for one in following for each in _result(one)]
    wrong = [fault for cursor in told for fault in _compared(written, cursor)]
    assert not wrong, wrong[:5]
    lags = sorted(at - written[change] for cursor in told for change, at in cursor.items())
    seconds = max(written.values()) - starts
    what = f"{WRITERS} writers, {OFFERED:,} changes/s offered for {SECONDS:.0f} s"
    return [
        (f"{what}: appended", f"{len(written) / seconds:,.0f} /s", f"{len(written):,} in all"),
        (f"{FOLLOWERS} cursors: missed, doubled or out of order", "0", f"{sum(map(len, told)):,} compared"),
        ("  from commit to being told: p50", f"{lags[len(lags) // 2] * 1000:.0f} ms", f"asked every {EVERY_S} s"),
        ("  from commit to being told: p99", f"{lags[len(lags) * 99 // 100] * 1000:.0f} ms", f"goal {GOAL_S:.0f} s"),
    ]


def _result(one: "Future[list[Written]]") -> list[Written]:
    return one.result()


def _compared(written: Written, told: Written) -> Iterator[str]:
    """`told` is in the order in which a follower was told; a double would have ended it."""
    if written.keys() != told.keys():
        yield f"missed {len(written.keys() - told.keys())}, invented {len(told.keys() - written.keys())}"
    newest: dict[int, int] = {}
    for subject, version in told:
        if version != newest.get(subject, 0) + 1:
            yield f"subject {subject}: {version} behind {newest.get(subject)}"
        newest[subject] = version


def _writer(url: str, number: int, starts: float) -> Written:
    return asyncio.run(_write(url, number, starts))


async def _write(url: str, number: int, starts: float) -> Written:
    EXECUTOR_CACHE.clear()  # see tests.conftest
    written: Written = {}
    turns = _turns()

    async def append(turn: int) -> None:
        # neighbours share subjects, so that locks are waited for
        subject = (turn * 7 + number // 2) % SUBJECTS
        async with db.transaction():
            await db.lock(UUID(int=subject + 1))
            newest = await Change.filter(subject_id=UUID(int=subject + 1)).order_by("-position").first().only("version")
            first = newest.version + 1 if newest else 1
            for version in range(first, first + TOGETHER):
                await ledger.append("ARTICLE_UPDATED", "Article", UUID(int=subject + 1), version, SYSTEM)
            if turn % LATE == 0:
                await asyncio.sleep(LATE_S)
        committed = time.time()
        written.update({(subject, version): committed for version in range(first, first + TOGETHER)})

    async with house.opened(url):
        waiting: set[asyncio.Task[None]] = set()
        for turn in range(turns):
            await asyncio.sleep(starts + turn * WRITERS * TOGETHER / OFFERED - time.time())
            waiting.add(asyncio.create_task(append(turn)))
            if len(waiting) >= 4:  # at the most at once
                _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*waiting)
    return written


def _turns() -> int:
    """Transactions of one writer."""
    return int(SECONDS * OFFERED / WRITERS / TOGETHER)


def _followers(url: str, starts: float, count: int) -> list[Written]:
    return asyncio.run(_follow(url, starts, count))


async def _follow(url: str, starts: float, count: int) -> list[Written]:
    EXECUTOR_CACHE.clear()
    due = _turns() * TOGETHER * WRITERS

    async def one(number: int) -> Written:
        await asyncio.sleep(EVERY_S * number / count)
        told: Written = {}
        cursor, ends = ledger.START, starts + SECONDS + PATIENCE_S
        while len(told) < due and time.time() < ends:
            entries: list[Any] = await ledger.after(cursor, PAGE)
            at = time.time()
            for entry in entries:
                change = (entry.subject_id.int - 1, entry.version)
                assert change not in told, f"told twice: {change}"
                told[change] = at
                cursor = entry.cursor
            if len(entries) < PAGE:
                await asyncio.sleep(EVERY_S)
        return told

    async with house.opened(url):
        return list(await asyncio.gather(*(one(number) for number in range(count))))
