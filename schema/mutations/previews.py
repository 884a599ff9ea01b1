"""Links under which a story is seen before it is published."""

from typing import Any

import strawberry

from cms.actions import previews
from cms.errors import Refusal
from schema.context import Context
from schema.mutations.call import given, key, refused
from schema.types.inputs import PreviewLinkInput, RevokePreviewLinksInput
from schema.types.payloads import PreviewLinkPayload, RevokePreviewLinksPayload

Info = strawberry.Info[Context, None]


@strawberry.type
class PreviewMutations:
    @strawberry.mutation(
        description="A link that shows a story as it stands now to whoever has it, published or not; for seven days, or until "
        "an instant within thirty."
    )
    async def create_preview_link(self, info: Info, input: PreviewLinkInput) -> PreviewLinkPayload:
        try:
            made = await previews.create(info.context.actor, key(input.id, "Article"), **given(input, "id"))
        except Refusal as error:
            return refused(PreviewLinkPayload, error)
        url: Any = f"{info.context.services.settings.public_url}/preview/{made.token}"
        ends: Any = made.expires_at
        return PreviewLinkPayload(token=made.token, url=url, expires_at=ends)

    @strawberry.mutation(description="Ends all preview links of a story at once.")
    async def revoke_preview_links(self, info: Info, input: RevokePreviewLinksInput) -> RevokePreviewLinksPayload:
        try:
            return RevokePreviewLinksPayload(
                revoked=await previews.revoke(info.context.actor, key(input.id, "Article"))
            )
        except Refusal as error:
            return refused(RevokePreviewLinksPayload, error)
