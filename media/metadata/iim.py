"""The IPTC's older record, IIM 4.2: data sets of bytes, in Photoshop's resources or in a tag of TIFF.

Its limits count bytes, so longer texts are cut there, in the midst of a character too; but longer ones are read.  Texts
are UTF-8 where the record says so (1:90) or where they are nothing else; Windows-1252, with a note, otherwise.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from media.metadata import dates
from media.metadata.block import Block
from media.metadata.text import MANY, decoded, line, lines, paragraphs

SETS = 50_000  # data sets looked at


class _Set(NamedTuple):
    """The IIM's own name of a data set of record 2, ours if we have one, and its limit in bytes."""

    iim: str
    name: str | None
    limit: int


_SETS = {
    5: _Set("ObjectName", "title", 64),
    7: _Set("EditStatus", None, 64),
    10: _Set("Urgency", None, 1),
    12: _Set("SubjectReference", None, 236),
    15: _Set("Category", None, 3),
    20: _Set("SupplementalCategories", None, 32),
    22: _Set("FixtureIdentifier", None, 32),
    25: _Set("Keywords", "keywords", 64),
    30: _Set("ReleaseDate", None, 8),
    35: _Set("ReleaseTime", None, 11),
    40: _Set("SpecialInstructions", "instructions", 256),
    55: _Set("DateCreated", None, 8),
    60: _Set("TimeCreated", None, 11),
    62: _Set("DigitalCreationDate", None, 8),
    63: _Set("DigitalCreationTime", None, 11),
    65: _Set("OriginatingProgram", None, 32),
    80: _Set("By-line", "creators", 32),
    85: _Set("By-lineTitle", "creator_job_title", 32),
    90: _Set("City", "city", 32),
    92: _Set("Sub-location", "sublocation", 32),
    95: _Set("Province-State", "region", 32),
    100: _Set("Country-PrimaryLocationCode", "country_code", 3),
    101: _Set("Country-PrimaryLocationName", "country", 64),
    103: _Set("OriginalTransmissionReference", None, 32),
    105: _Set("Headline", "headline", 256),
    110: _Set("Credit", "credit_line", 32),
    115: _Set("Source", "source", 32),
    116: _Set("CopyrightNotice", "copyright_notice", 128),
    118: _Set("Contact", None, 128),
    120: _Set("Caption-Abstract", "caption", 2000),
    122: _Set("Writer-Editor", None, 32),
}
_LIMITS = {entry.name: entry.limit for entry in _SETS.values()}
_LISTS = ("creators", "keywords")
_PARAGRAPHS = ("caption", "instructions")
_UTF8 = b"\x1b%G"


def read(data: bytes) -> Block:
    """What stands before the first data set that is none."""
    marked = False
    notes: dict[str, None] = {}
    found: dict[int, list[str]] = {}
    for record, number, value in _datasets(data):
        if (record, number) == (1, 90):
            marked = value == _UTF8
        known = _SETS.get(number) if record == 2 else None
        if not known or len(found.get(number, [])) == MANY:
            continue
        text, is_utf8 = _text(value, known.limit, marked)
        if not is_utf8:
            notes[_MISMARKED if marked else _UNMARKED] = None
        found.setdefault(number, []).append(paragraphs(text))
    raw = {_SETS[number].iim: texts for number, texts in sorted(found.items()) if any(texts)}
    return Block(_values(found), raw, tuple(notes))


def is_cut(name: str, short: Any, full: Any) -> bool:
    """Whether a value is but the other as IIM's limit has cut it off, with a torn character and a space less perhaps."""
    if isinstance(short, list) and isinstance(full, list):
        pairs = list(zip(short, full, strict=False))
        return len(short) == len(full) and all(one == other or is_cut(name, one, other) for one, other in pairs)
    if not isinstance(short, str) or name not in _LIMITS:
        return False
    return full.startswith(short) and len(short.encode()) >= _LIMITS[name] - 4


_UNMARKED = "IIM has no CodedCharacterSet; decoded as cp1252 by detection"
_MISMARKED = "IIM is marked as UTF-8 but is not; decoded as cp1252 by detection"


def _datasets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Record, number and value.  IIM 4.2, 1.5.3: a length with its highest bit set tells the length of the length."""
    place = 0
    for _ in range(SETS):
        head = data[place : place + 5]
        if len(head) < 5 or head[0] != 0x1C:
            return
        size = int.from_bytes(head[3:], "big")
        place += 5
        if size & 0x8000:
            count = size & 0x7FFF
            if count > 4:
                return
            size = int.from_bytes(data[place : place + count], "big")
            place += count
        if place + size > len(data):
            return
        yield head[1], head[2], data[place : place + size]
        place += size


def _text(value: bytes, limit: int, marked: bool) -> tuple[str, bool]:
    """And whether it was UTF-8, which a last character torn by the limit still is."""
    text, is_utf8 = decoded(value)
    if is_utf8 or not limit - 3 <= len(value) <= limit:
        return text, is_utf8
    try:
        whole = codecs.getincrementaldecoder("utf-8")().decode(value)  # leaves the torn character out
    except UnicodeDecodeError:
        return text, False
    return (whole, True) if marked or not whole.isascii() else (text, False)


def _values(found: dict[int, list[str]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for number, texts in found.items():
        name = _SETS[number].name
        if name in _LISTS:
            values[name] = lines(texts)
        elif name:
            values[name] = texts[0] if name in _PARAGRAPHS else line(texts[0])
    if not re.fullmatch("[A-Za-z]{2,3}", values.get("country_code", "")):
        values.pop("country_code", None)
    day, clock = (found.get(number, [""])[0] for number in (55, 60))
    values["date_created"] = dates.from_iim(day, clock)
    return {name: value for name, value in values.items() if value}
