"""What is kept to explain the outcome of one aanvraag: only what its detail report does not already say.

A part of a report is a table of ``SCHEMA``, one line per aanvraag in report order; what holds for the whole report
is the ``Kader`` in its metadata. A fact is filled in only where a sentence needs it: an amount only where the
report shows amounts (besluit B46), who lives at the address only with a belemmering huishouden or a count line.
Housemates are counted, never named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pyarrow as pa
from pydantic import TypeAdapter

from include.normen.kalender import Maand, Ronde
from include.normen.toetsnormen import Toetsnormen
from include.schemas.instellingen import Instellingen
from include.toets.inkomen import NORMEN
from include.toets.vermogen import GRENZEN

TELT, VALT_BUITEN, INGEHAALD = range(3)
"""What became of an opgave (B30): counted, ends in another period, or a later four-week opgave takes its place."""


class Norm(NamedTuple):
    """An amount in euro cents as it was used, and where it stood."""

    bedrag: int
    bron: str


@dataclass(frozen=True)
class Kader:
    """What holds for every aanvraag of a report, as it was when the rules ran: norms can be corrected later."""

    deelnamedatum: date
    peilmaand: Maand
    pensioen_vanaf: date
    pensioen_tot_en_met: date
    belastingjaar: int
    normvariant: str
    vermogen: bool
    """The organisation has assets tested."""
    voertuigen: bool
    """The organisation has vehicles shown."""
    inkomensnormen: tuple[Norm, ...]
    """In the order of ``include.toets.inkomen.NORMEN``."""
    vermogensgrenzen: tuple[Norm, ...]
    """In the order of ``include.toets.vermogen.GRENZEN``."""
    rentegrens_promille: int
    voertuig_jaren: int

    @classmethod
    def van(cls, ronde: Ronde, normen: Toetsnormen, instellingen: Instellingen) -> Kader:
        """Keep what sentences need of the calendar, the norms and the settings."""
        inkomensnormen, grenzen = (
            tuple(Norm(getattr(normen, naam), normen.bronnen[naam]) for naam in namen)
            for namen in (NORMEN, GRENZEN)
        )
        return cls(
            deelnamedatum=ronde.deelnamedatum,
            peilmaand=ronde.peilmaand,
            pensioen_vanaf=ronde.pensioenvenster.van,
            pensioen_tot_en_met=ronde.pensioenvenster.tot_en_met,
            belastingjaar=ronde.belastingjaar,
            normvariant=normen.normvariant,
            vermogen=instellingen.vermogen,
            voertuigen=instellingen.voertuigen,
            inkomensnormen=inkomensnormen,
            vermogensgrenzen=grenzen,
            rentegrens_promille=normen.rentegrens_promille,
            voertuig_jaren=normen.voertuig_jaren,
        )


KADER = TypeAdapter(Kader)
"""Writes a ``Kader`` as JSON and reads it back."""


@dataclass(frozen=True)
class Opgave:
    """An opgave of an aanvraag with belemmering inkomen (B29, B30)."""

    plaats: int
    """Which ``Inkomstenverhouding`` of the detail report it belongs to, from 0; -1 for one that is not there."""
    partner: bool
    werkgever: str
    """Empty where the detail report has it."""
    aard: int
    """Position in ``AARDEN``."""
    aanvang: date
    einde: date
    oordeel: int
    """``TELT``, ``VALT_BUITEN`` or ``INGEHAALD``."""
    netto: int
    """In euro cents; 0 when it does not count."""


LOON, UITKERING, PENSIOEN, INKOMEN = "loon", "uitkering", "pensioen", "inkomen"
AARDEN = (INKOMEN, LOON, UITKERING, PENSIOEN, "ANW", "Wajong", "TW", "AOW", "ZW", "WAO", "IVA", "WGA")
"""What an inkomstenverhouding is to its receiver; ``inkomen`` for a code nobody knows."""


@dataclass(frozen=True)
class Bijstand:
    """A running bijstandsuitkering, for which income was not tested (B28)."""

    partner: bool
    regeling: str


@dataclass(frozen=True)
class Feiten:
    """The facts of one aanvraag; amounts in euro cents."""

    bsn: int
    regel: int
    """The rule of B23 that decided; 0 when supplied or not derived."""
    persoon_bekend: bool
    in_onderzoek: bool
    onvolledig: bool
    onbeslist: bool
    bewoners: int
    jonger: int
    """Residents who are certainly under 18, the aanvrager not counted, nor below."""
    leeftijd_onbekend: int
    """Residents of whom that cannot be decided."""
    anderen: int
    """Residents who count as one of the *others* of B23; the spouse, or the parent of a common child, does not."""
    ouders: int
    kinderen: int
    """Own children of 18 and older."""
    opgeschort: int
    briefadres: int
    zonder_adres: int
    zelf_bewoner: bool
    """The aanvrager is one of the residents."""
    eigen_briefadres: bool
    """The aanvrager has a briefadres."""
    bijstand: tuple[Bijstand, ...]
    norm: int
    """Position in ``Kader.inkomensnormen``."""
    totaal: int
    opgaven: tuple[Opgave, ...]
    grens: int
    """Position in ``Kader.vermogensgrenzen``."""
    saldo: int
    rente: int
    saldo_te_hoog: bool
    rente_te_hoog: bool
    zonder_rekening_aanvrager: bool
    zonder_rekening_partner: bool
    jong: bool
    exclusief: bool
    niet_op_naam: int
    geen_motorvoertuig: int


OPGAVE = pa.struct(
    {
        "plaats": pa.int16(),
        "partner": pa.bool_(),
        "werkgever": pa.string(),
        "aard": pa.int8(),
        "aanvang": pa.date32(),
        "einde": pa.date32(),
        "oordeel": pa.int8(),
        "netto": pa.int64(),
    }
)
BIJSTAND = pa.struct({"partner": pa.bool_(), "regeling": pa.string()})
_SOORTEN = {
    **dict.fromkeys(("bsn", "bewoners"), pa.int32()),
    **dict.fromkeys(("regel", "norm", "grens"), pa.int8()),
    **dict.fromkeys(("totaal", "saldo", "rente"), pa.int64()),
    **dict.fromkeys(("jonger", "leeftijd_onbekend", "anderen", "ouders", "kinderen"), pa.int32()),
    **dict.fromkeys(("opgeschort", "briefadres", "zonder_adres"), pa.int32()),
    **dict.fromkeys(("niet_op_naam", "geen_motorvoertuig"), pa.int32()),
    "bijstand": pa.list_(BIJSTAND),
    "opgaven": pa.list_(OPGAVE),
}
SCHEMA = pa.schema({naam: _SOORTEN.get(naam, pa.bool_()) for naam in Feiten.__dataclass_fields__})
"""The columns of a table of facts: the fields of ``Feiten``."""
