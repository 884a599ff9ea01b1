"""The ledger's newest entries, read once for all who follow it in this process: they ask only when it has grown.

It is looked at when something was committed, soon once more, and twice a second all the same: an entry settles when the
oldest transaction beside it ends, which nobody tells of.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from cms import ledger
from cms.actor import SYSTEM
from cms.read.catalog import select
from cms.read.freshness import Freshness
from cms.read.reader import Reader
from cms.read.shape import Slot
from cms.read.statement import MOST

SOON_S, PULSE_S = 0.03, 0.5  # after a commit, whose entry may not have settled; and always
KEPT = 2000  # entries that are remembered

EDGES = ("edges", "cursor", ("node", "subjectId"))
NEXT = select(
    "Query",
    ("changes", {"first": MOST, "after": Slot("var", ("after",))}, EDGES, ("pageInfo", "hasNextPage", "endCursor")),
)
LAST = select("Query", ("changes", {"last": 1}, EDGES))


class Entry(NamedTuple):
    place: tuple[int, int, int]
    subject: str


Got = TypeVar("Got")

log = logging.getLogger("dateline.ledger")


class Following:
    """`head` is the newest settled entry that was read; it moves while somebody follows.

    Read where its followers read, so that they find what it has found; and on SQLite no writer is waited for.
    """

    def __init__(self, reader: Reader, fresh: Freshness):
        self._reader, self._fresh = reader, fresh
        self.head, self._since = ledger.START, ledger.place(ledger.START)  # what came after `_since` is remembered
        self._recent: deque[Entry] = deque()
        self._turned = asyncio.Event()  # replaced whenever the head moves
        self._task: asyncio.Task[None] | None = None
        self._followers = 0
        self._asked: dict[object, asyncio.Task[Any]] = {}

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """The head moves until the block ends.  Raises Unavailable."""
        if not self._followers:
            head = await self.newest()
            if not self._followers:  # else another one began meanwhile
                self.head, self._since = head, ledger.place(head)
                self._recent.clear()
                self._task = asyncio.create_task(self._read())
        self._followers += 1
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers and self._task:
                self._task.cancel()
                self._task = None

    async def turn(self, seen: str) -> None:
        """Returns when the head is another than `seen`."""
        while self.head == seen:
            await self._turned.wait()

    async def newest(self) -> str:
        """The cursor of the newest settled entry.  Raises Unavailable."""
        found = await self._reader.value(LAST, SYSTEM)
        return next((one["cursor"] for one in found["changes"]["edges"]), ledger.START)

    def grown(self, cursor: str, subject: str | None) -> bool:
        """May there be something behind `cursor`, about the thing with this id if one is given?"""
        place = ledger.place(cursor)
        if place < self._since:
            return True
        for entry in reversed(self._recent):
            if entry.place <= place:
                return False
            if subject in (None, entry.subject):
                return True
        return False

    async def together(self, key: object, ask: Callable[[], Awaitable[Got]]) -> Got:
        """What `ask` gives, to all who want the same at the same moment: asked once."""
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.ensure_future(_task(ask))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        got: Got = await asyncio.shield(task)
        return got

    async def _read(self) -> None:
        wait_s = PULSE_S
        while True:
            stirred = await self._fresh.stirred(wait_s)
            wait_s = SOON_S if stirred else min(PULSE_S, 2 * wait_s)
            try:
                more = True
                while more:
                    page = (await self._reader.value(NEXT, SYSTEM, {"after": self.head}))["changes"]
                    self._keep(page["edges"])
                    if more := page["pageInfo"]["hasNextPage"]:
                        self.head = page["pageInfo"]["endCursor"]
            except Exception:
                log.warning("the ledger cannot be read, who follows it waits", exc_info=True)
                await asyncio.sleep(PULSE_S)

    def _keep(self, edges: list[dict[str, Any]]) -> None:
        if not edges:
            return
        for edge in edges:
            self.head = edge["cursor"]
            self._recent.append(Entry(ledger.place(self.head), edge["node"]["subjectId"]))
        while len(self._recent) > KEPT:
            self._since = self._recent.popleft().place
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()


async def _task(ask: Callable[[], Awaitable[Got]]) -> Got:
    return await ask()
