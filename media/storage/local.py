"""A folder as a store.  An object is written beside its place, made durable, and moved there in one step."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from media.errors import Missing, StoreUnavailable
from media.storage.store import Promise, checked

INCOMING = ".incoming"  # no key begins with a dot
ABANDONED = 24 * 3600  # seconds; a file that was not finished by then never will be
BATCH = 1000
CHUNK = 1 << 20  # bytes


class LocalStore:
    name = "local"

    def __init__(self, root: Path):
        """Makes the folder if it is not there, and sweeps out what a crash left unfinished."""
        self.root = root.absolute()
        self._incoming = self.root / INCOMING
        with _disk():
            self._incoming.mkdir(parents=True, exist_ok=True)
            for left in self._incoming.iterdir():
                if left.stat().st_mtime < time.time() - ABANDONED:
                    left.unlink(missing_ok=True)

    async def put(self, key: str, source: Path | bytes, content_type: str) -> None:
        await asyncio.to_thread(self._put, self._place(key), source)

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(self._get, key)

    async def fetch(self, key: str, path: Path) -> None:
        await asyncio.to_thread(self._fetch, key, path)

    async def size(self, key: str) -> int | None:
        return await asyncio.to_thread(self._size, key)

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._delete, key)

    async def keys(self, prefix: str) -> AsyncIterator[str]:
        walk = self._walk(prefix)
        while batch := await asyncio.to_thread(_next, walk):
            for key in batch:
                yield key

    async def check(self) -> None:
        await asyncio.to_thread(self._check)

    async def door(self, promise: Promise, seconds: int) -> None:
        return None

    async def close(self) -> None:
        pass

    def _place(self, key: str) -> Path:
        return self.root / checked(key)

    def _put(self, place: Path, source: Path | bytes) -> None:
        with _disk():
            made = _folders(place.parent)
            descriptor, name = tempfile.mkstemp(dir=self._incoming)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    if isinstance(source, bytes):
                        file.write(source)
                    else:
                        with source.open("rb") as given:
                            shutil.copyfileobj(given, file, CHUNK)
                    file.flush()
                    os.fsync(descriptor)
                os.replace(name, place)  # noqa: PTH105
            except BaseException:
                os.unlink(name)  # noqa: PTH108
                raise
            for folder in (place.parent, *made):
                _sync(folder)

    def _get(self, key: str) -> bytes:
        with _disk(key):
            return self._place(key).read_bytes()

    def _fetch(self, key: str, path: Path) -> None:
        with _disk(key), self._place(key).open("rb") as file, path.open("wb") as out:
            shutil.copyfileobj(file, out, CHUNK)

    def _size(self, key: str) -> int | None:
        with _disk():
            try:
                return self._place(key).stat().st_size
            except FileNotFoundError:
                return None

    def _delete(self, key: str) -> None:
        with _disk():
            self._place(key).unlink(missing_ok=True)

    def _walk(self, prefix: str) -> Iterator[str]:
        above = prefix.rpartition("/")[0]
        for folder, folders, files in os.walk(self.root / checked(above) if above else self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                key = (Path(folder) / name).relative_to(self.root).as_posix()
                if key.startswith(prefix):
                    yield key

    def _check(self) -> None:
        with _disk(), tempfile.TemporaryFile(dir=self._incoming) as file:
            file.write(b"ready")


def _next(walk: Iterator[str]) -> list[str]:
    return list(islice(walk, BATCH))


def _folders(folder: Path) -> list[Path]:
    """Makes the folder; returns those that hold a new entry now."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [one.parent for one in missing]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk(key: str | None = None) -> Iterator[None]:
    """What the disk says, in our words.  With a `key`, a file that is not there is a missing object."""
    try:
        yield
    except OSError as error:
        if key and isinstance(error, FileNotFoundError):
            raise Missing(f"There is no object {key}.") from error
        raise StoreUnavailable("The store's disk cannot be used just now.") from error
