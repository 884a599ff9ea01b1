"""Where image files keep what they say about themselves: the blocks are cut out, nothing in them is understood.

No length in a file is believed: each read is bounded by the file, each block by MOST, each search by PARTS.  What is
broken is as good as absent.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import SEEK_END, BytesIO
from typing import BinaryIO

from media.metadata import isobmff, tiff
from media.metadata.tiff import at

MOST = 8 * 2**20  # bytes of one block
PARTS = 20_000  # segments or chunks looked at: 32 MB of PNG in libpng's chunks of 8 kB are 4,000


@dataclass(slots=True)
class Blocks:
    """`exif` is a TIFF structure; `extensions` are the parts of extended XMP by the packet's digest, in hex.

    `digest` is what the file's writer took of the IIM block when XMP and IIM last agreed; None where it left none.
    `is_upright` says that the container itself turns the picture, so that EXIF's orientation is not to be obeyed.
    """

    exif: BinaryIO | None = None
    xmp: bytes = b""
    extensions: Mapping[str, bytes] = field(default_factory=dict)
    iim: bytes = b""
    digest: bytes | None = None
    is_upright: bool = False


def blocks(file: BinaryIO) -> Blocks:
    """By the file's first bytes; nothing for a file of another sort."""
    head = at(file, 0, 12)
    for matches, read in _CONTAINERS:
        if matches(head):
            return read(file)
    return Blocks()


# ------------------------------------------------------------------------------------------------------------------ JPEG

_EXIF, _XMP, _EXTENSION = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"


def _jpeg(file: BinaryIO) -> Blocks:
    exif, xmp, photoshop = b"", b"", bytearray()
    extension: dict[bytes, list[bytes]] = {}
    place, collected = 2, 0
    for _ in range(PARTS):
        head = at(file, place, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):  # the end, or the picture itself
            break
        if head[1] == 0xFF:
            place += 1  # T.81, B.1.1.2: any number of fill bytes may stand before a marker
            continue
        size = int.from_bytes(head[2:], "big")
        if size < 2:
            break
        if head[1] in (0xE1, 0xED) and collected < MOST:
            payload = at(file, place + 4, size - 2)
            collected += len(payload)
            if payload.startswith(_EXIF):
                exif = exif or payload
            elif payload.startswith(_XMP):
                xmp = xmp or payload[len(_XMP) :]
            elif payload.startswith(_EXTENSION):
                digest, part = payload[len(_EXTENSION) :][:32], payload[len(_EXTENSION) + 32 :]
                extension.setdefault(digest, []).append(part)
            elif payload.startswith(_PHOTOSHOP):
                photoshop += payload[len(_PHOTOSHOP) :]  # resources go on from one segment into the next
        place += 2 + size
    extensions = {digest.decode("ascii", "replace"): _joined(parts) for digest, parts in extension.items()}
    return Blocks(_tiff_of(exif), xmp, extensions, *_resources(bytes(photoshop)))


def _joined(parts: list[bytes]) -> bytes:
    """XMP 3, 1.1.3.1: each part after its packet's length and its own place in it.  Nothing unless all are there."""
    whole: list[bytes] = []
    size = 0
    for part in sorted(parts, key=lambda part: part[4:8]):
        if int.from_bytes(part[4:8], "big") != size:
            return b""
        whole.append(part[8:])
        size += len(part) - 8
    return b"".join(whole) if size == int.from_bytes(parts[0][:4], "big") else b""


def _resources(data: bytes) -> tuple[bytes, bytes | None]:
    """The IIM block and its digest among Photoshop's image resources ("8BIM", id, name, length, data)."""
    found: dict[int, bytes] = {}
    place = 0
    for _ in range(PARTS):
        if data[place : place + 4] != b"8BIM" or len(data) < place + 12:
            break
        id = int.from_bytes(data[place + 4 : place + 6], "big")
        place += 6
        place += (data[place] + 2) // 2 * 2  # the name and its length are padded to be even
        size = int.from_bytes(data[place : place + 4], "big")
        found.setdefault(id, data[place + 4 : place + 4 + size])
        place += 4 + (size + 1) // 2 * 2
    digest = found.get(0x0425, b"")
    return found.get(0x0404, b""), digest if len(digest) == 16 else None


def _tiff_of(data: bytes) -> BinaryIO | None:
    data = data[6:] if data.startswith(_EXIF) else data
    return BytesIO(data) if data else None


# ------------------------------------------------------------------------------------------------------------ PNG, WebP

_TRIES = 16  # blocks of a PNG: each 8 kB of them may inflate to MOST, which takes 20 ms


def _png(file: BinaryIO) -> Blocks:
    found = Blocks()
    place, tried = 8, 0
    for _ in range(PARTS):
        head = at(file, place, 8)
        size, sort = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or sort == b"IEND" or tried == _TRIES:
            break
        if sort in (b"eXIf", b"iTXt", b"zTXt", b"tEXt") and size <= MOST:
            tried += _chunk(found, sort, at(file, place + 8, size))
        place += 12 + size
    return found


def _chunk(found: Blocks, sort: bytes, data: bytes) -> bool:
    """Whether the chunk is one that carries a block, a sound one or not."""
    keyword, _, rest = data.partition(b"\0")
    if sort == b"eXIf":
        found.exif = found.exif or _tiff_of(data)
    elif sort == b"iTXt" and keyword == b"XML:com.adobe.xmp":
        found.xmp = found.xmp or _international(rest)
    elif sort != b"iTXt" and keyword.startswith(b"Raw profile type "):
        _profile(found, keyword[17:].lower(), rest if sort == b"tEXt" else _inflated(rest[1:]))
    else:
        return False
    return True


def _international(rest: bytes) -> bytes:
    """PNG, 11.3.3.4: compression flag and method, language, translated keyword, text."""
    text = rest[2:].split(b"\0", 2)[-1]
    return _inflated(text) if rest[:1] == b"\1" else text


def _profile(found: Blocks, sort: bytes, text: bytes) -> None:
    """As ImageMagick writes what PNG had no chunk for: a name, a length, then the block in hex."""
    try:
        data = bytes.fromhex(b"".join(text.split(None, 2)[2:]).decode())
    except ValueError:
        return
    if sort in (b"exif", b"app1") and data.startswith(_EXIF):
        found.exif = found.exif or _tiff_of(data)
    elif sort in (b"xmp", b"app1"):
        found.xmp = found.xmp or data.removeprefix(_XMP)
    elif sort in (b"iptc", b"8bim") and not found.iim:
        data = data.removeprefix(_PHOTOSHOP)
        found.iim, found.digest = (data, None) if data[:1] == b"\x1c" else _resources(data)


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, MOST)
    except zlib.error:
        return b""
    return b"" if inflater.unconsumed_tail else inflated


def _webp(file: BinaryIO) -> Blocks:
    found = Blocks()
    place = 12
    for _ in range(PARTS):
        head = at(file, place, 8)
        if len(head) < 8:
            break
        sort, size = head[:4], int.from_bytes(head[4:], "little")
        if sort == b"EXIF" and size <= MOST:
            found.exif = found.exif or _tiff_of(at(file, place + 8, size))
        elif sort == b"XMP " and size <= MOST:
            found.xmp = found.xmp or at(file, place + 8, size)
        place += 8 + size + size % 2
    return found


# ----------------------------------------------------------------------------------------------------- TIFF, HEIC, AVIF


def _tiff(file: BinaryIO) -> Blocks:
    """The tags of the file itself are its EXIF.  TIFF 6.0 by Adobe: 700 XMP, 33723 IIM, 34377 Photoshop's resources."""
    opened = tiff.opened(file)
    if not opened:
        return Blocks()
    tags = opened.directory(opened.first)
    xmp, photoshop = (opened.data(tags.get(tag), MOST) for tag in (700, 34377))
    iim, digest = _resources(photoshop)
    return Blocks(file, xmp, {}, opened.data(tags.get(33723), MOST) or iim, digest)


def _isobmff(file: BinaryIO) -> Blocks:
    items = isobmff.read(file, file.seek(0, SEEK_END), MOST)
    return Blocks(_tiff_of(items.exif), items.xmp, is_upright=True)


_CONTAINERS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO], Blocks]], ...] = (
    (lambda head: head[:3] == b"\xff\xd8\xff", _jpeg),
    (lambda head: head[:8] == b"\x89PNG\r\n\x1a\n", _png),
    (lambda head: head[:4] == b"RIFF" and head[8:] == b"WEBP", _webp),
    (lambda head: head[:4] in (b"II*\0", b"MM\0*"), _tiff),
    (lambda head: head[4:8] == b"ftyp", _isobmff),
)
