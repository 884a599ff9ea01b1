"""The process's clock.  Visibility never asks it: what readers may see is decided by the database's own `now()`."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
