"""Media RSS 1.5.1: the elements with which RSS and Atom carry photos.

The namespace ends with a slash, or readers do not know it.
"""

from lxml import etree

from cms.feeds.bulletin import Item, Picture

NAMESPACE = "http://search.yahoo.com/mrss/"


def add_photos(parent: etree._Element, item: Item, site_url: str) -> None:
    """The story's photos.  One that is withheld from whoever reads is a group without content, and says why."""
    for photo in item.photos:
        _add_photo(parent, photo, site_url)
    for omission in item.omitted:
        group = etree.SubElement(parent, f"{{{NAMESPACE}}}group")
        etree.SubElement(group, f"{{{NAMESPACE}}}status", {"state": "blocked", "reason": omission.reason})


def _add_photo(parent: etree._Element, photo: Picture, site_url: str) -> None:
    """Its address, type and size, caption, whole credit line, makers and copyright.

    Under the default scheme a credit's role must be one of the EBU's, and "the line to be printed" is none of them: it
    goes first and under a scheme of the site's own.
    """
    content = etree.SubElement(
        parent,
        f"{{{NAMESPACE}}}content",
        {
            "url": photo.url,
            "type": photo.mime,
            "medium": "image",
            "width": str(photo.width),
            "height": str(photo.height),
        },
    )
    if photo.size_bytes:
        content.set("fileSize", str(photo.size_bytes))
    _add(content, "title", photo.headline, type="plain")
    _add(content, "description", photo.caption, type="plain")
    _add(content, "credit", photo.credit, role="provider", scheme=_own_scheme(site_url))
    for name in photo.creators:
        _add(content, "credit", name, role="photographer", scheme="urn:ebu")
    _add(content, "copyright", photo.copyright_notice)
    if photo.license_url:
        _add(content, "license", photo.usage_terms or photo.license_url, type="text/html", href=photo.license_url)


def _own_scheme(site_url: str) -> str:
    origin = "/".join(site_url.split("/")[:3])
    return f"{origin}/ns/credit-role"


def _add(parent: etree._Element, name: str, text: str | None, **attributes: str) -> None:
    if text:
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes).text = text
