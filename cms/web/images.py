"""GET /images/{photo}/{version}/{recipe}.{format}: a rendition, to whoever may see the photo.

The photo is read as the caller first; hidden and absent are one 404, and a killed photo is 410 to everyone.  Browsers keep a
public rendition for an hour, shared caches for a year under the photo's surrogate key (RFC 9213), and nobody longer than the
right to show it lasts, by the database's clock.
"""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from cms.actions import archive
from cms.actor import SYSTEM, Actor
from cms.errors import Gone, NotFound, Unavailable
from cms.read.catalog import select
from cms.read.shape import Shape, Slot
from cms.web import conditional
from cms.web.auth import who
from cms.web.services import Services
from media import recipe as recipes
from media.errors import MediaError
from media.errors import Missing as ObjectMissing
from media.metadata.label import Label
from media.renditions import Original, Rendition

HOUR, DAY, YEAR = 3600, 86400, 31536000

# what pages ask for first; the rest is made when it is asked for
_SIZES: tuple[tuple[int, recipes.Format], ...] = (
    *((640, "avif"), (1280, "avif")),
    *((640, "webp"), (1280, "webp")),
    (1280, "jpeg"),
)
FIRST = tuple(recipes.Recipe(width, None, "cover", format) for width, format in _SIZES)

PHOTO: Shape = select(
    "Query",
    ("killByKey", {"key": Slot("var", ("key",))}, "notice"),
    (
        "photoByKey",
        {"key": Slot("var", ("key",))},
        *("version", "originalKey", "sha256", "format", "width", "height", "focalX", "focalY", "status"),
        *("credit", "creators", "headline", "caption", "altText", "copyrightNotice", "usageTerms", "licenseUrl"),
        *("digitalSourceType", "dataMining", "readAt"),
        ("rights", "usable", "expiresAt"),
    ),
)


async def image(request: Request) -> Response:
    """Raises Gone for a killed photo, NotFound for what the caller may not see and for a recipe that is not on the ladder,
    Unavailable."""
    services: Services = request.app.state.services
    name, version = request.path_params["recipe"], request.path_params["version"]
    asked = request.path_params["format"]
    actor, began = await who(request), time.monotonic()
    photo = await _photo(services, actor, request.path_params["photo"])
    if photo is None or not _was(version, photo["version"]):
        raise NotFound("There is no such image.")
    wanted = _wanted(photo, request.headers.get("accept", "*/*")) if asked == "auto" else asked
    recipe = recipes.parse(name, wanted)
    if recipe is None:
        raise NotFound("There is no such image.")
    rendition = await _rendition(services, photo, recipe)
    headers = {
        "Content-Disposition": "inline",
        **_lifetime(photo, request.path_params["photo"], time.monotonic() - began),
        **({"Vary": "Accept"} if asked == "auto" else {}),
    }
    return conditional.answer(request, rendition.body, rendition.mime, headers)


async def prepare(services: Services, id: UUID) -> None:
    """Makes the photo's first sizes, as it stands now, where they are not kept yet.  Raises what media does."""
    try:
        photo = await _photo(services, SYSTEM, id)
    except Gone:
        return
    if photo is not None:
        await services.renditions.prepare(_original(photo), FIRST)


async def reap(services: Services, id: UUID) -> None:
    """Deletes the renditions that say or show what no photo of its files does any more.  Raises StoreUnavailable."""
    for sha256, photos in (await archive.holders(id)).items():
        wanted = []
        for one in photos:
            with suppress(Gone):
                photo = await _photo(services, SYSTEM, one)
                wanted += [_original(photo)] if photo else []
        await services.renditions.reap(sha256, wanted)


def _was(version: str, current: int) -> bool:
    """A version that the photo has or had, in its one spelling; Python reads no number of 5,000 digits."""
    return re.fullmatch("[1-9][0-9]{0,9}", version) is not None and int(version) <= current


async def _photo(services: Services, actor: Actor, id: UUID) -> dict[str, Any] | None:
    answer = await services.reader.value(PHOTO, actor, {"key": id})
    if answer["killByKey"]:
        raise Gone(answer["killByKey"]["notice"])
    found: dict[str, Any] | None = answer["photoByKey"]
    return found


async def _rendition(services: Services, photo: Mapping[str, Any], recipe: recipes.Recipe) -> Rendition:
    try:
        return await services.renditions.get(_original(photo), recipe)
    except ObjectMissing as error:
        raise NotFound("There is no such image.") from error
    except MediaError as error:
        raise Unavailable("This image cannot be had just now; try again.") from error


def _original(photo: Mapping[str, Any]) -> Original:
    label = Label(
        credit=photo["credit"],
        creators=tuple(photo["creators"]),
        headline=photo["headline"],
        caption=photo["caption"],
        alt_text=photo["altText"],
        copyright_notice=photo["copyrightNotice"],
        usage_terms=photo["usageTerms"],
        license_url=photo["licenseUrl"],
        digital_source_type=photo["digitalSourceType"],
        data_mining=photo["dataMining"],
    )
    return Original(
        key=photo["originalKey"],
        sha256=photo["sha256"],
        size=(photo["width"], photo["height"]),
        focal=(photo["focalX"], photo["focalY"]),
        label=label,
    )


def _wanted(photo: Mapping[str, Any], accept: str) -> recipes.Format:
    """Of an original that may be transparent PNG keeps that, where neither AVIF nor WebP may be sent."""
    return recipes.negotiate(accept, otherwise="jpeg" if photo["format"] == "JPEG" else "png")


def _lifetime(photo: Mapping[str, Any], id: UUID, taken_s: float) -> dict[str, str]:
    if photo["status"] != "READY" or not photo["rights"]["usable"]:
        return {"Cache-Control": "private, no-store"}
    left = _left(photo["rights"]["expiresAt"], photo["readAt"], taken_s)
    mine, shared = min(HOUR, left), min(YEAR, left)
    stale = min(DAY, left - mine)
    return {
        "Cache-Control": f"public, max-age={mine}, stale-while-revalidate={stale}",
        "CDN-Cache-Control": f"public, max-age={shared}",
        "Surrogate-Key": f"photo_{id}",
    }


def _left(expires_at: str | None, read_at: str, taken_s: float) -> int:
    """Seconds for which the right to show it lasts, now that `taken_s` have gone by since it was read."""
    if expires_at is None:
        return YEAR
    lasts = datetime.fromisoformat(expires_at) - datetime.fromisoformat(read_at)
    return max(0, int(lasts.total_seconds() - taken_s))
