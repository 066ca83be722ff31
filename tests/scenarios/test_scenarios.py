"""Each scenario file against the reports of the ``toets`` command: the cells a policy officer expects, or not.

One scenario by name: ``pytest tests/scenarios -k b22c_op_achttiende_verjaardag``. Asked alone, as the only one in
its file, is a sample; ``SCENARIOS_ALONE=all`` asks every scenario alone, which takes minutes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from include.normen import laden
from include.normen.kalender import Maand
from include.normen.yaml_file import projectpad
from tests.normen.conftest import ook_met_volgend_jaar  # noqa: F401 a fixture
from tests.scenarios.draaien import Report, arguments, differences, explain, toets
from tests.scenarios.populatie import Population
from tests.scenarios.scenario import Scenario, ScenarioError, all_scenarios, read

ALONE = all_scenarios()[:: 1 if os.environ.get("SCENARIOS_ALONE") == "all" else 25]


@pytest.mark.parametrize("scenario", all_scenarios(), ids=str)
def test_scenario(scenario: Scenario, population: Population, together: Callable[..., Report]) -> None:
    found = differences(scenario, population, together(scenario.run))
    assert not found, explain(scenario, found)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ALONE, ids=str)
def test_alone(scenario: Scenario, population: Population, ask: Callable[..., Report]) -> None:
    found = differences(scenario, population, ask(scenario.run, population.rows(scenario)))
    assert not found, explain(scenario, found)


# --- what stops the command, rather than a row -----------------------------------------------------------------


def _after_the_norms() -> str:
    """The first ronde that the norms do not reach, JJJJ-MM."""
    _, last = laden.dekking()
    return str(Maand(last.year, last.month).plus(1))


@pytest.mark.usefixtures("ook_met_volgend_jaar")
@pytest.mark.parametrize("choose", [lambda: "2021-12", _after_the_norms], ids=["before", "after"])
def test_a_ronde_without_norms_is_refused_in_one_line(choose: Callable[[], str], tmp_path: Path) -> None:
    """Besluit B9: before any source is asked (nobody listens here), naming the date and the file to extend."""
    vraagbestand = tmp_path / "vraag.csv"
    vraagbestand.write_text("0014;J;;999900006;;;;;;\r\n")
    ronde = choose()
    run = (ronde, str(laden.ronde(ronde).rapportagemaand.eerste_dag), "nee", "nee", "120")
    result = toets(arguments(run, vraagbestand, "http://127.0.0.1:9", tmp_path / "uit"))
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert f"{ronde}-26" in result.output
    assert re.search(rf"{projectpad(laden.MAP)}/\w+\.yaml", result.output)
    assert not (tmp_path / "uit" / "overzicht.csv").exists()


def test_a_file_without_valid_rows_gives_only_the_verslag(bronnen: str, tmp_path: Path) -> None:
    """Besluit B53."""
    vraagbestand = tmp_path / "vraag.csv"
    vraagbestand.write_text("0014;J;;123456789;;;;;;\r\n")
    run = ("2026-09", "2026-10-05", "nee", "nee", "120")
    result = toets(arguments(run, vraagbestand, bronnen, tmp_path / "uit"))
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "uit").iterdir()) == [
        "verwerkingsverslag.csv",
        "verwerkingsverslag.json",
    ]


# --- the format itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("titel: t\n    waarom: w\n    verwcht: {}", "verwcht"),
        ("titel: t\n    verwacht: {}", "waarom"),
        ("titel: t\n    waarom: w\n    verwacht: {Inkomem: J}", "Inkomem"),
        ("titel: t\n    waarom: w\n    verwacht: {Inkomen: J}\n    verwacht: {}", "twice"),
        ("titel: t\n    waarom: w\n    instellingen: {auto: ja}\n    verwacht: {}", "auto"),
        ("titel: t\n    waarom: w\n    vraag: [{D: a}, {D: b}]\n    verwacht: {}", "as many entries"),
    ],
)
def test_a_typo_in_a_scenario_is_not_a_silent_pass(body: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"onderwerp: o\nbesluit: B1\nscenarios:\n  naam:\n    {body}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=complaint):
        read(path)


def test_a_wrong_expectation_is_reported_per_cell(
    population: Population, together: Callable[..., Report]
) -> None:
    """The comparison itself can fail: the same outcome against other expectations."""
    scenario = next(scenario for scenario in all_scenarios() if scenario.name == "b22f_middel")
    content = {"verwacht": {"Huishouden": "N", "Inkomen": "Niet getoetst"}, "titel": "t", "waarom": "w"}
    wrong = replace(scenario, content={**scenario.content, **content, "xml": {}})
    found = differences(wrong, population, together(scenario.run))
    assert found == ["Huishouden: expected 'N', got 'J'"]
    content = {"verwacht": {}, "xml": {"Huishouden/Reden": "leeg", "AantalMeerderjarigeBewoners": "3"}}
    wrong = replace(scenario, content={**scenario.content, **content})
    found = differences(wrong, population, together(scenario.run))
    assert [line.split(":")[0] for line in found] == [
        "XML Huishouden/Reden",
        "XML AantalMeerderjarigeBewoners",
    ]
