"""Is every ronde on its way: does it run, and is everybody published before the rapportagemaand ends (besluit B3)?"""

from __future__ import annotations

from datetime import date

from include.normen import laden
from include.normen.kalender import Ronde
from include.schemas.domein import DeelnameStatus, LeveringStatus, Product
from include.steps.leveren import tel
from include.steps.verwerking import Opslag
from include.storage.delivery_terms import delivery_terms
from include.storage.models import Levering
from include.storage.models import RondeRow as Ronderij
from include.storage.organisaties import find_aangemeld
from include.storage.publicaties import find_publicaties
from include.storage.rondes import find_deelnames

SPEELRUIMTE_DAGEN = 1
"""On the 1st the run may still be at work, or wait for another."""


def niet_gepubliceerd(opslag: Opslag, ronde: Ronde) -> list[str]:
    """Return who takes part in the ronde and has neither reports nor a delivery that is afgekeurd or gone, by name."""
    with opslag.database.reading() as sessie:
        aangemeld = find_aangemeld(sessie, Product.BIJZONDERE_BIJSTAND, ronde.deelnamedatum)
        klaar = {
            rij.organisatie_id
            for rij in find_deelnames(sessie, ronde.naam)
            if rij.status in (DeelnameStatus.GEPUBLICEERD, DeelnameStatus.AFGEKEURD)
        }
        # Being processed again: what was published before is out.
        klaar |= {
            rij.organisatie_id
            for rij in find_publicaties(
                sessie, product=Product.BIJZONDERE_BIJSTAND, ronde=ronde.naam, ook_verwijderd=True
            )
        }
    open_ = [organisatie for organisatie in aangemeld if organisatie.id not in klaar]
    return [
        organisatie.naam
        for organisatie in open_
        if (telling := tel(opslag, organisatie, ronde, ook_verwijderd=True)) and _wacht(telling.levering)
    ]


def _wacht(levering: Levering) -> bool:
    return levering.verwijderd_op is None and levering.status is not LeveringStatus.AFGEKEURD


def niet_begonnen(opslag: Opslag) -> str | None:
    """Return what ops must do when the ronde that is due has not been opened by any run; None when all is well.

    Also None on the first day of the rapportagemaand, and when nobody delivered.
    """
    vandaag = opslag.vandaag
    ronde = laden.nieuwste_ronde(vandaag)
    if vandaag.day <= SPEELRUIMTE_DAGEN:
        return None
    with opslag.database.reading() as sessie:
        if sessie.get(Ronderij, ronde.naam) is not None:
            return None
    wachtend = niet_gepubliceerd(opslag, ronde)
    if not wachtend:
        return None
    return (
        f"ronde {ronde} has not run: {len(wachtend)} organisations delivered and wait for their reports, due on "
        f"{ronde.rapportagemaand.laatste_dag}. See in Airflow whether bijzondere_bijstand is paused or its run failed, "
        f"and start it: Trigger, with Ronde {ronde}."
    )


def verloren_dreigend(opslag: Opslag) -> str | None:
    """Return what ops must do about deliveries that will be removed unused within 14 days; None when there are none.

    Those that count and were never published (besluit B55): after that day nobody can be given the reports any more.
    """
    with opslag.database.reading() as sessie:
        termen = [term for term in delivery_terms(sessie) if term.is_lost_soon(opslag.vandaag)]
        regels = sorted(
            f"{term.levering.organisatie.naam}, ronde {term.levering.ronde}: {term.removal_day}"
            if term.levering.organisatie
            else f"levering {term.levering.kenmerk}: {term.removal_day}"
            for term in termen
        )
    if not regels:
        return None
    return (
        f"{len(regels)} deliveries count, were never published, and will be removed on the day named (besluit B55): "
        f"{'; '.join(regels)}. Publish them before that day: Trigger with that Ronde, or mend and clear the run of "
        "that ronde; a levering of the Belastingdienst waits for a registration. Or let them go, knowing it."
    )


def normen_lopen_af(vandaag: date) -> str | None:
    """Return what ops must do when a table of norms ends within two months; None while there is time (besluit B9)."""
    return laden.waarschuwing_dekking(vandaag)
