"""Five renditions of a photo of 24 megapixels, side by side: the workshop, plain Pillow, and libvips' own command line.

All make the same sizes in the same formats with the same settings of the encoders.  Times are of the wall and of the
processor, children included: the workshop's child has one thread, the others have as many as the machine.
"""

import asyncio
import io
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from media import render
from media.decode import Plan, Workshop
from media.metadata.label import Label
from media.recipe import Format, parse
from tests.bench.uploads import SIZE, press_photo

WANTED: tuple[tuple[int, Format], ...] = ((320, "avif"), (640, "webp"), (1024, "jpeg"), (1600, "avif"), (2560, "webp"))
LABEL = Label(credit="STR/KCNA VIA KNS/AFP", creators=("STR",), caption="A caption.", copyright_notice="AFP")
TURNS = 5

# where `vipsthumbnail` is not installed, a fresh process of the wheel's libvips does what it does
THUMBNAIL = """
import sys, pyvips
photo, width, made = sys.argv[1:]
pyvips.Image.thumbnail(photo, int(width), height=10**7, size="down").write_to_file(made)
"""


async def measure() -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as name:
        photo = Path(name, "photo.jpg")
        await asyncio.to_thread(photo.write_bytes, press_photo())
        async with Workshop(processes=1) as workshop:
            await workshop.examine(photo)  # the child is started
            (child,) = (one for one in psutil.Process().children() if "child.py" in " ".join(one.cmdline()))
            plans = _plans(Path(name))
            seen = await _side_by_side(
                child,
                {
                    "ours": lambda: workshop.render(photo, plans, xmp=LABEL.xmp, photoshop=LABEL.photoshop),
                    "alone": lambda: _one_by_one(workshop, photo, plans),
                    "pillow": lambda: asyncio.to_thread(_pillow, photo),
                    "libvips": lambda: asyncio.to_thread(_libvips, photo),
                },
            )
            memory = _most_memory(child.pid)
    return _rows(seen, memory)


def _rows(seen: Mapping[str, tuple[float, float]], memory: int) -> list[tuple[str, str, str]]:
    def row(what: str, way: str, goal: str = "") -> tuple[str, str, str]:
        wall, processor = seen[way]
        times = f"{wall / seen['ours'][0]:.2f} times ours, processor {processor / seen['ours'][1]:.2f}"
        return what, f"{wall:.2f} s, processor {processor:.2f}", "" if way == "ours" else times + goal

    command = "vipsthumbnail" if shutil.which("vipsthumbnail") else "fresh processes of the wheel's libvips"
    return [
        row(f"five renditions of {SIZE[0] * SIZE[1] / 1e6:.0f} MP, from one decoding", "ours"),
        row("  one by one, as they are asked for", "alone"),
        row("  plain Pillow", "pillow", "; at least 1.30"),
        row(f"  {command}", "libvips", "; at least 0.91"),
        ("  the child's memory at its highest", f"{memory / 1e6:.0f} MB", "at most 350 MB"),
    ]


async def _side_by_side(
    child: psutil.Process, ways: Mapping[str, Callable[[], Awaitable[object]]]
) -> dict[str, tuple[float, float]]:
    """Medians of wall and processor, in seconds; the ways take turns, and the first turn warms up."""
    seen: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(TURNS + 1):
        for way, run in ways.items():
            begun = time.perf_counter(), _processor(child)
            await run()
            seen[way].append((time.perf_counter() - begun[0], _processor(child) - begun[1]))
    return {way: (_median(runs, 0), _median(runs, 1)) for way, runs in seen.items()}


def _median(runs: list[tuple[float, float]], at: int) -> float:
    return statistics.median(run[at] for run in runs[1:])


def _processor(child: psutil.Process) -> float:
    times = child.cpu_times()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + float(times.user + times.system)


def _plans(folder: Path) -> dict[Path, Plan]:
    plans = {}
    for width, format in WANTED:
        recipe = parse(f"w{width}-cover", format)
        assert recipe
        plans[folder / f"{width}.{format}"] = render.plan(recipe, SIZE, (0.5, 0.5))
    return plans


async def _one_by_one(workshop: Workshop, photo: Path, plans: Mapping[Path, Plan]) -> None:
    for path, plan in plans.items():
        await workshop.render(photo, {path: plan}, xmp=LABEL.xmp, photoshop=LABEL.photoshop)


def _pillow(photo: Path) -> None:
    for width, format in WANTED:
        quality, effort = (render.OPTIONS[format].get(name) for name in ("Q", "effort"))
        options: dict[str, Any] = {"quality": quality}
        if format == "avif":
            options["speed"] = 9 - (effort or 0)  # libvips counts from the other end
        if format == "webp" and effort is not None:
            options["method"] = effort
        if format == "jpeg":
            options |= {"progressive": True, "optimize": True}
        with Image.open(photo) as image:
            image.draft("RGB", (2 * width, 2 * width))
            small = image.resize((width, round(width * SIZE[1] / SIZE[0])), Image.Resampling.LANCZOS)
        small.save(io.BytesIO(), format, **options)


def _libvips(photo: Path) -> None:
    program = shutil.which("vipsthumbnail")
    for width, format in WANTED:
        options = ",".join(f"{name}={str(value).lower()}" for name, value in render.OPTIONS[format].items())
        made = str(photo.with_name(f"{width}-command.{format}[{options},strip]"))
        if program:
            command = [program, str(photo), "--size", f"{width}x", "--output", made]
        else:
            command = [sys.executable, "-c", THUMBNAIL, str(photo), str(width), made]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def _most_memory(pid: int) -> int:
    """Bytes, resident, since the child began."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
