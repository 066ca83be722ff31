"""Runs scenarios through the contract's ``toets`` command and compares what comes out, cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree
from typer.testing import CliRunner

from tests.scenarios.populatie import Population, write_vraagbestand
from tests.scenarios.scenario import CELLS, Run, Scenario

NS = {"d": "urn:bidn:bijzondere-bijstand:detailrapportage:1"}
ORGANISATIE = "Gemeente Voorbeeld"
GEMEENTECODES = "0014,0034,0501,1979"
UNORDERED = ("Rekening", "Inkomstenverhouding", "Heffingskorting")
"""Records of the XML whose order no besluit fixes."""
Cells = dict[str, str]


@dataclass
class Report:
    """Both reports of one run, by BSN of the aanvrager, in the order of the files."""

    rows: dict[str, Cells] = field(default_factory=dict)
    aanvragen: dict[str, etree._Element] = field(default_factory=dict)
    kop: etree._Element | None = None
    csv_bytes: bytes = b""
    xml_bytes: bytes = b""

    def seen(self, bsn: str) -> tuple[Cells, bytes]:
        """Return everything the reports say of one aanvrager, to compare with another run."""
        return self.rows[bsn], etree.tostring(self.aanvragen[bsn], method="c14n")


def toets(arguments: list[str]) -> Any:
    """Run ``python -m include.cli toets`` in this process and return its result."""
    from include.cli import app

    return CliRunner().invoke(app, ["toets", *arguments])


def arguments(run: Run, vraagbestand: Path, bronnen: str, folder: Path) -> list[str]:
    """Return the command line of one run (see :attr:`Scenario.run`)."""
    ronde, published, vermogen, voertuigen, percentage = run
    line = ["--ronde", ronde, "--organisatie", ORGANISATIE, "--gemeentecodes", GEMEENTECODES]
    line += ["--vraagbestand", str(vraagbestand), "--bronnen", bronnen, "--uit", str(folder)]
    line += ["--percentage", percentage, "--rapportagedatum", published]
    line += ["--vermogen"] * (vermogen == "ja") + ["--voertuigen"] * (voertuigen == "ja")
    return line


def report(run: Run, rows: Iterable[list[str]], bronnen: str, folder: Path) -> Report:
    """Ask one vraagbestand and read both reports; without valid rows the report is empty (besluit B53)."""
    folder.mkdir(parents=True, exist_ok=True)
    vraagbestand = write_vraagbestand(rows, folder / "vraagbestand.csv")
    result = toets(arguments(run, vraagbestand, bronnen, folder / "uit"))
    if result.exit_code != 0:
        raise AssertionError(f"toets ended with {result.exit_code}:\n{result.output}") from result.exception
    return read_report(folder / "uit")


def read_report(folder: Path) -> Report:
    """Read overzicht.csv and detail.xml, by aanvrager BSN."""
    if not (folder / "overzicht.csv").exists():
        return Report()
    csv_bytes, xml_bytes = (folder / "overzicht.csv").read_bytes(), (folder / "detail.xml").read_bytes()
    lines = list(csv.reader(io.StringIO(csv_bytes.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert tuple(lines[0]) == CELLS
    root = etree.fromstring(xml_bytes)
    return Report(
        rows={line[2]: dict(zip(CELLS, line, strict=True)) for line in lines[1:]},
        aanvragen={a.findtext("d:BSN", namespaces=NS): a for a in root.findall("d:Aanvraag", NS)},
        kop=root.find("d:Kop", NS),
        csv_bytes=csv_bytes,
        xml_bytes=xml_bytes,
    )


def differences(scenario: Scenario, population: Population, outcome: Report) -> list[str]:
    """Return per cell and XML value that is not as expected one line, ``what: expected …, got …``."""
    found: list[str] = []
    rows = [row.get("D", "aanvrager") for row in scenario.rows]
    expectations = list(zip(rows, scenario.expected, strict=True))
    kept = {alias for alias, cells in expectations if cells != "afwezig"}
    for alias, cells in expectations:
        bsn = population.bsn(scenario, alias)
        if cells == "afwezig":
            if alias not in kept and (bsn in outcome.rows or bsn in outcome.aanvragen):
                found.append(f"{alias}: expected no row in the reports, got one")
        elif bsn not in outcome.rows:
            found.append(f"{alias}: expected a row in the overzicht, got none")
        else:
            found += _cells(scenario, population, cells, outcome.rows[bsn])
    if not found:
        found += _xml(scenario, population, outcome)
        found += _order(scenario, population, outcome)
    return found


def _cells(scenario: Scenario, population: Population, cells: Mapping[str, str], row: Cells) -> list[str]:
    expected = {name: population.resolved(scenario, value) for name, value in cells.items()}
    return [
        f"{name}: expected {population.readable(value)!r}, got {population.readable(row[name])!r}"
        for name, value in expected.items()
        if row[name] != value
    ]


def _xml(scenario: Scenario, population: Population, outcome: Report) -> list[str]:
    found = []
    alias = scenario.rows[0].get("D", "aanvrager")
    for path, expected in scenario.content.get("xml", {}).items():
        element = outcome.aanvragen[population.bsn(scenario, alias)]
        steps = path.split("/")
        if steps[0] == "Kop":
            element, steps = outcome.kop, steps[1:]
        elements = element.findall("/".join(f"d:{step}" for step in steps), NS)
        wanted = expected if isinstance(expected, list) else [expected]
        actual = [_plain(one) for one in elements]
        wanted = [_resolved(scenario, population, one) for one in wanted]
        if not _match(wanted, actual, ordered=steps[-1] not in UNORDERED):
            found.append(
                f"XML {path}: expected {population.readable(str(wanted))}, got {population.readable(str(actual))}"
            )
    return found


def _plain(element: etree._Element) -> str | dict[str, str]:
    """Return an element's text, or of an element with children their texts by name."""
    if len(element):
        return {etree.QName(child).localname: child.text or "" for child in element}
    return element.text or ""


def _resolved(scenario: Scenario, population: Population, expected: Any) -> Any:
    if isinstance(expected, Mapping):
        return {name: population.resolved(scenario, value) for name, value in expected.items()}
    return population.resolved(scenario, expected)


def _match(wanted: list[Any], actual: list[Any], *, ordered: bool) -> bool:
    """Say whether each expected value has its own actual one; a record needs only the fields it names."""

    def same(expected: Any, got: Any) -> bool:
        if isinstance(expected, Mapping):
            return isinstance(got, Mapping) and all(
                got.get(name, "") == value for name, value in expected.items()
            )
        return bool(expected == got)

    if len(wanted) != len(actual):
        return False
    if ordered:
        return all(map(same, wanted, actual))
    left = list(actual)
    for expected in wanted:
        hit = next((got for got in left if same(expected, got)), None)
        if hit is None:
            return False
        left.remove(hit)
    return True


def _order(scenario: Scenario, population: Population, outcome: Report) -> list[str]:
    """Check besluit B50 for a scenario of several rows that names its order."""
    if "volgorde" not in scenario.content:
        return []
    wanted = [population.bsn(scenario, alias) for alias in scenario.content["volgorde"]]
    found = []
    for file, order in (("overzicht", outcome.rows), ("detail", outcome.aanvragen)):
        actual = [bsn for bsn in order if bsn in wanted]
        if actual != wanted:
            found.append(f"order of {file}: expected {wanted}, got {actual}")
    return found


def explain(scenario: Scenario, lines: list[str]) -> str:
    """Return the message of a failed scenario: what it is about and each difference."""
    head = f"{scenario.name} ({scenario.file}, besluit {scenario.besluit})\n  {scenario.content['titel']}"
    reason = f"  waarom: {scenario.content['waarom']}"
    doubt = [f"  twijfel: {scenario.content['twijfel']}"] if "twijfel" in scenario.content else []
    return "\n".join([head, reason, *doubt, *(f"    {line}" for line in lines)])
