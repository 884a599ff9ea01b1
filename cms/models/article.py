"""A story, the photos placed in it, its links, its revisions, and the lists that it stands in."""

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
        indexes = [
            Index(fields=("live_from", "id")),
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
    """The story as it stood after one save: `snapshot` holds text, photos, credits, authors, tags and links."""

    id = key()
    article = owned("Article")
    version = fields.IntField()
    at = Instant()
    by = fields.CharField(200)
    user_id = fields.UUIDField(null=True)
    note = fields.TextField(null=True)
    snapshot = Document()

    class Meta:
        table = "revision"
        table_description = "Stories as saved"
        unique_together = (("article_id", "version"),)
