"""The same reports made the plain way, one aanvraag at a time: by lxml's element tree and by the csv module.

What the project writes must equal this byte for byte (test_naslag.py), so nothing of its rendering is used.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from include.rapportage.kop import Kop
from tests.rapportage.hulp import Aanvraag

XMLNS = "urn:bidn:bijzondere-bijstand:detailrapportage:1"
KOLOMMEN = [
    *("GSD-code", "BRP bevraagd", "Aanvrager BSN", "Aanvrager Geboortedatum", "Aanvrager Naam"),
    *(
        "Partner BSN",
        "Partner Geboortedatum",
        "Partner Naam",
        "Leefvorm",
        "Zekerheid leefvorm",
        "Uitkeringen",
    ),
    *("Belemmering", "Inkomen", "Inkomensnorm", "Toetspercentage", "Toetsbedrag", "Reden(bedrag)"),
    *(
        "Reden (percentage)",
        "Vermogen",
        "Reden(saldo)",
        "Reden(rente)",
        "Huishouden",
        "Reden(en)",
        "Kenteken(s)",
    ),
]


def detail_met_lxml(kop: Kop, *aanvragen: Aanvraag) -> bytes:
    wortel = etree.Element(f"{{{XMLNS}}}DetailrapportageBijzondereBijstand", nsmap={None: XMLNS})
    wortel.text = "\n"
    hoofd = _onder(wortel, "Kop")
    for naam, waarde in (
        ("AanleverendeOrganisatie", kop.aanleverende_organisatie),
        ("Bestandsnaam", kop.bestandsnaam),
        ("Aanleverdatum", kop.aanleverdatum),
        ("Deelnamedatum", kop.ronde.deelnamedatum),
        ("Rapportagedatum", kop.rapportagedatum),
        ("Berichtversie", "1.1"),
        ("Ronde", kop.ronde.naam),
        ("Peilmaand", kop.ronde.peilmaand),
        ("Belastingjaar", kop.ronde.belastingjaar),
        ("Normvariant", kop.normvariant),
    ):
        _onder(hoofd, naam, waarde)
    hoofd.tail = "\n"
    for aanvraag in aanvragen:
        _aanvraag(wortel, aanvraag, kop).tail = "\n"
    return etree.tostring(wortel, encoding="utf-8")


def overzicht_met_csv(kop: Kop, *aanvragen: Aanvraag) -> bytes:
    uit = io.StringIO()
    schrijver = csv.writer(uit, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
    schrijver.writerow(KOLOMMEN)
    for aanvraag in aanvragen:
        schrijver.writerow(_rij(aanvraag, kop))
    return b"\xef\xbb\xbf" + uit.getvalue().encode()


def _onder(ouder: etree._Element, naam: str, waarde: object = None) -> etree._Element:
    element = etree.SubElement(ouder, f"{{{XMLNS}}}{naam}")
    if waarde is not None:
        element.text = _leesbaar(str(waarde))
    return element


def _aanvraag(wortel: etree._Element, a: Aanvraag, kop: Kop) -> etree._Element:
    element = _onder(wortel, "Aanvraag")

    def toon(naam: str, waarde: object) -> None:
        _onder(element, naam, waarde)

    toon("GSDCode", a.gsd_code)
    toon("BRPBevraagd", "J" if a.brp_bevraagd else "N")
    toon("BSN", f"{a.bsn:09d}")
    toon("Geslachtsnaam", a.naam)
    toon("Geboortedatum", a.geboortedatum)
    if _heeft_partner(a):
        if a.partner_bsn:
            toon("BSNPartner", f"{a.partner_bsn:09d}")
        toon("GeslachtsnaamPartner", a.partner_naam)
        toon("GeboortedatumPartner", a.partner_geboortedatum)
    toon("Leefvorm", a.leefvorm)
    toon("BetrouwbaarheidLeefvorm", a.zekerheid)
    for vorm in _vormen(a, kop):
        toon("Uitkering", vorm)
    toon("BelemmeringEindoordeel", a.belemmering)
    if a.brp_bevraagd:
        toon("AantalMeerderjarigeBewoners", a.meerderjarigen)
    toon("Organisatie", {"0014": "Groningen", "0034": "Almere"}[a.gsd_code])
    for gemeente in sorted(a.tevens, key=lambda naam: (naam.casefold(), naam)):
        toon("BSNTevensAangeleverd", gemeente)
    _inkomen(element, a)
    _vermogen(element, a)
    _voertuigen(element, a)
    huishouden = _onder(element, "Huishouden")
    _onder(huishouden, "Belemmering", a.huishouden)
    for reden in a.redenen:
        _onder(huishouden, "Reden", reden)
    return element


def _inkomen(ouder: etree._Element, a: Aanvraag) -> None:
    element = _onder(ouder, "Inkomen")
    _onder(element, "Belemmering", a.inkomen)
    if a.inkomen == "J":
        _onder(element, "TotaalNettoInkomen", _rond(a.totaal, 100))
        _onder(element, "Inkomensnorm", _rond(a.norm, 100))
    if a.inkomen != "Niet getoetst":
        _onder(element, "Toetspercentage", a.percentage)
    if a.inkomen == "J":
        _onder(element, "Toetsbedrag", _rond(a.norm * a.percentage, 10_000))
        _onder(element, "PercentageVanNorm", _rond(a.totaal * 100, a.norm))
    for inkomst in a.inkomsten:
        verhouding = _onder(element, "Inkomstenverhouding")
        _onder(verhouding, "BSN", f"{inkomst.bsn:09d}")
        _onder(verhouding, "WerkgeverUitkeringsinstantie", inkomst.werkgever)
        _onder(verhouding, "BedragInkomsten", _rond(inkomst.bedrag, 100))
        _onder(verhouding, "SoortInkomstenverhouding", inkomst.soort)
        _onder(verhouding, "Meegeteld", _rond(inkomst.meegeteld, 100))
    for korting in a.kortingen:
        heffingskorting = _onder(element, "Heffingskorting")
        _onder(heffingskorting, "BSN", f"{korting.bsn:09d}")
        _onder(heffingskorting, "Omschrijving", korting.omschrijving)
        _onder(heffingskorting, "Kortingsbedrag", _rond(korting.bedrag, 100))


def _vermogen(ouder: etree._Element, a: Aanvraag) -> None:
    element = _onder(ouder, "Vermogen")
    _onder(element, "Belemmering", a.vermogen)
    if a.vermogen == "J" and a.rekeningen:
        _onder(element, "SaldoTotaal", _rond(a.saldo, 100))
        _onder(element, "RenteTotaal", _rond(a.rente, 100))
    for rekening in a.bank:
        deel = _onder(element, "Rekening")
        _onder(deel, "BSN", f"{rekening.bsn:09d}")
        _onder(deel, "Saldo", _rond(rekening.saldo, 100))
        _onder(deel, "Rente", _rond(rekening.rente, 100))
        _onder(deel, "Banknaam", rekening.bank)
        _onder(deel, "BanknaamProduct", rekening.product)
        _onder(deel, "NaamRekeninghouder", rekening.tenaamstelling)
        _onder(deel, "TeltMee", "J" if rekening.telt else "N")


def _voertuigen(ouder: etree._Element, a: Aanvraag) -> None:
    for voertuig in a.voertuigen:
        deel = _onder(ouder, "Voertuig")
        _onder(deel, "BSN", f"{voertuig.bsn:09d}")
        _onder(deel, "Kenteken", voertuig.kenteken)
        _onder(deel, "Soort", voertuig.voertuigsoort)
        _onder(deel, "Merk", voertuig.merk)
        _onder(deel, "Type", voertuig.handelsbenaming)
        _onder(deel, "Gewicht", voertuig.massa)
        if voertuig.brandstofsoort_1:
            _onder(deel, "Brandstofsoort1", voertuig.brandstofsoort_1)
        if voertuig.brandstofsoort_2:
            _onder(deel, "Brandstofsoort2", voertuig.brandstofsoort_2)
        _onder(deel, "Inrichting", voertuig.inrichting)
        if voertuig.bijzonderheden:
            _onder(deel, "BijzondereCondities", voertuig.bijzonderheden)
        _onder(deel, "Status", voertuig.status)


def _rij(a: Aanvraag, kop: Kop) -> list[object]:
    bedragen = a.inkomen == "J"
    vermogen = a.vermogen == "J" and a.rekeningen > 0
    return [
        a.gsd_code,
        "J" if a.brp_bevraagd else "N",
        f"{a.bsn:09d}",
        _datum(a.geboortedatum) if a.persoon_bekend else "",
        _cel(a.naam),
        f"{a.partner_bsn:09d}" if a.partner_bsn else "",
        _datum(a.partner_geboortedatum) if _heeft_partner(a) else "",
        _cel(a.partner_naam),
        a.leefvorm,
        a.zekerheid,
        " / ".join(_vormen(a, kop)),
        a.belemmering,
        a.inkomen,
        _rond(a.norm, 100) if bedragen else "",
        "" if a.inkomen == "Niet getoetst" else a.percentage,
        _rond(a.norm * a.percentage, 10_000) if bedragen else "",
        _rond(a.totaal, 100) if bedragen else "",
        _rond(a.totaal * 100, a.norm) if bedragen else "",
        a.vermogen,
        _rond(a.saldo, 100) if vermogen else "",
        _rond(a.rente, 100) if vermogen else "",
        a.huishouden,
        _cel(" | ".join(a.redenen)),
        _cel(", ".join(voertuig.kenteken for voertuig in a.voertuigen)),
    ]


def _heeft_partner(a: Aanvraag) -> bool:
    return bool(a.partner_bsn or a.partner_naam or a.partner_geboortedatum)


def _vormen(a: Aanvraag, kop: Kop) -> list[str]:
    grens = kop.ronde.rapportagegrens(kop.rapportagedatum)
    return list(dict.fromkeys(vorm for vorm, einde in a.uitkeringen if einde is None or einde >= grens))


def _rond(teller: int, noemer: int) -> int:
    return int((Decimal(teller) / Decimal(noemer)).quantize(Decimal(1), ROUND_HALF_UP))


def _datum(iso: str) -> str:
    return (iso.replace("-", "") + "00000000")[:8]


def _cel(tekst: str) -> str:
    tekst = _leesbaar(tekst)
    return "'" + tekst if tekst and tekst[0] in "=+-@＝＋－＠\t\r" else tekst


def _leesbaar(tekst: str) -> str:
    return re.sub(
        "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]",
        "\ufffd",
        tekst,
    )
