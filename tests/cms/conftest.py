"""A newsroom on each database."""

from collections.abc import AsyncIterator

import pytest

from cms import db
from tests import house


@pytest.fixture
async def newsroom(database: str) -> AsyncIterator[db.Database]:
    """An open database with no rows, on SQLite and on PostgreSQL."""
    async with house.opened(database) as opened:
        yield opened
