"""Renditions that are kept, served to anyone from a folder: requests a second beside a bare Starlette FileResponse of the same
bytes, each on the first core, in one run."""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from cms import db
from cms.actions import photos
from cms.actor import SYSTEM
from cms.app import opened
from cms.demo import content
from cms.demo import photos as drawn
from cms.settings import Settings
from tests.bench.load import in_turns, lacking, wrk
from tests.bench.load.server import bare, product
from tests.bench.load.wrk import Request

SIZES = ("w640-cover.webp", "w1280-cover.jpeg", "w2560-cover.jpeg")
ROUNDS, SECONDS = 5, 1
SITE = "http://bench.test"


async def measure() -> list[tuple[str, str, str]]:
    if lack := lacking():
        return [("images", "not measured", lack)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = f"sqlite:///{folder}/newsroom.sqlite3"
        photo = await _photo(database, folder)
        return await asyncio.to_thread(_measured, folder, database, photo)


async def _photo(database: str, folder: Path) -> str:
    """The key of one that anyone may see."""
    settings = Settings(database_url=database, storage_url=f"file:{folder}/media")
    await db.migrate(settings)
    file = folder / "photo.jpg"
    file.write_bytes(drawn.draw(content.PHOTOS[0]))
    async with opened(settings) as parts:
        sent, said = photos.Upload(file, "a.jpg"), {"credit": "Jo/AFP"}
        made = await photos.upload(SYSTEM, parts.store, parts.workshop, sent, said, settings=settings)
        return str(made.id)


def _measured(folder: Path, database: str, photo: str) -> list[tuple[str, str, str]]:
    rows = []
    with ExitStack() as stack:
        ours = stack.enter_context(product(folder, database, SITE))
        paths = [f"/images/{photo}/1/{size}" for size in SIZES]
        kept = [_kept(folder, f"{ours.url}{path}", size) for path, size in zip(paths, SIZES, strict=True)]
        files = {one.name: one for one in kept}
        ceiling = stack.enter_context(bare(folder, database, SITE, [], {"ready": "{}"}, files))
        for path, size, file in zip(paths, SIZES, kept, strict=True):
            served = wrk.script(folder / f"ours-{size}.lua", [Request(path)])
            plain = wrk.script(folder / f"bare-{size}.lua", [Request(f"/files/{file.name}")])
            us, them = in_turns([(ours, served), (ceiling, plain)], [], ROUNDS, SECONDS)
            share = f"{us.rate / them.rate:.0%}"
            said = f"{us.rate:,.0f} beside {them.rate:,.0f} requests/s; goal 60%"
            rows.append((f"{size}, {file.stat().st_size / 1000:,.0f} kB: of a bare FileResponse", share, said))
    return rows


def _kept(folder: Path, url: str, size: str) -> Path:
    """Its bytes as a plain file, made by asking once."""
    file = folder / f"plain-{size}"
    file.write_bytes(httpx.get(url, timeout=60).raise_for_status().content)
    return file
