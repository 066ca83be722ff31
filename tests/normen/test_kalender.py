"""The calendar of a ronde, worked out by hand from besluiten B1-B6 and manual 5.4.2 and 5.4.3."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.errors import RondeFout
from include.normen.kalender import Maand, Periode, Ronde, lees_maand, uiterste_begindatum

# ronde, rapportagemaand and its last day, peilmaand, pension window from - to, belastingjaar
KALENDER = """
2021-12   2022-01 2022-01-31   2021-11   2021-09-01 2021-11-30   2020
2022-01   2022-02 2022-02-28   2021-11   2021-10-01 2021-12-31   2020
2024-01   2024-02 2024-02-29   2023-11   2023-10-01 2023-12-31   2022
2024-03   2024-04 2024-04-30   2024-02   2023-12-01 2024-02-29   2022
2026-01   2026-02 2026-02-28   2025-11   2025-10-01 2025-12-31   2024
2026-02   2026-03 2026-03-31   2026-01   2025-11-01 2026-01-31   2024
2026-03   2026-04 2026-04-30   2026-02   2025-12-01 2026-02-28   2024
2026-04   2026-05 2026-05-31   2026-03   2026-01-01 2026-03-31   2024
2026-05   2026-06 2026-06-30   2026-04   2026-02-01 2026-04-30   2024
2026-06   2026-07 2026-07-31   2026-04   2026-03-01 2026-05-31   2025
2026-07   2026-08 2026-08-31   2026-06   2026-04-01 2026-06-30   2025
2026-08   2026-09 2026-09-30   2026-07   2026-05-01 2026-07-31   2025
2026-09   2026-10 2026-10-31   2026-08   2026-06-01 2026-08-31   2025
2026-10   2026-11 2026-11-30   2026-09   2026-07-01 2026-09-30   2025
2026-11   2026-12 2026-12-31   2026-10   2026-08-01 2026-10-31   2025
2026-12   2027-01 2027-01-31   2026-11   2026-09-01 2026-11-30   2025
"""
GEVALLEN = [tuple(regel.split()) for regel in KALENDER.strip().splitlines()]


def gewone_ronde(tekst: str) -> Ronde:
    maand = lees_maand(tekst)
    vorige = maand.plus(-1)
    return Ronde(maand, date(maand.jaar, maand.maand, 26), date(vorige.jaar, vorige.maand, 26))


@pytest.mark.parametrize(
    ("tekst", "rapportagemaand", "laatste", "peilmaand", "van", "tot", "jaar"),
    GEVALLEN,
    ids=[g[0] for g in GEVALLEN],
)
def test_everything_follows_from_the_ronde(tekst, rapportagemaand, laatste, peilmaand, van, tot, jaar):
    ronde = gewone_ronde(tekst)

    assert (str(ronde), ronde.naam) == (tekst, tekst)
    assert str(ronde.rapportagemaand) == rapportagemaand
    assert str(ronde.rapportagemaand.laatste_dag) == laatste
    assert str(ronde.peilmaand) == peilmaand
    assert ronde.pensioenvenster == Periode(date.fromisoformat(van), date.fromisoformat(tot))
    assert ronde.belastingjaar == int(jaar)
    assert ronde.uwv_periode.van <= ronde.peilmaand.eerste_dag
    assert ronde.peilmaand.laatste_dag <= ronde.uwv_periode.tot_en_met


@pytest.mark.parametrize(
    ("tekst", "van", "tot"),
    [
        ("2026-01", date(2025, 12, 26), date(2026, 1, 26)),
        ("2026-03", date(2026, 2, 26), date(2026, 3, 26)),
        ("2026-09", date(2026, 8, 26), date(2026, 9, 26)),
    ],
)
def test_a_delivery_on_the_deelnamedatum_belongs_to_the_next_ronde(tekst, van, tot):
    ronde = gewone_ronde(tekst)
    assert (ronde.vorige_deelnamedatum, ronde.deelnamedatum) == (van, tot)


@pytest.mark.parametrize(
    ("rapportagedatum", "grens"),
    [
        (date(2026, 10, 5), date(2026, 10, 5)),
        (date(2026, 10, 31), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 10, 31)),
        (date(2027, 3, 1), date(2026, 10, 31)),
    ],
)
def test_a_ronde_run_later_looks_at_benefits_as_on_the_last_day_of_its_month(rapportagedatum, grens):
    assert gewone_ronde("2026-09").rapportagegrens(rapportagedatum) == grens


def test_a_ronde_runs_from_the_first_day_of_its_rapportagemaand():
    ronde = gewone_ronde("2026-12")

    ronde.eis_begonnen(date(2027, 1, 1))
    with pytest.raises(
        RondeFout, match="ronde 2026-12 cannot run yet: its rapportagemaand 2027-01 begins on 2027-01-01"
    ):
        ronde.eis_begonnen(date(2026, 12, 31))


@pytest.mark.parametrize(
    "tekst",
    [
        "",
        "2026",
        "2026-9",
        "2026-00",
        "2026-13",
        "1999-12",
        "2026-09-26",
        "2026/09",
        " 2026-09",
        "2026-09\n",
        "２０２６-０９",
    ],
)
def test_what_is_not_a_month_is_no_ronde(tekst):
    with pytest.raises(RondeFout, match="is not a ronde: write it as JJJJ-MM, for example 2026-09"):
        lees_maand(tekst)


def test_a_long_text_is_cut_off_in_the_message():
    with pytest.raises(RondeFout, match=r"^'x{20}' is not a ronde"):
        lees_maand("x" * 21)


@pytest.mark.parametrize(
    ("maand", "stap", "uitkomst"),
    [
        (Maand(2026, 1), -1, Maand(2025, 12)),
        (Maand(2026, 12), 1, Maand(2027, 1)),
        (Maand(2026, 6), 0, Maand(2026, 6)),
        (Maand(2026, 1), -13, Maand(2024, 12)),
        (Maand(2026, 12), 24, Maand(2028, 12)),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(maand, stap, uitkomst):
    assert maand.plus(stap) == uitkomst


# peildatum, age in years and months, the last birth date with that age
LEEFTIJDEN = """
2026-09-26   18  0   2008-09-26
2026-09-26    9  0   2017-09-26
2026-09-26   67  0   1959-09-26
2026-02-27   18  0   2008-02-27
2026-02-28   18  0   2008-02-29
2028-02-28   18  0   2010-02-28
2028-02-29   18  0   2010-02-28
2024-02-29   20  0   2004-02-29
2023-06-29   66 10   1956-08-29
2023-06-30   66 10   1956-08-31
2022-04-26   66  7   1955-09-26
2028-03-31   67  1   1961-02-28
2028-03-30   67  1   1961-02-28
2028-03-27   67  1   1961-02-27
2027-01-15   66 11   1960-02-15
2025-12-31   66 10   1959-02-28
"""


@pytest.mark.parametrize(
    ("peildatum", "jaren", "maanden", "uiterste"),
    [tuple(regel.split()) for regel in LEEFTIJDEN.strip().splitlines()],
)
def test_age_is_reached_on_the_last_day_of_a_month_that_lacks_the_birthday(
    peildatum, jaren, maanden, uiterste
):
    dag = uiterste_begindatum(date.fromisoformat(peildatum), int(jaren), int(maanden))

    assert dag == date.fromisoformat(uiterste)


def test_age_in_whole_years_needs_no_months():
    assert uiterste_begindatum(date(2026, 9, 26), 18) == date(2008, 9, 26)


def bereikt(geboren: date, jaren: int, maanden: int, peildatum: date) -> bool:
    """B31 as it is written: birth date + years + months, a day that the month lacks becomes its last day."""
    telling = geboren.month - 1 + maanden
    jaar, maand = geboren.year + jaren + telling // 12, telling % 12 + 1
    dag = geboren.day
    while True:
        try:
            return date(jaar, maand, dag) <= peildatum
        except ValueError:
            dag -= 1


@given(
    st.dates(date(2022, 1, 1), date(2031, 12, 31)), st.integers(0, 80), st.integers(0, 11), st.integers(-3, 3)
)
def test_the_last_birth_date_parts_those_with_the_age_from_those_without(peildatum, jaren, maanden, verschil):
    grens = uiterste_begindatum(peildatum, jaren, maanden)
    geboren = grens + timedelta(days=verschil)

    assert bereikt(geboren, jaren, maanden, peildatum) == (geboren <= grens)
