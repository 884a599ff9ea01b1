"""XML of strangers: no DTD, no entity, nothing fetched, one element at a time.

What XML may not hold is taken out on the way in: exports of real sites have control characters in their texts.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lxml import etree

from cms.errors import BadInput, TooLong

CONTAINERS = ("channel", "{http://www.w3.org/2005/Atom}feed")
_CONTROL = bytes(one for one in range(32) if one not in b"\t\n\r")


class _Printable:
    """A file without control characters; `taken` counts them."""

    def __init__(self, file: IO[bytes]):
        self.file, self.taken = file, 0

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        kept = data.translate(None, _CONTROL)
        self.taken += len(data) - len(kept)
        return kept or (self.read(size) if data else b"")


def elements(path: Path, most_bytes: int, tags: set[str], told: list[int] | None = None) -> Iterator[etree._Element]:
    """The elements of these names right below CONTAINERS, each whole, and then forgotten.  The root comes first, when it begins.

    Raises TooLong for a file over `most_bytes`, BadInput for what is no XML or brings a DTD along.
    """
    if (size := path.stat().st_size) > most_bytes:
        raise TooLong(f"The file has {size:,} bytes; an import reads {most_bytes:,} at most. Split it first.")
    with path.open("rb") as file:
        source = _Printable(file)
        parsing = etree.iterparse(
            source,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            yield from _read(parsing, tags)
        except etree.XMLSyntaxError as error:
            raise BadInput(f"This is no sound XML: {error.msg}.") from None
        if told is not None:
            told.append(source.taken)


def _read(parsing: "etree.iterparse[tuple[str, etree._Element]]", tags: set[str]) -> Iterator[etree._Element]:
    first = True
    for event, element in parsing:
        if first:
            if element.getroottree().docinfo.doctype:
                raise BadInput("An XML file with a DTD is not read: it could name files of this machine.")
            first = False
            yield element
        elif event == "end" and element.tag in tags and _is_at_top(element):
            yield element
            element.clear()
            while (before := element.getprevious()) is not None:
                before.getparent().remove(before)


def _is_at_top(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in CONTAINERS


def text(element: etree._Element, name: str) -> str:
    """The text of a child, "" where there is none."""
    found = element.find(name)
    return (found.text or "") if found is not None else ""
