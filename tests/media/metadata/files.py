"""Makers: photo files with the blocks that a test asks for, and nothing else in them."""

import hashlib
import io
import struct
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base

REFERENCES = Path(__file__).resolve().parents[3].parent / "shared" / "standards" / "images"
NAMESPACES = """xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
"""


def picture(format: str, **blocks: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, format, **blocks)
    return out.getvalue()


def jpeg(*segments: bytes) -> bytes:
    plain = picture("JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def packet(properties: str, attributes: str = "") -> bytes:
    return f"<rdf:RDF {NAMESPACES}><rdf:Description {attributes}>{properties}</rdf:Description></rdf:RDF>".encode()


def xmp(properties: str, attributes: str = "") -> bytes:
    return raw_xmp(packet(properties, attributes))


def raw_xmp(data: bytes) -> bytes:
    return segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + data)


def several(name: str, values: list[str]) -> str:
    entries = "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
    return f"<{name}><rdf:Seq>{entries}</rdf:Seq></{name}>"


def dataset(number: int, value: bytes, record: int = 2) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


UTF8 = dataset(90, b"\x1b%G", record=1)


def resources(record: bytes, digest: bytes | None = None) -> bytes:
    stored = resource(0x0425, digest) if digest else b""
    return resource(0x0404, record) + stored


def resource(id: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", id, 0, len(data)) + data + b"\0" * (len(data) % 2)


def iim(record: bytes, digest: bytes | None = None) -> bytes:
    return segment(0xED, b"Photoshop 3.0\0" + resources(record, digest))


def digest(record: bytes) -> bytes:
    return hashlib.md5(record, usedforsecurity=False).digest()


def tags(first: dict[int, object], details: dict[int, object] | None = None) -> bytes:
    """EXIF as an APP1 payload has it; texts as bytes, for Pillow would write them in ASCII."""
    made = Image.Exif()
    for tag, value in first.items():
        made[tag] = value.encode() if isinstance(value, str) else value
    if details:
        made.get_ifd(IFD.Exif).update(details)
    return made.tobytes()


def exif(first: dict[int, object], details: dict[int, object] | None = None) -> bytes:
    return segment(0xE1, tags(first, details))


def artist(name: str) -> bytes:
    return exif({Base.Artist: name})


def box(sort: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + sort + data


def full_box(sort: bytes, version: int, data: bytes) -> bytes:
    return box(sort, bytes([version, 0, 0, 0]) + data)


def heic(exif: bytes, xmp: bytes) -> bytes:
    """The items' boxes alone, as a phone writes them: EXIF in the file, XMP in "idat"; no picture."""
    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    infos = full_box(b"infe", 2, struct.pack(">HH", 1, 0) + b"Exif\0") + full_box(
        b"infe", 2, struct.pack(">HH", 2, 0) + b"mime\0application/rdf+xml\0"
    )
    data = struct.pack(">I", 6) + b"Exif\0\0" + exif.removeprefix(b"Exif\0\0")

    def meta(start: int) -> bytes:
        places = struct.pack(">HHHHHIHII", 0x4440, 2, 1, 0, 0, 0, 1, start, len(data))
        places += struct.pack(">HHHIHII", 2, 1, 0, 0, 1, 0, len(xmp))
        inner = full_box(b"iinf", 0, struct.pack(">H", 2) + infos) + full_box(b"iloc", 1, places) + box(b"idat", xmp)
        return full_box(b"meta", 0, inner)

    media = len(head) + len(meta(0)) + 8
    return head + meta(media) + box(b"mdat", data)
