"""Two doors, one engine.  A query whose root fields are all in the catalog is one statement and no executor; everything else
goes through Strawberry's executor, whose entity fields ask the same reader.  Both give the same bytes."""

import asyncio
import logging
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import execute

from cms.actor import Actor
from cms.errors import BadRequest, CMSError, MethodNotAllowed, Unavailable
from cms.read.shape import Values
from cms.web.services import Services
from schema import errors
from schema.answer import dumps
from schema.build import build_schema, core_of
from schema.context import Context
from schema.executor import GraftingExecutor
from schema.operation import Operation
from schema.prepared import Documents
from schema.request import Asked
from schema.selection import shaped

log = logging.getLogger("dateline.graphql")


@dataclass(frozen=True, slots=True)
class Reply:
    """`ran` is false where nothing was executed.  `code` is the first error's where there is no data; `retry_after` is in
    seconds; `cookie` is a Set-Cookie value."""

    body: bytes
    ran: bool
    code: str | None = None
    retry_after: int | None = None
    cookie: str | None = None


class Engine:
    def __init__(self, services: Services):
        self._services = services
        built = build_schema()
        self.core, self.sdl = core_of(built), built.as_str() + "\n"
        self._documents = Documents(self.core, services.settings)

    async def answer(self, asked: Asked, actor: Actor, *, fast: bool = True) -> Reply:
        """Never raises: what was refused is in the reply.  `fast=False` takes the executor's door for everything."""
        try:
            async with asyncio.timeout(self._services.settings.request_seconds):
                return await self._answer(asked, actor, fast)
        except CMSError as error:
            return _refused(error)
        except TimeoutError:
            return _refused(Unavailable("This took too long; try again."))
        except Exception:
            log.exception("A request failed")
            return Reply(dumps({"errors": [errors.unforeseen()]}), False, CMSError.code)

    async def _answer(self, asked: Asked, actor: Actor, fast: bool) -> Reply:
        operation = self.prepare(asked)
        variables = operation.coerce(asked.variables)
        forms = shaped(variables)
        reader = self._services.reader
        shape = operation.fast(forms) if fast else None
        if shape is not None:
            return Reply(b'{"data":' + await reader.read(shape, actor, variables) + b"}", True)
        self._plan(operation, forms, variables, actor)
        return await self._execute(asked, operation, Context(self._services, actor, operation, variables, forms))

    def prepare(self, asked: Asked) -> Operation:
        """The operation, parsed, measured and validated.  Raises what `answer` would say."""
        if not asked.query:
            raise BadRequest("The request holds no query.")
        operation = self._documents.prepare(asked.query, asked.operation_name)
        if asked.get and operation.writes:
            raise MethodNotAllowed("A mutation is sent by POST.")
        return operation

    def _plan(self, operation: Operation, forms: Values, variables: Values, actor: Actor) -> None:
        """Every root field of the engine is planned and bound before the first one runs: a bad cursor fails the whole
        request here, as it does on the fast path."""
        if not operation.writes and (shape := operation.engine_part(forms)) is not None:
            self._services.reader.plan(shape, actor).parameters(variables, actor)

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
