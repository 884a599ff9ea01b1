"""What a bucket has of its own: a server that is gone, that refuses, that hangs."""

import asyncio
import socket
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from media.errors import StoreUnavailable
from media.storage import open_store
from media.storage.s3 import S3Store
from tests.services.s3 import S3

KEY = "originals/ab/abc.jpg"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


async def test_the_type_is_stored_and_no_checksum_is_asked_that_others_do_not_know(s3: S3) -> None:
    bucket = s3.bucket()
    store = open_store(s3.url(bucket))
    await store.put(KEY, b"content", "image/avif")
    await store.close()
    head = s3.client.head_object(Bucket=bucket, Key=KEY)
    assert (head["ContentType"], head["ContentLength"]) == ("image/avif", 7)
    assert not [name for name in head if name.startswith("Checksum")]


async def test_a_body_changed_on_its_way_is_refused_by_the_server(s3: S3) -> None:
    bucket = s3.bucket()
    store = S3Store(bucket, s3.endpoint, "us-east-1", path_style=True)

    def change(request: object, **_: object) -> None:
        request.data = b"changed"  # type: ignore[attr-defined]

    store._client.meta.events.register("before-sign.s3.PutObject", change)
    with pytest.raises(StoreUnavailable):
        await store.put(KEY, b"content", "image/jpeg")
    assert await store.size(KEY) is None
    await store.close()


async def test_a_server_that_is_gone_is_unavailable_to_every_call_and_soon(s3: S3) -> None:
    store = S3Store("newsroom", f"http://127.0.0.1:{free_port()}", "us-east-1", path_style=True)
    began = time.monotonic()
    for call in (store.put(KEY, b"x", "image/jpeg"), store.get(KEY), store.size(KEY), store.delete(KEY), store.check()):
        with pytest.raises(StoreUnavailable):
            await call
    with pytest.raises(StoreUnavailable):
        assert [key async for key in store.keys("")]
    assert time.monotonic() - began < 40
    await store.close()


async def test_wrong_keys_and_a_wrong_bucket_are_unavailable_and_not_missing(
    s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3.bucket()
    nowhere = open_store(s3.url("newsroom-nowhere"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    wrong = open_store(s3.url(bucket))
    for store in (nowhere, wrong):
        with pytest.raises(StoreUnavailable):
            await store.check()
        with pytest.raises(StoreUnavailable):
            await store.put(KEY, b"x", "image/jpeg")
    with pytest.raises(StoreUnavailable):
        await wrong.get(KEY)
    with pytest.raises(StoreUnavailable):
        await wrong.size(KEY)
    await nowhere.close()
    await wrong.close()
    right = S3(s3.endpoint).client
    assert right.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


async def test_a_server_that_hangs_costs_its_time_and_blocks_no_one(
    s3: S3, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.storage.s3.READ_SECONDS", 0.3)
    store = S3Store("newsroom", silent, "us-east-1", path_style=True)
    call = asyncio.create_task(store.get(KEY))
    longest = 0.0
    while not call.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - before)
    with pytest.raises(StoreUnavailable):
        await call
    assert longest < 0.5
    await store.close()


async def test_more_calls_than_may_wait_are_refused_at_once(
    s3: S3, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.storage.s3.READ_SECONDS", 0.5)
    monkeypatch.setattr("media.storage.s3.WAITING", 3)
    store = S3Store("newsroom", silent, "us-east-1", path_style=True)
    calls = [asyncio.create_task(store.get(KEY)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="too much to do"):
        await store.get(KEY)
    # a caller that goes away does not free the thread that is still busy
    calls[0].cancel()
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="too much to do"):
        await store.get(KEY)
    await asyncio.gather(*calls, return_exceptions=True)
    await store.close()


async def test_it_heals_without_a_restart(s3: S3) -> None:
    name = f"newsroom-{uuid4().hex}"
    store = open_store(s3.url(name))
    with pytest.raises(StoreUnavailable):
        await store.check()
    s3.client.create_bucket(Bucket=name)
    await store.check()
    await store.put(KEY, b"content", "image/jpeg")
    assert await store.get(KEY) == b"content"
    await store.close()
