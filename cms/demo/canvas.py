"""A sheet to draw on: gradients, silhouettes, glows, mist and reflections.  It knows shapes, not scenes.

Coordinates are of the picture, not of pixels: the short side is 1000 units whatever size is developed in the end, the
origin is the top left.  Everything is drawn about twice as large as it is needed and brought down once, which smooths
all edges: Pillow's own drawing does not.
"""

import math
import random
from collections.abc import Iterable, Sequence

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

Colour = str  # "#rrggbb", or "#rrggbbaa" where what lies below shines through
Ramp = tuple[str, ...]  # colours from top to bottom of the shape, evenly spaced
Fill = Colour | Ramp
Point = tuple[float, float]

_SHEET_PIXELS = 5_600_000  # 2.2 times a 2000 × 1333 picture: more only costs time (0.3 s a picture at 10 million)
_SOFT = 8  # mist and clouds are drawn this much smaller: they are blurred anyway


class Canvas:
    """`width` and `height` are in units; `size` is what `develop` returns, in pixels."""

    def __init__(self, size: tuple[int, int], *, clear: bool = False) -> None:
        self.size = size
        short = min(size)
        self.width, self.height = size[0] * 1000 / short, size[1] * 1000 / short
        self._scale = math.sqrt(_SHEET_PIXELS / (self.width * self.height))
        pixels = (round(self.width * self._scale), round(self.height * self._scale))
        self._image = Image.new("RGBA", pixels) if clear else Image.new("RGB", pixels)
        # on a clear sheet a translucent colour replaces, on an opaque one it must be mixed: Pillow tells them by mode
        self._ink = ImageDraw.Draw(self._image)
        self._glaze = self._ink if clear else ImageDraw.Draw(self._image, "RGBA")

    def develop(self) -> Image.Image:
        """The picture at its size, edges smooth."""
        return self._image.resize(self.size, Image.Resampling.HAMMING)

    # ------------------------------------------------------------------------------------------------------- shapes

    def wash(self, fill: Fill, top: float = 0, bottom: float | None = None) -> None:
        """The whole width between two heights."""
        self.rect(-1, top, self.width + 1, self.height + 1 if bottom is None else bottom, fill)

    def rect(self, left: float, top: float, right: float, bottom: float, fill: Fill) -> None:
        box = (self._at(left), self._at(top), self._at(right), self._at(bottom))
        if isinstance(fill, str):
            self._pen(fill).rectangle((box[0], box[1], max(box[0], box[2] - 1), max(box[1], box[3] - 1)), fill=fill)
        else:
            self._flood(box, fill, None)

    def polygon(self, points: Iterable[Point], fill: Fill) -> None:
        corners = [(self._at(x), self._at(y)) for x, y in points]
        if isinstance(fill, str):
            self._pen(fill).polygon(corners, fill=fill)
            return
        box = _around(corners)
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in corners], fill=255)
        self._flood(box, fill, mask)

    def ellipse(self, x: float, y: float, across: float, down: float, fill: Fill) -> None:
        """`across` and `down` are radii."""
        box = (self._at(x - across), self._at(y - down), self._at(x + across), self._at(y + down))
        if isinstance(fill, str):
            self._pen(fill).ellipse(box, fill=fill)
            return
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
        self._flood(box, fill, mask)

    def disc(self, x: float, y: float, radius: float, fill: Fill) -> None:
        self.ellipse(x, y, radius, radius, fill)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        corners = [(x * self._scale, y * self._scale) for x, y in points]
        self._pen(colour).line(corners, fill=colour, width=max(1, round(width * self._scale)), joint="curve")

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float, colour: Colour) -> None:
        """Degrees, clockwise from three o'clock."""
        box = (self._at(x - radius), self._at(y - radius), self._at(x + radius), self._at(y + radius))
        self._pen(colour).arc(box, start, end, fill=colour, width=max(1, round(width * self._scale)))

    def text(self, x: float, y: float, words: str, size: float, colour: Colour, anchor: str = "ls") -> None:
        font = ImageFont.load_default(size * self._scale)
        self._ink.text((x * self._scale, y * self._scale), words, fill=colour, font=font, anchor=anchor)

    # -------------------------------------------------------------------------------------------------------- light

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0, power: float = 2.0
    ) -> None:
        """Light around a point, gone at `radius`; a higher `power` draws it together."""
        # Pillow's radial gradient reaches 255 in the corners, not at the sides: 1.42 brings the edge to the inscribed circle
        fading = [round(255 * strength * max(0.0, 1 - v * 1.42 / 255) ** power) for v in range(256)]
        disc = Image.radial_gradient("L").point(fading)
        side = self._at(2 * radius)
        corner = (self._at(x - radius), self._at(y - radius))
        part = (
            max(0, -corner[0]),
            max(0, -corner[1]),
            min(side, self._image.width - corner[0]),
            min(side, self._image.height - corner[1]),
        )
        if part[2] <= part[0] or part[3] <= part[1]:
            return
        source = (part[0] * 256 / side, part[1] * 256 / side, part[2] * 256 / side, part[3] * 256 / side)
        mask = disc.resize((part[2] - part[0], part[3] - part[1]), Image.Resampling.BILINEAR, box=source)
        box = (corner[0] + part[0], corner[1] + part[1], corner[0] + part[2], corner[1] + part[3])
        self._image.paste(ImageColor.getrgb(colour)[:3], box, mask)

    def beam(self, points: Sequence[Point], colour: Colour, blur: float = 12) -> None:
        """A polygon of light with soft edges."""
        self._soften([("polygon", points)], colour, blur)

    def puffs(self, puffs: Iterable[tuple[float, float, float, float]], colour: Colour, blur: float = 20) -> None:
        """Clouds, smoke, spray: ellipses (x, y, across, down) that run into each other."""
        self._soften([("ellipse", [(x - a, y - d), (x + a, y + d)]) for x, y, a, d in puffs], colour, blur)

    def mist(self, y: float, depth: float, colour: Colour, strength: float = 0.8) -> None:
        """A bank of haze over the whole width, densest at `y`."""
        clear, dense = f"{colour}00", f"{colour}{round(255 * strength):02x}"
        self.wash((clear, dense), y - depth, y)
        self.wash((dense, clear), y, y + depth)

    def mirror(self, y: float, depth: float, tint: Colour, *, squeeze: float = 1.0, shake: float = 0) -> None:
        """What stands above `y` again below it, upside down, glazed with `tint`, broken by ripples of `shake` units."""
        top, high = self._at(y), min(self._at(depth), self._image.height - self._at(y))
        above = self._image.crop((0, max(0, top - round(high / squeeze)), self._image.width, top))
        flipped = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((self._image.width, high))
        self._image.paste(flipped, (0, top))
        if shake:
            self._ripple(flipped, top, shake)
        self.wash(tint, y, y + depth)

    def vignette(self, colour: Colour = "#000000", strength: float = 0.35) -> None:
        """Darker corners."""
        ring = Image.radial_gradient("L").point([round(strength * max(0, v - 110) * 255 / 145) for v in range(256)])
        self._image.paste(
            ImageColor.getrgb(colour)[:3], (0, 0), ring.resize(self._image.size, Image.Resampling.BILINEAR)
        )

    # ------------------------------------------------------------------------------------------------------ private

    def _ripple(self, flipped: Image.Image, top: int, shake: float) -> None:
        """Moves bands of the reflection sideways, further the nearer they are."""
        y, dice = 0, random.Random(flipped.height)
        while y < flipped.height:
            near = y / flipped.height
            thick = max(2, round((1 + 7 * near) * self._scale))
            shift = round(dice.uniform(-1, 1) * shake * (0.2 + near) * self._scale)
            band = flipped.crop((0, y, flipped.width, min(y + thick, flipped.height)))
            self._image.paste(band, (shift, top + y))
            y += thick

    def _soften(self, shapes: Sequence[tuple[str, Sequence[Point]]], colour: Colour, blur: float) -> None:
        """Draws small, blurs, and brings up only the part that is touched."""
        small, corners = self._scale / _SOFT, [point for _, points in shapes for point in points]
        reach = 3 * blur  # a Gaussian is spent after three of its deviations
        left = max(0, math.floor((min(x for x, _ in corners) - reach) * small))
        top = max(0, math.floor((min(y for _, y in corners) - reach) * small))
        right = min(self._image.width // _SOFT + 1, math.ceil((max(x for x, _ in corners) + reach) * small))
        bottom = min(self._image.height // _SOFT + 1, math.ceil((max(y for _, y in corners) + reach) * small))
        if right <= left or bottom <= top:
            return
        layer = Image.new("L", (right - left, bottom - top))
        pen, (red, green, blue, *alpha) = ImageDraw.Draw(layer), ImageColor.getrgb(colour)
        for kind, points in shapes:
            moved = [(x * small - left, y * small - top) for x, y in points]
            getattr(pen, kind)(moved, fill=alpha[0] if alpha else 255)
        soft = layer.filter(ImageFilter.GaussianBlur(blur * small))
        size = (layer.width * _SOFT, layer.height * _SOFT)
        mask = soft.resize(size, Image.Resampling.BILINEAR)
        self._image.paste((red, green, blue), (left * _SOFT, top * _SOFT), mask)

    def _flood(self, box: tuple[int, int, int, int], ramp: Ramp, mask: Image.Image | None) -> None:
        """Pastes a gradient; what reaches over the edge of the sheet is cut off first."""
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) <= 0:
            return
        column = _column(ramp, size[1])
        seen = (
            max(0, -box[0]),
            max(0, -box[1]),
            min(size[0], self._image.width - box[0]),
            min(size[1], self._image.height - box[1]),
        )
        if seen[2] <= seen[0] or seen[3] <= seen[1]:
            return
        strip = column.crop((0, seen[1], 1, seen[3])).resize(
            (seen[2] - seen[0], seen[3] - seen[1]), Image.Resampling.NEAREST
        )
        part = mask.crop(seen) if mask else None
        if any(len(colour) == 9 for colour in ramp):
            alpha = strip.getchannel("A")
            part = ImageChops.multiply(alpha, part) if part else alpha
        self._image.paste(strip.convert(self._image.mode), (box[0] + seen[0], box[1] + seen[1]), part)

    def _pen(self, colour: Colour) -> ImageDraw.ImageDraw:
        return self._glaze if len(colour) == 9 else self._ink

    def _at(self, value: float) -> int:
        return round(value * self._scale)


def _column(ramp: Ramp, height: int) -> Image.Image:
    """One pixel wide, RGBA."""
    stops = [ImageColor.getcolor(colour, "RGBA") for colour in ramp]
    column = Image.new("RGBA", (1, height))
    last, pixels = len(stops) - 1, []
    for y in range(height):
        place = y / max(1, height - 1) * last
        index = min(int(place), last - 1)
        low, high, part = stops[index], stops[index + 1], place - index
        assert isinstance(low, tuple)
        assert isinstance(high, tuple)
        pixels.append(tuple(round(a + (b - a) * part) for a, b in zip(low, high, strict=True)))
    column.putdata(pixels)
    return column


def _around(corners: Sequence[tuple[int, int]]) -> tuple[int, int, int, int]:
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(down), max(across) + 1, max(down) + 1
