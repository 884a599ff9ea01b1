"""Every readable thing, once: entity -> fields, edges, filters, orders.

A field is readable because it stands here, and hidden rows stay hidden because every edge leads through policy.  To add one:
model, migration, an entry here, the GraphQL type that names it, a golden file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q
from tortoise.models import Model

from cms import models, policy
from cms.actor import Actor
from cms.errors import BadInput
from cms.read import computed
from cms.read.computed import blocks, json_ld
from cms.read.entry import (
    Bound,
    Edge,
    Entity,
    Entry,
    Join,
    Nodes,
    Order,
    Python,
    Source,
    Sql,
    by,
    column,
    columns,
    global_id,
    inside,
    linked,
    owned,
    page,
    through,
    to_one,
)
from cms.read.shape import Shape, Want, slot
from media.recipe import LADDER

if TYPE_CHECKING:  # the statement builder imports this module
    from cms.read.statement import Row

CATALOG: dict[str, Entity] = {}


def declare(
    name: str,
    model: type[Model] | None,
    fields: dict[str, Entry],
    orders: dict[str, Order] | None = None,
    joins: dict[str, Join] | None = None,
) -> None:
    CATALOG[name] = Entity(name, model, fields, orders or {}, joins or {})


def select(entity: str, *fields: Any) -> Shape:
    """A Shape written by hand: select("Article", "slug", ("authors", "name"), ("url", {"width": 640}))."""
    wants = []
    for field in fields:
        name, *rest = (field,) if isinstance(field, str) else field
        args = rest.pop(0) if rest and isinstance(rest[0], dict) else {}
        below = select(_below(entity, name), *rest) if rest else None
        wants.append(Want(name, name, tuple(args.items()), below))
    return Shape(entity, tuple(wants))


def _below(entity: str, name: str) -> str:
    """The entity, or the part of a connection, that a field leads to."""
    for part in ("Connection", "Edge"):
        if entity.endswith(part):
            return {"edges": entity.removesuffix(part) + "Edge", "pageInfo": "PageInfo"}.get(
                name, entity.removesuffix(part)
            )
    declared = CATALOG[entity].fields[name]
    assert not isinstance(declared, Sql)
    assert declared.entity is not None
    return f"{declared.entity}Connection" if isinstance(declared, Edge) and declared.form == "page" else declared.entity


# ------------------------------------------------------------------------------------------------- what articles say


def status(row: Row) -> str:
    whens = " ".join(f"WHEN {row.holds(rule)} THEN {row.text(name)}" for name, rule in policy.STATUS.items())
    return f"CASE {whens} END"


def published_at(row: Row) -> str:
    """The first publication; no worker runs at that instant, so it is derived."""
    began = f"CASE WHEN {row('live_from')} <= {row.now} THEN {row('live_from')} END"
    return f"coalesce({row('first_live_from')}, {began})"


def modified_at(row: Row) -> str:
    return f"coalesce({row('modified_at')}, {published_at(row)})"


def scheduled_for(row: Row) -> str:
    return f"CASE WHEN {row.holds(policy.STATUS['SCHEDULED'])} THEN {row('live_from')} END"


def article_url(row: Row) -> str:
    return f"{row.text(row.site.url)} || {row('path')}"


def reading_minutes(row: Row) -> str:
    """238 words a minute, rounded up (M. Brysbaert, 2019, silent reading of English non-fiction)."""
    return f"({row('word_count')} + 237) / 238"


# --------------------------------------------------------------------------------------------------- what photos say


def snap(size: int) -> int:
    """The ladder's next step up, or its last: nobody can order unlimited sizes."""
    return next((step for step in LADDER if step >= size), LADDER[-1])


RENDITIONS = ("AUTO", "JPEG", "PNG", "WEBP", "AVIF")  # the other formats are originals only


def photo_url(
    row: Row, width: int | None = None, height: int | None = None, fit: str | None = None, format: str | None = None
) -> str:
    """Raises BadInput for a side below 1 pixel and for a format that no rendition has."""
    format = format or "AUTO"
    if format not in RENDITIONS:
        raise BadInput(f"A rendition is {', '.join(RENDITIONS[:-1])} or {RENDITIONS[-1]}.", "format")
    sides = []
    for name, size in (("width", width), ("height", height)):
        if size is not None:
            if size < 1:
                raise BadInput(f"A {name} is at least 1 pixel.", name)
            sides.append(f"{name[0]}{snap(size)}")
    recipe = "-".join([*sides, (fit or "COVER").lower()]) + "." + format.lower()
    start = row.text(row.site.public + "/images/")
    return f"{start} || {row.dialect.text(row('id'))} || '/' || {row('version')} || {row.text('/' + recipe)}"


def srcset(row: Row, widths: tuple[int, ...] | None = None, format: str | None = None) -> str:
    """Only what the original can fill; the smallest asked for where it fills none."""
    steps = sorted({snap(width) for width in widths or (320, 640, 1280, 2048)})

    def part(step: int) -> str:
        return f"{photo_url(row, step, None, 'COVER', format)} || {row.text(f' {step}w')}"

    first, *more = steps
    rest = [f"CASE WHEN {row('width')} >= {step} THEN {row.text(', ')} || {part(step)} ELSE '' END" for step in more]
    return " || ".join([part(first), *rest])


def no_location(row: Row) -> str:
    names = ("sublocation", "city", "region", "country", "country_code")
    return f"coalesce({', '.join(row(name) for name in names)}) IS NULL"


# ----------------------------------------------------------------------------------------------------- lists of articles

ARTICLE_ORDERS = {
    "PUBLISHED_AT_DESC": Order("live_from", "instant", True, "p"),
    "PUBLISHED_AT_ASC": Order("live_from", "instant", False, "q"),
    "UPDATED_AT_DESC": Order("updated_at", "instant", True, "u"),
    "UPDATED_AT_ASC": Order("updated_at", "instant", False, "v"),
    "HEADLINE_ASC": Order("headline", "text", False, "h"),
}
LATEST = "PUBLISHED_AT_DESC"


def in_list(t: Row, list_id: str, order: Order) -> Source:
    """The stories of a tag, an author or a section.  In order of publication they are read off the listing itself."""
    if order.column != "live_from":
        return Source(
            f"article {t.alias}", [f"{t('id')} IN (SELECT article_id FROM listing WHERE list_id = {list_id})"]
        )
    l = f"{t.alias}_l"  # noqa: E741
    tables = f"listing {l} {t.dialect.join} article {t.alias} ON {t('id')} = {l}.article_id"
    where = [f"{l}.list_id = {list_id}"]
    if policy.sees_only_begun(t.actor):
        # drafts and what is scheduled stand first in every list: 1,200 of them in a section of 20,000 cost 2 ms of 2.3
        where.append(f"{l}.live_from <= {t.now}")
    return Source(tables, where, key=(f"{l}.live_from", f"{l}.article_id"))


def listed(row: Row, t: Row, order: Order) -> Source:
    return in_list(t, row("id"), order)


def section_articles(row: Row, t: Row, order: Order, deep: bool | None = True) -> Source:
    return in_list(t, row("id"), order) if deep is not False else t.rows(f"{t('section_id')} = {row('id')}")


def linked_from(row: Row, t: Row, order: Order) -> Source:
    source: Source = t.rows(f"{t('id')} IN (SELECT article_id FROM related_link WHERE target_id = {row('id')})")
    return source


def used_in(row: Row, t: Row, order: Order) -> Source:
    source: Source = t.rows(f"{t('id')} IN (SELECT article_id FROM article_photo WHERE photo_id = {row('id')})")
    return source


def _published(compare: str, value: Any) -> Q:
    """publishedAt, as a condition: the first publication where there was one, else the start if that is past."""
    bound = Bound(slot(value, "instant"))
    again: dict[str, Any] = {"first_live_from__isnull": False, f"first_live_from__{compare}": bound}
    first: dict[str, Any] = {"first_live_from__isnull": True, f"live_from__{compare}": bound}
    return Q(**again) | (Q(**first) & Q(live_from__lte=policy.Now()))


def _tags(value: Any) -> Q:
    tags = linked(models.Tag, "id", slug__in=Bound(slot(value, "texts")))
    return Q(id__in=linked(models.ArticleTag, "article_id", tag_id__in=tags))


def _using(value: Any, actor: Actor) -> Q:
    """A photo that may not be seen may not be asked by: where it is used would be known."""
    seen = linked(models.Photo, "id", policy.visible("Photo", actor), id=Bound(slot(value, "id:photo")))
    return Q(id__in=linked(models.ArticlePhoto, "article_id", photo_id__in=seen))


Condition = Callable[[Any, Actor], Q | None]  # (value, actor) -> what must hold, if anything

ARTICLE_FILTERS: dict[str, Condition] = {
    "ids": lambda v, actor: Q(id__in=Bound(slot(v, "ids:article"))),
    "mine": lambda v, actor: Q(created_by=policy.Own(actor.user_id)) if v else None,
    "status": lambda v, actor: Q(*(policy.STATUS[one] for one in v), join_type="OR"),
    "tag": lambda v, actor: _tags(v),
    "language": lambda v, actor: Q(language=Bound(slot(v))),
    "publishedAfter": lambda v, actor: _published("gt", v),
    "publishedBefore": lambda v, actor: _published("lt", v),
    "updatedAfter": lambda v, actor: Q(updated_at__gt=Bound(slot(v, "instant"))),
    "photo": _using,
}
ARTICLE_LISTS = {"section": "section", "author": "author"}  # filter -> the table whose slug names the list


def articles(row: Row, t: Row, order: Order, filter: Any = ()) -> Source:
    """All articles; a filter by section or author starts from that list."""
    given = _given(filter)
    lists = [
        f"(SELECT id FROM {ARTICLE_LISTS[name]} WHERE slug = {row.mark(value)})"
        for name, value in given
        if name in ARTICLE_LISTS
    ]
    source: Source = in_list(t, lists[0], order) if lists else t.rows()
    source.where += [f"{t('id')} IN (SELECT article_id FROM listing WHERE list_id = {one})" for one in lists[1:]]
    source.where += _conditions(t, ARTICLE_FILTERS, [pair for pair in given if pair[0] not in ARTICLE_LISTS])
    return source


PHOTO_FILTERS: dict[str, Condition] = {
    "status": lambda v, actor: Q(status__in=list(v)),
    "createdAfter": lambda v, actor: Q(created_at__gt=Bound(slot(v, "instant"))),
    "takenAfter": lambda v, actor: Q(taken_at__gt=Bound(slot(v, "instant"))),
    "usable": lambda v, actor: policy.USABLE if v else ~policy.USABLE,
    "sha256": lambda v, actor: Q(sha256=Bound(slot(v))),
}


def photos(row: Row, t: Row, order: Order, filter: Any = ()) -> Source:
    source: Source = t.rows(*_conditions(t, PHOTO_FILTERS, _given(filter)))
    return source


def _given(filter: Any) -> list[tuple[str, Any]]:
    """The filter keys that are there; null means the same as absent."""
    return [(name, value) for name, value in dict(filter or ()).items() if value is not None]


def _conditions(t: Row, filters: Mapping[str, Condition], given: list[tuple[str, Any]]) -> list[str]:
    """An empty list of alternatives matches nothing."""
    if any(value == () for _, value in given):
        return ["1 = 0"]
    rules = [filters[name](value, t.actor) for name, value in given]
    return [t.holds(rule) for rule in rules if rule is not None]


def tags(row: Row, t: Row, order: Order, startsWith: Any = None) -> Source:  # noqa: N803 - the contract's name
    if startsWith is None:
        return Source(f"tag {t.alias}")
    start = row.mark(startsWith)
    return Source(f"tag {t.alias}", [f"substr(lower({t('name')}), 1, length({start})) = lower({start})"])


def authors(row: Row, t: Row, order: Order) -> Source:
    return Source(f"author {t.alias}")


def related(row: Row, t: Row, first: int | None = 4) -> Source:
    """Curated links in editor order.  Policy is added to the joined target before the limit, so that a hidden target
    leaves its place to the next link."""
    limit = 4 if first is None else first
    if not 1 <= limit <= 100:
        raise BadInput(f"A list holds 1 to 100: first cannot be {limit}.", "first")
    return Source(f"related_link {t.alias}", [f"{t('article_id')} = {row('id')}"], [t("position")], limit)


LOWEST = 1_000_000  # no position is further below zero


def section_tree(row: Row, t: Row) -> Source:
    """All sections, each followed by its children, siblings in editor order.

    Sorted by the steps of the way down, a position of fixed width and a slug in hex each: no collation reads that in
    another order, and a slug that goes on ("world-cup") does not come between "world" and what is below it.
    """

    def step(s: str) -> str:
        return f"{t.dialect.padded(f'{s}.position + {LOWEST}')} || {t.dialect.cursor_value(f'{s}.slug', 'text')}"

    tree = (
        f"WITH RECURSIVE walk(id, sort) AS (SELECT s.id, {step('s')} FROM section s WHERE s.parent_id IS NULL"
        f" UNION ALL SELECT s.id, w.sort || {step('s')}"
        " FROM section s JOIN walk w ON s.parent_id = w.id) SELECT id, sort FROM walk"
    )
    sorted_ = f"{t.alias}_w"
    return Source(f"section {t.alias} JOIN ({tree}) {sorted_} ON {sorted_}.id = {t('id')}", order=[f"{sorted_}.sort"])


# ----------------------------------------------------------------------------------------------------------- entities


def from_needs(make: Callable[[dict[str, Any]], Any], entity: str, *needs: Any, of: str | None = None) -> Python:
    """make(needs as a dict) -> value; the needs are fields of `entity`, written as for `select`."""
    return computed.computed(make, lambda: select(entity, *needs), of)


RENDITION = ("url", {"width": computed.SHOWN.width})
FIGURE = ("photosById", "caption", "credit", "altText", ("photo", RENDITION, "width", "height"))
LINKED_DATA = (
    "url", "headline", "summary", "publishedAt", "modifiedAt", "language", "dateline", "wordCount",
    ("section", "name"), ("authors", "name", "slug"), ("tags", "name"),
    ("leadPhoto", "caption", "credit", ("photo", RENDITION, "width", "height", "copyrightNotice", "licenseUrl", "creators")),
)  # fmt: skip

declare(
    "Article",
    models.Article,
    {
        "id": global_id("article"),
        **columns(
            models.Article, "slug version language kicker headline summary dateline wordCount createdAt updatedAt"
        ),
        **columns(models.Article, "bylineOverride"),
        "url": Sql("text", article_url),
        "path": column("path"),
        "status": Sql("text", status),
        "publishedAt": Sql("instant", published_at, column="live_from", null=True),
        "modifiedAt": Sql("instant", modified_at, column="modified_at"),
        "scheduledFor": Sql("instant", scheduled_for, staff=True, column="live_from", null=True),
        "expiresAt": column("live_until", "instant"),
        "embargoedUntil": column("embargo_until", "instant"),
        "readingMinutes": Sql("number", reading_minutes, column="word_count"),
        "section": to_one("Section", "section_id"),
        "authors": through("Author", models.ArticleAuthor, "article_id", "author_id"),
        "tags": through("Tag", models.ArticleTag, "article_id", "tag_id"),
        "leadPhoto": owned("one", "PlacedPhoto", "article_id", "position", limit=1, role="LEAD"),
        "photos": owned("many", "PlacedPhoto", "article_id", "position"),
        "gallery": owned("many", "PlacedPhoto", "article_id", "position", role="GALLERY"),
        "photosById": owned("keyed", "PlacedPhoto", "article_id"),
        "related": Edge("many", "RelatedLink", related),
        "linkedFrom": page("Article", linked_from, LATEST),
        "seo": Edge("part", "Seo"),
        "blocks": column("body", "json"),
        "body": blocks(),
        "bodyHtml": from_needs(computed.body_html, "Article", "blocks", FIGURE),
        "bodyText": from_needs(computed.body_text, "Article", "blocks"),
        "byline": from_needs(computed.byline, "Article", "bylineOverride", ("authors", "name")),
        "jsonLd": json_ld(lambda: select("Article", *LINKED_DATA)),
    },
    ARTICLE_ORDERS,
)
declare(
    "Seo",
    models.Article,
    {
        "title": Sql("text", lambda row: f"coalesce({row('seo_title')}, {row('headline')})"),
        "description": Sql("text", lambda row: f"coalesce({row('seo_description')}, {row('summary')}, '')"),
        "canonicalUrl": Sql("text", lambda row: f"coalesce({row('canonical_url')}, {article_url(row)})"),
        "noindex": column("noindex", "boolean"),
    },
)
declare(
    "PlacedPhoto",
    models.ArticlePhoto,
    {
        "role": column("role"),
        "caption": Sql("text", lambda row: f"coalesce({row('caption')}, {row.joined('photo')('caption')})"),
        "credit": Sql("text", lambda row: row.joined("photo")("credit")),
        "altText": Sql("text", lambda row: f"coalesce({row('alt_text')}, {row.joined('photo')('alt_text')}, '')"),
        "photo": inside("photo", "Photo"),
    },
    joins={"photo": Join("photo_id", "Photo")},
)
declare(
    "RelatedLink",
    models.RelatedLink,
    {
        "kind": column("kind"),
        "title": Sql("text", lambda row: f"coalesce({row('title')}, {row.joined('article')('headline')})"),
        "url": Sql("text", lambda row: f"coalesce({row('url')}, {article_url(row.joined('article'))})"),
        "article": inside("article", "Article"),
    },
    joins={"article": Join("target_id", "Article", optional=True)},
)
declare(
    "Photo",
    models.Photo,
    {
        "id": global_id("photo"),
        **columns(models.Photo, "version status credit caption altText headline copyrightNotice usageTerms licenseUrl"),
        **columns(
            models.Photo, "digitalSourceType takenAt keywords people filename format width height byteSize sha256"
        ),
        **columns(models.Photo, "placeholder dominantColor createdAt updatedAt"),
        "creditChain": from_needs(computed.credit_chain, "Photo", "credit", of="CreditChain"),
        "location": Edge("part", "PhotoLocation", unless=no_location),
        "focalPoint": Edge("part", "FocalPoint"),
        "rights": Edge("part", "PhotoRights"),
        "url": Sql("text", photo_url),
        "srcset": Sql("text", srcset),
        "metadata": column("metadata", "json", staff=True),
        "usedIn": page("Article", used_in, LATEST),
        # for the server itself: not in the schema
        **columns(models.Photo, "creators originalKey focalX focalY"),
    },
    {
        "CREATED_AT_DESC": Order("created_at", "instant", True, "c"),
        "CREATED_AT_ASC": Order("created_at", "instant", False, "d"),
        "TAKEN_AT_DESC": Order("taken_order", "instant", True, "t"),
    },
)
declare("FocalPoint", models.Photo, {"x": column("focal_x", "number"), "y": column("focal_y", "number")})
declare("PhotoLocation", models.Photo, columns(models.Photo, "sublocation city region country countryCode"))
declare(
    "PhotoRights",
    models.Photo,
    {
        "usable": Sql("boolean", lambda row: row.holds(policy.USABLE)),
        "expiresAt": column("rights_until", "instant"),
        "restrictions": column("restrictions"),
    },
)
declare(
    "Section",
    models.Section,
    {
        "id": global_id("section"),
        **columns(models.Section, "version slug name description"),
        "path": column("path"),
        "parent": to_one("Section", "parent_id"),
        "children": owned("many", "Section", "parent_id", "position", "slug"),
        "articles": page("Article", section_articles, LATEST),
    },
)
declare(
    "Tag",
    models.Tag,
    {"id": global_id("tag"), **columns(models.Tag, "version slug name"), "articles": page("Article", listed, LATEST)},
    {"NAME_ASC": Order("name", "text", False, "n")},
)
declare(
    "Author",
    models.Author,
    {
        "id": global_id("author"),
        **columns(models.Author, "version slug name role bio links"),
        "photo": to_one("Photo", "photo_id"),
        "articles": page("Article", listed, LATEST),
    },
    {"NAME_ASC": Order("name", "text", False, "n")},
)
declare(
    "User",
    models.User,
    {
        "id": global_id("user"),
        **columns(models.User, "version name email role active createdAt"),
        "sections": through("Section", models.UserSection, "user_id", "section_id", "path"),
    },
)
declare(
    "Query",
    None,
    {
        "article": by("Article", "slug", "slug", "text"),
        "articles": page("Article", articles, LATEST),
        "photo": by("Photo", "id", "id", "id:photo"),
        "photos": page("Photo", photos, "CREATED_AT_DESC"),
        "section": by("Section", "slug", "slug", "text"),
        "sections": Edge("many", "Section", section_tree),
        "tag": by("Tag", "slug", "slug", "text"),
        "tags": page("Tag", tags, "NAME_ASC"),
        "author": by("Author", "slug", "slug", "text"),
        "authors": page("Author", authors, "NAME_ASC"),
        "node": Nodes(plural=False),
        "nodes": Nodes(plural=True),
    },
)

# What a payload shows is read by the keys that the action returned: articleByKey(key), sectionsByKey(keys).
for name in ("Article", "Photo", "Section", "Tag", "Author", "User"):
    CATALOG["Query"].fields[f"{name.lower()}ByKey"] = by(name, "key", "id", "uuid")


def _sections_by_key(row: Row, t: Row, key: Any) -> Source:
    return Source(f"section {t.alias}", [f"{t('id')} IN {row.mark(key, 'uuids')}"], [t("path")])


CATALOG["Query"].fields["sectionsByKey"] = Edge("many", "Section", _sections_by_key)
CATALOG["Query"].fields["articleByPath"] = by("Article", "path", "path", "text")
