"""Retention: remove what has had its days (besluit B55)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class BewaartermijnToepassenOperator(BaseOperator):
    """Remove and register everything that is due; with ``voorbeeld`` only say what would go."""

    ui_color = "#f0e2e2"
    gevolg = "personal data may be kept longer than the 90 days of the law until this is mended."

    def execute(self, context: Context) -> dict[str, Any]:
        """Return counts by class.

        Raises:
            OpslagFout: some files could not be removed; the others were.
        """
        from include.opslag import bewaartermijn
        from include.stappen.protocol import ruim_op
        from include.stappen.verwerking import Opslag

        opslag = Opslag()
        if context["params"].get("voorbeeld"):
            vondsten = bewaartermijn.voorbeeld(opslag.database, opslag.bestanden, nu=opslag.klok())
            for vondst in vondsten:
                self.log.info("would remove %s %s", vondst.klasse, vondst.onderwerp)
            return {"voorbeeld": len(vondsten)}
        verslag = ruim_op(opslag)
        self.log.info("retention: %s", verslag)
        return {"bestanden": dict(verslag.bestanden), "rijen": dict(verslag.rijen)}
