"""Who asks.  One frozen value for a reader, an editor, a program with a key, or a partner; policy decides by it alone."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal["ANONYMOUS", "USER", "API_KEY", "PARTNER"]
Role = Literal["READER", "CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR", "ADMIN"]

ROLES: tuple[Role, ...] = ("READER", "CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR", "ADMIN")
STAFF: frozenset[str] = frozenset({"CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR", "ADMIN"})


@dataclass(frozen=True, slots=True)
class Actor:
    """`role` is None for anonymous callers and partners; `sections` None means all of them.

    `name` is what a revision is attributed to.  `credential` is the key of the session or API key in use, so that
    signing out can end it; None for anonymous callers and for the command line.  `scopes` are the only verbs of policy that
    a key may be used for; empty means all of its owner's.

    What a partner is entitled to: `sections`, those below them included; `embargo_access`, stories ahead of their embargo's
    end; photos by `distributors`, in small letters (None: by anyone), where its `territories` are among the photo's.
    """

    kind: Kind = "ANONYMOUS"
    role: Role | None = None
    user_id: UUID | None = None
    partner_id: UUID | None = None
    name: str = ""
    sections: tuple[UUID, ...] | None = None
    credential: UUID | None = None
    scopes: tuple[str, ...] = ()
    embargo_access: bool = False
    territories: tuple[str, ...] = ()
    distributors: tuple[str, ...] | None = None

    @property
    def staff(self) -> bool:
        """May see what is not published (within policy)."""
        return self.role in STAFF

    @property
    def plan_key(self) -> tuple[object, ...]:
        """What of an actor changes a statement's text: its values are bound, only their presence counts."""
        limits = self.sections is None, self.distributors is None, self.embargo_access
        return self.kind == "PARTNER", self.role, self.scopes, *limits

    @property
    def grants(self) -> tuple[object, ...]:
        """What decides which stories and photos a caller without an account sees: who has the same sees the same."""
        return self.kind, self.sections, self.embargo_access, self.territories, self.distributors


ANONYMOUS = Actor()

# the command line and the demo: no one signed in, nothing hidden, everything attributed to the product's own name
SYSTEM = Actor(kind="USER", role="ADMIN", name="Dateline")
