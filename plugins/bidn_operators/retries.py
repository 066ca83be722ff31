"""When a failed task is tried again: decided by what went wrong, not by counting."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryDecision, RetryPolicy

from bidn_operators.operators.task import soort
from include.errors import BidnFout, BronAntwoordFout, BronFout, MailFout, OpslagFout

if TYPE_CHECKING:
    from airflow.sdk import Context

LANGSTE_WACHT = timedelta(hours=1)
"""Of our own accord; a source that asks for more gets it."""
LANGST_GEVRAAGD = timedelta(days=1)
POGINGEN_MET_ANTWOORD = 3
"""How often an answer that breaks the contract is asked for: often enough for one that got damaged on its way."""


class Herhaalbeleid(RetryPolicy):
    """An outage is waited out, a mistake is not repeated.

    A source, the mail server or the storage that is unwell (BronFout, MailFout, OpslagFout): again after a while
    that doubles each time, or after as long as the source asked. An answer that breaks the contract (BronAntwoordFout)
    is no outage: it fails after a few attempts. Every other error of ours fails at once: the same data would give the
    same result. What is not ours is tried once more, for the machine may have been at fault.
    A task that was cleared starts counting anew.
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Return whether to try again, when, and why."""
        wat = soort(exception)
        poging = _poging(try_number, max_tries, context)
        if isinstance(exception, BronAntwoordFout) and poging >= POGINGEN_MET_ANTWOORD:
            return RetryDecision.fail(f"{wat}: the same after {poging} attempts; report it to the source")
        if isinstance(exception, (BronFout, MailFout, OpslagFout)):
            gevraagd = getattr(exception, "wachttijd", None)
            eigen = min(_wachttijd() * 2 ** min(poging - 1, 10), LANGSTE_WACHT)
            wacht = min(timedelta(seconds=gevraagd), LANGST_GEVRAAGD) if gevraagd else eigen
            return RetryDecision.retry(
                wacht, f"{wat}: outside our own house, attempt {try_number} of {max_tries + 1}"
            )
        if isinstance(exception, BidnFout):
            return RetryDecision.fail(f"{wat}: trying again would end the same")
        if poging == 1:
            return RetryDecision.retry(_wachttijd(), f"{wat}: not an error of ours, tried once more")
        return RetryDecision.fail(f"{wat}: twice; see the traceback")

    def serialize(self) -> dict[str, Any]:
        """Return what tells two policies apart."""
        return {"__type": "Herhaalbeleid"}


def _poging(try_number: int, max_tries: int, context: Context | None) -> int:
    """Return which attempt this is since the task was last cleared: clearing adds to ``max_tries``."""
    retries = getattr((context or {}).get("task"), "retries", None)
    return try_number if retries is None else max(try_number - (max_tries - retries), 1)


def _wachttijd() -> timedelta:
    """Return the wait before the second attempt: BIDN_HERHAALTIJD in seconds, five minutes by default."""
    return timedelta(seconds=float(os.environ.get("BIDN_HERHAALTIJD", "300")))


def herhalingen() -> int:
    """Return how often a task is tried again at most: BIDN_HERHALINGEN, 24 by default.

    With the waits above that is 21 hours: an outage of a day is waited out, well within the rapportagemaand, and ops
    hear of a longer one the next day.
    """
    return int(os.environ.get("BIDN_HERHALINGEN", "24"))
