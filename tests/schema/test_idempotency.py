"""Mutations with an Idempotency-Key: done once whatever is repeated, cut off or sent twice at once."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from cms import audit, db
from cms.actions import accounts, idempotent, taxonomy
from cms.actor import SYSTEM
from cms.audit import InHand
from cms.db.clock import now
from cms.errors import Unavailable
from cms.models import ApiKey, Article, AuditEntry, IdempotentRequest, Photo, Session, SignInTry, Tag, User
from tests import house, pictures
from tests.schema.conftest import PASSWORD, signed_in
from tests.web import PREFLIGHT, SIGN_IN, UPLOAD, Web

TAG = "mutation($name: String!) { saveTag(input: {name: $name}) { tag { id slug version } errors { code message } } }"
STORY = 'mutation($headline: String!) { createArticle(input: {headline: $headline, section: "world"}) { article { id version headline } errors { code field } } }'
KEY = 'mutation { createApiKey(input: {label: "Import"}) { key { id label } secret errors { code } } }'


async def sent(web: Web, document: str, key: str, accept: str = "application/json", **variables: Any) -> httpx.Response:
    return await web.post(document, variables, **{"Idempotency-Key": key, "Accept": accept})


def code(response: httpx.Response) -> str:
    found: str = response.json()["errors"][0]["extensions"]["code"]
    return found


def replayed(response: httpx.Response) -> bool:
    return str(response.headers.get("idempotency-replayed")) == "true"


async def cut_off(*, before_commit: bool = False) -> None:
    """As a process leaves it that died between the verb's commit and the answer's, a minute later; or before the commit."""
    at = await now() - timedelta(seconds=1)
    changes: dict[str, Any] = {"answer": None, "lease_until": at}
    await IdempotentRequest.all().update(**changes | ({"outcome": None} if before_commit else {}))


# -------------------------------------------------------------------------------------------------------------- repeated


async def test_the_first_answer_is_given_again_to_the_byte_and_nothing_is_done_again(editor: Web) -> None:
    first = await sent(editor, TAG, "a", name="Harbour")
    assert (replayed(first), first.json()["data"]["saveTag"]["errors"]) == (False, [])
    await taxonomy.save_tag(SYSTEM, {"name": "Renamed"}, (await Tag.get()).id, 1)
    before = await house.everything()
    again = await sent(editor, TAG, "a", name="Harbour")
    assert (again.content, again.status_code, replayed(again)) == (first.content, 200, True)
    assert again.headers["cache-control"] == "no-store"
    assert await house.everything() == before
    other = await sent(editor, TAG, "b", name="Quay")
    assert (replayed(other), await Tag.all().count()) == (False, 2)


async def test_a_refusal_is_the_answer_too(editor: Web) -> None:
    await house.tag("Harbour")
    first = await sent(editor, TAG, "a", name="Harbour")
    assert first.json()["data"]["saveTag"]["errors"][0]["code"] == "SLUG_TAKEN"
    await Tag.all().delete()
    again = await sent(editor, TAG, "a", name="Harbour")
    assert (again.content, replayed(again)) == (first.content, True)
    assert await Tag.all().count() == 0


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_who_may_not_is_told_so_again_with_the_same_status(reader: Web, accept: str) -> None:
    first, again = [await sent(reader, TAG, "a", accept, name="Harbour") for _ in range(2)]
    assert (code(first), first.status_code) == ("FORBIDDEN", 403)
    assert (again.content, again.status_code, replayed(again)) == (first.content, 403, True)


async def test_the_order_of_variables_and_the_white_space_of_json_do_not_matter(editor: Web) -> None:
    document = "mutation($name: String!, $slug: String) { saveTag(input: {name: $name, slug: $slug}) { tag { id } } }"
    bodies = [
        b'{"query": "%s", "variables": {"name": "Harbour", "slug": "quay"}}' % document.encode(),
        b'{"variables":{"slug":"quay","name":"Harbour"},"query":"%s","operationName":null}' % document.encode(),
    ]
    headers = editor.credential | {"Idempotency-Key": "a", "Content-Type": "application/json"}
    first, again = [await editor.client.post("/graphql", content=body, headers=headers) for body in bodies]
    assert (again.content, replayed(again)) == (first.content, True)


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_another_body_under_the_same_key_is_a_mismatch_and_not_done(editor: Web, accept: str) -> None:
    await sent(editor, TAG, "a", name="Harbour")
    before = await house.everything()
    other = await sent(editor, TAG, "a", accept, name="Quay")
    assert code(other) == "IDEMPOTENCY_MISMATCH"
    assert other.status_code == (200 if accept == "application/json" else 422)
    assert code(await sent(editor, TAG.replace("slug", "name"), "a", accept, name="Harbour")) == "IDEMPOTENCY_MISMATCH"
    assert await house.everything() == before


async def test_the_same_key_of_another_caller_is_another_key(web: Web, editor: Web) -> None:
    admin = await signed_in(web, "ADMIN")
    program = web.as_((await accounts.create_key(SYSTEM, "Import", user=(await User.get(role="EDITOR")).id)).secret)
    answers = [await sent(one, TAG, "a", name=f"Harbour {n}") for n, one in enumerate((editor, admin, program))]
    assert [replayed(one) for one in answers] == [False] * 3
    assert await Tag.all().count() == 3
    # who signs in again is the same caller
    later = await web.signed_in("editor@desk.test", PASSWORD)
    again = await sent(later, TAG, "a", name="Harbour 0")
    assert (again.content, replayed(again)) == (answers[0].content, True)


async def test_a_day_later_it_is_a_new_request(editor: Web) -> None:
    await sent(editor, TAG, "a", name="Harbour")
    at = await now()
    old: dict[str, Any] = {"lease_until": at - timedelta(hours=24), "created_at": at - timedelta(hours=23.9)}
    await IdempotentRequest.all().update(**old)
    assert await idempotent.forget_old() == 0
    assert replayed(await sent(editor, TAG, "a", name="Harbour"))
    await IdempotentRequest.all().update(created_at=at - timedelta(hours=24.1))
    second = await sent(editor, TAG, "a", name="Quay")
    assert (replayed(second), second.json()["data"]["saveTag"]["errors"]) == (False, [])
    await IdempotentRequest.all().update(**old | {"created_at": at - timedelta(hours=24.1)})
    assert await idempotent.forget_old() == 1
    assert await IdempotentRequest.all().count() == 0


# ------------------------------------------------------------------------------------------------------------ what it is


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ké".encode(), "a\tb"], ids=lambda key: ascii(key)[:9])
async def test_what_cannot_be_a_key_is_a_bad_request(editor: Web, key: str | bytes) -> None:
    headers: Any = {**editor.credential, "Idempotency-Key": key}
    for accept in ("application/json", "application/graphql-response+json"):
        body = {"query": TAG, "variables": {"name": "Harbour"}}
        response = await editor.client.post("/graphql", json=body, headers={**headers, "Accept": accept})
        assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
    assert await Tag.all().count() == await IdempotentRequest.all().count() == 0


async def test_the_longest_key_is_taken(editor: Web) -> None:
    first, again = [await sent(editor, TAG, "~" * 255, name="Harbour") for _ in range(2)]
    assert (replayed(first), replayed(again), again.content == first.content) == (False, True, True)


async def test_with_a_key_a_request_holds_one_mutation(editor: Web) -> None:
    two = 'mutation { a: saveTag(input: {name: "A"}) { tag { id } } b: saveTag(input: {name: "B"}) { tag { id } } }'
    response = await sent(editor, two, "a")
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
    assert await Tag.all().count() == await IdempotentRequest.all().count() == 0
    one = 'mutation($no: Boolean!) { __typename a: saveTag(input: {name: "A"}) { tag { id } } b: saveTag(input: {name: "B"}) @skip(if: $no) { tag { id } } }'
    assert "errors" not in (await sent(editor, one, "a", no=True)).json()
    assert [row.name for row in await Tag.all()] == ["A"]


async def test_a_question_and_a_request_that_cannot_be_run_keep_nothing(editor: Web) -> None:
    assert (await sent(editor, "{ tags { nodes { id } } }", "a")).json() == {"data": {"tags": {"nodes": []}}}
    assert code(await sent(editor, "mutation {", "a")) == "BAD_REQUEST"
    assert code(await sent(editor, TAG, "a", name=7)) == "BAD_INPUT"
    assert await IdempotentRequest.all().count() == 0
    assert not replayed(await sent(editor, TAG, "a", name="Harbour"))


async def test_without_a_credential_nothing_is_kept(web: Web) -> None:
    await signed_in(web, "EDITOR")
    given = {"email": "editor@desk.test", "password": PASSWORD}
    tokens = []
    for _ in range(2):
        tokens.append((await sent(web, SIGN_IN, "a", input=given)).json()["data"]["signIn"]["token"])
        web.client.cookies.clear()
    assert tokens[0] != tokens[1]
    assert code(await sent(web, TAG, "b", name="Harbour")) == "UNAUTHENTICATED"
    assert await IdempotentRequest.all().count() == 0


# --------------------------------------------------------------------------------------------------------------- at once


async def test_of_twenty_at_once_one_is_done(editor: Web) -> None:
    await house.section("World")
    answers = await asyncio.gather(*(sent(editor, STORY, "a", headline="Once") for _ in range(20)))
    done = [one for one in answers if "errors" not in one.json()]
    assert {one.content for one in done} == {done[0].content}
    assert {code(one) for one in answers if one not in done} <= {"CONFLICT"}
    assert len([one for one in done if not replayed(one)]) == 1
    assert await Article.all().count() == 1
    assert replayed(await sent(editor, STORY, "a", headline="Once"))


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_twin_that_runs_still_is_a_conflict_without_waiting(editor: Web, accept: str) -> None:
    await sent(editor, TAG, "a", name="Harbour")
    await IdempotentRequest.all().update(answer=None, outcome=None, lease_until=await now() + timedelta(seconds=50))
    before = await house.everything()
    async with asyncio.timeout(2):
        twin = await sent(editor, TAG, "a", accept, name="Harbour")
    assert (code(twin), twin.status_code) == ("CONFLICT", 200 if accept == "application/json" else 409)
    assert await house.everything() == before


# --------------------------------------------------------------------------------------------------------------- cut off


async def test_what_was_done_before_a_crash_is_answered_as_it_stands_and_not_done_again(editor: Web) -> None:
    await house.section("World")
    first = await sent(editor, STORY, "a", headline="Once")
    await cut_off()
    before = {name: rows for name, rows in (await house.everything()).items() if name != "IdempotentRequest"}
    again = await sent(editor, STORY, "a", headline="Once")
    assert (again.json(), replayed(again)) == (first.json(), True)
    third = await sent(editor, STORY, "a", headline="Once")
    assert (third.content, replayed(third)) == (again.content, True)
    assert {name: rows for name, rows in (await house.everything()).items() if name != "IdempotentRequest"} == before


async def test_what_was_not_done_before_a_crash_is_done_by_the_next(editor: Web) -> None:
    await sent(editor, TAG, "a", name="Harbour")
    await Tag.all().delete()
    await cut_off(before_commit=True)
    again = await sent(editor, TAG, "a", name="Harbour")
    assert (again.json()["data"]["saveTag"]["errors"], replayed(again)) == ([], False)
    assert await Tag.all().count() == 1


async def test_of_twenty_that_come_after_a_crash_one_is_done(editor: Web) -> None:
    await sent(editor, TAG, "a", name="Harbour")
    await Tag.all().delete()
    await cut_off(before_commit=True)
    answers = await asyncio.gather(*(sent(editor, TAG, "a", name="Harbour") for _ in range(20)))
    assert len([one for one in answers if "errors" not in one.json() and not replayed(one)]) == 1
    assert await Tag.all().count() == 1
    assert await AuditEntry.filter(subject_type="Tag").count() == 2


async def test_a_run_that_lost_its_lease_undoes_what_it_did(newsroom_of_one: None) -> None:
    """A process that slept through its minute, while another run took over."""
    actor = await house.staff("EDITOR")
    held = await idempotent.begin(actor, "a", "0" * 64)
    assert isinstance(held, InHand)
    await cut_off(before_commit=True)
    taken = await idempotent.begin(actor, "a", "0" * 64)
    assert isinstance(taken, InHand)
    assert (taken.id, taken.outcome) == (held.id, ())
    token = audit.in_hand.set(held)
    with pytest.raises(Unavailable):
        await taxonomy.save_tag(actor, {"name": "Harbour"})
    audit.in_hand.reset(token)
    await idempotent.keep(held, b"{}")
    assert await Tag.all().count() == 0
    token = audit.in_hand.set(taken)
    made = await taxonomy.save_tag(actor, {"name": "Harbour"})
    audit.in_hand.reset(token)
    row = await IdempotentRequest.get()
    assert (row.outcome, row.answer) == ([{"step": "", "type": "Tag", "id": str(made)}], None)


@pytest.fixture
async def newsroom_of_one(database: str) -> Any:
    async with house.opened(database) as opened:
        assert isinstance(opened, db.Database)
        yield


async def test_the_verb_and_its_note_are_one_transaction(newsroom_of_one: None) -> None:
    actor = await house.staff("EDITOR")
    held = await idempotent.begin(actor, "a", "0" * 64)
    assert isinstance(held, InHand)
    token = audit.in_hand.set(held)

    async def saved_and_undone() -> None:
        async with db.transaction():
            await taxonomy.save_tag(actor, {"name": "Harbour"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await saved_and_undone()
    audit.in_hand.reset(token)
    assert await Tag.all().count() == 0
    assert (await IdempotentRequest.get()).outcome is None
    assert await idempotent.release(held) is False
    assert await IdempotentRequest.all().count() == 0


async def test_a_deletion_cut_off_says_what_was_deleted(editor: Web) -> None:
    await house.section("World")
    story = (await sent(editor, STORY, "a", headline="Gone")).json()["data"]["createArticle"]["article"]
    delete = "mutation($id: ID!) { deleteArticle(input: {id: $id, version: 1}) { deletedId errors { code } } }"
    first = await sent(editor, delete, "b", id=story["id"])
    assert first.json()["data"]["deleteArticle"] == {"deletedId": story["id"], "errors": []}
    await cut_off()
    again = await sent(editor, delete, "b", id=story["id"])
    assert (again.json(), replayed(again)) == (first.json(), True)


# --------------------------------------------------------------------------------------------------------- what is not kept


async def test_a_failure_of_ours_is_not_kept(editor: Web, tmp_path: Path) -> None:
    incoming = tmp_path / "media" / ".incoming"
    incoming.rmdir()
    incoming.write_bytes(b"")
    data = pictures.jpeg(60, 40)
    first = await upload(editor, data, "a")
    assert (first.status_code, code(first)) == (503, "UNAVAILABLE")
    assert await IdempotentRequest.all().count() == 0
    incoming.unlink()
    incoming.mkdir()
    second = await upload(editor, data, "a")
    assert (second.json()["data"]["uploadPhoto"]["errors"], replayed(second)) == ([], False)
    third = await upload(editor, data, "a")
    assert (third.content, replayed(third)) == (second.content, True)
    assert await Photo.all().count() == 1


async def upload(web: Web, data: bytes, key: str, filename: str = "a.jpg") -> httpx.Response:
    headers = {**PREFLIGHT, "Idempotency-Key": key}
    return await web.send_file(data, filename, {"input": {"file": None, "credit": "Desk"}}, headers)


async def test_an_upload_is_the_same_by_the_bytes_of_its_file(editor: Web) -> None:
    first = await upload(editor, pictures.jpeg(60, 40), "a")
    again = await upload(editor, pictures.jpeg(60, 40), "a")
    assert (again.content, replayed(again)) == (first.content, True)
    other = await upload(editor, pictures.jpeg(61, 40), "a")
    assert code(other) == "IDEMPOTENCY_MISMATCH"
    assert await Photo.all().count() == 1


async def test_of_several_files_those_that_were_taken_in_are_not_taken_in_again(editor: Web, tmp_path: Path) -> None:
    """The second finds the store lost; repeated, it is taken in, and the first is as it was: not even `ALLOW` doubles it."""
    kept, new = pictures.jpeg(60, 40), pictures.jpeg(70, 40)
    await editor.upload(kept, credit="Desk")
    incoming = tmp_path / "media" / ".incoming"
    incoming.rmdir()
    incoming.write_bytes(b"")
    first = await several(editor, kept, new)
    assert [[one["code"] for one in each["errors"]] for each in first] == [[], ["UNAVAILABLE"]]
    incoming.unlink()
    incoming.mkdir()
    second = await several(editor, kept, new)
    assert [each["errors"] for each in second] == [[], []]
    assert second[0]["photo"]["id"] == first[0]["photo"]["id"]
    assert await several(editor, kept, new) == second
    assert await Photo.all().count() == 3


async def several(web: Web, *files: bytes) -> Any:
    document = UPLOAD.replace("UploadPhotoInput", "UploadPhotosInput").replace(
        "uploadPhoto(input: $input) {", "uploadPhotos(input: $input) { results {"
    )
    photo = {"file": None, "credit": "Desk", "onDuplicate": "ALLOW"}
    fields = {
        "operations": orjson.dumps(
            {"query": document + " }", "variables": {"input": {"photos": [photo] * len(files)}}}
        ),
        "map": orjson.dumps({str(n): [f"variables.input.photos.{n}.file"] for n in range(len(files))}),
    }
    sent_files = {str(n): (f"{n}.jpg", data, "image/jpeg") for n, data in enumerate(files)}
    headers = {**web.credential, **PREFLIGHT, "Idempotency-Key": "several"}
    response = await web.client.post("/graphql", data=fields, files=sent_files, headers=headers)
    return response.json()["data"]["uploadPhotos"]["results"]


async def test_too_many_tries_are_not_kept(editor: Web) -> None:
    change = 'mutation($current: String!) { changePassword(input: {current: $current, next: "another, of words"}) { token errors { code } } }'
    for number in range(10):
        await sent(editor, change, f"try {number}".replace(" ", "-"), current="wrong")
    response = await sent(editor, change, "a", current=PASSWORD)
    assert (response.status_code, code(response)) == (429, "RATE_LIMITED")
    await SignInTry.all().delete()
    again = (await sent(editor, change, "a", current=PASSWORD)).json()["data"]["changePassword"]
    assert again["errors"] == []


async def test_a_secret_is_shown_once_and_kept_nowhere(web: Web, editor: Web) -> None:
    first = (await sent(editor, KEY, "a")).json()["data"]["createApiKey"]
    again = await sent(editor, KEY, "a")
    assert replayed(again)
    assert again.json()["data"]["createApiKey"] == first | {"secret": None}
    assert await ApiKey.all().count() == 1
    assert first["secret"] not in repr(await house.everything())
    change = f'mutation {{ changePassword(input: {{current: "{PASSWORD}", next: "another, of words"}}) {{ token errors {{ code }} }} }}'
    token = (await sent(editor, change, "b")).json()["data"]["changePassword"]["token"]
    assert await web.as_(token).ask("{ viewer { kind } }") == {"viewer": {"kind": "USER"}}
    assert token not in repr(await house.everything())
    told = await sent(web.as_(token), change, "b")
    assert (told.json(), replayed(told)) == ({"data": {"changePassword": {"token": None, "errors": []}}}, True)
    assert await Session.all().count() == 1
    refused = KEY.replace("Import", "")
    assert [replayed(await sent(web.as_(token), refused, "c")) for _ in range(2)] == [False, True]


async def test_what_is_kept_says_nothing_of_the_credential(editor: Web) -> None:
    await sent(editor, TAG, "a", name="Harbour")
    row = await IdempotentRequest.get()
    user = await User.get(role="EDITOR")
    assert row.caller == f"user:{user.id}"
    assert orjson.loads(row.answer)["data"]["saveTag"]["tag"]["slug"] == "harbour"
    assert row.outcome == [{"step": "", "type": "Tag", "id": str((await Tag.get()).id)}]
    assert UUID(row.outcome[0]["id"]).version == 7
