"""What recurs in many pictures: ridges, trees, clouds, stars, towers with lit windows, people seen from afar."""

import itertools
import math
from collections.abc import Sequence
from random import Random

from cms.demo.canvas import Canvas, Colour, Fill, Point


def ridge(
    dice: Random, width: float, level: float, swing: float, *, rough: float = 0.5, steps: int = 96
) -> list[Point]:
    """A skyline of hills from edge to edge around `level`: long waves for their bodies, short ones for their crests."""
    waves = [(swing * rough**octave, 0.8 * 2.1**octave, dice.uniform(0, 2 * math.pi)) for octave in range(5)]
    points = []
    for step in range(steps + 1):
        x = step / steps
        lift = sum(high * math.sin(turns * 2 * math.pi * x + phase) for high, turns, phase in waves)
        points.append((x * width, level - lift))
    return points


def peaks(dice: Random, width: float, level: float, height: float, count: int) -> list[Point]:
    """A skyline of mountains: summits and saddles, each flank broken in two."""
    points, x, gap = [(-width / count, level)], 0.0, width / count
    for index in range(count * 2 + 2):
        rise = dice.uniform(0.65, 1.0) if index % 2 else dice.uniform(0.15, 0.4)
        nearer = (
            points[-1][0] * 0.45 + x * 0.55,
            (points[-1][1] + level - height * rise) / 2 + dice.uniform(-1, 1) * height * 0.06,
        )
        points += [nearer, (x, level - height * rise)]
        x += gap * dice.uniform(0.4, 0.6)
    return points


def land(sheet: Canvas, skyline: Sequence[Point], fill: Fill, bottom: float | None = None) -> None:
    """Everything below a skyline."""
    floor = sheet.height + 2 if bottom is None else bottom
    sheet.polygon([(skyline[0][0] - 2, floor), *skyline, (skyline[-1][0] + 2, floor)], fill)


def height_at(skyline: Sequence[Point], x: float) -> float:
    for (left, high), (right, low) in itertools.pairwise(skyline):
        if left <= x <= right:
            return high + (low - high) * (x - left) / max(1e-6, right - left)
    return skyline[-1][1]


def pine(sheet: Canvas, x: float, foot: float, height: float, colour: Colour) -> None:
    half = height * 0.21
    sheet.rect(x - height * 0.02, foot - height * 0.15, x + height * 0.02, foot + 2, colour)
    for tier in range(4):
        low, high, wide = (
            foot - height * (0.08 + 0.2 * tier),
            foot - height * (0.44 + 0.19 * tier),
            half * (1 - 0.2 * tier),
        )
        sheet.polygon([(x - wide, low), (x, min(high, foot - height * 0.3)), (x + wide, low)], colour)


def pines(sheet: Canvas, dice: Random, skyline: Sequence[Point], height: float, gap: float, colour: Colour) -> None:
    """A wood along a skyline."""
    x = -gap
    while x < sheet.width + gap:
        pine(sheet, x, height_at(skyline, x) + height * 0.12, height * dice.uniform(0.55, 1.15), colour)
        x += gap * dice.uniform(0.5, 1.5)


def crown(sheet: Canvas, dice: Random, x: float, y: float, radius: float, colour: Colour) -> None:
    """A broad-leaved tree's head."""
    sheet.disc(x, y, radius * 0.7, colour)
    for turn in range(9):
        angle = turn * 2 * math.pi / 9
        reach = radius * dice.uniform(0.45, 0.62)
        sheet.disc(
            x + math.cos(angle) * reach, y + math.sin(angle) * reach * 0.8, radius * dice.uniform(0.34, 0.48), colour
        )


def stars(sheet: Canvas, dice: Random, count: int, bottom: float, colour: Colour = "#ffffff") -> None:
    for _ in range(count):
        x, y, size = dice.uniform(0, sheet.width), bottom * dice.random() ** 1.2, dice.choice((0.9, 0.9, 1.2, 1.7, 2.4))
        sheet.disc(x, y, size, f"{colour}{dice.randint(90, 255):02x}")


def cloud(sheet: Canvas, dice: Random, x: float, y: float, length: float, colour: Colour, blur: float = 10) -> None:
    """Flat below, heaped above."""
    heaps = []
    for step in range(9):
        part = (step + 0.5) / 9
        high = length * 0.13 * math.sin(part * math.pi) * dice.uniform(0.6, 1.3)
        heaps.append((x + (part - 0.5) * length, y - high * 0.6, length * 0.11, high + length * 0.015))
    sheet.puffs([*heaps, (x, y, length * 0.52, length * 0.02)], colour, blur)


def streaks(sheet: Canvas, dice: Random, top: float, bottom: float, count: int, colour: Colour) -> None:
    """Thin layers of cloud, or of light on water: wider and fainter at random."""
    for _ in range(count):
        x, y = dice.uniform(-0.1, 1.1) * sheet.width, dice.uniform(top, bottom)
        sheet.puffs([(x, y, dice.uniform(90, 360), dice.uniform(2, 9))], f"{colour}{dice.randint(60, 170):02x}", 7)


def glitter(
    sheet: Canvas, dice: Random, x: float, top: float, bottom: float, spread: float, colour: Colour, count: int = 130
) -> None:
    """The path of a light over water, broader towards the viewer."""
    for _ in range(count):
        near = dice.random() ** 1.4
        y = top + (bottom - top) * near
        reach = spread * (0.12 + near) * dice.gauss(0, 0.45)
        half = (4 + 30 * near) * dice.uniform(0.4, 1.3)
        strength = round(200 * max(0.12, 1 - abs(reach) / (spread * (0.3 + near))) * dice.uniform(0.5, 1))
        sheet.ellipse(x + reach, y, half, 0.8 + 2.4 * near, f"{colour}{max(20, min(255, strength)):02x}")


def waves(sheet: Canvas, dice: Random, top: float, bottom: float, colour: Colour, count: int = 90) -> None:
    """Short strokes on open water."""
    for _ in range(count):
        near = dice.random() ** 1.3
        x, y = dice.uniform(0, sheet.width), top + (bottom - top) * near
        sheet.ellipse(x, y, 8 + 46 * near, 0.7 + 1.6 * near, f"{colour}{dice.randint(25, 90):02x}")


def windows(
    sheet: Canvas,
    dice: Random,
    box: tuple[float, float, float, float],
    cell: tuple[float, float],
    colours: Sequence[Colour],
    lit: float = 0.5,
) -> None:
    """A grid of panes inside a wall; `lit` of them have light."""
    left, top, right, bottom = box
    columns, rows = int((right - left) / cell[0]), int((bottom - top) / cell[1])
    inset = (right - left - columns * cell[0]) / 2
    for row in range(rows):
        for column in range(columns):
            if dice.random() < lit:
                x, y = left + inset + column * cell[0] + cell[0] * 0.24, top + row * cell[1] + cell[1] * 0.25
                sheet.rect(x, y, x + cell[0] * 0.52, y + cell[1] * 0.52, dice.choice(colours))


def person(
    sheet: Canvas,
    x: float,
    foot: float,
    height: float,
    colour: Colour,
    *,
    stride: float = 0.12,
    coat: Colour | None = None,
) -> None:
    """A standing or walking figure; `stride` is the distance of the feet in heights, a `coat` reaches to the knees."""
    head, hip = height * 0.075, foot - height * 0.48
    sheet.disc(x, foot - height + head, head, colour)
    shoulder = foot - height * 0.8
    body = [
        (x - height * 0.1, shoulder),
        (x + height * 0.1, shoulder),
        (x + height * 0.075, hip),
        (x - height * 0.075, hip),
    ]
    sheet.polygon(body, colour)
    sheet.disc(x - height * 0.06, shoulder + height * 0.02, height * 0.05, colour)
    sheet.disc(x + height * 0.06, shoulder + height * 0.02, height * 0.05, colour)
    for side in (-1, 1):
        sheet.line([(x + side * height * 0.04, hip - 2), (x + side * height * stride / 2, foot)], height * 0.06, colour)
        sheet.line(
            [(x + side * height * 0.1, shoulder + 2), (x + side * height * (0.11 + stride / 3), hip + height * 0.06)],
            height * 0.042,
            coat or colour,
        )
    if coat:
        hem = foot - height * 0.3
        sheet.polygon(
            [
                (x - height * 0.11, shoulder),
                (x + height * 0.11, shoulder),
                (x + height * 0.14, hem),
                (x - height * 0.14, hem),
            ],
            coat,
        )
        sheet.polygon(
            [
                (x + height * 0.03, shoulder),
                (x + height * 0.11, shoulder),
                (x + height * 0.14, hem),
                (x + height * 0.04, hem),
            ],
            "#0000001c",
        )
        sheet.polygon(
            [(x - height * 0.06, shoulder - 2), (x + height * 0.06, shoulder - 2), (x, shoulder + height * 0.05)],
            "#f0e6d6",
        )
        sheet.disc(x, foot - height + head, head, "#d9ab86")
        sheet.ellipse(x, foot - height + head * 0.62, head * 1.02, head * 0.66, colour)


def crowd(
    sheet: Canvas, dice: Random, top: float, bottom: float, count: int, colours: Sequence[Colour], size: float
) -> None:
    """Heads and shoulders, row behind row; the nearest are drawn last and largest."""
    places = sorted(dice.random() for _ in range(count))
    for near in places:
        x, y, r = dice.uniform(-20, sheet.width + 20), top + (bottom - top) * near, size * (0.45 + 0.55 * near)
        colour = dice.choice(colours)
        sheet.ellipse(x, y + r * 2.1, r * 1.9, r * 1.7, colour)
        sheet.disc(x, y, r, colour)
