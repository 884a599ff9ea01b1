"""JSON that the read engine has finished: the executor neither looks inside nor serialises it again."""

from typing import Any

import orjson


class Answer:
    """No dataclass: orjson would serialise that by itself."""

    __slots__ = ("json",)

    def __init__(self, json: bytes):
        self.json = json


def dumps(value: Any) -> bytes:
    """A response's JSON, with finished answers grafted in."""
    return orjson.dumps(value, default=_graft)


def _graft(value: Any) -> orjson.Fragment:
    if type(value) is Answer:
        return orjson.Fragment(value.json)
    raise TypeError(type(value))
