"""Curated lists."""

import strawberry

from cms.actions import collections
from schema.context import Context
from schema.mutations.call import saved
from schema.types.inputs import SaveCollectionInput
from schema.types.payloads import CollectionPayload

Info = strawberry.Info[Context, None]


@strawberry.type
class CollectionMutations:
    @strawberry.mutation(description="Makes a curated list, or changes one; its stories are replaced as a whole.")
    async def save_collection(self, info: Info, input: SaveCollectionInput) -> CollectionPayload:
        return await saved(CollectionPayload, "collection", collections.save, info.context.actor, input)
