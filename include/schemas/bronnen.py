"""The frames in which source answers reach the rules: flat, typed, one line per fact.

BSNs are integers, 0 where a source gives none; money is integer euro cents; dates are whole days
(``datetime64[s]``), NaT where open. Rows keep the source's own order within a BSN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from include.schemas.aanvragen import Datum


class _Strikt(pa.DataFrameModel):
    class Config:
        strict = True
        ordered = True


class BrpResultaten(_Strikt):
    """One line per BSN asked: how the BRP's search ended."""

    vraag_bsn: Series[np.int64] = pa.Field(gt=0, unique=True)
    letter: Series[str] = pa.Field(isin=["A", "G", "P", "T", "Z"])


class BrpPersonen(_Strikt):
    """Everyone registered at the address of the person asked for, in BRP order.

    ``persoon`` numbers the lines of the whole frame; the relation frames refer to it.
    """

    persoon: Series[np.int64] = pa.Field(ge=0, unique=True)
    vraag_bsn: Series[np.int64] = pa.Field(gt=0)
    bsn: Series[np.int64] = pa.Field(ge=0)
    voorvoegsel: Series[str]
    geslachtsnaam: Series[str]
    geboortedatum: Series[str] = pa.Field(str_matches=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")
    """As received: ``JJJJ-MM-DD``, ``JJJJ-MM``, ``JJJJ`` or empty."""
    functieadres: Series[str]
    """W woonadres, B briefadres, empty without a Dutch address."""
    in_onderzoek: Series[bool]
    opgeschort: Series[bool]


class BrpVerbintenissen(_Strikt):
    """Marriages and registered partnerships, in BRP order per ``persoon``."""

    persoon: Series[np.int64] = pa.Field(ge=0)
    partner_bsn: Series[np.int64] = pa.Field(ge=0)
    ontbonden: Series[bool]


class BrpVerwanten(_Strikt):
    """Children, or parents, of ``persoon``; those without a BSN are left out."""

    persoon: Series[np.int64] = pa.Field(ge=0)
    bsn: Series[np.int64] = pa.Field(gt=0)


class Inkomstenopgaven(_Strikt):
    """UWV's opgaven; ``inkomstenverhouding`` numbers the relations of the whole frame."""

    bsn: Series[np.int64] = pa.Field(gt=0)
    inkomstenverhouding: Series[np.int64] = pa.Field(ge=0)
    loonheffingennummer: Series[str]
    """Of the payer, who may have several inkomstenverhoudingen with one person; empty when not given."""
    werkgever: Series[str]
    soort: Series[str]
    aanvang: Series[Datum]
    einde: Series[Datum]
    loon: Series[np.int64]
    """lnLbPh: loon voor loonbelasting en premieheffing."""
    auto: Series[np.int64]
    """wrdPrGebrAut: waarde privegebruik auto."""
    loonheffing: Series[np.int64]
    """ingLbPh: ingehouden loonbelasting en premies."""
    zvw: Series[np.int64]
    """bijdrZvw: ingehouden bijdrage Zvw."""


class Verificaties(_Strikt):
    """Belastingdienst: whether a BSN was verified, one line per BSN asked."""

    bsn: Series[np.int64] = pa.Field(gt=0, unique=True)
    geslaagd: Series[bool]


class Rekeningen(_Strikt):
    """Belastingdienst: bank accounts on 31 December."""

    bsn: Series[np.int64] = pa.Field(gt=0)
    rekeningnummer: Series[str]
    saldo: Series[np.int64]
    rente: Series[np.int64]
    bank: Series[str]
    product: Series[str]
    tenaamstelling: Series[str]


class Heffingskortingen(_Strikt):
    """Belastingdienst: tax credits."""

    bsn: Series[np.int64] = pa.Field(gt=0)
    code: Series[str]
    bedrag: Series[np.int64]


class Voertuigen(_Strikt):
    """RDW: vehicles with the period in which the person answers for them."""

    bsn: Series[np.int64] = pa.Field(gt=0)
    kenteken: Series[str]
    voertuigsoort: Series[str]
    merk: Series[str]
    handelsbenaming: Series[str]
    massa: Series[np.int64]
    """Empty weight in whole kilos."""
    brandstofsoort_1: Series[str]
    brandstofsoort_2: Series[str]
    inrichting: Series[str]
    bijzonderheden: Series[str]
    """Joined by ``, ``."""
    status: Series[str]
    eerste_toelating: Series[Datum]
    aansprakelijk_vanaf: Series[Datum]
    aansprakelijk_tot_en_met: Series[Datum] = pa.Field(nullable=True)


class Uitkeringen(_Strikt):
    """Bijstand register: PW, IOAW, IOAZ and AIO with their period, ended ones included."""

    bsn: Series[np.int64] = pa.Field(gt=0)
    regeling: Series[str] = pa.Field(isin=["PW", "IOAW", "IOAZ", "AIO"])
    aanvang: Series[Datum]
    einde: Series[Datum] = pa.Field(nullable=True)


def leeg(model: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Return a frame of ``model`` without lines: what a source that was not asked contributes."""
    kolommen = model.to_schema().columns
    soorten = {naam: kolom.dtype.type for naam, kolom in kolommen.items()}
    return pd.DataFrame(
        {
            naam: pd.Series([], dtype=Datum if getattr(soort, "kind", "") == "M" else soort)
            for naam, soort in soorten.items()
        }
    )


@dataclass(frozen=True)
class Brp:
    """What the BRP answered, in five frames tied by ``persoon`` and ``vraag_bsn``."""

    resultaten: pd.DataFrame
    personen: pd.DataFrame
    verbintenissen: pd.DataFrame
    kinderen: pd.DataFrame
    ouders: pd.DataFrame


@dataclass(frozen=True)
class Bronantwoorden:
    """Everything the other sources answered; a source that was not asked left empty frames."""

    uitkeringen: pd.DataFrame
    opgaven: pd.DataFrame
    verificaties: pd.DataFrame
    rekeningen: pd.DataFrame
    heffingskortingen: pd.DataFrame
    voertuigen: pd.DataFrame
