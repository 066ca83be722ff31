"""How often somebody may do something: counted per user and organisation, in one place for all replicas."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

log = logging.getLogger(__name__)

AANTALLEN = {
    "vraag": "600/minute",  # everything one user does: pages are light, but a loop is not a person
    "aanleveren": "10/minute",  # vraagbestanden of one organisation
    "inloggen": "60/minute",  # attempts from one address: a whole town hall may share it
    "detailrapport": "30/minute",  # look-ups by one user
    "detailrapport-dag": "300/day",
}
"""What may happen in which time. A gemeente looks up tens of persons a day; hundreds is fishing."""


@dataclass
class Limieten:
    """The rate limits, counted in ``uri`` (``memory://``, or a Redis that the replicas share)."""

    uri: str

    def __post_init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(self.uri))
        self._regels: dict[str, RateLimitItem] = {naam: parse(tekst) for naam, tekst in AANTALLEN.items()}

    def wachttijd(self, soort: str, *sleutel: str) -> int:
        """Count one, and return after how many seconds it may be done: 0 is now.

        Counting that fails (the store is away) stops nobody: people must be able to work.
        """
        regel = self._regels[soort]
        try:
            if self._limiter.hit(regel, soort, *sleutel):
                return 0
            tot = self._limiter.get_window_stats(regel, soort, *sleutel).reset_time
        except Exception as fout:  # noqa: BLE001 - of whatever library counts them
            log.error("rate limits are not counted (%s): see BIDN_PORTAAL_LIMIETEN", type(fout).__name__)
            return 0
        return max(1, math.ceil(tot - time.time()))
