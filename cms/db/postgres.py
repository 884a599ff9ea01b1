"""PostgreSQL: the connections that the read engine's statements run on, and what Tortoise's leave out.

A statement is parsed and planned once on each connection and kept there (docs/decisions/0011); those that are known are planned
before a connection serves its first request.  The pool is our own: asyncpg's gives each connection back in a task of its own,
which takes 40 us of processor time for each read; a read itself takes 65.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias

import asyncpg

from cms.db.faults import fault, unavailable

KEPT = 128  # statements on a connection, the latest used: plans of a hundred pages take it some 40 MB
KNOWN = 32  # statements that a new connection plans before it serves; an article page takes 20 ms

WAIT_S = 4  # for a connection; with the statement's own limit it stays below a request's
CLOSE_S = 5

log = logging.getLogger("dateline.db")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Writing(asyncpg.Connection):  # type: ignore[misc]
    """What Tortoise writes on.  An open transaction is rolled back when it is given back, as by asyncpg; nothing else is
    reset, for the verbs leave nothing else: they take no lock that outlasts a transaction, set nothing and do not listen."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class PostgreSQLReads:
    """`given` are the credentials as Tortoise takes them, `size` the most connections; `open` makes the first."""

    def __init__(self, given: dict[str, Any], size: int):
        names = ("host", "port", "user", "password", "database", "timeout", "command_timeout")
        own = {"application_name": "dateline reads", "jit": "off", "plan_cache_mode": "force_generic_plan"}
        self._given = {
            **{name: given[name] for name in names},
            "server_settings": {**given["server_settings"], **own},
            "statement_cache_size": KEPT,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,  # else one of 15 kB or more is parsed and planned for each request
        }
        self._size, self._count = size, 0  # the most connections, and how many there are or are being made
        self._idle: deque[Connection] = deque()  # the one used last is taken first
        self._turns: deque[asyncio.Future[Connection | None]] = deque()  # of those who wait, the longest first
        self._closed = False
        self._known: dict[str, int] = {}  # statements, and how many parameters each has
        self._warming = asyncio.Lock()

    async def open(self) -> None:
        """Raises what the driver raises."""
        self._give_back(await self._take())

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str:
        value: str = (await self.row(sql, parameters))[0]
        return value

    async def row(self, sql: str, parameters: Sequence[Any] = ()) -> Sequence[Any]:
        """The first row of what the statement finds.  Raises Unavailable."""
        connection = None
        try:
            connection = await self._take()
            found: Sequence[Any] = await connection.fetchrow(sql, *parameters)
        except BaseException as error:
            if connection is not None:
                if isinstance(error, TimeoutError | asyncio.CancelledError):
                    connection.terminate()  # it is still at work
                self._give_back(connection)
            if lost := fault(error):
                raise lost from error
            raise
        self._give_back(connection)
        return found

    async def warm(self, statements: Sequence[str]) -> None:
        """See Database.warm."""
        held: list[Connection] = []
        async with unavailable(), self._warming:
            try:
                known = {}
                for sql in statements[:KNOWN]:
                    held = held or [await self._take()]
                    known[sql] = await _parameters(held[0], sql)
                self._known = known
                while known and len(held) < self._size:
                    held.append(await self._take())
                await asyncio.gather(*map(self._plan, held))
            finally:
                for one in held:
                    self._give_back(one)

    async def close(self) -> None:
        self._closed = True
        try:
            async with asyncio.timeout(CLOSE_S):
                await asyncio.gather(*(one.close() for one in self._idle))
        except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError):
            for one in self._idle:
                one.terminate()

    async def _take(self) -> Connection:
        """An open connection, for as long as it is not given back.  Raises TimeoutError where none becomes free."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._count -= 1
        if self._count < self._size:
            self._count += 1
            return await self._connect()
        turn: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            async with asyncio.timeout(WAIT_S):
                given = await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # it was given while this one gave up
                self._give_back(turn.result())
            raise
        return given or await self._connect()

    def _give_back(self, connection: "Connection | None") -> None:
        """To whoever waits longest.  What is closed, or None, is a place for another one."""
        if self._closed and connection is not None:
            connection.terminate()
        if connection is not None and connection.is_closed():
            connection = None
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._idle.append(connection)
        else:
            self._count -= 1

    async def _connect(self) -> Connection:
        """On a place that is counted already."""
        try:
            made: Connection = await asyncpg.connect(**self._given)
        except BaseException:
            self._give_back(None)
            raise
        try:
            await self._plan(made)
        except BaseException:
            made.terminate()
            self._give_back(made)
            raise
        return made

    async def _plan(self, connection: Connection) -> None:
        """Runs each known statement with NULLs for its parameters, which finds next to nothing: its plan stays."""
        for sql, parameters in self._known.items():
            try:
                await connection.fetchval(sql, *[None] * parameters)
            except asyncpg.PostgresError as error:  # a connection without a plan is better than none
                log.warning("A known statement could not be planned: %s", error)


async def _parameters(connection: Connection, sql: str) -> int:
    """How many the statement has."""
    return len((await connection.prepare(sql)).get_parameters())
