"""When a photo was taken, as precisely as the file says and no more.  No time zone is ever made up.

A date is ISO 8601 text of the precision that was stated, from "2025" to "2025-11-20T09:08:07.12+01:00".
"""

import re
from datetime import UTC, datetime

# XMP 1, "Date": W3C's profile of ISO 8601.  Careless writers put EXIF's colons, a space for the T, a zone without colon.
_FORM = re.compile(
    r"([0-9]{4})(?:[-:]([0-9]{2})(?:[-:]([0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?:(?<=\.[0-9]{6})[0-9]+)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)


def read(text: str) -> str | None:
    """None for what is no date.  A month or a day of 00 is unknown, and so is what follows it."""
    found = _FORM.fullmatch(text.strip())
    if not found:
        return None
    year, month, day, clock, zone = found.groups()
    if month in (None, "00"):
        month = day = None
    if month is None or day in (None, "00"):
        day = clock = zone = None
    if zone:
        zone = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}"
    try:
        datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}T{_padded(clock or '00:00')}{zone or '+00:00'}")
    except ValueError:
        return None
    return "-".join(filter(None, (year, month, day))) + (f"T{clock}{zone or ''}" if clock else "")


def from_iim(date: str, time: str) -> str | None:
    """IIM 4.2, 2:55 is CCYYMMDD and 2:60 is HHMMSS±HHMM."""
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    clock = f"T{time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}"
    return (read(day + clock) if time else None) or read(day)


def from_exif(moment: str, fraction: str, offset: str) -> str | None:
    """EXIF 2.32: "YYYY:MM:DD HH:MM:SS", local time; its fraction and, since 2.31, its zone stand in tags of their own."""
    fraction = f".{fraction}" if fraction.isdecimal() else ""
    return read(moment + fraction + offset) or read(moment)


def agree(one: str, other: str) -> bool:
    """Whether one is the other told less precisely.  Where both tell the zone the instants are compared."""
    first, second = moment(one), moment(other)
    if first and second and _zone(one) != _zone(other):
        shortest = min(len(_local(one)), len(_local(other)))
        return first.isoformat()[:shortest] == second.isoformat()[:shortest]
    return _local(one).startswith(_local(other)) or _local(other).startswith(_local(one))


def completeness(date: str) -> tuple[bool, int]:
    """The greater the more is told."""
    return bool(_zone(date)), len(_local(date))


def moment(date: str) -> datetime | None:
    """The instant in UTC; None where the file leaves the time or its zone open."""
    if not _zone(date):
        return None
    try:
        return datetime.fromisoformat(_local(date)[:11] + _padded(_local(date)[11:]) + _zone(date)).astimezone(UTC)
    except OverflowError:  # within a day of the first year or the last
        return None


def _zone(date: str) -> str:
    return date[-6:] if "T" in date and date[-6] in "+-" else ""


def _local(date: str) -> str:
    return date.removesuffix(_zone(date))


def _padded(clock: str) -> str:
    """Fractions of six digits: Python 3.11 reads others, but means milliseconds by three only."""
    whole, _, fraction = clock.partition(".")
    return f"{whole}.{fraction:0<6}" if fraction else whole
