"""GET /images/{photo}/{version}/{recipe}.{format}: a rendition, to whoever may see the photo.

The photo is read as the caller first; hidden and absent are one 404.  Browsers keep a public rendition for an hour, shared
caches for a year under the photo's surrogate key (RFC 9213), and nobody longer than the right to show it lasts.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from cms import clock
from cms.actor import Actor
from cms.errors import NotFound, Unavailable
from cms.read.catalog import select
from cms.read.shape import Shape, Slot
from cms.web import conditional
from cms.web.auth import who
from cms.web.services import Services
from media import recipe as recipes
from media.errors import MediaError
from media.errors import Missing as ObjectMissing
from media.renditions import Rendition

HOUR, DAY, YEAR = 3600, 86400, 31536000

PHOTO: Shape = select(
    "Query",
    (
        "photoByKey",
        {"key": Slot("var", ("key",))},
        *("version", "originalKey", "sha256", "width", "height", "focalX", "focalY", "status"),
        ("rights", "usable", "expiresAt"),
    ),
)


async def image(request: Request) -> Response:
    """Raises NotFound for what the caller may not see and for a recipe that is not on the ladder, Unavailable."""
    services: Services = request.app.state.services
    name, version = request.path_params["recipe"], request.path_params["version"]
    asked = request.path_params["format"]
    wanted = recipes.negotiate(request.headers.get("accept", "*/*")) if asked == "auto" else asked
    recipe = recipes.parse(name, wanted)
    photo = await _photo(services, await who(request), request.path_params["photo"])
    if recipe is None or photo is None or not _was(version, photo["version"]):
        raise NotFound("There is no such image.")
    rendition = await _rendition(services, photo, recipe)
    headers = {
        "Content-Disposition": "inline",
        **_lifetime(photo, request.path_params["photo"]),
        **({"Vary": "Accept"} if asked == "auto" else {}),
    }
    return conditional.answer(request, rendition.body, rendition.mime, headers)


def _was(version: str, current: int) -> bool:
    """A version that the photo has or had, in its one spelling; Python reads no number of 5,000 digits."""
    return re.fullmatch("[1-9][0-9]{0,9}", version) is not None and int(version) <= current


async def _photo(services: Services, actor: Actor, id: UUID) -> dict[str, Any] | None:
    answer = await services.reader.value(PHOTO, actor, {"key": id})
    found: dict[str, Any] | None = answer["photoByKey"]
    return found


async def _rendition(services: Services, photo: Mapping[str, Any], recipe: recipes.Recipe) -> Rendition:
    try:
        return await services.renditions.get(
            original_key=photo["originalKey"],
            sha256=photo["sha256"],
            size=(photo["width"], photo["height"]),
            focal=(photo["focalX"], photo["focalY"]),
            recipe=recipe,
        )
    except ObjectMissing as error:
        raise NotFound("There is no such image.") from error
    except MediaError as error:
        raise Unavailable("This image cannot be had just now; try again.") from error


def _lifetime(photo: Mapping[str, Any], id: UUID) -> dict[str, str]:
    if photo["status"] != "READY" or not photo["rights"]["usable"]:
        return {"Cache-Control": "private, no-store"}
    left = _left(photo["rights"]["expiresAt"])
    mine, shared = min(HOUR, left), min(YEAR, left)
    stale = min(DAY, left - mine)
    return {
        "Cache-Control": f"public, max-age={mine}, stale-while-revalidate={stale}",
        "CDN-Cache-Control": f"public, max-age={shared}",
        "Surrogate-Key": f"photo_{id}",
    }


def _left(expires_at: str | None) -> int:
    """Seconds for which the right to show it lasts."""
    if expires_at is None:
        return YEAR
    return max(0, int((datetime.fromisoformat(expires_at) - clock.now()).total_seconds()))
