"""Syndication partners, and what each is entitled to."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from cms import audit, clock, db, policy
from cms.actions import versioned
from cms.actions.fields import Reader, each_once, key, many, maybe, read, switch, territory, text
from cms.actor import Actor
from cms.errors import BadInput, NotFound
from cms.models import Partner, PartnerSection, Section

MOST_SECTIONS, MOST_DISTRIBUTORS = 200, 200


def _distributor(value: Any, path: tuple[str, ...]) -> str:
    """As photos have it for comparison: in small letters."""
    name: str = text(200, required=True)(value, path)
    return name.casefold()[:200]


FIELDS: Mapping[str, Reader] = {
    "name": text(120, required=True),
    "active": switch,
    "embargo_access": switch,
    "territories": each_once(territory, 250),
    "photo_distributors": maybe(each_once(_distributor, MOST_DISTRIBUTORS)),
    "sections": many(key, MOST_SECTIONS),
}


async def partner_named(actor: Actor, name: str) -> UUID:
    """The key of the partner with this name.  Raises NotFound, and BadInput for what cannot be a name."""
    policy.require(actor, "partner.manage")
    partner = await Partner.get_or_none(name=FIELDS["name"](name, ("partner",)))
    if partner is None:
        raise NotFound(f"There is no partner called {name}.", "partner")
    key: UUID = partner.id
    return key


async def save_partner(
    actor: Actor, changes: Mapping[str, Any], id: UUID | None = None, version: int | None = None
) -> UUID:
    """Without id it makes one.  The keys of a partner that is not active open nothing.

    No `sections` means all, no `photo_distributors` (None) everyone's photos.  Without `territories` it gets no photo that
    may be shown in some only.  Raises BadInput for a name that another partner has, NotFound, Conflict.
    """
    policy.require(actor, "partner.manage")
    values = read(FIELDS, changes, required=() if id else ("name",))
    sections = values.pop("sections", None)
    try:
        async with db.transaction():
            partner = await versioned.held(Partner, id, version, "partner")
            if partner is None:
                partner = await Partner.create(created_at=clock.now(), **values)
                await audit.record(actor, "partner.create", "Partner", partner.id, partner.name)
            elif values or sections is not None:
                await versioned.change(partner, values or {"name": partner.name})
                changed = ", ".join([*values, *([] if sections is None else ["sections"])])
                await audit.record(actor, "partner.update", "Partner", partner.id, f"{partner.name}: {changed}")
            if sections is not None:
                await _limit(partner.id, sections)
    except IntegrityError as error:
        raise BadInput("Another partner has this name.", "name") from error
    key: UUID = partner.id
    return key


async def _limit(partner_id: UUID, sections: Sequence[UUID]) -> None:
    known = {row["id"] for row in await Section.filter(id__in=list(sections)).values("id")}
    for place, one in enumerate(sections):
        if one not in known:
            raise NotFound("There is no such section.", "sections", str(place))
    await PartnerSection.filter(partner_id=partner_id).delete()
    await PartnerSection.bulk_create(PartnerSection(partner_id=partner_id, section_id=one) for one in sorted(known))
