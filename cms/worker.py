"""The background half: takes jobs that are due and runs the function that stands for their kind.

Runs inside the web process on the embedded default, or as processes of its own, as many as one likes.  A job that fails
is tried again later; a database that is lost is waited for.  On stop the job in hand is finished, nothing more is taken.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from cms import jobs
from cms.actions import accounts, publishing

POLL_S = 1.0
JOB_S = 15.0  # below the 20 s within which a stop must be done, and below the lease
TIDY_S = 3600.0

log = logging.getLogger("dateline.worker")

Work = Callable[[jobs.Claimed], Awaitable[None]]


async def run(stop: asyncio.Event, kinds: "Mapping[str, Work] | None" = None) -> None:
    """Work until `stop` is set, within an open database.  Returns at most JOB_S seconds after that."""
    tidy_at = time.monotonic()
    while not stop.is_set():
        try:
            if time.monotonic() >= tidy_at:
                await accounts.forget_expired_sessions()
                tidy_at = time.monotonic() + TIDY_S
            if await work_once(kinds or KINDS):
                continue
            pause = min(POLL_S, await jobs.wait_s() or POLL_S)
        except Exception:  # the database is lost, or full: it is waited for, and the next round tries again
            log.exception("the worker could not take a job")
            pause = POLL_S
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            pass


async def work_once(kinds: "Mapping[str, Work] | None" = None) -> bool:
    """Take one job that is due and run it; False where there was none.  A failing job is put off, never raised."""
    claimed = await jobs.claim(1)
    for job in claimed:
        try:
            async with asyncio.timeout(JOB_S):
                await (kinds or KINDS)[job.kind](job)
        except Exception as error:
            log.warning("job %s of kind %s failed at try %d", job.id, job.kind, job.attempts, exc_info=True)
            await jobs.failed(job, error)
        else:
            await jobs.done(job)
    return bool(claimed)


async def _announce(job: jobs.Claimed) -> None:
    await publishing.announce(_subject(job))


def _subject(job: jobs.Claimed) -> UUID:
    if job.subject_id is None:
        raise ValueError(f"a job of kind {job.kind} needs a subject")
    return job.subject_id


KINDS: Mapping[str, Work] = {
    "article.announce": _announce,
    "article.retire": _announce,
}
