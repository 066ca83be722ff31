"""Whole DAG runs: the DAGs as Airflow loads them, in a world of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from wereld import Wereld, wereld

DAGS = Path(__file__).resolve().parents[2] / "dags"
Toestanden = dict[str, str]


@pytest.fixture
def dagbag(airflow_db: str) -> Any:
    """The DAG files as Airflow loads them; anew for every test, for ``dag.test()`` leaves its params behind."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS), collect_dags=True)


@pytest.fixture
def bidn(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wereld]:
    """The world of wereld.py, with its addresses in the environment."""
    with wereld(tmp_path, database_url) as gemaakt:
        for naam, waarde in gemaakt.omgeving.items():
            monkeypatch.setenv(naam, waarde)
        yield gemaakt


@pytest.fixture
def draai(dagbag: Any) -> Callable[..., Toestanden]:
    """Run a DAG to its end; the state of every task by its name, mapped ones as ``task[label]``."""

    def tot_het_einde(dag_id: str, **conf: Any) -> Toestanden:
        run = dagbag.dags[dag_id].test(run_conf=conf)
        tis = run.get_task_instances()
        # A task skipped before it started has no label of its own; its position has.
        labels = {ti.map_index: ti.rendered_map_index for ti in tis if ti.task_id == "intake"}
        taken = {
            ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{labels.get(ti.map_index)}]": str(ti.state)
            for ti in tis
        }
        return {"": str(run.state)} | taken

    return tot_het_einde
