"""RSS 2.0, with content, dc and Media RSS, and Atom 1.0 with its tombstones: our own feeds above all, and what others publish.

A feed does not tell a section from a tag: a category whose address lies on the feed's own site, as ours do, is the section.
"""

import re
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import etree

from cms.errors import BadInput
from cms.slug import slugify
from cms.transfer.issue import Issue, Link, Named, Picture, Piece, Shown, Story, clean, cut, line, path_of, slug_of, utc
from cms.transfer.passages import paragraphs, plain, split
from cms.transfer.xml import CONTAINERS, elements

_OURS = re.compile(r"(https?://[^/]+/images/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/\d+/[^/]+$")
MOST_BYTES = 100_000_000
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read(path: Path) -> Issue:
    """Raises BadInput for what is neither RSS 2.0 nor Atom, TooLong for more than MOST_BYTES."""
    told: list[int] = []
    found = elements(
        path, MOST_BYTES, {"item", "link", "language", f"{ATOM}id", f"{ATOM}link", f"{ATOM}entry", TOMBSTONE}, told
    )
    root = next(found)
    if root.tag not in ("rss", CONTAINERS[1]):
        raise BadInput("This is neither RSS 2.0 nor Atom 1.0.")
    feed, stories = _Feed(line(root.get(LANG)) or "en"), list[Story]()
    for element in found:
        if element.tag == "language":
            feed.language = line(element.text) or "en"
        elif element.tag == f"{ATOM}link":
            if root.tag != "rss" and element.get("rel", "alternate") == "alternate":
                feed.home = line(element.get("href"))
        elif element.tag in ("link", f"{ATOM}id"):
            feed.home = feed.home or line(element.text)
        elif element.tag == "item":
            stories.append(feed.rss(element))
        elif element.tag == TOMBSTONE:
            stories.append(Story(line(element.get("ref")), "", withdrawn=True))
        else:
            stories.append(feed.atom(element))
    kept, issue = [one for one in stories if one.key], feed.issue
    issue.losses["entries without a guid, an id or an address"] += len(stories) - len(kept)
    issue.losses["control characters taken out"] += sum(told)
    issue.source = f"feed:{urlsplit(feed.home).netloc or feed.home}"[:300]
    issue.count, issue.stories = len(kept), lambda: iter(kept)
    return issue


class _Feed:
    """The feed so far; `home` is its site's address, or its id."""

    def __init__(self, language: str):
        self.issue, self.language, self.home = Issue("feed", lambda: iter(()), 0), language, ""

    def rss(self, item: etree._Element) -> Story:
        url = _said(item, "link")
        guid = _said(item, "guid")
        if not url and item.find("guid") is not None and item.find("guid").get("isPermaLink", "true") == "true":  # type: ignore[union-attr]
            url = guid
        terms = [(line(one.text), line(one.get("domain"))) for one in item.iterchildren("category")]
        people = [line(one.text) for one in item.iterchildren(f"{DC}creator")] or _rss_author(_said(item, "author"))
        html, description = clean(item.findtext(CONTENT)), clean(item.findtext("description"))
        summary = plain(description) if html else ""
        enclosures = [(line(one.get("url")), line(one.get("type"))) for one in item.iterchildren("enclosure")]
        when = _rfc822(_said(item, "pubDate")) or _rfc3339(_said(item, f"{DC}date"))
        return self._story(
            item,
            guid or url,
            url,
            _said(item, "title"),
            when,
            people,
            terms,
            html or description,
            summary,
            enclosures,
            self.language,
        )

    def atom(self, entry: etree._Element) -> Story:
        links = [
            (one.get("rel", "alternate"), line(one.get("href")), line(one.get("title")), line(one.get("type")))
            for one in entry.iterchildren(f"{ATOM}link")
        ]
        url = next((href for rel, href, _, _ in links if rel == "alternate"), "")
        terms = [
            (line(one.get("label") or one.get("term")), line(one.get("scheme")))
            for one in entry.iterchildren(f"{ATOM}category")
        ]
        people = [line(one.findtext(f"{ATOM}name")) for one in entry.iterchildren(f"{ATOM}author")]
        html, summary = _content(entry.find(f"{ATOM}content")), _content(entry.find(f"{ATOM}summary"))
        enclosures = [(href, kind) for rel, href, _, kind in links if rel == "enclosure"]
        when = _rfc3339(_said(entry, f"{ATOM}published") or _said(entry, f"{ATOM}updated"))
        title = plain(_content(entry.find(f"{ATOM}title")))
        related = tuple(Link(title[:300], href) for rel, href, title, _ in links if rel == "related" and title)
        language = line(entry.get(LANG)) or self.language
        return self._story(
            entry, _said(entry, f"{ATOM}id") or url, url, title, when, people, terms, html or summary,
            plain(summary) if html else "", enclosures, language, related,
        )  # fmt: skip

    def _story(
        self, item: etree._Element, key: str, url: str, title: str, when: datetime | None, people: list[str],
        terms: list[tuple[str, str]], html: str, summary: str, enclosures: list[tuple[str, str]], language: str,
        related: tuple[Link, ...] = (),
    ) -> Story:  # fmt: skip
        issue = self.issue
        shown = [self._media(one, url) for one in item.iter(f"{MEDIA}content") if _is_picture(one)]
        shown += [self._picture(address, url) for address, kind in enclosures if kind.startswith("image/")]
        issue.losses["enclosures that are no pictures"] += sum(not kind.startswith("image/") for _, kind in enclosures)
        section, tags = self._terms(terms)
        body = split(
            html, lambda src, given, caption, credit: self._picture(src, url, given.get("alt"), caption, credit)
        )
        lead, body = _lead(body, [one for one in shown if one])
        standing = {one for piece in body if isinstance(piece, Shown) for one, _ in piece.photos}
        if when is None:
            issue.losses["entries without a date that can be read, kept as drafts"] += 1
        return Story(
            key,
            plain(title) or summary[:120] or "Untitled",
            "draft" if when is None else "published",
            when,
            slug=slug_of(urlsplit(url).path.rstrip("/").rpartition("/")[2].removesuffix(".html"), 160),
            language=language,
            section=section,
            authors=tuple(dict.fromkeys(author for name in people if (author := issue.author(unescape(name))))),
            summary=cut(summary, 2000, "summaries", issue.losses),
            tags=tags,
            body=body,
            lead=lead,
            gallery=tuple(dict.fromkeys(one for one in shown if one and one != lead and one not in standing)),
            related=related,
            paths=tuple(filter(None, [path_of(url)])),
        )

    def _terms(self, terms: list[tuple[str, str]]) -> tuple[str | None, tuple[str, ...]]:
        """Ours: the section first, with its page as `domain` or the folder that it lies in as `scheme`."""
        host, section, tags = urlsplit(self.home).netloc, None, []
        for place, (name, where) in enumerate(terms):
            own = place == 0 and bool(host) and urlsplit(where).netloc == host and "/tag" not in urlsplit(where).path
            if own and slugify(name, 80):
                section = slug_of(urlsplit(where).path.rstrip("/").rpartition("/")[2], 80) or slugify(name, 80)
                if all(one.key != section for one in self.issue.sections):
                    self.issue.sections.append(Named(section, name[:80], section))
            elif slugify(name, 120):
                tags.append(name[:120])
        return section, tuple(dict.fromkeys(tags))

    def _media(self, content: etree._Element, base: str) -> str | None:
        """A picture as Media RSS tells of it; what stands beside it in the text says less."""
        url = _absolute(line(content.get("url")), base)
        if not url:
            return None
        key = _key(url)
        credits = [(one.get("role", ""), line(one.text)) for one in content.iterchildren(f"{MEDIA}credit")]
        whole = next((name for role, name in credits if role == "provider"), "/".join(name for _, name in credits))
        words = clean(content.findtext(f"{MEDIA}keywords"))
        self.issue.pictures[key] = Picture(
            key,
            url,
            whole or None,
            plain(clean(content.findtext(f"{MEDIA}description"))) or None,
            None,
            plain(clean(content.findtext(f"{MEDIA}title"))) or None,
            plain(clean(content.findtext(f"{MEDIA}copyright"))) or None,
            keywords=tuple(line(one) for one in words.split(",") if line(one)),
        )
        return key

    def _picture(
        self, src: str, base: str, alt: str | None = None, caption: str | None = None, credit: str | None = None
    ) -> str | None:
        url = _absolute(src, base)
        if not url:
            return None
        key = _key(url)
        words = line(unescape(alt or "")) or None
        known = self.issue.pictures.setdefault(key, Picture(key, url, credit, caption, words))
        if words and not known.alt_text:
            self.issue.pictures[key] = replace(known, alt_text=words)
        return key


def _lead(body: tuple[Piece, ...], shown: list[str]) -> tuple[str | None, tuple[Piece, ...]]:
    """The picture that the text begins with, which is then taken out of it, or the first beside it."""
    if body and isinstance(body[0], Shown) and len(body[0].photos) == 1:
        return body[0].photos[0][0], body[1:]
    standing = {one for piece in body if isinstance(piece, Shown) for one, _ in piece.photos}
    return next((one for one in shown if one not in standing), None), body


def _is_picture(content: etree._Element) -> bool:
    return content.get("medium") == "image" or content.get("type", "").startswith("image/")


def _absolute(src: str, base: str) -> str:
    try:
        return urljoin(base, unescape(src)) if src else ""
    except ValueError:
        return ""


def _key(url: str) -> str:
    """Our own photos have many addresses, each with the photo's id in it."""
    found = _OURS.match(url)
    return found[1] if found else url


def _content(element: etree._Element | None) -> str:
    """An Atom text construct as HTML (RFC 4287, 3.1 and 4.1.3)."""
    if element is None:
        return ""
    kind = element.get("type", "text")
    if kind in ("html", "text/html"):
        return clean(element.text)
    if kind in ("xhtml", "application/xhtml+xml"):
        inside = "".join(etree.tostring(one, encoding="unicode", method="html") for one in element.iterchildren("*"))
        return clean(re.sub(r"<(/?)(?:\w+:)", r"<\1", inside))
    return paragraphs(element.text or "")


def _said(element: etree._Element, name: str) -> str:
    return line(element.findtext(name))


def _rss_author(author: str) -> list[str]:
    """RSS's own is an address, with the name in brackets."""
    found = re.fullmatch(r"\S+@\S+\s+\((.+)\)", author)
    return [found[1]] if found else [author] if author and "@" not in author else []


def _rfc822(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError):
        return _rfc3339(text)
    return at if 1970 <= at.year <= 9998 else None


def _rfc3339(text: str) -> datetime | None:
    try:
        at = utc(datetime.fromisoformat(text)) if text else None
    except (ValueError, OverflowError):
        return None
    return at if at and 1970 <= at.year <= 9998 else None
