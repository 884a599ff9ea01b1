"""A repeatable newsroom of every state: hidden stories and photos, equal instants, hostile text, all kinds of links.

Rows are written straight into the tables: what the actions would refuse (expired rights in a live story) must be read
rightly too.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from cms import models
from cms.actions import finding
from cms.models import (
    ApiKey,
    Article,
    ArticleAuthor,
    ArticlePhoto,
    ArticleTag,
    AuditEntry,
    Author,
    Change,
    Collection,
    CollectionItem,
    Correction,
    Delivery,
    Feed,
    FeedTag,
    FormerSlug,
    Listing,
    Partner,
    PartnerSection,
    Photo,
    PhotoLikeness,
    PhotoRevision,
    PhotoWord,
    RelatedLink,
    Revision,
    Section,
    Tag,
    User,
)

WORDS = [
    "council",
    "budget",
    "storm",
    "river",
    "harbour",
    "vote",
    "strike",
    "school",
    "market",
    "court",
    "fire",
    "transit",
    "climate",
    "border",
]
CREDITS = ("STR/KCNA VIA KNS/AFP", 'Jane "JD" Doe/Reuters', "Handout via AP \\ é", "Getty Images")
DISTRIBUTORS = ("afp", "reuters", "getty images")
TERRITORIES: list[list[str]] = [[], [], ["DE"], ["DE", "AT"], ["CH", "DE", "AT"]]
CHANGES = {
    "Article": ["PUBLISHED", "UPDATED", "UPDATED", "CORRECTED", "UNPUBLISHED", "WITHDRAWN"],
    "Photo": ["UPDATED", "RIGHTS_CHANGED", "WITHDRAWN"],
}
WRITER, EDITOR, ADMIN = UUID(int=1), UUID(int=2), UUID(int=3)
TOP, BELOW = ("world", "politics", "sport", "culture"), ("local", "abroad")


class Grants(NamedTuple):
    """What a partner was given.  No section means all."""

    key: UUID
    name: str
    sections: tuple[str, ...] = ()
    embargo: bool = False
    territories: tuple[str, ...] = ()
    distributors: tuple[str, ...] | None = None


PARTNERS = {
    "partner": Grants(UUID(int=8), "Harbour Wire"),
    "other partner": Grants(UUID(int=9), "Inland Press", ("politics", "sport-local"), False, ("DE",), None),
    "embargo partner": Grants(UUID(int=10), "Dawn Desk", (), True, ("DE", "AT"), ("afp", "reuters")),
    "narrow partner": Grants(UUID(int=11), "Valley Radio", ("world-abroad",), True, ("US",), ()),
    "regional partner": Grants(UUID(int=12), "Alpine Post", ("culture", "world"), True, ("AT", "CH", "DE"), ("afp",)),
}


def section_key(slug: str) -> UUID:
    return uuid5(NAMESPACE_URL, slug)


def at_and_below(slugs: tuple[str, ...]) -> list[UUID]:
    tree = {top: [top, *(f"{top}-{sub}" for sub in BELOW)] for top in TOP}
    return sorted({section_key(one) for slug in slugs for one in tree.get(slug, [slug])})


class Keys:
    """UUIDv7 that repeat: milliseconds of `at`, then the seeded generator."""

    def __init__(self, rnd: random.Random):
        self.rnd = rnd

    def __call__(self, at: datetime) -> UUID:
        ms = int(at.timestamp() * 1000)
        high, low = self.rnd.getrandbits(12), self.rnd.getrandbits(62)
        return UUID(int=(ms << 80) | (7 << 76) | (high << 64) | (2 << 62) | low)


def words(rnd: random.Random, n: int) -> str:
    return " ".join(rnd.choice(WORDS) for _ in range(n)).capitalize()


async def fill(articles: int = 240, seed: int = 7) -> None:
    """Fills an empty database."""
    rnd = random.Random(seed)
    key, now = Keys(rnd), datetime.now(UTC).replace(microsecond=0)
    start = now - timedelta(days=200)
    await User.bulk_create(
        User(
            id=id,
            name=role.title(),
            email=f"{role.lower()}@news.example",
            password_hash="-",
            role=role,
            created_at=start,
        )
        for id, role in ((WRITER, "CONTRIBUTOR"), (EDITOR, "EDITOR"), (ADMIN, "ADMIN"))
    )
    sections = await _sections()
    photos = _photos(rnd, key, start, now, max(60, articles // 3))
    entitling = random.Random(seed + 3)
    for one in photos:
        one.distributor_key, one.territories = entitling.choice([None, *DISTRIBUTORS]), entitling.choice(TERRITORIES)
    await Photo.bulk_create(photos, batch_size=500)
    await _findable(photos)
    await PhotoRevision.bulk_create(
        [_said(rnd, key, start, now, one, n) for one in photos for n in (1, 2)], batch_size=500
    )
    authors = [
        Author(
            id=key(start), slug=f"author-{n}", name=f"{words(rnd, 1)} O'Neil {n % 40}", role=rnd.choice([None, "Reporter"]),
            bio=rnd.choice([None, words(rnd, 9)]), photo_id=rnd.choice([None, rnd.choice(photos).id]), links=["https://a.example/x?y=1&z"][: n % 2],
        )
        for n in range(60)
    ]  # fmt: skip
    tags = [Tag(id=key(start), slug=f"tag-{n}", name=f"{words(rnd, 1)} {n % 30}") for n in range(80)]
    await Author.bulk_create(authors)
    await Tag.bulk_create(tags)
    stories = await _Stories(rnd, key, start, now, sections, photos, authors, tags).make(articles)
    await _lists(random.Random(seed + 2), start, stories, photos)
    await _former({"article": stories, "section": sections, "author": authors, "tag": tags})
    await _people(random.Random(seed + 1), start, [("Photo", photos), ("Author", authors), ("Tag", tags)])
    await _syndicate(random.Random(seed + 4), start, {"Article": stories, "Photo": photos}, authors, tags)


async def _findable(photos: list[Photo]) -> None:
    """As the actions would have it."""
    words = [PhotoWord(photo_id=one.id, kind=k, word=word) for one in photos for k, word in finding.words_of(one)]
    likeness = [PhotoLikeness(photo_id=one.id, key=key) for one in photos for key in finding.keys_of(one.likeness)]
    await PhotoWord.bulk_create(words, batch_size=500)
    await PhotoLikeness.bulk_create(likeness, batch_size=500)


def _likeness(n: int) -> str:
    """Families of eight pictures: those of one are copies, parts of one another, or neither; every tenth is of nothing."""
    family, own = random.Random(n // 8), random.Random(n)
    whole = family.getrandbits(64) ^ (own.choice([1, 7, (1 << 40) - 1]) if n % 8 else 0)
    details = [(family.getrandbits(64), family.randrange(4096), family.randrange(4096), 2000) for _ in range(8)]
    kept = own.sample(details, own.choice([2, 5, 8]))
    places = (f"{hash << 36 | x << 24 | y << 12 | radius:025x}" for hash, x, y, radius in kept)
    return "" if n % 10 == 9 else " ".join([f"{whole:016x}", *places])


def _translate(stories: list[Article]) -> None:
    """Pairs of two languages; some of the stories are hidden, as everywhere."""
    for one, other in zip(
        (one for one in stories if one.language == "en"), (one for one in stories if one.language == "de"), strict=False
    ):
        one.translation_set = other.translation_set = UUID(int=one.id.int ^ 1)


async def _lists(rnd: random.Random, start: datetime, stories: list[Article], photos: list[Photo]) -> None:
    key = Keys(rnd)
    lists = [
        Collection(id=key(start), slug=slug, title=words(rnd, 2), description=rnd.choice([None, words(rnd, 5)]), version=2, updated_at=start)
        for slug in ("home", "newsletter", "weekend")
    ]  # fmt: skip
    await Collection.bulk_create(lists)
    await CollectionItem.bulk_create(
        CollectionItem(
            id=key(start), collection_id=one.id, article_id=story.id, position=place, headline=rnd.choice([None, words(rnd, 4)]),
            kicker=rnd.choice([None, words(rnd, 1)]), summary=rnd.choice([None, words(rnd, 9)]), photo_version=1,
            photo_id=rnd.choice([None, rnd.choice(photos).id]), caption=rnd.choice([None, words(rnd, 6)]), alt_text=rnd.choice([None, words(rnd, 2)]),
        )
        for one in lists
        for place, story in enumerate(rnd.sample(stories, 25))
    )  # fmt: skip


async def _former(named: dict[str, list[Any]]) -> None:
    """Some former slugs, of hidden things too; one is another one's by now, and that one wins."""
    rows = [
        FormerSlug(kind=kind, slug=f"once-{n}", subject_id=one.id)
        for kind, some in named.items()
        for n, one in enumerate(some[::3])
    ]
    rows += [FormerSlug(kind=kind, slug=some[1].slug, subject_id=some[2].id) for kind, some in named.items()]
    await FormerSlug.bulk_create(rows)


async def _people(rnd: random.Random, start: datetime, things: list[tuple[str, list[Any]]]) -> None:
    """Keys, and what the audit says: of all kinds of things, and of things that are gone."""
    key, users = Keys(rnd), (WRITER, EDITOR, ADMIN)
    await ApiKey.bulk_create(
        ApiKey(
            id=key(start), label=f"{words(rnd, 2)} {n}", prefix=f"dlk_{n}", secret_hash=f"{n:064x}", user_id=rnd.choice(users),
            scopes=rnd.choice([[], ["tag.save", "article.create"]]), created_at=start + timedelta(days=n // 3),
            expires_at=rnd.choice([None, start]), revoked_at=rnd.choice([None, start]), last_used_at=rnd.choice([None, start]),
        )
        for n in range(12)
    )  # fmt: skip
    subjects = [(kind, one.id) for kind, some in things for one in rnd.sample(some, 20)]
    subjects += [("Article", one.id) for one in await Article.filter(copy_of_id__isnull=True).order_by("id").limit(60)]
    subjects += [
        *(("User", one) for one in users),
        ("Key", UUID(int=7)),
        ("Tag", UUID(int=8)),
        ("Document", UUID(int=9)),
    ]
    rows = [
        AuditEntry(
            id=key(start), at=start + timedelta(hours=n // 3), by=words(rnd, 1), user_id=rnd.choice([None, *users]), action=f"{kind.lower()}.save",
            subject_type=kind, subject_id=subject, summary=words(rnd, 4) + ' "\\ é', request_id=rnd.choice(["", f"{n:020x}"]),
        )
        for n, (kind, subject) in enumerate(subjects * 2)
    ]  # fmt: skip
    await AuditEntry.bulk_create(rows, batch_size=500)


async def entitle(given: list[Grants], at: datetime) -> None:
    """Makes these partners."""
    await Partner.bulk_create(
        Partner(
            id=one.key, name=one.name, embargo_access=one.embargo, territories=list(one.territories), created_at=at,
            photo_distributors=None if one.distributors is None else list(one.distributors),
        )
        for one in given
    )  # fmt: skip
    pairs = [(one.key, section_key(slug)) for one in given for slug in one.sections]
    await PartnerSection.bulk_create(PartnerSection(partner_id=partner, section_id=key) for partner, key in pairs)


async def _syndicate(
    rnd: random.Random, start: datetime, things: dict[str, list[Any]], authors: list[Author], tags: list[Tag]
) -> None:
    """Partners, their keys and feeds, a ledger of all kinds of changes in two epochs, and what of it went to whom."""
    key, partners = Keys(rnd), [one.key for one in PARTNERS.values()]
    await entitle(list(PARTNERS.values()), start)
    await ApiKey.bulk_create(
        ApiKey(id=key(start), label=f"Feed reader {n}", prefix=f"dlp_{n}", secret_hash=f"{500 + n:064x}", partner_id=partner, created_at=start)
        for n, partner in enumerate(partners * 2)
    )  # fmt: skip
    feeds = [
        Feed(
            id=key(start), slug=f"feed-{n}", title=words(rnd, 2), partner_id=rnd.choice([None, *partners]), version=rnd.randint(1, 3),
            section_id=rnd.choice([None, section_key("sport"), section_key("world-local")]), author_id=rnd.choice([None, authors[n].id]),
            language=rnd.choice([None, "de"]), text_only=rnd.random() < 0.5, embargoed_ahead=rnd.random() < 0.5,
            secret_number=rnd.randint(1, 4), created_at=start,
        )
        for n in range(14)
    ]  # fmt: skip
    await Feed.bulk_create(feeds)
    await FeedTag.bulk_create(
        FeedTag(feed_id=one.id, tag_id=tag.id) for one in feeds for tag in rnd.sample(tags, rnd.choice([0, 0, 1, 3]))
    )
    told = [(kind, one) for kind, some in things.items() for one in some for _ in range(rnd.choice([0, 1, 2, 3]))]
    rnd.shuffle(told)
    rows = [
        Change(
            position=1000 + n, epoch=1 + n // 400, xid=rnd.randint(1, 60), at=start + timedelta(minutes=n), subject_type=kind, subject_id=one.id,
            kind=f"{kind.upper()}_{rnd.choice(CHANGES[kind])}", version=rnd.randint(1, 5), note=rnd.choice([None, words(rnd, 3)]),
            by=words(rnd, 1), ahead=kind == "Article" and rnd.random() < 0.2,
        )
        for n, (kind, one) in enumerate(told, 1)
    ]  # fmt: skip
    await Change.bulk_create(rows, batch_size=500)
    await Delivery.bulk_create(
        Delivery(
            id=key(start), partner_id=partner, change_id=one.position, subject_id=one.subject_id, channel=f"feed feed-{n % 9}.atom",
            outcome=rnd.choice(["PENDING", "DELIVERED", "RETRYING", "DEAD", "FETCHED"]), attempt=n % 4, at=start + timedelta(hours=n // 3),
            status=rnd.choice([None, 200, 503]), duration_ms=rnd.choice([None, 12]), next_attempt_at=rnd.choice([None, start]),
            acknowledged_at=rnd.choice([None, start]), note=rnd.choice([None, words(rnd, 3)]),
        )
        for partner in partners
        for n, one in enumerate(rnd.sample(rows, 40))
    )  # fmt: skip


async def _sections() -> list[Section]:
    made = []
    for n, name in enumerate(TOP):
        top = Section(id=section_key(name), slug=name, name=name.title(), path=f"/{name}/", position=9 - n)
        made.append(top)
        for m, sub in enumerate(BELOW):
            slug = f"{name}-{sub}"
            path, id = f"/{name}/{slug}/", section_key(slug)
            made.append(Section(id=id, slug=slug, name=slug.title(), path=path, position=m % 2, parent_id=top.id))
    await Section.bulk_create(made)
    return made


def _photos(rnd: random.Random, key: Keys, start: datetime, now: datetime, count: int) -> list[Photo]:
    def taken(n: int) -> datetime | None:
        return None if n % 4 == 0 else start - timedelta(days=n % 50)

    return [
        Photo(
            id=key(start), status=rnd.choices(["READY", "WITHDRAWN", "PENDING"], [88, 7, 5])[0], credit=rnd.choice(CREDITS),
            caption=words(rnd, 14) + ' "quoted" \\ é 日本 \u2028', alt_text=rnd.choice([None, words(rnd, 5)]), headline=rnd.choice([None, words(rnd, 3)]),
            width=rnd.choice([300, 500, 1600, 2400]), height=rnd.choice([900, 1600]), keywords=[words(rnd, 1), 'a "b"'], people=[[], ["Ana Ruiz"], ["Łukasz Ódź", "Ana Ruiz"]][n % 3],
            version=rnd.randint(1, 3), caption_version=rnd.randint(1, 2), rights_until=rnd.choice([None, None, now - timedelta(days=9), now + timedelta(days=900)]),
            syndicatable=rnd.random() < 0.8, territories=rnd.choice([[], [], ["DE", "AT"]]),
            restrictions=rnd.choice([None, "No sales"]), city=rnd.choice([None, "Łódź"]), country_code=rnd.choice([None, "PL"]),
            created_at=start + timedelta(seconds=977 * (n - n % 3), microseconds=n), updated_at=start, focal_x=rnd.choice([0.5, 0.25, 1.0]),
            taken_at=taken(n), taken_order=taken(n) or models.UNDATED, filename=f"p{n}.jpg", format="JPEG", byte_size=1000 + n,
            sha256=f"{n - (n % 20 == 1):064x}", likeness=_likeness(n), content_credentials=["NONE", "PRESENT", "INVALID"][n % 3], placeholder="AAAA", dominant_color="#102030", store="local", original_key=f"originals/{n}",
            data_mining=[None, "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"][n % 2], copyright_notice=rnd.choice([None, "© Example"]), license_url=rnd.choice([None, "https://l.example/"]),
        )
        for n in range(count)
    ]  # fmt: skip


def _said(rnd: random.Random, key: Keys, start: datetime, now: datetime, photo: Photo, version: int) -> PhotoRevision:
    """What was said of a photo from some day on."""
    rights = rnd.choice([None, None, now - timedelta(days=70)])
    return PhotoRevision(
        id=key(start), photo_id=photo.id, version=version, at=start + timedelta(days=(version - 1) * rnd.randint(20, 190)), by="Ann",
        snapshot={
            "credit": rnd.choice(CREDITS), "caption": words(rnd, 4), "alt_text": rnd.choice([None, words(rnd, 2)]),
            "status": rnd.choice(["READY", "READY", "READY", "WITHDRAWN"]), "rights_until": rights and rights.isoformat(),
        },
    )  # fmt: skip


STATES = ["live", "draft", "review", "scheduled", "expired", "embargoed", "withdrawn", "again"]


class _Stories:
    def __init__(
        self,
        rnd: random.Random,
        key: Keys,
        start: datetime,
        now: datetime,
        sections: list[Section],
        photos: list[Photo],
        authors: list[Author],
        tags: list[Tag],
    ):
        self.rnd, self.key, self.start, self.now = rnd, key, start, now
        self.sections, self.photos, self.authors, self.tags = sections, photos, authors, tags
        self.parents = {one.id: one.parent_id for one in sections}
        self.placed: list[ArticlePhoto] = []
        self.signed: list[ArticleAuthor] = []
        self.tagged: list[ArticleTag] = []
        self.links: list[RelatedLink] = []
        self.lists: list[Listing] = []
        self.saved: list[Revision] = []
        self.corrected: list[Correction] = []

    async def make(self, count: int) -> list[Article]:
        """The stories, without the copies."""
        step = (self.now - self.start) / (count + 1)
        ids = [self.key(self.start + step * n) for n in range(count)]
        rows = [self._story(n, id, self.start + step * n, step, ids) for n, id in enumerate(ids)]
        for row in rows:
            self._save(row)
        rows += [self._copy(story, ids) for story in rows[::20]]
        _translate(rows[:count])
        made: dict[Any, list[Any]] = {
            Article: rows,
            ArticlePhoto: self.placed,
            ArticleAuthor: self.signed,
            ArticleTag: self.tagged,
            RelatedLink: self.links,
            Listing: self.lists,
            Revision: self.saved,
            Correction: self.corrected,
        }
        for model, some in made.items():
            await model.bulk_create(some, batch_size=500)
        return rows[:count]

    def _story(self, n: int, id: UUID, at: datetime, step: timedelta, ids: list[UUID]) -> Article:
        rnd, now = self.rnd, self.now
        state = rnd.choices(STATES, [76, 5, 2, 3, 4, 3, 3, 4])[0]
        # some share one instant, so that the key must decide
        live = at.replace(microsecond=0) if n % 3 else (self.start + step * (n - n % 9)).replace(microsecond=250000)
        section = rnd.choice(self.sections)
        live_from = {
            "draft": models.FAR,
            "review": models.FAR,
            "scheduled": now + timedelta(days=30, minutes=n),
            "again": now + timedelta(days=3) if n % 2 else live,
        }.get(state, live)
        slug = f"{words(rnd, 4).lower().replace(' ', '-')}-{n}"
        self._sign(id, live_from, section)
        self._link(id, ids)
        return Article(
            id=id, version=rnd.randint(1, 5), slug=slug, path=section.path + slug, headline=words(rnd, 3) + rnd.choice(["", ' "x" \\', " é"]),
            kicker=rnd.choice([None, words(rnd, 1)]), summary=rnd.choice([None, words(rnd, 22)]), language=rnd.choice(["en", "en", "de"]),
            in_review=state == "review", word_count=rnd.choice([0, 1, 238, 239, 900]), section_id=section.id,
            byline_override=rnd.choice([None, None, "Our reporters"]), dateline=rnd.choice([None, "SEOUL"]), created_by=rnd.choice([WRITER, EDITOR, None]),
            live_from=live_from, first_live_from=live - timedelta(days=1) if state == "again" else None,
            live_until={"expired": now - timedelta(days=1, minutes=n)}.get(state, rnd.choice([None, now + timedelta(days=900)])),
            embargo_until=now + timedelta(days=60) if state == "embargoed" else rnd.choice([None, now - timedelta(days=30)]),
            withdrawn_at=now - timedelta(days=2) if state == "withdrawn" else None, modified_at=rnd.choice([None, now - timedelta(hours=n)]),
            created_at=at, updated_at=at + timedelta(minutes=rnd.randint(0, 600)), seo_title=rnd.choice([None, "Seo"]),
            noindex=rnd.random() < 0.2, urgency=rnd.choice([None, 1, 9]), internal_note=rnd.choice([None, words(rnd, 3)]),
            body=self._body(id),
        )  # fmt: skip

    def _save(self, story: Article) -> None:
        """Some saves, seen by readers or not, and what readers were told of mistakes."""
        rnd = self.rnd
        for version in range(1, rnd.choice([1, 2, 3, 5])):
            at = story.created_at + timedelta(days=version, minutes=rnd.randint(0, 9))
            working = rnd.random() < 0.2
            story.working_version = version if working else None
            self.saved.append(
                Revision(
                    id=self.key(at), article_id=story.id, version=version, at=at, by=rnd.choice(["Ann", "Bea"]), note=rnd.choice([None, "Why"]),
                    working=working, live_from=rnd.choice([story.live_from, at, at, models.FAR]), live_until=rnd.choice([None, None, at + timedelta(days=2)]),
                    embargo_until=rnd.choice([None, None, None, at + timedelta(days=1)]), withdrawn_at=None, snapshot=self._snapshot(story),
                    working_snapshot=rnd.choice([None, self._snapshot(story)]) if working else None,
                )
            )  # fmt: skip
            if rnd.random() < 0.3:
                text = words(rnd, 5)
                self.corrected.append(
                    Correction(id=self.key(at), article_id=story.id, version=version, at=at, text=text)
                )

    def _snapshot(self, story: Article) -> dict[str, Any]:
        rnd, section = self.rnd, self.rnd.choice(self.sections)
        placed: list[Any] = self.placed
        links: list[Any] = self.links

        def named(some: list[Any]) -> list[dict[str, str]]:
            return [{"id": str(one.id), "slug": one.slug, "name": one.name} for one in rnd.sample(some, 2)]

        return {
            "headline": words(rnd, 4), "language": "en", "kicker": None, "summary": rnd.choice([None, words(rnd, 6)]), "urgency": rnd.choice([None, 3]),
            "internal_note": rnd.choice([None, words(rnd, 2)]), "byline_override": None, "dateline": None, "slug": story.slug,
            "section": {"id": str(section.id), "slug": section.slug, "name": section.name}, "body": rnd.sample(story.body, len(story.body) - 2),
            "authors": named(self.authors), "tags": named(self.tags),
            "photos": [
                {
                    "id": str(one.id), "role": one.role, "photo": str(one.photo_id), "caption": one.caption, "alt_text": one.alt_text,
                    "credit": "At the save", "photo_version": one.photo_version,
                }
                for one in placed if one.article_id == story.id
            ],
            "related": [
                {"kind": one.kind, "title": one.title, "url": one.url, "article": one.target_id and str(one.target_id)}
                for one in links if one.article_id == story.id
            ],
            "seo": {"title": None, "description": rnd.choice([None, words(rnd, 3)]), "canonical_url": None, "noindex": False},
        }  # fmt: skip

    def _copy(self, story: Article, ids: list[UUID]) -> Article:
        """Frozen for a preview: in no list, whatever it says, shows and links to."""
        id = self.key(self.start)
        author, tag = self.rnd.choice(self.authors), self.rnd.choice(self.tags)
        self.signed.append(ArticleAuthor(id=self.key(self.start), article_id=id, author_id=author.id, position=0))
        self.tagged.append(ArticleTag(id=self.key(self.start), article_id=id, tag_id=tag.id, position=0))
        self._link(id, ids)
        return Article(
            id=id, copy_of_id=story.id, version=story.version, slug=f"preview.{id}", path=f"/preview.{id}", headline=story.headline,
            language="en", section_id=story.section_id, created_at=story.created_at, updated_at=story.updated_at, body=self._body(id),
        )  # fmt: skip

    def _sign(self, id: UUID, live_from: datetime, section: Section) -> None:
        at = self.start
        authors, tags = self.rnd.sample(self.authors, self.rnd.choice([0, 1, 2, 3])), self.rnd.sample(self.tags, 3)
        self.signed += [
            ArticleAuthor(id=self.key(at), article_id=id, author_id=one.id, position=n) for n, one in enumerate(authors)
        ]
        self.tagged += [
            ArticleTag(id=self.key(at), article_id=id, tag_id=one.id, position=n) for n, one in enumerate(tags)
        ]
        lists = (
            [one.id for one in authors]
            + [one.id for one in tags]
            + [one for one in (section.id, self.parents[section.id]) if one]
        )
        self.lists += [Listing(list_id=one, live_from=live_from, article_id=id) for one in lists]

    def _link(self, id: UUID, ids: list[UUID]) -> None:
        rnd = self.rnd
        for position, target in enumerate(rnd.sample(ids, rnd.choice([0, 1, 3, 6]))):
            outside = rnd.random() < 0.15
            self.links.append(
                RelatedLink(
                    id=self.key(self.start), article_id=id, target_id=None if outside else target, position=position,
                    kind="EXTERNAL" if outside else rnd.choice(["RELATED", "UPDATE"]), title=words(rnd, 3) if outside or rnd.random() < 0.3 else None,
                    url="https://elsewhere.example/x" if outside else None,
                )
            )  # fmt: skip

    def _body(self, id: UUID) -> list[dict[str, object]]:
        rnd = self.rnd
        roles = ["LEAD"] * (rnd.random() < 0.9) + ["INLINE"] * 3 + ["GALLERY"] * 2
        mine = [
            ArticlePhoto(
                id=self.key(self.start), article_id=id, photo_id=photo.id, role=role, position=n, photo_version=rnd.randint(1, 2),
                caption=rnd.choice([None, words(rnd, 6)]), alt_text=rnd.choice([None, "", words(rnd, 2)]),
            )
            for n, (role, photo) in enumerate(zip(roles, rnd.sample(self.photos, len(roles)), strict=True))
        ]  # fmt: skip
        self.placed += mine
        blocks: list[dict[str, object]] = [
            {"id": f"b{n}", "type": "paragraph", "html": f"{words(rnd, 20)} <em>é</em>"} for n in range(3)
        ]
        blocks += [
            {"id": "h1", "type": "heading", "level": 2, "text": words(rnd, 4), "anchor": "h1"},
            {"id": "q1", "type": "quote", "html": words(rnd, 12), "attribution": rnd.choice([None, "Someone"])},
            {"id": "l1", "type": "list", "ordered": False, "items": ["one", "two &amp; three"]},
            {
                "id": "e1",
                "type": "embed",
                "url": "https://v.example/1",
                "provider": "v.example",
                "html": "<a>x</a>",
                "title": None,
            },
            {"id": "a1", "type": "aside", "title": None, "html": "<p>fact</p>"},
            {"id": "d1", "type": "divider"},
        ]
        inline = [one for one in mine if one.role == "INLINE"]
        blocks += [{"id": f"p{n}", "type": "photo", "placed": str(one.id)} for n, one in enumerate(inline)]
        blocks.append({"id": "g1", "type": "gallery", "placed": [str(one.id) for one in mine if one.role == "GALLERY"]})
        return blocks
