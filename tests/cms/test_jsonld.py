"""Stories as schema.org linked data."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.jsonld import news_article, script

ARTICLE: dict[str, Any] = {
    "headline": "Harbour reopens after the storm",
    "summary": "Ferries sail again from noon.",
    "url": "https://news.example.com/world/harbour-reopens",
    "publishedAt": "2026-01-31T08:00:00Z",
    "modifiedAt": "2026-01-31T09:30:00Z",
    "language": "en-GB",
    "dateline": "PORT EXAMPLE",
    "wordCount": 412,
    "section": {"name": "World"},
    "authors": [{"name": "Jane Doe", "slug": "jane-doe"}],
    "tags": [{"name": "Weather"}, {"name": "Ferries"}],
    "leadPhoto": {
        "caption": "The first ferry leaves.",
        "credit": "STR/KCNA VIA KNS/AFP",
        "photo": {
            "url": "https://news.example.com/images/1/1/w1280-cover.auto",
            "width": 1600,
            "height": 1067,
            "copyrightNotice": "© Example Times",
            "licenseUrl": "https://news.example.com/licence",
            "creators": ["STR"],
        },
    },
}


PUBLISHER = {"@type": "NewsMediaOrganization", "name": "Example Times", "url": "https://news.example.com/"}
SITE = {"@type": "WebSite", "name": "Example Times", "url": "https://news.example.com/"}
VOCABULARY = Path(__file__).resolve().parents[3] / "shared" / "standards" / "schemas" / "schemaorg-all-https.jsonld"


def unknown(thing: Any, above: dict[str, set[str]], domains: dict[str, set[str]]) -> list[str]:
    """Properties at any depth that schema.org does not have on the type that they stand on."""
    if isinstance(thing, list):
        return [one for item in thing for one in unknown(item, above, domains)]
    if not isinstance(thing, dict):
        return []
    kinds, todo = set(), [f"schema:{thing['@type']}"]
    while todo:
        kinds.add(kind := todo.pop())
        todo += above.get(kind, set()) - kinds
    names = [name for name in thing if not name.startswith("@")]
    wrong = [f"{thing['@type']}.{name}" for name in names if not domains.get(f"schema:{name}", set()) & kinds]
    return wrong + [one for name in names for one in unknown(thing[name], above, domains)]


def ids(value: Any) -> set[str]:
    return {one["@id"] for one in (value if isinstance(value, list) else [value] if value else [])}


@pytest.mark.skipif(not VOCABULARY.exists(), reason="schema.org's vocabulary is not there: ../shared/standards/schemas")
def test_every_property_is_schema_orgs_and_stands_on_its_type() -> None:
    graph = json.loads(VOCABULARY.read_bytes())["@graph"]
    above = {one["@id"]: ids(one.get("rdfs:subClassOf")) for one in graph}
    domains = {one["@id"]: ids(one.get("schema:domainIncludes")) for one in graph}
    corrected = {**ARTICLE, "corrections": [{"at": "2026-01-31T09:30:00Z", "text": "It was noon."}]}
    assert unknown(news_article(corrected, "Example Times", "https://news.example.com"), above, domains) == []
    assert unknown({"@type": "NewsArticle", "creditText": "x", "relatedLink": "y"}, above, domains) == [
        "NewsArticle.relatedLink"
    ]


def test_story_says_what_search_engines_ask_for() -> None:
    assert news_article(ARTICLE, "Example Times", "https://news.example.com") == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": "https://news.example.com/world/harbour-reopens#article",
        "mainEntityOfPage": "https://news.example.com/world/harbour-reopens",
        "url": "https://news.example.com/world/harbour-reopens",
        "headline": "Harbour reopens after the storm",
        "description": "Ferries sail again from noon.",
        "articleSection": "World",
        "keywords": ["Weather", "Ferries"],
        "inLanguage": "en-GB",
        "dateline": "PORT EXAMPLE",
        "datePublished": "2026-01-31T08:00:00Z",
        "dateModified": "2026-01-31T09:30:00Z",
        "wordCount": 412,
        "author": [{"@type": "Person", "name": "Jane Doe"}],
        "publisher": PUBLISHER,
        "isPartOf": SITE,
        "image": [
            {
                "@type": "ImageObject",
                "url": "https://news.example.com/images/1/1/w1280-cover.auto",
                "contentUrl": "https://news.example.com/images/1/1/w1280-cover.auto",
                "width": 1600,
                "height": 1067,
                "caption": "The first ferry leaves.",
                "creditText": "STR/KCNA VIA KNS/AFP",
                "creator": [{"@type": "Person", "name": "STR"}],
                "copyrightNotice": "© Example Times",
                "license": "https://news.example.com/licence",
            }
        ],
    }


def test_what_is_not_known_is_left_out() -> None:
    bare = {"headline": "Harbour reopens", "url": "https://news.example.com/h", "summary": None, "leadPhoto": None}
    assert news_article(bare, "Example Times", "https://news.example.com") == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": "https://news.example.com/h#article",
        "mainEntityOfPage": "https://news.example.com/h",
        "url": "https://news.example.com/h",
        "headline": "Harbour reopens",
        "publisher": PUBLISHER,
        "isPartOf": SITE,
    }


def test_caption_cannot_end_the_script_element() -> None:
    assert script({"caption": "</script><b>&\u2028\u2029"}) == (
        '{"caption":"\\u003c/script\\u003e\\u003cb\\u003e\\u0026\\u2028\\u2029"}'
    )


@given(st.dictionaries(st.text(), st.text()))
def test_script_means_the_same_and_holds_nothing_that_html_reads(data: dict[str, str]) -> None:
    written = script(data)
    assert json.loads(written) == data
    assert not set(written) & set("<>&\u2028\u2029")
