"""A ronde as a whole: who takes part, with which delivery, and how it ended (besluiten B1-B3, B52, B53)."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import pandas as pd

from include.errors import GegevensFout
from include.normen import laden
from include.normen.kalender import Ronde
from include.steps.leveren import beoordeel_levering, lees_levering, tel
from include.steps.rapporteren import niemand_tevens, tevens_aangeleverd
from include.steps.verwerking import Opslag, Tussenresultaten, Verwerking, vind_organisatie
from include.storage.leveringen import Telling, vind_levering
from include.storage.models import DeelnameStatus, LeveringStatus
from include.storage.organisaties import organisaties
from include.storage.rondes import deelnames, neem_deel, open_ronde, sluit_ronde, zet_status

log = logging.getLogger(__name__)
TEVENS = "tevens"
MISLUKT = "mislukt"
VERVALLEN = "vervallen"
"""Status of an organisation whose delivery counted, and has had its 90 days since (besluit B55)."""


def open_voor_verwerking(opslag: Opslag, ronde: Ronde, run: str) -> list[dict[str, Any]]:
    """Open the ronde and name everybody who delivered in its window; one of which all is gone stays as it was.

    Returns:
        Per organisation, by name, the verwerking that its tasks will pass on, with status ``vervallen`` when its
        delivery is gone (besluit B55); empty when nobody delivered.

    Raises:
        RondeFout: its rapportagemaand has not begun (besluit B3).
        NormFout: the norms of its deelnamedatum are not known (besluit B9): before any source is asked.
    """
    ronde.eis_begonnen(opslag.vandaag)
    laden.normen_op(ronde.deelnamedatum)
    with opslag.database.raadpleging() as sessie:
        alle = organisaties(sessie)
    geteld = [(organisatie, tel(opslag, organisatie, ronde, ook_verwijderd=True)) for organisatie in alle]
    deelnemers = [
        Verwerking(ronde.naam, run, organisatie.id, organisatie.naam, telling.levering.id).als_dict()
        | ({"status": VERVALLEN} if telling.levering.verwijderd_op else {})
        for organisatie, telling in geteld
        if telling is not None
    ]
    if alles_vervallen(deelnemers) is None:
        with opslag.database.transactie() as sessie:
            open_ronde(sessie, ronde.naam, deelnamedatum=ronde.deelnamedatum, nu=opslag.klok())
    return deelnemers


def alles_vervallen(deelnemers: list[dict[str, Any]]) -> str | None:
    """Return why a ronde cannot be run any more: every delivery of it is gone. None otherwise, or if there was none."""
    if not deelnemers or any(deelnemer.get("status") != VERVALLEN for deelnemer in deelnemers):
        return None
    return (
        f"ronde {deelnemers[0]['ronde']}: the deliveries of all {len(deelnemers)} organisations were removed after 90 "
        "days (besluit B55), so it cannot be run any more. What was published is not affected."
    )


def neem_in(opslag: Opslag, deelnemer: dict[str, Any]) -> dict[str, Any]:
    """Settle which delivery of an organisation counts, judged and entered in the ronde.

    Returns:
        The verwerking, with ``status`` and the numbers of rows read, accepted and rejected, by code. Status
        ``vervallen``: its delivery is gone (besluit B55), and nothing was entered.

    Raises:
        GegevensFout: it has no delivery in the window of this ronde, or the one that counts is damaged or gone.
    """
    verwerking = Verwerking.uit_dict(deelnemer)
    ronde = laden.ronde(verwerking.ronde)
    organisatie = vind_organisatie(opslag, verwerking)
    while True:
        telling = tel(opslag, organisatie, ronde, ook_verwijderd=True)
        if telling is None:
            raise GegevensFout(f"{verwerking.betreft}: what it delivered is in another ronde now.")
        levering = telling.levering
        if levering.status is not None or levering.verwijderd_op is not None:
            break
        # Judging may find it afgekeurd, and then an earlier delivery counts.
        beoordeel_levering(opslag, levering, organisatie, ronde)
    verwerking = Verwerking.uit_dict(deelnemer | {"levering_id": levering.id})
    uitkomst = _uitkomst(verwerking, telling)
    if levering.verwijderd_op is not None:
        return uitkomst | {"status": VERVALLEN}
    # Read once here: a damaged delivery stops its own organisation, and not the ronde of all.
    lees_levering(opslag, levering, organisatie, ronde)
    with opslag.database.transactie() as sessie:
        neem_deel(sessie, ronde.naam, organisatie, levering, verwerking=verwerking.kenmerk, nu=opslag.klok())
        if levering.status is LeveringStatus.AFGEKEURD:
            zet_status(sessie, ronde.naam, organisatie, DeelnameStatus.AFGEKEURD, nu=opslag.klok())
    return uitkomst


def _uitkomst(verwerking: Verwerking, telling: Telling) -> dict[str, Any]:
    levering = telling.levering
    return verwerking.als_dict() | {
        "status": str(levering.status),
        "gelezen": levering.rijen_gelezen,
        "geaccepteerd": levering.rijen_goedgekeurd,
        "afgewezen": levering.rijen_afgewezen,
        "fouten": levering.fouten,
        "vervangt": len(telling.vervangt),
    }


def stel_samen(
    opslag: Opslag, deelnemers: list[dict[str, Any]], ingenomen: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """List every organisation that delivered, in a fixed order, with the outcome of its intake.

    One whose intake failed is in the list with status ``mislukt``. Finds at the same time, once for all, who was
    delivered by other organisations too (besluit B52).
    """
    per_organisatie = {uitkomst["organisatie_id"]: uitkomst for uitkomst in ingenomen}
    samen = [
        per_organisatie.get(deelnemer["organisatie_id"], deelnemer | {"status": MISLUKT})
        for deelnemer in deelnemers
    ]
    leg_tevens_vast(opslag, samen)
    return samen


def reden_om_over_te_slaan(deelnemer: dict[str, Any]) -> str | None:
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
            f"{deelnemer['organisatie']}: the delivery that counts for ronde {deelnemer['ronde']} was removed after 90 "
            "days (besluit B55), so it cannot be tested any more. What was published is not affected."
        )
    return None


def leg_tevens_vast(opslag: Opslag, deelnemers: list[dict[str, Any]]) -> int:
    """Find once, for all organisations, who was delivered by others too (besluit B52).

    Returns:
        The number of aanvragen concerned, over all organisations.
    """
    verwerkingen = [
        Verwerking.uit_dict(deelnemer)
        for deelnemer in deelnemers
        if reden_om_over_te_slaan(deelnemer) is None
    ]
    gedeeld = tevens_aangeleverd(_leesbare_aanvragers(opslag, verwerkingen))
    for verwerking in verwerkingen:
        tevens = gedeeld.get(verwerking.organisatie, niemand_tevens())
        Tussenresultaten(opslag.bestanden, verwerking).schrijf_frame(TEVENS, tevens)
    return sum(frame["aanvraag"].nunique() for frame in gedeeld.values())


def tevens_van(opslag: Opslag, verwerking: Verwerking) -> pd.DataFrame:
    """Return which aanvragen of one organisation were delivered by others too (besluit B52).

    Normally what ``leg_tevens_vast`` left. That goes with the other intermediates, at publication or by the retention
    sweep; a branch that is taken up again after that finds it anew, in the deliveries that count in the ronde.
    """
    werk = Tussenresultaten(opslag.bestanden, verwerking)
    if not werk.aanwezig([f"{TEVENS}.feather"]):
        with opslag.database.raadpleging() as sessie:
            tellend = [
                Verwerking(
                    verwerking.ronde,
                    verwerking.run,
                    rij.organisatie_id,
                    rij.organisatie.naam,
                    rij.levering_id,
                )
                for rij in deelnames(sessie, verwerking.ronde)
                if rij.levering.status is not LeveringStatus.AFGEKEURD and rij.levering.verwijderd_op is None
            ]
        anderen = [ander for ander in tellend if ander.organisatie_id != verwerking.organisatie_id]
        aanvragers = {verwerking.organisatie: _aanvragers(opslag, verwerking)}
        aanvragers |= _leesbare_aanvragers(opslag, anderen)
        werk.schrijf_frame(
            TEVENS, tevens_aangeleverd(aanvragers).get(verwerking.organisatie, niemand_tevens())
        )
    return werk.lees_frame(TEVENS)


def _leesbare_aanvragers(opslag: Opslag, verwerkingen: list[Verwerking]) -> dict[str, pd.DataFrame]:
    """Return the aanvragers per organisation; a delivery damaged since its intake fails in its own branch."""
    aanvragers = {}
    for verwerking in verwerkingen:
        try:
            aanvragers[verwerking.organisatie] = _aanvragers(opslag, verwerking)
        except GegevensFout as fout:
            log.warning("left out of BSN tevens aangeleverd: %s", fout)
    return aanvragers


def _aanvragers(opslag: Opslag, verwerking: Verwerking) -> pd.DataFrame:
    organisatie = vind_organisatie(opslag, verwerking)
    with opslag.database.raadpleging() as sessie:
        levering = vind_levering(sessie, verwerking.levering_id)
    intake = lees_levering(opslag, levering, organisatie, laden.ronde(verwerking.ronde))
    return intake.aanvragen[["bsn", "gsd_code"]]


def vat_samen(opslag: Opslag, ronde: str) -> dict[str, Any]:
    """Return how far the organisations of a ronde are: counts only."""
    with opslag.database.raadpleging() as sessie:
        deelnemers = deelnames(sessie, ronde)
    stand = Counter(str(deelnemer.status) for deelnemer in deelnemers)
    return {
        "organisaties": len(deelnemers),
        **{str(status): stand[str(status)] for status in DeelnameStatus},
        "aanvragen": sum(deelnemer.levering.rijen_goedgekeurd or 0 for deelnemer in deelnemers),
        "afgewezen": sum(deelnemer.levering.rijen_afgewezen or 0 for deelnemer in deelnemers),
    }


def onafgemaakt(opslag: Opslag, ronde: str, run: str) -> list[str]:
    """Return the organisations that this run took in, and neither published nor found afgekeurd, by name."""
    with opslag.database.raadpleging() as sessie:
        return [
            rij.organisatie.naam
            for rij in deelnames(sessie, ronde)
            if rij.status is DeelnameStatus.OPEN and rij.verwerking == f"{run}/{rij.organisatie_id}"
        ]


def sluit(opslag: Opslag, ronde: str, samenvatting: dict[str, Any]) -> None:
    """Close the ronde with the summary of its run: counts only."""
    with opslag.database.transactie() as sessie:
        sluit_ronde(sessie, ronde, samenvatting=samenvatting, nu=opslag.klok())
