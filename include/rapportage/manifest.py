"""What a publication was made of, and the proof that nothing went missing on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from include.errors import ControleFout


@dataclass(frozen=True)
class Bestand:
    """The file that went in."""

    naam: str
    sha256: str
    rijen: int


@dataclass(frozen=True)
class Momentopname:
    """What one source answered."""

    bron: str
    gevraagd: int
    """Number of BSNs asked."""
    beantwoord: int
    rijen: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What one publication of either product was made of; it holds no personal data.

    Publishing adds what came out: version, files and their hashes (``include.storage.publicaties``).
    """

    product: str
    organisatie: str
    periode: str
    """The ronde, or the levering of the Belastingdienst."""
    rapportagedatum: date
    codeversie: str
    levering: Bestand
    normen_sha256: str
    """:attr:`include.normen.toetsnormen.Toetsnormen.herkomst`; empty where no norms are used."""
    instellingen_versie: str
    """Which version of the organisation's instellingen was in force (besluit B8)."""
    bronnen: tuple[Momentopname, ...]
    regels_in: int
    """Rows of the levering."""
    regels_uit: Mapping[str, int]
    """Where they went, by name: reported, rejected, held back. Together ``regels_in``."""
    totalen: Mapping[str, Any]
    """Control totals of the reports, as ``asdict(controle.Totalen)``."""

    def controleer(self) -> None:
        """Check that every question was answered and every row is accounted for.

        Raises:
            ControleFout: naming the source, or the numbers of rows.
        """
        for opname in self.bronnen:
            if opname.gevraagd != opname.beantwoord:
                self._weiger(
                    f"{opname.bron} was asked {opname.gevraagd} BSNs and answered {opname.beantwoord}"
                )
        if self.regels_in != sum(self.regels_uit.values()):
            uit = ", ".join(f"{naam} {aantal}" for naam, aantal in sorted(self.regels_uit.items()))
            self._weiger(f"{self.regels_in} rows came in, but they went: {uit}")

    def als_dict(self) -> dict[str, Any]:
        """Return the manifest as JSON values.

        Raises:
            ControleFout: it does not add up (see :meth:`controleer`).
        """
        self.controleer()
        return asdict(self) | {"rapportagedatum": self.rapportagedatum.isoformat()}

    def _weiger(self, wat: str) -> None:
        raise ControleFout(f"{self.organisatie}, {self.periode}: {wat}; nothing was published.")
