"""Registered documents: added, replaced, listed and removed, by an admin and from the command line."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from cms import clock
from cms.actions import documents
from cms.actor import SYSTEM
from cms.errors import BadInput, CMSError, NotFound, Refused, TooLong
from cms.models import RegisteredDocument
from tests import house
from tests.cms.test_cli import dateline, refusal, within

newsroom = pytest.mark.usefixtures("newsroom")

FRONT, PAGE = "query Front { __typename }\r\n# é\n", "query Page($slug: String!) { article(slug: $slug) { headline } }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def rows() -> dict[str, tuple[str, str]]:
    return {row.name: (row.sha256, row.text) for row in await RegisteredDocument.all().order_by("name")}


# -------------------------------------------------------------------------------------------------------------- actions


@newsroom
async def test_a_text_is_kept_to_the_byte_beside_its_hash() -> None:
    assert await documents.add(SYSTEM, {"site/front": FRONT, "page": PAGE}) == {"site/front": "added", "page": "added"}
    assert await rows() == {"page": (sha256(PAGE), PAGE), "site/front": (sha256(FRONT), FRONT)}
    listed = await documents.listed(SYSTEM)
    assert [(one.name, one.sha256) for one in listed] == [("page", sha256(PAGE)), ("site/front", sha256(FRONT))]
    assert all(timedelta(0) <= clock.now() - one.created_at < timedelta(minutes=1) for one in listed)


@newsroom
async def test_the_same_again_changes_nothing_and_another_text_takes_the_name() -> None:
    await documents.add(SYSTEM, {"front": FRONT, "page": PAGE})
    before = await house.everything()
    assert await documents.add(SYSTEM, {"front": FRONT, "page": PAGE}) == {"front": "kept", "page": "kept"}
    assert await house.everything() == before
    newer = PAGE.replace("headline", "headline summary")
    assert await documents.add(SYSTEM, {"front": FRONT, "page": newer}) == {"front": "kept", "page": "replaced"}
    assert await rows() == {"front": (sha256(FRONT), FRONT), "page": (sha256(newer), newer)}


@newsroom
async def test_two_names_may_change_texts_with_each_other() -> None:
    await documents.add(SYSTEM, {"a": FRONT, "b": PAGE})
    assert await documents.add(SYSTEM, {"a": PAGE, "b": FRONT}) == {"a": "replaced", "b": "replaced"}
    assert await rows() == {"a": (sha256(PAGE), PAGE), "b": (sha256(FRONT), FRONT)}


@newsroom
@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ({"": "{ a }"}, BadInput),
        ({"sha256:00": "{ a }"}, BadInput),
        ({"/front": "{ a }"}, BadInput),
        ({"front page": "{ a }"}, BadInput),
        ({"frónt": "{ a }"}, BadInput),
        ({"front\n": "{ a }"}, BadInput),
        ({"x" * 121: "{ a }"}, BadInput),
        ({"new": "x" * 100_001}, TooLong),
        ({"new": "{ a } # \0"}, BadInput),
        ({"new": FRONT}, BadInput),
        ({"new": "{ a }", "newer": "{ a }"}, BadInput),
        ({"new name": "x" * 100_001}, Refused),
    ],
    ids=lambda one: repr(one)[:30],
)
async def test_of_several_that_hold_a_wrong_one_none_is_registered(texts: dict[str, str], kind: type[CMSError]) -> None:
    await documents.add(SYSTEM, {"front": FRONT})
    before = await house.everything()
    with pytest.raises(kind):
        await documents.add(
            SYSTEM, {"front": PAGE + " ", "page": PAGE, **texts} if FRONT not in texts.values() else texts
        )
    assert await house.everything() == before


@newsroom
async def test_a_removed_document_is_gone_and_cannot_be_removed_again() -> None:
    await documents.add(SYSTEM, {"front": FRONT, "page": PAGE})
    await documents.remove(SYSTEM, "front")
    assert (await rows()).keys() == {"page"}
    with pytest.raises(NotFound):
        await documents.remove(SYSTEM, "front")
    assert (await rows()).keys() == {"page"}


@newsroom
async def test_only_an_admin_lists_and_removes() -> None:
    await documents.add(SYSTEM, {"front": FRONT})
    editor = await house.staff("EDITOR")
    before = await house.everything()
    for refused in (documents.listed(editor), documents.remove(editor, "front")):
        with pytest.raises(CMSError) as caught:
            await refused
        assert caught.value.code == "FORBIDDEN"
    assert await house.everything() == before


# ------------------------------------------------------------------------------------------------------------- commands


def test_documents_add_takes_a_file_and_prints_its_hash(database: str, tmp_path: Path) -> None:
    file = tmp_path / "any.txt"
    file.write_bytes(FRONT.encode())
    add = ("documents", "add", "front", str(file))
    assert dateline(*add, database_url=database).stdout == f"added     sha256:{sha256(FRONT)}  front\n"
    assert dateline(*add, database_url=database).stdout == f"kept      sha256:{sha256(FRONT)}  front\n"
    assert within(database, rows) == {"front": (sha256(FRONT), FRONT)}
    listed = dateline("documents", "list", database_url=database).stdout.split()
    assert (listed[0], listed[2:]) == (f"sha256:{sha256(FRONT)}", ["front"])
    removed = dateline("documents", "remove", "front", database_url=database)
    assert (removed.exit_code, removed.stdout) == (0, "front is no longer registered.\n")
    assert dateline("documents", "list", database_url=database).stdout == ""
    assert refusal(dateline("documents", "remove", "front", database_url=database)) == (
        1,
        "There is no registered document called front.",
    )


def test_documents_add_takes_a_folder_and_names_its_files_by_their_paths(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path}/newsroom.sqlite3", tmp_path / "queries"
    (folder / "parts").mkdir(parents=True)
    (folder / "front.graphql").write_text(PAGE)
    (folder / "parts/several.gql").write_text("query A { __typename } query B { __typename }")
    (folder / "notes.md").write_text("{")
    done = dateline("documents", "add", "site", str(folder), database_url=url)
    assert [line.split()[::2] for line in done.stdout.splitlines()] == [
        ["added", "site/front"],
        ["added", "site/parts/several"],
    ]
    assert within(url, rows).keys() == {"site/front", "site/parts/several"}


UNFIT = {
    "syntax": ("{", "{0}: Syntax Error: Expected Name, found <EOF>. (line 1, column 2)"),
    "field": ("{ artcles { id } }", "{0}: Cannot query field 'artcles' on type 'Query'. (line 1, column 3)"),
    "depth": (
        '{ section(slug: "x") { ' + "parent { " * 11 + "name" + " }" * 13,
        "{0}: This operation is too large: depth 13, and the limit is 12.",
    ),
    "tokens": (
        "{ " + "__typename " * 2001 + "}",
        "{0}: This operation is too large: tokens 2001, and the limit is 2000.",
    ),
    "nothing": ("fragment A on Query { __typename }", "{0}: Fragment 'A' is never used. (line 1, column 1)"),
}


def test_documents_add_refuses_what_does_not_fit_the_schema_in_words_and_registers_nothing(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path}/newsroom.sqlite3", tmp_path / "queries"
    folder.mkdir()
    for name, (text, _) in UNFIT.items():
        (folder / f"{name}.graphql").write_text(text)
    (folder / "fit.graphql").write_text(FRONT)
    done = dateline("documents", "add", "site", str(folder), database_url=url)
    words = " ".join(words.replace("{0}", f"site/{name}") for name, (_, words) in sorted(UNFIT.items()))
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"Error: {words}\n")
    assert within(url, rows) == {}


def test_documents_add_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/newsroom.sqlite3", tmp_path / "any.graphql"
    file.write_bytes(b"{ __typename } # \xff")
    (tmp_path / "twice").mkdir()
    for suffix in ("graphql", "gql"):
        (tmp_path / f"twice/a.{suffix}").write_text(f"{{ __typename }} # {suffix}")
    (tmp_path / "empty").mkdir()
    for path, words in (
        (file, f"{file} is not UTF-8."),
        (tmp_path / "twice", f"Two files in {tmp_path}/twice would both be called site/a."),
        (tmp_path / "empty", f"There is no .graphql or .gql file in {tmp_path}/empty."),
    ):
        assert refusal(dateline("documents", "add", "site", str(path), database_url=url)) == (1, words)
    assert dateline("documents", "add", "site", str(tmp_path / "nothing"), database_url=url).exit_code == 2
    assert within(url, rows) == {}
