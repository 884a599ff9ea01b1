"""Two cheap endpoints for those who run it: is the process alive, and can it serve?"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cms.errors import CMSError, Unavailable
from cms.web.errors import problem
from cms.web.services import Services
from media.errors import MediaError

SECONDS = 3.0
HEADERS = {"Cache-Control": "no-store"}


async def live(request: Request) -> Response:
    """200 as long as the event loop turns."""
    return PlainTextResponse("alive\n", headers=HEADERS)


async def ready(request: Request) -> Response:
    """200 when database and store answer; else 503, and it says which does not."""
    services: Services = request.app.state.services
    try:
        async with asyncio.timeout(SECONDS):
            await services.database.ping()
    except (CMSError, TimeoutError):
        return problem(Unavailable("The database does not answer."))
    try:
        async with asyncio.timeout(SECONDS):
            await services.store.check()
    except (MediaError, TimeoutError):
        return problem(Unavailable("The photo store does not answer."))
    return PlainTextResponse("ready\n", headers=HEADERS)
