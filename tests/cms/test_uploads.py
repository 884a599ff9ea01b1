"""Files on their way into the store: what is noted of them, what is cleared away, and a folder of photos taken in."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from cms import ids
from cms.actions import arrivals, photos
from cms.actor import SYSTEM
from cms.db.clock import now
from cms.errors import PhotoWithdrawn, Unavailable
from cms.models import Photo, PhotoFile, PhotoRevision, PhotoUpload
from cms.settings import Settings
from media import keys
from media.decode import Workshop
from media.errors import StoreUnavailable
from media.storage import Promise, Store, open_store
from media.storage.local import LocalStore
from tests import house, pictures
from tests.cms.test_cli import dateline, within

PAST = 2 * arrivals.LASTS


class Slow(LocalStore):
    """A folder in which nothing is put or deleted before it may be."""

    def __init__(self, root: Path):
        super().__init__(root)
        self.may, self.asked = asyncio.Event(), asyncio.Event()
        self.may.set()

    async def put(self, key: str, source: Path | bytes, content_type: str) -> None:
        self.asked.set()
        await self.may.wait()
        await super().put(key, source, content_type)

    async def delete(self, key: str) -> None:
        self.asked.set()
        await self.may.wait()
        await super().delete(key)


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=1) as workshop:
        yield workshop


async def sent(store: Store, workshop: Workshop, path: Path, data: bytes) -> photos.Uploaded:
    await asyncio.to_thread(path.write_bytes, data)
    file = photos.Upload(path, "a.jpg")
    return await photos.upload(SYSTEM, store, workshop, file, {"credit": "Desk"}, settings=Settings())


async def there(store: Store) -> list[str]:
    return sorted([key async for key in store.keys("")])


# ------------------------------------------------------------------------------------------------------------ clearing


@pytest.mark.usefixtures("newsroom")
async def test_an_upload_that_was_cut_off_leaves_a_note_and_its_object_goes_by_it(
    workshop: Workshop, tmp_path: Path
) -> None:
    store = Slow(tmp_path / "media")
    store.may.clear()
    sending = asyncio.create_task(sent(store, workshop, tmp_path / "a", pictures.jpeg(64, 48)))
    await store.asked.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    (note,) = await PhotoUpload.all()
    store.may.set()
    await store.put(note.object_key, b"what came all the same", "image/jpeg")
    assert await arrivals.clear(store) == 0  # it is too young
    assert await there(store) == [note.object_key]
    await PhotoUpload.all().update(expires_at=await now() - PAST)
    assert await arrivals.clear(store) == 1
    assert (await there(store), await PhotoUpload.all().count(), await Photo.all().count()) == ([], 0, 0)


@pytest.mark.usefixtures("newsroom")
async def test_what_was_cut_off_once_and_came_in_later_is_only_forgotten(workshop: Workshop, tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path}/media")
    made = await sent(store, workshop, tmp_path / "a", data := pictures.jpeg(64, 48))
    photo = await Photo.get()
    promise = Promise(photo.original_key, "image/jpeg", photo.byte_size, photo.sha256)
    await arrivals.expect(SYSTEM, promise, "a.jpg")
    await PhotoUpload.all().update(expires_at=await now() - PAST)
    assert await arrivals.clear(store) == 0
    assert (await there(store), await PhotoUpload.all().count()) == ([photo.original_key], 0)
    better = photos.Upload(tmp_path / "b", "b.jpg")
    better.path.write_bytes(pictures.jpeg(128, 96))
    await photos.replace(SYSTEM, store, workshop, made.id, 1, better, settings=Settings())
    await arrivals.expect(SYSTEM, promise, "a.jpg")  # the file that it had before stays too
    await PhotoUpload.all().update(expires_at=await now() - PAST)
    assert await arrivals.clear(store) == 0
    assert await store.get(promise.key) == data


@pytest.mark.usefixtures("newsroom")
async def test_of_two_notes_of_the_same_object_the_younger_one_keeps_it(tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path}/media")
    promise = Promise(keys.original("ab" * 32, "JPEG"), "image/jpeg", 1, "ab" * 32)
    await store.put(promise.key, b"x", "image/jpeg")
    old = await arrivals.expect(SYSTEM, promise, "a.jpg")
    await PhotoUpload.filter(id=old.id).update(expires_at=await now() - PAST)
    young = await arrivals.expect(SYSTEM, promise, "a.jpg")
    assert await arrivals.clear(store) == 0
    assert (await there(store), [one.id for one in await PhotoUpload.all()]) == ([promise.key], [young.id])


@pytest.mark.usefixtures("newsroom")
async def test_while_an_object_is_being_deleted_the_same_file_waits(workshop: Workshop, tmp_path: Path) -> None:
    store = Slow(tmp_path / "media")
    data = pictures.jpeg(64, 48)
    await sent(store, workshop, tmp_path / "a", data)
    photo = await Photo.get()
    await arrivals.expect(SYSTEM, Promise(photo.original_key, "image/jpeg", photo.byte_size, photo.sha256), "a.jpg")
    await PhotoRevision.all().delete()
    await Photo.all().delete()
    await PhotoUpload.all().update(expires_at=await now() - PAST)
    store.may.clear()
    store.asked.clear()
    clearing = asyncio.create_task(arrivals.clear(store))
    await store.asked.wait()
    before = await house.everything()
    with pytest.raises(Unavailable):
        await sent(store, workshop, tmp_path / "b", data)
    assert await house.everything() == before
    assert await arrivals.clear(store) == 0  # another worker does not do it too
    store.may.set()
    assert await clearing == 1
    assert (await there(store), await PhotoUpload.all().count()) == ([], 0)
    again = await sent(store, workshop, tmp_path / "c", data)
    assert await store.get((await Photo.get(id=again.id)).original_key) == data


@pytest.mark.usefixtures("newsroom")
async def test_a_note_that_was_cleared_meanwhile_makes_no_photo(workshop: Workshop, tmp_path: Path) -> None:
    store = Slow(tmp_path / "media")
    store.may.clear()
    sending = asyncio.create_task(sent(store, workshop, tmp_path / "a", pictures.jpeg(64, 48)))
    await store.asked.wait()
    await PhotoUpload.all().update(expires_at=await now() - PAST)
    clearing = asyncio.create_task(arrivals.clear(store))
    while not await PhotoUpload.filter(clearing_until__isnull=False).exists():  # noqa: ASYNC110 - a row has no event
        await asyncio.sleep(0.01)
    store.may.set()
    with pytest.raises(Unavailable):
        await sending
    await clearing
    assert (await Photo.all().count(), await PhotoUpload.all().count(), await PhotoFile.all().count()) == (0, 0, 0)


@pytest.mark.usefixtures("newsroom")
async def test_a_store_out_of_reach_keeps_the_note_for_next_time(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    store = open_store(f"file:{tmp_path}/media")
    promise = Promise("uploads/x/y", "image/jpeg", 1, "ab" * 32)
    await arrivals.expect(SYSTEM, promise, "a.jpg")
    await PhotoUpload.all().update(expires_at=await now() - PAST)
    (tmp_path / "media" / "uploads").write_bytes(b"no folder")
    with pytest.raises(StoreUnavailable):
        await arrivals.clear(store)
    assert await PhotoUpload.all().count() == 1


@pytest.mark.usefixtures("newsroom")
async def test_at_the_door_only_what_is_older_than_a_day_and_not_noted_is_swept(tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path}/media")
    yesterday = (await now()).timestamp() - 25 * 3600
    old = [UUID(int=(int(yesterday * 1000) << 80) | (7 << 76) | (2 << 62) | number) for number in range(3)]
    stray, noted, _ = kept = [keys.arriving(old[0]), keys.arriving(old[1]), keys.arriving(ids.new())]
    for key in kept:
        await store.put(key, b"x", "image/jpeg")
    await arrivals.expect(SYSTEM, Promise(noted, "image/jpeg", 1, "ab" * 32), "a.jpg", id=old[1])
    assert await arrivals.clear(store) == 1
    assert await there(store) == sorted(set(kept) - {stray})


# ------------------------------------------------------------------------------------------------------- a better file


@pytest.mark.usefixtures("newsroom")
async def test_bytes_that_a_withdrawn_photo_had_are_not_taken_as_a_better_file(
    workshop: Workshop, tmp_path: Path
) -> None:
    store = open_store(f"file:{tmp_path}/media")
    killed = await sent(store, workshop, tmp_path / "a", data := pictures.jpeg(64, 48))
    await Photo.filter(id=killed.id).update(status="WITHDRAWN", withdrawn_at=await now(), withdrawn_notice="Not ours.")
    other = await sent(store, workshop, tmp_path / "b", pictures.jpeg(65, 48))
    before = await house.everything()
    with pytest.raises(PhotoWithdrawn, match="Not ours"):
        await photos.replace(
            SYSTEM,
            store,
            workshop,
            other.id,
            1,
            photos.Upload(tmp_path / "a", "a.jpg"),
            settings=Settings(),
        )
    assert (await house.everything(), (tmp_path / "a").read_bytes()) == (before, data)


# ------------------------------------------------------------------------------------------------------------ a folder


def test_a_folder_of_photos_is_taken_in_and_again_only_what_is_new(
    database: str, store_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "agency"
    (folder / "sport").mkdir(parents=True)
    (folder / ".cache").mkdir()
    (folder / "a.jpg").write_bytes(pictures.jpeg(60, 40))
    (folder / "sport" / "b.jpg").write_bytes(pictures.jpeg(61, 40))
    (folder / "sport" / "same as a.jpg").write_bytes(pictures.jpeg(60, 40))
    (folder / ".cache" / "c.jpg").write_bytes(pictures.jpeg(62, 40))
    where = {"database_url": database, "storage_url": store_url}
    done = dateline("photos", "add", str(folder), "--credit", "STR/AFP", **where)
    assert (done.exit_code, done.stdout) == (0, "2 added, 1 there already, 0 refused.\n")
    (folder / "d.jpg").write_bytes(pictures.jpeg(63, 40))
    (folder / "note.txt").write_text("No picture.")
    (folder / "e.jpg").write_bytes(pictures.jpeg(64, 40))
    done = dateline("photos", "add", str(folder), "--credit", "STR/AFP", **where)
    assert (done.exit_code, done.stdout) == (1, "2 added, 3 there already, 1 refused.\n")
    assert "note.txt: This is a file of an unknown kind" in done.stderr
    assert "Taking the photos in: 6 of 6" in done.stderr

    async def found() -> list[tuple[str, str]]:
        return [(one.filename, one.credit) for one in await Photo.all().order_by("filename")]

    names = ["b.jpg", "d.jpg", "e.jpg"]
    assert [one for one in within(database, found) if one[0] in names] == [(name, "STR/AFP") for name in names]
    assert len(within(database, found)) == 4


def test_a_folder_without_files_and_files_without_a_credit_are_refused(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "agency"
    folder.mkdir()
    where = {"database_url": database, "storage_url": f"file:{tmp_path}/media"}
    done = dateline("photos", "add", str(folder), **where)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"Error: There is no file in {folder}.\n")
    (folder / "a.jpg").write_bytes(pictures.jpeg(60, 40))
    done = dateline("photos", "add", str(folder), **where)
    assert (done.exit_code, done.stdout) == (1, "0 added, 0 there already, 1 refused.\n")
    assert "a.jpg: This photo has no credit" in done.stderr

    async def count() -> int:
        return await Photo.all().count()

    assert within(database, count) == 0
