"""Requests that must not be done twice: an Idempotency-Key stands for one request of one caller, for a day.

The row is written before the verb runs, and of two at once the database's constraint picks one.  The verb's own transaction
notes what it did (see cms.audit), so a run that was cut off is either done, and then answered from that, or not done at all.
"""

from dataclasses import dataclass
from datetime import timedelta

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from cms import db, ids
from cms.actor import Actor
from cms.audit import InHand
from cms.db.clock import now
from cms.db.faults import unavailable
from cms.errors import IdempotencyMismatch, StillRunning
from cms.models import IdempotentRequest

KEPT_HOURS = 24
LEASE_S = 60  # more than a request may take
TRIES = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer, to the byte."""

    answer: bytes


async def begin(actor: Actor, key: str, body_sha256: str) -> InHand | Kept:
    """Hold this request, or get what it was answered with before.

    Raises IdempotencyMismatch where the key stands for another body, StillRunning where a twin holds it, Unavailable.
    """
    caller = f"{actor.kind.lower()}:{actor.partner_id or actor.user_id}"
    async with unavailable():
        for _ in range(TRIES):  # a row that is in the way may go in this moment
            if found := await _taken(caller, key, body_sha256) or await _found(caller, key, body_sha256):
                return found
    raise StillRunning()


async def keep(held: InHand, answer: bytes) -> None:
    """From now on this is what the request is answered with."""
    async with unavailable():
        await _mine(held).update(answer=answer.decode())


async def release(held: InHand) -> bool:
    """It may be tried again at once.  Was something done?  That stays known, and is not done again."""
    async with unavailable():
        if await _mine(held).filter(outcome__isnull=True).delete():
            return False
        return bool(await _mine(held).update(lease_until=await now()))


async def done(held: InHand) -> bool:
    """Has anything been written for it?"""
    async with unavailable():
        return await IdempotentRequest.filter(id=held.id, outcome__isnull=False).exists()


async def forget_old() -> int:
    """For the worker: requests older than a day; how many they were."""
    at = await now()
    old = at - timedelta(hours=KEPT_HOURS)
    return int(await IdempotentRequest.filter(created_at__lte=old, lease_until__lte=at).delete())


async def _taken(caller: str, key: str, body_sha256: str) -> InHand | None:
    """The row of a request that is new; None where there is one."""
    at = await now()
    held = InHand(ids.new(), at + timedelta(seconds=LEASE_S))
    try:
        async with db.transaction(content=False):
            await IdempotentRequest.create(
                id=held.id,
                caller=caller,
                idempotency_key=key,
                body_sha256=body_sha256,
                created_at=at,
                lease_until=held.lease_until,
            )
    except IntegrityError:
        return None
    return held


async def _found(caller: str, key: str, body_sha256: str) -> InHand | Kept | None:
    """What is there; None where it was too old, or has gone meanwhile."""
    row = await IdempotentRequest.get_or_none(caller=caller, idempotency_key=key)
    if row is None:
        return None
    at = await now()
    free = row.lease_until <= at
    if free and row.created_at <= at - timedelta(hours=KEPT_HOURS):
        await IdempotentRequest.filter(id=row.id, lease_until=row.lease_until).delete()
        return None
    if row.body_sha256 != body_sha256:
        raise IdempotencyMismatch()
    if row.answer:
        return Kept(row.answer.encode())
    lease_until = at + timedelta(seconds=LEASE_S)
    cut_off = IdempotentRequest.filter(id=row.id, lease_until=row.lease_until, answer__isnull=True)
    if not free or not await cut_off.update(lease_until=lease_until):
        raise StillRunning()
    return InHand(row.id, lease_until, tuple(row.outcome or ()))


def _mine(held: InHand) -> QuerySet[IdempotentRequest]:
    return IdempotentRequest.filter(id=held.id, lease_until=held.lease_until)
