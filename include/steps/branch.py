"""The way of one vraagbestand through the steps: what each of them gets, in a DAG and on the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import pandas as pd
import pyarrow as pa

from include.bronnen.client import Bronclient, Voortgang
from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.pipeline import Source, Step
from include.rapportage.kop import Kop
from include.schemas.instellingen import Instellingen
from include.schemas.uitkomst import MODELLEN, Uitkomst
from include.steps.workfiles import PartFiles, WorkFiles

HUISHOUDENS, UITLEG = "huishoudens", "uitleg"

AANVRAGEN_PER_TOETS = 20_000
"""How many aanvragen of one vraagbestand are asked about and tested at a time: bounds memory, changes no outcome."""


@dataclass(frozen=True)
class Toetsing:
    """One vraagbestand being tested: the accepted rows, what applies to them, and the work files."""

    ronde: Ronde
    normen: Toetsnormen
    instellingen: Instellingen
    aanvragen: pd.DataFrame
    """Frame of ``Aanvragen``."""
    werk: WorkFiles

    def delen(self) -> list[Toetsing]:
        """Return the toetsing in runs of at most ``AANVRAGEN_PER_TOETS`` aanvragen, each with its own work files.

        No outcome depends on who else is in the file, so they can be taken one after the other.
        """
        aantal = len(self.aanvragen)
        grenzen = [*range(0, max(aantal, 1), AANVRAGEN_PER_TOETS), aantal]
        return [
            replace(
                self,
                aanvragen=self.aanvragen.iloc[begin:eind].reset_index(drop=True),
                werk=PartFiles(self.werk, begin, eind),
            )
            for begin, eind in pairwise(grenzen)
        ]

    @property
    def huishoudens(self) -> pd.DataFrame:
        """What ``bepaal_huishoudens`` left."""
        return self.werk.read_frame(HUISHOUDENS)

    def antwoord(self, vraag: str) -> pa.Table:
        """What a source answered on a question."""
        return self.werk.read_table(vraag)

    @property
    def uitkomst(self) -> Uitkomst:
        """What ``toets_regels`` left."""
        return Uitkomst(**{naam: self.werk.read_frame(naam) for naam in MODELLEN})


class Branch(Protocol):
    """One vraagbestand at one step."""

    @property
    def step(self) -> Step:
        """The step that is taken."""

    @property
    def toetsing(self) -> Toetsing:
        """What is tested, with what, and the work files."""

    @property
    def kop(self) -> Kop:
        """The heading of its reports, as of today."""

    @property
    def tevens(self) -> pd.DataFrame:
        """Who was delivered by others too (besluit B52)."""

    @property
    def voortgang(self) -> Voortgang | None:
        """Told how far the questions of this step are."""

    def ask(self, source: Source) -> Bronclient:
        """Return a client for a source."""
