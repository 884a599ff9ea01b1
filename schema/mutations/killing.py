"""A photo withdrawn for good."""

from typing import Any
from uuid import UUID

import strawberry

from cms import audit
from cms.actions import killing
from cms.errors import Refusal, Refused
from schema.context import Context
from schema.mutations.call import given, key, refused
from schema.types.inputs import WithdrawPhotoInput
from schema.types.payloads import WithdrawPhotoPayload

Info = strawberry.Info[Context, None]


@strawberry.type
class KillMutations:
    @strawberry.mutation(
        description="Withdraws a photo for good, with every photo of the same bytes: from now on nobody gets it anywhere."
    )
    async def withdraw_photo(self, info: Info, input: WithdrawPhotoInput) -> WithdrawPhotoPayload:
        actor, held = info.context.actor, audit.in_hand.get()
        if held and (done := held.written(("Photo",))):  # a run that was cut off has done it
            return _told(await killing.report(actor, UUID(done["id"])))
        try:
            changes = given(input, "id", "version")
            return _told(await killing.withdraw(actor, key(input.id, "Photo"), input.version, changes))
        except (Refusal, Refused) as error:
            return refused(WithdrawPhotoPayload, error)


def _told(killed: killing.Killed) -> WithdrawPhotoPayload:
    # the read engine makes the photo and the articles of their keys
    photo: Any = killed.id
    articles: Any = list(killed.articles)
    return WithdrawPhotoPayload(photo=photo, articles=articles, partners_notified=killed.partners)
