"""Who is registered at the address of each aanvrager: residents, adults and kin (besluiten, Household)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from include.normen.kalender import uiterste_begindatum
from include.toets.datums import Geboortedatums
from include.toets.leden import Getallen, Vlaggen

VOLWASSEN = 18
WOONADRES = "W"

_BSN_RUIMTE = 10**9
"""Larger than any BSN: ``aanvraag * _BSN_RUIMTE + bsn`` names one person at one address."""


@dataclass(frozen=True)
class Adressen:
    """The persons at the addresses of ``n`` aanvragers: every array has one entry a line of ``BrpPersonen``."""

    n: int
    persoon: pd.Index[int]
    """The number by which the relation frames know the person."""
    aanvraag: Getallen
    """Whose address it is, as the position of the aanvrager; -1 for an address nobody here asked about, and for a
    line about somebody whom an earlier line of that address is about: one BSN is one person (B22)."""
    sleutel: Getallen
    """Names the person at this address; see ``_BSN_RUIMTE``."""
    geboren: Geboortedatums
    aanvrager: Vlaggen
    bewoner: Vlaggen
    """Functieadres is woonadres, and the registration is not suspended."""
    volwassen: Vlaggen
    minderjarig: Vlaggen
    """With an incomplete birth date a person may be neither volwassen nor minderjarig."""

    @classmethod
    def lees(cls, bsn: Getallen, personen: pd.DataFrame, deelnamedatum: date) -> Adressen:
        """Read the addresses of the aanvragers ``bsn`` from a frame of ``BrpPersonen``."""
        aanvraag = pd.Index(bsn).get_indexer(pd.Index(personen["vraag_bsn"])).astype(np.int64)
        aanvraag[_al_genoemd(personen)] = -1
        gevraagd = aanvraag >= 0
        geboren = Geboortedatums.lees(personen["geboortedatum"])
        achttien = uiterste_begindatum(deelnamedatum, VOLWASSEN)
        woont = (personen["functieadres"] == WOONADRES).to_numpy() & ~personen["opgeschort"].to_numpy()
        return cls(
            n=len(bsn),
            persoon=pd.Index(personen["persoon"]),
            aanvraag=aanvraag,
            sleutel=aanvraag * _BSN_RUIMTE + personen["bsn"].to_numpy(),
            geboren=geboren,
            aanvrager=(personen["bsn"] == personen["vraag_bsn"]).to_numpy() & gevraagd,
            bewoner=woont & gevraagd,
            volwassen=geboren.zeker_op_of_voor(achttien),
            minderjarig=geboren.zeker_na(achttien),
        )

    def tel(self, wie: Vlaggen) -> Getallen:
        """Count persons per aanvraag."""
        return np.bincount(self.aanvraag[wie], minlength=self.n)

    def regel_van(self, wie: Vlaggen) -> Getallen:
        """Return per aanvraag the line of the person of whom it holds (of several, the last); -1 without."""
        regels = np.flatnonzero(wie)
        regel = np.full(self.n, -1)
        regel[self.aanvraag[regels]] = regels
        return regel

    def relaties_van(
        self, wie: Vlaggen, relaties: pd.DataFrame, kolom: str = "bsn"
    ) -> tuple[Getallen, Getallen]:
        """Return ``(aanvraag, sleutel)`` of every relative in the records of these persons, in their order."""
        regel = self.persoon.get_indexer(pd.Index(relaties["persoon"]))
        eigen = np.append(wie, False)[regel]  # a relation of nobody here has -1: the False at the end
        aanvraag = self.aanvraag[regel[eigen]]
        return aanvraag, aanvraag * _BSN_RUIMTE + relaties[kolom].to_numpy()[eigen]

    def verwant(self, relaties: pd.DataFrame) -> Vlaggen:
        """Return who at the address stands in the aanvrager's own record as child, or as parent."""
        return np.isin(self.sleutel, self.relaties_van(self.aanvrager, relaties)[1])


def _al_genoemd(personen: pd.DataFrame) -> Vlaggen:
    """Return the lines with a BSN that is listed before at the same address; without BSN everybody is somebody else."""
    dubbel = personen.duplicated(["vraag_bsn", "bsn"]).to_numpy()
    return dubbel & (personen["bsn"] != 0).to_numpy()


def feit(feiten: Vlaggen, regel: Getallen) -> Vlaggen:
    """Return the fact of the person on each line; false for nobody (-1)."""
    return np.append(feiten, False)[regel]
