"""Vraagbestanden that match the population (besluiten B10-B20), and one with errors of every kind."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from include.mock_sources.genereren.huishoudens import GEHUWD, Huishouden
from include.mock_sources.genereren.personen import Persoon
from include.mock_sources.genereren.wereld import Wereld

Rij = list[str]


@dataclass(frozen=True, slots=True)
class Schrijfwijze:
    """How one organisation's system exports."""

    scheiding: str
    codering: str
    regeleinde: str


# In turn: what besluit B10 accepts.
SCHRIJFWIJZEN = (
    Schrijfwijze(";", "utf-8", "\n"),
    Schrijfwijze(";", "cp1252", "\r\n"),
    Schrijfwijze(",", "utf-8-sig", "\r\n"),
    Schrijfwijze("\t", "utf-8", "\n"),
)


def rij(w: Wereld, huis: Huishouden, gemeentecode: str, codering: str) -> Rij:
    """The row of one household: seven in ten leave the leefvorm to the BRP."""
    gsd = gemeentecode if w.kans(0.8) else gemeentecode.lstrip("0").rjust(2, "0")
    percentage = w.kies(("100", "110", "120", "130", "150")) if w.kans(0.2) else ""
    wie, partner = huis.aanvrager, huis.partner
    begin = [gsd, "", percentage, wie.bsn]
    schrijfbaar = all(_schrijfbaar(lid.naam, codering) for lid in (wie, partner) if lid)
    if w.kans(0.7) or not schrijfbaar:
        begin[1] = "J" if w.kans(0.9) else "j"
        return [*begin, "", "", "", "", "", ""]
    begin[1] = "N" if w.kans(0.9) else "n"
    partnerdeel = ["", "", ""]
    if huis.leefvorm == GEHUWD and partner:
        partnerdeel = [partner.bsn, _naam(w, partner), f"{partner.geboren:%Y%m%d}"]
    return [*begin, _naam(w, wie), f"{wie.geboren:%Y%m%d}", huis.leefvorm, *partnerdeel]


def _naam(w: Wereld, wie: Persoon) -> str:
    return wie.naam if w.kans(0.5) else wie.geslachtsnaam


def _schrijfbaar(naam: str, codering: str) -> bool:
    try:
        naam.encode(codering)
    except UnicodeEncodeError:
        return False
    return True


def gedeeld(bron: Rij, gemeentecode: str) -> Rij:
    """The same aanvrager as another organisation delivers it: under its own GSD-code, left to the BRP."""
    return [gemeentecode, "J", "", bron[3], "", "", "", "", "", ""]


def met_fouten(w: Wereld, rijen: list[Rij], gemeentecode: str) -> list[Rij]:
    """Rows that are to be rejected, each for the reason it stands under; ``rijen`` are the good ones."""

    def bsn() -> str:
        return w.nummers.bsn()

    goed, ander = rijen[0], rijen[1]
    j = [gemeentecode, "J", "", "", "", "", "", "", "", ""]
    n = [gemeentecode, "N", "", "", "Bakker", "19800317", "3", "", "", ""]

    def met(basis: Rij, **cellen: str) -> Rij:
        nieuw = list(basis)
        nieuw[3] = bsn()
        for kolom, waarde in cellen.items():
            nieuw["ABCDEFGHIJ".index(kolom)] = waarde
        return nieuw

    fout_bsn = _geen_elfproef(bsn())
    morgen = f"{w.rapportagemaand.laatste_dag:%Y%m%d}"
    return [
        met(j, A="9998"),  # B12: no such gemeente
        met(j, A="0017"),  # B12: Haren, ended in 2019
        met(j, A="0363"),  # B12: Amsterdam, not served by this organisation
        met(j, A="7"),
        met(j, A=""),
        met(j, B="X"),  # B13
        met(j, B=""),
        met(j, C="110,0"),  # B14
        met(j, C="110%"),
        met(j, C="99"),
        met(j, C="151"),
        met(j, D=fout_bsn),  # B15
        met(j, D="9999123"),
        met(j, D="000000000"),
        met(j, D="9,99E+08"),  # B14a
        met(j, D=""),
        met(j, E="Bakker"),  # B16
        met(j, F="19800317", G="3"),
        met(n, E=""),  # B17
        met(n, F=""),
        met(n, G=""),
        met(n, G="4"),
        met(n, G="1"),
        met(n, G="1", H=bsn(), I="Smit"),
        met(n, G="3", H=bsn(), I="Smit", J="19810102"),
        met(n, E="Bakk3r"),  # B18
        met(n, E="-"),
        met(n, E="Lang" * 26),
        met(n, F="20260230"),  # B19
        met(n, F="18991231"),
        met(n, F=morgen),
        met(n, F="17-03-1980"),  # B14a
        met(n, G="1", D=(dezelfde := bsn()), H=dezelfde, I="Smit", J="19810102"),  # B15: partner is aanvrager
        list(goed),  # B20: the same aanvrager again
        [*ander[:2], "150", *ander[3:]],
        met(j)[:3],  # B10: a wrong number of cells
        [*met(j), "extra"],
        met(n, A="9998", C="1200", E="R2D2", F="29297", G="9"),  # B21: several at once
    ]


def _geen_elfproef(bsn: str) -> str:
    return bsn[:8] + str((int(bsn[8]) + 1) % 10)


KOPREGEL = [
    "GSD code",
    "BRP bevragen",
    "Normpercentage",
    "Aanvrager BSN",
    "Aanvrager geslachtsnaam",
    "Aanvrager geboortedatum",
    "Leefvorm",
    "Partner BSN",
    "Partner geslachtsnaam",
    "Partner geboortedatum",
]


def als_bytes(rijen: list[Rij], schrijfwijze: Schrijfwijze) -> bytes:
    """The file as it is delivered."""
    uit = io.StringIO()
    csv.writer(uit, delimiter=schrijfwijze.scheiding, lineterminator=schrijfwijze.regeleinde).writerows(rijen)
    return uit.getvalue().encode(schrijfwijze.codering)
