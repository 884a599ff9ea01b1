"""Fills an empty newsroom with the demo, through the actions alone.

The photos come first, each as it is drawn; one that is there already is taken as it is.  All the rest follows in one
transaction: whoever interrupts it is left with some photos, never with half a newsroom, and the next start begins again.
A newsroom that someone else began is not touched.  A correction is as old as the demo.
"""

import asyncio
import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

from cms import db
from cms.actions import accounts, articles, collections, feeds, partners, photos, publishing, related, taxonomy
from cms.actions.accounts import SignedIn
from cms.actor import SYSTEM, Actor, Role
from cms.db.clock import now
from cms.demo import keyring
from cms.demo.content import AUTHORS, HOME, PHOTOS, SECTIONS, TAGS, Link, Photo, Story, draw, read_stories, typed
from cms.demo.keyring import Account, ApiKey, Keyring, Partner
from cms.errors import BadState, Unauthenticated
from cms.read.catalog import select
from cms.read.shape import Shape
from cms.settings import Settings
from cms.web.services import Services

ACCOUNTS: Mapping[Role, tuple[str, str]] = {
    "READER": ("Rowan Field", "reader"),
    "CONTRIBUTOR": ("Tilda Brook", "contributor"),
    "PHOTO_EDITOR": ("Marius Lind", "photo-editor"),
    "EDITOR": ("Ruth Abara", "editor"),
    "ADMIN": ("Sam Okoro", "admin"),
}
API_KEY = "An editor's script"
PARTNER = "Strait Wire"
FEEDS = ("/feeds/latest.rss", "/feeds/latest.atom", "/feeds/section/world.atom", "/feeds/strait-wire.json")
YEAR_HOURS = 365 * 24
STEPS = len(PHOTOS) + len(read_stories())

Told = Callable[[int], None]  # how many of STEPS are done, 0 first

_SECTIONS: Shape = select("Query", ("sections", "slug"))


async def furnish(services: Services, card: Path, told: Told) -> None:
    """The demo in the open database, and on `card` what opens it.

    Where it is there already nothing is told, and a token that opens nothing any more is replaced.  Raises BadState where another
    newsroom is there, or the demo's without its card.
    """
    if await accounts.from_demo():
        ring = keyring.kept(card)
        if ring is None:
            raise BadState(f"{card} is gone, and nobody else knows the demo's passwords; remove its database too.")
        keyring.keep(await _refreshed(ring, services.settings), card)
        return
    if (await services.reader.value(_SECTIONS, SYSTEM))["sections"]:
        raise BadState("There is a newsroom in this database already; `dateline serve` serves it.")
    pictures = await _photos(services, told)
    async with db.transaction():
        people, ring = await _people(services.settings)
        await _taxonomy()
        await _stories(people, pictures, told)
        keyring.keep(ring, card)  # before the commit: a newsroom without its card would be of no use


async def _refreshed(ring: Keyring, settings: Settings) -> Keyring:
    """With this server's address, and with new tokens for those that open nothing any more."""
    people = tuple([await _with_token(one, settings) for one in ring.accounts])
    return replace(ring, url=settings.public_url, accounts=people)


async def _with_token(account: Account, settings: Settings) -> Account:
    try:
        await accounts.identify(account.token)
    except Unauthenticated:
        return replace(account, token=(await _sign_in(account.email, account.password, settings)).token)
    return account


async def _sign_in(email: str, password: str, settings: Settings) -> SignedIn:
    """For a year: five sign-ins at each start would take 2 s of hashing."""
    return await accounts.sign_in(email, password, settings=replace(settings, session_hours=YEAR_HOURS))


# ------------------------------------------------------------------------------------------------------------- photos


async def _photos(services: Services, told: Told) -> dict[str, UUID]:
    """Their ids by their keys.  Drawing takes 7 s of one processor, so all of them draw while one photo is taken in."""
    kept: dict[str, UUID] = {}
    told(0)
    with tempfile.TemporaryDirectory(prefix="dateline-demo-") as folder:
        pool = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _begin)  # not forked: this process has threads
        try:
            drawn = [asyncio.wrap_future(pool.submit(_draw, photo, Path(folder))) for photo in PHOTOS]
            for photo, path in zip(PHOTOS, drawn, strict=True):
                kept[photo.key] = await _take_in(services, photo, await path)
                told(len(kept))
        finally:
            pool.shutdown(cancel_futures=True)
    return kept


def _begin() -> None:
    """Of a child: Ctrl-C is for its parent to answer, and without a parent it would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := parent_process():
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _draw(photo: Photo, folder: Path) -> Path:
    path = folder / photo.file_name
    path.write_bytes(draw(photo))
    return path


async def _take_in(services: Services, photo: Photo, path: Path) -> UUID:
    across, down = photo.focal_point
    uploaded = await photos.upload(
        SYSTEM,
        services.store,
        services.workshop,
        photos.Upload(path, photo.file_name),
        {**typed(photo), "focal_point": {"x": across, "y": down}},
        settings=services.settings,
        on_duplicate="RETURN_EXISTING",
    )
    return uploaded.id


# ------------------------------------------------------------------------------------------------- people and sections


async def _people(settings: Settings) -> tuple[dict[Role, Actor], Keyring]:
    people, listed = {}, []
    for role, (name, box) in ACCOUNTS.items():
        email, password = f"{box}@{accounts.DEMO_DOMAIN}", secrets.token_urlsafe(12)
        await accounts.save_user(SYSTEM, {"name": name, "email": email, "password": password, "role": role})
        signed_in = await _sign_in(email, password, settings)
        people[role] = signed_in.actor
        listed.append(Account(role, email, password, signed_in.token))
    script = await accounts.create_key(SYSTEM, API_KEY, user=people["EDITOR"].user_id)
    wire = await partners.save_partner(SYSTEM, {"name": PARTNER, "embargo_access": True})
    partner = await accounts.create_key(SYSTEM, PARTNER, partner=wire)
    own = {"slug": "strait-wire", "title": f"For {PARTNER}", "partner": wire, "embargoed_ahead": True}
    await feeds.save(SYSTEM, own)
    return people, Keyring(
        url=settings.public_url,
        accounts=tuple(listed),
        api_keys=(ApiKey(API_KEY, script.secret),),
        partners=(Partner(PARTNER, partner.secret, FEEDS),),
    )


async def _taxonomy() -> None:
    sections: dict[str, UUID] = {}
    for place, section in enumerate(SECTIONS):
        sections[section.slug] = await taxonomy.save_section(
            SYSTEM,
            {
                "slug": section.slug,
                "name": section.name,
                "description": section.description,
                "parent": sections[section.parent] if section.parent else None,
                "position": place,
            },
        )
    for tag in TAGS:
        await taxonomy.save_tag(SYSTEM, {"slug": tag.slug, "name": tag.name})
    for author in AUTHORS:
        await taxonomy.save_author(
            SYSTEM,
            {
                "slug": author.slug,
                "name": author.name,
                "role": author.role,
                "bio": author.bio,
                "links": list(author.links),
            },
        )


# ------------------------------------------------------------------------------------------------------------ stories


async def _stories(people: Mapping[Role, Actor], pictures: Mapping[str, UUID], told: Told) -> None:
    """All are made before any is linked, and linked before any is out: after its publication a story is corrected, if anything."""
    stories, editor, begun = read_stories(), people["EDITOR"], await now()
    made: dict[str, UUID] = {}
    for story in stories:
        reporter = people["CONTRIBUTOR"] if story.state == "draft" else editor
        embargo = begun - story.age if story.state == "embargoed" else None
        made[story.key] = await articles.create(reporter, {**_written(story, pictures), "embargoed_until": embargo})
        told(len(PHOTOS) + len(made))
    for story in stories:
        version = 1
        if story.related:
            await related.set_links(editor, made[story.key], version, _links(story.related, made))
            version += 1
        if story.translation_of:
            original = made[story.translation_of]
            await articles.update(editor, made[story.key], version, {"translation_of": original})
            version += 1
        if story.state != "draft":
            await _publish(story, made[story.key], version, editor, begun - story.age)
    items = [{"article": made[key], "headline": headline} for key, headline in HOME]
    await collections.save(editor, {"slug": "home", "title": "The front page", "items": items})


async def _publish(story: Story, id: UUID, version: int, editor: Actor, at: datetime) -> None:
    if story.state == "scheduled":
        await publishing.publish(editor, id, version, at=at)
    elif story.state == "embargoed":
        await publishing.publish(editor, id, version)
    else:
        await publishing.publish(SYSTEM, id, version, since=at)
    if story.state == "unpublished":
        await publishing.unpublish(editor, id, version + 1)
    elif story.correction:
        await articles.correct(editor, id, version + 1, story.correction, {})


def _written(story: Story, pictures: Mapping[str, UUID]) -> dict[str, Any]:
    """A story as the fields of a new article."""
    return {
        "slug": story.key,
        "headline": story.headline,
        "section": story.section,
        "language": story.language,
        "kicker": story.kicker,
        "summary": story.summary,
        "authors": story.authors,
        "byline_override": story.byline,
        "dateline": story.dateline,
        "tags": story.tags,
        "body": [_block(block, pictures) for block in story.body],
        "lead_photo": {"photo": pictures[story.lead]} if story.lead else None,
        "gallery": [{"photo": pictures[key]} for key in story.gallery],
    }


def _block(block: Mapping[str, Any], pictures: Mapping[str, UUID]) -> dict[str, Any]:
    """The block, its photos by their ids."""
    ((kind, given),) = block.items()
    if kind == "photo":
        return {kind: {**given, "photo": pictures[given["photo"]]}}
    if kind == "gallery":
        return {kind: {**given, "photos": [{**one, "photo": pictures[one["photo"]]} for one in given["photos"]]}}
    return dict(block)


def _links(links: Iterable[Link], made: Mapping[str, UUID]) -> list[dict[str, Any]]:
    """SIMILAR is the machine's own kind: what a manuscript calls so is curated here, without a kind of its own."""
    return [
        {
            "article": made[link.story] if link.story else None,
            "url": link.url,
            "title": link.title,
            "kind": None if link.kind == "SIMILAR" else link.kind,
        }
        for link in links
    ]
