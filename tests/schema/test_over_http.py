"""GraphQL over HTTP: media types, statuses, and bodies that are no requests."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from cms import db
from tests import house
from tests.web import Web, serving

PLAIN, RESPONSE = "application/json", "application/graphql-response+json"
JSON = {"content-type": PLAIN}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, PLAIN),
        ("", PLAIN),
        ("*/*", PLAIN),
        (PLAIN, PLAIN),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, {PLAIN};q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.5, {PLAIN};q=0.9", PLAIN),
        (f"{PLAIN};q=0, */*", RESPONSE),
        ("application/*;q=0.2, text/html", PLAIN),
    ],
)
async def test_an_answer_comes_in_the_media_type_that_is_liked_best(
    web: Web, accept: str | None, media_type: str
) -> None:
    headers = JSON if accept is None else {**JSON, "accept": accept}
    request = web.client.build_request("POST", "/graphql", json={"query": "{ __typename }"}, headers=headers)
    if accept is None:
        del request.headers["accept"]
    response = await web.client.send(request)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_an_answer_that_the_caller_cannot_take_is_not_acceptable(web: Web) -> None:
    response = await web.client.post("/graphql", json={"query": "{ __typename }"}, headers={"accept": "text/html"})
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


MALFORMED: list[tuple[bytes, str]] = [
    (b"", "BAD_REQUEST"),
    (b"null", "BAD_REQUEST"),
    (b"42", "BAD_REQUEST"),
    (b'"text"', "BAD_REQUEST"),
    (b"[]", "BAD_REQUEST"),
    (b'[{"query": "{ __typename }"}]', "BAD_REQUEST"),
    (b"{", "BAD_REQUEST"),
    (b"{}", "BAD_REQUEST"),
    (b'{"query": ""}', "BAD_REQUEST"),
    (b'{"query": 1}', "BAD_REQUEST"),
    (b'{"query": ["{ __typename }"]}', "BAD_REQUEST"),
    (b'{"query": {"a": 1}}', "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "operationName": 1}', "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "variables": "x"}', "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "variables": []}', "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "extensions": 0}', "BAD_REQUEST"),
    (b'{"query": "{ __typename }", "variables": {"a": NaN}}', "BAD_REQUEST"),
    (b'{"query": "\xff"}', "BAD_REQUEST"),
    (b'{"query": "\\ud800"}', "BAD_REQUEST"),
    (b"[" * 100_000, "BAD_REQUEST"),
    (b'{"a":' * 20_000, "BAD_REQUEST"),
]


@pytest.mark.parametrize(("body", "code"), MALFORMED, ids=[repr(body[:40]) for body, _ in MALFORMED])
@pytest.mark.parametrize("accept", [PLAIN, RESPONSE])
async def test_a_body_that_is_no_request_is_400_under_every_media_type(
    web: Web, body: bytes, code: str, accept: str
) -> None:
    response = await web.client.post("/graphql", content=body, headers={**JSON, "accept": accept})
    answer = response.json()
    assert response.status_code == 400
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert "data" not in answer


REFUSED = [
    ("{", {}, "BAD_REQUEST"),
    ("{ nothing }", {}, "BAD_REQUEST"),
    ("query A { __typename } query B { __typename }", {}, "BAD_REQUEST"),
    ("query($n: Int!) { articles(first: $n) { totalCount } }", {}, "BAD_INPUT"),
    ("query($n: Int!) { articles(first: $n) { totalCount } }", {"n": "many"}, "BAD_INPUT"),
    ("{ articles(first: 0) { totalCount } }", {}, "BAD_INPUT"),
    ("{ articles(first: -1) { totalCount } }", {}, "BAD_INPUT"),
    ("{ articles(first: 101) { totalCount } }", {}, "BAD_INPUT"),
    ("query($n: Int) { articles(last: $n) { totalCount } }", {"n": 101}, "BAD_INPUT"),
    ('{ articles(after: "nonsense") { totalCount } }', {}, "BAD_CURSOR"),
    ('{ articles(after: "h00") { totalCount } }', {}, "BAD_CURSOR"),
    ('{ tags(after: "") { totalCount } }', {}, "BAD_CURSOR"),
    ("{ articles(filter: {nonsense: 1}) { totalCount } }", {}, "BAD_REQUEST"),
    ('{ articles(filter: {publishedAfter: "yesterday"}) { totalCount } }', {}, "BAD_REQUEST"),
    ("query($t: DateTime) { articles(filter: {publishedAfter: $t}) { totalCount } }", {"t": "2026-01-31"}, "BAD_INPUT"),
    ("{ articles { nodes { leadPhoto { photo { url(width: 0) } } } } }", {}, "BAD_INPUT"),
    ("{ articles { nodes { leadPhoto { photo { url(format: TIFF) } } } } }", {}, "BAD_INPUT"),
    ("{ articles { nodes { related(first: 101) { title } } } }", {}, "BAD_INPUT"),
    ('{ section(slug: "x") { ' + "parent { " * 11 + "name" + " }" * 13, {}, "QUERY_TOO_COMPLEX"),
    ("{ " + " ".join(f"a{n}: __typename" for n in range(16)) + " }", {}, "QUERY_TOO_COMPLEX"),
    ("{ " + "__typename " * 2001 + "}", {}, "QUERY_TOO_COMPLEX"),
    ("{ " + "__typename @skip(if: false) " * 21 + "}", {}, "QUERY_TOO_COMPLEX"),
    ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", {}, "BAD_REQUEST"),
    ("subscription { x }", {}, "BAD_REQUEST"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "variables", "code"), REFUSED, ids=[row[0][:50] for row in REFUSED])
async def test_an_operation_that_cannot_run_is_refused_with_its_code_and_says_why(
    web: Web, document: str, variables: dict[str, Any], code: str
) -> None:
    response = await web.post(document, variables, accept=RESPONSE)
    plain = await web.post(document, variables, accept=PLAIN)
    answer = response.json()
    assert (response.status_code, plain.status_code) == (400, 200)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert "data" not in answer
    assert plain.json() == answer
    assert len(answer["errors"][0]["message"]) > 10


async def test_a_mutation_is_not_run_by_get(web: Web) -> None:
    response = await web.client.get("/graphql", params={"query": "mutation { signOut { ok } }"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


async def test_a_query_by_get_takes_its_variables_as_json(web: Web) -> None:
    document = "query Q($first: Int) { articles(first: $first) { totalCount } }"
    parameters = {"query": document, "variables": '{"first": 1}', "operationName": "Q", "extensions": "{}"}
    response = await web.client.get("/graphql", params=parameters)
    assert response.json() == {"data": {"articles": {"totalCount": 0}}}
    broken = await web.client.get("/graphql", params={**parameters, "variables": "{"})
    assert (broken.status_code, broken.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused_and_told_which_there_are(web: Web, method: str) -> None:
    response = await web.client.request(method, "/graphql")
    assert response.status_code == 405
    assert {one.strip() for one in response.headers["allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert response.json()["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("path", ["/graphql/", "/GraphQL"])
async def test_the_path_is_exact_and_nothing_redirects(web: Web, path: str) -> None:
    response = await web.client.post(path, json={"query": "{ __typename }"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "multipart/form-data"],
)
async def test_a_body_of_another_type_is_unsupported(web: Web, kind: str) -> None:
    response = await web.client.post("/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": kind})
    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


async def test_a_body_over_the_limit_is_refused_before_and_while_it_is_read(web: Web) -> None:
    body = b'{"query": "{ __typename }", "x": "' + b"x" * 256_000 + b'"}'
    declared = await web.client.post("/graphql", content=body, headers=JSON)

    async def chunks() -> Any:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    streamed = await web.client.post("/graphql", content=chunks(), headers=JSON)
    for response in (declared, streamed):
        assert response.status_code == 413
        assert response.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_the_schema_is_told_to_staff_and_in_its_file(web: Web, editor: Web) -> None:
    question = "{ __schema { queryType { name } } }"
    refused = await web.post(question)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert await web.ask('{ __type(name: "Article") { name } }') == {"__type": None}
    assert await editor.ask('{ __type(name: "Article") { name } }') == {"__type": {"name": "Article"}}
    assert await editor.ask(question) == {"__schema": {"queryType": {"name": "Query"}}}
    assert "type Article implements Node {" in (await web.get("/schema.graphql")).text


async def test_a_wrong_field_is_named_without_suggesting_others(web: Web) -> None:
    answer = (await web.post("{ artcles { totalCount } }")).json()
    assert answer["errors"][0]["message"] == "Cannot query field 'artcles' on type 'Query'. (line 1, column 3)"


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer dls_", "Bearer", "Basic !", "Digest x", "Bearer " + "x" * 5000]
)
async def test_a_credential_that_opens_nothing_is_never_taken_for_nobody(web: Web, header: str) -> None:
    response = await web.post("{ __typename }", authorization=header)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="dateline"'
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_every_answer_has_a_request_id_and_may_not_be_kept(web: Web) -> None:
    first, second = await web.post("{ __typename }"), await web.post("{ __typename }")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-content-type-options"] == "nosniff"


async def test_both_doors_fail_whole_for_a_bad_cursor(web: Web) -> None:
    fast = await web.post('{ articles(after: "x") { totalCount } }', accept=RESPONSE)
    mixed = await web.post('{ viewer { kind } articles(after: "x") { totalCount } }', accept=RESPONSE)
    assert fast.json() == mixed.json()
    assert fast.status_code == mixed.status_code == 400


async def test_an_answer_that_could_hold_too_much_is_refused_before_any_sql(web: Web, editor: Web) -> None:
    document = """query($n: Int) { articles(first: $n) { nodes { headline section { articles(first: 100) { nodes { headline
      ...Lead } } } } } } fragment Lead on Article { leadPhoto { photo { credit } } }"""
    with db.statements() as seen:
        response = await web.post(document, {"n": 10}, accept=RESPONSE)
    error = response.json()["errors"][0]
    cost = 10 * (1 + 1 + 100 * (1 + 1 + 1))
    assert (response.status_code, seen) == (400, [])
    assert error["extensions"] == {"code": "QUERY_TOO_COMPLEX", "cost": cost, "limit": 1000}
    assert error["message"] == f"This operation is too large: cost {cost}, and the limit is 1000."
    assert await editor.ask(document, n=10) == {"articles": {"nodes": []}}
    affordable = await web.post(document, {"n": 3})
    assert affordable.headers["dateline-cost"] == "906; limit=1000"
    beside = await web.post(document.replace("{ articles", "{ viewer { kind } articles", 1), {"n": 10}, accept=RESPONSE)
    assert beside.json()["errors"][0]["extensions"]["cost"] == cost


async def test_what_a_mutation_would_show_is_refused_before_it_changes_anything(editor: Web) -> None:
    show = "articles(first: 100) { nodes { tags { articles(first: 100) { nodes { headline } } } } }"
    document = f'mutation {{ saveSection(input: {{name: "New"}}) {{ section {{ {show} }} }} }}'
    error = await editor.refused(document)
    assert (error["code"], error["limit"]) == ("QUERY_TOO_COMPLEX", 10_000)
    assert await editor.ask("{ sections { slug } }") == {"sections": []}


async def test_staff_may_ask_how_an_answer_was_made(web: Web, editor: Web) -> None:
    document = "{ articles { totalCount } }"
    explained = (await editor.post(document, dateline_explain="1")).json()["extensions"]["explain"]
    assert (explained["door"], explained["cost"], explained["limit"]) == ("plan", 30, 10_000)
    assert len(explained["statements"]) == 1
    assert explained["databaseMs"] > 0
    mixed = (await editor.post("{ viewer { kind } articles { totalCount } }", dateline_explain="1")).json()
    assert mixed["extensions"]["explain"]["door"] == "executor"
    assert "extensions" not in (await web.post(document, dateline_explain="1")).json()
    assert "extensions" not in (await editor.post(document)).json()


async def test_a_body_that_does_not_arrive_is_cut(database: str, tmp_path: Path) -> None:
    async def dawdling() -> Any:
        yield b'{"query": '
        await asyncio.sleep(30)

    async with serving(database, f"file:{tmp_path}/media", body_seconds=1) as web:
        response = await web.client.post("/graphql", content=dawdling(), headers=JSON)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (408, "REQUEST_TIMEOUT")


ALIKE: list[tuple[bytes, dict[str, str]]] = [
    (b'{"query": "{ articles { nodes { headline } } }"}', {}),
    (b'{"query": "{ articles { nodes { headline } } }"}', {"accept": RESPONSE, "accept-encoding": "gzip"}),
    (b'{"query": "{ viewer { kind } }"}', {}),
    (b'{"query": "query Q($s: String!) { section(slug: $s) { name } }", "variables": {"s": "world"}}', {}),
    (b'{"query": "query Q($s: String!) { section(slug: $s) { name } }", "variables": {"s": 1}}', {}),
    (b'{"query": "query Q($s: String!) { section(slug: $s) { name } }"}', {"accept": RESPONSE}),
    (b'{"query": "{ nothing }"}', {}),
    (b'{"query": "{ nothing }"}', {"accept": RESPONSE}),
    (b'{"query": "mutation { signOut { ok } }"}', {}),
    (b'{"query": "mutation { saveTag(input: {name: \\"x\\"}) { errors { code } } }"}', {}),
    (b'{"documentId": "nothing"}', {}),
    (b'{"query": "", "variables": {}}', {}),
    (b'{"query": "{ __typename }", "variables": []}', {}),
    (b'{"query": "{ __typename }", "variables": null, "operationName": "X"}', {}),
    (b"[]", {}),
    (b"{", {"accept": RESPONSE}),
    (b" " * 300_000, {}),
    (b"{}", {"accept": "text/html"}),
    (b'{"query": "{ __typename }"}', {"content-type": "text/plain"}),
]


@pytest.mark.parametrize(("body", "given"), ALIKE)
async def test_the_short_way_and_the_framework_answer_alike(web: Web, body: bytes, given: dict[str, str]) -> None:
    await house.section("World")
    await house.live(headline="First")
    headers = {"content-type": PLAIN, "accept-encoding": "identity", **given}
    short = await web.client.post("/graphql", content=body, headers=headers)
    # what only staff may ask leads past the short way, and is nothing for anyone else
    long = await web.client.post("/graphql", content=body, headers={**headers, "dateline-explain": "1"})
    assert (short.status_code, short.content) == (long.status_code, long.content)
    its_own = ("x-request-id", "ratelimit")  # a budget has less in it the second time
    told = [{name: value for name, value in one.headers.items() if name not in its_own} for one in (short, long)]
    assert told[0] == told[1]
    assert short.headers["x-request-id"] != long.headers["x-request-id"]
