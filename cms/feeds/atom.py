"""Atom 1.0 (RFC 4287) with Media RSS, archives (RFC 5005), and tombstones (RFC 6721) for what was withdrawn."""

from collections.abc import Iterator

from lxml import etree

from cms.feeds import media_rss, rows
from cms.feeds.bulletin import Bulletin, Item, Person, Term, Withdrawal, printable, rfc3339

CONTENT_TYPE = "application/atom+xml; charset=utf-8"

ATOM = "http://www.w3.org/2005/Atom"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
HISTORY = "http://purl.org/syndication/history/1.0"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PREFIXES = {None: ATOM, "media": media_rss.NAMESPACE, "at": TOMBSTONES, "fh": HISTORY}


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """Well-formed UTF-8 for any text, an entry at a time."""
    issue = printable(bulletin)
    feed = etree.Element(
        f"{{{ATOM}}}feed",
        {XML_LANG: issue.language},
        nsmap=_PREFIXES,  # type: ignore[arg-type]  # the stubs do not know the default namespace
    )
    _text(feed, "id", issue.id)
    _text(feed, "title", issue.title)
    _optional(feed, "subtitle", issue.description)
    _text(feed, "updated", rfc3339(issue.updated))
    _person(feed, Person(issue.title, issue.url))  # stands for the entries that nobody signed
    _link(feed, "alternate", issue.url, type="text/html")
    for rel, url in issue.links:
        _link(feed, rel, url, **({} if rel == "hub" else {"type": "application/atom+xml"}))
    if issue.archive:
        etree.SubElement(feed, f"{{{HISTORY}}}archive")
    _optional(feed, "rights", issue.rights)
    for withdrawal in issue.withdrawn:
        _tombstone(feed, withdrawal)
    return rows.xml(feed, (_entry(feed, item, issue) for item in issue.items))


def _entry(feed: etree._Element, item: Item, issue: Bulletin) -> etree._Element:
    entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
    if item.language != issue.language:
        entry.set(XML_LANG, item.language)
    _text(entry, "id", item.id)
    _text(entry, "title", item.headline, type="text")
    _text(entry, "published", rfc3339(item.published))
    _text(entry, "updated", rfc3339(max(item.updated, item.published)))
    for person in item.signed:
        _person(entry, person)
    for term in (item.section, *item.tags):
        _category(entry, term)
    _link(entry, "alternate", item.url, type="text/html", hreflang=item.language)
    if item.lead and item.lead.size_bytes:
        _link(entry, "enclosure", item.lead.url, type=item.lead.mime, length=str(item.lead.size_bytes))
    for one in item.translations:
        # no "alternate", which it is: readers that know no hreflang would open the last or the first of them
        _link(entry, "related", one.url, type="text/html", hreflang=one.language)
    for related in item.related:
        _link(entry, "related", related.url, title=related.title)
    _optional(entry, "rights", issue.rights)
    _optional(entry, "summary", item.summary, type="text")
    _text(entry, "content", item.html, type="html")
    media_rss.add_photos(entry, item, issue.url)
    return entry


def _tombstone(feed: etree._Element, withdrawal: Withdrawal) -> None:
    deleted = etree.SubElement(
        feed, f"{{{TOMBSTONES}}}deleted-entry", {"ref": withdrawal.id, "when": rfc3339(withdrawal.at)}
    )
    if withdrawal.reason:
        etree.SubElement(deleted, f"{{{TOMBSTONES}}}comment").text = withdrawal.reason


def _person(parent: etree._Element, person: Person) -> None:
    author = etree.SubElement(parent, f"{{{ATOM}}}author")
    _text(author, "name", person.name)
    _optional(author, "uri", person.url)


def _category(entry: etree._Element, term: Term | None) -> None:
    if term:
        scheme = {"scheme": term.url.rpartition("/")[0] + "/"} if term.url else {}
        etree.SubElement(entry, f"{{{ATOM}}}category", {"term": term.slug, **scheme, "label": term.name})


def _link(parent: etree._Element, rel: str, url: str | None, **more: str) -> None:
    if url:
        etree.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": url, **more})


def _optional(parent: etree._Element, tag: str, text: str | None, **attributes: str) -> None:
    if text:
        _text(parent, tag, text, **attributes)


def _text(parent: etree._Element, tag: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{tag}", attributes).text = text
