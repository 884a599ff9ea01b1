"""Whom a request came from, where a proxy that is trusted says so.

X-Forwarded-For is read from its end, over the proxies that are trusted: what stands before the first other address was written
by whoever asked.  A name that is no address ends it too.
"""

from functools import lru_cache
from ipaddress import ip_address, ip_network

from starlette.types import Scope


class Proxies:
    """`trusted` are address ranges with commas between; false where there are none."""

    def __init__(self, trusted: str):
        self._networks = [ip_network(one) for one in trusted.split(",")] if trusted else []
        self._trusts = lru_cache(1024)(self._looked_up)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def seen_through(self, peer: str, scope: Scope) -> tuple[str, str]:
        """The address and the scheme that the caller used, as far as it may be believed."""
        scheme: str = scope["scheme"]
        if not self._trusts(peer):
            return peer, scheme
        forwarded, proto = list[str](), scheme
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                forwarded += value.decode("latin-1").split(",")
            elif name == b"x-forwarded-proto":
                proto = value.decode("latin-1").rpartition(",")[2].strip().lower()
        return self._nearest(peer, forwarded), _said(scheme, proto)

    def _nearest(self, peer: str, forwarded: list[str]) -> str:
        for one in reversed(forwarded):
            address = _address(one.strip())
            if address is None:
                break
            peer = address
            if not self._trusts(peer):
                break
        return peer

    def _looked_up(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in one for one in self._networks)


def _address(text: str) -> str | None:
    """Some proxies write the port too: 203.0.113.7:4711, [2001:db8::1]:4711."""
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _said(scheme: str, proto: str) -> str:
    """A WebSocket's schemes go along."""
    if proto not in ("http", "https"):
        return scheme
    return proto.replace("http", "ws") if scheme.startswith("ws") else proto
