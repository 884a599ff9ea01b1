"""Files on their way into the store: each is noted before its object is put, and forgotten when a photo has it.

So an object that no photo has can be found, whatever broke: the request, the process, the line to the store.  `clear` deletes
it, unless the same bytes became a photo another way.  Same bytes have the same key, so a file that comes again while its
object is being deleted has to wait.
"""

import contextlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from cms import db, ids
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import Unavailable
from cms.models import Photo, PhotoFile, PhotoUpload
from media import keys
from media.storage import Promise, Store

LASTS = timedelta(hours=1)
LATE = timedelta(hours=1)  # what began to be sent in time is there by then
STRAY = timedelta(days=1)  # what came later still
DELETING = timedelta(minutes=15)  # more than a store may take over it, waiting included: see media.storage.s3
BATCH = 200


async def expect(actor: Actor, promise: Promise, filename: str, *, id: UUID | None = None) -> PhotoUpload:
    """Within a transaction that holds `lock(promise.sha256)`.  Raises Unavailable while the same object is being deleted."""
    at = await now()
    if await PhotoUpload.filter(object_key=promise.key, clearing_until__gt=at).exists():
        raise Unavailable("What an earlier upload of this file left is just being cleared away; try again.")
    return await PhotoUpload.create(
        id=id or ids.new(),
        user_id=actor.user_id,
        filename=filename,
        content_type=promise.content_type,
        byte_size=promise.byte_size,
        sha256=promise.sha256,
        object_key=promise.key,
        created_at=at,
        expires_at=at + LASTS,
    )


async def arrived(arrival: UUID) -> None:
    """Within the transaction that gives a photo the object.  Raises Unavailable where it may have been deleted meanwhile."""
    if not await PhotoUpload.filter(id=arrival, clearing_until__isnull=True).delete():
        raise Unavailable("This took too long; try again.")


async def lock(sha256: str) -> None:
    """Of two uploads of the same bytes the second sees the first."""
    await db.lock(UUID(sha256[:32]))


async def clear(store: Store) -> int:
    """For the worker: what became of nothing goes, object first.  How many objects were deleted.

    Raises StoreUnavailable for a store out of reach; then it goes on next time.
    """
    deleted = 0
    at = await now()
    while batch := await PhotoUpload.filter(_free(at), expires_at__lte=at - LATE).order_by("expires_at").limit(BATCH):
        for one in batch:
            if await _claimed(one):
                await store.delete(one.object_key)
                await PhotoUpload.filter(id=one.id).delete()
                deleted += 1
    return deleted + await _sweep(store)


def _free(at: datetime) -> Q:
    return Q(clearing_until__isnull=True) | Q(clearing_until__lte=at)


async def _claimed(arrival: PhotoUpload) -> bool:
    """Is its object ours to delete?  Then nobody else counts on it from now on; one that a photo has is only forgotten."""
    async with db.transaction(content=False):
        await lock(arrival.sha256)
        at = await now()
        had = {"sha256": arrival.sha256, "original_key": arrival.object_key}
        others = PhotoUpload.filter(object_key=arrival.object_key, expires_at__gt=at - LATE).exclude(id=arrival.id)
        if await Photo.filter(**had).exists() or await PhotoFile.filter(**had).exists() or await others.exists():
            await PhotoUpload.filter(id=arrival.id).delete()
            return False
        mine = PhotoUpload.filter(_free(at), id=arrival.id)
        return bool(await mine.update(clearing_until=at + DELETING))


async def _sweep(store: Store) -> int:
    """What came to the door when nobody expected it any more."""
    strays: list[str] = []
    old = await now() - STRAY
    async for key in store.keys(keys.ARRIVING):
        made = _made(key)
        if made is None or made < old:
            strays.append(key)
    deleted = 0
    for some in (strays[first : first + BATCH] for first in range(0, len(strays), BATCH)):
        for key in sorted(set(some) - await _noted(some)):
            await store.delete(key)
            deleted += 1
    return deleted


async def _noted(object_keys: Iterable[str]) -> set[str]:
    return set(await PhotoUpload.filter(object_key__in=list(object_keys)).values_list("object_key", flat=True))  # type: ignore[arg-type]


def _made(key: str) -> datetime | None:
    """When the upload began: its key begins with the time (RFC 9562, 5.7).  None for a key that is none of ours."""
    with contextlib.suppress(ValueError):
        return ids.made_at(UUID(key.removeprefix(keys.ARRIVING)))
    return None
