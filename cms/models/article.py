"""A story, the photos placed in it, its links, its corrections and revisions, and the links under which it is previewed."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import FAR, Document, Instant, foreign, key, owned, version


class Article(Model):
    """Its public life is an interval: from `live_from` until `live_until`, minus the embargo, on the database's clock.

    `live_from` is FAR until the story is published or scheduled; `first_live_from` keeps the first publication when it
    is published a second time.  `modified_at` is the last change that a reader would notice.  `path` is its section's
    path and its slug, kept here so that no link needs a look-up.

    `working_version` names the revision that is saved but not live yet; None where there is none.  Stories with the same
    `translation_set` are translations of each other, one for each language.  `copy_of` is set on a copy that was frozen
    for a preview: it stands in no list, and only its link leads to it.
    """

    id = key()
    version = version()
    slug = fields.CharField(160, unique=True)
    path = fields.CharField(600)
    headline = fields.CharField(300)
    kicker = fields.CharField(120, null=True)
    summary = fields.TextField(null=True)
    language = fields.CharField(35)
    in_review = fields.BooleanField(default=False)
    urgency = fields.IntField(null=True)
    internal_note = fields.TextField(null=True)
    word_count = fields.IntField(default=0)
    section = foreign("Section")
    section_id: UUID
    byline_override = fields.CharField(300, null=True)
    dateline = fields.CharField(120, null=True)
    seo_title = fields.CharField(300, null=True)
    seo_description = fields.TextField(null=True)
    canonical_url = fields.CharField(2000, null=True)
    noindex = fields.BooleanField(default=False)
    created_by = fields.UUIDField(null=True)
    translation_set = fields.UUIDField(null=True)
    working_version = fields.IntField(null=True)
    copy_of = owned("Article", null=True, index=True)
    copy_of_id: UUID | None
    live_from = Instant(default=FAR)
    first_live_from: Any = Instant(null=True)
    live_until = Instant(null=True)
    embargo_until = Instant(null=True)
    withdrawn_at = Instant(null=True)
    modified_at = Instant(null=True)
    created_at = Instant()
    updated_at = Instant()
    body = Document(default=list)  # last: SQLite reads overflow pages only to reach what lies behind it

    class Meta:
        table = "article"
        table_description = "Stories"
        unique_together = (("translation_set", "language"),)
        indexes = [
            # with all that the public rule asks: published stories are counted off the index alone
            Index(fields=("live_from", "id", "withdrawn_at", "live_until", "embargo_until")),
            Index(fields=("section_id", "live_from", "id")),
            Index(fields=("updated_at", "id")),
            Index(fields=("headline", "id")),
            Index(fields=("created_by",)),
        ]


class ArticlePhoto(Model):
    """A photo as used by one article.  `photo_version` is the photo's version when the override was written."""

    id = key()
    article = owned("Article")
    photo = foreign("Photo", index=True)
    photo_id: UUID
    role = fields.CharField(8)
    position = fields.IntField()
    caption = fields.TextField(null=True)
    alt_text = fields.TextField(null=True)
    photo_version = fields.IntField()

    class Meta:
        table = "article_photo"
        table_description = "Photos placed in stories"
        indexes = [Index(fields=("article_id", "position"))]


class ArticleAuthor(Model):
    id = key()
    article = owned("Article")
    author = foreign("Author")
    position = fields.IntField()

    class Meta:
        table = "article_author"
        indexes = [Index(fields=("article_id", "position")), Index(fields=("author_id", "article_id"))]


class ArticleTag(Model):
    id = key()
    article = owned("Article")
    tag = foreign("Tag")
    position = fields.IntField()

    class Meta:
        table = "article_tag"
        indexes = [Index(fields=("article_id", "position")), Index(fields=("tag_id", "article_id"))]


class RelatedLink(Model):
    """A curated link, in the editor's order: to another article, or to an address outside (`url` and `title`)."""

    id = key()
    article = owned("Article")
    target = foreign("Article", null=True)
    kind = fields.CharField(12)
    title = fields.CharField(300, null=True)
    url = fields.CharField(2000, null=True)
    position = fields.IntField()

    class Meta:
        table = "related_link"
        table_description = "Curated links"
        indexes = [Index(fields=("article_id", "position")), Index(fields=("target_id", "article_id"))]


class Revision(Model):
    """The story as it stood after one save: `snapshot` holds text, photos, credits, authors, tags and links.

    `working` is true where it was saved for later and readers went on seeing another one.  `working_snapshot` is there
    where it went live beside a working copy: what that copy then came to.  The four instants are the story's public life
    as that save left it.
    """

    id = key()
    article = owned("Article")
    version = fields.IntField()
    at = Instant()
    by = fields.CharField(200)
    user_id = fields.UUIDField(null=True)
    note = fields.TextField(null=True)
    working = fields.BooleanField(default=False)
    live_from = Instant(default=FAR)
    live_until = Instant(null=True)
    embargo_until = Instant(null=True)
    withdrawn_at = Instant(null=True)
    snapshot = Document()
    working_snapshot = Document(null=True)

    class Meta:
        table = "revision"
        table_description = "Stories as saved"
        unique_together = (("article_id", "version"),)
        indexes = [Index(fields=("article_id", "at"))]


class Correction(Model):
    """What readers are told about a mistake; `version` is the revision that mended it."""

    id = key()
    article = owned("Article")
    version = fields.IntField()
    at = Instant()
    text = fields.TextField()

    class Meta:
        table = "correction"
        table_description = "Public corrections"
        indexes = [Index(fields=("article_id", "at"))]


class PreviewLink(Model):
    """Shows `article`, a copy frozen at one version, to whoever has the token.  `token_hash` is its SHA-256 in hex."""

    id = key()
    article = owned("Article", index=True)
    token_hash = fields.CharField(64, unique=True)
    created_by = fields.UUIDField(null=True)
    created_at = Instant()
    expires_at = Instant(db_index=True)
    revoked_at = Instant(null=True)

    class Meta:
        table = "preview_link"
        table_description = "Links to stories that are not published"
