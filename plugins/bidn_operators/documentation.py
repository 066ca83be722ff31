"""docs/DAGS.md, written from the DAGs themselves: ``make docs``. A test holds the file against them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bidn_operators.alerts import anker_taak
from include.pipeline import PIPELINES

PROJECT = Path(__file__).resolve().parents[2]
DAGS_MD = PROJECT / "docs" / "DAGS.md"

KOP = """# DAGs

Written by `make docs` from the DAG files, the operators and their docstrings: change those, not this file. The same
texts are in the Airflow UI: the DAG's *Docs*, the description of a parameter in its trigger form.

What to do when a task fails: [runbook.md](runbook.md).
"""


def schrijf(dags: Iterable[Any]) -> str:
    """Return the contents of docs/DAGS.md for these DAGs, by name."""
    delen = [KOP, *(_dag(dag) for dag in sorted(dags, key=lambda dag: dag.dag_id))]
    return "\n".join(delen)


def laad(map_: Path = PROJECT / "dags") -> list[Any]:
    """Return the DAGs of a folder, as Airflow loads them."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(map_), collect_dags=True)
    if bag.import_errors:
        raise SystemExit("\n".join(bag.import_errors.values()))
    return list(bag.dags.values())


def _dag(dag: Any) -> str:  # noqa: ANN401 - a DAG; its class depends on where it is loaded
    titel, _, tekst = dag.doc_md.strip().partition("\n")
    regels = [
        f"## {dag.dag_id}",
        "",
        f"**{titel.strip('# ')}.** {_rooster(dag)}, at most {dag.max_active_runs} run at a time.",
        "",
        tekst.strip(),
        "",
        *_parameters(dag),
        "| Task | What it does | After | Pool | Runs when |",
        "| --- | --- | --- | --- | --- |",
        *(_taak(dag, taak) for taak in dag.topological_sort()),
        "",
    ]
    return "\n".join(regels)


def _rooster(dag: Any) -> str:  # noqa: ANN401
    rooster = dag.timetable
    cron = getattr(rooster, "expression", None) or getattr(rooster, "_expression", None)
    return f"Scheduled `{cron}` ({rooster.timezone})" if cron else "Not scheduled"


def _parameters(dag: Any) -> list[str]:  # noqa: ANN401
    if not dag.params:
        return []
    rijen = []
    for naam in dag.params:
        param = dag.params.get_param(naam)
        leeg = "empty" if param.value is None else f"`{param.value}`"
        rijen.append(f"| `{naam}` | {leeg} | {_op_een_regel(param.description)} |")
    return ["| Parameter | Unless given | Meaning |", "| --- | --- | --- |", *rijen, ""]


def _taak(dag: Any, taak: Any) -> str:  # noqa: ANN401
    doc = _op_een_regel(_summary(dag, taak))
    eerder = ", ".join(_kort(naam) for naam in _direct_voor(dag, taak))
    pool = "" if taak.pool == "default_pool" else f"`{taak.pool}`"
    wanneer = str(taak.trigger_rule).replace("_", " ").removeprefix("TriggerRule.").lower()
    link = f"[`{_kort(taak.task_id)}`](runbook.md#{anker_taak(dag.dag_id, taak.task_id)})"
    per = " (mapped)" if taak.map_index_template else ""
    return f"| {link}{per} | {doc} | {eerder} | {pool} | {wanneer} |"


def _summary(dag: Any, taak: Any) -> str:  # noqa: ANN401
    if pipeline := PIPELINES.get(dag.dag_id):
        return pipeline.step(taak.task_id).summary
    return str(type(taak).__doc__).split("\n\n")[0]


def _direct_voor(dag: Any, taak: Any) -> list[str]:  # noqa: ANN401
    """Return the tasks it waits for, without those that another of them waits for already."""
    eerder = set(taak.upstream_task_ids)
    via = {verder for naam in eerder for verder in dag.get_task(naam).get_flat_relative_ids(upstream=True)}
    return sorted(eerder - via)


def _kort(taak: str) -> str:
    return taak.rsplit(".", 1)[-1]


def _op_een_regel(tekst: str) -> str:
    return " ".join(tekst.replace("``", "`").split()).replace("|", "\\|")


def main() -> int:
    """Write docs/DAGS.md; nothing of an Airflow on this machine is read or made."""
    with tempfile.TemporaryDirectory() as thuis:
        os.environ |= {
            "AIRFLOW_HOME": thuis,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        }
        DAGS_MD.write_text(schrijf(laad()), encoding="utf-8")
    sys.stdout.write(f"{DAGS_MD.relative_to(PROJECT)} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
