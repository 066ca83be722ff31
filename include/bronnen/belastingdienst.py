"""Belastingdienst: bank accounts and tax credits of a belastingjaar."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from include.bronnen import flatten
from include.bronnen.bijstand import zonder_bijstand
from include.bronnen.client import Endpoint
from include.bronnen.vraag import Vraag
from include.schemas.bronberichten import Antwoorden, Heffingskortingantwoord, Vermogensantwoord
from include.schemas.bronnen import Heffingskortingen, Rekeningen, Verificaties
from include.toets import bevraging

BRON = "belastingdienst"


_REKENING = pa.struct(
    [
        ("rekeningnummer", pa.string()),
        ("saldo", pa.int64()),
        ("rente", pa.int64()),
        ("bank", pa.string()),
        ("product", pa.string()),
        ("tenaamstelling", pa.string()),
    ]
)
VERMOGENS = Endpoint(
    BRON,
    "/belastingdienst/vermogens",
    TypeAdapter(Antwoorden[Vermogensantwoord]),
    pa.schema([flatten.BSN, ("verificatie", pa.string()), ("rekeningen", pa.list_(_REKENING))]),
)
HEFFINGSKORTINGEN = Endpoint(
    BRON,
    "/belastingdienst/heffingskortingen",
    TypeAdapter(Antwoorden[Heffingskortingantwoord]),
    pa.schema(
        [
            flatten.BSN,
            ("heffingskortingen", pa.list_(pa.struct([("code", pa.string()), ("bedrag", pa.int64())]))),
        ]
    ),
)


class Vermogen(NamedTuple):
    """What the Belastingdienst answered on vermogen: Verificaties and Rekeningen."""

    verificaties: pd.DataFrame
    rekeningen: pd.DataFrame


VRAGEN = (
    Vraag(
        "vermogens",
        VERMOGENS,
        wie=lambda v: bevraging.te_bevragen_vermogen(v.aanvragen, v.huishoudens, v.instellingen),
        criteria=lambda ronde: {"belastingjaar": ronde.belastingjaar},
    ),
    Vraag(
        "heffingskortingen",
        HEFFINGSKORTINGEN,
        wie=zonder_bijstand,
        criteria=lambda ronde: {"belastingjaar": ronde.belastingjaar},
    ),
)
"""Accounts when the setting is on (besluit B36), heffingskortingen of those whose income is tested (besluit B34)."""


def vermogen_frames(tabel: pa.Table) -> Vermogen:
    """Return a snapshot of the accounts as frames (amounts in euro cents).

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = flatten.controleer(tabel, VERMOGENS.schema)
    bsn = flatten.bsn(flatten.kolom(tabel, "burgerservicenummer"))
    persoon, rekening = flatten.uitgeklapt(flatten.kolom(tabel, "rekeningen"))
    return Vermogen(
        flatten.frame(
            Verificaties,
            {"bsn": bsn, "geslaagd": pc.equal(flatten.kolom(tabel, "verificatie"), "geslaagd")},
            bron=BRON,
        ),
        flatten.frame(
            Rekeningen,
            {
                "bsn": bsn.take(persoon),
                "rekeningnummer": flatten.tekst(flatten.veld(rekening, "rekeningnummer")),
                "saldo": flatten.veld(rekening, "saldo"),
                "rente": flatten.veld(rekening, "rente"),
                "bank": flatten.tekst(flatten.veld(rekening, "bank")),
                "product": flatten.tekst(flatten.veld(rekening, "product")),
                "tenaamstelling": flatten.tekst(flatten.veld(rekening, "tenaamstelling")),
            },
            bron=BRON,
        ),
    )


def heffingskorting_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of the heffingskortingen as the frame Heffingskortingen (euro cents).

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = flatten.controleer(tabel, HEFFINGSKORTINGEN.schema)
    persoon, korting = flatten.uitgeklapt(flatten.kolom(tabel, "heffingskortingen"))
    return flatten.frame(
        Heffingskortingen,
        {
            "bsn": flatten.bsn(flatten.kolom(tabel, "burgerservicenummer")).take(persoon),
            "code": flatten.tekst(flatten.veld(korting, "code")),
            "bedrag": flatten.veld(korting, "bedrag"),
        },
        bron=BRON,
    )
