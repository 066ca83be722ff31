"""The accepted rows of one vraagbestand, as every later stage reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

if TYPE_CHECKING:
    Datum = np.datetime64
else:
    Datum = np.dtype("datetime64[s]")

LEEFVORM_GEHUWD = 1
LEEFVORM_ALLEENSTAANDE_OUDER = 2
LEEFVORM_ALLEENSTAAND = 3
"""Codes of column G of the vraagbestand (manual 3.3); 0 stands for "not supplied"."""


class Aanvragen(pa.DataFrameModel):
    """One accepted row of a vraagbestand a line, in report order (besluit B50), index 0..n-1.

    A BSN is an integer (leading zeros are put back when it is written); 0 stands for "not supplied".
    """

    regel: Series[np.int64] = pa.Field(ge=1)
    """Physical line of the file on which the record starts."""
    gsd_code: Series[str] = pa.Field(str_matches=r"^\d{4}$")
    brp_bevragen: Series[bool]
    normpercentage: Series[pd.Int64Dtype] = pa.Field(nullable=True, ge=100, le=150)
    """Column C; NA where the organisation's own setting applies (besluit B32)."""
    bsn: Series[np.int64] = pa.Field(gt=0, unique=True)
    naam: Series[str]
    """Geslachtsnaam as delivered; empty when the BRP is asked."""
    geboortedatum: Series[Datum] = pa.Field(nullable=True)
    leefvorm: Series[np.int64] = pa.Field(isin=[0, 1, 2, 3])
    partner_bsn: Series[np.int64] = pa.Field(ge=0)
    partner_naam: Series[str]
    partner_geboortedatum: Series[Datum] = pa.Field(nullable=True)

    class Config:
        """Exactly these columns: nothing else travels with a BSN."""

        strict = True
        ordered = True
