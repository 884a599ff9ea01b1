"""ninjs 2.x and 3.x: one item, a list of items, or one a line.  2.x writes its names in small letters, 3.x in camel case.

Texts become stories.  A picture is taken into the archive by itself, or as the association of a story.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cms.errors import BadInput, TooLong
from cms.slug import slugify
from cms.transfer.issue import Issue, Link, Named, Picture, Piece, Story, clean, cut, line, path_of, slug_of, utc
from cms.transfer.passages import paragraphs, split

MOST_BYTES = 100_000_000

Item = dict[str, Any]

# what there is no place for, as it is told
_LOST = {
    "places": "places",
    "organisations": "organisations",
    "events": "events",
    "objects": "objects",
    "genres": "genres",
    "infosources": "information sources",
    "trustindicators": "trust indicators",
    "products": "products",
    "copyrightholder": "copyright holders of texts",
    "copyrightnotice": "copyright notices of texts",
    "usageterms": "usage terms of texts",
    "rightsinfo": "machine-readable rights",
}
_CREDIT_ROLES = ("creditline", "credit")
_ALT_ROLES = ("alttext", "alt", "accessibility")


def read(path: Path) -> Issue:
    """Raises BadInput for what is no ninjs, TooLong for more than MOST_BYTES."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise TooLong(f"The file has {size:,} bytes; an import of ninjs reads {MOST_BYTES:,} at most. Split it first.")
    issue = Issue("ninjs", lambda: iter(()), 0)
    stories = list[Story]()
    for item in _items(path):
        kind = item.get("type", "text")
        if not line(item.get("uri")):
            issue.losses["items without a uri"] += 1
        elif line(item.get("pubstatus")) in ("canceled", "cancelled", "withheld"):
            stories.append(Story(line(item["uri"]), "", withdrawn=True))
        elif kind == "picture":
            _picture(item, issue)
        elif kind in ("text", "composite"):
            stories.append(_story(item, issue))
        else:
            issue.losses[f"items of the type {line(kind)}"] += 1
    issue.count, issue.stories = len(stories), lambda: iter(stories)
    return issue


def _items(path: Path) -> Iterator[Item]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        whole = (
            _lower(json.loads(text))
            if not _is_lines(text)
            else [_lower(json.loads(one)) for one in text.splitlines() if one.strip()]
        )
    except (ValueError, RecursionError):
        raise BadInput("This is no ninjs: it cannot be read as JSON in UTF-8.") from None
    for item in whole if isinstance(whole, list) else [whole]:
        if not isinstance(item, dict) or not ({"uri", "headlines", "bodies"} & item.keys()):
            raise BadInput("This is no ninjs 2 or 3: an item has a uri, headlines and bodies.")
        yield item


def _is_lines(text: str) -> bool:
    first, _, rest = text.strip().partition("\n")
    return first.rstrip().endswith("}") and rest.lstrip().startswith("{")


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _lower(one) for key, one in value.items()}
    return [_lower(one) for one in value] if isinstance(value, list) else value


def _story(item: Item, issue: Issue) -> Story:
    losses, uri = issue.losses, line(item["uri"])
    for name, words in _LOST.items():
        found = item.get(name)
        losses[words] += len(found) if isinstance(found, list) else int(bool(found))
    losses["annotations"] += len(_many(item, "annotations"))
    lead, gallery, related = _associated(item, issue)
    section, tags = _subjects(item, issue)
    people = _many(item, "people")
    authors = [
        key
        for one in people
        if line(one.get("rel")).lower() == "author" and (key := issue.author(line(one.get("name"))))
    ]
    losses["people who are no authors"] += len(people) - len(authors)
    at = _instant(item.get("firstcreated")) or _instant(item.get("versioncreated"))
    embargo = _instant(item.get("embargoeduntil") or item.get("embargoed"))
    usable = line(item.get("pubstatus") or "usable") == "usable" and at is not None
    urgency = item.get("urgency")
    slug = next((line(one.get("value")) for one in _many(item, "altids") if line(one.get("role")) == "slug"), "")
    return Story(
        uri,
        _valued(item, "headlines", "main") or line(item.get("title")) or line(item.get("slugline")) or uri,
        "published" if usable else "draft",
        at if usable else None,
        ends=_instant(item.get("expires")),
        embargo=embargo,
        slug=slug_of(slug, 160),
        language=line(item.get("language")) or "en",
        section=section,
        authors=tuple(dict.fromkeys(authors)),
        byline=(line(item.get("by")) or None) if not authors else None,
        dateline=line(item.get("located"))[:120] or None,
        summary=cut(_valued(item, "descriptions", "summary", "text"), 2000, "summaries", losses),
        tags=tags,
        body=_body(item, issue),
        lead=lead,
        gallery=tuple(gallery),
        related=tuple(related),
        urgency=urgency if isinstance(urgency, int) and 1 <= urgency <= 9 else None,
        note=cut(
            "\n".join(filter(None, (clean(item.get("ednote")), clean(item.get("slugline"))))), 10_000, "notes", losses
        ),
        paths=tuple(filter(None, [path_of(uri)])),
    )


def _body(item: Item, issue: Issue) -> tuple[Piece, ...]:
    """The richest of the bodies: HTML before plain text.  Pictures come as associations."""
    bodies = [
        (line(one.get("contenttype")), line(one.get("role")), clean(one.get("value"))) for one in _many(item, "bodies")
    ]
    html = [text for kind, role, text in bodies if "html" in kind or "html" in role]
    texts = [text for kind, _, text in bodies if kind in ("text/plain", "")]
    issue.losses["bodies in other formats"] += sum(
        "html" not in kind and kind not in ("text/plain", "") for kind, _, _ in bodies
    )
    chosen = html[0] if html else next((paragraphs(text) for text in texts if text), "")
    return split(chosen, lambda src, given, caption, credit: None)


def _associated(item: Item, issue: Issue) -> tuple[str | None, list[str], list[Link]]:
    """The lead, the other pictures, the links."""
    pictures: list[str] = []
    related: list[Link] = []
    for one in _many(item, "associations"):
        kind = line(one.get("type"))
        if kind == "picture":
            if key := _picture(one, issue):
                first = line(one.get("rel")).lower() == "mainphoto" or line(one.get("name")).lower() in (
                    "mainphoto",
                    "featuremedia",
                )
                pictures.insert(0 if first else len(pictures), key)
        elif kind in ("text", "composite", ""):
            uri = line(one.get("uri"))
            title = _valued(one, "headlines", "main")[:300] or line(one.get("title"))[:300]
            if uri and (title or kind):
                related.append(Link(title or uri[:300], uri if uri.startswith(("http://", "https://")) else None, uri))
        else:
            issue.losses[f"associations of the type {kind}"] += 1
    unique = list(dict.fromkeys(pictures))
    return (unique[0] if unique else None), unique[1:], related


def _picture(item: Item, issue: Issue) -> str | None:
    """The largest of its renditions.  ninjs has no property for the whole credit line: a description's role says it, or `by`
    and where the picture came through (photo section of IPTC's guide)."""
    largest = max(
        (
            one
            for one in _many(item, "renditions")
            if line(one.get("href")) and "watermark" not in line(one.get("href")).lower()
        ),
        key=lambda one: _number(one.get("width")) * _number(one.get("height")),
        default=None,
    )
    uri = line(item.get("uri"))
    if largest is None:
        issue.refused.append((uri or "a picture", "it names no file"))
        return None
    key = uri or line(largest["href"])
    by, sources = line(item.get("by")), [line(one.get("name")) for one in _many(item, "infosources")]
    whole = _valued(item, "descriptions", *_CREDIT_ROLES, only=True) or "/".join(
        dict.fromkeys(filter(None, (by, *sources)))
    )
    words = [line(one.get("name")) for one in _many(item, "subjects")]
    issue.pictures[key] = Picture(
        key,
        line(largest["href"]),
        whole or line(item.get("copyrightholder")) or None,
        _valued(item, "descriptions", "caption", "text", not_in=(*_CREDIT_ROLES, *_ALT_ROLES, "writer")) or None,
        _valued(item, "descriptions", *_ALT_ROLES, only=True) or None,
        _valued(item, "headlines", "main") or None,
        line(item.get("copyrightnotice")) or None,
        clean(item.get("usageterms")) or None,
        tuple(dict.fromkeys(word[:120] for word in words if word))[:200],
    )
    return key


def _subjects(item: Item, issue: Issue) -> tuple[str | None, tuple[str, ...]]:
    section, tags = None, []
    for one in _many(item, "subjects"):
        name = line(one.get("name"))
        if line(one.get("rel")).lower() == "section" and slugify(name, 80) and section is None:
            section = slug_of(line(one.get("uri")).rstrip("/").rpartition("/")[2], 80) or slugify(name, 80)
            if all(known.key != section for known in issue.sections):
                issue.sections.append(Named(section, name[:80], section))
        elif slugify(name, 120):
            tags.append(name[:120])
    return section, tuple(dict.fromkeys(tags))[:100]


def _many(item: Mapping[str, Any], name: str) -> list[Item]:
    found = item.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _valued(item: Mapping[str, Any], name: str, *roles: str, only: bool = False, not_in: tuple[str, ...] = ()) -> str:
    """The text whose role comes first in `roles`; without `only` the first of another role, if there is none."""
    found = [(line(one.get("role")).lower(), line(one.get("value"))) for one in _many(item, name)]
    for role in roles:
        if said := next((text for has, text in found if has == role and text), ""):
            return said
    return "" if only else next((text for has, text in found if text and has not in not_in), "")


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _instant(value: object) -> datetime | None:
    try:
        at = utc(datetime.fromisoformat(line(value)))
    except (ValueError, OverflowError):
        return None
    return at if 1970 <= at.year <= 9998 else None
