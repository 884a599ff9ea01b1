"""What a file is, by its content.  Names and declared types are labels; they are not looked at.

Knows the kinds that are taken, and enough others to say what was sent instead.  Whether the picture behind the first bytes
is whole is the decoder's word.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from media.errors import BadImage, UnsupportedImage

Format = Literal["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "HEIC"]

MIME: dict[Format, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "HEIC": "image/heic",
}
TAKEN = "photos are taken as JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC."
MOVES = "This picture moves; only still pictures are taken."

HEAD = 4096  # bytes that are looked at; an SVG may have a licence before its first element
CHUNKS = 1000  # of a PNG before its pixels

# ISO 14496-12: the brands of a `ftyp` box; avif: AV1 Image File Format; heic, heix: ISO 23008-12, annex B
BRANDS: dict[bytes, Format] = {b"avif": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC"}
SEQUENCES = (b"avis", b"hevc", b"hevx", b"msf1")
TIFF = {b"II*\0": "<", b"MM\0*": ">"}
# TIFF/EP and DNG: a raw file's first directory is a preview, marked as reduced, or carries DNGVersion
NEW_SUBFILE_TYPE, DNG_VERSION = 254, 50706

OTHERS = {
    b"%PDF-": "a PDF file",
    b"%!PS": "a PostScript file",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"8BPS": "a Photoshop file",
    b"BM": "a BMP image",
    b"\0\0\1\0": "an icon file",
    b"\0\0\0\x0cJXL \r\n\x87\n": "a JPEG XL image",
    b"\xff\x0a": "a JPEG XL image",
    b"\0\0\0\x0cjP  \r\n\x87\n": "a JPEG 2000 image",
    b"II+\0": "a BigTIFF image",
    b"MM\0+": "a BigTIFF image",
    b"\x1a\x45\xdf\xa3": "a video",
    b"OggS": "a sound or a video",
    b"ID3": "a sound",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
MARKUP = {b"<!doctype html": "a web page", b"<html": "a web page", b"<svg": "an SVG file", b"<?xml": "an XML file"}


def sniff(path: Path) -> Format:
    """The kind of picture.  Raises UnsupportedImage, naming what it is instead where that is known; BadImage if empty."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head:
            raise BadImage("This file is empty.")
        format = _format(head)
        if format is None:
            raise UnsupportedImage(f"This is {_other(head)}; {TAKEN}")
        if format == "PNG" and b"acTL" in _chunks(file):
            raise UnsupportedImage(MOVES)
        if format == "TIFF" and _raw(file, TIFF[head[:4]]):
            raise UnsupportedImage(f"This is a camera's raw file; {TAKEN}")
    return format


def _format(head: bytes) -> Format | None:
    if head.startswith(b"\xff\xd8\xff") and head[3:4] >= b"\xc0":
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:15] == b"WEBPVP8":
        return "WEBP"
    if head[:4] in TIFF:
        return "TIFF"
    brands = _brands(head)
    if brands[:1] and brands[0] in SEQUENCES:
        raise UnsupportedImage(MOVES)
    return next((BRANDS[brand] for brand in brands if brand in BRANDS), None)


def _brands(head: bytes) -> list[bytes]:
    """The major brand, then the compatible ones; empty where this is no `ftyp` box."""
    if head[4:8] != b"ftyp":
        return []
    box = head[8 : min(int.from_bytes(head[:4], "big"), HEAD)]
    return [box[:4], *(box[at : at + 4] for at in range(8, len(box) - 3, 4))]


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The names of a PNG's chunks before its pixels (PNG, third edition, 5.3); an animation's `acTL` stands among them."""
    file.seek(8)
    for _ in range(CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IDAT":
            return
        yield head[4:]
        file.seek(int.from_bytes(head[:4], "big") + 4, 1)


def _raw(file: BinaryIO, order: str) -> bool:
    file.seek(4)
    try:
        file.seek(*struct.unpack(f"{order}I", file.read(4)))
        for _ in range(*struct.unpack(f"{order}H", file.read(2))):
            tag, _, _, value = struct.unpack(f"{order}HHII", file.read(12))
            if tag == DNG_VERSION or (tag == NEW_SUBFILE_TYPE and value & 1):
                return True
    except struct.error:  # ends too early: the decoder refuses it
        pass
    return False


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "a video"
    if head[:4] == b"RIFF":
        return (
            "a video" if head[8:11] == b"AVI" else "a sound" if head[8:12] == b"WAVE" else "a file of an unknown kind"
        )
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<"):
        # an SVG may begin with an XML declaration, a doctype and comments
        return next((name for start, name in MARKUP.items() if start in text), "a text file")
    return next((name for start, name in OTHERS.items() if head.startswith(start)), "a file of an unknown kind")
