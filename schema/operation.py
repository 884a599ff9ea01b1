"""A prepared operation: parsed, validated and measured once, with the Shapes made from it so far."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType, get_variable_values
from graphql.execution.collect_fields import FragmentDetails

from cms.errors import BadInput
from cms.read.shape import Shape, Values, freeze
from schema.selection import NotPlannable, Selection, plain

KEPT = 64  # shapes of one operation


@dataclass
class Operation:
    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    _shapes: OrderedDict[object, Shape | None] = field(default_factory=OrderedDict)

    @property
    def writes(self) -> bool:
        return self.node.operation is OperationType.MUTATION

    def coerce(self, variables: Values) -> Values:
        """The variables as their types say.  Raises BadInput with the variable's name as its field."""
        if not self.node.variable_definitions:
            return {}
        values = get_variable_values(self.schema, self.node.variable_definitions, variables, hide_suggestions=True)
        if isinstance(values, list):
            raise BadInput(values[0].message, *_named(values[0]))
        return values.coerced

    def fast(self, shaped: Values) -> Shape | None:
        """The whole operation as one Shape; None where the executor is needed."""
        if self.node.operation is not OperationType.QUERY:
            return None
        return self._kept((), shaped, _root_or_none)

    def engine_part(self, shaped: Values) -> Shape | None:
        """The root fields that the engine answers, of an operation that the executor runs; None where there are none."""
        return self._kept("engine", shaped, lambda selection: selection.root(only_known=True))

    def shape(self, where: object, shaped: Values, make: Callable[[Selection], Shape]) -> Shape:
        """One field's Shape, made once for each form of the variables."""
        found = self._kept(where, shaped, make)
        assert found is not None
        return found

    def _kept(self, where: object, shaped: Values, make: Callable[[Selection], Shape | None]) -> Shape | None:
        key = where, freeze(plain(shaped))
        if key not in self._shapes:
            self._shapes[key] = make(Selection(self.schema, self.node, self.fragments, shaped))
            if len(self._shapes) > KEPT:
                self._shapes.popitem(last=False)
        return self._shapes[key]


def _root_or_none(selection: Selection) -> Shape | None:
    try:
        return selection.root()
    except NotPlannable:
        return None


def _named(error: Any) -> tuple[str, ...]:
    """The variable that an error is about: its first node is the variable's definition."""
    nodes = error.nodes or ()
    return tuple(node.variable.name.value for node in nodes[:1] if hasattr(node, "variable"))
