"""The outermost layer, around an application that fails."""

import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from cms.settings import Settings
from cms.telemetry import Lines
from cms.web.edge import Edge
from cms.web.errors import HANDLERS


async def broken(request: Request) -> Response:
    raise RuntimeError("the row of User has no name")


async def half(request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"half an"
        raise RuntimeError("answer")

    return StreamingResponse(body())


APP = Starlette(
    routes=[Route("/broken", broken), Route("/half", half)],
    middleware=[Middleware(Edge, settings=Settings())],
    exception_handlers=HANDLERS,
)


async def test_what_nobody_foresaw_is_internal_with_the_id_that_finds_it_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.handler.setFormatter(Lines())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://desk.test") as client:
        with caplog.at_level(logging.INFO, "dateline"):
            response = await client.get("/broken")
    answer, lines = response.json(), [json.loads(line) for line in caplog.text.splitlines()]
    assert (response.status_code, response.headers["content-type"]) == (500, "application/problem+json")
    assert (answer["code"], answer["requestId"]) == ("INTERNAL", response.headers["x-request-id"])
    assert len(answer["requestId"]) == 20
    assert "User" not in response.text
    told = [(one["message"], one["request"], one.get("status")) for one in lines if one["from"].startswith("dateline")]
    id = answer["requestId"]
    assert told == [("A request failed", id, None), ("request", id, 500)]
    assert any("the row of User has no name" in one.get("trace", "") for one in lines)


async def test_an_answer_that_breaks_off_is_cut_not_completed() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://desk.test") as client:
        with pytest.raises(RuntimeError, match="answer"):
            await client.get("/half")
