"""What may be done with a photo: said, kept, and held to at the instant, on every path."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cms import clock, db, signed
from cms.actions import accounts, photos, publishing
from cms.actor import SYSTEM, Role
from cms.db.clock import now
from cms.errors import BadInput, Refusal, Refused, TooLong
from cms.models import Job, Photo
from media import keys
from tests import house, pictures
from tests.web import Web

PASSWORD = "a long enough password"
RIGHTS = "{ photo(id: $id) { rights { usable expiresAt restrictions syndicatable territories } } }"
ORIGINAL = "query($id: ID!) { photo(id: $id) { originalUrl } }"
STORY = """query($slug: String!) { article(slug: $slug) { bodyText leadPhoto { photo { id } } photos { credit }
  body { __typename ... on Paragraph { html } ... on PhotoBlock { photoId photo { credit } } } jsonLd } }"""
JPEG = pictures.jpeg(1600, 900)


async def signed_in(web: Web, role: Role) -> Web:
    email = f"{role.lower()}@desk.test"
    await accounts.save_user(SYSTEM, {"name": role.title(), "email": email, "password": PASSWORD, "role": role})
    return await web.signed_in(email, PASSWORD)


async def kept(web: Web, data: bytes = JPEG, **columns: Any) -> UUID:
    """A photo with its bytes in the store."""
    sha256 = hashlib.sha256(data).hexdigest()
    key = keys.original(sha256, "JPEG")
    await web.services.store.put(key, data, "image/jpeg")
    return await house.photo(sha256=sha256, original_key=key, byte_size=len(data), width=1600, height=900, **columns)


# ------------------------------------------------------------------------------------------------------------ what is said


async def test_rights_are_kept_as_they_are_said_and_cleared_as_a_whole(web: Web) -> None:
    photo, editor = await house.photo(), await signed_in(web, "PHOTO_EDITOR")
    asked = f"query($id: ID!) {RIGHTS}"
    free: dict[str, Any] = {
        "usable": True,
        "expiresAt": None,
        "restrictions": None,
        "syndicatable": True,
        "territories": [],
    }
    assert (await web.ask(asked, id=f"photo_{photo}"))["photo"]["rights"] == free
    ends = house.hours(5)
    given = {
        "expiresAt": ends.isoformat(),
        "restrictions": "No sales",
        "syndicatable": False,
        "territories": ["de", "AT", "DE"],
    }
    document = "mutation($input: UpdatePhotoInput!) { updatePhoto(input: $input) { photo { rights { syndicatable } } errors { code } } }"
    answer = await editor.ask(document, input={"id": f"photo_{photo}", "version": 1, "rights": given})
    assert answer["updatePhoto"] == {"photo": {"rights": {"syndicatable": False}}, "errors": []}
    said = (await web.ask(asked, id=f"photo_{photo}"))["photo"]["rights"]
    assert said == {
        "usable": True,
        "expiresAt": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "restrictions": "No sales",
        "syndicatable": False,
        "territories": ["DE", "AT"],
    }
    assert await house.told(photo) == [("PHOTO_RIGHTS_CHANGED", 2)]
    await photos.update(SYSTEM, photo, 2, {"rights": {"syndicatable": None}})
    row = await Photo.get(id=photo)
    assert (row.syndicatable, row.territories, row.restrictions) == (True, ["DE", "AT"], "No sales")
    await photos.update(SYSTEM, photo, 3, {"rights": None})
    assert (await web.ask(asked, id=f"photo_{photo}"))["photo"]["rights"] == free


@pytest.mark.usefixtures("newsroom")
async def test_a_territory_that_is_none_is_refused_and_nothing_changes() -> None:
    photo = await house.photo()
    before = await house.everything()
    for wrong, kind in (
        (["Germany"], BadInput),
        (["UK"], BadInput),  # GB
        (["XX"], BadInput),
        ([1], BadInput),
        ("DE", BadInput),
        (["DE"] * 251, TooLong),
    ):
        with pytest.raises(kind) as refused:
            await photos.update(SYSTEM, photo, 1, {"rights": {"territories": wrong}})
        assert isinstance(refused.value, Refusal)
        assert refused.value.field[:2] == ("rights", "territories")
    with pytest.raises(BadInput):
        await photos.update(SYSTEM, photo, 1, {"rights": {"syndicatable": "no"}})
    assert await house.everything() == before


@pytest.mark.usefixtures("newsroom")
async def test_a_photo_with_limits_is_published_with_a_warning_and_held_back_where_none_is_taken() -> None:
    await house.section("World")
    for limits in ({"restrictions": "No sales"}, {"territories": ["DE"]}):
        story = await house.article(lead_photo={"photo": await house.photo(**limits)})
        with pytest.raises(Refused) as refused:
            await publishing.publish(SYSTEM, story, 1, accept_warnings=False)
        assert [(one.code, one.field) for one in refused.value.refusals] == [("RIGHTS_RESTRICTED", ("lead_photo",))]
        assert (await house.stored(story)).version == 1
        done = await publishing.publish(SYSTEM, story, 1)
        assert [(one.code, one.field) for one in done.warnings] == [("RIGHTS_RESTRICTED", ("lead_photo",))]
    free = await house.article(lead_photo={"photo": await house.photo()})
    assert (await publishing.publish(SYSTEM, free, 1)).warnings == ()


@pytest.mark.usefixtures("newsroom")
async def test_a_change_of_rights_reaches_the_caches_twice_and_another_change_does_not() -> None:
    photo = await house.photo()
    await photos.update(SYSTEM, photo, 1, {"caption": "Another."})
    assert await Job.filter(kind="photo.purge").count() == 0
    await photos.update(SYSTEM, photo, 2, {"rights": {"expires_at": house.hours(1)}})
    first, second = await Job.filter(kind="photo.purge", subject_id=photo).order_by("run_at")
    assert second.run_at - first.run_at == timedelta(minutes=2)


# -------------------------------------------------------------------------------------------------------- when they end


async def test_when_rights_end_every_path_is_closed_at_that_instant_and_the_text_stays(web: Web) -> None:
    photo = await kept(web, credit="Jane Doe/Agency")
    text = [{"paragraph": {"html": "Before."}}, {"photo": {"photo": photo}}, {"paragraph": {"html": "After."}}]
    await house.live(headline="A story", body=text, lead_photo={"photo": photo})
    image = f"/images/{photo}/1/w320-cover.jpeg"
    shown = (await web.ask(STORY, slug="a-story"))["article"]
    assert [one["__typename"] for one in shown["body"]] == ["Paragraph", "PhotoBlock", "Paragraph"]
    assert shown["body"][1]["photo"] == {"credit": "Jane Doe/Agency"}
    assert (await web.get(image)).status_code == 200

    await photos.update(SYSTEM, photo, 1, {"rights": {"expires_at": await now() + timedelta(milliseconds=1)}})
    while await now() <= (await Photo.get(id=photo)).rights_until:
        pass
    hidden = (await web.ask(STORY, slug="a-story"))["article"]
    assert hidden["leadPhoto"] is None
    assert hidden["photos"] == []
    assert "image" not in hidden["jsonLd"]
    assert hidden["bodyText"] == shown["bodyText"] == "Before.\n\nAfter."
    assert hidden["body"][1] == {"__typename": "PhotoBlock", "photoId": None, "photo": None}
    assert (await web.get(image)).status_code == 404
    assert (await web.ask("query($id: ID!) { photo(id: $id) { id } }", id=f"photo_{photo}"))["photo"] is None
    for path in ("/articles/a-story.html", "/", "/feeds/latest.rss", "/feeds/latest.atom", "/feeds/latest.json"):
        page = await web.get(path)
        assert (page.status_code, str(photo) in page.text) == (200, False), path
    editor = await signed_in(web, "EDITOR")
    seen = (await editor.ask(STORY, slug="a-story"))["article"]
    assert seen["body"][1]["photoId"] == f"photo_{photo}"
    private = await editor.get(image)
    assert (private.status_code, private.headers["cache-control"]) == (200, "private, no-store")


async def test_a_feed_that_lost_a_photo_says_that_it_was_changed(web: Web) -> None:
    photo = await kept(web)
    await house.live(lead_photo={"photo": photo})
    before = await web.get("/feeds/latest.rss")
    ends = await now() + timedelta(seconds=1.2)
    async with db.transaction():
        await Photo.filter(id=photo).update(rights_until=ends)
    since = before.headers["last-modified"]
    assert (await web.get("/feeds/latest.rss", if_modified_since=since)).status_code == 304
    while await now() <= ends:
        pass
    after = await web.get("/feeds/latest.rss", if_modified_since=since)
    assert (after.status_code, str(photo) in after.text) == (200, False)


async def test_no_cache_may_keep_an_image_longer_than_the_right_to_show_it(web: Web) -> None:
    for seconds, fresh in ((10, 10), (7200, 3600)):
        photo = await kept(
            web, pictures.jpeg(1600, 900 + seconds % 7), rights_until=await now() + timedelta(seconds=seconds)
        )
        headers = (await web.get(f"/images/{photo}/1/w160-cover.jpeg")).headers
        ages = dict(part.strip().partition("=")[::2] for part in headers["cache-control"].split(","))
        mine, stale = int(ages["max-age"]), int(ages["stale-while-revalidate"])
        shared = int(headers["cdn-cache-control"].partition("max-age=")[2])
        assert fresh - 5 <= mine <= fresh
        assert mine + stale <= seconds
        assert shared <= seconds


# -------------------------------------------------------------------------------------------------------- the original


async def test_staff_get_an_original_byte_by_byte_under_an_address_that_ends(web: Web) -> None:
    photo = await kept(web, filename='Straße "1" №.jpg')
    assert (await web.ask(ORIGINAL, id=f"photo_{photo}"))["photo"]["originalUrl"] is None
    assert (await (await signed_in(web, "READER")).ask(ORIGINAL, id=f"photo_{photo}"))["photo"]["originalUrl"] is None
    url = (await (await signed_in(web, "CONTRIBUTOR")).ask(ORIGINAL, id=f"photo_{photo}"))["photo"]["originalUrl"]
    answer = await web.client.get(url)
    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''Stra%C3%9Fe%20%221%22%20%E2%84%96.jpg"
    part = await web.client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, JPEG[10:20])
    whole = await web.client.get(url, headers={"Range": "bytes=10-19", "If-Range": '"another"'})
    assert (whole.status_code, whole.content) == (200, JPEG)
    ends = int(url.partition("expires=")[2].partition("&")[0])
    assert 895 <= ends - clock.now().timestamp() <= 900
    secret = web.services.settings.secret_key
    path = f"/originals/{photo}/photo.jpg"
    over = signed.signed(secret, "GET", path, clock.now() - timedelta(seconds=1))
    other = signed.signed("another secret", "GET", path, clock.now() + timedelta(minutes=5))
    put = signed.signed(secret, "PUT", path, clock.now() + timedelta(minutes=5))
    later = url.replace(f"expires={ends}", f"expires={ends + 1}")
    elsewhere = url.replace(str(photo), str(await house.photo()))
    named = url.replace(".jpg?", ".png?")
    for wrong in (over, other, put, later, elsewhere, named, path, f"{path}?expires=x&signature=é", url[:-1]):
        refused = await web.client.get(wrong)
        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN"), wrong


async def test_the_address_of_an_original_ends_with_the_right_to_show_it(web: Web) -> None:
    until = house.hours(0.1)
    photo, editor = await kept(web, rights_until=until), await signed_in(web, "EDITOR")
    url = (await editor.ask(ORIGINAL, id=f"photo_{photo}"))["photo"]["originalUrl"]
    assert f"expires={int(until.timestamp())}&" in url


async def test_an_original_that_is_not_in_the_store_is_not_found(web: Web) -> None:
    photo, editor = await house.photo(), await signed_in(web, "EDITOR")
    url = (await editor.ask(ORIGINAL, id=f"photo_{photo}"))["photo"]["originalUrl"]
    assert (await web.client.get(url)).status_code == 404
