"""Pictures that are one another's copies: cut, shrunk, recompressed, in black and white, a little recoloured.

Pure arithmetic on what the decoding child saw (`Pixels.likeness`): a hash of 64 bits of the whole, and of each of up to 24
details a hash with its place.  Two pictures are alike if their wholes are, or if three details are and lie to one
another as they do in the other picture: so a part of a picture is known.  A mirrored picture is another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

WHOLE = 8  # bits of 64 in which the wholes of two copies differ at most
DETAIL = 10  # the same, of two details
AGREEING = 3  # details that make a part, at least
EVIDENCE = 12  # bits by which these, all together, are nearer than they would have to be
FARTHEST = WHOLE + 1 + DETAIL

_SLACK = 0.04  # of the longer side: how far from where it should be a detail may lie
_STRETCH = 1.2  # how far from another's two details' proportion may be
_SCALES = (0.45, 2.2)  # of a detail in one picture to the same in the other
_BITS = 18  # of a key: the first 36 of a detail are looked up, in halves


class Detail(NamedTuple):
    """Place and radius in parts of the picture's longer side."""

    hash: int
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Likeness:
    whole: int
    details: tuple[Detail, ...]


@lru_cache(1024)
def parse(text: str) -> Likeness | None:
    """From `Pixels.likeness`; None for the empty text of a picture with nothing on it, which is like no other."""
    if not text:
        return None
    whole, *details = text.split()
    return Likeness(int(whole, 16), tuple(map(_detail, details)))


def keys(likeness: Likeness) -> frozenset[int]:
    """Under which a picture is found: numbers below 2 ** 21, some 45 of them.  Copies share at least one."""
    whole = {(2 + band) << _BITS | likeness.whole >> 16 * band & 0xFFFF for band in range(4)}
    first = 1 << _BITS
    return frozenset(
        whole
        | {detail.hash >> 64 - _BITS for detail in likeness.details}
        | {first | detail.hash >> 64 - 2 * _BITS & first - 1 for detail in likeness.details}
    )


def distance(one: Likeness, other: Likeness) -> int | None:
    """How far apart two copies are, 0 to FARTHEST; None where neither is the other's copy.

    Up to WHOLE the two show the same; beyond, one shows a part of the other, and what is counted is by how many bits,
    on the average, the details differ.
    """
    apart = (one.whole ^ other.whole).bit_count()
    if apart <= WHOLE:
        return apart
    agreeing = _agreeing(one, other)
    if len(agreeing) < AGREEING or sum(DETAIL + 1 - bits for bits in agreeing.values()) < EVIDENCE:
        return None
    return WHOLE + 1 + round(sum(agreeing.values()) / len(agreeing))


def _detail(text: str) -> Detail:
    number = int(text, 16)
    return Detail(number >> 36, (number >> 24 & 4095) / 4096, (number >> 12 & 4095) / 4096, (number & 4095) / 32768)


def _agreeing(one: Likeness, other: Likeness) -> Mapping[Detail, int]:
    """The most details that can all be moved from one picture to the other alike; by how many bits each differs."""
    hashes = [(theirs.hash, theirs) for theirs in other.details]
    pairs = []
    for mine in one.details:
        hash, radius = mine.hash, mine.radius
        for other_hash, theirs in hashes:  # 576 times in each of a hundred candidates
            if (hash ^ other_hash).bit_count() <= DETAIL and _SCALES[0] < theirs.radius / radius < _SCALES[1]:
                pairs.append((mine, theirs, (hash ^ other_hash).bit_count()))
    best: dict[Detail, int] = {}
    for mine, theirs, _ in pairs:
        scale = theirs.radius / mine.radius
        moved = {
            a: (b, bits)
            for a, b, bits in pairs
            if 1 / _STRETCH < b.radius / a.radius / scale < _STRETCH
            and abs(theirs.x + (a.x - mine.x) * scale - b.x) < _SLACK
            and abs(theirs.y + (a.y - mine.y) * scale - b.y) < _SLACK
        }
        alike = {b: (a, bits) for a, (b, bits) in moved.items()}  # each counts once, on either side
        if len(alike) > len(best):
            best = dict(alike.values())
    return best
