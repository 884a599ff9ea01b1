"""Subscriptions, whatever carries them: who may follow what, from where on, and the changes themselves, one by one.

Each is read as its subscriber, by the statement that a query would run, at the moment before it is sent: policy stands on
every level of it.  Nothing is queued: who is slow falls behind its own cursor, and is disconnected.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from cms import ledger
from cms.actor import Actor
from cms.errors import Unavailable
from cms.read.cost import cost
from cms.read.following import PULSE_S, Following
from cms.read.shape import Shape, Slot, Values, Want
from cms.web.auth import identified
from schema.answer import dumps
from schema.engine import Engine, afford
from schema.request import Asked

MOST = 100  # changes that are read at once
RECHECK_S = 20.0  # how long a credential is believed
SLOW_S = 10.0  # how long one message may wait for its receiver
FRESH_S = 3.0  # what was read so long ago is read again before it is sent
CURSOR = ""  # no variable of GraphQL has this name

ROOTS = {"changes": "changes", "articleChanged": "articleChanges"}  # field of Subscription -> of the catalog


@dataclass(frozen=True, slots=True)
class Told:
    """One change: where it stands in the ledger, and the result's JSON."""

    cursor: str
    result: bytes


class Caller:
    """Who follows.  What opened the connection is asked for again, so that what has ended ends it."""

    def __init__(self, actor: Actor, secret: str | None):
        self.actor, self._secret = actor, secret

    async def recheck(self) -> None:
        """Never returns.  Raises Unauthenticated when the credential has ended."""
        while True:
            await asyncio.sleep(RECHECK_S)
            if self._secret is not None:
                try:
                    self.actor = await identified(self._secret)
                except Unavailable:
                    continue


@dataclass
class Streams:
    """All connections of this process that follow changes."""

    engine: Engine
    following: Following
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    _open: int = 0

    @contextmanager
    def entered(self) -> Iterator[None]:
        """For as long as a connection is open.  Raises Unavailable where there is no room for it."""
        if self._open >= self.engine.settings.max_streams or self.ending.is_set():
            raise Unavailable("There is no room for another connection that follows changes; try again.", 5)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def end(self) -> None:
        """Tells all that they are to close, and waits for that a moment."""
        self.ending.set()
        for _ in range(40):
            if not self._open:
                return
            await asyncio.sleep(0.05)

    async def prepared(self, asked: Asked, caller: Caller, after: str | None = None) -> "Subscribed":
        """`after` wins over the document's.  Raises what `Engine.answer` would say."""
        asked = await self.engine.resolved(asked, caller.actor)
        operation = self.engine.prepare(asked, follows=True)
        variables = operation.coerce(asked.variables)
        want = operation.subscribed(operation.forms(variables))
        args = {name: value for name, value in want.args if value is not None}
        begun = _value(args.pop("after", None), variables) if after is None else after
        if begun is not None:
            ledger.place(begun)
        one = cost(_page(want, args, 1))
        afford(one, limit := self.engine.limit(caller.actor))
        size = max(1, min(MOST, limit // one))
        story = _value(args.get("id"), variables)
        made = Subscribed(self, caller, want.key, _page(want, args, size), variables, size, begun, story)
        self.engine.services.reader.plan(made.shape, caller.actor)  # what cannot be served is refused now
        return made


class Page(NamedTuple):
    """`more` lies behind `end`, also where nothing was told."""

    told: list[Told]
    more: bool
    end: str | None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`begun` is the cursor behind which it starts, None for now; `story` the id of the only story that it asks for."""

    streams: Streams
    caller: Caller
    key: str
    shape: Shape
    variables: Values
    size: int
    begun: str | None
    story: str | None

    async def changes(self) -> AsyncGenerator[Told, None]:
        """Without end: each change once, in order, however long one takes for what it was given.  Raises what a read
        raises, but waits where the database is out of reach."""
        following = self.streams.following
        async with following.followed():
            last = await self._start()
            seen: str | None = None
            while True:
                head = following.head
                if seen is None or following.grown(last, self.story):
                    more = True
                    while more:
                        page, read_at = await self._read(last), time.monotonic()
                        more = page.more
                        for told in page.told:
                            if time.monotonic() - read_at > FRESH_S:
                                more = True
                                break
                            yield told
                            last = told.cursor
                        else:  # of what it looked at it may have been told nothing
                            last = page.end if more and page.end else last
                last, seen = max(last, head, key=ledger.place), head
                await following.turn(head)

    async def _start(self) -> str:
        if self.begun is not None:
            return self.begun
        return await self.streams.following.newest()

    async def _read(self, last: str) -> "Page":
        actor = self.caller.actor
        who = actor.kind if actor.kind == "ANONYMOUS" else object()  # those see the same
        while True:
            try:
                return await self.streams.following.together(
                    (who, self.key, self.shape, dumps(self.variables), last), lambda: self._ask(actor, last)
                )
            except (Unavailable, TimeoutError):
                await asyncio.sleep(PULSE_S)

    async def _ask(self, actor: Actor, last: str) -> "Page":
        engine = self.streams.engine
        async with asyncio.timeout(engine.settings.request_seconds):
            answer = await engine.services.reader.read(self.shape, actor, {**self.variables, CURSOR: last})
        page = orjson.loads(answer)["changes"]
        told = [Told(one["cursor"], dumps({"data": {self.key: one["node"]}})) for one in page["edges"]]
        return Page(told, page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"])


def _page(want: Want, args: dict[str, Any], size: int) -> Shape:
    edge = Shape("ChangeEdge", (Want("cursor", "cursor"), Want("node", "node", below=want.below)))
    info = Shape("PageInfo", (Want("hasNextPage", "hasNextPage"), Want("endCursor", "endCursor")))
    below = Shape("ChangeConnection", (Want("edges", "edges", below=edge), Want("pageInfo", "pageInfo", below=info)))
    given = (*args.items(), ("first", size), ("after", Slot("var", (CURSOR,))))
    return Shape("Query", (Want("changes", ROOTS[want.name], given, below),))


def _value(given: Any, variables: Values) -> Any:
    if not isinstance(given, Slot):
        return given
    value: Any = variables
    for step in given.path:
        value = value[step]
    return value


async def until_one_ends(*works: Coroutine[Any, Any, Any]) -> None:
    """Side by side; when one ends the others are cancelled, and what it raised is raised."""
    tasks = [asyncio.ensure_future(one) for one in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
