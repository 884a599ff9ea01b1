"""Answers that any anonymous caller may have: kept, compressed, known again by their tags, and gone with the first change."""

import asyncio
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from cms import db
from cms.actions import articles, documents, publishing
from cms.actor import SYSTEM
from schema.engine import Engine
from tests import house
from tests.web import Web, serving

LIST = "{ articles { nodes { headline } } }"


async def get(web: Web, document: str = LIST, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await web.client.get("/graphql", params={"query": document}, headers=web.credential | sent)


async def settled(web: Web) -> None:
    """Until the process knows what stands for the content as it is now."""
    async with asyncio.timeout(10):
        while web.services.freshness.token() is None:  # noqa: ASYNC110 - what is watched has no event
            await asyncio.sleep(0.01)


async def changed(web: Web, before: str) -> None:
    async with asyncio.timeout(10):
        while web.services.freshness.token() in (before, None):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_the_second_answer_takes_no_sql_and_is_the_same(web: Web) -> None:
    await house.section("World")
    await house.live(headline="First")
    await settled(web)
    first = await get(web, accept_encoding="identity")
    with db.statements() as seen:
        second = await get(web, accept_encoding="identity")
        posted = await web.post(LIST, accept_encoding="identity")
    assert seen == []
    assert first.content == second.content == posted.content
    assert first.json() == {"data": {"articles": {"nodes": [{"headline": "First"}]}}}
    assert first.headers["surrogate-key"] == "article"
    assert first.headers["dateline-cost"] == second.headers["dateline-cost"] == "20; limit=1000"


async def test_a_tag_is_known_before_any_sql_and_changes_with_the_content(web: Web) -> None:
    await house.section("World")
    story = await house.live(headline="First")
    await settled(web)
    answer = await get(web)
    tag, token = answer.headers["etag"], web.services.freshness.token()
    assert token is not None
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert answer.headers["vary"] == "Accept, Accept-Encoding, Authorization, Cookie"
    with db.statements() as seen:
        again = await get(web, if_none_match=tag)
        other = await get(web, if_none_match=tag, accept="application/graphql-response+json")
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (other.status_code, len(seen)) == (200, 0)
    await articles.update(SYSTEM, story, 2, {"headline": "Second"})
    await changed(web, token)
    fresh = await get(web, if_none_match=tag)
    assert fresh.status_code == 200
    assert fresh.json()["data"]["articles"]["nodes"] == [{"headline": "Second"}]
    assert fresh.headers["etag"] != tag


async def test_nothing_kept_outlives_a_schedule(web: Web) -> None:
    await house.section("World")
    story = await house.article(headline="Soon")
    await publishing.publish(SYSTEM, story, 1, at=house.hours(0) + timedelta(seconds=3))
    await settled(web)
    before = await get(web)
    assert before.json()["data"]["articles"]["nodes"] == []
    assert int(before.headers["cdn-cache-control"].rpartition("=")[2]) <= 3
    async with asyncio.timeout(10):
        while not (await get(web)).json()["data"]["articles"]["nodes"]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (await get(web, if_none_match=before.headers["etag"])).status_code == 200


async def test_a_credential_neither_takes_from_what_is_kept_nor_puts_into_it(web: Web, editor: Web) -> None:
    await house.section("World")
    await house.live(headline="First")
    await house.article(headline="A draft")
    await settled(web)
    await get(web)
    with db.statements() as seen:
        mine = await get(editor)
    assert len(seen) == 1
    assert {one["headline"] for one in mine.json()["data"]["articles"]["nodes"]} == {"First", "A draft"}
    assert mine.headers["cache-control"] == "no-store"
    assert "etag" not in mine.headers
    assert "content-encoding" not in mine.headers
    assert (await get(web)).json()["data"]["articles"]["nodes"] == [{"headline": "First"}]
    viewer = await get(web, "{ viewer { kind } articles { totalCount } }")
    assert (viewer.headers["cache-control"], "etag" in viewer.headers) == ("no-store", False)


async def test_a_refused_query_is_never_kept(web: Web) -> None:
    await settled(web)
    for _ in range(2):
        refused = await get(web, '{ articles(after: "x") { totalCount } }')
        assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_CURSOR"
        assert (refused.headers["cache-control"], "etag" in refused.headers) == ("no-store", False)


async def test_each_coding_has_its_own_tag_and_the_same_content(web: Web) -> None:
    await house.section("World")
    await house.live(headline="A story with a long headline that says much", summary="x" * 1500)
    await settled(web)
    document = "{ articles { nodes { headline summary } } }"
    plain = await get(web, document, accept_encoding="identity")
    request = web.client.build_request(
        "GET", "/graphql", params={"query": document}, headers={"accept-encoding": "gzip"}
    )
    packed = await web.client.send(request, stream=True)
    raw = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert zlib.decompress(raw, 31) == plain.content
    assert len(raw) < len(plain.content) / 4
    assert packed.headers["etag"] != plain.headers["etag"]


async def test_two_who_ask_the_same_at_once_have_each_their_own_answer(web: Web, editor: Web, reader: Web) -> None:
    await house.section("World")
    await house.live(headline="First")
    await house.article(headline="A draft")
    await settled(web)
    askers = [web, editor, reader] * 40
    answers: list[Any] = await asyncio.gather(*(one.ask(LIST) for one in askers))
    for asker, answer in zip(askers, answers, strict=True):
        seen = {one["headline"] for one in answer["articles"]["nodes"]}
        assert seen == ({"First", "A draft"} if asker is editor else {"First"})


async def test_registered_documents_are_prepared_as_far_as_they_have_one_usual_form(
    database: str, tmp_path: Path
) -> None:
    registered = {
        "page": "query($slug: String!, $n: Int = 3) { article(slug: $slug) { headline related(first: $n) { title } } }",
        "two": "query A { __typename } query B { tags { totalCount } }",
        "sized": "query($n: Int!) { articles(first: $n) { totalCount } }",
        "change": "mutation { signOut { ok } }",
    }
    async with house.opened(database):
        for name, text in registered.items():
            await documents.add(SYSTEM, {name: text})
    async with serving(database, f"file:{tmp_path}/media") as web:
        engine = Engine(web.services)
        await engine.persisted.load()
        (sql,) = engine.known()
        with db.statements() as seen:
            asked = {"documentId": "page", "variables": {"slug": "x"}}
            answer = await web.client.post("/graphql", json=asked)
        assert answer.json() == {"data": {"article": None}}
        assert seen == [sql]
