"""A body on its way: how long it may take."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cms.errors import RequestTimeout
from cms.settings import Settings

SLOWEST = 64_000  # bytes a second that a file must come in, once its first seconds are spent


@asynccontextmanager
async def in_time(settings: Settings) -> AsyncIterator[Callable[[int], None]]:
    """For as long as the body is read; yields what to tell of the bytes that have come.

    `body_seconds`, and a second more for each SLOWEST bytes: a photographer's line may be slow, and a line that drips is
    cut all the same.  Raises RequestTimeout.
    """
    try:
        async with asyncio.timeout(settings.body_seconds) as limit:

            def came(size: int) -> None:
                when = limit.when()
                assert when is not None
                limit.reschedule(when + size / SLOWEST)

            yield came
    except TimeoutError:
        raise RequestTimeout("The body took too long to arrive.") from None
