"""Makers: the newsroom that tests work in.  Everything is made through actions, except the rows of photos and accounts that
would each cost an image or a password hash."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tortoise import Tortoise

from cms import clock, db, ids, ledger
from cms.actions import archive, articles, finding, publishing, taxonomy
from cms.actor import SYSTEM, Actor, Role
from cms.models import Article, Change, Job, Photo, User, UserSection
from cms.settings import Settings

_numbers = count(1)


@asynccontextmanager
async def opened(url: str, **settings: Any) -> AsyncIterator[db.Database]:
    """The database at `url`, its migrations applied, open."""
    given = Settings(database_url=url, **settings)
    await db.migrate(given)
    async with db.open_database(given) as database:
        yield database


# ---------------------------------------------------------------------------------------------------------- who asks


async def staff(role: Role, *sections: UUID, name: str | None = None) -> Actor:
    """A user of this role, as it acts after signing in; its password fits nothing."""
    number = next(_numbers)
    name = name or f"{role.title()} {number}"
    user = await User.create(
        name=name, email=f"user{number}@desk.test", password_hash="!", role=role, created_at=clock.now()
    )
    await UserSection.bulk_create([UserSection(user_id=user.id, section_id=one) for one in sections])
    return Actor(kind="USER", role=role, user_id=user.id, name=name, sections=sections or None)


# ------------------------------------------------------------------------------------------------------ what is there


async def section(name: str = "World", parent: UUID | None = None) -> UUID:
    return await taxonomy.save_section(SYSTEM, {"name": name, "parent": parent})


async def tag(name: str) -> UUID:
    return await taxonomy.save_tag(SYSTEM, {"name": name})


async def author(name: str) -> UUID:
    return await taxonomy.save_author(SYSTEM, {"name": name})


async def photo(**columns: Any) -> UUID:
    """A photo's row without bytes in any store."""
    number, at = next(_numbers), clock.now()
    given: dict[str, Any] = {
        "credit": f"Photographer {number}/Agency",
        "caption": "A street after the rain.",
        "alt_text": "Wet asphalt, seen from above",
        "filename": f"{number}.jpg",
        "format": "JPEG",
        "width": 1600,
        "height": 900,
        "byte_size": 123456,
        "sha256": f"{number:064x}",
        "placeholder": "",
        "dominant_color": "#808080",
        "store": "test",
        "original_key": f"originals/{number}",
        "created_at": at,
        "updated_at": at,
    }
    key = ids.new()
    made = await Photo.create(id=key, **given | columns)
    await archive.keep_revision(SYSTEM, key, at)
    await finding.index(made)
    await finding.resemble(key, made.likeness)
    return key


def paragraphs(*texts: str) -> list[dict[str, Any]]:
    return [{"paragraph": {"html": text}} for text in texts]


async def article(actor: Actor = SYSTEM, **fields: Any) -> UUID:
    """A draft with all that readers expect, in the section "world"."""
    given = {
        "headline": f"Story {next(_numbers)}",
        "summary": "It happened.",
        "section": "world",
        "body": paragraphs("What happened."),
    }
    return await articles.create(actor, given | fields)


async def live(actor: Actor = SYSTEM, **fields: Any) -> UUID:
    """A published story; its version is 2."""
    made = await article(actor, **fields)
    return (await publishing.publish(actor, made, 1)).id


# ------------------------------------------------------------------------------------------------------ what happened


async def stored(article_id: UUID) -> Article:
    return await Article.get(id=article_id)


async def told(subject: UUID, *, ahead: bool = False) -> list[tuple[str, int]]:
    """What the ledger says about a subject to all, or `ahead` to who gets embargoed stories: kinds and versions, oldest
    first."""
    rows = await Change.filter(subject_id=subject, ahead=ahead).order_by("position")
    return [(row.kind, row.version) for row in rows]


async def settled() -> None:
    """Wait until all that was told so far is what readers of the ledger get: transactions of other tests may run yet."""
    newest = await Change.all().order_by("-position").first()
    async with asyncio.timeout(20):
        while newest and not (await ledger.head()).endswith(f"-{newest.position}"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def waiting(subject: UUID) -> list[tuple[str, datetime]]:
    """The jobs left for a subject, by their hour."""
    rows = await Job.filter(subject_id=subject).order_by("run_at")
    return [(row.kind, row.run_at) for row in rows]


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables: what is the same before and after a refusal."""
    assert Tortoise.apps is not None
    tables = Tortoise.apps["cms"].items()
    return {name: await model.all().order_by(model._meta.pk_attr).values() for name, model in tables}


def hours(number: float) -> datetime:
    """That many hours from now, in whole seconds."""
    return (datetime.now(UTC) + timedelta(hours=number)).replace(microsecond=0)
