"""Every refusal this product gives, as a tree.  Codes are stable for ever; facts are fields; messages are for people.

    CMSError
    ├── BadRequest            BAD_REQUEST             the request itself cannot be read
    ├── BadCursor             BAD_CURSOR              a cursor of another list or order
    ├── Unauthenticated       UNAUTHENTICATED         no credential, or one that is not valid (any more)
    ├── Forbidden             FORBIDDEN               a valid credential that may not do this
    ├── QueryTooComplex       QUERY_TOO_COMPLEX       cost, depth, tokens, aliases or directives over the limit
    ├── TooComplex            TOO_COMPLEX             nests deeper than this database can parse
    ├── IdempotencyMismatch   IDEMPOTENCY_MISMATCH    an Idempotency-Key that stands for another request
    ├── StillRunning          CONFLICT                a request with the same Idempotency-Key runs still
    ├── RateLimited           RATE_LIMITED            too many tries, or a budget is spent; `retry_after` in seconds
    ├── Unavailable           UNAVAILABLE             a part out of reach, or too much to do; `retry_after` in seconds
    ├── PersistedDocumentNotFound  PERSISTED_DOCUMENT_NOT_FOUND  a documentId that is not registered
    ├── PersistedQueryNotFound     PERSISTED_QUERY_NOT_FOUND     APQ: the client is to send the text with its hash
    ├── PersistedQueryMismatch     PERSISTED_QUERY_MISMATCH      APQ: the hash is another text's
    ├── BodyTooLarge          BODY_TOO_LARGE
    ├── HeadersTooLarge       HEADERS_TOO_LARGE
    ├── UriTooLong            URI_TOO_LONG
    ├── RequestTimeout        REQUEST_TIMEOUT         the request did not arrive in time
    ├── UnsupportedMediaType  UNSUPPORTED_MEDIA_TYPE
    ├── MethodNotAllowed      METHOD_NOT_ALLOWED
    ├── NotAcceptable         NOT_ACCEPTABLE
    ├── NotOffered            NOT_OFFERED             oEmbed in another format than JSON and XML
    ├── Gone                  GONE                    was withdrawn, for good; the message is what all are told of it
    └── Refusal               what the caller can mend: mutations return it in `errors`, with the input's path
        ├── BadInput BAD_INPUT · Required REQUIRED · TooLong TOO_LONG · NotFound NOT_FOUND
        ├── Conflict CONFLICT (current version, by whom, when) · SlugTaken SLUG_TAKEN · BadState BAD_STATE
        ├── CreditMissing CREDIT_MISSING · DuplicatePhoto DUPLICATE_PHOTO · PhotoWithdrawn PHOTO_WITHDRAWN
        ├── CaptionMissing CAPTION_MISSING · AltTextMissing ALT_TEXT_MISSING · SummaryMissing SUMMARY_MISSING
        │   LinkHidden LINK_HIDDEN: warnings, unless the caller asks for more
        ├── BodyMissing BODY_MISSING · ExpiresTooSoon EXPIRES_TOO_SOON · Embargoed EMBARGOED
        ├── RightsExpired RIGHTS_EXPIRED · RightsRestricted RIGHTS_RESTRICTED (a warning) · FileMissing FILE_MISSING · FileTooLarge FILE_TOO_LARGE
        ├── ChecksumMismatch CHECKSUM_MISMATCH · UploadExpired UPLOAD_EXPIRED
        └── UnsupportedImage UNSUPPORTED_IMAGE · BadImage BAD_IMAGE · ImageTooLarge IMAGE_TOO_LARGE

Two tables translate it: schema/errors.py for GraphQL, cms/web/errors.py for HTTP.  A query's bad argument (a page size of 0)
is a Refusal too; it then fails the whole request, for there is no payload to put it in.
"""

from datetime import datetime


class CMSError(Exception):
    """A refusal.  `code` is for programs, the message one plain sentence for people, `status` the HTTP status."""

    code = "INTERNAL"
    status = 500

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class BadRequest(CMSError):
    code, status = "BAD_REQUEST", 400


class BadCursor(CMSError):
    code, status = "BAD_CURSOR", 400


class Unauthenticated(CMSError):
    code, status = "UNAUTHENTICATED", 401


class Forbidden(CMSError):
    code, status = "FORBIDDEN", 403


class PersistedDocumentNotFound(CMSError):
    code, status = "PERSISTED_DOCUMENT_NOT_FOUND", 404


class PersistedQueryNotFound(CMSError):
    """The message is the protocol's own and not for people: urql and Relay's clients know the miss by it alone.  They take
    only a 200 for an answer to read."""

    code, status = "PERSISTED_QUERY_NOT_FOUND", 200

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryMismatch(CMSError):
    code, status = "PERSISTED_QUERY_MISMATCH", 400


class MethodNotAllowed(CMSError):
    code, status = "METHOD_NOT_ALLOWED", 405


class NotAcceptable(CMSError):
    code, status = "NOT_ACCEPTABLE", 406


class NotOffered(CMSError):
    code, status = "NOT_OFFERED", 501  # as oEmbed 1.0 wants it


class Gone(CMSError):
    code, status = "GONE", 410


class BodyTooLarge(CMSError):
    code, status = "BODY_TOO_LARGE", 413


class HeadersTooLarge(CMSError):
    code, status = "HEADERS_TOO_LARGE", 431


class UriTooLong(CMSError):
    code, status = "URI_TOO_LONG", 414


class RequestTimeout(CMSError):
    code, status = "REQUEST_TIMEOUT", 408


class UnsupportedMediaType(CMSError):
    code, status = "UNSUPPORTED_MEDIA_TYPE", 415


class QueryTooComplex(CMSError):
    """`cost` and `limit` are of the measure that `what` names: tokens, depth, aliases, directives or cost."""

    code, status = "QUERY_TOO_COMPLEX", 400

    def __init__(self, what: str, cost: int, limit: int):
        super().__init__(f"This operation is too large: {what} {cost}, and the limit is {limit}.")
        self.what, self.cost, self.limit = what, cost, limit


class TooComplex(CMSError):
    code, status = "TOO_COMPLEX", 400


class IdempotencyMismatch(CMSError):
    code, status = "IDEMPOTENCY_MISMATCH", 422

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was sent with another request: a new request needs a new key.")


class StillRunning(CMSError):
    """The same request, a moment earlier: its answer may be asked for again soon."""

    code, status = "CONFLICT", 409

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is still running; try again in a moment.")


class RateLimited(CMSError):
    """`retry_after` in seconds."""

    code, status = "RATE_LIMITED", 429

    def __init__(self, message: str, retry_after: int):
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(CMSError):
    """A part that is needed is out of reach; the same request may be repeated after `retry_after` seconds."""

    code, status = "UNAVAILABLE", 503

    def __init__(self, message: str = "The service is not available just now; try again.", retry_after: int = 2):
        super().__init__(message)
        self.retry_after = retry_after


class Refusal(CMSError):
    """Something the caller can mend.  `field` is the path of the input field, empty where none is to blame."""

    code, status = "BAD_INPUT", 400

    def __init__(self, message: str, *field: str):
        super().__init__(message)
        self.field = field


class BadInput(Refusal):
    pass


class Required(Refusal):
    code = "REQUIRED"


class TooLong(Refusal):
    code = "TOO_LONG"


class NotFound(Refusal):
    """Hidden and absent are the same answer."""

    code, status = "NOT_FOUND", 404


class Conflict(Refusal):
    """Someone saved meanwhile: the version that stands now, who saved it and when."""

    code, status = "CONFLICT", 409

    def __init__(self, message: str, *field: str, current: int, by: str | None = None, at: datetime | None = None):
        super().__init__(message, *field)
        self.current, self.by, self.at = current, by, at


class SlugTaken(Refusal):
    code, status = "SLUG_TAKEN", 409


class BadState(Refusal):
    """The thing is not in a state in which this can be done."""

    code, status = "BAD_STATE", 409


class CreditMissing(Refusal):
    code = "CREDIT_MISSING"


class CaptionMissing(Refusal):
    code = "CAPTION_MISSING"


class AltTextMissing(Refusal):
    code = "ALT_TEXT_MISSING"


class SummaryMissing(Refusal):
    code = "SUMMARY_MISSING"


class LinkHidden(Refusal):
    """A link leads to a story that readers do not see."""

    code = "LINK_HIDDEN"


class BodyMissing(Refusal):
    code = "BODY_MISSING"


class ExpiresTooSoon(Refusal):
    code = "EXPIRES_TOO_SOON"


class Embargoed(Refusal):
    """The embargo outlasts the schedule or the end."""

    code = "EMBARGOED"


class DuplicatePhoto(Refusal):
    """The same bytes are in the archive already."""

    code, status = "DUPLICATE_PHOTO", 409


class PhotoWithdrawn(Refusal):
    code, status = "PHOTO_WITHDRAWN", 409


class RightsExpired(Refusal):
    code, status = "RIGHTS_EXPIRED", 409


class RightsRestricted(Refusal):
    """The photo may not be shown everywhere, or not in every way."""

    code, status = "RIGHTS_RESTRICTED", 409


class FileMissing(Refusal):
    code = "FILE_MISSING"


class ChecksumMismatch(Refusal):
    """What arrived is not what was announced."""

    code = "CHECKSUM_MISMATCH"


class UploadExpired(Refusal):
    code, status = "UPLOAD_EXPIRED", 410


class FileTooLarge(Refusal):
    code, status = "FILE_TOO_LARGE", 413


class UnsupportedImage(Refusal):
    code, status = "UNSUPPORTED_IMAGE", 415


class BadImage(Refusal):
    code, status = "BAD_IMAGE", 400


class ImageTooLarge(Refusal):
    code, status = "IMAGE_TOO_LARGE", 400


class Refused(CMSError):
    """Several refusals at once: an editor wants to see all of what stops a publication, not the first."""

    def __init__(self, refusals: tuple[Refusal, ...]):
        super().__init__(" ".join(one.message for one in refusals))
        self.refusals = refusals


def _tree(kind: type[CMSError]) -> dict[str, int]:
    return {kind.code: kind.status} | {
        code: status for one in kind.__subclasses__() for code, status in _tree(one).items()
    }


STATUS = _tree(CMSError)  # code -> HTTP status
