"""How many requests are worked on at once.  Who comes when there are enough waits his turn, a second at most, in a queue that
is short; who comes when that is full is told at once.

A request counts from when it has come, its body with it, until its answer begins: who sends or takes slowly holds no place.
"""

import asyncio
from collections import deque

from cms.errors import Unavailable
from cms.settings import Settings

PATIENCE_S = 1.0


class Admission:
    def __init__(self, settings: Settings):
        self._free, self._most_waiting = settings.max_working, settings.max_waiting
        self._waiting: deque[asyncio.Future[None]] = deque()

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


def _full() -> Unavailable:
    return Unavailable("There is too much to do just now; try again.", 1)
