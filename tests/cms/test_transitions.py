"""Each verb of a story tried in each state by each kind of actor.  What comes of it is the table in docs/workflow.md.

`GOLDEN=write` writes the tables anew; the difference is what is reviewed.
"""

import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from cms import db, policy
from cms.actions import articles, previews, publishing
from cms.actions.story import start
from cms.actor import ANONYMOUS, ROLES, SYSTEM, Actor
from cms.errors import BadState, Forbidden, NotFound, Unauthenticated
from cms.models import Article
from tests import house

PAGE = Path(__file__).parents[2] / "docs" / "workflow.md"

# ---------------------------------------------------------------------------------------------------------- the states

Make = Callable[[Actor], Awaitable[UUID]]


async def _version(id: UUID) -> int:
    version: int = (await house.stored(id)).version
    return version


async def _in_review(owner: Actor) -> UUID:
    made = await house.article(owner)
    return await publishing.submit(SYSTEM, made, 1)


async def _published(owner: Actor, at: float | None = None, **fields: Any) -> UUID:
    made = await house.article(owner, **fields)
    await publishing.publish(SYSTEM, made, 1, at=house.hours(at) if at else None)
    return made


async def _with_working_copy(owner: Actor) -> UUID:
    made = await _published(owner)
    return await articles.update(SYSTEM, made, 2, {"kicker": "Kept back"}, keep_as_draft=True)


async def _unpublished(owner: Actor) -> UUID:
    return await publishing.unpublish(SYSTEM, await _published(owner), 2)


async def _withdrawn(owner: Actor) -> UUID:
    return await publishing.withdraw(SYSTEM, await _published(owner), 2)


STATES: Mapping[str, Make] = {
    "draft": house.article,
    "in review": _in_review,
    "scheduled": lambda owner: _published(owner, at=1),
    "under embargo": lambda owner: _published(owner, embargoed_until=house.hours(1)),
    "published": _published,
    "published, with a working copy": _with_working_copy,
    "unpublished": _unpublished,
    "withdrawn": _withdrawn,
}
PUBLIC = {"published", "published, with a working copy"}
NEVER_OUT = {"draft", "in review"}  # to policy these are drafts

# ----------------------------------------------------------------------------------------------------------- the verbs

Deed = Callable[[Actor, UUID, int], Awaitable[object]]

VERBS: Mapping[str, tuple[policy.Verb, Deed]] = {
    "`updateArticle`": (
        "article.update",
        lambda actor, story, version: articles.update(actor, story, version, {"summary": "New."}),
    ),
    "`updateArticle`, `keepAsDraft`": (
        "article.update",
        lambda actor, story, version: articles.update(actor, story, version, {"summary": "New."}, keep_as_draft=True),
    ),
    "`submitArticle`": ("article.submit", publishing.submit),
    "`publishArticle`": ("article.publish", publishing.publish),
    "`publishArticle`, `at` to come": (
        "article.publish",
        lambda actor, story, version: publishing.publish(actor, story, version, at=house.hours(2)),
    ),
    "`unpublishArticle`": ("article.unpublish", publishing.unpublish),
    "`unpublishArticle`, `at` to come": (
        "article.unpublish",
        lambda actor, story, version: publishing.unpublish(actor, story, version, at=house.hours(3)),
    ),
    "`withdrawArticle`": ("article.withdraw", publishing.withdraw),
    "`correctArticle`": (
        "article.correct",
        lambda actor, story, version: articles.correct(actor, story, version, "It was Tuesday.", {"headline": "New"}),
    ),
    "`restoreRevision`": ("article.restore", lambda actor, story, version: articles.restore(actor, story, version, 1)),
    "`createPreviewLink`": ("article.preview", lambda actor, story, version: previews.create(actor, story)),
    "`deleteArticle`": ("article.delete", articles.delete),
}


class Outcome(NamedTuple):
    """The state that came of it, or the code of the refusal; and what the ledger was told."""

    state: str
    told: tuple[str, ...] = ()


class _Undone(Exception):
    pass


async def tried(actor: Actor, deed: Deed, id: UUID) -> Outcome:
    """What comes of it, undone again where it was done: a refusal has to leave nothing by itself."""
    version, before = await _version(id), len(await house.told(id))
    outcome = Outcome("")
    with suppress(_Undone):
        async with db.transaction():
            try:
                await deed(actor, id, version)
            except (BadState, Forbidden, NotFound, Unauthenticated) as refusal:
                return Outcome(f"`{refusal.code}`")
            told = tuple(kind for kind, _ in (await house.told(id))[before:])
            outcome = Outcome(await _state(id), told)
            raise _Undone
    return outcome


async def _state(id: UUID) -> str:
    cases = {status: await Article.filter(rule, id=id).exists() for status, rule in policy.STATUS.items()}
    if not any(cases.values()):
        return "gone"
    (status,) = [status for status, holds in cases.items() if holds]
    article = await house.stored(id)
    if status == "SCHEDULED" and start(article) > article.live_from:
        return "under embargo"
    kept = ", with a working copy" if article.working_version else ""
    return status.lower().replace("_", " ") + kept


@dataclass(frozen=True)
class Desk:
    actors: dict[str, Actor]
    stories: dict[str, UUID]  # by state; all are the contributor's


@pytest.fixture
async def desk(newsroom: db.Database) -> Desk:
    section, sport = await house.section("World"), await house.section("Sport")
    owner, editor = await house.staff("CONTRIBUTOR"), await house.staff("EDITOR")
    actors = {
        "anonymous": ANONYMOUS,
        "reader": await house.staff("READER"),
        "contributor": await house.staff("CONTRIBUTOR"),
        "the owner, a contributor": owner,
        "photo editor": await house.staff("PHOTO_EDITOR"),
        "editor of the section": await house.staff("EDITOR", section),
        "editor of another section": await house.staff("EDITOR", sport),
        "editor": editor,
        "key of an editor": Actor(kind="API_KEY", role="EDITOR", user_id=editor.user_id, name="Script"),
        "admin": await house.staff("ADMIN"),
    }
    return Desk(actors, {name: await make(owner) for name, make in STATES.items()})


# ------------------------------------------------------------------------------------------------------------ the table


async def test_each_verb_does_in_each_state_what_the_page_says(desk: Desk) -> None:
    outcomes = {
        (verb, state): await tried(desk.actors["admin"], deed, id)
        for verb, (_, deed) in VERBS.items()
        for state, id in desk.stories.items()
    }
    rows = [[verb, *(outcomes[verb, state].state for state in STATES)] for verb in VERBS]
    _hold("What comes of it", ["verb", *STATES], rows)
    told = {verb: [outcomes[verb, state].told for state in STATES] for verb in VERBS}
    rows = [[verb, *(", ".join(f"`{kind}`" for kind in kinds) for kinds in row)] for verb, row in told.items()]
    _hold("What the ledger is told", ["verb", *STATES], [row for row in rows if any(row[1:])])


def test_who_may_is_listed_with_its_reach() -> None:
    rows = [
        [f"`{verb}`", *(WORDS[reach[role]] if role in reach else "" for role in STAFF)]
        for verb, reach in policy.MAY.items()
    ]
    _hold("Who may", ["verb", *(f"`{role}`" for role in STAFF)], rows)


@pytest.mark.parametrize("who", [
    "anonymous", "reader", "contributor", "the owner, a contributor", "photo editor", "editor of the section",
    "editor of another section", "editor", "key of an editor",
])  # fmt: skip
async def test_who_may_gets_what_an_admin_gets_and_who_may_not_changes_nothing(desk: Desk, who: str) -> None:
    assert set(desk.stories) == set(STATES)
    before = await house.everything()
    found, due = {}, {}
    for name, (verb, deed) in VERBS.items():
        for state, id in desk.stories.items():
            found[name, state] = await tried(desk.actors[who], deed, id)
            refusal = _refusal(who, verb, state)
            due[name, state] = Outcome(f"`{refusal}`") if refusal else await tried(desk.actors["admin"], deed, id)
    assert found == due
    assert await house.everything() == before


def _refusal(who: str, verb: policy.Verb, state: str) -> str | None:
    """What stops this actor, whatever the state allows; told again without policy."""
    if who == "anonymous":
        return "UNAUTHENTICATED"
    if who in ("editor of the section", "editor", "key of an editor"):
        return None
    own_draft = verb in ("article.update", "article.submit", "article.restore", "article.preview", "article.delete")
    if who == "the owner, a contributor":
        return None if own_draft and state in NEVER_OUT else "FORBIDDEN"
    if who == "contributor" and own_draft and state not in PUBLIC:
        return "NOT_FOUND"  # it does not see it
    return "FORBIDDEN"


def test_no_verb_of_a_story_is_missing_here() -> None:
    tried_here = {verb for verb, _ in VERBS.values()}
    assert tried_here == {verb for verb in policy.MAY if verb.startswith("article.")} - {"article.create"}


# -------------------------------------------------------------------------------------------------------------- the page

STAFF = ROLES[1:]
WORDS: Mapping[policy.Reach, str] = {
    "any": "yes",
    "own": "its own",
    "draft": "its own, until they are published",
    "section": "in its sections",
    "all": "if of all sections",
}


def _hold(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The table below `heading` says this, and nothing else."""
    lines = [columns, ["---"] * len(columns), *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    below = re.compile(rf"(?<=^## {heading}\n)([^|]*)((?:\|.*\n)+)", re.MULTILINE)
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(below.sub(lambda found: found[1] + table, PAGE.read_text(), count=1))
    found = below.search(PAGE.read_text())
    assert found is not None
    assert found[2] == table
