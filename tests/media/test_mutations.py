"""JPEGs with bytes flipped, cut out, doubled and overwritten: each is refused or decodes, none takes long or the server down.

`make drill` tries 2,000 of them.
"""

import os
import random
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from media import ingest
from media.decode import Workshop
from media.errors import BadImage, ImageTooLarge, UnsupportedImage
from media.recipe import parse
from media.render import plan
from tests.media import pictures
from tests.media.metadata import files

MUTATIONS = int(os.environ.get("TEST_MUTATIONS", 200))
SEED = int(os.environ.get("TEST_SEED", 7))
MOST_S = 10
MARKERS = [bytes([0xFF, marker]) for marker in (*range(0xC0, 0xF0), 0xFE)]


def seeds(folder: Path) -> list[bytes]:
    """Plain, progressive, grey, CMYK, with every block of metadata; and the reference photos where they are."""
    image = pictures.corners(320, 240) + pictures.opened(pictures.photo(folder / "noise.jpg", 320, 240)) / 4
    image = image.cast("uchar").copy(interpretation="srgb")
    blocks = (files.xmp("<dc:rights>R</dc:rights>"), files.iim(files.UTF8 + files.dataset(110, b"AFP")))
    plain = pictures.saved(folder / "plain.jpg", image).read_bytes()
    ways = [plain, plain[:2] + b"".join(blocks) + files.artist("Jo") + plain[2:]]
    writers: list[dict[str, Any]] = [{"interlace": True}, {"restart_interval": 3}, {"subsample_mode": "off"}]
    for number, options in enumerate(writers):
        ways.append(pictures.saved(folder / f"{number}.jpg", image, **options).read_bytes())
    ways.append(pictures.saved(folder / "grey.jpg", image.colourspace("b-w")).read_bytes())
    ways.append(pictures.saved(folder / "cmyk.jpg", image.icc_transform("cmyk", input_profile="srgb")).read_bytes())
    ways += [path.read_bytes() for path in sorted(pictures.SHARED.glob("*.jpg")) if path.stat().st_size < 200_000]
    return ways


def mutated(rnd: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rnd.choice((1, 1, 2, 4, 8, 32))):
        # most of what a decoder can trip over stands before the pixels
        at = rnd.randrange(2, min(len(changed), rnd.choice((700, len(changed)))))
        size = rnd.choice((1, 2, 4, 64, 1000))
        match rnd.randrange(7):
            case 0:
                changed[at] ^= 1 << rnd.randrange(8)
            case 1:
                changed[at : at + size] = rnd.randbytes(len(changed[at : at + size]))
            case 2:
                del changed[at : at + size]
            case 3:
                changed[at:at] = changed[at : at + size]
            case 4:
                changed[at : at + 2] = rnd.choice(MARKERS)
            case 5:
                changed[at : at + 2] = rnd.choice((b"\0\0", b"\0\1", b"\xff\xff", b"\x7f\xff"))
            case 6:
                del changed[rnd.randrange(at, len(changed)) :]
        if len(changed) < 8:
            break
    return bytes(changed)


async def test_mutated_photos_are_refused_or_decode(tmp_path: Path) -> None:
    rnd = random.Random(SEED)
    originals = seeds(tmp_path)
    path, out = tmp_path / "mutated.jpg", tmp_path / "made.jpeg"
    recipe = parse("w160-h160-cover", "jpeg")
    assert recipe
    outcomes = {"taken": 0, "refused": 0}
    async with Workshop(processes=1) as workshop:
        for number in range(MUTATIONS):
            path.write_bytes(mutated(rnd, rnd.choice(originals)))
            begun = time.monotonic()
            try:
                seen = await ingest.examine(workshop, path, max_bytes=32_000_000)
            except (BadImage, UnsupportedImage, ImageTooLarge):
                outcomes["refused"] += 1
            else:
                # what was taken in decodes, and another's decoder takes what was made of it
                await workshop.render(path, {out: plan(recipe, (seen.width, seen.height), (0.5, 0.5))})
                with Image.open(BytesIO(out.read_bytes())) as made:
                    made.load()
                    assert (made.format, max(made.size) <= 160) == ("JPEG", True), number
                outcomes["taken"] += 1
            assert time.monotonic() - begun < MOST_S, number
        assert min(outcomes.values()) > MUTATIONS / 20, outcomes
        seen = await ingest.examine(workshop, tmp_path / "plain.jpg", max_bytes=32_000_000)
        assert (seen.width, seen.height) == (320, 240)
    print(f"{MUTATIONS} mutated JPEGs from seed {SEED}: {outcomes}")
