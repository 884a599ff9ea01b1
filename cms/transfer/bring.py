"""An issue brought in, through the actions alone, as SYSTEM.  Run again it changes nothing.

What changed at its source since is changed here, unless it was edited here meanwhile: then it is left, and that is told.  What was
deleted here does not come again.  A refusal is told and the rest goes on; what was brought in by then stays.
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit
from uuid import UUID

from cms import db
from cms.actions import articles, origins, photos, publishing, taxonomy
from cms.actions.fields import language
from cms.actor import SYSTEM
from cms.db.clock import now
from cms.errors import BadState, CreditMissing, FileMissing, NotFound, Refusal, Refused, SlugTaken, Unavailable
from cms.outgoing import Client
from cms.settings import Settings
from cms.transfer.issue import Embedded, Html, Issue, Named, Picture, Piece, Story
from media.decode import Workshop
from media.storage import Store

FETCH_SECONDS = 60.0
MOST_TAGS, MOST_AUTHORS, MOST_LINKS, MOST_GALLERY = 100, 50, 100, 200
UNSORTED = "imported"  # the section of stories that name none

Kind = Literal["section", "author", "photo", "story"]
Told = Callable[[int], None]  # how many stories are done


@dataclass(frozen=True, slots=True)
class Parts:
    """What an import works with: `media` is the folder where its pictures lie, `section` the slug of stories that name none, `credit`
    the line of photos that name none."""

    settings: Settings
    store: Store
    workshop: Workshop
    media: Path | None = None
    section: str | None = None
    credit: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """`refused`: what did not come, and why.  `kept`: what was left as it is here.  `drafts`: what came and could not be published."""

    dry_run: bool
    made: Counter[Kind] = field(default_factory=Counter)
    changed: Counter[Kind] = field(default_factory=Counter)
    unchanged: Counter[Kind] = field(default_factory=Counter)
    redirects: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    drafts: list[tuple[str, str]] = field(default_factory=list)
    losses: Counter[str] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        """As JSON says it."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: {what: count for what, count in value.items() if count} if isinstance(value, Counter) else value
            for name, value in said.items()
        }


class _Undone(Exception):
    pass


async def bring(issue: Issue, parts: Parts, told: Told) -> Report:
    """Raises NotFound for a section that is not there, Unavailable; a story, photo or author that is refused is told in the report.

    With `dry_run` everything is tried in one transaction that is undone; photos are not fetched.
    """
    run = _Run(issue, parts)
    async with _perhaps_undone(parts.dry_run):
        await run.all(told)
    run.report.losses = issue.losses
    run.report.refused += issue.refused
    return run.report


@asynccontextmanager
async def _perhaps_undone(dry_run: bool) -> AsyncIterator[None]:
    if not dry_run:
        yield
        return
    try:
        async with db.transaction():
            yield
            raise _Undone
    except _Undone:
        pass


class _Run:
    def __init__(self, issue: Issue, parts: Parts):
        self.issue, self.parts, self.report = issue, parts, Report(parts.dry_run)
        self.client: Client | None = None
        self.sections: dict[str | None, str] = {}
        self.authors: dict[str, str | None] = {}
        self.photos: dict[str, UUID | None] = {}
        self.named = {one.key: one for one in issue.sections}

    async def all(self, told: Told) -> None:
        if self.parts.section and await origins.named("section", self.parts.section) is None:
            raise NotFound(f"There is no section {self.parts.section}.", "section")
        done, linked = 0, list[Story]()
        told(done)
        for story in self.issue.stories():
            if any(link.key for link in story.related):
                linked.append(story)  # its links may lead to what comes after it
                await self._told(story, whole=False)
                continue
            await self._told(story)
            told(done := done + 1)
        for story in linked:
            await self._told(story)
            told(done := done + 1)
        for section in self.named:
            await self._section(section)
        for author in self.issue.authors:
            await self._author(author)
        for picture in list(self.issue.pictures):
            await self._photo(picture)

    async def _told(self, story: Story, *, whole: bool = True) -> None:
        try:
            await self._story(story, whole)
        except (Refusal, Refused) as error:
            if whole:
                self.report.refused.append((story.headline or story.key, error.message))

    # -------------------------------------------------------------------------------------------------------- stories

    async def _story(self, story: Story, whole: bool) -> None:
        known = await origins.known(self.issue.source, "article", story.key)
        if story.withdrawn:
            await self._withdraw(story, known)
            return
        if known and known.current is None:
            self.report.kept.append((story.headline, "deleted here"))
            return
        if not whole:
            if known is None:
                bare = {
                    "headline": story.headline,
                    "slug": story.slug or None,
                    "section": await self._section(story.section),
                }
                async with db.transaction():
                    made = await self._created(bare)
                    await origins.record(self.issue.source, "article", story.key, made, "")
            return
        fields = await self._fields(story)
        digest = _digest((story, fields["lead_photo"], fields["gallery"], fields["related"], fields["body"]))
        if known and known.digest == digest:
            self.report.unchanged["story"] += 1
        elif known and known.current != known.version:
            self.report.kept.append((story.headline, "edited here since"))
        else:
            await self._write(story, fields, digest, known)

    async def _write(self, story: Story, fields: dict[str, Any], digest: str, known: origins.Known | None) -> None:
        async with db.transaction():
            if known is None:
                id, version = await self._created(fields), 1
            else:
                id = known.id
                version = known.current or 1
                await articles.update(
                    SYSTEM, id, version, {name: one for name, one in fields.items() if name != "slug"}
                )
                version += 1
            await self._show(story, id, version, known is not None and known.out)
            await origins.record(self.issue.source, "article", story.key, id, digest)
            refused = await origins.lead_here(id, story.paths)
        self.report.redirects += len(story.paths) - len(refused)
        self.issue.losses["old addresses that are another story's or too long"] += len(refused)
        (self.report.changed if known and known.digest else self.report.made)["story"] += 1

    async def _created(self, fields: dict[str, Any]) -> UUID:
        try:
            async with db.transaction():
                return await articles.create(SYSTEM, fields)
        except SlugTaken:
            return await articles.create(SYSTEM, {**fields, "slug": None})

    async def _show(self, story: Story, id: UUID, version: int, out: bool) -> None:
        """Published since it was there, or scheduled; what may not be published stays a draft, and that is told."""
        if story.state == "draft" or story.at is None:
            with suppress(BadState):  # it was never out for readers, or is not any more
                if out:
                    await publishing.unpublish(SYSTEM, id, version)
            return
        if out:
            return
        instant = await now()
        since, at = (story.at, None) if story.at <= instant else (None, story.at)
        try:
            async with db.transaction():
                await publishing.publish(SYSTEM, id, version, at=at, since=since)
        except (Refusal, Refused) as error:
            self.report.drafts.append((story.headline, error.message))
            return
        if story.ends and story.ends <= instant:
            await publishing.unpublish(SYSTEM, id, version + 1)
            self.issue.losses["stories past their end, taken over as unpublished"] += 1

    async def _withdraw(self, story: Story, known: origins.Known | None) -> None:
        if known is None or known.current is None:
            self.issue.losses["withdrawals of stories that were never here"] += 1
            return
        try:
            async with db.transaction():
                await publishing.withdraw(SYSTEM, known.id, known.current, note="Withdrawn at its source.")
        except BadState:  # it is already, or was never out
            self.report.unchanged["story"] += 1
            return
        self.report.changed["story"] += 1

    async def _fields(self, story: Story) -> dict[str, Any]:
        instant, losses = await now(), self.issue.losses
        losses["tags beyond the hundredth"] += max(0, len(story.tags) - MOST_TAGS)
        lead = await self._photo(story.lead)
        body = [block for piece in story.body if (block := await self._block(piece))]
        gallery = [{"photo": photo} for key in story.gallery[:MOST_GALLERY] if (photo := await self._photo(key))]
        authors = [slug for key in story.authors if (slug := await self._author(key))]
        seo = {"title": story.seo_title, "description": story.seo_description}
        return {
            "headline": story.headline,
            "slug": story.slug or None,
            "section": await self._section(story.section),
            "language": self._language(story.language),
            "kicker": story.kicker,
            "summary": story.summary,
            "body": body,
            "authors": list(dict.fromkeys(authors))[:MOST_AUTHORS],
            "byline_override": story.byline,
            "dateline": story.dateline,
            "tags": list(story.tags[:MOST_TAGS]),
            "lead_photo": {"photo": lead} if lead else None,
            "gallery": gallery,
            "related": await self._links(story),
            "seo": seo if any(seo.values()) else None,
            "urgency": story.urgency,
            "internal_note": story.note,
            "embargoed_until": story.embargo if story.embargo and story.embargo > instant else None,
            **({"expires_at": story.ends} if story.ends and story.ends > instant else {}),
        }

    async def _block(self, piece: Piece) -> dict[str, Any] | None:
        if isinstance(piece, Html):
            return {"html": piece.html}
        if isinstance(piece, Embedded):
            return {"embed": {"url": piece.url}}
        shown = []
        for key, caption in piece.photos:
            if photo := await self._photo(key):
                own = self.issue.pictures[key].caption
                shown.append({"photo": photo, "caption": caption if caption != own else None})
        if len(shown) > 1:
            return {"gallery": {"photos": shown[:MOST_GALLERY]}}
        return {"photo": shown[0]} if shown else None

    async def _links(self, story: Story) -> list[dict[str, Any]]:
        links: dict[object, dict[str, Any]] = {}
        for link in story.related:
            there = await origins.known(self.issue.source, "article", link.key) if link.key else None
            if there and there.current is not None and link.key != story.key:
                links[there.id] = {"article": there.id}
            elif link.url and link.key != story.key:
                links[link.url] = {"url": link.url, "title": link.title}
            else:
                self.issue.losses["links to stories that are not here"] += 1
        return list(links.values())[:MOST_LINKS]

    def _language(self, tag: str) -> str:
        try:
            return language(tag.replace("_", "-"), ("language",))
        except Refusal:
            self.issue.losses["languages that are no BCP 47 tags"] += 1
            return self.parts.settings.site_language

    # --------------------------------------------------------------------------------------------- sections and authors

    async def _section(self, key: str | None) -> str:
        """Its slug."""
        if self.parts.section and key not in self.named:
            return self.parts.section
        if key not in self.sections:
            named = self.named.get(key) if key is not None else None
            named = named or Named(UNSORTED, "Imported", UNSORTED)
            self.sections[key] = named.slug or UNSORTED  # for sections that stand below themselves
            self.sections[key] = await self._term("section", named)
        return self.sections[key]

    async def _author(self, key: str) -> str | None:
        if key not in self.authors:
            named = self.issue.authors[key]
            self.authors[key] = await self._term("author", named) if named.slug else None
            if not named.slug:
                self.issue.losses["authors whose names have no letters"] += 1
        return self.authors[key]

    async def _term(self, kind: Literal["author", "section"], named: Named) -> str:
        """The slug of what was imported before, of what has this slug already, or of what is made now."""
        known = await origins.known(self.issue.source, kind, named.key)
        if known and known.current is not None:
            self.report.unchanged[kind] += 1
            return known.name
        async with db.transaction():
            id = await origins.named(kind, named.slug)
            counted = self.report.unchanged if id else self.report.made
            id = id or await (self._new_section(named) if kind == "section" else self._new_author(named))
            await origins.record(self.issue.source, kind, named.key, id, "")
        counted[kind] += 1
        found = await origins.known(self.issue.source, kind, named.key)
        assert found is not None
        return found.name

    async def _new_section(self, named: Named) -> UUID:
        parent = (
            await origins.named("section", await self._section(named.parent)) if named.parent in self.named else None
        )
        given = {"name": named.name, "slug": named.slug or None, "description": named.description, "parent": parent}
        if named.slug in taxonomy.RESERVED:
            given["slug"] = f"{named.slug}-section"
        return await taxonomy.save_section(SYSTEM, given)

    async def _new_author(self, named: Named) -> UUID:
        return await taxonomy.save_author(SYSTEM, {"name": named.name or named.key, "slug": named.slug})

    # ---------------------------------------------------------------------------------------------------------- photos

    async def _photo(self, key: str | None) -> UUID | None:
        """The photo here; None for one that did not come, which is told once."""
        if key is None or key not in self.issue.pictures:
            return None
        if key not in self.photos:
            picture = self.issue.pictures[key]
            try:
                self.photos[key] = await self._taken(picture)
            except (Refusal, Refused) as error:
                self.photos[key] = None
                self.report.refused.append((picture.url, error.message))
        return self.photos[key]

    async def _taken(self, picture: Picture) -> UUID | None:
        digest = _digest(picture)
        known = await origins.known(self.issue.source, "photo", picture.key)
        if known is None:
            self.report.made["photo"] += self.parts.dry_run
            return None if self.parts.dry_run else await self._new_photo(picture, digest)
        if not known.out:
            self.report.kept.append((picture.url, "withdrawn here, or its rights have ended"))
            return None
        if known.digest == digest:
            self.report.unchanged["photo"] += 1
        elif known.current != known.version:
            self.report.kept.append((picture.url, "edited here since"))
        else:
            async with db.transaction():
                await photos.update(SYSTEM, known.id, known.version, _said(picture))
                await origins.record(self.issue.source, "photo", picture.key, known.id, digest)
            self.report.changed["photo"] += 1
        return known.id

    async def _new_photo(self, picture: Picture, digest: str) -> UUID:
        async with self._file(picture.url) as (path, filename):
            with path.open("rb") as file:
                twin = await photos.in_archive(hashlib.file_digest(file, "sha256").hexdigest())
            id = await self._uploaded(photos.Upload(path, filename), _said(picture))
        await origins.record(self.issue.source, "photo", picture.key, id, digest)
        (self.report.unchanged if twin else self.report.made)["photo"] += 1
        return id

    async def _uploaded(self, file: photos.Upload, said: dict[str, Any]) -> UUID:
        """What the file says of itself fills in what its source does not say."""
        parts = self.parts

        async def upload(fields: dict[str, Any]) -> UUID:
            done = await photos.upload(
                SYSTEM,
                parts.store,
                parts.workshop,
                file,
                fields,
                settings=parts.settings,
                on_duplicate="RETURN_EXISTING",
            )
            return done.id

        try:
            return await upload(said)
        except CreditMissing:
            if parts.credit is None:
                raise
            return await upload({**said, "credit": parts.credit})

    @asynccontextmanager
    async def _file(self, url: str) -> AsyncIterator[tuple[Path, str]]:
        """From the folder, or else from its address.  Raises FileMissing, BadInput, FileTooLarge."""
        path = unquote(urlsplit(url).path)
        name = path.rstrip("/").rpartition("/")[2] or "photo"
        if found := _in_folder(self.parts.media, path):
            yield found, name
            return
        if not url.startswith(("http://", "https://")):
            raise FileMissing("There is no such file in the folder of the import.")
        data = await self._fetched(url)
        with tempfile.NamedTemporaryFile(prefix="dateline-") as file:
            file.write(data)
            file.flush()
            yield Path(file.name), name

    async def _fetched(self, url: str) -> bytes:
        self.client = self.client or Client(self.parts.settings)
        try:
            answer = await self.client.get(url, self.parts.settings.max_upload_mb * 1_000_000, FETCH_SECONDS)
        except Unavailable as error:
            raise FileMissing(f"It cannot be fetched. {error.message}") from error
        if answer.status != 200:
            raise FileMissing(f"Its address answers with the status {answer.status}.")
        return answer.body


def _said(picture: Picture) -> dict[str, Any]:
    """As the fields of a photo; what the source does not say is left to the file."""
    given = {
        "credit": picture.credit,
        "caption": picture.caption,
        "alt_text": picture.alt_text,
        "headline": picture.headline,
        "copyright_notice": picture.copyright_notice,
        "usage_terms": picture.usage_terms,
        "keywords": list(picture.keywords),
    }
    return {name: value for name, value in given.items() if value}


def _in_folder(folder: Path | None, path: str) -> Path | None:
    """The file whose path ends like this one: a copy of a site's uploads need not begin where its addresses do."""
    if folder is None or "\0" in path:
        return None
    root, parts = folder.resolve(), [part for part in path.split("/") if part]
    for start in range(len(parts)):
        file = root.joinpath(*parts[start:]).resolve()
        if file.is_relative_to(root) and file.is_file():
            return file
    return None


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
