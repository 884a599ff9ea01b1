"""A large newsroom, always the same: rows of every table that a page is made of, copied in bulk past the actions.

Nine of ten stories are live; the rest are drafts, scheduled, embargoed, withdrawn or expired, so that the rules of visibility
have work to do.  Photos are three for each ten stories.  The five oldest stories alone have the tag "rare", and they alone
stand in the section "harbour-mole", three levels down.
"""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson
from tortoise.models import Model

from cms import models
from cms.actions.listing import lineage

FIRST, LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
RARE = 5
RARE_SECTION, RARE_TAG = "harbour-mole", "rare"
BATCH = 5000  # stories in memory at once

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
    "ferry",
    "bridge",
    "minister",
    "committee",
    "figures",
    "report",
    "inquiry",
    "quarter",
    "season",
    "coast",
    "village",
    "engineers",
    "teachers",
    "growers",
    "signal",
]
STATES, SHARES = ("live", "draft", "scheduled", "embargoed", "withdrawn", "expired"), (90, 4, 2, 1, 2, 1)


class Rows(NamedTuple):
    """Rows of one table, with the values of all its columns in the order of `columns`."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Keys:
    """UUIDv7 that repeat: milliseconds of the instant, then the seeded generator."""

    def __init__(self, rnd: random.Random):
        self._bits = rnd.getrandbits

    def __call__(self, at: datetime) -> UUID:
        ms = int(at.timestamp() * 1000)
        return UUID(int=(ms << 80) | (7 << 76) | (self._bits(12) << 64) | (2 << 62) | self._bits(62))


async def into_postgres(url: str, articles: int) -> None:
    """Fills an empty database.  Foreign keys are not checked on the way: the account must be a superuser's."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        for one in rows(articles):
            await connection.copy_records_to_table(one.table, records=one.rows, columns=one.columns)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def into_sqlite(path: Path, articles: int) -> None:
    """Fills an empty database."""
    sqlite3.register_adapter(UUID, str)
    sqlite3.register_adapter(datetime, lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        for one in rows(articles):
            names, marks = ", ".join(f'"{name}"' for name in one.columns), ", ".join("?" * len(one.columns))
            connection.executemany(f"INSERT INTO {one.table} ({names}) VALUES ({marks})", one.rows)
    connection.execute("ANALYZE")
    connection.close()


def rows(articles: int) -> Iterator[Rows]:
    """All rows, those that are pointed at before those that point, but for links from story to story."""
    rnd = random.Random(articles)
    return _Desk(rnd, articles).rows()


class _Desk:
    def __init__(self, rnd: random.Random, articles: int):
        self.rnd, self.key, self.count = rnd, Keys(rnd), articles
        self.passages = [_text(rnd, 50) for _ in range(400)]
        self.sections = self._sections()
        self.authors = [self.key(FIRST) for _ in range(200)]
        self.tags = [self.key(FIRST) for _ in range(1000)]
        self.photos = [self.key(FIRST + timedelta(minutes=n)) for n in range(max(300, articles * 3 // 10))]
        step = (LAST - FIRST) / articles
        self.stories = [(self.key(at := (FIRST + step * n).replace(microsecond=0)), at) for n in range(articles)]

    def rows(self) -> Iterator[Rows]:
        yield self._photo_rows()
        yield _filled(models.Section, [{"description": None, "version": 1, **one} for one in self.sections])
        yield _filled(
            models.Author,
            [
                {"id": key, "slug": f"author-{n}", "name": f"{_text(self.rnd, 1)} O'Neil {n}"}
                for n, key in enumerate(self.authors)
            ],
        )
        tags = [
            {"id": key, "slug": f"tag-{n}", "name": f"{_text(self.rnd, 2)} {n}"} for n, key in enumerate(self.tags[1:])
        ]
        yield _filled(models.Tag, [{"id": self.tags[0], "slug": RARE_TAG, "name": "Rare"}, *tags])
        for start in range(0, self.count, BATCH):
            yield from self._story_rows(range(start, min(start + BATCH, self.count)))

    def _sections(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []

        def add(slug: str, parent: dict[str, Any] | None) -> dict[str, Any]:
            path = f"{parent['path'] if parent else '/'}{slug}/"
            row = {"id": self.key(FIRST), "slug": slug, "name": slug.title(), "path": path, "position": len(made)}
            made.append({**row, "parent_id": parent and parent["id"]})
            return made[-1]

        for name in ("world", "politics", "sport", "culture", "business"):
            top = add(name, None)
            for below in ("local", "abroad"):
                add(f"{name}-{below}", top)
        harbour = add("harbour", made[1])
        add(RARE_SECTION, harbour)
        return made

    def _photo_rows(self) -> Rows:
        rnd = self.rnd
        return _filled(
            models.Photo,
            [
                {
                    "id": key, "status": "READY" if n % 33 else "WITHDRAWN", "credit": f"{_text(rnd, 1)} (STR)/KCNA VIA KNS/AFP",
                    "caption": self.passages[n % 400][:160], "alt_text": _text(rnd, 5) if n % 3 else None, "filename": f"{n}.jpg",
                    "format": "JPEG", "width": (1600, 2400, 900)[n % 3], "height": 1200, "byte_size": 400_000 + n, "sha256": f"{n:064x}",
                    "placeholder": "3OcRJYB4d3h/iIeHeEh3eIhw+j3A", "dominant_color": "#336699", "store": "local",
                    "original_key": f"originals/{n}", "distributor": "AFP", "rights_until": NEVER if n % 5 == 0 else None,
                    "created_at": FIRST + timedelta(minutes=n), "updated_at": FIRST + timedelta(minutes=n),
                }
                for n, key in enumerate(self.photos)
            ],
        )  # fmt: skip

    def _story_rows(self, numbers: range) -> Iterator[Rows]:
        stories: list[dict[str, Any]] = []
        placed: list[tuple[Any, ...]] = []
        signed: list[tuple[Any, ...]] = []
        tagged: list[tuple[Any, ...]] = []
        links: list[tuple[Any, ...]] = []
        lists: list[tuple[Any, ...]] = []
        told: list[tuple[Any, ...]] = []
        by_path = {one["path"]: one["id"] for one in self.sections}
        for n in numbers:
            key, at = self.stories[n]
            state = "live" if n < RARE else self.rnd.choices(STATES, SHARES)[0]
            section = self.sections[-1] if n < RARE else self.rnd.choice(self.sections[:-2])
            live = {"draft": models.FAR, "scheduled": NEVER + timedelta(minutes=n)}.get(state, at)
            authors = self.rnd.sample(self.authors, 1 + n % 2)
            tags = [*self.rnd.sample(self.tags[1:], 2), self.tags[0] if n < RARE else self.tags[1 + n % 999]]
            tags = list(dict.fromkeys(tags))
            photos = [(self.key(at), photo) for photo in self.rnd.sample(self.photos, 4)]
            stories.append(self._story(n, key, at, live, state, section, [one for one, _ in photos[1:]]))
            placed += [
                (one, key, photo, "INLINE" if place else "LEAD", place, None, None, 1)
                for place, (one, photo) in enumerate(photos)
            ]
            signed += [(self.key(at), key, one, place) for place, one in enumerate(authors)]
            tagged += [(self.key(at), key, one, place) for place, one in enumerate(tags)]
            others = self.rnd.sample(range(self.count), 4)
            links += [
                (self.key(at), key, self.stories[other][0], "RELATED", None, None, place)
                for place, other in enumerate(others)
            ]
            lists += [
                (one, live, key) for one in [*(by_path[path] for path in lineage(section["path"])), *tags, *authors]
            ]
            told.append((1, 1, at, "ARTICLE_PUBLISHED", "Article", key, 1, None, "Dateline", False))
        yield _filled(models.Article, stories)
        yield Rows(
            "article_photo", _names("id article_id photo_id role position caption alt_text photo_version"), placed
        )
        yield Rows("article_author", _names("id article_id author_id position"), signed)
        yield Rows("article_tag", _names("id article_id tag_id position"), tagged)
        yield Rows("related_link", _names("id article_id target_id kind title url position"), links)
        yield Rows("listing", _names("list_id live_from article_id"), lists)
        yield Rows("change", _names("epoch xid at kind subject_type subject_id version note by ahead"), told)

    def _story(
        self,
        n: int,
        key: UUID,
        at: datetime,
        live: datetime,
        state: str,
        section: dict[str, Any],
        placed: Sequence[UUID],
    ) -> dict[str, Any]:
        slug = f"{_text(self.rnd, 4).lower().replace(' ', '-')}-{n}"
        return {
            "id": key, "slug": slug, "path": section["path"] + slug, "headline": _text(self.rnd, 7), "language": "en",
            "kicker": _text(self.rnd, 1) if n % 3 == 0 else None, "summary": _text(self.rnd, 22), "word_count": 640, "section_id": section["id"],
            "dateline": "SEOUL" if n % 2 else None, "live_from": live, "live_until": at + timedelta(days=1) if state == "expired" else None,
            "embargo_until": NEVER if state == "embargoed" else None, "withdrawn_at": at if state == "withdrawn" else None,
            "modified_at": at + timedelta(hours=2) if n % 4 == 0 else None, "created_at": at, "updated_at": at, "body": self._body(n, placed),
        }  # fmt: skip

    def _body(self, n: int, placed: Sequence[UUID]) -> str:
        """Twenty blocks of about 5 kB: text, three photos."""
        text = [self.passages[(n * 7 + place) % 400] for place in range(14)]
        blocks: list[dict[str, Any]] = [{"type": "paragraph", "html": one} for one in text[:12]]
        blocks[3:3] = [{"type": "heading", "level": 2, "text": text[0][:30], "anchor": "what-follows"}]
        blocks[7:7] = [{"type": "quote", "html": text[12], "attribution": "A witness" if n % 2 else None}]
        blocks[9:9] = [{"type": "list", "ordered": False, "items": [text[1][:40], text[2][:40], "two &amp; three"]}]
        blocks[11:11] = [{"type": "heading", "level": 3, "text": text[4][:30], "anchor": "what-came-before"}]
        blocks[13:13] = [{"type": "aside", "title": "In brief", "html": f"<p>{text[13]}</p>"}]
        for place, one in zip((2, 8, 15), placed, strict=True):
            blocks[place:place] = [{"type": "photo", "placed": str(one)}]
        return orjson.dumps([{"id": f"b{place}", **block} for place, block in enumerate(blocks)]).decode()


def _filled(model: type[Model], given: Sequence[dict[str, Any]]) -> Rows:
    """Rows with the model's own defaults in the columns that were not given."""
    fields = {model._meta.fields_map[name].source_field or name: name for name in model._meta.db_fields}
    missing = {column: _default(model, name) for column, name in fields.items() if column not in given[0]}
    columns = (*given[0], *missing)
    rest = tuple(missing.values())
    return Rows(model._meta.db_table, columns, [(*one.values(), *rest) for one in given])


def _default(model: type[Model], name: str) -> Any:
    default = model._meta.fields_map[name].default
    value = default() if callable(default) else default
    return orjson.dumps(value).decode() if isinstance(value, (list, dict)) else value


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _text(rnd: random.Random, count: int) -> str:
    return " ".join(rnd.choices(WORDS, k=count)).capitalize()
