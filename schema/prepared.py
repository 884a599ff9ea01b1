"""Documents → operations: parse, limits, validate, once for each text.

Refuses what is larger than the limits before any of it is run, and documents that validate badly, in words that name no
field the caller did not write.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)
from graphql.execution.collect_fields import FragmentDetails

from cms.errors import BadRequest, QueryTooComplex
from cms.settings import Settings
from schema.operation import Operation

KEPT = 512  # documents, the latest used
KEPT_CHARACTERS = 1_000_000  # of their texts, all together: parsed, a text takes about twenty times its length
MOST_CHARACTERS = 64_000  # of a document: a long text in it is a token, and is read character by character, 130 us a kB
MOST_FIELDS, MOST_PAIRS = 5000, 2000  # of an operation, its fragments put in; see measure_merging
LONGEST_MESSAGE = 500  # characters: it may quote what was sent
# the question that tools ask is 15 deep; how often such a one may go round in the schema, validation has its own rule for
INTROSPECTION = ("__schema", "__type")


@dataclass(frozen=True)
class _Read:
    document: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    fragments: dict[str, FragmentDetails]


class Documents:
    """Every document that was asked lately, ready to run."""

    def __init__(self, schema: GraphQLSchema, settings: Settings):
        self._schema, self._settings = schema, settings
        self._prepared: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()
        self._characters = 0

    def prepare(self, text: str, name: str | None) -> Operation:
        """The operation called `name`, or the only one.  Raises BadRequest and QueryTooComplex."""
        key = text, name
        if (found := self._prepared.get(key)) is not None:
            self._prepared.move_to_end(key)
            return found
        read = self._read(text)
        node = _chosen(read.operations, name)
        found = self._prepared[key] = Operation(self._schema, read.document, node, read.fragments)
        self._characters += len(text)
        while len(self._prepared) > KEPT or (self._characters > KEPT_CHARACTERS and len(self._prepared) > 1):
            (gone, _), _ = self._prepared.popitem(last=False)
            self._characters -= len(gone)
        return found

    def check(self, text: str) -> None:
        """Whether each operation of a document could run.  Raises BadRequest and QueryTooComplex."""
        for name in self._read(text).operations:
            self.prepare(text, name or None)

    def _read(self, text: str) -> _Read:
        if len(text) > MOST_CHARACTERS:
            raise QueryTooComplex("characters", len(text), MOST_CHARACTERS)
        try:
            document = parse(text, max_tokens=self._settings.max_tokens)
        except GraphQLSyntaxError as error:
            if f"more than {self._settings.max_tokens} tokens" in error.message:
                raise QueryTooComplex("tokens", self._settings.max_tokens + 1, self._settings.max_tokens) from None
            raise BadRequest(_located(error)) from None
        except RecursionError:
            raise QueryTooComplex("depth", self._settings.max_tokens, self._settings.max_depth) from None
        nodes = document.definitions
        fragments = {one.name.value: FragmentDetails(one) for one in nodes if isinstance(one, FragmentDefinitionNode)}
        operations = [one for one in nodes if isinstance(one, OperationDefinitionNode)]
        named = {one.name.value if one.name else "": one for one in operations}
        measure(document, self._settings)
        for one in operations:
            measure_merging(one, {name: found.definition for name, found in fragments.items()})
        if errors := validate(self._schema, document, max_errors=5, hide_suggestions=True):
            raise BadRequest(_located(errors[0]))
        return _Read(document, named, fragments)


def measure(document: DocumentNode, settings: Settings) -> None:
    """Raises QueryTooComplex for a document that nests, renames or directs more than the limits allow.

    Fragments are measured without being expanded, so a bomb of them costs no more than its text.
    """
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    depths: dict[str, int] = {}
    counted = {"aliases": 0, "directives": 0}

    def deepest(selections: SelectionSetNode | None, inside: frozenset[str]) -> int:
        depth = 0
        for one in selections.selections if selections else ():
            if isinstance(one, FieldNode):
                below = None if one.name.value in INTROSPECTION else one.selection_set
                depth = max(depth, 1 + deepest(below, inside))
            elif isinstance(one, InlineFragmentNode):
                depth = max(depth, deepest(one.selection_set, inside))
            elif isinstance(one, FragmentSpreadNode):
                depth = max(depth, named(one.name.value, inside))
        return depth

    def named(name: str, inside: frozenset[str]) -> int:
        if name in inside or name not in fragments:  # validation refuses both
            return 0
        if name not in depths:
            depths[name] = deepest(fragments[name].selection_set, inside | {name})
        return depths[name]

    def count(selections: SelectionSetNode | None) -> None:
        for one in selections.selections if selections else ():
            counted["directives"] += len(one.directives or ())
            if isinstance(one, FieldNode):
                counted["aliases"] += one.alias is not None
            if isinstance(one, (FieldNode, InlineFragmentNode)):
                count(one.selection_set)

    depth = 0
    for one in document.definitions:
        if isinstance(one, (OperationDefinitionNode, FragmentDefinitionNode)):
            count(one.selection_set)
        if isinstance(one, OperationDefinitionNode):
            depth = max(depth, deepest(one.selection_set, frozenset()))
    limits = {"depth": settings.max_depth, "aliases": settings.max_aliases, "directives": settings.max_directives}
    for what, cost in {"depth": depth, **counted}.items():
        if cost > limits[what]:
            raise QueryTooComplex(what, cost, limits[what])


def measure_merging(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
    """Raises QueryTooComplex where fields of one name stand beside each other so often that whether they agree takes long.

    graphql-core compares each with each, below them too: 2,000 tokens of one field took 0.9 s.  Here the selections are put
    together as the executor would, each fragment once in each; MOST_FIELDS ends that.
    """
    fields = pairs = 0
    merged: list[list[SelectionSetNode]] = [[operation.selection_set]]
    while merged:
        waiting, seen = merged.pop(), set[str]()
        named: dict[str, list[FieldNode]] = {}
        while waiting:
            for one in waiting.pop().selections:
                fields += 1
                if isinstance(one, FieldNode):
                    named.setdefault(one.alias.value if one.alias else one.name.value, []).append(one)
                elif isinstance(one, InlineFragmentNode):
                    waiting.append(one.selection_set)
                elif isinstance(one, FragmentSpreadNode) and one.name.value not in seen:
                    seen.add(one.name.value)
                    if one.name.value in fragments:
                        waiting.append(fragments[one.name.value].selection_set)
        pairs += len(seen) * (len(seen) - 1) // 2
        for nodes in named.values():
            pairs += len(nodes) * (len(nodes) - 1) // 2
            if below := [one.selection_set for one in nodes if one.selection_set]:
                merged.append(below)
        if fields > MOST_FIELDS:
            raise QueryTooComplex("fields", fields, MOST_FIELDS)
        if pairs > MOST_PAIRS:
            raise QueryTooComplex("repeated fields", pairs, MOST_PAIRS)


def _chosen(operations: dict[str, OperationDefinitionNode], name: str | None) -> OperationDefinitionNode:
    if name:
        if name not in operations:
            raise BadRequest("The document has no operation of this name.")
        return operations[name]
    if len(operations) != 1:
        raise BadRequest(
            "A document with several operations needs operationName." if operations else "There is nothing to run."
        )
    return next(iter(operations.values()))


def _located(error: GraphQLError) -> str:
    where, message = error.locations[0] if error.locations else None, error.message
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + "…"
    return f"{message} (line {where.line}, column {where.column})" if where else message
