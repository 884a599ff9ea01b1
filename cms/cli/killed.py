"""`dateline kill-report`: everything that is known of a killed photo, and what every address that it had answers now.

It asks as a reader would, over HTTP; it changes nothing.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import urllib3

from cms import app, clock, ids, signed
from cms.actions import killing
from cms.cli import serving
from cms.settings import Settings
from media import keys
from media.recipe import LADDER
from media.storage import Store

SECONDS = 15.0
AT_ONCE = 8
FORMATS = ("avif", "webp", "jpeg", "png", "auto")
LISTS = ("/", "/feeds/latest.rss", "/feeds/latest.atom", "/feeds/latest.json")
RECIPE = re.compile("(?:w[0-9]+-)?(?:h[0-9]+-)?(?:cover|contain)")


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None where nobody answered; `shows` is whether the photo, or an address of it, is in it."""

    url: str
    status: int | None
    shows: bool


@dataclass(frozen=True, slots=True)
class Report:
    lines: tuple[str, ...]
    gone: bool


async def report(settings: Settings, id: UUID, base: str) -> Report:
    """`base` is where this server answers.  Raises NotFound."""
    async with serving.newsroom(settings):
        first = await killing.dossier(id)
        photos = [first, *[await killing.dossier(one) for one in first.copies]]
    addresses: list[str] = []
    store = app.open_photos(settings)
    try:
        kept = {one.id: [name async for name in _kept(store, one)] for one in photos}
    finally:
        await store.close()
    for one in photos:
        addresses += [f"{base}{path}" for path in _paths(one, kept[one.id], settings.secret_key)]
    pages = [f"{base}/articles/{use.slug}.html" for one in photos for use in one.uses]
    pages += [f"{base}{path}" for path in LISTS]
    keys_ = [str(one.id) for one in photos]
    found = await _asked(addresses, lambda status, body: status in (200, 206, 304))
    shown = await _asked(list(dict.fromkeys(pages)), lambda status, body: any(key in body for key in keys_))
    lines = [line for one in photos for line in _facts(one, len(kept[one.id]))]
    lines += ["Pages and feeds", *map(_line, shown), "Addresses of the picture", *map(_line, found)]
    wrong = [one for one in (*found, *shown) if one.shows]
    silent = sum(one.status is None for one in (*found, *shown))
    gone = not wrong and all(one.status == "WITHDRAWN" for one in photos)
    asked = f"{len(found) + len(shown)} addresses asked, {len(wrong)} show it, {silent} did not answer."
    return Report((*lines, f"{'Gone' if gone and not silent else 'NOT PROVED'}: {asked}"), gone and not silent)


def _facts(photo: killing.Dossier, kept: int) -> Iterator[str]:
    when = (
        f"withdrawn {photo.withdrawn_at:%Y-%m-%d %H:%M:%S} UTC"
        if photo.withdrawn_at
        else f"NOT WITHDRAWN: {photo.status}"
    )
    yield f"{ids.public('Photo', photo.id)}  {photo.filename}  ({photo.credit})  {when}"
    yield from (f"  {name}: {said}" for name, said in (("notice", photo.notice), ("reason", photo.reason)) if said)
    if photo.replacement:
        yield f"  replacement: {ids.public('Photo', photo.replacement)}"
    yield f"  renditions in the store: {kept}"
    yield "Ledger"
    yield from (
        f"  {one.at:%Y-%m-%d %H:%M:%S}  {one.kind}  version {one.version}  by {one.by}"
        + (f": {one.note}" if one.note else "")
        for one in photo.told
    )
    yield "Partners"
    yield from (
        f"  {one.at:%Y-%m-%d %H:%M:%S}  {one.partner}  {one.by}  {one.kind}  version {one.version}  {one.outcome}"
        + (f"  acknowledged {one.acknowledged_at:%Y-%m-%d %H:%M:%S}" if one.acknowledged_at else "")
        + (f": {one.note}" if one.note else "")
        for one in photo.given
    )
    yield "Stories that use it"
    yield from (f"  {ids.public('Article', one.id)}  {one.status}  {one.headline}" for one in photo.uses)


def _line(one: Answer) -> str:
    return f"  {one.status or '---'}  {one.url}" + ("  SHOWS IT" if one.shows else "")


async def _kept(store: Store, photo: killing.Dossier) -> AsyncIterator[str]:
    """What is in the store of it, as names of recipes and formats."""
    for sha256 in photo.files:
        async for key in store.keys(keys.renditions(sha256)):
            name, _, format = key.rpartition("/")[2].rpartition(".")
            if recipe := RECIPE.match(name):
                yield f"{recipe[0]}.{format}"


def _paths(photo: killing.Dossier, kept: Iterable[str], secret: str) -> Iterator[str]:
    """Of every version: all steps of the ladder in all formats, and what was made besides.  And of the original."""
    sizes = [f"w{width}-cover" for width in LADDER] + ["cover"]
    names = dict.fromkeys([*(f"{size}.{format}" for size in sizes for format in FORMATS), *kept])
    for version in range(1, photo.version + 1):
        yield from (f"/images/{photo.id}/{version}/{name}" for name in names)
    yield signed.signed(secret, "GET", f"/originals/{photo.id}/{photo.filename}", clock.now() + timedelta(minutes=5))


async def _asked(urls: Sequence[str], shows: Callable[[int, str], bool]) -> list[Answer]:
    places = asyncio.Semaphore(AT_ONCE)
    with urllib3.PoolManager(timeout=SECONDS, retries=False, maxsize=AT_ONCE) as pool:

        async def ask(url: str) -> Answer:
            async with places:
                return await asyncio.to_thread(_ask, pool, url, shows)

        return await asyncio.gather(*map(ask, urls))


def _ask(pool: urllib3.PoolManager, url: str, shows: Callable[[int, str], bool]) -> Answer:
    try:
        answer = pool.request("GET", url, redirect=False)
    except urllib3.exceptions.HTTPError:
        return Answer(url, None, False)
    return Answer(url, answer.status, shows(answer.status, answer.data.decode(errors="replace")))
