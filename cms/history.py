"""What was saved of a story, told in the contract's words, and what changed between two saves.  Pure.

A snapshot is what cms/actions/snapshots.py takes.  What readers saw is made of one by leaving out what was hidden then, and
by putting in what photos and other stories said of themselves at that instant.
"""

from collections.abc import Container, Mapping
from typing import Any

Snapshot = Mapping[str, Any]

PRIVATE = "internal_note"  # never leaves the staff

_WORDS = {
    "byline_override": "bylineOverride",
    "internal_note": "internalNote",
}
_WHOLE = (
    *("headline", "slug", "section", "language", "kicker", "summary", "urgency"),
    *("internal_note", "byline_override", "dateline", "authors", "tags"),
)


def told(snapshot: Snapshot, linked: Container[str] | None = None) -> dict[str, Any]:
    """As JSON for callers: public ids, photos where they stand.  A caption is null where the photo's own is shown.

    `linked` are the keys of stories to which a link may be told of; None: all of them.
    """
    placed = {one["id"]: _placed(one) for one in snapshot["photos"]}
    seo = snapshot["seo"]
    return {
        **{_WORDS.get(name, name): snapshot[name] for name in _WHOLE if name in snapshot},
        "section": _named("section", snapshot["section"]),
        "authors": [_named("author", one) for one in snapshot["authors"]],
        "tags": [_named("tag", one) for one in snapshot["tags"]],
        "leadPhoto": next((placed[one["id"]] for one in snapshot["photos"] if one["role"] == "LEAD"), None),
        "body": [_block(block, placed) for block in snapshot["body"]],
        "gallery": [placed[one["id"]] for one in snapshot["photos"] if one["role"] == "GALLERY"],
        "related": [
            {**one, "article": f"article_{one['article']}" if one["article"] else None}
            for one in snapshot["related"]
            if linked is None or not one["article"] or one["article"] in linked
        ],
        "seo": {
            "title": seo["title"],
            "description": seo["description"],
            "canonicalUrl": seo["canonical_url"],
            "noindex": seo["noindex"],
        },
    }


def as_seen(
    snapshot: Snapshot, photos: Mapping[str, Mapping[str, Any]], links: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The snapshot as readers saw it.  `photos` and `links` are what could be shown, by key, with their words of then."""

    def placed(one: Mapping[str, Any]) -> dict[str, Any]:
        said = photos[one["photo"]]
        own = {name: said[name] if one[name] is None else one[name] for name in ("caption", "alt_text")}
        return {**one, **own, "credit": said["credit"]}

    def link(one: Mapping[str, Any]) -> dict[str, Any]:
        there = links.get(one["article"])
        return {**one, "title": one["title"] or there["headline"], "url": there["url"]} if there else dict(one)

    return {
        **{name: value for name, value in snapshot.items() if name != PRIVATE},
        "photos": [placed(one) for one in snapshot["photos"] if one["photo"] in photos],
        "related": [link(one) for one in snapshot["related"] if not one["article"] or one["article"] in links],
    }


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Between two of `told`: by field, in its order; `seo` by its parts, the body by its blocks.

    `body[ID]` is a block: before is null where it was added, after where it was removed.  `body` holds the ids of the blocks
    that both have, in their two orders, where some were moved.
    """
    found: list[dict[str, Any]] = []
    for name in new:
        if name == "body":
            found += _blocks_changed(old["body"], new["body"])
        elif name == "seo":
            found += [_change(f"seo.{part}", old["seo"][part], new["seo"][part]) for part in new["seo"]]
        else:
            found.append(_change(name, old.get(name), new[name]))
    return [one for one in found if one["before"] != one["after"]]


def _blocks_changed(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    was, now = ({block["id"]: block for block in blocks} for blocks in (old, new))
    found = [_change(f"body[{id}]", was.get(id), now.get(id)) for id in dict.fromkeys([*now, *was])]
    return [_change("body", [id for id in was if id in now], [id for id in now if id in was]), *found]


def _change(field: str, before: Any, after: Any) -> dict[str, Any]:
    return {"field": field, "before": before, "after": after}


def _named(prefix: str, one: Mapping[str, str]) -> dict[str, str]:
    return {"id": f"{prefix}_{one['id']}", "slug": one["slug"], "name": one["name"]}


def _placed(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "photo": f"photo_{one['photo']}",
        "caption": one["caption"],
        "altText": one["alt_text"],
        "credit": one["credit"],
    }


def _block(block: Mapping[str, Any], placed: Mapping[str, Any]) -> dict[str, Any]:
    if "placed" not in block:
        return dict(block)
    kept = {name: value for name, value in block.items() if name != "placed"}
    if isinstance(block["placed"], str):
        return {**kept, "photo": placed.get(block["placed"])}
    return {**kept, "photos": [placed[one] for one in block["placed"] if one in placed]}
