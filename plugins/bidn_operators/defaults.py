"""What every task of every DAG has in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bidn_operators.alerts import Alarm, Foutmelding
from bidn_operators.retries import Herhaalbeleid, herhalingen

STANDAARD: dict[str, Any] = {
    "owner": "bidn",
    "retries": herhalingen(),
    # Only for a task that was lost with its worker: whatever failed with an error waits as Herhaalbeleid says.
    "retry_delay": timedelta(seconds=30),
    "retry_policy": Herhaalbeleid(),
    "on_failure_callback": [Foutmelding()],
}
"""The ``default_args`` of a DAG."""

ALARM = [Alarm(), Foutmelding()]
"""The ``on_failure_callback`` of the one task whose failure is the failure of the run; its log ends with what to do."""

SLOT: dict[str, Any] = {"trigger_rule": "all_done", "retries": 0, "on_failure_callback": ALARM}
"""The closing task of a run: always runs, and its failure is the one alert of the run."""
