"""A ronde as a whole: who takes part, with which delivery, and how it ended (besluiten B1-B3, B52, B53)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from include.errors import GegevensFout
from include.normen import laden
from include.normen.kalender import Ronde
from include.schemas.domein import DeelnameStatus, LeveringStatus, Product
from include.steps.leveren import actualiseer, beoordeel_levering, tel, tel_allen, vervallen_op
from include.steps.tevens import leg_tevens_vast
from include.steps.verwerking import Deelnemer, Opslag, Verwerking, vind_organisatie
from include.storage.models import Levering
from include.storage.organisaties import find_aangemeld, find_organisaties
from include.storage.rondes import close_ronde, enter_deelname, find_deelnames, open_ronde, set_status

MISLUKT = "mislukt"
VERVALLEN = "vervallen"
"""Status of an organisation whose delivery counted, and is past its term or removed (besluit B55)."""


def open_voor_verwerking(opslag: Opslag, ronde: Ronde, run: str) -> list[Deelnemer]:
    """Open the ronde and name everybody who takes part.

    An organisation takes part that delivered in its window and is registered on its deelnamedatum (besluit B53a).

    Returns:
        Per organisation, by name, the verwerking that its tasks will pass on, with status ``vervallen`` when its
        delivery is gone (besluit B55); empty when nobody takes part.

    Raises:
        RondeFout: its rapportagemaand has not begun (besluit B3).
        NormFout: the norms of its deelnamedatum are not known (besluit B9): before any source is asked.
        GegevensFout: every delivery of it is gone; names the organisations, and the ronde stays as it was.
    """
    ronde.eis_begonnen(opslag.vandaag)
    laden.normen_op(ronde.deelnamedatum)
    geteld = tel_allen(opslag, ronde)
    deelnemers = []
    for organisatie, levering in geteld:
        deelnemer = Verwerking(ronde.naam, run, organisatie.id, organisatie.naam, levering.id).als_dict()
        if _is_vervallen(opslag, levering):
            deelnemer["status"] = VERVALLEN
        deelnemers.append(deelnemer)
    if (weg := vervallen(deelnemers)) and all(vervallen_op(opslag, levering) for _, levering in geteld):
        raise GegevensFout(verlies(ronde.naam, weg))
    with opslag.database.transaction() as sessie:
        open_ronde(sessie, ronde.naam, deelnamedatum=ronde.deelnamedatum, run=run, nu=opslag.klok())
    return deelnemers


def niet_aangemeld(opslag: Opslag, ronde: Ronde) -> list[str]:
    """Return who delivered for the ronde and is not registered on its deelnamedatum, by name (besluit B53a)."""
    with opslag.database.reading() as sessie:
        aangemeld = {
            wie.id for wie in find_aangemeld(sessie, Product.BIJZONDERE_BIJSTAND, ronde.deelnamedatum)
        }
        anderen = [wie for wie in find_organisaties(sessie) if wie.id not in aangemeld]
    return [wie.naam for wie in anderen if tel(opslag, wie, ronde, ook_verwijderd=True)]


def _is_vervallen(opslag: Opslag, levering: Levering) -> bool:
    """Tell whether nothing is left of a delivery that there would have been reports of."""
    return levering.status is not LeveringStatus.AFGEKEURD and vervallen_op(opslag, levering) is not None


def vervallen(deelnemers: Iterable[Deelnemer]) -> list[str]:
    """Return the organisations whose delivery counted and is gone, by name (besluit B55)."""
    return [deelnemer["organisatie"] for deelnemer in deelnemers if deelnemer.get("status") == VERVALLEN]


def verlies(ronde: str, namen: Sequence[str]) -> str:
    """Return what ops must know of a ronde that organisations got no reports in, because their delivery is gone."""
    return (
        f"ronde {ronde}: {len(namen)} organisation{'s' if len(namen) > 1 else ''} got no reports, for what was "
        f"delivered is past its term and gone (besluit B55): {', '.join(namen)}. Clearing does not help. What "
        "was published, in this run or before, is not affected; but nothing that this run published for others says "
        "whom these delivered too (besluit B52). Tell them, and see "
        "in termijnbewaking why nobody ran it in time."
    )


def neem_in(opslag: Opslag, deelnemer: Deelnemer) -> Deelnemer:
    """Settle which delivery of an organisation counts, judged and entered in the ronde.

    Returns:
        The deelnemer, with ``status`` and the numbers of rows read, accepted and rejected, by code. Status
        ``vervallen``: its delivery is gone (besluit B55), and nothing was entered.

    Raises:
        GegevensFout: it has no delivery in the window of this ronde, or the one that counts is damaged or gone.
    """
    ronde = laden.ronde(deelnemer["ronde"])
    verwerking = Verwerking.uit_dict(deelnemer)
    organisatie = vind_organisatie(opslag, verwerking)
    actueel = None
    while True:
        telling = tel(opslag, organisatie, ronde, ook_verwijderd=True)
        if telling is None:
            raise GegevensFout(f"{verwerking.betreft}: what it delivered is in another ronde now.")
        levering = telling.levering
        weg = vervallen_op(opslag, levering) is not None
        if weg or levering.id == actueel:
            break
        # Judging may find it afgekeurd, and then an earlier delivery counts.
        if levering.status is None:
            beoordeel_levering(opslag, levering, organisatie, ronde)
        else:
            actualiseer(opslag, levering, organisatie, ronde)
        actueel = levering.id
    uitkomst: Deelnemer = {
        **deelnemer,
        "levering_id": levering.id,
        "status": VERVALLEN if _is_vervallen(opslag, levering) else str(levering.status),
        "gelezen": levering.rijen_gelezen or 0,
        "geaccepteerd": levering.rijen_goedgekeurd or 0,
        "afgewezen": levering.rijen_afgewezen or 0,
        "fouten": levering.fouten or {},
        "vervangt": len(telling.vervangt),
    }
    if not weg:
        with opslag.database.transaction() as sessie:
            kenmerk = Verwerking.uit_dict(uitkomst).kenmerk
            enter_deelname(sessie, ronde.naam, organisatie, levering, verwerking=kenmerk, nu=opslag.klok())
            if levering.status is LeveringStatus.AFGEKEURD:
                set_status(sessie, ronde.naam, organisatie, DeelnameStatus.AFGEKEURD, nu=opslag.klok())
    return uitkomst


def stel_samen(
    opslag: Opslag, deelnemers: Sequence[Deelnemer], ingenomen: Iterable[Deelnemer]
) -> list[Deelnemer]:
    """List every organisation that delivered, in a fixed order, with the outcome of its intake.

    One whose intake failed is in the list with status ``mislukt``. Finds at the same time, once for all, who was
    delivered by other organisations too (besluit B52): also by one whose intake failed.
    """
    per_organisatie = {uitkomst["organisatie_id"]: uitkomst for uitkomst in ingenomen}
    samen: list[Deelnemer] = [
        per_organisatie.get(deelnemer["organisatie_id"], {**deelnemer, "status": MISLUKT})
        for deelnemer in deelnemers
    ]
    getoetst = [deelnemer for deelnemer in samen if reden_om_over_te_slaan(deelnemer) is None]
    mislukt = [deelnemer for deelnemer in samen if deelnemer["status"] == MISLUKT]
    leg_tevens_vast(opslag, map(Verwerking.uit_dict, getoetst), map(Verwerking.uit_dict, mislukt))
    return samen


def reden_om_over_te_slaan(deelnemer: Deelnemer) -> str | None:
    """Return why an organisation has nothing to test, or None when it has (besluiten B53, B55)."""
    if deelnemer["status"] == MISLUKT:
        return f"{deelnemer['organisatie']}: its intake failed; mend that, and clear it with everything after it."
    if deelnemer["status"] == LeveringStatus.AFGEKEURD:
        return (
            f"{deelnemer['organisatie']}: its delivery is afgekeurd, not one of {deelnemer['gelezen']} rows is valid; "
            "it gets its verwerkingsverslag and no reports (besluit B53)."
        )
    if deelnemer["status"] == VERVALLEN:
        return (
            f"{deelnemer['organisatie']}: the delivery that counts for ronde {deelnemer['ronde']} is past its term and "
            "gone (besluit B55), so it cannot be tested any more. What was published is not affected."
        )
    return None


def vat_samen(opslag: Opslag, ronde: str) -> dict[str, Any]:
    """Return how far the organisations of a ronde are: counts only."""
    with opslag.database.reading() as sessie:
        deelnemers = find_deelnames(sessie, ronde)
    stand = Counter(str(deelnemer.status) for deelnemer in deelnemers)
    return {
        "organisaties": len(deelnemers),
        **{str(status): stand[str(status)] for status in DeelnameStatus},
        "aanvragen": sum(deelnemer.levering.rijen_goedgekeurd or 0 for deelnemer in deelnemers),
        "afgewezen": sum(deelnemer.levering.rijen_afgewezen or 0 for deelnemer in deelnemers),
    }


def onafgemaakt(opslag: Opslag, ronde: Ronde, run: str, takken: Iterable[Deelnemer]) -> list[str]:
    """Return who takes part in the ronde, and of whose delivery this run came to nothing, by name (besluit B53a).

    Also who was registered, or delivered, after the run opened the ronde. Not whose delivery is afgekeurd, or gone
    according to ``takken``, the branches of the run.
    """
    klaar = {
        (tak["organisatie_id"], tak["levering_id"])
        for tak in takken
        if tak.get("status") in (VERVALLEN, LeveringStatus.AFGEKEURD)
    }
    with opslag.database.reading() as sessie:
        klaar |= {
            (rij.organisatie_id, rij.levering_id)
            for rij in find_deelnames(sessie, ronde.naam)
            if rij.verwerking == f"{run}/{rij.organisatie_id}"
            and rij.status in (DeelnameStatus.GEPUBLICEERD, DeelnameStatus.AFGEKEURD)
        }
    return [
        organisatie.naam
        for organisatie, levering in tel_allen(opslag, ronde)
        if (organisatie.id, levering.id) not in klaar
    ]


def sluit(opslag: Opslag, ronde: str, run: str, samenvatting: dict[str, Any]) -> None:
    """Close the ronde with the summary of its run: counts only. Raises GegevensFout when it is another run's."""
    with opslag.database.transaction() as sessie:
        close_ronde(sessie, ronde, run=run, samenvatting=samenvatting, nu=opslag.klok())
