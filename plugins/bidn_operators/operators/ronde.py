"""The ronde as a whole: open it, take in every delivery, put it together, sweep, and close it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bidn_operators.operators.run import (
    bepaal_ronde,
    mislukte_taken,
    noem,
    overgeslagen,
    uitkomsten,
)
from bidn_operators.operators.task import Task
from include.errors import ControleFout, GegevensFout

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.verwerking import Deelnemer


_ALLEEN_BEWAARD = ("per_organisatie", "duren", "bronnen", "fouten", "redenen")
"""What is in the summary of the ronde and not in the XCom: it grows with the number of organisations and tasks."""


class RondeOpenenOperator(Task):
    """Check that the ronde can run and name the organisations that take part (besluiten B2, B3, B9, B53a)."""

    def work(self, context: Context) -> list[Deelnemer]:
        """Return one verwerking per organisation; see ``include.steps.rondes.open_voor_verwerking``.

        Raises:
            GegevensFout: every delivery of the ronde is gone (besluit B55); names the organisations.
        """
        from include.normen.laden import waarschuwing_dekking
        from include.steps.rondes import niet_aangemeld, open_voor_verwerking
        from include.steps.verwerking import Opslag

        opslag = Opslag()
        ronde = bepaal_ronde(context)
        if waarschuwing := waarschuwing_dekking(opslag.vandaag):
            self.log.warning(waarschuwing)
        deelnemers = open_voor_verwerking(opslag, ronde, context["run_id"])
        self.log.info("ronde %s: %d organisations delivered and take part", ronde, len(deelnemers))
        if zonder := niet_aangemeld(opslag, ronde):
            self.log.warning(
                "ronde %s: %d organisations delivered and do not take part, for their registration does not cover the "
                "deelnamedatum %s: %s (besluit B53a)",
                *(ronde, len(zonder), ronde.deelnamedatum, ", ".join(zonder)),
            )
        return deelnemers


class RondeSamenstellenOperator(Task):
    """List every organisation with its intake, and find who was delivered by more than one (besluit B52).

    Every organisation is in the list, in a fixed order, also one whose intake failed: Airflow keeps the state of
    mapped tasks by position.
    """

    template_fields: Sequence[str] = ("deelnemers", "ingenomen")

    def __init__(
        self,
        *,
        deelnemers: Iterable[Deelnemer],
        ingenomen: Iterable[Deelnemer | None],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.deelnemers, self.ingenomen = deelnemers, ingenomen

    def work(self, context: Context) -> list[Deelnemer]:  # noqa: ARG002 - the interface
        """Return what the branches are mapped over; see ``include.steps.rondes.stel_samen``."""
        from include.steps.rondes import stel_samen
        from include.steps.verwerking import Opslag

        ingenomen = [uitkomst for uitkomst in self.ingenomen or [] if uitkomst]
        return stel_samen(Opslag(), list(self.deelnemers), ingenomen)


class RondeAfsluitenOperator(Task):
    """Close the ronde with its summary, and fail the run when a task of it failed or an organisation is not done."""

    def work(self, context: Context) -> dict[str, Any]:
        """Keep the summary with the ronde and return what of it is about the ronde as a whole.

        Raises:
            ControleFout: tasks failed, or an organisation was taken in too late to be tested; says which, and what
                to clear.
            GegevensFout: all others are done and the ronde is closed, but what some delivered is gone (besluit B55).
        """
        from include.steps.rondes import onafgemaakt, sluit, verlies, vervallen
        from include.steps.samenvatting import bewaar, stel_op
        from include.steps.verwerking import Opslag

        deelnemers = context["ti"].xcom_pull(task_ids="ronde_openen") or []
        samengesteld = context["ti"].xcom_pull(task_ids="ronde_samenstellen") or deelnemers
        mislukt = mislukte_taken(context, [d["organisatie"] for d in deelnemers if d])
        opslag, ronde = Opslag(), bepaal_ronde(context)
        samenvatting = stel_op(opslag, ronde.naam, context["run_id"], uitkomsten(context))
        self._vertel(samenvatting)
        if not overgeslagen(context, "ronde_openen", ook_mislukt=True):
            bewaar(opslag, ronde.naam, samenvatting)
        if mislukt:
            raise ControleFout(
                f"ronde {ronde} is not finished: {samenvatting['gepubliceerd']} of {samenvatting['organisaties']} "
                f"organisations published; {noem(mislukt)}. Those published are not affected. Mend the cause named in "
                "each failed task, then clear the failed tasks of this run (only failed)."
            )
        if over := onafgemaakt(opslag, ronde.naam, context["run_id"]):
            # Whose intake was cleared after it failed: its branch had been skipped, and clearing left it so.
            raise ControleFout(
                f"ronde {ronde} is not finished: nothing failed, but no reports were made for {', '.join(over)}. Clear "
                "ronde_samenstellen of this run with everything after it."
            )
        sluit(opslag, ronde.naam, samenvatting)
        self.log.info("ronde %s closed", ronde)
        if weg := vervallen(deelnemer for deelnemer in samengesteld if deelnemer):
            raise GegevensFout(verlies(ronde.naam, weg))
        return {naam: waarde for naam, waarde in samenvatting.items() if naam not in _ALLEEN_BEWAARD}

    def _vertel(self, samenvatting: dict[str, Any]) -> None:
        for organisatie, deel in samenvatting["per_organisatie"].items():
            self.log.info("%s: %s", organisatie, deel)
            for verschuiving in deel["verschuivingen"]:
                self.log.warning("%s has shifted: %s", organisatie, verschuiving)
        for organisatie in samenvatting["niemand_bericht"]:
            self.log.warning("%s: its reports are published and nobody is told of them", organisatie)
        self.log.info(
            "as a whole: %s",
            {naam: waarde for naam, waarde in samenvatting.items() if naam != "per_organisatie"},
        )
