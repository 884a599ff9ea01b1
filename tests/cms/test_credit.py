"""Credit lines taken apart, in the forms that agencies use."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.credit import Chain, chain, from_caption

SHARED = Path(__file__).resolve().parents[3] / "shared" / "standards" / "credit-lines.json"


@cache
def collected() -> dict[str, Any]:
    return {one["id"]: one for one in json.loads(SHARED.read_text(encoding="utf-8"))["examples"]}


@pytest.mark.skipif(not SHARED.exists(), reason="the collection of real credit lines is not beside this checkout")
@pytest.mark.parametrize("number", range(1, 13))
def test_collected_line_splits_into_its_creators_and_its_chain(number: int) -> None:
    line = collected()[f"c{number:02}"]
    made = chain(line["raw"])
    assert list(made.creators) == [one["name"] for one in line["creators"]]
    assert [party for party in (made.source, *made.via, made.distributor) if party] == line["chain"]
    assert (made.pool, made.handout) == ("pool" in line["distribution"], "handout" in line["distribution"])


@pytest.mark.parametrize("line", ["STR/KCNA VIA KNS/AFP", "(STR/KCNA VIA KNS/AFP)", "(STR)(STR/KCNA VIA KNS/AFP)"])
def test_chained_agency_credit_reads_the_same_in_every_print_form(line: str) -> None:
    assert chain(line) == Chain(("STR",), "KCNA", ("KNS",), "AFP")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", Chain()),
        ("Jane Doe", Chain(("Jane Doe",))),
        ("AP", Chain(distributor="AP")),
        ("via AP", Chain(distributor="AP")),
        ("Example News Agency", Chain(distributor="Example News Agency")),
        ("Jane Doe/Getty", Chain(("Jane Doe",), distributor="Getty Images")),
        ("REUTERS/Jane Doe/File Photo", Chain(("Jane Doe",), distributor="REUTERS")),
        ("AFP PHOTO / JANE DOE", Chain(("JANE DOE",), distributor="AFP")),
        ("Acme/John Smith", Chain(("John Smith",), distributor="Acme")),
        ("dpa | Jane Doe", Chain(("Jane Doe",), distributor="dpa")),
        ("Jane Doe and John Roe/AP", Chain(("Jane Doe", "John Roe"), distributor="AP")),
        ("Jane Doe, John Roe/AFP", Chain(("Jane Doe", "John Roe"), distributor="AFP")),
        ("Doe, Jane/AP", Chain(("Doe, Jane",), distributor="AP")),
        ("Jane Doe, Reuters", Chain(("Jane Doe",), distributor="Reuters")),
        ("Giulia Via/AFP", Chain(("Giulia Via",), distributor="AFP")),
        ("KCNA/VIA/KNS", Chain(source="KCNA", distributor="KNS")),
        ("AP/AP", Chain(distributor="AP")),
        ("-/AFP", Chain(distributor="AFP")),
        ("Stringer/Reuters", Chain(("Stringer",), distributor="Reuters")),
        ("HO/AFP", Chain(("HO",), distributor="AFP", handout=True)),
        ("POOL/AFP", Chain(distributor="AFP", pool=True)),
        ("Pool Photo via AP", Chain(distributor="AP", pool=True)),
        ("Handout photo provided by Example Police via AP", Chain((), "Example Police", (), "AP", handout=True)),
        ("U.S. Navy/Jane Doe via AP", Chain(("Jane Doe",), "U.S. Navy", (), "AP")),
        ("Jane Doe/WANA (West Asia News Agency) via REUTERS", Chain(("Jane Doe",), "WANA (West Asia News Agency)", (), "REUTERS")),
        ("(Jane Doe/WANA (West Asia News Agency) via REUTERS)", Chain(("Jane Doe",), "WANA (West Asia News Agency)", (), "REUTERS")),
        ("Jane Doe/AP; John Roe/Reuters", Chain(("Jane Doe", "John Roe"), "AP", (), "Reuters")),
    ],
)  # fmt: skip
def test_line_is_taken_apart(line: str, expected: Chain) -> None:
    assert chain(line) == expected


@pytest.mark.parametrize(
    "label",
    ["Photo: ", "Photo by ", "Foto: ", "Foto von ", "Photograph: ", "Image source, ", "Crédit photo : ", "Fotografía: ",
     "Фото: ", "写真：", "사진=", "عکس: ", "Picture: ", "© ", "© 2024 ", "(c) "],
)  # fmt: skip
def test_label_of_any_language_is_no_part_of_a_name(label: str) -> None:
    assert chain(f"{label}Jane Doe/AFP") == Chain(("Jane Doe",), distributor="AFP")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("写真：共同通信", Chain(distributor="共同通信")),
        ("사진=연합뉴스", Chain(distributor="연합뉴스")),
        ("新华社/李明", Chain(("李明",), distributor="新华社")),
        ("홍길동/뉴시스", Chain(("홍길동",), distributor="뉴시스")),
        ("عکس: رویترز", Chain(distributor="رویترز")),
    ],
)
def test_providers_sign_in_their_own_script(line: str, expected: Chain) -> None:
    assert chain(line) == expected


@given(st.text())
def test_any_text_has_a_chain_whose_parts_are_not_empty(line: str) -> None:
    made = chain(line)
    named = [*made.creators, *made.via, *(one for one in (made.source, made.distributor) if one is not None)]
    assert all(named)
    assert made.distributor is not None or (made.source is None and made.via == ())


@pytest.mark.parametrize("line", ["(" * 5000, " " * 5000 + "x", "/" * 5000, "()" * 2500, "via " * 1250, "A a " * 1250])
def test_hostile_line_is_read_like_any_other(line: str) -> None:
    assert chain(line).pool is False
    assert from_caption(line) is None


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A street after the rain. (AP Photo/Evan Vucci, File)", "AP Photo/Evan Vucci, File"),
        ("A test. (STR)(STR/KCNA VIA KNS/AFP)", "STR/KCNA VIA KNS/AFP"),
        ("A street (left) and a square. (Getty Images).", "Getty Images"),
        ("A street. [Handout via REUTERS]", "Handout via REUTERS"),
        ("A street. (Photo by Jane Doe)", "Photo by Jane Doe"),
        ("A street. (Jane Doe/Example Agency)", "Jane Doe/Example Agency"),
        ("A street. (Handout)", "Handout"),
        ("A street. (Pool)", "Pool"),
        ("通りの様子（写真：共同通信）", "写真：共同通信"),
        ("A street. (Jane Doe/WANA (West Asia News Agency) via REUTERS)", "Jane Doe/WANA (West Asia News Agency) via REUTERS"),
    ],
)  # fmt: skip
def test_credit_at_the_end_of_a_caption_is_found_as_written(caption: str, credit: str) -> None:
    assert from_caption(caption) == credit


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "A street.",
        "Jane Doe (left)",
        "A street. (File photo)",
        "A street. (Photo)",
        "A street. (Photo taken in 2019)",
        "The centre and its water (pool)",
        "Two people (left/right)",
        "The season (2019/20)",
        "A street (N/A)",
        "A visitor from overseas (USA)",
        "The agency (AP) said so",
        "Jane Doe/WANA (West Asia News Agency)",
        "An open bracket (AP",
    ],
)
def test_other_brackets_are_no_credit(caption: str) -> None:
    assert from_caption(caption) is None
