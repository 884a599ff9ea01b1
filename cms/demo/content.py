"""The Meridian Courier: the small, made-up newspaper that a first start shows.  Data only; nothing here is stored.

Its countries, people, companies and events do not exist, and what they say nobody said.  Whoever fills a database with
it does so through the same actions as everyone else.
"""

from dataclasses import dataclass

from cms.demo.manuscript import Link, Story, read_stories
from cms.demo.photos import PHOTOS, Photo, draw, typed
from cms.demo.tagging import Place

__all__ = [
    "ACCEPTANCE_SLUG",
    "AUTHORS",
    "HOME",
    "PHOTOS",
    "SECTIONS",
    "SITE_NAME",
    "SITE_TAGLINE",
    "TAGS",
    "Author",
    "Link",
    "Photo",
    "Place",
    "Section",
    "Story",
    "Tag",
    "draw",
    "read_stories",
    "typed",
]

SITE_NAME = "The Meridian Courier"
SITE_TAGLINE = "News from Calder Bay and the coasts of the strait"

# the page that shows a conflict story whole: lead photo, sixty words of caption, a chained credit, four similar articles
ACCEPTANCE_SLUG = "kestria-says-it-tested-a-new-rocket-engine"
# what the editors put on the front page, in their order: a story, and the headline that it has there
HOME = (
    (ACCEPTANCE_SLUG, None),
    ("sorrel-strait-closed-after-mine-is-found", None),
    ("harbour-seals-remember-voices", None),  # embargoed: readers find it here at its hour
    ("freight-rates-double-as-ships-go-round", "Freight rates double"),
    ("calder-bay-draw-in-the-ninth-minute", None),
    ("the-quiet-arithmetic-of-a-majority-of-one", None),
)


@dataclass(frozen=True, slots=True)
class Section:
    """`parent` is a slug; parents stand before their children."""

    slug: str
    name: str
    description: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    slug: str
    name: str
    role: str
    bio: str
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    slug: str
    name: str


SECTIONS: tuple[Section, ...] = (
    Section("world", "World", "The strait and the countries around it."),
    Section("politics", "Politics", "The Assembly, the city hall and those who want to be in them."),
    Section("business", "Business", "Work, trade and what things cost."),
    Section("science", "Science", "What has been found out, and how."),
    Section("culture", "Culture", "Music, books, pictures, rooms."),
    Section("sport", "Sport", "Grounds, fells and water."),
    Section("conflict", "Conflict", "Armies, borders and those who live beside them.", "world"),
    Section("markets", "Markets", "Freight, crowns and shares.", "business"),
    Section("climate", "Climate", "Ice, fields and fires.", "science"),
    Section("football", "Football", "Calder Bay and the league.", "sport"),
)

AUTHORS: tuple[Author, ...] = (
    Author(
        "nora-hale",
        "Nora Hale",
        "Foreign correspondent",
        "Nora Hale reports from both shores of the Sorrel Strait. She learned to read maps from her mother, a pilot.",
        ("https://example.org/courier/nora-hale",),
    ),
    Author(
        "idris-tarn",
        "Idris Tarn",
        "Security editor",
        "Idris Tarn writes about armies and the budgets that feed them. He was a surveyor before he was a reporter.",
        ("https://example.org/courier/idris-tarn", "https://social.example/@idris"),
    ),
    Author(
        "beatrix-lowell",
        "Beatrix Lowell",
        "Political editor",
        "Beatrix Lowell has sat in the press gallery of the Assembly through four governments and one flood.",
    ),
    Author(
        "jonas-fjeld",
        "Jonas Fjeld",
        "Business reporter and photographer",
        "Jonas Fjeld covers the port, the energy companies and the people on their night shifts.",
        ("https://social.example/@fjeld",),
    ),
    Author(
        "amara-quist",
        "Amara Quist",
        "Science editor",
        "Amara Quist holds a doctorate in glaciology and a licence for small boats.",
        ("https://example.org/courier/amara-quist",),
    ),
    Author(
        "leopold-crane",
        "Leopold Crane",
        "Culture writer",
        "Leopold Crane writes about music and buildings, and about the noise that each makes in the other.",
    ),
    Author(
        "sunniva-dale",
        "Sunniva Dale",
        "Sports reporter",
        "Sunniva Dale ran the Marrow fell race six times and won it once, in fog.",
    ),
    Author(
        "henrik-voss",
        "Henrik Voß",
        "Redakteur, deutsche Ausgabe",
        "Henrik Voß schreibt aus Calder Bay für die deutsche Ausgabe des Courier.",
    ),
    Author(
        "han-seo-yun",
        "한서윤",
        "한국어판 기자",
        "한서윤 기자는 메리디언 쿠리어 한국어판에서 해협과 무역을 다룬다.",
    ),
    Author(
        "ines-calloway",
        "Ines Calloway",
        "Staff photographer",
        "Ines Calloway photographs the harbour in every weather and the harbour master in none.",
    ),
)

TAGS: tuple[Tag, ...] = (
    Tag("sorrel-strait", "Sorrel Strait"),
    Tag("kestria", "Kestria"),
    Tag("vardane", "Vardane"),
    Tag("halvern", "Halvern"),
    Tag("diplomacy", "Diplomacy"),
    Tag("armed-forces", "Armed forces"),
    Tag("aid", "Aid"),
    Tag("assembly", "Assembly"),
    Tag("city-hall", "City hall"),
    Tag("transport", "Transport"),
    Tag("housing", "Housing"),
    Tag("port", "Port"),
    Tag("freight", "Freight"),
    Tag("energy", "Energy"),
    Tag("work", "Work"),
    Tag("astronomy", "Astronomy"),
    Tag("sea", "Sea"),
    Tag("ice", "Ice"),
    Tag("farming", "Farming"),
    Tag("wildfire", "Wildfire"),
    Tag("weather", "Weather"),
    Tag("music", "Music"),
    Tag("books", "Books"),
    Tag("photography", "Photography"),
    Tag("calder-bay-fc", "Calder Bay FC"),
    Tag("cycling", "Cycling"),
    Tag("sailing", "Sailing"),
    Tag("running", "Running"),
)
