"""What is asked: one operation, from a JSON body or from a GET's parameters.  GraphQL over HTTP, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from cms.errors import BadRequest
from cms.read.shape import Values


@dataclass(frozen=True, slots=True)
class Asked:
    """`get` is true where nothing may be changed."""

    query: str
    variables: Values = field(default_factory=dict)
    operation_name: str | None = None
    get: bool = False


def from_json(body: bytes) -> Asked:
    """Raises BadRequest for what is no JSON object, for a list of operations, and for parameters of a wrong type."""
    return from_object(load(body, "The body"))


def from_parameters(given: Mapping[str, str]) -> Asked:
    """`variables` and `extensions` are JSON in text.  Raises BadRequest."""
    read: dict[str, Any] = {name: given[name] for name in ("query", "operationName") if name in given}
    for name in ("variables", "extensions"):
        if given.get(name):
            read[name] = load(given[name].encode("utf-8", "surrogatepass"), name)
    return from_object(read, get=True)


def from_object(given: Any, *, get: bool = False) -> Asked:
    """Unknown keys are ignored and null is absent, as the specification has it."""
    if isinstance(given, list):
        raise BadRequest("One request holds one operation, not a list of them.")
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object with a `query`.")
    query = _typed(given, "query", str)
    if not query:
        raise BadRequest("The request holds no `query`.")
    _typed(given, "extensions", dict)
    return Asked(query, _typed(given, "variables", dict) or {}, _typed(given, "operationName", str), get)


def load(text: bytes, what: str) -> Any:
    """JSON in UTF-8.  Raises BadRequest."""
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        raise BadRequest(f"{what} is not JSON in UTF-8.") from None


def _typed(given: dict[str, Any], name: str, kind: type) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(f"`{name}` must be {'text' if kind is str else 'an object'}.")
    return value
