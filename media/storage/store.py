"""What every store does.  Knows no kind of store; refuses keys that could lead out of one."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Promise:
    """What someone else is to put at `key`: exactly this many bytes, with this hash (in hex), under this type."""

    key: str
    content_type: str
    byte_size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Door:
    """One request that a store takes from whoever holds its signature; each of `headers` is to be sent as it is."""

    url: str
    method: str
    headers: Mapping[str, str]


class Store(Protocol):
    """Objects by key.  A key is made by `media.keys`; any other shape is a ValueError before anything is touched.

    All methods raise StoreUnavailable when the store cannot be reached or is full.  An object is there whole or not at
    all; what was put is there after a crash.
    """

    name: str
    """The kind of store, as a photo's row remembers it."""

    async def put(self, key: str, source: Path | bytes, content_type: str) -> None:
        """Puts, or puts anew; two that put the same object at once do no harm."""

    async def get(self, key: str) -> bytes:
        """Raises Missing."""

    async def fetch(self, key: str, path: Path) -> None:
        """Writes the object to the file `path`.  Raises Missing, and then leaves no file."""

    async def size(self, key: str) -> int | None:
        """Bytes; None where there is no such object."""

    async def delete(self, key: str) -> None:
        """Deletes; what is not there is deleted already."""

    def keys(self, prefix: str) -> AsyncIterator[str]:
        """All keys that begin with `prefix`, in no promised order."""

    async def check(self) -> None:
        """Cheap: raises StoreUnavailable when the store would not answer."""

    async def door(self, promise: Promise, seconds: int) -> Door | None:
        """Where a stranger may put what was promised, for so long; None for a store that no stranger can reach."""

    async def close(self) -> None: ...


def checked(key: str) -> str:
    """The key itself.  Raises ValueError for one that `media.keys` does not make."""
    if len(key) > _LONGEST or not _KEY.fullmatch(key):
        raise ValueError(f"not a key of a store: {key[:_LONGEST]!r}")
    return key
