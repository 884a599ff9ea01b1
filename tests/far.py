"""Other people's servers, on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """`heard` is each request as it came, whole."""

    def __init__(self, port: int):
        self.port, self.url, self.heard = port, f"http://127.0.0.1:{port}", list[bytes]()


@asynccontextmanager
async def server(answer: bytes | Respond, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """One that answers everything alike and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            made.heard.append(head + await reader.readexactly(length))
            if callable(answer):
                await answer(head, writer)
            else:
                writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    made = Server(listening.sockets[0].getsockname()[1])
    try:
        yield made
    finally:
        listening.close()


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
