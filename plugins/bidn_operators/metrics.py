"""Metrics and spans of our steps, through Airflow's own: rows, durations, what the sources answered.

They go wherever Airflow's metrics and traces go (``[metrics] otel_on``, ``[traces] otel_on``) and nowhere while those
are off. Names and labels come from the fixed lists below, values are numbers: nothing about a person, and no
organisation, can be in them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.observability import stats
from opentelemetry import trace

if TYPE_CHECKING:
    from include.pipeline import Step

DUUR = "bidn.step.duration"
"""Milliseconds of one step of one organisation; label ``step``."""
RIJEN = "bidn.rows"
"""Rows, by ``step`` and ``kind``."""
UITKOMSTEN = "bidn.outcomes"
"""Households, by ``test`` and ``outcome``."""
BRONDUUR = "bidn.source.duration"
"""Milliseconds that a source took for all questions of one organisation; label ``source``."""
BRONTELLINGEN = {
    "gevraagd": "bidn.source.persons_asked",
    "beantwoord": "bidn.source.persons_answered",
    "verzoeken": "bidn.source.requests",
    "herhalingen": "bidn.source.retries",
    "bytes": "bidn.source.bytes",
}
"""By ``source``: the counts of ``Statistiek``."""
METRIEKEN = (DUUR, RIJEN, UITKOMSTEN, BRONDUUR, *BRONTELLINGEN.values())

_RIJEN = {"gelezen": "read", "geaccepteerd": "accepted", "afgewezen": "rejected", "rijen": "reported"}
_TOETSEN = ("belemmering", "inkomen", "vermogen", "huishouden")
_OORDELEN = {"J": "yes", "N": "no", "Niet getoetst": "not_tested"}


class Measured:
    """Measures a step: if it succeeds, its metrics are sent and ``outcome`` says how many ``seconden`` it took."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.outcome: dict[str, Any] = {}
        """The counts that the step returned; what of them is known here becomes a metric."""

    def __enter__(self) -> Measured:
        self._begin = time.monotonic()
        return self

    def __exit__(self, soort: type[BaseException] | None, *_: object) -> None:
        if soort is None:
            seconden = time.monotonic() - self._begin
            meld(self.step, self.outcome, seconden)
            self.outcome["seconden"] = round(seconden, 3)


def meld(step: Step, uitkomst: Mapping[str, Any], seconden: float) -> None:
    """Send the metrics of one step, and set its numbers on the span of the task."""
    span: dict[str, Any] = {"bidn.step": step.name}
    stats.timing(DUUR, seconden * 1000, tags={"step": step.name})
    for naam, soort in _RIJEN.items():
        if isinstance(uitkomst.get(naam), int):
            _tel(RIJEN, uitkomst[naam], {"step": step.name, "kind": soort})
            span[f"bidn.rows.{soort}"] = uitkomst[naam]
    for toets in _TOETSEN:
        for oordeel, aantal in _telling(uitkomst.get(toets)).items():
            _tel(UITKOMSTEN, aantal, {"test": toets, "outcome": oordeel})
    if step.source and "verzoeken" in uitkomst:
        bron = step.source.name
        stats.timing(BRONDUUR, float(uitkomst["duur"]) * 1000, tags={"source": bron})
        for naam, metriek in BRONTELLINGEN.items():
            _tel(metriek, uitkomst[naam], {"source": bron})
            span[metriek] = uitkomst[naam]
    trace.get_current_span().set_attributes(span)


def _telling(gevonden: object) -> dict[str, int]:
    if not isinstance(gevonden, Mapping):
        return {}
    return {_OORDELEN[oordeel]: aantal for oordeel, aantal in gevonden.items() if oordeel in _OORDELEN}


def _tel(naam: str, aantal: int, labels: dict[str, str]) -> None:
    if aantal:
        stats.incr(naam, int(aantal), tags=labels)
