"""The slow truth: the same questions answered by plain Python over plain Tortoise objects, all loaded beforehand.

It shares nothing with the engine: who sees what, orders, what a cursor means and what a filter keeps are written here a
second time, as naively as can be.
"""

import base64
import hmac
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from graphql import (
    FragmentDefinitionNode,
    GraphQLObjectType,
    get_named_type,
    get_variable_values,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import get_argument_values

from cms import body, clock, credit, history, jsonld, models
from cms.actor import Actor
from cms.settings import DEFAULT_SECRET_KEY
from media import likeness
from schema.selection import plain

LADDER = (160, 320, 480, 640, 800, 1024, 1280, 1600, 2048, 2560)
SITE, PUBLIC, NAME = "https://news.example", "https://cms.example", "The Example"

NODES = ("Article", "Photo", "Section", "Author", "Tag", "Collection", "User", "Partner", "Feed")
KEY_TIMES = {"createdAt": "created", "lastUsedAt": "last_used", "expiresAt": "expires", "revokedAt": "revoked"}

Fields = dict[str, Callable[[], Any]]


class Refused(Exception):
    """A page size, a cursor or a picture that nobody gets."""


def stamp(value: datetime | None) -> str | None:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def private_token(feed: Any) -> str:
    said = f"feed {feed.id} {feed.secret_number}".encode()
    return base64.urlsafe_b64encode(hmac.new(DEFAULT_SECRET_KEY.encode(), said, "sha256").digest()[:24]).decode()


def same(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", same(text))


def begins(texts: list[str], sought: list[str]) -> bool:
    """Is there a word for each, that it begins or, of one or two letters, that it is?"""
    said = [word for text in texts for word in words(text)]

    def there(one: str) -> bool:
        return any(word == one or (len(one.encode()) > 2 and word.startswith(one)) for word in said)

    return bool(sought) and all(there(one) for one in sought)


class Newsroom:
    """Every row, by key, and link rows by the article that they belong to, in their order."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[UUID, Any]] = {}
        self.of: dict[str, dict[UUID, list[Any]]] = {}
        self.said: dict[UUID, list[Any]] = defaultdict(list)  # of a photo
        self.given: set[tuple[UUID, UUID]] = set()  # (partner, story or photo)

    async def load(self) -> "Newsroom":
        for name in [
            "Article",
            "Photo",
            "Section",
            "Author",
            "Tag",
            "User",
            "ArticlePhoto",
            "ArticleAuthor",
            "ArticleTag",
            "RelatedLink",
            "Revision",
            "Correction",
            "PhotoRevision",
            "ApiKey",
            "AuditEntry",
            "Collection",
            "CollectionItem",
            "FormerSlug",
            "Partner",
            "PartnerSection",
            "Feed",
            "FeedTag",
            "Change",
            "Delivery",
        ]:
            rows = await getattr(models, name).all()
            self.rows[name] = {row.pk: row for row in rows}
            owned: dict[UUID, list[Any]] = defaultdict(list)
            for row in rows:
                if hasattr(row, "article_id"):
                    owned[row.article_id].append(row)
            for some in owned.values():
                some.sort(key=lambda row: getattr(row, "position", 0))
            self.of[name] = owned
        for row in self.all("PhotoRevision"):
            self.said[row.photo_id].append(row)
        self.given = {(row.partner_id, row.subject_id) for row in self.all("Delivery")}
        return self

    def all(self, name: str) -> list[Any]:
        return list(self.rows[name].values())


class Reference:
    """What one actor is told."""

    def __init__(self, room: Newsroom, actor: Actor):
        self.room, self.actor, self.now = room, actor, datetime.now(UTC)
        self.staff = actor.role in ("CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR", "ADMIN")
        self.partner = room.rows["Partner"][actor.partner_id] if actor.partner_id else None
        chosen = [one.section_id for one in room.all("PartnerSection") if one.partner_id == actor.partner_id]
        self.subscribed = {key for one in chosen for key in self.subtree(room.rows["Section"][one])}

    # ------------------------------------------------------------------------------------------ who sees what

    def status(self, a: Any) -> str:
        if a.withdrawn_at:
            return "WITHDRAWN"
        if a.live_from == models.FAR:
            return "IN_REVIEW" if a.in_review else "DRAFT"
        if a.live_from > self.now:
            return "SCHEDULED"
        if a.live_until and a.live_until <= self.now:
            return "UNPUBLISHED"
        return "SCHEDULED" if a.embargo_until and a.embargo_until > self.now else "PUBLISHED"

    def sees(self, kind: str, row: Any) -> bool:
        if kind == "Article":
            if row.copy_of_id:
                return False
            if self.actor.role in ("PHOTO_EDITOR", "EDITOR", "ADMIN"):
                return True
            mine = self.actor.role == "CONTRIBUTOR" and row.created_by == self.actor.user_id
            early = bool(self.partner and self.partner.embargo_access) and self.out_but_for_its_embargo(row)
            return mine or ((self.status(row) == "PUBLISHED" or early) and self.entitled(kind, row))
        if kind == "Photo":
            return self.staff or (self.usable(row) and self.entitled(kind, row))
        if kind == "Tag":
            return bool(self.staff or row.visible_from <= self.now)
        if kind == "User":
            return self.actor.role == "ADMIN" or row.id == self.actor.user_id
        if kind == "Key":
            mine = (row.user_id or row.partner_id) in {self.actor.user_id, self.actor.partner_id} - {None}
            return mine or self.actor.role == "ADMIN"
        if kind == "Partner":
            return self.actor.role == "ADMIN" or row is self.partner
        if kind == "Feed":
            return bool(self.staff or row.partner_id is None or row.partner_id == self.actor.partner_id)
        if kind == "AuditEntry":
            return self.actor.role == "ADMIN"
        return True

    def out_but_for_its_embargo(self, a: Any) -> bool:
        return not a.withdrawn_at and a.live_from <= self.now and not (a.live_until and a.live_until <= self.now)

    def entitled(self, kind: str, row: Any) -> bool:
        """A partner to this story or photo, whatever state it is in; everyone else to all."""
        if self.partner is None:
            return True
        if kind == "Article":
            return not self.subscribed or row.section_id in self.subscribed
        where, whose = self.partner.territories, self.partner.photo_distributors
        there = not row.territories or (bool(where) and all(one in row.territories for one in where))
        theirs = whose is None or row.distributor_key is None or row.distributor_key in whose
        return bool(row.syndicatable and there and theirs)

    def told(self, change: Any) -> bool:
        """Is this change in the caller's ledger?"""
        kind, subject = change.subject_type, self.room.rows[change.subject_type].get(change.subject_id)
        if subject is None:
            return False
        if change.ahead and not (self.staff or (self.partner and self.partner.embargo_access)):
            return False
        if self.sees(kind, subject):
            return True
        if self.staff and change.ahead:
            return False
        over = change.kind in ("ARTICLE_UNPUBLISHED", "ARTICLE_WITHDRAWN", "PHOTO_WITHDRAWN")
        had = (self.actor.partner_id, subject.id) in self.room.given
        return (over and self.entitled(kind, subject)) or (had and (over or change.kind == "PHOTO_RIGHTS_CHANGED"))

    def got(self, delivery: Any) -> bool:
        return self.actor.role == "ADMIN" or (self.partner is not None and delivery.partner_id == self.partner.id)

    def got_word_of(self, change: Any) -> bool:
        """Does it stand in a partner's history that the caller may look into?"""
        return any(one.change_id == change.pk and self.got(one) for one in self.room.all("Delivery"))

    def heard_of(self, key: UUID) -> bool:
        """Was the caller told anything of this story or photo?"""
        changes = [one for one in self.room.all("Change") if one.subject_id == key]
        return any(self.told(one) or self.got_word_of(one) for one in changes)

    def usable(self, photo: Any) -> bool:
        return photo.status == "READY" and (photo.rights_until is None or photo.rights_until > self.now)

    def published(self, a: Any) -> datetime | None:
        found: datetime | None = a.first_live_from or (a.live_from if a.live_from <= self.now else None)
        return found

    def articles(self, keep: Callable[[Any], bool] = lambda a: True) -> list[Any]:
        return [a for a in self.room.all("Article") if self.sees("Article", a) and keep(a)]

    def placed(self, a: Any, *roles: str) -> list[Any]:
        photos = self.room.rows["Photo"]
        mine = self.room.of["ArticlePhoto"][a.id]
        return [one for one in mine if self.sees("Photo", photos[one.photo_id]) and (not roles or one.role in roles)]

    def lacks(self, a: Any) -> bool:
        photos = [self.room.rows["Photo"][one.photo_id] for one in self.room.of["ArticlePhoto"][a.id]]
        return any(self.usable(one) and not self.entitled("Photo", one) for one in photos)

    def subtree(self, section: Any) -> set[UUID]:
        return {one.id for one in self.room.all("Section") if one.path.startswith(section.path)}

    # ------------------------------------------------------------------------------------------- one field

    def field(self, kind: str, o: Any, name: str, args: dict[str, Any]) -> Any:
        """A scalar, or (type, object), or a list of such, or a connection."""
        if name == "id" and kind in (*NODES, "Key", "Delivery"):
            return f"{kind.lower()}_{o.id}"
        return getattr(self, f"_{kind.lower()}")(o, name, args)

    def _article(self, a: Any, name: str, args: dict[str, Any]) -> Any:
        room = self.room
        fields: Fields = {
            "url": lambda: SITE + a.path,
            "status": lambda: self.status(a),
            "wordCount": lambda: a.word_count,
            "readingMinutes": lambda: -(-a.word_count // 238),
            "createdAt": lambda: stamp(a.created_at),
            "updatedAt": lambda: stamp(a.updated_at),
            "publishedAt": lambda: stamp(self.published(a)),
            "modifiedAt": lambda: stamp(a.modified_at or self.published(a)),
            "scheduledFor": lambda: stamp(a.live_from) if self.staff and self.status(a) == "SCHEDULED" else None,
            "expiresAt": lambda: stamp(a.live_until),
            "embargoedUntil": lambda: stamp(a.embargo_until),
            "section": lambda: ("Section", room.rows["Section"][a.section_id]),
            "authors": lambda: [("Author", one) for one in self.signed(a)],
            "byline": lambda: self.byline(a),
            "tags": lambda: [("Tag", room.rows["Tag"][one.tag_id]) for one in room.of["ArticleTag"][a.id]],
            "photos": lambda: [("PlacedPhoto", one) for one in self.placed(a)],
            "gallery": lambda: [("PlacedPhoto", one) for one in self.placed(a, "GALLERY")],
            "leadPhoto": lambda: next((("PlacedPhoto", one) for one in self.placed(a, "LEAD")), None),
            "related": lambda: self.related(a, 4 if args["first"] is None else args["first"]),
            "linkedFrom": lambda: self.page("Article", self.articles(lambda b: self.links(b, a)), args),
            "translations": lambda: [("Article", one) for one in self.translations(a)],
            "seo": lambda: ("Seo", a),
            "internalNote": lambda: a.internal_note if self.staff else None,
            "omitted": lambda: "RIGHTS" if self.lacks(a) else None,
            "corrections": lambda: [("Record", {"at": stamp(one.at), "text": one.text}) for one in self.corrections(a)],
            "revisions": lambda: self.page("Revision", self.saved(a), args),
            "workingCopy": lambda: next(
                (self.past(one, working=True) for one in self.version(a, a.working_version)), None
            ),
            "asOf": lambda: self.as_of(a, args["time"]),
            "diff": lambda: [("Record", one) for one in self.differences(a, args["from"], args["to"])],
            "checks": lambda: [("Record", one) for one in self.checks(a)],
            "body": lambda: [("Block", (a, block)) for block in a.body],
            "bodyHtml": lambda: body.to_html(a.body, self.figures(a)),
            "bodyText": lambda: body.to_text(a.body),
            "jsonLd": lambda: jsonld.news_article(self.linked_data(a), NAME, SITE),
        }
        return fields[name]() if name in fields else getattr(a, name)

    def corrections(self, a: Any) -> list[Any]:
        return sorted(self.room.of["Correction"][a.id], key=lambda one: (one.at, one.version), reverse=True)

    def saved(self, a: Any) -> list[Any]:
        mine = self.actor.role == "CONTRIBUTOR" and a.created_by == self.actor.user_id
        return self.room.of["Revision"][a.id] if mine or self.actor.role in ("PHOTO_EDITOR", "EDITOR", "ADMIN") else []

    def version(self, a: Any, number: int | None) -> list[Any]:
        return [one for one in self.saved(a) if one.version == number]

    def past(self, r: Any, moment: datetime | None = None, working: bool = False) -> Any:
        """A revision, with its photos and links as they were told of then."""
        content = (r.working_snapshot if working else None) or r.snapshot
        return "Past", {"row": r, "moment": moment, "content": content}

    def as_of(self, a: Any, time: datetime) -> Any:
        found = self.newest(a.id, time)
        return found and self.past(found, time)

    def newest(self, key: UUID, time: datetime) -> Any:
        rows = [one for one in self.room.of["Revision"][key] if not one.working and one.at <= time]
        last = max(rows, key=lambda one: (one.at, one.version), default=None)
        return last if last and self.public_at(last, time) else None

    def differences(self, a: Any, before: int, after: int) -> list[dict[str, Any]]:
        pairs = [(old, new) for old in self.version(a, before) for new in self.version(a, after)]
        told = [[history.told(one.snapshot, self.linked(one.snapshot)) for one in pair] for pair in pairs]
        return [change for pair in told for change in history.changes(*pair)]

    def linked(self, content: dict[str, Any]) -> set[str]:
        """Stories that were ever saved and that the caller sees."""
        keys = {UUID(one["article"]) for one in content["related"] if one["article"]}
        rows = self.room.rows["Article"]
        return {str(key) for key in keys if self.room.of["Revision"][key] and self.sees("Article", rows[key])}

    def _revision(self, r: Any, name: str, args: dict[str, Any]) -> Any:
        return self._past(self.past(r)[1], name, args)

    def _past(self, past: dict[str, Any], name: str, args: dict[str, Any]) -> Any:
        r, moment, content = past["row"], past["moment"], past["content"]
        said = self.said(content, moment or r.at, moment is not None)
        seen = history.as_seen(content, said, self.told_links(content, moment) if moment else {})
        fields: Fields = {
            "version": lambda: r.version,
            "at": lambda: stamp(r.at),
            "by": lambda: r.by if self.staff else NAME,
            "note": lambda: r.note if self.staff else None,
            "headline": lambda: content["headline"],
            "summary": lambda: content["summary"],
            "bodyHtml": lambda: body.to_html(content["body"], {one["id"]: self.then(one) for one in seen["photos"]}),
            "snapshot": lambda: history.told(seen) if moment else history.told(content, self.linked(content)),
        }
        return fields[name]()

    def said(self, content: dict[str, Any], at: datetime, public: bool) -> dict[str, Any]:
        """What was said of its photos at an instant, as far as the caller may see them now, and readers might then."""
        found: dict[str, Any] = {}
        for key in {one["photo"] for one in content["photos"]}:
            rows = [one for one in self.room.said[UUID(key)] if one.at <= at]
            if not rows or not self.sees("Photo", self.room.rows["Photo"][UUID(key)]):
                continue
            told = max(rows, key=lambda one: one.version).snapshot
            until = told["rights_until"] and datetime.fromisoformat(told["rights_until"])
            if not public or (told["status"] == "READY" and (until is None or until > at)):
                found[key] = told
        return found

    def told_links(self, content: dict[str, Any], at: datetime) -> dict[str, Any]:
        rows = self.room.rows["Article"]
        keys = [UUID(one["article"]) for one in content["related"] if one["article"]]
        seen = {key: self.newest(key, at) for key in keys if self.sees("Article", rows[key])}
        return {
            str(key): {"headline": one.snapshot["headline"], "url": SITE + rows[key].path}
            for key, one in seen.items()
            if one
        }

    def then(self, placed: dict[str, Any]) -> dict[str, Any]:
        photo = self.room.rows["Photo"][UUID(placed["photo"])]
        width, height = self.shown(photo)
        shown = {"url": self.address(photo, {"width": 1280}), "width": width, "height": height}
        return {"caption": placed["caption"], "credit": placed["credit"], "altText": placed["alt_text"], "photo": shown}

    def checks(self, a: Any) -> list[dict[str, str]]:
        """What fails for a story: of itself, then photo by photo, then link by link."""
        found: list[tuple[str, str, str]] = []
        if not self.staff:
            return []
        over = a.live_from <= self.now and a.live_until and a.live_until <= self.now
        ends = None if over else a.live_until
        planned = self.now < a.live_from < models.FAR
        begins = a.live_from if planned else self.now
        seen = max(begins, a.embargo_until or begins)
        if not a.body:
            found.append(("BLOCKS", "BODY_MISSING", "The story has no body."))
        if not a.summary:
            found.append(("WARNS", "SUMMARY_MISSING", "The story has no summary."))
        if ends and ends <= begins:
            found.append(("BLOCKS", "EXPIRES_TOO_SOON", "The story would expire before it is published."))
        if a.embargo_until and ((ends and a.embargo_until >= ends) or (planned and a.embargo_until > begins)):
            found.append(("BLOCKS", "EMBARGOED", "The embargo lasts longer than the schedule says."))
        for one in self.room.of["ArticlePhoto"][a.id]:
            photo = self.room.rows["Photo"][one.photo_id]
            place = {"LEAD": "The lead photo", "GALLERY": "A photo in the gallery"}.get(one.role, "A photo in the body")
            words = self.words(one)
            for fails, level, code, says in (
                (photo.status == "WITHDRAWN", "BLOCKS", "PHOTO_WITHDRAWN", "was withdrawn."),
                (
                    photo.rights_until and photo.rights_until <= seen,
                    "BLOCKS",
                    "RIGHTS_EXPIRED",
                    "may not be shown any more when readers would see it.",
                ),
                (
                    photo.restrictions or photo.territories,
                    "WARNS",
                    "RIGHTS_RESTRICTED",
                    "may not be shown everywhere or in every way: see its restrictions.",
                ),
                (not photo.credit, "BLOCKS", "CREDIT_MISSING", "has no credit."),
                (not words["caption"], "WARNS", "CAPTION_MISSING", "has no caption."),
                (not words["altText"], "WARNS", "ALT_TEXT_MISSING", "has no alternative text."),
            ):
                if fails:
                    found.append((level, code, f"{place} ({photo.filename}) {says}"))
        for one in self.room.of["RelatedLink"][a.id]:
            target = self.room.rows["Article"].get(one.target_id)
            if target and self.sees("Article", target) and not self.public_at(target, seen):
                said = f"Link {one.position + 1} leads to a story that readers would not see."
                found.append(("WARNS", "LINK_HIDDEN", said))
        return [{"level": level, "code": code, "message": message} for level, code, message in found]

    def public_at(self, a: Any, at: datetime) -> bool:
        ended, held = a.live_until and a.live_until <= at, a.embargo_until and a.embargo_until > at
        return not a.withdrawn_at and a.live_from <= at and not ended and not held

    def signed(self, a: Any) -> list[Any]:
        return [self.room.rows["Author"][one.author_id] for one in self.room.of["ArticleAuthor"][a.id]]

    def byline(self, a: Any) -> str:
        names = [one.name for one in self.signed(a)]
        if a.byline_override:
            return str(a.byline_override)
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} and {names[-1]}"

    def links(self, b: Any, a: Any) -> bool:
        return any(one.target_id == a.id for one in self.room.of["RelatedLink"][b.id])

    def related(self, a: Any, first: int) -> list[Any]:
        if not 1 <= first <= 100:
            raise Refused
        articles = self.room.rows["Article"]
        rows = self.room.of["RelatedLink"][a.id]
        shown = [one for one in rows if one.target_id is None or self.sees("Article", articles[one.target_id])]
        return [("RelatedLink", one) for one in shown[:first]]

    def figures(self, a: Any) -> dict[str, Any]:
        def one(placed: Any) -> dict[str, Any]:
            photo = self.room.rows["Photo"][placed.photo_id]
            width, height = self.shown(photo)
            shown = {"url": self.address(photo, {"width": 1280}), "width": width, "height": height}
            return {**self.words(placed), "photo": shown}

        return {str(placed.id): one(placed) for placed in self.placed(a)}

    def words(self, placed: Any) -> dict[str, str]:
        photo = self.room.rows["Photo"][placed.photo_id]
        caption = photo.caption if placed.caption is None else placed.caption
        alt = placed.alt_text if placed.alt_text is not None else photo.alt_text
        return {"caption": caption, "credit": photo.credit, "altText": alt or ""}

    def linked_data(self, a: Any) -> dict[str, Any]:
        lead = next(iter(self.placed(a, "LEAD")), None)
        photo = lead and self.room.rows["Photo"][lead.photo_id]
        picture = photo and {
            "url": self.address(photo, {"width": 1280}),
            "width": self.shown(photo)[0],
            "height": self.shown(photo)[1],
            "copyrightNotice": photo.copyright_notice,
            "licenseUrl": photo.license_url,
            "creators": photo.creators,
        }
        return {
            "url": SITE + a.path,
            "headline": a.headline,
            "summary": a.summary,
            "publishedAt": stamp(self.published(a)),
            "modifiedAt": stamp(a.modified_at or self.published(a)),
            "language": a.language,
            "dateline": a.dateline,
            "wordCount": a.word_count,
            "section": {"name": self.room.rows["Section"][a.section_id].name},
            "authors": [{"name": one.name, "slug": one.slug} for one in self.signed(a)],
            "tags": [{"name": self.room.rows["Tag"][one.tag_id].name} for one in self.room.of["ArticleTag"][a.id]],
            "leadPhoto": lead and {**self.words(lead), "photo": picture},
            "corrections": [{"at": stamp(one.at), "text": one.text} for one in self.corrections(a)],
        }

    def _seo(self, a: Any, name: str, args: dict[str, Any]) -> Any:
        return {
            "title": a.seo_title or a.headline,
            "description": a.seo_description or a.summary or "",
            "canonicalUrl": a.canonical_url or SITE + a.path,
            "noindex": a.noindex,
        }[name]

    def _block(self, pair: Any, name: str, args: dict[str, Any]) -> Any:
        a, block = pair
        shown = {str(one.id): ("PlacedPhoto", one) for one in self.placed(a)}
        if name == "photo":
            return shown.get(block["placed"])
        if name == "photos":
            return [shown[one] for one in block["placed"] if one in shown]
        if name == "photoId":
            placed = shown.get(block["placed"]) if self.staff else None
            return placed and f"photo_{placed[1].photo_id}"
        return block.get(name)

    def _placedphoto(self, one: Any, name: str, args: dict[str, Any]) -> Any:
        photo = self.room.rows["Photo"][one.photo_id]
        fields = {
            "role": getattr(one, "role", "LEAD"),  # what stands in a list stands at its story's head
            "photo": ("Photo", photo),
            **self.words(one),
            "drifted": one.caption is not None and photo.caption_version > one.photo_version,
            "captionOverride": one.caption if self.staff else None,
            "altTextOverride": one.alt_text if self.staff else None,
        }
        return fields[name]

    def translations(self, a: Any) -> list[Any]:
        found = self.articles(lambda b: a.translation_set == b.translation_set is not None and b.id != a.id)
        return sorted(found, key=lambda b: (b.language, b.id.bytes))

    def _collection(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        if name == "items":
            first = 20 if args["first"] is None else args["first"]
            if not 1 <= first <= 100:
                raise Refused
            mine = [one for one in self.room.all("CollectionItem") if one.collection_id == o.id]
            seen = [one for one in mine if self.sees("Article", self.room.rows["Article"][one.article_id])]
            return [("CollectionItem", one) for one in sorted(seen, key=lambda one: one.position)[:first]]
        return stamp(o.updated_at) if name == "updatedAt" else getattr(o, name)

    def _collectionitem(self, one: Any, name: str, args: dict[str, Any]) -> Any:
        a = self.room.rows["Article"][one.article_id]
        if name == "article":
            return ("Article", a)
        if name != "photo":
            return getattr(a, name) if getattr(one, name) is None else getattr(one, name)
        if one.photo_id and self.sees("Photo", self.room.rows["Photo"][one.photo_id]):
            return ("PlacedPhoto", one)
        return next((("PlacedPhoto", lead) for lead in self.placed(a, "LEAD")), None)

    def _relatedlink(self, one: Any, name: str, args: dict[str, Any]) -> Any:
        target = self.room.rows["Article"].get(one.target_id)
        return {
            "kind": one.kind,
            "title": one.title or (target and target.headline),
            "url": one.url or (target and SITE + target.path),
            "article": target and ("Article", target),
        }[name]

    def _photo(self, p: Any, name: str, args: dict[str, Any]) -> Any:
        fields: Fields = {
            "url": lambda: self.address(p, args),
            "srcset": lambda: self.srcset(p, args),
            "creditChain": lambda: ("Record", self.chain(p)),
            "focalPoint": lambda: ("Record", {"x": p.focal_x, "y": p.focal_y}),
            "rights": lambda: ("Rights", p),
            "metadata": lambda: p.metadata if self.staff else None,
            "originalUrl": lambda: (
                self.original(p) if (self.staff or self.partner) and p.status != "WITHDRAWN" else None
            ),
            "location": lambda: ("Location", p) if any((p.city, p.country_code)) else None,
            "usedIn": lambda: self.page("Article", self.articles(lambda a: self.shows(a, p)), args),
            "similar": lambda: [
                ("Record", one) for one in self.similar(p, 5 if args["first"] is None else args["first"])
            ],
        }
        if name in fields:
            return fields[name]()
        value = getattr(p, "".join(f"_{c.lower()}" if c.isupper() else c for c in name))
        return stamp(value) if isinstance(value, datetime) else value

    def original(self, p: Any) -> str:
        path, ends = f"/originals/{p.id}/{p.filename}", int(clock.now().timestamp()) + 900
        seal = hmac.new(DEFAULT_SECRET_KEY.encode(), f"GET {path} {ends}".encode(), "sha256").hexdigest()
        return f"{PUBLIC}{quote(path)}?expires={ends}&signature={seal}"

    def similar(self, p: Any, first: int) -> list[dict[str, Any]]:
        if not 1 <= first <= 50:
            raise Refused
        found = []
        for other in self.room.all("Photo") if self.staff else []:
            exact = other.sha256 == p.sha256
            apart = 0 if exact else self.apart(p, other)
            if apart is not None and other.id != p.id:
                found.append((apart, not exact, other.id.bytes, other))
        return [
            {"photo": ("Photo", other), "distance": apart, "exact": not differs}
            for apart, differs, _, other in sorted(found)[:first]
        ]

    def apart(self, p: Any, other: Any) -> int | None:
        """Of pictures that share something to find them by."""
        pair = [likeness.parse(one.likeness) for one in (p, other)]
        shared = pair[0] and pair[1] and likeness.keys(pair[0]) & likeness.keys(pair[1])
        return likeness.distance(pair[0], pair[1]) if shared and pair[0] and pair[1] else None

    def shown(self, photo: Any) -> tuple[int, int]:
        """Scaled down to 1280 pixels, never up."""
        if photo.width <= 1280:
            return photo.width, photo.height
        return 1280, round(photo.height * 1280 / photo.width)

    def shows(self, a: Any, p: Any) -> bool:
        return any(one.photo_id == p.id for one in self.room.of["ArticlePhoto"][a.id])

    def chain(self, p: Any) -> dict[str, Any]:
        found = credit.chain(p.credit)
        made = {name: getattr(found, name) for name in ("creators", "source", "via", "distributor", "pool", "handout")}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in made.items()}

    def _rights(self, p: Any, name: str, args: dict[str, Any]) -> Any:
        known = {"usable": self.usable(p), "expiresAt": stamp(p.rights_until), "restrictions": p.restrictions}
        return {**known, "syndicatable": p.syndicatable, "territories": p.territories}[name]

    def _location(self, p: Any, name: str, args: dict[str, Any]) -> Any:
        return getattr(p, {"countryCode": "country_code"}.get(name, name))

    def _record(self, o: dict[str, Any], name: str, args: dict[str, Any]) -> Any:
        return o[name]

    @staticmethod
    def snap(size: int) -> int:
        return next((step for step in LADDER if step >= size), LADDER[-1])

    def address(self, p: Any, args: dict[str, Any]) -> str:
        format = args.get("format") or "AUTO"
        asked = [(name, args[name]) for name in ("width", "height") if args.get(name) is not None]
        if any(size < 1 for _, size in asked) or format in ("GIF", "TIFF", "HEIC"):
            raise Refused
        sides = [f"{name[0]}{self.snap(size)}" for name, size in asked]
        recipe = "-".join([*sides, (args.get("fit") or "COVER").lower()]) + "." + format.lower()
        return f"{PUBLIC}/images/{p.id}/{p.version}/{recipe}"

    def srcset(self, p: Any, args: dict[str, Any]) -> str:
        asked = args.get("widths") or (320, 640, 1280, 2048)
        if any(width < 1 for width in asked):
            raise Refused
        steps = sorted({self.snap(width) for width in asked})
        kept = [width for n, width in enumerate(steps) if n == 0 or width <= p.width]
        return ", ".join(f"{self.address(p, {'width': w, 'format': args['format']})} {w}w" for w in kept)

    def _section(self, s: Any, name: str, args: dict[str, Any]) -> Any:
        sections = self.room.all("Section")
        if name == "parent":
            return s.parent_id and ("Section", self.room.rows["Section"][s.parent_id])
        if name == "children":
            below = [one for one in sections if one.parent_id == s.id]
            return [("Section", one) for one in sorted(below, key=lambda one: (one.position, one.slug))]
        if name == "articles":
            inside = {s.id} if args.pop("deep") is False else self.subtree(s)
            return self.page("Article", self.articles(lambda a: a.section_id in inside), args)
        return getattr(s, name)

    def _author(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        if name == "articles":
            return self.page("Article", self.articles(lambda a: o in self.signed(a)), args)
        if name == "photo":
            photo = self.room.rows["Photo"].get(o.photo_id)
            return ("Photo", photo) if photo and self.sees("Photo", photo) else None
        return getattr(o, name)

    def _tag(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        if name == "articles":
            return self.page("Article", self.articles(lambda a: self.carries(a, {o.slug})), args)
        return getattr(o, name)

    def _user(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        if name == "sections":
            return []
        if name == "keys":
            return self.keys(lambda one: one.user_id == o.id)
        return stamp(o.created_at) if name == "createdAt" else getattr(o, name)

    def keys(self, keep: Callable[[Any], bool]) -> list[Any]:
        found = [one for one in self.room.all("ApiKey") if keep(one) and self.sees("Key", one)]
        return [("Key", one) for one in sorted(found, key=lambda one: (one.created_at, one.id))]

    def _key(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        at = {name: stamp(getattr(o, f"{verb}_at")) for name, verb in KEY_TIMES.items()}
        return at[name] if name in at else getattr(o, name)

    def _auditentry(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        gid = f"{o.subject_type.lower()}_{o.subject_id}"
        more = {"at": stamp(o.at), "subjectId": gid, "subject": self.node(gid), "requestId": o.request_id}
        return more[name] if name in more else getattr(o, name)

    def audit(self, args: dict[str, Any]) -> Any:
        subject, by = args.pop("subject", None), args.pop("by", None)
        rows = [
            one
            for one in self.room.all("AuditEntry")
            if self.sees("AuditEntry", one)
            and (subject is None or subject == f"{one.subject_type.lower()}_{one.subject_id}")
            and (by is None or by == f"user_{one.user_id}")
        ]
        return self.page("AuditEntry", rows, args)

    def feeds(self, keep: Callable[[Any], bool]) -> list[Any]:
        found = [one for one in self.room.all("Feed") if self.sees("Feed", one) and keep(one)]
        return [("Feed", one) for one in sorted(found, key=lambda one: one.slug)]

    def _feed(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        rows, partner = self.room.rows, self.room.rows["Partner"].get(o.partner_id)
        tags = [rows["Tag"][one.tag_id] for one in self.room.all("FeedTag") if one.feed_id == o.id]
        fields: Fields = {
            "createdAt": lambda: stamp(o.created_at),
            "partner": lambda: ("Partner", partner) if partner and self.sees("Partner", partner) else None,
            "urls": lambda: self.forms("/feeds", o),
            "privateUrls": lambda: self.private_forms(o),
            "filter": lambda: {
                "section": rows["Section"][o.section_id].slug if o.section_id else None,
                "author": rows["Author"][o.author_id].slug if o.author_id else None,
                "tags": sorted(one.slug for one in tags if self.sees("Tag", one)),
                "language": o.language,
                "withPhotos": not o.text_only,
                "embargoedAhead": o.embargoed_ahead,
            },
        }
        return fields[name]() if name in fields else getattr(o, name)

    def private_forms(self, o: Any) -> list[Any]:
        """Of a partner's feed, for that partner and for who manages partners."""
        knows = o.partner_id and (self.actor.role == "ADMIN" or o.partner_id == self.actor.partner_id)
        return self.forms(f"/feeds/private/{private_token(o)}", o) if knows else []

    def forms(self, path: str, o: Any) -> list[Any]:
        endings = {"RSS": "rss", "ATOM": "atom", "JSON_FEED": "json"}
        endings |= {"NINJS": "ninjs", "NEWSML_G2": "newsml", "NITF": "nitf"}
        return [("Record", {"format": one, "url": f"{PUBLIC}{path}/{o.slug}.{end}"}) for one, end in endings.items()]

    def _partner(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        rows = self.room.rows
        chosen = [rows["Section"][one.section_id] for one in self.room.all("PartnerSection") if one.partner_id == o.id]
        fields: Fields = {
            "createdAt": lambda: stamp(o.created_at),
            "embargoAccess": lambda: o.embargo_access,
            "photoDistributors": lambda: o.photo_distributors,
            "sections": lambda: [("Section", one) for one in sorted(chosen, key=lambda one: one.path)],
            "feeds": lambda: self.feeds(lambda one: one.partner_id == o.id),
            "keys": lambda: self.keys(lambda one: one.partner_id == o.id),
            "ledger": lambda: self.page(
                "Delivery", [one for one in self.room.all("Delivery") if one.partner_id == o.id], args
            ),
        }
        return fields[name]() if name in fields else getattr(o, name)

    def _delivery(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        if name == "change":
            return "Change", self.room.rows["Change"][o.change_id]
        value = getattr(
            o, {"durationMs": "duration_ms"}.get(name, "".join(f"_{c.lower()}" if c.isupper() else c for c in name))
        )
        return stamp(value) if isinstance(value, datetime) else value

    def _change(self, o: Any, name: str, args: dict[str, Any]) -> Any:
        gid = f"{o.subject_type.lower()}_{o.subject_id}"
        more: Fields = {
            "cursor": lambda: self.cursor("LEDGER", o),
            "at": lambda: stamp(o.at),
            "subject": lambda: self.node(gid),
            "subjectId": lambda: gid,
        }
        return more[name]() if name in more else getattr(o, name)

    def carries(self, a: Any, slugs: set[str]) -> bool:
        return any(self.room.rows["Tag"][one.tag_id].slug in slugs for one in self.room.of["ArticleTag"][a.id])

    # ---------------------------------------------------------------------------------------------- the roots

    def _query(self, _: Any, name: str, args: dict[str, Any]) -> Any:
        fields: Fields = {
            "articles": lambda: self.filtered(args),
            "preview": lambda: None,  # no document knows a token
            "photos": lambda: self.filtered_photos(args),
            "tags": lambda: self.named("Tag", args),
            "authors": lambda: self.named("Author", args),
            "users": lambda: self.page("User", self.room.all("User") if self.actor.role == "ADMIN" else [], args),
            "audit": lambda: self.audit(args),
            "changes": lambda: self.page("Change", [one for one in self.room.all("Change") if self.told(one)], args),
            "partners": lambda: self.page(
                "Partner", self.room.all("Partner") if self.actor.role == "ADMIN" else [], args
            ),
            "webhooks": lambda: self.page("Webhook", [], args),  # none of them has one
            "feeds": lambda: self.feeds(lambda one: True),
            "sections": lambda: [("Section", one) for one in self.tree(None)],
            "collections": lambda: [
                ("Collection", one) for one in sorted(self.room.all("Collection"), key=lambda one: one.slug)
            ],
            "node": lambda: self.node(args["id"]),
            "nodes": lambda: [self.node(one) for one in args["ids"]],
            "photo": lambda: self.node(args["id"]) if args["id"].startswith("photo_") else None,
        }
        return fields[name]() if name in fields else self.by_slug(name.title(), args["slug"])

    def by_slug(self, kind: str, slug: str) -> Any:
        has = [one for one in self.room.all(kind) if one.slug == slug]
        former = [one for one in self.room.all("FormerSlug") if (one.kind, one.slug) == (kind.lower(), slug)]
        had = [self.room.rows[kind].get(one.subject_id) for one in former]
        return next(((kind, one) for one in has or had if one and self.sees(kind, one)), None)

    def tree(self, parent: UUID | None) -> list[Any]:
        here = [one for one in self.room.all("Section") if one.parent_id == parent]
        ordered = sorted(here, key=lambda one: (one.position, one.slug))
        return [row for one in ordered for row in (one, *self.tree(one.id))]

    def node(self, gid: str) -> Any:
        for kind in NODES:
            for key, one in self.room.rows[kind].items():
                if gid == f"{kind.lower()}_{key}" and self.sees(kind, one):
                    return (kind, one)
        return None

    def named(self, kind: str, args: dict[str, Any]) -> Any:
        start = (args.pop("startsWith", None) or "").lower()
        return self.page(kind, [one for one in self.room.all(kind) if one.name.lower().startswith(start)], args)

    def filtered(self, args: dict[str, Any]) -> Any:
        given = {name: value for name, value in (args.pop("filter", None) or {}).items() if value is not None}
        return self.page("Article", self.articles(lambda a: self.passes(a, given)), args)

    def passes(self, a: Any, given: dict[str, Any]) -> bool:
        section = next((one for one in self.room.all("Section") if one.slug == given.get("section")), None)
        published = self.published(a)
        checks: dict[str, Callable[[Any], bool]] = {
            "ids": lambda v: f"article_{a.id}" in v,
            "hasFailingChecks": lambda v: v == any(one["level"] == "BLOCKS" for one in self.checks(a)),
            "mine": lambda v: not v or (self.actor.user_id is not None and a.created_by == self.actor.user_id),
            "status": lambda v: self.status(a) in v,
            "section": lambda v: section is not None and a.section_id in self.subtree(section),
            "tag": lambda v: self.carries(a, set(v)),
            "author": lambda v: any(one.slug == v for one in self.signed(a)),
            "language": lambda v: a.language == v,
            "publishedAfter": lambda v: published is not None and published > v,
            "publishedBefore": lambda v: published is not None and published < v,
            "updatedAfter": lambda v: a.updated_at > v,
            "photo": lambda v: any(f"photo_{one.photo_id}" == v for one in self.placed(a)),
        }
        return all(checks[name](value) for name, value in given.items())

    def filtered_photos(self, args: dict[str, Any]) -> Any:
        given = {name: value for name, value in (args.pop("filter", None) or {}).items() if value is not None}
        days = given.get("expiresWithin", 1)
        sought = [words(given.get(name, "")) for name in ("query", "credit")]
        if not 1 <= days <= 3660 or any(len(set(some)) > 6 for some in sought):
            raise Refused
        soon = self.now + timedelta(days=days)

        def passes(p: Any) -> bool:
            texts = (p.caption, p.headline or "", p.credit, p.filename)
            checks: dict[str, Callable[[Any], Any]] = {
                "status": lambda v: p.status in v,
                "createdAfter": lambda v: p.created_at > v,
                "takenAfter": lambda v: p.taken_at is not None and p.taken_at > v,
                "usable": lambda v: self.usable(p) == v,
                "sha256": lambda v: p.sha256 == v,
                "query": lambda v: begins([*texts, *p.keywords, *p.people], sought[0]),
                "credit": lambda v: begins([p.credit], sought[1]),
                "keyword": lambda v: same(v) in map(same, p.keywords),
                "person": lambda v: same(v) in map(same, p.people),
                "unused": lambda v: v != any(self.shows(a, p) for a in self.articles()),
                "expiresBefore": lambda v: p.rights_until is not None and p.rights_until < v,
                "expiresWithin": lambda v: self.staff and p.rights_until and self.now < p.rights_until <= soon,
            }
            return all(checks[name](value) for name, value in given.items())

        return self.page("Photo", [p for p in self.room.all("Photo") if self.sees("Photo", p) and passes(p)], args)

    # -------------------------------------------------------------------------------------------- connections

    ORDERS = {
        "PUBLISHED_AT_DESC": ("live_from", "p"),
        "PUBLISHED_AT_ASC": ("live_from", "q"),
        "UPDATED_AT_DESC": ("updated_at", "u"),
        "UPDATED_AT_ASC": ("updated_at", "v"),
        "HEADLINE_ASC": ("headline", "h"),
        "NAME_ASC": ("name", "n"),
        "CREATED_AT_DESC": ("created_at", "c"),
        "CREATED_AT_ASC": ("created_at", "d"),
        "TAKEN_AT_DESC": ("taken_order", "t"),
        "SAVED_AT_DESC": ("at", "r"),
        "AT_DESC": ("at", "e"),
        "GIVEN_AT_DESC": ("at", "l"),
        "LEDGER": ("position", ""),
    }

    def order_of(self, kind: str, args: dict[str, Any]) -> str:
        default = {
            "Photo": "CREATED_AT_DESC",
            "Article": "PUBLISHED_AT_DESC",
            "Revision": "SAVED_AT_DESC",
            "AuditEntry": "AT_DESC",
            "Delivery": "GIVEN_AT_DESC",
            "Change": "LEDGER",
        }.get(kind, "NAME_ASC")
        return args.get("orderBy") or default

    def cursor(self, order: str, one: Any) -> str:
        if order == "LEDGER":
            return f"{one.epoch}-{one.xid}-{one.position}"
        column, tag = self.ORDERS[order]
        value = getattr(one, column)
        text = value.encode().hex() if isinstance(value, str) else value.strftime("%Y%m%d%H%M%S%f")
        return f"{tag}{text}{one.id.hex}"

    def place(self, order: str, cursor: str) -> tuple[Any, ...]:
        """Where a cursor stands, whether a row stands there or not."""
        if order == "LEDGER":
            if not re.fullmatch(r"[0-9]{1,9}-[0-9]{1,18}-[0-9]{1,18}", cursor):
                raise Refused
            return tuple(map(int, cursor.split("-")))
        column, tag = self.ORDERS[order]
        text, key = cursor[1:-32], cursor[-32:]
        if not cursor.startswith(tag) or not re.fullmatch("[0-9a-f]{32}", key) or not re.fullmatch("[0-9a-f]*", text):
            raise Refused
        try:
            if column in ("headline", "name"):
                return bytes.fromhex(text).decode().encode(), bytes.fromhex(key)
            return datetime.strptime(text, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC), bytes.fromhex(key)
        except ValueError:
            raise Refused from None

    def page(self, kind: str, rows: list[Any], args: dict[str, Any]) -> Any:
        """Relay's specification, step by step: ApplyCursorsToEdges, EdgesToReturn, HasPreviousPage, HasNextPage."""
        order = self.order_of(kind, args)
        column, _ = self.ORDERS[order]

        def sort_key(one: Any) -> tuple[Any, ...]:
            if order == "LEDGER":
                return one.epoch, one.xid, one.position
            value = getattr(one, column)
            return (value.encode() if isinstance(value, str) else value), one.id.bytes

        first, last = args.get("first"), args.get("last")
        for size in (first, last):
            if size is not None and not 1 <= size <= 100:
                raise Refused
        falling = order.endswith("DESC")
        rows = sorted(rows, key=sort_key, reverse=falling)
        behind, ahead = [], []
        if args.get("after") is not None:
            at = self.place(order, args["after"])
            behind = [one for one in rows if (sort_key(one) >= at if falling else sort_key(one) <= at)]
        if args.get("before") is not None:
            at = self.place(order, args["before"])
            ahead = [one for one in rows if (sort_key(one) <= at if falling else sort_key(one) >= at)]
        away = {one.pk for one in (*behind, *ahead)}
        edges = [one for one in rows if one.pk not in away]
        shown = edges
        if first is not None or last is None:
            shown = shown[: 20 if first is None else first]
        if last is not None:
            shown = shown[-last:]
        cursors = [self.cursor(order, one) for one in shown]
        info = {
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
            "hasNextPage": bool(ahead) if first is None and last is not None else len(edges) > (first or 20),
            "hasPreviousPage": len(edges) > last if last is not None else bool(behind),
        }
        return "Connection", {"kind": kind, "rows": shown, "cursors": cursors, "total": len(rows), "info": info}

    def _connection(self, c: dict[str, Any], name: str, args: dict[str, Any]) -> Any:
        kind, rows = c["kind"], c["rows"]
        return {
            "nodes": [(kind, one) for one in rows],
            "edges": [("Edge", (kind, cursor, one)) for cursor, one in zip(c["cursors"], rows, strict=True)],
            "pageInfo": ("Record", c["info"]),
            "totalCount": c["total"],
        }[name]

    def _edge(self, e: tuple[str, str, Any], name: str, args: dict[str, Any]) -> Any:
        return e[1] if name == "cursor" else (e[0], e[2])


class Walk:
    """The plainest executor there is."""

    def __init__(
        self, schema: Any, operation: Any, fragments: dict[str, FragmentDetails], variables: Any, reference: Reference
    ):
        self.schema, self.operation, self.fragments, self.reference = schema, operation, fragments, reference
        self.variables: Any = get_variable_values(schema, operation.variable_definitions or (), variables)

    def answer(self) -> dict[str, Any]:
        query = self.schema.query_type
        grouped = collect_fields(self.schema, self.fragments, self.variables, query, self.operation).grouped_field_set
        return self.fields(query, "Query", None, grouped)

    def fields(
        self, type_: GraphQLObjectType, kind: str, o: Any, grouped: dict[str, list[FieldDetails]]
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, details in grouped.items():
            name = details[0].node.name.value
            if name == "__typename":
                made[key] = type_.name
                continue
            declared = type_.fields[name]
            args = plain(get_argument_values(declared, details[0].node, self.variables))
            made[key] = self.complete(get_named_type(declared.type), self.reference.field(kind, o, name, args), details)
            assert fits(declared.type, made[key]), f"{type_.name}.{name} may not be {made[key]!r}"
        return made

    def complete(self, named: Any, value: Any, details: list[FieldDetails]) -> Any:
        if isinstance(value, list):
            return [self.complete(named, one, details) for one in value]
        if not isinstance(value, tuple):
            return value
        kind, o = value
        if is_abstract_type(named):
            named = self.schema.get_type(body.TYPES[o[1]["type"]] if kind == "Block" else kind)
        found = collect_subfields(self.schema, self.fragments, self.variables, self.operation, named, details)
        return self.fields(named, kind, o, found.grouped_field_set)


FORMS = {"DateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "URL": r"https?://.+", "ID": "(?s).+"}


def fits(type_: Any, value: Any) -> bool:
    """Does a value keep what the schema promises of it?"""
    if is_non_null_type(type_):
        return value is not None and fits(type_.of_type, value)
    if value is None:
        return True
    if is_list_type(type_):
        return isinstance(value, list) and all(fits(type_.of_type, one) for one in value)
    if is_enum_type(type_):
        return value in type_.values
    if type_.name in ("Int", "Float", "Boolean"):
        kinds: dict[str, tuple[type, ...]] = {"Int": (int,), "Float": (int, float), "Boolean": (bool,)}
        return type(value) in kinds[type_.name] and (type_.name != "Int" or -(2**31) <= value < 2**31)
    if is_leaf_type(type_):
        return type_.name == "JSON" or (
            isinstance(value, str) and bool(re.fullmatch(FORMS.get(type_.name, "(?s).*"), value))
        )
    return isinstance(value, dict)


def fragments_of(document: Any) -> dict[str, FragmentDetails]:
    nodes = document.definitions
    return {one.name.value: FragmentDetails(one) for one in nodes if isinstance(one, FragmentDefinitionNode)}
