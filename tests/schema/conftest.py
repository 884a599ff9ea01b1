"""The product over HTTP, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cms.actions import accounts
from cms.actor import SYSTEM, Role
from tests.web import Web, serving

PASSWORD = "a long enough password"


@pytest.fixture
async def web(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    """An empty newsroom, asked by nobody in particular."""
    async with serving(database, f"file:{tmp_path}/media") as web:
        yield web


async def signed_in(web: Web, role: Role, *sections: object) -> Web:
    """The same, asked by a new person of this role."""
    email = f"{role.lower()}@desk.test"
    person = {"name": role.title(), "email": email, "password": PASSWORD, "role": role, "sections": list(sections)}
    await accounts.save_user(SYSTEM, person)
    return await web.signed_in(email, PASSWORD)


@pytest.fixture
async def editor(web: Web) -> Web:
    return await signed_in(web, "EDITOR")


@pytest.fixture
async def reader(web: Web) -> Web:
    """Signed in, and may change nothing."""
    return await signed_in(web, "READER")
