"""The contract's enumerations.  Their values are their names: that is what the catalog and the tables hold."""

from enum import Enum

import strawberry


@strawberry.enum(description="Where a story stands in its public life; computed at the instant of asking.")
class ArticleStatus(Enum):
    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    SCHEDULED = "SCHEDULED"
    PUBLISHED = "PUBLISHED"
    UNPUBLISHED = "UNPUBLISHED"
    WITHDRAWN = "WITHDRAWN"


@strawberry.enum(description="How a list of articles is sorted.")
class ArticleOrder(Enum):
    PUBLISHED_AT_DESC = "PUBLISHED_AT_DESC"
    PUBLISHED_AT_ASC = "PUBLISHED_AT_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    UPDATED_AT_ASC = "UPDATED_AT_ASC"
    HEADLINE_ASC = "HEADLINE_ASC"


@strawberry.enum(description="How a list of photos is sorted.")
class PhotoOrder(Enum):
    CREATED_AT_DESC = "CREATED_AT_DESC"
    CREATED_AT_ASC = "CREATED_AT_ASC"
    TAKEN_AT_DESC = "TAKEN_AT_DESC"


@strawberry.enum(description="What a photo does in a story.")
class PhotoRole(Enum):
    LEAD = "LEAD"
    INLINE = "INLINE"
    GALLERY = "GALLERY"


@strawberry.enum(description="Whether a photo can be used.")
class PhotoStatus(Enum):
    PENDING = "PENDING"
    READY = "READY"
    WITHDRAWN = "WITHDRAWN"


@strawberry.enum(
    description="What the original says of its own making (C2PA), as far as it was verified: NONE; PRESENT, and not verified;"
    " VALID; VALID_UNTRUSTED: sound, by a signer whom nobody vouches for; INVALID: file or claim were changed."
)
class ContentCredentials(Enum):
    NONE = "NONE"
    PRESENT = "PRESENT"
    VALID = "VALID"
    VALID_UNTRUSTED = "VALID_UNTRUSTED"
    INVALID = "INVALID"


@strawberry.enum(description="An image format; AUTO lets the browser's Accept header decide.")
class ImageFormat(Enum):
    AUTO = "AUTO"
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    AVIF = "AVIF"
    GIF = "GIF"
    TIFF = "TIFF"
    HEIC = "HEIC"


@strawberry.enum(description="COVER fills the box and crops around the focal point; CONTAIN fits inside it.")
class Fit(Enum):
    COVER = "COVER"
    CONTAIN = "CONTAIN"


@strawberry.enum(description="Why a link stands under a story.")
class RelatedKind(Enum):
    RELATED = "RELATED"
    BACKGROUND = "BACKGROUND"
    UPDATE = "UPDATE"
    FOLLOW_UP = "FOLLOW_UP"
    EXPLAINER = "EXPLAINER"
    EXTERNAL = "EXTERNAL"


@strawberry.enum(description="BLOCKS: it is not published like this.  WARNS: it is, but look at it.")
class CheckLevel(Enum):
    BLOCKS = "BLOCKS"
    WARNS = "WARNS"


@strawberry.enum(description="What a person may do in the newsroom.")
class Role(Enum):
    READER = "READER"
    CONTRIBUTOR = "CONTRIBUTOR"
    PHOTO_EDITOR = "PHOTO_EDITOR"
    EDITOR = "EDITOR"
    ADMIN = "ADMIN"


@strawberry.enum(description="What kind of caller this is.")
class ViewerKind(Enum):
    ANONYMOUS = "ANONYMOUS"
    USER = "USER"
    API_KEY = "API_KEY"
    PARTNER = "PARTNER"


@strawberry.enum(description="What the ledger tells.")
class ChangeKind(Enum):
    ARTICLE_PUBLISHED = "ARTICLE_PUBLISHED"
    ARTICLE_UPDATED = "ARTICLE_UPDATED"
    ARTICLE_CORRECTED = "ARTICLE_CORRECTED"
    ARTICLE_UNPUBLISHED = "ARTICLE_UNPUBLISHED"
    ARTICLE_WITHDRAWN = "ARTICLE_WITHDRAWN"
    PHOTO_UPDATED = "PHOTO_UPDATED"
    PHOTO_RIGHTS_CHANGED = "PHOTO_RIGHTS_CHANGED"
    PHOTO_WITHDRAWN = "PHOTO_WITHDRAWN"


@strawberry.enum(description="How a delivery stands: FETCHED by the partner itself; DEAD when it is not tried again.")
class DeliveryOutcome(Enum):
    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    RETRYING = "RETRYING"
    DEAD = "DEAD"
    FETCHED = "FETCHED"


@strawberry.enum(
    description="HEALTHY; RETRYING: it failed lately and is tried again; PAUSED: nothing is sent until someone resumes it."
)
class WebhookState(Enum):
    HEALTHY = "HEALTHY"
    RETRYING = "RETRYING"
    PAUSED = "PAUSED"


@strawberry.enum(description="The form of a feed.")
class FeedFormat(Enum):
    RSS = "RSS"
    ATOM = "ATOM"
    JSON_FEED = "JSON_FEED"
    NINJS = "NINJS"
    NEWSML_G2 = "NEWSML_G2"
    NITF = "NITF"


@strawberry.enum(description="Why something is left out: RIGHTS, photos that this caller may not have.")
class Omitted(Enum):
    RIGHTS = "RIGHTS"


@strawberry.enum(description="What to do when the same bytes are in the archive already.")
class OnDuplicate(Enum):
    REFUSE = "REFUSE"
    RETURN_EXISTING = "RETURN_EXISTING"
    ALLOW = "ALLOW"


@strawberry.enum(description="A refusal's stable code.")
class ErrorCode(Enum):
    BAD_INPUT = "BAD_INPUT"
    REQUIRED = "REQUIRED"
    TOO_LONG = "TOO_LONG"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    SLUG_TAKEN = "SLUG_TAKEN"
    BAD_STATE = "BAD_STATE"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    CREDIT_MISSING = "CREDIT_MISSING"
    CAPTION_MISSING = "CAPTION_MISSING"
    ALT_TEXT_MISSING = "ALT_TEXT_MISSING"
    SUMMARY_MISSING = "SUMMARY_MISSING"
    BODY_MISSING = "BODY_MISSING"
    LINK_HIDDEN = "LINK_HIDDEN"
    EXPIRES_TOO_SOON = "EXPIRES_TOO_SOON"
    EMBARGOED = "EMBARGOED"
    RIGHTS_EXPIRED = "RIGHTS_EXPIRED"
    RIGHTS_RESTRICTED = "RIGHTS_RESTRICTED"
    PHOTO_WITHDRAWN = "PHOTO_WITHDRAWN"
    DUPLICATE_PHOTO = "DUPLICATE_PHOTO"
    FILE_MISSING = "FILE_MISSING"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    IMAGE_TOO_LARGE = "IMAGE_TOO_LARGE"
    UNSUPPORTED_IMAGE = "UNSUPPORTED_IMAGE"
    CHECKSUM_MISMATCH = "CHECKSUM_MISMATCH"
    UPLOAD_EXPIRED = "UPLOAD_EXPIRED"
    BAD_IMAGE = "BAD_IMAGE"
    UNAVAILABLE = "UNAVAILABLE"
