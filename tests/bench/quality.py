"""`python -m tests.bench.quality PHOTO…`: what each encoder's quality numbers cost and give, on photos of your own.

For each the mean structural similarity to the uncompressed rendition, bits a pixel, and seconds for a megapixel.
docs/decisions tells which were chosen by it.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pyvips

from media.recipe import Format
from media.render import OPTIONS
from tests.media.pictures import similarity

WIDTHS = (320, 640, 1280)
TRIED: dict[Format, Sequence[dict[str, int]]] = {
    "jpeg": [{"Q": quality} for quality in (75, 78, 80, 81, 82, 85, 88)],
    "webp": [{"Q": quality} for quality in (75, 78, 79, 80, 82, 85)],
    "avif": [{"Q": quality, "effort": effort} for effort in (0, 1, 2, 4) for quality in (60, 65, 66, 67, 68, 70)],
}


def main(paths: Sequence[str]) -> None:
    sizes = [image for path in paths for image in _renditions(Path(path))]
    print(f"{len(paths)} photos, {len(sizes)} renditions of them, up to {max(WIDTHS)} pixels wide; one thread")
    for format, ways in TRIED.items():
        for way in ways:
            likeness, bits, seconds = zip(*(_tried(image, format, way) for image in sizes), strict=True)
            chosen = "  <- ours" if way.items() <= OPTIONS[format].items() else ""
            print(
                f"{format:<5} {way!s:<24} {mean(likeness):.4f}, worst {min(likeness):.4f}"
                f"  {mean(bits):.3f} bits  {mean(seconds):.3f} s{chosen}",
                flush=True,
            )


def _renditions(path: Path) -> Iterator[Any]:
    whole = pyvips.Image.new_from_file(str(path)).autorot()
    for width in WIDTHS:
        if width <= whole.width:
            made = pyvips.Image.thumbnail(str(path), width, height=10**7, size="down", output_profile="srgb")
            yield made.colourspace("srgb").cast("uchar")[:3].copy_memory()


def _tried(image: Any, format: Format, way: dict[str, int]) -> tuple[float, float, float]:
    begun = time.process_time()
    data = image.write_to_buffer(f".{format}", keep="none", **{**OPTIONS[format], **way})
    seconds = time.process_time() - begun
    pixels = image.width * image.height
    made = pyvips.Image.new_from_buffer(data, "")
    return similarity(made, image), 8 * len(data) / pixels, seconds / pixels * 1e6


if __name__ == "__main__":
    pyvips.cache_set_max(0)
    main(sys.argv[1:])
