"""A prepared operation: parsed, validated and measured once, with the Shapes made from it so far."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLID,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    get_variable_values,
    is_non_null_type,
    type_from_ast,
    value_from_ast,
)
from graphql.execution.collect_fields import FragmentDetails

from cms.errors import BadInput
from cms.read.cost import cost
from cms.read.shape import Shape, Slot, Values, Want, freeze
from schema.selection import NotPlannable, Selection, plain, shaped

LONGEST_MESSAGE = 500  # characters: it may quote what was sent
OPEN = frozenset({"signIn", "signOut", "signOutEverywhere", "changePassword", "__typename"})  # they say so themselves
KEPT = 64  # shapes of one operation, the latest used

Made = TypeVar("Made")


@dataclass
class Operation:
    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    _kept_values: OrderedDict[object, Any] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        definitions = self.node.variable_definitions or ()
        types: list[Any] = [get_named_type(type_from_ast(self.schema, one.type)) for one in definitions]
        plain_ = all(one in (GraphQLString, GraphQLID) for one in types)
        # where all variables are texts, which GraphQL leaves as they are: their names and forms, the same at each request
        self._texts = tuple(one.variable.name.value for one in definitions) if plain_ else None
        self._text_forms: Values = {name: Slot("var", (name,)) for name in self._texts or ()}
        self._text_key = freeze(self._text_forms)

    @property
    def writes(self) -> bool:
        return self.node.operation is OperationType.MUTATION

    @property
    def follows(self) -> bool:
        return self.node.operation is OperationType.SUBSCRIPTION

    @property
    def open_to_all(self) -> bool:
        """Might someone who has not signed in run it?  As far as its first level tells, without variables and fragments."""
        first = self.node.selection_set.selections
        return all(one.name.value in OPEN for one in first if isinstance(one, FieldNode))

    def mutations(self, coerced: Values) -> list[str]:
        """The fields that change something, as they are called in the schema; none where it is a query."""
        return Selection(self.schema, self.node, self.fragments, coerced).names() if self.writes else []

    def coerce(self, variables: Values) -> Values:
        """The variables as their types say.  Raises BadInput with the variable's name as its field."""
        if self._texts is not None and all(type(variables.get(name)) is str for name in self._texts):
            return {name: variables[name] for name in self._texts}
        values = get_variable_values(
            self.schema, self.node.variable_definitions or (), variables, max_errors=1, hide_suggestions=True
        )
        if isinstance(values, list):
            raise BadInput(values[0].message[:LONGEST_MESSAGE], *_named(values[0]))
        return values.coerced

    def forms(self, coerced: Values) -> Values:
        """Coerced variables as far as they change the SQL, see `selection.shaped`."""
        texts = self._texts is not None and len(coerced) == len(self._texts)
        return self._text_forms if texts and all(type(one) is str for one in coerced.values()) else shaped(coerced)

    def usual(self) -> Values | None:
        """The shaped variables of a call that gives every text and leaves the rest to its default; None where something else
        must be given."""
        forms: Values = {}
        for one in self.node.variable_definitions or ():
            type_: Any = type_from_ast(self.schema, one.type)
            if get_named_type(type_) in (GraphQLString, GraphQLID):
                forms[one.variable.name.value] = Slot("var", (one.variable.name.value,))
            elif one.default_value is not None:
                forms[one.variable.name.value] = value_from_ast(one.default_value, type_)
            elif is_non_null_type(type_):
                return None
        return forms

    def fast(self, forms: Values) -> Shape | None:
        """The whole operation as one Shape; None where the executor is needed."""
        if self.node.operation is not OperationType.QUERY:
            return None
        return self._kept((), forms, _root_or_none)

    def engine_part(self, forms: Values) -> Shape:
        """The root fields that the engine answers, of a query that the executor runs."""
        return self._kept("engine", forms, lambda selection: selection.root(only_known=True))

    def cost_by_executor(self, forms: Values) -> int:
        """What it may cost where the executor runs it, in objects: the engine's root fields, and what payloads show."""

        def costs(selection: Selection) -> int:
            shapes = selection.shown() if self.writes else [self.engine_part(forms), *selection.shown()]
            return sum(map(cost, shapes))

        return self._kept("cost", forms, costs)

    def subscribed(self, forms: Values) -> Want:
        """The root field of a subscription.  Raises BadRequest."""
        return self._kept("subscribed", forms, Selection.subscribed)

    def shape(self, where: object, forms: Values, make: Callable[[Selection], Shape]) -> Shape:
        """One field's Shape, made once for each form of the variables."""
        return self._kept(where, forms, make)

    def _kept(self, where: object, forms: Values, make: Callable[[Selection], Made]) -> Made:
        key = where, self._text_key if forms is self._text_forms else freeze(plain(forms))
        made: Made
        if key in self._kept_values:
            made = self._kept_values[key]
            self._kept_values.move_to_end(key)
            return made
        made = self._kept_values[key] = make(Selection(self.schema, self.node, self.fragments, forms))
        if len(self._kept_values) > KEPT:
            self._kept_values.popitem(last=False)
        return made


def _root_or_none(selection: Selection) -> Shape | None:
    try:
        return selection.root()
    except NotPlannable:
        return None


def _named(error: Any) -> tuple[str, ...]:
    """The variable that an error is about: its first node is the variable's definition."""
    nodes = error.nodes or ()
    return tuple(node.variable.name.value for node in nodes[:1] if hasattr(node, "variable"))
