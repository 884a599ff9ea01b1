"""From a recipe to the work to be done: which scale, which cut, which encoder settings.  Decides; touches no pixel."""

from collections.abc import Mapping

from media.decode import Encoder, Plan
from media.keys import Focal, thousandths
from media.recipe import Format, Recipe, Size, size

# The lowest quality whose renditions have a mean structural similarity of 0.970 to uncompressed ones; measured by
# tests/bench/quality.py, told in docs/decisions/0017-renditions.md.  AVIF at effort 4 instead of 1 saves 4 % and takes 13 times as long:
# 15 s for 2560 pixels, too near a decoder's time limit.
OPTIONS: Mapping[Format, Mapping[str, int | bool]] = {
    "jpeg": {"Q": 82, "interlace": True, "optimize_coding": True},
    "webp": {"Q": 79},
    "avif": {"Q": 67, "effort": 1},
    "png": {"compression": 6},
}


def plan(recipe: Recipe, original: Size, focal: Focal) -> Plan:
    """`focal` is the point, 0..1 from the top left, that stays as near to the middle of a cut as the edges allow."""
    width, height = size(recipe, original)
    scaled = (width, height)
    if recipe.cuts:
        scale = max(width / original[0], height / original[1])
        scaled = (max(width, round(original[0] * scale)), max(height, round(original[1] * scale)))
    left, top = (
        _start(thousandths(part) / 1000, whole, kept)
        for part, whole, kept in zip(focal, scaled, (width, height), strict=True)
    )
    # a photo as PNG has ten times the bytes: that is for what can be seen through
    opaque = _encoder("jpeg") if recipe.format == "png" else None
    return Plan(scaled, (left, top, width, height), _encoder(recipe.format), opaque)


def _encoder(format: Format) -> Encoder:
    return Encoder(format, OPTIONS[format])


def _start(part: float, whole: int, kept: int) -> int:
    return min(max(0, round(part * whole - kept / 2)), whole - kept)
