"""HTTP caches in front of us are told what they may not keep any more, by its surrogate keys.

A cache is asked with `PURGE` at its address.  Varnish's module xkey reads the keys in `xkey-purge`, others in `Surrogate-Key`.
"""

import asyncio
from collections.abc import Sequence

import urllib3

from cms.errors import Unavailable

SECONDS = 3.0  # for one request
MOST_KEYS = 50  # in one request: headers of more than 8 kB are refused by many


async def purge(urls: Sequence[str], keys: Sequence[str]) -> None:
    """All caches at once.  Raises Unavailable when all were asked and one did not do it."""
    told = await asyncio.gather(*(asyncio.to_thread(_ask, url, keys) for url in urls))
    if failed := [url for url, done in zip(urls, told, strict=True) if not done]:
        raise Unavailable(f"Not purged: {', '.join(failed)}.")


def _ask(url: str, keys: Sequence[str]) -> bool:
    with urllib3.PoolManager(timeout=SECONDS, retries=False) as pool:
        try:
            some = (keys[first : first + MOST_KEYS] for first in range(0, len(keys), MOST_KEYS))
            return all(_purged(pool, url, " ".join(one)) for one in some)
        except urllib3.exceptions.HTTPError:
            return False


def _purged(pool: urllib3.PoolManager, url: str, keys: str) -> bool:
    return pool.request("PURGE", url, headers={"xkey-purge": keys, "Surrogate-Key": keys}).status < 300
