"""Uploads: the GraphQL multipart request specification, read as it streams in.

`operations`, then `map`, then the files, each into a file of its own on disk.  Everything is bounded before it is read: the
number of parts, the length of names and fields, the size of each file.  A file that is too long is cut one byte behind the
limit, so that it alone is refused, with its own code, and the others of the request are not.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from cms.actions.photos import Upload
from cms.errors import BadRequest, BodyTooLarge
from cms.settings import Settings
from schema.request import Asked, from_object, load

MOST_HEADER_BYTES = 2048  # of one part


@dataclass
class _Part:
    name: str
    filename: str | None
    path: Path | None
    held: bytearray = field(default_factory=bytearray)
    size: int = 0


async def read(chunks: AsyncIterator[bytes], boundary: bytes, folder: Path, settings: Settings) -> Asked:
    """The operation, with an Upload for each file.  The files live in `folder`, which the caller clears away.

    Raises BadRequest for parts that do not fit one another, BodyTooLarge.
    """
    form = _Form(folder, settings)
    try:
        parser = MultipartParser(boundary, form.callbacks())
        async for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise BadRequest("This is not a well-formed multipart body.") from None
    finally:
        form.close()
    return form.asked()


class _Form:
    def __init__(self, folder: Path, settings: Settings):
        self._folder = folder
        self._most_bytes = settings.max_upload_mb * 1_000_000
        self._most_files = settings.max_upload_files
        self._most_json = settings.max_body_kb * 1000
        self._parts: dict[str, _Part] = {}
        self._part: _Part | None = None
        self._file: Any = None
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value, self._header_bytes = bytearray(), bytearray(), 0
        self._ended = False

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header(self._name, data[start:end]),
            "on_header_value": lambda data, start, end: self._header(self._value, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": lambda data, start, end: self._data(data[start:end]),
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def asked(self) -> Asked:
        if not self._ended:
            raise BadRequest("The multipart body ends too early.")
        operations, places = self._json("operations"), self._json("map")
        if not isinstance(places, dict):
            raise BadRequest("`map` must be an object of lists of paths.")
        files = {name: part for name, part in self._parts.items() if name not in ("operations", "map")}
        if places.keys() != files.keys():
            raise BadRequest("`map` and the files of the request do not name the same parts.")
        for name, paths in places.items():
            if not (isinstance(paths, list) and len(paths) == 1 and isinstance(paths[0], str)):
                raise BadRequest("`map` gives each file one path.")
            part = files[name]
            if part.path is None:
                raise BadRequest(f"The part {name!r} is no file: it has no filename.")
            _put(operations, paths[0], Upload(part.path, part.filename or ""))
        return from_object(operations)

    def _json(self, name: str) -> Any:
        part = self._parts.get(name)
        if part is None or part.path is not None:
            raise BadRequest(f"A multipart request has a field `{name}`.")
        return load(bytes(part.held), f"`{name}`")

    # ------------------------------------------------------------------------------------------ as the parser goes on

    def _begin(self) -> None:
        if len(self._parts) >= self._most_files + 2:
            raise BodyTooLarge(f"One request holds at most {self._most_files} files.")
        self._headers, self._header_bytes = {}, 0

    def _header(self, into: bytearray, data: bytes) -> None:
        self._header_bytes += len(data)
        if self._header_bytes > MOST_HEADER_BYTES:
            raise BadRequest("A part's headers are too long.")
        into += data

    def _end_header(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        try:
            name = options.get(b"name", b"").decode()
            filename = options[b"filename"].decode("utf-8", "replace") if b"filename" in options else None
        except UnicodeDecodeError:
            raise BadRequest("A part's name is not UTF-8.") from None
        if not name or name in self._parts:
            raise BadRequest("Each part has a name of its own.")
        if name == "map" and "operations" not in self._parts:
            raise BadRequest("`operations` comes before `map`.")
        if filename is not None and "map" not in self._parts:
            raise BadRequest("`operations` and `map` come before the files.")
        path = self._folder / str(len(self._parts)) if filename is not None else None
        self._part = self._parts[name] = _Part(name, filename, path)
        if path:
            self._file = path.open("wb")

    def _data(self, data: bytes) -> None:
        part = self._part
        assert part is not None
        if part.path is None:
            part.held += data
            if len(part.held) > self._most_json:
                raise BodyTooLarge(f"A field holds at most {self._most_json // 1000} kB.")
            return
        room = self._most_bytes + 1 - part.size
        if room > 0:
            self._file.write(data[:room])
            part.size += min(len(data), room)

    def _end(self) -> None:
        self._ended = True


def _put(operations: Any, path: str, upload: Upload) -> None:
    """At `path`, "variables.input.photos.0.file", where a null must stand."""
    *steps, last = path.split(".")
    at = operations
    if steps[:1] != ["variables"]:
        raise BadRequest("A path in `map` starts with `variables`.")
    for step in steps:
        at = _child(at, step, path)
    if _child(at, last, path) is not None:
        raise BadRequest(f"There is no null for a file at {path!r}.")
    at[int(last) if isinstance(at, list) else last] = upload


def _child(value: Any, step: str, path: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 4 and int(step) < len(value):
        return value[int(step)]
    raise BadRequest(f"There is nothing at {path!r} in `operations`.")
