"""A human looks at outcomes that have shifted, before they are published."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator

from bidn_operators.alerts import runbook, verzend
from bidn_operators.operators.basis import VerwerkingOperator, sla_over, toestanden
from bidn_operators.operators.taak import Taak, besloten

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.samenvatting import Verschuiving
    from include.steps.verwerking import Opslag, Verwerking

PUBLICEREN, NIET_PUBLICEREN = "Publish", "Do not publish"


def goedkeuring_gevraagd() -> bool:
    """Return whether shifted outcomes wait for a human: BIDN_GOEDKEURING=ja."""
    return os.environ.get("BIDN_GOEDKEURING", "").strip().lower() in ("ja", "1", "true")


class GoedkeurenOperator(Taak, HITLOperator):
    """Compare the outcomes with the ronde before; when they shifted and BIDN_GOEDKEURING asks it, wait for a human."""

    template_fields: Sequence[str] = ("verwerking",)
    ui_color = "#e8f0fa"
    gevolg = VerwerkingOperator.gevolg

    def __init__(self, *, verwerking: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(subject="Outcomes have shifted", options=[PUBLICEREN, NIET_PUBLICEREN], **kwargs)
        self.verwerking = verwerking

    def voer_uit(self, context: Context) -> dict[str, Any]:
        """Return the number of tests that shifted, or wait for an answer."""
        from include.steps.organisaties import is_afgerond
        from include.steps.verwerking import Opslag, Verwerking

        opslag, verwerking = Opslag(), Verwerking.uit_dict(self.verwerking)
        if is_afgerond(opslag, verwerking):
            return {"afgerond": True}
        gevonden = self._verschoven(opslag, verwerking)
        for verschuiving in gevonden:
            self.log.warning("%s has shifted: %s", verwerking.betreft, verschuiving)
        if gevonden and goedkeuring_gevraagd():
            self.subject = f"Publish the reports of {verwerking.organisatie}, ronde {verwerking.ronde}?"
            self.body = "\n".join(
                ["Outcomes have shifted against an earlier ronde:", "", *(f"* {een}" for een in gevonden)]
            )
            self._meld(context, verwerking)
            HITLOperator.execute(self, context)
        return {"organisatie": verwerking.organisatie, "verschuivingen": len(gevonden)}

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Go on, or end the branch as skipped: the answer of a human."""
        return besloten(lambda: self._antwoord(context, event))

    def _antwoord(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        from include.steps.verwerking import Opslag, Verwerking, vind_organisatie
        from include.storage.models import DeelnameStatus
        from include.storage.rondes import set_status

        antwoord = super().execute_complete(context, event)
        opslag, verwerking = Opslag(), Verwerking.uit_dict(self.verwerking)
        if antwoord["chosen_options"] != [PUBLICEREN]:
            organisatie = vind_organisatie(opslag, verwerking)
            with opslag.database.transaction() as sessie:
                set_status(sessie, verwerking.ronde, organisatie, DeelnameStatus.MISLUKT, nu=opslag.klok())
            sla_over(
                f"{verwerking.betreft}: publication was turned down. Mend the cause and start a new run of the ronde."
            )
        self.log.info("%s: publication approved", verwerking.betreft)
        return {"organisatie": verwerking.organisatie, "goedgekeurd": True}

    def _verschoven(self, opslag: Opslag, verwerking: Verwerking) -> list[Verschuiving]:
        from include.steps.organisaties import oordelen
        from include.steps.samenvatting import verschoven

        return verschoven(opslag, verwerking.ronde, verwerking.organisatie, oordelen(opslag, verwerking))

    def _meld(self, context: Context, verwerking: Verwerking) -> None:
        """Mail ops that somebody must look; only the first of a run, the others wait in the same list."""
        wachten_al = [
            taak
            for taak, toestand in toestanden(context).items()
            if taak.startswith(self.task_id) and toestand == "awaiting_input"
        ]
        if not wachten_al:
            verzend(
                f"publication waits for you, ronde {verwerking.ronde}",
                "\n\n".join(
                    [
                        "Outcomes have shifted against an earlier ronde. See Required actions in Airflow.",
                        f"First: {verwerking.organisatie}; others of this run wait there too, without another mail.",
                        f"What to do: {runbook('bijzondere_bijstand-goedkeuren')}",
                    ]
                ),
            )
