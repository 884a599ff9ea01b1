"""A kill: one transaction, and from its commit on nobody gets the photo anywhere; on a refusal nothing changes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cms import ledger, purge, worker
from cms.actions import accounts, articles, collections, killing, partners, photos, publishing, taxonomy
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.errors import (
    BadInput,
    BadState,
    CMSError,
    Conflict,
    Forbidden,
    NotFound,
    PhotoWithdrawn,
    Refused,
    Required,
    Unauthenticated,
    Unavailable,
)
from cms.models import AuditEntry, Job, Photo, PhotoFile, PhotoRevision
from media import keys
from tests import house, pictures
from tests.cms.test_rights import JPEG, ORIGINAL, kept, signed_in
from tests.web import Web, serving

WHY = {"reason": "The agency's desk called.", "notice": "Killed: not what the caption says."}
KILL = """mutation($input: WithdrawPhotoInput!) { withdrawPhoto(input: $input) {
  photo { id status version originalUrl } articles { slug } partnersNotified errors { code field message } } }"""


async def work(web: Web) -> None:
    """Everything that is due."""
    while await worker.work_once(worker.kinds(web.services)):
        pass


# ----------------------------------------------------------------------------------------------------------- one verb


@pytest.mark.usefixtures("newsroom")
async def test_a_kill_is_kept_told_audited_and_followed_by_jobs_in_one_transaction() -> None:
    await house.section("World")
    photo, other = await house.photo(filename="wave.jpg"), await house.photo()
    editor = await house.staff("PHOTO_EDITOR")
    done = await killing.withdraw(editor, photo, 1, {**WHY, "replacement": other})
    assert done == killing.Killed(photo, ())
    row = await Photo.get(id=photo)
    assert (row.status, row.version, row.withdrawn_reason, row.withdrawn_notice) == ("WITHDRAWN", 2, *WHY.values())
    assert vars(row)["replacement_id"] == other
    assert row.withdrawn_at == row.updated_at
    [entry] = await ledger.of(photo)
    assert (entry.kind, entry.version, entry.note, entry.by) == ("PHOTO_WITHDRAWN", 2, WHY["notice"], editor.name)
    audit = await AuditEntry.get(subject_id=photo)
    assert (audit.action, audit.by, audit.summary) == ("photo.withdraw", editor.name, f"wave.jpg: {WHY['reason']}")
    revision = await PhotoRevision.get(photo_id=photo, version=2)
    assert (revision.snapshot["status"], revision.at) == ("WITHDRAWN", row.withdrawn_at)
    left = await Job.filter(subject_id=photo).order_by("run_at", "kind")
    assert row.withdrawn_at is not None
    assert [(one.kind, one.run_at - row.withdrawn_at) for one in left] == [
        (kind, timedelta(minutes=minutes)) for minutes in (0, 2) for kind in ("photo.erase", "photo.purge")
    ]
    assert (await Photo.get(id=other)).status == "READY"


REFUSED: dict[str, tuple[dict[str, Any], int, type[CMSError]]] = {
    "no reason": ({"notice": "x"}, 1, Required),
    "an empty notice": ({"reason": "x", "notice": " "}, 1, Required),
    "neither": ({}, 1, Refused),
    "an old version": (WHY, 7, Conflict),
    "a replacement that is not there": ({**WHY, "replacement": UUID(int=1)}, 1, NotFound),
    "a field that is none": ({**WHY, "silent": True}, 1, BadInput),
}


@pytest.mark.usefixtures("newsroom")
async def test_a_kill_that_cannot_be_is_refused_and_nothing_changes() -> None:
    photo, killed = await house.photo(), await house.photo()
    await killing.withdraw(SYSTEM, killed, 1, WHY)
    before = await house.everything()
    for name, (fields, version, kind) in REFUSED.items():
        with pytest.raises(kind):
            await killing.withdraw(SYSTEM, photo, version, fields)
        assert await house.everything() == before, name
    for fields, kind in (({"replacement": photo}, BadInput), ({"replacement": killed}, PhotoWithdrawn)):
        with pytest.raises(kind) as refused:
            await killing.withdraw(SYSTEM, photo, 1, WHY | fields)
        assert getattr(refused.value, "field", None) == ("replacement",)
    for missing in (UUID(int=1),):
        with pytest.raises(NotFound):
            await killing.withdraw(SYSTEM, missing, 1, WHY)
    assert await house.everything() == before


@pytest.mark.usefixtures("newsroom")
async def test_who_may_not_kills_nothing() -> None:
    contributor = await house.staff("CONTRIBUTOR")
    photo = await house.photo(created_by=contributor.user_id)
    key = Actor(kind="API_KEY", role="EDITOR", user_id=contributor.user_id, name="Script", scopes=("photo.update",))
    before = await house.everything()
    for actor, kind in (
        (ANONYMOUS, Unauthenticated),
        (Actor(kind="PARTNER", name="Harbour Wire"), Forbidden),
        (Actor(kind="USER", role="READER", name="R"), Forbidden),
        (contributor, Forbidden),  # of their own photo too
        (key, Forbidden),
    ):
        with pytest.raises(kind):
            await killing.withdraw(actor, photo, 1, WHY)
    assert await house.everything() == before
    for role in ("PHOTO_EDITOR", "EDITOR", "ADMIN"):
        other = await house.photo()
        await killing.withdraw(Actor(kind="USER", role=role, name=role), other, 1, WHY)
        assert (await Photo.get(id=other)).status == "WITHDRAWN"


@pytest.mark.usefixtures("newsroom")
async def test_a_killed_photo_is_not_killed_again_changed_or_brought_back() -> None:
    await house.section("World")
    photo = await house.photo()
    story = await house.article(lead_photo={"photo": photo})
    await killing.withdraw(SYSTEM, photo, 1, WHY)
    before = await house.everything()
    with pytest.raises(BadState):
        await killing.withdraw(SYSTEM, photo, 2, WHY)
    with pytest.raises(BadState):
        await photos.update(SYSTEM, photo, 2, {"credit": "Someone/Else"})
    with pytest.raises(PhotoWithdrawn):
        await house.article(lead_photo={"photo": photo})
    with pytest.raises(PhotoWithdrawn):
        await articles.update(SYSTEM, await house.article(), 1, {"gallery": [{"photo": photo}]})
    with pytest.raises(Refused) as refused:
        await publishing.publish(SYSTEM, story, 1)
    assert [one.code for one in refused.value.refusals] == ["PHOTO_WITHDRAWN"]
    after = await house.everything()
    assert {name for name in before if before[name] != after[name]} <= {
        *("Article", "Revision", "AuditEntry", "Listing"),  # the draft without the photo
    }
    assert await house.told(photo) == [("PHOTO_WITHDRAWN", 2)]


@pytest.mark.usefixtures("newsroom")
async def test_a_kill_is_of_the_picture_so_every_photo_of_its_bytes_goes() -> None:
    first = await house.photo(sha256="a" * 64)
    twin, better = await house.photo(sha256="a" * 64, version=4), await house.photo(sha256="b" * 64)
    other = await house.photo()
    old = await Photo.get(id=twin)
    await PhotoFile.create(  # the better file took the place of the same bytes
        photo_id=better, version=1, at=old.created_at, filename="1", format="JPEG", width=1, height=1, byte_size=1,
        sha256="a" * 64, store="test", original_key="originals/aa",
    )  # fmt: skip
    with pytest.raises(BadInput):
        await killing.withdraw(SYSTEM, first, 1, {**WHY, "replacement": twin})
    await killing.withdraw(SYSTEM, first, 1, WHY)
    for one, version in ((first, 2), (twin, 5), (better, 2)):
        assert (await Photo.get(id=one)).status == "WITHDRAWN"
        assert await house.told(one) == [("PHOTO_WITHDRAWN", version)]
        assert await Job.filter(subject_id=one).count() == 4
    assert (await Photo.get(id=other)).status == "READY"


@pytest.mark.usefixtures("newsroom")
async def test_of_two_who_kill_the_same_photo_one_does() -> None:
    first, twin = await house.photo(sha256="c" * 64), await house.photo(sha256="c" * 64)
    kills = [killing.withdraw(SYSTEM, one, 1, WHY) for one in (first, twin, first, twin)]
    results = await asyncio.gather(*kills, return_exceptions=True)
    assert sum(isinstance(one, killing.Killed) for one in results) == 1
    assert all(isinstance(one, (killing.Killed, Conflict, BadState)) for one in results), results
    assert await house.told(first) == await house.told(twin) == [("PHOTO_WITHDRAWN", 2)]


# ------------------------------------------------------------------------------------------------------- on every path


async def test_from_the_commit_on_nobody_gets_it_anywhere_and_stories_keep_their_text(web: Web) -> None:
    photo = await kept(web, credit="Jane Doe/Agency")
    body = [{"paragraph": {"html": "Before."}}, {"photo": {"photo": photo}}]
    await house.live(headline="One", lead_photo={"photo": photo})
    await house.live(headline="Two", body=body)
    await house.article(headline="A draft", gallery=[{"photo": photo}])
    listed = await house.live(headline="Three")
    item = {"article": listed, "photo": {"photo": photo}}
    await collections.save(SYSTEM, {"slug": "home", "title": "Home", "items": [item]})
    await taxonomy.save_author(SYSTEM, {"name": "Jane Doe", "photo": photo})
    editor, contributor = await signed_in(web, "EDITOR"), await signed_in(web, "CONTRIBUTOR")
    original = (await editor.ask(ORIGINAL, id=f"photo_{photo}"))["photo"]["originalUrl"]
    images = [f"/images/{photo}/1/{name}" for name in ("w320-cover.jpeg", "w640-cover.avif", "cover.auto")]
    pages = [
        "/",
        "/articles/one.html",
        "/articles/two.html",
        *(f"/feeds/latest.{one}" for one in ("rss", "atom", "json")),
    ]
    shown = {path: await web.get(path) for path in pages}
    assert {one.status_code for one in shown.values()} == {200}
    assert all(str(photo) in shown[path].text for path in pages)
    assert [(await who.get(path)).status_code for path in images for who in (web, editor)] == [200] * 6
    assert (await web.client.get(original)).status_code == 200

    await ledger.append("PHOTO_UPDATED", "Photo", photo, 1, SYSTEM)  # as an upload tells
    await house.settled()
    wire = await partners.save_partner(SYSTEM, {"name": "Wire"})
    await partners.save_partner(SYSTEM, {"name": "Nobody"})
    secret = (await accounts.create_key(SYSTEM, "Feed", partner=wire)).secret
    assert (await web.as_(secret).get("/feeds/latest.json")).status_code == 200
    given = {"id": f"photo_{photo}", "version": 1, **WHY}
    answer = (await editor.ask(KILL, input=given))["withdrawPhoto"]
    assert answer == {
        "photo": {"id": f"photo_{photo}", "status": "WITHDRAWN", "version": 2, "originalUrl": None},
        "articles": [{"slug": "a-draft"}, {"slug": "two"}, {"slug": "one"}],
        "partnersNotified": 1,
        "errors": [],
    }
    for path in [*images, f"/images/{photo}/2/w320-cover.jpeg", f"/images/{photo}/9/nonsense.xyz"]:
        for who in (web, contributor, editor):
            gone = await who.get(path, if_none_match="*")
            assert (gone.status_code, gone.headers["cache-control"]) == (410, "no-store")
            assert gone.headers["content-type"] == "application/problem+json"
            assert (gone.json()["code"], gone.json()["detail"]) == ("GONE", WHY["notice"])
    gone = await web.client.get(original)
    assert (gone.status_code, gone.json()["code"]) == (410, "GONE")
    for path in pages:
        before = shown[path].headers
        since = {"if_modified_since": before["last-modified"]} if "last-modified" in before else {}
        for sent in ({"if_none_match": before["etag"]}, since):
            now_ = await web.get(path, **sent)
            assert (now_.status_code, str(photo) in now_.text, "Jane Doe/Agency" in now_.text) == (200, False, False), (
                path
            )
    assert "Before." in (await web.get("/articles/two.html")).text
    assert (await web.ask("query($id: ID!) { node(id: $id) { id } }", id=f"photo_{photo}"))["node"] is None
    assert (await web.ask('{ author(slug: "jane-doe") { photo { id } } }'))["author"]["photo"] is None
    story = await web.ask('{ article(slug: "two") { body { __typename ... on PhotoBlock { photo { credit } } } } }')
    assert story["article"]["body"][1] == {"__typename": "PhotoBlock", "photo": None}


async def test_a_contributor_is_told_of_no_story_that_they_do_not_see(web: Web) -> None:
    photo = await house.photo()
    await house.article(headline="Hidden", lead_photo={"photo": photo})
    await house.live(headline="Out", lead_photo={"photo": photo})
    contributor = await house.staff("CONTRIBUTOR")
    await killing.withdraw(SYSTEM, photo, 1, WHY)
    assert len((await killing.report(SYSTEM, photo)).articles) == 2
    assert len((await killing.report(contributor, photo)).articles) == 1


async def test_what_is_refused_says_so_in_the_payload(web: Web) -> None:
    editor = await signed_in(web, "PHOTO_EDITOR")
    refused = (await editor.ask(KILL, input={"id": "photo_1", "version": 1, **WHY}))["withdrawPhoto"]
    assert (refused["photo"], refused["articles"], refused["errors"][0]["code"]) == (None, [], "NOT_FOUND")
    photo = await house.photo()
    bad = {"id": f"photo_{photo}", "version": 1, "reason": "x", "notice": "x", "replacement": "article_1"}
    refused = (await editor.ask(KILL, input=bad))["withdrawPhoto"]
    assert [(one["code"], one["field"]) for one in refused["errors"]] == [("NOT_FOUND", ["replacement"])]
    assert (await Photo.get(id=photo)).status == "READY"


async def test_the_same_bytes_are_refused_with_a_reference_to_the_kill_whatever_is_asked(web: Web) -> None:
    editor = await signed_in(web, "PHOTO_EDITOR")
    data = pictures.jpeg(64, 48)
    made = await editor.upload(data, credit="Jane Doe")
    photo = UUID(made["photo"]["id"].removeprefix("photo_"))
    await killing.withdraw(SYSTEM, photo, 1, WHY)
    before = await house.everything()
    for wish in ("REFUSE", "RETURN_EXISTING", "ALLOW"):
        refused = await editor.upload(data, credit="Jane Doe", onDuplicate=wish)
        [error] = refused["errors"]
        assert (refused["photo"], error["code"], error["field"]) == (None, "PHOTO_WITHDRAWN", ["file"])
        assert WHY["notice"] in error["message"]
        assert made["photo"]["id"] in error["message"]
    assert await house.everything() == before


# ----------------------------------------------------------------------------------------------------- what jobs do of it


async def test_its_renditions_are_deleted_also_one_that_was_being_made_and_the_original_stays(
    database: str, store_url: str
) -> None:
    async with serving(database, store_url) as web:
        photo = await kept(web)
        sha256 = hashlib.sha256(JPEG).hexdigest()
        other = await kept(web, pictures.jpeg(1600, 901))
        for path in (f"/images/{photo}/1/w320-cover.jpeg", f"/images/{photo}/1/w160-cover.webp"):
            assert (await web.get(path)).status_code == 200
        assert (await web.get(f"/images/{other}/1/w160-cover.jpeg")).status_code == 200
        await killing.withdraw(SYSTEM, photo, 1, WHY)
        await work(web)
        store, prefix = web.services.store, keys.renditions(sha256)
        assert [key async for key in store.keys(prefix)] == []
        # whoever had begun to make it before the kill puts it there afterwards
        await store.put(f"{prefix}w640-cover-0.jpeg", b"late", "image/jpeg")
        assert (await web.get(f"/images/{photo}/1/w640-cover.jpeg")).status_code == 410
        await Job.filter(subject_id=photo).update(run_at=house.hours(-1))
        await work(web)
        assert [key async for key in store.keys(prefix)] == []
        assert await Job.filter(subject_id=photo).count() == 0
        assert await store.get(keys.original(sha256, "JPEG")) == JPEG
        assert len([key async for key in store.keys("renditions/")]) == 1


async def test_caches_are_told_of_all_that_showed_it_and_one_that_is_away_is_told_later(
    database: str, tmp_path: Path
) -> None:
    async with _cache() as heard, serving(database, f"file:{tmp_path}/media", purge_urls=heard.url) as web:
        await house.section("World")
        photo = await kept(web)
        story = await house.live(lead_photo={"photo": photo})
        listed = await house.live(headline="Listed")
        item = {"article": listed, "photo": {"photo": photo}}
        await collections.save(SYSTEM, {"slug": "home", "title": "Home", "items": [item]})
        author = await taxonomy.save_author(SYSTEM, {"name": "Jane Doe", "photo": photo})
        await Job.all().delete()
        heard.answers = [503]
        await killing.withdraw(SYSTEM, photo, 1, WHY)
        await work(web)
        told = [
            f"photo_{photo}",
            "photo",
            *sorted((f"article_{one}" for one in (story, listed)), reverse=True),
            f"author_{author}",
        ]
        assert heard.requests == [("PURGE", " ".join(told), " ".join(told))]
        failed = await Job.get(subject_id=photo, kind="photo.purge", attempts=1)
        assert failed.last_error == f"Unavailable: Not purged: {heard.url}."
        await Job.filter(id=failed.id).update(run_at=house.hours(-1))
        await work(web)
        assert heard.requests == [("PURGE", " ".join(told), " ".join(told))] * 2
        assert not await Job.filter(id=failed.id).exists()


@dataclass
class Heard:
    """An HTTP cache as we see it.  `answers` are the statuses of the next requests; 200 when there is none."""

    url: str
    requests: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@asynccontextmanager
async def _cache() -> AsyncIterator[Heard]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        sent = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        heard.requests.append((first.partition(" ")[0], sent.get("xkey-purge"), sent.get("surrogate-key")))
        status = heard.answers.pop(0) if heard.answers else 200
        writer.write(f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    heard = Heard(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        yield heard


async def test_many_keys_are_told_in_requests_that_every_cache_can_read() -> None:
    async with _cache() as one, _cache() as other:
        other.answers = [200, 405]
        with pytest.raises(Unavailable) as refused:
            await purge.purge([one.url, other.url], [f"article_{n}" for n in range(120)])
        assert other.url in refused.value.message
        assert one.url not in refused.value.message
        assert [len((keys_ or "").split()) for _, keys_, _ in one.requests] == [50, 50, 20]
        assert len(other.requests) == 2
