"""Reading and judging a levering of the doelgroepselectielijst Alleenverdieners (besluit A2).

Gemeentecodes are judged on the *peildatum*, the day on which the Belastingdienst made the levering: so the same
levering is judged the same whenever that is done.

Every row ends in one of three places: accepted, *dubbel* (it repeats an accepted row, which stays) or rejected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.errors import BestandFout
from include.intake.cellen import GRENZEN, snijd
from include.intake.lezen import WIT
from include.intake.ontleden import getallen
from include.normen.gemeenten import gemeentenaam, opvolgers
from include.schemas.controles import Controle, Vlaggen, elfproef
from include.schemas.domein import LeveringStatus
from include.schemas.selectielijst import (
    AANTAL_CELLEN,
    CONTROLETOTAAL,
    DUBBEL,
    GEEN_GELDIGE_RIJ,
    GEEN_OPVOLGER,
    GEEN_RIJEN,
    KOPREGEL,
    ONBEKEND,
    ONLEESBAAR_BESTAND,
    PER_CODE,
    VERKEERDE_KOPREGEL,
    overtredingen,
)

_BOM = b"\xef\xbb\xbf"
_ALLE_CODES = np.array([f"{code:04d}" for code in range(10_000)])


@dataclass(frozen=True)
class Oordeel:
    """The outcome of one levering: ``gelezen`` = ``geaccepteerd`` + ``afgewezen`` + ``dubbel``."""

    status: LeveringStatus
    """AFGEKEURD: the levering as a whole is rejected, and nothing of it is published."""
    huishoudens: pd.DataFrame = field(repr=False)
    """The accepted rows: a frame ``HUISHOUDENS``; empty when afgekeurd."""
    fouten: pd.DataFrame = field(repr=False)
    """Columns ``regel`` (int64; 0 for the file as a whole) and ``foutcode`` (str): by line, then by rule."""
    gelezen: int
    """Data rows; empty lines and the header do not count."""
    geaccepteerd: int
    afgewezen: int
    dubbel: int
    """Rows that repeat an accepted one; not counted as rejected."""
    heringedeeld: dict[str, int]
    """Accepted rows whose code had ended, by the code as delivered."""

    @property
    def fouten_per_code(self) -> dict[str, int]:
        """How often each error occurs, by code."""
        aantal = self.fouten["foutcode"].value_counts()
        return {code: int(aantal[code]) for code in PER_CODE if code in aantal.index}


def beoordeel(inhoud: bytes, *, aangekondigd: int, peildatum: date) -> Oordeel:
    """Read and judge a levering. Whatever is in it, this does not raise: it ends as afgekeurd.

    A levering without one valid row is afgekeurd too (as in besluit B21): else every gemeente would be told that
    it has no alleenverdieners.

    Args:
        inhoud: the file as fetched.
        aangekondigd: the number of data rows that the Belastingdienst announced.
        peildatum: the day on which the gemeentecodes must exist.
    """
    try:
        rijen = _lees(inhoud)
    except BestandFout:
        return _afgekeurd(0, [ONLEESBAAR_BESTAND])
    if rijen.kopregel != KOPREGEL:
        return _afgekeurd(rijen.aantal, [VERKEERDE_KOPREGEL])
    frame = _ontleed(rijen, peildatum)
    per_code = overtredingen(frame)
    geldig = ~np.any([np.zeros(len(frame), bool), *per_code.values()], axis=0)
    dubbel = geldig & _herhaalt(frame["bsn"].to_numpy(), geldig)
    goed = geldig & ~dubbel
    fouten = _foutenlijst(frame["regel"].to_numpy(), per_code | {DUBBEL.code: dubbel}, rijen.afwijkend)
    gebreken = [
        controle
        for controle, waar in (
            (GEEN_RIJEN, rijen.aantal == 0),
            (CONTROLETOTAAL, rijen.aantal != aangekondigd),
            (GEEN_GELDIGE_RIJ, rijen.aantal > 0 and not goed.any()),
        )
        if waar
    ]
    if gebreken:
        return _afgekeurd(rijen.aantal, gebreken, fouten)
    return Oordeel(
        status=LeveringStatus.DEELS_INCORRECT if len(fouten) else LeveringStatus.CORRECT,
        huishoudens=_huishoudens(frame[goed]),
        fouten=fouten,
        gelezen=rijen.aantal,
        geaccepteerd=int(goed.sum()),
        afgewezen=rijen.aantal - int(geldig.sum()),
        dubbel=int(dubbel.sum()),
        heringedeeld=_heringedeeld(frame[goed]),
    )


@dataclass(frozen=True)
class _Rijen:
    """A levering as text. ``afwijkend`` are the lines of rows that have not two cells."""

    kopregel: tuple[str, ...]
    bsn: pa.StringArray = field(repr=False)
    gemeentecode: pa.StringArray = field(repr=False)
    regels: NDArray[np.int64] = field(repr=False)
    afwijkend: NDArray[np.int64] = field(repr=False)

    @property
    def aantal(self) -> int:
        """How many data rows there are."""
        return len(self.regels) + len(self.afwijkend)


def _lees(inhoud: bytes) -> _Rijen:
    """Cut a levering into cells, without white space around them. Empty lines are skipped.

    Raises:
        BestandFout: it is not text, or its quotes do not close.
    """
    tekst = inhoud.removeprefix(_BOM)
    try:
        tekst.decode()
    except UnicodeDecodeError:
        raise BestandFout(ONLEESBAAR_BESTAND.omschrijving) from None
    if b"\0" in tekst:
        raise BestandFout(ONLEESBAAR_BESTAND.omschrijving)
    if b'"' in tekst:
        tekst = tekst.replace(b"\r\n", b"\n").replace(b"\r", b"\v")
    blokken = list(snijd(tekst if tekst.endswith(b"\n") else tekst + b"\n", ";", GRENZEN))
    cellen = pc.utf8_trim(pa.concat_arrays([blok.cellen for blok in blokken]), WIT)
    aantal = np.concatenate([np.diff(blok.eerste) for blok in blokken])
    regels = np.concatenate([blok.regels for blok in blokken])
    eerste = np.cumsum(aantal) - aantal
    leeg = (aantal == 1) & (pc.binary_length(cellen).to_numpy(zero_copy_only=False)[eerste] == 0)
    aantal, regels, eerste = aantal[~leeg], regels[~leeg], eerste[~leeg]
    kopregel = cellen[eerste[0] : eerste[0] + min(aantal[0], 3)].to_pylist() if len(aantal) else []
    aantal, regels, eerste = aantal[1:], regels[1:], eerste[1:]
    twee = aantal == len(KOPREGEL)
    return _Rijen(
        kopregel=tuple(kopregel),
        bsn=cellen.take(pa.array(eerste[twee])),
        gemeentecode=cellen.take(pa.array(eerste[twee] + 1)),
        regels=regels[twee],
        afwijkend=regels[~twee],
    )


def _ontleed(rijen: _Rijen, peildatum: date) -> pd.DataFrame:
    """Return a frame ``SELECTIELIJST``."""
    bsn, code = getallen(rijen.bsn, 8, 9), getallen(rijen.gemeentecode, 4, 4)
    gemeente = _gemeente_op(code, peildatum)
    # A code that leads nowhere differs from every gemeente, and from other such codes.
    plaats = np.where(gemeente >= 0, gemeente, code)
    return pd.DataFrame(
        {
            "regel": rijen.regels,
            "bsn": bsn,
            "gemeentecode": code.astype(np.int32),
            "gemeente": gemeente.astype(np.int32),
            "verschillend": _op_meer_plaatsen(bsn, plaats),
        }
    )


def _gemeente_op(code: NDArray[np.int64], peildatum: date) -> NDArray[np.int64]:
    """Return what stands for each code on the peildatum, the chain of herindelingen followed to its end."""
    is_code = code >= 0
    tabel = np.full(len(_ALLE_CODES), ONBEKEND, np.int64)
    for oud, nieuw in opvolgers(peildatum).items():
        tabel[int(oud)] = int(nieuw)
    for onbekend in np.unique(code[is_code][tabel[code[is_code]] < 0]):
        if gemeentenaam(_ALLE_CODES[onbekend]) is not None:
            tabel[onbekend] = GEEN_OPVOLGER
    return np.where(is_code, tabel[np.where(is_code, code, 0)], code)


def _op_meer_plaatsen(bsn: NDArray[np.int64], plaats: NDArray[np.int64]) -> Vlaggen:
    """Tell which rows have a good BSN that is also on a row with another gemeente."""
    waar = np.flatnonzero(elfproef(np.maximum(bsn, 0)))
    plaatsen = pd.Series(plaats[waar]).groupby(bsn[waar])
    uit = np.zeros(len(bsn), bool)
    uit[waar] = (plaatsen.transform("min") != plaatsen.transform("max")).to_numpy()
    return uit


def _herhaalt(bsn: NDArray[np.int64], geldig: Vlaggen) -> Vlaggen:
    """Tell which rows come after a valid row with the same BSN."""
    uit = np.zeros(len(bsn), bool)
    uit[geldig] = pd.Series(bsn[geldig]).duplicated().to_numpy()
    return uit


def _huishoudens(goede: pd.DataFrame) -> pd.DataFrame:
    goede = goede.sort_values(["gemeente", "bsn"])
    return pd.DataFrame(
        {
            "regel": goede["regel"].to_numpy(),
            "bsn": goede["bsn"].to_numpy(),
            "gemeentecode": pd.array(_ALLE_CODES[goede["gemeente"].to_numpy()], dtype="str"),
        }
    )


def _heringedeeld(goede: pd.DataFrame) -> dict[str, int]:
    oude = goede["gemeentecode"][goede["gemeentecode"] != goede["gemeente"]]
    codes, aantallen = np.unique(oude.to_numpy(), return_counts=True)
    return {f"{code:04d}": int(aantal) for code, aantal in zip(codes, aantallen, strict=True)}


def _foutenlijst(
    regels: NDArray[np.int64], per_code: dict[str, Vlaggen], afwijkend: NDArray[np.int64]
) -> pd.DataFrame:
    alle = {AANTAL_CELLEN.code: afwijkend} | {code: regels[vlaggen] for code, vlaggen in per_code.items()}
    volgorde = [code for code in PER_CODE if code in alle]
    lijst = pd.DataFrame(
        {
            "regel": np.concatenate([alle[code] for code in volgorde]),
            "foutcode": np.repeat(volgorde, [len(alle[code]) for code in volgorde]),
        }
    )
    return lijst.sort_values("regel", kind="stable", ignore_index=True)


def _afgekeurd(gelezen: int, gebreken: list[Controle], fouten: pd.DataFrame | None = None) -> Oordeel:
    heel = pd.DataFrame({"regel": 0, "foutcode": [controle.code for controle in gebreken]})
    geen = pd.DataFrame(
        {naam: np.array([], np.int64) for naam in ("regel", "bsn", "gemeentecode", "gemeente")}
    )
    return Oordeel(
        status=LeveringStatus.AFGEKEURD,
        huishoudens=_huishoudens(geen),
        fouten=heel if fouten is None else pd.concat([heel, fouten], ignore_index=True),
        gelezen=gelezen,
        geaccepteerd=0,
        afgewezen=gelezen,
        dubbel=0,
        heringedeeld={},
    )
