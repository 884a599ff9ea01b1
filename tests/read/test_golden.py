"""The SQL of a few documents, as files that are read in review.  `GOLDEN=write` rewrites them; the difference is the review."""

import os
import re
from pathlib import Path

import pytest

from cms.actor import ANONYMOUS
from cms.app import opened
from cms.settings import Settings
from schema.engine import Engine
from schema.request import Asked
from schema.selection import shaped

FOLDER = Path(__file__).parents[1] / "golden" / "reads"
VARIABLES = {"slug": "a-story", "first": 20}
BREAKS = re.compile(r"(?<!CROSS)(?<!LEFT) (?=FROM |WHERE |ORDER BY |LIMIT |CROSS JOIN |LEFT JOIN |JOIN |SELECT )")


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.graphql")))
async def test_a_document_becomes_the_statement_that_was_reviewed(database: str, tmp_path: Path, name: str) -> None:
    settings = Settings(database_url=database, storage_url=f"file:{tmp_path}/media", site_url="https://news.example")
    async with opened(settings) as services:
        operation = Engine(services).prepare(Asked((FOLDER / f"{name}.graphql").read_text()))
        shape = operation.fast(shaped(operation.coerce(VARIABLES)))
        assert shape is not None
        sql = BREAKS.sub("\n", services.reader.plan(shape, ANONYMOUS).sql) + "\n"
        golden = FOLDER / f"{name}.{services.database.dialect}.sql"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(sql)
    assert golden.read_text() == sql
