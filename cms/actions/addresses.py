"""What a slug leads to once its owner has another one.  For the actions alone.

A slug that readers could know is remembered when it is given up, and then nothing else of its kind is given it.  Whether one
is free is asked after it is written: the constraint lets the second of two wait until the first has remembered.
"""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

from cms.errors import SlugTaken
from cms.models import FormerSlug

Kind = Literal["article", "section", "tag", "author"]


async def change(kind: Kind, subject_id: UUID, before: str | None, after: str, *, known: bool) -> None:
    """`subject_id` was written under the slug `after`; `before` is what it had, None for a new thing.

    `known` says that readers could know `before`.  A former slug of its own is taken back.  Raises SlugTaken.
    """
    if before == after:
        return
    former = await FormerSlug.get_or_none(kind=kind, slug=after)
    if former and former.subject_id != subject_id:
        raise SlugTaken(f"The slug {after} leads to something that had it before.", "slug")
    if former:
        await former.delete()
    if before is not None and known:
        await FormerSlug.create(kind=kind, slug=before, subject_id=subject_id)


async def merge(kind: Kind, gone: Sequence[UUID], known: Iterable[str], into: UUID) -> None:
    """What led to `gone` leads to `into`, and so do their last slugs, as far as they were `known`."""
    await FormerSlug.filter(kind=kind, subject_id__in=list(gone)).update(subject_id=into)
    await FormerSlug.bulk_create([FormerSlug(kind=kind, slug=slug, subject_id=into) for slug in known])


async def subjects(kind: Kind, slugs: Iterable[str]) -> dict[str, UUID]:
    """Former slug -> what it leads to."""
    return {row.slug: row.subject_id for row in await FormerSlug.filter(kind=kind, slug__in=list(slugs))}


async def beginning(kind: Kind, start: str) -> set[str]:
    """The former slugs that begin so."""
    return {row["slug"] for row in await FormerSlug.filter(kind=kind, slug__startswith=start).values("slug")}
