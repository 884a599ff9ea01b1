"""What an operator should know of the stories.  It looks, and changes nothing.

Visibility needs no worker, so a schedule cannot misfire; what can be missed is that anyone is told of it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from cms import checks
from cms.actions.story import OUT
from cms.db.clock import NOW, dialect

_EARLIER = {
    "postgres": "now() - interval '{seconds} seconds'",
    "sqlite": "(strftime('%Y-%m-%dT%H:%M:%f', 'now', '-{seconds} seconds') || '000Z')",
}


@dataclass(frozen=True, slots=True)
class Untold:
    """A story of which the ledger does not say what readers see: `seen` is whether they see it."""

    id: UUID
    headline: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Unsound:
    """A story that readers see and that would not be published as it stands; `codes` are its checks that block."""

    id: UUID
    headline: str
    codes: tuple[str, ...]


async def untold(seconds: int, limit: int) -> list[Untold]:
    """For longer than `seconds`; whoever tells has had the time."""
    name = dialect()
    seen = f"({checks.public(name, 'story', NOW[name])}) IS TRUE"
    before = f"({checks.public(name, 'story', _EARLIER[name].format(seconds=int(seconds)))}) IS TRUE"
    last = (
        "SELECT kind FROM change WHERE subject_id = story.id AND NOT ahead ORDER BY epoch DESC, position DESC LIMIT 1"
    )
    told = f"coalesce(({last}) IN ({', '.join(f'{kind!r}' for kind in sorted(OUT))}), FALSE)"
    rows = await _query(
        f"SELECT id, headline, ({seen}) AS seen FROM article story WHERE copy_of_id IS NULL"
        f" AND ({seen}) = ({before}) AND ({seen}) <> {told} ORDER BY id LIMIT {int(limit)}"
    )
    return [Untold(UUID(str(row["id"])), row["headline"], bool(row["seen"])) for row in rows]


async def unsound(limit: int) -> list[Unsound]:
    name = dialect()
    seen, blocked = checks.public(name, "a", NOW[name]), checks.blocked(name, "a.id")
    rows = await _query(
        f"SELECT id, headline FROM article a WHERE {seen} AND copy_of_id IS NULL AND {blocked}"
        f" ORDER BY id LIMIT {int(limit)}"
    )
    return [Unsound(UUID(str(row["id"])), row["headline"], await _codes(name, row["id"])) for row in rows]


async def _codes(name: str, story: object) -> tuple[str, ...]:
    found = checks.rows(name, f"'{UUID(str(story))}'", level="BLOCKS")
    return tuple(sorted({row["code"] for row in await _query(found)}))


async def _query(sql: str) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql)
