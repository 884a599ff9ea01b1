"""GET /articles/{slug}.{format}: one story in each format of the feeds, for whoever may read its page.

As in a feed, staff get what readers get.  A slug that it had leads to its own; of a withdrawn story everyone is told that it
is gone.
"""

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms.actions import deliveries
from cms.errors import Gone, NotFound
from cms.feeds import issue, nitf, routes
from cms.feeds.routes import Format
from cms.web import conditional, gone
from cms.web.auth import who
from cms.web.services import Services

# a feed of NITF is a message, and one story is no feed
FORMATS = {**routes.FORMATS, "nitf": Format(nitf.CONTENT_TYPE_ALONE, nitf.render)}


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
