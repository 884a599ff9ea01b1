"""Subscriptions as server-sent events: graphql-sse, in its distinct connections mode.

Each event has its change's cursor as its id, so that a browser that connects again goes on where it was (Last-Event-ID).
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cms.errors import CMSError
from schema import errors, streams
from schema.answer import dumps
from schema.request import Asked
from schema.streams import Caller, Streams, Told, until_one_ends

MEDIA_TYPE = "text/event-stream"
PING_S = 15.0


def wanted(request: Request) -> bool:
    return MEDIA_TYPE in request.headers.get("accept", "")


async def answer(request: Request, asked: Asked, caller: Caller) -> Response:
    """Raises what `Streams.prepared` raises."""
    of: Streams = request.app.state.streams
    subscribed = await of.prepared(asked, caller, request.headers.get("last-event-id"))
    return _Events(of, caller, subscribed.changes())


class _Events(Response):
    """A refusal that comes when it has begun is the last event.  Who takes too long is cut off."""

    def __init__(self, of: Streams, caller: Caller, changes: AsyncGenerator[Told, None]):
        super().__init__(
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Accel-Buffering": "no"},
            media_type=MEDIA_TYPE,
        )
        del self.headers["content-length"]
        self._streams, self._caller, self._changes = of, caller, changes
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def write(text: bytes, more: bool = True) -> None:
            async with self._turn, asyncio.timeout(streams.SLOW_S):
                await send({"type": "http.response.body", "body": text, "more_body": more})

        async def give() -> None:
            async with aclosing(self._changes) as changes:
                async for told in changes:
                    await write(b"id: %s\nevent: next\ndata: %s\n\n" % (told.cursor.encode(), told.result))

        async def ping() -> None:
            while True:  # the first one says that it has begun
                await write(b":\n\n")
                await asyncio.sleep(PING_S)

        async def leave() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        with self._streams.entered():
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            with suppress(TimeoutError):
                try:
                    await until_one_ends(give(), ping(), leave(), self._caller.recheck(), self._streams.ending.wait())
                except CMSError as error:
                    last = dumps({"errors": [errors.refusal(error)]})
                    await write(b"event: next\ndata: %s\n\nevent: complete\ndata:\n\n" % last)
                await write(b"", more=False)
