"""Alleenverdieners: a SIMULATION of the selection, and the leveringen that carry it.

The Belastingdienst selects; what it does exactly is not public and not imitated here (besluit A1). This
draws households that plausibly could be on the list, so that the list has a realistic size and spread. The
calculation, in euro cents a year at the level of 2026:

1. A couple with one income, an uitkering, and no running bijstand.
2. *bruto* = 12 months with 8 % vakantietoeslag; *netto* = bruto - 35.75 % of it + one algemene
   heffingskorting: the partner without income no longer gets theirs paid out.
3. A couple on bijstand of the same net amount (the norm) has two heffingskortingen in it, so its bruto is
   lower. That bruto is the *drempel* up to which toeslagen are full; above it they shrink by 30 cents a euro.
4. *Bestaansminimum* = norm + full toeslagen. Who stays below it with netto + remaining toeslagen is selected,
   unless the net income itself is below 90 % of the norm: that is somebody for bijstand, not for this list.

Besides good leveringen it writes, when asked, broken ones: one for each way in which besluit A2 rejects
rows or a whole levering. ``gebroken.json`` says which is which.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from include.mock_sources.genereren.huishoudens import GEHUWD, Huishouden
from include.mock_sources.genereren.inkomen import NORM, UITKERINGEN, Inkomen
from include.mock_sources.genereren.organisaties import Gemeente
from include.mock_sources.genereren.wereld import Wereld

TARIEF = 0.3575
HEFFINGSKORTING = 311_500
MAX_TOESLAGEN = 800_000
AFBOUW = 0.30
ONDERGRENS = 0.90
_JAARNORM = 12 * NORM[True, False]
DREMPEL = round((_JAARNORM - 2 * HEFFINGSKORTING) / (1 - TARIEF))
KOP = "BSN;Gemeentecode"
Rij = tuple[str, str]


def is_geselecteerd(bruto: int) -> bool:
    """Whether a couple with one uitkering of ``bruto`` euro cents a year is on the simulated list."""
    netto = bruto - round(bruto * TARIEF) + HEFFINGSKORTING
    toeslagen = max(0.0, MAX_TOESLAGEN - AFBOUW * max(0, bruto - DREMPEL))
    return netto >= ONDERGRENS * _JAARNORM and netto + toeslagen < _JAARNORM + MAX_TOESLAGEN


def meestverdienende(huis: Huishouden, inkomen: Inkomen) -> str | None:
    """The BSN of the one who earns, if this household is on the simulated list."""
    if huis.leefvorm != GEHUWD or not huis.bekend or inkomen.uitkeringen or len(inkomen.verhoudingen) != 1:
        return None
    ((bsn, verhoudingen),) = inkomen.verhoudingen.items()
    if {v["codeSoortInkomstenverhouding"] for v in verhoudingen} - {code for code, _ in UITKERINGEN}:
        return None
    maand = sum(verhouding["inkomstenopgaven"][-1]["lnLbPh"] for verhouding in verhoudingen)
    return bsn if is_geselecteerd(round(maand * 12 * 1.08)) else None


def landelijk(w: Wereld, aantal: int, actief: list[Gemeente]) -> Iterator[Rij]:
    """Households of nobody in the population, over all gemeenten, larger and smaller ones."""
    gewichten = [w.dobbel.lognormvariate(0, 1) for _ in actief]
    while aantal:
        if is_geselecteerd(round(_JAARNORM * (1.0 + w.dobbel.random()))):
            yield w.nummers.bsn(), w.weeg(actief, gewichten).code
            aantal -= 1


class Leveringen:
    """The folder ``alleenverdieners``: files, and what ``leveringen.json`` announces of them."""

    def __init__(self, map_: Path, jaar: int, aangemaakt: dt.date) -> None:
        self._map, self._jaar, self._aangemaakt = map_ / "alleenverdieners", jaar, aangemaakt
        self._map.mkdir(parents=True, exist_ok=True)
        self._aangekondigd: list[dict[str, Any]] = []
        self._gebroken: dict[str, str] = {}

    def voeg(self, rijen: list[Rij], *, gebrek: str = "", kop: str = KOP, aantal: int | None = None) -> str:
        """Write one levering; ``aantal`` announces another number of rows than there are. Gives its name."""
        naam = f"avd_{self._jaar}_{len(self._aangekondigd) + 1:02d}"
        inhoud = "".join(f"{regel}\r\n" for regel in (kop, *map(";".join, rijen))).encode()
        (self._map / f"{naam}.csv").write_bytes(inhoud)
        self._aangekondigd.append(
            {
                "levering": naam,
                "lijstjaar": self._jaar,
                "aangemaakt": self._aangemaakt.isoformat(),
                "aantal": len(rijen) if aantal is None else aantal,
                "sha256": hashlib.sha256(inhoud).hexdigest(),
            }
        )
        if gebrek:
            self._gebroken[naam] = gebrek
        return naam

    def schrijf(self) -> None:
        """Announce what was written."""
        self._json("leveringen.json", {"leveringen": self._aangekondigd})
        if self._gebroken:
            self._json("gebroken.json", self._gebroken)

    def _json(self, naam: str, inhoud: dict[str, Any]) -> None:
        tekst = json.dumps(inhoud, indent=2, ensure_ascii=False) + "\n"
        (self._map / naam).write_bytes(tekst.encode())


def breek(leveringen: Leveringen, w: Wereld, codes: list[str], alle: list[Gemeente]) -> None:
    """One levering for each defect of besluit A2, each of a few dozen rows that are otherwise good."""

    def goed(aantal: int = 24) -> list[Rij]:
        return [(w.nummers.bsn(), w.kies(codes)) for _ in range(aantal)]

    opgevolgd = [g.code for g in alle if g.einde >= "2018" and g.nieuwe_code][:6]
    keten = next(g.code for g in alle if _opvolgers(g, alle) > 1)
    zonder = next(g.code for g in alle if g.einde and not g.nieuwe_code)

    rijen = goed()
    rijen[11] = (rijen[11][0][:4] + "XX" + rijen[11][0][6:], "")
    leveringen.voeg(rijen, gebrek="corrupte regel: één rij met een onleesbaar BSN en zonder gemeentecode")
    leveringen.voeg(goed(), gebrek="verkeerde kop: kolommen omgedraaid", kop="Gemeentecode;BSN")
    rijen = goed()
    leveringen.voeg(rijen, gebrek="controletotaal: één rij meer aangekondigd", aantal=len(rijen) + 1)
    rijen = [*goed(), (w.nummers.bsn(), "9998"), (w.nummers.bsn(), zonder)]
    leveringen.voeg(rijen, gebrek="twee rijen met een onbekende of zonder opvolger beëindigde gemeentecode")
    rijen = [*goed(), *((w.nummers.bsn(), code) for code in (*opgevolgd, keten))]
    leveringen.voeg(rijen, gebrek=f"{len(opgevolgd) + 1} rijen met een heringedeelde gemeentecode, geen fout")
    rijen = goed()
    leveringen.voeg([*rijen, rijen[3]], gebrek="één BSN tweemaal met dezelfde gemeentecode")
    rijen = goed()
    nogmaals = (rijen[3][0], next(code for code in (*codes, "0034", "0193") if code != rijen[3][1]))
    leveringen.voeg([*rijen, nogmaals], gebrek="één BSN tweemaal met verschillende gemeentecodes")
    leveringen.voeg([], gebrek="geen enkele rij")


def _opvolgers(gemeente: Gemeente, alle: list[Gemeente]) -> int:
    op_code = {g.code: g for g in alle}
    stappen = 0
    while gemeente.einde and gemeente.nieuwe_code in op_code:
        gemeente, stappen = op_code[gemeente.nieuwe_code], stappen + 1
    return stappen
