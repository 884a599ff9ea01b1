"""The questions that can be asked.  All but `viewer` are answered by the read engine alone."""

from typing import Any

import strawberry
from strawberry import UNSET

from cms import policy
from schema.context import Context
from schema.types.entities import (
    LATEST,
    Article,
    AuditConnection,
    Author,
    Change,
    Collection,
    Connection,
    Feed,
    Node,
    Partner,
    Photo,
    Section,
    Tag,
    User,
    Webhook,
    engine,
)
from schema.types.enums import ArticleOrder, PhotoOrder, ViewerKind
from schema.types.inputs import ArticleFilter, PhotoFilter
from schema.types.payloads import Viewer

ID = strawberry.ID


@strawberry.type(description="What can be read.")
class Query:
    @strawberry.field(description="A thing by its id; null where it is hidden or absent.")
    def node(self, id: ID) -> Node | None:
        engine()

    @strawberry.field(description="Things by their ids, in the same order, null where hidden or absent; at most 100.")
    def nodes(self, ids: list[ID]) -> list[Node | None]:
        engine()

    @strawberry.field(description="A story by its slug, or by one that it had: compare `slug`, and redirect.")
    def article(self, slug: str) -> Article | None:
        engine()

    @strawberry.field(
        description="The story that a preview link shows, as it was then, published or not; null where the link has ended."
    )
    def preview(self, token: str) -> Article | None:
        engine()

    @strawberry.field(description="Stories, the latest first unless asked otherwise.")
    def articles(
        self,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        filter: ArticleFilter | None = UNSET,
        order_by: ArticleOrder | None = LATEST,
    ) -> Connection[Article]:
        engine()

    @strawberry.field(description="A photo by its id.")
    def photo(self, id: ID) -> Photo | None:
        engine()

    @strawberry.field(description="Photos, the latest upload first unless asked otherwise.")
    def photos(
        self,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        filter: PhotoFilter | None = UNSET,
        order_by: PhotoOrder | None = PhotoOrder.CREATED_AT_DESC,
    ) -> Connection[Photo]:
        engine()

    @strawberry.field(description="A section by its slug, or by one that it had.")
    def section(self, slug: str) -> Section | None:
        engine()

    @strawberry.field(description="The whole tree, each section followed by those below it, in editor order.")
    def sections(self) -> list[Section]:
        engine()

    @strawberry.field(description="A tag by its slug, or by one that it had.")
    def tag(self, slug: str) -> Tag | None:
        engine()

    @strawberry.field(description="Tags by name.")
    def tags(
        self, first: int | None = UNSET, after: str | None = UNSET, starts_with: str | None = UNSET
    ) -> Connection[Tag]:
        engine()

    @strawberry.field(description="An author by their slug, or by one that they had.")
    def author(self, slug: str) -> Author | None:
        engine()

    @strawberry.field(description="A curated list by its slug: the home page, a section front, a newsletter.")
    def collection(self, slug: str) -> Collection | None:
        engine()

    @strawberry.field(description="The curated lists, by slug.")
    def collections(self) -> list[Collection]:
        engine()

    @strawberry.field(description="Authors by name.")
    def authors(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Author]:
        engine()

    @strawberry.field(description="Accounts by name, for those who manage them; empty for everyone else.")
    def users(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[User]:
        engine()

    @strawberry.field(
        description="The ledger: what happened to all that the caller may see, in order, each thing once; `after` any cursor"
        " of it, the next ones.  A page looks at 1,000 changes at most, and holds those of them that the caller may see: go on"
        " from `endCursor`, also behind an empty page, while `hasNextPage` says so."
    )
    def changes(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Change]:
        engine()

    @strawberry.field(description="Saved feeds by slug: the public ones; a partner's own; for staff, all.")
    def feeds(self) -> list[Feed]:
        engine()

    @strawberry.field(description="Partners by name, for those who manage them; empty for everyone else.")
    def partners(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Partner]:
        engine()

    @strawberry.field(description="Webhooks by address, for those who manage them; empty for everyone else.")
    def webhooks(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Webhook]:
        engine()

    @strawberry.field(
        description="Every write, the newest first, of one thing or by one user; for those who may read it, else empty."
    )
    def audit(
        self,
        first: int | None = UNSET,
        after: str | None = UNSET,
        subject: ID | None = UNSET,
        by: ID | None = UNSET,
    ) -> AuditConnection:
        engine()

    @strawberry.field(description="Who am I, and what may I do?")
    def viewer(self, info: strawberry.Info[Context, None]) -> Viewer:
        actor = info.context.actor
        person: Any = actor.user_id
        partner: Any = actor.partner_id
        sections: Any = list(actor.sections or ())
        return Viewer(
            kind=ViewerKind(actor.kind),
            user=person,
            partner=partner,
            permissions=policy.permissions(actor),
            sections=sections,
        )
