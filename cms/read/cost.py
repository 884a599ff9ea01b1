"""What a Shape may cost: how many objects its answer can hold, known before any SQL.

Page sizes multiply.  Where a list has no size of its own it counts as SOME; a column, an id or a text costs nothing, for it
comes with its row.  The Shape is expanded already, but only as far as its fields are distinct: a bomb of fragments is not.
"""

from collections.abc import Iterator
from typing import Any

from cms.read.catalog import CATALOG
from cms.read.entry import Edge, Nodes, Python
from cms.read.shape import Shape, Want

SOME = 5  # a story's authors, tags or photos, a section's children
PAGE = 20  # rows of a page that names no size
MOST = 100  # things asked for by ids that only a variable knows
COUNT = 10  # a total has to be counted


def cost(shape: Shape) -> int:
    """In objects; an object of an interface costs as much as its dearest type."""
    if shape.types:
        return max(cost(one) for one in shape.types)
    return sum(_field(shape.entity, want) for want in shape.wants)


def kinds(shape: Shape) -> tuple[str, ...]:
    """The kinds of things that an answer speaks of: ("article", "photo")."""
    return tuple(sorted(set(_kinds(shape))))


def secret(shape: Shape) -> bool:
    """Does something in it, of the root, open by a secret that the caller holds?"""
    fields = CATALOG[shape.entity].fields
    return any(isinstance(found := fields.get(want.name), Edge) and found.secret for want in shape.wants)


def _kinds(shape: Shape) -> Iterator[str]:
    declared = CATALOG.get(shape.entity)
    if declared and "id" in declared.fields:
        yield declared.prefix
    if declared:  # joined rows are told of, selected or not: a placed photo's credit, a listed story's headline
        yield from (CATALOG[join.entity].prefix for join in declared.joins.values())
    for one in shape.types:
        yield from _kinds(one)
    for want in shape.wants:
        field = declared.fields.get(want.name) if declared else None
        for below in (want.below, field.needs(want) if isinstance(field, Python) else None):
            if below:
                yield from _kinds(below)


def _field(entity: str, want: Want) -> int:
    below = cost(want.below) if want.below else 0
    if entity not in CATALOG:  # a part of a page: its rows are counted by the page itself
        return below
    declared = CATALOG[entity].fields.get(want.name)
    if isinstance(declared, Nodes):
        ids = dict(want.args).get("ids")
        return (len(ids) if isinstance(ids, tuple) else MOST if declared.plural else 1) * (1 + below)
    if isinstance(declared, Python):
        return cost(declared.needs(want))
    if not isinstance(declared, Edge) or declared.form == "part":
        return below
    counted = COUNT if declared.form == "page" and _asks_total(want.below) else 0
    return _rows(declared, dict(want.args)) * (1 + below) + counted


def _asks_total(page: Shape | None) -> bool:
    return page is not None and any(want.name == "totalCount" for want in page.wants)


def _rows(edge: Edge, args: dict[str, Any]) -> int:
    if edge.form in ("one", "joined"):
        return 1
    size = args.get("first") or args.get("last")
    return size if isinstance(size, int) else PAGE if edge.form == "page" or "first" in args else SOME
