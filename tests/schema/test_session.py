"""Signing in and out over HTTP, by token and by cookie."""

from base64 import b64encode

from cms.actions import accounts
from cms.actor import SYSTEM
from cms.models import User
from tests.schema.conftest import PASSWORD, signed_in
from tests.web import PREFLIGHT, SIGN_IN, Web

WHO = "{ viewer { kind permissions user { name role } sections { slug } } }"
ANONYMOUS: dict[str, object] = {"kind": "ANONYMOUS", "permissions": [], "user": None, "sections": []}
SITE = {"Origin": "http://desk.test", **PREFLIGHT}


async def test_nobody_in_particular_is_a_reader_who_may_change_nothing(web: Web) -> None:
    assert (await web.ask(WHO))["viewer"] == ANONYMOUS


async def test_a_token_is_who_signed_in_until_signing_out(web: Web) -> None:
    editor = await signed_in(web, "EDITOR")
    viewer = (await editor.ask(WHO))["viewer"]
    assert (viewer["kind"], viewer["user"]) == ("USER", {"name": "Editor", "role": "EDITOR"})
    assert "article.publish" in viewer["permissions"]
    assert await editor.ask("mutation { signOut { ok } }") == {"signOut": {"ok": True}}
    assert (await editor.refused(WHO))["code"] == "UNAUTHENTICATED"


async def test_a_wrong_password_is_refused_in_the_words_of_an_unknown_address(web: Web) -> None:
    await signed_in(web, "EDITOR")
    wrong = await web.post(SIGN_IN, {"input": {"email": "editor@desk.test", "password": "wrong"}})
    unknown = await web.post(SIGN_IN, {"input": {"email": "nobody@desk.test", "password": "wrong"}})
    assert wrong.json() == unknown.json()
    assert wrong.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers


async def test_the_cookie_reads_by_itself_and_writes_from_our_own_pages_only(web: Web) -> None:
    await signed_in(web, "EDITOR")
    response = await web.post(SIGN_IN, {"input": {"email": "editor@desk.test", "password": PASSWORD}})
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    web.client.cookies.clear()
    sent = {"cookie": cookie.partition(";")[0]}
    question = {"query": "{ viewer { kind } }"}
    read = await web.client.get("/graphql", params=question, headers=sent)
    assert read.json() == {"data": {"viewer": {"kind": "USER"}}}
    for foreign in ({}, PREFLIGHT, {"Origin": "http://elsewhere.test", **PREFLIGHT}, {"Origin": "http://desk.test"}):
        refused = await web.client.post("/graphql", json=question, headers=sent | foreign)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    allowed = await web.client.post("/graphql", json={"query": "mutation { signOut { ok } }"}, headers=sent | SITE)
    assert allowed.json() == {"data": {"signOut": {"ok": True}}}
    assert "Max-Age=0" in allowed.headers["set-cookie"]
    # a cookie that has ended is sent unasked: its owner is a reader again, not locked out
    assert (await web.client.get("/graphql", params=question, headers=sent)).json()["data"]["viewer"][
        "kind"
    ] == "ANONYMOUS"


async def test_a_key_opens_as_bearer_and_as_the_password_of_basic(web: Web) -> None:
    await signed_in(web, "ADMIN")
    admin = await User.get(email="admin@desk.test")
    secret = (await accounts.create_key(SYSTEM, "A program", user=admin.id)).secret
    assert (await web.as_(secret).ask("{ viewer { kind } }"))["viewer"]["kind"] == "API_KEY"
    basic = b64encode(f"anything:{secret}".encode()).decode()
    answer = await web.post("{ viewer { kind } }", authorization=f"Basic {basic}")
    assert answer.json()["data"]["viewer"]["kind"] == "API_KEY"
