"""The command line: what each command does, prints and refuses."""

import asyncio
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms import db
from cms.actions import accounts, partners, previews, publishing
from cms.actor import ANONYMOUS, SYSTEM
from cms.cli import main
from cms.errors import Forbidden, Unauthenticated
from cms.models import ApiKey, Article, Change, Job, Partner, Photo, User
from cms.settings import DEFAULT_SECRET_KEY, Settings, listed
from schema.build import build_schema
from tests import house, services
from tests.e2e.product import free_port, started
from tests.services import postgres

ROOT = Path(__file__).parents[2]
KEY = "k" * 40
PASSWORD = "correct horse battery"
STEPS = [path.stem for path in sorted((ROOT / "cms/migrations").glob("0*.py"))]
T = TypeVar("T")


def dateline(*words: str, given: str = "", **settings: str) -> Result:
    """`dateline WORDS` in this process; what it does not refuse but fails at is raised."""
    EXECUTOR_CACHE.clear()
    environment = {f"DATELINE_{name.upper()}": value for name, value in settings.items()}
    done = CliRunner().invoke(main, words, input=given, env=environment)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def refusal(done: Result) -> tuple[int, str]:
    """Exit code and the one sentence of a refusal, which prints nothing else."""
    assert done.stdout == ""
    return done.exit_code, done.stderr.rstrip("\n").rpartition("Error: ")[2]


def within(url: str, ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` finds in the database at `url`."""

    async def asked() -> T:
        async with house.opened(url):
            return await ask()

    return asyncio.run(asked())


@pytest.fixture
def empty(tmp_path: Path) -> str:
    """The URL of an embedded database that is not there yet."""
    return f"sqlite:///{tmp_path}/var/dateline.sqlite3"


@pytest.fixture
async def empty_postgres() -> AsyncIterator[str]:
    """The URL of a PostgreSQL database without a table."""
    server, name = services.address("postgres"), f"empty_{uuid4().hex}"
    await postgres.create(server, name, "template1")
    yield f"{server}/{name}"
    await postgres.drop(server, name)


# ---------------------------------------------------------------------------------------------------------------- words


def test_every_command_has_its_words() -> None:
    help = dateline("--help")
    listed = re.findall(r"^  ([a-z]+) +(\S.*)$", help.stdout.partition("Commands:")[2], re.MULTILINE)
    assert [name for name, _ in listed] == [
        *(
            "demo",
            "doctor",
            "documents",
            "import",
            "key",
            "migrate",
            "partner",
            "photos",
            "schema",
            "serve",
            "settings",
            "user",
            "worker",
        ),
    ]
    assert [words for _, words in listed if words.endswith("...")] == []
    for words in (
        *([name] for name, _ in listed),
        ["user", "add"],
        ["key", "create"],
        ["partner", "add"],
        ["documents", "add"],
        ["photos", "add"],
    ):
        assert dateline(*words, "--help").exit_code == 0


def test_help_comes_at_once_for_it_imports_nothing_of_the_product() -> None:
    heavy = "('tortoise', 'strawberry', 'starlette', 'uvicorn', 'boto3', 'PIL', 'argon2')"
    code = f"import sys, cms.cli; print([one for one in {heavy} if one in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cms", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("Usage: dateline [OPTIONS] COMMAND")


@pytest.mark.parametrize("command", ["demo", "serve", "worker", "migrate", "settings"])
def test_a_setting_that_cannot_be_used_is_one_sentence(command: str) -> None:
    assert refusal(dateline(command, port="none")) == (
        2,
        "DATELINE_PORT cannot be 'none': The port to listen on.",
    )


# -------------------------------------------------------------------------------------------------- settings and schema


def test_settings_are_a_table_with_secrets_masked() -> None:
    settings = {"secret_key": KEY, "database_url": "postgresql://desk:secret@db/news", "session_hours": "8"}
    done = dateline("settings", **settings)
    head, *rows = done.stdout.splitlines()
    assert re.split(" {2,}", head) == ["VARIABLE", "VALUE", "DEFAULT", "UNIT", "MEANING"]
    assert [row.split()[0] for row in rows] == [one.variable for one in listed(Settings())]
    found = {row.split()[0]: re.split(" {2,}", row)[1:] for row in rows}
    assert found["DATELINE_SESSION_HOURS"] == ["8", "12", "hours", "How long a sign-in lasts."]
    assert found["DATELINE_SECRET_KEY"][:2] == ["••••", DEFAULT_SECRET_KEY]
    assert found["DATELINE_DATABASE_URL"][0] == "postgresql://desk:••••@db/news"
    assert KEY not in done.stdout


def test_schema_prints_the_contract() -> None:
    assert dateline("schema").stdout == build_schema().as_str() + "\n"


# -------------------------------------------------------------------------------------------------------------- migrate


def test_migrate_names_its_steps_once(empty: str) -> None:
    first = dateline("migrate", database_url=empty)
    assert (first.exit_code, first.stdout.splitlines()) == (0, STEPS)
    assert dateline("migrate", database_url=empty).stdout == "Nothing was pending.\n"


def test_migrate_brings_postgresql_up_to_date(empty_postgres: str) -> None:
    assert dateline("migrate", database_url=empty_postgres).stdout.splitlines() == STEPS
    assert dateline("migrate", database_url=empty_postgres).stdout == "Nothing was pending.\n"


def test_a_database_that_cannot_be_made_or_reached_is_one_sentence() -> None:
    assert refusal(dateline("migrate", database_url="sqlite:////dev/null/var/a.sqlite3")) == (
        2,
        "DATELINE_DATABASE_URL: /dev/null/var cannot be made (Not a directory).",
    )
    assert refusal(dateline("migrate", database_url="mysql://desk@db/news")) == (
        2,
        "DATELINE_DATABASE_URL must be sqlite:///PATH or postgresql://USER@HOST/NAME.",
    )
    nobody = f"postgresql://desk@127.0.0.1:{free_port()}/news"
    assert refusal(dateline("migrate", database_url=nobody)) == (
        1,
        "The database is not available just now; try again.",
    )


# ----------------------------------------------------------------------------------------------------- serve and worker


def test_serve_makes_its_own_embedded_database_and_ends_well(tmp_path: Path) -> None:
    with started(tmp_path, "serve"):
        assert (tmp_path / "var/dateline.sqlite3").exists()
    assert '"message":"Application shutdown complete."' in (tmp_path / "log").read_text()


def test_serve_leaves_the_tables_of_postgresql_to_migrate(empty_postgres: str, tmp_path: Path) -> None:
    for command in ("serve", "worker"):
        done = dateline(command, database_url=empty_postgres, storage_url=f"file:{tmp_path}", port=str(free_port()))
        names = ", ".join(STEPS)
        assert refusal(done) == (1, f"The database lacks {names}: run `dateline migrate` first.")


def test_serve_does_not_start_where_something_listens(empty: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dateline("serve", database_url=empty, port=str(port))
    assert refusal(done) == (
        2,
        f"Cannot listen on 127.0.0.1 at port {port} (Address already in use); DATELINE_PORT names another port.",
    )
    assert not db.sqlite_path(Settings(database_url=empty)).exists()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_production_wants_a_secret_key(command: str, empty: str) -> None:
    done = dateline(command, database_url=empty, production="on", port=str(free_port()))
    assert refusal(done) == (
        2,
        "DATELINE_SECRET_KEY must be set to at least 32 random characters in production.",
    )
    assert not db.sqlite_path(Settings(database_url=empty)).exists()


def test_serve_refuses_an_address_that_is_no_store(empty: str) -> None:
    code, words = refusal(dateline("serve", database_url=empty, storage_url="ftp://host", port=str(free_port())))
    assert (code, words.partition(": ")[0]) == (2, "DATELINE_STORAGE_URL")


def test_worker_takes_jobs_until_it_is_ended(database: str, tmp_path: Path) -> None:
    async def scheduled() -> None:
        await house.section("World")
        made = await house.live()
        await Change.all().delete()
        await Job.create(kind="article.announce", subject_id=made, run_at=house.hours(-1), created_at=house.hours(-2))

    async def left() -> tuple[int, list[str]]:
        return await Job.all().count(), [change.kind for change in await Change.all()]

    within(database, scheduled)
    environment = {"PYTHONPATH": str(ROOT), "DATELINE_DATABASE_URL": database}
    process = subprocess.Popen([sys.executable, "-m", "cms", "worker"], cwd=tmp_path, env=environment)
    try:
        until = time.monotonic() + 30
        while within(database, left) != (0, ["ARTICLE_PUBLISHED"]):
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()


# ------------------------------------------------------------------------------------------------------- user and key


def add(database: str, *words: str, password: str = PASSWORD, role: str = "editor") -> Result:
    given = ("--name", "Ines Calloway", "--email", "Ines@Desk.test", "--role", role, *words)
    return dateline("user", "add", *given, given=f"{password}\n", database_url=database)


def test_user_add_makes_an_account_that_signs_in(database: str) -> None:
    within(database, lambda: house.section("World"))
    done = add(database, "--section", "world")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "Ines Calloway <Ines@Desk.test> may sign in as EDITOR, limited to world.\n"
    signed_in = within(database, lambda: accounts.sign_in("ines@desk.test", PASSWORD, settings=Settings()))
    assert (signed_in.actor.role, signed_in.actor.name) == ("EDITOR", "Ines Calloway")
    assert len(signed_in.actor.sections or ()) == 1


def test_user_add_makes_the_embedded_database_where_there_is_none(empty: str) -> None:
    assert add(empty).stdout == "Ines Calloway <Ines@Desk.test> may sign in as EDITOR.\n"
    assert within(empty, lambda: User.all().count()) == 1


@pytest.mark.parametrize(
    ("words", "password", "role", "refused"),
    [
        ((), "short", "editor", (1, "A password has at least 12 characters.")),
        ((), "", "editor", (1, "Password is required.")),
        (("--section", "mars"), PASSWORD, "editor", (1, "There is no such section.")),
        (("--email", "nobody"), PASSWORD, "editor", (1, "This is not an e-mail address.")),
    ],
)
def test_user_add_refuses_and_makes_nothing(
    words: tuple[str, ...], password: str, role: str, refused: tuple[int, str], empty: str
) -> None:
    assert refusal(add(empty, *words, password=password, role=role)) == refused
    assert within(empty, lambda: User.all().count()) == 0


def test_user_add_refuses_an_address_twice_and_a_role_that_there_is_not(empty: str) -> None:
    add(empty)
    assert refusal(add(empty)) == (1, "Another account has this e-mail address.")
    assert add(empty, "--email", "b@desk.test", role="owner").exit_code == 2
    assert within(empty, lambda: User.all().count()) == 1


def test_key_create_prints_the_secret_alone(database: str) -> None:
    add(database)
    done = dateline("key", "create", "--label", "Website", "--user", "ines@desk.test", database_url=database)
    assert done.exit_code == 0
    assert done.stderr == "The key 'Website' of ines@desk.test; it is not shown again:\n"
    actor = within(database, lambda: accounts.identify(done.stdout.removesuffix("\n")))
    assert (actor.kind, actor.role, actor.name) == ("API_KEY", "EDITOR", "Ines Calloway")


def test_key_create_narrows_a_key_to_scopes(database: str) -> None:
    add(database)
    create = ("key", "create", "--label", "Import", "--user", "ines@desk.test")
    done = dateline(*create, "--scope", "tag.save", "--scope", "article.create", database_url=database)
    actor = within(database, lambda: accounts.identify(done.stdout.removesuffix("\n")))
    assert actor.scopes == ("article.create", "tag.save")
    code, words = refusal(dateline(*create, "--scope", "everything", database_url=database))
    assert (code, words.partition(" is one of ")[2].split(", ")[0]) == (1, "article.create")
    assert within(database, lambda: ApiKey.all().count()) == 1


def test_partner_add_and_key_create_for_a_partner(database: str) -> None:
    made = dateline("partner", "add", " Strait Wire", database_url=database)
    assert (made.exit_code, made.stdout) == (0, "Strait Wire is a partner; it has no key yet.\n")
    assert refusal(dateline("partner", "add", "Strait Wire", database_url=database)) == (
        1,
        "Another partner has this name.",
    )
    done = dateline("key", "create", "--label", "Feeds", "--partner", "Strait Wire", database_url=database)
    actor = within(database, lambda: accounts.identify(done.stdout.removesuffix("\n")))
    assert (actor.kind, actor.name) == ("PARTNER", "Strait Wire")


def test_key_create_refuses_whom_it_does_not_know_and_makes_nothing(empty: str) -> None:
    create = ("key", "create", "--label", "Website")
    assert refusal(dateline(*create, "--user", "a@desk.test", database_url=empty)) == (
        1,
        "There is no account with the address a@desk.test.",
    )
    assert refusal(dateline(*create, "--partner", "Nobody", database_url=empty)) == (
        1,
        "There is no partner called Nobody.",
    )
    for words in ((), ("--user", "a@desk.test", "--partner", "Nobody")):
        done = dateline(*create, *words, database_url=empty)
        assert refusal(done) == (2, "Name either --user or --partner.")
    assert within(empty, lambda: ApiKey.all().count()) == 0
    assert within(empty, lambda: Partner.all().count()) == 0


def test_accounts_and_partners_are_looked_up_only_for_who_manages_them(database: str) -> None:
    async def look() -> None:
        editor = await house.staff("EDITOR")
        for actor, refused in ((ANONYMOUS, Unauthenticated), (editor, Forbidden)):
            with pytest.raises(refused):
                await accounts.user_named(actor, "ines@desk.test")
            with pytest.raises(refused):
                await partners.partner_named(actor, "Strait Wire")

    add(database)
    within(database, look)


# --------------------------------------------------------------------------------------------------------------- doctor


def examined(**settings: str) -> tuple[int, dict[str, str]]:
    """Exit code, and the state of each part by its name."""
    done = dateline("doctor", **settings)
    lines = [re.split(" {2,}", line, maxsplit=2) for line in done.stdout.splitlines()]
    assert [line for line in lines if len(line) != 3] == []
    return done.exit_code, {part: state for state, part, _ in lines}


def test_doctor_finds_nothing_wrong_with_what_works(database: str, store_url: str) -> None:
    code, found = examined(database_url=database, storage_url=store_url, secret_key=KEY)
    old = "sqlite" in database and sqlite3.sqlite_version_info < (3, 46)
    assert (code, found) == (
        0,
        {
            "settings": "ok",
            "secret key": "ok",
            "database": "warn" if old else "ok",
            "migrations": "ok",
            "jobs": "ok",
            "schedules": "ok",
            "stories": "ok",
            "accounts": "ok",
            "storage": "ok",
        },
    )


def test_doctor_says_what_is_not_there_yet_and_makes_no_database(empty: str, tmp_path: Path) -> None:
    code, found = examined(database_url=empty, storage_url=f"file:{tmp_path}/media")
    assert (code, found) == (0, {"settings": "ok", "secret key": "warn", "database": "warn", "storage": "ok"})
    assert not db.sqlite_path(Settings(database_url=empty)).exists()


def test_doctor_fails_for_pending_migrations(empty_postgres: str, tmp_path: Path) -> None:
    code, found = examined(database_url=empty_postgres, storage_url=f"file:{tmp_path}", secret_key=KEY)
    assert code == 1
    assert found["migrations"] == "fail"


def test_doctor_tells_of_overdue_and_buried_jobs(database: str, tmp_path: Path) -> None:
    async def late() -> None:
        await Job.create(kind="article.announce", run_at=house.hours(-1), created_at=house.hours(-2))
        await Job.create(
            kind="a",
            run_at=house.hours(-2),
            created_at=house.hours(-2),
            buried_at=house.hours(-1),
            last_error="ValueError: no\nsuch thing",
        )
        await Job.create(kind="b", run_at=house.hours(-1), created_at=house.hours(-2), lease_until=house.hours(1))

    within(database, late)
    done = dateline("doctor", database_url=database, storage_url=f"file:{tmp_path}", secret_key=KEY)
    assert done.exit_code == 1
    assert "fail  jobs         1 overdue by more than 60 s" in done.stdout
    assert "warn  jobs         1 given up after 8 tries" in done.stdout
    assert f"fail  jobs         article.announce, due {house.hours(-1):%Y-%m-%d %H:%M} UTC." in done.stdout
    assert f"warn  jobs         a, due {house.hours(-2):%Y-%m-%d %H:%M} UTC: ValueError: no such thing" in done.stdout
    assert "  b, due" not in done.stdout


def test_doctor_lists_missed_schedules_and_published_stories_whose_checks_block(database: str, tmp_path: Path) -> None:
    async def missed() -> tuple[UUID, UUID, UUID]:
        await house.section("World")
        photo = await house.photo()
        begun, ended, sound = (
            await house.article(headline="Begun"),
            await house.live(headline="Ended"),
            await house.live(),
        )
        await publishing.publish(SYSTEM, begun, 1, at=house.hours(1))
        await house.live(headline="Just now")
        unsound = await house.live(headline="Unsound", lead_photo={"photo": photo})
        await previews.create(SYSTEM, sound)
        await Article.filter(id=begun).update(live_from=house.hours(-1))
        await Article.filter(id=ended).update(live_from=house.hours(-3), live_until=house.hours(-1))
        await Photo.filter(id=photo).update(status="WITHDRAWN", credit="")
        await Job.all().delete()
        return begun, ended, unsound

    begun, ended, unsound = within(database, missed)
    done = dateline("doctor", database_url=database, storage_url=f"file:{tmp_path}", secret_key=KEY)
    assert done.exit_code == 1
    assert [line for line in done.stdout.splitlines() if re.match("(fail|warn)", line) and "SQLite" not in line] == [
        f"fail  schedules    'Begun' (article_{begun}) is out, and the ledger was not told.",
        f"fail  schedules    'Ended' (article_{ended}) is gone, and the ledger was not told.",
        f"warn  stories      'Unsound' (article_{unsound}) is published in spite of CREDIT_MISSING, PHOTO_WITHDRAWN.",
    ]


def test_doctor_goes_on_behind_what_is_broken(tmp_path: Path) -> None:
    nobody = f"postgresql://desk@127.0.0.1:{free_port()}/news"
    (tmp_path / "file").touch()
    code, found = examined(database_url=nobody, storage_url=f"file:{tmp_path}/file/media", production="on")
    assert (code, found) == (
        1,
        {"settings": "ok", "secret key": "fail", "database": "fail", "storage": "fail"},
    )
    assert examined(database_url="mysql://db", storage_url=f"file:{tmp_path}")[1]["database"] == "fail"
    assert examined(port="x") == (1, {"settings": "fail"})


def test_doctor_fails_for_accounts_of_the_demo_in_production(database: str, tmp_path: Path) -> None:
    given = {"name": "Rowan", "email": f"rowan@{accounts.DEMO_DOMAIN}", "password": PASSWORD, "role": "READER"}
    made = within(database, lambda: accounts.save_user(SYSTEM, given))
    settings = {"database_url": database, "storage_url": f"file:{tmp_path}", "secret_key": KEY}
    assert examined(**settings)[1]["accounts"] == "ok"
    code, found = examined(**settings, production="on")
    assert (code, found["accounts"]) == (1, "fail")
    within(database, lambda: accounts.save_user(SYSTEM, {"active": False}, made, 1))
    with pytest.raises(Unauthenticated):
        within(database, lambda: accounts.sign_in(given["email"], PASSWORD, settings=Settings()))
    assert examined(**settings, production="on")[1]["accounts"] == "ok"
