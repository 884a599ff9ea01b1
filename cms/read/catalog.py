"""Every readable thing, once: entity -> fields, edges, filters, orders.

A field is readable because it stands here, and hidden rows stay hidden because every edge leads through policy.  To add one:
model, migration, an entry here, the GraphQL type that names it, a golden file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q
from tortoise.models import Model

from cms import checks, ledger, models, policy, words
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
    all_of,
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
    listed: str = "",
) -> None:
    CATALOG[name] = Entity(name, model, fields, orders or {}, joins or {}, listed)


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
    if isinstance(declared, Edge) and declared.form == "page":
        return f"{CATALOG[declared.entity].list_name}Connection"
    return declared.entity


# ------------------------------------------------------------------------------------------------- what articles say


def status(row: Row) -> str:
    whens = " ".join(f"WHEN {row.story.holds(rule)} THEN {row.text(name)}" for name, rule in policy.STATUS.items())
    return f"CASE {whens} END"


def published_at(row: Row) -> str:
    """The first publication; no worker runs at that instant, so it is derived."""
    began = f"CASE WHEN {row.story('live_from')} <= {row.now} THEN {row.story('live_from')} END"
    return f"coalesce({row.story('first_live_from')}, {began})"


def modified_at(row: Row) -> str:
    return f"coalesce({row.story('modified_at')}, {published_at(row)})"


def scheduled_for(row: Row) -> str:
    return f"CASE WHEN {row.story.holds(policy.STATUS['SCHEDULED'])} THEN {row.story('live_from')} END"


def article_url(row: Row) -> str:
    return f"{row.text(row.site.url)} || {row.story('path')}"


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


def handed_filename(row: Row) -> str:
    """What the original is called, for those who may have it: staff, and partners who see the photo."""
    return row("filename") if row.actor.staff or row.actor.kind == "PARTNER" else row.dialect.null("text")


def no_location(row: Row) -> str:
    names = ("sublocation", "city", "region", "country", "country_code")
    return f"coalesce({', '.join(row(name) for name in names)}) IS NULL"


def photos_gone_at(row: Row) -> str:
    """When the last of the story's photos that may not be shown any more was hidden: that changes what the story shows."""
    p = f"{row.alias}_p"
    over = f"CASE WHEN {p}.rights_until <= {row.now} THEN {p}.rights_until END"
    used = f"SELECT photo_id FROM article_photo WHERE article_id = {row('id')}"
    return f"(SELECT max(coalesce({p}.withdrawn_at, {over})) FROM photo {p} WHERE {p}.id IN ({used}))"


def omitted(row: Row) -> str:
    """Why a partner gets the story without some of the photos that its readers see."""
    rule = policy.granted("Photo", row.actor)
    if rule is None:
        return row.dialect.null("text")
    p = f"{row.alias}_o"
    used = f"SELECT photo_id FROM article_photo WHERE article_id = {row('id')}"
    shown, had = (row.build.criterion(one, CATALOG["Photo"], p) for one in (policy.USABLE, rule))
    lacking = f"SELECT 1 FROM photo {p} WHERE {p}.id IN ({used}) AND {shown} AND NOT {had}"
    return f"CASE WHEN EXISTS ({lacking}) THEN {row.text('RIGHTS')} END"


def lacking(row: Row, t: Row) -> Source:
    """The photos that `omitted` speaks of."""
    rule = policy.granted("Photo", row.actor)
    if rule is None:
        return Source(f"photo {t.alias}", ["1 = 0"])
    used = f"SELECT photo_id FROM article_photo WHERE article_id = {row('id')}"
    shown, had = (row.build.criterion(one, CATALOG["Photo"], t.alias) for one in (policy.USABLE, rule))
    source: Source = t.rows(f"{t('id')} IN ({used})", shown, f"NOT {had}")
    source.order = [t("id")]
    return source


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


def checks_of(row: Row, t: Row) -> Source:
    """What fails, for staff.  A link to a story that the caller does not see is not spoken of."""
    if not row.actor.staff:
        return Source(f"(SELECT NULL AS level, NULL AS code, NULL AS message) {t.alias}", ["1 = 0"])
    rule = policy.visible("Article", row.actor)
    links = row.build.criterion(rule, CATALOG["Article"], "target") if rule else "TRUE"
    found = f"({checks.rows(row.dialect.name, row('id'), links=links)}) {t.alias}"
    return Source(found, order=[t(one) for one in checks.ORDER])


def translations(row: Row, t: Row) -> Source:
    """The other stories of its set."""
    story = row.story
    source: Source = t.rows(f"{t('translation_set')} = {story('translation_set')}", f"{t('id')} <> {story('id')}")
    source.order = [t("language"), t("id")]
    return source


def linked_from(row: Row, t: Row, order: Order) -> Source:
    source: Source = t.rows(f"{t('id')} IN (SELECT article_id FROM related_link WHERE target_id = {row.story('id')})")
    return source


def used_in(row: Row, t: Row, order: Order) -> Source:
    source: Source = t.rows(f"{t('id')} IN (SELECT article_id FROM article_photo WHERE photo_id = {row('id')})")
    return source


# ------------------------------------------------------------------------------------------------- the past of articles


def corrections(row: Row, t: Row) -> Source:
    source: Source = t.rows(f"{t('article_id')} = {row.story('id')}")
    source.order = [f"{t('at')} DESC", f"{t('version')} DESC"]
    return source


def saved(row: Row, t: Row, *where: str) -> Source:
    """The story's revisions, for those who may look into its history."""
    rule = policy.history(row.actor)
    story = row.story
    source: Source = t.rows(f"{t('article_id')} = {story('id')}", *([story.holds(rule)] if rule else []), *where)
    return source


def revisions(row: Row, t: Row, order: Order) -> Source:
    return saved(row, t)


def revision_at(row: Row, t: Row, version: int) -> Source:
    return saved(row, t, f"{t('version')} = {version}")


def working_copy(row: Row, t: Row) -> Source:
    t.given["content"] = f"coalesce({t('working_snapshot')}, {t('snapshot')})"
    return saved(row, t, f"{t('version')} = {row.story('working_version')}")


def newest(t: Row, story: str, moment: str) -> list[str]:
    """Of all that was saved of `story`: what readers had before them at `moment`, if they saw the story then."""
    r = f"{t.alias}_r"
    before = f"{r}.article_id = {story} AND NOT {r}.working AND {r}.at <= {moment}"
    found = f"SELECT {r}.id FROM revision {r} WHERE {before} ORDER BY {r}.at DESC, {r}.version DESC LIMIT 1"
    return [f"{t('id')} = ({found})", t.holds(policy.public_at(policy.At(moment)))]


def as_of(row: Row, t: Row, time: Any) -> Source:
    """An instant to come is as now: nothing is known of it.  Of a preview's story it is told to whoever sees that story."""
    t.given["moment"] = row.mark(time, "instant")
    seen = row.story.visible() if row.frozen else []
    source: Source = t.rows(*newest(t, row.story("id"), t.given["moment"]), *seen)
    return source


def content(row: Row) -> str:
    return row.given.get("content", row("snapshot"))


def moment(row: Row) -> str:
    """As of when photos and other stories are told of."""
    return row.given.get("moment", row("at"))


def saved_by(row: Row) -> str:
    """To readers a newsroom speaks with one name."""
    return row("by") if row.actor.staff else row.text(row.site.name)


def photos_then(row: Row, t: Row) -> Source:
    v = f"{t.alias}_v"
    last = (
        f"SELECT max({v}.version) FROM photo_revision {v}"
        f" WHERE {v}.photo_id = {t('photo_id')} AND {v}.at <= {moment(row)}"
    )
    keys = row.dialect.keys_in(content(row), "photos", "photo")
    source: Source = t.rows(f"{t('photo_id')} IN {keys}", f"{t('version')} = ({last})")
    return source


def links_then(row: Row, t: Row) -> Source:
    """Stories that are linked to and that the caller may see: as readers saw them, or as they were last saved."""
    keys = row.dialect.keys_in(content(row), "related", "article")
    last = f"(SELECT max(r.version) FROM revision r WHERE r.article_id = {t('article_id')})"
    told = newest(t, t("article_id"), row.given["moment"]) if "moment" in row.given else [f"{t('version')} = {last}"]
    source: Source = t.rows(f"{t('article_id')} IN {keys}", *told)
    return source


def _published(compare: str, value: Any) -> Q:
    """publishedAt, as a condition: the first publication where there was one, else the start if that is past."""
    bound = Bound(slot(value, "instant"))
    again: dict[str, Any] = {"first_live_from__isnull": False, f"first_live_from__{compare}": bound}
    first: dict[str, Any] = {"first_live_from__isnull": True, f"live_from__{compare}": bound}
    either = Q(**again) | (Q(**first) & Q(live_from__lte=policy.Now()))
    # no story is live from before its first publication: said again, so that the index of the order ends there
    return either & Q(live_from__gt=bound) if compare == "gt" else either


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
FAILING = "hasFailingChecks"


def articles(row: Row, t: Row, order: Order, filter: Any = ()) -> Source:
    """All articles; a filter by section or author starts from that list."""
    given = _given(filter)
    lists = _lists(row, given)
    source: Source = in_list(t, lists[0], order) if lists else t.rows()
    source.where += _in_lists(t, lists[1:]) + _otherwise(t, given)
    return source


def _lists(row: Row, given: list[tuple[str, Any]]) -> list[str]:
    """The lists that a filter names, by their keys."""
    tables = [(ARTICLE_LISTS[name], value) for name, value in given if name in ARTICLE_LISTS]
    return [f"(SELECT id FROM {table} WHERE slug = {row.mark(value)})" for table, value in tables]


def _in_lists(t: Row, lists: list[str]) -> list[str]:
    return [f"{t('id')} IN (SELECT article_id FROM listing WHERE list_id = {one})" for one in lists]


def _otherwise(t: Row, given: list[tuple[str, Any]]) -> list[str]:
    """What a filter says beside the lists that it names."""
    failing = [_failing(t, value) for name, value in given if name == FAILING]
    return failing + _conditions(t, ARTICLE_FILTERS, [pair for pair in given if pair[0] in ARTICLE_FILTERS])


def fits(row: Row, t: Row, filter: Any) -> list[str]:
    """The conditions of a filter over one article that is found otherwise."""
    given = _given(filter)
    return _in_lists(t, _lists(row, given)) + _otherwise(t, given)


def _failing(t: Row, value: bool) -> str:
    """Nobody but staff has checks that fail."""
    blocked = checks.blocked(t.dialect.name, t("id")) if t.actor.staff else "1 = 0"
    return blocked if value else f"NOT {blocked}"


def preview(row: Row, t: Row, token: Any) -> Source:
    """The copy that a link shows, with its story.  Open to whoever has the token, until the link or the story is ended."""
    l = f"{t.alias}_l"  # noqa: E741
    story = t.story
    return Source(
        f"preview_link {l} JOIN article {t.alias} ON {t('id')} = {l}.article_id"
        f" JOIN article {story.alias} ON {story('id')} = {t('copy_of_id')}",
        [
            f"{l}.token_hash = {row.mark(token, 'secret')}",
            f"{l}.expires_at > {t.now}",
            f"{l}.revoked_at IS NULL",
            f"{story('withdrawn_at')} IS NULL",
        ],
    )


def _worded(kind: str, value: Any) -> Q:
    return Q(id__in=linked(models.PhotoWord, "photo_id", kind=kind, word=Bound(slot(value, "folded"))))


PHOTO_FILTERS: dict[str, Condition] = {
    "keyword": lambda v, actor: _worded("keyword", v),
    "person": lambda v, actor: _worded("person", v),
    "expiresBefore": lambda v, actor: Q(rights_until__lt=Bound(slot(v, "instant"))),
    "status": lambda v, actor: Q(status__in=list(v)),
    "createdAfter": lambda v, actor: Q(created_at__gt=Bound(slot(v, "instant"))),
    "takenAfter": lambda v, actor: Q(taken_at__gt=Bound(slot(v, "instant"))),
    "usable": lambda v, actor: policy.USABLE if v else ~policy.USABLE,
    "sha256": lambda v, actor: Q(sha256=Bound(slot(v))),
}


PHOTO_WORDS = {"query": "text", "credit": "credit"}  # filter -> the kind of words that each of its own begins


def photos(row: Row, t: Row, order: Order, filter: Any = ()) -> Source:
    given = _given(filter)
    source: Source = t.rows(*_conditions(t, PHOTO_FILTERS, [pair for pair in given if pair[0] in PHOTO_FILTERS]))
    for name, value in given:
        if name in PHOTO_WORDS:
            source.where += [_says(t, name, value, place) for place in range(words.MOST)]
        elif name == "unused":
            source.where.append(f"NOT {_used(t)}" if value else _used(t))
        elif name == "expiresWithin":
            source.where += _expiring(t, value)
    return source


def _says(t: Row, name: str, value: Any, place: int) -> str:
    """A word begins as the question's word at this place does; behind the first there may be none.

    So written, photos are walked in their order and not looked up by what is found: among 100,000 a word of a third of them
    costs SQLite 16 ms and not 160, a rare one 12 and not 1.
    """
    word, end = t.mark(value, f"word:{place}"), t.mark(value, f"word-end:{place}")
    kind = PHOTO_WORDS[name]
    found = f"SELECT photo_id FROM photo_word WHERE kind = '{kind}' AND word >= {word} AND word <= {end}"
    said = f"({t('id')} IN ({found})) IS TRUE"
    return f"({word} IS NULL OR {said})" if place else said


def _used(t: Row) -> str:
    """Does a story that the caller sees show it?"""
    s, p = f"{t.alias}_s", f"{t.alias}_p"
    rule = policy.visible("Article", t.actor)
    seen = f" AND {t.build.criterion(rule, CATALOG['Article'], s)}" if rule else ""
    tables = f"article_photo {p} JOIN article {s} ON {s}.id = {p}.article_id"
    return f"EXISTS (SELECT 1 FROM {tables} WHERE {p}.photo_id = {t('id')}{seen})"


def _expiring(t: Row, days: int) -> list[str]:
    """For staff: answers to the public are kept until something is shown or hidden, and nothing is when such a day comes."""
    if not 1 <= days <= 3660:
        raise BadInput(f"Days are 1 to 3660, not {days}.", "expiresWithin")
    if not t.actor.staff:
        return ["1 = 0"]
    return [f"{t('rights_until')} > {t.now}", f"{t('rights_until')} <= {t.dialect.in_days(days)}"]


def near(row: Row, t: Row, first: int) -> Source:
    """Photos that share most of what this one looks like, and those of its bytes; for staff, else none."""
    if not row.actor.staff:
        return t.rows("1 = 0")
    l = f"{t.alias}_l"  # noqa: E741
    mine = f"SELECT key FROM photo_likeness WHERE photo_id = {row('id')}"
    sharing = (
        f"SELECT {l}.photo_id FROM photo_likeness {l} WHERE {l}.key IN ({mine}) AND {l}.photo_id <> {row('id')}"
        f" GROUP BY {l}.photo_id ORDER BY count(*) DESC, {l}.photo_id LIMIT {first}"
    )
    same = f"SELECT id FROM photo WHERE sha256 = {row('sha256')} AND id <> {row('id')}"
    source: Source = t.rows(f"{t('id')} IN (SELECT photo_id FROM ({sharing}) {l}_n UNION {same})")
    source.order = [t("id")]
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


def by_slug(entity: str) -> Edge:
    """What has the slug, else what had it: see FormerSlug.  Which slug that is is read off indexes alone."""

    def source(row: Row, t: Row, slug: Any) -> Source:
        table, asked = CATALOG[entity].table, row.mark(slug)
        owner = f"SELECT subject_id FROM former_slug WHERE kind = '{entity.lower()}' AND slug = {asked}"
        has = f"SELECT n.slug FROM {table} n WHERE n.slug = {asked}"
        had = f"SELECT f.slug FROM {table} f WHERE f.id = ({owner})"
        found: Source = t.rows(f"{t('slug')} = coalesce(({has}), ({had}))")
        return found

    return Edge("one", entity, source)


def collection_items(row: Row, t: Row, first: int | None = 20) -> Source:
    """In the editor's order.  Policy is added to the joined story before the limit: a hidden one leaves its place to the
    next."""
    limit = 20 if first is None else first
    if not 1 <= limit <= 100:
        raise BadInput(f"A list holds 1 to 100: first cannot be {limit}.", "first")
    return Source(f"collection_item {t.alias}", [f"{t('collection_id')} = {row('id')}"], [t("position")], limit)


def collection_photo(row: Row, t: Row) -> Source:
    """The photo given for this list, else the story's lead; one that is hidden is as if none were given."""
    columns = "photo_id, caption, alt_text, photo_version"
    own = f"SELECT 0 AS place, id, 'LEAD' AS role, {columns} FROM collection_item WHERE id = {row('id')}"
    lead = f"SELECT 1, id, role, {columns} FROM article_photo WHERE article_id = {row('article_id')} AND role = 'LEAD'"
    return Source(f"({own} UNION ALL {lead}) {t.alias}", order=[t("place")], limit=1)


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


def difference() -> Python:
    """Between two versions that the arguments name."""

    def needs(want: Want) -> Shape:
        versions = dict(want.args)
        stored = select("Revision", "stored", LINKS)
        sides = (("before", versions["from"]), ("after", versions["to"]))
        return Shape("Article", tuple(Want(key, "revisionAt", (("version", at),), stored) for key, at in sides))

    return Python(needs, lambda want, site: computed.differences, "FieldChange")


def drifted(row: Row) -> str:
    """Did the photo's caption change after this use got one of its own?"""
    return f"({row('caption')} IS NOT NULL AND {row.joined('photo')('caption_version')} > {row('photo_version')})"


RENDITION = ("url", {"width": computed.SHOWN.width})
LINKS = ("linksThen", "key", "headline", "url")
PAST = ("stored", "seen", "moment", ("photosThen", "key", "said", ("photo", RENDITION, "width", "height")))
ORIGINAL = ("id", "status", "handedFilename", ("rights", "expiresAt"))
FIGURE = ("photosById", "caption", "credit", "altText", ("photo", RENDITION, "width", "height"))
LINKED_DATA = (
    "url", "headline", "summary", "publishedAt", "modifiedAt", "language", "dateline", "wordCount",
    ("section", "name"), ("authors", "name", "slug"), ("tags", "name"), ("corrections", "at", "text"),
    ("leadPhoto", "caption", "credit", ("photo", RENDITION, "width", "height", "copyrightNotice", "licenseUrl", "creators")),
)  # fmt: skip

declare(
    "Article",
    models.Article,
    {
        "id": Sql("text", lambda row: f"'article_' || {row.dialect.text(row.story('id'))}"),
        "slug": Sql("text", lambda row: row.story("slug"), column="slug"),
        **columns(models.Article, "version language kicker headline summary dateline wordCount createdAt updatedAt"),
        **columns(models.Article, "bylineOverride urgency"),
        "internalNote": column("internal_note", staff=True),
        "url": Sql("text", article_url),
        "path": column("path"),
        "status": Sql("text", status),
        "publishedAt": Sql("instant", published_at, column="live_from", null=True),
        "modifiedAt": Sql("instant", modified_at, column="modified_at"),
        "scheduledFor": Sql("instant", scheduled_for, staff=True, column="live_from", null=True),
        "expiresAt": Sql("instant", lambda row: row.story("live_until"), column="live_until"),
        "embargoedUntil": Sql("instant", lambda row: row.story("embargo_until"), column="embargo_until"),
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
        "translations": Edge("many", "Article", translations),
        "seo": Edge("part", "Seo"),
        "checks": Edge("many", "Check", checks_of),
        "corrections": Edge("many", "Correction", corrections),
        "revisions": page("Revision", revisions, "SAVED_AT_DESC"),
        "asOf": Edge("one", "Revision", as_of),
        "workingCopy": Edge("one", "Revision", working_copy),
        "revisionAt": Edge("one", "Revision", revision_at),
        "diff": difference(),
        "blocks": column("body", "json"),
        "omitted": Sql("text", omitted),
        "lacking": Edge("many", "Lacking", lacking),
        "photosGoneAt": Sql("instant", photos_gone_at, null=True),
        "body": blocks(),
        "bodyHtml": from_needs(computed.body_html, "Article", "blocks", FIGURE),
        "bodyText": from_needs(computed.body_text, "Article", "blocks"),
        # for feeds: not in the schema
        "printed": from_needs(computed.body_printed, "Article", "blocks", FIGURE),
        "textsPrinted": from_needs(computed.texts_printed, "Article", "blocks"),
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
declare("Check", None, {name: Sql("text", lambda row, name=name: row(name)) for name in ("level", "code", "message")})
declare(
    "PlacedPhoto",
    models.ArticlePhoto,
    {
        "role": column("role"),
        "caption": Sql("text", lambda row: f"coalesce({row('caption')}, {row.joined('photo')('caption')})"),
        "credit": Sql("text", lambda row: row.joined("photo")("credit")),
        "altText": Sql("text", lambda row: f"coalesce({row('alt_text')}, {row.joined('photo')('alt_text')}, '')"),
        "photo": inside("photo", "Photo"),
        "drifted": Sql("boolean", drifted),
        "photoId": Sql("text", lambda row: f"'photo_' || {row.dialect.text(row('photo_id'))}", staff=True),
        "captionOverride": column("caption", staff=True),
        "altTextOverride": column("alt_text", staff=True),
    },
    joins={"photo": Join("photo_id", "Photo")},
)
declare("Correction", models.Correction, columns(models.Correction, "at text"))
declare(
    "Revision",
    models.Revision,
    {
        **columns(models.Revision, "version at"),
        "by": Sql("text", saved_by),
        "note": column("note", staff=True),
        "headline": Sql("text", lambda row: row.dialect.member(content(row), "headline")),
        "summary": Sql("text", lambda row: row.dialect.member(content(row), "summary"), null=True),
        "bodyHtml": from_needs(computed.past_html, "Revision", *PAST),
        "snapshot": from_needs(computed.past_snapshot, "Revision", *PAST, LINKS),
        # what those are made of: not in the schema
        "stored": Sql("json", content),
        "seen": Sql("boolean", lambda row: "1 = 1" if "moment" in row.given else "1 = 0"),
        "moment": Sql("instant", moment),
        "photosThen": Edge("many", "PhotoThen", photos_then),
        "linksThen": Edge("many", "LinkThen", links_then),
    },
    {"SAVED_AT_DESC": Order("at", "instant", True, "r")},
)
declare(
    "PhotoThen",
    models.PhotoRevision,
    {
        "key": Sql("text", lambda row: row.dialect.text(row("photo_id"))),
        "said": column("snapshot", "json"),
        "photo": inside("photo", "Photo"),
    },
    joins={"photo": Join("photo_id", "Photo")},
)
declare(
    "LinkThen",
    models.Revision,
    {
        "key": Sql("text", lambda row: row.dialect.text(row("article_id"))),
        "headline": Sql("text", lambda row: row.dialect.member(row("snapshot"), "headline")),
        "url": Sql("text", lambda row: article_url(row.joined("article"))),
    },
    joins={"article": Join("article_id", "Article")},
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
            models.Photo,
            "digitalSourceType dataMining takenAt keywords people filename format width height byteSize sha256",
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
        "contentCredentials": column("content_credentials"),
        "similar": computed.similar(),
        "originalUrl": computed.original_url(lambda: select("Photo", *ORIGINAL)),
        # for the server itself: not in the schema
        "itself": Edge("part", "Photo"),
        "near": Edge("many", "Photo", near),
        "likeness": column("likeness"),
        **columns(models.Photo, "creators originalKey focalX focalY"),
        "handedFilename": Sql("text", handed_filename),
        "readAt": Sql("instant", lambda row: row.now),
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
        **columns(models.Photo, "syndicatable territories"),
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
    "Collection",
    models.Collection,
    {
        "id": global_id("collection"),
        **columns(models.Collection, "slug title description version updatedAt"),
        "items": Edge("many", "CollectionItem", collection_items),
    },
)
declare(
    "CollectionItem",
    models.CollectionItem,
    {
        "article": inside("article", "Article"),
        **{
            name: Sql("text", lambda row, name=name: f"coalesce({row(name)}, {row.joined('article')(name)})")
            for name in ("headline", "kicker", "summary")
        },
        "photo": Edge("one", "PlacedPhoto", collection_photo),
    },
    joins={"article": Join("article_id", "Article")},
)
declare(
    "User",
    models.User,
    {
        "id": global_id("user"),
        **columns(models.User, "version name email role active createdAt"),
        "sections": through("Section", models.UserSection, "user_id", "section_id", "path"),
        "keys": owned("many", "Key", "user_id", "created_at", "id"),
    },
    {"NAME_ASC": Order("name", "text", False, "n")},
)
declare(
    "Key",
    models.ApiKey,
    {
        "id": global_id("key"),
        **columns(models.ApiKey, "label prefix scopes createdAt expiresAt revokedAt lastUsedAt"),
    },
)


def users(row: Row, t: Row, order: Order) -> Source:
    """For those who manage them: one's own account is the viewer's."""
    source: Source = t.rows(*([] if policy.allows(t.actor, "user.manage") else ["1 = 0"]))
    return source


def partners(row: Row, t: Row, order: Order) -> Source:
    """For those who manage them: a partner finds itself as the viewer's."""
    source: Source = t.rows(*([] if policy.allows(t.actor, "partner.manage") else ["1 = 0"]))
    return source


def subject_key(row: Row, entity: Entity) -> str:
    return f"CASE WHEN {row('subject_type')} = {row.text(entity.name)} THEN {row('subject_id')} END"


def subject_id(row: Row) -> str:
    return f"lower({row('subject_type')}) || '_' || {row.dialect.text(row('subject_id'))}"


def audit(row: Row, t: Row, order: Order, subject: Any = None, by: Any = None) -> Source:
    where = (
        []
        if subject is None
        else [f"{t('subject_id')} = {row.mark(subject, 'key')}", f"{subject_id(t)} = {row.mark(subject)}"]
    )
    where += [] if by is None else [f"{t('user_id')} = {row.mark(by, 'id:user')}"]
    source: Source = t.rows(*where)
    return source


declare(
    "AuditEntry",
    models.AuditEntry,
    {
        **columns(models.AuditEntry, "at by action summary requestId"),
        "subject": Nodes(plural=False, key=subject_key),
        "subjectId": Sql("text", subject_id),
    },
    {"AT_DESC": Order("at", "instant", True, "e")},
    listed="Audit",
)
# ------------------------------------------------------------------------------------------------------- syndication

# of a story or photo that is gone these are told, and nothing else
ENDED = {
    "Article": ("ARTICLE_UNPUBLISHED", "ARTICLE_WITHDRAWN"),
    "Photo": ("PHOTO_WITHDRAWN",),
}


def told(t: Row) -> list[str]:
    """The changes that the caller is told of: of what it sees, and the ends of what it was entitled to.  A partner is also
    told when its right to a photo that it got has changed."""
    ways = [f"({t('subject_type')} = {t.text(entity)} AND {_told_of(t, entity)})" for entity in ENDED]
    hears_ahead = t.actor.staff or t.actor.embargo_access
    return [f"({' OR '.join(ways)})", *([] if hears_ahead else [f"NOT {t('ahead')}"])]


def _told_of(t: Row, entity: str) -> str:
    s = t.beside(entity, f"{t.alias}_s")
    ended = f"{t('kind')} IN ({', '.join(map(t.text, ENDED[entity]))})"
    if t.actor.staff:  # what a contributor does not see under embargo has not ended for it
        ended = f"({ended} AND NOT {t('ahead')})"
    entitled = policy.granted(entity, t.actor)
    seen = [*s.visible(), "1 = 1"][0]
    ways = [seen, f"({ended} AND {s.holds(entitled)})" if entitled else ended]
    if t.actor.kind == "PARTNER":
        d = f"{t.alias}_d"
        own = t.build.parameters.actor_value("partner_id", "uuid")
        got = f"SELECT 1 FROM delivery {d} WHERE {d}.subject_id = {t('subject_id')} AND {d}.partner_id = {own}"
        over = f"({ended} OR {t('kind')} = {t.text('PHOTO_RIGHTS_CHANGED')})"
        ways.append(f"({over} AND EXISTS ({got}))")
    rows = f"SELECT 1 FROM {CATALOG[entity].table} {s.alias} WHERE {s('id')} = {t('subject_id')}"
    return f"EXISTS ({rows} AND ({' OR '.join(ways)}))"


def changes(row: Row, t: Row, order: Order) -> Source:
    settled = ledger.SETTLED[t.dialect.name]
    source: Source = t.rows(*told(t), settled)
    source.steps = "change", settled
    return source


def feed_changes(row: Row, t: Row, order: Order, filter: Any = ()) -> Source:
    """Those of the stories that a feed holds, and of the photos in them."""
    source = changes(row, t, order)
    source.where += _of_feed(row, t, filter)
    return source


def _of_feed(row: Row, t: Row, filter: Any) -> list[str]:
    a = t.beside("Article", f"{t.alias}_a")
    held = fits(row, a, filter)
    story = all_of([f"{a('id')} = {t('subject_id')}", *held])
    shown = all_of([f"l.photo_id = {t('subject_id')}", *a.visible(), *held])
    stories = f"EXISTS (SELECT 1 FROM article {a.alias} WHERE {story})"
    photos = f"EXISTS (SELECT 1 FROM article_photo l JOIN article {a.alias} ON {a('id')} = l.article_id WHERE {shown})"
    return [f"CASE {t('subject_type')} WHEN 'Article' THEN {stories} ELSE {photos} END"]


KEPT_DAYS, MOST_ENDED = 30, 100  # of tombstones; partners may be behind for so long (the ledger's own promise)


def ended(row: Row, t: Row, filter: Any = ()) -> Source:
    """The ends of stories of a feed that its reader may still have, the newest first."""
    kinds = ", ".join(map(t.text, ENDED["Article"]))
    recent = f"{t('at')} > {t.dialect.in_days(-KEPT_DAYS)}"
    source: Source = t.rows(f"{t('kind')} IN ({kinds})", recent, *told(t), *_of_feed(row, t, filter))
    a = t.beside("Article", f"{t.alias}_v")
    seen = all_of([f"{a('id')} = {t('subject_id')}", *a.visible()])
    source.where.append(f"NOT EXISTS (SELECT 1 FROM article {a.alias} WHERE {seen})")
    source.order, source.limit = [f"{t('at')} DESC", f"{t('position')} DESC"], MOST_ENDED
    return source


def story_of(row: Row, t: Row, filter: Any = ()) -> Source:
    """The story that a change is about."""
    source: Source = t.rows(f"{row('subject_type')} = 'Article'", f"{t('id')} = {row('subject_id')}")
    source.where += fits(row, t, filter)
    return source


def picture_of(row: Row, t: Row) -> Source:
    """The photo that a change is about."""
    source: Source = t.rows(f"{row('subject_type')} = 'Photo'", f"{t('id')} = {row('subject_id')}")
    return source


def change_at(row: Row, t: Row, cursor: Any) -> Source:
    """The change at a place in the ledger, for who is told of it."""
    source: Source = t.rows(f"{t('position')} = {row.mark(cursor, 'cursor-place:2')}", *told(t))
    return source


def stories_with(row: Row, t: Row, filter: Any = ()) -> Source:
    """The stories that show the photo that a change is about."""
    using = f"SELECT article_id FROM article_photo WHERE photo_id = {row('subject_id')}"
    source: Source = t.rows(f"{row('subject_type')} = 'Photo'", f"{t('id')} IN ({using})", *fits(row, t, filter))
    source.order, source.limit = [f"{t('live_from')} DESC", f"{t('id')} DESC"], 100
    return source


def ledger_head(row: Row) -> str:
    """The cursor of the newest change that nothing will come before; NULL where there is none."""
    c = row.beside("Change", "c")
    order = ", ".join(f"{c(column)} DESC" for column in LEDGER["LEDGER"].columns)
    settled = ledger.SETTLED[row.dialect.name]
    return f"(SELECT {c.cursor(LEDGER['LEDGER'])} FROM change c WHERE {settled} ORDER BY {order} LIMIT 1)"


def article_changes(row: Row, t: Row, order: Order, id: Any = None, section: Any = None) -> Source:
    """Of one story, or of those that stand in a section or below it."""
    where = [f"{t('subject_type')} = {t.text('Article')}"]
    if id is not None:
        where.append(f"{t('subject_id')} = {row.mark(id, 'id:article')}")
    if section is not None:
        list_ = f"(SELECT id FROM section WHERE slug = {row.mark(section)})"
        where.append(f"{t('subject_id')} IN (SELECT article_id FROM listing WHERE list_id = {list_})")
    source = changes(row, t, order)
    source.where += where
    return source


def got(near: str) -> Callable[[Row, Row, Order], Source]:
    def source(row: Row, t: Row, order: Order) -> Source:
        found: Source = t.rows(f"{t(near)} = {row('id')}")
        return found

    return source


def opens(row: Row) -> str:
    """Has the feed a private address, and may the caller know it?"""
    return f"({row('partner_id')} IS NOT NULL)" if policy.opens_feeds(row.actor) else "(1 = 0)"


LEDGER = {"LEDGER": Order("position", "place", False, "")}
FEED = ("slug", "language", "textOnly", "embargoedAhead", ("section", "slug"), ("author", "slug"), ("tags", "slug"))

declare(
    "Change",
    models.Change,
    {
        "cursor": Sql("text", lambda row: row.cursor(LEDGER["LEDGER"])),
        **columns(models.Change, "at kind version note"),
        "subject": Nodes(plural=False, key=subject_key),
        "subjectId": Sql("text", subject_id),
        # for feeds: not in the schema
        "story": Edge("one", "Article", story_of),
        "stories": Edge("many", "Article", stories_with),
        "picture": Edge("one", "Photo", picture_of),
    },
    LEDGER,
)
declare(
    "Delivery",
    models.Delivery,
    {
        "id": global_id("delivery"),
        **columns(models.Delivery, "channel attempt at status durationMs nextAttemptAt outcome acknowledgedAt note"),
        "change": to_one("Change", "change_id", "position"),
    },
    {"AT_DESC": Order("at", "instant", True, "l")},
)


def webhook_state(row: Row) -> str:
    """PAUSED needs someone to resume it; RETRYING has failed lately and is tried again."""
    paused = f"{row('paused_at')} IS NOT NULL OR NOT {row('active')}"
    return f"CASE WHEN {paused} THEN 'PAUSED' WHEN {row('failures')} > 0 THEN 'RETRYING' ELSE 'HEALTHY' END"


declare(
    "Webhook",
    models.Webhook,
    {
        "id": global_id("webhook"),
        **columns(models.Webhook, "version url events active query createdAt"),
        "state": Sql("text", webhook_state),
        "partner": to_one("Partner", "partner_id"),
        "deliveries": page("Delivery", got("webhook_id"), "AT_DESC"),
    },
    {"NAME_ASC": Order("url", "text", False, "n")},
)
declare(
    "Partner",
    models.Partner,
    {
        "id": global_id("partner"),
        **columns(models.Partner, "version name active embargoAccess territories createdAt"),
        "photoDistributors": column("photo_distributors", "json?"),
        "sections": through("Section", models.PartnerSection, "partner_id", "section_id", "path"),
        "feeds": owned("many", "Feed", "partner_id", "slug"),
        "keys": owned("many", "Key", "partner_id", "created_at", "id"),
        "ledger": page("Delivery", got("partner_id"), "AT_DESC"),
    },
    {"NAME_ASC": Order("name", "text", False, "n")},
)
declare(
    "Feed",
    models.Feed,
    {
        "id": global_id("feed"),
        **columns(models.Feed, "version slug title createdAt"),
        "filter": from_needs(computed.feed_filter, "Feed", *FEED),
        "urls": computed.feed_urls(lambda: select("Feed", "slug")),
        "privateUrls": computed.private_urls(lambda: select("Feed", "key", "slug", "secretNumber", "opens")),
        "partner": to_one("Partner", "partner_id"),
        # for the server itself: not in the schema
        **columns(models.Feed, "language textOnly embargoedAhead secretNumber"),
        "key": Sql("text", lambda row: row.dialect.text(row("id"))),
        "partnerKey": Sql("text", lambda row: row.dialect.text(row("partner_id"))),
        "opens": Sql("boolean", opens),
        "section": to_one("Section", "section_id"),
        "author": to_one("Author", "author_id"),
        "tags": through("Tag", models.FeedTag, "feed_id", "tag_id", "slug"),
    },
)
declare(
    "Query",
    None,
    {
        "article": by_slug("Article"),
        "articles": page("Article", articles, LATEST),
        "preview": Edge("one", "Article", preview, secret=True),
        "photo": by("Photo", "id", "id", "id:photo"),
        "photos": page("Photo", photos, "CREATED_AT_DESC"),
        "section": by_slug("Section"),
        "sections": Edge("many", "Section", section_tree),
        "tag": by_slug("Tag"),
        "tags": page("Tag", tags, "NAME_ASC"),
        "author": by_slug("Author"),
        "authors": page("Author", authors, "NAME_ASC"),
        "collection": by("Collection", "slug", "slug", "text"),
        "collections": Edge("many", "Collection", lambda row, t: Source(f"collection {t.alias}", order=[t("slug")])),
        "users": page("User", users, "NAME_ASC"),
        "changes": page("Change", changes, "LEDGER"),
        "feeds": Edge("many", "Feed", lambda row, t: Source(f"feed {t.alias}", order=[t("slug")])),
        "partners": page("Partner", partners, "NAME_ASC"),
        "webhooks": page("Webhook", lambda row, t, order: t.rows(), "NAME_ASC"),
        "audit": page("AuditEntry", audit, "AT_DESC"),
        "node": Nodes(plural=False),
        "nodes": Nodes(plural=True),
    },
)

# What a payload shows is read by the keys that the action returned: articleByKey(key), sectionsByKey(keys).
for name in (
    "Article",
    "Photo",
    "Section",
    "Tag",
    "Author",
    "Collection",
    "User",
    "Key",
    "Partner",
    "Feed",
    "Delivery",
    "Webhook",
):
    CATALOG["Query"].fields[f"{name.lower()}ByKey"] = by(name, "key", "id", "uuid")


def _sections_by_key(row: Row, t: Row, key: Any) -> Source:
    return Source(f"section {t.alias}", [f"{t('id')} IN {row.mark(key, 'uuids')}"], [t("path")])


CATALOG["Query"].fields["sectionsByKey"] = Edge("many", "Section", _sections_by_key)


def _articles_by_key(row: Row, t: Row, key: Any) -> Source:
    source: Source = t.rows(f"{t('id')} IN {row.mark(key, 'uuids')}")
    source.order = [f"{t('live_from')} DESC", f"{t('id')} DESC"]
    return source


CATALOG["Query"].fields["articlesByKey"] = Edge("many", "Article", _articles_by_key)


def _kill(row: Row, t: Row, key: Any) -> Source:
    """That a photo was killed is no secret: whoever asks for it is told."""
    return Source(f"photo {t.alias}", [f"{t('id')} = {row.mark(key, 'uuid')}", f"{t('status')} = 'WITHDRAWN'"])


declare("Lacking", models.Photo, {"id": global_id("photo")})
declare("Kill", models.Photo, {"notice": Sql("text", lambda row: f"coalesce({row('withdrawn_notice')}, '')")})
CATALOG["Query"].fields["killByKey"] = Edge("one", "Kill", _kill)
CATALOG["Query"].fields["ledgerHead"] = Sql("text", ledger_head)
CATALOG["Query"].fields["changeByCursor"] = Edge("one", "Change", change_at)
CATALOG["Query"].fields["feedChanges"] = page("Change", feed_changes, "LEDGER")
CATALOG["Query"].fields["ended"] = Edge("many", "Change", ended)
CATALOG["Query"].fields["feedBySlug"] = by("Feed", "slug", "slug", "text")


def _withdrawn(row: Row, t: Row, slug: Any) -> Source:
    """That a story was withdrawn is no secret to those who may have read it; of one that was never out nobody is told."""
    asked = row.mark(slug)
    had = f"SELECT subject_id FROM former_slug WHERE kind = 'article' AND slug = {asked}"
    out = f"coalesce({t('first_live_from')}, {t('live_from')}) <= {t('withdrawn_at')}"
    held = f"{t('first_live_from')} IS NULL AND {t('embargo_until')} > {t('withdrawn_at')}"
    return Source(
        f"article {t.alias}", [f"({t('slug')} = {asked} OR {t('id')} = ({had}))", out, f"({held}) IS NOT TRUE"]
    )


declare("Withdrawn", models.Article, {"id": global_id("article")})
CATALOG["Query"].fields["withdrawnBySlug"] = Edge("one", "Withdrawn", _withdrawn)


def _mapped(row: Row, t: Row, since: Any, until: Any, first: int) -> Source:
    """The newest stories that began in this time and that search engines may know by their own address."""
    began = [f"{t('live_from')} >= {row.mark(since, 'instant')}", f"{t('live_from')} < {row.mark(until, 'instant')}"]
    source: Source = t.rows(*began, f"NOT {t('noindex')}", f"coalesce({t('canonical_url')} = {article_url(t)}, 1 = 1)")
    source.order, source.limit = [f"{t('live_from')} DESC", f"{t('id')} DESC"], first
    return source


CATALOG["Query"].fields["mapped"] = Edge("many", "Article", _mapped)
CATALOG["Query"].fields["articleChanges"] = page("Change", article_changes, "LEDGER")
CATALOG["Query"].fields["articleByPath"] = by("Article", "path", "path", "text")
