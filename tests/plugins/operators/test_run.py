"""Which ronde a run is for, and how its other tasks ended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from bidn_operators.operators.run import bepaal_ronde, mislukte_taken, readable, sla_over
from include.errors import RondeFout
from tests.plugins.operators.hulp import context


@pytest.mark.parametrize(
    ("gegeven", "ronde"),
    [
        ({"partition_key": "2026-09"}, "2026-09"),
        ({"ronde": "2026-10"}, "2026-10"),
        ({"partition_key": "2026-09", "ronde": None}, "2026-09"),
        ({"partition_key": "2026-09", "ronde": "2026-09"}, "2026-09"),
        ({"partition_key": "", "ronde": "2026-10"}, "2026-10"),
    ],
)
def test_the_ronde_of_a_run(gegeven: dict[str, str], ronde: str) -> None:
    assert bepaal_ronde(context(**gegeven)).naam == ronde


@pytest.mark.parametrize(
    ("gegeven", "woorden"),
    [
        ({}, "does not say which ronde it is for. Trigger it with the parameter ronde"),
        ({"ronde": None}, "does not say which ronde"),
        ({"ronde": ""}, "does not say which ronde"),
        (
            {"partition_key": "2026-09", "ronde": "2026-10"},
            "partition key 2026-09 and parameter ronde 2026-10",
        ),
        ({"partition_key": "2026-13"}, "'2026-13' is not a ronde"),
        ({"partition_key": "2026-9"}, "'2026-9' is not a ronde"),
        ({"partition_key": "2026-09-01"}, "'2026-09-01' is not a ronde"),
        ({"ronde": "september"}, "'september' is not a ronde"),
        ({"ronde": 202609}, "'202609' is not a ronde"),
    ],
)
def test_a_run_that_is_for_no_ronde(gegeven: dict[str, Any], woorden: str) -> None:
    with pytest.raises(RondeFout, match=woorden):
        bepaal_ronde(context(**gegeven))


def test_a_run_of_an_airflow_without_partitions_has_its_parameter() -> None:
    zonder = context(ronde="2026-10")
    zonder["dag_run"] = SimpleNamespace(dag_id="x", run_id="y")
    assert bepaal_ronde(zonder).naam == "2026-10"


def test_counts_are_a_line_to_read() -> None:
    counts = {
        "rijen": 3,
        "fouten": {"V053": 1},
        "niemand_bericht": ["Alfa", "Beta"],
        "redenen": {},
        "over": [],
    }
    assert readable(counts) == "rijen 3, fouten (V053 1), niemand bericht Alfa; Beta"


def test_skipping_says_why() -> None:
    with pytest.raises(AirflowSkipException, match=r"^Gemeente Gamma: afgekeurd$"):
        sla_over("Gemeente Gamma: afgekeurd")


def test_what_failed_is_named_with_whose_it_is_and_what_waited_for_it_is_not() -> None:
    toestanden = {
        "toetsing.uwv_ophalen_1": "failed",
        "toetsing.regels_toetsen_1": "upstream_failed",
        "toetsing.uwv_ophalen_0": "success",
        "bewaartermijn_toepassen": "failed",
        "ronde_afsluiten": "running",
    }
    ti = SimpleNamespace(task_id="ronde_afsluiten", get_task_states=lambda **_: {"run": toestanden})
    context: Any = {"ti": ti, "dag_run": SimpleNamespace(dag_id="dag", run_id="run")}
    assert mislukte_taken(context, ["Alfa", "Beta"]) == [
        "bewaartermijn_toepassen",
        "toetsing.uwv_ophalen (Beta)",
    ]
