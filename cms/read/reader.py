"""Runs a Shape for an actor: plans kept by Shape and kind of actor, one statement each, bytes out.

The only way out of the database, and the only part of the engine that touches a connection.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from cms.actor import Actor
from cms.db import Database
from cms.read import dialect as dialects
from cms.read import projector
from cms.read.cost import cost, kinds, secret
from cms.read.entry import Site
from cms.read.projector import Step
from cms.read.shape import Shape, Slot, Values
from cms.read.statement import Statement

KEPT = 512  # plans


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement, what binds its parameters, and what completes its answer (None: the database's text is the answer).

    `cost` is in objects, see cms.read.cost; `entities` are the kinds of things in it, as surrogate keys.
    `private`: a secret opens it, so nobody keeps the answer, and a standby that is behind does not give it.
    """

    sql: str
    cost: int
    entities: tuple[str, ...]
    binders: Sequence[tuple[str, Any, dialects.BIND]]
    project: Step | None
    private: bool

    def parameters(self, variables: Values, actor: Actor) -> list[Any]:
        return [bind(_value(source, path, variables, actor)) for source, path, bind in self.binders]


def _value(source: str, path: Any, variables: Any, actor: Actor) -> Any:
    if source == "const":  # a list may hold variables: [$first, $second]
        return tuple(_item(one, variables, actor) for one in path) if isinstance(path, tuple) else path
    if source == "actor":
        return getattr(actor, path[0])
    for step in path:
        variables = variables[step]
    return variables


def _item(one: Any, variables: Values, actor: Actor) -> Any:
    return _value(one.source, one.path, variables, actor) if isinstance(one, Slot) else one


class Reader:
    def __init__(self, database: Database, site: Site):
        self._database, self.site = database, site
        self._dialect = dialects.DIALECTS[database.dialect]
        self._plans: OrderedDict[object, Plan] = OrderedDict()

    def plan(self, shape: Shape, actor: Actor) -> Plan:
        """Raises BadInput for a page size or an argument that cannot be served."""
        key = shape, actor.plan_key
        if (found := self._plans.get(key)) is not None:
            self._plans.move_to_end(key)
            return found
        build = Statement(self._dialect, actor, self.site)
        sql = build.of(shape)
        binders = tuple(
            (one.source, one.path, dialects.reader(self._dialect, one.read)) for one in build.parameters.slots
        )
        completer = projector.completer(shape, self.site)
        found = self._plans[key] = Plan(sql, cost(shape), kinds(shape), binders, completer, secret(shape))
        if len(self._plans) > KEPT:
            self._plans.popitem(last=False)
        return found

    async def read(self, shape: Shape, actor: Actor, variables: Values | None = None) -> bytes:
        """The answer's JSON.  Raises BadCursor, TooComplex, Unavailable, and what `plan` raises."""
        return await self.run(self.plan(shape, actor), actor, variables or {})

    async def run(self, plan: Plan, actor: Actor, variables: Values, token: str | None = None) -> bytes:
        """With the token of the content that is asked for a standby may answer; without one the primary does."""
        text = await self._database.fetch(plan.sql, plan.parameters(variables, actor), token)
        return text.encode() if plan.project is None else orjson.dumps(plan.project(orjson.loads(text)))

    async def value(self, shape: Shape, actor: Actor, variables: Values | None = None) -> dict[str, Any]:
        """The same answer as Python values: for feeds and pages."""
        plan = self.plan(shape, actor)
        text = await self._database.fetch(plan.sql, plan.parameters(variables or {}, actor), None)
        found: dict[str, Any] = orjson.loads(text)
        return found if plan.project is None else plan.project(found)
