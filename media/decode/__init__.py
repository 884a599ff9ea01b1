"""The workshop: children that decode and render, so that no stranger's pixels enter the server's own process.

A child that crashes, hangs or is not waited for any more is killed and replaced; children start when first needed and are
used again.  Refuses more waiting work than it can hold (Busy).  What a child may use: child.py.
"""

import asyncio
import json
import logging
import struct
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

from media import recipe, sniff
from media.errors import BadImage, Busy, ImageTooLarge, StoreUnavailable, UnsupportedImage
from media.recipe import Size

CHILD = Path(__file__).with_name("child.py")
# One thread for libvips, few arenas for its memory.  Measured, 50 megapixels then take of the child's 1 GB: HEIC 0.5,
# interlaced PNG of 16 bits 0.7, AVIF 0.9; only AVIF in 10 bits and full colour is refused.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "VIPS_CONCURRENCY": "1"}
LENGTH = struct.Struct(">I")
LONGEST = 65_536  # bytes of an answer
REFUSALS = {one.__name__: one for one in (UnsupportedImage, BadImage, ImageTooLarge)}
BUSY = "Too many photos are being processed just now; try again."

ContentCredentials = Literal["NONE", "PRESENT", "VALID", "VALID_UNTRUSTED", "INVALID"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as it is seen: pixels after orientation; a ThumbHash in base64; "#rrggbb"; can it be seen through.

    `content_credentials` is its C2PA manifest: signed and fitting these bytes, but by whom we cannot tell
    (VALID_UNTRUSTED); not fitting or forged (INVALID); there, but broken or on another machine (PRESENT).
    `likeness` is for `media.likeness` to read.
    """

    format: sniff.Format
    width: int
    height: int
    placeholder: str
    dominant_color: str
    has_alpha: bool
    content_credentials: ContentCredentials = "NONE"
    likeness: str = ""


@dataclass(frozen=True, slots=True)
class Encoder:
    """`options` are those of libvips' writer.  JPEG shows white where others show what is behind."""

    format: recipe.Format
    options: Mapping[str, int | bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """The upright original shrinks to `scaled`; of that `box` (left, top, width, height) is kept.  All in pixels."""

    scaled: Size
    box: tuple[int, int, int, int]
    encoder: Encoder
    opaque: Encoder | None = None  # in place of it, where nothing can be seen through


class _Died(Exception):
    """The child ended before it answered."""


class Workshop:
    """At most `processes` children; `waiting` jobs may wait for one; each wait and each job takes at most `seconds`."""

    def __init__(
        self,
        processes: int = 2,
        seconds: int = 30,
        max_pixels: int = 50_000_000,
        max_side: int = 30_000,
        waiting: int = 64,
    ):
        self.jobs = 0  # how many were begun
        self._limits = {"seconds": seconds, "max_pixels": max_pixels, "max_side": max_side}
        self._seconds = seconds
        self._places = asyncio.Semaphore(processes)
        self._may_wait = waiting
        self._idle: list[Process] = []
        # with what waits for their end, so that none stays a zombie
        self._children: dict[Process, asyncio.Task[int]] = {}
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        for child in self._children:
            _kill(child)
        await asyncio.gather(*self._children.values())

    async def examine(self, path: Path) -> Pixels:
        """Decodes all of it once.  Raises UnsupportedImage, BadImage, ImageTooLarge, Busy."""
        format = await asyncio.to_thread(sniff.sniff, path)
        return Pixels(format=format, **await self._do(path, format, None))

    async def render(self, path: Path, plans: Mapping[Path, Plan], *, xmp: bytes = b"", photoshop: bytes = b"") -> None:
        """Writes one file for each plan, decoding once: upright, in sRGB, and of all metadata nothing but `xmp`, and in
        JPEG `photoshop`.  Raises what `examine` does; StoreUnavailable if the disk is full."""
        format = await asyncio.to_thread(sniff.sniff, path)
        wanted = [{**asdict(plan), "out_path": str(out_path)} for out_path, plan in plans.items()]
        written = {"xmp": b64encode(xmp).decode(), "photoshop": b64encode(photoshop).decode()}
        await self._do(path, format, {"plans": wanted, **written})

    async def _do(self, path: Path, format: sniff.Format, wanted: dict[str, Any] | None) -> dict[str, Any]:
        job = {"path": str(path), "format": format, "wanted": wanted, **self._limits}
        async with self._place():
            self.jobs += 1
            if self._idle:
                try:
                    return await self._ask(self._idle.pop(), job)
                except _Died:
                    pass  # perhaps before this job came; a fresh child will tell
            try:
                return await self._ask(await self._start(), job)
            except _Died:
                logger.warning("A decoding process died over a %s file.", format)
                raise BadImage("This image cannot be decoded.") from None

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if not self._may_wait:
            raise Busy(BUSY)
        self._may_wait -= 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
        except TimeoutError:
            raise Busy(BUSY) from None
        finally:
            self._may_wait += 1
        try:
            yield
        finally:
            self._places.release()

    async def _start(self) -> Process:
        """A child that is ready.  What keeps one from starting it tells on standard error."""
        if not self._open:
            raise Busy(BUSY)
        # a session of its own: Ctrl-C ends the server, and the server ends its children
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", CHILD, stdin=PIPE, stdout=PIPE, env=ENVIRONMENT, start_new_session=True
        )
        self._children[child] = asyncio.create_task(self._bury(child))
        try:
            async with asyncio.timeout(self._seconds):
                await _receive(child)
        except BaseException as error:
            _kill(child)
            if isinstance(error, TimeoutError):
                raise Busy(BUSY) from None
            if isinstance(error, _Died):
                raise RuntimeError("The decoding process does not start.") from None
            raise
        return child

    async def _bury(self, child: Process) -> int:
        code = await child.wait()
        del self._children[child]
        return code

    async def _ask(self, child: Process, job: dict[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._seconds):
                _send(child, job)
                answer = await _receive(child)
        except BaseException as error:  # nobody waits for it any more: time is up, or the request was cancelled
            _kill(child)
            if isinstance(error, TimeoutError):
                logger.warning("A decoding process was killed after %s s over a %s file.", self._seconds, job["format"])
                raise BadImage("This image takes too long to decode.") from None
            raise
        self._idle.append(child)
        if "failed" in answer:
            logger.warning("A rendition could not be written: %s", answer["failed"])
            raise StoreUnavailable("The picture could not be written just now; try again.")
        if refused := REFUSALS.get(answer.get("refused", "")):
            raise refused(answer["message"])
        return answer


def _send(child: Process, job: dict[str, Any]) -> None:
    assert child.stdin
    body = json.dumps(job).encode()
    child.stdin.write(LENGTH.pack(len(body)) + body)


async def _receive(child: Process) -> dict[str, Any]:
    assert child.stdout
    try:
        (length,) = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        answer: dict[str, Any] = json.loads(await child.stdout.readexactly(min(length, LONGEST)))
    except (asyncio.IncompleteReadError, OSError, ValueError) as error:
        raise _Died from error
    return answer


def _kill(child: Process) -> None:
    with suppress(ProcessLookupError):
        child.kill()
