"""TIFF's directories of tags, which EXIF is written in too.  No chain of directories is followed, so none can loop."""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Literal

ENTRIES = 1000  # of one directory
NUMBERS = 16  # of one tag

# TIFF 6.0, section 2; 129 is EXIF 3.0's UTF-8.  Kind: bytes of one value, and how `struct` reads it
_KINDS = {
    1: (1, "B"), 2: (1, "B"), 3: (2, "H"), 4: (4, "I"), 5: (8, "II"), 6: (1, "b"), 7: (1, "B"),
    8: (2, "h"), 9: (4, "i"), 10: (8, "ii"), 11: (4, "f"), 12: (8, "d"), 13: (4, "I"), 129: (1, "B"),
}  # fmt: skip
_FARTHEST = 2**62
_RATIONAL = (5, 10)
_OPAQUE = (1, 2, 4, 7, 129)  # 4: libtiff has IIM as so many long words


@dataclass(frozen=True, slots=True)
class Entry:
    """A tag's value: `count` values of a kind, `where` in the file."""

    kind: int
    count: int
    where: int


Directory = dict[int, Entry]


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure that begins at the file's first byte.  `first` is where its first directory lies."""

    file: BinaryIO
    order: Literal["<", ">"]
    first: int

    def directory(self, where: int) -> Directory:
        """By tag; what does not lie within the file is left out.  Of a tag that is given twice the first counts."""
        count = self._number(where, 2)
        entries: Directory = {}
        for number in range(min(count, ENTRIES)):
            raw = at(self.file, where + 2 + 12 * number, 12)
            if len(raw) < 12:
                break
            tag, kind, values = struct.unpack(f"{self.order}HHI", raw[:8])
            if kind not in _KINDS:
                continue
            inline = _KINDS[kind][0] * values <= 4
            place = where + 10 + 12 * number if inline else struct.unpack(f"{self.order}I", raw[8:])[0]
            entries.setdefault(tag, Entry(kind, values, place))
        return entries

    def below(self, entries: Directory, tag: int) -> Directory:
        """The directory that a tag points to; empty where there is none."""
        pointer = self.numbers(entries.get(tag))
        return self.directory(int(pointer[0])) if pointer and pointer[0] > 0 else {}

    def data(self, entry: Entry | None, most: int) -> bytes:
        """A value's bytes, of the kinds that are text or opaque; empty where it is longer than `most` or cut off."""
        if not entry or entry.kind not in _OPAQUE:
            return b""
        size = _KINDS[entry.kind][0] * entry.count
        data = at(self.file, entry.where, size) if size <= most else b""
        return data if len(data) == size else b""

    def numbers(self, entry: Entry | None) -> list[float]:
        """Up to NUMBERS of them, whole ones as int; none at all where one is no number."""
        if not entry or entry.count > NUMBERS:
            return []
        size, form = _KINDS[entry.kind]
        data = at(self.file, entry.where, size * entry.count)
        if len(data) < size * entry.count:
            return []
        numbers = struct.unpack(self.order + form * entry.count, data)
        if entry.kind in _RATIONAL:
            pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
            return [over / under for over, under in pairs] if all(under for _, under in pairs) else []
        return [*numbers] if all(-1e300 < number < 1e300 for number in numbers) else []

    def _number(self, where: int, size: int) -> int:
        return int.from_bytes(at(self.file, where, size), "little" if self.order == "<" else "big")


def opened(file: BinaryIO) -> Tiff | None:
    """None for what is no TIFF structure.  BigTIFF is none: its magic number is another."""
    head = at(file, 0, 8)
    if len(head) < 8 or head[:4] not in (b"II*\0", b"MM\0*"):
        return None
    order: Literal["<", ">"] = "<" if head[:1] == b"I" else ">"
    return Tiff(file, order, struct.unpack(f"{order}I", head[4:])[0])


def at(file: BinaryIO, where: int, size: int) -> bytes:
    """Up to `size` bytes from there on; fewer where the file ends."""
    if where > _FARTHEST:  # more than `seek` takes
        return b""
    file.seek(where)
    return file.read(size)
