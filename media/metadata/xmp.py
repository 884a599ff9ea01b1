"""XMP: the newer record, and the only one that holds everything.  Read as a stream, without DTD, entity or network.

What makes reading dear is refused before it begins (a document type, a packet of a million tags); a packet that is broken
gives what stands before its fault.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from media.metadata import dates
from media.metadata.block import Block
from media.metadata.text import MANY, MOST, line, lines, paragraphs, printable

PIECES = 500_000  # "<" and "&" in a packet: the parser calls back once or twice for each
ATTRIBUTES = 50_000  # "="
NODES = 20_000  # elements kept
SIBLINGS = 1_000  # of them below one
DEPTH = 24  # XMP's own structures need ten
NAMESPACE = 200  # characters; lxml repeats it in every name, so that one of 4 MB would take all memory

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIXES = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop:",
    "http://ns.adobe.com/xap/1.0/": "xmp:",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights:",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM:",
    "http://ns.adobe.com/xmp/note/": "xmpNote:",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore:",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt:",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus:",
    "http://ns.adobe.com/tiff/1.0/": "tiff:",
    "http://ns.adobe.com/exif/1.0/": "exif:",
}

# IPTC Photo Metadata 2024.1
_LINES = {
    "headline": "photoshop:Headline",
    "title": "dc:title",
    "credit_line": "photoshop:Credit",
    "source": "photoshop:Source",
    "copyright_notice": "dc:rights",
    "creator_job_title": "photoshop:AuthorsPosition",
}
_PARAGRAPHS = {
    "caption": "dc:description",
    "instructions": "photoshop:Instructions",
    "usage_terms": "xmpRights:UsageTerms",
    "alt_text": "Iptc4xmpCore:AltTextAccessibility",
}
_PLACE = {
    "sublocation": "Iptc4xmpCore:Location",
    "city": "photoshop:City",
    "region": "photoshop:State",
    "country": "photoshop:Country",
    "country_code": "Iptc4xmpCore:CountryCode",
}
_PLACE_STRUCT = {
    "sublocation": "Iptc4xmpExt:Sublocation",
    "city": "Iptc4xmpExt:City",
    "region": "Iptc4xmpExt:ProvinceState",
    "country": "Iptc4xmpExt:CountryName",
    "country_code": "Iptc4xmpExt:CountryCode",
}
_NEWSCODES = "cv.iptc.org/newscodes/"
_MINING = "http://ns.useplus.org/ldf/vocab/DMI-"

Properties = Mapping[str, Any]


class Languages(dict[str, str]):
    """One text by language; "x-default" is the one for readers of any other."""


def read(packet: bytes, extensions: Mapping[str, bytes]) -> Block:
    """The packet, and the extension of it that it names: JPEG has no room for more than 64 kB in one piece."""
    raw, notes = _properties(packet)
    extension = extensions.get(raw.get("xmpNote:HasExtendedXMP", ""))
    if extension:
        further, more_notes = _properties(extension)
        raw, notes = {**further, **raw}, list(dict.fromkeys(notes + more_notes))
    return Block(_values(raw), raw, tuple(notes))


# ---------------------------------------------------------------------------------------------------------- our values


def _values(raw: Properties) -> dict[str, Any]:
    values: dict[str, Any] = {
        "creators": lines(_texts(raw.get("dc:creator"))),
        "keywords": lines(_texts(raw.get("dc:subject"))),
        "people": lines([*_texts(raw.get("Iptc4xmpExt:PersonInImage")), *_named(raw)]),
        "supplier": _within(raw.get("plus:ImageSupplier"), "plus:ImageSupplierName"),
        "licensor_url": _url(_within(raw.get("plus:Licensor"), "plus:LicensorURL")),
        "web_statement": _url(_text(raw.get("xmpRights:WebStatement"))),
        "digital_source_type": _newscode(_text(raw.get("Iptc4xmpExt:DigitalSourceType"))),
        "data_mining": _mining(_text(raw.get("plus:DataMining"))),
        "date_created": dates.read(_text(raw.get("photoshop:DateCreated"))),
    }
    values |= {name: line(_text(raw.get(key))) for name, key in _LINES.items()}
    values |= {name: _text(raw.get(key)) for name, key in _PARAGRAPHS.items()}
    values |= _place(raw)
    return {name: value for name, value in values.items() if value}


def _named(raw: Properties) -> Iterator[str]:
    for person in _structs(raw.get("Iptc4xmpExt:PersonInImageWDetails")):
        yield _text(person.get("Iptc4xmpExt:PersonName"))


def _place(raw: Properties) -> dict[str, str]:
    """The plain fields, or else what is shown, or else where the camera stood: never parts of two places."""
    shown, created = (_structs(raw.get(f"Iptc4xmpExt:Location{sort}")) for sort in ("Shown", "Created"))
    candidates = [(raw, _PLACE), *((struct, _PLACE_STRUCT) for struct in (*shown[:1], *created[:1]))]
    for properties, keys in candidates:
        place = {name: line(_text(properties.get(key))) for name, key in keys.items()}
        code = place["country_code"]
        place["country_code"] = code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""
        if any(place.values()):
            return place
    return {}


def _text(value: Any) -> str:
    """The first that is not blank."""
    return next(filter(None, _texts(value)), "")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Languages):
        return [value.get("x-default") or next(filter(None, value.values()), "")]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _structs(value: Any) -> list[Properties]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict) and not isinstance(one, Languages)]


def _within(value: Any, key: str) -> str:
    return next((text for struct in _structs(value) if (text := line(_text(struct.get(key))))), "")


def _url(text: str) -> str:
    return text if text.startswith(("http://", "https://")) and " " not in line(text) else ""


def _newscode(uri: str) -> str:
    """The vocabulary's own form begins with http."""
    return (
        f"http://{_NEWSCODES}{uri.partition(_NEWSCODES)[2]}" if uri.startswith(f"https://{_NEWSCODES}") else line(uri)
    )


def _mining(uri: str) -> str:
    """PLUS's terms, whether written in full or by their last part alone; what is no such term forbids and allows nothing."""
    found = re.fullmatch(r"(?:https?://ns\.useplus\.org/ldf/vocab/)?DMI-([A-Z-]{1,60})", line(uri))
    return f"{_MINING}{found[1]}" if found else ""


# ------------------------------------------------------------------------------------------------------ RDF to plain JSON


def _properties(packet: bytes) -> tuple[dict[str, Any], list[str]]:
    """XMP 1, 7: what all descriptions say, by "prefix:Name"; of a property given twice the first counts."""
    root, notes = _tree(packet)
    found: dict[str, Any] = {}
    for rdf in _descendants(root, f"{_RDF}RDF"):
        for description in rdf.children:
            for name, value in _struct(description).items():
                found.setdefault(name, value)
    return found, notes


def _struct(node: "_Node") -> dict[str, Any]:
    """Attributes are short for elements (XMP 1, 7.9.2.2)."""
    found: dict[str, Any] = {}
    for tag, text in node.attributes.items():
        if tag.startswith("{") and not tag.startswith((_RDF, "{http://www.w3.org/XML/")):
            found[_name(tag)] = paragraphs(text)
    for child in node.children:
        found.setdefault(_name(child.tag), _value(child))
    return {name: value for name, value in found.items() if value}


def _value(node: "_Node") -> Any:
    """A text, Languages, a list, or a dict for a structure."""
    for child in node.children:
        if child.tag in (f"{_RDF}Alt", f"{_RDF}Seq", f"{_RDF}Bag"):
            return _entries(child)
        if child.tag == f"{_RDF}Description":
            return _qualified(_struct(child))
    if struct := _struct(node):
        return _qualified(struct)
    return paragraphs(node.attributes.get(f"{_RDF}resource", "") or "".join(node.text))


def _qualified(struct: dict[str, Any]) -> Any:
    """XMP 1, 7.8: a value with qualifiers is written as a structure that holds it."""
    return struct.get("rdf:value", struct)


def _entries(container: "_Node") -> Any:
    entries = [(entry, _value(entry)) for entry in container.children if entry.tag == f"{_RDF}li"][:MANY]
    if container.tag != f"{_RDF}Alt" or not all(isinstance(value, str) for _, value in entries):
        return [value for _, value in entries if value]
    languages = Languages()
    for entry, text in entries:
        tag = line(entry.attributes.get("{http://www.w3.org/XML/1998/namespace}lang", ""))[:35]
        languages.setdefault(tag or "x-default", text)
    return languages


def _name(tag: str) -> str:
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    return line(_PREFIXES.get(namespace, namespace) + name)[:300]


def _descendants(node: "_Node", tag: str) -> Iterator["_Node"]:
    for child in node.children:
        if child.tag == tag:
            yield child
        else:
            yield from _descendants(child, tag)


# ------------------------------------------------------------------------------------------------------------ XML to RDF


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str]
    children: list["_Node"] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    size: int = 0


class _Unbearable(Exception):
    """A namespace longer than NAMESPACE."""


class _Gatherer:
    """lxml's parser tells it what it meets; it keeps what the bounds allow, below `root`."""

    def __init__(self) -> None:
        self.root = _Node("", {})
        self.kept = 0
        self.open: list[_Node | None] = [self.root]  # None: left out

    def start_ns(self, prefix: str, uri: str) -> None:
        if len(uri) > NAMESPACE:
            raise _Unbearable

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        parent = self.open[-1]
        node = None
        if parent and self.kept < NODES and len(parent.children) < SIBLINGS and len(self.open) <= DEPTH:
            node = _Node(tag, dict(attrib))
            parent.children.append(node)
            self.kept += 1
        self.open.append(node)

    def end(self, tag: str) -> None:
        self.open.pop()

    def data(self, data: str) -> None:
        node = self.open[-1]
        if node and node.size < MOST:
            node.text.append(data)
            node.size += len(data)

    def close(self) -> None:
        """Asked for by lxml at the end of a document."""


def _tree(packet: bytes) -> tuple[_Node, list[str]]:
    """And what an editor should know about the packet."""
    text, notes = _unicode(packet)
    gatherer = _Gatherer()
    if "<!DOCTYPE" in text:
        return gatherer.root, ["XMP has a document type, which no XMP has; it was not read"]
    if text.count("<") + text.count("&") > PIECES or text.count("=") > ATTRIBUTES:
        return gatherer.root, ["XMP is too large; it was not read"]
    parser = etree.XMLParser(
        target=gatherer,  # type: ignore[arg-type]  # the stubs ask for comments and for names in bytes
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
    )
    try:
        etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, _Unbearable):
        notes.append("XMP is broken; what stands before the fault was read")
    return gatherer.root, notes


def _unicode(packet: bytes) -> tuple[str, list[str]]:
    """XMP 1, 7.1: UTF-8 or UTF-16, told by the first "<"."""
    if packet[:2] in (b"\xfe\xff", b"\xff\xfe"):
        text = packet.decode("utf-16", "replace")
    elif 0 in packet[:2]:
        text = packet.decode("utf-16-be" if packet[0] == 0 else "utf-16-le", "replace")
    else:
        text = packet.decode("utf-8", "replace")
    lost = "\ufffd" in text
    return printable(text).strip(), ["XMP has characters that could not be read"] if lost else []
