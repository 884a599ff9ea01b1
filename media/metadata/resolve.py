"""Which block is believed: XMP, then IIM, then EXIF; IIM first where an older program edited it after XMP.

Whoever wrote both left a digest of the IIM block.  Where it does not fit the block any more, someone edited IIM alone,
and what he wrote there is newer, unless it is no more than XMP's text cut off at IIM's limit.  (The Metadata Working
Group's rule has EXIF first, which in photos from agencies is the camera's own filling.)
"""

from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from media.metadata import dates, iim

Said = Mapping[str, Any]  # of one value, by block
ORDER = ("xmp", "iim", "exif")


def choose(name: str, said: Said, *, stale: bool) -> str:
    """The block whose value counts.  `stale` is for a digest that does not fit."""
    if name == "date_created" and all(dates.agree(one, other) for one in said.values() for other in said.values()):
        return max(_ordered(said), key=lambda block: dates.completeness(said[block]))
    if stale and {"xmp", "iim"} <= said.keys() and not iim.is_cut(name, said["iim"], said["xmp"]):
        return "iim"
    return _ordered(said)[0]


def conflicting(name: str, said: Said) -> bool:
    """Whether any two blocks disagree.  A text cut off by IIM's limit agrees with the whole."""
    values = list(said.values())
    return not all(_agree(name, one, other) for one in values for other in values)


def _ordered(said: Said) -> list[str]:
    return [block for block in ORDER if block in said]


def _agree(name: str, one: Any, other: Any) -> bool:
    if name == "date_created":
        return dates.agree(one, other)
    return _plain(one) == _plain(other) or iim.is_cut(name, one, other) or iim.is_cut(name, other, one)


def _plain(value: Any) -> Any:
    """Texts are equal whatever their accents are made of, and however their lines are broken."""
    return [_plain(one) for one in value] if isinstance(value, list) else " ".join(normalize("NFC", value).split())
