"""The branch of one organisation: from its household to its reports, one operator per task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bidn_operators.hooks.bronnen import BelastingdienstHook, BijstandHook, BrpHook, RdwHook, UwvHook
from bidn_operators.operators.basis import VerwerkingOperator, sla_over

if TYPE_CHECKING:
    from airflow.sdk import Context

    from bidn_operators.hooks.bronnen import Bronhook
    from include.steps.verwerking import Opslag, Verwerking


class HuishoudenBrpOperator(VerwerkingOperator):
    """Ask the BRP and derive every household; skips an organisation without rows to test (besluit B53)."""

    begint_niet_opnieuw = False

    def voer_uit(self, context: Context) -> dict[str, Any]:
        """Skip what has nothing to test, or take the step."""
        from include.steps.rondes import reden_om_over_te_slaan

        if reden := reden_om_over_te_slaan(self.verwerking):
            sla_over(reden)
        return super().voer_uit(context)

    def stap(self, opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
        """See ``include.steps.organisaties.bepaal_huishoudens``."""
        from include.steps.organisaties import bepaal_huishoudens

        return bepaal_huishoudens(opslag, verwerking, BrpHook(betreft=verwerking.betreft).get_conn())


class BronOphalenOperator(VerwerkingOperator):
    """Ask one of the other sources about the persons that the tests need."""

    bron: str
    hook: type[Bronhook]

    def stap(self, opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
        """See ``include.steps.toetsing.BEVRAGINGEN``."""
        from include.steps.organisaties import bevraag
        from include.steps.toetsing import BEVRAGINGEN

        return bevraag(
            BEVRAGINGEN[self.bron], opslag, verwerking, self.hook(betreft=verwerking.betreft).get_conn()
        )


class BijstandOphalenOperator(BronOphalenOperator):
    """Ask the bijstand register who has a running uitkering: that decides who is asked at UWV (besluit B28)."""

    bron, hook = "bijstand", BijstandHook


class UwvOphalenOperator(BronOphalenOperator):
    """Ask UWV for income in peilmaand and pension window (besluiten B4, B5)."""

    bron, hook = "uwv", UwvHook


class BelastingdienstOphalenOperator(BronOphalenOperator):
    """Ask the Belastingdienst for accounts and heffingskortingen (besluiten B6, B34, B36)."""

    bron, hook = "belastingdienst", BelastingdienstHook


class RdwOphalenOperator(BronOphalenOperator):
    """Ask the RDW for vehicles, when the organisation wants them shown (besluit B41)."""

    bron, hook = "rdw", RdwHook


class RegelsToetsenOperator(VerwerkingOperator):
    """Apply the rules to what was fetched (besluiten B28-B51)."""

    def stap(self, opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
        """See ``include.steps.organisaties.toets_regels``."""
        from include.steps.organisaties import toets_regels

        return toets_regels(opslag, verwerking)


class RapportenMakenOperator(VerwerkingOperator):
    """Write overzicht and detailrapportage, read them back and compare them (besluiten B44-B53)."""

    def stap(self, opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
        """See ``include.steps.organisaties.maak_rapporten``."""
        from include.steps.organisaties import maak_rapporten

        return maak_rapporten(opslag, verwerking)


class PublicerenOperator(VerwerkingOperator):
    """Make both reports visible at once, as a new version, and remove the intermediates (besluiten B55, B56)."""

    gevolg = (
        "the reports of this organisation are out whole or not at all; is it not all, then what was fetched about its "
        "households is kept until this is mended, or until the sweep takes it, 24 hours after it was written."
    )
    begint_niet_opnieuw = False

    def stap(self, opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
        """See ``include.steps.organisaties.publiceer``."""
        from include.steps.organisaties import publiceer

        return publiceer(opslag, verwerking)


class NotificerenOperator(VerwerkingOperator):
    """Mail the productbeheerders that the reports are ready, at most once each (besluit B54)."""

    gevolg = (
        "the reports are published and can be fetched; not everybody at the organisation has heard of them."
    )
    begint_niet_opnieuw = False

    def stap(self, opslag: Opslag, verwerking: Verwerking) -> dict[str, Any]:
        """See ``include.steps.organisaties.notificeer``."""
        from bidn_operators.hooks.mail import MailHook
        from include.steps.organisaties import notificeer

        return notificeer(opslag, verwerking, MailHook().bezorg)
