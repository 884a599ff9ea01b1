"""NewsML-G2 2.35: a message with each story as XHTML, and behind it its photos as items of their own, with the hands they came
through (hopHistory) and the whole credit line (creditline)."""

from collections.abc import Iterator

from lxml import etree

from cms.feeds import g2, rows
from cms.feeds.bulletin import Bulletin, Item, Omission, Picture, printable, rfc3339
from cms.feeds.markup import XHTML, to_xhtml

CONTENT_TYPE = g2.CONTENT_TYPE


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """Well-formed UTF-8 for any text, an item at a time."""
    issue = printable(bulletin)
    place = g2.message(issue, {"h": XHTML})
    return rows.xml(place, _items(place, issue))


def _items(place: etree._Element, issue: Bulletin) -> Iterator[etree._Element]:
    for withdrawal in issue.withdrawn:
        yield g2.canceled(place, withdrawal, issue)
    for item in issue.items:
        yield _text(place, item, issue)
        for photo in item.photos:
            yield _picture(place, photo, item, issue)
        for omission in item.omitted:
            yield _withheld(place, omission, item, issue)


def _text(place: etree._Element, item: Item, issue: Bulletin) -> etree._Element:
    made = g2.item(place, item.id, item.version, item.language)
    g2.rights(made, issue.publisher, issue.rights, None)
    meta = g2.story_managed(made, item, issue)
    for photo in item.photos:
        _link(meta, "irel:dependsOn", "picture", residref=photo.id or photo.url)
    for translation in item.translations:
        _link(meta, "irel:translatedTo", "text", residref=translation.id, href=translation.url)
    for related in item.related:
        _link(meta, "irel:seeAlso", "text", related.title, href=related.url)
    content = g2.add(made, "contentMeta")
    if item.dateline:
        g2.named(content, "located", [item.dateline])
    for person in item.signed:
        g2.named(content, "creator", [person.name], **({"uri": person.url} if person.url else {}))
    g2.add(content, "altId", item.url)
    if item.language:
        g2.add(content, "language", tag=item.language)
    for term in (item.section, *item.tags):
        if term:
            uri = {"uri": term.url} if term.url else {"literal": term.slug}
            g2.named(content, "subject", [term.name], type="cpnat:abstract", **uri)
    g2.add(content, "headline", item.headline)
    _optional(content, "dateline", item.dateline)
    _optional(content, "by", item.byline)
    _optional(content, "description", item.summary, role="drol:summary")
    words = {"wordcount": str(item.word_count)} if item.word_count else {}
    inline = g2.add(g2.add(made, "contentSet"), "inlineXML", contenttype="application/xhtml+xml", **words)
    html = etree.SubElement(inline, f"{{{XHTML}}}html")
    etree.SubElement(etree.SubElement(html, f"{{{XHTML}}}head"), f"{{{XHTML}}}title").text = item.headline
    to_xhtml(item.body or item.html, etree.SubElement(html, f"{{{XHTML}}}body"))
    return made


def _picture(place: etree._Element, photo: Picture, item: Item, issue: Bulletin) -> etree._Element:
    """With the caption that the story has for it."""
    made = g2.item(place, photo.id or photo.url, photo.version, item.language)
    if photo.chain:
        history = g2.add(made, "hopHistory")
        for number, name in enumerate(photo.chain, 1):
            g2.named(g2.add(history, "hop", seq=str(number)), "party", [name])
    g2.rights(made, "", photo.copyright_notice, photo.usage_terms, photo.license_url)
    g2.manage(made, "picture", issue, photo.updated or max(item.updated, item.published))
    content = g2.add(made, "contentMeta")
    if photo.taken:
        g2.add(content, "contentCreated", rfc3339(photo.taken))
    if photo.digital_source_type and photo.digital_source_type.startswith(("http://", "https://")):
        g2.add(content, "digitalSourceType", uri=photo.digital_source_type)
    if photo.distributor:
        g2.named(content, "infoSource", [photo.distributor], role="isrol:distributor")
    g2.named(content, "creator", photo.creators, role="crol:photographer")
    _optional(content, "headline", photo.headline)
    g2.add(content, "creditline", photo.credit)
    _optional(content, "description", photo.caption, role="drol:caption")
    _optional(content, "description", photo.alt_text, role="drol:altText")
    size = {"size": str(photo.size_bytes)} if photo.size_bytes else {}
    pixels = {"width": str(photo.width), "height": str(photo.height)}
    remote = {"rendition": "rnd:web", "href": photo.url, "contenttype": photo.mime, **pixels, **size}
    g2.add(g2.add(made, "contentSet"), "remoteContent", **remote)
    return made


def _withheld(place: etree._Element, omission: Omission, item: Item, issue: Bulletin) -> etree._Element:
    """That there is a photo, and why it is not here; no word of the photo itself."""
    made = g2.item(place, omission.id, 1, "")
    meta = g2.manage(made, "picture", issue, max(item.updated, item.published), status="withheld")
    g2.add(meta, "edNote", f"omitted: {omission.reason}")
    return made


def _link(meta: etree._Element, rel: str, kind: str, title: str = "", **where: str) -> None:
    link = g2.add(meta, "link", rel=rel, **where)
    g2.add(link, "itemClass", qcode=f"ninat:{kind}")
    if title:
        g2.add(link, "title", title)


def _optional(place: etree._Element, tag: str, text: str | None, **attributes: str) -> None:
    if text:
        g2.add(place, tag, text, **attributes)
