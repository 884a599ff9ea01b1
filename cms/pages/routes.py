"""The reference site: a front page and one page for each story, plain HTML without scripts.

Driven by GraphQL like any other front end: each page is one query, kept beside this module and asked as the caller, the front page as a reader.  Hidden
and absent are the same page.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from cms.actions import origins
from cms.actor import ANONYMOUS, Actor
from cms.errors import CMSError, Gone, NotFound, RateLimited, Unavailable
from cms.ids import PUBLIC_ID
from cms.pages.layout import Page, every, render
from cms.settings import Settings
from cms.web import conditional, gone
from cms.web.auth import who
from cms.web.edge import SECRET

# (document, variables, actor) -> the response's JSON.  The app keeps it in `state.ask`, for this package knows no schema.
Ask = Callable[[str, dict[str, Any], Actor], Awaitable[bytes]]

HERE = Path(__file__).parent
ARTICLE, FRONT = ((HERE / f"{name}.graphql").read_text() for name in ("article", "front"))
EXAMPLES = (ARTICLE, *(path.read_text() for path in sorted((HERE / "queries").glob("*.graphql"))))
# the same page, led to by a link
PREVIEW = ARTICLE.replace(
    "query ArticlePage($slug: String!) {\n  article(slug: $slug) {",
    "query PreviewPage($token: String!) {\n  article: preview(token: $token) {\n    version",
)
MOVED = "query Moved($slug: String!) { article(slug: $slug) { id url expiresAt } }"
TOP, DESK = 5, 4  # stories


async def article(request: Request) -> Response:
    """The page of a story; under its slug a page for what is not there.

    A slug that it had, and its slug below another section, lead to its own address, and so do addresses that it had elsewhere.  Raises
    NotFound for any other address, Gone for what was withdrawn.
    """
    settings: Settings = request.app.state.settings
    actor = await who(request)
    answer = await _asked(request, ARTICLE, {"slug": request.path_params["slug"]}, actor)
    story, sections = answer["article"], answer["sections"]
    own = "path" in request.path_params
    was = story is None and await gone.withdrawn(request.app.state.services.reader, request.path_params["slug"])
    if story is None and own:
        if was:
            raise Gone(gone.NOTICE)
        return await elsewhere(request)
    if story is None:
        page = render("missing.html", settings, language=settings.site_language, feeds={}, sections=sections)
        return HTMLResponse(page.html, 410 if was else 404, {**_safety(page, settings), "Cache-Control": "no-store"})
    here = settings.site_url + request.scope["path"] if own else story["url"]
    if story["slug"] != request.path_params["slug"] or story["url"] != here:
        ends = story["expiresAt"] and datetime.fromisoformat(story["expiresAt"])
        return conditional.moved(request, story["url"], actor, story["id"], ends)
    name, language = story["section"]["name"], story["language"]
    feeds = {f"section/{story['section']['slug']}": f"{settings.site_name}: {name}"}
    shown = {"sections": sections, "article": story, "preview": False}
    page = render("article.html", settings, language=language, feeds=feeds, **shown)
    return _answered(request, page, answer, actor)


async def elsewhere(request: Request) -> Response:
    """To the story that had this address in another system.  Raises NotFound, also where the caller may not see it."""
    if request.scope["path"].startswith(SECRET):  # no database is told of a token that opens something
        raise NotFound("There is nothing at this address.")
    actor = await who(request)
    query = request.url.query
    paths = [f"{request.scope['path']}?{query}", request.scope["path"]] if query else [request.scope["path"]]
    for path in paths:
        if slug := await origins.led_to(path):
            story = (await _asked(request, MOVED, {"slug": slug}, actor))["article"]
            if story:
                ends = story["expiresAt"] and datetime.fromisoformat(story["expiresAt"])
                return conditional.moved(request, story["url"], actor, story["id"], ends)
    raise NotFound("There is nothing at this address.")


async def preview(request: Request) -> Response:
    """The page of a story as a preview link shows it.  Nobody keeps it, and no address that it names learns the link's."""
    settings: Settings = request.app.state.settings
    actor = await who(request)
    answer = await _asked(request, PREVIEW, {"token": request.path_params["token"]}, actor)
    story, sections = answer["article"], answer["sections"]
    language = story["language"] if story else settings.site_language
    name = "article.html" if story else "missing.html"
    page = render(name, settings, language=language, feeds={}, sections=sections, article=story, preview=True)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return HTMLResponse(page.html, 200 if story else 404, {**_safety(page, settings), **headers})


async def front(request: Request) -> Response:
    """The newest stories, those of each section, and what else this server answers: to staff too as readers see it, for
    what is not published yet would stand before all the news.
    """
    settings: Settings = request.app.state.settings
    if "p" in request.query_params:  # a story's address in WordPress without permalinks
        with suppress(NotFound):
            return await elsewhere(request)
    actor = await who(request)
    answer = await _asked(request, FRONT, {}, ANONYMOUS)
    top, sections = _top(answer["collection"], answer["articles"]["nodes"]), answer["sections"]
    page = render(
        "front.html",
        settings,
        language=settings.site_language,
        feeds={},
        sections=sections,
        top=top,
        desks=_desks(sections, {story["id"] for story in top}),
        examples=[_example(query, top) for query in EXAMPLES],
    )
    return _answered(request, page, answer, actor)


class _Elsewhere(Route):
    """Any address, for who asks: to other methods an address that is nobody's stays one."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        asks = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        return super().matches(scope) if asks else (Match.NONE, {})


ROUTES: list[BaseRoute] = [
    Route("/", front),
    Route("/preview/{token}", preview),
    Route("/articles/{slug}.html", article),
    Route("/{path:path}/{slug}", article),  # a story's own address, where the site is this server
    _Elsewhere("/{path:path}", elsewhere),
]


async def _asked(request: Request, query: str, variables: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The query's data.  Raises Unavailable."""
    ask: Ask = request.app.state.ask
    answer = orjson.loads(await ask(query, variables, actor))
    for error in answer.get("errors", ()):
        code = error["extensions"]["code"]
        if code == RateLimited.code:
            raise RateLimited(error["message"], error["extensions"]["retryAfter"])
        raise Unavailable(error["message"]) if code == Unavailable.code else CMSError(error["message"])
    data: dict[str, Any] = answer["data"]
    return data


def _answered(request: Request, page: Page, answer: dict[str, Any], actor: Actor) -> Response:
    settings: Settings = request.app.state.settings
    ends = min(map(datetime.fromisoformat, every(answer, "expiresAt")), default=None)
    keys = dict.fromkeys(key for key in every(answer, "id") if PUBLIC_ID.fullmatch(key))
    headers = {
        **conditional.lifetime(actor, ends),
        **_safety(page, settings),
        "Surrogate-Key": " ".join(keys),
    }
    return conditional.answer(request, page.html.encode(), "text/html; charset=utf-8", headers, text_for=actor)


def _safety(page: Page, settings: Settings) -> dict[str, str]:
    """Nothing but our own pictures and this page's style sheet; in particular no script, whatever a text says."""
    pictures = "/".join(settings.public_url.split("/")[:3])
    policy = f"default-src 'none'; img-src data: {pictures}; style-src {page.style}"
    return {
        "Content-Security-Policy": f"{policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }


def _top(home: dict[str, Any] | None, latest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the editors chose for the collection `home`, in their words; the newest stories fill up what is left of the place."""
    chosen = [
        {**one["article"], **{name: one[name] for name in ("headline", "kicker", "summary")}, "leadPhoto": one["photo"]}
        for one in (home["items"] if home else ())
    ]
    seen = {story["id"] for story in chosen}
    return [*chosen, *(story for story in latest if story["id"] not in seen)][:TOP]


def _desks(sections: list[dict[str, Any]], seen: set[str]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The sections at the top of the tree, each with its newest stories that are not `seen` above."""
    desks = []
    for section in sections:
        stories = [story for story in section["articles"]["nodes"] if story["id"] not in seen][:DESK]
        if stories and section["parent"] is None:
            desks.append((section, stories))
    return desks


def _example(query: str, top: list[dict[str, Any]]) -> dict[str, str]:
    """A query with what it is for and an address that asks it; its first line says what for."""
    comment, _, text = query.partition("\n")
    parameters = {"query": text}
    if "$slug" in text:
        slug = top[0]["slug"] if top else ""
        parameters["variables"] = orjson.dumps({"slug": slug}).decode()
    return {"says": comment.removeprefix("# "), "query": text, "address": f"/graphql?{urlencode(parameters)}"}
