"""Where a cut lies."""

import pytest

from media.recipe import parse
from media.render import plan

ORIGINAL = (6000, 4000)


@pytest.mark.parametrize(
    ("name", "focal", "scaled", "box"),
    [
        ("w800-cover", (0.1, 0.1), (800, 533), (0, 0, 800, 533)),
        ("w800-h800-contain", (0.9, 0.9), (800, 533), (0, 0, 800, 533)),
        ("w800-h800-cover", (0.5, 0.5), (1200, 800), (200, 0, 800, 800)),
        ("w800-h800-cover", (0.4, 0.5), (1200, 800), (80, 0, 800, 800)),
        ("w800-h800-cover", (0.0, 0.0), (1200, 800), (0, 0, 800, 800)),
        ("w800-h800-cover", (1.0, 1.0), (1200, 800), (400, 0, 800, 800)),
        ("w1600-h800-cover", (0.5, 0.9), (1600, 1067), (0, 267, 1600, 800)),
        ("w160-h2560-cover", (0.75, 0.5), (3840, 2560), (2800, 0, 160, 2560)),
    ],
)
def test_the_focal_point_is_as_near_to_the_middle_as_the_edges_allow(
    name: str, focal: tuple[float, float], scaled: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    recipe = parse(name, "webp")
    assert recipe
    made = plan(recipe, ORIGINAL, focal)
    assert (made.scaled, made.box) == (scaled, box)


@pytest.mark.parametrize("original", [(1, 1), (30000, 1), (3, 4001), (401, 399), (1667, 29999)])
@pytest.mark.parametrize("name", ["w160-h2560-cover", "w2560-h160-cover", "w480-h480-cover", "h1024-cover", "cover"])
def test_the_box_lies_in_the_scaled_picture_and_that_is_never_larger_than_the_original(
    name: str, original: tuple[int, int]
) -> None:
    recipe = parse(name, "webp")
    assert recipe
    for focal in ((0.0, 0.0), (0.333, 0.667), (1.0, 1.0)):
        made = plan(recipe, original, focal)
        left, top, width, height = made.box
        assert left >= 0 <= top
        assert left + width <= made.scaled[0] <= original[0]
        assert top + height <= made.scaled[1] <= original[1]
        assert width >= 1 <= height


def test_png_is_for_what_can_be_seen_through() -> None:
    opaque = {}
    for format in ("jpeg", "webp", "avif", "png"):
        recipe = parse("cover", format)
        assert recipe
        made = plan(recipe, ORIGINAL, (0.5, 0.5))
        assert made.encoder.format == format
        opaque[format] = made.opaque and made.opaque.format
    assert opaque == {"jpeg": None, "webp": None, "avif": None, "png": "jpeg"}
