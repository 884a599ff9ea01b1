"""Partners: made, renamed, switched off, by an admin alone."""

from typing import Any
from uuid import uuid4

import pytest

from cms.actions import accounts, partners
from cms.actor import ANONYMOUS, SYSTEM, Actor
from cms.errors import BadInput, CMSError, Conflict, Forbidden, NotFound, Required, TooLong, Unauthenticated
from cms.models import Partner
from tests import house

pytestmark = pytest.mark.usefixtures("newsroom")


async def rows() -> list[tuple[str, bool, int]]:
    return [(row.name, row.active, row.version) for row in await Partner.all().order_by("id")]


async def test_a_partner_is_made_found_and_renamed() -> None:
    made = await partners.save_partner(SYSTEM, {"name": " Harbour Wire "})
    assert await rows() == [("Harbour Wire", True, 1)]
    assert await partners.partner_named(SYSTEM, "Harbour Wire ") == made
    assert await partners.save_partner(SYSTEM, {"name": "Harbour News"}, made, 1) == made
    assert await partners.save_partner(SYSTEM, {}, made, 2) == made
    assert await rows() == [("Harbour News", True, 2)]
    with pytest.raises(NotFound):
        await partners.partner_named(SYSTEM, "Harbour Wire")


async def test_the_keys_of_a_partner_that_is_switched_off_open_nothing_until_it_is_on_again() -> None:
    made = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    other = await partners.save_partner(SYSTEM, {"name": "Coast Radio"})
    secrets = [(await accounts.create_key(SYSTEM, "Feed", partner=one)).secret for one in (made, made, other)]

    async def opening() -> list[bool]:
        found = []
        for secret in secrets:
            try:
                found.append((await accounts.identify(secret)).kind == "PARTNER")
            except Unauthenticated:
                found.append(False)
        return found

    assert await opening() == [True, True, True]
    await partners.save_partner(SYSTEM, {"active": False}, made, 1)
    assert await opening() == [False, False, True]
    await partners.save_partner(SYSTEM, {"active": True}, made, 2)
    assert await opening() == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "kind", "path"),
    [
        ({"name": ""}, Required, ("name",)),
        ({"name": "x" * 121}, TooLong, ("name",)),
        ({"name": "Harbour\0"}, BadInput, ("name",)),
        ({"name": "Harbour\ud800"}, BadInput, ("name",)),
        ({"name": "Coast Radio"}, BadInput, ("name",)),
        ({"active": 1}, BadInput, ("active",)),
        ({"grants": ["all"]}, BadInput, ("grants",)),
    ],
    ids=lambda value: ascii(value)[:30],
)
async def test_what_cannot_be_of_a_partner_is_refused_and_nothing_changes(
    changes: dict[str, Any], kind: type[CMSError], path: tuple[str, ...]
) -> None:
    made = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    await partners.save_partner(SYSTEM, {"name": "Coast Radio"})
    before = await rows()
    for given, id, version in ((changes, made, 1), ({"name": "New"} | changes, None, None)):
        with pytest.raises(kind) as refused:
            await partners.save_partner(SYSTEM, given, id, version)
        assert getattr(refused.value, "field", None) == path
    assert await rows() == before


async def test_of_two_who_change_one_partner_the_second_is_refused() -> None:
    made = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    await partners.save_partner(SYSTEM, {"active": False}, made, 1)
    with pytest.raises(Conflict) as refused:
        await partners.save_partner(SYSTEM, {"name": "Other"}, made, 1)
    assert refused.value.current == 2
    with pytest.raises(Required):
        await partners.save_partner(SYSTEM, {"name": "Other"}, made)
    with pytest.raises(NotFound):
        await partners.save_partner(SYSTEM, {"name": "Other"}, uuid4(), 1)
    assert await rows() == [("Harbour Wire", False, 2)]


@pytest.mark.parametrize("name", ["", "a\0b", "a\ud800b", "x" * 1_000_000], ids=["empty", "NUL", "surrogate", "huge"])
async def test_what_cannot_be_a_name_is_not_looked_for(name: str) -> None:
    with pytest.raises((BadInput, Required, TooLong)) as refused:
        await partners.partner_named(SYSTEM, name)
    assert refused.value.field == ("partner",)


async def test_nobody_but_an_admin_manages_partners() -> None:
    made = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    others = [await house.staff(role) for role in ("READER", "CONTRIBUTOR", "PHOTO_EDITOR", "EDITOR")]
    before = await rows()
    partner = Actor(kind="PARTNER", partner_id=made, name="Harbour Wire")
    for actor, kind in [*((one, Forbidden) for one in [*others, partner]), (ANONYMOUS, Unauthenticated)]:
        for refused in (
            partners.save_partner(actor, {"name": "Mine"}),
            partners.save_partner(actor, {"active": False}, made, 1),
            partners.partner_named(actor, "Harbour Wire"),
        ):
            with pytest.raises(kind):
                await refused
    assert await rows() == before
    await partners.save_partner(await house.staff("ADMIN"), {"active": False}, made, 1)
