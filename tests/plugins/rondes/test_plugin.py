"""What the plugin costs every component of Airflow, and whether it still fits the DAGs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bidn_operators.rondes.stappen import DagId
from include.pipeline import PIPELINES

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
    assert [middleware["name"] for middleware in plugin["fastapi_root_middlewares"]] == [
        "The ronde of a run by hand"
    ]


def test_the_page_knows_both_services() -> None:
    assert set(DagId) == set(PIPELINES)
