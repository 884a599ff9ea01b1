"""What a photo file says about itself: read out of its XMP, IIM and EXIF, made one, never changed, never invented.

Reads bytes alone, no pixel.  Whatever a file holds, reading it gives facts, if only none: broken or hostile blocks cost
bounded time and memory and raise nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import normalize

from media.metadata import container, dates, exif, iim, resolve, xmp
from media.metadata.block import Block
from media.metadata.container import Blocks

RAW = 100_000  # characters of `raw`, of each block


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts, where it is from, and what else was there.  Blank is absent.

    `values` are texts of up to 10,000 characters, except the lists of texts `creators`, `keywords` and `people` (up to
    200) and `taken_at`.  Texts: caption, headline, title, credit_line, source, supplier, copyright_notice, usage_terms,
    instructions, creator_job_title, alt_text, web_statement (the licence's URL), licensor_url, digital_source_type (a URI),
    data_mining (PLUS's term, a URI), sublocation, city, region, country, country_code.  `date_created` is ISO 8601 text as precise as the file is, from
    "2025" to a time with or without zone; `taken_at` is the same as an aware datetime in UTC, absent unless the file
    tells date, time and zone: no zone is made up.
    `source` says for each value whether it is from "xmp", "iim" or "exif"; `conflicts` what each block said of those on
    which they disagree; `notes` are sentences for an editor; `raw` is JSON, each block under its own name.
    `orientation` is EXIF's, 1 to 8; 1 in HEIC and AVIF, which turn the picture by a rule of their own.
    """

    values: Mapping[str, Any]
    source: Mapping[str, str]
    notes: tuple[str, ...]
    conflicts: Mapping[str, Mapping[str, Any]]
    raw: Mapping[str, Any]
    orientation: int


def read(file: Path | bytes) -> Facts:
    """JPEG, PNG, WebP, TIFF, HEIC, AVIF; of any other content no facts.  Raises OSError where the path cannot be read."""
    with closing(BytesIO(file) if isinstance(file, bytes) else file.open("rb")) as opened:
        found = container.blocks(opened)
        said = _said(found)
    stale = found.digest is not None and found.digest != hashlib.md5(found.iim, usedforsecurity=False).digest()
    notes = [note for block in said.values() for note in block.notes]
    if stale and "iim" in said:
        notes.append("Photoshop IPTCDigest is stale: IIM edited after XMP")
    values, source, conflicts = _resolved(said, stale=stale)
    raw = {name: _bounded(block.raw, [RAW]) for name, block in said.items() if block.raw}
    orientation = 1 if found.is_upright or "exif" not in said else _orientation(said["exif"])
    return Facts(values, source, tuple(notes), conflicts, raw, orientation)


def credit_of(facts: Facts) -> str | None:
    """The credit to print, as far as the file has one; None where it names no credit line, source or creator.

    The supplier's credit line is printed as it is if it names one of the creators, and behind them if it does not:
    agencies keep the two apart ("STR" and "KCNA VIA KNS/AFP" make "STR/KCNA VIA KNS/AFP").  Without a credit line the
    source stands in its place; creators alone are a credit too.  A copyright notice is none: it tells who owns a photo,
    not who is to be named.  A credit in the caption's brackets is news, not metadata: `cms.credit` finds it.
    """
    line = facts.values.get("credit_line") or facts.values.get("source")
    creators = facts.values.get("creators", [])
    if not line or not creators:
        return line or ", ".join(creators) or None
    return line if any(_names(line, creator) for creator in creators) else f"{', '.join(creators)}/{line}"


def _names(line: str, creator: str) -> bool:
    """In whole words, the first name in full or as its initial: "Reuters/Alison Roe" does not name Ali."""
    line, creator = (normalize("NFC", text).casefold() for text in (line, creator))
    forms = [re.escape(creator)]
    if " " in creator:
        forms.append(rf"{re.escape(creator[0])}\.? ?{re.escape(creator.rpartition(' ')[2])}")
    return bool(re.search(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", line))


def _said(found: Blocks) -> dict[str, Block]:
    said: dict[str, Block] = {}
    if found.xmp:
        said["xmp"] = xmp.read(found.xmp, found.extensions)
    if found.iim:
        said["iim"] = iim.read(found.iim)
    if found.exif:
        said["exif"] = exif.read(found.exif)
    return said


def _orientation(block: Block) -> int:
    given = block.raw.get("Orientation", 1)
    return int(given) if given in range(1, 9) else 1


def _resolved(
    said: Mapping[str, Block], *, stale: bool
) -> tuple[dict[str, Any], dict[str, str], dict[str, dict[str, Any]]]:
    values: dict[str, Any] = {}
    source: dict[str, str] = {}
    conflicts: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(name for block in said.values() for name in block.values):
        given = {sort: block.values[name] for sort, block in said.items() if name in block.values}
        source[name] = resolve.choose(name, given, stale=stale)
        values[name] = given[source[name]]
        if resolve.conflicting(name, given):
            conflicts[name] = given
    if taken_at := dates.moment(values.get("date_created", "")):
        values["taken_at"], source["taken_at"] = taken_at, source["date_created"]
    return values, source, conflicts


def _bounded(value: Any, left: list[int]) -> Any:
    """A copy, ending where `left[0]` characters are used up."""
    if isinstance(value, str):
        value = value[: max(left[0], 0)]
        left[0] -= len(value)
        return value
    left[0] -= 8
    if isinstance(value, Mapping):
        return {key: _bounded(one, left) for key, one in value.items() if _spend(left, len(key))}
    if isinstance(value, list):
        return [_bounded(one, left) for one in value if _spend(left, 4)]
    return value


def _spend(left: list[int], cost: int) -> bool:
    left[0] -= cost
    return left[0] > 0
