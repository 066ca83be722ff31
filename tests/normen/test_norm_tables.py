"""The norm files together: what changes in one of them, and what ops hear when they run out."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from include.errors import NormFout
from include.normen import laden
from include.normen.kalender import Maand
from include.normen.norm_tables import BESTANDEN, Normtabellen

pytestmark = pytest.mark.usefixtures("ook_met_volgend_jaar")

Wijziging = Callable[..., Normtabellen]


@pytest.fixture
def met(folder_2026: Path) -> Wijziging:
    """The tables of 2026, with in one file one piece of text replaced."""

    def lees(bestand: str, oud: str, nieuw: str) -> Normtabellen:
        tekst = (folder_2026 / bestand).read_text()
        assert oud in tekst
        voor, _, na = tekst.rpartition(oud)  # the last one: the block in force at the end of 2026
        (folder_2026 / bestand).write_text(voor + nieuw + na)
        return Normtabellen(folder_2026)

    return lees


def met_uitzondering(met: Wijziging, ronde: str, dag: str) -> Normtabellen:
    regel = f'\n  - {{ronde: "{ronde}", deelnamedatum: {dag}, reden: "Kerst", herkomst: "productmanager"}}'
    return met("deelnamedatum.yaml", "uitzonderingen: []", f"uitzonderingen:{regel}")


@pytest.mark.parametrize(
    ("dag", "inclusief", "exclusief"),
    [
        # 1401.50 x 0.95 = 1331.425; 2002.13 -> 1902.0235; 1564.69 -> 1486.4555; 2144.16 -> 2036.952
        (date(2026, 6, 26), [140150, 200213, 156469, 214416], [133143, 190202, 148646, 203695]),
        # 1419.46 x 0.95 = 1348.487; 2027.79 -> 1926.4005; 1587.34 -> 1507.973; 2176.10 -> 2067.295
        (date(2026, 9, 26), [141946, 202779, 158734, 217610], [134849, 192640, 150797, 206730]),
    ],
)
def test_without_holiday_allowance_norms_are_95_percent_rounded_half_up_to_cents(
    met, dag, inclusief, exclusief
):
    zonder = met("normvariant.yaml", "variant: inclusief", "variant: exclusief").normen_op(dag)
    gewoon = laden.normen_op(dag)

    def bedragen(normen):
        return [
            normen.bijstandsnorm_alleenstaand,
            normen.bijstandsnorm_gehuwd,
            normen.bijstandsnorm_alleenstaand_aow,
            normen.bijstandsnorm_gehuwd_aow,
        ]

    assert bedragen(gewoon) == inclusief
    assert bedragen(zonder) == exclusief
    assert zonder.normvariant == "exclusief"
    assert zonder.vermogensgrens_alleenstaand == gewoon.vermogensgrens_alleenstaand
    assert zonder.vermogensgrens_gehuwd == gewoon.vermogensgrens_gehuwd


def test_a_normvariant_holds_from_its_day(met):
    blok = """  - vanaf: 2022-01-01
    tot_en_met: open
    bron: {wet: Participatiewet, artikel: "19, derde lid", bwb: BWBR0015703}
    herkomst: "besluit B9: standaard inclusief vakantietoeslag"
    variant: inclusief
"""
    tweede = blok.replace("2022-01-01", "2026-10-01").replace("variant: inclusief", "variant: exclusief")
    tabellen = met("normvariant.yaml", blok, blok.replace("open", "2026-09-30") + tweede)

    assert tabellen.normen_op(date(2026, 9, 26)).normvariant == "inclusief"
    assert tabellen.normen_op(date(2026, 9, 30)).normvariant == "inclusief"
    assert tabellen.normen_op(date(2026, 10, 1)).normvariant == "exclusief"


def test_before_an_open_ended_table_the_message_names_no_end(met):
    tabellen = met("normvariant.yaml", "vanaf: 2022-01-01", "vanaf: 2022-07-01")

    assert tabellen.dekking[0] == date(2022, 7, 1)
    with pytest.raises(NormFout, match=r"for 2022-06-26: .*normvariant\.yaml runs from 2022-07-01 on\."):
        tabellen.normen_op(date(2022, 6, 26))


def test_outside_the_interest_limit_its_file_is_named(met):
    tabellen = met(
        "vermogen.yaml", "vanaf: 2022-01-01\n    tot_en_met: open", "vanaf: 2022-07-01\n    tot_en_met: open"
    )

    with pytest.raises(NormFout, match=r"for 2022-06-26: [^ ]*/vermogen\.yaml runs from 2022-07-01 on\."):
        tabellen.normen_op(date(2022, 6, 26))


def test_a_moved_deelnamedatum_ends_one_window_and_begins_the_next(met):
    tabellen = met_uitzondering(met, "2026-12", "2026-12-22")
    november, december, januari = (
        tabellen.ronde(maand) for maand in (Maand(2026, 11), Maand(2026, 12), Maand(2027, 1))
    )

    assert november.deelnamedatum == date(2026, 11, 26)
    assert december.deelnamedatum == date(2026, 12, 22)
    assert december.vorige_deelnamedatum == date(2026, 11, 26)
    assert januari.deelnamedatum == date(2027, 1, 26)
    assert januari.vorige_deelnamedatum == date(2026, 12, 22)
    assert december.peilmaand == Maand(2026, 11)  # the calendar follows the month, not the day


def test_norms_follow_the_moved_deelnamedatum(met):
    tabellen = met_uitzondering(met, "2026-07", "2026-07-01")

    assert tabellen.normen_op(tabellen.ronde(Maand(2026, 7)).deelnamedatum).bijstandsnorm_gehuwd == 202779


def test_settings_of_an_organisation_without_a_choice_come_from_the_file(met):
    tabellen = met(
        "instellingen.yaml", "vermogen: nee\n    voertuigen: nee", "vermogen: ja\n    voertuigen: ja"
    )
    standaard = tabellen.standaardinstellingen_op(date(2026, 9, 26))

    assert (standaard.vermogen, standaard.voertuigen) == (True, True)


@pytest.mark.parametrize(
    ("bestand", "oud", "nieuw"),
    [
        ("vermogen.yaml", 'procent: "1.0"', 'procent: "1.5"'),
        ("voertuigen.yaml", "jaren: 9", "jaren: 10"),
        ("gemeenten.csv", "Groningen", "Groningen stad"),
        ("deelnamedatum.yaml", "uitzonderingen: []", "uitzonderingen: []  # none"),
    ],
)
def test_a_byte_more_in_any_file_is_another_origin(met, bestand, oud, nieuw):
    gewoon = met(bestand, oud, oud)

    assert gewoon.herkomst == gewoon.normen_op(date(2026, 9, 26)).herkomst
    assert len(gewoon.herkomst) == 64
    assert met(bestand, oud, oud).herkomst == gewoon.herkomst
    assert met(bestand, oud, nieuw).herkomst != gewoon.herkomst


def test_origin_covers_every_data_file():
    assert sorted(pad.name for pad in laden.MAP.iterdir() if pad.suffix in (".yaml", ".csv")) == sorted(
        BESTANDEN
    )


def test_the_interest_limit_is_read_in_thousandths(met):
    assert (
        met("vermogen.yaml", 'procent: "1.0"', 'procent: "1.5"')
        .normen_op(date(2026, 9, 26))
        .rentegrens_promille
        == 15
    )


@pytest.mark.parametrize("bestand", BESTANDEN)
def test_a_missing_file_stops_everything(met, bestand):
    folder = met("voertuigen.yaml", "jaren: 9", "jaren: 9")._folder
    (folder / bestand).unlink()

    with pytest.raises(NormFout, match=f"{bestand} cannot be read"):
        Normtabellen(folder)


# the last day of the vermogensgrenzen, the message's first ronde and the day before which it must be mended
@pytest.mark.parametrize(
    ("einde", "ronde", "voor"),
    [
        ("2026-11-30", "2026-12", "2027-01-01"),
        ("2026-11-26", "2026-12", "2027-01-01"),
        ("2026-11-25", "2026-11", "2026-12-01"),
    ],
)
def test_ops_hear_which_file_ends_and_which_ronde_is_the_first_to_stop(met, einde, ronde, voor):
    tabellen = met("vermogen.yaml", "tot_en_met: 2026-12-31", f"tot_en_met: {einde}")
    melding = tabellen.waarschuwing(date(2026, 10, 1))

    assert melding is not None
    assert f"vermogen.yaml (until {einde}). Ronde {ronde} (deelnamedatum {ronde}-26)" in melding
    assert f"before {voor}, when that ronde runs" in melding
    assert "bijstandsnormen" not in melding
    assert tabellen.dekking == (date(2022, 1, 1), date.fromisoformat(einde))
    with pytest.raises(NormFout, match=r"vermogen\.yaml runs from 2022-01-01"):
        tabellen.normen_op(tabellen.ronde(Maand(*map(int, ronde.split("-")))).deelnamedatum)


@pytest.mark.usefixtures("in_2026")
@pytest.mark.parametrize("vandaag", [date(2026, 1, 1), date(2026, 10, 30)])
def test_there_is_no_warning_while_there_is_time(vandaag):
    assert laden.waarschuwing_dekking(vandaag) is None


@pytest.mark.parametrize("vandaag", [date(2026, 10, 31), date(2026, 12, 31), date(2027, 3, 1)])
def test_two_months_before_the_end_and_ever_after_ops_are_warned(in_2026, vandaag):
    assert laden.waarschuwing_dekking(vandaag) == (
        f"The dated norms run out: {in_2026}/bijstandsnormen.yaml (until 2026-12-31) and "
        f"{in_2026}/vermogen.yaml (until 2026-12-31). Ronde 2027-01 (deelnamedatum 2027-01-26) and later "
        "ones will stop: extend what is named before 2027-02-01, when that ronde runs. The top of each file "
        "says how."
    )


def test_nobody_in_an_aow_table_that_begins_later_has_reached_it(met):
    eerste = """  - geboren_vanaf: 0001-01-01
    geboren_tot_en_met: 1955-08-31
"""
    tabellen = met("aow_leeftijd.yaml", eerste, eerste.replace("0001-01-01", "1955-06-01"))

    assert tabellen.aow.geboren_tot_en_met(date(2021, 9, 30)) == date.min
    assert tabellen.aow.geboren_tot_en_met(date(2021, 10, 1)) == date(1955, 6, 1)


@pytest.mark.parametrize(
    ("dag", "artikel"),
    [
        # the last with the AOW age is born on 26 September 1959, in the block that is changed
        (date(2026, 9, 26), "8"),
        # who turned 66 years and 10 months: born on 26 February 1957, in the block before it
        (date(2023, 12, 26), "7a"),
        # the last day of that block, 28 February 1957; those of the next wait until 67
        (date(2024, 2, 29), "7a"),
        (date(2024, 3, 1), "8"),
    ],
)
def test_the_source_of_the_aow_age_is_that_of_the_birth_dates_that_decide(met, dag, artikel):
    bron = 'artikel: "{}", bwb: BWBR0002221}}\n    herkomst: "rijksoverheid AOW-leeftijd 2024-2027"'
    tabellen = met("aow_leeftijd.yaml", bron.format("7a"), bron.format("8"))

    assert tabellen.normen_op(dag).bronnen["aow_geboren_tot_en_met"] == (
        f"Algemene Ouderdomswet, artikel {artikel} (BWBR0002221)"
    )


def test_the_aow_table_is_part_of_what_can_run_out(met):
    tabellen = met("aow_leeftijd.yaml", "geboren_tot_en_met: 1964-09-30", "geboren_tot_en_met: 1961-01-31")

    # born on 1 February 1961 reaches 67 years and 3 months on 1 May 2028
    assert tabellen.aow.tot_en_met == date(2028, 4, 30)
    assert tabellen.aow.geboren_tot_en_met(date(2028, 4, 30)) == date(1961, 1, 31)
    with pytest.raises(NormFout, match=r"aow_leeftijd\.yaml knows who has the AOW age until 2028-04-30"):
        tabellen.aow.geboren_tot_en_met(date(2028, 5, 1))
    melding = tabellen.waarschuwing(date(2028, 3, 1))
    assert melding is not None
    assert "aow_leeftijd.yaml (until 2028-04-30) and " in melding
