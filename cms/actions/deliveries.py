"""What partners got, and what they said of it: which version of what, when, by which channel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from cms import audit, db, ids, ledger
from cms.actions.fields import text
from cms.actor import Actor
from cms.db.clock import NOW, dialect, now
from cms.errors import Forbidden, NotFound, Unauthenticated
from cms.models import Change, Delivery, Webhook


async def fetched(actor: Actor, channel: str, subjects: Iterable[UUID]) -> None:
    """A partner was given these stories and photos as they stand: each one's newest change is noted for it, once.

    `channel` names the feed and its format.  What was told under embargo is noted for those alone who get that.  A subject
    of which nothing was ever told is left out.
    """
    assert actor.partner_id is not None
    wanted = orjson.dumps([str(one) for one in dict.fromkeys(subjects)]).decode()
    async with db.transaction(content=False):
        rows = await get_connection("default").execute_query_dict(
            _UNNOTED[dialect()], [wanted, actor.embargo_access, channel, str(actor.partner_id)]
        )
        at = await now()
        await Delivery.bulk_create(
            (
                Delivery(
                    id=ids.new(),
                    partner_id=actor.partner_id,
                    change_id=row["position"],
                    subject_id=row["subject_id"],
                    channel=channel,
                    outcome="FETCHED",
                    at=at,
                )
                for row in rows
            ),
            ignore_conflicts=True,  # the same feed is being given to the same partner at this moment
        )


async def acknowledge(actor: Actor, cursor: str, note: str | None = None) -> datetime:
    """A partner says that it has acted on a change that it got.  Saying so again changes nothing.

    Raises Unauthenticated, Forbidden for who is no partner, BadCursor, NotFound for a change that it did not get.
    """
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Send a partner's key to do this.")
    if actor.partner_id is None:
        raise Forbidden("A partner acknowledges what it got.")
    note = text(2000)(note, ("note",))
    epoch, xid, position = ledger.place(cursor)
    async with db.transaction(content=False):
        await db.lock(actor.partner_id)
        change = await Change.filter(epoch=epoch, xid=xid, position=position).first()
        mine = Delivery.filter(partner_id=actor.partner_id, change_id=position)
        got = await mine.order_by("at").first()
        if change is None or got is None:
            raise NotFound("You did not get this change.", "cursor")
        before: datetime | None = got.acknowledged_at
        if before:
            return before
        at = await now()
        await mine.update(acknowledged_at=at, note=note)
        await audit.record(actor, "change.acknowledge", change.subject_type, change.subject_id, note or "")
    return at


# the newest settled change of each subject
_NEWEST = {
    "postgres": "SELECT DISTINCT ON (c.subject_id) c.position, c.subject_id FROM change c"
    " WHERE c.subject_id IN (SELECT value::uuid FROM json_array_elements_text($1::json))"
    f" AND (NOT c.ahead OR $2) AND {ledger.SETTLED['postgres']}"
    " ORDER BY c.subject_id, c.epoch DESC, c.position DESC",
    "sqlite": "SELECT max(c.position) AS position, c.subject_id FROM change c"
    " WHERE c.subject_id IN (SELECT value FROM json_each(?1)) AND (NOT c.ahead OR ?2) GROUP BY c.subject_id",
}
_UNNOTED = {
    name: f"SELECT position, subject_id FROM ({_NEWEST[name]}) n WHERE NOT EXISTS (SELECT 1 FROM delivery d"
    f" WHERE d.channel = {channel} AND d.partner_id = {partner} AND d.change_id = n.position)"
    for name, channel, partner in (("postgres", "$3", "$4::uuid"), ("sqlite", "?3", "?4"))
}


# ------------------------------------------------------------------------------------------------------------ webhooks


@dataclass(frozen=True, slots=True)
class Listening:
    """A webhook that is told of changes behind `place`; no events means all."""

    id: UUID
    partner_id: UUID | None
    events: tuple[str, ...]
    place: str

    @classmethod
    def of(cls, row: Any) -> "Listening":
        return cls(row.id, row.partner_id, tuple(row.events), row.place)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery in hand, leased for LEASE_S: `attempt` counts this one.  `cursor` is its change's."""

    id: UUID
    webhook_id: UUID
    partner_id: UUID | None
    cursor: str
    attempt: int
    url: str
    query: str | None
    secret_number: int
    previous_until: datetime | None
    failing_since: datetime | None


LEASE_S = 30


async def listening() -> list[Listening]:
    rows = await Webhook.filter(active=True, paused_at__isnull=True).order_by("created_at")
    return [Listening.of(row) for row in rows]


async def prepare(hook: Listening, place: str, upto: str, cursors: Sequence[str]) -> bool:
    """The changes at `cursors` are to be sent; the webhook is told of what comes behind `upto` from now on.

    False where another process has moved it from `place` meanwhile, and nothing was done.
    """
    async with db.transaction(content=False):
        if not await Webhook.filter(id=hook.id, place=place).update(place=upto):
            return False
        at = await now()
        positions = [ledger.place(cursor)[2] for cursor in cursors]
        rows = await Change.filter(position__in=positions).order_by("position")
        await Delivery.bulk_create(
            Delivery(
                id=ids.new(),
                partner_id=hook.partner_id,
                webhook_id=hook.id,
                change_id=change.position,
                subject_id=change.subject_id,
                channel=f"webhook {hook.id}",
                outcome="PENDING",
                at=at,
                next_attempt_at=at,
            )
            for change in rows
        )
    return True


async def trial(actor: Actor, hook: Listening, cursor: str) -> UUID:
    """A delivery of the change at `cursor`, made to see whether it arrives."""
    made, at = ids.new(), await now()
    async with db.transaction(content=False):
        change = await Change.get(position=ledger.place(cursor)[2])
        await Delivery.create(
            id=made,
            partner_id=hook.partner_id,
            webhook_id=hook.id,
            change_id=change.position,
            subject_id=change.subject_id,
            channel=f"test {made}",
            outcome="PENDING",
            at=at,
            next_attempt_at=at,
        )
        await audit.record(actor, "webhook.test", "Webhook", hook.id)
    return made


async def ended(id: UUID) -> bool:
    """Was it tried?"""
    return not await Delivery.filter(id=id, outcome="PENDING").exists()


async def claim(limit: int, busy: Iterable[UUID], each: int) -> list[Due]:
    """Up to `limit` deliveries that are due, the oldest first, at most `each` of one webhook, none of those that are `busy`.

    No two workers get the same one.  Of one subject's deliveries to one webhook the first that has not ended comes alone; a
    webhook that fails again and again is tried by one delivery, at its hour.
    """
    full = [str(hook) for hook in busy]
    connection = get_connection("default")
    values = [each, limit, orjson.dumps(full).decode()]
    rows = await connection.execute_query_dict(_CLAIM[dialect()], values)
    found = []
    for row in rows:
        hook = await Webhook.get(id=row["webhook_id"])
        change = await Change.get(position=row["change_id"])
        found.append(
            Due(
                id=UUID(str(row["id"])),
                webhook_id=hook.id,
                partner_id=_key(hook, "partner_id"),
                cursor=f"{change.epoch}-{change.xid}-{change.position}",
                attempt=row["attempt"],
                url=hook.url,
                query=hook.query,
                secret_number=hook.secret_number,
                previous_until=hook.previous_until,
                failing_since=hook.failing_since,
            )
        )
    return found


async def arrived(due: Due, at: datetime, status: int | None, duration_ms: int) -> None:
    async with db.transaction(content=False):
        await _tried(due, outcome="DELIVERED", at=at, status=status, duration_ms=duration_ms, next_attempt_at=None)
        healed = {"failures": 0, "failing_since": None, "retry_at": None}
        await Webhook.filter(id=due.webhook_id, failures__gt=0).update(**healed)


async def failed(
    due: Due,
    at: datetime,
    status: int | None,
    duration_ms: int,
    *,
    next_at: datetime | None,
    breaks: int,
    pauses: bool,
) -> None:
    """It is tried again at `next_at`, never where that is None.  After `breaks` failures in a row its webhook waits as long."""
    outcome = "RETRYING" if next_at else "DEAD"
    async with db.transaction(content=False):
        await db.lock(due.webhook_id)
        await _tried(due, outcome=outcome, at=at, status=status, duration_ms=duration_ms, next_attempt_at=next_at)
        hook = await Webhook.get(id=due.webhook_id)
        count = hook.failures + 1
        columns: dict[str, Any] = {"failures": count, "failing_since": hook.failing_since or at}
        columns |= {"retry_at": next_at} if count >= breaks else {}
        columns |= {"paused_at": at} if pauses else {}
        await Webhook.filter(id=due.webhook_id).update(**columns)


async def dropped(due: Due, at: datetime) -> None:
    """The partner may not know of it any more: it is not sent, and not tried again."""
    await _tried(due, outcome="DEAD", at=at, status=None, duration_ms=None, next_attempt_at=None)


async def _tried(due: Due, **columns: Any) -> None:
    """Nothing where the lease ran out and another process has it by now."""
    await Delivery.filter(id=due.id, attempt=due.attempt).update(**columns)


def _key(row: Any, name: str) -> UUID | None:
    found: UUID | None = getattr(row, name)
    return found


_OPEN = "('PENDING', 'RETRYING')"
_LEASE = {
    "postgres": f"now() + interval '{LEASE_S} seconds'",
    "sqlite": f"(strftime('%Y-%m-%dT%H:%M:%f', 'now', '+{LEASE_S} seconds') || '000Z')",
}


def _claiming(name: str, each: str, limit: str, full: str) -> str:
    at = NOW[name]
    elements = f"SELECT value::uuid FROM json_array_elements_text({full}::json)"
    if name == "sqlite":
        elements = f"SELECT value FROM json_each({full})"
    earlier = (
        "SELECT 1 FROM delivery e WHERE e.webhook_id = d.webhook_id AND e.subject_id = d.subject_id"
        f" AND e.change_id < d.change_id AND e.outcome IN {_OPEN}"
    )
    ranked = (
        "SELECT d.id, d.next_attempt_at, w.retry_at, row_number() OVER (PARTITION BY d.webhook_id ORDER BY d.change_id) AS n"
        " FROM delivery d JOIN webhook w ON w.id = d.webhook_id"
        f" WHERE d.outcome IN {_OPEN} AND d.next_attempt_at <= {at} AND w.active AND w.paused_at IS NULL"
        f" AND (w.retry_at IS NULL OR w.retry_at <= {at}) AND d.webhook_id NOT IN ({elements}) AND NOT EXISTS ({earlier})"
    )
    chosen = (
        f"SELECT id FROM ({ranked}) r WHERE n <= CASE WHEN retry_at IS NULL THEN {each} ELSE 1 END"
        f" ORDER BY next_attempt_at LIMIT {limit}"
    )
    among = f"= ANY(ARRAY({chosen}))" if name == "postgres" else f"IN ({chosen})"
    # of two who chose the same one the second finds its hour moved
    return (
        f"UPDATE delivery SET next_attempt_at = {_LEASE[name]}, attempt = attempt + 1 WHERE id {among}"
        f" AND next_attempt_at <= {at} RETURNING id, webhook_id, change_id, attempt"
    )


_CLAIM = {
    "postgres": _claiming("postgres", "$1::bigint", "$2::bigint", "$3"),
    "sqlite": _claiming("sqlite", "?1", "?2", "?3"),
}
