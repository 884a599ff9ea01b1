"""Shape × actor × dialect → one SQL statement whose single value is the answer's JSON.

Nothing here knows a table or a GraphQL type by name: the catalog says what is joined to what, policy says what is hidden,
and policy stands on every level.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from pypika_tortoise.terms import Parameterizer
from tortoise.expressions import Q

from cms import policy
from cms.actor import Actor
from cms.errors import BadInput
from cms.read import projector
from cms.read.catalog import CATALOG
from cms.read.dialect import Dialect, Pair
from cms.read.entry import Edge, Entity, Nodes, Order, Python, Site, Source, Sql, all_of
from cms.read.shape import Shape, Slot, Want, slot

PAGE, MOST = 20, 100  # rows of a page: by default, and at the most
STEP = 1000  # changes that a page of the ledger looks at: 3 ms of PostgreSQL where each is hidden (measured)


class Parameters(Parameterizer):
    """The statement's parameters: Tortoise's constants stay literal, only Slots are bound."""

    def __init__(self, dialect: Dialect):
        super().__init__()
        self.dialect = dialect
        self.slots: list[Slot] = []

    def should_parameterize(self, value: Any) -> bool:
        return False

    def mark(self, wanted: Slot) -> str:
        if wanted not in self.slots:
            self.slots.append(wanted)
        return self.dialect.parameter(self.slots.index(wanted) + 1, wanted.read)

    def actor_value(self, name: str, read: str) -> str:
        return self.mark(Slot("actor", (name,), read))


class Row:
    """An entity under an alias, as the catalog's expressions see it: row("slug") is its column.

    `frozen`: it is a copy for a preview; the story itself is joined to it.
    """

    def __init__(self, build: "Statement", entity: str, alias: str, frozen: bool = False):
        self.build, self.entity, self.alias, self.frozen = build, entity, alias, frozen
        self.dialect, self.actor, self.site = build.dialect, build.actor, build.site
        self.now = build.dialect.now
        self.given: dict[str, str] = {}

    def __call__(self, column: str) -> str:
        return f'{self.alias}."{column}"'

    def text(self, literal: str) -> str:
        return self.dialect.literal(literal)

    def mark(self, value: Any, read: str = "text") -> str:
        return self.build.parameters.mark(slot(value, read))

    def beside(self, entity: str, alias: str) -> "Row":
        """Another row, as a sub-select of this one's condition names it."""
        return Row(self.build, entity, alias)

    def cursor(self, order: Order) -> str:
        """Where this row stands in a list of that order."""
        if order.kind == "place":
            return " || '-' || ".join(self.dialect.text(self(column)) for column in order.columns)
        value = self.dialect.cursor_value(self(order.column), order.kind)
        return f"'{order.tag}' || {value} || {self.dialect.hex_id(self('id'))}"

    def joined(self, name: str) -> "Row":
        return Row(self.build, CATALOG[self.entity].joins[name].entity, f"{self.alias}_{name}")

    @property
    def story(self) -> "Row":
        """Whose public life and whose names this row shows: its own, unless it is a frozen copy."""
        return Row(self.build, self.entity, f"{self.alias}_story") if self.frozen else self

    def holds(self, rule: Q) -> str:
        return self.build.criterion(rule, CATALOG[self.entity], self.alias)

    def visible(self) -> list[str]:
        rule = policy.visible(self.entity, self.actor)
        return [self.holds(rule)] if rule else []

    def rows(self, *where: str) -> Source:
        """All rows of this entity under this alias for which `where` holds."""
        return Source(f"{CATALOG[self.entity].table} {self.alias}", list(where))


class Statement:
    """Builds the text of one read.  `parameters.slots` are its values, in order."""

    def __init__(self, dialect: Dialect, actor: Actor, site: Site):
        self.dialect, self.actor, self.site = dialect, actor, site
        self.parameters, self._names = Parameters(dialect), count()

    def of(self, shape: Shape) -> str:
        """The statement for a Shape of the root.  Raises BadInput for a page size or argument that cannot be served."""
        return self.dialect.statement(self.dialect.one(self._pairs(shape, Row(self, shape.entity, ""))))

    def criterion(self, rule: Q, entity: Entity, alias: str) -> str:
        """A Tortoise Q as SQL over `alias`.  A Q that would need a join is refused: use `entry.linked`."""
        assert entity.model is not None
        return policy.clause(rule, entity.model, alias, self.dialect.name, self.parameters)

    # ---------------------------------------------------------------------------------- one field → one pair

    def _pairs(self, shape: Shape, row: Row) -> list[Pair]:
        return [self._pair(want, row) for want in shape.wants]

    def _pair(self, want: Want, row: Row) -> Pair:
        if want.name == "__typename":
            return Pair(want.key, self.dialect.literal(row.entity), "text")
        declared, args = CATALOG[row.entity].fields[want.name], dict(want.args)
        if isinstance(declared, Sql):
            hidden = declared.staff and not self.actor.staff
            return Pair(want.key, "NULL" if hidden else declared.make(row, **args), "text" if hidden else declared.kind)
        if isinstance(declared, Python):
            return Pair(want.key, self._inline(declared.needs(want), row), "json")
        if isinstance(declared, Nodes):
            return Pair(want.key, self._nodes(declared, want, row, args), "json" if declared.plural else "json?")
        build: dict[str, Callable[[Edge, Shape, Row, dict[str, Any]], str]] = {
            "one": self._one,
            "many": self._many,
            "page": self._page,
            "keyed": self._keyed,
            "joined": self._joined,
            "part": self._part,
        }
        assert want.below is not None
        nullable = declared.form in ("one", "joined") or declared.unless is not None
        return Pair(want.key, build[declared.form](declared, want.below, row, args), "json?" if nullable else "json")

    def _inline(self, shape: Shape, row: Row) -> str:
        return self.dialect.inline(self._pairs(shape, row))

    def _target(self, edge: Edge, row: Row, args: dict[str, Any]) -> tuple[Row, Source]:
        """The visible rows an edge leads to: the declaration's tables and conditions, joins and policy added."""
        target = Row(self, edge.entity, f"t{next(self._names)}", edge.secret)
        assert edge.source is not None
        found = edge.source(row, target, **args)
        found.where += [] if edge.secret else target.visible()
        for name, join in CATALOG[edge.entity].joins.items():
            there = target.joined(name)
            kind = "LEFT JOIN" if join.optional else "JOIN"
            found.tables += (
                f" {kind} {CATALOG[join.entity].table} {there.alias} ON {there('id')} = {target(join.column)}"
            )
            if hidden := all_of(there.visible()):
                found.where.append(f"({target(join.column)} IS NULL OR {hidden})" if join.optional else hidden)
        return target, found

    def _one(self, edge: Edge, below: Shape, row: Row, args: dict[str, Any]) -> str:
        target, found = self._target(edge, row, args)
        return self.dialect.one(self._pairs(below, target), found.tail())

    def _many(self, edge: Edge, below: Shape, row: Row, args: dict[str, Any]) -> str:
        target, found = self._target(edge, row, args)
        return self.dialect.many(self._pairs(below, target), found.tail())

    def _keyed(self, edge: Edge, below: Shape, row: Row, args: dict[str, Any]) -> str:
        target, found = self._target(edge, row, args)
        return self.dialect.keyed(self.dialect.text(target("id")), self._pairs(below, target), found.tail())

    def _joined(self, edge: Edge, below: Shape, row: Row, args: dict[str, Any]) -> str:
        assert edge.join is not None
        there = row.joined(edge.join)
        made = self._inline(below, there)
        return _unless(f"{there('id')} IS NULL", made) if CATALOG[row.entity].joins[edge.join].optional else made

    def _part(self, edge: Edge, below: Shape, row: Row, args: dict[str, Any]) -> str:
        made = self._inline(below, Row(self, edge.entity, row.alias, row.frozen))
        return _unless(edge.unless(row), made) if edge.unless else made

    def _nodes(self, declared: Nodes, want: Want, row: Row, args: dict[str, Any]) -> str:
        """Objects by public id: each type is asked for the ids that are its own."""
        assert want.below is not None
        types = want.below.types
        tagged = projector.tagged(types, self.site)

        def alternatives(key: Callable[[Entity], str]) -> str:
            found = []
            for shape in types:
                target, entity = Row(self, shape.entity, f"t{next(self._names)}"), CATALOG[shape.entity]
                pairs = self._pairs(shape, target)
                if tagged:
                    pairs = [Pair(projector.TYPE, self.dialect.literal(shape.entity), "text"), *pairs]
                rows = target.rows(f"{target('id')} = {key(entity)}", *target.visible())
                found.append(self.dialect.one(pairs, rows.tail()))
            return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"

        if of_row := declared.key:
            return alternatives(lambda entity: of_row(row, entity))
        if not declared.plural:
            return alternatives(lambda entity: row.mark(args["id"], f"id:{entity.prefix}"))
        made = alternatives(lambda entity: self.dialect.local_id(entity.prefix, "u.gid"))
        return self.dialect.elements_list(self.dialect.elements(row.mark(args["ids"], "global-ids")), made)

    # ----------------------------------------------------------------------------------------- connections

    def _page(self, edge: Edge, below: Shape, row: Row, args: dict[str, Any]) -> str:
        """A Relay connection: one page of rows, numbered; every part of the answer is an aggregate over them."""
        assert edge.order is not None
        entity = CATALOG[edge.entity]
        assert not entity.joins, entity.name  # a page keeps the columns of its own rows alone
        window = Window.of(args)
        order = entity.orders[args.get("orderBy") or edge.order]
        rest = {name: value for name, value in args.items() if name not in Window.NAMES}
        target, found = self._target(edge, row, {**rest, "order": order})
        return _Page(self, entity, target, found, order, window).of(below)


def _unless(condition: str, sql: str) -> str:
    return f"CASE WHEN {condition} THEN NULL ELSE {sql} END"


class _Page:
    """The SQL of one connection.

    Its rows are read once, in the order in which the page runs, with one row more than the page holds: whether there is a
    next page is then known without counting.  `hasPreviousPage` is one index probe behind the cursor.
    """

    def __init__(self, build: Statement, entity: Entity, target: Row, found: Source, order: Order, window: "Window"):
        self.d, self.build, self.entity, self.target, self.window = build.dialect, build, entity, target, window
        columns = found.key or tuple(map(target, order.columns))
        self.key, self.tables, self.whole = f"({', '.join(columns)})", found.tables, list(found.where)
        self.descending = order.descending
        self.limits = {
            name: f"({', '.join(target.mark(cursor, read) for read in order.reads)})"
            for name, cursor in (("after", window.after), ("before", window.before))
            if cursor is not None
        }
        found.where += [f"{self.key} {self._mark(name)} {limit}" for name, limit in self.limits.items()]
        self.looked = "" if found.steps is None or window.backwards else self._step(order, *found.steps)
        if self.looked:
            found.where.append(f"{self.key} <= ({', '.join(f'(SELECT w.{one} FROM w)' for one in order.columns)})")
        direction = " DESC" if order.descending != window.backwards else ""
        found.order = [f"{column}{direction}" for column in columns]
        found.limit = max(window.size, window.tail or 0) + 1
        self.tail = found.tail()
        self.columns = [
            f"{self.d.numbered(target.alias, '_n')} AS n",
            f"{self.d.numbered(target.alias, '_m')} AS m",
            f"{target.cursor(order)} AS c",
        ]
        end = self.d.least(window.size, "p.m")
        start = f"{self.d.greatest(f'{end} - {window.tail}', 0)} + 1" if window.tail else "1"
        self.kept = f"p.n <= {window.size}" + (f" AND p.n >= {start}" if window.tail else "")
        self.aggregates = [
            "coalesce(max(p.m), 0) AS m",
            f"max(p.c) FILTER (WHERE p.n = {start}) AS near",
            f"max(p.c) FILTER (WHERE p.n = {end}) AS far",
        ]

    def of(self, below: Shape) -> str:
        parts = [self._part(want) for want in below.wants]
        columns = ", ".join(self.columns)
        used = sorted(set(re.findall(rf'\b{self.target.alias}"?\."(\w+)"', columns)))
        page = self.d.page(self.entity.table, self.target.alias, used, self.tail, self.window.backwards)
        rows = f"p AS (SELECT {columns} FROM {page})"
        with_ = f"WITH {self.looked}{rows}, a AS (SELECT {', '.join(self.aggregates)} FROM p) "
        return self.d.one(parts, " FROM a", with_)

    def _step(self, order: Order, table: str, condition: str) -> str:
        """The rows that this page looks at, of which its caller may see none, as `v`; as `w` the last of them, and their
        number.  A scan that ended only where the page is full would read the whole list for who sees nothing of it."""
        columns = ", ".join(order.columns)
        behind = [condition, *(f"({columns}) > {limit}" for name, limit in self.limits.items() if name == "after")]
        last = ", ".join(f"v.{one} DESC" for one in order.columns)
        c = self.target.beside(self.entity.name, "v").cursor(order)
        looked = f"SELECT {columns} FROM {table} WHERE {' AND '.join(behind)} ORDER BY {columns} LIMIT {STEP}"
        return (
            f"v AS ({looked}), "
            f"w AS (SELECT {columns}, {c} AS c, (SELECT count(*) FROM v) AS n FROM v ORDER BY {last} LIMIT 1), "
        )

    def _part(self, want: Want) -> Pair:
        if want.name == "nodes":
            return Pair(want.key, self._aggregate(self.d.listed(self._node(want), self.kept)), "json")
        if want.name == "edges":
            edges = self.d.inline([self._edge_part(one) for one in _wants(want)])
            return Pair(want.key, self._aggregate(self.d.listed(edges, self.kept)), "json")
        if want.name == "pageInfo":
            return Pair(want.key, self.d.inline([self._info(one) for one in _wants(want)]), "json")
        if want.name == "totalCount":
            return Pair(want.key, f"(SELECT count(*){Source(self.tables, self.whole).tail()})", "number")
        return Pair(want.key, self.d.literal(f"{self.entity.list_name}Connection"), "text")

    def _edge_part(self, want: Want) -> Pair:
        if want.name == "node":
            return Pair(want.key, self._node(want), "json")
        return Pair(
            want.key, "p.c" if want.name == "cursor" else self.d.literal(f"{self.entity.list_name}Edge"), "text"
        )

    def _info(self, want: Want) -> Pair:
        if want.name == "__typename":
            return Pair(want.key, self.d.literal("PageInfo"), "text")
        backwards = self.window.backwards
        if want.name in ("startCursor", "endCursor"):
            far = (
                f"CASE WHEN a.m > {self.window.size} THEN a.far ELSE (SELECT w.c FROM w) END"
                if self.looked
                else "a.far"
            )
            return Pair(want.key, "a.near" if (want.name == "startCursor") != backwards else far, "text")
        onward = (want.name == "hasNextPage") != backwards
        more = f"a.m > {self.window.size}"
        if self.looked:
            more = f"({more} OR EXISTS (SELECT 1 FROM w WHERE w.n = {STEP}))"
        sql = more if onward else self._behind()
        return Pair(want.key, sql, "boolean")

    def _behind(self) -> str:
        """Is there a row on the far side of where this page began?  With both ends asked for, as the specification has it:
        are there more rows between the cursors than `last`?"""
        if self.window.tail:
            return f"a.m > {self.window.tail}"
        name = "before" if self.window.backwards else "after"
        if name not in self.limits:
            return "1 = 0"
        back = {"<": ">=", ">": "<="}[self._mark(name)]
        tail = Source(self.tables, [*self.whole, f"{self.key} {back} {self.limits[name]}"]).tail()
        return f"EXISTS (SELECT 1{tail})"

    def _mark(self, name: str) -> str:
        """How rows after (or before) a cursor compare to it."""
        return "<" if self.descending == (name == "after") else ">"

    def _node(self, want: Want) -> str:
        assert want.below is not None
        name = f"o{len(self.columns)}"
        self.columns.append(f"{self.build._inline(want.below, self.target)} AS {name}")
        return f"p.{name}"

    def _aggregate(self, sql: str) -> str:
        name = f"a{len(self.aggregates)}"
        self.aggregates.append(f"{sql} AS {name}")
        return f"a.{name}"


def _wants(want: Want) -> tuple[Want, ...]:
    assert want.below is not None
    return want.below.wants


@dataclass(frozen=True)
class Window:
    """Which part of a list.  `tail` is `last` where `first` is given too: the specification then takes the last rows of
    the first ones (Relay's Cursor Connections Specification, EdgesToReturn; HasPreviousPage for what that then means)."""

    size: int
    backwards: bool
    after: Slot | str | None
    before: Slot | str | None
    tail: int | None

    NAMES = ("first", "after", "last", "before", "orderBy")

    @classmethod
    def of(cls, args: dict[str, Any]) -> "Window":
        first, last = args.get("first"), args.get("last")
        for name, given in (("first", first), ("last", last)):
            if given is not None and not 1 <= given <= MOST:
                raise BadInput(f"A page holds 1 to {MOST}: {name} cannot be {given}.", name)
        size = first or last or PAGE
        both = last if first is not None else None
        return cls(size, first is None and last is not None, args.get("after"), args.get("before"), both)
