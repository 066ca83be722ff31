"""The gemeenten of the Netherlands by date, and what became of those that were merged (besluiten B12, A2)."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from include.errors import NormFout
from include.normen.yaml_file import lees_tekst, projectpad

BESTAND = Path(__file__).with_name("gemeenten.csv")
KOLOMMEN = ["gemeentecode", "naam", "ingang", "einde", "nieuwe_code"]


class Gemeente(NamedTuple):
    """A gemeentecode and the days on which it is valid: from ``ingang`` up to but not including ``einde``."""

    code: str
    naam: str
    ingang: date
    einde: date
    nieuwe_code: str
    """The code that took over on ``einde``, or empty."""

    def actief(self, datum: date) -> bool:
        """Tell whether the code is valid on ``datum``."""
        return self.ingang <= datum < self.einde


@lru_cache(maxsize=64)
def actieve_gemeenten(datum: date) -> frozenset[str]:
    """Return the four-digit codes of the gemeenten that exist on ``datum`` (besluit B12).

    Raises:
        NormFout: when the table of gemeenten is malformed.
    """
    return frozenset(code for code, gemeente in _gemeenten().items() if gemeente.actief(datum))


def gemeentenaam(code: str) -> str | None:
    """Return the name that belongs to a four-digit code, ended ones included; None when it never existed.

    Raises:
        NormFout: when the table of gemeenten is malformed.
    """
    gemeente = _gemeenten().get(code)
    return gemeente.naam if gemeente else None


@lru_cache(maxsize=64)
def opvolgers(datum: date) -> Mapping[str, str]:
    """Return for each code the code that stands for it on ``datum``, itself included (besluit A2).

    A code that ended without successor, or does not exist yet, is left out. Made for ``Series.map``.

    Raises:
        NormFout: when the table of gemeenten is malformed.
    """
    return zoek_opvolgers(_gemeenten(), datum)


def zoek_opvolgers(gemeenten: Mapping[str, Gemeente], datum: date) -> Mapping[str, str]:
    """Return what :func:`opvolgers` returns, from another table than the installation's."""
    uit: dict[str, str] = {}
    for begin in gemeenten:
        code = begin
        while code and gemeenten[code].einde <= datum:
            code = gemeenten[code].nieuwe_code
        if code and gemeenten[code].actief(datum):
            uit[begin] = code
    return MappingProxyType(uit)


@lru_cache(maxsize=1)
def _gemeenten() -> Mapping[str, Gemeente]:
    return lees_gemeenten(BESTAND)


def vergeet_gemeenten() -> None:
    """Read the table anew at the next question; :func:`include.normen.laden.vergeet` forgets all tables."""
    for gelezen in (_gemeenten, actieve_gemeenten, opvolgers):
        gelezen.cache_clear()


def lees_gemeenten(pad: Path) -> Mapping[str, Gemeente]:
    """Return every gemeente of the file at ``pad`` by code.

    Raises:
        NormFout: a line that is not in the right form, a code that is there twice, an unknown successor, or a
            chain of successors that comes back to where it began; naming file and line.
    """
    gemeenten: dict[str, Gemeente] = {}
    regels: dict[str, int] = {}
    lezer = csv.reader(lees_tekst(pad).splitlines(), delimiter=";")
    if next(lezer, None) != KOLOMMEN:
        raise NormFout(f"{projectpad(pad)}, line 1: the header must be {';'.join(KOLOMMEN)}.")
    for cellen in lezer:
        gemeente = _gemeente(pad, lezer.line_num, cellen)
        if gemeente.code in gemeenten:
            raise NormFout(
                f"{projectpad(pad)}, line {lezer.line_num}: {gemeente.code} is there twice: keep one."
            )
        gemeenten[gemeente.code], regels[gemeente.code] = gemeente, lezer.line_num
    for code, regel in regels.items():
        _controleer_keten(pad, gemeenten, code, regel)
    return MappingProxyType(gemeenten)


def _gemeente(pad: Path, regel: int, cellen: list[str]) -> Gemeente:
    waar = f"{projectpad(pad)}, line {regel}"
    if len(cellen) != len(KOLOMMEN):
        raise NormFout(f"{waar}: has {len(cellen)} cells, not {len(KOLOMMEN)}: mend the line.")
    code, naam, ingang, einde, nieuwe_code = cellen
    if not re.fullmatch(r"[0-9]{4}", code) or not naam:
        raise NormFout(f"{waar}: begins with a code of four digits and a name: mend the line.")
    try:
        van = date.fromisoformat(ingang) if ingang else date.min
        tot = date.fromisoformat(einde) if einde else date.max
    except ValueError:
        raise NormFout(
            f"{waar}: ingang and einde are dates written as 2023-01-01, or empty: mend the line."
        ) from None
    if tot <= van or (nieuwe_code and not einde):
        raise NormFout(
            f"{waar}: einde must come after ingang, and nieuwe_code asks for an einde: mend the line."
        )
    return Gemeente(code, naam, van, tot, nieuwe_code)


def _controleer_keten(pad: Path, gemeenten: Mapping[str, Gemeente], code: str, regel: int) -> None:
    """Refuse a successor that does not exist, and a chain of them that comes back on itself."""
    keten = [code]
    while nieuwe_code := gemeenten[keten[-1]].nieuwe_code:
        if nieuwe_code not in gemeenten:
            raise NormFout(
                f"{projectpad(pad)}, line {regel}: nieuwe_code {nieuwe_code} is not in the table: add it."
            )
        if nieuwe_code in keten:
            rondje = " -> ".join([*keten, nieuwe_code])
            raise NormFout(
                f"{projectpad(pad)}, line {regel}: the successors go round ({rondje}): mend one nieuwe_code."
            )
        keten.append(nieuwe_code)
