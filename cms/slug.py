"""Slugs: the last part of an address, made from words of any script.  Knows no article and asks no database if one is free."""

import re

from anyascii import anyascii

_APOSTROPHES = re.compile("['’ʼ`]")  # "don't" is one word
_BETWEEN = re.compile("[^a-z0-9]+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def slugify(text: str, most: int = 80) -> str:
    """`text` in a-z, 0-9 and single hyphens, cut after a word where it would pass `most` characters.

    A slug comes back as it is; "" where no letter or digit is left.
    """
    ascii_text = anyascii(_SURROGATES.sub(" ", text)).lower()
    whole = _BETWEEN.sub("-", _APOSTROPHES.sub("", ascii_text)).strip("-")
    return _cut(whole, most)


def _cut(whole: str, most: int) -> str:
    if len(whole) <= most:
        return whole
    return whole[: most + 1].rpartition("-")[0] or whole[:most]
