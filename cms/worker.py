"""The background half: takes jobs that are due and runs the function that stands for their kind.

Runs inside the web process on the embedded default, or as processes of its own, as many as one likes.  A job that fails
is tried again later; a database that is lost is waited for.  On stop the job in hand is finished, nothing more is taken.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from cms import jobs, purge
from cms.actions import accounts, arrivals, idempotent, killing, previews, publishing
from cms.web import images
from cms.web.services import Services

POLL_S = 1.0
JOB_S = 15.0  # below the 20 s within which a stop must be done, and below the lease
TIDY_S = 3600.0
URGENT = ("photo.purge",)

log = logging.getLogger("dateline.worker")

Work = Callable[[jobs.Claimed], Awaitable[None]]


async def run(
    stop: asyncio.Event, kinds: "Mapping[str, Work] | None" = None, beside: Sequence[Awaitable[None]] = ()
) -> None:
    """Work until `stop` is set, within an open database.  Returns at most JOB_S seconds after that.

    What is urgent is also done beside the rest: it waits for no picture that is being worked on.  So is what `beside` does.
    """
    urgent = tuple(one for one in URGENT if one in (kinds or KINDS))
    await asyncio.gather(_work(stop, kinds), *([_work(stop, kinds, urgent)] if urgent else []), *beside)


async def _work(stop: asyncio.Event, kinds: "Mapping[str, Work] | None", only: tuple[str, ...] = ()) -> None:
    tidy_at = time.monotonic()
    while not stop.is_set():
        try:
            if time.monotonic() >= tidy_at and not only:
                await accounts.forget_expired_sessions()
                await previews.tidy()
                await accounts.forget_old_tries()
                await idempotent.forget_old()
                if "uploads.clear" in (kinds or KINDS):
                    await jobs.enqueue("uploads.clear", None, {})
                tidy_at = time.monotonic() + TIDY_S
            if await work_once(kinds or KINDS, only):
                continue
            pause = min(POLL_S, await jobs.wait_s() or POLL_S)
        except Exception:  # the database is lost, or full: it is waited for, and the next round tries again
            log.exception("the worker could not take a job")
            pause = POLL_S
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            pass


async def work_once(kinds: "Mapping[str, Work] | None" = None, only: tuple[str, ...] = ()) -> bool:
    """Take one job that is due, of the kinds in `only` if there are any, and run it; False where there was none.

    A failing job is put off, never raised.
    """
    claimed = await jobs.claim(1, only)
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


async def _purge(services: Services, job: jobs.Claimed) -> None:
    if urls := services.settings.caches:
        await purge.purge(urls, await killing.surrogate_keys(_subject(job)))


async def _erase(services: Services, job: jobs.Claimed) -> None:
    await killing.erase(services.store, _subject(job))


async def _prepare(services: Services, job: jobs.Claimed) -> None:
    await images.prepare(services, _subject(job))


async def _reap(services: Services, job: jobs.Claimed) -> None:
    await images.reap(services, _subject(job))


async def _clear(services: Services, job: jobs.Claimed) -> None:
    await arrivals.clear(services.store)


def _subject(job: jobs.Claimed) -> UUID:
    if job.subject_id is None:
        raise ValueError(f"a job of kind {job.kind} needs a subject")
    return job.subject_id


KINDS: Mapping[str, Work] = {
    "article.ahead": _announce,
    "article.announce": _announce,
    "article.retire": _announce,
}
# those that need the store, the decoder or the settings
WITH_SERVICES: Mapping[str, Callable[[Services, jobs.Claimed], Awaitable[None]]] = {
    "photo.purge": _purge,
    "photo.erase": _erase,
    "photo.prepare": _prepare,
    "photo.reap": _reap,
    "uploads.clear": _clear,
}


def kinds(services: Services) -> Mapping[str, Work]:
    """Every kind of job there is."""
    return {**KINDS, **{kind: partial(work, services) for kind, work in WITH_SERVICES.items()}}
