"""From what the rules saw and made to the facts of an explanation: every aanvraag of a part at once.

Nothing is judged here. Outcomes come from ``Uitkomst``; what an outcome does not keep is asked of the very
functions that the rules are made of.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from include.normen.toetsnormen import Toetsnormen
from include.rapportage.uitleg.vormen import (
    AARDEN,
    BIJSTAND,
    INGEHAALD,
    INKOMEN,
    KADER,
    LOON,
    OPGAVE,
    PENSIOEN,
    SCHEMA,
    TELT,
    UITKERING,
    VALT_BUITEN,
    Kader,
)
from include.schemas.bronnen import Brp
from include.schemas.uitkomst import JA, Uitkomst
from include.toets.huishouden import (
    IN_ONDERZOEK,
    KIND_GEMEEN,
    ONBESLIST,
    ONVOLLEDIG,
    Afleiding,
    leid_leefvorm_af,
)
from include.toets.inkomen import welke_norm
from include.toets.leden import Getallen, Leden, Vlaggen, loopt_op
from include.toets.toelichting import Invoer
from include.toets.vermogen import VERIFICATIES, overschrijdingen, welke_grens
from include.toets.voertuigen import beoordeel_voertuigen

METADATA_KADER = b"bidn-uitleg-1"
"""The key under which the ``Kader`` stands in the metadata of a table; its last sign is the version."""
_BRIEFADRES, _GEEN_ADRES = "B", ""

Kolommen: TypeAlias = "dict[str, np.ndarray | pa.Array]"


def maak_feiten(uitkomst: Uitkomst, invoer: Invoer) -> pa.Table:
    """Return the facts that explain each outcome, as a table of ``SCHEMA`` with the ``Kader`` in its metadata.

    Args:
        uitkomst: what :func:`include.toets.toetsen.toets` made of ``invoer``.
        invoer: what it was made of.
    """
    u, normen = uitkomst.uitkomsten, invoer.normen
    leden = Leden.van(u["bsn"].to_numpy(), u["partner_bsn"].to_numpy())
    kolommen: Kolommen = {
        **_huishoudens(u, invoer.brp, normen),
        **_inkomens(u, leden, uitkomst.opgavedetails, normen),
        "bijstand": _bijstand(u, leden, invoer),
        **_vermogens(u, leden, invoer),
        **_voertuigen(leden, uitkomst.voertuigdetails, invoer),
    }
    kader = Kader.van(invoer.ronde, normen, invoer.instellingen)
    schema = SCHEMA.with_metadata({METADATA_KADER: KADER.dump_json(kader)})
    return pa.table([pa.array(kolommen[veld.name], veld.type) for veld in schema], schema)


# -- huishouden


def _huishoudens(u: pd.DataFrame, brp: Brp, normen: Toetsnormen) -> Kolommen:
    """Count who lives at the address, of the aanvragen with a belemmering huishouden or a count line."""
    ja = (u["huishouden"] == JA).to_numpy()
    tellen = u["brp_bevraagd"].to_numpy() & (ja | u["telling"].to_numpy())
    bsn = u["bsn"].to_numpy()[tellen]
    afleiding = leid_leefvorm_af(bsn, _alleen(brp, bsn), normen)
    twijfelt = u["leefvorm_regel"].to_numpy()[tellen] > 0
    gevonden = _personen(afleiding, _alleen(brp, bsn).personen) | {
        naam: afleiding.twijfels[twijfel] & twijfelt
        for naam, twijfel in (
            ("in_onderzoek", IN_ONDERZOEK),
            ("onvolledig", ONVOLLEDIG),
            ("onbeslist", ONBESLIST),
        )
    }
    return {
        "bsn": u["bsn"].to_numpy(),
        "regel": u["leefvorm_regel"].to_numpy(),
        "persoon_bekend": u["persoon_bekend"].to_numpy(),
        "bewoners": np.where(tellen, u["bewoners"], 0),
        **{naam: _elders_niets(waarden, tellen) for naam, waarden in gevonden.items()},
    }


def _alleen(brp: Brp, bsn: Getallen) -> Brp:
    """Return what the BRP answered about these aanvragers; relatives of others do no harm."""
    personen = brp.personen[brp.personen["vraag_bsn"].isin(bsn)].reset_index(drop=True)
    return Brp(brp.resultaten, personen, brp.verbintenissen, brp.kinderen, brp.ouders)


def _personen(afleiding: Afleiding, personen: pd.DataFrame) -> Kolommen:
    """Count the persons at each address by what they are to the aanvrager, and who is no resident by why not."""
    a = afleiding.adressen
    verwant = a.bewoner & a.volwassen & ~a.aanvrager
    partner = np.zeros(len(a.aanvraag), dtype=bool)
    samen = np.where(afleiding.regel == KIND_GEMEEN, afleiding.enige_ander, afleiding.echtgenoot)
    partner[samen[samen >= 0]] = True
    elders = (a.aanvraag >= 0) & ~a.bewoner
    opgeschort = personen["opgeschort"].to_numpy()
    brief, geen = ((personen["functieadres"] == adres).to_numpy() for adres in (_BRIEFADRES, _GEEN_ADRES))
    return {
        "jonger": a.tel(a.bewoner & a.minderjarig & ~a.aanvrager),
        "leeftijd_onbekend": a.tel(a.bewoner & ~a.volwassen & ~a.minderjarig & ~a.aanvrager),
        "anderen": a.tel(afleiding.ander & ~partner),
        "ouders": a.tel(verwant & afleiding.ouder & ~partner),
        "kinderen": a.tel(verwant & afleiding.kind & ~afleiding.ouder & ~partner),
        "opgeschort": a.tel(elders & ~a.aanvrager & opgeschort),
        "briefadres": a.tel(elders & ~a.aanvrager & ~opgeschort & brief),
        "zonder_adres": a.tel(elders & ~a.aanvrager & ~opgeschort & geen),
        "zelf_bewoner": a.tel(a.aanvrager & a.bewoner) > 0,
        "eigen_briefadres": a.tel(a.aanvrager & brief) > 0,
    }


def _elders_niets(waarden: np.ndarray, waar: Vlaggen) -> np.ndarray:
    """Lay values of the chosen aanvragen at their places among all."""
    alle = np.zeros(len(waar), waarden.dtype)
    alle[waar] = waarden
    return alle


# -- inkomen


def _inkomens(u: pd.DataFrame, leden: Leden, details: pd.DataFrame, normen: Toetsnormen) -> Kolommen:
    """Keep norm, total and opgaven of the aanvragen with belemmering inkomen; ``details`` is ``Opgavedetails``."""
    ja = (u["inkomen"] == JA).to_numpy()
    aanvraag, regel = leden.regels(leden.nummers(details["bsn"]), ja)
    eigen = details.iloc[regel].reset_index(drop=True)
    telt = eigen["telt"].to_numpy()
    partner = _van_partner(aanvraag, eigen["bsn"], leden)
    plaats = _plaatsen(aanvraag, partner, eigen["inkomstenverhouding"].to_numpy(), details)
    aarden = {code: _aard(soort.groep, soort.uitkeringsvorm) for code, soort in normen.soorten.items()}
    velden = {
        "plaats": plaats,
        "partner": partner,
        "werkgever": eigen["werkgever"].where(plaats < 0, "").to_numpy(object),
        "aard": eigen["soort"].map(aarden).fillna(AARDEN.index(INKOMEN)).to_numpy(np.int8),
        "aanvang": eigen["aanvang"].to_numpy("datetime64[D]"),
        "einde": eigen["einde"].to_numpy("datetime64[D]"),
        "oordeel": np.select([telt, eigen["in_periode"].to_numpy()], [TELT, INGEHAALD], VALT_BUITEN),
        "netto": np.where(telt, eigen["netto"], 0),
    }
    return {
        "norm": np.where(ja, welke_norm(u), 0),
        "totaal": np.where(ja, u["totaal"], 0),
        "opgaven": _lijsten(aanvraag, velden, OPGAVE, len(u)),
    }


def _plaatsen(aanvraag: Getallen, partner: Vlaggen, verhouding: Getallen, details: pd.DataFrame) -> Getallen:
    """Return which Inkomstenverhouding of its Aanvraag each opgave is part of; -1 for one that is not shown.

    A detail report shows those with a counted opgave (B49a), the aanvrager's before the partner's, in the order
    of :func:`include.toets.eindoordeel.inkomensdetails`.
    """
    getoond = np.isin(verhouding, details.loc[details["telt"], "inkomstenverhouding"].to_numpy())
    sleutels = pd.DataFrame({"aanvraag": aanvraag, "partner": partner, "verhouding": verhouding})[getoond]
    volgnummer = sleutels.groupby(["aanvraag", "partner", "verhouding"]).ngroup()
    plaats = np.full(len(aanvraag), -1)
    plaats[getoond] = volgnummer - volgnummer.groupby(sleutels["aanvraag"]).transform("min")
    return plaats


def _aard(groep: str, uitkeringsvorm: str) -> int:
    """Return the position in ``AARDEN`` of what an inkomstenverhouding is to its receiver."""
    if groep == PENSIOEN:
        return AARDEN.index(PENSIOEN)
    return AARDEN.index(uitkeringsvorm if uitkeringsvorm in AARDEN else _GROEPEN[groep])


_GROEPEN = {"loondienst": LOON, "uitkering": UITKERING}


def _bijstand(u: pd.DataFrame, leden: Leden, invoer: Invoer) -> pa.Array:
    """Keep what was running where it kept income from being tested (B28)."""
    peildatum = np.datetime64(invoer.normen.deelnamedatum)
    uitkeringen = invoer.bronnen.uitkeringen
    lopend = uitkeringen[loopt_op(uitkeringen["aanvang"], uitkeringen["einde"], peildatum)]
    aanvraag, regel = leden.regels(leden.nummers(lopend["bsn"]), u["bijstand"].to_numpy())
    eigen = lopend.iloc[regel]
    velden = {
        "partner": _van_partner(aanvraag, eigen["bsn"], leden),
        "regeling": eigen["regeling"].to_numpy(object),
    }
    return _lijsten(aanvraag, velden, BIJSTAND, len(u))


# -- vermogen and voertuigen


def _vermogens(u: pd.DataFrame, leden: Leden, invoer: Invoer) -> Kolommen:
    """Keep what decided about assets, and who of a tested household has no account (B37-B40)."""
    ja = (u["vermogen"] == JA).to_numpy()
    saldo, rente = (np.where(ja, u[naam], 0) for naam in ("saldo", "rente"))
    saldo_te_hoog, rente_te_hoog = overschrijdingen(saldo, rente, u["grens"].to_numpy(), invoer.normen)
    met_rekening = leden.per_persoon(leden.nummers(invoer.bronnen.rekeningen["bsn"])) > 0
    geen = u["geen_gegevens"].to_numpy()
    mislukt_aanvrager, mislukt_partner = (u[naam].to_numpy() for _, naam in VERIFICATIES)
    return {
        "grens": np.where(ja, welke_grens(u, u["brp_bevraagd"].to_numpy()), 0),
        "saldo": saldo,
        "rente": rente,
        "saldo_te_hoog": ja & saldo_te_hoog,
        "rente_te_hoog": ja & rente_te_hoog,
        "zonder_rekening_aanvrager": geen & ~mislukt_aanvrager & ~met_rekening[leden.aanvrager],
        "zonder_rekening_partner": geen
        & ~mislukt_partner
        & (leden.partner >= 0)
        & ~met_rekening[leden.partner],
    }


def _voertuigen(leden: Leden, getoond: pd.DataFrame, invoer: Invoer) -> Kolommen:
    """Keep why vehicles show, and how many others of the household do not (B41-B43)."""
    n = len(leden.aanvrager)
    met_voertuig = np.bincount(getoond["aanvraag"], minlength=n) > 0
    oordeel = beoordeel_voertuigen(leden, met_voertuig, invoer.bronnen.voertuigen, invoer.normen)
    aanvraag, loopt, motorvoertuig = (
        oordeel[naam].to_numpy() for naam in ("aanvraag", "loopt", "motorvoertuig")
    )

    def tel(waar: Vlaggen) -> Getallen:
        return np.bincount(aanvraag[waar], minlength=n)

    alleen = oordeel["tonen"].to_numpy() & ~oordeel["meer_dan_een"].to_numpy()
    return {
        "jong": tel(alleen & oordeel["jong"].to_numpy()) > 0,
        "exclusief": tel(alleen & oordeel["exclusief"].to_numpy()) > 0,
        "niet_op_naam": tel(~loopt),
        "geen_motorvoertuig": tel(loopt & ~motorvoertuig),
    }


def _van_partner(aanvraag: Getallen, bsn: pd.Series[int], leden: Leden) -> Vlaggen:
    return bsn.to_numpy() != leden.personen.to_numpy()[leden.aanvrager[aanvraag]]


def _lijsten(
    aanvraag: Getallen, velden: dict[str, np.ndarray], soort: pa.StructType, aantal: int
) -> pa.Array:
    """Return the lines of each aanvraag as one list; ``aanvraag`` ascends."""
    regels = pa.StructArray.from_arrays(
        [pa.array(velden[veld.name], veld.type) for veld in soort], fields=list(soort)
    )
    grenzen = np.searchsorted(aanvraag, np.arange(aantal + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(grenzen), regels)
