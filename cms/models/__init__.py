"""The newsroom's tables.  Only actions, the read engine, policy, jobs and the ledger may import them."""

from cms.models.article import (
    Article,
    ArticleAuthor,
    ArticlePhoto,
    ArticleTag,
    Correction,
    PreviewLink,
    RelatedLink,
    Revision,
)
from cms.models.audit import AuditEntry, IdempotentRequest
from cms.models.collection import Collection, CollectionItem
from cms.models.columns import FAR, UNDATED
from cms.models.document import RegisteredDocument
from cms.models.job import Job
from cms.models.ledger import Change
from cms.models.listing import Listing
from cms.models.people import ApiKey, Partner, PartnerSection, Session, SignInTry, User, UserSection
from cms.models.photo import Photo, PhotoFile, PhotoLikeness, PhotoRevision, PhotoUpload, PhotoWord
from cms.models.syndication import Delivery, Feed, FeedTag, Webhook
from cms.models.taxonomy import Author, FormerSlug, Section, Tag
from cms.models.transfer import Origin, Redirect

__all__ = [
    "FAR",
    "UNDATED",
    "ApiKey",
    "Article",
    "ArticleAuthor",
    "ArticlePhoto",
    "ArticleTag",
    "AuditEntry",
    "Author",
    "Change",
    "Collection",
    "CollectionItem",
    "Correction",
    "Delivery",
    "Feed",
    "FeedTag",
    "FormerSlug",
    "IdempotentRequest",
    "Job",
    "Listing",
    "Origin",
    "Partner",
    "PartnerSection",
    "Photo",
    "PhotoFile",
    "PhotoLikeness",
    "PhotoRevision",
    "PhotoUpload",
    "PhotoWord",
    "PreviewLink",
    "Redirect",
    "RegisteredDocument",
    "RelatedLink",
    "Revision",
    "Section",
    "Session",
    "SignInTry",
    "Tag",
    "User",
    "UserSection",
    "Webhook",
]
