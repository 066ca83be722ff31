"""From text to facts: what number, date or name each cell holds, column by column, for the rules to judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.intake.lezen import Ruw
from include.schemas.controles import ANDERE_DATUM, DAGNUMMER, LEEG, ONLEESBAAR, WETENSCHAPPELIJK, Vlaggen

Getallen: TypeAlias = NDArray[np.int32]

_NAAMTEKENS = r"[\p{L}\p{M} .\-\x{2010}\x{2011}\x{2013}'\x{2018}\x{2019}\x{60}\x{B4}\x{2BC}]*"
_NAAM = rf"\A{_NAAMTEKENS}[^\P{{L}}\x{{2BC}}]{_NAAMTEKENS}\z"
"""Besluit B18; U+02BC is an apostrophe, though Unicode calls it a letter. RE2, which does not backtrack."""
_MACHT = {WETENSCHAPPELIJK: r"\A[+-]?[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]+\z"}
_DAG, _MAAND, _TEKEN = "[0-9]{1,2}", r"([0-9]{1,2}|\p{L}{3,9})", "[-/. ]"
_DATUM = rf"({_DAG}{_TEKEN}{_MAAND}{_TEKEN}([0-9]{{2}}){{1,2}}|[0-9]{{4}}{_TEKEN}{_MAAND}{_TEKEN}{_DAG})"
_TIJD = r"([ T][0-9]{1,2}:[0-9:.,]+( ?[AP]M|Z)?)?"
_DATUMS = {
    ANDERE_DATUM: rf"\A{_DATUM}{_TIJD}\z",
    DAGNUMMER: r"\A([1-9][0-9]|[3-9])[0-9]{3}([.,][0-9]+)?\z",
}
"""What a spreadsheet makes of a cell (besluit B14a). Day 3000 is in 1908; 1980 is rather a year than a day number."""
_DAGEN = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def ontleed(
    ruw: Ruw, *, deelnamedatum: date, gemeentecodes: Set[str], actieve_gemeenten: Set[str]
) -> pd.DataFrame:
    """Return the rows with a right number of cells as a frame ``Vraagbestand``, in file order.

    Args:
        ruw: the file as read.
        deelnamedatum: of the ronde for which the file counts.
        gemeentecodes: those the delivering organisation serves, four digits each.
        actieve_gemeenten: those that exist on the deelnamedatum (besluit B12).
    """
    cel = ruw.cellen
    gsd_code = _getallen(cel["A"], 2, 4)
    kolommen = {
        "regel": ruw.regels,
        "gsd_code": gsd_code,
        "brp_bevragen": _ja_nee(cel["B"]),
        "normpercentage": _getallen(cel["C"], 3, 3),
        "bsn": _bsn(cel["D"]),
        "naam": _naamlengte(cel["E"]),
        "geboortedatum": _datum(cel["F"]),
        "leefvorm": _getallen(cel["G"], 1, 1),
        "partner_bsn": _bsn(cel["H"]),
        "partner_naam": _naamlengte(cel["I"]),
        "partner_geboortedatum": _datum(cel["J"]),
        "gemeente_actief": _in(gsd_code, actieve_gemeenten),
        "gemeente_bediend": _in(gsd_code, gemeentecodes),
        "deelnamedatum": np.full(len(ruw.regels), int(f"{deelnamedatum:%Y%m%d}"), np.int32),
    }
    return pd.DataFrame(kolommen, copy=False)


def getallen(kolom: pa.StringArray, kortste: int, langste: int) -> NDArray[np.int64]:
    """Return the whole numbers that a column of text holds (int64, at most nine digits).

    LEEG for an empty cell, ONLEESBAAR for one that is not ``kortste`` to ``langste`` digits 0-9.
    """
    return _getallen(kolom, kortste, langste).astype(np.int64)


def _getallen(kolom: pa.StringArray, kortste: int, langste: int) -> Getallen:
    offsets, tekst = _buffers(kolom)
    lengte = np.diff(offsets)
    uit = np.where(lengte == 0, LEEG, ONLEESBAAR).astype(np.int32)
    for aantal in range(kortste, langste + 1):
        welke = np.flatnonzero(lengte == aantal)
        waarde = np.zeros(len(welke), np.int32)
        alleen_cijfers = np.ones(len(welke), bool)
        for teken in _tekens(tekst, offsets, welke, aantal):
            cijfer = teken - np.uint8(ord("0"))  # unsigned: what comes before "0" becomes large
            alleen_cijfers &= cijfer < 10
            waarde = waarde * 10 + cijfer
        uit[welke] = np.where(alleen_cijfers, waarde, ONLEESBAAR)
    return uit


def _bsn(kolom: pa.StringArray) -> Getallen:
    return _met_oorzaak(_getallen(kolom, 8, 9), kolom, _MACHT)


def _tekens(
    tekst: NDArray[np.uint8], offsets: NDArray[np.int32], welke: NDArray[np.int64], aantal: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield the first byte of each of these cells, then the second, up to ``aantal``."""
    alles = tekst[offsets[0] : offsets[-1]]
    if len(alles) == len(welke) * aantal:  # all other cells are empty: the bytes lie behind each other
        yield from alles.reshape(-1, aantal).T
    else:
        begin = offsets[:-1][welke]
        for plek in range(aantal):
            yield tekst[begin + plek]


def als_datum(getal: NDArray[np.integer[Any]]) -> NDArray[np.datetime64]:
    """Return numbers JJJJMMDD as days (``datetime64[s]``); NaT for what is below 0, no date."""
    datum = getal >= 0
    jaar, maand, dag = _jaar_maand_dag(getal[datum])
    maanden = (jaar - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (maand - 1)
    uit = np.full(len(getal), np.datetime64("NaT", "s"))
    uit[datum] = maanden.astype("datetime64[D]") + (dag - 1)
    return uit


def _jaar_maand_dag(getal: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    jaar_maand = getal // 100
    jaar = jaar_maand // 100
    return jaar, jaar_maand - jaar * 100, getal - jaar_maand * 100


def _datum(kolom: pa.StringArray) -> Getallen:
    """Return JJJJMMDD for each day that exists in the calendar; the form is eight digits (besluit B19)."""
    getal = _getallen(kolom, 8, 8)
    gevuld = np.flatnonzero(getal >= 0)
    jaar, maand, dag = _jaar_maand_dag(getal[gevuld])
    schrikkel = (maand == 2) & (jaar % 4 == 0) & ((jaar % 100 != 0) | (jaar % 400 == 0))
    laatste = _DAGEN[np.where(maand <= 12, maand, 0)] + schrikkel
    bestaat = (jaar > 0) & (dag > 0) & (dag <= laatste)
    getal[gevuld[~bestaat]] = ONLEESBAAR
    return _met_oorzaak(getal, kolom, _DATUMS)


def _met_oorzaak(getal: Getallen, kolom: pa.StringArray, vormen: Mapping[int, str]) -> Getallen:
    """Replace ONLEESBAAR by the cause where the cell shows one: few cells are looked at."""
    plekken = np.flatnonzero(getal == ONLEESBAAR)
    cellen = kolom.take(pa.array(plekken))
    for oorzaak, vorm in vormen.items():
        getal[plekken[pc.match_substring_regex(cellen, vorm).to_numpy(zero_copy_only=False)]] = oorzaak
    return getal


def _ja_nee(kolom: pa.StringArray) -> Getallen:
    """Return 1 for J and 0 for N, of either case (besluit B13)."""
    offsets, tekst = _buffers(kolom)
    lengte = np.diff(offsets)
    uit = np.where(lengte == 0, LEEG, ONLEESBAAR).astype(np.int32)
    welke = np.flatnonzero(lengte == 1)
    for letter in _tekens(tekst, offsets, welke, 1):
        hoofdletter = letter & ~np.uint8(0x20)
        uit[welke] = np.where(hoofdletter == ord("J"), 1, np.where(hoofdletter == ord("N"), 0, ONLEESBAAR))
    return uit


def _naamlengte(kolom: pa.StringArray) -> Getallen:
    """Return the length of each name; ONLEESBAAR with anything in it but a name (besluit B18)."""
    verschillend = kolom.dictionary_encode()  # names come more than once
    namen = verschillend.dictionary
    lengte = pc.utf8_length(namen).to_numpy()
    is_naam = pc.match_substring_regex(namen, _NAAM).to_numpy(zero_copy_only=False)
    uitkomst = np.where(lengte == 0, LEEG, np.where(is_naam, lengte, ONLEESBAAR)).astype(np.int32)
    return uitkomst[verschillend.indices.to_numpy()]


def _in(gsd_code: Getallen, codes: Set[str]) -> Vlaggen:
    """Tell which codes are among ``codes``; False for what is no code."""
    bekend = np.zeros(10_000, bool)
    bekend[[int(code) for code in codes]] = True
    return (gsd_code >= 0) & bekend[gsd_code]


def _buffers(kolom: pa.StringArray) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return where each text starts (n + 1) and the bytes of all of them; both views, not copies."""
    buffers = kolom.buffers()
    offsets = np.frombuffer(buffers[1], np.int32)[kolom.offset : kolom.offset + len(kolom) + 1]
    return offsets, np.frombuffer(buffers[2] or b"", np.uint8)
