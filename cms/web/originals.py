"""GET /originals/{photo}/{name}?expires=…&signature=…: the bytes as they were uploaded, to whoever holds the address.

The address is given to staff, for a quarter of an hour, and never for longer than the photo may be shown.  A killed photo is
gone at once, whatever addresses are about.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from cms import clock, signed
from cms.actor import SYSTEM
from cms.errors import Forbidden, Gone, NotFound, Unavailable
from cms.read.catalog import select
from cms.read.shape import Slot
from cms.web.services import Services
from media.errors import MediaError
from media.errors import Missing as ObjectMissing

ORIGINAL = select(
    "Query",
    ("killByKey", {"key": Slot("var", ("key",))}, "notice"),
    ("photoByKey", {"key": Slot("var", ("key",))}, "filename", "originalKey", "sha256", "format"),
)


async def original(request: Request) -> Response:
    """A part of it where `Range` asks for one.  Raises Forbidden for an address that is not ours or has ended, Gone for a
    photo that was killed, NotFound, Unavailable."""
    services: Services = request.app.state.services
    query = request.query_params
    given = query.get("expires", ""), query.get("signature", "")
    if not signed.opens(services.settings.secret_key, "GET", request.scope["path"], *given, clock.now()):
        raise Forbidden("This address has ended, or was never given; ask for another one.")
    # whoever was given it saw the photo; what has changed since is a kill
    found = await services.reader.value(ORIGINAL, SYSTEM, {"key": request.path_params["photo"]})
    if found["killByKey"]:
        raise Gone(found["killByKey"]["notice"])
    photo = found["photoByKey"]
    if photo is None:
        raise NotFound("There is no such original.")
    return await _file(services, photo)


async def _file(services: Services, photo: dict[str, Any]) -> Response:
    try:
        folder = await asyncio.to_thread(TemporaryDirectory, prefix="dateline-")
    except OSError as error:
        raise Unavailable("There is no room to fetch the file just now.") from error
    path = Path(folder.name, "original")
    try:
        await services.store.fetch(photo["originalKey"], path)
    except MediaError as error:
        folder.cleanup()
        if isinstance(error, ObjectMissing):
            raise NotFound("There is no such original.") from error
        raise Unavailable("This file cannot be had just now; try again.") from error
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(photo['filename'], safe='')}",
        "ETag": f'"{photo["sha256"]}"',
    }
    return _Passing(folder, path, headers=headers, media_type=f"image/{photo['format'].lower()}")


class _Passing(FileResponse):
    """A file in a folder that goes when it was sent, or when whoever asked has left."""

    def __init__(self, folder: "TemporaryDirectory[str]", *given: Any, **more: Any):
        super().__init__(*given, **more)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._folder.cleanup()
