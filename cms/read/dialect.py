"""What differs between PostgreSQL and SQLite, and nothing else does.

PostgreSQL builds values of type json.  SQLite concatenates text: as fast as its json_object(), no limit of 63 pairs, and no
JSON subtype to lose on the way through a sub-select (there json() would parse every level again).  A Pair is a response key,
its SQL and its kind.

SQLite before 3.46 parses with a stack of 100 entries, and every level of nesting holds some until it ends: so an object over
a row already there is no sub-select, never-null JSON is not wrapped in coalesce(), and pages are CTEs.  Entries per level:
to-one 6, to-many 12, page 14.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

import orjson

from cms import ids, ledger, words
from cms.db.clock import NOW
from cms.errors import BadCursor, BadInput

Kind = Literal["text", "number", "boolean", "instant", "json", "json?"]  # json? may be NULL
CURSOR = re.compile(r"([a-z])((?:[0-9a-f]{2})*)([0-9a-f]{32})")
BIND = Callable[[Any], Any]
MOST_IDS = 100


class Pair(NamedTuple):
    key: str
    sql: str
    kind: Kind


class Dialect(Protocol):
    """The SQL that one database speaks.  `t` is a table's alias, `tail` everything from FROM on."""

    name: str
    now: str
    join: str  # joins two tables in the order written

    def parameter(self, number: int, read: str) -> str:
        """The parameter's place in the text; for a list, a sub-select to stand behind IN."""

    def literal(self, text: str) -> str: ...

    def null(self, type: str) -> str:
        """NULL, typed where the database wants to know."""

    def one(self, pairs: Sequence[Pair], tail: str = "", with_: str = "") -> str:
        """One object, NULL where there is no row."""

    def inline(self, pairs: Sequence[Pair]) -> str:
        """An object over a row that is already there."""

    def many(self, pairs: Sequence[Pair], tail: str) -> str:
        """A list of objects, [] for no rows."""

    def keyed(self, key: str, pairs: Sequence[Pair], tail: str) -> str:
        """An object of objects by `key`."""

    def listed(self, sql: str, condition: str | None = None) -> str:
        """An aggregate: the JSON list of `sql` over the rows of the select it stands in."""

    def elements(self, mark: str) -> str:
        """The list of public ids at `mark` as rows of (gid, n)."""

    def elements_list(self, rows: str, object: str) -> str:
        """The list of `object` over `rows` in their order n, null where it is NULL."""

    def statement(self, sql: str) -> str: ...

    def text(self, sql: str) -> str:
        """A key as text."""

    def member(self, sql: str, name: str) -> str:
        """A text in a stored JSON object; NULL where it is null."""

    def keys_in(self, sql: str, list: str, name: str) -> str:
        """A sub-select of the keys that the objects of a list in a stored JSON object hold under `name`."""

    def least(self, a: object, b: object) -> str: ...

    def greatest(self, a: object, b: object) -> str: ...

    def page(self, table: str, t: str, columns: list[str], tail: str, backwards: bool) -> str:
        """The rows of one page under the alias `t`, numbered and counted: at most the page and one more."""

    def numbered(self, t: str, column: str) -> str: ...

    def cursor_value(self, sql: str, kind: str) -> str: ...

    def hex_id(self, sql: str) -> str: ...

    def local_id(self, prefix: str, sql: str) -> str: ...

    def in_days(self, days: int) -> str:
        """The instant so many days of 24 hours from now, or ago."""

    def padded(self, sql: str) -> str:
        """A number as nine digits, so that text sorts as it does."""

    def list_parameter(self, value: list[Any]) -> Any: ...

    def instant_parameter(self, value: datetime) -> Any: ...


def reader(dialect: Dialect, read: str) -> BIND:
    """How a raw value becomes the parameter.  The function raises BadCursor for a cursor of another list or order, BadInput
    for too many ids."""
    read, _, detail = read.partition(":")
    listed = dialect.list_parameter
    return {
        "text": _words,
        "uuid": lambda value: None if value is None else str(value),
        "uuids": lambda value: listed([str(one) for one in value]),
        "texts": lambda value: listed([_words(one) for one in value]),
        "folded": lambda value: words.folded(_words(value) or ""),
        "word": lambda value: _word(value, int(detail)),
        "word-end": lambda value: _word_end(_word(value, int(detail))),
        "instant": dialect.instant_parameter,
        "id": lambda value: _key(value, detail),
        "key": _any_key,
        "ids": lambda value: listed([found for one in value if (found := _key(one, detail))]),
        "global-ids": lambda value: listed(_public_ids(value)),
        "cursor-instant": lambda value: dialect.instant_parameter(_instant(_cursor(value, detail)[0])),
        "cursor-text": lambda value: _decoded(_cursor(value, detail)[0]),
        "cursor-id": lambda value: _cursor(value, detail)[1],
        "cursor-place": lambda value: ledger.place(value)[int(detail)],
        "secret": lambda value: sha256(value.encode(errors="replace")).hexdigest(),
    }[read]


def _words(value: str | None) -> str | None:
    """No stored text holds a NUL, and PostgreSQL takes none: a noncharacter in its place is as absent."""
    return value and value.replace("\0", "\uffff")


LAST = "\U0010ffff"  # behind all letters


def _word_end(word: str | None) -> str | None:
    """The last text that is looked for with this word: what begins with it, but for one or two Latin letters, which begin
    too much."""
    return word and (word if len(word.encode()) < 3 else word + LAST)


def _word(value: str, place: int) -> str | None:
    """One of the words of a question, the longest first: it is likely the rarest."""
    found = sorted(words.words(value), key=len, reverse=True)
    if len(found) > words.MOST:
        raise BadInput(f"At most {words.MOST} words are looked for at once, not {len(found)}.", "filter")
    return found[place] if place < len(found) else None


def _key(value: str, prefix: str) -> str | None:
    found = ids.local(value, prefix)
    return None if found is None else str(found)


def _any_key(value: str) -> str | None:
    """The key behind a public id of whatever type."""
    found = ids.PUBLIC_ID.fullmatch(value)
    return found and found[2]


def _public_ids(value: Sequence[str]) -> list[str | None]:
    if len(value) > MOST_IDS:
        raise BadInput(f"At most {MOST_IDS} ids are looked up at once, not {len(value)}.", "ids")
    return [one if ids.PUBLIC_ID.fullmatch(one) else None for one in value]


def _cursor(value: str, tag: str) -> tuple[str, str]:
    """(order value as written, key) of a cursor made under the order `tag`."""
    found = CURSOR.fullmatch(value)
    if not found or found[1] != tag:
        raise BadCursor("This cursor does not belong to this list and order.")
    return found[2], str(UUID(found[3]))


def _instant(value: str) -> datetime:
    try:
        return datetime.strptime(value, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        raise BadCursor("This cursor is damaged.") from None


def _decoded(value: str) -> str:
    try:
        text = bytes.fromhex(value).decode()
    except ValueError:
        raise BadCursor("This cursor is damaged.") from None
    if "\0" in text:
        raise BadCursor("This cursor is damaged.")
    return text


class PostgreSQL:
    name = "postgres"
    now = NOW["postgres"]
    join = "JOIN"
    CASTS = {
        "instant": "timestamptz",
        "cursor-instant": "timestamptz",
        "uuid": "uuid",
        "id": "uuid",
        "key": "uuid",
        "cursor-id": "uuid",
        "cursor-place": "bigint",
        "global-ids": "text[]",
    }
    LISTS = {"texts": "text[]", "uuids": "uuid[]", "ids": "uuid[]"}

    def parameter(self, number: int, read: str) -> str:
        read = read.partition(":")[0]
        if read in self.LISTS:
            return f"(SELECT unnest(${number}::{self.LISTS[read]}))"
        return f"${number}::{self.CASTS.get(read, 'text')}"

    def literal(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'::text"

    def null(self, type: str) -> str:
        return f"NULL::{type}"

    def _columns(self, pairs: Sequence[Pair]) -> str:
        return ", ".join(f'{self._value(sql, kind)} AS "{key}"' for key, sql, kind in pairs)

    def _value(self, sql: str, kind: str) -> str:
        return f"""to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""" if kind == "instant" else sql

    def one(self, pairs: Sequence[Pair], tail: str = "", with_: str = "") -> str:
        return f"({with_}SELECT row_to_json(o) FROM (SELECT {self._columns(pairs)}{tail}) o)"

    def inline(self, pairs: Sequence[Pair]) -> str:
        return self.one(pairs)

    def many(self, pairs: Sequence[Pair], tail: str) -> str:
        # json_agg() would put ", \n " between rows; this is compact, and [] for no rows
        return f"array_to_json(ARRAY(SELECT o FROM (SELECT {self._columns(pairs)}{tail}) o))"

    def keyed(self, key: str, pairs: Sequence[Pair], tail: str) -> str:
        rows = f"SELECT {key} AS k, {self.one(pairs)} AS v{tail}"
        return f"(SELECT coalesce(json_object_agg(o.k, o.v), '{{}}'::json) FROM ({rows}) o)"

    def listed(self, sql: str, condition: str | None = None) -> str:
        only = f" FILTER (WHERE {condition})" if condition else ""
        return f"coalesce(array_to_json(array_agg({sql}){only}), '[]'::json)"

    def elements(self, mark: str) -> str:
        return f"unnest({mark}) WITH ORDINALITY u(gid, n)"

    def elements_list(self, rows: str, object: str) -> str:
        return f"array_to_json(ARRAY(SELECT {object} FROM {rows} ORDER BY u.n))"

    def statement(self, sql: str) -> str:
        return f"SELECT ({sql})::text"

    def text(self, sql: str) -> str:
        return f"{sql}::text"

    def member(self, sql: str, name: str) -> str:
        return f"({sql} ->> '{name}')"

    def keys_in(self, sql: str, list: str, name: str) -> str:
        return f"(SELECT (e ->> '{name}')::uuid FROM json_array_elements({sql} -> '{list}') e)"

    def least(self, a: object, b: object) -> str:
        return f"least({a}, {b})"

    def greatest(self, a: object, b: object) -> str:
        return f"greatest({a}, {b})"

    def page(self, table: str, t: str, columns: list[str], tail: str, backwards: bool) -> str:
        # without the body, that is, which windows and sorts would copy; forwards the rows come as they are numbered
        inner = "SELECT " + ", ".join(f'{t}."{column}"' for column in columns) + tail
        order = " ORDER BY _n DESC" if backwards else ""
        return f"(SELECT {t}.*, row_number() OVER () AS _n, count(*) OVER () AS _m FROM ({inner}) {t}{order}) {t}"

    def numbered(self, t: str, column: str) -> str:
        return f"{t}.{column}"

    def cursor_value(self, sql: str, kind: str) -> str:
        if kind == "instant":
            return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')"
        return f"encode(convert_to({sql}, 'UTF8'), 'hex')"

    def hex_id(self, sql: str) -> str:
        return f"replace({sql}::text, '-', '')"

    def local_id(self, prefix: str, sql: str) -> str:
        return f"CASE WHEN starts_with({sql}, '{prefix}_') THEN substr({sql}, {len(prefix) + 2})::uuid END"

    def in_days(self, days: int) -> str:
        return f"(now() + interval '{24 * days} hours')"

    def padded(self, sql: str) -> str:
        return f"to_char({sql}, 'FM000000000')"

    def list_parameter(self, value: list[Any]) -> Any:
        return value

    def instant_parameter(self, value: datetime) -> Any:
        return value


class SQLite:
    name = "sqlite"
    now = NOW["sqlite"]
    join = "CROSS JOIN"  # SQLite never reorders a CROSS JOIN
    LISTS = frozenset({"texts", "uuids", "ids"})

    def parameter(self, number: int, read: str) -> str:
        return f"(SELECT value FROM json_each(?{number}))" if read.partition(":")[0] in self.LISTS else f"?{number}"

    def literal(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def null(self, type: str) -> str:
        return "NULL"

    def _value(self, sql: str, kind: str) -> str:
        if kind == "json":
            return sql
        if kind == "json?":
            return f"coalesce({sql}, 'null')"
        if kind == "boolean":
            return f"CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"
        if kind == "instant":
            sql = f"substr({sql}, 1, 19) || 'Z'"
        return f"json_quote({sql})"

    def _object(self, pairs: Sequence[Pair]) -> str:
        parts = " || ',' || ".join(f"'\"{key}\":' || {self._value(sql, kind)}" for key, sql, kind in pairs)
        text = "'{' || " + (parts or "''") + " || '}'"
        return text.replace("'{' || '", "'{").replace("' || ',' || '", "',").replace(" || ',' || '", " || ',")

    def one(self, pairs: Sequence[Pair], tail: str = "", with_: str = "") -> str:
        return f"({with_}SELECT {self._object(pairs)}{tail})"

    def inline(self, pairs: Sequence[Pair]) -> str:
        return f"({self._object(pairs)})"

    def many(self, pairs: Sequence[Pair], tail: str) -> str:
        return (
            f"(SELECT '[' || coalesce(group_concat(o, ','), '') || ']' FROM (SELECT {self._object(pairs)} AS o{tail}))"
        )

    def keyed(self, key: str, pairs: Sequence[Pair], tail: str) -> str:
        rows = f"SELECT json_quote({key}) || ':' || {self._object(pairs)} AS o{tail}"
        return f"(SELECT '{{' || coalesce(group_concat(o, ','), '') || '}}' FROM ({rows}))"

    def listed(self, sql: str, condition: str | None = None) -> str:
        only = f" FILTER (WHERE {condition})" if condition else ""
        return f"'[' || coalesce(group_concat({sql}, ','){only}, '') || ']'"

    def elements(self, mark: str) -> str:
        return f"(SELECT value AS gid, key AS n FROM json_each({mark})) u"

    def elements_list(self, rows: str, object: str) -> str:
        quoted = f"SELECT coalesce({object}, 'null') AS o FROM {rows} ORDER BY u.n"
        return f"(SELECT '[' || coalesce(group_concat(o, ','), '') || ']' FROM ({quoted}))"

    def statement(self, sql: str) -> str:
        return f"SELECT {sql}"

    def text(self, sql: str) -> str:
        return sql

    def member(self, sql: str, name: str) -> str:
        return f"json_extract({sql}, '$.{name}')"

    def keys_in(self, sql: str, list: str, name: str) -> str:
        return f"(SELECT json_extract(e.value, '$.{name}') FROM json_each({sql}, '$.{list}') e)"

    def least(self, a: object, b: object) -> str:
        return f"min({a}, {b})"

    def greatest(self, a: object, b: object) -> str:
        return f"max({a}, {b})"

    def page(self, table: str, t: str, columns: list[str], tail: str, backwards: bool) -> str:
        # rowids first: `SELECT t.*` would copy every column, the long body included, for each candidate
        inner = f"SELECT {t}.rowid AS r{tail}"
        order = " DESC" if backwards else ""
        return (
            f"(SELECT r, row_number() OVER () AS _n, count(*) OVER () AS _m FROM ({inner}) ORDER BY _n{order}) {t}_k"
            f" CROSS JOIN {table} {t} ON {t}.rowid = {t}_k.r"
        )

    def numbered(self, t: str, column: str) -> str:
        return f"{t}_k.{column}"

    def cursor_value(self, sql: str, kind: str) -> str:
        if kind == "instant":  # cut from the fixed-width text
            cuts = ((1, 4), (6, 2), (9, 2), (12, 2), (15, 2), (18, 2), (21, 6))
            return " || ".join(f"substr({sql}, {start}, {length})" for start, length in cuts)
        return f"lower(hex({sql}))"

    def hex_id(self, sql: str) -> str:
        return f"replace({sql}, '-', '')"

    def local_id(self, prefix: str, sql: str) -> str:
        return f"CASE WHEN {sql} LIKE '{prefix}\\_%' ESCAPE '\\' THEN substr({sql}, {len(prefix) + 2}) END"

    def in_days(self, days: int) -> str:
        return f"(strftime('%Y-%m-%dT%H:%M:%f', 'now', '{days:+d} days') || '000Z')"

    def padded(self, sql: str) -> str:
        return f"printf('%09d', {sql})"

    def list_parameter(self, value: list[Any]) -> Any:
        return orjson.dumps(value).decode()

    def instant_parameter(self, value: datetime) -> Any:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


DIALECTS: dict[str, Dialect] = {"postgres": PostgreSQL(), "sqlite": SQLite()}
