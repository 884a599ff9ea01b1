"""The kinds of entries that the catalog is made of, and the ways to declare them.

Sql is a column or an expression.  Edge is the way to other rows.  Nodes finds objects by their public ids.  Python is made
after the statement from other fields of the same row, which it names as its needs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import Term
from tortoise import fields as orm
from tortoise.expressions import Q, Subquery
from tortoise.models import Model

from cms.models.columns import Document, Instant
from cms.read.dialect import Kind
from cms.read.shape import Shape, Slot, Want

if TYPE_CHECKING:
    from cms.read.statement import Row

# one: an object or null · many: a list · page: a connection · keyed: an object of objects by key
# joined: a row that is joined to this one already · part: this very row under another type
Form = Literal["one", "many", "page", "keyed", "joined", "part"]


class Site(NamedTuple):
    """What fields say about the site itself; `public` is where this server's own addresses start, `secret` signs some."""

    url: str
    public: str
    name: str
    secret: str = ""


@dataclass
class Source:
    """Where the rows of one level come from, with their aliases filled in.

    `key` replaces the order's own columns where an index of another table gives the order (see Listing).  `steps` is the table
    of a long list of which a caller may see next to nothing, with a condition for its rows: a page looks at so many of them
    as it may, whatever it finds, and its cursor goes on behind the last that it looked at.
    """

    tables: str
    where: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    limit: int | None = None
    key: tuple[str, str] | None = None
    steps: tuple[str, str] | None = None

    def tail(self) -> str:
        text = f" FROM {self.tables}" + (f" WHERE {' AND '.join(self.where)}" if self.where else "")
        text += f" ORDER BY {', '.join(self.order)}" if self.order else ""
        return text + (f" LIMIT {self.limit}" if self.limit is not None else "")


@dataclass(frozen=True)
class Sql:
    """`make(row, **arguments)` gives the expression.  `staff`: null for everyone else.

    `column` is the column that it is, or whose range it keeps; `null` says that an expression may be NULL although that
    column never is.
    """

    kind: Kind
    make: Callable[..., str]
    staff: bool = False
    column: str | None = None
    null: bool = False


@dataclass(frozen=True)
class Edge:
    """`source(row, target, **arguments)` gives the rows; a page's source also takes its `order`.

    `join` names which of the entity's joins a joined edge is.  `unless(row)` is the condition under which a part is null.
    `column` is the foreign key that an edge to one row follows.  `secret`: what the caller holds opens it, so the source alone
    says which rows; it leads to a copy that was frozen for a preview, and no answer with it is kept or shared.
    """

    form: Form
    entity: str
    source: Callable[..., Source] | None = None
    order: str | None = None
    join: str | None = None
    unless: Callable[["Row"], str] | None = None
    column: str | None = None
    secret: bool = False


@dataclass(frozen=True)
class Nodes:
    """By the ids in the arguments, or by `key(row, entity)`: the key of the row's own subject, NULL where it is of another kind."""

    plural: bool
    entity: str = "Node"
    key: Callable[["Row", "Entity"], str] | None = None


@dataclass(frozen=True)
class Python:
    """`needs(want)` is what the statement returns in its place; `make(want, site)` what turns that into the value.

    `selected`: that is what was selected, under its response keys; else an object made whole, of which the rest is left out.
    """

    needs: Callable[[Want], Shape]
    make: Callable[[Want, Site], Callable[[Any], Any]]
    entity: str | None = None
    selected: bool = False


Entry = Sql | Edge | Nodes | Python


@dataclass(frozen=True)
class Join:
    """A row that every row of an entity is joined to by `column`."""

    column: str
    entity: str
    optional: bool = False


@dataclass(frozen=True)
class Order:
    """`tag` is the first letter of its cursors, so that a cursor of another order is refused.

    "place" is the ledger's own order, whose cursors are the ledger's and have no tag.
    """

    column: str
    kind: Literal["instant", "text", "place"]
    descending: bool
    tag: str

    @property
    def columns(self) -> tuple[str, ...]:
        """What rows are sorted by; no two of them are alike in all."""
        return ("epoch", "xid", "position") if self.kind == "place" else (self.column, "id")

    @property
    def reads(self) -> tuple[str, ...]:
        """How a cursor becomes the values of `columns`."""
        if self.kind == "place":
            return "cursor-place:0", "cursor-place:1", "cursor-place:2"
        return f"cursor-{self.kind}:{self.tag}", f"cursor-id:{self.tag}"


KINDS: dict[type[orm.Field[Any]], Kind] = {
    orm.IntField: "number",
    orm.SmallIntField: "number",
    orm.BigIntField: "number",
    orm.FloatField: "number",
    orm.BooleanField: "boolean",
    Instant: "instant",
    Document: "json",
}


class Held(NamedTuple):
    """What a column holds: `whole` numbers of 32 bits, texts of `most` characters (None: of any length)."""

    kind: Kind
    null: bool
    whole: bool
    most: int | None


@dataclass(frozen=True)
class Entity:
    name: str
    model: type[Model] | None
    fields: dict[str, Entry]
    orders: dict[str, Order]
    joins: dict[str, Join]
    listed: str = ""  # what its connection is called by, where that is not its own name

    @property
    def list_name(self) -> str:
        return self.listed or self.name

    @property
    def table(self) -> str:
        assert self.model is not None
        return self.model._meta.db_table

    @property
    def prefix(self) -> str:
        return self.name.lower()

    def holds(self, column: str) -> Held:
        """What stands in this column; of a foreign key, whether it may be NULL."""
        assert self.model is not None
        known = self.model._meta.fields_map
        found = known.get(column.removesuffix("_id")) or known[column]
        whole = type(found) in (orm.IntField, orm.SmallIntField)
        return Held(KINDS.get(type(found), "text"), found.null, whole, getattr(found, "max_length", None))


class Bound(Term):
    """A Slot inside a Tortoise query; a Term passes its value encoder untouched."""

    def __init__(self, slot: Slot):
        super().__init__()
        self.slot = slot

    def get_sql(self, ctx: SqlContext) -> str:
        mark: Callable[[Slot], str] = getattr(ctx.parameterizer, "mark")  # noqa: B009 - the engine's own Parameters
        return mark(self.slot)


# -------------------------------------------------------------------------------------------------- ways to declare


def column(name: str, kind: Kind = "text", *, staff: bool = False) -> Sql:
    return Sql(kind, lambda row: row(name), staff, name)


def columns(model: type[Model], names: str) -> dict[str, Entry]:
    """columns(Article, "wordCount") reads word_count, as the kind that the model's field has."""
    snake = {name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name) for name in names.split()}
    return {name: column(at, KINDS.get(type(model._meta.fields_map[at]), "text")) for name, at in snake.items()}


def global_id(prefix: str) -> Sql:
    return Sql("text", lambda row: f"'{prefix}_' || {row.dialect.text(row('id'))}")


def to_one(entity: str, key: str, at: str = "id") -> Edge:
    """The row whose primary key, in the column `at`, stands in this one's column `key`."""
    return Edge("one", entity, lambda row, t: t.rows(f"{t(at)} = {row(key)}"), column=key)


def by(entity: str, name: str, at: str, read: str) -> Edge:
    """One row by an argument: by("Article", "slug", "slug", "text")."""

    def source(row: "Row", t: "Row", **args: Any) -> Source:
        return t.rows(f"{t(at)} = {row.mark(args[name], read)}")

    return Edge("one", entity, source)


def through(entity: str, link: type[Model], near: str, far: str, order: str | None = None) -> Edge:
    """To-many through a link table, in the link's order or in that of the entity's column `order`."""

    def source(row: "Row", t: "Row") -> Source:
        l = f"{t.alias}_l"  # noqa: E741
        found = t.rows(f"{l}.{near} = {row('id')}")
        found.tables = f"{link._meta.db_table} {l} JOIN {found.tables} ON {t('id')} = {l}.{far}"
        found.order = [t(order) if order else f"{l}.position"]
        return found

    return Edge("many", entity, source)


def owned(form: Form, entity: str, near: str, *order: str, limit: int | None = None, **having: Any) -> Edge:
    """To the rows that carry this row's key."""

    def source(row: "Row", t: "Row") -> Source:
        found = t.rows(f"{t(near)} = {row('id')}", *([t.holds(Q(**having))] if having else []))
        found.order, found.limit = [t(one) for one in order], limit
        return found

    return Edge(form, entity, source)


def page(entity: str, source: Callable[..., Source], order: str) -> Edge:
    """A connection, in `order` unless the caller asks for another."""
    return Edge("page", entity, source, order)


def inside(join: str, entity: str) -> Edge:
    """The object of a row that is joined already: no second look-up."""
    return Edge("joined", entity, join=join)


def linked(model: type[Model], near: str, rule: Q | None = None, **having: Any) -> Subquery:
    """`id IN (…)` over another table, where `rule` holds: no join, so no duplicates and no outer join."""
    return Subquery(model.filter(*filter(None, [rule]), **having).values_list(near))


def all_of(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions)
