"""What every command shares: one clear line for an error, a bar for what takes long, moments from the clock."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from include.errors import BidnFout, soort_en_plaats
from include.moments import AMSTERDAM
from include.steps import installation
from include.steps.verwerking import Opslag

P = ParamSpec("P")
R = TypeVar("R")
NIET_GELUKT = 2
HOORT_NIET_BIJEEN = 4
"""Exit code of an answer from a database that does not belong to the file store: it may be the wrong one."""
GEDULD = 2.0
"""Seconds after which a bar appears."""
BREED = 200
"""Columns of a table that goes into a file or another program: at the usual 80 it would be cut to pieces."""

# Without markup: names are text, whatever brackets are in them.
console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else BREED, markup=False)
fouten = Console(stderr=True, soft_wrap=True, markup=False)


_AFLOOP: ContextVar[int] = ContextVar("afloop", default=0)


def open_opslag() -> Opslag:
    """Return the storage of this installation; raises as ``installation.open_opslag``.

    When its database and file store do not belong together, that is said on stderr, and the command ends with
    ``HOORT_NIET_BIJEEN`` after its answer: "nothing is published" beside a full store is a wrong one.
    """
    opslag = installation.open_opslag()
    with suppress(BidnFout):  # a command that needs what is away says so itself
        if misfit := installation.hoort_bijeen(opslag).misfit:
            fouten.print(f"This may be wrong: {misfit}", highlight=False)
            _AFLOOP.set(HOORT_NIET_BIJEEN)
    return opslag


def met_nette_fouten(opdracht: Callable[P, R]) -> Callable[P, R]:
    """Turn errors into one line on stderr and exit code 2: of ours what they say, of others only kind and place."""

    @wraps(opdracht)
    def uitgevoerd(*args: P.args, **kwargs: P.kwargs) -> R:
        _AFLOOP.set(0)
        try:
            uitkomst = opdracht(*args, **kwargs)
        except BidnFout as fout:
            melding = f"{type(fout).__name__}: {fout}"
        except OSError as fout:
            melding = f"{fout.filename or 'a file'} cannot be read or written: {fout.strerror or type(fout).__name__}"
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as fout:  # noqa: BLE001 - whoever wrote its words did not know they would be about people
            melding = (
                f"{soort_en_plaats(fout)}. This is a mistake in the program; its own words are left out."
            )
        else:
            if _AFLOOP.get():
                raise typer.Exit(_AFLOOP.get())
            return uitkomst
        fouten.print(" ".join(melding.splitlines()), markup=False, highlight=False)
        raise typer.Exit(NIET_GELUKT)

    return uitgevoerd


@contextmanager
def voortgangsbalk() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Give a maker of progress callbacks; their bars appear on stderr once two seconds have passed."""
    begin = time.monotonic()
    balk = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=fouten,
        transient=True,
        disable=not sys.stderr.isatty(),
    )

    def maak(omschrijving: str) -> Callable[[int, int], None]:
        taak = balk.add_task(omschrijving, total=None)

        def stap(klaar: int, totaal: int) -> None:
            if time.monotonic() - begin > GEDULD and not balk.live.is_started:
                balk.start()
            balk.update(taak, completed=klaar, total=totaal)

        return stap

    try:
        yield maak
    finally:
        balk.stop()


def amsterdams(moment: datetime) -> datetime:
    """Return a moment as typed (no zone: Amsterdam) with its zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)
