"""JSON Feed 1.1.  What it has no place for stands in the extension `_dateline`: photos with their credits, related links,
corrections, the section, and what was withdrawn."""

from collections.abc import Iterator
from typing import Any

from cms.feeds import rows
from cms.feeds.bulletin import Bulletin, Item, Person, Picture, Term, Withdrawal, printable, rfc3339

CONTENT_TYPE = "application/feed+json"

VERSION = "https://jsonfeed.org/version/1.1"


def render(bulletin: Bulletin) -> Iterator[bytes]:
    """UTF-8, for any text, an item at a time."""
    issue = printable(bulletin)
    head = {
        "version": VERSION,
        "title": issue.title,
        **_known(
            home_page_url=issue.url,
            feed_url=issue.self_url,
            next_url=issue.next_url,
            description=issue.description,
            language=issue.language,
            hubs=[{"type": "WebSub", "url": issue.hub_url}] if issue.hub_url else None,
            _dateline=_known(
                id=issue.id,
                updated=rfc3339(issue.updated),
                rights=issue.rights,
                withdrawn=[_withdrawal(one) for one in issue.withdrawn],
            ),
        ),
    }
    return rows.json(head, "items", map(_item, issue.items))


def _item(item: Item) -> dict[str, Any]:
    terms = [item.section, *item.tags] if item.section else item.tags
    return {
        "id": item.id,
        "url": item.url,
        "title": item.headline,
        "content_html": item.html,
        "content_text": item.text,
        "date_published": rfc3339(item.published),
        "date_modified": rfc3339(max(item.updated, item.published)),
        "language": item.language,
        **_known(
            summary=item.summary,
            image=item.lead.url if item.lead else None,
            authors=[_person(person) for person in item.signed],
            tags=list(dict.fromkeys(term.name for term in terms)),
            attachments=[_attachment(photo) for photo in item.photos],
            _dateline=_extension(item),
        ),
    }


def _extension(item: Item) -> dict[str, Any]:
    return _known(
        version=item.version,
        kicker=item.kicker,
        byline=item.byline,
        dateline=item.dateline,
        section=_term(item.section) if item.section else None,
        tags=[_term(tag) for tag in item.tags],
        photos=[_photo(photo) for photo in item.photos],
        related=[{"title": link.title, "url": link.url, "kind": link.kind} for link in item.related],
        corrections=[{"at": rfc3339(one.at), "text": one.text} for one in item.corrections],
        embargoed_until=rfc3339(item.embargoed_until) if item.embargoed_until else None,
        translations=[{"id": one.id, "language": one.language, "url": one.url} for one in item.translations],
        omitted=[{"id": one.id, "omitted": one.reason} for one in item.omitted],
    )


def _photo(photo: Picture) -> dict[str, Any]:
    return _known(
        id=photo.id,
        version=photo.version if photo.id else None,
        url=photo.url,
        mime_type=photo.mime,
        width=photo.width,
        height=photo.height,
        size_in_bytes=photo.size_bytes,
        lead=photo.is_lead or None,
        headline=photo.headline,
        caption=photo.caption,
        original_caption=photo.original_caption,
        credit=photo.credit,
        creators=list(photo.creators),
        source=photo.source,
        via=list(photo.via),
        distributor=photo.distributor,
        alt=photo.alt_text,
        copyright=photo.copyright_notice,
        usage_terms=photo.usage_terms,
        license_url=photo.license_url,
        digital_source_type=photo.digital_source_type,
        taken=rfc3339(photo.taken) if photo.taken else None,
    )


def _attachment(photo: Picture) -> dict[str, Any]:
    return _known(url=photo.url, mime_type=photo.mime, size_in_bytes=photo.size_bytes)


def _withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    return _known(id=withdrawal.id, at=rfc3339(withdrawal.at), reason=withdrawal.reason)


def _person(person: Person) -> dict[str, Any]:
    return _known(name=person.name, url=person.url)


def _term(term: Term) -> dict[str, Any]:
    return _known(name=term.name, slug=term.slug, url=term.url)


def _known(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
