"""What partners got, and what they said of it: which version of what, when, by which channel."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from cms import audit, db, ids, ledger
from cms.actions.fields import text
from cms.actor import Actor
from cms.db.clock import dialect, now
from cms.errors import Forbidden, NotFound, Unauthenticated
from cms.models import Change, Delivery


async def fetched(actor: Actor, channel: str, subjects: Iterable[UUID]) -> None:
    """A partner was given these stories and photos as they stand: each one's newest change is noted for it, once.

    `channel` names the feed and its format.  What was told under embargo is noted for those alone who get that.  A subject
    of which nothing was ever told is left out.
    """
    assert actor.partner_id is not None
    wanted = orjson.dumps([str(one) for one in dict.fromkeys(subjects)]).decode()
    async with db.transaction(content=False):
        rows = await get_connection("default").execute_query_dict(
            _UNNOTED[dialect()], [wanted, actor.embargo_access, channel, str(actor.partner_id)]
        )
        at = await now()
        await Delivery.bulk_create(
            (
                Delivery(
                    id=ids.new(),
                    partner_id=actor.partner_id,
                    change_id=row["position"],
                    subject_id=row["subject_id"],
                    channel=channel,
                    outcome="FETCHED",
                    at=at,
                )
                for row in rows
            ),
            ignore_conflicts=True,  # the same feed is being given to the same partner at this moment
        )


async def acknowledge(actor: Actor, cursor: str, note: str | None = None) -> datetime:
    """A partner says that it has acted on a change that it got.  Saying so again changes nothing.

    Raises Unauthenticated, Forbidden for who is no partner, BadCursor, NotFound for a change that it did not get.
    """
    if actor.kind == "ANONYMOUS":
        raise Unauthenticated("Send a partner's key to do this.")
    if actor.partner_id is None:
        raise Forbidden("A partner acknowledges what it got.")
    note = text(2000)(note, ("note",))
    epoch, xid, position = ledger.place(cursor)
    async with db.transaction(content=False):
        await db.lock(actor.partner_id)
        change = await Change.filter(epoch=epoch, xid=xid, position=position).first()
        mine = Delivery.filter(partner_id=actor.partner_id, change_id=position)
        got = await mine.order_by("at").first()
        if change is None or got is None:
            raise NotFound("You did not get this change.", "cursor")
        before: datetime | None = got.acknowledged_at
        if before:
            return before
        at = await now()
        await mine.update(acknowledged_at=at, note=note)
        await audit.record(actor, "change.acknowledge", change.subject_type, change.subject_id, note or "")
    return at


# the newest settled change of each subject
_NEWEST = {
    "postgres": "SELECT DISTINCT ON (c.subject_id) c.position, c.subject_id FROM change c"
    " WHERE c.subject_id IN (SELECT value::uuid FROM json_array_elements_text($1::json))"
    f" AND (NOT c.ahead OR $2) AND {ledger.SETTLED['postgres']}"
    " ORDER BY c.subject_id, c.epoch DESC, c.position DESC",
    "sqlite": "SELECT max(c.position) AS position, c.subject_id FROM change c"
    " WHERE c.subject_id IN (SELECT value FROM json_each(?1)) AND (NOT c.ahead OR ?2) GROUP BY c.subject_id",
}
_UNNOTED = {
    name: f"SELECT position, subject_id FROM ({_NEWEST[name]}) n WHERE NOT EXISTS (SELECT 1 FROM delivery d"
    f" WHERE d.channel = {channel} AND d.partner_id = {partner} AND d.change_id = n.position)"
    for name, channel, partner in (("postgres", "$3", "$4::uuid"), ("sqlite", "?3", "?4"))
}
