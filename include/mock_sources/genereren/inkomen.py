"""Incomes (UWV) and bijstand: around the norm, because that is where the decisions are.

The amounts below are the norms of the second half of 2026 in euro cents, vakantietoeslag included. They only
set the size of what is drawn; another ronde gets the same amounts, which stay near its norm for some years.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from include.mock_sources.genereren import namen
from include.mock_sources.genereren.huishoudens import AOW_LEEFTIJD, GEHUWD, Huishouden
from include.mock_sources.genereren.personen import Persoon
from include.mock_sources.genereren.wereld import Wereld, jaren_terug
from include.normen.kalender import Maand

NORM = {(False, False): 141_946, (True, False): 202_779, (False, True): 158_734, (True, True): 217_610}
AOW_NETTO = {False: 145_000, True: 100_000}  # a month, alone and per partner
UITKERINGEN = (
    ("33", "UWV WW"),
    ("40", "UWV WGA"),
    ("39", "UWV IVA"),
    ("32", "UWV WAO"),
    ("37", "UWV Wajong"),
    ("31", "UWV Ziektewet"),
    ("24", "Sociale Verzekeringsbank ANW"),
)
PENSIOENCODES = ("56", "56", "56", "57", "59", "60", "63", "21")
ZVW_AANDEEL = 0.0526


@dataclass(slots=True)
class Inkomen:
    """What UWV and the bijstand register know of one household, by person."""

    verhoudingen: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    uitkeringen: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def voeg(self, wie: Persoon, verhouding: dict[str, Any] | None) -> None:
        """Add an inkomstenverhouding that has opgaven."""
        if verhouding and verhouding["inkomstenopgaven"]:
            self.verhoudingen.setdefault(wie.bsn, []).append(verhouding)


def opgave(
    van: dt.date, tot: dt.date, netto: int, aandeel: float, zvw: float = 0, auto: int = 0
) -> dict[str, Any]:
    """An opgave of exactly that net (besluit B29); ``aandeel`` and ``zvw`` of the gross are withheld."""
    bruto = round(netto / (1 - aandeel - zvw)) + auto
    bijdrage = round((bruto - auto) * zvw)
    return {
        "datumAanvang": van.isoformat(),
        "datumEinde": tot.isoformat(),
        "lnLbPh": bruto,
        "wrdPrGebrAut": auto,
        "ingLbPh": bruto - auto - bijdrage - netto,
        "bijdrZvw": bijdrage,
    }


def _verhouding(w: Wereld, naam: str, code: str, opgaven: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "naamAdministratieveEenheid": naam,
        "loonheffingennummer": f"{w.tussen(1_000_000, 9_999_999):09d}L{w.tussen(1, 3):02d}",
        "codeSoortInkomstenverhouding": code,
        "inkomstenopgaven": opgaven,
    }


def _in_dienst(w: Wereld) -> tuple[dt.date, dt.date]:
    """Mostly the whole period; one in eight started, one in twelve stopped somewhere in it."""
    van, tot = w.maanden[0].eerste_dag, w.maanden[-1].laatste_dag
    if w.kans(0.12):
        van = w.kies(w.maanden).eerste_dag
    elif w.kans(0.08):
        tot = w.kies(w.maanden).laatste_dag
    return van, tot


def loon(w: Wereld, netto: int, *, strak: bool = False) -> dict[str, Any]:
    """A job of that net amount a month, vakantiegeld in May; ``strak``: every month alike."""
    aandeel = 0.08 + w.dobbel.random() * 0.18
    auto = 30_000 if not strak and w.kans(0.02) else 0
    van, tot = (dt.date.min, dt.date.max) if strak else _in_dienst(w)
    naam, code = w.kies(namen.WERKGEVERS), w.kies(("15", "15", "15", "15", "11", "13", "17"))
    if not strak and w.kans(0.12):
        netto = round(netto * 12 / 13)
        opgaven = [opgave(a, z, netto, aandeel, 0, auto) for a, z in w.vierweken if van <= a and z <= tot]
        return _verhouding(w, naam, code, opgaven)
    eindejaar = not strak and w.kans(0.3)
    opgaven = []
    for maand in w.maanden:
        if not van <= maand.eerste_dag <= tot:
            continue
        bedrag, ingehouden = netto, aandeel
        if not strak and maand.maand == 5:
            bedrag, ingehouden = round(netto * 1.7), 0.30
        elif eindejaar and maand.maand == 12:
            bedrag, ingehouden = round(netto * 1.5), 0.30
        opgaven.append(opgave(maand.eerste_dag, maand.laatste_dag, bedrag, ingehouden, 0, auto))
    if not strak and opgaven and w.kans(0.01):
        maand = w.kies(w.maanden)  # a correction: something paid before is taken back
        opgaven.append(opgave(maand.eerste_dag, maand.laatste_dag, -w.tussen(2_000, 40_000), 0.2))
    return _verhouding(w, naam, code, opgaven)


def uitkering(w: Wereld, netto: int, code: str, naam: str, van: dt.date, tot: dt.date) -> dict[str, Any]:
    """A benefit of that net amount in every month that begins within [van, tot]."""
    aandeel = 0.16 + w.dobbel.random() * 0.08
    opgaven = [
        opgave(maand.eerste_dag, maand.laatste_dag, netto, aandeel)
        for maand in w.maanden
        if van <= maand.eerste_dag <= tot
    ]
    return _verhouding(w, naam, code, opgaven)


def pensioen(w: Wereld, netto: int, per_kwartaal: bool) -> dict[str, Any]:
    """A pension of that net amount a month, paid each month or at the end of each quarter."""
    aandeel = 0.02 + w.dobbel.random() * 0.16
    opgaven = []
    for maand in w.maanden:
        if per_kwartaal and maand.maand % 3:
            continue
        van = maand.plus(-2) if per_kwartaal else maand
        bedrag = 3 * netto if per_kwartaal else netto
        opgaven.append(opgave(van.eerste_dag, maand.laatste_dag, bedrag, aandeel, ZVW_AANDEEL))
    return _verhouding(w, w.kies(namen.PENSIOENFONDSEN), w.kies(PENSIOENCODES), opgaven)


def _is_aow(w: Wereld, wie: Persoon) -> bool:
    return wie.geboren <= jaren_terug(w.deelnamedatum, AOW_LEEFTIJD)


def _doel(w: Wereld, norm: int) -> tuple[int, bool]:
    """The net income of a household, and whether it must be met to the cent: at a norm or toetsbedrag."""
    if w.kans(0.05):
        grens = norm * w.kies((100, 110, 120, 120, 120, 130))
        return -(-grens // 100) + w.kies((-1, 0, 0, 1)), True
    return round(norm * min(3.0, max(0.3, w.dobbel.lognormvariate(0.1, 0.28)))), False


def trek(w: Wereld, huis: Huishouden, gemeente: str) -> Inkomen:
    """Draw the income of aanvrager and (true) partner: bijstand, AOW, an uitkering, work, or nothing."""
    inkomen = Inkomen()
    leden = [huis.aanvrager, *([huis.partner] if huis.partner else [])]
    aow = [_is_aow(w, lid) for lid in leden]
    norm = NORM[huis.leefvorm == GEHUWD, any(aow)]
    doel, strak = _doel(w, norm)
    lot = w.dobbel.random()
    if lot < 0.16:
        _bijstand(w, inkomen, leden, any(aow), norm, gemeente)
    elif any(aow):
        _oude_dag(w, inkomen, leden, aow, doel)
    elif lot < 0.20:
        pass  # no income that UWV knows of
    elif lot < 0.26 and huis.partner:
        code, naam = w.kies(UITKERINGEN[1:5])  # alleenverdiener: one uitkering, a partner without income
        netto = round(norm * (0.92 + w.dobbel.random() * 0.35))
        inkomen.voeg(w.kies(leden), uitkering(w, netto, code, naam, dt.date.min, dt.date.max))
    elif strak:
        inkomen.voeg(leden[0], loon(w, doel, strak=True))
    else:
        _werk_of_uitkering(w, inkomen, leden, doel)
    return inkomen


def _werk_of_uitkering(w: Wereld, inkomen: Inkomen, leden: list[Persoon], doel: int) -> None:
    delen = [1.0]
    if len(leden) == 2 and w.kans(0.6):
        deel = 0.4 + w.dobbel.random() * 0.4
        delen = [deel, 1 - deel]
    for lid, deel in zip(leden, delen, strict=False):
        netto = round(doel * deel)
        if w.kans(0.25):
            code, naam = w.kies(UITKERINGEN)
            toeslag = w.kans(0.2)
            inkomen.voeg(lid, uitkering(w, netto - 20_000 * toeslag, code, naam, *_in_dienst(w)))
            if toeslag:
                inkomen.voeg(lid, uitkering(w, 20_000, "46", "UWV Toeslagenwet", *_in_dienst(w)))
        elif w.kans(0.08):
            inkomen.voeg(lid, loon(w, netto * 2 // 3))
            inkomen.voeg(lid, loon(w, netto - netto * 2 // 3))
        else:
            inkomen.voeg(lid, loon(w, netto))
        if w.kans(0.03):
            inkomen.voeg(lid, pensioen(w, w.tussen(5_000, 40_000), w.kans(0.4)))
    if w.kans(0.004):
        inkomen.voeg(leden[0], uitkering(w, 5_000, "99", "Onbekende instantie", *_in_dienst(w)))


def _oude_dag(w: Wereld, inkomen: Inkomen, leden: list[Persoon], aow: list[bool], doel: int) -> None:
    rest = doel
    for lid, oud in zip(leden, aow, strict=True):
        if oud:
            netto = round(AOW_NETTO[len(leden) == 2] * w.kies((1, 1, 1, 1, 0.9, 0.5)))
            inkomen.voeg(
                lid, uitkering(w, netto, "22", "Sociale Verzekeringsbank AOW", dt.date.min, dt.date.max)
            )
            rest -= netto
    for lid, oud in zip(leden, aow, strict=True):
        if oud and rest > 2_000:
            aantal = w.kies((1, 1, 2))
            deel = rest // aantal // len(leden)
            for _ in range(aantal):
                inkomen.voeg(lid, pensioen(w, max(1_000, deel), w.kans(0.3)))
        elif not oud and w.kans(0.5):
            inkomen.voeg(lid, loon(w, max(10_000, rest)))


def _bijstand(w: Wereld, inkomen: Inkomen, leden: list[Persoon], aow: bool, norm: int, gemeente: str) -> None:
    jong = w.deelnamedatum.year - leden[0].geboren.year < 60
    regeling = "AIO" if aow else "PW" if jong else w.kies(("PW", "PW", "IOAW", "IOAZ"))
    begin, einde = _looptijd(w)
    regel = {
        "regeling": regeling,
        "datumAanvang": begin.isoformat(),
        "datumEinde": einde and einde.isoformat(),
    }
    rechthebbenden = leden if w.kans(0.8) else [w.kies(leden)]
    for lid in rechthebbenden:
        inkomen.uitkeringen[lid.bsn] = [regel]
        if w.kans(0.1):  # an earlier spell, long over
            eerder = {"regeling": "PW", "datumAanvang": "2012-03-01", "datumEinde": "2014-08-31"}
            inkomen.uitkeringen[lid.bsn] = [eerder, regel]
    code = {"PW": "43", "IOAW": "34", "IOAZ": "45"}.get(regeling)
    netto = norm - w.tussen(0, 30_000)
    if code:
        tot = einde or dt.date.max
        inkomen.voeg(leden[0], uitkering(w, netto, code, f"Gemeente {gemeente}", begin, tot))
    else:
        inkomen.voeg(
            leden[0], uitkering(w, netto, "22", "Sociale Verzekeringsbank", dt.date.min, dt.date.max)
        )
    if einde and einde < w.deelnamedatum and not aow:
        opnieuw = Maand(einde.year, einde.month).plus(1).eerste_dag
        code, naam = "15", w.kies(namen.WERKGEVERS)
        inkomen.voeg(leden[0], uitkering(w, round(norm * 1.15), code, naam, opnieuw, dt.date.max))


def _looptijd(w: Wereld) -> tuple[dt.date, dt.date | None]:
    """Running, ended before, on or after the deelnamedatum, or not begun before it (besluiten B28, B45)."""
    begin = w.dagen_terug(60, 4_000)
    lot = w.dobbel.random()
    if lot < 0.76:
        return begin, None
    if lot < 0.86:
        return begin, max(begin, w.dagen_terug(1, 400))
    if lot < 0.89:
        return begin, w.deelnamedatum
    if lot < 0.94:
        return begin, w.dagen_terug(-36, -1)
    if lot < 0.96:
        return w.deelnamedatum, None
    return w.dagen_terug(-60, -1), None
