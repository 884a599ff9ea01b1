"""Fields computed in Python, over the JSON that the statement returned.

The statement puts what a computed field needs at the field's own response key, and the projector replaces it there: key
order holds, no hidden key can collide with an alias, and a Shape without computed fields never becomes Python objects.
"""

from collections.abc import Callable
from typing import Any

from cms.read.catalog import CATALOG
from cms.read.entry import Edge, Nodes, Python, Site
from cms.read.shape import Shape, Want

Step = Callable[[Any], Any]

TYPE = "~"  # the key under which an object of an interface says its type: no GraphQL name starts so


def completer(shape: Shape, site: Site) -> Step | None:
    """What completes one object in place; None if there is nothing to complete."""
    steps = [(want.key, step) for want in shape.wants if (step := _step(shape.entity, want, site))]
    if not steps:
        return None

    def complete(row: dict[str, Any]) -> dict[str, Any]:
        for key, step in steps:
            row[key] = step(row[key])
        return row

    return complete


def tagged(types: tuple[Shape, ...], site: Site) -> bool:
    """Must each object of an interface say its type?  Only where something computed waits below one of them."""
    return any(completer(shape, site) for shape in types)


def _step(entity: str, want: Want, site: Site) -> Step | None:
    declared = CATALOG[entity].fields.get(want.name) if entity in CATALOG else None
    if isinstance(declared, Python):
        made = _then(completer(declared.needs(want), site), declared.make(want, site))
        return _then(made, _pick(want.below) if want.below and not declared.selected else None)
    if isinstance(declared, Nodes):
        assert want.below is not None
        makers = {shape.entity: completer(shape, site) for shape in want.below.types}
        return _each(lambda row: _typed(makers, row)) if tagged(want.below.types, site) else None
    below = completer(want.below, site) if want.below else None
    if below and isinstance(declared, Edge) and declared.form == "keyed":
        return lambda rows: {key: below(row) for key, row in rows.items()}
    return below and _each(below)


def _then(first: Step | None, second: Step | None) -> Step | None:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


def _pick(shape: Shape) -> Step:
    """The selected keys of an object made whole."""
    keys = [(want.key, want.name, _pick(want.below) if want.below else None) for want in shape.wants]

    def value(made: dict[str, Any], name: str, below: Step | None) -> Any:
        if name == "__typename":
            return shape.entity
        return below(made[name]) if below else made[name]

    return _each(lambda made: {key: value(made, name, below) for key, name, below in keys})


def _typed(makers: dict[str, Step | None], row: dict[str, Any]) -> Any:
    complete = makers[row.pop(TYPE)]
    return complete(row) if complete else row


def _each(complete: Step) -> Step:
    def run(value: Any) -> Any:
        if type(value) is list:
            return [None if one is None else complete(one) for one in value]
        return None if value is None else complete(value)

    return run
