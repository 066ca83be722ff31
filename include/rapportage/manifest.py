"""What a publication was made of, and the proof that nothing went missing on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from include.fouten import ControleFout


@dataclass(frozen=True)
class Bestand:
    """A file that went in or came out."""

    naam: str
    sha256: str
    rijen: int
    inhoud_sha256: str | None = None
    """Without the rapportagedatum, where the file holds it (besluit B7)."""


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
    """The record of one publication of either product; it holds no personal data."""

    product: str
    organisatie: str
    periode: str
    """The ronde, or the levering of the Belastingdienst."""
    versie: int
    """1, and one higher with every reprocessing (besluit B56)."""
    rapportagedatum: date
    codeversie: str
    levering: Bestand
    normen_sha256: str
    """:attr:`include.normen.toetsnormen.Toetsnormen.herkomst`; empty where no norms are used."""
    instellingen_versie: str
    """Which version of the organisation's instellingen was in force (besluit B8)."""
    bronnen: tuple[Momentopname, ...]
    rapporten: tuple[Bestand, ...]
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

    def _weiger(self, wat: str) -> None:
        raise ControleFout(f"{self.organisatie}, {self.periode}: {wat}; nothing was published.")


def manifest_json(manifest: Manifest) -> bytes:
    """Return the manifest as JSON: the same bytes for the same facts.

    Raises:
        ControleFout: it does not add up (see :meth:`Manifest.controleer`).
    """
    manifest.controleer()
    feiten = asdict(manifest) | {"rapportagedatum": manifest.rapportagedatum.isoformat()}
    return (json.dumps(feiten, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
