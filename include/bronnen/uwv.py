"""UWV polisadministratie: who earned what, opgave by opgave."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter

from include.bronnen import flatten
from include.bronnen.bijstand import zonder_bijstand
from include.bronnen.client import Endpoint
from include.bronnen.vraag import Vraag
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
        ("loonheffingennummer", pa.string()),
        ("codeSoortInkomstenverhouding", pa.string()),
        ("inkomstenopgaven", pa.list_(_OPGAVE)),
    ]
)
INKOMSTENVERHOUDINGEN = Endpoint(
    BRON,
    "/uwv/inkomstenverhoudingen",
    TypeAdapter(Antwoorden[Inkomensantwoord]),
    pa.schema([flatten.BSN, ("inkomstenverhoudingen", pa.list_(_VERHOUDING))]),
)


VRAGEN = (
    Vraag(
        "uwv",
        INKOMSTENVERHOUDINGEN,
        wie=zonder_bijstand,
        criteria=lambda ronde: {
            "periodeVan": ronde.uwv_periode.van.isoformat(),
            "periodeTotEnMet": ronde.uwv_periode.tot_en_met.isoformat(),
        },
    ),
)
"""The income of those whose income is tested, in peilmaand and pension window (besluiten B4, B5, B28)."""


def uwv_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of the inkomstenverhoudingen as the frame Inkomstenopgaven (amounts in euro cents).

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = flatten.controleer(tabel, INKOMSTENVERHOUDINGEN.schema)
    persoon, verhouding = flatten.uitgeklapt(flatten.kolom(tabel, "inkomstenverhoudingen"))
    bsn = flatten.bsn(flatten.kolom(tabel, "burgerservicenummer")).take(persoon)
    nummer, opgave = flatten.uitgeklapt(flatten.veld(verhouding, "inkomstenopgaven"))
    return flatten.frame(
        Inkomstenopgaven,
        {
            "bsn": bsn.take(nummer),
            "inkomstenverhouding": nummer,
            "loonheffingennummer": flatten.tekst(flatten.veld(verhouding, "loonheffingennummer")).take(
                nummer
            ),
            "werkgever": flatten.tekst(flatten.veld(verhouding, "naamAdministratieveEenheid")).take(nummer),
            "soort": flatten.tekst(flatten.veld(verhouding, "codeSoortInkomstenverhouding")).take(nummer),
            "aanvang": flatten.dag(flatten.veld(opgave, "datumAanvang")),
            "einde": flatten.dag(flatten.veld(opgave, "datumEinde")),
            "loon": flatten.veld(opgave, "lnLbPh"),
            "auto": flatten.veld(opgave, "wrdPrGebrAut"),
            "loonheffing": flatten.veld(opgave, "ingLbPh"),
            "zvw": flatten.veld(opgave, "bijdrZvw"),
        },
        bron=BRON,
    )
