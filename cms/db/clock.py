"""The database's clock: it decides what readers see and when work is due, whatever the clocks of the processes say."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

# as columns.Instant writes it; on PostgreSQL the start of the transaction, so that what is set to "now" holds at once
# for the statements that follow in it
NOW = {"sqlite": "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')", "postgres": "now()"}


def dialect() -> str:
    """ "sqlite" or "postgres", of the open database."""
    return str(get_connection("default").capabilities.dialect)


@dataclass
class _Moment:
    at: datetime | None = None
    over: bool = False


_moment: ContextVar[_Moment | None] = ContextVar("moment", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """Inside, `now()` is one instant and asked once: for a transaction, to PostgreSQL it is so anyway."""
    moment = _Moment()
    token = _moment.set(moment)
    try:
        yield
    finally:
        moment.over = True  # a task that was begun inside may go on
        _moment.reset(token)


def heard(at: datetime) -> None:
    """A statement of the transaction brought the clock along."""
    if (moment := _moment.get()) and not moment.over:
        moment.at = moment.at or at


async def now() -> datetime:
    """This instant on the database's clock, aware, in UTC; milliseconds on SQLite."""
    moment = _moment.get()
    if moment and moment.at and not moment.over:
        return moment.at
    rows = await get_connection("default").execute_query_dict(f"SELECT {NOW[dialect()]} AS now")
    at = instant(rows[0]["now"])
    if moment:
        moment.at = at
    return at


def instant(value: Any) -> datetime:
    """A column of a raw statement as a datetime: SQLite keeps instants as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
