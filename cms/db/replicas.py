"""Standbys that answer anonymous readers, and how it is known that their answers are new enough.

Whoever reads says by which token (cms.read.freshness) the content is known.  Once for each token the primary is asked how far
its log and its clock are; a standby has the content once it has replayed the log up to there and its own clock shows that
instant: what readers see hangs on both.  Until then, and wherever a standby is gone, the primary answers.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from cms.db.postgres import PostgreSQLReads
from cms.errors import Unavailable

ASK_S = 0.05  # how often a standby that is behind is asked, at the most
AHEAD_S = 1.0  # a clock that runs ahead of the primary's by more would show stories before their hour
FIRST_WAIT_S, MOST_WAIT_S = 1.0, 30.0  # before one that is gone is tried again

# bytes of the log, and seconds; what is inserted, not what is written: a commit may be acknowledged before that
PRIMARY = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, extract(epoch FROM clock_timestamp())::float8"
# NULL where it is no standby (any more)
STANDBY = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint, extract(epoch FROM clock_timestamp())::float8"

log = logging.getLogger("dateline.db")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the primary was when the content was known by this token; `asked_at` is an instant of time.monotonic()."""

    token: str
    position: int
    clock: float
    asked_at: float


class _Standby:
    def __init__(self, name: str, reads: PostgreSQLReads):
        self.name, self.reads = name, reads
        self.has: str | None = None  # the token whose content it is known to have
        self.asking: asyncio.Task[None] | None = None
        self.retry_at, self._wait_s = 0.0, 0.0  # no wait: it is there

    async def ask(self, mark: Mark) -> None:
        try:
            position, clock = await self.reads.row(STANDBY)
        except (Unavailable, asyncpg.PostgresError):
            self.lost()
            return
        if self._wait_s:
            self._wait_s = 0.0
            log.info("A standby is back.", extra={"facts": {"standby": self.name}})
        ahead_s = clock - mark.clock - (time.monotonic() - mark.asked_at)
        there = position is not None and position >= mark.position and clock >= mark.clock and ahead_s < AHEAD_S
        self.has = mark.token if there else None

    def lost(self) -> None:
        now = time.monotonic()
        self.has = None
        if now < self.retry_at:
            return  # all the reads that were under way notice
        if not self._wait_s:
            log.warning(
                "A standby is gone; the others and the primary answer.", extra={"facts": {"standby": self.name}}
            )
        self._wait_s = min(self._wait_s * 2, MOST_WAIT_S) or FIRST_WAIT_S
        self.retry_at = now + self._wait_s


class Replicas:
    """`standbys` are their pools by name; none needs to be reachable."""

    def __init__(self, primary: PostgreSQLReads, standbys: Mapping[str, PostgreSQLReads]):
        self._primary = primary
        self._standbys = [_Standby(name, reads) for name, reads in standbys.items()]
        self._mark: Mark | None = None
        self._turn, self._looked_at = 0, 0.0
        self._looking: asyncio.Task[None] | None = None

    async def fetch(self, sql: str, parameters: Sequence[Any], token: str) -> str:
        """The one value of a read statement, from a standby that has this content or from the primary; raises as that does."""
        having = [one for one in self._standbys if one.has == token]
        if len(having) < len(self._standbys):
            self._look_again(token)
        self._turn += 1
        for n in range(len(having)):
            standby = having[(self._turn + n) % len(having)]
            try:
                return await standby.reads.fetch(sql, parameters)
            except Unavailable as error:
                if isinstance(error.__cause__, asyncpg.QueryCanceledError):
                    raise  # it took too long, and would again
                standby.lost()
            except asyncpg.PostgresError:  # in the way of the replay, or older than a migration
                pass
        return await self._primary.fetch(sql, parameters)

    async def warm(self, statements: Sequence[str]) -> None:
        """See Database.warm."""
        for one in self._standbys:
            try:
                await one.reads.warm(statements)
            except Unavailable:
                one.lost()

    async def close(self) -> None:
        tasks = [one for one in (self._looking, *(one.asking for one in self._standbys)) if one]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in self._standbys:
            await one.reads.close()

    def _look_again(self, token: str) -> None:
        now = time.monotonic()
        if now - self._looked_at >= ASK_S and _idle(self._looking):
            self._looked_at, self._looking = now, asyncio.create_task(self._look(token))

    async def _look(self, token: str) -> None:
        if self._mark is None or self._mark.token != token:
            try:
                position, clock = await self._primary.row(PRIMARY)
            except (Unavailable, asyncpg.PostgresError):
                return  # nobody can tell how new a standby is
            self._mark = Mark(token, position, clock, time.monotonic())
        for one in self._standbys:
            # each for itself: one that hangs holds up no other
            if one.has != token and time.monotonic() >= one.retry_at and _idle(one.asking):
                one.asking = asyncio.create_task(one.ask(self._mark))


def _idle(task: "asyncio.Task[None] | None") -> bool:
    return task is None or task.done()
