"""Who belongs to which household, and how facts per person reach the households (no rules here)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Getallen = npt.NDArray[np.int64]
Vlaggen = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Leden:
    """The tested persons of every household: the aanvrager and, where there is one, the partner.

    A person may belong to several households (both partners can be aanvrager), so persons are numbered apart:
    ``aanvrager[i]`` and ``partner[i]`` are the person numbers in household i, -1 where there is no partner.
    """

    personen: pd.Index[int]
    aanvrager: Getallen
    partner: Getallen

    @classmethod
    def van(cls, bsn: Getallen, partner_bsn: Getallen) -> Leden:
        """Number the persons of households given by BSN; ``partner_bsn`` 0 means no partner."""
        personen = pd.Index(pd.unique(np.concatenate([bsn, partner_bsn[partner_bsn != 0]])))
        aanvrager, partner = personen.get_indexer(bsn), personen.get_indexer(partner_bsn)
        return cls(personen, aanvrager.astype(np.int64), partner.astype(np.int64))

    def nummers(self, bsn: pd.Series[int]) -> Getallen:
        """Return the person number of each BSN, -1 for a stranger."""
        return self.personen.get_indexer(pd.Index(bsn)).astype(np.int64)

    def per_persoon(self, nummers: Getallen, waarden: Getallen | None = None) -> Getallen:
        """Sum ``waarden`` (or count lines) per person number; lines of strangers (-1) fall away.

        Sums run in float64, which holds whole cents exactly up to 90 billion euros a person.
        """
        eigen = nummers >= 0
        gewicht = None if waarden is None else waarden[eigen]
        return np.bincount(nummers[eigen], weights=gewicht, minlength=len(self.personen)).astype(np.int64)

    def per_huishouden(self, per_persoon: Getallen) -> Getallen:
        """Add up what aanvrager and partner each contribute."""
        return per_persoon[self.aanvrager] + np.where(self.partner >= 0, per_persoon[self.partner], 0)

    def een_van_beiden(self, per_persoon: Vlaggen) -> Vlaggen:
        """Return per household whether the fact holds for aanvrager or partner."""
        return per_persoon[self.aanvrager] | ((self.partner >= 0) & per_persoon[self.partner])

    def regels(self, nummers: Getallen, huishoudens: Vlaggen) -> tuple[Getallen, Getallen]:
        """Join source lines to the chosen households: ``(household, line)`` pairs.

        In household order, the aanvrager's lines before the partner's, each in the source's own order. A line of
        somebody who belongs to two households comes back twice.
        """
        gekozen = np.flatnonzero(huishoudens)
        huishouden = np.repeat(gekozen, 2)
        persoon = np.column_stack([self.aanvrager[gekozen], self.partner[gekozen]]).ravel()
        aanwezig = persoon >= 0
        huishouden, persoon = huishouden[aanwezig], persoon[aanwezig]

        regel = np.flatnonzero(nummers >= 0)
        regel = regel[np.argsort(nummers[regel], kind="stable")]
        aantal = np.bincount(nummers[regel], minlength=len(self.personen))
        begin = np.cumsum(aantal) - aantal
        keer = aantal[persoon]
        binnen = np.arange(keer.sum()) - np.repeat(np.cumsum(keer) - keer, keer)
        return np.repeat(huishouden, keer), regel[np.repeat(begin[persoon], keer) + binnen]


def eerste_van(*sleutels: Getallen) -> Vlaggen:
    """Return which lines are the first with their combination of keys."""
    dubbel: Vlaggen = pd.DataFrame(dict(enumerate(sleutels))).duplicated().to_numpy()
    return ~dubbel


def dagen(datums: pd.Series[pd.Timestamp]) -> npt.NDArray[np.datetime64]:
    """Return a date column as whole days."""
    return datums.to_numpy("datetime64[s]")


def loopt_op(
    aanvang: pd.Series[pd.Timestamp], einde: pd.Series[pd.Timestamp], peildatum: np.datetime64
) -> Vlaggen:
    """Return which periods run on ``peildatum``: started on or before it, not ended before it (B28, B41)."""
    tot = dagen(einde)
    return (dagen(aanvang) <= peildatum) & (np.isnat(tot) | (tot >= peildatum))
