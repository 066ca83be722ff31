"""The outcome of a toets: one line per aanvraag, and the details that the XML and the toelichting show.

Every figure is kept here, also those that a report must leave out (besluit B46): hiding is rendering. The
detail frames refer to the line of :class:`Uitkomsten` by its position, ``aanvraag``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from include.schemas.aanvragen import Datum

JA, NEE, NIET_GETOETST = "J", "N", "Niet getoetst"
OORDELEN = (NEE, JA, NIET_GETOETST)

GEHUWD, ALLEENSTAANDE_OUDER, ALLEENSTAAND, ONBEKEND = (
    "Gehuwd/samenwonend",
    "Alleenstaande ouder",
    "Alleenstaand",
    "Onbekend",
)
LEEFVORMEN = (ONBEKEND, GEHUWD, ALLEENSTAANDE_OUDER, ALLEENSTAAND)
"""At the position of the vraagbestand's own code (column G), with Onbekend at 0."""

HOOG, MIDDEL, LAAG, GEEN = "Hoog", "Middel", "Laag", "Geen"
ZEKERHEDEN = (GEEN, LAAG, MIDDEL, HOOG)


def categorie(codes: np.ndarray, woorden: Sequence[str]) -> pd.Categorical[str]:
    """Return words by their position in ``woorden``: a column that stays small, however many lines it has."""
    return pd.Categorical.from_codes(codes.astype(np.int8), pd.Index(woorden))


class _Strikt(pa.DataFrameModel):
    class Config:
        strict = True
        ordered = True


class Huishoudens(_Strikt):
    """What besluiten B22-B27 make of each aanvraag, in the order of the aanvragen."""

    persoon_bekend: Series[bool]
    """The person's record is known: from the BRP, or supplied by the municipality."""
    naam: Series[str]
    geboortedatum: Series[str]
    """``JJJJ-MM-DD``, incomplete as the BRP gives it, or empty."""
    partner_bsn: Series[np.int64] = pa.Field(ge=0)
    partner_naam: Series[str]
    partner_geboortedatum: Series[str]
    leefvorm: Series[pd.CategoricalDtype] = pa.Field(isin=LEEFVORMEN)
    zekerheid: Series[pd.CategoricalDtype] = pa.Field(isin=ZEKERHEDEN)
    leefvorm_regel: Series[np.int64] = pa.Field(ge=0, le=7)
    """The rule of B23 that decided; 0 when the leefvorm was supplied or not derived."""
    huishouden: Series[pd.CategoricalDtype] = pa.Field(isin=OORDELEN)
    huishouden_reden: Series[str]
    """The literal reason of B22, empty without belemmering."""
    bewoners: Series[np.int64] = pa.Field(ge=0)
    meerderjarigen: Series[np.int64] = pa.Field(ge=0)
    telling: Series[bool]
    """Whether B24 adds the count line to the reasons."""
    kind_onder_18: Series[bool]
    """An own child under 18 is a resident (B37)."""
    aow: Series[bool]
    """The aanvrager, or the partner in the partner columns, has reached the AOW age (B31)."""


class Uitkomsten(_Strikt):
    """One line per aanvraag in report order (B50); amounts in euro cents, unsuppressed."""

    gsd_code: Series[str]
    brp_bevraagd: Series[bool]
    bsn: Series[np.int64] = pa.Field(gt=0)
    persoon_bekend: Series[bool]
    naam: Series[str]
    geboortedatum: Series[str]
    partner_bsn: Series[np.int64] = pa.Field(ge=0)
    partner_naam: Series[str]
    partner_geboortedatum: Series[str]
    leefvorm: Series[pd.CategoricalDtype] = pa.Field(isin=LEEFVORMEN)
    zekerheid: Series[pd.CategoricalDtype] = pa.Field(isin=ZEKERHEDEN)
    leefvorm_regel: Series[np.int64]
    huishouden: Series[pd.CategoricalDtype] = pa.Field(isin=OORDELEN)
    huishouden_reden: Series[str]
    bewoners: Series[np.int64]
    meerderjarigen: Series[np.int64]
    telling: Series[bool]
    kind_onder_18: Series[bool]
    aow: Series[bool]
    bijstand: Series[bool]
    """Aanvrager or partner has a running bijstandsuitkering on the deelnamedatum (B28)."""
    inkomen: Series[pd.CategoricalDtype] = pa.Field(isin=OORDELEN)
    totaal: Series[np.int64]
    """Total net income of aanvrager and partner (B30); 0 when not tested."""
    norm: Series[np.int64]
    """Norm in force for leefvorm and AOW (B31); 0 when income was not tested."""
    percentage: Series[np.int64]
    """Toetspercentage (B32)."""
    vermogen: Series[pd.CategoricalDtype] = pa.Field(isin=OORDELEN)
    grens: Series[np.int64]
    """Vermogensgrens (B37); 0 when not tested."""
    saldo: Series[np.int64]
    rente: Series[np.int64]
    rekeningen: Series[np.int64]
    """Number of accounts that counted; 0 when none is known."""
    verificatie_mislukt_aanvrager: Series[bool]
    verificatie_mislukt_partner: Series[bool]
    geen_gegevens: Series[bool]
    """A verified BSN of the household has no accounts (B40)."""
    belemmering: Series[pd.CategoricalDtype] = pa.Field(isin=OORDELEN[:2])


class Redenen(_Strikt):
    """The reasons of column W, in its order (B48): one line per reason."""

    aanvraag: Series[np.int64]
    reden: Series[str]


class Uitkeringsvormen(_Strikt):
    """What may show in column Uitkeringen, in the order of B45; ``einde`` decides at rendering."""

    aanvraag: Series[np.int64]
    vorm: Series[str]
    einde: Series[Datum] = pa.Field(nullable=True)
    """Last day of a bijstandsuitkering; NaT when open, and for what comes from an opgave."""


class Inkomensdetails(_Strikt):
    """Inkomstenverhoudingen with a counted opgave, of aanvragen whose inkomen is J (B49a, B51)."""

    aanvraag: Series[np.int64]
    bsn: Series[np.int64]
    werkgever: Series[str]
    bedrag: Series[np.int64]
    """Sum of lnLbPh over the counted opgaven, for pensions undivided."""
    soort: Series[str]
    meegeteld: Series[np.int64]
    """What it adds to the total net income of the household (B30); over all lines of an aanvraag exactly that total."""


class Kortingsdetails(_Strikt):
    """Heffingskortingen, of aanvragen whose inkomen is J (B34, B51)."""

    aanvraag: Series[np.int64]
    bsn: Series[np.int64]
    omschrijving: Series[str]
    bedrag: Series[np.int64]


class Rekeningdetails(_Strikt):
    """Accounts per holder, once per BSN, of aanvragen whose vermogen is J (B49a, B51)."""

    aanvraag: Series[np.int64]
    bsn: Series[np.int64]
    saldo: Series[np.int64]
    rente: Series[np.int64]
    bank: Series[str]
    product: Series[str]
    tenaamstelling: Series[str]
    telt: Series[bool]
    """False when the record of the same account with the other holder is the one that counts (B38)."""


class Voertuigdetails(_Strikt):
    """Vehicles shown (B43), in the order aanvrager, partner, kenteken (B49)."""

    aanvraag: Series[np.int64]
    bsn: Series[np.int64]
    kenteken: Series[str]
    voertuigsoort: Series[str]
    merk: Series[str]
    handelsbenaming: Series[str]
    massa: Series[np.int64]
    brandstofsoort_1: Series[str]
    brandstofsoort_2: Series[str]
    inrichting: Series[str]
    bijzonderheden: Series[str]
    status: Series[str]


class Opgavedetails(_Strikt):
    """Every opgave of a tested person with what it contributed: what the toelichting shows (B29, B30)."""

    bsn: Series[np.int64]
    inkomstenverhouding: Series[np.int64]
    werkgever: Series[str]
    soort: Series[str]
    aanvang: Series[Datum]
    einde: Series[Datum]
    netto: Series[np.int64]
    pensioen: Series[bool]
    in_periode: Series[bool]
    """Ends in the peilmaand; for a pension, in the pension window."""
    telt: Series[bool]
    """Ends in the period, and no four-week opgave of a later period takes its place."""


@dataclass(frozen=True)
class Uitkomst:
    """The whole outcome of one vraagbestand; each field is a frame of the model of the same line."""

    uitkomsten: pd.DataFrame
    redenen: pd.DataFrame
    uitkeringsvormen: pd.DataFrame
    inkomensdetails: pd.DataFrame
    kortingsdetails: pd.DataFrame
    rekeningdetails: pd.DataFrame
    voertuigdetails: pd.DataFrame
    opgavedetails: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the frames by field name, in their fixed order: what a stage writes to disk."""
        return {veld.name: getattr(self, veld.name) for veld in fields(self)}


MODELLEN: dict[str, type[pa.DataFrameModel]] = {
    "uitkomsten": Uitkomsten,
    "redenen": Redenen,
    "uitkeringsvormen": Uitkeringsvormen,
    "inkomensdetails": Inkomensdetails,
    "kortingsdetails": Kortingsdetails,
    "rekeningdetails": Rekeningdetails,
    "voertuigdetails": Voertuigdetails,
    "opgavedetails": Opgavedetails,
}
