"""What a rendition says about itself, so that the credit stays with the picture wherever that is copied to.

Plain text in, blocks out: an XMP packet, and for JPEG Photoshop's resources with an IIM record.  Whatever a text holds, the
packet is sound and fits a JPEG's one segment: control characters go, and the end of the longest text goes before anything else.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

from media.metadata.text import line, lines, paragraphs

PACKET = 65_000  # bytes; XMP 3, 1.1.3: 65,502 are what a JPEG's segment has room for
FIELD = 6_000  # bytes as written, of every text but the caption
CREATORS = 8_000  # bytes, of all together
ELLIPSIS = "…"


@dataclass(frozen=True)
class Label:
    """Named as `Facts` names the values that are read; None and blank are absent.

    `license_url` is the address of the licence, `digital_source_type` a URI of IPTC's vocabulary, `data_mining` a URI of
    PLUS's (http://ns.useplus.org/ldf/vocab/DMI-…).  An address that does not fit whole is left out.
    """

    credit: str
    creators: tuple[str, ...] = ()
    headline: str | None = None
    caption: str | None = None
    alt_text: str | None = None
    copyright_notice: str | None = None
    usage_terms: str | None = None
    license_url: str | None = None
    digital_source_type: str | None = None
    data_mining: str | None = None

    @cached_property
    def xmp(self) -> bytes:
        """The packet."""
        notice = line(self.copyright_notice or "")
        # IPTC Photo Metadata 2023.1, "XMP Specs" of each property
        written = [
            _simple("photoshop:Credit", _fitting(line(self.credit), FIELD)),
            _array("dc:creator", "Seq", _within(lines(self.creators), CREATORS)),
            _simple("photoshop:Headline", _fitting(line(self.headline or ""), FIELD)),
            _language("Iptc4xmpCore:AltTextAccessibility", _fitting(paragraphs(self.alt_text or ""), FIELD)),
            _language("dc:rights", _fitting(notice, FIELD)),
            "<xmpRights:Marked>True</xmpRights:Marked>" if notice else "",
            _language("xmpRights:UsageTerms", _fitting(paragraphs(self.usage_terms or ""), FIELD)),
            _simple("xmpRights:WebStatement", _whole(self.license_url)),
            _simple("Iptc4xmpExt:DigitalSourceType", _whole(self.digital_source_type)),
            _simple("plus:DataMining", _whole(self.data_mining)),
        ]
        rest = _packet(written)
        room = PACKET - len(rest) - len(_language("dc:description", "."))
        return _packet([*written, _language("dc:description", _fitting(paragraphs(self.caption or ""), room))])

    @cached_property
    def photoshop(self) -> bytes:
        """An APP13 payload: the record, marked as UTF-8, and its digest, by which later tools see that nobody edited it."""
        sets: list[tuple[int, str, int]] = [  # IIM 4.2, record 2: data set, text, limit in bytes
            *((80, name, 32) for name in lines(self.creators)),
            (105, line(self.headline or ""), 256),
            (110, line(self.credit), 32),
            (116, line(self.copyright_notice or ""), 128),
            (120, paragraphs(self.caption or ""), 2000),
        ]
        record = _dataset(1, 90, b"\x1b%G") + _dataset(2, 0, b"\0\4")
        record += b"".join(_dataset(2, number, _cut(text, most)) for number, text, most in sets if text)
        digest = hashlib.md5(record, usedforsecurity=False).digest()
        return b"Photoshop 3.0\0" + _resource(0x0404, record) + _resource(0x0425, digest)

    @cached_property
    def digest(self) -> str:
        """Another one for whatever would be written otherwise."""
        return hashlib.sha256(self.xmp + self.photoshop).hexdigest()[:16]


def _packet(written: Iterable[str]) -> bytes:
    return _FRAME.format("\n".join(filter(None, written))).encode()


def _simple(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>" if text else ""


def _language(name: str, text: str) -> str:
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{name}>' if text else ""


def _array(name: str, kind: str, texts: Iterable[str]) -> str:
    entries = "".join(f"<rdf:li>{text}</rdf:li>" for text in texts)
    return f"<{name}><rdf:{kind}>{entries}</rdf:{kind}></{name}>" if entries else ""


def _fitting(text: str, room: int) -> str:
    """Escaped, and of at most `room` bytes then: no character or entity is torn, and an ellipsis tells of a cut."""
    written = escape(text)
    if len(written.encode()) <= room:
        return written
    written = written.encode()[: room - len(ELLIPSIS.encode())].decode(errors="ignore")
    entity = written.rfind("&")
    if entity > written.rfind(";"):
        written = written[:entity]
    return written.rstrip() + ELLIPSIS


def _within(texts: Iterable[str], room: int) -> Iterable[str]:
    for text in texts:
        written = _fitting(text, FIELD)
        room -= len(written.encode())
        if room < 0:
            return
        yield written


def _whole(address: str | None) -> str:
    written = escape(line(address or ""))
    return written if len(written.encode()) <= FIELD else ""


def _cut(text: str, most: int) -> bytes:
    """Without an ellipsis: readers know the whole by its beginning."""
    return text.encode()[:most].decode(errors="ignore").rstrip().encode()


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def _resource(id: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", id, 0, len(data)) + data + b"\0" * (len(data) % 2)


_FRAME = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">
{}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
