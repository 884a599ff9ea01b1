"""Documents that a request names in place of sending them → their texts.

Two kinds.  Registered ones (`dateline documents`) are the newsroom's own: kept in memory by name and by hash, read again
when a name is not known, at most once a second, and at the latest after ten.  Those of automatic persisted queries (APQ) are
what clients sent lately with their hash: a saving of bytes in this process, never a permission.

A text found by its name is always the same object, so Python has hashed it once and for all: no look-up by it hashes again.
"""

import asyncio
from collections import OrderedDict
from math import inf
from sys import getsizeof
from time import monotonic

from cms.actions import documents
from cms.actor import Actor
from cms.errors import Forbidden, PersistedDocumentNotFound, PersistedQueryNotFound, Unavailable
from cms.settings import Settings
from schema.request import Asked

AGAIN_S = 1.0  # between two readings for the sake of names that are not known
STALE_S = 10.0  # how old what is known of a name may be
SENT_BYTES = 8_000_000  # of APQ, in this process


class Persisted:
    def __init__(self, settings: Settings):
        self._only_registered = settings.only_registered_documents
        self._texts: dict[str, str] = {}  # by hash
        self._ids: dict[str, str] = {}  # by documentId: names, and "sha256:…"
        self._loading = asyncio.Lock()
        self._loaded_at = self._missed_at = self._due_at = -inf
        self._sent = Sent(SENT_BYTES)

    @property
    def registered(self) -> list[str]:
        """The texts that are known now: for those who prepare ahead."""
        return list(self._texts.values())

    async def load(self) -> None:
        """Read what is registered.  Raises Unavailable."""
        async with self._loading:
            await self._load()

    def plain(self, asked: Asked) -> bool:
        """Is it as good as resolved: sent as text, by someone who may?"""
        return asked.document_id is None and asked.sha256 is None and (not self._only_registered or asked.own)

    async def resolved(self, asked: Asked, actor: Actor) -> Asked:
        """The same as if its text had been sent; what was resolved is resolved.

        Raises PersistedDocumentNotFound, PersistedQueryNotFound, Unavailable, and Forbidden where this actor may run
        registered documents only.
        """
        if asked.document_id is not None:
            text = await self._found(asked.document_id)
            if text is None:
                raise PersistedDocumentNotFound("No document is registered under this id.")
        elif self._only_registered and actor.kind == "ANONYMOUS" and not asked.own:
            text = await self._found(f"sha256:{asked.sha256 or documents.digest(asked.query)}")
            if text is None:
                raise Forbidden("Without signing in only registered documents are run here.")
        elif asked.sha256 is None:
            return asked
        else:
            text = await self._automatic(asked.sha256, asked.query)
        return asked.with_text(text)

    async def _automatic(self, sha256: str, query: str) -> str:
        if query:
            self._sent.keep(sha256, query)
            return query
        text = self._sent.find(sha256) or await self._found(f"sha256:{sha256}")
        if text is None:
            raise PersistedQueryNotFound
        return text

    async def _found(self, id: str) -> str | None:
        text, now = self._ids.get(id), monotonic()
        if text is not None and (now < self._due_at or self._loading.locked()):
            return text
        if text is None and now - self._missed_at < AGAIN_S and not self._loading.locked():
            return None
        async with self._loading:
            if self._loaded_at < now:  # nobody has, while we waited
                try:
                    await self._load()
                except Unavailable:
                    if text is None:
                        raise
                    self._due_at = now + AGAIN_S  # what is known serves on; not every request tries again
                    return text
                if text is None:
                    self._missed_at = self._loaded_at
        return self._ids.get(id)

    async def _load(self) -> None:
        names, new = await documents.standing(self._texts.keys())
        texts = self._texts | new
        # one that was removed between the two statements has no text
        standing = {name: texts[sha256] for name, sha256 in names.items() if sha256 in texts}
        self._texts = {sha256: texts[sha256] for sha256 in names.values() if sha256 in texts}
        self._ids = standing | {f"sha256:{sha256}": text for sha256, text in self._texts.items()}
        self._loaded_at = monotonic()
        self._due_at = self._loaded_at + STALE_S


class Sent:
    """Texts by their hashes: those used last, as many as `most_bytes` hold.  None of them may take up a sixteenth of it."""

    ENTRY_BYTES = 400  # key, tuple and place, without the text

    def __init__(self, most_bytes: int):
        self._most = most_bytes
        self._kept: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self.size_bytes = 0

    def keep(self, sha256: str, text: str) -> None:
        """`sha256` must be that of the text."""
        size = getsizeof(text) + self.ENTRY_BYTES
        if self.find(sha256) is not None or size * 16 > self._most:
            return
        self._kept[sha256] = text, size
        self.size_bytes += size
        while self.size_bytes > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self.size_bytes -= gone

    def find(self, sha256: str) -> str | None:
        if (found := self._kept.get(sha256)) is None:
            return None
        self._kept.move_to_end(sha256)
        return found[0]
