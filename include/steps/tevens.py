"""Who was delivered by more than one organisation of the ronde (besluit B52)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import pandas as pd

from include.errors import GegevensFout
from include.normen import laden
from include.normen.gemeenten import gemeentenaam
from include.steps.leveren import is_actueel, lees_aanvragers, tel_allen, vervallen_op
from include.steps.verwerking import Opslag, Verwerking
from include.steps.workfiles import StoredFiles
from include.storage.leveringen import find_levering
from include.storage.models import Levering

log = logging.getLogger(__name__)
TEVENS = "tevens"
TEVENS_KOLOMMEN = ["aanvraag", "gemeente"]


def leg_tevens_vast(
    opslag: Opslag, verwerkingen: Iterable[Verwerking], niet_ingenomen: Iterable[Verwerking] = ()
) -> int:
    """Find once, for all organisations that are tested, who was delivered by others too.

    What cannot be known is not left as if it were: if a delivery that counts cannot be read, nobody gets anything
    here, and each organisation looks anew when its reports are made (``tevens_van``).

    Args:
        opslag: where the deliveries are.
        verwerkingen: who is tested.
        niet_ingenomen: whose intake failed; their deliveries count too.

    Returns:
        The number of aanvragen concerned, over all organisations.
    """
    alle = list(verwerkingen)
    aanvragers, onleesbaar = _lees(opslag, alle)
    weer, nog = _lees(opslag, niet_ingenomen, beoordeeld=False)
    if onleesbaar | nog:
        for verwerking in alle:
            _werk(opslag, verwerking).remove(f"{TEVENS}.feather")
        return 0
    gedeeld = tevens_aangeleverd(aanvragers | weer)
    for verwerking in alle:
        _werk(opslag, verwerking).write_frame(TEVENS, gedeeld.get(verwerking.organisatie, niemand_tevens()))
    return sum(gedeeld[een.organisatie]["aanvraag"].nunique() for een in alle if een.organisatie in gedeeld)


def tevens_van(opslag: Opslag, verwerking: Verwerking) -> pd.DataFrame:
    """Return which aanvragen of one organisation were delivered by others too.

    Normally what ``leg_tevens_vast`` left. That goes with the other intermediates, at publication or by the retention
    sweep. If it is not there, it is found anew in the deliveries that count in the ronde and are not gone.

    Raises:
        GegevensFout: a delivery cannot be read; says of whom, and what to do. The reports wait until it can.
    """
    werk = _werk(opslag, verwerking)
    if not werk.exists(f"{TEVENS}.feather"):
        anderen = [
            Verwerking(verwerking.ronde, verwerking.run, organisatie.id, organisatie.naam, levering.id)
            for organisatie, levering in tel_allen(opslag, laden.ronde(verwerking.ronde))
            if organisatie.id != verwerking.organisatie_id and vervallen_op(opslag, levering) is None
        ]
        aanvragers, onleesbaar = _lees(opslag, anderen, beoordeeld=False)
        if onleesbaar:
            namen = ", ".join(sorted(onleesbaar))
            raise GegevensFout(
                f"{verwerking.betreft}: its reports wait, for nobody can tell which of its aanvragers were delivered "
                f"too by {namen}: what was delivered there cannot be read (besluit B52). Mend that as the failed task "
                f"of {namen} says, then clear the intake of {namen} with everything after it. That takes these reports "
                "along; nothing of them was published."
            )
        aanvragers[verwerking.organisatie] = _aanvragers(opslag, verwerking)
        werk.write_frame(TEVENS, tevens_aangeleverd(aanvragers).get(verwerking.organisatie, niemand_tevens()))
    return werk.read_frame(TEVENS)


def niemand_tevens() -> pd.DataFrame:
    """Return the ``tevens`` of a delivery that shares no aanvrager with another organisation."""
    return pd.DataFrame({"aanvraag": pd.Series([], dtype="int64"), "gemeente": pd.Series([], dtype="str")})


def tevens_aangeleverd(aanvragers: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Find who was delivered by more than one organisation of the ronde (besluit B52).

    Args:
        aanvragers: per organisation ``bsn`` and ``gsd_code`` of its counted delivery, in report order.

    Returns:
        Per organisation a frame with columns ``aanvraag`` (position) and ``gemeente``: the name of each gemeente for
        which others delivered that aanvrager, once.
    """
    alle = pd.concat(
        [
            rijen[["bsn", "gsd_code"]].assign(aanvraag=range(len(rijen)), organisatie=naam)
            for naam, rijen in aanvragers.items()
        ]
        or [pd.DataFrame({"bsn": [], "gsd_code": [], "aanvraag": [], "organisatie": []})]
    )
    gedeeld = alle[alle["bsn"].duplicated(keep=False)]
    anderen = gedeeld.assign(gemeente=gedeeld["gsd_code"].map(gemeentenaam))
    paren = gedeeld.merge(anderen[["bsn", "organisatie", "gemeente"]], on="bsn", suffixes=("", "_ander"))
    paren = paren[paren["organisatie"] != paren["organisatie_ander"]]
    return {
        str(naam): groep[TEVENS_KOLOMMEN].drop_duplicates().sort_values(TEVENS_KOLOMMEN, ignore_index=True)
        for naam, groep in paren.groupby("organisatie")
    }


def _lees(
    opslag: Opslag, verwerkingen: Iterable[Verwerking], *, beoordeeld: bool = True
) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """Return the aanvragers per organisation, and of whom they cannot be read.

    Not ``beoordeeld`` are those whose delivery this run may not have taken in: what is kept of it then only counts
    when judging it again would come to the same.
    """
    aanvragers, onleesbaar = {}, set()
    for verwerking in verwerkingen:
        try:
            if not (beoordeeld or is_actueel(opslag, _levering(opslag, verwerking))):
                raise GegevensFout(f"{verwerking.betreft}: its delivery is not judged, or damaged")
            aanvragers[verwerking.organisatie] = _aanvragers(opslag, verwerking)
        except GegevensFout as fout:
            log.warning("who delivered the same aanvragers cannot be told yet: %s", fout)
            onleesbaar.add(verwerking.organisatie)
    return aanvragers, onleesbaar


def _aanvragers(opslag: Opslag, verwerking: Verwerking) -> pd.DataFrame:
    return lees_aanvragers(opslag, _levering(opslag, verwerking))


def _levering(opslag: Opslag, verwerking: Verwerking) -> Levering:
    with opslag.database.reading() as sessie:
        return find_levering(sessie, verwerking.levering_id)


def _werk(opslag: Opslag, verwerking: Verwerking) -> StoredFiles:
    return StoredFiles(opslag.bestanden, verwerking.kenmerk, verwerking.betreft)
