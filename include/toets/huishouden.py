"""The household behind each aanvraag: leefvorm, certainty and belemmering (besluiten B22-B27, manual 5.4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
from include.toets.datums import Geboortedatums
from include.toets.leden import Getallen, Vlaggen

VOLWASSEN = 18
MEESTE_BEWONERS = 30
WOONADRES = "W"
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
_VAN_LETTER = {"G": 1, "P": 2, "T": 3, "Z": 4}
_GEEN_BRP, _TE_JONG, _GEEN_WOONADRES, _TE_GROOT, _ONZEKER = range(5, 10)

_BSN_RUIMTE = 10**9
"""Larger than any BSN: ``aanvraag * _BSN_RUIMTE + bsn`` names one person at one address."""


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
class _Adressen:
    """The persons at every address, one entry a line of ``personen``, with the facts that decide a leefvorm."""

    aanvraag: Getallen
    """Whose address it is."""
    sleutel: Getallen
    """Names the person at this address; see ``_BSN_RUIMTE``."""
    geboren: Geboortedatums
    aanvrager: Vlaggen
    bewoner: Vlaggen
    volwassen: Vlaggen
    minderjarig: Vlaggen

    @classmethod
    def lees(cls, bsn: Getallen, personen: pd.DataFrame, deelnamedatum: date) -> _Adressen:
        aanvraag = pd.Index(bsn).get_indexer(pd.Index(personen["vraag_bsn"])).astype(np.int64)
        gevraagd = aanvraag >= 0
        geboren = Geboortedatums.lees(personen["geboortedatum"])
        achttien = uiterste_begindatum(deelnamedatum, VOLWASSEN)
        woont = (personen["functieadres"] == WOONADRES).to_numpy() & ~personen["opgeschort"].to_numpy()
        return cls(
            aanvraag=aanvraag,
            sleutel=aanvraag * _BSN_RUIMTE + personen["bsn"].to_numpy(),
            geboren=geboren,
            aanvrager=(personen["bsn"] == personen["vraag_bsn"]).to_numpy() & gevraagd,
            bewoner=woont & gevraagd,
            volwassen=geboren.zeker_op_of_voor(achttien),
            minderjarig=geboren.zeker_na(achttien),
        )

    def tel(self, n: int, wie: Vlaggen) -> Getallen:
        """Count persons per aanvraag."""
        return np.bincount(self.aanvraag[wie], minlength=n)

    def eerste(self, n: int, wie: Vlaggen) -> Getallen:
        """Return per aanvraag the line of the first such person, -1 where there is none."""
        regels = np.flatnonzero(wie)[::-1]
        eerste = np.full(n, -1)
        eerste[self.aanvraag[regels]] = regels
        return eerste

    def van_aanvrager(
        self, personen: pd.DataFrame, relaties: pd.DataFrame, kolom: str
    ) -> tuple[Getallen, Getallen]:
        """Return ``(aanvraag, sleutel)`` of every relative in the aanvrager's own record, in its order."""
        regel = pd.Index(personen["persoon"]).get_indexer(pd.Index(relaties["persoon"]))
        eigen = (regel >= 0) & self.aanvrager[regel] if len(personen) else np.zeros(len(relaties), dtype=bool)
        aanvraag = self.aanvraag[regel[eigen]]
        return aanvraag, aanvraag * _BSN_RUIMTE + relaties[kolom].to_numpy()[eigen]


def _uit_brp(bsn: Getallen, brp: Brp, normen: Toetsnormen) -> pd.DataFrame:
    """Apply B22-B24 to aanvragers for whom the BRP was asked."""
    n, personen = len(bsn), brp.personen
    adressen = _Adressen.lees(bsn, personen, normen.deelnamedatum)
    aanvrager = adressen.eerste(n, adressen.aanvrager)
    bewoners = adressen.tel(n, adressen.bewoner)
    meerderjarig = adressen.bewoner & adressen.volwassen

    kind = np.isin(adressen.sleutel, adressen.van_aanvrager(personen, brp.kinderen, "bsn")[1])
    ouder = np.isin(adressen.sleutel, adressen.van_aanvrager(personen, brp.ouders, "bsn")[1])
    ander = meerderjarig & ~adressen.aanvrager & ~kind & ~ouder
    anderen = adressen.tel(n, ander)
    enige_ander = np.where(anderen == 1, adressen.eerste(n, ander), -1)
    echtgenoot, elders_getrouwd = _echtgenoten(n, personen, brp, adressen)

    regel = np.select(
        [
            echtgenoot >= 0,
            elders_getrouwd,
            _kind_gemeen(n, personen, brp, adressen, enige_ander),
            anderen == 1,
            anderen > 1,
            adressen.tel(n, kind & adressen.bewoner) > 0,
        ],
        [GETROUWD, ELDERS_GETROUWD, KIND_GEMEEN, EEN_ANDER, MEER_ANDEREN, OUDER],
        ALLEEN,
    )
    twijfel = (
        _feit(personen["in_onderzoek"].to_numpy(), aanvrager)
        | ~_feit(adressen.geboren.volledig, aanvrager)
        | (adressen.tel(n, adressen.bewoner & ~adressen.volwassen & ~adressen.minderjarig) > 0)
    )
    reden = _reden_zonder_afleiding(bsn, brp, adressen, aanvrager, bewoners)
    afgeleid = reden == 0
    regel = np.where(afgeleid, regel, 0)
    zekerheid = _ZEKERHEID[regel]
    zekerheid = np.where(twijfel & (zekerheid == _HOOG), _MIDDEL, zekerheid)
    reden = np.where(afgeleid & (zekerheid != _HOOG), _ONZEKER, reden)

    samen = (_LEEFVORM[regel] == LEEFVORM_GEHUWD) & (zekerheid == _HOOG)
    partner = np.where(samen, np.where(regel == GETROUWD, echtgenoot, enige_ander), -1)
    medebewoners = adressen.tel(n, meerderjarig & ~adressen.aanvrager) - _feit(meerderjarig, partner)
    aow = adressen.geboren.zeker_op_of_voor(normen.aow_geboren_tot_en_met)
    return _huishoudens(
        persoon_bekend=aanvrager >= 0,
        naam=_namen(personen, aanvrager),
        geboortedatum=_tekst(personen["geboortedatum"], aanvrager),
        partner_bsn=_getal(personen["bsn"], partner),
        partner_naam=_namen(personen, partner),
        partner_geboortedatum=_tekst(personen["geboortedatum"], partner),
        leefvorm=_LEEFVORM[regel],
        zekerheid=zekerheid,
        leefvorm_regel=regel,
        huishouden=np.where(reden > 0, _JA, _NEE),
        huishouden_reden=reden,
        bewoners=bewoners,
        meerderjarigen=adressen.tel(n, meerderjarig),
        telling=afgeleid & (medebewoners > 0),
        kind_onder_18=adressen.tel(n, kind & adressen.bewoner & adressen.minderjarig) > 0,
        aow=_feit(aow, aanvrager) | _feit(aow, partner),
    )


def _echtgenoten(n: int, personen: pd.DataFrame, brp: Brp, adressen: _Adressen) -> tuple[Getallen, Vlaggen]:
    """Return per aanvraag the line of the resident spouse (-1 without) and whether one is married elsewhere.

    B23 rules 1 and 2: undissolved marriages and partnerships in the aanvrager's own record; of several with a
    resident the first in BRP order is the partner, and a partner without BSN is not a resident.
    """
    verbintenissen = brp.verbintenissen[~brp.verbintenissen["ontbonden"].to_numpy()]
    aanvraag, sleutel = adressen.van_aanvrager(personen, verbintenissen, "partner_bsn")
    bewoner = np.flatnonzero(adressen.bewoner & ~adressen.aanvrager & (personen["bsn"] > 0).to_numpy())
    _, eerste = np.unique(adressen.sleutel[bewoner], return_index=True)
    bewoner = bewoner[eerste]
    gevonden = pd.Index(adressen.sleutel[bewoner]).get_indexer(pd.Index(sleutel))

    thuis = np.flatnonzero(gevonden >= 0)[::-1]
    echtgenoot = np.full(n, -1)
    echtgenoot[aanvraag[thuis]] = bewoner[gevonden[thuis]]
    getrouwd = np.bincount(aanvraag, minlength=n) > 0
    return echtgenoot, getrouwd & (echtgenoot < 0)


def _kind_gemeen(
    n: int, personen: pd.DataFrame, brp: Brp, adressen: _Adressen, enige_ander: Getallen
) -> Vlaggen:
    """Return whether the aanvrager and the one other share a child, resident or not (B23 rule 3)."""
    regel = pd.Index(personen["persoon"]).get_indexer(pd.Index(brp.kinderen["persoon"]))
    is_ander = np.zeros(len(personen), dtype=bool)
    is_ander[enige_ander[enige_ander >= 0]] = True
    van_ander = (regel >= 0) & is_ander[regel] if len(personen) else np.zeros(len(regel), dtype=bool)
    aanvraag = adressen.aanvraag[regel[van_ander]]
    sleutel = aanvraag * _BSN_RUIMTE + brp.kinderen["bsn"].to_numpy()[van_ander]
    _, eigen = adressen.van_aanvrager(personen, brp.kinderen, "bsn")
    return np.bincount(aanvraag[np.isin(sleutel, eigen)], minlength=n) > 0


def _reden_zonder_afleiding(
    bsn: Getallen, brp: Brp, adressen: _Adressen, aanvrager: Getallen, bewoners: Getallen
) -> Getallen:
    """Return the position in ``REDENEN`` of the first of B22 a-e that holds, 0 when none does."""
    personen = brp.personen
    letter = brp.resultaten.set_index("vraag_bsn")["letter"].map(_VAN_LETTER).reindex(bsn)
    zoekresultaat = letter.fillna(0).to_numpy(np.int64)
    opgeschort = _feit(personen["opgeschort"].to_numpy(), aanvrager)
    woont = _feit((personen["functieadres"] == WOONADRES).to_numpy(), aanvrager)
    return np.select(
        [
            zoekresultaat > 0,
            (aanvrager < 0) | opgeschort,
            _feit(adressen.minderjarig, aanvrager),
            ~woont,
            bewoners > MEESTE_BEWONERS,
        ],
        [zoekresultaat, _GEEN_BRP, _TE_JONG, _GEEN_WOONADRES, _TE_GROOT],
        0,
    )


def _opgegeven(aanvragen: pd.DataFrame, normen: Toetsnormen) -> pd.DataFrame:
    """Take leefvorm and partner as the municipality supplied them (B25); only B22c still applies."""
    geboren = _als_tekst(aanvragen["geboortedatum"])
    partner_geboren = _als_tekst(aanvragen["partner_geboortedatum"])
    datums = Geboortedatums.lees(geboren)
    te_jong = datums.zeker_na(uiterste_begindatum(normen.deelnamedatum, VOLWASSEN))
    geen = np.zeros(len(aanvragen), dtype=np.int64)
    return _huishoudens(
        persoon_bekend=geen == 0,
        naam=aanvragen["naam"],
        geboortedatum=geboren,
        partner_bsn=aanvragen["partner_bsn"].to_numpy(),
        partner_naam=aanvragen["partner_naam"],
        partner_geboortedatum=partner_geboren,
        leefvorm=aanvragen["leefvorm"].to_numpy(),
        zekerheid=geen + _GEEN,
        leefvorm_regel=geen,
        huishouden=np.where(te_jong, _JA, _NIET_GETOETST),
        huishouden_reden=np.where(te_jong, _TE_JONG, 0),
        bewoners=geen,
        meerderjarigen=geen,
        telling=geen > 0,
        kind_onder_18=geen > 0,
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
            "partner_bsn": partner_bsn.astype(np.int64),
            "partner_naam": partner_naam.reset_index(drop=True),
            "partner_geboortedatum": partner_geboortedatum.reset_index(drop=True),
            "leefvorm": categorie(leefvorm, LEEFVORMEN),
            "zekerheid": categorie(zekerheid, ZEKERHEDEN),
            "leefvorm_regel": leefvorm_regel.astype(np.int64),
            "huishouden": categorie(huishouden, OORDELEN),
            "huishouden_reden": redenen,
            "bewoners": bewoners.astype(np.int64),
            "meerderjarigen": meerderjarigen.astype(np.int64),
            "telling": telling,
            "kind_onder_18": kind_onder_18,
            "aow": aow,
        }
    )


def _feit(feiten: Vlaggen, regel: Getallen) -> Vlaggen:
    """Return the fact of the person on each line; false for nobody (-1)."""
    iemand = regel >= 0
    uit = np.zeros(len(regel), dtype=bool)
    uit[iemand] = feiten[regel[iemand]]
    return uit


def _getal(kolom: pd.Series[int], regel: Getallen) -> Getallen:
    """Return the number of the person on each line; 0 for nobody."""
    uit = np.zeros(len(regel), dtype=np.int64)
    uit[regel >= 0] = kolom.to_numpy()[regel[regel >= 0]]
    return uit


def _tekst(kolom: pd.Series[str], regel: Getallen) -> pd.Series[str]:
    """Return the text of the person on each line; empty for nobody."""
    return pd.Series(kolom.array.take(regel, allow_fill=True, fill_value=""), dtype="str")


def _namen(personen: pd.DataFrame, regel: Getallen) -> pd.Series[str]:
    """Return voorvoegsel, one space and geslachtsnaam (B27)."""
    return (
        _tekst(personen["voorvoegsel"], regel) + " " + _tekst(personen["geslachtsnaam"], regel)
    ).str.strip()


def _als_tekst(datums: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    """Write whole dates as ``JJJJ-MM-DD``, empty where there is none."""
    teksten = np.datetime_as_string(datums.to_numpy("datetime64[D]"))
    return pd.Series(np.where(datums.isna(), "", teksten), dtype="str")
