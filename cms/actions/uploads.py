"""Photos that their sender puts into the store directly: announced, put, and finished by the rule that all photos come in by.

What is at the door is nobody's photo until it was looked at; it may be put and finished again until its hour is over.
"""

import asyncio
import contextlib
import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cms import db, ids, policy, signed
from cms.actions import arrivals, photos
from cms.actions.fields import Reader, read, refuse, text
from cms.actions.photos import OnDuplicate, Upload, Uploaded, translated
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import (
    BadInput,
    ChecksumMismatch,
    FileMissing,
    FileTooLarge,
    NotFound,
    Refusal,
    UnsupportedImage,
    UploadExpired,
)
from cms.models import PhotoUpload
from cms.settings import Settings
from media import keys, sniff
from media.decode import Workshop
from media.errors import Missing, StoreUnavailable
from media.storage import Door, Promise, Store

LASTS_S = int(arrivals.LASTS.total_seconds())
FIELDS: Mapping[str, Reader] = {name: photos.FIELDS[name] for name in ("credit", "caption", "alt_text")}

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Started:
    """`door` takes the file until `expires_at`."""

    id: UUID
    door: Door
    expires_at: datetime


async def start(
    actor: Actor, store: Store, filename: str, content_type: str, byte_size: int, sha256: str, *, settings: Settings
) -> Started:
    """Raises UnsupportedImage, FileTooLarge or BadInput for what will not be taken, Unavailable."""
    policy.require(actor, "photo.upload")
    filename = text(255, required=True)(filename, ("filename",))
    sha256 = sha256.lower()
    refuse(_unfit(content_type, byte_size, sha256, settings))
    upload = ids.new()
    promise = Promise(keys.arriving(upload), content_type, byte_size, sha256)
    async with db.transaction(content=False):
        await arrivals.lock(sha256)
        row = await arrivals.expect(actor, promise, photos.label(filename), id=upload)
    with translated():
        door = await store.door(promise, LASTS_S) or _own_door(upload, promise, row.expires_at, settings)
    return Started(upload, door, row.expires_at)


async def finish(
    actor: Actor,
    store: Store,
    workshop: Workshop,
    id: UUID,
    fields: Mapping[str, Any],
    *,
    settings: Settings,
    on_duplicate: OnDuplicate = "REFUSE",
) -> Uploaded:
    """The photo that was put; the same one each time.

    Raises NotFound for an upload that is not the actor's own, UploadExpired, FileMissing, ChecksumMismatch, and whatever
    `photos.upload` does.
    """
    policy.require(actor, "photo.upload")
    values = read(FIELDS, fields)
    mine = PhotoUpload.filter(user_id=actor.user_id) if actor.user_id else PhotoUpload.filter(user_id__isnull=True)
    upload = await mine.filter(id=id, object_key=keys.arriving(id)).first()
    if upload is None:
        raise NotFound("There is no such upload.", "upload_id")
    if upload.photo_id is not None:  # type: ignore[attr-defined]
        return Uploaded(upload.photo_id, ())  # type: ignore[attr-defined]
    if upload.expires_at <= await now():
        raise UploadExpired("This upload was not finished within its hour; start another one.", "upload_id")
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="dateline-")
    try:
        path = Path(folder.name, "file")
        await _fetched(store, upload, path)
        done = await photos.take(
            actor,
            store,
            workshop,
            Upload(path, upload.filename),
            values,
            settings=settings,
            on_duplicate=on_duplicate,
            announced=id,
        )
    finally:
        await asyncio.to_thread(folder.cleanup)
    with contextlib.suppress(StoreUnavailable):  # then it is cleared away later
        await store.delete(upload.object_key)
    return done


async def awaited(id: UUID) -> Promise | None:
    """What may be put at our own door just now."""
    upload = await PhotoUpload.get_or_none(
        id=id, object_key=keys.arriving(id), photo_id__isnull=True, expires_at__gt=await now()
    )
    if upload is None:
        return None
    return Promise(upload.object_key, upload.content_type, upload.byte_size, upload.sha256)


def door_path(id: UUID) -> str:
    return f"/uploads/{id}"


def _own_door(id: UUID, promise: Promise, ends: datetime, settings: Settings) -> Door:
    """For a store without one: this server takes the file, see cms.web.uploads."""
    path = signed.signed(settings.secret_key, "PUT", door_path(id), ends)
    return Door(settings.public_url + path, "PUT", {"Content-Type": promise.content_type})


async def _fetched(store: Store, upload: PhotoUpload, path: Path) -> None:
    """Nothing is fetched that has another size than was announced."""
    missing = FileMissing("The file is not there yet; put it first, then finish.", "upload_id")
    wrong = ChecksumMismatch("What was put is not the file that was announced; put it again.", "upload_id")
    with translated("upload_id"):
        size = await store.size(upload.object_key)
        if size is None:
            raise missing
        if size != upload.byte_size:
            raise wrong
        try:
            await store.fetch(upload.object_key, path)
        except Missing:
            raise missing from None
    if await asyncio.to_thread(_sha256, path) != upload.sha256:
        raise wrong


def _unfit(content_type: str, byte_size: int, sha256: str, settings: Settings) -> list[Refusal]:
    refusals: list[Refusal] = []
    if content_type not in sniff.MIME.values():
        refusals.append(UnsupportedImage(f"Of {', '.join(sniff.MIME.values())} this is none.", "content_type"))
    if byte_size < 1:
        refusals.append(BadInput("A file has at least one byte.", "byte_size"))
    if byte_size > settings.max_upload_mb * 1_000_000:
        most = f"at most {settings.max_upload_mb} are taken."
        refusals.append(FileTooLarge(f"This file has {byte_size / 1e6:.1f} MB; {most}", "byte_size"))
    if not _SHA256.fullmatch(sha256):
        refusals.append(BadInput("A SHA-256 is written as 64 hexadecimal digits.", "sha256"))
    return refusals


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
