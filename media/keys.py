"""Where bytes lie in the store, by what they are: the same bytes have the same key, so nothing is kept twice.

A rendition's key holds all that its bytes depend on and nothing else: its pixels, and the label that it carries.
"""

import re

from media.recipe import Recipe

Focal = tuple[float, float]

ARRIVING = "uploads/"
_POINT = re.compile(r"-x\d+-y\d+$")


def original(sha256: str, format: str) -> str:
    """`format` as `sniff` names it."""
    return f"originals/{sha256[:2]}/{sha256}.{format.lower()}"


def arriving(name: object) -> str:
    """Where a file lies that its sender put into the store directly, until it was looked at."""
    return f"{ARRIVING}{name}"


def renditions(sha256: str) -> str:
    """What the keys of all renditions of an original begin with."""
    return f"renditions/{sha256[:2]}/{sha256}/"


def rendition(sha256: str, recipe: Recipe, focal: Focal, label: str) -> str:
    """`sha256` is the original's, `label` the digest of what is written into the file.

    The focal point counts only where the recipe cuts, to a thousandth of a side.
    """
    return f"{renditions(sha256)}{recipe.name}{_point(focal) if recipe.cuts else ''}-{label}.{recipe.format}"


def current(key: str, focal: Focal, label: str) -> bool:
    """Is this rendition's key one of this label and, where it was cut around a point, of this one?"""
    stem = key.rpartition("/")[2].rpartition(".")[0]
    cut = _POINT.search(stem.removesuffix(f"-{label}"))
    return stem.endswith(f"-{label}") and (cut is None or cut[0] == _point(focal))


def _point(focal: Focal) -> str:
    return "".join(f"-{letter}{thousandths(part)}" for letter, part in zip("xy", focal, strict=True))


def thousandths(part: float) -> int:
    return round(part * 1000)
