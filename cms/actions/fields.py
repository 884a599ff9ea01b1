"""What callers type, read by tables: field name -> reader.  A reader returns the clean value or raises a Refusal.

Absent keeps and None clears, so a table reads only what is present.  All fields are read before the first refusal
leaves: an editor wants to see everything that is wrong with a form at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cms import slug as slugs
from cms.errors import BadInput, Refusal, Refused, Required, TooLong

Reader = Callable[[Any, tuple[str, ...]], Any]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
# RFC 5646 by shape, not by registry: a language of 2 or 3 letters (5 to 8 for registered ones), then subtags
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*|[A-Za-z]{5,8}(-[A-Za-z0-9]{1,8})*")
_TERRITORIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
    UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""  # ISO 3166-1 alpha-2, officially assigned
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")


def read(
    readers: Mapping[str, Reader], given: Mapping[str, Any], *above: str, required: Sequence[str] = ()
) -> dict[str, Any]:
    """The present fields, clean.  Raises one Refusal, or Refused with all of them; an unknown field is BadInput."""
    refusals: list[Refusal] = [
        BadInput(f"There is no field {name!r} here.", *above, name) for name in given if name not in readers
    ]
    refusals += [Required(f"{_label(name)} is required.", *above, name) for name in required if name not in given]
    values: dict[str, Any] = {}
    for name, reader in readers.items():
        if name not in given:
            continue
        try:
            values[name] = reader(given[name], (*above, name))
        except Refused as several:
            refusals += several.refusals
        except Refusal as one:
            refusals.append(one)
    refuse(refusals)
    return values


def refuse(refusals: Sequence[Refusal]) -> None:
    """Raises the one refusal as itself, several as Refused, nothing where there is none."""
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise Refused(tuple(refusals))


def text(most: int, *, required: bool = False, verbatim: bool = False) -> Reader:
    """Up to `most` characters.  Outer white space goes, unless `verbatim`; what is then empty is None, or Required."""

    def reader(value: Any, path: tuple[str, ...]) -> str | None:
        if value is not None and not isinstance(value, str):
            raise BadInput(f"{_label(path[-1])} must be text.", *path)
        value = (value or "").replace("\r\n", "\n")
        if not value.strip():
            if required:
                raise Required(f"{_label(path[-1])} is required.", *path)
            return None
        if _UNPRINTABLE.search(value):
            raise BadInput(f"{_label(path[-1])} contains control characters.", *path)
        value = value if verbatim else value.strip()
        if len(value) > most:
            raise TooLong(f"{_label(path[-1])} may have {most} characters, not {len(value)}.", *path)
        return str(value)

    return reader


def slug(most: int) -> Reader:
    """As it stands in addresses; None where it is to be made from the name."""
    plain = text(most)

    def reader(value: Any, path: tuple[str, ...]) -> str | None:
        value = plain(value, path)
        if value is not None and (value != slugs.slugify(value, most)):
            raise BadInput("A slug has only small letters a to z, digits and single hyphens between them.", *path)
        return str(value) if value is not None else None

    return reader


def language(value: Any, path: tuple[str, ...]) -> str:
    """A BCP 47 tag, by its shape; written as is usual, for letters large and small are one language (RFC 5646, 2.1.1)."""
    tag = text(35, required=True)(value, path)
    if not _LANGUAGE.fullmatch(tag):
        raise BadInput("A language is a BCP 47 tag, like en or pt-BR.", *path)
    first, *more = tag.lower().split("-")
    usual = {2: str.upper, 4: str.title}  # regions, scripts
    return "-".join([first, *(usual.get(len(one), str.lower)(one) for one in more)])


def email(value: Any, path: tuple[str, ...]) -> str:
    """In lower case: addresses are compared so."""
    address = text(254, required=True)(value, path).lower()
    if not _EMAIL.fullmatch(address):
        raise BadInput("This is not an e-mail address.", *path)
    return str(address)


def territory(value: Any, path: tuple[str, ...]) -> str:
    """A country or territory by its two letters, in capitals."""
    code = text(10, required=True)(value, path).upper()
    if code not in _TERRITORIES.split():
        raise BadInput("A territory is an ISO 3166-1 code of two letters, like DE or US.", *path)
    return str(code)


def url(most: int = 2000, *, required: bool = False) -> Reader:
    """An absolute http or https address."""
    plain = text(most, required=required)

    def reader(value: Any, path: tuple[str, ...]) -> str | None:
        address = plain(value, path)
        if address is None:
            return None
        try:
            parts = urlsplit(address)
            sound = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", address)
            _ = parts.port
        except ValueError:
            sound = False
        if not sound:
            raise BadInput("An address starts with http:// or https:// and has no spaces.", *path)
        return str(address)

    return reader


def instant(value: Any, path: tuple[str, ...]) -> datetime | None:
    """An aware datetime, in UTC; None clears."""
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise BadInput("A time needs its offset, like 2026-01-31T08:00:00Z.", *path)
    if not 1970 <= value.year <= 9998:  # 9999 stands for "never"
        raise BadInput("This year is out of range.", *path)
    return value.astimezone(UTC)


def key(value: Any, path: tuple[str, ...]) -> UUID:
    if value is None:
        raise Required(f"{_label(path[-1])} is required.", *path)
    if not isinstance(value, UUID):
        raise BadInput("This is not an id.", *path)
    return value


def maybe(reader: Reader) -> Reader:
    """None passes, and clears."""
    return lambda value, path: None if value is None else reader(value, path)


def switch(value: Any, path: tuple[str, ...]) -> bool:
    if value is not None and not isinstance(value, bool):
        raise BadInput(f"{_label(path[-1])} is true or false.", *path)
    return bool(value)


def number(low: float, high: float, kind: type[int] | type[float] = float) -> Reader:
    def reader(value: Any, path: tuple[str, ...]) -> float:
        fitting = isinstance(value, int) if kind is int else isinstance(value, int | float)
        if not fitting or isinstance(value, bool) or not low <= value <= high:
            raise BadInput(f"{_label(path[-1])} is a number from {low} to {high}.", *path)
        return kind(value)

    return reader


def one_of(*names: str) -> Reader:
    def reader(value: Any, path: tuple[str, ...]) -> str:
        if value not in names:
            raise BadInput(f"{_label(path[-1])} is one of {', '.join(names)}.", *path)
        return str(value)

    return reader


def many(reader: Reader, most: int) -> Reader:
    """A list of up to `most`; None is the empty one."""

    def whole(value: Any, path: tuple[str, ...]) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise BadInput(f"{_label(path[-1])} must be a list.", *path)
        if len(value) > most:
            raise TooLong(f"{_label(path[-1])} may have {most} entries, not {len(value)}.", *path)
        return [reader(one, (*path, str(place))) for place, one in enumerate(value)]

    return whole


def each_once(reader: Reader, most: int) -> Reader:
    """As `many`, without those that stand there already."""
    several = many(reader, most)
    return lambda value, path: list(dict.fromkeys(several(value, path)))


def record(readers: Mapping[str, Reader], *, required: Sequence[str] = ()) -> Reader:
    """A part with fields of its own; None is None."""

    def whole(value: Any, path: tuple[str, ...]) -> dict[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise BadInput(f"{_label(path[-1])} must have fields of its own.", *path)
        return read(readers, value, *path, required=required)

    return whole


def _label(name: str) -> str:
    """`alt_text` as people read it."""
    return "This entry" if name.isdigit() else name.replace("_", " ").capitalize()
