"""GET /feeds/latest.rss, /feeds/section/world.atom, /feeds/tag/rice.json, /feeds/author/jane-doe.rss.

One statement each.  A slug that a list had before leads to where it is now.  Addresses in an answer come from the settings,
never from the request.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms.errors import NotFound
from cms.feeds import atom, issue, jsonfeed, newsml, ninjs, ninjs2, nitf, rss
from cms.feeds.bulletin import Bulletin
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


async def feed(request: Request) -> Response:
    """`?after=` takes the cursor of the next page, as the feed itself gives it.

    Raises NotFound for a list or a format that there is not, BadCursor, Unauthenticated, Unavailable.
    """
    services: Services = request.app.state.services
    given = request.path_params
    slug, after = given.get("slug", ""), request.query_params.get("after")
    kind = next((one for one in issue.KINDS if one == given.get("kind", "latest")), None)
    format = FORMATS.get(given["format"])
    if kind is None or format is None or (kind == "latest") != (slug == ""):
        raise NotFound("There is no such feed.")
    actor = await who(request)
    address = f"{services.settings.public_url}/feeds/{kind}{slug and '/' + slug}.{given['format']}"
    made = await issue.make(services.reader, services.settings, actor, kind, slug, address=address, after=after)
    if made is None:
        raise NotFound("There is no such feed.")
    if isinstance(made, issue.Moved):
        address = f"{services.settings.public_url}/feeds/{kind}/{made.slug}.{given['format']}"
        return conditional.moved(request, address, actor, made.key)
    headers = {
        **conditional.lifetime(actor, made.ends),
        "Surrogate-Key": " ".join(made.keys),
        "Link": _links(made.bulletin),
    }
    body = b"".join(format.render(made.bulletin))
    return conditional.answer(request, body, format.content_type, headers, made.bulletin.updated, text_for=actor)


def _links(bulletin: Bulletin) -> str:
    """RFC 8288."""
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in bulletin.links)


ROUTES: list[BaseRoute] = [Route("/feeds/latest.{format}", feed), Route("/feeds/{kind}/{slug}.{format}", feed)]
