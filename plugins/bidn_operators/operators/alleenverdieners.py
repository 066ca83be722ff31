"""Alleenverdieners: find and take in leveringen, and bring every organisation its lists, one operator per task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bidn_operators.hooks.bronnen import ALLEENVERDIENERS, BelastingdienstHook
from bidn_operators.metrics import gemeten
from bidn_operators.operators.basis import mislukte_taken, noem
from bidn_operators.operators.taak import Taak
from include.errors import ControleFout

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.steps.verdeling import Verdeling
    from include.steps.verwerking import Opslag


def _gevraagd(context: Context) -> str | None:
    """Return the levering that a run started by hand is for, or None: whatever there is to do."""
    return context["params"].get("levering") or None


class LeveringenZoekenOperator(Taak):
    """Ask the Belastingdienst which leveringen it has, and find those that were not taken in yet (besluit A1)."""

    ui_color = "#f4ead9"
    gevolg = "nothing new is taken in or published until this is mended; what was published stays."

    def voer_uit(self, context: Context) -> list[dict[str, Any]]:
        """Return their announcements; see ``include.steps.selectielijsten.zoek``."""
        from include.steps.selectielijsten import zoek
        from include.steps.verwerking import Opslag

        gevraagd = _gevraagd(context)
        gevonden = zoek(Opslag(), BelastingdienstHook(doelbinding=ALLEENVERDIENERS).get_conn(), gevraagd)
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


class LeveringInnemenOperator(Taak):
    """Fetch one levering, verify and judge it; one that is rejected as a whole fails here (besluit A2)."""

    template_fields: Sequence[str] = ("aankondiging",)
    ui_color = "#f4ead9"
    gevolg = (
        "nothing of this levering is published, so no gemeente can act on it yet; other leveringen go on."
    )

    def __init__(self, *, aankondiging: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aankondiging = aankondiging

    def voer_uit(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - the interface
        """Return the outcome as counts; see ``include.steps.selectielijsten.neem_in``."""
        from include.steps.selectielijsten import neem_in
        from include.steps.verwerking import Opslag

        betreft = f"levering {self.aankondiging['levering']}"
        client = BelastingdienstHook(doelbinding=ALLEENVERDIENERS, betreft=betreft).get_conn()
        uitkomst = gemeten(self.task_id, lambda: neem_in(Opslag(), client, self.aankondiging))
        self.log.info("%s: %s", betreft, uitkomst)
        return uitkomst


class VerdelingMakenOperator(Taak):
    """Find which organisation is to get which lists, of new leveringen and of rows held back before (besluit A3)."""

    template_fields: Sequence[str] = ("gezocht", "ingenomen")
    ui_color = "#f4ead9"
    gevolg = "nothing is published in this run; what was published stays."

    def __init__(
        self,
        *,
        gezocht: Iterable[dict[str, Any]] | None,
        ingenomen: Iterable[dict[str, Any] | None] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.gezocht, self.ingenomen = gezocht, ingenomen

    def voer_uit(self, context: Context) -> list[dict[str, Any]]:
        """Return what the branches are mapped over; see ``include.steps.verdeling.verdeel``."""
        from include.steps.alleenverdieners import vervallen_gemeenten
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


class VerdelingOperator(Taak):
    """One step for the lists of one organisation; ``verdeling`` is a line of what ``verdeling_maken`` returned."""

    template_fields: Sequence[str] = ("verdeling",)
    ui_color = "#e8f0fa"
    gevolg = "this organisation waits for its lists, of this levering only; nobody gets a wrong list."

    def __init__(self, *, verdeling: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.verdeling = verdeling

    def voer_uit(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - the interface
        """Take the step."""
        from include.steps.verdeling import Verdeling
        from include.steps.verwerking import Opslag

        verdeling = Verdeling.uit_dict(self.verdeling)
        uitkomst = gemeten(self.task_id, lambda: self.stap(Opslag(), verdeling))
        self.log.info("%s: %s", verdeling.betreft, uitkomst)
        return uitkomst

    def stap(self, opslag: Opslag, verdeling: Verdeling) -> dict[str, Any]:
        """Take the step of this operator and return counts."""
        raise NotImplementedError


class LijstenMakenOperator(VerdelingOperator):
    """Write one list per gemeente of the organisation, and read it back (besluit A4)."""

    def stap(self, opslag: Opslag, verdeling: Verdeling) -> dict[str, Any]:
        """See ``include.steps.alleenverdieners.maak_lijsten``."""
        from include.steps.alleenverdieners import maak_lijsten

        return maak_lijsten(opslag, verdeling)


class LijstenPublicerenOperator(VerdelingOperator):
    """Make the lists visible and remove the intermediates (besluiten B55, B56, A5)."""

    gevolg = "each list of this organisation is out whole or not at all; clearing publishes what is missing."

    def stap(self, opslag: Opslag, verdeling: Verdeling) -> dict[str, Any]:
        """See ``include.steps.alleenverdieners.publiceer``."""
        from include.steps.alleenverdieners import publiceer

        return publiceer(opslag, verdeling)


class LijstenNotificerenOperator(VerdelingOperator):
    """Mail the productbeheerders that the lists are ready, at most once each (besluit B54)."""

    gevolg = (
        "the lists are published and can be fetched; not everybody at the organisation has heard of them."
    )

    def stap(self, opslag: Opslag, verdeling: Verdeling) -> dict[str, Any]:
        """See ``include.steps.alleenverdieners.notificeer``."""
        from bidn_operators.hooks.mail import MailHook
        from include.steps.alleenverdieners import notificeer

        return notificeer(opslag, verdeling, MailHook().bezorg)


class RunAfsluitenOperator(Taak):
    """Account for every row, and fail the run when any task of it failed."""

    template_fields: Sequence[str] = ("gezocht",)
    ui_color = "#f4ead9"
    gevolg = "what was published is right and stays; gemeenten whose lists are not published wait for them."

    def __init__(self, *, gezocht: Iterable[dict[str, Any]] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gezocht = gezocht

    def voer_uit(self, context: Context) -> list[dict[str, Any]]:
        """Return the summary per levering; see ``include.steps.alleenverdieners.vat_samen``.

        Raises:
            ControleFout: tasks failed, or a row is not accounted for.
        """
        from include.steps.alleenverdieners import vat_samen
        from include.steps.verwerking import Opslag

        gevraagd = _gevraagd(context)
        namen = [aankondiging["levering"] for aankondiging in self.gezocht or []]
        samenvatting = vat_samen(Opslag(), context["run_id"], [*namen, *([gevraagd] if gevraagd else [])])
        for regel in samenvatting:
            self.log.info("levering %s: %s", regel["levering"], regel)
        if mislukt := mislukte_taken(context):
            raise ControleFout(
                f"this run is not finished: {noem(mislukt)}. What was published is not affected. A levering that is "
                "afgekeurd needs a new one of the Belastingdienst; for the rest mend the cause named in each failed "
                "task, then clear the failed tasks of this run with everything after them, or leave it to the next run."
            )
        if not any(regel["lijsten"] for regel in samenvatting):
            self.log.info("nothing new: this run published nothing")
        return samenvatting
