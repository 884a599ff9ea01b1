"""NITF 3.6, the format of newspaper systems: a story as one document.

NITF has no list: a feed is a NewsML-G2 message that carries a NITF document for each story.  Photos stand before the text, as
media with reference, caption and, as its producer, the whole credit line.
"""

from collections.abc import Iterator

from lxml import etree

from cms.feeds import g2, rows
from cms.feeds.bulletin import Bulletin, Item, Picture, printable, rfc3339
from cms.feeds.markup import add_text, clean, parsed

CONTENT_TYPE = g2.CONTENT_TYPE
CONTENT_TYPE_ALONE = "application/nitf+xml; charset=utf-8"

NAMESPACE = "http://iptc.org/std/NITF/2006-10-18/"
VERSION = "-//IPTC//DTD NITF 3.6//EN"
_PREFIXES = {"n": NAMESPACE}
_HEADINGS = frozenset({"h2", "h3", "h4"})
_EMPHASIS = frozenset({"em", "strong", "code", "sub", "sup", "s", "u", "mark"})


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """Well-formed UTF-8 for any text, a story at a time."""
    issue = printable(bulletin)
    if issue.alone:
        for item in issue.items:
            root = etree.Element(
                _name("nitf"),
                nsmap={None: NAMESPACE},  # type: ignore[dict-item]  # the stubs do not know the default namespace
            )
            _story(root, item, issue)
            yield etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return
    place = g2.message(issue, _PREFIXES)
    yield from rows.xml(place, _items(place, issue))


def _items(place: etree._Element, issue: Bulletin) -> Iterator[etree._Element]:
    for withdrawal in issue.withdrawn:
        made = g2.canceled(place, withdrawal, issue)
        nitf = etree.SubElement(_inline(made), _name("nitf"), {"version": VERSION})
        data = _add(_add(nitf, "head"), "docdata", {"management-status": "canceled"})
        _add(data, "doc-id", {"id-string": withdrawal.id, "regsrc": issue.publisher})
        if withdrawal.reason:
            _add(data, "ed-msg", {"info": withdrawal.reason})
        _add(nitf, "body")
        yield made
    for item in issue.items:
        made = g2.item(place, item.id, item.version, item.language)
        g2.story_managed(made, item, issue)
        _story(etree.SubElement(_inline(made), _name("nitf")), item, issue)
        yield made


def _inline(item: etree._Element) -> etree._Element:
    return g2.add(g2.add(item, "contentSet"), "inlineXML", contenttype="application/nitf+xml")


def _story(nitf: etree._Element, item: Item, issue: Bulletin) -> None:
    nitf.set("version", VERSION)
    nitf.set("uno", item.id)
    if item.language:
        nitf.set(g2.LANGUAGE, item.language)
    _head(_add(nitf, "head"), item, issue)
    body = _add(nitf, "body")
    _body_head(_add(body, "body.head"), item, issue)
    content = _add(body, "body.content")
    for photo in item.photos:
        _media(content, photo)
    _Text(content).blocks(parsed(item.body or item.html))
    if item.related:
        links = _add(content, "ul")
        for related in item.related:
            _add(_add(links, "li"), "a", {"href": related.url}, related.title)
    end = _add(body, "body.end")
    if item.byline:
        _add(end, "tagline", {}, item.byline)


def _head(head: etree._Element, item: Item, issue: Bulletin) -> None:
    _add(head, "title", {}, item.headline)
    _add(_add(head, "tobject", {"tobject.type": "news"}), "tobject.property", {"tobject.property.type": "current"})
    data = _add(head, "docdata", {"management-status": "usable"})
    for correction in item.corrections:
        said = {"info": f"{rfc3339(correction.at)}: {correction.text}", "id-string": item.id, "regsrc": issue.publisher}
        _add(data, "correction", said)
    _add(data, "doc-id", {"id-string": item.id, "regsrc": issue.publisher})
    _add(data, "date.issue", {"norm": rfc3339(item.published)})
    if item.embargoed_until:
        _add(data, "date.release", {"norm": rfc3339(item.embargoed_until)})
    if item.omitted:
        reasons = ", ".join(f"{one.id} ({one.reason})" for one in item.omitted)
        _add(data, "ed-msg", {"info": f"omitted: {reasons}"})
    _add(data, "du-key", {"key": item.slug, "version": str(item.version)})
    _add(data, "doc.copyright", {"holder": issue.publisher, "year": f"{item.published:%Y}"})
    if item.tags:
        keys = _add(data, "key-list")
        for tag in item.tags:
            _add(keys, "keyword", {"key": tag.name})
    placed = {"position.section": item.section.name} if item.section else {}
    _add(head, "pubdata", {"type": "web", "ex-ref": item.url, "date.publication": rfc3339(item.published), **placed})
    _add(
        head,
        "revision-history",
        {
            "name": issue.publisher,
            "norm": rfc3339(max(item.updated, item.published)),
            "comment": f"version {item.version}",
        },
    )


def _body_head(head: etree._Element, item: Item, issue: Bulletin) -> None:
    headlines = _add(head, "hedline")
    _add(headlines, "hl1", {}, item.headline)
    if item.kicker:
        _add(headlines, "hl2", {}, item.kicker)
    if item.authors:
        byline = _add(head, "byline")
        for number, person in enumerate(item.authors):
            add_text(byline, ", " if number else None)
            _add(byline, "person", {}, person.name)
    elif item.byline:
        _add(head, "byline", {}, item.byline)
    if issue.publisher:
        _add(head, "distributor", {}, issue.publisher)
    if item.dateline:
        _add(_add(head, "dateline"), "location", {}, item.dateline)
    if item.summary:
        _add(_add(head, "abstract"), "p", {}, item.summary)


def _media(content: etree._Element, photo: Picture) -> None:
    media = _add(content, "media", {"media-type": "image"})
    known = {
        "copyright": photo.copyright_notice,
        "alternate-text": photo.alt_text,
        "data-location": photo.license_url,
    }
    for name, value in (
        ("creator", ", ".join(photo.creators)),
        ("chain", " > ".join(photo.chain)),
        ("usage-terms", photo.usage_terms),
        ("license", photo.license_url),
        ("digital-source-type", photo.digital_source_type),
        ("headline", photo.headline),
        ("id", photo.id),
    ):
        if value:
            _add(media, "media-metadata", {"name": name, "value": value})
    given = {name: value for name, value in known.items() if value and name != "data-location"}
    pixels = {"width": str(photo.width), "height": str(photo.height)}
    _add(media, "media-reference", {"mime-type": photo.mime, "source": photo.url, **pixels, **given})
    if photo.caption:
        _add(_add(media, "media-caption"), "p", {}, photo.caption)
    _add(media, "media-producer", {}, photo.credit)


class _Text:
    """A story's HTML as NITF's blocks: what stands between blocks becomes a paragraph, figures are media already."""

    def __init__(self, place: etree._Element):
        self.place = place
        self.open: etree._Element | None = None  # the paragraph that loose words go to

    def blocks(self, source: etree._Element) -> None:
        self._loose(source.text)
        for child in source:
            tag = child.tag if isinstance(child.tag, str) else "figure"
            if tag in ("p", "footer"):
                self._block("p", child)
            elif tag in _HEADINGS:
                self._block("hl2", child)
            elif tag in ("ul", "ol"):
                self._list(tag, child)
            elif tag == "blockquote":
                self.open = None
                _Text(_add(_add(self.place, "bq"), "block")).blocks(child)
            elif tag == "hr":
                self.open = None
                _add(self.place, "hr")
            elif tag in ("div", "aside"):
                self.open = None
                self.blocks(child)
                self.open = None
            elif tag != "figure":
                _inline_text(child, self._paragraph(), itself=True)
            self._loose(child.tail)

    def _block(self, tag: str, source: etree._Element) -> None:
        self.open = None
        _inline_text(source, _add(self.place, tag))

    def _list(self, tag: str, source: etree._Element) -> None:
        self.open = None
        items = [child for child in source if child.tag == "li"]
        if items:
            made = _add(self.place, tag)
            for item in items:
                _inline_text(item, _add(made, "li"))

    def _loose(self, text: str | None) -> None:
        if text and text.strip():
            add_text(self._paragraph(), text)

    def _paragraph(self) -> etree._Element:
        if self.open is None:
            self.open = _add(self.place, "p")
        return self.open


def _inline_text(source: etree._Element, place: etree._Element, *, itself: bool = False) -> None:
    """The words of `source` with links, emphasis and line breaks; `itself`: its own tag too."""
    if itself:
        place = _phrase(source, place)
    add_text(place, source.text)
    for child in source:
        if isinstance(child.tag, str):
            _inline_text(child, place, itself=True)
        add_text(place, child.tail)


def _phrase(source: etree._Element, place: etree._Element) -> etree._Element:
    if source.tag == "a":
        return _add(place, "a", {"href": clean(source.get("href", ""))})
    if source.tag in _EMPHASIS:
        return _add(place, "em", {"class": source.tag})
    if source.tag == "br":
        _add(place, "br")
    return place


def _add(
    place: etree._Element, tag: str, attributes: dict[str, str] | None = None, text: str | None = None
) -> etree._Element:
    made = etree.SubElement(place, _name(tag), attributes or {})
    made.text = text
    return made


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"
