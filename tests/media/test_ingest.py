"""From a file that someone sent to an original that is kept."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media import ingest
from media.decode import Workshop
from media.errors import BadImage, FileTooLarge, UnsupportedImage
from media.storage import Store, open_store
from tests.media import pictures

MB = 1_000_000


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=1) as workshop:
        yield workshop


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = open_store(store_url)
    yield store
    await store.close()


async def test_a_press_photo_tells_all_it_holds(workshop: Workshop) -> None:
    path = pictures.SHARED / "agency-kcna.jpg"
    if not pictures.SHARED.is_dir():
        pytest.skip("the reference photos of ../shared/standards/images are not here")
    found = await ingest.examine(workshop, path, max_bytes=32 * MB)
    content = pictures.content(path)
    assert (found.format, found.mime, found.width, found.height) == ("JPEG", "image/jpeg", 240, 160)
    assert (found.byte_size, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (found.facts.values["creators"], found.facts.values["credit_line"]) == (["STR"], "KCNA VIA KNS/AFP")
    assert found.dominant_color.startswith("#")
    assert found.placeholder


async def test_what_a_file_is_called_does_not_matter(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "picture.webp", pictures.corners()).rename(tmp_path / "picture.jpg")
    found = await ingest.examine(workshop, path, max_bytes=32 * MB)
    assert (found.format, found.mime, found.facts.values) == ("WEBP", "image/webp", {})


async def test_the_largest_file_that_is_taken_and_one_byte_more(workshop: Workshop, tmp_path: Path) -> None:
    path = pictures.saved(tmp_path / "picture.png", pictures.corners())
    bytes_there = len(pictures.content(path))
    assert (await ingest.examine(workshop, path, max_bytes=bytes_there)).byte_size == bytes_there
    jobs = workshop.jobs
    with pytest.raises(FileTooLarge):
        await ingest.examine(workshop, path, max_bytes=bytes_there - 1)
    assert workshop.jobs == jobs
    with (tmp_path / "vast.jpg").open("wb") as file:
        file.truncate(33 * MB)
    with pytest.raises(FileTooLarge) as refused:
        await ingest.examine(workshop, tmp_path / "vast.jpg", max_bytes=32 * MB)
    assert refused.value.message == "This file has 33.0 MB; at most 32 are taken."


async def test_what_is_no_picture_starts_no_decoder(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(BadImage):
        await ingest.examine(workshop, tmp_path / "empty.jpg", max_bytes=32 * MB)
    (tmp_path / "photo.jpg").write_bytes(b"<svg/>")
    with pytest.raises(UnsupportedImage):
        await ingest.examine(workshop, tmp_path / "photo.jpg", max_bytes=32 * MB)
    assert workshop.jobs == 0


async def test_the_untouched_file_is_kept_once_under_its_content(
    workshop: Workshop, store: Store, tmp_path: Path
) -> None:
    path = pictures.saved(tmp_path / "picture.jpg", pictures.corners())
    found = await ingest.examine(workshop, path, max_bytes=32 * MB)
    key = await ingest.keep(store, path, found)
    assert key == f"originals/{found.sha256[:2]}/{found.sha256}.jpeg"
    assert await store.get(key) == pictures.content(path)
    path.unlink()  # a second time nothing is read or sent
    assert await ingest.keep(store, path, found) == key
    assert [one async for one in store.keys("")] == [key]


async def test_an_original_that_was_kept_only_in_part_is_kept_anew(
    workshop: Workshop, store: Store, tmp_path: Path
) -> None:
    path = pictures.saved(tmp_path / "picture.jpg", pictures.corners())
    found = await ingest.examine(workshop, path, max_bytes=32 * MB)
    await store.put(f"originals/{found.sha256[:2]}/{found.sha256}.jpeg", b"part", "image/jpeg")
    key = await ingest.keep(store, path, found)
    assert await store.get(key) == pictures.content(path)
