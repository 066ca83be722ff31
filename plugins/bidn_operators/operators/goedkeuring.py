"""A human looks at outcomes that have shifted, before they are published."""

from __future__ import annotations

import os
from collections.abc import Sequence
from logging import INFO, WARNING
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator

from bidn_operators.alerts import rondes_url, run_url, runbook, verzend
from bidn_operators.operators.run import toestanden
from bidn_operators.operators.step import VerwerkingStep
from bidn_operators.operators.task import sealed

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.samenvatting import Vergelijking
    from include.steps.verwerking import Deelnemer

PUBLICEREN, NIET_PUBLICEREN = "Publish", "Do not publish"


def goedkeuring_gevraagd() -> bool:
    """Return whether shifted outcomes wait for a human: BIDN_GOEDKEURING=ja."""
    return os.environ.get("BIDN_GOEDKEURING", "").strip().lower() in ("ja", "1", "true")


class GoedkeurenOperator(VerwerkingStep, HITLOperator):
    """Compares the outcomes with the ronde before; if they shifted and BIDN_GOEDKEURING asks it, waits for a human."""

    template_fields: Sequence[str] = ("verwerking",)

    def __init__(self, *, verwerking: Deelnemer, **kwargs: Any) -> None:
        super().__init__(
            verwerking=verwerking,
            subject="Outcomes have shifted",
            options=[PUBLICEREN, NIET_PUBLICEREN],
            **kwargs,
        )

    def work(self, context: Context) -> dict[str, Any]:
        """Return the number of tests that shifted, or wait for an answer."""
        if self.is_done():
            return {"afgerond": True}
        vergelijking: Vergelijking = self.step.call(self.branch())
        self.log.log(WARNING if vergelijking.verschuivingen else INFO, "%s: %s", self.about, vergelijking)
        if vergelijking.verschuivingen and goedkeuring_gevraagd():
            ronde = self.verwerking["ronde"]
            self.subject = f"Publish the reports of {self.verwerking['organisatie']}, ronde {ronde}?"
            tegen = f"ronde {vergelijking.vorige_ronde}, the last one of this organisation with the same instellingen"
            wat = [
                f"Outcomes have shifted against {tegen}:",
                "\n".join(f"* {een}" for een in vergelijking.verschuivingen),
            ]
            doen = f"What to do: {runbook('bijzondere_bijstand-goedkeuren')}"
            self.body = "\n\n".join([*wat, f"The ronde: {rondes_url(ronde)}", doen])
            self._meld(context, [*wat, f"Answer: {run_url(context)}/required_actions", doen])
            HITLOperator.execute(self, context)
        return {
            "organisatie": self.verwerking["organisatie"],
            "verschuivingen": len(vergelijking.verschuivingen),
            "vergeleken_met": vergelijking.vorige_ronde,
        }

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Go on, or fail the branch: the answer of a human.

        Raises:
            ControleFout: the publication was turned down; says by whom, why, and what to do.
        """
        try:
            return self._antwoord(context, event)
        except BaseException as fout:  # noqa: BLE001 - it is raised again, in other words
            safe = sealed(fout)
        raise safe

    def _antwoord(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        from include.steps.publicatie import keur_af

        antwoord = super().execute_complete(context, event)
        wie = " ".join(str((antwoord["responded_by_user"] or {}).get("name") or "somebody unknown").split())
        if antwoord["chosen_options"] != [PUBLICEREN]:
            keur_af(self.branch(), wie)
        self.log.info("%s: publication approved by %s", self.about, wie)
        return {"organisatie": self.verwerking["organisatie"], "goedgekeurd": True}

    def _meld(self, context: Context, wat: Sequence[str]) -> None:
        """Mail ops that somebody must look; only the first of a run, the others wait in the same list."""
        wachten_al = [
            taak
            for taak, toestand in toestanden(context).items()
            if taak.startswith(self.task_id) and toestand == "awaiting_input"
        ]
        organisatie = self.verwerking["organisatie"]
        if not wachten_al:
            verzend(
                f"publication waits for you, ronde {self.verwerking['ronde']}",
                "\n\n".join(
                    [
                        f"First: {organisatie}; others of this run wait there too, without another mail.",
                        *wat,
                    ]
                ),
            )
