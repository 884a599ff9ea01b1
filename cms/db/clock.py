"""The database's clock: it decides what readers see and when work is due, whatever the clocks of the processes say."""

from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

# as columns.Instant writes it; on PostgreSQL the start of the transaction, so that what is set to "now" holds at once
# for the statements that follow in it
NOW = {"sqlite": "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')", "postgres": "now()"}


def dialect() -> str:
    """ "sqlite" or "postgres", of the open database."""
    return str(get_connection("default").capabilities.dialect)


async def now() -> datetime:
    """This instant on the database's clock, aware, in UTC; milliseconds on SQLite."""
    rows = await get_connection("default").execute_query_dict(f"SELECT {NOW[dialect()]} AS now")
    return instant(rows[0]["now"])


def instant(value: Any) -> datetime:
    """A column of a raw statement as a datetime: SQLite keeps instants as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
