"""Files that lie, loop or swell: reading them gives what is sound in them, in little time, and raises nothing."""

import json
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL.ExifTags import Base

from media.metadata import Facts, container, read, text, xmp
from tests.media.metadata import files
from tests.media.metadata.files import UTF8, dataset, exif, iim, jpeg, packet, raw_xmp, resource, segment, several

SECONDS = 5  # the dearest of these takes 0.4 s on a quiet machine
CREDIT = "<photoshop:Credit>STR/AFP</photoshop:Credit>"
NONE = Facts({}, {}, (), {}, {}, 1)


@contextmanager
def quickly() -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < SECONDS


def quick(data: bytes) -> Facts:
    with quickly():
        return read(data)


def assert_sound(facts: Facts) -> None:
    """What is promised of any file: text is text, lists are bounded, JSON is JSON."""
    assert facts.orientation in range(1, 9)
    assert facts.source.keys() == facts.values.keys()
    json.dumps([facts.raw, facts.conflicts], allow_nan=False).encode()
    for name, value in facts.values.items():
        if name != "taken_at":
            texts = value if isinstance(value, list) else [value]
            assert 0 < len(texts) <= text.MANY
            assert all(0 < len(one) <= text.MOST and text.printable(one).strip() == one for one in texts)


# ------------------------------------------------------------------------------------------------------------------- XMP

BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e SYSTEM "file:///etc/passwd">]>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_packet_with_a_document_type_is_not_read(encoding: str) -> None:
    body = packet(f"{CREDIT}<photoshop:Source>&d;&e;</photoshop:Source>")
    made = quick(jpeg(raw_xmp((BOMB + body).decode().encode(encoding))))
    assert (dict(made.values), dict(made.raw)) == ({}, {})
    assert made.notes == ("XMP has a document type, which no XMP has; it was not read",)


def test_entity_that_nobody_declared_ends_the_packet() -> None:
    made = quick(jpeg(files.xmp(f"{CREDIT}<photoshop:Source>&e;</photoshop:Source>")))
    assert dict(made.values) == {"credit_line": "STR/AFP"}


def test_deep_nesting_is_left_out_and_does_not_hide_what_follows() -> None:
    nested = "<dc:source><rdf:Bag><rdf:li>" * 60 + "x" + "</rdf:li></rdf:Bag></dc:source>" * 60
    assert dict(quick(jpeg(files.xmp(nested + CREDIT))).values) == {"credit_line": "STR/AFP"}
    made = quick(jpeg(files.xmp(CREDIT + "<dc:source>" * 5000)))  # deeper than libxml2 goes
    assert dict(made.values) == {"credit_line": "STR/AFP"}


def packed(properties: str) -> dict[str, object]:
    """Too large for JPEG's segments: as PNG and WebP carry it."""
    data = packet(properties)
    chunk = b"XMP " + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    made = quick(b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk)
    assert_sound(made)
    assert len(json.dumps(made.raw, ensure_ascii=False)) < 200_000
    return dict(made.values)


def test_hundred_thousand_keywords_give_the_first_two_hundred() -> None:
    words = [f"word {number}" for number in range(100_000)]
    assert packed(several("dc:subject", words) + CREDIT) == {"keywords": words[:200], "credit_line": "STR/AFP"}


def test_text_of_megabytes_is_cut() -> None:
    body = f"<photoshop:Headline>{'x' * 7_000_000}</photoshop:Headline>{CREDIT}"
    assert packed(body) == {"headline": "x" * 10_000, "credit_line": "STR/AFP"}


@pytest.mark.parametrize(
    "swollen",
    [
        "<dc:x/>" * 499_000,
        "&amp;" * 499_000,
        "<dc:x " + " ".join(f"dc:a{number}=''" for number in range(49_000)) + "/>",
        "<dc:x>" + "<y xmlns='" + "u" * 4_000_000 + "'>" + "<z/>" * 100_000 + "</y></dc:x>",
        "".join(f"<{'n' * 40_000}/>" for _ in range(190)),
        "<dc:x>" + "".join(f"<y xmlns='{'u' * 190}{number}'/>" for number in range(30_000)) + "</dc:x>",
    ],
    ids=["elements", "references", "attributes", "namespace", "names", "namespaces"],
)
def test_swollen_packet_is_read_in_bounded_time(swollen: str) -> None:
    assert packed(CREDIT + swollen)["credit_line"] == "STR/AFP"


@pytest.mark.parametrize("swollen", ["<dc:x/>" * (xmp.PIECES + 1), "<dc:x a='" + "=" * xmp.ATTRIBUTES + "'/>"])
def test_packet_beyond_all_measure_is_not_read(swollen: str) -> None:
    assert packed(CREDIT + swollen) == {}


def test_packet_over_the_block_s_limit_is_not_read() -> None:
    assert packed(CREDIT + " " * container.MOST) == {}


def test_surrogates_and_zeros_in_a_packet_are_dropped() -> None:
    wide = (
        packet("<photoshop:Credit>A~B</photoshop:Credit>").decode().encode("utf-16-be").replace(b"\0~", b"\xd8\0\0\0")
    )
    assert dict(quick(jpeg(raw_xmp(wide))).values) == {"credit_line": "A\ufffdB"}
    halves = packet("<photoshop:Credit>AB</photoshop:Credit>").replace(b"AB", b"A\xed\xa0\x80B\0")
    made = quick(jpeg(raw_xmp(halves)))
    assert dict(made.values) == {"credit_line": "A\ufffd\ufffd\ufffdB"}
    assert made.notes == ("XMP has characters that could not be read",)
    referred = quick(jpeg(files.xmp(f"{CREDIT}<photoshop:Source>&#xD800;&#0;</photoshop:Source>")))
    assert dict(referred.values) == {"credit_line": "STR/AFP"}


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff\xfe", b"<", b"<a", b"\xfe\xff\0", b"<?xpacket?>", b"<rdf:RDF/>"])
def test_packet_that_is_none_gives_nothing(data: bytes) -> None:
    assert dict(quick(jpeg(raw_xmp(data))).values) == {}


def test_raw_is_bounded_however_much_was_read() -> None:
    body = "".join(f"<dc:x{number}>{'x' * 9_000}</dc:x{number}>" for number in range(500))
    packed(body)


# ------------------------------------------------------------------------------------------------------------------- IIM


@pytest.mark.parametrize(
    "lying",
    [
        bytes([0x1C, 2, 120, 0xFF, 0xFF]),
        bytes([0x1C, 2, 120, 0x80, 4, 0xFF, 0xFF, 0xFF, 0xFF]) + b"abc",
        bytes([0x1C, 2, 120, 0x80, 8]) + b"\xff" * 8,
        bytes([0x1C, 2, 120, 0x10, 0]) + b"short",
        bytes([0x1C, 2]),
        b"no data set",
    ],
)
def test_iim_ends_at_a_length_that_lies(lying: bytes) -> None:
    assert dict(quick(jpeg(iim(UTF8 + dataset(110, b"AFP") + lying))).values) == {"credit_line": "AFP"}


def test_hundred_thousand_data_sets_give_two_hundred_keywords() -> None:
    whole = resource(0x0404, b"".join(dataset(25, f"word {number}".encode()) for number in range(100_000)))
    parts = [segment(0xED, b"Photoshop 3.0\0" + whole[at : at + 65_000]) for at in range(0, len(whole), 65_000)]
    assert dict(quick(jpeg(*parts)).values) == {"keywords": [f"word {number}" for number in range(200)]}


def test_iim_of_controls_alone_says_nothing() -> None:
    assert quick(jpeg(iim(dataset(120, b"\0\x01\x02 \r\n") + dataset(80, b"\0\0") + dataset(25, b"")))) == NONE


@pytest.mark.parametrize(
    "resources",
    [
        b"8BIM\x04\x04",
        b"8BIM\x04\x04\xff" + b"x" * 20,
        b"8BIM\x04\x04\0\0\xff\xff\xff\xff" + b"junk",
        b"8BIM\x04\x25\0\0\0\0\0\x04abcd",
        b"8BIX" * 9,
    ],
)
def test_resources_that_lie_give_nothing(resources: bytes) -> None:
    assert quick(jpeg(segment(0xED, b"Photoshop 3.0\0" + resources))) == NONE


# ------------------------------------------------------------------------------------------------------------------ EXIF


def tiff(*entries: tuple[int, int, int, int], first: int = 8) -> bytes:
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", first, len(entries)) + directory + struct.pack("<I", 8)


@pytest.mark.parametrize(
    "data",
    [
        tiff((0x8769, 4, 1, 8), (0x8825, 4, 1, 8)),  # directories within themselves
        tiff((0x8769, 4, 2**31, 8), (0x013B, 2, 2**32 - 1, 8)),
        tiff((0x013B, 2, 100, 2**32 - 1)),
        tiff((0x013B, 99, 4, 8), (0x0112, 2, 1, 6), (0x0112, 5, 1, 2**31)),
        tiff(first=2**32 - 1),
        tiff((0x0112, 3, 0, 0)),
        b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 64,
        b"II*\0",
        b"MM\0*\0\0\0",
        b"",
        b"junk",
    ],
)
def test_broken_exif_gives_nothing(data: bytes) -> None:
    assert quick(jpeg(segment(0xE1, b"Exif\0\0" + data))) == NONE
    assert quick(data) == NONE


def test_exif_numbers_that_are_none_do_not_reach_json() -> None:
    zeros = struct.pack("<HHII", 0x829A, 5, 1, 68) + struct.pack("<HHIf", 0x829D, 11, 1, float("nan"))
    inner = struct.pack("<HHIf", 0x920A, 11, 1, float("inf"))
    data = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x8769, 4, 1, 26) + b"\0" * 4
    data += struct.pack("<H", 3) + zeros + inner + b"\0" * 4 + b"\1\0\0\0\0\0\0\0"
    assert quick(jpeg(segment(0xE1, b"Exif\0\0" + data))) == NONE


# ------------------------------------------------------------------------------------------------------------ containers


def chunk(sort: bytes, data: bytes, length: int | None = None) -> bytes:
    return struct.pack(">I", len(data) if length is None else length) + sort + data + b"\0\0\0\0"


PNG = b"\x89PNG\r\n\x1a\n"
MEGABYTES = b"a" * (9 * 2**20)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * 10_000_000,
        b"\xff\xd8" + b"\xff\xe1\0\2" * 3_000_000,
        b"\xff\xd8\xff\xe1\0\0Exif",
        b"\xff\xd8\xff\xe1\xff\xffExif\0\0II*\0",
        b"\xff\xd8\xff\xed\0\x10Photoshop 3.0\0",
        PNG + chunk(b"eXIf", b"II*\0", 2**32 - 1),
        PNG + chunk(b"tEXt", b"a\0b") * 700_000,
        PNG + chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(MEGABYTES)) * 1_000,
        PNG + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(MEGABYTES)) * 1_000,
        PNG + chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0junk") + chunk(b"iTXt", b"XML:com.adobe.xmp"),
        PNG + chunk(b"tEXt", b"Raw profile type exif\0\nexif\n 3\nxyz") + chunk(b"tEXt", b"Raw profile type exif\0"),
        b"RIFF\0\0\0\0WEBP" + b"EXIF\0\0\0\0" * 1_000_000,
        b"RIFF\0\0\0\0WEBPXMP \xff\xff\xff\xff",
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\x08free" * 1_000_000,
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\1meta" + b"\xff" * 8,
        b"\0\0\0\x10ftypheic\0\0\0\0" + b"\0\0\0\0meta",
    ],
)
def test_container_that_lies_or_swells_gives_nothing_in_little_time(data: bytes) -> None:
    assert quick(data) == NONE


def test_segments_before_a_cut_are_still_read() -> None:
    whole = jpeg(files.xmp(CREDIT), exif({Base.Artist: "Jane Doe"}))
    assert dict(quick(whole[: whole.index(b"Jane Doe")]).values) == {"credit_line": "STR/AFP"}


def test_tables_of_items_that_lie_cost_no_time() -> None:
    extents = b"".join(struct.pack(">HHHH", number & 0xFFFF, 0, 0, 65_535) for number in range(131_000))
    places = files.full_box(b"iloc", 1, b"\0\0" + struct.pack(">H", 65_535) + extents)
    entry = files.full_box(b"infe", 2, struct.pack(">HH", 1, 0) + b"Exif\0")
    infos = files.full_box(b"iinf", 1, struct.pack(">I", 2**32 - 1) + entry * 45_000)
    head = files.box(b"ftyp", b"heic\0\0\0\0")
    assert quick(head + files.full_box(b"meta", 0, infos + places)) == NONE


def test_items_of_absurd_place_or_size_are_absent() -> None:
    infos = files.full_box(b"iinf", 0, struct.pack(">H", 1) + files.full_box(b"infe", 2, b"\0\1\0\0Exif\0"))
    for start, length in ((2**64 - 1, 4), (0, 2**64 - 1), (2**63, 2**63), (2**40, 100)):
        places = struct.pack(">HHHHHQQ", 0x8800, 1, 1, 0, 1, start, length)
        meta = files.full_box(b"meta", 0, infos + files.full_box(b"iloc", 0, places))
        assert quick(files.box(b"ftyp", b"heic\0\0\0\0") + meta) == NONE


# ---------------------------------------------------------------------------------------------------------------- fuzzing

MADE = {
    "jpeg": jpeg(
        exif({Base.Artist: "Jane Doe; Kim", Base.Orientation: 6}, {Base.DateTimeOriginal: "2025:11:20 09:08:07"}),
        files.xmp(CREDIT + several("dc:creator", ["Jane Doe"])),
        iim(UTF8 + dataset(110, "Łódź".encode()) + dataset(55, b"20251120"), files.digest(b"other")),
    ),
    "png": files.picture("PNG", exif=files.tags({Base.Artist: "Jane Doe"})),
    "webp": files.picture("WEBP", exif=files.tags({Base.Artist: "Jane Doe"}), xmp=packet(CREDIT)),
    "tiff": files.picture("TIFF", tiffinfo={Base.Artist: "Jane Doe"}),
    "avif": files.picture("AVIF", exif=files.tags({Base.Artist: "Jane Doe"}), xmp=packet(CREDIT)),
    "heic": files.heic(files.tags({Base.Artist: "Jane Doe"}), packet(CREDIT)),
}
FOUND = {path.name: path.read_bytes()[:65_536] for path in files.REFERENCES.glob("*") if path.suffix != ".json"}
SEEDS = MADE | FOUND  # what was found is not there in a plain clone
EDITS = st.lists(
    st.tuples(st.sampled_from(["set", "cut", "insert", "repeat"]), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=400, deadline=SECONDS * 1000)
@given(st.sampled_from(sorted(SEEDS)), EDITS)
def test_any_change_to_a_file_s_bytes_gives_facts(name: str, edits: list[tuple[str, float, bytes]]) -> None:
    data = SEEDS[name]
    for edit, where, new in edits:
        at = int(where * len(data))
        data = {
            "set": data[:at] + new + data[at + len(new) :],
            "cut": data[: max(at, 12)],
            "insert": data[:at] + new + data[at:],
            "repeat": data[:at] + data[max(at - 64, 0) : at] + data[at:],
        }[edit]
    assert_sound(read(data))


@settings(max_examples=200, deadline=SECONDS * 1000)
@given(st.binary(max_size=200), st.sampled_from(["xmp", "iim", "exif", "resources"]))
def test_any_bytes_in_a_block_s_place_give_facts(data: bytes, place: str) -> None:
    block = {
        "xmp": raw_xmp(data),
        "iim": iim(data),
        "exif": segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + data),
        "resources": segment(0xED, b"Photoshop 3.0\0" + data),
    }[place]
    assert_sound(read(jpeg(block)))


@settings(max_examples=300, deadline=SECONDS * 1000)
@given(st.text(max_size=60))
def test_any_text_in_iim_comes_out_as_itself_without_controls(written: str) -> None:
    record = UTF8 + dataset(120, written.encode("utf-8", "surrogatepass"))
    facts = read(jpeg(iim(record)))
    assert_sound(facts)
    if written.isprintable() and len(written.encode()) < 1990:
        assert facts.values.get("caption", "") == written.strip()
