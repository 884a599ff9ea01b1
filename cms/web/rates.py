"""Budgets: what one caller may have in a minute.  A caller is a person, a key's owner, a partner, or an address.

Each is a bucket that holds a minute's worth and fills steadily (the generic cell rate algorithm: one number for each caller,
the instant at which its bucket is full again).  They are this process's own; where there are several each gives out its share,
see docs/decisions/0020-budgets.md.
"""

import math
from time import monotonic
from typing import NamedTuple

from cms.actions.accounts import network
from cms.actor import Actor
from cms.errors import RateLimited
from cms.settings import Settings
from cms.telemetry import source

WINDOW_S = 60
MOST_CALLERS = 50_000  # that a bucket is kept for: some 7 MB

Caller = object


class Left(NamedTuple):
    """Of a budget, for RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10)."""

    name: str
    quota: int
    units: int
    full_in_s: float

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w={WINDOW_S}',
            "RateLimit": f'"{self.name}";r={self.units};t={math.ceil(self.full_in_s)}',
        }


class Budget:
    """`quota` units in a minute for each caller; 0: any number."""

    def __init__(self, name: str, quota: int):
        self._name, self._quota = name, quota
        self._step = WINDOW_S / quota if quota else 0.0
        self._full_at: dict[Caller, float] = {}

    def take(self, who: Caller, units: int = 1) -> Left | None:
        """What is left; None where there is no budget.  More than there ever is counts as all there is.

        Raises RateLimited, and takes nothing then.
        """
        if not self._quota:
            return None
        now = monotonic()
        full_at = max(self._full_at.get(who, now), now) + min(units, self._quota) * self._step
        if (over := full_at - now - WINDOW_S) > 1e-9:
            raise RateLimited(f"The budget for {self._name} is spent for now; try again later.", math.ceil(over))
        self._full_at[who] = full_at
        if len(self._full_at) > MOST_CALLERS:
            self._forget(now)
        return Left(self._name, self._quota, int((WINDOW_S - full_at + now) / self._step + 1e-6), full_at - now)

    def _forget(self, now: float) -> None:
        """Those whose bucket is full; where that is nobody, those that came first."""
        kept = [(who, full_at) for who, full_at in self._full_at.items() if full_at > now]
        self._full_at = dict(kept[-MOST_CALLERS * 3 // 4 :])


class Rates:
    def __init__(self, settings: Settings):
        def share(quota: int) -> int:
            return math.ceil(quota / settings.web_processes)

        self.reads = Budget("reads", share(settings.reads_per_minute))
        self.writes = Budget("writes", share(settings.writes_per_minute))
        self.uploads = Budget("uploads", share(settings.uploads_per_minute))
        self.sign_ins = Budget("sign-ins", share(settings.sign_ins_per_minute))


def caller(actor: Actor) -> Caller:
    """Whose budget it is: of a person or partner by whichever of their keys, of everyone else by the address."""
    return actor.user_id or actor.partner_id or network(source.get())
