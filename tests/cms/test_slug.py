"""Slugs from headlines of any script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.slug import slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("North Korea tests a new rocket engine", "north-korea-tests-a-new-rocket-engine"),
        ("  Müller & Söhne: «Ça va?»  ", "muller-sohne-ca-va"),
        ("Don’t panic, it's fine", "dont-panic-its-fine"),
        ("Москва и Киев", "moskva-i-kiev"),
        ("東京", "dongjing"),
        ("ไทย", "aithy"),
        ("북한, 새 로켓 시험", "bughan-sae-lokes-siheom"),
        ("كوريا الشمالية", "kwry-lshmlyh"),
        ("Η Αθήνα σήμερα", "i-athina-simera"),
        ("हिन्दी समाचार", "hindi-smacar"),
        ("ロケット試験", "rokettoshiyan"),
        ("Đà Nẵng, İstanbul, ßtraße", "da-nang-istanbul-sstrasse"),
        ("🚀 Launch day 🎉", "rocket-launch-day-tada"),
        ("already-a-slug-2", "already-a-slug-2"),
        ("?! …", ""),
        ("", ""),
        ("\ud800 lone", "lone"),
    ],
)
def test_slug_is_made_from_any_script(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_slug_is_cut_after_a_whole_word() -> None:
    assert slugify("one two three", 7) == "one-two"
    assert slugify("one two three", 9) == "one-two"
    assert slugify("one two three", 13) == "one-two-three"


def test_single_word_that_is_too_long_is_cut_within() -> None:
    assert slugify("donaudampfschiff", 5) == "donau"


@given(st.text(), st.integers(min_value=8, max_value=160))
def test_every_text_becomes_a_slug_or_nothing_and_stays_the_same(text: str, most: int) -> None:
    slug = slugify(text, most)
    assert re.fullmatch("([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert len(slug) <= most
    assert slugify(slug, most) == slug
