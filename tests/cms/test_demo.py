"""The demo newsroom as its first visitor finds it: started by the command, looked at over HTTP, started again."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from click.testing import CliRunner

from cms.actions import accounts, taxonomy
from cms.actor import ROLES, SYSTEM
from cms.cli import main
from cms.demo import load
from cms.demo.content import ACCEPTANCE_SLUG, AUTHORS, HOME, PHOTOS, SECTIONS, SITE_NAME, TAGS, read_stories
from cms.errors import BadState
from cms.models import Article, Photo, Revision, Section, User
from tests import web
from tests.e2e.product import ROOT, free_port, started

STORIES = {story.key: story for story in read_stories()}
MADE_S = 240

WHEN = "query($slug: String!) { article(slug: $slug) { status publishedAt embargoedUntil version } }"
COUNT = "query($filter: ArticleFilter) { articles(filter: $filter, first: 1) { totalCount } }"


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `dateline demo` ran for the first time, once for the whole run, and was ended."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            _first_start(folder)
    return folder


def _first_start(folder: Path) -> None:
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATELINE_PORT": str(port)}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "cms", "demo"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            until = time.monotonic() + MADE_S
            while not (folder / "page.html").exists():
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until, (folder / "log").read_text()
                try:
                    page = httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
                    assert page.status_code == 200
                    (folder / "page.html").write_text(page.text)
                except httpx.TransportError:
                    time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(25) == 0, (folder / "log").read_text()
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> Path:
    """A copy, for each test its own: a database that is open is not copied well."""
    return Path(shutil.copytree(first, tmp_path / "demo"))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[web.Web]:
    """The demo in `folder`, over HTTP, as nobody."""
    async with web.serving(f"sqlite:///{folder}/var/dateline.sqlite3", f"file:{folder}/var/media") as server:
        yield server


@pytest.fixture
async def courier(folder: Path) -> AsyncIterator[web.Web]:
    async with opened(folder) as server:
        yield server


def card(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "var/demo.json").read_text())
    return found


def token(folder: Path, role: str) -> str:
    return next(str(one["token"]) for one in card(folder)["accounts"] if one["role"] == role)


# ---------------------------------------------------------------------------------------------------- the first start


def test_the_first_start_tells_of_its_work_and_then_what_to_open(first: Path) -> None:
    log = (first / "log").read_text()
    told = re.findall(r"^Drawing the photos, writing the stories: (\d+) of 66$", log, re.MULTILINE)
    assert told == ["0", "10", "20", "30", "40", "50", "60", "66"]
    url = card(first)["url"]
    assert re.findall(r"^  (\S+)$", log, re.MULTILINE) == [
        f"{url}/",
        f"{url}/articles/{ACCEPTANCE_SLUG}.html",
        f"{url}/feeds/latest.rss",
        f"{url}/graphql",
        "var/demo.json",
    ]
    assert SITE_NAME in (first / "page.html").read_text()


def test_the_card_is_for_its_owner_and_lists_who_may_enter(first: Path) -> None:
    found = card(first)
    assert (first / "var/demo.json").stat().st_mode & 0o777 == 0o600
    assert list(found) == ["url", "accounts", "api_keys", "partners"]
    assert [one["role"] for one in found["accounts"]] == list(ROLES)
    assert [set(one) for one in found["accounts"]] == [{"role", "email", "password", "token"}] * 5
    assert [set(one) for one in found["api_keys"]] == [{"label", "secret"}]
    assert [set(one) for one in found["partners"]] == [{"name", "key", "feeds"}]
    assert [name.name for name in (first / "var").iterdir() if name.name.endswith(".part")] == []


async def test_everyone_on_the_card_may_enter(courier: web.Web, folder: Path) -> None:
    viewer = "{ viewer { user { name role } } }"
    for one in card(folder)["accounts"]:
        name = load.ACCOUNTS[one["role"]][0]
        for door in (courier.as_(one["token"]), await courier.signed_in(one["email"], one["password"])):
            assert await door.ask(viewer) == {"viewer": {"user": {"name": name, "role": one["role"]}}}
    (script,) = card(folder)["api_keys"]
    assert (await courier.as_(script["secret"]).ask(viewer))["viewer"]["user"]["name"] == "Ruth Abara"
    (partner,) = card(folder)["partners"]
    assert (await accounts.identify(partner["key"])).name == partner["name"] == load.PARTNER
    for path in partner["feeds"]:
        assert (await courier.as_(partner["key"]).get(path)).status_code == 200


# --------------------------------------------------------------------------------------------------------- what it has


async def test_all_of_it_is_there(courier: web.Web, folder: Path) -> None:
    editor = courier.as_(token(folder, "EDITOR"))
    assert await courier.ask(COUNT) == {"articles": {"totalCount": 35}}
    assert await editor.ask(COUNT) == {"articles": {"totalCount": 41}}
    states = Counter(story.state for story in STORIES.values())
    for status, number in (
        ("PUBLISHED", states["live"]),
        ("DRAFT", states["draft"]),
        ("SCHEDULED", states["scheduled"] + states["embargoed"]),
        ("UNPUBLISHED", states["unpublished"]),
    ):
        assert await editor.ask(COUNT, filter={"status": [status]}) == {"articles": {"totalCount": number}}
    document = "{ sections { slug parent { slug } } tags(first: 100) { totalCount } authors { totalCount } }"
    found = await courier.ask(document)
    assert {one["slug"]: (one["parent"] or {}).get("slug") for one in found["sections"]} == {
        one.slug: one.parent for one in SECTIONS
    }
    assert (found["tags"]["totalCount"], found["authors"]["totalCount"]) == (len(TAGS), len(AUTHORS))


async def test_the_front_page_is_what_the_editors_chose_as_far_as_it_is_out(courier: web.Web, folder: Path) -> None:
    document = '{ collection(slug: "home") { items { headline article { slug } } } }'
    chosen = [(key, headline or STORIES[key].headline) for key, headline in HOME]
    for who, seen in ((courier, "live"), (courier.as_(token(folder, "EDITOR")), "embargoed")):
        items = (await who.ask(document))["collection"]["items"]
        found = [(one["article"]["slug"], one["headline"]) for one in items]
        assert found == [one for one in chosen if STORIES[one[0]].state in ("live", seen)]
        assert len(found) >= 5


async def test_translations_lead_to_each_other(courier: web.Web) -> None:
    document = "query($slug: String!) { article(slug: $slug) { translations { slug } } }"
    pairs = [(story.key, story.translation_of) for story in STORIES.values() if story.translation_of]
    assert len(pairs) == 2
    for one, other in pairs:
        assert (await courier.ask(document, slug=one))["article"]["translations"] == [{"slug": other}]
        assert (await courier.ask(document, slug=other))["article"]["translations"] == [{"slug": one}]


async def test_the_acceptance_page_is_there(courier: web.Web) -> None:
    document = """query($slug: String!) { article(slug: $slug) { headline byline section { name }
      leadPhoto { caption credit altText photo { width height focalPoint { x y } } }
      body { __typename ... on Heading { text } ... on Quote { attribution } }
      related { kind article { slug } } } }"""
    story, found = STORIES[ACCEPTANCE_SLUG], (await courier.ask(document, slug=ACCEPTANCE_SLUG))["article"]
    (lead,) = [photo for photo in PHOTOS if photo.key == story.lead]
    assert (found["headline"], found["section"]["name"]) == (story.headline, "Conflict")
    assert found["byline"] == "Idris Tarn and Nora Hale"
    assert found["leadPhoto"] == {
        "caption": lead.caption,
        "credit": "(STR)(STR/KCNA VIA KNS/AFP)",
        "altText": lead.alt_text,
        "photo": {
            "width": lead.size[0],
            "height": lead.size[1],
            "focalPoint": dict(zip("xy", lead.focal_point, strict=True)),
        },
    }
    kinds = Counter(block["__typename"] for block in found["body"])
    assert (kinds["Heading"], kinds["Quote"]) == (3, 3)
    assert [one["article"]["slug"] for one in found["related"]] == [link.story for link in story.related]


async def test_every_photo_has_the_credit_of_its_file_and_can_be_had(courier: web.Web) -> None:
    document = "{ photos(first: 100) { nodes { credit caption altText headline url(width: 160, format: JPEG) } } }"
    found = (await courier.ask(document))["photos"]["nodes"]
    assert sorted((one["credit"], one["caption"], one["altText"], one["headline"]) for one in found) == sorted(
        (one.credit, one.caption, one.alt_text, one.headline) for one in PHOTOS
    )
    picture = await courier.get(found[0]["url"].removeprefix("http://desk.test"))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")


async def test_stories_are_as_old_as_their_manuscripts_say(courier: web.Web) -> None:
    document = "{ articles(first: 100) { nodes { slug publishedAt } } }"
    nodes = (await courier.ask(document))["articles"]["nodes"]
    times = {one["slug"]: datetime.fromisoformat(one["publishedAt"]) for one in nodes}
    newest = min(STORIES[slug].age for slug in times)
    assert {slug: max(times.values()) - at for slug, at in times.items()} == {
        slug: STORIES[slug].age - newest for slug in times
    }
    assert timedelta(0) < datetime.now(UTC) - max(times.values()) - newest < timedelta(minutes=30)


async def test_what_is_to_come_is_seen_by_the_desk_alone(courier: web.Web, folder: Path) -> None:
    editor, reader = courier.as_(token(folder, "EDITOR")), courier.as_(token(folder, "READER"))
    for slug in ("calder-bridge-to-go-free-at-weekends", "harbour-seals-remember-voices", "the-sound-of-sea-ice"):
        assert await courier.ask(WHEN, slug=slug) == await reader.ask(WHEN, slug=slug) == {"article": None}
    scheduled = (await editor.ask(WHEN, slug="calder-bridge-to-go-free-at-weekends"))["article"]
    assert (scheduled["status"], scheduled["embargoedUntil"]) == ("SCHEDULED", None)
    embargoed = (await editor.ask(WHEN, slug="harbour-seals-remember-voices"))["article"]
    assert embargoed["status"] == "SCHEDULED"
    ahead = datetime.fromisoformat(embargoed["embargoedUntil"]) - datetime.now(UTC)
    assert timedelta(hours=35) < ahead < timedelta(hours=36)


async def test_the_contributor_sees_its_own_drafts_and_no_one_elses_plans(courier: web.Web, folder: Path) -> None:
    contributor = courier.as_(token(folder, "CONTRIBUTOR"))
    assert await contributor.ask(COUNT, filter={"status": ["DRAFT"]}) == {"articles": {"totalCount": 3}}
    assert await contributor.ask(COUNT, filter={"status": ["SCHEDULED"]}) == {"articles": {"totalCount": 0}}


@pytest.mark.usefixtures("courier")
async def test_the_history_has_names() -> None:
    story = await Article.get(slug=ACCEPTANCE_SLUG)
    revisions = await Revision.filter(article_id=story.id).order_by("version")
    assert [one.by for one in revisions] == ["Ruth Abara", "Ruth Abara", "Dateline"]


# --------------------------------------------------------------------------------------------------------- once more


async def test_a_second_start_keeps_what_is_there(folder: Path) -> None:
    before = card(folder)
    with started(folder, "demo") as product:
        async with httpx.AsyncClient(base_url=product.url) as client:
            there = web.Web(client, None, token(folder, "EDITOR"))  # type: ignore[arg-type]  # a socket, no application
            version = (await there.ask(WHEN, slug=ACCEPTANCE_SLUG))["article"]["version"]
            document = "query($slug: String!) { article(slug: $slug) { id } }"
            story = (await there.ask(document, slug=ACCEPTANCE_SLUG))["article"]["id"]
            await there.ask(
                "mutation($input: UpdateArticleInput!) { updateArticle(input: $input) { errors { code } } }",
                input={"id": story, "version": version, "headline": "Another headline"},
            )
    assert card(folder) == {**before, "url": product.url}
    assert "Drawing" not in (folder / "log").read_text()
    async with opened(folder) as server:
        assert "Another headline" in (await server.get(f"/articles/{ACCEPTANCE_SLUG}.html")).text
        assert (await Photo.all().count(), await Article.all().count()) == (len(PHOTOS), len(STORIES))


async def test_a_token_that_opens_nothing_any_more_is_replaced_by_the_next_start(folder: Path) -> None:
    before = card(folder)
    async with opened(folder) as server:
        ended = server.as_(token(folder, "EDITOR"))
        await ended.ask("mutation { signOut { ok } }")
        await load.furnish(server.services, folder / "var/demo.json", lambda done: None)
        fresh = token(folder, "EDITOR")
        assert fresh != ended.token
        assert (await server.as_(fresh).ask("{ viewer { user { role } } }"))["viewer"]["user"]["role"] == "EDITOR"
    assert [one["token"] for one in card(folder)["accounts"] if one["role"] != "EDITOR"] == [
        one["token"] for one in before["accounts"] if one["role"] != "EDITOR"
    ]


async def test_without_its_card_the_demo_says_what_to_do(folder: Path) -> None:
    (folder / "var/demo.json").unlink()
    async with opened(folder) as server:
        with pytest.raises(BadState, match="is gone"):
            await load.furnish(server.services, folder / "var/demo.json", lambda done: None)
        assert await User.all().count() == 5
    assert not (folder / "var/demo.json").exists()


async def test_another_newsroom_is_not_touched(database: str, tmp_path: Path) -> None:
    async with web.serving(database, f"file:{tmp_path}/media") as server:
        await taxonomy.save_section(SYSTEM, {"name": "World"})
        with pytest.raises(BadState, match="There is a newsroom in this database already"):
            await load.furnish(server.services, tmp_path / "demo.json", lambda done: None)
        assert (await Section.all().count(), await User.all().count(), await Photo.all().count()) == (1, 0, 0)
    assert not (tmp_path / "demo.json").exists()


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite is what the first start ran on
async def test_an_interrupted_start_leaves_no_half_newsroom_and_the_next_completes_it(
    database: str, tmp_path: Path
) -> None:
    def interrupt(done: int) -> None:
        if done == 50:
            raise Interrupted

    async with web.serving(database, f"file:{tmp_path}/media") as server:
        with pytest.raises(Interrupted):
            await load.furnish(server.services, tmp_path / "demo.json", interrupt)
        models = (User, Section, Article, Revision)
        assert [await model.all().count() for model in models] == [0, 0, 0, 0]
        assert not (tmp_path / "demo.json").exists()
        told: list[int] = []
        await load.furnish(server.services, tmp_path / "demo.json", told.append)
        assert told == list(range(load.STEPS + 1))
        assert (await Photo.all().count(), await Article.all().count()) == (len(PHOTOS), len(STORIES))
        assert await server.ask(COUNT) == {"articles": {"totalCount": 35}}


def test_a_first_start_that_is_ended_leaves_neither_card_nor_children(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATELINE_PORT": str(free_port())}
    environment["TMPDIR"] = str(tmp_path)
    process = psutil.Popen(
        [sys.executable, "-m", "cms", "demo"], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        while not (drawing := list(tmp_path.glob("dateline-demo-*/*.jpg"))):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        children = process.children()
        process.send_signal(signal.SIGTERM)
        assert process.wait(25) == 1
        assert psutil.wait_procs(children, timeout=10)[1] == []
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert not (tmp_path / "var/demo.json").exists()
    assert not drawing[0].parent.exists()


# ---------------------------------------------------------------------------------------------------------- production


@pytest.mark.parametrize("command", ["serve", "worker", "demo"])
def test_a_production_start_refuses_the_demo(command: str, folder: Path) -> None:
    environment = {
        "DATELINE_DATABASE_URL": f"sqlite:///{folder}/var/dateline.sqlite3",
        "DATELINE_STORAGE_URL": f"file:{folder}/var/media",
        "DATELINE_PORT": str(free_port()),
        "DATELINE_PRODUCTION": "on",
        "DATELINE_SECRET_KEY": "k" * 40,
    }
    done = CliRunner().invoke(main, [command], env=environment)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "emo" in done.stderr
