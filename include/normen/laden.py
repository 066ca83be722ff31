"""What is in force on a day, and the calendar of a ronde: the way in to the norm files.

They stand beside this module, are read once per process and checked as a whole (besluit B9).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from include.normen.gemeenten import vergeet_gemeenten
from include.normen.kalender import Maand, Ronde, lees_maand
from include.normen.norm_tables import Normtabellen
from include.normen.toetsnormen import Toetsnormen
from include.schemas.instellingen import Instellingen

MAP = Path(__file__).parent


@lru_cache(maxsize=256)
def normen_op(deelnamedatum: date) -> Toetsnormen:
    """Return the norms and parameters in force on ``deelnamedatum``; money in euro cents.

    Raises:
        NormFout: a table has no value for that day, naming the day and the file to extend (besluit B9), or a
            file is malformed.
    """
    return tabellen().normen_op(deelnamedatum)


def aow_geboren_tot_en_met(deelnamedatum: date) -> date:
    """Return the last birth date on which the AOW age has been reached on ``deelnamedatum`` (besluit B31).

    Raises:
        NormFout: as :func:`normen_op`.
    """
    return tabellen().aow.geboren_tot_en_met(deelnamedatum)


def standaardinstellingen_op(datum: date) -> Instellingen:
    """Return the instellingen of an organisation that has chosen none (besluit B8).

    Raises:
        NormFout: as :func:`normen_op`.
    """
    return tabellen().standaardinstellingen_op(datum)


def ronde(maand: str | Maand) -> Ronde:
    """Return the ronde of a month, written ``JJJJ-MM``, with its deelnamedatum (besluit B1).

    Raises:
        RondeFout: the text is not a month.
        NormFout: a file is malformed.
    """
    return tabellen().ronde(lees_maand(str(maand)))


def nieuwste_ronde(vandaag: date) -> Ronde:
    """Return the newest ronde that can run on ``vandaag``: its rapportagemaand has begun (besluit B3).

    Raises:
        NormFout: a file is malformed.
    """
    return ronde(Maand(vandaag.year, vandaag.month).plus(-1))


def dekking() -> tuple[date, date]:
    """Return the first and last day on which every table has a value.

    Raises:
        NormFout: a file is malformed.
    """
    return tabellen().dekking


def waarschuwing_dekking(vandaag: date) -> str | None:
    """Return what ops must do when a table ends within two months or has ended; None while there is time.

    Raises:
        NormFout: a file is malformed.
    """
    return tabellen().waarschuwing(vandaag)


@lru_cache(maxsize=1)
def tabellen() -> Normtabellen:
    """Return the tables of this installation, read once per process.

    Raises:
        NormFout: a file is missing or malformed, naming file, line and what to do.
    """
    return Normtabellen(MAP)


def vergeet() -> None:
    """Read every file anew at the next question: for a process that lives longer than they are in force."""
    vergeet_gemeenten()
    normen_op.cache_clear()
    tabellen.cache_clear()
