"""One line of JSON for each thing worth knowing, each with the id of the request that it belongs to.

Never logged: credentials, tokens, bodies, variables, private text.  Control characters are escaped, for a line is a line.
"""

import logging
import secrets
import sys
import time
from contextvars import ContextVar
from typing import Any

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")

# what a record may carry beside its message: log.info("…", extra={"facts": {…}})
FACTS = "facts"


def new_request_id() -> str:
    """80 random bits, in hex: unique, and says nothing."""
    return secrets.token_hex(10)


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "from": record.name,
            "message": record.getMessage(),
        }
        if found := request_id.get():
            line["request"] = found
        line.update(getattr(record, FACTS, {}))
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def log_to_stderr(level: str) -> None:
    """All of the process's log, the server's own included, through one handler.  `level` is DEBUG, INFO, WARNING or ERROR."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # cms.web.edge writes a better one
    for name in ("botocore", "boto3", "urllib3", "tortoise", "asyncio", "s3transfer"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
