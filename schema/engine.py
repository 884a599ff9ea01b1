"""Two doors, one engine.  A query whose root fields are all in the catalog is one statement and no executor; everything else
goes through Strawberry's executor, whose entity fields ask the same reader.  Both give the same bytes."""

import asyncio
import logging
from contextlib import suppress
from hashlib import sha256
from inspect import isawaitable
from typing import Any, Literal, NamedTuple

from graphql import execute

from cms import db
from cms.actions.accounts import network
from cms.actor import ANONYMOUS, Actor
from cms.errors import BadRequest, CMSError, MethodNotAllowed, QueryTooComplex, Unauthenticated, Unavailable
from cms.read.cache import AnswerCache, Kept, Key
from cms.read.reader import Plan
from cms.read.shape import Values
from cms.telemetry import source
from cms.web.rates import Left, caller
from cms.web.services import Services
from schema import errors
from schema.answer import dumps
from schema.build import build_schema, core_of
from schema.context import Context
from schema.executor import GraftingExecutor
from schema.operation import Operation
from schema.persisted import Persisted
from schema.prepared import Documents
from schema.request import Asked

CREDENTIALS = frozenset({"signIn", "changePassword"})  # mutations that try a password

log = logging.getLogger("dateline.graphql")


class Reply(NamedTuple):
    """`ran` is false where nothing was executed.  `code` is the first error's where there is no data; `retry_after` is in
    seconds; `cookie` is a Set-Cookie value.  `cost` and `limit` are in objects, None where it was not planned.

    `left` is what is left of the caller's budget.  `kept` is there where any anonymous caller may have this answer: its compressed forms are with it.
    """

    body: bytes
    ran: bool
    code: str | None = None
    retry_after: int | None = None
    cookie: str | None = None
    cost: int | None = None
    limit: int | None = None
    door: Literal["plan", "executor"] | None = None
    kept: Kept | None = None
    left: Left | None = None


class Public(NamedTuple):
    """A question of an anonymous caller, under what stands for the content now: what answers it once answers it again.

    `token` is None where that is not known; `lasts_s` is for how long it holds unless something is written.
    """

    key: Key
    token: str | None
    lasts_s: float

    @property
    def stem(self) -> str | None:
        """Of the answer's entity tag, known before there is an answer; None where the content's state is not known."""
        if self.token is None:
            return None
        return sha256(repr((self.token, self.key)).encode()).hexdigest()[:32]


class Engine:
    def __init__(self, services: Services):
        self.services, self.settings, self._rates = services, services.settings, services.rates
        built = build_schema()
        self.core, self.sdl = core_of(built), built.as_str() + "\n"
        self._documents = Documents(self.core, services.settings)
        self.persisted = Persisted(services.settings)
        self.cache = AnswerCache(services.settings.answer_cache_mb * 1_000_000)

    async def resolved(self, asked: Asked, actor: Actor) -> Asked:
        """With the text that it names.  Raises what `Persisted.resolved` raises, and Unavailable where that takes too long."""
        if self.persisted.plain(asked):
            return asked
        try:
            async with asyncio.timeout(self.settings.request_seconds):
                return await self.persisted.resolved(asked, actor)
        except TimeoutError:
            raise Unavailable("This took too long; try again.") from None

    def public(self, asked: Asked, actor: Actor) -> Public | None:
        """`asked` with its document; None for a caller with a credential: they read what stands in the database now."""
        if actor.kind != "ANONYMOUS":
            return None
        fresh = self.services.freshness
        key = asked.query, asked.operation_name, dumps(asked.variables)
        return Public(key, fresh.token(), fresh.lasts_s())

    def known(self) -> list[str]:
        """The statements of registered documents, for connections to prepare: of those with one operation whose variables
        leave it one usual form."""
        found = []
        for text in self.persisted.registered:
            with suppress(CMSError):  # several operations, or an argument that only a variable makes right
                operation = self._documents.prepare(text, None)
                forms = operation.usual()
                shape = operation.fast(forms) if forms is not None else None
                if shape is not None:
                    found.append(self.services.reader.plan(shape, ANONYMOUS).sql)
        return found

    async def answer(self, asked: Asked, actor: Actor, *, fast: bool = True, explain: bool = False) -> Reply:
        """Never raises: what was refused is in the reply.  `fast=False` takes the executor's door for everything;
        `explain` adds how the answer was made to its extensions."""
        if explain:
            with db.statements() as seen:
                return _explained(await self.answer(asked, actor, fast=fast), seen)
        try:
            asked = await self.resolved(asked, actor)
            public = self.public(asked, actor) if fast else None
            if public and (kept := self.cache.get(public.key, public.token)):
                return Reply(kept.body, True, door="plan", kept=kept, left=self._rates.reads.take(caller(actor)))
            return await self._answer(asked, actor, fast, public)
        except CMSError as error:
            return _refused(error)
        except TimeoutError:
            return _refused(Unavailable("This took too long; try again."))
        except Exception:
            log.exception("A request failed")
            return Reply(dumps({"errors": [errors.unforeseen()]}), False, CMSError.code)

    async def _answer(self, asked: Asked, actor: Actor, fast: bool, public: Public | None) -> Reply:
        operation = self.prepare(asked)
        if operation.writes and actor.kind == "ANONYMOUS" and not operation.open_to_all:
            raise Unauthenticated("Sign in to do this.")  # before thousands of values are looked at
        variables = operation.coerce(asked.variables)
        forms = operation.forms(variables)
        limit = self.limit(actor)
        shape = operation.fast(forms) if fast else None
        if shape is not None:
            plan = self.services.reader.plan(shape, actor)
            afford(plan.cost, limit)
            left = self._rates.reads.take(caller(actor), max(1, plan.cost))
            public = None if plan.private else public
            token = public.token if public else None
            async with asyncio.timeout(self.settings.request_seconds):
                body = b'{"data":' + await self.services.reader.run(plan, actor, variables, token) + b"}"
            kept = self.cache.put(public.key, public.token, body, _told(plan, limit)) if public else None
            return Reply(body, True, cost=plan.cost, limit=limit, door="plan", kept=kept, left=left)
        self._plan(operation, forms, variables, actor)
        cost = operation.cost_by_executor(forms)
        afford(cost, limit)
        left = self._take(operation, variables, cost, actor)
        context = Context(self.services, actor, operation, variables, forms)
        async with asyncio.timeout(self.settings.request_seconds):
            reply = await self._execute(asked, operation, context)
        return reply._replace(cost=cost, limit=limit, door="executor", left=left)

    def _take(self, operation: Operation, variables: Values, cost: int, actor: Actor) -> Left | None:
        """From the budget for reads, or from that for writes.  Raises RateLimited, and BadRequest for several mutations that
        each try a password: what counts requests would count them as one."""
        if not operation.writes:
            return self._rates.reads.take(caller(actor), max(1, cost))
        fields = operation.mutations(variables)
        tries = sum(one in CREDENTIALS for one in fields)
        if tries > 1:
            raise BadRequest("One request tries one password.")
        if tries:
            self._rates.sign_ins.take(network(source.get()))
        return self._rates.writes.take(caller(actor), max(1, len(fields)))

    def limit(self, actor: Actor) -> int:
        settings = self.settings
        return settings.max_staff_cost if actor.staff else settings.max_cost

    def prepare(self, asked: Asked, *, follows: bool = False) -> Operation:
        """The operation, parsed, measured and validated.  Raises what `answer` would say."""
        if not asked.query:
            raise BadRequest("The request holds no query.")
        operation = self._documents.prepare(asked.query, asked.operation_name)
        if operation.follows and not follows:
            raise BadRequest("A subscription goes over a WebSocket, or with `Accept: text/event-stream`.")
        if follows and not operation.follows:
            raise BadRequest("Here one subscribes; questions and changes are sent as ordinary requests.")
        if asked.get and operation.writes:
            raise MethodNotAllowed("A mutation is sent by POST.")
        return operation

    def _plan(self, operation: Operation, forms: Values, variables: Values, actor: Actor) -> None:
        """Every root field of the engine is planned and bound before the first one runs: a bad cursor fails the whole
        request here, as it does on the fast path."""
        if not operation.writes:
            self.services.reader.plan(operation.engine_part(forms), actor).parameters(variables, actor)

    async def _execute(self, asked: Asked, operation: Operation, context: Context) -> Reply:
        running = execute(
            self.core,
            operation.document,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            executor_class=GraftingExecutor,
            hide_suggestions=True,
        )
        result = await running if isawaitable(running) else running
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [errors.shown(error) for error in result.errors]
        code = body["errors"][0]["extensions"]["code"] if result.data is None and result.errors else None
        retry = body["errors"][0]["extensions"].get("retryAfter") if code else None
        return Reply(dumps(body), True, code, retry, context.cookie)


def _refused(error: CMSError) -> Reply:
    retry = getattr(error, "retry_after", None)
    return Reply(dumps({"errors": [errors.refusal(error)]}), False, error.code, retry)


def afford(cost: int, limit: int) -> None:
    """Raises QueryTooComplex."""
    if cost > limit:
        raise QueryTooComplex("cost", cost, limit)


def _told(plan: Plan, limit: int) -> dict[str, str]:
    """What an answer that is kept says of itself, each time it is given."""
    return {"Dateline-Cost": f"{plan.cost}; limit={limit}", "Surrogate-Key": " ".join(plan.entities)}


def _explained(reply: Reply, seen: db.Statements) -> Reply:
    facts = {
        "door": reply.door,
        "cost": reply.cost,
        "limit": reply.limit,
        "statements": list(seen),
        "databaseMs": round(seen.ms, 3),
        "cache": "bypass",  # who may ask reads what stands in the database now
    }
    # a reply is a JSON object without extensions of its own
    return reply._replace(body=reply.body[:-1] + b',"extensions":' + dumps({"explain": facts}) + b"}")
