"""Where each sort of file keeps its blocks."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import TiffImagePlugin
from PIL.ExifTags import Base
from PIL.PngImagePlugin import PngInfo

from media.metadata import read
from tests.media.metadata import files
from tests.media.metadata.files import UTF8, dataset, jpeg, packet, picture, resource, resources, segment

PACKET = packet("<photoshop:Credit>STR/AFP</photoshop:Credit>")
TAGS = files.tags({Base.Artist: "Jané Doe", Base.Orientation: 6})
RECORD = UTF8 + dataset(110, "Ñ/AFP".encode())
BOTH = {"credit_line": "STR/AFP", "creators": ["Jané Doe"]}


def png_with(keyword: str, text: bytes, *, squeezed: bool) -> bytes:
    info = PngInfo()
    info.add_text(keyword, text.decode("latin-1"), zip=squeezed)
    return picture("PNG", pnginfo=info)


def profile(name: str, data: bytes) -> bytes:
    digits = data.hex()
    rows = "\n".join(digits[place : place + 72] for place in range(0, len(digits), 72))
    return f"\n{name}\n{len(data):8}\n{rows}\n".encode()


def chunk(sort: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + sort + data + struct.pack(">I", zlib.crc32(sort + data))


def after_header(png: bytes, *chunks: bytes) -> bytes:
    return png[:33] + b"".join(chunks) + png[33:]


def test_jpeg_keeps_exif_and_xmp_in_app1() -> None:
    made = read(picture("JPEG", exif=TAGS, xmp=PACKET))
    assert (dict(made.values), made.orientation) == (BOTH, 6)


def test_jpeg_s_resources_go_on_from_one_segment_into_the_next() -> None:
    whole = resource(0x03ED, b"\0" * 16) + resources(UTF8 + dataset(120, b"x" * 5000))
    halves = [segment(0xED, b"Photoshop 3.0\0" + half) for half in (whole[:2000], whole[2000:])]
    assert read(jpeg(*halves)).values["caption"] == "x" * 5000


def test_jpeg_with_fill_bytes_between_its_segments_is_read() -> None:
    assert read(jpeg(b"\xff\xff\xff" + files.raw_xmp(PACKET))).values["credit_line"] == "STR/AFP"


@pytest.mark.parametrize("squeezed", [False, True])
def test_png_keeps_xmp_in_an_international_text(squeezed: bool) -> None:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", PACKET.decode(), zip=squeezed)
    made = read(picture("PNG", pnginfo=info, exif=TAGS))
    assert (dict(made.values), made.orientation) == (BOTH, 6)


@pytest.mark.parametrize("squeezed", [False, True])
@pytest.mark.parametrize(
    ("keyword", "data", "expected"),
    [
        ("Raw profile type exif", TAGS, {"creators": ["Jané Doe"]}),
        ("Raw profile type APP1", TAGS, {"creators": ["Jané Doe"]}),
        ("Raw profile type APP1", b"http://ns.adobe.com/xap/1.0/\0" + PACKET, {"credit_line": "STR/AFP"}),
        ("Raw profile type xmp", PACKET, {"credit_line": "STR/AFP"}),
        ("Raw profile type iptc", RECORD, {"credit_line": "Ñ/AFP"}),
        ("Raw profile type iptc", b"Photoshop 3.0\0" + resources(RECORD), {"credit_line": "Ñ/AFP"}),
        ("Raw profile type 8bim", resources(RECORD), {"credit_line": "Ñ/AFP"}),
    ],
)
def test_png_keeps_older_blocks_in_hex(keyword: str, data: bytes, expected: object, squeezed: bool) -> None:
    text = profile(keyword.rpartition(" ")[2], data)
    assert dict(read(png_with(keyword, text, squeezed=squeezed)).values) == expected


def test_png_text_that_is_no_block_is_left_alone() -> None:
    assert dict(read(png_with("Author", b"Jane Doe", squeezed=False)).values) == {}


def test_webp_keeps_both_in_chunks() -> None:
    made = read(picture("WEBP", exif=TAGS, xmp=PACKET))
    assert (dict(made.values), made.orientation) == (BOTH, 6)


@pytest.mark.parametrize("byte_order", ["II", "MM"])
def test_tiff_s_own_tags_are_its_exif(byte_order: str) -> None:
    directory = TiffImagePlugin.ImageFileDirectory_v2(prefix=byte_order.encode())
    directory.tagtype.update({700: 1, 33723: 7, 34377: 7, Base.Artist: 2})
    directory[700] = PACKET
    directory[33723] = UTF8 + dataset(105, b"Headline")
    directory[Base.Artist] = "Jane Doe"
    directory[Base.Orientation] = 8
    head = b"II*\0\x08\0\0\0" if byte_order == "II" else b"MM\0*\0\0\0\x08"
    made = read(head + directory.tobytes(8))
    assert dict(made.values) == {"credit_line": "STR/AFP", "headline": "Headline", "creators": ["Jane Doe"]}
    assert made.orientation == 8


def test_tiff_picture_is_read_too() -> None:
    made = read(picture("TIFF", tiffinfo={Base.Artist: "Jane Doe", 34377: resources(RECORD)}))
    assert dict(made.values) == {"credit_line": "Ñ/AFP", "creators": ["Jane Doe"]}


def test_avif_keeps_both_as_items() -> None:
    # Pillow takes an orientation out of the tags, and writes the rest of them anew
    made = read(picture("AVIF", exif=files.tags({Base.Artist: "Jané Doe"}), xmp=PACKET))
    assert dict(made.values) == BOTH


def test_heic_keeps_items_in_the_file_and_in_a_box_and_turns_by_a_rule_of_its_own() -> None:
    made = read(files.heic(TAGS, PACKET))
    assert (dict(made.values), made.orientation) == (BOTH, 1)
    assert made.raw["exif"]["Orientation"] == 6


def test_first_of_two_blocks_of_a_sort_counts() -> None:
    other = packet("<photoshop:Credit>Other</photoshop:Credit>")
    assert read(jpeg(files.raw_xmp(PACKET), files.raw_xmp(other))).values["credit_line"] == "STR/AFP"
    chunks = [chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + one) for one in (PACKET, other)]
    assert read(after_header(picture("PNG"), *chunks)).values["credit_line"] == "STR/AFP"


def test_path_that_is_not_there_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "no such photo.jpg")


@pytest.mark.parametrize("data", [b"", b"\xff", b"GIF89a", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_file_of_another_sort_has_no_facts(data: bytes) -> None:
    made = read(data)
    assert (made.values, made.source, made.notes, made.conflicts, made.raw, made.orientation) == ({}, {}, (), {}, {}, 1)
