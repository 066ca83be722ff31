"""What holds for whole reports, whatever the household: order, company, bicycles, who earns, and more income.

The households are those of the scenarios; each property changes the file or the sources and asks again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.scenarios.draaien import NS, Report, differences
from tests.scenarios.populatie import Population, Record, write_population
from tests.scenarios.scenario import Run, Scenario, all_scenarios

ROOT = Path(__file__).resolve().parents[2]
LARGE = ("2026-09", "2026-10-05", "nee", "nee", "120")
WEALTH = ("2026-09", "2026-10-05", "ja", "nee", "120")
VEHICLES = ("2026-09", "2026-10-05", "nee", "ja", "120")
COMPLETE = ("2026-09", "2026-10-05", "ja", "ja", "120")
RUNS = (LARGE, WEALTH, VEHICLES, COMPLETE)
Ask = Callable[..., Report]
Together = Callable[[Run], Report]
ByRun = dict[Run, list[Scenario]]


@contextmanager
def sources(records: dict[str, list[Record]], folder: Path) -> Iterator[str]:
    """A mock of a population of the test's own."""
    from include.mock_sources import mock_bronnen

    with mock_bronnen(write_population(records, folder / "populatie")) as url:
        yield url


@pytest.fixture
def records(population: Population) -> dict[str, list[Record]]:
    """The population files, for the test to change."""
    return deepcopy(population.records())


def of_person(records: list[Record], bsn: str, **empty: Any) -> Record:
    """Return the record of a BSN, added when the source did not know that person."""
    found = next((record for record in records if record["burgerservicenummer"] == bsn), None)
    if found is None:
        found = {"burgerservicenummer": bsn, **empty}
        records.append(found)
    return found


def independent(scenarios: list[Scenario]) -> list[Scenario]:
    """The scenarios of one row: of the others the rows of one file depend on their order (B20)."""
    return [scenario for scenario in scenarios if len(scenario.rows) == 1]


def asked(population: Population, scenarios: list[Scenario]) -> list[list[str]]:
    return [row for scenario in scenarios for row in population.rows(scenario)]


# --- order and company -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_the_order_of_rows_and_of_persons_changes_nothing(
    run: Run, records: dict[str, list[Record]], population: Population, by_run: ByRun, together: Together,
    ask: Ask, tmp_path: Path,
) -> None:  # fmt: skip
    rows = asked(population, independent(by_run[run]))
    shuffle = random.Random(42)
    shuffle.shuffle(rows)
    for lines in records.values():
        shuffle.shuffle(lines)
    with sources(records, tmp_path) as url:
        other = ask(run, rows, url)
    assert len(other.rows) > 8
    for bsn in other.rows:
        assert other.seen(bsn) == together(run).seen(bsn)


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_who_else_is_in_the_file_changes_nothing(
    run: Run, population: Population, by_run: ByRun, together: Together, ask: Ask
) -> None:
    scenarios = independent(by_run[run])
    parts = [ask(run, asked(population, scenarios[start::2])) for start in (0, 1)]
    assert sum(len(part.rows) for part in parts) > 8
    for part in parts:
        for bsn in part.rows:
            assert part.seen(bsn) == together(run).seen(bsn)


@pytest.mark.parametrize("run", [LARGE, WEALTH], ids="-".join)
def test_the_numbers_of_the_persons_change_nothing(run: Run, by_run: ByRun, ask: Ask, tmp_path: Path) -> None:
    """With the BSNs handed out the other way round every scenario holds, apart from the order of the rows."""
    population = Population(all_scenarios(), descending=True)
    with sources(population.records(), tmp_path) as url:
        outcome = ask(run, asked(population, by_run[run]), url)
    for scenario in by_run[run]:
        if "volgorde" not in scenario.content:
            assert differences(scenario, population, outcome) == [], scenario.name


PARTNER_DECIDES = (
    "b23_1_gehuwd_met_bewoner",
    "b28_bijstand_van_partner",
    "b30_partner_telt_mee",
    "b31_gehuwd_partner_aow",
    "b38_gezamenlijk_verschillend_saldo_eerste_lager",
    "b39_verificatie_partner_mislukt",
    "b43_ieder_een_oude_auto",
    "b45_vorm_van_partner",
)


def test_the_partner_may_come_first_everywhere(ask: Ask, tmp_path: Path) -> None:
    """In a file of one row: with the lower BSN, and before the aanvrager in what every source answers."""
    population = Population(all_scenarios(), descending=True)
    turned = {source: lines[::-1] for source, lines in population.records().items()}
    chosen = [scenario for scenario in all_scenarios() if scenario.name in PARTNER_DECIDES]
    assert len(chosen) == len(PARTNER_DECIDES)
    with sources(turned, tmp_path) as url:
        for scenario in chosen:
            assert population.bsn(scenario, "partner") < population.bsn(scenario, "aanvrager")
            outcome = ask(scenario.run, asked(population, [scenario]), url)
            assert differences(scenario, population, outcome) == [], scenario.name


SEVERAL_ROWS = [
    scenario for scenario in all_scenarios() if len(scenario.rows) > 1 and "B20" not in scenario.besluit
]


@pytest.mark.parametrize("scenario", SEVERAL_ROWS, ids=str)
def test_persons_in_several_rows_in_either_order(
    scenario: Scenario, population: Population, ask: Ask
) -> None:
    """A file of just these rows: who is the partner in one row may be the aanvrager of the first."""
    rows = population.rows(scenario)
    for order in (rows, rows[::-1]):
        assert differences(scenario, population, ask(scenario.run, order)) == []


# --- what may not matter ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [VEHICLES, COMPLETE], ids="-".join)
def test_one_more_bicycle_changes_nothing(
    run: Run, records: dict[str, list[Record]], population: Population, by_run: ByRun, together: Together,
    ask: Ask, tmp_path: Path,
) -> None:  # fmt: skip
    """A bicycle has no kenteken; the nearest thing that has one is a bromfiets (besluit B42)."""
    for number, person in enumerate(records["brp"]):
        known = of_person(records["rdw"], person["burgerservicenummer"], voertuigen=[])
        known["voertuigen"].append(_bromfiets(f"F{number:05}"))
    with sources(records, tmp_path) as url:
        other = ask(run, asked(population, by_run[run]), url)
    assert other.rows.keys() == together(run).rows.keys()
    for bsn in other.rows:
        assert other.seen(bsn) == together(run).seen(bsn)


def _bromfiets(kenteken: str) -> Record:
    return {
        "kenteken": kenteken, "voertuigsoort": "Bromfiets", "merk": "BMW", "handelsbenaming": "AUDI",
        "massaLedigVoertuig": 80, "brandstofsoorten": ["Benzine"], "inrichting": "N.v.t.", "bijzonderheden": [],
        "status": "normaal", "datumEersteToelating": "2025-01-01", "datumAanvangAansprakelijkheid": "2025-01-01",
        "datumEindeAansprakelijkheid": None,
    }  # fmt: skip


def test_it_does_not_matter_which_partner_earns(
    records: dict[str, list[Record]], population: Population, by_run: ByRun, together: Together, ask: Ask,
    tmp_path: Path,
) -> None:  # fmt: skip
    before = together(LARGE)
    rows = asked(population, independent(by_run[LARGE]))
    partners = {bsn: row["Partner BSN"] for bsn, row in before.rows.items() if row["Partner BSN"]}
    pairs = [(bsn, partners[bsn]) for _, _, _, bsn, *_ in rows if bsn in partners]
    for one, other in pairs:
        first = of_person(records["uwv"], one, inkomstenverhoudingen=[])
        second = of_person(records["uwv"], other, inkomstenverhoudingen=[])
        first["inkomstenverhoudingen"], second["inkomstenverhoudingen"] = (
            second["inkomstenverhoudingen"],
            first["inkomstenverhoudingen"],
        )
    with sources(records, tmp_path) as url:
        after = ask(LARGE, rows, url)
    assert len(pairs) > 20
    for bsn, _ in pairs:
        assert after.rows[bsn] == before.rows[bsn]


@pytest.mark.parametrize("cents", [1, 10_000_000])
def test_more_income_never_ends_an_excess(
    cents: int, records: dict[str, list[Record]], population: Population, by_run: ByRun, together: Together,
    ask: Ask, tmp_path: Path,
) -> None:  # fmt: skip
    before, rows = together(LARGE), asked(population, independent(by_run[LARGE]))
    known = {bsn: before.rows[bsn] for _, _, _, bsn, *_ in rows if bsn in before.rows}
    excess = {
        bsn
        for bsn, row in known.items()
        if row["Inkomen"] == "J" and int(row["Reden(bedrag)"]) >= int(row["Toetsbedrag"])
    }
    for bsn in excess:
        earner = of_person(records["uwv"], bsn, inkomstenverhoudingen=[])
        earner["inkomstenverhoudingen"].append(_bijbaan(cents))
    with sources(records, tmp_path) as url:
        after = ask(LARGE, rows, url)
    assert len(excess) > 20
    assert {bsn for bsn in excess if after.rows[bsn]["Inkomen"] != "J"} == set()
    for bsn in excess:
        more = int(after.rows[bsn]["Reden(bedrag)"]) - int(before.rows[bsn]["Reden(bedrag)"])
        assert abs(100 * more - cents) <= 100


def _bijbaan(cents: int) -> Record:
    opgave = {"datumAanvang": "2026-08-01", "datumEinde": "2026-08-31", "lnLbPh": cents}
    return {
        "naamAdministratieveEenheid": "Bijbaan",
        "loonheffingennummer": "009876543L01",
        "codeSoortInkomstenverhouding": "15",
        "inkomstenopgaven": [{**opgave, "wrdPrGebrAut": 0, "ingLbPh": 0, "bijdrZvw": 0}],
    }


# --- what every report has -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_every_report_keeps_to_the_contract(run: Run, together: Together) -> None:
    outcome = together(run)
    schema = etree.XMLSchema(etree.parse(ROOT / "include" / "schemas" / "detailrapportage.xsd"))
    assert schema.validate(etree.fromstring(outcome.xml_bytes)), schema.error_log
    assert outcome.csv_bytes.startswith(b"\xef\xbb\xbfGSD-code;")
    assert outcome.csv_bytes.endswith(b"\r\n")
    assert outcome.csv_bytes.count(b"\n") == outcome.csv_bytes.count(b"\r\n") == len(outcome.rows) + 1
    assert list(outcome.rows) == list(outcome.aanvragen)
    order = [(row["GSD-code"], row["Aanvrager BSN"]) for row in outcome.rows.values()]
    assert order == sorted(order)


@pytest.mark.parametrize("run", RUNS, ids="-".join)
def test_every_row_agrees_with_itself_and_with_the_xml(run: Run, together: Together) -> None:
    """Besluiten B44, B46, B49a and B51, for every row of every scenario."""
    outcome = together(run)
    for bsn, row in outcome.rows.items():
        xml = outcome.aanvragen[bsn]
        tests = [row["Inkomen"], row["Vermogen"], row["Huishouden"]]
        assert set(tests) <= {"J", "N", "Niet getoetst"}
        assert row["Belemmering"] == ("J" if "J" in tests else "N")
        for column in ("Inkomensnorm", "Toetsbedrag", "Reden(bedrag)", "Reden (percentage)"):
            assert (row[column] != "") == (row["Inkomen"] == "J")
        assert (row["Toetspercentage"] != "") == (row["Inkomen"] != "Niet getoetst")
        if row["Vermogen"] != "J":
            assert row["Reden(saldo)"] == row["Reden(rente)"] == ""
        reasons = [reason.text for reason in xml.findall("d:Huishouden/d:Reden", NS)]
        assert " | ".join(reasons) == row["Reden(en)"]
        assert " / ".join(one.text for one in xml.findall("d:Uitkering", NS)) == row["Uitkeringen"]
        assert ", ".join(one.text for one in xml.findall("d:Voertuig/d:Kenteken", NS)) == row["Kenteken(s)"]
        assert xml.findtext("d:BelemmeringEindoordeel", namespaces=NS) == row["Belemmering"]
        for chapter in ("Inkomen", "Vermogen", "Huishouden"):
            assert xml.findtext(f"d:{chapter}/d:Belemmering", namespaces=NS) == row[chapter]
        for path, column in AMOUNTS.items():
            assert (xml.findtext(path, namespaces=NS) or "") == row[column]
        if row["Inkomen"] != "J":
            assert xml.findall("d:Inkomen/d:Inkomstenverhouding", NS) == []
            assert xml.findall("d:Inkomen/d:Heffingskorting", NS) == []
        if row["Vermogen"] != "J":
            assert xml.findall("d:Vermogen/d:Rekening", NS) == []


AMOUNTS = {
    "d:Inkomen/d:TotaalNettoInkomen": "Reden(bedrag)",
    "d:Inkomen/d:Inkomensnorm": "Inkomensnorm",
    "d:Inkomen/d:Toetspercentage": "Toetspercentage",
    "d:Inkomen/d:Toetsbedrag": "Toetsbedrag",
    "d:Inkomen/d:PercentageVanNorm": "Reden (percentage)",
    "d:Vermogen/d:SaldoTotaal": "Reden(saldo)",
    "d:Vermogen/d:RenteTotaal": "Reden(rente)",
}
