"""RDW: vehicles, with the period in which the person answers for them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from include.bronnen import vlak
from include.bronnen.client import Bronclient, Endpoint, Voortgang
from include.schemas.bronberichten import Antwoorden, Voertuigantwoord
from include.schemas.bronnen import Voertuigen

BRON = "rdw"


_VOERTUIG = pa.struct(
    [
        ("kenteken", pa.string()),
        ("voertuigsoort", pa.string()),
        ("merk", pa.string()),
        ("handelsbenaming", pa.string()),
        ("massaLedigVoertuig", pa.int64()),
        ("brandstofsoorten", pa.list_(pa.string())),
        ("inrichting", pa.string()),
        ("bijzonderheden", pa.list_(pa.string())),
        ("status", pa.string()),
        ("datumEersteToelating", pa.date32()),
        ("datumAanvangAansprakelijkheid", pa.date32()),
        ("datumEindeAansprakelijkheid", pa.date32()),
    ]
)
VOERTUIGEN = Endpoint(
    BRON,
    "/rdw/voertuigen",
    TypeAdapter(Antwoorden[Voertuigantwoord]),
    pa.schema([vlak.BSN, ("voertuigen", pa.list_(_VOERTUIG))]),
)


def vraag_rdw(
    client: Bronclient, bsns: np.ndarray | pd.Series, peildatum: date, voortgang: Voortgang | None = None
) -> pa.Table:
    """Return the snapshot of the vehicles of ``bsns``. Raises as Bronclient.vraag."""
    return client.vraag(VOERTUIGEN, bsns, voortgang, peildatum=peildatum.isoformat())


def rdw_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of ``vraag_rdw`` as the frame Voertuigen; of the fuels the first two.

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = vlak.controleer(tabel, VOERTUIGEN.schema)
    persoon, voertuig = vlak.uitgeklapt(vlak.kolom(tabel, "voertuigen"))
    brandstoffen = pc.list_slice(vlak.veld(voertuig, "brandstofsoorten"), 0, 2, return_fixed_size_list=True)
    return vlak.frame(
        Voertuigen,
        {
            "bsn": vlak.bsn(vlak.kolom(tabel, "burgerservicenummer")).take(persoon),
            "kenteken": vlak.tekst(vlak.veld(voertuig, "kenteken")),
            "voertuigsoort": vlak.tekst(vlak.veld(voertuig, "voertuigsoort")),
            "merk": vlak.tekst(vlak.veld(voertuig, "merk")),
            "handelsbenaming": vlak.tekst(vlak.veld(voertuig, "handelsbenaming")),
            "massa": vlak.veld(voertuig, "massaLedigVoertuig"),
            "brandstofsoort_1": vlak.tekst(pc.list_element(brandstoffen, 0)),
            "brandstofsoort_2": vlak.tekst(pc.list_element(brandstoffen, 1)),
            "inrichting": vlak.tekst(vlak.veld(voertuig, "inrichting")),
            "bijzonderheden": vlak.tekst(pc.binary_join(vlak.veld(voertuig, "bijzonderheden"), ", ")),
            "status": vlak.tekst(vlak.veld(voertuig, "status")),
            "eerste_toelating": vlak.dag(vlak.veld(voertuig, "datumEersteToelating")),
            "aansprakelijk_vanaf": vlak.dag(vlak.veld(voertuig, "datumAanvangAansprakelijkheid")),
            "aansprakelijk_tot_en_met": vlak.dag(vlak.veld(voertuig, "datumEindeAansprakelijkheid")),
        },
        bron=BRON,
    )
