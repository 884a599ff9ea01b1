"""Credit lines taken apart, in the forms that agencies use."""

import json
from functools import cache
from pathlib import Path
from time import process_time
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


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Jane Doe for The New York Times", Chain(("Jane Doe",), distributor="The New York Times")),
        ("Institute for War Studies via AP", Chain((), "Institute for War Studies", (), "AP")),
        ("Mandatory Credit: Photo by Jane Doe/Shutterstock (1234567a)", Chain(("Jane Doe",), distributor="Shutterstock")),
        ("Jane Doe (AP)", Chain(("Jane Doe",), distributor="AP")),
        ("© AFP - Jane Doe", Chain(("Jane Doe",), distributor="AFP")),
        ("Jane Doe, via Agence France-Presse — Getty Images", Chain(("Jane Doe",), "Agence France-Presse", (), "Getty Images")),
        ("Jane Doe – Pool/Getty Images", Chain(("Jane Doe",), distributor="Getty Images", pool=True)),
        ("Jane Doe, Sputnik, Kremlin Pool Photo via AP", Chain(("Jane Doe",), "Sputnik", ("Kremlin",), "AP", pool=True)),
        ("AFP PHOTO/KCNA VIA KNS / STR", Chain(("STR",), "KCNA", ("KNS",), "AFP")),
        ("KCNA VIA KNS/AFP via Getty Images", Chain((), "KCNA", ("KNS", "AFP"), "Getty Images")),
        ("U.S. Navy photo by Jane Doe", Chain(("Jane Doe",), distributor="U.S. Navy")),
        ("Satellite image ©2024 Maxar Technologies", Chain(distributor="Maxar Technologies")),
        ("Ministry of Defence/Crown Copyright via AP", Chain((), "Ministry of Defence", (), "AP")),
        ("PHOTO JANE DOE, AGENCE FRANCE-PRESSE", Chain(("JANE DOE",), distributor="AGENCE FRANCE-PRESSE")),
        ("FOTO ANSA", Chain(distributor="ANSA")),
        ("ANTARA FOTO/Budi Santoso/foc", Chain(("Budi Santoso",), distributor="ANTARA")),
        ("Foto: Divulgação/Governo do Estado", Chain(distributor="Governo do Estado", handout=True)),
        ("Foto: Jane Doe och John Roe/TT", Chain(("Jane Doe", "John Roe"), distributor="TT")),
        ("AP=연합뉴스", Chain((), "AP", (), "연합뉴스")),
        ("朝鮮通信＝共同", Chain((), "朝鮮通信", (), "共同")),
        ("ロイター／アフロ", Chain((), "ロイター", (), "アフロ")),
        ("연합뉴스 홍길동 기자", Chain(("홍길동",), distributor="연합뉴스")),
        ("新华社记者 李明 摄", Chain(("李明",), distributor="新华社")),
        ("新华社发（李明 摄）", Chain(("李明",), distributor="新华社")),
        ("图/视觉中国", Chain(distributor="视觉中国")),
        ("تصوير: أحمد محمد/رويترز", Chain(("أحمد محمد",), distributor="رويترز")),
        ("(أ ف ب)", Chain(distributor="أ ف ب")),
        ("צילום: רויטרס", Chain(distributor="רויטרס")),
        ("फोटो: पीटीआई", Chain(distributor="पीटीआई")),
        ("Иван Иванов/ТАСС", Chain(("Иван Иванов",), distributor="ТАСС")),
    ],
)  # fmt: skip
def test_house_styles_of_many_desks(line: str, expected: Chain) -> None:
    assert chain(line) == expected


MAKERS = ["Jane Doe", "Иван Иванов", "José Ñandú", "أحمد محمد", "李明", "Müller-Ångström, Zoë"]
HOUSES = ["AP", "新华社", "ТАСС", "رويترز", "Example Press", "The Canadian Press", "연합뉴스"]
LABELS = [
    "",
    "Photo: ",
    "Photo by ",
    "Foto: ",
    "© ",
    "© 2026 ",
    "写真：",
    "사진=",
    "عکس: ",
    "Фото: ",
    "Mandatory credit: ",
]


@given(
    st.sampled_from(LABELS),
    st.sampled_from(MAKERS),
    st.lists(st.sampled_from(HOUSES), min_size=1, max_size=4, unique=True),
    st.sampled_from(["/", " / ", "／"]),
    st.sampled_from([" via ", " VIA ", "/via/", " vía "]),
    st.sampled_from(["{}", "({})", "[{}]", "（{}）", "(STR)({})"]),
)
def test_chain_printed_in_any_house_style_is_read_back(
    label: str, maker: str, houses: list[str], slash: str, via: str, around: str
) -> None:
    line = around.format(label + maker + slash + via.join(houses))
    source = houses[0] if len(houses) > 1 else None
    assert chain(line) == Chain((maker,), source, tuple(houses[1:-1]), houses[-1])


@given(
    st.lists(
        st.sampled_from([*MAKERS, *HOUSES, *LABELS, "/", " via ", ", ", " - ", " | ", "; ", "(", ")", "Pool", "HO"])
    )
)
def test_names_stand_in_the_line_as_they_are_given(pieces: list[str]) -> None:
    line = "".join(pieces)
    made = chain(line)
    for name in (*made.creators, *made.via, made.source or "", made.distributor or ""):
        assert "".join(name.split()) in "".join(line.split())


@given(st.text())
def test_any_text_has_a_chain_whose_parts_are_not_empty(line: str) -> None:
    made = chain(line)
    named = [*made.creators, *made.via, *(one for one in (made.source, made.distributor) if one is not None)]
    assert all(named)
    assert made.distributor is not None or (made.source is None and made.via == ())


HOSTILE = [
    "(", " ", "/", "()", "via ", "A a ", "(a)", "A, ", "and ", "A b;", "Ab Cd/", "photo by ", "(((/via;,and", "a - b, ", "(AP) ", "1",
    "A B for C ", "摄", "記者 ", "a=", "Photo: a. ", "\n ", "x pool ", "a photo by ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_line_is_read_like_any_other_and_soon(piece: str) -> None:
    """10,000 characters take at most a tenth of a second on a machine at rest."""
    line = (piece * 10_000)[:10_000]
    began = process_time()
    for text in (line, f"({line})", f"{line}(", f"){line})"):
        chain(text)
        from_caption(text)
        from_caption(f"A street. ({text})")
    assert process_time() - began < 6


@pytest.mark.parametrize("line", ["(" * 5000, " " * 5000 + "x", "/" * 5000, "()" * 2500, "via " * 1250, "A a " * 1250])
def test_hostile_line_is_no_credit(line: str) -> None:
    assert chain(line).pool is False
    assert from_caption(line) is None


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A street in the U.S. after the rain. Photo: Jane Doe / Reuters", "Photo: Jane Doe / Reuters"),
        ("Eine Straße. Foto: picture alliance/dpa | Axel Heimken", "Foto: picture alliance/dpa | Axel Heimken"),
        ("A street.\n© Jane Doe, AFP", "© Jane Doe, AFP"),
        ("通りの様子。写真：共同通信", "写真：共同通信"),
        ("A street. Photo by J. R. Doe/AP.", "Photo by J. R. Doe/AP"),
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
        "A street. Photo taken in 2019.",
        "A street. Photo: the mayor and his deputies stand before what was once the town's library.",
        "A girl in the water (swimming pool)",
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
