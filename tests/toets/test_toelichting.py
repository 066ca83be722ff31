"""The toelichting: it tells what the rules did, and agrees with the outcome wherever both say something."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from include.errors import GegevensFout
from include.schemas.instellingen import Instellingen
from include.toets.toelichting import tekst, toelichting
from include.toets.toelichting.woorden import euro
from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    DIRK,
    ELS,
    Omgeving,
    Opgave,
    Persoon,
    Populatie,
    Rekening,
    Uitkering,
    Verhouding,
    Voertuig,
    Vraag,
    invoer,
    loon,
    toets_invoer,
)
from tests.toets.willekeurig import KADERS, willekeurige_populatie

PAAR = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))


def toegelicht(populatie, omgeving=None, bsn=ANNA):
    gegeven, huishoudens = invoer(populatie, omgeving)
    return toelichting(toets_invoer(gegeven, huishoudens), gegeven, bsn)


def regels(populatie, omgeving=None):
    """The text as one line per sentence, without indents and line breaks."""
    return " ".join(tekst(toegelicht(populatie, omgeving)).split())


def test_somebody_who_is_no_aanvrager_cannot_be_explained():
    with pytest.raises(GegevensFout) as fout:
        toegelicht(Populatie((PAAR,)), bsn=BRAM)
    assert str(fout.value) == (
        "the BSN to explain is not the aanvrager of a valid row of this vraagbestand: see the verwerkingsverslag"
    )


def test_everybody_at_the_address_with_their_role():
    adres = (
        Persoon(BRAM, "1990-01-01", voorvoegsel="de", geslachtsnaam="Boer"),
        Persoon(ANNA, ouders=(CARLA,), kinderen=(DIRK,)),
        Persoon(CARLA, "1950-01-01"),
        Persoon(DIRK, "2015"),
        Persoon(ELS, "2008-09-27"),
        Persoon(0, "1970-01-01", functieadres="B"),
        Persoon(0, "", opgeschort=True),
        Persoon(0, "1999-09-09", functieadres=""),
    )
    personen = toegelicht(Populatie((Vraag(ANNA, adres),))).huishouden.personen
    ander, niet = "telt als ander", "telt niet als ander"
    assert [(p.bsn, p.naam, p.rol, p.meerderjarig, p.waarom_geen_bewoner) for p in personen] == [
        (BRAM, "de Boer", ander, True, ""),
        (ANNA, "Meer", "aanvrager", True, ""),
        (CARLA, "Meer", "ouder van de aanvrager", True, ""),
        (DIRK, "Meer", "kind van de aanvrager", False, ""),
        (ELS, "Meer", niet, False, ""),
        (0, "Meer", niet, True, "functieadres B"),
        (0, "Meer", niet, None, "de bijhouding is opgeschort"),
        (0, "Meer", niet, True, "geen adres in Nederland"),
    ]
    assert [p.bewoner for p in personen] == [True] * 5 + [False] * 3


def test_only_the_own_address_is_told():
    vragen = (Vraag(CARLA, (Persoon(CARLA), Persoon(DIRK))), PAAR)
    personen = toegelicht(Populatie(vragen)).huishouden.personen
    assert [(p.bsn, p.rol) for p in personen] == [
        (ANNA, "aanvrager"),
        (BRAM, "echtgenoot of geregistreerd partner"),
    ]


def test_why_hoog_became_middel():
    populatie = Populatie((Vraag(ANNA, (Persoon(ANNA, "1980", in_onderzoek=True), Persoon(BRAM, "2008"))),))
    assert toegelicht(populatie).huishouden.twijfels == (
        "het adres van de aanvrager is in onderzoek",
        "de geboortedatum van de aanvrager is onvolledig",
        "van een bewoner is door een onvolledige geboortedatum niet te bepalen of die meerderjarig is",
    )
    assert toegelicht(Populatie()).huishouden.twijfels == ()


def test_which_opgaven_count_and_why_others_do_not():
    vier_weken = (Opgave("2026-08-02", "2026-07-06", loon=1), Opgave("2026-08-30", "2026-08-03", loon=2))
    populatie = Populatie(
        (PAAR,),
        (
            loon(500, BRAM, "99"),
            Verhouding(opgaven=vier_weken),
            loon(7, einde="2026-07-31"),
            loon(1_000, soort="56", einde="2026-07-31"),
            loon(9, soort="56", einde="2026-05-31"),
        ),
    )
    inkomen = toegelicht(populatie).inkomen
    assert [(o.bsn, o.netto, o.telt, o.waarom) for o in inkomen.opgaven] == [
        (ANNA, 1, False, "een latere vierwekenopgave van dezelfde werkgever in die maand telt"),
        (ANNA, 2, True, "eindigt in de peilmaand"),
        (ANNA, 7, False, "eindigt niet in de peilmaand"),
        (ANNA, 1_000, True, "eindigt in het pensioenvenster"),
        (ANNA, 9, False, "eindigt niet in het pensioenvenster"),
        (BRAM, 500, True, "eindigt in de peilmaand"),
    ]
    assert [o.inkomstenverhouding for o in inkomen.opgaven] == [1, 1, 2, 3, 4, 0]
    assert inkomen.bijstand == ()
    assert [o.omschrijving for o in inkomen.opgaven][-1] == "onbekende soort, telt niet als pensioen"
    assert [(p.bsn, p.som, p.per_maand) for p in inkomen.pensioenen] == [(ANNA, 1_000, 333)]
    assert inkomen.totaal == 2 + 333 + 500
    assert (inkomen.norm.naam, inkomen.norm.bedrag) == ("norm gehuwden", 202_779)
    assert inkomen.norm.bron.startswith(
        "Participatiewet, artikel 21, onder b (BWBR0015703), geldig vanaf 2026-07-01"
    )
    assert inkomen.toetsbedrag == Decimal("243334.80")


def test_pensions_of_the_aanvrager_come_first():
    pensioenen = (loon(900, BRAM, "56"), loon(600, ANNA, "56"))
    inkomen = toegelicht(Populatie((PAAR,), pensioenen)).inkomen
    assert [(p.bsn, p.som, p.per_maand) for p in inkomen.pensioenen] == [(ANNA, 600, 200), (BRAM, 900, 300)]


@pytest.mark.parametrize(
    ("geboren", "partner", "naam", "bereikt"),
    [
        ("1980-01-01", False, "norm alleenstaanden", False),
        ("1950-01-01", False, "norm alleenstaanden met AOW-leeftijd", True),
        ("1950-01-01", True, "norm gehuwden, van wie ten minste één met AOW-leeftijd", True),
    ],
)
def test_which_norm(geboren, partner, naam, bereikt):
    aanvrager = Persoon(ANNA, geboren, gehuwd_met=(BRAM,) if partner else ())
    inkomen = toegelicht(Populatie((Vraag(ANNA, (aanvrager, Persoon(BRAM))[: 1 + partner]),))).inkomen
    assert (inkomen.norm.naam, inkomen.aow.bereikt) == (naam, bereikt)
    assert str(inkomen.aow.geboren_tot_en_met) == "1959-09-26"


def test_which_accounts_count():
    rekeningen = (
        Rekening(BRAM, "S", 70, 7),
        Rekening(ANNA, "S", 100, 5),
        Rekening(BRAM, "B", 3, 1),
        Rekening(CARLA),
    )
    vermogen = toegelicht(Populatie((PAAR,), rekeningen=rekeningen)).vermogen
    assert [(r.bsn, r.saldo, r.telt) for r in vermogen.rekeningen] == [
        (ANNA, 100, True),
        (BRAM, 70, False),
        (BRAM, 3, True),
    ]
    assert (vermogen.saldo, vermogen.rente, vermogen.belastingjaar) == (103, 6, 2025)
    assert (vermogen.grens.naam, vermogen.grens.bedrag) == ("grens gehuwden", 1_600_000)
    assert (vermogen.rentegrens.naam, vermogen.rentegrens.bedrag) == ("1,0 % van de vermogensgrens", 16_000)


def test_the_interest_limit_is_told_unrounded():
    # 1.0 % of a vermogensgrens of 7,575.55: besluit B39 compares with exactly that
    gegeven, huishoudens = invoer(Populatie())
    gegeven = replace(gegeven, normen=replace(gegeven.normen, vermogensgrens_alleenstaand=757_555))
    t = toelichting(toets_invoer(gegeven, huishoudens), gegeven, ANNA)
    assert t.vermogen.rentegrens.bedrag == Decimal("7575.55")
    assert "Rentegrens: 1,0 % van de vermogensgrens, € 75,7555 (" in tekst(t)


OUD = Voertuig(ANNA, "OUD", eerste_toelating="2010-01-01")
VOERTUIGEN = {
    "old": ([OUD], [(False, "het enige motorvoertuig, 9 jaar of ouder en geen exclusief merk")]),
    "young": ([replace(OUD, eerste_toelating="2024-01-01")], [(True, "jonger dan 9 jaar")]),
    "exclusive": ([replace(OUD, merk="BMW")], [(True, "exclusief merk")]),
    "two": ([OUD, replace(OUD, kenteken="B")], [(True, "meer dan één motorvoertuig op naam")] * 2),
    "moped": ([replace(OUD, voertuigsoort="Snorfiets")], [(False, "is geen motorvoertuig")]),
    "sold": (
        [replace(OUD, aansprakelijk_tot_en_met="2026-01-01")],
        [(False, "staat op de deelnamedatum niet op naam")],
    ),
    "of both": (
        [replace(OUD, merk="BMW"), replace(OUD, merk="BMW", bsn=BRAM)],
        [(True, "exclusief merk"), (False, "dit kenteken is al geteld")],
    ),
}


@pytest.mark.parametrize(("voertuigen", "oordelen"), VOERTUIGEN.values(), ids=VOERTUIGEN)
def test_why_a_vehicle_shows(voertuigen, oordelen):
    getoond = toegelicht(Populatie((PAAR,), voertuigen=tuple(voertuigen))).voertuigen.voertuigen
    assert [(v.getoond, v.waarom) for v in getoond] == oordelen


@pytest.mark.parametrize("zaad", range(3))
def test_it_agrees_with_the_outcome_on_random_populations(zaad):
    gegeven, huishoudens = invoer(willekeurige_populatie(Random(zaad), KADERS[0], 40))
    uitkomst = toets_invoer(gegeven, huishoudens)
    getoond = uitkomst.voertuigdetails
    for nummer, u in enumerate(uitkomst.uitkomsten.to_dict("records")):
        t = toelichting(uitkomst, gegeven, u["bsn"])
        bewoners = [p for p in t.huishouden.personen if p.bewoner]
        assert (len(bewoners), sum(p.meerderjarig is True for p in bewoners)) == (
            u["bewoners"],
            u["meerderjarigen"],
        )
        gewoon = sum(o.netto for o in t.inkomen.opgaven if o.telt and not o.pensioen)
        assert gewoon + sum(p.per_maand for p in t.inkomen.pensioenen) == u["totaal"] == t.inkomen.totaal
        assert (t.inkomen.norm.bedrag if t.inkomen.norm else 0) == u["norm"]
        assert sum(r.saldo for r in t.vermogen.rekeningen if r.telt) == u["saldo"]
        assert sum(r.rente for r in t.vermogen.rekeningen if r.telt) == u["rente"]
        assert (t.vermogen.grens.bedrag if t.vermogen.grens else 0) == u["grens"]
        kentekens = {v.kenteken for v in t.voertuigen.voertuigen if v.getoond}
        assert kentekens == set(getoond.loc[getoond["aanvraag"] == nummer, "kenteken"])
        geschreven = tekst(t)
        assert f"{u['bsn']:09d}" in geschreven
        assert max(map(len, geschreven.splitlines())) <= 110


def test_what_was_fetched_for_another_household_is_not_told():
    # Bram is Anna's partner, but as aanvrager he has a belemmering huishouden.
    onzeker = Vraag(BRAM, (Persoon(BRAM), Persoon(CARLA)), percentage=150)
    t = toegelicht(
        Populatie(
            (PAAR, onzeker),
            (loon(1, BRAM),),
            (Rekening(BRAM),),
            voertuigen=(Voertuig(BRAM, merk="BMW"),),
            uitkeringen=(Uitkering(BRAM),),
        ),
        bsn=BRAM,
    )
    assert t.voertuigen.voertuigen == t.vermogen.rekeningen == t.vermogen.mislukt == ()
    inkomen = t.inkomen
    assert (inkomen.oordeel, inkomen.totaal, inkomen.norm) == ("Niet getoetst", 0, None)
    assert inkomen.bijstand == inkomen.opgaven == inkomen.pensioenen == ()
    assert (inkomen.percentage, inkomen.toetsbedrag, inkomen.aow.bereikt) == (150, 0, False)
    assert (t.vermogen.grens, t.vermogen.rentegrens) == (None, None)
    assert (t.vermogen.saldo_te_hoog, t.vermogen.rente_te_hoog) == (False, False)


def test_a_supplied_household_has_no_persons_and_no_doubts():
    huishouden = toegelicht(Populatie((Vraag(leefvorm=2, geboren="1980-01-01"),))).huishouden
    assert (huishouden.personen, huishouden.twijfels, huishouden.regel) == ((), (), 0)


def test_it_names_the_norm_files_it_was_made_with():
    assert toegelicht(Populatie()).herkomst == Omgeving().normen.herkomst != ""


# The words


def test_a_whole_text():
    adres = (
        Persoon(ANNA, gehuwd_met=(BRAM,), voorvoegsel="van der"),
        Persoon(BRAM, "1959-09", geslachtsnaam="Boer"),
    )
    populatie = Populatie(
        (Vraag(ANNA, adres, percentage=110),),
        (
            Verhouding(BRAM, "22", (Opgave(loon=120_000, loonheffing=10_000, zvw=2_050),), "SVB"),
            Verhouding(ANNA, "56", (Opgave("2026-06-30", loon=100_000),), "Fonds"),
        ),
        (Rekening(ANNA, "A", 1_599_999, 16_001),),
        voertuigen=(replace(OUD, merk="OPEL", handelsbenaming="CORSA"),),
    )
    herkomst = toegelicht(populatie).herkomst
    assert (
        tekst(toegelicht(populatie))
        == f"""\
Toelichting bij aanvrager {ANNA} van der Meer en partner {BRAM}
Ronde 2026-09, deelnamedatum 26 september 2026.

1. Huishouden (handleiding 5.4.4): geen belemmering
   De BRP is bevraagd. Op het adres ingeschreven: 2.
   - {ANNA} van der Meer, geboren 1980-03-17: aanvrager; bewoner, meerderjarig
   - {BRAM} Boer, geboren 1959-09: echtgenoot of geregistreerd partner; bewoner, meerderjarig
   Bewoners: 2, van wie 2 zeker meerderjarig op de deelnamedatum.
   Leefvorm: Gehuwd/samenwonend, zekerheid Hoog.
   Regel 1 (besluit B23): de aanvrager heeft een niet-ontbonden huwelijk of geregistreerd partnerschap met een
   bewoner.

2. Inkomen (handleiding 5.4.2): geen belemmering
   Peilmaand augustus 2026; pensioenen over 1 juni 2026 tot en met 31 augustus 2026.
   Netto = loon - privégebruik auto - ingehouden loonheffing - ingehouden bijdrage Zvw.
   - {ANNA}, Fonds, soort 56 (Ouderdomspensioen dat via de werkgever is opgebouwd), 1 juni 2026 tot en met
     30 juni 2026
     € 1.000,00 - € 0,00 - € 0,00 - € 0,00 = € 1.000,00 netto; telt: eindigt in het pensioenvenster
   - {BRAM}, SVB, soort 22 (Uitkering Algemene Ouderdomswet (AOW)), 1 augustus 2026 tot en met 31 augustus
     2026
     € 1.200,00 - € 0,00 - € 100,00 - € 20,50 = € 1.079,50 netto; telt: eindigt in de peilmaand
   Pensioen van {ANNA}, Fonds: € 1.000,00 / 3 maanden = € 333,33 per maand.
   Totaal netto-inkomen van het huishouden: € 1.412,83.
   Heffingskortingen tellen niet mee (besluit B34).
   De AOW-leeftijd heeft op de deelnamedatum wie geboren is tot en met 26 september 1959 (Algemene
   Ouderdomswet, artikel 7a (BWBR0002221)): aanvrager noch partner heeft die bereikt.
   Inkomensnorm: norm gehuwden, € 2.027,79 (Participatiewet, artikel 21, onder b (BWBR0015703), geldig vanaf
   2026-07-01 tot en met 2026-12-31), inclusief vakantietoeslag.
   Toetsbedrag: € 2.027,79 x 110 % = € 2.230,569.
   Geen belemmering: € 1.412,83 is lager dan het toetsbedrag € 2.230,569 (besluit B33).

3. Vermogen (handleiding 5.4.3): belemmering
   Gegevens van 31 december 2025.
   - {ANNA}, ABN AMRO spaarrekening, A Meer: saldo € 15.999,99, rente € 160,01; telt
   Saldo: € 15.999,99; rente: € 160,01.
   Vermogensgrens: grens gehuwden, € 16.000,00 (Participatiewet, artikel 34, derde lid onder b en c
   (BWBR0015703), geldig vanaf 2026-01-01 tot en met 2026-12-31).
   Rentegrens: 1,0 % van de vermogensgrens, € 160,00 (Handleiding Bijzondere Bijstand 5.4.3, geldig vanaf
   2022-01-01).
   Geen belemmering: het saldo is lager dan de vermogensgrens (besluit B39).
   Belemmering: de rente is hoger dan de rentegrens (besluit B39).
   Van een geverifieerd BSN zijn geen rekeningen bekend; dat is geen belemmering (besluit B40).

4. Voertuigen (handleiding 5.4.5)
   - {ANNA}, OUD, Personenauto OPEL CORSA, eerste toelating 1 januari 2010: niet getoond, het enige
     motorvoertuig, 9 jaar of ouder en geen exclusief merk
   Voertuigen vormen nooit een belemmering. Bron van de exclusieve merken: Handleiding Bijzondere Bijstand
   5.4.5, geldig vanaf 2022-01-01.

5. Eindoordeel (handleiding 5.4.1): belemmering
   Belemmering op vermogen; één is genoeg (besluit B44).
   In de rapportage onder Reden(en): Geen gegevens bekend bij Belastingdienst

Kenmerk van de gebruikte normbestanden: {herkomst}
"""
    )


def test_without_a_name_the_heading_ends_with_the_bsn():
    onbekend = tekst(toegelicht(Populatie((Vraag(letter="G"),))))
    assert onbekend.splitlines()[0] == f"Toelichting bij aanvrager {ANNA}"


def test_what_belongs_to_a_line_of_a_list_stays_under_it():
    vier_weken = (Opgave("2026-08-02", "2026-07-06", loon=1), Opgave("2026-08-30", "2026-08-03", loon=2))
    geschreven = tekst(toegelicht(Populatie(verhoudingen=(Verhouding(opgaven=vier_weken),))))
    assert (
        """
     € 0,01 - € 0,00 - € 0,00 - € 0,00 = € 0,01 netto; telt niet: een latere vierwekenopgave van dezelfde
     werkgever in die maand telt
   - """
        in geschreven
    )


TOEN = "Niet getoetst, omdat op de deelnamedatum een bijstandsuitkering loopt: "
ZINNEN = {
    "nothing earned": (
        Populatie(),
        "Er zijn geen inkomstenopgaven gevonden. Totaal netto-inkomen van het huishouden: € 0,00.",
        "Belemmering: het inkomen € 0,00 is niet hoger dan nul (besluit B33).",
        "de aanvrager heeft die niet bereikt.",
        "Er zijn geen rekeningen bekend.",
        "Er zijn geen voertuigen bekend.",
        (
            "Regel 7 (besluit B23): er zijn geen andere meerderjarige bewoners (ouders en kinderen van de aanvrager "
            "niet meegerekend), en geen eigen kind van de aanvrager is bewoner."
        ),
    ),
    "too much": (
        Populatie(verhoudingen=(loon(170_336),), rekeningen=(Rekening(saldo=800_000),)),
        "Belemmering: € 1.703,36 is gelijk aan of hoger dan het toetsbedrag € 1.703,352 (besluit B33).",
        "Belemmering: het saldo is gelijk aan of hoger dan de vermogensgrens (besluit B39).",
        "Geen belemmering: de rente is niet hoger dan de rentegrens (besluit B39).",
        "Belemmering op inkomen en vermogen; één is genoeg (besluit B44).",
    ),
    "income of another month": (
        Populatie(verhoudingen=(loon(100, einde="2026-07-31"),)),
        "= € 1,00 netto; telt niet: eindigt niet in de peilmaand",
    ),
    "a vehicle that shows": (
        Populatie(voertuigen=(replace(OUD, eerste_toelating="2024-02-01"),)),
        "eerste toelating 1 februari 2024: getoond, jonger dan 9 jaar",
    ),
    "nothing against it": (
        Populatie(verhoudingen=(loon(1),), rekeningen=(Rekening(),)),
        "Geen van de toetsen gaf een belemmering (besluit B44).",
    ),
    "AOW": (Populatie((Vraag(ANNA, (Persoon(ANNA, "1950-01-01"),)),)), "de aanvrager heeft die bereikt."),
    "AOW of one of a couple": (
        Populatie((Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM, "1950-01-01"))),)),
        "aanvrager of partner heeft die bereikt.",
    ),
    "two reasons": (
        Populatie((PAAR,), mislukt=frozenset({ANNA})),
        (
            f"In de rapportage onder Reden(en): BSN-verificatie voor {ANNA} mislukt | Geen gegevens bekend bij "
            "Belastingdienst"
        ),
    ),
    "verification failed": (
        Populatie(mislukt=frozenset({ANNA})),
        f"Belemmering: de BSN-verificatie van {ANNA} is mislukt (besluit B39).",
    ),
    "bijstand": (
        Populatie(uitkeringen=(Uitkering(), Uitkering(einde="2026-09-25"), Uitkering(BRAM))),
        f"{TOEN}PW van {ANNA}, vanaf 1 januari 2024 zonder einddatum (besluit B28).",
    ),
    "bijstand that ends": (
        Populatie(uitkeringen=(Uitkering(regeling="AIO", einde="2026-09-26"),)),
        f"{TOEN}AIO van {ANNA}, vanaf 1 januari 2024 tot en met 26 september 2026 (besluit B28).",
    ),
    "supplied": (
        Populatie((Vraag(leefvorm=2, geboren="1980-01-01"),)),
        "De BRP is niet bevraagd. Leefvorm zoals aangeleverd: Alleenstaande ouder; zekerheid Geen.",
        "1. Huishouden (handleiding 5.4.4): niet getoetst",
        "Voor een aangeleverde alleenstaande ouder geldt de grens van gehuwden (besluit B37).",
    ),
    "supplied and too young": (
        Populatie((Vraag(leefvorm=3, geboren="2010-01-01"),)),
        "zekerheid Geen. Belemmering: Aanvrager jonger dan 18 jaar",
        "Niet getoetst, omdat het huishouden een belemmering heeft.",
        "Niet getoetst (vermogen), omdat het huishouden een belemmering heeft (Aanvrager jonger dan 18 jaar).",
        "Niet getoetst (voertuigen), omdat het huishouden een belemmering heeft (Aanvrager jonger dan 18 jaar).",
    ),
    "nothing found": (
        Populatie((Vraag(letter="G"),)),
        f"Toelichting bij aanvrager {ANNA} Ronde",
        "De BRP is bevraagd en gaf geen personen op het adres.",
        "De leefvorm is niet afgeleid: leefvorm Onbekend, zekerheid Geen.",
        "Belemmering (besluit B22): Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden",
        "De andere bronnen zijn daarom niet bevraagd.",
        "Belemmering op huishouden; één is genoeg (besluit B44).",
    ),
    "in doubt": (
        Populatie((Vraag(ANNA, (Persoon(ANNA, in_onderzoek=True), Persoon(0, "2008"))),)),
        "De zekerheid is ten hoogste Middel: het adres van de aanvrager is in onderzoek.",
        "zonder BSN Meer, geboren 2008: telt niet als ander; bewoner, meerderjarigheid niet te bepalen",
    ),
    "a parent of a minor": (
        Populatie((Vraag(ANNA, (Persoon(ANNA, kinderen=(CARLA,)), Persoon(CARLA, "2015-01-01"))),)),
        "Er woont een eigen kind onder 18: voor deze ouder geldt de grens van gehuwden (besluit B37).",
        "kind van de aanvrager; bewoner, minderjarig",
    ),
    "a parent of a grown child": (
        Populatie((Vraag(ANNA, (Persoon(ANNA, kinderen=(CARLA,)), Persoon(CARLA))),)),
        "Er woont geen eigen kind onder 18: voor deze ouder geldt de grens van alleenstaanden (besluit B37).",
    ),
    "a joint account": (
        Populatie((PAAR,), rekeningen=(Rekening(), Rekening(BRAM))),
        "saldo € 0,00, rente € 0,00; telt niet: hetzelfde rekeningnummer is al geteld",
    ),
    "no residence": (
        Populatie((Vraag(ANNA, (Persoon(ANNA, "", functieadres="B"),)),)),
        "geboren onbekend: aanvrager; geen bewoner (functieadres B), meerderjarigheid niet te bepalen",
    ),
}


@pytest.mark.parametrize("geval", ZINNEN.values(), ids=ZINNEN)
def test_the_words(geval):
    populatie, *zinnen = geval
    geschreven = regels(populatie)
    for zin in zinnen:
        assert f" {zin} " in f" {geschreven} "


def test_settings_that_are_off():
    geschreven = regels(Populatie(), Omgeving(instellingen=Instellingen(False, False, 120)))
    assert "De organisatie heeft vermogen niet aangezet in haar instellingen." in geschreven
    assert "De organisatie heeft voertuigen niet aangezet in haar instellingen." in geschreven


@pytest.mark.parametrize(
    ("centen", "geschreven"),
    [
        (0, "€ 0,00"),
        (5, "€ 0,05"),
        (141_946, "€ 1.419,46"),
        (-123_456_789, "€ -1.234.567,89"),
        (Decimal("170335.2"), "€ 1.703,352"),
        (Decimal("170335.25"), "€ 1.703,3525"),
        (Decimal("100000.00"), "€ 1.000,00"),
    ],
)
def test_euros(centen, geschreven):
    assert euro(centen) == geschreven
