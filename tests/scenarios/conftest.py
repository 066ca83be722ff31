"""One running mock with everybody of every scenario, and per kind of run one vraagbestand asked at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scenarios.draaien import Report, report
from tests.scenarios.populatie import Population, write_population
from tests.scenarios.scenario import Run, Scenario, all_scenarios


@pytest.fixture(scope="session")
def population() -> Population:
    """Everybody of every scenario, each with a BSN of their own."""
    return Population(all_scenarios())


@pytest.fixture(scope="session")
def bronnen(population: Population, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the mock that serves all scenarios."""
    from include.mock_sources import mock_bronnen

    folder = write_population(population.records(), tmp_path_factory.mktemp("populatie"))
    with mock_bronnen(folder) as url:
        yield url


@pytest.fixture(scope="session")
def by_run() -> dict[Run, list[Scenario]]:
    """The scenarios that can be asked in one vraagbestand, by what they share."""
    runs: dict[Run, list[Scenario]] = defaultdict(list)
    for scenario in all_scenarios():
        runs[scenario.run].append(scenario)
    return dict(runs)


@pytest.fixture(scope="session")
def together(
    population: Population,
    bronnen: str,
    by_run: dict[Run, list[Scenario]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Run], Report]:
    """Give the reports over all scenarios of a kind of run, each run asked once."""
    reports: dict[Run, Report] = {}

    def ask(run: Run) -> Report:
        if run not in reports:
            rows = [row for scenario in by_run[run] for row in population.rows(scenario)]
            reports[run] = report(run, rows, bronnen, tmp_path_factory.mktemp("samen"))
        return reports[run]

    return ask


@pytest.fixture
def ask(bronnen: str, tmp_path: Path) -> Callable[..., Report]:
    """Ask one vraagbestand of some rows, of a running mock or of a population of the test's own."""

    def ask_rows(run: Run, rows: list[list[str]], url: str | None = None) -> Report:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        return report(run, rows, url or bronnen, folder)

    return ask_rows
