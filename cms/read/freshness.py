"""What stands for all content as it is now.  An answer that was made under a token holds for as long as the token does.

It changes with every committed change, and at the horizon: the next instant at which something becomes visible or is hidden
without a write, by the database's clock.  A token never stands for two contents.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cms import db
from cms.db import DialectName
from cms.db.clock import NOW
from cms.db.listen import Watch
from cms.settings import Settings

YEAR_S = 365 * 86_400

# what policy's clauses compare with the clock; each has an index that begins with it
MOMENTS = (("article", "live_from"), ("article", "live_until"), ("article", "embargo_until"), ("photo", "rights_until"))


class Freshness:
    def __init__(self, watch: Watch):
        self._watch = watch

    def token(self) -> str | None:
        """Read it before the statement runs: then the answer may be newer than its token, never older.

        None where it is not known, as after a change until the horizon is: then nothing is kept and nothing is taken from
        what is kept.  On PostgreSQL all processes have the same token from the first change on that they heard of.
        """
        known = self._watch.known()
        return known.token if known else None

    def lasts_s(self) -> float:
        """Seconds until the horizon, a year at most; 0 where it is not known."""
        known = self._watch.known()
        return min(YEAR_S, max(0.0, known.until - time.monotonic())) if known else 0.0

    async def stirred(self, most_s: float) -> bool:
        """Was something committed since the last time?  Returns soon after it was, and after `most_s` at the latest; for one
        alone who waits."""
        return await self._watch.stirred(most_s)


@asynccontextmanager
async def watching(settings: Settings) -> AsyncIterator[Freshness]:
    """Of the database that these settings name, until the block ends."""
    async with db.watching(settings, HORIZON) as watch:
        yield Freshness(watch)


def _latest(now: str) -> str:
    """What time has brought so far."""
    each = (f"SELECT max({column}) AS at FROM {table} WHERE {column} <= {now}" for table, column in MOMENTS)
    return f"SELECT max(at) AS at FROM ({' UNION ALL '.join(each)}) past"


def _next(now: str) -> str:
    """An unpublished story's far `live_from` is one too, and does no harm."""
    each = (f"SELECT min({column}) AS at FROM {table} WHERE {column} > {now}" for table, column in MOMENTS)
    return f"SELECT min(at) AS at FROM ({' UNION ALL '.join(each)}) coming"


# the last instant is part of the token, so that processes which ask at different times say the same
HORIZON: dict[DialectName, str] = {
    "postgres": f"SELECT (SELECT (extract(epoch FROM at) * 1000000)::bigint::text FROM ({_latest(NOW['postgres'])}) l), "
    f"(SELECT extract(epoch FROM at - now())::float8 FROM ({_next(NOW['postgres'])}) n)",
    "sqlite": f"SELECT (SELECT at FROM ({_latest(NOW['sqlite'])})), "
    f"(SELECT (julianday(at) - julianday('now')) * 86400.0 FROM ({_next(NOW['sqlite'])}))",
}
