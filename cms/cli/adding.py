"""`dateline photos add`: a folder of photos taken in.  Run again it goes on where it was: what the archive has is not sent."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cms import app
from cms.actions import photos
from cms.actor import SYSTEM
from cms.cli import serving
from cms.errors import BadInput, DuplicatePhoto, Refusal, Refused
from cms.settings import Settings
from cms.web.services import Services

AT_ONCE = 2  # as many as are decoded at once
LABEL = "Taking the photos in"

Outcome = Literal["added", "known", "refused"]


async def add(settings: Settings, folder: Path, credit: str | None, tell: Callable[[str], None]) -> Counter[Outcome]:
    """How many files came to what; `tell` is given a line for each that was refused.  Hidden files are left out.

    Raises BadInput for a folder without files, Unavailable; what was taken in by then stays.
    """
    files = await asyncio.to_thread(_files, folder)
    if not files:
        raise BadInput(f"There is no file in {folder}.")
    async with serving.newsroom(settings):
        pass
    counted: Counter[Outcome] = Counter()
    left = iter(files)
    async with app.opened(settings) as services:
        with serving.progress(LABEL, len(files)) as told:

            async def carry() -> None:
                for file in left:
                    try:
                        counted[await _one(services, file, credit)] += 1
                    except (Refusal, Refused) as error:
                        counted["refused"] += 1
                        tell(f"{file.relative_to(folder)}: {error.message}")
                    told(counted.total())

            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(AT_ONCE):
                        group.create_task(carry())
            except BaseExceptionGroup as several:
                raise several.exceptions[0] from None
    return counted


async def _one(services: Services, file: Path, credit: str | None) -> Outcome:
    if await photos.in_archive(await asyncio.to_thread(_sha256, file)):
        return "known"
    try:
        given = {"credit": credit} if credit else {}
        upload = photos.Upload(file, file.name)
        await photos.upload(SYSTEM, services.store, services.workshop, upload, given, settings=services.settings)
    except DuplicatePhoto:  # twice in the folder
        return "known"
    return "added"


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file() and not _hidden(one.relative_to(folder)))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
