"""What holds for every DAG file, and what may never happen in an order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.utils.dag_version_inflation_checker import check_dag_file_stability

from bidn_operators.alerts import Alarm, Foutmelding, gevolg
from bidn_operators.documentation import DAGS_MD, schrijf

DAGS = Path(__file__).resolve().parents[2] / "dags"
BESTANDEN = sorted(DAGS.glob("*.py"))
MOST_LINES = 150


def test_every_dag_file_loads(dagbag: Any) -> None:
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == {bestand.stem for bestand in BESTANDEN}


@pytest.mark.parametrize("bestand", BESTANDEN, ids=lambda pad: pad.stem)
class TestFile:
    def test_is_thin(self, bestand: Path) -> None:
        assert len(bestand.read_text(encoding="utf-8").splitlines()) <= MOST_LINES

    def test_has_no_value_of_the_moment_in_it(self, bestand: Path) -> None:
        # Such a value makes every parse a new version of the DAG.
        assert check_dag_file_stability(str(bestand)).warnings == {}


def test_every_dag_explains_itself(dagbag: Any) -> None:
    for dag_id, dag in dagbag.dags.items():
        assert len((dag.doc_md or "").split()) > 30, dag_id
        assert "**Clear or start anew?**" in dag.doc_md, dag_id
        assert dag.tags, dag_id
        assert (dag.description or "").endswith("."), dag_id
        assert dag.dag_display_name != dag_id
        for naam, param in dag.params.items():
            assert dag.params.get_param(naam).description, f"{dag_id}.{naam}: {param}"
            assert dag.params.get_param(naam).schema.get("title"), f"{dag_id}.{naam} has no title in its form"


def test_the_documentation_is_that_of_the_dags(dagbag: Any) -> None:
    assert DAGS_MD.read_text(encoding="utf-8") == schrijf(dagbag.dags.values()), "make docs"


def test_every_task_says_what_it_does_and_retries_by_what_went_wrong(dagbag: Any) -> None:
    for dag in dagbag.dags.values():
        for task in dag.tasks:
            assert getattr(task, "operator_class", type(task)).__doc__, task.task_id
            assert type(task.retry_policy).__name__ == "Herhaalbeleid", task.task_id
            assert any(isinstance(een, Foutmelding) for een in task.on_failure_callback), task.task_id
            assert gevolg(dag.dag_id, task).endswith("."), task.task_id


def test_every_run_has_one_task_that_mails_ops_and_it_is_the_last(dagbag: Any) -> None:
    for dag_id, dag in dagbag.dags.items():
        [slot] = [
            task for task in dag.tasks if any(isinstance(een, Alarm) for een in task.on_failure_callback)
        ]
        assert slot.get_flat_relative_ids(upstream=True) == {*dag.task_ids} - {slot.task_id}, dag_id


# (what must have happened, before what)
ORDER = [
    ("intake", "toetsing.huishouden_brp"),
    ("toetsing.huishouden_brp", "toetsing.bijstand_ophalen"),
    ("toetsing.bijstand_ophalen", "toetsing.uwv_ophalen"),
    ("toetsing.bijstand_ophalen", "toetsing.belastingdienst_ophalen"),
    ("toetsing.huishouden_brp", "toetsing.rdw_ophalen"),
    ("toetsing.uwv_ophalen", "toetsing.regels_toetsen"),
    ("toetsing.belastingdienst_ophalen", "toetsing.regels_toetsen"),
    ("toetsing.rdw_ophalen", "toetsing.regels_toetsen"),
    ("toetsing.regels_toetsen", "toetsing.rapporten_maken"),
    ("toetsing.rapporten_maken", "toetsing.goedkeuren"),
    ("toetsing.goedkeuren", "toetsing.publiceren"),
    ("intake", "toetsing.publiceren"),
    ("toetsing.publiceren", "toetsing.notificeren"),
    ("toetsing.notificeren", "bewaartermijn_toepassen"),
    ("bewaartermijn_toepassen", "ronde_afsluiten"),
]


@pytest.mark.parametrize(("eerst", "dan"), ORDER, ids=lambda taak: taak.split(".")[-1])
def test_nothing_happens_before_what_it_needs(dagbag: Any, eerst: str, dan: str) -> None:
    dag = dagbag.dags["bijzondere_bijstand"]
    assert eerst in dag.get_task(dan).get_flat_relative_ids(upstream=True)


def test_the_three_sources_are_asked_side_by_side(dagbag: Any) -> None:
    dag = dagbag.dags["bijzondere_bijstand"]
    bronnen = {"toetsing.uwv_ophalen", "toetsing.belastingdienst_ophalen", "toetsing.rdw_ophalen"}
    for bron in bronnen:
        assert not bronnen & dag.get_task(bron).get_flat_relative_ids(upstream=True)


def test_every_question_to_a_source_goes_through_its_pool(dagbag: Any) -> None:
    dag = dagbag.dags["bijzondere_bijstand"]
    pools = {
        task.task_id.removeprefix("toetsing."): task.pool for task in dag.tasks if task.pool != "default_pool"
    }
    assert pools == {
        "huishouden_brp": "bron_brp",
        "bijstand_ophalen": "bron_bijstand",
        "uwv_ophalen": "bron_uwv",
        "belastingdienst_ophalen": "bron_belastingdienst",
        "rdw_ophalen": "bron_rdw",
    }
