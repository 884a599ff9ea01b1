"""A photo as news: credit, caption, rights, and where its bytes are.  The bytes themselves live in `media`'s store."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import UNDATED, Document, Instant, key, owned, version


class Photo(Model):
    """`store` names the store that holds `original_key`, so that a move to another store can go row by row.

    `caption_version` is the version that the caption was last changed in.  `distributor` is the last party of the credit line's chain; `taken_order` is `taken_at` with a value for "unknown".
    """

    id = key()
    version = version()
    status = fields.CharField(10, default="READY")
    credit = fields.TextField()
    caption = fields.TextField(default="")
    caption_version = fields.IntField(default=1)
    alt_text = fields.TextField(null=True)
    headline = fields.CharField(300, null=True)
    copyright_notice = fields.TextField(null=True)
    usage_terms = fields.TextField(null=True)
    license_url = fields.CharField(2000, null=True)
    digital_source_type = fields.CharField(300, null=True)
    taken_at = Instant(null=True)
    taken_order = Instant(default=UNDATED)
    sublocation = fields.CharField(300, null=True)
    city = fields.CharField(300, null=True)
    region = fields.CharField(300, null=True)
    country = fields.CharField(300, null=True)
    country_code = fields.CharField(3, null=True)
    keywords = Document(default=list)
    people = Document(default=list)
    creators = Document(default=list)
    filename = fields.CharField(255)
    format = fields.CharField(8)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    sha256 = fields.CharField(64, db_index=True)
    focal_x = fields.FloatField(default=0.5)
    focal_y = fields.FloatField(default=0.5)
    placeholder = fields.CharField(64)
    dominant_color = fields.CharField(7)
    store = fields.CharField(16)
    original_key = fields.CharField(255)
    distributor = fields.CharField(200, null=True)
    rights_until = Instant(null=True)
    restrictions = fields.TextField(null=True)
    created_by = fields.UUIDField(null=True)
    created_at = Instant()
    updated_at = Instant()
    metadata = Document(default=dict)

    class Meta:
        table = "photo"
        table_description = "Photos: credit, caption, rights"
        indexes = [Index(fields=("created_at", "id")), Index(fields=("taken_order", "id"))]


class PhotoRevision(Model):
    """What could be read of a photo after one save: caption, credit, rights, status.  Its bytes never change."""

    id = key()
    photo = owned("Photo")
    version = fields.IntField()
    at = Instant()
    by = fields.CharField(200)
    user_id = fields.UUIDField(null=True)
    snapshot = Document()

    class Meta:
        table = "photo_revision"
        table_description = "Photos as saved"
        unique_together = (("photo_id", "version"),)
