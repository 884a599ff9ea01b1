"""A repeatable newsroom of every state: hidden stories and photos, equal instants, hostile text, all kinds of links.

Rows are written straight into the tables: what the actions would refuse (expired rights in a live story) must be read
rightly too.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cms import models
from cms.models import (
    Article,
    ArticleAuthor,
    ArticlePhoto,
    ArticleTag,
    Author,
    Listing,
    Photo,
    RelatedLink,
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
WRITER, EDITOR, ADMIN = UUID(int=1), UUID(int=2), UUID(int=3)


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
    sections = await _sections(key, start)
    photos = _photos(rnd, key, start, now, max(60, articles // 3))
    await Photo.bulk_create(photos, batch_size=500)
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
    await _Stories(rnd, key, start, now, sections, photos, authors, tags).make(articles)


async def _sections(key: Keys, start: datetime) -> list[Section]:
    made = []
    for n, name in enumerate(("world", "politics", "sport", "culture")):
        top = Section(id=key(start), slug=name, name=name.title(), path=f"/{name}/", position=9 - n)
        made.append(top)
        for m, sub in enumerate(("local", "abroad")):
            slug = f"{name}-{sub}"
            path = f"/{name}/{slug}/"
            made.append(
                Section(id=key(start), slug=slug, name=slug.title(), path=path, position=m % 2, parent_id=top.id)
            )
    await Section.bulk_create(made)
    return made


def _photos(rnd: random.Random, key: Keys, start: datetime, now: datetime, count: int) -> list[Photo]:
    def taken(n: int) -> datetime | None:
        return None if n % 4 == 0 else start - timedelta(days=n % 50)

    return [
        Photo(
            id=key(start), status=rnd.choices(["READY", "WITHDRAWN", "PENDING"], [88, 7, 5])[0], credit=rnd.choice(CREDITS),
            caption=words(rnd, 14) + ' "quoted" \\ é 日本 \u2028', alt_text=rnd.choice([None, words(rnd, 5)]), headline=rnd.choice([None, words(rnd, 3)]),
            width=rnd.choice([300, 500, 1600, 2400]), height=rnd.choice([900, 1600]), keywords=[words(rnd, 1), 'a "b"'], people=[],
            version=rnd.randint(1, 3), rights_until=rnd.choice([None, None, now - timedelta(days=9), now + timedelta(days=900)]),
            restrictions=rnd.choice([None, "No sales"]), city=rnd.choice([None, "Łódź"]), country_code=rnd.choice([None, "PL"]),
            created_at=start + timedelta(seconds=977 * (n - n % 3), microseconds=n), updated_at=start, focal_x=rnd.choice([0.5, 0.25, 1.0]),
            taken_at=taken(n), taken_order=taken(n) or models.UNDATED, filename=f"p{n}.jpg", format="JPEG", byte_size=1000 + n,
            sha256=f"{n:064x}", placeholder="AAAA", dominant_color="#102030", store="local", original_key=f"originals/{n}",
            copyright_notice=rnd.choice([None, "© Example"]), license_url=rnd.choice([None, "https://l.example/"]),
        )
        for n in range(count)
    ]  # fmt: skip


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

    async def make(self, count: int) -> None:
        step = (self.now - self.start) / (count + 1)
        ids = [self.key(self.start + step * n) for n in range(count)]
        rows = [self._story(n, id, self.start + step * n, step, ids) for n, id in enumerate(ids)]
        made: dict[Any, list[Any]] = {
            Article: rows,
            ArticlePhoto: self.placed,
            ArticleAuthor: self.signed,
            ArticleTag: self.tagged,
            RelatedLink: self.links,
            Listing: self.lists,
        }
        for model, some in made.items():
            await model.bulk_create(some, batch_size=500)

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
            noindex=rnd.random() < 0.2, body=self._body(id),
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
                id=self.key(self.start), article_id=id, photo_id=photo.id, role=role, position=n, photo_version=1,
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
