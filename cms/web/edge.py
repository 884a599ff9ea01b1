"""The outermost layer: gives each request an id, answers with it, and writes one line about it when it is done.

What nobody foresaw becomes an answer here, where the id is still known.
"""

import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cms.telemetry import new_request_id, request_id, source, tell
from cms.web.errors import failed

QUIET = ("/health/",)  # asked every few seconds by machines
SECRET = ("/preview/", "/feeds/private/")  # what follows opens a story, or a feed


class Edge:
    def __init__(self, app: ASGIApp, quiet: Iterable[str] = QUIET):
        self._app, self._quiet = app, tuple(quiet)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given, begun, status = new_request_id(), time.perf_counter(), 0
        token = request_id.set(given)
        source.set((scope.get("client") or ("",))[0])

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", given.encode())]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            if status:  # half an answer is out: the server has to cut it
                raise
            await failed(error)(scope, receive, answer)
        finally:
            if not scope["path"].startswith(self._quiet):
                taken = round((time.perf_counter() - begun) * 1000, 1)
                facts = {"method": scope["method"], "path": _told(scope["path"]), "status": status, "ms": taken}
                tell("dateline.web", "request", facts)
            request_id.reset(token)


def _told(path: str) -> str:
    return next((start + "…" for start in SECRET if path.startswith(start)), path)
