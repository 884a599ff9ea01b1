"""GET /partners/{partner}/ledger.csv, .jsonl: what a partner got, the newest first, as a file.

For the partner itself ("me") and for who manages partners.  A page at a time, so memory does not grow with its length.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from cms import ids
from cms.actor import Actor
from cms.errors import NotFound, Unauthenticated
from cms.read.catalog import select
from cms.read.reader import Reader
from cms.read.shape import Shape, Slot
from cms.web.auth import who
from cms.web.services import Services

PAGE = 100
GOT = ("channel", "outcome", "attempt", "at", "status", "acknowledgedAt", "note")
COLUMNS = ("cursor", "changedAt", "kind", "subjectId", "version", *GOT)


def _shape(onward: bool) -> Shape:
    window: dict[str, Any] = {"first": PAGE, **({"after": Slot("var", ("after",))} if onward else {})}
    change = ("change", "cursor", "at", "kind", "subjectId", "version")
    page = ("ledger", window, ("nodes", *GOT, change), ("pageInfo", "hasNextPage", "endCursor"))
    return select("Query", ("partnerByKey", {"key": Slot("var", ("key",))}, page))


FIRST, ONWARD = _shape(False), _shape(True)


async def history(request: Request) -> Response:
    """Raises Unauthenticated, NotFound for a partner that the caller does not see and for another form."""
    services: Services = request.app.state.services
    actor = await who(request)
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Send a partner's key to do this.")
    named, form = request.path_params["partner"], FORMS.get(request.path_params["format"])
    key = actor.partner_id if named == "me" else ids.local(named, "Partner")
    page = await _page(services.reader, actor, key, None) if key and form else None
    if page is None or form is None:
        raise NotFound("There is no such ledger.")
    media_type, written = form
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'attachment; filename="ledger.{request.path_params["format"]}"',
    }
    return StreamingResponse(_all(services.reader, actor, key, page, written), headers=headers, media_type=media_type)


async def _page(reader: Reader, actor: Actor, key: Any, after: str | None) -> dict[str, Any] | None:
    answer = await reader.value(ONWARD if after else FIRST, actor, {"key": key, "after": after})
    found: dict[str, Any] | None = answer["partnerByKey"] and answer["partnerByKey"]["ledger"]
    return found


async def _all(
    reader: Reader, actor: Actor, key: Any, page: dict[str, Any] | None, written: "Written"
) -> AsyncIterator[bytes]:
    yield written(None)
    while page is not None:
        rows = [{**one, **_of_change(one["change"])} for one in page["nodes"]]
        yield b"".join(map(written, rows))
        info = page["pageInfo"]
        page = await _page(reader, actor, key, info["endCursor"]) if info["hasNextPage"] else None


def _of_change(change: dict[str, Any]) -> dict[str, Any]:
    return {"changedAt": change["at"], **{name: change[name] for name in ("cursor", "kind", "subjectId", "version")}}


Written = Callable[[dict[str, Any] | None], bytes]  # a row, or None for what stands before the first


def _csv(row: dict[str, Any] | None) -> bytes:
    """RFC 4180.  What a spreadsheet would run as a formula gets an apostrophe."""
    line = io.StringIO()
    cells = COLUMNS if row is None else tuple("" if row[name] is None else _plain(str(row[name])) for name in COLUMNS)
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _jsonl(row: dict[str, Any] | None) -> bytes:
    return b"" if row is None else orjson.dumps({name: row[name] for name in COLUMNS}) + b"\n"


FORMS: dict[str, tuple[str, Written]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "jsonl": ("application/jsonl; charset=utf-8", _jsonl),
}
ROUTES: list[BaseRoute] = [Route("/partners/{partner}/ledger.{format}", history)]
