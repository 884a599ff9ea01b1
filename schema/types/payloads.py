"""What mutations answer: the thing as it stands now, or what the caller can mend."""

from typing import Any

import strawberry

from schema.scalars import JSON, URL, DateTime
from schema.types.entities import (
    Article,
    Author,
    Collection,
    Delivery,
    Feed,
    Key,
    Partner,
    Photo,
    Section,
    Tag,
    User,
    Webhook,
    says,
)
from schema.types.enums import ErrorCode, ViewerKind


@strawberry.type(description="Something that the caller can mend; nothing has changed.")
class UserError:
    code: ErrorCode = says("For programs; never changes its meaning.")
    message: str = says("One sentence for a person.")
    field: list[str] | None = says("The path of the input field; null where none is to blame.")
    current_version: int | None = strawberry.field(default=None, description="CONFLICT: the version that stands now.")
    current_by: str | None = strawberry.field(default=None, description="CONFLICT: who saved it.")
    current_at: DateTime | None = strawberry.field(default=None, description="CONFLICT: when it was saved.")


ERRORS = "What stopped it; empty when it is done."
WARNINGS = "What did not stop it, but is worth a look."


def entity(description: str) -> Any:
    """A payload's entity: the mutation gives its key, and the read engine reads it as the caller may see it."""
    return strawberry.field(default=None, description=description)


def refusals(description: str) -> Any:
    return strawberry.field(default_factory=list, description=description)


@strawberry.type(description="The article as it stands now.")
class ArticlePayload:
    article: Article | None = entity("The article; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)
    warnings: list[UserError] = refusals(WARNINGS)


@strawberry.type(description="What is gone.")
class DeletePayload:
    deleted_id: strawberry.ID | None = strawberry.field(default=None, description="Its id; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The photo as it stands now.")
class PhotoPayload:
    photo: Photo | None = entity("The photo; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)
    warnings: list[UserError] = refusals(WARNINGS)


@strawberry.type(description="A photo that was withdrawn, and what that concerns.")
class WithdrawPhotoPayload:
    photo: Photo | None = entity("The photo as it stands now, for staff; null when it was refused.")
    articles: list[Article] = refusals("The articles that used it, the newest first, up to 1,000; `usedIn` has all.")
    partners_notified: int = strawberry.field(
        default=0, description="How many partners had it, and find word of it in their ledger and feeds."
    )
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="One result for each file, in order.")
class UploadPhotosPayload:
    results: list[PhotoPayload] = says("One for each file, in the order given.")


@strawberry.type(description="One result for each photo, in order.")
class UpdatePhotosPayload:
    results: list[PhotoPayload] = says("One for each photo, in the order given.")


@strawberry.type(
    description="Where to put a file, in one request: `method` to `url` with `headers`, the file as its body."
)
class StartPhotoUploadPayload:
    upload_id: strawberry.ID | None = strawberry.field(default=None, description="For `finishPhotoUpload`.")
    url: URL | None = strawberry.field(default=None, description="Takes this one file, and nothing else.")
    method: str | None = strawberry.field(default=None, description="PUT.")
    headers: JSON | None = strawberry.field(default=None, description="Headers to send, by name.")
    expires_at: DateTime | None = strawberry.field(default=None, description="Until when it is put and finished.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The section as it stands now.")
class SectionPayload:
    section: Section | None = entity("The section; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The tag as it stands now.")
class TagPayload:
    tag: Tag | None = entity("The tag; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The author as it stands now.")
class AuthorPayload:
    author: Author | None = entity("The author; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The curated list as it stands now.")
class CollectionPayload:
    collection: Collection | None = entity("The list; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="A session.")
class SignInPayload:
    token: str | None = strawberry.field(default=None, description="Send it as `Authorization: Bearer …`; shown once.")
    user: User | None = entity("Who signed in.")
    expires_at: DateTime | None = strawberry.field(default=None, description="When the session ends.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The account as it stands now.")
class UserPayload:
    user: User | None = entity("The account; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="A new key.")
class KeyPayload:
    key: Key | None = entity("The key; null when it was refused.")
    secret: str | None = strawberry.field(default=None, description="What the program sends; shown once.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The key as it stands now.")
class RevokeKeyPayload:
    key: Key | None = entity("The key; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The partner as it stands now.")
class PartnerPayload:
    partner: Partner | None = entity("The partner; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The feed as it stands now.")
class FeedPayload:
    feed: Feed | None = entity("The feed; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The webhook as it stands now.")
class WebhookPayload:
    webhook: Webhook | None = entity("The webhook; null when it was refused.")
    secret: str | None = strawberry.field(
        default=None, description="What it is signed with; shown when it is made and when it gets another."
    )
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The delivery as it stands now.")
class DeliveryPayload:
    delivery: Delivery | None = entity("The delivery; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="That a partner has acted on a change.")
class AcknowledgePayload:
    acknowledged_at: DateTime | None = strawberry.field(
        default=None, description="When it was first said; null when it was refused."
    )
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The end of a session.")
class SignOutPayload:
    ok: bool = says("true: the session that this request came with has ended.")


@strawberry.type(description="Who asks, and what they may do.")
class Viewer:
    kind: ViewerKind = says("What kind of caller this is.")
    user: User | None = entity("The person behind it; null for readers and partners.")
    partner: Partner | None = entity("The partner that it is; null for everyone else.")
    permissions: list[str] = says('What they may do, as verbs: "article.publish".')
    sections: list[Section] = says("The sections that they work for, or are entitled to; empty means all.")


@strawberry.type(description="A preview link.")
class PreviewLinkPayload:
    token: str | None = strawberry.field(default=None, description="For `preview(token:)`; shown once.")
    url: URL | None = strawberry.field(default=None, description="The page that shows it; shown once.")
    expires_at: DateTime | None = strawberry.field(default=None, description="When the link ends.")
    errors: list[UserError] = refusals(ERRORS)


@strawberry.type(description="The end of a story's preview links.")
class RevokePreviewLinksPayload:
    revoked: int | None = strawberry.field(default=None, description="How many were ended; null when it was refused.")
    errors: list[UserError] = refusals(ERRORS)
