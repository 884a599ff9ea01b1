"""Actor × state × may see, actor × verb × may do: the whole of it, through every door, on both databases."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms import db, ids, policy
from cms.actions import (
    accounts,
    articles,
    collections,
    documents,
    killing,
    partners,
    photos,
    previews,
    publishing,
    taxonomy,
    webhooks,
)
from cms.actor import ANONYMOUS, ROLES, Actor
from cms.db.clock import now
from cms.errors import BadInput, CMSError, Forbidden, NotFound, Unauthenticated
from cms.models import FAR, Article, Author, Listing, Photo, RelatedLink, Section
from cms.read.catalog import select
from cms.read.entry import Site
from cms.read.reader import Reader
from cms.read.shape import Shape, Want
from cms.settings import Settings
from media.decode import Workshop
from media.storage import open_store
from tests import house

# ------------------------------------------------------------------------------------------------------------- the table

ARTICLE_STATES: dict[
    str, dict[str, Any]
] = {  # how a story's row stands, in hours from now; all but the columns of a draft
    "draft": {},
    "in review": {"in_review": True},
    "scheduled": {"live_from": +1},
    "scheduled again": {"live_from": +1, "first_live_from": -9},
    "embargoed": {"live_from": -1, "embargo_until": +1},
    "embargo over": {"live_from": -2, "embargo_until": -1},
    "published": {"live_from": -1},
    "published until later": {"live_from": -1, "live_until": +1},
    "expired": {"live_from": -2, "live_until": -1},
    "expired under embargo": {"live_from": -2, "live_until": -1, "embargo_until": +1},
    "withdrawn": {"live_from": -2, "withdrawn_at": -1},
    "withdrawn draft": {"withdrawn_at": -1},
}
PUBLIC = {"published", "published until later", "embargo over"}
STATUS = {
    "draft": "DRAFT",
    "in review": "IN_REVIEW",
    "scheduled": "SCHEDULED",
    "scheduled again": "SCHEDULED",
    "embargoed": "SCHEDULED",
    "embargo over": "PUBLISHED",
    "published": "PUBLISHED",
    "published until later": "PUBLISHED",
    "expired": "UNPUBLISHED",
    "expired under embargo": "UNPUBLISHED",
    "withdrawn": "WITHDRAWN",
    "withdrawn draft": "WITHDRAWN",
}
PHOTO_STATES: dict[str, dict[str, Any]] = {
    "ready": {},
    "rights ahead": {"rights_until": +1},
    "rights over": {"rights_until": -1},
    "pending": {"status": "PENDING"},
    "withdrawn": {"status": "WITHDRAWN"},
    "withdrawn, rights ahead": {"status": "WITHDRAWN", "rights_until": +1},
    "not for partners": {"syndicatable": False},
    "in Germany": {"territories": ["DE"]},
    "in Germany and France": {"territories": ["DE", "FR"]},
    "by AFP": {"distributor": "AFP", "distributor_key": "afp"},
    "by AFP, in Germany, over": {"distributor_key": "afp", "territories": ["DE"], "rights_until": -1},
    "by AFP, in Germany": {"distributor_key": "afp", "territories": ["DE"]},
    "by Reuters": {"distributor": "Reuters", "distributor_key": "reuters"},
}
EVERYWHERE = {"ready", "rights ahead"}
LIMITED = {"in Germany", "in Germany and France", "by AFP, in Germany"}
USABLE = EVERYWHERE | LIMITED | {"not for partners", "by AFP", "by Reuters"}
ALL_STORIES, ALL_PHOTOS = set(ARTICLE_STATES), set(PHOTO_STATES)

# actor -> (the stories, the photos that it sees)
SEES: dict[str, tuple[set[str], set[str]]] = {
    "anonymous": (PUBLIC, USABLE),
    "reader": (PUBLIC, USABLE),
    "partner": (PUBLIC, EVERYWHERE | {"by AFP", "by Reuters"}),
    "partner in Germany, for AFP's photos": (PUBLIC, EVERYWHERE | LIMITED | {"by AFP"}),
    "partner in Germany and France, ahead, for nobody's photos": (
        PUBLIC | {"embargoed"},
        EVERYWHERE | {"in Germany and France"},
    ),
    "key of a reader": (PUBLIC, USABLE),
    "contributor": (PUBLIC, ALL_PHOTOS),
    "the owner, a contributor": (ALL_STORIES, ALL_PHOTOS),
    "photo editor": (ALL_STORIES, ALL_PHOTOS),
    "editor of the section": (ALL_STORIES, ALL_PHOTOS),
    "editor of another section": (ALL_STORIES, ALL_PHOTOS),
    "editor": (ALL_STORIES, ALL_PHOTOS),
    "key of an editor": (ALL_STORIES, ALL_PHOTOS),
    "admin": (ALL_STORIES, ALL_PHOTOS),
}

# One letter for each of DEEDS below, in their order:
#   article: create, create elsewhere · update draft, published · submit · publish · unpublish · withdraw · correct
#     · restore draft, unpublished · preview draft, published · delete
#   photo: upload, update, withdraw · section, tag, author, collection · user, partner, webhook, key of one's own, of another's, document, audit
# y may · n may not · h does not see it, so it is not there · w is asked to sign in
DOES: dict[str, str] = {
    "anonymous": "ww ww w w w w w ww ww w  www wwww wwwwwwn",
    "reader": "nn nn n n n n n nn nn n  nnn nnnn nnnnnnn",
    "partner": "nn nn n n n n n nn nn n  nnn nnnn nnnnnnn",
    **dict.fromkeys(
        (
            "partner in Germany, for AFP's photos",
            "partner in Germany and France, ahead, for nobody's photos",
        ),
        "nn nn n n n n n nn nn n  nnn nnnn nnnnnnn",
    ),
    "key of a reader": "nn nn n n n n n nn nn n  nnn nnnn nnnnnnn",
    "contributor": "yy hn h n n n n hh hn h  ynn nnnn nnnynnn",
    "the owner, a contributor": "yy yn y n n n n yn yn y  yyn nnnn nnnynnn",
    "photo editor": "nn nn n n n n n nn nn n  yyy nnnn nnnynnn",
    "editor of the section": "yn yy y y y y y yy yy y  yyy nyyy nnnynnn",
    "editor of another section": "ny nn n n n n n nn nn n  yyy nyyy nnnynnn",
    "editor": "yy yy y y y y y yy yy y  yyy yyyy nnnynnn",
    "key of an editor": "yy yy y y y y y yy yy y  yyy yyyy nnnnnnn",
    "admin": "yy yy y y y y y yy yy y  yyy yyyy yyyyyyy",
}


# -------------------------------------------------------------------------------------------------------- the newsroom


@dataclass(frozen=True)
class World:
    """One story in each state, all by one contributor, and one photo in each."""

    reader: Reader
    actors: dict[str, Actor]
    stories: dict[str, UUID]
    photos: dict[str, UUID]
    frame: UUID  # a public story that holds every photo and links to every story
    folder: Path
    section: UUID  # of all the stories

    async def ask(self, who: str, *wants: Want) -> dict[str, Any]:
        return await self.reader.value(Shape("Query", wants), self.actors[who])


def _partner(**grants: Any) -> Actor:
    return Actor(kind="PARTNER", partner_id=ids.new(), name="Harbour Wire", **grants)


def _at(columns: dict[str, Any]) -> dict[str, Any]:
    return {
        name: house.hours(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in columns.items()
    }


@pytest.fixture
async def world(newsroom: db.Database, tmp_path: Path) -> World:
    section, sport = await house.section("World"), await house.section("Sport")
    owner = await house.staff("CONTRIBUTOR")
    key = Actor(kind="API_KEY", role="EDITOR", user_id=(await house.staff("EDITOR")).user_id, name="Script")
    actors = {
        "anonymous": ANONYMOUS,
        "reader": await house.staff("READER"),
        "partner": Actor(kind="PARTNER", partner_id=ids.new(), name="Harbour Wire"),
        "partner in Germany, for AFP's photos": _partner(territories=("DE",), distributors=("afp",)),
        "partner in Germany and France, ahead, for nobody's photos": _partner(
            territories=("DE", "FR"), distributors=(), embargo_access=True, sections=(section,)
        ),
        "key of a reader": Actor(kind="API_KEY", role="READER", user_id=owner.user_id, name="Script"),
        "contributor": await house.staff("CONTRIBUTOR"),
        "the owner, a contributor": owner,
        "photo editor": await house.staff("PHOTO_EDITOR"),
        "editor of the section": await house.staff("EDITOR", section),
        "editor of another section": await house.staff("EDITOR", sport),
        "editor": await house.staff("EDITOR"),
        "key of an editor": key,
        "admin": await house.staff("ADMIN"),
    }
    pictures = {name: await house.photo() for name in PHOTO_STATES}
    await house.author("Ada Writer")
    await house.tag("Rice")
    made = {"authors": ["ada-writer"], "tags": ["Rice"], "lead_photo": {"photo": pictures["ready"]}}
    stories = {name: await house.article(owner, headline=name, **made) for name in ARTICLE_STATES}
    for name, columns in ARTICLE_STATES.items():
        await Article.filter(id=stories[name]).update(**_at(columns))
        await Listing.filter(article_id=stories[name]).update(live_from=_at(columns).get("live_from", FAR))
    links = [{"article": story} for story in stories.values()]
    gallery = [{"photo": photo} for photo in pictures.values()]
    frame = await house.live(headline="Frame", related=links, gallery=gallery)
    for name, columns in PHOTO_STATES.items():
        await Photo.filter(id=pictures[name]).update(created_by=owner.user_id, **_at(columns))
    reader = Reader(newsroom, Site("https://site.test", "https://site.test", "Courier"))
    return World(reader, actors, stories, pictures, frame, tmp_path, section)


# ----------------------------------------------------------------------------------------------------------- may see

Door = Callable[[World, str], Awaitable[set[str]]]
SLUG = Shape("Article", (Want("slug", "slug"),))
ARTICLE_ID, PHOTO_ID = select("Article", "id"), select("Photo", "id")


def _names(world: World, found: Any) -> set[str]:
    """The stories or photos, by name, of some ids; the frame is left out."""
    public = {ids.public("Article", key): name for name, key in world.stories.items()}
    public |= {ids.public("Photo", key): name for name, key in world.photos.items()}
    return {public[one["id"]] for one in found if one is not None and one["id"] in public}


def one_by_one(things: str, field: str, entity: str, argument: Callable[[str, UUID], Any], name: str) -> Door:
    """Each asked for by itself."""

    async def door(world: World, who: str) -> set[str]:
        below = select(entity, "id")
        keys: dict[str, UUID] = getattr(world, things)
        if field == "node":
            below = Shape("Node", types=(ARTICLE_ID, PHOTO_ID))
        wants = [
            Want(f"f{number}", field, ((name, argument(called, key)),), below)
            for number, (called, key) in enumerate(keys.items())
        ]
        return _names(world, (await world.ask(who, *wants)).values())

    return door


def listed(entity: str, field: str, args: dict[str, Any], *path: str, of: str = "Query") -> Door:
    """In a connection, which must count what it lists."""

    async def door(world: World, who: str) -> set[str]:
        below = select(f"{entity}Connection", ("nodes", "id"), "totalCount", ("edges", ("node", "id")))
        want = Want(field, field, (("first", 100), *args.items()), below)
        if path:
            argument = {"slug": path[1]} if path[0] != "photo" else {"id": ids.public("Photo", world.photos["ready"])}
            want = Want(path[0], path[0], tuple(argument.items()), Shape(of, (want,)))
        page = await world.ask(who, want)
        page = page[path[0]][field] if path else page[field]
        assert page["totalCount"] == len(page["nodes"])
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        return _names(world, page["nodes"])

    return door


async def _nodes(world: World, who: str, keys: dict[str, UUID], entity: str) -> set[str]:
    asked = tuple(ids.public(entity, key) for key in keys.values())
    below = Shape("Node", types=(ARTICLE_ID, PHOTO_ID))
    found = (await world.ask(who, Want("nodes", "nodes", (("ids", asked),), below)))["nodes"]
    assert len(found) == len(asked)  # null for what is hidden
    return _names(world, found)


async def _related(world: World, who: str) -> set[str]:
    below = select("Article", ("related", {"first": 100}, ("article", "id")))
    frame = (await world.ask(who, Want("article", "article", (("slug", "frame"),), below)))["article"]
    return _names(world, [link["article"] for link in frame["related"]])


async def _linked_from(world: World, who: str) -> set[str]:
    """The other way round: every story links to the frame."""
    for number, story in enumerate(world.stories.values()):
        await RelatedLink.create(article_id=story, target_id=world.frame, kind="RELATED", position=number)
    below = select("Article", ("linkedFrom", {"first": 100}, ("nodes", "id"), "totalCount"))
    page = (await world.ask(who, Want("article", "article", (("slug", "frame"),), below)))["article"]["linkedFrom"]
    assert page["totalCount"] == len(page["nodes"])
    return _names(world, page["nodes"])


async def _in_the_story(world: World, who: str) -> set[str]:
    below = select("Article", ("gallery", ("photo", "id")), ("photos", ("photo", "id")))
    frame = (await world.ask(who, Want("article", "article", (("slug", "frame"),), below)))["article"]
    assert frame["gallery"] == frame["photos"]
    return _names(world, [placed["photo"] for placed in frame["gallery"]])


async def _of_the_author(world: World, who: str) -> set[str]:
    seen = set()
    for key in world.photos.values():
        await Author.filter(slug="ada-writer").update(photo_id=key)
        below = select("Author", ("photo", "id"))
        author = (await world.ask(who, Want("author", "author", (("slug", "ada-writer"),), below)))["author"]
        seen |= _names(world, [author["photo"]])
    return seen


STORIES: dict[str, Door] = {
    "article(slug)": one_by_one("stories", "article", "Article", lambda name, _: name.replace(" ", "-"), "slug"),
    "node(id)": one_by_one("stories", "node", "Article", lambda _, key: ids.public("Article", key), "id"),
    "by key": one_by_one("stories", "articleByKey", "Article", lambda _, key: key, "key"),
    "by path": one_by_one(
        "stories", "articleByPath", "Article", lambda name, _: f"/world/{name.replace(' ', '-')}", "path"
    ),
    "nodes(ids)": lambda world, who: _nodes(world, who, world.stories, "Article"),
    "articles": listed("Article", "articles", {}),
    "articles, oldest first": listed("Article", "articles", {"orderBy": "UPDATED_AT_ASC"}),
    "articles of every status": listed("Article", "articles", {"filter": (("status", tuple(policy.STATUS)),)}),
    "articles of a section": listed("Article", "articles", {"filter": (("section", "world"),)}),
    "articles of a tag": listed("Article", "articles", {"filter": (("tag", ("rice",)),)}),
    "section.articles": listed("Article", "articles", {}, "section", "world", of="Section"),
    "section.articles, not deep": listed("Article", "articles", {"deep": False}, "section", "world", of="Section"),
    "tag.articles": listed("Article", "articles", {}, "tag", "rice", of="Tag"),
    "author.articles": listed("Article", "articles", {}, "author", "ada-writer", of="Author"),
    "photo.usedIn": listed("Article", "usedIn", {}, "photo", "ready", of="Photo"),
    "article.related": _related,
    "article.linkedFrom": _linked_from,
}
PHOTOS: dict[str, Door] = {
    "photo(id)": one_by_one("photos", "photo", "Photo", lambda _, key: ids.public("Photo", key), "id"),
    "node(id)": one_by_one("photos", "node", "Photo", lambda _, key: ids.public("Photo", key), "id"),
    "by key": one_by_one("photos", "photoByKey", "Photo", lambda _, key: key, "key"),
    "nodes(ids)": lambda world, who: _nodes(world, who, world.photos, "Photo"),
    "photos": listed("Photo", "photos", {}),
    "photos, by date": listed("Photo", "photos", {"orderBy": "TAKEN_AT_DESC"}),
    "photos of every status": listed("Photo", "photos", {"filter": (("status", ("READY", "PENDING", "WITHDRAWN")),)}),
    "article.photos": _in_the_story,
    "author.photo": _of_the_author,
}


@pytest.mark.parametrize("who", SEES)
async def test_every_door_shows_each_actor_what_the_table_says(world: World, who: str) -> None:
    stories, pictures = SEES[who]
    found = {name: await door(world, who) for name, door in STORIES.items()}
    assert found == dict.fromkeys(STORIES, stories)
    found = {name: await door(world, who) for name, door in PHOTOS.items()}
    assert found == dict.fromkeys(PHOTOS, pictures)


async def test_a_partner_for_another_section_finds_no_story_behind_any_door(world: World) -> None:
    sport = UUID(str((await Section.get(slug="sport")).id))
    world.actors["elsewhere"] = _partner(sections=(sport,), embargo_access=True)
    framed = {"article.related", "article.linkedFrom"}  # the frame itself is hidden
    found = {name: await door(world, "elsewhere") for name, door in STORIES.items() if name not in framed}
    assert found == {name: set() for name in STORIES.keys() - framed}
    world.actors["here"] = _partner(sections=(sport, world.section))
    assert {name for name, door in STORIES.items() if await door(world, "here") != PUBLIC} == set()


async def test_the_table_names_every_kind_of_actor_and_both_tables_the_same(world: World) -> None:
    assert list(SEES) == list(DOES) == list(world.actors)
    asked = {(actor.kind, actor.role, actor.sections is None) for actor in world.actors.values()}
    roles = {(role, limited) for _, role, limited in asked}
    assert roles >= {(role, True) for role in ROLES} | {(None, True), ("EDITOR", False)}
    assert {kind for kind, _, _ in asked} == {"ANONYMOUS", "USER", "API_KEY", "PARTNER"}
    assert set(STATUS.values()) == set(policy.STATUS)


async def test_what_is_hidden_is_answered_byte_by_byte_like_what_is_not_there(world: World) -> None:
    fields = ("slug", "headline", "status", "bodyHtml", ("section", "name"))

    def questions(entity: str, key: UUID, slug: str) -> list[Shape]:
        field, below = entity.lower(), fields if entity == "Article" else ("credit", "status", "url")
        by = {"slug": slug} if entity == "Article" else {"id": ids.public(entity, key)}
        node = Shape("Node", types=(select("Article", "id", "slug"), select("Photo", "id", "credit")))
        same = Want("nodes", "nodes", (("ids", (ids.public(entity, key),)),), node)
        return [
            select("Query", (field, by, *below)),
            select("Query", (f"{field}ByKey", {"key": key}, *below)),
            Shape("Query", (Want("node", "node", (("id", ids.public(entity, key)),), node),)),
            Shape("Query", (same,)),
        ]

    compared = 0
    for who, (stories, pictures) in SEES.items():
        actor = world.actors[who]
        hidden = [("Article", world.stories[one], one.replace(" ", "-")) for one in ALL_STORIES - stories]
        hidden += [("Photo", world.photos[one], "") for one in ALL_PHOTOS - pictures]
        for entity, key, slug in hidden:
            absent = questions(entity, uuid4(), "no-such-story")
            for asked, nothing in zip(questions(entity, key, slug), absent, strict=True):
                assert await world.reader.read(asked, actor) == await world.reader.read(nothing, actor)
                compared += 1
    assert compared == 4 * sum(len(ALL_STORIES - one) + len(ALL_PHOTOS - other) for one, other in SEES.values())


async def test_filters_orders_and_pages_do_not_tell_of_what_is_hidden(world: World) -> None:
    """What may not be read may not be counted, filtered or leafed through either."""
    total = len(PUBLIC) + 1  # and the frame
    for filter, count in (
        ((), total),
        ((("status", ("DRAFT", "SCHEDULED", "IN_REVIEW", "WITHDRAWN", "UNPUBLISHED")),), 0),
        ((("ids", tuple(ids.public("Article", key) for key in world.stories.values())),), len(PUBLIC)),
        ((("photo", ids.public("Photo", world.photos["withdrawn"])),), 0),  # though its story, the frame, is public
        ((("mine", True),), 0),
    ):
        want = Want("articles", "articles", (("filter", filter),), select("ArticleConnection", "totalCount"))
        assert await world.ask("anonymous", want) == {"articles": {"totalCount": count}}
    page = select("ArticleConnection", ("nodes", "slug"), ("pageInfo", "hasNextPage", "hasPreviousPage", "endCursor"))
    seen: list[str] = []
    after: tuple[tuple[str, Any], ...] = ()
    for number in range(total):
        answer = (await world.ask("anonymous", Want("articles", "articles", (("first", 1), *after), page)))["articles"]
        seen += [node["slug"] for node in answer["nodes"]]
        assert answer["pageInfo"]["hasPreviousPage"] is (number > 0)
        assert answer["pageInfo"]["hasNextPage"] is (number < total - 1)
        after = (("after", answer["pageInfo"]["endCursor"]),)
    assert sorted(seen) == sorted(["frame", *(one.replace(" ", "-") for one in PUBLIC)])


async def test_accounts_are_seen_by_admins_and_by_themselves_only(world: World) -> None:
    people = {name: actor.user_id for name, actor in world.actors.items() if actor.kind == "USER" and actor.user_id}
    for who in SEES:
        wants = [
            Want(f"f{number}", "userByKey", (("key", key),), select("User", "email"))
            for number, key in enumerate(people.values())
        ]
        answer = await world.ask(who, *wants)
        seen = {name for name, one in zip(people, answer.values(), strict=True) if one}
        mine = {name for name, key in people.items() if key == world.actors[who].user_id}
        assert seen == (set(people) if who == "admin" else mine), who


async def test_what_is_for_staff_is_null_for_everyone_else(world: World) -> None:
    await Photo.filter(id=world.photos["ready"]).update(metadata={"embedded": {"GPS": "52.5 N"}})
    photo = ("photo", {"id": ids.public("Photo", world.photos["ready"])}, "metadata")
    for who, actor in world.actors.items():
        answer = await world.reader.value(select("Query", photo), actor)
        assert (answer["photo"]["metadata"] is not None) is actor.staff, who


# ------------------------------------------------------------------------------------------------------------- status


def status_at(clock: datetime, row: Article) -> str:
    """What policy.STATUS says, told again without SQL."""
    if row.withdrawn_at is not None:
        return "WITHDRAWN"
    if row.live_from == FAR:
        return "IN_REVIEW" if row.in_review else "DRAFT"
    if row.live_from > clock:
        return "SCHEDULED"
    if row.live_until is not None and row.live_until <= clock:
        return "UNPUBLISHED"
    return "SCHEDULED" if row.embargo_until is not None and row.embargo_until > clock else "PUBLISHED"


async def test_every_story_is_in_exactly_one_state_whatever_its_instants(newsroom: db.Database) -> None:
    section, rnd = await house.section("World"), random.Random(11)
    async with db.transaction():  # on PostgreSQL the clock stands still in here: "now" can be hit exactly
        clock = await now()
        near = [clock + timedelta(hours=hours) for hours in (-2, -1, 1, 2)]
        choices: dict[str, list[Any]] = {
            "live_from": [FAR, clock, *near],
            "live_until": [None, clock, *near, FAR],
            "embargo_until": [None, clock, *near],
            "withdrawn_at": [None, None, None, near[0]],
            "first_live_from": [None, near[0]],
            "in_review": [False, True],
        }
        rows = [
            Article(
                id=ids.new(), slug=f"s{n}", path=f"/world/s{n}", headline="S", language="en", section_id=section,
                created_at=clock, updated_at=clock, **{name: rnd.choice(some) for name, some in choices.items()},
            )
            for n in range(600)
        ]  # fmt: skip
        await Article.bulk_create(rows)
        found: dict[UUID, list[str]] = {row.id: [] for row in rows}
        for name, rule in policy.STATUS.items():
            for row in await Article.filter(rule):
                found[row.id].append(name)
    assert found == {row.id: [status_at(clock, row)] for row in rows}
    assert {names[0] for names in found.values()} == set(policy.STATUS)


async def test_the_status_field_the_status_filter_and_the_table_agree(world: World) -> None:
    below = select("ArticleConnection", ("nodes", "id", "status"))
    for status in policy.STATUS:
        want = Want("articles", "articles", (("first", 100), ("filter", (("status", (status,)),))), below)
        nodes = (await world.ask("admin", want))["articles"]["nodes"]
        assert {node["status"] for node in nodes} == {status}
        assert _names(world, nodes) == {name for name, one in STATUS.items() if one == status}


# --------------------------------------------------------------------------------------------------------------- may do


async def _upload(world: World, actor: Actor) -> None:
    """With a field that is none: that is found behind the question whether the actor may, and before the file."""
    file, store = photos.Upload(world.folder / "none.jpg", "none.jpg"), open_store(f"file:{world.folder}/media")
    async with Workshop() as workshop:
        with suppress(BadInput):
            await photos.upload(actor, store, workshop, file, {"none": 1}, settings=Settings())
    await store.close()


async def _audit(world: World, actor: Actor) -> None:
    """Who may not reads an empty one."""
    below = select("AuditConnection", "totalCount")
    told = await world.reader.value(Shape("Query", (Want("audit", "audit", (), below),)), actor)
    if not told["audit"]["totalCount"]:
        raise Forbidden("It is empty.")


async def _on_draft(world: World, verb: Callable[[UUID, int], Awaitable[object]]) -> None:
    """At the version that it has come to."""
    draft = world.stories["draft"]
    await verb(draft, (await house.stored(draft)).version)


Deed = Callable[[World, Actor], Awaitable[object]]

DEEDS: list[tuple[policy.Verb, Deed]] = [
    ("article.create", lambda world, actor: house.article(actor)),
    ("article.create", lambda world, actor: house.article(actor, section="sport")),
    ("article.update", lambda world, actor: articles.update(actor, world.stories["draft"], 1, {"kicker": "New"})),
    ("article.update", lambda world, actor: articles.update(actor, world.stories["published"], 1, {"kicker": "New"})),
    ("article.submit", lambda world, actor: _on_draft(world, lambda *draft: publishing.submit(actor, *draft))),
    ("article.publish", lambda world, actor: publishing.publish(actor, world.stories["in review"], 1)),
    ("article.unpublish", lambda world, actor: publishing.unpublish(actor, world.stories["embargo over"], 1)),
    ("article.withdraw", lambda world, actor: publishing.withdraw(actor, world.stories["expired"], 1)),
    (
        "article.correct",
        lambda world, actor: articles.correct(actor, world.stories["published until later"], 1, "N", {}),
    ),
    (
        "article.restore",
        lambda world, actor: _on_draft(world, lambda draft, version: articles.restore(actor, draft, version, 1)),
    ),
    ("article.restore", lambda world, actor: articles.restore(actor, world.stories["expired under embargo"], 1, 1)),
    ("article.preview", lambda world, actor: previews.create(actor, world.stories["draft"])),
    ("article.preview", lambda world, actor: previews.create(actor, world.stories["published"])),
    ("article.delete", lambda world, actor: _on_draft(world, lambda *draft: articles.delete(actor, *draft))),
    ("photo.upload", _upload),
    ("photo.update", lambda world, actor: photos.update(actor, world.photos["ready"], 1, {"caption": "New"})),
    (
        "photo.withdraw",
        lambda world, actor: killing.withdraw(actor, world.photos["rights over"], 1, {"reason": "x", "notice": "x"}),
    ),
    ("section.save", lambda world, actor: taxonomy.save_section(actor, {"name": "New"})),
    ("tag.save", lambda world, actor: taxonomy.save_tag(actor, {"name": "New"})),
    ("author.save", lambda world, actor: taxonomy.save_author(actor, {"name": "New"})),
    ("collection.save", lambda world, actor: collections.save(actor, {"title": "New"})),
    ("user.manage", lambda world, actor: accounts.save_user(actor, {"name": "New"}, world.actors["reader"].user_id, 1)),
    ("partner.manage", lambda world, actor: partners.save_partner(actor, {"name": "New"})),
    ("webhook.manage", lambda world, actor: webhooks.save(actor, {"url": "https://new.example/"})),
    ("key.create", lambda world, actor: accounts.create_key(actor, "New", user=actor.user_id)),
    ("key.manage", lambda world, actor: accounts.create_key(actor, "New", user=world.actors["reader"].user_id)),
    ("document.manage", lambda world, actor: documents.add(actor, {"new": "{ __typename }"})),
    ("audit.read", _audit),
]
REFUSALS: dict[type[CMSError], str] = {Forbidden: "n", NotFound: "h", Unauthenticated: "w"}


@pytest.mark.parametrize("who", DOES)
async def test_every_verb_is_done_or_refused_as_the_table_says_and_a_refusal_changes_nothing(
    world: World, who: str
) -> None:
    actor, answers = world.actors[who], ""
    before = await house.everything()
    for _, deed in DEEDS:
        try:
            await deed(world, actor)
            answers += "y"
            before = await house.everything()
        except tuple(REFUSALS) as refusal:
            answers += REFUSALS[type(refusal)]
            assert await house.everything() == before
    assert answers == DOES[who].replace(" ", "")


def test_every_verb_is_tried() -> None:
    assert list(dict.fromkeys(verb for verb, _ in DEEDS)) == list(policy.MAY)
    assert {len(row.replace(" ", "")) for row in DOES.values()} == {len(DEEDS)}


async def test_permissions_are_the_verbs_that_an_actor_may_do_to_something(world: World) -> None:
    photo_desk = ["photo.upload", "photo.update"]
    writer = [f"article.{verb}" for verb in ("create", "update", "submit", "restore", "preview", "delete")] + photo_desk
    desk = [*photo_desk, "photo.withdraw"]
    stories = [verb for verb in policy.MAY if verb.startswith("article.")] + desk
    lists = ["tag.save", "author.save", "collection.save"]
    limited, editor = [*stories, *lists], [*stories, "section.save", *lists]
    assert {who: policy.permissions(actor) for who, actor in world.actors.items()} == {
        **{who: [] for who, actor in world.actors.items() if not actor.staff},
        **{who: [*writer, "key.create"] for who in ("contributor", "the owner, a contributor")},
        "photo editor": [*desk, "key.create"],
        **{who: [*limited, "key.create"] for who in ("editor of the section", "editor of another section")},
        "editor": [*editor, "key.create"],
        "key of an editor": editor,
        "admin": [
            *editor,
            "user.manage",
            "partner.manage",
            "webhook.manage",
            "key.create",
            "key.manage",
            "document.manage",
            "audit.read",
        ],
    }


def test_what_no_rule_names_is_denied() -> None:
    for verb in policy.MAY:
        for actor in (ANONYMOUS, Actor(kind="PARTNER"), Actor(kind="USER"), Actor(kind="API_KEY")):
            assert policy.allows(actor, verb) is False
            assert policy.allows(actor, verb, policy.Subject()) is False


def test_who_is_nobody_owns_nothing() -> None:
    """A story without a maker is not the story of an actor without an account."""
    nobody = Actor(kind="API_KEY", role="CONTRIBUTOR")
    assert policy.allows(nobody, "photo.update", policy.Subject(owner=None)) is False
    assert policy.allows(nobody, "article.update", policy.Subject(owner=None)) is False
