"""ninjs items, with the names of 3.1: what both of our versions of it are made from.

A feed is one item of the type "composite", and what it lists are its associations: ninjs has no other list.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from cms.feeds.bulletin import Bulletin, Item, Omission, Picture, Translation, Withdrawal, printable, rfc3339

CONTENT_TYPE = "application/json"

Members = dict[str, Any]


def one(bulletin: Bulletin, item: Item) -> Members:
    """A story by itself."""
    return _text(printable(item), printable(bulletin))


def composite(bulletin: Bulletin) -> tuple[Members, Iterator[Members]]:
    """The feed without its associations, and these."""
    issue = printable(bulletin)
    head = known(
        uri=issue.id,
        type="composite",
        profile="feed",
        versionCreated=rfc3339(issue.updated),
        pubStatus="usable",
        language=issue.language,
        title=issue.title,
        **_rights(issue),
        descriptions=_described(summary=issue.description),
        altIds=[{"role": rel, "value": url} for rel, url in (("page", issue.url), *issue.links)],
    )
    return head, _associated(issue)


def known(**members: Any) -> Members:
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def _associated(issue: Bulletin) -> Iterator[Members]:
    for number, withdrawal in enumerate(issue.withdrawn, 1):
        yield {"name": f"withdrawn-{number}", **_canceled(withdrawal)}
    for number, item in enumerate(issue.items, 1):
        yield {"name": f"item-{number}", **_text(item, issue)}


def _text(item: Item, issue: Bulletin) -> Members:
    corrected = item.corrections[0].text if item.corrections else None
    return known(
        uri=item.id,
        type="text",
        representationType="full",
        profile="article",
        version=str(item.version),
        firstCreated=rfc3339(item.published),
        versionCreated=rfc3339(max(item.updated, item.published)),
        embargoedUntil=rfc3339(item.embargoed_until) if item.embargoed_until else None,
        pubStatus="usable",
        language=item.language,
        title=item.slug,
        located=item.dateline,
        by=item.byline or ", ".join(person.name for person in item.signed),
        headlines=[*_headline("main", item.headline), *_headline("kicker", item.kicker)],
        descriptions=_described(summary=item.summary),
        bodies=[
            known(
                role="main", contentType="text/html", wordCount=item.word_count or None, value=item.body or item.html
            ),
            {"role": "plain", "contentType": "text/plain", "value": item.text},
        ],
        people=[known(name=person.name, rel="author", uri=person.url) for person in item.signed],
        subjects=[
            *([known(name=item.section.name, rel="section", uri=item.section.url)] if item.section else []),
            *(known(name=tag.name, rel="tag", uri=tag.url) for tag in item.tags),
        ],
        **_rights(issue),
        edNote=f"CORRECTION: {corrected}" if corrected else None,
        altIds=[{"role": "url", "value": item.url}, {"role": "slug", "value": item.slug}],
        associations=[
            *(_picture(photo, number) for number, photo in enumerate(item.photos, 1)),
            *(_withheld(omission, number) for number, omission in enumerate(item.omitted, 1)),
            *(_related(link.title, link.url, link.kind, number) for number, link in enumerate(item.related, 1)),
            *(_translated(translation) for translation in item.translations),
        ],
    )


def _rights(issue: Bulletin) -> Members:
    return known(copyrightHolder=issue.publisher, copyrightNotice=issue.rights)


def _picture(photo: Picture, number: int) -> Members:
    return known(
        name="mainphoto" if photo.is_lead else f"photo-{number}",
        rel="mainPhoto" if photo.is_lead else "photo",
        uri=photo.id or photo.url,
        type="picture",
        version=str(photo.version),
        pubStatus="usable",
        by=", ".join(photo.creators),
        headlines=_headline("main", photo.headline),
        descriptions=_described(
            caption=photo.caption,
            originalcaption=photo.original_caption,
            alttext=photo.alt_text,
            creditline=photo.credit,
        ),
        contentCreated=rfc3339(photo.taken) if photo.taken else None,
        copyrightNotice=photo.copyright_notice,
        usageTerms=photo.usage_terms,
        rightsInfo={"linkedRights": _uri(photo.license_url)} if photo.license_url else None,
        infoSources=_chain(photo),
        digitalSourceType=_source_type(photo.digital_source_type),
        renditions=[
            known(
                name="web",
                href=photo.url,
                contentType=photo.mime,
                width=photo.width,
                height=photo.height,
                sizeInBytes=photo.size_bytes,
            )
        ],
    )


def _chain(photo: Picture) -> list[Members]:
    """Origin first, and last the provider, whom the photo was had from."""
    return [
        *([{"name": photo.source, "role": "origin"}] if photo.source else []),
        *({"name": name, "role": "distributor"} for name in photo.via),
        *([{"name": photo.distributor, "role": "provider"}] if photo.distributor else []),
    ]


def _source_type(text: str | None) -> Members | None:
    if not text:
        return None
    return {"uri": _uri(text)} if text.startswith(("http://", "https://")) else {"literal": text}


def _withheld(omission: Omission, number: int) -> Members:
    return {
        "name": f"omitted-{number}",
        "rel": "omitted",
        "uri": omission.id,
        "type": "picture",
        "pubStatus": "withheld",
        "edNote": f"omitted: {omission.reason}",
    }


def _related(title: str, url: str, kind: str, number: int) -> Members:
    return {
        "name": f"related-{number}",
        "rel": kind.lower(),
        "uri": _uri(url),
        "type": "text",
        "representationType": "partial",
        "headlines": _headline("main", title),
    }


def _translated(translation: Translation) -> Members:
    return {
        "name": f"translation-{translation.language}",
        "rel": "translation",
        "uri": translation.id,
        "type": "text",
        "representationType": "partial",
        "language": translation.language,
        "altIds": [{"role": "url", "value": translation.url}],
    }


def _uri(address: str) -> str:
    """An address as the schema wants it: RFC 3986 knows ASCII alone."""
    return quote(address, safe="%/:?#[]@!$&'()*+,;=~")


def _canceled(withdrawal: Withdrawal) -> Members:
    return known(
        uri=withdrawal.id,
        type="text",
        version=str(withdrawal.version),
        versionCreated=rfc3339(withdrawal.at),
        pubStatus="canceled",
        edNote=withdrawal.reason,
    )


def _headline(role: str, text: str | None) -> list[Members]:
    return [{"role": role, "value": text}] if text else []


def _described(**texts: str | None) -> list[Members]:
    return [{"role": role, "contentType": "text/plain", "value": text} for role, text in texts.items() if text]
