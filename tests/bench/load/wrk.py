"""`wrk` on the second core: eight connections kept alive, requests prepared beforehand and sent in turn."""

import json
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

import psutil

from tests.bench.load.server import Server, cores

CONNECTIONS = 8


@dataclass(frozen=True)
class Request:
    """`body` is sent by POST as JSON; without one it is a GET."""

    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Load:
    """`rate` in requests a second; what the processors of server and database spent on one request, in microseconds."""

    rate: float
    server_us: float
    database_us: float

    @property
    def cpu_us(self) -> float:
        return self.server_us + self.database_us

    @classmethod
    def median(cls, rounds: Sequence[Self]) -> Self:
        return cls(*(median(getattr(one, name) for one in rounds) for name in ("rate", "server_us", "database_us")))


def script(file: Path, requests: Sequence[Request]) -> Path:
    """A script for `wrk` that sends the requests in turn."""
    lines = []
    for one in requests:
        method = "POST" if one.body else "GET"
        body = f"[==[{one.body}]==]" if one.body else "nil"
        sent = [*one.headers, *([("Content-Type", "application/json")] if one.body else [])]
        headers = "{" + ", ".join(f"[{json.dumps(name)}] = [==[{value}]==]" for name, value in sent) + "}"
        lines.append(f"  lines[#lines + 1] = wrk.format({json.dumps(method)}, [==[{one.path}]==], {headers}, {body})")
    written = "\n".join(lines)
    file.write_text(
        f"local lines, n = {{}}, 0\nfunction init(args)\n{written}\nend\n"
        "function request()\n  n = n % #lines + 1\n  return lines[n]\nend\n"
    )
    return file


def run(server: Server, database: Sequence[psutil.Process], script: Path, seconds: int) -> Load:
    """Raises AssertionError where an answer was not 200."""
    before, before_database = spent([server.process]), spent(database)
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), server.url]
    command = ["taskset", "-c", str(cores()[1]), "wrk", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    assert "Non-2xx" not in done, done
    assert "Socket errors" not in done, done
    count, rate = (re.search(pattern, done) for pattern in (r"(\d+) requests in", r"Requests/sec:\s+([\d.]+)"))
    assert count, done
    assert rate, done
    ours, theirs = spent([server.process]) - before, spent(database) - before_database
    each = 1e6 / int(count[1])
    return Load(float(rate[1]), ours * each, theirs * each)


def spent(processes: Sequence[psutil.Process]) -> float:
    """Seconds of processor time: of all threads, and of what the processes started, whether it still runs or not."""
    total = 0.0
    for one in [below for each in processes for below in (each, *each.children(recursive=True))]:
        with suppress(psutil.NoSuchProcess):  # it ended just now, and counts as its parent's
            total += sum(one.cpu_times()[:4])
    return total
