"""The main job from outside, as its three kinds of people do it: an editor uploads, writes, links and publishes; a front end
reads the page with one query; a partner pulls the feeds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import feedparser
import httpx
import orjson
import pytest
from PIL import Image
from playwright.async_api import Browser

from tests import pictures, services
from tests.e2e.product import Product, started
from tests.services import postgres
from tests.services.s3 import S3

PHOTOS = Path(__file__).parents[3] / "shared" / "standards" / "images"
PASSWORD = "correct horse battery"
CREDIT = "STR/KCNA VIA KNS/AFP"
CAPTION_START = (
    "This picture taken on November 20, 2025 and released from North Korea's official Korean Central News Agency"
)

ACCEPTANCE = """query Page($slug: String!) { article(slug: $slug) {
  section { name } headline summary byline url
  leadPhoto { caption credit altText photo { url(width: 640, format: WEBP) creditChain { creators source distributor } } }
  body { __typename ... on Heading { text } ... on Paragraph { html } ... on Quote { html attribution } }
  related { title url article { slug leadPhoto { credit } } } jsonLd } }"""


@pytest.fixture(params=["sqlite and folder", "postgres and s3"])
def product(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    """Started cold, on nothing but what its settings name."""
    if request.param == "sqlite and folder":
        with started(tmp_path, "serve") as product:
            yield product
        return
    s3: S3 = request.getfixturevalue("s3")
    database: str = request.getfixturevalue("empty_postgres")
    settings = {
        "database_url": database,
        "storage_url": s3.url(s3.bucket()),
        "secret_key": "k" * 40,
        "production": "on",
    }
    with started(tmp_path, "serve", before=("migrate",), **settings) as product:
        yield product


class Desk:
    """GraphQL over a socket."""

    def __init__(self, product: Product, token: str | None = None):
        self.product, self.headers = product.url, {"Authorization": f"Bearer {token}"} if token else {}
        self.url = f"{product.url}/graphql"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.product + path, headers=self.headers, timeout=30)

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = httpx.post(self.url, json=body, headers=self.headers, timeout=30).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def do(self, field: str, type_: str, select: str, **given: Any) -> Any:
        document = (
            f"mutation($input: {type_}!) {{ {field}(input: $input) {{ {select} errors {{ code message field }} }} }}"
        )
        done = self.ask(document, input=given)[field]
        assert done["errors"] == []
        return done

    def upload(self, name: str, data: bytes, **given: Any) -> Any:
        document = """mutation($input: UploadPhotoInput!) { uploadPhoto(input: $input) {
          photo { id status credit caption width height } errors { code message } } }"""
        operations = orjson.dumps({"query": document, "variables": {"input": {"file": None, **given}}}).decode()
        parts = {"operations": operations, "map": '{"0": ["variables.input.file"]}'}
        headers = {**self.headers, "GraphQL-Require-Preflight": "1"}
        files = {"0": (name, data, "image/jpeg")}
        answer = httpx.post(self.url, data=parts, files=files, headers=headers, timeout=60).json()
        assert "errors" not in answer, answer["errors"]
        done = answer["data"]["uploadPhoto"]
        assert done["errors"] == []
        return done["photo"]


def signed_in(product: Product) -> Desk:
    words = ("user", "add", "--name", "Ann Aa", "--email", "ann@desk.test", "--role", "EDITOR")
    product.command(*words, given=f"{PASSWORD}\n")
    done = Desk(product).do("signIn", "SignInInput", "token", email="ann@desk.test", password=PASSWORD)
    return Desk(product, done["token"])


def agency_photo() -> tuple[bytes, dict[str, str]]:
    """A press photo with its agency's tags, and what must be typed because the file does not say it."""
    path = PHOTOS / "agency-kcna.jpg"
    if path.exists():
        return path.read_bytes(), {"altText": "A rocket engine on its stand"}
    print("../shared is not here: a photo without tags stands in, its credit and caption typed")
    typed = {
        "credit": CREDIT,
        "caption": f"{CAPTION_START} shows an engine.",
        "altText": "A rocket engine on its stand",
    }
    return pictures.jpeg(240, 160), typed


def published(desk: Desk, photo: str, headline: str, related: list[str]) -> str:
    body = [
        {"paragraph": {"html": "It was shown on <em>Friday</em>."}},
        {"heading": {"text": "What is known"}},
        {"quote": {"html": "We saw it.", "attribution": "A witness"}},
        {"heading": {"text": "What is not"}},
        {"paragraph": {"html": "Much."}},
        {"heading": {"text": "What follows"}},
    ]
    story = desk.do(
        "createArticle",
        "CreateArticleInput",
        "article { id slug }",
        headline=headline,
        section="conflict",
        summary="A summary.",
        body=body,
        tags=["Rockets"],
        leadPhoto={"photo": photo},
    )["article"]
    if related:
        links = [{"article": one} for one in related]
        desk.do(
            "setRelatedLinks", "SetRelatedLinksInput", "article { version }", id=story["id"], version=1, links=links
        )
    version = 2 if related else 1
    done = desk.do("publishArticle", "PublishArticleInput", "article { id status }", id=story["id"], version=version)
    assert done["article"]["status"] == "PUBLISHED"
    return str(story["id"])


async def test_from_an_uploaded_photo_to_a_page_and_a_feed(product: Product, chromium: Browser) -> None:
    desk, reader = signed_in(product), Desk(product)
    desk.do("saveSection", "SaveSectionInput", "section { id }", name="Conflict")
    data, typed = agency_photo()
    photo = desk.upload("agency.jpg", data, **typed)
    assert (photo["status"], photo["credit"], photo["width"], photo["height"]) == ("READY", CREDIT, 240, 160)
    assert photo["caption"].startswith(CAPTION_START)
    others = [published(desk, photo["id"], f"Background {n}", []) for n in range(4)]
    story = published(desk, photo["id"], "North Korea shows a rocket engine", others)

    # a front end
    page = reader.ask(ACCEPTANCE, slug="north-korea-shows-a-rocket-engine")["article"]
    assert (page["section"]["name"], page["leadPhoto"]["credit"]) == ("Conflict", CREDIT)
    assert page["leadPhoto"]["photo"]["creditChain"] == {"creators": ["STR"], "source": "KCNA", "distributor": "AFP"}
    assert [one["text"] for one in page["body"] if one["__typename"] == "Heading"] == [
        "What is known",
        "What is not",
        "What follows",
    ]
    assert [one["title"] for one in page["related"]] == [f"Background {n}" for n in range(4)]
    assert page["jsonLd"]["image"][0]["creditText"] == CREDIT

    # its picture
    rendition = reader.get(page["leadPhoto"]["photo"]["url"].removeprefix(product.url))
    assert (rendition.status_code, rendition.headers["content-type"]) == (200, "image/webp")
    (product.folder / "rendition.webp").write_bytes(rendition.content)
    with Image.open(product.folder / "rendition.webp") as image:
        assert image.size == (240, 160)  # never enlarged

    # a partner
    for format in ("rss", "atom", "json"):
        feed = reader.get(f"/feeds/latest.{format}")
        assert feed.status_code == 200
        _carries_the_photo(format, feed, page)

    # a browser
    await _shows_the_page(chromium, product, page)

    # and gone again
    desk.do("unpublishArticle", "TransitionInput", "article { status }", id=story, version=3)
    assert reader.ask(ACCEPTANCE, slug="north-korea-shows-a-rocket-engine") == {"article": None}
    assert reader.get("/articles/north-korea-shows-a-rocket-engine.html").status_code == 404
    assert "North Korea shows" not in reader.get("/feeds/latest.rss").text


def _carries_the_photo(format: str, feed: httpx.Response, page: Any) -> None:
    if format == "json":
        item = feed.json()["items"][0]
        assert item["title"] == page["headline"]
        assert CREDIT in feed.text
        assert item["image"].startswith("http://127.0.0.1:")
        return
    parsed = feedparser.parse(feed.content)
    assert not parsed.bozo, parsed.bozo_exception
    entry = parsed.entries[0]
    assert (entry.title, len(parsed.entries)) == (page["headline"], 5)
    assert entry.media_content[0]["url"].startswith("http://127.0.0.1:")
    assert CREDIT in [one["content"] for one in entry.media_credit]
    assert CAPTION_START in feed.text.replace("&#39;", "'").replace("&apos;", "'")


async def _shows_the_page(chromium: Browser, product: Product, page: Any) -> None:
    tab = await chromium.new_page()
    wrong: list[str] = []
    tab.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    await tab.goto(f"{product.url}/articles/north-korea-shows-a-rocket-engine.html")
    assert await tab.locator("h1").inner_text() == page["headline"]
    text = await tab.locator("body").inner_text()
    for shown in ("A summary.", CREDIT, page["leadPhoto"]["caption"][:60], "What is not", "A witness"):
        assert shown in text
    assert "similar articles" in text.lower()
    for one in page["related"]:
        assert await tab.get_by_role("link", name=one["title"]).count() >= 1
    picture = tab.locator("img").first
    assert await picture.evaluate("image => image.complete && image.naturalWidth > 0")
    assert await picture.get_attribute("alt") == page["leadPhoto"]["altText"]
    assert wrong == []
    await tab.close()


@pytest.fixture
async def empty_postgres() -> Any:
    """A database without tables."""
    server, name = services.address("postgres"), f"test_{uuid4().hex}"
    await postgres.create(server, name, "template1")
    yield f"{server}/{name}"
    await postgres.drop(server, name)
