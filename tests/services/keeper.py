"""Keeps one server for as long as a test run lives: `python -m tests.services.keeper NAME RUN FOLDER`.

Writes the server's address when it can be used, waits for the process RUN to end, ends the server and clears FOLDER.
"""

import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path

import psutil

from tests.services import ceph, postgres, s3

SERVERS = {"postgres": postgres.serve, "s3": s3.serve, "ceph": ceph.serve}


def keep(name: str, run: int, folder: Path) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    home = folder / name
    try:
        with SERVERS[name](home) as address:
            part = folder / f"{name}.part"
            part.write_text(address)
            part.rename(folder / f"{name}.address")
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(run).wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if not psutil.pid_exists(run):
            _clear(folder, name)


def _clear(folder: Path, name: str) -> None:
    for left in ("address", "lock", "log", "part"):
        (folder / f"{name}.{left}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the other keeper is not done yet: it will clear the folder
        folder.rmdir()


if __name__ == "__main__":
    os.umask(0o077)
    keep(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
