"""What is asked: one operation, from a JSON body or from a GET's parameters.  GraphQL over HTTP, read strictly.

The document is sent, or named: by `documentId` (GraphQL over HTTP, proposal #264: `sha256:` and the hash, or a name that was
registered), or by `extensions.persistedQuery` (Apollo's automatic persisted queries).
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from cms.actions import documents
from cms.errors import BadRequest, PersistedQueryMismatch
from cms.read.shape import Values

MOST_LEVELS, MOST_VALUES = 64, 10_000  # of JSON; a story of 500 blocks has 3,000 values, and nests 12 levels
USUAL = {"query", "variables"}
SHA256 = re.compile(r"[0-9a-f]{64}")
DOCUMENT_ID = re.compile(f"sha256:{SHA256.pattern}|{documents.NAME.pattern}")


class Asked(NamedTuple):
    """`query` is empty where the document is only named, and `sha256` is the hash by which a client of APQ names it.

    `get` is true where nothing may be changed, `own` where one of the product's own pages asks.
    """

    query: str
    variables: Values = {}
    operation_name: str | None = None
    get: bool = False
    document_id: str | None = None
    sha256: str | None = None
    own: bool = False

    def with_text(self, query: str) -> "Asked":
        """The same as if it had been sent."""
        return Asked(query, self.variables, self.operation_name, self.get, own=self.own)


def from_json(body: bytes) -> Asked:
    """Raises BadRequest for what is no JSON object, for a list of operations, and for parameters of a wrong type;
    PersistedQueryMismatch."""
    return from_object(load(body, "The body"))


def from_parameters(pairs: Iterable[tuple[str, str]]) -> Asked:
    """`variables` and `extensions` are JSON in text.  Raises BadRequest, PersistedQueryMismatch."""
    given = dict[str, str]()
    for name, value in pairs:
        if name in given:
            raise BadRequest("Each parameter is given once.")
        given[name] = value
    read: dict[str, Any] = {name: given[name] for name in ("query", "documentId", "operationName") if name in given}
    for name in ("variables", "extensions"):
        if given.get(name):
            read[name] = load(given[name].encode("utf-8", "surrogatepass"), name)
    return from_object(read, get=True)


def from_object(given: Any, *, get: bool = False) -> Asked:
    """Unknown keys are ignored and null is absent, as the specification has it."""
    if isinstance(given, list):
        raise BadRequest("One request holds one operation, not a list of them.")
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object with a `query` or a `documentId`.")
    query, variables = given.get("query"), given.get("variables", {})
    if given.keys() <= USUAL and type(query) is str and query and type(variables) is dict:  # most of them
        return Asked(query, variables, None, get)
    query, document_id = _typed(given, "query", str) or "", _typed(given, "documentId", str)
    sha256 = _sha256(_typed(given, "extensions", dict) or {})
    if document_id is not None and (query or sha256):
        raise BadRequest("With a `documentId` a request holds neither `query` nor `persistedQuery`.")
    if document_id is not None and not DOCUMENT_ID.fullmatch(document_id):
        raise BadRequest("A `documentId` is `sha256:` with 64 digits in small hex, or a registered name.")
    if not (query or document_id or sha256):
        raise BadRequest("The request holds no `query` and no `documentId`.")
    if query and sha256 and documents.digest(query) != sha256:
        raise PersistedQueryMismatch("`sha256Hash` is not the hash of this `query`.")
    variables, operation_name = _typed(given, "variables", dict) or {}, _typed(given, "operationName", str)
    return Asked(query, variables, operation_name, get, document_id, sha256)


def load(text: bytes, what: str) -> Any:
    """JSON in UTF-8, each name once in an object, neither deep nor of very many values.  Raises BadRequest.

    orjson refuses what is no JSON (NaN, numbers beyond a float, half characters, 1,024 levels), and of a name that is given
    twice keeps the last, as other readers keep the first: what it writes again as it was had none.  A kB takes 3 us.
    """
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        raise BadRequest(f"{what} is not JSON in UTF-8.") from None
    if text.count(b"[") + text.count(b"{") > MOST_LEVELS or text.count(b",") > MOST_VALUES:
        _measure(value, what)
    if orjson.dumps(value) != text:
        _check_names(text, what)
    return value


def _measure(value: Any, what: str) -> None:
    level, values = [value], 0
    for _ in range(MOST_LEVELS):
        level = [
            item
            for one in level
            if isinstance(one, (dict, list))
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        values += len(level)
        if values > MOST_VALUES:
            raise BadRequest(f"{what} holds more than {MOST_VALUES} values.")
        if not level:
            return
    raise BadRequest(f"{what} nests deeper than {MOST_LEVELS} levels.")


def _check_names(text: bytes, what: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) > 1 and len({name for name, _ in pairs}) < len(pairs):
            raise BadRequest(f"{what} names something twice in one object.")

    # what of it are numbers does not matter here, and Python reads no whole number of 5,000 digits
    json.loads(text, object_pairs_hook=once, parse_int=str, parse_float=str)


def _sha256(extensions: dict[str, Any]) -> str | None:
    """What APQ's clients send: {"persistedQuery": {"version": 1, "sha256Hash": "…"}}."""
    persisted = _typed(extensions, "persistedQuery", dict)
    if persisted is None:
        return None
    if persisted.get("version") != 1:
        raise BadRequest("`persistedQuery` is understood in version 1.")
    sha256: str | None = _typed(persisted, "sha256Hash", str)
    if sha256 is None or not SHA256.fullmatch(sha256):
        raise BadRequest("`sha256Hash` is the SHA-256 of the text, 64 digits in small hex.")
    return sha256


def _typed(given: dict[str, Any], name: str, kind: type) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(f"`{name}` must be {'text' if kind is str else 'an object'}.")
    return value
