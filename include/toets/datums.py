"""Birth dates that may be incomplete: what holds for every completion, and what for none (B22-B24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.toets.leden import Vlaggen

_EENHEID = {10: "D", 7: "M", 4: "Y"}
"""The unit of a date by the number of characters the BRP gives."""


@dataclass(frozen=True)
class Geboortedatums:
    """The first and last day that each, possibly incomplete, birth date can stand for.

    Both are NaT for a wholly unknown date, so that every comparison with it is false.
    """

    vroegst: npt.NDArray[np.datetime64]
    laatst: npt.NDArray[np.datetime64]

    @classmethod
    def lees(cls, teksten: pd.Series[str]) -> Geboortedatums:
        """Read ``JJJJ-MM-DD``, ``JJJJ-MM``, ``JJJJ`` or an empty text."""
        vroegst = np.full(len(teksten), "NaT", dtype="datetime64[D]")
        laatst = vroegst.copy()
        lengte = teksten.str.len().to_numpy()
        for tekens, eenheid in _EENHEID.items():
            zo = np.flatnonzero(lengte == tekens)
            if len(zo):
                waarde = teksten.iloc[zo].to_numpy().astype(f"datetime64[{eenheid}]")
                vroegst[zo] = waarde.astype("datetime64[D]")
                laatst[zo] = (waarde + 1).astype("datetime64[D]") - 1
        return cls(vroegst, laatst)

    @property
    def volledig(self) -> Vlaggen:
        """Return which dates are known to the day."""
        return self.vroegst == self.laatst

    def zeker_op_of_voor(self, grens: date) -> Vlaggen:
        """Return which dates lie on or before ``grens`` in every completion."""
        return self.laatst <= np.datetime64(grens)

    def zeker_na(self, grens: date) -> Vlaggen:
        """Return which dates lie after ``grens`` in every completion."""
        return self.vroegst > np.datetime64(grens)
