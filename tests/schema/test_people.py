"""Accounts, keys, sign-ins and the audit over GraphQL, and what those are told who may not."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from cms.actions import accounts, partners
from cms.actor import SYSTEM
from cms.models import ApiKey, AuditEntry, Session, SignInTry, Tag, User
from tests import house
from tests.schema.conftest import PASSWORD, signed_in
from tests.web import SIGN_IN, Web

USER = "user { id version name email role active sections { slug } } errors { code message field currentVersion }"
SAVE = f"mutation($input: SaveUserInput!) {{ saveUser(input: $input) {{ {USER} }} }}"
KEY = "id label prefix scopes createdAt expiresAt revokedAt lastUsedAt"
CREATE_KEY = f"mutation($input: CreateKeyInput!) {{ createApiKey(input: $input) {{ key {{ {KEY} }} secret errors {{ code field }} }} }}"
REVOKE = (
    f"mutation($input: RevokeKeyInput!) {{ revokeKey(input: $input) {{ key {{ {KEY} }} errors {{ code field }} }} }}"
)
CHANGE = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { token user { name } expiresAt errors { code field } } }"
EVERYWHERE = "mutation { signOutEverywhere { ok } }"
USERS = "query($first: Int, $after: String) { users(first: $first, after: $after) { totalCount nodes { name email keys { label } } pageInfo { hasNextPage endCursor } } }"
AUDIT = """query($first: Int, $after: String, $subject: ID, $by: ID) { audit(first: $first, after: $after, subject: $subject, by: $by) {
  totalCount edges { cursor node { action } } pageInfo { hasNextPage endCursor }
  nodes { __typename at by action subjectId summary requestId
    subject { __typename id ... on Article { headline } ... on User { name } ... on Tag { slug } } } } }"""
NEW = {"name": "Ada Editor", "email": "Ada@Desk.test", "password": PASSWORD, "role": "EDITOR"}
WHO = "{ viewer { kind permissions user { name } } }"


@pytest.fixture
async def admin(web: Web) -> Web:
    return await signed_in(web, "ADMIN")


async def saved(admin: Web, **given: Any) -> Any:
    return (await admin.ask(SAVE, input=given))["saveUser"]


async def test_an_admin_makes_an_account_and_changes_it(web: Web, admin: Web) -> None:
    section = await house.section("World")
    made = await saved(admin, **NEW, sections=[f"section_{section}"])
    assert made["errors"] == []
    user = made["user"]
    assert user == {"id": user["id"], "version": 1, "name": "Ada Editor", "email": "ada@desk.test", "role": "EDITOR",
                    "active": True, "sections": [{"slug": "world"}]}  # fmt: skip
    ada = await web.signed_in("ada@desk.test", PASSWORD)
    renamed = await saved(admin, id=user["id"], version=1, name="Ada B.", sections=None)
    assert (renamed["user"]["name"], renamed["user"]["sections"], renamed["user"]["version"]) == ("Ada B.", [], 2)
    assert (await ada.ask(WHO))["viewer"]["user"] == {"name": "Ada B."}
    stale = await saved(admin, id=user["id"], version=1, name="Ada C.")
    assert [(one["code"], one["currentVersion"]) for one in stale["errors"]] == [("CONFLICT", 2)]
    assert (await saved(admin, id=user["id"], version=2, role="CONTRIBUTOR"))["user"]["role"] == "CONTRIBUTOR"
    assert (await ada.refused(WHO))["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"email": "admin@desk.test"}, "BAD_INPUT", ["email"]),
        ({"password": "eleven char"}, "BAD_INPUT", ["password"]),
        ({"role": None}, "BAD_INPUT", ["role"]),
        ({"sections": ["section_1"]}, "NOT_FOUND", ["sections", "0"]),
        ({"sections": ["section_00000000-0000-7000-8000-000000000000"]}, "NOT_FOUND", ["sections", "0"]),
        ({"sections": [None]}, None, None),
        ({"id": "user_1", "version": 1}, "NOT_FOUND", ["id"]),
        ({"id": ""}, "NOT_FOUND", ["id"]),
    ],
    ids=str,
)
async def test_an_account_that_cannot_be_is_refused_at_its_path(
    admin: Web, given: dict[str, Any], code: str | None, field: list[str] | None
) -> None:
    before = await house.everything()
    if code is None:
        assert (await admin.refused(SAVE, input=NEW | given))["code"] == "BAD_INPUT"
    else:
        answer = await saved(admin, **NEW | given)
        assert [(one["code"], one["field"]) for one in answer["errors"]] == [(code, field)]
        assert answer["user"] is None
    assert await house.everything() == before


async def test_the_last_admin_is_told_so(admin: Web) -> None:
    me = await User.get(role="ADMIN")
    answer = await saved(admin, id=f"user_{me.id}", version=1, role="READER")
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("BAD_STATE", ["role"])]
    assert (await User.get(id=me.id)).role == "ADMIN"


async def test_accounts_are_listed_by_name_for_those_who_manage_them_and_for_nobody_else(web: Web, admin: Web) -> None:
    editor, reader = await signed_in(web, "EDITOR"), await signed_in(web, "READER")
    await accounts.create_key(SYSTEM, "Desk", user=(await User.get(role="EDITOR")).id)
    first = (await admin.ask(USERS, first=2))["users"]
    assert (first["totalCount"], [one["name"] for one in first["nodes"]]) == (3, ["Admin", "Editor"])
    assert [one["keys"] for one in first["nodes"]] == [[], [{"label": "Desk"}]]
    second = (await admin.ask(USERS, first=2, after=first["pageInfo"]["endCursor"]))["users"]
    assert ([one["name"] for one in second["nodes"]], second["pageInfo"]["hasNextPage"]) == (["Reader"], False)
    partner = (
        await accounts.create_key(SYSTEM, "Feed", partner=await partners.save_partner(SYSTEM, {"name": "W"}))
    ).secret
    scoped = await accounts.create_key(SYSTEM, "Import", user=(await User.get(role="ADMIN")).id, scopes=["tag.save"])
    for who in (web, editor, reader, web.as_(partner), web.as_(scoped.secret)):
        assert await who.ask(USERS) == {
            "users": {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
        }
        empty = (await who.ask(AUDIT))["audit"]
        assert (empty["totalCount"], empty["edges"], empty["nodes"]) == (0, [], [])


async def test_who_may_not_changes_nothing(web: Web, editor: Web, reader: Web) -> None:
    await accounts.create_key(SYSTEM, "Another's", user=(await User.get(role="READER")).id)
    key = f"key_{(await ApiKey.get()).id}"
    before = await house.everything()
    for who in (editor, reader):
        assert (await who.refused(SAVE, input=NEW))["code"] == "FORBIDDEN"
    absent = (await editor.ask(REVOKE, input={"id": key}))["revokeKey"]
    assert absent == {"key": None, "errors": [{"code": "NOT_FOUND", "field": ["id"]}]}
    assert (await reader.refused(CREATE_KEY, input={"label": "Mine"}))["code"] == "FORBIDDEN"
    for document, given in (
        (SAVE, NEW),
        (CREATE_KEY, {"label": "x"}),
        (REVOKE, {"id": key}),
        (CHANGE, {"current": PASSWORD, "next": PASSWORD}),
    ):
        assert (await web.refused(document, input=given))["code"] == "UNAUTHENTICATED"
    assert (await web.refused(EVERYWHERE))["code"] == "UNAUTHENTICATED"
    assert await house.everything() == before


async def test_a_key_is_shown_once_acts_within_its_scopes_and_is_revoked(web: Web, editor: Web) -> None:
    given = {"label": "Import", "scopes": ["tag.save"], "expiresAt": house.hours(24).isoformat()}
    made = (await editor.ask(CREATE_KEY, input=given))["createApiKey"]
    assert made["errors"] == []
    key, secret = made["key"], made["secret"]
    assert (key["label"], key["scopes"], key["revokedAt"], key["lastUsedAt"]) == ("Import", ["tag.save"], None, None)
    assert secret.startswith(key["prefix"])
    assert secret != key["prefix"]
    program = web.as_(secret)
    viewer = (await program.ask(WHO))["viewer"]
    assert viewer == {"kind": "API_KEY", "permissions": ["tag.save"], "user": {"name": "Editor"}}
    story = 'mutation { createArticle(input: {headline: "x", section: "world"}) { errors { code } } }'
    assert (await program.refused(story))["code"] == "FORBIDDEN"
    seen = "{ viewer { user { keys { id label lastUsedAt } } } }"
    async with asyncio.timeout(20):  # noted behind the request
        while (mine := (await editor.ask(seen))["viewer"]["user"]["keys"])[0]["lastUsedAt"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert [(one["id"], one["label"]) for one in mine] == [(key["id"], "Import")]
    revoked = (await editor.ask(REVOKE, input={"id": key["id"]}))["revokeKey"]
    assert (revoked["errors"], revoked["key"]["revokedAt"] is not None) == ([], True)
    assert (await program.refused(WHO))["code"] == "UNAUTHENTICATED"


async def test_a_key_that_cannot_be_is_refused_at_its_path(editor: Web) -> None:
    for given, code, field in (
        ({"label": ""}, "REQUIRED", ["label"]),
        ({"label": "x", "scopes": ["everything"]}, "BAD_INPUT", ["scopes", "0"]),
        ({"label": "x", "expiresAt": "2001-01-01T00:00:00Z"}, "BAD_INPUT", ["expiresAt"]),
    ):
        answer = (await editor.ask(CREATE_KEY, input=given))["createApiKey"]
        assert answer == {"key": None, "secret": None, "errors": [{"code": code, "field": field}]}
    assert await ApiKey.all().count() == 0


async def test_who_changes_their_password_gets_a_token_and_a_cookie_for_it(web: Web, editor: Web) -> None:
    response = await editor.post(CHANGE, {"input": {"current": PASSWORD, "next": "another, of words"}})
    answer = response.json()["data"]["changePassword"]
    assert (answer["errors"], answer["user"]) == ([], {"name": "Editor"})
    assert response.headers["set-cookie"].startswith(f"dateline_session={answer['token']}; ")
    web.client.cookies.clear()
    assert (await editor.refused(WHO))["code"] == "UNAUTHENTICATED"
    assert (await web.as_(answer["token"]).ask(WHO))["viewer"]["user"] == {"name": "Editor"}
    wrong = (await web.as_(answer["token"]).ask(CHANGE, input={"current": "wrong", "next": "another, of words"}))[
        "changePassword"
    ]
    assert wrong == {
        "token": None,
        "user": None,
        "expiresAt": None,
        "errors": [{"code": "BAD_INPUT", "field": ["current"]}],
    }


async def test_signing_out_everywhere_ends_every_session_of_that_person(web: Web, editor: Web) -> None:
    other, reader = await web.signed_in("editor@desk.test", PASSWORD), await signed_in(web, "READER")
    assert await editor.ask(EVERYWHERE) == {"signOutEverywhere": {"ok": True}}
    for ended in (editor, other):
        assert (await ended.refused(WHO))["code"] == "UNAUTHENTICATED"
    assert (await reader.ask(WHO))["viewer"]["kind"] == "USER"
    assert await Session.all().count() == 1


async def test_after_ten_failures_a_sign_in_is_429_with_the_time_to_wait_for_known_and_unknown_alike(web: Web) -> None:
    await signed_in(web, "EDITOR")
    told = []
    for email in ("editor@desk.test", "nobody@desk.test"):
        await SignInTry.all().delete()
        sent = {"input": {"email": email, "password": "wrong"}}
        assert [(await web.post(SIGN_IN, sent)).status_code for _ in range(10)] == [401] * 10
        response = await web.post(SIGN_IN, sent | {"input": {"email": email, "password": PASSWORD}})
        assert response.status_code == 429
        assert 600 <= int(response.headers["retry-after"]) <= 900
        error = response.json()["errors"][0]
        assert error["extensions"].pop("retryAfter") == int(response.headers["retry-after"])
        told.append(error)
    assert told[0] == told[1]
    assert told[0]["extensions"] == {"code": "RATE_LIMITED"}
    # the same source, other accounts
    elsewhere = await web.post(SIGN_IN, {"input": {"email": "someone@desk.test", "password": "wrong"}})
    assert elsewhere.status_code == 429
    assert {row.source for row in await SignInTry.all()} == {"127.0.0.1"}


# ------------------------------------------------------------------------------------------------------------- the audit


async def test_the_audit_says_who_did_what_to_what_in_which_request(web: Web, admin: Web, editor: Web) -> None:
    await house.section("World")
    create = 'mutation { createArticle(input: {headline: "A story", section: "world"}) { article { id } } }'
    response = await editor.post(create)
    story = response.json()["data"]["createArticle"]["article"]["id"]
    newest = (await admin.ask(AUDIT, subject=story))["audit"]["nodes"]
    assert [one.pop("at")[:10] for one in newest] == [datetime.now(UTC).strftime("%Y-%m-%d")]
    assert newest == [
        {
            "__typename": "AuditEntry",
            "by": "Editor",
            "action": "article.create",
            "subject": {"__typename": "Article", "id": story, "headline": "A story"},
            "subjectId": story,
            "summary": "A story",
            "requestId": response.headers["x-request-id"],
        }
    ]


async def test_the_audit_is_read_from_the_newest_on_by_thing_and_by_person(web: Web, admin: Web, editor: Web) -> None:
    await AuditEntry.all().delete()
    save = "mutation($input: SaveTagInput!) { saveTag(input: $input) { tag { id } } }"
    tags = [(await editor.ask(save, input={"name": f"Tag {n}"}))["saveTag"]["tag"]["id"] for n in range(5)]
    await admin.ask(save, input={"id": tags[0], "version": 1, "name": "Changed"})
    me, them = await User.get(role="ADMIN"), await User.get(role="EDITOR")
    seen, after = [], None
    while True:
        page = (await admin.ask(AUDIT, first=4, after=after))["audit"]
        assert page["totalCount"] == 6
        seen += [one["subjectId"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [tags[0], *reversed(tags)]
    one = (await admin.ask(AUDIT, subject=tags[0]))["audit"]
    assert [entry["by"] for entry in one["nodes"]] == ["Admin", "Editor"]
    for given, count in (
        ({"by": f"user_{me.id}"}, 1),
        ({"by": f"user_{them.id}"}, 5),
        ({"by": f"user_{them.id}", "subject": tags[0]}, 1),
        ({"subject": tags[0].replace("tag_", "article_")}, 0),
        ({"by": tags[0]}, 0),
        ({"subject": "nonsense"}, 0),
        ({"subject": None, "by": None}, 6),
    ):
        assert (await admin.ask(AUDIT, **given))["audit"]["totalCount"] == count
    assert (await admin.refused(AUDIT, after="p00"))["code"] == "BAD_CURSOR"


async def test_what_is_gone_or_no_thing_of_its_own_has_its_id_and_no_subject(admin: Web) -> None:
    tag = await house.tag("Short-lived")
    await Tag.all().delete()
    entry = (await admin.ask(AUDIT, subject=f"tag_{tag}"))["audit"]["nodes"][0]
    assert (entry["subject"], entry["subjectId"], entry["by"], entry["requestId"]) == (
        None,
        f"tag_{tag}",
        "Dateline",
        "",
    )
