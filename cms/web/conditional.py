"""Whole answers for caches: what the caller has already is not sent again (RFC 9110, 13), and nobody keeps an answer longer
than what it shows may be shown.  What any anonymous caller may have is compressed; nothing else is."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from cms import clock
from cms.actor import Actor
from cms.read.cache import AnswerCache, Kept
from cms.web import encoding

FRESH, STALE = 60, 300  # seconds
STEM = "stem"  # of a kept answer, among what else it says


def lifetime(actor: Actor, ends: datetime | None) -> dict[str, str]:
    """Cache-Control of what `actor` was shown.  `ends` is the instant from which a part of it may not be shown any more."""
    if actor.kind != "ANONYMOUS":
        return {"Cache-Control": "private, no-store"}
    left = FRESH + STALE if ends is None else max(0, int((ends - clock.now()).total_seconds()))
    fresh = min(FRESH, left)
    return {"Cache-Control": f"public, max-age={fresh}, stale-while-revalidate={min(STALE, left - fresh)}"}


def moved(request: Request, address: str, actor: Actor, key: str, ends: datetime | None = None) -> Response:
    """301 to where it is now; the query goes along.  `key` and `ends` are of what stands there."""
    query = request.url.query
    location = f"{address}?{query}" if query else address
    return Response(None, 301, {"Location": location, "Surrogate-Key": key, **lifetime(actor, ends)})


def answer(
    request: Request,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str],
    modified: datetime | None = None,
    *,
    text_for: Actor | None = None,
    kept: Kept | None = None,
    cache: AnswerCache | None = None,
) -> Response:
    """The body with a strong ETag and with Last-Modified, or 304 where the caller has it.

    `text_for` is who is answered, where the body is a text; it is compressed for ANONYMOUS alone.  A body that is `kept` is
    compressed once, and says its STEM.
    """
    accepted = request.headers.get("accept-encoding")
    open_to_all = text_for is not None and text_for.kind == "ANONYMOUS"
    tag = encoding.etag(kept.headers[STEM] if kept else stem(body), encoding.chosen(accepted) if open_to_all else None)
    sent = {**headers, "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if modified:
        sent["Last-Modified"] = format_datetime(modified, usegmt=True)
    if open_to_all:
        sent["Vary"] = ", ".join(filter(None, (headers.get("Vary"), encoding.VARY)))
    if has(request, tag, modified):
        return Response(status_code=304, headers=sent)
    if open_to_all:
        body, coding = encoding.coded(accepted, body, kept, cache)
        sent |= {"Content-Encoding": coding} if coding else {}
    return Response(body, headers=sent, media_type=media_type)


def stem(body: bytes) -> str:
    """What an ETag names it by."""
    return sha256(body).hexdigest()[:32]


def has(request: Request, etag: str, modified: datetime | None) -> bool:
    """Whether the caller has what `etag` names.  If-None-Match wins over If-Modified-Since, and compares weakly (RFC 9110, 13.1.2 and 13.2.2)."""
    if tags := request.headers.getlist("if-none-match"):
        given = [one.strip() for one in ",".join(tags).split(",")]
        return given == ["*"] or etag in (one.removeprefix("W/") for one in given)
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError, OverflowError):  # no date of HTTP's: as if it were not there
        return False
