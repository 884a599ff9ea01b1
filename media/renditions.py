"""Renditions: made when first asked for, kept in the store, never made twice.  Each carries its label.

Knows no right and no visibility: whoever asks has looked at them.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from media import keys, render
from media.decode import Plan, Workshop
from media.errors import Missing, StoreUnavailable
from media.keys import Focal
from media.metadata.label import Label
from media.recipe import MIME, Format, Recipe, Size
from media.storage import Store


@dataclass(frozen=True, slots=True)
class Original:
    """`size` is that of the upright picture; `focal` is the point, 0..1 from the top left, that stays in every cut."""

    key: str
    sha256: str
    size: Size
    focal: Focal
    label: Label


@dataclass(frozen=True, slots=True)
class Rendition:
    """`mime` is that of the bytes: of a PNG that nothing shines through, a JPEG was made."""

    key: str
    mime: str
    body: bytes


Making = asyncio.Task[dict[str, bytes]]


class Renditions:
    def __init__(self, store: Store, workshop: Workshop):
        self._store = store
        self._workshop = workshop
        self._making: dict[str, Making] = {}

    async def get(self, original: Original, recipe: Recipe) -> Rendition:
        """Those who ask for the same one at once wait for one making.

        Raises Missing when the original is gone, Busy, StoreUnavailable, and what decoding it raises.
        """
        key = _key(original, recipe)
        try:
            body = await self._store.get(key)
        except Missing:
            (making,) = self._begun(original, [recipe])
            # one who goes away does not take it from the others
            body = (await asyncio.shield(making))[key]
        return Rendition(key, _mime(recipe.format, body), body)

    async def prepare(self, original: Original, recipes: Iterable[Recipe]) -> None:
        """Makes those that are not kept yet, from one decoding.  Raises what `get` does."""
        missing = [recipe for recipe in recipes if await self._store.size(_key(original, recipe)) is None]
        for making in self._begun(original, missing):
            await asyncio.shield(making)

    async def reap(self, sha256: str, wanted: Sequence[Original]) -> None:
        """Deletes what is kept of these bytes under another label, or cut around another point, than any of `wanted` has.

        Raises StoreUnavailable.
        """
        for key in [key async for key in self._store.keys(keys.renditions(sha256))]:
            if not any(keys.current(key, one.focal, one.label.digest) for one in wanted):
                await self._store.delete(key)

    def _begun(self, original: Original, recipes: Iterable[Recipe]) -> set[Making]:
        """The makings of all of them: what nobody makes yet, one making makes."""
        plans = {_key(original, recipe): render.plan(recipe, original.size, original.focal) for recipe in recipes}
        new = {key: plan for key, plan in plans.items() if key not in self._making}
        if new:
            making = asyncio.create_task(self._make(original, new))
            self._making |= dict.fromkeys(new, making)
            making.add_done_callback(lambda done: self._forget(new, done))
        return {self._making[key] for key in plans}

    def _forget(self, keys: Iterable[str], done: Making) -> None:
        for key in keys:
            del self._making[key]
        if not done.cancelled():
            done.exception()  # looked at, also when nobody waits any more

    async def _make(self, original: Original, plans: Mapping[str, Plan]) -> dict[str, bytes]:
        try:
            folder = await asyncio.to_thread(TemporaryDirectory, prefix="dateline-")
        except OSError as error:
            raise StoreUnavailable("There is no room to work on the picture just now.") from error
        try:
            source = Path(folder.name, "original")
            made = {key: Path(folder.name, f"{number}") for number, key in enumerate(plans)}
            await self._store.fetch(original.key, source)
            await self._workshop.render(
                source,
                {made[key]: plan for key, plan in plans.items()},
                xmp=original.label.xmp,
                photoshop=original.label.photoshop,
            )
            bodies = {key: await asyncio.to_thread(path.read_bytes) for key, path in made.items()}
            for key, body in bodies.items():
                await self._store.put(key, body, _mime(plans[key].encoder.format, body))
            return bodies
        finally:
            await asyncio.to_thread(folder.cleanup)


def _key(original: Original, recipe: Recipe) -> str:
    return keys.rendition(original.sha256, recipe, original.focal, original.label.digest)


def _mime(format: Format, body: bytes) -> str:
    return MIME["jpeg" if body.startswith(b"\xff\xd8") else format]
