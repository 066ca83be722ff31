"""A context that is not Airflow's, with what our operators ask of one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


def context(
    *,
    partition_key: str | None = None,
    run: str = "run-1",
    toestanden: dict[str, Any] | None = None,
    taak: str = "ronde_afsluiten",
    **params: Any,
) -> Any:
    """What Airflow hands an operator; ``toestanden`` are the states of the run's tasks."""

    def get_task_states(*, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, Any]]:
        assert (dag_id, run_ids) == ("bijzondere_bijstand", [run])
        return {run: toestanden or {}}

    return {
        "dag_run": SimpleNamespace(dag_id="bijzondere_bijstand", run_id=run, partition_key=partition_key),
        "run_id": run,
        "params": params,
        "dag": SimpleNamespace(task_ids=["ronde_openen", taak]),
        "ti": SimpleNamespace(
            task_id=taak,
            get_task_states=get_task_states,
            xcom_pull=lambda *, task_ids: [None for _ in task_ids],
        ),
    }
