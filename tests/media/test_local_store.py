"""What a folder has of its own: durability in one step, a full disk, what a crash left."""

import asyncio
import os
import resource
import time
from pathlib import Path

import pytest

from media.errors import StoreUnavailable
from media.storage import open_store
from media.storage.local import ABANDONED, INCOMING, LocalStore

KEY = "originals/ab/abc.jpg"


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


@pytest.mark.parametrize("form", ["file:{}/deep/media", "file://{}/deep/media"])
async def test_the_folder_is_made_where_the_address_says(tmp_path: Path, form: str) -> None:
    store = open_store(form.format(tmp_path))
    await store.put(KEY, b"content", "image/jpeg")
    assert files(tmp_path / "deep/media") == [KEY]


async def test_a_relative_address_starts_at_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("file:./var/media")
    await store.put(KEY, b"content", "image/jpeg")
    assert files(tmp_path) == [f"var/media/{KEY}"]


async def test_a_reader_sees_the_old_object_or_the_new_one_and_never_a_part(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    old, new = b"o" * 3_000_000, b"n" * 3_000_000
    await store.put(KEY, old, "image/jpeg")
    seen = set()

    async def read() -> None:
        for _ in range(60):
            seen.add(await store.get(KEY))

    async def write() -> None:
        for turn in range(20):
            await store.put(KEY, (new, old)[turn % 2], "image/jpeg")

    await asyncio.gather(read(), write())
    assert seen <= {old, new}
    assert files(tmp_path) == [KEY]


async def test_a_disk_that_takes_no_more_is_told_and_leaves_neither_an_object_nor_a_part(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    await store.put(KEY, b"x" * 400_000, "image/jpeg")
    # a limit of this process stands for the full disk: the write fails half-way with an OSError
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
    try:
        for key in (KEY, "originals/cd/cde.jpg"):
            with pytest.raises(StoreUnavailable):
                await store.put(key, b"y" * 600_000, "image/jpeg")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files(tmp_path) == [KEY]
    assert await store.get(KEY) == b"x" * 400_000


async def test_a_source_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")
    with pytest.raises(StoreUnavailable):
        await store.put(KEY, tmp_path / "never written", "image/jpeg")
    assert files(tmp_path) == []


async def test_what_a_crash_left_unfinished_is_no_object_and_is_swept_out_later(tmp_path: Path) -> None:
    (tmp_path / INCOMING).mkdir()
    old, young = tmp_path / INCOMING / "old", tmp_path / INCOMING / "young"
    for one in (old, young):
        one.write_bytes(b"half")
    long_ago = time.time() - ABANDONED - 60
    os.utime(old, (long_ago, long_ago))
    store = LocalStore(tmp_path)
    assert [key async for key in store.keys("")] == []
    assert files(tmp_path) == [f"{INCOMING}/young"]


async def test_a_folder_that_went_away_is_told_by_the_check(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "media")
    await store.check()
    (tmp_path / "media").rename(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable):
        await store.check()


def test_a_folder_that_cannot_be_made_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        open_store(f"file:{tmp_path}/file/media")
