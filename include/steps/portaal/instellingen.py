"""Instellingen and Notificaties: what a user chooses for an organisation, and for themselves (manuals 3.3 and 4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.schemas.domein import Product
from include.steps.audit import wijziging
from include.steps.portaal.namen import naam_van
from include.steps.portaal.toegang import Gebruiker
from include.steps.registreren import Instellingen, kies_instellingen
from include.steps.verwerking import Opslag
from include.storage import organisaties as register
from include.storage import portal_queries as vragen
from include.storage.models import Productbeheerder


class BevestigingNodig(Exception):
    """A ronde of the organisation is being processed: a change may still count for it (besluit B8, manual 3.3)."""

    def __init__(self, rondes: Sequence[str]) -> None:
        super().__init__()
        self.rondes = tuple(rondes)


@dataclass(frozen=True)
class Gekozen:
    """The settings of an organisation, and how they came to be."""

    instellingen: Instellingen
    versies: tuple[tuple[Instellingen, str], ...]
    """Every version, the newest first, with the name of who entered it."""
    rondes: tuple[str, ...]
    """The rondes of this organisation that are being processed now."""


def gekozen_instellingen(opslag: Opslag, gebruiker: Gebruiker, organisatie: str) -> Gekozen:
    """Return the settings of one of the user's organisations. Raises NietGevonden for another's."""
    mandaat = gebruiker.mandaat(Product.BIJZONDERE_BIJSTAND, organisatie)
    with opslag.database.reading() as sessie:
        wie = register.find_organisatie(sessie, mandaat.organisatie)
        return Gekozen(
            register.instellingen_at(sessie, wie, opslag.klok()),
            tuple(
                (versie, naam_van(sessie, versie.ingevoerd_door))
                for versie in register.find_instellingen(sessie, wie)
            ),
            tuple(vragen.being_processed(sessie, wie.id)),
        )


def zet_instellingen(
    opslag: Opslag,
    gebruiker: Gebruiker,
    organisatie: str,
    *,
    vermogen: bool,
    voertuigen: bool,
    percentage: int,
    bevestigd: bool = False,
) -> bool:
    """Enter new settings; return whether anything changed.

    Raises:
        NietGevonden: the organisation is not the user's.
        BevestigingNodig: it would change something while a ronde is being processed, and was not confirmed.
        GegevensFout: the percentage is not one of 100 to 150.
    """
    huidig = gekozen_instellingen(opslag, gebruiker, organisatie)
    nieuw = (vermogen, voertuigen, percentage)
    nu = huidig.instellingen
    if nu.versie and nieuw == (nu.vermogen, nu.voertuigen, nu.percentage):
        return False
    if huidig.rondes and not bevestigd:
        raise BevestigingNodig(huidig.rondes)
    gezet = kies_instellingen(
        opslag, organisatie, vermogen=vermogen, voertuigen=voertuigen, percentage=percentage
    )
    return gezet.versie != nu.versie


@dataclass(frozen=True)
class Notificatiekeuze:
    """Whether this user is mailed about the reports of an organisation."""

    organisatie: str
    email: str
    """The address that is mailed: as it was registered for this organisation."""
    aan: bool


def notificatiekeuzes(
    opslag: Opslag, gebruiker: Gebruiker, product: Product, *, organisatie: str | None = None
) -> list[Notificatiekeuze]:
    """Return the user's own choices for a product. Raises NietGevonden when there is none to make."""
    mandaten = {m.productbeheerder_id: m for m in gebruiker.mandaten_voor(product, organisatie)}
    with opslag.database.reading() as sessie:
        rijen = [sessie.get_one(Productbeheerder, nummer) for nummer in mandaten]
        return [Notificatiekeuze(mandaten[rij.id].organisatie, rij.email, rij.notificaties) for rij in rijen]


def zet_notificaties(
    opslag: Opslag, gebruiker: Gebruiker, product: Product, organisatie: str, *, aan: bool
) -> None:
    """Switch the mails to this user about an organisation on or off (besluit B54). Raises NietGevonden."""
    mandaat = gebruiker.mandaat(product, organisatie)
    with wijziging(opslag) as sessie:
        wie = register.find_organisatie(sessie, mandaat.organisatie)
        eigen = sessie.get_one(Productbeheerder, mandaat.productbeheerder_id)
        register.set_notificaties(sessie, wie, email=eigen.email, aan=aan, product=product)
