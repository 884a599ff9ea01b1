"""`dateline import`: what another system holds, read and brought in, with a report of all that came and of all that did not."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cms import app
from cms.cli import serving
from cms.errors import BadInput
from cms.outgoing import Client
from cms.settings import Settings
from cms.transfer import feeds, ninjs, wordpress
from cms.transfer.bring import Kind, Parts, Report, bring
from cms.transfer.issue import Issue

READERS: Mapping[str, Callable[[Path], Issue]] = {"ninjs": ninjs.read, "rss": feeds.read, "wordpress": wordpress.read}
MOST_FETCHED = 100_000_000  # bytes of what is named by its address
FETCH_SECONDS = 300.0
LABEL = "Bringing the stories in"

PLURALS: Mapping[Kind, str] = {"story": "stories", "photo": "photos", "section": "sections", "author": "authors"}


async def run(
    settings: Settings,
    format: str,
    what: str,
    *,
    media: Path | None,
    section: str | None,
    credit: str | None,
    dry_run: bool,
) -> Report:
    """Raises BadInput for a file that is not what `format` says, TooLong, FileTooLarge, NotFound, Unavailable."""
    async with _file(settings, what) as path:
        issue = await asyncio.to_thread(READERS[format], path)
        async with serving.newsroom(settings):
            pass
        folder = media or (None if what.startswith(("http://", "https://")) else path.parent)
        async with app.opened(settings) as services:
            parts = Parts(settings, services.store, services.workshop, folder, section, credit, dry_run)
            with serving.progress(LABEL, issue.count) as told:
                return await bring(issue, parts, told)


def told(report: Report) -> Iterator[str]:
    """The report for people."""
    if report.dry_run:
        yield "Nothing was written: this is what would happen. Photos were not fetched."
    for kind, plural in PLURALS.items():
        made, changed, unchanged = report.made[kind], report.changed[kind], report.unchanged[kind]
        if made or changed or unchanged:
            yield f"{plural}: {made} made, {changed} changed, {unchanged} unchanged."
    if report.redirects:
        yield f"{report.redirects} old addresses lead here."
    yield from _listed("Left as it is here", report.kept)
    yield from _listed("Came as a draft, for it could not be published", report.drafts)
    yield from _listed("Refused", report.refused)
    if losses := {what: count for what, count in report.losses.items() if count}:
        yield "Not taken over:"
        yield from (f"  {count} {what}" for what, count in sorted(losses.items()))


def _listed(title: str, entries: list[tuple[str, str]]) -> Iterator[str]:
    if entries:
        yield f"{title}:"
        yield from (f"  {what}: {why}" for what, why in entries)


@asynccontextmanager
async def _file(settings: Settings, what: str) -> AsyncIterator[Path]:
    if not what.startswith(("http://", "https://")):
        yield _there(what)
        return
    answer = await Client(settings).get(what, MOST_FETCHED, FETCH_SECONDS)
    if answer.status != 200:
        raise BadInput(f"{what} answers with the status {answer.status}.")
    with tempfile.NamedTemporaryFile(prefix="dateline-") as file:
        file.write(answer.body)
        file.flush()
        yield Path(file.name)


def _there(what: str) -> Path:
    if not (path := Path(what)).is_file():
        raise BadInput(f"There is no file {what}.")
    return path
