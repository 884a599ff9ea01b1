"""Pictures of events and rooms, and two graphics: a chart on a clear ground and a map.  Drawn with the dice they are given."""

import itertools
import math
from random import Random

from cms.demo.canvas import Canvas, Point
from cms.demo.motifs import cloud, crowd, land, peaks, person, ridge, stars, streaks, windows


def engine_test(sheet: Canvas, dice: Random) -> None:
    """A rocket engine fired on its stand at nightfall, smoke lit from below."""
    ground = 800
    sheet.wash(("#0b1226", "#1c2a4a", "#4a456a", "#a8605c", "#e8965a"), 0, ground)
    stars(sheet, dice, 110, 330)
    streaks(sheet, dice, 260, 520, 8, "#e79a80")
    land(sheet, ridge(dice, sheet.width, 650, 24), ("#7a5062", "#5f4560"), ground)
    land(sheet, peaks(dice, sheet.width, 770, 240, 5), ("#4a4463", "#3a3050"), ground)
    land(sheet, ridge(dice, sheet.width, 745, 26), ("#2c2740", "#211c30"), ground)
    x, muzzle = sheet.width * 0.36, 560
    sheet.glow(x + 160, ground - 60, 900, "#ffb968", 0.75)
    for _ in range(120):
        part = dice.random()
        spread = dice.gauss(0, 1)
        px, py = x + 220 + 820 * part, ground - 20 - 250 * part**0.8 - abs(spread) * 130 * (0.3 + part)
        size = 36 + 120 * part
        hue = dice.choice(("#fff0d0", "#f6c896", "#d9966f", "#8f6a70", "#5f5468"))
        sheet.puffs([(px, py, size, size * 0.72)], f"{hue}{70 + round(70 * (1 - part)):02x}", 16)
    for _ in range(26):
        px = x - abs(dice.gauss(0, 130)) - 40
        sheet.puffs(
            [(px, ground - dice.uniform(0, 70), dice.uniform(30, 90), dice.uniform(20, 56))],
            f"{dice.choice(('#f6c896', '#d9966f', '#7d6470'))}60",
            14,
        )
    sheet.wash(("#3a2c34", "#1b151d", "#0c0a10"), ground, 1000)
    sheet.glow(x + 130, ground + 30, 640, "#ffb35a", 0.6)
    steel, shade = "#171a26", "#272c3d"
    for leg in (-170, -96, 96, 170):
        sheet.rect(x + leg - 9, 250, x + leg + 9, ground + 6, steel if abs(leg) > 100 else shade)
    for level in range(250, 790, 76):
        sheet.rect(x - 186, level, x + 186, level + 9, steel)
        for side in (-1, 1):
            sheet.line([(x + side * 170, level), (x + side * 96, level + 76)], 5, shade)
            sheet.line([(x + side * 96, level), (x + side * 170, level + 76)], 5, shade)
        for lamp in (-178, 178):
            sheet.disc(x + lamp, level - 4, 4, "#fff2c8")
            sheet.glow(x + lamp, level - 4, 34, "#ffe2a0", 0.8)
    sheet.rect(x - 66, 262, x + 66, 470, ("#e9e4da", "#b9b2aa"))
    sheet.rect(x + 26, 262, x + 66, 470, "#00000034")
    for band in (300, 352, 430):
        sheet.rect(x - 66, band, x + 66, band + 8, "#7a3a34")
    sheet.polygon(
        [(x - 36, 470), (x + 36, 470), (x + 24, 498), (x + 62, muzzle), (x - 62, muzzle), (x - 24, 498)],
        ("#5b6070", "#2b2e3c"),
    )
    for pipe in (-50, -30, 34, 52):
        sheet.line([(x + pipe, 470), (x + pipe * 0.5, 506)], 5, "#8d93a5")
    flame = [
        (x - 58, muzzle),
        (x + 58, muzzle),
        (x + 92, 690),
        (x + 132, ground - 14),
        (x - 118, ground - 14),
        (x - 86, 690),
    ]
    sheet.beam(flame, "#ff9a3a", 12)
    sheet.beam(
        [(x - 46, muzzle), (x + 46, muzzle), (x + 64, 690), (x + 84, ground - 8), (x - 78, ground - 8), (x - 58, 690)],
        "#ffd98a",
        8,
    )
    sheet.beam(
        [
            (x - 30, muzzle),
            (x + 30, muzzle),
            (x + 24, 700),
            (x + 30, ground - 30),
            (x - 30, ground - 30),
            (x - 24, 700),
        ],
        "#fffbe8",
        6,
    )
    for step in range(4):
        sheet.puffs([(x, muzzle + 34 + step * 46, 20, 13)], "#ffffff", 4)
    sheet.glow(x, 700, 330, "#ffe2a8", 0.55)
    sheet.puffs(
        [
            (x + dice.gauss(60, 130), ground - abs(dice.gauss(0, 26)), dice.uniform(30, 80), dice.uniform(16, 40))
            for _ in range(30)
        ],
        "#ffe2b0c0",
        12,
    )
    for offset, size in ((-430, 1.0), (-372, 0.8)):
        _mast(sheet, x + offset, ground + 8, 330 * size)
    _bunker(sheet, dice, sheet.width * 0.08, ground + 64)
    for place, size in ((0.155, 66), (0.17, 70), (0.182, 64), (0.2, 68)):
        person(sheet, sheet.width * place, 930, size * 1.5, "#07060b")
    sheet.vignette("#04050c", 0.5)


def _mast(sheet: Canvas, x: float, foot: float, height: float) -> None:
    sheet.line([(x - 9, foot), (x, foot - height), (x + 9, foot)], 4, "#12141e")
    for level in range(1, 9):
        sheet.line([(x - 8, foot - height * level / 10), (x + 8, foot - height * (level + 0.6) / 10)], 2.4, "#12141e")
    for lamp in (-20, -7, 7, 20):
        sheet.rect(x + lamp - 5, foot - height - 9, x + lamp + 5, foot - height + 2, "#fff8dc")
    sheet.glow(x, foot - height - 4, 150, "#fff2c8", 0.9)


def _bunker(sheet: Canvas, dice: Random, x: float, foot: float) -> None:
    sheet.polygon(
        [(x - 150, foot + 40), (x - 112, foot - 70), (x + 112, foot - 70), (x + 150, foot + 40)], ("#241f2b", "#100d14")
    )
    sheet.rect(x - 84, foot - 40, x + 84, foot - 20, "#ffcf86")
    windows(sheet, dice, (x - 84, foot - 40, x + 84, foot - 20), (28, 20), ("#2b2630",), 0.6)
    sheet.line([(x - 70, foot - 70), (x - 70, foot - 190)], 3, "#0e0c12")
    sheet.disc(x - 70, foot - 192, 4, "#ff5a4f")
    sheet.glow(x - 70, foot - 192, 34, "#ff5a4f", 0.8)


def stadium(sheet: Canvas, dice: Random) -> None:
    """Night match: floodlights, full stands, a free kick being set."""
    sheet.wash(("#050b1d", "#0d2246", "#27548a"), 0, 420)
    stars(sheet, dice, 60, 200)
    stand = [(-2.0, 210.0), (sheet.width * 0.25, 268.0), (sheet.width * 0.75, 268.0), (sheet.width + 2, 210.0)]
    sheet.polygon([*stand, (sheet.width + 2, 560), (-2, 560)], ("#1d2c55", "#101b38"))
    tones = ("#d6453f", "#f0f0f0", "#31558f", "#c23b3b", "#223a66", "#e6b44a", "#8fa3c4", "#1b2c50", "#5b2a3a")
    for row in range(17):
        y = 296 + 13.5 * row
        for seat in range(int(sheet.width / 13) + 1):
            x = seat * 13 + (6 if row % 2 else 0) + dice.uniform(-1.5, 1.5)
            edge = abs(x / sheet.width - 0.5)
            if y > 290 - max(0.0, edge - 0.25) * 232:
                tone = dice.choice(tones)
                sheet.ellipse(x, y + 6, 5.4, 5.4, tone)
                sheet.disc(x, y - 1, 3.2, dice.choice(("#e6bf9f", "#b98062", "#7a4e38", "#f0d2b6")))
    roof = [
        (-2.0, 150.0),
        (sheet.width * 0.25, 226.0),
        (sheet.width * 0.75, 226.0),
        (sheet.width + 2, 150.0),
        (sheet.width + 2, 236),
        (sheet.width * 0.75, 272),
        (sheet.width * 0.25, 272),
        (-2.0, 236),
    ]
    sheet.polygon(roof, ("#e4ebf3", "#8193ab", "#3a4c68"))
    for bay in range(1, 20):
        x = bay * sheet.width / 20
        sheet.line([(x, 268), (x + (x - sheet.width / 2) * 0.04, 528)], 1.6, "#0b1530a0")
    sheet.rect(-2, 526, sheet.width + 2, 562, "#0f1b33")
    for board, (words, tone) in enumerate(
        (
            ("MERIDIAN COURIER", "#b5322d"),
            ("CALDER BAY", "#1f6f68"),
            ("HARBOUR LINES", "#d9a437"),
            ("FJELD & SONS", "#2b4f8f"),
            ("NORTH TERMINAL", "#6a3f7a"),
        )
    ):
        left = board * sheet.width / 5
        sheet.rect(left + 3, 530, left + sheet.width / 5 - 3, 560, tone)
        sheet.text(left + sheet.width / 10, 552, words, 17, "#ffffff", "ms")
    horizon, vanish = 562.0, sheet.width / 2
    for stripe in range(10):
        top, low = horizon + 438 * (stripe / 10) ** 1.5, horizon + 438 * ((stripe + 1) / 10) ** 1.5
        sheet.rect(-1, top, sheet.width + 1, low + 1, "#2f8f45" if stripe % 2 else "#39a350")
    sheet.wash(("#d9ffb020", "#0a3a1c70"), horizon, 1000)

    def mark(points: list[Point], width: float = 4) -> None:
        sheet.line(points, width, "#f4fff0")

    mark([(-2, horizon + 16), (sheet.width + 2, horizon + 16)], 3)
    mark([(vanish - 330, horizon + 16), (vanish - 440, 710), (vanish + 440, 710), (vanish + 330, horizon + 16)])
    mark([(vanish - 150, horizon + 16), (vanish - 178, 622), (vanish + 178, 622), (vanish + 150, horizon + 16)], 3)
    arch = [(vanish + 150 * math.cos(a), 706 + 44 * math.sin(a)) for a in [math.pi * s / 24 for s in range(25)]]
    mark(arch)
    sheet.ellipse(vanish, 668, 6, 3, "#f4fff0")
    goal = (vanish - 92, vanish + 92, horizon - 58, horizon + 16)
    for cord in range(13):
        x = goal[0] + cord * 184 / 12
        sheet.line([(x, goal[2]), (vanish + (x - vanish) * 0.92, goal[3] - 8)], 1, "#ffffff90")
    for cord in range(6):
        sheet.line([(goal[0], goal[2] + cord * 13), (goal[1], goal[2] + cord * 13)], 1, "#ffffff90")
    mark([(goal[0], goal[3]), (goal[0], goal[2]), (goal[1], goal[2]), (goal[1], goal[3])], 6)
    for side in (-1, 1):
        x = vanish + side * sheet.width * 0.44
        sheet.line([(x, 230), (x, 60)], 9, "#1a2438")
        sheet.rect(x - 78, 30, x + 78, 96, "#26324a")
        for row in range(3):
            for lamp in range(7):
                sheet.disc(x - 66 + lamp * 22, 42 + row * 21, 8, "#ffffff")
        sheet.glow(x, 62, 300, "#f2f8ff", 0.95, 2.4)
        sheet.beam(
            [(x - 60, 70), (x + 60, 70), (vanish - side * 40, 1000), (vanish + side * 620, 1000)], "#eaf4ff1c", 20
        )
    for spot, shirt in ((-300, "#d6453f"), (-206, "#d6453f"), (250, "#d6453f"), (350, "#f0f0f0"), (-30, "#f0f0f0")):
        _player(sheet, vanish + spot, 690 + abs(spot) * 0.03, 92, shirt)
    for wall in range(5):
        _player(sheet, vanish + 28 + wall * 31, 742, 112, "#f4f4f4")
    _player(sheet, vanish, horizon + 24, 62, "#f2c230")
    _player(sheet, vanish - 250, 905, 196, "#d6453f", run=True)
    sheet.disc(vanish - 160, 898, 12, "#ffffff")
    for spot in (-4, 3):
        sheet.disc(vanish - 160 + spot, 896 - spot * 0.6, 3.2, "#20252e")
    sheet.vignette("#020712", 0.35)


def _player(sheet: Canvas, x: float, foot: float, height: float, shirt: str, *, run: bool = False) -> None:
    sheet.ellipse(x + height * 0.16, foot, height * 0.24, height * 0.04, "#0a2a1460")
    hip, neck = foot - height * 0.46, foot - height * 0.84
    swing = height * (0.22 if run else 0.08)
    skin = "#c99a78"
    sheet.line(
        [
            (x - height * 0.03, hip),
            (x - swing * 0.7, foot - height * 0.22),
            (x - swing, foot - height * (0.1 if run else 0.02)),
        ],
        height * 0.075,
        skin,
    )
    sheet.line(
        [(x + height * 0.03, hip), (x + swing * 0.6, foot - height * 0.24), (x + swing * 0.8, foot - 1)],
        height * 0.075,
        skin,
    )
    sheet.line([(x + swing * 0.66, foot - height * 0.16), (x + swing * 0.8, foot - 1)], height * 0.08, shirt)
    sheet.polygon(
        [
            (x - height * 0.11, hip - height * 0.06),
            (x + height * 0.11, hip - height * 0.06),
            (x + height * 0.13, hip + height * 0.12),
            (x - height * 0.13, hip + height * 0.12),
        ],
        "#1d2740",
    )
    sheet.line(
        [(x - height * 0.1, neck + height * 0.05), (x - height * 0.19 - swing * 0.3, neck + height * 0.22)],
        height * 0.065,
        shirt,
    )
    sheet.line(
        [(x + height * 0.1, neck + height * 0.05), (x + height * 0.17 + swing * 0.3, neck + height * 0.2)],
        height * 0.065,
        shirt,
    )
    sheet.polygon(
        [(x - height * 0.13, neck), (x + height * 0.13, neck), (x + height * 0.1, hip), (x - height * 0.1, hip)], shirt
    )
    sheet.polygon(
        [(x + height * 0.02, neck), (x + height * 0.13, neck), (x + height * 0.1, hip), (x + height * 0.02, hip)],
        "#0000001c",
    )
    sheet.disc(x + (height * 0.02 if run else 0), foot - height * 0.92, height * 0.075, skin)
    sheet.ellipse(x + (height * 0.01 if run else 0), foot - height * 0.955, height * 0.078, height * 0.045, "#2a1d18")


def concert(sheet: Canvas, dice: Random) -> None:
    """A pianist alone in the light, the hall dark before the stage."""
    middle, stage = sheet.width * 0.5, 720
    sheet.wash(("#1a0a12", "#3a1018", "#5a1620"))
    for fold in range(30):
        x, broad = fold * sheet.width / 29, sheet.width / 29
        swag = 14 * math.sin(fold * 1.7)
        sheet.polygon(
            [
                (x - broad * 0.55, -2),
                (x + broad * 0.55, -2),
                (x + broad * 0.4 + swag, stage),
                (x - broad * 0.4 + swag, stage),
            ],
            ("#6f1620", "#a3252c", "#5a1018") if fold % 2 else ("#4a0e18", "#7d1a22", "#3a0a12"),
        )
    sheet.wash(("#8a5a34", "#5f3a20", "#2f1a10"), stage - 4, 850)
    for plank in range(-16, 17):
        sheet.line([(middle + plank * 46, stage), (middle + plank * 96, 850)], 1.6, "#2a160c80")
    sheet.beam([(middle - 30, -30), (middle + 40, -30), (middle + 430, 810), (middle - 400, 810)], "#fff0c860", 14)
    sheet.beam([(middle - 420, -30), (middle - 380, -30), (middle + 260, 800), (middle - 120, 800)], "#ffd9a030", 12)
    sheet.puffs([(middle + 10, 782, 400, 44)], "#ffe9b8b0", 12)
    _grand_piano(sheet, middle - 30, 792)
    for side in (-1, 1):
        for fold in range(5):
            x = middle + side * (sheet.width * 0.5 - fold * 44)
            sheet.polygon(
                [(x - side * 60, -2), (x + side * 20, -2), (x + side * 10, 860), (x - side * (34 - 6 * fold), 860)],
                ("#8f1c26", "#5f121b", "#2a080e") if fold % 2 else ("#6a141d", "#460d15", "#20060a"),
            )
    for swag in range(8):
        x = swag * sheet.width / 7
        bow = [(x + 130 * math.cos(a), -10 + 118 * math.sin(a)) for a in [math.pi * s / 20 for s in range(21)]]
        sheet.polygon(bow, ("#a3252c", "#5a1018"))
        sheet.line(bow, 6, "#d9a74a")
    sheet.wash(("#3a2014", "#140a0a"), 850, 880)
    for lamp in range(19):
        sheet.disc(60 + lamp * (sheet.width - 120) / 18, 858, 6, "#ffe2a0")
        sheet.glow(60 + lamp * (sheet.width - 120) / 18, 856, 46, "#ffcf7a", 0.55)
    sheet.wash("#0c0609", 880)
    crowd(sheet, dice, 884, 990, 120, ("#160b10", "#1d0f15", "#10080c", "#241219"), 25)
    sheet.vignette("#060204", 0.55)


def _grand_piano(sheet: Canvas, x: float, foot: float) -> None:
    black, gloss = "#0d0b10", "#2b2731"
    for leg in (-210, 30, 236):
        sheet.polygon(
            [(x + leg - 13, foot - 108), (x + leg + 13, foot - 108), (x + leg + 7, foot), (x + leg - 7, foot)], black
        )
    sheet.polygon(
        [(x - 236, foot - 168), (x + 268, foot - 168), (x + 262, foot - 100), (x - 236, foot - 100)], (gloss, black)
    )
    sheet.polygon(
        [
            (x - 150, foot - 172),
            (x - 60, foot - 372),
            (x + 80, foot - 408),
            (x + 200, foot - 356),
            (x + 274, foot - 262),
            (x + 262, foot - 172),
        ],
        ("#26222d", "#0d0b10"),
    )
    sheet.line([(x - 60, foot - 372), (x + 80, foot - 408), (x + 200, foot - 356), (x + 274, foot - 262)], 4, "#6a6070")
    sheet.line([(x + 120, foot - 172), (x + 150, foot - 360)], 5, "#3a3440")
    sheet.polygon(
        [(x - 146, foot - 174), (x + 256, foot - 174), (x + 246, foot - 196), (x - 136, foot - 196)], "#c98f3f"
    )
    sheet.rect(x - 286, foot - 146, x - 226, foot - 134, "#f4ecdc")
    sheet.rect(x - 290, foot - 134, x - 226, foot - 118, black)
    sheet.polygon(
        [(x - 214, foot - 170), (x - 194, foot - 228), (x - 150, foot - 228), (x - 160, foot - 170)], "#efe6d2"
    )
    sheet.rect(x - 420, foot - 96, x - 318, foot - 80, black)
    for leg in (-410, -328):
        sheet.rect(x + leg, foot - 82, x + leg + 9, foot, black)
    body, skin = "#15121a", "#d9ab86"
    sheet.polygon(
        [
            (x - 404, foot - 94),
            (x - 332, foot - 94),
            (x - 330, foot - 226),
            (x - 352, foot - 250),
            (x - 388, foot - 244),
        ],
        body,
    )
    sheet.line([(x - 368, foot - 96), (x - 296, foot - 92), (x - 286, foot - 4), (x - 262, foot - 4)], 25, body)
    sheet.line([(x - 362, foot - 216), (x - 320, foot - 158), (x - 262, foot - 152)], 21, body)
    sheet.ellipse(x - 256, foot - 153, 13, 8, skin)
    sheet.polygon(
        [(x - 366, foot - 246), (x - 350, foot - 246), (x - 340, foot - 222), (x - 352, foot - 228)], "#f4ecdc"
    )
    sheet.ellipse(x - 350, foot - 280, 27, 32, skin)
    sheet.ellipse(x - 360, foot - 292, 28, 27, "#3a2a24")
    sheet.disc(x - 386, foot - 284, 15, "#3a2a24")


def summit(sheet: Canvas, dice: Random) -> None:
    """A lectern between flags of countries that do not exist, cameras in front."""
    floor = 800
    sheet.wash(("#20365c", "#2f4f80", "#254069"), 0, floor)
    for panel in range(9):
        x = panel * sheet.width / 8
        sheet.rect(x - 2, 0, x + 2, floor, "#16284880")
    sheet.glow(sheet.width / 2, 380, 760, "#8fb8e8", 0.75)
    sheet.arc(sheet.width / 2, 300, 172, 0, 360, 7, "#cfe2f7")
    for ring in (58, 116):
        points = [
            (sheet.width / 2 + ring * math.cos(a), 300 + 172 * math.sin(a))
            for a in [2 * math.pi * s / 60 for s in range(61)]
        ]
        sheet.line([(x, y) for x, y in points], 3.4, "#cfe2f7a0")
    for level in (-86, 0, 86):
        reach = math.sqrt(172**2 - level**2)
        sheet.line([(sheet.width / 2 - reach, 300 + level), (sheet.width / 2 + reach, 300 + level)], 3.4, "#cfe2f7a0")
    sheet.text(sheet.width / 2, 96, "STRAITS CONFERENCE", 44, "#e9f2fb", "ms")
    sheet.wash(("#8a6f58", "#5a4436", "#33261f"), floor, 1000)
    sheet.rect(-1, floor - 10, sheet.width + 1, floor, "#1b2c4a")
    designs = (
        ("#1f6f68", "#f2e8d5", "#d9a437"),
        ("#b5322d", "#b5322d", "#f2e8d5"),
        ("#23407a", "#f2e8d5", "#23407a"),
        ("#d9a437", "#2a2a33", "#b5322d"),
        ("#2f7f4f", "#d9e6e0", "#2b4f8f"),
        ("#6a3f7a", "#f2e8d5", "#6a3f7a"),
        ("#2b4f8f", "#d9a437", "#2b4f8f"),
        ("#f2e8d5", "#b5322d", "#1f6f68"),
    )
    places = (0.04, 0.12, 0.2, 0.28, 0.65, 0.73, 0.81, 0.89)
    for place, design in zip(places, designs, strict=True):
        _standing_flag(sheet, dice, sheet.width * place, floor + 20, design)
    middle = sheet.width / 2
    sheet.rect(middle - 330, floor - 2, middle + 330, floor + 34, ("#9a4038", "#6a2724"))
    person(sheet, middle, floor + 4, 330, "#1d2233", coat="#27304a")
    sheet.polygon(
        [(middle - 10, floor - 250), (middle + 10, floor - 250), (middle + 5, floor - 160), (middle - 5, floor - 160)],
        "#b5322d",
    )
    sheet.polygon(
        [(middle - 92, floor - 168), (middle + 92, floor - 168), (middle + 76, floor + 8), (middle - 76, floor + 8)],
        ("#c99a62", "#8a5f38"),
    )
    sheet.rect(middle - 104, floor - 182, middle + 104, floor - 164, "#e0b67c")
    sheet.disc(middle, floor - 88, 36, "#f2e8d5")
    sheet.arc(middle, floor - 88, 27, 0, 360, 3, "#23407a")
    for microphone in (-46, -20, 22, 46):
        sheet.line([(middle + microphone, floor - 180), (middle + microphone * 0.6, floor - 222)], 3, "#15181f")
        sheet.ellipse(middle + microphone * 0.6, floor - 226, 7, 9, "#15181f")
    crowd(sheet, dice, 900, 985, 34, ("#141821", "#1c222e", "#0f131b"), 34)
    for place in (0.14, 0.33, 0.68, 0.87):
        x, y = sheet.width * place, dice.uniform(846, 880)
        sheet.line([(x - 62, y + 130), (x - 16, y + 10)], 24, "#10141c")
        sheet.line([(x + 62, y + 130), (x + 16, y + 10)], 24, "#10141c")
        sheet.rect(x - 46, y - 34, x + 46, y + 26, "#0c0f15")
        sheet.rect(x - 16, y - 48, x + 16, y - 30, "#0c0f15")
        sheet.disc(x, y - 4, 27, "#1d2430")
        sheet.disc(x, y - 4, 18, ("#4a6a9a", "#141c2b"))
        sheet.rect(x + 24, y - 28, x + 38, y - 20, "#ff5a4f")
    sheet.glow(sheet.width * 0.33, 850, 120, "#ffffff", 0.7)
    sheet.vignette("#060c18", 0.45)


def _standing_flag(sheet: Canvas, dice: Random, x: float, foot: float, design: tuple[str, str, str]) -> None:
    top = 170.0
    sheet.ellipse(x, foot, 34, 8, "#00000060")
    sheet.rect(x - 3.5, top - 10, x + 3.5, foot, ("#f2d999", "#a8803c"))
    sheet.polygon([(x - 8, top - 10), (x, top - 34), (x + 8, top - 10)], "#f2d999")
    broad, high = 108.0, 430.0
    for band, tone in enumerate(design):
        left, right = band / 3, (band + 1) / 3
        upper = [
            (x + broad * (left + (right - left) * s / 8), top + 60 * (left + (right - left) * s / 8) ** 1.4)
            for s in range(9)
        ]
        lower = [
            (
                x + broad * 0.9 * (left + (right - left) * s / 8) + 5 * math.sin(9 * (left + (right - left) * s / 8)),
                top + high - 16 * math.sin(7 * (left + (right - left) * s / 8)),
            )
            for s in range(8, -1, -1)
        ]
        sheet.polygon([*upper, *lower], tone)
    for fold in (0.18, 0.46, 0.74):
        crease = [
            (x + broad * fold, top + 60 * fold**1.4),
            (x + broad * (fold + 0.13), top + 60 * (fold + 0.13) ** 1.4),
            (x + broad * (fold + 0.02), top + high - 10),
            (x + broad * (fold - 0.06), top + high - 8),
        ]
        sheet.polygon(crease, "#00000026")


def convoy(sheet: Canvas, dice: Random) -> None:
    """Relief lorries on a desert track, dust behind them."""
    sheet.wash(("#6f8fb5", "#b7b9bf", "#efd2a8", "#f9e2b5"), 0, 560)
    sheet.glow(sheet.width * 0.8, 250, 700, "#fff3d0", 0.9)
    sheet.disc(sheet.width * 0.8, 250, 50, "#fffbea")
    cloud(sheet, dice, sheet.width * 0.25, 170, 520, "#ffffff70", 16)
    for level, tones in ((480, ("#d9b89a", "#cfa583")), (540, ("#dba86f", "#c58e58"))):
        land(sheet, ridge(dice, sheet.width, level, 44, rough=0.32), tones)
    for level, tones, edge in ((620, ("#e3ac66", "#bd7f42"), "#f6cf8f"), (700, ("#d3934f", "#a9682f"), "#eebd78")):
        skyline = ridge(dice, sheet.width, level, 54, rough=0.26)
        land(sheet, skyline, tones)
        sheet.line(skyline, 3, edge)
        half = [(x, y) for x, y in skyline if x > sheet.width * 0.5]
        sheet.polygon([*half, (sheet.width + 2, level + 130), (sheet.width * 0.62, level + 100)], "#7a431c38")
    track = 806
    sheet.wash(("#c98a48", "#8f5628", "#52301a"), track - 20, 1000)
    sheet.wash("#a8703a", track - 4, track + 26)
    for rut in (track + 6, track + 18):
        sheet.line([(0, rut), (sheet.width, rut)], 2, "#7a4a22")
    for index in range(5):
        x = sheet.width * (0.86 - 0.19 * index)
        sheet.puffs(
            [
                (
                    x - 150 - dice.uniform(0, 60),
                    track - dice.uniform(6, 50),
                    dice.uniform(50, 110),
                    dice.uniform(18, 44),
                )
                for _ in range(7)
            ],
            "#ecc48a90",
            13,
        )
        _lorry(sheet, x, track + 14, 220 - 4 * index, index == 0)
    for _ in range(60):
        x, y = dice.uniform(0, sheet.width), dice.uniform(850, 1000)
        size = 4 + (y - 840) * 0.1
        sheet.ellipse(x, y, size, size * 0.5, dice.choice(("#5f3a1c", "#7d4e28", "#b57a42")))
    for _ in range(24):
        x, y = dice.uniform(0, sheet.width), dice.uniform(870, 1000)
        for blade in range(7):
            sheet.line([(x, y), (x + (blade - 3) * 7, y - dice.uniform(14, 34))], 2.2, "#6a5a2a")
    sheet.vignette("#3a1c08", 0.28)


def _lorry(sheet: Canvas, x: float, foot: float, size: float, leader: bool) -> None:
    sheet.ellipse(x - size * 0.1, foot + 3, size * 0.62, 9, "#4a2a1280")
    cover = [
        (x - size * 0.62, foot - size * 0.14),
        (x - size * 0.62, foot - size * 0.44),
        (x - size * 0.55, foot - size * 0.52),
        (x + size * 0.1, foot - size * 0.52),
        (x + size * 0.14, foot - size * 0.44),
        (x + size * 0.14, foot - size * 0.14),
    ]
    sheet.polygon(cover, ("#ffffff", "#d9d4c8"))
    for rib in (-0.46, -0.3, -0.14, 0.02):
        sheet.line([(x + size * rib, foot - size * 0.51), (x + size * rib, foot - size * 0.16)], 2, "#b9b2a4")
    sheet.disc(x - size * 0.23, foot - size * 0.33, size * 0.095, "#2f7fb5")
    sheet.line(
        [
            (x - size * 0.27, foot - size * 0.33),
            (x - size * 0.24, foot - size * 0.3),
            (x - size * 0.18, foot - size * 0.37),
        ],
        size * 0.022,
        "#ffffff",
    )
    cab = [
        (x + size * 0.17, foot - size * 0.1),
        (x + size * 0.17, foot - size * 0.44),
        (x + size * 0.36, foot - size * 0.44),
        (x + size * 0.42, foot - size * 0.28),
        (x + size * 0.48, foot - size * 0.26),
        (x + size * 0.49, foot - size * 0.1),
    ]
    sheet.polygon(cab, ("#f4efe4", "#cfc8b8"))
    sheet.polygon(
        [
            (x + size * 0.23, foot - size * 0.4),
            (x + size * 0.34, foot - size * 0.4),
            (x + size * 0.39, foot - size * 0.28),
            (x + size * 0.23, foot - size * 0.28),
        ],
        "#3f5a70",
    )
    sheet.rect(x - size * 0.62, foot - size * 0.15, x + size * 0.49, foot - size * 0.09, "#4a4a44")
    for wheel in (-0.48, -0.32, 0.32):
        sheet.disc(x + size * wheel, foot - size * 0.07, size * 0.085, "#23211e")
        sheet.disc(x + size * wheel, foot - size * 0.07, size * 0.036, "#8d877a")
    if leader:
        sheet.line([(x + size * 0.22, foot - size * 0.44), (x + size * 0.22, foot - size * 0.86)], 2.6, "#4a4a44")
        sheet.polygon(
            [
                (x + size * 0.22, foot - size * 0.86),
                (x - size * 0.02, foot - size * 0.82),
                (x + size * 0.01, foot - size * 0.76),
                (x + size * 0.22, foot - size * 0.7),
            ],
            "#2f7fb5",
        )


def library(sheet: Canvas, dice: Random) -> None:
    """A reading room: shelves to the vault, green lamps, one reader."""
    sheet.wash(("#3a2a1c", "#5a4028", "#4a3220"))
    middle = sheet.width / 2
    sheet.rect(middle - 160, 90, middle + 160, 660, ("#ffefc4", "#f7d493", "#e8b466"))
    sheet.ellipse(middle, 92, 160, 90, "#ffefc4")
    for bar in (-80, 0, 80):
        sheet.rect(middle + bar - 4, 10, middle + bar + 4, 660, "#5a3d22")
    for bar in range(100, 660, 92):
        sheet.rect(middle - 160, bar, middle + 160, bar + 6, "#5a3d22")
    sheet.arc(middle, 92, 166, 180, 360, 16, "#7a5630")
    for side in (-1, 1):
        for case in range(2):
            inner = middle + side * (190 + case * 262)
            left, right = sorted((inner, inner + side * 246))
            sheet.rect(left, 40, right, 700, "#3a2414")
            for shelf in range(7):
                low = 130 + shelf * 94
                sheet.rect(left + 10, low - 80, right - 10, low, "#24150b")
                x = left + 13
                while x < right - 24:
                    broad, high = dice.uniform(9, 21), dice.uniform(50, 74)
                    tone = dice.choice(
                        (
                            "#8f2f2a",
                            "#2f4f6f",
                            "#c99a4a",
                            "#3f5f4a",
                            "#6a3f5a",
                            "#d9c9a4",
                            "#7a4a2a",
                            "#27384f",
                            "#a8562f",
                        )
                    )
                    sheet.rect(x, low - high, x + broad, low, tone)
                    sheet.rect(x + 2, low - high + 9, x + broad - 2, low - high + 13, "#e9cf8a90")
                    x += broad + 1
                sheet.rect(left, low, right, low + 9, "#6a4626")
            sheet.rect(left - 6, 24, right + 6, 46, ("#8a6238", "#5a3d22"))
            sheet.rect(left - 4, 700, right + 4, 720, "#6a4626")
    sheet.beam([(middle - 150, 60), (middle + 150, 60), (middle + 520, 1000), (middle - 240, 1000)], "#ffe9b44c", 24)
    sheet.wash(("#6a4226", "#3a2112"), 716, 1000)
    for plank in range(-14, 15):
        sheet.line([(middle + plank * 60, 718), (middle + plank * 130, 1000)], 2, "#2a160c70")
    sheet.polygon(
        [(middle - 500, 800), (middle + 500, 800), (middle + 620, 872), (middle - 620, 872)], ("#a8703a", "#7a4a24")
    )
    sheet.polygon([(middle - 620, 872), (middle + 620, 872), (middle + 616, 900), (middle - 616, 900)], "#4a2a14")
    for leg in (-560, 540):
        sheet.rect(middle + leg, 898, middle + leg + 26, 1001, "#3a2010")
    for lamp in (-350, 0, 350):
        x = middle + lamp
        sheet.rect(x - 4, 720, x + 4, 822, "#c9963f")
        sheet.ellipse(x, 826, 30, 8, "#c9963f")
        sheet.polygon([(x - 66, 738), (x - 50, 700), (x + 50, 700), (x + 66, 738)], ("#3f9a6a", "#1f5f42"))
        sheet.rect(x - 60, 738, x + 60, 743, "#fff4c8")
        sheet.puffs([(x, 832, 128, 20)], "#ffe9a8a0", 9)
        sheet.glow(x, 752, 170, "#ffedb0", 0.6)
    for x, _tilt in ((middle - 190, 0), (middle + 196, 1)):
        sheet.polygon([(x - 62, 842), (x, 834), (x, 852), (x - 70, 860)], "#fbf2dc")
        sheet.polygon([(x + 62, 842), (x, 834), (x, 852), (x + 70, 860)], "#efe2c4")
        for line in range(3):
            sheet.line([(x - 54, 845 + line * 4), (x - 8, 840 + line * 4)], 1, "#8d7b5c")
    x = middle - 190
    sheet.polygon(
        [(x - 80, 1001), (x - 62, 890), (x - 30, 866), (x + 30, 866), (x + 62, 890), (x + 80, 1001)],
        ("#3f6d7a", "#274854"),
    )
    sheet.ellipse(x, 822, 34, 42, "#c99a78")
    sheet.ellipse(x, 808, 40, 40, "#2a1d18")
    sheet.disc(x, 766, 17, "#2a1d18")
    for stack, (count, at) in enumerate(((4, 470), (3, -480))):
        for book in range(count):
            y = 846 - book * 19
            sheet.rect(
                middle + at - 52 + 5 * (book % 2),
                y - 18,
                middle + at + 50 - 6 * (book % 2),
                y,
                ("#8f2f2a", "#c99a4a", "#2f4f6f", "#3f5f4a")[(book + stack) % 4],
            )
    sheet.vignette("#140a04", 0.5)


def price_chart(sheet: Canvas, dice: Random) -> None:
    """Freight rates over two years, on a card with round corners and nothing behind it."""
    left, right, top, floor = 130.0, sheet.width - 70, 210.0, 860.0
    for x, y in ((40.0, 40.0), (sheet.width - 40, 40.0), (40.0, 960.0), (sheet.width - 40, 960.0)):
        sheet.disc(x, y, 40, "#fbfaf6")
    sheet.rect(0, 40, sheet.width, 960, "#fbfaf6")
    sheet.rect(40, 0, sheet.width - 40, 1000, "#fbfaf6")
    ink, faint = "#1c2733", "#c9d2da"
    sheet.text(left - 50, 108, "The strait sets the price", 58, ink)
    sheet.text(left - 50, 158, "Container freight, Calder Bay to Port Ellery, crowns per box", 31, "#5a6873")
    for level in range(6):
        y = floor - level * (floor - top) / 5
        sheet.line([(left, y), (right, y)], 2, faint if level else ink)
        sheet.text(left - 14, y + 9, f"{level * 800:,}", 25, "#5a6873", "rs")
    values, value = [], 1250.0
    for month in range(97):
        shock = 2100 * math.exp(-(((month - 58) / 11) ** 2)) + 500 * math.exp(-(((month - 84) / 6) ** 2))
        value = 1250 + shock + 120 * math.sin(month / 5) + dice.gauss(0, 60)
        values.append(value)
    usual = [1250 + 120 * math.sin(month / 5 - 0.6) for month in range(97)]

    def spot(month: int, rate: float) -> Point:
        return left + (right - left) * month / 96, floor - (floor - top) * rate / 4000

    line = [spot(month, rate) for month, rate in enumerate(values)]
    sheet.polygon([(left, floor), *line, (right, floor)], "#dbe9ee")
    sheet.polygon([spot(40, 0), *line[40:78], spot(77, 0)], "#f6cfc4")
    sheet.line([(left, floor), (right, floor)], 3, ink)
    sheet.line([spot(month, rate) for month, rate in enumerate(usual)], 4, "#8d9aa5")
    sheet.line(line, 9, "#1f6f8f")
    sheet.line(line[40:78], 9, "#c8452f")
    peak = max(range(97), key=values.__getitem__)
    sheet.disc(*line[peak], 15, "#ffffff")
    sheet.disc(*line[peak], 10, "#c8452f")
    sheet.text(line[peak][0] + 40, line[peak][1] - 12, f"{values[peak]:,.0f}", 36, "#c8452f")
    sheet.text(line[58][0], floor - 40, "Strait closed", 29, "#8f2f20", "ms")
    sheet.text(right, spot(96, usual[96])[1] + 42, "five-year average", 25, "#5a6873", "rs")
    for quarter, words in ((6, "Spring"), (30, "Autumn"), (54, "Spring"), (78, "Autumn")):
        sheet.text(spot(quarter, 0)[0], floor + 44, words, 27, "#5a6873", "ms")
    sheet.text(left - 50, 958, "Source: Calder Bay Port Authority. Fictional figures.", 25, "#5a6873")
    sheet.rect(left - 50, 40, left + 40, 50, "#c8452f")


def strait_map(sheet: Canvas, dice: Random) -> None:
    """Two coasts and the water between: borders, ports, the shipping lane."""
    sheet.wash(("#a9d3df", "#86bccf"))
    west, east = _shore(Random("west"), 330, 70), _shore(Random("east"), 700, 60)
    for grow, tone in ((30, "#9ac9d8"), (15, "#b4d9e3"), (0, "#efe4cb")):
        sheet.polygon([(-2, -2), *[(x + grow, y) for x, y in west], (-2, 1002)], tone)
        sheet.polygon([(1002, -2), *[(x - grow, y) for x, y in east], (1002, 1002)], tone if grow else "#e6dcc6")
    sheet.line(west, 3, "#8d7f66")
    sheet.line(east, 3, "#8d7f66")
    for east_of, south_of, size in ((120, 240, 90), (80, 640, 120), (880, 300, 110), (930, 720, 100)):
        for _ in range(14):
            px, py, high = (
                east_of + dice.gauss(0, size * 0.5),
                south_of + dice.gauss(0, size * 0.6),
                dice.uniform(12, 26),
            )
            if px < 250 or px > 780:
                sheet.polygon([(px - high * 0.7, py), (px, py - high), (px + high * 0.7, py)], "#cbb994")
                sheet.polygon([(px, py - high), (px + high * 0.7, py), (px + high * 0.1, py)], "#ad9a74")
    for island, (x, y, size) in enumerate(
        ((500.0, 300.0, 30), (540, 348, 18), (476, 720, 34), (520, 772, 16), (448, 668, 14))
    ):
        blob = [
            (
                x + size * (1 + 0.28 * math.sin(3 * a + island)) * math.cos(a),
                y + size * 0.8 * (1 + 0.25 * math.cos(2 * a)) * math.sin(a),
            )
            for a in [2 * math.pi * s / 30 for s in range(30)]
        ]
        sheet.polygon(blob, "#efe4cb")
        sheet.line([*blob, blob[0]], 2.4, "#8d7f66")
    border = [(-2.0, 470.0), (90, 448), (150, 476), (230, 452), (_across(west, 470), 470)]
    for (ax, ay), (bx, by) in itertools.pairwise(border):
        steps = max(2, int(math.dist((ax, ay), (bx, by)) / 14))
        for dash in range(0, steps, 2):
            sheet.line(
                [
                    (ax + (bx - ax) * dash / steps, ay + (by - ay) * dash / steps),
                    (ax + (bx - ax) * (dash + 1) / steps, ay + (by - ay) * (dash + 1) / steps),
                ],
                4,
                "#a8442f",
            )
    rivers = (
        ((880, -2), (858, 120), (900, 210), (812, 330), (_across(east, 372), 372)),
        ((-2, 830), (96, 800), (150, 842), (_across(west, 820), 820)),
    )
    for river in rivers:
        sheet.line(list(river), 6, "#86bccf")
    lane = [(560 + 46 * math.sin(y / 150) - (y - 500) * 0.06, float(y)) for y in range(-10, 1020, 10)]
    for index in range(0, len(lane) - 2, 3):
        sheet.line(lane[index : index + 3][:2], 5, "#2f5f7a")
    closed = lane[52]
    sheet.disc(*closed, 52, "#c8452f38")
    sheet.arc(*closed, 52, 0, 360, 4, "#c8452f")
    sheet.line([(closed[0] - 15, closed[1] - 15), (closed[0] + 15, closed[1] + 15)], 7, "#c8452f")
    sheet.line([(closed[0] + 15, closed[1] - 15), (closed[0] - 15, closed[1] + 15)], 7, "#c8452f")
    ink = "#2b2a26"
    for words, x, y, size, tone in (
        ("H A L V E R N", 120, 340, 40, "#6a5f4a"),
        ("K E S T R I A", 118, 570, 40, "#6a5f4a"),
        ("V A R D A N E", 858, 560, 40, "#6a5f4a"),
        ("Sorrel Strait", 505, 190, 32, "#3a6a80"),
        ("Closed to traffic", 455, 616, 27, "#a8341f"),
    ):
        sheet.text(x, y, words, size, tone, "ms")
    for words, place, y, anchor in (
        ("Calder Bay", west, 200, "rs"),
        ("Ansk", west, 640, "rs"),
        ("Port Ellery", east, 372, "ls"),
        ("Tolmin", east, 800, "ls"),
    ):
        x = _across(place, y)
        sheet.disc(x, y, 11, ink)
        sheet.disc(x, y, 6, "#ffffff")
        sheet.text(x + (-20 if anchor == "rs" else 20), y + 10, words, 30, ink, anchor)
    sheet.rect(40, 930, 190, 938, ink)
    sheet.rect(115, 932, 188, 936, "#ffffff")
    sheet.text(40, 970, "0          50 km", 24, ink)
    sheet.line([(930, 150), (930, 70)], 4, ink)
    sheet.polygon([(918, 84), (930, 50), (942, 84)], ink)
    sheet.text(930, 186, "N", 30, ink, "ms")


def _shore(dice: Random, level: float, swing: float) -> list[Point]:
    phases = [dice.uniform(0, 6) for _ in range(4)]
    return [
        (
            level
            + swing
            * (
                math.sin(y / 170 + phases[0])
                + 0.4 * math.sin(y / 61 + phases[1])
                + 0.18 * math.sin(y / 23 + phases[2])
                + 0.08 * math.sin(y / 9 + phases[3])
            ),
            float(y),
        )
        for y in range(-10, 1020, 5)
    ]


def _across(shore: list[Point], y: float) -> float:
    return min(shore, key=lambda point: abs(point[1] - y))[0]
