"""Who sees what, and who may do what.  Pure: no I/O.

Every level of every read carries `visible`; every action calls `require` first.  To learn why a partner cannot see a
story, this is the only file to read.  Hidden and absent are one answer; what is not named here is denied.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pypika_tortoise.context import SqlContext
from pypika_tortoise.enums import Dialects
from pypika_tortoise.queries import Table
from pypika_tortoise.terms import Criterion, Parameterizer, Term
from tortoise.expressions import Q, ResolveContext
from tortoise.filters import FilterInfoDict
from tortoise.models import Model

from cms.actor import ROLES, Actor, Role
from cms.db.clock import NOW
from cms.errors import Forbidden, Unauthenticated
from cms.models import FAR, Photo

# ---------------------------------------------------------------------------------------------- values inside a clause


class Now(Term):
    """The database's clock."""

    def get_sql(self, ctx: SqlContext) -> str:
        return NOW["sqlite" if ctx.dialect is Dialects.SQLITE else "postgres"]


class At(Term):
    """An instant that is written as SQL."""

    def __init__(self, sql: str):
        super().__init__()
        self.sql = sql

    def get_sql(self, ctx: SqlContext) -> str:
        return self.sql


class Own(Term):
    """The acting user's key, or the partner's.  The read engine binds it at each run, so one SQL text serves every user of a
    role."""

    def __init__(self, key: UUID | None, name: Literal["user_id", "partner_id"] = "user_id"):
        super().__init__()
        self.key, self.name = key, name

    def get_sql(self, ctx: SqlContext) -> str:
        bind = getattr(ctx.parameterizer, "actor_value", None)
        if bind is not None:
            return str(bind(self.name, "uuid"))
        if self.key is None:
            return "NULL"  # equals nothing
        assert ctx.parameterizer is not None
        return ctx.parameterizer.create_param(str(self.key)).get_sql(ctx)


class Granted(Term):
    """What a partner is entitled to, as a list to stand behind IN.  The read engine binds it at each run."""

    def __init__(self, name: str, read: str):
        super().__init__()
        self.name, self.read = name, read

    def get_sql(self, ctx: SqlContext) -> str:
        bind: Callable[[str, str], str] = getattr(ctx.parameterizer, "actor_value")  # noqa: B009 - the engine's own Parameters
        return bind(self.name, self.read)


class Covers(Criterion):
    """A photo's list of territories holds all of a partner's, and those are known; or the photo may be shown anywhere."""

    def __init__(self, field: Term, territories: Granted):
        super().__init__()
        self.field, self.territories = field, territories

    def get_sql(self, ctx: SqlContext) -> str:
        held, asked = self.field.get_sql(ctx), self.territories.get_sql(ctx)
        each = f"value FROM json_each({held})"
        if ctx.dialect is not Dialects.SQLITE:
            each = f"json_array_elements_text({held})"
        lacks = f"SELECT * FROM {asked} a EXCEPT SELECT {each}"
        return f"(CAST({held} AS text) = '[]' OR (EXISTS {asked} AND NOT EXISTS ({lacks})))"


Photo._meta._filters["territories__cover"] = FilterInfoDict(
    field="territories", source_field="territories", operator=Covers
)

# ------------------------------------------------------------------------------------------------------------- seeing

_begun = Q(live_from__lte=Now())
_ended = Q(live_until__lte=Now())
_unended = Q(live_until__isnull=True) | Q(live_until__gt=Now())
_embargoed = Q(embargo_until__gt=Now())
_kept = Q(withdrawn_at__isnull=True)

# stories that are out but for their embargo: partners who get them ahead see them
AHEAD = _kept & _begun & _unended & _embargoed


def public_at(at: Term) -> Q:
    """Stories that readers see at the instant `at`, as far as is decided by now."""
    unended = Q(live_until__isnull=True) | Q(live_until__gt=at)
    return _kept & Q(live_from__lte=at) & unended & (Q(embargo_until__isnull=True) | Q(embargo_until__lte=at))


# Every story is in exactly one of these.  It is the status field, the status filter, and as PUBLISHED the public rule:
# three answers that cannot diverge.  An embargoed story counts as scheduled.
STATUS: dict[str, Q] = {
    "WITHDRAWN": Q(withdrawn_at__isnull=False),
    "PUBLISHED": public_at(Now()),
    "UNPUBLISHED": _kept & _begun & _ended,
    "IN_REVIEW": _kept & Q(live_from=FAR, in_review=True),
    "DRAFT": _kept & Q(live_from=FAR, in_review=False),
    "SCHEDULED": _kept & Q(live_from__lt=FAR) & (Q(live_from__gt=Now()) | (_unended & _embargoed)),
}

# a photo that may be shown to the public at this instant
USABLE = Q(status="READY") & (Q(rights_until__isnull=True) | Q(rights_until__gt=Now()))

_ORIGINAL = Q(copy_of_id__isnull=True)
_SEE_ALL_STORIES: frozenset[Role] = frozenset({"PHOTO_EDITOR", "EDITOR", "ADMIN"})


def visible(entity: str, actor: Actor) -> Q | None:
    """The clause that hides rows of `entity` from `actor`; None where everyone sees everything."""
    rule = _RULES.get(entity)
    return rule(actor) if rule else None


def _article(actor: Actor) -> Q | None:
    """A copy that was frozen for a preview is hidden from everyone; it is never published, so readers need no clause."""
    if actor.role in _SEE_ALL_STORIES:
        return _ORIGINAL
    if actor.role == "CONTRIBUTOR":
        return STATUS["PUBLISHED"] | (Q(created_by=Own(actor.user_id)) & _ORIGINAL)
    seen = _kept & _begun & _unended if actor.embargo_access else STATUS["PUBLISHED"]
    entitled = granted("Article", actor)
    return seen & entitled if entitled else seen


def granted(entity: str, actor: Actor) -> Q | None:
    """The clause over stories or photos that a partner is entitled to, whatever state they are in; None for all."""
    if actor.kind != "PARTNER":
        return None
    if entity == "Article":
        return None if actor.sections is None else Q(section_id__in=Granted("sections", "uuids"))
    rule = Q(syndicatable=True) & Q(territories__cover=Granted("territories", "texts"))
    if actor.distributors is None:
        return rule
    return rule & (Q(distributor_key__isnull=True) | Q(distributor_key__in=Granted("distributors", "texts")))


def history(actor: Actor) -> Q | None:
    """The clause over stories whose revisions, working copies and differences are shown to `actor`; None for all stories.

    What was saved is as hidden as a draft is: of someone else's published story a contributor sees what readers see.
    """
    if actor.role in _SEE_ALL_STORIES:
        return None
    if actor.role == "CONTRIBUTOR":
        return Q(created_by=Own(actor.user_id))
    return Q(id__isnull=True)


def sees_only_begun(actor: Actor) -> bool:
    """Have all the stories that this actor sees begun?  Then a list in order of publication starts at this instant."""
    return actor.role is None or actor.role == "READER"


def _photo(actor: Actor) -> Q | None:
    if actor.staff:
        return None
    entitled = granted("Photo", actor)
    return USABLE & entitled if entitled else USABLE


def _user(actor: Actor) -> Q | None:
    return None if allows(actor, "user.manage") else Q(id=Own(actor.user_id))


def _key(actor: Actor) -> Q | None:
    if allows(actor, "key.manage"):
        return None
    return Q(partner_id=Own(actor.partner_id, "partner_id")) if actor.partner_id else Q(user_id=Own(actor.user_id))


def _partner(actor: Actor) -> Q | None:
    return None if allows(actor, "partner.manage") else Q(id=Own(actor.partner_id, "partner_id"))


def _feed(actor: Actor) -> Q | None:
    """What is public anyone may find; a partner its own as well."""
    if actor.staff:
        return None
    public = Q(partner_id__isnull=True)
    return public | Q(partner_id=Own(actor.partner_id, "partner_id")) if actor.partner_id else public


def opens_feeds(actor: Actor) -> bool:
    """May it be told the private addresses of the feeds that it sees?"""
    return actor.partner_id is not None or allows(actor, "partner.manage")


def _webhook(actor: Actor) -> Q | None:
    return None if allows(actor, "webhook.manage") else NOBODYS


def _audit_entry(actor: Actor) -> Q | None:
    return None if allows(actor, "audit.read") else NOBODYS


def _tag(actor: Actor) -> Q | None:
    return None if actor.staff else Q(visible_from__lte=Now())


def clause(rule: Q, model: type[Model], alias: str, dialect: str, values: Parameterizer) -> str:
    """`rule` as SQL over `alias`, on "sqlite" or "postgres".  A rule that would need a join is refused."""
    table = Table(model._meta.db_table).as_(alias)
    resolved = rule.resolve(ResolveContext(model=model, table=table, annotations={}, custom_filters={}))
    assert not resolved.joins, rule
    spoken = Dialects.POSTGRESQL if dialect == "postgres" else Dialects.SQLITE
    context = SqlContext('"', "'", '"', spoken, with_namespace=True, parameterizer=values)
    return f"({resolved.where_criterion.get_sql(context)})"


class Literals(Parameterizer):
    """Nothing is bound: what a rule compares with is a constant or the clock."""

    def should_parameterize(self, value: object) -> bool:
        return False


NOBODYS = Q(id__isnull=True)  # no row is so

_RULES = {
    "Article": _article,
    "Photo": _photo,
    "Tag": _tag,
    "User": _user,
    "Key": _key,
    "AuditEntry": _audit_entry,
    "Partner": _partner,
    "Feed": _feed,
    "Webhook": _webhook,
}


# -------------------------------------------------------------------------------------------------------------- doing

Verb = Literal[
    "article.create",
    "article.update",
    "article.submit",
    "article.publish",
    "article.unpublish",
    "article.withdraw",
    "article.correct",
    "article.restore",
    "article.preview",
    "article.delete",
    "photo.upload",
    "photo.update",
    "photo.withdraw",
    "section.save",
    "tag.save",
    "author.save",
    "collection.save",
    "user.manage",
    "partner.manage",
    "webhook.manage",
    "key.create",
    "key.manage",
    "document.manage",
    "audit.read",
]

# any: on everything · own: on what the actor made · draft: on its own stories that were never published
# section: on stories of the actor's sections · all: by an actor who is not limited to sections
Reach = Literal["any", "own", "draft", "section", "all"]

MAY: Mapping[Verb, Mapping[Role, Reach]] = {
    "article.create": {"CONTRIBUTOR": "any", "EDITOR": "section", "ADMIN": "any"},
    "article.update": {"CONTRIBUTOR": "draft", "EDITOR": "section", "ADMIN": "any"},
    "article.submit": {"CONTRIBUTOR": "draft", "EDITOR": "section", "ADMIN": "any"},
    "article.publish": {"EDITOR": "section", "ADMIN": "any"},
    "article.unpublish": {"EDITOR": "section", "ADMIN": "any"},
    "article.withdraw": {"EDITOR": "section", "ADMIN": "any"},
    "article.correct": {"EDITOR": "section", "ADMIN": "any"},
    "article.restore": {"CONTRIBUTOR": "draft", "EDITOR": "section", "ADMIN": "any"},
    "article.preview": {"CONTRIBUTOR": "draft", "EDITOR": "section", "ADMIN": "any"},
    "article.delete": {"CONTRIBUTOR": "draft", "EDITOR": "section", "ADMIN": "any"},
    "photo.upload": {"CONTRIBUTOR": "any", "PHOTO_EDITOR": "any", "EDITOR": "any", "ADMIN": "any"},
    "photo.update": {"CONTRIBUTOR": "own", "PHOTO_EDITOR": "any", "EDITOR": "any", "ADMIN": "any"},
    "photo.withdraw": {"PHOTO_EDITOR": "any", "EDITOR": "any", "ADMIN": "any"},
    "section.save": {"EDITOR": "all", "ADMIN": "any"},
    "tag.save": {"EDITOR": "any", "ADMIN": "any"},
    "author.save": {"EDITOR": "any", "ADMIN": "any"},
    "collection.save": {"EDITOR": "any", "ADMIN": "any"},
    "user.manage": {"ADMIN": "any"},
    "partner.manage": {"ADMIN": "any"},
    "webhook.manage": {"ADMIN": "any"},
    # keys of one's own, and those of anyone
    "key.create": {"CONTRIBUTOR": "any", "PHOTO_EDITOR": "any", "EDITOR": "any", "ADMIN": "any"},
    "key.manage": {"ADMIN": "any"},
    "document.manage": {"ADMIN": "any"},
    "audit.read": {"ADMIN": "any"},
}


NOT_BY_KEY: frozenset[Verb] = frozenset({"key.create", "key.manage"})  # it could make one that may more than itself


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on, as far as the rules ask: who made it, its section, and whether it was ever published."""

    owner: UUID | None = None
    section: UUID | None = None
    draft: bool = True


def require(actor: Actor, verb: Verb, subject: Subject | None = None) -> None:
    """Raises Unauthenticated for an anonymous actor, Forbidden for one who may not do `verb` to `subject`.

    Without a subject it asks whether the actor may do this at all: what is known before anything is loaded.
    """
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Sign in to do this.")
    if not allows(actor, verb, subject):
        raise Forbidden("You may not do this.")


def allows(actor: Actor, verb: Verb, subject: Subject | None = None) -> bool:
    """May `actor` do `verb` to `subject`, or to anything at all where there is none?  A key's scopes narrow what its owner may."""
    reach = MAY[verb].get(actor.role) if actor.role else None
    if reach is None or (actor.scopes and verb not in actor.scopes):
        return False
    if actor.kind == "API_KEY" and verb in NOT_BY_KEY:
        return False
    if reach == "any":
        return True
    if reach == "all":
        return actor.sections is None
    if subject is None:
        return True
    if reach == "section":
        return actor.sections is None or subject.section in actor.sections
    mine = actor.user_id is not None and subject.owner == actor.user_id
    return mine and (reach == "own" or subject.draft)


def permissions(actor: Actor) -> list[str]:
    """The verbs that the actor may do to something, in the table's order."""
    return [verb for verb in MAY if allows(actor, verb)]


def roles_that_may(verb: Verb) -> tuple[Any, ...]:
    """For the documentation's table."""
    return tuple(role for role in ROLES if role in MAY[verb])
