"""Columns of text, and what a report does with them, without a loop over rows.

A ``Kolom`` is an Arrow array of strings: its characters lie behind each other in one buffer, so that joining
columns yields the bytes of the report as such. Nothing here knows what a column means.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Kolom: TypeAlias = pa.LargeStringArray
"""Strings, one per row, never null."""
Masker: TypeAlias = "np.ndarray | pa.BooleanArray"

_SOORT = pa.large_string()
_NIETS = pa.scalar("", _SOORT)
_ONMOGELIJK_IN_XML = r"\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}"
_KEREN_TEKST_OM = r"\x{061C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}"
"""Bidirectional control characters: what is read is then not what stands there."""
_NIET_TONEN = f"[{_ONMOGELIJK_IN_XML}{_KEREN_TEKST_OM}]"
FORMULE = r"^[=+\-@\t\r\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""How a cell begins that a spreadsheet runs: also with the full-width ``＝＋－＠``, which some take for the same."""
_IN_XML_GECODEERD = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))


def tekst(reeks: pd.Series) -> Kolom:
    """Return a text or categorical column; a missing value becomes empty.

    A character that XML 1.0 cannot hold, or that turns the direction of text, becomes U+FFFD, here and thereby in both
    reports: dropping it could join what it kept apart, and a NUL breaks readers of CSV just as well.
    """
    kolom = pa.array(reeks, from_pandas=True)
    if isinstance(kolom, pa.ChunkedArray):
        kolom = kolom.combine_chunks()
    kolom = pc.fill_null(kolom.cast(_SOORT), _NIETS)
    if pc.any(pc.match_substring_regex(kolom, _NIET_TONEN)).as_py():
        kolom = pc.replace_substring_regex(kolom, _NIET_TONEN, "\ufffd")
    return kolom


def getal(waarden: np.ndarray) -> Kolom:
    """Return whole numbers as text; negatives with a minus sign, no thousands separator (besluit B47)."""
    return pa.array(waarden, pa.int64()).cast(_SOORT)


def bsn(waarden: np.ndarray) -> Kolom:
    """Return burgerservicenummers in nine digits; 0, no BSN, becomes empty."""
    return alleen(waarden > 0, pc.utf8_lpad(getal(waarden), 9, "0"))


def afgerond(teller: np.ndarray, noemer: np.ndarray | int) -> np.ndarray:
    """Return ``teller / noemer`` as whole numbers, half away from zero (besluit B47), in integers throughout.

    ``noemer`` is positive. Zero has no sign, so ``-0`` cannot come out.
    """
    return np.sign(teller) * ((2 * np.abs(teller) + noemer) // (2 * noemer))


def euros(centen: np.ndarray) -> Kolom:
    """Return cents as whole euros (besluit B47)."""
    return getal(afgerond(centen, 100))


def voeg(*delen: Kolom | str) -> Kolom:
    """Join columns and fixed texts, row by row; at least one is a column."""
    return pc.binary_join_element_wise(
        *(pa.scalar(d, _SOORT) if isinstance(d, str) else d for d in delen), _NIETS
    )


def alleen(waar: Masker, kolom: Kolom | str) -> Kolom:
    """Return the column where ``waar`` holds, and empty elsewhere."""
    return kies(waar, kolom, "")


def kies(waar: Masker, dan: Kolom | str, anders: Kolom | str) -> Kolom:
    """Return ``dan`` where ``waar`` holds, and ``anders`` elsewhere."""
    dan, anders = (pa.scalar(d, _SOORT) if isinstance(d, str) else d for d in (dan, anders))
    return pc.if_else(pa.array(waar) if isinstance(waar, np.ndarray) else waar, dan, anders)


def is_gevuld(kolom: Kolom) -> pa.BooleanArray:
    """Return where the column is not empty."""
    return pc.not_equal(kolom, _NIETS)


def vervang(kolom: Kolom, oud: str, nieuw: str) -> Kolom:
    """Return the column with every ``oud`` replaced."""
    return pc.replace_substring(kolom, oud, nieuw)


def past(kolom: Kolom, patroon: str) -> pa.BooleanArray:
    """Return where the regular expression (RE2) matches somewhere in the text."""
    return pc.match_substring_regex(kolom, patroon)


def rechts_aangevuld(kolom: Kolom, breedte: int, teken: str) -> Kolom:
    """Return the column with ``teken`` added on the right up to ``breedte``."""
    return pc.utf8_rpad(kolom, breedte, teken)


def xml_tekst(kolom: Kolom) -> Kolom:
    """Return the column as character data of XML, encoded the way lxml does it."""
    for teken, code in _IN_XML_GECODEERD:
        kolom = vervang(kolom, teken, code)
    return kolom


def inhoud(kolom: Kolom) -> memoryview:
    """Return the UTF-8 bytes of all rows behind each other, uncopied."""
    if not len(kolom):
        return memoryview(b"")
    begin, eind = _grenzen(kolom)[[0, -1]]
    return memoryview(kolom.buffers()[2])[begin:eind]


def lengten(kolom: Kolom) -> np.ndarray:
    """Return the number of bytes of each row."""
    return np.diff(_grenzen(kolom))


def _grenzen(kolom: Kolom) -> np.ndarray:
    return np.frombuffer(kolom.buffers()[1], dtype=np.int64)[kolom.offset : kolom.offset + len(kolom) + 1]


class Stuk(NamedTuple):
    """The lines of a detail frame that belong to a run of consecutive aanvragen."""

    regels: pd.DataFrame
    grenzen: np.ndarray
    """Of aanvraag i: the lines ``grenzen[i]`` up to ``grenzen[i + 1]``."""

    def per_aanvraag(self, kolom: Kolom, scheiding: str = "") -> Kolom:
        """Join what was made of each line into one text per aanvraag, empty where it has no lines."""
        lijsten = pa.LargeListArray.from_arrays(pa.array(self.grenzen, pa.int64()), kolom)
        return pc.binary_join(lijsten, pa.scalar(scheiding, _SOORT))


class Lijst:
    """A detail frame: any number of lines per aanvraag, which keep their order."""

    def __init__(self, frame: pd.DataFrame) -> None:
        aanvraag = frame["aanvraag"]
        self._frame = (
            frame if aanvraag.is_monotonic_increasing else frame.sort_values("aanvraag", kind="stable")
        )
        self._aanvraag = self._frame["aanvraag"].to_numpy()

    def stuk(self, begin: int, eind: int) -> Stuk:
        """Return the lines of the aanvragen ``begin`` up to ``eind``."""
        grenzen = np.searchsorted(self._aanvraag, np.arange(begin, eind + 1))
        return Stuk(self._frame.iloc[grenzen[0] : grenzen[-1]], grenzen - grenzen[0])
