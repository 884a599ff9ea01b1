"""What photos are found by: words, and what they look like.

For the actions alone.  `index` follows each save; a picture's likeness changes with its file only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from tortoise.functions import Count

from cms import words
from cms.models import Photo, PhotoLikeness, PhotoWord
from media import likeness

WIDEST = 300  # characters of a keyword or a name
CANDIDATES = 50  # that share most: these are compared.  The catalog's `similar` looks as far

Word = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Copy:
    """A photo that is like a picture; `distance` as `media.likeness` has it."""

    id: UUID
    sha256: str
    distance: int

    @property
    def whole(self) -> bool:
        """Does it show the same, not a part?  Only that is sure enough to refuse by."""
        return self.distance <= likeness.WHOLE


def words_of(photo: Photo) -> set[Word]:
    """All rows of PhotoWord that the photo should have, as (kind, word)."""
    said = (photo.caption, photo.headline, photo.credit, *photo.keywords, *photo.people, photo.filename)
    whole = {("keyword", one) for one in photo.keywords} | {("person", one) for one in photo.people}
    return (
        {("text", word) for text in said for word in words.words(text or "")}
        | {("credit", word) for word in words.words(photo.credit)}
        | {(kind, words.folded(one)[:WIDEST]) for kind, one in whole}
    )


async def index(photo: Photo) -> None:
    """After a save."""
    wanted = words_of(photo)
    rows = {(row.kind, row.word): row.id for row in await PhotoWord.filter(photo_id=photo.id)}
    if gone := [id for word, id in rows.items() if word not in wanted]:
        await PhotoWord.filter(id__in=gone).delete()
    await PhotoWord.bulk_create(
        PhotoWord(photo_id=photo.id, kind=kind, word=word) for kind, word in sorted(wanted - rows.keys())
    )


async def resemble(photo_id: UUID, text: str) -> None:
    """After it got a file that looks like this."""
    await PhotoLikeness.filter(photo_id=photo_id).delete()
    await PhotoLikeness.bulk_create(PhotoLikeness(photo_id=photo_id, key=key) for key in keys_of(text))


def keys_of(text: str) -> list[int]:
    read = likeness.parse(text)
    return sorted(likeness.keys(read)) if read else []


async def copies(text: str) -> list[Copy]:
    """Photos that look like this, the nearest first; withdrawn ones too."""
    picture = likeness.parse(text)
    if picture is None:
        return []
    sharing = PhotoLikeness.filter(key__in=keys_of(text)).annotate(shared=Count("id")).group_by("photo_id")
    ranked = sharing.order_by("-shared", "photo_id").limit(CANDIDATES)
    found = Photo.filter(id__in=await ranked.values_list("photo_id", flat=True)).order_by("id")
    near = await found.only("id", "sha256", "likeness")  # not what their files say
    return sorted(_compared(picture, near), key=lambda one: one.distance)


def _compared(picture: likeness.Likeness, near: Iterable[Photo]) -> Iterable[Copy]:
    for photo in near:
        other = likeness.parse(photo.likeness)
        apart = likeness.distance(picture, other) if other else None
        if apart is not None:
            yield Copy(photo.id, photo.sha256, apart)
