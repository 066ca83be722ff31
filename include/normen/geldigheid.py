"""What every norm file is made of: values in force from day to day, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Generic, Self, TypeVar

from pydantic import Field, model_validator

from include.normen.yaml_file import Bezwaar, Einddatum, GevuldeTekst, Normbestand, NormModel, Plaats, zoals

Bwb = Annotated[str, zoals("BWBR0015703", r"BWBR[0-9]{7}")]


class Wet(NormModel):
    """A law; the article stands with each value."""

    wet: GevuldeTekst
    bwb: Bwb

    def tekst(self, artikel: str) -> str:
        """Return an article of this law as a policy officer reads it, in Dutch."""
        return f"{self.wet}, artikel {artikel} ({self.bwb})"


class Bron(NormModel):
    """Where a value comes from: an article of law, an official page, or the manual of the service."""

    wet: GevuldeTekst | None = None
    artikel: GevuldeTekst | None = None
    bwb: Bwb | None = None
    pagina: Annotated[str, zoals("https://www.rijksoverheid.nl/…", r"https://[^ /]+\.[^ ]+")] | None = None
    handleiding: GevuldeTekst | None = None
    paragraaf: GevuldeTekst | None = None

    @model_validator(mode="after")
    def _precies_een(self) -> Self:
        vormen = ({"wet", "artikel", "bwb"}, {"pagina"}, {"handleiding", "paragraaf"})
        if {naam for naam, waarde in self if waarde is not None} not in vormen:
            raise ValueError(
                "must give wet + artikel + bwb, or pagina, or handleiding + paragraaf: nothing else"
            )
        return self

    @property
    def tekst(self) -> str:
        """The source as a policy officer reads it, in Dutch."""
        if self.wet:
            return f"{self.wet}, artikel {self.artikel} ({self.bwb})"
        return self.pagina or f"Handleiding {self.handleiding} {self.paragraaf}"


class Geldig(NormModel):
    """Something in force from ``vanaf`` up to and including ``tot_en_met``."""

    vanaf: date
    tot_en_met: Einddatum
    herkomst: GevuldeTekst


class MetBron(Geldig):
    """Something dated with one source for all of it."""

    bron: Bron


def aaneen(plaats: Plaats, perioden: Sequence[tuple[date, date]], wat: str = "") -> Iterator[Bezwaar]:
    """Yield where the periods have a gap, overlap, are reversed or out of order."""
    for nummer, (van, tot) in enumerate(perioden):
        if tot < van:
            yield Bezwaar((*plaats, nummer), f"ends on {tot}, before it begins on {van}: correct the dates")
    for nummer, ((van, tot), (volgende, _)) in enumerate(pairwise(perioden), start=1):
        hier = (*plaats, nummer)
        if volgende <= van:
            yield Bezwaar(
                hier, f"begins on {volgende}, not after the one above it ({van}): put the oldest first"
            )
        elif volgende <= tot:
            yield Bezwaar(hier, f"overlaps the one above it: end that one on {volgende - timedelta(days=1)}")
        elif volgende != tot + timedelta(days=1):
            yield Bezwaar(
                hier,
                f"leaves a gap{wat} between {tot} and {volgende}: fill it",
            )


def geldigheden(perioden: Iterable[Geldig]) -> list[tuple[date, date]]:
    """Return the first and last day of each period."""
    return [(periode.vanaf, periode.tot_en_met) for periode in perioden]


G = TypeVar("G", bound=Geldig)


class Tabelbestand(Normbestand, Generic[G]):
    """A file that is one list of periods."""

    perioden: Annotated[list[G], Field(min_length=1)]

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield gaps and overlaps."""
        yield from aaneen(("perioden",), geldigheden(self.perioden))
