"""`dateline doctor`: each part is looked at, and what is wrong comes with what to do.  It changes nothing.

One part that fails does not hide the others.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from cms import app, db, jobs
from cms.actions import accounts, rounds
from cms.db.faults import unavailable
from cms.errors import CMSError
from cms.settings import DEFAULT_SECRET_KEY, BadSetting, Settings
from media import keys
from media.errors import MediaError

OVERDUE_SECONDS = 60
LISTED = 10  # of each kind of trouble
SQLITE = (3, 46)  # older ones parse with a stack of 100


@dataclass(frozen=True, slots=True)
class Finding:
    """A `warn` is worth knowing; a `fail` keeps the product from its work."""

    state: Literal["ok", "warn", "fail"]
    part: str
    words: str


async def examine() -> list[Finding]:
    """Never raises for what is only broken: that is what it is to say."""
    try:
        settings = Settings.load()
    except BadSetting as error:
        return [Finding("fail", "settings", str(error))]
    return [
        Finding("ok", "settings", "All of them can be used."),
        _secret_key(settings),
        *await _database(settings),
        await _storage(settings),
    ]


def _secret_key(settings: Settings) -> Finding:
    part = "secret key"
    try:
        settings.check_production()
    except BadSetting as error:
        return Finding("fail", part, str(error))
    if settings.secret_key == DEFAULT_SECRET_KEY:
        return Finding("warn", part, "It is the default one: set DATELINE_SECRET_KEY before anyone else uses this.")
    return Finding("ok", part, "It is set.")


async def _database(settings: Settings) -> list[Finding]:
    found = []
    try:
        if settings.embedded and not db.sqlite_path(settings).exists():
            words = f"{db.sqlite_path(settings)} is not there yet; `dateline serve` makes it."
            return [Finding("warn", "database", words)]
        async with unavailable(), db.open_database(settings) as database:
            await database.ping()
            found.append(_version(database.dialect, await database.version()))
            if pending := await db.pending(settings):
                words = f"Pending: {', '.join(pending)}.  Run `dateline migrate`."
                return [*found, Finding("fail", "migrations", words)]
            found.append(Finding("ok", "migrations", "None is pending."))
            found += await _jobs()
            found += await _schedules()
            found += await _stories()
            found.append(await _demo(settings))
    except (BadSetting, CMSError) as error:
        found.append(Finding("fail", "database", f"{error}  Look at DATELINE_DATABASE_URL, and whether it runs."))
    return found


def _version(dialect: db.DialectName, version: str) -> Finding:
    if dialect == "sqlite" and tuple(map(int, version.split(".")[:2])) < SQLITE:
        words = (
            f"SQLite {version} answers; deep selections are refused as TOO_COMPLEX before 3.46: update Python's SQLite."
        )
        return Finding("warn", "database", words)
    return Finding("ok", "database", f"{'SQLite' if dialect == 'sqlite' else 'PostgreSQL'} {version} answers.")


async def _jobs() -> list[Finding]:
    late, buried = await jobs.overdue(OVERDUE_SECONDS), await jobs.buried()
    found = []
    if late:
        words = (
            f"{late} overdue by more than {OVERDUE_SECONDS} s: no worker takes them.  Run `dateline worker`, or serve"
        )
        found.append(Finding("fail", "jobs", f"{words} with DATELINE_WORKER=on."))
    if buried:
        found.append(Finding("warn", "jobs", f"{buried} given up after {jobs.MOST_TRIES} tries; the log says why."))
    for one in await jobs.stuck(OVERDUE_SECONDS, LISTED):
        what = f"{one.kind} of {one.subject_id}" if one.subject_id else one.kind
        words = f"{what}, due {one.run_at:%Y-%m-%d %H:%M} UTC" + (f": {one.error}" if one.error else ".")
        found.append(Finding("warn" if one.buried else "fail", "jobs", " ".join(words.split())))
    return found or [Finding("ok", "jobs", "None is overdue, none was given up.")]


async def _schedules() -> list[Finding]:
    """Readers see what they should in any case; here nobody else was told."""
    return [
        Finding(
            "fail",
            "schedules",
            f"{one.headline!r} (article_{one.id}) is {'out' if one.seen else 'gone'}, and the ledger was not told.",
        )
        for one in await rounds.untold(OVERDUE_SECONDS, LISTED)
    ] or [Finding("ok", "schedules", "None was missed.")]


async def _stories() -> list[Finding]:
    return [
        Finding(
            "warn", "stories", f"{one.headline!r} (article_{one.id}) is published in spite of {', '.join(one.codes)}."
        )
        for one in await rounds.unsound(LISTED)
    ] or [Finding("ok", "stories", "No check blocks one that is published.")]


async def _demo(settings: Settings) -> Finding:
    if not await accounts.from_demo():
        return Finding("ok", "accounts", "None is of the demo.")
    if settings.production:
        return Finding("fail", "accounts", "The demo's are here: production needs a database without the demo.")
    return Finding("ok", "accounts", "The demo's are here: this is no database for production.")


async def _storage(settings: Settings) -> Finding:
    """An object is put, read and removed: rights to write are not those to read."""
    content = secrets.token_bytes(32)
    try:
        store = app.open_photos(settings)
        try:
            key = keys.original(hashlib.sha256(content).hexdigest(), "JPEG")
            await store.put(key, content, "image/jpeg")
            whole = await store.get(key) == content
            await store.delete(key)
        finally:
            await store.close()
    except (BadSetting, MediaError) as error:
        return Finding("fail", "storage", f"{error}  Look at DATELINE_STORAGE_URL.")
    if not whole:
        return Finding("fail", "storage", "It gives back other bytes than it was given.")
    return Finding("ok", "storage", "It keeps what it is given.")
