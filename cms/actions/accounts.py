"""People and programs that may do more than read: sign in, sign out, accounts, keys.

Passwords are kept as argon2id hashes, tokens and keys as SHA-256 of 256 random bits: shown once, never again.  Wrong
e-mail, wrong password and an account that is switched off are one answer, after the same time; so are a locked account and
one that does not exist.
"""

import asyncio
import base64
import hashlib
import logging
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any
from uuid import UUID

import argon2
import orjson
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from cms import audit, clock, db, ids, policy
from cms.actions import fields, versioned
from cms.actions.fields import Reader, instant, key, many, one_of, read, switch, text
from cms.actor import ROLES, Actor
from cms.db.clock import NOW, dialect, now
from cms.db.clock import instant as moment
from cms.errors import BadInput, BadState, Forbidden, NotFound, RateLimited, Refusal, Required, TooLong, Unauthenticated
from cms.models import ApiKey, Partner, Section, Session, SignInTry, User, UserSection
from cms.policy import Now
from cms.settings import Settings

SESSION, KEY = "dls_", "dlk_"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1000
SHOWN = 12  # characters of a key that may be shown again
USED_S = 60  # a key's last use is right to that
# every verb that may take the last admin away holds it: two at once could otherwise each leave the other's
ADMINS = UUID("ad310000-0000-4000-8000-000000000000")
WRONG = "The e-mail address or the password is not right."
DEMO_DOMAIN = "demo.courier.example"  # of the demo's addresses, and of no one else's: .example is nobody's (RFC 2606)

log = logging.getLogger("dateline.accounts")

_hasher = argon2.PasswordHasher()
_noting: set[asyncio.Task[None]] = set()  # the event loop itself holds its tasks but weakly


def _password(value: Any, path: tuple[str, ...]) -> str:
    """As typed, with its spaces.  A length, no rules about its characters (NIST SP 800-63B, 5.1.1.2)."""
    if not isinstance(value, str) or not value:
        raise Required("Password is required.", *path)
    if len(value) < SHORTEST_PASSWORD:
        raise BadInput(f"A password has at least {SHORTEST_PASSWORD} characters.", *path)
    if len(value) > LONGEST_PASSWORD:
        raise TooLong(f"A password has at most {LONGEST_PASSWORD} characters.", *path)
    if any("\ud800" <= one <= "\udfff" for one in value):  # half a character: it has no bytes to be hashed
        raise BadInput("Password contains characters that do not exist.", *path)
    return value


FIELDS: Mapping[str, Reader] = {
    "name": text(120, required=True),
    "email": fields.email,
    "password": _password,
    "role": one_of(*ROLES),
    "sections": many(key, 200),
    "active": switch,
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` is the bearer token; it is not kept."""

    token: str
    actor: Actor
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewKey:
    """`secret` is the key itself; it is not kept."""

    id: UUID
    secret: str


async def sign_in(email: str, password: str, *, settings: Settings, source: str = "") -> SignedIn:
    """`source` is the address that the request came from, "" for the command line.

    Raises Unauthenticated, in the same words and after the same time, whatever it was that did not fit; RateLimited after
    `sign_in_tries` that failed for this account, or from this source, within `sign_in_minutes`.
    """
    gate = _Gate(email, source, settings)
    await gate.check()
    user = await _user_with(email)
    kept = user.password_hash if user else None
    # some 50 ms of computing: not on the event loop, and for an unknown address too
    fits = await asyncio.to_thread(_verify, kept, password)
    async with db.transaction(content=False):
        await gate.hold()
        if user:
            await db.lock(user.id)
        # switched off, or given another password, while it was verified: then it is not valid any more
        if user and fits and await User.filter(id=user.id, active=True, password_hash=user.password_hash).exists():
            await gate.clear()
            signed_in = await _begin(user, settings)
            await audit.record(signed_in.actor, "session.sign_in", "User", user.id, source and f"From {source}")
            return signed_in
        await gate.note(user)
    raise Unauthenticated(WRONG)


async def sign_out(actor: Actor) -> None:
    """Ends the session in use.  An API key is not a session and stays valid."""
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Sign in to do this.")
    if actor.kind != "USER" or not actor.user_id:
        return
    async with db.transaction(content=False):
        if await Session.filter(id=actor.credential).delete():
            await audit.record(actor, "session.sign_out", "User", actor.user_id)


async def sign_out_everywhere(actor: Actor) -> None:
    """Ends all sessions of the one who asks.  Keys are not sessions and stay valid.  Raises Forbidden for a key."""
    user_id = _person(actor)
    async with db.transaction(content=False):
        await db.lock(user_id)
        ended = await Session.filter(user_id=user_id).delete()
        await audit.record(actor, "session.sign_out_everywhere", "User", user_id, f"Sessions ended: {ended}")


async def change_password(actor: Actor, current: str, next: str, *, settings: Settings, source: str = "") -> SignedIn:
    """One's own.  All sessions end, the one in use too: what is returned takes its place.

    Raises BadInput for a current password that is wrong, which counts as a sign-in that failed, and for a new one that will
    not do; RateLimited; Forbidden for a key.
    """
    user_id = _person(actor)
    wanted = _password(next, ("next",))
    user = await User.get_or_none(id=user_id, active=True)
    if user is None:
        raise Unauthenticated("Sign in to do this.")
    gate = _Gate(user.email, source, settings)
    await gate.check()
    fits = await asyncio.to_thread(_verify, user.password_hash, current)
    hashed = await asyncio.to_thread(_hasher.hash, wanted)
    async with db.transaction(content=False):
        await gate.hold()
        await db.lock(user_id)
        if fits:
            user = await User.get_or_none(id=user_id, active=True, password_hash=user.password_hash)
            if user is None:
                raise Unauthenticated("This account was changed meanwhile; sign in again.")
            await gate.clear()
            await versioned.change(user, {"password_hash": hashed})
            await Session.filter(user_id=user_id).delete()
            signed_in = await _begin(user, settings)
            await audit.record(signed_in.actor, "user.change_password", "User", user_id)
            return signed_in
        await gate.note(user)
    raise BadInput("This is not the current password.", "current")


async def identify(secret: str) -> Actor:
    """Who stands behind a token or key.  Raises Unauthenticated for one that is unknown, expired, revoked or switched off.

    It is looked up by its hash: how long that takes says nothing about the secret.
    """
    kind = next((one for one in _IDENTIFY if secret.startswith(one)), None)
    found = await _identified(kind, _digest(secret)) if kind else None
    if found is None:
        raise Unauthenticated("This credential is not valid, or not any more.")
    if kind == KEY:
        _note_use(found["id"], found["last_used_at"])
    if found["partner_id"]:
        return _partner_actor(found, found["id"])
    return Actor(
        kind="USER" if kind == SESSION else "API_KEY",
        role=found["role"],
        user_id=found["user_id"],
        name=found["name"],
        sections=tuple(sorted(map(UUID, orjson.loads(found["sections"] or "[]")))) or None,
        credential=found["id"],
        scopes=tuple(sorted(orjson.loads(found["scopes"]))),
    )


async def partner(id: UUID) -> Actor | None:
    """Who acts for a partner where no key is at hand, as its webhooks do; None for one that is switched off."""
    for found in await _asked(_PARTNER, str(id)):
        return _partner_actor(found, None)
    return None


async def user_named(actor: Actor, email: str) -> UUID:
    """The key of the account with this address.  Raises NotFound."""
    policy.require(actor, "user.manage")
    user = await User.get_or_none(email=fields.email(email, ("email",)))
    if user is None:
        raise NotFound(f"There is no account with the address {email}.", "email")
    key: UUID = user.id
    return key


async def from_demo() -> bool:
    """Are there accounts of the demo that may sign in?  For a process that starts: production does not serve with them."""
    return await User.filter(email__endswith=f"@{DEMO_DOMAIN}", active=True).exists()


async def save_user(
    actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None
) -> UUID:
    """Without id it makes one, with name, e-mail, password and role.  No sections means all of them.

    Another password, another role and switching off end the user's sessions; another password also unlocks the account.
    Raises BadInput for an e-mail address that is taken, BadState where no admin who may sign in would be left, NotFound,
    Conflict.
    """
    policy.require(actor, "user.manage")
    values = read(FIELDS, changes, required=() if id else ("name", "email", "password", "role"))
    sections = values.pop("sections", None)
    if "password" in values:
        values["password_hash"] = await asyncio.to_thread(_hasher.hash, values.pop("password"))
    try:
        async with db.transaction():
            if values.keys() & {"role", "active"}:
                await db.lock(ADMINS)
            user = await versioned.held(User, id, version, "user")
            if user is None:
                user = await User.create(created_at=await now(), **values)
                await audit.record(actor, "user.create", "User", user.id, f"{user.name}, {user.role}")
            elif values or sections is not None:
                await _keep_an_admin(user, values)
                await versioned.change(user, values or {"name": user.name})
                if _ends_sessions(user, values):
                    await Session.filter(user_id=user.id).delete()
                if "password_hash" in values:
                    await SignInTry.filter(account=_account(user.email)).delete()
                await audit.record(actor, "user.update", "User", user.id, _told(user, values, sections))
            if sections is not None:
                await _limit(user.id, sections)
    except IntegrityError as error:
        raise BadInput("Another account has this e-mail address.", "email") from error
    made: UUID = user.id
    return made


async def create_key(
    actor: Actor,
    label: str,
    *,
    user: UUID | None = None,
    partner: UUID | None = None,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> NewKey:
    """A key for a program: of a partner, of a user, or of the actor where neither is named.

    `scopes` are the only verbs of policy that it may be used for; none means all that its owner may.  Raises Forbidden where
    a key asks: it could make one that may more than itself.  Raises NotFound for a user or partner that does not exist or is
    switched off, BadInput for both at once, for an expiry that has passed, and for scopes that are no verbs or a partner's.
    """
    others = partner is not None or (user is not None and user != actor.user_id)
    policy.require(actor, "key.manage" if others else "key.create")
    label = text(120, required=True)(label, ("label",))
    expires_at = instant(expires_at, ("expires_at",))
    scopes = many(one_of(*policy.MAY), len(policy.MAY))(scopes, ("scopes",))
    if partner and scopes:
        raise BadInput("Scopes narrow what a person's key may change; a partner's changes nothing.", "scopes")
    if user and partner:
        raise BadInput("A key belongs to a user or to a partner, not to both.", "partner")
    if expires_at and expires_at <= clock.now():
        raise BadInput("A key expires in the future.", "expires_at")
    owner = None if partner else user or actor.user_id
    secret, made = _secret(KEY), ids.new()
    async with db.transaction(content=False):
        if partner and not await Partner.filter(id=partner, active=True).exists():
            raise NotFound("There is no such partner.", "partner")
        if not partner and not (owner and await User.filter(id=owner, active=True).exists()):
            raise NotFound("There is no such user.", "user")
        await ApiKey.create(
            id=made,
            label=label,
            prefix=secret[:SHOWN],
            secret_hash=_digest(secret),
            user_id=owner,
            partner_id=partner,
            scopes=sorted(set(scopes)),
            created_at=await now(),
            expires_at=expires_at,
        )
        await audit.record(actor, "key.create", "Key", made, label)
    return NewKey(made, secret)


async def revoke_key(actor: Actor, id: UUID) -> UUID:
    """It opens nothing from now on.  One's own, or anyone's with `key.manage`.  Revoking it again changes nothing.

    Raises NotFound.
    """
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Sign in to do this.")
    rule = policy.visible("Key", actor)
    async with db.transaction(content=False):
        await db.lock(id)
        found = await (ApiKey.filter(rule, id=id) if rule else ApiKey.filter(id=id)).first()
        if found is None:
            raise NotFound("There is no such key.", "id")
        if await ApiKey.filter(id=id, revoked_at__isnull=True).update(revoked_at=await now()):
            await audit.record(actor, "key.revoke", "Key", id, found.label)
    return id


async def forget_expired_sessions() -> int:
    """For the worker: sessions that open nothing any more; how many they were."""
    return int(await Session.filter(expires_at__lte=Now()).delete())


async def forget_old_tries() -> int:
    """For the worker: sign-ins that failed more than a day ago; how many they were."""
    return int(await SignInTry.filter(at__lte=await now() - timedelta(days=1)).delete())


@lru_cache(4096)
def network(source: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: that is what one caller has."""
    try:
        address = ip_address(source)
    except ValueError:  # a socket of this machine
        return source[:64]
    if isinstance(address, IPv6Address) and not address.ipv4_mapped:
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


class _Gate:
    """Sign-ins that failed, counted by account and by source.  What it refuses is not counted, so a lock ends by itself.

    Asked twice: before the password is looked at, and again, held, before the verdict is told.  Of a thousand guesses at
    once no more are told right from wrong than of a thousand in a row.
    """

    def __init__(self, email: str, source: str, settings: Settings):
        self._account, self._source, self._from = _account(email), network(source), source
        self._most, self._window = settings.sign_in_tries, timedelta(minutes=settings.sign_in_minutes)

    async def check(self) -> None:
        """Raises RateLimited."""
        at = await now()
        by_account = await self._until(at, account=self._account)
        by_source = await self._until(at, source=self._source) if self._source else None
        if until := max((one for one in (by_account, by_source) if one), default=None):
            wait_s = max(1, math.ceil((until - at).total_seconds()))
            raise RateLimited("Too many sign-ins have failed; try again later.", wait_s)

    async def hold(self) -> None:
        """Within the transaction of the verdict.  Raises RateLimited."""
        for one in sorted({self._account, *filter(None, [self._source and _digest(self._source)])}):
            await db.lock(UUID(one[:32]))
        await self.check()

    async def note(self, user: User | None) -> None:
        """One more that failed; the audit tells of the one that locks."""
        at = await now()
        await SignInTry.create(account=self._account, source=self._source, at=at)
        if await self._until(at, account=self._account) or (
            self._source and await self._until(at, source=self._source)
        ):
            # an address that nobody has is written down as well, and takes as long
            subject = user.id if user else UUID(self._account[:32])
            words = f"{self._most} failed" + (f", the last from {self._from}" if self._from else "")
            await audit.record(Actor(), "session.lock_out", "User", subject, words)

    async def clear(self) -> None:
        await SignInTry.filter(account=self._account).delete()

    async def _until(self, at: datetime, **whose: str) -> datetime | None:
        """When the next try is heard; None for now."""
        if not self._most:
            return None
        counted = SignInTry.filter(**whose, at__gt=at - self._window).order_by("-at").offset(self._most - 1)
        found = await counted.limit(1).first()
        return found.at + self._window if found else None


def _account(email: str) -> str:
    """What an account's tries are counted by, whether or not anyone has it."""
    return _digest(email.strip().lower())


def _person(actor: Actor) -> UUID:
    """Who is signed in.  Raises Unauthenticated, and Forbidden for keys."""
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Sign in to do this.")
    if actor.kind != "USER" or actor.user_id is None:
        raise Forbidden("Only who has signed in with a password may do this.")
    return actor.user_id


async def _begin(user: User, settings: Settings) -> SignedIn:
    """A session, within the transaction."""
    token, made, begun = _secret(SESSION), ids.new(), await now()
    expires_at = begun + timedelta(hours=settings.session_hours)
    await Session.create(id=made, user_id=user.id, token_hash=_digest(token), created_at=begun, expires_at=expires_at)
    return SignedIn(token, await identify(token), expires_at)


def _note_use(key_id: UUID, before: datetime | None) -> None:
    """In the background, and not at every request: whoever asks does not wait for it.  `before` is its last one."""
    if before is None or (clock.now() - before).total_seconds() >= USED_S:
        task = asyncio.create_task(_used(key_id))
        _noting.add(task)
        task.add_done_callback(_noting.discard)


async def _used(key_id: UUID) -> None:
    at = await now()
    old = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - timedelta(seconds=USED_S))
    try:
        await ApiKey.filter(old, id=key_id).update(last_used_at=at)
    except Exception:  # a lost database: the request itself says so
        log.warning("The use of a key could not be noted", exc_info=True)


async def _keep_an_admin(user: User, values: Mapping[str, Any]) -> None:
    """Raises BadState where this change would leave no admin who may sign in.  Held by ADMINS."""
    was = user.role == "ADMIN" and user.active
    stays = values.get("role", user.role) == "ADMIN" and values.get("active", user.active)
    if was and not stays and not await User.filter(role="ADMIN", active=True).exclude(id=user.id).exists():
        field = "active" if values.get("active", True) is False else "role"
        raise BadState("This is the last admin: make another one first.", field)


def _told(user: User, values: Mapping[str, Any], sections: Sequence[UUID] | None) -> str:
    """What of an account was changed, for the audit; no secret among it."""
    names = ["password" if name == "password_hash" else name for name in values]
    return f"{user.name}: {', '.join([*names, *(['sections'] if sections is not None else [])])}"


def _secret(prefix: str) -> str:
    return prefix + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def _digest(secret: str) -> str:
    # 256 random bits need no salt and no slow hash
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


async def _user_with(address: str) -> User | None:
    try:
        return await User.get_or_none(email=fields.email(address, ("email",)), active=True)
    except Refusal:  # no address at all: nobody has it
        return None


@cache
def _nobody() -> str:
    """A hash that costs what a real one costs."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _verify(kept: str | None, password: str) -> bool:
    nobody = _nobody()  # at the first sign-in of all, whoever it is of
    try:
        _hasher.verify(kept or nobody, password[:LONGEST_PASSWORD].encode("utf-8", "surrogatepass"))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return kept is not None and len(password) <= LONGEST_PASSWORD


# who a credential stands for, by its hash: one statement for each request that carries one
_SECTIONS = {
    "postgres": "(SELECT json_agg(l.section_id) FROM user_section l WHERE l.user_id = u.id)",
    "sqlite": "(SELECT json_group_array(l.section_id) FROM user_section l WHERE l.user_id = u.id)",
}
_MINE = (
    "WITH RECURSIVE mine(id) AS (SELECT section_id FROM partner_section WHERE partner_id = p.id "
    "UNION SELECT s.id FROM section s JOIN mine ON s.parent_id = mine.id)"
)
_PARTNER_SECTIONS = {
    "postgres": f"({_MINE} SELECT json_agg(id) FROM mine)",
    "sqlite": f"({_MINE} SELECT json_group_array(id) FROM mine)",
}
_GRANTS = (
    "p.id AS partner_id, p.name AS partner, p.embargo_access, p.territories, p.photo_distributors, "
    "{partner_sections} AS partner_sections"
)
_PARTNER = f"SELECT {_GRANTS} FROM partner p WHERE p.id = {{value}} AND p.active"
_IDENTIFY = {
    SESSION: "SELECT c.id, '[]' AS scopes, u.id AS user_id, u.name, u.role, {sections} AS sections, NULL AS partner_id "
    "FROM session c JOIN newsroom_user u ON u.id = c.user_id "
    "WHERE c.token_hash = {value} AND c.expires_at > {now} AND u.active",
    KEY: "SELECT c.id, c.scopes, c.last_used_at, u.id AS user_id, u.name, u.role, {sections} AS sections, "
    f"{_GRANTS} FROM api_key c "
    "LEFT JOIN newsroom_user u ON u.id = c.user_id LEFT JOIN partner p ON p.id = c.partner_id "
    "WHERE c.secret_hash = {value} AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > {now}) "
    "AND (u.active OR p.active)",
}


def _partner_actor(found: Mapping[str, Any], credential: UUID | None) -> Actor:
    """With the sections that it is limited to, and all below them."""
    distributors = orjson.loads(found["photo_distributors"] or "null")
    return Actor(
        kind="PARTNER",
        partner_id=UUID(str(found["partner_id"])),
        name=found["partner"],
        credential=credential,
        sections=tuple(sorted(map(UUID, orjson.loads(found["partner_sections"] or "[]")))) or None,
        embargo_access=bool(found["embargo_access"]),
        territories=tuple(orjson.loads(found["territories"])),
        distributors=None if distributors is None else tuple(distributors),
    )


async def _identified(kind: str, digest: str) -> dict[str, Any] | None:
    """Keys as UUIDs and instants as datetimes on both databases."""
    for found in await _asked(_IDENTIFY[kind], digest):
        keys = {one: UUID(str(found[one])) for one in ("id", "user_id", "partner_id") if found[one]}
        at = found.get("last_used_at")
        return {**found, **keys, "last_used_at": at and moment(at)}
    return None


async def _asked(sql: str, value: str) -> list[dict[str, Any]]:
    name = dialect()
    parts = {
        "sections": _SECTIONS[name],
        "partner_sections": _PARTNER_SECTIONS[name],
        "now": NOW[name],
        "value": "$1" if name == "postgres" else "?",
    }
    return await get_connection("default").execute_query_dict(sql.format(**parts), [value])


def _ends_sessions(user: User, values: Mapping[str, Any]) -> bool:
    changed = any(name in values and values[name] != getattr(user, name) for name in ("role", "active"))
    return changed or "password_hash" in values


async def _limit(user_id: UUID, sections: Sequence[UUID]) -> None:
    wanted = list(dict.fromkeys(sections))
    known = {section.id for section in await Section.filter(id__in=wanted)}
    for place, one in enumerate(wanted):
        if one not in known:
            raise NotFound("There is no such section.", "sections", str(place))
    await UserSection.filter(user_id=user_id).delete()
    await UserSection.bulk_create([UserSection(user_id=user_id, section_id=one) for one in wanted])
