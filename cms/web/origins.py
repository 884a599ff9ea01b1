"""Which other sites' scripts may ask (CORS, as the Fetch standard has it); none, unless a setting names them.

They ask as anyone does, without our cookie: a script that signs in sends its token itself.
"""

from starlette.responses import Response
from starlette.types import Scope

ASKS = b"access-control-request-method"
METHODS = "GET, HEAD, POST, PUT"
SENT = (
    "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, GraphQL-Require-Preflight, "
    "Apollo-Require-Preflight, X-Requested-With, Dateline-Explain, Last-Event-ID"
)
SEEN = b"Dateline-Cost, ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
HOUR = 3600

Headers = list[tuple[bytes, bytes]]


class Origins:
    """`allowed` are origins with commas between, `*` all; false where there are none."""

    def __init__(self, allowed: str):
        self._allowed = frozenset(allowed.encode().split(b",")) if allowed else frozenset()
        self._all = b"*" in self._allowed

    def __bool__(self) -> bool:
        return bool(self._allowed)

    def preflight(self, scope: Scope) -> Response | None:
        """What a browser is told that asks for leave first; None where this is no such question, or nobody may."""
        if scope["method"] != "OPTIONS" or not any(name == ASKS for name, _ in scope["headers"]):
            return None
        if self._origin(scope) is None:
            return None
        headers = {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": str(HOUR),
        }
        return Response(None, 204, headers)

    def told(self, scope: Scope, headers: Headers) -> Headers:
        """An answer's headers, with what lets the script see it."""
        if self._all:
            return [*headers, (b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", SEEN)]
        headers = [*headers, (b"vary", b"Origin")]
        if (origin := self._origin(scope)) is not None:
            headers += [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", SEEN)]
        return headers

    def _origin(self, scope: Scope) -> bytes | None:
        found: list[bytes] = [value for name, value in scope["headers"] if name == b"origin"]
        return found[0] if len(found) == 1 and (self._all or found[0] in self._allowed) else None
