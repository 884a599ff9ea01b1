"""What tests run on: a fresh database of each kind, a fresh store of each kind, a browser.  All of it real."""

import os
import shutil
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, async_playwright
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms import db
from cms.settings import Settings
from tests import services
from tests.services import ceph, postgres
from tests.services.s3 import S3

# for root, and to keep the browser off the network
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The URL of a database with every table and no row, on each of the two: a copy, made in 30 ms."""
    # Tortoise keeps each model's statements for the whole process, and those of one database do not suit the other
    EXECUTOR_CACHE.clear()
    if request.param == "sqlite":
        template, copy = tmp_path_factory.getbasetemp() / "newsroom.sqlite3", tmp_path / "newsroom.sqlite3"
        if not template.exists():
            await db.migrate(Settings(database_url=f"sqlite:///{template}"))
        shutil.copyfile(template, copy)
        yield f"sqlite:///{copy}"
        return
    server, name = services.address("postgres"), f"test_{uuid4().hex}"
    await postgres.create(server, name)
    yield f"{server}/{name}"
    await postgres.drop(server, name)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> S3:
    """The S3 server, with its keys in the environment for as long as the test runs: SeaweedFS, or Ceph with TEST_S3=ceph."""
    kind = os.environ.get("TEST_S3", "s3")
    if kind == "ceph" and (lacking := ceph.lacking()):
        pytest.skip(f"Ceph is not installed here ({', '.join(lacking)}); scripts/ceph.sh installs it, or says how.")
    server = _s3(kind)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture(params=["local", "s3"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """DATELINE_STORAGE_URL of an empty store, on each of the two."""
    if request.param == "local":
        return f"file:{tmp_path}/media"
    server: S3 = request.getfixturevalue("s3")
    return server.url(server.bucket())


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium, without a window."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "There is no chromium here; `make test` installs it, or says how."
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        await browser.close()


@cache
def _s3(kind: str) -> S3:
    """One for each process, for its client takes 0.2 s to make."""
    return S3(services.address(kind))
