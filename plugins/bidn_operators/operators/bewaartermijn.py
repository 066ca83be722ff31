"""Retention: remove what has had its days (besluit B55)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bidn_operators.operators.task import Task
from include.pipeline import SWEEP

if TYPE_CHECKING:
    from airflow.sdk import Context

DAGS = ("alleenverdieners", "bewaartermijn", "bijzondere_bijstand", "termijnbewaking")
"""Whose runs have their logs removed: ours, and no others of this Airflow."""
_INDELING = "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/"


class BewaartermijnToepassenOperator(Task):
    """Removes and registers everything that is due; with ``voorbeeld`` only says what would go."""

    ui_color = "#f0e2e2"
    gevolg = SWEEP.failure

    def work(self, context: Context) -> dict[str, Any]:
        """Return counts by class.

        Raises:
            OpslagFout: some files could not be removed; the others were.
        """
        from include.steps.audit import alle_klassen, bekijk_opruiming, ruim_op
        from include.steps.verwerking import Opslag

        opslag, klassen = Opslag(), alle_klassen(self._runlogs(), DAGS)
        if context["params"].get("voorbeeld"):
            vondsten = bekijk_opruiming(opslag, klassen)
            for vondst in vondsten:
                self.log.info("would remove %s %s", vondst.klasse, vondst.onderwerp)
            self.log.info("preview: %d would be removed, nothing was", len(vondsten))
            return {"voorbeeld": len(vondsten)}
        verslag = ruim_op(opslag, klassen)
        self.log.info("retention: %s", verslag)
        return {"bestanden": dict(verslag.files), "rijen": dict(verslag.rows)}

    def _runlogs(self) -> Path:
        """Airflow's own logs, where this Airflow keeps them; says what of them is out of reach."""
        from airflow.sdk.configuration import conf

        if conf.getboolean("logging", "remote_logging", fallback=False):
            self.log.warning(
                "The logs of runs also go to %s, where nothing is removed from here: the lifecycle of that storage "
                "must remove them after 90 days.",
                conf.get("logging", "remote_base_log_folder", fallback="remote storage"),
            )
        if not conf.get("logging", "log_filename_template", fallback=_INDELING, raw=True).startswith(
            _INDELING
        ):
            self.log.warning(
                "[logging] log_filename_template is not Airflow's own: the logs of runs are not found and not removed."
            )
        return Path(conf.get("logging", "base_log_folder"))
