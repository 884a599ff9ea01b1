"""EXIF 2.32: what the camera wrote, and what an editor may have typed into it.  The last resort for every value.

Cameras and programs fill its text tags by themselves; what is known to be such a filling is no value.
"""

import csv
from typing import Any, BinaryIO

from media.metadata import dates, tiff
from media.metadata.block import Block
from media.metadata.text import MOST, decoded, line, lines, paragraphs
from media.metadata.tiff import Entry, Tiff

_DETAILS, _GPS = 0x8769, 0x8825  # the tags that point to the two further directories
_FIRST_TAGS = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0112: "Orientation",
    0x0131: "Software",
    0x0132: "DateTime",
    0x013B: "Artist",
    0x8298: "Copyright",
}
_DETAIL_TAGS = {
    0x829A: "ExposureTime",
    0x829D: "FNumber",
    0x8827: "PhotographicSensitivity",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9201: "ShutterSpeedValue",
    0x9202: "ApertureValue",
    0x9204: "ExposureBiasValue",
    0x9207: "MeteringMode",
    0x9209: "Flash",
    0x920A: "FocalLength",
    0x9291: "SubSecTimeOriginal",
    0xA001: "ColorSpace",
    0xA405: "FocalLengthIn35mmFilm",
    0xA420: "ImageUniqueID",
    0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber",
    0xA433: "LensMake",
    0xA434: "LensModel",
    0xA435: "LensSerialNumber",
}
_GPS_TAGS = {
    0x01: "GPSLatitudeRef",
    0x02: "GPSLatitude",
    0x03: "GPSLongitudeRef",
    0x04: "GPSLongitude",
    0x05: "GPSAltitudeRef",
    0x06: "GPSAltitude",
    0x07: "GPSTimeStamp",
    0x11: "GPSImgDirection",
    0x1D: "GPSDateStamp",
}
_TEXT = (2, 129)  # kinds: ASCII, and the UTF-8 of EXIF 3.0
_BYTES = (1, 7)
# texts, though Pillow and others write them as bytes to get accents in
_WRITTEN = ("ImageDescription", "Artist", "Copyright")

# in small letters; seen in files from cameras, phones and programs
_JUNK = frozenset({
    # ImageDescription
    "olympus digital camera", "minolta digital camera", "konica minolta digital camera", "pentax digital camera",
    "samsung digital camera", "digital camera", "digital stillcamera", "sony dsc", "dsc", "dcim", "exif_jpeg_picture",
    "jpeg", "samsung", "hp camera", "toshiba exif jpeg", "camera", "image", "picture", "photo", "untitled", "default",
    "description", "image description", "imagedescription", "my beautiful picture", "screenshot", "applemark",
    "lead technologies inc. v1.01", "file written by adobe photoshop® 4.0", "file written by adobe photoshop® 5.0",
    "created with gimp", "processed with vsco", "dav", "hdr", "sdr", "ptr", "cof", "edf", "rhdr", "ozedf", "mde", "bst",
    "qrf", "rbt", "btf", "fbt", "nor", "oznor", "hdrpl", "fhdr", "vhdr",
    # Artist
    "picasa", "artist", "author", "photographer", "camera owner", "owner", "user", "username", "user name", "admin",
    "administrator", "name", "your name", "my name", "microsoft", "windows user", "unknown", "anonymous", "none", "n/a", "null",
    # Copyright
    "copyright", "(c)", "©", "copyright (c)", "copyright ©", "no copyright", "all rights reserved",
})  # fmt: skip


def read(file: BinaryIO) -> Block:
    """The picture's own directories; those of thumbnails and of makers' notes are left alone."""
    opened = tiff.opened(file)
    if not opened:
        return Block({}, {})
    first = opened.directory(opened.first)
    raw: dict[str, Any] = {}
    notes: dict[str, None] = {}
    for entries, names in (
        (first, _FIRST_TAGS),
        (opened.below(first, _DETAILS), _DETAIL_TAGS),
        (opened.below(first, _GPS), _GPS_TAGS),
    ):
        for tag in sorted(entries.keys() & names.keys()):
            value, is_utf8 = _value(opened, entries[tag], names[tag])
            if value not in ("", []):
                raw[names[tag]] = value
            if not is_utf8:
                notes["EXIF text is not UTF-8; decoded as cp1252 by detection"] = None
    return Block(_values(raw), raw, tuple(notes))


def _value(opened: Tiff, entry: Entry, name: str) -> tuple[Any, bool]:
    """A text, a number, or several; and whether a text was UTF-8."""
    if entry.kind in _TEXT or (entry.kind in _BYTES and name in _WRITTEN):
        data = opened.data(entry, 4 * MOST)
        # EXIF 2.32, "Copyright": photographer's and editor's part, each ended by a zero; other texts end with their first
        parts = data.split(b"\0") if name == "Copyright" else data.split(b"\0")[:1]
        text, is_utf8 = decoded(b"; ".join(part.strip() for part in parts if part.strip()))
        return paragraphs(text), is_utf8
    if entry.kind in _BYTES:
        return "", True
    numbers = opened.numbers(entry)
    return (numbers[0] if len(numbers) == 1 else numbers), True


def _values(raw: dict[str, Any]) -> dict[str, Any]:
    texts = {name: text for name, text in raw.items() if isinstance(text, str)}
    junk = _JUNK | {texts.get(name, "").casefold() for name in ("Make", "Model", "Software")}
    kept = {name: text for name, text in texts.items() if line(text).casefold() not in junk}
    date = dates.from_exif(
        *(texts.get(name, "") for name in ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"))
    )
    values = {
        "creators": [name for name in _artists(kept.get("Artist", "")) if name.casefold() not in junk],
        "caption": kept.get("ImageDescription", ""),
        "copyright_notice": line(kept.get("Copyright", "")),
        "date_created": date,
    }
    return {name: value for name, value in values.items() if value}


def _artists(text: str) -> list[str]:
    """MWG 2.0, "Creator": several are joined by semicolons, a name that holds one stands in double quotes."""
    return lines(next(csv.reader([line(text)], delimiter=";", skipinitialspace=True), []))
