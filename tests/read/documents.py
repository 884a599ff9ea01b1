"""Random valid documents over the whole schema: aliases, arguments, fragments, variables, @skip/@include, interfaces, pages.

`Document` writes what front ends write, with slugs, ids and cursors that are there.  `odd` takes hypothesis-graphql's
documents, whose arguments nobody would think of.
"""

import random
from collections.abc import Callable
from typing import Any

import hypothesis
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLInputType,
    NameNode,
    Node,
    NullValueNode,
    ObjectFieldNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

STATUSES = ["DRAFT", "IN_REVIEW", "SCHEDULED", "PUBLISHED", "UNPUBLISHED", "WITHDRAWN"]
ORDERS = {
    "ArticleOrder": ["PUBLISHED_AT_DESC", "PUBLISHED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC", "HEADLINE_ASC"],
    "PhotoOrder": ["CREATED_AT_DESC", "CREATED_AT_ASC", "TAKEN_AT_DESC"],
}
ONLY_ORDERS = {"Revision": "SAVED_AT_DESC", "Audit": "AT_DESC", "Change": "LEDGER", "Delivery": "GIVEN_AT_DESC"}
QUESTIONS = ["storm", "cou bud", "日本", "AFP river", "é", "jp p1", "a b c d e f g", "...", "nothing", "ruiz", None]
MIXED = "viewer"  # only the executor answers it: a document that asks for it takes the other door


class Document:
    """One random document; `pool` holds slugs, ids and cursors worth asking for, these by kind and order."""

    def __init__(self, schema: Any, pool: dict[str, list[str]], seed: int):
        self.schema, self.pool, self.r = schema, pool, random.Random(seed)
        self.variables: dict[str, Any] = {}
        self.declared: list[str] = []
        self.fragments: list[str] = []
        self.known: dict[tuple[str, int], list[str]] = {}
        self.aliases = 0

    def made(self) -> tuple[str, dict[str, Any]]:
        query, parts = self.schema.query_type, []
        names = [name for name in query.fields if name != MIXED]
        for name in self.r.choices([*names, *["articles"] * 5], k=self.r.randint(1, 2)):
            field = query.fields[name]
            depth = self.r.choice([1, 1, 2, 2, 3])
            parts.append(
                f"{self.alias(True)}{name}{self.arguments(query, field)} {self.selection(get_named_type(field.type), depth)}"
            )
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return f"query Q{declared} {{ {' '.join(parts)} }} " + " ".join(self.fragments), self.variables

    # ------------------------------------------------------------------------------------------- values

    def variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_}")
        self.variables[name] = value
        return f"${name}"

    def either(self, type_: str, value: Any, literal: str) -> str:
        """The value in the text, in a variable, or as the default of a variable that is not sent."""
        if self.r.random() < 0.5:
            return literal
        if self.r.random() < 0.85 or (value is None and type_.endswith("!")):
            return self.variable(type_, value)
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_} = {literal}")
        return f"${name}"

    def text(self, type_: str, value: str | None) -> str:
        return self.either(type_, value, "null" if value is None else f'"{value}"')

    def texts(self, type_: str, values: list[str]) -> str:
        return self.either(type_, values, "[" + ", ".join(f'"{one}"' for one in values) + "]")

    def number(self, type_: str, low: int, high: int) -> str:
        value = self.r.randint(low, high)
        return self.either(type_, value, str(value))

    def chosen(self, type_: str, values: list[str]) -> str:
        value = self.r.choice(values)
        return self.either(type_, value, value)

    def arguments(self, type_: Any, field: Any) -> str:
        r, pool, names = self.r, self.pool, set(field.args)
        given: dict[str, str] = {}
        if "slug" in names:
            given["slug"] = self.text("String!", r.choice([*pool[get_named_type(field.type).name], "nowhere"]))
        if "id" in names:
            given["id"] = self.text(
                "ID!", r.choice(pool["photo_ids" if get_named_type(field.type).name == "Photo" else "ids"])
            )
        if "token" in names:
            given["token"] = self.text("String!", r.choice(["dlp_nowhere", ""]))
        if "time" in names:
            days = [
                "2026-06-20T08:00:00Z",
                "2026-08-12T10:00:00+09:00",
                "2026-10-30T23:59:59.5-05:00",
                "2030-01-01T00:00:00Z",
            ]
            given["time"] = self.text("DateTime!", r.choice(days))
        if "from" in names:
            given |= {name: self.number("Int!", 1, 4) for name in ("from", "to")}
        for name in ("subject", "by"):
            if name in names and r.random() < 0.3:
                given[name] = self.text("ID", r.choice([*pool["subjects"], *pool["ids"], None]))
        if "ids" in names:
            given["ids"] = self.texts("[ID!]!", r.sample(pool["ids"], 5))
        if "last" in names and r.random() < 0.3:
            given["last"] = self.number("Int", 1, 4)
        if (
            "first" in names
            and ("last" not in given or r.random() < 0.2)
            and (r.random() < 0.9 or type_.name != "Query")
        ):
            given["first"] = self.number(
                "Int!" if field.args["first"].default is not None and type_.name == "Article" else "Int", 1, 4
            )
        if "deep" in names and r.random() < 0.5:
            given["deep"] = r.choice(["true", "false"])
        if "startsWith" in names and r.random() < 0.5:
            given["startsWith"] = self.text("String", r.choice(["b", "S", "%", None]))
        order = "PUBLISHED_AT_DESC"
        if "orderBy" in names:
            enum = get_named_type(field.args["orderBy"].type).name
            order = ORDERS[enum][0]
            if r.random() < 0.5:
                order = r.choice(ORDERS[enum])
                given["orderBy"] = self.either(f"{enum}!", order, order)
        kind = get_named_type(field.type).name.removesuffix("Connection")
        for name in ("after", "before"):
            if name in names and r.random() < 0.2:
                order = order if kind in ("Article", "Photo") else ONLY_ORDERS.get(kind, "NAME_ASC")
                cursors = self.pool[f"{kind} {order}" if r.random() < 0.97 else "Tag NAME_ASC"]
                given[name] = self.text("String", r.choice([*cursors, None]))
        if "width" in names:
            for name in ("width", "height"):
                if r.random() < 0.5:
                    given[name] = self.number("Int", 1, 3000)
            if r.random() < 0.5:
                given["format"] = self.chosen("ImageFormat!", ["WEBP", "AVIF"])
        if "widths" in names and r.random() < 0.5:
            widths = [r.randint(1, 3000) for _ in range(3)]
            given["widths"] = self.either("[Int!]", widths, str(widths))
        if "filter" in names and r.random() < 0.7:
            given["filter"] = self.filter(get_named_type(field.args["filter"].type).name)
        return "(" + ", ".join(f"{name}: {value}" for name, value in given.items()) + ")" if given else ""

    def filter(self, type_: str) -> str:
        r, pool = self.r, self.pool
        instants = ["2026-02-01T00:00:00Z", "2026-09-01T10:00:00+09:00", "2026-11-20T23:59:59.5-05:00"]

        def statuses(of: str, some: list[str]) -> str:
            return self.either(f"[{of}!]", some, "[" + ", ".join(some) + "]")

        articles: dict[str, Callable[[], str]] = {
            "section": lambda: self.text("String", r.choice([*pool["Section"], "nowhere", None])),
            "tag": lambda: self.texts("[String!]", r.sample(pool["Tag"], r.choice([0, 1, 6]))),
            "author": lambda: self.text("String", r.choice(pool["Author"])),
            "language": lambda: self.text("String", "de"),
            "mine": lambda: r.choice(["true", "false"]),
            "hasFailingChecks": lambda: r.choice(["true", "false"]),
            "publishedAfter": lambda: self.text("DateTime", r.choice(instants)),
            "publishedBefore": lambda: self.text("DateTime", r.choice(instants)),
            "updatedAfter": lambda: self.text("DateTime", r.choice(instants)),
            "photo": lambda: self.text("ID", r.choice(pool["photo_ids"])),
            "status": lambda: statuses("ArticleStatus", r.sample(STATUSES, 2)),
            "ids": lambda: self.texts("[ID!]", r.sample(pool["ids"], 8)),
        }
        photos: dict[str, Callable[[], str]] = {
            "status": lambda: statuses("PhotoStatus", r.sample(["PENDING", "READY", "WITHDRAWN"], 2)),
            "createdAfter": lambda: self.text("DateTime", r.choice(instants)),
            "takenAfter": lambda: self.text("DateTime", r.choice(instants)),
            "usable": lambda: r.choice(["true", "false"]),
            "sha256": lambda: self.text("String", f"{r.randint(0, 60):064x}"),
            "query": lambda: self.text("String", r.choice(QUESTIONS)),
            "credit": lambda: self.text("String", r.choice(["afp", "KCNA via", "getty", "Reuters Doe", "-", None])),
            "keyword": lambda: self.text("String", r.choice(["STORM", "river", "A ’B’", None])),
            "person": lambda: self.text("String", r.choice(["ana ruiz", "ŁUKASZ Ódź", "ana"])),
            "unused": lambda: r.choice(["true", "false"]),
            "expiresBefore": lambda: self.text("DateTime", r.choice([*instants, "2030-01-01T00:00:00Z"])),
            "expiresWithin": lambda: self.number("Int", 1, 2000),
        }
        options = articles if type_ == "ArticleFilter" else photos
        names = r.sample(list(options), r.choice([1, 1, 1, 2]))
        return "{" + ", ".join(f"{name}: {options[name]()}" for name in names) + "}"

    # ---------------------------------------------------------------------------------------- selections

    def directive(self) -> str:
        if self.r.random() > 0.15:
            return ""
        value = self.r.random() < 0.6
        return f" @{self.r.choice(['skip', 'include'])}(if: {self.either('Boolean!', value, str(value).lower())})"

    def alias(self, needed: bool) -> str:
        self.aliases += 1
        return f"a{self.aliases}: " if needed or self.r.random() < 0.2 else ""

    def selection(self, type_: Any, depth: int, clashing: frozenset[str] = frozenset()) -> str:
        """`clashing` are names of fields that other types beside this one have with another type: they need an alias."""
        r = self.r
        if is_abstract_type(type_):
            possible = self.schema.get_possible_types(type_)
            clashing = _clashing(possible)
            some = [f"... on {one.name} {self.selection(one, depth, clashing)}" for one in possible if r.random() < 0.8]
            own = [f"{self.alias(True)}id" for _ in range(r.randint(0, 2))]
            return "{ " + " ".join(["__typename", *own, *some]) + " }"
        leaves = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
        parts = []
        for name in r.sample(leaves, min(len(leaves), r.randint(1, 5))):
            args = self.arguments(type_, type_.fields[name])
            parts.append(self.alias(bool(args) or name in clashing) + name + args + self.directive())
        chance = 1.0 if type_.name.endswith(("Connection", "Edge")) else 0.45
        for name in (name for name in type_.fields if name not in leaves):
            below = get_named_type(type_.fields[name].type)
            spent = 0 if below.name.endswith(("Connection", "Edge", "PageInfo")) else 1
            if depth >= spent and r.random() < chance:
                args = self.arguments(type_, type_.fields[name])
                head = f"{self.alias(bool(args))}{name}{args}"
                times = 2 if r.random() < 0.1 else 1  # twice: both selections hold
                parts += [f"{head}{self.directive()} {self.selection(below, depth - spent)}" for _ in range(times)]
        if r.random() < 0.2:
            parts.append(f"... on {type_.name}{self.directive()} {{ __typename }}")
        if r.random() < 0.15 and not clashing:
            parts.append(f"...{self.fragment(type_, depth)}{self.directive()}")
        r.shuffle(parts)
        if r.random() < 0.8 or not parts:  # without it, directives may leave nothing
            parts.append("t: __typename")
        return "{ " + " ".join(parts) + " }"

    def fragment(self, type_: Any, depth: int) -> str:
        """The name of a fragment on this type: one that is there already, or a new one."""
        known = self.known.setdefault((type_.name, depth), [])
        if known and self.r.random() < 0.5:
            return self.r.choice(known)
        selection = self.selection(type_, max(depth - 1, 0))
        known.append(f"F{len(self.fragments)}")
        self.fragments.append(f"fragment {known[-1]} on {type_.name} {selection}")
        return known[-1]


def _clashing(types: Any) -> frozenset[str]:
    named: dict[str, set[str]] = {}
    for type_ in types:
        for name, field in type_.fields.items():
            named.setdefault(name, set()).add(str(field.type))
    return frozenset(name for name, types in named.items() if len(types) > 1)


# ------------------------------------------------------------------------------------------------- odd arguments

HOSTILE = [
    "",
    "'",
    "'; DROP TABLE article; --",
    "\\",
    "%",
    "_",
    "\0",
    "\u2028",
    "日本",
    "$1",
    "?1",
    "{}",
    "null",
    "x" * 5000,
    "article_",
    "ARTICLE_00000000-0000-7000-8000-00000000000A",
    "p20260101000000000000" + "0" * 32,
    "p" + "9" * 20 + "0" * 32,
    "h00" + "0" * 32,
    "0-0-0",
    "1-2-3-4",
    "999999999-999999999999999999-999999999999999999",
]
SIZES = [-1, 0, 101, 2561, 2**31 - 1, -(2**31)]
INSTANTS = [
    "2026-02-01T00:00:00Z",
    "2026-09-01 10:00+09:00",
    "9999-12-31T23:59:59.999999999Z",
    "1900-01-01T00:00:00+00:00",
]


def odd(schema: Any, pool: dict[str, list[str]], count: int, seed: int) -> list[tuple[str, dict[str, Any]]]:
    """So many documents with arguments that nobody would think of, some of them in variables."""
    drawn: list[DocumentNode] = []

    def some(values: list[str], others: list[str]) -> st.SearchStrategy[str]:
        return st.one_of(*[st.sampled_from(values)] * 3, st.sampled_from(others), st.text(max_size=9, alphabet=LETTERS))

    slugs = [*pool["Article"], *pool["Tag"], *pool["Section"], *pool["Author"]]
    sizes = st.one_of(*[st.integers(1, 4)] * 12, st.sampled_from(SIZES))
    scalars: dict[str, st.SearchStrategy[ValueNode]] = {
        "ID": st.one_of(some(pool["ids"], HOSTILE).map(nodes.String), st.integers(-1, 9).map(nodes.Int)),
        "String": some(slugs, HOSTILE).map(nodes.String),
        "Int": sizes.map(nodes.Int),
        "DateTime": st.sampled_from(INSTANTS).map(nodes.String),
    }
    fields = [name for name in schema.query_type.fields if name != MIXED]
    asked = queries(schema, fields=fields, custom_scalars=scalars, print_ast=lambda document: document)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(asked)
    def draw(document: DocumentNode) -> None:
        drawn.append(document)

    draw()
    return [_Hoisted(schema, pool, random.Random(n + seed)).made(document) for n, document in enumerate(drawn)]


LETTERS = st.characters(codec="utf-8")


class _Hoisted(Visitor):
    """Moves some of a document's values into variables: sent, left to their default, or left out."""

    def __init__(self, schema: Any, pool: dict[str, list[str]], r: random.Random):
        super().__init__()
        self.info, self.pool, self.r = TypeInfo(schema), pool, r
        self.declared: list[str] = []
        self.variables: dict[str, Any] = {}

    def made(self, document: DocumentNode) -> tuple[str, dict[str, Any]]:
        text = print_ast(visit(document, TypeInfoVisitor(self.info, self)))
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return f"query Odd{declared} {text[text.index('{') :]}", self.variables

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Node | None:
        value = node.value
        if node.name.value in ("after", "before") and self.r.random() < 0.9:  # few texts are cursors
            list_ = self.r.choice(["Article PUBLISHED_AT_DESC", "Article PUBLISHED_AT_DESC", "Change LEDGER"])
            value = StringValueNode(value=self.r.choice(self.pool[list_]))
            value = NullValueNode() if self.r.random() < 0.7 else value
        value = self._hoist(value)
        return None if value is node.value else ArgumentNode(name=node.name, value=value)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> Node | None:
        value = self._hoist(node.value)
        return None if value is node.value else ObjectFieldNode(name=node.name, value=value)

    def _hoist(self, value: ValueNode) -> ValueNode:
        type_: GraphQLInputType | None = self.info.get_input_type()
        if type_ is None or self.r.random() < 0.6:
            return value
        name, chance = f"v{len(self.declared)}", self.r.random()
        if chance < 0.2:
            self.declared.append(f"${name}: {type_} = {print_ast(value)}")
        elif chance < 0.3 and not is_non_null_type(type_):
            self.declared.append(f"${name}: {type_}")
        else:
            self.declared.append(f"${name}: {type_}")
            self.variables[name] = self._json(value_from_ast_untyped(value))
        return VariableNode(name=NameNode(value=name))

    def _json(self, value: Any) -> Any:
        """What a client may send for it: 3.0 is an Int too."""
        return float(value) if type(value) is int and self.r.random() < 0.2 else value
