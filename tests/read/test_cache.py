"""Kept answers: never one of another content, never more than there is room for."""

import gc
import tracemalloc
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cms.read.cache import AnswerCache, Kept
from cms.web import encoding

ROOM = 20_000
BODY = b'{"data":' + b"x" * 2000 + b"}"


def kept(cache: AnswerCache, key: bytes, token: str = "now", body: bytes = BODY, **headers: str) -> Kept:
    cache.get(key, token)
    return cache.put(key, token, body, headers)


def test_what_was_put_under_a_token_is_there_as_long_as_it_is_the_token() -> None:
    cache = AnswerCache(ROOM)
    assert cache.get(b"page", "one") is None
    cache.put(b"page", "one", BODY, {"Dateline-Cost": "21"})
    found = cache.get(b"page", "one")
    assert found
    assert (found.body, found.headers, found.encoded) == (BODY, {"Dateline-Cost": "21"}, {})
    assert cache.get(b"page", "two") is None
    assert cache.get(b"page", "one") is None  # and it does not come back
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_without_a_token_nothing_is_found_and_nothing_kept() -> None:
    cache = AnswerCache(ROOM)
    kept(cache, b"page")
    assert cache.get(b"page", None) is None
    assert cache.put(b"other", None, BODY).body == BODY
    assert len(cache) == 1
    assert cache.get(b"page", "now")  # what is kept may be true again when it is known again


def test_an_answer_that_was_overtaken_by_a_change_is_not_kept() -> None:
    cache = AnswerCache(ROOM)
    cache.get(b"slow", "one")
    kept(cache, b"page", "two")
    assert cache.put(b"slow", "one", BODY).body == BODY
    assert cache.get(b"slow", "two") is None
    assert cache.get(b"page", "two")


def test_the_least_recently_used_goes_first() -> None:
    cache = AnswerCache(3 * kept(AnswerCache(ROOM), b"a").size_bytes)
    for key in (b"a", b"b", b"c"):
        kept(cache, key)
    cache.get(b"a", "now")
    kept(cache, b"d")
    assert [key for key in (b"a", b"b", b"c", b"d") if cache.get(key, "now")] == [b"a", b"c", b"d"]


def test_no_room_keeps_nothing() -> None:
    cache = AnswerCache(0)
    kept(cache, b"page")
    assert (cache.get(b"page", "now"), len(cache), cache.size_bytes) == (None, 0, 0)


def test_what_is_larger_than_all_the_room_displaces_nothing() -> None:
    cache = AnswerCache(ROOM)
    kept(cache, b"page")
    assert kept(cache, b"large", body=b"x" * ROOM).body == b"x" * ROOM
    assert cache.get(b"large", "now") is None
    assert cache.get(b"page", "now")


def test_a_compressed_form_is_made_once_kept_beside_and_counted() -> None:
    cache, calls = AnswerCache(ROOM), []

    def encode(body: bytes, coding: str) -> bytes:
        calls.append(coding)
        return encoding.encode(body, coding)

    page = kept(cache, b"page")
    before = cache.size_bytes
    forms = [cache.encoded(page, coding, encode) for coding in ("zstd", "gzip", "zstd")]
    assert calls == ["zstd", "gzip"]
    assert forms[0] is forms[2]
    assert page.encoded == {"zstd": forms[0], "gzip": forms[1]}
    assert cache.size_bytes == page.size_bytes == before + sum(56 + len(one) for one in forms[:2])
    assert cache.get(b"page", "now") is page


def test_a_form_that_leaves_no_room_takes_the_oldest_away() -> None:
    size = kept(AnswerCache(ROOM), b"a").size_bytes
    cache = AnswerCache(2 * size + 100)
    kept(cache, b"a")
    page = kept(cache, b"b")
    cache.encoded(page, "gzip", lambda body, _coding: body[:200])
    assert cache.get(b"a", "now") is None
    assert cache.get(b"b", "now") is page
    assert cache.size_bytes == size + 256


def test_forms_of_what_is_not_in_the_cache_any_more_count_for_nothing() -> None:
    cache = AnswerCache(ROOM)
    old = kept(cache, b"page", "one")
    kept(cache, b"page", "two")
    before = cache.size_bytes
    cache.encoded(old, "gzip", encoding.encode)
    assert cache.size_bytes == before


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("get", "put", "late", "encode")),
        st.integers(0, 6),  # the key
        st.integers(0, 3),  # how much the content changed before
        st.integers(0, 9000),  # of the body
        st.sampled_from(("zstd", "br", "gzip")),
    ),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_it_gives_what_was_put_last_under_this_token_or_nothing_and_keeps_its_bound(steps: list[Any]) -> None:
    cache, now, before = AnswerCache(ROOM), 0, 0
    put: dict[tuple[bytes, str], bytes] = {}
    for what, number, change, length, coding in steps:
        key, text = b"key %d" % number, f"{now} {number} {length} ".encode()
        if change == 3:
            before, now = now, now + 1
        token = str(now)
        body = text * (length // len(text) + 1)
        found = cache.get(key, token)
        assert found is None or found.body == put[key, token]
        if what == "put":
            cache.put(key, token, body)
            put[key, token] = body
        elif what == "late" and before != now:
            cache.put(key, str(before), body)
        elif what == "encode" and found:
            assert cache.encoded(found, coding, encoding.encode) == encoding.encode(found.body, coding)
        entries = list(cache._kept.values())
        assert cache.size_bytes == sum(one.size_bytes for one in entries) <= ROOM
        parts = [one.body for one in entries] + [form for one in entries for form in one.encoded.values()]
        assert sum(map(len, parts)) < cache.size_bytes or not entries


def test_the_bound_is_one_of_memory() -> None:
    """What 2 MB of short answers really take, by Python's own count."""
    gc.collect()
    tracemalloc.start()
    try:
        cache = AnswerCache(2_000_000)
        cache.get(b"", "now")
        for number in range(4000):
            page = cache.put(b"k%d" % number * 4, "now", b"%d" % number * 100, {"Dateline-Cost": f"{number}"})
            cache.encoded(page, "gzip", lambda body, _coding: body[1:])
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    print(f"{len(cache)} entries, {cache.size_bytes} counted, {taken} taken")
    assert 0.6 * cache.size_bytes < taken < 1.05 * cache.size_bytes
