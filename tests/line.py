"""A line to a server that can be cut and mended: what a restart or a network looks like from the product's side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """`url` is the server's own URL with this line's port in it."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._there = parts.hostname, parts.port
        self._url, self.port = url, 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return self._url.replace(f":{self._there[1]}/", f":{self.port}/")

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """All connections break, and new ones are refused."""
        assert self._server
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, onward = await asyncio.open_connection(*self._there)
            ends = {writer, onward}
            self._open |= ends
            await asyncio.gather(_pour(reader, onward), _pour(there, writer))
            self._open -= ends


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def line(url: str) -> AsyncIterator[Line]:
    """A line that works."""
    made = Line(url)
    await made.mend()
    try:
        yield made
    finally:
        await made.cut()
        await asyncio.sleep(0.05)  # its ends say goodbye
