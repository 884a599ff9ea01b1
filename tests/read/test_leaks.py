"""What is hidden is not told: no word of it, no key, and nothing that would be otherwise if it were not there."""

import os
from dataclasses import dataclass
from uuid import UUID

import orjson
import pytest
from tortoise import connections

from cms.actions import finding
from cms.actor import Actor
from cms.models import (
    FAR,
    ApiKey,
    Article,
    ArticleAuthor,
    ArticlePhoto,
    ArticleTag,
    AuditEntry,
    Author,
    Change,
    CollectionItem,
    Delivery,
    Feed,
    Listing,
    Partner,
    PartnerSection,
    Photo,
    PhotoWord,
    RelatedLink,
    Revision,
    User,
)
from tests.read.desk import ACTORS, Desk, pool
from tests.read.documents import Document, odd
from tests.read.random_newsroom import PARTNERS
from tests.read.reference import Reference, private_token

DOCUMENTS = int(os.environ.get("TEST_DOCUMENTS", "80")) // 4  # each for every caller
SEED = int(os.environ.get("TEST_SEED", "0")) + 5_000_000

# every text that a reader could be told
ARTICLE = (
    "slug",
    "path",
    "headline",
    "kicker",
    "summary",
    "byline_override",
    "dateline",
    "seo_title",
    "seo_description",
)
PHOTO = (
    "credit",
    "caption",
    "alt_text",
    "headline",
    "copyright_notice",
    "usage_terms",
    "data_mining",
    "city",
    "filename",
    "restrictions",
)


@dataclass(frozen=True)
class Canary:
    """A word that stands in the texts of one thing alone, and the keys by which else it could be told."""

    word: str
    hidden: frozenset[str]  # from whom

    def in_(self, body: bytes) -> bool:
        return self.word.encode() in body


def _word(kind: str, number: int) -> str:
    return f"zq{kind}{number:05d}qz"


async def _marked(desk: Desk) -> list[Canary]:
    """Writes a canary into everything that anybody may not see.  Keys are canaries too."""
    room, made = desk.room, []
    for kind, texts in (("Article", ARTICLE), ("Photo", PHOTO), ("User", ("name", "email"))):
        for number, row in enumerate(room.all(kind)):
            hidden = _hidden(desk, lambda who, kind=kind, row=row: who.sees(kind, row))
            word = _word(kind.lower(), number)
            for text in texts:
                setattr(row, text, f"{getattr(row, text) or ''} {word}"[-150:])
            if kind == "Article":
                row.body = [_said(block, word) for block in row.body]
            if kind == "Photo":
                row.keywords, row.people, row.creators = [word], [word], [word]
            made.append(Canary(word, hidden))
            if kind != "User":  # theirs are small numbers here, found anywhere
                unknown = _hidden(desk, lambda who, kind=kind, row=row: who.sees(kind, row) or who.heard_of(row.id))
                made += [Canary(str(row.id), unknown), Canary(row.id.hex, hidden)]
        columns = [*texts, *{"Article": ["body"], "Photo": ["keywords", "people", "creators"]}.get(kind, [])]
        await {"Article": Article, "Photo": Photo, "User": User}[kind].bulk_update(room.all(kind), columns, 100)
    await PhotoWord.all().delete()
    for photo in room.all("Photo"):
        await finding.index(photo)
    made += await _marked_links(desk)
    made += await _marked_past(desk)
    made += await _marked_partners(desk)
    for kind, called, text in (("ApiKey", "Key", "label"), ("AuditEntry", "AuditEntry", "summary")):
        for number, row in enumerate(room.all(kind)):
            word = _word(kind.lower(), number)
            setattr(row, text, word)
            made.append(Canary(word, _hidden(desk, lambda who, called=called, row=row: who.sees(called, row))))
        await {"ApiKey": ApiKey, "AuditEntry": AuditEntry}[kind].bulk_update(room.all(kind), [text], 100)
    desk.things = pool(room)
    return [one for one in made if one.hidden]


async def _marked_links(desk: Desk) -> list[Canary]:
    """The words of a placement are hidden with its story or its photo, those of a link with its story or its target."""
    room, made = desk.room, []
    articles, photos = room.rows["Article"], room.rows["Photo"]
    for number, one in enumerate(room.all("ArticlePhoto")):
        pair = articles[one.article_id], photos[one.photo_id]
        one.caption = one.alt_text = _word("placed", number)
        hidden = _hidden(desk, lambda who, pair=pair: who.sees("Article", pair[0]) and who.sees("Photo", pair[1]))
        made += [Canary(one.caption, hidden), Canary(str(one.id), hidden)]
    for number, link in enumerate(room.all("RelatedLink")):
        ends = [articles[key] for key in (link.article_id, link.target_id) if key]
        link.title = _word("link", number)
        hidden = _hidden(desk, lambda who, ends=ends: all(who.sees("Article", end) for end in ends))
        made += [Canary(link.title, hidden), Canary(str(link.id), hidden)]
    for number, item in enumerate(room.all("CollectionItem")):
        story, photo = articles[item.article_id], photos.get(item.photo_id)
        item.headline = item.kicker = item.summary = _word("item", number)
        hidden = _hidden(desk, lambda who, story=story: who.sees("Article", story))
        made += [Canary(item.headline, hidden), Canary(str(item.id), frozenset(ACTORS))]
        if photo:
            item.caption = item.alt_text = _word("own", number)
            both = _hidden(desk, lambda who, of=(story, photo): who.sees("Article", of[0]) and who.sees("Photo", of[1]))
            made.append(Canary(item.caption, both))
    await CollectionItem.bulk_update(
        room.all("CollectionItem"), ["headline", "kicker", "summary", "caption", "alt_text"], 100
    )
    await ArticlePhoto.bulk_update(room.all("ArticlePhoto"), ["caption", "alt_text"], 100)
    await RelatedLink.bulk_update(room.all("RelatedLink"), ["title"], 100)
    return made


async def _marked_past(desk: Desk) -> list[Canary]:
    """The words of a save that readers never saw, and every note among the staff."""
    room, made = desk.room, []
    for number, one in enumerate(room.all("Revision")):
        story, word, note = room.rows["Article"][one.article_id], _word("past", number), _word("note", number)
        one.snapshot = {**one.snapshot, "headline": f"Seen {number}", "internal_note": note}
        hidden = _hidden(desk, lambda who, story=story: who.sees("Article", story) and bool(who.saved(story)))
        made.append(Canary(note, hidden))
        if one.working or one.live_from == FAR:
            one.snapshot = {**one.snapshot, "headline": word, "summary": word}
            made.append(Canary(word, hidden))
    for number, story in enumerate(room.all("Article")):
        story.internal_note = _word("aside", number)
        hidden = _hidden(desk, lambda who, story=story: who.staff and who.sees("Article", story))
        made.append(Canary(story.internal_note, hidden))
    await Revision.bulk_update(room.all("Revision"), ["snapshot"], 100)
    await Article.bulk_update(room.all("Article"), ["internal_note"], 100)
    return made


async def _marked_partners(desk: Desk) -> list[Canary]:
    """A partner's name, its feeds' private addresses, what it got and what it said of it; and who made a change."""
    room, made = desk.room, []
    for number, one in enumerate(room.all("Partner")):
        one.name = _word("partner", number)
        made.append(Canary(one.name, _hidden(desk, lambda who, one=one: who.sees("Partner", one))))
    for number, feed in enumerate(room.all("Feed")):
        feed.title = _word("feed", number)
        made.append(Canary(feed.title, _hidden(desk, lambda who, feed=feed: who.sees("Feed", feed))))
        opens = _hidden(desk, lambda who, feed=feed: bool(who.private_forms(feed)))
        made.append(Canary(private_token(feed), opens))
    for number, got in enumerate(room.all("Delivery")):
        got.note = got.channel = _word("got", number)
        made.append(Canary(got.note, _hidden(desk, lambda who, got=got: who.got(got))))
    for number, change in enumerate(room.all("Change")):
        change.note, change.by = _word("told", number), _word("by", number)
        hidden = _hidden(desk, lambda who, change=change: who.told(change) or who.got_word_of(change))
        made += [Canary(change.note, hidden), Canary(change.by, frozenset(ACTORS))]
    await Partner.bulk_update(room.all("Partner"), ["name"], 100)
    await Feed.bulk_update(room.all("Feed"), ["title"], 100)
    await Delivery.bulk_update(room.all("Delivery"), ["note", "channel"], 100)
    await Change.bulk_update(room.all("Change"), ["note", "by"], 100)
    return made


def _hidden(desk: Desk, seen: object) -> frozenset[str]:
    assert callable(seen)
    return frozenset(name for name, actor in ACTORS.items() if not seen(Reference(desk.room, actor)))


def _said(block: dict[str, object], word: str) -> dict[str, object]:
    """The block with the word in each of its texts."""
    texts = {"html", "text", "attribution", "title", "items"}
    return {
        key: value if key not in texts else [word] if isinstance(value, list) else f"{value or ''} {word}"
        for key, value in block.items()
    }


def _questions(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    """Their slugs, ids and cursors are of hidden things too."""
    core = desk.engine.core
    # the ledger's endCursor is how far it was looked through: a place in it, which says nothing of what stands there
    wide = """{ articles(first: 100) { totalCount nodes { id slug url headline kicker summary byline dateline bodyHtml bodyText jsonLd
        seo { title description canonicalUrl } photos { caption altText credit photo { id filename keywords people } }
        related(first: 100) { title url article { id headline } } linkedFrom { totalCount nodes { id } }
        internalNote asOf(time: "2030-01-01T00:00:00Z") { by note headline summary bodyHtml snapshot }
        early: asOf(time: "2026-08-12T00:00:00Z") { by note headline summary bodyHtml snapshot }
        workingCopy { note headline bodyHtml snapshot } revisions(first: 100) { totalCount nodes { note headline bodyHtml snapshot } }
        diff(from: 1, to: 2) { before after } corrections { text }
        body { __typename id ... on PhotoBlock { photo { caption photo { id } } } ... on GalleryBlock { photos { altText } } } }
        pageInfo { hasNextPage endCursor } }
      photos(first: 100) { totalCount nodes { id credit caption usedIn { totalCount nodes { id } } similar(first: 50) { photo { id caption } } } }
      found: photos(first: 100, filter: {query: "zqphoto"}) { totalCount nodes { id } }
      unused: photos(first: 100, filter: {unused: true}) { totalCount nodes { id } }
      collections { slug items(first: 100) { headline kicker summary photo { caption altText photo { id } }
        article { id translations { id slug language } } } }
      sections { slug articles(first: 2) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }
      tags(first: 100) { nodes { slug articles(first: 2) { totalCount nodes { id } pageInfo { hasNextPage } } } }
      authors(first: 100) { nodes { name photo { id caption } articles(last: 2) { totalCount pageInfo { hasPreviousPage } } } }
      changes(first: 100) { totalCount nodes { cursor kind note subjectId subject { id ... on Article { headline } } }
        pageInfo { hasNextPage } }
      feeds { id slug title filter urls { url } privateUrls { url } partner { id name } }
      partners(first: 100) { totalCount nodes { id name } }
      users(first: 100) { totalCount nodes { name email keys { label } } }
      audit(first: 100) { totalCount nodes { by summary subjectId requestId subject { id ... on Article { headline } } } } }"""
    partners = ", ".join(f'"{one}"' for one in desk.things["ids"] if one.startswith("partner_"))
    ours = f"""{{ nodes(ids: [{partners}]) {{ ... on Partner {{ name territories photoDistributors sections {{ slug }} keys {{ label }}
      feeds {{ title filter privateUrls {{ url }} }} ledger(first: 100) {{ totalCount
        nodes {{ channel note change {{ note subjectId subject {{ id ... on Article {{ headline internalNote }} }} }} }} }} }} }} }}"""
    made = [Document(core, desk.things, SEED + number).made() for number in range(DOCUMENTS)]
    return [(wide, {}), (ours, {}), *made, *odd(core, desk.things, 1 + DOCUMENTS // 3, SEED)]


@pytest.mark.slow
async def test_no_answer_says_a_word_of_what_its_caller_may_not_see(desk: Desk) -> None:
    canaries = await _marked(desk)
    sung: set[str] = set()
    for text, variables in _questions(desk):
        for name, actor in ACTORS.items():
            body = await desk.told(text, variables, actor)
            told = [one for one in canaries if one.in_(body)]
            leaked = [one.word for one in told if name in one.hidden]
            assert leaked == [], f"{name} was told {leaked} by:\n{text}\n{variables}"
            sung |= {one.word for one in told}
    # those who may see them are told: the words are where they could be leaked from
    for kind in (
        "article",
        "photo",
        "placed",
        "link",
        "past",
        "note",
        "aside",
        "apikey",
        "auditentry",
        "item",
        "own",
        "got",
        "told",
    ):
        assert len([word for word in sung if word.startswith(f"zq{kind}")]) > 10, kind
    assert {_word("partner", number) for number in range(len(desk.room.all("Partner")))} <= sung
    assert {private_token(one) for one in desk.room.all("Feed") if one.partner_id} <= sung


# of each line a caller sees no more than those before it
LINES = [["contributor", "anonymous", "reader"], *([one] for one in PARTNERS)]


@pytest.mark.slow
@pytest.mark.parametrize("names", LINES, ids=lambda names: names[0])
async def test_nothing_is_otherwise_when_the_hidden_is_not_there(desk: Desk, names: list[str]) -> None:
    questions = _questions(desk)
    before = {name: [await desk.told(*one, ACTORS[name]) for one in questions] for name in names}
    for name in names:
        gone = await _deleted(desk, ACTORS[name])
        assert gone > 0 or name == "reader"
        for question, body in zip(questions, before[name], strict=True):
            now = await desk.told(*question, ACTORS[name])
            assert now == body, f"{name}:\n{body[:500]!r}\n{now[:500]!r}\n{question}"
    seen = [one for one in desk.room.all("Article") if Reference(desk.room, ACTORS[names[-1]]).sees("Article", one)]
    assert orjson.loads(before[names[-1]][0])["data"]["articles"]["totalCount"] == len(seen) > 10


async def _deleted(desk: Desk, actor: Actor) -> int:
    """Deletes what is hidden from this actor; says how many stories and photos that were.

    Of what it has heard that it ended the bare row stays, and of a story those photos that it is told are left out.
    """
    reference, room = Reference(desk.room, actor), desk.room
    stories: list[UUID] = [one.id for one in room.all("Article") if not reference.sees("Article", one)]
    photos: list[UUID] = [one.id for one in room.all("Photo") if not reference.sees("Photo", one)]
    lacking = [one for one in photos if reference.usable(room.rows["Photo"][one])]
    if actor.kind != "PARTNER":
        assert lacking == []
    heard = [one for one in (*stories, *photos) if reference.heard_of(one)]
    there = await Article.filter(id__in=stories).count() + await Photo.filter(id__in=photos).count()
    await Author.filter(photo_id__in=photos).update(photo_id=None)
    await ArticlePhoto.filter(photo_id__in=photos).exclude(photo_id__in=lacking).delete()
    await CollectionItem.filter(photo_id__in=photos).update(photo_id=None)
    await RelatedLink.filter(target_id__in=stories).delete()
    for model in (ArticlePhoto, CollectionItem, ArticleAuthor, ArticleTag, Listing, RelatedLink):
        await model.filter(article_id__in=stories).delete()
    await Article.filter(id__in=stories).exclude(id__in=heard).delete()
    await Photo.filter(id__in=photos).exclude(id__in=[*heard, *lacking]).delete()
    await _delete_partners(desk, reference)
    await connections.get("default").execute_script("ANALYZE")
    return there


async def _delete_partners(desk: Desk, reference: Reference) -> None:
    """What others are given: their deliveries and feeds, they themselves, and all that this caller was not told."""
    room = desk.room
    given = [one for one in room.all("Delivery") if not reference.got(one)]
    untold = [one for one in room.all("Change") if not (reference.told(one) or reference.got_word_of(one))]
    feeds = [one for one in room.all("Feed") if not reference.sees("Feed", one)]
    named = {one.partner_id for one in room.all("Feed") if reference.sees("Feed", one)}
    others = [one.id for one in room.all("Partner") if not reference.sees("Partner", one) and one.id not in named]
    await Delivery.filter(id__in=[one.id for one in given]).delete()
    await Change.filter(position__in=[one.position for one in untold]).delete()
    await Feed.filter(id__in=[one.id for one in feeds]).delete()
    await ApiKey.filter(partner_id__in=others).delete()
    await PartnerSection.filter(partner_id__in=others).delete()
    await Partner.filter(id__in=others).delete()
