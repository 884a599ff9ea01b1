"""Requests to other people's servers: to public addresses only, small and quick.

The name is resolved here, and the connection is made to the very address that was checked; TLS is verified for the name.  No
redirect is followed, no proxy of the environment is used, no connection is kept, and a compressed answer is not unpacked.
Caches in front of us are not other people's servers: cms/purge.py tells them.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from cms.errors import BadInput, FileTooLarge, Unavailable
from cms.settings import Settings

AGENT = "Dateline"
ANSWER_BYTES = 16_384  # as much as is read of the answer to a POST
MOST_ADDRESSES = 4  # of one name, tried in turn

Address = IPv4Address | IPv6Address

# not private to every Python: protocols, 6to4's relays
_SPECIAL = [ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24")]
# All that is given out.  Left out by it: ::1, addresses of IPv4 mapped (::ffff:0:0/96) and translated (NAT64, 64:ff9b::/96),
# private, link-local and multicast ones; and of it Teredo and other protocols, examples and 6to4.
_GIVEN_OUT = ip_network("2000::/3")
_SPECIAL_6 = [ip_network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """For one event loop; there is nothing to close.  Authorities are certifi's, or those that SSL_CERT_FILE names."""

    def __init__(self, settings: Settings):
        self._permitted = settings.outgoing
        # a kept connection would serve the next name at its address, which its certificate was not checked for
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        context = httpx.create_ssl_context()
        self._transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits)

    async def get(self, url: str, most_bytes: int, seconds: float) -> Answer:
        """The answer, whatever its status.

        Raises BadInput for a URL that cannot be used or leads to no permitted address, FileTooLarge, and Unavailable when there
        is no whole answer within `seconds`.
        """
        async with self._asked(_request("GET", url), seconds) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise Unavailable(f"{url} answers compressed, which was not asked for.")
            body = await _read(response, most_bytes + 1)
            if len(body) > most_bytes:
                raise FileTooLarge(f"{url} has more than {most_bytes:,} bytes.")
            return _answer(response, body)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
        """The answer, whatever its status, cut after ANSWER_BYTES.  Raises BadInput and Unavailable like `get`."""
        async with self._asked(_request("POST", url, body, headers), seconds) as response:
            return _answer(response, (await _read(response, ANSWER_BYTES))[:ANSWER_BYTES])

    @asynccontextmanager
    async def _asked(self, request: httpx.Request, seconds: float) -> AsyncIterator[httpx.Response]:
        try:
            async with asyncio.timeout(seconds):
                response = await self._sent(request)
                try:
                    yield response
                finally:
                    await response.aclose()
        except TimeoutError:
            raise Unavailable(f"{request.url} did not answer within {seconds:g} seconds.") from None
        except (httpx.TransportError, OSError) as error:
            raise Unavailable(f"{request.url} cannot be reached: {error or type(error).__name__}.") from error

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        *spare, last = await self._addresses(request.url)
        for address in spare:
            try:
                return await self._transport.handle_async_request(_to(address, request))
            except httpx.ConnectError:
                continue
        return await self._transport.handle_async_request(_to(last, request))

    async def _addresses(self, url: httpx.URL) -> list[Address]:
        """At least one."""
        resolved = await _resolved(url)
        if not (usable := [one for one in resolved if is_public(one) or any(one in net for net in self._permitted)]):
            raise BadInput(
                f"{url.host} has no public address, and DATELINE_OUTGOING_NETWORKS does not permit what it has."
            )
        return usable[:MOST_ADDRESSES]


def is_public(address: Address) -> bool:
    """Whether anyone may be found there: RFC 6890 and the registries since."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in special for special in _SPECIAL)
    return address in _GIVEN_OUT and not any(address in special for special in _SPECIAL_6)


def _request(method: str, given: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> httpx.Request:
    try:
        url = httpx.URL(given)
    except (httpx.InvalidURL, UnicodeError):
        raise BadInput("This is no URL.") from None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or (url.port or 0) > 65_535:
        raise BadInput("The URL of a server starts with http:// or https:// and a name, without a password.")
    ours = {"user-agent": AGENT, "accept": "*/*", "accept-encoding": "identity"}
    return httpx.Request(method, url, content=body, headers=ours | dict(headers or {}))


def _to(address: Address, request: httpx.Request) -> httpx.Request:
    """The same request on its way to an address; `Host` and the certificate's name stay those of the URL."""
    url = request.url.copy_with(host=str(address))
    extensions = {"sni_hostname": request.url.raw_host.decode()}
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


async def _resolved(url: httpx.URL) -> list[Address]:
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.raw_host.decode(), port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise BadInput(f"{url.host} is no name of a server.") from None
    return list(dict.fromkeys(ip_address(one[4][0]) for one in found))


async def _read(response: httpx.Response, enough: int) -> bytes:
    """Up to `enough` bytes and the rest of the piece that they came in."""
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) >= enough:
            break
    return bytes(body)


def _answer(response: httpx.Response, body: bytes) -> Answer:
    return Answer(response.status_code, dict(response.headers), body)
