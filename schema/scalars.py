"""The scalars of the public contract: one text form each, strictly read."""

import re
from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from cms.actions.photos import Upload

URL = NewType("URL", str)
HTML = NewType("HTML", str)
JSON = NewType("JSON", object)
DateTime = NewType("DateTime", datetime)

# RFC 3339 section 5.6, with an offset; a time without a zone is no instant
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _instant(value: Any) -> datetime:
    wrong = ValueError("a DateTime is written as 2026-01-31T08:00:00Z, with its offset")
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise wrong
    digits = re.sub(r"(\.\d{6})\d+", r"\1", value.upper())
    try:
        found = datetime.fromisoformat(digits).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, hour or offset
        raise wrong from None
    if found.year < 1900:
        raise ValueError("a DateTime lies between the years 1900 and 9999")
    return found


def _stamp(value: Any) -> str:
    return value if isinstance(value, str) else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text is expected here")
    return value


def _address(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s<>\"]+", value) or len(value) > 2000:
        raise ValueError("a URL starts with http:// or https:// and holds at most 2000 characters")
    return value


def _file(value: Any) -> Upload:
    if not isinstance(value, Upload):
        raise ValueError("a file is sent as a part of a multipart request")
    return value


def _scalar(name: str, description: str, read: Any, write: Any = lambda value: value) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, parse_value=read, serialize=write)


SCALARS: dict[object, ScalarDefinition] = {
    DateTime: _scalar(
        "DateTime", "An instant as RFC 3339 with offset; always UTC, to the second, on output.", _instant, _stamp
    ),
    URL: _scalar("URL", "An absolute http or https address.", _address),
    HTML: _scalar("HTML", "Sanitised HTML, safe to insert into a page.", _text),
    JSON: _scalar("JSON", "Any JSON value.", lambda value: value),
    Upload: _scalar("Upload", "A file, sent by the GraphQL multipart request specification.", _file),
}
