"""Small pictures, made where they are needed."""

import io
import struct
import zlib
from functools import cache

from PIL import Image


@cache
def jpeg(width: int, height: int) -> bytes:
    """A gradient: each size gives other bytes, and the same ones each time."""
    red = Image.linear_gradient("L").resize((width, height))
    green = red.transpose(Image.Transpose.ROTATE_180)
    out = io.BytesIO()
    Image.merge("RGB", (red, green, Image.new("L", (width, height), width % 256))).save(out, "JPEG", quality=90)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims this size and holds a row of nothing: the header is all that may be read of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )
