"""Pictures of the open country and the sea.  Each scene draws on a sheet with the dice it is given, and nothing else."""

import math
from random import Random

from cms.demo.canvas import Canvas, Point
from cms.demo.motifs import (
    cloud,
    crown,
    glitter,
    height_at,
    land,
    peaks,
    pine,
    pines,
    ridge,
    stars,
    streaks,
    waves,
)


def misty_fells(sheet: Canvas, dice: Random) -> None:
    """Range behind range in the morning, each a shade darker, a lone walker's hut on the nearest."""
    sheet.wash(("#f7c59f", "#fbe3c0", "#f3d8c7", "#c9c4d6"), 0, 620)
    sheet.glow(sheet.width * 0.68, 330, 720, "#fff3d6", 0.95)
    sheet.disc(sheet.width * 0.68, 330, 52, "#fffaf0")
    streaks(sheet, dice, 90, 260, 7, "#ffffff")
    shades = ("#b9b4cb", "#9a9bbb", "#7b83a8", "#5c6b92", "#41547a", "#2a3d5d", "#172a43")
    for index, shade in enumerate(shades):
        level = 430 + index * 82
        skyline = ridge(dice, sheet.width, level, 46 + index * 7, rough=0.46)
        land(sheet, skyline, (shade, shades[min(index + 1, 6)]))
        if index < 5:
            sheet.mist(level + 96, 90, "#f4e3dc", 0.55 - index * 0.07)
        if index == 5:
            pines(sheet, dice, skyline, 44, 15, "#20324f")
        if index == 6:
            pines(sheet, dice, skyline, 86, 30, "#0f2036")
    for x, y, wing in ((430, 210, 17), (478, 236, 12), (520, 205, 14), (395, 250, 10)):
        sheet.line(
            [
                (x - wing, y - wing * 0.4),
                (x - wing * 0.4, y - wing * 0.55),
                (x, y),
                (x + wing * 0.4, y - wing * 0.55),
                (x + wing, y - wing * 0.4),
            ],
            2.6,
            "#5b5470",
        )


def wind_farm(sheet: Canvas, dice: Random) -> None:
    """Turbines at sea against a low sun."""
    horizon = 640
    sheet.wash(("#24365f", "#56568a", "#b56a86", "#f19a6b", "#fcd58a"), 0, horizon)
    sheet.glow(sheet.width * 0.36, horizon, 760, "#ffe6a8", 0.9)
    sheet.disc(sheet.width * 0.36, horizon - 34, 62, "#fff4cf")
    for _ in range(5):
        cloud(
            sheet, dice, dice.uniform(0, sheet.width), dice.uniform(120, 330), dice.uniform(260, 620), "#e79a8f90", 12
        )
    sheet.wash(("#f0a873", "#a6627f", "#3f4372", "#172347"), horizon, 1000)
    glitter(sheet, dice, sheet.width * 0.36, horizon + 4, 1000, 190, "#ffe9b5", 230)
    waves(sheet, dice, horizon, 1000, "#0d1738", 160)
    for distance in (0.16, 0.22, 0.3, 0.42, 0.6, 1.0):
        for _ in range(1 if distance > 0.5 else 3):
            x = {1.0: sheet.width * 0.78, 0.6: sheet.width * 0.12}.get(distance, dice.uniform(60, sheet.width - 60))
            _turbine(
                sheet,
                x,
                horizon + 6 + 150 * distance**2,
                560 * distance,
                dice.uniform(0, 120),
                _between("#c98a86", "#1b2447", distance),
            )
    sheet.vignette("#0b1030", 0.3)


def _turbine(sheet: Canvas, x: float, foot: float, height: float, turn: float, colour: str) -> None:
    hub = foot - height
    sheet.polygon(
        [(x - height * 0.021, foot), (x - height * 0.009, hub), (x + height * 0.009, hub), (x + height * 0.021, foot)],
        colour,
    )
    sheet.rect(
        x - height * 0.045, foot - height * 0.035, x + height * 0.045, foot, "#d8a545" if height > 300 else colour
    )
    for blade in range(3):
        angle = math.radians(turn + blade * 120)
        along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
        shape = [(0.0, -0.012), (0.12, -0.028), (0.58, -0.004), (0.58, 0.004), (0.0, 0.012)]
        sheet.polygon(
            [
                (x + height * (u * along[0] + v * across[0]), hub + height * (u * along[1] + v * across[1]))
                for u, v in shape
            ],
            colour,
        )
    sheet.disc(x, hub, height * 0.022, colour)


def _between(far: str, near: str, part: float) -> str:
    """A colour between two, as air lies between: `part` 0 is far."""
    pairs = zip(bytes.fromhex(far[1:]), bytes.fromhex(near[1:]), strict=True)
    return "#" + bytes(round(a + (b - a) * min(1.0, part)) for a, b in pairs).hex()


def lighthouse(sheet: Canvas, dice: Random) -> None:
    """A tower on a rock in rough weather, its lamp lit."""
    wide, tall = sheet.width, sheet.height
    sheet.wash(("#1a2436", "#33475c", "#5f7684", "#93a6a8"), 0, tall * 0.68)
    for _ in range(12):
        cloud(
            sheet,
            dice,
            dice.uniform(0, wide),
            dice.uniform(40, tall * 0.42),
            dice.uniform(300, 760),
            f"{dice.choice(('#27364a', '#41566a', '#6d8390'))}a0",
            26,
        )
    lamp = (wide * 0.6, tall * 0.315)
    for spread, tip in ((-0.16, -1200), (0.1, 900)):
        end = lamp[0] + tip
        sheet.beam([lamp, (end, lamp[1] + tip * spread - 90), (end, lamp[1] + tip * spread + 110)], "#ffeeb070", 10)
    horizon = tall * 0.68
    sheet.wash(("#6f8790", "#3b5662", "#1d3540", "#0f222c"), horizon, tall)
    rock = [
        (wide * 0.22, horizon + 120),
        (wide * 0.33, horizon + 20),
        (wide * 0.42, horizon - 40),
        (wide * 0.5, horizon - 92),
        (wide * 0.72, horizon - 96),
        (wide * 0.8, horizon - 30),
        (wide * 0.93, horizon + 40),
        (wide * 1.05, horizon + 130),
    ]
    sheet.polygon(rock, ("#37424a", "#141c22"))
    sheet.polygon(
        [
            (wide * 0.5, horizon - 92),
            (wide * 0.72, horizon - 96),
            (wide * 0.66, horizon - 20),
            (wide * 0.58, horizon + 60),
            (wide * 0.5, horizon - 10),
        ],
        "#4a565ca0",
    )
    foot, top = horizon - 90, tall * 0.35
    half_low, half_high = 62, 40

    def half(y: float) -> float:
        return half_high + (half_low - half_high) * (y - top) / (foot - top)

    sheet.polygon(
        [
            (lamp[0] - half_low, foot),
            (lamp[0] - half_high, top),
            (lamp[0] + half_high, top),
            (lamp[0] + half_low, foot),
        ],
        "#eceae2",
    )
    for band in range(4):
        high, low = top + (foot - top) * (band * 2 + 1) / 8, top + (foot - top) * (band * 2 + 2) / 8
        sheet.polygon(
            [
                (lamp[0] - half(low), low),
                (lamp[0] - half(high), high),
                (lamp[0] + half(high), high),
                (lamp[0] + half(low), low),
            ],
            "#b23a35",
        )
    sheet.polygon(
        [(lamp[0] + 12, top), (lamp[0] + half_high, top), (lamp[0] + half_low, foot), (lamp[0] + 22, foot)], "#10182450"
    )
    sheet.rect(lamp[0] - 54, top - 12, lamp[0] + 54, top, "#20272d")
    sheet.rect(lamp[0] - 28, top - 66, lamp[0] + 28, top - 12, ("#fff8d8", "#ffd97a"))
    for bar in (-28, -10, 8, 24):
        sheet.rect(lamp[0] + bar, top - 66, lamp[0] + bar + 4, top - 12, "#20272d")
    sheet.polygon([(lamp[0] - 36, top - 66), (lamp[0], top - 108), (lamp[0] + 36, top - 66)], "#7e2825")
    sheet.glow(lamp[0], top - 40, 340, "#fff0b8", 0.85, 2.4)
    for x, y in ((lamp[0] - 8, foot - 60), (lamp[0] - 6, foot - 190)):
        sheet.rect(x, y, x + 16, y + 30, "#26303a")
    for layer in range(6):
        level = horizon + 70 + layer * (tall - horizon) / 6.4
        crest = [
            (x, level + 24 * math.sin(x / (120 + 30 * layer) + layer * 2.1) - 16 * abs(math.sin(x / 67 + layer)))
            for x in range(-10, round(wide) + 20, 12)
        ]
        land(sheet, crest, (_between("#5d7983", "#16303b", layer / 5), _between("#365561", "#0b1c25", layer / 5)))
        sheet.line([(x, y + 2) for x, y in crest], 3.5, "#dbe8e8a0")
        sheet.puffs(
            [(x, y - 4, dice.uniform(10, 34), dice.uniform(3, 7)) for x, y in crest[:: 4 + layer]], "#eef5f4b0", 6
        )
    sheet.puffs(
        [
            (
                wide * 0.3 + dice.gauss(0, 50),
                horizon + 40 - abs(dice.gauss(0, 70)),
                dice.uniform(10, 40),
                dice.uniform(10, 46),
            )
            for _ in range(26)
        ],
        "#eef5f4c0",
        9,
    )
    for _ in range(150):
        x, y = dice.uniform(-50, wide), dice.uniform(0, tall)
        sheet.line([(x, y), (x + 22, y + 58)], 1.1, "#dfe9ee48")
    sheet.vignette("#050b12", 0.45)


def observatory(sheet: Canvas, dice: Random) -> None:
    """A dome on a summit under the Milky Way."""
    sheet.wash(("#060a20", "#0e1a3f", "#24386b", "#5b5f92", "#c7828c"), 0, 860)
    for _ in range(90):
        part = dice.random()
        x, y = sheet.width * (0.12 + 0.62 * part) + dice.gauss(0, 40), 700 - 760 * part + dice.gauss(0, 40)
        colour = dice.choice(("#8f9fe0", "#c9b5e8", "#f3d9d0", "#5b6fc0"))
        sheet.puffs([(x, y, dice.uniform(24, 92), dice.uniform(20, 60))], f"{colour}{dice.randint(22, 48):02x}", 26)
    for _ in range(14):
        part = dice.random()
        sheet.puffs([(sheet.width * (0.14 + 0.6 * part), 690 - 750 * part, 60, 12)], "#0a102c66", 16)
    stars(sheet, dice, 520, 760)
    for _ in range(260):
        part = dice.random()
        sheet.disc(
            sheet.width * (0.12 + 0.62 * part) + dice.gauss(0, 55),
            700 - 760 * part + dice.gauss(0, 50),
            dice.choice((0.8, 1.0, 1.6)),
            "#ffffffc0",
        )
    sheet.line([(sheet.width * 0.82, 120), (sheet.width * 0.7, 176)], 2.2, "#ffffffb0")
    sheet.glow(sheet.width * 0.7, 176, 16, "#ffffff", 0.9)
    sheet.mist(830, 190, "#f2a08c", 0.55)
    land(sheet, ridge(dice, sheet.width, 790, 30), "#3a3560")
    land(sheet, ridge(dice, sheet.width, 840, 34), "#262650")
    x, floor = sheet.width * 0.66, 800
    sheet.ellipse(x, 716, 138, 136, ("#e4d9e6", "#8983b4", "#4b4a78"))
    sheet.rect(x - 132, 716, x + 132, floor + 60, ("#4b4a78", "#1b1c42"))
    sheet.rect(x - 140, 716, x + 140, 732, "#2a2a58")
    sheet.polygon([(x - 62, 600), (x - 14, 574), (x + 22, 578), (x + 6, 716), (x - 42, 716)], "#0b0e28")
    sheet.polygon([(x - 52, 596), (x - 16, 584), (x - 2, 716), (x - 34, 716)], "#ffd9a0")
    sheet.glow(x - 30, 660, 120, "#ffcf8a", 0.4)
    sheet.rect(x + 60, 752, x + 84, floor + 6, "#ffcf8a")
    sheet.glow(x + 72, 780, 70, "#ffcf8a", 0.5)
    summit = [
        (0, 930),
        (sheet.width * 0.3, 890),
        (sheet.width * 0.5, 812),
        (x - 170, floor),
        (x + 170, floor),
        (sheet.width * 0.9, 850),
        (sheet.width, 880),
    ]
    land(sheet, [(float(a), float(b)) for a, b in summit], ("#14163a", "#070919"))
    sheet.rect(x - 250, 770, x - 150, floor + 8, "#15173c")
    sheet.polygon([(x - 258, 770), (x - 200, 744), (x - 142, 770)], "#0e1030")
    for window in (-232, -206, -180):
        sheet.rect(x + window, 780, x + window + 12, 794, "#ffc877")
    for place in (0.04, 0.09, 0.13, 0.2, 0.24, 0.36, 0.41, 0.93, 0.97):
        pine(sheet, sheet.width * place, 990 - 60 * abs(place - 0.4), dice.uniform(90, 190), "#050716")


def glacier(sheet: Canvas, dice: Random) -> None:
    """The front of a glacier over a lagoon, with floes."""
    shore = 560
    sheet.wash(("#6fb0d8", "#a9d3e6", "#e3eff0"), 0, shore)
    for _ in range(6):
        cloud(sheet, dice, dice.uniform(0, sheet.width), dice.uniform(70, 220), dice.uniform(240, 560), "#ffffffb0", 14)
    for level, height, count, shade, snow in ((480, 330, 4, "#8aa8c0", "#eef6fa"), (520, 250, 6, "#64839e", "#dcebf3")):
        skyline = peaks(dice, sheet.width, level, height, count)
        land(sheet, skyline, (snow, snow, shade, shade), shore)
        for x, y in skyline[1::2]:
            sheet.polygon(
                [(x, y), (x + 16, y + height * 0.3), (x + 70, y + height * 0.62), (x + 10, y + height * 0.5)],
                "#3f5f7c50",
            )
    top = [(x, 452 + 20 * math.sin(x / 170) + dice.uniform(-10, 10)) for x in range(-10, round(sheet.width) + 30, 26)]
    land(sheet, top, ("#f2fbff", "#bfe6f5", "#6fc0e0", "#2f8dbb"), shore + 34)
    for x in range(0, round(sheet.width), 23):
        high, lean = height_at(top, x) + dice.uniform(2, 40), dice.uniform(-9, 9)
        sheet.polygon(
            [(x, high), (x + lean + 7, shore + 30), (x + lean - 5, shore + 30)],
            dice.choice(("#1c78a860", "#ffffff80", "#155f8f70")),
        )
    surface = shore + 30
    sheet.mirror(surface, 1000 - surface, ("#0f5d7d90"), squeeze=0.9, shake=9)
    sheet.wash(("#2f8fae30", "#0b3f59d0"), surface, 1000)
    for _ in range(26):
        near = dice.random() ** 1.2
        x, y, length = (
            dice.uniform(-40, sheet.width),
            surface + 26 + 340 * near,
            26 + 150 * near * dice.uniform(0.5, 1.2),
        )
        high = length * dice.uniform(0.16, 0.5)
        sheet.polygon(
            [
                (x, y),
                (x + length * 0.2, y - high),
                (x + length * 0.45, y - high * 0.7),
                (x + length * 0.66, y - high * 1.05),
                (x + length, y),
            ],
            ("#ffffff", "#d3eef8"),
        )
        sheet.polygon(
            [
                (x + length * 0.45, y - high * 0.7),
                (x + length * 0.66, y - high * 1.05),
                (x + length, y),
                (x + length * 0.5, y),
            ],
            "#8fcbe4",
        )
        sheet.polygon(
            [(x, y), (x + length, y), (x + length * 0.8, y + high * 0.5), (x + length * 0.2, y + high * 0.4)],
            "#7fd0e080",
        )
    waves(sheet, dice, surface, 1000, "#e6f7fb", 120)


def dry_fields(sheet: Canvas, dice: Random) -> None:
    """Furrows running to a hot horizon, one tree."""
    horizon, vanish = 520, sheet.width * 0.4
    sheet.wash(("#e8823c", "#f3a94f", "#f9d07b", "#fdeab5"), 0, horizon)
    sheet.glow(sheet.width * 0.4, 330, 860, "#fff6d0", 0.9)
    sheet.disc(sheet.width * 0.4, 330, 78, "#fffbe6")
    streaks(sheet, dice, 120, 300, 6, "#ffe2ae")
    land(sheet, ridge(dice, sheet.width, horizon - 34, 22), "#d2874a")
    land(sheet, ridge(dice, sheet.width, horizon - 8, 14), "#b4683a")
    sheet.wash(("#c07a3f", "#8a4a28", "#4b2416"), horizon, 1000)
    for row in range(-34, 35):
        spread = row * 118
        left = [(vanish + row * 5.2, horizon), (vanish + spread - 34, 1003), (vanish + spread + 26, 1003)]
        sheet.polygon(left, "#3a1a1090" if row % 2 else "#e3a05a38")
    for _ in range(70):
        near = dice.random() ** 1.8
        x, y = dice.uniform(0, sheet.width), horizon + 40 + 440 * near
        size = 8 + 44 * near
        crack = [(x, y)]
        for _ in range(4):
            crack.append((crack[-1][0] + dice.uniform(-size, size), crack[-1][1] + dice.uniform(0, size * 0.3)))
        sheet.line(crack, 1 + 2.4 * near, "#2a100a70")
    x, foot = sheet.width * 0.77, 640
    sheet.polygon([(x + 6, foot), (x + 620, foot + 104), (x + 640, foot + 128), (x - 8, foot + 14)], "#3a180e70")
    sheet.polygon([(x - 17, foot + 8), (x - 9, foot - 170), (x + 10, foot - 170), (x + 20, foot + 8)], "#2b130c")
    for angle, length in ((-62, 170), (-100, 190), (-128, 150), (-32, 130), (-150, 110)):
        tip = (x + math.cos(math.radians(angle)) * length, foot - 160 + math.sin(math.radians(angle)) * length)
        sheet.line([(x, foot - 150), ((x + tip[0]) / 2 + 6, (foot - 160 + tip[1]) / 2), tip], 9, "#2b130c")
        crown(sheet, dice, tip[0], tip[1], 74, "#4d3018")
        crown(sheet, dice, tip[0] - 16, tip[1] - 18, 44, "#6f4a20")
    for post in range(9):
        sheet.rect(40 + post * 66, 566 + post * 3, 46 + post * 66, 606 + post * 4, "#3a1a10")
    sheet.line([(40, 576), (600, 606)], 1.6, "#3a1a10")
    sheet.vignette("#2a0c04", 0.3)


def pass_road(sheet: Canvas, dice: Random) -> None:
    """Hairpins up an alpine valley, with riders."""
    wide, tall = sheet.width, sheet.height
    sheet.wash(("#3f93d2", "#8cc5ea", "#dff0f4"), 0, tall * 0.5)
    cloud(sheet, dice, wide * 0.25, tall * 0.13, 420, "#ffffffd0", 12)
    cloud(sheet, dice, wide * 0.8, tall * 0.2, 360, "#ffffffb0", 12)
    skyline = peaks(dice, wide, tall * 0.44, 460, 3)
    land(sheet, skyline, ("#ffffff", "#d7e4ee", "#7f97ad", "#5c7890"))
    for x, y in skyline[2::2]:
        sheet.polygon([(x, y), (x + 30, y + 130), (x + 120, y + 300), (x + 8, y + 220)], "#41607c60")
    land(sheet, ridge(dice, wide, tall * 0.43, 46), ("#7fa069", "#4f7a4c"))
    land(sheet, ridge(dice, wide, tall * 0.49, 40), ("#74a857", "#3f7440"))
    slope = ridge(dice, wide, tall * 0.55, 30)
    land(sheet, slope, ("#93bf5c", "#5d9442", "#2c5e33"))
    pines(sheet, dice, slope, 60, 34, "#2c5a3a")
    _winding(sheet)
    for index, place in enumerate((0.33, 0.47, 0.5, 0.53, 0.69, 0.72, 0.75, 0.93)):
        x, y = _road(sheet, place)
        shirt = ("#d63c37", "#f2c230", "#ffffff", "#2c6fc4", "#f08a2c")[index % 5]
        _rider(sheet, x, y, 30 + 105 * place**2, shirt, _road(sheet, place + 0.01)[0] > x)
    for _ in range(30):
        x, y = (
            dice.choice((dice.uniform(-20, wide * 0.12), dice.uniform(wide * 0.9, wide + 20))),
            dice.uniform(tall * 0.7, tall * 1.02),
        )
        pine(sheet, x, y, 90 + (y - tall * 0.6) * 0.42, dice.choice(("#1f4a2f", "#28583a", "#173c28")))


def _road(sheet: Canvas, place: float) -> Point:
    """Where the road is: from the pass (0) down to the viewer (1), its bends wider as they come near."""
    swing = sheet.width * (0.1 + 0.36 * place) * math.sin(2 * math.pi * (0.2 + 3.4 * place**0.72))
    return sheet.width * (0.56 - 0.06 * place) + swing, sheet.height * (0.565 + 0.45 * place**1.15)


def _winding(sheet: Canvas) -> None:
    for drop, colour in ((0.75, "#23452c"), (0.0, "#cfccc2")):
        for step in range(900):
            place = step / 880
            x, y = _road(sheet, place)
            broad = 7 + 24 * place**1.2
            sheet.ellipse(x, y + drop * broad * 0.8, broad * 1.5, broad * 0.62, colour)
    for step in range(0, 880, 10):
        sheet.line([_road(sheet, step / 880), _road(sheet, (step + 4) / 880)], 1 + 2.4 * step / 880, "#ffffff")


def _rider(sheet: Canvas, x: float, foot: float, size: float, shirt: str, leftwards: bool) -> None:
    way = -1 if leftwards else 1
    wheel, reach = size * 0.24, size * 0.33
    for side in (-1, 1):
        sheet.arc(x + side * reach, foot - wheel, wheel, 0, 360, size * 0.045, "#20242a")
    frame = [
        (x - reach * way, foot - wheel),
        (x - 2 * way, foot - wheel),
        (x + reach * 0.75 * way, foot - size * 0.52),
        (x + reach * way, foot - wheel),
    ]
    sheet.line(frame, size * 0.045, "#20242a")
    hip, shoulder = (x - size * 0.16 * way, foot - size * 0.66), (x + size * 0.14 * way, foot - size * 0.86)
    sheet.line([(x, foot - wheel), (x + size * 0.04 * way, foot - size * 0.46), hip], size * 0.085, "#1b2026")
    sheet.line([hip, shoulder], size * 0.17, shirt)
    sheet.line([shoulder, (x + size * 0.27 * way, foot - size * 0.56)], size * 0.07, shirt)
    sheet.disc(x + size * 0.24 * way, foot - size * 0.98, size * 0.095, "#20242a")


def regatta(sheet: Canvas, dice: Random) -> None:
    """Sails on a blue afternoon."""
    horizon = 420
    sheet.wash(("#2f86cf", "#7fbfe9", "#e2f2f5"), 0, horizon)
    for _ in range(6):
        cloud(
            sheet, dice, dice.uniform(0, sheet.width), dice.uniform(110, 330), dice.uniform(220, 520), "#ffffffd8", 10
        )
    land(sheet, ridge(dice, sheet.width, horizon - 34, 26), ("#8fb3c4", "#7aa3b5"), horizon + 2)
    land(sheet, ridge(dice, sheet.width, horizon - 8, 16), ("#5d9196", "#4c8288"), horizon + 2)
    sheet.wash(("#5fb4d6", "#2180b4", "#0e568c", "#083a67"), horizon, 1000)
    waves(sheet, dice, horizon, 1000, "#d9f2fa", 260)
    waves(sheet, dice, horizon, 1000, "#063259", 160)
    fleet = (
        (0.09, 0.1),
        (0.17, 0.12),
        (0.3, 0.1),
        (0.52, 0.11),
        (0.87, 0.12),
        (0.94, 0.1),
        (0.72, 0.2),
        (0.2, 0.28),
        (0.9, 0.38),
        (0.47, 0.62),
        (0.13, 0.74),
        (0.76, 1.0),
    )
    for place, near in fleet:
        hue = dice.choice(
            (
                ("#ffffff", "#dfe8ee"),
                ("#f6d24f", "#e2a92c"),
                ("#e4503f", "#b8342c"),
                ("#ffffff", "#d4e1ea"),
                ("#f7f1e3", "#e3d6ba"),
            )
        )
        _yacht(sheet, sheet.width * place, horizon + 16 + 500 * near**1.25, 60 + 560 * near, hue)


def _yacht(sheet: Canvas, x: float, foot: float, height: float, hue: tuple[str, str]) -> None:
    lean = height * 0.1
    for ripple in range(7):
        half = height * (0.24 - 0.028 * ripple)
        sheet.ellipse(
            x + lean * ripple / 9, foot + height * (0.05 + 0.055 * ripple), half, height * 0.013, f"{hue[0]}58"
        )
    mast = (x + lean, foot - height)
    sheet.polygon(
        [
            (x - height * 0.01, foot - height * 0.09),
            (mast[0] - 2, mast[1] + height * 0.04),
            (x - height * 0.15, foot - height * 0.5),
            (x - height * 0.24, foot - height * 0.1),
        ],
        hue,
    )
    sheet.polygon(
        [
            (x + height * 0.02, foot - height * 0.08),
            (mast[0], mast[1] + height * 0.12),
            (x + height * 0.2, foot - height * 0.42),
            (x + height * 0.27, foot - height * 0.07),
        ],
        (hue[1], hue[0]),
    )
    sheet.line([(x, foot - 2), mast], max(1.4, height * 0.008), "#36434e")
    hull = [
        (x - height * 0.27, foot - height * 0.055),
        (x + height * 0.31, foot - height * 0.065),
        (x + height * 0.22, foot + height * 0.02),
        (x - height * 0.22, foot + height * 0.015),
    ]
    sheet.polygon(hull, "#1c2b3d")
    sheet.polygon(
        [
            (x - height * 0.27, foot - height * 0.055),
            (x + height * 0.31, foot - height * 0.065),
            (x + height * 0.29, foot - height * 0.045),
            (x - height * 0.26, foot - height * 0.038),
        ],
        "#f5f2ea",
    )
    for seat in (-0.15, -0.1, 0.05):
        sheet.disc(x + height * seat, foot - height * 0.085, height * 0.017, "#e4503f")
    sheet.puffs(
        [
            (x + height * 0.26, foot + 2, height * 0.09, height * 0.016),
            (x - height * 0.28, foot + 3, height * 0.14, height * 0.01),
        ],
        "#ffffffd0",
        max(2.0, height * 0.01),
    )


def coral_reef(sheet: Canvas, dice: Random) -> None:
    """Under water: rays of light, a shoal, corals."""
    sheet.wash(("#9ce8e6", "#33b1c9", "#11749f", "#0a3f70", "#072447"))
    for _ in range(9):
        x = dice.uniform(0.1, 0.9) * sheet.width
        fan = (x - sheet.width * 0.45) * 0.8
        sheet.beam(
            [(x, -40), (x + dice.uniform(20, 60), -40), (x + fan + dice.uniform(80, 170), 860), (x + fan - 60, 860)],
            "#e9fffb3c",
            12,
        )
    sheet.glow(sheet.width * 0.45, -60, 780, "#f2fffb", 0.7)
    land(sheet, ridge(dice, sheet.width, 760, 60), ("#15608a", "#0b3a63"))
    land(sheet, ridge(dice, sheet.width, 850, 50), ("#0f4770", "#072a4c"))
    for _ in range(120):
        angle, reach = dice.uniform(0, 2 * math.pi), abs(dice.gauss(0, 1))
        x, y = (
            sheet.width * 0.62 + math.cos(angle) * reach * 220,
            350 + math.sin(angle) * reach * 88 - math.cos(angle) * reach * 40,
        )
        _fish(sheet, x, y, dice.uniform(9, 17), dice.choice(("#e9fbff", "#bfe9f5", "#ffe08a")))
    _fish(sheet, sheet.width * 0.2, 430, 54, "#ff9440", "#fff3e0")
    _fish(sheet, sheet.width * 0.3, 540, 40, "#ffb637", "#fff3e0")
    floor = ridge(dice, sheet.width, 930, 30)
    for _ in range(40):
        x = dice.uniform(0, sheet.width)
        hue = dice.choice(("#ff7f6b", "#ffb26b", "#e65a93", "#b264d8", "#7fd68a", "#ffd86b", "#ff5f7a"))
        foot = height_at(floor, x) + 26
        dice.choice((_branching, _fan, _brain))(sheet, dice, x, foot, dice.uniform(60, 170), hue)
    land(sheet, floor, ("#0c2f4f", "#051629"))
    for _ in range(46):
        sheet.arc(
            sheet.width * 0.84 + dice.gauss(0, 22),
            dice.uniform(120, 800),
            dice.uniform(3, 10),
            0,
            360,
            1.4,
            "#e9ffffa0",
        )
    sheet.vignette("#03122a", 0.4)


def _fish(sheet: Canvas, x: float, y: float, size: float, colour: str, stripe: str | None = None) -> None:
    sheet.polygon(
        [(x - size * 0.8, y), (x - size * 1.6, y - size * 0.5), (x - size * 1.4, y), (x - size * 1.6, y + size * 0.5)],
        colour,
    )
    sheet.polygon(
        [(x - size * 0.3, y - size * 0.35), (x + size * 0.1, y - size * 0.75), (x + size * 0.5, y - size * 0.3)], colour
    )
    sheet.ellipse(x, y, size, size * 0.46, colour)
    if stripe:
        for place in (-0.45, 0.2):
            sheet.ellipse(x + size * place, y, size * 0.09, size * (0.4 - abs(place) * 0.15), stripe)
    sheet.disc(x + size * 0.66, y - size * 0.1, max(1.2, size * 0.09), "#0a2038")


def _branching(sheet: Canvas, dice: Random, x: float, foot: float, size: float, colour: str) -> None:
    def grow(x: float, y: float, angle: float, length: float, depth: int) -> None:
        tip = (x + math.cos(angle) * length, y + math.sin(angle) * length)
        sheet.line([(x, y), tip], length * 0.24, colour)
        sheet.disc(*tip, length * 0.12, colour)
        if depth:
            for turn in (-0.5, 0.45):
                grow(*tip, angle + turn + dice.uniform(-0.15, 0.15), length * 0.72, depth - 1)

    grow(x, foot, -math.pi / 2, size * 0.42, 3)


def _fan(sheet: Canvas, dice: Random, x: float, foot: float, size: float, colour: str) -> None:
    for leaf in range(-5, 6):
        lean = leaf * size * 0.11
        sheet.line(
            [(x, foot), (x + lean * 0.5, foot - size * 0.55), (x + lean, foot - size + abs(lean) * 0.5)], 6, colour
        )


def _brain(sheet: Canvas, dice: Random, x: float, foot: float, size: float, colour: str) -> None:
    sheet.ellipse(x, foot, size * 0.62, size * 0.5, colour)
    for ring in range(1, 4):
        sheet.arc(x, foot + size * 0.1, size * (0.2 + 0.1 * ring), 200, 340, 3, "#0000003c")


def fire_ridge(sheet: Canvas, dice: Random) -> None:
    """Pines before an orange sky, smoke rising behind the ridge."""
    sheet.wash(("#3b2530", "#7d3a35", "#d0622f", "#f79a3c", "#ffd07a"), 0, 720)
    sheet.glow(sheet.width * 0.58, 640, 860, "#ffe39a", 0.85)
    for step in range(40):
        rise = step / 40
        x = sheet.width * (0.58 + 0.34 * rise**1.6) + dice.gauss(0, 20 + 60 * rise)
        y, size = 600 - 640 * rise, 40 + 130 * rise
        sheet.puffs([(x, y, size, size * 0.75)], f"{dice.choice(('#33242b', '#5a3b38', '#8a5544', '#c57b4c'))}70", 18)
    sheet.disc(sheet.width * 0.26, 250, 50, "#ffdf9a")
    sheet.glow(sheet.width * 0.26, 250, 290, "#ffcf80", 0.6)
    far = ridge(dice, sheet.width, 560, 26)
    for x in range(round(sheet.width * 0.38), round(sheet.width * 0.8), 14):
        y, high = height_at(far, x) + 8, dice.uniform(16, 78)
        sheet.polygon(
            [(x - 11, y), (x + dice.uniform(-4, 8), y - high), (x + 12, y)],
            dice.choice(("#ffe36b", "#ffb32c", "#ff8420")),
        )
    sheet.glow(sheet.width * 0.58, 570, 400, "#ffb347", 0.6)
    land(sheet, far, ("#6b2f26", "#4a2224"))
    pines(sheet, dice, far, 44, 13, "#5a2822")
    for level, shade, height, gap in ((700, "#3c1d20", 84, 24), (800, "#28141a", 130, 38), (940, "#150a10", 250, 74)):
        skyline = ridge(dice, sheet.width, level, 36)
        land(sheet, skyline, shade)
        pines(sheet, dice, skyline, height, gap, shade)
        if level < 900:
            sheet.mist(level + 60, 60, "#c2552c", 0.22)
    for _ in range(90):
        x, y = sheet.width * 0.58 + dice.gauss(0, 300), dice.uniform(120, 800)
        sheet.disc(x, y, dice.uniform(1, 2.8), dice.choice(("#ffe28a", "#ffb347")))
    sheet.vignette("#12060a", 0.4)


def aurora(sheet: Canvas, dice: Random) -> None:
    """Northern lights over a snowed-in village."""
    sheet.wash(("#030b1f", "#08223c", "#12415a", "#2d6a72"), 0, 680)
    stars(sheet, dice, 260, 620)
    for curtain, (hue, level) in enumerate((("#3df0a0", 400), ("#66f2c8", 300), ("#8f7af0", 220), ("#3df0a0", 360))):
        phase = dice.uniform(0, 6)
        for left in range(-40, round(sheet.width) + 60, 20):
            foot = level + 80 * math.sin(left / 230 + phase) + 30 * math.sin(left / 83 + phase * 2) + curtain * 12
            strength = round(52 * (0.45 + 0.55 * math.sin(left / 140 + phase) ** 2))
            high = 190 + 120 * math.sin(left / 190 + curtain) ** 2
            sheet.rect(
                left,
                foot - high,
                left + 20.4,
                foot,
                (f"{hue}00", f"{hue}{strength:02x}", f"{hue}{min(255, strength * 3):02x}", f"{hue}00"),
            )
    skyline = peaks(dice, sheet.width, 660, 220, 5)
    land(sheet, skyline, ("#b8d8e4", "#3f6f88", "#1d4a63"))
    for x, y in skyline[2::2]:
        sheet.polygon([(x, y), (x + 20, y + 70), (x + 80, y + 160), (x + 6, y + 120)], "#0a2a4470")
    hill = ridge(dice, sheet.width, 690, 18)
    pines(sheet, dice, hill, 70, 22, "#0c2a3a")
    land(sheet, hill, ("#9cc6d6", "#6a9fb8"))
    ground = ridge(dice, sheet.width, 780, 20)
    land(sheet, ground, ("#dff0f5", "#8ab8cc", "#4f86a0"))
    sheet.wash(("#3df0a000", "#3df0a030"), 700, 1000)
    homes = ((0.1, 0.7), (0.2, 0.62), (0.3, 0.8), (0.42, 0.7), (0.55, 0.95), (0.69, 0.74), (0.8, 0.86), (0.92, 0.7))
    for place, size in homes:
        x = sheet.width * place
        _cabin(
            sheet,
            x,
            height_at(ground, x) + 56 + 70 * (size - 0.6),
            130 * size,
            dice.choice(("#8f2f2a", "#2f4f6f", "#a8622c", "#3f5f4a", "#7a2b34")),
        )
    for _ in range(16):
        x = dice.choice((dice.uniform(-10, sheet.width * 0.16), dice.uniform(sheet.width * 0.86, sheet.width + 10)))
        y = dice.uniform(900, 1040)
        pine(sheet, x, y, dice.uniform(130, 240), "#08202e")
        for tier in range(3):
            sheet.polygon(
                [
                    (x - 16 + tier * 4, y - 70 - tier * 44),
                    (x, y - 102 - tier * 44),
                    (x + 16 - tier * 4, y - 70 - tier * 44),
                ],
                "#d8edf360",
            )


def _cabin(sheet: Canvas, x: float, foot: float, size: float, wall: str) -> None:
    top = foot - size * 0.5
    sheet.ellipse(x, foot, size * 0.75, size * 0.1, "#3a708c80")
    sheet.rect(x - size * 0.5, top, x + size * 0.5, foot, wall)
    sheet.polygon([(x - size * 0.5, top), (x, top - size * 0.36), (x + size * 0.5, top)], wall)
    sheet.polygon(
        [
            (x - size * 0.62, top + size * 0.06),
            (x, top - size * 0.46),
            (x + size * 0.62, top + size * 0.06),
            (x + size * 0.54, top + size * 0.1),
            (x, top - size * 0.32),
            (x - size * 0.54, top + size * 0.1),
        ],
        "#f2fafc",
    )
    sheet.rect(x + size * 0.2, top - size * 0.44, x + size * 0.3, top - size * 0.18, "#2a2f38")
    sheet.puffs(
        [(x + size * 0.26 + step * 9, top - size * 0.5 - step * 26, 8 + 5 * step, 10 + 4 * step) for step in range(5)],
        "#d9e8ee70",
        8,
    )
    for place in (-0.34, 0.1):
        sheet.rect(
            x + size * place, top + size * 0.12, x + size * (place + 0.2), top + size * 0.32, ("#ffe9a6", "#ffc35a")
        )
        sheet.line(
            [(x + size * (place + 0.1), top + size * 0.12), (x + size * (place + 0.1), top + size * 0.32)], 2, wall
        )
    sheet.glow(x, foot - size * 0.2, size * 0.9, "#ffcf7a", 0.4)
