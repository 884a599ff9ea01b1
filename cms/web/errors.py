"""Refusals → HTTP: RFC 9457 problem details, with the same stable codes as in GraphQL.

Anything unforeseen becomes INTERNAL with the request's id; the log has the rest.
"""

import logging
from http import HTTPStatus

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from cms.errors import CMSError, MethodNotAllowed, NotFound, RateLimited, Unauthenticated, Unavailable
from cms.telemetry import request_id

log = logging.getLogger("dateline.web")

SORRY = "Something went wrong here; the request id finds it in the log."


def problem(error: CMSError, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that was refused.  Nobody may keep it."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "requestId": request_id.get(),
    }
    sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **hints(error), **(headers or {})}
    return Response(orjson.dumps(told), error.status, sent, "application/problem+json")


def hints(error: CMSError) -> dict[str, str]:
    """Headers that say what to do about it."""
    if isinstance(error, (RateLimited, Unavailable)):
        return {"Retry-After": str(error.retry_after)}
    return {"WWW-Authenticate": 'Bearer realm="dateline"'} if isinstance(error, Unauthenticated) else {}


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CMSError)
    return problem(error)


async def http_refused(request: Request, error: Exception) -> Response:
    """What the router itself refuses: no such path, no such method."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(MethodNotAllowed("This address is not asked this way."), dict(error.headers or {}))
    return problem(NotFound("There is nothing at this address."))


def failed(error: Exception) -> Response:
    """What nobody foresaw."""
    log.error("A request failed", exc_info=error)
    return problem(CMSError(SORRY))


HANDLERS = {CMSError: refused, HTTPException: http_refused}
