"""PUT /uploads/{upload}?expires=…&signature=…: the door for files where the store has none of its own.

`startPhotoUpload` gives the address out.  It opens by its signature alone, for one file of exactly the size, the type and the
hash that were announced; what is put here is not a photo before `finishPhotoUpload`.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from cms import clock, signed
from cms.actions import uploads
from cms.db.faults import unavailable
from cms.errors import BodyTooLarge, ChecksumMismatch, Forbidden, Unavailable, UnsupportedMediaType
from cms.web.arriving import in_time
from cms.web.services import Services
from media.errors import MediaError
from media.storage import Promise

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CHUNK = 1 << 20  # bytes that are written at once


async def put(request: Request) -> Response:
    """Raises Forbidden, UnsupportedMediaType, BodyTooLarge, ChecksumMismatch, RequestTimeout, Unavailable."""
    services: Services = request.app.state.services
    promise = await _awaited(request, services)
    if request.headers.get("content-type") != promise.content_type:
        raise UnsupportedMediaType(f"The file is sent as {promise.content_type}, as was announced.")
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) != promise.byte_size:
        raise _another() if int(length) < promise.byte_size else _too_much(promise)
    try:
        folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="dateline-upload-")
    except OSError as error:
        raise _no_room() from error
    try:
        path = Path(folder.name, "file")
        with await asyncio.to_thread(path.open, "wb") as file:
            async with in_time(services.settings) as came:
                sha256 = await _written(request, file, promise, came)
        if sha256 != promise.sha256:
            raise _another()
        try:
            await services.store.put(promise.key, path, promise.content_type)
        except MediaError as error:
            raise Unavailable(error.message) from error
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except OSError as error:
        raise _no_room() from error
    finally:
        await asyncio.to_thread(folder.cleanup)
    return Response(headers=HEADERS)


async def _awaited(request: Request, services: Services) -> Promise:
    upload, query = request.path_params["upload"], request.query_params
    path, secret = uploads.door_path(upload), services.settings.secret_key
    given = query.get("expires", ""), query.get("signature", "")
    promise = None
    if signed.opens(secret, "PUT", path, *given, clock.now()):
        async with unavailable():
            promise = await uploads.awaited(upload)
    if promise is None:
        raise Forbidden("This address does not take a file, or not any more.")
    return promise


async def _written(request: Request, file: BinaryIO, promise: Promise, came: Callable[[int], None]) -> str:
    """The SHA-256 of what came.  Raises BodyTooLarge as soon as that is known."""
    digest, size, held = hashlib.sha256(), 0, bytearray()
    async for chunk in request.stream():
        size += len(chunk)
        came(len(chunk))
        if size > promise.byte_size:
            raise _too_much(promise)
        held += chunk
        if len(held) >= CHUNK:
            await asyncio.to_thread(_write, file, digest, bytes(held))
            held.clear()
    await asyncio.to_thread(_write, file, digest, bytes(held))
    return digest.hexdigest()


def _write(file: BinaryIO, digest: "hashlib._Hash", chunk: bytes) -> None:
    digest.update(chunk)
    file.write(chunk)
    file.flush()


def _no_room() -> Unavailable:
    return Unavailable("There is no room to take the file in just now.")


def _another() -> ChecksumMismatch:
    return ChecksumMismatch("This is not the file that was announced.")


def _too_much(promise: Promise) -> BodyTooLarge:
    return BodyTooLarge(f"A file of {promise.byte_size} bytes was announced; this one has more.")
