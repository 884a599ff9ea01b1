"""The column kinds that carry the read engine: keys, instants and documents that are alike on both databases."""

from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete

from cms import ids

FAR = datetime(9999, 12, 31, tzinfo=UTC)  # "not yet": live_from is a sort key, and a keyset cannot step over NULL
UNDATED = datetime(1000, 1, 1, tzinfo=UTC)  # a photo without a date sorts behind all dated ones


class Instant(fields.DatetimeField[datetime]):
    """timestamptz on PostgreSQL; on SQLite the text 2026-01-31T08:00:00.000000Z, of fixed width so that it sorts as time.

    Tortoise's own SQLite form drops `.000000`, and then text no longer compares as time does.
    """

    class _db_sqlite:
        SQL_TYPE = "TEXT"

    def to_db_value(self, value: Any, instance: Any) -> Any:
        value = super().to_db_value(value, instance)
        if value is None or self.model._meta.db.capabilities.dialect != "sqlite":
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Word(fields.CharField[str]):
    """Text that sorts by its code points on both databases, so that an index finds what begins with something."""

    class _db_postgres:
        def __init__(self, field: fields.CharField[str]):
            self.field = field

        @property
        def SQL_TYPE(self) -> str:  # noqa: N802 - Tortoise's name
            return f'VARCHAR({self.field.max_length}) COLLATE "C"'


class Document(fields.JSONField[Any]):
    """json, not jsonb, on PostgreSQL: it is printed as it was written, with its key order and without spaces."""

    class _db_postgres:
        SQL_TYPE = "JSON"


def key() -> Any:
    return fields.UUIDField(primary_key=True, default=ids.new)


def version() -> Any:
    """Grows by one with every saved change; edits name the one they were made on."""
    return fields.IntField(default=1)


def foreign(model: str, *, index: bool = False, **options: Any) -> Any:
    """A foreign key without a way back: reads go through the catalog, never through instances.

    Deleting what is still pointed at is refused, unless the row belongs to it (`owned`).
    """
    options.setdefault("on_delete", OnDelete.RESTRICT)
    return fields.ForeignKeyField(f"cms.{model}", related_name=False, db_index=index, **options)


def owned(model: str, **options: Any) -> Any:
    """A foreign key to the row that this one is a part of: it goes when that goes."""
    return foreign(model, on_delete=OnDelete.CASCADE, **options)
