"""Keys name bytes: equal pixels and label, equal keys; other pixels or another label, other keys."""

from media import keys
from media.recipe import Recipe
from media.storage.store import checked

SHA = "ab" + "0" * 62
LABEL = "00c0ffee00c0ffee"


def test_an_original_lies_under_its_content() -> None:
    assert keys.original(SHA, "JPEG") == f"originals/ab/{SHA}.jpeg"
    assert keys.original(SHA, "HEIC") == f"originals/ab/{SHA}.heic"


def test_a_rendition_is_kept_under_what_its_bytes_depend_on() -> None:
    cut = Recipe(800, 480, "cover", "webp")
    assert keys.rendition(SHA, cut, (0.5, 0.25), LABEL) == f"renditions/ab/{SHA}/w800-h480-cover-x500-y250-{LABEL}.webp"
    assert keys.rendition(SHA, cut, (0.5, 0.26), LABEL) != keys.rendition(SHA, cut, (0.5, 0.25), LABEL)
    assert keys.rendition(SHA, cut, (0.50001, 0.25), LABEL) == keys.rendition(SHA, cut, (0.5, 0.25), LABEL)


def test_another_label_is_another_rendition() -> None:
    recipe = Recipe(800, None, "cover", "jpeg")
    assert keys.rendition(SHA, recipe, (0.5, 0.5), LABEL) != keys.rendition(SHA, recipe, (0.5, 0.5), LABEL[::-1])


def test_the_focal_point_matters_only_where_something_is_cut_off() -> None:
    for recipe, name in (
        (Recipe(800, None, "cover", "jpeg"), f"w800-cover-{LABEL}.jpeg"),
        (Recipe(800, 480, "contain", "avif"), f"w800-h480-contain-{LABEL}.avif"),
        (Recipe(None, None, "cover", "png"), f"cover-{LABEL}.png"),
    ):
        assert keys.rendition(SHA, recipe, (0.1, 0.9), LABEL) == f"renditions/ab/{SHA}/{name}"


def test_every_key_is_one_that_a_store_takes_and_lies_under_its_original() -> None:
    for key in (keys.original(SHA, "TIFF"), keys.rendition(SHA, Recipe(800, 480, "cover", "webp"), (1, 0), LABEL)):
        assert checked(key) == key
    assert keys.rendition(SHA, Recipe(None, None, "cover", "png"), (0, 0), LABEL).startswith(keys.renditions(SHA))
