"""The detail report of one aanvrager out of a detailrapportage of any size (manual 1 and 4.4).

An index is kept beside the published report: per aanvrager the BSN and where in the file the ``Aanvraag``
is. It is as confidential as the report itself, and is stored and removed with it. A look-up reads the index
and that one place, so the size of the report does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from lxml import etree

from include.errors import ControleFout
from include.rapportage.detail import NAMESPACE
from include.rapportage.detail_lezen import NS

_MERK = b"BIDN-index-1\n\0\0\0"
"""16 bytes: what it is and its version, keeping the numbers behind it aligned."""

_BLOK = 2**20

EUROS = " (euro)"
OPSCHRIFTEN = {
    "GSDCode": "GSD-code",
    "BRPBevraagd": "BRP bevraagd",
    "BSNPartner": "BSN partner",
    "GeslachtsnaamPartner": "Geslachtsnaam partner",
    "GeboortedatumPartner": "Geboortedatum partner",
    "BetrouwbaarheidLeefvorm": "Betrouwbaarheid leefvorm",
    "BelemmeringEindoordeel": "Belemmering (eindoordeel)",
    "AantalMeerderjarigeBewoners": "Aantal meerderjarige bewoners",
    "BSNTevensAangeleverd": "BSN tevens aangeleverd door",
    "TotaalNettoInkomen": "Totaal netto-inkomen" + EUROS,
    "Inkomensnorm": "Inkomensnorm" + EUROS,
    "Toetspercentage": "Toetspercentage (%)",
    "Toetsbedrag": "Toetsbedrag" + EUROS,
    "PercentageVanNorm": "Inkomen ten opzichte van de norm (%)",
    "WerkgeverUitkeringsinstantie": "Werkgever of uitkeringsinstantie",
    "BedragInkomsten": "Bedrag inkomsten" + EUROS,
    "SoortInkomstenverhouding": "Soort inkomstenverhouding (code)",
    "Meegeteld": "Meegeteld" + EUROS,
    "Kortingsbedrag": "Kortingsbedrag" + EUROS,
    "SaldoTotaal": "Saldo totaal" + EUROS,
    "RenteTotaal": "Rente totaal" + EUROS,
    "Saldo": "Saldo" + EUROS,
    "Rente": "Rente" + EUROS,
    "BanknaamProduct": "Banknaam product",
    "NaamRekeninghouder": "Naam rekeninghouder",
    "TeltMee": "Telt mee",
    "Gewicht": "Gewicht (kg)",
    "Brandstofsoort1": "Brandstofsoort 1",
    "Brandstofsoort2": "Brandstofsoort 2",
    "BijzondereCondities": "Bijzondere condities",
}
"""What a reader sees for an element whose name is not itself a word."""


def maak_index(bsns: np.ndarray, plaatsen: np.ndarray) -> bytes:
    """Return the index of a detailrapportage.

    ``bsns`` are the aanvragers in report order (int64, shape n); ``plaatsen`` is
    :attr:`include.rapportage.detail.Detailrapport.plaatsen` (int64, shape n + 1).
    """
    volgorde = np.argsort(bsns, kind="stable")
    tabel = np.stack([bsns[volgorde], plaatsen[:-1][volgorde], plaatsen[1:][volgorde]])
    return _MERK + tabel.astype("<i8").tobytes()


def zoek(index: bytes, detail: BinaryIO, bsn: int) -> etree._Element | None:
    """Return the ``Aanvraag`` of that aanvrager, or None when the report has none.

    ``detail`` is the report that ``index`` was made of, open at its start. Where it cannot seek (a decrypting
    stream) it is read up to the ``Aanvraag``, which is not slow either. A partner is not found.

    Raises:
        ControleFout: index and report do not belong together.
    """
    if index[: len(_MERK)] != _MERK:
        raise ControleFout(
            "the index of the detailrapportage is damaged; make it anew by reprocessing the ronde."
        )
    bsns, begin, eind = np.frombuffer(index, "<i8", offset=len(_MERK)).reshape(3, -1)
    plaats = int(np.searchsorted(bsns, bsn))
    if plaats == len(bsns) or bsns[plaats] != bsn:
        return None
    _ga_naar(detail, int(begin[plaats]))
    return _lees(detail.read(int(eind[plaats] - begin[plaats])), bsn)


def _ga_naar(detail: BinaryIO, plaats: int) -> None:
    if detail.seekable():
        detail.seek(plaats)
        return
    while plaats and (blok := detail.read(min(plaats, _BLOK))):
        plaats -= len(blok)


def _lees(stuk: bytes, bsn: int) -> etree._Element:
    lezer = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        omhulsel = etree.fromstring(b'<Rapport xmlns="%s">%s</Rapport>' % (NAMESPACE.encode(), stuk), lezer)
    except etree.XMLSyntaxError:
        omhulsel = None
    if omhulsel is None or omhulsel.findtext(f"{NS}Aanvraag/{NS}BSN") != f"{bsn:09d}":
        raise ControleFout(
            "the detailrapportage is not the one its index was made of; reprocess the ronde."
        ) from None
    return omhulsel[0]


@dataclass(frozen=True)
class Groep:
    """A part of an ``Aanvraag`` as a page shows it: facts by heading, and lists of records with the same headings."""

    kop: str
    feiten: tuple[tuple[str, str], ...]
    lijsten: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]], ...] = ()
    """Of each kind of record its name, its headings and its rows; what a record does not have is ``–``."""


def detail_groepen(aanvraag: etree._Element) -> list[Groep]:
    """Return an ``Aanvraag`` as groups to show: first the aanvraag itself, then Inkomen, Vermogen and so on.

    Records of one kind (inkomstenverhoudingen, rekeningen, voertuigen) come together in one table.
    """
    hoofd = [kind for kind in aanvraag if not len(kind)]
    los = [kind for kind in aanvraag if len(kind) and str(kind.tag) == f"{NS}Voertuig"]
    groepen = [Groep("Aanvraag", _feiten(hoofd))]
    for kind in aanvraag:
        if len(kind) and kind not in los:
            records = [deel for deel in kind if len(deel)]
            feiten = _feiten([deel for deel in kind if not len(deel)])
            groepen.append(Groep(_opschrift(kind), feiten, _lijsten(records)))
    if los:
        groepen.append(Groep("Voertuigen", (), _lijsten(los)))
    return groepen


def _feiten(kinderen: list[etree._Element]) -> tuple[tuple[str, str], ...]:
    """Facts by heading; of an element that occurs more than once the texts in one line."""
    per_kop: dict[str, list[str]] = {}
    for kind in kinderen:
        per_kop.setdefault(_opschrift(kind), []).append(_op_een_regel(kind.text))
    return tuple((kop, ", ".join(teksten)) for kop, teksten in per_kop.items())


def _lijsten(
    records: list[etree._Element],
) -> tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]], ...]:
    soorten: dict[str, list[etree._Element]] = {}
    for record in records:
        soorten.setdefault(_opschrift(record), []).append(record)
    lijsten = []
    for naam, delen in soorten.items():
        koppen = tuple(dict.fromkeys(_opschrift(veld) for deel in delen for veld in deel))
        rijen = tuple(
            tuple(
                {_opschrift(veld): _op_een_regel(veld.text) for veld in deel}.get(kop, "–") for kop in koppen
            )
            for deel in delen
        )
        lijsten.append((naam, koppen, rijen))
    return tuple(lijsten)


def detail_tekst(aanvraag: etree._Element) -> str:
    """Return an ``Aanvraag`` as Dutch text for a screen: a line per fact, a heading per group."""
    return "\n".join(_regels(aanvraag, ""))


def _regels(groep: etree._Element, marge: str) -> list[str]:
    feiten = [(_opschrift(kind), kind) for kind in groep]
    breedte = max((len(opschrift) for opschrift, kind in feiten if not len(kind)), default=0)
    regels: list[str] = []
    for opschrift, kind in feiten:
        if len(kind):
            kopregel = [f"{marge}{opschrift}"]
            regels += ([""] if not marge else []) + kopregel + _regels(kind, marge + "  ")
        else:
            regels.append(f"{marge}{opschrift:<{breedte}}  {_op_een_regel(kind.text)}")
    return regels


def _opschrift(element: etree._Element) -> str:
    naam = str(element.tag).removeprefix(NS)
    return OPSCHRIFTEN.get(naam, naam)


def _op_een_regel(tekst: str | None) -> str:
    """Return the text without what could steer a terminal."""
    return "".join(teken if teken.isprintable() else "\ufffd" for teken in tekst or "") or "–"
