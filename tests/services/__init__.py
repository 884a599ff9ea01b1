"""The servers that tests talk to: a real PostgreSQL 18 and a real S3 (or two of them), each started once for a whole test run.

A server is started by the first test that asks for it, in whichever process of the run that is, and is looked after by a
keeper (`tests.services.keeper`) that ends it together with the run, also when the run is killed.  Everything listens on
the loopback alone, on free ports, and lives in one temporary folder.
"""

import fcntl
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
ROOM_BYTES = 2_000_000_000


def address(name: str) -> str:
    """Where the server `name` ("postgres", "s3" or "ceph") listens, started if it is not yet.  Raises RuntimeError with its log."""
    run = _run()
    folder = Path(_fast_folder(), f"dateline-tests-{run}")
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # as root, PostgreSQL runs under another account and has to pass through
    ready = folder / f"{name}.address"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            _start(name, run, folder, ready)
        return ready.read_text()


def free_ports(count: int) -> int:
    """The first of `count` neighbouring ports that nobody listens on, nor 10,000 above them (SeaweedFS' gRPC).

    All lie below the ports that the system hands out to clients, which would else take one in between.
    """
    while True:
        first = random.randrange(12_000, 22_000 - count)
        if all(_free(port) for low in range(first, first + count) for port in (low, low + 10_000)):
            return first


def _fast_folder() -> str:
    """In memory where there is room: PostgreSQL copies a database there in 13 ms, on a virtual disk in 290."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES
    return str(memory) if roomy else tempfile.gettempdir()


def _run() -> int:
    """The process whose end is the run's end: of pytest-xdist's workers, their parent."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _start(name: str, run: int, folder: Path, ready: Path) -> None:
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "tests.services.keeper", name, str(run), str(folder)]
    with log.open("w") as written:
        # a session of its own: Ctrl-C ends the run, and that the server
        keeper = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True
        )
    until = time.monotonic() + START_SECONDS
    while not ready.exists():
        if keeper.poll() is not None or time.monotonic() > until:
            keeper.terminate()
            raise RuntimeError(f"{name} did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives this process by design; nobody waits for it


def _free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
