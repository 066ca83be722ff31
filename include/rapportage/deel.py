"""The outcome as both reports show it: what is hidden is hidden here, and rounding happens here.

The overzicht and the detail only lay these cells out, so that they cannot tell different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.normen.gemeenten import gemeentenaam
from include.rapportage import kolommen as k
from include.rapportage.kolommen import Kolom, Lijst, Stuk
from include.rapportage.kop import Kop
from include.rapportage.uitkeringen import te_tonen
from include.schemas.uitkomst import JA, NIET_GETOETST, Uitkomst

AANVRAGEN_PER_DEEL = 10_000
"""How many aanvragen are rendered at a time: bounds memory, changes no byte."""


@dataclass(frozen=True)
class Cellen:
    """One text per aanvraag and column; empty where the report shows nothing (besluiten B46, B47)."""

    gsd_code: Kolom
    gemeente: Kolom
    """Name of the gemeente of ``gsd_code``."""
    brp_bevraagd: Kolom
    bsn: Kolom
    naam: Kolom
    geboortedatum: Kolom
    """``JJJJ-MM-DD``, or as incomplete as it is known."""
    persoon_bekend: np.ndarray
    partner_bsn: Kolom
    partner_naam: Kolom
    partner_geboortedatum: Kolom
    heeft_partner: np.ndarray
    """Somebody is in the partner columns, if only by name: the BRP may know no BSN."""
    leefvorm: Kolom
    zekerheid: Kolom
    belemmering: Kolom
    meerderjarigen: Kolom
    """Adult residents, wherever the BRP was asked (besluit B24)."""
    inkomen: Kolom
    norm: Kolom
    toetspercentage: Kolom
    toetsbedrag: Kolom
    totaal: Kolom
    percentage_van_norm: Kolom
    vermogen: Kolom
    saldo: Kolom
    rente: Kolom
    huishouden: Kolom


def cellen(uitkomsten: pd.DataFrame) -> Cellen:
    """Return what shows of lines of ``Uitkomsten``."""
    u = uitkomsten
    norm, percentage, totaal = (u[naam].to_numpy() for naam in ("norm", "percentage", "totaal"))
    inkomen_ja = (u["inkomen"] == JA).to_numpy()
    getoetst = (u["inkomen"] != NIET_GETOETST).to_numpy()
    vermogen_ja = (u["vermogen"] == JA).to_numpy() & (u["rekeningen"] > 0).to_numpy()
    brp = u["brp_bevraagd"].to_numpy()
    partner_bsn = u["partner_bsn"].to_numpy()
    return Cellen(
        gsd_code=k.tekst(u["gsd_code"]),
        gemeente=k.tekst(u["gsd_code"].map({code: gemeentenaam(code) for code in u["gsd_code"].unique()})),
        brp_bevraagd=k.kies(brp, "J", "N"),
        bsn=k.bsn(u["bsn"].to_numpy()),
        naam=k.tekst(u["naam"]),
        geboortedatum=k.tekst(u["geboortedatum"]),
        persoon_bekend=u["persoon_bekend"].to_numpy(),
        partner_bsn=k.bsn(partner_bsn),
        partner_naam=k.tekst(u["partner_naam"]),
        partner_geboortedatum=k.tekst(u["partner_geboortedatum"]),
        heeft_partner=(partner_bsn > 0)
        | (u[["partner_naam", "partner_geboortedatum"]] != "").any(axis=1).to_numpy(),
        leefvorm=k.tekst(u["leefvorm"]),
        zekerheid=k.tekst(u["zekerheid"]),
        belemmering=k.tekst(u["belemmering"]),
        meerderjarigen=k.alleen(brp, k.getal(u["meerderjarigen"].to_numpy())),
        inkomen=k.tekst(u["inkomen"]),
        norm=k.alleen(inkomen_ja, k.euros(norm)),
        toetspercentage=k.alleen(getoetst, k.getal(percentage)),
        toetsbedrag=k.alleen(inkomen_ja, k.getal(k.afgerond(norm * percentage, 100 * 100))),
        totaal=k.alleen(inkomen_ja, k.euros(totaal)),
        percentage_van_norm=k.alleen(inkomen_ja, k.getal(k.afgerond(totaal * 100, np.maximum(norm, 1)))),
        vermogen=k.tekst(u["vermogen"]),
        saldo=k.alleen(vermogen_ja, k.euros(u["saldo"].to_numpy())),
        rente=k.alleen(vermogen_ja, k.euros(u["rente"].to_numpy())),
        huishouden=k.tekst(u["huishouden"]),
    )


@dataclass(frozen=True)
class Deel:
    """A run of consecutive aanvragen with everything a report shows of them."""

    begin: int
    eind: int
    """The aanvragen ``begin`` up to ``eind`` of the report."""
    cellen: Cellen
    uitkeringen: Stuk
    redenen: Stuk
    inkomsten: Stuk
    kortingen: Stuk
    rekeningen: Stuk
    voertuigen: Stuk


def delen(uitkomsten: Iterable[Uitkomst], kop: Kop, omvang: int = AANVRAGEN_PER_DEEL) -> Iterator[Deel]:
    """Yield outcomes that follow each other in report order in runs of at most ``omvang`` aanvragen."""
    voorgaand = 0
    for uitkomst in uitkomsten:
        yield from _delen(uitkomst, kop, omvang, voorgaand)
        voorgaand += len(uitkomst.uitkomsten)


def _delen(uitkomst: Uitkomst, kop: Kop, omvang: int, voorgaand: int) -> Iterator[Deel]:
    lijsten = [
        Lijst(te_tonen(uitkomst.uitkeringsvormen, kop.grens)),
        Lijst(uitkomst.redenen),
        Lijst(uitkomst.inkomensdetails),
        Lijst(uitkomst.kortingsdetails),
        Lijst(uitkomst.rekeningdetails),
        Lijst(uitkomst.voertuigdetails),
    ]
    aantal = len(uitkomst.uitkomsten)
    for begin in range(0, aantal, omvang):
        eind = min(begin + omvang, aantal)
        stukken = (lijst.stuk(begin, eind) for lijst in lijsten)
        getoond = cellen(uitkomst.uitkomsten.iloc[begin:eind])
        yield Deel(voorgaand + begin, voorgaand + eind, getoond, *stukken)
