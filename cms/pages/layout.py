"""Data into HTML: templates that escape everything but what was sanitised when it was stored, and one style sheet.

The sheet stands in the page and is named by its hash, so that the page's policy allows no other style and no script.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cms import jsonld
from cms.settings import Settings
from media import recipe as recipes

HERE = Path(__file__).parent
STYLE = (HERE / "page.css").read_text()
FORMATS = (("rss", "application/rss+xml"), ("atom", "application/atom+xml"), ("json", "application/feed+json"))
# a story by itself; not those above, which browsers would offer to subscribe to
STORY_FORMATS = (
    ("ninjs", "application/json"),
    ("newsml", "application/vnd.iptc.g2.newsmessage+xml"),
    ("nitf", "application/nitf+xml"),
)
OEMBED = (("json", "application/json+oembed"), ("xml", "text/xml+oembed"))
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# ISO 639 codes of languages, and ISO 15924 codes of scripts, that are written from right to left
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})
RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "mand", "nkoo", "rohg", "syrc", "thaa"})
SHARED = recipes.Recipe(1280, None, "cover", "jpeg")  # as article.graphql asks for `src`


@dataclass(frozen=True, slots=True)
class Page:
    """`style` names its style sheet in a Content-Security-Policy."""

    html: str
    style: str


def render(template: str, settings: Settings, *, language: str, feeds: Mapping[str, str], **shown: Any) -> Page:
    """`feeds` are those of this page beside the latest, address to title; `shown` is what the template names."""
    colours = sorted({colour_class(colour) for colour in every(shown, "dominantColor")})
    css = STYLE + "".join(f".{one}{{background-color:#{one[1:]}}}\n" for one in colours)
    html = (
        _environment(settings.site_time_zone)
        .get_template(template)
        .render(
            settings=settings,
            language=language,
            css=Markup(css),
            feeds={"latest": settings.site_name, **feeds},
            formats=FORMATS,
            story_formats=STORY_FORMATS,
            oembed=OEMBED,
            **shown,
        )
    )
    return Page(html, f"'sha256-{b64encode(sha256(css.encode()).digest()).decode()}'")


def every(value: Any, name: str) -> Iterator[Any]:
    """What stands under the key `name` at any depth, nulls left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == name and item is not None:
                yield item
            yield from every(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from every(item, name)


def direction(language: str) -> str:
    """rtl or ltr, by the tag's script where it names one (BCP 47: the four letters after the language)."""
    code, *subtags = language.lower().replace("_", "-").split("-")
    script = next((one for one in subtags if len(one) == 4 and one.isalpha()), None)
    rtl = script in RIGHT_TO_LEFT_SCRIPTS if script else code in RIGHT_TO_LEFT
    return "rtl" if rtl else "ltr"


def when(zone: ZoneInfo, instant: str) -> str:
    """ "3 February 2026, 18:42 KST": in English whatever the process's locale."""
    at = datetime.fromisoformat(instant).astimezone(zone)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} {at.tzname()}"


def colour_class(colour: str) -> str:
    """The class under which a picture's place has its main colour while it loads; a style attribute is not allowed."""
    return f"c{colour.removeprefix('#')}"


def shown_size(photo: Mapping[str, Any]) -> tuple[int, int]:
    return recipes.size(SHARED, (photo["width"], photo["height"]))


@cache
def _environment(zone: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "direction": direction,
        "when": partial(when, ZoneInfo(zone)),
        "colour_class": colour_class,
        "shown_size": shown_size,
        "linked_data": lambda data: Markup(jsonld.script(data)),
    }
    return made
