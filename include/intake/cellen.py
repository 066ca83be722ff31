"""Cutting the text of a vraagbestand into cells, whole blocks at a time (besluit B10).

The records of a block become one long array of cells, with the place of each record's first cell beside it:
enough to tell how many cells each record has, which are empty, and to lift out a column in one step. Files
without quotes, and files whose quotes stand as RFC 4180 wants, are cut with numpy. Where quotes stand loose
(``Jan "de" Vries``, ``"a"b``) Python's csv module decides, which reads such a quote as part of the cell.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.errors import BestandFout
from include.schemas.controles import OPEN_AANHALINGSTEKEN, REGEL_TE_LANG, Controle, Vlaggen

BLOK = 4_000_000
"""Bytes cut at a time: the scratch arrays stay small, and in the processor's cache."""
CELLEN_PER_BLOK = 500_000
LF, AANHALINGSTEKEN = ord("\n"), ord('"')


@dataclass(frozen=True)
class Grenzen:
    """What a vraagbestand may measure at most; beyond it the file is afgekeurd, in bounded memory and time.

    The largest municipality's file is a tenth of this.
    """

    bytes: int = 100_000_000
    regels: int = 2_000_000
    regelbytes: int = 100_000


GRENZEN = Grenzen()


class OnleesbaarBestand(BestandFout):
    """The whole file is afgekeurd; carries the code of the reason (one of the V00x)."""

    def __init__(self, controle: Controle, **getallen: int) -> None:
        punten = {naam: f"{getal:,}".replace(",", ".") for naam, getal in getallen.items()}
        super().__init__(controle.omschrijving.format(**punten))
        self.foutcode = controle.code


class Blok(NamedTuple):
    """Some consecutive records of a file."""

    cellen: pa.StringArray
    """All their cells, untrimmed, without the quotes around them."""
    eerste: NDArray[np.int64]
    """Record ``i`` has the cells ``eerste[i]`` up to ``eerste[i + 1]``: one or more."""
    regels: NDArray[np.int64]
    """The physical line, from 1, on which each record starts."""


def snijd(tekst: bytes, scheidingsteken: str, grenzen: Grenzen) -> Iterator[Blok]:
    """Yield the records of a text in blocks, empty lines included.

    Args:
        tekst: UTF-8, ending in a line feed. With quotes in it, every line end is a line feed alone.
        scheidingsteken: one ASCII character.
        grenzen: only ``regelbytes`` matters here.

    Raises:
        OnleesbaarBestand: a quote that is never closed, or a record that is too long.
    """
    data = np.frombuffer(tekst, np.uint8)
    scheiding = ord(scheidingsteken)
    einden = np.flatnonzero(data == LF)
    regels = np.arange(1, len(einden) + 1)
    _toets_lengte(einden, regels, grenzen)  # bounds the work on what follows
    met_quotes = b'"' in tekst
    if met_quotes:
        quotes = _quotes(data)
        if not _volgens_rfc(data, quotes, scheiding):
            yield from _snijd_met_csv(tekst, scheidingsteken, grenzen)
            return
        if quotes.binnen[-1]:
            laatste = len(data) - 1 - int(np.argmax(quotes.opent[::-1]))
            raise OnleesbaarBestand(OPEN_AANHALINGSTEKEN, regel=tekst.count(b"\n", 0, laatste) + 1)
        eind_record = ~quotes.binnen[einden]
        del quotes
        einden, regels = einden[eind_record], np.concatenate(([1], regels[eind_record][:-1] + 1))
        _toets_lengte(einden, regels, grenzen)
    starts = np.concatenate(([0], einden + 1))
    van = 0
    while van < len(regels):
        tot = max(int(np.searchsorted(starts, starts[van] + BLOK, side="right")) - 1, van + 1)
        cellen, eerste = _knip(data[starts[van] : starts[tot]], scheiding, met_quotes=met_quotes)
        yield Blok(cellen, eerste, regels[van:tot])
        van = tot


class _Quotes(NamedTuple):
    """Flags per byte. In order of appearance quotes open and close by turns; a doubled one closes and opens."""

    opent: Vlaggen
    sluit: Vlaggen
    binnen: Vlaggen
    """Between an opening quote, itself included, and the closing one."""


def _quotes(data: NDArray[np.uint8]) -> _Quotes:
    quote = data == AANHALINGSTEKEN
    binnen = (np.cumsum(quote, dtype=np.uint8) & 1).view(bool)
    return _Quotes(quote & binnen, quote & ~binnen, binnen)


def _volgens_rfc(data: NDArray[np.uint8], quotes: _Quotes, scheiding: int) -> bool:
    """Tell whether every quote opens a cell, closes one, or stands doubled inside one."""
    grens = (data == scheiding) | (data == LF)
    los_open = quotes.opent[1:] & ~(grens[:-1] | quotes.sluit[:-1])
    los_dicht = quotes.sluit[:-1] & ~(grens[1:] | quotes.opent[1:])
    return not (los_open.any() or los_dicht.any())


def _toets_lengte(einden: NDArray[np.int64], regels: NDArray[np.int64], grenzen: Grenzen) -> None:
    """Refuse a text in which more lies between two ends than ``regelbytes``; ``regels`` are their lines."""
    lengtes = np.diff(einden, prepend=-1)
    if lengtes.max(initial=0) > grenzen.regelbytes:
        te_lang = int(np.argmax(lengtes > grenzen.regelbytes))
        raise OnleesbaarBestand(REGEL_TE_LANG, regel=int(regels[te_lang]), grens=grenzen.regelbytes)


def _knip(
    blok: NDArray[np.uint8], scheiding: int, *, met_quotes: bool
) -> tuple[pa.StringArray, NDArray[np.int64]]:
    """Cut whole records into cells: drop the bytes between cells and remember where they were."""
    grens = (blok == LF) | (blok == scheiding)
    if met_quotes:
        quotes = _quotes(blok)
        grens &= ~quotes.binnen
        blijft = ~(grens | quotes.opent | quotes.sluit)
        blijft[1:] |= quotes.opent[1:] & quotes.sluit[:-1]  # the second of a doubled quote
        eind_cel = np.flatnonzero(grens)
        einden = np.cumsum(blijft, dtype=np.int32)[eind_cel]
        tekst = blok[blijft].tobytes()
    else:
        eind_cel = np.flatnonzero(grens)
        einden = eind_cel - np.arange(len(eind_cel))
        tekst = blok.tobytes().translate(None, delete=bytes([LF, scheiding]))
    offsets = np.concatenate(([0], einden)).astype(np.int32)
    cellen = pa.StringArray.from_buffers(len(eind_cel), pa.py_buffer(offsets), pa.py_buffer(tekst))
    return cellen, np.concatenate(([0], np.flatnonzero(blok[eind_cel] == LF) + 1))


def _snijd_met_csv(tekst: bytes, scheidingsteken: str, grenzen: Grenzen) -> Iterator[Blok]:
    """Cut a text with loose quotes, record by record: slower, and rare."""
    deel: list[tuple[int, list[str]]] = []
    cellen = 0
    for record in _lees_met_csv(tekst, scheidingsteken, grenzen):
        deel.append(record)
        cellen += len(record[1])
        if cellen >= CELLEN_PER_BLOK:
            yield _als_blok(deel, grenzen)
            deel, cellen = [], 0
    if deel:
        yield _als_blok(deel, grenzen)


def _als_blok(deel: list[tuple[int, list[str]]], grenzen: Grenzen) -> Blok:
    regels = np.fromiter((regel for regel, _ in deel), np.int64, len(deel))
    eerste = np.cumsum([0] + [len(rij) for _, rij in deel])
    cellen = pa.array(itertools.chain.from_iterable(rij for _, rij in deel), pa.string())
    _toets_lengte(np.frombuffer(cellen.buffers()[1], np.int32)[eerste[1:]], regels, grenzen)
    return Blok(cellen, eerste, regels)


def _lees_met_csv(tekst: bytes, scheidingsteken: str, grenzen: Grenzen) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it starts.

    A last line of one quote is added: an open cell swallows it, otherwise it is a record of its own.
    """
    toegevoegd = tekst.count(b"\n") + 1
    lijnen = io.TextIOWrapper(io.BytesIO(tekst), "utf-8", newline="\n")
    lezer = csv.reader(itertools.chain(lijnen, ['"']), delimiter=scheidingsteken)
    begin = 1
    try:
        for rij in lezer:
            if begin == toegevoegd:
                return
            if lezer.line_num == toegevoegd:
                raise OnleesbaarBestand(OPEN_AANHALINGSTEKEN, regel=begin)
            yield begin, rij or [""]
            begin = lezer.line_num + 1
    except csv.Error:  # a cell beyond csv's own limit of 128 KB
        raise OnleesbaarBestand(REGEL_TE_LANG, regel=begin, grens=grenzen.regelbytes) from None
