"""What every store does, tried on each: a folder and a real S3."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.errors import Missing
from media.storage import Store, open_store

KEYS = ("originals/ab/abc.jpg", "renditions/ab/abc/w640-cover.webp", "renditions/ab/abc/w640-cover.avif")


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = open_store(store_url)
    yield store
    await store.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def held(store: Store, prefix: str = "") -> set[str]:
    return {key async for key in store.keys(prefix)}


async def test_what_was_put_is_got_back_byte_by_byte(store: Store, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "given").write_bytes(content)
    await store.put("originals/ab/bytes.jpg", content, "image/jpeg")
    await store.put("originals/ab/path.jpg", tmp_path / "given", "image/jpeg")
    for key in ("originals/ab/bytes.jpg", "originals/ab/path.jpg"):
        assert await store.get(key) == content
        assert await store.size(key) == 256_000
        await store.fetch(key, tmp_path / "fetched")
        assert (tmp_path / "fetched").read_bytes() == content
    assert (tmp_path / "given").read_bytes() == content


async def test_a_large_file_and_an_empty_one(store: Store, tmp_path: Path) -> None:
    given = tmp_path / "given"
    with given.open("wb") as file:
        for number in range(32):
            file.write(bytes([number]) * 1_000_000)
    await store.put("originals/32/large.tif", given, "image/tiff")
    await store.fetch("originals/32/large.tif", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == given.read_bytes()
    await store.put("originals/00/empty.jpg", b"", "image/jpeg")
    assert (await store.get("originals/00/empty.jpg"), await store.size("originals/00/empty.jpg")) == (b"", 0)


async def test_what_is_not_there_is_missing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        await store.get("originals/ab/none.jpg")
    with pytest.raises(Missing):
        await store.fetch("originals/ab/none.jpg", tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()
    assert await store.size("originals/ab/none.jpg") is None
    await store.delete("originals/ab/none.jpg")
    assert await held(store) == set()


async def test_deleted_is_gone_alone(store: Store) -> None:
    for key in KEYS:
        await store.put(key, b"content", "image/webp")
    await store.delete(KEYS[1])
    assert await held(store) == {KEYS[0], KEYS[2]}
    with pytest.raises(Missing):
        await store.get(KEYS[1])


async def test_put_again_replaces(store: Store) -> None:
    await store.put(KEYS[0], b"first and longer", "image/jpeg")
    await store.put(KEYS[0], b"second", "image/jpeg")
    assert await store.get(KEYS[0]) == b"second"
    assert await held(store) == {KEYS[0]}


async def test_keys_are_told_by_their_beginning(store: Store) -> None:
    for key in (*KEYS, "renditions/ab/abcd/cover.png", "renditions/b/x.png"):
        await store.put(key, b"x", "image/png")
    assert await held(store, "renditions/ab/abc/") == {KEYS[1], KEYS[2]}
    assert await held(store, "renditions/ab/abc") == {KEYS[1], KEYS[2], "renditions/ab/abcd/cover.png"}
    assert await held(store, "originals/") == {KEYS[0]}
    assert await held(store, "nothing/here/") == set()
    assert len(await held(store)) == 5


async def test_more_keys_than_one_page_holds(store: Store) -> None:
    for start in range(0, 1100, 100):
        await asyncio.gather(
            *(store.put(f"pages/{number:04}.png", b"x", "image/png") for number in range(start, start + 100))
        )
    assert await held(store, "pages/") == {f"pages/{number:04}.png" for number in range(1100)}


async def test_twenty_who_put_and_get_the_same_object_at_once(store: Store) -> None:
    content = b"the same bytes" * 10_000
    await asyncio.gather(*(store.put(KEYS[0], content, "image/jpeg") for _ in range(20)))
    assert await asyncio.gather(*(store.get(KEYS[0]) for _ in range(20))) == [content] * 20
    assert await held(store) == {KEYS[0]}


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "originals//a.jpg",
        "originals/",
        "../a.jpg",
        "originals/../../a.jpg",
        "originals/./a.jpg",
        ".incoming/a",
        "originals/.hidden",
        "originals/a\0.jpg",
        "originals\\a.jpg",
        "originals/a.jpg\n",
        "originals/ä.jpg",
        "a" * 256,
    ],
)
async def test_no_other_key_reaches_the_store(store: Store, tmp_path: Path, key: str) -> None:
    before = files(tmp_path)
    for call in (
        store.put(key, b"x", "image/jpeg"),
        store.get(key),
        store.fetch(key, tmp_path / "fetched"),
        store.size(key),
        store.delete(key),
    ):
        with pytest.raises(ValueError, match="not a key"):
            await call
    assert await held(store) == set()
    assert files(tmp_path) == before


async def test_a_store_that_works_is_ready_and_knows_its_kind(store: Store, store_url: str) -> None:
    await store.check()
    assert store.name == ("local" if store_url.startswith("file:") else "s3")
    assert await held(store) == set()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "var/media",
        "file:",
        "http://bucket",
        "s3:bucket",
        "s3://",
        "s3://bucket/folder",
        "s3://bucket?endpiont=http://127.0.0.1",
        "s3://bucket?endpoint",
    ],
)
def test_an_address_that_names_no_store_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (urllib has sentences of its own)
        open_store(url)
