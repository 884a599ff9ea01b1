"""Why SQL may write the answer: no value that the read engine gives can break what the schema promises, so no field fails.

Refuses a schema of which that is not certain, in a sentence that says what to do.  What a Python function makes is not
looked into: that is compared with the naive reader's answers.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from cms import policy
from cms.actor import ANONYMOUS
from cms.read.entry import Edge, Entity, Nodes, Sql

KINDS = {"Int": "number", "Float": "number", "Boolean": "boolean", "DateTime": "instant", "JSON": "json"}  # else text
CONNECTION = "Connection"


class UnsafeSchema(Exception):
    """A type or field that the read engine could not answer; the message says what to do."""


def check(core: GraphQLSchema, catalog: Mapping[str, Entity]) -> None:
    """Raises UnsafeSchema."""
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_.name in catalog:
            for name, field in type_.fields.items():
                if name in catalog[type_.name].fields:
                    _Field(catalog, type_.name, name, field.type).check()
                elif type_ is not core.query_type:
                    raise UnsafeSchema(f"{type_.name}.{name} is not in the catalog: declare it in cms/read/catalog.py.")
        if isinstance(type_, GraphQLEnumType) and not type_.name.startswith("__"):
            _check_enum(type_)


def _check_enum(type_: GraphQLEnumType) -> None:
    """The catalog and the tables hold the names themselves."""
    for name, value in type_.values.items():
        held = getattr(value.value, "value", value.value)
        if held != name:
            raise UnsafeSchema(f"{type_.name}.{name} stands for {held!r}: let it stand for its own name.")


class _Field:
    """One field of the schema beside what the catalog says of it."""

    def __init__(self, catalog: Mapping[str, Entity], entity: str, name: str, output: GraphQLOutputType):
        self.catalog, self.entity, self.name, self.output = catalog, catalog[entity], name, output
        self.declared = self.entity.fields[name]
        self.sure = is_non_null_type(output)
        self.list: Any = get_nullable_type(output) if is_list_type(get_nullable_type(output)) else None

    def check(self) -> None:
        if isinstance(self.declared, Nodes):
            if is_non_null_type(self.list.of_type if self.list else self.output):
                self._refuse("a node that is hidden is null: let it be nullable")
            return
        if self.list is not None and not is_non_null_type(self.list.of_type):
            self._refuse(f"what is hidden is left out of a list, and null never stands in it: write [{self._named}!]")
        if isinstance(self.declared, Sql):
            self._check_value(self.declared)
        elif isinstance(self.declared, Edge):
            self._check_edge(self.declared)

    @property
    def _named(self) -> str:
        return get_named_type(self.output).name

    def _refuse(self, advice: str) -> None:
        raise UnsafeSchema(f"{self.entity.name}.{self.name}: {advice}.")

    # ------------------------------------------------------------------------------------------------------ values

    def _check_value(self, declared: Sql) -> None:
        if not is_leaf_type(get_named_type(self.output)):
            self._refuse(f"the catalog holds a value for it, and {self._named} is an object: declare an edge")
        kind = "json" if self.list is not None else KINDS.get(self._named, "text")
        if declared.kind.rstrip("?") != kind:
            self._refuse(
                f"{self.output} is written as {kind}, and the catalog says {declared.kind}: change one of them"
            )
        if self._named in ("Int", "DateTime") and self.list is None and declared.column is None:
            self._refuse(f"{self._named} needs a column whose range it keeps: name it in the catalog as `column`")
        if self.sure and declared.staff:
            self._refuse("only staff see it, and others see null: let it be nullable")
        if self.sure and declared.null:
            self._refuse("its expression may be NULL: let it be nullable")
        if declared.column is not None:
            self._check_column(declared, declared.column)

    def _check_column(self, declared: Sql, column: str) -> None:
        held, type_ = self.entity.holds(column), get_named_type(self.output)
        if declared.kind == "json" and held.null:
            self._refuse(f'{column} may be NULL, and NULL would swallow the whole object: declare it as "json?"')
        if self.sure and held.null:
            self._refuse(f"{column} may be NULL: make it NOT NULL, or let the field be nullable")
        if self._named == "Int" and not held.whole:
            self._refuse(f"{column} holds what may pass 32 bits: make it an IntField, or the field a Float")
        if self._named == "DateTime" and held.kind != "instant":
            self._refuse(f"{column} has no fixed text form: make it an Instant")
        if isinstance(type_, GraphQLEnumType) and self.list is None:
            longest = max(type_.values, key=len)
            if held.kind != "text" or (held.most is not None and len(longest) > held.most):
                self._refuse(f"{column} cannot hold {longest}: make it a CharField of {len(longest)} or more")

    # ------------------------------------------------------------------------------------------------------- edges

    def _check_edge(self, edge: Edge) -> None:
        target = self.catalog[edge.entity].list_name + CONNECTION if edge.form == "page" else edge.entity
        if self._named != target:
            self._refuse(f"the catalog leads to {target}, and the schema to {self._named}: change one of them")
        if (self.list is not None) != (edge.form == "many"):
            self._refuse(f'the catalog says "{edge.form}", and the schema {self.output}: change one of them')
        if not self.sure or edge.form in ("many", "page"):
            return
        if edge.form == "part":
            if edge.unless is not None:
                self._refuse("the catalog says when it is null: let it be nullable")
        elif edge.form == "joined":
            self._check_join(edge)
        elif edge.column is None:
            self._refuse("there may be no such row: let it be nullable")
        elif self.entity.holds(edge.column).null:
            self._refuse(f"{edge.column} may be NULL: make it NOT NULL, or let the field be nullable")
        elif policy.visible(edge.entity, ANONYMOUS) is not None:
            self._refuse(f"a row of {edge.entity} may be hidden: let the field be nullable, or join it in the catalog")

    def _check_join(self, edge: Edge) -> None:
        """The level's own rows go where policy hides the joined one."""
        assert edge.join is not None
        join = self.entity.joins[edge.join]
        if join.optional or self.entity.holds(join.column).null:
            self._refuse(
                f"{join.column} may be NULL: make it NOT NULL and its join not optional, or let the field be nullable"
            )
