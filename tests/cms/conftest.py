"""A newsroom on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cms import db
from tests import house
from tests.web import Web, serving


@pytest.fixture
async def newsroom(database: str) -> AsyncIterator[db.Database]:
    """An open database with no rows, on SQLite and on PostgreSQL."""
    async with house.opened(database) as opened:
        yield opened


@pytest.fixture
async def web(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    """The product over HTTP, with the desk "World" and nothing published."""
    async with serving(database, f"file:{tmp_path}/media", site_name="Example Times") as web:
        await house.section("World")
        yield web
