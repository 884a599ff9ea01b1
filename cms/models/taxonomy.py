"""How stories are sorted: sections as a tree, tags, the authors who sign; and the slugs that these and stories once had."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import UNDATED, Document, Instant, foreign, key, version


class Section(Model):
    """`path` is "/world/asia/": a subtree is a prefix, and a story's address starts with it."""

    id = key()
    version = version()
    slug = fields.CharField(80, unique=True)
    name = fields.CharField(80)
    description = fields.TextField(null=True)
    path = fields.CharField(400, unique=True)
    position = fields.IntField(default=0)
    parent = foreign("Section", null=True, index=True)
    parent_id: UUID | None

    class Meta:
        table = "section"
        table_description = "Sections as a tree"


class Tag(Model):
    """`visible_from` is when readers may know of it: from the first of its stories on, where a story made it; always, where
    an editor did."""

    id = key()
    version = version()
    slug = fields.CharField(120, unique=True)
    name = fields.CharField(120)
    visible_from = Instant(default=UNDATED)

    class Meta:
        table = "tag"
        table_description = "What stories are about"
        indexes = [Index(fields=("name", "id"))]


class Author(Model):
    id = key()
    version = version()
    slug = fields.CharField(120, unique=True)
    name = fields.CharField(120)
    role = fields.CharField(120, null=True)
    bio = fields.TextField(null=True)
    photo = foreign("Photo", null=True, index=True)
    links = Document(default=list)

    class Meta:
        table = "author"
        indexes = [Index(fields=("name", "id"))]


class FormerSlug(Model):
    """A slug that `subject_id` had while readers could know it: old addresses go on leading there.

    `kind` is "article", "section", "tag" or "author".  Where something else has the slug now, that one wins.
    """

    id = key()
    kind = fields.CharField(8)
    slug = fields.CharField(160)
    subject_id = fields.UUIDField(db_index=True)

    class Meta:
        table = "former_slug"
        table_description = "Slugs that lead to where their owner is now"
        unique_together = (("kind", "slug"),)
