"""What every mutation does: turn its input into an action's words, call it, and put a refusal into the payload."""

from collections.abc import Awaitable, Collection
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from graphql import GraphQLObjectType, get_named_type
from strawberry import UNSET

from cms import audit, ids
from cms.actions.photos import Upload
from cms.actor import Actor
from cms.errors import NotFound, Refusal, Refused, Unavailable
from cms.read.catalog import CATALOG
from schema.errors import camel, user_errors

Payload = TypeVar("Payload")

IDS = {
    "photo": "Photo",
    "article": "Article",
    "parent": "Section",
    "translation_of": "Article",
    "sections": "Section",
    "replacement": "Photo",
    "partner": "Partner",
}  # input keys that hold a public id, and of what

BY_THEMSELVES = frozenset(
    {"results", "partnersNotified"}
)  # fields of payloads whose mutations look themselves for what was done


def given(input: Any, *leave: str) -> dict[str, Any]:
    """The input's fields that were sent, in the actions' words: nested inputs as dicts, ids as keys, enums as names.

    Raises NotFound for an id of another type, or of none.
    """
    return {name: value for name, value in _plain(input, ()).items() if name not in leave}


def key(value: str, entity: str, *path: str) -> UUID:
    """The key behind a public id.  Raises NotFound: an id that cannot exist is absent."""
    found = ids.local(value, entity)
    if found is None:
        raise NotFound(f"There is no such {entity.lower()}.", *(path or ("id",)))
    return found


async def answered(payload: type[Payload], name: str, action: Awaitable[Any]) -> Payload:
    """payload(name=the action's key), or payload(errors=…) when it was refused.  Other failures go up."""
    try:
        return payload(**{name: await action})
    except (Refusal, Refused) as error:
        return payload(errors=user_errors(error))  # type: ignore[call-arg]


async def saved(payload: type[Payload], name: str, save: Any, actor: Actor, input: Any) -> Payload:
    """What a `save…` answers: without id it makes the thing that the payload calls `name`, with id and version it changes it."""
    try:
        id = key(input.id, name.title()) if isinstance(input.id, str) else None  # "" is an id, of nothing
        changes = given(input, "id", "version")
    except Refusal as error:
        return refused(payload, error)
    version = input.version if isinstance(input.version, int) else None
    return await answered(payload, name, save(actor, changes, id=id, version=version))


def done_before(payload: GraphQLObjectType) -> Any | None:
    """The payload of a mutation whose earlier run, under the same Idempotency-Key, was cut off behind its transaction: what was
    done, as it stands now.  None where it is to run: also where the payload says more than what one key leads to."""
    held = audit.in_hand.get()
    if held is None or not held.outcome or not BY_THEMSELVES.isdisjoint(payload.fields):
        return None
    made = payload.extensions["strawberry-definition"].origin
    if "ok" in payload.fields:
        return made(ok=True)
    if "deletedId" in payload.fields:
        last = held.outcome[-1]
        return made(deleted_id=ids.public(last["type"], UUID(last["id"])))
    for name, field in payload.fields.items():
        entity = get_named_type(field.type).name
        if entity in CATALOG and (found := held.written((entity,))):
            return made(**{name: UUID(found["id"])})
    return made()


def step(number: int, types: Collection[str]) -> UUID | None:
    """The next of several things that one request does: what an earlier run of it wrote there, None where it is to run."""
    held = audit.in_hand.get()
    if held is None:
        return None
    held.step = str(number)
    found = held.written(types, held.step)
    return UUID(found["id"]) if found else None


def refused(payload: type[Payload], error: Refusal | Refused | Unavailable) -> Payload:
    return payload(errors=user_errors(error))  # type: ignore[call-arg]


def _plain(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, Upload):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        found = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: _named(name, item, (*path, name)) for name, item in found if item is not UNSET}
    if isinstance(value, list):
        return [_plain(item, (*path, str(n))) for n, item in enumerate(value)]
    return value.value if isinstance(value, Enum) else value


def _named(name: str, value: Any, path: tuple[str, ...]) -> Any:
    if name in IDS and isinstance(value, str):
        return key(value, IDS[name], *camel(path))
    if name in IDS and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [key(one, IDS[name], *camel((*path, str(n)))) for n, one in enumerate(value)]
    return _plain(value, path)
