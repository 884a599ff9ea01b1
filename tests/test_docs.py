"""What the pages say is so: every setting, code, command, target, address and format, every link, and every snippet, run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from graphql import parse, validate

from cms import checks, policy
from cms.actions import collections, previews
from cms.actor import SYSTEM
from cms.app import create_app
from cms.cli import main
from cms.demo.content import PHOTOS, read_stories
from cms.errors import STATUS
from cms.feeds.issue import NAMED
from cms.feeds.routes import FORMATS
from cms.settings import Settings, listed
from media.recipe import LADDER
from schema.build import build_schema, core_of
from tests import house, pictures
from tests.e2e.product import started
from tests.web import Web, serving

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *DOCS.rglob("*.md")])
MOST_IMAGE_BYTES = 500_000
CURL_SECONDS = 60


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text()


def rows(text: str) -> list[list[str]]:
    """The cells of every table's rows whose first one is code, without its backquotes."""
    lines = re.findall(r"^\| `(.+) \|$", text, re.MULTILINE)
    return [[cell.strip().strip("`") for cell in line.split(" | ")] for line in lines]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ------------------------------------------------------------------------------------------------- what there is, listed


def test_every_setting_is_listed_with_default_unit_and_meaning() -> None:
    told = [line for line in page("settings").splitlines() if line.startswith("| `")]
    assert told == [
        f"| `{one.variable}` | {f'`{one.default}`' if one.default else ''} | {one.unit} | {one.help} |"
        for one in listed(Settings())
    ]


def test_no_page_names_a_setting_that_is_none() -> None:
    known = {one.variable for one in listed(Settings())}
    named_ = {name for path in PAGES for name in re.findall(r"DATELINE_[A-Z_]*[A-Z]", path.read_text())}
    assert named_ - known == set()


def test_every_code_is_listed_with_its_status() -> None:
    told = re.findall(r"^\| `([A-Z_]+)`(?: ◦)? \| (\d+) \| \S.* \|$", page("errors"), re.MULTILINE)
    assert {code: int(status) for code, status in told} == STATUS
    assert len(told) == len(STATUS)


def test_every_command_has_its_section_and_every_option_its_word() -> None:
    told = dict(re.findall(r"^## dateline ([a-z -]+)\n(.*?)(?=^## |\Z)", page("commands"), re.MULTILINE | re.DOTALL))
    commands = dict(_commands(main, ()))
    assert told.keys() == commands.keys()
    for name, command in commands.items():
        options = {word for one in command.params for word in one.opts if word.startswith("--")}
        assert options - set(re.findall(r"--[a-z-]+", told[name])) == set(), name


def _commands(group: click.Group, above: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


def test_every_make_target_is_listed() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = [row[0].removeprefix("make ") for row in rows(page("development"))]
    assert sorted(told) == sorted(targets)


def test_every_address_is_listed() -> None:
    routes = [re.sub(r":\w+}", "}", route.path) for route in create_app(Settings()).routes if hasattr(route, "path")]
    told = [row[0] for row in rows(page("http")) if row[0].startswith("/") and len(row) == 2]
    assert sorted(set(told) - {"/schema.graphql"}) == sorted(set(routes) - {"/schema.graphql"})
    assert told.count("/schema.graphql") == 2  # what it is, and how long it may be kept


def test_every_feed_and_every_format_is_listed() -> None:
    table = rows(page("feeds"))
    addresses = [row[0] for row in table if row[0].startswith("/feeds/")]
    assert addresses == [
        "/feeds/latest.{format}", *(f"/feeds/{kind}/{{slug}}.{{format}}" for kind in NAMED), "/feeds/{slug}.{format}"
    ]  # fmt: skip
    formats = {row[0]: row[1] for row in table if not row[0].startswith("/") and len(row) == 3}
    assert formats == {name: one.content_type.partition(";")[0] for name, one in FORMATS.items()}


def test_the_rings_are_drawn_as_they_are_kept() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {one["id"]: one["layers"] for one in contracts if one["type"] == "layers"}
    text = page("architecture")
    assert "```\n" + "\n".join(layers["rings"]) + "\n```" in text
    assert f"Inside `media`: `{' > '.join(layers['media'])}`." in text


def test_the_tree_names_every_part() -> None:
    tree = page("architecture").partition("## The tree")[2].partition("## Reading")[0]
    parts = {
        path.stem
        for package in ("cms", "schema", "media")
        for path in (ROOT / package).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert parts - set(re.findall(r"\w+", tree)) - {"__init__", "__main__"} == set()


def test_who_may_do_what_is_listed() -> None:
    told = [(row[0], row[1].replace("`", "").split(", ")) for row in rows(page("graphql"))]
    assert told == [(verb, list(policy.roles_that_may(verb))) for verb in policy.MAY]


def test_every_check_is_listed_in_the_order_in_which_it_is_told() -> None:
    told = [tuple(row[:3]) for row in rows(page("checks"))]
    assert told == [(one.code, one.level, one.subject) for one in checks.CHECKS]


def test_numbers_in_the_text_are_those_of_the_product() -> None:
    assert f"{len(read_stories())} stories and {len(PHOTOS)} photos" in (ROOT / "README.md").read_text()
    assert f"a ladder: {', '.join(map(str, LADDER))}." in page("photos")


# --------------------------------------------------------------------------------------------------- links and pictures


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text()):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def _anchors(path: Path) -> set[str]:
    """As GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_picture_is_shown_and_small() -> None:
    pictures_ = {f"docs/images/{path.name}": path.stat().st_size for path in (DOCS / "images").iterdir()}
    shown = re.findall(r"!\[\S[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert sorted(shown) == sorted(pictures_)
    assert [name for name, size in pictures_.items() if size >= MOST_IMAGE_BYTES] == []


# ------------------------------------------------------------------------------------------------------------- snippets

SNIPPETS = [(path, text) for path in PAGES for text in blocks(path, "graphql")]


@pytest.mark.parametrize(("path", "text"), SNIPPETS, ids=lambda one: named(one) if isinstance(one, Path) else one[:20])
def test_every_graphql_snippet_fits_the_schema(path: Path, text: str) -> None:
    assert validate(core_of(build_schema()), parse(text)) == []


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[tuple[Web, dict[str, Any]]]:
    """A newsroom with one story that has everything, and the variables that the snippets name it by."""
    async with serving(f"sqlite:///{tmp_path}/newsroom.sqlite3", f"file:{tmp_path}/media") as web:
        await house.section()
        await house.tag("Sorrel Strait")
        lead, other = {"photo": await house.photo()}, await house.live()
        blocks = [
            *house.paragraphs("One."),
            {"heading": {"text": "Two"}},
            {"quote": {"html": "Three.", "attribution": "Four"}},
            {"photo": lead},
            {"gallery": {"photos": [lead]}},
        ]
        given: dict[str, Any] = {
            "lead_photo": lead,
            "gallery": [lead],
            "tags": ["sorrel-strait"],
            "related": [{"article": other}],
        }
        story = await house.live(slug="a-story", body=blocks, **given)
        await collections.save(SYSTEM, {"title": "Home", "items": [{"article": story}]})
        token = (await previews.create(SYSTEM, story)).token
        yield (
            web,
            {
                "slug": "a-story",
                "id": f"article_{story}",
                "after": None,
                "token": token,
                "time": "2100-01-01T00:00:00Z",
            },
        )


async def test_every_query_snippet_is_answered(newsroom: tuple[Web, dict[str, Any]]) -> None:
    web, known = newsroom
    asked = [text for _, text in SNIPPETS if not text.startswith(("mutation", "subscription"))]
    assert len(asked) >= 5
    for text in asked:
        given = {name: known[name] for name in re.findall(r"\$(\w+):", text)}
        data = await web.ask(text, **given)
        assert next(iter(data.values())) is not None, text


@pytest.mark.slow
def test_the_main_job_of_the_readme_runs_as_it_is_written(tmp_path: Path) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        pytest.skip("curl or bash is not installed here: the README's commands were not run")
    (tmp_path / "photo.jpg").write_bytes(pictures.jpeg(640, 480))
    with started(tmp_path, "demo") as product:
        script = "\necho\n".join(blocks(ROOT / "README.md", "bash")).replace("http://127.0.0.1:8000", product.url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=CURL_SECONDS,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    published, page, feed = [part for part in re.split(r"\n(?=\{|<)", done.stdout.strip(), maxsplit=2) if part.strip()]
    assert '"status":"PUBLISHED"' in published
    assert '"errors":[]' in published
    assert '"byline":"Ines Calloway"' in page
    assert '"related":[{"title":"Kestria says it tested a new rocket engine, and shows a picture"}]' in page
    assert "<title>The morning ferry sails again</title>" in feed
    assert feed.count("Ines Calloway/The Meridian Courier") == 2  # under the photo, and in its element


@pytest.mark.slow
def test_a_partners_engineer_connects_with_what_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (shutil.which("curl") and shutil.which("bash")):
        pytest.skip("curl or bash is not installed here: the commands of docs/syndication.md were not run")
    with started(tmp_path, "demo") as product:
        key = json.loads((tmp_path / "var/demo.json").read_text())["partners"][0]["key"]
        script = "\necho ----\n".join(blocks(DOCS / "syndication.md", "bash"))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env={"PATH": os.environ["PATH"], "KEY": key, "SITE": product.url},
            capture_output=True,
            text=True,
            timeout=CURL_SECONDS,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        latest, since = (json.loads(part) for part in done.stdout.split("----\n"))
        assert (len(latest["items"]) > 20, since["items"]) == (True, [])
        names: dict[str, Any] = {"KEY": key, "SITE": product.url}
        for text in blocks(DOCS / "syndication.md", "python"):
            exec(text, names)
        printed = capsys.readouterr().out
        assert [story["title"] for story in latest["items"] if story["title"] not in printed] == []
        assert "The Meridian Courier" in printed  # the credits
        copy: dict[str, Any] = {}
        cursor = names["follow"]("0-0-0", copy)
        assert copy.keys() == {story["id"] for story in latest["items"]}
        assert names["follow"](cursor, copy) == cursor


@pytest.mark.slow
async def test_the_examples_of_subscriptions_run_as_they_are_written(tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed here: the example was not run")
    path = DOCS / "subscriptions.md"
    ((command,), (program,)) = blocks(path, "bash"), blocks(path, "python")
    database = f"sqlite:///{tmp_path}/newsroom.sqlite3"
    async with house.opened(database):
        await house.section()
        stories = [await house.live() for _ in range(5)]
    with started(tmp_path, "serve", database_url=database) as product:

        def begun(text: str, *words: str) -> list[str]:
            """What the example prints first; it would go on for ever."""
            there = text.replace("http://127.0.0.1:8000", product.url).replace(
                "ws://127.0.0.1:8000", product.url.replace("http", "ws")
            )
            with subprocess.Popen([*words, there], stdout=subprocess.PIPE, text=True) as running:
                assert running.stdout is not None
                lines = [running.stdout.readline().rstrip() for _ in range(5)]
                running.kill()
            return lines

        events = begun(command, "bash", "-c")
        printed = begun(program, sys.executable, "-c")
    assert events[0] == ":"
    assert re.fullmatch(r"id: 1-0-\d+", events[2])
    assert events[3] == "event: next"
    change = json.loads(events[4].removeprefix("data: "))["data"]["changes"]
    assert (change["kind"], change["subjectId"]) == ("ARTICLE_PUBLISHED", f"article_{stories[0]}")
    assert printed == [f"ARTICLE_PUBLISHED article_{one}" for one in stories]
