"""What a source is asked for the toets: about whom, and within which bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from include.bronnen.client import Bronclient, Endpoint, Voortgang
from include.normen.kalender import Ronde
from include.schemas.instellingen import Instellingen


class Vraagstelling(Protocol):
    """What is known when a source is asked: the accepted rows, their households and the ronde."""

    @property
    def ronde(self) -> Ronde:
        """The ronde."""

    @property
    def instellingen(self) -> Instellingen:
        """What the organisation chose."""

    @property
    def aanvragen(self) -> pd.DataFrame:
        """The accepted rows: a frame ``Aanvragen``."""

    @property
    def huishoudens(self) -> pd.DataFrame:
        """The households, once the BRP was asked."""

    def antwoord(self, vraag: str) -> pa.Table:
        """The snapshot of a question that was asked before."""


@dataclass(frozen=True)
class Vraag:
    """One question of the toets.

    ``naam`` names its snapshot; ``wie`` returns the BSNs (int64) to ask about, never more than the tests need;
    ``criteria`` the rest of the request, which follows from the ronde.
    """

    naam: str
    endpoint: Endpoint
    wie: Callable[[Vraagstelling], np.ndarray]
    criteria: Callable[[Ronde], Mapping[str, str | int]] = lambda _: {}

    def stel(self, client: Bronclient, over: Vraagstelling, voortgang: Voortgang | None = None) -> pa.Table:
        """Ask it, and return the snapshot of the answers. Raises as Bronclient.vraag."""
        return client.vraag(self.endpoint, self.wie(over), voortgang, **self.criteria(over.ronde))
