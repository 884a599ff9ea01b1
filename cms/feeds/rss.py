"""RSS 2.0 with content, dc, atom and Media RSS.  Knows no withdrawal: a story that is gone is absent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree

from cms.feeds import media_rss, rows
from cms.feeds.bulletin import Bulletin, Item, Picture, Term, printable

CONTENT_TYPE = "application/rss+xml; charset=utf-8"

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
_PREFIXES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": media_rss.NAMESPACE}


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """Well-formed UTF-8 for any text, an item at a time."""
    issue = printable(bulletin)
    rss = etree.Element("rss", {"version": "2.0"}, nsmap=_PREFIXES)
    channel = etree.SubElement(rss, "channel")
    _add(channel, "title", issue.title)
    _add(channel, "link", issue.url)
    etree.SubElement(channel, "description").text = issue.description or issue.title  # must be there
    _add(channel, "language", issue.language)
    _add(channel, "copyright", issue.rights)
    _add(channel, "lastBuildDate", _rfc822(issue.updated))
    for rel, url in issue.links:
        typed = {} if rel == "hub" else {"type": "application/rss+xml"}
        etree.SubElement(channel, f"{{{ATOM}}}link", {"href": url, "rel": rel, **typed})
    return rows.xml(channel, (_item(channel, item, issue.url) for item in issue.items))


def _item(channel: etree._Element, item: Item, site_url: str) -> etree._Element:
    element = etree.SubElement(channel, "item")
    _add(element, "title", item.headline)
    _add(element, "link", item.url)
    _add(element, "guid", item.id, isPermaLink="false")
    _add(element, "pubDate", _rfc822(item.published))
    for person in item.signed:
        # RSS's own <author> is an e-mail address
        _add(element, f"{{{DC}}}creator", person.name)
    for term in (item.section, *item.tags):
        _add_category(element, term)
    _add(element, "description", item.summary)
    _add_content(element, item.html)
    _add_enclosure(element, item.lead)
    media_rss.add_photos(element, item, site_url)
    return element


def _add_category(element: etree._Element, term: Term | None) -> None:
    if term:
        _add(element, "category", term.name, **({"domain": term.url} if term.url else {}))


def _add_content(element: etree._Element, html: str) -> None:
    if html:
        # in HTML a ">" may be written so anywhere, and then no text ends the CDATA section
        content = etree.CDATA(html.replace("]]>", "]]&gt;"))
        etree.SubElement(element, f"{{{CONTENT}}}encoded").text = content


def _add_enclosure(element: etree._Element, photo: Picture | None) -> None:
    """One for wide reading, and never without its length."""
    if photo and photo.size_bytes:
        given = {"url": photo.url, "length": str(photo.size_bytes), "type": photo.mime}
        etree.SubElement(element, "enclosure", given)


def _add(parent: etree._Element, tag: str, text: str | None, **attributes: str) -> None:
    if text:
        etree.SubElement(parent, tag, attributes).text = text


def _rfc822(instant: datetime) -> str:
    """With English names whatever the locale, and a numeric offset."""
    return format_datetime(instant.astimezone(UTC))
