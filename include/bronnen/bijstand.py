"""The bijstand register: who has, or had, a bijstandsuitkering."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import TypeAdapter

from include.bronnen import flatten
from include.bronnen.client import Bronclient, Endpoint, Voortgang
from include.schemas.bronberichten import Antwoorden, Uitkeringsantwoord
from include.schemas.bronnen import Uitkeringen

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


def vraag_bijstand(
    client: Bronclient, bsns: np.ndarray | pd.Series, peildatum: date, voortgang: Voortgang | None = None
) -> pa.Table:
    """Return the snapshot of the uitkeringen of ``bsns``. Raises as Bronclient.vraag."""
    return client.vraag(UITKERINGSVERHOUDINGEN, bsns, voortgang, peildatum=peildatum.isoformat())


def bijstand_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of ``vraag_bijstand`` as the frame Uitkeringen, ended ones included.

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
