"""How many requests are worked on at once.  Who comes when there are enough waits his turn, a second at most, in a queue that
is short; who comes when that is full is told at once.

A request counts from when it has come, its body with it, until its answer begins: who sends or takes slowly holds no place.
"""

import asyncio
from collections import deque

from starlette.types import Message, Receive, Scope

from cms.errors import Unavailable
from cms.settings import Settings

PATIENCE_S = 1.0


class Admission:
    def __init__(self, settings: Settings):
        self._free, self._most_waiting = settings.max_working, settings.max_waiting
        self._waiting: deque[asyncio.Future[None]] = deque()

    def place(self) -> "Place":
        return Place(self)

    async def enter(self) -> None:
        """Raises Unavailable."""
        if self._free > 0:
            self._free -= 1
            return
        if len(self._waiting) >= self._most_waiting:
            raise _full()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await turn  # whoever leaves gives the place away
        except TimeoutError:
            if turn.done() and not turn.cancelled():
                return  # it was given at the last moment
            raise _full() from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Place:
    """That of one request."""

    __slots__ = ("_admission", "_held")

    def __init__(self, admission: Admission):
        self._admission, self._held = admission, False

    async def taken(self, scope: Scope, receive: Receive) -> Receive:
        """`receive`, with the place taken as soon as the request is here.  Raises Unavailable, at once or from `receive`."""
        if scope["method"] in ("GET", "HEAD"):
            await self._take()
            return receive

        async def received() -> Message:
            message = await receive()
            if not message.get("more_body", False) and not self._held and message["type"] == "http.request":
                await self._take()
            return message

        return received

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._admission.leave()

    async def _take(self) -> None:
        await self._admission.enter()
        self._held = True


def _full() -> Unavailable:
    return Unavailable("There is too much to do just now; try again.", 1)
