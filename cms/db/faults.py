"""A lost, slow or full database, in the product's own words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tortoise.exceptions import DBConnectionError, OperationalError

from cms.errors import CMSError, Unavailable


@asynccontextmanager
async def unavailable() -> AsyncIterator[None]:
    """A lost database is UNAVAILABLE, whoever noticed it."""
    try:
        yield
    except CMSError:
        raise
    except (OSError, DBConnectionError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as error:
        raise Unavailable("The database is not available just now; try again.") from error
    except (TimeoutError, asyncpg.QueryCanceledError) as error:
        raise Unavailable("The database took too long to answer; try again.") from error
    except OperationalError as error:
        if any(word in str(error) for word in ("disk", "locked", "readonly", "statement timeout")):
            raise Unavailable("The database cannot take this just now; try again.") from error
        raise
