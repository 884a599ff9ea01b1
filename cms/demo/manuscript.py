"""Stories as reporters file them: a head of `name: value` lines, a rule, and a body in a few marks of Markdown.

    headline: Night trams return          ## A heading           > A quotation
    section: politics                     - an entry             > — Who said it
    authors: nora-hale, jonas-fjeld       1. a numbered one      ::: Title of an aside
    lead: old-town                        ***  (a divider)       and its text, to the next empty line
    related: SIMILAR other-story          ![photo] caption       !gallery photo, photo
    related: EXTERNAL https://… | Title   !embed https://… | title
    published: 3d 4h                      *emphasis* **strong** [words](https://…)
    ---

It only reads: whether sections, photos and stories that are named exist is for the loader, and tested.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from importlib import resources
from typing import Any, Literal

State = Literal["live", "draft", "scheduled", "embargoed", "unpublished"]
Kind = Literal["RELATED", "BACKGROUND", "UPDATE", "FOLLOW_UP", "EXPLAINER", "EXTERNAL", "SIMILAR"]


@dataclass(frozen=True, slots=True)
class Link:
    """To another story by its key, or to an address outside by `url` and `title`."""

    kind: Kind
    story: str | None = None
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """`key` is the file's name and the slug.  `age` is the time since publication; a scheduled or embargoed story's is
    negative: the time until readers may see it.  A draft's is the time since it was filed.

    `body` is a list of BlockInput records, in snake case; photos are named by their keys.
    """

    key: str
    headline: str
    section: str
    authors: tuple[str, ...]
    age: timedelta
    state: State
    body: tuple[dict[str, Any], ...]
    kicker: str | None
    summary: str | None
    byline: str | None
    dateline: str | None
    language: str
    tags: tuple[str, ...]
    lead: str | None
    gallery: tuple[str, ...]
    related: tuple[Link, ...]
    correction: str | None
    translation_of: str | None


def read_stories() -> tuple[Story, ...]:
    """All that lie in this package's `stories` folder, the newest publication last."""
    folder = resources.files("cms.demo") / "stories"
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".md")]
    stories = [read_story(entry.name.removesuffix(".md"), entry.read_text("utf-8")) for entry in files]
    return tuple(sorted(stories, key=lambda story: (-story.age, story.key)))


def read_story(key: str, text: str) -> Story:
    """Raises ValueError for a head without its rule, a line without a colon or a name that is not known."""
    head, rule, body = text.partition("\n---\n")
    if not rule:
        raise ValueError(f"{key}: no rule between head and body")
    fields: dict[str, list[str]] = {}
    for line in head.strip().splitlines():
        name, colon, value = line.partition(":")
        if not colon or name not in _FIELDS:
            raise ValueError(f"{key}: {line!r} is not a line of a head")
        fields.setdefault(name, []).append(value.strip())

    def one(name: str) -> str | None:
        return fields.get(name, [None])[0]

    return Story(
        key=key,
        headline=fields["headline"][0],
        section=fields["section"][0],
        authors=_names(one("authors")),
        age=_age(fields["published"][0]),
        state=_state(one("state") or "live"),
        body=tuple(_blocks(body)),
        kicker=one("kicker"),
        summary=one("summary"),
        byline=one("byline"),
        dateline=one("dateline"),
        language=one("language") or "en",
        tags=_names(one("tags")),
        lead=one("lead"),
        gallery=_names(one("gallery")),
        related=tuple(_link(value) for value in fields.get("related", [])),
        correction=one("correction"),
        translation_of=one("translation"),
    )


_FIELDS = {
    *("headline", "kicker", "summary", "section", "authors", "byline", "dateline", "language", "translation"),
    *("tags", "lead", "gallery", "related", "published", "state", "correction"),
}
_STATES: dict[str, State] = {
    "live": "live",
    "draft": "draft",
    "scheduled": "scheduled",
    "embargoed": "embargoed",
    "unpublished": "unpublished",
}
_KINDS: dict[str, Kind] = {
    "RELATED": "RELATED",
    "BACKGROUND": "BACKGROUND",
    "UPDATE": "UPDATE",
    "FOLLOW_UP": "FOLLOW_UP",
    "EXPLAINER": "EXPLAINER",
    "EXTERNAL": "EXTERNAL",
    "SIMILAR": "SIMILAR",
}
_INLINE = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(.+?)\*"), r"<em>\1</em>"),
    (re.compile(r"\[(.+?)\]\((https?://[^)\s]+)\)"), r'<a href="\2">\1</a>'),
)


def _state(name: str) -> State:
    if name not in _STATES:
        raise ValueError(f"{name!r} is not a state")
    return _STATES[name]


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",")) if value else ()


def _age(value: str) -> timedelta:
    """`3d 4h` or `-2d`; hours are counted with the sign of the days."""
    sign, days, hours = re.fullmatch(r"(-?)(?:(\d+)d)?\s*(?:(\d+)h)?", value).groups()  # type: ignore[union-attr]
    length = timedelta(days=int(days or 0), hours=int(hours or 0))
    return -length if sign else length


def _link(value: str) -> Link:
    kind, _, rest = value.partition(" ")
    if "://" not in rest:
        return Link(_KINDS[kind], story=rest)
    url, _, title = rest.partition(" | ")
    return Link(_KINDS[kind], url=url, title=title)


def _blocks(body: str) -> Iterator[dict[str, Any]]:
    for chunk in re.split(r"\n\s*\n", body.strip()):
        yield _block(chunk.splitlines())


def _block(lines: list[str]) -> dict[str, Any]:
    first = lines[0]
    if found := re.match(r"(#{2,4}) (.+)", first):
        return {"heading": {"level": len(found[1]), "text": found[2]}}
    if first.startswith("> "):
        return {"quote": _quote([line.removeprefix(">").strip() for line in lines])}
    if found := re.match(r"!\[([\w-]+)\]\s*(.*)", first):
        return {"photo": {"photo": found[1], "caption": found[2] or None}}
    if first.startswith("!gallery "):
        return {"gallery": {"photos": [{"photo": name} for name in _names(first.removeprefix("!gallery "))]}}
    if first.startswith("!embed "):
        url, _, title = first.removeprefix("!embed ").partition(" | ")
        return {"embed": {"url": url, "title": title or None}}
    if first.startswith("::: "):
        return {"aside": {"title": first.removeprefix("::: "), "html": f"<p>{_inline(' '.join(lines[1:]))}</p>"}}
    if re.match(r"(- |\d+\. )", first):
        items = [_inline(re.sub(r"^(- |\d+\. )", "", line)) for line in lines]
        return {"list": {"ordered": first[0].isdigit(), "items": items}}
    if first == "***":
        return {"divider": {}}
    return {"paragraph": {"html": _inline(" ".join(lines))}}


def _quote(lines: list[str]) -> dict[str, Any]:
    said = lines[-1].removeprefix("— ") if lines[-1].startswith("— ") else None
    return {"html": _inline(" ".join(lines[:-1] if said else lines)), "attribution": said}


def _inline(text: str) -> str:
    html = escape(text, quote=False)
    for mark, tag in _INLINE:
        html = mark.sub(tag, html)
    return html
