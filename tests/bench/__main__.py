"""`make bench`: what things cost here, each beside its ceiling or its budget, measured in this one run.

Times of one machine say little; the ratios do.  Nothing here fails for being slow.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from tests.bench import archive, feeds, images, ledger, load, partners, reads, renditions, start, uploads, writes


class Row(NamedTuple):
    """One line of the table: what was measured, what was found, and what it is held against."""

    what: str
    found: str
    against: str


PARTS: dict[str, Callable[[], Awaitable[Sequence[tuple[str, str, str]]]]] = {
    "reads": reads.measure,
    "load": load.measure,
    "feeds": feeds.measure,
    "partners": partners.measure,
    "ledger": ledger.measure,
    "writes": writes.measure,
    "archive": archive.measure,
    "uploads": uploads.measure,
    "images": images.measure,
    "renditions": renditions.measure,
    "start": start.measure,
}


async def main(names: Sequence[str]) -> None:
    for name in names or PARTS:
        print(f"\n{name}")
        for row in map(Row._make, await PARTS[name]()):
            print(f"  {row.what:<58} {row.found:>22}   {row.against}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
