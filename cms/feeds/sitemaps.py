"""What search engines ask for: /robots.txt, /sitemap.xml with a part for each week, /news-sitemap.xml with the last two days.

A story stands in the week that it was published in, so a part of the past seldom changes.  Only what anybody may read is in
them, and nothing whose page says noindex or names another address as its own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms import clock
from cms.actor import ANONYMOUS
from cms.errors import NotFound
from cms.feeds import issue, rows
from cms.feeds.bulletin import printable, rfc3339
from cms.read.catalog import select
from cms.read.shape import Shape, Slot
from cms.web import conditional
from cms.web.services import Services

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
XHTML = "http://www.w3.org/1999/xhtml"
CONTENT_TYPE = "application/xml; charset=utf-8"

WEEK = timedelta(weeks=1)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of week 0
STORIES, IMAGES = 10_000, 10  # a week's, and of each its first: some 20 MB of the 50 that are allowed
NEW, MOST_NEW = timedelta(hours=48), 1_000  # as Google reads a news sitemap


def _stories(first: int, *fields: Any) -> Shape:
    time = {"since": Slot("var", ("since",)), "until": Slot("var", ("until",)), "first": first}
    return select("Query", ("mapped", time, "id", "url", "modifiedAt", "expiresAt", *fields))


PICTURES = ("photos", ("photo", ("url", {"width": 1280, "format": "JPEG"}), ("rights", "expiresAt")))
PART = _stories(STORIES, "language", ("translations", "language", "url", "expiresAt"), PICTURES)
FRESH = _stories(MOST_NEW, "headline", "language", "publishedAt", PICTURES)
FIRST = select("Query", ("articles", {"first": 1, "orderBy": "PUBLISHED_AT_ASC"}, ("nodes", "publishedAt")))


async def robots(request: Request) -> Response:
    start = request.app.state.settings.public_url
    text = f"User-agent: *\nDisallow: /preview/\n\nSitemap: {start}/sitemap.xml\nSitemap: {start}/news-sitemap.xml\n"
    return _answer(request, text.encode(), "text/plain; charset=utf-8", [], {"latest"})


async def index(request: Request) -> Response:
    """The weeks since the first story.  Raises Unavailable."""
    services: Services = request.app.state.services
    nodes = (await services.reader.value(FIRST, ANONYMOUS))["articles"]["nodes"]
    now = _week(clock.now())
    first = _week(datetime.fromisoformat(nodes[0]["publishedAt"])) if nodes else now
    root = etree.Element(
        f"{{{SITEMAP}}}sitemapindex",
        nsmap={None: SITEMAP},  # type: ignore[dict-item]  # the stubs do not know the default namespace
    )
    for week in range(first, now + 1):
        address = f"{services.settings.public_url}/sitemaps/{week}.xml"
        _add(etree.SubElement(root, f"{{{SITEMAP}}}sitemap"), SITEMAP, "loc", address)
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return _answer(request, body, CONTENT_TYPE, [], {"latest"})


async def part(request: Request) -> Response:
    """Raises NotFound for a week to come, Unavailable."""
    services: Services = request.app.state.services
    week: int = request.path_params["week"]
    if week > _week(clock.now()):
        raise NotFound("There is no such sitemap.")
    since = BEGINNING + week * WEEK
    stories = (await services.reader.value(PART, ANONYMOUS, {"since": since, "until": since + WEEK}))["mapped"]
    return _answer(request, b"".join(render(stories)), CONTENT_TYPE, _ends(stories), {story["id"] for story in stories})


async def news(request: Request) -> Response:
    """What came out in the last two days.  Raises Unavailable."""
    services: Services = request.app.state.services
    now = clock.now()
    time = {"since": now - NEW, "until": now + NEW}  # the database's clock says what is out
    found = (await services.reader.value(FRESH, ANONYMOUS, time))["mapped"]
    # a story that came back is old news
    stories = [story for story in found if datetime.fromisoformat(story["publishedAt"]) > now - NEW]
    body = b"".join(render(stories, services.settings.site_name))
    return _answer(request, body, CONTENT_TYPE, _ends(stories), {"latest", *(story["id"] for story in stories)})


def render(stories: list[dict[str, Any]], publication: str | None = None) -> Iterator[bytes]:
    """`stories` as PART, or with the name of a `publication` as FRESH asks for them."""
    more = {"news": NEWS} if publication else {"xhtml": XHTML}
    root = etree.Element(
        f"{{{SITEMAP}}}urlset",
        nsmap={None: SITEMAP, "image": IMAGE, **more},  # type: ignore[dict-item]  # as above
    )
    return rows.xml(root, (_url(root, story, publication) for story in stories))


def news_language(tag: str) -> str:
    """ISO 639, as Google wants it: "en" of "en-GB", but "zh-cn" and "zh-tw"."""
    code, *rest = tag.lower().replace("_", "-").split("-")
    if code != "zh":
        return code
    return "zh-tw" if {"tw", "hk", "mo", "hant"} & set(rest) else "zh-cn"


def _url(root: etree._Element, story: dict[str, Any], publication: str | None) -> etree._Element:
    url = etree.SubElement(root, f"{{{SITEMAP}}}url")
    _add(url, SITEMAP, "loc", story["url"])
    _add(url, SITEMAP, "lastmod", rfc3339(datetime.fromisoformat(story["modifiedAt"])))
    if publication:
        told = etree.SubElement(url, f"{{{NEWS}}}news")
        paper = etree.SubElement(told, f"{{{NEWS}}}publication")
        _add(paper, NEWS, "name", publication)
        _add(paper, NEWS, "language", news_language(story["language"]))
        _add(told, NEWS, "publication_date", rfc3339(datetime.fromisoformat(story["publishedAt"])))
        _add(told, NEWS, "title", printable(story["headline"]))
    elif story["translations"]:
        for one in (story, *story["translations"]):
            given = {"rel": "alternate", "hreflang": one["language"], "href": one["url"]}
            etree.SubElement(url, f"{{{XHTML}}}link", given)
    for placed in story["photos"][:IMAGES]:
        _add(etree.SubElement(url, f"{{{IMAGE}}}image"), IMAGE, "loc", placed["photo"]["url"])
    return url


def _add(place: etree._Element, namespace: str, tag: str, text: str) -> None:
    etree.SubElement(place, f"{{{namespace}}}{tag}").text = text


def _week(instant: datetime) -> int:
    return (instant - BEGINNING) // WEEK


def _ends(stories: list[dict[str, Any]]) -> list[str | None]:
    found: list[str | None] = [story["expiresAt"] for story in stories]
    found += [one["expiresAt"] for story in stories for one in story.get("translations", ())]
    return found + [one["photo"]["rights"]["expiresAt"] for story in stories for one in story["photos"]]


MOST_KEYS = 50  # in a header; a longer list is not kept up to date story by story


def _answer(request: Request, body: bytes, content_type: str, ends: list[str | None], keys: set[str]) -> Response:
    shown = sorted(keys) if len(keys) <= MOST_KEYS else ["latest"]
    headers = {**conditional.lifetime(ANONYMOUS, issue.earliest(ends)), "Surrogate-Key": " ".join(shown)}
    return conditional.answer(request, body, content_type, headers, text_for=ANONYMOUS)


ROUTES: list[BaseRoute] = [
    Route("/robots.txt", robots),
    Route("/sitemap.xml", index),
    Route("/sitemaps/{week:int}.xml", part),
    Route("/news-sitemap.xml", news),
]
