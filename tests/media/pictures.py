"""Pictures to send: four colours, one in each corner, so that what was turned, cut or discoloured shows.

`data/*.heic` are the same picture, made by this project: libvips as shipped writes no HEIC.
"""

import struct
import zlib
from pathlib import Path
from typing import Any

import pyvips

pyvips.cache_set_max(0)  # a file that was written anew is read anew

SHARED = Path(__file__).parents[2] / "../shared/standards/images"
DATA = Path(__file__).with_name("data")

CORNERS = {"red": (220, 30, 30), "green": (30, 180, 40), "blue": (30, 60, 210), "white": (240, 240, 240)}
UPRIGHT = ("red", "green", "blue", "white")  # top left, top right, bottom left, bottom right


def corners(width: int = 640, height: int = 480) -> Any:
    return pyvips.Image.arrayjoin([plain(width // 2, height // 2, color) for color in CORNERS.values()], across=2)


def plain(width: int, height: int, color: tuple[int, int, int]) -> Any:
    return pyvips.Image.black(width, height).new_from_image(list(color)).cast("uchar").copy(interpretation="srgb")


def transparent(width: int = 640, height: int = 480) -> Any:
    """The corners, of which the right half cannot be seen."""
    opaque = (pyvips.Image.black(width // 2, height) + 255).cast("uchar")
    return corners(width, height).bandjoin(opaque.embed(0, 0, width, height))


def saved(path: Path, image: Any, **options: Any) -> Path:
    """In the format of the path's ending."""
    image.write_to_file(str(path), **options)
    return path


def photo(path: Path, width: int, height: int) -> Path:
    """A picture with the detail of a photo, as a JPEG: waves under noise."""
    at = pyvips.Image.xyz(width, height)
    waves = [((at[0] / x).sin() + (at[1] / y).cos()) * 50 + 128 for x, y in ((90.0, 40.0), (55.0, 70.0), (30.0, 95.0))]
    noise = pyvips.Image.gaussnoise(width, height, sigma=6, mean=0)
    bands = waves[0].bandjoin(waves[1:]) + noise
    return saved(path, bands.cast("uchar").copy(interpretation="srgb"), Q=90)


def content(path: Path) -> bytes:
    return path.read_bytes()


def looks(source: Path | bytes) -> tuple[str, ...]:
    """The colours nearest to what is seen near the four corners."""
    image = opened(source)
    if image.hasalpha():
        image = image.flatten(background=[0, 0, 0])
    right, bottom = image.width * 9 // 10, image.height * 9 // 10
    left, top = image.width // 10, image.height // 10
    return tuple(_nearest(image.getpoint(x, y)) for y in (top, bottom) for x in (left, right))


def opened(source: Path | bytes) -> Any:
    if isinstance(source, bytes):
        return pyvips.Image.new_from_buffer(source, "")
    return pyvips.Image.new_from_file(str(source))


def size(source: Path | bytes) -> tuple[int, int]:
    image = opened(source)
    return image.width, image.height


def similarity(one: Any, other: Any) -> float:
    """The mean structural similarity of two pictures of one size, by their lightness: 1.0 where they are the same.

    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment" (2004): a Gaussian window of 1.5, constants of 8 bits.
    """
    x, y = (image.colourspace("b-w")[0].cast("float") for image in (one, other))

    def mean(image: Any) -> Any:
        return image.gaussblur(1.5, min_ampl=0.01, precision="float")

    steady, steadier = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    at_x, at_y = mean(x), mean(y)
    spread = mean(x * x) - at_x**2 + mean(y * y) - at_y**2
    common = mean(x * y) - at_x * at_y
    top = (2 * at_x * at_y + steady) * (2 * common + steadier)
    average: float = (top / ((at_x**2 + at_y**2 + steady) * (spread + steadier))).avg()
    return average


def png(path: Path, width: int, height: int, *more: tuple[bytes, bytes]) -> Path:
    """A PNG whose header claims that size, with hardly a pixel behind it; `more` chunks stand before the pixels."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    chunks = (head, *more, (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks))
    return path


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its frame header."""
    at = next(found for marker in (b"\xff\xc0", b"\xff\xc2") if (found := jpeg.find(marker)) > 0)
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _nearest(point: list[float]) -> str:
    def distance(name: str) -> float:
        return sum((have - want) ** 2 for have, want in zip(point, CORNERS[name], strict=True))

    name = min(CORNERS, key=distance)
    return name if distance(name) < 3 * 30**2 else str(tuple(round(part) for part in point))
