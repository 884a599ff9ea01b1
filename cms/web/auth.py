"""Who asks: a bearer token or key in a header, a key as the password of Basic, or the studio's cookie.

A header that opens nothing is refused, never taken for an anonymous caller; a cookie is sent unasked, so one that has ended
is as good as none.  To write with a cookie a request must come from our own pages: their Origin, and a header that no form
can send.
"""

import base64
import binascii

from starlette.requests import Request

from cms.actions import accounts
from cms.actor import ANONYMOUS, Actor
from cms.db.faults import unavailable
from cms.errors import Forbidden, Unauthenticated
from cms.settings import Settings
from cms.web.rates import caller
from cms.web.services import Services

COOKIE = "dateline_session"
# a browser asks before it sends one of these to another site; the multipart request specification names the first
PREFLIGHT = ("graphql-require-preflight", "apollo-require-preflight", "x-requested-with")
NOT_VALID = "This credential is not valid, or not any more."


async def who(request: Request) -> Actor:
    """Raises Unauthenticated for a header that opens nothing, Forbidden for a cookie from another site, RateLimited."""
    services: Services = request.app.state.services
    try:
        actor = await _who(request)
    except Unauthenticated:  # to guess is not free either
        services.rates.reads.take(caller(ANONYMOUS))
        raise
    services.rates.reads.take(caller(actor))
    return actor


def preflighted(request: Request) -> bool:
    """Does it carry a header that a form on another site cannot send?"""
    return any(name in request.headers for name in PREFLIGHT)


async def _who(request: Request) -> Actor:
    if (secret := _secret(request)) is not None:
        return await _identified(secret)
    if not (cookie := request.cookies.get(COOKIE)):
        return ANONYMOUS
    try:
        actor = await _identified(cookie)
    except Unauthenticated:
        return ANONYMOUS
    if request.method not in ("GET", "HEAD"):
        _check_same_site(request)
    return actor


async def _identified(secret: str) -> Actor:
    async with unavailable():
        return await accounts.identify(secret)


def _check_same_site(request: Request) -> None:
    settings: Settings = request.app.state.services.settings
    origin = request.headers.get("origin", "")
    if origin not in (_origin(settings.site_url), _origin(settings.public_url)) or not preflighted(request):
        raise Forbidden("A session cookie writes only from our own pages, with a GraphQL-Require-Preflight header.")


def _secret(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            pass
    raise Unauthenticated(NOT_VALID)


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])
