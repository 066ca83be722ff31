"""What is measured, that nothing of a person can be in it, and that nothing is sent while metrics are off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk._shared.observability.metrics import stats as backend
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk._shared.observability.metrics.otel_logger import SafeOtelLogger
from airflow.sdk.observability.metrics.stats_utils import get_stats_factory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bidn_operators.metrics import METRIEKEN, Measured, meld
from include.pipeline import BIJZONDERE_BIJSTAND

DOCS = Path(__file__).resolve().parents[2] / "docs"
STEP = BIJZONDERE_BIJSTAND.step
HUISHOUDEN = STEP("huishouden_brp")
BRP = {
    "aanvragen": 3,
    "verzoeken": 2,
    "gevraagd": 3,
    "beantwoord": 3,
    "herhalingen": 1,
    "bytes": 4096,
    "duur": 0.25,
    "huishouden": {"J": 1, "N": 2},
}


class Opname:
    """What Airflow would have sent to the collector."""

    def __init__(self) -> None:
        self.lezer = InMemoryMetricReader()
        self.spans = InMemorySpanExporter()
        self.tracer = TracerProvider()
        self.tracer.add_span_processor(SimpleSpanProcessor(self.spans))

    def metriek(self) -> dict[tuple[str, str], float]:
        """Per name and labels the value; of a duration the sum."""
        data = self.lezer.get_metrics_data()
        punten = [
            (een.name, punt)
            for bron in (data.resource_metrics if data else [])
            for deel in bron.scope_metrics
            for een in deel.metrics
            for punt in een.data.data_points
        ]
        return {
            (naam, ",".join(f"{k}={v}" for k, v in sorted((punt.attributes or {}).items()))): getattr(
                punt, "sum", getattr(punt, "value", None)
            )
            for naam, punt in punten
        }


@pytest.fixture
def aan(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opname]:
    opname = Opname()
    monkeypatch.setattr(backend, "_backend", SafeOtelLogger(MeterProvider([opname.lezer]), "airflow"))
    return opname


def test_a_step_that_asks_a_source(aan: Opname) -> None:
    meld(HUISHOUDEN, BRP, 1.5)
    assert aan.metriek() == {
        ("airflow.bidn.step.duration", "step=huishouden_brp"): 1500.0,
        ("airflow.bidn.outcomes", "outcome=yes,test=huishouden"): 1,
        ("airflow.bidn.outcomes", "outcome=no,test=huishouden"): 2,
        ("airflow.bidn.source.duration", "source=brp"): 250.0,
        ("airflow.bidn.source.persons_asked", "source=brp"): 3,
        ("airflow.bidn.source.persons_answered", "source=brp"): 3,
        ("airflow.bidn.source.requests", "source=brp"): 2,
        ("airflow.bidn.source.retries", "source=brp"): 1,
        ("airflow.bidn.source.bytes", "source=brp"): 4096,
    }


def test_counts_of_several_organisations_add_up(aan: Opname) -> None:
    for gelezen, geaccepteerd in ((3, 2), (10, 10)):
        meld(
            STEP("intake"),
            {"gelezen": gelezen, "geaccepteerd": geaccepteerd, "afgewezen": gelezen - geaccepteerd},
            0.5,
        )
    metriek = aan.metriek()
    assert metriek["airflow.bidn.rows", "kind=read,step=intake"] == 13
    assert metriek["airflow.bidn.rows", "kind=rejected,step=intake"] == 1
    assert metriek["airflow.bidn.step.duration", "step=intake"] == 1000.0


def test_a_step_is_timed_and_its_outcome_passed_on(aan: Opname) -> None:
    with Measured(STEP("toetsing.rapporten_maken")) as measured:
        measured.outcome = {"rijen": 5}
    assert measured.outcome["rijen"] == 5
    assert measured.outcome["seconden"] >= 0
    assert aan.metriek()["airflow.bidn.rows", "kind=reported,step=rapporten_maken"] == 5


def test_a_step_that_fails_is_not_counted(aan: Opname) -> None:
    with pytest.raises(ZeroDivisionError), Measured(STEP("regels_toetsen")) as measured:
        measured.outcome = {"rijen": 5, "inkomen": {"J": 1 // 0}}
    assert aan.metriek() == {}


def test_the_span_of_the_task_carries_the_numbers(aan: Opname, monkeypatch: pytest.MonkeyPatch) -> None:
    with aan.tracer.get_tracer("test").start_as_current_span("worker.toetsing.huishouden_brp"):
        meld(HUISHOUDEN, BRP | {"rijen": 3}, 1.5)
    [span] = aan.spans.get_finished_spans()
    assert span.attributes == {
        "bidn.step": "huishouden_brp",
        "bidn.rows.reported": 3,
        "bidn.source.persons_asked": 3,
        "bidn.source.persons_answered": 3,
        "bidn.source.requests": 2,
        "bidn.source.retries": 1,
        "bidn.source.bytes": 4096,
    }


waarden = st.recursive(
    st.one_of(
        st.integers(0, 10**6), st.floats(0, 10), st.text(), st.just("999900018"), st.just("Gemeente Alfa")
    ),
    lambda binnen: st.dictionaries(st.one_of(st.text(), st.just("999900018")), binnen, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["huishouden_brp", "uwv_ophalen", "regels_toetsen", "intake"]),
    st.dictionaries(
        st.one_of(st.sampled_from(["rijen", "gelezen", "inkomen", "organisatie", "999900018"]), st.text()),
        waarden,
        max_size=6,
    ),
)
def test_whatever_a_step_returns_no_text_of_it_gets_out(
    monkeypatch: pytest.MonkeyPatch, stap: str, uitkomst: dict[str, Any]
) -> None:
    # What a source client counts is always all numbers; everything else may be anything.
    opname = Opname()
    monkeypatch.setattr(backend, "_backend", SafeOtelLogger(MeterProvider([opname.lezer]), "airflow"))
    with opname.tracer.get_tracer("test").start_as_current_span("worker"):
        meld(STEP(stap), {naam: waarde for naam, waarde in uitkomst.items() if naam != "verzoeken"}, 0.1)
    for naam, labels in opname.metriek():
        assert naam.removeprefix("airflow.") in METRIEKEN
        assert re.fullmatch(r"[a-z_=,]*", labels), labels
    [span] = opname.spans.get_finished_spans()
    assert all(isinstance(waarde, int) or waarde == stap for waarde in (span.attributes or {}).values())


def test_nothing_is_sent_while_metrics_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    # Airflow's own choice of where metrics go, with the settings of this test run.
    assert get_stats_factory() is NoStatsLogger
    monkeypatch.setattr(backend, "_backend", None)
    monkeypatch.setattr(backend, "_factory", get_stats_factory())
    meld(HUISHOUDEN, BRP, 1.5)
    assert isinstance(backend._backend, NoStatsLogger)
    assert not trace.get_current_span().is_recording()


class TestDocs:
    def test_every_metric_is_described(self) -> None:
        tekst = (DOCS / "metingen.md").read_text(encoding="utf-8")
        assert all(f"`{naam}`" in tekst for naam in METRIEKEN)

    def test_the_dashboard_asks_for_what_there_is(self) -> None:
        panelen = json.loads((DOCS / "dashboards" / "bidn.json").read_text(encoding="utf-8"))["panels"]
        assert len({paneel["id"] for paneel in panelen}) == len(panelen) == 8
        vragen = " ".join(doel["expr"] for paneel in panelen for doel in paneel["targets"])
        gevraagd = set(re.findall(r"airflow_(bidn_\w+)", vragen))
        er_zijn = {
            naam.replace(".", "_") + achter
            for naam in METRIEKEN
            for achter in ("_total", "_milliseconds_bucket", "_milliseconds_sum")
        }
        assert gevraagd <= er_zijn
        # And every metric of ours is on it.
        assert all(naam.replace(".", "_") in vragen for naam in METRIEKEN)
