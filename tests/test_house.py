"""The rules of the house: who imports whom, what the locks hold, and that written copies still match what they are copied from."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector

import schema
from cms import db
from cms.settings import Settings
from schema.build import build_schema

ROOT = Path(__file__).parents[1]
PACKAGES = ("cms", "schema", "media")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN: list[str] = PROJECT["project"]["dependencies"]
TEST: list[str] = PROJECT["dependency-groups"]["test"]
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]
MOST_BYTES = 2_000_000

# for each contract a line that breaks it, and where
PLANTED = {
    "rings": ("cms/settings.py", "import cms.errors"),
    "media": ("media/metadata/__init__.py", "import media.ingest"),
    "tables": ("cms/feeds/bulletin.py", "import cms.models"),
    "formats": ("cms/feeds/rss.py", "import cms.feeds.atom"),
    "orm": ("cms/web/health.py", "import tortoise"),
    "drivers": ("cms/ledger.py", "import asyncpg"),
    "http": ("cms/actions/articles.py", "import starlette"),
    "outgoing": ("cms/purge.py", "import httpx"),
    "graphql": ("cms/feeds/bulletin.py", "import graphql"),
    "pixels": ("cms/web/images.py", "import PIL"),
    "objects": ("cms/actions/photos.py", "import boto3"),
    "server": ("cms/web/edge.py", "import uvicorn"),
}


def test_every_import_contract_is_kept() -> None:
    assert _lint(ROOT) == (0, [])


@pytest.mark.parametrize("contract", PLANTED)
def test_a_contract_notices_what_breaks_it(contract: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "stories"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path, line = PLANTED[contract]
    with (tmp_path / path).open("a") as file:
        file.write(f"\n{line}\n")
    name = next(one["name"] for one in CONTRACTS if one["id"] == contract)
    code, broken = _lint(tmp_path, "--contract", contract)
    assert (code, broken) == (1, [name])


def test_every_contract_was_tried() -> None:
    assert {one["id"] for one in CONTRACTS} == PLANTED.keys()


def test_every_part_of_the_newsroom_has_its_ring() -> None:
    layers = next(one["layers"] for one in CONTRACTS if one["id"] == "rings")
    rings = set(re.findall(r"[\w.]+", " ".join(layers)))
    parts = {f"cms.{path.stem}" for path in (ROOT / "cms").iterdir() if path.suffix == ".py" or _is_package(path)}
    assert parts - rings == {"cms.__init__"}


def test_three_traps_of_the_names_are_shut() -> None:
    assert schema.__file__ == str(ROOT / "schema/__init__.py")
    assert (ROOT / "tests/__init__.py").exists()
    assert (ROOT / "cms/__init__.py").read_bytes() == b""


async def test_migrations_make_the_tables_that_the_models_describe() -> None:
    config = db.config(Settings())
    async with TortoiseContext() as context:
        await context.init(config=config)
        assert context.apps is not None
        missing = await MigrationAutodetector(context.apps, config["apps"]).changes()
    assert [operation for step in missing for operation in step.operations] == [], "`tortoise makemigrations`"


def test_the_written_schema_is_the_one_that_is_served() -> None:
    """`dateline schema > schema/schema.graphql` rewrites it; the difference is read in review."""
    assert (ROOT / "schema/schema.graphql").read_text() == build_schema().as_str() + "\n"


def test_locks_hold_versions_and_hashes_and_name_no_host() -> None:
    for name in ("bootstrap.lock", "run.lock", "test.lock"):
        for entry in _entries(name):
            assert re.fullmatch(r"[\w.-]+==[\w.+-]+( ; [^\n]+)?( --hash=sha256:[0-9a-f]{64})+", entry), entry


def test_locks_fit_the_project_and_each_other() -> None:
    run, test, bootstrap = _locked("run.lock"), _locked("test.lock"), _locked("bootstrap.lock")
    for requirement in map(Requirement, RUN):
        assert run[canonicalize_name(requirement.name)] in requirement.specifier, f"{requirement}: `make lock`"
    for requirement in map(Requirement, TEST):
        assert test[canonicalize_name(requirement.name)] in requirement.specifier, f"{requirement}: `make lock`"
    assert run.items() <= test.items()
    assert {name: bootstrap[name] for name in bootstrap.keys() & run.keys()}.items() <= run.items()


def test_nothing_is_locked_that_nothing_asks_for() -> None:
    for lock, asked in (("run.lock", RUN), ("test.lock", RUN + TEST)):
        locked = _locked(lock)
        named = [*asked, *(needed for name in locked for needed in _needs(name))]
        assert locked.keys() - {canonicalize_name(Requirement(one).name) for one in named} == set(), "`make lock`"


def test_nothing_that_users_get_is_under_gpl_or_agpl() -> None:
    for name in _locked("run.lock"):
        said = " ".join(_licence(name))
        assert said, f"{name} names no licence: find out which it is"
        assert not re.search(r"(?<!L)GPL|(?<!Lesser )General Public", said), f"{name}: {said}"


def test_no_large_file_is_kept_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    files = [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    assert [str(file) for file in files if file.stat().st_size > MOST_BYTES] == []


def _lint(folder: Path, *options: str) -> tuple[int, list[str]]:
    """lint-imports' exit code, and the names of the contracts that it finds broken."""
    linter = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo", *options]
    done = subprocess.run(linter, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    print(done.stdout, done.stderr)  # for whoever reads the failure
    return done.returncode, re.findall(r"^(.+) BROKEN$", done.stdout, re.MULTILINE)


def _is_package(path: Path) -> bool:
    return (path / "__init__.py").exists()


def _entries(lock: str) -> list[str]:
    return (ROOT / lock).read_text().replace(" \\\n   ", "").splitlines()


def _locked(lock: str) -> dict[str, Version]:
    pins = [re.split(r"==| ", entry, maxsplit=2)[:2] for entry in _entries(lock)]
    return {canonicalize_name(name): Version(version) for name, version in pins}


def _needs(name: str) -> list[str]:
    """What a package may need on some system; nothing is known of one that is not for this system."""
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []


def _licence(name: str) -> Iterator[str]:
    said = metadata.metadata(name)
    for field in ("License-Expression", "License"):
        yield from said.get_all(field, [])
    yield from (one for one in said.get_all("Classifier", []) if one.startswith("License"))
