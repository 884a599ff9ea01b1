"""`make run` in a fresh clone with nothing but PATH and HOME: from nothing to the first page, and again."""

import asyncio
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.e2e.product import ROOT, free_port

LIMIT_S = 300


async def measure() -> list[tuple[str, str, str]]:
    first, again = await asyncio.to_thread(_twice)
    return [
        ("make run: from nothing to the first page", f"{first:.1f} s", "under 60 s"),
        ("make run: again", f"{again:.1f} s", "under 3 s"),
    ]


def _twice() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "dateline")
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True, timeout=60)
        return _first_page(clone), _first_page(clone)


def _first_page(clone: Path) -> float:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "DATELINE_PORT": str(port)}
    begun = time.monotonic()
    # a session of its own, so that make and what it started can be ended together
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - begun < LIMIT_S:
            assert process.poll() is None, f"make run ended with {process.returncode}"
            try:
                if httpx.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200:
                    return time.monotonic() - begun
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"no page after {LIMIT_S} s")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
