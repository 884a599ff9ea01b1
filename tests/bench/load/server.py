"""The servers under load, each a process of its own, held to the first core from its first instruction on."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import orjson
import psutil

from tests.bench.load.workloads import Workload
from tests.e2e.product import ROOT, free_port, started

START_S = 30


@dataclass(frozen=True)
class Server:
    url: str
    process: psutil.Process


def cores() -> list[int]:
    """What this process may run on: the first is the servers', the second is for everything else."""
    return sorted(os.sched_getaffinity(0))


@contextmanager
def product(folder: Path, database: str, site: str, **settings: str) -> Iterator[Server]:
    """`dateline serve`, as it comes; only its worker is elsewhere."""
    given = {"database_url": database, "site_url": site, "public_url": site, "storage_url": f"file:{folder}/media"}
    before = set(psutil.Process().children())
    with _held_to_the_first_core() as let_go, started(folder, "serve", worker="off", **given, **settings) as running:
        let_go()
        (process,) = set(psutil.Process().children()) - before
        yield Server(running.url, process)


@contextmanager
def bare(
    folder: Path,
    database: str,
    site: str,
    asked: Sequence[Workload],
    answers: Mapping[str, str],
    files: Mapping[str, Path] = MappingProxyType({}),
) -> Iterator[Server]:
    """`tests.bench.load.ceiling` under the same uvicorn, with the statements of `asked`, the ready `answers` and `files`."""
    given = {
        "statements": {one.name: (one.root, one.sql.replace("{site}", site)) for one in asked},
        "answers": answers,
        "files": {name: str(path) for name, path in files.items()},
    }
    file, port = folder / "ceiling.json", free_port()
    file.write_bytes(orjson.dumps(given))
    options = "--loop uvloop --http httptools --lifespan on --no-access-log --no-server-header --log-level warning"
    app = "tests.bench.load.ceiling:app"
    with _held_to_the_first_core() as let_go:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", app, "--port", str(port), *options.split()],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "BENCH_DATABASE": database, "BENCH_GIVEN": str(file)},
        )
        let_go()
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/answers/{next(iter(answers))}", process)
            yield Server(url, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def _held_to_the_first_core() -> Iterator[Callable[[], None]]:
    """A child keeps what its parent was held to when it was made."""
    all_ = cores()

    def let_go() -> None:
        os.sched_setaffinity(0, all_)

    os.sched_setaffinity(0, all_[:1])
    try:
        yield let_go
    finally:
        let_go()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            httpx.get(url, timeout=2).raise_for_status()
            return
        except httpx.HTTPError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
