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
NORMEN = (
    "bijstandsnorm_alleenstaand",
    "bijstandsnorm_gehuwd",
    "bijstandsnorm_alleenstaand_aow",
    "bijstandsnorm_gehuwd_aow",
)
"""The norms by their field of ``Toetsnormen``: 1 more for a couple, 2 more with the AOW age (B31)."""


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
    in_peilmaand = einde.astype("datetime64[M]") == np.datetime64(str(ronde.peilmaand))
    in_periode = np.where(pensioen, in_venster, in_peilmaand)
    netto = opgaven["loon"] - opgaven["auto"] - opgaven["loonheffing"] - opgaven["zvw"]
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
            "in_periode": in_periode,
            "telt": in_periode & ~_ingehaald(opgaven),
        }
    )


def welke_norm(huishoudens: pd.DataFrame) -> Getallen:
    """Return the position in ``NORMEN`` of the norm for each household, by leefvorm and AOW age (B31)."""
    gehuwd = (huishoudens["leefvorm"] == GEHUWD).to_numpy()
    return 2 * huishoudens["aow"].to_numpy() + gehuwd


def bijstandsnorm(huishoudens: pd.DataFrame, normen: Toetsnormen) -> Getallen:
    """Return the norm of each household in euro cents (B31)."""
    return np.array([getattr(normen, naam) for naam in NORMEN])[welke_norm(huishoudens)]


def _ingehaald(opgaven: pd.DataFrame) -> Vlaggen:
    """Return the four-week opgaven after which another of the same inkomstenverhouding ends in that month."""
    aanvang, einde = dagen(opgaven["aanvang"]), dagen(opgaven["einde"])
    vier_weken = np.flatnonzero(einde - aanvang == np.timedelta64(VIER_WEKEN - 1, "D"))
    verhouding = opgaven["inkomstenverhouding"].to_numpy()[vier_weken]
    volgorde = np.lexsort([einde[vier_weken], verhouding])
    verhouding, maand = verhouding[volgorde], einde[vier_weken[volgorde]].astype("datetime64[M]")
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

    pensioenen = pensioen_per_maand(opgaven)
    return totaal + leden.per_persoon(leden.nummers(pensioenen["bsn"]), pensioenen["netto"].to_numpy())


def pensioen_per_maand(opgaven: pd.DataFrame) -> pd.DataFrame:
    """Return what each pension counts for: a third of its counted opgaven, half-up to the cent (B30).

    Args:
        opgaven: frame of ``Opgavedetails``.

    Returns:
        Frame with index ``inkomstenverhouding`` and columns ``bsn`` and ``netto`` (euro cents).
    """
    geteld = opgaven[opgaven["telt"] & opgaven["pensioen"]]
    per_verhouding = geteld.groupby("inkomstenverhouding").agg(bsn=("bsn", "first"), netto=("netto", "sum"))
    per_verhouding["netto"] = deel_half_omhoog(per_verhouding["netto"].to_numpy(), _PENSIOENMAANDEN)
    return per_verhouding


def deel_half_omhoog(bedrag: Getallen, deler: int) -> Getallen:
    """Divide whole cents and round half-up to the cent."""
    return (2 * bedrag + deler) // (2 * deler)
