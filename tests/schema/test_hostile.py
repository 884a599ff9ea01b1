"""What a hostile caller sends over HTTP: a clear refusal with its code, nothing learnt, nothing stored."""

import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import get_introspection_query

from cms.actions import photos
from cms.actor import SYSTEM
from cms.models import Photo
from tests import house, pictures
from tests.schema.test_mutations import AUTHOR, LEAD, SECTION, TAG, made
from tests.schema.test_upload import nothing_stored
from tests.web import PREFLIGHT, UPLOAD, Web

BY_PHOTO = "query($photo: ID!) { articles(filter: {photo: $photo}) { totalCount nodes { headline } } }"
NOTHING = {"articles": {"totalCount": 0, "nodes": []}}


async def test_nobody_is_told_where_a_photo_is_used_that_they_may_not_see(web: Web, editor: Web, reader: Web) -> None:
    await house.section("World")
    photo = await house.photo()
    await house.live(headline="Out", lead_photo={"photo": photo})
    told = {"articles": {"totalCount": 1, "nodes": [{"headline": "Out"}]}}
    asked = {"photo": f"photo_{photo}"}
    assert await web.ask(BY_PHOTO, **asked) == told
    await photos.update(SYSTEM, photo, 1, {"rights": {"expires_at": house.hours(-1)}})
    assert await web.ask(BY_PHOTO, **asked) == NOTHING
    assert await reader.ask(BY_PHOTO, **asked) == NOTHING
    assert await editor.ask(BY_PHOTO, **asked) == told


@pytest.mark.parametrize("number", [101, 5000])
async def test_more_than_a_hundred_ids_are_refused(web: Web, number: int) -> None:
    ids = [f"article_00000000-0000-7000-8000-{n:012x}" for n in range(number)]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert await web.refused(document, ids=ids) == {"code": "BAD_INPUT", "field": ["ids"]}
    assert (await web.ask(document, ids=ids[:100]))["nodes"] == [None] * 100
    literal = ", ".join(f'"{one}"' for one in ids[:101])
    assert await web.refused(f"{{ nodes(ids: [{literal}]) {{ id }} }}") == {"code": "BAD_INPUT", "field": ["ids"]}


@pytest.mark.parametrize(
    "instant",
    [
        "2026-13-45T00:00:00Z",
        "2026-01-01T24:30:00Z",
        "2026-01-01T00:00:00+99:99",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "２０２６-01-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "yesterday",
        "",
        "\0",
    ],
)
async def test_a_time_that_is_none_is_refused_in_the_contracts_words(web: Web, instant: str) -> None:
    document = "query($at: DateTime) { articles(filter: {publishedAfter: $at}) { totalCount } }"
    answer = (await web.post(document, {"at": instant})).json()
    assert answer["errors"][0]["extensions"] == {"code": "BAD_INPUT", "field": ["at"]}
    message = answer["errors"][0]["message"].partition("; found:")[0]
    assert message.endswith("'a DateTime is written as 2026-01-31T08:00:00Z, with its offset'")


async def test_the_question_that_tools_ask_for_the_whole_schema_is_answered_to_staff(web: Web, editor: Web) -> None:
    schema = (await editor.ask(get_introspection_query()))["__schema"]
    assert {one["name"] for one in schema["types"]} > {"Article", "Photo", "UploadPhotoInput"}
    assert await web.refused(get_introspection_query()) == {"code": "FORBIDDEN"}


async def test_a_question_for_the_schema_that_goes_round_in_it_is_refused(editor: Web) -> None:
    round_ = "fields { type { " * 6 + "name" + " } }" * 6
    assert (await editor.refused(f"{{ __schema {{ types {{ {round_} }} }} }}"))["code"] in (
        "BAD_REQUEST",
        "QUERY_TOO_COMPLEX",
    )


async def test_a_boundary_longer_than_any_is_a_bad_request(editor: Web) -> None:
    headers = {**editor.credential, **PREFLIGHT, "content-type": "multipart/form-data; boundary=" + "x" * 5000}
    response = await editor.client.post("/graphql", content=b"--" + b"x" * 5000 + b"--\r\n", headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert await nothing_stored(editor)


@pytest.mark.parametrize(("document", "name"), [(SECTION, "saveSection"), (TAG, "saveTag"), (AUTHOR, "saveAuthor")])
@pytest.mark.parametrize("id", ["", " ", "tag", "article_00000000-0000-7000-8000-000000000000"])
async def test_an_id_that_is_none_makes_nothing_new(editor: Web, document: str, name: str, id: str) -> None:
    before = await house.everything()
    answer = (await editor.ask(document, input={"id": id, "version": 1, "name": "New"}))[name]
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("NOT_FOUND", ["id"])]
    assert await house.everything() == before


async def test_a_lead_photo_is_taken_away_by_null_alone(editor: Web) -> None:
    photo = await house.photo()
    story = await made(editor, leadPhoto={"photo": f"photo_{photo}"})
    before = await house.everything()
    answer = (await editor.ask(LEAD, input={"id": story["id"], "version": 1}))["setLeadPhoto"]
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("REQUIRED", ["photo"])]
    assert await house.everything() == before
    answer = (await editor.ask(LEAD, input={"id": story["id"], "version": 1, "photo": None}))["setLeadPhoto"]
    assert (answer["errors"], answer["article"]["leadPhoto"]) == ([], None)


async def test_of_several_files_those_before_a_lost_store_are_told_of(editor: Web, tmp_path: Path) -> None:
    kept = pictures.jpeg(60, 40)
    assert (await editor.upload(kept, credit="Desk"))["errors"] == []
    _lose_store(tmp_path / "media")
    document = UPLOAD.replace("UploadPhotoInput", "UploadPhotosInput").replace(
        "uploadPhoto(input: $input) {", "uploadPhotos(input: $input) { results {"
    )
    photo = {"file": None, "credit": "Desk", "onDuplicate": "ALLOW"}
    fields = {
        "operations": orjson.dumps({"query": document + " }", "variables": {"input": {"photos": [photo, photo]}}}),
        "map": b'{"0": ["variables.input.photos.0.file"], "1": ["variables.input.photos.1.file"]}',
    }
    files = {"0": ("a.jpg", kept, "image/jpeg"), "1": ("b.jpg", pictures.jpeg(70, 40), "image/jpeg")}
    response = await editor.client.post("/graphql", data=fields, files=files, headers=editor.credential | PREFLIGHT)
    results = response.json()["data"]["uploadPhotos"]["results"]
    assert [[error["code"] for error in one["errors"]] for one in results] == [[], ["UNAVAILABLE"]]
    assert await Photo.all().count() == 2


async def test_a_single_photo_waits_for_a_lost_store(editor: Web, tmp_path: Path) -> None:
    _lose_store(tmp_path / "media")
    variables = {"input": {"file": None, "credit": "Desk"}}
    response = await editor.send_file(pictures.jpeg(60, 40), "a.jpg", variables)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert await Photo.all().count() == 0


def _lose_store(folder: Path) -> None:
    """What it holds can be read, and nothing can be added."""
    incoming = folder / ".incoming"
    incoming.rmdir()
    incoming.write_bytes(b"")


@pytest.mark.parametrize("version", ["0", "01", "2", "9" * 4000, "9" * 5000, "-1", "1.0", "\u0661"])
async def test_a_version_that_a_photo_never_had_is_not_found(editor: Web, version: str) -> None:
    photo = (await editor.upload(pictures.jpeg(400, 300), credit="Desk"))["photo"]
    path = f"/images/{photo['id'].removeprefix('photo_')}"
    assert (await editor.get(f"{path}/1/w160-cover.jpeg")).status_code == 200
    response = await editor.get(f"{path}/{version}/w160-cover.jpeg")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


STRICT = [
    b'{"query": "{ __typename }", "query": "{ __typename }"}',
    b'{"query": "query($f: ArticleFilter) { articles(filter: $f) { totalCount } }", "variables": {"f": {"tag": [], "tag": []}}}',
    b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 65 + b"]" * 65 + b"}}",
    b'{"query": "{ __typename }", "variables": {"a": ' + b'{"a": ' * 65 + b"1" + b"}" * 65 + b"}}",
    b'{"query": "{ __typename }", "variables": {"a": [' + b"1," * 10_001 + b"1]}}",
    b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
    b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
    b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
    b'{"query": "{ __typename }", "variables": {"\\udc00": 1}}',
    b'{"query": "{ __typename }", "variables": {"a": "\xc0\x80"}}',
    b'{"query": "{ __typename }", "variables": {"a": 01}}',
    b'{"query": "{ __typename }", "variables": {"a": "\n"}}',
    b'\xef\xbb\xbf{"query": "{ __typename }"}',
    '{"query": "{ __typename }"}'.encode("utf-16"),
    b'{"query": "{ __typename }"} {}',
]


@pytest.mark.parametrize("body", STRICT, ids=lambda body: repr(body[:70]))
async def test_json_is_read_strictly_on_each_way_in(web: Web, editor: Web, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answers = [
        await web.client.post("/graphql", content=body, headers=headers | more) for more in ({}, editor.credential)
    ]
    parts = {"operations": body, "map": b"{}"}
    files = {name: (None, data) for name, data in parts.items()}
    answers.append(await web.client.post("/graphql", files=files, headers=editor.credential | PREFLIGHT))
    if body.isascii() and b'"variables": ' in body:
        text = body.decode().partition('"variables": ')[2][:-1]
        answers.append(await web.client.get("/graphql", params={"query": "{ __typename }", "variables": text[:20_000]}))
    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_json_that_is_written_otherwise_is_read_all_the_same(web: Web) -> None:
    body = b' {\n "variables" : {"slug": "\\u0077orld", "n": 1.0, "big": 123456789012345678901234567890},\t"query":"{ __typename }"} '
    response = await web.client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_a_body_that_is_compressed_is_unsupported(web: Web) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    response = await web.client.post("/graphql", content=b'{"query": "{ __typename }"}', headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_parameter_is_given_once(web: Web) -> None:
    response = await web.client.get("/graphql?query={__typename}&query={__typename}")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


ENDLESS = [
    "{ " + "__typename " * 1990 + "}",
    "{ " + "viewer { kind } " * 490 + "}",
    "{ " + "articles { nodes { tags { name } } } " * 160 + "}",
    "{ " + "... { __typename } " * 480 + "}",
    "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(130)) + " fragment F130 on Query { __typename }",
    "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ a{n}: articles {{ totalCount }} ...F{n + 1} }}" for n in range(70)) + " fragment F70 on Query { __typename }",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    '{ article(slug: "' + "x" * 250_000 + '") { id } }',
    "#" + "x" * 250_000 + "\n{ __typename }",
    "{ articles(first: " + "1" * 60_000 + ") { totalCount } }",
    "{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }",
    "{ " + "... { " * 600 + "__typename" + " }" * 600 + " }",
    "query($a: " + "[" * 900 + "Int" + "]" * 900 + ") { __typename }",
]  # fmt: skip


@pytest.mark.parametrize("document", ENDLESS, ids=lambda one: one[:40])
async def test_a_document_that_would_take_long_is_refused_soon_on_each_way_in(
    web: Web, editor: Web, document: str
) -> None:
    """The first of them took 0.3 s to validate, the second 0.9."""
    begun = time.process_time()
    told = [await web.refused(document), await editor.refused(document)]
    operations = orjson.dumps({"query": document}).decode()
    files = {"operations": (None, operations), "map": (None, "{}")}
    sent = await editor.client.post("/graphql", files=files, headers=editor.credential | PREFLIGHT)
    told.append(sent.json()["errors"][0]["extensions"])
    if len(document) < 60_000:
        told.append((await web.client.get("/graphql", params={"query": document})).json()["errors"][0]["extensions"])
    assert time.process_time() - begun < 2
    assert {one["code"] for one in told} <= {"QUERY_TOO_COMPLEX", "BAD_REQUEST"}


async def test_a_document_is_not_quoted_at_length(web: Web) -> None:
    for document in ("{ " + "x" * 60_000 + " }", '{ article(slug: "a", ' + "y" * 50_000 + ": 1) { id } }"):
        assert len((await web.post(document)).json()["errors"][0]["message"]) < 600


HEAPS: list[tuple[str, dict[str, Any]]] = [
    ("query($f: ArticleFilter) { articles(filter: $f) { totalCount } }", {"f": {f"k{n}": 1 for n in range(9000)}}),
    ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [{}] * 9000}),
    ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [None] * 9000}),
    ("query($n: Int) { articles(first: $n) { totalCount } }", {"n": 1e300}),
]


@pytest.mark.parametrize(("document", "variables"), HEAPS, ids=lambda one: str(one)[:60])
async def test_heaps_of_values_that_do_not_fit_are_refused_soon(
    web: Web, document: str, variables: dict[str, Any]
) -> None:
    """9,000 unknown fields took 7 s: each of them quoted all."""
    begun = time.process_time()
    answer = (await web.post(document, variables)).json()["errors"][0]
    assert time.process_time() - begun < 0.5
    assert answer["extensions"]["code"] == "BAD_INPUT"
    assert len(answer["message"]) < 600


async def test_what_a_stranger_would_write_is_not_looked_at(web: Web) -> None:
    blocks = [{"paragraph": {"html": "x"}}] * 2500
    before = await house.everything()
    create = "mutation($input: CreateArticleInput!) { createArticle(input: $input) { errors { code } } }"
    for variables in ({"input": {"headline": "x", "section": "world", "body": blocks}}, {"input": 1}, {}):
        response = await web.post(create, variables)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert await house.everything() == before


@pytest.mark.parametrize(
    "html", ["<b>" * 10_000, "<b>x</b>" * 2000, "<" * 10_000, "&" * 10_000, "<p " + "a=b " * 4000 + ">"]
)
async def test_heaps_of_tags_in_a_text_are_cleaned_or_refused_soon(editor: Web, html: str) -> None:
    await house.section("World")
    begun = time.process_time()
    story = {"headline": "x", "section": "world", "body": [{"paragraph": {"html": html}}]}
    create = "mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { bodyHtml } errors { code } } }"
    made = (await editor.ask(create, input=story))["createArticle"]
    assert time.process_time() - begun < 1
    assert [one["code"] for one in made["errors"]] in ([], ["TOO_LONG"], ["BAD_INPUT"])
