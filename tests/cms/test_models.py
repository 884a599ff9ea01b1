"""The tables as the databases have them."""

import pytest
from tortoise.connection import get_connection

from cms.db import Database

pytestmark = pytest.mark.usefixtures("newsroom")

POSTGRES = """SELECT c.conrelid::regclass::text AS "table", a.attname AS "column", EXISTS (
    SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum) AS indexed
  FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"""
SQLITE = """SELECT m.name AS "table", f."from" AS "column", EXISTS (
    SELECT 1 FROM pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i ON i.seqno = 0 WHERE i.name = f."from") AS indexed
  FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"""


async def test_every_foreign_key_is_the_first_column_of_an_index(newsroom: Database) -> None:
    sql = SQLITE if newsroom.dialect == "sqlite" else POSTGRES
    keys = await get_connection("default").execute_query_dict(sql)
    bare = [f"{key['table']}.{key['column']}" for key in keys if not key["indexed"]]
    assert bare == []
    assert len(keys) >= 18
