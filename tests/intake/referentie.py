"""The rules of the vraagbestand once more, row by row and cell by cell, straight from besluiten B11-B21.

Slow and plain on purpose, and sharing nothing with the code under test: what the property tests compare with,
and the loop that the benchmark measures against.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from stdnum.nl import bsn as stdnum_bsn

CIJFERS = frozenset("0123456789")
Fout = tuple[int, str, str]
"""Line, column, code."""


@dataclass(frozen=True)
class Loket:
    """Who delivers, and for which day."""

    deelnamedatum: dt.date
    gemeentecodes: Set[str]
    actieve_gemeenten: Set[str]


def beoordeel_rijen(rijen: Iterable[tuple[int, list[str]]], loket: Loket) -> list[Fout]:
    """Return the errors of rows (line, ten trimmed cells) in file order, duplicates included."""
    fouten: list[Fout] = []
    gezien: set[str] = set()
    for regel, cellen in rijen:
        van_rij = list(_fouten_van(cellen, loket))
        bsn = cellen[3].zfill(9)
        if bsn in gezien:
            van_rij.append(("D", "V054"))
        elif not van_rij:
            gezien.add(bsn)
        fouten += [(regel, kolom, code) for kolom, code in sorted(van_rij)]
    return fouten


def _fouten_van(cellen: list[str], loket: Loket) -> Iterator[tuple[str, str]]:
    a, b, c, d = cellen[:4]
    if fout := _gsd_code(a, loket):
        yield "A", fout
    if c and not (_cijfers(c, 3, 3) and 100 <= int(c) <= 150):
        yield "C", "V041"
    if fout := _bsn(d, "V051", "V052", "V053"):
        yield "D", fout
    if not b:
        yield "B", "V031"
    elif b in {"J", "j"}:
        gevuld = {"E": "V061", "F": "V071", "G": "V081", "H": "V091", "I": "V101", "J": "V111"}
        yield from (
            (kolom, code) for cel, (kolom, code) in zip(cellen[4:], gevuld.items(), strict=True) if cel
        )
    elif b in {"N", "n"}:
        yield from _zonder_brp(cellen, loket)
    else:
        yield "B", "V032"


def _zonder_brp(cellen: list[str], loket: Loket) -> Iterator[tuple[str, str]]:
    _, _, _, d, e, f, g, h, i, j = cellen
    if fout := _naam(e, "V062", "V063", "V064"):
        yield "E", fout
    if fout := _datum(f, loket, "V072", "V073", "V074", "V075"):
        yield "F", fout
    if not g:
        yield "G", "V082"
    elif g not in {"1", "2", "3"}:
        yield "G", "V083"
    elif g == "1":
        if fout := _bsn(h, "V093", "V094", "V095"):
            yield "H", fout
        elif h.zfill(9) == d.zfill(9):
            yield "H", "V096"
        if fout := _naam(i, "V103", "V104", "V105"):
            yield "I", fout
        if fout := _datum(j, loket, "V113", "V114", "V115", "V116"):
            yield "J", fout
    else:
        gevuld = zip((h, i, j), (("H", "V092"), ("I", "V102"), ("J", "V112")), strict=True)
        yield from (fout for cel, fout in gevuld if cel)


def _cijfers(cel: str, kortste: int, langste: int) -> bool:
    return kortste <= len(cel) <= langste and set(cel) <= CIJFERS


def _gsd_code(cel: str, loket: Loket) -> str | None:
    if not cel:
        return "V021"
    if not _cijfers(cel, 2, 4):
        return "V022"
    if cel.zfill(4) not in loket.actieve_gemeenten:
        return "V023"
    return None if cel.zfill(4) in loket.gemeentecodes else "V024"


def _bsn(cel: str, leeg: str, vorm: str, elfproef: str) -> str | None:
    if not cel:
        return leeg
    if not _cijfers(cel, 8, 9):
        return vorm
    return None if stdnum_bsn.is_valid(cel.zfill(9)) else elfproef


def _naam(cel: str, leeg: str, te_lang: str, tekens: str) -> str | None:
    if not cel:
        return leeg
    letters = [unicodedata.category(teken).startswith("L") for teken in cel]
    overig = (unicodedata.category(teken).startswith("M") or teken in " -'‘’." for teken in cel)
    if not any(letters) or not all(een or ander for een, ander in zip(letters, overig, strict=True)):
        return tekens
    return te_lang if len(cel) > 100 else None


def _datum(cel: str, loket: Loket, leeg: str, vorm: str, te_vroeg: str, te_laat: str) -> str | None:
    if not cel:
        return leeg
    if not _cijfers(cel, 8, 8):
        return vorm
    try:
        datum = dt.date(int(cel[:4]), int(cel[4:6]), int(cel[6:]))
    except ValueError:
        return vorm
    if datum < dt.date(1900, 1, 1):
        return te_vroeg
    return te_laat if datum > loket.deelnamedatum else None
