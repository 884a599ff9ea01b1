"""Renditions: made when first asked for, kept, made once; on a folder and on a real S3."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from media import metadata
from media.decode import Workshop
from media.errors import BadImage, Busy, Missing
from media.keys import Focal
from media.metadata.label import Label
from media.recipe import MIME, Recipe, parse
from media.renditions import Original, Rendition, Renditions
from media.storage import Store, open_store
from media.storage.s3 import S3Store
from tests.media import pictures
from tests.services.s3 import S3

SHA = "5e" + "a" * 62
ORIGINAL = f"originals/5e/{SHA}.jpeg"
SIZE = (1200, 800)
MIDDLE = (0.5, 0.5)
LABEL = Label(credit="STR/KCNA VIA KNS/AFP", creators=("STR",), caption="A caption.")


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


def of(focal: Focal = MIDDLE, label: Label = LABEL) -> Original:
    return Original(ORIGINAL, SHA, SIZE, focal, label)


async def get(renditions: Renditions, name: str, format: str = "webp", focal: Focal = MIDDLE) -> Rendition:
    return await renditions.get(of(focal), recipe(name, format))


async def kept(store: Store) -> list[str]:
    """Names without the label's digest."""
    names = [key.rpartition("/")[2].replace(f"-{LABEL.digest}.", ".") async for key in store.keys("renditions/")]
    return sorted(names)


async def test_exact_sizes_and_types(renditions: Renditions) -> None:
    for name, format, size in (
        ("w640-cover", "jpeg", (640, 427)),
        ("w320-h480-cover", "webp", (320, 480)),
        ("w320-h480-contain", "avif", (320, 213)),
        ("h160-contain", "jpeg", (240, 160)),
        ("w2560-cover", "webp", SIZE),
        ("cover", "avif", (1024, 683)),
    ):
        made = await get(renditions, name, format)
        assert pictures.size(made.body) == size, name
        assert made.mime == f"image/{format}"
        assert (
            pictures.opened(made.body)
            .get("vips-loader")
            .startswith({"jpeg": "jpegload", "webp": "webpload", "avif": "heifload"}[format])
        )
    assert set(MIME.values()) == {"image/jpeg", "image/webp", "image/avif", "image/png"}


async def test_made_once_and_kept(renditions: Renditions, workshop: Workshop, store: Store) -> None:
    first = await get(renditions, "w320-cover")
    assert (workshop.jobs, await kept(store)) == (1, ["w320-cover.webp"])
    assert await get(renditions, "w320-cover") == first
    assert await Renditions(store, workshop).get(of((0.1, 0.1)), recipe("w320-cover")) == first
    assert workshop.jobs == 1
    assert first.key == f"renditions/5e/{SHA}/w320-cover-{LABEL.digest}.webp"
    assert await store.get(first.key) == first.body


async def test_what_is_kept_costs_one_request_to_the_store(s3: S3, tmp_path: Path, workshop: Workshop) -> None:
    store = open_store(s3.url(s3.bucket()))
    assert isinstance(store, S3Store)
    path = pictures.saved(tmp_path / "original.jpg", pictures.corners(*SIZE), Q=95)
    await store.put(ORIGINAL, path, "image/jpeg")
    made = await get(Renditions(store, workshop), "w320-cover")
    asked: list[str] = []
    store._client.meta.events.register("before-send.s3", lambda request, **_: asked.append(request.method))
    assert await get(Renditions(store, workshop), "w320-cover") == made
    assert asked == ["GET"]
    await store.close()


async def test_what_nobody_wants_any_more_is_reaped(renditions: Renditions, store: Store, workshop: Workshop) -> None:
    new, cut = replace(LABEL, credit="Jo/AFP"), "w160-h480-cover"
    for name in ("w320-cover", cut):
        for focal in (MIDDLE, (0.0, 0.5)):
            for label in (LABEL, new):
                await renditions.get(of(focal, label), recipe(name))
    other = "renditions/5e/" + SHA[:-1] + "b/w320-cover-0.webp"
    await store.put(other, b"of another photo", "image/webp")
    assert len([key async for key in store.keys("renditions/")]) == 7
    await renditions.reap(SHA, [of(MIDDLE, new)])
    prefix = f"renditions/5e/{SHA}/"
    left = {other, f"{prefix}w320-cover-{new.digest}.webp", f"{prefix}{cut}-x500-y500-{new.digest}.webp"}
    assert {key async for key in store.keys("renditions/")} == left
    await renditions.reap(SHA, [of(MIDDLE, new), of((0.0, 0.5), LABEL)])
    assert {key async for key in store.keys("renditions/")} == left
    assert await store.size(ORIGINAL) is not None
    await renditions.reap(SHA, [])
    assert [key async for key in store.keys("renditions/")] == [other]


async def test_another_focal_point_is_another_cut(renditions: Renditions, workshop: Workshop, store: Store) -> None:
    left = await get(renditions, "w160-h480-cover", "webp", (0.0, 0.5))
    right = await get(renditions, "w160-h480-cover", "webp", (1.0, 0.5))
    assert pictures.looks(left.body) == ("red", "red", "blue", "blue")
    assert pictures.looks(right.body) == ("green", "green", "white", "white")
    assert workshop.jobs == 2
    assert await kept(store) == ["w160-h480-cover-x0-y500.webp", "w160-h480-cover-x1000-y500.webp"]


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


async def test_a_corrected_credit_is_in_new_bytes_under_a_new_key(renditions: Renditions, workshop: Workshop) -> None:
    wrong, right = LABEL, replace(LABEL, credit="Jo Reporter/AFP")
    before = await renditions.get(of(label=wrong), recipe("w320-cover"))
    after = await renditions.get(of(label=right), recipe("w320-cover"))
    assert after.key != before.key
    assert metadata.read(before.body).values["credit_line"] == "STR/KCNA VIA KNS/AFP"
    assert metadata.read(after.body).values["credit_line"] == "Jo Reporter/AFP"
    assert b"KCNA" not in after.body
    assert await renditions.get(of(label=wrong), recipe("w320-cover")) == before
    assert workshop.jobs == 2


async def test_several_are_made_from_one_decoding(renditions: Renditions, workshop: Workshop, store: Store) -> None:
    await get(renditions, "w640-cover", "webp")
    wanted = [
        recipe(name, format)
        for name, format in (
            ("w640-cover", "webp"),
            ("w1024-cover", "jpeg"),
            ("w320-cover", "avif"),
            ("w320-h480-cover", "png"),
        )
    ]
    await asyncio.gather(renditions.prepare(of(), wanted), get(renditions, "w1024-cover", "jpeg"))
    assert await kept(store) == [
        "w1024-cover.jpeg",
        "w320-cover.avif",
        "w320-h480-cover-x500-y500.png",
        "w640-cover.webp",
    ]
    assert workshop.jobs <= 3  # the first, the rest, and that one who asked at the same time may have come first
    jobs = workshop.jobs
    for one, size in zip(wanted, ((640, 427), (1024, 683), (320, 213), (320, 480)), strict=True):
        made = await renditions.get(of(), one)
        assert pictures.size(made.body) == size
        assert metadata.read(made.body).values["credit_line"] == LABEL.credit
    await renditions.prepare(of(), wanted)
    assert workshop.jobs == jobs


async def test_what_is_made_with_others_looks_as_it_does_alone(
    workshop: Workshop, store: Store, tmp_path: Path
) -> None:
    # noise of single pixels is what a second filter changes most; of a photo it changes a thousandth
    await store.put(ORIGINAL, pictures.photo(tmp_path / "photo.jpg", *SIZE), "image/jpeg")
    names = ("w1024-cover", "w640-cover", "w160-h480-cover", "w320-h480-contain")
    alone, together = Renditions(store, workshop), Renditions(store, workshop)
    single = {name: await get(alone, name, "jpeg") for name in names}
    async for key in store.keys("renditions/"):
        await store.delete(key)
    await together.prepare(of(), [recipe(name, "jpeg") for name in names])
    for name in names:
        made = await get(together, name, "jpeg")
        assert pictures.size(made.body) == pictures.size(single[name].body)
        assert pictures.similarity(pictures.opened(made.body), pictures.opened(single[name].body)) > 0.97, name


async def test_an_opaque_original_makes_no_png(renditions: Renditions, store: Store, workshop: Workshop) -> None:
    made = await get(renditions, "w320-cover", "png")
    assert (made.mime, made.body[:2]) == ("image/jpeg", b"\xff\xd8")
    assert await get(renditions, "w320-cover", "png") == made
    assert workshop.jobs == 1


async def test_a_transparent_original_makes_a_png_that_is_transparent(
    store: Store, workshop: Workshop, tmp_path: Path
) -> None:
    await store.put(ORIGINAL, pictures.saved(tmp_path / "half.png", pictures.transparent(*SIZE)), "image/png")
    made = await get(Renditions(store, workshop), "w320-cover", "png")
    assert (made.mime, pictures.opened(made.body).getpoint(310, 10)[3]) == ("image/png", 0)
