"""Stories: made, changed, illustrated, linked, published."""

from typing import Any
from uuid import UUID

import strawberry

from cms import ids
from cms.actions import articles, publishing, related
from cms.actor import Actor
from cms.errors import BadInput, Refusal, Refused, Required
from schema.context import Context
from schema.errors import user_errors
from schema.mutations.call import given, key, refused
from schema.types.inputs import (
    CorrectArticleInput,
    CreateArticleInput,
    PublishArticleInput,
    RestoreRevisionInput,
    SetLeadPhotoInput,
    SetRelatedLinksInput,
    TransitionInput,
    UpdateArticleInput,
)
from schema.types.payloads import ArticlePayload, DeletePayload

Info = strawberry.Info[Context, None]


@strawberry.type
class ArticleMutations:
    @strawberry.mutation(description="Makes a story, as a draft.")
    async def create_article(self, info: Info, input: CreateArticleInput) -> ArticlePayload:
        return await _answered(lambda: articles.create(info.context.actor, given(input)))

    @strawberry.mutation(
        description="Changes a story; on a published one the change goes live at once, unless it is kept as a draft."
    )
    async def update_article(self, info: Info, input: UpdateArticleInput) -> ArticlePayload:
        def action() -> Any:
            changes = given(input, "id", "version", "note", "keep_as_draft")
            return articles.update(
                info.context.actor,
                key(input.id, "Article"),
                input.version,
                changes,
                input.note or None,
                keep_as_draft=input.keep_as_draft is True,
            )

        return await _answered(action)

    @strawberry.mutation(description="Hands a draft to the desk.")
    async def submit_article(self, info: Info, input: TransitionInput) -> ArticlePayload:
        return await _answered(lambda: publishing.submit(*_at_once(info, input), note=input.note or None))

    @strawberry.mutation(
        description="Publishes a story, now or at an instant to come; also makes a live story's working copy live."
    )
    async def publish_article(self, info: Info, input: PublishArticleInput) -> ArticlePayload:
        def action() -> Any:
            step = given(input, "id", "version") | {"accept_warnings": input.accept_warnings is not False}
            return publishing.publish(info.context.actor, key(input.id, "Article"), input.version, **step)

        return await _answered(action)

    @strawberry.mutation(
        description="Takes a story down, now or at an instant to come; a scheduled one becomes a draft again."
    )
    async def unpublish_article(self, info: Info, input: TransitionInput) -> ArticlePayload:
        step = given(input, "id", "version")
        return await _answered(
            lambda: publishing.unpublish(info.context.actor, key(input.id, "Article"), input.version, **step)
        )

    @strawberry.mutation(description="Withdraws a story for good; its note is told to all who had it.")
    async def withdraw_article(self, info: Info, input: TransitionInput) -> ArticlePayload:
        return await _answered(lambda: publishing.withdraw(*_at_once(info, input), note=input.note or None))

    @strawberry.mutation(description="Mends a story that readers have seen, and tells them of the mistake.")
    async def correct_article(self, info: Info, input: CorrectArticleInput) -> ArticlePayload:
        def action() -> Any:
            changes = given(input, "id", "version", "correction")
            return articles.correct(
                info.context.actor, key(input.id, "Article"), input.version, input.correction, changes
            )

        return await _answered(action)

    @strawberry.mutation(description="Brings an old version's content back, as a new version.")
    async def restore_revision(self, info: Info, input: RestoreRevisionInput) -> ArticlePayload:
        return await _answered(
            lambda: articles.restore(info.context.actor, key(input.id, "Article"), input.version, input.revision)
        )

    @strawberry.mutation(description="Deletes a story that was never published.")
    async def delete_article(self, info: Info, input: TransitionInput) -> DeletePayload:
        try:
            deleted = await articles.delete(*_at_once(info, input))
        except (Refusal, Refused) as error:
            return refused(DeletePayload, error)
        return DeletePayload(deleted_id=strawberry.ID(ids.public("Article", deleted)))

    @strawberry.mutation(description="Sets the photo at a story's head, or takes it away.")
    async def set_lead_photo(self, info: Info, input: SetLeadPhotoInput) -> ArticlePayload:
        def action() -> Any:
            sent = given(input)
            if "photo" not in sent:
                raise Required("Name the photo, or null to take it away.", "photo")
            return articles.set_lead_photo(info.context.actor, key(input.id, "Article"), input.version, sent["photo"])

        return await _answered(action)

    @strawberry.mutation(description="Replaces the links under a story, in order.")
    async def set_related_links(self, info: Info, input: SetRelatedLinksInput) -> ArticlePayload:
        def action() -> Any:
            links = given(input)["links"]
            return related.set_links(info.context.actor, key(input.id, "Article"), input.version, links)

        return await _answered(action)


def _at_once(info: Info, input: TransitionInput) -> tuple[Actor, UUID, int]:
    """For a step that is not scheduled."""
    if input.at:
        raise BadInput("This is done at once; leave `at` out.", "at")
    return info.context.actor, key(input.id, "Article"), input.version


async def _answered(action: Any) -> ArticlePayload:
    """Reading the input may refuse too, so the action is made inside.  It gives the key, or the key with warnings."""
    try:
        done = await action()
    except (Refusal, Refused) as error:
        return refused(ArticlePayload, error)
    if isinstance(done, UUID):
        return ArticlePayload(article=done)  # type: ignore[arg-type]  # the read engine makes it the article
    warnings = [warning for one in done.warnings for warning in user_errors(one)]
    return ArticlePayload(article=done.id, warnings=warnings)
