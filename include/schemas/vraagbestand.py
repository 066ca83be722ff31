"""The vraagbestand as the rules see it, and the errors they find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.typing.pandas import Series

from include.schemas.controles import CONTROLES, PER_CODE, Klopt, Vlaggen


class _Strikt(pa.DataFrameModel):
    class Config:
        strict = True
        ordered = True


class Vraagbestand(_Strikt):
    """The rows of a vraagbestand with a right number of cells, in file order: what could be read in each.

    A number (BSN, code, date as JJJJMMDD), ``LEEG``, ``ONLEESBAAR`` or how a spreadsheet spoilt it; of a name its
    length in characters; of BRP bevragen 1 for J and 0 for N. The last three columns are what the rules compare
    with. Every rule of ``CONTROLES`` with a ``klopt`` is a check of this model, by the name of its code.
    """

    regel: Series[np.int64] = pa.Field(ge=1)
    gsd_code: Series[np.int32]
    brp_bevragen: Series[np.int32]
    normpercentage: Series[np.int32]
    bsn: Series[np.int32]
    naam: Series[np.int32]
    geboortedatum: Series[np.int32]
    leefvorm: Series[np.int32]
    partner_bsn: Series[np.int32]
    partner_naam: Series[np.int32]
    partner_geboortedatum: Series[np.int32]
    gemeente_actief: Series[bool]
    """The GSD-code is that of a gemeente on the deelnamedatum (besluit B12)."""
    gemeente_bediend: Series[bool]
    """The delivering organisation serves the gemeente (besluit B12)."""
    deelnamedatum: Series[np.int32]


class _Arrays(dict[str, NDArray[Any]]):
    """The columns of a frame as arrays, each when it is asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__()
        self._frame = frame

    def __missing__(self, naam: str) -> NDArray[Any]:
        return self._frame[naam].to_numpy()


def _maak_check(code: str, klopt: Klopt) -> None:
    def check(cls: type[Vraagbestand], rijen: pd.DataFrame) -> pd.Series:  # noqa: ARG001
        oordeel = klopt(_Arrays(rijen))
        # An index that no row has: pandera then gathers no failing values. They are personal data, and
        # making a message of a million of them costs more than judging them.
        return pd.Series(oordeel, index=pd.RangeIndex(-len(oordeel), 0))

    setattr(Vraagbestand, code, pa.dataframe_check(name=code)(check))


for _controle in CONTROLES:
    if _controle.klopt is not None:
        _maak_check(_controle.code, _controle.klopt)


def overtredingen(rijen: pd.DataFrame) -> dict[str, Vlaggen]:
    """Return per code which rows of a frame ``Vraagbestand`` break that rule.

    Codes that no row breaks are left out; the others are in the order of ``CONTROLES``.

    Raises:
        TypeError: the frame is no ``Vraagbestand`` at all, which is a fault of ours and not of the file.
    """
    try:
        Vraagbestand.validate(rijen, lazy=True, inplace=True)
    except pa.errors.SchemaErrors as gevonden:
        fouten = gevonden.schema_errors
    else:
        return {}
    oordelen = {fout.check.name: fout.check_output for fout in fouten if hasattr(fout.check, "name")}
    if len(oordelen) < len(fouten) or not oordelen.keys() <= PER_CODE.keys():
        raise TypeError(f"not a frame Vraagbestand: {len(fouten)} faults of shape or type")
    return {code: ~oordelen[code].to_numpy() for code in PER_CODE if code in oordelen}


class Fouten(_Strikt):
    """The errors of one delivery, as the verwerkingsverslag lists them: by line, then by column.

    Columns of few different values are categories.
    """

    regel: Series[np.int64] = pa.Field(ge=0)
    """Physical line on which the record starts; 0 for the file as a whole."""
    kolom: Series[pd.CategoricalDtype]
    veld: Series[pd.CategoricalDtype]
    foutcode: Series[pd.CategoricalDtype]
    omschrijving: Series[pd.CategoricalDtype]
    waarde: Series[str]
    """The cell (or row) as delivered, without white space around it; cut off when very long."""
