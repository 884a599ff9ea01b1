"""GET /feeds/latest.rss, /feeds/section/world.atom, /feeds/politics.json, /feeds/private/{token}/politics.rss.

One statement each, none where nothing changed.  A slug that a list had before leads to where it is now.  Addresses in an
answer come from the settings, never from the request.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms import syndication
from cms.actions import accounts, deliveries
from cms.actor import SYSTEM, Actor
from cms.errors import BadRequest, NotFound
from cms.feeds import atom, issue, jsonfeed, newsml, ninjs, ninjs2, nitf, rss
from cms.feeds.bulletin import Bulletin
from cms.read.catalog import FEED, select
from cms.read.reader import Reader
from cms.read.shape import Slot
from cms.web import conditional
from cms.web.auth import who
from cms.web.services import Services


class Format(NamedTuple):
    content_type: str
    render: Callable[[Bulletin], Iterator[bytes]]


FORMATS = {
    "rss": Format(rss.CONTENT_TYPE, rss.render),
    "atom": Format(atom.CONTENT_TYPE, atom.render),
    "json": Format(jsonfeed.CONTENT_TYPE, jsonfeed.render),
    "ninjs": Format(ninjs.CONTENT_TYPE, ninjs.render),
    "ninjs2": Format(ninjs2.CONTENT_TYPE, ninjs2.render),
    "newsml": Format(newsml.CONTENT_TYPE, newsml.render),
    "nitf": Format(nitf.CONTENT_TYPE, nitf.render),
}
# where a key would stand in logs and histories
SECRETS = frozenset({"key", "api_key", "apikey", "token", "access_token", "secret"})
SAVED = select(
    "Query", ("feedBySlug", {"slug": Slot("var", ("slug",))}, *FEED, "title", "key", "partnerKey", "secretNumber")
)


class _Feed(NamedTuple):
    """What is asked for, by whom: `values` are those of a saved feed's conditions."""

    actor: Actor
    asked: issue.Asked
    values: dict[str, Any]


async def feed(request: Request) -> Response:
    """`?after=` takes the cursor of the next page, as the feed itself gives it, or a place in the ledger; `?limit=` how many.

    Raises NotFound for a list or a format that there is not, BadCursor, BadInput, BadRequest for a key in the query,
    Unauthenticated, Unavailable.
    """
    services: Services = request.app.state.services
    format = FORMATS.get(ending := request.path_params["format"])
    if not SECRETS.isdisjoint(name.lower() for name in request.query_params):
        raise BadRequest("A key does not belong in an address: send it as Authorization, Bearer or Basic.")
    if format is None:
        raise NotFound("There is no such feed.")
    actor, asked, values = await _asked(request, services)
    address = f"{services.settings.public_url}/feeds/{asked.name}.{ending}"
    after, first = request.query_params.get("after"), _first(request.query_params.get("limit"))
    key = address, after, str(first), repr(asked.reader(actor).grants)
    token = None if after and issue.PLACE.fullmatch(after) else services.freshness.token()
    kept = services.feeds.get(key, token)
    if kept is None:
        made = await issue.make(
            services.reader, services.settings, actor, asked, values, address=address, after=after, first=first
        )
        if made is None:
            raise NotFound("There is no such feed.")
        if isinstance(made, issue.Moved):
            there = f"{services.settings.public_url}/feeds/{asked.kind}/{made.slug}.{ending}"
            return conditional.moved(request, there, actor, made.key)
        body = b"".join(format.render(made.bulletin))
        kept = services.feeds.put(key, token, body, {**_facts(made), conditional.STEM: conditional.stem(body)})
    facts = kept.headers
    ends = datetime.fromisoformat(facts["ends"]) if facts["ends"] else None
    headers = {**conditional.lifetime(actor, ends), **{name: facts[name] for name in ("Surrogate-Key", "Link", CURSOR)}}
    modified = datetime.fromisoformat(facts["modified"])
    answer = conditional.answer(
        request,
        kept.body,
        format.content_type,
        headers,
        modified,
        text_for=actor,
        kept=kept,
        cache=services.feeds,
    )
    if actor.partner_id and answer.status_code == 200:
        subjects = map(UUID, facts["subjects"].split())
        await deliveries.fetched(asked.reader(actor), f"feed {asked.name}.{ending}", subjects)
    return answer


CURSOR = "Dateline-Cursor"  # `?after=` with it gives what happens from here on


def _facts(made: issue.Issue) -> Mapping[str, str]:
    """What else an answer says, as it is kept beside the body."""
    return {
        "Surrogate-Key": " ".join(made.keys),
        "Link": _links(made.bulletin),
        CURSOR: made.cursor,
        "ends": made.ends.isoformat() if made.ends else "",
        "modified": made.bulletin.updated.isoformat(),
        "subjects": " ".join(map(str, made.subjects)),
    }


async def _asked(request: Request, services: Services) -> _Feed:
    given = request.path_params
    slug, kind = given.get("slug", ""), given.get("kind", "saved")
    if kind in issue.NAMED:
        return _Feed(await who(request), issue.Asked(kind, slug), {})
    if kind != "saved":
        raise NotFound("There is no such feed.")
    if "token" in given:
        actor, found = await _private(services, given["token"], slug)
    elif slug == "latest":
        return _Feed(await who(request), issue.Asked("latest"), {})
    else:
        actor = await who(request)
        found = await _saved(services.reader, actor, slug)
    conditions: dict[str, Any] = {name: found[name]["slug"] for name in ("section", "author") if found[name]}
    conditions |= {"language": found["language"]} if found["language"] else {}
    conditions |= {"tag": [tag["slug"] for tag in found["tags"]]} if found["tags"] else {}
    filter = tuple((name, Slot("var", (name,))) for name in conditions)
    ahead = found["embargoedAhead"] and found["partnerKey"] is not None
    return _Feed(actor, issue.Asked("saved", slug, found["title"], filter, found["textOnly"], ahead), conditions)


async def _saved(reader: Reader, actor: Actor, slug: str) -> dict[str, Any]:
    """Raises NotFound where there is none, or none for `actor`."""
    found: dict[str, Any] | None = (await reader.value(SAVED, actor, {"slug": slug}))["feedBySlug"]
    if found is None:
        raise NotFound("There is no such feed.")
    return found


async def _private(services: Services, token: str, slug: str) -> tuple[Actor, dict[str, Any]]:
    """The feed, and the partner as whom it is read.  Raises NotFound."""
    found = await _saved(services.reader, SYSTEM, slug)
    genuine = syndication.opens(token, services.settings.secret_key, found["key"], found["secretNumber"])
    partner = await accounts.partner(UUID(found["partnerKey"])) if genuine and found["partnerKey"] else None
    if partner is None:
        raise NotFound("There is no such feed.")
    return partner, found


def _first(limit: str | None) -> int:
    if limit is None:
        return issue.LENGTH
    if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= issue.MOST):
        raise BadRequest(f"A limit is a number from 1 to {issue.MOST}.")
    return int(limit)


def _links(bulletin: Bulletin) -> str:
    """RFC 8288."""
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in bulletin.links)


ROUTES: list[BaseRoute] = [
    Route("/feeds/private/{token}/{slug}.{format}", feed),
    Route("/feeds/{kind}/{slug}.{format}", feed),
    Route("/feeds/{slug}.{format}", feed),
]
