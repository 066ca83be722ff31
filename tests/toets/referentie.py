"""The toets once more, household by household and line by line, straight from besluiten B4-B49.

Slow and plain on purpose: no frames, no numpy, and nothing shared with the code under test – dates are compared
by writing out every day they can stand for, and norms, AOW ages and brands stand here a second time. The random
populations are held against it, and the benchmark measures against it.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.toets.bouw import (
    Korting,
    Opgave,
    Persoon,
    Populatie,
    Rekening,
    Verhouding,
    Voertuig,
    Vraag,
)

JA, NEE, NIET = "J", "N", "Niet getoetst"
GEHUWD, OUDER, ALLEEN, ONBEKEND = "Gehuwd/samenwonend", "Alleenstaande ouder", "Alleenstaand", "Onbekend"

# From, up to and including, alleenstaand, gehuwd, alleenstaand AOW, gehuwd AOW, and the two vermogensgrenzen.
NORMEN = [
    ("2024-01-01", "2024-06-30", 128_383, 183_404, 142_576, 193_232, 757_500, 1_515_000),
    ("2025-07-01", "2025-12-31", 136_906, 195_580, 153_021, 209_498, 777_000, 1_554_000),
    ("2026-01-01", "2026-06-30", 140_150, 200_213, 156_469, 214_416, 800_000, 1_600_000),
    ("2026-07-01", "2026-12-31", 141_946, 202_779, 158_734, 217_610, 800_000, 1_600_000),
]
# Born up to and including: years, months.
AOW = [("1955-08-31", 66, 4), ("1956-05-31", 66, 7), ("1957-02-28", 66, 10), ("1960-12-31", 67, 0)]
AOW_LAATSTE = (67, 3)

PENSIOEN = {"21", "23", "56", "57", "58", "59", "60", "63"}
VORM_VAN_SOORT = {
    "24": "ANW", "37": "Wajong", "38": "Wajong", "46": "TW", "22": "AOW", "31": "ZW", "32": "WAO", "39": "IVA",
    "40": "WGA",
}  # fmt: skip
VORMEN = ["PW", "IOAW", "IOAZ", "AIO", "ANW", "Wajong", "TW", "AOW", "ZW", "WAO", "IVA", "WGA"]
KORTINGEN = {
    "AHK": "algemene heffingskorting",
    "AHKP": "algemene heffingskorting (minstverdienende) partner",
    "AK": "arbeidskorting",
    "IACK": "inkomensafhankelijke combinatiekorting",
    "OK": "ouderenkorting",
    "AOK": "alleenstaande-ouderenkorting",
    "JGK": "jonggehandicaptenkorting",
}
MERKEN = [
    "Aston Martin", "Audi", "Bentley", "BMW", "Bugatti", "Cadillac", "Corvette", "Donkervoort", "Ferrari",
    "Hummer", "Jaguar", "Lamborghini", "Land Rover", "Lexus", "Lotus", "Maserati", "Maybach", "Mercedes-Benz",
    "Pagani", "Porsche", "Range Rover", "Rolls Royce", "Spyker",
]  # fmt: skip
ALIASSEN = ["BMW I", "MERCEDES-AMG", "MERCEDES-MAYBACH"]
GEEN_MOTORVOERTUIG = {
    "bromfiets", "snorfiets", "scootmobiel", "gehandicaptenvoertuig", "aanhangwagen", "oplegger",
    "middenasaanhangwagen", "autonome aanhangwagen", "land- of bosb aanhw of getr uitr stuk",
}  # fmt: skip
ADRES = "Adressituatie kan niet worden vastgesteld: "
ZOEKRESULTAAT = {
    "G": "Geen gegevens gevonden",
    "P": "Te veel zoekresultaten",
    "T": "Zoekproces afgebroken",
    "Z": "Geen PL-en die aan de verstrekkingscondities voldoen",
}


@dataclass
class Verwacht:
    """What one aanvraag must come to; amounts in euro cents, lists in the order of the report."""

    bsn: int
    leefvorm: str = ONBEKEND
    zekerheid: str = "Geen"
    regel: int = 0
    naam: str = ""
    geboortedatum: str = ""
    partner: tuple[int, str, str] = (0, "", "")
    huishouden: str = NEE
    bewoners: int = 0
    meerderjarigen: int = 0
    bijstand: bool = False
    inkomen: str = NIET
    totaal: int = 0
    norm: int = 0
    percentage: int = 0
    vermogen: str = NIET
    grens: int = 0
    saldo: int = 0
    rente: int = 0
    rekeningen: int = 0
    belemmering: str = NEE
    redenen: list[str] = field(default_factory=list)
    uitkeringen: list[tuple[str, str]] = field(default_factory=list)
    """Vorm and last day, empty when open."""
    inkomsten: list[tuple[int, str, int, int]] = field(default_factory=list)
    """BSN, soort, bedrag and what it adds to the total, sorted."""
    kortingen: list[tuple[int, str, int]] = field(default_factory=list)
    bank: list[tuple[int, int, int, bool]] = field(default_factory=list)
    """BSN, saldo, rente and whether it counts, sorted."""
    voertuigen: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Kader:
    """The month of the ronde and the settings, as plain values."""

    jaar: int
    maand: int
    vermogen: bool = True
    voertuigen: bool = True
    percentage: int = 120

    @property
    def deelnamedatum(self) -> date:
        return date(self.jaar, self.maand, 26)

    def terug(self, maanden: int) -> tuple[int, int]:
        """Year and month so many months before the rapportagemaand, which follows the ronde (B3)."""
        jaar, maand = self.jaar, self.maand + 1 - maanden
        while maand < 1:
            jaar, maand = jaar - 1, maand + 12
        while maand > 12:
            jaar, maand = jaar + 1, maand - 12
        return jaar, maand

    @property
    def peilmaand(self) -> tuple[int, int]:
        """B4."""
        twee = self.terug(2)
        return self.terug(3) if twee[1] in (5, 12) else twee

    @property
    def pensioenmaanden(self) -> list[tuple[int, int]]:
        """B5."""
        return [self.terug(2), self.terug(3), self.terug(4)]

    @property
    def norm(self) -> tuple[int, ...]:
        """B9."""
        dag = self.deelnamedatum.isoformat()
        return next(bedragen for van, tot, *bedragen in NORMEN if van <= dag <= tot)


def na(begin: date, jaren: int, maanden: int = 0) -> date:
    """The day so much later; a day that the month lacks becomes its last (B31)."""
    maand = begin.month + maanden
    jaar = begin.year + jaren + (maand - 1) // 12
    maand = (maand - 1) % 12 + 1
    return date(jaar, maand, min(begin.day, calendar.monthrange(jaar, maand)[1]))


def invullingen(geboren: str) -> list[date]:
    """Every day that a birth date can stand for; of a wholly unknown one a day long ago and one still to come."""
    delen = [int(deel) for deel in geboren.split("-") if deel]
    if not delen:
        return [date(1900, 1, 1), date(2100, 1, 1)]
    maanden = [delen[1]] if len(delen) > 1 else range(1, 13)
    return [
        date(delen[0], maand, dag)
        for maand in maanden
        for dag in ([delen[2]] if len(delen) > 2 else range(1, calendar.monthrange(delen[0], maand)[1] + 1))
    ]


def volwassen(geboren: str, kader: Kader) -> bool | None:
    """Whether somebody is 18; None when it cannot be decided."""
    oordelen = {na(dag, 18) <= kader.deelnamedatum for dag in invullingen(geboren)}
    return oordelen.pop() if len(oordelen) == 1 else None


def heeft_aow(geboren: str, kader: Kader) -> bool:
    """Whether somebody has reached the AOW age whatever the completion of their birth date (B31)."""

    def bereikt(dag: date) -> bool:
        leeftijd = next(((j, m) for tot, j, m in AOW if dag.isoformat() <= tot), AOW_LAATSTE)
        return na(dag, *leeftijd) <= kader.deelnamedatum

    return all(bereikt(dag) for dag in invullingen(geboren))


def loopt(aanvang: str, einde: str, kader: Kader) -> bool:
    """Whether a period holds on the deelnamedatum: begun on or before it, not ended before it."""
    dag = kader.deelnamedatum.isoformat()
    return aanvang <= dag and (not einde or einde >= dag)


# Household


def leid_leefvorm_af(vraag: Vraag, uit: Verwacht, kader: Kader) -> tuple[str, Persoon | None]:
    """Fill in the household of an aanvraag for which the BRP was asked; return the reason of B22 and the partner."""
    personen = op_het_adres(vraag)
    ik = next((p for p in personen if p.bsn == vraag.bsn), None)
    bewoners = [p for p in personen if p.functieadres == "W" and not p.opgeschort]
    meerderjarigen = [p for p in bewoners if volwassen(p.geboren, kader) is True]
    uit.bewoners, uit.meerderjarigen = len(bewoners), len(meerderjarigen)
    if ik:
        uit.naam, uit.geboortedatum = _naam(ik), ik.geboren

    reden = _reden_zonder_leefvorm(vraag, ik, len(bewoners), kader)
    if ik is None or ik.opgeschort:
        return reden, None  # B24: with B22 a and b there is nobody to live with
    telling = f"{len(bewoners)} bewoners, waarvan {len(meerderjarigen)} meerderjarig"
    if reden:
        uit.redenen += [telling] * any(p is not ik for p in meerderjarigen)
        return reden, None

    uit.regel, uit.leefvorm, uit.zekerheid, partner = _leefvorm(ik, bewoners, meerderjarigen)
    twijfel = ik.in_onderzoek or len(ik.geboren) < 10
    twijfel = twijfel or any(volwassen(p.geboren, kader) is None for p in bewoners)
    if twijfel and uit.zekerheid == "Hoog":
        uit.zekerheid = "Middel"
    if uit.zekerheid != "Hoog":
        partner = None
    if partner:
        uit.partner = (partner.bsn, _naam(partner), partner.geboren)
    uit.redenen += [telling] * any(p is not ik and p is not partner for p in meerderjarigen)
    if uit.zekerheid != "Hoog":
        return "De gezinssituatie van de aanvrager is niet met zekerheid vast te stellen.", None
    return "", partner


def op_het_adres(vraag: Vraag) -> list[Persoon]:
    """Return who the BRP lists, a BSN that comes again left out (Household)."""
    personen: list[Persoon] = []
    for persoon in vraag.personen:
        if persoon.bsn == 0 or persoon.bsn not in [eerder.bsn for eerder in personen]:
            personen.append(persoon)
    return personen


def _reden_zonder_leefvorm(vraag: Vraag, ik: Persoon | None, bewoners: int, kader: Kader) -> str:
    """B22 a-e."""
    if vraag.letter != "A":
        return ADRES + ZOEKRESULTAAT[vraag.letter]
    if ik is None or ik.opgeschort:
        return "Geen gegevens BRP"
    if volwassen(ik.geboren, kader) is False:
        return "Aanvrager jonger dan 18 jaar"
    if ik.functieadres != "W":
        return "Aanvrager voert geen woonadres"
    if bewoners > 30:
        return ADRES + "Resultaat te groot, te veel personen op 1 adres"
    return ""


def _leefvorm(
    ik: Persoon, bewoners: list[Persoon], meerderjarigen: list[Persoon]
) -> tuple[int, str, str, Persoon | None]:
    """B23: rule, leefvorm, zekerheid and partner."""
    for echtgenoot in ik.gehuwd_met:
        for bewoner in bewoners:
            if echtgenoot not in (0, ik.bsn) and bewoner.bsn == echtgenoot:
                return 1, GEHUWD, "Hoog", bewoner
    if ik.gehuwd_met:
        return 2, ONBEKEND, "Laag", None
    anderen = [
        p for p in meerderjarigen if p is not ik and p.bsn not in ik.ouders and p.bsn not in ik.kinderen
    ]
    if len(anderen) == 1:
        if set(anderen[0].kinderen) & set(ik.kinderen):
            return 3, GEHUWD, "Hoog", anderen[0]
        return 4, GEHUWD, "Middel", None
    if len(anderen) > 1:
        return 5, ONBEKEND, "Laag", None
    if any(p.bsn in ik.kinderen for p in bewoners):
        return 6, OUDER, "Hoog", None
    return 7, ALLEEN, "Hoog", None


def _naam(persoon: Persoon) -> str:
    if persoon.geslachtsnaam == ".":
        return ""
    return f"{persoon.voorvoegsel} {persoon.geslachtsnaam}" if persoon.voorvoegsel else persoon.geslachtsnaam


# Income


def netto(opgave: Opgave) -> int:
    """B29."""
    return opgave.loon - opgave.auto - opgave.loonheffing - opgave.zvw


def geteld(verhouding: Verhouding, alle: Iterable[Verhouding], kader: Kader) -> list[Opgave]:
    """Return the opgaven of an inkomstenverhouding that count, among all there are (B30)."""
    maanden = kader.pensioenmaanden if verhouding.soort in PENSIOEN else [kader.peilmaand]
    zelfde_betaler = [ander for ander in alle if _zelfde_betaler(ander, verhouding)]
    gekozen: list[Opgave] = []
    for opgave in verhouding.opgaven:
        later = [
            ander
            for betaald in zelfde_betaler
            for ander in betaald.opgaven
            if ander.einde > opgave.einde and _maand(ander) == _maand(opgave) and _vierwekelijks(ander)
        ]
        if _maand(opgave) in maanden and not (later and _vierwekelijks(opgave)):
            gekozen.append(opgave)
    return gekozen


def _zelfde_betaler(een: Verhouding, ander: Verhouding) -> bool:
    if not een.nummer or not ander.nummer:
        return een is ander
    return (een.bsn, een.nummer, een.soort in PENSIOEN) == (ander.bsn, ander.nummer, ander.soort in PENSIOEN)


def _maand(opgave: Opgave) -> tuple[int, int]:
    return int(opgave.einde[:4]), int(opgave.einde[5:7])


def _vierwekelijks(opgave: Opgave) -> bool:
    dagen = [date.fromisoformat(opgave.begin)]
    while dagen[-1].isoformat() < opgave.einde:
        dagen.append(dagen[-1] + timedelta(days=1))
    return len(dagen) == 28


def maandinkomen(verhouding: Verhouding, alle: Iterable[Verhouding], kader: Kader) -> int:
    """Return what an inkomstenverhouding adds to the total (B30)."""
    som = sum(netto(opgave) for opgave in geteld(verhouding, alle, kader))
    if verhouding.soort not in PENSIOEN:
        return som
    derde, half = Fraction(som, 3), Fraction(1, 2)
    omlaag = derde.numerator // derde.denominator
    return omlaag + 1 if derde - omlaag >= half else omlaag


def toets_inkomen(
    uit: Verwacht, geboortedata: list[str], verhoudingen: list[Verhouding], kader: Kader
) -> None:
    """B31-B33."""
    alleenstaand, gehuwd, alleenstaand_aow, gehuwd_aow, _, _ = kader.norm
    aow = any(heeft_aow(geboren, kader) for geboren in geboortedata)
    if uit.leefvorm == GEHUWD:
        uit.norm = gehuwd_aow if aow else gehuwd
    else:
        uit.norm = alleenstaand_aow if aow else alleenstaand
    uit.totaal = sum(maandinkomen(verhouding, verhoudingen, kader) for verhouding in verhoudingen)
    uit.inkomen = JA if _te_veel(uit) or uit.totaal <= 0 else NEE


def _te_veel(uit: Verwacht) -> bool:
    return uit.norm > 0 and uit.totaal >= uit.norm * Fraction(uit.percentage, 100)


# Assets and vehicles


def toets_vermogen(
    uit: Verwacht, leden: list[int], populatie: Populatie, kind_thuis: bool, kader: Kader
) -> None:
    """B37-B40."""
    *_, enkel, dubbel = kader.norm
    uit.grens = dubbel if uit.leefvorm == GEHUWD or (uit.leefvorm == OUDER and kind_thuis) else enkel
    gezien: set[str] = set()
    for bsn in leden:
        rekeningen = _rekeningen(bsn, populatie)
        for rekening in rekeningen:
            if rekening.rekeningnummer not in gezien:
                gezien.add(rekening.rekeningnummer)
                uit.saldo += rekening.saldo
                uit.rente += rekening.rente
    uit.rekeningen = len(gezien)
    mislukt = [bsn for bsn in leden if bsn in populatie.mislukt]
    te_veel = uit.saldo >= uit.grens or uit.rente > Fraction(uit.grens, 100)
    uit.vermogen = JA if te_veel or mislukt else NEE
    uit.redenen += [f"BSN-verificatie voor {bsn:09d} mislukt" for bsn in mislukt]
    if any(bsn not in populatie.mislukt and not _rekeningen(bsn, populatie) for bsn in leden):
        uit.redenen.append("Geen gegevens bekend bij Belastingdienst")


def _rekeningen(bsn: int, populatie: Populatie) -> list[Rekening]:
    return [] if bsn in populatie.mislukt else [r for r in populatie.rekeningen if r.bsn == bsn]


def getoond(leden: list[int], voertuigen: Iterable[Voertuig], kader: Kader) -> list[tuple[int, str]]:
    """Return BSN and kenteken of the vehicles to show (B41-B43, B49)."""
    van_ons: list[Voertuig] = []
    for bsn in leden:
        for voertuig in voertuigen:
            if (
                voertuig.bsn == bsn
                and loopt(voertuig.aansprakelijk_vanaf, voertuig.aansprakelijk_tot_en_met, kader)
                and voertuig.voertuigsoort.lower() not in GEEN_MOTORVOERTUIG
                and _plaat(voertuig) not in {_plaat(ander) for ander in van_ons}
            ):
                van_ons.append(voertuig)
    if len(van_ons) == 1 and not _opvallend(van_ons[0], kader):
        return []
    return sorted(((v.bsn, v.kenteken) for v in van_ons), key=lambda paar: (leden.index(paar[0]), paar[1]))


def _plaat(voertuig: Voertuig) -> str:
    return "".join(teken for teken in voertuig.kenteken.upper() if teken.isalnum())


def _opvallend(voertuig: Voertuig, kader: Kader) -> bool:
    if na(date.fromisoformat(voertuig.eerste_toelating), 9) > kader.deelnamedatum:
        return True
    if _kaal(voertuig.merk) in {_kaal(merk) for merk in (*MERKEN, *ALIASSEN)}:
        return True
    naam = _zonder_accent(voertuig.handelsbenaming)
    return any(re.match(r"[\s-]*" + r"[\s-]*".join(_kaal(merk)) + r"(?![a-z0-9])", naam) for merk in MERKEN)


def _zonder_accent(tekst: str) -> str:
    return "".join(t for t in unicodedata.normalize("NFD", tekst.lower()) if unicodedata.category(t) != "Mn")


def _kaal(tekst: str) -> str:
    return _zonder_accent(tekst).replace(" ", "").replace("-", "")


# The whole


def verwacht(vraag: Vraag, populatie: Populatie, kader: Kader) -> Verwacht:
    """Return what one row of the vraagbestand must come to."""
    uit = Verwacht(vraag.bsn)
    uit.percentage = kader.percentage if vraag.percentage is None else vraag.percentage
    if vraag.brp:
        reden, partner = leid_leefvorm_af(vraag, uit, kader)
        geboortedata = [uit.geboortedatum, *([partner.geboren] if partner else [])]
        personen = op_het_adres(vraag)
        ik = next((p for p in personen if p.bsn == vraag.bsn), None)
        kind_thuis = ik is not None and any(
            p.bsn in ik.kinderen
            and p.functieadres == "W"
            and not p.opgeschort
            and volwassen(p.geboren, kader) is False
            for p in personen
        )
    else:
        uit.leefvorm = {1: GEHUWD, 2: OUDER, 3: ALLEEN}[vraag.leefvorm]
        uit.naam, uit.geboortedatum, uit.huishouden = "de Vries", vraag.geboren, NIET
        if vraag.partner:
            uit.partner = (vraag.partner, "Bakker", vraag.partner_geboren)
        reden = "Aanvrager jonger dan 18 jaar" if volwassen(vraag.geboren, kader) is False else ""
        geboortedata = [vraag.geboren, *([vraag.partner_geboren] if vraag.partner else [])]
        kind_thuis = True  # B37: with a supplied leefvorm 2 the limit for married couples holds
    telling, uit.redenen = uit.redenen, [reden] if reden else []

    if reden:
        uit.huishouden = uit.belemmering = JA
    else:
        leden = [vraag.bsn, *([uit.partner[0]] if uit.partner[0] else [])]
        _toets(uit, leden, geboortedata, kind_thuis, populatie, kader)
    uit.redenen += telling
    return uit


def _toets(
    uit: Verwacht,
    leden: list[int],
    geboortedata: list[str],
    kind_thuis: bool,
    populatie: Populatie,
    kader: Kader,
) -> None:
    lopend = [
        u for bsn in leden for u in populatie.uitkeringen if u.bsn == bsn and loopt(u.aanvang, u.einde, kader)
    ]
    uit.bijstand = bool(lopend)
    verhoudingen = [v for bsn in leden for v in populatie.verhoudingen if v.bsn == bsn]
    if not lopend:
        toets_inkomen(uit, geboortedata, verhoudingen, kader)
    if kader.vermogen:
        toets_vermogen(uit, leden, populatie, kind_thuis, kader)
    if kader.voertuigen:
        uit.voertuigen = getoond(leden, populatie.voertuigen, kader)
    uit.belemmering = JA if JA in (uit.inkomen, uit.vermogen) else NEE

    vormen = {(u.regeling, u.einde) for u in lopend}
    if uit.inkomen == JA:
        opgaven = [(v, geteld(v, verhoudingen, kader)) for v in verhoudingen]
        opgaven = [(v, meegeteld) for v, meegeteld in opgaven if meegeteld]
        if _te_veel(uit):  # B45: not when there is nothing at all
            vormen |= {(VORM_VAN_SOORT[v.soort], "") for v, _ in opgaven if v.soort in VORM_VAN_SOORT}
        uit.inkomsten = sorted(
            (v.bsn, v.soort, sum(o.loon for o in meegeteld), maandinkomen(v, verhoudingen, kader))
            for v, meegeteld in opgaven
        )
        uit.kortingen = sorted(_kortingen(leden, populatie.kortingen))
    uit.uitkeringen = sorted(vormen, key=lambda vorm: (VORMEN.index(vorm[0]), vorm[1]))
    if uit.vermogen == JA:
        uit.bank = sorted(_bank(leden, populatie))


def _kortingen(leden: list[int], kortingen: Iterable[Korting]) -> Iterator[tuple[int, str, int]]:
    for korting in kortingen:
        if korting.bsn in leden:
            yield korting.bsn, KORTINGEN.get(korting.code, f"onbekend ({korting.code})"), korting.bedrag


def _bank(leden: list[int], populatie: Populatie) -> Iterator[tuple[int, int, int, bool]]:
    van_de_ander: set[str] = set()
    for bsn in leden:
        gezien: set[str] = set()
        for rekening in _rekeningen(bsn, populatie):
            if rekening.rekeningnummer not in gezien:
                gezien.add(rekening.rekeningnummer)
                yield bsn, rekening.saldo, rekening.rente, rekening.rekeningnummer not in van_de_ander
        van_de_ander |= gezien


def verwachtingen(populatie: Populatie, kader: Kader) -> list[Verwacht]:
    """Return what every row of a population must come to, in its order."""
    return [verwacht(vraag, populatie, kader) for vraag in populatie.vragen]
