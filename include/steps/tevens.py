"""Who was delivered by more than one organisation of the ronde (besluit B52)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import pandas as pd

from include.errors import GegevensFout
from include.schemas.domein import LeveringStatus
from include.steps.leveren import lees_aanvragers
from include.steps.verwerking import Opslag, Verwerking
from include.steps.workfiles import StoredFiles
from include.storage.leveringen import find_levering
from include.storage.rondes import find_deelnames

log = logging.getLogger(__name__)
TEVENS = "tevens"
TEVENS_KOLOMMEN = ["aanvraag", "organisatie"]


def leg_tevens_vast(opslag: Opslag, verwerkingen: Iterable[Verwerking]) -> int:
    """Find once, for all organisations that are tested, who was delivered by others too.

    Returns:
        The number of aanvragen concerned, over all organisations.
    """
    alle = list(verwerkingen)
    gedeeld = tevens_aangeleverd(_leesbare_aanvragers(opslag, alle))
    for verwerking in alle:
        _werk(opslag, verwerking).write_frame(TEVENS, gedeeld.get(verwerking.organisatie, niemand_tevens()))
    return sum(frame["aanvraag"].nunique() for frame in gedeeld.values())


def tevens_van(opslag: Opslag, verwerking: Verwerking) -> pd.DataFrame:
    """Return which aanvragen of one organisation were delivered by others too.

    Normally what ``leg_tevens_vast`` left. That goes with the other intermediates, at publication or by the retention
    sweep. If it is gone, it is found anew in the deliveries that count in the ronde.
    """
    werk = _werk(opslag, verwerking)
    if not werk.exists(f"{TEVENS}.feather"):
        with opslag.database.reading() as sessie:
            anderen = [
                Verwerking(
                    verwerking.ronde,
                    verwerking.run,
                    rij.organisatie_id,
                    rij.organisatie.naam,
                    rij.levering_id,
                )
                for rij in find_deelnames(sessie, verwerking.ronde)
                if rij.organisatie_id != verwerking.organisatie_id
                and rij.levering.status is not LeveringStatus.AFGEKEURD
                and rij.levering.verwijderd_op is None
            ]
        aanvragers = {verwerking.organisatie: _aanvragers(opslag, verwerking)}
        aanvragers |= _leesbare_aanvragers(opslag, anderen)
        werk.write_frame(TEVENS, tevens_aangeleverd(aanvragers).get(verwerking.organisatie, niemand_tevens()))
    return werk.read_frame(TEVENS)


def niemand_tevens() -> pd.DataFrame:
    """Return the ``tevens`` of a delivery that shares no aanvrager with another organisation."""
    return pd.DataFrame({"aanvraag": pd.Series([], dtype="int64"), "organisatie": pd.Series([], dtype="str")})


def tevens_aangeleverd(aanvragers: Mapping[str, pd.Series]) -> dict[str, pd.DataFrame]:
    """Find who was delivered by more than one organisation of the ronde (besluit B52).

    Args:
        aanvragers: per organisation the aanvrager BSNs of its counted delivery, in report order (int64).

    Returns:
        Per organisation a frame with columns ``aanvraag`` (position) and ``organisatie`` (each other one).
    """
    alle = pd.concat(
        [
            pd.DataFrame({"bsn": bsns.to_numpy(), "aanvraag": range(len(bsns)), "organisatie": naam})
            for naam, bsns in aanvragers.items()
        ]
        or [pd.DataFrame({"bsn": [], "aanvraag": [], "organisatie": []})]
    )
    gedeeld = alle[alle["bsn"].duplicated(keep=False)]
    paren = gedeeld.merge(gedeeld[["bsn", "organisatie"]], on="bsn", suffixes=("", "_ander"))
    paren = paren[paren["organisatie"] != paren["organisatie_ander"]]
    return {
        str(naam): groep[["aanvraag", "organisatie_ander"]]
        .set_axis(TEVENS_KOLOMMEN, axis=1)
        .sort_values(TEVENS_KOLOMMEN, ignore_index=True)
        for naam, groep in paren.groupby("organisatie")
    }


def _leesbare_aanvragers(opslag: Opslag, verwerkingen: Iterable[Verwerking]) -> dict[str, pd.Series]:
    """Return the aanvragers per organisation; a delivery damaged since its intake fails in its own branch."""
    aanvragers = {}
    for verwerking in verwerkingen:
        try:
            aanvragers[verwerking.organisatie] = _aanvragers(opslag, verwerking)
        except GegevensFout as fout:
            log.warning("left out of BSN tevens aangeleverd: %s", fout)
    return aanvragers


def _aanvragers(opslag: Opslag, verwerking: Verwerking) -> pd.Series:
    with opslag.database.reading() as sessie:
        levering = find_levering(sessie, verwerking.levering_id)
    return lees_aanvragers(opslag, levering)


def _werk(opslag: Opslag, verwerking: Verwerking) -> StoredFiles:
    return StoredFiles(opslag.bestanden, verwerking.kenmerk, verwerking.betreft)
