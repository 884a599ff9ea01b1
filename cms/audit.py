"""Who did what, when, and in which request: one row for each write, in the write's own transaction.

What was written is the revision's and the ledger's to say; this says that it was done, and by whom.  Where the request came
with an Idempotency-Key, the same transaction notes there what was done: so a verb is done once, or not at all.
"""

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cms.actor import Actor
from cms.db.clock import now
from cms.errors import Unavailable
from cms.models import AuditEntry, IdempotentRequest
from cms.telemetry import request_id

MOST_SUMMARY = 300


@dataclass
class InHand:
    """A request with an Idempotency-Key, while it runs; `lease_until` says that it is still ours to run.

    `outcome` is what an earlier run of it had written before it was cut off.  `step` tells the parts of a request apart that
    are transactions of their own; `again` is set where a part may succeed when it is tried again.
    """

    id: UUID
    lease_until: datetime
    outcome: tuple[Mapping[str, Any], ...] = ()
    step: str = field(default="", init=False)
    again: bool = field(default=False, init=False)

    def written(self, types: Iterable[str], step: str = "") -> Mapping[str, Any] | None:
        """The last thing of one of these types that the earlier run wrote in this step."""
        fitting = [one for one in self.outcome if one["type"] in types and one["step"] == step]
        return fitting[-1] if fitting else None


in_hand: ContextVar[InHand | None] = ContextVar("in_hand", default=None)


async def record(actor: Actor, action: str, subject_type: str, subject_id: UUID, summary: str = "") -> None:
    """Within the verb's transaction.  `action` is the verb as policy names it, or finer; `subject_type` an entity's name.

    `summary` is one line for people, such as a headline: never a secret.
    """
    await AuditEntry.create(
        at=await now(),
        by=actor.name,
        user_id=actor.user_id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        summary=" ".join(summary.split())[:MOST_SUMMARY],
        request_id=request_id.get(),
    )
    if held := in_hand.get():
        await _note(held, subject_type, subject_id)


async def _note(held: InHand, subject_type: str, subject_id: UUID) -> None:
    """Raises Unavailable, and so undoes the verb, where the lease ran out and another run may have begun."""
    mine = IdempotentRequest.filter(id=held.id, lease_until=held.lease_until)
    row = await mine.first()
    if row is None:
        raise Unavailable("This took too long; try again.")
    done = {"step": held.step, "type": subject_type, "id": str(subject_id)}
    if not await mine.update(outcome=[*(row.outcome or ()), done]):
        raise Unavailable("This took too long; try again.")
