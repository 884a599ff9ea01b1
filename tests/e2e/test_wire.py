"""Raw bytes over a real socket: how a request is framed, how long it may take, who is cut, and that the next one is served."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import orjson
import psutil
import pytest

from tests.e2e.product import Product, started
from tests.e2e.raw import Answer, said, send

pytestmark = pytest.mark.slow

QUERY = b'{"query": "{ __typename }"}'
IDLE_S, HEAD_S, BODY_S = 3, 2, 2
CUT_S = 2.5  # behind its time, at the latest


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """With times that a test can wait for."""
    settings = {"idle_seconds": str(IDLE_S), "head_seconds": str(HEAD_S), "body_seconds": str(BODY_S)}
    with started(tmp_path_factory.mktemp("wire"), "serve", worker="off", **settings, max_connections="50") as product:
        yield product
        assert httpx.get(f"{product.url}/health/ready").status_code == 200


def post(*headers: bytes, body: bytes = QUERY, length: bool = True, host: bytes = b"Host: desk.test") -> bytes:
    sent = [b"POST /graphql HTTP/1.1", host, b"Content-Type: application/json", *headers]
    sent += [b"Content-Length: %d" % len(body)] if length else []
    return b"\r\n".join([one for one in sent if one]) + b"\r\n\r\n" + body


def chunked(*sizes: int, body: bytes = QUERY) -> bytes:
    parts, at = list[bytes](), 0
    for size in sizes or (len(body),):
        parts.append(b"%x\r\n%s\r\n" % (size, body[at : at + size]))
        at += size
    return b"".join(parts) + b"0\r\n\r\n"


TWO_ENDS = [
    post(b"Transfer-Encoding: chunked", body=chunked()),
    post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"),
    post(b"Content-Length: 27"),
    post(b"Content-Length: 3"),
    post(b"Content-Length: 27, 27", length=False),
    post(b"Content-Length: +27", length=False),
    post(b"Content-Length: -27", length=False),
    post(b"Content-Length: 0x1b", length=False),
    post(b"Content-Length: 2 7", length=False),
    post(b"Content-Length: 99999999999999999999", length=False),
    post(b"Content-Length:", length=False),
    post(b"Transfer-Encoding: gzip, chunked", length=False, body=chunked()),
    post(b"Transfer-Encoding: chunked, chunked", length=False, body=chunked()),
    post(b"Transfer-Encoding: xchunked", length=False, body=chunked()),
    post(b"Transfer-Encoding: \x0bchunked", length=False, body=chunked()),
    post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", length=False, body=chunked()),
    post(b"Transfer-Encoding : chunked", length=False, body=chunked()),
    post(b"Transfer-Encoding: chunked", length=False, body=chunked()).replace(b"1.1", b"1.0"),
    post(b"Transfer-Encoding: chunked", length=False, body=b"zz\r\n" + QUERY + b"\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: chunked", length=False, body=b"fffffffffffffffff\r\n" + QUERY + b"\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: chunked", length=False, body=b"-1\r\n" + QUERY + b"\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: chunked", length=False, body=b"1b\n" + QUERY + b"\n0\n\n"),
    post(b"Transfer-Encoding: chunked", length=False, body=b"5\r\n" + QUERY + b"\r\n0\r\n\r\n"),
]

MALFORMED = [
    post(host=b""),
    post(b"Host: other.test"),
    post(host=b"Host:"),
    post(host=b"Host: a b"),
    post(host=b"Host: desk.test/x"),
    post(host=b"Host: user@desk.test"),
    post(host=b"Host: desk.test:99999999"),
    post(host=b"Host: \xff\xfe"),
    post(b"Content-Type: text/plain"),
    post(b"Authorization: Bearer a", b"Authorization: Bearer b"),
    post(b"X-One: a\r\n two"),
    post(b"X-One : a"),
    post(b"X-One: a\0b"),
    post(b"X-One: a\rb"),
    post(b"X(One): a"),
    post(b": a"),
    post().replace(b"\r\n", b"\n"),
    post().replace(b"POST", b"post"),
    post().replace(b"POST", b"FETCH"),
    post().replace(b"/graphql", b"graphql"),
    post().replace(b"/graphql", b"/gra phql"),
    post().replace(b"/graphql", b"/graphql\0"),
    post().replace(b"/graphql", b"/graphql#x"),
    post().replace(b"/graphql", b"/gr\xc3\xa4phql"),
    post().replace(b"HTTP/1.1", b"HTTP/3.7"),
    post().replace(b"HTTP/1.1", b"HTTPS/1.1"),
    b"GET /\r\n\r\n",
    b"CONNECT desk.test:443 HTTP/1.1\r\nHost: desk.test\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    bytes.fromhex("16030100c4010000c00303") + bytes(200),
    bytes(2000),
]


@pytest.mark.parametrize("sent", [*TWO_ENDS, *MALFORMED], ids=lambda one: repr(one[:90]))
async def test_what_two_readers_could_read_in_two_ways_is_refused_once_and_nothing_behind_it_is_heard(
    product: Product, sent: bytes
) -> None:
    answers = await send(product, sent + post())
    assert [one.status for one in answers] == [400]
    assert answers[0].problem == "BAD_REQUEST"
    assert answers.closed
    assert await serves(product)


LARGE = [
    (431, "HEADERS_TOO_LARGE", post(b"X-One: " + b"x" * 40_000)),
    (431, "HEADERS_TOO_LARGE", post(b"X-One: " + b"x" * 4_000_000)),
    (431, "HEADERS_TOO_LARGE", post(*[b"X-%d: x" % n for n in range(101)])),
    (431, "HEADERS_TOO_LARGE", post(*[b"X-%d: x" % n for n in range(50_000)])),
    (414, "URI_TOO_LONG", post().replace(b"/graphql", b"/graphql?" + b"x" * 17_000 + b"&" + b"y" * 16_000)),
    (414, "URI_TOO_LONG", post().replace(b"/graphql", b"/" + b"x" * 500_000)),
]


@pytest.mark.parametrize(("status", "code", "sent"), LARGE, ids=lambda one: repr(one)[:60])
async def test_a_head_that_is_too_large_is_refused(product: Product, status: int, code: str, sent: bytes) -> None:
    (answer,) = await send(product, sent)
    assert (answer.status, answer.problem) == (status, code)
    assert await serves(product)


async def test_a_refusal_on_the_wire_is_answered_as_every_other_one_is(product: Product) -> None:
    (answer,) = await send(product, post(host=b""))
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["connection"] == "close"
    told = answer.json()
    assert told == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "A request names one host.",
        "code": "BAD_REQUEST",
        "requestId": answer.headers["x-request-id"],
    }
    await asyncio.sleep(0.3)  # lines are written together
    assert told["requestId"] in (product.folder / "log").read_text()


WELL_FORMED = [
    post(b"Connection: close"),
    post(b"Transfer-Encoding: chunked", b"Connection: close", length=False, body=chunked(1, 1, 25)),
    post(b"Transfer-Encoding: CHUNKED", b"Connection: close", length=False, body=chunked()),
    post(b"Transfer-Encoding: chunked", b"Connection: close", length=False, body=chunked().replace(b"1b", b"1b;a=b")),
    post(b"Connection: close", host=b"Host: [2001:db8::1]:8000"),
    post(b"Connection: close").replace(b"/graphql", b"http://desk.test/graphql"),
    post(host=b"").replace(b"1.1", b"1.0"),
    b"\r\n" + post(b"Connection: close"),
    post(b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk", b"Connection: Upgrade, HTTP2-Settings, close"),
    post(b"Upgrade: tls/1.3", b"Connection: Upgrade, close"),
]


@pytest.mark.parametrize("sent", WELL_FORMED, ids=lambda one: repr(one[:90]))
async def test_what_is_well_formed_is_answered(product: Product, sent: bytes) -> None:
    (answer,) = await send(product, sent)
    assert (answer.status, answer.json()) == (200, {"data": {"__typename": "Query"}})


async def test_trailers_are_not_headers(product: Product) -> None:
    body = chunked()[:-2] + b"Authorization: Bearer nonsense\r\n\r\n"
    (answer,) = await send(product, post(b"Transfer-Encoding: chunked", b"Connection: close", length=False, body=body))
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_requests_that_come_together_are_answered_in_their_order(product: Product) -> None:
    last = post(b"Connection: close", body=b'{"query": "{ viewer { kind } }"}')
    answers = await send(product, post() * 20 + last)
    data = [one.json()["data"] for one in answers]
    assert data == [{"__typename": "Query"}] * 20 + [{"viewer": {"kind": "ANONYMOUS"}}]


async def test_of_too_many_together_the_first_is_answered_and_the_connection_ends(product: Product) -> None:
    answers = await send(product, post() * 500)
    assert [one.status for one in answers] == [200]
    assert answers.closed
    assert await serves(product)


async def test_what_is_malformed_behind_a_request_does_not_spoil_its_answer(product: Product) -> None:
    answers = await send(product, post() + b"nonsense\r\n\r\n" + post())
    assert answers[0].json() == {"data": {"__typename": "Query"}}
    assert [one.status for one in answers] in ([200], [200, 400])
    assert answers.closed


@pytest.mark.parametrize("path", [b"/graphql", b"/nothing/here"])
@pytest.mark.parametrize("close", [b"Connection: close", b"X-Nothing: 1"])
async def test_a_refusal_arrives_though_its_request_is_still_being_sent(
    product: Product, path: bytes, close: bytes
) -> None:
    answers = await send(product, post(close, body=b"x" * 5_000_000).replace(b"/graphql", path, 1))
    assert [one.status for one in answers] == [413 if path == b"/graphql" else 405]
    assert answers[0].headers["connection"] == "close"
    assert not answers.reset


SLOW: list[tuple[str, bytes, bytes, float]] = [
    ("silent", b"", b"", IDLE_S),
    ("empty lines", b"", b"\r\n", HEAD_S),
    ("half a head", b"POST /graphql HTTP/1.1\r\nHost: x\r\n", b"", HEAD_S),
    ("a head in drops", b"POST /graphql HTTP/1.1\r\nHost: x\r\n", b"X-One: x\r\n", HEAD_S),
    ("a header in drops", b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-One: ", b"x", HEAD_S),
    ("no body", post(b"Content-Length: 1000", length=False, body=b""), b"", BODY_S),
    ("a body in drops", post(b"Content-Length: 1000", length=False, body=b""), b" ", BODY_S),
    ("chunks in drops", post(b"Transfer-Encoding: chunked", length=False, body=b""), b"1\r\n \r\n", BODY_S),
    ("half a chunk", post(b"Transfer-Encoding: chunked", length=False, body=b"5;"), b"x", BODY_S),
    ("a body nobody reads", post(b"Content-Length: 1000", length=False, body=b"").replace(b"/graphql", b"/x/y"), b" ", 0),
    ("after an answer", b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", b"", IDLE_S),
    ("the next head in drops", b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /", b"x", HEAD_S),
]  # fmt: skip


async def test_whoever_is_slow_is_cut_and_nobody_else_is_kept_waiting(product: Product) -> None:
    """All kinds at once, three of each."""

    async def slow(sent: bytes, drop: bytes) -> tuple[float, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", product.port)
        begun, got = time.monotonic(), b""
        writer.write(sent)
        try:
            while time.monotonic() - begun < 20:
                try:
                    async with asyncio.timeout(0.3):
                        if not (data := await reader.read(65_536)):
                            break
                        got += data
                except TimeoutError:
                    writer.write(drop)
        except ConnectionError:
            pass
        writer.close()
        return time.monotonic() - begun, got

    async def probes() -> list[float]:
        times = []
        async with httpx.AsyncClient(base_url=product.url, timeout=5) as client:
            for _ in range(40):
                begun = time.monotonic()
                assert (await client.post("/graphql", json={"query": "{ __typename }"})).status_code == 200
                times.append(time.monotonic() - begun)
                await asyncio.sleep(0.1)
        return times

    kinds = [row for row in SLOW for _ in range(3)]
    probing = asyncio.create_task(probes())
    cut = await asyncio.gather(*(slow(sent, drop) for _, sent, drop, _ in kinds))
    assert max(await probing) < 1
    for (name, _, _, due), (after, got) in zip(kinds, cut, strict=True):
        assert after < due + CUT_S, (name, after)
        if due in (HEAD_S, BODY_S):
            assert b" 408 Request Timeout" in got, name
            assert b'"REQUEST_TIMEOUT"' in got, name


async def test_whoever_does_not_take_an_answer_is_cut(product: Product) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", product.port, limit=1)
    writer.write(b"GET /schema.graphql HTTP/1.1\r\nHost: x\r\n\r\n" * 90)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    begun = time.monotonic()
    while await connections(product):
        await asyncio.sleep(0.5)
        assert time.monotonic() - begun < 40
    writer.transport.abort()
    assert await serves(product)


async def connections(product: Product) -> int:
    """Those that the server holds."""
    assert product.process is not None
    held = await asyncio.to_thread(psutil.Process(product.process.pid).net_connections, kind="tcp")
    return sum(one.status == "ESTABLISHED" and one.laddr.port == product.port for one in held)


async def test_of_more_connections_than_there_is_room_for_the_silent_ones_go(product: Product) -> None:
    opened = [await asyncio.open_connection("127.0.0.1", product.port) for _ in range(120)]
    assert await serves(product)
    await asyncio.sleep(0.3)
    assert await connections(product) <= 50
    for _, writer in opened:
        writer.close()


async def serves(product: Product) -> bool:
    (answer,) = await send(product, post(b"Connection: close"))
    return answer.status == 200 and orjson.loads(answer.body) == {"data": {"__typename": "Query"}}


def test_the_reader_of_answers_reads_what_there_is() -> None:
    raw = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
    assert said(raw) == [Answer(200, {"content-length": "2"}, b"ok"), Answer(400, {"content-length": "0"}, b"")]
