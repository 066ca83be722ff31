"""Which norms hold on which day: figures typed in by hand, not read back from the files."""

from dataclasses import FrozenInstanceError, fields
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import NormFout, RondeFout
from include.normen import laden
from include.normen.kalender import Maand

pytestmark = pytest.mark.usefixtures("ook_met_volgend_jaar")

EERSTE_RONDE = Maand(2022, 1)

# first and last day, then in euros: alleenstaand, gehuwd, both at AOW age; the two vermogensgrenzen
NORMEN = """
2022-01-01 2022-06-30   1091.71 1559.58 1213.06 1642.54   6505 13010
2022-07-01 2022-12-31   1101.82 1574.03 1225.67 1660.36   6505 13010
2023-01-01 2023-06-30   1195.66 1708.08 1330.67 1807.20   7605 15210
2023-07-01 2023-12-31   1216.62 1738.02 1357.66 1843.60   7605 15210
2024-01-01 2024-06-30   1283.83 1834.04 1425.76 1932.32   7575 15150
2024-07-01 2024-12-31   1308.45 1869.21 1456.85 1976.64   7575 15150
2025-01-01 2025-06-30   1345.45 1922.07 1501.07 2053.48   7770 15540
2025-07-01 2025-12-31   1369.06 1955.80 1530.21 2094.98   7770 15540
2026-01-01 2026-06-30   1401.50 2002.13 1564.69 2144.16   8000 16000
2026-07-01 2026-12-31   1419.46 2027.79 1587.34 2176.10   8000 16000
"""


def centen(bedrag: str) -> int:
    euro, _, cent = bedrag.partition(".")
    return int(euro + (cent or "00"))


def gevallen(tabel: str) -> list[list[str]]:
    return [regel.split() for regel in tabel.strip().splitlines()]


@pytest.mark.parametrize("geval", gevallen(NORMEN), ids=lambda geval: geval[0])
def test_norms_of_each_half_year_hold_from_its_first_to_its_last_day(geval):
    eerste, laatste, *bedragen = geval
    for dag in (eerste, laatste):
        normen = laden.normen_op(date.fromisoformat(dag))
        assert [
            normen.bijstandsnorm_alleenstaand,
            normen.bijstandsnorm_gehuwd,
            normen.bijstandsnorm_alleenstaand_aow,
            normen.bijstandsnorm_gehuwd_aow,
            normen.vermogensgrens_alleenstaand,
            normen.vermogensgrens_gehuwd,
        ] == [centen(bedrag) for bedrag in bedragen]
        assert normen.deelnamedatum == date.fromisoformat(dag)
        assert normen.normvariant == "inclusief"
        assert normen.rentegrens_promille == 10
        assert normen.voertuig_jaren == 9


def test_every_ronde_from_2022_to_the_end_of_the_table_has_its_norms():
    _, einde = laden.dekking()
    ronde = laden.ronde(EERSTE_RONDE)
    aantal = 0
    while ronde.deelnamedatum <= einde:
        normen = laden.normen_op(ronde.deelnamedatum)
        assert all(getattr(normen, veld.name) for veld in fields(normen))
        ronde, aantal = laden.ronde(ronde.maand.plus(1)), aantal + 1

    assert aantal >= 60  # 2022 up to and including 2026
    with pytest.raises(NormFout, match=str(ronde.deelnamedatum)):
        laden.normen_op(ronde.deelnamedatum)


@settings(deadline=None)  # the first one may read the tables
@given(st.data())
def test_gehuwd_is_above_alleenstaand_and_aow_above_the_norm_before_it(data):
    normen = laden.normen_op(data.draw(st.dates(*laden.dekking())))

    assert (
        normen.bijstandsnorm_alleenstaand
        < normen.bijstandsnorm_alleenstaand_aow
        < normen.bijstandsnorm_gehuwd
    )
    assert (
        normen.bijstandsnorm_gehuwd < normen.bijstandsnorm_gehuwd_aow < 2 * normen.bijstandsnorm_alleenstaand
    )
    assert normen.vermogensgrens_gehuwd == 2 * normen.vermogensgrens_alleenstaand


@pytest.mark.parametrize("dag", [date(2021, 12, 31), date(2021, 12, 26), date(2027, 1, 1), date(2027, 1, 26)])
def test_outside_the_tables_the_missing_day_and_the_file_to_extend_are_named(in_2026, dag):
    with pytest.raises(NormFout) as fout:
        laden.normen_op(dag)

    assert str(fout.value) == (
        f"no norms are known for {dag}: {in_2026}/bijstandsnormen.yaml runs from 2022-01-01 to "
        "2026-12-31. Extend that file, as its top says, then start the ronde again."
    )


@pytest.mark.usefixtures("in_2026")
def test_the_tables_cover_what_all_of_them_cover():
    assert laden.dekking() == (date(2022, 1, 1), date(2026, 12, 31))


def test_the_tables_end_with_a_half_year():
    begin, einde = laden.dekking()

    assert begin == date(2022, 1, 1)
    assert einde >= date(2026, 12, 31)
    assert (einde.month, einde.day) in {(6, 30), (12, 31)}


# deelnamedatum, the last birth date with AOW age; worked out from art. 7a AOW
AOW = """
2022-01-26   1955-08-31
2022-03-26   1955-08-31
2022-03-31   1955-08-31
2022-04-01   1955-09-01
2022-04-26   1955-09-26
2022-12-26   1956-05-26
2022-12-31   1956-05-31
2023-01-26   1956-05-31
2023-03-26   1956-05-31
2023-04-01   1956-06-01
2023-04-26   1956-06-26
2023-06-29   1956-08-29
2023-06-30   1956-08-31
2023-12-26   1957-02-26
2024-01-26   1957-02-28
2024-02-29   1957-02-28
2024-03-01   1957-03-01
2024-03-26   1957-03-26
2026-09-26   1959-09-26
2027-02-27   1960-02-27
2027-02-28   1960-02-29
2027-12-26   1960-12-26
2028-01-26   1960-12-31
2028-03-31   1960-12-31
2028-04-01   1961-01-01
2028-04-26   1961-01-26
2031-12-26   1964-09-26
2031-12-31   1964-09-30
"""


@pytest.mark.parametrize(("dag", "geboren"), gevallen(AOW))
def test_one_birth_date_parts_those_with_aow_age_from_those_without(dag, geboren):
    assert laden.aow_geboren_tot_en_met(date.fromisoformat(dag)) == date.fromisoformat(geboren)


def test_the_norms_carry_that_birth_date():
    assert laden.normen_op(date(2026, 9, 26)).aow_geboren_tot_en_met == date(1959, 9, 26)
    assert laden.normen_op(date(2022, 1, 26)).aow_geboren_tot_en_met == date(1955, 8, 31)


@pytest.mark.usefixtures("in_2026")
def test_aow_stops_on_the_first_day_that_someone_born_after_the_table_could_have_it():
    with pytest.raises(NormFout, match=r"for 2032-01-01: \S+/aow_leeftijd\.yaml .* until 2031-12-31\."):
        laden.aow_geboren_tot_en_met(date(2032, 1, 1))


@settings(deadline=None)  # the first one may read the tables
@given(st.dates(date(2022, 1, 1), date(2031, 12, 30)))
def test_nobody_loses_aow_age_from_one_day_to_the_next(dag):
    vandaag, morgen = (laden.aow_geboren_tot_en_met(d) for d in (dag, dag + timedelta(days=1)))

    assert vandaag <= morgen


def test_codes_soort_inkomstenverhouding():
    soorten = laden.normen_op(date(2026, 9, 26)).soorten

    pensioen = {code for code, soort in soorten.items() if soort.groep == "pensioen"}
    assert pensioen == {"21", "23", "56", "57", "58", "59", "60", "63"}
    assert {code: soort.uitkeringsvorm for code, soort in soorten.items() if soort.uitkeringsvorm} == {
        "22": "AOW",
        "24": "ANW",
        "31": "ZW",
        "32": "WAO",
        "34": "IOAW",
        "37": "Wajong",
        "38": "Wajong",
        "39": "IVA",
        "40": "WGA",
        "43": "PW",
        "45": "IOAZ",
        "46": "TW",
    }
    assert len(soorten) == 41
    assert all(code == soort.code and soort.omschrijving for code, soort in soorten.items())


def test_codes_of_heffingskortingen():
    assert laden.normen_op(date(2026, 9, 26)).heffingskortingen == {
        "AHK": "algemene heffingskorting",
        "AHKP": "algemene heffingskorting (minstverdienende) partner",
        "AK": "arbeidskorting",
        "IACK": "inkomensafhankelijke combinatiekorting",
        "OK": "ouderenkorting",
        "AOK": "alleenstaande-ouderenkorting",
        "JGK": "jonggehandicaptenkorting",
    }


def test_vehicles_as_in_manual_5_4_5_and_b42_and_b43():
    normen = laden.normen_op(date(2026, 9, 26))

    assert set(normen.exclusieve_merken) == {
        *("Aston Martin", "Audi", "Bentley", "BMW", "Bugatti", "Cadillac", "Corvette", "Donkervoort"),
        *("Ferrari", "Hummer", "Jaguar", "Lamborghini", "Land Rover", "Lexus", "Lotus", "Maserati"),
        *("Maybach", "Mercedes-Benz", "Pagani", "Porsche", "Range Rover", "Rolls Royce", "Spyker"),
    }
    assert set(normen.merk_aliassen) == {"BMW I", "MERCEDES-AMG", "MERCEDES-MAYBACH"}
    assert set(normen.geen_motorvoertuig) == {
        *("Bromfiets", "Snorfiets", "Scootmobiel", "Gehandicaptenvoertuig", "Aanhangwagen", "Oplegger"),
        *("Middenasaanhangwagen", "Autonome aanhangwagen", "Land- of bosb aanhw of getr uitr stuk"),
    }


def test_default_instellingen():
    standaard = laden.standaardinstellingen_op(date(2026, 9, 26))

    assert (standaard.vermogen, standaard.voertuigen, standaard.percentage) == (False, False, 120)


def test_each_deciding_value_tells_its_source():
    bronnen = laden.normen_op(date(2026, 9, 26)).bronnen

    half_jaar = "geldig vanaf 2026-07-01 tot en met 2026-12-31"
    heel_jaar = "geldig vanaf 2026-01-01 tot en met 2026-12-31"
    wet = "Participatiewet, artikel"
    assert bronnen == {
        "bijstandsnorm_alleenstaand": f"{wet} 21, onder a (BWBR0015703), {half_jaar}",
        "bijstandsnorm_gehuwd": f"{wet} 21, onder b (BWBR0015703), {half_jaar}",
        "bijstandsnorm_alleenstaand_aow": f"{wet} 22, onder a (BWBR0015703), {half_jaar}",
        "bijstandsnorm_gehuwd_aow": f"{wet} 22, onder b en c (BWBR0015703), {half_jaar}",
        "vermogensgrens_alleenstaand": f"{wet} 34, derde lid onder a (BWBR0015703), {heel_jaar}",
        "vermogensgrens_gehuwd": f"{wet} 34, derde lid onder b en c (BWBR0015703), {heel_jaar}",
        "rentegrens_promille": "Handleiding Bijzondere Bijstand 5.4.3, geldig vanaf 2022-01-01",
        "aow_geboren_tot_en_met": "Algemene Ouderdomswet, artikel 7a (BWBR0002221)",
        "exclusieve_merken": "Handleiding Bijzondere Bijstand 5.4.5, geldig vanaf 2022-01-01",
    }


@pytest.mark.parametrize("maand", ["2026-09", Maand(2026, 9)])
def test_a_ronde_has_its_deelnamedatum_on_the_26th(maand):
    ronde = laden.ronde(maand)

    assert ronde.maand == Maand(2026, 9)
    assert ronde.deelnamedatum == date(2026, 9, 26)
    assert ronde.vorige_deelnamedatum == date(2026, 8, 26)


@pytest.mark.parametrize("maand", ["2026-13", "september", Maand(2026, 13)])
def test_what_is_no_month_is_no_ronde(maand):
    with pytest.raises(RondeFout, match="write it as JJJJ-MM"):
        laden.ronde(maand)


@pytest.mark.parametrize(
    ("vandaag", "naam"),
    [
        (date(2026, 9, 30), "2026-08"),
        (date(2026, 10, 1), "2026-09"),
        (date(2026, 10, 31), "2026-09"),
        (date(2027, 1, 1), "2026-12"),
    ],
)
def test_the_newest_ronde_is_the_one_whose_rapportagemaand_has_begun(vandaag, naam):
    ronde = laden.nieuwste_ronde(vandaag)

    assert ronde.naam == naam
    ronde.eis_begonnen(vandaag)


def test_results_are_immutable_and_read_once():
    normen = laden.normen_op(date(2026, 9, 26))

    with pytest.raises(FrozenInstanceError):
        normen.bijstandsnorm_gehuwd = 1
    for tabel in (normen.soorten, normen.heffingskortingen, normen.bronnen):
        with pytest.raises(TypeError):
            tabel["x"] = "y"
    assert laden.normen_op(date(2026, 9, 26)) is normen
