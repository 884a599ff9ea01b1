"""The workshop's child: the one place where a stranger's pixels are decoded.  Started by its path, it knows nothing of us.

It takes one job after the other from standard input and answers on standard output: each a length (4 bytes, big-endian)
and JSON.  An answer is the result, or {"refused": NAME, "message": …} for a picture that is not taken, or {"failed": …}
where this machine is to blame.  Size and movement are refused by the header, before any pixel is decoded.
"""

import json
import os
import resource
import struct
import sys
from base64 import b64encode
from math import ceil
from time import process_time
from typing import Any

import pi_heif
import pyvips
import thash

MEMORY = 1024**3  # bytes of address space, libraries included
LENGTH = struct.Struct(">I")
LOADERS = {
    "JPEG": "jpegload",
    "PNG": "pngload",
    "WEBP": "webpload",
    "AVIF": "heifload",
    "GIF": "gifload",
    "TIFF": "tiffload",
}
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that change width and height
THUMB = 100  # pixels: the most that ThumbHash takes
OUT_OF_MEMORY = ("memory allocation error", "out of memory", "insufficient memory")


class Refused(Exception):
    """`name` is the class in media.errors."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name, self.message = name, message


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pyvips.block_untrusted_set(True)
    pyvips.cache_set_max(0)
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    pi_heif.options.DECODE_THREADS = 1
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what a library says of a stranger's file belongs in no log
        os.dup2(silence, stream)
    answer: dict[str, Any] = {"ready": True}
    while True:
        body = json.dumps(answer).encode()
        answers.write(LENGTH.pack(len(body)) + body)
        answers.flush()
        head = jobs.read(LENGTH.size)
        if not head:  # the workshop is closed, or gone
            return
        answer = _answer(**json.loads(jobs.read(*LENGTH.unpack(head))))


def _answer(seconds: int, plan: dict[str, Any] | None, **source: Any) -> dict[str, Any]:
    # the workshop watches the clock; this ends a job whose workshop was killed
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(process_time()) + seconds, resource.RLIM_INFINITY))
    try:
        if plan is None:
            return _examine(**source)
        body = _render(plan, **source)
    except Refused as refused:
        return {"refused": refused.name, "message": refused.message}
    except Exception as error:  # whatever a library raises over a broken file; our own mistakes are found by the tests
        if isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in OUT_OF_MEMORY):
            return {"refused": "ImageTooLarge", "message": "This image needs more memory to decode than one may take."}
        return {"refused": "BadImage", "message": "This image cannot be decoded."}
    try:
        with open(plan["out_path"], "wb") as out:  # noqa: PTH123  (all that pathlib would import)
            out.write(body)
    except OSError as error:
        return {"failed": str(error)}
    return {}


def _examine(path: str, format: str, max_pixels: int, max_side: int) -> dict[str, Any]:
    """Upright size, ThumbHash and dominant colour.  Every line of the picture is decoded: what is cut off is found now."""
    image, width, height = _open(path, format, max_pixels, max_side)
    thumb = _resized(image, path, THUMB / max(width, height), THUMB, THUMB, "down")
    pixels = bytes((thumb if thumb.hasalpha() else thumb.bandjoin(255)).write_to_memory())
    return {
        "width": width,
        "height": height,
        "placeholder": b64encode(bytes(thash.rgba_to_thumb_hash(thumb.width, thumb.height, list(pixels)))).decode(),
        "dominant_color": _dominant(pixels),
        "has_alpha": min(pixels[3::4]) < 255,
    }


def _render(plan: dict[str, Any], path: str, format: str, max_pixels: int, max_side: int) -> bytes:
    image, width, _ = _open(path, format, max_pixels, max_side)
    across, down = plan["scaled"]
    image = _resized(image, path, across / width, across, down, "force").crop(*plan["box"])
    if plan["flatten"] and image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    written: bytes = image.write_to_buffer(f".{plan['format']}", keep="none", **plan["options"])
    return written


def _open(path: str, format: str, max_pixels: int, max_side: int) -> tuple[Any, int, int]:
    """The picture, not decoded yet, and its upright width and height."""
    heif = pi_heif.open_heif(path) if format == "HEIC" else None
    image = heif or getattr(pyvips.Image, LOADERS[format])(path, access="sequential", fail_on="truncated")
    width, height = heif.size if heif else (image.width, image.height)
    if max(width, height) > max_side:
        raise Refused(
            "ImageTooLarge", f"A side of this image has {max(width, height):,} pixels; at most {max_side:,} are taken."
        )
    if width * height > max_pixels:
        megapixels = ceil(width * height / 1e6)
        raise Refused(
            "ImageTooLarge", f"This image has {megapixels:,} megapixels; at most {max_pixels / 1e6:g} are taken."
        )
    if heif:
        return _from_heif(heif), width, height  # libheif has turned it already
    # the other pages of a TIFF are previews or layers, of an AVIF its depth or further pictures: the first is the picture
    if format in ("GIF", "WEBP") and image.get_n_pages() > 1:
        raise Refused("UnsupportedImage", "This picture moves; only still pictures are taken.")
    if image.get_typeof("orientation") and image.get("orientation") in SIDEWAYS:
        width, height = height, width
    return image, width, height


def _from_heif(heif: Any) -> Any:
    """8 bits a band.  libvips as shipped has no HEVC decoder."""
    # copied: the view that pi_heif gives does not keep alive what it shows
    image = pyvips.Image.new_from_memory(bytes(heif.data), *heif.size, len(heif.mode), "uchar")
    image = image.copy(interpretation="srgb" if len(heif.mode) > 2 else "b-w")
    if heif.premultiplied_alpha:
        image = image.unpremultiply().cast("uchar")
    if profile := heif.info.get("icc_profile"):
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image


def _resized(image: Any, path: str, scale: float, width: int, height: int, size: str) -> Any:
    """Upright, in sRGB, 8 bits a band, decoded once."""
    if image.get_typeof("vips-loader") and image.get("vips-loader") == "jpegload":
        # the decoder leaves out what is not needed, down to twice the size: the rest is for the better filter
        smaller = (step for step in (8, 4, 2) if scale * step <= 0.5 and step <= min(image.width, image.height))
        shrink = next(smaller, 1)
        image = pyvips.Image.jpegload(path, access="sequential", fail_on="truncated", shrink=shrink)
    image = image.thumbnail_image(width, height=height, size=size, output_profile="srgb")
    return image.colourspace("srgb").cast("uchar")


def _dominant(pixels: bytes) -> str:
    """The mean of the fullest of 512 boxes of colour; what is transparent does not count."""
    boxes: dict[tuple[int, int, int], list[int]] = {}  # the sums of red, green and blue, and how many
    for at in range(0, len(pixels), 4):
        red, green, blue, alpha = pixels[at : at + 4]
        if alpha >= 128:
            box = boxes.setdefault((red >> 5, green >> 5, blue >> 5), [0, 0, 0, 0])
            for part, value in enumerate((red, green, blue, 1)):
                box[part] += value
    if not boxes:
        return "#ffffff"
    *sums, count = max(boxes.values(), key=lambda box: box[3])
    return "#" + "".join(f"{round(value / count):02x}" for value in sums)


if __name__ == "__main__":
    main()
