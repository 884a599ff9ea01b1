"""What follows each save of a photo: its revision, the ledger, the audit, the words it is found by, the sizes that pages ask
for first, those that say what is no more said, and the caches where they may keep it no longer.

For the actions alone.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cms import audit, jobs, ledger, policy
from cms.actions import finding
from cms.actor import Actor
from cms.models import Photo, PhotoFile, PhotoRevision

AGAIN = timedelta(minutes=2)  # longer than any request or rendition takes: what was on its way is there by then


async def settle(
    actor: Actor,
    verb: policy.Verb,
    photo_id: UUID,
    kind: ledger.Kind,
    at: datetime,
    *,
    note: str | None = None,
    reason: str = "",
) -> None:
    """After the last write of a verb.  `note` is told to everyone who had the photo, `reason` to who audits."""
    photo = await keep_revision(actor, photo_id, at)
    await finding.index(photo)
    await ledger.append(kind, "Photo", photo_id, photo.version, actor, note)
    await audit.record(actor, verb, "Photo", photo_id, f"{photo.filename}: {reason}" if reason else photo.filename)
    if kind != "PHOTO_WITHDRAWN":
        await jobs.enqueue("photo.prepare", photo_id, {})
        if photo.version > 1:
            await jobs.enqueue("photo.reap", photo_id, {}, at + AGAIN)
    if kind in ("PHOTO_RIGHTS_CHANGED", "PHOTO_WITHDRAWN"):  # until now it might have been kept for a year
        for due in (at, at + AGAIN):
            await jobs.enqueue("photo.purge", photo_id, {}, due)


async def holders(photo_id: UUID) -> dict[str, list[UUID]]:
    """Of each file that the photo has or had, by its SHA-256: the photos that have it now."""
    had: Any = await PhotoFile.filter(photo_id=photo_id).values_list("sha256", flat=True)
    found: dict[str, list[UUID]] = {one: [] for one in (*had, (await Photo.get(id=photo_id)).sha256)}
    for photo in await Photo.filter(sha256__in=list(found)).order_by("id").only("id", "sha256"):
        found[photo.sha256].append(photo.id)
    return found


async def keep_revision(actor: Actor, photo_id: UUID, at: datetime) -> Photo:
    """What could be read of the photo from `at` on.  A story's past is told with it."""
    photo = await Photo.get(id=photo_id)
    await PhotoRevision.create(
        photo_id=photo_id,
        version=photo.version,
        at=at,
        by=actor.name,
        user_id=actor.user_id,
        snapshot={
            "credit": photo.credit,
            "caption": photo.caption,
            "alt_text": photo.alt_text,
            "data_mining": photo.data_mining,
            "status": photo.status,
            "rights_until": photo.rights_until and photo.rights_until.isoformat(),
        },
    )
    return photo
