"""Sections, tags and authors."""

import strawberry

from cms.actions import taxonomy
from cms.errors import Refusal
from schema.context import Context
from schema.mutations.call import answered, key, refused, saved
from schema.types.inputs import MergeTagsInput, SaveAuthorInput, SaveSectionInput, SaveTagInput
from schema.types.payloads import AuthorPayload, SectionPayload, TagPayload

Info = strawberry.Info[Context, None]


@strawberry.type
class TaxonomyMutations:
    @strawberry.mutation(description="Makes a section, or changes one.")
    async def save_section(self, info: Info, input: SaveSectionInput) -> SectionPayload:
        return await saved(SectionPayload, "section", taxonomy.save_section, info.context.actor, input)

    @strawberry.mutation(description="Makes a tag, or changes one.")
    async def save_tag(self, info: Info, input: SaveTagInput) -> TagPayload:
        return await saved(TagPayload, "tag", taxonomy.save_tag, info.context.actor, input)

    @strawberry.mutation(description="Makes an author, or changes one.")
    async def save_author(self, info: Info, input: SaveAuthorInput) -> AuthorPayload:
        return await saved(AuthorPayload, "author", taxonomy.save_author, info.context.actor, input)

    @strawberry.mutation(description="Makes several tags one: their stories and their addresses go over to it.")
    async def merge_tags(self, info: Info, input: MergeTagsInput) -> TagPayload:
        try:
            merged = [key(one, "Tag", "from", str(place)) for place, one in enumerate(input.from_)]
            into = key(input.into, "Tag", "into")
        except Refusal as error:
            return refused(TagPayload, error)
        return await answered(TagPayload, "tag", taxonomy.merge_tags(info.context.actor, merged, into))
