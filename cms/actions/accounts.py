"""People and programs that may do more than read: sign in, sign out, accounts, keys.

Passwords are kept as argon2id hashes, tokens and keys as SHA-256 of 256 random bits: shown once, never again.  Wrong
e-mail, wrong password and an account that is switched off are one answer, after the same time.
"""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

import argon2
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from cms import clock, db, ids, policy
from cms.actions import fields, versioned
from cms.actions.fields import Reader, instant, key, many, one_of, read, switch, text
from cms.actor import ROLES, Actor, Role
from cms.db.clock import now
from cms.errors import BadInput, NotFound, Refusal, Required, TooLong, Unauthenticated
from cms.models import ApiKey, Partner, Section, Session, User, UserSection
from cms.policy import Now
from cms.settings import Settings

SESSION, KEY = "dls_", "dlk_"
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 1000
SHOWN = 12  # characters of a key that may be shown again
DEMO_DOMAIN = "demo.courier.example"  # of the demo's addresses, and of no one else's: .example is nobody's (RFC 2606)

_hasher = argon2.PasswordHasher()
_valid = Q(expires_at__isnull=True) | Q(expires_at__gt=Now())


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


async def sign_in(email: str, password: str, *, settings: Settings) -> SignedIn:
    """Raises Unauthenticated, in the same words and after the same time, whatever it was that did not fit."""
    user = await _user_with(email)
    kept = user.password_hash if user else None
    # some 50 ms of computing: not on the event loop, and for an unknown address too
    fits = await asyncio.to_thread(_verify, kept, password)
    if not user or not fits:
        raise Unauthenticated("The e-mail address or the password is not right.")
    token, made = _secret(SESSION), ids.new()
    async with db.transaction(content=False):
        await db.lock(user.id)
        # switched off, or given another password, while it was verified: then it is not valid any more
        if not await User.filter(id=user.id, active=True, password_hash=user.password_hash).exists():
            raise Unauthenticated("The e-mail address or the password is not right.")
        begun = await now()
        expires_at = begun + timedelta(hours=settings.session_hours)
        await Session.create(id=made, user_id=user.id, token_hash=_hash(token), created_at=begun, expires_at=expires_at)
    return SignedIn(token, await _user_actor("USER", user, made), expires_at)


async def sign_out(actor: Actor) -> None:
    """Ends the session in use.  An API key is not a session and stays valid."""
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Sign in to do this.")
    if actor.kind == "USER" and actor.credential:
        await Session.filter(id=actor.credential).delete()


async def identify(secret: str) -> Actor:
    """Who stands behind a token or key.  Raises Unauthenticated for one that is unknown, expired, revoked or switched off.

    It is looked up by its hash: how long that takes says nothing about the secret.
    """
    if secret.startswith(SESSION):
        session = (
            await Session.filter(_valid, token_hash=_hash(secret), user__active=True).select_related("user").first()
        )
        if session:
            return await _user_actor("USER", session.user, session.id)
    if secret.startswith(KEY):
        found = await _key(secret)
        if found and found.partner:
            partner = found.partner
            return Actor(kind="PARTNER", partner_id=partner.id, name=partner.name, credential=found.id)
        if found:
            return await _user_actor("API_KEY", found.user, found.id)
    raise Unauthenticated("This credential is not valid, or not any more.")


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

    Another password, another role and switching off end the user's sessions.  Raises BadInput for an e-mail address that
    is taken, NotFound, Conflict.
    """
    policy.require(actor, "user.manage")
    values = read(FIELDS, changes, required=() if id else ("name", "email", "password", "role"))
    sections = values.pop("sections", None)
    if "password" in values:
        values["password_hash"] = await asyncio.to_thread(_hasher.hash, values.pop("password"))
    try:
        async with db.transaction():
            user = await versioned.held(User, id, version, "user")
            if user is None:
                user = await User.create(created_at=await now(), **values)
            elif values or sections is not None:
                await versioned.change(user, values or {"name": user.name})
                if _ends_sessions(user, values):
                    await Session.filter(user_id=user.id).delete()
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

    Raises NotFound for a user or partner that does not exist or is switched off, BadInput for both at once, for an
    expiry that has passed, and for scopes: nothing narrows a key yet, and one that only seems narrow is worse than none.
    """
    policy.require(actor, "key.manage")
    label = text(120, required=True)(label, ("label",))
    expires_at = instant(expires_at, ("expires_at",))
    if scopes:
        raise BadInput("Keys cannot be limited by scopes; leave them out.", "scopes")
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
            secret_hash=_hash(secret),
            user_id=owner,
            partner_id=partner,
            created_at=await now(),
            expires_at=expires_at,
        )
    return NewKey(made, secret)


async def revoke_key(actor: Actor, id: UUID) -> UUID:
    """It opens nothing from now on.  Revoking it again changes nothing.  Raises NotFound."""
    policy.require(actor, "key.manage")
    async with db.transaction(content=False):
        await db.lock(id)
        if not await ApiKey.filter(id=id).exists():
            raise NotFound("There is no such key.", "id")
        await ApiKey.filter(id=id, revoked_at__isnull=True).update(revoked_at=await now())
    return id


async def forget_expired_sessions() -> int:
    """For the worker: sessions that open nothing any more; how many they were."""
    return int(await Session.filter(expires_at__lte=Now()).delete())


def _secret(prefix: str) -> str:
    return prefix + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def _hash(secret: str) -> str:
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


async def _key(secret: str) -> ApiKey | None:
    owned = Q(user__active=True) | Q(partner__active=True)
    query = ApiKey.filter(_valid, owned, secret_hash=_hash(secret), revoked_at__isnull=True)
    return await query.select_related("user", "partner").first()


async def _user_actor(kind: Any, user: User, credential: UUID) -> Actor:
    rows = await UserSection.filter(user_id=user.id).order_by("section_id").values("section_id")
    return Actor(
        kind=kind,
        role=cast(Role, user.role),
        user_id=user.id,
        name=user.name,
        sections=tuple(row["section_id"] for row in rows) or None,
        credential=credential,
    )


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
