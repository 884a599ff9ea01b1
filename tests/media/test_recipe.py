"""Addresses of renditions, their sizes, and what a browser is sent when it may choose."""

import pytest

from media.recipe import Format, Recipe, negotiate, parse, size


@pytest.mark.parametrize(
    ("name", "extension", "recipe"),
    [
        ("w800-h480-cover", "webp", Recipe(800, 480, "cover", "webp")),
        ("w640-cover", "jpeg", Recipe(640, None, "cover", "jpeg")),
        ("h2560-contain", "avif", Recipe(None, 2560, "contain", "avif")),
        ("cover", "png", Recipe(None, None, "cover", "png")),
        ("contain", "webp", Recipe(None, None, "contain", "webp")),
    ],
)
def test_a_recipe_is_read_and_written_alike(name: str, extension: str, recipe: Recipe) -> None:
    assert parse(name, extension) == recipe
    assert recipe.name == name


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("w801-cover", "webp"),
        ("w800-h450-cover", "webp"),
        ("w0800-cover", "webp"),
        ("w0-cover", "webp"),
        ("w-800-cover", "webp"),
        ("h480-w800-cover", "webp"),
        ("w800-w800-cover", "webp"),
        ("w800", "webp"),
        ("w800-fill", "webp"),
        ("w800-cover-", "webp"),
        ("w800-COVER", "webp"),
        ("w٨٠٠-cover", "webp"),
        ("w800-cover\n", "webp"),
        ("", "webp"),
        ("w800-cover", "WEBP"),
        ("w800-cover", "auto"),
        ("w800-cover", "gif"),
        ("w800-cover", ""),
    ],
)
def test_any_other_spelling_is_no_recipe(name: str, extension: str) -> None:
    assert parse(name, extension) is None


@pytest.mark.parametrize(
    ("name", "original", "expected"),
    [
        ("w640-cover", (1800, 1200), (640, 427)),
        ("w640-contain", (1800, 1200), (640, 427)),
        ("h480-cover", (1800, 1200), (720, 480)),
        ("w800-h480-cover", (1800, 1200), (800, 480)),
        ("w800-h480-contain", (1800, 1200), (720, 480)),
        ("w800-h800-contain", (1200, 1800), (533, 800)),
        # never larger than the original
        ("w2560-cover", (1800, 1200), (1800, 1200)),
        ("h2048-cover", (1800, 1200), (1800, 1200)),
        ("w2560-h2560-contain", (1800, 1200), (1800, 1200)),
        # then of both sides the same shape
        ("w1600-h1600-cover", (1800, 1200), (1200, 1200)),
        ("w800-h480-cover", (400, 400), (400, 240)),
        # no size: the last step that the width fills
        ("cover", (1800, 1200), (1600, 1067)),
        ("contain", (1200, 1800), (1024, 1536)),
        ("cover", (6000, 4000), (2560, 1707)),
        ("cover", (100, 50), (100, 50)),
        ("cover", (160, 90), (160, 90)),
        # thin and tall ones: at least one pixel, and an end
        ("w160-cover", (30000, 20), (160, 1)),
        ("w160-h160-cover", (30000, 20), (20, 20)),
        ("w1600-cover", (1600, 30000), (836, 15677)),
        ("w160-cover", (166, 30000), (91, 16383)),
    ],
)
def test_sizes(name: str, original: tuple[int, int], expected: tuple[int, int]) -> None:
    recipe = parse(name, "webp")
    assert recipe
    assert size(recipe, original) == expected


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "avif"),
        ("image/webp,*/*", "webp"),
        ("image/webp;q=0.2, image/avif;q=0.1", "avif"),
        ("IMAGE/WEBP", "webp"),
        ("*/*", "jpeg"),
        ("image/*", "jpeg"),
        ("image/jpeg", "jpeg"),
        ("", "jpeg"),
        ("image/avif;q=0, image/webp", "webp"),
        ("image/avif; q=0.000, image/webp;Q=0", "jpeg"),
        ("image/avif;q=0.001", "avif"),
        ("text/html;,;;,=", "jpeg"),
    ],
)
def test_a_browser_gets_the_best_format_it_names(accept: str, format: Format) -> None:
    assert negotiate(accept) == format
