"""Work that follows a change."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import Document, Instant, key


class Job(Model):
    """Committed with it, done by a worker at `run_at` or later, once.

    `lease_until` is set while a worker holds it; `attempts` counts the tries; `buried_at` marks one that was given up.
    """

    id = key()
    kind = fields.CharField(40)
    subject_id = fields.UUIDField(null=True)
    payload = Document(default=dict)
    run_at = Instant()
    attempts = fields.IntField(default=0)
    lease_until = Instant(null=True)
    last_error = fields.TextField(null=True)
    buried_at = Instant(null=True)
    created_at = Instant()

    class Meta:
        table = "job"
        table_description = "Work that follows a change"
        indexes = [Index(fields=("buried_at", "run_at")), Index(fields=("subject_id",))]
