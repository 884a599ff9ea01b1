"""The demo newsroom's content: everything that is named exists, every form of credit is there, the pictures are sound."""

import hashlib
import io
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree
from PIL import Image, IptcImagePlugin

from cms.demo import content, manuscript, photos, tagging
from cms.demo.content import ACCEPTANCE_SLUG, AUTHORS, PHOTOS, SECTIONS, TAGS, Photo, Story

CREDIT_LINES = Path(__file__).resolve().parents[2].parent / "shared" / "standards" / "credit-lines.json"
NAME = r"[^/|,()]+"
FORMS = {  # the forms of shared/standards/credit-lines.json, by its ids
    "c01": r"\(STR/KCNA VIA KNS/AFP\)",
    "c02": rf"Photo: {NAME} / Reuters",
    "c03": rf"AP Photo/{NAME}, Pool",
    "c04": r"Handout via REUTERS",
    "c05": r"Getty Images",
    "c06": rf"\(Photo by {NAME}/Getty Images\)",
    "c07": rf"{NAME}/AFP via Getty Images",
    "c08": rf"{NAME}/Press Service of {NAME}/Handout via REUTERS",
    "c09": rf"\({NAME}/The Canadian Press via AP\)",
    "c10": rf"Photo: picture alliance/dpa \| {NAME}",
    "c11": rf"{NAME}/TT",
    "c12": rf"\(AP Photo/{NAME}, File\)",
}
STORIES = content.read_stories()
BY_KEY = {story.key: story for story in STORIES}
PHOTO_KEYS = {photo.key for photo in PHOTOS}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {photo.key: photos.draw(photo) for photo in PHOTOS}


def _placed(story: Story) -> Iterator[str]:
    """Every photo that a story names, in any role."""
    yield from filter(None, (story.lead, *story.gallery))
    for block in story.body:
        if "photo" in block:
            yield block["photo"]["photo"]
        for one in block.get("gallery", {"photos": []})["photos"]:
            yield one["photo"]


def _texts(story: Story) -> list[str]:
    """The story's running text, without mark-up."""
    found: list[str] = []
    for kind, block in ((kind, block) for whole in story.body for kind, block in whole.items()):
        found += block["items"] if kind == "list" else [block.get("html") or block.get("text") or ""]
    return [re.sub("<[^>]+>", "", text) for text in found]


def _words(story: Story) -> int:
    return len(" ".join(_texts(story)).split())


# ------------------------------------------------------------------------------------------------------------ stories


def test_the_newsroom_has_its_sections_its_people_and_five_weeks_of_stories() -> None:
    assert (len(SECTIONS), len(AUTHORS), len(TAGS), len(PHOTOS), len(STORIES)) == (10, 10, 28, 25, 41)
    assert [one.slug for one in SECTIONS if one.parent is None] == [
        "world",
        "politics",
        "business",
        "science",
        "culture",
        "sport",
    ]
    assert Counter(story.state for story in STORIES) == {
        "live": 35,
        "draft": 3,
        "scheduled": 1,
        "embargoed": 1,
        "unpublished": 1,
    }
    assert Counter(story.language for story in STORIES) == {"en": 38, "de": 2, "ko": 1}
    assert max(story.age for story in STORIES) == timedelta(days=35, hours=5)


def test_conflict_stands_below_world() -> None:
    (conflict,) = [one for one in SECTIONS if one.slug == "conflict"]
    assert (conflict.name, conflict.parent) == ("Conflict", "world")


def test_parents_of_sections_come_before_their_children() -> None:
    seen: set[str] = set()
    for section in SECTIONS:
        assert section.parent is None or section.parent in seen
        seen.add(section.slug)


def test_slugs_and_keys_are_unique_and_fit_addresses() -> None:
    for slugs in (
        [one.slug for one in SECTIONS],
        [one.slug for one in AUTHORS],
        [one.slug for one in TAGS],
        [one.key for one in STORIES],
        [one.key for one in PHOTOS],
    ):
        assert len(set(slugs)) == len(slugs)
        assert [slug for slug in slugs if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)] == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_every_name_in_a_story_resolves(story: Story) -> None:
    assert story.section in {one.slug for one in SECTIONS}
    assert 1 <= len(story.authors) <= 3
    assert set(story.authors) <= {one.slug for one in AUTHORS}
    assert set(story.tags) <= {one.name for one in TAGS}
    assert set(_placed(story)) <= PHOTO_KEYS
    assert story.translation_of is None or BY_KEY[story.translation_of].language == "en"
    for link in story.related:
        if link.story:
            assert (link.url, link.title, BY_KEY[link.story].state) == (None, None, "live")
            assert link.story != story.key
        else:
            assert (urlsplit(link.url or "").hostname, bool(link.title)) == ("example.org", True)


def test_every_section_author_tag_and_photo_is_used() -> None:
    assert {one.slug for one in SECTIONS} == {story.section for story in STORIES}
    assert {one.slug for one in AUTHORS} == {author for story in STORIES for author in story.authors}
    assert {one.name for one in TAGS} == {tag for story in STORIES for tag in story.tags}
    assert {key for story in STORIES for key in _placed(story)} == PHOTO_KEYS


def test_stories_are_of_a_length_that_people_read() -> None:
    assert {
        story.key: _words(story) for story in STORIES if story.state != "draft" and not 120 <= _words(story) <= 700
    } == {}
    assert [story.key for story in STORIES if not story.summary or len(story.headline) > 120] == []


def test_stories_use_every_kind_of_block() -> None:
    assert {kind for story in STORIES for block in story.body for kind in block} == {
        "paragraph",
        "heading",
        "quote",
        "list",
        "photo",
        "gallery",
        "embed",
        "aside",
        "divider",
    }


def test_quotes_name_their_speakers() -> None:
    quotes = [block["quote"] for story in STORIES for block in story.body if "quote" in block]
    assert [quote["html"] for quote in quotes if not quote["attribution"]] == []
    assert len(quotes) >= len(STORIES) - 2


def test_no_mark_of_the_manuscript_is_left_in_the_text() -> None:
    left = re.compile(r"\*|^\s*(#|>|:::|!\w|!\[|- )|\]\(")
    assert [(story.key, text) for story in STORIES for text in _texts(story) if left.search(text)] == []


def test_two_stories_have_galleries_and_some_a_byline_of_their_own() -> None:
    assert {story.key for story in STORIES if story.gallery} == {
        "a-week-of-rain-in-five-pictures",
        "island-regatta-ends-in-a-dead-heat",
    }
    assert sum(story.byline is not None for story in STORIES) == 2
    assert sum(story.dateline is not None for story in STORIES) == 32


def test_what_is_to_come_lies_ahead_and_what_is_live_lies_behind() -> None:
    ahead = {story.key: -story.age for story in STORIES if story.age < timedelta(0)}
    assert ahead == {
        "calder-bridge-to-go-free-at-weekends": timedelta(days=2),
        "harbour-seals-remember-voices": timedelta(days=1, hours=12),
    }
    assert {BY_KEY[key].state for key in ahead} == {"scheduled", "embargoed"}


# ------------------------------------------------------------------------------------------------- the acceptance page


def test_the_acceptance_page_has_its_sections_caption_credit_and_similar_articles() -> None:
    story = BY_KEY[ACCEPTANCE_SLUG]
    (lead,) = [photo for photo in PHOTOS if photo.key == story.lead]
    kinds = Counter(kind for block in story.body for kind in block)
    assert (story.section, story.state, story.language) == ("conflict", "live", "en")
    assert len(lead.caption.split()) == 60
    assert lead.credit == "(STR)(STR/KCNA VIA KNS/AFP)"
    assert kinds["heading"] == 3
    assert kinds["quote"] == 3
    assert [link.kind for link in story.related] == ["SIMILAR"] * 4
    assert all(link.story for link in story.related)


# -------------------------------------------------------------------------------------------------------------- photos


@pytest.mark.parametrize(("form", "pattern"), FORMS.items())
def test_every_form_of_credit_line_appears(form: str, pattern: str) -> None:
    assert [photo.key for photo in PHOTOS if re.fullmatch(pattern, photo.credit)], form


def test_the_forms_are_those_of_the_standard() -> None:
    if not CREDIT_LINES.exists():
        pytest.skip(f"no {CREDIT_LINES.name} beside the checkout")
    examples: list[dict[str, Any]] = json.loads(CREDIT_LINES.read_text("utf-8"))["examples"]
    assert [one["id"] for one in examples] == list(FORMS)
    assert [one["raw"] for one in examples if not re.fullmatch(FORMS[one["id"]], one["raw"])] == []


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.key)
def test_a_photo_is_captioned_described_and_credited(photo: Photo) -> None:
    assert 12 <= len(photo.caption.split()) <= 60
    assert 8 <= len(photo.alt_text.split()) <= 30
    assert photo.caption.endswith(".")
    assert photo.credit
    assert photo.copyright_notice
    assert photo.headline
    assert len(photo.keywords) >= 3
    assert photo.taken_at.tzinfo is not None
    assert all(0 < part < 1 for part in photo.focal_point)
    # ISO 3166-1 leaves XA to XZ to its users; XK is taken by custom
    assert photo.place.country_code in {"XH", "XV", "XE"}


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.key)
def test_a_drawn_photo_opens_whole_at_its_size(photo: Photo, files: dict[str, bytes]) -> None:
    formats = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
    with Image.open(io.BytesIO(files[photo.key])) as image:
        image.load()
        assert image.format == formats[photo.file_name.rpartition(".")[2]]
        assert image.size == photo.size
        assert 1000 <= min(image.size) <= max(image.size) <= 2400
        assert len(image.convert("RGB").resize((64, 64)).getcolors(4096) or []) > 100  # a picture, not a blank


def test_the_set_has_every_shape_and_format_and_stays_small(files: dict[str, bytes]) -> None:
    assert Counter(photo.file_name.rpartition(".")[2] for photo in PHOTOS) == {"jpg": 23, "png": 1, "webp": 1}
    assert sum(width < height for width, height in (photo.size for photo in PHOTOS)) == 3
    assert sum(width == height for width, height in (photo.size for photo in PHOTOS)) == 1
    assert sum(width * 3 == height * 4 for width, height in (photo.size for photo in PHOTOS)) == 2
    assert len(set(files.values())) == 25
    assert sum(map(len, files.values())) < 12_000_000
    assert max(map(len, files.values())) < 600_000


def test_the_chart_lets_the_page_shine_through_at_its_corners(files: dict[str, bytes]) -> None:
    with Image.open(io.BytesIO(files["freight-chart"])) as image:
        assert image.mode == "RGBA"
        assert [image.getpixel(spot) for spot in ((0, 0), (1599, 1199))] == [(0, 0, 0, 0)] * 2
        assert image.getpixel((800, 20)) == (251, 250, 246, 255)


def test_a_photo_is_the_same_file_each_time(files: dict[str, bytes]) -> None:
    for photo in PHOTOS[::6]:
        again = hashlib.sha256(photos.draw(photo)).hexdigest()
        assert again == hashlib.sha256(files[photo.key]).hexdigest(), photo.key


def test_a_photo_is_drawn_in_well_under_a_second() -> None:
    (costly,) = [photo for photo in PHOTOS if photo.key == "rocket-test"]
    before = time.process_time()
    photos.draw(costly)
    assert time.process_time() - before < 3  # measured: 0.5 s, the most of the twenty-five


# ------------------------------------------------------------------------------------------------------------ metadata


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda photo: photo.key)
def test_each_carrier_says_what_it_is_to_say_and_no_other_is_there(photo: Photo, files: dict[str, bytes]) -> None:
    with Image.open(io.BytesIO(files[photo.key])) as image:
        image.load()
        packet, tags = image.info.get("xmp"), image.getexif()
        record = IptcImagePlugin.getiptcinfo(image)
    assert (bool(packet), bool(record), bool(tags)) == tuple(one in photo.carried for one in ("XMP", "IIM", "EXIF"))
    if packet:
        text = etree.fromstring(packet[packet.index(b"<x:xmpmeta") : packet.index(b"<?xpacket end")])
        assert text.findtext(".//{http://ns.adobe.com/photoshop/1.0/}Credit") == photo.credit
        assert photo.caption in text.itertext()
        assert photo.alt_text in text.itertext()
        assert text.findtext(".//{http://ns.adobe.com/photoshop/1.0/}DateCreated") == photo.taken_at.isoformat()
    if record:
        assert record[1, 90] == b"\x1b%G"
        assert record[2, 110] == photo.credit.encode()[:32]
        assert record[2, 120] == photo.caption.encode()
        assert record[2, 25] == [word.encode() for word in photo.keywords]
    if tags:
        assert tags[0x010E] == photo.caption.encode().decode("latin-1")  # Pillow reads as latin-1, the bytes are UTF-8
        assert tags.get_ifd(0x8769)[0x9003] == f"{photo.taken_at:%Y:%m:%d %H:%M:%S}"
        assert tags.get_ifd(0x8769)[0x9011] == "+01:00"


def test_a_credit_that_only_iim_carries_fits_its_thirty_two_bytes() -> None:
    only = [photo for photo in PHOTOS if photo.carried == ("IIM",)]
    assert [photo.key for photo in only] == ["skyline-night", "regatta"]
    assert [photo.credit for photo in only if len(photo.credit.encode()) > 32] == []


def test_the_digest_in_a_file_is_that_of_its_iim_record(files: dict[str, bytes]) -> None:
    with Image.open(io.BytesIO(files["pass-road"])) as image:
        resources = image.info["photoshop"]
    assert resources[0x0425] == hashlib.md5(resources[0x0404]).digest()


def test_a_text_is_cut_between_characters() -> None:
    assert tagging.cut("Vélo", 2) == b"V"
    assert tagging.cut("Vélo", 3) == "Vé".encode()


def test_the_desk_types_what_the_file_does_not_hold() -> None:
    left = {photo.key: set(photos.typed(photo)) for photo in PHOTOS if photos.typed(photo)}
    assert left == {
        "skyline-night": {"alt_text"},
        "regatta": {"alt_text"},
        "reading-room": {"credit", "alt_text", "headline", "keywords"},
    }
    (reading_room,) = [photo for photo in PHOTOS if photo.key == "reading-room"]
    assert photos.typed(reading_room)["credit"] == "Foto: Henrik Voß/Meridian Courier"


# --------------------------------------------------------------------------------------------------------- manuscripts

HEAD = "headline: H\nsection: world\nauthors: a, b\npublished: 2d 3h\nrelated: SIMILAR other\n"


def test_a_manuscript_is_read_into_blocks() -> None:
    body = (
        "One *two*\n**three** & four\n\n## Five\n\n> Six\n> seven\n> — Eight\n\n- nine\n- ten\n\n1. eleven\n\n"
        "![twelve] thirteen\n\n!gallery a, b\n\n!embed https://example.org/x | fourteen\n\n::: fifteen\nsixteen\n\n***"
    )
    story = manuscript.read_story("k", f"{HEAD}---\n{body}\n")
    assert (story.key, story.authors, story.age) == ("k", ("a", "b"), timedelta(days=2, hours=3))
    assert story.related == (manuscript.Link("SIMILAR", story="other"),)
    assert list(story.body) == [
        {"paragraph": {"html": "One <em>two</em> <strong>three</strong> &amp; four"}},
        {"heading": {"level": 2, "text": "Five"}},
        {"quote": {"html": "Six seven", "attribution": "Eight"}},
        {"list": {"ordered": False, "items": ["nine", "ten"]}},
        {"list": {"ordered": True, "items": ["eleven"]}},
        {"photo": {"photo": "twelve", "caption": "thirteen"}},
        {"gallery": {"photos": [{"photo": "a"}, {"photo": "b"}]}},
        {"embed": {"url": "https://example.org/x", "title": "fourteen"}},
        {"aside": {"title": "fifteen", "html": "<p>sixteen</p>"}},
        {"divider": {}},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD, "no rule"),
        (f"{HEAD}colour: red\n---\nx", "not a line of a head"),
        (f"{HEAD}no colon\n---\nx", "not a line of a head"),
        (f"{HEAD}state: lost\n---\nx", "not a state"),
    ],
)
def test_a_manuscript_with_a_broken_head_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        manuscript.read_story("k", text)
