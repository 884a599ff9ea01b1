"""A line that can be cut: a TCP proxy of our own in front of a server, with the faults that a network and a server have.

Each connection meets the fault that is set when it is made, or when its next request begins.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

Fault = Literal["none", "refuse", "hang", "503", "cut", "lost"]
FAULTS: tuple[Fault, ...] = ("refuse", "hang", "503", "cut", "lost")

BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/xml\r\nContent-Length: 36\r\n"
    b"Connection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>"
)
CHUNK = 1 << 16
MOST_BYTES = 4000  # after which a line is cut, at the latest


class Line:
    """`fault` is met by a share of `often` of the connections; "cut" comes within MOST_BYTES of either direction."""

    def __init__(self, host: str, port: int, seed: int):
        self.fault: Fault = "none"
        self.often = 1.0
        self.met = 0
        self._host, self._port = host, port
        self._chance = random.Random(seed)
        self._open: set[asyncio.StreamWriter] = set()

    def heal(self) -> None:
        """What hangs is let go, and from now on nothing happens."""
        self.fault = "none"
        for one in self._open:
            one.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(OSError):
                await self._carried(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _carried(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self._drawn()
        if fault == "refuse":
            writer.transport.abort()
            return
        if fault in ("hang", "503"):
            while fault == "hang" and await reader.read(CHUNK):
                pass
            if fault == "503" and await reader.read(CHUNK):
                writer.write(BUSY)
                await writer.drain()
            return
        there, back = await asyncio.open_connection(self._host, self._port)
        left = self._chance.randrange(MOST_BYTES) if fault == "cut" else None
        ways = [
            asyncio.create_task(self._pumped(reader, back, left, writer)),
            asyncio.create_task(self._pumped(there, writer, 0 if fault == "lost" else left, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in ways:
                one.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.close()

    def _drawn(self) -> Fault:
        met = self.fault != "none" and self._chance.random() < self.often
        self.met += met
        return self.fault if met else "none"

    async def _pumped(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int | None, caller: asyncio.StreamWriter
    ) -> None:
        """Until the end, or until `left` bytes went through: then the caller's line is cut, without what came last."""
        while chunk := await source.read(CHUNK):
            if left is not None and len(chunk) > left:
                sink.write(chunk[:left])
                await sink.drain()
                caller.transport.abort()
                return
            left = left if left is None else left - len(chunk)
            if left is None and self.fault != "none" and sink is not caller and self._drawn() == "refuse":
                caller.transport.abort()  # a line that was open already breaks too
                return
            sink.write(chunk)
            await sink.drain()


@asynccontextmanager
async def between(endpoint: str, seed: int) -> AsyncIterator[tuple[Line, str]]:
    """The line, and the address to use in place of `endpoint` (http://HOST:PORT)."""
    host, _, port = endpoint.removeprefix("http://").partition(":")
    line = Line(host, int(port), seed)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    try:
        yield line, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        line.heal()
        server.close()
