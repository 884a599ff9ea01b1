"""An import run once, and run again: what it changes, what it leaves, what it never fetches."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cms.actions import articles, photos, publishing, taxonomy
from cms.actor import SYSTEM
from cms.models import Article, Author, Origin, Photo, Redirect, Revision, Section
from tests import house, pictures
from tests.cms.transfer.conftest import Import
from tests.cms.transfer.exports import attachment, entry, meta, post, rss, term, wxr
from tests.far import http, server
from tests.web import Web

PICTURES = [attachment(7, "one.jpg", meta("credit", "Jane Doe/AFP"), caption="A ferry.")]


def export(text: str = "What happened.", *more: str) -> str:
    return wxr(post(1, text, meta("_thumbnail_id", "7"), term("category", "asia", "Asia"), *more), *PICTURES)


async def test_run_again_it_changes_nothing(bring_in: Import) -> None:
    first = await bring_in("wordpress", export())
    assert first.made == {"story": 1, "section": 1, "author": 1, "photo": 1}
    before = await house.everything()
    again = await bring_in("wordpress", export())
    assert (again.made, again.changed, again.kept, again.refused) == ({}, {}, [], [])
    assert again.unchanged == {"story": 1, "section": 1, "author": 1, "photo": 1}
    assert await house.everything() == before


async def test_a_dry_run_tells_the_same_and_writes_nothing(bring_in: Import) -> None:
    before = await house.everything()
    dry = await bring_in("wordpress", export(), dry_run=True)
    assert await house.everything() == before
    real = await bring_in("wordpress", export())
    assert (dry.made, dry.changed, dry.redirects) == (real.made, real.changed, real.redirects)
    assert (await bring_in("wordpress", export(), dry_run=True)).unchanged == {
        "story": 1,
        "section": 1,
        "author": 1,
        "photo": 1,
    }


async def test_what_changed_there_changes_here(bring_in: Import) -> None:
    await bring_in("wordpress", export())
    id = (await Article.get()).id
    report = await bring_in("wordpress", export("What really happened."))
    assert (report.made, report.changed) == ({}, {"story": 1})
    story = await Article.get()
    assert (story.id, story.slug, story.version) == (id, "post-1", 3)
    assert story.body[0]["html"] == "What really happened."
    assert [kind for kind, _ in await house.told(id)] == ["ARTICLE_PUBLISHED", "ARTICLE_UPDATED"]


async def test_what_was_edited_here_stays_and_that_is_said(bring_in: Import) -> None:
    await bring_in("wordpress", export())
    story, photo = await Article.get(), await Photo.get()
    await articles.update(SYSTEM, story.id, story.version, {"headline": "Ours", "slug": "ours"})
    await photos.update(SYSTEM, photo.id, photo.version, {"caption": "Ours."})
    changed = export("Changed there.").replace("A ferry.", "Another ferry.")
    report = await bring_in("wordpress", changed)
    assert (report.made, report.changed) == ({}, {})
    assert {(what.rpartition("/")[2], why) for what, why in report.kept} == {
        ("Post 1", "edited here since"),
        ("one.jpg", "edited here since"),
    }
    story = await Article.get()
    assert (story.headline, story.slug, story.body[0]["html"]) == ("Ours", "ours", "What happened.")
    assert (await Photo.get()).caption == "Ours."


async def test_what_was_deleted_here_does_not_come_again(bring_in: Import) -> None:
    draft = wxr(post(1, status="draft"))
    await bring_in("wordpress", draft)
    story = await Article.get()
    await articles.delete(SYSTEM, story.id, story.version)
    report = await bring_in("wordpress", draft)
    assert (report.made, report.kept) == ({}, [("Post 1", "deleted here")])
    assert await Article.all().count() == 0


async def test_a_draft_that_was_published_there_is_published_here_and_the_other_way_round(
    web: Web, bring_in: Import
) -> None:
    await bring_in("wordpress", wxr(post(1, status="draft")))
    assert (await bring_in("wordpress", wxr(post(1)))).changed == {"story": 1}
    seen = "{ articles(first: 5) { nodes { slug publishedAt } } }"
    assert (await web.ask(seen))["articles"]["nodes"] == [{"slug": "post-1", "publishedAt": "2020-01-02T03:04:05Z"}]
    assert (await bring_in("wordpress", wxr(post(1, status="draft")))).changed == {"story": 1}
    assert (await web.ask(seen))["articles"]["nodes"] == []


async def test_sections_and_authors_that_are_here_already_are_used_and_found_by_another_name_later(
    bring_in: Import,
) -> None:
    world = await Section.get(slug="world")
    await house.author("Jane")
    file = wxr(post(1, "Text.", term("category", "world", "The Whole World")))
    report = await bring_in("wordpress", file)
    assert (report.made, report.unchanged["section"], report.unchanged["author"]) == ({"story": 1}, 1, 1)
    assert (await Section.get()).name == "World"
    await taxonomy.save_section(SYSTEM, {"slug": "abroad"}, world.id, world.version)
    author = await Author.get()
    await taxonomy.save_author(SYSTEM, {"slug": "jane-doe"}, author.id, author.version)
    again = await bring_in("wordpress", wxr(post(2, "Text.", term("category", "world", "The Whole World"))))
    assert again.made == {"story": 1}
    assert (await Article.get(slug="post-2")).path == "/abroad/post-2"
    assert await Author.all().count() == 1


async def test_a_slug_that_is_taken_here_is_numbered(bring_in: Import) -> None:
    await house.article(slug="post-1")
    assert (await bring_in("wordpress", export())).made["story"] == 1
    assert sorted([story.slug for story in await Article.all()]) == ["post-1", "post-1-2"]


async def test_an_address_of_two_stories_leads_to_the_first(web: Web, bring_in: Import) -> None:
    await bring_in("rss", rss(entry("a")))
    await bring_in("wordpress", wxr(post(1).replace("https://old.test/blog/2020/01/post-1/", "https://old.test/a")))
    assert await Redirect.all().count() == 1
    assert (await web.get("/a")).headers["location"] == "http://desk.test/imported/a"


async def test_a_story_that_readers_do_not_see_is_not_led_to(web: Web, bring_in: Import) -> None:
    await bring_in("wordpress", wxr(post(1), post(2, status="draft")))
    assert (await web.get("/blog/2020/01/post-1")).status_code == 301
    for old in ("/blog/2020/01/post-2", "/nothing", "/nothing/here"):
        response = await web.get(old)
        assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")
    story = await Article.get(slug="post-1")
    await publishing.unpublish(SYSTEM, story.id, story.version)
    assert (await web.get("/blog/2020/01/post-1")).status_code == 404


async def test_a_photo_that_was_killed_here_comes_neither_again_nor_into_a_story(bring_in: Import) -> None:
    await bring_in("wordpress", wxr(*PICTURES))
    await Photo.all().update(status="WITHDRAWN")
    report = await bring_in("wordpress", export())
    assert [why for _, why in report.kept] == ["withdrawn here, or its rights have ended"]
    assert (report.made["story"], report.made["photo"], report.refused) == (1, 0, [])


# --------------------------------------------------------------------------------------------------------------- fetching


async def test_a_picture_that_is_not_in_the_folder_is_fetched_once(web: Web, bring_in: Import, tmp_path: Path) -> None:
    async with server(http(pictures.jpeg(300, 200))) as there:
        feed = rss(entry("a", f'<p>Text.</p><img src="{there.url}/p/far.jpg"><script src="{there.url}/x.js"></script>'))
        refused = await bring_in("rss", feed, credit="Wire")
        assert [why for _, why in refused.refused] == [
            "127.0.0.1 has no public address, and DATELINE_OUTGOING_NETWORKS does not permit what it has."
        ]
        assert there.heard == []
        object.__setattr__(web.services.settings, "outgoing_networks", "127.0.0.0/8")
        report = await bring_in("rss", feed, credit="Wire")
        assert (report.changed, report.made["photo"], report.refused) == ({"story": 1}, 1, [])
        await bring_in("rss", feed, credit="Wire")
    assert [head.split(b"\r\n")[0] for head in there.heard] == [b"GET /p/far.jpg HTTP/1.1"]
    photo = await Photo.get()
    assert (photo.filename, photo.credit) == ("far.jpg", "Wire")


async def test_a_file_outside_of_the_folder_is_not_taken(bring_in: Import, media: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(pictures.jpeg(300, 200))
    (media / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    html = '<p>Text.</p><img src="../secret.jpg"><img src="/../../secret.jpg"><img src="file:///etc/passwd"><img src="link.jpg"><img src="%2e%2e/secret.jpg">'
    report = await bring_in("rss", rss(entry("a", html).replace("https://wire.test/a", "")), credit="Wire")
    assert report.made["photo"] == 0
    assert len(report.refused) >= 4
    assert await Photo.all().count() == 0


async def test_what_is_not_a_picture_is_refused_and_the_story_comes(bring_in: Import, media: Path) -> None:
    (media / "one.jpg").write_bytes(b"<html>Not found</html>")
    report = await bring_in("wordpress", export())
    assert (report.made["story"], len(report.refused)) == (1, 1)
    assert await Photo.all().count() == 0


async def test_cut_off_it_goes_on_where_it_was(web: Web, bring_in: Import) -> None:
    """A story is whole or not there; what was made before is found again."""
    posts = [post(number, "Text.", term("category", "asia", "Asia")) for number in range(1, 8)]
    running = asyncio.create_task(bring_in("wordpress", wxr(*posts)))
    while await Article.all().count() < 3:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert 3 <= await Article.all().count() <= 7
    assert await Origin.filter(kind="article").count() == await Article.all().count()
    report = await bring_in("wordpress", wxr(*posts))
    assert report.made["story"] + report.unchanged["story"] == 7
    assert await Article.filter(live_from__lt=datetime(2021, 1, 1, tzinfo=UTC)).count() == 7
    assert await Revision.filter(version=3).count() == 0


@pytest.mark.parametrize(
    "path", ["/blog/" + "x" * 3000, "/blog/x?q=" + "%3Cb%3E" * 900, "/blog/%00", "/blog/x?%00", "/a%ED%A0%80"]
)
async def test_an_address_that_no_story_can_have_had_leads_nowhere(web: Web, path: str) -> None:
    assert (await web.get(path)).status_code == 404
