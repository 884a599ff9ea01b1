"""Stories: made, changed, illustrated, linked, published."""

from typing import Any

import strawberry

from cms.actions import articles, publishing, related
from cms.errors import Refusal, Refused, Required
from schema.context import Context
from schema.errors import user_errors
from schema.mutations.call import answered, given, key, refused
from schema.types.inputs import (
    CreateArticleInput,
    PublishArticleInput,
    SetLeadPhotoInput,
    SetRelatedLinksInput,
    TransitionInput,
    UpdateArticleInput,
)
from schema.types.payloads import ArticlePayload

Info = strawberry.Info[Context, None]


@strawberry.type
class ArticleMutations:
    @strawberry.mutation(description="Makes a story, as a draft.")
    async def create_article(self, info: Info, input: CreateArticleInput) -> ArticlePayload:
        return await _answered(lambda: articles.create(info.context.actor, given(input)))

    @strawberry.mutation(description="Changes a story; on a published one the change goes live at once.")
    async def update_article(self, info: Info, input: UpdateArticleInput) -> ArticlePayload:
        def action() -> Any:
            changes = given(input, "id", "version", "note")
            return articles.update(
                info.context.actor, key(input.id, "Article"), input.version, changes, input.note or None
            )

        return await _answered(action)

    @strawberry.mutation(description="Publishes a story, now or at an instant to come.")
    async def publish_article(self, info: Info, input: PublishArticleInput) -> ArticlePayload:
        step = given(input, "id", "version") | {"accept_warnings": input.accept_warnings is not False}
        try:
            done = await publishing.publish(info.context.actor, key(input.id, "Article"), input.version, **step)
        except (Refusal, Refused) as error:
            return refused(ArticlePayload, error)
        article: Any = done.id
        return ArticlePayload(
            article=article, warnings=[warning for one in done.warnings for warning in user_errors(one)]
        )

    @strawberry.mutation(
        description="Takes a story down, now or at an instant to come; a scheduled one becomes a draft again."
    )
    async def unpublish_article(self, info: Info, input: TransitionInput) -> ArticlePayload:
        step = given(input, "id", "version")
        return await _answered(
            lambda: publishing.unpublish(info.context.actor, key(input.id, "Article"), input.version, **step)
        )

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


async def _answered(action: Any) -> ArticlePayload:
    """Reading the input may refuse too, so the action is made inside."""
    try:
        made = action()
    except Refusal as error:
        return refused(ArticlePayload, error)
    return await answered(ArticlePayload, "article", made)
