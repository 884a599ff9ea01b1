"""Curated lists: a home page, a section front, a newsletter."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import Instant, foreign, key, owned, version


class Collection(Model):
    id = key()
    version = version()
    slug = fields.CharField(120, unique=True)
    title = fields.CharField(200)
    description = fields.TextField(null=True)
    updated_at = Instant()

    class Meta:
        table = "collection"
        table_description = "Curated lists"


class CollectionItem(Model):
    """A story in a list.  What is None falls back on the story's own; caption and alt text on the photo's.

    `photo_version` is the photo's version when its caption here was written; None where no photo is given.
    """

    id = key()
    collection = owned("Collection")
    article = owned("Article", index=True)
    position = fields.IntField()
    headline = fields.CharField(300, null=True)
    kicker = fields.CharField(120, null=True)
    summary = fields.TextField(null=True)
    photo = foreign("Photo", null=True, index=True)
    photo_id: UUID | None
    caption = fields.TextField(null=True)
    alt_text = fields.TextField(null=True)
    photo_version = fields.IntField(null=True)

    class Meta:
        table = "collection_item"
        table_description = "Stories in curated lists"
        indexes = [Index(fields=("collection_id", "position"))]
