"""The printed schema against the public contract: a name that both have has the contract's form."""

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLSchema, build_schema, print_ast

from schema.build import build_schema as build

# names that are ours: the contract may be added to
ADDED = {
    *("RevokePreviewLinksInput", "RevokePreviewLinksPayload"),
    "Omitted",
    *("ErrorCode.BODY_MISSING", "ErrorCode.SUMMARY_MISSING", "ErrorCode.LINK_HIDDEN", "ErrorCode.EXPIRES_TOO_SOON"),
}
CONTRACT = Path(__file__).parents[3] / "shared" / "design" / "api.graphql"


@pytest.fixture(scope="module")
def ours() -> GraphQLSchema:
    return build_schema(build().as_str())  # read as the contract is read, so that defaults compare as written


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    if not CONTRACT.exists():
        pytest.skip("../shared/design/api.graphql is not here: the schema was not held against it")
    return build_schema(CONTRACT.read_text())


def test_what_both_name_has_the_contracts_form(ours: GraphQLSchema, contract: GraphQLSchema) -> None:
    shared = [name for name in contract.type_map if name in ours.type_map and not name.startswith("__")]
    differences = [one for name in shared for one in _differences(ours.type_map[name], contract.type_map[name])]
    assert differences == []
    assert len(shared) > 60


def test_nothing_is_called_by_a_name_that_the_contract_does_not_know(
    ours: GraphQLSchema, contract: GraphQLSchema
) -> None:
    assert [name for name in ours.type_map if name not in contract.type_map and name not in ADDED] == []


def test_every_type_and_field_and_argument_of_an_input_is_described(ours: GraphQLSchema) -> None:
    bare = []
    for name, type_ in ours.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Float", "Boolean", "ID"):
            continue
        bare += [] if type_.description else [name]
        bare += [f"{name}.{field}" for field, one in getattr(type_, "fields", {}).items() if not one.description]
    assert bare == []


def _differences(ours: Any, contract: Any) -> list[str]:
    if type(ours) is not type(contract):
        return [f"{contract.name} is a {type(ours).__name__}"]
    if isinstance(contract, GraphQLEnumType):
        return [
            f"{contract.name}.{one} is not in the contract"
            for one in ours.values
            if not (one in contract.values or f"{contract.name}.{one}" in ADDED)
        ]
    found = []
    for name, wanted in getattr(contract, "fields", {}).items():
        field = ours.fields.get(name)
        if field is None:
            continue
        where = f"{contract.name}.{name}"
        if str(field.type) != str(wanted.type):
            found.append(f"{where}: {field.type}, not {wanted.type}")
        if isinstance(contract, GraphQLInputObjectType):
            found += [] if _default(field) == _default(wanted) else [f"{where} = {_default(field)}"]
            continue
        for key, argument in wanted.args.items():
            given = field.args.get(key)
            if given and (str(given.type), _default(given)) != (str(argument.type), _default(argument)):
                found.append(f"{where}({key}: {given.type} = {_default(given)})")
    return found


def _default(one: Any) -> str | None:
    """As it is written."""
    return print_ast(one.default.literal) if one.default else None
