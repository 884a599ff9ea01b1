"""What a rendition is to be: "w800-h450-cover" as "webp".  Sizes stand on a ladder, so that nobody can order unlimited ones.

Refuses every spelling but one of the same recipe: each rendition has one address.
"""

import re
from dataclasses import dataclass
from math import sqrt
from typing import Literal, get_args

Format = Literal["jpeg", "webp", "avif", "png"]
Fit = Literal["cover", "contain"]
Size = tuple[int, int]

LADDER = (160, 320, 480, 640, 800, 1024, 1280, 1600, 2048, 2560)
MIME: dict[Format, str] = {"jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif", "png": "image/png"}

MOST_PIXELS = 2 * LADDER[-1] ** 2  # a rendition's memory has an end, however tall the picture
MOST_SIDE = 16_383  # WebP's last

_WRITTEN = re.compile(r"(?:w([1-9]\d{2,3})-)?(?:h([1-9]\d{2,3})-)?(cover|contain)", re.ASCII)
_NOT_WANTED = re.compile(r"0(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class Recipe:
    """`width` and `height` are pixels on the ladder, None where the picture decides.

    "cover" cuts where both are given, "contain" never does.
    """

    width: int | None
    height: int | None
    fit: Fit
    format: Format

    @property
    def name(self) -> str:
        """As it is written in addresses and keys: "w800-h450-cover"."""
        sides = [f"{letter}{size}" for letter, size in (("w", self.width), ("h", self.height)) if size]
        return "-".join([*sides, self.fit])

    @property
    def cuts(self) -> bool:
        return self.fit == "cover" and self.width is not None and self.height is not None


def parse(name: str, extension: str) -> Recipe | None:
    """`extension` is a Format; "auto" is answered by `negotiate` first.  None for whatever is not the one spelling."""
    written = _WRITTEN.fullmatch(name)
    format = next((one for one in get_args(Format) if one == extension), None)
    if written is None or format is None:
        return None
    width, height = (int(side) if side else None for side in written.group(1, 2))
    if not {width, height} <= {*LADDER, None}:
        return None
    return Recipe(width, height, "cover" if written[3] == "cover" else "contain", format)


def size(recipe: Recipe, original: Size) -> Size:
    """The rendition's size in pixels.  Never larger than the original: of both sides a smaller one of the same shape.

    Without a size in the recipe it is as wide as the last step of the ladder that the original fills.
    """
    across, down = original
    width, height = recipe.width, recipe.height
    if width is None and height is None:
        width = next((step for step in reversed(LADDER) if step <= across), across)
    if recipe.cuts and width and height:
        return _scaled((width, height), min(1.0, across / width, down / height))
    return _scaled(original, min(1.0, (width or across) / across, (height or down) / down))


def negotiate(accept: str, otherwise: Format = "jpeg") -> Format:
    """The best format that an Accept header names: AVIF, then WebP.  `otherwise` where it names neither, as "*/*" does."""
    named = set()
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if not any(name == "q" and _NOT_WANTED.fullmatch(value) for name, _, value in map(_parameter, parameters)):
            named.add(kind)
    return next((format for format in ("avif", "webp") if MIME[format] in named), otherwise)


def _parameter(text: str) -> tuple[str, str, str]:
    name, equals, value = text.partition("=")
    return name.strip(), equals, value.strip()


def _scaled(shape: Size, scale: float) -> Size:
    across, down = (side * scale for side in shape)
    fits = min(1.0, MOST_SIDE / max(across, down), sqrt(MOST_PIXELS / (across * down)))
    return max(1, round(across * fits)), max(1, round(down * fits))
