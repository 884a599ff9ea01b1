"""What leaves with a rendition: its label and its pixels.  Each file is taken apart to the last byte; exiftool reads it too."""

import json
import shutil
import struct
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pyvips

from media import metadata
from media.decode import Workshop
from media.metadata.label import Label
from media.recipe import LADDER, Format, parse
from media.render import plan
from tests.media import pictures
from tests.media.metadata import files

FORMATS: tuple[Format, ...] = ("jpeg", "webp", "avif", "png")
LABEL = Label(
    credit="Zoë Müller/KCNA VIA KNS/AFP",
    creators=("Zoë Müller", "김민수"),
    headline="Ärger & Wut",
    caption="Erste Zeile, 第二行 — «три» & <mehr>",
    alt_text="A crowd; two flags",
    copyright_notice="© 2025 Example News",
    usage_terms="No sale. No use after 30 days.",
    license_url="https://news.example.com/licence?a=1&b=2",
    digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    data_mining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING",
)
TELLTALE = b"TELLTALE"  # stands in everything that an original carries and no rendition may


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with Workshop(processes=1) as workshop:
        yield workshop


async def rendered(workshop: Workshop, path: Path, format: Format, name: str = "w160-cover") -> bytes:
    recipe, seen = parse(name, format), await workshop.examine(path)
    assert recipe
    made = {path.with_name("made"): plan(recipe, (seen.width, seen.height), (0.5, 0.5))}
    await workshop.render(path, made, xmp=LABEL.xmp, photoshop=LABEL.photoshop)
    return path.with_name("made").read_bytes()


def telltale(folder: Path, ending: str) -> Path:
    """A picture with all the blocks that its kind can carry, each of them with the telltale; half of it transparent."""
    image = pictures.corners() if ending == "jpg" else pictures.transparent()
    text = TELLTALE.decode()
    for name in ("ifd0-Artist", "ifd0-Make", "ifd2-BodySerialNumber", "ifd2-UserComment", "ifd3-GPSAreaInformation"):
        image.set_type(pyvips.GValue.gstr_type, f"exif-{name}", text)
    image.set_type(pyvips.GValue.gstr_type, "exif-ifd3-GPSLatitude", "52/1 31/1 0/1")
    packet = files.packet(f"<xmpMM:History xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/'>{text}</xmpMM:History>")
    image.set_type(pyvips.GValue.blob_type, "xmp-data", packet)
    record = files.UTF8 + files.dataset(103, TELLTALE)
    image.set_type(pyvips.GValue.blob_type, "iptc-data", b"Photoshop 3.0\0" + files.resources(record))
    profile = pyvips.Image.profile_load("p3")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", bytes(profile))
    path = pictures.saved(folder / f"telltale.{ending}", image)
    if ending == "jpg":
        whole = path.read_bytes()
        more = (
            files.segment(0xFE, TELLTALE),  # a comment
            files.segment(0xEB, b"JP\0\1\0\0\0\1" + files.box(b"jumb", TELLTALE)),  # C2PA
            files.segment(0xE2, b"MPF\0" + TELLTALE),  # further pictures
            files.segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + TELLTALE * 9),
        )
        path.write_bytes(whole[:2] + b"".join(more) + whole[2:] + TELLTALE)
    assert TELLTALE in path.read_bytes()
    return path


# ------------------------------------------------------------------------------------------- files taken apart, all of them


def parts(data: bytes) -> list[tuple[bytes, bytes]]:
    """Names and contents; every byte of the file belongs to one of them or to its fixed frame."""
    if data.startswith(b"\xff\xd8"):
        return list(_segments(data))
    if data.startswith(b"\x89PNG"):
        return list(_chunks(data))
    if data.startswith(b"RIFF"):
        assert struct.unpack("<I", data[4:8]) == (len(data) - 8,)
        return list(_riff(data))
    return list(_boxes(data))


def _segments(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 2
    while data[at + 1] != 0xD9:
        name, size = data[at : at + 2], int.from_bytes(data[at + 2 : at + 4], "big")
        assert name[0] == 0xFF
        yield name, data[at + 4 : at + 2 + size]
        at += 2 + size
        if name == b"\xff\xda":
            while data[at] != 0xFF or data[at + 1] in (0, *range(0xD0, 0xD8)):  # the pixels
                at += 1
    assert at + 2 == len(data)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size
    assert at == len(data)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data)


def _boxes(data: bytes, start: int = 0) -> Iterator[tuple[bytes, bytes]]:
    at = start
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        name, body = data[at + 4 : at + 8], data[at + 8 : at + size]
        if name in (b"meta", b"iprp", b"ipco"):
            yield from _boxes(body, 4 if name == b"meta" else 0)
        elif name == b"iinf":
            yield from _boxes(body, 6)
        else:
            yield name, body
        at += size
    assert at == len(data)


def texts(found: list[tuple[bytes, bytes]]) -> list[bytes]:
    """What is neither pixels nor needed to make pixels of them; of an AVIF the kinds of its items."""
    pixels = {
        *(b"\xff\xdb", b"\xff\xc0", b"\xff\xc2", b"\xff\xc4", b"\xff\xda"),
        *(b"IHDR", b"PLTE", b"tRNS", b"pHYs", b"IDAT", b"IEND"),
        *(b"VP8X", b"VP8 ", b"VP8L", b"ALPH"),
        *(b"ftyp", b"hdlr", b"iloc", b"pitm", b"av1C", b"ispe", b"pixi", b"ipma", b"auxC", b"iref", b"mdat", b"colr"),
    }
    return [body for name, body in found if name not in pixels]


def label_alone(data: bytes) -> list[bytes]:
    """The one list of texts that a rendition of its format may have."""
    if data.startswith(b"\xff\xd8"):
        return [b"http://ns.adobe.com/xap/1.0/\0" + LABEL.xmp, LABEL.photoshop]
    if data.startswith(b"\x89PNG"):
        return [b"XML:com.adobe.xmp\0\0\0\0\0" + LABEL.xmp]
    if data.startswith(b"RIFF"):
        return [LABEL.xmp]
    return []


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "avif", "tif"])
@pytest.mark.parametrize("format", FORMATS)
async def test_nothing_leaves_but_pixels_and_the_label(
    workshop: Workshop, tmp_path: Path, ending: str, format: Format
) -> None:
    made = await rendered(workshop, telltale(tmp_path, ending), format)
    found = parts(made)
    if format == "avif":
        names = [body[8:12] for name, body in found if name == b"infe"]
        pictures_inside = 1 if ending == "jpg" else 2  # transparency is a picture of its own
        assert names == [b"av01"] * pictures_inside + [b"mime"]
        assert {name for name, _ in found if name not in (b"infe", b"free")} >= {b"mdat", b"iloc"}
        assert texts([one for one in found if one[0] != b"infe"]) == []
        assert made.count(LABEL.xmp) == 1
        # what lies in "mdat" is what the items say lies there, to the byte
        assert sum(_extents(found)) == sum(len(body) for name, body in found if name == b"mdat")
    else:
        assert texts(found) == label_alone(made)
    for trace in (TELLTALE, b"GPS", b"Exif", b"ICC_PROFILE", b"iCCP", b"prof", b"JUMB", b"jumb", b"c2pa"):
        assert trace not in made
    if format == "webp":
        flags = found[0][1][0]
        assert (found[0][0], flags & 0b00101110) == (b"VP8X", 0b100)  # XMP; no profile, no EXIF, no animation


def _extents(found: list[tuple[bytes, bytes]]) -> Iterator[int]:
    """ISO 14496-12, 8.11.3, version 0 with lengths of four bytes, as libheif writes it."""
    (place,) = (body for name, body in found if name == b"iloc")
    assert place[:6] == b"\0\0\0\0\x44\x40"
    at = 8
    for _ in range(int.from_bytes(place[6:8], "big")):
        count = int.from_bytes(place[at + 8 : at + 10], "big")
        at += 10
        for _ in range(count):
            yield int.from_bytes(place[at + 4 : at + 8], "big")
            at += 8
    assert at == len(place)


@pytest.mark.parametrize("format", FORMATS)
async def test_without_a_label_nothing_but_pixels_leaves(workshop: Workshop, tmp_path: Path, format: Format) -> None:
    path, recipe = telltale(tmp_path, "png"), parse("w160-cover", format)
    assert recipe
    await workshop.render(path, {tmp_path / "made": plan(recipe, (640, 480), (0.5, 0.5))})
    found = [one for one in parts((tmp_path / "made").read_bytes()) if one[0] != b"infe"]
    assert texts(found) == []


async def test_reference_photos_and_heic_leave_with_the_label_alone(workshop: Workshop, tmp_path: Path) -> None:
    originals = [pictures.DATA / "corners-turned.heic"]
    if pictures.SHARED.is_dir():
        originals += [path for path in sorted(pictures.SHARED.iterdir()) if path.suffix != ".json"]
    for original in originals:
        path = tmp_path / original.name
        path.write_bytes(original.read_bytes())
        made = await rendered(workshop, path, "jpeg")
        assert texts(parts(made)) == label_alone(made), original.name


# ----------------------------------------------------------------------------------------------------- what others read


@pytest.mark.parametrize("format", FORMATS)
async def test_our_own_reader_finds_the_label_and_no_conflict(
    workshop: Workshop, tmp_path: Path, format: Format
) -> None:
    read = metadata.read(await rendered(workshop, telltale(tmp_path, "png"), format))
    assert read.values["credit_line"] == LABEL.credit
    assert read.values["caption"] == LABEL.caption
    assert read.values["web_statement"] == LABEL.license_url
    assert (read.notes, dict(read.conflicts), read.orientation) == ((), {}, 1)
    assert list(read.raw) == (["xmp", "iim"] if format == "jpeg" else ["xmp"])


def exiftool(*paths: Path) -> list[dict[str, Any]]:
    program = shutil.which("exiftool")
    assert program, "exiftool is not here: `make test` installs it, or says how"
    asked = [program, "-j", "-G1", "-a", "-struct", "-n", "-all", "-validate", "-CurrentIPTCDigest", *map(str, paths)]
    told: list[dict[str, Any]] = json.loads(subprocess.run(asked, capture_output=True, check=False, timeout=120).stdout)
    return told


XMP = {
    "XMP-photoshop:Credit": LABEL.credit,
    "XMP-dc:Creator": list(LABEL.creators),
    "XMP-photoshop:Headline": LABEL.headline,
    "XMP-dc:Description": LABEL.caption,
    "XMP-iptcCore:AltTextAccessibility": LABEL.alt_text,
    "XMP-dc:Rights": LABEL.copyright_notice,
    "XMP-xmpRights:Marked": True,
    "XMP-xmpRights:UsageTerms": LABEL.usage_terms,
    "XMP-xmpRights:WebStatement": LABEL.license_url,
    "XMP-iptcExt:DigitalSourceType": LABEL.digital_source_type,
    "XMP-plus:DataMining": LABEL.data_mining,
}
IIM = {
    "IPTC:CodedCharacterSet": "\x1b%G",
    "IPTC:ApplicationRecordVersion": 4,
    "IPTC:By-line": list(LABEL.creators),
    "IPTC:Headline": LABEL.headline,
    "IPTC:Credit": LABEL.credit,
    "IPTC:CopyrightNotice": LABEL.copyright_notice,
    "IPTC:Caption-Abstract": LABEL.caption,
}


async def test_exiftool_agrees_on_every_size_and_format(workshop: Workshop, tmp_path: Path) -> None:
    original = pictures.saved(tmp_path / "original.png", pictures.transparent(2600, 1300))
    wanted = {}
    for width in LADDER:
        for format in FORMATS:
            recipe = parse(f"w{width}-cover", format)
            assert recipe
            wanted[tmp_path / f"{width}.{format}"] = plan(recipe, (2600, 1300), (0.5, 0.5))
    await workshop.render(original, wanted, xmp=LABEL.xmp, photoshop=LABEL.photoshop)
    told = exiftool(*wanted)
    assert len(told) == len(LADDER) * len(FORMATS)
    for one in told:
        path = Path(one["SourceFile"])
        tags = {name: value for name, value in one.items() if name.startswith(("XMP-", "IPTC"))}
        record = IIM if path.suffix == ".jpeg" else {}
        assert {name: value for name, value in tags.items() if name != "XMP-x:XMPToolkit"} == XMP | record, path.name
        assert [name for name in one if name.startswith(("GPS", "EXIF", "IFD", "ExifIFD", "ICC", "JUMBF"))] == []
        assert one["ExifTool:Validate"] == "0 0 0", path.name  # errors, warnings, minor ones
        if path.suffix == ".jpeg":
            assert one["Photoshop:IPTCDigest"] == one["File:CurrentIPTCDigest"], path.name
