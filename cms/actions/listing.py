"""The lists that a story stands in: its section and that section's ancestors, its tags, its authors.

Kept in the transaction of the change that alters them.  Names become keys here, for the verbs of stories; a tag that
does not exist yet is made.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q, Subquery

from cms import db
from cms import slug as slugs
from cms.actions import addresses
from cms.actions.around import Around
from cms.actions.fields import refuse
from cms.db.clock import dialect
from cms.errors import BadInput, NotFound, Refusal
from cms.models import FAR, Article, ArticleTag, Author, Listing, Section, Tag
from cms.policy import Now

TAG_SLUG = 120
# which tags there are stays as it is while a transaction holds this: tags are merged while no story is saved.  Verbs of
# stories share it, and take it before they write; taken later, each could wait for what the other has
TAGS = UUID("7a650000-0000-4000-8000-000000000000")


async def section_named(slug: str, *path: str) -> Section:
    """The section, held as it is until the transaction ends: a move of its subtree waits, or was waited for.

    Without that a story could be saved with the path that its section has just left.
    """
    held = " FOR SHARE" if dialect() == "postgres" else ""
    place = "$1" if dialect() == "postgres" else "?"
    await get_connection("default").execute_query(f"SELECT id FROM section WHERE slug = {place}{held}", [slug])
    section = await Section.get_or_none(slug=slug)
    if section is None:
        raise NotFound("There is no such section.", *path)
    return section


async def authors_named(given: Sequence[str], *path: str) -> list[UUID]:
    """Keys in the given order, each once.  Raises NotFound for each slug that is no author's."""
    known = {author.slug: author.id for author in await Author.filter(slug__in=list(given))}
    refuse(
        [
            NotFound("There is no such author.", *path, str(place))
            for place, slug in enumerate(given)
            if slug not in known
        ]
    )
    return list(dict.fromkeys(known[slug] for slug in given))


async def tags_named(given: Sequence[str], *path: str) -> list[UUID]:
    """Keys in the given order, each once, by name, slug or former slug; a tag is made for each that is new."""
    wanted = {name: slugs.slugify(name, TAG_SLUG) for name in given}
    refusals: list[Refusal] = [
        BadInput("A tag needs at least one letter or digit.", *path, str(place))
        for place, name in enumerate(given)
        if not wanted[name]
    ]
    refuse(refusals)
    known = await _tags(wanted)
    # in the order of their slugs: two stories that make the same tags would otherwise wait for each other for ever
    fresh = {slug: name for name, slug in reversed(wanted.items()) if name not in known}
    if fresh:
        made = [Tag(slug=slug, name=fresh[slug], visible_from=FAR) for slug in sorted(fresh)]
        await Tag.bulk_create(made, ignore_conflicts=True)
        known = await _tags(wanted)
    return list(dict.fromkeys(known[name] for name in given))


async def keep(around: Around) -> None:
    """The rows of a story, in the lists of its tags, its authors and its sections.

    A tag that only hidden stories carry is hidden with them, for it would tell what they are about.
    """
    article, rows = around.article, around.rows
    lists = {UUID(one["id"]) for name in ("sections", "authors", "tags") for one in rows[name]}
    standing = {UUID(one["list"]) for one in rows["listed"] if one["in_place"]}
    if gone := [one["id"] for one in rows["listed"] if not one["in_place"] or UUID(one["list"]) not in lists]:
        await Listing.filter(id__in=gone).delete()
    if fresh := sorted(lists - standing):
        await Listing.bulk_create(
            [Listing(list_id=one, live_from=article.live_from, article_id=article.id) for one in fresh]
        )
    await _reveal(UUID(one["id"]) for one in rows["hidden"])


async def move(subtree: Sequence[UUID], left: Sequence[UUID], entered: Sequence[UUID]) -> None:
    """All stories of the sections `subtree` leave the lists `left` and enter the lists `entered`."""
    if left:
        await _each("DELETE FROM listing WHERE list_id = {0} AND article_id IN ({stories})", left, subtree)
    insert = "INSERT INTO listing (list_id, live_from, article_id) SELECT {0}{uuid}, live_from, id FROM article"
    await _each(insert + " WHERE section_id IN ({sections}) AND copy_of_id IS NULL", entered, subtree)


async def retag(tags: Sequence[UUID], into: UUID) -> None:
    """All stories that carry one of `tags` carry `into`, once, and stand in its list."""
    places = _places(len(tags) + 1)
    mark, all_of, some = places[-1], ", ".join(places), ", ".join(places[:-1])
    earlier = f"o.tag_id IN ({all_of}) AND (o.position, o.id) < (article_tag.position, article_tag.id)"
    twice = f"SELECT 1 FROM article_tag o WHERE o.article_id = article_tag.article_id AND {earlier}"
    other = f"(o.list_id = {mark} OR o.list_id IN ({some}) AND o.list_id < listing.list_id)"
    there = f"SELECT 1 FROM listing o WHERE o.article_id = listing.article_id AND {other}"
    for sql in (
        f"DELETE FROM article_tag WHERE tag_id IN ({all_of}) AND EXISTS ({twice})",
        f"UPDATE article_tag SET tag_id = {mark} WHERE tag_id IN ({some})",
        f"DELETE FROM listing WHERE list_id IN ({some}) AND EXISTS ({there})",
        f"UPDATE listing SET list_id = {mark} WHERE list_id IN ({some})",
    ):
        await get_connection("default").execute_query(sql, [str(one) for one in (*tags, into)])


def lineage(path: str) -> list[str]:
    """lineage("/world/asia/") == ["/world/", "/world/asia/"]."""
    steps = path.strip("/").split("/")
    return ["/" + "/".join(steps[: depth + 1]) + "/" for depth in range(len(steps))]


async def _reveal(keys: Iterable[UUID]) -> None:
    """Tags that readers do not know of yet, in order: from when they may, by the stories that carry them now."""
    for key in keys:
        await db.lock(key)  # of two stories that are published at once the second sees the first
        carrying = Subquery(ArticleTag.filter(tag_id=key).values_list("article_id"))
        stories = await Article.filter(id__in=carrying, withdrawn_at__isnull=True).only("live_from", "embargo_until")
        first = min((max(one.live_from, one.embargo_until or one.live_from) for one in stories), default=FAR)
        await Tag.filter(id=key).filter(visible_from__gt=Now()).update(visible_from=first)


async def _tags(wanted: dict[str, str]) -> dict[str, UUID]:
    tags = await Tag.filter(Q(slug__in=list(wanted.values())) | Q(name__in=list(wanted)))
    by_name, by_slug = {tag.name: tag.id for tag in tags}, {tag.slug: tag.id for tag in tags}
    former = await addresses.subjects("tag", set(wanted.values()) - set(by_slug))
    found = {name: by_name.get(name) or by_slug.get(slug) or former.get(slug) for name, slug in wanted.items()}
    return {name: key for name, key in found.items() if key}


def _places(count: int) -> list[str]:
    """The first parameters; they are numbered on SQLite too, for they stand in a statement more than once."""
    return [f"{'$' if dialect() == 'postgres' else '?'}{place + 1}" for place in range(count)]


async def _each(sql: str, lists: Sequence[UUID], subtree: Sequence[UUID]) -> None:
    postgres = dialect() == "postgres"
    places = [f"${place + 2}" if postgres else "?" for place in range(len(subtree))]
    sections = ", ".join(places)
    text = sql.format(
        "$1" if postgres else "?",
        uuid="::uuid" if postgres else "",
        sections=sections,
        stories=f"SELECT id FROM article WHERE section_id IN ({sections})",
    )
    values: list[Any] = [str(key) for key in subtree]
    for one in lists:
        await get_connection("default").execute_query(text, [str(one), *values])
