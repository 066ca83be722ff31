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
    te_veel: Vlaggen
    """The total reaches the toetsbedrag."""
    belemmering: Vlaggen
    """Too much, or nothing at all (B33)."""
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
    te_veel = getoetst & (totaal * 100 >= norm * percentage)
    return Inkomen(
        getoetst=getoetst,
        totaal=totaal,
        norm=norm,
        percentage=percentage,
        te_veel=te_veel,
        belemmering=te_veel | (getoetst & (totaal <= 0)),
        opgaven=beoordeeld,
    )


def beoordeel_opgaven(opgaven: pd.DataFrame, ronde: Ronde, normen: Toetsnormen) -> pd.DataFrame:
    """Compute the net amount of every opgave and whether it counts (B29, B30).

    Pensions count in the months t-2 up to t-4, everything else (an unknown code included) in the peilmaand; of the
    four-week opgaven of one payer that end in one month only those of the latest period.

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
            "telt": in_periode & ~_ingehaald(opgaven, pensioen),
        }
    )


def welke_norm(huishoudens: pd.DataFrame) -> Getallen:
    """Return the position in ``NORMEN`` of the norm for each household, by leefvorm and AOW age (B31)."""
    gehuwd = (huishoudens["leefvorm"] == GEHUWD).to_numpy()
    return 2 * huishoudens["aow"].to_numpy() + gehuwd


def bijstandsnorm(huishoudens: pd.DataFrame, normen: Toetsnormen) -> Getallen:
    """Return the norm of each household in euro cents (B31)."""
    return np.array([getattr(normen, naam) for naam in NORMEN])[welke_norm(huishoudens)]


def _ingehaald(opgaven: pd.DataFrame, pensioen: Vlaggen) -> Vlaggen:
    """Return the four-week opgaven after whose period the same payer reports a later one that ends in that month.

    Per person and loonheffingennummer, pensions and other income apart (B30): a soort that changes between two
    periods makes another inkomstenverhouding, not another payer. Without number each inkomstenverhouding is a payer.
    """
    einde = dagen(opgaven["einde"])
    vier_weken = np.flatnonzero(einde - dagen(opgaven["aanvang"]) == np.timedelta64(VIER_WEKEN - 1, "D"))
    gekozen = opgaven.iloc[vier_weken]
    perioden = pd.DataFrame(
        {
            "bsn": gekozen["bsn"],
            "nummer": gekozen["loonheffingennummer"],
            "zonder_nummer": gekozen["inkomstenverhouding"].where(gekozen["loonheffingennummer"] == "", -1),
            "pensioen": pensioen[vier_weken],
            "maand": einde[vier_weken].astype("datetime64[M]").astype(np.int64),
            "einde": gekozen["einde"],
        }
    )
    laatste = perioden.groupby(list(perioden.columns[:-1]), sort=False)["einde"].transform("max")
    ingehaald = np.zeros(len(opgaven), dtype=bool)
    ingehaald[vier_weken] = (perioden["einde"] < laatste).to_numpy()
    return ingehaald


def _netto_per_persoon(leden: Leden, opgaven: pd.DataFrame) -> Getallen:
    """Add up what counts per person."""
    verhoudingen = netto_per_verhouding(opgaven)
    return leden.per_persoon(leden.nummers(verhoudingen["bsn"]), verhoudingen["netto"].to_numpy())


def netto_per_verhouding(opgaven: pd.DataFrame) -> pd.DataFrame:
    """Return what each inkomstenverhouding with a counted opgave adds to the total of a household (B30).

    For a pension a third of its counted opgaven, half-up to the cent; for everything else their sum.

    Args:
        opgaven: frame of ``Opgavedetails``.

    Returns:
        Frame with index ``inkomstenverhouding`` and columns ``bsn``, ``pensioen`` and ``netto`` (euro cents).
    """
    geteld = opgaven.loc[opgaven["telt"], ["inkomstenverhouding", "bsn", "pensioen", "netto"]]
    verhoudingen = geteld.drop_duplicates("inkomstenverhouding").set_index("inkomstenverhouding")
    nummer, _ = pd.factorize(geteld["inkomstenverhouding"])  # counts them in that same order
    som = np.bincount(nummer, weights=geteld["netto"]).astype(np.int64)
    derde = deel_half_omhoog(som, _PENSIOENMAANDEN)
    return verhoudingen.assign(netto=np.where(verhoudingen["pensioen"], derde, som))


def deel_half_omhoog(bedrag: Getallen, deler: int) -> Getallen:
    """Divide whole cents and round half-up to the cent."""
    return (2 * bedrag + deler) // (2 * deler)
