"""The errors of a delivery as one frame ``Fouten``: by line, then in the order of the columns (B21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from include.intake.cellen import OnleesbaarBestand
from include.intake.lezen import Ruw
from include.schemas.controles import AANTAL_KOLOMMEN, CONTROLES, KOPREGEL, Vlaggen

MAX_WAARDE = 200
"""Characters of a cell or row that are shown; the rest is cut off, and that is said."""
AFGEKAPT = f"… [afgekapt na {MAX_WAARDE} tekens]"

_NUMMER = {controle.code: nummer for nummer, controle in enumerate(CONTROLES)}


class Fout(NamedTuple):
    """Errors of some lines: on which line each is, which rule it breaks, and what stands there."""

    regels: NDArray[np.int64]
    nummers: NDArray[np.int64]
    """Places in ``CONTROLES``."""
    waarden: pa.StringArray


def rijfouten(ruw: Ruw) -> Fout:
    """Return an error for each row that is a header row or has a wrong number of cells; ``waarde`` is the row."""
    nummers = np.full(len(ruw.afwijkende_regels), _NUMMER[AANTAL_KOLOMMEN.code])
    nummers[: int(ruw.kopregel)] = _NUMMER[KOPREGEL.code]
    return Fout(ruw.afwijkende_regels, nummers, ruw.afwijkend)


def celfouten(ruw: Ruw, per_code: Mapping[str, Vlaggen]) -> Fout:
    """Return an error for each row and code that ``per_code`` marks; ``waarde`` is the cell it is about."""
    codes = sorted(per_code, key=_NUMMER.__getitem__)
    if not codes:
        return Fout(np.array([], np.int64), np.array([], np.int64), pa.array([], pa.string()))
    rij, plek = np.nonzero(np.column_stack([per_code[code] for code in codes]))
    nummers = np.array([_NUMMER[code] for code in codes])[plek]
    kolom = np.array([CONTROLES[_NUMMER[code]].kolom.letter for code in codes])[plek]
    return Fout(ruw.regels[rij], nummers, _cellen(ruw, rij, kolom))


def foutenlijst(delen: Sequence[Fout]) -> pd.DataFrame:
    """Return the errors as a frame ``Fouten``."""
    regels = np.concatenate([deel.regels for deel in delen])
    volgorde = np.argsort(regels, kind="stable")
    nummers = np.concatenate([deel.nummers for deel in delen])[volgorde]
    waarden = pa.concat_arrays([deel.waarden for deel in delen]).take(pa.array(volgorde))
    return _frame(regels[volgorde], nummers, waarden, [controle.omschrijving for controle in CONTROLES])


def bestandsfout(fout: OnleesbaarBestand) -> pd.DataFrame:
    """Return the one error of a file that cannot be read, as a frame ``Fouten``: on line 0."""
    omschrijvingen = [fout.reden if code == fout.foutcode else code for code in _NUMMER]
    return _frame(np.array([0]), np.array([_NUMMER[fout.foutcode]]), pa.array([""]), omschrijvingen)


def _frame(
    regels: NDArray[np.int64], nummers: NDArray[np.int64], waarden: pa.StringArray, omschrijvingen: list[str]
) -> pd.DataFrame:
    def per_controle(teksten: Sequence[str]) -> pd.Categorical:
        codes, categorieen = pd.factorize(np.array(teksten, dtype=object))
        return pd.Categorical.from_codes(codes[nummers], categories=pd.Index(categorieen))

    return pd.DataFrame(
        {
            "regel": regels,
            "kolom": per_controle([controle.kolom.letter for controle in CONTROLES]),
            "veld": per_controle([controle.kolom.veld for controle in CONTROLES]),
            "foutcode": per_controle([controle.code for controle in CONTROLES]),
            "omschrijving": per_controle(omschrijvingen),
            "waarde": als_tekstkolom(_ingekort(waarden)),
        },
        copy=False,
    )


def als_tekstkolom(waarden: pa.StringArray) -> pd.api.extensions.ExtensionArray:
    """Return an Arrow string array as a pandas ``str`` array, without a Python object per value."""
    return pd.array(waarden.cast(pa.large_string()), dtype="str")


def _cellen(ruw: Ruw, rij: NDArray[np.int64], kolom: NDArray[np.str_]) -> pa.StringArray:
    """Return cell ``kolom[i]`` of row ``rij[i]``: column by column, then put in order."""
    plekken = [np.flatnonzero(kolom == letter) for letter in ruw.cellen]
    teksten = [
        cellen.take(pa.array(rij[plek])) for cellen, plek in zip(ruw.cellen.values(), plekken, strict=True)
    ]
    volgorde = np.empty(len(rij), np.int64)
    volgorde[np.concatenate(plekken)] = np.arange(len(rij))
    return pa.concat_arrays(teksten).take(pa.array(volgorde))


def _ingekort(waarden: pa.StringArray) -> pa.StringArray:
    te_lang = pc.greater(pc.utf8_length(waarden), MAX_WAARDE)
    if not pc.any(te_lang, min_count=0).as_py():
        return waarden
    begin = pc.utf8_slice_codeunits(waarden, 0, MAX_WAARDE)
    return pc.if_else(te_lang, pc.binary_join_element_wise(begin, AFGEKAPT, ""), waarden)
