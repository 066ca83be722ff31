"""``make backfill``: say what running past rondes will do, have Airflow run them, and wait until they are done."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from datetime import time as clock

from rich.console import Console

from include.commands.backfill import show, warn
from include.errors import RondeFout
from include.local.airflow_api import FINISHED, AirflowApi
from include.moments import AMSTERDAM
from include.steps.backfill import Rondeplan, niet_uitgekomen, plan
from include.steps.verwerking import Opslag

EXIT_FAILED = 1
POLL_SECONDS = 1.0


def backfill(
    airflow: AirflowApi,
    opslag: Opslag,
    console: Console,
    *,
    dag_id: str,
    van: str,
    tot: str,
    again: bool,
    yes: bool,
) -> int:
    """Run the rondes from ``van`` up to and including ``tot``; a ronde that ran before only with ``again``.

    Shows first, per ronde and organisation, what will happen, and asks, unless ``yes``.

    Returns:
        0, also when there was nothing to run or the answer was no; ``EXIT_FAILED`` when the plan did not come true: a
        run failed or never came, or an organisation that was promised reports has none.

    Raises:
        RondeFout: the rapportagemaand of a ronde has not begun, or the range is none.
        NormFout: the norms of a ronde are not known.
        InstallatieFout: Airflow does not answer, or refuses; for example while another backfill is open.
    """
    plans = plan(opslag, van, tot)
    first, last = (_begin(one.ronde.maand.eerste_dag) for one in (plans[0], plans[-1]))
    to_run = airflow.backfill_would_run(dag_id, first, last, again=again)
    if strange := sorted(set(to_run) - {one.ronde.naam for one in plans}):
        raise RondeFout(f"Airflow would run {', '.join(strange)} too; nothing was started.")
    for one in plans:
        show(one, console, runs=one.ronde.naam in to_run)
    running = [one for one in plans if one.ronde.naam in to_run]
    for one in running:
        warn(one, console)
    if not to_run:
        console.print("Nothing to run. A ronde that ran before is run again with OPNIEUW=ja.")
        return 0
    if not yes and not _agreed(console, to_run):
        console.print("Nothing was started.")
        return 0
    started = datetime.now(UTC)
    number = airflow.create_backfill(dag_id, first, last, again=again)
    states = _wait(airflow, console, dag_id, number, started)
    return _report(opslag, console, running, states)


def _begin(day: date) -> datetime:
    return datetime.combine(day, clock(), tzinfo=AMSTERDAM)


def _agreed(console: Console, to_run: Sequence[str]) -> bool:
    if not sys.stdin.isatty():
        console.print("Say JA=ja to start it without being asked.")
        return False
    return console.input(f"\nRun {', '.join(to_run)}? [j/N] ").strip().lower() in ("j", "ja", "y", "yes")


def _wait(
    airflow: AirflowApi, console: Console, dag_id: str, number: int, started: datetime
) -> dict[str, str]:
    """Print every change of state until the backfill is done; its runs are told by when they were queued.

    Returns:
        The last state of each ronde that was run.
    """
    seen: dict[str, str] = {}
    while True:
        done = not airflow.is_open(number)
        runs = airflow.backfill_runs(dag_id, started)
        for run in sorted(runs, key=lambda run: run.partition_key or ""):
            if seen.get(run.dag_run_id) != run.state:
                seen[run.dag_run_id] = run.state
                console.print(f"{run.partition_key}  {run.state.value:<8} {run.dag_run_id}", highlight=False)
        if done and all(run.state in FINISHED for run in runs):
            return {str(run.partition_key): run.state.value for run in runs}
        time.sleep(POLL_SECONDS)


def _report(opslag: Opslag, console: Console, planned: Sequence[Rondeplan], states: Mapping[str, str]) -> int:
    """Say where the plan did not come true."""
    failed = sum(state != "success" for state in states.values())
    console.print(f"Runs: {len(states)}, of which failed: {failed}.")
    complaints = [line for one in planned if (line := _complaint(opslag, one, states.get(one.ronde.naam)))]
    for line in complaints:
        console.print(line, style="bold red", highlight=False)
    return EXIT_FAILED if failed or complaints else 0


def _complaint(opslag: Opslag, one: Rondeplan, state: str | None) -> str | None:
    without = niet_uitgekomen(opslag, one)
    if not without and state == "success":
        return None
    names = f"; no reports for {', '.join(without)}" if without else ""
    return f"Ronde {one.ronde}: its run {'never came' if state is None else f'ended {state}'}{names}."
