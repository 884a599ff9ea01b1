"""Sections, tags and authors."""

from typing import Any, TypeVar

import strawberry

from cms.actions import taxonomy
from cms.errors import Refusal
from schema.context import Context
from schema.mutations.call import answered, given, key, refused
from schema.types.inputs import SaveAuthorInput, SaveSectionInput, SaveTagInput
from schema.types.payloads import AuthorPayload, SectionPayload, TagPayload

Info = strawberry.Info[Context, None]
Payload = TypeVar("Payload")


@strawberry.type
class TaxonomyMutations:
    @strawberry.mutation(description="Makes a section, or changes one.")
    async def save_section(self, info: Info, input: SaveSectionInput) -> SectionPayload:
        return await _saved(SectionPayload, "section", taxonomy.save_section, info, input)

    @strawberry.mutation(description="Makes a tag, or changes one.")
    async def save_tag(self, info: Info, input: SaveTagInput) -> TagPayload:
        return await _saved(TagPayload, "tag", taxonomy.save_tag, info, input)

    @strawberry.mutation(description="Makes an author, or changes one.")
    async def save_author(self, info: Info, input: SaveAuthorInput) -> AuthorPayload:
        return await _saved(AuthorPayload, "author", taxonomy.save_author, info, input)


async def _saved(payload: type[Payload], name: str, save: Any, info: Info, input: Any) -> Payload:
    try:
        id = key(input.id, name.title()) if isinstance(input.id, str) else None  # "" is an id, of nothing
        changes = given(input, "id", "version")
    except Refusal as error:
        return refused(payload, error)
    version = input.version if isinstance(input.version, int) else None
    return await answered(payload, name, save(info.context.actor, changes, id=id, version=version))
