"""Subscriptions over real sockets: who is told what, in order, once; and how a connection ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from cms import clock, db, ledger
from cms.actions import accounts, articles, partners, publishing
from cms.actor import SYSTEM
from cms.models import Section
from cms.settings import Settings
from schema import streams, websocket
from tests import house
from tests.schema.following import CHANGES, PAGES, Site, Socket, events, site

ONE = "subscription($id: ID) { articleChanged(id: $id) { kind version subject { ... on Article { headline } } } }"
WIDE = "linkedFrom(first: 100) { nodes { linkedFrom(first: 100) { nodes { slug } } } }"
OF_SECTION = "subscription($slug: String) { articleChanged(section: $slug) { kind subjectId } }"


@pytest.fixture
async def open_site(database: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(database, f"file:{tmp_path}/media") as one:
        await house.section("World")
        yield one


async def told(socket: Socket, number: int, id: str = "1") -> list[tuple[str, int]]:
    found = [await socket.next(id) for _ in range(number)]
    return [(one["kind"], one["version"]) for one in found]


async def partner(**fields: Any) -> tuple[UUID, str]:
    id = await partners.save_partner(SYSTEM, {"name": "The Wire", **fields})
    return id, (await accounts.create_key(SYSTEM, "reader", partner=id)).secret


async def subscribed(one: Site, number: int = 1) -> None:
    """Until so many subscriptions have begun: what happens from now on is told."""
    await _until(lambda: one.streams.following._followers == number)
    await asyncio.sleep(0.1)


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is watched has no event
            await asyncio.sleep(0.01)


# ----------------------------------------------------------------------------------------------------- what is told


async def test_a_change_is_told_after_its_commit_once_and_in_order(open_site: Site) -> None:
    await house.live(headline="Before")
    async with open_site.socket() as socket:
        await socket.follow()
        await subscribed(open_site)
        story = await house.live(headline="Storm")
        await articles.update(SYSTEM, story, 2, {"headline": "Storm ends"})
        assert await told(socket, 2) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 3)]
        await socket.nothing()


async def test_it_is_told_within_a_second(open_site: Site) -> None:
    async with open_site.socket() as socket:
        await socket.follow()
        await subscribed(open_site)
        for _ in range(3):
            story = await house.article()
            begun = clock.now()
            await publishing.publish(SYSTEM, story, 1)
            await socket.next()
            assert clock.now() - begun < timedelta(seconds=1)


async def test_it_goes_on_behind_a_cursor_without_loss(open_site: Site) -> None:
    stories = [await house.live() for _ in range(5)]
    async with open_site.socket() as socket:
        await socket.follow(after=ledger.START)
        first = [await socket.next() for _ in range(3)]
    stories += [await house.live() for _ in range(130)]  # more than one page
    async with open_site.socket() as socket:
        await socket.follow(after=first[-1]["cursor"])
        rest = [await socket.next() for _ in range(132)]
        await socket.nothing()
    assert [one["subjectId"] for one in [*first, *rest]] == [f"article_{one}" for one in stories]


async def test_nothing_is_missed_or_doubled_while_writers_overlap(open_site: Site) -> None:
    async def write(number: int) -> list[UUID]:
        return [await house.live(headline=f"{number} {n}") for n in range(12)]

    async with open_site.socket() as socket:
        for id in ("1", "2"):
            await socket.follow(id=id)
        await subscribed(open_site, 2)
        made = await asyncio.gather(*(write(n) for n in range(4)))
        wanted = {f"article_{one}" for some in made for one in some}
        found: dict[str, list[str]] = {"1": [], "2": []}
        for _ in range(2 * len(wanted)):
            message = await socket.message()
            found[message["id"]].append(message["payload"]["data"]["changes"]["subjectId"])
        assert found["1"] == found["2"]
        assert len(found["1"]) == len(wanted) == len(set(found["1"]))
        assert set(found["1"]) == wanted
        await socket.nothing()


async def test_a_change_that_commits_late_is_told_in_its_place(open_site: Site, database: str) -> None:
    if database.startswith("sqlite"):
        pytest.skip("SQLite has one writer: nothing commits late")
    story, other = await house.live(), await house.article()
    written, go = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        async with db.transaction():
            await ledger.append("ARTICLE_UPDATED", "Article", story, 3, SYSTEM)
            written.set()
            await go.wait()

    async with open_site.socket() as socket:
        await socket.follow()
        await subscribed(open_site)
        writing = asyncio.create_task(late())
        await written.wait()
        await publishing.publish(SYSTEM, other, 1)
        await socket.nothing()
        go.set()
        await writing
        assert [(await socket.next())["subjectId"] for _ in range(2)] == [f"article_{story}", f"article_{other}"]


async def test_one_story_and_one_section_are_followed_by_themselves(open_site: Site) -> None:
    sport = await house.section("Sport")
    await house.section("Football", parent=sport)
    story, other = await house.article(headline="Storm"), await house.article(section="football")
    async with open_site.socket() as socket:
        await socket.follow(ONE, id="a")
        await socket.send(id="one", type="subscribe", payload={"query": ONE, "variables": {"id": f"article_{story}"}})
        await socket.send(id="no", type="subscribe", payload={"query": ONE, "variables": {"id": "nonsense"}})
        await socket.follow(OF_SECTION, id="sport", slug="sport")
        await subscribed(open_site, 4)
        await publishing.publish(SYSTEM, other, 1)
        await publishing.publish(SYSTEM, story, 1)
        found: dict[str, list[Any]] = {"a": [], "one": [], "sport": []}
        for number in range(6):
            if number == 4:  # what is withdrawn before it was told of is told of as withdrawn alone
                await publishing.withdraw(SYSTEM, other, 2, note="Wrong.")
            message = await socket.message()
            found[message["id"]].append(message["payload"]["data"]["articleChanged"])
        assert [one["kind"] for one in found["a"]] == ["ARTICLE_PUBLISHED", "ARTICLE_PUBLISHED", "ARTICLE_WITHDRAWN"]
        headline = {"headline": "Storm"}
        assert found["one"] == [{"kind": "ARTICLE_PUBLISHED", "version": 2, "subject": headline}]
        assert [one["kind"] for one in found["sport"]] == ["ARTICLE_PUBLISHED", "ARTICLE_WITHDRAWN"]
        await socket.nothing()


async def test_a_second_actor_is_told_by_its_own_policy(open_site: Site) -> None:
    await house.section("Sport")
    _, key = await partner(sections=[await _section("sport")])
    async with open_site.socket(token=key) as narrow, open_site.socket() as reader:
        await narrow.follow()
        await reader.follow()
        await subscribed(open_site, 2)
        world = await house.live(section="world")
        sport = await house.live(section="sport")
        assert [(await reader.next())["subjectId"] for _ in range(2)] == [f"article_{world}", f"article_{sport}"]
        assert (await narrow.next())["subjectId"] == f"article_{sport}"
        await narrow.nothing()


async def test_what_is_under_embargo_is_told_ahead_to_whom_may_have_it_alone(open_site: Site) -> None:
    _, key = await partner(embargo_access=True)
    async with open_site.socket(token=key) as ahead, open_site.socket() as reader:
        await ahead.follow()
        await reader.follow()
        await subscribed(open_site, 2)
        story = await house.article(embargoed_until=house.hours(2))
        await publishing.publish(SYSTEM, story, 1)
        found = await ahead.next()
        assert (found["kind"], found["subject"]) == ("ARTICLE_PUBLISHED", {"id": f"article_{story}"})
        await reader.nothing()


async def test_a_field_says_nothing_that_its_caller_may_not_read(open_site: Site) -> None:
    document = "subscription { changes { subject { ... on Article { internalNote revisions { totalCount } } } } }"
    async with open_site.socket() as socket:
        await socket.follow(document)
        await subscribed(open_site)
        await house.live(internal_note="Ask the lawyer.")
        assert (await socket.next())["subject"] == {"internalNote": None, "revisions": {"totalCount": 0}}


async def test_a_partner_whose_grants_change_is_told_by_the_new_ones(
    open_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "RECHECK_S", 0.1)
    await house.section("Sport")
    id, key = await partner()
    async with open_site.socket(token=key) as socket:
        await socket.follow()
        await subscribed(open_site)
        first = await house.live(section="world")
        assert (await socket.next())["subjectId"] == f"article_{first}"
        await partners.save_partner(SYSTEM, {"sections": [await _section("sport")]}, id, 1)
        await asyncio.sleep(0.4)
        await house.live(section="world")
        sport = await house.live(section="sport")
        assert (await socket.next())["subjectId"] == f"article_{sport}"


async def _section(slug: str) -> UUID:
    found: UUID = (await Section.get(slug=slug)).id
    return found


# ------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("subscription { changes { nothing } }", "BAD_REQUEST"),
        ("subscription { changes(after: \"p2026\") { cursor } }", "BAD_CURSOR"),
        ("subscription($a: String!) { changes(after: $a) { cursor } }", "BAD_INPUT"),
        ("{ articles { totalCount } }", "BAD_REQUEST"),
        ("mutation { signOut { ok } }", "BAD_REQUEST"),
        ("subscription { changes { cursor } articleChanged { cursor } }", "BAD_REQUEST"),
        ("subscription { changes @skip(if: true) { cursor } }", "BAD_REQUEST"),
        (f"subscription {{ changes {{ subject {{ ... on Article {{ {WIDE} }} }} }} }}", "QUERY_TOO_COMPLEX"),
    ],
)  # fmt: skip
async def test_a_subscription_that_cannot_be_is_refused_by_itself(open_site: Site, document: str, code: str) -> None:
    async with open_site.socket() as socket:
        await socket.follow(document, id="bad")
        message = await socket.message()
        assert (message["id"], message["type"]) == ("bad", "error")
        assert [one["extensions"]["code"] for one in message["payload"]] == [code]
        await socket.send(type="ping")
        assert await socket.message() == {"type": "pong"}
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{open_site.url}/graphql", json={"query": document}, headers={"accept": "text/event-stream"}
        )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_a_subscription_by_an_ordinary_request_is_refused(open_site: Site) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{open_site.url}/graphql", json={"query": CHANGES})
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


BREACHES: list[tuple[list[Any], int]] = [
    ([{"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}], 4401),
    ([{"type": "pong"}], 4400),
    (["no JSON"], 4400),
    (["[]"], 4400),
    ([{"id": "1"}], 4400),
    ([{"type": "connection_init", "payload": 7}], 4400),
    ([{"type": "connection_init", "payload": {"authorization": 7}}], 4400),
    ([{"type": "connection_init", "payload": {"Authorization": "Bearer dlk_nothing"}}], 4401),
    ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
    ([{"type": "connection_init"}, {"type": "start", "id": "1"}], 4400),
    ([{"type": "connection_init"}, {"type": "subscribe", "id": "1"}], 4400),
    ([{"type": "connection_init"}, {"type": "subscribe", "id": "", "payload": {"query": CHANGES}}], 4400),
    ([{"type": "connection_init"}, {"type": "complete"}], 4400),
    ([{"type": "connection_init"}, *[{"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}] * 2], 4409),
]


@pytest.mark.parametrize(("sent", "code"), BREACHES)
async def test_who_breaks_the_protocol_is_disconnected_with_its_code(
    open_site: Site, sent: list[Any], code: int
) -> None:
    async with open_site.handshake() as raw:
        for one in sent:
            await raw.send(one if isinstance(one, str) else orjson.dumps(one).decode())
        assert (await Socket(raw).closed())[0] == code
    await _empty(open_site)


async def _empty(one: Site) -> None:
    """No connection is left, and nobody follows."""
    await _until(lambda: not (one.streams._open or one.streams.following._followers))


async def test_a_binary_message_and_another_protocol_are_refused(open_site: Site) -> None:
    async with open_site.handshake() as raw:
        await raw.send(b'{"type":"connection_init"}')
        assert (await Socket(raw).closed())[0] == 4400
    async with open_site.handshake(protocol="graphql-ws") as raw:
        assert (await Socket(raw).closed())[0] == 4406


async def test_who_says_nothing_is_disconnected(open_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "INIT_S", 0.2)
    async with open_site.handshake() as raw:
        assert await Socket(raw).closed() == (4408, "Connection initialisation timeout")


async def test_who_asks_by_message_is_known(open_site: Site) -> None:
    _, key = await partner(embargo_access=True)
    async with open_site.socket(init={"Authorization": f"Bearer {key}"}) as socket:
        await socket.follow()
        await subscribed(open_site)
        await publishing.publish(SYSTEM, await house.article(embargoed_until=house.hours(2)), 1)
        assert (await socket.next())["kind"] == "ARTICLE_PUBLISHED"


async def test_a_cookie_opens_a_socket_from_our_own_pages_only(open_site: Site) -> None:
    person = {"name": "Ann", "email": "ann@desk.test", "password": "a long enough password", "role": "EDITOR"}
    await accounts.save_user(SYSTEM, person)
    signed = await accounts.sign_in(person["email"], person["password"], settings=Settings())
    cookie = f"dateline_session={signed.token}"
    for origin in ("https://elsewhere.example", ""):
        async with open_site.handshake(cookie=cookie, **({"origin": origin} if origin else {})) as raw:
            await raw.send('{"type":"connection_init"}')
            assert (await Socket(raw).closed())[0] == 4403
    async with open_site.socket(cookie=cookie, origin=PAGES) as socket:
        await socket.follow("subscription { changes { subject { ... on Article { internalNote } } } }")
        await subscribed(open_site)
        await house.live(internal_note="Ask the lawyer.")
        assert (await socket.next())["subject"] == {"internalNote": "Ask the lawyer."}


# ------------------------------------------------------------------------------------------------------ how it ends


async def test_a_revoked_key_ends_the_connection(open_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "RECHECK_S", 0.2)
    id = await partners.save_partner(SYSTEM, {"name": "The Wire"})
    made = await accounts.create_key(SYSTEM, "reader", partner=id)
    async with (
        open_site.socket(token=made.secret) as socket,
        events(open_site, headers={"authorization": f"Bearer {made.secret}"}) as stream,
    ):
        await socket.follow()
        await subscribed(open_site, 2)
        await accounts.revoke_key(SYSTEM, made.id)
        assert (await socket.closed())[0] == 4401
        last = [one async for one in stream]
    assert orjson.loads(last[0]["data"])["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert last[1:] == [{"event": "complete", "data": ""}]


async def test_a_subscription_that_is_completed_is_told_nothing_more(open_site: Site) -> None:
    async with open_site.socket() as socket:
        await socket.follow(id="1")
        await socket.follow(id="2")
        await subscribed(open_site, 2)
        await socket.send(id="1", type="complete")
        await _until(lambda: open_site.streams.following._followers == 1)
        await house.live()
        await socket.next("2")
        await socket.nothing()
        await socket.follow(id="1")  # the id is free again
        await subscribed(open_site, 2)


async def test_who_does_not_read_is_disconnected_and_can_go_on(
    open_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SLOW_S", 0.3)
    document = (
        "subscription($after: String) { changes(after: $after) { cursor subject { ... on Article { bodyHtml } } } }"
    )
    for _ in range(100):
        await house.live(body=house.paragraphs(*["All work and no play. " * 800] * 3))
    got: list[str] = []
    async with open_site.handshake() as raw:
        socket = Socket(raw)
        await socket.send(type="connection_init")
        await socket.message()
        raw.transport.pause_reading()
        for id in "abcd":
            await socket.follow(document, id=id, after=ledger.START)
        await asyncio.sleep(1.5)
        assert open_site.streams.following._followers == 0  # nobody is kept for it
        raw.transport.resume_reading()
        try:
            while True:
                message = await socket.message()
                got += [message["payload"]["data"]["changes"]["cursor"]] if message["id"] == "a" else []
        except Exception:
            pass
        code, _ = await socket.closed()
    assert code in (4504, 1006)
    assert 0 < len(got) < 100
    async with open_site.socket() as socket:
        await socket.follow(document, after=got[-1])
        rest = [(await socket.next())["cursor"] for _ in range(100 - len(got))]
    assert [one.cursor for one in await ledger.after(ledger.START, 200)] == [*got, *rest]


async def test_there_is_a_limit_to_connections_and_to_subscriptions(database: str, tmp_path: Path) -> None:
    async with site(database, f"file:{tmp_path}/media", max_streams=2, max_subscriptions=2) as one:
        async with one.socket() as socket, events(one):
            with pytest.raises(InvalidStatus) as refused:
                async with one.handshake():
                    pass
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["retry-after"] == "5"
            async with httpx.AsyncClient() as client:
                answer = await client.post(
                    f"{one.url}/graphql", json={"query": CHANGES}, headers={"accept": "text/event-stream"}
                )
            assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
            for id in "abc":
                await socket.follow(id=id)
            message = await socket.message()
            assert (message["id"], message["payload"][0]["extensions"]["code"]) == ("c", "BAD_REQUEST")
        await _empty(one)
        async with one.socket():
            pass


async def test_a_stop_says_that_it_goes_away(database: str, tmp_path: Path) -> None:
    async with site(database, f"file:{tmp_path}/media") as one, one.socket() as socket, events(one) as stream:
        await socket.follow()
        await subscribed(one, 2)
        one.server.should_exit = True
        assert (await socket.closed())[0] == 1001
        assert [event async for event in stream] == []  # without `complete`: a browser connects again


# ----------------------------------------------------------------------------------------------- server-sent events


async def test_events_are_told_the_same(open_site: Site) -> None:
    async with events(open_site) as stream:
        await subscribed(open_site)
        story = await house.live()
        event = await anext(stream)
    assert event["event"] == "next"
    change = orjson.loads(event["data"])["data"]["changes"]
    assert change == {
        "cursor": event["id"],
        "kind": "ARTICLE_PUBLISHED",
        "version": 2,
        "subjectId": f"article_{story}",
        "subject": {"id": f"article_{story}"},
    }
    await _empty(open_site)


async def test_events_go_on_behind_the_last_one_that_a_browser_had(open_site: Site) -> None:
    stories = [await house.live() for _ in range(3)]
    async with events(open_site, variables={"after": ledger.START}) as stream:
        first = await anext(stream)
    document = "subscription { articleChanged { subjectId } }"
    async with events(open_site, document, headers={"last-event-id": first["id"]}) as stream:
        rest = [orjson.loads((await anext(stream))["data"]) for _ in range(2)]
    assert [one["data"]["articleChanged"]["subjectId"] for one in rest] == [f"article_{one}" for one in stories[1:]]


async def test_an_event_source_may_ask_by_get(open_site: Site) -> None:
    await house.live()
    document = 'subscription { changes(after: "0-0-0") { kind } }'
    asked = f"{open_site.url}/graphql?{urlencode({'query': document})}"
    async with (
        httpx.AsyncClient(headers={"accept": "text/event-stream"}) as client,
        client.stream("GET", asked) as response,
    ):
        lines = response.aiter_lines()
        found = [await anext(lines) for _ in range(6)]
    assert '{"data":{"changes":{"kind":"ARTICLE_PUBLISHED"}}}' in found[-1] + found[-2]
