"""A file that someone sent, looked at and kept.  Whatever it claims to be, it is what its content is."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from media import keys, metadata, sniff
from media.decode import ContentCredentials, Workshop
from media.errors import FileTooLarge
from media.metadata import Facts
from media.storage import Store


@dataclass(frozen=True, slots=True)
class Examined:
    """Pixels after orientation; `placeholder` a ThumbHash in base64; `dominant_color` "#rrggbb"; `sha256` in hex."""

    format: sniff.Format
    mime: str
    width: int
    height: int
    byte_size: int
    sha256: str
    placeholder: str
    dominant_color: str
    content_credentials: ContentCredentials
    likeness: str
    facts: Facts


async def examine(workshop: Workshop, path: Path, *, max_bytes: int) -> Examined:
    """All that the file tells.  Raises FileTooLarge, UnsupportedImage, BadImage, ImageTooLarge, Busy."""
    byte_size = (await asyncio.to_thread(path.stat)).st_size
    if byte_size > max_bytes:
        raise FileTooLarge(f"This file has {byte_size / 1e6:.1f} MB; at most {max_bytes / 1e6:g} are taken.")
    pixels = await workshop.examine(path)
    return Examined(
        format=pixels.format,
        mime=sniff.MIME[pixels.format],
        width=pixels.width,
        height=pixels.height,
        byte_size=byte_size,
        sha256=await asyncio.to_thread(_sha256, path),
        placeholder=pixels.placeholder,
        dominant_color=pixels.dominant_color,
        content_credentials=pixels.content_credentials,
        likeness=pixels.likeness,
        facts=await asyncio.to_thread(metadata.read, path),
    )


async def keep(store: Store, path: Path, examined: Examined) -> str:
    """Puts the untouched file into the store and returns its key; what is there already is not sent again."""
    key = keys.original(examined.sha256, examined.format)
    if await store.size(key) != examined.byte_size:
        await store.put(key, path, examined.mime)
    return key


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
