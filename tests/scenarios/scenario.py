"""Reads the scenario files: one household each, what the sources know of it, and the cells it must get.

The format is explained in README.md of this folder, in Dutch, for the policy officer who has the manual beside
it. Everything is read as text (``0014``, ``J`` and ``2026-09`` stay what they are), and a key that the format
does not know stops the reading: a typo would otherwise be a test that tests nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent

CELLS = (
    "GSD-code", "BRP bevraagd", "Aanvrager BSN", "Aanvrager Geboortedatum", "Aanvrager Naam", "Partner BSN",
    "Partner Geboortedatum", "Partner Naam", "Leefvorm", "Zekerheid leefvorm", "Uitkeringen", "Belemmering",
    "Inkomen", "Inkomensnorm", "Toetspercentage", "Toetsbedrag", "Reden(bedrag)", "Reden (percentage)",
    "Vermogen", "Reden(saldo)", "Reden(rente)", "Huishouden", "Reden(en)", "Kenteken(s)",
)  # fmt: skip

SETTINGS = {"vermogen": "nee", "voertuigen": "nee", "percentage": "120"}
FILE_KEYS = {"onderwerp", "besluit", "standaard", "scenarios"}
SHARED_KEYS = {"ronde", "rapportagedatum", "instellingen"}
SOURCE_KEYS = {"inkomen", "rekeningen", "verificatie", "kortingen", "voertuigen", "uitkeringen"}
SCENARIO_KEYS = (
    SHARED_KEYS
    | SOURCE_KEYS
    | {"titel", "waarom", "besluit", "twijfel", "vraag", "personen", "verwacht", "volgorde", "xml"}
)


class ScenarioError(Exception):
    """A scenario file that cannot be read; the message names the file and the scenario."""


Run = tuple[str, str, str, str, str]
"""Ronde, rapportagedatum, vermogen, voertuigen, percentage: what one vraagbestand has in common."""


@dataclass(frozen=True)
class Scenario:
    """One household with its sources and its expected outcome, as written (all leaves are text)."""

    name: str
    file: str
    besluit: str
    content: Mapping[str, Any]
    settings: Mapping[str, str]
    ronde: str
    rapportagedatum: str

    @property
    def run(self) -> Run:
        """What scenarios must share to be asked in one vraagbestand."""
        return (
            self.ronde,
            self.rapportagedatum,
            self.settings["vermogen"],
            self.settings["voertuigen"],
            self.settings["percentage"],
        )

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the vraagbestand, columns A-J, still with aliases for BSNs."""
        return [dict(row) for row in listed(self.content.get("vraag", {}))]

    @property
    def persons(self) -> dict[str, dict[str, Any]]:
        """The persons the BRP knows, by alias, with groups (``aantal``) written out."""
        if "personen" not in self.content and any(row.get("B", "J").upper() == "J" for row in self.rows):
            return {"aanvrager": {"geboren": "1980-01-01"}}
        return dict(_spelled_out(self.content.get("personen", {})))

    @property
    def expected(self) -> list[dict[str, str] | str]:
        """Per row of the vraagbestand the expected cells, or ``afwezig``."""
        return listed(self.content["verwacht"])

    def __str__(self) -> str:
        return self.name


def listed(value: Any) -> list[Any]:
    """Return a list as it is, anything else as a list of one."""
    return value if isinstance(value, list) else [value]


def _spelled_out(persons: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for alias, value in persons.items():
        person = {"geboren": value} if isinstance(value, str) else dict(value)
        if "aantal" in person:
            count = int(person.pop("aantal"))
            yield from ((f"{alias}{number}", dict(person)) for number in range(1, count + 1))
        else:
            yield alias, person


class _Loader(yaml.BaseLoader):
    """Every scalar is text; a key written twice is an error instead of silently the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ScenarioError(f"{node.start_mark}: twice in one mapping: {', '.join(twice)}")
        return super().construct_mapping(node, deep=deep)


def _only(known: set[str], mapping: Mapping[str, Any], where: str) -> None:
    unknown = sorted(set(mapping) - known)
    if unknown:
        names = ", ".join(sorted(known))
        raise ScenarioError(f"{where}: unknown key(s) {', '.join(unknown)}; known are {names}")


def _month_after(ronde: str) -> str:
    year, month = map(int, ronde.split("-"))
    return f"{year + month // 12:04}-{month % 12 + 1:02}"


def read(path: Path) -> list[Scenario]:
    """Read one scenario file.

    Raises:
        ScenarioError: for an unknown or repeated key, or a scenario without title, reason or expectation.
    """
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - BaseLoader: text only
    _only(FILE_KEYS, document, path.name)
    shared = document.get("standaard", {})
    _only(SHARED_KEYS, shared, f"{path.name}: standaard")
    scenarios = []
    for name, content in document["scenarios"].items():
        where = f"{path.name}: {name}"
        _only(SCENARIO_KEYS, content, where)
        if missing := {"titel", "waarom", "verwacht"} - set(content):
            raise ScenarioError(f"{where}: missing {', '.join(sorted(missing))}")
        if not re.fullmatch(r"[a-z0-9_]+", name):
            raise ScenarioError(f"{where}: a name has small letters, digits and underscores only")
        settings = SETTINGS | shared.get("instellingen", {}) | content.get("instellingen", {})
        _only(set(SETTINGS), settings, where)
        ronde = content.get("ronde", shared.get("ronde", "2026-09"))
        published = content.get("rapportagedatum", shared.get("rapportagedatum", f"{_month_after(ronde)}-05"))
        besluit = content.get("besluit", document["besluit"])
        scenario = Scenario(name, path.name, besluit, content, settings, ronde, published)
        if len(scenario.rows) != len(scenario.expected):
            raise ScenarioError(f"{where}: as many entries under 'verwacht' as rows under 'vraag' are needed")
        for cells in scenario.expected:
            if isinstance(cells, Mapping):
                _only(set(CELLS), cells, f"{where}: verwacht")
        scenarios.append(scenario)
    return scenarios


@cache
def all_scenarios() -> tuple[Scenario, ...]:
    """Return every scenario of this folder, in the order of file and place; names are unique."""
    found = [scenario for path in sorted(HERE.glob("*.yaml")) for scenario in read(path)]
    names = [scenario.name for scenario in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ScenarioError(f"scenario name used twice: {', '.join(twice)}")
    return tuple(found)
