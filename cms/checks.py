"""What would stop a publisher, or worry one: one table for all who ask.

Three ask it: `Article.checks`, the filter `hasFailingChecks` (is there one that BLOCKS?), and `publishArticle`, which refuses
what BLOCKS and warns of the rest.  Each check is a condition in SQL over the rows of one story, so that a read stays one
statement and a publication sees what its own transaction has written.

The instants in a condition: {now} is the database's clock; {begins} is when the story would come out, its schedule or now;
{seen} is when readers would first see it, after its embargo; {ends} is its end, none for one that has ended already, which a
second publication takes away.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.connection import get_connection

from cms import policy
from cms.db.clock import NOW, dialect
from cms.errors import (
    AltTextMissing,
    BodyMissing,
    CaptionMissing,
    CreditMissing,
    Embargoed,
    ExpiresTooSoon,
    LinkHidden,
    PhotoWithdrawn,
    Refusal,
    RightsExpired,
    RightsRestricted,
    SummaryMissing,
)
from cms.models import FAR, Article

Level = Literal["BLOCKS", "WARNS"]
Subject = Literal["story", "photo", "link"]


@dataclass(frozen=True, slots=True)
class Check:
    """`fails` is a condition over the tables of SUBJECTS; `says` a sentence, about a photo or a link what follows its name.

    `field` is the input's field that mends the story itself.
    """

    refusal: type[Refusal]
    level: Level
    subject: Subject
    fails: str
    says: str
    field: str = ""

    @property
    def code(self) -> str:
        return self.refusal.code


CHECKS = (
    # the count is asked first: a long body is not read for it
    Check(BodyMissing, "BLOCKS", "story", "story.word_count = 0 AND CAST(story.body AS text) = '[]'", "The story has no body.", "body"),
    Check(SummaryMissing, "WARNS", "story", "coalesce(story.summary, '') = ''", "The story has no summary.", "summary"),
    Check(ExpiresTooSoon, "BLOCKS", "story", "{ends} <= {begins}", "The story would expire before it is published.", "expires_at"),
    Check(
        Embargoed,
        "BLOCKS",
        "story",
        "story.embargo_until >= {ends} OR ({begins} > {now} AND story.embargo_until > {begins})",
        "The embargo lasts longer than the schedule says.",
        "embargoed_until",
    ),
    Check(PhotoWithdrawn, "BLOCKS", "photo", "photo.status = 'WITHDRAWN'", "was withdrawn."),
    Check(RightsExpired, "BLOCKS", "photo", "photo.rights_until <= {seen}", "may not be shown any more when readers would see it."),
    Check(
        RightsRestricted,
        "WARNS",
        "photo",
        "coalesce(photo.restrictions, '') <> '' OR CAST(photo.territories AS text) <> '[]'",
        "may not be shown everywhere or in every way: see its restrictions.",
    ),
    Check(CreditMissing, "BLOCKS", "photo", "trim(photo.credit) = ''", "has no credit."),
    Check(CaptionMissing, "WARNS", "photo", "coalesce(used.caption, photo.caption) = ''", "has no caption."),
    Check(AltTextMissing, "WARNS", "photo", "coalesce(used.alt_text, photo.alt_text, '') = ''", "has no alternative text."),
    Check(LinkHidden, "WARNS", "link", "({public}) IS NOT TRUE", "leads to a story that readers would not see."),
)  # fmt: skip

_CALLED = (
    "CASE used.role WHEN 'LEAD' THEN 'The lead photo' WHEN 'GALLERY' THEN 'A photo in the gallery'"
    " ELSE 'A photo in the body' END || ' (' || photo.filename || ') ' || "
)
# subject -> the rows that it is asked of, where each stands in the story, and what a message calls it
SUBJECTS: dict[Subject, tuple[str, str, str]] = {
    "story": ("article story", "0", ""),
    "photo": (
        "article_photo used JOIN photo ON photo.id = used.photo_id JOIN article story ON story.id = used.article_id",
        "used.position",
        _CALLED,
    ),
    "link": (
        "related_link link JOIN article target ON target.id = link.target_id JOIN article story ON story.id = link.article_id",
        "link.position",
        "'Link ' || (link.position + 1) || ' ' || ",
    ),
}
_OWNER = {"story": "story.id", "photo": "used.article_id", "link": "link.article_id"}
ORDER = ("subject", "place", "number")


@dataclass(frozen=True, slots=True)
class Failure:
    """`use` is the placement's key where a photo is to blame; `place` is a link's place among the links."""

    check: Check
    message: str
    place: int
    use: UUID | None


def rows(name: str, story: str, *, begins: str | None = None, level: Level | None = None, links: str = "TRUE") -> str:
    """SQL of the checks that fail for the story with the key `story`: (subject, place, number, level, code, message, use).

    `story` must not be written by an alias that SUBJECTS has.  `begins` is an instant in SQL; without it the story's own
    schedule holds.  `links` says which links are asked, by `target`.
    """
    subjects = list(SUBJECTS)
    arms = []
    for number, check in enumerate(CHECKS):
        if level in (None, check.level):
            tables, place, called = SUBJECTS[check.subject]
            use = "used.id" if check.subject == "photo" else "CAST(NULL AS uuid)"
            arms.append(
                f"SELECT {subjects.index(check.subject)} AS subject, {place} AS place, {number} AS number,"
                f" '{check.level}' AS level, '{check.code}' AS code, {called}'{check.says}' AS message, {use} AS used"
                f" FROM {tables} WHERE {_OWNER[check.subject]} = {story} AND ({_condition(check, name, begins)})"
                + (f" AND {links}" if check.subject == "link" else "")
            )
    return " UNION ALL ".join(arms)


def blocked(name: str, story: str) -> str:
    """A condition in SQL: something BLOCKS the story with the key `story`."""
    return f"EXISTS ({rows(name, story, level='BLOCKS')})"


def public(name: str, story: str, at: str) -> str:
    """A condition in SQL: readers see the story under the alias `story` at the instant `at`."""
    return policy.clause(policy.public_at(policy.At(f"({at})")), Article, story, name, policy.Literals())


async def failing(article_id: UUID, begins: datetime) -> list[Failure]:
    """As it stands in the caller's transaction, which has written that it comes out at `begins`, and when it ends."""
    name = dialect()
    key, at = ("$1::uuid", "$2::timestamptz") if name == "postgres" else ("?1", "?2")
    values = [str(article_id), begins if name == "postgres" else begins.strftime("%Y-%m-%dT%H:%M:%S.%fZ")]
    sql = f"SELECT * FROM ({rows(name, key, begins=at)}) found ORDER BY {', '.join(ORDER)}"
    found = await get_connection("default").execute_query_dict(sql, values)
    return [
        Failure(CHECKS[row["number"]], row["message"], row["place"], row["used"] and UUID(str(row["used"])))
        for row in found
    ]


def _condition(check: Check, name: str, begins: str | None) -> str:
    now, far = NOW[name], f"'{FAR:%Y-%m-%dT%H:%M:%S.%fZ}'"
    ends = "story.live_until"
    if begins is None:
        begins = f"CASE WHEN story.live_from > {now} AND story.live_from < {far} THEN story.live_from ELSE {now} END"
        ends = f"CASE WHEN story.live_from <= {now} AND story.live_until <= {now} THEN NULL ELSE story.live_until END"
    seen = f"CASE WHEN story.embargo_until > {begins} THEN story.embargo_until ELSE {begins} END"
    shown = public(name, "target", seen)
    return check.fails.format(now=now, begins=begins, seen=seen, ends=ends, public=shown)
