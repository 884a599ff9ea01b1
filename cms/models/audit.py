"""Who did what, and requests that must not be done twice."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import Document, Instant, key


class AuditEntry(Model):
    """One write.  `action` is the verb as policy names it, or finer; `subject_type` is an entity's name; `request_id` is the
    id that the request was answered with, "" for the command line and the worker."""

    id = key()
    at = Instant()
    by = fields.CharField(200)
    user_id = fields.UUIDField(null=True)
    action = fields.CharField(40)
    subject_type = fields.CharField(20)
    subject_id = fields.UUIDField()
    summary = fields.CharField(300)
    request_id = fields.CharField(40)

    class Meta:
        table = "audit_entry"
        table_description = "Every write"
        indexes = [
            Index(fields=("at", "id")),
            Index(fields=("subject_id", "at", "id")),
            Index(fields=("user_id", "at", "id")),
        ]


class IdempotentRequest(Model):
    """A mutation that came with an Idempotency-Key.  `caller` is whose key it is, `body_sha256` what was asked.

    `outcome` is written with the verb's own transaction: once it is there the verb is not run again.  It is a list of what was
    written, {"step", "type", "id"}.  `answer` is what the caller got, the bytes as text; None while it runs.
    """

    id = key()
    caller = fields.CharField(60)
    idempotency_key = fields.CharField(255)
    body_sha256 = fields.CharField(64)
    outcome = Document(null=True)
    answer = fields.TextField(null=True)
    created_at = Instant(db_index=True)
    lease_until = Instant()

    class Meta:
        table = "idempotent_request"
        table_description = "Mutations that are not done twice"
        unique_together = (("caller", "idempotency_key"),)
