"""What counts as income, against which norm (besluiten B28-B35).

Ronde 2026-09 unless said otherwise: peilmaand August 2026, pension window June up to and including August. A
single person has 1419.46, so a toetsbedrag of 1703.352 at 120 %; a couple 2027.79 and 2433.348.
"""

import numpy as np
import pytest

from include.normen import laden
from include.toets.inkomen import beoordeel_opgaven, deel_half_omhoog, netto_per_verhouding
from tests.toets.bouw import (
    ANNA,
    BRAM,
    Omgeving,
    Opgave,
    Persoon,
    Populatie,
    Uitkering,
    Verhouding,
    Vraag,
    aanvraag,
    loon,
    opgaven_frame,
)

GEHUWD = Vraag(ANNA, (Persoon(ANNA, gehuwd_met=(BRAM,)), Persoon(BRAM)))
RONDE = laden.ronde("2026-09")
NORMEN = laden.normen_op(RONDE.deelnamedatum)


def beoordeeld(*verhoudingen, ronde="2026-09"):
    gekozen = laden.ronde(ronde)
    return beoordeel_opgaven(opgaven_frame(verhoudingen), gekozen, laden.normen_op(gekozen.deelnamedatum))


def test_net_is_wages_less_car_tax_and_zvw():
    opgave = Opgave(loon=300_000, auto=40_000, loonheffing=50_000, zvw=6_000)
    assert beoordeeld(Verhouding(opgaven=(opgave,)))["netto"].tolist() == [204_000]


@pytest.mark.parametrize(
    ("ronde", "soort", "einde", "telt"),
    [
        # wages and benefits: the peilmaand
        ("2026-09", "15", "2026-07-31", False),
        ("2026-09", "15", "2026-08-01", True),
        ("2026-09", "15", "2026-08-31", True),
        ("2026-09", "15", "2026-09-01", False),
        ("2026-09", "22", "2026-08-31", True),
        ("2026-09", "22", "2026-07-31", False),
        # an unknown code is no pension
        ("2026-09", "99", "2026-08-31", True),
        ("2026-09", "99", "2026-07-31", False),
        # pensions: t-2 up to t-4
        ("2026-09", "56", "2026-05-31", False),
        ("2026-09", "56", "2026-06-01", True),
        ("2026-09", "56", "2026-08-31", True),
        ("2026-09", "56", "2026-09-01", False),
        # rapportagemaand July: two months back is May, so April; pensions do not move
        ("2026-06", "15", "2026-05-31", False),
        ("2026-06", "15", "2026-04-30", True),
        ("2026-06", "56", "2026-05-31", True),
        ("2026-06", "56", "2026-03-01", True),
        ("2026-06", "56", "2026-02-28", False),
        # rapportagemaand February: December, so November of the year before
        ("2026-01", "15", "2025-12-31", False),
        ("2026-01", "15", "2025-11-30", True),
        ("2026-01", "57", "2025-12-31", True),
        ("2026-01", "57", "2025-09-30", False),
    ],
)
def test_the_last_day_decides_whether_an_opgave_counts(ronde, soort, einde, telt):
    opgaven = beoordeeld(loon(100, soort=soort, einde=einde), ronde=ronde)
    assert opgaven[["in_periode", "telt"]].to_numpy().tolist() == [[telt, telt]]
    assert opgaven["pensioen"].tolist() == [soort in ("56", "57")]


VIER = (("2026-07-06", "2026-08-02"), ("2026-08-03", "2026-08-30"))
"""Two periods of four weeks that both end in August."""
VIERWEKEN = {
    "two that end in one month: the latest": ("15", VIER, [False, True]),
    "whatever their order": ("15", VIER[::-1], [True, False]),
    "27 days are no four weeks": ("15", (("2026-07-07", "2026-08-02"), VIER[1]), [True, True]),
    "29 days are no four weeks": ("15", (("2026-07-05", "2026-08-02"), VIER[1]), [True, True]),
    "a month beside four weeks": ("15", (("2026-08-01", "2026-08-31"), VIER[1]), [True, True]),
    "three periods: the last": (
        "15",
        (("2026-07-05", "2026-08-01"), VIER[0], VIER[1]),
        [False, False, True],
    ),
    "the same period twice: a correction belongs to its period": (
        "15",
        (VIER[1], VIER[0], VIER[1], VIER[0]),
        [True, False, True, False],
    ),
    "a pension in two months: each its own": (
        "56",
        (("2026-06-08", "2026-07-05"), ("2026-07-06", "2026-08-02")),
        [True, True],
    ),
    "a pension, twice in one month": ("56", VIER, [False, True]),
    "the month of the next year is another": ("15", (("2025-08-04", "2025-08-31"), VIER[1]), [False, True]),
}


@pytest.mark.parametrize(("soort", "perioden", "telt"), VIERWEKEN.values(), ids=VIERWEKEN)
def test_of_four_week_payers_only_the_latest_of_a_month_counts(soort, perioden, telt):
    opgaven = tuple(Opgave(einde, aanvang, loon=100) for aanvang, einde in perioden)
    assert beoordeeld(Verhouding(soort=soort, opgaven=opgaven))["telt"].tolist() == telt


BETALERS = {
    "one employer, another soort": ((ANNA, "15", "L1"), (ANNA, "13", "L1"), [False, True]),
    "two employers": ((ANNA, "15", "L1"), (ANNA, "15", "L2"), [True, True]),
    "two employers whose number is not given": ((ANNA, "15", ""), (ANNA, "15", ""), [True, True]),
    "one number is not given": ((ANNA, "15", "L1"), (ANNA, "15", ""), [True, True]),
    "two persons at one employer": ((ANNA, "15", "L1"), (BRAM, "15", "L1"), [True, True]),
    "one fund, another kind of pension": ((ANNA, "56", "L1"), (ANNA, "57", "L1"), [False, True]),
    "wages and a pension of one payer": ((ANNA, "15", "L1"), (ANNA, "56", "L1"), [True, True]),
}


@pytest.mark.parametrize(("eerst", "daarna", "telt"), BETALERS.values(), ids=BETALERS)
def test_four_weeks_compare_by_person_and_payer_with_pensions_apart(eerst, daarna, telt):
    verhoudingen = [
        Verhouding(bsn, soort, (Opgave(einde, aanvang, loon=100),), nummer=nummer)
        for (bsn, soort, nummer), (aanvang, einde) in zip((eerst, daarna), VIER, strict=True)
    ]
    assert beoordeeld(*verhoudingen)["telt"].tolist() == telt
    assert beoordeeld(*verhoudingen[::-1])["telt"].tolist() == telt[::-1]


@pytest.mark.parametrize("volgorde", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_a_correction_is_added_to_its_period_whatever_the_order(volgorde):
    opgaven = (
        Opgave("2026-08-30", "2026-08-03", loon=150_000),
        Opgave("2026-08-30", "2026-08-03", loon=-20_000),
        Opgave("2026-08-02", "2026-07-06", loon=140_000),
    )
    verhouding = Verhouding(opgaven=tuple(opgaven[plaats] for plaats in volgorde))
    assert aanvraag(Populatie(verhoudingen=(verhouding,)))["totaal"] == 130_000


def test_both_jobs_of_the_latest_period_count():
    verhoudingen = [
        Verhouding(soort=soort, opgaven=(Opgave("2026-08-30", "2026-08-03", loon=40_000),), nummer="L1")
        for soort in ("15", "11")
    ]
    assert aanvraag(Populatie(verhoudingen=tuple(verhoudingen)))["totaal"] == 80_000


def test_four_week_opgaven_that_are_mixed_in_the_answer_stay_with_their_own_employer():
    een = Verhouding(opgaven=tuple(Opgave(einde, aanvang) for aanvang, einde in VIER))
    assert beoordeeld(een, een)["telt"].tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("som", "derde"),
    [
        (300, 100),
        (301, 100),
        (302, 101),
        (1, 0),
        (2, 1),
        (0, 0),
        (-1, 0),
        (-2, -1),
        (-300, -100),
        (-301, -100),
    ],
)
def test_a_third_is_rounded_to_the_nearest_cent(som, derde):
    assert deel_half_omhoog(np.array([som]), 3).tolist() == [derde]


def test_exactly_half_goes_up():
    assert deel_half_omhoog(np.array([1, 3, -1, -3]), 2).tolist() == [1, 2, 0, -1]


PENSIOENEN = {
    "once a quarter": ([("56", [300_000])], [100_000]),
    "cents that do not divide": ([("56", [100, 101, 100])], [100]),
    "cents that round up": ([("56", [100, 101, 101])], [101]),
    "each pension is rounded by itself": ([("56", [100]), ("57", [100])], [33, 33]),
    "one that was taken back": ([("56", [-100, -100])], [-67]),
}


@pytest.mark.parametrize(("pensioenen", "per_maand"), PENSIOENEN.values(), ids=PENSIOENEN)
def test_a_pension_counts_for_a_third(pensioenen, per_maand):
    einden = ("2026-06-30", "2026-07-31", "2026-08-31")
    verhoudingen = [
        Verhouding(
            soort=soort, opgaven=tuple(Opgave(e, loon=b) for e, b in zip(einden, bedragen, strict=False))
        )
        for soort, bedragen in pensioenen
    ]
    assert netto_per_verhouding(beoordeeld(*verhoudingen))["netto"].tolist() == per_maand
    assert aanvraag(Populatie(verhoudingen=tuple(verhoudingen)))["totaal"] == sum(per_maand)


def test_only_counted_opgaven_of_a_pension_are_divided():
    opgaven = (Opgave("2026-05-31", loon=900), Opgave("2026-06-30", loon=300), Opgave("2026-08-31", loon=300))
    gewoon = Verhouding(soort="15", opgaven=(Opgave("2026-08-31", loon=5),))
    per_maand = netto_per_verhouding(beoordeeld(gewoon, Verhouding(soort="56", opgaven=opgaven)))
    assert per_maand.to_dict("index") == {
        0: {"bsn": ANNA, "pensioen": False, "netto": 5},
        1: {"bsn": ANNA, "pensioen": True, "netto": 200},
    }


TOTALEN = {
    "one employer": ([loon(150_000)], 150_000),
    "two employers": ([loon(100_000), loon(20_000)], 120_000),
    "two opgaven of one employer": (
        [Verhouding(opgaven=(Opgave("2026-08-15", loon=100), Opgave("2026-08-31", loon=20)))],
        120,
    ),
    "wages and a pension": ([loon(100_000), loon(30_000, soort="56", einde="2026-06-30")], 110_000),
    "a correction below zero": ([loon(100_000), loon(-30_000)], 70_000),
    "nothing at all": ([], 0),
    "income of a stranger": ([loon(100_000, BRAM)], 0),
}


@pytest.mark.parametrize(("verhoudingen", "totaal"), TOTALEN.values(), ids=TOTALEN)
def test_total_of_a_single_person(verhoudingen, totaal):
    assert aanvraag(Populatie(verhoudingen=tuple(verhoudingen)))["totaal"] == totaal


def test_total_of_a_couple():
    verhoudingen = (loon(100_000), loon(20_000, BRAM), loon(300, BRAM, "56"))
    uit = aanvraag(Populatie((GEHUWD,), verhoudingen))
    assert (uit["totaal"], uit["norm"]) == (120_100, 202_779)


JONG, OUD = "1959-09-27", "1959-09-26"
"""AOW at 67: reached on 26 September 2026 by who was born on 26 September 1959, not a day later."""


@pytest.mark.parametrize(
    ("aanvrager", "partner", "norm"),
    [
        (JONG, None, 141_946),
        (OUD, None, 158_734),
        (JONG, JONG, 202_779),
        (OUD, JONG, 217_610),
        (JONG, OUD, 217_610),
        (OUD, OUD, 217_610),
        (JONG, "1959-08", 217_610),
        (JONG, "1959-09", 202_779),
        (JONG, "1958", 217_610),
        (JONG, "1959", 202_779),
        ("2008-09-26", None, 141_946),
    ],
)
def test_norm_by_leefvorm_and_aow(aanvrager, partner, norm):
    adres = [Persoon(ANNA, aanvrager, gehuwd_met=(BRAM,) if partner else ())]
    adres += [Persoon(BRAM, partner)] if partner else []
    assert aanvraag(Populatie((Vraag(ANNA, tuple(adres)),)))["norm"] == norm


@pytest.mark.parametrize(
    ("leefvorm", "partner_geboren", "norm"),
    [(1, JONG, 202_779), (1, OUD, 217_610), (2, "", 141_946), (3, "", 141_946)],
)
def test_norm_of_a_supplied_leefvorm(leefvorm, partner_geboren, norm):
    vraag = Vraag(
        leefvorm=leefvorm, geboren=JONG, partner=BRAM if leefvorm == 1 else 0, partner_geboren=partner_geboren
    )
    assert aanvraag(Populatie((vraag,)))["norm"] == norm


def test_an_alleenstaande_ouder_has_the_norm_of_a_single_person():
    adres = (Persoon(ANNA, kinderen=(BRAM,)), Persoon(BRAM, "2015-01-01"))
    assert aanvraag(Populatie((Vraag(ANNA, adres),)))["norm"] == 141_946


@pytest.mark.parametrize(
    ("vraag", "bedrag", "oordeel"),
    [
        # 1419.46 x 120 % = 1703.352
        (Vraag(), 170_335, "N"),
        (Vraag(), 170_336, "J"),
        # 1419.46 x 100 % = 1419.46 to the cent
        (Vraag(percentage=100), 141_945, "N"),
        (Vraag(percentage=100), 141_946, "J"),
        (Vraag(percentage=150), 212_918, "N"),
        (Vraag(percentage=150), 212_919, "J"),
        # 2027.79 x 120 % = 2433.348
        (GEHUWD, 243_334, "N"),
        (GEHUWD, 243_335, "J"),
        # zero and less
        (Vraag(), 1, "N"),
        (Vraag(), 0, "J"),
        (Vraag(), -1, "J"),
    ],
)
def test_income_against_the_toetsbedrag(vraag, bedrag, oordeel):
    uit = aanvraag(Populatie((vraag,), (loon(bedrag),)))
    assert (uit["totaal"], uit["inkomen"], uit["belemmering"]) == (bedrag, oordeel, oordeel)


def test_the_setting_holds_where_the_row_has_no_percentage_of_its_own():
    from include.schemas.instellingen import Instellingen

    omgeving = Omgeving(instellingen=Instellingen(True, True, 130))
    assert aanvraag(Populatie(), omgeving)["percentage"] == 130
    assert aanvraag(Populatie((Vraag(percentage=110),)), omgeving)["percentage"] == 110


BIJSTAND = {
    "of the aanvrager": (Vraag(), Uitkering(ANNA), True),
    "of the partner": (GEHUWD, Uitkering(BRAM), True),
    "of somebody else": (Vraag(), Uitkering(BRAM), False),
    "starts on the deelnamedatum": (Vraag(), Uitkering(ANNA, aanvang="2026-09-26"), True),
    "starts the day after": (Vraag(), Uitkering(ANNA, aanvang="2026-09-27"), False),
    "ends on the deelnamedatum": (Vraag(), Uitkering(ANNA, einde="2026-09-26"), True),
    "ended the day before": (Vraag(), Uitkering(ANNA, einde="2026-09-25"), False),
    **{f"is {regeling}": (Vraag(), Uitkering(ANNA, regeling), True) for regeling in ("IOAW", "IOAZ", "AIO")},
}


@pytest.mark.parametrize(("vraag", "uitkering", "lopend"), BIJSTAND.values(), ids=BIJSTAND)
def test_running_bijstand_stops_the_income_test(vraag, uitkering, lopend):
    uit = aanvraag(Populatie((vraag,), (loon(900_000),), uitkeringen=(uitkering,)))
    assert uit["bijstand"] == lopend
    assert uit["inkomen"] == ("Niet getoetst" if lopend else "J")
    assert (uit["totaal"], uit["norm"] > 0) == ((0, False) if lopend else (900_000, True))


def test_an_opgave_keeps_its_place():
    verhoudingen = [loon(bedrag, soort=soort) for bedrag, soort in ((1, "56"), (2, "15"), (3, "99"))]
    opgaven = beoordeeld(*verhoudingen)
    assert opgaven["netto"].tolist() == [1, 2, 3]
    assert opgaven["pensioen"].tolist() == [True, False, False]
    assert beoordeeld().empty
