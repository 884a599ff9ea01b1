"""The curated list of a story's links."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cms import db, policy
from cms.actions import editing, linking, story
from cms.actions.fields import read
from cms.actor import Actor


async def set_links(actor: Actor, id: UUID, version: int, links: Sequence[Mapping[str, Any]]) -> UUID:
    """Replace the list, in this order.  A link has `article`, or `url` and `title`; `kind` is RELATED where absent.

    A link to an address without a kind of its own is EXTERNAL.  Raises NotFound for an article that the actor cannot
    see, Conflict when someone saved since `version`.
    """
    policy.require(actor, "article.update")
    values = read({"links": linking.LINKS}, {"links": links})
    async with db.transaction():
        held = await story.hold(actor, "article.update", id, version)

        async def write(story_: story.Held) -> None:
            await story.write(story_, {})
            await linking.link(actor, id, values["links"], "links")

        await editing.edit(held, actor, write)
    return id
