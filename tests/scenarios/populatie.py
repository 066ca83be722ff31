"""Turns scenarios into what the sources hold: the population files of the mock, and the vraagbestanden.

A scenario names its persons (``aanvrager``, ``kind``); here each gets a BSN of its own, so that scenarios can
share one population and one vraagbestand without knowing of each other.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from tests.scenarios.scenario import Scenario, ScenarioError

Record = dict[str, Any]
COLUMNS = "ABCDEFGHIJ"
PLACEHOLDER = re.compile(r"<(\w+)>")
BELASTINGJAREN = range(2019, 2027)


def elfproef_bsns() -> Iterator[str]:
    """Yield the synthetic BSNs (9999…) that pass the elfproef, ascending."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    for number in count(999900000):
        digits = str(number)
        if sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0:
            yield digits


def aliases(scenario: Scenario) -> list[str]:
    """Return who has a BSN in this scenario: who is registered, who is asked about, who is referred to."""
    names: dict[str, None] = dict.fromkeys(scenario.persons)
    for row in scenario.rows:
        names[row.get("D", "aanvrager")] = None
        if "H" in row or row.get("G") == "1":
            names[row.get("H", "partner")] = None
    for person in scenario.persons.values():
        for kin in ("partners", "kinderen", "ouders"):
            names |= {_kin_alias(entry): None for entry in person.get(kin, [])}
    return [name for name in names if name != "zonder_bsn"]


def _kin_alias(entry: str | Mapping[str, str]) -> str:
    return entry if isinstance(entry, str) else entry["met"]


class Population:
    """All persons of some scenarios, with their BSNs; ``descending`` numbers them the other way round."""

    def __init__(self, scenarios: Iterable[Scenario], *, descending: bool = False) -> None:
        self.scenarios = list(scenarios)
        people = [(scenario.name, alias) for scenario in self.scenarios for alias in aliases(scenario)]
        numbers = [bsn for _, bsn in zip(people, elfproef_bsns(), strict=False)]
        self._bsn = dict(zip(people, reversed(numbers) if descending else numbers, strict=True))
        self._alias = {bsn: alias for (_, alias), bsn in self._bsn.items()}

    def bsn(self, scenario: Scenario, alias: str) -> str:
        """Return the BSN of one person of a scenario."""
        try:
            return self._bsn[scenario.name, alias]
        except KeyError:
            raise ScenarioError(f"{scenario.file}: {scenario.name}: nobody is called {alias}") from None

    def resolved(self, scenario: Scenario, text: str) -> str:
        """Return an expected value with ``<alias>`` replaced by that person's BSN and ``leeg`` by nothing."""
        if text == "leeg":
            return ""
        return PLACEHOLDER.sub(lambda match: self.bsn(scenario, match[1]), text)

    def readable(self, text: str) -> str:
        """Return a value with known BSNs replaced by ``<alias>``, for messages."""
        return re.sub(r"9999\d{5}", lambda m: f"<{self._alias[m[0]]}>" if m[0] in self._alias else m[0], text)

    def rows(self, scenario: Scenario) -> list[list[str]]:
        """Return the scenario's rows of the vraagbestand, ten cells each."""
        return [self._row(scenario, row) for row in scenario.rows]

    def _row(self, scenario: Scenario, given: dict[str, str]) -> list[str]:
        row = {"A": "0014", "B": "J", "D": "aanvrager"} | given
        if row["B"].upper() == "N":
            row = {"E": "Aanvrager"} | row
            if row.get("G") == "1":
                row = {"H": "partner", "I": "Partner"} | row
        for column in "DH":
            if column in row:
                row[column] = self.bsn(scenario, row[column])
        if unknown := set(row) - set(COLUMNS):
            raise ScenarioError(f"{scenario.name}: vraag: no such column {unknown}")
        return [row.get(column, "") for column in COLUMNS]

    def records(self) -> dict[str, list[Record]]:
        """Return the population files: per source the records, one a person."""
        makers = {
            "brp": _brp, "uwv": _uwv, "belastingdienst": _belastingdienst, "rdw": _rdw, "bijstand": _bijstand,
        }  # fmt: skip
        return {
            source: [record for scenario in self.scenarios for record in make(self, scenario)]
            for source, make in makers.items()
        }


def write_population(records: Mapping[str, list[Record]], folder: Path) -> Path:
    """Write the population files of contract section 1 and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, lines in records.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{source}.jsonl").write_text(text, encoding="utf-8")
    return folder


def write_vraagbestand(rows: Iterable[list[str]], path: Path) -> Path:
    """Write a vraagbestand: no header, ``;``, CRLF."""
    path.write_bytes("".join(";".join(row) + "\r\n" for row in rows).encode())
    return path


# --- what each source holds -------------------------------------------------------------------------------


def _brp(population: Population, scenario: Scenario) -> Iterator[Record]:
    homes: dict[str, str] = {}
    for alias, person in scenario.persons.items():
        _known(person, _PERSON, scenario, alias)
        bsn = population.bsn(scenario, alias)
        address = person.get("adres", "huis")
        home = homes.setdefault(address, f"001401{bsn}{len(homes)}")
        born = person["geboren"]
        record: Record = {
            "burgerservicenummer": bsn,
            "naam": {
                "voorvoegsel": person.get("voorvoegsel"),
                "geslachtsnaam": person.get("naam", alias.capitalize()),
            },
            "geboorte": {"datum": None if born == "onbekend" else born},
            "verblijfplaats": None
            if address == "geen"
            else {
                "adresseerbaarObjectIdentificatie": home,
                "functieAdres": {"code": person.get("functie", "W")},
                "datumVan": "2015-06-01",
                "inOnderzoek": person.get("onderzoek") == "ja",
            },
            "partners": [_marriage(population, scenario, entry) for entry in person.get("partners", [])],
            "kinderen": [_relative(population, scenario, kin) for kin in person.get("kinderen", [])],
            "ouders": [_relative(population, scenario, kin) for kin in person.get("ouders", [])],
            "opschortingBijhouding": None,
        }
        if "opschorting" in person:
            record["opschortingBijhouding"] = {"reden": {"code": person["opschorting"]}}
        if "resultaat" in person:
            letter, code = person["resultaat"].split("/")
            record["adresvraagResultaat"] = {"letter": letter, "code": int(code)}
        yield record


def _marriage(population: Population, scenario: Scenario, entry: str | dict[str, str]) -> Record:
    marriage = {"met": entry} if isinstance(entry, str) else entry
    _known(marriage, {"met", "soort", "sinds", "ontbonden"}, scenario, "partners")
    ended = {"datum": marriage["ontbonden"]} if "ontbonden" in marriage else None
    if ended == {"datum": "leeg"}:
        ended = {}
    return {
        **_relative(population, scenario, marriage["met"]),
        "soortVerbintenis": {"code": marriage.get("soort", "H")},
        "aangaanHuwelijkPartnerschap": {"datum": marriage.get("sinds", "2010-05-05")},
        "ontbindingHuwelijkPartnerschap": ended,
    }


def _relative(population: Population, scenario: Scenario, alias: str) -> Record:
    return {"burgerservicenummer": None if alias == "zonder_bsn" else population.bsn(scenario, alias)}


_PERSON = {
    "geboren", "naam", "voorvoegsel", "adres", "functie", "onderzoek", "opschorting", "partners", "kinderen",
    "ouders", "resultaat",
}  # fmt: skip
_REKENING = {"nr", "saldo", "rente", "jaar", "bank", "product", "naam"}
_OPGAVE = {"maand", "van", "tot", "loon", "auto", "loonheffing", "zvw"}


def _uwv(population: Population, scenario: Scenario) -> Iterator[Record]:
    for alias, relations in scenario.content.get("inkomen", {}).items():
        yield {
            "burgerservicenummer": population.bsn(scenario, alias),
            "inkomstenverhoudingen": [
                _inkomstenverhouding(scenario, alias, number, relation)
                for number, relation in enumerate(relations, 1)
            ],
        }


def _inkomstenverhouding(scenario: Scenario, alias: str, number: int, relation: dict[str, Any]) -> Record:
    _known(relation, _OPGAVE | {"soort", "werkgever", "nummer", "opgaven"}, scenario, f"inkomen van {alias}")
    single = {key: relation[key] for key in _OPGAVE & set(relation)}
    return {
        "naamAdministratieveEenheid": relation.get("werkgever", f"Werkgever {number}"),
        "loonheffingennummer": relation.get("nummer", f"00123456{number}L01"),
        "codeSoortInkomstenverhouding": relation.get("soort", "15"),
        "inkomstenopgaven": [
            opgave
            for entry in relation.get("opgaven", [single])
            for opgave in _opgaven(scenario, alias, entry)
        ],
    }


def _opgaven(scenario: Scenario, alias: str, entry: dict[str, str]) -> Iterator[Record]:
    """Yield the opgave as written; without a period it is one of every month around the ronde."""
    _known(entry, _OPGAVE, scenario, f"opgave van {alias}")
    amounts = {
        "lnLbPh": cents(entry["loon"]),
        "wrdPrGebrAut": cents(entry.get("auto", "0")),
        "ingLbPh": cents(entry.get("loonheffing", "0")),
        "bijdrZvw": cents(entry.get("zvw", "0")),
    }
    if "tot" in entry:
        yield {"datumAanvang": entry["van"], "datumEinde": entry["tot"], **amounts}
        return
    for one in [entry["maand"]] if "maand" in entry else _months_around(scenario.ronde):
        last = monthrange(*map(int, one.split("-")))[1]
        yield {"datumAanvang": f"{one}-01", "datumEinde": f"{one}-{last}", **amounts}


def _months_around(ronde: str) -> list[str]:
    """Return the months from nine before the ronde up to one after it: more than any window reaches."""
    year, month = map(int, ronde.split("-"))
    numbers = (year * 12 + month - 1 + step for step in range(-9, 2))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


def _belastingdienst(population: Population, scenario: Scenario) -> Iterator[Record]:
    known = {key: scenario.content.get(key, {}) for key in ("verificatie", "rekeningen", "kortingen")}
    for alias in dict.fromkeys(alias for given in known.values() for alias in given):
        yield {
            "burgerservicenummer": population.bsn(scenario, alias),
            "verificatie": known["verificatie"].get(alias, "geslaagd"),
            "rekeningen": _per_year(
                known["rekeningen"].get(alias, []), lambda entry, who=alias: _rekening(scenario, who, entry)
            ),
            "heffingskortingen": _per_year(
                known["kortingen"].get(alias, []),
                lambda entry: {"code": entry["code"], "bedrag": cents(entry["bedrag"])},
            ),
        }


def _per_year(entries: list[dict[str, str]], make: Any) -> dict[str, list[Record]]:
    """Without a year of its own a record is there in every belastingjaar."""
    years: dict[str, list[Record]] = {}
    for entry in entries:
        for year in [entry["jaar"]] if "jaar" in entry else map(str, BELASTINGJAREN):
            years.setdefault(year, []).append(make(entry))
    return years


def _rekening(scenario: Scenario, alias: str, entry: dict[str, str]) -> Record:
    _known(entry, _REKENING, scenario, f"rekeningen van {alias}")
    return {
        "rekeningnummer": f"NL00TEST{entry['nr']:0>10}",
        "saldo": cents(entry["saldo"]),
        "rente": cents(entry.get("rente", "0")),
        "bank": entry.get("bank", "Testbank"),
        "product": entry.get("product", "spaarrekening"),
        "tenaamstelling": entry.get("naam", alias.capitalize()),
    }


def _rdw(population: Population, scenario: Scenario) -> Iterator[Record]:
    known = {
        "kenteken", "soort", "merk", "handelsbenaming", "toelating", "vanaf", "tot", "massa", "brandstof",
        "inrichting", "bijzonderheden", "status",
    }  # fmt: skip
    for alias, vehicles in scenario.content.get("voertuigen", {}).items():
        for vehicle in vehicles:
            _known(vehicle, known, scenario, f"voertuigen van {alias}")
        yield {
            "burgerservicenummer": population.bsn(scenario, alias),
            "voertuigen": [
                {
                    "kenteken": vehicle["kenteken"],
                    "voertuigsoort": vehicle.get("soort", "Personenauto"),
                    "merk": vehicle.get("merk", "FIAT"),
                    "handelsbenaming": vehicle.get("handelsbenaming", "PANDA"),
                    "massaLedigVoertuig": int(vehicle.get("massa", "1000")),
                    "brandstofsoorten": vehicle.get("brandstof", ["Benzine"]),
                    "inrichting": vehicle.get("inrichting", "hatchback"),
                    "bijzonderheden": vehicle.get("bijzonderheden", []),
                    "status": vehicle.get("status", "normaal"),
                    "datumEersteToelating": vehicle.get("toelating", "2005-01-01"),
                    "datumAanvangAansprakelijkheid": vehicle.get("vanaf", "2020-01-01"),
                    "datumEindeAansprakelijkheid": vehicle.get("tot"),
                }
                for vehicle in vehicles
            ],
        }


def _bijstand(population: Population, scenario: Scenario) -> Iterator[Record]:
    for alias, benefits in scenario.content.get("uitkeringen", {}).items():
        for benefit in benefits:
            _known(benefit, {"regeling", "vanaf", "tot"}, scenario, f"uitkeringen van {alias}")
        yield {
            "burgerservicenummer": population.bsn(scenario, alias),
            "uitkeringen": [
                {
                    "regeling": benefit.get("regeling", "PW"),
                    "datumAanvang": benefit.get("vanaf", "2020-01-01"),
                    "datumEinde": benefit.get("tot"),
                }
                for benefit in benefits
            ],
        }


def cents(euros: str) -> int:
    """Return ``1703.35`` (euros as written) as 170335."""
    amount = Decimal(euros) * 100
    if amount != int(amount):
        raise ScenarioError(f"{euros} is not an amount in whole cents")
    return int(amount)


def _known(mapping: Mapping[str, Any], known: set[str], scenario: Scenario, where: str) -> None:
    if unknown := set(mapping) - known:
        keys = ", ".join(sorted(unknown))
        raise ScenarioError(f"{scenario.file}: {scenario.name}: {where}: unknown key(s) {keys}")
