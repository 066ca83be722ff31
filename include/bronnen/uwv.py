"""UWV polisadministratie: who earned what, opgave by opgave."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter

from include.bronnen import vlak
from include.bronnen.client import Bronclient, Endpoint, Voortgang
from include.schemas.bronberichten import Antwoorden, Inkomensantwoord
from include.schemas.bronnen import Inkomstenopgaven

BRON = "uwv"


_OPGAVE = pa.struct(
    [
        ("datumAanvang", pa.date32()),
        ("datumEinde", pa.date32()),
        ("lnLbPh", pa.int64()),
        ("wrdPrGebrAut", pa.int64()),
        ("ingLbPh", pa.int64()),
        ("bijdrZvw", pa.int64()),
    ]
)
_VERHOUDING = pa.struct(
    [
        ("naamAdministratieveEenheid", pa.string()),
        ("codeSoortInkomstenverhouding", pa.string()),
        ("inkomstenopgaven", pa.list_(_OPGAVE)),
    ]
)
INKOMSTENVERHOUDINGEN = Endpoint(
    BRON,
    "/uwv/inkomstenverhoudingen",
    TypeAdapter(Antwoorden[Inkomensantwoord]),
    pa.schema([vlak.BSN, ("inkomstenverhoudingen", pa.list_(_VERHOUDING))]),
)


def vraag_uwv(
    client: Bronclient,
    bsns: np.ndarray | pd.Series,
    van: date,
    tot_en_met: date,
    voortgang: Voortgang | None = None,
) -> pa.Table:
    """Return the snapshot of the inkomstenverhoudingen of ``bsns`` with opgaven that end in the period.

    The period runs from ``van`` to ``tot_en_met``, that day included. Raises as Bronclient.vraag.
    """
    return client.vraag(
        INKOMSTENVERHOUDINGEN,
        bsns,
        voortgang,
        periodeVan=van.isoformat(),
        periodeTotEnMet=tot_en_met.isoformat(),
    )


def uwv_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of ``vraag_uwv`` as the frame Inkomstenopgaven (amounts in euro cents).

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = vlak.controleer(tabel, INKOMSTENVERHOUDINGEN.schema)
    persoon, verhouding = vlak.uitgeklapt(vlak.kolom(tabel, "inkomstenverhoudingen"))
    bsn = vlak.bsn(vlak.kolom(tabel, "burgerservicenummer")).take(persoon)
    nummer, opgave = vlak.uitgeklapt(vlak.veld(verhouding, "inkomstenopgaven"))
    return vlak.frame(
        Inkomstenopgaven,
        {
            "bsn": bsn.take(nummer),
            "inkomstenverhouding": nummer,
            "werkgever": vlak.tekst(vlak.veld(verhouding, "naamAdministratieveEenheid")).take(nummer),
            "soort": vlak.tekst(vlak.veld(verhouding, "codeSoortInkomstenverhouding")).take(nummer),
            "aanvang": vlak.dag(vlak.veld(opgave, "datumAanvang")),
            "einde": vlak.dag(vlak.veld(opgave, "datumEinde")),
            "loon": vlak.veld(opgave, "lnLbPh"),
            "auto": vlak.veld(opgave, "wrdPrGebrAut"),
            "loonheffing": vlak.veld(opgave, "ingLbPh"),
            "zvw": vlak.veld(opgave, "bijdrZvw"),
        },
        bron=BRON,
    )
