"""Signing in and out."""

import strawberry

from cms.actions import accounts
from cms.errors import Refusal
from cms.web.auth import COOKIE
from schema.context import Context
from schema.mutations.call import refused
from schema.types.inputs import SignInInput
from schema.types.payloads import SignInPayload, SignOutPayload


@strawberry.type
class SessionMutations:
    @strawberry.mutation(
        description="A bearer token for an e-mail address and a password; also set as an HttpOnly cookie."
    )
    async def sign_in(self, info: strawberry.Info[Context, None], input: SignInInput) -> SignInPayload:
        settings = info.context.services.settings
        try:
            signed = await accounts.sign_in(input.email, input.password, settings=settings)
        except Refusal as error:
            return refused(SignInPayload, error)
        info.context.actor = signed.actor  # the payload is read as the one who has signed in
        secure = "; Secure" if settings.public_url.startswith("https:") else ""
        age = settings.session_hours * 3600
        info.context.cookie = f"{COOKIE}={signed.token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"
        user: object = signed.actor.user_id
        return SignInPayload(token=signed.token, user=user, expires_at=signed.expires_at)  # type: ignore[arg-type]

    @strawberry.mutation(description="Ends the session that this request came with.")
    async def sign_out(self, info: strawberry.Info[Context, None]) -> SignOutPayload:
        await accounts.sign_out(info.context.actor)
        info.context.cookie = f"{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        return SignOutPayload(ok=True)
