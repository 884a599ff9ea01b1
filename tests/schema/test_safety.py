"""A schema in which SQL could not safely write the answer is refused in a sentence that says what to do."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from graphql import build_schema

from cms import models
from cms.read.catalog import CATALOG
from cms.read.entry import Edge, Entity, Entry, Join, Sql, column, inside
from schema.build import build_schema as ours
from schema.build import core_of
from schema.safety import UnsafeSchema, check

HEAD = """scalar DateTime scalar JSON
  type Query { x: Int }
  type ArticleConnection { nodes: [Article!]! } type Article { id: ID! } type Section { id: ID! }"""


def with_(entity: str, **fields: Entry) -> Mapping[str, Entity]:
    """The catalog, with these fields of an entity declared otherwise."""
    return {**CATALOG, entity: replace(CATALOG[entity], fields={**CATALOG[entity].fields, **fields})}


LISTING: Mapping[str, Entity] = {
    **CATALOG,
    "Listing": Entity("Listing", models.Listing, {"place": column("id", "number")}, {}, {}),
}
LINK: Mapping[str, Entity] = {
    **CATALOG,
    "RelatedLink": replace(CATALOG["RelatedLink"], joins={"article": Join("target_id", "Article")}),
}

JOINED = (
    "RelatedLink.article: target_id may be NULL: make it NOT NULL and its join not optional,"
    " or let the field be nullable."
)

BROKEN = {
    "a field that is not in the catalog": (
        "type Tag { colour: String }",
        CATALOG,
        "Tag.colour is not in the catalog: declare it in cms/read/catalog.py.",
    ),
    "never null over a column that may be": (
        "type Tag { id: ID! } extend type Article { kicker: String! }",
        CATALOG,
        "Article.kicker: kicker may be NULL: make it NOT NULL, or let the field be nullable.",
    ),
    "never null over an expression that may be": (
        "extend type Article { publishedAt: DateTime! }",
        CATALOG,
        "Article.publishedAt: its expression may be NULL: let it be nullable.",
    ),
    "never null over an expression of its own that may be": (
        "extend type Article { url: String! }",
        with_("Article", url=Sql("text", lambda row: "NULL", null=True)),
        "Article.url: its expression may be NULL: let it be nullable.",
    ),
    "never null where only staff see it": (
        "type Photo { metadata: JSON! }",
        CATALOG,
        "Photo.metadata: only staff see it, and others see null: let it be nullable.",
    ),
    "a number of more than 32 bits": (
        "type Listing { place: Int! }",
        LISTING,
        "Listing.place: id holds what may pass 32 bits: make it an IntField, or the field a Float.",
    ),
    "a number of no known range": (
        "extend type Article { readingMinutes: Int! }",
        with_("Article", readingMinutes=Sql("number", lambda row: "1")),
        "Article.readingMinutes: Int needs a column whose range it keeps: name it in the catalog as `column`.",
    ),
    "an instant without its text form": (
        "extend type Article { updatedAt: DateTime! }",
        with_("Article", updatedAt=column("slug", "instant")),
        "Article.updatedAt: slug has no fixed text form: make it an Instant.",
    ),
    "an instant written as text": (
        "extend type Article { updatedAt: DateTime! }",
        with_("Article", updatedAt=column("updated_at")),
        "Article.updatedAt: DateTime! is written as instant, and the catalog says text: change one of them.",
    ),
    "text where the schema counts": (
        "extend type Article { headline: Int! }",
        CATALOG,
        "Article.headline: Int! is written as number, and the catalog says text: change one of them.",
    ),
    "a document that may be NULL and would swallow its object": (
        "extend type Article { blocks: JSON }",
        with_("Article", blocks=column("summary", "json")),
        'Article.blocks: summary may be NULL, and NULL would swallow the whole object: declare it as "json?".',
    ),
    "an enum whose names are not what the table holds": (
        "",
        CATALOG,
        "PhotoStatus.READY stands for 'ready': let it stand for its own name.",
    ),
    "an enum whose names do not fit the column": (
        "enum Part { LEAD IN_THE_GALLERY } type PlacedPhoto { role: Part! }",
        CATALOG,
        "PlacedPhoto.role: role cannot hold IN_THE_GALLERY: make it a CharField of 14 or more.",
    ),
    "an object where the catalog holds a value": (
        "extend type Article { headline: Section }",
        CATALOG,
        "Article.headline: the catalog holds a value for it, and Section is an object: declare an edge.",
    ),
    "a list that may hold null": (
        "extend type Article { tags: [Tag]! } type Tag { id: ID! }",
        CATALOG,
        "Article.tags: what is hidden is left out of a list, and null never stands in it: write [Tag!].",
    ),
    "a list of values that may hold null": (
        "type Photo { keywords: [String]! }",
        CATALOG,
        "Photo.keywords: what is hidden is left out of a list, and null never stands in it: write [String!].",
    ),
    "an edge to another type": (
        "extend type Article { section: Article }",
        CATALOG,
        "Article.section: the catalog leads to Section, and the schema to Article: change one of them.",
    ),
    "a page without its connection": (
        "type Tag { articles: [Article!]! }",
        CATALOG,
        "Tag.articles: the catalog leads to ArticleConnection, and the schema to Article: change one of them.",
    ),
    "one where the catalog has many": (
        "extend type Section { children: Section }",
        CATALOG,
        'Section.children: the catalog says "many", and the schema Section: change one of them.',
    ),
    "many where the catalog has one": (
        "extend type Section { parent: [Section!]! }",
        CATALOG,
        'Section.parent: the catalog says "one", and the schema [Section!]!: change one of them.',
    ),
    "an edge that is never null over a key that may be": (
        "extend type Section { parent: Section! }",
        CATALOG,
        "Section.parent: parent_id may be NULL: make it NOT NULL, or let the field be nullable.",
    ),
    "an edge that is never null to a row that may be hidden": (
        "type PlacedPhoto { photo: Photo! } type Photo { id: ID! }",
        with_("PlacedPhoto", photo=Edge("one", "Photo", column="photo_id")),
        "PlacedPhoto.photo: a row of Photo may be hidden: let the field be nullable, or join it in the catalog.",
    ),
    "an edge that is never null to a row that may not be there": (
        "extend type Article { leadPhoto: PlacedPhoto! } type PlacedPhoto { role: String! }",
        CATALOG,
        "Article.leadPhoto: there may be no such row: let it be nullable.",
    ),
    "a joined row that is never null over an optional join": (
        "type RelatedLink { article: Article! }",
        CATALOG,
        JOINED,
    ),
    "a joined row that is never null over a key that may be": (
        "type RelatedLink { article: Article! }",
        LINK,
        JOINED,
    ),
    "a part that is never null and sometimes not there": (
        "type Photo { location: PhotoLocation! } type PhotoLocation { city: String }",
        CATALOG,
        "Photo.location: the catalog says when it is null: let it be nullable.",
    ),
    "a node that is never null": (
        "extend type Query { node: Article! }",
        CATALOG,
        "Query.node: a node that is hidden is null: let it be nullable.",
    ),
    "a list of nodes that are never null": (
        "extend type Query { nodes: [Article!]! }",
        CATALOG,
        "Query.nodes: a node that is hidden is null: let it be nullable.",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_schema_is_refused_with(case: str) -> None:
    sdl, catalog, sentence = BROKEN[case]
    core = build_schema(f"{HEAD} enum PhotoStatus {{ READY }} {sdl}")
    if "stands for" in sentence:
        status = core.type_map["PhotoStatus"]
        status.values["READY"].value = "ready"  # type: ignore[attr-defined]
    with pytest.raises(UnsafeSchema) as refused:
        check(core, catalog)
    assert str(refused.value) == sentence


def test_what_the_sentences_advise_is_accepted() -> None:
    nullable = """extend type Article { kicker: String publishedAt: DateTime tags: [Tag!]! leadPhoto: PlacedPhoto section: Section! }
        type Tag { id: ID! articles: ArticleConnection! } type PlacedPhoto { photo: Photo! role: String! }
        type Photo { metadata: JSON location: PhotoLocation keywords: [String!]! } type PhotoLocation { city: String }
        type RelatedLink { article: Article } extend type Section { parent: Section children: [Section!]! }
        extend type Query { node: Article nodes: [Article]! viewer: Int }"""
    core = build_schema(f"{HEAD} {nullable}")
    check(core, CATALOG)
    check(core, with_("PlacedPhoto", photo=inside("photo", "Photo")))


def test_the_schema_that_is_served_is_safe() -> None:
    core = core_of(ours())
    check(core, CATALOG)
    checked = [name for name in core.type_map if name in CATALOG]
    assert len(checked) > 10
