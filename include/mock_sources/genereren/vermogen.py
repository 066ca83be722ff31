"""Accounts and heffingskortingen (Belastingdienst), around the vermogensgrens."""

from __future__ import annotations

from typing import Any

from include.mock_sources.genereren.huishoudens import GEHUWD, Huishouden
from include.mock_sources.genereren.inkomen import Inkomen
from include.mock_sources.genereren.nummers import BANKEN
from include.mock_sources.genereren.personen import Persoon
from include.mock_sources.genereren.wereld import Wereld

# Vermogensgrens of 2026 in euro cents: for the size of what is drawn.
GRENS = {False: 800_000, True: 1_600_000}
# Yearly heffingskortingen in euro cents, roughly at a minimum income in 2025.
AHK, AK, IACK, OK, AOK, JGK = 306_800, 240_000, 180_000, 203_500, 53_100, 90_900


def trek(w: Wereld, huis: Huishouden, inkomen: Inkomen) -> list[dict[str, Any]]:
    """The lines of ``belastingdienst.jsonl`` of aanvrager and partner; a few have no line at all."""
    leden = [huis.aanvrager, *([huis.partner] if huis.partner else [])]
    per_lid = _rekeningen(w, leden, _totaal(w, GRENS[huis.leefvorm == GEHUWD]))
    regels = []
    for lid, rekeningen in zip(leden, per_lid, strict=True):
        if w.kans(0.02):
            continue
        mislukt = w.kans(0.012)
        regels.append(
            {
                "burgerservicenummer": lid.bsn,
                "verificatie": "mislukt" if mislukt else "geslaagd",
                "rekeningen": {} if mislukt else rekeningen,
                "heffingskortingen": _kortingen(w, huis, lid, inkomen),
            }
        )
    return regels


def _totaal(w: Wereld, grens: int) -> int | None:
    """The balance of a household in euro cents; None for no accounts known."""
    lot = w.dobbel.random()
    if lot < 0.03:
        return None
    if lot < 0.05:
        return grens + w.kies((-1, 0, 1, -100, 100))
    if lot < 0.08:
        return -w.tussen(1, 250_000)
    if lot < 0.17:
        return grens + w.tussen(0, 2 * grens)
    return min(grens - 1, round(w.dobbel.lognormvariate(12.2, 1.2)))


def _rekeningen(w: Wereld, leden: list[Persoon], totaal: int | None) -> list[dict[str, list[dict[str, Any]]]]:
    """Per member the accounts by belastingjaar; a joint account is with both, equal in all but the BSN."""
    per_lid: list[dict[str, list[dict[str, Any]]]] = [{} for _ in leden]
    if totaal is None:
        return per_lid
    # A fifth of the rates is high enough for interest alone to pass 1.0 % of the grens on a modest balance.
    rentevoet = w.kies((0.0, 0.005, 0.0125, 0.018, 0.031))
    for product, saldo, houders in _verdeling(w, totaal, tuple(range(len(leden)))):
        bank, letters = w.kies(BANKEN)
        naam = " en/of ".join(leden[k].tenaamstelling for k in houders)
        nummer = w.nummers.rekening(letters)
        for jaar in w.belastingjaren:
            bedrag = saldo if jaar == w.belastingjaren[-1] else round(saldo * (0.7 + w.dobbel.random() * 0.5))
            rekening = {
                "rekeningnummer": nummer,
                "saldo": bedrag,
                "rente": 0 if product == "betaalrekening" else max(0, round(bedrag * rentevoet)),
                "bank": bank,
                "product": product,
                "tenaamstelling": naam,
            }
            for k in houders:
                per_lid[k].setdefault(str(jaar), []).append(rekening)
    return per_lid


def _verdeling(w: Wereld, totaal: int, allen: tuple[int, ...]) -> list[tuple[str, int, tuple[int, ...]]]:
    """Split a balance over accounts: product, saldo, and which members hold it (two of them: joint)."""
    spaargeld = totaal if totaal > 0 and w.kans(0.5) else max(0, totaal * 4 // 5)
    betaal = totaal - spaargeld
    if len(allen) == 1 or w.kans(0.4):
        rekeningen = [("betaalrekening", betaal, allen)]
    else:
        rekeningen = [("betaalrekening", betaal // 2, (0,)), ("betaalrekening", betaal - betaal // 2, (1,))]
    if spaargeld:
        apart = spaargeld // 3 if spaargeld > 100_000 and w.kans(0.25) else 0
        houders = allen if w.kans(0.4) else (w.kies(allen),)
        rekeningen.append(("spaarrekening", spaargeld - apart, houders))
        if apart:
            rekeningen.append(("depositorekening", apart, houders))
    return rekeningen


def _kortingen(
    w: Wereld, huis: Huishouden, lid: Persoon, inkomen: Inkomen
) -> dict[str, list[dict[str, Any]]]:
    leeftijd = w.deelnamedatum.year - lid.geboren.year
    codes = [
        verhouding["codeSoortInkomstenverhouding"] for verhouding in inkomen.verhoudingen.get(lid.bsn, [])
    ]
    kortingen = [("AHK" if codes or lid is huis.aanvrager else "AHKP", AHK if leeftijd < 67 else AHK // 2)]
    if any(code in ("11", "13", "15", "17") for code in codes):
        kortingen.append(("AK", AK - w.tussen(0, 100_000)))
        if any(w.deelnamedatum.year - kind.geboren.year < 12 for kind in huis.overigen):
            kortingen.append(("IACK", IACK))
    if leeftijd > 67:
        kortingen.append(("OK", OK))
        if not huis.partner:
            kortingen.append(("AOK", AOK))
    if "37" in codes:
        kortingen.append(("JGK", JGK))
    if w.kans(0.004):
        kortingen.append(("LGB", w.tussen(1_000, 20_000)))  # a code nobody knows
    lijst = [{"code": code, "bedrag": bedrag} for code, bedrag in kortingen]
    return {str(jaar): lijst for jaar in w.belastingjaren}
