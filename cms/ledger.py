"""What happened, in order, once.  Appended in the transaction of the change itself; read by cursor.

The order is (epoch, xid, position).  On PostgreSQL `xid` is the transaction's id and a reader stops below the oldest
transaction still running (`pg_snapshot_xmin`): a row that commits late is then never stepped over, as it would be with
a sequence alone (212 to 1,128 rows skipped of 40,000).  Rows of one subject keep their real order only because each verb
locks its subject before it writes.  SQLite has one writer; there position alone is the order.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from tortoise.connection import get_connection

from cms.actor import Actor
from cms.db.clock import NOW, dialect, instant
from cms.errors import BadCursor
from cms.models import Change

Kind = Literal[
    "ARTICLE_PUBLISHED",
    "ARTICLE_UPDATED",
    "ARTICLE_CORRECTED",
    "ARTICLE_UNPUBLISHED",
    "ARTICLE_WITHDRAWN",
    "PHOTO_UPDATED",
    "PHOTO_RIGHTS_CHANGED",
    "PHOTO_WITHDRAWN",
]

KINDS: tuple[str, ...] = get_args(Kind)
START = "0-0-0"  # the cursor before the first change


@dataclass(frozen=True, slots=True)
class Entry:
    """One change.  `cursor` continues behind it."""

    cursor: str
    at: datetime
    kind: str
    subject_type: str
    subject_id: UUID
    version: int
    note: str | None
    by: str


async def append(
    kind: Kind,
    subject_type: str,
    subject_id: UUID,
    version: int,
    actor: Actor,
    note: str | None = None,
    *,
    ahead: bool = False,
) -> None:
    """Write one row in the caller's transaction.  `note` is read by partners: only what was written for them.

    `ahead` is for what happens under embargo: those are told who get embargoed stories.
    """
    values = [kind, subject_type, str(subject_id), version, note, actor.name, ahead]
    await get_connection("default").execute_query(_APPEND[dialect()], values)


async def after(cursor: str, limit: int) -> list[Entry]:
    """Up to `limit` changes behind `cursor`, oldest first; START for all of them.  Raises BadCursor.

    What is returned once stays behind its cursor for ever: nothing is later slipped in before it.
    """
    rows = await _query(_AFTER[dialect()], [*place(cursor), limit])
    return [_entry(row) for row in rows]


async def head() -> str:
    """The cursor of the newest settled change: what comes after it is what happens from now on."""
    rows = await _query(_HEAD[dialect()])
    return _cursor(rows[0]) if rows else START


async def of(subject_id: UUID) -> list[Entry]:
    """All that was told about `subject_id`, oldest first."""
    return [_entry(row) for row in await _query(_OF[dialect()], [str(subject_id)])]


class Told(NamedTuple):
    """What was told last about a subject: to all, and to those who get embargoed stories (None where that came before)."""

    kind: str | None
    ahead: str | None


async def told(subject_id: UUID) -> Told:
    """Under the subject's lock it stays true."""
    # the verbs' locks make position the real order of one subject's rows
    rows = Change.filter(subject_id=subject_id).order_by("-epoch", "-position").only("position", "kind", "ahead")
    newest = await rows.first()
    if newest is None or not newest.ahead:
        return Told(newest.kind if newest else None, None)
    public = await rows.filter(ahead=False).first()
    return Told(public.kind if public else None, newest.kind)


# xid8 goes through text: there is no cast to bigint.  The epoch stands in the rows; a restore raises it.
_EPOCH = "COALESCE((SELECT max(epoch) FROM change), 1)"
_INTO = 'INSERT INTO change (epoch, xid, at, kind, subject_type, subject_id, version, note, "by", ahead)'
_APPEND = {
    "postgres": f"{_INTO} VALUES ({_EPOCH}, pg_current_xact_id()::text::bigint, now(), $1, $2, $3, $4, $5, $6, $7)",
    "sqlite": f"{_INTO} VALUES ({_EPOCH}, 0, {NOW['sqlite']}, ?, ?, ?, ?, ?, ?, ?)",
}
_COLUMNS = 'epoch, xid, position, at, kind, subject_type, subject_id, version, note, "by"'
# ids of an earlier epoch are another cluster's: they say nothing about transactions that run here
_XMIN = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_SETTLED = f"(xid < {_XMIN} OR epoch < {_EPOCH})"
SETTLED = {"postgres": _SETTLED, "sqlite": "1 = 1"}  # over rows of `change`: nothing will come before them any more
_AFTER = {
    "postgres": f"SELECT {_COLUMNS} FROM change WHERE (epoch, xid, position) > ($1, $2, $3) AND {_SETTLED} "
    "ORDER BY epoch, xid, position LIMIT $4",
    "sqlite": f"SELECT {_COLUMNS} FROM change WHERE (epoch, xid, position) > (?, ?, ?) "
    "ORDER BY epoch, xid, position LIMIT ?",
}
_OF = {
    name: f"SELECT {_COLUMNS} FROM change WHERE subject_id = {mark} ORDER BY epoch, position"
    for name, mark in (("postgres", "$1"), ("sqlite", "?"))
}
_NEWEST = "ORDER BY epoch DESC, xid DESC, position DESC LIMIT 1"
_HEAD = {
    "postgres": f"SELECT epoch, xid, position FROM change WHERE {_SETTLED} {_NEWEST}",
    "sqlite": f"SELECT epoch, xid, position FROM change {_NEWEST}",
}
_CURSOR = re.compile(r"([0-9]{1,9})-([0-9]{1,18})-([0-9]{1,18})")


def place(cursor: str) -> tuple[int, int, int]:
    """(epoch, xid, position).  Raises BadCursor."""
    found = _CURSOR.fullmatch(cursor)
    if not found:
        raise BadCursor("This cursor does not belong to the ledger.")
    epoch, xid, position = (int(part) for part in found.groups())
    return epoch, xid, position


def _cursor(row: Any) -> str:
    return f"{row['epoch']}-{row['xid']}-{row['position']}"


def _entry(row: Any) -> Entry:
    return Entry(
        cursor=_cursor(row),
        at=instant(row["at"]),
        kind=row["kind"],
        subject_type=row["subject_type"],
        subject_id=row["subject_id"] if isinstance(row["subject_id"], UUID) else UUID(row["subject_id"]),
        version=row["version"],
        note=row["note"],
        by=row["by"],
    )


async def _query(sql: str, values: Sequence[Any] = ()) -> list[Any]:
    return await get_connection("default").execute_query_dict(sql, list(values))
