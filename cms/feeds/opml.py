"""GET /feeds.opml: the feeds that every newsroom has, as feed readers take a list of them in (OPML 2.0)."""

from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms.actor import ANONYMOUS
from cms.feeds.bulletin import printable
from cms.read.catalog import select
from cms.settings import Settings
from cms.web import conditional
from cms.web.services import Services

CONTENT_TYPE = "text/x-opml; charset=utf-8"

MOST = 100  # tags, and authors
LISTS = select(
    "Query",
    ("sections", "id", "slug", "name", "path"),
    ("authors", {"first": MOST, "orderBy": "NAME_ASC"}, ("nodes", "id", "slug", "name")),
    ("tags", {"first": MOST, "orderBy": "NAME_ASC"}, ("nodes", "id", "slug", "name")),
)


async def opml(request: Request) -> Response:
    """The latest, each section, and the first hundred authors and tags by name.  Raises Unavailable."""
    services: Services = request.app.state.services
    found = await services.reader.value(LISTS, ANONYMOUS)
    headers = {**conditional.lifetime(ANONYMOUS, None), "Surrogate-Key": "latest"}
    return conditional.answer(request, render(found, services.settings), CONTENT_TYPE, headers, text_for=ANONYMOUS)


def render(found: dict[str, Any], settings: Settings) -> bytes:
    """`found` as LISTS asks for it."""
    root = etree.Element("opml", {"version": "2.0"})
    site = printable(settings.site_name)
    etree.SubElement(etree.SubElement(root, "head"), "title").text = site
    lists = etree.SubElement(root, "body")
    _add(lists, site, "latest", f"{settings.site_url}/", settings)
    for section in found["sections"]:
        address = settings.site_url + section["path"]
        _add(lists, f"{site}: {section['name']}", f"section/{section['slug']}", address, settings)
    for kind, plural in (("author", "authors"), ("tag", "tags")):
        group = etree.SubElement(lists, "outline", {"text": plural.title()})
        for one in found[plural]["nodes"]:
            _add(group, f"{site}: {one['name']}", f"{kind}/{one['slug']}", f"{settings.site_url}/", settings)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _add(place: etree._Element, title: str, path: str, page: str, settings: Settings) -> None:
    address = f"{settings.public_url}/feeds/{path}.rss"
    title = printable(title)
    given = {"type": "rss", "version": "RSS2", "text": title, "title": title, "xmlUrl": address, "htmlUrl": page}
    etree.SubElement(place, "outline", given)


ROUTES: list[BaseRoute] = [Route("/feeds.opml", opml)]
