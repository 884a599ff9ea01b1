"""The workshop: every kind of picture, everything that is none, and children that die or hang."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import pyvips
import thash

from media.decode import Pixels, Workshop
from media.errors import BadImage, Busy, ImageTooLarge, MediaError, StoreUnavailable, UnsupportedImage
from media.recipe import Format, parse
from media.render import plan
from tests.media import pictures

MB = 1024**2
SLOW = Pixels("JPEG", 3000, 2000, "", "", False)


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=1) as workshop:
        yield workshop


async def rendered(
    workshop: Workshop, path: Path, out: Path, name: str = "cover", format: Format = "png", seen: Pixels | None = None
) -> Path:
    recipe, seen = parse(name, format), seen or await workshop.examine(path)
    assert recipe
    made = plan(recipe, (seen.width, seen.height), (0.5, 0.5))
    await workshop.render(path, {out: replace(made, opaque=None)})  # PNG tells the pixels as they are
    return out


async def works(workshop: Workshop, tmp_path: Path) -> None:
    """The workshop does as it should, whatever came before."""
    seen = await workshop.examine(pictures.saved(tmp_path / "well.png", pictures.corners(64, 48)))
    assert (seen.width, seen.height) == (64, 48)


def children() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with suppress(psutil.Error):  # one that was just killed
            if "child.py" in " ".join(one.cmdline()):
                found.append(one)
    return found


async def at_work(picture: Path, *, but: int = 0) -> psutil.Process:
    """The child, of another pid, that reads `picture`."""
    async with asyncio.timeout(30):
        while True:
            for child in children():
                with suppress(psutil.Error):  # one that was just killed
                    if child.pid != but and str(picture) in {part.path for part in child.memory_maps()}:
                        return child
            await asyncio.sleep(0.01)


# ------------------------------------------------------------------------------------------------- what is a picture


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("jpg", {"Q": 95}),
        ("jpg", {"Q": 95, "interlace": True}),
        ("png", {}),
        ("png", {"interlace": True}),
        ("png", {"palette": True}),
        ("webp", {"lossless": True}),
        ("webp", {"Q": 90}),
        ("avif", {"Q": 90}),
        ("avif", {"Q": 90, "bitdepth": 10}),
        ("gif", {}),
        ("tif", {"compression": "lzw"}),
        ("tif", {"compression": "jpeg", "tile": True}),
    ],
)
async def test_every_kind_is_seen_as_it_is(
    workshop: Workshop, tmp_path: Path, ending: str, options: dict[str, Any]
) -> None:
    path = pictures.saved(tmp_path / f"picture.{ending}", pictures.corners(), **options)
    seen = await workshop.examine(path)
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper())
    assert (seen.format, seen.width, seen.height, seen.has_alpha) == (kind, 640, 480, False)
    assert pictures.looks(await rendered(workshop, path, tmp_path / "out.png")) == pictures.UPRIGHT


async def test_placeholder_and_dominant_colour(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "plain.png", pictures.plain(300, 200, (12, 120, 201)))
    seen = await workshop.examine(path)
    assert seen == Pixels("PNG", 300, 200, seen.placeholder, "#0c78c9", False)
    # of one colour the format fixes the average and the shape; the rest is what rounding leaves
    hash = list(b64decode(seen.placeholder))
    average = thash.thumb_hash_to_average_rgba(hash)
    assert average is not None
    assert [round(255 * band) for band in average] == pytest.approx([12, 120, 201, 255], abs=4)
    assert thash.thumb_hash_to_approximate_aspect_ratio(hash) == pytest.approx(1.5, abs=0.15)


async def test_heic_is_read_and_turned_once(workshop: Workshop, tmp_path: Path) -> None:
    for name in ("corners", "corners-turned"):
        path = pictures.DATA / f"{name}.heic"
        seen = await workshop.examine(path)
        assert (seen.format, seen.width, seen.height, seen.has_alpha) == ("HEIC", 64, 48, False)
        assert pictures.looks(await rendered(workshop, path, tmp_path / "out.png")) == pictures.UPRIGHT


@pytest.mark.parametrize("ending", ["jpg", "webp", "avif", "tif", "png"])
async def test_each_of_the_eight_orientations_is_turned_upright(
    workshop: Workshop, tmp_path: Path, ending: str
) -> None:
    upright = pictures.corners(320, 160)
    # how an upright picture is stored under each orientation (EXIF 2.3, 4.6.4 A)
    stored = {
        1: upright,
        2: upright.fliphor(),
        3: upright.rot180(),
        4: upright.flipver(),
        5: upright.rot90().fliphor(),
        6: upright.rot270(),
        7: upright.rot90().flipver(),
        8: upright.rot90(),
    }
    for orientation, image in stored.items():
        marked = image.copy()
        marked.set_type(pyvips.GValue.gint_type, "orientation", orientation)
        path = pictures.saved(tmp_path / f"{orientation}.{ending}", marked)
        seen = await workshop.examine(path)
        assert (seen.width, seen.height) == (320, 160), orientation
        out = await rendered(workshop, path, tmp_path / "out.png", "w160-cover", seen=seen)
        assert (pictures.size(out), pictures.looks(out)) == ((160, 80), pictures.UPRIGHT), orientation


async def test_cmyk_grey_and_sixteen_bits_become_srgb(workshop: Workshop, tmp_path: Path) -> None:
    image = pictures.corners()
    cmyk = pictures.saved(tmp_path / "cmyk.jpg", image.icc_transform("cmyk", input_profile="srgb"), Q=95)
    deep = pictures.saved(tmp_path / "deep.png", (image * 257).cast("ushort").copy(interpretation="rgb16"))
    grey = pictures.saved(tmp_path / "grey.jpg", image.colourspace("b-w"))
    assert pictures.opened(cmyk).bands == 4
    assert pictures.opened(deep).interpretation == "rgb16"
    for path in (cmyk, deep, grey):
        out = pictures.opened(await rendered(workshop, path, tmp_path / "out.png"))
        assert (out.width, out.height, out.bands, out.format, out.interpretation) == (640, 480, 3, "uchar", "srgb")
    assert pictures.looks(await rendered(workshop, deep, tmp_path / "out.png")) == pictures.UPRIGHT
    # an ink has no such green and blue
    assert pictures.looks(await rendered(workshop, cmyk, tmp_path / "out.png"))[0] == "red"
    shade = pictures.opened(await rendered(workshop, grey, tmp_path / "out.png")).getpoint(5, 5)
    assert max(shade) - min(shade) <= 1


@pytest.mark.parametrize(
    ("ending", "width", "height"),
    [("jpg", 1, 30_000), ("jpg", 30_000, 1), ("png", 1, 1), ("webp", 16_000, 1), ("avif", 1, 16_000), ("gif", 1, 9)],
)
async def test_the_thinnest_pictures(workshop: Workshop, tmp_path: Path, ending: str, width: int, height: int) -> None:
    path = pictures.saved(tmp_path / f"thin.{ending}", pictures.plain(width, height, (30, 60, 210)))
    seen = await workshop.examine(path)
    assert (seen.width, seen.height) == (width, height)
    for name, size in (("w160-h160-cover", (1, 1)), ("w160-h160-contain", (min(width, 160), min(height, 160)))):
        out = await rendered(workshop, path, tmp_path / "out.png", name, seen=seen)
        assert pictures.size(out) == size
        assert pictures.looks(out)[0] == "blue"


@pytest.mark.parametrize("ending", ["png", "webp", "tif"])
async def test_grey_that_can_be_seen_through(workshop: Workshop, tmp_path: Path, ending: str) -> None:
    path = pictures.saved(
        tmp_path / f"veil.{ending}", pictures.plain(64, 64, (90, 90, 90)).colourspace("b-w").bandjoin(128)
    )
    seen = await workshop.examine(path)
    assert (seen.has_alpha, seen.dominant_color) == (True, "#5a5a5a")
    out = pictures.opened(await rendered(workshop, path, tmp_path / "out.png"))
    assert out.getpoint(9, 9) == pytest.approx([90, 90, 90, 128], abs=1)


async def test_a_wide_gamut_is_brought_into_srgb(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "wide.png", pictures.plain(64, 64, (200, 100, 50)), profile="p3")
    assert "icc-profile-data" in pictures.opened(path).get_fields()
    out = pictures.opened(await rendered(workshop, path, tmp_path / "out.png"))
    # by CSS Color 4's matrices: display-p3 (200, 100, 50) = sRGB (214.9, 92.6, 30.9)
    assert out.getpoint(9, 9) == pytest.approx([214.9, 92.6, 30.9], abs=1.2)


async def test_a_broken_colour_profile_is_passed_over(workshop: Workshop, tmp_path: Path) -> None:
    for name, profile in (
        ("noise", b"\x13\x37" * 400),
        ("empty", b""),
        ("cut", b"\0\0\x02\x0clcms\x02\x10\0\0mntrRGB XYZ "),
    ):
        image = pictures.corners()
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        path = pictures.saved(tmp_path / f"{name}.jpg", image, Q=95)
        assert pictures.looks(await rendered(workshop, path, tmp_path / "out.png")) == pictures.UPRIGHT, name


async def test_what_is_transparent_stays_so_or_becomes_white(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "half.png", pictures.transparent())
    seen = await workshop.examine(path)
    assert seen.has_alpha
    assert seen.dominant_color in ("#dc1e1e", "#1e3cd2")
    for format in ("webp", "avif", "png"):
        out = pictures.opened(await rendered(workshop, path, tmp_path / f"out.{format}", format=format))
        assert out.hasalpha()
        assert (out.getpoint(20, 20)[3], out.getpoint(620, 20)[3]) == (255, 0)
    flat = pictures.opened(await rendered(workshop, path, tmp_path / "out.jpeg", format="jpeg"))
    assert flat.bands == 3
    assert min(flat.getpoint(620, 20)) >= 250


async def test_reference_photos_have_their_size_and_kind(workshop: Workshop) -> None:
    if not pictures.SHARED.is_dir():
        pytest.skip("the reference photos of ../shared/standards/images are not here")
    expected = sorted(pictures.SHARED.glob("*.expected.json"))
    assert len(expected) >= 20
    for file in expected:
        image = json.loads(file.read_text())["image"]
        seen = await workshop.examine(pictures.SHARED / file.name.removesuffix(".expected.json"))
        assert (seen.format, [seen.width, seen.height]) == (image["format"], image["display_size"]), file.name
        assert len(seen.dominant_color) == 7
        assert 8 <= len(seen.placeholder) <= 40


async def test_reference_photos_show_their_corners_upright(workshop: Workshop, tmp_path: Path) -> None:
    if not pictures.SHARED.is_dir():
        pytest.skip("the reference photos of ../shared/standards/images are not here")
    points = {}
    for orientation in (1, 3, 6, 8):
        path = pictures.SHARED / f"orientation-{orientation}.jpg"
        out = pictures.opened(await rendered(workshop, path, tmp_path / "out.png"))
        points[orientation] = [out.getpoint(x, y) for y in (5, 101) for x in (5, 154)]
    assert len({tuple(point) for point in points[1]}) > 1
    for orientation, seen in points.items():
        for one, other in zip(seen, points[1], strict=True):
            assert one == pytest.approx(other, abs=12), orientation


# ------------------------------------------------------------------------------------------------ what leaves it


async def test_a_cut_is_exact_and_lies_where_the_plan_says(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "wide.png", pictures.corners(1200, 400))
    recipe = parse("w160-h160-cover", "png")
    assert recipe
    for focal, colours in (((0.0, 0.5), ("red", "blue")), ((1.0, 0.5), ("green", "white"))):
        await workshop.render(path, {tmp_path / "out.png": plan(recipe, (1200, 400), focal)})
        seen = pictures.looks(tmp_path / "out.png")
        assert pictures.size(tmp_path / "out.png") == (160, 160)
        assert seen == (colours[0], colours[0], colours[1], colours[1])


async def test_a_full_disk_is_no_fault_of_the_picture(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "well.png", pictures.corners())
    with pytest.raises(StoreUnavailable):
        await rendered(workshop, path, Path("/dev/full"))
    await works(workshop, tmp_path)


# ----------------------------------------------------------------------------------------------- what is no picture


def broken(folder: Path) -> dict[str, tuple[bytes, type[MediaError]]]:
    """Files by name, with the refusal each deserves."""
    image = pictures.corners()
    ways: dict[str, tuple[bytes, type[MediaError]]] = {}
    for ending, options in (
        ("jpg", {}),
        ("png", {}),
        ("webp", {"lossless": True}),
        ("avif", {}),
        ("tif", {"compression": "deflate"}),
        ("gif", {}),
    ):
        noisy = image + pyvips.Image.gaussnoise(640, 480, sigma=20)
        whole = pictures.saved(folder / f"whole.{ending}", noisy.cast("uchar").copy(interpretation="srgb"), **options)
        content = whole.read_bytes()
        ways[f"half.{ending}"] = (content[: len(content) // 2], BadImage)
        ways[f"head.{ending}"] = (content[:64], BadImage)
    heic = (pictures.DATA / "corners.heic").read_bytes()
    ways["half.heic"] = (heic[: len(heic) - 60], BadImage)
    ways["head.heic"] = (heic[:64], BadImage)
    png = pictures.saved(folder / "whole.png", image).read_bytes()
    at = png.index(b"IDAT") + 20
    ways["flipped.png"] = (png[:at] + bytes([png[at] ^ 0xFF]) + png[at + 1 :], BadImage)
    jpeg = pictures.saved(folder / "whole.jpg", image).read_bytes()
    ways["header.jpg"] = (pictures.claiming(jpeg, 20_000, 20_000), ImageTooLarge)
    ways["side.jpg"] = (pictures.claiming(jpeg, 40_000, 10), ImageTooLarge)
    ways["header.png"] = (pictures.png(folder / "claims.png", 20_000, 20_000).read_bytes(), ImageTooLarge)
    ways["side.png"] = (pictures.png(folder / "claims.png", 1, 30_001).read_bytes(), ImageTooLarge)
    ways["vast.png"] = (pictures.png(folder / "claims.png", 2**31 - 1, 2**31 - 1).read_bytes(), BadImage)
    ways["zero.png"] = (pictures.png(folder / "claims.png", 0, 9).read_bytes(), BadImage)
    bomb = pyvips.Image.black(20_000, 20_000, bands=1).cast("uchar")
    ways["bomb.png"] = (pictures.saved(folder / "bomb.png", bomb, bitdepth=1).read_bytes(), ImageTooLarge)
    frames = pyvips.Image.arrayjoin([image, image.invert()], across=1)
    frames.set_type(pyvips.GValue.gint_type, "page-height", 480)
    for ending in ("gif", "webp"):
        ways[f"moving.{ending}"] = (pictures.saved(folder / f"m.{ending}", frames).read_bytes(), UnsupportedImage)
    moving = pictures.png(folder / "m.png", 9, 9, (b"acTL", bytes(8)))
    ways["moving.png"] = (moving.read_bytes(), UnsupportedImage)
    ways["drawing.png"] = (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedImage)
    ways["paper.jpg"] = (b"%PDF-1.4\n" + jpeg, UnsupportedImage)
    ways["archive.jpg"] = (b"PK\x03\x04" + jpeg, UnsupportedImage)
    ways["empty.jpg"] = (b"", BadImage)
    return ways


async def test_each_broken_lying_or_hostile_file_is_refused_and_the_workshop_goes_on(
    workshop: Workshop, tmp_path: Path
) -> None:
    refused = {}
    files = broken(tmp_path)
    for name, (content, _) in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        try:
            await workshop.examine(path)
        except MediaError as error:
            refused[name] = type(error)
    assert refused == {name: kind for name, (_, kind) in files.items()}
    await works(workshop, tmp_path)


async def test_a_flipped_byte_anywhere_gives_pixels_or_a_refusal(workshop: Workshop, tmp_path: Path) -> None:
    files = [pictures.DATA / "corners-turned.heic"]
    files += [
        pictures.saved(tmp_path / f"p.{ending}", pictures.corners(64, 48)) for ending in ("avif", "webp", "tif", "gif")
    ]
    for file in files:
        content = file.read_bytes()
        for at in range(0, len(content), max(1, len(content) // 60)):
            path = tmp_path / "flipped"
            path.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
            try:
                seen = await workshop.examine(path)
                assert seen.width >= 1 <= seen.height
            except (BadImage, UnsupportedImage, ImageTooLarge):
                pass
    await works(workshop, tmp_path)


async def test_a_polyglot_gives_its_pixels_and_nothing_else(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "picture.jpg", pictures.corners(), Q=95)
    path.write_bytes(path.read_bytes() + b"PK\x03\x04payload<script>")
    out = await rendered(workshop, path, tmp_path / "out.jpeg", format="jpeg")
    assert pictures.looks(out) == pictures.UPRIGHT
    assert b"payload" not in out.read_bytes()


async def test_the_largest_that_is_taken_and_one_pixel_more(tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "p.png", pictures.corners(100, 50))
    for limits, taken in (
        ({"max_pixels": 5000}, True),
        ({"max_pixels": 4999}, False),
        ({"max_side": 100}, True),
        ({"max_side": 99}, False),
    ):
        async with Workshop(1, **limits) as workshop:
            if taken:
                assert (await workshop.examine(path)).width == 100
                continue
            with pytest.raises(ImageTooLarge):
                await workshop.examine(path)


async def test_sizes_are_refused_in_plain_words(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(ImageTooLarge) as refused:
        await workshop.examine(pictures.png(tmp_path / "p.png", 20_000, 20_000))
    assert refused.value.message == "This image has 400 megapixels; at most 50 are taken."
    with pytest.raises(ImageTooLarge) as refused:
        await workshop.examine(pictures.png(tmp_path / "p.png", 30_001, 1))
    assert refused.value.message == "A side of this image has 30,001 pixels; at most 30,000 are taken."


# ------------------------------------------------------------------------------------------------------- the children


async def test_a_child_cannot_take_more_memory_than_its_share(tmp_path: Path) -> None:
    # a progressive JPEG is held whole, and this one claims to need 2.4 GB
    small = pictures.saved(tmp_path / "p.jpg", pictures.corners(), interlace=True)
    small.write_bytes(pictures.claiming(small.read_bytes(), 20_000, 20_000))
    async with Workshop(1, max_pixels=10**9) as workshop:
        with pytest.raises(ImageTooLarge) as refused:
            await workshop.examine(small)
        assert refused.value.message == "This image needs more memory to decode than one may take."
        await works(workshop, tmp_path)
        (child,) = children()
        assert child.rlimit(psutil.RLIMIT_AS) == (1024 * MB, 1024 * MB)
        assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert 30 < child.rlimit(psutil.RLIMIT_CPU)[0] < 60  # seconds, counted from the child's start
        assert child.memory_info().rss < 300 * MB


async def test_children_start_when_needed_are_used_again_and_are_gone_afterwards(tmp_path: Path) -> None:
    async with Workshop(2) as workshop:
        assert children() == []
        for _ in range(3):
            await works(workshop, tmp_path)
        assert len(children()) == 1
        await asyncio.gather(*(works(workshop, tmp_path) for _ in range(6)))
        assert len(children()) == 2
        assert workshop.jobs == 9
    assert children() == []


async def test_a_child_inherits_no_file_and_no_secret(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_SECRET_KEY", "not for children")
    held = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(held, True)
    await works(workshop, tmp_path)
    os.close(held)
    (child,) = children()
    assert set(child.environ()) == {"LC_ALL", "MALLOC_ARENA_MAX", "VIPS_CONCURRENCY"}
    files = await asyncio.to_thread(os.listdir, f"/proc/{child.pid}/fd")
    held_there = {os.readlink(f"/proc/{child.pid}/fd/{one}").partition(":")[0] for one in files}  # noqa: PTH115
    assert held_there <= {"pipe", "socket", "/dev/null"}


async def test_a_child_killed_between_two_jobs_is_replaced_unnoticed(workshop: Workshop, tmp_path: Path) -> None:
    await works(workshop, tmp_path)
    (first,) = children()
    first.kill()
    await works(workshop, tmp_path)
    (second,) = children()
    assert second.pid != first.pid


async def test_a_child_that_hangs_is_killed_and_replaced(tmp_path: Path) -> None:
    async with Workshop(1, seconds=2) as workshop:
        await works(workshop, tmp_path)
        (hung,) = children()
        hung.send_signal(signal.SIGSTOP)
        with pytest.raises(BadImage, match="takes too long to decode"):
            await workshop.examine(tmp_path / "well.png")
        await works(workshop, tmp_path)
        assert not hung.is_running()


async def test_a_picture_that_two_children_die_over_is_refused(workshop: Workshop, tmp_path: Path) -> None:
    await works(workshop, tmp_path)
    picture = pictures.photo(tmp_path / "slow.jpg", 3000, 2000)
    job = asyncio.create_task(rendered(workshop, picture, tmp_path / "out.avif", format="avif", seen=SLOW))
    first = await at_work(picture)
    first.kill()
    (await at_work(picture, but=first.pid)).kill()
    with pytest.raises(BadImage) as refused:
        await job
    assert refused.value.message == "This image cannot be decoded."
    assert not (tmp_path / "out.avif").exists()
    await works(workshop, tmp_path)


async def test_a_job_nobody_waits_for_any_more_ends_with_its_child(workshop: Workshop, tmp_path: Path) -> None:
    picture = pictures.photo(tmp_path / "slow.jpg", 3000, 2000)
    job = asyncio.create_task(rendered(workshop, picture, tmp_path / "out.avif", format="avif", seen=SLOW))
    child = await at_work(picture)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await works(workshop, tmp_path)
    assert not child.is_running()
    assert not (tmp_path / "out.avif").exists()


async def test_more_than_can_wait_is_refused_at_once(tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "p.png", pictures.corners())
    async with Workshop(processes=1, waiting=3) as workshop:
        results = await asyncio.gather(*(workshop.examine(path) for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(one, Pixels) for one in results) == 4
        assert sum(isinstance(one, Busy) for one in results) == 4
        await works(workshop, tmp_path)


async def test_a_closed_workshop_takes_no_work(tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "p.png", pictures.corners())
    async with Workshop(1) as workshop:
        pass
    with pytest.raises(Busy):
        await workshop.examine(path)
    assert children() == []


SERVER = """
import asyncio, os, pathlib, signal, sys, psutil
from media.decode import Workshop

async def serve():
    async with Workshop(1) as workshop:
        await workshop.examine(pathlib.Path(sys.argv[1]))
        print(psutil.Process().children()[0].pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(serve())
"""


def test_children_end_with_a_server_that_was_killed(tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "p.png", pictures.corners())
    server = subprocess.run([sys.executable, "-c", SERVER, path], capture_output=True, text=True, timeout=60)
    assert server.returncode == -signal.SIGKILL
    with suppress(psutil.NoSuchProcess):
        child = psutil.Process(int(server.stdout))
        with suppress(psutil.TimeoutExpired):
            child.wait(timeout=10)
        assert child.status() == psutil.STATUS_ZOMBIE  # of a machine whose first process buries nobody


def test_the_server_s_own_process_never_loads_a_decoder() -> None:
    code = "import sys, media.ingest, media.renditions; print('pyvips' in sys.modules, 'pi_heif' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert asked.stdout == "False False\n"
