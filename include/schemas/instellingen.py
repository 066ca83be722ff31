"""The product settings that an organisation chooses itself (manual 3.1, besluit B8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instellingen:
    """The settings of an organisation that are in force when the sources are queried.

    Those of an organisation that chose none stand in ``include/normen/instellingen.yaml``.
    """

    vermogen: bool
    voertuigen: bool
    percentage: int
    """Toetspercentage for rows that bring none of their own: 100-150."""
