"""Stories that were withdrawn: whoever may have read one is told that it is gone for good."""

from cms.actor import ANONYMOUS
from cms.read.catalog import select
from cms.read.reader import Reader
from cms.read.shape import Slot

WITHDRAWN = select("Query", ("withdrawnBySlug", {"slug": Slot("var", ("slug",))}, "id"))
NOTICE = "This story was withdrawn."


async def withdrawn(reader: Reader, slug: str) -> bool:
    """Has the story under this slug, now or before, been out and been withdrawn?  Raises Unavailable."""
    return bool((await reader.value(WITHDRAWN, ANONYMOUS, {"slug": slug}))["withdrawnBySlug"])
