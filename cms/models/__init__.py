"""The newsroom's tables.  Only actions, the read engine, policy, jobs and the ledger may import them."""

from cms.models.article import Article, ArticleAuthor, ArticlePhoto, ArticleTag, RelatedLink, Revision
from cms.models.columns import FAR, UNDATED
from cms.models.document import RegisteredDocument
from cms.models.job import Job
from cms.models.ledger import Change
from cms.models.listing import Listing
from cms.models.people import ApiKey, Partner, Session, User, UserSection
from cms.models.photo import Photo
from cms.models.taxonomy import Author, Section, Tag

__all__ = [
    "FAR",
    "UNDATED",
    "ApiKey",
    "Article",
    "ArticleAuthor",
    "ArticlePhoto",
    "ArticleTag",
    "Author",
    "Change",
    "Job",
    "Listing",
    "Partner",
    "Photo",
    "RegisteredDocument",
    "RelatedLink",
    "Revision",
    "Section",
    "Session",
    "Tag",
    "User",
    "UserSection",
]
