"""Keys name bytes: equal pixels, equal keys; other pixels, other keys."""

from media import keys
from media.recipe import Recipe
from media.storage.store import checked

SHA = "ab" + "0" * 62


def test_an_original_lies_under_its_content() -> None:
    assert keys.original(SHA, "JPEG") == f"originals/ab/{SHA}.jpeg"
    assert keys.original(SHA, "HEIC") == f"originals/ab/{SHA}.heic"


def test_a_rendition_is_kept_under_what_its_pixels_depend_on() -> None:
    cut = Recipe(800, 480, "cover", "webp")
    assert keys.rendition(SHA, cut, (0.5, 0.25)) == f"renditions/ab/{SHA}/w800-h480-cover-x500-y250.webp"
    assert keys.rendition(SHA, cut, (0.5, 0.26)) != keys.rendition(SHA, cut, (0.5, 0.25))
    assert keys.rendition(SHA, cut, (0.50001, 0.25)) == keys.rendition(SHA, cut, (0.5, 0.25))


def test_the_focal_point_matters_only_where_something_is_cut_off() -> None:
    for recipe, name in (
        (Recipe(800, None, "cover", "jpeg"), "w800-cover.jpeg"),
        (Recipe(800, 480, "contain", "avif"), "w800-h480-contain.avif"),
        (Recipe(None, None, "cover", "png"), "cover.png"),
    ):
        assert keys.rendition(SHA, recipe, (0.1, 0.9)) == f"renditions/ab/{SHA}/{name}"


def test_every_key_is_one_that_a_store_takes_and_lies_under_its_original() -> None:
    for key in (keys.original(SHA, "TIFF"), keys.rendition(SHA, Recipe(800, 480, "cover", "webp"), (1, 0))):
        assert checked(key) == key
    assert keys.rendition(SHA, Recipe(None, None, "cover", "png"), (0, 0)).startswith(keys.renditions(SHA))
