"""Photos: taken in with their credit, and what is said of them changed.

A photo without a credit is refused, and so is a file that is no sound still picture: then nothing is stored.  The bytes are
kept before the row is written, so that a crash leaves at worst an object without a row, never a row without its object.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from cms import credit, db, ids, ledger, policy
from cms.actions import archive, arrivals, finding, killing, versioned
from cms.actions.fields import (
    Reader,
    each_once,
    instant,
    many,
    maybe,
    number,
    one_of,
    read,
    record,
    switch,
    territory,
    text,
)
from cms.actions.finding import Copy
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import (
    AltTextMissing,
    BadImage,
    BadState,
    CaptionMissing,
    CMSError,
    CreditMissing,
    DuplicatePhoto,
    FileTooLarge,
    ImageTooLarge,
    NotFound,
    PhotoWithdrawn,
    Refusal,
    Unavailable,
    UnsupportedImage,
)
from cms.models import UNDATED, Photo, PhotoFile, PhotoUpload
from cms.settings import Settings
from media import errors as media_errors
from media import ingest, keys, metadata
from media.decode import Workshop
from media.ingest import Examined
from media.storage import Promise, Store

OnDuplicate = Literal["REFUSE", "RETURN_EXISTING", "ALLOW"]

CAPTION, LINE, TITLE, WORD, PARTY = 5000, 500, 300, 120, 200

# PLUS 2.0.1, "Data Mining"; what a file says is kept though it be no such term, for it may forbid more than we know
DATA_MINING = tuple(
    f"http://ns.useplus.org/ldf/vocab/DMI-{term}"
    for term in (
        "UNSPECIFIED",
        "ALLOWED",
        "PROHIBITED-AIMLTRAINING",
        "PROHIBITED-GENAIMLTRAINING",
        "PROHIBITED-EXCEPTSEARCHENGINEINDEXING",
        "PROHIBITED",
        "PROHIBITED-SEECONSTRAINT",
        "PROHIBITED-SEEEMBEDDEDRIGHTSEXPR",
        "PROHIBITED-SEELINKEDRIGHTSEXPR",
    )
)

FIELDS: Mapping[str, Reader] = {
    "credit": text(LINE),
    "caption": text(CAPTION),
    "alt_text": text(1000),
    "headline": text(TITLE),
    "copyright_notice": text(LINE),
    "usage_terms": text(2000),
    "data_mining": maybe(one_of(*DATA_MINING)),
    "keywords": many(text(WORD, required=True), 200),
    "focal_point": record({"x": number(0, 1), "y": number(0, 1)}, required=("x", "y")),
    "rights": record(
        {
            "expires_at": maybe(instant),
            "restrictions": text(2000),
            "syndicatable": lambda value, path: value is None or switch(value, path),
            "territories": each_once(territory, 250),
        }
    ),
}
PLAIN = ("alt_text", "headline", "copyright_notice", "usage_terms", "data_mining", "keywords")
# field -> column
RIGHTS = {
    "expires_at": "rights_until",
    "restrictions": "restrictions",
    "syndicatable": "syndicatable",
    "territories": "territories",
}
NO_LIMITS: dict[str, Any] = {"expires_at": None, "restrictions": None, "syndicatable": True, "territories": []}
# what tells one file of a photo from another
FILE = ("filename", "format", "width", "height", "byte_size", "sha256", "store", "original_key")
LOCATION = ("sublocation", "city", "region", "country", "country_code")
NO_CREDIT = "This photo has no credit: the file carries none, so pass `credit`."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on this machine's disk; `filename` is what its sender called it, a label and nothing more."""

    path: Path
    filename: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """`warnings` did not stop it: a caption or an alt text is missing, or it looks like a photo that is there."""

    id: UUID
    warnings: tuple[Refusal, ...]


async def upload(
    actor: Actor,
    store: Store,
    workshop: Workshop,
    file: Upload,
    fields: Mapping[str, Any],
    *,
    settings: Settings,
    on_duplicate: OnDuplicate = "REFUSE",
) -> Uploaded:
    """A photo that is ready to be placed.  What is not in `fields` is read from the file: XMP, then IIM, then EXIF.

    Raises CreditMissing where neither names a credit, DuplicatePhoto for bytes that are in the archive already, PhotoWithdrawn for a killed photo's
    and for a copy of its picture, UnsupportedImage, BadImage, ImageTooLarge or FileTooLarge for a file that is not taken, Unavailable for a store out of
    reach.
    """
    policy.require(actor, "photo.upload")
    values = read(FIELDS, fields)
    return await take(actor, store, workshop, file, values, settings=settings, on_duplicate=on_duplicate)


async def take(
    actor: Actor,
    store: Store,
    workshop: Workshop,
    file: Upload,
    values: Mapping[str, Any],
    *,
    settings: Settings,
    on_duplicate: OnDuplicate,
    announced: UUID | None = None,
) -> Uploaded:
    """The one rule for a file that is to become a photo, however it came; `values` are clean.

    `announced` is the PhotoUpload that it came by: the photo is its, and of two who finish it the second gets the same one.
    """
    field = "upload_id" if announced else "file"
    with translated(field):
        examined = await ingest.examine(workshop, file.path, max_bytes=settings.max_upload_mb * 1_000_000)
    columns = _prefilled(examined) | _columns(values)
    if not columns["credit"]:
        raise CreditMissing(NO_CREDIT, "credit")
    copies = await finding.copies(examined.likeness)
    async with db.transaction(content=False):
        await arrivals.lock(examined.sha256)
        if known := await _known(examined.sha256, on_duplicate, announced, field):
            return Uploaded(known, ())
        await _refuse_killed(copies, field)
        arrival = await arrivals.expect(actor, _promise(examined), label(file.filename))
    with translated(field):
        key = await ingest.keep(store, file.path, examined)
    made = ids.new()
    async with db.transaction():
        await arrivals.lock(examined.sha256)
        await arrivals.arrived(arrival.id)
        if known := await _known(examined.sha256, on_duplicate, announced, field):
            return Uploaded(known, ())
        await _refuse_killed(copies, field)
        at = await now()
        await Photo.create(
            id=made,
            **columns,
            **_picture(examined),
            filename=label(file.filename),
            store=store.name,
            original_key=key,
            created_by=actor.user_id,
            created_at=at,
            updated_at=at,
        )
        await finding.resemble(made, examined.likeness)
        if announced:
            await PhotoUpload.filter(id=announced).update(photo_id=made)
        await archive.settle(actor, "photo.upload", made, "PHOTO_UPDATED", at)
    return Uploaded(made, (*_warnings(columns), *_alike(copies, examined.sha256, field)))


async def replace(
    actor: Actor,
    store: Store,
    workshop: Workshop,
    id: UUID,
    version: int,
    file: Upload,
    *,
    settings: Settings,
) -> Uploaded:
    """A better file of the same picture.  What is said of the photo stays, and so do its uses and the file that it had.

    Raises NotFound, Forbidden, Conflict, PhotoWithdrawn, and what `upload` raises for a file that is not taken.
    """
    policy.require(actor, "photo.update")
    await _replaceable(actor, id, version)
    with translated("file"):
        examined = await ingest.examine(workshop, file.path, max_bytes=settings.max_upload_mb * 1_000_000)
    copies = await finding.copies(examined.likeness)
    async with db.transaction(content=False):
        await arrivals.lock(examined.sha256)
        await _known(examined.sha256, "REFUSE", None, "file")
        await _refuse_killed(copies, "file")
        arrival = await arrivals.expect(actor, _promise(examined), label(file.filename))
    with translated("file"):
        key = await ingest.keep(store, file.path, examined)
    async with db.transaction():
        await arrivals.lock(examined.sha256)
        await db.lock(id)
        await arrivals.arrived(arrival.id)
        await _known(examined.sha256, "REFUSE", None, "file")
        await _refuse_killed(copies, "file")
        photo = await _replaceable(actor, id, version)
        at = await now()
        kept = {name: getattr(photo, name) for name in FILE}
        await PhotoFile.create(photo_id=id, version=version, at=at, **kept)
        new = _picture(examined) | {"filename": label(file.filename), "store": store.name, "original_key": key}
        await versioned.change(photo, {**new, "metadata": _metadata(examined), "updated_at": at})
        await finding.resemble(id, examined.likeness)
        await archive.settle(actor, "photo.update", id, "PHOTO_UPDATED", at)
    others = [one for one in copies if one.id != id]
    return Uploaded(id, tuple(_alike(others, examined.sha256, "file")))


async def in_archive(sha256: str) -> UUID | None:
    """The photo that has, or had before, a file of these bytes."""
    has: Any = Photo.filter(sha256=sha256).order_by("id").first().values_list("id", flat=True)
    had: Any = PhotoFile.filter(sha256=sha256).order_by("id").first().values_list("photo_id", flat=True)
    found: UUID | None = await has or await had
    return found


async def require_all(actor: Actor, ids: Sequence[UUID]) -> None:
    """Before any of several photos is changed.  Raises Unauthenticated, Forbidden; what is not there is told one by one."""
    policy.require(actor, "photo.update")
    for photo in await Photo.filter(id__in=list(ids)).only("id", "created_by"):
        policy.require(actor, "photo.update", policy.Subject(owner=photo.created_by))


async def _replaceable(actor: Actor, id: UUID, version: int) -> Photo:
    rule = policy.visible("Photo", actor)
    photo = await (Photo.filter(rule, id=id) if rule else Photo.filter(id=id)).first()
    if photo is None:
        raise NotFound("There is no such photo.", "id")
    policy.require(actor, "photo.update", policy.Subject(owner=photo.created_by))
    if photo.status == "WITHDRAWN":
        raise PhotoWithdrawn("This photo was withdrawn.", "id")
    versioned.check(photo, version)
    return photo


async def _known(sha256: str, on_duplicate: OnDuplicate, announced: UUID | None, field: str) -> UUID | None:
    """The photo that these bytes are already: by the same upload, or as `on_duplicate` has it.  Raises DuplicatePhoto,
    PhotoWithdrawn."""
    if announced and (upload := await PhotoUpload.get_or_none(id=announced, photo_id__isnull=False)):
        return upload.photo_id  # type: ignore[attr-defined,no-any-return]
    await killing.refuse_bytes(sha256, field)
    if on_duplicate == "ALLOW" or (twin := await in_archive(sha256)) is None:
        return None
    if on_duplicate == "REFUSE":
        raise DuplicatePhoto("The same file is in the archive already.", field)
    if announced:
        await PhotoUpload.filter(id=announced).update(photo_id=twin)
    return twin


async def _refuse_killed(copies: Sequence[Copy], field: str) -> None:
    """Raises PhotoWithdrawn where the file shows the whole of what was killed, until now."""
    if same := [one.id for one in copies if one.whole]:
        killing.refuse_copy(await Photo.filter(id__in=same, status="WITHDRAWN").order_by("id"), field)


def _alike(copies: Sequence[Copy], sha256: str, field: str) -> list[Refusal]:
    """The nearest, but for those of the same bytes: who uploads these says what to do about it."""
    near = next((one for one in copies if one.sha256 != sha256), None)
    if near is None:
        return []
    said = "shows the same as" if near.whole else "has a part in common with"
    return [DuplicatePhoto(f"This picture {said} {ids.public('Photo', near.id)}.", field)]


def _promise(examined: Examined) -> Promise:
    key = keys.original(examined.sha256, examined.format)
    return Promise(key, examined.mime, examined.byte_size, examined.sha256)


async def update(actor: Actor, id: UUID, version: int, changes: Mapping[str, Any]) -> UUID:
    """Any of FIELDS; absent keeps, None clears, no field at all changes nothing.  Every use shows the change.

    Raises NotFound, Forbidden, Conflict, BadState for a withdrawn photo, CreditMissing for an empty credit: a photo never loses it.
    """
    policy.require(actor, "photo.update")
    values = read(FIELDS, changes)
    async with db.transaction():
        await db.lock(id)
        rule = policy.visible("Photo", actor)
        photo = await (Photo.filter(rule, id=id) if rule else Photo.filter(id=id)).first()
        if photo is None:
            raise NotFound("There is no such photo.", "id")
        policy.require(actor, "photo.update", policy.Subject(owner=photo.created_by))
        versioned.check(photo, version)
        columns = _columns(values)
        if not columns:
            return id
        if photo.status == "WITHDRAWN":
            raise BadState("This photo is withdrawn and is not changed any more.")
        if columns.get("credit", photo.credit) == "":
            raise CreditMissing("A photo keeps its credit; give another one.", "credit")
        if columns.get("caption", photo.caption) != photo.caption:
            columns["caption_version"] = version + 1
        at = await now()
        await versioned.change(photo, {**columns, "updated_at": at})
        kind: ledger.Kind = "PHOTO_UPDATED" if columns.keys().isdisjoint(RIGHTS.values()) else "PHOTO_RIGHTS_CHANGED"
        await archive.settle(actor, "photo.update", id, kind, at)
    return id


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as columns."""
    columns = {name: values[name] for name in PLAIN if name in values}
    if "caption" in values:
        columns["caption"] = values["caption"] or ""
    if "credit" in values:
        line = values["credit"] or ""
        columns |= {"credit": line, **_distributor(line)}
    if "focal_point" in values:
        point = values["focal_point"] or {"x": 0.5, "y": 0.5}
        columns |= {"focal_x": point["x"], "focal_y": point["y"]}
    if "rights" in values:
        rights = NO_LIMITS if values["rights"] is None else values["rights"]
        columns |= {RIGHTS[name]: value for name, value in rights.items()}
    return columns


def _prefilled(examined: Examined) -> dict[str, Any]:
    """What the file says of itself, as columns; cut where a column holds less than the file says."""
    facts = examined.facts
    said = facts.values
    line = _cut(metadata.credit_of(facts) or credit.from_caption(said.get("caption") or ""), LINE) or ""
    taken_at: datetime | None = said.get("taken_at")
    return {
        "credit": line,
        **_distributor(line),
        "caption": _cut(said.get("caption"), CAPTION) or "",
        "alt_text": _cut(said.get("alt_text"), 1000),
        "headline": _cut(said.get("headline"), TITLE),
        "copyright_notice": _cut(said.get("copyright_notice"), LINE),
        "usage_terms": _cut(said.get("usage_terms"), 2000),
        "restrictions": _cut(said.get("instructions"), 2000),
        "license_url": _address(said.get("web_statement")),
        "digital_source_type": _address(said.get("digital_source_type"), 300),
        "data_mining": _address(said.get("data_mining"), 300),
        "taken_at": taken_at,
        "taken_order": taken_at or UNDATED,
        **{name: _cut(said.get(name), 3 if name == "country_code" else TITLE) for name in LOCATION},
        "keywords": [one[:WORD] for one in said.get("keywords", ())],
        "people": [one[:TITLE] for one in said.get("people", ())],
        "creators": [one[:TITLE] for one in said.get("creators", ())],
        "metadata": _metadata(examined),
    }


def _metadata(examined: Examined) -> dict[str, Any]:
    facts = examined.facts
    return {
        "values": _json(facts.values),
        "source": dict(facts.source),
        "conflicts": _json(facts.conflicts),
        "notes": list(facts.notes),
        "embedded": _json(facts.raw),
    }


def _picture(examined: Examined) -> dict[str, Any]:
    size = ("format", "width", "height", "byte_size")
    names = (*size, "sha256", "placeholder", "dominant_color", "content_credentials", "likeness")
    return {name: getattr(examined, name) for name in names}


def _warnings(columns: Mapping[str, Any]) -> tuple[Refusal, ...]:
    missing: list[Refusal] = []
    if not columns["caption"]:
        missing.append(CaptionMissing("This photo has no caption.", "caption"))
    if not columns["alt_text"]:
        missing.append(AltTextMissing("This photo has no alternative text.", "alt_text"))
    return tuple(missing)


def label(filename: str) -> str:
    """The last part of a path of either kind, without what cannot be printed; "photo" where nothing is left."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable())[-255:].strip() or "photo"


def _distributor(line: str) -> dict[str, Any]:
    party = _cut(credit.chain(line).distributor, PARTY)
    return {"distributor": party, "distributor_key": party and party.casefold()[:PARTY]}


def _cut(value: str | None, most: int) -> str | None:
    return value[:most].strip() or None if value else None


def _address(value: str | None, most: int = 2000) -> str | None:
    sound = (
        value and value.startswith(("http://", "https://")) and len(value) <= most and not any(map(str.isspace, value))
    )
    return value if sound else None


def _json(value: Any) -> Any:
    """Facts as a document holds them: instants as text."""
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


_REFUSALS: Mapping[type[media_errors.MediaError], type[Refusal]] = {
    media_errors.UnsupportedImage: UnsupportedImage,
    media_errors.BadImage: BadImage,
    media_errors.ImageTooLarge: ImageTooLarge,
    media_errors.FileTooLarge: FileTooLarge,
}


@contextmanager
def translated(*path: str) -> Iterator[None]:
    """What media refuses, in the newsroom's tree of refusals."""
    try:
        yield
    except media_errors.MediaError as error:
        raise _translation(error, path) from error


def _translation(error: media_errors.MediaError, path: tuple[str, ...]) -> CMSError:
    refusal = _REFUSALS.get(type(error))
    return refusal(error.message, *path) if refusal else Unavailable(error.message)
