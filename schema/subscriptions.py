"""What can be followed: the ledger, as it grows.  `schema.streams` reads it; nothing here is run."""

from collections.abc import AsyncGenerator

import strawberry
from strawberry import UNSET

from schema.types.entities import Change, engine

ID = strawberry.ID


@strawberry.type(description="What can be followed, over a WebSocket or as server-sent events.")
class Subscription:
    @strawberry.subscription(
        description="What happens to stories that the caller may see: to one, to those in a section and below it, or to all;"
        " after its commit, once, in order."
    )
    async def article_changed(self, id: ID | None = UNSET, section: str | None = UNSET) -> AsyncGenerator[Change, None]:
        engine()

    @strawberry.subscription(
        description="The ledger behind the cursor `after`, or from now on: `changes` of a query, and then what comes."
    )
    async def changes(self, after: str | None = UNSET) -> AsyncGenerator[Change, None]:
        engine()
