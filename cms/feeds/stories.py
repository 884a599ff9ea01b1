"""GET /articles/{slug}.{format}: one story in each format of the feeds, for whoever may read its page.

As in a feed, staff get what readers get.  A slug that it had leads to its own; of a withdrawn story everyone is told that it
is gone.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms.actions import deliveries
from cms.errors import Gone, NotFound
from cms.feeds import atom, issue, jsonfeed, newsml, ninjs, ninjs2, nitf, rss
from cms.feeds.bulletin import Bulletin
from cms.web import conditional, gone
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
    "nitf": Format(nitf.CONTENT_TYPE_ALONE, nitf.render),
}


async def story(request: Request) -> Response:
    """Raises NotFound for what a reader may not see, Gone for what was withdrawn, Unauthenticated, Unavailable."""
    services: Services = request.app.state.services
    slug, name = request.path_params["slug"], request.path_params["format"]
    actor = await who(request)
    start = f"{services.settings.public_url}/articles/"
    found = await issue.one(services.reader, services.settings, actor, slug, start=start, format=name)
    if found is None:
        if await gone.withdrawn(services.reader, slug):
            raise Gone(gone.NOTICE)
        raise NotFound("There is no such story.")
    if isinstance(found, issue.Moved):
        return conditional.moved(request, f"{start}{found.slug}.{name}", actor, found.key)
    headers = {
        **conditional.lifetime(actor, found.ends),
        "Surrogate-Key": " ".join(found.keys),
        "Link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in found.bulletin.links),
    }
    format = FORMATS[name]
    body = b"".join(format.render(found.bulletin))
    answer = conditional.answer(request, body, format.content_type, headers, found.bulletin.updated, text_for=actor)
    if actor.partner_id and answer.status_code == 200:
        await deliveries.fetched(actor, f"article {name}", found.subjects)
    return answer


class _Named(StringConvertor):
    """One of the formats: the page of a story has an address that only ends in another word."""

    regex = "|".join(FORMATS)


register_url_convertor("story_format", _Named())

ROUTES: list[BaseRoute] = [Route("/articles/{slug}.{format:story_format}", story)]
