"""Income: what counts, against which norm, and the judgement (besluiten B28-B35, manual 5.4.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.uitkomst import GEHUWD
from include.toets.leden import Getallen, Leden, Vlaggen, dagen

PENSIOEN = "pensioen"
VIER_WEKEN = 28
_PENSIOENMAANDEN = 3


@dataclass(frozen=True)
class Inkomen:
    """The income test of every household; amounts in euro cents."""

    getoetst: Vlaggen
    totaal: Getallen
    norm: Getallen
    percentage: Getallen
    belemmering: Vlaggen
    opgaven: pd.DataFrame
    """Frame of ``Opgavedetails``: every opgave and whether it counts."""


def toets_inkomen(
    leden: Leden,
    huishoudens: pd.DataFrame,
    bijstand: Vlaggen,
    te_toetsen: Vlaggen,
    percentage: Getallen,
    opgaven: pd.DataFrame,
    ronde: Ronde,
    normen: Toetsnormen,
) -> Inkomen:
    """Judge the income of every household (B28, B30-B33).

    Args:
        leden: aanvrager and partner per household.
        huishoudens: frame of ``Huishoudens``.
        bijstand: households with a running bijstandsuitkering: not tested.
        te_toetsen: households without belemmering huishouden.
        percentage: toetspercentage per household (B32).
        opgaven: frame of ``Inkomstenopgaven``.
        ronde: gives peilmaand and pension window.
        normen: norms of the deelnamedatum.
    """
    getoetst = te_toetsen & ~bijstand
    beoordeeld = beoordeel_opgaven(opgaven, ronde, normen)
    totaal = np.where(getoetst, leden.per_huishouden(_netto_per_persoon(leden, beoordeeld)), 0)
    norm = np.where(getoetst, bijstandsnorm(huishoudens, normen), 0)
    te_veel = totaal * 100 >= norm * percentage
    return Inkomen(
        getoetst=getoetst,
        totaal=totaal,
        norm=norm,
        percentage=percentage,
        belemmering=getoetst & (te_veel | (totaal <= 0)),
        opgaven=beoordeeld,
    )


def beoordeel_opgaven(opgaven: pd.DataFrame, ronde: Ronde, normen: Toetsnormen) -> pd.DataFrame:
    """Compute the net amount of every opgave and whether it counts (B29, B30).

    Pensions count in the months t-2 up to t-4, everything else (an unknown code included) in the peilmaand; of
    several four-week opgaven of one inkomstenverhouding that end in one month only the latest.

    Returns:
        Frame of ``Opgavedetails``, one line per opgave in the same order; ``netto`` in euro cents.
    """
    pensioensoorten = [code for code, soort in normen.soorten.items() if soort.groep == PENSIOEN]
    pensioen = opgaven["soort"].isin(pensioensoorten).to_numpy()
    einde = dagen(opgaven["einde"])
    venster = ronde.pensioenvenster
    in_venster = (einde >= np.datetime64(venster.van)) & (einde <= np.datetime64(venster.tot_en_met))
    in_peilmaand = (einde >= np.datetime64(ronde.peilmaand.eerste_dag)) & (
        einde <= np.datetime64(ronde.peilmaand.laatste_dag)
    )
    netto = opgaven["loon"] - opgaven["auto"] - opgaven["loonheffing"] - opgaven["zvw"]
    telt = np.where(pensioen, in_venster, in_peilmaand) & ~_ingehaald(opgaven)
    return pd.DataFrame(
        {
            "bsn": opgaven["bsn"],
            "inkomstenverhouding": opgaven["inkomstenverhouding"],
            "werkgever": opgaven["werkgever"],
            "soort": opgaven["soort"],
            "aanvang": opgaven["aanvang"],
            "einde": opgaven["einde"],
            "netto": netto,
            "pensioen": pensioen,
            "telt": telt,
        }
    )


def bijstandsnorm(huishoudens: pd.DataFrame, normen: Toetsnormen) -> Getallen:
    """Return the norm in euro cents by leefvorm and AOW age (B31)."""
    gehuwd = (huishoudens["leefvorm"] == GEHUWD).to_numpy()
    aow = huishoudens["aow"].to_numpy()
    return np.select(
        [gehuwd & aow, gehuwd, aow],
        [normen.bijstandsnorm_gehuwd_aow, normen.bijstandsnorm_gehuwd, normen.bijstandsnorm_alleenstaand_aow],
        normen.bijstandsnorm_alleenstaand,
    )


def _ingehaald(opgaven: pd.DataFrame) -> Vlaggen:
    """Return the four-week opgaven after which another of the same inkomstenverhouding ends in that month."""
    aanvang, einde = dagen(opgaven["aanvang"]), dagen(opgaven["einde"])
    vier_weken = np.flatnonzero(einde - aanvang == np.timedelta64(VIER_WEKEN - 1, "D"))
    verhouding = opgaven["inkomstenverhouding"].to_numpy()[vier_weken]
    maand = einde[vier_weken].astype("datetime64[M]").astype(np.int64)
    volgorde = np.lexsort([vier_weken, einde[vier_weken], maand, verhouding])
    verhouding, maand = verhouding[volgorde], maand[volgorde]
    ingehaald = np.zeros(len(opgaven), dtype=bool)
    niet_de_laatste = (verhouding[1:] == verhouding[:-1]) & (maand[1:] == maand[:-1])
    ingehaald[vier_weken[volgorde[:-1][niet_de_laatste]]] = True
    return ingehaald


def _netto_per_persoon(leden: Leden, opgaven: pd.DataFrame) -> Getallen:
    """Add up what counts per person; pensions divided by 3 per inkomstenverhouding, half-up to the cent (B30)."""
    telt = opgaven["telt"].to_numpy()
    pensioen = opgaven["pensioen"].to_numpy()
    nummers = leden.nummers(opgaven["bsn"])
    netto = opgaven["netto"].to_numpy()
    gewoon = telt & ~pensioen
    totaal = leden.per_persoon(nummers[gewoon], netto[gewoon])

    per_verhouding = (
        pd.DataFrame(
            {
                "verhouding": opgaven["inkomstenverhouding"].to_numpy()[telt & pensioen],
                "nummer": nummers[telt & pensioen],
                "netto": netto[telt & pensioen],
            }
        )
        .groupby("verhouding", sort=False)
        .agg({"nummer": "first", "netto": "sum"})
    )
    maandbedrag = deel_half_omhoog(per_verhouding["netto"].to_numpy(), _PENSIOENMAANDEN)
    return totaal + leden.per_persoon(per_verhouding["nummer"].to_numpy(), maandbedrag)


def deel_half_omhoog(bedrag: Getallen, deler: int) -> Getallen:
    """Divide whole cents and round half-up to the cent."""
    return (2 * bedrag + deler) // (2 * deler)
