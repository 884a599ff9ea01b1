"""A story's row with all that stands around it, in one statement: what a save looks at behind its last write.  For the
actions alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from tortoise.expressions import RawSQL

from cms import ledger, policy
from cms.db.clock import NOW, dialect
from cms.models import Article


@dataclass(frozen=True, slots=True)
class Around:
    """`status` is one of policy.STATUS, by the database's clock; `ahead`: partners who get embargoed stories see it, and nobody
    else yet.  `rows` are the lists of _ROWS by their names."""

    article: Article
    status: str
    ahead: bool
    rows: Mapping[str, list[dict[str, Any]]]

    @property
    def told(self) -> ledger.Told:
        """What the ledger was told of it last."""
        public = next((one["kind"] for one in self.rows["told"]), None)
        return ledger.Told(public, next((one["kind"] for one in self.rows["newest"] if one["ahead"]), None))


async def read(article_id: UUID) -> Around:
    """As it stands in this transaction."""
    asked = {"status": status(), "around": RawSQL(_around(dialect()))}
    article = await Article.filter(id=article_id).annotate(**asked).get()
    found = vars(article)
    return Around(article, *standing(found["status"]), orjson.loads(found["around"]))


def status() -> RawSQL:
    """policy.STATUS over "article", and AHEAD before it; for `standing`."""
    return RawSQL(_status(dialect()))


def standing(found: str) -> tuple[str, bool]:
    """(one of policy.STATUS, is it ahead?)"""
    return ("SCHEDULED", True) if found == "AHEAD" else (found, False)


def _named(alias: str) -> dict[str, str]:
    return {name: f"{alias}.{name}" for name in ("id", "slug", "name")}


_CARRIED = (
    "SELECT l.tag_id FROM article_tag l WHERE l.article_id = article.id "
    "UNION SELECT l.list_id FROM listing l WHERE l.article_id = article.id"
)
_LIVE = "r.article_id = article.id AND NOT r.working"
_TOLD = "FROM change c WHERE c.subject_id = article.id"
# the verbs' locks make position the real order of one subject's rows; by position alone the whole ledger may be walked
_LAST = "ORDER BY c.epoch DESC, c.position DESC LIMIT 1"
# lists: where their rows are, {now} being the clock, and what is kept of each
_ROWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "section": ("section s WHERE s.id = article.section_id", _named("s")),
    "authors": (
        "article_author l JOIN author a ON a.id = l.author_id WHERE l.article_id = article.id ORDER BY l.position",
        _named("a"),
    ),
    "tags": (
        "article_tag l JOIN tag t ON t.id = l.tag_id WHERE l.article_id = article.id ORDER BY l.position",
        _named("t"),
    ),
    "photos": (
        "article_photo l JOIN photo p ON p.id = l.photo_id WHERE l.article_id = article.id ORDER BY l.position",
        {name: f"l.{name}" for name in ("id", "role", "caption", "alt_text", "photo_version")}
        | {"photo": "l.photo_id", "credit": "p.credit"},
    ),
    "related": (
        "related_link l WHERE l.article_id = article.id ORDER BY l.position",
        {name: f"l.{name}" for name in ("kind", "title", "url")} | {"article": "l.target_id"},
    ),
    # the lists that it stands in, and whether at the place that it should
    "listed": (
        "listing l WHERE l.article_id = article.id",
        {"id": "l.id", "list": "l.list_id", "in_place": "l.live_from = article.live_from"},
    ),
    # its section and that one's ancestors
    "sections": ("section s WHERE substr(article.path, 1, length(s.path)) = s.path", {"id": "s.id"}),
    # tags that readers do not know of yet, those that it has left among them
    "hidden": (
        f"tag t WHERE t.visible_from > {{now}} AND t.id IN ({_CARRIED}) ORDER BY t.id",
        {"id": "t.id"},
    ),
    # what the ledger was told of it last, for all and whoever it was for
    "told": (f"(SELECT c.kind {_TOLD} AND NOT c.ahead {_LAST}) c", {"kind": "c.kind"}),
    "newest": (f"(SELECT c.kind, c.ahead {_TOLD} {_LAST}) c", {"kind": "c.kind", "ahead": "c.ahead"}),
    # its newest revision that was no working copy
    "public": (
        f"(SELECT r.snapshot FROM revision r WHERE {_LIVE} ORDER BY r.version DESC LIMIT 1) r",
        {"snapshot": "r.snapshot"},
    ),
}
# on each database: what makes an object, what makes a list, and what keeps JSON from being taken for text
_JSON = {"postgres": ("json_build_object", "json_agg", ""), "sqlite": ("json_object", "json_group_array", "json")}
_DOCUMENTS = ("snapshot",)  # what is JSON already


@cache
def _around(name: str) -> str:
    made, listed, json = _JSON[name]

    def record(columns: Mapping[str, str]) -> str:
        pairs = [f"'{key}', " + (f"{json}({sql})" if key in _DOCUMENTS else sql) for key, sql in columns.items()]
        return f"{made}({', '.join(pairs)})"

    def several(rows: str, columns: Mapping[str, str]) -> str:
        found = f"SELECT {record(columns)} AS one FROM {rows.format(now=NOW[name])}"
        return f"{json}(coalesce((SELECT {listed}({json}(one)) FROM ({found}) found), '[]'))"

    return f"CAST({record({key: several(*given) for key, given in _ROWS.items()})} AS text)"


@cache
def _status(name: str) -> str:
    """Made once: it took a tenth of a save."""
    holding = {
        one: policy.clause(rule, Article, "article", name, policy.Literals())
        for one, rule in {"AHEAD": policy.AHEAD, **policy.STATUS}.items()
    }
    cases = [f"WHEN {holds} THEN '{one}'" for one, holds in holding.items()]
    return f"CASE {' '.join(cases)} END"
