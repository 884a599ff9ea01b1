"""Requests to other people's servers, against real ones on this machine."""

import asyncio
import ssl
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from cms import outgoing
from cms.errors import BadInput, FileTooLarge, Unavailable
from cms.settings import BadSetting, Settings
from tests.far import http, server

LOCAL = Settings(outgoing_networks="127.0.0.0/8")


async def test_an_answer_comes_with_status_headers_and_body() -> None:
    async with server(http(b"no such photo", "404 Not Found", "X-Kind: odd")) as there:
        answer = await outgoing.Client(LOCAL).get(f"{there.url}/a%20photo.jpg?w=1", 100, 5)
    assert (answer.status, answer.headers["x-kind"], answer.body) == (404, "odd", b"no such photo")
    head = there.heard[0].decode().lower()
    assert head.startswith("get /a%20photo.jpg?w=1 http/1.1\r\n")
    assert f"\r\nhost: 127.0.0.1:{there.port}\r\n" in head
    assert "\r\nuser-agent: dateline\r\n" in head
    assert "\r\naccept-encoding: identity\r\n" in head


async def test_what_is_posted_arrives_as_it_is() -> None:
    async with server(http(b"", "204 No Content")) as there:
        headers = {"webhook-id": "msg_1", "content-type": "application/json"}
        answer = await outgoing.Client(LOCAL).post(there.url, b'{"a": 1}', headers, 5)
    assert answer.status == 204
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert body == b'{"a": 1}'
    assert b"\r\nwebhook-id: msg_1\r\n" in head


async def test_the_answer_to_a_post_is_read_so_far_and_no_further() -> None:
    async with server(http(b"x" * 1_000_000)) as there:
        answer = await outgoing.Client(LOCAL).post(there.url, b"", {}, 5)
    assert answer.body == b"x" * outgoing.ANSWER_BYTES


async def test_each_request_has_a_connection_of_its_own() -> None:
    async def keep(head: bytes, writer: asyncio.StreamWriter) -> None:
        ends.append(writer.get_extra_info("peername"))
        writer.write(http(b"x"))
        await writer.drain()
        await asyncio.sleep(0.2)

    ends: list[tuple[str, int]] = []
    async with server(keep) as there:
        client = outgoing.Client(LOCAL)
        await client.get(there.url, 1, 5)
        await client.get(there.url, 1, 5)
    assert len(set(ends)) == 2


# ------------------------------------------------------------------------------------------------------------ where to


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "169.254.169.254",
    ],
)
async def test_nothing_is_asked_at_an_address_that_is_not_public(host: str) -> None:
    async with server(http(b"secret")) as there:
        for ask in (
            outgoing.Client(Settings()).get(f"http://{host}:{there.port}/", 100, 5),
            outgoing.Client(Settings()).post(f"http://{host}:{there.port}/", b"", {}, 5),
        ):
            with pytest.raises(BadInput, match="has no public address"):
                await ask
    assert there.heard == []


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
        "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_an_address_that_is_none_of_the_internets_is_not_public(address: str) -> None:
    assert not outgoing.is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert outgoing.is_public(ip_address(address))


async def test_only_what_is_permitted_is_permitted() -> None:
    async with server(http(b"")) as there:
        with pytest.raises(BadInput, match="has no public address"):
            await outgoing.Client(Settings(outgoing_networks="10.0.0.0/8,fd00::/8")).get(there.url, 1, 5)
        assert (
            await outgoing.Client(Settings(outgoing_networks="10.0.0.0/8,127.0.0.1/32")).get(there.url, 1, 5)
        ).status == 200


async def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name server that tells the check one thing and the connection another (DNS rebinding) finds nothing to tell."""
    asked = []
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def watched(host: str, *args: object, **options: object) -> object:
        asked.append(host)
        return await resolve(host, *args, **options)  # type: ignore[arg-type]

    async with server(http(b"here")) as there:
        monkeypatch.setattr(loop, "getaddrinfo", watched)
        answer = await outgoing.Client(LOCAL).get(f"http://localhost:{there.port}/", 100, 5)
    assert answer.body == b"here"
    assert asked == ["localhost"]
    assert f"host: localhost:{there.port}\r\n".encode() in there.heard[0].lower()


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with server(http(b"secret")) as inside, server(http(b"", "302 Found", f"Location: {inside.url}/")) as there:
        answer = await outgoing.Client(LOCAL).get(there.url, 100, 5)
    assert (answer.status, answer.headers["location"]) == (302, f"{inside.url}/")
    assert inside.heard == []


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(http(b"proxy")) as proxy, server(http(b"origin")) as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        answer = await outgoing.Client(LOCAL).get(there.url, 100, 5)
    assert answer.body == b"origin"
    assert proxy.heard == []


@pytest.mark.parametrize(
    "url",
    [
        "", "photo.jpg", "//127.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "unix:///run/x.sock", "http://",
        "http:///path", "http://user:password@127.0.0.1/", "http://user@127.0.0.1/", "http://127.0.0.1:port/", "http://127.0.0.1:99999999/",
        "http://" + "a" * 70 + ".test/", "http://[::1/", "http://127.0.0.1/\n\nHost: x", "http://127.0.0.1/\ud800", "http://\ud800/",
    ],
)  # fmt: skip
async def test_a_url_that_is_none_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        await outgoing.Client(LOCAL).get(url, 100, 5)


def test_networks_that_are_none_stop_the_start() -> None:
    for bad in ("10.0.0.0/33", "10.0.0.1/8", "example.org", "10.0.0.0/8,"):
        with pytest.raises(BadSetting, match="DATELINE_OUTGOING_NETWORKS cannot be"):
            Settings.load({"DATELINE_OUTGOING_NETWORKS": bad})
    assert (
        Settings.load({"DATELINE_OUTGOING_NETWORKS": "10.1.2.3, fd00::/8"}).outgoing_networks == "10.1.2.3/32,fd00::/8"
    )


# ------------------------------------------------------------------------------------------------------ small and quick


@pytest.mark.parametrize("announced", [True, False])
async def test_a_file_that_is_too_large_is_refused_before_it_is_read(announced: bool) -> None:
    sent = 0

    async def endless(head: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 1000000000000\r\n" if announced else b"") + b"\r\n")
        while True:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    async with server(endless) as there:
        with pytest.raises(FileTooLarge, match="more than 1,000 bytes"):
            await outgoing.Client(LOCAL).get(there.url, 1000, 5)
        await asyncio.sleep(0.05)
    assert 0 < sent < 20_000_000  # what the system's buffers take


async def test_a_file_of_exactly_the_limit_is_taken() -> None:
    async with server(http(b"x" * 1000)) as there:
        assert len((await outgoing.Client(LOCAL).get(there.url, 1000, 5)).body) == 1000
        with pytest.raises(FileTooLarge):
            await outgoing.Client(LOCAL).get(there.url, 999, 5)


async def test_an_answer_that_trickles_is_given_up_as_a_whole() -> None:
    async def trickle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with server(trickle) as there:
        with pytest.raises(Unavailable, match=r"did not answer within 0\.3 seconds"):
            await outgoing.Client(LOCAL).get(there.url, 1000, 0.3)


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_whole_answer_is_none(answer: bytes) -> None:
    async with server(answer) as there:
        with pytest.raises(Unavailable, match="cannot be reached"):
            await outgoing.Client(LOCAL).get(there.url, 1000, 5)


async def test_a_compressed_answer_is_not_unpacked() -> None:
    async with server(http(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip")) as there:
        with pytest.raises(Unavailable, match="compressed"):
            await outgoing.Client(LOCAL).get(there.url, 1000, 5)


async def test_nobody_there_is_said() -> None:
    async with server(b"") as there:
        pass
    with pytest.raises(Unavailable, match="cannot be reached"):
        await outgoing.Client(LOCAL).get(there.url, 1000, 5)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await outgoing.Client(LOCAL).get("http://no-such-name.invalid/", 1000, 5)


# ----------------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the name `localhost`, and its own authority; the key is in the same file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        *subject,
    ]
    subprocess.run(
        [*made, "-keyout", path.with_suffix(".key"), "-out", path], check=True, capture_output=True, timeout=30
    )
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


async def test_a_certificate_is_checked_for_the_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with server(http(b"sealed"), _tls(certificate)) as there:
        client = outgoing.Client(LOCAL)
        assert (await client.get(f"https://localhost:{there.port}/", 100, 5)).body == b"sealed"
        with pytest.raises(Unavailable, match=r"(?i)certificate"):
            await client.get(f"https://127.0.0.1:{there.port}/", 100, 5)
    assert len(there.heard) == 1


async def test_a_certificate_of_nobody_known_is_refused(certificate: Path) -> None:
    async with server(http(b"sealed"), _tls(certificate)) as there:
        with pytest.raises(Unavailable, match=r"(?i)certificate"):
            await outgoing.Client(LOCAL).get(f"https://localhost:{there.port}/", 100, 5)
    assert there.heard == []
