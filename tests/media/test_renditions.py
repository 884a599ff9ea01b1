"""Renditions: made when first asked for, kept, made once; on a folder and on a real S3."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.decode import Workshop
from media.errors import BadImage, Busy, Missing
from media.keys import Focal
from media.recipe import MIME, Recipe, parse
from media.renditions import Rendition, Renditions
from media.storage import Store, open_store
from tests.media import pictures

SHA = "5e" + "a" * 62
ORIGINAL = f"originals/5e/{SHA}.jpeg"
SIZE = (1200, 800)
MIDDLE = (0.5, 0.5)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = open_store(store_url)
    yield store
    await store.close()


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=2) as workshop:
        yield workshop


@pytest.fixture
async def original(store: Store, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "original.jpg", pictures.corners(*SIZE), Q=95)
    await store.put(ORIGINAL, path, "image/jpeg")


@pytest.fixture
def renditions(store: Store, workshop: Workshop, original: None) -> Renditions:
    return Renditions(store, workshop)


def recipe(name: str, format: str = "webp") -> Recipe:
    read = parse(name, format)
    assert read
    return read


async def get(renditions: Renditions, name: str, format: str = "webp", focal: Focal = MIDDLE) -> Rendition:
    return await renditions.get(ORIGINAL, SHA, SIZE, focal, recipe(name, format))


async def kept(store: Store) -> list[str]:
    return sorted([key.rpartition("/")[2] async for key in store.keys("renditions/")])


async def test_exact_sizes_and_types(renditions: Renditions) -> None:
    for name, format, size in (
        ("w640-cover", "jpeg", (640, 427)),
        ("w320-h480-cover", "webp", (320, 480)),
        ("w320-h480-contain", "avif", (320, 213)),
        ("h160-contain", "png", (240, 160)),
        ("w2560-cover", "webp", SIZE),
        ("cover", "avif", (1024, 683)),
    ):
        made = await get(renditions, name, format)
        assert pictures.size(made.body) == size, name
        assert made.mime == f"image/{format}"
        assert (
            pictures.opened(made.body)
            .get("vips-loader")
            .startswith({"jpeg": "jpegload", "webp": "webpload", "avif": "heifload", "png": "pngload"}[format])
        )
    assert set(MIME.values()) == {"image/jpeg", "image/webp", "image/avif", "image/png"}


async def test_made_once_and_kept(renditions: Renditions, workshop: Workshop, store: Store) -> None:
    first = await get(renditions, "w320-cover")
    assert (workshop.jobs, await kept(store)) == (1, ["w320-cover.webp"])
    assert await get(renditions, "w320-cover") == first
    assert await Renditions(store, workshop).get(ORIGINAL, SHA, SIZE, (0.1, 0.1), recipe("w320-cover")) == first
    assert workshop.jobs == 1
    assert first.key == f"renditions/5e/{SHA}/w320-cover.webp"
    assert await store.get(first.key) == first.body


async def test_another_focal_point_is_another_cut(renditions: Renditions, workshop: Workshop, store: Store) -> None:
    left = await get(renditions, "w160-h480-cover", "png", (0.0, 0.5))
    right = await get(renditions, "w160-h480-cover", "png", (1.0, 0.5))
    assert pictures.looks(left.body) == ("red", "red", "blue", "blue")
    assert pictures.looks(right.body) == ("green", "green", "white", "white")
    assert workshop.jobs == 2
    assert await kept(store) == ["w160-h480-cover-x0-y500.png", "w160-h480-cover-x1000-y500.png"]


async def test_twenty_who_ask_at_once_wait_for_one_making(renditions: Renditions, workshop: Workshop) -> None:
    made = await asyncio.gather(*(get(renditions, "w640-cover", "jpeg") for _ in range(20)))
    assert len({one.body for one in made}) == 1
    assert workshop.jobs == 1


async def test_two_processes_that_make_the_same_do_no_harm(store: Store, workshop: Workshop, original: None) -> None:
    one, other = Renditions(store, workshop), Renditions(store, workshop)
    made = await asyncio.gather(get(one, "w640-cover"), get(other, "w640-cover"))
    assert made[0] == made[1]
    assert await kept(store) == ["w640-cover.webp"]


async def test_one_who_goes_away_takes_it_from_nobody(renditions: Renditions, workshop: Workshop) -> None:
    first = asyncio.create_task(get(renditions, "w640-cover"))
    second = asyncio.create_task(get(renditions, "w640-cover"))
    while not workshop.jobs:  # noqa: ASYNC110  (there is nothing else to wait for)
        await asyncio.sleep(0.001)
    first.cancel()
    assert pictures.size((await second).body) == (640, 427)
    assert first.cancelled()
    assert workshop.jobs == 1


async def test_a_missing_original_is_missing_and_nothing_is_kept(
    renditions: Renditions, workshop: Workshop, store: Store
) -> None:
    await store.delete(ORIGINAL)
    for _ in range(2):
        with pytest.raises(Missing):
            await get(renditions, "w320-cover")
    assert (workshop.jobs, await kept(store)) == (0, [])


async def test_a_broken_original_is_refused_and_tried_again_when_it_is_whole(
    renditions: Renditions, store: Store, tmp_path: Path
) -> None:
    whole = await store.get(ORIGINAL)
    await store.put(ORIGINAL, whole[: len(whole) // 2], "image/jpeg")
    with pytest.raises(BadImage):
        await get(renditions, "w320-cover")
    assert await kept(store) == []
    await store.put(ORIGINAL, whole, "image/jpeg")
    assert pictures.looks((await get(renditions, "w320-cover")).body) == pictures.UPRIGHT


async def test_too_much_work_is_refused_and_nothing_half_made_stays(store: Store, original: None) -> None:
    async with Workshop(processes=1, waiting=1) as workshop:
        renditions = Renditions(store, workshop)
        names = ("w160-cover", "w320-cover", "w480-cover", "w640-cover", "w800-cover", "w1024-cover")
        made = await asyncio.gather(*(get(renditions, name, "avif") for name in names), return_exceptions=True)
        refused = [one for one in made if isinstance(one, Busy)]
        assert refused
        assert len(await kept(store)) == len(names) - len(refused)
        for name in names:
            await get(renditions, name, "avif")
        assert len(await kept(store)) == len(names)
