"""The whole toets, from fetched data to outcome: each rule called in its order, none of them here."""

from __future__ import annotations

import numpy as np
import pandas as pd

from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.bronnen import Bronantwoorden
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import JA, NEE, NIET_GETOETST, OORDELEN, Uitkomst, Uitkomsten, categorie
from include.toets import eindoordeel
from include.toets.bevraging import heeft_bijstand
from include.toets.inkomen import Inkomen, toets_inkomen
from include.toets.leden import Leden, Vlaggen
from include.toets.vermogen import Vermogen, toets_vermogen
from include.toets.voertuigen import toon_voertuigen


def toets(
    aanvragen: pd.DataFrame,
    huishoudens: pd.DataFrame,
    bronnen: Bronantwoorden,
    instellingen: Instellingen,
    ronde: Ronde,
    normen: Toetsnormen,
) -> Uitkomst:
    """Judge every aanvraag (besluiten B28-B51).

    Args:
        aanvragen: frame of ``Aanvragen``, in report order.
        huishoudens: frame of ``Huishoudens``, the same lines.
        bronnen: what the sources answered about those of :mod:`include.toets.bevraging`.
        instellingen: the organisation's settings in force.
        ronde: the calendar.
        normen: the norms of the deelnamedatum.

    Returns:
        The outcome of every aanvraag, in the order given; amounts in euro cents.
    """
    leden = Leden.van(aanvragen["bsn"].to_numpy(), huishoudens["partner_bsn"].to_numpy())
    brp_bevraagd = aanvragen["brp_bevragen"].to_numpy()
    te_toetsen = (huishoudens["huishouden"] != JA).to_numpy()
    bijstand = te_toetsen & heeft_bijstand(leden, bronnen.uitkeringen, np.datetime64(normen.deelnamedatum))
    percentage = aanvragen["normpercentage"].fillna(instellingen.percentage).to_numpy()

    inkomen = toets_inkomen(
        leden, huishoudens, bijstand, te_toetsen, percentage, bronnen.opgaven, ronde, normen
    )
    vermogen = toets_vermogen(
        leden,
        huishoudens,
        brp_bevraagd,
        te_toetsen & instellingen.vermogen,
        bronnen.verificaties,
        bronnen.rekeningen,
        normen,
    )
    uitkomsten = _uitkomsten(aanvragen, huishoudens, bijstand, inkomen, vermogen)
    inkomen_j, vermogen_j = inkomen.belemmering, vermogen.belemmering
    return Uitkomst(
        uitkomsten=uitkomsten,
        redenen=eindoordeel.redenen(uitkomsten),
        uitkeringsvormen=eindoordeel.uitkeringsvormen(
            leden, inkomen.te_veel, te_toetsen, bronnen.uitkeringen, inkomen.opgaven, normen
        ),
        inkomensdetails=eindoordeel.inkomensdetails(
            leden, inkomen_j, inkomen.opgaven, bronnen.opgaven["loon"].to_numpy()
        ),
        kortingsdetails=eindoordeel.kortingsdetails(leden, inkomen_j, bronnen.heffingskortingen, normen),
        rekeningdetails=eindoordeel.rekeningdetails(leden, vermogen_j, bronnen.rekeningen),
        voertuigdetails=toon_voertuigen(
            leden, te_toetsen & instellingen.voertuigen, bronnen.voertuigen, normen
        ),
        opgavedetails=inkomen.opgaven,
    )


def _uitkomsten(
    aanvragen: pd.DataFrame,
    huishoudens: pd.DataFrame,
    bijstand: Vlaggen,
    inkomen: Inkomen,
    vermogen: Vermogen,
) -> pd.DataFrame:
    """Lay the tests of every aanvraag side by side: frame of ``Uitkomsten`` (B44)."""
    huishouden = (huishoudens["huishouden"] == JA).to_numpy()
    kolommen = {
        "gsd_code": aanvragen["gsd_code"],
        "brp_bevraagd": aanvragen["brp_bevragen"],
        "bsn": aanvragen["bsn"],
        **{naam: huishoudens[naam] for naam in huishoudens.columns},
        "bijstand": bijstand,
        "inkomen": _oordeel(inkomen.getoetst, inkomen.belemmering),
        "totaal": inkomen.totaal,
        "norm": inkomen.norm,
        "percentage": inkomen.percentage,
        "vermogen": _oordeel(vermogen.getoetst, vermogen.belemmering),
        "grens": vermogen.grens,
        "saldo": vermogen.saldo,
        "rente": vermogen.rente,
        "rekeningen": vermogen.rekeningen,
        "verificatie_mislukt_aanvrager": vermogen.mislukt_aanvrager,
        "verificatie_mislukt_partner": vermogen.mislukt_partner,
        "geen_gegevens": vermogen.geen_gegevens,
        "belemmering": categorie(huishouden | inkomen.belemmering | vermogen.belemmering, (NEE, JA)),
    }
    return pd.DataFrame(kolommen)[list(Uitkomsten.to_schema().columns)]


def _oordeel(getoetst: Vlaggen, belemmering: Vlaggen) -> pd.Categorical[str]:
    """Write a judgement as J, N or Niet getoetst."""
    oordeel = np.where(belemmering, OORDELEN.index(JA), OORDELEN.index(NEE))
    return categorie(np.where(getoetst, oordeel, OORDELEN.index(NIET_GETOETST)), OORDELEN)
