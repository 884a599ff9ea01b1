"""A photo as news: credit, caption, rights, and where its bytes are.  The bytes themselves live in `media`'s store."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import UNDATED, Document, Instant, Word, foreign, key, owned, version


class Photo(Model):
    """`store` names the store that holds `original_key`, so that a move to another store can go row by row.

    `caption_version` is the version that the caption was last changed in.  `distributor` is the last party of the credit
    line's chain, `distributor_key` the same in small letters; `taken_order` is `taken_at` with a value for "unknown".  `territories` are ISO 3166-1 codes, empty for
    everywhere.  `withdrawn_notice` is what everyone is told of a kill, `withdrawn_reason` what the desk says among itself.
    `data_mining` is a URI of PLUS's vocabulary.  `likeness` is what `media.likeness` reads, "" for a picture with nothing on it.
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
    data_mining = fields.CharField(300, null=True)
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
    distributor_key = fields.CharField(200, null=True)
    rights_until = Instant(null=True)
    restrictions = fields.TextField(null=True)
    syndicatable = fields.BooleanField(default=True)
    territories = Document(default=list)
    withdrawn_at = Instant(null=True)
    withdrawn_notice = fields.TextField(null=True)
    withdrawn_reason = fields.TextField(null=True)
    replacement = foreign("Photo", null=True, index=True)
    content_credentials = fields.CharField(16, default="NONE")
    likeness = fields.TextField(default="")
    created_by = fields.UUIDField(null=True)
    created_at = Instant()
    updated_at = Instant()
    metadata = Document(default=dict)

    class Meta:
        table = "photo"
        table_description = "Photos: credit, caption, rights"
        indexes = [Index(fields=("created_at", "id")), Index(fields=("taken_order", "id"))]


class PhotoRevision(Model):
    """What could be read of a photo after one save: caption, credit, rights, status."""

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


class PhotoWord(Model):
    """What a photo is looked for by, as `cms.words` writes it: `kind` is keyword or person for a whole one, credit for a word of
    the credit line, text for one of all that is said of it."""

    id = fields.BigIntField(primary_key=True, generated=True)
    photo = owned("Photo", index=True)
    kind = fields.CharField(7)
    word = Word(300)

    class Meta:
        table = "photo_word"
        table_description = "What photos are looked for by"
        indexes = [Index(fields=("kind", "word", "photo_id"))]


class PhotoLikeness(Model):
    """A number that photos which look alike share: one of `media.likeness.keys`."""

    id = fields.BigIntField(primary_key=True, generated=True)
    photo = owned("Photo", index=True)
    key = fields.IntField()

    class Meta:
        table = "photo_likeness"
        table_description = "By what photos that look alike are found"
        indexes = [Index(fields=("key", "photo_id"))]


class PhotoFile(Model):
    """A file that a photo had before a better one took its place; `version` is the photo's last with it."""

    id = key()
    photo = owned("Photo")
    version = fields.IntField()
    filename = fields.CharField(255)
    format = fields.CharField(8)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    sha256 = fields.CharField(64, db_index=True)
    store = fields.CharField(16)
    original_key = fields.CharField(255)
    at = Instant()

    class Meta:
        table = "photo_file"
        table_description = "Files that photos had before"
        unique_together = (("photo_id", "version"),)


class PhotoUpload(Model):
    """A file on its way into the store: `object_key` is where it will be, or may be already; the rest is what was promised.

    Whoever puts an object has such a row first, so that what a crash leaves can be found.  `photo` is what became of it, None
    until it is finished.  `clearing_until` is set while its object is being deleted.
    """

    id = key()
    user_id = fields.UUIDField(null=True)
    filename = fields.CharField(255)
    content_type = fields.CharField(100)
    byte_size = fields.IntField()
    sha256 = fields.CharField(64)
    object_key = fields.CharField(255, db_index=True)
    created_at = Instant()
    expires_at = Instant(db_index=True)
    clearing_until = Instant(null=True)
    photo = foreign("Photo", null=True, index=True)

    class Meta:
        table = "photo_upload"
        table_description = "Files on their way into the store"
