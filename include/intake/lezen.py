"""Reading a vraagbestand: encoding, separator, records and cells; nothing is judged yet (besluit B10)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.intake.cellen import GRENZEN, Blok, Grenzen, OnleesbaarBestand, snijd
from include.schemas.controles import (
    BESTAND_LEEG,
    BESTAND_TE_GROOT,
    GEEN_TEKST,
    GEEN_TIEN_KOLOMMEN,
    KOLOMMEN,
    TE_VEEL_REGELS,
    UTF16,
)

SCHEIDINGSTEKENS = ";,\t"
WIT = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space."""
AANTAL = len(KOLOMMEN)

# What files other than text begin with. A zip (so also xlsx and ods), the old xls, pdf, gzip, rtf.
_GEEN_TEKST = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x1f\x8b", b"{\\rtf")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Ruw:
    """A vraagbestand as text: what stands in which cell of which line.

    Rows with ten cells (what follows the tenth being empty) are in ``cellen``, all others in ``afwijkend``.
    """

    cellen: dict[str, pa.StringArray] = field(repr=False)
    """Columns A to J, trimmed of white space; in file order."""
    regels: NDArray[np.int64] = field(repr=False)
    """The physical line on which each row of ``cellen`` starts."""
    afwijkend: pa.StringArray = field(repr=False)
    """Per row with another number of cells: its cells with the separator between them."""
    afwijkende_regels: NDArray[np.int64] = field(repr=False)
    eerste_rij: tuple[str, str] = field(repr=False)
    """Cells A and B of the first row of all; B is empty when there is none."""
    overgeslagen: int
    """How many empty lines were skipped."""
    tekenset: str
    scheidingsteken: str


def lees(inhoud: bytes, grenzen: Grenzen = GRENZEN) -> Ruw:
    """Read the bytes of a vraagbestand (besluit B10).

    Raises:
        OnleesbaarBestand: a BestandFout, when it cannot be read as a vraagbestand at all; one Dutch sentence.
    """
    tekst, tekenset = _decodeer(inhoud, grenzen)
    bytes_ = np.frombuffer(tekst, np.uint8)
    beste: _Gelezen | None = None
    onleesbaar: OnleesbaarBestand | None = None
    for teken in SCHEIDINGSTEKENS:
        # A separator gives at most a ninth as many lines ten cells as it occurs.
        hoogstens = np.count_nonzero(bytes_ == ord(teken)) // (AANTAL - 1)
        if hoogstens <= (len(beste) if beste else 0):
            continue
        try:
            gelezen = _Gelezen(teken, snijd(tekst, teken, grenzen))
        except OnleesbaarBestand as fout:  # with another separator it may make sense
            onleesbaar = onleesbaar or fout
        else:
            beste = gelezen if beste is None or len(gelezen) > len(beste) else beste
    if beste is not None and len(beste):
        return beste.ruw(tekenset)
    is_leeg = not tekst.decode().strip(WIT + SCHEIDINGSTEKENS + '"')
    raise onleesbaar or OnleesbaarBestand(BESTAND_LEEG if is_leeg else GEEN_TIEN_KOLOMMEN)


def _decodeer(inhoud: bytes, grenzen: Grenzen) -> tuple[bytes, str]:
    """Return the text as UTF-8 that ends in a line feed, and the encoding it came in."""
    if len(inhoud) > grenzen.bytes:
        raise OnleesbaarBestand(BESTAND_TE_GROOT, grens=grenzen.bytes // 1_000_000)
    if inhoud.startswith(_UTF16):
        raise OnleesbaarBestand(UTF16)
    if inhoud.startswith(_GEEN_TEKST) or b"\0" in inhoud:
        raise OnleesbaarBestand(GEEN_TEKST)
    tekst, tekenset = inhoud, "UTF-8"
    try:
        inhoud.decode()
    except UnicodeDecodeError:
        try:
            zonder_bom = inhoud.removeprefix(_UTF8_BOM)  # a file can be put together of two
            tekst, tekenset = zonder_bom.decode("cp1252").encode(), "Windows-1252"
        except UnicodeDecodeError:
            raise OnleesbaarBestand(GEEN_TEKST) from None
    else:
        if inhoud.startswith(_UTF8_BOM):
            tekst, tekenset = inhoud[len(_UTF8_BOM) :], "UTF-8 met BOM"
    if b'"' in tekst:
        # In a quoted cell a line end is text; elsewhere a carriage return is white space at a cell's end.
        # A lone one becomes white space that Python's csv does not take for a line end.
        tekst = tekst.replace(b"\r\n", b"\n").replace(b"\r", b"\v")
    if np.count_nonzero(np.frombuffer(tekst, np.uint8) == ord("\n")) > grenzen.regels:
        raise OnleesbaarBestand(TE_VEEL_REGELS, grens=grenzen.regels)
    return (tekst if tekst.endswith(b"\n") else tekst + b"\n"), tekenset


def _vooruit(blokken: Iterator[Blok]) -> Iterator[Blok]:
    """Yield the blocks while the next one is being cut on another core."""
    with ThreadPoolExecutor(max_workers=1) as ernaast:
        volgende = ernaast.submit(next, blokken, None)
        while (blok := volgende.result()) is not None:
            volgende = ernaast.submit(next, blokken, None)
            yield blok


class _Gelezen:
    """A file cut with one separator; its length is the number of rows with ten cells."""

    def __init__(self, scheidingsteken: str, blokken: Iterator[Blok]) -> None:
        self.scheidingsteken = scheidingsteken
        self._andere = SCHEIDINGSTEKENS.replace(scheidingsteken, "").encode()
        self._eerste_rij: tuple[str, str] | None = None
        self._kolommen: list[list[pa.StringArray]] = [[] for _ in KOLOMMEN]
        self._regels: list[NDArray[np.int64]] = []
        self._afwijkend: list[pa.StringArray] = []
        self._afwijkende_regels: list[NDArray[np.int64]] = []
        self._overgeslagen = 0
        self._goed = 0
        for blok in _vooruit(blokken):
            self._voeg_toe(blok)

    def __len__(self) -> int:
        return self._goed

    def ruw(self, tekenset: str) -> Ruw:
        """Return it as a whole. The parts are given up, column by column, to bound the memory: once only."""
        cellen = {kolom.letter: pa.concat_arrays(self._kolommen.pop(0)) for kolom in KOLOMMEN}
        pa.default_memory_pool().release_unused()
        return Ruw(
            cellen=cellen,
            regels=np.concatenate(self._regels),
            afwijkend=pa.concat_arrays(self._afwijkend),
            afwijkende_regels=np.concatenate(self._afwijkende_regels),
            eerste_rij=self._eerste_rij or ("", ""),
            overgeslagen=self._overgeslagen,
            tekenset=tekenset,
            scheidingsteken="tab" if self.scheidingsteken == "\t" else self.scheidingsteken,
        )

    def _voeg_toe(self, blok: Blok) -> None:
        cellen = pc.utf8_trim(blok.cellen, WIT)
        begin, eind = blok.eerste[:-1], blok.eerste[1:]
        offsets = np.frombuffer(cellen.buffers()[1], np.int32)
        leeg = self._is_leeg(cellen, offsets, blok.eerste)
        tiende = np.minimum(begin + AANTAL, eind)
        goed = ~leeg & (eind - begin >= AANTAL) & (offsets[tiende] == offsets[eind])
        anders = np.flatnonzero(~leeg & ~goed)

        eerste_cel = begin[goed]
        for nummer, kolom in enumerate(self._kolommen):
            kolom.append(cellen.take(pa.array(eerste_cel + nummer)))
        self._regels.append(blok.regels[goed])
        self._afwijkend.append(self._als_tekst(cellen, blok.eerste, anders))
        self._afwijkende_regels.append(blok.regels[anders])
        self._overgeslagen += int(leeg.sum())
        self._goed += len(eerste_cel)
        if self._eerste_rij is None and not leeg.all():
            rij = int(np.argmin(leeg))
            twee = [cel.as_py() for cel in cellen[begin[rij] : min(begin[rij] + 2, eind[rij])]] + [""]
            self._eerste_rij = (twee[0], twee[1])

    def _is_leeg(
        self, cellen: pa.StringArray, offsets: NDArray[np.int32], eerste: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell which records hold only white space and separators, of whichever kind."""
        tekst = (cellen.buffers()[2] or pa.py_buffer(b"")).to_pybytes()
        if any(teken in tekst for teken in self._andere):
            kaal = pc.utf8_trim(cellen, WIT + SCHEIDINGSTEKENS)
            offsets = np.frombuffer(kaal.buffers()[1], np.int32)
        return np.diff(offsets[eerste]) == 0

    def _als_tekst(
        self, cellen: pa.StringArray, eerste: NDArray[np.int64], welke: NDArray[np.int64]
    ) -> pa.StringArray:
        rijen = pa.ListArray.from_arrays(pa.array(eerste, pa.int32()), cellen)
        return pc.binary_join(rijen.take(pa.array(welke)), self.scheidingsteken)
