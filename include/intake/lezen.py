"""Reading a vraagbestand: encoding, separator, records and cells; nothing is judged yet (besluit B10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.intake.cellen import GRENZEN, Blok, Grenzen, OnleesbaarBestand, snijd
from include.schemas.controles import (
    AANTAL_KOLOMMEN_OVERAL,
    BESTAND_LEEG,
    BESTAND_TE_GROOT,
    GEEN_TEKST,
    KOLOMMEN,
    MINSTE_KOLOMMEN,
    TE_VEEL_REGELS,
    UTF16,
)

SCHEIDINGSTEKENS = ";,\t"
WIT = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space."""
ZONDER_BREEDTE = (
    "\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Zero-width spaces and joiners, marks of direction, and U+FEFF: nobody sees them."""
RAND = WIT + ZONDER_BREEDTE
"""What cells are trimmed of."""
AANTAL = len(KOLOMMEN)
_LEGE_CEL = pa.array([""])

# What files other than text begin with. A zip (so also xlsx and ods), the old xls, pdf, gzip, rtf.
_GEEN_TEKST = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-", b"\x1f\x8b", b"{\\rtf")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM = b"\xef\xbb\xbf"
_BOM_VOORAAN = re.compile(b"^(?:" + _UTF8_BOM + b")+", re.MULTILINE)
_SEP = re.compile(r'("?)sep=([;,\t])\1', re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Ruw:
    """A vraagbestand as text: what stands in which cell of which line.

    Rows with a right number of cells are in ``cellen``; the others, and a header row, are in ``afwijkend``.
    """

    cellen: dict[str, pa.StringArray] = field(repr=False)
    """Columns A to J, trimmed; in file order. The cells that a short row leaves out are empty."""
    regels: NDArray[np.int64] = field(repr=False)
    """The physical line on which each row of ``cellen`` starts."""
    afwijkend: pa.StringArray = field(repr=False)
    """Per other row: its cells with the separator between them."""
    afwijkende_regels: NDArray[np.int64] = field(repr=False)
    kopregel: bool
    """The first row of ``afwijkend`` is a header row (besluit B11)."""
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
    genoemd = _genoemd_scheidingsteken(tekst)
    if not genoemd:
        return _snijd_best(tekst, SCHEIDINGSTEKENS, grenzen).ruw(tekenset)
    rest = tekst[tekst.index(b"\n") :]  # an empty line stays, so that the others keep their number
    ruw = _snijd_best(rest, genoemd, grenzen).ruw(tekenset)
    return replace(ruw, overgeslagen=ruw.overgeslagen - 1)


def _genoemd_scheidingsteken(tekst: bytes) -> str:
    """Return the separator that a first line ``sep=;`` names; an empty text when there is no such line."""
    return _sep_in(tekst[: tekst.index(b"\n")].decode().lstrip(RAND))


def is_sep_regel(regel: str) -> bool:
    """Tell whether a first line names the separator, and is no row."""
    return bool(_sep_in(regel.lstrip(RAND)))


def _sep_in(regel: str) -> str:
    gevonden = _SEP.match(regel)
    if gevonden is None or regel[gevonden.end() :].strip(RAND + gevonden[2]):
        return ""
    return gevonden[2]


def _snijd_best(tekst: bytes, tekens: str, grenzen: Grenzen) -> _Gelezen:
    """Cut a text with that one of the separators that gives most rows a right number of cells.

    Raises:
        OnleesbaarBestand: there is no such row; or what is wrong with the text when it is cut so.
    """
    beste: _Gelezen | OnleesbaarBestand | None = None
    meeste = 0
    for teken in tekens:
        if tekst.count(teken.encode()) // (MINSTE_KOLOMMEN - 1) <= meeste:
            continue  # it does not occur often enough to give more rows
        uitkomst: _Gelezen | OnleesbaarBestand
        try:
            uitkomst = _Gelezen(teken, snijd(tekst, teken, grenzen))
            aantal = len(uitkomst)
        except OnleesbaarBestand as fout:
            uitkomst = fout
            aantal = len(_Gelezen(teken, snijd(tekst.replace(b'"', b""), teken, grenzen)))
        if aantal > meeste:
            beste, meeste = uitkomst, aantal
    if beste is None:
        raise _zonder_rijen(tekst, tekens[0], grenzen)
    if isinstance(beste, OnleesbaarBestand):
        raise beste
    return beste


def _zonder_rijen(tekst: bytes, teken: str, grenzen: Grenzen) -> OnleesbaarBestand:
    """Return why a text has no row at all."""
    try:
        for _ in snijd(tekst, teken, grenzen):
            pass
    except OnleesbaarBestand as fout:
        return fout
    for nummer, regel in enumerate(tekst.decode().split("\n"), start=1):
        if regel.strip(RAND + SCHEIDINGSTEKENS + '"'):
            return OnleesbaarBestand(AANTAL_KOLOMMEN_OVERAL, regel=nummer)
    return OnleesbaarBestand(BESTAND_LEEG)


def _decodeer(inhoud: bytes, grenzen: Grenzen) -> tuple[bytes, str]:
    """Return the text as UTF-8 in which each line ends in a line feed, and the encoding it came in."""
    if len(inhoud) > grenzen.bytes:
        raise OnleesbaarBestand(BESTAND_TE_GROOT, grens=grenzen.bytes // 1_000_000)
    if inhoud.startswith(_UTF16):
        raise OnleesbaarBestand(UTF16)
    if inhoud.startswith(_GEEN_TEKST):
        raise _geen_tekst(inhoud, 0)
    if b"\0" in inhoud:
        raise _geen_tekst(inhoud, inhoud.index(b"\0"))
    tekst, tekenset = inhoud, "UTF-8 met BOM" if inhoud.startswith(_UTF8_BOM) else "UTF-8"
    try:
        inhoud.decode()
    except UnicodeDecodeError:
        zonder_bom = inhoud.replace(_UTF8_BOM, b"")  # a file can be put together of two
        try:
            tekst, tekenset = zonder_bom.decode("cp1252").encode(), "Windows-1252"
        except UnicodeDecodeError as fout:
            raise _geen_tekst(zonder_bom, fout.start) from None
    tekst = _in_regels(tekst)
    if tekst.count(b"\n") > grenzen.regels:
        raise OnleesbaarBestand(TE_VEEL_REGELS, grens=grenzen.regels)
    return (tekst if tekst.endswith(b"\n") else tekst + b"\n"), tekenset


def _geen_tekst(inhoud: bytes, plek: int) -> OnleesbaarBestand:
    einde = b"\n" if b"\n" in inhoud else b"\r"
    return OnleesbaarBestand(GEEN_TEKST, regel=inhoud.count(einde, 0, plek) + 1)


def _in_regels(tekst: bytes) -> bytes:
    """Return a text with line feeds for line ends, and without what programs put around the rows."""
    if b"\n" not in tekst:
        tekst = tekst.replace(b"\r", b"\n")
    tekst = tekst.removeprefix(_UTF8_BOM)
    if _UTF8_BOM in tekst:  # glued together; a quote behind a BOM would not open a cell
        tekst = _BOM_VOORAAN.sub(b"", tekst)
    zonder_einde = tekst.rstrip(b"\r\n")
    if zonder_einde.endswith(b"\x1a"):
        tekst = zonder_einde.rstrip(b"\x1a")
    if b'"' in tekst:
        # In a quoted cell a line end is text; elsewhere a carriage return is white space at a cell's end.
        # A lone one becomes white space that Python's csv does not take for a line end.
        tekst = tekst.replace(b"\r\n", b"\n").replace(b"\r", b"\v")
    return tekst


def _vooruit(blokken: Iterator[Blok]) -> Iterator[Blok]:
    """Yield the blocks while the next one is being cut on another core."""
    with ThreadPoolExecutor(max_workers=1) as ernaast:
        volgende = ernaast.submit(next, blokken, None)
        while (blok := volgende.result()) is not None:
            volgende = ernaast.submit(next, blokken, None)
            yield blok


class _Gelezen:
    """A file cut with one separator; its length is the number of rows with a right number of cells."""

    def __init__(self, scheidingsteken: str, blokken: Iterator[Blok]) -> None:
        self.scheidingsteken = scheidingsteken
        self._andere = SCHEIDINGSTEKENS.replace(scheidingsteken, "").encode()
        self._kopregel: bool | None = None
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
            kopregel=bool(self._kopregel),
            overgeslagen=self._overgeslagen,
            tekenset=tekenset,
            scheidingsteken="tab" if self.scheidingsteken == "\t" else self.scheidingsteken,
        )

    def _voeg_toe(self, blok: Blok) -> None:
        cellen = pc.utf8_trim(blok.cellen, RAND)
        begin, eind = blok.eerste[:-1], blok.eerste[1:]
        offsets = np.frombuffer(cellen.buffers()[1], np.int32)
        leeg = self._is_leeg(cellen, offsets, blok.eerste)
        na_j = np.minimum(begin + AANTAL, eind)
        goed = ~leeg & (eind - begin >= MINSTE_KOLOMMEN) & (offsets[na_j] == offsets[eind])
        self._goed += int(goed.sum())
        self._overgeslagen += int(leeg.sum())
        if self._kopregel is None and not leeg.all():
            rij = int(np.argmin(leeg))
            self._kopregel = _is_kopregel(cellen[begin[rij] : eind[rij]])
            goed[rij] &= not self._kopregel
        anders = np.flatnonzero(~leeg & ~goed)
        self._regels.append(blok.regels[goed])
        self._afwijkend.append(self._als_tekst(cellen, blok.eerste, anders))
        self._afwijkende_regels.append(blok.regels[anders])
        for kolom, deel in zip(self._kolommen, _in_kolommen(cellen, begin[goed], eind[goed]), strict=True):
            kolom.append(deel)

    def _is_leeg(
        self, cellen: pa.StringArray, offsets: NDArray[np.int32], eerste: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Tell which records hold only white space and separators, of whichever kind."""
        tekst = (cellen.buffers()[2] or pa.py_buffer(b"")).to_pybytes()
        if any(teken in tekst for teken in self._andere):
            kaal = pc.utf8_trim(cellen, RAND + SCHEIDINGSTEKENS)
            offsets = np.frombuffer(kaal.buffers()[1], np.int32)
        return np.diff(offsets[eerste]) == 0

    def _als_tekst(
        self, cellen: pa.StringArray, eerste: NDArray[np.int64], welke: NDArray[np.int64]
    ) -> pa.StringArray:
        rijen = pa.ListArray.from_arrays(pa.array(eerste, pa.int32()), cellen)
        return pc.binary_join(rijen.take(pa.array(welke)), self.scheidingsteken)


def _in_kolommen(
    cellen: pa.StringArray, begin: NDArray[np.int64], eind: NDArray[np.int64]
) -> Iterator[pa.StringArray]:
    """Yield columns A to J of the rows that have the cells ``begin`` up to ``eind``."""
    kort = bool((eind - begin < AANTAL).any())
    leeg = len(cellen)
    if kort:
        cellen = pa.concat_arrays([cellen, _LEGE_CEL])
    for nummer in range(AANTAL):
        plek = begin + nummer
        yield cellen.take(pa.array(np.where(plek < eind, plek, leeg) if kort else plek))


def _is_kopregel(rij: pa.StringArray) -> bool:
    """Tell whether the first row of a file holds the names of the columns (besluit B11)."""
    a = rij[0].as_py()
    b = rij[1].as_py() if len(rij) > 1 else ""
    return bool(a) and not set(a) & set("0123456789") and b.upper() not in {"J", "N"}
