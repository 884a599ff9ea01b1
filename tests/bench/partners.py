"""500 partners, each with a key, grants and a feed of its own, poll as if every minute, and then as fast as it goes.

They send the ETag that they have.  Meanwhile stories come out.  Each answer is compared with what the partner may have, by the
rule written a second time: another story or photo, or one too few, ends the run.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
import psutil
from tortoise.backends.base.executor import EXECUTOR_CACHE

from cms.actions import accounts, feeds, partners
from cms.actor import SYSTEM
from cms.models import Article, ArticlePhoto, Photo, Section
from tests import house
from tests.bench import load
from tests.bench.load import wrk
from tests.bench.load.server import Server, product

STORIES = 10_000
PARTNERS = int(os.environ.get("BENCH_PARTNERS", "500"))
MINUTE_S = 60
STEADY_S, FLAT_S = 30, 20  # how long they are polled at their pace, and as fast as it goes
CALLERS = 8  # at once
NEWS_S = 5  # between two stories that come out
SHOWN = 50
SEED = 5
READ = ("id", "section_id", "live_from", "live_until", "embargo_until", "withdrawn_at")
DISTRIBUTORS, TERRITORIES = ("afp", "reuters", "dpa"), ("DE", "FR", "GB", "US")

Rows = list[tuple[str, str, str]]


@dataclass
class Partner:
    """What it was granted, and what it has: the ETag of its last answer."""

    number: int
    sections: set[UUID]
    territories: set[str]
    distributors: set[str] | None
    ahead: bool
    secret: str = ""
    etag: str = ""


@dataclass
class Newsroom:
    """What the rule looks at.  `stories` are all that begun, the newest first; `photos` are of a story, in its order."""

    stories: list[Article]
    photos: dict[UUID, list[UUID]]
    facts: dict[UUID, Photo]
    news: list[UUID] = field(default_factory=list)


@dataclass
class Tally:
    given: int = 0
    known: int = 0
    ms: list[float] = field(default_factory=list)
    answers: list[tuple[Partner, int, bytes]] = field(
        default_factory=list
    )  # with how much news there was when it was asked


async def measure() -> Rows:
    if missing := load.lacking():
        return [("partners", "not measured", missing)]
    with tempfile.TemporaryDirectory() as folder:
        async with load.newsroom_of(STORIES) as url:
            return await measured(url, Path(folder), await load.held_to_the_second_core(url))


async def measured(url: str, folder: Path, database: Sequence[psutil.Process]) -> Rows:
    EXECUTOR_CACHE.clear()  # see tests.conftest
    await _mix(url)
    async with house.opened(url):
        polling, newsroom = await _partners(random.Random(SEED)), await _newsroom()
        with product(load.new_folder(folder), url, load.SITE) as server:
            rows = []
            for seconds, pace in ((STEADY_S, PARTNERS / MINUTE_S), (FLAT_S, None)):
                tally, told = Tally(), (server.process, *database)
                before, begun = [wrk.spent([one]) for one in told], time.monotonic()
                await _poll(server, polling, newsroom, tally, seconds, pace)
                lasted = time.monotonic() - begun
                used = [(wrk.spent([one]) - was) / lasted for one, was in zip(told, before, strict=True)]
                _compare(newsroom, tally)
                rows += _told(tally, lasted, used, pace)
    return rows


def _told(tally: Tally, seconds: float, used: Sequence[float], pace: float | None) -> Rows:
    asked, ms = tally.given + tally.known, sorted(tally.ms)
    what = f"{PARTNERS} partners, {f'{pace:.1f} requests/s offered' if pace else 'as fast as it goes'}"
    return [
        (f"{what}: requests/s", f"{asked / seconds:,.1f}", f"{PARTNERS / MINUTE_S:.1f} needed"),
        ("  304", f"{tally.known / asked:.0%}", f"{tally.known:,} of {asked:,}"),
        ("  answers that hold what the partner may have, no more, no less", f"{tally.given:,}", f"of {tally.given:,}"),
        ("  processor of server and database", f"{used[0]:.0%} + {sum(used[1:]):.0%}", "of a core each"),
        ("  p50, p99", f"{ms[len(ms) // 2]:.0f}, {ms[len(ms) * 99 // 100]:.0f} ms", ""),
    ]


async def _mix(url: str) -> None:
    """The newsroom's photos are one agency's, for everywhere: here they are several's, some for some territories."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "UPDATE photo SET distributor_key = (ARRAY['afp', 'reuters', 'dpa', NULL])[1 + byte_size % 4],"
        ' territories = (ARRAY[\'[]\', \'["DE","FR"]\', \'["DE","FR","GB","US"]\'])[1 + byte_size % 3]::json'
    )
    await connection.execute("VACUUM ANALYZE photo")
    await connection.close()


async def _partners(rnd: random.Random) -> list[Partner]:
    sections = await Section.all().order_by("path")
    made = []
    for number in range(PARTNERS):
        chosen = rnd.sample(sections, rnd.choice((0, 0, 1, 1, 2, 3)))
        below = {one.id for one in sections if any(one.path.startswith(top.path) for top in chosen)}
        distributors = rnd.choice((None, rnd.sample(DISTRIBUTORS, 1), rnd.sample(DISTRIBUTORS, 2)))
        territories, ahead = rnd.sample(TERRITORIES, rnd.randrange(3)), rnd.random() < 0.2
        grants: dict[str, Any] = {
            "territories": territories,
            "embargo_access": ahead,
            "photo_distributors": distributors,
        }
        own = await partners.save_partner(
            SYSTEM, {"name": f"Paper {number}", "sections": [one.id for one in chosen], **grants}
        )
        wire = {"slug": f"wire-{number}", "title": "Wire", "partner": own, "embargoed_ahead": ahead}
        await feeds.save(SYSTEM, wire)
        one = Partner(number, below, set(territories), None if distributors is None else set(distributors), ahead)
        one.secret = (await accounts.create_key(SYSTEM, "Poll", partner=own)).secret
        made.append(one)
    return made


async def _newsroom() -> Newsroom:
    now = datetime.now(UTC)
    stories = await Article.filter(live_from__lte=now).order_by("-live_from", "-id").only(*READ)
    photos: dict[UUID, list[UUID]] = {}
    for row in await ArticlePhoto.all().order_by("position").values("article_id", "photo_id"):
        photos.setdefault(row["article_id"], []).append(row["photo_id"])
    return Newsroom(stories, photos, {one.id: one for one in await Photo.all()})


# ------------------------------------------------------------------------------------------------------------ the rule


def _due(newsroom: Newsroom, partner: Partner, count: int) -> list[tuple[UUID, list[UUID]]]:
    """The newest stories of the partner's feed with their photos, when `count` stories had come out since the beginning."""
    later = set(newsroom.news[count:])
    due: list[tuple[UUID, list[UUID]]] = []
    for one in newsroom.stories:
        if len(due) == SHOWN:
            break
        if one.id not in later and _may_read(one, partner):
            shown = [key for key in newsroom.photos.get(one.id, ()) if _may_show(newsroom.facts[key], partner)]
            due.append((one.id, shown))
    return due


def _may_read(story: Article, partner: Partner) -> bool:
    now = datetime.now(UTC)
    held_back = story.embargo_until is not None and story.embargo_until > now and not partner.ahead
    over = story.live_until is not None and story.live_until <= now
    elsewhere = bool(partner.sections) and story.section_id not in partner.sections
    return story.withdrawn_at is None and not held_back and not over and not elsewhere


def _may_show(photo: Photo, partner: Partner) -> bool:
    ended = photo.rights_until is not None and photo.rights_until <= datetime.now(UTC)
    held = set(photo.territories)
    there = not held or (bool(partner.territories) and partner.territories <= held)
    theirs = (
        partner.distributors is None or photo.distributor_key is None or photo.distributor_key in partner.distributors
    )
    return photo.status == "READY" and photo.syndicatable and not ended and there and theirs


# ------------------------------------------------------------------------------------------------------------- polling


async def _poll(
    server: Server, polling: list[Partner], newsroom: Newsroom, tally: Tally, seconds: float, pace: float | None
) -> None:
    begun = time.monotonic()
    turns = iter(range(10**9))

    async def call(client: httpx.AsyncClient) -> None:
        while (turn := next(turns)) is not None:
            due = begun + turn / pace if pace else time.monotonic()
            if due - begun > seconds:
                return
            await asyncio.sleep(due - time.monotonic())
            await _ask(client, polling[turn % len(polling)], newsroom, tally)

    async def report() -> None:
        while time.monotonic() - begun < seconds:
            await asyncio.sleep(NEWS_S)
            key = await house.live(headline=f"News {len(newsroom.news)}", section="world")
            newsroom.news.append(key)
            newsroom.stories.insert(0, await Article.get(id=key))

    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        reporting = asyncio.create_task(report())
        await asyncio.gather(*(call(client) for _ in range(CALLERS)))
        await reporting


async def _ask(client: httpx.AsyncClient, partner: Partner, newsroom: Newsroom, tally: Tally) -> None:
    sent = {"Authorization": f"Bearer {partner.secret}", "If-None-Match": partner.etag or '"none"'}
    first, begun = len(newsroom.news), time.perf_counter()
    answer = await client.get(f"/feeds/wire-{partner.number}.json", headers=sent)
    tally.ms.append((time.perf_counter() - begun) * 1000)
    if answer.status_code == 304:
        tally.known += 1
        return
    assert answer.status_code == 200, answer.text
    partner.etag = answer.headers["etag"]
    tally.answers.append((partner, first, answer.content))


def _compare(newsroom: Newsroom, tally: Tally) -> None:
    """Afterwards: the rule takes longer than an answer.  A story that came out meanwhile may be in it or not."""
    for partner, first, content in tally.answers:
        told = [_item(one) for one in orjson.loads(content)["items"]]
        due = (_due(newsroom, partner, count) for count in range(first, first + 3))
        assert told in due, f"partner {partner.number} was given something else"
        tally.given += 1


def _item(item: dict[str, Any]) -> tuple[UUID, list[UUID]]:
    photos = item.get("_dateline", {}).get("photos", [])
    return UUID(item["id"]), [UUID(one["url"].split("/images/")[1].split("/")[0]) for one in photos]
