"""The product settings that an organisation chooses itself (manual 3.1, besluit B8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instellingen:
    """The version of an organisation's settings that is in force when the sources are queried."""

    vermogen: bool = False
    voertuigen: bool = False
    percentage: int = 120
    """Toetspercentage for rows that bring none of their own."""
