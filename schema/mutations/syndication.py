"""Partners, their keys and feeds, and what they acknowledge."""

from typing import Any

import strawberry

from cms.actions import accounts, deliveries, feeds, partners
from cms.errors import Refusal, Refused, Required
from schema.context import Context
from schema.mutations.call import answered, given, refused, saved
from schema.types.inputs import AcknowledgeInput, CreateKeyInput, SaveFeedInput, SavePartnerInput
from schema.types.payloads import AcknowledgePayload, FeedPayload, KeyPayload, PartnerPayload

Info = strawberry.Info[Context, None]


@strawberry.type
class SyndicationMutations:
    @strawberry.mutation(description="Makes a partner, or changes what it is entitled to.")
    async def save_partner(self, info: Info, input: SavePartnerInput) -> PartnerPayload:
        return await saved(PartnerPayload, "partner", partners.save_partner, info.context.actor, input)

    @strawberry.mutation(description="Makes a feed, or changes it.")
    async def save_feed(self, info: Info, input: SaveFeedInput) -> FeedPayload:
        return await saved(FeedPayload, "feed", feeds.save, info.context.actor, input)

    @strawberry.mutation(description="Makes a key for a partner's programs; its secret is shown once.")
    async def create_partner_key(self, info: Info, input: CreateKeyInput) -> KeyPayload:
        try:
            sent = given(input, "label")
            if not sent.get("partner"):
                raise Required("Name the partner.", "partner")
            made = await accounts.create_key(info.context.actor, input.label, **sent)
        except (Refusal, Refused) as error:
            return refused(KeyPayload, error)
        id: Any = made.id
        return KeyPayload(key=id, secret=made.secret)

    @strawberry.mutation(description="A partner says that it has acted on a change that it got.")
    async def acknowledge_change(self, info: Info, input: AcknowledgeInput) -> AcknowledgePayload:
        note = input.note if isinstance(input.note, str) else None
        done = deliveries.acknowledge(info.context.actor, input.cursor, note)
        return await answered(AcknowledgePayload, "acknowledged_at", done)
