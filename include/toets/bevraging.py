"""Who is asked about at which source: never more than the tests need (besluiten B22, B28, B36, B41)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import JA
from include.toets.leden import Getallen, Leden, Vlaggen, loopt_op


def te_bevragen_brp(aanvragen: pd.DataFrame) -> Getallen:
    """Return the BSNs for whom the municipality asks the BRP (B13)."""
    return np.sort(aanvragen.loc[aanvragen["brp_bevragen"], "bsn"].to_numpy())


def te_bevragen_bijstand(aanvragen: pd.DataFrame, huishoudens: pd.DataFrame) -> Getallen:
    """Return aanvragers and partners of every household without belemmering huishouden (B22)."""
    return _personen(aanvragen, huishoudens, _te_toetsen(huishoudens))


def te_bevragen_inkomen(
    aanvragen: pd.DataFrame, huishoudens: pd.DataFrame, uitkeringen: pd.DataFrame, peildatum: np.datetime64
) -> Getallen:
    """Return who is asked about at UWV, and for heffingskortingen: nobody with running bijstand (B28).

    ``peildatum`` is the deelnamedatum.
    """
    leden = Leden.van(aanvragen["bsn"].to_numpy(), huishoudens["partner_bsn"].to_numpy())
    bijstand = heeft_bijstand(leden, uitkeringen, peildatum)
    return _personen(aanvragen, huishoudens, _te_toetsen(huishoudens) & ~bijstand)


def te_bevragen_vermogen(
    aanvragen: pd.DataFrame, huishoudens: pd.DataFrame, instellingen: Instellingen
) -> Getallen:
    """Return who is asked about their accounts: running bijstand does not stop this test (B36)."""
    return _personen(aanvragen, huishoudens, _te_toetsen(huishoudens) & instellingen.vermogen)


def te_bevragen_voertuigen(
    aanvragen: pd.DataFrame, huishoudens: pd.DataFrame, instellingen: Instellingen
) -> Getallen:
    """Return who is asked about at the RDW (B41)."""
    return _personen(aanvragen, huishoudens, _te_toetsen(huishoudens) & instellingen.voertuigen)


def heeft_bijstand(leden: Leden, uitkeringen: pd.DataFrame, peildatum: np.datetime64) -> Vlaggen:
    """Return per household whether aanvrager or partner has a running bijstandsuitkering (B28)."""
    lopend = loopt_op(uitkeringen["aanvang"], uitkeringen["einde"], peildatum)
    per_persoon = leden.per_persoon(leden.nummers(uitkeringen.loc[lopend, "bsn"])) > 0
    return leden.een_van_beiden(per_persoon)


def _te_toetsen(huishoudens: pd.DataFrame) -> Vlaggen:
    return (huishoudens["huishouden"] != JA).to_numpy()


def _personen(aanvragen: pd.DataFrame, huishoudens: pd.DataFrame, welke: Vlaggen) -> Getallen:
    bsns = np.concatenate([aanvragen["bsn"].to_numpy()[welke], huishoudens["partner_bsn"].to_numpy()[welke]])
    return np.unique(bsns[bsns != 0])
