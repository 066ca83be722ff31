"""What a task may know of its run: the ronde it is for, and how the other tasks ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk.exceptions import AirflowSkipException

from include.errors import RondeFout

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.normen.kalender import Ronde

_GOED = {"success", "skipped", "removed"}


def bepaal_ronde(context: Context) -> Ronde:
    """Return the ronde of a run: its partition key, or the parameter ``ronde`` of a run started by hand.

    Raises:
        RondeFout: the run has neither, or both and they differ, or it is not a month.
    """
    from include.normen import laden

    gevraagd, parameter = gevraagde_ronde(context), context["params"].get("ronde")
    if parameter and str(parameter) != gevraagd:
        raise RondeFout(
            f"this run has partition key {gevraagd} and parameter ronde {parameter}, and a run is for one ronde. Start "
            "a new run with the one that is meant; do not clear this one."
        )
    if not gevraagd:
        raise RondeFout(
            "this run does not say which ronde it is for. Trigger it with the parameter ronde (JJJJ-MM), or with a "
            "partition key; do not clear it."
        )
    return laden.ronde(gevraagd)


def gevraagde_ronde(context: Context) -> str | None:
    """Return the ronde that a run says it is for, looked at by nobody yet; None when it does not say."""
    gevraagd = getattr(context["dag_run"], "partition_key", None) or context["params"].get("ronde")
    return str(gevraagd) if gevraagd else None


def readable(uitkomst: Mapping[str, Any]) -> str:
    """Return the counts of a task as a line to read; what holds nothing is left out."""
    delen = (
        f"{naam} ({readable(waarde)})"
        if isinstance(waarde, Mapping)
        else f"{naam} {'; '.join(map(str, waarde)) if isinstance(waarde, list) else waarde}"
        for naam, waarde in uitkomst.items()
        if waarde not in ({}, [], None)
    )
    return ", ".join(delen).replace("_", " ")


def sla_over(reden: str) -> NoReturn:
    """End the task, and with it the branch of its organisation, as skipped."""
    raise AirflowSkipException(reden)


def toestanden(context: Context) -> dict[str, str]:
    """Return the state of every task of this run; of a mapped one as ``task_id_position``."""
    run = context["dag_run"]
    gevonden = context["ti"].get_task_states(dag_id=run.dag_id, run_ids=[run.run_id])[run.run_id]
    return {taak: str(toestand) for taak, toestand in gevonden.items() if toestand is not None}


def mislukte_taken(context: Context, namen: Sequence[str] = ()) -> list[str]:
    """Return the tasks of this run, itself excepted, that failed: those to mend.

    What only waited for them is left out, unless nothing failed of itself. ``namen`` says of whom a mapped task is,
    by its position: it is then named ``task (name)``.
    """
    eigen = context["ti"].task_id
    niet_goed = {
        taak: toestand
        for taak, toestand in toestanden(context).items()
        if toestand not in _GOED and not taak.startswith(eigen)
    }
    zelf = [taak for taak, toestand in niet_goed.items() if toestand != "upstream_failed"]
    return sorted(_benoemd(taak, namen) for taak in zelf or niet_goed)


def _benoemd(taak: str, namen: Sequence[str]) -> str:
    naam, _, plaats = taak.rpartition("_")
    return f"{naam} ({namen[int(plaats)]})" if plaats.isdigit() and int(plaats) < len(namen) else taak


def overgeslagen(context: Context, taak: str, *, ook_mislukt: bool = False) -> bool:
    """Return whether a task of this run was skipped; with ``ook_mislukt``, whether it did not succeed."""
    toestand = toestanden(context).get(taak)
    return toestand not in (None, "success") if ook_mislukt else toestand == "skipped"


def uitkomsten(context: Context) -> dict[str, list[dict[str, Any]]]:
    """Return what the tasks of this run returned, by task; of a mapped one what every organisation did."""
    ti = context["ti"]
    gevonden = {taak: ti.xcom_pull(task_ids=[taak]) for taak in context["dag"].task_ids if taak != ti.task_id}
    return {
        taak: [uitkomst for uitkomst in alle if isinstance(uitkomst, dict)] for taak, alle in gevonden.items()
    }


def noem(mislukt: Sequence[str]) -> str:
    """Return how many tasks failed, and the first of them."""
    namen = ", ".join(mislukt[:10]) + (", …" if len(mislukt) > 10 else "")
    return f"{len(mislukt)} task{'s' if len(mislukt) > 1 else ''} failed ({namen})"
