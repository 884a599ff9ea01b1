"""A kill and an end of rights, measured from outside: on every path, and behind an HTTP cache that had everything."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from media.recipe import LADDER
from tests import pictures
from tests.e2e import varnish
from tests.e2e.product import Product, free_port, started
from tests.e2e.test_main_job import Desk, empty_postgres, signed_in
from tests.services.s3 import S3

__all__ = ["empty_postgres"]

STORIES = 20
KILL_S, EXPIRY_S = 5.0, 1.0
NOTICE = "Killed: not what the caption says."
KEPT = "{ articles(first: 20) { nodes { slug leadPhoto { credit photo { id } } } } }"


@dataclass(frozen=True)
class Site:
    """The product, and where it is reached from outside: through a cache where there is one."""

    product: Product
    front: str


@contextmanager
def site(request: pytest.FixtureRequest, folder: Path, kind: str, **settings: str) -> Iterator[Site]:
    port, cached = free_port(), varnish.there()
    before: tuple[str, ...] = ()
    if kind == "postgres and s3":
        s3: S3 = request.getfixturevalue("s3")
        settings |= {"database_url": request.getfixturevalue("empty_postgres"), "storage_url": s3.url(s3.bucket())}
        before = ("migrate",)
    if cached:
        front = f"http://127.0.0.1:{port}"
        settings |= {"public_url": front, "purge_urls": front}
    else:
        print(varnish.MISSING)
    with started(folder, "serve", before=before, **settings) as product:
        behind = varnish.varnish(folder, product.url, port) if cached else nullcontext(product.url)
        with behind as front:
            yield Site(product, front)


def illustrated(desk: Desk, stories: int, **rights: Any) -> tuple[str, list[str]]:
    """A photo, and the slugs of published stories that show it, at the head or in the body."""
    desk.do("saveSection", "SaveSectionInput", "section { slug }", name="World")
    data = pictures.jpeg(1600, 900)
    photo: str = desk.upload("wave.jpg", data, credit="Jane Doe/Agency", caption="A wave.", altText="A wave", **rights)[
        "id"
    ]
    slugs = []
    for number in range(stories):
        shown: dict[str, Any] = {"leadPhoto": {"photo": photo}} if number % 2 else {}
        body = [{"paragraph": {"html": "It is known."}}, *([] if shown else [{"photo": {"photo": photo}}])]
        story = desk.do(
            "createArticle", "CreateArticleInput", "article { id slug }", headline=f"Story {number}", section="world",
            summary="A summary.", body=body, **shown,
        )["article"]  # fmt: skip
        desk.do("publishArticle", "PublishArticleInput", "article { status }", id=story["id"], version=1)
        slugs.append(story["slug"])
    return photo, slugs


def pages(slugs: list[str]) -> list[str]:
    feeds = [f"/feeds/latest.{one}" for one in ("rss", "atom", "json")]
    return ["/", *(f"/articles/{slug}.html" for slug in slugs), *feeds, f"/graphql?query={quote(KEPT)}"]


def report(product: Product, photo: str) -> tuple[int, str]:
    words = [sys.executable, "-m", "cms", "kill-report", photo]
    done = subprocess.run(
        words, cwd=product.folder, env=product.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite and folder", "postgres and s3"])
def test_five_seconds_after_a_kill_nothing_shows_it_also_what_a_cache_had(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    with site(request, tmp_path, kind) as here, httpx.Client(timeout=30) as client:
        desk = signed_in(here.product)
        photo, slugs = illustrated(desk, STORIES)
        key = photo.removeprefix("photo_")
        images = [f"/images/{key}/1/w{width}-cover.{format}" for width in LADDER for format in ("avif", "webp", "jpeg")]
        original = desk.ask("query($id: ID!) { photo(id: $id) { originalUrl } }", id=photo)["photo"]["originalUrl"]
        images.append(original.removeprefix(here.front))
        for path in [*images, *pages(slugs)] * 2:
            answer = client.get(here.front + path)
            assert answer.status_code == 200, path
            assert path in images or key in answer.text, path
        if here.front != here.product.url:
            again = client.get(here.front + images[0])
            assert len(again.headers["x-varnish"].split()) == 2  # from the cache
        code, told = report(here.product, photo)
        assert code == 1
        assert told.splitlines()[-1].startswith("NOT PROVED: ")
        assert "SHOWS IT" in told

        bases = dict.fromkeys((here.front, here.product.url))
        waiting = [f"{base}{path}" for base in bases for path in (*images, *pages(slugs))]
        begun = time.monotonic()
        done = desk.do(
            "withdrawPhoto", "WithdrawPhotoInput", "photo { status } articles { slug } partnersNotified",
            id=photo, version=1, reason="A call.", notice=NOTICE,
        )  # fmt: skip
        killed = time.monotonic()
        assert (done["photo"]["status"], len(done["articles"]), done["partnersNotified"]) == ("WITHDRAWN", STORIES, 0)
        while waiting and time.monotonic() < begun + 4 * KILL_S:
            waiting = [url for url in waiting if not _gone(client, url, key)]
        took = time.monotonic() - begun
        assert waiting == []
        print(
            f"{kind}, {'behind Varnish' if varnish.there() else 'no cache'}: killed in {killed - begun:.3f} s,", end=" "
        )
        print(f"{len(bases) * (len(images) + STORIES + 5)} addresses gone {took:.3f} s after the request")
        assert took <= KILL_S
        for url in (f"{base}{path}" for base in bases for path in images):
            gone = client.get(url)
            assert (gone.status_code, gone.json()["code"], gone.json()["detail"]) == (410, "GONE", NOTICE)
        until = time.monotonic() + 30
        while "renditions in the store: 0" not in told and time.monotonic() < until:
            code, told = report(here.product, photo)
        assert code == 0, told
        assert told.splitlines()[-1].startswith("Gone: ")
        assert NOTICE in told
        assert told.count("  article_") == STORIES


def _gone(client: httpx.Client, url: str, key: str) -> bool:
    answer = client.get(url)
    if urlsplit(url).path.startswith(("/images/", "/originals/")):
        return answer.status_code == 410
    assert answer.status_code == 200
    return key not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite and folder", "postgres and s3"])
def test_when_rights_end_every_path_is_closed_within_a_second_and_not_before_without_a_worker(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    with site(request, tmp_path, kind, worker="off") as here, httpx.Client(timeout=30) as client:
        desk = signed_in(here.product)
        photo, slugs = illustrated(desk, 2)
        key = photo.removeprefix("photo_")
        images = [f"/images/{key}/1/w{width}-cover.jpeg" for width in (320, 640)]
        for path in images:
            assert client.get(here.product.url + path).status_code == 200  # made
        ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=7)
        desk.do(
            "updatePhoto", "UpdatePhotoInput", "photo { version }",
            id=photo, version=1, rights={"expiresAt": ends.isoformat()},
        )  # fmt: skip
        bases = dict.fromkeys((here.front, here.product.url))
        urls = [f"{base}{path}" for base in bases for path in (*images, *pages(slugs))]
        last_seen, first_gone = _watched(client, urls, key, ends.timestamp() + 2 * EXPIRY_S)
        early = {url: ends.timestamp() - at for url, at in first_gone.items() if at < ends.timestamp()}
        late = max(last_seen.values()) - ends.timestamp()
        print(
            f"{kind}: {len(urls)} addresses, last shown {late:+.3f} s, first gone {min(first_gone.values()) - ends.timestamp():+.3f} s"
        )
        assert early == {}
        assert late <= EXPIRY_S
        assert first_gone.keys() == set(urls)


def _watched(
    client: httpx.Client, urls: list[str], key: str, until: float
) -> tuple[dict[str, float], dict[str, float]]:
    """When each was asked for the last time that it showed the photo, and answered for the first time that it did not."""
    last: dict[str, float] = {}
    first: dict[str, float] = {}
    while time.time() < until:
        for url in urls:
            asked = time.time()
            answer = client.get(url)
            if (answer.status_code == 200) if "/images/" in url else (key in answer.text):
                last[url] = asked
                first.pop(url, None)
            else:
                first.setdefault(url, time.time())
    return last, first
