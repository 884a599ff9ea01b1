"""A kill: a photo is withdrawn for good, and with it every photo of the same bytes, for a kill is of the picture.

From the commit on nobody gets it anywhere; caches are told and renditions deleted by jobs, twice: what was being made or
fetched at that moment is there by the second time.  The original stays in the store, untouched and served to nobody.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Case, Q, Subquery, When

from cms import db, ids, jobs, ledger, policy
from cms.actions import archive, arrivals, versioned
from cms.actions.fields import Reader, key, maybe, read, text
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import BadInput, BadState, NotFound, PhotoWithdrawn
from cms.models import Article, ArticlePhoto, Author, CollectionItem, Delivery, Photo, PhotoFile
from media import keys
from media.storage import Store

MOST_STORIES = 1000  # named in an answer
AT_ONCE = 16  # deletions

FIELDS: Mapping[str, Reader] = {
    "reason": text(2000, required=True),
    "notice": text(2000, required=True),
    "replacement": maybe(key),
}


@dataclass(frozen=True, slots=True)
class Killed:
    """`articles` are those that used it and that the caller sees, the newest first, up to MOST_STORIES.  `partners` is how many
    got it, and find the kill in their ledger."""

    id: UUID
    articles: tuple[UUID, ...]
    partners: int = 0


async def withdraw(actor: Actor, id: UUID, version: int, fields: Mapping[str, Any]) -> Killed:
    """Withdraw it: `reason` is for the desk and the audit, `notice` for everyone who had it, `replacement` another photo.

    Raises NotFound, Forbidden, Conflict, BadState for what is withdrawn already.
    """
    policy.require(actor, "photo.withdraw")
    values = read(FIELDS, fields, required=("reason", "notice"))
    async with db.transaction():
        photo, copies = await _held(actor, id, version)
        await _check_replacement(values.get("replacement"), [photo, *copies])
        at = await now()
        for one in (photo, *copies):
            await _kill(actor, one, values, at)
        return await report(actor, id)


async def report(actor: Actor, id: UUID) -> Killed:
    """What the kill of `id` concerned, as it stands now."""
    photo = await Photo.get(id=id)
    same = Photo.filter(_with_bytes(await _files(photo))).values_list("id")
    used = Subquery(ArticlePhoto.filter(photo_id__in=Subquery(same)).values_list("article_id"))
    query = Article.filter(id__in=used, copy_of_id__isnull=True)
    if rule := policy.visible("Article", actor):
        query = query.filter(rule)
    found: Any = await query.order_by("-live_from", "-id").limit(MOST_STORIES).values_list("id", flat=True)
    got = Delivery.filter(subject_id__in=Subquery(same), partner_id__isnull=False)
    return Killed(id, tuple(found), len(set(await got.distinct().values_list("partner_id", flat=True))))


def refuse_copy(copies: Iterable[Photo], *path: str) -> None:
    """Raises PhotoWithdrawn where one of these, of which a file is a copy, was killed: then the file is not taken in."""
    for one in copies:
        if one.status == "WITHDRAWN":
            said = f"This picture was withdrawn ({ids.public('Photo', one.id)}): {one.withdrawn_notice}"
            raise PhotoWithdrawn(said, *path)


async def refuse_bytes(sha256: str, *path: str) -> None:
    """Raises PhotoWithdrawn where a killed photo has or had these bytes.  Under the lock of `arrivals` it stays so."""
    refuse_copy(await Photo.filter(_with_bytes([sha256]), status="WITHDRAWN").order_by("id"), *path)


async def surrogate_keys(id: UUID) -> list[str]:
    """Of everything that caches may hold of the photo: its renditions, the stories and lists that show it, GraphQL answers."""
    placed: Any = await ArticlePhoto.filter(photo_id=id).distinct().values_list("article_id", flat=True)
    listed: Any = await CollectionItem.filter(photo_id=id).distinct().values_list("article_id", flat=True)
    authors: Any = await Author.filter(photo_id=id).values_list("id", flat=True)
    stories = [ids.public("Article", one) for one in sorted({*placed, *listed}, reverse=True)]
    return [ids.public("Photo", id), "photo", *stories, *(ids.public("Author", one) for one in authors)]


async def erase(store: Store, id: UUID) -> None:
    """Delete its renditions; the original stays.  Raises StoreUnavailable."""
    for sha256 in await _files(await Photo.get(id=id)):
        found = [key async for key in store.keys(keys.renditions(sha256))]
        for first in range(0, len(found), AT_ONCE):
            await asyncio.gather(*(store.delete(key) for key in found[first : first + AT_ONCE]))


# ---------------------------------------------------------------------------------------------------------- the report


@dataclass(frozen=True, slots=True)
class Use:
    id: UUID
    headline: str
    slug: str
    status: str


@dataclass(frozen=True, slots=True)
class Given:
    """What one partner got of it, or is being told.  `by` is how: "feed latest.atom"."""

    partner: str
    by: str
    kind: str
    version: int
    at: datetime
    outcome: str
    acknowledged_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """What `dateline kill-report` asks about: `files` are the SHA-256 of the bytes it has or had."""

    id: UUID
    filename: str
    credit: str
    status: str
    version: int
    withdrawn_at: datetime | None
    reason: str | None
    notice: str | None
    replacement: UUID | None
    files: tuple[str, ...]
    copies: tuple[UUID, ...]
    uses: tuple[Use, ...]
    told: tuple[ledger.Entry, ...]
    given: tuple[Given, ...]


async def dossier(id: UUID) -> Dossier:
    """For the command line, which sees everything.  Raises NotFound."""
    photo = await Photo.get_or_none(id=id)
    if photo is None:
        raise NotFound("There is no such photo.", "id")
    files = await _files(photo)
    copies: Any = await Photo.filter(_with_bytes(files)).exclude(id=id).order_by("id").values_list("id", flat=True)
    return Dossier(
        id=id,
        filename=photo.filename,
        credit=photo.credit,
        status=photo.status,
        version=photo.version,
        withdrawn_at=photo.withdrawn_at,
        reason=photo.withdrawn_reason,
        notice=photo.withdrawn_notice,
        replacement=vars(photo)["replacement_id"],
        files=files,
        copies=tuple(copies),
        uses=await _uses(id),
        told=tuple(await ledger.of(id)),
        given=await _given(id),
    )


async def _given(id: UUID) -> tuple[Given, ...]:
    rows = Delivery.filter(subject_id=id, partner_id__isnull=False).order_by("at", "id")
    found = await rows.select_related("partner", "change")
    return tuple(
        Given(
            partner=row.partner.name,
            by=row.channel,
            kind=row.change.kind,
            version=row.change.version,
            at=row.at,
            outcome=row.outcome,
            acknowledged_at=row.acknowledged_at,
            note=row.note,
        )
        for row in found
    )


async def _uses(id: UUID) -> tuple[Use, ...]:
    used = Subquery(ArticlePhoto.filter(photo_id=id).values_list("article_id"))
    cases = (When(holds, then=name) for name, holds in policy.STATUS.items())
    query = Article.filter(id__in=used, copy_of_id__isnull=True).annotate(status=Case(*cases, default="DRAFT"))
    rows: Any = await query.order_by("-live_from", "-id").values("id", "headline", "slug", "status")
    return tuple(Use(**row) for row in rows)


# ------------------------------------------------------------------------------------------------------------ the deed


async def _held(actor: Actor, id: UUID, version: int) -> tuple[Photo, list[Photo]]:
    """The photo and the others of its bytes that are not withdrawn yet, all of them locked, and so are the bytes: an upload
    of the same ones comes before, and is killed with them, or sees the kill."""
    rule = policy.visible("Photo", actor) or Q()
    seen = await Photo.filter(rule, id=id).first()
    if seen is None:
        raise NotFound("There is no such photo.", "id")
    files = await _files(seen)
    for sha256 in files:
        await arrivals.lock(sha256)
    others: Any = await Photo.filter(_with_bytes(files)).exclude(id=id).values_list("id", flat=True)
    for one in sorted([id, *others]):
        await db.lock(one)
    photo = await Photo.get(id=id)
    policy.require(actor, "photo.withdraw", policy.Subject(owner=photo.created_by))
    versioned.check(photo, version)
    if photo.status == "WITHDRAWN":
        raise BadState("This photo is withdrawn already.")
    return photo, await Photo.filter(id__in=others).exclude(status="WITHDRAWN").order_by("id")


async def _files(photo: Photo) -> tuple[str, ...]:
    """The SHA-256 of its bytes, and of those that they replaced."""
    before: Any = await PhotoFile.filter(photo_id=photo.id).values_list("sha256", flat=True)
    return tuple(sorted({photo.sha256, *before}))


def _with_bytes(files: Sequence[str]) -> Q:
    """Photos that have or had one of these files."""
    return Q(sha256__in=list(files)) | Q(
        id__in=Subquery(PhotoFile.filter(sha256__in=list(files)).values_list("photo_id"))
    )


async def _check_replacement(id: UUID | None, killed: Sequence[Photo]) -> None:
    if id is None:
        return
    if id in {one.id for one in killed}:
        raise BadInput("This is the same picture.", "replacement")
    photo = await Photo.get_or_none(id=id)
    if photo is None:
        raise NotFound("There is no such photo.", "replacement")
    if photo.status == "WITHDRAWN":
        raise PhotoWithdrawn("This photo was withdrawn too.", "replacement")


async def _kill(actor: Actor, photo: Photo, values: Mapping[str, Any], at: datetime) -> None:
    columns = {
        "status": "WITHDRAWN",
        "withdrawn_at": at,
        "withdrawn_reason": values["reason"],
        "withdrawn_notice": values["notice"],
        "replacement_id": values.get("replacement"),
        "updated_at": at,
    }
    await versioned.change(photo, columns)
    await archive.settle(
        actor, "photo.withdraw", photo.id, "PHOTO_WITHDRAWN", at, note=values["notice"], reason=values["reason"]
    )
    for due in (at, at + archive.AGAIN):
        await jobs.enqueue("photo.erase", photo.id, {}, due)
