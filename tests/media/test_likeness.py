"""Copies of a picture are known for what they are, and other pictures are not taken for them."""

import asyncio
from collections.abc import Callable, Iterable
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import pyvips

from cms.demo import content, photos
from media.decode import Workshop
from media.likeness import DETAIL, FARTHEST, WHOLE, Detail, Likeness, distance, keys, parse
from tests.media import pictures

SAMPLE = [content.PHOTOS[at] for at in (0, 1, 5, 12, 16, 20)]


def cut(image: Any, left: float, top: float, right: float, bottom: float) -> Any:
    """Without these parts of its width and height."""
    x, y = int(left * image.width), int(top * image.height)
    return image.crop(x, y, int(image.width * (1 - left - right)), int(image.height * (1 - top - bottom)))


WHOLES: dict[str, Callable[[Any], Any]] = {
    "shrunk": lambda image: image.thumbnail_image(320),
    "in black and white": lambda image: image.colourspace("b-w"),
    "brighter": lambda image: (image * 1.08 + 6).cast("uchar"),
    "warmer": lambda image: (image * [1.1, 1.0, 0.88]).cast("uchar"),
    "sharper": lambda image: image.sharpen(),
    "a little squeezed": lambda image: image.resize(1, vscale=0.97),
}
PARTS: dict[str, Callable[[Any], Any]] = {
    "left off": lambda image: cut(image, 0.2, 0, 0, 0),
    "bottom off": lambda image: cut(image, 0, 0, 0, 0.2),
    "a corner": lambda image: cut(image, 0.2, 0.2, 0, 0),
    "the middle": lambda image: cut(image, 0.1, 0.1, 0.1, 0.1),
    "the middle, small and grey": lambda image: (
        cut(image, 0.1, 0.05, 0.1, 0.15).thumbnail_image(400).colourspace("b-w")
    ),
}


async def _seen(files: Iterable[bytes]) -> list[Likeness | None]:
    async with Workshop(processes=2) as workshop:

        async def one(path: Path) -> Likeness | None:
            return parse((await workshop.examine(path)).likeness)

        with TemporaryDirectory() as folder:
            paths = [Path(folder) / str(number) for number, _ in enumerate(files)]
            for path, file in zip(paths, files, strict=True):
                path.write_bytes(file)
            return await asyncio.gather(*map(one, paths))


def seen(files: list[bytes]) -> list[Likeness | None]:
    return asyncio.run(_seen(files))


@cache
def originals() -> list[bytes]:
    return [photos.draw(photo) for photo in SAMPLE]


@cache
def likenesses() -> list[Likeness]:
    found = [one for one in seen(originals()) if one]
    assert len(found) == len(SAMPLE)
    return found


def copies(change: Callable[[Any], Any], quality: int) -> list[Likeness | None]:
    images = (pyvips.Image.new_from_buffer(file, "").colourspace("srgb") for file in originals())
    return seen([change(image[:3]).write_to_buffer(".jpg", Q=quality) for image in images])


@pytest.mark.parametrize("name", WHOLES)
def test_copy_of_the_whole_is_found(name: str) -> None:
    for original, copy in zip(likenesses(), copies(WHOLES[name], 60), strict=True):
        assert copy
        apart = distance(original, copy)
        assert apart is not None
        assert apart <= WHOLE
        assert keys(original) & keys(copy)


def test_copy_of_the_worst_quality_is_found() -> None:
    for original, copy in zip(likenesses(), copies(lambda image: image, 20), strict=True):
        assert copy
        apart = distance(original, copy)
        assert apart is not None
        assert apart <= WHOLE


@pytest.mark.parametrize("name", PARTS)
def test_part_of_a_picture_is_found(name: str) -> None:
    found = 0
    for original, copy in zip(likenesses(), copies(PARTS[name], 70), strict=True):
        assert copy
        apart = distance(original, copy)
        found += apart is not None and bool(keys(original) & keys(copy))
    assert found >= len(SAMPLE) - 1


def test_mirrored_picture_is_another_one() -> None:
    for original, copy in zip(likenesses(), copies(lambda image: image.fliphor(), 80), strict=True):
        assert copy
        assert distance(original, copy) is None


def test_no_two_photos_are_taken_for_one() -> None:
    for one, other in combinations(likenesses(), 2):
        assert distance(one, other) is None


def test_turned_copies_of_the_reference_photo_are_one_picture() -> None:
    if not pictures.SHARED.is_dir():
        pytest.skip("the reference photos of ../shared/standards/images are not here")
    turned = seen([pictures.content(pictures.SHARED / f"orientation-{turn}.jpg") for turn in (1, 3, 6, 8)])
    assert all(turned)
    for one, other in combinations(filter(None, turned), 2):
        assert distance(one, other) == 0


def test_picture_with_nothing_on_it_is_like_no_other(tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "plain.jpg", pictures.plain(300, 200, (12, 120, 201)))
    assert seen([pictures.content(path)]) == [None]


# ------------------------------------------------------------------------------------------------------------ arithmetic

DETAILS = (
    Detail(0xABCD << 48, 0.25, 0.25, 0.02),
    Detail(0x1234 << 48, 0.5, 0.25, 0.02),
    Detail(0x9F << 50, 0.25, 0.5, 0.03),
)
ONE = Likeness(0x0F0F, DETAILS)
OTHER = 0xFFFF << 40  # a whole that is far from ONE's


def moved(scale: float, right: float, *, by: int = 0) -> tuple[Detail, ...]:
    """The details as they lie in a copy; `by` the bits in which their hashes differ."""
    noise = (1 << by) - 1
    return tuple(Detail(one.hash ^ noise, one.x * scale + right, one.y * scale, one.radius * scale) for one in DETAILS)


def test_written_likeness_is_read() -> None:
    read = parse("00000000000000ff 8000000000000001800400200")
    assert read == Likeness(0xFF, (Detail(0x8000000000000001, 0.5, 0.25, 1 / 64),))
    assert parse("") is None


def test_keys_are_the_wholes_quarters_and_the_halves_of_each_details_first_bits() -> None:
    detail = Detail(0b101 << 61 | 0b11 << 28, 0.5, 0.5, 0.01)
    assert keys(Likeness(0x0004_0003_0002_0001, (detail,))) == {
        2 << 18 | 1, 3 << 18 | 2, 4 << 18 | 3, 5 << 18 | 4, 0b101 << 15, 1 << 18 | 0b11,
    }  # fmt: skip


def test_wholes_that_differ_in_few_bits_are_copies() -> None:
    assert distance(ONE, ONE) == 0
    assert distance(ONE, Likeness(0x0F0F ^ 0xFF, ())) == WHOLE
    assert distance(ONE, Likeness(0x0F0F ^ 0x1FF, ())) is None


def test_details_that_lie_alike_make_a_part() -> None:
    assert distance(ONE, Likeness(OTHER, moved(1.3, -0.1))) == WHOLE + 1
    assert distance(ONE, Likeness(OTHER, moved(1.3, -0.1, by=4))) == WHOLE + 1 + 4
    assert distance(Likeness(OTHER, moved(1.3, -0.1)), ONE) == WHOLE + 1
    assert distance(ONE, Likeness(OTHER, moved(1.3, -0.1)[:2])) is None  # two are too few
    assert distance(ONE, Likeness(OTHER, moved(1.3, -0.1, by=8))) is None  # three that are hardly alike prove nothing
    assert distance(ONE, Likeness(OTHER, moved(1.3, -0.1, by=DETAIL + 1))) is None
    assert distance(ONE, Likeness(OTHER, moved(3, 0))) is None
    assert FARTHEST == WHOLE + 1 + DETAIL


def test_details_in_other_places_make_no_part() -> None:
    first, second, third = moved(1.3, -0.1)
    swapped = (Detail(first.hash, second.x, second.y, 0.026), Detail(second.hash, first.x, first.y, 0.026), third)
    assert distance(ONE, Likeness(OTHER, swapped)) is None


def test_one_detail_said_many_times_is_one() -> None:
    many = tuple(Detail(0xABCD << 48, 0.25, 0.25, 0.02) for _ in range(24))
    assert distance(Likeness(0x0F0F, many), Likeness(OTHER, many)) is None
