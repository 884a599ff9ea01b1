"""Fields made in Python from what the statement returned: body blocks, HTML, bylines, the credit line taken apart, JSON-LD."""

from collections.abc import Callable
from typing import Any

from cms import body, credit, jsonld
from cms.read.entry import Python, Site
from cms.read.shape import Shape, Want
from media.recipe import Recipe, size


def computed(make: Callable[[dict[str, Any]], Any], needs: Callable[[], Shape], entity: str | None = None) -> Python:
    """`make` gets the needs as JSON values and returns JSON values.  `needs` is asked late: it looks at the catalog."""
    return Python(lambda want: needs(), lambda want, site: make, entity)


# --------------------------------------------------------------------------------------------------------------- body


def blocks() -> Python:
    """The typed blocks.  Photos inside them come as one map for each distinct selection, found by their placement's key."""
    return Python(_block_needs, _block_maker, "Block")


def _placed(want: Want) -> dict[Shape, str]:
    """The distinct selections of photos inside the blocks, each with the key under which the statement returns them."""
    assert want.below is not None
    shapes = dict.fromkeys(one.below for type_ in want.below.types for one in type_.wants if one.below)
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
            made.append(shown)
        return made

    return make


SHOWN = Recipe(1280, None, "cover", "jpeg")  # the rendition that HTML and linked data point to


def body_html(row: dict[str, Any]) -> str:
    return body.to_html(row["blocks"], {key: _as_shown(placed) for key, placed in row["photosById"].items()})


def body_text(row: dict[str, Any]) -> str:
    return body.to_text(row["blocks"])


# ------------------------------------------------------------------------------------------------------------- others


def byline(row: dict[str, Any]) -> str:
    """What was typed, else the authors' names: "Jane Doe", "Jane Doe and John Roe", "Ann, Bea and Carl"; "" for none."""
    if row["bylineOverride"]:
        return str(row["bylineOverride"])
    names = [author["name"] for author in row["authors"]]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


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


def json_ld(needs: Callable[[], Shape]) -> Python:
    def make(row: dict[str, Any], site: Site) -> dict[str, Any]:
        lead = row["leadPhoto"]
        return jsonld.news_article({**row, "leadPhoto": lead and _as_shown(lead)}, site.name)

    return Python(lambda want: needs(), lambda want, site: lambda row: make(row, site))


def _as_shown(placed: dict[str, Any]) -> dict[str, Any]:
    """With the rendition's width and height in place of the original's."""
    photo = placed["photo"]
    width, height = size(SHOWN, (photo["width"], photo["height"]))
    return {**placed, "photo": {**photo, "width": width, "height": height}}
