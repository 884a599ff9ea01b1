"""The body of a story: typed blocks, read when they are written and printed when they are read.

In charge of which markup may be stored: everything passes one allow-list here, on the way in.  Fetches nothing, and
knows no photo's row: a block refers to a placement by its key, and the actions make the placement.
"""

from cms.body.blocks import TYPES, Parsed, Placement, parse
from cms.body.markup import sanitise
from cms.body.printing import figure, to_html, to_text, word_count

__all__ = [
    "TYPES",
    "Parsed",
    "Placement",
    "figure",
    "parse",
    "sanitise",
    "to_html",
    "to_text",
    "word_count",
]
