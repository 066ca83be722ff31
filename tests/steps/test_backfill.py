"""Past rondes: what running them would do, and that it does not matter when they are run (besluiten B1-B9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from include.errors import NormFout, RondeFout
from include.steps.backfill import Rondeplan, niet_uitgekomen, plan, rondes_van_tot
from include.steps.verwerking import Opslag
from include.storage.leveringen import find_leveringen
from include.storage.organisaties import find_organisatie, set_instellingen
from tests.dags.wereld import ALFA, BETA, GAMMA, RONDE
from tests.harness import take_until
from tests.steps.hulp import Klok, lever_in, schrijf_in, versies, verwerking_van

# ronde, deelnamedatum, rapportagemaand, peilmaand (B4), pension window (B5), belastingjaar (B6), norm alleenstaand (B9)
KALENDER = """
2025-11  2025-11-26  2025-12  2025-10  2025-08-01..2025-10-31  2024  1369.06
2025-12  2025-12-26  2026-01  2025-11  2025-09-01..2025-11-30  2024  1369.06
2026-01  2026-01-26  2026-02  2025-11  2025-10-01..2025-12-31  2024  1401.50
2026-02  2026-02-26  2026-03  2026-01  2025-11-01..2026-01-31  2024  1401.50
2026-03  2026-03-26  2026-04  2026-02  2025-12-01..2026-02-28  2024  1401.50
2026-04  2026-04-26  2026-05  2026-03  2026-01-01..2026-03-31  2024  1401.50
2026-05  2026-05-26  2026-06  2026-04  2026-02-01..2026-04-30  2024  1401.50
2026-06  2026-06-26  2026-07  2026-04  2026-03-01..2026-05-31  2025  1401.50
2026-07  2026-07-26  2026-08  2026-06  2026-04-01..2026-06-30  2025  1419.46
"""
"""Over the turn of the year, norms that change on 1 January and 1 July, and the peilmaanden December and May."""


def _regel(een: Rondeplan) -> str:
    ronde, cent = een.ronde, een.normen.bijstandsnorm_alleenstaand
    van, tot = ronde.pensioenvenster
    return (
        f"{ronde}  {ronde.deelnamedatum}  {ronde.rapportagemaand}  {ronde.peilmaand}  {van}..{tot}  "
        f"{ronde.belastingjaar}  {cent // 100}.{cent % 100:02d}"
    )


@pytest.mark.parametrize("vandaag", [datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)])
def test_each_ronde_has_its_own_calendar_and_norms_whenever_it_is_run(
    opslag: Opslag, klok: Klok, vandaag: datetime
) -> None:
    klok.nu = vandaag
    assert [_regel(een) for een in plan(opslag, "2025-11", "2026-07")] == KALENDER.strip().splitlines()


# Moments at which the clock is set forward (29 March) and back (25 October) lie in these windows.
@pytest.mark.parametrize(
    ("ontvangen", "ronde"),
    [
        ("2026-03-25T22:59:59", "2026-03"),
        ("2026-03-25T23:00:00", "2026-04"),  # 00:00 on the deelnamedatum, winter time
        ("2026-04-25T21:59:59", "2026-04"),
        ("2026-04-25T22:00:00", "2026-05"),  # 00:00 on the deelnamedatum, summer time
        ("2026-09-25T21:59:59", "2026-09"),
        ("2026-09-25T22:00:00", "2026-10"),
        ("2026-10-25T22:59:59", "2026-10"),
        ("2025-12-25T23:00:00", "2026-01"),
    ],
)
def test_a_delivery_counts_in_one_ronde_only(opslag: Opslag, klok: Klok, ontvangen: str, ronde: str) -> None:
    schrijf_in(opslag, ALFA)
    lever_in(opslag, ALFA, ontvangen=datetime.fromisoformat(ontvangen).replace(tzinfo=UTC))
    klok.nu = datetime(2026, 11, 5, tzinfo=UTC)
    assert [een.ronde.naam for een in plan(opslag, "2025-11", "2026-10") if een.deelnames] == [ronde]


# Of a ronde whose rapportagemaand has passed, the instellingen at its end (B8).
@pytest.mark.parametrize(
    ("ingevoerd", "ronde", "percentage"),
    [
        ("2026-07-31T21:59:59", "2026-06", 110),
        ("2026-07-31T22:00:00", "2026-06", 120),  # 00:00 on 1 August, summer time
        ("2026-10-31T22:59:59", "2026-09", 110),
        ("2026-10-31T23:00:00", "2026-09", 120),  # 00:00 on 1 November, winter time
        ("2026-01-31T22:59:59", "2025-12", 110),
        ("2026-01-31T23:00:00", "2025-12", 120),
    ],
)
def test_the_instellingen_of_that_time(
    opslag: Opslag, klok: Klok, ingevoerd: str, ronde: str, percentage: int
) -> None:
    schrijf_in(opslag, ALFA)
    lever_in(opslag, ALFA, ontvangen=datetime.fromisoformat(f"{ronde}-12T10:00:00").replace(tzinfo=UTC))
    with opslag.database.transaction() as sessie:
        moment = datetime.fromisoformat(ingevoerd).replace(tzinfo=UTC)
        set_instellingen(sessie, find_organisatie(sessie, ALFA), nu=moment, percentage=110)
    klok.nu = datetime(2026, 11, 5, tzinfo=UTC)
    [een] = plan(opslag, ronde, ronde)
    assert een.deelnames[0].instellingen.percentage == percentage


def test_the_same_figures_in_time_and_two_months_late(
    wereld: Opslag, klok: Klok, bronnen: SimpleNamespace
) -> None:
    take_until(wereld, verwerking_van(wereld, ALFA, "in time"), bronnen.url)
    in_tijd = bronnen.beheer.aanroepen()
    bronnen.beheer.wis_aanroepen()
    klok.nu = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
    take_until(wereld, verwerking_van(wereld, ALFA, "late"), bronnen.url)
    # The same content is not published again (besluit B56).
    [eerste] = versies(wereld, ALFA)
    assert eerste.manifest["rapportagedatum"] == "2026-11-05"
    assert len(bronnen.beheer.aanroepen()) == len(in_tijd)


class TestWatErGebeurt:
    def test_names_who_takes_part_with_which_delivery_and_what_becomes_of_it(
        self, wereld: Opslag, bronnen: SimpleNamespace
    ) -> None:
        take_until(wereld, verwerking_van(wereld, ALFA), bronnen.url)
        with wereld.database.transaction() as sessie:
            [weg] = find_leveringen(sessie, organisatie=find_organisatie(sessie, BETA))
            weg.verwijderd_op = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
        [een] = plan(wereld, RONDE, RONDE)
        assert {deelname.organisatie: deelname.gevolg for deelname in een.deelnames} == {
            ALFA: "version 2 if its content differs from version 1, of 2026-11-05",
            GAMMA: "skipped: not one valid row (besluit B53)",
            BETA: "NO REPORTS: its delivery is gone, its term ended on 2026-11-04 (besluit B55)",
        }
        assert (een.beloofd, een.vervallen) == ([ALFA], [BETA])
        assert niet_uitgekomen(wereld, een) == []

    def test_what_was_promised_and_never_came_is_named(self, wereld: Opslag) -> None:
        [een] = plan(wereld, RONDE, RONDE)
        assert (een.beloofd, een.vervallen) == ([ALFA, BETA], [])
        assert niet_uitgekomen(wereld, een) == [ALFA, BETA]

    # Never published: 90 days after 30 November. The day before, at 23:59 in Amsterdam, it can still be run.
    @pytest.mark.parametrize(
        ("moment", "beloofd", "gevolg"),
        [
            ("2027-02-27T22:59:59", [ALFA, BETA], "first publication; its delivery is kept until 2027-02-28"),
            (
                "2027-02-27T23:00:00",
                [],
                "NO REPORTS: its delivery is gone, its term ended on 2027-02-28 (besluit B55)",
            ),
        ],
    )
    def test_what_is_past_its_term_is_not_promised(
        self, wereld: Opslag, klok: Klok, moment: str, beloofd: list[str], gevolg: str
    ) -> None:
        klok.nu = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        [een] = plan(wereld, RONDE, RONDE)
        assert een.beloofd == beloofd
        assert een.deelnames[0].gevolg == gevolg

    def test_nobody_delivered(self, opslag: Opslag) -> None:
        [een] = plan(opslag, RONDE, RONDE)
        assert (een.deelnames, een.beloofd, een.vervallen) == ([], [], [])


class TestGeweigerd:
    def test_a_ronde_whose_rapportagemaand_has_not_begun(self, opslag: Opslag, klok: Klok) -> None:
        klok.nu = datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC)
        with pytest.raises(RondeFout, match=r"2026-10 cannot run yet: .* begins on 2026-11-01"):
            plan(opslag, "2026-08", "2026-10")
        klok.verder(seconds=1)
        assert len(plan(opslag, "2026-08", "2026-10")) == 3

    def test_before_the_norms(self, opslag: Opslag) -> None:
        with pytest.raises(NormFout, match="2021-12-26"):
            plan(opslag, "2021-12", "2022-01")

    @pytest.mark.parametrize(
        ("van", "tot", "woorden"),
        [("2026-08", "2026-07", "2026-07 comes before 2026-08"), ("2026-8", "2026-09", "is not a ronde")],
    )
    def test_what_is_no_range(self, van: str, tot: str, woorden: str) -> None:
        with pytest.raises(RondeFout, match=woorden):
            rondes_van_tot(van, tot)


def test_a_range_counts_both_ends() -> None:
    assert [ronde.naam for ronde in rondes_van_tot("2025-11", "2026-02")] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    [een] = rondes_van_tot("2026-05", "2026-05")
    assert een.deelnamedatum - een.vorige_deelnamedatum == timedelta(days=30)
    assert een.deelnamedatum == date(2026, 5, 26)
