"""The items of HEIC and AVIF: where such files keep EXIF and XMP (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, annex A).

Not every box is believed: what does not fit into the file, or into the box around it, is as good as absent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from media.metadata.tiff import at

BOXES = 10_000  # looked at, side by side
EXTENTS = 64  # of one item
_TABLE = 2**20  # bytes of a table of items: 48 tiles of a large photo take 2 kB


class Items(NamedTuple):
    """`exif` from its TIFF header on.  Empty where there is none."""

    exif: bytes
    xmp: bytes


def read(file: BinaryIO, size: int, most: int) -> Items:
    """The first item of each sort; one longer than `most` bytes is as good as absent."""
    meta = _boxes(file, 0, size).get(b"meta")
    if not meta:
        return Items(b"", b"")
    inner = _boxes(file, meta.start + 4, meta.end)
    wanted = _wanted(file, inner.get(b"iinf"))
    places = _places(file, inner.get(b"iloc"), inner.get(b"idat"), size)
    exif, xmp = (_data(file, places.get(wanted.get(sort, -1), []), most) for sort in ("exif", "xmp"))
    skipped = int.from_bytes(exif[:4], "big")  # annex A.2.1: so many bytes lie before the TIFF header
    return Items(exif[4 + skipped :], xmp)


class _Span(NamedTuple):
    start: int
    end: int


def _boxes(file: BinaryIO, start: int, end: int) -> dict[bytes, _Span]:
    """The first of each sort, without their headers."""
    found: dict[bytes, _Span] = {}
    for _ in range(BOXES):
        head = at(file, start, 16)
        if len(head) < 8:
            break
        size, sort, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:], "big"), 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            break
        found.setdefault(sort, _Span(start + header, start + size))
        start += size
        if start == end:
            break
    return found


def _wanted(file: BinaryIO, span: _Span | None) -> dict[str, int]:
    """The ids of the items that hold EXIF and XMP."""
    wanted: dict[str, int] = {}
    for entry in _entries(_table(file, span)):
        id, sort = entry.item()
        if sort == b"Exif":
            wanted.setdefault("exif", id)
        elif sort == b"mime" and entry.content_type() == b"application/rdf+xml":
            wanted.setdefault("xmp", id)
    return wanted


@dataclass(slots=True)
class _Table:
    """Bytes read from the front.  Behind its end every number is 0."""

    data: bytes
    place: int = 0

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        taken = self.data[self.place : self.place + size]
        self.place += size
        return taken

    def item(self) -> tuple[int, bytes]:
        """An "infe" of version 2 or 3, as newer files have them: its id and its sort."""
        version = self.number(4) >> 24
        if version not in (2, 3):
            return 0, b""
        id = self.number(2 if version == 2 else 4)
        self.place += 2
        return id, self.take(4)

    def content_type(self) -> bytes:
        """Behind the item's sort come its name and its content type, each ended by a zero."""
        _, _, rest = self.data[self.place :].partition(b"\0")
        return rest.partition(b"\0")[0]

    @property
    def is_read(self) -> bool:
        return self.place >= len(self.data)


def _table(file: BinaryIO, span: _Span | None) -> _Table:
    return _Table(at(file, span.start, min(span.end - span.start, _TABLE)) if span else b"")


def _entries(table: _Table) -> Iterator[_Table]:
    count = table.number(2 if table.number(4) >> 24 == 0 else 4)
    for _ in range(count):
        size = table.number(4)
        if table.is_read or size < 8:
            break
        table.place += 4  # "infe"
        yield _Table(table.data[table.place : table.place + size - 8])
        table.place += size - 8


def _places(file: BinaryIO, span: _Span | None, idat: _Span | None, size: int) -> dict[int, list[_Span]]:
    """Where each item's parts lie in the file, by its id."""
    table = _table(file, span)
    version = table.number(4) >> 24
    sizes = table.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    index_size = index_size if version else 0  # reserved in version 0
    wide = version >= 2
    places: dict[int, list[_Span]] = {}
    for _ in range(table.number(4 if wide else 2)):
        if table.is_read:
            break
        id = table.number(4 if wide else 2)
        method = table.number(2) & 15 if version else 0
        elsewhere = table.number(2)  # in another file
        base = table.number(base_size)
        extents = table.number(2)
        if extents > EXTENTS:  # a count of 65,535 extents of no bytes each would cost seconds in every item
            table.place += extents * (index_size + offset_size + length_size)
            continue
        parts = []
        for _ in range(extents):
            table.place += index_size
            start = base + table.number(offset_size)
            length = table.number(length_size) or size  # 8.11.3: no length means all of the file
            parts.append(_Span(start, start + length))
        if method == 1:
            parts = [_Span(idat.start + part.start, idat.start + part.end) for part in parts] if idat else []
        if method < 2 and not elsewhere:
            places.setdefault(id, parts)
    return places


def _data(file: BinaryIO, parts: list[_Span], most: int) -> bytes:
    if sum(part.end - part.start for part in parts) > most:
        return b""
    return b"".join(at(file, part.start, part.end - part.start) for part in parts)
