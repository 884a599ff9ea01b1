"""PostgreSQL: the pool that the read engine's statements run on."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from cms.db.faults import unavailable


async def open_reads(given: dict[str, Any], size: int) -> "PostgreSQLReads":
    """`given` are the credentials as Tortoise takes them."""
    names = ("host", "port", "user", "password", "database", "timeout", "command_timeout")
    pool = await asyncpg.create_pool(
        **{name: given[name] for name in names},
        min_size=1,
        max_size=size,
        server_settings={**given["server_settings"], "application_name": "dateline reads", "jit": "off"},
        statement_cache_size=512,
        max_cached_statement_lifetime=0,
        reset=_keep,
    )
    return PostgreSQLReads(pool)


class PostgreSQLReads:
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]"):
        self._pool = pool

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str:
        async with unavailable():
            value: str = await self._pool.fetchval(sql, *parameters)
            return value

    async def close(self) -> None:
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()


async def _keep(_connection: object) -> None:
    """Reads change no session state, so there is nothing to reset."""
