"""WordPress's export (WXR 1.0 to 1.2): posts with their authors, categories, tags, pictures and addresses.

The file is read twice: once for what posts refer to, once for the posts, one at a time.  Pages, menus, comments and what plugins
keep are not taken over; how many there were is told.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from cms import credit
from cms.errors import BadInput
from cms.slug import slugify
from cms.transfer.issue import (
    Embedded,
    Html,
    Issue,
    Named,
    Picture,
    Piece,
    Shown,
    State,
    Story,
    clean,
    cut,
    line,
    path_of,
    slug_of,
)
from cms.transfer.passages import embeddable, plain, split
from cms.transfer.xml import elements

MOST_BYTES = 1_000_000_000
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_NAMESPACE = re.compile(r"\{(https?://wordpress\.org/export/1\.\d/)(excerpt/)?\}")
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|tiff?|heic)$", re.IGNORECASE)
_SIZED = re.compile(r"-\d+x\d+(?=\.\w+$)")  # WordPress's own smaller copies

_KINDS = {"nav_menu_item": "menu entries", "page": "pages", "revision": "revisions", "wp_block": "reusable blocks"}
_UNPUBLISHED = {"draft", "pending", "private", "auto-draft", "inherit"}
_CREDIT_KEYS = (
    "_media_credit",
    "media_credit",
    "_credit",
    "credit",
    "photo_credit",
    "_photo_credit",
    "_wp_attachment_credit",
)
_SEO_TITLE = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_genesis_title")
_SEO_DESCRIPTION = ("_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description", "_genesis_description")

_CAPTION = re.compile(r"\[(?:wp_)?caption([^\]]*)\](.*?)\[/(?:wp_)?caption\]", re.DOTALL)
_GALLERY = re.compile(r"\[gallery([^\]]*)\]")
_EMBED = re.compile(r"\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]|\[youtube[= ]([^\]\s]+)[^\]]*\]")
# a word of prose in brackets stays: shortcodes have attributes, an end, or one of WordPress's own names
_SHORTCODE = re.compile(
    r"\[/?(?:audio|video|playlist|gallery|caption|embed|more|contact-form-7)\b[^\]]*\]|\[[a-z][\w-]*\s+[\w-]+=[^\]]*\]"
)
_ALONE = re.compile(r"(?m)^\s*(?:<p>)?\s*(https?://[^\s<]+)\s*(?:</p>)?\s*$")
_BLOCK = re.compile(r"</?(?:p|div|h[1-6]|ul|ol|li|table|blockquote|figure|pre|section)\b", re.IGNORECASE)
_MARK = re.compile(r"\ue000(\d+)\ue001")


def read(path: Path) -> Issue:
    """Raises BadInput for what is no WXR, TooLong for more than MOST_BYTES."""
    issue = Issue("wordpress", lambda: iter(()), 0)
    site = _Site(issue)
    for item in _items(path):
        site.note(item)
    if not site.is_wordpress:
        raise BadInput("This is no export of WordPress: it names no wxr_version.")
    issue.source = f"wordpress:{site.home}"[:300]
    issue.count = site.posts
    issue.losses["tags that no post carries"] += len(site.tags - site.carried)

    def stories() -> Iterator[Story]:
        for item in _items(path):
            if (
                item.name == "item"
                and item.text("post_type") == "post"
                and item.text("status") not in ("trash", "auto-draft")
            ):
                yield _story(item, site)

    issue.stories = stories
    return issue


class _Item:
    """An element of the export, asked by local names whatever the version of its namespace is."""

    def __init__(self, element: etree._Element):
        self.element = element
        self.name = _local(element.tag)
        self._texts: dict[str, str] = {}
        for child in element.iterchildren("*"):
            self._texts.setdefault(_local(child.tag), child.text or "")

    def text(self, name: str) -> str:
        return line(self._texts.get(name, ""))

    def whole(self, name: str) -> str:
        return clean(self._texts.get(name, ""))

    def meta(self) -> dict[str, str]:
        kept: dict[str, str] = {}
        for one in self.element.iterchildren("*"):
            if _local(one.tag) == "postmeta":
                pair = {_local(part.tag): clean(part.text) for part in one.iterchildren("*")}
                kept.setdefault(pair.get("meta_key", ""), pair.get("meta_value", ""))
        return kept

    def terms(self) -> Iterator[tuple[str, str, str]]:
        for one in self.element.iterchildren("category"):
            yield one.get("domain", "category"), one.get("nicename", ""), line(unescape(one.text or ""))


def _local(tag: object) -> str:
    name = str(tag)
    if found := _NAMESPACE.match(name):
        return ("excerpt_" if found[2] else "") + name[found.end() :]
    return {CONTENT: "content", CREATOR: "creator"}.get(name, name)


def _items(path: Path) -> Iterator[_Item]:
    names = ("base_blog_url", "wxr_version", "author", "category", "tag", "term")
    spaces = [f"{scheme}://wordpress.org/export/1.{minor}/" for scheme in ("http", "https") for minor in range(3)]
    tags = {f"{{{space}}}{name}" for space in spaces for name in names}
    told: list[int] = []
    found = elements(path, MOST_BYTES, tags | {"item", "language"}, told)
    if (root := next(found)).tag != "rss":
        raise BadInput(f"This is no export of WordPress: it begins with <{_local(root.tag)}>.")
    for element in found:
        yield _Item(element)
    if told and told[0]:
        yield _Item(etree.Element("controls", count=str(told[0])))


class _Site:
    """What posts refer to: terms, people, pictures by id and by address."""

    def __init__(self, issue: Issue):
        self.issue, self.home, self.language, self.posts, self.is_wordpress = issue, "", "en", 0, False
        self.tags, self.carried = set[str](), set[str]()
        self.addresses: dict[str, str] = {}
        self.children: dict[str, list[str]] = {}
        self._sections: dict[str, Named] = {}

    def note(self, item: _Item) -> None:
        issue = self.issue
        if item.name in ("base_blog_url", "wxr_version", "language"):
            self._about(item.name, line(item.element.text))
        elif item.name == "author":
            login = item.text("author_login")
            whole = " ".join(filter(None, (item.text("author_first_name"), item.text("author_last_name"))))
            name = unescape(item.text("author_display_name") or whole or login)[:120]
            issue.authors[login] = Named(login, name, slugify(name, 120) or slugify(login, 120))
        elif item.name == "category":
            key = item.text("category_nicename")
            self.section(
                key, unescape(item.text("cat_name")), item.text("category_parent"), item.whole("category_description")
            )
        elif item.name == "tag":
            self.tags.add(item.text("tag_slug"))
            self.issue.losses["descriptions of tags"] += bool(item.text("tag_description"))
        elif item.name == "term":
            self.issue.losses[f"terms of {item.text('term_taxonomy')}"] += 1
        elif item.name == "controls":
            issue.losses["control characters taken out"] += int(item.element.get("count", "0"))
        elif item.name == "item":
            self._note_item(item)

    def _about(self, name: str, said: str) -> None:
        if name == "base_blog_url":
            parts = urlsplit(said)
            self.home = f"{parts.netloc}{parts.path}".rstrip("/")
        elif name == "language":
            self.language = said or "en"
        else:
            self.is_wordpress = True

    def section(self, key: str, name: str, parent: str = "", description: str = "") -> None:
        if key in self._sections:
            return
        made = Named(
            key, name[:80] or key, slug_of(key, 80) or slugify(name, 80), description[:2000] or None, parent or None
        )
        self._sections[key] = made
        self.issue.sections.append(made)

    def _note_item(self, item: _Item) -> None:
        kind, losses = item.text("post_type"), self.issue.losses
        losses["comments"] += sum(_local(one.tag) == "comment" for one in item.element.iterchildren("*"))
        if kind == "post" and item.text("status") not in ("trash", "auto-draft"):
            self.posts += 1
            for domain, nicename, name in item.terms():
                if domain == "category":
                    self.section(nicename, name)
                elif domain in ("post_tag", "tag"):
                    self.carried.add(nicename)
                else:
                    losses[f"terms of {domain} on posts"] += 1
        elif kind == "attachment":
            self._note_attachment(item)
        elif kind == "post":
            losses["posts in the trash"] += 1
        else:
            losses[_KINDS.get(kind, f"posts of the type {kind}")] += 1

    def _note_attachment(self, item: _Item) -> None:
        url, key, meta = item.text("attachment_url") or item.text("guid"), item.text("post_id"), item.meta()
        if not _PICTURE.search(urlsplit(url).path):
            self.issue.losses["attachments that are no pictures"] += 1
            return
        file = re.search(r'"credit";s:\d+:"([^"]+)"', meta.get("_wp_attachment_metadata", ""))
        said = next((meta[name] for name in _CREDIT_KEYS if meta.get(name)), file[1] if file else "")
        caption = plain(item.whole("excerpt_encoded")) or plain(item.whole("content"))
        self.issue.pictures[key] = Picture(
            key,
            url,
            line(said) or credit.from_caption(caption) or None,
            caption or None,
            line(meta.get("_wp_attachment_image_alt", "")) or None,
        )
        self.addresses[_address(url)] = key
        self.children.setdefault(item.text("post_parent"), []).append(key)

    def picture(self, src: str, given: Mapping[str, str], caption: str | None, line_: str | None) -> str | None:
        """The key of a picture in a post: an attachment, or one from elsewhere, kept by its address."""
        named = re.search(r"\bwp-image-(\d+)", given.get("class", "")) or re.fullmatch(
            r"()(\d+)", given.get("data-id", "")
        )
        key = (named[named.lastindex or 1] if named else "") or ""
        pictures = self.issue.pictures
        key = key if key in pictures else self.addresses.get(_address(src), "")
        if not key:
            src = f"https:{src}" if src.startswith("//") else src
            key = src
            pictures.setdefault(key, Picture(key, src, line_, caption, line(unescape(given.get("alt", ""))) or None))
        return key


def _address(url: str) -> str:
    """Alike for a picture and WordPress's smaller copies of it, over http and https."""
    parts = urlsplit(url)
    return f"{parts.netloc}{_SIZED.sub('', parts.path)}"


def _story(item: _Item, site: _Site) -> Story:
    losses, meta = site.issue.losses, item.meta()
    key, url = item.text("post_id"), item.text("link")
    state, at = _published(item, losses)
    author = item.text("creator")
    if author and author not in site.issue.authors:
        site.issue.authors[author] = Named(author, author[:120], slugify(author, 120))
    terms = list(item.terms())
    categories = [(nicename, name) for domain, nicename, name in terms if domain == "category"]
    tags = [name for domain, _, name in terms if domain in ("post_tag", "tag")] + [name for _, name in categories[1:]]
    body, used = _body(item, site), _thumbnail(meta, site)
    old = [path_of(url.rstrip("/").rpartition("/")[0] + "/" + slug) for slug in (meta.get("_wp_old_slug"),) if slug]
    return Story(
        key,
        plain(item.whole("title")) or f"Untitled {key}",
        state,
        at,
        slug=slug_of(item.text("post_name"), 160),
        language=site.language,
        section=categories[0][0] if categories else None,
        authors=(author,) if author else (),
        summary=cut(plain(item.whole("excerpt_encoded")), 2000, "excerpts", losses),
        tags=tuple(dict.fromkeys(name[:120] for name in tags if slugify(name, 120))),
        body=body,
        lead=used,
        note=_note(item, meta, losses),
        seo_title=_first(meta, _SEO_TITLE, 300),
        seo_description=_first(meta, _SEO_DESCRIPTION, 2000),
        paths=tuple(filter(None, dict.fromkeys((path_of(url), path_of(item.text("guid")), *old)))),
    )


def _published(item: _Item, losses: Counter[str]) -> tuple[State, datetime | None]:
    status, at = item.text("status"), _instant(item)
    if item.text("post_password"):
        losses["posts behind a password, kept as drafts"] += 1
    elif status == "private":
        losses["private posts, kept as drafts"] += 1
    elif status in ("publish", "future") and at is None:
        losses["published posts without a date that can be read, kept as drafts"] += 1
    elif status == "publish":
        return "published", at
    elif status == "future":
        return "scheduled", at
    elif status not in _UNPUBLISHED:
        losses[f"posts in the state {status}, kept as drafts"] += 1
    return "draft", None


def _instant(item: _Item) -> datetime | None:
    for name in ("post_date_gmt", "post_date"):
        try:
            at = datetime.strptime(item.text(name), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:  # drafts have 0000-00-00
            continue
        return at if at.year >= 1970 else None
    return None


def _note(item: _Item, meta: Mapping[str, str], losses: Counter[str]) -> str | None:
    """Fields that the newsroom made for itself; those that begin with _ are the plugins'."""
    kept = [f"{name}: {value}" for name, value in meta.items() if name and not name.startswith("_") and value]
    losses["fields of plugins"] += sum(name.startswith("_") for name in meta if name not in _TAKEN)
    if item.text("is_sticky") == "1":
        losses["sticky marks"] += 1
    return cut("\n".join(kept), 10_000, "custom fields", losses)


_TAKEN = {"_thumbnail_id", "_wp_old_slug", "_wp_attachment_image_alt", *_CREDIT_KEYS, *_SEO_TITLE, *_SEO_DESCRIPTION}


def _first(meta: Mapping[str, str], names: tuple[str, ...], most: int) -> str | None:
    return next((line(meta[name])[:most] for name in names if line(meta.get(name, ""))), None)


def _thumbnail(meta: Mapping[str, str], site: _Site) -> str | None:
    key = meta.get("_thumbnail_id", "")
    if key and key not in site.issue.pictures:
        site.issue.losses["featured images that the file does not hold"] += 1
    return key if key in site.issue.pictures else None


def _body(item: _Item, site: _Site) -> tuple[Piece, ...]:
    """Galleries and embeds become marks, so that they keep their places; then the HTML is split."""
    html, losses, kept = _MARK.sub("", item.whole("content")), site.issue.losses, list[Piece]()

    def mark(piece: Piece | None) -> str:
        if piece is None:
            return ""
        kept.append(piece)
        return f"\n\n\ue000{len(kept) - 1}\ue001\n\n"

    def gallery(found: re.Match[str]) -> str:
        ids = re.search(r"ids\s*=\s*[\"']?([\d, ]+)", found[1])
        keys = re.findall(r"\d+", ids[1]) if ids else site.children.get(item.text("post_id"), [])
        there = [key for key in keys if key in site.issue.pictures]
        losses["pictures of galleries that the file does not hold"] += len(keys) - len(there)
        return mark(Shown(tuple((key, None) for key in there)) if there else None)

    def embed(found: re.Match[str]) -> str:
        return mark(_embedded(found[1] or found[2]) or Html(f"<p>{found[0]}</p>"))

    def alone(found: re.Match[str]) -> str:
        return mark(_embedded(found[1])) or found[0]

    html = _CAPTION.sub(lambda found: _figure(found[2]), html)
    html = _EMBED.sub(embed, _GALLERY.sub(gallery, html))
    html = _ALONE.sub(alone, html)
    html, gone = _SHORTCODE.subn("", html)
    losses["shortcodes"] += gone
    html = html if "<!-- wp:" in html else _with_paragraphs(html)
    pieces: list[Piece] = []
    for piece in split(html, site.picture):
        pieces += _marked(piece.html, kept) if isinstance(piece, Html) else [piece]
    return tuple(pieces)


def _marked(html: str, kept: list[Piece]) -> Iterator[Piece]:
    words, *rest = _MARK.split(html)
    if words.strip():
        yield Html(words)
    for place, after in zip(rest[::2], rest[1::2], strict=True):
        yield kept[int(place)]
        if after.strip():
            yield Html(after)


def _embedded(url: str) -> Embedded | None:
    address = embeddable(unescape(url))
    return Embedded(address) if address else None


def _figure(inside: str) -> str:
    """[caption]<img> words[/caption] as HTML says it."""
    found = re.search(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", inside)
    if not found:
        return inside
    return f"<figure>{found[0]}<figcaption>{inside[found.end() :]}</figcaption></figure>"


def _with_paragraphs(html: str) -> str:
    """Texts of before the block editor: an empty line parts paragraphs, a line's end is kept."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", html) if part.strip()]
    return "\n".join(part if _BLOCK.match(part) else "<p>" + _broken(part) for part in parts)


def _broken(part: str) -> str:
    return re.sub(r"(?<!>)\n(?!<)", "<br>", part)
