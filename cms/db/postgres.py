"""PostgreSQL: the pool that the read engine's statements run on.

A statement is parsed and planned once on each connection and kept there (docs/decisions/0011); those that are known are planned
before a connection serves its first request.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import asyncpg

from cms.db.faults import unavailable

KEPT = 512  # statements on a connection: as many as cms.read.reader keeps plans
KNOWN = 32  # statements that a new connection plans before it serves; an article page takes 20 ms

log = logging.getLogger("dateline.db")


class PostgreSQLReads:
    """`given` are the credentials as Tortoise takes them, `size` the most connections; at least `least` are kept open."""

    def __init__(self, given: dict[str, Any], size: int, least: int = 1):
        names = ("host", "port", "user", "password", "database", "timeout", "command_timeout")
        own = {"application_name": "dateline reads", "jit": "off", "plan_cache_mode": "force_generic_plan"}
        self._known: dict[str, int] = {}  # statements, and how many parameters each has
        self._warming = asyncio.Lock()
        self._pool = asyncpg.create_pool(
            **{name: given[name] for name in names},
            min_size=least,
            max_size=size,
            server_settings={**given["server_settings"], **own},
            statement_cache_size=KEPT,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,  # else one of 15 kB or more is parsed and planned for each request
            max_queries=float("inf"),  # a connection that is replaced plans everything anew
            max_inactive_connection_lifetime=0,
            init=self._plan,
            reset=_keep,
        )

    async def open(self) -> None:
        """Raises what the driver raises."""
        await self._pool

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str:
        async with unavailable():
            value: str = await self._pool.fetchval(sql, *parameters)
            return value

    async def row(self, sql: str) -> Sequence[Any]:
        async with unavailable():
            found: Sequence[Any] = await self._pool.fetchrow(sql)
            return found

    async def warm(self, statements: Sequence[str]) -> None:
        """See Database.warm."""
        async with unavailable(), self._warming:
            async with self._pool.acquire() as connection:
                prepared = {sql: await connection.prepare(sql) for sql in statements[:KNOWN]}
                self._known = {sql: len(one.get_parameters()) for sql, one in prepared.items()}
            await self._pool.expire_connections()
            async with AsyncExitStack() as held:  # all at once, for the pool gives out the same one again
                for _ in range(self._pool.get_max_size()):
                    await held.enter_async_context(self._pool.acquire())

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    async def _plan(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Runs each known statement with NULLs for its parameters, which finds next to nothing: its plan stays."""
        for sql, parameters in self._known.items():
            try:
                await connection.fetchval(sql, *[None] * parameters)
            except asyncpg.PostgresError as error:  # a connection without a plan is better than none
                log.warning("A known statement could not be planned: %s", error)


async def _keep(_connection: object) -> None:
    """Reads change no session state, so there is nothing to reset."""
