"""GraphQL over HTTP: POST with JSON or multipart, GET for queries; one operation in, JSON out.

What was not run at all is 400 under `application/graphql-response+json` and 200 under `application/json`, as the
specification has it; a subscription is answered with events.  401, 403, 405, 413, 415, 429 and 503 mean what they say under both.
"""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cms import policy
from cms.actor import ANONYMOUS, Actor
from cms.errors import (
    BadRequest,
    BodyTooLarge,
    CMSError,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    Unavailable,
    UnsupportedMediaType,
)
from cms.settings import Settings
from cms.web import conditional, encoding
from cms.web.arriving import in_time
from cms.web.auth import preflighted, secret_of, who
from cms.web.errors import hints
from cms.web.rates import caller
from schema import errors, events, multipart, once
from schema.answer import dumps
from schema.engine import Engine, Reply
from schema.request import Asked, from_json, from_parameters
from schema.streams import Caller

RESPONSE, PLAIN = "application/graphql-response+json", "application/json"
PREFERRED = (PLAIN, RESPONSE)  # where the caller has no wish

SHARED_S = 60  # how long a shared cache keeps an answer that nobody purges

JSON = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
# headers that say who asks, or how it is to be answered
PARTICULAR = frozenset({b"authorization", b"cookie", b"idempotency-key", b"dateline-explain", b"content-encoding"})

log = logging.getLogger("dateline.graphql")

PLAINLY = frozenset({401, 403, 404, 405, 408, 413, 415, 429, 500, 503})  # statuses that hold under every media type


class Direct:
    """In front of the application: what most requests are, a question without a credential sent by POST as JSON, goes straight
    to the engine.  The answer is that of `graphql`; routing, Request and Response took 50 us of the 75 that it took in all.
    """

    def __init__(self, app: ASGIApp, path: str = "/graphql"):
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        following = events.MEDIA_TYPE.encode() in headers.get(b"accept", b"")
        if following or headers.get(b"content-type") not in JSON or not PARTICULAR.isdisjoint(headers):
            await self._app(scope, receive, send)
            return
        engine: Engine = scope["app"].state.engine
        try:
            media_type = accepted(_text(headers.get(b"accept")))
        except NotAcceptable as error:
            await _refused(error, PLAIN)(scope, receive, send)
            return
        try:
            asked = from_json(await _whole(receive, _text(headers.get(b"content-length")), engine.settings))
            reply = await engine.answer(asked, ANONYMOUS)
        except ClientDisconnect:
            await Response(status_code=400)(scope, receive, send)
            return
        except CMSError as error:
            await _refused(error, media_type)(scope, receive, send)
            return
        status, said, body = _parts(_text(headers.get(b"accept-encoding")), engine, reply, media_type)
        raw = [_raw(*one) for one in said.items()]
        raw.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


async def graphql(request: Request) -> Response:
    """The endpoint.  Its app holds the engine in `state.engine`."""
    engine: Engine = request.app.state.engine
    if events.wanted(request):
        return await _followed(request)
    try:
        media_type = accepted(request.headers.get("accept"))
    except NotAcceptable as error:
        return _refused(error, PLAIN)
    try:
        actor = await who(request)
        kind, options = parse_options_header(request.headers.get("content-type"))
        if request.method == "POST" and kind == b"multipart/form-data":
            with _folder() as folder:
                asked = await _uploaded(request, actor, options.get(b"boundary"), folder)
                reply, again = await once.answer(engine, asked, actor, request.headers.get(once.HEADER))
        else:
            asked = await _asked(request, kind, options)
            if asked.get and actor.kind == "ANONYMOUS":
                return await _for_caches(request, engine, asked, actor, media_type)
            key = None if asked.get else request.headers.get(once.HEADER)
            reply, again = await once.answer(engine, asked, actor, key, explain=_explained(request, actor))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody reads it
    except CMSError as error:
        return _refused(error, media_type)
    response = _answered(request, engine, reply, media_type)
    if again:
        response.headers["Idempotency-Replayed"] = "true"
    return response


async def _followed(request: Request) -> Response:
    """A subscription, as server-sent events."""
    try:
        actor = await who(request)
        caller = Caller(actor, None if actor.kind == "ANONYMOUS" else secret_of(request))
        asked = await _asked(request, *parse_options_header(request.headers.get("content-type")))
        return await events.answer(request, asked, caller)
    except ClientDisconnect:
        return Response(status_code=400)
    except CMSError as error:
        return _refused(error, RESPONSE)


async def schema_file(request: Request) -> Response:
    """The public contract as SDL."""
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(request.app.state.engine.sdl, headers=headers)


@lru_cache(64)
def accepted(header: str | None) -> str:
    """The media type that the caller likes best of those there are (RFC 9110, 12.5.1).  Raises NotAcceptable."""
    if header is None or not header.strip():
        return PLAIN
    wishes: dict[str, float] = {}
    for one in header.split(","):
        range_, *parameters = (part.strip() for part in one.lower().split(";"))
        wishes[range_] = next((_quality(part[2:]) for part in parameters if part.startswith("q=")), 1.0)

    def wish(media_type: str) -> float:
        return next((wishes[one] for one in (media_type, "application/*", "*/*") if one in wishes), 0.0)

    best = max(PREFERRED, key=wish)
    if not wish(best):
        raise NotAcceptable(f"Answers are {RESPONSE} or {PLAIN}.")
    return best


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


async def _asked(request: Request, kind: bytes, options: dict[bytes, bytes]) -> Asked:
    if request.method != "POST":
        return from_parameters(request.query_params.multi_items())
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("A body is sent as it is, without a Content-Encoding.")
    if kind != b"application/json":
        raise UnsupportedMediaType("Send application/json, or multipart/form-data with files.")
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise UnsupportedMediaType("JSON is sent in UTF-8.")
    settings: Settings = request.app.state.services.settings
    return from_json(await _whole(request.receive, request.headers.get("content-length"), settings))


async def _uploaded(request: Request, actor: Actor, boundary: bytes | None, folder: Path) -> Asked:
    if not boundary:
        raise UnsupportedMediaType("A multipart body names its boundary.")
    if not preflighted(request):
        raise BadRequest("An upload is sent with a GraphQL-Require-Preflight header.")
    if not policy.allows(actor, "photo.update"):
        policy.require(actor, "photo.upload")  # before a byte of the body is read
    settings: Settings = request.app.state.services.settings
    most = settings.max_upload_files * (settings.max_upload_mb * 1_000_000 + 4096) + 2 * settings.max_body_kb * 1000
    _check_size(_declared(request.headers.get("content-length")), most)
    request.app.state.services.rates.uploads.take(caller(actor))
    async with in_time(settings) as came:

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in _chunks(request.receive, most):
                came(len(chunk))
                yield chunk

        return await multipart.read(chunks(), boundary, folder, settings)


@contextmanager
def _folder() -> Iterator[Path]:
    """For files, until the request is answered.  Raises Unavailable where nothing can be written."""
    try:
        with tempfile.TemporaryDirectory(prefix="dateline-upload-") as folder:
            yield Path(folder)
    except OSError as error:
        log.warning("A file could not be taken in", exc_info=True)
        raise Unavailable("There is no room to take the file in just now.") from error


def _explained(request: Request, actor: Actor) -> bool:
    """Staff may ask how an answer was made."""
    return actor.staff and request.headers.get("dateline-explain") == "1"


async def _whole(receive: Receive, length: str | None, settings: Settings) -> bytes:
    """A JSON body.  Raises BodyTooLarge, RequestTimeout, ClientDisconnect."""
    most = settings.max_body_kb * 1000
    _check_size(_declared(length), most)
    try:
        async with asyncio.timeout(settings.body_seconds):
            body, more = await _next(receive, 0, most)
            if not more:  # it is there, as most are
                return body
            return body + b"".join([chunk async for chunk in _chunks(receive, most, len(body))])
    except TimeoutError:
        raise RequestTimeout("The body took too long to arrive.") from None


async def _chunks(receive: Receive, most: int, size: int = 0) -> AsyncIterator[bytes]:
    """The body's chunks behind the first `size` bytes.  Raises BodyTooLarge as soon as that is known, ClientDisconnect."""
    more = True
    while more:
        chunk, more = await _next(receive, size, most)
        size += len(chunk)
        yield chunk


async def _next(receive: Receive, size: int, most: int) -> tuple[bytes, bool]:
    """A chunk, and whether more come."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    chunk: bytes = message.get("body", b"")
    _check_size(size + len(chunk), most)
    return chunk, message.get("more_body", False)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise BodyTooLarge(f"The body may have {most // 1000} kB.")


def _declared(length: str | None) -> int:
    """What Content-Length says; 0 where it says nothing that can be read."""
    return int(length) if length and length.isascii() and length.isdigit() else 0


async def _for_caches(request: Request, engine: Engine, asked: Asked, actor: Actor, media_type: str) -> Response:
    """A GET that asks what any anonymous caller may ask: its entity tag is known before any SQL runs.

    Browsers ask each time whether it is still so.  A shared cache may keep it for a minute under its surrogate keys, and
    never past the next instant at which something appears or is hidden.
    """
    asked = await engine.resolved(asked, actor)
    public = engine.public(asked, actor)
    if public is None or public.stem is None:
        return _answered(request, engine, await engine.answer(asked, actor), media_type)
    form = "r" if media_type == RESPONSE else "j"
    coding = encoding.chosen(request.headers.get("accept-encoding"))
    headers = {
        "ETag": encoding.etag(public.stem + form, coding),
        "Cache-Control": "public, max-age=0, must-revalidate",
        "CDN-Cache-Control": f"public, max-age={int(min(SHARED_S, public.lasts_s))}",
        "Vary": "Accept, Accept-Encoding, Authorization, Cookie",
    }
    if conditional.has(request, headers["ETag"], None):
        return Response(status_code=304, headers=headers)
    reply = await engine.answer(asked, actor)
    response = _answered(request, engine, reply, media_type)
    if reply.kept:
        response.headers.update({**reply.kept.headers, **headers})
        for name in ("RateLimit", "RateLimit-Policy"):  # of the first of all whom a cache will answer
            if name in response.headers:
                del response.headers[name]
    return response


def _answered(request: Request, engine: Engine, reply: Reply, media_type: str) -> Response:
    status, headers, body = _parts(request.headers.get("accept-encoding"), engine, reply, media_type)
    return Response(body, status, headers)


def _parts(
    accept_encoding: str | None, engine: Engine, reply: Reply, media_type: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    status = errors.STATUS[reply.code] if reply.code else 200
    if status not in PLAINLY and (reply.ran or media_type == PLAIN):
        status = 200
    headers, body = _headers(media_type), reply.body
    if reply.retry_after is not None:
        headers["Retry-After"] = str(reply.retry_after)
    if reply.code == MethodNotAllowed.code:
        headers["Allow"] = "POST"
    if reply.cookie:
        headers["Set-Cookie"] = reply.cookie
    if reply.left:
        headers["RateLimit-Policy"], headers["RateLimit"] = reply.left
    if reply.kept:
        headers["Dateline-Cost"] = reply.kept.headers["Dateline-Cost"]
        body, coding = encoding.coded(accept_encoding, body, reply.kept, engine.cache)
        if coding:
            headers["Content-Encoding"] = coding
    elif reply.cost is not None:
        headers["Dateline-Cost"] = f"{reply.cost}; limit={reply.limit}"
    return status, headers, body


def _refused(error: CMSError, media_type: str) -> Response:
    """A request that could not be read: its own status under both media types."""
    body = dumps({"errors": [errors.refusal(error)]})
    return Response(body, error.status, _headers(media_type) | hints(error))


def _headers(media_type: str) -> dict[str, str]:
    return {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": f"{media_type}; charset=utf-8",
    }


@lru_cache(1024)
def _raw(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode("latin-1"), value.encode("latin-1")


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")
