"""Photos by other programs, with what is known to be in them; and the demo's own, back from its files."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cms.demo import content, photos, tagging
from media import metadata
from tests.media.metadata.files import REFERENCES

# of our names those that the expected files speak of
NAMED = {
    "creators", "caption", "headline", "title", "credit_line", "source", "copyright_notice", "keywords", "instructions",
    "creator_job_title", "usage_terms", "web_statement", "alt_text", "digital_source_type", "licensor_url",
}  # fmt: skip
PHOTOS = [
    "agency-kcna.jpg", "ai-generated.jpg", "c2pa-CA.jpg", "exif-only.jpg", "exiftool-IPTC.jpg", "exiftool-PhotoMechanic.jpg",
    "exiftool-XMP.jpg", "gps.jpg", "iim-only-latin1-unmarked.jpg", "iim-only-utf8.jpg", "iptc-generative-ai-example.jpg",
    "lang-alt.jpg", "mismatch-exif-junk.jpg", "orientation-1.jpg", "orientation-3.jpg", "orientation-6.jpg",
    "orientation-8.jpg", "pngsuite-basn6a16.png", "recurser-Landscape_6.jpg", "ref-all-fields.jpg", "xmp-exif.webp",
    "xmp-itxt.png", "xmp-only.jpg",
]  # fmt: skip
CREDITS = {
    "agency-kcna.jpg": "STR/KCNA VIA KNS/AFP",
    "ai-generated.jpg": "Illustration: Example News with an image generator",
    "exif-only.jpg": "Jane Doe, Kim Min-su",
    "iim-only-utf8.jpg": "José Ñandú/AFP",
    "lang-alt.jpg": None,  # a copyright notice alone
    "ref-all-fields.jpg": "Zoë Müller-Ångström/Example News / Newsroom Pool",
    "xmp-only.jpg": "Jane Doe/Kim Min-su/Example News",
}
beside = pytest.mark.skipif(not REFERENCES.exists(), reason="the reference photos are not beside this checkout")


@cache
def facts(name: str) -> metadata.Facts:
    return metadata.read(REFERENCES / name)


def expected(name: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads(Path(REFERENCES / f"{name}.expected.json").read_text(encoding="utf-8"))
    return told


@beside
def test_every_reference_photo_is_asked_for() -> None:
    assert sorted(path.name.removesuffix(".expected.json") for path in REFERENCES.glob("*.expected.json")) == PHOTOS


@beside
@pytest.mark.parametrize("name", PHOTOS)
def test_reference_photo_gives_its_values_from_their_blocks(name: str) -> None:
    resolved = expected(name)["resolved"]
    # the licensor's URL has a value but no origin in its expected file; the only block there that can hold it is XMP
    origin = resolved["from"] | ({"licensor_url": "xmp"} if "licensor_url" in resolved["values"] else {})
    read = facts(name)
    assert {key: value for key, value in read.values.items() if key in NAMED} == resolved["values"]
    assert {key: block for key, block in read.source.items() if key in NAMED} == origin
    assert list(read.notes) == resolved["notes"]
    assert read.source.keys() == read.values.keys()


@beside
@pytest.mark.parametrize("name", PHOTOS)
def test_reference_photo_lies_as_its_exif_says(name: str) -> None:
    assert facts(name).orientation == (expected(name)["image"]["exif_orientation"] or 1)


@beside
def test_photo_with_all_fields_gives_place_people_supplier_and_time() -> None:
    values = facts("ref-all-fields.jpg").values
    assert {key: value for key, value in values.items() if key not in NAMED and key != "taken_at"} == {
        "supplier": "Example Picture Desk",
        "people": ["Jan Kowalski"],
        "sublocation": "Piotrkowska",
        "city": "Łódź",
        "region": "Łódzkie",
        "country": "Poland",
        "country_code": "POL",
        "date_created": "2025-11-20T14:05:09+01:00",
    }
    assert values["taken_at"].isoformat() == "2025-11-20T13:05:09+00:00"


@beside
def test_most_complete_of_the_dates_that_agree_is_taken() -> None:
    read = facts("exiftool-PhotoMechanic.jpg")  # XMP has the day, IIM the time too
    assert (read.values["date_created"], read.source["date_created"]) == ("2006-10-29T06:27:51-05:00", "iim")
    assert dict(read.conflicts) == {}


@beside
def test_blocks_that_disagree_are_both_told() -> None:
    assert dict(facts("exiftool-XMP.jpg").conflicts) == {
        "caption": {"xmp": "UTF-16 (big-endian) encoded XMP", "exif": "A witty caption"},
        "date_created": {"xmp": "2004-02-26", "exif": "2001-05-19T18:36:41"},
    }


@beside
def test_raw_keeps_every_block_and_every_language() -> None:
    raw = facts("ref-all-fields.jpg").raw
    assert list(raw) == ["xmp", "iim", "exif"]
    assert raw["iim"]["OriginalTransmissionReference"] == ["JOB-77"]
    assert raw["exif"]["OffsetTimeOriginal"] == "+01:00"
    assert raw["xmp"]["plus:Licensor"] == [
        {"plus:LicensorName": "Example News Licensing", "plus:LicensorURL": "https://news.example.com/licensing"}
    ]
    assert facts("lang-alt.jpg").raw["xmp"]["dc:description"] == {
        "x-default": "Default caption",
        "ar": "وصف عربي",
        "en": "English caption",
        "ko": "한국어 설명",
    }
    assert facts("gps.jpg").raw["exif"]["GPSLatitude"] == [48, 12, 0]
    json.dumps(raw, allow_nan=False)


@beside
@pytest.mark.parametrize("name", CREDITS)
def test_credit_of_reference_photo(name: str) -> None:
    assert metadata.credit_of(facts(name)) == CREDITS[name]


@beside
def test_bytes_read_like_the_file() -> None:
    assert metadata.read((REFERENCES / "ref-all-fields.jpg").read_bytes()) == facts("ref-all-fields.jpg")


# ---------------------------------------------------------------------------------------------------- the demo's photos


@pytest.mark.parametrize("photo", content.PHOTOS, ids=lambda photo: photo.key)
def test_demo_photo_gives_back_what_was_written_into_it(photo: photos.Photo) -> None:
    read = metadata.read(photos.draw(photo))
    written = {
        "creators": list(photo.creators),
        "caption": photo.caption,
        "copyright_notice": photo.copyright_notice,
        "taken_at": photo.taken_at,
    }
    if "XMP" in photo.carried or "IIM" in photo.carried:
        place = photo.place
        written |= {
            "headline": photo.headline,
            "keywords": list(photo.keywords),
            "instructions": photo.instructions,
            "source": photo.source,
            "sublocation": place.sublocation,
            "city": place.city,
            "region": place.region,
            "country": place.country,
            "country_code": place.country_code,
        }
    if "XMP" in photo.carried:
        written |= {
            "credit_line": photo.credit,
            "usage_terms": photo.usage_terms,
            "alt_text": photo.alt_text,
            "people": list(photo.people),
            "supplier": photo.supplier,
            "digital_source_type": photo.digital_source_type,
        }
        assert metadata.credit_of(read) == photo.credit
    elif "IIM" in photo.carried:
        assert read.values["credit_line"] == tagging.cut(photo.credit, 32).decode()
        assert metadata.credit_of(read) == photo.credit
    for name, value in written.items():
        assert read.values.get(name) == (value or None), name
    assert dict(read.conflicts) == {}
    assert read.notes == ()
