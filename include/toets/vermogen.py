"""Assets: the accounts of a household against the vermogensgrens (besluiten B36-B40, manual 5.4.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.normen.toetsnormen import Toetsnormen
from include.schemas.uitkomst import ALLEENSTAANDE_OUDER, GEHUWD
from include.toets.leden import Getallen, Leden, Vlaggen, eerste_van

GRENZEN = ("vermogensgrens_alleenstaand", "vermogensgrens_gehuwd")
"""The limits by their field of ``Toetsnormen``."""
VERIFICATIES = (("bsn", "verificatie_mislukt_aanvrager"), ("partner_bsn", "verificatie_mislukt_partner"))
"""The columns of ``Uitkomsten`` with a BSN and with whether its verification failed: aanvrager, then partner."""


@dataclass(frozen=True)
class Vermogen:
    """The asset test of every household; amounts in euro cents."""

    getoetst: Vlaggen
    grens: Getallen
    saldo: Getallen
    rente: Getallen
    rekeningen: Getallen
    """Number of accounts that counted."""
    mislukt_aanvrager: Vlaggen
    mislukt_partner: Vlaggen
    geen_gegevens: Vlaggen
    belemmering: Vlaggen


def toets_vermogen(
    leden: Leden,
    huishoudens: pd.DataFrame,
    brp_bevraagd: Vlaggen,
    getoetst: Vlaggen,
    verificaties: pd.DataFrame,
    rekeningen: pd.DataFrame,
    normen: Toetsnormen,
) -> Vermogen:
    """Judge the assets of every tested household (B37-B40).

    Args:
        leden: aanvrager and partner per household.
        huishoudens: frame of ``Huishoudens``.
        brp_bevraagd: whether the BRP was asked, per household (B37 treats a supplied leefvorm apart).
        getoetst: the setting is on and there is no belemmering huishouden (B36).
        verificaties: frame of ``Verificaties``, one line per BSN asked.
        rekeningen: frame of ``Rekeningen``.
        normen: norms of the deelnamedatum.
    """
    nummers = leden.nummers(rekeningen["bsn"])
    huishouden, regel = getelde_rekeningen(leden, getoetst, rekeningen)

    def som(kolom: str) -> Getallen:
        bedragen = rekeningen[kolom].to_numpy()[regel]
        return np.bincount(huishouden, weights=bedragen, minlength=len(getoetst)).astype(np.int64)

    saldo, rente = som("saldo"), som("rente")
    grens = np.where(getoetst, vermogensgrens(huishoudens, brp_bevraagd, normen), 0)
    mislukt = leden.per_persoon(leden.nummers(verificaties.loc[~verificaties["geslaagd"], "bsn"])) > 0
    mislukt_aanvrager = getoetst & mislukt[leden.aanvrager]
    mislukt_partner = getoetst & (leden.partner >= 0) & mislukt[leden.partner]
    zonder_rekening = ~mislukt & (leden.per_persoon(nummers) == 0)
    saldo_te_hoog, rente_te_hoog = overschrijdingen(saldo, rente, grens, normen)
    return Vermogen(
        getoetst=getoetst,
        grens=grens,
        saldo=saldo,
        rente=rente,
        rekeningen=np.bincount(huishouden, minlength=len(getoetst)),
        mislukt_aanvrager=mislukt_aanvrager,
        mislukt_partner=mislukt_partner,
        geen_gegevens=getoetst & leden.een_van_beiden(zonder_rekening),
        belemmering=getoetst & (saldo_te_hoog | rente_te_hoog | mislukt_aanvrager | mislukt_partner),
    )


def overschrijdingen(
    saldo: Getallen, rente: Getallen, grens: Getallen, normen: Toetsnormen
) -> tuple[Vlaggen, Vlaggen]:
    """Return whether the saldo reaches the grens, and whether the rente exceeds its part of it (B39)."""
    return saldo >= grens, rente * 1000 > grens * normen.rentegrens_promille


def getelde_rekeningen(
    leden: Leden, getoetst: Vlaggen, rekeningen: pd.DataFrame
) -> tuple[Getallen, Getallen]:
    """Return ``(household, line)`` of the accounts that count: a number once per household (B38).

    Of several records of one number the first counts, in the order aanvrager, partner.
    """
    huishouden, regel = leden.regels(leden.nummers(rekeningen["bsn"]), getoetst)
    rekening = pd.factorize(rekeningen["rekeningnummer"])[0]
    telt = eerste_van(huishouden, rekening[regel])
    return huishouden[telt], regel[telt]


def welke_grens(huishoudens: pd.DataFrame, brp_bevraagd: Vlaggen) -> Getallen:
    """Return the position in ``GRENZEN`` of the vermogensgrens for each household (B37).

    An alleenstaande ouder falls under the limit for married couples with an own resident child under 18, or when
    the municipality supplied that leefvorm itself.
    """
    leefvorm = huishoudens["leefvorm"]
    ouder = (leefvorm == ALLEENSTAANDE_OUDER).to_numpy()
    kind = huishoudens["kind_onder_18"].to_numpy() | ~brp_bevraagd
    return ((leefvorm == GEHUWD).to_numpy() | (ouder & kind)).astype(np.int64)


def vermogensgrens(huishoudens: pd.DataFrame, brp_bevraagd: Vlaggen, normen: Toetsnormen) -> Getallen:
    """Return the vermogensgrens of each household in euro cents (B37)."""
    return np.array([getattr(normen, naam) for naam in GRENZEN])[welke_grens(huishoudens, brp_bevraagd)]
