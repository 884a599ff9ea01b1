"""`dateline documents add`: files are read to the byte, and each is tried against the schema before any is registered."""

from pathlib import Path

import click

from cms.actions import documents
from cms.actions.fields import refuse
from cms.actor import SYSTEM
from cms.cli import serving
from cms.errors import BadInput, BadRequest, QueryTooComplex
from cms.settings import Settings
from schema.build import build_schema, core_of
from schema.prepared import Documents

SUFFIXES = (".graphql", ".gql")


async def add(settings: Settings, name: str, path: Path) -> list[str]:
    """A line for each document.  Raises BadInput, several as Refused, where one of them will not do."""
    texts = _read(name, path)
    _check(texts, settings)
    async with serving.newsroom(settings):
        done = await documents.add(SYSTEM, texts)
    return [f"{what:8}  sha256:{documents.digest(texts[one])}  {one}" for one, what in done.items()]


def _read(name: str, path: Path) -> dict[str, str]:
    """A folder's files are called NAME/path/in/the/folder, without their suffix."""
    if not path.is_dir():
        return {name: _text(path)}
    files = sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES and one.is_file())
    if not files:
        raise BadInput(f"There is no {' or '.join(SUFFIXES)} file in {path}.")
    texts: dict[str, str] = {}
    for file in files:
        called = f"{name}/{file.relative_to(path).with_suffix('').as_posix()}"
        if called in texts:
            raise BadInput(f"Two files in {path} would both be called {called}.")
        texts[called] = _text(file)
    return texts


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()  # no line end is changed: the hash is of these bytes
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8.") from error
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error


def _check(texts: dict[str, str], settings: Settings) -> None:
    schema = Documents(core_of(build_schema()), settings)
    refusals = []
    for name, text in texts.items():
        try:
            schema.check(text)
        except (BadRequest, QueryTooComplex) as error:
            refusals.append(BadInput(f"{name}: {error.message}"))
    refuse(refusals)
