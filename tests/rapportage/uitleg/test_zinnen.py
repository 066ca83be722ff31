"""What an explanation says, ground by ground: the sentences are written out by hand from the besluiten.

Unless told otherwise: ronde 2026-09, deelnamedatum 26 September 2026, peilmaand August 2026, pensions of June up to
August, norm of an alleenstaande 1,419.46 and of a couple 2,027.79, vermogensgrens 8,000 and 16,000 of 31 December
2025, percentage 120.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from include.normen import laden
from include.schemas.instellingen import Instellingen
from tests.rapportage.uitleg.uitgelegd import Gepubliceerd
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    ELS,
    Korting,
    Omgeving,
    Opgave,
    Persoon,
    Populatie,
    Rekening,
    Uitkering,
    Verhouding,
    Voertuig,
    Vraag,
    bsns,
    loon,
)

PAAR = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))
KORT, HUISHOUDEN, INKOMEN, VERMOGEN, VOERTUIGEN, ANDERS = (
    "Uitkomst in het kort",
    "Huishouden",
    "Inkomen",
    "Vermogen",
    "Voertuigen",
    "Wat had het anders gemaakt",
)
NIET_AUTOMATISCH = (
    "Wij kunnen niet automatisch vaststellen dat u recht hebt op bijzondere bijstand. Dat komt hierdoor:"
)
GEEN_BESLUIT = (
    "Dit is nog geen besluit van de gemeente. De gemeente mag een aanvraag niet alleen om deze uitkomst afwijzen. "
    "U kunt ook zelf nog een aanvraag doen."
)
GESTOPT = "Dan waren ook uw inkomen en vermogen getoetst."


def adres(*anderen: Persoon, **aanvrager) -> Populatie:
    """Anna with the others at her address."""
    return Populatie((Vraag(ANNA, (Persoon(ANNA, **aanvrager), *anderen)),))


def deel(tekst: str, kop: str) -> list[str]:
    """Return the sentences under a heading, one a line; none when the heading is not there."""
    gevonden = [stuk.split("\n")[1:] for stuk in tekst.strip().split("\n\n") if stuk.split("\n")[0] == kop]
    return gevonden[0] if gevonden else []


# Besluit B22 a-e: the one sentence that tells it, and what would have been otherwise.
BRP_LEEG = "de BRP had laten zien wie er op uw adres wonen"
EINDIGT_BIJ_HUISHOUDEN = {
    "a: nothing found": (
        Populatie((Vraag(letter="G"),)),
        "De Basisregistratie Personen (BRP) gaf geen gegevens over uw adres.",
        BRP_LEEG,
    ),
    "a: too many results": (
        Populatie((Vraag(letter="P"),)),
        "Het zoeken naar uw adres in de Basisregistratie Personen (BRP) gaf te veel resultaten.",
        BRP_LEEG,
    ),
    "a: search broken off": (
        Populatie((Vraag(letter="T"),)),
        "Het zoeken naar uw adres in de Basisregistratie Personen (BRP) is afgebroken.",
        BRP_LEEG,
    ),
    "a: not to be given": (
        Populatie((Vraag(letter="Z"),)),
        "De Basisregistratie Personen (BRP) heeft over uw adres geen gegevens die wij mogen krijgen.",
        BRP_LEEG,
    ),
    "b: not among the persons": (
        Populatie((Vraag(ANNA, (Persoon(BRAM),)),)),
        "De Basisregistratie Personen (BRP) gaf uw eigen gegevens niet.",
        "de BRP uw gegevens had gegeven",
    ),
    "b: suspended": (
        adres(opgeschort=True),
        (
            "De Basisregistratie Personen (BRP) houdt uw gegevens niet meer bij. Dat is bijvoorbeeld zo na een "
            "verhuizing naar het buitenland."
        ),
        "uw inschrijving in de BRP nog liep",
    ),
    "c: under 18": (
        adres(geboren="2008-09-27"),
        "U was op 26 september 2026 jonger dan 18 jaar.",
        "u op 26 september 2026 18 jaar of ouder was",
    ),
    "d: briefadres": (
        adres(functieadres="B"),
        "U staat in de Basisregistratie Personen (BRP) met een briefadres, niet met een woonadres.",
        "u in de BRP een woonadres had",
    ),
    "d: no address": (
        adres(functieadres=""),
        "Volgens de Basisregistratie Personen (BRP) hebt u geen adres in Nederland.",
        "u in de BRP een woonadres had",
    ),
    "c: under 18, as the municipality supplied (B25)": (
        Populatie((Vraag(leefvorm=3, geboren="2008-09-27"),)),
        "U was op 26 september 2026 jonger dan 18 jaar.",
        "u op 26 september 2026 18 jaar of ouder was",
    ),
    "f: married, elsewhere (B23.2)": (
        adres(gehuwd_met=(BRAM,)),
        (
            "Volgens de Basisregistratie Personen (BRP) bent u getrouwd of hebt u een geregistreerd partner, maar die "
            "woont niet op uw adres."
        ),
        "uw partner op uw adres woonde, of het huwelijk of partnerschap volgens de BRP voorbij was",
    ),
    "f: address in onderzoek": (
        adres(in_onderzoek=True),
        "De gemeente waar u staat ingeschreven, onderzoekt of uw adres klopt.",
        "er geen onderzoek naar uw adres liep",
    ),
    "f: own birth date incomplete": (
        adres(geboren="1980"),
        "Uw geboortedatum staat niet volledig in de Basisregistratie Personen (BRP).",
        "uw hele geboortedatum in de BRP stond",
    ),
}


@pytest.mark.parametrize(
    ("populatie", "zin", "anders"), EINDIGT_BIJ_HUISHOUDEN.values(), ids=EINDIGT_BIJ_HUISHOUDEN
)
def test_a_belemmering_huishouden(populatie, zin, anders):
    tekst = Gepubliceerd(populatie).uitleg()
    assert deel(tekst, KORT) == [NIET_AUTOMATISCH, f"- {zin}", GEEN_BESLUIT]
    assert deel(tekst, HUISHOUDEN) == [zin]
    assert deel(tekst, INKOMEN) == [
        "Het inkomen is niet getoetst, omdat de toets al stopte bij uw huishouden."
    ]
    assert deel(tekst, VERMOGEN) == [
        "Het vermogen is niet getoetst, omdat de toets al stopte bij uw huishouden."
    ]
    assert deel(tekst, VOERTUIGEN) == [
        "Voertuigen zijn niet opgezocht, omdat de toets al stopte bij uw huishouden."
    ]
    assert deel(tekst, ANDERS) == [f"De toets was verder gegaan als {anders}.", GESTOPT]


def test_without_the_setting_assets_would_not_have_followed():
    uit = Omgeving(instellingen=Instellingen(vermogen=False, voertuigen=False, percentage=120))
    tekst = Gepubliceerd(adres(in_onderzoek=True), uit).uitleg()
    assert deel(tekst, VERMOGEN) == ["De gemeente laat vermogen niet toetsen."]
    assert deel(tekst, VOERTUIGEN) == ["De gemeente laat geen voertuigen opzoeken."]
    assert deel(tekst, ANDERS)[-1] == "Dan was ook uw inkomen getoetst."


# Who counts at the address: B22 e and f, and the count line of B24. Adult residents are counted, never named.
BEWONERS = {
    "e: 31 residents": (
        adres(*(Persoon(bsn) for bsn in islice(bsns(), 10, 40))),
        [
            "Op uw adres wonen 31 mensen. Bij meer dan 30 bewoners kunnen wij niet zien wie bij uw huishouden hoort.",
            "Op uw adres wonen 31 mensen, uzelf meegeteld. Daarvan zeker 18 jaar of ouder: 31.",
            "Als andere volwassene naast u tellen 30 mensen mee.",
        ],
        ["De toets was verder gegaan als er niet meer dan 30 mensen op uw adres woonden.", GESTOPT],
    ),
    "f: one other, beside those who do not count (B23.4)": (
        adres(
            Persoon(BRAM),
            Persoon(CARLA, "1950-01-01"),
            Persoon(DIRK, "2004-01-01"),
            Persoon(ELS, "2015"),
            Persoon(0, functieadres="B"),
            Persoon(0, opgeschort=True),
            Persoon(0, functieadres=""),
            ouders=(CARLA,),
            kinderen=(DIRK, ELS),
        ),
        [
            "Op uw adres woont nog één andere volwassene. Wij kunnen niet zien of die persoon uw partner is.",
            "Op uw adres wonen 5 mensen, uzelf meegeteld. Daarvan zeker 18 jaar of ouder: 4.",
            "Als andere volwassene naast u telt 1 persoon mee.",
            "Deze mensen tellen niet mee:",
            "- 1 ouder van u, want ouders en kinderen tellen nooit mee.",
            "- 1 kind van u van 18 jaar of ouder, want ouders en kinderen tellen nooit mee.",
            "- 1 persoon jonger dan 18 jaar.",
            "- 1 persoon met op uw adres alleen een briefadres.",
            "- 1 persoon van wie de inschrijving in de BRP is gestopt.",
            "- 1 persoon zonder adres in Nederland.",
        ],
        [
            (
                "De toets was verder gegaan als deze volwassene niet op uw adres woonde, of volgens de BRP met u "
                "getrouwd was, uw geregistreerd partner was of een kind met u had."
            ),
            GESTOPT,
        ],
    ),
    "f: two others, and two doubts (B23.5)": (
        adres(
            Persoon(BRAM), Persoon(CARLA), Persoon(DIRK, "2008"), Persoon(ELS, "2008-09"), in_onderzoek=True
        ),
        [
            "Op uw adres wonen nog 2 andere volwassenen. Wij kunnen niet zien of een van hen uw partner is.",
            "De gemeente waar u staat ingeschreven, onderzoekt of uw adres klopt.",
            "Van een bewoner van uw adres weten wij niet zeker of die 18 jaar of ouder is.",
            "Op uw adres wonen 5 mensen, uzelf meegeteld. Daarvan zeker 18 jaar of ouder: 3.",
            "Als andere volwassene naast u tellen 2 mensen mee.",
            "Deze mensen tellen niet mee:",
            "- 2 mensen van wie wij de leeftijd niet zeker weten.",
        ],
        [
            "De toets was verder gegaan als",
            (
                "- deze volwassenen niet op uw adres woonden, of een van hen volgens de BRP met u getrouwd was of uw "
                "geregistreerd partner was, en"
            ),
            "- er geen onderzoek naar uw adres liep, en",
            "- wij van elke bewoner van uw adres wisten of die 18 jaar of ouder is.",
            GESTOPT,
        ],
    ),
    "b: suspended, others live there": (
        adres(Persoon(BRAM), Persoon(CARLA), opgeschort=True),
        [
            (
                "De Basisregistratie Personen (BRP) houdt uw gegevens niet meer bij. Dat is bijvoorbeeld zo na een "
                "verhuizing naar het buitenland."
            )
        ],
        ["De toets was verder gegaan als uw inschrijving in de BRP nog liep.", GESTOPT],
    ),
    "c: a child with a briefadres at its parent's": (
        adres(Persoon(BRAM), Persoon(CARLA), geboren="2015-01-01", functieadres="B", ouders=(CARLA,)),
        [
            "U was op 26 september 2026 jonger dan 18 jaar.",
            "Op uw adres wonen 2 mensen. Daarvan zeker 18 jaar of ouder: 2.",
            "Als andere volwassene naast u telt 1 persoon mee.",
            "Deze mensen tellen niet mee:",
            "- 1 ouder van u, want ouders en kinderen tellen nooit mee.",
        ],
        ["De toets was verder gegaan als u op 26 september 2026 18 jaar of ouder was.", GESTOPT],
    ),
    "d: one other lives there, the aanvrager has no address": (
        adres(Persoon(BRAM), functieadres=""),
        [
            "Volgens de Basisregistratie Personen (BRP) hebt u geen adres in Nederland.",
            "Op uw adres woont 1 persoon. Daarvan zeker 18 jaar of ouder: 1.",
            "Als andere volwassene naast u telt 1 persoon mee.",
        ],
        ["De toets was verder gegaan als u in de BRP een woonadres had.", GESTOPT],
    ),
    "d: others live there, the aanvrager does not": (
        adres(Persoon(BRAM), Persoon(CARLA), functieadres="B"),
        [
            "U staat in de Basisregistratie Personen (BRP) met een briefadres, niet met een woonadres.",
            "Op uw adres wonen 2 mensen. Daarvan zeker 18 jaar of ouder: 2.",
            "Als andere volwassene naast u tellen 2 mensen mee.",
        ],
        ["De toets was verder gegaan als u in de BRP een woonadres had.", GESTOPT],
    ),
}


@pytest.mark.parametrize(("populatie", "huishouden", "anders"), BEWONERS.values(), ids=BEWONERS)
def test_who_lives_at_the_address(populatie, huishouden, anders):
    tekst = Gepubliceerd(populatie).uitleg()
    assert deel(tekst, HUISHOUDEN) == huishouden
    assert deel(tekst, ANDERS) == anders


MELDING = "De gemeente krijgt dit aantal als melding. Het is geen reden voor een andere uitkomst."
ZEKERE_LEEFVORMEN = {
    "married (B23.1)": (
        Populatie((PAAR,)),
        [
            (
                "Volgens de Basisregistratie Personen (BRP) bent u getrouwd of hebt u een geregistreerd partner, en "
                "woont die op uw adres."
            )
        ],
    ),
    "a child in common (B23.3), with a parent in the house": (
        adres(
            Persoon(BRAM, kinderen=(DIRK,)), Persoon(CARLA, "1950-01-01"), kinderen=(DIRK,), ouders=(CARLA,)
        ),
        [
            "Volgens de Basisregistratie Personen (BRP) woont u samen met iemand met wie u een kind hebt.",
            "Op uw adres wonen 3 mensen, uzelf meegeteld. Daarvan zeker 18 jaar of ouder: 3.",
            MELDING,
            "Als andere volwassene naast u en uw partner telt niemand mee.",
            "Deze mensen tellen niet mee:",
            "- 1 ouder van u, want ouders en kinderen tellen nooit mee.",
        ],
    ),
    "alleenstaande ouder (B23.6)": (
        adres(Persoon(DIRK, "2015-01-01"), kinderen=(DIRK,)),
        [
            (
                "Volgens de Basisregistratie Personen (BRP) bent u een alleenstaande ouder: op uw adres woont een "
                "kind van u, en geen andere volwassene."
            )
        ],
    ),
    "alleenstaande ouder with grown-up children (B24)": (
        adres(Persoon(DIRK, "2000-01-01"), Persoon(ELS, "2001-01-01"), kinderen=(DIRK, ELS)),
        [
            (
                "Volgens de Basisregistratie Personen (BRP) bent u een alleenstaande ouder: op uw adres woont een "
                "kind van u, en geen andere volwassene die meetelt."
            ),
            "Op uw adres wonen 3 mensen, uzelf meegeteld. Daarvan zeker 18 jaar of ouder: 3.",
            MELDING,
            "Als andere volwassene naast u telt niemand mee.",
            "Deze mensen tellen niet mee:",
            "- 2 kinderen van u van 18 jaar of ouder, want ouders en kinderen tellen nooit mee.",
        ],
    ),
    "alleenstaand (B23.7)": (
        adres(),
        [
            "Volgens de Basisregistratie Personen (BRP) bent u alleenstaand: op uw adres woont geen andere volwassene."
        ],
    ),
    "supplied by the municipality (B25)": (
        Populatie((Vraag(leefvorm=2, geboren="1980-01-01"),)),
        ["Volgens de gemeente bent u een alleenstaande ouder. Uw huishouden is daarom niet apart getoetst."],
    ),
}


@pytest.mark.parametrize(("populatie", "huishouden"), ZEKERE_LEEFVORMEN.values(), ids=ZEKERE_LEEFVORMEN)
def test_a_household_that_is_certain(populatie, huishouden):
    assert deel(Gepubliceerd(populatie).uitleg(), HUISHOUDEN) == huishouden


# Income. Everything that counts, everything that does not, the norm and the comparison (B28-B35).
IN_AUGUSTUS = "Wij keken naar uw inkomen in augustus 2026."
PENSIOENMAANDEN = (
    "Pensioen telden wij op over de drie maanden juni 2026 tot en met augustus 2026, en "
    "deelden wij door drie."
)
NETTO = (
    "Van elk bedrag zijn de loonheffing, de bijdrage voor de Zorgverzekeringswet en de waarde van een auto van de "
    "zaak al afgetrokken."
)
NORM = (
    "De norm voor iemand die alleenstaand is en de AOW-leeftijd nog niet heeft, is € 1.419 per maand, met "
    "vakantietoeslag (Participatiewet, artikel 21, onder a, geldig vanaf 1 juli 2026 tot en met 31 december 2026)."
)
PROCENT = "De gemeente rekent met 120 procent van die norm. Dat is € 1.703."
TE_HOOG = "Uw inkomen is gelijk aan dit bedrag of hoger."
NIET_BOVEN_NUL = (
    "Uw inkomen is niet hoger dan nul. Wij verwachten dat iedereen inkomen heeft. Daarom moet de gemeente dit eerst "
    "met u bespreken."
)
WEL, NIET = "Dit telde mee:", "Dit telde niet mee:"
VIER_WEKEN = (
    "want in dezelfde maand eindigt een latere periode van vier weken. Alleen de laatste telt, zodat niet twee keer "
    "loon in één maand valt"
)
INKOMENS = {
    "wages, what is withheld from them, and months that do not count": (
        (
            Verhouding(
                opgaven=(
                    Opgave("2026-06-30", loon=190_000),
                    Opgave("2026-07-31", loon=190_000),
                    Opgave(loon=200_000, auto=10_000, loonheffing=15_000, zvw=4_664),
                )
            ),
        ),
        [
            IN_AUGUSTUS,
            NETTO,
            WEL,
            "- Loon van Bakkerij Jansen (u), van 1 augustus 2026 tot en met 31 augustus 2026: € 1.703.",
            NIET,
            (
                "- Loon van Bakkerij Jansen (u), van 1 juni 2026 tot en met 31 juli 2026, want dit eindigt niet in "
                "augustus 2026."
            ),
            "Samen is dat € 1.703 per maand.",
            NORM,
            PROCENT,
            TE_HOOG,
        ],
    ),
    "four weeks, twice in a month": (
        (
            Verhouding(
                opgaven=(
                    Opgave("2026-08-02", "2026-07-06", loon=180_000),
                    Opgave("2026-08-30", "2026-08-03", loon=180_100),
                )
            ),
        ),
        [
            IN_AUGUSTUS,
            NETTO,
            WEL,
            "- Loon van Bakkerij Jansen (u), van 3 augustus 2026 tot en met 30 augustus 2026: € 1.801.",
            NIET,
            f"- Loon van Bakkerij Jansen (u), van 6 juli 2026 tot en met 2 augustus 2026, {VIER_WEKEN}.",
            "Samen is dat € 1.801 per maand.",
            NORM,
            PROCENT,
            TE_HOOG,
        ],
    ),
    "a correction": (
        (Verhouding(opgaven=(Opgave(loon=200_000), Opgave(loon=-20_050))),),
        [
            IN_AUGUSTUS,
            NETTO,
            WEL,
            (
                "- Loon van Bakkerij Jansen (u), van 1 augustus 2026 tot en met 31 augustus 2026: € 1.800 "
                "(€ 2.000 en € -201 bij elkaar opgeteld)."
            ),
            "Samen is dat € 1.800 per maand.",
            NORM,
            PROCENT,
            TE_HOOG,
        ],
    ),
    "a pension, a benefit and an unknown code, from three payers": (
        (
            Verhouding(
                soort="56",
                werkgever="Fonds",
                opgaven=tuple(
                    Opgave(einde, loon=50_000) for einde in ("2026-06-30", "2026-07-31", "2026-05-31")
                ),
            ),
            Verhouding(soort="22", werkgever="SVB", opgaven=(Opgave(loon=150_000),)),
            Verhouding(soort="99", werkgever="Wie", opgaven=(Opgave(loon=1_000),)),
        ),
        [
            IN_AUGUSTUS,
            PENSIOENMAANDEN,
            NETTO,
            WEL,
            (
                "- Pensioen van Fonds (u), van 1 juni 2026 tot en met 31 juli 2026: € 1.000. Gedeeld door drie is dat "
                "€ 333 per maand."
            ),
            "- AOW-uitkering van SVB (u), van 1 augustus 2026 tot en met 31 augustus 2026: € 1.500.",
            "- Inkomen van Wie (u), van 1 augustus 2026 tot en met 31 augustus 2026: € 10.",
            NIET,
            "- Pensioen van Fonds (u), van 1 mei 2026 tot en met 31 mei 2026, want dit valt buiten die drie maanden.",
            "Samen is dat € 1.843 per maand.",
            NORM,
            PROCENT,
            TE_HOOG,
            "De gemeente krijgt te zien welke uitkering daarbij is: AOW.",
        ],
    ),
    "nothing found": (
        (),
        [
            IN_AUGUSTUS,
            "Over die tijd is geen inkomen gevonden.",
            "Samen is dat € 0 per maand.",
            NORM,
            PROCENT,
            NIET_BOVEN_NUL,
        ],
    ),
    "below zero, from an employer who is shown and one who is not": (
        (loon(-20_000), Verhouding(werkgever="Oud BV", opgaven=(Opgave("2026-07-31", loon=9),))),
        [
            IN_AUGUSTUS,
            NETTO,
            WEL,
            "- Loon van Bakkerij Jansen (u), van 1 augustus 2026 tot en met 31 augustus 2026: € -200.",
            NIET,
            "- Loon van Oud BV (u), van 1 juli 2026 tot en met 31 juli 2026, want dit eindigt niet in augustus 2026.",
            "Samen is dat € -200 per maand.",
            NORM,
            PROCENT,
            NIET_BOVEN_NUL,
        ],
    ),
}


@pytest.mark.parametrize(("verhoudingen", "inkomen"), INKOMENS.values(), ids=INKOMENS)
def test_a_belemmering_inkomen(verhoudingen, inkomen):
    tekst = Gepubliceerd(Populatie(verhoudingen=verhoudingen)).uitleg()
    assert deel(tekst, INKOMEN) == inkomen
    kort = "Uw inkomen is te hoog." if TE_HOOG in inkomen else "Wij vonden geen inkomen van u boven nul euro."
    assert deel(tekst, KORT) == [NIET_AUTOMATISCH, f"- {kort}", GEEN_BESLUIT]
    assert deel(tekst, ANDERS) == [
        "De uitkomst was anders geweest als uw inkomen hoger was dan € 0 en lager dan € 1.703 per maand."
    ]


def test_the_income_of_a_couple_with_the_aow_age_and_their_tax_credits():
    # 2,176.10 at 150 % is 3,264.15; a heffingskorting never counts (B34)
    paar = replace(
        PAAR, adres=(Persoon(ANNA, "1950-01-01", gehuwd_met=(BRAM,)), Persoon(BRAM)), percentage=150
    )
    verhoudingen = (loon(300_000, BRAM), loon(26_415))
    tekst = Gepubliceerd(Populatie((paar,), verhoudingen, kortingen=(Korting(BRAM),))).uitleg()
    assert deel(tekst, INKOMEN) == [
        "Wij keken naar het inkomen van u en uw partner in augustus 2026.",
        NETTO,
        WEL,
        "- Loon van Bakkerij Jansen (u), van 1 augustus 2026 tot en met 31 augustus 2026: € 264.",
        "- Loon van Bakkerij Jansen (uw partner), van 1 augustus 2026 tot en met 31 augustus 2026: € 3.000.",
        NIET,
        "- Heffingskortingen, want kortingen op de belasting tellen nooit mee.",
        "Samen is dat € 3.264 per maand.",
        (
            "De norm voor mensen die getrouwd zijn of samenwonen, als ten minste een van hen de AOW-leeftijd heeft, "
            "is € 2.176 per maand, met vakantietoeslag (Participatiewet, artikel 22, onder b en c, geldig vanaf 1 "
            "juli 2026 tot en met 31 december 2026)."
        ),
        "De gemeente rekent met 150 procent van die norm. Dat is € 3.264.",
        "Het inkomen van u en uw partner is gelijk aan dit bedrag of hoger.",
    ]
    assert deel(tekst, ANDERS) == [
        (
            "De uitkomst was anders geweest als het inkomen van u en uw partner hoger was dan € 0 en lager dan € "
            "3.264 per maand."
        )
    ]


def test_the_income_norm_of_an_alleenstaande_ouder():
    ouder = adres(Persoon(DIRK, "2015-01-01"), kinderen=(DIRK,))
    assert deel(Gepubliceerd(ouder).uitleg(), INKOMEN)[3:5] == [
        "Voor een alleenstaande ouder geldt bij inkomen dezelfde norm als voor iemand die alleenstaand is.",
        NORM,
    ]


UITKERINGEN = {
    "own": ((Uitkering(),), "kreeg u bijstand"),
    "the partner's": (
        (Uitkering(BRAM, "IOAW"),),
        "kreeg uw partner een uitkering voor oudere werklozen (IOAW)",
    ),
    "of both": (
        (
            Uitkering(BRAM, "AIO"),
            Uitkering(ANNA),
            Uitkering(ANNA, "IOAZ"),
            Uitkering(ANNA, aanvang="2025-01-01"),
        ),
        (
            "kreeg u bijstand en een uitkering voor oudere zelfstandigen (IOAZ) en kreeg uw partner een aanvulling op "
            "de AOW (AIO)"
        ),
    ),
}


@pytest.mark.parametrize(("uitkeringen", "wat"), UITKERINGEN.values(), ids=UITKERINGEN)
def test_income_that_was_not_tested_because_of_bijstand(uitkeringen, wat):
    tekst = Gepubliceerd(Populatie((PAAR,), uitkeringen=uitkeringen)).uitleg()
    assert deel(tekst, INKOMEN) == [f"Het inkomen is niet getoetst, want op 26 september 2026 {wat}."]


# Assets (B36-B40)
DAG = "Wij keken naar het geld op uw rekeningen op 31 december 2025, en naar de rente over 2025."
GRENS = (
    "De grens voor iemand die alleenstaand is, is € 8.000 (Participatiewet, artikel 34, derde lid onder a, geldig "
    "vanaf 1 januari 2026 tot en met 31 december 2026)."
)
GRENS_PAAR = (
    "De grens voor mensen die getrouwd zijn of samenwonen, is € 16.000 (Participatiewet, artikel 34, derde lid onder "
    "b en c, geldig vanaf 1 januari 2026 tot en met 31 december 2026)."
)
RENTEGRENS = "De rente mag niet hoger zijn dan 1,0 procent daarvan: € 80."
VERMOGENS = {
    "the saldo reaches the limit, a debt counts": (
        (Rekening(ANNA, "S", 850_000, 8_000), Rekening(ANNA, "B", -50_000, product="betaalrekening")),
        ["Er stond te veel geld op uw rekeningen."],
        [
            DAG,
            WEL,
            "- ABN AMRO, spaarrekening op naam van A Meer (u): € 8.500, rente € 80.",
            "- ABN AMRO, betaalrekening op naam van A Meer (u): € -500, rente € 0.",
            "Samen is dat € 8.000, met € 80 rente.",
            GRENS,
            RENTEGRENS,
            "Het bedrag van € 8.000 is gelijk aan de grens of hoger. De rente van € 80 is niet te hoog.",
        ],
        [
            "De uitkomst was anders geweest als er op 31 december 2025 minder dan € 8.000 op uw rekeningen stond."
        ],
    ),
    "the interest exceeds its limit by a cent": (
        (Rekening(ANNA, "S", 100, 8_001),),
        ["De rente op uw rekeningen was te hoog."],
        [
            DAG,
            WEL,
            "- ABN AMRO, spaarrekening op naam van A Meer (u): € 1, rente € 80.",
            "Samen is dat € 1, met € 80 rente.",
            GRENS,
            "De rente mag niet hoger zijn dan 1,0 procent daarvan: € 80,00.",
            "Het bedrag van € 1 is lager dan de grens. De rente van € 80,01 is te hoog.",
        ],
        ["De uitkomst was anders geweest als de rente over 2025 niet hoger was dan € 80,00."],
    ),
    "a cent below the limit, and interest": (
        (Rekening(ANNA, "S", 799_999, 8_100),),
        ["De rente op uw rekeningen was te hoog."],
        [
            DAG,
            WEL,
            "- ABN AMRO, spaarrekening op naam van A Meer (u): € 8.000, rente € 81.",
            "Samen is dat € 8.000, met € 81 rente.",
            GRENS.replace("€ 8.000", "€ 8.000,00"),
            RENTEGRENS,
            "Het bedrag van € 7.999,99 is lager dan de grens. De rente van € 81 is te hoog.",
        ],
        ["De uitkomst was anders geweest als de rente over 2025 niet hoger was dan € 80."],
    ),
    "both": (
        (Rekening(ANNA, "S", 900_000, 9_000),),
        ["Er stond te veel geld op uw rekeningen.", "De rente op uw rekeningen was te hoog."],
        [
            DAG,
            WEL,
            "- ABN AMRO, spaarrekening op naam van A Meer (u): € 9.000, rente € 90.",
            "Samen is dat € 9.000, met € 90 rente.",
            GRENS,
            RENTEGRENS,
            "Het bedrag van € 9.000 is gelijk aan de grens of hoger. De rente van € 90 is te hoog.",
        ],
        [
            "De uitkomst was anders geweest als",
            "- er op 31 december 2025 minder dan € 8.000 op uw rekeningen stond, en",
            "- de rente over 2025 niet hoger was dan € 80.",
        ],
    ),
}


@pytest.mark.parametrize(("rekeningen", "kort", "vermogen", "anders"), VERMOGENS.values(), ids=VERMOGENS)
def test_a_belemmering_vermogen(rekeningen, kort, vermogen, anders):
    tekst = Gepubliceerd(Populatie(verhoudingen=(loon(100),), rekeningen=rekeningen)).uitleg()
    assert deel(tekst, KORT) == [NIET_AUTOMATISCH, *(f"- {zin}" for zin in kort), GEEN_BESLUIT]
    assert deel(tekst, VERMOGEN) == vermogen
    assert deel(tekst, ANDERS) == anders


def test_an_account_of_both_counts_once():
    rekeningen = (Rekening(ANNA, "S", 1_600_000), Rekening(BRAM, "S", 1_600_000))
    tekst = Gepubliceerd(Populatie((PAAR,), (loon(100),), rekeningen)).uitleg(telt_niet_mee=(1,))
    assert deel(tekst, VERMOGEN) == [
        "Wij keken naar het geld op de rekeningen van u en uw partner op 31 december 2025, en naar de rente over 2025.",
        WEL,
        "- ABN AMRO, spaarrekening op naam van A Meer (u): € 16.000, rente € 0.",
        "Dit telde niet mee, omdat dezelfde rekening hierboven al is geteld:",
        "- ABN AMRO, spaarrekening op naam van A Meer (uw partner): € 16.000, rente € 0.",
        "Samen is dat € 16.000, met € 0 rente.",
        GRENS_PAAR,
        "De rente mag niet hoger zijn dan 1,0 procent daarvan: € 160.",
        "Het bedrag van € 16.000 is gelijk aan de grens of hoger. De rente van € 0 is niet te hoog.",
    ]


GEEN_KIND = (
    "Op uw adres woont geen kind van u dat jonger is dan 18 jaar. Daarom geldt de grens voor één persoon."
)
OUDERS = {
    "child under 18": (
        Vraag(ANNA, (Persoon(ANNA, kinderen=(DIRK,)), Persoon(DIRK, "2015-01-01"))),
        "Voor een alleenstaande ouder met een kind jonger dan 18 jaar geldt dezelfde grens als voor twee mensen.",
        GRENS_PAAR,
    ),
    "grown-up child": (
        Vraag(ANNA, (Persoon(ANNA, kinderen=(DIRK,)), Persoon(DIRK, "2001-01-01"))),
        GEEN_KIND,
        GRENS,
    ),
    "supplied": (
        Vraag(leefvorm=2, geboren="1980-01-01"),
        "Voor een alleenstaande ouder geldt dezelfde grens als voor twee mensen.",
        GRENS_PAAR,
    ),
}


@pytest.mark.parametrize(("vraag", "waarom", "grens"), OUDERS.values(), ids=OUDERS)
def test_the_vermogensgrens_of_an_alleenstaande_ouder(vraag, waarom, grens):
    tekst = Gepubliceerd(Populatie((vraag,), rekeningen=(Rekening(saldo=2_000_000),))).uitleg()
    assert deel(tekst, VERMOGEN)[4:6] == [waarom, grens]


MELDING_REKENING = (
    "De gemeente krijgt dit als melding, en kan u om bankafschriften vragen. Het is geen reden voor een "
    "andere uitkomst."
)
ZONDER_REKENING = {
    "u": (Rekening(BRAM),),
    "uw partner": (Rekening(ANNA),),
    "u en uw partner": (),
}


@pytest.mark.parametrize("wie", ZONDER_REKENING)
def test_who_has_no_account_is_a_warning(wie):
    tekst = Gepubliceerd(Populatie((PAAR,), (loon(100),), ZONDER_REKENING[wie])).uitleg()
    assert deel(tekst, KORT) == ["Wij vonden niets dat bijzondere bijstand in de weg staat."]
    assert deel(tekst, VERMOGEN) == [
        (
            "Op de rekeningen van u en uw partner vonden wij op 31 december 2025 niet te veel geld, en ook niet te "
            "veel rente."
        ),
        f"De Belastingdienst kent geen rekeningen van {wie}. {MELDING_REKENING}",
    ]


def test_a_verification_that_failed():
    tekst = Gepubliceerd(Populatie((PAAR,), (loon(100),), mislukt=frozenset({ANNA, BRAM}))).uitleg()
    eigen = "De Belastingdienst kon uw burgerservicenummer niet controleren."
    partner = "De Belastingdienst kon het burgerservicenummer van uw partner niet controleren."
    assert deel(tekst, KORT) == [NIET_AUTOMATISCH, f"- {eigen}", f"- {partner}", GEEN_BESLUIT]
    assert deel(tekst, VERMOGEN)[1:] == [
        f"{eigen} Daarom kennen wij niet alle rekeningen.",
        f"{partner} Daarom kennen wij niet alle rekeningen.",
        "Er zijn geen rekeningen bekend.",
    ]
    assert deel(tekst, ANDERS) == [
        "De uitkomst was anders geweest als",
        "- de Belastingdienst uw burgerservicenummer kon controleren, en",
        "- de Belastingdienst het burgerservicenummer van uw partner kon controleren.",
    ]


# Vehicles (B41-B43)
OUD = Voertuig(ANNA, "X999XX", eerste_toelating="2010-01-01")
NOOIT = "Een voertuig is nooit een reden voor een andere uitkomst."
VOERTUIGEN_VAN_PAAR = {
    "young": (
        [replace(OUD, eerste_toelating="2024-01-01")],
        [
            "De gemeente krijgt dit te zien:",
            "- VOLKSWAGEN GOLF (Personenauto), kenteken X999XX, op uw naam.",
            "Dat is zo, want het is jonger dan 9 jaar.",
            NOOIT,
        ],
    ),
    "young and exclusive, of the partner": (
        [replace(OUD, bsn=BRAM, eerste_toelating="2024-01-01", merk="BMW", handelsbenaming="X5")],
        [
            "De gemeente krijgt dit te zien:",
            "- BMW X5 (Personenauto), kenteken X999XX, op naam van uw partner.",
            "Dat is zo, want het is jonger dan 9 jaar en het is van een duur merk, dat altijd wordt getoond.",
            NOOIT,
        ],
    ),
    "two, and two that do not count": (
        [
            OUD,
            replace(OUD, kenteken="B", bsn=BRAM),
            replace(OUD, kenteken="C", voertuigsoort="Bromfiets"),
            replace(OUD, kenteken="D", aansprakelijk_tot_en_met="2026-01-01"),
            replace(OUD, kenteken="E", aansprakelijk_tot_en_met="2026-01-01"),
        ],
        [
            "De gemeente krijgt dit te zien:",
            "- VOLKSWAGEN GOLF (Personenauto), kenteken X999XX, op uw naam.",
            "- VOLKSWAGEN GOLF (Personenauto), kenteken B, op naam van uw partner.",
            "Dat is zo, want er staat meer dan één motorvoertuig op naam van u en uw partner.",
            "Dit krijgt de gemeente niet te zien:",
            "- 2 voertuigen op 26 september 2026 niet op naam van u en uw partner.",
            "- 1 voertuig zoals een bromfiets of een aanhanger.",
            NOOIT,
        ],
    ),
    "old": ([OUD], ["Er is geen voertuig dat de gemeente te zien krijgt."]),
}


@pytest.mark.parametrize(("voertuigen", "zinnen"), VOERTUIGEN_VAN_PAAR.values(), ids=VOERTUIGEN_VAN_PAAR)
def test_why_a_vehicle_shows(voertuigen, zinnen):
    tekst = Gepubliceerd(Populatie((PAAR,), (loon(100),), voertuigen=tuple(voertuigen))).uitleg()
    assert deel(tekst, VOERTUIGEN) == zinnen


def test_the_whole_letter_of_somebody_with_nothing_against_them():
    omgeving = Omgeving(laden.ronde("2026-09"), Instellingen(vermogen=True, voertuigen=True, percentage=110))
    populatie = Populatie(
        (Vraag(ANNA, (Persoon(ANNA, voorvoegsel="van der"),)),), (loon(100),), (Rekening(ANNA),)
    )
    assert (
        Gepubliceerd(populatie, omgeving).uitleg()
        == f"""\
Uitleg bij de uitkomst van de toets op bijzondere bijstand
Voor: van der Meer, geboren op 17 maart 1980, burgerservicenummer {ANNA}.
BIDN heeft deze toets automatisch gedaan voor de gemeente Groningen. Met wij bedoelen wij hier BIDN.
De uitkomst gaat over uw situatie op 26 september 2026. Bedragen zijn meestal afgerond op hele euro's.

Uitkomst in het kort
Wij vonden niets dat bijzondere bijstand in de weg staat.

Huishouden
Volgens de Basisregistratie Personen (BRP) bent u alleenstaand: op uw adres woont geen andere volwassene.

Inkomen
Wij vonden wel inkomen, en uw inkomen is lager dan 110 procent van de norm die voor u geldt.

Vermogen
Op uw rekeningen vonden wij op 31 december 2025 niet te veel geld, en ook niet te veel rente.

Voertuigen
Er is geen voertuig dat de gemeente te zien krijgt.
"""
    )


def test_who_it_is_about_where_the_brp_knows_little():
    tekst = Gepubliceerd(Populatie((Vraag(letter="G"),))).uitleg()
    assert tekst.split("\n")[1] == f"Voor: burgerservicenummer {ANNA}."
    tekst = Gepubliceerd(adres(geboren="1980-03")).uitleg()
    assert tekst.split("\n")[1] == f"Voor: Meer, burgerservicenummer {ANNA}."
