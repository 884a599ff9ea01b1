"""Files that are not what they say, or say too much."""

from pathlib import Path

import pytest

from cms.cli.importing import READERS
from cms.errors import BadInput, TooLong
from cms.models import Article, Photo
from cms.transfer import feeds, ninjs, wordpress
from tests import house
from tests.cms.transfer.conftest import Import
from tests.cms.transfer.exports import attachment, entry, meta, picture, post, rss, text, wxr
from tests.cms.transfer.exports import ninjs as item

BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]>'
PLAIN = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss.dtd">'


@pytest.mark.parametrize("format", ["rss", "wordpress"])
@pytest.mark.parametrize("dtd", [BOMB, OUTSIDE, PARAMETER, PLAIN])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_dtd_is_refused(tmp_path: Path, format: str, dtd: str, encoding: str) -> None:
    body = (wxr(post(1, "X")) if format == "wordpress" else rss(entry("a", "X"))).replace(">X<", ">&x;&c;<")
    file = tmp_path / "import"
    file.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{dtd}{body}'.encode(encoding))
    with pytest.raises(BadInput):
        list(READERS[format](file).stories())


@pytest.mark.parametrize("format", ["rss", "wordpress", "ninjs"])
@pytest.mark.parametrize(
    "text",
    ["", "no", "<rss", "<rss><channel></rss>", "<html><body>x</body></html>", "{", "[1, 2]", '{"type": "text"}', "\x00\x01", '"x"', "[" * 100_000, "<a>" * 100_000, "null"],
    ids=range(13),
)  # fmt: skip
def test_what_it_is_not_is_said(tmp_path: Path, format: str, text: str) -> None:
    file = tmp_path / "import"
    file.write_text(text)
    with pytest.raises(BadInput):
        list(READERS[format](file).stories())


@pytest.mark.parametrize(
    ("format", "most"), [("rss", feeds.MOST_BYTES), ("ninjs", ninjs.MOST_BYTES), ("wordpress", wordpress.MOST_BYTES)]
)
def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path, format: str, most: int) -> None:
    file = tmp_path / "import"
    with file.open("wb") as sparse:
        sparse.truncate(most + 1)
    with pytest.raises(TooLong, match=f"{most:,} "):
        READERS[format](file)


async def test_texts_with_what_no_text_holds_are_mended(bring_in: Import) -> None:
    broken = rss(entry("a", "<p>One\x01two &#1; ]]&gt; three</p>").replace("Story a", "Bell\x07ow"))
    report = await bring_in("rss", broken)
    assert (report.refused, report.drafts, report.losses["control characters taken out"]) == ([], [], 2)
    story = await Article.get()
    assert story.headline == "Bellow"
    assert await _ninjs_headline(bring_in, "Half \\ud83d of it\\u0000") == "Half \ufffd of it"


async def _ninjs_headline(bring_in: Import, escaped: str) -> str:
    written = text(item("urn:s")).replace("Story urn:s", escaped)
    assert (await bring_in("ninjs", written)).refused == []
    return (await Article.exclude(slug="a").get()).headline


async def test_a_credit_of_10000_characters_refuses_the_photo_and_not_its_story(bring_in: Import) -> None:
    long = attachment(7, "one.jpg", meta("credit", "x" * 10_000))
    report = await bring_in("wordpress", wxr(post(1, "Text.", meta("_thumbnail_id", "7")), long))
    assert [why for _, why in report.refused] == ["Credit may have 500 characters, not 10000."]
    assert (report.made["story"], await Photo.all().count()) == (1, 0)


async def test_a_story_that_breaks_a_limit_is_refused_alone_and_leaves_nothing(bring_in: Import) -> None:
    before = await house.everything()
    long = rss(entry("a").replace("Story a", "x" * 301), entry("b", f"<p>{'word ' * 3000}</p>" * 8))
    report = await bring_in("rss", long, section="world")
    assert [why for _, why in report.refused] == [
        "Headline may have 300 characters, not 301.",
        "A body may have 100000 characters of text, not 119992.",
    ]
    assert await house.everything() == before


@pytest.mark.parametrize(
    "html",
    [
        "<figure>" * 5000,
        "<img src=x" * 5000,
        "<p>" * 5000,
        "</p>" * 5000,
        "[caption]" * 5000,
        "[gallery " * 5000,
        "<!--" * 5000,
        "&" * 50_000,
    ],
)
@pytest.mark.parametrize("format", ["rss", "wordpress"])
def test_hostile_markup_is_read_in_time(tmp_path: Path, format: str, html: str) -> None:
    file = tmp_path / "import"
    file.write_text(wxr(post(1, html)) if format == "wordpress" else rss(entry("a", html)))
    assert len(list(READERS[format](file).stories())) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"headlines": "x"}, {"headlines": [1, None]}, {"bodies": {"value": 1}}, {"associations": [1, [2], {"type": "picture"}]},
        {"firstcreated": 5}, {"firstcreated": "2020-13-45"}, {"urgency": "high"}, {"language": "not a language"}, {"language": None},
        {"subjects": [{"name": 5}]}, {"people": [{"rel": "author"}]}, {"associations": [picture("p", "")]}, {"expires": "soon"},
        {"altids": [{"role": "slug", "value": "../../etc"}]}, {"located": ["x"]}, {"uri": "x" * 2000, "headlines": [{"value": "Long"}]},
    ],
    ids=range(16),
)  # fmt: skip
async def test_an_odd_value_costs_no_story(bring_in: Import, given: dict[str, object]) -> None:
    report = await bring_in("ninjs", text(item(**given)), dry_run=True)  # type: ignore[arg-type]
    assert report.made["story"] == 1
