"""The ronde as a whole: open it, take in every delivery, put it together, sweep, and close it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bidn_operators.operators.run import (
    bepaal_ronde,
    mislukte_taken,
    noem,
    overgeslagen,
    readable,
    uitkomsten,
)
from bidn_operators.operators.task import Task
from include.errors import ControleFout, GegevensFout

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.verwerking import Deelnemer


_ALLEEN_BEWAARD = ("per_organisatie", "duren", "bronnen", "fouten", "redenen")
"""What is in the summary of the ronde and not in the XCom: it grows with the number of organisations and tasks."""

_PER_REGEL = ("per_organisatie", "duren", "bronnen")
"""What is told line by line."""


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
        samen = stel_samen(Opslag(), list(self.deelnemers), ingenomen)
        self.log.info("%d organisations, of which taken in by this run: %d", len(samen), len(ingenomen))
        return samen


class RondeAfsluitenOperator(Task):
    """Close the ronde with its summary, and fail the run when a task of it failed or an organisation is not done."""

    def work(self, context: Context) -> dict[str, Any]:
        """Keep the summary with the ronde and return what of it is about the ronde as a whole.

        Raises:
            ControleFout: tasks failed, or an organisation takes part that this run made nothing of (besluit B53a);
                says which, and what to clear.
            GegevensFout: another run opened the ronde since; or all others are done and the ronde is closed, but what
                some delivered is gone (besluit B55).
        """
        from include.steps.rondes import onafgemaakt, sluit, verlies, vervallen
        from include.steps.samenvatting import bewaar, stel_op
        from include.steps.verwerking import Opslag

        deelnemers = context["ti"].xcom_pull(task_ids="ronde_openen") or []
        # The branches are those of ronde_samenstellen, whoever a later ronde_openen has found.
        takken = [d for d in context["ti"].xcom_pull(task_ids="ronde_samenstellen") or deelnemers if d]
        mislukt = mislukte_taken(context, [tak["organisatie"] for tak in takken])
        opslag, ronde, run = Opslag(), bepaal_ronde(context), context["run_id"]
        samenvatting = stel_op(opslag, ronde.naam, run, uitkomsten(context))
        self._vertel(samenvatting)
        if not overgeslagen(context, "ronde_openen", ook_mislukt=True):
            bewaar(opslag, ronde.naam, run, samenvatting)
        if mislukt:
            # The branch of a failed intake was skipped, and a skipped task is not a failed one.
            wat = (
                "each failed intake with everything after it: that takes the others along"
                if any(taak.startswith("intake") for taak in mislukt)
                else "the failed tasks of this run (only failed)"
            )
            raise ControleFout(
                f"ronde {ronde} is not finished: {samenvatting['gepubliceerd']} of {samenvatting['organisaties']} "
                f"organisations published; {noem(mislukt)}. Those published are not affected. Mend the cause named in "
                f"each failed task, then clear {wat}."
            )
        if over := onafgemaakt(opslag, ronde, run, takken):
            # Registered or delivered since; or its intake was cleared without what comes after.
            raise ControleFout(
                f"ronde {ronde} is not finished: nothing failed, but this run made no reports of what was delivered "
                f"by {', '.join(over)}. Clear ronde_openen of this run with everything after it, or start a new run "
                "of the ronde. Those published are not affected."
            )
        sluit(opslag, ronde.naam, run, samenvatting)
        self.log.info("ronde %s closed", ronde)
        if weg := vervallen(takken):
            raise GegevensFout(verlies(ronde.naam, weg))
        return {naam: waarde for naam, waarde in samenvatting.items() if naam not in _ALLEEN_BEWAARD}

    def _vertel(self, samenvatting: dict[str, Any]) -> None:
        for organisatie, deel in samenvatting["per_organisatie"].items():
            self.log.info("%s: %s", organisatie, readable(_geteld(deel)))
            for verschuiving in deel["verschuivingen"]:
                self.log.warning("%s has shifted: %s", organisatie, verschuiving)
            if deel["toetsen"] and not deel["vergeleken_met"]:
                self.log.info("%s: no earlier ronde with the same instellingen to compare with", organisatie)
        for organisatie in samenvatting["niemand_bericht"]:
            self.log.warning("%s: its reports are published and nobody is told of them", organisatie)
        if not samenvatting["per_organisatie"]:
            self.log.info("nobody takes part in this ronde: there was nothing to test")
        geheel = {naam: waarde for naam, waarde in samenvatting.items() if naam not in _PER_REGEL}
        self.log.info("as a whole: %s", readable(geheel))
        for soort in _PER_REGEL[1:]:
            for naam, telling in samenvatting.get(soort, {}).items():
                self.log.info("%s of %s: %s", soort, naam, readable(telling))


def _geteld(deel: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an organisation goes on one line: its shifts have their own."""
    return {naam: waarde for naam, waarde in deel.items() if naam != "verschuivingen" and waarde is not False}
