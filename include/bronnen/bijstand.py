"""The bijstand register: who has, or had, a bijstandsuitkering."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter

from include.bronnen import flatten
from include.bronnen.client import Endpoint
from include.bronnen.vraag import Vraag, Vraagstelling
from include.schemas.bronberichten import Antwoorden, Uitkeringsantwoord
from include.schemas.bronnen import Uitkeringen
from include.toets import bevraging

BRON = "bijstand"


_UITKERING = pa.struct(
    [("regeling", pa.string()), ("datumAanvang", pa.date32()), ("datumEinde", pa.date32())]
)
UITKERINGSVERHOUDINGEN = Endpoint(
    BRON,
    "/bijstand/uitkeringsverhoudingen",
    TypeAdapter(Antwoorden[Uitkeringsantwoord]),
    pa.schema([flatten.BSN, ("uitkeringen", pa.list_(_UITKERING))]),
)


VRAGEN = (
    Vraag(
        "bijstand",
        UITKERINGSVERHOUDINGEN,
        wie=lambda v: bevraging.te_bevragen_bijstand(v.aanvragen, v.huishoudens),
        criteria=lambda ronde: {"peildatum": ronde.deelnamedatum.isoformat()},
    ),
)


def zonder_bijstand(vraagstelling: Vraagstelling) -> np.ndarray:
    """Return who is asked about at UWV and for heffingskortingen: nobody with running bijstand (besluit B28)."""
    return bevraging.te_bevragen_inkomen(
        vraagstelling.aanvragen,
        vraagstelling.huishoudens,
        bijstand_frames(vraagstelling.antwoord("bijstand")),
        np.datetime64(vraagstelling.ronde.deelnamedatum),
    )


def bijstand_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of the uitkeringen as the frame Uitkeringen, ended ones included.

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = flatten.controleer(tabel, UITKERINGSVERHOUDINGEN.schema)
    persoon, uitkering = flatten.uitgeklapt(flatten.kolom(tabel, "uitkeringen"))
    return flatten.frame(
        Uitkeringen,
        {
            "bsn": flatten.bsn(flatten.kolom(tabel, "burgerservicenummer")).take(persoon),
            "regeling": flatten.veld(uitkering, "regeling"),
            "aanvang": flatten.dag(flatten.veld(uitkering, "datumAanvang")),
            "einde": flatten.dag(flatten.veld(uitkering, "datumEinde")),
        },
        bron=BRON,
    )
