"""The branch of one vraagbestand without storage: for the command line, and for the preload of the workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from include.bronnen.client import Bronclient, Voortgang
from include.pipeline import Source, Step
from include.rapportage.kop import Kop
from include.steps.branch import Toetsing
from include.steps.tevens import niemand_tevens


@dataclass(frozen=True)
class LocalBranch:
    """One vraagbestand at one step, with everything that it needs at hand."""

    step: Step
    toetsing: Toetsing
    kop: Kop
    client: Callable[[Source], Bronclient]
    voortgang: Voortgang | None = None
    tevens: pd.DataFrame = field(default_factory=niemand_tevens)

    def ask(self, source: Source) -> Bronclient:
        """As Branch."""
        return self.client(source)
