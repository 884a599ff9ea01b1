"""Syndication partners."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from cms import audit, clock, db, policy
from cms.actions import versioned
from cms.actions.fields import Reader, read, switch, text
from cms.actor import Actor
from cms.errors import BadInput, NotFound
from cms.models import Partner

FIELDS: Mapping[str, Reader] = {"name": text(120, required=True), "active": switch}


async def partner_named(actor: Actor, name: str) -> UUID:
    """The key of the partner with this name.  Raises NotFound, and BadInput for what cannot be a name."""
    policy.require(actor, "partner.manage")
    partner = await Partner.get_or_none(name=FIELDS["name"](name, ("partner",)))
    if partner is None:
        raise NotFound(f"There is no partner called {name}.", "partner")
    key: UUID = partner.id
    return key


async def save_partner(
    actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None
) -> UUID:
    """Without id it makes one.  The keys of a partner that is not active open nothing.

    Raises BadInput for a name that another partner has, NotFound, Conflict.
    """
    policy.require(actor, "partner.manage")
    values = read(FIELDS, changes, required=() if id else ("name",))
    try:
        async with db.transaction():
            partner = await versioned.held(Partner, id, version, "partner")
            if partner is None:
                partner = await Partner.create(created_at=clock.now(), **values)
                await audit.record(actor, "partner.create", "Partner", partner.id, partner.name)
            elif values:
                await versioned.change(partner, values)
                await audit.record(
                    actor, "partner.update", "Partner", partner.id, f"{partner.name}: {', '.join(values)}"
                )
    except IntegrityError as error:
        raise BadInput("Another partner has this name.", "name") from error
    key: UUID = partner.id
    return key
