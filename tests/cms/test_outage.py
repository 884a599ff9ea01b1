"""An object store that is refused, hangs, is too busy, is cut off in the middle, or whose answer is lost: while photos come in.

Afterwards no row waits for a file, no object lies there without a photo, no photo is without its file; and stories were read
all the time.  `TEST_OUTAGES` is how many times each fault is met; `make drill` sets it high.
"""

import asyncio
import hashlib
import itertools
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from cms import worker
from cms.actions import arrivals
from cms.db.clock import now
from cms.models import Photo, PhotoUpload
from media import keys
from media.storage import open_store
from media.storage.s3 import S3Store
from tests import house, pictures
from tests.schema.conftest import signed_in
from tests.schema.test_uploads import FINISH, START
from tests.services import faults
from tests.services.s3 import S3
from tests.web import Web, serving

TIMES = int(os.environ.get("TEST_OUTAGES", "1"))
SEED = int(os.environ.get("TEST_SEED", "0"))
AT_ONCE = 8
READ_S = 1  # in place of 30, so that what hangs is given up within the test

_widths = itertools.count(30)


@dataclass
class Outage:
    web: Web
    line: faults.Line
    store: S3Store  # past the line


@pytest.fixture
async def outage(database: str, s3: S3, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outage]:
    monkeypatch.setattr("media.storage.s3.READ_SECONDS", READ_S)
    bucket = s3.bucket()
    async with faults.between(s3.endpoint, SEED) as (line, address):
        store = open_store(s3.url(bucket))
        assert isinstance(store, S3Store)
        async with serving(database, s3.url(bucket).replace(s3.endpoint, address)) as web:
            await house.section()
            yield Outage(await signed_in(web, "EDITOR"), line, store)
        await store.close()


async def by_form(web: Web, data: bytes) -> bool:
    response = await web.send_file(data, "a.jpg", {"input": {"file": None, "credit": "Desk"}})
    assert response.status_code in (200, 503), response.text
    answer = response.json()
    if "errors" in answer:
        assert [one["extensions"]["code"] for one in answer["errors"]] == ["UNAVAILABLE"]
        return False
    assert answer["data"]["uploadPhoto"]["errors"] == []
    return True


async def by_door(web: Web, data: bytes) -> bool:
    sha256 = hashlib.sha256(data).hexdigest()
    given = {"filename": "a.jpg", "contentType": "image/jpeg", "byteSize": len(data), "sha256": sha256}
    door = (await web.ask(START, input=given))["startPhotoUpload"]
    try:
        async with httpx.AsyncClient(timeout=READ_S) as client:
            await client.put(door["url"], content=data, headers=door["headers"])
    except httpx.HTTPError:
        pass  # it may have come all the same
    answer = (await web.post(FINISH, {"input": {"uploadId": door["uploadId"], "credit": "Desk"}})).json()
    if "errors" in answer:
        assert [one["extensions"]["code"] for one in answer["errors"]] == ["UNAVAILABLE"]
        return False
    codes = [one["code"] for one in answer["data"]["finishPhotoUpload"]["errors"]]
    assert codes in ([], ["FILE_MISSING"])
    return not codes


async def read_all_the_time(web: Web, slug: str, stop: asyncio.Event) -> list[float]:
    """How long each reading of a story took, in seconds; each of them was answered."""
    took = []
    while not stop.is_set():
        begun = time.perf_counter()
        answer = await web.as_(None).ask("query($slug: String!) { article(slug: $slug) { headline } }", slug=slug)
        assert answer == {"article": {"headline": "Still here"}}
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.02)
    return took


@pytest.mark.parametrize("fault", faults.FAULTS)
async def test_uploads_through_an_outage_leave_no_orphan_and_no_photo_without_its_file(
    outage: Outage, fault: faults.Fault
) -> None:
    web, line = outage.web, outage.line
    story = await house.stored(await house.live(headline="Still here"))
    stop = asyncio.Event()
    reading = asyncio.create_task(read_all_the_time(web, story.slug, stop))
    sent: list[tuple[bytes, bool]] = []
    for often in [1.0, 0.5] * TIMES:
        line.fault, line.often = fault, often
        files = [pictures.jpeg(next(_widths), 40) for _ in range(AT_ONCE)]
        ways = (by_form, by_door) * (AT_ONCE // 2)
        done = await asyncio.gather(*(way(web, data) for way, data in zip(ways, files, strict=True)))
        sent += zip(files, done, strict=True)
        await worker.work_once(worker.kinds(web.services))
    assert line.met >= AT_ONCE
    line.heal()
    stop.set()
    took = await reading
    assert took
    await every_photo_has_its_file(outage)
    if fault == "lost":
        assert await orphans(outage) != set()  # what was put and not told of
    await PhotoUpload.all().update(expires_at=await now() - 2 * arrivals.LASTS)
    await arrivals.clear(web.services.store)
    assert await PhotoUpload.all().count() == 0
    assert await orphans(outage) == set()
    for data, was_taken in sent:  # what was told to be lost may be sent again
        again = await web.upload(data, credit="Desk")
        codes = [one["code"] for one in again["errors"]]
        assert codes == ["DUPLICATE_PHOTO"] if was_taken else codes in ([], ["DUPLICATE_PHOTO"])
    assert await Photo.all().count() == len(sent)
    await every_photo_has_its_file(outage)


async def test_a_file_that_comes_again_while_its_object_is_deleted_waits(outage: Outage) -> None:
    """A row is never without its object: the deletion and the new upload are of the same key."""
    data = pictures.jpeg(64, 48)
    outage.line.fault = "refuse"
    assert not await by_form(outage.web, data)
    key = keys.original(hashlib.sha256(data).hexdigest(), "JPEG")
    assert [row.object_key for row in await PhotoUpload.all()] == [key]
    await PhotoUpload.all().update(expires_at=await now() - 2 * arrivals.LASTS)
    with pytest.raises(Exception, match="store"):
        await arrivals.clear(outage.web.services.store)
    outage.line.heal()
    assert not await by_form(outage.web, data)  # the deletion may be on its way
    assert (await Photo.all().count(), await orphans(outage)) == (0, set())
    await PhotoUpload.all().update(clearing_until=await now())
    await arrivals.clear(outage.web.services.store)
    assert await by_form(outage.web, data)
    await every_photo_has_its_file(outage)


async def every_photo_has_its_file(outage: Outage) -> None:
    for photo in await Photo.all():
        assert hashlib.sha256(await outage.store.get(photo.original_key)).hexdigest() == photo.sha256


async def orphans(outage: Outage) -> set[str]:
    """Objects that no photo has, and that are no rendition of one."""
    photos: Any = await Photo.all()
    had, made = {one.original_key for one in photos}, tuple(keys.renditions(one.sha256) for one in photos)
    there = [key async for key in outage.store.keys("")]
    return {key for key in there if key not in had and not key.startswith(made or "\0")}
