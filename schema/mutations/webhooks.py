"""Webhooks, and what becomes of what they are sent."""

from typing import Any

import strawberry

from cms import policy, syndication, webhooks
from cms.actions import webhooks as actions
from cms.errors import BadInput, CMSError, Refusal, Refused
from schema.context import Context
from schema.mutations.call import answered, given, key, refused
from schema.prepared import Documents
from schema.types.inputs import RedeliverInput, SaveWebhookInput, TestWebhookInput
from schema.types.payloads import DeliveryPayload, WebhookPayload

Info = strawberry.Info[Context, None]
KNOWN = {"id", "kind", "version", "cursor"}  # variables that a webhook's query is given


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(description="Makes a webhook, or changes it; its secret is shown when it gets one.")
    async def save_webhook(self, info: Info, input: SaveWebhookInput) -> WebhookPayload:
        actor, settings = info.context.actor, info.context.services.settings
        try:
            policy.require(actor, "webhook.manage")
            id = key(input.id, "Webhook") if isinstance(input.id, str) else None
            changes = given(input, "id", "version")
            if changes.get("query"):
                _check(info, changes["query"])
            version = input.version if isinstance(input.version, int) else None
            saved = await actions.save(actor, changes, id, version, near=settings.outgoing)
        except (Refusal, Refused) as error:
            return refused(WebhookPayload, error)
        made: Any = saved.id
        number = saved.secret_number
        secret = syndication.webhook_secret(settings.secret_key, str(saved.id), number) if number else None
        return WebhookPayload(webhook=made, secret=secret)

    @strawberry.mutation(
        description="Sends a webhook the newest change that it is told of, and waits a few seconds for what comes of it."
    )
    async def test_webhook(self, info: Info, input: TestWebhookInput) -> DeliveryPayload:
        try:
            id = key(input.id, "Webhook")
        except Refusal as error:
            return refused(DeliveryPayload, error)
        return await answered(
            DeliveryPayload, "delivery", webhooks.test(info.context.services.reader, info.context.actor, id)
        )

    @strawberry.mutation(description="Sends a delivery again, whatever became of it.")
    async def redeliver(self, info: Info, input: RedeliverInput) -> DeliveryPayload:
        try:
            id = key(input.id, "Delivery")
        except Refusal as error:
            return refused(DeliveryPayload, error)
        return await answered(DeliveryPayload, "delivery", actions.redeliver(info.context.actor, id))


def _check(info: Info, query: str) -> None:
    """Raises BadInput for what is no query, or asks for variables that it is not given."""
    try:
        operation = Documents(info.schema._schema, info.context.services.settings).prepare(query, None)
    except CMSError as error:
        raise BadInput(error.message, "query") from error
    if operation.node.operation.value != "query":
        raise BadInput("A webhook is sent the answer of a query.", "query")
    names = {one.variable.name.value for one in operation.node.variable_definitions or ()}
    if unknown := sorted(names - KNOWN):
        raise BadInput(f"A webhook's query knows no variable ${unknown[0]}: $id, $kind, $version and $cursor.", "query")
