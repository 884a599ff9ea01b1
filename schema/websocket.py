"""Subscriptions over a WebSocket, in the protocol graphql-transport-ws of the library graphql-ws, with its close codes.

Strawberry's own handler runs documents past our limits, our statements and our persisted documents, and waits for a slow
receiver without end: this one knows the protocol alone.
"""

import asyncio
import logging
from contextlib import aclosing
from typing import Any, NoReturn

import orjson
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from cms.errors import BadRequest, CMSError, Forbidden, Unauthenticated, Unavailable
from cms.web.auth import who_connects
from cms.web.errors import hints
from schema import errors, streams
from schema.answer import dumps
from schema.request import from_object
from schema.streams import Caller, Streams, Subscribed, until_one_ends

PROTOCOL = "graphql-transport-ws"
INIT_S = 10.0  # to say who one is
LONGEST_ID = 200

# codes of the protocol; 4504 is ours
GOING_AWAY, FAILED, BAD, UNAUTHORIZED, FORBIDDEN = 1001, 1011, 4400, 4401, 4403
BAD_PROTOCOL, INIT_TIMEOUT, ID_TAKEN, TWICE, SLOW = 4406, 4408, 4409, 4429, 4504

log = logging.getLogger("dateline.graphql")


class Closed(Exception):
    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code, self.reason = code, reason


async def websocket(socket: WebSocket) -> None:
    """The endpoint.  Its app holds the streams in `state.streams`."""
    of: Streams = socket.app.state.streams
    try:
        with of.entered():
            await _Connection(socket, of).run()
    except Unavailable as error:
        await socket.send_denial_response(
            Response(dumps({"errors": [errors.refusal(error)]}), error.status, hints(error), "application/json")
        )


class _Connection:
    def __init__(self, socket: WebSocket, of: Streams):
        self._socket, self._streams = socket, of
        self._caller: Caller | None = None  # None: nobody has said who it is
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failed: asyncio.Future[NoReturn] = asyncio.get_running_loop().create_future()
        self._failed.add_done_callback(lambda failed: failed.cancelled() or failed.exception())
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Until the client has gone, or something is wrong."""
        await self._socket.accept(PROTOCOL if PROTOCOL in self._socket.scope["subprotocols"] else None)
        closed = Closed(GOING_AWAY, "The server is stopping; connect again.")
        try:
            if PROTOCOL not in self._socket.scope["subprotocols"]:
                raise Closed(BAD_PROTOCOL, f"The subprotocol is {PROTOCOL}.")
            await until_one_ends(self._converse(), self._fail(), self._streams.ending.wait())
        except Closed as error:
            closed = error
        except Unauthenticated as error:
            closed = Closed(UNAUTHORIZED, error.message)
        except Forbidden as error:
            closed = Closed(FORBIDDEN, error.message)
        except Unavailable as error:
            closed = Closed(FAILED, error.message)
        except WebSocketDisconnect:
            pass  # nobody is there
        except Exception:
            log.exception("A WebSocket failed")
            closed = Closed(FAILED, "Something went wrong here.")
        finally:
            await self._stop(*self._running.values())
        await self._close(closed)

    async def _converse(self) -> None:
        try:
            async with asyncio.timeout(INIT_S):
                await self._init(await self._message())
        except TimeoutError:
            raise Closed(INIT_TIMEOUT, "Connection initialisation timeout") from None
        assert self._caller is not None
        await until_one_ends(self._listen(), self._caller.recheck())

    async def _init(self, message: dict[str, Any]) -> None:
        """Who it is, by the handshake or by the payload's `authorization`."""
        while message["type"] == "ping":
            await self._send({"type": "pong"})
            message = await self._message()
        if message["type"] == "subscribe":
            raise Closed(UNAUTHORIZED, "Unauthorized")
        if message["type"] != "connection_init":
            raise Closed(BAD, "The first message is connection_init.")
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            raise Closed(BAD, "The payload of connection_init is an object.")
        said = next((value for name, value in payload.items() if name.lower() == "authorization"), None)
        if said is not None and not isinstance(said, str):
            raise Closed(BAD, "`authorization` is a text.")
        self._caller = Caller(*await who_connects(self._socket, said))
        await self._send({"type": "connection_ack"})

    async def _listen(self) -> None:
        while True:
            message = await self._message()
            match message["type"]:
                case "subscribe":
                    await self._subscribe(message)
                case "complete":
                    if task := self._running.pop(_id(message), None):
                        await self._stop(task)
                case "ping":
                    await self._send({"type": "pong"})
                case "pong":
                    pass
                case "connection_init":
                    raise Closed(TWICE, "Too many initialisation requests")
                case _:
                    raise Closed(BAD, "There is no such type of message.")

    async def _subscribe(self, message: dict[str, Any]) -> None:
        id, payload = _id(message), message.get("payload")
        if not isinstance(payload, dict):
            raise Closed(BAD, "The payload of subscribe is an object.")
        if id in self._running:
            raise Closed(ID_TAKEN, f"Subscriber for {id} already exists")
        most = self._streams.engine.settings.max_subscriptions
        if len(self._running) >= most:
            await self._refuse(id, BadRequest(f"A connection holds {most} subscriptions."))
            return
        self._running[id] = asyncio.create_task(self._follow(id, payload))

    async def _follow(self, id: str, payload: dict[str, Any]) -> None:
        """Never raises: what ends the connection is told to `run`."""
        assert self._caller is not None
        try:
            try:
                subscribed: Subscribed = await self._streams.prepared(from_object(payload), self._caller)
                start = b'{"id":%s,"type":"next","payload":' % dumps(id)
                async with aclosing(subscribed.changes()) as changes:
                    async for told in changes:
                        await self._write(start + told.result + b"}")
            except CMSError as error:
                self._running.pop(id, None)
                await self._refuse(id, error)
        except Exception as error:
            if not self._failed.done():
                self._failed.set_exception(error)

    async def _refuse(self, id: str, error: CMSError) -> None:
        await self._send({"id": id, "type": "error", "payload": [errors.refusal(error)]})

    async def _fail(self) -> None:
        await self._failed

    async def _message(self) -> dict[str, Any]:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise Closed(GOING_AWAY, "")
        try:
            message = orjson.loads(event.get("text") or "")
        except orjson.JSONDecodeError:
            raise Closed(BAD, "A message is JSON in a text frame.") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(BAD, "A message is an object with a type.")
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        await self._write(dumps(message))

    async def _write(self, text: bytes) -> None:
        try:
            async with self._turn, asyncio.timeout(streams.SLOW_S):
                await self._socket.send({"type": "websocket.send", "text": text.decode()})
        except TimeoutError:
            raise Closed(SLOW, "Too slow: go on behind the last cursor.") from None

    async def _stop(self, *tasks: "asyncio.Task[None]") -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, closed: Closed) -> None:
        try:
            async with asyncio.timeout(streams.SLOW_S):
                await self._socket.close(closed.code, closed.reason)
        except (TimeoutError, WebSocketDisconnect):
            pass


def _id(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise Closed(BAD, f"An id is a text of 1 to {LONGEST_ID} characters.")
    return id
