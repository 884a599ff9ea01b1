"""One random newsroom on each database, for tests that compare."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.read.desk import Desk, opened_desk


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(database, tmp_path) as desk:
        yield desk
