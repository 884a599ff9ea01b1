"""Registered documents: GraphQL texts that front ends run by name, or by `sha256:` and the hash of the text.

That a text fits the schema and its limits is for the caller to try first: nothing here knows GraphQL.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from cms import audit, clock, db, ids, policy
from cms.actions.fields import refuse
from cms.actor import Actor
from cms.db.faults import unavailable
from cms.errors import BadInput, NotFound, Refusal, TooLong
from cms.models import RegisteredDocument

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,119}")  # without a colon: that marks a hash
MOST_CHARACTERS = 100_000
REGISTER = UUID(
    "d0c00000-0000-4000-8000-000000000000"
)  # every verb holds it: which texts stand is decided by all of them

Done = Literal["added", "replaced", "kept"]


@dataclass(frozen=True, slots=True)
class Registered:
    """`sha256` in hex."""

    name: str
    sha256: str
    created_at: datetime


def digest(text: str) -> str:
    """The SHA-256 of the text's UTF-8, in hex: what stands behind `sha256:` in a documentId, and in APQ's sha256Hash."""
    return hashlib.sha256(text.encode()).hexdigest()


async def add(actor: Actor, texts: Mapping[str, str]) -> dict[str, Done]:
    """Register texts by their names, all of them or none; what was done for each.

    A name that stands for another text is given the new one.  Raises BadInput, TooLong, several as Refused, and BadInput
    for a text that has another name already.
    """
    policy.require(actor, "document.manage")
    refuse([refusal for name, text in texts.items() for refusal in _faults(name, text)])
    given = {name: digest(text) for name, text in texts.items()}
    async with db.transaction():
        await db.lock(REGISTER)
        standing = await _names()
        done = {name: _to_do(standing.get(name), sha256) for name, sha256 in given.items()}
        _unique(standing | given)
        changed = [name for name, what in done.items() if what != "kept"]
        # before any is written: a text may go from one name to another
        await RegisteredDocument.filter(name__in=changed).delete()
        at = clock.now()
        made = {one: ids.new() for one in changed}
        rows = [
            RegisteredDocument(id=key, name=one, sha256=given[one], text=texts[one], created_at=at)
            for one, key in made.items()
        ]
        await RegisteredDocument.bulk_create(rows)
        for one, key in made.items():
            await audit.record(actor, "document.add", "Document", key, one)
    return done


async def remove(actor: Actor, name: str) -> None:
    """Raises NotFound."""
    policy.require(actor, "document.manage")
    async with db.transaction():
        await db.lock(REGISTER)
        row = await RegisteredDocument.get_or_none(name=name)
        if row is None:
            raise NotFound(f"There is no registered document called {name}.", "name")
        await row.delete()
        await audit.record(actor, "document.remove", "Document", row.id, name)


async def listed(actor: Actor) -> list[Registered]:
    """All of them, by name."""
    policy.require(actor, "document.manage")
    rows = await RegisteredDocument.all().order_by("name").values_list("name", "sha256", "created_at")
    return [Registered(*row) for row in rows]


async def standing(known: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names → hashes of all that are registered, and hashes → texts of those not `known`.  Raises Unavailable.

    For whoever runs them, so it asks for no permission: a document is what is asked, never what is answered.
    """
    async with unavailable():
        names = await _names()
        unknown = set(names.values()).difference(known)
        rows = await RegisteredDocument.filter(sha256__in=unknown).values_list("sha256", "text") if unknown else []
        return names, dict(rows)


async def _names() -> dict[str, str]:
    return dict(await RegisteredDocument.all().values_list("name", "sha256"))


def _faults(name: str, text: str) -> list[Refusal]:
    found: list[Refusal] = []
    if not NAME.fullmatch(name):
        words = "has 1 to 120 letters a to z, digits and _ . / -, and starts with a letter, a digit or _"
        found.append(BadInput(f"{name!r} cannot be the name of a document: it {words}.", "name"))
    if len(text) > MOST_CHARACTERS:
        found.append(TooLong(f"{name} may have {MOST_CHARACTERS} characters, not {len(text)}.", "text"))
    if "\0" in text:  # in a comment GraphQL would allow it; PostgreSQL keeps none
        found.append(BadInput(f"{name} contains a NUL character.", "text"))
    return found


def _to_do(standing: str | None, sha256: str) -> Done:
    if standing is None:
        return "added"
    return "kept" if standing == sha256 else "replaced"


def _unique(names: Mapping[str, str]) -> None:
    """Raises BadInput where two names would stand for one text."""
    first: dict[str, str] = {}
    for name, sha256 in names.items():
        if (other := first.setdefault(sha256, name)) != name:
            raise BadInput(f"{other} and {name} are the same text, and a text has one name: remove one first.", "name")
