"""The shapes of a toelichting: one per step of the toets, made to be read (manual 5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from include.normen.kalender import Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.bronnen import Bronantwoorden, Brp
from include.schemas.instellingen import Instellingen

AANVRAGER, ECHTGENOOT, KIND, OUDER, ANDER, NIEMAND = (
    "aanvrager",
    "echtgenoot of geregistreerd partner",
    "kind van de aanvrager",
    "ouder van de aanvrager",
    "telt als ander",
    "telt niet als ander",
)


@dataclass(frozen=True)
class Invoer:
    """Everything that goes into a toets, as the rules get to see it."""

    aanvragen: pd.DataFrame
    """Frame of ``Aanvragen``."""
    brp: Brp
    bronnen: Bronantwoorden
    instellingen: Instellingen
    ronde: Ronde
    normen: Toetsnormen


@dataclass(frozen=True)
class Persoon:
    """Somebody registered at the address of the aanvrager."""

    bsn: int
    """0 when the BRP knows none."""
    naam: str
    geboortedatum: str
    """As the BRP gives it, perhaps incomplete."""
    rol: str
    bewoner: bool
    waarom_geen_bewoner: str
    """Empty for a resident."""
    meerderjarig: bool | None
    """None when an incomplete birth date leaves it open."""


@dataclass(frozen=True)
class Huishouden:
    """How leefvorm and belemmering huishouden came about (besluiten B22-B25)."""

    brp_bevraagd: bool
    oordeel: str
    reden: str
    """The literal reason of B22, empty without belemmering."""
    leefvorm: str
    zekerheid: str
    regel: int
    """The rule of B23 that decided; 0 when supplied or not derived."""
    twijfels: tuple[str, ...]
    """Why Hoog became, or would have become, Middel."""
    bewoners: int
    meerderjarigen: int
    personen: tuple[Persoon, ...]
    """In BRP order; empty when the BRP was not asked."""
    kind_onder_18: bool
    """An own child under 18 is a resident (B37)."""


@dataclass(frozen=True)
class Norm:
    """An amount that is compared with, in euro cents and unrounded, and where it stands."""

    naam: str
    bedrag: int | Decimal
    bron: str


@dataclass(frozen=True)
class Bijstand:
    """A bijstandsuitkering that runs on the deelnamedatum (B28)."""

    bsn: int
    regeling: str
    aanvang: date
    einde: date | None


@dataclass(frozen=True)
class Opgave:
    """One opgave and what it contributes (B29, B30); amounts in euro cents."""

    bsn: int
    inkomstenverhouding: int
    werkgever: str
    soort: str
    omschrijving: str
    aanvang: date
    einde: date
    loon: int
    auto: int
    loonheffing: int
    zvw: int
    netto: int
    pensioen: bool
    telt: bool
    waarom: str
    """Why it counts, or why not."""


@dataclass(frozen=True)
class Pensioen:
    """What one pension counts for: a third of its counted opgaven (B30); amounts in euro cents."""

    bsn: int
    werkgever: str
    som: int
    per_maand: int


@dataclass(frozen=True)
class Aow:
    """Whether aanvrager or partner has the AOW age, which decides about the norm (B31)."""

    bereikt: bool
    geboren_tot_en_met: date
    """The last birth date with which it is reached on the deelnamedatum."""
    bron: str


@dataclass(frozen=True)
class Inkomen:
    """The income test (B28-B35); amounts in euro cents."""

    oordeel: str
    bijstand: tuple[Bijstand, ...]
    opgaven: tuple[Opgave, ...]
    pensioenen: tuple[Pensioen, ...]
    totaal: int
    norm: Norm | None
    """None when income was not tested."""
    aow: Aow
    percentage: int
    toetsbedrag: Decimal
    """Norm times percentage, unrounded (B32)."""


@dataclass(frozen=True)
class Rekening:
    """One account (B38); amounts in euro cents."""

    bsn: int
    bank: str
    product: str
    tenaamstelling: str
    saldo: int
    rente: int
    telt: bool
    """False for a number that already counted in this household."""


@dataclass(frozen=True)
class Vermogen:
    """The asset test (B36-B40); amounts in euro cents."""

    oordeel: str
    gevraagd: bool
    """Whether the organisation's setting is on."""
    belastingjaar: int
    rekeningen: tuple[Rekening, ...]
    saldo: int
    rente: int
    grens: Norm | None
    """None when assets were not tested."""
    rentegrens: Norm | None
    saldo_te_hoog: bool
    rente_te_hoog: bool
    mislukt: tuple[int, ...]
    """BSNs that could not be verified."""
    geen_gegevens: bool


@dataclass(frozen=True)
class Voertuig:
    """One vehicle and why it shows or not (B41-B43)."""

    bsn: int
    kenteken: str
    voertuigsoort: str
    merk: str
    handelsbenaming: str
    eerste_toelating: date
    getoond: bool
    waarom: str


@dataclass(frozen=True)
class Voertuigen:
    """The vehicles of the household, those not shown included."""

    gevraagd: bool
    """Whether the organisation's setting is on."""
    bron: str
    voertuigen: tuple[Voertuig, ...]


@dataclass(frozen=True)
class Toelichting:
    """Every step behind the outcome of one aanvraag."""

    bsn: int
    naam: str
    partner_bsn: int
    """0 without a partner in the partner columns."""
    ronde: Ronde
    normvariant: str
    huishouden: Huishouden
    inkomen: Inkomen
    vermogen: Vermogen
    voertuigen: Voertuigen
    redenen: tuple[str, ...]
    """As column W shows them (B48)."""
    belemmering: str
    herkomst: str
    """sha-256 of the norm files."""
