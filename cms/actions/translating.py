"""Stories that are translations of each other: one set, in which each language stands once.

Joining and leaving takes effect at once, whatever is kept back as a working copy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from tortoise.exceptions import IntegrityError

from cms import db, ids, policy
from cms.actor import Actor
from cms.errors import BadInput, NotFound
from cms.models import Article

MOST = 100  # stories of one set
# held by whoever joins a set: two sets that are joined to each other at once would else be left apart
SETS = UUID("7a5e7000-0000-4000-8000-000000000000")
FIELD = "translation_of"


@contextmanager
def one_of_each_language() -> Iterator[None]:
    """Around a write of a story's language or set.  Raises BadInput where the constraint says that there is another one."""
    try:
        yield
    except IntegrityError as error:
        if "translation_set" not in str(error):  # no slug has an underscore
            raise
        raise BadInput("There is a translation in this language already.", "language") from error


async def joined(actor: Actor, article_id: UUID | None, original_id: UUID | None) -> UUID | None:
    """The set that a story belongs in as a translation of `original_id`, together with its own set; None for no set.

    `article_id` is None for a new story.  Within the transaction, before any other write.  Raises NotFound, BadInput.
    """
    if original_id is None:
        return None
    if original_id == article_id:
        raise BadInput("An article is no translation of itself.", FIELD)
    await db.lock(SETS)
    original = await _seen(actor, original_id)
    mine = article_id and (await Article.get(id=article_id).only("id", "translation_set")).translation_set
    joined = original.translation_set or mine or ids.new()
    members = await Article.filter(translation_set=joined).count()
    members += await Article.filter(translation_set=mine).count() if mine and mine != joined else 0
    if members >= MOST:
        raise BadInput(f"At most {MOST} stories are translations of each other.", FIELD)
    with one_of_each_language():
        async with db.transaction():
            await Article.filter(id=original.id).update(translation_set=joined)
            if mine:
                await Article.filter(translation_set=mine).update(translation_set=joined)
    return joined


async def changes(actor: Actor, article: Article, original_id: UUID | None) -> bool:
    """Would being a translation of `original_id`, or of none, be another set?  Raises NotFound."""
    if original_id is None:
        return article.translation_set is not None
    original = await _seen(actor, original_id)
    return original.translation_set is None or original.translation_set != article.translation_set


async def _seen(actor: Actor, id: UUID) -> Article:
    query = Article.filter(id=id)
    if rule := policy.visible("Article", actor):
        query = query.filter(rule)
    found = await query.only("id", "translation_set").first()
    if found is None:
        raise NotFound("There is no such article.", FIELD)
    return found
