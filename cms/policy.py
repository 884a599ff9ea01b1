"""Who sees what, and who may do what.  Pure: no I/O.

Every level of every read carries `visible`; every action calls `require` first.  To learn why a partner cannot see a
story, this is the only file to read.  Hidden and absent are one answer; what is not named here is denied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pypika_tortoise.context import SqlContext
from pypika_tortoise.enums import Dialects
from pypika_tortoise.terms import Term
from tortoise.expressions import Q

from cms.actor import ROLES, Actor, Role
from cms.db.clock import NOW
from cms.errors import Forbidden, Unauthenticated
from cms.models import FAR

# ---------------------------------------------------------------------------------------------- values inside a clause


class Now(Term):
    """The database's clock."""

    def get_sql(self, ctx: SqlContext) -> str:
        return NOW["sqlite" if ctx.dialect is Dialects.SQLITE else "postgres"]


class Own(Term):
    """The acting user's key.  The read engine binds it at each run, so one SQL text serves every user of a role."""

    def __init__(self, user_id: UUID | None):
        super().__init__()
        self.user_id = user_id

    def get_sql(self, ctx: SqlContext) -> str:
        bind = getattr(ctx.parameterizer, "actor_value", None)
        if bind is not None:
            return str(bind("user_id", "uuid"))
        assert ctx.parameterizer is not None
        return ctx.parameterizer.create_param(str(self.user_id)).get_sql(ctx)


# ------------------------------------------------------------------------------------------------------------- seeing

_begun = Q(live_from__lte=Now())
_ended = Q(live_until__lte=Now())
_unended = Q(live_until__isnull=True) | Q(live_until__gt=Now())
_embargoed = Q(embargo_until__gt=Now())
_free = Q(embargo_until__isnull=True) | Q(embargo_until__lte=Now())
_kept = Q(withdrawn_at__isnull=True)

# Every story is in exactly one of these.  It is the status field, the status filter, and as PUBLISHED the public rule:
# three answers that cannot diverge.  An embargoed story counts as scheduled.
STATUS: dict[str, Q] = {
    "WITHDRAWN": Q(withdrawn_at__isnull=False),
    "PUBLISHED": _kept & _begun & _unended & _free,
    "UNPUBLISHED": _kept & _begun & _ended,
    "IN_REVIEW": _kept & Q(live_from=FAR, in_review=True),
    "DRAFT": _kept & Q(live_from=FAR, in_review=False),
    "SCHEDULED": _kept & Q(live_from__lt=FAR) & (Q(live_from__gt=Now()) | (_unended & _embargoed)),
}

# a photo that may be shown to the public at this instant
USABLE = Q(status="READY") & (Q(rights_until__isnull=True) | Q(rights_until__gt=Now()))

_SEE_ALL_STORIES: frozenset[Role] = frozenset({"PHOTO_EDITOR", "EDITOR", "ADMIN"})


def visible(entity: str, actor: Actor) -> Q | None:
    """The clause that hides rows of `entity` from `actor`; None where everyone sees everything."""
    rule = _RULES.get(entity)
    return rule(actor) if rule else None


def _article(actor: Actor) -> Q | None:
    if actor.role in _SEE_ALL_STORIES:
        return None
    if actor.role == "CONTRIBUTOR":
        return STATUS["PUBLISHED"] | Q(created_by=Own(actor.user_id))
    return STATUS["PUBLISHED"]


def sees_only_begun(actor: Actor) -> bool:
    """Have all the stories that this actor sees begun?  Then a list in order of publication starts at this instant."""
    return actor.role is None or actor.role == "READER"


def _photo(actor: Actor) -> Q | None:
    return None if actor.staff else USABLE


def _user(actor: Actor) -> Q | None:
    return None if actor.role == "ADMIN" else Q(id=Own(actor.user_id))


def _tag(actor: Actor) -> Q | None:
    return None if actor.staff else Q(visible_from__lte=Now())


_RULES = {"Article": _article, "Photo": _photo, "Tag": _tag, "User": _user}


# -------------------------------------------------------------------------------------------------------------- doing

Verb = Literal[
    "article.create",
    "article.update",
    "article.publish",
    "article.unpublish",
    "photo.upload",
    "photo.update",
    "section.save",
    "tag.save",
    "author.save",
    "user.manage",
    "partner.manage",
    "key.manage",
    "document.manage",
]

# any: on everything · own: on what the actor made · draft: on its own stories that were never published
# section: on stories of the actor's sections · all: by an actor who is not limited to sections
Reach = Literal["any", "own", "draft", "section", "all"]

MAY: Mapping[Verb, Mapping[Role, Reach]] = {
    "article.create": {"CONTRIBUTOR": "any", "EDITOR": "section", "ADMIN": "any"},
    "article.update": {"CONTRIBUTOR": "draft", "EDITOR": "section", "ADMIN": "any"},
    "article.publish": {"EDITOR": "section", "ADMIN": "any"},
    "article.unpublish": {"EDITOR": "section", "ADMIN": "any"},
    "photo.upload": {"CONTRIBUTOR": "any", "PHOTO_EDITOR": "any", "EDITOR": "any", "ADMIN": "any"},
    "photo.update": {"CONTRIBUTOR": "own", "PHOTO_EDITOR": "any", "EDITOR": "any", "ADMIN": "any"},
    "section.save": {"EDITOR": "all", "ADMIN": "any"},
    "tag.save": {"EDITOR": "any", "ADMIN": "any"},
    "author.save": {"EDITOR": "any", "ADMIN": "any"},
    "user.manage": {"ADMIN": "any"},
    "partner.manage": {"ADMIN": "any"},
    "key.manage": {"ADMIN": "any"},
    "document.manage": {"ADMIN": "any"},
}


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
    """May `actor` do `verb` to `subject`, or to anything at all where there is none?"""
    reach = MAY[verb].get(actor.role) if actor.role else None
    if reach is None:
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
