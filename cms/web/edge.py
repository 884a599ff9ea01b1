"""The outermost layer: gives each request an id, answers with it, and writes one line about it when it is done.

Here is decided how many requests are worked on at once, whom a request came from where a proxy says so, what other sites'
scripts may ask, and what every answer tells browsers to leave undone.  What nobody foresaw becomes an answer here, where the
id is still known.
"""

import time
from collections.abc import Iterable
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cms.errors import CMSError
from cms.settings import Settings
from cms.telemetry import new_request_id, request_id, source, tell
from cms.web.admission import Admission
from cms.web.errors import failed, problem
from cms.web.origins import Headers, Origins
from cms.web.proxies import Proxies

QUIET = ("/health/",)  # asked every few seconds by machines, and never kept waiting
SECRET = ("/preview/", "/feeds/private/")  # what follows opens a story, or a feed
YEAR = 31536000


class Edge:
    def __init__(self, app: ASGIApp, settings: Settings, quiet: Iterable[str] = QUIET):
        self._app, self._quiet = app, tuple(quiet)
        self.admission = Admission(settings)
        self._proxies, self._origins = Proxies(settings.trusted_proxies), Origins(settings.cors_origins)
        told = always(settings)
        # the same few sets of names again and again
        self._unsaid = lru_cache(256)(lambda said: [one for one in told if one[0] not in said])

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
        path: str = scope["path"]
        quiet, asked = path.startswith(self._quiet), _Asked(self, scope, receive, send)
        token, begun = request_id.set(asked.id), time.perf_counter()
        try:
            if self._origins and (allowed := self._origins.preflight(scope)):
                await allowed(scope, receive, asked.send)
            elif quiet:
                await self._app(scope, receive, asked.send)
            elif scope["method"] in ("GET", "HEAD"):
                await asked.enter()
                await self._app(scope, receive, asked.send)
            else:
                await self._app(scope, asked.receive, asked.send)
        except CMSError as error:  # before the application was asked
            await problem(error)(scope, receive, asked.send)
        except Exception as error:
            if asked.status:  # half an answer is out: the server has to cut it
                raise
            await failed(error)(scope, receive, asked.send)
        finally:
            asked.leave()
            if not quiet:
                taken = round((time.perf_counter() - begun) * 1000, 1)
                facts = {"method": scope["method"], "path": _told(path), "status": asked.status, "ms": taken}
                tell("dateline.web", "request", facts)
            request_id.reset(token)

    def told(self, scope: Scope, headers: Headers, id: str) -> Headers:
        """An answer's headers, with what every answer says."""
        headers = [*headers, (b"x-request-id", id.encode()), *self._unsaid(tuple(dict(headers)))]
        return self._origins.told(scope, headers) if self._origins else headers


class _Asked:
    """A request on its way through: its id, its place, its status (0: no answer has begun).

    One that is answered before it was read to its end is the last of its connection, and the answer says so.
    """

    __slots__ = ("_edge", "_heard", "_holds", "_receive", "_scope", "_send", "id", "status")

    def __init__(self, edge: Edge, scope: Scope, receive: Receive, send: Send):
        self._edge, self._scope, self._receive, self._send = edge, scope, receive, send
        self.id, self.status, self._holds = new_request_id(), 0, False
        self._heard = scope["method"] in ("GET", "HEAD")

    async def receive(self) -> Message:
        """Raises Unavailable where the request has come and finds no place."""
        message = await self._receive()
        if not self._heard and message["type"] == "http.request" and not message.get("more_body", False):
            self._heard = True
            await self.enter()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.leave()
            message["headers"] = self._edge.told(self._scope, message["headers"], self.id)
            if not self._heard:
                message["headers"].append((b"connection", b"close"))
        await self._send(message)

    async def enter(self) -> None:
        """Raises Unavailable."""
        if not self._holds:
            await self._edge.admission.enter()
            self._holds = True

    def leave(self) -> None:
        if self._holds:
            self._holds = False
            self._edge.admission.leave()


def always(settings: Settings) -> Headers:
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
