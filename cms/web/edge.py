"""The outermost layer: gives each request an id, answers with it, and writes one line about it when it is done.

Here is decided how many requests are worked on at once, whom a request came from where a proxy says so, what other sites'
scripts may ask, and what every answer tells browsers to leave undone.  What nobody foresaw becomes an answer here, where the
id is still known.
"""

import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cms.errors import CMSError
from cms.settings import Settings
from cms.telemetry import new_request_id, request_id, source, tell
from cms.web.admission import Admission
from cms.web.errors import failed, problem
from cms.web.origins import Origins
from cms.web.proxies import Proxies

QUIET = ("/health/",)  # asked every few seconds by machines, and never kept waiting
SECRET = ("/preview/", "/feeds/private/")  # what follows opens a story, or a feed
YEAR = 31536000


class Edge:
    def __init__(self, app: ASGIApp, settings: Settings, quiet: Iterable[str] = QUIET):
        self._app, self._quiet = app, tuple(quiet)
        self._admission = Admission(settings)
        self._proxies, self._origins = Proxies(settings.trusted_proxies), Origins(settings.cors_origins)
        self._always = _always(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        came_from = (scope.get("client") or ("",))[0]
        if self._proxies:
            came_from, scope["scheme"] = self._proxies.seen_through(came_from, scope)
        source.set(came_from)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        given, begun, status = new_request_id(), time.perf_counter(), 0
        token = request_id.set(given)
        quiet = scope["path"].startswith(self._quiet)
        place = self._admission.place()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                place.leave()
                headers = [*message["headers"], (b"x-request-id", given.encode())]
                said = {name for name, _ in headers}
                headers += [one for one in self._always if one[0] not in said]
                message["headers"] = self._origins.told(scope, headers) if self._origins else headers
            await send(message)

        try:
            if self._origins and (allowed := self._origins.preflight(scope)):
                await allowed(scope, receive, answer)
            elif quiet:
                await self._app(scope, receive, answer)
            else:
                await self._app(scope, await place.taken(scope, receive), answer)
        except CMSError as error:  # before the application was asked
            await problem(error)(scope, receive, answer)
        except Exception as error:
            if status:  # half an answer is out: the server has to cut it
                raise
            await failed(error)(scope, receive, answer)
        finally:
            place.leave()
            if not quiet:
                taken = round((time.perf_counter() - begun) * 1000, 1)
                facts = {"method": scope["method"], "path": _told(scope["path"]), "status": status, "ms": taken}
                tell("dateline.web", "request", facts)
            request_id.reset(token)


def _always(settings: Settings) -> list[tuple[bytes, bytes]]:
    """What every answer tells browsers that did not say otherwise: take it for what it is called, load nothing, show it in no
    frame, tell other sites no address; and never ask this host without TLS, where it is known by https."""
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    if settings.public_url.startswith("https:"):
        headers.append((b"strict-transport-security", b"max-age=%d" % YEAR))
    return headers


def _told(path: str) -> str:
    return next((start + "…" for start in SECRET if path.startswith(start)), path)
