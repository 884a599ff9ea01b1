"""What a partner got, as a file."""

import csv
import io
from typing import Any
from uuid import UUID

import orjson

from cms.actions import accounts, deliveries, partners
from cms.actor import SYSTEM, Actor
from tests import house
from tests.web import Web

COLUMNS = [
    "cursor",
    "changedAt",
    "kind",
    "subjectId",
    "version",
    "channel",
    "outcome",
    "attempt",
    "at",
    "status",
    "acknowledgedAt",
    "note",
]


async def got(web: Web, stories: int) -> tuple[UUID, Web, list[str]]:
    """A partner that got so many stories, and their ids, the last one first."""
    made = await partners.save_partner(SYSTEM, {"name": "Harbour Wire"})
    told = [await house.live(headline=f"Story {number}") for number in range(stories)]
    await house.settled()
    actor = Actor(kind="PARTNER", partner_id=made, name="Harbour Wire")
    for story in told:
        await deliveries.fetched(actor, "feed latest.json", [story])
    wire = web.as_((await accounts.create_key(SYSTEM, "Feed", partner=made)).secret)
    return made, wire, [f"article_{story}" for story in reversed(told)]


def rows(body: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in body.splitlines()]


async def test_all_of_it_comes_the_newest_first_as_csv_and_as_json_lines(web: Web) -> None:
    made, wire, told = await got(web, 203)
    lines = await wire.get("/partners/me/ledger.jsonl")
    assert lines.headers["content-type"] == "application/jsonl; charset=utf-8"
    assert [row["subjectId"] for row in rows(lines.content)] == told
    assert {(row["kind"], row["version"], row["channel"], row["outcome"]) for row in rows(lines.content)} == {
        ("ARTICLE_PUBLISHED", 2, "feed latest.json", "FETCHED")
    }
    table = await wire.get(f"/partners/partner_{made}/ledger.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="ledger.csv"'
    read = list(csv.reader(io.StringIO(table.text)))
    assert read[0] == COLUMNS == list(rows(lines.content)[0])
    assert [row[3] for row in read[1:]] == told


async def test_who_may_not_see_a_partner_does_not_see_what_it_got(web: Web) -> None:
    made, wire, _ = await got(web, 1)
    other = await partners.save_partner(SYSTEM, {"name": "Inland Press"})
    press = web.as_((await accounts.create_key(SYSTEM, "Feed", partner=other)).secret)
    keys = {
        role: await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)
        for role in ("EDITOR", "ADMIN")
    }
    path = f"/partners/partner_{made}/ledger.jsonl"
    found = {
        "anonymous": await web.get(path),
        "another partner": await press.get(path),
        "an editor": await web.as_(keys["EDITOR"].secret).get(path),
        "an admin": await web.as_(keys["ADMIN"].secret).get(path),
        "an admin's own": await web.as_(keys["ADMIN"].secret).get("/partners/me/ledger.jsonl"),
        "another form": await wire.get("/partners/me/ledger.xml"),
        "no id": await wire.get("/partners/x/ledger.csv"),
    }
    assert {name: one.status_code for name, one in found.items()} == {
        "anonymous": 401, "another partner": 404, "an editor": 404, "an admin": 200,
        "an admin's own": 404, "another form": 404, "no id": 404,
    }  # fmt: skip
    assert rows((await press.get("/partners/me/ledger.jsonl")).content) == []


async def test_what_a_partner_wrote_runs_in_no_spreadsheet(web: Web) -> None:
    made, wire, _ = await got(web, 1)
    [row] = rows((await wire.get("/partners/me/ledger.jsonl")).content)
    await deliveries.acknowledge(Actor(kind="PARTNER", partner_id=made, name="W"), row["cursor"], '=HYPERLINK("x")')
    [_, line] = csv.reader(io.StringIO((await wire.get("/partners/me/ledger.csv")).text))
    assert line[-1] == '\'=HYPERLINK("x")'
    [row] = rows((await wire.get("/partners/me/ledger.jsonl")).content)
    assert row["note"] == '=HYPERLINK("x")'
