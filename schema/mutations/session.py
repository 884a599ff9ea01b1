"""Signing in and out, and one's own password."""

import strawberry

from cms import telemetry
from cms.actions import accounts
from cms.errors import Refusal
from cms.web.auth import COOKIE
from schema.context import Context
from schema.mutations.call import refused
from schema.types.inputs import ChangePasswordInput, SignInInput
from schema.types.payloads import SignInPayload, SignOutPayload

Info = strawberry.Info[Context, None]

NO_COOKIE = f"{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"


@strawberry.type
class SessionMutations:
    @strawberry.mutation(
        description="A bearer token for an e-mail address and a password; also set as an HttpOnly cookie."
    )
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        settings, source = info.context.services.settings, telemetry.source.get()
        try:
            signed = await accounts.sign_in(input.email, input.password, settings=settings, source=source)
        except Refusal as error:
            return refused(SignInPayload, error)
        return _begun(info.context, signed)

    @strawberry.mutation(description="Ends the session that this request came with.")
    async def sign_out(self, info: Info) -> SignOutPayload:
        await accounts.sign_out(info.context.actor)
        info.context.cookie = NO_COOKIE
        return SignOutPayload(ok=True)

    @strawberry.mutation(description="Ends all sessions of the caller; keys stay valid.")
    async def sign_out_everywhere(self, info: Info) -> SignOutPayload:
        await accounts.sign_out_everywhere(info.context.actor)
        info.context.cookie = NO_COOKIE
        return SignOutPayload(ok=True)

    @strawberry.mutation(
        description="Another password for the caller: all their sessions end, and the token in the answer begins a new one."
    )
    async def change_password(self, info: Info, input: ChangePasswordInput) -> SignInPayload:
        context = info.context
        settings, source = context.services.settings, telemetry.source.get()
        try:
            signed = await accounts.change_password(
                context.actor, input.current, input.next, settings=settings, source=source
            )
        except Refusal as error:
            return refused(SignInPayload, error)
        return _begun(context, signed)


def _begun(context: Context, signed: accounts.SignedIn) -> SignInPayload:
    settings = context.services.settings
    context.actor = signed.actor  # the payload is read as the one who has signed in
    secure = "; Secure" if settings.public_url.startswith("https:") else ""
    age = settings.session_hours * 3600
    context.cookie = f"{COOKIE}={signed.token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"
    user: object = signed.actor.user_id
    return SignInPayload(token=signed.token, user=user, expires_at=signed.expires_at)  # type: ignore[arg-type]
