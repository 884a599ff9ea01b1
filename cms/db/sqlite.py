"""SQLite: one writer inside Tortoise, and a read-only connection for the read engine."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper

from cms.errors import TooComplex, Unavailable


class SQLiteReads:
    """A read-only connection on the live file.  WAL lets it read while the one writer writes."""

    def __init__(self, path: Path, seconds: float):
        # `mode=ro` needs the file: the writer makes it first, at migration
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, cached_statements=512)
        self._connection.execute("PRAGMA query_only = ON")
        self._seconds, self._deadline = seconds, 0.0
        self._connection.set_progress_handler(lambda: time.monotonic() > self._deadline, 100_000)

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str:
        self._deadline = time.monotonic() + self._seconds
        try:
            value: str = self._connection.execute(sql, parameters).fetchone()[0]
        except sqlite3.OperationalError as error:
            if "parser stack" in str(error) or "Expression tree" in str(error):
                raise TooComplex("This selection nests deeper than this database can parse.") from error
            if "no such" in str(error) or "syntax" in str(error):
                raise
            raise Unavailable("The database cannot answer this just now; try again.") from error
        return value

    async def warm(self, statements: Sequence[str]) -> None:
        """Nothing: here a statement is compiled at its first use, in less than a millisecond."""

    async def close(self) -> None:
        self._connection.close()


class _ImmediateTransaction(SqliteTransactionWrapper):
    """BEGIN IMMEDIATE: a transaction that reads first and writes later would otherwise fail with SQLITE_BUSY as soon as
    another process (`dateline user add`) had written in between; this one waits its turn."""

    async def begin(self) -> None:
        self._finalized = False
        connection: Any = self._connection
        await connection.execute("BEGIN IMMEDIATE")

    async def execute_script(self, query: str) -> None:
        """A single statement: executescript() would commit first."""
        await self.execute_query(query)


class EmbeddedClient(SqliteClient):
    def _in_transaction(self) -> SqliteTransactionContext:
        return SqliteTransactionContext(_ImmediateTransaction(self), self._lock)


client_class = EmbeddedClient  # the name under which Tortoise looks an engine up
