"""A GraphQL operation → Shape.  graphql-core collects the fields (fragments, aliases, @skip, @include), and the catalog says
which of them can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from cms.errors import BadRequest
from cms.read.catalog import CATALOG
from cms.read.shape import Shape, Slot, Values, Want, freeze

LONGEST_KEY = 63  # bytes of an identifier in PostgreSQL; it would cut a longer one silently

PARTS = (
    "Connection",
    "Edge",
    "PageInfo",
    "CreditChain",
    "FieldChange",
    "FeedUrl",
    "SimilarPhoto",
)  # types that are read as parts of another field's value


class NotPlannable(Exception):
    """A field is not in the catalog: Strawberry's executor must answer this operation."""


def shaped(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Coerced variables with Slots for strings, ids, instants and lists of them; all that changes the SQL stays."""
    if isinstance(value, dict):
        return {key: shaped(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, Enum):
        return value
    if isinstance(value, list) and value and isinstance(value[0], str) and not isinstance(value[0], Enum):
        return Slot("var", path)
    return Slot("var", path) if isinstance(value, (str, datetime)) else value


def plain(value: Any) -> Any:
    """Coerced arguments without Python enums: GraphQL's names go to the catalog."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def details(nodes: Sequence[FieldNode]) -> list[FieldDetails]:
    """What the executor knows of one field, in the form that collect_subfields takes."""
    return [FieldDetails(node, None) for node in nodes]


@dataclass
class Selection:
    """Walks one operation under one set of shaped variables."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: Values

    @property
    def _values(self) -> VariableValues:
        return VariableValues({}, self.variables)

    def root(self, *, only_known: bool = False) -> Shape:
        """Raises NotPlannable where a root field is not the engine's, unless `only_known` leaves such fields out."""
        query = self.schema.query_type
        assert query is not None
        grouped = collect_fields(self.schema, self.fragments, self._values, query, self.operation).grouped_field_set
        known = CATALOG["Query"].fields
        wanted = [(key, found) for key, found in grouped.items() if not only_known or found[0].node.name.value in known]
        return Shape("Query", tuple(self.want(query, key, found) for key, found in wanted))

    def subscribed(self) -> Want:
        """The root field of a subscription: there is one.  Raises BadRequest where a directive takes it away."""
        root = self.schema.subscription_type
        assert root is not None
        grouped = collect_fields(self.schema, self.fragments, self._values, root, self.operation).grouped_field_set
        if not grouped:
            raise BadRequest("There is nothing to subscribe to.")
        ((key, found),) = grouped.items()
        return self.want(root, key, found)

    def names(self) -> list[str]:
        """The root fields by their names in the schema, `__typename` aside."""
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        grouped = collect_fields(self.schema, self.fragments, self._values, root, self.operation).grouped_field_set
        return [name for found in grouped.values() if not (name := found[0].node.name.value).startswith("__")]

    def shown(self) -> list[Shape]:
        """What the fields that only the executor answers show of entities: payloads of mutations, the viewer."""
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        grouped = collect_fields(self.schema, self.fragments, self._values, root, self.operation).grouped_field_set
        known = CATALOG["Query"].fields if root is self.schema.query_type else {}
        return [
            shape
            for found in grouped.values()
            if (name := found[0].node.name.value) not in known and name in root.fields
            for shape in self._entities(root.fields[name].type, found)
        ]

    def _entities(self, type_: GraphQLOutputType, found: list[FieldDetails]) -> list[Shape]:
        named = get_named_type(type_)
        if named.name in CATALOG:
            shape = self.below(type_, found)
            return [shape] if shape else []
        if not isinstance(named, GraphQLObjectType):
            return []
        grouped = collect_subfields(
            self.schema, self.fragments, self._values, self.operation, named, found
        ).grouped_field_set
        fields = [(named.fields.get(below[0].node.name.value), below) for below in grouped.values()]
        return [shape for field, below in fields if field for shape in self._entities(field.type, below)]

    def below(self, type_: GraphQLOutputType, found: list[FieldDetails]) -> Shape | None:
        named = get_named_type(type_)
        if not found[0].node.selection_set:
            return None
        if isinstance(named, GraphQLInterfaceType):
            possible = self.schema.get_possible_types(named)
            return Shape(named.name, types=tuple(self._object(one, found) for one in possible))
        assert isinstance(named, GraphQLObjectType)
        return self._object(named, found)

    def want(self, type_: GraphQLObjectType, key: str, found: list[FieldDetails]) -> Want:
        node = found[0].node
        name = node.name.value
        if len(key.encode()) > LONGEST_KEY:
            raise BadRequest(f"An alias holds at most {LONGEST_KEY} characters.")
        if name == "__typename":
            return Want(key, name)
        if type_.name in CATALOG and name not in CATALOG[type_.name].fields:
            raise NotPlannable(f"{type_.name}.{name}")
        declared = type_.fields.get(name)
        if declared is None:
            raise NotPlannable(f"{type_.name}.{name}")
        args = plain(get_argument_values(declared, node, self._values))
        return Want(key, name, freeze(args), self.below(declared.type, found))

    def _object(self, type_: GraphQLObjectType, found: list[FieldDetails]) -> Shape:
        if not (
            type_.name in CATALOG or type_.name.endswith(PARTS) or "Block" in [one.name for one in type_.interfaces]
        ):
            raise NotPlannable(type_.name)
        grouped = collect_subfields(
            self.schema, self.fragments, self._values, self.operation, type_, found
        ).grouped_field_set
        return Shape(type_.name, tuple(self.want(type_, key, below) for key, below in grouped.items()))
