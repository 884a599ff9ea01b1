"""What the executor's resolvers know of one request."""

from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLResolveInfo

from cms.actor import Actor
from cms.read.shape import Shape, Slot, Values, Want
from cms.web.services import Services
from schema.answer import Answer
from schema.operation import Operation
from schema.selection import details


@dataclass
class Context:
    """`variables` are coerced, `shaped` the same with Slots for what may change (see selection.shaped).

    A mutation may change who acts: after `signIn` the payload is read as the one who has signed in, and `cookie` holds the
    Set-Cookie value to send.
    """

    services: Services
    actor: Actor
    operation: Operation
    variables: Values
    shaped: Values
    cookie: str | None = field(default=None)

    @property
    def sees_schema(self) -> bool:
        return self.actor.staff or self.services.settings.introspection

    async def ask_root(self, info: GraphQLResolveInfo[Any]) -> Answer | None:
        """A root field that the engine answers, asked by itself because others beside it need the executor."""
        return await self._ask(info, None, lambda selection: _root(selection, info), self.variables)

    async def ask_by_key(self, info: GraphQLResolveInfo[Any], name: str, key: Any) -> Answer | None:
        """A payload's entity, found by the key that an action returned."""
        variables = {**self.variables, KEY: key}
        return await self._ask(info, name, lambda selection: _by_key(selection, info, name), variables)

    async def _ask(
        self, info: GraphQLResolveInfo[Any], name: str | None, make: Any, variables: Values
    ) -> Answer | None:
        steps = tuple(step for step in info.path.as_list() if isinstance(step, str))
        shape = self.operation.shape((steps, name), self.shaped, make)
        text = await self.services.reader.read(shape, self.actor, variables)
        found = text[len(steps[-1]) + 4 : -1]  # {"key":…}
        return None if found == b"null" else Answer(found)


KEY = ""  # no variable of GraphQL has this name


def _root(selection: Any, info: GraphQLResolveInfo[Any]) -> Shape:
    want: Want = selection.want(selection.schema.query_type, str(info.path.key), details(info.field_nodes))
    return Shape("Query", (want,))


def _by_key(selection: Any, info: GraphQLResolveInfo[Any], name: str) -> Shape:
    below = selection.below(info.return_type, details(info.field_nodes))
    return Shape("Query", (Want(str(info.path.key), name, (("key", Slot("var", (KEY,))),), below),))
