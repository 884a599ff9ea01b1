"""Photos of 24 megapixels taken in, one and then fifty, ten at a time: what the serving process and its decoders need, and how
long its event loop stands still.  Its worker makes the first sizes meanwhile; the sender is another process."""

import asyncio
import io
import json
import random
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx
import psutil
import uvicorn
from PIL import Image

from cms import db, jobs
from cms.actions import accounts
from cms.actor import SYSTEM
from cms.app import create_app
from cms.settings import Settings
from cms.web.services import Services
from tests.web import Web

SIZE = (6000, 4000)
TICK_S = 0.005
LOOK_S = 0.05
MANY, AT_ONCE = 50, 10
AFTER_S = 30
PASSWORD = "a long password"
SENDER = "tests.bench.uploads"
MOST_WAIT_S = 600  # for the worker to have made every size


async def measure() -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder, "photo.jpg")
        await asyncio.to_thread(photo.write_bytes, press_photo())
        settings = Settings(database_url=f"sqlite:///{folder}/newsroom.sqlite3", storage_url=f"file:{folder}/media")
        await db.migrate(settings)
        async with _served(settings) as address:
            person = {"name": "E", "email": "e@bench.test", "password": PASSWORD, "role": "EDITOR"}
            await accounts.save_user(SYSTEM, person)
            await _sent(address, photo, 2, 2)  # the decoders are started, modules are loaded
            await _settled()
            return [*await _one(address, photo), *await _many(address, photo)]


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[str]:
    """The product in this process, so that its event loop can be looked at; its callers are in another one."""
    config = uvicorn.Config(create_app(settings), port=0, log_config=None, access_log=False, lifespan="on", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


async def _one(address: str, photo: Path) -> list[tuple[str, str, str]]:
    async with _watching() as seen:
        (seconds,) = await _sent(address, photo, 1, 1)
    await _settled()
    megabytes = (await asyncio.to_thread(photo.stat)).st_size / 1e6
    return [
        (f"upload of {SIZE[0] * SIZE[1] / 1e6:.0f} MP, {megabytes:.1f} MB, to READY", f"{seconds:.2f} s", ""),
        ("  the server's own memory grows by", f"{(seen.own - seen.own_before) / 1e6:.0f} MB", "at most 100 MB"),
        ("  a decoder's memory", f"{seen.child / 1e6:.0f} MB", "capped at 1,000 MB"),
    ]


@dataclass
class Watched:
    """Bytes, at the most: of the process with its children, of itself, of its largest child.  By how many seconds each tick
    of the event loop was late."""

    before: int
    own_before: int
    peak: int = 0
    own: int = 0
    child: int = 0
    late: list[float] = field(default_factory=list)


async def _many(address: str, photo: Path) -> list[tuple[str, str, str]]:
    begun = time.perf_counter()
    async with _watching() as seen:
        done = await _sent(address, photo, MANY, AT_ONCE)
    seconds = time.perf_counter() - begun
    await _settled()
    await asyncio.sleep(AFTER_S)
    after = sum(await asyncio.to_thread(_held))
    late = statistics.quantiles(seen.late, n=100)
    return [
        (f"{MANY} of them, {AT_ONCE} at a time", f"{seconds:.0f} s", ""),
        ("  failed", f"{MANY - len(done)}", "none"),
        ("  the process and its children, at the peak", f"{seen.peak / 1e6:.0f} MB", "at most 900 MB"),
        (f"  more than before, {AFTER_S} s later", f"{(after - seen.before) / 1e6:.0f} MB", "at most 100 MB"),
        ("  a tick of the event loop is late by, p99", f"{late[98] * 1000:.0f} ms", "at most 50 ms"),
        ("  and at most", f"{max(seen.late) * 1000:.0f} ms", ""),
    ]


async def _settled() -> None:
    """The worker has made every size."""
    async with asyncio.timeout(MOST_WAIT_S):
        while await jobs.wait_s() is not None:  # noqa: ASYNC110 - a job has no event
            await asyncio.sleep(1)


@asynccontextmanager
async def _watching() -> AsyncIterator[Watched]:
    own, *children = _held()
    seen, ended = Watched(own + sum(children), own), asyncio.Event()

    async def ticking() -> None:
        while not ended.is_set():
            begun = time.perf_counter()
            await asyncio.sleep(TICK_S)
            seen.late.append(time.perf_counter() - begun - TICK_S)

    async def looking() -> None:
        while not ended.is_set():
            own, *children = await asyncio.to_thread(_held)
            seen.own, seen.peak = max(seen.own, own), max(seen.peak, own + sum(children))
            seen.child = max([seen.child, *children])
            await asyncio.sleep(LOOK_S)

    tasks = [asyncio.create_task(ticking()), asyncio.create_task(looking())]
    try:
        yield seen
    finally:
        ended.set()
        await asyncio.gather(*tasks)


def _held() -> list[int]:
    """Bytes of this process and of each of its children but the sender."""
    process = psutil.Process()
    held = [process.memory_info().rss]
    for one in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if SENDER not in one.cmdline():
                held.append(one.memory_info().rss)
    return held


# ----------------------------------------------------------------------------------------------------------- the sender


async def _sent(address: str, photo: Path, count: int, at_once: int) -> list[float]:
    """How long each upload took that was taken, in seconds."""
    words = (sys.executable, "-m", SENDER, address, str(photo), str(count), str(at_once))
    sender = await asyncio.create_subprocess_exec(*words, stdout=PIPE)
    out, _ = await sender.communicate()
    assert sender.returncode == 0
    found: list[float] = json.loads(out)
    return found


async def _send(address: str, photo: Path, count: int, at_once: int) -> list[float]:
    data = await asyncio.to_thread(photo.read_bytes)
    places = asyncio.Semaphore(at_once)
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        web = await Web(client, cast("Services", None)).signed_in("e@bench.test", PASSWORD)

        async def one() -> float | None:
            async with places:
                begun = time.perf_counter()
                answer = await web.upload(_another(data, random.randbytes(4)), credit="Bench")
                return None if answer["errors"] else time.perf_counter() - begun

        return [took for took in await asyncio.gather(*(one() for _ in range(count))) if took is not None]


def _another(data: bytes, comment: bytes) -> bytes:
    """The same picture as another file: with a comment (ITU T.81, B.2.4.5)."""
    return data[:2] + b"\xff\xfe\x00\x06" + comment + data[2:]


def press_photo() -> bytes:
    """Noise under a gradient: it compresses as badly as a press photo."""
    rnd = random.Random(24)
    noise = Image.frombytes("L", (600, 400), rnd.randbytes(240_000)).resize(SIZE)
    image = Image.merge("RGB", (noise, Image.linear_gradient("L").resize(SIZE), noise))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


if __name__ == "__main__":
    to, file, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(_send(to, Path(file), *map(int, numbers)))))
