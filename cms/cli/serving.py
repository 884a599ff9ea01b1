"""The processes: web, worker, and the web with the demo in it.  Each says what keeps it from starting, and ends with 0."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import uvicorn

from cms import app, db, telemetry
from cms.actions import accounts
from cms.demo import content, load
from cms.errors import BadState
from cms.settings import BadSetting, Settings
from cms.web.wire import wire

STOP_SECONDS = 20  # for the requests in hand
PING_SECONDS = 20.0  # a socket whose other end does not answer for so long is closed
BACKLOG = 2048
OTHER_FILES = 500  # beside connections: databases, photos on their way, the program itself


def serve(settings: Settings) -> None:
    """Until SIGTERM or SIGINT.  Raises BadSetting, BadState for pending migrations, Unavailable."""
    with _listening(settings) as door:
        asyncio.run(_check(settings))
        _run(settings, door)


def demo(settings: Settings) -> None:
    """The demo newsroom, made if it is not there; the same otherwise."""
    if settings.production:
        raise BadSetting("The demo is not for production: take DATELINE_PRODUCTION away, or use `dateline serve`.")
    if settings.site_name == Settings.site_name:
        settings = replace(settings, site_name=content.SITE_NAME)
    # until it serves, SIGTERM is like Ctrl-C: what was begun is cleared away
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _listening(settings) as door:
        card = asyncio.run(_furnish(settings))
        click.echo(_sights(settings, card))
        _run(settings, door)


def work(settings: Settings) -> None:
    """The worker alone, until SIGTERM or SIGINT."""
    telemetry.log_to_stderr(settings.log_level)
    asyncio.run(_work(settings))


async def migrate(settings: Settings) -> list[str]:
    """The names of the steps that were taken.  Raises BadSetting for a path at which no file can be made."""
    try:
        return await db.migrate(settings)
    except OSError as error:
        raise BadSetting(f"DATELINE_DATABASE_URL: {error.filename} cannot be made ({error.strerror}).") from error


@asynccontextmanager
async def newsroom(settings: Settings) -> AsyncIterator[db.Database]:
    """The open database, its tables up to date.  Raises BadState where that is for `dateline migrate` to do.

    An embedded database belongs to one process, which may as well bring it up to date; PostgreSQL is shared with
    processes of the version before.
    """
    if settings.embedded:
        await migrate(settings)
    async with db.open_database(settings) as database:
        if not settings.embedded and (names := await db.pending(settings)):
            raise BadState(f"The database lacks {', '.join(names)}: run `dateline migrate` first.")
        yield database


async def _check(settings: Settings) -> None:
    """What would only come out when the process has begun, and then as a log entry."""
    settings.check_production()
    await app.open_photos(settings).close()
    async with newsroom(settings):
        if settings.production and await accounts.from_demo():
            raise BadSetting(
                "The demo's accounts are in this database, and their passwords in a file: production needs another one."
            )


async def _work(settings: Settings) -> None:
    await _check(settings)
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with app.opened(settings) as services:
        await app.work(stop, services)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Before anything else is done: of two that want one port the second is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        at, why = f"{settings.host} at port {settings.port}", str(error.strerror).partition(" (")[0]
        raise BadSetting(f"Cannot listen on {at} ({why}); DATELINE_PORT names another port.") from error
    with door:
        yield door


def server(settings: Settings) -> uvicorn.Server:
    """The web process's server, not yet running."""
    config = uvicorn.Config(
        app.create_app(settings),
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=settings.max_body_kb * 1000,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        server_header=False,
        proxy_headers=False,  # cms.web.edge knows who is trusted to say whom a request came from
        http=wire(settings),
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return _Server(config)


def _run(settings: Settings, door: socket.socket) -> None:
    telemetry.log_to_stderr(settings.log_level)
    _allow_files(settings.max_connections + OTHER_FILES)
    running = server(settings)
    for one in (signal.SIGTERM, signal.SIGINT):
        # it raises again, when it has stopped, what it has caught: by default that would end us with the signal's code
        signal.signal(one, running.handle_exit)
    running.run(sockets=[door])
    if not running.started:
        raise BadState("The server did not start; the log above says why.")


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Who follows changes is told first: they would never have done by themselves."""
        for server in self.servers:
            server.close()
        await self.config.app.state.streams.end()  # type: ignore[union-attr]
        await super().shutdown(sockets)


def _allow_files(wanted: int) -> None:
    """As many open ones as the system lets us: a connection is one of them, and 1,024 are the usual start."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


# --------------------------------------------------------------------------------------------------------------- demo


async def _furnish(settings: Settings) -> Path:
    """Where the demo's card lies: beside its database, or in var/ where that is not a file of ours."""
    card = (db.sqlite_path(settings).parent if settings.embedded else Path("var")) / "demo.json"
    card.parent.mkdir(parents=True, exist_ok=True)
    async with newsroom(settings):
        pass
    async with app.opened(settings) as services:
        with progress("Drawing the photos, writing the stories", load.STEPS) as told:
            await load.furnish(services, card, told)
    return card


@contextmanager
def progress(label: str, steps: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, a line at each tenth step elsewhere, nothing where nothing happens."""
    with ExitStack() as stack:
        bars: list[Any] = []  # click does not tell the type of its bar

        def told(done: int) -> None:
            if not sys.stderr.isatty():
                if done % 10 == 0 or done == steps:
                    click.echo(f"{label}: {done} of {steps}", err=True)
                return
            if not bars:
                bars.append(stack.enter_context(click.progressbar(length=steps, label=label, file=sys.stderr)))
            bars[0].update(done - bars[0].pos)

        yield told


def _sights(settings: Settings, card: Path) -> str:
    url = settings.public_url
    return f"""
{settings.site_name} is open:

  {url}/
      the front page, with queries to try
  {url}/articles/{content.ACCEPTANCE_SLUG}.html
      one story, all of it from one GraphQL query
  {url}/feeds/latest.rss
      the newest stories; .atom and .json too, and /feeds/section/world.rss, /feeds/tag/…, /feeds/author/…
  {url}/graphql
      POST queries here; the schema is at {url}/schema.graphql

  {card}
      accounts, tokens and keys

Ctrl-C closes it; the next start finds it as it is left.
"""
