"""What must hold for every outcome: it is explained, ground by ground, in Dutch and without codes."""

from __future__ import annotations

import csv
import io
import re
from random import Random

import pytest

from include.normen import laden
from include.schemas.instellingen import Instellingen
from tests.rapportage.uitleg.uitgelegd import Gepubliceerd
from tests.toets.bouw import Omgeving
from tests.toets.willekeurig import KADERS, willekeurige_populatie

REDENEN = {
    "Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden": "gaf geen gegevens over uw adres",
    "Adressituatie kan niet worden vastgesteld: Te veel zoekresultaten": "gaf te veel resultaten",
    "Adressituatie kan niet worden vastgesteld: Zoekproces afgebroken": "is afgebroken",
    "Adressituatie kan niet worden vastgesteld: Geen PL-en die aan de verstrekkingscondities voldoen": (
        "geen gegevens die wij mogen krijgen"
    ),
    "Adressituatie kan niet worden vastgesteld: Resultaat te groot, te veel personen op 1 adres": (
        "Bij meer dan 30 bewoners"
    ),
    "Geen gegevens BRP": r"(gaf uw eigen gegevens niet|houdt uw gegevens niet meer bij)",
    "Aanvrager jonger dan 18 jaar": "jonger dan 18 jaar",
    "Aanvrager voert geen woonadres": r"(met een briefadres|geen adres in Nederland)",
    "De gezinssituatie van de aanvrager is niet met zekerheid vast te stellen.": (
        r"(maar die woont niet op uw adres|Wij kunnen niet zien of|onderzoekt of uw adres klopt|"
        r"niet volledig in de Basisregistratie|weten wij niet zeker of die 18 jaar)"
    ),
    "BSN-verificatie voor aanvrager mislukt": "kon uw burgerservicenummer niet controleren",
    "BSN-verificatie voor partner mislukt": "kon het burgerservicenummer van uw partner niet controleren",
    "Geen gegevens bekend bij Belastingdienst": "De Belastingdienst kent geen rekeningen van",
}
"""What tells each reason of column W; the rest of them is the count line."""
ENGELS = re.compile(
    r"\b(the|and|not|with|income|because|account|tested|household|of the|is not|None|nan|True|False)\b"
)
CODES = re.compile(r"(BWBR\d|\bB\d\d|\bsoort \d|\bV\d{3}\b|\d{4}-\d\d|\bPW\b|Gehuwd/samenwonend|\bpeilmaand)")


@pytest.mark.parametrize(("zaad", "kader"), list(enumerate(KADERS)))
def test_every_ground_of_the_overzicht_is_explained(zaad, kader):
    instellingen = Instellingen(kader.vermogen, kader.voertuigen, kader.percentage)
    omgeving = Omgeving(laden.ronde(f"{kader.jaar}-{kader.maand:02d}"), instellingen)
    gepubliceerd = Gepubliceerd(willekeurige_populatie(Random(zaad), kader, 60), omgeving)
    rijen = csv.DictReader(io.StringIO(gepubliceerd.csv.getvalue().decode("utf-8-sig")), delimiter=";")
    aantal = 0
    for rij in rijen:
        tekst = gepubliceerd.uitleg(int(rij["Aanvrager BSN"]))
        for grond in _gronden(rij):
            assert re.search(grond, tekst), f"{grond}\n{tekst}"
        assert (rij["Belemmering"] == "J") == ("Wij kunnen niet automatisch vaststellen" in tekst)
        assert (rij["Belemmering"] == "J") == ("anders gemaakt" in tekst)
        assert not ENGELS.search(tekst), tekst
        assert not CODES.search(tekst), tekst
        aantal += rij["Belemmering"] == "J"
    assert aantal > 20


def _gronden(rij: dict[str, str]):
    """Yield what must be found in the explanation of a row of the overzicht."""
    redenen = rij["Reden(en)"].split(" | ") if rij["Reden(en)"] else []
    for reden in redenen:
        if geteld := re.fullmatch(r"(\d+) bewoners, waarvan (\d+) meerderjarig", reden):
            yield rf"(woont|wonen) {geteld[1]} .*\. Daarvan zeker 18 jaar of ouder: {geteld[2]}\."
        elif mislukt := re.fullmatch(r"BSN-verificatie voor (\d{9}) mislukt", reden):
            wie = "aanvrager" if mislukt[1] == rij["Aanvrager BSN"] else "partner"
            yield REDENEN[f"BSN-verificatie voor {wie} mislukt"]
        else:
            yield REDENEN[reden]
    if rij["Inkomen"] == "J":
        euro = int(rij["Reden(bedrag)"])
        yield "(is te hoog|boven nul euro)"
        yield rf"Samen is dat {_euro(euro)} per maand"
        yield rf"procent van die norm\. Dat is {_euro(int(rij['Toetsbedrag']))}\."
        yield rf"De norm voor .* is {_euro(int(rij['Inkomensnorm']))} per maand"
    if rij["Vermogen"] == "J":
        yield "(te veel geld|te hoog|niet controleren)"
        if rij["Reden(saldo)"]:
            yield rf"Samen is dat {_euro(int(rij['Reden(saldo)']))}, met {_euro(int(rij['Reden(rente)']))} rente"
    for kenteken in filter(None, rij["Kenteken(s)"].split(", ")):
        yield re.escape(f"kenteken {kenteken}")


def _euro(bedrag: int) -> str:
    return re.escape(f"€ {bedrag:,}".replace(",", "."))
