"""Refusals → GraphQL errors.  Anything unforeseen becomes INTERNAL; the log has the rest."""

import logging
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from cms.db.faults import fault
from cms.errors import STATUS, CMSError, Conflict, QueryTooComplex, RateLimited, Refusal, Refused, Unavailable
from cms.telemetry import request_id
from cms.web.errors import SORRY
from schema.types.enums import ErrorCode
from schema.types.payloads import UserError

__all__ = ["STATUS", "extensions", "refusal", "shown", "unforeseen", "user_errors"]

log = logging.getLogger("dateline.graphql")


def extensions(error: CMSError) -> dict[str, Any]:
    """The code and the facts, for programs."""
    facts: dict[str, Any] = {"code": error.code}
    if isinstance(error, Refusal) and error.field:
        facts["field"] = list(error.field)
    if isinstance(error, Conflict):
        facts["currentVersion"] = error.current
    if isinstance(error, QueryTooComplex):
        facts |= {"cost": error.cost, "limit": error.limit}
    if isinstance(error, (RateLimited, Unavailable)):
        facts["retryAfter"] = error.retry_after
    return facts


def shown(error: GraphQLError) -> dict[str, Any]:
    """One entry of a response's `errors`."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    cause = (cause and fault(cause)) or cause
    made: dict[str, Any] = {}
    if isinstance(cause, CMSError):
        made = {"message": cause.message, "extensions": extensions(cause)}
    elif cause is None:
        made = {"message": error.message, "extensions": {"code": "BAD_INPUT"}}
    else:
        log.error("A field failed", exc_info=cause)
        made = unforeseen()
    if error.path:
        made["path"] = error.path
    return made


def unforeseen() -> dict[str, Any]:
    """The entry for what nobody expected."""
    return {"message": SORRY, "extensions": {"code": CMSError.code, "requestId": request_id.get()}}


def refusal(error: CMSError) -> dict[str, Any]:
    """The `errors` entry of a request that was refused whole."""
    return {"message": error.message, "extensions": extensions(error)}


def user_errors(error: Refusal | Refused | Unavailable) -> list[UserError]:
    """What a payload says of a refusal."""
    several = error.refusals if isinstance(error, Refused) else (error,)
    return [user_error(one) for one in several]


def user_error(error: Refusal | Unavailable) -> UserError:
    stands: dict[str, Any] = {}
    if isinstance(error, Conflict):
        stands = {"current_version": error.current, "current_by": error.by, "current_at": error.at}
    field = camel(error.field) if isinstance(error, Refusal) else []
    return UserError(code=ErrorCode(error.code), message=error.message, field=field or None, **stands)


def camel(path: Sequence[str]) -> list[str]:
    """An action's field path in the contract's names: ("lead_photo", "alt_text") -> ["leadPhoto", "altText"]."""
    return ["".join(part.title() if n else part for n, part in enumerate(step.split("_"))) for step in path]
