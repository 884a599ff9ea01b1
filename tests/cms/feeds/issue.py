"""The issue that the formats are tested with, any issue that could be, and the golden files."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from lxml import etree

from cms.feeds.bulletin import (
    Bulletin,
    Correction,
    Item,
    Link,
    Omission,
    Person,
    Picture,
    Term,
    Translation,
    Withdrawal,
)

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "feeds"

LEAD = Picture(
    url="https://news.example.com/images/1/1/w1280-cover.jpeg?a=1&b=2",
    mime="image/jpeg",
    width=1280,
    height=854,
    caption='This picture, released on Tuesday, shows the "test" & its crew.',
    credit="STR/KCNA VIA KNS/AFP",
    alt_text="An engine on its stand",
    size_bytes=345678,
    copyright_notice="© AFP",
    usage_terms="Editorial use only",
    creators=("STR",),
    is_lead=True,
    id="urn:uuid:0192f0c1-0000-7000-8000-00000000000a",
    version=4,
    headline="Engine test",
    original_caption="This picture shows the test.",
    source="KCNA",
    via=("KNS",),
    distributor="AFP",
    license_url="https://afp.example/licence",
    digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
    taken=datetime(2026, 1, 29, 3, 0, tzinfo=UTC),
    updated=datetime(2026, 1, 30, 7, 0, tzinfo=UTC),
)
SECOND = Picture(
    url="https://news.example.com/images/2/1/w1280-cover.webp",
    mime="image/webp",
    width=1280,
    height=720,
    caption="The site from above.",
    credit="Jane Doe/Example Times",
)
STORY = Item(
    id="tag:news.example.com,2026:article:0192f0c1",
    url="https://news.example.com/world/engine-test",
    headline="Rocket engine tested for 200 seconds <again>",
    html="<p>PORT EXAMPLE — State media said “more” than ]]> that.</p>\n<h2>What was tested</h2>\n<p>An &amp; b.</p>",
    text="PORT EXAMPLE — State media said “more” than ]]> that.\n\nWhat was tested\n\nAn & b.",
    published=datetime(2026, 1, 30, 18, 42, 10, tzinfo=UTC),
    updated=datetime(2026, 1, 31, 9, 1, tzinfo=UTC),
    language="en-GB",
    kicker="Rockets",
    summary="State media said the engine was fired twice.",
    section=Term("World", "world", "https://news.example.com/world"),
    tags=(Term("Rockets & space", "rockets-space", "https://news.example.com/tags/rockets-space"), Term("Tests", "tests")),
    authors=(Person("Jane Doe", "https://news.example.com/by/jane-doe"), Person("Kim Example")),
    byline="Jane Doe and Kim Example",
    dateline="PORT EXAMPLE",
    photos=(LEAD, SECOND),
    related=(Link("Earlier test", "https://news.example.com/world/earlier-test", "BACKGROUND"),),
    corrections=(Correction(datetime(2026, 1, 31, 9, 1, tzinfo=UTC), "The engine burned for 200 seconds, not 20."),),
    version=3,
    slug="engine-test",
    body="<p>State media said “<em>more</em>” than ]]> <a href=\"https://example.com/?a=1&amp;b=2\">that</a>.<br>Twice.</p>\n"
    "<h2 id=\"what\">What was tested</h2>\n<ul><li>An &amp; b.</li></ul>\n"
    "<blockquote><p>It <strong>burned</strong>.</p><footer>— The crew</footer></blockquote>\n<hr>\n"
    "<aside><h3>Numbers</h3>200 seconds<p>in all</p></aside>\n"
    "<p>Correction, 2026-01-31: The engine burned for 200 seconds, not 20.</p>",
    word_count=14,
    embargoed_until=datetime(2026, 1, 30, 18, 42, 10, tzinfo=UTC),
    translations=(Translation("urn:uuid:0192f0c1-0000-7000-8000-00000000000d", "de", "https://news.example.com/welt/test"),),
    omitted=(Omission("urn:uuid:0192f0c1-0000-7000-8000-00000000000b"),),
)  # fmt: skip
BRIEF = Item(
    id="tag:news.example.com,2026:article:0192f0b0",
    url="https://news.example.com/welt/kurz",
    headline="Kurz gemeldet",
    html="<p>Ein Satz.</p>",
    text="Ein Satz.",
    published=datetime(2026, 1, 29, 8, 0, tzinfo=UTC),
    updated=datetime(2026, 1, 29, 8, 0, tzinfo=UTC),
    language="de",
    byline="Von unserer Redaktion",
)
ISSUE = Bulletin(
    id="tag:news.example.com,2026:feed:world",
    title="Example Times: World",
    description="The latest from abroad.",
    url="https://news.example.com/world",
    self_url="https://news.example.com/feeds/world?limit=2&lang=all",
    language="en-GB",
    updated=datetime(2026, 1, 31, 9, 1, tzinfo=UTC),
    items=(STORY, BRIEF),
    rights="© 2026 Example Times",
    withdrawn=(
        Withdrawal("tag:news.example.com,2026:article:0192aaaa", datetime(2026, 1, 30, 12, tzinfo=UTC), "Withdrawn: legal"),
    ),
    next_url="https://news.example.com/feeds/world?after=opaque",
    hub_url="https://hub.example.com/",
    publisher="Example Times",
    publisher_url="https://news.example.com/",
)  # fmt: skip


def golden(name: str, rendered: bytes) -> bytes:
    """What the golden file holds.  With GOLDEN=write in the environment it is written first; review it as a diff."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendered)
    return path.read_bytes()


def readable(rendered: bytes) -> bytes:
    """XML as people compare it."""
    parser = etree.XMLParser(strip_cdata=False, remove_blank_text=True)
    return etree.tostring(etree.fromstring(rendered, parser), encoding="UTF-8", xml_declaration=True, pretty_print=True)


# ------------------------------------------------------------------------------------------------------ any issue

HOSTILE = st.sampled_from(
    ["]]>", "\x00", "\x0b", "\x1f", "\x7f", "\ufffe", "\ud800", "\udfff", "<", "&", '"', "--", "\r", "é", "🚀"]
)
TEXT = st.lists(HOSTILE | st.text(max_size=4), max_size=4).map("".join)
MAYBE = st.none() | TEXT
TIME = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC]))  # noqa: DTZ001  # hypothesis asks for naive bounds
HTML = TEXT | st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<h2>", "<ul>", "<li>", "<blockquote>", "<a href='", "'>", "<figure>", "&#1;", "<x:y>", "<!--"]
    )
    | TEXT,
    max_size=6,
).map("".join)
TERMS = st.builds(Term, TEXT, TEXT, MAYBE)
PICTURES = st.builds(
    Picture, url=TEXT, mime=TEXT, width=st.integers(1, 9999), height=st.integers(1, 9999), caption=TEXT, credit=TEXT,
    alt_text=TEXT, size_bytes=st.none() | st.integers(0, 2**40), copyright_notice=MAYBE, usage_terms=MAYBE,
    creators=st.lists(TEXT, max_size=2).map(tuple), is_lead=st.booleans(), id=TEXT, headline=MAYBE, original_caption=MAYBE,
    source=MAYBE, via=st.lists(TEXT, max_size=2).map(tuple), distributor=MAYBE, license_url=MAYBE, digital_source_type=MAYBE,
    taken=st.none() | TIME, updated=st.none() | TIME,
)  # fmt: skip
ITEMS = st.builds(
    Item, id=TEXT, url=TEXT, headline=TEXT, html=HTML, text=TEXT, body=HTML, slug=TEXT,
    published=TIME, updated=TIME, language=TEXT, kicker=MAYBE,
    summary=MAYBE, section=st.none() | TERMS, tags=st.lists(TERMS, max_size=2).map(tuple),
    authors=st.lists(st.builds(Person, TEXT, MAYBE), max_size=2).map(tuple), byline=TEXT, dateline=MAYBE,
    photos=st.lists(PICTURES, max_size=2).map(tuple), related=st.lists(st.builds(Link, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    corrections=st.lists(st.builds(Correction, TIME, TEXT), max_size=1).map(tuple), embargoed_until=st.none() | TIME,
    translations=st.lists(st.builds(Translation, TEXT, TEXT, TEXT), max_size=1).map(tuple),
    omitted=st.lists(st.builds(Omission, TEXT), max_size=1).map(tuple),
)  # fmt: skip
ISSUES = st.builds(
    Bulletin, id=TEXT, title=TEXT, description=TEXT, url=TEXT, self_url=TEXT, language=TEXT, updated=TIME,
    items=st.lists(ITEMS, max_size=2).map(tuple), rights=MAYBE, alone=st.just(False), publisher=TEXT, next_url=MAYBE, hub_url=MAYBE,
    withdrawn=st.lists(st.builds(Withdrawal, TEXT, TIME, MAYBE), max_size=1).map(tuple),
)  # fmt: skip

# an issue has many texts: on a busy machine to draw one takes longer than hypothesis likes
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HOUR = timedelta(hours=1)
