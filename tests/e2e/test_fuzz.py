"""The served product under hostile input made from grammars: it always answers, never with 5xx, and serves the next one.

`TEST_HOSTILE` is how many of each kind there are, from `TEST_SEED` on; `make drill` sets it high.
"""

import asyncio
import os
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms.actions import accounts
from cms.actor import SYSTEM
from tests import house, services
from tests.e2e import grammars
from tests.e2e.product import Product, started
from tests.services import postgres

pytestmark = pytest.mark.slow

TIMES = int(os.environ.get("TEST_HOSTILE", "250"))
SEED = int(os.environ.get("TEST_SEED", "0"))
MOST_S = 10
AT_ONCE = 4
QUICK = {"idle_seconds": "2", "head_seconds": "2", "body_seconds": "2"}
JSON = "application/json"
CLOSE = {"Connection": "close"}  # else a connection that was idle for too long might end just as it is used again


@dataclass(frozen=True)
class Newsroom:
    product: Product
    editor: dict[str, str]  # their credential, as headers


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def newsroom(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """One story, and an editor."""
    folder = tmp_path_factory.mktemp("fuzz")
    url, server, name = f"sqlite:///{folder}/newsroom.sqlite3", "", f"test_{uuid4().hex}"
    if request.param == "postgres":
        server = services.address("postgres")
        asyncio.run(postgres.create(server, name))
        url = f"{server}/{name}"
    editor = {"Authorization": f"Bearer {asyncio.run(_furnished(url))}"}
    with started(folder, "serve", worker="off", database_url=url, **QUICK) as product:
        yield Newsroom(product, editor)
    if server:
        asyncio.run(postgres.drop(server, name))


async def _furnished(url: str) -> str:
    EXECUTOR_CACHE.clear()  # see tests.conftest
    async with house.opened(url):
        await house.section("World")
        await house.tag("Sorrel Strait")
        await house.live(headline="One", slug="one", tags=["sorrel-strait"])
        return (await accounts.create_key(SYSTEM, "Desk", user=(await house.staff("EDITOR")).user_id)).secret


async def each(send: Callable[[random.Random], Awaitable[Any]], at_once: int = AT_ONCE) -> None:
    """`send` with a random of its own for each number; the seed of one that fails is in its error."""
    numbers = iter(range(SEED, SEED + TIMES))

    async def some() -> None:
        for number in numbers:
            try:
                await send(random.Random(number))
            except Exception as error:
                error.add_note(f"TEST_SEED={number} TEST_HOSTILE=1")
                raise

    await asyncio.gather(*(some() for _ in range(at_once)))


def fine(status: int, headers: Any) -> bool:
    return status < 500 or (status == 503 and "retry-after" in headers)


async def serves(product: Product) -> None:
    async with httpx.AsyncClient(base_url=product.url, timeout=MOST_S) as client:
        response = await client.post("/graphql", json={"query": "{ articles(first: 1) { nodes { headline } } }"})
    assert response.status_code == 200
    assert len(response.json()["data"]["articles"]["nodes"]) == 1


@pytest.mark.parametrize("who", ["nobody", "editor"])
async def test_json_of_all_kinds(newsroom: Newsroom, who: str) -> None:
    credential = CLOSE | (newsroom.editor if who == "editor" else {})
    async with httpx.AsyncClient(base_url=newsroom.product.url, timeout=MOST_S, headers=credential) as client:

        async def send(rnd: random.Random) -> None:
            body = grammars.body(rnd, writes=who == "editor" or rnd.random() < 0.3)
            response = await client.post("/graphql", content=body, headers={"content-type": JSON})
            assert fine(response.status_code, response.headers), (response.text, body[:2000])
            _coded(response)

        await each(send)
    await serves(newsroom.product)


async def test_multipart_of_all_kinds(newsroom: Newsroom) -> None:
    headers = {**CLOSE, **newsroom.editor, "GraphQL-Require-Preflight": "1"}
    async with httpx.AsyncClient(base_url=newsroom.product.url, timeout=MOST_S, headers=headers) as client:

        async def send(rnd: random.Random) -> None:
            kind, body = grammars.multipart(rnd)
            response = await client.post("/graphql", content=body, headers={"content-type": kind})
            assert fine(response.status_code, response.headers), (response.text, kind, body[:2000])
            _coded(response)

        await each(send)
    await serves(newsroom.product)


def _coded(response: httpx.Response) -> None:
    """Every error has a code, and none is INTERNAL."""
    for error in response.json().get("errors", ()):
        assert error["extensions"]["code"] not in ("INTERNAL", None)
        assert len(error["message"]) < 1200


@pytest.mark.parametrize("who", ["nobody", "editor"])
async def test_addresses_of_all_kinds(newsroom: Newsroom, who: str) -> None:
    credential = CLOSE | (newsroom.editor if who == "editor" else {})
    async with httpx.AsyncClient(base_url=newsroom.product.url, timeout=MOST_S, headers=credential) as client:

        async def send(rnd: random.Random) -> None:
            method, target = grammars.address(rnd)
            request = client.build_request(method, "/")
            request.url = request.url.copy_with(raw_path=target.encode("ascii", "replace"))
            response = await client.send(request)
            assert fine(response.status_code, response.headers), (method, target, response.text)
            assert response.status_code not in (302, 303, 307)

        await each(send)
    await serves(newsroom.product)


async def test_framing_of_all_kinds(newsroom: Newsroom) -> None:
    async def send(rnd: random.Random) -> None:
        parts = grammars.framed(rnd)
        begun, got = time.monotonic(), bytearray()
        reader, writer = await asyncio.open_connection("127.0.0.1", newsroom.product.port)
        try:
            async with asyncio.timeout(MOST_S):
                for part in parts:
                    writer.write(part)
                    await asyncio.sleep(0.01)
                while data := await reader.read(65_536):
                    got += data
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
        assert time.monotonic() - begun < MOST_S
        for status in re.findall(rb"HTTP/1\.1 (5\d\d) ", got):
            assert status == b"503", (bytes(got), parts)
            assert b"retry-after" in got, (bytes(got), parts)

    await each(send, at_once=32)
    await serves(newsroom.product)
