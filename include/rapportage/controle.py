"""The last check before publication: do both reports tell the same, and do they tell everything?

Both files are read back from what was written, by other means than wrote them: the CSV by the csv module, the
XML by lxml. They are walked side by side, so memory stays bounded.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import BinaryIO, NoReturn

from lxml import etree

from include.fouten import ControleFout
from include.rapportage.detail_lezen import NS, aanvragen
from include.rapportage.overzicht import KOLOMMEN
from include.schemas.uitkomst import JA, NIET_GETOETST

TOETSEN = ("Belemmering", "Inkomen", "Vermogen", "Huishouden")
BEDRAGEN = ("Inkomensnorm", "Toetsbedrag", "Reden(bedrag)", "Reden(saldo)", "Reden(rente)")
_ALLEEN_BIJ_INKOMEN = ("Inkomensnorm", "Toetsbedrag", "Reden(bedrag)", "Reden (percentage)")
_ALLEEN_BIJ_VERMOGEN = ("Reden(saldo)", "Reden(rente)")
_ONBEKENDE_DATUM = "00000000"

Rij = Mapping[str, str]
"""A line of the overzicht by column name."""


@dataclass
class Totalen:
    """Control totals of one pair of reports, for the manifest: nothing in them points at a person."""

    rijen: int = 0
    oordelen: dict[str, Counter[str]] = field(default_factory=lambda: {toets: Counter() for toets in TOETSEN})
    """Per test the number of J, N and Niet getoetst."""
    bedragen: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(BEDRAGEN, 0)))
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

    ``aangenomen`` is the number of accepted rows of the vraagbestand. Everything in the overzicht but the
    GSD-code is also in the detail; the order of the aanvragers is compared too.

    Raises:
        ControleFout: a report is malformed, the reports differ, they are not in order (besluit B50), a figure
            shows that must be hidden (B46, B51), or the number of lines is not ``aangenomen``. Names row and
            column only.
    """
    totalen = Totalen()
    vorige = ("", "")
    for nummer, (rij, aanvraag) in enumerate(zip_longest(_overzicht(overzicht), aanvragen(detail)), start=1):
        if rij is None or aanvraag is None:
            _weiger(f"the {'overzicht' if rij is None else 'detailrapportage'} ends before row {nummer}")
        verschillen = [naam for naam, waarde in _uit_detail(aanvraag).items() if rij[naam] != waarde]
        if verschillen:
            _weiger(f"overzicht and detailrapportage differ in row {nummer}: {', '.join(verschillen)}")
        if onterecht := _onterecht(rij, aanvraag):
            _weiger(f"row {nummer} shows what the outcome hides: {', '.join(onterecht)}")
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
    algemeen = _velden(aanvraag)
    inkomen, vermogen, huishouden = (
        _velden(toets) for toets in aanvraag.iterchildren(f"{NS}Inkomen", f"{NS}Vermogen", f"{NS}Huishouden")
    )
    kentekens = (
        voertuig.findtext(f"{NS}Kenteken", "") for voertuig in aanvraag.iterchildren(f"{NS}Voertuig")
    )

    def een(velden: dict[str, list[str]], naam: str) -> str:
        return velden.get(naam, [""])[0]

    return {
        "BRP bevraagd": een(algemeen, "BRPBevraagd"),
        "Aanvrager BSN": een(algemeen, "BSN"),
        "Aanvrager Geboortedatum": _datum(een(algemeen, "Geboortedatum")),
        "Aanvrager Naam": _veilig(een(algemeen, "Geslachtsnaam")),
        "Partner BSN": een(algemeen, "BSNPartner"),
        "Partner Geboortedatum": _datum(een(algemeen, "GeboortedatumPartner")),
        "Partner Naam": _veilig(een(algemeen, "GeslachtsnaamPartner")),
        "Leefvorm": een(algemeen, "Leefvorm"),
        "Zekerheid leefvorm": een(algemeen, "BetrouwbaarheidLeefvorm"),
        "Uitkeringen": " / ".join(algemeen.get("Uitkering", ())),
        "Belemmering": een(algemeen, "BelemmeringEindoordeel"),
        "Inkomen": een(inkomen, "Belemmering"),
        "Inkomensnorm": een(inkomen, "Inkomensnorm"),
        "Toetspercentage": een(inkomen, "Toetspercentage"),
        "Toetsbedrag": een(inkomen, "Toetsbedrag"),
        "Reden(bedrag)": een(inkomen, "TotaalNettoInkomen"),
        "Reden (percentage)": een(inkomen, "PercentageVanNorm"),
        "Vermogen": een(vermogen, "Belemmering"),
        "Reden(saldo)": een(vermogen, "SaldoTotaal"),
        "Reden(rente)": een(vermogen, "RenteTotaal"),
        "Huishouden": een(huishouden, "Belemmering"),
        "Reden(en)": _veilig(" | ".join(huishouden.get("Reden", ()))),
        "Kenteken(s)": _veilig(", ".join(kentekens)),
    }


def _velden(element: etree._Element) -> dict[str, list[str]]:
    velden: dict[str, list[str]] = {}
    for kind in element:
        velden.setdefault(kind.tag.removeprefix(NS), []).append(kind.text or "")
    return velden


def _datum(iso: str) -> str:
    return iso.replace("-", "").ljust(8, "0") if iso else ""


def _veilig(tekst: str) -> str:
    return f"'{tekst}" if tekst.startswith(("=", "+", "-", "@", "\t", "\r")) else tekst


def _onterecht(rij: Rij, aanvraag: etree._Element) -> list[str]:
    """Return what shows although its test gave no belemmering, or was not done (besluiten B46, B51)."""
    te_veel: list[str] = []
    if rij["Inkomen"] != JA:
        te_veel += [kolom for kolom in _ALLEEN_BIJ_INKOMEN if rij[kolom]]
        te_veel += _aanwezig(aanvraag, "Inkomstenverhouding", "Heffingskorting")
    if rij["Inkomen"] == NIET_GETOETST and rij["Toetspercentage"]:
        te_veel.append("Toetspercentage")
    if rij["Vermogen"] != JA:
        te_veel += [kolom for kolom in _ALLEEN_BIJ_VERMOGEN if rij[kolom]]
        te_veel += _aanwezig(aanvraag, "Rekening")
    return te_veel


def _aanwezig(aanvraag: etree._Element, *namen: str) -> list[str]:
    return [naam for naam in namen if next(aanvraag.iter(f"{NS}{naam}"), None) is not None]


def _weiger(wat: str) -> NoReturn:
    raise ControleFout(f"{wat}; nothing was published.")
