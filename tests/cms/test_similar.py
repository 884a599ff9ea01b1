"""Copies of a picture: found for staff, warned of at upload, and refused where the picture was killed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pyvips

from cms import db, ids
from cms.actions import killing, photos
from cms.actor import SYSTEM
from cms.demo import content
from cms.demo import photos as drawn
from cms.errors import DuplicatePhoto, PhotoWithdrawn
from cms.models import Photo, PhotoLikeness
from cms.settings import Settings
from media.decode import Workshop
from media.likeness import WHOLE
from media.storage import Store, open_store
from tests import house
from tests.cms.test_rights import signed_in
from tests.cms.test_uploads import Slow
from tests.media import pictures
from tests.web import Web

SIMILAR = """query($id: ID!, $first: Int) { photo(id: $id) {
  similar(first: $first) { distance exact photo { filename } } } }"""
SAID = {"credit": "Jo Reporter/AFP", "caption": "A view.", "alt_text": "Houses"}
WHY = {"reason": "The desk called.", "notice": "Killed: not what the caption says."}


@cache
def picture(number: int = 0) -> bytes:
    return drawn.draw(content.PHOTOS[number])


def made(data: bytes, *, crop: float = 0, width: int = 640, grey: bool = False) -> bytes:
    """A copy, with that part of its width and height cut off."""
    image: Any = pyvips.Image.new_from_buffer(data, "")
    image = image.crop(0, 0, int(image.width * (1 - crop)), int(image.height * (1 - crop))).thumbnail_image(width)
    done: bytes = (image.colourspace("b-w") if grey else image).write_to_buffer(".jpg", Q=60)
    return done


GREY = made(picture(), grey=True)
PART = made(picture(), crop=0.25, width=900)


class Desk:
    def __init__(self, store: Store, workshop: Workshop, folder: Path):
        self.store, self.workshop, self.folder = store, workshop, folder

    def file(self, data: bytes, name: str) -> photos.Upload:
        path = self.folder / str(uuid4())
        path.write_bytes(data)
        return photos.Upload(path, name)

    async def send(self, data: bytes, name: str = "a.jpg", **more: Any) -> photos.Uploaded:
        file = self.file(data, name)
        return await photos.upload(SYSTEM, self.store, self.workshop, file, SAID, settings=Settings(), **more)

    async def replace(self, id: UUID, version: int, data: bytes) -> photos.Uploaded:
        file = self.file(data, "better.jpg")
        return await photos.replace(SYSTEM, self.store, self.workshop, id, version, file, settings=Settings())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Workshop(processes=1) as workshop:
        yield Desk(open_store(f"file:{tmp_path}/media"), workshop, tmp_path)


async def rows_of(photo: UUID) -> int:
    return await PhotoLikeness.filter(photo_id=photo).count()


def told(uploaded: photos.Uploaded) -> list[tuple[type, str, tuple[str, ...] | None]]:
    return [(type(one), one.message, one.field) for one in uploaded.warnings]


# -------------------------------------------------------------------------------------------------------------- upload


@pytest.mark.usefixtures("newsroom")
async def test_a_copy_is_taken_in_with_a_warning_that_names_what_it_is_a_copy_of(desk: Desk) -> None:
    first = await desk.send(picture())
    assert told(first) == []
    assert await rows_of(first.id) > 4
    named = ids.public("Photo", first.id)
    grey = await desk.send(GREY)
    assert told(grey) == [(DuplicatePhoto, f"This picture shows the same as {named}.", ("file",))]
    part = await desk.send(PART)
    assert [(kind, field) for kind, _, field in told(part)] == [(DuplicatePhoto, ("file",))]
    assert "has a part in common with" in part.warnings[0].message
    assert told(await desk.send(picture(1))) == []
    assert await Photo.all().count() == 4


@pytest.mark.usefixtures("newsroom")
async def test_who_takes_the_same_bytes_again_is_not_warned_of_them(desk: Desk) -> None:
    await desk.send(picture())
    assert told(await desk.send(picture(), on_duplicate="ALLOW")) == []
    assert len(told(await desk.send(GREY, on_duplicate="ALLOW"))) == 1


@pytest.mark.usefixtures("newsroom")
async def test_a_picture_with_nothing_on_it_is_like_no_other(desk: Desk, tmp_path: Path) -> None:
    grounds = [pictures.saved(tmp_path / f"{n}.png", pictures.plain(300 + n, 200, (90, 90, 90))) for n in range(2)]
    sent = [await desk.send(pictures.content(one)) for one in grounds]
    assert [told(one) for one in sent] == [[], []]
    assert await PhotoLikeness.all().count() == 0


@pytest.mark.usefixtures("newsroom")
async def test_a_copy_of_a_killed_picture_is_refused_with_the_notice_and_nothing_is_kept(desk: Desk) -> None:
    killed = (await desk.send(picture())).id
    other = (await desk.send(picture(1))).id
    await killing.withdraw(SYSTEM, killed, 1, WHY)
    before = await house.everything()
    objects = sorted([key async for key in desk.store.keys("")])
    with pytest.raises(PhotoWithdrawn) as refused:
        await desk.send(GREY)
    assert refused.value.field == ("file",)
    assert refused.value.message == f"This picture was withdrawn ({ids.public('Photo', killed)}): {WHY['notice']}"
    with pytest.raises(PhotoWithdrawn):
        await desk.send(GREY, on_duplicate="ALLOW")
    with pytest.raises(PhotoWithdrawn):
        await desk.replace(other, 1, GREY)
    assert await house.everything() == before
    assert sorted([key async for key in desk.store.keys("")]) == objects
    # a part is not sure enough: whoever sent it looks
    assert [kind for kind, _, _ in told(await desk.send(PART))] == [DuplicatePhoto]


@pytest.mark.usefixtures("newsroom")
async def test_a_kill_while_the_copy_is_on_its_way_stops_it(desk: Desk, tmp_path: Path) -> None:
    killed = (await desk.send(picture())).id
    slow = Slow(tmp_path / "media")
    slow.may.clear()
    sending = asyncio.create_task(Desk(slow, desk.workshop, tmp_path).send(GREY))
    await slow.asked.wait()
    await killing.withdraw(SYSTEM, killed, 1, WHY)
    slow.may.set()
    with pytest.raises(PhotoWithdrawn):
        await sending
    assert [one.id for one in await Photo.all()] == [killed]


@pytest.mark.usefixtures("newsroom")
async def test_a_photo_is_like_what_its_better_file_shows(desk: Desk) -> None:
    photo = (await desk.send(picture(1))).id
    await desk.replace(photo, 1, picture())
    assert (await Photo.get(id=photo)).likeness != ""
    named = ids.public("Photo", photo)
    assert told(await desk.send(GREY)) == [(DuplicatePhoto, f"This picture shows the same as {named}.", ("file",))]
    assert told(await desk.send(made(picture(1)))) == []


@pytest.mark.usefixtures("newsroom")
async def test_a_better_file_is_warned_of_copies_of_other_photos_and_not_of_the_photo_itself(desk: Desk) -> None:
    photo = (await desk.send(picture())).id
    assert told(await desk.replace(photo, 1, GREY)) == []
    other = (await desk.send(picture(1))).id
    warned = await desk.replace(other, 1, made(picture(), width=500))
    named = ids.public("Photo", photo)
    assert told(warned) == [(DuplicatePhoto, f"This picture shows the same as {named}.", ("file",))]
    assert warned.id == other


async def test_over_http_the_warning_stands_beside_the_photo(web: Web) -> None:
    editor = await signed_in(web, "PHOTO_EDITOR")
    await editor.upload(picture(), credit="Jo/AFP", caption="x", altText="y")
    answer = await editor.upload(GREY, credit="Jo/AFP", caption="x", altText="y")
    assert answer["photo"] is not None
    assert (answer["errors"], answer["warnings"]) == ([], [{"code": "DUPLICATE_PHOTO", "field": ["file"]}])


# -------------------------------------------------------------------------------------------------------------- similar


async def family(desk: Desk) -> Mapping[str, UUID]:
    """Two of the same bytes, a copy, a part, and another picture."""
    files = {"first": picture(), "again": picture(), "grey": GREY, "part": PART, "other": picture(1)}
    return {name: (await desk.send(data, name, on_duplicate="ALLOW")).id for name, data in files.items()}


async def test_staff_see_what_is_similar_the_nearest_first(web: Web, desk: Desk) -> None:
    found, editor = await family(desk), await signed_in(web, "PHOTO_EDITOR")
    with db.statements() as seen:
        answer = await editor.ask(SIMILAR, id=ids.public("Photo", found["first"]), first=None)
    assert len([one for one in seen if "photo_likeness" in one]) == 1
    similar = answer["photo"]["similar"]
    assert [(one["photo"]["filename"], one["exact"]) for one in similar] == [
        ("again", True),
        ("grey", False),
        ("part", False),
    ]
    again, grey, part = (one["distance"] for one in similar)
    assert 0 == again <= grey <= WHOLE < part
    two = await editor.ask(SIMILAR, id=ids.public("Photo", found["first"]), first=2)
    assert two["photo"]["similar"] == similar[:2]
    alone = await editor.ask(SIMILAR, id=ids.public("Photo", found["other"]), first=50)
    assert alone["photo"]["similar"] == []


async def test_a_killed_photo_is_among_the_similar_ones_and_says_so(web: Web, desk: Desk) -> None:
    found, editor = await family(desk), await signed_in(web, "EDITOR")
    await killing.withdraw(SYSTEM, found["grey"], 1, WHY)
    document = "query($id: ID!) { photo(id: $id) { similar { photo { filename status } } } }"
    similar = (await editor.ask(document, id=ids.public("Photo", found["part"])))["photo"]["similar"]
    assert {"filename": "grey", "status": "WITHDRAWN"} in [one["photo"] for one in similar]


async def test_each_selection_of_a_similar_photo_is_its_own(web: Web, desk: Desk) -> None:
    found, editor = await family(desk), await signed_in(web, "EDITOR")
    document = """query($id: ID!) { photo(id: $id) { id near: similar(first: 1) { __typename one: photo { sha256 creditChain { distributor } }
      two: photo { similar(first: 1) { photo { filename } exact } } likeness: distance } similar(first: 2) { exact } } }"""
    photo = (await editor.ask(document, id=ids.public("Photo", found["first"])))["photo"]
    row = await Photo.get(id=found["again"])
    near = {
        "__typename": "SimilarPhoto",
        "one": {"sha256": row.sha256, "creditChain": {"distributor": "AFP"}},
        "two": {"similar": [{"photo": {"filename": "first"}, "exact": True}]},
        "likeness": 0,
    }
    assert photo["near"] == [near]
    assert photo["similar"] == [{"exact": True}, {"exact": False}]


async def test_nobody_but_staff_is_told_of_copies(web: Web, desk: Desk) -> None:
    found = await family(desk)
    for who in (web, await signed_in(web, "READER")):
        answer = await who.ask(SIMILAR, id=ids.public("Photo", found["first"]), first=5)
        assert answer["photo"]["similar"] == []


async def test_a_list_of_none_or_of_too_many_is_refused(web: Web) -> None:
    photo, editor = await house.photo(), await signed_in(web, "EDITOR")
    for first in (0, -1, 51):
        refused = await editor.post(SIMILAR, {"id": ids.public("Photo", photo), "first": first})
        assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_INPUT"


# -------------------------------------------------------------------------------------------------- content credentials

SIGNED = pictures.SHARED / "c2pa-CA.jpg"
STATE = "query($id: ID!) { photo(id: $id) { contentCredentials } }"


async def test_a_photo_says_what_was_verified_of_its_content_credentials(web: Web, desk: Desk) -> None:
    plain = (await desk.send(picture())).id
    assert await web.ask(STATE, id=ids.public("Photo", plain)) == {"photo": {"contentCredentials": "NONE"}}
    for state in ("PRESENT", "VALID_UNTRUSTED", "INVALID"):
        photo = await house.photo(content_credentials=state)
        assert await web.ask(STATE, id=ids.public("Photo", photo)) == {"photo": {"contentCredentials": state}}


@pytest.mark.skipif(not SIGNED.exists(), reason="the reference photos are not beside this checkout")
async def test_a_signed_photo_is_valid_by_a_signer_whom_nobody_vouches_for_until_it_is_replaced(
    web: Web, desk: Desk
) -> None:
    photo = (await desk.send(SIGNED.read_bytes())).id
    public = ids.public("Photo", photo)
    assert await web.ask(STATE, id=public) == {"photo": {"contentCredentials": "VALID_UNTRUSTED"}}
    await desk.replace(photo, 1, picture())
    assert await web.ask(STATE, id=public) == {"photo": {"contentCredentials": "NONE"}}
