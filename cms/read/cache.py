"""Whole answers, kept for as long as the content is what it was.  Bounded in bytes, compressed forms included.

It never decides what may be kept: it is handed answers that any anonymous caller may have, and the token of the content that
they were made under.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType

# no numbers: 1, 1.0 and True would be one key
Key = bytes | str | None | tuple["Key", ...]

ENTRY_BYTES = 500  # what an entry costs beside its texts: its dicts, its place in the map (measured)
PART_BYTES = 56  # what a text, or a part of a key, costs beside its characters


class Kept:
    """`headers` are what else the answer said; `encoded` are its compressed forms by their content coding."""

    __slots__ = ("body", "encoded", "headers", "key", "size_bytes")

    def __init__(self, key: Key, body: bytes, headers: Mapping[str, str]):
        self.key, self.body, self.headers = key, body, headers
        self.encoded: dict[str, bytes] = {}
        self.size_bytes = 0  # known once it is kept


class AnswerCache:
    """All entries are of one token: they go when another one comes.  The least recently used goes first."""

    def __init__(self, most_bytes: int):
        """0 keeps nothing."""
        self._most, self.size_bytes = most_bytes, 0
        self._token: str | None = None
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key, token: str | None) -> Kept | None:
        """What was put under this token; `token` is what stands for the content now, None where that is not known."""
        if token is None:
            return None
        if token != self._token:
            self._token, self._kept, self.size_bytes = token, OrderedDict(), 0
            return None
        if (found := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Key, token: str | None, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> Kept:
        """`token` was read before the answer was made.  What comes too late, or is larger than all the room, is not kept."""
        made = Kept(key, body, headers)
        if self._most and token is not None and token == self._token:
            texts = sum(_weight(name) + _weight(value) for name, value in headers.items())
            made.size_bytes = ENTRY_BYTES + _weight(key) + _weight(body) + texts
            if made.size_bytes <= self._most:
                self._drop(key)
                self._kept[key] = made
                self._grow(made.size_bytes)
        return made

    def encoded(self, kept: Kept, coding: str, encode: Callable[[bytes, str], bytes]) -> bytes:
        """The compressed form, made when it is first asked for."""
        if (found := kept.encoded.get(coding)) is None:
            found = encode(kept.body, coding)
            if found is kept.body:  # too short to gain
                return found
            kept.encoded[coding] = found
            if self._kept.get(kept.key) is kept:
                kept.size_bytes += _weight(found)
                self._grow(_weight(found))
        return found

    def _drop(self, key: Key) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self.size_bytes -= gone.size_bytes

    def _grow(self, by_bytes: int) -> None:
        self.size_bytes += by_bytes
        while self.size_bytes > self._most:
            _, gone = self._kept.popitem(last=False)
            self.size_bytes -= gone.size_bytes


def _weight(value: Key) -> int:
    if isinstance(value, tuple):
        return PART_BYTES + 8 * len(value) + sum(map(_weight, value))
    if isinstance(value, str):
        # one character that is not ASCII makes every one of them wider
        return PART_BYTES + (len(value) if value.isascii() else 4 * len(value))
    return PART_BYTES + len(value) if isinstance(value, bytes) else PART_BYTES
