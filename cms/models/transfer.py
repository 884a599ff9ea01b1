"""Where imported things came from, and the addresses that they had there."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from cms.models.columns import Instant, key, owned


class Origin(Model):
    """What `subject_id` is at its `source`.  `kind` is "article", "photo", "author" or "section".

    `digest` is the SHA-256 in hex of what was read there, empty as long as a story is not taken over whole; `version` is ours
    after it was taken over: a newer one was edited here.  The row outlives its subject, for what was deleted here does not come again.
    """

    id = key()
    source = fields.CharField(300)
    kind = fields.CharField(8)
    foreign_id = fields.CharField(500)
    subject_id = fields.UUIDField(db_index=True)
    digest = fields.CharField(64)
    version = fields.IntField()
    at = Instant()

    class Meta:
        table = "origin"
        table_description = "Where imported things came from"
        unique_together = (("source", "kind", "foreign_id"),)


class Redirect(Model):
    """An address that a story had elsewhere: path and perhaps query, decoded, without a slash at its end."""

    id = key()
    path = fields.CharField(600, unique=True)
    article: Any = owned("Article", index=True)
    article_id: UUID

    class Meta:
        table = "redirect"
        table_description = "Old addresses of stories"
