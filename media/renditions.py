"""Renditions: made when first asked for, kept in the store, never made twice.

Knows no right and no visibility: whoever asks has looked at them.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from media import keys, render
from media.decode import Plan, Workshop
from media.errors import Missing, StoreUnavailable
from media.keys import Focal
from media.recipe import MIME, Recipe, Size
from media.storage import Store


@dataclass(frozen=True, slots=True)
class Rendition:
    key: str
    mime: str
    body: bytes


class Renditions:
    def __init__(self, store: Store, workshop: Workshop):
        self._store = store
        self._workshop = workshop
        self._making: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, original_key: str, sha256: str, size: Size, focal: Focal, recipe: Recipe) -> Rendition:
        """`sha256` and `size` (upright) are the original's.  Those who ask for the same one at once wait for one making.

        Raises Missing when the original is gone, Busy, StoreUnavailable, and what decoding it raises.
        """
        key = keys.rendition(sha256, recipe, focal)
        try:
            body = await self._store.get(key)
        except Missing:
            body = await self._made(key, original_key, render.plan(recipe, size, focal))
        return Rendition(key, MIME[recipe.format], body)

    async def _made(self, key: str, original_key: str, plan: Plan) -> bytes:
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.create_task(self._make(key, original_key, plan))
            making.add_done_callback(lambda done: self._forget(key, done))
        # one who goes away does not take it from the others
        return await asyncio.shield(making)

    def _forget(self, key: str, done: asyncio.Task[bytes]) -> None:
        del self._making[key]
        if not done.cancelled():
            done.exception()  # looked at, also when nobody waits any more

    async def _make(self, key: str, original_key: str, plan: Plan) -> bytes:
        try:
            folder = await asyncio.to_thread(TemporaryDirectory, prefix="dateline-")
        except OSError as error:
            raise StoreUnavailable("There is no room to work on the picture just now.") from error
        try:
            original, made = Path(folder.name, "original"), Path(folder.name, "rendition")
            await self._store.fetch(original_key, original)
            await self._workshop.render(original, made, plan)
            body = await asyncio.to_thread(made.read_bytes)
            await self._store.put(key, body, MIME[plan.format])
            return body
        finally:
            await asyncio.to_thread(folder.cleanup)
