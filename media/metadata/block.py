"""What one block of a file says: the form that the readers of XMP, IIM and EXIF share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """`values` by our names, absent where blank; `raw` by the standard's names, plain JSON; `notes` for an editor."""

    values: Mapping[str, Any]
    raw: Mapping[str, Any]
    notes: tuple[str, ...] = ()
