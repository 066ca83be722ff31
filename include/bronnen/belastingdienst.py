"""Belastingdienst: bank accounts and tax credits of a belastingjaar."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from include.bronnen import vlak
from include.bronnen.client import Bronclient, Endpoint, Voortgang
from include.schemas.bronberichten import Antwoorden, Heffingskortingantwoord, Vermogensantwoord
from include.schemas.bronnen import Heffingskortingen, Rekeningen, Verificaties

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
    pa.schema([vlak.BSN, ("verificatie", pa.string()), ("rekeningen", pa.list_(_REKENING))]),
)
HEFFINGSKORTINGEN = Endpoint(
    BRON,
    "/belastingdienst/heffingskortingen",
    TypeAdapter(Antwoorden[Heffingskortingantwoord]),
    pa.schema(
        [
            vlak.BSN,
            ("heffingskortingen", pa.list_(pa.struct([("code", pa.string()), ("bedrag", pa.int64())]))),
        ]
    ),
)


class Vermogen(NamedTuple):
    """What the Belastingdienst answered on vermogen: Verificaties and Rekeningen."""

    verificaties: pd.DataFrame
    rekeningen: pd.DataFrame


def vraag_vermogens(
    client: Bronclient, bsns: np.ndarray | pd.Series, belastingjaar: int, voortgang: Voortgang | None = None
) -> pa.Table:
    """Return the snapshot of the accounts of ``bsns`` on 31 December. Raises as Bronclient.vraag."""
    return client.vraag(VERMOGENS, bsns, voortgang, belastingjaar=belastingjaar)


def vraag_heffingskortingen(
    client: Bronclient, bsns: np.ndarray | pd.Series, belastingjaar: int, voortgang: Voortgang | None = None
) -> pa.Table:
    """Return the snapshot of the heffingskortingen of ``bsns``. Raises as Bronclient.vraag."""
    return client.vraag(HEFFINGSKORTINGEN, bsns, voortgang, belastingjaar=belastingjaar)


def vermogen_frames(tabel: pa.Table) -> Vermogen:
    """Return a snapshot of ``vraag_vermogens`` as frames (amounts in euro cents).

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = vlak.controleer(tabel, VERMOGENS.schema)
    bsn = vlak.bsn(vlak.kolom(tabel, "burgerservicenummer"))
    persoon, rekening = vlak.uitgeklapt(vlak.kolom(tabel, "rekeningen"))
    return Vermogen(
        vlak.frame(
            Verificaties,
            {"bsn": bsn, "geslaagd": pc.equal(vlak.kolom(tabel, "verificatie"), "geslaagd")},
            bron=BRON,
        ),
        vlak.frame(
            Rekeningen,
            {
                "bsn": bsn.take(persoon),
                "rekeningnummer": vlak.tekst(vlak.veld(rekening, "rekeningnummer")),
                "saldo": vlak.veld(rekening, "saldo"),
                "rente": vlak.veld(rekening, "rente"),
                "bank": vlak.tekst(vlak.veld(rekening, "bank")),
                "product": vlak.tekst(vlak.veld(rekening, "product")),
                "tenaamstelling": vlak.tekst(vlak.veld(rekening, "tenaamstelling")),
            },
            bron=BRON,
        ),
    )


def heffingskorting_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of ``vraag_heffingskortingen`` as the frame Heffingskortingen (euro cents).

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = vlak.controleer(tabel, HEFFINGSKORTINGEN.schema)
    persoon, korting = vlak.uitgeklapt(vlak.kolom(tabel, "heffingskortingen"))
    return vlak.frame(
        Heffingskortingen,
        {
            "bsn": vlak.bsn(vlak.kolom(tabel, "burgerservicenummer")).take(persoon),
            "code": vlak.tekst(vlak.veld(korting, "code")),
            "bedrag": vlak.veld(korting, "bedrag"),
        },
        bron=BRON,
    )
