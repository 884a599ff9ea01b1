"""A newsroom that files of other systems are brought into."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from cms.cli.importing import READERS
from cms.transfer.bring import Parts, Report, bring
from tests import pictures
from tests.web import Web

Import = Callable[..., Coroutine[Any, Any, Report]]


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A folder with `one.jpg` and `two.jpg`, which carry no credit."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "one.jpg").write_bytes(pictures.jpeg(320, 200))
    (folder / "two.jpg").write_bytes(pictures.jpeg(321, 200))
    return folder


@pytest.fixture
def bring_in(web: Web, tmp_path: Path, media: Path) -> Import:
    """Import a text, or a file, of a format into the newsroom of `web`."""

    async def run(format: str, what: str | Path, **given: Any) -> Report:
        file = what if isinstance(what, Path) else tmp_path / "import"
        if isinstance(what, str):
            file.write_bytes(what.encode())  # noqa: ASYNC240
        services = web.services
        parts = {"media": media, **given}
        done: list[int] = []
        issue = READERS[format](file)
        report = await bring(
            issue,
            Parts(services.settings, services.store, services.workshop, **parts),
            lambda count: done.append(count),
        )
        assert done[-1] == issue.count
        return report

    return run
