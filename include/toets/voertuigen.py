"""Vehicles: which ones a report shows (besluiten B41-B43, manual 5.4.5). Never a belemmering."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.normen.kalender import uiterste_begindatum
from include.normen.toetsnormen import Toetsnormen
from include.schemas.uitkomst import Voertuigdetails
from include.toets.leden import Getallen, Leden, Vlaggen, dagen, eerste_van, loopt_op

_TUSSENTEKENS = "[\\s\u00a0\\-\u2010-\u2015]+"
"""Spaces and hyphens of every kind; written out, because the engine that reads columns knows only ASCII by ``\\s``."""


def toon_voertuigen(
    leden: Leden, te_toetsen: Vlaggen, voertuigen: pd.DataFrame, normen: Toetsnormen
) -> pd.DataFrame:
    """Return the vehicles to show (B41-B43).

    Args:
        leden: aanvrager and partner per household.
        te_toetsen: households to show vehicles of: the setting is on, no belemmering huishouden (B41).
        voertuigen: frame of ``Voertuigen``.
        normen: norms of the deelnamedatum.

    Returns:
        Frame of ``Voertuigdetails`` in the order aanvrager, partner, kenteken (B49).
    """
    beoordeeld = beoordeel_voertuigen(leden, te_toetsen, voertuigen, normen)
    tonen = beoordeeld[beoordeeld["tonen"]]
    getoond = voertuigen.iloc[tonen["regel"]].assign(
        aanvraag=tonen["aanvraag"].to_numpy(), partner=tonen["partner"].to_numpy()
    )
    getoond = getoond.sort_values(["aanvraag", "partner", "kenteken"], ignore_index=True)
    return getoond[list(Voertuigdetails.to_schema().columns)]


def beoordeel_voertuigen(
    leden: Leden, te_toetsen: Vlaggen, voertuigen: pd.DataFrame, normen: Toetsnormen
) -> pd.DataFrame:
    """Judge every vehicle of every household: whether it shows, and why (B41-B43).

    A motorvoertuig registered on the deelnamedatum counts, a kenteken once however it is spelled, as first
    delivered with the aanvrager before the partner. Of a household with more than one all show; a single one shows
    when it stands out.

    Returns:
        Frame with a line per household and vehicle: ``aanvraag`` (the household), ``regel`` (the line of
        ``voertuigen``), ``partner`` (registered to the partner), and the answers ``loopt``, ``motorvoertuig``,
        ``telt``, ``meer_dan_een``, ``jong``, ``exclusief`` and ``tonen``.
    """
    peildatum = np.datetime64(normen.deelnamedatum)
    feiten = {
        "loopt": loopt_op(
            voertuigen["aansprakelijk_vanaf"], voertuigen["aansprakelijk_tot_en_met"], peildatum
        ),
        "motorvoertuig": is_motorvoertuig(voertuigen["voertuigsoort"], normen),
        "jong": is_jong(voertuigen, normen),
        "exclusief": is_exclusief(voertuigen, normen),
    }
    huishouden, regel = leden.regels(leden.nummers(voertuigen["bsn"]), te_toetsen)
    feiten = {naam: waarden[regel] for naam, waarden in feiten.items()}
    kenteken = nummer_kentekens(voertuigen["kenteken"])[regel]

    telt = feiten["loopt"] & feiten["motorvoertuig"]
    telt[telt] = eerste_van(huishouden[telt], kenteken[telt])
    meer_dan_een = np.bincount(huishouden[telt], minlength=len(te_toetsen))[huishouden] > 1
    aanvrager = leden.personen.to_numpy()[leden.aanvrager]
    return pd.DataFrame(
        {
            "aanvraag": huishouden,
            "regel": regel,
            "partner": voertuigen["bsn"].to_numpy()[regel] != aanvrager[huishouden],
            **feiten,
            "telt": telt,
            "meer_dan_een": meer_dan_een,
            "tonen": telt & (meer_dan_een | feiten["jong"] | feiten["exclusief"]),
        }
    )


def nummer_kentekens(kentekens: pd.Series[str]) -> Getallen:
    """Number kentekens, the same ones alike: they compare without hyphens, spaces and case (B43)."""
    kaal = pc.replace_substring_regex(pa.array(kentekens), pattern=_TUSSENTEKENS, replacement="")
    return pd.factorize(pc.utf8_upper(kaal).to_pandas())[0]


def is_motorvoertuig(soorten: pd.Series[str], normen: Toetsnormen) -> Vlaggen:
    """Return which voertuigsoorten are motorvoertuigen: all but those of the list, case ignored (B42)."""
    uitgezonderd = {soort.casefold() for soort in normen.geen_motorvoertuig}
    return _per_waarde(soorten, lambda soort: soort.strip().casefold() not in uitgezonderd)


def is_jong(voertuigen: pd.DataFrame, normen: Toetsnormen) -> Vlaggen:
    """Return which vehicles were first admitted less than nine years before the deelnamedatum (B43)."""
    grens = uiterste_begindatum(normen.deelnamedatum, normen.voertuig_jaren)
    return dagen(voertuigen["eerste_toelating"]) > np.datetime64(grens)


def is_exclusief(voertuigen: pd.DataFrame, normen: Toetsnormen) -> Vlaggen:
    """Return which vehicles are of an exclusive brand, by merk or by handelsbenaming (B43)."""
    merken = {_merk(merk) for merk in normen.exclusieve_merken}
    met_aliassen = merken | {_merk(alias) for alias in normen.merk_aliassen}
    op_merk = _per_waarde(voertuigen["merk"], lambda merk: _merk(merk) in met_aliassen)
    op_naam = _per_waarde(voertuigen["handelsbenaming"], lambda naam: _begint_met_merk(naam, merken))
    return op_merk | op_naam


def _begint_met_merk(handelsbenaming: str, merken: set[str]) -> bool:
    """Return whether the first whole words of a handelsbenaming, joined, are a brand: AUDITORIUM is no Audi."""
    woorden = re.findall(r"[^\W_]+", _zonder_accenten(handelsbenaming))
    return any("".join(woorden[: i + 1]) in merken for i in range(len(woorden)))


def _merk(merk: str) -> str:
    """Return a brand without case, accents, spaces and hyphens."""
    return re.sub(_TUSSENTEKENS, "", _zonder_accenten(merk))


def _zonder_accenten(tekst: str) -> str:
    ontleed = unicodedata.normalize("NFKD", tekst.casefold())
    return "".join(teken for teken in ontleed if not unicodedata.combining(teken))


def _per_waarde(kolom: pd.Series[str], oordeel: Callable[[str], bool]) -> Vlaggen:
    """Judge every distinct value once: there are few brands and many cars."""
    codes, waarden = pd.factorize(kolom)
    uitkomst = np.array([oordeel(waarde) for waarde in waarden], dtype=bool)
    return uitkomst[codes] if len(uitkomst) else np.zeros(len(kolom), dtype=bool)
