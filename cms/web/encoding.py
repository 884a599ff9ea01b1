"""Content codings (RFC 9110, 8.4 and 12.5.3): zstd (RFC 8878), br (RFC 7932) or gzip, as the caller likes.

Only for answers that any anonymous caller may have.  Where a body holds what its reader alone may know and something that a
stranger can put beside it, its compressed length tells the one by the other (BREACH, CVE-2013-3587): answers to a credential
go out as they are.
"""

import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache

import brotli
import zstandard

from cms.read.cache import AnswerCache, Kept

LEAST_BYTES = 1000  # below that it saves no packet

VARY = "Accept-Encoding"

_zstd = zstandard.ZstdCompressor(level=1)


def _gzip(body: bytes) -> bytes:
    """Without a time or a name in it: the same body is always the same bytes."""
    made = zlib.compressobj(1, zlib.DEFLATED, 31)
    return made.compress(body) + made.flush()


# In the order of our preference.  Of a front page's 23.3 kB of JSON, medians of 128, in microseconds and bytes:
#   zstd  level 1:  32, 3,816    3:  42, 3,767    5: 145, 3,678
#   br    level 1:  49, 4,243    3: 110, 3,805    4: 193, 3,734    5: 289, 3,491
#   gzip  level 1:  81, 4,270    4: 136, 3,976    6: 178, 3,857
# The higher levels take 1.3 to 6 times the time for a tenth of the size, and this is done on the event loop: 1.7 MB take
# 1.8 ms by zstd, 2.3 by br, 8.7 by gzip.
_CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": _zstd.compress,
    "br": lambda body: bytes(brotli.compress(body, quality=1)),
    "gzip": _gzip,
}


@lru_cache(64)
def chosen(accept_encoding: str | None) -> str | None:
    """The coding that the caller likes best, the first of ours among equals; None: as it is.

    Identity is taken where it was put before all others, and where nothing else is accepted, even by one who refuses it.
    """
    wishes: dict[str, float] = {}
    for one in (accept_encoding or "").lower().split(","):
        name, *parameters = (part.strip() for part in one.split(";"))
        weight = next((_quality(part[2:]) for part in parameters if part.startswith("q=")), 1.0)
        wishes["gzip" if name == "x-gzip" else name] = weight  # RFC 9110, 8.4.1.3
    best = max(_CODINGS, key=lambda coding: wishes.get(coding, wishes.get("*", 0.0)))
    wish = wishes.get(best, wishes.get("*", 0.0))
    return best if wish > 0 and wish >= wishes.get("identity", 0.0) else None


def encode(body: bytes, coding: str) -> bytes:
    """The body itself where it is short."""
    return body if len(body) < LEAST_BYTES else _CODINGS[coding](body)


def etag(stem: str, coding: str | None) -> str:
    """Each form of an answer has its own strong one.  `stem` stands for the body; it need not be known yet."""
    return f'"{stem}-{coding}"' if coding else f'"{stem}"'


def coded(
    accept_encoding: str | None, body: bytes, kept: Kept | None = None, cache: AnswerCache | None = None
) -> tuple[bytes, str | None]:
    """The body as the caller likes it, and its Content-Encoding.  Send `Vary` with it, whichever it is.

    Where it is the body of `kept`, it is compressed once and stays in the cache in this form too.
    """
    coding = chosen(accept_encoding)
    if coding is None:
        return body, None
    sent = cache.encoded(kept, coding, encode) if kept is not None and cache is not None else encode(body, coding)
    return sent, None if sent is body else coding


def _quality(text: str) -> float:
    """RFC 9110, 12.4.2; what cannot be read is no wish."""
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
