"""Who asks: a bearer token or key in a header, a key as the password of Basic, or the studio's cookie.

A header that opens nothing is refused, never taken for an anonymous caller; a cookie is sent unasked, so one that has ended
is as good as none.  To write with a cookie a request must come from our own pages: their Origin, and a header that no form
can send.
"""

import base64
import binascii

from starlette.requests import HTTPConnection, Request

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


async def _who(request: Request) -> Actor:
    if (secret := _secret(request.headers.get("authorization"))) is not None:
        return await identified(secret)
    if not (cookie := request.cookies.get(COOKIE)):
        return ANONYMOUS
    try:
        actor = await identified(cookie)
    except Unauthenticated:
        return ANONYMOUS
    if request.method not in ("GET", "HEAD"):
        _check_same_site(request)
    return actor


async def who_connects(socket: HTTPConnection, said: str | None) -> tuple[Actor, str | None]:
    """Of a socket that stays open: who, and what opens it, to be asked for again (None for an anonymous caller).

    `said` is an Authorization that came as a message: pages cannot send one with the handshake.  A browser opens sockets for
    any page and sends our cookie along: it counts for our own pages alone.  Raises Unauthenticated, Forbidden.
    """
    secret = _secret(socket.headers.get("authorization") if said is None else said)
    if secret is not None:
        return await identified(secret), secret
    cookie = socket.cookies.get(COOKIE)
    if not cookie:
        return ANONYMOUS, None
    try:
        actor = await identified(cookie)
    except Unauthenticated:
        return ANONYMOUS, None
    if not _from_our_pages(socket):
        raise Forbidden("A session cookie opens a socket from our own pages only.")
    return actor, cookie


def secret_of(request: Request) -> str | None:
    """What opened this request, of a caller that `who` has identified."""
    return _secret(request.headers.get("authorization")) or request.cookies.get(COOKIE)


def preflighted(request: Request) -> bool:
    """Does it carry a header that a form on another site cannot send?"""
    return any(name in request.headers for name in PREFLIGHT)


async def identified(secret: str) -> Actor:
    """Raises Unauthenticated, Unavailable."""
    async with unavailable():
        return await accounts.identify(secret)


def _check_same_site(request: Request) -> None:
    if not _from_our_pages(request) or not preflighted(request):
        raise Forbidden("A session cookie writes only from our own pages, with a GraphQL-Require-Preflight header.")


def _from_our_pages(connection: HTTPConnection) -> bool:
    settings: Settings = connection.app.state.services.settings
    return connection.headers.get("origin", "") in (_origin(settings.site_url), _origin(settings.public_url))


def _secret(header: str | None) -> str | None:
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
