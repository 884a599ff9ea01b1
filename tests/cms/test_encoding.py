"""Compression: what the caller likes best, for public answers alone, each form with an ETag of its own."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from cms.actions import accounts
from cms.actor import SYSTEM
from cms.read.cache import AnswerCache
from cms.web import encoding
from tests import house
from tests.web import Web, serving

LONG = b'{"data":{"article":{"headline":"Engine tested"}}}' * 50
DECODED = {"zstd": zstandard.decompress, "br": brotli.decompress, "gzip": gzip.decompress}
ADDRESSES = ("/feeds/latest.rss", "/feeds/latest.json", "/", "/articles/engine-tested.html")


@pytest.fixture
async def web(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(database, f"file:{tmp_path}/media") as web:
        await house.section("World")
        await house.live(
            headline="Engine tested", body=house.paragraphs(*(f"It was fired {n} times." for n in range(50)))
        )
        yield web


async def raw(web: Web, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it came."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | web.credential
    async with web.client.stream("GET", path, headers=sent) as response:
        return response, b"".join([part async for part in response.aiter_raw()])


@pytest.mark.parametrize(
    ("wish", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("deflate, compress", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip;Q=0.8", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.1, br;q=0.9, gzip;q=0.5", "br"),
        ("br;q=0, *", "zstd"),
        ("*;q=0.3, gzip", "gzip"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("gzip;q=0.5, identity;q=0.8", None),
        ("gzip, identity", "gzip"),
        ("gzip;q=0.000", None),
        ("gzip;q=1.000;x=y", "gzip"),
        ("gzip;q=much", None),
        ("gzip;q=nan", None),
        (",, ;q=1, gzip ,", "gzip"),
        ("identity;q=0", None),
    ],
)
def test_the_coding_is_what_the_caller_likes_best(wish: str | None, coding: str | None) -> None:
    assert encoding.chosen(wish) == coding


@pytest.mark.parametrize("coding", DECODED)
def test_what_is_compressed_is_the_same_bytes_each_time_and_comes_back_whole(coding: str) -> None:
    made = encoding.encode(LONG, coding)
    assert len(made) < len(LONG) / 4
    assert made == encoding.encode(LONG, coding)
    assert DECODED[coding](made) == LONG


def test_what_is_short_is_sent_as_it_is() -> None:
    assert encoding.coded("gzip, br, zstd", b"x" * 999) == (b"x" * 999, None)
    assert encoding.coded("gzip, br, zstd", b"x" * 1000)[1] == "zstd"
    assert encoding.coded(None, LONG) == (LONG, None)


def test_a_kept_answer_is_compressed_once() -> None:
    cache = AnswerCache(100_000)
    cache.get(b"page", "now")
    kept = cache.put(b"page", "now", LONG)
    first, second = (encoding.coded("br", kept.body, kept, cache) for _ in range(2))
    assert first[0] is second[0] is kept.encoded["br"]
    assert first[1] == "br"
    short = cache.put(b"short", "now", b"{}")
    assert encoding.coded("br", short.body, short, cache) == (b"{}", None)
    off = AnswerCache(0)
    passing = off.put(b"page", "now", LONG)
    assert encoding.coded("br", passing.body, passing, off) == first


@pytest.mark.parametrize("address", ADDRESSES)
async def test_public_pages_and_feeds_come_compressed_each_form_with_its_own_etag(web: Web, address: str) -> None:
    plain, body = await raw(web, address, accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    tags = {plain.headers["etag"]}
    for coding, decode in DECODED.items():
        response, sent = await raw(web, address, accept_encoding=coding)
        assert response.headers["content-encoding"] == coding
        assert response.headers["vary"] == "Accept-Encoding"
        assert int(response.headers["content-length"]) == len(sent) < len(body)
        assert decode(sent) == body
        tag = response.headers["etag"]
        tags.add(tag)
        again, nothing = await raw(web, address, accept_encoding=coding, if_none_match=f'"other", W/{tag}')
        assert (again.status_code, nothing, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["vary"] == "Accept-Encoding"
        assert "content-encoding" not in again.headers
    assert len(tags) == 4


async def test_another_forms_etag_is_not_taken_for_ones_own(web: Web) -> None:
    zipped, _ = await raw(web, "/feeds/latest.rss", accept_encoding="gzip")
    response, _ = await raw(web, "/feeds/latest.rss", accept_encoding="br", if_none_match=zipped.headers["etag"])
    assert (response.status_code, response.headers["content-encoding"]) == (200, "br")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_what_a_credential_opens_is_never_compressed(web: Web, address: str) -> None:
    key = await accounts.create_key(SYSTEM, "Desk", user=(await house.staff("EDITOR")).user_id)
    response, body = await raw(web.as_(key.secret), address, accept_encoding="gzip, br, zstd")
    assert response.headers["cache-control"] == "private, no-store"
    assert "content-encoding" not in response.headers
    assert len(body) > encoding.LEAST_BYTES
