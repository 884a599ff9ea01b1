"""The label of a rendition: sound whatever the texts hold, within every limit, and read back as it was meant."""

import hashlib
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from media import metadata
from media.metadata import container, iim, xmp
from media.metadata.label import PACKET, Label
from tests.media.metadata import files

FULL = Label(
    credit="Zoë Müller-Ångström/KCNA VIA KNS/AFP",
    creators=("Zoë Müller-Ångström", "김민수"),
    headline="Ärger & <Wut>",
    caption="Zeile eins\n第二行 — «три» \"quatre\" 'five' & ٦",
    alt_text="A crowd; two flags",
    copyright_notice="© 2025 Example News",
    usage_terms="No sale.\nNo use in \U0001f1ff\U0001f1ff after 30 days.",
    license_url="https://news.example.com/licence?a=1&b=2",
    digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    data_mining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING",
)
READ = {
    "credit_line": "credit",
    "creators": "creators",
    "headline": "headline",
    "caption": "caption",
    "alt_text": "alt_text",
    "copyright_notice": "copyright_notice",
    "usage_terms": "usage_terms",
    "web_statement": "license_url",
    "digital_source_type": "digital_source_type",
}
# in the most bytes that each sort of character can come to
HEAVY = ["&" * 5000, "\U0001f4f7" * 5000, "<é>" * 5000, "漢" * 5000, "a" * 9000]


def photo(label: Label) -> bytes:
    return files.jpeg(files.raw_xmp(label.xmp), files.segment(0xED, label.photoshop))


def blocks(label: Label) -> container.Blocks:
    with BytesIO(photo(label)) as file:
        return container.blocks(file)


def test_every_value_is_read_back_and_the_two_blocks_agree() -> None:
    read = metadata.read(photo(FULL))
    wanted = {name: getattr(FULL, field) for name, field in READ.items()} | {"creators": list(FULL.creators)}
    assert {name: read.values[name] for name in READ} == wanted
    assert read.values.keys() - READ.keys() <= {"data_mining"}
    assert (dict(read.conflicts), read.notes) == ({}, ())
    assert read.raw["xmp"]["plus:DataMining"] == FULL.data_mining
    assert read.raw["xmp"]["xmpRights:Marked"] == "True"


def test_the_record_is_marked_as_utf8_and_its_digest_is_fresh() -> None:
    found = blocks(FULL)
    assert found.iim.startswith(b"\x1c\x01\x5a\0\3\x1b%G\x1c\2\0\0\2\0\4")
    assert found.digest == hashlib.md5(found.iim, usedforsecurity=False).digest()


def test_what_is_absent_or_blank_is_not_written() -> None:
    bare = Label(credit="AFP", headline="", caption=" \n", copyright_notice="\0")
    assert dict(metadata.read(photo(bare)).values) == {"credit_line": "AFP"}
    assert b"Marked" not in bare.xmp
    assert blocks(bare).iim.count(b"\x1c\2") == 2  # the version, the credit


def test_record_s_texts_end_at_their_limits_with_a_whole_character() -> None:
    label = Label(
        credit="é" * 40, creators=("漢" * 40,), headline="ü" * 200, caption="ж" * 3000, copyright_notice="©" * 99
    )
    read = iim.read(blocks(label).iim)
    assert read.notes == ()
    assert {name: text[0] if isinstance(text, list) else text for name, text in read.values.items()} == {
        "credit_line": "é" * 16,
        "creators": "漢" * 10,
        "headline": "ü" * 128,
        "caption": "ж" * 1000,
        "copyright_notice": "©" * 64,
    }
    assert metadata.read(photo(label)).conflicts == {}


@pytest.mark.parametrize("text", HEAVY)
def test_longest_texts_fit_a_segment_and_only_then_end_in_an_ellipsis(text: str) -> None:
    everything = Label(text, (text,) * 200, text, text, text, text, text, "https://e.test/" + text, text, text)
    assert len(everything.xmp) <= PACKET
    assert len(everything.photoshop) < 65_000
    etree.fromstring(everything.xmp)
    values = metadata.read(photo(everything)).values
    for name in ("credit_line", "headline", "caption", "alt_text", "usage_terms", "copyright_notice"):
        assert values[name] == text or (text.startswith(values[name][:-1]) and values[name].endswith("…")), name
    assert len(values["caption"]) > 1000
    # as long as the desk takes them, all in three bytes a character: whole, but for what the caption has too much
    desk = Label("漢" * 500, ("漢" * 100,) * 10, "漢" * 300, "漢" * 5000, "漢" * 1000, "漢" * 500, "漢" * 2000)
    read = metadata.read(photo(desk)).values
    assert {name: len(value) for name, value in read.items() if isinstance(value, str)} == {
        "credit_line": 500, "headline": 300, "caption": 5000, "alt_text": 1000, "copyright_notice": 500, "usage_terms": 2000,
    }  # fmt: skip


def test_an_address_is_whole_or_absent() -> None:
    label = replace(FULL, license_url="https://e.test/" + "&" * 2000)
    assert "web_statement" not in metadata.read(photo(label)).values


def test_another_text_is_another_digest() -> None:
    names = [name for name in FULL.__dataclass_fields__ if name != "creators"]
    changed: list[dict[str, Any]] = [{name: f"{getattr(FULL, name)} more"} for name in names]
    others = [FULL, replace(FULL, creators=FULL.creators[::-1]), *(replace(FULL, **change) for change in changed)]
    assert len({label.digest for label in others}) == len(names) + 2
    assert replace(FULL).digest == FULL.digest


texts = st.text(max_size=300) | st.text(alphabet="&<>]\x00\x1b\ud800\ufffe\n\r\x85 é", max_size=50)


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Label, texts, st.lists(texts, max_size=4).map(tuple), texts, texts, texts, texts, texts, texts, texts, texts
    )
)
def test_any_text_makes_a_sound_packet_and_a_sound_record(label: Label) -> None:
    etree.fromstring(label.xmp)
    read = xmp.read(label.xmp, {})
    assert read.notes == ()
    record = blocks(label)
    assert record.digest == hashlib.md5(record.iim, usedforsecurity=False).digest()
    assert iim.read(record.iim).notes == ()
    facts = metadata.read(photo(label))
    assert (facts.notes, dict(facts.conflicts)) == ((), {})
    assert facts.values.keys() <= {*READ, "data_mining"}
