"""Fields made in Python from what the statement returned: body blocks, HTML, bylines, the credit line taken apart, copies of a
photo, JSON-LD."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cms import body, clock, credit, history, jsonld, signed, syndication
from cms.errors import BadInput
from cms.read.entry import Python, Site
from cms.read.shape import Shape, Want
from media import likeness
from media.recipe import Recipe, size


def computed(make: Callable[[dict[str, Any]], Any], needs: Callable[[], Shape], entity: str | None = None) -> Python:
    """`make` gets the needs as JSON values and returns JSON values.  `needs` is asked late: it looks at the catalog."""
    return Python(lambda want: needs(), lambda want, site: make, entity)


# --------------------------------------------------------------------------------------------------------------- body


def blocks() -> Python:
    """The typed blocks.  Photos inside them come as one map for each distinct selection, found by their placement's key."""
    return Python(_block_needs, _block_maker, "Block", selected=True)


PHOTO_ID = Want("photoId", "photoId")
PLACED_ID = Shape("PlacedPhoto", (PHOTO_ID,))


def _placed(want: Want) -> dict[Shape, str]:
    """The distinct selections of photos inside the blocks, each with the key under which the statement returns them."""
    assert want.below is not None
    wanted = [one for type_ in want.below.types for one in type_.wants]
    shapes = dict.fromkeys(one.below for one in wanted if one.below)
    if any(one.name == PHOTO_ID.name for one in wanted):
        shapes[PLACED_ID] = None
    return {shape: f"p{n}" for n, shape in enumerate(shapes)}


def _block_needs(want: Want) -> Shape:
    photos = (Want(key, "photosById", below=shape) for shape, key in _placed(want).items())
    return Shape("Article", (Want("blocks", "blocks"), *photos))


def _block_maker(want: Want, site: Site) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    assert want.below is not None
    keys = _placed(want)
    # by type: what is read off the block, and what waits for photos.  A page holds some twenty blocks, so no call for each field
    plain = {one.entity: [(field.key, field.name) for field in one.wants] for one in want.below.types}
    photos = {
        one.entity: [(field.key, field.name, keys[field.below]) for field in one.wants if field.below]
        for one in want.below.types
    }

    ids = {one.entity: [field.key for field in one.wants if field.name == PHOTO_ID.name] for one in want.below.types}

    def make(row: dict[str, Any]) -> list[dict[str, Any]]:
        made = []
        for block in row["blocks"]:
            block["__typename"] = type_ = body.TYPES[block["type"]]
            shown = {key: block.get(name) for key, name in plain[type_]}
            for key, name, at in photos[type_]:
                placed = row[at]
                if name == "photo":
                    shown[key] = placed.get(block["placed"])
                else:
                    shown[key] = [placed[one] for one in block["placed"] if one in placed]
            for key in ids[type_]:
                shown[key] = row[keys[PLACED_ID]].get(block["placed"], {}).get(PHOTO_ID.key)
            made.append(shown)
        return made

    return make


SHOWN = Recipe(1280, None, "cover", "jpeg")  # the rendition that HTML and linked data point to


def body_html(row: dict[str, Any]) -> str:
    return body.to_html(row["blocks"], {key: _as_shown(placed) for key, placed in row["photosById"].items()})


def body_printed(row: dict[str, Any]) -> dict[str, str]:
    """For feeds: both forms of one body, which then comes once."""
    return {"html": body_html(row), "text": body_text(row)}


def body_text(row: dict[str, Any]) -> str:
    return body.to_text(row["blocks"])


# ----------------------------------------------------------------------------------------------------------- the past


def past_html(row: dict[str, Any]) -> str:
    """A revision's body.  Photos are told of as they were then."""
    photos = _photos_then(row)
    placed = history.as_seen(row["stored"], {key: one["said"] for key, one in photos.items()}, {})["photos"]
    shown = {
        one["id"]: _as_shown(
            {
                "caption": one["caption"],
                "credit": one["credit"],
                "altText": one["alt_text"],
                "photo": photos[one["photo"]]["photo"],
            }
        )
        for one in placed
    }
    return body.to_html(row["stored"]["body"], shown)


def past_snapshot(row: dict[str, Any]) -> dict[str, Any]:
    """All of it where it is a revision; of what readers saw at an instant, only what they saw."""
    if not row["seen"]:
        return _told(row)
    photos = {key: one["said"] for key, one in _photos_then(row).items()}
    return history.told(history.as_seen(row["stored"], photos, {one["key"]: one for one in row["linksThen"]}))


def differences(row: dict[str, Any]) -> list[dict[str, Any]]:
    """None between versions that are not there."""
    before, after = row["before"], row["after"]
    return history.changes(_told(before), _told(after)) if before and after else []


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Without the links to stories that the caller may not see."""
    return history.told(row["stored"], {one["key"] for one in row["linksThen"]})


def _photos_then(row: dict[str, Any]) -> dict[str, Any]:
    """By key; for what readers saw, those that might be shown at that instant."""
    found = {one["key"]: one for one in row["photosThen"]}
    if not row["seen"]:
        return found
    moment = datetime.fromisoformat(row["moment"])
    return {key: one for key, one in found.items() if _showable(one["said"], moment)}


def _showable(said: dict[str, Any], at: datetime) -> bool:
    until = said["rights_until"]
    return said["status"] == "READY" and (until is None or datetime.fromisoformat(until) > at)


# ------------------------------------------------------------------------------------------------------------- others


def byline(row: dict[str, Any]) -> str:
    """What was typed, else the authors' names: "Jane Doe", "Jane Doe and John Roe", "Ann, Bea and Carl"; "" for none."""
    if row["bylineOverride"]:
        return str(row["bylineOverride"])
    names = [author["name"] for author in row["authors"]]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def texts_printed(row: dict[str, Any]) -> dict[str, str]:
    """Without photos."""
    return body_printed({**row, "photosById": {}})


def credit_chain(row: dict[str, Any]) -> dict[str, Any]:
    chain = credit.chain(row["credit"])
    return {
        "creators": list(chain.creators),
        "source": chain.source,
        "via": list(chain.via),
        "distributor": chain.distributor,
        "pool": chain.pool,
        "handout": chain.handout,
    }


CANDIDATES = 50  # photos that share most with one: these are compared with it
OWN = (Want("likeness", "likeness"), Want("sha256", "sha256"))


def similar() -> Python:
    """The photos that show the same or a part of it, the nearest first; for staff, else none."""
    return Python(_similar_needs, _similar_maker, "SimilarPhoto", selected=True)


def _photos_wanted(want: Want) -> list[Want]:
    assert want.below is not None
    return [one for one in want.below.wants if one.name == "photo"]


def _similar_needs(want: Want) -> Shape:
    photos = (Want(one.key, "itself", below=one.below) for one in _photos_wanted(want))
    # under a key that no response key can be
    own = (Want(f"~{one.key}", one.name) for one in OWN)
    near = Want("near", "near", (("first", CANDIDATES),), Shape("Photo", (*own, *photos)))
    return Shape("Photo", (*OWN, near))


def _similar_maker(want: Want, site: Site) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """Raises BadInput for a number of photos that nobody gets."""
    assert want.below is not None
    wants, first = want.below.wants, dict(want.args).get("first")
    most = 5 if first is None else first
    if not 1 <= most <= CANDIDATES:
        raise BadInput(f"A list holds 1 to {CANDIDATES}: first cannot be {most}.", "first")

    def shown(one: dict[str, Any], apart: int, exact: bool) -> dict[str, Any]:
        said = {"distance": apart, "exact": exact, "__typename": "SimilarPhoto"}
        return {field.key: one[field.key] if field.name == "photo" else said[field.name] for field in wants}

    def make(row: dict[str, Any]) -> list[dict[str, Any]]:
        found = []
        for one in row["near"]:
            exact = one["~sha256"] == row["sha256"]
            apart = 0 if exact else _apart(row["likeness"], one["~likeness"])
            if apart is not None:
                found.append((apart, not exact, one))
        found.sort(key=lambda pair: pair[:2])
        return [shown(one, apart, not other) for apart, other, one in found[:most]]

    return make


def _apart(one: str, other: str) -> int | None:
    here, there = likeness.parse(one), likeness.parse(other)
    return likeness.distance(here, there) if here and there else None


LINK = timedelta(minutes=15)


def original_url(needs: Callable[[], Shape]) -> Python:
    """Where staff and entitled partners find the bytes as they were uploaded; never for longer than the photo may be shown."""

    def make(row: dict[str, Any], site: Site) -> str | None:
        if row["handedFilename"] is None or row["status"] == "WITHDRAWN":
            return None
        at, until = clock.now(), row["rights"]["expiresAt"]
        ends = at + LINK
        if until and at < (right := datetime.fromisoformat(until)) < ends:
            ends = right
        path = f"/originals/{row['id'].removeprefix('photo_')}/{row['handedFilename']}"
        return site.public + signed.signed(site.secret, "GET", path, ends)

    return Python(lambda want: needs(), lambda want, site: lambda row: make(row, site))


def json_ld(needs: Callable[[], Shape]) -> Python:
    def make(row: dict[str, Any], site: Site) -> dict[str, Any]:
        lead = row["leadPhoto"]
        return jsonld.news_article({**row, "leadPhoto": lead and _as_shown(lead)}, site.name, site.url)

    return Python(lambda want: needs(), lambda want, site: lambda row: make(row, site))


def _as_shown(placed: dict[str, Any]) -> dict[str, Any]:
    """With the rendition's width and height in place of the original's."""
    photo = placed["photo"]
    width, height = size(SHOWN, (photo["width"], photo["height"]))
    return {**placed, "photo": {**photo, "width": width, "height": height}}


def feed_filter(row: dict[str, Any]) -> dict[str, Any]:
    """What `saveFeed` was given."""
    return {
        **{name: row[name]["slug"] if row[name] else None for name in ("section", "author")},
        "tags": [tag["slug"] for tag in row["tags"]],
        "language": row["language"],
        "withPhotos": not row["textOnly"],
        "embargoedAhead": row["embargoedAhead"],
    }


def feed_urls(needs: Callable[[], Shape]) -> Python:
    def make(row: dict[str, Any], site: Site) -> list[dict[str, Any]]:
        return _urls(lambda ending: syndication.address(site.public, row["slug"], ending))

    return Python(lambda want: needs(), lambda want, site: lambda row: make(row, site), "FeedUrl")


def private_urls(needs: Callable[[], Shape]) -> Python:
    """For readers that cannot send a key; none of a public feed, or to who may not know them."""

    def make(row: dict[str, Any], site: Site) -> list[dict[str, Any]]:
        if not row["opens"]:
            return []
        token = syndication.token(site.secret, row["key"], row["secretNumber"])
        return _urls(lambda ending: syndication.private_address(site.public, token, row["slug"], ending))

    return Python(lambda want: needs(), lambda want, site: lambda row: make(row, site), "FeedUrl")


def _urls(of: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        {"__typename": "FeedUrl", "format": name, "url": of(ending)} for name, ending in syndication.FORMATS.items()
    ]
