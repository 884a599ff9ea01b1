"""Budgets: what one caller may have in a minute.  A caller is a person, a key's owner, a partner, or an address.

Each is a bucket that holds a minute's worth and fills steadily (the generic cell rate algorithm: one number for each caller,
the instant at which its bucket is full again).  They are this process's own; where there are several each gives out its share,
see docs/decisions/0021-budgets.md.
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
    """Of a budget: the values of RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10)."""

    policy: str
    limit: str


class Budget:
    """`quota` units in a minute for each caller; 0: any number."""

    def __init__(self, name: str, quota: int):
        self._name, self._quota = name, quota
        self._step = WINDOW_S / quota if quota else 0.0
        self._policy = f'"{name}";q={quota};w={WINDOW_S}'
        self._full_at: dict[Caller, float] = {}

    def take(self, who: Caller, units: int = 1) -> Left | None:
        """What is left; None where there is no budget.  More than there ever is counts as all there is.

        Raises RateLimited, and takes nothing then.
        """
        if not self._quota:
            return None
        now = monotonic()
        full_at = self._full_at.get(who, now)
        full_in = (full_at - now if full_at > now else 0.0) + min(units, self._quota) * self._step
        if full_in - WINDOW_S > 1e-9:
            wait_s = math.ceil(full_in - WINDOW_S)
            raise RateLimited(f"The budget for {self._name} is spent for now; try again later.", wait_s)
        self._full_at[who] = now + full_in
        if len(self._full_at) > MOST_CALLERS:
            self._forget(now)
        left = int((WINDOW_S - full_in) / self._step + 1e-6)
        return Left(self._policy, f'"{self._name}";r={left};t={int(full_in) + 1}')

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
