"""The product over HTTP, on each database, with the desk "World" and nothing published."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import house
from tests.web import Web, serving


@pytest.fixture
async def web(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(
        database, f"file:{tmp_path}/media", site_name="Example Times", site_time_zone="Asia/Seoul"
    ) as web:
        await house.section("World")
        yield web
