"""Accounts, and the keys of programs."""

from typing import Any

import strawberry

from cms.actions import accounts
from cms.errors import BadInput, Refusal, Refused
from schema.context import Context
from schema.mutations.call import answered, given, key, refused
from schema.types.inputs import CreateKeyInput, RevokeKeyInput, SaveUserInput
from schema.types.payloads import KeyPayload, RevokeKeyPayload, UserPayload

Info = strawberry.Info[Context, None]


@strawberry.type
class PeopleMutations:
    @strawberry.mutation(description="Makes an account, or changes one.")
    async def save_user(self, info: Info, input: SaveUserInput) -> UserPayload:
        try:
            id = key(input.id, "User") if isinstance(input.id, str) else None
            changes = given(input, "id", "version")
        except Refusal as error:
            return refused(UserPayload, error)
        version = input.version if isinstance(input.version, int) else None
        return await answered(UserPayload, "user", accounts.save_user(info.context.actor, changes, id, version))

    @strawberry.mutation(description="Makes a key for programs that act for the caller; its secret is shown once.")
    async def create_api_key(self, info: Info, input: CreateKeyInput) -> KeyPayload:
        try:
            sent = given(input, "label")
            if sent.get("partner"):
                raise BadInput("A partner's key is made by createPartnerKey.", "partner")
            made = await accounts.create_key(
                info.context.actor,
                input.label,
                scopes=sent.get("scopes") or (),
                expires_at=sent.get("expires_at"),
            )
        except (Refusal, Refused) as error:
            return refused(KeyPayload, error)
        id: Any = made.id
        return KeyPayload(key=id, secret=made.secret)

    @strawberry.mutation(description="Ends a key at once: one's own, or anyone's for those who manage keys.")
    async def revoke_key(self, info: Info, input: RevokeKeyInput) -> RevokeKeyPayload:
        try:
            id = key(input.id, "Key")
        except Refusal as error:
            return refused(RevokeKeyPayload, error)
        return await answered(RevokeKeyPayload, "key", accounts.revoke_key(info.context.actor, id))
