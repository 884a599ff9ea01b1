"""What every mutation does: turn its input into an action's words, call it, and put a refusal into the payload."""

from collections.abc import Awaitable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from strawberry import UNSET

from cms import ids
from cms.actions.photos import Upload
from cms.errors import NotFound, Refusal, Refused, Unavailable
from schema.errors import camel, user_errors

Payload = TypeVar("Payload")

IDS = {"photo": "Photo", "article": "Article", "parent": "Section"}  # input keys that hold a public id, and of what


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
    return _plain(value, path)
