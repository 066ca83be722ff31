"""What a report says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.normen.kalender import Maand, Ronde

BERICHTVERSIE = "1.1"
"""Version of the detailrapportage; ``include/schemas/detailrapportage.xsd`` says when it changes."""


@dataclass(frozen=True)
class Kop:
    """The heading of both reports on one vraagbestand (contracten §2, manual 5.3).

    Everything but these six facts follows from the ronde (besluit B7).
    """

    aanleverende_organisatie: str
    bestandsnaam: str
    """Name of the vraagbestand as delivered."""
    aanleverdatum: date
    rapportagedatum: date
    """The real day of publication: the only thing in a report that a rerun may change."""
    ronde: Ronde
    normvariant: str
    """``inclusief`` or ``exclusief`` vakantietoeslag (besluit B9)."""

    @property
    def berichtversie(self) -> str:
        """The version of the detailrapportage."""
        return BERICHTVERSIE

    @property
    def deelnamedatum(self) -> date:
        """The day on which the ronde closed (besluit B1)."""
        return self.ronde.deelnamedatum

    @property
    def peilmaand(self) -> Maand:
        """The month whose income was tested (besluit B4)."""
        return self.ronde.peilmaand

    @property
    def belastingjaar(self) -> int:
        """The year whose assets were tested (besluit B6)."""
        return self.ronde.belastingjaar

    @property
    def grens(self) -> date:
        """The day before which a benefit must have ended to be left out of the reports (besluit B45)."""
        return self.ronde.rapportagegrens(self.rapportagedatum)
