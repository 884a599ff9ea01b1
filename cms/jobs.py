"""Work that follows a change: enqueued in its transaction, done by a worker at its hour, tried again, buried in the end.

At least once: a worker that dies leaves its lease to run out, and another takes the job.  What a job does must therefore
bear repeating.  When work is due is decided by the database's clock.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from tortoise.expressions import Q

from cms.db.clock import NOW, dialect, now
from cms.models import Job

LEASE_S = 60
MOST_TRIES = 8
FIRST_WAIT_S = 5  # doubled at each try: the eighth comes about ten minutes after the first
MOST_ERROR_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job in hand.  `attempts` counts this one."""

    id: UUID
    kind: str
    subject_id: UUID | None
    payload: dict[str, Any]
    attempts: int


async def enqueue(kind: str, subject_id: UUID | None, payload: dict[str, Any], run_at: datetime | None = None) -> None:
    """Written with the caller's transaction: no change without its job, no job without its change.  None: at once."""
    at = await now()
    await Job.create(kind=kind, subject_id=subject_id, payload=payload, run_at=run_at or at, created_at=at)


async def claim(limit: int, only: Sequence[str] = ()) -> list[Claimed]:
    """Up to `limit` jobs that are due, the oldest first, leased for LEASE_S seconds; of the kinds in `only` if there are any.

    No two workers get the same one.
    """
    connection = get_connection("default")
    await connection.execute_query(_BURY_ABANDONED[dialect()])
    chosen, values = (_CLAIM_SOME, [limit, orjson.dumps(only).decode()]) if only else (_CLAIM, [limit])
    rows = await connection.execute_query_dict(chosen[dialect()], values)
    return [_claimed(row) for row in sorted(rows, key=lambda row: (row["run_at"], str(row["id"])))]


async def done(job: Claimed) -> None:
    await Job.filter(id=job.id).delete()


async def failed(job: Claimed, error: BaseException) -> None:
    """Try again later, with jitter so that jobs which failed together do not return together; bury it after MOST_TRIES.

    Nothing where the lease ran out and another worker has the job by now.
    """
    at = await now()
    wait = timedelta(seconds=FIRST_WAIT_S * 2 ** (job.attempts - 1) * random.uniform(0.5, 1.5))
    said = f"{type(error).__name__}: {error}"[:MOST_ERROR_CHARACTERS]
    await Job.filter(id=job.id, attempts=job.attempts).update(
        lease_until=None,
        last_error=said.replace("\0", "?").encode(errors="replace").decode(),  # PostgreSQL holds no NUL
        run_at=at + wait,
        buried_at=at if job.attempts >= MOST_TRIES else None,
    )


async def wait_s() -> float | None:
    """Seconds until the next job is due, 0 for one that waits already; None where there is none."""
    job = await Job.filter(buried_at__isnull=True, lease_until__isnull=True).order_by("run_at").first()
    return max(0.0, (job.run_at - await now()).total_seconds()) if job else None


async def overdue(seconds: int) -> int:
    """How many jobs no worker has taken for so long since they were due: then none runs, or there is too much to do."""
    late = await now() - timedelta(seconds=seconds)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=late)
    return await Job.filter(free, buried_at__isnull=True, run_at__lte=late).count()


@dataclass(frozen=True, slots=True)
class Stuck:
    """A job that is overdue, or `buried`: given up.  `error` is what its last try said."""

    kind: str
    subject_id: UUID | None
    run_at: datetime
    buried: bool
    error: str | None


async def stuck(seconds: int, limit: int) -> list[Stuck]:
    """Those that `overdue` and `buried` count, the oldest first."""
    late = await now() - timedelta(seconds=seconds)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=late)
    rows = await Job.filter(Q(buried_at__isnull=False) | (free & Q(run_at__lte=late))).order_by("run_at").limit(limit)
    return [Stuck(row.kind, row.subject_id, row.run_at, row.buried_at is not None, row.last_error) for row in rows]


async def buried() -> int:
    """How many jobs were given up."""
    return await Job.filter(buried_at__isnull=False).count()


_LEASE_END = {
    "postgres": f"now() + interval '{LEASE_S} seconds'",
    "sqlite": f"(strftime('%Y-%m-%dT%H:%M:%f', 'now', '+{LEASE_S} seconds') || '000Z')",
}


def _claiming(name: str, parameter: str, locking: str, among_kinds: str = "") -> str:
    due = f"buried_at IS NULL AND run_at <= {NOW[name]} AND (lease_until IS NULL OR lease_until <= {NOW[name]})"
    chosen = f"SELECT id FROM job WHERE {due}{among_kinds} ORDER BY run_at, id LIMIT {parameter}{locking}"
    # an array is computed once; PostgreSQL may run IN's subquery again, and would then lock more than the limit
    among = f"= ANY(ARRAY({chosen}))" if name == "postgres" else f"IN ({chosen})"
    return (
        f"UPDATE job SET lease_until = {_LEASE_END[name]}, attempts = attempts + 1 WHERE id {among} "
        "RETURNING id, kind, subject_id, payload, attempts, run_at"
    )


_CLAIM = {
    "postgres": _claiming("postgres", "$1", " FOR UPDATE SKIP LOCKED"),
    "sqlite": _claiming("sqlite", "?1", ""),
}
_CLAIM_SOME = {
    "postgres": _claiming(
        "postgres",
        "$1",
        " FOR UPDATE SKIP LOCKED",
        " AND kind IN (SELECT jsonb_array_elements_text($2::jsonb))",
    ),
    "sqlite": _claiming("sqlite", "?1", "", " AND kind IN (SELECT value FROM json_each(?2))"),
}
# a job that takes its worker down with it never gets to `failed`
_BURY_ABANDONED = {
    name: f"UPDATE job SET buried_at = {now}, lease_until = NULL, last_error = COALESCE(last_error, 'abandoned') "
    f"WHERE buried_at IS NULL AND attempts >= {MOST_TRIES} AND lease_until <= {now}"
    for name, now in NOW.items()
}


def _claimed(row: Any) -> Claimed:
    subject, payload = row["subject_id"], row["payload"]
    return Claimed(
        id=UUID(str(row["id"])),
        kind=row["kind"],
        subject_id=UUID(str(subject)) if subject else None,
        payload=orjson.loads(payload) if isinstance(payload, str | bytes) else payload,
        attempts=row["attempts"],
    )
