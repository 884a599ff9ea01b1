"""Rows that are changed on the version that was read: of two who change the same one, the second is refused."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from tortoise.expressions import F
from tortoise.models import Model

from cms import db
from cms.errors import Conflict, NotFound, Required

Row = TypeVar("Row", bound=Model)


async def held(model: type[Row], id: UUID | None, version: int | None, called: str) -> Row | None:
    """The row to change, locked until the transaction ends; None for a new one.

    Raises NotFound, Required where the version is missing, Conflict where it is not the one that stands.
    """
    if id is None:
        return None
    if version is None:
        raise Required("A change names the version that it was made on.", "version")
    await db.lock(id)
    row = await model.get_or_none(id=id)
    if row is None:
        raise NotFound(f"There is no such {called}.", "id")
    check(row, version)
    return row


def check(row: Any, version: int) -> None:
    if row.version != version:
        raise Conflict("Someone saved this meanwhile.", "version", current=row.version)


async def change(row: Any, columns: Mapping[str, Any]) -> None:
    """The one winner's update; nothing at all where no column is given."""
    if not columns:
        return
    won = await type(row).filter(id=row.id, version=row.version).update(**columns, version=F("version") + 1)
    if not won:
        raise Conflict("Someone saved this meanwhile.", "version", current=row.version + 1)
