"""Photos by the GraphQL multipart request specification: what is taken in, and every way in which one is refused."""

from typing import Any

import httpx
import orjson
import pytest

from cms.models import Change, Photo
from tests import pictures
from tests.schema.conftest import signed_in
from tests.web import PREFLIGHT, UPLOAD, Web

BOUNDARY = "----desk"
OPERATIONS = '{"query": "mutation($f: Upload!) { uploadPhoto(input: {file: $f}) { errors { code } } }", "variables": {"f": null}}'


async def nothing_stored(web: Web) -> bool:
    """No row, no change, no object."""
    objects = [key async for key in web.services.store.keys("")]
    return objects == [] and await Photo.all().count() == 0 and await Change.all().count() == 0


async def test_a_photo_is_taken_in_with_what_its_sender_and_its_file_say(editor: Web) -> None:
    data = pictures.jpeg(640, 426)
    answer = await editor.upload(data, "../../etc/Ünï.jpg", credit="STR/KCNA VIA KNS/AFP", altText="A test card")
    photo = answer["photo"]
    assert (answer["errors"], [one["code"] for one in answer["warnings"]]) == ([], ["CAPTION_MISSING"])
    assert (photo["credit"], photo["caption"], photo["altText"]) == ("STR/KCNA VIA KNS/AFP", "", "A test card")
    assert (photo["width"], photo["height"], photo["format"], photo["version"]) == (640, 426, "JPEG", 1)
    assert (await Photo.get()).filename == "Ünï.jpg"
    again = await editor.upload(data, credit="STR/KCNA VIA KNS/AFP")
    assert [(one["code"], one["field"]) for one in again["errors"]] == [("DUPLICATE_PHOTO", ["file"])]
    same = await editor.upload(data, credit="Other", onDuplicate="RETURN_EXISTING")
    assert (same["photo"]["id"], same["photo"]["credit"]) == (photo["id"], "STR/KCNA VIA KNS/AFP")
    assert await Photo.all().count() == 1


async def test_a_photo_without_any_credit_is_refused_and_nothing_is_stored(editor: Web) -> None:
    answer = await editor.upload(pictures.jpeg(100, 80), credit="  ")
    assert answer["photo"] is None
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("CREDIT_MISSING", ["credit"])]
    assert "pass `credit`" in answer["errors"][0]["message"]
    assert await nothing_stored(editor)


HOSTILE = [
    ("empty.jpg", b"", "BAD_IMAGE"),
    ("page.jpg", b"<html><script>alert(1)</script></html>", "UNSUPPORTED_IMAGE"),
    ("drawing.jpg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "UNSUPPORTED_IMAGE"),
    ("report.jpg", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "UNSUPPORTED_IMAGE"),
    ("half.jpg", pictures.jpeg(400, 300)[: len(pictures.jpeg(400, 300)) // 2], "BAD_IMAGE"),
    ("head.jpg", pictures.jpeg(400, 300)[:20], "BAD_IMAGE"),
    ("huge.png", pictures.png_header(20_000, 20_000), "IMAGE_TOO_LARGE"),
    ("wide.png", pictures.png_header(60_000, 10), "IMAGE_TOO_LARGE"),
    ("long.jpg", pictures.jpeg(40, 30) + b"\0" * 33_000_000, "FILE_TOO_LARGE"),
]


@pytest.mark.parametrize(("name", "data", "code"), HOSTILE, ids=[row[0] for row in HOSTILE])
async def test_a_file_that_is_no_sound_picture_is_refused_and_nothing_is_stored(
    editor: Web, name: str, data: bytes, code: str
) -> None:
    answer = await editor.upload(data, name, credit="Desk")
    assert answer["photo"] is None
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [(code, ["file"])]
    assert await nothing_stored(editor)
    # and the next sound one is taken
    assert (await editor.upload(pictures.jpeg(40, 30), credit="Desk"))["errors"] == []


async def test_several_files_have_each_their_own_result(editor: Web) -> None:
    document = UPLOAD.replace("UploadPhotoInput", "UploadPhotosInput").replace(
        "uploadPhoto(input: $input) {", "uploadPhotos(input: $input) { results {"
    )
    variables = {"input": {"photos": [{"file": None, "credit": "A"}, {"file": None, "credit": "B"}, {"file": None}]}}
    files = {
        "0": ("a.jpg", pictures.jpeg(60, 40), "image/jpeg"),
        "1": ("b.jpg", b"no picture", "image/jpeg"),
        "2": ("c.jpg", pictures.jpeg(70, 40), "image/jpeg"),
    }
    places = {str(n): [f"variables.input.photos.{n}.file"] for n in range(3)}
    response = await editor.client.post(
        "/graphql", data=_fields(document + " }", variables, places), files=files, headers=editor.credential | PREFLIGHT
    )
    results = response.json()["data"]["uploadPhotos"]["results"]
    codes = [[error["code"] for error in one["errors"]] for one in results]
    assert codes == [[], ["UNSUPPORTED_IMAGE"], ["CREDIT_MISSING"]]
    assert await Photo.all().count() == 1


async def test_nobody_and_readers_are_refused_before_the_body_is_read(web: Web, reader: Web) -> None:
    taken: list[int] = []

    async def chunks() -> Any:
        for _ in range(1000):
            taken.append(1)
            yield b"x" * 65536

    for who, status, code in ((web, 401, "UNAUTHENTICATED"), (reader, 403, "FORBIDDEN")):
        response = await _raw(who, chunks())
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert taken == []
    assert await nothing_stored(web)


async def test_an_upload_without_a_header_that_forms_cannot_send_is_refused(editor: Web) -> None:
    response = await editor.send_file(pictures.jpeg(40, 30), "a.jpg", {"input": {"file": None, "credit": "A"}}, {})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert await nothing_stored(editor)


def part(name: str, content: str, filename: str | None = None) -> str:
    label = f'; filename="{filename}"' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{label}\r\n\r\n{content}\r\n'


END = f"--{BOUNDARY}--\r\n"
MAP = '{"0": ["variables.f"]}'
MISFITS = {
    "no parts at all": END,
    "cut short": part("operations", OPERATIONS) + part("map", MAP) + part("0", "x", "a.jpg"),
    "no operations": part("map", MAP) + part("0", "x", "a.jpg") + END,
    "no map": part("operations", OPERATIONS) + END,
    "map before operations": part("map", MAP) + part("operations", OPERATIONS) + part("0", "x", "a.jpg") + END,
    "file before map": part("operations", OPERATIONS) + part("0", "x", "a.jpg") + part("map", MAP) + END,
    "operations no JSON": part("operations", "{") + part("map", MAP) + part("0", "x", "a.jpg") + END,
    "operations a list": part("operations", f"[{OPERATIONS}]") + part("map", '{"0": ["0.variables.f"]}') + part("0", "x", "a.jpg") + END,
    "map no JSON": part("operations", OPERATIONS) + part("map", "{") + part("0", "x", "a.jpg") + END,
    "map a list": part("operations", OPERATIONS) + part("map", "[]") + part("0", "x", "a.jpg") + END,
    "map without the file": part("operations", OPERATIONS) + part("map", "{}") + part("0", "x", "a.jpg") + END,
    "file missing": part("operations", OPERATIONS) + part("map", MAP) + END,
    "one file in two places": part("operations", OPERATIONS) + part("map", '{"0": ["variables.f", "variables.f"]}') + part("0", "x", "a.jpg") + END,
    "no place": part("operations", OPERATIONS) + part("map", '{"0": []}') + part("0", "x", "a.jpg") + END,
    "path a number": part("operations", OPERATIONS) + part("map", '{"0": [1]}') + part("0", "x", "a.jpg") + END,
    "path to nowhere": part("operations", OPERATIONS) + part("map", '{"0": ["variables.g"]}') + part("0", "x", "a.jpg") + END,
    "path outside of the variables": part("operations", OPERATIONS) + part("map", '{"0": ["query"]}') + part("0", "x", "a.jpg") + END,
    "path with an index of a million": part("operations", OPERATIONS.replace("null", "[null]")) + part("map", '{"0": ["variables.f.1000000"]}') + part("0", "x", "a.jpg") + END,
    "a value where a null must be": part("operations", OPERATIONS.replace("null", '"x"')) + part("map", MAP) + part("0", "x", "a.jpg") + END,
    "the file is a field": part("operations", OPERATIONS) + part("map", MAP) + part("0", "x") + END,
    "two parts of one name": part("operations", OPERATIONS) + part("operations", OPERATIONS) + part("map", MAP) + END,
    "a part without a name": f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
    "a part without a header": f"--{BOUNDARY}\r\n\r\nx\r\n" + END,
    "headers without an end": f"--{BOUNDARY}\r\nX-Long: {'x' * 5000}\r\n\r\n" + END,
    "another boundary": "--other\r\n\r\n",
    "no multipart": "hello",
}  # fmt: skip


@pytest.mark.parametrize("body", MISFITS.values(), ids=MISFITS.keys())
async def test_parts_that_do_not_fit_one_another_are_a_bad_request(editor: Web, body: str) -> None:
    response = await _raw(editor, body.encode())
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert await nothing_stored(editor)


async def test_too_many_parts_and_too_long_fields_are_too_large(editor: Web) -> None:
    many = part("operations", OPERATIONS) + part("map", MAP)
    many += "".join(part(str(n), "x", "a.jpg") for n in range(11)) + END
    long = part("operations", "x" * 300_000) + END
    for body in (many, long):
        response = await _raw(editor, body.encode())
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_file_that_json_only_claims_is_refused(editor: Web) -> None:
    assert (await editor.refused(UPLOAD, input={"file": "a.jpg", "credit": "A"}))["code"] == "BAD_INPUT"
    assert (await editor.refused(UPLOAD, input={"file": None, "credit": "A"}))["code"] == "BAD_INPUT"


async def test_what_is_said_of_a_photo_changes_on_the_version_that_was_read(web: Web, editor: Web) -> None:
    change = """mutation($input: UpdatePhotoInput!) { updatePhoto(input: $input) {
      photo { version credit caption focalPoint { x y } rights { expiresAt restrictions } }
      errors { code field currentVersion } } }"""
    made = (await editor.upload(pictures.jpeg(60, 40), credit="A/AFP", caption="Before"))["photo"]
    given = {"id": made["id"], "version": 1, "caption": "After", "focalPoint": {"x": 0.25, "y": 1}}
    changed = (await editor.ask(change, input=given))["updatePhoto"]
    assert changed["photo"] == {
        "version": 2,
        "credit": "A/AFP",
        "caption": "After",
        "focalPoint": {"x": 0.25, "y": 1},
        "rights": {"expiresAt": None, "restrictions": None},
    }
    stale = (await editor.ask(change, input=given))["updatePhoto"]
    assert stale == {"photo": None, "errors": [{"code": "CONFLICT", "field": ["version"], "currentVersion": 2}]}
    bare = (await editor.ask(change, input={"id": made["id"], "version": 2, "credit": ""}))["updatePhoto"]
    assert [(one["code"], one["field"]) for one in bare["errors"]] == [("CREDIT_MISSING", ["credit"])]
    contributor = await signed_in(web, "CONTRIBUTOR")
    assert (await contributor.refused(change, input={**given, "version": 2}))["code"] == "FORBIDDEN"
    assert (await web.refused(change, input={**given, "version": 2}))["code"] == "UNAUTHENTICATED"
    absent = (await editor.ask(change, input={**given, "id": "photo_1"}))["updatePhoto"]
    assert [one["code"] for one in absent["errors"]] == ["NOT_FOUND"]
    assert (await Photo.get()).version == 2


def _fields(document: str, variables: Any, places: Any) -> dict[str, str]:
    operations = orjson.dumps({"query": document, "variables": variables}).decode()
    return {"operations": operations, "map": orjson.dumps(places).decode()}


async def _raw(web: Web, content: Any) -> httpx.Response:
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", **PREFLIGHT, **web.credential}
    return await web.client.post("/graphql", content=content, headers=headers)
