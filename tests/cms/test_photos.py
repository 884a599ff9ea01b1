"""Photos taken in with their credit, and what is said of them changed; on a refusal nothing is stored anywhere."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from cms.actions import photos
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.errors import (
    AltTextMissing,
    BadImage,
    BadInput,
    CaptionMissing,
    CMSError,
    Conflict,
    CreditMissing,
    DuplicatePhoto,
    FileTooLarge,
    Forbidden,
    ImageTooLarge,
    NotFound,
    Refused,
    Required,
    TooLong,
    Unauthenticated,
    Unavailable,
    UnsupportedImage,
)
from cms.models import UNDATED, Change, Photo
from cms.settings import Settings
from media import keys
from media.decode import Workshop
from media.storage import Store, open_store
from tests import house, pictures, services
from tests.media.metadata import files

pytestmark = pytest.mark.usefixtures("newsroom")

PLAIN = pictures.jpeg(64, 48)  # says nothing of itself
CREDITED = files.jpeg(
    files.xmp(
        "<photoshop:Credit>KCNA VIA KNS/AFP</photoshop:Credit><photoshop:City>Pyongyang</photoshop:City>"
        "<photoshop:Headline>Harvest</photoshop:Headline><photoshop:DateCreated>2025-10-11T08:30:00+09:00</photoshop:DateCreated>"
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Women bring in the rice.</rdf:li></rdf:Alt></dc:description>'
        "<dc:creator><rdf:Seq><rdf:li>STR</rdf:li></rdf:Seq></dc:creator>"
        "<dc:subject><rdf:Bag><rdf:li>rice</rdf:li><rdf:li>harvest</rdf:li></rdf:Bag></dc:subject>"
    )
)


class Desk:
    """Uploads bytes into one store, with one workshop."""

    def __init__(self, store: Store, workshop: Workshop, folder: Path):
        self.store, self.workshop, self.folder = store, workshop, folder

    async def upload(
        self,
        data: bytes,
        fields: Mapping[str, Any] | None = None,
        actor: Actor = SYSTEM,
        on_duplicate: photos.OnDuplicate = "REFUSE",
        filename: str = "IMG_1.jpg",
    ) -> photos.Uploaded:
        path = self.folder / str(uuid4())
        path.write_bytes(data)
        file = photos.Upload(path, filename)
        settings = Settings(max_upload_mb=1)
        return await photos.upload(
            actor, self.store, self.workshop, file, fields or {}, settings=settings, on_duplicate=on_duplicate
        )

    async def stored(self) -> tuple[int, int, int]:
        """How many rows, objects and changes there are."""
        objects = [key async for key in self.store.keys("")]
        return await Photo.all().count(), len(objects), await Change.all().count()


NOTHING = (0, 0, 0)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    (tmp_path / "spool").mkdir()
    store = open_store(f"file:{tmp_path}/media")
    async with Workshop(processes=1) as workshop:
        yield Desk(store, workshop, tmp_path / "spool")
    await store.close()


def credited(**more: str) -> bytes:
    """A file whose XMP says this, by property."""
    return files.jpeg(files.xmp("".join(f"<{name}>{value}</{name}>" for name, value in more.items())))


# -------------------------------------------------------------------------------------------------------------- upload


async def test_a_photo_is_taken_in_with_what_its_file_says(desk: Desk) -> None:
    editor = await house.staff("PHOTO_EDITOR")
    made = await desk.upload(CREDITED, actor=editor, filename="C:\\press\\../rice\0 \u202e.jpg")
    photo = await Photo.get(id=made.id)
    assert photo.credit == "STR/KCNA VIA KNS/AFP"
    assert photo.distributor == "AFP"
    assert (photo.caption, photo.headline, photo.city) == ("Women bring in the rice.", "Harvest", "Pyongyang")
    assert (photo.keywords, photo.creators, photo.people) == (["rice", "harvest"], ["STR"], [])
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2025-10-10T23:30:00+00:00"
    assert photo.taken_order == photo.taken_at
    assert (photo.status, photo.version, photo.created_by) == ("READY", 1, editor.user_id)
    assert (photo.format, photo.width, photo.height, photo.byte_size) == ("JPEG", 8, 8, len(CREDITED))
    assert photo.filename == "rice .jpg"
    assert (photo.focal_x, photo.focal_y, photo.rights_until) == (0.5, 0.5, None)
    assert photo.metadata["source"]["caption"] == "xmp"
    assert (photo.store, photo.original_key) == ("local", keys.original(photo.sha256, "JPEG"))
    assert await desk.store.get(photo.original_key) == CREDITED
    assert [(type(one), one.field) for one in made.warnings] == [(AltTextMissing, ("alt_text",))]
    assert await house.told(made.id) == [("PHOTO_UPDATED", 1)]
    assert (await Change.get()).by == editor.name


@pytest.mark.parametrize("term", ["DMI-PROHIBITED-GENAIMLTRAINING", "DMI-PROHIBITED-OFALATERVERSION"])
async def test_terms_of_data_mining_are_kept_as_the_file_has_them_and_changed_to_known_ones_alone(
    desk: Desk, term: str
) -> None:
    vocabulary = "http://ns.useplus.org/ldf/vocab/"
    data = credited(**{"photoshop:Credit": "AFP", "plus:DataMining": f"{vocabulary}{term}"})
    made = await desk.upload(data)
    assert (await Photo.get(id=made.id)).data_mining == f"{vocabulary}{term}"
    for wrong in ("DMI-PROHIBITED", f"{vocabulary}DMI-PROHIBTED", "", 7):
        with pytest.raises(BadInput) as refused:
            await photos.update(SYSTEM, made.id, 1, {"data_mining": wrong})
        assert refused.value.field == ("data_mining",)
    assert (await Photo.get(id=made.id)).version == 1
    for version, new in enumerate([f"{vocabulary}DMI-PROHIBITED", None], 1):
        await photos.update(SYSTEM, made.id, version, {"data_mining": new})
        assert (await Photo.get(id=made.id)).data_mining == new


async def test_what_is_typed_counts_more_than_what_the_file_says(desk: Desk) -> None:
    at = house.hours(100)
    made = await desk.upload(
        CREDITED,
        {
            "credit": " Jane Doe/Reuters ",
            "caption": None,
            "alt_text": "A field",
            "keywords": [],
            "focal_point": {"x": 0, "y": 0.25},
            "rights": {"expires_at": at, "restrictions": "No sales"},
        },
    )
    photo = await Photo.get(id=made.id)
    assert (photo.credit, photo.distributor, photo.caption, photo.alt_text) == (
        "Jane Doe/Reuters",
        "Reuters",
        "",
        "A field",
    )
    assert (photo.headline, photo.keywords) == ("Harvest", [])
    assert (photo.focal_x, photo.focal_y) == (0, 0.25)
    assert (photo.rights_until, photo.restrictions) == (at, "No sales")
    assert [(type(one), one.field) for one in made.warnings] == [(CaptionMissing, ("caption",))]


async def test_a_photo_whose_file_says_nothing_needs_a_typed_credit(desk: Desk) -> None:
    for fields in ({}, {"credit": None}, {"credit": " \n "}):
        with pytest.raises(CreditMissing) as refused:
            await desk.upload(PLAIN, fields)
        assert (refused.value.field, refused.value.message) == (("credit",), photos.NO_CREDIT)
        assert await desk.stored() == NOTHING
    made = await desk.upload(PLAIN, {"credit": "Handout"})
    assert (await Photo.get(id=made.id)).taken_order == UNDATED
    assert [type(one) for one in made.warnings] == [CaptionMissing, AltTextMissing]
    assert await desk.stored() == (1, 1, 1)


async def test_a_credit_that_the_file_has_is_not_typed_away(desk: Desk) -> None:
    with pytest.raises(CreditMissing):
        await desk.upload(CREDITED, {"credit": ""})
    assert await desk.stored() == NOTHING


async def test_what_a_file_says_at_too_great_length_is_cut_to_what_is_kept(desk: Desk) -> None:
    party = "Agency " * 60
    made = await desk.upload(
        credited(
            **{
                "photoshop:Credit": f"Jane Doe/{party}" + "x" * 300,
                "photoshop:Headline": "h" * 900,
                "photoshop:City": "c" * 900,
                "photoshop:Instructions": "i" * 9000,
                "Iptc4xmpCore:CountryCode": "KOREA",
                "dc:rights": "<rdf:Alt><rdf:li>" + "r" * 9000 + "</rdf:li></rdf:Alt>",
                "dc:description": "<rdf:Alt><rdf:li>" + "d" * 9000 + "</rdf:li></rdf:Alt>",
                "dc:subject": "<rdf:Bag><rdf:li>" + "k" * 900 + "</rdf:li></rdf:Bag>",
                "xmpRights:WebStatement": "https://licence.test/" + "w" * 9000,
            }
        )
    )
    photo = await Photo.get(id=made.id)
    texts = (photo.credit, photo.headline, photo.city, photo.restrictions, photo.copyright_notice, photo.caption)
    assert [len(text or "") for text in texts] == [500, 300, 300, 2000, 500, 5000]
    assert (photo.country_code, photo.keywords, photo.license_url) == (None, ["k" * 120], None)
    assert photo.distributor is not None
    assert 150 < len(photo.distributor) <= 200


async def test_a_long_party_may_be_typed_too(desk: Desk) -> None:
    line = ("Jane Doe/" + "Agency " * 70).strip()[:500]
    made = (await desk.upload(PLAIN, {"credit": line})).id
    assert (await Photo.get(id=made)).credit == line
    await photos.update(SYSTEM, made, 1, {"credit": line[:-1]})
    assert len((await Photo.get(id=made)).distributor or "") <= 200


BAD_FILES: dict[str, tuple[bytes, type[CMSError]]] = {
    "empty": (b"", BadImage),
    "page": (b"<html></html>", UnsupportedImage),
    "drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', UnsupportedImage),
    "half": (pictures.jpeg(400, 300)[:4000], BadImage),
    "400 megapixels": (pictures.png_header(20_000, 20_000), ImageTooLarge),
    "too many bytes": (PLAIN + b"\0" * 1_000_000, FileTooLarge),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_file_that_is_no_sound_picture_is_refused_and_nothing_is_stored(desk: Desk, name: str) -> None:
    data, kind = BAD_FILES[name]
    with pytest.raises(kind) as refused:
        await desk.upload(data, {"credit": "Jane Doe"})
    assert getattr(refused.value, "field", None) == ("file",)
    assert await desk.stored() == NOTHING


BAD_FIELDS: dict[str, tuple[dict[str, Any], type[CMSError], tuple[str, ...]]] = {
    "long credit": ({"credit": "x" * 501}, TooLong, ("credit",)),
    "NUL": ({"caption": "a\0b"}, BadInput, ("caption",)),
    "half a character": ({"headline": "a\ud800b"}, BadInput, ("headline",)),
    "point outside": ({"focal_point": {"x": 1.5, "y": 0}}, BadInput, ("focal_point", "x")),
    "point that is no number": ({"focal_point": {"x": float("nan"), "y": 0}}, BadInput, ("focal_point", "x")),
    "half a point": ({"focal_point": {"x": 1}}, Required, ("focal_point", "y")),
    "empty keyword": ({"keywords": ["rice", " "]}, Required, ("keywords", "1")),
    "too many keywords": ({"keywords": ["x"] * 201}, TooLong, ("keywords",)),
    "a field that is none": ({"status": "READY"}, BadInput, ("status",)),
    "a right that is none": ({"rights": {"until": None}}, BadInput, ("rights", "until")),
}


@pytest.mark.parametrize("name", BAD_FIELDS)
async def test_what_cannot_be_said_of_a_photo_is_refused_and_nothing_changes(desk: Desk, name: str) -> None:
    fields, kind, path = BAD_FIELDS[name]
    with pytest.raises(kind) as refused:
        await desk.upload(CREDITED, fields)
    assert getattr(refused.value, "field", None) == path
    assert await desk.stored() == NOTHING
    photo = await house.photo()
    before = await Photo.all().values()
    with pytest.raises(kind):
        await photos.update(SYSTEM, photo, 1, fields)
    assert await Photo.all().values() == before
    assert await house.told(photo) == []


async def test_the_same_bytes_are_refused_returned_or_taken_again_as_asked(desk: Desk) -> None:
    first = (await desk.upload(CREDITED)).id
    with pytest.raises(DuplicatePhoto) as refused:
        await desk.upload(CREDITED, {"credit": "Someone else"})
    assert refused.value.field == ("file",)
    assert await desk.upload(CREDITED, {"credit": "Someone else"}, on_duplicate="RETURN_EXISTING") == photos.Uploaded(
        first, ()
    )
    assert await desk.stored() == (1, 1, 1)
    assert (await Photo.get(id=first)).credit == "STR/KCNA VIA KNS/AFP"
    second = (await desk.upload(CREDITED, {"credit": "Someone else"}, on_duplicate="ALLOW")).id
    assert second != first
    assert await desk.stored() == (2, 1, 2)  # the bytes are kept once
    assert (await desk.upload(CREDITED, on_duplicate="RETURN_EXISTING")).id == first


@pytest.mark.parametrize("on_duplicate", ["REFUSE", "RETURN_EXISTING"])
async def test_of_two_who_send_the_same_bytes_at_once_one_makes_the_photo(
    desk: Desk, on_duplicate: photos.OnDuplicate
) -> None:
    sent = [desk.upload(CREDITED, on_duplicate=on_duplicate) for _ in range(4)]
    results = await asyncio.gather(*sent, return_exceptions=True)
    assert await desk.stored() == (1, 1, 1)
    made = await Photo.get()
    uploaded = [one.id for one in results if isinstance(one, photos.Uploaded)]
    assert uploaded == [made.id] * (1 if on_duplicate == "REFUSE" else 4)
    assert sum(isinstance(one, DuplicatePhoto) for one in results) == 4 - len(uploaded)


async def test_who_may_not_upload_is_refused_before_the_file_is_looked_at(desk: Desk) -> None:
    for actor, kind in (
        (ANONYMOUS, Unauthenticated),
        (await house.staff("READER"), Forbidden),
        (Actor(kind="PARTNER", name="Harbour Wire"), Forbidden),
    ):
        with pytest.raises(kind):
            await desk.upload(CREDITED, actor=actor)
    assert await desk.stored() == NOTHING
    assert desk.workshop.jobs == 0


async def test_a_store_out_of_reach_is_unavailable_and_no_photo_is_made(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "newsroom")
    closed = f"s3://photos?endpoint=http://127.0.0.1:{services.free_ports(1)}&region=us-east-1&path_style=1"
    away = Desk(open_store(closed), desk.workshop, desk.folder)
    try:
        with pytest.raises(Unavailable):
            await away.upload(CREDITED)
    finally:
        await away.store.close()
    assert await desk.stored() == NOTHING
    await desk.upload(CREDITED)  # the same photo, once there is a store
    assert await desk.stored() == (1, 1, 1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_photo_remembers_which_store_its_bytes_are_in(desk: Desk, store_url: str) -> None:
    store = open_store(store_url)
    here = Desk(store, desk.workshop, desk.folder)
    try:
        made = (await here.upload(CREDITED)).id
        photo = await Photo.get(id=made)
        assert photo.store == ("s3" if store_url.startswith("s3") else "local")
        assert await store.get(photo.original_key) == CREDITED
    finally:
        await store.close()


# -------------------------------------------------------------------------------------------------------------- update


async def columns(photo: UUID, *names: str) -> list[Any]:
    row = await Photo.get(id=photo)
    return [getattr(row, name) for name in names]


async def test_what_is_given_is_changed_none_clears_and_what_is_absent_stays() -> None:
    photo = await house.photo(headline="Rain", keywords=["rain"])
    assert (
        await photos.update(SYSTEM, photo, 1, {"caption": "After the storm.", "headline": None, "keywords": None})
        == photo
    )
    names = ("caption", "headline", "keywords", "alt_text", "version")
    assert await columns(photo, *names) == ["After the storm.", None, [], "Wet asphalt, seen from above", 2]
    await photos.update(SYSTEM, photo, 2, {"credit": "Jane Doe/Reuters", "caption": None})
    assert await columns(photo, "credit", "distributor", "caption") == ["Jane Doe/Reuters", "Reuters", ""]
    assert await house.told(photo) == [("PHOTO_UPDATED", 2), ("PHOTO_UPDATED", 3)]


async def test_the_focal_point_is_moved_and_put_back_into_the_middle() -> None:
    photo = await house.photo()
    await photos.update(SYSTEM, photo, 1, {"focal_point": {"x": 0.1, "y": 1}})
    assert await columns(photo, "focal_x", "focal_y") == [0.1, 1.0]
    await photos.update(SYSTEM, photo, 2, {"focal_point": None})
    assert await columns(photo, "focal_x", "focal_y") == [0.5, 0.5]


async def test_a_change_of_rights_is_told_as_one() -> None:
    photo, at = await house.photo(restrictions="No sales"), house.hours(24)
    await photos.update(SYSTEM, photo, 1, {"rights": {"expires_at": at}, "caption": "After the storm."})
    assert await columns(photo, "rights_until", "restrictions") == [at, "No sales"]
    await photos.update(SYSTEM, photo, 2, {"rights": {"restrictions": None}})
    assert await columns(photo, "rights_until", "restrictions") == [at, None]
    await photos.update(SYSTEM, photo, 3, {"rights": None})
    assert await columns(photo, "rights_until", "restrictions") == [None, None]
    assert await house.told(photo) == [("PHOTO_RIGHTS_CHANGED", version) for version in (2, 3, 4)]


async def test_rights_of_which_nothing_is_said_stay_as_they_are() -> None:
    at = house.hours(24)
    photo = await house.photo(rights_until=at, restrictions="No sales")
    await photos.update(SYSTEM, photo, 1, {"rights": {}})
    assert await columns(photo, "rights_until", "restrictions", "version") == [at, "No sales", 1]
    await photos.update(SYSTEM, photo, 1, {"rights": {}, "caption": "After the storm."})
    assert await columns(photo, "rights_until", "restrictions", "version") == [at, "No sales", 2]
    assert await house.told(photo) == [("PHOTO_UPDATED", 2)]


async def test_no_field_at_all_changes_nothing() -> None:
    photo = await house.photo()
    before = await Photo.all().values()
    assert await photos.update(SYSTEM, photo, 1, {}) == photo
    assert await Photo.all().values() == before
    assert await house.told(photo) == []


@pytest.mark.parametrize("credit", [None, "", " \n"])
async def test_a_photo_never_loses_its_credit(credit: str | None) -> None:
    photo = await house.photo()
    before = await Photo.all().values()
    with pytest.raises(CreditMissing) as refused:
        await photos.update(SYSTEM, photo, 1, {"credit": credit, "caption": "After the storm."})
    assert refused.value.field == ("credit",)
    assert await Photo.all().values() == before


async def test_of_two_who_change_one_photo_the_second_is_refused() -> None:
    photo = await house.photo()
    await photos.update(SYSTEM, photo, 1, {"caption": "First."})
    for version in (1, 3, 0, -1):
        with pytest.raises(Conflict) as refused:
            await photos.update(SYSTEM, photo, version, {"caption": "Second."})
        assert refused.value.current == 2
    racing = [photos.update(SYSTEM, photo, 2, {"caption": f"Racer {number}."}) for number in range(6)]
    results = await asyncio.gather(*racing, return_exceptions=True)
    assert sum(one == photo for one in results) == 1
    assert sum(isinstance(one, Conflict) for one in results) == 5
    assert await house.told(photo) == [("PHOTO_UPDATED", 2), ("PHOTO_UPDATED", 3)]


async def test_contributors_change_their_own_photos_and_no_one_elses() -> None:
    contributor, editor = await house.staff("CONTRIBUTOR"), await house.staff("PHOTO_EDITOR")
    mine, others = await house.photo(created_by=contributor.user_id), await house.photo(created_by=editor.user_id)
    nobodys = await house.photo()
    await photos.update(contributor, mine, 1, {"caption": "Mine."})
    for photo in (others, nobodys):
        with pytest.raises(Forbidden):
            await photos.update(contributor, photo, 1, {"caption": "Mine too."})
        assert await columns(photo, "caption", "version") == ["A street after the rain.", 1]
    await photos.update(editor, mine, 2, {"caption": "Edited."})
    with pytest.raises(NotFound):
        await photos.update(contributor, uuid4(), 1, {"caption": "None."})


async def test_whether_a_hidden_photo_exists_is_not_told_by_trying_to_change_it() -> None:
    hidden = await house.photo(status="WITHDRAWN")
    for actor in (ANONYMOUS, await house.staff("READER"), Actor(kind="PARTNER")):
        told = []
        for photo in (hidden, uuid4()):
            with pytest.raises((Unauthenticated, Forbidden)) as refused:
                await photos.update(actor, photo, 1, {"caption": "x"})
            told.append((refused.value.code, refused.value.message))
        assert told[0] == told[1]
    assert await columns(hidden, "version") == [1]


async def test_everything_wrong_with_a_change_is_told_at_once() -> None:
    photo = await house.photo()
    with pytest.raises(Refused) as refused:
        await photos.update(
            SYSTEM, photo, 1, {"caption": "a\0", "headline": "x" * 301, "rights": {"expires_at": "soon"}}
        )
    assert [one.field for one in refused.value.refusals] == [("caption",), ("headline",), ("rights", "expires_at")]
    assert await columns(photo, "version") == [1]
