"""The standards' own schemas, without a network: each check gives what is wrong, [] for nothing."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from lxml import etree
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT7

SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "standards" / "schemas"


def xml(document: bytes | etree._Element, schema: str) -> list[str]:
    """`schema` is a file's name."""
    root = etree.fromstring(document) if isinstance(document, bytes) else document
    known = _xsd(schema)
    known.validate(root)
    return str(known.error_log).splitlines()


def ninjs(document: bytes, version: str) -> list[str]:
    return _errors(_ninjs(version), json.loads(document))


def jsonfeed(document: bytes) -> list[str]:
    return _errors(_jsonfeed(), json.loads(document))


def oembed(document: bytes) -> list[str]:
    return _errors(_oembed(), json.loads(document))


def there(name: str) -> Path:
    """The schema's file; skips the test where the standards are not beside the repository."""
    path = SCHEMAS / name
    if not path.exists():
        pytest.skip("the standards' schemas are not there: ../shared/standards/schemas")
    return path


def _errors(validator: Validator, document: Any) -> list[str]:
    return [f"{'/'.join(map(str, one.path))}: {one.message}" for one in validator.iter_errors(document)]


@cache
def _xsd(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(there(name)))


@cache
def _ninjs(version: str) -> Validator:
    places = Resource.from_contents(_read("GeoJSON-schema.json"), default_specification=DRAFT7)
    address = "https://geojson.org/schema/GeoJSON.json"
    registry: Registry[Any] = Registry().with_resources([(address, places), (f"{address}#", places)])
    return Draft202012Validator(
        _read(f"ninjs-schema_{version}.json"), registry=registry, format_checker=FormatChecker(["uri", "date-time"])
    )


@cache
def _jsonfeed() -> Validator:
    base = "https://json.schemastore.org/"
    first = Resource.from_contents(_read("jsonfeed-feed-1.schema.json"), default_specification=DRAFT4)
    registry: Registry[Any] = Registry().with_resources([(f"{base}feed-1", first), (f"{base}feed-1.json", first)])
    schema = {**_read("jsonfeed-feed.schema.json"), "$id": f"{base}feed.json"}  # the file has none that draft 7 knows
    return Draft7Validator(schema, registry=registry, format_checker=FormatChecker(["uri", "date-time"]))


@cache
def _oembed() -> Validator:
    return Draft202012Validator(_read("oembed-min.schema.json"), format_checker=FormatChecker(["uri"]))


def _read(name: str) -> Any:
    return json.loads(there(name).read_bytes())
