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
from base64 import b64decode, b64encode
from itertools import pairwise, product
from math import ceil, cos, pi
from operator import mul
from time import process_time
from typing import Any
from zlib import crc32

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
# one stands in each file that has a manifest: the name of its first box, or the XMP property that tells where it lies
MANIFEST = (b"c2pa", b"dcterms:provenance")
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
STATES = {"Invalid": "INVALID", "Valid": "VALID_UNTRUSTED", "Trusted": "VALID"}  # as c2pa calls them
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that change width and height
THUMB = 100  # pixels: the most that ThumbHash takes
SMALL = 256  # pixels of the longer side, in which likeness is looked for
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


def _answer(seconds: int, wanted: dict[str, Any] | None, **source: Any) -> dict[str, Any]:
    # the workshop watches the clock; this ends a job whose workshop was killed
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(process_time()) + seconds, resource.RLIM_INFINITY))
    try:
        if wanted is None:
            return _examine(**source)
        made = _render(**wanted, **source)
    except Refused as refused:
        return {"refused": refused.name, "message": refused.message}
    except Exception as error:  # whatever a library raises over a broken file; our own mistakes are found by the tests
        if isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in OUT_OF_MEMORY):
            return {"refused": "ImageTooLarge", "message": "This image needs more memory to decode than one may take."}
        return {"refused": "BadImage", "message": "This image cannot be decoded."}
    try:
        for path, body in made.items():
            with open(path, "wb") as out:  # noqa: PTH123  (all that pathlib would import)
                out.write(body)
    except OSError as error:
        return {"failed": str(error)}
    return {}


def _examine(path: str, format: str, max_pixels: int, max_side: int) -> dict[str, Any]:
    """What `Pixels` holds.  Every line of the picture is decoded: what is cut off is found now."""
    image, width, height = _open(path, format, max_pixels, max_side)
    small = _resized(image, path, SMALL / max(width, height), SMALL, SMALL, "down").copy_memory()
    thumb = small.thumbnail_image(THUMB, height=THUMB, size="down").cast("uchar")
    pixels = bytes((thumb if thumb.hasalpha() else thumb.bandjoin(255)).write_to_memory())
    return {
        "width": width,
        "height": height,
        "placeholder": b64encode(bytes(thash.rgba_to_thumb_hash(thumb.width, thumb.height, list(pixels)))).decode(),
        "dominant_color": _dominant(pixels),
        "has_alpha": min(pixels[3::4]) < 255,
        "content_credentials": _content_credentials(path, format),
        "likeness": _likeness(small),
    }


def _content_credentials(path: str, format: str) -> str:
    """What its C2PA manifest is worth: its signature is checked, and whether it was made for these bytes."""
    with open(path, "rb") as file:  # noqa: PTH123
        content = file.read()
        if not any(mark in content for mark in MANIFEST):
            return "NONE"
        import c2pa  # 70 ms and 30 MB, and few files need it

        file.seek(0)
        try:
            with (
                c2pa.Context.from_dict(OFFLINE) as context,
                c2pa.Reader(f"image/{format.lower()}", file, context=context) as manifest,
            ):
                return STATES.get(manifest.get_validation_state(), "PRESENT")
        except c2pa.C2paError.ManifestNotFound:
            return "NONE"
        except c2pa.C2paError:
            return "PRESENT"


def _render(plans: list[dict[str, Any]], xmp: str, photoshop: str, path: str, **limits: Any) -> dict[str, bytes]:
    """The files by their paths.  The original is decoded once, for the largest; the others are made from that one."""
    image, width, _ = _open(path, **limits)
    across, down = max(plan["scaled"] for plan in plans)
    image = _bare(_resized(image, path, across / width, across, down, "force"))
    if len(plans) > 1:
        image = image.copy_memory()
    return {plan["out_path"]: _written(image, plan, b64decode(xmp), b64decode(photoshop)) for plan in plans}


def _written(image: Any, plan: dict[str, Any], xmp: bytes, photoshop: bytes) -> bytes:
    width, height = plan["scaled"]
    if (image.width, image.height) != (width, height):
        image = image.thumbnail_image(width, height=height, size="force").cast("uchar")
    image = image.crop(*plan["box"])
    encoder = plan["encoder"]
    if plan["opaque"]:
        image = image.copy_memory()
        encoder = encoder if image.hasalpha() and image[-1].min() < 255 else plan["opaque"]
    if encoder["format"] == "jpeg" and image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    image = image.copy()
    for name, block in (("xmp-data", xmp), ("iptc-data", photoshop)):
        if block:
            image.set_type(pyvips.GValue.blob_type, name, block)
    # PNG's writer would keep them deflated, under names of its own that hardly a reader knows
    keep = {"jpeg": "xmp|iptc", "png": "none"}.get(encoder["format"], "xmp")
    body: bytes = image.write_to_buffer(f".{encoder['format']}", keep=keep, **encoder["options"])
    return _with_xmp(body, xmp) if encoder["format"] == "png" and xmp else body


def _bare(image: Any) -> Any:
    """Without the original's blocks and profile: its pixels are upright and in sRGB by now."""
    image = image.copy()
    for name in image.get_fields():
        if name.endswith("-data"):
            image.remove(name)
    return image


def _with_xmp(png: bytes, packet: bytes) -> bytes:
    """PNG, third edition, 11.3.2.3, and XMP 3, 1.1.5: a plain iTXt chunk, here behind the header's 33 bytes."""
    body = b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + packet
    return png[:33] + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", crc32(body)) + png[33:]


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
    # a transform takes five times as long as all the rest of a JPEG's decoding
    target = {"output_profile": "srgb"} if _has_other_colours(image) else {}
    image = image.thumbnail_image(width, height=height, size=size, **target)
    return image.colourspace("srgb").cast("uchar")


def _has_other_colours(image: Any) -> bool:
    """Whether inks or a profile make other colours of its numbers than sRGB does: tried on 17 steps of each band."""
    if image.interpretation != "srgb" or not image.get_typeof("icc-profile-data"):
        return bool(image.interpretation == "cmyk" or image.get_typeof("icc-profile-data"))
    steps = [min(16 * step, 255) for step in range(17)]
    colours = bytes(band for colour in product(steps, repeat=3) for band in colour)
    tried = pyvips.Image.new_from_memory(colours, len(colours) // 3, 1, 3, "uchar").copy(interpretation="srgb")
    tried.set_type(pyvips.GValue.blob_type, "icc-profile-data", image.get("icc-profile-data"))
    return bool((tried.icc_transform("srgb", embedded=True) - tried).abs().max() > 2)


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


# -------------------------------------------------------------------------------------------------------------- likeness

# Details are what stands out from its surroundings (extrema of differences of Gaussians), found again where the picture
# was cut or shrunk.  Measured: docs/decisions/0015-likeness.md.
BLURS = [3.0 * 2 ** (step / 2) for step in range(6)]  # radii, in pixels of the small picture
WINDOW = 4.5  # radii of a detail to each side: what is hashed
DETAILS = 24
FAINT = 1.0  # grey levels: what stands out less is noise
PLAIN = 3.0  # grey levels of deviation: a picture with less shows nothing
GRID = 24  # samples across what is hashed
WAVES = sorted(((x, y) for x in range(12) for y in range(12) if x or y), key=lambda wave: wave[0] ** 2 + wave[1] ** 2)[
    :64
]
COSINES = [[cos(pi * wave * (2 * at + 1) / (2 * GRID)) for at in range(GRID)] for wave in range(12)]


def _likeness(image: Any) -> str:
    """The whole picture's hash, then of each detail its hash, its place and its radius; "" where nothing is to be seen."""
    if image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    grey = image.thumbnail_image(SMALL, height=SMALL, size="both").colourspace("b-w")[0].cast("float").copy_memory()
    if grey.deviate() < PLAIN:
        return ""
    soft, softer = (_Samples(grey.gaussblur(sigma, precision="float")) for sigma in (1.5, 4))
    found = [softer.hashed(grey.width / 2, grey.height / 2, grey.width / 2, grey.height / 2)]
    for _, x, y, radius in sorted(_details(grey), reverse=True)[:DETAILS]:
        window = WINDOW * radius
        place = (round(part * 4096 / SMALL) for part in (x, y, 8 * radius))
        found.append(
            soft.hashed(x + 0.5, y + 0.5, window, window) + "".join(f"{min(part, 4095):03x}" for part in place)
        )
    return " ".join(found)


def _details(grey: Any) -> list[tuple[float, int, int, float]]:
    """Strength, place and radius of each whose window lies within the picture."""
    blurred = [grey.gaussblur(BLURS[0], precision="float", min_ampl=0.05).copy_memory()]
    for less, more in pairwise(BLURS):
        further = (more**2 - less**2) ** 0.5
        blurred.append(blurred[-1].gaussblur(further, precision="float", min_ampl=0.05).copy_memory())
    out = [(more - less).abs().copy_memory() for less, more in pairwise(blurred)]
    most = [one.rank(3, 3, 8).copy_memory() for one in out]
    found = []
    for at in range(1, len(out) - 1):
        peaks = ((out[at] >= most[at - 1]) & (out[at] >= most[at]) & (out[at] >= most[at + 1])).ifthenelse(out[at], 0)
        _, first = peaks.max(size=40, out_array=True, x_array=True, y_array=True)
        for strength, x, y in zip(first["out_array"], first["x_array"], first["y_array"], strict=True):
            if strength <= FAINT:
                continue
            below, above = (out[near].getpoint(x, y)[0] for near in (at - 1, at + 1))
            bend = below - 2 * strength + above
            radius = BLURS[at] * 2 ** (max(-0.5, min(0.5, (below - above) / (2 * bend) if bend else 0.0)) / 2)
            window = WINDOW * radius
            if window <= min(x, y, grey.width - 1 - x, grey.height - 1 - y):
                found.append((strength, x, y, radius))
    return found


class _Samples:
    """A picture of one band that can be asked in many places."""

    def __init__(self, image: Any):
        self.width, self.height = image.width, image.height
        self.values = struct.unpack(f"{self.width * self.height}f", image.write_to_memory())

    def hashed(self, x: float, y: float, across: float, down: float) -> str:
        """64 bits in hex: for each of the longest waves its sign in what lies around (x, y), the longest first."""
        columns, rows = (
            [min(size - 1, max(0, int(middle + reach * ((2 * at + 1) / GRID - 1)))) for at in range(GRID)]
            for middle, reach, size in ((x, across, self.width), (y, down, self.height))
        )
        lines = [[self.values[row * self.width + column] for column in columns] for row in rows]
        waves = list(zip(*([sum(map(mul, line, cosine)) for cosine in COSINES] for line in lines), strict=True))
        bits = 0
        for wave_x, wave_y in WAVES:
            bits = bits << 1 | (sum(map(mul, waves[wave_x], COSINES[wave_y])) > 0)
        return f"{bits:016x}"


if __name__ == "__main__":
    main()
