"""What a picture desk writes into its files: an XMP packet, an IIM record, EXIF tags.  It writes; it never reads.

The three are written apart, so that a file may carry all of them, or the old ones only, as files from agencies do.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from PIL import Image
from PIL.ExifTags import IFD, Base


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photo was taken.  The demo's countries have codes that ISO 3166-1 leaves to its users."""

    sublocation: str | None
    city: str
    region: str
    country: str
    country_code: str


@dataclass(frozen=True, slots=True)
class Label:
    """What is known about one photo, named as in IPTC Photo Metadata 2023.2."""

    title: str
    creators: tuple[str, ...]
    credit: str
    source: str | None
    supplier: str | None
    headline: str
    caption: str
    alt_text: str
    keywords: tuple[str, ...]
    people: tuple[str, ...]
    copyright_notice: str
    usage_terms: str | None
    instructions: str | None
    digital_source_type: str
    place: Place
    taken_at: datetime


def exif(label: Label) -> bytes:
    """Caption, creator, copyright and date: EXIF has no place for a credit line."""
    tags = Image.Exif()
    tags[Base.ImageDescription] = label.caption.encode()  # as bytes: Pillow writes text as ASCII and loses the accents
    tags[Base.Artist] = "; ".join(label.creators).encode()
    tags[Base.Copyright] = label.copyright_notice.encode()
    tags[Base.DateTime] = f"{label.taken_at:%Y:%m:%d %H:%M:%S}"
    details = tags.get_ifd(IFD.Exif)
    details[Base.DateTimeOriginal] = f"{label.taken_at:%Y:%m:%d %H:%M:%S}"
    details[Base.OffsetTimeOriginal] = _offset(label.taken_at)
    return tags.tobytes()


def xmp(label: Label) -> bytes:
    """A packet with everything."""
    place = label.place
    simple = {
        "photoshop:Credit": label.credit,
        "photoshop:Source": label.source,
        "photoshop:Headline": label.headline,
        "photoshop:Instructions": label.instructions,
        "photoshop:DateCreated": label.taken_at.isoformat(timespec="seconds"),
        "photoshop:City": place.city,
        "photoshop:State": place.region,
        "photoshop:Country": place.country,
        "Iptc4xmpCore:CountryCode": place.country_code,
        "Iptc4xmpCore:Location": place.sublocation,
        "Iptc4xmpExt:DigitalSourceType": label.digital_source_type,
    }
    lines = [f"<{name}>{escape(value)}</{name}>" for name, value in simple.items() if value]
    lines += [
        _language("dc:title", label.title),
        _language("dc:description", label.caption),
        _language("dc:rights", label.copyright_notice),
        _language("Iptc4xmpCore:AltTextAccessibility", label.alt_text),
        _language("xmpRights:UsageTerms", label.usage_terms),
        _list("dc:creator", "Seq", label.creators),
        _list("dc:subject", "Bag", label.keywords),
        _list("Iptc4xmpExt:PersonInImage", "Bag", label.people),
        _supplier(label.supplier),
        "<xmpRights:Marked>True</xmpRights:Marked>",
    ]
    return _PACKET.format("\n   ".join(line for line in lines if line)).encode()


def photoshop(label: Label) -> bytes:
    """An APP13 payload: the IIM record, marked as UTF-8, and the digest that tells later tools that it is current.

    Texts are cut at IIM's limits, which count bytes: whole characters only.
    """
    place, at = label.place, label.taken_at
    sets: list[tuple[int, str, int]] = [  # IIM 4.2, record 2: data set, value, limit in bytes
        (5, label.title, 64),
        *((25, word, 64) for word in label.keywords),
        (40, label.instructions or "", 256),
        (55, f"{at:%Y%m%d}", 8),
        (60, f"{at:%H%M%S}{_offset(at).replace(':', '')}", 11),
        *((80, name, 32) for name in label.creators),
        (90, place.city, 32),
        (92, place.sublocation or "", 32),
        (95, place.region, 32),
        (100, place.country_code, 3),
        (101, place.country, 64),
        (105, label.headline, 256),
        (110, label.credit, 32),
        (115, label.source or "", 32),
        (116, label.copyright_notice, 128),
        (120, label.caption, 2000),
    ]
    record = _dataset(1, 90, b"\x1b%G") + _dataset(2, 0, b"\x00\x04")
    record += b"".join(_dataset(2, number, cut(value, most)) for number, value, most in sets if value)
    return (
        b"Photoshop 3.0\0"
        + _resource(0x0404, record)
        + _resource(0x0425, hashlib.md5(record, usedforsecurity=False).digest())
    )


def cut(text: str, most: int) -> bytes:
    """UTF-8 of at most so many bytes, no character torn."""
    return text.encode()[:most].decode(errors="ignore").encode()


def splice(jpeg: bytes, app13: bytes) -> bytes:
    """A JPEG with one more segment, behind the APP0 and APP1 segments that must come first."""
    at = 2
    while jpeg[at] == 0xFF and jpeg[at + 1] in (0xE0, 0xE1):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg[:at] + b"\xff\xed" + struct.pack(">H", len(app13) + 2) + app13 + jpeg[at:]


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def _resource(kind: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", kind, 0, len(data)) + data + b"\0" * (len(data) % 2)


def _language(name: str, text: str | None) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt></{name}>' if text else ""


def _list(name: str, kind: str, values: Iterable[str]) -> str:
    entries = "".join(f"<rdf:li>{escape(value)}</rdf:li>" for value in values)
    return f"<{name}><rdf:{kind}>{entries}</rdf:{kind}></{name}>" if entries else ""


def _supplier(name: str | None) -> str:
    if not name:
        return ""
    entry = f'<rdf:li rdf:parseType="Resource"><plus:ImageSupplierName>{escape(name)}</plus:ImageSupplierName></rdf:li>'
    return f"<plus:ImageSupplier><rdf:Seq>{entry}</rdf:Seq></plus:ImageSupplier>"


def _offset(at: datetime) -> str:
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:]}"


_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
   xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
   xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
   xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
   xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">
   {}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
