"""The web process, composed: opens database, store and workshop, mounts the faces.  Wiring only, no decisions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from cms import db, webhooks, websub, worker
from cms.actor import Actor
from cms.feeds import history, oembed, opml, sitemaps, stories
from cms.feeds import routes as feeds
from cms.pages import routes as pages
from cms.read import freshness
from cms.read.cache import AnswerCache
from cms.read.entry import Site
from cms.read.following import Following
from cms.read.reader import Reader
from cms.settings import BadSetting, Settings
from cms.web import health, uploads
from cms.web.edge import Edge
from cms.web.errors import HANDLERS
from cms.web.images import image
from cms.web.originals import original
from cms.web.rates import Rates
from cms.web.services import Services
from media.decode import Workshop
from media.renditions import Renditions
from media.storage import Store, open_store
from schema.asgi import Direct, graphql, schema_file
from schema.engine import Engine
from schema.request import Asked
from schema.streams import Streams
from schema.websocket import websocket

FEEDS_SHARE = 250_000  # bytes for feeds, of each megabyte for answers


def create_app(settings: Settings) -> Starlette:
    """The ASGI application.  It opens its parts when it starts up, and then `state` has `services`, `engine`, `ask` and `streams`."""
    routes: list[BaseRoute] = [
        Route("/graphql", graphql, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", websocket),
        Route("/images/{photo:uuid}/{version}/{recipe}.{format}", image, methods=["GET"]),
        Route("/originals/{photo:uuid}/{name}", original, methods=["GET"]),
        Route("/uploads/{upload:uuid}", uploads.put, methods=["PUT"]),
        *feeds.ROUTES,
        *history.ROUTES,
        *stories.ROUTES,
        *opml.ROUTES,
        *oembed.ROUTES,
        *sitemaps.ROUTES,
        Route("/health/live", health.live),
        Route("/health/ready", health.ready),
    ]
    if settings.schema_file:
        routes.append(Route("/schema.graphql", schema_file))
    routes += pages.ROUTES  # last: a story's own address may be any
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Edge, settings=settings), Middleware(Direct)],
        exception_handlers=HANDLERS,
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # an address is exact
    app.state.settings = settings
    return app


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """The parts that every process works with, open until the block ends.  Raises BadSetting, Unavailable."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(db.open_database(settings))
        fresh = await stack.enter_async_context(freshness.watching(settings))
        store = open_photos(settings)
        stack.push_async_callback(store.close)
        workshop = await stack.enter_async_context(Workshop(max_pixels=settings.max_megapixels * 1_000_000))
        site = Site(settings.site_url, settings.public_url, settings.site_name, settings.secret_key)
        reader = Reader(database, site)
        kept = AnswerCache(settings.answer_cache_mb * FEEDS_SHARE)
        yield Services(
            settings, database, reader, fresh, store, workshop, Renditions(store, workshop), kept, Rates(settings)
        )


def open_photos(settings: Settings) -> Store:
    try:
        return open_store(settings.storage_url)
    except ValueError as error:
        raise BadSetting(f"DATELINE_STORAGE_URL: {error}") from error


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with opened(settings) as services:
        app.state.services, app.state.engine = services, Engine(services)
        await app.state.engine.persisted.load()
        await services.database.warm(app.state.engine.known())
        app.state.ask = _asking(app.state.engine)
        app.state.streams = Streams(app.state.engine, Following(services.reader, services.freshness))
        async with _working(services, app.state.ask):
            yield
            await app.state.streams.end()


def _asking(engine: Engine) -> pages.Ask:
    """What pages and webhooks ask with: they speak GraphQL, and know no schema."""

    async def ask(query: str, variables: dict[str, Any], actor: Actor) -> bytes:
        return (await engine.answer(Asked(query, variables, get=True, own=True), actor)).body

    return ask


async def work(stop: asyncio.Event, services: Services, ask: pages.Ask | None = None) -> None:
    """All that is done in the background, until `stop` is set."""
    ask = ask or _asking(Engine(services))
    await worker.run(stop, worker.kinds(services), [webhooks.run(stop, services, ask), websub.run(stop, services)])


@asynccontextmanager
async def _working(services: Services, ask: pages.Ask) -> AsyncIterator[None]:
    """The worker beside the web, where the settings want it here: stopped gracefully, its job in hand finished."""
    if not services.settings.worker:
        yield
        return
    stop = asyncio.Event()
    running = asyncio.create_task(work(stop, services, ask))
    try:
        yield
    finally:
        stop.set()
        await running
