"""The database: opened once, one transaction per verb, reads on connections of their own.

Writing goes through Tortoise.  Reading goes past it: on PostgreSQL a pool whose connections are handed back without the
reset query (reads change no session state; it costs 100 us), on SQLite a read-only connection used inline (a thread hop
costs more than most statements).  Refuses to start on a database whose migrations are pending.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from tortoise import Tortoise
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection, get_connections
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor
from tortoise.transactions import in_transaction

from cms.db import clock, listen, sqlite
from cms.db.faults import unavailable
from cms.db.listen import PostgreSQLWatch, SQLiteWatch, Watch
from cms.db.postgres import PostgreSQLReads, Writing
from cms.db.replicas import Replicas
from cms.settings import BadSetting, Settings

DialectName = Literal["sqlite", "postgres"]

MIGRATION = UUID(int=0)  # what a process that migrates holds; no subject of a verb has this key


class Statements(list[str]):
    """Read statements in order; `ms` is how long the database took for all of them."""

    ms = 0.0


_seen: ContextVar[Statements | None] = ContextVar("statements", default=None)


class Reads(Protocol):
    """Where statements of the read engine run: each yields one value, the answer's JSON."""

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str: ...

    async def warm(self, statements: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


class Database:
    """An open database.  `dialect` chooses the SQL; `fetch` is the read engine's only door."""

    def __init__(self, dialect: DialectName, reads: Reads, replicas: Replicas | None = None):
        self.dialect: DialectName = dialect
        self._reads, self._replicas = reads, replicas

    async def fetch(self, sql: str, parameters: Sequence[Any], token: str | None = None) -> str:
        """The one value of a read statement.  Raises Unavailable, or TooComplex where SQLite's parser gives up.

        With a token (see `cms.read.freshness`) a standby may answer that has the content it stands for.
        """
        if (seen := _seen.get()) is None:
            return await self._fetch(sql, parameters, token)
        begun = time.perf_counter()
        try:
            return await self._fetch(sql, parameters, token)
        finally:
            seen.append(sql)
            seen.ms += (time.perf_counter() - begun) * 1000

    def _fetch(self, sql: str, parameters: Sequence[Any], token: str | None) -> Awaitable[str]:
        if token is not None and self._replicas:
            return self._replicas.fetch(sql, parameters, token)
        return self._reads.fetch(sql, parameters)

    async def warm(self, statements: Sequence[str]) -> None:
        """From now on connections have these statements planned before they serve, the most important ones first.

        Takes all of them at once: it is for the start, and for when documents are registered.  On SQLite it does nothing.
        Raises Unavailable.
        """
        await self._reads.warm(statements)
        if self._replicas:
            await self._replicas.warm(statements)

    async def version(self) -> str:
        """Of the database itself, like "3.46.1" or "18.1".  Raises Unavailable."""
        asked = {"sqlite": "sqlite_version()", "postgres": "split_part(current_setting('server_version'), ' ', 1)"}
        return await self._reads.fetch(f"SELECT {asked[self.dialect]}", ())

    async def ping(self) -> None:
        """Raises Unavailable if neither reading nor writing connections answer."""
        await self._reads.fetch("SELECT 'ok'", ())
        async with unavailable():
            await get_connection("default").execute_query("SELECT 1")


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Tortoise initialised and the reading connections open, until the block ends.  Raises BadSetting, Unavailable."""
    await Tortoise.init(config=config(settings), _enable_global_fallback=True)
    try:
        async with unavailable():
            reads, replicas = await _open_reads(settings)
        try:
            database = Database("sqlite" if settings.embedded else "postgres", reads, replicas)
            await database.ping()  # Tortoise connects at first use, and a first use that is cancelled keeps its lock
            yield database
        finally:
            if replicas:
                await replicas.close()
            await reads.close()
    finally:
        await Tortoise.close_connections()


@asynccontextmanager
async def watching(settings: Settings, questions: Mapping[DialectName, str]) -> AsyncIterator[Watch]:
    """What is known about the content, until the block ends: see `cms.db.listen`."""
    watch: Watch
    if settings.embedded:
        watch = SQLiteWatch(sqlite_path(settings), questions["sqlite"])
    else:
        watch = PostgreSQLWatch(_postgres(settings), questions["postgres"])
    await watch.open()
    try:
        yield watch
    finally:
        await watch.close()


def config(settings: Settings) -> dict[str, Any]:
    """Tortoise's configuration, as its migration tool takes it too."""
    if settings.embedded:
        pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": 5000}
        connection = {"engine": "cms.db.sqlite", "credentials": {"file_path": str(sqlite_path(settings)), **pragmas}}
    else:
        credentials = {**_postgres(settings), "connection_class": Writing}
        connection = {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
    return {
        "connections": {"default": connection},
        "apps": {"cms": {"models": ["cms.models"], "default_connection": "default", "migrations": "cms.migrations"}},
        "use_tz": True,
        "timezone": "UTC",
    }


def sqlite_path(settings: Settings) -> Path:
    """sqlite:///relative/path or sqlite:////absolute/path."""
    path = settings.database_url.removeprefix("sqlite:///")
    if path == settings.database_url or not path:
        raise BadSetting("DATELINE_DATABASE_URL must be sqlite:///PATH or postgresql://USER@HOST/NAME.")
    return Path(path)


# now() is the transaction's start: the clock is asked by the way.  PostgreSQL works a list off from left to right
_LOCK = "SELECT now() AS now, pg_advisory_xact_lock(hashtextextended($1, 0))"
_SHARE = "SELECT now() AS now, pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
_LOCK_AND_SHARE = f"{_LOCK}, pg_advisory_xact_lock_shared(hashtextextended($2, 0))"


@asynccontextmanager
async def transaction(*, content: bool = True) -> AsyncIterator[None]:
    """One verb's transaction: everything in the block commits together or not at all.

    `content=False` where nothing changes that a reader could be shown: kept answers stay as they are.
    """
    outside, begun = get_connection("default"), in_transaction("default")
    # within another one it is a savepoint, and that one tells
    whole = not isinstance(outside, TransactionalDBClient)
    tells = content and outside.capabilities.dialect == "postgres" and whole
    try:
        await _begin(begun)
        try:
            with clock.one_moment() if whole else nullcontext():
                yield
            mark = await listen.tell() if tells else None
        except BaseException as error:
            await begun.__aexit__(type(error), error, None)
            raise
        with listen.committing(mark):
            await begun.__aexit__(None, None, None)
    finally:
        # Tortoise leaves this task inside a transaction that could not be ended in order
        if get_connection("default") is not outside:
            get_connections().set("default", outside)


async def lock(subject: UUID, *, shares: UUID | None = None) -> None:
    """Hold `subject` until the transaction ends, alone, and then what it `shares` with others who share that.  The first
    statement of every verb, before any write.

    Waiting for an advisory lock takes no transaction id, so the ledger's order of one story's changes is their real one;
    `SELECT … FOR UPDATE` did not ensure that on hot rows.  SQLite has one writer and needs none.
    """
    if clock.dialect() == "postgres":
        await (_hold(_LOCK, subject) if shares is None else _hold(_LOCK_AND_SHARE, subject, shares))


async def share(subject: UUID) -> None:
    """Hold `subject` until the transaction ends, with others who share it: none of them holds it alone.  See `lock`."""
    if clock.dialect() == "postgres":
        await _hold(_SHARE, subject)


async def migrate(settings: Settings) -> list[str]:
    """Apply what is pending, all of it or nothing; returns the names.

    Can be run again after a crash, and by two processes at once: the second waits, and finds it done.
    """
    if settings.embedded:
        sqlite_path(settings).parent.mkdir(parents=True, exist_ok=True)
    names: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            names.append(name)

    await Tortoise.init(config=config(settings), _enable_global_fallback=True)
    try:
        async with unavailable(), transaction():
            await lock(MIGRATION)
            executor = _executor(settings)
            # before the executor looks for its own table: on PostgreSQL a look that fails ends the transaction
            editor = SqliteSchemaEditor if settings.embedded else AsyncpgSchemaEditor
            await executor.recorder.ensure_schema(editor(executor.connection, atomic=False))
            await executor.migrate(None, direction="forward", progress=note)
    finally:
        await Tortoise.close_connections()
    return names


async def pending(settings: Settings) -> list[str]:
    """The names of migrations that are not applied.  Within an open database."""
    return [step.migration.name for step in await _executor(settings).plan(None)]


@contextmanager
def statements() -> Iterator[Statements]:
    """The read statements that run inside the block, in order: for tests and for `extensions.explain`."""
    seen = Statements()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


async def _hold(statement: str, *subjects: UUID) -> None:
    rows = await get_connection("default").execute_query_dict(statement, [str(one) for one in subjects])
    clock.heard(rows[0]["now"])


async def _begin(transaction: Any) -> None:
    """Tortoise keeps what it took for one that does not begin: SQLite's lock, or a connection of the pool."""
    try:
        await transaction.__aenter__()
    except BaseException as error:
        if hasattr(transaction, "token"):
            with suppress(Exception):
                await transaction.__aexit__(type(error), error, None)
        raise


def _executor(settings: Settings) -> MigrationExecutor:
    return MigrationExecutor(get_connection("default"), config(settings)["apps"])


def _postgres(settings: Settings) -> dict[str, Any]:
    return _at(settings.database_url, settings, "DATELINE_DATABASE_URL must be sqlite:///PATH or {}.")


def _at(url: str, settings: Settings, refusal: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.hostname or not parts.path.strip("/"):
        raise BadSetting(refusal.format("postgresql://USER@HOST/NAME"))
    seconds = settings.statement_seconds
    return {
        "host": parts.hostname,
        "port": parts.port or 5432,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.strip("/")),
        "minsize": 1,
        "maxsize": settings.pool_size,
        "timeout": 3,
        "command_timeout": seconds + 1,
        "application_name": "dateline",
        "server_settings": {
            "statement_timeout": f"{seconds}s",
            # an open transaction holds back every reader of the ledger
            "idle_in_transaction_session_timeout": "15s",
        },
    }


async def _open_reads(settings: Settings) -> tuple[Reads, Replicas | None]:
    addresses = [one.strip() for one in settings.read_database_urls.split(",") if one.strip()]
    if settings.embedded:
        if addresses:
            raise BadSetting("DATELINE_READ_DATABASE_URLS must be empty: SQLite has no standbys.")
        return sqlite.SQLiteReads(sqlite_path(settings), settings.statement_seconds), None
    refusal = "DATELINE_READ_DATABASE_URLS must be addresses like {}, with commas between."
    standbys = [_at(one, settings, refusal) for one in addresses]
    primary = PostgreSQLReads(_postgres(settings), settings.pool_size)
    await primary.open()
    if not standbys:
        return primary, None
    named = {f"{one['host']}:{one['port']}": PostgreSQLReads(one, settings.pool_size) for one in standbys}
    return primary, Replicas(primary, named)
