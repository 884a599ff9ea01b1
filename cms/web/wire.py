"""The connection itself: uvicorn's protocol, and what it leaves open.

It cuts whoever is silent, sends a head too slowly or does not take its answer; refuses a head that is too large, names no host
or several, or whose body two readers could end at two places (RFC 9112, 6.3); and answers all that as everything else is
answered.  How long a body may take is for those who read it, see cms.web.arriving.
"""

import asyncio
import math
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cms.errors import BadRequest, CMSError, HeadersTooLarge, RequestTimeout, Unavailable, UriTooLong
from cms.settings import Settings
from cms.telemetry import new_request_id, tell

LOOK_S = 1.0  # how often connections are looked through: no timer for each of them
MOST_HEADERS = 100
MOST_WAITING = 100  # requests that came behind one another without waiting for answers
# headers of which two readers could believe two different ones
ONCE = frozenset(
    {
        *(b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding"),
        *(b"authorization", b"origin", b"idempotency-key"),
    }
)
HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

# a response that is not taken: so much of it has to go in so long
STALLED_S, LEAST_BYTES = 15.0, 60_000
LINGER_S, LINGER_BYTES = 2.0, 16_000_000  # what is read and thrown away, so that an early answer is not lost in a reset

NEVER = math.inf


def wire(settings: Settings) -> type["Wire"]:
    """The protocol for one server, as `uvicorn.Config(http=…)` takes it."""

    class Kept(Wire):
        limits = settings
        watch = Watch()

    return Kept


class Watch:
    """Looks through the connections of one server, as long as there are any."""

    def __init__(self) -> None:
        self._running = False

    def begin(self, loop: asyncio.AbstractEventLoop, connections: Iterable[Any]) -> None:
        if not self._running:
            self._running = True
            loop.call_later(LOOK_S, self._look, loop, connections)

    def _look(self, loop: asyncio.AbstractEventLoop, connections: Iterable[Any]) -> None:
        now = loop.time()
        found = [one for one in connections if isinstance(one, Wire)]
        for one in found:
            one.look(now)
        self._running = False
        if found:
            self.begin(loop, connections)


class Wire(HttpToolsProtocol):
    limits: Settings
    watch: Watch

    def __init__(self, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self._due = NEVER  # for the next byte, or for the end of a head
        self._in_head, self._head_bytes, self._chunk_bytes = False, 0, 0
        self._host: bytes | None = None  # that was right
        self._left, self._left_due = 0, NEVER  # of a response that is not taken
        self._lingers, self._thrown_away = False, 0
        self.deaf = False  # what comes now is not believed
        self._refusal: CMSError | None = None

    # --------------------------------------------------------------------------------------------------- as it goes on

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.write, self.is_closing = transport.write, transport.is_closing
        self._due = self.loop.time() + self.limits.idle_seconds
        self.watch.begin(self.loop, self.connections)
        if len(self.connections) > self.limits.max_connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self._lingers or self.deaf:
            self._throw_away(len(data))
            return
        if not self._in_head and (self.cycle is None or not self.cycle.more_body):
            self._in_head, self._head_bytes = True, 0
            self._due = self.loop.time() + self.limits.head_seconds
        self._chunk_bytes = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._malformed()
        else:
            if self._in_head:
                self._head_bytes += len(data)
                if self._head_bytes > self.limits.max_head_kb * 1000:
                    self._refusal = self._too_large()
                    self._malformed()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:  # behind another one
            self._in_head, self._head_bytes = True, 0
            self._due = self.loop.time() + self.limits.head_seconds

    def on_headers_complete(self) -> None:
        self._in_head, self._due = False, NEVER
        self._refusal = self._fault()
        if self._refusal is not None:
            raise self._refusal
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            self.cycle.transport = self  # type: ignore[assignment]
            self.headers = UNHEARD
        elif self._should_upgrade():
            super().on_headers_complete()  # which begins nothing

    def on_message_complete(self) -> None:
        # where something else is asked for the parser stops here, before the body; see _stay
        if not self.parser.should_upgrade() and not self.cycle.response_complete:
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def on_response_complete(self) -> None:
        """As in uvicorn, without a timer for each of them: the watch looks after who stays silent now."""
        self.server_state.total_requests += 1
        if self._lingers or self.transport.is_closing():
            return
        if self.deaf or (self.cycle.response_complete and self.cycle.more_body):  # nobody has waited for its end
            self.linger()
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif not self._in_head:
            self._due = self.loop.time() + self.limits.idle_seconds

    def pause_writing(self) -> None:
        super().pause_writing()
        self._left, self._left_due = self.transport.get_write_buffer_size(), self.loop.time() + STALLED_S

    def resume_writing(self) -> None:
        super().resume_writing()
        self._left_due = NEVER

    def send_400_response(self, msg: str) -> None:
        self._malformed()

    # --------------------------------------------------------------- the transport, as a response sees it: with `write`

    def close(self) -> None:
        unread = self.deaf or (self.cycle.more_body and not self.pipeline)
        if unread and not self._answering and not self.transport.is_closing():
            self.linger()
        else:
            self.transport.close()

    # ------------------------------------------------------------------------------------------------------- the limits

    def look(self, now: float) -> None:
        """What is over its time is cut."""
        if self.transport.is_closing():
            self._due = min(self._due, now + STALLED_S)  # its last bytes are not taken
            if now >= self._due:
                self.transport.abort()
        elif now >= self._left_due:
            left = self.transport.get_write_buffer_size()
            if self._left - left < LEAST_BYTES:
                self.transport.abort()
            self._left, self._left_due = left, now + STALLED_S
        elif now >= self._due and (self._lingers or not self._answering):
            if self._in_head and not self._lingers:
                self._refuse(RequestTimeout("The request's head took too long to arrive."))
            else:
                self.transport.close()

    @property
    def idle(self) -> bool:
        """Is nothing asked at the moment, or not yet?"""
        return not self._answering

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def linger(self) -> None:
        """The answer is out and its request is not all here: no more is said, and what comes is thrown away for a moment."""
        self._lingers, self._due = True, self.loop.time() + LINGER_S
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _throw_away(self, size: int) -> None:
        self._thrown_away += size
        if self._thrown_away > LINGER_BYTES:
            self.transport.close()

    def _make_room(self) -> None:
        """One more than may be open: whoever asks nothing goes, the longest silent first."""
        others = [one for one in self.connections if isinstance(one, Wire) and one is not self and one.idle]
        if others:
            min(others, key=lambda one: one._due).transport.close()
        else:
            self._refuse(Unavailable("There is no room for another connection just now; try again."))

    def _fault(self) -> CMSError | None:
        """What is wrong with a head that is complete."""
        headers, most = self.headers, self.limits.max_head_kb * 1000
        if len(headers) > MOST_HEADERS or (self._head_bytes + self._chunk_bytes > most and self._size() > most):
            return self._too_large()
        given = dict(headers)
        if len(given) < len(headers) and (twice := _twice(headers)):
            return BadRequest(f"{twice} is sent once.")
        version = self.parser.get_http_version()
        if version not in ("1.1", "1.0"):
            return BadRequest("This server speaks HTTP/1.1.")
        host = given.get(b"host")
        if host is None or host != self._host:
            if not HOST.fullmatch(host) if host is not None else version == "1.1":
                return BadRequest("A request names one host.")
            self._host = host
        if (coding := given.get(b"transfer-encoding")) is not None and (
            version == "1.0" or b"content-length" in given or coding.lower() != b"chunked"
        ):
            return BadRequest("A body comes with a Content-Length, or as Transfer-Encoding: chunked.")
        if b"#" in self.url:
            return BadRequest("An address in a request has no fragment.")
        if len(self.pipeline) >= MOST_WAITING:
            return BadRequest("Too many requests came at once on one connection.")
        return None

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _too_large(self) -> CMSError:
        most = self.limits.max_head_kb
        if len(self.url) > most * 500:
            return UriTooLong(f"An address may have {most // 2} kB.")
        return HeadersTooLarge(f"The headers may have {most} kB, and be {MOST_HEADERS} at most.")

    def _malformed(self) -> None:
        error = self._refusal or BadRequest("This is not a well-formed request.")
        if not self._answering:
            self._refuse(error)
        elif self.cycle.more_body and not self.cycle.response_started:
            self.cycle.disconnected = True  # for whoever waits for the rest
            self.cycle.message_event.set()
            self._refuse(error)
        else:  # what came before is answered, and nothing behind it is believed
            self.pipeline.clear()
            self.deaf = True
            self.cycle.keep_alive = False

    def _refuse(self, error: CMSError) -> None:
        """As cms.web.errors tells it, for a request that the application never sees."""
        given, phrase = new_request_id(), HTTPStatus(error.status).phrase
        told = {"type": "about:blank", "title": phrase, "status": error.status, "detail": error.message}
        body = orjson.dumps({**told, "code": error.code, "requestId": given})
        retry = f"retry-after: {error.retry_after}\r\n" if isinstance(error, Unavailable) else ""
        head = (
            f"HTTP/1.1 {error.status} {phrase}\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n"
            f"x-content-type-options: nosniff\r\nx-request-id: {given}\r\n{retry}"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        tell("dateline.web", "refused", {"request": given, "status": error.status, "why": error.message})
        self.transport.write(head.encode() + body)
        self.linger()

    def _stay(self, rest: bytes) -> None:
        """A request that would rather speak something else (RFC 9110, 7.8) is read as if it had not said so.

        Java's client asks for h2c with its first request, whatever it is.
        """
        try:
            method = self.parser.get_method()
            version = self.parser.get_http_version().encode()
        except httptools.HttpParserError:
            self._malformed()
            return
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        lines += [b"%s: %s" % one for one in self.headers if one[0] not in (b"upgrade", b"http2-settings")]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        try:
            self.parser.feed_data(b"\r\n".join(lines) + b"\r\n\r\n" + rest)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._malformed()


class _Unheard(list[tuple[bytes, bytes]]):
    """Where trailers go: nobody asked for them, and a header among them would have passed a proxy by."""

    def append(self, header: tuple[bytes, bytes]) -> None:
        pass


UNHEARD = _Unheard()


def _twice(headers: list[tuple[bytes, bytes]]) -> str | None:
    """A header that may be there once, and is not."""
    names = [name for name, _ in headers if name in ONCE]
    return next((one.decode().title() for one in names if names.count(one) > 1), None)
