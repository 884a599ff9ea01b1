"""A lost, slow or full database, in the product's own words."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tortoise.exceptions import DBConnectionError, OperationalError

from cms.errors import CMSError, Unavailable

_LOST = (
    OSError,
    DBConnectionError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it shuts down, or starts
    asyncpg.InsufficientResourcesError,  # too many connections, a full disk
    asyncpg.DeadlockDetectedError,  # two held what the other wanted: one is undone, and may try again
)
_SLOW = (TimeoutError, asyncpg.QueryCanceledError)


@asynccontextmanager
async def unavailable() -> AsyncIterator[None]:
    """A lost database is UNAVAILABLE, whoever noticed it."""
    try:
        yield
    except CMSError:
        raise
    except Exception as error:
        if found := fault(error):
            raise found from error
        raise


def fault(error: BaseException) -> Unavailable | None:
    """What an error of a database driver means to the caller; None where it is no matter of reach."""
    if isinstance(error, _SLOW):  # first: they are kinds of what follows
        return Unavailable("The database took too long to answer; try again.")
    if isinstance(error, _LOST):
        return Unavailable("The database is not available just now; try again.")
    words = ("disk", "locked", "readonly", "statement timeout", "unable to open")
    # what SQLite says to BEGIN comes past Tortoise
    if isinstance(error, OperationalError | sqlite3.OperationalError) and any(word in str(error) for word in words):
        return Unavailable("The database cannot take this just now; try again.")
    return None
