"""Judging a vraagbestand: which rows are accepted, and what is wrong with the others (besluiten B11-B21)."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from include.intake.cellen import GRENZEN, Grenzen, OnleesbaarBestand
from include.intake.foutenlijst import als_tekstkolom, bestandsfout, celfouten, foutenlijst, rijfouten
from include.intake.lezen import Ruw, lees
from include.intake.ontleden import als_datum, ontleed
from include.schemas.controles import DUBBEL, KOLOMMEN, LEEG, Vlaggen
from include.schemas.domein import LeveringStatus, Stap
from include.schemas.vraagbestand import overtredingen

Voortgang: TypeAlias = Callable[[Stap, int], None]
"""Is told which step of the work is done, of a file with so many rows."""


def niemand(_stap: Stap, _rijen: int) -> None:
    """A Voortgang that nobody follows."""


@dataclass(frozen=True)
class Intake:
    """The outcome of one delivery. ``gelezen`` counts the rows that hold data: accepted plus rejected."""

    status: LeveringStatus
    aanvragen: pd.DataFrame = field(repr=False)
    """The accepted rows: a frame ``Aanvragen``."""
    fouten: pd.DataFrame = field(repr=False)
    """Every error of every rejected row: a frame ``Fouten``."""
    gelezen: int
    geaccepteerd: int
    afgekeurd: int
    overgeslagen: int
    """Empty lines; they do not count as read."""
    tekenset: str | None
    """``UTF-8``, ``UTF-8 met BOM`` or ``Windows-1252``; None for a file that could not be read."""
    scheidingsteken: str | None

    @property
    def fouten_per_code(self) -> dict[str, int]:
        """How often each error occurs, by code; no personal data."""
        aantal = self.fouten["foutcode"].value_counts(sort=False)
        return {str(code): int(n) for code, n in aantal.items() if n}

    @property
    def dubbel(self) -> int:
        """How many rows repeat an earlier valid row (besluit B20)."""
        return self.fouten_per_code.get(DUBBEL.code, 0)


def beoordeel(
    inhoud: bytes,
    *,
    deelnamedatum: date,
    gemeentecodes: Set[str],
    actieve_gemeenten: Set[str],
    grenzen: Grenzen = GRENZEN,
    voortgang: Voortgang = niemand,
) -> Intake:
    """Read and judge a vraagbestand. Whatever is in it, this does not raise: it ends as afgekeurd.

    Args:
        inhoud: the file as handed in.
        deelnamedatum: of the ronde for which the file counts.
        gemeentecodes: those the delivering organisation serves, four digits each.
        actieve_gemeenten: those that exist on the deelnamedatum (besluit B12).
        grenzen: what a file may measure.
        voortgang: is told when the rows are read, and when they are judged.
    """
    try:
        ruw = lees(inhoud, grenzen)
        voortgang(Stap.GELEZEN, len(ruw.regels) + len(ruw.afwijkende_regels))
        intake = _beoordeel_rijen(ruw, deelnamedatum, gemeentecodes, actieve_gemeenten)
        voortgang(Stap.GECONTROLEERD, intake.gelezen)
        del ruw
    except OnleesbaarBestand as fout:
        return _afgekeurd(fout)
    pa.default_memory_pool().release_unused()
    return intake


def _beoordeel_rijen(
    ruw: Ruw, deelnamedatum: date, gemeentecodes: Set[str], actieve_gemeenten: Set[str]
) -> Intake:
    rijen = ontleed(
        ruw, deelnamedatum=deelnamedatum, gemeentecodes=gemeentecodes, actieve_gemeenten=actieve_gemeenten
    )
    per_code = overtredingen(rijen)
    geldig = ~np.any([np.zeros(len(rijen), bool), *per_code.values()], axis=0)
    dubbel = _dubbel(rijen["bsn"].to_numpy(), geldig)
    if dubbel.any():
        per_code[DUBBEL.code] = dubbel
        geldig &= ~dubbel
    fouten = foutenlijst([rijfouten(ruw), celfouten(ruw, per_code)])
    gelezen = len(ruw.afwijkende_regels) + len(rijen)
    goede = np.flatnonzero(geldig)
    status = LeveringStatus.DEELS_INCORRECT if len(fouten) else LeveringStatus.CORRECT
    return Intake(
        status=status if len(goede) else LeveringStatus.AFGEKEURD,
        aanvragen=_aanvragen(rijen, ruw, goede),
        fouten=fouten,
        gelezen=gelezen,
        geaccepteerd=len(goede),
        afgekeurd=gelezen - len(goede),
        overgeslagen=ruw.overgeslagen,
        tekenset=ruw.tekenset,
        scheidingsteken=ruw.scheidingsteken,
    )


def _afgekeurd(fout: OnleesbaarBestand) -> Intake:
    geen = Ruw(
        cellen={kolom.letter: pa.array([], pa.string()) for kolom in KOLOMMEN},
        regels=np.array([], np.int64),
        afwijkend=pa.array([], pa.string()),
        afwijkende_regels=np.array([], np.int64),
        kopregel=False,
        overgeslagen=0,
        tekenset="",
        scheidingsteken="",
    )
    rijen = ontleed(geen, deelnamedatum=date.min, gemeentecodes=set(), actieve_gemeenten=set())
    return Intake(
        status=LeveringStatus.AFGEKEURD,
        aanvragen=_aanvragen(rijen, geen, np.array([], np.int64)),
        fouten=bestandsfout(fout),
        gelezen=0,
        geaccepteerd=0,
        afgekeurd=0,
        overgeslagen=0,
        tekenset=None,
        scheidingsteken=None,
    )


def _dubbel(bsn: NDArray[np.int32], geldig: Vlaggen) -> Vlaggen:
    """Tell which rows come after a valid row with the same aanvrager BSN (besluit B20)."""
    gesorteerd = np.sort(bsn)
    if not (gesorteerd[1:] == gesorteerd[:-1]).any():
        return np.zeros(len(bsn), bool)
    rij = np.flatnonzero(geldig)
    eerste = rij[~pd.Series(bsn[rij]).duplicated().to_numpy()]
    eerste_van = pd.Index(bsn[eerste]).get_indexer(pd.Index(bsn))
    dubbel = eerste_van >= 0
    dubbel[dubbel] = np.flatnonzero(dubbel) > eerste[eerste_van[dubbel]]
    return dubbel


def _aanvragen(rijen: pd.DataFrame, ruw: Ruw, goede: NDArray[np.int64]) -> pd.DataFrame:
    """Return the accepted rows as a frame ``Aanvragen``: by GSD-code, then BSN (besluit B50)."""
    volgorde = rijen["gsd_code"].to_numpy()[goede] * np.int64(1_000_000_000) + rijen["bsn"].to_numpy()[goede]
    goede = goede[np.argsort(volgorde)]

    def getal(naam: str) -> NDArray[np.int64]:
        return rijen[naam].to_numpy()[goede].astype(np.int64, copy=False)

    percentage = getal("normpercentage")
    alle_codes = pa.array([f"{code:04d}" for code in range(10_000)])
    return pd.DataFrame(
        {
            "regel": getal("regel"),
            "gsd_code": als_tekstkolom(alle_codes.take(pa.array(getal("gsd_code")))),
            "brp_bevragen": getal("brp_bevragen") == 1,
            "normpercentage": pd.arrays.IntegerArray(percentage, percentage == LEEG),
            "bsn": getal("bsn"),
            "naam": als_tekstkolom(ruw.cellen["E"].take(pa.array(goede))),
            "geboortedatum": als_datum(getal("geboortedatum")),
            "leefvorm": np.maximum(getal("leefvorm"), 0),
            "partner_bsn": np.maximum(getal("partner_bsn"), 0),
            "partner_naam": als_tekstkolom(ruw.cellen["I"].take(pa.array(goede))),
            "partner_geboortedatum": als_datum(getal("partner_geboortedatum")),
        },
        copy=False,
    )
