"""The product as a user starts it: a process of its own, asked over a socket, stopped as an operator stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_S, STOP_S = 60, 25
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Product:
    """`folder` is where it runs and writes its log; `environment` is what it was started with."""

    url: str
    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """At once, as a crash would end it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_S)

    def command(self, *words: str, given: str = "") -> str:
        """What `dateline …` prints, run beside it.  `given` is its standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "cms", *words],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(
    folder: Path, *words: str, before: Sequence[str] = (), under: Sequence[str] = (), **settings: str
) -> Iterator[Product]:
    """`dateline WORDS` in `folder`, ready to serve; ended with SIGTERM, and it must then end well, unless it was killed.

    `before` are the words of a command that runs first, `under` those of a program that runs it.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    environment = kept | aws | {"PYTHONPATH": str(ROOT), "DATELINE_PORT": str(port), **_named(settings)}
    if before:
        Product(url, folder, environment).command(*before)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*under, sys.executable, "-m", "cms", *words],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(url, process, folder)
            yield Product(url, folder, environment, process)
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(STOP_S) == 0, (folder / "log").read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(STOP_S)


def _named(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"DATELINE_{name.upper()}": value for name, value in settings.items()}


def _wait(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready after {START_S} s:\n{(folder / 'log').read_text()}")
