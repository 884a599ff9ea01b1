"""The front door: how many come in at once, how much one caller gets, whom a request came from, who else may ask."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from cms.actions import accounts
from cms.actor import SYSTEM
from cms.errors import RateLimited, Unavailable
from cms.models import SignInTry
from cms.settings import BadSetting, Settings
from cms.web import rates
from cms.web.admission import Admission
from cms.web.edge import always
from cms.web.proxies import Proxies
from cms.web.rates import Budget
from tests import house
from tests.web import PREFLIGHT, SIGN_IN, Web, serving

QUERY = "{ articles { totalCount } }"
PASSWORD = "a long enough password"


@pytest.fixture
def at(tmp_path: Any) -> Any:
    """The product on SQLite, with these settings."""
    return lambda **settings: serving(f"sqlite:///{tmp_path}/newsroom.sqlite3", f"file:{tmp_path}/media", **settings)


# ---------------------------------------------------------------------------------------------------------- admission


async def test_who_comes_when_all_places_are_taken_waits_and_who_comes_then_is_told_at_once() -> None:
    admission = Admission(Settings(max_working=2, max_waiting=1))
    await admission.enter()
    await admission.enter()
    third = asyncio.create_task(admission.enter())
    await asyncio.sleep(0)
    begun = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        await admission.enter()
    assert time.monotonic() - begun < 0.05
    assert refused.value.retry_after == 1
    admission.leave()
    await third
    for _ in range(2):
        admission.leave()
    await admission.enter()


async def test_a_wait_ends_after_a_second_and_takes_no_place_with_it() -> None:
    admission = Admission(Settings(max_working=1, max_waiting=5))
    await admission.enter()
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        await admission.enter()
    assert 0.9 < time.monotonic() - begun < 2
    admission.leave()
    await admission.enter()
    with pytest.raises(Unavailable):
        await admission.enter()


async def test_who_gives_up_waiting_does_not_keep_a_place() -> None:
    admission = Admission(Settings(max_working=1, max_waiting=5))
    await admission.enter()
    for given_first in (False, True):
        waiting = asyncio.create_task(admission.enter())
        await asyncio.sleep(0)
        if given_first:
            admission.leave()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        if not given_first:
            admission.leave()
        await admission.enter()


async def test_above_what_may_be_worked_on_a_request_is_unavailable_and_health_is_not(at: Any) -> None:
    async with at(max_working=0, max_waiting=0) as web:
        refused = await web.post(QUERY)
        assert refused.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 1}
        others = [await web.get(path) for path in ("/feeds/latest.rss", "/graphql?query={__typename}")]
        assert [one.json()["code"] for one in others] == ["UNAVAILABLE"] * 2
        assert [(one.status_code, one.headers["retry-after"]) for one in (refused, *others)] == [(503, "1")] * 3
        assert (await web.get("/health/live")).status_code == 200
        assert (await web.get("/health/ready")).status_code == 200


async def test_whoever_sends_slowly_holds_no_place(at: Any) -> None:
    async with at(max_working=1, max_waiting=0) as web:

        async def dawdling() -> Any:
            yield b'{"query": '
            await asyncio.sleep(0.5)
            yield b'"{ __typename }"}'

        headers = {"content-type": "application/json"}
        slow = [asyncio.create_task(web.client.post("/graphql", content=dawdling(), headers=headers)) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert (await web.ask(QUERY)) == {"articles": {"totalCount": 0}}
        assert {(await one).status_code for one in slow} <= {200, 503}
        assert (await web.ask(QUERY)) == {"articles": {"totalCount": 0}}


# ------------------------------------------------------------------------------------------------------------ budgets


def test_a_budget_holds_a_minutes_worth_and_fills_steadily(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(rates, "monotonic", lambda: now)
    budget = Budget("reads", 60)
    assert budget.take("a", 50) == ('"reads";q=60;w=60', '"reads";r=10;t=51')
    with pytest.raises(RateLimited) as refused:
        budget.take("a", 30)
    assert refused.value.retry_after == 20
    assert budget.take("a", 10) == ('"reads";q=60;w=60', '"reads";r=0;t=61')
    assert budget.take("b", 1) == ('"reads";q=60;w=60', '"reads";r=59;t=2')
    now += 5
    assert budget.take("a", 5) == ('"reads";q=60;w=60', '"reads";r=0;t=61')
    now += 3600
    assert budget.take("a", 1000) == ('"reads";q=60;w=60', '"reads";r=0;t=61')  # all there is, once
    with pytest.raises(RateLimited):
        budget.take("a")


def test_no_budget_is_any_number() -> None:
    assert Budget("reads", 0).take("a", 10**9) is None


def test_a_budget_does_not_remember_everyone_for_ever() -> None:
    budget = Budget("reads", 60)
    for n in range(rates.MOST_CALLERS + 10):
        budget.take(n)
    assert len(budget._full_at) <= rates.MOST_CALLERS
    with pytest.raises(RateLimited):
        budget.take(rates.MOST_CALLERS + 9, 60)  # the latest is known


async def test_what_an_answer_costs_is_taken_from_the_callers_budget(at: Any) -> None:
    async with at(reads_per_minute=100) as web:
        first = await web.post(QUERY)
        assert (first.headers["ratelimit-policy"], first.headers["ratelimit"]) == (
            '"reads";q=100;w=60',
            '"reads";r=70;t=19',
        )
        again = await web.post(QUERY)  # from the cache
        assert again.headers["ratelimit"] == '"reads";r=69;t=19'
        other = "{ articles { totalCount nodes { headline } } }"
        for _ in range(2):
            await web.post(other)
        spent = await web.post("{ articles(first: 100) { nodes { headline } } }")
        told = spent.json()["errors"][0]
        assert (spent.status_code, told["extensions"]["code"]) == (429, "RATE_LIMITED")
        assert 0 < told["extensions"]["retryAfter"] <= 60
        assert spent.headers["retry-after"] == str(told["extensions"]["retryAfter"])
        assert "ratelimit" not in (await web.get("/graphql?query={__typename}")).headers


async def test_each_caller_has_a_budget_of_their_own(at: Any) -> None:
    async with at(reads_per_minute=10, writes_per_minute=2) as web:
        await accounts.save_user(
            SYSTEM, {"name": "Ed", "email": "ed@desk.test", "password": PASSWORD, "role": "EDITOR"}
        )
        editor = await web.signed_in("ed@desk.test", PASSWORD)
        assert await refused_after(web, "{ sections { slug } }", 20) == "RATE_LIMITED"
        tag = 'mutation { saveTag(input: {name: "New"}) { tag { name } errors { code } } }'
        assert [(await editor.post(tag)).status_code for _ in range(3)] == [200, 200, 429]
        before = await house.everything()
        assert await editor.refused(tag.replace("New", "Newer")) == {"code": "RATE_LIMITED", "retryAfter": 30}
        assert await house.everything() == before
        assert (await editor.post("{ __typename }")).status_code == 200


async def refused_after(web: Web, document: str, times: int) -> str | None:
    for _ in range(times):
        response = await web.post(document)
        if response.status_code == 429:
            code: str = response.json()["errors"][0]["extensions"]["code"]
            return code
    return None


async def test_guessing_credentials_and_fetching_files_are_not_free(at: Any) -> None:
    async with at(reads_per_minute=5) as web:
        guesses = [(await web.post(QUERY, authorization=f"Bearer dls_{n}")).status_code for n in range(7)]
        assert guesses == [401] * 5 + [429] * 2
        response = await web.get("/feeds/latest.rss")
        assert (response.status_code, response.json()["code"]) == (429, "RATE_LIMITED")
        assert int(response.headers["retry-after"]) > 0
        assert (await web.get("/")).status_code == 429


async def test_uploads_are_counted_before_they_are_read(at: Any) -> None:
    async with at(uploads_per_minute=1) as web:
        await accounts.save_user(
            SYSTEM, {"name": "Ed", "email": "ed@desk.test", "password": PASSWORD, "role": "EDITOR"}
        )
        editor = await web.signed_in("ed@desk.test", PASSWORD)
        first = await editor.send_file(b"no picture", "a.jpg", {"input": {"file": None, "credit": "Desk"}})
        assert first.json()["data"]["uploadPhoto"]["errors"][0]["code"] == "UNSUPPORTED_IMAGE"
        second = await editor.send_file(b"no picture", "a.jpg", {"input": {"file": None, "credit": "Desk"}})
        assert (second.status_code, second.headers["retry-after"]) == (429, "60")


async def test_sign_ins_are_counted_by_address_right_or_wrong(at: Any) -> None:
    async with at(sign_ins_per_minute=2, sign_in_tries=0, trusted_proxies="127.0.0.1") as web:
        tried = {"email": "ed@desk.test", "password": "wrong"}

        async def tries(address: str) -> int:
            status: int = (await web.post(SIGN_IN, {"input": tried}, x_forwarded_for=address)).status_code
            return status

        assert [await tries("203.0.113.1") for _ in range(3)] == [401, 401, 429]
        assert await tries("203.0.113.2") == 401
        assert [await tries(f"2001:db8::{n}") for n in range(3)] == [401, 401, 429]  # one network


async def test_several_passwords_are_not_tried_in_one_request(at: Any) -> None:
    async with at() as web:
        one = 'signIn(input: {email: "a@desk.test", password: "wrong"}) { token }'
        answer = await web.post(f"mutation {{ a: {one} b: {one} }}")
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        spread = f"mutation {{ ...A ...B }} fragment A on Mutation {{ a: {one} }} fragment B on Mutation {{ b: {one} }}"
        assert (await web.refused(spread))["code"] == "BAD_REQUEST"
        assert await SignInTry.all().count() == 0
        await web.post(f"mutation {{ {one} }}")
        assert await SignInTry.all().count() == 1


# ------------------------------------------------------------------------------------------------------------ proxies

SEEN = [
    ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # nobody whom we trust
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # what the caller wrote stands first
    ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
    ("10.0.0.1", "10.0.0.8, 10.0.0.7", "10.0.0.8"),
    ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
    ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
    ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
    ("10.0.0.1", "unknown", "10.0.0.1"),
    ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
    ("10.0.0.1", "198.51.100.1,", "10.0.0.1"),
    ("10.0.0.1", "\0" * 30, "10.0.0.1"),
    ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ("2001:db8:1::2", "198.51.100.1", "198.51.100.1"),
    ("", "198.51.100.1", ""),
]


@pytest.mark.parametrize(("peer", "forwarded", "seen"), SEEN)
def test_an_address_is_believed_from_trusted_proxies_alone(peer: str, forwarded: str, seen: str) -> None:
    proxies = Proxies("10.0.0.0/8,2001:db8:1::/48")
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert proxies.seen_through(peer, {"scheme": "http", "headers": headers}) == (seen, "http")


def test_the_scheme_is_believed_likewise() -> None:
    headers = [(b"x-forwarded-proto", b"https")]
    proxies = Proxies("10.0.0.0/8")
    assert proxies.seen_through("10.0.0.1", {"scheme": "http", "headers": headers})[1] == "https"
    assert proxies.seen_through("10.0.0.1", {"scheme": "ws", "headers": headers})[1] == "wss"
    assert proxies.seen_through("192.0.2.1", {"scheme": "http", "headers": headers})[1] == "http"
    odd = [(b"x-forwarded-proto", b"javascript")]
    assert proxies.seen_through("10.0.0.1", {"scheme": "http", "headers": odd})[1] == "http"


async def test_a_lock_is_on_the_callers_address_and_not_on_the_proxys(at: Any) -> None:
    async with at(sign_in_tries=2, trusted_proxies="127.0.0.0/8") as web:

        async def tries(address: str, email: str) -> int:
            given = {"email": email, "password": "wrong"}
            status: int = (await web.post(SIGN_IN, {"input": given}, x_forwarded_for=address)).status_code
            return status

        assert [await tries("203.0.113.1", f"{n}@desk.test") for n in range(3)] == [401, 401, 429]
        assert await tries("203.0.113.2", "other@desk.test") == 401
        assert await tries("203.0.113.1, 203.0.113.3", "last@desk.test") == 401  # whom the proxy saw


async def test_without_trust_nobody_changes_their_address(at: Any) -> None:
    async with at(sign_in_tries=2) as web:
        statuses = []
        for n in range(3):
            given = {"input": {"email": f"{n}@desk.test", "password": "wrong"}}
            statuses.append((await web.post(SIGN_IN, given, x_forwarded_for=f"203.0.113.{n}")).status_code)
        assert statuses == [401, 401, 429]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATELINE_TRUSTED_PROXIES", "proxy.desk.test"),
        ("DATELINE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("DATELINE_TRUSTED_PROXIES", "10.0.0.0/8,"),
        ("DATELINE_CORS_ORIGINS", "desk.test"),
        ("DATELINE_CORS_ORIGINS", "null"),
        ("DATELINE_WEB_PROCESSES", "0"),
    ],
)
def test_a_setting_of_the_door_that_cannot_be_read_is_refused(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=variable):
        Settings.load({variable: value})


# ------------------------------------------------------------------------------------------------------------ browsers

APP, OTHER = "https://app.desk.test", "https://evil.test"


def cors(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


async def preflight(web: Web, origin: str) -> httpx.Response:
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return await web.client.options("/graphql", headers=asks)


async def test_without_the_setting_no_other_site_is_let_in(at: Any) -> None:
    async with at() as web:
        asked = await preflight(web, APP)
        assert (asked.status_code, cors(asked)) == (405, {})
        assert cors(await web.post(QUERY, origin=APP)) == {}
        assert cors(await web.get("/feeds/latest.rss", origin=APP)) == {}


async def test_sites_that_are_named_may_ask_and_see_the_answer(at: Any) -> None:
    async with at(cors_origins=f"{APP},https://two.desk.test") as web:
        asked = await preflight(web, APP)
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == APP
        assert "Authorization" in asked.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in asked.headers
        for path in ("/graphql?query={__typename}", "/feeds/latest.rss", "/nothing/here"):
            answer = await web.get(path, origin=APP)
            assert answer.headers["access-control-allow-origin"] == APP
            assert "Origin" in answer.headers["vary"]
        for origin in (OTHER, "null", f"{APP}.evil.test", f"{APP}:8443", "", "https://app.desk.test/"):
            refused = await preflight(web, origin)
            assert (refused.status_code, cors(refused)) == (405, {})
            answer = await web.post(QUERY, origin=origin)
            assert cors(answer) == {}
            assert answer.headers["vary"].endswith("Origin")


async def test_all_sites_may_ask_where_a_star_says_so_and_the_cookie_still_writes_from_our_own_pages_only(
    at: Any,
) -> None:
    async with at(cors_origins="*") as web:
        assert (await preflight(web, OTHER)).headers["access-control-allow-origin"] == "*"
        await accounts.save_user(
            SYSTEM, {"name": "Ed", "email": "ed@desk.test", "password": PASSWORD, "role": "EDITOR"}
        )
        signed = await web.post(SIGN_IN, {"input": {"email": "ed@desk.test", "password": PASSWORD}})
        token = signed.json()["data"]["signIn"]["token"]
        web.client.cookies.clear()
        before = await house.everything()
        tag = 'mutation { saveTag(input: {name: "New"}) { errors { code } } }'
        for headers in ({"origin": OTHER, **PREFLIGHT}, {**PREFLIGHT}, {"origin": "http://desk.test"}):
            answer = await web.post(tag, cookie=f"dateline_session={token}", **headers)
            assert answer.status_code == 403
        assert await house.everything() == before
        own = await web.post(tag, cookie=f"dateline_session={token}", origin="http://desk.test", **PREFLIGHT)
        assert own.status_code == 200


async def test_every_answer_tells_browsers_what_to_leave_undone(at: Any) -> None:
    async with at() as web:
        for path in (
            "/",
            "/graphql?query={__typename}",
            "/feeds/latest.atom",
            "/health/live",
            "/nothing/here",
            "/schema.graphql",
        ):
            headers = (await web.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "strict-transport-security" not in headers
            assert "server" not in headers


async def test_a_site_behind_https_is_never_asked_without() -> None:
    sent = dict(always(Settings(public_url="https://cms.desk.test")))
    assert sent[b"strict-transport-security"] == b"max-age=31536000"
