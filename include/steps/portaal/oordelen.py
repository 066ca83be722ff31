"""Judging in the background of the portal: what came in is judged soon, once, whatever happens (manual 3.6)."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress

from include.errors import BidnFout, soort_en_plaats
from include.schemas.domein import Stap
from include.steps.leveren import beoordeel_ontvangen, ontvangst_van
from include.steps.verwerking import Opslag
from include.storage.levering_voortgang import LEASE, claim_next, complete, fail, renew, report

log = logging.getLogger("bidn.portaal")

TEGELIJK = 2
"""How many deliveries one process judges at a time: the largest takes 600 MB."""
KIJK_SECONDEN = 15.0
"""How often it looks for what another process left behind; a lease is renewed as often."""


class _Overgenomen(Exception):
    """Another process judges this delivery by now."""


class Oordelaar:
    """Judges deliveries as they come in, and what was left unjudged by a process that ended.

    Any number of processes may have one on the same storage: a lease in the database sees to it that two never judge
    the same delivery.
    """

    def __init__(self, opslag: Opslag, *, kijk_seconden: float = KIJK_SECONDEN) -> None:
        self._opslag = opslag
        self._kijk = kijk_seconden
        self._houder = uuid.uuid4().hex
        self._bel = threading.Semaphore(0)
        self._stop = threading.Event()
        self._draden: list[threading.Thread] = []

    def start(self) -> None:
        """Begin with what waits, and go on until ``stop``."""
        self._stop.clear()
        self._draden = [
            threading.Thread(target=self._werk, name=f"oordelaar-{nummer}", daemon=True)
            for nummer in range(TEGELIJK)
        ]
        for draad in self._draden:
            draad.start()

    def meld(self, levering_id: str) -> None:  # noqa: ARG002 - it says of what; the database says in which order
        """Say that a delivery waits to be judged."""
        self._bel.release()

    def stop(self) -> None:
        """Finish what is being judged and begin nothing new; what still waits is for the next start."""
        self._stop.set()
        for _ in self._draden:
            self._bel.release()
        for draad in self._draden:
            draad.join()

    def werk_af(self) -> None:
        """Judge what waits, one after the other, until nothing waits or it is stopped. Raises OpslagFout."""
        while not self._stop.is_set():
            levering_id = claim_next(self._opslag.database, self._houder, nu=self._opslag.klok())
            if levering_id is None:
                return
            self._beoordeel(levering_id)

    def _werk(self) -> None:
        while not self._stop.is_set():
            try:
                self.werk_af()
            except Exception as fout:  # noqa: BLE001 - whatever it is, it is tried again
                log.error("deliveries cannot be taken up to be judged: %s", _wat(fout))
            self._bel.acquire(timeout=self._kijk)

    def _beoordeel(self, levering_id: str) -> None:
        opslag, houder = self._opslag, self._houder

        def voortgang(stap: Stap, rijen: int) -> None:
            gedaan = rijen if stap is Stap.GECONTROLEERD else 0
            if not report(
                opslag.database, levering_id, houder, stap, gedaan=gedaan, totaal=rijen, nu=opslag.klok()
            ):
                raise _Overgenomen

        try:
            with _Verlenging(
                self._kijk, lambda: renew(opslag.database, levering_id, houder, nu=opslag.klok())
            ):
                beoordeel_ontvangen(opslag, ontvangst_van(opslag, levering_id), voortgang)
            complete(opslag.database, levering_id, houder)
        except _Overgenomen:
            log.warning("delivery %s: another process judges it by now", levering_id)
        except Exception as fout:  # noqa: BLE001 - a delivery that cannot be judged must not stop the others
            log.error(
                "delivery %s could not be judged, and is tried again in %d seconds: %s. It is kept as it came in.",
                levering_id,
                LEASE.total_seconds(),
                _wat(fout),
            )
            with suppress(BidnFout):
                fail(opslag.database, levering_id, houder, nu=opslag.klok())


class _Verlenging(threading.Thread):
    """Renews a lease for as long as the block lasts."""

    def __init__(self, seconden: float, verleng: Callable[[], bool]) -> None:
        super().__init__(name="verlenging", daemon=True)
        self._seconden, self._verleng = seconden, verleng
        self._klaar = threading.Event()

    def run(self) -> None:
        """Until the work is done, or is another's."""
        while not self._klaar.wait(self._seconden):
            with suppress(BidnFout):  # the database may be away for a moment
                if not self._verleng():
                    return

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._klaar.set()
        self.join()


def _wat(fout: Exception) -> str:
    return f"{type(fout).__name__}: {fout}" if isinstance(fout, BidnFout) else soort_en_plaats(fout)
