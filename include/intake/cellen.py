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

from include.fouten import BestandFout
from include.schemas.controles import OPEN_AANHALINGSTEKEN, REGEL_TE_LANG, Controle

BLOK = 4_000_000
"""Bytes cut at a time: the scratch arrays stay small, and in the processor's cache."""
RIJEN_PER_BLOK = 50_000
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
    quotes = np.flatnonzero(data == AANHALINGSTEKEN) if b'"' in tekst else None
    if quotes is not None:
        if not _volgens_rfc(data, quotes, scheiding):
            yield from _snijd_met_csv(tekst, scheidingsteken, grenzen)
            return
        if len(quotes) % 2:
            raise OnleesbaarBestand(OPEN_AANHALINGSTEKEN, regel=tekst.count(b"\n", 0, int(quotes[-1])) + 1)
    starts, regels = _records(data, quotes)
    _toets_lengte(np.diff(starts), regels, grenzen)
    van = 0
    while van < len(regels):
        tot = max(int(np.searchsorted(starts, starts[van] + BLOK, side="right")) - 1, van + 1)
        blok = data[starts[van] : starts[tot]]
        cellen, eerste = _knip(blok, scheiding, met_quotes=quotes is not None)
        yield Blok(cellen, eerste, regels[van:tot])
        van = tot


def _volgens_rfc(data: NDArray[np.uint8], quotes: NDArray[np.int64], scheiding: int) -> bool:
    """Tell whether every quote opens a cell, closes one, or stands doubled inside one.

    In order of appearance quotes then open and close by turns; a doubled one closes and opens again at once.
    """

    def grens(byte: NDArray[np.uint8]) -> NDArray[np.bool_]:
        return (byte == scheiding) | (byte == LF)

    opent, sluit = quotes[0::2], quotes[1::2]
    verdubbeld = opent[1:] == sluit[: len(opent) - 1] + 1
    goed_open = grens(data[opent - 1])
    goed_open[0] |= opent[0] == 0
    goed_open[1:] |= verdubbeld
    goed_dicht = grens(data[sluit + 1])
    goed_dicht[: len(verdubbeld)] |= verdubbeld
    return bool(goed_open.all() and goed_dicht.all())


def _records(
    data: NDArray[np.uint8], quotes: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each record starts (one more at the end: the end of the text), and on which line."""
    einden = np.flatnonzero(data == LF)
    regel = np.arange(1, len(einden) + 1)
    if quotes is not None:
        buiten = np.searchsorted(quotes, einden) % 2 == 0
        einden, regel = einden[buiten], regel[buiten]
    starts = np.concatenate(([0], einden + 1))
    return starts, np.concatenate(([1], regel[:-1] + 1))


def _toets_lengte(lengtes: NDArray[np.int64], regels: NDArray[np.int64], grenzen: Grenzen) -> None:
    if lengtes.max(initial=0) > grenzen.regelbytes:
        te_lang = int(np.argmax(lengtes > grenzen.regelbytes))
        raise OnleesbaarBestand(REGEL_TE_LANG, regel=int(regels[te_lang]), grens=grenzen.regelbytes)


def _knip(
    blok: NDArray[np.uint8], scheiding: int, *, met_quotes: bool
) -> tuple[pa.StringArray, NDArray[np.int64]]:
    """Cut whole records into cells: drop the bytes between cells and remember where they were."""
    grens = (blok == LF) | (blok == scheiding)
    if met_quotes:
        quotes = np.flatnonzero(blok == AANHALINGSTEKEN)
        grens &= np.cumsum(blok == AANHALINGSTEKEN, dtype=np.uint8) % 2 == 0
        eind_cel = np.flatnonzero(grens)
        blijft = ~grens
        blijft[quotes] = False
        opent, sluit = quotes[0::2], quotes[1::2]
        blijft[opent[1:][opent[1:] == sluit[:-1] + 1]] = True  # the second of a doubled quote
        einden = np.cumsum(blijft, dtype=np.int32)[eind_cel]
    else:
        eind_cel = np.flatnonzero(grens)
        blijft = ~grens
        einden = eind_cel - np.arange(len(eind_cel))
    offsets = np.concatenate(([0], einden)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(blok[blijft])]
    cellen = pa.StringArray.from_buffers(len(eind_cel), buffers[1], buffers[2])
    return cellen, np.concatenate(([0], np.flatnonzero(blok[eind_cel] == LF) + 1))


def _snijd_met_csv(tekst: bytes, scheidingsteken: str, grenzen: Grenzen) -> Iterator[Blok]:
    """Cut a text with loose quotes, record by record: slower, and rare."""
    rijen = _lees_met_csv(tekst, scheidingsteken, grenzen)
    while deel := list(itertools.islice(rijen, RIJEN_PER_BLOK)):
        regels = np.fromiter((regel for regel, _ in deel), np.int64, len(deel))
        eerste = np.cumsum([0] + [len(rij) for _, rij in deel])
        cellen = pa.array(itertools.chain.from_iterable(rij for _, rij in deel), pa.string())
        _toets_lengte(np.diff(np.frombuffer(cellen.buffers()[1], np.int32)[eerste]), regels, grenzen)
        yield Blok(cellen, eerste, regels)


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
