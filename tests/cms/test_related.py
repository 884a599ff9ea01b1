"""Curated links."""

from uuid import UUID, uuid4

import pytest

from cms.actions import related
from cms.actor import ANONYMOUS, SYSTEM
from cms.errors import BadInput, Conflict, Forbidden, NotFound, Refused, Unauthenticated
from cms.models import RelatedLink, Revision
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")


@pytest.fixture(autouse=True)
async def world(newsroom: object) -> UUID:
    return await house.section("World")


async def links(article_id: UUID) -> list[tuple[str, str | None, UUID | None, str | None]]:
    rows = await RelatedLink.filter(article_id=article_id).order_by("position")
    return [(row.kind, row.title, row.target_id, row.url) for row in rows]  # type: ignore[attr-defined]


async def test_the_list_is_replaced_in_the_given_order() -> None:
    one, two, made = await house.article(), await house.article(), await house.article()
    await related.set_links(SYSTEM, made, 1, [{"article": two}])
    await related.set_links(
        SYSTEM,
        made,
        2,
        [
            {"url": "https://un.test/report", "title": "The report", "kind": "RELATED"},
            {"article": one, "title": "How it began", "kind": "BACKGROUND"},
            {"article": two},
        ],
    )
    assert await links(made) == [
        ("EXTERNAL", "The report", None, "https://un.test/report"),
        ("BACKGROUND", "How it began", one, None),
        ("RELATED", None, two, None),
    ]
    assert (await Revision.get(article_id=made, version=3)).snapshot["related"][1] == {
        "kind": "BACKGROUND",
        "title": "How it began",
        "url": None,
        "article": str(one),
    }
    await related.set_links(SYSTEM, made, 3, [])
    assert await links(made) == []


async def test_a_live_storys_links_are_told_of() -> None:
    made = await house.live()
    await related.set_links(SYSTEM, made, 2, [{"url": "https://un.test", "title": "UN"}])
    assert await house.told(made) == [("ARTICLE_PUBLISHED", 2), ("ARTICLE_UPDATED", 3)]
    assert (await house.stored(made)).modified_at is not None


async def test_every_wrong_link_is_named_and_the_list_stays() -> None:
    one, made = await house.article(), await house.article()
    await related.set_links(SYSTEM, made, 1, [{"article": one}])
    with pytest.raises(Refused) as refused:
        await related.set_links(
            SYSTEM,
            made,
            2,
            [
                {"article": made},
                {"article": uuid4()},
                {"article": one, "kind": "EXTERNAL"},
                {"article": one, "url": "https://a.test", "title": "both"},
                {"article": one},
            ],
        )
    assert [(type(one), one.field) for one in refused.value.refusals] == [
        (BadInput, ("links", "0", "article")),
        (NotFound, ("links", "1", "article")),
        (BadInput, ("links", "2", "kind")),
        (BadInput, ("links", "3")),
        (BadInput, ("links", "3")),
        (BadInput, ("links", "4")),
    ]
    assert await links(made) == [("RELATED", None, one, None)]
    assert (await house.stored(made)).version == 2


async def test_a_hidden_story_cannot_be_linked_to_any_more_than_an_absent_one() -> None:
    hidden = await house.article()
    mine = await house.staff("CONTRIBUTOR")
    made = await house.article(mine)
    answers = []
    for target in (hidden, uuid4()):
        with pytest.raises(NotFound) as refused:
            await related.set_links(mine, made, 1, [{"article": target}])
        answers.append((refused.value.message, refused.value.field))
    assert answers[0] == answers[1]
    assert await links(made) == []


async def test_links_need_a_permission_and_the_version() -> None:
    made = await house.article()
    with pytest.raises(Unauthenticated):
        await related.set_links(ANONYMOUS, made, 1, [])
    with pytest.raises(Forbidden):
        await related.set_links(await house.staff("PHOTO_EDITOR"), made, 1, [])
    with pytest.raises(Conflict):
        await related.set_links(SYSTEM, made, 2, [])
    assert (await house.stored(made)).version == 1
