"""RDW: vehicles, with the period in which the person answers for them."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from include.bronnen import flatten
from include.bronnen.client import Endpoint
from include.bronnen.vraag import Vraag
from include.schemas.bronberichten import Antwoorden, Voertuigantwoord
from include.schemas.bronnen import Voertuigen
from include.toets import bevraging

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
    pa.schema([flatten.BSN, ("voertuigen", pa.list_(_VOERTUIG))]),
)


VRAGEN = (
    Vraag(
        "rdw",
        VOERTUIGEN,
        wie=lambda v: bevraging.te_bevragen_voertuigen(v.aanvragen, v.huishoudens, v.instellingen),
        criteria=lambda ronde: {"peildatum": ronde.deelnamedatum.isoformat()},
    ),
)


def rdw_frames(tabel: pa.Table) -> pd.DataFrame:
    """Return a snapshot of the vehicles as the frame Voertuigen; of the fuels the first two.

    Raises GegevensFout when the table is no such snapshot.
    """
    tabel = flatten.controleer(tabel, VOERTUIGEN.schema)
    persoon, voertuig = flatten.uitgeklapt(flatten.kolom(tabel, "voertuigen"))
    brandstoffen = pc.list_slice(
        flatten.veld(voertuig, "brandstofsoorten"), 0, 2, return_fixed_size_list=True
    )
    return flatten.frame(
        Voertuigen,
        {
            "bsn": flatten.bsn(flatten.kolom(tabel, "burgerservicenummer")).take(persoon),
            "kenteken": flatten.tekst(flatten.veld(voertuig, "kenteken")),
            "voertuigsoort": flatten.tekst(flatten.veld(voertuig, "voertuigsoort")),
            "merk": flatten.tekst(flatten.veld(voertuig, "merk")),
            "handelsbenaming": flatten.tekst(flatten.veld(voertuig, "handelsbenaming")),
            "massa": flatten.veld(voertuig, "massaLedigVoertuig"),
            "brandstofsoort_1": flatten.tekst(pc.list_element(brandstoffen, 0)),
            "brandstofsoort_2": flatten.tekst(pc.list_element(brandstoffen, 1)),
            "inrichting": flatten.tekst(flatten.veld(voertuig, "inrichting")),
            "bijzonderheden": flatten.tekst(pc.binary_join(flatten.veld(voertuig, "bijzonderheden"), ", ")),
            "status": flatten.tekst(flatten.veld(voertuig, "status")),
            "eerste_toelating": flatten.dag(flatten.veld(voertuig, "datumEersteToelating")),
            "aansprakelijk_vanaf": flatten.dag(flatten.veld(voertuig, "datumAanvangAansprakelijkheid")),
            "aansprakelijk_tot_en_met": flatten.dag(flatten.veld(voertuig, "datumEindeAansprakelijkheid")),
        },
        bron=BRON,
    )
