"""The next block of the tables that end: an empty one to fill in, and what its amounts change once it is filled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, cast

from include.errors import NormFout
from include.normen.kalender import Maand
from include.normen.models import Bedragenperiode, Bijstandsnormenbestand, Vermogensbestand
from include.normen.yaml_file import (
    IN_TE_VULLEN,
    Normbestand,
    lees_normbestand,
    lees_tekst,
    projectpad,
)


class Reeks(NamedTuple):
    """A list of periods that somebody must extend: every half-year, or every year."""

    bestand: str
    model: type[Normbestand]
    lijst: str
    maanden: int

    def perioden(self, folder: Path) -> Sequence[Bedragenperiode]:
        """Return the periods that the file in ``folder`` holds."""
        inhoud = lees_normbestand(folder / self.bestand, self.model)
        return cast("Sequence[Bedragenperiode]", getattr(inhoud, self.lijst))


REEKSEN = (
    Reeks("bijstandsnormen.yaml", Bijstandsnormenbestand, "perioden", 6),
    Reeks("vermogen.yaml", Vermogensbestand, "vermogensgrenzen", 12),
)


class Wijziging(NamedTuple):
    """What one amount was and becomes, in euro cents; ``naam`` is its field of ``Toetsnormen``."""

    naam: str
    was: int
    wordt: int

    @property
    def procent(self) -> float:
        """The difference, in percent of what it was."""
        return (self.wordt - self.was) / self.was * 100


def nieuwe_blokken(folder: Path, ingang: date) -> Mapping[Path, str]:
    """Return the new text of each file in ``folder`` with a table that ends on the day before ``ingang``.

    The new block is the last one, with its own dates and ``"?"`` for each amount and for where it was read. No file
    is written.

    Raises:
        NormFout: no table ends on that day, or a file is malformed or still to be filled in.
    """
    einden = {reeks: reeks.perioden(folder)[-1].tot_en_met for reeks in REEKSEN}
    vorige_dag = ingang - timedelta(days=1)
    if vorige_dag not in einden.values():
        stand = " and ".join(
            f"{projectpad(folder / reeks.bestand)} on {einde}" for reeks, einde in einden.items()
        )
        raise NormFout(
            f"no table ends on {vorige_dag}: {stand}. Let the new block begin on the day after such an end."
        )
    return {
        folder / reeks.bestand: _met_blok(lees_tekst(folder / reeks.bestand).rstrip() + "\n", reeks, ingang)
        for reeks, einde in einden.items()
        if einde == vorige_dag
    }


def _met_blok(tekst: str, reeks: Reeks, ingang: date) -> str:
    """Return the text of a file with an empty block behind the last one of its list."""
    lijst = re.search(rf"^{reeks.lijst}:\n(  - .*\n(    .*\n)*)+", tekst, re.MULTILINE)
    if lijst is None:
        raise NormFout(f"{reeks.bestand} is not indented as in the repository: add the block by hand.")
    blok = lijst[1]
    einde = Maand(ingang.year, ingang.month).plus(reeks.maanden - 1).laatste_dag
    for sleutel, waarde in (
        ("vanaf", str(ingang)),
        ("tot_en_met", str(einde)),
        ("herkomst", f'"{IN_TE_VULLEN}"'),
    ):
        blok = re.sub(rf"(\b{sleutel}: ).*", rf"\g<1>{waarde}", blok)
    blok = re.sub(r'(\bbedrag: )"[^"]*"', rf'\g<1>"{IN_TE_VULLEN}"', blok)
    return tekst[: lijst.end()] + blok + tekst[lijst.end() :]


def wijzigingen(folder: Path, ingang: date) -> Sequence[Wijziging]:
    """Return what changes on ``ingang``: each amount of a block that begins then, beside that of the block above.

    Raises:
        NormFout: no block begins on that day, or a file is malformed or still to be filled in.
    """
    uit = [
        Wijziging(naam, vorige.bedragen[naam].bedrag, bedrag.bedrag)
        for reeks in REEKSEN
        for vorige, deze in pairwise(reeks.perioden(folder))
        if deze.vanaf == ingang
        for naam, bedrag in deze.bedragen.items()
    ]
    if not uit:
        raise NormFout(f"no amounts change on {ingang}: no block begins then. Add one first.")
    return uit
