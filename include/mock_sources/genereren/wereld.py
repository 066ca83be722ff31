"""What everything drawn has in common: the dice, the dates that follow from the ronde, and fresh numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

from include.mock_sources.genereren import namen, nummers
from include.normen.kalender import Maand

T = TypeVar("T")
_VIERWEKEN_ANKER = dt.date(2024, 1, 1)  # a Monday: pay periods of four weeks are counted from here


def nieuwste_ronde(vandaag: dt.date) -> Maand:
    """The newest ronde whose rapportagemaand has begun (besluit B3)."""
    return Maand(vandaag.year, vandaag.month).plus(-1)


class Nummers:
    """The series that no two persons of a population may share."""

    def __init__(self, seed: int) -> None:
        self._bsns = nummers.bsns(seed % 9_973)
        self._kort = nummers.korte_bsns(seed % 997)
        self._kentekens = nummers.kentekens(seed % 99_991)
        self._adres = 0
        self._rekening = 0
        self.uitgegeven = 0
        self.buiten_9999 = 0

    def bsn(self) -> str:
        """A BSN not given before."""
        bsn = next(self._bsns)
        self.uitgegeven += 1
        self.buiten_9999 += not bsn.startswith("9999")
        return bsn

    def korte_bsn(self) -> str:
        """A BSN of eight digits while they last, else an ordinary one."""
        return next(self._kort, None) or self.bsn()

    def kenteken(self) -> str:
        """A number plate not given before."""
        return next(self._kentekens)

    def adres(self, gemeentecode: str) -> str:
        """An adresseerbaar object in that gemeente: the code, 01 (verblijfsobject), ten digits."""
        self._adres += 1
        return f"{gemeentecode}01{self._adres:010d}"

    def rekening(self, bank: str) -> str:
        """An account number not given before."""
        self._rekening += 1
        return nummers.iban(bank, self._rekening)


class Wereld:
    """The dice and dates while one organisation is drawn."""

    def __init__(self, seed: str, ronde: Maand, maanden: int, reeksen: Nummers) -> None:
        self.dobbel = Random(seed)
        self.nummers = reeksen
        self.deelnamedatum = dt.date(ronde.jaar, ronde.maand, 26)
        self.rapportagemaand = ronde.plus(1)
        # Oldest first, the rapportagemaand last: neighbouring rondes find their months as well.
        self.maanden = [self.rapportagemaand.plus(-k) for k in range(maanden - 1, -1, -1)]
        self.vierweken = list(self._vierweken())
        # 31 December of these years: what a ronde up to a year earlier or half a year later asks for (B6).
        self.belastingjaren = [self.rapportagemaand.jaar - k for k in (3, 2, 1)]

    def _vierweken(self) -> Iterator[tuple[dt.date, dt.date]]:
        van, tot = self.maanden[0].eerste_dag, self.maanden[-1].laatste_dag
        begin = _VIERWEKEN_ANKER + dt.timedelta(days=28 * ((van - _VIERWEKEN_ANKER).days // 28))
        while begin <= tot:
            yield begin, begin + dt.timedelta(days=27)
            begin += dt.timedelta(days=28)

    def kans(self, p: float) -> bool:
        """True with probability ``p``."""
        return self.dobbel.random() < p

    def kies(self, uit: Sequence[T]) -> T:
        """One of these, each as likely."""
        return uit[int(self.dobbel.random() * len(uit))]

    def weeg(self, uit: Sequence[T], gewichten: Sequence[float]) -> T:
        """One of these, by weight."""
        return self.dobbel.choices(uit, gewichten)[0]

    def tussen(self, van: int, tot_en_met: int) -> int:
        """A whole number, both ends included."""
        return van + int(self.dobbel.random() * (tot_en_met - van + 1))

    def geslachtsnaam(self) -> tuple[str | None, str]:
        """Voorvoegsel and geslachtsnaam."""
        return self.weeg(namen.GESLACHTSNAMEN, namen.GEWICHTEN)

    def geboren(self, van: int, tot_en_met: int) -> dt.date:
        """A birth date of somebody who is that many completed years old on the deelnamedatum."""
        jongst = jaren_terug(self.deelnamedatum, van)
        oudst = jaren_terug(self.deelnamedatum, tot_en_met + 1) + dt.timedelta(days=1)
        return oudst + dt.timedelta(days=self.tussen(0, (jongst - oudst).days))

    def dagen_terug(self, van: int, tot_en_met: int) -> dt.date:
        """A day that many days before the deelnamedatum; negative is after it."""
        return self.deelnamedatum - dt.timedelta(days=self.tussen(van, tot_en_met))


def jaren_terug(datum: dt.date, jaren: int) -> dt.date:
    """The same day so many years earlier; 29 February becomes the 28th."""
    try:
        return datum.replace(year=datum.year - jaren)
    except ValueError:
        return datum.replace(year=datum.year - jaren, day=28)
