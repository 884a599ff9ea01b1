"""The ceilings: a bare ASGI application that runs one prepared statement for each request and returns its bytes, and a plain
Starlette routes that return bytes which are there already, from memory or from a file.

No policy beyond what stands in the statement, no limits, no errors, no GraphQL: what a server in Python could do at most.
Run by uvicorn; the file that BENCH_GIVEN names holds {"statements": {name: [root field, SQL]}, "answers": {name: text}, "files": {name: path}}.
"""

import asyncio
import os
from collections import deque
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

CONNECTIONS = 8  # as many as the product has by default, and set as its own are
PIECE = 65_536  # bytes
SETTINGS = {"jit": "off", "plan_cache_mode": "force_generic_plan"}


class Ceiling:
    def __init__(self) -> None:
        given = orjson.loads(Path(os.environ["BENCH_GIVEN"]).read_bytes())
        self._statements: dict[str, tuple[str, str]] = given["statements"]
        self._starts = {name: b'{"data":{"%s":' % root.encode() for name, (root, _) in self._statements.items()}
        self._idle: deque[dict[str, Any]] = deque()
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._answers = answers = {name: text.encode() for name, text in given["answers"].items()}

        async def answer(request: Request) -> Response:
            return Response(answers[request.path_params["name"]], media_type="application/json")

        files: dict[str, str] = given["files"]

        async def file(request: Request) -> Response:
            return FileResponse(files[request.path_params["name"]])

        self._starlette = Starlette(routes=[Route("/answers/{name}", answer), Route("/files/{name}", file)])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await self._open()
            await send({"type": "lifespan.startup.complete"})
            return
        _, name, *values = scope["path"].split("/")
        if name in ("answers", "files"):
            await self._starlette(scope, receive, send)
            return
        if name == "stream":
            await self._stream(values[0], values[1], send)
            return
        text = await self._asked(name, values)
        body = self._starts[name] + text.encode() + b"}}"
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _stream(self, name: str, ready: str, send: Any) -> None:
        """One statement for what the answer is made of; its bytes are there already, and go out piece by piece."""
        await self._asked(name, [])
        body = self._answers[ready]
        headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for start in range(0, len(body), PIECE):
            more = start + PIECE < len(body)
            await send({"type": "http.response.body", "body": body[start : start + PIECE], "more_body": more})

    async def _asked(self, name: str, values: list[str]) -> str:
        async with self._turns:
            statements = self._idle.pop()
            try:
                text: str = await statements[name].fetchval(*values)
            finally:
                self._idle.append(statements)
        return text

    async def _open(self) -> None:
        for _ in range(CONNECTIONS if self._statements else 0):
            connection = await asyncpg.connect(os.environ["BENCH_DATABASE"], server_settings=SETTINGS)
            self._idle.append({name: await connection.prepare(sql) for name, (_, sql) in self._statements.items()})


app = Ceiling()
