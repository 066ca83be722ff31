"""Metrics and spans of our steps, through Airflow's own: rows, durations, what the sources answered.

They go wherever Airflow's metrics and traces go (``[metrics] otel_on``, ``[traces] otel_on``) and nowhere while those
are off. Names and labels come from the fixed lists below, values are numbers: nothing about a person, and no
organisation, can be in them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk.observability import stats
from opentelemetry import trace

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
_BRONNEN = {
    "huishouden_brp": "brp",
    "bijstand_ophalen": "bijstand",
    "uwv_ophalen": "uwv",
    "belastingdienst_ophalen": "belastingdienst",
    "rdw_ophalen": "rdw",
}


def gemeten(taak: str, stap: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Take a step, and return what it returned with ``seconden``; its metrics are sent when it succeeds.

    Args:
        taak: the task_id, with the group it is in.
        stap: returns counts; what of them is known here becomes a metric.
    """
    begin = time.monotonic()
    uitkomst = dict(stap())
    seconden = time.monotonic() - begin
    meld(taak.rsplit(".", 1)[-1], uitkomst, seconden)
    return uitkomst | {"seconden": round(seconden, 3)}


def meld(stap: str, uitkomst: Mapping[str, Any], seconden: float) -> None:
    """Send the metrics of one step, and set its numbers on the span of the task."""
    span = {"bidn.step": stap}
    stats.timing(DUUR, seconden * 1000, tags={"step": stap})
    for naam, soort in _RIJEN.items():
        if isinstance(uitkomst.get(naam), int):
            _tel(RIJEN, uitkomst[naam], {"step": stap, "kind": soort})
            span[f"bidn.rows.{soort}"] = uitkomst[naam]
    for toets in _TOETSEN:
        for oordeel, aantal in _telling(uitkomst.get(toets)).items():
            _tel(UITKOMSTEN, aantal, {"test": toets, "outcome": oordeel})
    bron = _BRONNEN.get(stap)
    if bron and "verzoeken" in uitkomst:
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
