"""Body blocks: what is stored of what is sent, and how it is printed."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from playwright.async_api import Browser

from cms.body import TYPES, Placement, parse, sanitise, to_html, to_text, word_count
from cms.body.markup import BOX
from cms.errors import BadInput, Refusal, Refused, Required, TooLong

PHOTO = "photo_01900000-0000-7000-8000-000000000001"


def stored(*blocks: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is stored of these, without the ids."""
    return [{key: value for key, value in block.items() if key != "id"} for block in parse(blocks).blocks]


def passage(html: str) -> list[dict[str, Any]]:
    return stored({"html": html})


def paragraph(html: str, **more: Any) -> dict[str, Any]:
    return {"paragraph": {"html": html, **more}}


def refused(kind: type[Refusal], *blocks: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the body is refused."""
    with pytest.raises(kind) as caught:
        parse(blocks)
    assert type(caught.value) is kind
    return caught.value.field


# -------------------------------------------------------------------------------------------------------- kinds


def test_every_kind_of_block_is_stored_in_its_form() -> None:
    assert stored(
        paragraph("It <b>rains</b>."),
        {"heading": {"text": "What was  tested"}},
        {"quote": {"html": "We <em>saw</em> it.", "attribution": "A witness"}},
        {"list": {"ordered": True, "items": ["one", "<i>two</i>"]}},
        {"embed": {"url": "https://www.youtube.com/watch?v=1&t=2", "title": "The launch"}},
        {"aside": {"title": "Facts", "html": "<p>One</p><ul><li>a</li></ul>"}},
        {"divider": {}},
    ) == [
        {"type": "paragraph", "html": "It <strong>rains</strong>."},
        {"type": "heading", "level": 2, "text": "What was tested", "anchor": "what-was-tested"},
        {"type": "quote", "html": "We <em>saw</em> it.", "attribution": "A witness"},
        {"type": "list", "ordered": True, "items": ["one", "<em>two</em>"]},
        {
            "type": "embed",
            "url": "https://www.youtube.com/watch?v=1&t=2",
            "provider": "YouTube",
            "html": '<a href="https://www.youtube.com/watch?v=1&amp;t=2" rel="noopener">The launch</a>',
            "title": "The launch",
        },
        {"type": "aside", "title": "Facts", "html": "<p>One</p><ul><li>a</li></ul>"},
        {"type": "divider"},
    ]


def test_kinds_have_their_names_in_the_contract() -> None:
    assert TYPES == {
        "paragraph": "Paragraph",
        "heading": "Heading",
        "quote": "Quote",
        "list": "ListBlock",
        "photo": "PhotoBlock",
        "gallery": "GalleryBlock",
        "embed": "Embed",
        "aside": "Aside",
        "divider": "Divider",
    }


def test_photos_become_placements_to_which_their_blocks_refer() -> None:
    made = parse(
        [
            {"photo": {"photo": PHOTO, "caption": " The pier. ", "alt_text": None}},
            {"gallery": {"photos": [{"photo": PHOTO}, {"photo": UUID(PHOTO[6:]), "alt_text": "A pier"}]}},
        ]
    )
    first, second, third = made.placements
    assert first == Placement("INLINE", PHOTO, "The pier.", None, first.id)
    assert second == Placement("GALLERY", PHOTO, None, None, second.id)
    assert third == Placement("GALLERY", PHOTO[6:], None, "A pier", third.id)
    assert [block["placed"] for block in made.blocks] == [str(first.id), [str(second.id), str(third.id)]]


def test_fields_given_as_null_are_as_if_left_out() -> None:
    assert stored({"heading": {"level": None, "text": "A", "id": None}, "paragraph": None}) == [
        {"type": "heading", "level": 2, "text": "A", "anchor": "a"}
    ]


def test_blocks_that_say_nothing_are_dropped() -> None:
    assert stored(
        paragraph(" <em> &nbsp;</em><br>"),
        paragraph("<script>alert(1)</script>"),
        {"heading": {"text": "  "}},
        {"quote": {"html": "", "attribution": None}},
        {"list": {"items": ["", "<br>"]}},
        {"aside": {"title": "", "html": "<p></p>"}},
        {"gallery": {"photos": []}},
        {"html": "   "},
    ) == []  # fmt: skip


# ------------------------------------------------------------------------------------------------- ids and anchors


def test_sent_id_is_kept_and_a_missing_one_is_made() -> None:
    first, second = parse([paragraph("a", id="b_Kept-1"), paragraph("b")]).blocks
    assert first["id"] == "b_Kept-1"
    assert re.fullmatch(r"b[A-Za-z0-9_-]{12}", second["id"])


@pytest.mark.parametrize("id", ["", "a b", "é", "x" * 41, "a\n", 'a"b'])
def test_unsound_id_is_replaced(id: str) -> None:
    [block] = parse([paragraph("a", id=id)]).blocks
    assert re.fullmatch(r"b[A-Za-z0-9_-]{12}", block["id"])


def test_id_sent_twice_stays_with_the_first() -> None:
    first, second = parse([paragraph("a", id="same"), paragraph("b", id="same")]).blocks
    assert first["id"] == "same"
    assert second["id"] != "same"


def test_anchors_are_unique_in_the_body() -> None:
    headings = [{"heading": {"text": text}} for text in ("Why", "Why", "Why 2", "!")]
    assert [block["anchor"] for block in stored(*headings)] == ["why", "why-2", "why-2-2", "untitled"]


def test_body_that_is_sent_back_is_stored_unchanged() -> None:
    once = parse(
        [
            paragraph('A <a href="https://example.com/?a=1&b=2">link</a> &amp; 10&nbsp;km'),
            {"heading": {"level": 3, "text": "<i> & co"}},
            {"list": {"ordered": False, "items": ["a", "b<br>c"]}},
        ]
    ).blocks
    back = [{block["type"]: {key: block[key] for key in block if key not in ("type", "anchor")}} for block in once]
    assert parse(back).blocks == once


# ---------------------------------------------------------------------------------------------------- sanitising


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<b>a</b> <i>b</i> <del>c</del>", "<strong>a</strong> <em>b</em> <s>c</s>"),
        ('<em class="x" onclick="y()">a</em>', "<em>a</em>"),
        ('<a href="https://example.com" target="_blank">a</a>', '<a href="https://example.com" rel="noopener">a</a>'),
        ('<a href="mailto:desk@example.com">a</a>', '<a href="mailto:desk@example.com" rel="noopener">a</a>'),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="noopener">a</a>'),
        ('<a href="java\nscript:alert(1)">a</a>', '<a rel="noopener">a</a>'),
        ('<a href="data:text/html,x">a</a>', '<a rel="noopener">a</a>'),
        ('<a href="/relative">a</a>', '<a rel="noopener">a</a>'),
        ("<img src=x onerror=alert(1)>a", "a"),
        ("<iframe src=//example.com>x</iframe>a<svg><script>x</script></svg>", "a"),
        ("<p>one</p>\n<p>two</p>", "one<br>two"),
        ("<div><div>one</div></div><div>two</div>", "one<br>two"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<em>never closed", "<em>never closed</em>"),
        ("<br> a <br><br>", "a"),
        ("<!-- x -->a", "a"),
        ("a<span>b</span>c", "abc"),
    ],
)
def test_markup_is_reduced_to_the_allow_list(sent: str, kept: str) -> None:
    assert sanitise(sent) == kept


def test_link_within_a_table_within_a_link_settles() -> None:
    nested = '<a href="http://a.example"><table><tr><td><a href="http://b.example">t</a></td></tr></table></a>'
    once = sanitise(nested)
    assert sanitise(once) == once
    assert "t</a>" in once


FRAGMENTS = st.lists(
    st.sampled_from(
        ["<a href='http://x.example'>", "</a>", "<em>", "</em>", "<b>", "</b>", "<p>", "</p>", "<table>", "<tr>", "<td>",
         "</td>", "</table>", "<ul>", "<li>", "</ul>", "<br>", "<div>", "</div>", "<svg>", "<math>", "<mi>", "</svg>",
         "<style>", "</style>", "<select>", "<option>", "<button>", "</button>", "<h2>", "</h2>", "<!--", "-->", "&lt;", "&#1;",
         "<title>", "<plaintext>", "<template>", "<form>", "&nbsp;", " ", "\n", "x", "<", ">", "&", '"', "'"]
    ) | st.text(max_size=5)
).map("".join)  # fmt: skip

TAG = re.compile(r"<[^>]*>")
ALLOWED = re.compile(r'</?(?:em|strong|code|sub|sup|s|u|mark)>|</a>|<br>|<a (?:href="[^"<>]*" )?rel="noopener">')
ALLOWED_IN_BOX = re.compile(rf"{ALLOWED.pattern}|</?(?:p|ul|ol|li)>")


@given(FRAGMENTS)
def test_sanitised_text_is_safe_and_stays_the_same(html: str) -> None:
    once = sanitise(html)
    assert sanitise(once) == once
    assert all(ALLOWED.fullmatch(tag) for tag in TAG.findall(once))
    assert not set(TAG.sub("", once)) & set("<>")


@given(FRAGMENTS)
def test_sanitised_box_is_safe_and_stays_the_same(html: str) -> None:
    once = sanitise(html, BOX)
    assert sanitise(once, BOX) == once
    assert all(ALLOWED_IN_BOX.fullmatch(tag) for tag in TAG.findall(once))


BLOCK_TAG = re.compile(r'</?(?:p|h[2-4]|blockquote|footer|ul|ol|li|hr)(?: id="[a-z0-9-]+")?>')


@given(FRAGMENTS.filter(lambda html: "&#1;" not in html))
def test_any_passage_becomes_blocks_that_print_safely(html: str) -> None:
    blocks = parse([{"html": "".join(one for one in html if one.isprintable() or one == "\n")}]).blocks
    assert {block["type"] for block in blocks} <= {"paragraph", "heading", "quote", "list", "divider"}
    inline = BLOCK_TAG.sub("", to_html(blocks, {}))
    assert all(ALLOWED.fullmatch(tag) for tag in TAG.findall(inline))
    assert not set(TAG.sub("", inline)) & set("<>")


# ------------------------------------------------------------------------------------------------------- hostile HTML

# what is tried against sanitisers: each says "kept" somewhere, and nothing else of it may do anything
HOSTILE = [
    "<script>alert(1)</script>kept",
    "<scr<script>ipt>alert(1)</scr</script>ipt>kept",
    "<SCRIPT/x>alert(1)</SCRIPT>kept",
    "<style>p{background:url(javascript:alert(1))}</style>kept",
    '<p style="background:url(javascript:alert(1))" onmouseover="alert(1)">kept</p>',
    "<em/onclick=alert(1)>kept</em>",
    '<em\nonfocus\n=\n"alert(1)" autofocus tabindex=1>kept</em>',
    '<a href="javascript:alert(1)">kept</a>',
    '<a href="&#x6a;avascript&colon;alert(1)">kept</a>',
    '<a href=" \tjava\tscript:alert(1)">kept</a>',
    '<a href="JaVaScRiPt:alert(1)">kept</a>',
    '<a href="vbscript:msgbox(1)">kept</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">kept</a>',
    '<a href="blob:https://x.example/1">kept</a>',
    '<a href="//x.example">kept</a>',
    '<a href="https://x.example" onclick="alert(1)" ping="https://y.example" target="_top">kept</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>kept",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>kept',
    "<svg><animate onbegin=alert(1) attributeName=x></svg>kept",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">kept',
    '<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>kept',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>kept",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">kept',
    "<form action=https://x.example><form><input name=x onfocus=alert(1) autofocus><button formaction=javascript:alert(1)>kept",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>kept",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>kept",
    "<base href=https://x.example/><link rel=stylesheet href=https://x.example/><meta http-equiv=refresh content=0>kept",
    "<!--[if IE]><script>alert(1)</script><![endif]-->kept",
    "<!--><img src=x onerror=alert(1)>-->kept",
    "<!--!><img src=x onerror=alert(1)>--!>kept",
    "<![CDATA[<img src=x onerror=alert(1)>]]>kept",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>kept&y;",
    "<template><img src=x onerror=alert(1)></template>kept",
    "<title><img src=x onerror=alert(1)></title>kept",
    "<textarea><img src=x onerror=alert(1)></textarea>kept",
    "<table background=javascript:alert(1)><tr><td onclick=alert(1)>kept",
    "<details open ontoggle=alert(1)>kept",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)></audio>kept",
    "<marquee onstart=alert(1)>kept</marquee>",
    "<x-y is=z onclick=alert(1)>kept</x-y>",
    "&lt;script&gt;alert(1)&lt;/script&gt;kept",
    "<em>kept</em><plaintext><script>alert(1)</script>",
    "kept<img src=x onerror=alert(1) //",
    "<p>kept</p" + " x=1" * 50,
]

RICH: dict[str, Callable[[str], Mapping[str, Any]]] = {
    "paragraph": lambda html: {"paragraph": {"html": html}},
    "quote": lambda html: {"quote": {"html": html}},
    "list": lambda html: {"list": {"items": [html]}},
    "aside": lambda html: {"aside": {"html": html}},
    "html": lambda html: {"html": html},
}
SAFE = {*("a", "em", "strong", "code", "sub", "sup", "br", "s", "u", "mark"), *("p", "ul", "ol", "li")}
PRINTED = SAFE | {"h2", "h3", "h4", "blockquote", "footer", "hr", "aside"}


def wrong(html: str, allowed: set[str]) -> list[str]:
    """What another parser finds in it that should not be there."""
    found = []
    for element in lxml_html.fragment_fromstring(html, create_parent="body").iterdescendants():
        found += [] if element.tag in allowed else [f"<{element.tag}>"]
        for name, value in element.attrib.items():
            sound = name == "rel" or (element.tag == "a" and re.match("(?i:https?://|mailto:)", str(value)))
            found += [] if sound or (name == "id" and element.tag in ("h2", "h3", "h4")) else [f"{name}={value}"]
    return found


@pytest.mark.parametrize("kind", RICH)
@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_html_leaves_its_words_and_nothing_that_does_anything(kind: str, html: str) -> None:
    try:
        blocks = parse([RICH[kind](html)]).blocks
    except Refusal as refusal:
        pytest.fail(f"{refusal.code}: {refusal}")
    printed = to_html(blocks, {})
    assert wrong(printed, PRINTED) == []
    swallowed = ("<title>", "<!--", "<noscript>", "<mglyph><style>")  # what these hold is no text of the story
    assert "kept" in printed or any(one in html for one in swallowed)
    assert parse([{one["type"]: one} for one in blocks]).blocks == blocks


async def test_a_browser_makes_of_it_what_was_stored(chromium: Browser) -> None:
    """Sanitisers are fooled where the browser's parser sees other elements than theirs did."""
    page = await chromium.new_page()
    await page.set_content("<body></body>")
    await page.evaluate("() => { window.alert = () => { window.fooled = true } }")
    for html in HOSTILE:
        for make in RICH.values():
            printed = to_html(parse([make(html)]).blocks, {})
            again = await page.evaluate(
                "html => { document.body.innerHTML = html; return document.body.innerHTML }", printed
            )
            assert wrong(again, PRINTED) == []
            assert wrong(printed, PRINTED) == []
    await page.wait_for_timeout(200)
    assert await page.evaluate("window.fooled") is None
    await page.close()


ATTACKS = st.lists(st.sampled_from(HOSTILE) | st.sampled_from(["<svg>", "<math>", "</p>", "<table>", "<p>", "'", '"', ">"]) | FRAGMENTS, max_size=4).map("".join)  # fmt: skip


@given(ATTACKS.filter(lambda html: "&#1;" not in html), st.sampled_from(sorted(RICH)))
def test_any_mixture_of_attacks_is_as_harmless(html: str, kind: str) -> None:
    printable = "".join(one for one in html if one.isprintable() or one == "\n")
    assert wrong(to_html(parse([RICH[kind](printable)]).blocks, {}), PRINTED) == []


@pytest.mark.parametrize("tag", ["em", "div", "table><tr><td", "ul><li", "svg", "form", "blockquote"])
@pytest.mark.parametrize("kind", RICH)
def test_what_nests_without_end_keeps_its_words_alone(kind: str, tag: str) -> None:
    deep = f"<{tag}>" * 1000 + "kept" + "".join(f"</{one}>" for one in reversed(tag.split("><"))) * 1000
    blocks = parse([RICH[kind](deep)]).blocks
    printed = to_html(blocks, {})
    assert printed.count("<") < 120
    assert "kept" in printed or tag == "svg"


def test_fifty_elements_nest_and_of_more_the_words_stay() -> None:
    assert sanitise("<em>" * 50 + "x" + "</em>" * 50) == "<em>" * 50 + "x" + "</em>" * 50
    assert sanitise("<em>" * 51 + "x &amp; y" + "</em>" * 51) == "x &amp; y"


@pytest.mark.parametrize(
    "html",
    ["<b>" * 9000 + "</x>" * 60_000, "<div>" * 10_001, "</p>" * 10_001, "<" * 10_001],
    ids=["ends", "open", "closed", "signs"],
)
def test_what_would_take_seconds_to_parse_is_refused(html: str) -> None:
    assert refused(TooLong, {"html": html}) == ("body", "0", "html")


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://www.youtube.com/watch?v=1", "YouTube"),
        ("https://youtu.be/1", "YouTube"),
        ("https://youtube.com.evil.example/1", "youtube.com.evil.example"),
        ("https://notyoutube.com/1", "notyoutube.com"),
        ("https://youtube.com@evil.example/1", "evil.example"),
        ("HTTPS://WWW.Example.ORG/1", "example.org"),
    ],
)
def test_an_embed_is_data_and_its_provider_is_its_host(url: str, provider: str) -> None:
    [block] = stored({"embed": {"url": url, "title": '"><script>alert(1)</script>'}})
    assert (block["url"], block["provider"]) == (url, provider)
    assert wrong(to_html([block], {}), {"p", "a"}) == ["class=embed"]


# ----------------------------------------------------------------------------------------------------------- passages


def test_passage_is_split_into_blocks() -> None:
    assert passage(
        "Before<p>One <b>bold</b></p><h1>Title</h1><h6>Small</h6><hr>"
        "<blockquote><p>First.</p><p>Second.</p><footer>— <cite>A witness</cite></footer></blockquote>"
        "<ol><li>a</li><li><p>b</p><ul><li>c</li></ul></li></ol>"
        '<figure><img src="https://example.com/x.jpg"><figcaption>No credit</figcaption></figure><div>After</div>'
    ) == [
        {"type": "paragraph", "html": "Before"},
        {"type": "paragraph", "html": "One <strong>bold</strong>"},
        {"type": "heading", "level": 2, "text": "Title", "anchor": "title"},
        {"type": "heading", "level": 4, "text": "Small", "anchor": "small"},
        {"type": "divider"},
        {"type": "quote", "html": "First.<br>Second.", "attribution": "A witness"},
        {"type": "list", "ordered": True, "items": ["a", "b", "c"]},
        {"type": "paragraph", "html": "After"},
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<blockquote><p>Yes.</p><cite>B. C.</cite></blockquote>", [("quote", "Yes.", "B. C.")]),
        ("<blockquote>He read <cite>The Work</cite>.</blockquote>", [("quote", "He read The Work.", None)]),
        ("<blockquote><footer>Alone</footer></blockquote>", [("paragraph", "Alone", None)]),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", [("paragraph", "a b", None), ("paragraph", "c", None)]),
        ("<em>a<p>b</p></em>", [("paragraph", "<em>a</em>", None), ("paragraph", "b", None)]),
        ("a &lt;p&gt; b", [("paragraph", "a &lt;p&gt; b", None)]),
        ("<figure><blockquote>Pulled</blockquote></figure>", [("quote", "Pulled", None)]),
    ],
)  # fmt: skip
def test_passage_with_uncommon_markup_keeps_its_words(html: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert [(block["type"], block["html"], block.get("attribution")) for block in passage(html)] == expected


def test_printed_body_pasted_as_a_passage_is_the_same_body() -> None:
    blocks = stored(
        paragraph("One<br>two &amp; <strong>three</strong>"),
        {"heading": {"level": 3, "text": "A < B"}},
        {"quote": {"html": "Said.", "attribution": "A & B"}},
        {"list": {"ordered": True, "items": ["a", "<em>b</em>"]}},
        {"divider": {}},
    )
    assert passage(to_html(blocks, {})) == blocks


# ----------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("block", "kind", "field"),
    [
        ({}, BadInput, ()),
        ({"paragraph": {"html": "a"}, "divider": {}}, BadInput, ()),
        ({"poll": {}}, BadInput, ("poll",)),
        ({"paragraph": "text"}, BadInput, ("paragraph",)),
        ({"paragraph": {}}, BadInput, ("paragraph", "html")),
        ({"paragraph": {"html": "a\x00b"}}, BadInput, ("paragraph", "html")),
        ({"paragraph": {"html": "a\x1bb"}}, BadInput, ("paragraph", "html")),
        ({"paragraph": {"html": "a&#27;b"}}, BadInput, ("paragraph", "html")),
        ({"paragraph": {"html": "\ud800"}}, BadInput, ("paragraph", "html")),
        ({"paragraph": {"html": "x" * 20_001}}, TooLong, ("paragraph", "html")),
        ({"paragraph": {"html": "<br>" * 25_001}}, TooLong, ("paragraph", "html")),
        ({"heading": {"text": "x" * 301}}, TooLong, ("heading", "text")),
        ({"heading": {"level": 5, "text": "a"}}, BadInput, ("heading", "level")),
        ({"quote": {"html": "a", "attribution": "\x07"}}, BadInput, ("quote", "attribution")),
        ({"list": {"items": "abc"}}, BadInput, ("list", "items")),
        ({"list": {"items": ["a", "b\x00"]}}, BadInput, ("list", "items", "1")),
        ({"list": {"items": ["a"] * 201}}, TooLong, ("list", "items")),
        ({"embed": {"url": "javascript:alert(1)"}}, BadInput, ("embed", "url")),
        ({"embed": {"url": "https://"}}, BadInput, ("embed", "url")),
        ({"embed": {"url": "https://[::1"}}, BadInput, ("embed", "url")),
        ({"embed": {"url": "https://a.example/b c"}}, BadInput, ("embed", "url")),
        ({"aside": {"title": "x" * 301, "html": ""}}, TooLong, ("aside", "title")),
        ({"photo": {}}, Required, ("photo", "photo")),
        ({"photo": {"photo": PHOTO, "caption": "x" * 5001}}, TooLong, ("photo", "caption")),
        ({"gallery": {"photos": [{"photo": PHOTO}, {"photo": PHOTO, "alt_text": "\x00"}]}}, BadInput, ("gallery", "photos", "1", "alt_text")),
        ({"html": "a\x00"}, BadInput, ("html",)),
        ({"html": f"<h2>{'x' * 301}</h2>"}, TooLong, ("html",)),
        ({"html": "<p>a</p>" * 501}, TooLong, ("html",)),
        ({"html": 7}, BadInput, ("html",)),
    ],
)  # fmt: skip
def test_block_is_refused_at_its_field(block: dict[str, Any], kind: type[Refusal], field: tuple[str, ...]) -> None:
    assert refused(kind, paragraph("sound"), block) == ("body", "1", *field)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        parse([paragraph("\x00"), paragraph("sound"), {"heading": {"text": "x" * 301}}])
    assert [(type(one), one.field) for one in caught.value.refusals] == [
        (BadInput, ("body", "0", "paragraph", "html")),
        (TooLong, ("body", "2", "heading", "text")),
    ]


def test_body_may_have_500_blocks_and_no_more() -> None:
    assert len(parse([{"divider": {}}] * 500).blocks) == 500
    assert refused(TooLong, *[{"divider": {}}] * 501) == ("body",)
    assert refused(TooLong, {"html": "<hr>" * 300}, {"html": "<hr>" * 201}) == ("body",)


def test_body_may_have_100_000_characters_of_text_and_no_more() -> None:
    longest = [paragraph("<em>" + "x" * 10_000 + "</em>") for _ in range(10)]
    assert len(parse(longest).blocks) == 10
    assert refused(TooLong, *longest, paragraph("x")) == ("body",)


# ----------------------------------------------------------------------------------------------------------- printing


def placed(**more: Any) -> dict[str, Any]:
    return {
        "caption": 'A "pier" & sea',
        "credit": "STR/KCNA VIA KNS/AFP",
        "altText": 'A pier, "old"',
        "photo": {"url": "https://news.example.com/images/1?a=1&b=2", "width": 1600, "height": 900},
        **more,
    }


FIGURE = (
    '<figure><img src="https://news.example.com/images/1?a=1&amp;b=2" alt="A pier, &quot;old&quot;" width="1600" '
    'height="900"><figcaption>A "pier" &amp; sea <span class="credit">STR/KCNA VIA KNS/AFP</span></figcaption></figure>'
)


def test_every_kind_of_block_is_printed() -> None:
    blocks: Sequence[dict[str, Any]] = [
        {"id": "1", "type": "paragraph", "html": "It <strong>rains</strong>."},
        {"id": "2", "type": "heading", "level": 3, "text": "A < B", "anchor": "a-b"},
        {"id": "3", "type": "quote", "html": "Said.", "attribution": "A & B"},
        {"id": "4", "type": "quote", "html": "Unsigned.", "attribution": None},
        {"id": "5", "type": "list", "ordered": True, "items": ["one", "two"]},
        {"id": "6", "type": "photo", "placed": "p1"},
        {"id": "7", "type": "gallery", "placed": ["p1", "gone"]},
        {"id": "8", "type": "embed", "url": "https://x.com/1", "provider": "X", "html": "<a>x</a>", "title": None},
        {"id": "9", "type": "aside", "title": "Facts", "html": "<p>One</p><ul><li>two</li></ul>"},
        {"id": "10", "type": "divider"},
    ]
    assert to_html(blocks, {"p1": placed()}).split("\n") == [
        "<p>It <strong>rains</strong>.</p>",
        '<h3 id="a-b">A &lt; B</h3>',
        "<blockquote><p>Said.</p><footer>— A &amp; B</footer></blockquote>",
        "<blockquote><p>Unsigned.</p></blockquote>",
        "<ol><li>one</li><li>two</li></ol>",
        FIGURE,
        f'<div class="gallery">{FIGURE}</div>',
        '<p class="embed"><a>x</a></p>',
        "<aside><h3>Facts</h3><p>One</p><ul><li>two</li></ul></aside>",
        "<hr>",
    ]
    assert to_text(blocks) == ("It rains.\n\nA < B\n\nSaid.\n— A & B\n\nUnsigned.\n\n1. one\n2. two\n\nFacts\nOne\ntwo")
    # it rains / a b / said a b / unsigned / one two / facts one two: "<", "&" and list numbers are no words
    assert word_count(blocks) == 2 + 2 + 3 + 1 + 2 + 3


def test_photo_that_may_not_be_shown_leaves_no_trace() -> None:
    blocks: list[dict[str, Any]] = [{"type": "photo", "placed": "p1"}, {"type": "gallery", "placed": ["p1"]}]
    assert to_html(blocks, {"p2": placed()}) == ""


def test_photo_without_caption_still_has_its_credit() -> None:
    html = to_html([{"type": "photo", "placed": "p1"}], {"p1": placed(caption="", altText="")})
    assert html.endswith(
        ' alt="" width="1600" height="900">'
        '<figcaption><span class="credit">STR/KCNA VIA KNS/AFP</span></figcaption></figure>'
    )


def test_credit_cannot_bring_markup_into_the_page() -> None:
    html = to_html([{"type": "photo", "placed": "p1"}], {"p1": placed(credit="<script>", caption="</figcaption>")})
    assert '&lt;/figcaption&gt; <span class="credit">&lt;script&gt;</span>' in html


def test_plain_text_has_a_line_for_each_break_and_no_markup() -> None:
    assert to_text(stored(paragraph("one<br>two\nthree &lt;br&gt; 10&nbsp;km"))) == "one\ntwo three <br> 10\xa0km"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("— … !", 0),
        ("Don't count co-operation twice: 2,000 times.", 6),
        ("हिन्दी में समाचार", 3),
        ("北京报道", 2),
        ("記者が東京で", 3),
        ("北京 2022", 2),
        ("대한민국 뉴스", 2),
        ("ประเทศไทย", 2),
    ],
)
def test_words_are_counted_in_any_script(text: str, words: int) -> None:
    assert word_count([{"type": "heading", "text": text}]) == words
