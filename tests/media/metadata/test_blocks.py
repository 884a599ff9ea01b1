"""What XMP, IIM and EXIF say, each in its own way of writing, and which of them counts."""

from typing import Any

import pytest
from PIL.ExifTags import Base

from media.metadata import Facts, credit_of, dates, read
from tests.media.metadata import files
from tests.media.metadata.files import UTF8, dataset, exif, iim, jpeg, packet, raw_xmp, several, xmp


def values(*segments: bytes) -> dict[str, Any]:
    return dict(read(jpeg(*segments)).values)


def alt(name: str, **texts: str) -> str:
    entries = "".join(f'<rdf:li xml:lang="{lang.replace("_", "-")}">{text}</rdf:li>' for lang, text in texts.items())
    return f"<{name}><rdf:Alt>{entries}</rdf:Alt></{name}>"


# ------------------------------------------------------------------------------------------------------------ precedence


def test_xmp_counts_before_iim_and_iim_before_exif() -> None:
    record = UTF8 + dataset(120, b"From IIM") + dataset(80, b"Ines") + dataset(110, b"AFP")
    tagged = exif({Base.ImageDescription: "From EXIF", Base.Artist: "Other", Base.Copyright: "(c) EXIF"})
    made = read(jpeg(tagged, xmp(alt("dc:description", x_default="From XMP")), iim(record, files.digest(record))))
    assert dict(made.values) == {
        "caption": "From XMP",
        "creators": ["Ines"],
        "credit_line": "AFP",
        "copyright_notice": "(c) EXIF",
    }
    assert dict(made.source) == {"caption": "xmp", "creators": "iim", "credit_line": "iim", "copyright_notice": "exif"}
    assert dict(made.conflicts) == {
        "caption": {"xmp": "From XMP", "iim": "From IIM", "exif": "From EXIF"},
        "creators": {"iim": ["Ines"], "exif": ["Other"]},
    }
    assert made.notes == ()


def test_stale_digest_puts_iim_first_and_tells_the_editor() -> None:
    record = UTF8 + dataset(105, b"Newer headline")
    made = read(jpeg(xmp("<photoshop:Headline>Older</photoshop:Headline>"), iim(record, files.digest(b"before"))))
    assert (made.values["headline"], made.source["headline"]) == ("Newer headline", "iim")
    assert dict(made.conflicts) == {"headline": {"xmp": "Older", "iim": "Newer headline"}}
    assert made.notes == ("Photoshop IPTCDigest is stale: IIM edited after XMP",)


def test_iim_that_is_only_cut_off_stays_behind_xmp_under_a_stale_digest() -> None:
    credit = "Petra Halloway/Press Service of Łódź via REUTERS"  # 32 bytes end within "of "
    names = ["Zoë Müller-Ångström von und zu Łódź", "Kim Min-su"]
    record = UTF8 + dataset(110, credit.encode()[:32])
    record += b"".join(dataset(80, name.encode()[:32]) for name in names)
    body = f"<photoshop:Credit>{credit}</photoshop:Credit>{several('dc:creator', names)}"
    made = read(jpeg(xmp(body), iim(record, files.digest(b"before"))))
    assert (made.values["credit_line"], made.values["creators"]) == (credit, names)
    assert set(made.source.values()) == {"xmp"}
    assert dict(made.conflicts) == {}


def test_shorter_iim_text_under_a_stale_digest_is_an_edit() -> None:
    record = UTF8 + dataset(105, b"Fire")
    body = "<photoshop:Headline>Fire in the old town</photoshop:Headline>"
    assert read(jpeg(xmp(body), iim(record, files.digest(b"before")))).values["headline"] == "Fire"


def test_dates_that_disagree_follow_the_order_of_blocks() -> None:
    tagged = exif({}, {Base.DateTimeOriginal: "2025:11:21 09:00:00", Base.OffsetTimeOriginal: "+09:00"})
    made = read(jpeg(tagged, xmp("<photoshop:DateCreated>2025-11-20</photoshop:DateCreated>")))
    assert (made.values["date_created"], made.source["date_created"]) == ("2025-11-20", "xmp")
    assert "taken_at" not in made.values


def test_date_from_exif_completes_the_day_in_xmp() -> None:
    tagged = exif(
        {},
        {
            Base.DateTimeOriginal: "2025:11:20 23:30:00",
            Base.SubsecTimeOriginal: "5",
            Base.OffsetTimeOriginal: "-05:00",
        },
    )
    made = read(jpeg(tagged, xmp("<photoshop:DateCreated>2025-11-20</photoshop:DateCreated>")))
    assert made.values["date_created"] == "2025-11-20T23:30:00.5-05:00"
    assert made.values["taken_at"].isoformat() == "2025-11-21T04:30:00.500000+00:00"
    assert dict(made.source) == {"date_created": "exif", "taken_at": "exif"}
    assert dict(made.conflicts) == {}


def test_camera_time_without_zone_is_no_moment() -> None:
    tagged = exif({}, {Base.DateTimeOriginal: "2025:11:20 23:30:00"})
    assert values(tagged) == {"date_created": "2025-11-20T23:30:00"}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025", "2025"),
        ("2025-11", "2025-11"),
        ("2025-11-20T14:05", "2025-11-20T14:05"),
        ("2025-11-20T14:05:09Z", "2025-11-20T14:05:09+00:00"),
        ("2025:11:20 14:05:09.123456789+0100", "2025-11-20T14:05:09.123456+01:00"),
        ("2025-11-00", "2025-11"),
        ("2025-00-00T00:00:00", "2025"),
        ("0000:00:00 00:00:00", None),
        ("2025-02-30", None),
        ("2025-11-20T14:0599", None),
        ("2025-11-20T25:00:00", None),
        ("2025-11-20T10:00:00+99:00", None),
        ("    ", None),
        ("yesterday", None),
    ],
)
def test_date_is_kept_as_precise_as_it_is(text: str, date: str | None) -> None:
    assert dates.read(text) == date


def test_moment_at_the_edge_of_time_is_left_open() -> None:
    assert dates.moment("0001-01-01T00:00:00+10:00") is None


# ------------------------------------------------------------------------------------------------------------------- XMP


def test_properties_are_read_from_attributes_and_from_elements() -> None:
    made = values(xmp(alt("dc:title", x_default="T"), 'photoshop:Credit="A/B" photoshop:City="Łódź"'))
    assert made == {"credit_line": "A/B", "city": "Łódź", "title": "T"}


def test_language_default_counts_and_a_blank_one_does_not() -> None:
    body = alt("dc:description", en="English", x_default="Default") + alt(
        "dc:rights", x_default=" ", de="Recht", fr="Droit"
    )
    assert values(xmp(body)) == {"caption": "Default", "copyright_notice": "Recht"}


def test_order_of_creators_is_kept_and_their_commas_too() -> None:
    assert values(xmp(several("dc:creator", ["Doe, Jane", " ", "Kim Min-su", "Doe, Jane"]))) == {
        "creators": ["Doe, Jane", "Kim Min-su"]
    }


def test_place_shown_stands_in_for_the_plain_fields_as_a_whole() -> None:
    shown = (
        "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        "<Iptc4xmpExt:City>Busan</Iptc4xmpExt:City><Iptc4xmpExt:CountryCode>KOR</Iptc4xmpExt:CountryCode>"
        "</rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>"
        "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li Iptc4xmpExt:City='Seoul'/></rdf:Bag></Iptc4xmpExt:LocationCreated>"
    )
    assert values(xmp(shown)) == {"city": "Busan", "country_code": "KOR"}
    assert values(xmp(shown, "photoshop:Country='Korea'")) == {"country": "Korea"}


def test_people_are_those_named_and_those_described() -> None:
    body = several("Iptc4xmpExt:PersonInImage", ["Ada"]) + (
        "<Iptc4xmpExt:PersonInImageWDetails><rdf:Bag><rdf:li><rdf:Description>"
        f"{alt('Iptc4xmpExt:PersonName', x_default='Berta')}"
        "</rdf:Description></rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImageWDetails>"
    )
    assert values(xmp(body)) == {"people": ["Ada", "Berta"]}


def test_licence_is_a_web_address_or_nothing() -> None:
    assert values(xmp("", 'xmpRights:WebStatement="see our web site"')) == {}
    assert values(xmp("", 'xmpRights:WebStatement="javascript:alert(1)"')) == {}
    link = "<xmpRights:WebStatement rdf:resource='https://news.example.com/l'/>"
    assert values(xmp(link)) == {"web_statement": "https://news.example.com/l"}


def test_source_type_is_given_in_the_vocabulary_s_own_form() -> None:
    uri = "cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    body = f"<Iptc4xmpExt:DigitalSourceType>https://{uri}</Iptc4xmpExt:DigitalSourceType>"
    assert values(xmp(body)) == {"digital_source_type": f"http://{uri}"}


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED", "DMI-PROHIBITED"),
        ("https://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING", "DMI-PROHIBITED-AIMLTRAINING"),
        ("DMI-UNSPECIFIED", "DMI-UNSPECIFIED"),
        ("Prohibited", None),
        ("http://example.com/DMI-ALLOWED", None),
    ],
)
def test_terms_of_data_mining_are_those_of_plus(written: str, term: str | None) -> None:
    read = values(xmp(f"<plus:DataMining>{written}</plus:DataMining>"))
    assert read == ({"data_mining": f"http://ns.useplus.org/ldf/vocab/{term}"} if term else {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_packet_is_read_in_every_encoding(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="utf-16"?>' + packet("", 'photoshop:Credit="Ñandú 통신"').decode()
    assert values(raw_xmp(text.encode(encoding))) == {"credit_line": "Ñandú 통신"}


def test_controls_in_a_packet_are_dropped_and_the_packet_read() -> None:
    body = "<photoshop:Instructions>one\x00\x0b\x07two&#xD;three\u2028four</photoshop:Instructions>"
    assert values(xmp(body)) == {"instructions": "one two\nthree\nfour"}


def test_broken_packet_gives_what_stands_before_its_fault() -> None:
    whole = packet("<photoshop:Credit>AFP</photoshop:Credit><photoshop:Source>KCNA</photoshop:Source>")
    made = read(jpeg(raw_xmp(whole[: whole.index(b"KCNA")])))
    assert dict(made.values) == {"credit_line": "AFP"}
    assert made.notes == ("XMP is broken; what stands before the fault was read",)


def test_extension_of_a_packet_is_read_if_all_of_it_is_there() -> None:
    further = packet(
        alt("dc:description", x_default="A long caption. " * 5000) + "<photoshop:Credit>Other</photoshop:Credit>"
    )
    name = files.digest(further).hex().upper().encode()
    main = xmp("<photoshop:Credit>AFP</photoshop:Credit>", f'xmpNote:HasExtendedXMP="{name.decode()}"')
    parts = [
        files.segment(
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0"
            + name
            + len(further).to_bytes(4, "big")
            + place.to_bytes(4, "big")
            + further[place : place + 60_000],
        )
        for place in (60_000, 0)
    ]
    made = values(main, *parts)
    assert (made["credit_line"], made["caption"]) == ("AFP", ("A long caption. " * 5000)[:10_000].rstrip())
    assert values(main, parts[0]) == {"credit_line": "AFP"}
    assert values(main, parts[1]) == {"credit_line": "AFP"}
    assert values(xmp("<photoshop:Credit>AFP</photoshop:Credit>"), *parts) == {"credit_line": "AFP"}


# ------------------------------------------------------------------------------------------------------------------- IIM


def test_iim_marked_as_utf8_keeps_text_whose_last_character_is_torn() -> None:
    torn = ("x" * 31 + "é").encode()[:32]
    longer = "Service de presse de la région é"  # 34 bytes, not cut
    assert values(iim(UTF8 + dataset(110, torn) + dataset(115, longer.encode()))) == {
        "credit_line": "x" * 31,
        "source": longer,
    }


@pytest.mark.parametrize(
    ("record", "city", "notes"),
    [
        (dataset(90, "Málaga".encode()), "Málaga", ()),
        (
            dataset(90, "Málaga".encode("cp1252")),
            "Málaga",
            ("IIM has no CodedCharacterSet; decoded as cp1252 by detection",),
        ),
        (
            UTF8 + dataset(90, "Café".encode("cp1252")),
            "Café",
            ("IIM is marked as UTF-8 but is not; decoded as cp1252 by detection",),
        ),
        (dataset(90, b"Kingston"), "Kingston", ()),
    ],
)
def test_iim_charset_is_as_marked_or_as_found(record: bytes, city: str, notes: tuple[str, ...]) -> None:
    made = read(jpeg(iim(record)))
    assert (dict(made.values), made.notes) == ({"city": city}, notes)


def test_iim_of_unmarked_short_lines_is_not_taken_for_torn_utf8() -> None:
    assert values(iim(dataset(80, "José".encode("cp1252")))) == {"creators": ["José"]}


def test_iim_longer_than_its_limits_is_read_and_so_is_an_extended_data_set() -> None:
    caption = "Łódź. " * 7000
    long = bytes([0x1C, 2, 120, 0x80, 4]) + len(caption.encode()).to_bytes(4, "big") + caption.encode()
    assert values(iim(UTF8 + long + dataset(110, b"Y" * 200))) == {
        "caption": caption[:10_000].rstrip(),
        "credit_line": "Y" * 200,
    }


@pytest.mark.parametrize(
    ("day", "time", "date"),
    [
        (b"20251120", b"140509+0100", "2025-11-20T14:05:09+01:00"),
        (b"20251120", b"140509", "2025-11-20T14:05:09"),
        (b"20251100", b"140509+0100", "2025-11"),
        (b"20251120", b"junk", "2025-11-20"),
        (b"00000000", b"", None),
    ],
)
def test_iim_date_has_its_time_in_a_data_set_of_its_own(day: bytes, time: bytes, date: str | None) -> None:
    assert values(iim(dataset(55, day) + dataset(60, time))).get("date_created") == date


# ------------------------------------------------------------------------------------------------------------------ EXIF


@pytest.mark.parametrize("junk", ["OLYMPUS DIGITAL CAMERA         ", "SONY DSC", "Exif_JPEG_PICTURE", "X-T5", "ACME"])
def test_camera_s_own_filling_is_no_caption(junk: str) -> None:
    tagged = exif({Base.Make: "ACME", Base.Model: "X-T5", Base.ImageDescription: junk, Base.Artist: "Picasa"})
    made = read(jpeg(tagged))
    assert (dict(made.values), dict(made.conflicts)) == ({}, {})
    assert made.raw["exif"]["ImageDescription"] == junk.strip()


def test_artists_are_split_at_semicolons_outside_quotes_only() -> None:
    assert values(files.artist('"Doe; Jane"; Kim Min-su, Jr.; picasa')) == {
        "creators": ["Doe; Jane", "Kim Min-su, Jr."]
    }


def test_both_parts_of_an_exif_copyright_are_kept() -> None:
    assert values(exif({Base.Copyright: "© Jane Doe\0© Example News\0"})) == {
        "copyright_notice": "© Jane Doe; © Example News"
    }


def test_exif_text_that_is_not_utf8_is_read_with_a_note() -> None:
    made = read(jpeg(exif({Base.Artist: "José Ñandú".encode("cp1252")})))
    assert dict(made.values) == {"creators": ["José Ñandú"]}
    assert made.notes == ("EXIF text is not UTF-8; decoded as cp1252 by detection",)


@pytest.mark.parametrize(("given", "orientation"), [(0, 1), (1, 1), (6, 6), (8, 8), (9, 1), (65535, 1)])
def test_orientation_is_one_to_eight_or_upright(given: int, orientation: int) -> None:
    assert read(jpeg(exif({Base.Orientation: given}))).orientation == orientation


# ---------------------------------------------------------------------------------------------------------------- credit


@pytest.mark.parametrize(
    ("given", "credit"),
    [
        ({"creators": ["STR"], "credit_line": "KCNA VIA KNS/AFP"}, "STR/KCNA VIA KNS/AFP"),
        ({"creators": ["STR"], "credit_line": "(STR)(STR/KCNA VIA KNS/AFP)"}, "(STR)(STR/KCNA VIA KNS/AFP)"),
        ({"creators": ["Jane Doe"], "credit_line": "AP Photo/JANE DOE, Pool"}, "AP Photo/JANE DOE, Pool"),
        ({"creators": ["Jane Doe"], "credit_line": "J. Doe/The Courier"}, "J. Doe/The Courier"),
        ({"creators": ["Ali"], "credit_line": "Reuters/Alison Roe"}, "Ali/Reuters/Alison Roe"),
        ({"creators": ["Jane Doe", "Kim Min-su"], "credit_line": "AFP"}, "Jane Doe, Kim Min-su/AFP"),
        ({"creators": ["José"], "credit_line": "Jose\u0301/AFP"}, "Jose\u0301/AFP"),
        ({"creators": ["Jane Doe"], "source": "AFP"}, "Jane Doe/AFP"),
        ({"credit_line": "Getty Images", "source": "AFP"}, "Getty Images"),
        ({"source": "AFP"}, "AFP"),
        ({"creators": ["Jane Doe"]}, "Jane Doe"),
        ({"copyright_notice": "© AFP", "supplier": "AFP"}, None),
        ({}, None),
    ],
)
def test_credit_names_the_creator_once_and_then_the_line_as_it_is(given: dict[str, Any], credit: str | None) -> None:
    assert credit_of(Facts(given, {}, (), {}, {}, 1)) == credit
