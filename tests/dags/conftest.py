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

    return lambda dag_id, **conf: _toestanden(dagbag.dags[dag_id].test(run_conf=conf))


@pytest.fixture
def wis(dagbag: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Toestanden]:
    """Clear tasks of the last run as the dialog of a task does, or all that failed, and run it to its end again."""
    from airflow.models import dagrun
    from airflow.models.taskinstance import find_relevant_relatives
    from airflow.serialization.serialized_objects import DagSerialization
    from airflow.utils.session import create_session
    from sqlalchemy import select

    def hervat(dag_id: str, *taken: str, downstream: bool = False) -> Toestanden:
        dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(dagbag.dags[dag_id]))
        with create_session() as sessie:
            run = sessie.scalars(
                select(dagrun.DagRun).where(dagrun.DagRun.dag_id == dag_id).order_by(dagrun.DagRun.id.desc())
            ).first()
            assert run is not None
            plaatsen = {_naam(ti, run): (ti.task_id, ti.map_index) for ti in run.get_task_instances()}
            gemapt = {plaatsen[taak] for taak in taken if plaatsen[taak][1] >= 0}
            gewoon = {taak for taak in taken if plaatsen[taak][1] < 0}
            verwanten = (
                find_relevant_relatives(
                    gewoon, gemapt, dag=dag, run_id=run.run_id, direction="downstream", session=sessie
                )
                if downstream
                else ()
            )
            dag.clear(
                task_ids=[*gewoon, *gemapt, *verwanten] if taken else None,
                run_id=run.run_id,
                only_failed=not taken,
                dag_run_state=dagrun.DagRunState.RUNNING,
                session=sessie,
            )

        def dezelfde(*, dag: Any, session: Any, **_: Any) -> Any:
            weer = session.get_one(dagrun.DagRun, run.id)
            weer.dag = dag
            return weer

        with monkeypatch.context() as zelf:
            zelf.setattr(dagrun, "get_or_create_dagrun", dezelfde)
            return _toestanden(dagbag.dags[dag_id].test())

    return hervat


def _toestanden(run: Any) -> Toestanden:
    return {"": str(run.state)} | {_naam(ti, run): str(ti.state) for ti in run.get_task_instances()}


def _naam(ti: Any, run: Any) -> str:
    if ti.map_index < 0:
        return str(ti.task_id)
    # A task skipped before it started has no label of its own; its position has.
    labels = {
        een.map_index: een.rendered_map_index for een in run.get_task_instances() if een.task_id == "intake"
    }
    return f"{ti.task_id}[{labels.get(ti.map_index)}]"
