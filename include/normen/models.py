"""The form of every norm file, and what must hold within it."""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from include.normen.geldigheid import Bron, Geldig, MetBron, Tabelbestand, Wet, aaneen, geldigheden
from include.normen.kalender import Maand, lees_maand
from include.normen.yaml_file import Bezwaar, GevuldeTekst, Normbestand, NormModel, Plaats, naar_centen, zoals

Maandbedrag = Annotated[int, BeforeValidator(partial(naar_centen, minste=100, hoogste=5_000))]
Grensbedrag = Annotated[int, BeforeValidator(partial(naar_centen, minste=1_000, hoogste=100_000))]
"""Quoted euros in the file, euro cents once read."""
Procent = Annotated[str, zoals('"1.0"', r"[0-9]{1,2}\.[0-9]")]
Factor = Annotated[str, zoals('"0.95"', r"[01]\.[0-9]{2}")]
Code = Annotated[str, zoals('"15"', r"[0-9]{2}")]

SPRONG = Decimal("0.25")
"""A monthly norm that changes more than this from one period to the next is a typing error."""


class Normbedrag(NormModel):
    """A monthly norm and its article."""

    bedrag: Maandbedrag
    artikel: GevuldeTekst


class Normen(NormModel):
    """The four monthly norms, holiday allowance included; they also hold for ages 18-20 (besluit B31)."""

    alleenstaand: Normbedrag
    gehuwd: Normbedrag
    alleenstaand_aow: Normbedrag
    gehuwd_aow: Normbedrag


class Bedragenperiode(Geldig):
    """Amounts from a law, never open-ended: so they cannot silently age (besluit B9)."""

    tot_en_met: date
    bron: Wet

    @property
    @abstractmethod
    def bedragen(self) -> Mapping[str, Normbedrag | Grens]:
        """The amounts by their field of :class:`include.normen.toetsnormen.Toetsnormen`."""


class Bijstandsperiode(Bedragenperiode):
    """The norms of one half-year."""

    normen: Normen

    @property
    def bedragen(self) -> Mapping[str, Normbedrag]:
        """The four monthly norms."""
        return {f"bijstandsnorm_{naam}": norm for naam, norm in self.normen}


class Bijstandsnormenbestand(Tabelbestand[Bijstandsperiode]):
    """``bijstandsnormen.yaml``."""

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield gaps and overlaps, and amounts that jump."""
        yield from super().bezwaren()
        for nummer, (vorige, deze) in enumerate(pairwise(self.perioden), start=1):
            for naam in Normen.model_fields:
                was, wordt = getattr(vorige.normen, naam).bedrag, getattr(deze.normen, naam).bedrag
                if abs(wordt - was) > SPRONG * was:
                    yield Bezwaar(
                        ("perioden", nummer, "normen", naam),
                        f"goes from {was / 100:.2f} to {wordt / 100:.2f}, over {SPRONG:.0%}: check both",
                    )


class Grens(NormModel):
    """A vermogensgrens and its article."""

    bedrag: Grensbedrag
    artikel: GevuldeTekst


class Vermogensperiode(Bedragenperiode):
    """The vermogensgrenzen of one year."""

    alleenstaand: Grens
    gehuwd: Grens

    @property
    def bedragen(self) -> Mapping[str, Grens]:
        """The two limits."""
        return {"vermogensgrens_alleenstaand": self.alleenstaand, "vermogensgrens_gehuwd": self.gehuwd}


class Renteperiode(MetBron):
    """The share of the vermogensgrens above which interest is a belemmering."""

    procent: Procent

    @property
    def promille(self) -> int:
        """The share in thousandths."""
        return int(Decimal(self.procent) * 10)


class Vermogensbestand(Normbestand):
    """``vermogen.yaml``."""

    vermogensgrenzen: Annotated[list[Vermogensperiode], Field(min_length=1)]
    rentegrens: Annotated[list[Renteperiode], Field(min_length=1)]

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield gaps and overlaps, and limits of which the household's is not the higher."""
        yield from aaneen(("vermogensgrenzen",), geldigheden(self.vermogensgrenzen))
        yield from aaneen(("rentegrens",), geldigheden(self.rentegrens))
        for nummer, periode in enumerate(self.vermogensgrenzen):
            if periode.gehuwd.bedrag <= periode.alleenstaand.bedrag:
                yield Bezwaar(
                    ("vermogensgrenzen", nummer, "gehuwd"),
                    "is not above alleenstaand: swap them, or correct the amount",
                )


class AowLeeftijd(NormModel):
    """The AOW age of everyone born in a span of days."""

    geboren_vanaf: date
    geboren_tot_en_met: date
    jaren: Annotated[int, Field(ge=60, le=80)]
    maanden: Annotated[int, Field(ge=0, le=11)]
    bron: Bron
    herkomst: GevuldeTekst


class AowLeeftijdenbestand(Normbestand):
    """``aow_leeftijd.yaml``."""

    leeftijden: Annotated[list[AowLeeftijd], Field(min_length=1)]

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield gaps, overlaps, and an age that goes down: one birth date must part the two groups."""
        geboorten = [(band.geboren_vanaf, band.geboren_tot_en_met) for band in self.leeftijden]
        yield from aaneen(("leeftijden",), geboorten, " in the birth dates")
        for nummer, (vorige, deze) in enumerate(pairwise(self.leeftijden), start=1):
            if (deze.jaren, deze.maanden) < (vorige.jaren, vorige.maanden):
                yield Bezwaar(
                    ("leeftijden", nummer),
                    "has a lower AOW age than those born before it: check jaren and maanden",
                )


class Inkomstensoort(NormModel):
    """What a code soort inkomstenverhouding means to the toets."""

    omschrijving: GevuldeTekst
    groep: Literal["loondienst", "uitkering", "pensioen"]
    uitkeringsvorm: (
        Literal[
            "PW", "IOAW", "IOAZ", "AIO", "ANW", "Wajong", "TW", "AOW", "ZW", "WAO", "IVA", "WGA"
        ]  # the names of column Uitkeringen, besluit B45
        | None
    ) = None


class Soortperiode(MetBron):
    """The codes in use."""

    soorten: Annotated[dict[Code, Inkomstensoort], Field(min_length=1)]


class Inkomstenverhoudingenbestand(Tabelbestand[Soortperiode]):
    """``inkomstenverhoudingen.yaml``."""


class Korting(NormModel):
    """A heffingskorting and its article."""

    omschrijving: GevuldeTekst
    artikel: GevuldeTekst


class Kortingsperiode(Geldig):
    """The codes in use."""

    bron: Wet
    kortingen: Annotated[dict[Annotated[str, zoals("AHK", r"[A-Z]{2,6}")], Korting], Field(min_length=1)]


class Heffingskortingenbestand(Tabelbestand[Kortingsperiode]):
    """``heffingskortingen.yaml``."""


class Voertuigperiode(MetBron):
    """Which vehicles show."""

    jaren: Annotated[int, Field(ge=1, le=50)]
    exclusieve_merken: Annotated[list[GevuldeTekst], Field(min_length=1)]
    merk_aliassen: dict[GevuldeTekst, GevuldeTekst]
    geen_motorvoertuig: Annotated[list[GevuldeTekst], Field(min_length=1)]


class Voertuigenbestand(Tabelbestand[Voertuigperiode]):
    """``voertuigen.yaml``."""

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield gaps and overlaps, names that are there twice, and aliases of a brand that is not listed."""
        yield from super().bezwaren()
        for nummer, periode in enumerate(self.perioden):
            hier = ("perioden", nummer)
            yield from _dubbel((*hier, "exclusieve_merken"), periode.exclusieve_merken)
            yield from _dubbel((*hier, "geen_motorvoertuig"), periode.geen_motorvoertuig)
            merken = {merksleutel(merk) for merk in periode.exclusieve_merken}
            for alias, merk in periode.merk_aliassen.items():
                if merksleutel(merk) not in merken or merksleutel(alias) in merken:
                    yield Bezwaar(
                        (*hier, "merk_aliassen", alias),
                        "must be another name of a brand in exclusieve_merken: mend it",
                    )


def merksleutel(naam: str) -> str:
    """Return a name as brands compare: without case, accents, spaces and hyphens (besluit B43)."""
    kaal = "".join(teken for teken in unicodedata.normalize("NFKD", naam) if not unicodedata.combining(teken))
    return kaal.casefold().replace(" ", "").replace("-", "")


def _dubbel(plaats: Plaats, namen: Sequence[str]) -> Iterator[Bezwaar]:
    gezien: set[str] = set()
    for nummer, naam in enumerate(namen):
        if merksleutel(naam) in gezien:
            yield Bezwaar((*plaats, nummer), f"is there twice ('{naam}', case and spaces aside): keep one")
        gezien.add(merksleutel(naam))


class Variantperiode(MetBron):
    """Which normvariant is in force."""

    variant: GevuldeTekst


class Normvariantenbestand(Tabelbestand[Variantperiode]):
    """``normvariant.yaml``."""

    varianten: dict[Literal["inclusief", "exclusief"], Factor]

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield gaps and overlaps, and a variant that does not exist."""
        yield from super().bezwaren()
        for nummer, periode in enumerate(self.perioden):
            if periode.variant not in self.varianten:
                bekend = ", ".join(sorted(self.varianten))
                yield Bezwaar(
                    ("perioden", nummer, "variant"), f"is not a known normvariant: choose from {bekend}"
                )


class Instellingenperiode(MetBron):
    """The instellingen of an organisation that chose none (besluit B8)."""

    vermogen: Literal["ja", "nee"]
    voertuigen: Literal["ja", "nee"]
    percentage: Annotated[int, Field(ge=100, le=150)]


class Instellingenbestand(Tabelbestand[Instellingenperiode]):
    """``instellingen.yaml``."""


class Uitzondering(NormModel):
    """A ronde whose deelnamedatum is not the 26th (besluit B1)."""

    ronde: Annotated[str, zoals('"2026-12"', r"2[0-9]{3}-(0[1-9]|1[0-2])")]
    deelnamedatum: date
    reden: GevuldeTekst
    herkomst: GevuldeTekst

    @property
    def maand(self) -> Maand:
        """The month of the ronde."""
        return lees_maand(self.ronde)


class Deelnamedatabestand(Normbestand):
    """``deelnamedatum.yaml``."""

    uitzonderingen: list[Uitzondering]

    def bezwaren(self) -> Iterator[Bezwaar]:
        """Yield exceptions outside their own month, out of order, or there twice."""
        for nummer, uitzondering in enumerate(self.uitzonderingen):
            datum, maand = uitzondering.deelnamedatum, uitzondering.maand
            if not maand.eerste_dag <= datum <= maand.laatste_dag:
                yield Bezwaar(
                    ("uitzonderingen", nummer, "deelnamedatum"),
                    f"({datum}) lies outside its ronde {maand}: choose a day from {maand.eerste_dag} to "
                    f"{maand.laatste_dag}",
                )
        for nummer, (vorige, deze) in enumerate(pairwise(self.uitzonderingen), start=1):
            if deze.maand <= vorige.maand:
                yield Bezwaar(
                    ("uitzonderingen", nummer, "ronde"),
                    f"({deze.maand}) does not come after {vorige.maand}: one line a ronde, the oldest first",
                )
