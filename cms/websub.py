"""WebSub: the hub that feeds name is told which of them have changed (W3C WebSub, 7).

Told again until it listens; a process that starts tells it of the latest stories, so that nothing is lost with one that ended.
"""

import asyncio
import logging
from typing import Any
from urllib.parse import urlencode

from cms import outgoing, syndication
from cms.actor import ANONYMOUS
from cms.errors import CMSError
from cms.ledger import START
from cms.read.catalog import select
from cms.read.reader import Reader
from cms.read.shape import Slot
from cms.web.services import Services

POLL_S, SECONDS, MOST_WAIT_S = 1.0, 5.0, 300.0
ENDINGS = ("rss", "atom", "json")  # the formats that name a hub
MOST = 200  # topics of one request

log = logging.getLogger("dateline.websub")

_STORY = (("section", "path"), ("tags", "slug"), ("authors", "slug"))
_CHANGES = select(
    "Query",
    "ledgerHead",
    (
        "feedChanges",
        {"first": 100, "after": Slot("var", ("after",))},
        ("nodes", ("story", *_STORY), ("stories", *_STORY)),
        ("pageInfo", "hasNextPage", "endCursor"),
    ),
    ("feeds", "slug"),
)


async def run(stop: asyncio.Event, services: Services) -> None:
    """Until `stop` is set; at once where no hub is set."""
    settings, hub = services.settings, services.settings.websub_hub
    if not hub:
        return
    client = outgoing.Client(settings)
    changed, place, wait_s = {"latest"}, "", POLL_S
    while not stop.is_set():
        try:
            if not place:
                place = (await services.reader.value(_CHANGES, ANONYMOUS, {"after": START}))["ledgerHead"] or START
            found, place = await since(services.reader, place)
            changed |= found
            if changed:
                await tell(client, hub, [one for name in sorted(changed) for one in topics(settings.public_url, name)])
                changed = set()
            wait_s = POLL_S
        except CMSError as error:
            wait_s = min(MOST_WAIT_S, 2 * wait_s)
            log.warning("the hub was not told: %s", error)
        except Exception:  # the database is lost: it is waited for
            wait_s = min(MOST_WAIT_S, 2 * wait_s)
            log.exception("the hub was not told")
        try:
            await asyncio.wait_for(stop.wait(), wait_s)
        except TimeoutError:
            pass


async def since(reader: Reader, place: str) -> tuple[set[str], str]:
    """The public feeds that have changed behind a place in the ledger, by their names, and where it goes on."""
    changed: set[str] = set()
    while True:
        answer = await reader.value(_CHANGES, ANONYMOUS, {"after": place})
        page = answer["feedChanges"]
        for change in page["nodes"]:
            changed |= {"latest", *(feed["slug"] for feed in answer["feeds"])}
            for story in [*filter(None, [change["story"]]), *change["stories"]]:
                changed |= _lists(story)
        if not page["pageInfo"]["hasNextPage"]:
            return changed, answer["ledgerHead"] or place
        place = page["pageInfo"]["endCursor"]


async def tell(client: outgoing.Client, hub: str, changed: list[str]) -> None:
    """Raises Unavailable, and BadInput for a hub that may not be asked."""
    for first in range(0, len(changed), MOST):
        body = urlencode([("hub.mode", "publish"), *(("hub.url", one) for one in changed[first : first + MOST])])
        answer = await client.post(hub, body.encode(), {"content-type": "application/x-www-form-urlencoded"}, SECONDS)
        if answer.status >= 300:
            log.warning("the hub answered %d", answer.status)


def topics(public: str, name: str) -> list[str]:
    return [syndication.address(public, name, ending) for ending in ENDINGS]


def _lists(story: dict[str, Any]) -> set[str]:
    """The feeds that a story stands in."""
    sections = (f"section/{slug}" for slug in story["section"]["path"].strip("/").split("/"))
    tags = (f"tag/{tag['slug']}" for tag in story["tags"])
    return {*sections, *tags, *(f"author/{author['slug']}" for author in story["authors"])}
