"""Random valid documents over the whole schema: aliases, arguments, fragments, variables, @skip/@include, interfaces, pages."""

import random
from collections.abc import Callable
from typing import Any

from graphql import get_named_type, is_abstract_type, is_leaf_type

STATUSES = ["DRAFT", "IN_REVIEW", "SCHEDULED", "PUBLISHED", "UNPUBLISHED", "WITHDRAWN"]
ORDERS = {
    "ArticleOrder": ["PUBLISHED_AT_DESC", "PUBLISHED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC", "HEADLINE_ASC"],
    "PhotoOrder": ["CREATED_AT_DESC", "CREATED_AT_ASC", "TAKEN_AT_DESC"],
}
MIXED = "viewer"  # only the executor answers it: a document that asks for it takes the other door


class Document:
    """One random document; `pool` holds slugs and ids worth asking for."""

    def __init__(self, schema: Any, pool: dict[str, list[str]], seed: int):
        self.schema, self.pool, self.r = schema, pool, random.Random(seed)
        self.variables: dict[str, Any] = {}
        self.declared: list[str] = []
        self.fragments: list[str] = []
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
        return self.variable(type_, value) if self.r.random() < 0.5 else literal

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
        if "orderBy" in names and r.random() < 0.5:
            order = get_named_type(field.args["orderBy"].type).name
            given["orderBy"] = self.chosen(f"{order}!", ORDERS[order])
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
            return "{ " + " ".join(["__typename", *some]) + " }"
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
                parts.append(
                    f"{self.alias(bool(args))}{name}{args}{self.directive()} {self.selection(below, depth - spent)}"
                )
        if r.random() < 0.2:
            parts.append(f"... on {type_.name}{self.directive()} {{ __typename }}")
        if depth and r.random() < 0.15:
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {type_.name} {{ x{name}: __typename }}")
            parts.append(f"...{name}")
        r.shuffle(parts)
        return "{ " + (" ".join(parts) or "__typename") + " t: __typename }"


def _clashing(types: Any) -> frozenset[str]:
    named: dict[str, set[str]] = {}
    for type_ in types:
        for name, field in type_.fields.items():
            named.setdefault(name, set()).add(str(field.type))
    return frozenset(name for name, types in named.items() if len(types) > 1)
