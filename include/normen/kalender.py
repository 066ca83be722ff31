"""The calendar of a ronde: every date and month that follows from it, and from nothing else (besluit B7)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from include.errors import RondeFout

DEELNAMEDAG = 26


class Maand(NamedTuple):
    """A calendar month."""

    jaar: int
    maand: int

    def plus(self, maanden: int) -> Maand:
        """Return the month that many months later (earlier when negative)."""
        jaar, maand = divmod(self.jaar * 12 + self.maand - 1 + maanden, 12)
        return Maand(jaar, maand + 1)

    @property
    def eerste_dag(self) -> date:
        """The first day of the month."""
        return date(self.jaar, self.maand, 1)

    @property
    def laatste_dag(self) -> date:
        """The last day of the month."""
        return date(self.jaar, self.maand, calendar.monthrange(self.jaar, self.maand)[1])

    def __str__(self) -> str:
        return f"{self.jaar:04d}-{self.maand:02d}"


class Periode(NamedTuple):
    """A span of days, both ends included."""

    van: date
    tot_en_met: date


@dataclass(frozen=True, order=True)
class Ronde:
    """A toetsingsronde: the calendar month of its deelnamedatum (besluit B1).

    ``deelnamedatum`` is the 26th unless ``include/normen/deelnamedatum.yaml`` moves it; make rondes with
    :func:`include.normen.laden.ronde`, which knows that table. A delivery counts when it is received from the vorige
    deelnamedatum up to but not including the deelnamedatum (besluit B2).
    """

    maand: Maand
    deelnamedatum: date
    vorige_deelnamedatum: date

    @property
    def rapportagemaand(self) -> Maand:
        """The month in which the sources are asked and the reports are due (besluit B3)."""
        return self.maand.plus(1)

    @property
    def peilmaand(self) -> Maand:
        """Two months before the rapportagemaand; three where that is May or December (besluit B4)."""
        twee_terug = self.rapportagemaand.plus(-2)
        return twee_terug.plus(-1) if twee_terug.maand in (5, 12) else twee_terug

    @property
    def pensioenvenster(self) -> Periode:
        """The months t-4 up to and including t-2, without the May/December rule (besluit B5)."""
        return Periode(self.rapportagemaand.plus(-4).eerste_dag, self.rapportagemaand.plus(-2).laatste_dag)

    @property
    def uwv_periode(self) -> Periode:
        """What UWV is asked for: the pension window, in which the peilmaand always lies."""
        return self.pensioenvenster

    @property
    def belastingjaar(self) -> int:
        """The year whose 31 December counts: new data arrive in June (besluit B6)."""
        return self.rapportagemaand.jaar - (1 if self.rapportagemaand.maand >= 7 else 2)

    @cached_property
    def naam(self) -> str:
        """The ronde as it is written, ``JJJJ-MM``."""
        return str(self.maand)

    def rapportagegrens(self, rapportagedatum: date) -> date:
        """Return the day by which a benefit must have ended to be left out (besluit B45).

        The rapportagedatum; the last day of the rapportagemaand for a ronde run after it.
        """
        return min(rapportagedatum, self.rapportagemaand.laatste_dag)

    def eis_begonnen(self, vandaag: date) -> None:
        """Refuse a ronde whose rapportagemaand has not begun (besluit B3).

        Raises:
            RondeFout: naming the day on which it can run.
        """
        if vandaag < self.rapportagemaand.eerste_dag:
            raise RondeFout(
                f"ronde {self} cannot run yet: its rapportagemaand {self.rapportagemaand} begins on "
                f"{self.rapportagemaand.eerste_dag.isoformat()}. Ask for an earlier ronde, or wait."
            )

    def __str__(self) -> str:
        return self.naam


def lees_maand(tekst: str) -> Maand:
    """Return the month that ``JJJJ-MM`` stands for.

    Raises:
        RondeFout: when the text is not a month from 2000 on.
    """
    if not re.fullmatch(r"2[0-9]{3}-(0[1-9]|1[0-2])", tekst):
        raise RondeFout(f"'{tekst[:20]}' is not a ronde: write it as JJJJ-MM, for example 2026-09.")
    return Maand(int(tekst[:4]), int(tekst[5:]))


def uiterste_begindatum(peildatum: date, jaren: int, maanden: int = 0) -> date:
    """Return the last date from which ``jaren`` and ``maanden`` have passed on ``peildatum``.

    Someone born on or before it has that age. A day that the month lacks becomes its last day (besluit B31):
    born on 29 February, one comes of age on 28 February of a year without a 29th.
    """
    maand = Maand(peildatum.year, peildatum.month)
    begin = maand.plus(-(12 * jaren + maanden))
    if peildatum == maand.laatste_dag:
        return begin.laatste_dag
    return date(begin.jaar, begin.maand, min(peildatum.day, begin.laatste_dag.day))
