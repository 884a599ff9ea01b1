"""Pictures of towns: harbour, parliament, skyline, street, bridge.  Each scene draws with the dice it is given."""

import math
from random import Random

from cms.demo.canvas import Canvas
from cms.demo.motifs import cloud, glitter, height_at, land, person, ridge, stars, streaks, waves, windows


def harbour(sheet: Canvas, dice: Random) -> None:
    """Gantry cranes and a container ship at first light, doubled by the water."""
    quay = 610
    sheet.wash(("#20467a", "#5b7fae", "#d9a6a0", "#f8c58a", "#ffe3ad"), 0, quay)
    sheet.glow(sheet.width * 0.2, quay - 30, 620, "#fff0c8", 0.9)
    sheet.disc(sheet.width * 0.2, quay - 46, 44, "#fffaf0")
    for _ in range(5):
        cloud(sheet, dice, dice.uniform(0, sheet.width), dice.uniform(90, 280), dice.uniform(240, 560), "#f3b7a590", 12)
    land(sheet, ridge(dice, sheet.width, quay - 60, 30), ("#8f86a8", "#a59ab2"), quay)
    for step in range(26):
        x, high = dice.uniform(0, sheet.width), dice.uniform(30, 105)
        sheet.rect(x, quay - high, x + dice.uniform(18, 46), quay, f"#6c6f96{150 + step:02x}")
    for place, size, shade in ((0.4, 0.62, "#5b5f86"), (0.53, 0.66, "#54597f"), (0.95, 0.8, "#3c4268")):
        _gantry(sheet, sheet.width * place, quay, 430 * size, shade)
    _freighter(sheet, dice, sheet.width * 0.26, quay, 720)
    for place, size in ((0.6, 0.94), (0.8, 1.08)):
        _gantry(sheet, sheet.width * place, quay, 430 * size, "#1f2a4d")
    sheet.rect(sheet.width * 0.76, quay - 12, sheet.width + 2, quay, "#1a2342")
    sheet.mirror(quay, 1000 - quay, "#2b4a7830", squeeze=0.8, shake=11)
    sheet.wash(("#20467a20", "#16305ce0"), quay, 1000)
    glitter(sheet, dice, sheet.width * 0.2, quay + 4, 1000, 150, "#ffeec4", 170)
    waves(sheet, dice, quay, 1000, "#0f2448", 130)
    _tug(sheet, sheet.width * 0.13, quay + 150, 150)
    for x, y in ((0.46, 170), (0.49, 190), (0.43, 205), (0.53, 160)):
        gull = (sheet.width * x, float(y))
        sheet.line([(gull[0] - 15, gull[1] - 7), gull, (gull[0] + 15, gull[1] - 7)], 2.6, "#fdf4e8")


def _gantry(sheet: Canvas, x: float, foot: float, size: float, shade: str) -> None:
    leg, deck, top = size * 0.2, foot - size * 0.62, foot - size
    for side in (-1, 1):
        sheet.line([(x + side * leg, foot), (x + side * leg * 0.82, deck)], size * 0.028, shade)
    sheet.line([(x - leg, foot - size * 0.24), (x + leg, foot - size * 0.24)], size * 0.02, shade)
    sheet.line([(x - leg, foot - size * 0.24), (x + leg * 0.82, deck)], size * 0.012, shade)
    sheet.line([(x - size * 0.74, deck), (x + size * 0.42, deck)], size * 0.036, shade)
    sheet.line([(x - leg * 0.8, deck), (x - leg * 0.3, top), (x + leg * 0.8, deck)], size * 0.02, shade)
    sheet.line([(x - size * 0.72, deck), (x - leg * 0.3, top), (x + size * 0.4, deck)], size * 0.009, shade)
    sheet.rect(x + size * 0.26, deck - size * 0.08, x + size * 0.42, deck, shade)
    sheet.line([(x - size * 0.42, deck), (x - size * 0.42, deck + size * 0.17)], size * 0.007, shade)
    sheet.rect(x - size * 0.49, deck + size * 0.17, x - size * 0.35, deck + size * 0.22, "#c8553d")


def _freighter(sheet: Canvas, dice: Random, left: float, water: float, length: float) -> None:
    deck = water - length * 0.1
    tones = ("#c8553d", "#e09f3e", "#3d6f8e", "#2f4f6f", "#6a994e", "#d9d4c7", "#8d4a5c")
    for column in range(15):
        x = left + length * (0.06 + column * 0.05)
        for row in range(dice.randint(2, 5) if column % 5 else 5):
            y = deck - row * length * 0.024
            sheet.rect(x, y - length * 0.0225, x + length * 0.048, y, dice.choice(tones))
    sheet.rect(left + length * 0.83, deck - length * 0.2, left + length * 0.93, deck, ("#f6efe2", "#d8cabb"))
    windows(
        sheet,
        dice,
        (left + length * 0.835, deck - length * 0.19, left + length * 0.925, deck - 8),
        (13, 17),
        ("#3b4a6b", "#ffdf9c"),
        0.9,
    )
    sheet.rect(left + length * 0.8, deck - length * 0.215, left + length * 0.95, deck - length * 0.195, "#e7ddcd")
    sheet.rect(left + length * 0.94, deck - length * 0.17, left + length * 0.975, deck, "#c8553d")
    hull = [
        (left - length * 0.03, deck - length * 0.02),
        (left + length * 0.06, deck),
        (left + length * 1.02, deck),
        (left + length, water),
        (left + length * 0.03, water),
    ]
    sheet.polygon(hull, ("#2b3f68", "#172447"))
    sheet.polygon(
        [
            (left + length * 0.02, water - 12),
            (left + length * 1.004, water - 12),
            (left + length, water),
            (left + length * 0.03, water),
        ],
        "#a23b32",
    )


def _tug(sheet: Canvas, x: float, water: float, size: float) -> None:
    sheet.puffs([(x - size * 0.75, water + 2, size * 0.6, 5), (x + size * 0.5, water, size * 0.2, 5)], "#fff6e6c0", 5)
    sheet.polygon(
        [
            (x - size * 0.5, water - size * 0.12),
            (x + size * 0.55, water - size * 0.2),
            (x + size * 0.42, water),
            (x - size * 0.46, water),
        ],
        ("#b3402f", "#6f2430"),
    )
    sheet.rect(x - size * 0.12, water - size * 0.4, x + size * 0.22, water - size * 0.14, ("#fbf3e4", "#dccdb8"))
    for pane in (-0.08, 0.02, 0.12):
        sheet.rect(x + size * pane, water - size * 0.36, x + size * (pane + 0.07), water - size * 0.27, "#2b3f68")
    sheet.rect(x - size * 0.27, water - size * 0.42, x - size * 0.16, water - size * 0.14, "#20304f")
    sheet.line([(x + size * 0.05, water - size * 0.4), (x + size * 0.05, water - size * 0.62)], 3, "#20304f")


def parliament(sheet: Canvas, dice: Random) -> None:
    """A domed chamber of columns at dusk, mirrored in a long basin."""
    ground, middle = 690, sheet.width / 2
    sheet.wash(("#16204d", "#3d3f86", "#8a5fa0", "#e08a95", "#f7c79c"), 0, ground)
    stars(sheet, dice, 70, 260)
    streaks(sheet, dice, 220, 480, 9, "#f7b5a8")
    sheet.glow(middle, ground, 760, "#ffd9a8", 0.6)
    land(sheet, ridge(dice, sheet.width, ground - 30, 18), "#4b3f73", ground)
    stone, shade, dark, warm = "#efdcc5", "#c9a892", "#3a2f55", ("#ffedb8", "#ffbf6a")
    for side in (-1, 1):
        inner, outer = sorted((middle + side * 196, middle + side * 590))
        sheet.rect(inner, 508, outer, ground, (stone, shade))
        sheet.rect(inner - 8, 494, outer + 8, 512, "#f8ead6")
        for column in range(9):
            x = inner + 16 + column * 42
            sheet.rect(x, 545, x + 25, 592, warm)
            sheet.rect(x, 615, x + 25, 676, warm)
            sheet.rect(x + 11, 545, x + 14, 676, shade)
        sheet.rect(inner, 602, outer, 607, "#f8ead6")
        pavilion = middle + side * 552
        sheet.rect(pavilion - 52, 470, pavilion + 52, ground, (stone, shade))
        sheet.polygon([(pavilion - 62, 472), (pavilion, 428), (pavilion + 62, 472)], "#f8ead6")
        sheet.rect(pavilion - 14, 520, pavilion + 14, 676, warm)
        sheet.line([(pavilion, 430), (pavilion, 366)], 3, dark)
        sheet.polygon(
            [(pavilion, 368), (pavilion + 44, 376), (pavilion + 40, 390), (pavilion, 392)],
            "#3d8f86" if side < 0 else "#d9b44a",
        )
    sheet.rect(middle - 196, 470, middle + 196, ground, (shade, "#8f7480"))
    for column in range(10):
        x = middle - 184 + column * 39.2
        sheet.rect(x + 17, 500, x + 33, 672, "#ffcf86" if column in (4, 5) else "#54406a")
        sheet.rect(x, 486, x + 16, 676, ("#fff2dc", "#dcbfa4"))
        sheet.rect(x - 3, 480, x + 19, 488, "#fff2dc")
    sheet.rect(middle - 210, 462, middle + 210, 482, "#fdf0db")
    sheet.polygon([(middle - 214, 464), (middle, 388), (middle + 214, 464)], (stone, shade))
    sheet.polygon([(middle - 150, 456), (middle, 404), (middle + 150, 456)], "#b8927f")
    sheet.disc(middle, 438, 15, "#efdcc5")
    sheet.rect(middle - 128, 322, middle + 128, 400, (stone, shade))
    for column in range(11):
        sheet.rect(
            middle - 118 + column * 22.4,
            332,
            middle - 106 + column * 22.4,
            396,
            warm if column % 2 == 0 else ("#fff2dc", "#dcbfa4"),
        )
    sheet.polygon([(middle - 214, 464), (middle, 388), (middle + 214, 464)], (stone, shade))
    sheet.polygon([(middle - 150, 456), (middle, 404), (middle + 150, 456)], "#b8927f")
    dome = [
        (middle + 120 * math.cos(math.pi * step / 40), 324 - 150 * math.sin(math.pi * step / 40)) for step in range(41)
    ]
    sheet.polygon(dome, ("#8fc7b4", "#4f9088", "#346a72"))
    for rib in (-0.75, -0.45, -0.15, 0.15, 0.45, 0.75):
        arch = [
            (middle + 120 * rib * math.cos(math.pi / 2 * step / 12), 324 - 149 * math.sin(math.pi / 2 * step / 12))
            for step in range(13)
        ]
        sheet.line(arch, 2.4, "#2b5a6480")
    sheet.rect(middle - 138, 314, middle + 138, 330, "#fdf0db")
    sheet.rect(middle - 22, 138, middle + 22, 182, ("#ffedb8", "#ffbf6a"))
    for post in (-22, -9, 4, 17):
        sheet.rect(middle + post, 138, middle + post + 5, 182, "#346a72")
    sheet.polygon([(middle - 30, 140), (middle, 96), (middle + 30, 140)], "#4f9088")
    sheet.line([(middle, 98), (middle, 58)], 3.4, dark)
    sheet.glow(middle, 160, 120, "#ffe2a6", 0.6)
    for stair in range(4):
        sheet.rect(
            middle - 218 - stair * 16,
            672 + stair * 6,
            middle + 218 + stair * 16,
            679 + stair * 6,
            ("#fdf0db", "#b8927f"),
        )
    sheet.mirror(ground + 6, 1000 - ground, "#241f5438", squeeze=0.62, shake=4)
    sheet.wash(("#2a245a30", "#151238d0"), ground + 6, 1000)
    for side in (-1, 1):
        edge = [
            (middle + side * 640, ground + 4),
            (middle + side * 1100, 1003),
            (middle + side * 3000, 1003),
            (middle + side * 3000, ground + 4),
        ]
        sheet.polygon(edge, "#2b2550")
        for lamp in range(4):
            x, foot, size = middle + side * (640 + 30 * lamp**2), ground + 6 + 26 * lamp**1.5, 70 + 34 * lamp
            sheet.line([(x, foot), (x, foot - size)], 3 + lamp, "#1a1638")
            sheet.disc(x, foot - size, 6 + 2 * lamp, "#fff0c2")
            sheet.glow(x, foot - size, 70 + 24 * lamp, "#ffd98a", 0.75)
    for x, size in ((0.36, 34), (0.38, 36), (0.57, 35), (0.63, 32)):
        person(sheet, sheet.width * x, ground + 6, size, "#241d44")


def skyline(sheet: Canvas, dice: Random) -> None:
    """Towers of a financial district at night across a river."""
    bank = 640
    sheet.wash(("#070a26", "#131a4a", "#3a3583", "#8a4a92", "#ef7f86"), 0, bank)
    stars(sheet, dice, 130, 380)
    sheet.glow(sheet.width * 0.5, bank, 900, "#ffb08f", 0.75)
    for depth, (wall, lit, tall) in enumerate((("#3a2f6f", 0.22, 300), ("#241f57", 0.36, 420), ("#120f36", 0.5, 330))):
        x = -20.0
        while x < sheet.width:
            broad = dice.uniform(50, 120)
            crest = math.exp(-(((x / sheet.width) - 0.52) ** 2) / 0.09)
            high = tall * dice.uniform(0.3, 0.62) + tall * 0.6 * crest * dice.uniform(0.4, 1)
            _tower(sheet, dice, (x, bank - high, x + broad, bank + 2), wall, lit, depth)
            x += broad * dice.uniform(0.92, 1.3)
    for place, high in ((0.44, 430), (0.6, 370)):
        x = sheet.width * place
        _tower(sheet, dice, (x - 40, bank - high, x + 40, bank + 2), "#161243", 0.55, 1)
        sheet.polygon([(x - 40, bank - high), (x, bank - high - 66), (x + 40, bank - high)], "#161243")
        sheet.line([(x, bank - high - 60), (x, bank - high - 130)], 3, "#161243")
        sheet.disc(x, bank - high - 132, 4, "#ff5f6f")
        sheet.glow(x, bank - high - 132, 34, "#ff5f6f", 0.8)
    sheet.rect(0, bank - 6, sheet.width + 2, bank, "#0b0926")
    for lamp in range(34):
        sheet.disc(lamp * sheet.width / 33, bank - 12, 3.4, "#ffd98a")
        sheet.glow(lamp * sheet.width / 33, bank - 12, 26, "#ffd98a", 0.6)
    sheet.mirror(bank, 1000 - bank, "#0d0b3040", squeeze=0.7, shake=13)
    sheet.wash(("#1a154840", "#05041cd8"), bank, 1000)
    waves(sheet, dice, bank, 1000, "#ffb0b4", 110)
    sheet.disc(sheet.width * 0.83, 150, 46, "#f5ecd6")
    sheet.disc(sheet.width * 0.83 + 18, 140, 42, "#161c4c")


def _tower(
    sheet: Canvas, dice: Random, box: tuple[float, float, float, float], wall: str, lit: float, depth: int
) -> None:
    left, top, right, bottom = box
    sheet.rect(left, top, right, bottom, wall)
    sheet.rect(left + (right - left) * 0.72, top, right, bottom, "#00000030")
    if dice.random() < 0.45:
        inset = (right - left) * 0.24
        sheet.rect(left + inset, top - 22, right - inset, top + 2, wall)
    cell = dice.choice(((9, 13), (13, 15), (18, 12), (11, 20)))
    windows(
        sheet,
        dice,
        (left + 6, top + 10, right - 6, bottom),
        cell,
        ("#ffe2a0", "#ffc978", "#fff3d0", "#9fd3ff"),
        lit * dice.uniform(0.5, 1.1),
    )


def rainy_street(sheet: Canvas, dice: Random) -> None:
    """Umbrellas between lit shops, the wet road shining."""
    wide, tall = sheet.width, sheet.height
    road, vanish = tall * 0.64, wide * 0.5
    sheet.wash(("#1b2d45", "#3d5a72", "#8aa0a6", "#d8bf9f"), 0, road)
    sheet.glow(vanish, road - 60, 560, "#ffe6b0", 0.8)
    for place, shade in ((0.30, "#5a7182"), (0.2, "#43596d"), (0.09, "#2f4357"), (0.0, "#1d2c40")):
        for side in (-1, 1):
            near = 1 - place / 0.34
            edge = vanish + side * (70 + 430 * near**1.4)
            far = vanish + side * 1200
            high = road - 240 - 900 * near
            foot = road + 190 * near**1.5
            left, right = sorted((edge, far))
            sheet.rect(left, high, right, foot, shade)
            wall = (left + 10, max(high + 40, -20.0), right - 10, road - 60 - 40 * near)
            windows(
                sheet, dice, wall, (34 + 26 * near, 56 + 40 * near), ("#ffdf9a", "#ffcb7a", "#26384d", "#2c4258"), 0.75
            )
            shop = foot - 70 - 110 * near
            sheet.rect(left, shop, right, foot - 8, ("#ffe9b0", "#ffb65c"))
            for pane in range(1, 12):
                x = edge + side * pane * (34 + 60 * near)
                sheet.rect(x - 2, shop, x + 2 + 4 * near, foot - 8, shade)
            tone = dice.choice(("#b5403c", "#2f7f78", "#3a5a98", "#c98a2c"))
            awning = [
                (edge - side * 26 * near, shop + 24),
                (edge + side * 6, shop - 16),
                (far, shop - 16),
                (far, shop + 24),
            ]
            sheet.polygon(awning, tone)
            sheet.glow(edge + side * 90 * near, shop + 50, 120 + 160 * near, "#ffcb7a", 0.35)
    sheet.polygon(
        [(vanish - 66, road - 2), (vanish + 66, road - 2), (wide * 1.4, tall + 4), (-wide * 0.4, tall + 4)],
        ("#8f8f8e", "#3b4656", "#18222f"),
    )
    for side in (-1, 1):
        for _streak in range(26):
            x, near = vanish + side * dice.uniform(30, 520), dice.random()
            y = road + 40 + (tall - road) * near * 0.8
            tone = dice.choice(("#ffcf86", "#ffb65c", "#ffe9b0", "#e8705c", "#7fc4c0"))
            sheet.puffs([(x, y, dice.uniform(5, 15), dice.uniform(40, 150))], f"{tone}{dice.randint(50, 110):02x}", 7)
    for index in range(4):
        sheet.polygon(
            [
                (vanish - 3 - 5 * index, road + 20 + 78 * index),
                (vanish + 3 + 5 * index, road + 20 + 78 * index),
                (vanish + 6 + 6 * index, road + 58 + 92 * index),
                (vanish - 6 - 6 * index, road + 58 + 92 * index),
            ],
            "#e9e3d270",
        )
    for lamp, near in ((-1, 0.35), (1, 0.35), (-1, 0.75), (1, 0.75)):
        x, foot, size = vanish + lamp * (100 + 250 * near), road + 60 + 120 * near, 220 + 330 * near
        sheet.line([(x, foot), (x, foot - size), (x - lamp * 44 * near, foot - size - 16)], 5 + 5 * near, "#131c28")
        sheet.disc(x - lamp * 46 * near, foot - size - 8, 12 * near + 5, "#fff4cf")
        sheet.glow(x - lamp * 46 * near, foot - size - 8, 190 * near + 90, "#ffe2a0", 0.85)
    walkers = (
        (0.43, 0.1, "#d9b44a"),
        (0.58, 0.16, "#4d7ea8"),
        (0.36, 0.3, "#c8453f"),
        (0.66, 0.42, "#3b8f86"),
        (0.27, 0.62, "#e0a030"),
        (0.52, 1.0, "#c7362f"),
    )
    for place, near, tone in walkers:
        size, foot = 120 + 300 * near, road + 36 + (tall - road) * 0.8 * near
        x = wide * place
        sheet.puffs([(x, foot + size * 0.3, size * 0.16, size * 0.3)], "#0d141ea0", 8)
        sheet.puffs([(x, foot + size * 0.75, size * 0.36, size * 0.16)], f"{tone}90", 10)
        person(sheet, x, foot, size, "#121a26", stride=0.2)
        sheet.polygon(
            [
                (x - size * 0.13, foot - size * 0.8),
                (x + size * 0.13, foot - size * 0.8),
                (x + size * 0.17, foot - size * 0.3),
                (x - size * 0.17, foot - size * 0.3),
            ],
            "#1a2535",
        )
        _umbrella(sheet, x + size * 0.03, foot - size * 0.86, size * 0.42, tone)
    for _ in range(420):
        x, y, drop = dice.uniform(-20, wide), dice.uniform(-40, tall), dice.uniform(24, 62)
        sheet.line(
            [(x, y), (x - drop * 0.16, y + drop)], dice.choice((0.9, 1.2, 1.6)), f"#e6f0f5{dice.randint(40, 110):02x}"
        )
    for _ in range(70):
        y = dice.uniform(road + 40, tall)
        sheet.arc(dice.uniform(0, wide), y, 5 + 12 * (y - road) / (tall - road), 190, 350, 1.3, "#e6f0f590")
    sheet.vignette("#050a12", 0.4)


def _umbrella(sheet: Canvas, x: float, y: float, radius: float, tone: str) -> None:
    upper = [
        (x + radius * math.cos(math.pi * step / 24), y - radius * 0.62 * math.sin(math.pi * step / 24))
        for step in range(25)
    ]
    lower = [
        (x - radius + radius * (2 * scallop + part) / 4, y - radius * 0.09 * math.sin(math.pi * part / 2))
        for scallop in range(4)
        for part in (0.0, 0.5, 1.0, 1.5)
    ]
    sheet.polygon([*upper, *lower], tone)
    inner = [
        (x + radius * 0.36 * math.cos(math.pi * step / 12), y - radius * 0.62 * math.sin(math.pi * step / 12))
        for step in range(13)
    ]
    sheet.polygon(inner, "#ffffff26")
    sheet.polygon(
        [
            (x + radius * 0.36, y),
            *[
                (x + radius * math.cos(math.pi * step / 24), y - radius * 0.62 * math.sin(math.pi * step / 24))
                for step in range(12)
            ],
        ],
        "#00000024",
    )
    sheet.line([(x, y - radius * 0.7), (x, y - radius * 0.6)], 4, "#121a26")


def old_town(sheet: Canvas, dice: Random) -> None:
    """Gabled houses in a row, a tram passing."""
    street = 770
    sheet.wash(("#79b7dd", "#bfe0ec", "#fbeccf"), 0, street)
    sheet.glow(sheet.width * 0.85, 220, 520, "#fff6d8", 0.8)
    for _ in range(4):
        cloud(sheet, dice, dice.uniform(0, sheet.width), dice.uniform(90, 230), dice.uniform(240, 460), "#ffffffd0", 11)
    x = -40.0
    tones = ("#d96c4f", "#e9b44c", "#6fa58f", "#c94f5d", "#8fb0c9", "#efe0bf", "#b98a5e", "#5f86a6", "#e3925a")
    index = 0
    spire = sheet.width * 0.3
    sheet.rect(spire - 46, 250, spire + 46, 600, ("#a89f96", "#7d7670"))
    sheet.polygon([(spire - 54, 252), (spire, 40), (spire + 54, 252)], ("#5fa394", "#35706d"))
    sheet.disc(spire, 310, 27, "#f6eed9")
    sheet.line([(spire, 310), (spire, 291)], 3, "#3b3632")
    sheet.line([(spire, 310), (spire + 14, 316)], 3, "#3b3632")
    sheet.rect(spire - 16, 380, spire + 16, 450, "#4b443f")
    while x < sheet.width:
        broad, high = dice.uniform(118, 168), dice.uniform(330, 440)
        _gabled(sheet, dice, x, street - 30, broad, high, tones[index % len(tones)], index % 3)
        x, index = x + broad, index + 1
    sheet.wash(("#c9bfb0", "#a3988b"), street - 30, street)
    sheet.wash(("#8b8580", "#6a6562", "#4d4947"), street, 1000)
    for row in range(9):
        y, gap = street + 18 + 3 * row**2, 26 + 8 * row
        for stone in range(-1, int(sheet.width / gap) + 2):
            sheet.ellipse(stone * gap + (gap / 2 if row % 2 else 0), y, gap * 0.42, 1.5 + 0.8 * row, "#ffffff1a")
    for rail in (872, 936):
        sheet.line([(0, rail), (sheet.width, rail)], 6, "#3a3735")
        sheet.line([(0, rail - 2), (sheet.width, rail - 2)], 1.6, "#d8d2c8")
    sheet.line([(0, 432), (sheet.width, 444)], 2, "#33302e")
    _tram(sheet, dice, sheet.width * 0.36, 912, 640)
    for place, size, foot in ((0.06, 150, 800), (0.115, 140, 796), (0.2, 168, 968), (0.89, 150, 804), (0.96, 176, 975)):
        person(
            sheet,
            sheet.width * place,
            foot,
            size,
            "#2a2d38",
            stride=0.24,
            coat=dice.choice(("#a8443f", "#3f6d8c", "#c9953f", "#5b7a52")),
        )
        sheet.ellipse(sheet.width * place, foot, size * 0.2, 5, "#00000038")


def _gabled(
    sheet: Canvas, dice: Random, left: float, foot: float, broad: float, high: float, tone: str, kind: int
) -> None:
    right, eaves = left + broad, foot - high
    middle, crest = left + broad / 2, eaves - broad * 0.62
    steps = 5
    if kind == 0:
        gable = [(left, eaves), (middle, crest), (right, eaves)]
    elif kind == 1:
        rise = [
            (left + broad * 0.5 * (step + part) / steps, eaves + (crest - eaves) * step / steps)
            for step in range(steps)
            for part in (0, 1)
        ]
        gable = [*rise, (middle, crest), *[(left + right - px, py) for px, py in reversed(rise)]]
    else:
        gable = [
            (left, eaves),
            (left + broad * 0.1, eaves - broad * 0.22),
            (left + broad * 0.3, eaves - broad * 0.28),
            (left + broad * 0.36, crest),
            (right - broad * 0.36, crest),
            (right - broad * 0.3, eaves - broad * 0.28),
            (right - broad * 0.1, eaves - broad * 0.22),
            (right, eaves),
        ]
    sheet.polygon([(left, foot), *gable, (right, foot)], tone)
    sheet.line(gable, 7, "#fbf4e6")
    sheet.polygon(
        [(right - broad * 0.14, foot), (right - broad * 0.14, eaves), (right, eaves), (right, foot)], "#0000001c"
    )
    sheet.disc(middle, eaves - broad * 0.16, broad * 0.075, "#2f3c4a")
    for row in range(int((high - 90) / 82)):
        for column in range(3):
            x, y = left + broad * (0.14 + 0.26 * column), eaves + 18 + row * 82
            sheet.rect(x - 3, y - 3, x + broad * 0.19 + 3, y + 54, "#fbf4e6")
            sheet.rect(x, y, x + broad * 0.19, y + 50, dice.choice(("#35495c", "#3f566b", "#ffe0a0", "#2f4154")))
            sheet.rect(x + broad * 0.085, y, x + broad * 0.105, y + 50, "#fbf4e6")
            if row == 1 and dice.random() < 0.6:
                sheet.rect(x - 5, y + 52, x + broad * 0.19 + 5, y + 62, "#6b4b32")
                for bloom in range(4):
                    sheet.disc(x + bloom * broad * 0.06, y + 51, 5.5, dice.choice(("#d9485f", "#f2a6b8", "#5f9a55")))
    sheet.rect(left + broad * 0.1, foot - 78, right - broad * 0.1, foot, "#3a3f48")
    sheet.rect(left + broad * 0.14, foot - 70, left + broad * 0.58, foot - 14, ("#ffe8b4", "#f2bd6c"))
    sheet.rect(left + broad * 0.66, foot - 70, right - broad * 0.15, foot, "#6b3f2c")
    for stripe in range(6):
        x = left + broad * (0.06 + 0.147 * stripe)
        sheet.polygon(
            [(x + 4, foot - 98), (x + 4 + broad * 0.147, foot - 98), (x + broad * 0.147, foot - 74), (x, foot - 74)],
            "#fbf4e6" if stripe % 2 else tone,
        )


def _tram(sheet: Canvas, dice: Random, left: float, foot: float, length: float) -> None:
    top, right = foot - length * 0.36, left + length
    sheet.ellipse(left + length / 2, foot + 4, length * 0.54, 12, "#00000050")
    sheet.line(
        [(left + length * 0.42, top), (left + length * 0.5, top - 92), (left + length * 0.58, top)], 4, "#33302e"
    )
    sheet.line([(left + length * 0.44, top - 94), (left + length * 0.56, top - 94)], 5, "#33302e")
    for wheel in (0.16, 0.27, 0.73, 0.84):
        sheet.disc(left + length * wheel, foot - 14, 19, "#26231f")
    body = [
        (left, foot - 26),
        (left + length * 0.02, top + 30),
        (left + length * 0.06, top),
        (right - length * 0.06, top),
        (right - length * 0.02, top + 30),
        (right, foot - 26),
    ]
    sheet.polygon(body, "#f4ead2")
    sheet.rect(left + 2, foot - length * 0.17, right - 2, foot - 26, ("#b8332f", "#8c2428"))
    sheet.rect(left + 6, foot - length * 0.178, right - 6, foot - length * 0.168, "#e9b44c")
    sheet.rect(left + length * 0.05, top - 8, right - length * 0.05, top + 6, "#8f8577")
    for pane in range(8):
        x = left + length * (0.04 + 0.117 * pane)
        door = pane in (2, 5)
        sheet.rect(x, top + 26, x + length * 0.1, foot - (34 if door else length * 0.19), ("#46627a", "#2f4154"))
        sheet.polygon(
            [
                (x + 10, top + 26),
                (x + 34, top + 26),
                (x + 12, foot - length * 0.2),
                (x, foot - length * 0.2),
                (x, top + 60),
            ],
            "#ffffff20",
        )
        if door:
            sheet.rect(x + length * 0.048, top + 26, x + length * 0.052, foot - 34, "#f4ead2")
        elif dice.random() < 0.8:
            sheet.disc(x + length * 0.05, top + 74, 13, dice.choice(("#e2b794", "#8a5a40", "#d9a27c")))
            sheet.ellipse(x + length * 0.05, top + 104, 22, 18, dice.choice(("#3a3f58", "#74404c", "#456a5c")))
    sheet.rect(left + length * 0.42, top + 7, left + length * 0.58, top + 24, "#26231f")
    sheet.text(left + length * 0.5, top + 21, "7  HARBOUR", 15, "#ffcf5c", "ms")
    sheet.disc(right - 12, foot - 50, 9, "#fff4cf")
    sheet.glow(right - 12, foot - 50, 60, "#ffe9a8", 0.7)


def bridge(sheet: Canvas, dice: Random) -> None:
    """A suspension bridge rising out of morning fog."""
    water = 720
    sheet.wash(("#5f8fb0", "#a9c4cf", "#ecdcc6", "#f7d3b0"), 0, water)
    sheet.glow(sheet.width * 0.72, 330, 640, "#fff2d8", 0.9)
    sheet.disc(sheet.width * 0.72, 330, 46, "#fffaf0")
    for level, shade in ((500, "#a9b8bf"), (560, "#8fa5b0"), (620, "#728f9d")):
        land(sheet, ridge(dice, sheet.width, level, 38), shade, water)
        sheet.mist(level + 90, 90, "#f1e4d6", 0.7)
    sheet.wash(("#9fb6bf", "#567d90", "#27495d"), water, 1000)
    glitter(sheet, dice, sheet.width * 0.72, water, 1000, 130, "#fff2d8", 120)
    deck, tops = 560, (sheet.width * 0.24, sheet.width * 0.79)
    span = tops[1] - tops[0]

    def cable(x: float) -> float:
        if tops[0] <= x <= tops[1]:
            return 170 + 350 * (1 - ((x - tops[0]) / span * 2 - 1) ** 2)
        out = (tops[0] - x) if x < tops[0] else (x - tops[1])
        return 170 + 390 * min(1.0, out / (span * 0.5))

    red, dark = "#2f6f73", "#1f4c55"
    for hanger in range(0, round(sheet.width), 21):
        if cable(hanger) < deck:
            sheet.line([(hanger, cable(hanger)), (hanger, deck)], 1.8, f"{dark}c0")
    sheet.line([(x, cable(x)) for x in range(-10, round(sheet.width) + 20, 10)], 8, red)
    for x in tops:
        for side in (-26, 26):
            sheet.polygon(
                [(x + side - 13, 900), (x + side * 0.86 - 9, 130), (x + side * 0.86 + 9, 130), (x + side + 13, 900)],
                (red, dark),
            )
        for brace in (170, 270, 385, 510, 650):
            sheet.rect(x - 32, brace, x + 32, brace + 22, dark)
        sheet.rect(x - 36, 122, x + 36, 140, red)
        sheet.disc(x, 112, 5, "#ff6a5a")
        sheet.glow(x, 112, 40, "#ff6a5a", 0.7)
        sheet.polygon([(x - 62, 905), (x - 54, 850), (x + 54, 850), (x + 62, 905)], "#4a5560")
        sheet.puffs([(x, 906, 90, 8)], "#e7f0f2a0", 6)
    sheet.rect(0, deck, sheet.width + 2, deck + 9, red)
    sheet.rect(0, deck + 30, sheet.width + 2, deck + 36, dark)
    for strut in range(0, round(sheet.width) + 30, 30):
        sheet.line([(strut, deck + 8), (strut + 15, deck + 32), (strut + 30, deck + 8)], 3, dark)
    for car in range(22):
        x, tone = (
            car * sheet.width / 21 + dice.uniform(-20, 20),
            dice.choice(("#2f3c48", "#e6e2da", "#3f5f7a", "#c9a34a")),
        )
        sheet.rect(x, deck - 12, x + 26, deck, tone)
        sheet.rect(x + 6, deck - 19, x + 20, deck - 10, tone)
    for _ in range(34):
        x, y = dice.uniform(-60, sheet.width + 60), dice.gauss(760, 40)
        sheet.puffs([(x, y, dice.uniform(90, 260), dice.uniform(14, 40))], f"#f4ece2{dice.randint(60, 130):02x}", 24)
    sheet.mist(690, 130, "#f3e6d8", 0.62)
    sheet.mist(1000, 160, "#1d3a4c", 0.55)
    boat = sheet.width * 0.5
    sheet.polygon([(boat - 44, 884), (boat + 50, 880), (boat + 36, 902), (boat - 34, 902)], "#23384a")
    sheet.rect(boat - 14, 858, boat + 16, 882, "#e9e2d4")
    sheet.line([(boat, 858), (boat, 820)], 3, "#23384a")
    near = ridge(dice, sheet.width, 985, 18)
    land(sheet, near, "#16303f")
    for reed in range(0, round(sheet.width), 15):
        foot = height_at(near, reed)
        sheet.line([(reed, foot + 4), (reed + dice.uniform(-7, 7), foot - dice.uniform(10, 42))], 2, "#16303f")
