"""Keys and their public form.  Keys are UUIDv7; outside, an article is `article_<uuid>`: opaque, and its type is known."""

import re
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

PUBLIC_ID = re.compile(r"([a-z]+)_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def new() -> UUID:
    """A key that sorts by the time it was made."""
    return uuid7()


def made_at(key: UUID) -> datetime:
    """When it was made, to the millisecond (RFC 9562, 5.7).  Raises ValueError for a key that does not tell."""
    if key.version != 7:
        raise ValueError(f"not a UUIDv7: {key}")
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC)


def public(entity: str, key: UUID) -> str:
    """public("Article", …) == "article_0190…"."""
    return f"{entity.lower()}_{key}"


def local(value: str, entity: str) -> UUID | None:
    """The key behind a public id; None where it is another type's id or no id at all: absent, not an error."""
    found = PUBLIC_ID.fullmatch(value)
    return UUID(found[2]) if found and found[1] == entity.lower() else None
