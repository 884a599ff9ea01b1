"""GET /oembed?url=…&format=json|xml&maxwidth=…&maxheight=…: a story as other sites show it (oEmbed 1.0).

A piece of HTML without scripts, with the photo's caption and whole credit line under the photo.  There is no thumbnail:
oEmbed has no place for its credit.
"""

import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

import orjson
from lxml import etree
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cms import body
from cms.actor import ANONYMOUS
from cms.errors import BadRequest, NotFound, NotOffered
from cms.feeds import issue
from cms.feeds.bulletin import printable
from cms.read.catalog import select
from cms.read.shape import Shape, Slot
from cms.settings import Settings
from cms.web import conditional
from cms.web.services import Services
from media import recipe as recipes

MOST, LEAST = 640, 320  # pixels: the photo's widths
WORDS = 220  # pixels, for what is to be read
TYPES = {"json": "application/json", "xml": "text/xml; charset=utf-8"}


def _shape(width: int) -> Shape:
    photo = ("photo", ("url", {"width": width, "format": "JPEG"}), "width", "height", ("rights", "expiresAt"))
    lead = ("leadPhoto", "caption", "credit", "altText", photo)
    return select(
        "Query",
        ("article", {"slug": Slot("var", ("slug",))}, "id", "url", "headline", "summary", "byline", "expiresAt", lead),
    )


SHAPES = {width: _shape(width) for width in (MOST, LEAST)}


async def oembed(request: Request) -> Response:
    """Raises BadRequest, NotFound for what is no story that anybody may read, NotOffered for another format."""
    services: Services = request.app.state.services
    query, settings = request.query_params, services.settings
    format = query.get("format", "json")
    if format not in TYPES:
        raise NotOffered("A story is embedded as json or xml.")
    width, height = _limit(query.get("maxwidth"), "maxwidth"), _limit(query.get("maxheight"), "maxheight")
    slug = _slug(query.get("url", ""), settings)
    picture = MOST if width is None or width >= MOST else LEAST
    story = slug and (await services.reader.value(SHAPES[picture], ANONYMOUS, {"slug": slug}))["article"]
    if not story:
        raise NotFound("There is no story at this address.")
    embedded = render(_printable(story), settings.site_name, f"{settings.site_url}/", picture, width, height)
    ends = [story["expiresAt"], *([story["leadPhoto"]["photo"]["rights"]["expiresAt"]] if story["leadPhoto"] else [])]
    headers = {
        **conditional.lifetime(ANONYMOUS, issue.earliest(ends)),
        "Surrogate-Key": story["id"],
        "Access-Control-Allow-Origin": "*",
    }
    made = orjson.dumps(embedded) if format == "json" else _xml(embedded)
    return conditional.answer(request, made, TYPES[format], headers, text_for=ANONYMOUS)


def render(
    story: dict[str, Any], site: str, site_url: str, picture: int, width: int | None, height: int | None
) -> dict[str, Any]:
    """`picture` is the photo's width in pixels.  Where the photo does not fit, the story comes without it."""
    wide = min(width or MOST, MOST)
    shown, tall = "", WORDS
    if (lead := story["leadPhoto"]) and wide >= LEAST:
        sizes = recipes.size(
            recipes.Recipe(picture, None, "cover", "jpeg"), (lead["photo"]["width"], lead["photo"]["height"])
        )
        if height is None or sizes[1] + WORDS <= height:
            shown = body.figure({**lead, "photo": {**lead["photo"], "width": sizes[0], "height": sizes[1]}})
            tall += sizes[1]
    link = f'<a href="{escape(story["url"])}">{escape(story["headline"], quote=False)}</a>'
    summary = story["summary"] and f"<p>{escape(story['summary'], quote=False)}</p>"
    signed = escape(" — ".join(filter(None, (story["byline"], site))), quote=False)
    html = f'<blockquote cite="{escape(story["url"])}"><p>{link}</p>{shown}{summary or ""}<footer>{signed}</footer></blockquote>'
    author = {"author_name": story["byline"]} if story["byline"] else {}
    return {
        "type": "rich",
        "version": "1.0",
        "title": story["headline"],
        **author,
        "provider_name": site,
        "provider_url": site_url,
        "html": html,
        "width": wide,
        "height": tall if height is None else min(tall, height),
    }


def _printable(value: Any) -> Any:
    """Its texts without what XML cannot carry."""
    if isinstance(value, dict):
        return {name: _printable(one) for name, one in value.items()}
    return printable(value)


def _slug(address: str, settings: Settings) -> str | None:
    """The last step of an address of this site; None where it is another's."""
    for start in {settings.site_url, settings.public_url}:
        if address.startswith(f"{start}/"):
            return urlsplit(address).path.rpartition("/")[2].removesuffix(".html")
    return None


def _limit(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not re.fullmatch("[1-9][0-9]{0,5}", text, re.ASCII):
        raise BadRequest(f"{name} is a number of pixels.")
    return int(text)


def _xml(embedded: dict[str, Any]) -> bytes:
    root = etree.Element("oembed")
    for name, value in embedded.items():
        etree.SubElement(root, name).text = str(value)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


ROUTES: list[BaseRoute] = [Route("/oembed", oembed)]
