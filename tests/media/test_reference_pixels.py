"""Pixels as another decoder sees them: what the workshop makes is held against Pillow, with LittleCMS for the colours."""

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import pyvips
from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat

from media.decode import Workshop
from media.recipe import parse
from media.render import plan
from tests.media import pictures


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=1) as workshop:
        yield workshop


def reference(path: Path) -> Image.Image:
    """Upright, in sRGB, on white."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened)
        profile = opened.info.get("icc_profile")
    if image.mode == "CMYK" and profile:
        image = _managed(image, profile)
    elif profile and image.mode in ("RGB", "RGBA"):
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        image = _managed(image.convert("RGB"), profile)
        if alpha:
            image.putalpha(alpha)
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _managed(image: Image.Image, profile: bytes) -> Image.Image:
    made = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.NONE,
    )
    assert made
    return made


async def seen(workshop: Workshop, path: Path, out: Path) -> Image.Image:
    """The same from the workshop: at the original's full size, in PNG."""
    pixels, recipe = await workshop.examine(path), parse("cover", "png")
    assert recipe
    size = (pixels.width, pixels.height)
    whole = replace(plan(recipe, size, (0.5, 0.5)), scaled=size, box=(0, 0, *size), opaque=None)
    await workshop.render(path, {out: whole})
    with Image.open(out) as image:
        image.load()
        if "A" in image.getbands():
            return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")
        return image.convert("RGB")


def differences(one: Image.Image, other: Image.Image) -> tuple[float, int]:
    """The mean of all bands and the greatest."""
    assert one.size == other.size
    apart = ImageChops.difference(one, other)
    return sum(ImageStat.Stat(apart).mean) / 3, max(high for _, high in apart.getextrema())  # type: ignore[misc]


async def test_every_reference_photo_has_the_pixels_that_pillow_sees(workshop: Workshop, tmp_path: Path) -> None:
    if not pictures.SHARED.is_dir():
        pytest.skip("the reference photos of ../shared/standards/images are not here")
    for path in sorted(path for path in pictures.SHARED.iterdir() if path.suffix != ".json"):
        mean, most = differences(await seen(workshop, path, tmp_path / "out.png"), reference(path))
        assert (mean < 1, most <= 8) == (True, True), (path.name, mean, most)


def detailed() -> Any:
    """Colours over the whole gamut, with detail."""
    at = pyvips.Image.xyz(320, 240)
    bands = [at[0] * 255 / 319, at[1] * 255 / 239, ((at[0] / 9).sin() + (at[1] / 7).cos()) * 60 + 128]
    return bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb")


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("jpg", {"Q": 95}),
        ("jpg", {"Q": 95, "interlace": True, "subsample_mode": "off"}),
        ("png", {}),
        ("png", {"interlace": True}),
        ("webp", {"Q": 90}),
        ("webp", {"lossless": True}),
        ("avif", {"Q": 90}),
        ("avif", {"Q": 90, "bitdepth": 10}),
        ("avif", {"Q": 90, "subsample_mode": "off"}),
        ("gif", {"dither": 0}),
        ("tif", {}),
        ("tif", {"compression": "lzw", "predictor": "horizontal", "tile": True}),
        ("tif", {"compression": "jpeg", "Q": 95}),
    ],
)
async def test_every_kind_has_the_pixels_that_pillow_sees(
    workshop: Workshop, tmp_path: Path, ending: str, options: dict[str, Any]
) -> None:
    path = pictures.saved(tmp_path / f"picture.{ending}", detailed(), **options)
    mean, most = differences(await seen(workshop, path, tmp_path / "out.png"), reference(path))
    assert (mean < 1, most <= 8) == (True, True), (mean, most)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "avif"])
@pytest.mark.parametrize("profile", ["p3", "srgb"])
async def test_profiles_give_the_colours_that_littlecms_gives(
    workshop: Workshop, tmp_path: Path, ending: str, profile: str
) -> None:
    image = detailed()
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", bytes(pyvips.Image.profile_load(profile)))
    options: dict[str, Any] = {"lossless": True} if ending == "webp" else {} if ending in ("png", "tif") else {"Q": 95}
    path = pictures.saved(tmp_path / f"picture.{ending}", image, **options)
    made = await seen(workshop, path, tmp_path / "out.png")
    mean, most = differences(made, reference(path))
    assert (mean < 1.5, most <= 16) == (True, True), (mean, most)
    # and the profile was not passed over
    as_numbers, _ = differences(made, _without_profile(path))
    assert (as_numbers > 3) == (profile == "p3"), as_numbers


def _without_profile(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


async def test_inks_with_their_profile_give_the_colours_that_littlecms_gives(
    workshop: Workshop, tmp_path: Path
) -> None:
    inks = detailed().icc_transform("cmyk", input_profile="srgb")
    for path in (pictures.saved(tmp_path / "inks.jpg", inks, Q=95), pictures.saved(tmp_path / "inks.tif", inks)):
        mean, most = differences(await seen(workshop, path, tmp_path / "out.png"), reference(path))
        assert (mean < 2, most <= 16) == (True, True), (path.name, mean, most)


async def test_sixteen_bits_lose_nothing_but_their_low_half(workshop: Workshop, tmp_path: Path) -> None:
    whole = detailed()
    deep = (whole * 257).cast("ushort").copy(interpretation="rgb16")
    plain = pictures.saved(tmp_path / "plain.png", whole)
    for ending in ("png", "tif"):
        path = pictures.saved(tmp_path / f"deep.{ending}", deep)
        mean, most = differences(await seen(workshop, path, tmp_path / "out.png"), reference(plain))
        assert (mean, most) == (0, 0), ending
    clear = pictures.saved(tmp_path / "clear.png", deep.bandjoin(32896))
    with Image.open(pictures.saved(tmp_path / "clear-plain.png", whole.bandjoin(128))) as image:
        flat = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")
    mean, most = differences(await seen(workshop, clear, tmp_path / "out.png"), flat)
    assert (mean < 1, most <= 2) == (True, True), (mean, most)


@pytest.mark.parametrize("focal", [(0.0, 0.0), (0.25, 0.7), (0.5, 0.5), (0.9, 0.1), (1.0, 1.0)])
@pytest.mark.parametrize("orientation", [1, 6, 7])
async def test_every_cut_keeps_the_focal_point(
    workshop: Workshop, tmp_path: Path, focal: tuple[float, float], orientation: int
) -> None:
    """A red spot lies at the focal point of the upright picture; it is in every cut, whatever its shape."""
    width, height = 1200, 800
    at = [min(int(part * side), side - 1) for part, side in zip(focal, (width, height), strict=True)]
    spot = pictures.plain(width, height, (240, 240, 240)).draw_circle([220, 30, 30], *at, 60, fill=True)
    stored = {1: spot, 6: spot.rot270(), 7: spot.rot90().flipver()}[orientation].copy()
    stored.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    path = pictures.saved(tmp_path / "spot.jpg", stored, Q=95)
    for name in ("w160-h160-cover", "w160-h640-cover", "w800-h160-cover", "w480-h320-cover", "w320-h320-contain"):
        recipe = parse(name, "webp")
        assert recipe
        out = tmp_path / "cut.webp"
        await workshop.render(path, {out: plan(recipe, (width, height), focal)})
        image = pictures.opened(out)
        red = (image[0] - image[1]) > 120
        assert red.max() == 255, name
        if recipe.cuts:
            # as near to the middle as the edges allow
            made = plan(recipe, (width, height), focal)
            wanted = [part * side - start for part, side, start in zip(focal, made.scaled, made.box, strict=False)]
            left, top, across, down = (~(red.cast("uchar"))).find_trim(background=255, threshold=10)
            assert left - 2 <= wanted[0] <= left + across + 2, name
            assert top - 2 <= wanted[1] <= top + down + 2, name
