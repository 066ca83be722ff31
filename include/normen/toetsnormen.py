"""Everything that is in force on one deelnamedatum, as the rules need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class SoortInkomstenverhouding:
    """What a code of the polisadministratie means to the toets (besluiten B30, B45)."""

    code: str
    omschrijving: str
    groep: str
    """``pensioen`` is averaged over the pension window; every other group counts in the peilmaand."""
    uitkeringsvorm: str
    """The name it has in column Uitkeringen, or empty."""


@dataclass(frozen=True)
class Toetsnormen:
    """The norms and parameters of one ronde; money in euro cents (besluiten B9, B31-B43).

    ``bijstandsnorm`` already follows ``normvariant``; the vermogensgrenzen never do.
    """

    deelnamedatum: date
    normvariant: str
    """``inclusief`` or ``exclusief`` vakantietoeslag."""
    bijstandsnorm_alleenstaand: int
    bijstandsnorm_gehuwd: int
    bijstandsnorm_alleenstaand_aow: int
    bijstandsnorm_gehuwd_aow: int
    vermogensgrens_alleenstaand: int
    vermogensgrens_gehuwd: int
    rentegrens_promille: int
    """Interest above this share of the vermogensgrens is a belemmering: 10 is 1.0 %."""
    aow_geboren_tot_en_met: date
    """The last birth date on which the AOW age has been reached on the deelnamedatum."""
    soorten: Mapping[str, SoortInkomstenverhouding]
    heffingskortingen: Mapping[str, str]
    """Description by code; an unknown code is the renderer's ``onbekend (<code>)``."""
    exclusieve_merken: tuple[str, ...]
    merk_aliassen: tuple[str, ...]
    geen_motorvoertuig: tuple[str, ...]
    voertuig_jaren: int
    """A single motorvoertuig shows while younger than this many years."""
    herkomst: str
    """sha-256 over every file the values came from, for the manifest."""
    bronnen: Mapping[str, str] = field(default_factory=dict)
    """By field name, the source of the value and the days it is in force, in Dutch: for the toelichting."""
