"""The last check before publication: do both reports tell the same, and do they tell everything?

Both files are read back from what was written, by other means than wrote them: the CSV by the csv module, the
XML by lxml. They are walked side by side, so memory stays bounded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import BinaryIO, NoReturn

from lxml import etree

from include.errors import ControleFout
from include.rapportage.detail_lezen import NS, aanvragen
from include.rapportage.overzicht import KOLOMMEN
from include.schemas.uitkomst import JA, NIET_GETOETST, OORDELEN

TOETSEN = ("Belemmering", "Inkomen", "Vermogen", "Huishouden")
BEDRAGEN = ("Inkomensnorm", "Toetsbedrag", "Reden(bedrag)", "Reden(saldo)", "Reden(rente)")
_ALLEEN_BIJ_INKOMEN = ("Inkomensnorm", "Toetsbedrag", "Reden(bedrag)", "Reden (percentage)")
_ALLEEN_BIJ_VERMOGEN = ("Reden(saldo)", "Reden(rente)")
_ONBEKENDE_DATUM = "00000000"
_AANVRAAG, _INKOMEN, _VERMOGEN, _HUISHOUDEN = range(4)
_PLAATSEN = [
    (kolom, groep, f"{NS}{element}")
    for kolom, groep, element in (
        ("GSD-code", _AANVRAAG, "GSDCode"),
        ("BRP bevraagd", _AANVRAAG, "BRPBevraagd"),
        ("Aanvrager BSN", _AANVRAAG, "BSN"),
        ("Aanvrager Geboortedatum", _AANVRAAG, "Geboortedatum"),
        ("Aanvrager Naam", _AANVRAAG, "Geslachtsnaam"),
        ("Partner BSN", _AANVRAAG, "BSNPartner"),
        ("Partner Geboortedatum", _AANVRAAG, "GeboortedatumPartner"),
        ("Partner Naam", _AANVRAAG, "GeslachtsnaamPartner"),
        ("Leefvorm", _AANVRAAG, "Leefvorm"),
        ("Zekerheid leefvorm", _AANVRAAG, "BetrouwbaarheidLeefvorm"),
        ("Belemmering", _AANVRAAG, "BelemmeringEindoordeel"),
        ("Inkomen", _INKOMEN, "Belemmering"),
        ("Inkomensnorm", _INKOMEN, "Inkomensnorm"),
        ("Toetspercentage", _INKOMEN, "Toetspercentage"),
        ("Toetsbedrag", _INKOMEN, "Toetsbedrag"),
        ("Reden(bedrag)", _INKOMEN, "TotaalNettoInkomen"),
        ("Reden (percentage)", _INKOMEN, "PercentageVanNorm"),
        ("Vermogen", _VERMOGEN, "Belemmering"),
        ("Reden(saldo)", _VERMOGEN, "SaldoTotaal"),
        ("Reden(rente)", _VERMOGEN, "RenteTotaal"),
        ("Huishouden", _HUISHOUDEN, "Belemmering"),
    )
]
"""Where each column of the overzicht stands in an ``Aanvraag``; the three that are lists come apart."""
_OPTELLINGEN = (
    ("Reden(bedrag)", f"{NS}Inkomen/{NS}Inkomstenverhouding", f"{NS}Meegeteld"),
    ("Reden(saldo)", f"{NS}Vermogen/{NS}Rekening[{NS}TeltMee='J']", f"{NS}Saldo"),
    ("Reden(rente)", f"{NS}Vermogen/{NS}Rekening[{NS}TeltMee='J']", f"{NS}Rente"),
)
"""Which field of which details adds up to which column of the overzicht (besluit B49a)."""

Rij = Mapping[str, str]
"""A line of the overzicht by column name."""


@dataclass
class Totalen:
    """Control totals of one pair of reports, for the manifest: nothing in them points at a person."""

    rijen: int = 0
    oordelen: dict[str, dict[str, int]] = field(
        default_factory=lambda: {toets: dict.fromkeys(OORDELEN, 0) for toets in TOETSEN}
    )
    """Per test the number of J, N and Niet getoetst."""
    bedragen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BEDRAGEN, 0))
    """Per column of amounts the sum in whole euros, as reported."""

    def tel(self, rij: Rij) -> None:
        """Add one line."""
        self.rijen += 1
        for toets, telling in self.oordelen.items():
            telling[rij[toets]] += 1
        for kolom in BEDRAGEN:
            self.bedragen[kolom] += int(rij[kolom] or 0)


def controleer(overzicht: BinaryIO, detail: BinaryIO, aangenomen: int) -> Totalen:
    """Compare both reports cell by cell and return their totals; the XML is validated on the way.

    ``aangenomen`` is the number of accepted rows of the vraagbestand. Everything in the overzicht is also in the
    detail; the order of the aanvragers is compared too.

    Raises:
        ControleFout: a report is malformed, the reports differ, they are not in order (besluit B50), a figure
            shows that must be hidden (B46, B51), details do not add up to the total above them (B49a), or the number
            of lines is not ``aangenomen``. Names row and column only.
    """
    totalen = Totalen()
    vorige = ("", "")
    for nummer, (rij, aanvraag) in enumerate(zip_longest(_overzicht(overzicht), aanvragen(detail)), start=1):
        if rij is None or aanvraag is None:
            _weiger(f"the {'overzicht' if rij is None else 'detailrapportage'} ends before row {nummer}")
        verwacht = _uit_detail(aanvraag)
        if rij != verwacht:
            verschillen = (kolom for kolom in KOLOMMEN if rij[kolom] != verwacht[kolom])
            _weiger(f"overzicht and detailrapportage differ in row {nummer}: {', '.join(verschillen)}")
        if rij["Inkomen"] != JA or rij["Vermogen"] != JA:
            _eis_verborgen(rij, aanvraag, nummer)
        for kolom, details, veld in _OPTELLINGEN:
            if rij[kolom] and not _telt_op(int(rij[kolom]), list(aanvraag.iterfind(details)), veld):
                _weiger(f"the details in row {nummer} do not add up to {kolom}")
        if (plaats := (rij["GSD-code"], rij["Aanvrager BSN"])) <= vorige:
            _weiger(f"row {nummer} is not in order of GSD-code and BSN")
        vorige = plaats
        totalen.tel(rij)
    if totalen.rijen != aangenomen:
        _weiger(f"{aangenomen} rows were accepted, but {totalen.rijen} are reported")
    return totalen


def _overzicht(bestand: BinaryIO) -> Iterator[dict[str, str]]:
    lezer = io.TextIOWrapper(bestand, encoding="utf-8-sig", newline="")
    try:
        regels = csv.reader(lezer, delimiter=";", strict=True)
        if tuple(next(regels, ())) != KOLOMMEN:
            _weiger("the header row of the overzicht is not the agreed one")
        for nummer, cellen in enumerate(regels, start=1):
            if len(cellen) != len(KOLOMMEN):
                _weiger(f"row {nummer} of the overzicht has {len(cellen)} cells")
            rij = dict(zip(KOLOMMEN, cellen, strict=True))
            for kolom in ("Aanvrager Geboortedatum", "Partner Geboortedatum"):
                rij[kolom] = rij[kolom].replace(_ONBEKENDE_DATUM, "")
            yield rij
    except (csv.Error, UnicodeDecodeError) as fout:
        raise ControleFout(
            f"the overzicht cannot be read back ({type(fout).__name__}); nothing was published."
        ) from None
    finally:
        lezer.detach()


def _uit_detail(aanvraag: etree._Element) -> dict[str, str]:
    """Return what the overzicht should say of an ``Aanvraag``."""
    groepen = [aanvraag, *aanvraag.iterchildren(f"{NS}Inkomen", f"{NS}Vermogen", f"{NS}Huishouden")]
    velden = [{kind.tag: kind.text or "" for kind in groep} for groep in groepen]
    rij = {kolom: velden[groep].get(tag, "") for kolom, groep, tag in _PLAATSEN}
    for persoon in ("Aanvrager", "Partner"):
        rij[f"{persoon} Geboortedatum"] = _datum(rij[f"{persoon} Geboortedatum"])
        rij[f"{persoon} Naam"] = _veilig(rij[f"{persoon} Naam"])
    voertuigen = aanvraag.iterchildren(f"{NS}Voertuig")
    rij["Uitkeringen"] = " / ".join(
        uitkering.text or "" for uitkering in aanvraag.iterchildren(f"{NS}Uitkering")
    )
    rij["Reden(en)"] = _veilig(
        " | ".join(reden.text or "" for reden in groepen[3].iterchildren(f"{NS}Reden"))
    )
    rij["Kenteken(s)"] = _veilig(", ".join(auto.findtext(f"{NS}Kenteken", "") for auto in voertuigen))
    return rij


def _datum(iso: str) -> str:
    return iso.replace("-", "").ljust(8, "0") if iso else ""


def _veilig(tekst: str) -> str:
    return f"'{tekst}" if tekst.startswith(tuple("=+-@＝＋－＠\t\r")) else tekst


def _eis_verborgen(rij: Rij, aanvraag: etree._Element, nummer: int) -> None:
    """Refuse what shows although its test gave no belemmering, or was not done (besluiten B46, B51)."""
    inkomen, vermogen = rij["Inkomen"] == JA, rij["Vermogen"] == JA
    te_veel = [
        *(kolom for kolom in _ALLEEN_BIJ_INKOMEN if rij[kolom] and not inkomen),
        *(kolom for kolom in _ALLEEN_BIJ_VERMOGEN if rij[kolom] and not vermogen),
        *(kolom for kolom in ("Toetspercentage",) if rij[kolom] and rij["Inkomen"] == NIET_GETOETST),
    ]
    details = [] if inkomen else [f"{NS}Inkomstenverhouding", f"{NS}Heffingskorting"]
    details += [] if vermogen else [f"{NS}Rekening"]
    te_veel += [detail.tag.removeprefix(NS) for detail in aanvraag.iter(*details)]
    if te_veel:
        _weiger(f"row {nummer} shows what the outcome hides: {', '.join(te_veel)}")


def _telt_op(totaal: int, details: list[etree._Element], veld: str) -> bool:
    """Return whether the details add up: each amount, and the total, was rounded by at most half a euro (B47)."""
    som = sum(int(detail.findtext(veld, "0")) for detail in details)
    return 2 * abs(som - totaal) <= len(details) + 1


def _weiger(wat: str) -> NoReturn:
    raise ControleFout(f"{wat}; nothing was published.")
