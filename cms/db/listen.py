"""What is known about the content as it is now: a token that changes with it, and until when time alone leaves it as it is.

PostgreSQL tells: every verb's transaction sends its mark, which all processes hear in the order of the commits.  SQLite is
asked: a connection that does not write sees by `data_version` (2 us) that another one committed, in whichever process.
Where nothing can be known, nothing is said: an answer that is kept must not outlive a change that was not heard of.
"""

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

import asyncpg
from tortoise.connection import get_connection

CHANNEL = "dateline_content"

PULSE_S = 2.0  # what is known is asked for again after so long, though nothing was heard
GOOD_S = 2 * PULSE_S  # a line that went dead without a word is not believed for longer
LOOK_S = 0.02  # between two looks at a file that somebody waits for
EARLY_S = 0.002  # SQLite's clock counts milliseconds
FIRST_WAIT_S, MOST_WAIT_S = 0.1, 5.0  # before the line is tried again

log = logging.getLogger("dateline.db")


@dataclass(frozen=True, slots=True)
class Known:
    """`until` and `good_until` are instants of time.monotonic(): when time alone changes what is visible, and when this has
    to have been asked for again."""

    token: str
    until: float
    good_until: float

    def holds(self, at: float) -> bool:
        return at < self.until and at < self.good_until


class Watch(Protocol):
    """Of one database, with one question: a SELECT of one row that says what time has changed so far (a text that never
    comes back) and in how many seconds it will change something next (None: never)."""

    def known(self) -> Known | None:
        """None where nothing is sure just now."""

    async def stirred(self, most_s: float) -> bool:
        """Was something committed since the last time?  Returns soon after it was, and after `most_s` at the latest.  For
        one alone who waits."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


# ---------------------------------------------------------------------------------------------------------- PostgreSQL


async def tell() -> str | None:
    """Last statement of a transaction: its mark goes to all who listen, if it commits.  None where it changed nothing.

    The instant keeps marks apart when a restored database counts its transactions again.
    """
    rows = await get_connection("default").execute_query_dict(_TELL)
    return rows[0]["mark"] if rows else None


@contextmanager
def committing(mark: str | None) -> Iterator[None]:
    """Around the commit: this process knows nothing until it has heard of its own change, so that whoever made it finds it."""
    if mark is None:
        yield
        return
    for watch in _open:
        watch.awaited.add(mark)
    try:
        yield
    except BaseException:
        for watch in _open:
            watch.awaited.discard(mark)
        raise


# a transaction that wrote nothing has no id yet, and gets none from being asked
_TELL = (
    f"SELECT mark, pg_notify('{CHANNEL}', mark) FROM (SELECT pg_current_xact_id_if_assigned()::text || '.' "
    "|| (extract(epoch FROM now()) * 1000000)::bigint AS mark) told WHERE mark IS NOT NULL"
)


class PostgreSQLWatch:
    """Listens on a connection of its own.  Until the first change it hears of, and after a loss, its mark is a random one."""

    def __init__(self, given: dict[str, Any], question: str):
        """`given` are the credentials as Tortoise takes them."""
        names = ("host", "port", "user", "password", "database", "timeout", "command_timeout")
        self._given = {name: given[name] for name in names}
        self._server_settings = {**given["server_settings"], "application_name": "dateline watch"}
        self._question = question
        self._mark: str | None = None  # of the last change; None: not listening
        self._known: Known | None = None
        self._stirred, self._tried = asyncio.Event(), asyncio.Event()
        self._told = asyncio.Event()  # of a change, somebody who waits for one
        self._task: asyncio.Task[None] | None = None
        self.awaited: set[str] = set()  # changes of this process that are being committed and were not heard yet

    def known(self) -> Known | None:
        known = self._known
        return known if known and not self.awaited and known.holds(time.monotonic()) else None

    async def stirred(self, most_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._told.wait()
                self._told.clear()
                return True
        return False

    async def open(self) -> None:
        """Returns when it listens, or when the first try failed: it goes on trying."""
        _open.add(self)
        self._task = asyncio.create_task(self._keep())
        await self._tried.wait()

    async def close(self) -> None:
        _open.discard(self)
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _keep(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._listening() as connection:
                    wait_s = FIRST_WAIT_S
                    await self._follow(connection)
            except Exception as error:
                log.warning(
                    "changes of the content are not heard, no answer is kept: %s: %s", type(error).__name__, error
                )
            self._tried.set()
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))
            wait_s = min(MOST_WAIT_S, wait_s * 2)

    @asynccontextmanager
    async def _listening(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        connection = await asyncpg.connect(**self._given, server_settings=self._server_settings)
        try:
            connection.add_termination_listener(self._lost)
            await connection.add_listener(CHANNEL, self._heard)
            self.awaited.clear()  # what was committed before that is not heard any more
            self._mark = self._mark or token_hex(8)
            yield connection
        finally:
            self._lost()
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=1)

    async def _follow(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """One statement after a change, at an instant that time changes something, and at each pulse."""
        while True:
            self._stirred.clear()
            mark, asked_at = self._mark, time.monotonic()
            passed, left_s = await connection.fetchrow(self._question, timeout=PULSE_S)
            if mark is not None and mark == self._mark:
                self._known = _known(mark, passed, left_s, asked_at)
                self._tried.set()
                wait_s = min(self._known.until, asked_at + PULSE_S) - time.monotonic()
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.001, wait_s)):
                        await self._stirred.wait()

    def _heard(self, _connection: object, _pid: int, _channel: str, mark: str) -> None:
        self._mark, self._known = mark, None
        self.awaited.discard(mark)
        self._stirred.set()
        self._told.set()

    def _lost(self, _connection: object = None) -> None:
        self._mark = self._known = None
        self._stirred.set()


_open: set[PostgreSQLWatch] = set()  # of this process: whom its own transactions keep waiting


# -------------------------------------------------------------------------------------------------------------- SQLite


class SQLiteWatch:
    """Asks when it is asked: of a read-only connection of its own."""

    def __init__(self, path: Path, question: str):
        self._path, self._question = path, question
        self._connection: sqlite3.Connection | None = None
        self._nonce = token_hex(8)  # data_version means something to one connection alone
        self._version: int | None = None
        self._looked: int | None = None  # the version that was seen last by who waits
        self._known: Known | None = None

    def known(self) -> Known | None:
        """Synchronous and at once: the file is local."""
        if self._connection is None:
            return None
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            at = time.monotonic()
            if version != self._version or not (self._known and self._known.holds(at)):
                passed, left_s = self._connection.execute(self._question).fetchone()
                self._version, self._known = version, _known(f"{self._nonce}.{version}", passed, left_s, at)
        except sqlite3.Error:
            self._known = None
        return self._known if self._known and self._known.holds(time.monotonic()) else None

    async def stirred(self, most_s: float) -> bool:
        for _ in range(max(1, round(most_s / LOOK_S))):
            before, self._looked = self._looked, self._data_version()
            if self._looked != before:
                return True
            await asyncio.sleep(LOOK_S)
        return False

    def _data_version(self) -> int | None:
        if self._connection is None:
            return None
        with suppress(sqlite3.Error):
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return version
        return None

    async def open(self) -> None:
        self._connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)

    async def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


def _known(mark: str, passed: str | None, left_s: float | None, asked_at: float) -> Known:
    until = float("inf") if left_s is None else asked_at + left_s - EARLY_S
    return Known(f"{mark}@{passed or 0}", until, asked_at + GOOD_S)
