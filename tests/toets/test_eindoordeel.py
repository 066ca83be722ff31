"""From the tests to the outcome: eindoordeel, reasons, benefits and details (besluiten B44-B51)."""

import pytest

from tests.toets.bouw import (
    ANNA,
    BRAM,
    CARLA,
    Korting,
    Opgave,
    Persoon,
    Populatie,
    Rekening,
    Uitkering,
    Verhouding,
    Vraag,
    loon,
    toets_populatie,
)

ONZEKER = "De gezinssituatie van de aanvrager is niet met zekerheid vast te stellen."
GEHUWD = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))
GOED, TE_VEEL = loon(100_000), loon(900_000)
RIJK, ARM = Rekening(saldo=9_000_000), Rekening(saldo=1)
NIEMAND = 10
"""No BSN of anybody (it fails the elfproef), to show that leading zeros are written."""
EEN_ANDER = Vraag(ANNA, (Persoon(ANNA), Persoon(BRAM)))

OORDELEN = {
    "nothing": (Vraag(), GOED, ARM, ("N", "N", "N"), "N"),
    "income": (Vraag(), TE_VEEL, ARM, ("N", "J", "N"), "J"),
    "assets": (Vraag(), GOED, RIJK, ("N", "N", "J"), "J"),
    "both": (Vraag(), TE_VEEL, RIJK, ("N", "J", "J"), "J"),
    "household": (EEN_ANDER, TE_VEEL, RIJK, ("J", "Niet getoetst", "Niet getoetst"), "J"),
    "supplied, nothing": (
        Vraag(leefvorm=3, geboren="1980-01-01"),
        GOED, ARM, ("Niet getoetst", "N", "N"), "N",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("vraag", "inkomen", "rekening", "oordelen", "eind"), OORDELEN.values(), ids=OORDELEN
)
def test_one_belemmering_is_enough(vraag, inkomen, rekening, oordelen, eind):
    uit = toets_populatie(Populatie((vraag,), (inkomen,), (rekening,))).uitkomsten.iloc[0]
    assert (uit["huishouden"], uit["inkomen"], uit["vermogen"]) == oordelen
    assert uit["belemmering"] == eind


def redenen(populatie):
    frame = toets_populatie(populatie).redenen
    return [tuple(regel) for regel in frame.to_numpy().tolist()]


def test_reasons_in_their_order():
    bij_ouder = (Persoon(ANNA, gehuwd_met=(BRAM,), ouders=(CARLA,)), Persoon(BRAM), Persoon(CARLA))
    populatie = Populatie((Vraag(ANNA, bij_ouder),), mislukt=frozenset({ANNA}))
    assert redenen(populatie) == [
        (0, f"BSN-verificatie voor {ANNA} mislukt"),
        (0, "Geen gegevens bekend bij Belastingdienst"),
        (0, "3 bewoners, waarvan 3 meerderjarig"),
    ]


def test_aanvrager_before_partner_and_rows_in_report_order():
    populatie = Populatie(
        (
            EEN_ANDER,
            Vraag(CARLA, letter="G"),
            Vraag(BRAM, (Persoon(BRAM, gehuwd_met=(NIEMAND,)), Persoon(NIEMAND))),
        ),
        mislukt=frozenset({BRAM, NIEMAND}),
    )
    assert redenen(populatie) == [
        (0, ONZEKER),
        (0, "2 bewoners, waarvan 2 meerderjarig"),
        (1, "Adressituatie kan niet worden vastgesteld: Geen gegevens gevonden"),
        (2, f"BSN-verificatie voor {BRAM} mislukt"),
        (2, "BSN-verificatie voor 000000010 mislukt"),
    ]


def test_no_reasons():
    assert redenen(Populatie((Vraag(),), rekeningen=(ARM,))) == []


def vormen(populatie):
    frame = toets_populatie(populatie).uitkeringsvormen
    return [(r["vorm"], str(r["einde"])[:10]) for r in frame.to_dict("records")]


def test_running_bijstand_shows_with_its_end():
    uitkeringen = (
        Uitkering(BRAM, "AIO"),
        Uitkering(ANNA, "IOAZ", einde="2026-09-26"),
        Uitkering(ANNA, "PW", einde="2026-09-25"),
        Uitkering(ANNA, "IOAW", aanvang="2026-09-27"),
        Uitkering(CARLA, "PW"),
    )
    assert vormen(Populatie((GEHUWD,), uitkeringen=uitkeringen)) == [("IOAZ", "2026-09-26"), ("AIO", "NaT")]


def test_bijstand_does_not_show_with_a_belemmering_huishouden():
    assert vormen(Populatie((EEN_ANDER,), uitkeringen=(Uitkering(),))) == []


def test_a_regeling_we_do_not_know_does_not_show_as_another():
    with pytest.raises(ValueError, match="non-finite"):
        vormen(Populatie(uitkeringen=(Uitkering(regeling="BBZ"),)))


SOORTEN = ("40", "39", "32", "31", "22", "46", "37", "24")
VAN_SOORTEN = ["ANW", "Wajong", "TW", "AOW", "ZW", "WAO", "IVA", "WGA"]


def test_forms_of_counted_opgaven_show_in_the_order_of_b45_when_income_is_j():
    verhoudingen = tuple(loon(100_000, soort=soort) for soort in SOORTEN)
    assert vormen(Populatie(verhoudingen=verhoudingen)) == [(vorm, "NaT") for vorm in VAN_SOORTEN]


@pytest.mark.parametrize(
    ("verhoudingen", "oordeel"),
    [
        ((loon(100_000, soort="22"),), "N"),
        ((loon(0, soort="22"),), "J"),
        ((loon(100_000, soort="22"), loon(-100_000)), "J"),
        ((loon(-1, soort="22"),), "J"),
    ],
)
def test_they_show_only_when_the_toetsbedrag_is_reached(verhoudingen, oordeel):
    populatie = Populatie(verhoudingen=verhoudingen)
    assert toets_populatie(populatie).uitkomsten["inkomen"].tolist() == [oordeel]
    assert vormen(populatie) == []


def test_bijstand_that_ended_today_shows_beside_no_income_at_all():
    # Income is tested: nothing runs on the deelnamedatum. Then nothing shows either.
    uitkeringen = (Uitkering(einde="2026-09-25"),)
    assert vormen(Populatie(verhoudingen=(loon(0, soort="22"),), uitkeringen=uitkeringen)) == []


@pytest.mark.parametrize(
    ("verhouding", "getoond"),
    [
        (loon(1, soort="22"), ["AOW"]),
        (loon(1, soort="22", einde="2026-07-31"), []),
        (loon(1, soort="38"), ["Wajong"]),
        (loon(1, soort="43"), []),
        (loon(1, soort="34"), []),
        (loon(1, soort="33"), []),
        (loon(1, soort="56"), []),
        (loon(1, soort="99"), []),
    ],
)
def test_which_opgaven_show_as_a_form(verhouding, getoond):
    assert [vorm for vorm, _ in vormen(Populatie(verhoudingen=(TE_VEEL, verhouding)))] == getoond


def test_a_form_of_both_partners_shows_once():
    verhoudingen = (
        loon(500_000, soort="22"),
        loon(500_000, BRAM, "22"),
        loon(1, soort="37"),
        loon(1, soort="38"),
    )
    assert vormen(Populatie((GEHUWD,), verhoudingen)) == [("Wajong", "NaT"), ("AOW", "NaT")]


def details(naam, populatie, *kolommen):
    frame = getattr(toets_populatie(populatie), naam)
    return [tuple(regel) for regel in frame[["aanvraag", *kolommen]].to_numpy().tolist()]


def test_inkomstenverhoudingen_show_gross_what_counted():
    verhoudingen = (
        Verhouding(BRAM, "15", (Opgave(loon=400_000, loonheffing=50_000, auto=1, zvw=2),), "Bouw"),
        Verhouding(
            ANNA,
            "56",
            (Opgave("2026-06-30", loon=100), Opgave("2026-08-31", loon=22), Opgave("2026-05-31", loon=7)),
            "Fonds",
        ),
        loon(300_000, einde="2026-07-31"),
        Verhouding(ANNA, "15", (Opgave("2026-08-15", loon=3), Opgave(loon=4)), "Twee"),
    )
    populatie = Populatie((GEHUWD, Vraag(CARLA)), verhoudingen)
    assert details("inkomensdetails", populatie, "bsn", "werkgever", "bedrag", "soort", "meegeteld") == [
        (0, ANNA, "Fonds", 122, "56", 41),  # a third of 122 cents is 40.67
        (0, ANNA, "Twee", 7, "15", 7),
        (0, BRAM, "Bouw", 400_000, "15", 349_997),
    ]
    assert toets_populatie(populatie).uitkomsten["totaal"].iloc[0] == 41 + 7 + 349_997


def test_they_show_for_each_household_they_belong_to():
    paar = (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM, gehuwd_met=(ANNA,)))
    populatie = Populatie((Vraag(ANNA, paar), Vraag(BRAM, paar)), (loon(900_000),))
    assert details("inkomensdetails", populatie, "bsn", "bedrag") == [(0, ANNA, 900_000), (1, ANNA, 900_000)]


def test_nothing_of_the_income_shows_when_it_is_n():
    assert details("inkomensdetails", Populatie(verhoudingen=(GOED,))) == []
    assert details("kortingsdetails", Populatie(verhoudingen=(GOED,), kortingen=(Korting(),))) == []


def test_heffingskortingen_show_by_their_description():
    codes = ("AHK", "AHKP", "AK", "IACK", "OK", "AOK", "JGK", "ZZZ")
    kortingen = (Korting(BRAM, "AHK", 5), *(Korting(ANNA, code, 100 + i) for i, code in enumerate(codes)))
    populatie = Populatie((GEHUWD,), (TE_VEEL,), kortingen=(*kortingen, Korting(CARLA)))
    assert details("kortingsdetails", populatie, "bsn", "omschrijving", "bedrag") == [
        (0, ANNA, "algemene heffingskorting", 100),
        (0, ANNA, "algemene heffingskorting (minstverdienende) partner", 101),
        (0, ANNA, "arbeidskorting", 102),
        (0, ANNA, "inkomensafhankelijke combinatiekorting", 103),
        (0, ANNA, "ouderenkorting", 104),
        (0, ANNA, "alleenstaande-ouderenkorting", 105),
        (0, ANNA, "jonggehandicaptenkorting", 106),
        (0, ANNA, "onbekend (ZZZ)", 107),
        (0, BRAM, "algemene heffingskorting", 5),
    ]


def test_an_account_shows_for_each_holder_once():
    rekeningen = (
        Rekening(BRAM, "SAMEN", 1_700_000, 5),
        Rekening(ANNA, "SAMEN", 1_600_000, 6),
        Rekening(ANNA, "SAMEN", 1_500_000, 7),
        Rekening(ANNA, "EIGEN", 1, 0, bank="ING", product="betaalrekening", tenaamstelling="A"),
        Rekening(CARLA, "SAMEN", 2, 0),
    )
    populatie = Populatie((GEHUWD,), rekeningen=rekeningen)
    kolommen = ("bsn", "saldo", "rente", "bank", "product", "tenaamstelling", "telt")
    gewoon = ("ABN AMRO", "spaarrekening", "A Meer")
    assert details("rekeningdetails", populatie, *kolommen) == [
        (0, ANNA, 1_600_000, 6, *gewoon, True),
        (0, ANNA, 1, 0, "ING", "betaalrekening", "A", True),
        (0, BRAM, 1_700_000, 5, *gewoon, False),
    ]
    assert toets_populatie(populatie).uitkomsten["saldo"].tolist() == [1_600_001]


def test_which_record_of_a_shared_account_counts_follows_who_asks():
    paar = (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM, gehuwd_met=(ANNA,)))
    rekeningen = (Rekening(ANNA, "SAMEN", 1_600_000), Rekening(BRAM, "SAMEN", 1_700_000))
    populatie = Populatie((Vraag(ANNA, paar), Vraag(BRAM, paar)), rekeningen=rekeningen)
    assert details("rekeningdetails", populatie, "bsn", "telt") == [
        (0, ANNA, True),
        (0, BRAM, False),
        (1, BRAM, True),
        (1, ANNA, False),
    ]


def test_no_accounts_show_when_vermogen_is_n():
    assert details("rekeningdetails", Populatie(rekeningen=(ARM,))) == []


def test_a_failed_verification_shows_the_accounts_of_the_other():
    populatie = Populatie((GEHUWD,), rekeningen=(Rekening(BRAM, saldo=5),), mislukt=frozenset({ANNA}))
    assert details("rekeningdetails", populatie, "bsn", "saldo") == [(0, BRAM, 5)]
