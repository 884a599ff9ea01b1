"""Builds the schema and puts the read engine behind every field that leads to an entity.  Refuses a schema in which SQL could
not safely write the answer (see safety.py)."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.arguments import InputContext

from cms.read.catalog import CATALOG
from schema.answer import Answer
from schema.executor import GraftingExecutor
from schema.mutations.articles import ArticleMutations
from schema.mutations.call import done_before
from schema.mutations.collections import CollectionMutations
from schema.mutations.killing import KillMutations
from schema.mutations.people import PeopleMutations
from schema.mutations.photos import PhotoMutations
from schema.mutations.previews import PreviewMutations
from schema.mutations.session import SessionMutations
from schema.mutations.syndication import SyndicationMutations
from schema.mutations.taxonomy import TaxonomyMutations
from schema.mutations.webhooks import WebhookMutations
from schema.queries import Query
from schema.safety import check
from schema.scalars import SCALARS
from schema.subscriptions import Subscription
from schema.types.entities import BLOCKS, ENTITIES

PARTS = ("Connection", "Edge")


def build_schema() -> strawberry.Schema:
    """Raises UnsafeSchema."""
    mutations = (
        SessionMutations,
        PeopleMutations,
        PhotoMutations,
        KillMutations,
        ArticleMutations,
        PreviewMutations,
        TaxonomyMutations,
        CollectionMutations,
        SyndicationMutations,
        WebhookMutations,
    )
    built = strawberry.Schema(
        query=Query,
        mutation=merge_types("Mutation", mutations),
        subscription=Subscription,
        types=[*BLOCKS, *ENTITIES],
        execution_context_class=GraftingExecutor,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
    core = core_of(built)
    check(core, CATALOG)
    if core.mutation_type:
        core.mutation_type.description = "What can be changed.  Each is one transaction, done whole or not at all."
    _attach(core)
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            type_.extensions["strawberry-definition"].from_input = _made_by(type_)
    return built


def core_of(built: strawberry.Schema) -> GraphQLSchema:
    """graphql-core's schema inside Strawberry's."""
    return built._schema


def _attach(core: GraphQLSchema) -> None:
    for mutation in core.mutation_type.fields.values() if core.mutation_type else ():
        mutation.resolve = _once(mutation)
    for type_ in core.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            if type_ is core.query_type:
                if name in CATALOG["Query"].fields:
                    field.resolve = _ask_root
            elif type_.name not in (*CATALOG, "Mutation", "Subscription") and _leads_to_entity(type_, field.type):
                field.resolve = _ask_by_key


def _once(mutation: GraphQLField) -> Any:
    """What was done under the same Idempotency-Key is not done again."""
    run, payload = mutation.resolve, get_named_type(mutation.type)
    assert run is not None
    assert isinstance(payload, GraphQLObjectType)

    async def resolve(source: object, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        found = done_before(payload)
        made = run(source, info, **arguments) if found is None else found
        return await made if isawaitable(made) else made

    return resolve


def _made_by(type_: GraphQLInputObjectType) -> Callable[[type, Mapping[str, Any], InputContext], Any]:
    """What makes this input's values: the names and types of its fields are looked up once, where Strawberry does it for each
    field of each value, which was a tenth of a save."""
    fields = {name: (field, field.extensions["strawberry-definition"]) for name, field in type_.fields.items()}
    known = {
        name: (own.python_name, is_leaf_type(get_nullable_type(field.type)), own.resolve_type())
        for name, (field, own) in fields.items()
    }
    absent: dict[str, Any] = {
        own.python_name: None
        for _, own in fields.values()
        if own.default_value is MISSING and own.default_factory is MISSING
    }

    def made(python_type: type, value: Mapping[str, Any], context: InputContext) -> Any:
        given = absent.copy()
        for key, item in value.items():
            name, plain, wanted = known[key]
            given[name] = item if plain or item is None else context.convert(item, wanted, key)
        return python_type(**given)

    return made


def _leads_to_entity(type_: GraphQLObjectType, output: Any) -> bool:
    return get_named_type(output).name in CATALOG and not type_.name.endswith(PARTS)


async def _ask_root(source: object, info: GraphQLResolveInfo[Any], **_: Any) -> Answer | None:
    found: Answer | None = await info.context.ask_root(info)
    return found


async def _ask_by_key(source: object, info: GraphQLResolveInfo[Any], **_: Any) -> Answer | None:
    key = getattr(source, info.field_name)
    if key is None:
        return None
    output = info.return_type.of_type if is_non_null_type(info.return_type) else info.return_type
    plural = "s" if is_list_type(output) else ""
    found: Answer | None = await info.context.ask_by_key(
        info, f"{get_named_type(output).name.lower()}{plural}ByKey", key
    )
    return found
