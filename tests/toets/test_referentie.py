"""The rules against a second, slow and plain, reading of the besluiten, on random populations."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from random import Random
from typing import Any

import pandas as pd
import pytest

from include.normen import laden
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import Uitkomst
from tests.toets.bouw import Omgeving, Populatie, Vraag, toets_populatie
from tests.toets.referentie import VORMEN, ZOEKRESULTAAT, Kader, Verwacht, verwachtingen
from tests.toets.willekeurig import KADERS, willekeurige_populatie

KOMT_VOOR = {
    *(f"regel {regel}" for regel in range(8)),
    *(f"zekerheid {zekerheid}" for zekerheid in ("Hoog", "Middel", "Laag", "Geen")),
    *(f"inkomen {oordeel}" for oordeel in ("J", "N", "Niet getoetst")),
    *(f"vermogen {oordeel}" for oordeel in ("J", "N", "Niet getoetst")),
    *(f"huishouden {oordeel}" for oordeel in ("J", "N", "Niet getoetst")),
    *(f"Adressituatie kan niet worden vastgesteld: {waarom}" for waarom in ZOEKRESULTAAT.values()),
    "Adressituatie kan niet worden vastgesteld: Resultaat te groot, te veel personen op 1 adres",
    "Geen gegevens BRP",
    "Aanvrager jonger dan 18 jaar",
    "Aanvrager voert geen woonadres",
    "De gezinssituatie van de aanvrager is niet met zekerheid vast te stellen.",
    "Geen gegevens bekend bij Belastingdienst",
    "BSN-verificatie",
    "voertuigen",
    "uitkeringen",
    "vier normen",
}
"""What a random population must hold, or the comparison would say less than it seems to."""


def gevonden(uitkomst: Uitkomst) -> list[Verwacht]:
    """Return what the rules made of every row, in the words of the reference."""

    def van(frame: pd.DataFrame, aanvraag: int) -> list[dict[str, Any]]:
        return frame[frame["aanvraag"] == aanvraag].to_dict("records")

    overgenomen = {veld.name for veld in fields(Verwacht)} & set(uitkomst.uitkomsten)
    return [
        Verwacht(
            **{naam: u[naam] for naam in overgenomen},
            regel=u["leefvorm_regel"],
            partner=(u["partner_bsn"], u["partner_naam"], u["partner_geboortedatum"]),
            redenen=[r["reden"] for r in van(uitkomst.redenen, nummer)],
            uitkeringen=[
                (r["vorm"], "" if pd.isna(r["einde"]) else str(r["einde"].date()))
                for r in van(uitkomst.uitkeringsvormen, nummer)
            ],
            inkomsten=sorted(
                (r["bsn"], r["soort"], r["bedrag"], r["meegeteld"])
                for r in van(uitkomst.inkomensdetails, nummer)
            ),
            kortingen=sorted(
                (r["bsn"], r["omschrijving"], r["bedrag"]) for r in van(uitkomst.kortingsdetails, nummer)
            ),
            bank=sorted(
                (r["bsn"], r["saldo"], r["rente"], r["telt"]) for r in van(uitkomst.rekeningdetails, nummer)
            ),
            voertuigen=[(r["bsn"], r["kenteken"]) for r in van(uitkomst.voertuigdetails, nummer)],
        )
        for nummer, u in enumerate(uitkomst.uitkomsten.to_dict("records"))
    ]


def verschillen(echt: Verwacht, hoort: Verwacht) -> list[str]:
    """Return what differs, a line per field."""
    plaatsen = [VORMEN.index(vorm) for vorm, _ in echt.uitkeringen]
    uit = [] if plaatsen == sorted(plaatsen) else [f"uitkeringen out of order: {echt.uitkeringen}"]
    echt.uitkeringen = sorted(set(echt.uitkeringen), key=lambda vorm: (VORMEN.index(vorm[0]), vorm[1]))
    for veld in fields(Verwacht):
        een, ander = getattr(echt, veld.name), getattr(hoort, veld.name)
        if een != ander:
            uit.append(f"{veld.name}: found {een!r}, expected {ander!r}")
    return uit


def vergelijk(populatie: Populatie, kader: Kader) -> Counter[str]:
    """Hold the rules against the reference; return how often each rule and judgement occurred."""
    omgeving = Omgeving(
        laden.ronde(f"{kader.jaar}-{kader.maand:02d}"),
        Instellingen(kader.vermogen, kader.voertuigen, kader.percentage),
    )
    assert omgeving.ronde.deelnamedatum == kader.deelnamedatum
    voorgekomen: Counter[str] = Counter()
    uitkomst = gevonden(toets_populatie(populatie, omgeving))
    for vraag, echt, hoort in zip(populatie.vragen, uitkomst, verwachtingen(populatie, kader), strict=True):
        anders = verschillen(echt, hoort)
        assert not anders, "\n".join([*anders, *_feiten(vraag, hoort, populatie)])
        voorgekomen.update(_gebeurd(hoort))
    if len({soort for soort in voorgekomen if soort.startswith("norm ")}) == 5:  # with 0 for "not tested"
        voorgekomen["vier normen"] += 1
    return voorgekomen


def _gebeurd(v: Verwacht) -> list[str]:
    oordelen = [
        f"inkomen {v.inkomen}",
        f"vermogen {v.vermogen}",
        f"huishouden {v.huishouden}",
        f"norm {v.norm}",
    ]
    lijsten = [naam for naam in ("voertuigen", "uitkeringen") if getattr(v, naam)]
    redenen = [reden.split(" voor ")[0] for reden in v.redenen]
    return [f"regel {v.regel}", f"zekerheid {v.zekerheid}", *oordelen, *lijsten, *redenen]


def _feiten(vraag: Vraag, v: Verwacht, populatie: Populatie) -> list[str]:
    """Return everything known of one household, to read beside what differs."""
    soorten = ("verhoudingen", "rekeningen", "voertuigen", "uitkeringen", "kortingen")
    leden = {vraag.bsn, v.partner[0]}
    return [
        str(vraag),
        *(str(feit) for soort in soorten for feit in getattr(populatie, soort) if feit.bsn in leden),
    ]


@pytest.mark.parametrize("kader", KADERS, ids=lambda kader: f"{kader.jaar}-{kader.maand:02d}")
def test_the_rules_agree_with_the_reference(kader):
    toeval = Random(kader.jaar * 100 + kader.maand)
    voorgekomen = vergelijk(willekeurige_populatie(toeval, kader, 500), kader)
    assert set(voorgekomen) >= KOMT_VOOR


@pytest.mark.parametrize(
    "kader",
    [
        Kader(2026, 9, vermogen=False),
        Kader(2026, 9, voertuigen=False),
        Kader(2026, 9, vermogen=False, voertuigen=False),
    ],
    ids=["without vermogen", "without voertuigen", "with neither"],
)
def test_they_agree_whatever_the_settings(kader):
    voorgekomen = vergelijk(willekeurige_populatie(Random(7), kader, 100), kader)
    assert ("vermogen J" in voorgekomen) == kader.vermogen
    assert ("voertuigen" in voorgekomen) == kader.voertuigen


@pytest.mark.slow
@pytest.mark.parametrize("zaad", range(2))
def test_they_agree_on_many_more(zaad):
    for kader in KADERS:
        vergelijk(willekeurige_populatie(Random(zaad), kader, 400), kader)
