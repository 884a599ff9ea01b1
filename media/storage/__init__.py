"""Where bytes are kept: a folder or a bucket, behind one Store."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from media.storage.local import LocalStore
from media.storage.s3 import S3Store
from media.storage.store import Door, Promise, Store

__all__ = ["Door", "Promise", "Store", "open_store"]


def open_store(url: str) -> Store:
    """`file:PATH` or `s3://BUCKET?endpoint=URL&region=NAME&path_style=1`.  Raises ValueError for anything else,
    StoreUnavailable for a folder that cannot be made.  To be closed."""
    parts = urlsplit(url)
    if parts.scheme == "file" and (path := url.removeprefix("file:").removeprefix("//")):
        return LocalStore(Path(path))
    options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    if (
        parts.scheme != "s3"
        or not parts.netloc
        or parts.path
        or not options.keys() <= {"endpoint", "region", "path_style"}
    ):
        raise ValueError(f"A store is file:PATH or s3://BUCKET?endpoint=URL&region=NAME&path_style=1, not {url!r}.")
    return S3Store(parts.netloc, options.get("endpoint"), options.get("region"), options.get("path_style") == "1")
