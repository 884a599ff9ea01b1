"""Who did what, when, and in which request: one row for each write, in the write's own transaction.

What was written is the revision's and the ledger's to say; this says that it was done, and by whom.
"""

from uuid import UUID

from cms.actor import Actor
from cms.db.clock import now
from cms.models import AuditEntry
from cms.telemetry import request_id

MOST_SUMMARY = 300


async def record(actor: Actor, action: str, subject_type: str, subject_id: UUID, summary: str = "") -> None:
    """Within the verb's transaction.  `action` is the verb as policy names it, `subject_type` an entity of the catalog.

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
