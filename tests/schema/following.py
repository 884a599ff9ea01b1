"""The product on a socket of its own inside the test's event loop, and callers that follow changes over it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect

from cms import db
from cms.cli import serving
from cms.settings import Settings

PROTOCOL = "graphql-transport-ws"
WAIT_S = 10.0
PAGES = "https://news.example"
CHANGES = "subscription($after: String) { changes(after: $after) { cursor kind version subjectId subject { id } } }"


@dataclass(frozen=True)
class Site:
    url: str
    server: Any

    @property
    def streams(self) -> Any:
        return self.server.config.app.state.streams

    @asynccontextmanager
    async def socket(self, *, init: Any = None, **given: Any) -> AsyncIterator["Socket"]:
        """A connection that is acknowledged."""
        async with self.handshake(**given) as raw:
            made = Socket(raw)
            await made.send(type="connection_init", **({} if init is None else {"payload": init}))
            assert await made.message() == {"type": "connection_ack"}
            yield made

    def handshake(self, *, token: str | None = None, protocol: str = PROTOCOL, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"authorization": f"Bearer {token}"} if token else {}
        address = self.url.replace("http:", "ws:") + "/graphql"
        return connect(address, subprotocols=[protocol], additional_headers=sent, max_size=None)  # type: ignore[list-item]


@dataclass
class Socket:
    raw: ClientConnection
    late: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, **message: Any) -> None:
        await self.raw.send(orjson.dumps(message).decode())

    async def message(self, most_s: float = WAIT_S) -> dict[str, Any]:
        async with asyncio.timeout(most_s):
            found: dict[str, Any] = orjson.loads(await self.raw.recv())
            return found

    async def follow(self, document: str = CHANGES, id: str = "1", **variables: Any) -> None:
        await self.send(id=id, type="subscribe", payload={"query": document, "variables": variables})

    async def next(self, id: str = "1", most_s: float = WAIT_S) -> Any:
        """The only field of the next result."""
        message = await self.message(most_s)
        assert (message["id"], message["type"]) == (id, "next"), message
        assert message["payload"].keys() == {"data"}, message
        (found,) = message["payload"]["data"].values()
        return found

    async def nothing(self, seconds: float = 1.2) -> None:
        """Nothing comes for longer than the ledger is looked at."""
        try:
            raise AssertionError(await self.message(seconds))
        except TimeoutError:
            pass

    async def closed(self, most_s: float = WAIT_S) -> tuple[int, str]:
        """The code with which the server closes, and its reason."""
        async with asyncio.timeout(most_s):
            await self.raw.wait_closed()
        assert self.raw.close_code is not None
        return self.raw.close_code, self.raw.close_reason or ""


@asynccontextmanager
async def site(database: str, store: str, **settings: Any) -> AsyncIterator[Site]:
    given = Settings(
        database_url=database, storage_url=store, worker=False, site_url=PAGES, public_url=PAGES, **settings
    )
    await db.migrate(given)
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = serving.server(given)
        running = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:
            assert not running.done(), "the server did not start"
            await asyncio.sleep(0.02)
        try:
            yield Site(f"http://127.0.0.1:{door.getsockname()[1]}", server)
        finally:
            server.should_exit = True
            await running


@asynccontextmanager
async def events(site: Site, document: str = CHANGES, **given: Any) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """The events of a subscription by POST, as their fields."""
    headers = {"accept": "text/event-stream", **given.pop("headers", {})}
    body = {"query": document, "variables": given.pop("variables", {})}
    async with (
        httpx.AsyncClient(timeout=WAIT_S, headers=headers) as client,
        client.stream("POST", f"{site.url}/graphql", json=body) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield _read(response)


async def _read(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    found: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line and found:
            yield found
            found = {}
        elif not line.startswith(":") and line:
            name, _, value = line.partition(":")
            found[name] = value.removeprefix(" ")
