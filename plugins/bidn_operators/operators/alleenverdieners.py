"""Alleenverdieners as a whole: find leveringen, divide them, and account for every row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bidn_operators.operators.run import mislukte_taken, noem, readable
from bidn_operators.operators.step import ask
from bidn_operators.operators.task import Task
from include.errors import ControleFout
from include.pipeline import BELASTINGDIENST
from include.schemas.domein import Product

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.verdeling import Verdeelregel


def _gevraagd(context: Context) -> str | None:
    """Return the levering that a run started by hand is for, or None: whatever there is to do."""
    return context["params"].get("levering") or None


class LeveringenZoekenOperator(Task):
    """Ask the Belastingdienst which leveringen it has, and find those that were not taken in yet (besluit A1)."""

    def work(self, context: Context) -> list[dict[str, Any]]:
        """Return their announcements; see ``include.steps.selectielijsten.zoek``."""
        from include.steps.selectielijsten import zoek
        from include.steps.verwerking import Opslag

        gevraagd = _gevraagd(context)
        gevonden = zoek(Opslag(), ask(BELASTINGDIENST, "", doelbinding=Product.ALLEENVERDIENERS), gevraagd)
        namen = ", ".join(aankondiging["levering"] for aankondiging in gevonden)
        if gevonden:
            self.log.info("to take in: %s", namen)
        elif gevraagd:
            self.log.info(
                "levering %s is no longer announced: what was kept of it is published anew", gevraagd
            )
        else:
            self.log.info(
                "nothing new: every levering that the Belastingdienst announces was taken in before"
            )
        return gevonden


class VerdelingMakenOperator(Task):
    """Find which organisation is to get which lists, of new leveringen and of rows held back before (besluit A3)."""

    template_fields: Sequence[str] = ("gezocht", "ingenomen")

    def __init__(
        self,
        *,
        gezocht: Iterable[dict[str, Any]] | None,
        ingenomen: Iterable[dict[str, Any] | None] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.gezocht, self.ingenomen = gezocht, ingenomen

    def work(self, context: Context) -> list[Verdeelregel]:
        """Return what the branches are mapped over; see ``include.steps.verdeling.verdeel``."""
        from include.steps.lijsten import vervallen_gemeenten
        from include.steps.verdeling import verdeel
        from include.steps.verwerking import Opslag

        opslag = Opslag()
        ingenomen = {uitkomst["levering"] for uitkomst in self.ingenomen or [] if uitkomst}
        mislukt = {aankondiging["levering"] for aankondiging in self.gezocht or []} - ingenomen
        verdelingen = verdeel(opslag, context["run_id"], gevraagd=_gevraagd(context), mislukt=mislukt)
        for naam, codes in vervallen_gemeenten(opslag).items():
            self.log.warning(
                "organisation %s is registered for gemeenten that no longer exist (%s) and gets no list of them: "
                "register it for the gemeente that took over, if it serves that one",
                naam,
                ", ".join(codes),
            )
        if not verdelingen:
            self.log.info("nothing to publish: every organisation that is registered has its lists")
        return [verdeling.als_dict() for verdeling in verdelingen]


class RunAfsluitenOperator(Task):
    """Account for every row, and fail the run when any task of it failed."""

    template_fields: Sequence[str] = ("gezocht",)

    def __init__(self, *, gezocht: Iterable[dict[str, Any]] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gezocht = gezocht

    def work(self, context: Context) -> list[dict[str, Any]]:
        """Return the summary per levering; see ``include.steps.lijsten.verantwoord``.

        Raises:
            ControleFout: tasks failed, or a row is not accounted for.
        """
        from include.steps.lijsten import verantwoord
        from include.steps.verwerking import Opslag

        gevraagd = _gevraagd(context)
        namen = [aankondiging["levering"] for aankondiging in self.gezocht or []]
        samenvatting = verantwoord(Opslag(), context["run_id"], [*namen, *([gevraagd] if gevraagd else [])])
        for regel in samenvatting:
            self.log.info("%s", readable(regel))
            for organisatie in regel.get("niemand_bericht", []):
                self.log.warning("%s: its lists are published and nobody is told of them", organisatie)
        if mislukt := mislukte_taken(context):
            raise ControleFout(
                f"this run is not finished: {noem(mislukt)}. What was published is not affected. A levering that is "
                "afgekeurd needs a new one of the Belastingdienst; for the rest mend the cause named in each failed "
                "task, then clear the failed tasks of this run with everything after them, or leave it to the next run."
            )
        if not any(regel["lijsten"] for regel in samenvatting):
            self.log.info("nothing new: this run published nothing")
        return samenvatting
