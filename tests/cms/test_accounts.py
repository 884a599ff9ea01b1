"""Accounts, sessions, keys: who gets in, for how long, and what is kept of the secret."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import argon2
import pytest

from cms import db, policy
from cms.actions import accounts, partners, publishing
from cms.actor import ANONYMOUS, SYSTEM, Actor, Role
from cms.db.clock import now
from cms.errors import (
    BadInput,
    BadState,
    CMSError,
    Conflict,
    Forbidden,
    NotFound,
    RateLimited,
    Refused,
    Required,
    TooLong,
    Unauthenticated,
)
from cms.models import ApiKey, AuditEntry, Session, SignInTry, User, UserSection
from cms.settings import Settings
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")

PASSWORD = "correct horse, battery"
EMAIL = "ada@desk.test"
SETTINGS = Settings(session_hours=3)
WRONG = "The e-mail address or the password is not right."
PERSON = {"name": "Ada Editor", "email": EMAIL, "password": PASSWORD, "role": "EDITOR"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[argon2.PasswordHasher]:
    """argon2id at a hundredth of its cost: what it costs is the matter of one test, which takes the real one."""
    real = accounts._hasher
    monkeypatch.setattr(accounts, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    accounts._nobody.cache_clear()
    yield real
    accounts._nobody.cache_clear()


async def ada(**fields: Any) -> UUID:
    return await accounts.save_user(SYSTEM, PERSON | fields)


async def sign_in(email: str = EMAIL, password: str = PASSWORD) -> accounts.SignedIn:
    return await accounts.sign_in(email, password, settings=SETTINGS)


async def opens(secret: str) -> bool:
    try:
        await accounts.identify(secret)
    except Unauthenticated:
        return False
    return True


# ------------------------------------------------------------------------------------------------------------- sign in


async def test_who_signs_in_acts_as_the_account_says_until_the_session_ends() -> None:
    world, sport = await house.section("World"), await house.section("Sport")
    user = await ada(sections=[sport, world])
    before = await now()
    signed_in = await sign_in(" ADA@desk.TEST ")
    assert signed_in.token.startswith("dls_")
    assert len(signed_in.token) == 4 + 43  # 256 bits
    assert timedelta() <= signed_in.expires_at - before - timedelta(hours=3) < timedelta(seconds=5)
    session = await Session.get()
    expected = Actor("USER", "EDITOR", user, None, "Ada Editor", tuple(sorted((world, sport))), session.id)
    assert signed_in.actor == expected
    assert await accounts.identify(signed_in.token) == expected
    assert session.expires_at == signed_in.expires_at


async def test_each_sign_in_is_another_session_and_signing_out_ends_that_one() -> None:
    await ada()
    here, there = await sign_in(), await sign_in()
    await accounts.sign_out(here.actor)
    assert (await opens(here.token), await opens(there.token)) == (False, True)
    await accounts.sign_out(here.actor)  # again
    assert await Session.all().count() == 1


async def test_nobody_in_particular_cannot_sign_out() -> None:
    await ada()
    await sign_in()
    with pytest.raises(Unauthenticated):
        await accounts.sign_out(ANONYMOUS)
    assert await Session.all().count() == 1


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong"),
        (EMAIL, ""),
        (EMAIL, PASSWORD + " "),
        (EMAIL, PASSWORD.upper()),
        (EMAIL, PASSWORD + "x" * 1_000_000),
        (EMAIL, "\0"),
        (EMAIL, "\ud800"),
        ("nobody@desk.test", PASSWORD),
        ("off@desk.test", PASSWORD),
        ("", PASSWORD),
        ("no address", PASSWORD),
        ("ada@desk.test\0", PASSWORD),
        ("ada\ud800@desk.test", PASSWORD),
        ("a" * 1_000_000 + "@desk.test", PASSWORD),
    ],
    ids=lambda value: ascii(value)[:20],
)
async def test_whatever_does_not_fit_is_refused_in_the_same_words(email: str, password: str) -> None:
    await ada()
    await ada(email="off@desk.test", active=False)
    with pytest.raises(Unauthenticated) as refused:
        await sign_in(email, password)
    assert refused.value.message == WRONG
    assert await Session.all().count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_address_that_nobody_has_takes_as_long_as_a_wrong_password(
    quick: argon2.PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_hasher", quick)
    accounts._nobody.cache_clear()
    await ada()
    await User.create(
        name="Off", email="off@desk.test", password_hash="!", role="EDITOR", active=False, created_at=await now()
    )

    async def seconds(email: str) -> float:
        """The quickest of three: what other work does to the clock is left out."""
        took = []
        for _ in range(3):
            began = time.perf_counter()
            with pytest.raises(Unauthenticated):
                await sign_in(email, "wrong")
            took.append(time.perf_counter() - began)
        return min(took)

    known = await seconds(EMAIL)
    for other in ("nobody@desk.test", "off@desk.test"):
        assert 0.4 < await seconds(other) / known < 2.5  # without the hash it would be a fiftieth


async def test_a_session_ends_at_its_hour_on_the_databases_clock() -> None:
    await ada()
    signed_in = await sign_in()
    await Session.all().update(expires_at=await now() + timedelta(seconds=2))
    assert await opens(signed_in.token)
    await Session.all().update(expires_at=await now())
    assert not await opens(signed_in.token)
    await sign_in()
    assert await accounts.forget_expired_sessions() == 1
    assert await Session.all().count() == 1


async def test_signing_out_everywhere_ends_all_of_ones_sessions_and_nobody_elses() -> None:
    user = await ada()
    await ada(email="ben@desk.test")
    here, there, other = await sign_in(), await sign_in(), await sign_in("ben@desk.test")
    key = (await accounts.create_key(SYSTEM, "Script", user=user)).secret
    await accounts.sign_out_everywhere(here.actor)
    assert [await opens(one) for one in (here.token, there.token, other.token, key)] == [False, False, True, True]
    for actor, kind in ((await accounts.identify(key), Forbidden), (SYSTEM, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(kind):
            await accounts.sign_out_everywhere(actor)
    assert await Session.all().count() == 1


@pytest.mark.parametrize(
    "secret", ["", "dls_", "dlk_", "dls_" + "A" * 43, "dlk_" + "A" * 43, "Bearer", "dls_\0", "dlk_\ud800"]
)
async def test_what_was_never_given_out_opens_nothing(secret: str) -> None:
    await ada()
    await sign_in()
    assert not await opens(secret)


async def test_a_token_is_no_key_and_a_key_no_token() -> None:
    user = await ada()
    token, secret = (await sign_in()).token, (await accounts.create_key(SYSTEM, "Script", user=user)).secret
    assert not await opens("dlk_" + token[4:])
    assert not await opens("dls_" + secret[4:])


# ------------------------------------------------------------------------------------------------------------ the lock

NEXT = "quite another, of words"


async def failing(times: int, email: str = EMAIL, source: str = "") -> None:
    for _ in range(times):
        with pytest.raises(Unauthenticated):
            await accounts.sign_in(email, "wrong", settings=SETTINGS, source=source)


async def locked(email: str = EMAIL, password: str = PASSWORD, source: str = "") -> RateLimited:
    with pytest.raises(RateLimited) as refused:
        await accounts.sign_in(email, password, settings=SETTINGS, source=source)
    return refused.value


async def aged(minutes: float) -> None:
    """As if all tries had been made that much earlier."""
    for one in await SignInTry.all():
        await SignInTry.filter(id=one.id).update(at=one.at - timedelta(minutes=minutes))


async def test_after_ten_sign_ins_that_failed_the_right_password_is_not_heard_either_until_time_has_passed() -> None:
    await ada()
    await ada(email="ben@desk.test")
    await failing(10)
    refused = await locked(" ADA@desk.test")
    assert refused.message == "Too many sign-ins have failed; try again later."
    assert 600 <= refused.retry_after <= 900
    await locked(password="wrong")
    assert await SignInTry.all().count() == 10  # what is not heard does not lengthen the lock
    assert await opens((await sign_in("ben@desk.test")).token)
    await aged(14)
    assert 1 <= (await locked()).retry_after <= 60
    await aged(1.1)
    assert await opens((await sign_in()).token)
    assert await Session.all().count() == 2


async def test_an_address_that_nobody_has_is_locked_in_the_same_words() -> None:
    await ada()
    await failing(10)
    await failing(10, "nobody@desk.test")
    known, unknown = await locked(), await locked("nobody@desk.test")
    assert (known.message, known.code) == (unknown.message, unknown.code)
    assert abs(known.retry_after - unknown.retry_after) < 300
    told = [
        (row.action, row.subject_type, row.summary, row.by)
        for row in await AuditEntry.filter(action="session.lock_out")
    ]
    assert told == [("session.lock_out", "User", "10 failed", "")] * 2


async def test_a_source_is_locked_whatever_the_accounts_that_it_tries() -> None:
    await ada()
    for number in range(10):
        await failing(1, f"guess{number}@desk.test", "192.0.2.7")
    await locked(source="192.0.2.7")
    assert await opens((await accounts.sign_in(EMAIL, PASSWORD, settings=SETTINGS, source="192.0.2.8")).token)
    told = await AuditEntry.get(action="session.lock_out")
    assert told.summary == "10 failed, the last from 192.0.2.7"


async def test_one_caller_with_ipv6_has_a_whole_network() -> None:
    await ada()
    for number in range(10):
        await failing(1, f"guess{number}@desk.test", f"2001:db8::{number}")
    await locked(source="2001:db8::ffff")
    assert await opens((await accounts.sign_in(EMAIL, PASSWORD, settings=SETTINGS, source="2001:db8:0:1::1")).token)
    assert {row.source for row in await SignInTry.all()} == {"2001:db8::"}


async def test_a_sign_in_clears_the_accounts_tries_and_no_others() -> None:
    await ada()
    await failing(9)
    await failing(9, "ben@desk.test")
    await sign_in()
    await failing(9)
    await failing(1, "ben@desk.test")
    await locked("ben@desk.test")
    assert await opens((await sign_in()).token)


async def test_of_many_guesses_at_once_ten_are_told_wrong_and_the_rest_not_heard() -> None:
    await ada()

    async def guess(password: str) -> type[Exception] | None:
        try:
            await sign_in(password=password)
        except CMSError as error:
            return type(error)
        return None

    told = await asyncio.gather(*(guess(f"guess {number}") for number in range(30)))
    assert told.count(Unauthenticated) == 10
    assert told.count(RateLimited) == 20
    assert await guess(PASSWORD) is RateLimited
    assert await SignInTry.all().count() == 10


async def test_who_signs_in_twenty_times_at_once_gets_twenty_sessions() -> None:
    await ada()
    signed_in = await asyncio.gather(
        *(accounts.sign_in(EMAIL, PASSWORD, settings=SETTINGS, source="192.0.2.7") for _ in range(20))
    )
    assert len({one.token for one in signed_in}) == await Session.all().count() == 20


async def test_another_password_from_an_admin_unlocks_the_account() -> None:
    user = await ada()
    await failing(10)
    await accounts.save_user(SYSTEM, {"name": "Ada B."}, user, 1)
    await locked()
    await accounts.save_user(SYSTEM, {"password": NEXT}, user, 2)
    assert await opens((await sign_in(password=NEXT)).token)


async def test_tries_are_forgotten_after_a_day() -> None:
    await ada()
    await failing(2)
    await aged(23 * 60)
    assert await accounts.forget_old_tries() == 0
    await aged(61)
    await failing(1)
    assert await accounts.forget_old_tries() == 2
    assert await SignInTry.all().count() == 1


# ---------------------------------------------------------------------------------------------------- one's own password


async def test_who_changes_their_password_goes_on_with_a_new_session_and_all_others_end() -> None:
    user = await ada()
    await ada(email="ben@desk.test")
    here, there, other = await sign_in(), await sign_in(), await sign_in("ben@desk.test")
    key = (await accounts.create_key(SYSTEM, "Script", user=user)).secret
    new = await accounts.change_password(here.actor, PASSWORD, NEXT, settings=SETTINGS)
    tokens = (here.token, there.token, new.token, other.token, key)
    assert [await opens(one) for one in tokens] == [False, False, True, True, True]
    assert (await accounts.identify(new.token)) == new.actor
    with pytest.raises(Unauthenticated):
        await sign_in()
    assert await opens((await sign_in(password=NEXT)).token)
    assert (await User.get(id=user)).version == 2


@pytest.mark.parametrize(
    ("current", "next", "kind", "path"),
    [
        ("wrong", NEXT, BadInput, ("current",)),
        ("", NEXT, BadInput, ("current",)),
        (PASSWORD, "eleven char", BadInput, ("next",)),
        (PASSWORD, "", Required, ("next",)),
        (PASSWORD, "x" * 1001, TooLong, ("next",)),
        (PASSWORD, "long enough \ud800", BadInput, ("next",)),
    ],
    ids=lambda value: ascii(value)[:20],
)
async def test_a_password_that_cannot_be_changed_so_stays_and_so_do_the_sessions(
    current: str, next: str, kind: type[CMSError], path: tuple[str, ...]
) -> None:
    await ada()
    here = await sign_in()
    before = {name: rows for name, rows in (await house.everything()).items() if name != "SignInTry"}
    with pytest.raises(kind) as refused:
        await accounts.change_password(here.actor, current, next, settings=SETTINGS)
    assert getattr(refused.value, "field", None) == path
    assert {name: rows for name, rows in (await house.everything()).items() if name != "SignInTry"} == before
    assert await SignInTry.all().count() == (1 if path == ("current",) else 0)


async def test_a_stolen_session_does_not_find_out_the_password() -> None:
    await ada()
    here = await sign_in()
    for _ in range(10):
        with pytest.raises(BadInput):
            await accounts.change_password(here.actor, "a guess", NEXT, settings=SETTINGS)
    with pytest.raises(RateLimited):
        await accounts.change_password(here.actor, PASSWORD, NEXT, settings=SETTINGS)
    await locked()


async def test_only_who_signed_in_with_a_password_changes_it() -> None:
    user = await ada()
    key = await accounts.identify((await accounts.create_key(SYSTEM, "Script", user=user)).secret)
    partner = Actor(kind="PARTNER", partner_id=uuid4())
    before = await house.everything()
    for actor, kind in ((key, Forbidden), (SYSTEM, Forbidden), (partner, Forbidden), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(kind):
            await accounts.change_password(actor, PASSWORD, NEXT, settings=SETTINGS)
    assert {**await house.everything(), "ApiKey": []} == {**before, "ApiKey": []}


# ------------------------------------------------------------------------------------------------------------ accounts


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({"password": "another long password"}, True),
        ({"password": PASSWORD}, True),
        ({"role": "CONTRIBUTOR"}, True),
        ({"active": False}, True),
        ({"role": "EDITOR"}, False),
        ({"active": True}, False),
        ({"name": "Ada B. Editor"}, False),
        ({"email": "editor@desk.test"}, False),
        ({"sections": []}, False),
        ({}, False),
    ],
    ids=str,
)
async def test_a_new_password_another_role_and_switching_off_end_the_sessions(
    changes: dict[str, Any], ends: bool
) -> None:
    user, other = await ada(), await ada(email="ben@desk.test")
    mine, others = await sign_in(), await sign_in("ben@desk.test")
    assert await accounts.save_user(SYSTEM, changes, user, 1) == user
    assert await opens(mine.token) is not ends
    assert (await accounts.identify(others.token)).user_id == other
    assert (await User.get(id=user)).version == (1 if changes == {} else 2)


async def test_a_password_that_was_changed_is_the_only_one() -> None:
    user = await ada()
    await accounts.save_user(SYSTEM, {"password": "  another, with spaces "}, user, 1)
    with pytest.raises(Unauthenticated):
        await sign_in()
    assert (await sign_in(password="  another, with spaces ")).actor.user_id == user


async def test_who_is_limited_to_other_sections_acts_so_at_once() -> None:
    world, sport = await house.section("World"), await house.section("Sport")
    user = await ada(sections=[world])
    token = (await sign_in()).token
    assert (await accounts.identify(token)).sections == (world,)
    await accounts.save_user(SYSTEM, {"sections": [sport, sport]}, user, 1)
    assert (await accounts.identify(token)).sections == (sport,)
    assert await UserSection.all().count() == 1
    await accounts.save_user(SYSTEM, {"sections": None}, user, 2)
    assert (await accounts.identify(token)).sections is None


async def test_an_account_switched_off_and_on_again_needs_a_new_sign_in() -> None:
    user = await ada()
    secret = (await accounts.create_key(SYSTEM, "Script", user=user)).secret
    await accounts.save_user(SYSTEM, {"active": False}, user, 1)
    assert not await opens(secret)
    await accounts.save_user(SYSTEM, {"active": True}, user, 2)
    assert await opens(secret)
    assert await opens((await sign_in()).token)


@pytest.mark.parametrize(("changes", "field"), [({"role": "EDITOR"}, "role"), ({"active": False}, "active")])
async def test_the_last_admin_stays_one(changes: dict[str, Any], field: str) -> None:
    first, off = await ada(role="ADMIN"), await ada(role="ADMIN", active=False, email="off@desk.test")
    await ada(email="ben@desk.test")
    before = await house.everything()
    with pytest.raises(BadState) as refused:
        await accounts.save_user(SYSTEM, changes, first, 1)
    assert refused.value.field == (field,)
    assert await house.everything() == before
    await accounts.save_user(SYSTEM, {"role": "ADMIN", "active": True, "name": "Ada A."}, first, 1)
    await accounts.save_user(SYSTEM, {"role": "EDITOR"}, off, 1)  # who cannot sign in is not the last
    second = await ada(role="ADMIN", email="bea@desk.test")
    await accounts.save_user(SYSTEM, changes, first, 2)
    with pytest.raises(BadState):
        await accounts.save_user(SYSTEM, changes, second, 1)


async def test_two_admins_who_take_each_others_role_at_once_leave_one() -> None:
    admins = [await ada(role="ADMIN", email=f"admin{number}@desk.test") for number in range(2)]
    done = await asyncio.gather(
        *(accounts.save_user(SYSTEM, {"role": "EDITOR"}, one, 1) for one in admins), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["BadState", "UUID"]
    assert await User.filter(role="ADMIN", active=True).count() == 1


BAD: dict[str, tuple[dict[str, Any], type[CMSError], tuple[str, ...]]] = {
    "short password": ({"password": "eleven char"}, BadInput, ("password",)),
    "long password": ({"password": "x" * 1001}, TooLong, ("password",)),
    "no password": ({"password": None}, Required, ("password",)),
    "half a character in the password": ({"password": "long enough \ud800"}, BadInput, ("password",)),
    "NUL in the name": ({"name": "Ada\0"}, BadInput, ("name",)),
    "half a character in the name": ({"name": "Ada\udfff"}, BadInput, ("name",)),
    "long name": ({"name": "x" * 121}, TooLong, ("name",)),
    "blank name": ({"name": " \n "}, Required, ("name",)),
    "huge address": ({"email": "x" * 1_000_000 + "@desk.test"}, TooLong, ("email",)),
    "no address": ({"email": "ada at desk"}, BadInput, ("email",)),
    "NUL in the address": ({"email": "ada\0@desk.test"}, BadInput, ("email",)),
    "taken address": ({"email": "BEN@desk.test"}, BadInput, ("email",)),
    "unknown role": ({"role": "OWNER"}, BadInput, ("role",)),
    "no role": ({"role": None}, BadInput, ("role",)),
    "unknown section": ({"sections": [UUID(int=9)]}, NotFound, ("sections", "0")),
    "section that is no id": ({"sections": ["world"]}, BadInput, ("sections", "0")),
    "a field that is none": ({"is_admin": True}, BadInput, ("is_admin",)),
    "active as text": ({"active": "yes"}, BadInput, ("active",)),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_of_an_account_is_refused_in_words_and_nothing_changes(name: str) -> None:
    changes, kind, path = BAD[name]
    user = await ada()
    await ada(email="ben@desk.test")
    token = (await sign_in()).token
    before = await house.everything()
    for given, id, version in ((changes, user, 1), ({**PERSON, "email": "new@desk.test", **changes}, None, None)):
        with pytest.raises(kind) as refused:
            await accounts.save_user(SYSTEM, given, id, version)
        assert getattr(refused.value, "field", None) == path
    assert await house.everything() == before
    assert await opens(token)


async def test_a_password_may_hold_whatever_can_be_typed() -> None:
    await ada(password="пароль \0 密码 🗝")
    assert await opens((await sign_in(password="пароль \0 密码 🗝")).token)


async def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        await accounts.save_user(SYSTEM, {"name": "Ada"})
    assert [(type(one), one.field) for one in refused.value.refusals] == [
        (Required, ("email",)),
        (Required, ("password",)),
        (Required, ("role",)),
    ]
    assert await User.all().count() == 0


async def test_of_two_who_change_one_account_the_second_is_refused() -> None:
    user = await ada()
    await accounts.save_user(SYSTEM, {"name": "Ada B."}, user, 1)
    with pytest.raises(Conflict) as refused:
        await accounts.save_user(SYSTEM, {"name": "Ada C."}, user, 1)
    assert refused.value.current == 2
    with pytest.raises(Required):
        await accounts.save_user(SYSTEM, {"name": "Ada C."}, user)
    with pytest.raises(NotFound):
        await accounts.save_user(SYSTEM, {"name": "Ada C."}, uuid4(), 1)
    assert [(row.name, row.version) for row in await User.all()] == [("Ada B.", 2)]


async def test_an_account_is_found_by_its_address() -> None:
    user = await ada()
    assert await accounts.user_named(SYSTEM, "Ada@Desk.test") == user
    for address, kind in (("nobody@desk.test", NotFound), ("ada\0@desk.test", BadInput), ("x" * 300, TooLong)):
        with pytest.raises(kind):
            await accounts.user_named(SYSTEM, address)


async def test_accounts_of_the_demo_are_recognised_while_they_may_sign_in() -> None:
    await ada()
    assert await accounts.from_demo() is False
    user = await ada(email=f"ada@{accounts.DEMO_DOMAIN}")
    assert await accounts.from_demo() is True
    await accounts.save_user(SYSTEM, {"active": False}, user, 1)
    assert await accounts.from_demo() is False


# ---------------------------------------------------------------------------------------------------------------- keys


async def test_a_key_acts_as_its_user_and_follows_what_the_user_may() -> None:
    user = await ada()
    made = await accounts.create_key(SYSTEM, " Import script ", user=user)
    assert made.secret.startswith("dlk_")
    assert len(made.secret) == 4 + 43
    assert await accounts.identify(made.secret) == Actor("API_KEY", "EDITOR", user, None, "Ada Editor", None, made.id)
    row = await ApiKey.get(id=made.id)
    assert (row.label, row.prefix, row.scopes) == ("Import script", made.secret[:12], [])
    await accounts.save_user(SYSTEM, {"role": "CONTRIBUTOR"}, user, 1)
    assert (await accounts.identify(made.secret)).role == "CONTRIBUTOR"


async def test_a_key_without_an_owner_named_is_the_actors_own() -> None:
    admin = await house.staff("ADMIN")
    made = await accounts.create_key(admin, "Mine")
    assert (await accounts.identify(made.secret)).user_id == admin.user_id
    with pytest.raises(NotFound):
        await accounts.create_key(SYSTEM, "Nobody's")
    assert await ApiKey.all().count() == 1


async def test_staff_make_keys_of_their_own_and_end_them() -> None:
    editor, other = await house.staff("EDITOR"), await house.staff("EDITOR")
    made = await accounts.create_key(editor, "Mine")
    with pytest.raises(NotFound):
        await accounts.revoke_key(other, made.id)
    assert await opens(made.secret)
    await accounts.revoke_key(editor, made.id)
    assert not await opens(made.secret)
    again = await accounts.create_key(editor, "Mine", user=editor.user_id)
    await accounts.revoke_key(await house.staff("ADMIN"), again.id)
    assert not await opens(again.secret)
    for actor in (await house.staff("READER"), Actor(kind="PARTNER", partner_id=uuid4())):
        with pytest.raises(Forbidden):
            await accounts.create_key(actor, "Mine")
    assert await ApiKey.all().count() == 2


async def test_a_key_with_scopes_does_nothing_else_and_sees_what_its_owner_sees() -> None:
    await house.section("World")
    editor = await house.staff("EDITOR")
    secret = (await accounts.create_key(editor, "Import", scopes=["article.update", "article.create"] * 2)).secret
    actor = await accounts.identify(secret)
    assert (await ApiKey.get()).scopes == list(actor.scopes) == ["article.create", "article.update"]
    assert policy.permissions(actor) == ["article.create", "article.update"]
    story = await house.article(actor)
    before = await house.everything()
    with pytest.raises(Forbidden):
        await publishing.publish(actor, story, 1)
    assert {**await house.everything(), "ApiKey": []} == {**before, "ApiKey": []}
    assert policy.visible("Article", actor) == policy.visible("Article", editor)


async def test_an_admins_key_with_other_scopes_sees_no_accounts_no_keys_and_no_audit() -> None:
    admin = await house.staff("ADMIN")
    actor = await accounts.identify((await accounts.create_key(admin, "Import", scopes=["article.create"])).secret)
    assert {policy.visible(one, admin) for one in ("User", "Key", "AuditEntry")} == {None}
    assert None not in [policy.visible(one, actor) for one in ("User", "Key", "AuditEntry")]


async def test_a_key_makes_no_keys() -> None:
    key = await accounts.identify((await accounts.create_key(await house.staff("ADMIN"), "Mine")).secret)
    for owner in (None, await ada()):
        with pytest.raises(Forbidden):
            await accounts.create_key(key, "More", user=owner)
    assert await ApiKey.all().count() == 1


async def test_when_a_key_was_last_used_is_kept_to_the_minute() -> None:
    made = await accounts.create_key(SYSTEM, "Script", user=await ada())
    assert (await ApiKey.get()).last_used_at is None
    before = await now()
    await used(made.secret)
    first = (await ApiKey.get()).last_used_at
    assert before <= first <= await now()
    await used(made.secret)
    assert (await ApiKey.get()).last_used_at == first
    await ApiKey.all().update(last_used_at=first - timedelta(seconds=61))
    await used(made.secret)
    assert first < (await ApiKey.get()).last_used_at <= await now()


async def used(secret: str) -> None:
    assert await opens(secret)
    await asyncio.gather(*accounts._noting)


async def test_a_partners_key_acts_as_the_partner_and_sees_what_the_public_sees() -> None:
    partner = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    made = await accounts.create_key(SYSTEM, "Feed", partner=partner)
    actor = await accounts.identify(made.secret)
    assert actor == Actor("PARTNER", None, None, partner, "Harbour Wire", None, made.id)
    assert actor.staff is False


async def test_a_revoked_key_opens_nothing_from_then_on() -> None:
    user = await ada()
    made, other = [await accounts.create_key(SYSTEM, label, user=user) for label in ("One", "Two")]
    assert await accounts.revoke_key(SYSTEM, made.id) == made.id
    assert (await opens(made.secret), await opens(other.secret)) == (False, True)
    at = (await ApiKey.get(id=made.id)).revoked_at
    await accounts.revoke_key(SYSTEM, made.id)
    assert (await ApiKey.get(id=made.id)).revoked_at == at
    with pytest.raises(NotFound):
        await accounts.revoke_key(SYSTEM, uuid4())


async def test_a_key_ends_at_its_hour_on_the_databases_clock() -> None:
    made = await accounts.create_key(SYSTEM, "Week", user=await ada(), expires_at=house.hours(1))
    assert await opens(made.secret)
    await ApiKey.all().update(expires_at=await now())
    assert not await opens(made.secret)


@pytest.mark.parametrize(
    ("given", "kind", "path"),
    [
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, BadInput, ("expires_at",)),
        ({"expires_at": datetime(2090, 1, 1)}, BadInput, ("expires_at",)),  # noqa: DTZ001 - without a zone
        ({"scopes": ["read"]}, BadInput, ("scopes", "0")),
        ({"scopes": ["article.create", None]}, BadInput, ("scopes", "1")),
        ({"scopes": "article.create"}, BadInput, ("scopes",)),
        ({"user": None, "partner": UUID(int=1), "scopes": ["article.create"]}, BadInput, ("scopes",)),
        ({"partner": UUID(int=1)}, BadInput, ("partner",)),
        ({"user": UUID(int=1)}, NotFound, ("user",)),
        ({"user": None, "partner": UUID(int=1)}, NotFound, ("partner",)),
        ({"label": ""}, Required, ("label",)),
        ({"label": "x" * 121}, TooLong, ("label",)),
        ({"label": "a\0b"}, BadInput, ("label",)),
        ({"label": "a\ud800b"}, BadInput, ("label",)),
    ],
    ids=lambda value: ascii(value)[:40],
)
async def test_a_key_that_cannot_be_is_refused_and_not_made(
    given: dict[str, Any], kind: type[CMSError], path: tuple[str, ...]
) -> None:
    asked: dict[str, Any] = {"label": "Script", "user": await ada()} | given
    with pytest.raises(kind) as refused:
        await accounts.create_key(SYSTEM, asked.pop("label"), **asked)
    assert getattr(refused.value, "field", None) == path
    assert await ApiKey.all().count() == 0


async def test_no_key_is_made_for_what_is_switched_off() -> None:
    user = await ada(active=False)
    partner = await partners.save_partner(SYSTEM, {"name": "Harbour Wire", "active": False})
    owners: list[dict[str, Any]] = [{"user": user}, {"partner": partner}]
    for owner in owners:
        with pytest.raises(NotFound):
            await accounts.create_key(SYSTEM, "Script", **owner)
    assert await ApiKey.all().count() == 0


# -------------------------------------------------------------------------------------------------- what is kept, who may


def _files(folder: Path) -> Iterator[bytes]:
    for path in folder.glob("newsroom.sqlite3*"):
        yield path.read_bytes()


async def test_no_secret_is_kept_anywhere(newsroom: db.Database, tmp_path: Path) -> None:
    user = await ada()
    token, key = (await sign_in()).token, (await accounts.create_key(SYSTEM, "Script", user=user)).secret
    rows = repr(await house.everything())
    assert EMAIL in rows  # it is the rows that are looked through
    assert "$argon2id$" in rows
    for secret in (PASSWORD, token, token[4:], key, key[4:]):
        assert secret not in rows
    if newsroom.dialect == "sqlite":
        files = list(_files(tmp_path))
        assert any(EMAIL.encode() in file for file in files)
        for secret in (PASSWORD, token[4:], key[4:]):
            assert all(secret.encode() not in file for file in files)


ROLES: list[Role] = ["READER", "CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR"]


async def test_nobody_but_an_admin_manages_accounts_and_keys() -> None:
    user = await ada()
    key = (await accounts.create_key(SYSTEM, "Script", user=user)).id
    others = [await house.staff(role) for role in ROLES]
    token = (await sign_in()).token
    before = await house.everything()
    for actor, kind in [*((one, Forbidden) for one in [*others, Actor(kind="PARTNER")]), (ANONYMOUS, Unauthenticated)]:
        for refused in (
            accounts.save_user(actor, PERSON | {"email": "new@desk.test"}),
            accounts.save_user(actor, {"role": "ADMIN"}, actor.user_id or user, 1),
            accounts.user_named(actor, EMAIL),
            accounts.create_key(actor, "Another's", user=user),
            accounts.create_key(actor, "A partner's", partner=uuid4()),
        ):
            with pytest.raises(kind):
                await refused
        for absent in (key, uuid4()):  # another's key is as one that is not there
            with pytest.raises(NotFound if kind is Forbidden else Unauthenticated):
                await accounts.revoke_key(actor, absent)
    assert await house.everything() == before
    assert await opens(token)
