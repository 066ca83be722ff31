"""The household behind each aanvraag: leefvorm, certainty and belemmering (besluiten B22-B27, manual 5.4.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.normen.kalender import uiterste_begindatum
from include.normen.toetsnormen import Toetsnormen
from include.schemas.aanvragen import LEEFVORM_ALLEENSTAAND, LEEFVORM_ALLEENSTAANDE_OUDER, LEEFVORM_GEHUWD
from include.schemas.bronnen import Brp
from include.schemas.uitkomst import (
    GEEN,
    HOOG,
    JA,
    LAAG,
    LEEFVORMEN,
    MIDDEL,
    NEE,
    NIET_GETOETST,
    OORDELEN,
    ZEKERHEDEN,
    categorie,
)
from include.toets.adressen import VOLWASSEN, WOONADRES, Adressen, feit
from include.toets.datums import Geboortedatums
from include.toets.leden import Getallen, Vlaggen

MEESTE_BEWONERS = 30
NAAM_ONBEKEND = "."
"""The BRP's standard value for a geslachtsnaam that is not known (B27)."""
ONBEKEND = 0
"""Code of leefvorm Onbekend, beside the codes 1-3 of the vraagbestand."""

GETROUWD, ELDERS_GETROUWD, KIND_GEMEEN, EEN_ANDER, MEER_ANDEREN, OUDER, ALLEEN = range(1, 8)
"""The rules of B23 by their number."""

_VAN_REGEL: dict[int, tuple[int, str]] = {
    GETROUWD: (LEEFVORM_GEHUWD, HOOG),
    ELDERS_GETROUWD: (ONBEKEND, LAAG),
    KIND_GEMEEN: (LEEFVORM_GEHUWD, HOOG),
    EEN_ANDER: (LEEFVORM_GEHUWD, MIDDEL),
    MEER_ANDEREN: (ONBEKEND, LAAG),
    OUDER: (LEEFVORM_ALLEENSTAANDE_OUDER, HOOG),
    ALLEEN: (LEEFVORM_ALLEENSTAAND, HOOG),
}
_LEEFVORM = np.array([ONBEKEND, *(leefvorm for leefvorm, _ in _VAN_REGEL.values())])
_ZEKERHEID = np.array([ZEKERHEDEN.index(z) for z in (GEEN, *(z for _, z in _VAN_REGEL.values()))])
_HOOG, _MIDDEL, _GEEN = (ZEKERHEDEN.index(z) for z in (HOOG, MIDDEL, GEEN))
_JA, _NEE, _NIET_GETOETST = (OORDELEN.index(o) for o in (JA, NEE, NIET_GETOETST))

_ADRES = "Adressituatie kan niet worden vastgesteld: "
REDENEN = (
    "",
    _ADRES + "Geen gegevens gevonden",
    _ADRES + "Te veel zoekresultaten",
    _ADRES + "Zoekproces afgebroken",
    _ADRES + "Geen PL-en die aan de verstrekkingscondities voldoen",
    "Geen gegevens BRP",
    "Aanvrager jonger dan 18 jaar",
    "Aanvrager voert geen woonadres",
    _ADRES + "Resultaat te groot, te veel personen op 1 adres",
    "De gezinssituatie van de aanvrager is niet met zekerheid vast te stellen.",
)
"""The literal reasons of B22 in the order in which they are judged; position 0 is "no belemmering"."""
_VAN_LETTER = {"A": 0, "G": 1, "P": 2, "T": 3, "Z": 4}
_GEEN_BRP, _TE_JONG, _GEEN_WOONADRES, _TE_GROOT, _ONZEKER = range(5, 10)

IN_ONDERZOEK = "het adres van de aanvrager is in onderzoek"
ONVOLLEDIG = "de geboortedatum van de aanvrager is onvolledig"
ONBESLIST = "van een bewoner is door een onvolledige geboortedatum niet te bepalen of die meerderjarig is"
"""Why Hoog becomes Middel (the last paragraph of B23)."""


def leid_huishoudens_af(aanvragen: pd.DataFrame, brp: Brp, normen: Toetsnormen) -> pd.DataFrame:
    """Derive the household of every aanvraag, from the BRP or as supplied (besluiten B22-B27).

    Args:
        aanvragen: frame of ``Aanvragen``, n lines.
        brp: what the BRP answered for the aanvragen with ``brp_bevragen``.
        normen: the norms of the deelnamedatum (AOW age, and the day on which ages are counted).

    Returns:
        Frame of ``Huishoudens``, n lines in the same order.
    """
    gevraagd = aanvragen["brp_bevragen"].to_numpy()
    huishoudens = pd.concat(
        [
            _uit_brp(aanvragen.loc[gevraagd, "bsn"].to_numpy(), brp, normen),
            _opgegeven(aanvragen[~gevraagd], normen),
        ]
    )
    plaats = np.concatenate([np.flatnonzero(gevraagd), np.flatnonzero(~gevraagd)])
    return huishoudens.iloc[np.argsort(plaats)].reset_index(drop=True)


@dataclass(frozen=True)
class Afleiding:
    """What decided the leefvorm of every aanvrager, as B23 saw it; persons are lines of ``BrpPersonen``."""

    adressen: Adressen
    aanvrager: Getallen
    """The aanvrager, -1 when not among the persons."""
    echtgenoot: Getallen
    """The resident spouse or registered partner, -1 without one."""
    kind: Vlaggen
    ouder: Vlaggen
    ander: Vlaggen
    """Counts as one of the *others* of rules 3-7."""
    enige_ander: Getallen
    """The one other, -1 when there are none or more."""
    regel: Getallen
    """The first rule of B23 that applies, whatever B22 makes of it."""
    twijfels: dict[str, Vlaggen]
    """By reason, for whom Hoog becomes Middel."""


def leid_leefvorm_af(bsn: Getallen, brp: Brp, normen: Toetsnormen) -> Afleiding:
    """Apply B23 to the aanvragers ``bsn``, for whom the BRP was asked."""
    personen = brp.personen
    adressen = Adressen.lees(bsn, personen, normen.deelnamedatum)
    aanvrager = adressen.regel_van(adressen.aanvrager)
    kind, ouder = adressen.verwant(brp.kinderen), adressen.verwant(brp.ouders)
    ander = adressen.bewoner & adressen.volwassen & ~adressen.aanvrager & ~kind & ~ouder
    anderen = adressen.tel(ander)
    enige_ander = np.where(anderen == 1, adressen.regel_van(ander), -1)
    echtgenoot, getrouwd = _echtgenoten(brp, adressen)
    regel = np.select(
        [
            echtgenoot >= 0,
            getrouwd,
            _kind_gemeen(brp, adressen, enige_ander),
            anderen == 1,
            anderen > 1,
            adressen.tel(kind & adressen.bewoner) > 0,
        ],
        [GETROUWD, ELDERS_GETROUWD, KIND_GEMEEN, EEN_ANDER, MEER_ANDEREN, OUDER],
        ALLEEN,
    )
    onbeslist = adressen.bewoner & ~adressen.volwassen & ~adressen.minderjarig
    twijfels = {
        IN_ONDERZOEK: feit(personen["in_onderzoek"].to_numpy(), aanvrager),
        ONVOLLEDIG: ~feit(adressen.geboren.volledig, aanvrager),
        ONBESLIST: adressen.tel(onbeslist) > 0,
    }
    return Afleiding(adressen, aanvrager, echtgenoot, kind, ouder, ander, enige_ander, regel, twijfels)


def _uit_brp(bsn: Getallen, brp: Brp, normen: Toetsnormen) -> pd.DataFrame:
    """Apply B22-B24 to aanvragers for whom the BRP was asked."""
    personen = brp.personen
    afleiding = leid_leefvorm_af(bsn, brp, normen)
    adressen, aanvrager = afleiding.adressen, afleiding.aanvrager
    bewoners = adressen.tel(adressen.bewoner)
    meerderjarig = adressen.bewoner & adressen.volwassen

    # B22 a-e end it before there is a leefvorm; f follows from its zekerheid.
    reden = _reden_zonder_afleiding(bsn, brp, adressen, aanvrager, bewoners)
    afgeleid = reden == 0
    regel = np.where(afgeleid, afleiding.regel, 0)
    zekerheid = _ZEKERHEID[regel]
    twijfel = np.logical_or.reduce(list(afleiding.twijfels.values()))
    zekerheid = np.where(twijfel & (zekerheid == _HOOG), _MIDDEL, zekerheid)
    reden = np.where(afgeleid & (zekerheid != _HOOG), _ONZEKER, reden)

    # Only a couple that is certain fills the partner columns.
    samen = (_LEEFVORM[regel] == LEEFVORM_GEHUWD) & (zekerheid == _HOOG)
    partner = np.where(samen, np.where(regel == GETROUWD, afleiding.echtgenoot, afleiding.enige_ander), -1)
    # B24: adults in neither set of columns, told unless the BRP gave no aanvrager to live with (B22 a and b).
    medebewoners = adressen.tel(meerderjarig & ~adressen.aanvrager) - feit(meerderjarig, partner)
    zonder_aanvrager = (reden > 0) & (reden <= _GEEN_BRP)
    aow = adressen.geboren.zeker_op_of_voor(normen.aow_geboren_tot_en_met)
    return _huishoudens(
        persoon_bekend=aanvrager >= 0,
        naam=namen(personen, aanvrager),
        geboortedatum=_tekst(personen["geboortedatum"], aanvrager),
        partner_bsn=_getal(personen["bsn"], partner),
        partner_naam=namen(personen, partner),
        partner_geboortedatum=_tekst(personen["geboortedatum"], partner),
        leefvorm=_LEEFVORM[regel],
        zekerheid=zekerheid,
        leefvorm_regel=regel,
        huishouden=np.where(reden > 0, _JA, _NEE),
        huishouden_reden=reden,
        bewoners=bewoners,
        meerderjarigen=adressen.tel(meerderjarig),
        telling=~zonder_aanvrager & (medebewoners > 0),
        kind_onder_18=adressen.tel(afleiding.kind & adressen.bewoner & adressen.minderjarig) > 0,
        aow=feit(aow, aanvrager) | feit(aow, partner),
    )


def _echtgenoten(brp: Brp, adressen: Adressen) -> tuple[Getallen, Vlaggen]:
    """Return per aanvraag the line of the resident spouse (-1 without), and whether there is a marriage at all.

    B23 rules 1 and 2: undissolved marriages and partnerships in the aanvrager's own record; of several with a
    resident the first in BRP order is the partner. A partner without BSN, or with the aanvrager's own, is not a
    resident.
    """
    verbintenissen = brp.verbintenissen[~brp.verbintenissen["ontbonden"].to_numpy()]
    aanvraag, sleutel = adressen.relaties_van(adressen.aanvrager, verbintenissen, "partner_bsn")
    bewoner = np.flatnonzero(adressen.bewoner & ~adressen.aanvrager & (brp.personen["bsn"] != 0).to_numpy())
    gevonden = pd.Index(adressen.sleutel[bewoner]).get_indexer(pd.Index(sleutel))

    thuis = np.flatnonzero(gevonden >= 0)[::-1]
    echtgenoot = np.full(adressen.n, -1)
    echtgenoot[aanvraag[thuis]] = bewoner[gevonden[thuis]]
    return echtgenoot, np.bincount(aanvraag, minlength=adressen.n) > 0


def _kind_gemeen(brp: Brp, adressen: Adressen, enige_ander: Getallen) -> Vlaggen:
    """Return whether the aanvrager and the one other share a child, resident or not (B23 rule 3)."""
    is_ander = np.zeros(len(adressen.aanvraag), dtype=bool)
    is_ander[enige_ander[enige_ander >= 0]] = True
    aanvraag, van_ander = adressen.relaties_van(is_ander, brp.kinderen)
    _, eigen = adressen.relaties_van(adressen.aanvrager, brp.kinderen)
    return np.bincount(aanvraag[np.isin(van_ander, eigen)], minlength=adressen.n) > 0


def _reden_zonder_afleiding(
    bsn: Getallen, brp: Brp, adressen: Adressen, aanvrager: Getallen, bewoners: Getallen
) -> Getallen:
    """Return the position in ``REDENEN`` of the first of B22 a-e that holds, 0 when none does."""
    personen = brp.personen
    letter = brp.resultaten.set_index("vraag_bsn")["letter"].loc[pd.Index(bsn)]
    zoekresultaat = letter.map(_VAN_LETTER).astype(np.int64).to_numpy()
    opgeschort = feit(personen["opgeschort"].to_numpy(), aanvrager)
    woont = feit((personen["functieadres"] == WOONADRES).to_numpy(), aanvrager)
    return np.select(
        [
            zoekresultaat > 0,
            (aanvrager < 0) | opgeschort,
            feit(adressen.minderjarig, aanvrager),
            ~woont,
            bewoners > MEESTE_BEWONERS,
        ],
        [zoekresultaat, _GEEN_BRP, _TE_JONG, _GEEN_WOONADRES, _TE_GROOT],
    )


def _opgegeven(aanvragen: pd.DataFrame, normen: Toetsnormen) -> pd.DataFrame:
    """Take leefvorm and partner as the municipality supplied them (B25); only B22c still applies."""
    geboren = _als_tekst(aanvragen["geboortedatum"])
    partner_geboren = _als_tekst(aanvragen["partner_geboortedatum"])
    datums = Geboortedatums.lees(geboren)
    te_jong = datums.zeker_na(uiterste_begindatum(normen.deelnamedatum, VOLWASSEN))
    nul, nee = np.zeros(len(aanvragen), np.int64), np.zeros(len(aanvragen), bool)
    return _huishoudens(
        persoon_bekend=~nee,
        naam=aanvragen["naam"],
        geboortedatum=geboren,
        partner_bsn=aanvragen["partner_bsn"].to_numpy(),
        partner_naam=aanvragen["partner_naam"],
        partner_geboortedatum=partner_geboren,
        leefvorm=aanvragen["leefvorm"].to_numpy(),
        zekerheid=np.full(len(aanvragen), _GEEN),
        leefvorm_regel=nul,
        huishouden=np.where(te_jong, _JA, _NIET_GETOETST),
        huishouden_reden=np.where(te_jong, _TE_JONG, 0),
        bewoners=nul,
        meerderjarigen=nul,
        telling=nee,
        kind_onder_18=nee,
        aow=datums.zeker_op_of_voor(normen.aow_geboren_tot_en_met)
        | Geboortedatums.lees(partner_geboren).zeker_op_of_voor(normen.aow_geboren_tot_en_met),
    )


def _huishoudens(
    *,
    persoon_bekend: Vlaggen,
    naam: pd.Series[str],
    geboortedatum: pd.Series[str],
    partner_bsn: Getallen,
    partner_naam: pd.Series[str],
    partner_geboortedatum: pd.Series[str],
    leefvorm: Getallen,
    zekerheid: Getallen,
    leefvorm_regel: Getallen,
    huishouden: Getallen,
    huishouden_reden: Getallen,
    bewoners: Getallen,
    meerderjarigen: Getallen,
    telling: Vlaggen,
    kind_onder_18: Vlaggen,
    aow: Vlaggen,
) -> pd.DataFrame:
    """Build the frame of ``Huishoudens``; codes become the words of the report."""
    redenen = pd.Series(categorie(huishouden_reden, REDENEN)).astype("str")
    return pd.DataFrame(
        {
            "persoon_bekend": persoon_bekend,
            "naam": naam.reset_index(drop=True),
            "geboortedatum": geboortedatum.reset_index(drop=True),
            "partner_bsn": partner_bsn,
            "partner_naam": partner_naam.reset_index(drop=True),
            "partner_geboortedatum": partner_geboortedatum.reset_index(drop=True),
            "leefvorm": categorie(leefvorm, LEEFVORMEN),
            "zekerheid": categorie(zekerheid, ZEKERHEDEN),
            "leefvorm_regel": leefvorm_regel,
            "huishouden": categorie(huishouden, OORDELEN),
            "huishouden_reden": redenen,
            "bewoners": bewoners,
            "meerderjarigen": meerderjarigen,
            "telling": telling,
            "kind_onder_18": kind_onder_18,
            "aow": aow,
        }
    )


def _getal(kolom: pd.Series[int], regel: Getallen) -> Getallen:
    """Return the number of the person on each line; 0 for nobody."""
    return np.append(kolom.to_numpy(), 0)[regel]


def _tekst(kolom: pd.Series[str], regel: Getallen) -> pd.Series[str]:
    """Return the text of the person on each line; empty for nobody."""
    return pd.Series(kolom.array.take(regel, allow_fill=True, fill_value=""))


def namen(personen: pd.DataFrame, regel: Getallen) -> pd.Series[str]:
    """Return voorvoegsel, one space and geslachtsnaam; empty when the geslachtsnaam is unknown (B27)."""
    geslachtsnaam = _tekst(personen["geslachtsnaam"], regel)
    naam = (_tekst(personen["voorvoegsel"], regel) + " " + geslachtsnaam).str.strip()
    return naam.mask(geslachtsnaam == NAAM_ONBEKEND, "")


def _als_tekst(datums: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Write whole dates as ``JJJJ-MM-DD``, empty where there is none."""
    teksten = np.datetime_as_string(datums.to_numpy("datetime64[D]"))
    return pd.Series(np.where(datums.isna(), "", teksten), dtype="str")
