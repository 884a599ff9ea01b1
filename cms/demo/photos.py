"""The demo newsroom's picture desk: twenty-five photos, drawn in code, captioned, credited and tagged.

Places and people are made up.  Agencies are named in credit lines only for the lines' forms: none of them has anything
to do with these pictures, and each file says of itself that it is a digital creation.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cms.demo import cityscapes, landscapes, occasions, tagging
from cms.demo.canvas import Canvas
from cms.demo.tagging import Place

Carrier = Literal["XMP", "IIM", "EXIF"]
Scene = Callable[[Canvas, Random], None]

# what each carrier can hold of the fields that the photo desk has a box for
HOLDS: dict[Carrier, frozenset[str]] = {
    "XMP": frozenset({"credit", "caption", "alt_text", "headline", "copyright_notice", "usage_terms", "keywords"}),
    "IIM": frozenset({"credit", "caption", "headline", "copyright_notice", "keywords"}),
    "EXIF": frozenset({"caption", "copyright_notice"}),
}

_JPEG_QUALITY = 86
_CREATED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCreation"
_DATA_DRIVEN = "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia"


@dataclass(frozen=True, slots=True)
class Photo:
    """`key` is how stories name it; the file's suffix decides its format; `size` is (width, height) in pixels.

    `focal_point` is (x, y), 0 to 1 from the top left.  `carried` says where the file has its metadata: what no carrier
    holds is for the desk to type (`typed`).
    """

    key: str
    file_name: str
    scene: Scene
    size: tuple[int, int]
    carried: tuple[Carrier, ...]
    credit: str
    creators: tuple[str, ...]
    headline: str
    caption: str
    alt_text: str
    copyright_notice: str
    keywords: tuple[str, ...]
    place: Place
    taken_at: datetime
    source: str | None = None
    supplier: str | None = None
    people: tuple[str, ...] = ()
    usage_terms: str | None = None
    instructions: str | None = None
    focal_point: tuple[float, float] = (0.5, 0.5)
    digital_source_type: str = _CREATED
    clear: bool = False


def draw(photo: Photo) -> bytes:
    """The file, tagged.  The same photo gives the same bytes each time, with one version of Pillow."""
    sheet = Canvas(photo.size, clear=photo.clear)
    photo.scene(sheet, Random(photo.key))
    image, label, out = sheet.develop(), _label(photo), io.BytesIO()
    packet = tagging.xmp(label) if "XMP" in photo.carried else None
    tags = tagging.exif(label) if "EXIF" in photo.carried else b""
    _SAVERS[photo.file_name.rpartition(".")[2]](image, out, packet, tags)
    data = out.getvalue()
    return tagging.splice(data, tagging.photoshop(label)) if "IIM" in photo.carried else data


def typed(photo: Photo) -> dict[str, str | list[str]]:
    """What is known and not in the file, by the names of an upload's fields."""
    held = frozenset[str]().union(*(HOLDS[carrier] for carrier in photo.carried))
    values: dict[str, str | list[str] | None] = {
        "credit": photo.credit,
        "caption": photo.caption,
        "alt_text": photo.alt_text,
        "headline": photo.headline,
        "copyright_notice": photo.copyright_notice,
        "usage_terms": photo.usage_terms,
        "keywords": list(photo.keywords),
    }
    return {name: value for name, value in values.items() if value and name not in held}


def _label(photo: Photo) -> tagging.Label:
    return tagging.Label(
        title=photo.file_name.rpartition(".")[0],
        creators=photo.creators,
        credit=photo.credit,
        source=photo.source,
        supplier=photo.supplier,
        headline=photo.headline,
        caption=photo.caption,
        alt_text=photo.alt_text,
        keywords=photo.keywords,
        people=photo.people,
        copyright_notice=photo.copyright_notice,
        usage_terms=photo.usage_terms,
        instructions=photo.instructions,
        digital_source_type=photo.digital_source_type,
        place=photo.place,
        taken_at=photo.taken_at,
    )


def _save_jpeg(image: Image.Image, out: io.BytesIO, packet: bytes | None, tags: bytes) -> None:
    image.save(out, "JPEG", quality=_JPEG_QUALITY, exif=tags, **({"xmp": packet} if packet else {}))


def _save_png(image: Image.Image, out: io.BytesIO, packet: bytes | None, tags: bytes) -> None:
    chunks = PngInfo()
    if packet:
        chunks.add_itxt("XML:com.adobe.xmp", packet.decode())
    image.save(out, "PNG", compress_level=6, pnginfo=chunks, exif=tags)


def _save_webp(image: Image.Image, out: io.BytesIO, packet: bytes | None, tags: bytes) -> None:
    image.save(out, "WEBP", quality=86, method=2, exif=tags, xmp=packet or b"")


_SAVERS: dict[str, Callable[[Image.Image, io.BytesIO, bytes | None, bytes], None]] = {
    "jpg": _save_jpeg,
    "png": _save_png,
    "webp": _save_webp,
}


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """In Calder Bay's time, an hour ahead of UTC."""
    return datetime(2026, month, day, hour, minute, 12, tzinfo=timezone(timedelta(hours=1)))


_BAY = Place("North Terminal", "Calder Bay", "Bay Province", "Halvern", "XH")
_TOWN = Place(None, "Calder Bay", "Bay Province", "Halvern", "XH")
_SARROW = Place("Mount Sarrow", "Sarrow", "Marrow Fells", "Halvern", "XH")
_KESTRIA = Place(None, "Ansk", "Northern Foothills", "Kestria", "XE")

_COURIER = "© 2026 The Meridian Courier"

PHOTOS: tuple[Photo, ...] = (
    Photo(
        key="rocket-test",
        file_name="kestria-engine-test.jpg",
        scene=occasions.engine_test,
        size=(2400, 1600),
        carried=("XMP", "IIM"),
        credit="(STR)(STR/KCNA VIA KNS/AFP)",
        creators=("STR",),
        source="KCNA VIA KNS",
        supplier="AFP",
        headline="Kestria shows the test of a rocket engine",
        caption=(
            "This picture, taken at dusk on Tuesday and released by the state news agency of Kestria on Wednesday, shows "
            "engineers watching the static test of a rocket engine at an undisclosed site in the northern foothills. The "
            "authorities said that the engine burned for ninety seconds at full thrust, a claim that the Courier and "
            "independent analysts could not verify."
        ),
        alt_text="A rocket engine fires on a steel stand at dusk, throwing orange light on a bank of smoke; four people watch.",
        copyright_notice="AFP or licensors",
        usage_terms="Editorial use only. No marketing, no advertising campaigns.",
        instructions="RESTRICTED TO EDITORIAL USE. Made available by a third party; content not independently verified.",
        keywords=("rocket", "engine", "test", "military", "Kestria"),
        place=_KESTRIA,
        taken_at=_at(11, 17, 17, 21),
        focal_point=(0.38, 0.52),
    ),
    Photo(
        key="harbour-dawn",
        file_name="north-terminal-dawn.jpg",
        scene=cityscapes.harbour,
        size=(2400, 1600),
        carried=("XMP", "IIM", "EXIF"),
        credit="Photo: Ines Calloway / Reuters",
        creators=("Ines Calloway",),
        supplier="Reuters",
        headline="First light at the North Terminal",
        caption=(
            "A container ship lies under the cranes of the North Terminal in Calder Bay at first light. Four of its "
            "twelve cranes now work without a driver on board."
        ),
        alt_text="A loaded container ship and tall cranes at dawn, mirrored in calm water, with a red tug in front.",
        copyright_notice="© 2026 Ines Calloway",
        keywords=("harbour", "container ship", "cranes", "trade", "Calder Bay"),
        place=_BAY,
        taken_at=_at(11, 12, 7, 4),
        focal_point=(0.55, 0.5),
    ),
    Photo(
        key="parliament-dusk",
        file_name="assembly-dusk.jpg",
        scene=cityscapes.parliament,
        size=(2000, 1333),
        carried=("XMP", "IIM"),
        credit="AP Photo/Marta Vessel, Pool",
        creators=("Marta Vessel",),
        supplier="AP",
        headline="The Assembly before the vote",
        caption=(
            "Lights burn in the National Assembly of Halvern on the evening of the harbour vote. The session ended at "
            "ten minutes to midnight."
        ),
        alt_text="A domed parliament with a row of columns at dusk, its windows lit, reflected in a long basin.",
        copyright_notice="© 2026 The Associated Press",
        keywords=("parliament", "vote", "politics", "Calder Bay"),
        place=Place("Assembly Square", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 18, 18, 40),
        focal_point=(0.5, 0.45),
    ),
    Photo(
        key="lighthouse-storm",
        file_name="grey-skerry-light.jpg",
        scene=landscapes.lighthouse,
        size=(1200, 1800),
        carried=("XMP",),
        credit="Handout via REUTERS",
        creators=(),
        supplier="REUTERS",
        headline="Grey Skerry light in the October storm",
        caption=(
            "Seas break over the rock below the Grey Skerry lighthouse during the October storm, in a picture handed out "
            "by the coastguard. The light was never off."
        ),
        alt_text="A red and white lighthouse on a rock in a storm, its beams lit, with high waves breaking below.",
        copyright_notice="Halvern Coastguard",
        usage_terms="Handout. No resales, no archives.",
        keywords=("lighthouse", "storm", "coast", "weather"),
        place=Place("Grey Skerry", "Sandgate", "Bay Province", "Halvern", "XH"),
        taken_at=_at(10, 27, 16, 55),
        focal_point=(0.6, 0.42),
    ),
    Photo(
        key="skyline-night",
        file_name="quayside-night.jpg",
        scene=cityscapes.skyline,
        size=(2400, 1350),
        carried=("IIM",),
        credit="Getty Images",
        creators=(),
        supplier="Getty Images",
        headline="Quayside after closing time",
        caption="The towers of the Quayside financial district in Calder Bay, seen from across the river Calder at night.",
        alt_text="A dense skyline of lit office towers at night, a crescent moon above, lights doubled in the river.",
        copyright_notice="2026 Getty Images",
        keywords=("skyline", "finance", "exchange", "night"),
        place=Place("Quayside", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 9, 20, 15),
        focal_point=(0.5, 0.55),
    ),
    Photo(
        key="stadium-lights",
        file_name="harbour-ground-free-kick.jpg",
        scene=occasions.stadium,
        size=(2000, 1333),
        carried=("XMP", "IIM", "EXIF"),
        credit="(Photo by Anders Loewe/Getty Images)",
        creators=("Anders Loewe",),
        supplier="Getty Images",
        headline="The free kick in added time",
        caption=(
            "Tomas Arvel of Calder Bay runs up for the free kick that brought the equaliser against Tolmin, nine minutes "
            "into added time at the Harbour Ground."
        ),
        alt_text="A footballer in red runs up to a free kick under floodlights; a wall of white shirts faces him.",
        copyright_notice="2026 Getty Images",
        people=("Tomas Arvel",),
        keywords=("football", "free kick", "Calder Bay", "Tolmin"),
        place=Place("Harbour Ground", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 21, 21, 49),
        focal_point=(0.42, 0.68),
    ),
    Photo(
        key="summit-lectern",
        file_name="straits-conference.jpg",
        scene=occasions.summit,
        size=(2000, 1333),
        carried=("XMP", "IIM"),
        credit="Kaito Brennard/AFP via Getty Images",
        creators=("Kaito Brennard",),
        source="AFP",
        supplier="Getty Images",
        headline="The Straits Conference opens",
        caption=(
            "The chair of the Straits Conference, Orla Penhallow, speaks at the opening session in Port Ellery. Eight "
            "governments with a coast on the strait sent delegations."
        ),
        alt_text="A speaker stands at a wooden lectern between two rows of flags, in front of a crowd of cameras.",
        copyright_notice="AFP or licensors",
        people=("Orla Penhallow",),
        keywords=("conference", "diplomacy", "flags", "Sorrel Strait"),
        place=Place("Ellery Exchange", "Port Ellery", "Ellery Coast", "Vardane", "XV"),
        taken_at=_at(11, 16, 10, 30),
        focal_point=(0.5, 0.55),
    ),
    Photo(
        key="fire-ridge",
        file_name="sarrow-ridge-fire.jpg",
        scene=landscapes.fire_ridge,
        size=(2000, 1333),
        carried=("XMP",),
        credit=(
            "Petra Halloway/Press Service of the Third Mountain Fire Brigade of the Halvern Civil Defence/Handout via REUTERS"
        ),
        creators=("Petra Halloway",),
        source="Press Service of the Third Mountain Fire Brigade of the Halvern Civil Defence",
        supplier="REUTERS",
        headline="Fire behind the Sarrow ridge",
        caption=(
            "Smoke rises behind the Sarrow ridge on the third night of the fire. Crews held the line at the old forest "
            "road, two kilometres above the village."
        ),
        alt_text="Dark pines in front of an orange night sky; flames run along a ridge and smoke rises to the right.",
        copyright_notice="Halvern Civil Defence",
        usage_terms="Handout. Mandatory credit. Not for sale.",
        keywords=("wildfire", "forest", "smoke", "civil defence"),
        place=_SARROW,
        taken_at=_at(10, 30, 22, 8),
        focal_point=(0.58, 0.6),
    ),
    Photo(
        key="rainy-street",
        file_name="lantern-row-rain.jpg",
        scene=cityscapes.rainy_street,
        size=(1067, 1600),
        carried=("XMP", "IIM", "EXIF"),
        credit="(Corin Ashdown/The Canadian Press via AP)",
        creators=("Corin Ashdown",),
        source="The Canadian Press",
        supplier="AP",
        headline="Rain on Lantern Row",
        caption="Shoppers cross Lantern Row in Calder Bay in the eleventh day of rain without a break.",
        alt_text="People under bright umbrellas walk away from the viewer on a wet street between lit shops.",
        copyright_notice="© 2026 Corin Ashdown",
        keywords=("rain", "street", "umbrellas", "weather"),
        place=Place("Lantern Row", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 13, 17, 32),
        focal_point=(0.5, 0.75),
    ),
    Photo(
        key="old-town",
        file_name="gable-street-tram.jpg",
        scene=cityscapes.old_town,
        size=(2000, 1333),
        carried=("XMP", "IIM"),
        credit="Photo: picture alliance/dpa | Lene Harkamp",
        creators=("Lene Harkamp",),
        supplier="dpa",
        headline="Line 7 in Gable Street",
        caption="A tram of line 7 passes the painted houses of Gable Street. From January it will run all night again.",
        alt_text="A red and cream tram passes a row of colourful gabled houses on a cobbled street.",
        copyright_notice="© 2026 dpa",
        keywords=("tram", "transport", "old town", "Calder Bay"),
        place=Place("Gable Street", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(10, 22, 11, 20),
        focal_point=(0.55, 0.68),
    ),
    Photo(
        key="misty-fells",
        file_name="marrow-fells-morning.jpg",
        scene=landscapes.misty_fells,
        size=(2400, 1600),
        carried=("XMP", "EXIF"),
        credit="Sven Ostrand/TT",
        creators=("Sven Ostrand",),
        supplier="TT",
        headline="Morning over the Marrow Fells",
        caption="Mist lies between the ranges of the Marrow Fells shortly after sunrise, on the day of the fell race.",
        alt_text="Layered blue hills with mist between them, under a pale sun; pine woods in front and a few birds.",
        copyright_notice="© 2026 Sven Ostrand/TT",
        keywords=("mountains", "mist", "landscape", "Marrow Fells"),
        place=Place(None, "Sarrow", "Marrow Fells", "Halvern", "XH"),
        taken_at=_at(10, 18, 8, 2),
        focal_point=(0.66, 0.4),
    ),
    Photo(
        key="dry-fields",
        file_name="lower-marrow-furrows.jpg",
        scene=landscapes.dry_fields,
        size=(2000, 1333),
        carried=("XMP", "IIM"),
        credit="(AP Photo/Delia Marchetti, File)",
        creators=("Delia Marchetti",),
        supplier="AP",
        headline="Cracked furrows in Lower Marrow",
        caption="FILE - Cracked soil between the furrows of a field in Lower Marrow in August, when no rain fell for six weeks.",
        alt_text="Dry brown furrows run to the horizon under an orange sun; a single tree stands at the right.",
        copyright_notice="© 2026 The Associated Press",
        keywords=("drought", "farming", "fields", "climate"),
        place=Place(None, "Lower Marrow", "Marrow Fells", "Halvern", "XH"),
        taken_at=_at(8, 21, 18, 45),
        focal_point=(0.6, 0.5),
    ),
    Photo(
        key="relief-convoy",
        file_name="relief-convoy.jpg",
        scene=occasions.convoy,
        size=(2000, 1333),
        carried=("XMP", "IIM"),
        credit="(STR/KCNA VIA KNS/AFP)",
        creators=("STR",),
        source="KCNA VIA KNS",
        supplier="AFP",
        headline="Lorries on the southern track",
        caption=(
            "Lorries with flour and medicine drive along the southern track of Kestria, in a picture released by its state "
            "news agency. The relief council says that all five arrived."
        ),
        alt_text="Five white lorries in a line on a desert track, dust behind them, dunes and a low sun above.",
        copyright_notice="AFP or licensors",
        usage_terms="Editorial use only.",
        instructions="RESTRICTED TO EDITORIAL USE",
        keywords=("aid", "convoy", "lorries", "Kestria"),
        place=Place("Southern track", "Ansk", "Southern Desert", "Kestria", "XE"),
        taken_at=_at(11, 14, 9, 12),
        focal_point=(0.6, 0.78),
    ),
    Photo(
        key="wind-farm",
        file_name="sandgate-bank-turbines.jpg",
        scene=landscapes.wind_farm,
        size=(2000, 1333),
        carried=("XMP", "IIM", "EXIF"),
        credit="Jonas Fjeld/The Meridian Courier",
        creators=("Jonas Fjeld",),
        headline="Turbines on Sandgate Bank",
        caption="Turbines on Sandgate Bank at sunset, the evening before the first of them was joined to the grid.",
        alt_text="Wind turbines stand in the sea in front of a setting sun and a purple and orange sky.",
        copyright_notice=_COURIER,
        keywords=("wind power", "energy", "sea", "sunset"),
        place=Place("Sandgate Bank", "Sandgate", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 3, 16, 48),
        focal_point=(0.4, 0.55),
    ),
    Photo(
        key="observatory",
        file_name="mount-sarrow-dome.jpg",
        scene=landscapes.observatory,
        size=(2400, 1600),
        carried=("XMP",),
        credit="Courtesy of Mount Sarrow Observatory",
        creators=("Mount Sarrow Observatory",),
        headline="The dome opens",
        caption="The dome of the Mount Sarrow Observatory opens for the night below the Milky Way.",
        alt_text="A white observatory dome, its slit lit from inside, on a summit under a sky full of stars.",
        copyright_notice="Mount Sarrow Observatory",
        usage_terms="Free for editorial use with credit.",
        keywords=("astronomy", "observatory", "stars", "Milky Way"),
        place=_SARROW,
        taken_at=_at(11, 6, 19, 30),
        focal_point=(0.62, 0.6),
    ),
    Photo(
        key="glacier-front",
        file_name="holm-glacier-front.jpg",
        scene=landscapes.glacier,
        size=(2000, 1333),
        carried=("XMP", "EXIF"),
        credit="Photo: Ylva Strand / Polar Survey of Halvern",
        creators=("Ylva Strand",),
        supplier="Polar Survey of Halvern",
        headline="The front of the Holm glacier",
        caption="The front of the Holm glacier in September, 214 metres behind the line where it stood a year before.",
        alt_text="A wall of blue ice under white mountains; small floes drift on the lagoon in front of it.",
        copyright_notice="Polar Survey of Halvern",
        keywords=("glacier", "ice", "climate", "survey"),
        place=Place("Holm Lagoon", "Holm", "Northern Isles", "Halvern", "XH"),
        taken_at=_at(9, 24, 13, 10),
        focal_point=(0.5, 0.5),
    ),
    Photo(
        key="pass-road",
        file_name="corvin-pass-climb.jpg",
        scene=landscapes.pass_road,
        size=(1333, 2000),
        carried=("XMP", "IIM"),
        credit="Luc Bernay/Vélo Presse via AFP",
        creators=("Luc Bernay",),
        source="Vélo Presse",
        supplier="AFP",
        headline="The climb to the Corvin Pass",
        caption="Riders on the bends below the Corvin Pass, where the last stage of the Tour of the Fells was decided.",
        alt_text="Cyclists climb a winding road through a green valley towards three snow-covered peaks.",
        copyright_notice="AFP or licensors",
        keywords=("cycling", "mountain pass", "race", "Tour of the Fells"),
        place=Place("Corvin Pass", "Sarrow", "Marrow Fells", "Halvern", "XH"),
        taken_at=_at(9, 27, 14, 36),
        focal_point=(0.45, 0.72),
    ),
    Photo(
        key="regatta",
        file_name="island-regatta.jpg",
        scene=landscapes.regatta,
        size=(1600, 1067),
        carried=("IIM",),
        credit="I. Calloway/The Meridian Courier",
        creators=("Ines Calloway",),
        headline="The fleet off Little Sorrel",
        caption="Boats of the island regatta round the mark off Little Sorrel in a light westerly wind.",
        alt_text="Sailing boats with yellow, white and red sails on a blue sea with low hills behind.",
        copyright_notice=_COURIER,
        keywords=("sailing", "regatta", "sea", "Sorrel Islands"),
        place=Place("Little Sorrel", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(9, 12, 15, 5),
        focal_point=(0.5, 0.55),
    ),
    Photo(
        key="coral-reef",
        file_name="sorrel-reef-shoal.jpg",
        scene=landscapes.coral_reef,
        size=(2000, 1333),
        carried=("XMP",),
        credit="Handout/Sorrel Marine Institute",
        creators=(),
        source="Sorrel Marine Institute",
        headline="A shoal over the outer reef",
        caption="A shoal over the outer reef of the Sorrel Islands, photographed by divers of the Marine Institute in July.",
        alt_text="A shoal of small fish and two striped orange ones swim over bright corals in shafts of sunlight.",
        copyright_notice="Sorrel Marine Institute",
        usage_terms="Handout. Editorial use with credit.",
        keywords=("reef", "coral", "fish", "sea"),
        place=Place("Outer reef", "Little Sorrel", "Sorrel Islands", "Halvern", "XH"),
        taken_at=_at(7, 8, 12, 25),
        focal_point=(0.5, 0.5),
    ),
    Photo(
        key="aurora-village",
        file_name="holm-aurora.jpg",
        scene=landscapes.aurora,
        size=(2000, 1333),
        carried=("XMP", "IIM", "EXIF"),
        credit="Mikkel Aunevik/NTB via AP",
        creators=("Mikkel Aunevik",),
        source="NTB",
        supplier="AP",
        headline="Green light over Holm",
        caption="Northern lights over the village of Holm during last week’s magnetic storm, the strongest in eleven years.",
        alt_text="Green and violet northern lights over snowy mountains and a row of small cabins with lit windows.",
        copyright_notice="© 2026 Mikkel Aunevik/NTB",
        keywords=("aurora", "northern lights", "night", "snow"),
        place=Place(None, "Holm", "Northern Isles", "Halvern", "XH"),
        taken_at=_at(11, 11, 23, 41),
        focal_point=(0.5, 0.45),
    ),
    Photo(
        key="toll-bridge",
        file_name="sorrel-bridge-fog.jpg",
        scene=cityscapes.bridge,
        size=(2400, 1600),
        carried=("XMP", "IIM"),
        credit="The Meridian Courier/Staff",
        creators=("Staff",),
        headline="The Calder bridge in fog",
        caption="Morning traffic on the Calder bridge above a bank of fog. The toll has been four crowns since it opened.",
        alt_text="A green suspension bridge rises from fog over grey water; the pale sun stands behind one tower.",
        copyright_notice=_COURIER,
        keywords=("bridge", "fog", "traffic", "toll"),
        place=Place("Calder bridge", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 19, 8, 15),
        focal_point=(0.5, 0.5),
    ),
    Photo(
        key="opal-hall",
        file_name="opal-hall-recital.jpg",
        scene=occasions.concert,
        size=(2000, 1333),
        carried=("XMP", "IIM"),
        credit="© Opal Hall / Rosalind Quay",
        creators=("Rosalind Quay",),
        source="Opal Hall",
        headline="Ada Merrow at the Opal Hall",
        caption="The pianist Ada Merrow plays the last sonata of her farewell recital at the Opal Hall in Calder Bay.",
        alt_text="A pianist plays a grand piano in a spotlight on a stage with red curtains; the audience is in the dark.",
        copyright_notice="© Opal Hall / Rosalind Quay",
        people=("Ada Merrow",),
        keywords=("music", "piano", "concert", "Opal Hall"),
        place=Place("Opal Hall", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(11, 15, 21, 30),
        focal_point=(0.5, 0.6),
    ),
    Photo(
        key="reading-room",
        file_name="lesesaal.jpg",
        scene=occasions.library,
        size=(1600, 1200),
        carried=("EXIF",),
        credit="Foto: Henrik Voß/Meridian Courier",
        creators=("Henrik Voß",),
        headline="Im Lesesaal der Hafenbibliothek",
        caption="The reading room of the Harbour Library, where nothing has been thrown away since it was founded.",
        alt_text="A reader with her back to us at a long table with green lamps, between tall bookshelves and a window.",
        copyright_notice="© 2026 The Meridian Courier",
        keywords=("library", "books", "reading room"),
        place=Place("Harbour Library", "Calder Bay", "Bay Province", "Halvern", "XH"),
        taken_at=_at(10, 14, 15, 50),
        focal_point=(0.45, 0.7),
    ),
    Photo(
        key="freight-chart",
        file_name="freight-rates.png",
        scene=occasions.price_chart,
        size=(1600, 1200),
        carried=("XMP",),
        credit="Graphic: The Meridian Courier",
        creators=("The Meridian Courier",),
        headline="The strait sets the price",
        caption="Freight rates between Calder Bay and Port Ellery over two years, in crowns per container. Invented figures.",
        alt_text="A line chart: rates stay near 1,250 crowns, rise to more than 3,000 when the strait is closed, and fall again.",
        copyright_notice=_COURIER,
        keywords=("chart", "freight", "trade"),
        place=_TOWN,
        taken_at=_at(11, 20, 12),
        digital_source_type=_DATA_DRIVEN,
        clear=True,
    ),
    Photo(
        key="strait-map",
        file_name="sorrel-strait-map.webp",
        scene=occasions.strait_map,
        size=(1600, 1600),
        carried=("XMP", "EXIF"),
        credit="Map: The Meridian Courier",
        creators=("The Meridian Courier",),
        headline="Where the strait is closed",
        caption="The Sorrel Strait between Halvern, Kestria and Vardane. Traffic stops at the narrows east of Ansk.",
        alt_text="A map of a strait between three countries; a red cross marks where the shipping lane is closed.",
        copyright_notice=_COURIER,
        keywords=("map", "Sorrel Strait", "shipping"),
        place=_TOWN,
        taken_at=_at(11, 19, 16),
        digital_source_type=_DATA_DRIVEN,
    ),
)
