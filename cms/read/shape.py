"""What is wanted: a Shape, the value that passes from GraphQL or a feed to the read engine.

A Shape is frozen and hashable, and equal Shapes have equal SQL.  What may change without changing the SQL is a Slot, bound
at each run; what changes the SQL (page sizes, orders, enums, booleans, nulls, which filter keys are there) stays literal.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Values = dict[str, Any]  # a request's coerced variables


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is bound at each run: from the caller's variables, from the actor, or a constant (`path` is it).

    `read` names how it becomes a parameter (see dialect.reader); it may carry a detail: "cursor-instant:p".
    """

    source: Literal["var", "actor", "const"]
    path: Any
    read: str = "text"

    def as_(self, read: str) -> "Slot":
        return Slot(self.source, self.path, read)


@dataclass(frozen=True, slots=True)
class Want:
    """One field under its response key, with its arguments and what is wanted below it."""

    key: str
    name: str
    args: tuple[tuple[str, Any], ...] = ()
    below: "Shape | None" = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One object.  `types` are the alternatives of an interface; then `wants` is empty."""

    entity: str
    wants: tuple[Want, ...] = ()
    types: tuple["Shape", ...] = ()
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        # a Shape is looked up at every request: hashing the acceptance page's anew took 16 us of 200
        object.__setattr__(self, "_hash", hash((self.entity, self.wants, self.types)))

    def __hash__(self) -> int:
        return self._hash


def slot(value: Any, read: str = "text") -> Slot:
    """A Slot for whatever stands for a value: a Slot as it is, a plain value as a constant."""
    return value.as_(read) if isinstance(value, Slot) else Slot("const", freeze(value), read)


def freeze(value: Any) -> Any:
    """The hashable form of coerced arguments: objects become tuples of pairs, lists become tuples."""
    if isinstance(value, dict):
        return tuple((name, freeze(item)) for name, item in value.items())
    return tuple(map(freeze, value)) if isinstance(value, list) else value
