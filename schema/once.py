"""Mutations that come with an Idempotency-Key: done once, and answered again as they were answered first.

Nothing is kept of an answer that may become another one (a part out of reach, too many tries) or that holds a secret, which
is shown once: then what was done is known all the same, is not done again, and is answered as it stands.  A request without
a credential can only sign in, and may be repeated: its key is not looked at.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Collection
from typing import Any

import orjson
from graphql import GraphQLObjectType, get_named_type

from cms import audit
from cms.actions import idempotent
from cms.actions.photos import Upload
from cms.actor import Actor
from cms.audit import InHand
from cms.errors import STATUS, BadRequest, CMSError, IdempotencyMismatch, RateLimited, StillRunning
from schema import errors
from schema.answer import dumps
from schema.engine import Engine, Reply
from schema.request import Asked

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}")
SECRETS = frozenset({"token", "secret"})  # fields of payloads

log = logging.getLogger("dateline.graphql")


async def answer(
    engine: Engine, asked: Asked, actor: Actor, key: str | None, *, explain: bool = False
) -> tuple[Reply, bool]:
    """The reply, and whether it was given before.  Raises BadRequest for what cannot be a key, and for several mutations in
    one request; Unavailable."""
    if key is not None and not KEY.fullmatch(key):
        raise BadRequest(f"An {HEADER} has 1 to 255 visible characters of ASCII.")
    fields: list[str] = []
    if key is not None and actor.kind != "ANONYMOUS":
        asked, fields = await _prepared(engine, asked, actor)
    if key is None or not fields:
        return await engine.answer(asked, actor, explain=explain), False
    if len(fields) > 1:
        raise BadRequest(f"With an {HEADER} a request holds one mutation.")
    try:
        held = await idempotent.begin(actor, key, await asyncio.to_thread(_sha256, asked))
    except (IdempotencyMismatch, StillRunning) as error:
        return Reply(dumps({"errors": [errors.refusal(error)]}), False, error.code), False
    if isinstance(held, idempotent.Kept):
        return _again(held.answer), True
    token = audit.in_hand.set(held)
    try:
        reply = await engine.answer(asked, actor, explain=explain)
    finally:
        audit.in_hand.reset(token)
    await _settle(held, reply, shows_secret=not SECRETS.isdisjoint(_payload(engine, fields[0])))
    return reply, bool(held.outcome)


async def _prepared(engine: Engine, asked: Asked, actor: Actor) -> tuple[Asked, list[str]]:
    """With its document, and its mutations; none where the engine has to say what is wrong with it."""
    try:
        asked = await engine.resolved(asked, actor)
        operation = engine.prepare(asked)
        return asked, operation.mutations(operation.coerce(asked.variables))
    except CMSError:
        return asked, []


def _payload(engine: Engine, mutation: str) -> Collection[str]:
    """The fields of what it answers."""
    assert engine.core.mutation_type is not None
    type_ = get_named_type(engine.core.mutation_type.fields[mutation].type)
    return type_.fields.keys() if isinstance(type_, GraphQLObjectType) else ()


async def _settle(held: InHand, reply: Reply, *, shows_secret: bool) -> None:
    try:
        if reply.ran and not held.again and not _passing(reply) and not (shows_secret and await idempotent.done(held)):
            await idempotent.keep(held, reply.body)
        else:
            await idempotent.release(held)
    except CMSError:  # the lease ends by itself, and what was done is known
        log.warning("An answer could not be kept", exc_info=True)


def _passing(reply: Reply) -> bool:
    """Does it tell of something that the same request may not meet again?"""
    told = orjson.loads(reply.body).get("errors", ())
    codes = [one["extensions"]["code"] for one in told]
    return any(STATUS[code] >= 500 or code == RateLimited.code for code in codes)


def _again(body: bytes) -> Reply:
    found = orjson.loads(body)
    code = found["errors"][0]["extensions"]["code"] if found.get("data") is None else None
    return Reply(body, True, code)


def _sha256(asked: Asked) -> str:
    """Of what is asked, with each file's bytes by their own hash."""
    whole = [asked.query, asked.operation_name, asked.variables]
    options = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
    return hashlib.sha256(orjson.dumps(whole, default=_file, option=options)).hexdigest()


def _file(value: Any) -> list[str]:
    if not isinstance(value, Upload):
        raise TypeError(type(value))
    with value.path.open("rb") as file:
        return [value.filename, hashlib.file_digest(file, "sha256").hexdigest()]
