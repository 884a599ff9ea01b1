"""NewsML-G2 2.35: the message, and what every item in it says of itself.

An alias is used only where IPTC's own catalog declares it; whatever we name ourselves has a URI.
"""

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from cms.feeds.bulletin import Bulletin, Item, Withdrawal, rfc3339

CONTENT_TYPE = "application/vnd.iptc.g2.newsmessage+xml; charset=utf-8"

NAMESPACE = "http://iptc.org/std/nar/2006-10-01/"
CATALOG = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_41.xml"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def message(bulletin: Bulletin, prefixes: dict[str, str]) -> etree._Element:
    """An empty message; what is returned is the place for its items."""
    root = etree.Element(
        f"{{{NAMESPACE}}}newsMessage",
        nsmap={None: NAMESPACE, **prefixes},  # type: ignore[dict-item]  # the stubs do not know the default namespace
    )
    header = add(root, "header")
    add(header, "sent", rfc3339(bulletin.updated))
    add(header, "sender", bulletin.publisher)
    add(header, "transmitId", bulletin.self_url)
    add(header, "origin", bulletin.id)
    return add(root, "itemSet")


def item(place: etree._Element, id: str, version: int, language: str) -> etree._Element:
    """Its catalogue only; the order of what follows is fixed: hopHistory, rightsInfo, itemMeta, contentMeta, contentSet."""
    standard = {"standard": "NewsML-G2", "standardversion": "2.35", "conformance": "power"}
    made = add(place, "newsItem", guid=id, version=str(version), **standard)
    if language:
        made.set(LANGUAGE, language)
    add(made, "catalogRef", href=CATALOG)
    return made


def manage(
    item: etree._Element,
    kind: str,
    bulletin: Bulletin,
    changed: datetime,
    *,
    first: datetime | None = None,
    embargoed: datetime | None = None,
    status: str = "usable",
    title: str = "",
) -> etree._Element:
    """itemMeta, up to the title.  `kind` is text or picture, `status` usable, withheld or canceled."""
    meta = add(item, "itemMeta")
    add(meta, "itemClass", qcode=f"ninat:{kind}")
    add(add(meta, "provider", uri=bulletin.publisher_url or bulletin.url), "name", bulletin.publisher)
    add(meta, "versionCreated", rfc3339(changed))
    if first:
        add(meta, "firstCreated", rfc3339(first))
    if embargoed:
        add(meta, "embargoed", rfc3339(embargoed))
    add(meta, "pubStatus", qcode=f"stat:{status}")
    if title:
        add(meta, "title", title)
    return meta


def story_managed(place: etree._Element, story: Item, bulletin: Bulletin) -> etree._Element:
    """itemMeta of a story, with its corrections."""
    meta = manage(
        place,
        "text",
        bulletin,
        max(story.updated, story.published),
        first=story.published,
        embargoed=story.embargoed_until,
        title=story.slug,
    )
    for correction in story.corrections:
        add(meta, "edNote", correction.text)
    if story.corrections:
        add(meta, "signal", qcode="sig:correction")
    return meta


def canceled(place: etree._Element, withdrawal: Withdrawal, bulletin: Bulletin) -> etree._Element:
    made = item(place, withdrawal.id, withdrawal.version, "")
    meta = manage(made, "text", bulletin, withdrawal.at, status="canceled")
    if withdrawal.reason:
        add(meta, "edNote", withdrawal.reason)
    return made


def rights(item: etree._Element, holder: str, notice: str | None, terms: str | None, url: str | None = None) -> None:
    if not (holder or notice or terms or url):
        return
    info = add(item, "rightsInfo")
    if holder:
        add(add(info, "copyrightHolder"), "name", holder)
    if notice:
        add(info, "copyrightNotice", notice)
    if terms or url:
        add(info, "usageTerms", terms or "", **({"href": url} if url else {}))


def named(place: etree._Element, tag: str, names: Iterable[str], /, **attributes: str) -> None:
    """An element for each, with its name in it."""
    for name in names:
        add(add(place, tag, **attributes), "name", name)


def add(place: etree._Element, tag: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    made = etree.SubElement(place, f"{{{NAMESPACE}}}{tag}", attributes)
    made.text = text
    return made
