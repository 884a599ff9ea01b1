"""What the faces work with: opened once when the process starts, closed when it ends."""

from dataclasses import dataclass

from cms.db import Database
from cms.read.cache import AnswerCache
from cms.read.freshness import Freshness
from cms.read.reader import Reader
from cms.settings import Settings
from cms.web.rates import Rates
from media.decode import Workshop
from media.renditions import Renditions
from media.storage import Store


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    reader: Reader
    freshness: Freshness
    store: Store
    workshop: Workshop
    renditions: Renditions
    feeds: AnswerCache
    rates: Rates
