"""Photos: taken in with their credit, and what is said of them changed.

A photo without a credit is refused, and so is a file that is no sound still picture: then nothing is stored.  The bytes are
kept before the row is written, so that a crash leaves at worst an object without a row, never a row without its object.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from cms import credit, db, ids, ledger, policy
from cms.actions import versioned
from cms.actions.fields import Reader, instant, many, maybe, number, read, record, text
from cms.actor import Actor
from cms.db.clock import now
from cms.errors import (
    AltTextMissing,
    BadImage,
    CaptionMissing,
    CMSError,
    CreditMissing,
    DuplicatePhoto,
    FileTooLarge,
    ImageTooLarge,
    NotFound,
    Refusal,
    Unavailable,
    UnsupportedImage,
)
from cms.models import UNDATED, Photo
from cms.settings import Settings
from media import errors as media_errors
from media import ingest, metadata
from media.decode import Workshop
from media.ingest import Examined
from media.storage import Store

OnDuplicate = Literal["REFUSE", "RETURN_EXISTING", "ALLOW"]

CAPTION, LINE, TITLE, WORD, PARTY = 5000, 500, 300, 120, 200

FIELDS: Mapping[str, Reader] = {
    "credit": text(LINE),
    "caption": text(CAPTION),
    "alt_text": text(1000),
    "headline": text(TITLE),
    "copyright_notice": text(LINE),
    "usage_terms": text(2000),
    "keywords": many(text(WORD, required=True), 200),
    "focal_point": record({"x": number(0, 1), "y": number(0, 1)}, required=("x", "y")),
    "rights": record({"expires_at": maybe(instant), "restrictions": text(2000)}),
}
PLAIN = ("alt_text", "headline", "copyright_notice", "usage_terms", "keywords")
RIGHTS = {"expires_at": "rights_until", "restrictions": "restrictions"}  # field -> column
LOCATION = ("sublocation", "city", "region", "country", "country_code")
NO_CREDIT = "This photo has no credit: the file carries none, so pass `credit`."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on this machine's disk; `filename` is what its sender called it, a label and nothing more."""

    path: Path
    filename: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """`warnings` did not stop it: a caption or an alt text is missing."""

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

    Raises CreditMissing where neither names a credit, DuplicatePhoto for bytes that are in the archive already,
    UnsupportedImage, BadImage, ImageTooLarge or FileTooLarge for a file that is not taken, Unavailable for a store out of
    reach.
    """
    policy.require(actor, "photo.upload")
    values = read(FIELDS, fields)
    with _translated("file"):
        examined = await ingest.examine(workshop, file.path, max_bytes=settings.max_upload_mb * 1_000_000)
    columns = _prefilled(examined) | _columns(values)
    if not columns["credit"]:
        raise CreditMissing(NO_CREDIT, "credit")
    with _translated("file"):
        key = await ingest.keep(store, file.path, examined)
    made = ids.new()
    async with db.transaction():
        await db.lock(UUID(examined.sha256[:32]))  # of two uploads of the same bytes the second sees the first
        if on_duplicate != "ALLOW" and (twin := await Photo.filter(sha256=examined.sha256).order_by("id").first()):
            if on_duplicate == "REFUSE":
                raise DuplicatePhoto("The same file is in the archive already.", "file")
            return Uploaded(twin.id, ())
        at = await now()
        await Photo.create(
            id=made,
            **columns,
            **_picture(examined),
            filename=_label(file.filename),
            store=store.name,
            original_key=key,
            created_by=actor.user_id,
            created_at=at,
            updated_at=at,
        )
        await ledger.append("PHOTO_UPDATED", "Photo", made, 1, actor)
    return Uploaded(made, _warnings(columns))


async def update(actor: Actor, id: UUID, version: int, changes: Mapping[str, Any]) -> UUID:
    """Any of FIELDS; absent keeps, None clears, no field at all changes nothing.  Every use shows the change.

    Raises NotFound, Forbidden, Conflict, and CreditMissing for an empty credit: a photo never loses it.
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
        if columns.get("credit", photo.credit) == "":
            raise CreditMissing("A photo keeps its credit; give another one.", "credit")
        await versioned.change(photo, {**columns, "updated_at": await now()})
        kind: ledger.Kind = "PHOTO_UPDATED" if columns.keys().isdisjoint(RIGHTS.values()) else "PHOTO_RIGHTS_CHANGED"
        await ledger.append(kind, "Photo", id, version + 1, actor)
    return id


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as columns."""
    columns = {name: values[name] for name in PLAIN if name in values}
    if "caption" in values:
        columns["caption"] = values["caption"] or ""
    if "credit" in values:
        line = values["credit"] or ""
        columns |= {"credit": line, "distributor": _cut(credit.chain(line).distributor, PARTY)}
    if "focal_point" in values:
        point = values["focal_point"] or {"x": 0.5, "y": 0.5}
        columns |= {"focal_x": point["x"], "focal_y": point["y"]}
    if "rights" in values:
        rights = dict.fromkeys(RIGHTS) if values["rights"] is None else values["rights"]
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
        "distributor": _cut(credit.chain(line).distributor, PARTY),
        "caption": _cut(said.get("caption"), CAPTION) or "",
        "alt_text": _cut(said.get("alt_text"), 1000),
        "headline": _cut(said.get("headline"), TITLE),
        "copyright_notice": _cut(said.get("copyright_notice"), LINE),
        "usage_terms": _cut(said.get("usage_terms"), 2000),
        "restrictions": _cut(said.get("instructions"), 2000),
        "license_url": _address(said.get("web_statement")),
        "digital_source_type": _address(said.get("digital_source_type"), 300),
        "taken_at": taken_at,
        "taken_order": taken_at or UNDATED,
        **{name: _cut(said.get(name), 3 if name == "country_code" else TITLE) for name in LOCATION},
        "keywords": [one[:WORD] for one in said.get("keywords", ())],
        "people": [one[:TITLE] for one in said.get("people", ())],
        "creators": [one[:TITLE] for one in said.get("creators", ())],
        "metadata": {
            "values": _json(said),
            "source": dict(facts.source),
            "conflicts": _json(facts.conflicts),
            "notes": list(facts.notes),
            "embedded": _json(facts.raw),
        },
    }


def _picture(examined: Examined) -> dict[str, Any]:
    names = ("format", "width", "height", "byte_size", "sha256", "placeholder", "dominant_color")
    return {name: getattr(examined, name) for name in names}


def _warnings(columns: Mapping[str, Any]) -> tuple[Refusal, ...]:
    missing: list[Refusal] = []
    if not columns["caption"]:
        missing.append(CaptionMissing("This photo has no caption.", "caption"))
    if not columns["alt_text"]:
        missing.append(AltTextMissing("This photo has no alternative text.", "alt_text"))
    return tuple(missing)


def _label(filename: str) -> str:
    """The last part of a path of either kind, without what cannot be printed; "photo" where nothing is left."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable())[-255:].strip() or "photo"


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
def _translated(*path: str) -> Iterator[None]:
    """What media refuses, in the newsroom's tree of refusals."""
    try:
        yield
    except media_errors.MediaError as error:
        raise _translation(error, path) from error


def _translation(error: media_errors.MediaError, path: tuple[str, ...]) -> CMSError:
    refusal = _REFUSALS.get(type(error))
    return refusal(error.message, *path) if refusal else Unavailable(error.message)
