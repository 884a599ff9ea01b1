"""HTTP/1.1 as bytes: sent as they are, and what came back, answer by answer."""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

from tests.e2e.product import Product

PATIENCE_S = 10


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def problem(self) -> str:
        """The code of a refusal, in GraphQL's form or in HTTP's."""
        told = self.json()
        code: str = told["errors"][0]["extensions"]["code"] if "errors" in told else told["code"]
        return code


class Answers(list[Answer]):
    """`closed`: the server has ended the connection; `reset`: without waiting for what we had to say."""

    closed = reset = False


async def send(product: Product, *parts: bytes, pause_s: float = 0, patience_s: float = PATIENCE_S) -> Answers:
    """Everything that comes back until the server closes, or for as long as we have patience."""
    reader, writer = await asyncio.open_connection("127.0.0.1", product.port)
    got, closed, reset = bytearray(), False, False

    async def listen() -> None:
        while data := await reader.read(65_536):
            got.extend(data)

    listening = asyncio.create_task(listen())
    try:
        async with asyncio.timeout(patience_s):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause_s)
            await listening
            closed = True
    except TimeoutError:
        pass
    except ConnectionError:
        closed = reset = True
    if not listening.done():  # what came before the reset
        try:
            async with asyncio.timeout(1):
                await listening
        except (TimeoutError, ConnectionError):
            pass
    writer.transport.abort()
    answers = Answers(said(bytes(got)))
    answers.closed, answers.reset = closed, reset
    return answers


def said(raw: bytes) -> list[Answer]:
    """Raises ValueError for what is no answer."""
    answers = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, *_ = first.split(" ")
        if version != "HTTP/1.1":
            raise ValueError(first)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            body, raw = _chunks(raw)
        else:
            size = int(headers.get("content-length", 0))
            body, raw = raw[:size], raw[size:]
        if status != "100":
            answers.append(Answer(int(status), headers, body))
    return answers


def _chunks(raw: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size, 16)
        body, raw = body + raw[:length], raw[length + 2 :]
        if not length:
            return body, raw
