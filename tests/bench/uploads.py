"""A photo of 24 megapixels taken in: what the serving process grows by, what its decoder needs, and how long its event loop
stands still."""

import asyncio
import io
import random
import tempfile
import time
from pathlib import Path

import httpx
import psutil
from PIL import Image

from cms import db
from cms.actions import accounts
from cms.actor import SYSTEM
from cms.app import create_app
from cms.settings import Settings
from tests.web import Web

SIZE = (6000, 4000)
TICK_S = 0.005


async def measure() -> list[tuple[str, str, str]]:
    data = _photo()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/newsroom.sqlite3",
            storage_url=f"file:{Path(folder, 'media')}",
            site_url="http://bench.test",
            public_url="http://bench.test",
        )
        await db.migrate(settings)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bench.test", timeout=120) as client:
                person = {"name": "E", "email": "e@bench.test", "password": "a long password", "role": "EDITOR"}
                await accounts.save_user(SYSTEM, person)
                web = await Web(client, app.state.services).signed_in("e@bench.test", "a long password")
                await web.upload(_small(), credit="Bench")  # the decoder is started, modules are loaded
                return await _watched(web, data)


async def _watched(web: Web, data: bytes) -> list[tuple[str, str, str]]:
    process = psutil.Process()
    before, peak, child, late = process.memory_info().rss, 0, 0, 0.0
    done = asyncio.Event()

    async def watch() -> None:
        nonlocal peak, child, late
        while not done.is_set():
            begun = time.perf_counter()
            await asyncio.sleep(TICK_S)
            late = max(late, time.perf_counter() - begun - TICK_S)
            peak = max(peak, process.memory_info().rss)
            child = max([child, *(one.memory_info().rss for one in process.children(recursive=True))])

    watching = asyncio.create_task(watch())
    begun = time.perf_counter()
    answer = await web.upload(data, credit="Bench")
    seconds = time.perf_counter() - begun
    done.set()
    await watching
    assert answer["photo"]["width"] == SIZE[0], answer
    return [
        (f"upload of {SIZE[0] * SIZE[1] / 1e6:.0f} MP, {len(data) / 1e6:.1f} MB, to READY", f"{seconds:.2f} s", ""),
        ("  the server's own memory grows by", f"{(peak - before) / 1e6:.0f} MB", "at most 100 MB"),
        ("  the decoder's memory", f"{child / 1e6:.0f} MB", "capped at 1,000 MB"),
        ("  the event loop stands still for at most", f"{late * 1000:.0f} ms", "at most 50 ms"),
    ]


def _photo() -> bytes:
    """Noise under a gradient: it compresses as badly as a press photo."""
    rnd = random.Random(24)
    noise = Image.frombytes("L", (600, 400), rnd.randbytes(240_000)).resize(SIZE)
    image = Image.merge("RGB", (noise, Image.linear_gradient("L").resize(SIZE), noise))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def _small() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "#336699").save(out, "JPEG")
    return out.getvalue()
