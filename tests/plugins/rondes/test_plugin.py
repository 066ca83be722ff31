"""What the plugin costs every component of Airflow, and whether it still fits the DAGs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bidn_operators.rondes.stappen import DAGS, DagId

ROOT = Path(__file__).resolve().parents[3]

NEWLY_LOADED = """
import sys
from airflow.plugins_manager import AirflowPlugin
before = set(sys.modules)
import bidn_operators.plugin
print(*sorted(set(sys.modules) - before))
"""


def test_loading_the_plugin_loads_no_library_and_not_the_page() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", NEWLY_LOADED],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")])},
    )

    loaded = answer.stdout.splitlines()[-1].split()
    assert "bidn_operators.plugin" in loaded
    # Airflow's own is in every component already; the deadline of a ronde is made of it.
    assert {module.partition(".")[0] for module in loaded} <= {"airflow", "bidn_operators", "include"}
    assert len(loaded) <= 15
    assert not [
        module for module in loaded if module.startswith(("bidn_operators.rondes", "include.storage"))
    ]


def test_airflow_finds_the_page_and_the_tab() -> None:
    from airflow.plugins_manager import get_plugin_info

    [plugin] = [plugin for plugin in get_plugin_info() if plugin["name"] == "bidn"]

    views = {view["destination"]: view["href"] for view in plugin["external_views"]}
    assert views == {"nav": "bidn/rondes/", "dag_run": "bidn/rondes/?dag={DAG_ID}&run={RUN_ID}"}
    assert [app["url_prefix"] for app in plugin["fastapi_apps"]] == ["/bidn/rondes"]


@pytest.mark.parametrize("dag_id", list(DagId))
def test_the_steps_of_the_page_are_the_tasks_of_the_dag(airflow_db: str, dag_id: DagId) -> None:
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=str(ROOT / "dags" / f"{dag_id}.py"), collect_dags=True).dags[dag_id]
    vorm = DAGS[dag_id]
    in_group = {task.task_id for task in dag.tasks if task.task_id.startswith(f"{vorm.groep}.")}

    assert in_group == {stap for stap in vorm.stappen if "." in stap}
    for place, stap in enumerate(vorm.stappen):
        assert not dag.get_task(stap).get_flat_relative_ids(upstream=True) & set(vorm.stappen[place:])
