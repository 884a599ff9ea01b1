"""What a hostile caller sends over HTTP: a clear refusal with its code, nothing learnt, nothing stored."""

from pathlib import Path

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
