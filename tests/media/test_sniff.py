"""What a file is, whatever it is called."""

import struct
from pathlib import Path

import pytest

from media.errors import BadImage, UnsupportedImage
from media.sniff import Format, sniff
from tests.media import pictures


@pytest.mark.parametrize(
    ("ending", "format"),
    [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("avif", "AVIF"), ("gif", "GIF"), ("tif", "TIFF")],
)
def test_the_content_counts_and_no_name(tmp_path: Path, ending: str, format: Format) -> None:
    lying = pictures.saved(tmp_path / f"picture.{ending}", pictures.corners(64, 48)).rename(tmp_path / "notes.txt")
    assert sniff(lying) == format


def test_heic() -> None:
    assert sniff(pictures.DATA / "corners.heic") == "HEIC"


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG file"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><!-- drawn -->\n<!DOCTYPE svg>\n<SVG/>", "an SVG file"),
        (b"<!doctype html><svg/>", "a web page"),
        (b"<?xml version='1.0'?><rss/>", "an XML file"),
        (b"%PDF-1.7\n" + b"\xff\xd8\xff\xe0", "a PDF file"),
        (b"PK\x03\x04" + b"\xff\xd8\xff\xe0", "a ZIP archive or an office document"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
        (b"8BPS\0\1", "a Photoshop file"),
        (b"BM" + bytes(60), "a BMP image"),
        (b"II+\0" + bytes(60), "a BigTIFF image"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video"),
        (b"RIFF\x10\0\0\0AVI LIST", "a video"),
        (b"RIFF\x10\0\0\0WEBPJUNK", "a file of an unknown kind"),
        (b"MZ\x90\0", "a program"),
        (b"\xff\xd8", "a file of an unknown kind"),
        (b"\xff\xd8\xff\0", "a file of an unknown kind"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT", "a file of an unknown kind"),
        (b"\x89PNG\n\x1a\n\0\0\0\rIHDR", "a file of an unknown kind"),
        (b"GIF90a", "a file of an unknown kind"),
        (b"\0" * 5000, "a file of an unknown kind"),
        (b"Dear editor,", "a file of an unknown kind"),
    ],
)
def test_what_is_no_picture_of_ours_is_named(tmp_path: Path, content: bytes, seen: str) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(UnsupportedImage) as refused:
        sniff(path)
    assert refused.value.message == f"This is {seen}; photos are taken as JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC."


def test_nothing_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(BadImage, match="This file is empty"):
        sniff(tmp_path / "photo.jpg")


def test_an_animated_png_is_found_by_its_chunk_before_the_pixels(tmp_path: Path) -> None:
    moving = pictures.png(tmp_path / "a.png", 9, 9, (b"tEXt", b"a\0b"), (b"acTL", bytes(8)))
    with pytest.raises(UnsupportedImage, match="moves"):
        sniff(moving)
    still = pictures.png(tmp_path / "b.png", 9, 9, (b"tEXt", b"acTL\0acTL"))
    assert sniff(still) == "PNG"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("tag", "value", "raw"), [(254, 1, True), (254, 0, False), (50706, 0x0401, True), (256, 1, False)]
)
def test_a_raw_file_is_not_taken_for_the_preview_in_it(
    tmp_path: Path, order: str, tag: int, value: int, raw: bool
) -> None:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    path = tmp_path / "photo.tif"
    path.write_bytes(mark + struct.pack(f"{order}IHHHII", 8, 1, tag, 4, 1, value))
    if raw:
        with pytest.raises(UnsupportedImage, match="This is a camera's raw file; "):
            sniff(path)
    else:
        assert sniff(path) == "TIFF"


def test_a_cut_directory_is_left_to_the_decoder(tmp_path: Path) -> None:
    for length in (4, 6, 9, 12):
        (tmp_path / "cut.tif").write_bytes((b"II*\0" + struct.pack("<IH", 8, 900) + b"\0\0")[:length])
        assert sniff(tmp_path / "cut.tif") == "TIFF"
