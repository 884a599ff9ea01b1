"""Webhooks: addresses that are told of changes, and their deliveries as far as people have a say in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cms import audit, db, ids, ledger, policy
from cms.actions import versioned
from cms.actions.deliveries import Listening
from cms.actions.fields import Reader, each_once, key, maybe, one_of, read, switch, text, url
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, NotFound
from cms.ledger import KINDS
from cms.models import Delivery, Partner, Webhook

BOTH_HOURS = 24  # for which the secret before the last one holds
QUERY = 20_000  # characters

FIELDS: Mapping[str, Reader] = {
    "url": url(required=True),
    "events": each_once(one_of(*KINDS), len(KINDS)),
    "partner": maybe(key),
    "query": text(QUERY, verbatim=True),
    "active": lambda value, path: True if value is None else switch(value, path),
    "rotate_secret": switch,
}


@dataclass(frozen=True, slots=True)
class Saved:
    """`secret_number` is that of a secret which was made by this, None where there is none to show."""

    id: UUID
    secret_number: int | None


async def save(
    actor: Actor,
    changes: Mapping[str, Any],
    id: UUID | None = None,
    version: int | None = None,
    *,
    near: Sequence[IPv4Network | IPv6Network] = (),
) -> Saved:
    """Without id it makes one, which is told of what happens from now on.  No events means all of them.

    `rotate_secret` gives it another secret; the one before holds for a day.  `active: true` also ends a pause.  `near` are
    networks whose addresses need no https.  Raises BadInput, NotFound for a partner that there is not, Conflict.
    """
    policy.require(actor, "webhook.manage")
    values = read(FIELDS, changes, required=() if id else ("url",))
    rotate = values.pop("rotate_secret", False)
    if "url" in values:
        _check(values["url"], near)
    if "partner" in values:
        values["partner_id"] = values.pop("partner")
        if values["partner_id"] and not await Partner.filter(id=values["partner_id"]).exists():
            raise NotFound("There is no such partner.", "partner")
    async with db.transaction(content=False):
        row = await versioned.held(Webhook, id, version, "webhook")
        at = await now()
        if row is None:
            made = ids.new()
            await Webhook.create(id=made, place=await ledger.head(), created_at=at, **values)
            await audit.record(actor, "webhook.create", "Webhook", made, values["url"])
            return Saved(made, 1)
        if rotate:
            values |= {
                "secret_number": row.secret_number + 1,
                "previous_until": at + timedelta(hours=BOTH_HOURS),
            }
        if values.get("active"):
            values |= {"paused_at": None, "failures": 0, "failing_since": None, "retry_at": None}
        await versioned.change(row, values)
        await audit.record(actor, "webhook.update", "Webhook", row.id, f"{row.url}: {', '.join(changes)}")
        return Saved(row.id, row.secret_number + 1 if rotate else None)


async def held(actor: Actor, id: UUID) -> Listening:
    """Raises NotFound, BadState for one to which nothing is sent."""
    policy.require(actor, "webhook.manage")
    row = await Webhook.get_or_none(id=id)
    if row is None:
        raise NotFound("There is no such webhook.", "id")
    if not row.active or row.paused_at:
        raise BadState("Nothing is sent to it while it is paused; `active: true` resumes it.", "id")
    return Listening.of(row)


async def redeliver(actor: Actor, id: UUID) -> UUID:
    """It is sent again at once, whatever became of it before.

    Raises NotFound, BadState for one that is on its way already, and for what a partner fetched by itself.
    """
    policy.require(actor, "webhook.manage")
    async with db.transaction(content=False):
        await db.lock(id)
        row = await Delivery.get_or_none(id=id)
        if row is None:
            raise NotFound("There is no such delivery.", "id")
        if row.webhook_id is None:  # type: ignore[attr-defined]
            raise BadState("This was fetched, not sent.", "id")
        if row.outcome not in ("DELIVERED", "DEAD"):
            raise BadState("This is on its way already.", "id")
        await Delivery.filter(id=id).update(outcome="PENDING", next_attempt_at=await now())
        await audit.record(actor, "webhook.redeliver", "Delivery", id, row.channel)
    return id


def _check(address: str, near: Sequence[IPv4Network | IPv6Network]) -> None:
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise BadInput("An address holds no name and no password: what is sent is signed.", "url")
    if parts.scheme != "https" and not _near(parts.hostname or "", near):
        raise BadInput("A webhook's address starts with https://.", "url")


def _near(host: str, near: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in near)
