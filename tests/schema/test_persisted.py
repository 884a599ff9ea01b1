"""Documents that a request names: registered ones by id, APQ by hash; by GET and by POST, under both media types."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cms.actions import accounts, documents
from cms.actor import ANONYMOUS, SYSTEM
from cms.errors import PersistedDocumentNotFound, Unavailable
from cms.models import RegisteredDocument
from cms.settings import Settings
from schema import persisted
from schema.persisted import Persisted, Sent
from schema.request import Asked
from tests import house
from tests.line import line
from tests.schema.conftest import PASSWORD, signed_in
from tests.web import SIGN_IN, Web, serving

PLAIN, RESPONSE = "application/json", "application/graphql-response+json"
COUNT = "query Count($first: Int) { articles(first: $first) { totalCount } }"
KIND = "{ viewer { kind } }"
TITLES = "query A { articles { nodes { headline } } } query B { __typename }"
NOBODY_KNOWS = "0" * 64


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def apq(text: str, **beside: Any) -> dict[str, Any]:
    return {**beside, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}}


async def ask(web: Web, method: str, request: dict[str, Any], accept: str = RESPONSE) -> httpx.Response:
    """The same request by POST, and by GET with its objects as JSON."""
    headers = {**web.credential, "accept": accept}
    if method == "POST":
        return await web.client.post("/graphql", json=request, headers=headers)
    given = {name: one if isinstance(one, str) else json.dumps(one) for name, one in request.items()}
    return await web.client.get("/graphql", params=given, headers=headers)


def code(response: httpx.Response) -> str:
    """Of a refusal that ran nothing."""
    answer = response.json()
    assert answer.keys() == {"errors"}
    assert len(answer["errors"]) == 1
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


both_methods = pytest.mark.parametrize("method", ["GET", "POST"])
both_types = pytest.mark.parametrize("accept", [PLAIN, RESPONSE])


# ----------------------------------------------------------------------------------------------------------- registered


@both_methods
async def test_a_registered_document_answers_by_name_and_by_hash_as_its_text_does(web: Web, method: str) -> None:
    await house.section()
    await house.live()
    await documents.add(SYSTEM, {"site/count": COUNT, "titles": TITLES})
    whole = await ask(web, method, {"query": COUNT, "variables": {"first": 3}})
    assert whole.json() == {"data": {"articles": {"totalCount": 1}}}
    for id in ("site/count", f"sha256:{sha256(COUNT)}"):
        named = await ask(web, method, {"documentId": id, "variables": {"first": 3}})
        assert (named.status_code, named.content) == (200, whole.content)
    chosen = await ask(web, method, {"documentId": "titles", "operationName": "B"})
    assert chosen.json() == {"data": {"__typename": "Query"}}
    assert code(await ask(web, method, {"documentId": "titles"})) == "BAD_REQUEST"
    assert code(await ask(web, method, {"documentId": "site/count", "variables": {"first": 101}})) == "BAD_INPUT"


@both_methods
@both_types
@pytest.mark.parametrize("id", ["nothing", f"sha256:{NOBODY_KNOWS}"])
async def test_an_id_that_is_not_registered_has_its_own_code_and_status(
    web: Web, method: str, accept: str, id: str
) -> None:
    response = await ask(web, method, {"documentId": id}, accept)
    assert (response.status_code, code(response)) == (404, "PERSISTED_DOCUMENT_NOT_FOUND")


MALFORMED: list[dict[str, Any]] = [
    {"documentId": ""},
    {"documentId": "a b"},
    {"documentId": "../x"},
    {"documentId": "x" * 121},
    {"documentId": "front\n"},
    {"documentId": "sha256:"},
    {"documentId": "sha256:abc"},
    {"documentId": f"sha256:{NOBODY_KNOWS}0"},
    {"documentId": f"sha256:{'A' * 64}"},
    {"documentId": f"x-site:{NOBODY_KNOWS}"},
    {"documentId": "count", "query": COUNT},
    {"documentId": "nothing", "query": COUNT},
    {"documentId": "", "query": COUNT},
    apq(COUNT, documentId="count"),
    {"extensions": {}},
    {"extensions": {"persistedQuery": None}},
    {"extensions": {"persistedQuery": NOBODY_KNOWS}},
    {"extensions": {"persistedQuery": []}},
    {"extensions": {"persistedQuery": {}}},
    {"extensions": {"persistedQuery": {"version": 1}}},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 1}}},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "A" * 64}}},
    {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": NOBODY_KNOWS}}},
    {"extensions": {"persistedQuery": {"sha256Hash": NOBODY_KNOWS}}, "query": COUNT},
]


@both_methods
@pytest.mark.parametrize("request_", MALFORMED, ids=lambda one: json.dumps(one)[:60])
async def test_an_id_that_is_none_and_a_document_named_twice_are_bad_requests(
    web: Web, method: str, request_: dict[str, Any]
) -> None:
    await documents.add(SYSTEM, {"count": COUNT})
    for accept in (PLAIN, RESPONSE):
        response = await ask(web, method, request_, accept)
        assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("value", [1, True, ["count"], {"name": "count"}])
async def test_an_id_that_is_no_text_is_a_bad_request(web: Web, value: Any) -> None:
    response = await ask(web, "POST", {"documentId": value})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("beside", [{"query": None}, {"extensions": None}, {"extensions": {"other": 1}}])
async def test_what_is_null_and_what_is_not_understood_is_absent(web: Web, beside: dict[str, Any]) -> None:
    await documents.add(SYSTEM, {"kind": KIND})
    assert (await ask(web, "POST", {"documentId": "kind", **beside})).json()["data"]["viewer"]["kind"] == "ANONYMOUS"
    assert code(await ask(web, "POST", {"documentId": None, **beside})) == "BAD_REQUEST"


async def test_a_mutation_that_is_named_runs_by_post_and_never_by_get(web: Web) -> None:
    await signed_in(web, "EDITOR")
    await documents.add(SYSTEM, {"sign-in": SIGN_IN})
    request = {"variables": {"input": {"email": "editor@desk.test", "password": PASSWORD}}}
    before = await house.everything()
    for named in ({"documentId": "sign-in"}, {"documentId": f"sha256:{sha256(SIGN_IN)}"}, apq(SIGN_IN)):
        for accept in (PLAIN, RESPONSE):
            refused = await ask(web, "GET", {**named, **request}, accept)
            assert (refused.status_code, code(refused), refused.headers["allow"]) == (405, "METHOD_NOT_ALLOWED", "POST")
    assert await house.everything() == before
    done = await ask(web, "POST", {"documentId": "sign-in", **request})
    assert done.json()["data"]["signIn"]["errors"] == []


async def test_the_limits_hold_for_what_is_registered(web: Web) -> None:
    deep = '{ section(slug: "x") { ' + "parent { " * 11 + "name" + " }" * 13
    costly = "query($n: Int) { articles(first: $n) { nodes { related(first: 100) { title } } } }"
    await documents.add(SYSTEM, {"deep": deep, "wrong": "{ artcles { id } }", "costly": costly})
    assert code(await ask(web, "GET", {"documentId": "deep"})) == "QUERY_TOO_COMPLEX"
    assert code(await ask(web, "GET", {"documentId": "wrong"})) == "BAD_REQUEST"
    assert code(await ask(web, "GET", {"documentId": "costly", "variables": {"n": 100}})) == "QUERY_TOO_COMPLEX"


async def test_each_actor_gets_its_own_answer_from_one_document(web: Web) -> None:
    await documents.add(SYSTEM, {"kind": KIND})
    editor = await signed_in(web, "EDITOR")
    answers = [(await ask(one, "POST", {"documentId": "kind"})).json() for one in (web, editor, web)]
    assert [answer["data"]["viewer"]["kind"] for answer in answers] == ["ANONYMOUS", "USER", "ANONYMOUS"]
    broken = await ask(web.as_("dls_nonsense"), "POST", {"documentId": "kind"})
    assert (broken.status_code, code(broken)) == (401, "UNAUTHENTICATED")


async def test_a_document_that_is_registered_while_the_server_runs_is_found_within_a_second(web: Web) -> None:
    assert (await ask(web, "GET", {"documentId": "kind"})).status_code == 404
    await documents.add(SYSTEM, {"kind": KIND})
    await asyncio.sleep(persisted.AGAIN_S)
    assert (await ask(web, "GET", {"documentId": "kind"})).status_code == 200


async def test_what_was_replaced_or_removed_is_noticed(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "STALE_S", 0.2)
    known = Persisted(Settings())
    await documents.add(SYSTEM, {"a": KIND, "b": COUNT})
    assert (await known.resolved(Asked("", document_id="a"), ANONYMOUS)).query == KIND
    await documents.add(SYSTEM, {"a": TITLES})
    await documents.remove(SYSTEM, "b")
    await asyncio.sleep(0.2)
    assert (await known.resolved(Asked("", document_id="a"), ANONYMOUS)).query == TITLES
    for gone in ("b", f"sha256:{sha256(COUNT)}", f"sha256:{sha256(KIND)}"):
        with pytest.raises(PersistedDocumentNotFound):
            await known.resolved(Asked("", document_id=gone), ANONYMOUS)
    assert known.registered == [TITLES]


async def test_unknown_ids_ask_the_database_once_a_second_together(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, standing = [], documents.standing

    async def counted(known: Any) -> Any:
        asked.append(time.monotonic())
        return await standing(known)

    monkeypatch.setattr(documents, "standing", counted)
    known = Persisted(Settings())
    named = [Asked("", document_id=f"nothing-{n}") for n in range(200)]
    found = await asyncio.gather(*(known.resolved(one, ANONYMOUS) for one in named), return_exceptions=True)
    assert {type(one) for one in found} == {PersistedDocumentNotFound}
    assert len(asked) == 1


async def test_a_known_id_gives_the_same_text_object_and_asks_no_database(web: Web) -> None:
    await documents.add(SYSTEM, {"count": COUNT})
    known = Persisted(Settings())
    first = await known.resolved(Asked("", document_id="count"), ANONYMOUS)
    assert first.query == COUNT
    await RegisteredDocument.all().delete()
    for id in ("count", f"sha256:{sha256(COUNT)}"):
        assert (await known.resolved(Asked("", document_id=id), ANONYMOUS)).query is first.query
    assert await known.resolved(first, ANONYMOUS) is first
    assert known.registered == [COUNT]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_what_is_known_serves_on_while_the_database_is_away_and_what_is_not_is_unavailable(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Persisted(Settings())
    kind, count, hashed = Asked("", document_id="kind"), Asked("", document_id="count"), Asked("", sha256=sha256(COUNT))
    async with line(database) as connected, house.opened(connected.url):
        await documents.add(SYSTEM, {"kind": KIND})
        await known.load()
        await documents.add(SYSTEM, {"count": COUNT})
        await connected.cut()
        monkeypatch.setattr(persisted, "STALE_S", 0.0)
        for _ in range(2):
            assert (await known.resolved(kind, ANONYMOUS)).query == KIND
            for unknown in (count, hashed):
                with pytest.raises(Unavailable):
                    await known.resolved(unknown, ANONYMOUS)
        await connected.mend()
        for found in (count, hashed):
            assert (await known.resolved(found, ANONYMOUS)).query == COUNT


# ------------------------------------------------------------------------------------------------------------------ APQ


@both_methods
@both_types
async def test_a_hash_is_missed_once_then_sent_with_its_text_then_enough(web: Web, method: str, accept: str) -> None:
    missed = await ask(web, method, apq(COUNT), accept)
    assert (missed.status_code, code(missed)) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert missed.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert missed.headers["cache-control"] == "no-store"
    for request in (apq(COUNT, query=COUNT), apq(COUNT), apq(COUNT, query=""), apq(COUNT, variables={"first": 1})):
        answer = await ask(web, method, request, accept)
        assert (answer.status_code, answer.json()) == (200, {"data": {"articles": {"totalCount": 0}}})


@both_methods
@both_types
async def test_a_hash_of_another_text_is_refused_and_nothing_is_kept(web: Web, method: str, accept: str) -> None:
    for sent in (COUNT + " ", KIND, "{"):
        refused = await ask(web, method, apq(COUNT, query=sent), accept)
        assert (refused.status_code, code(refused)) == (400, "PERSISTED_QUERY_MISMATCH")
    assert code(await ask(web, method, apq(COUNT), accept)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_hash_finds_what_is_registered_but_an_id_finds_nothing_of_apq(web: Web) -> None:
    await documents.add(SYSTEM, {"kind": KIND})
    assert (await ask(web, "GET", apq(KIND))).json() == {"data": {"viewer": {"kind": "ANONYMOUS"}}}
    assert (await ask(web, "GET", apq(COUNT, query=COUNT))).status_code == 200
    assert (await ask(web, "GET", {"documentId": f"sha256:{sha256(COUNT)}"})).status_code == 404


def test_the_latest_texts_are_kept_up_to_the_bytes_that_they_may_take() -> None:
    sent = Sent(20_000)
    texts = {f"{n:064x}": f"{{ a{n:05} }}" + "#" * n for n in range(200)}
    for name, text in texts.items():
        sent.keep(name, text)
        assert sent.find("0" * 64) == texts["0" * 64]  # what is used stays
        assert sent.size_bytes <= 20_000
    kept = [name for name, text in texts.items() if sent.find(name) == text]
    assert kept == ["0" * 64, *list(texts)[-len(kept) + 1 :]]
    assert 25 <= len(kept) <= 40
    sent.keep("f" * 64, "#" * 1300)
    assert sent.find("f" * 64) is None
    assert sent.size_bytes <= 20_000


# ------------------------------------------------------------------------------------------ registered documents only


@pytest.fixture
async def strict(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(database, f"file:{tmp_path}/media", only_registered_documents=True) as web:
        yield web


async def test_who_is_not_signed_in_runs_only_what_is_registered_however_it_is_named(strict: Web) -> None:
    editor = await signed_in_by_hand(strict)
    await documents.add(SYSTEM, {"kind": KIND})
    for allowed in ({"documentId": "kind"}, {"query": KIND}, apq(KIND), apq(KIND, query=KIND)):
        assert (await ask(strict, "GET", allowed)).json() == {"data": {"viewer": {"kind": "ANONYMOUS"}}}
    assert (await ask(editor, "GET", apq(COUNT, query=COUNT))).status_code == 200
    for other in ({"query": COUNT}, {"query": KIND + " "}, apq(COUNT), apq(COUNT, query=COUNT), {"query": "{"}):
        for method in ("GET", "POST"):
            refused = await ask(strict, method, other)
            assert (refused.status_code, code(refused)) == (403, "FORBIDDEN")
    assert (await ask(editor, "POST", {"query": KIND + " "})).json() == {"data": {"viewer": {"kind": "USER"}}}


async def test_a_mutation_is_no_exception_and_signs_in_once_it_is_registered(strict: Web) -> None:
    await signed_in_by_hand(strict)
    request = {"query": SIGN_IN, "variables": {"input": {"email": "editor@desk.test", "password": PASSWORD}}}
    before = await house.everything()
    assert code(await ask(strict, "POST", request)) == "FORBIDDEN"
    assert await house.everything() == before
    await documents.add(SYSTEM, {"sign-in": SIGN_IN})
    await asyncio.sleep(persisted.AGAIN_S)
    assert (await ask(strict, "POST", request)).json()["data"]["signIn"]["errors"] == []


async def test_the_products_own_pages_ask_what_they_like(strict: Web) -> None:
    await house.section()
    story = await house.stored(await house.live(headline="A bridge opens"))
    page = await strict.get(f"/articles/{story.slug}.html")
    assert page.status_code == 200
    assert "A bridge opens" in page.text


async def signed_in_by_hand(web: Web) -> Web:
    """A person who did not need `signIn` to be registered."""
    person = {"name": "Editor", "email": "editor@desk.test", "password": PASSWORD, "role": "EDITOR"}
    await accounts.save_user(SYSTEM, person)
    signed = await accounts.sign_in("editor@desk.test", PASSWORD, settings=web.services.settings)
    return web.as_(signed.token)
